/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Red-black tree: the functions of lib/rbtree.h, and walks in order. How it works is told
 * in lib/rbtree_inline.h.
 */
#include <lib/rbtree_inline.h>

void rb_insert_color(struct rb_node *n, struct rb_root *root)
{
	rb_insert_fixup(n, root, NULL, NULL);
}

void rb_propagate(struct rb_node *n, rb_update_fn update)
{
	rb_propagate_inline(n, update);
}

void rb_insert_augmented(struct rb_node *n, struct rb_root *root, rb_update_fn update)
{
	update(n);
	rb_propagate_inline(rb_parent(n), update);
	rb_insert_fixup(n, root, update, NULL);
}

void rb_erase(struct rb_node *n, struct rb_root *root)
{
	rb_erase_inline(n, root, NULL, NULL);
}

void rb_erase_augmented(struct rb_node *n, struct rb_root *root, rb_update_fn update)
{
	rb_erase_inline(n, root, update, NULL);
}

void rb_replace_node(struct rb_node *old, struct rb_node *n, struct rb_root *root)
{
	*n = *old;
	if (n->rb_left)
		rb_set_parent(n->rb_left, n);
	if (n->rb_right)
		rb_set_parent(n->rb_right, n);
	rb_replace_child(root, rb_parent(old), old, n);
}

struct rb_node *rb_first(const struct rb_root *root)
{
	struct rb_node *n = root->rb_node;

	while (n && n->rb_left)
		n = n->rb_left;
	return n;
}

struct rb_node *rb_last(const struct rb_root *root)
{
	struct rb_node *n = root->rb_node;

	while (n && n->rb_right)
		n = n->rb_right;
	return n;
}

struct rb_node *rb_next(const struct rb_node *n)
{
	struct rb_node *p;

	if (n->rb_right) {
		for (p = n->rb_right; p->rb_left; p = p->rb_left)
			;
		return p;
	}
	while ((p = rb_parent(n)) && n == p->rb_right)
		n = p;
	return p;
}

struct rb_node *rb_prev(const struct rb_node *n)
{
	struct rb_node *p;

	if (n->rb_left) {
		for (p = n->rb_left; p->rb_right; p = p->rb_right)
			;
		return p;
	}
	while ((p = rb_parent(n)) && n == p->rb_left)
		n = p;
	return p;
}

static struct rb_node *deepest_left(struct rb_node *n)
{
	for (;;) {
		if (n->rb_left)
			n = n->rb_left;
		else if (n->rb_right)
			n = n->rb_right;
		else
			return n;
	}
}

struct rb_node *rb_first_postorder(const struct rb_root *root)
{
	return root->rb_node ? deepest_left(root->rb_node) : NULL;
}

struct rb_node *rb_next_postorder(const struct rb_node *n)
{
	struct rb_node *parent = rb_parent(n);

	if (parent && n == parent->rb_left && parent->rb_right)
		return deepest_left(parent->rb_right);
	return parent;
}
