/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Red-black tree: a binary search tree in which (1) the root is black, (2) a red
 * node has no red child, (3) every path from a node down to a missing child has
 * the same number of black nodes. So no path is more than twice another.
 *
 * Insertion adds a red node, which can only break (2), and pushes the conflict
 * up by recolouring until one or two rotations end it. Removing a black node
 * breaks (3): the place it left is "one black short", and the shortage moves up
 * or is filled from the sibling's side. Each left-handed case has its mirror.
 *
 * Augmented values: a rotation keeps the set of nodes below the place where it
 * happens, so only the two rotated nodes are recomputed; what an insertion or
 * removal changes is recomputed once from the lowest changed node upwards, up to
 * a node whose value stays as it was.
 */
#include <lib/rbtree.h>

#define RED   0UL
#define BLACK 1UL

static __always_inline bool is_black(const struct rb_node *n)
{
	return !n || (n->rb_parent_color & BLACK);
}

static __always_inline bool is_red(const struct rb_node *n)
{
	return !is_black(n);
}

static __always_inline unsigned long color(const struct rb_node *n)
{
	return n->rb_parent_color & BLACK;
}

static __always_inline void set_color(struct rb_node *n, unsigned long c)
{
	n->rb_parent_color = (n->rb_parent_color & ~BLACK) | c;
}

static __always_inline void set_parent(struct rb_node *n, struct rb_node *parent)
{
	n->rb_parent_color = (unsigned long)parent | color(n);
}

static __always_inline void replace_child(struct rb_root *root, struct rb_node *parent,
					  struct rb_node *old, struct rb_node *n)
{
	if (!parent)
		WRITE_ONCE(root->rb_node, n);
	else if (parent->rb_left == old)
		WRITE_ONCE(parent->rb_left, n);
	else
		WRITE_ONCE(parent->rb_right, n);
}

/* x goes down on its left side, its right child takes its place. */
static __always_inline void rotate_left(struct rb_node *x, struct rb_root *root,
					rb_update_fn update)
{
	struct rb_node *y = x->rb_right, *parent = rb_parent(x);

	x->rb_right = y->rb_left;
	if (y->rb_left)
		set_parent(y->rb_left, x);
	y->rb_left = x;
	set_parent(y, parent);
	set_parent(x, y);
	replace_child(root, parent, x, y);
	if (update) {
		update(x);
		update(y);
	}
}

static __always_inline void rotate_right(struct rb_node *x, struct rb_root *root,
					 rb_update_fn update)
{
	struct rb_node *y = x->rb_left, *parent = rb_parent(x);

	x->rb_left = y->rb_right;
	if (y->rb_right)
		set_parent(y->rb_right, x);
	y->rb_right = x;
	set_parent(y, parent);
	set_parent(x, y);
	replace_child(root, parent, x, y);
	if (update) {
		update(x);
		update(y);
	}
}

static __always_inline void insert_fixup(struct rb_node *n, struct rb_root *root,
					 rb_update_fn update)
{
	struct rb_node *parent, *grand, *uncle;

	while ((parent = rb_parent(n)) && is_red(parent)) {
		grand = rb_parent(parent);
		uncle = parent == grand->rb_left ? grand->rb_right : grand->rb_left;
		if (is_red(uncle)) {
			set_color(parent, BLACK);
			set_color(uncle, BLACK);
			set_color(grand, RED);
			n = grand;
			continue;
		}
		if (parent == grand->rb_left) {
			if (n == parent->rb_right) {
				rotate_left(parent, root, update);
				parent = n;
			}
			rotate_right(grand, root, update);
		} else {
			if (n == parent->rb_left) {
				rotate_right(parent, root, update);
				parent = n;
			}
			rotate_left(grand, root, update);
		}
		set_color(parent, BLACK);
		set_color(grand, RED);
		break;
	}
	set_color(root->rb_node, BLACK);
}

void rb_insert_color(struct rb_node *n, struct rb_root *root)
{
	insert_fixup(n, root, NULL);
}

void rb_propagate(struct rb_node *n, rb_update_fn update)
{
	while (n && update(n))
		n = rb_parent(n);
}

void rb_insert_augmented(struct rb_node *n, struct rb_root *root, rb_update_fn update)
{
	update(n);
	rb_propagate(rb_parent(n), update);
	insert_fixup(n, root, update);
}

/* Recomputes all from n to its ancestor `last`, whose value may be off. */
static void rb_propagate_to(struct rb_node *n, struct rb_node *last, rb_update_fn update)
{
	while (n != last && update(n))
		n = rb_parent(n);
	update(last);
}

/* The subtree at n (which may be missing) below parent is one black short. */
static __always_inline void erase_fixup(struct rb_node *n, struct rb_node *parent,
					struct rb_root *root, rb_update_fn update)
{
	while (parent && is_black(n)) {
		bool left = n == parent->rb_left;
		struct rb_node *sib = left ? parent->rb_right : parent->rb_left;
		struct rb_node *near, *far;

		if (is_red(sib)) {
			set_color(sib, BLACK);
			set_color(parent, RED);
			if (left)
				rotate_left(parent, root, update);
			else
				rotate_right(parent, root, update);
			sib = left ? parent->rb_right : parent->rb_left;
		}
		near = left ? sib->rb_left : sib->rb_right;
		far = left ? sib->rb_right : sib->rb_left;
		if (is_black(near) && is_black(far)) {
			set_color(sib, RED);
			n = parent;
			parent = rb_parent(n);
			continue;
		}
		if (is_black(far)) {
			set_color(near, BLACK);
			set_color(sib, RED);
			if (left)
				rotate_right(sib, root, update);
			else
				rotate_left(sib, root, update);
			far = sib;
			sib = near;
		}
		set_color(sib, color(parent));
		set_color(parent, BLACK);
		set_color(far, BLACK);
		if (left)
			rotate_left(parent, root, update);
		else
			rotate_right(parent, root, update);
		return;
	}
	if (n)
		set_color(n, BLACK);
}

static __always_inline void erase(struct rb_node *n, struct rb_root *root, rb_update_fn update)
{
	struct rb_node *child, *parent, *succ = NULL;
	unsigned long removed;

	if (n->rb_left && n->rb_right) {
		/* The successor, which has no left child, takes n's place and colour. */
		for (succ = n->rb_right; succ->rb_left; succ = succ->rb_left)
			;
		removed = color(succ);
		child = succ->rb_right;
		parent = rb_parent(succ);
		if (parent == n) {
			parent = succ;
		} else {
			parent->rb_left = child;
			if (child)
				set_parent(child, parent);
			succ->rb_right = n->rb_right;
			set_parent(n->rb_right, succ);
		}
		succ->rb_left = n->rb_left;
		set_parent(n->rb_left, succ);
		succ->rb_parent_color = n->rb_parent_color;
		replace_child(root, rb_parent(n), n, succ);
	} else {
		removed = color(n);
		child = n->rb_left ? n->rb_left : n->rb_right;
		parent = rb_parent(n);
		if (child)
			set_parent(child, parent);
		replace_child(root, parent, n, child);
	}
	if (update) {
		/* The successor's own value is of another place: of no use to compare with. */
		if (succ) {
			rb_propagate_to(parent, succ, update);
			rb_propagate(rb_parent(succ), update);
		} else {
			rb_propagate(parent, update);
		}
	}
	if (removed == BLACK)
		erase_fixup(child, parent, root, update);
}

void rb_erase(struct rb_node *n, struct rb_root *root)
{
	erase(n, root, NULL);
}

void rb_erase_augmented(struct rb_node *n, struct rb_root *root, rb_update_fn update)
{
	erase(n, root, update);
}

void rb_replace_node(struct rb_node *old, struct rb_node *n, struct rb_root *root)
{
	*n = *old;
	if (n->rb_left)
		set_parent(n->rb_left, n);
	if (n->rb_right)
		set_parent(n->rb_right, n);
	replace_child(root, rb_parent(old), old, n);
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
