/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The algorithms of the red-black tree as inline functions, for lib/rbtree.c and for
 * augmented trees on a hot path: with a constant `update` its calls become inline code.
 *
 * A binary search tree in which (1) the root is black, (2) a red node has no red child,
 * (3) every path from a node down to a missing child has the same number of black
 * nodes. So no path is more than twice another.
 *
 * Insertion adds a red node, which can only break (2), and pushes the conflict
 * up by recolouring until one or two rotations end it. Removing a black node
 * breaks (3): the place it left is "one black short", and the shortage moves up
 * or is filled from the sibling's side. Each left-handed case has its mirror.
 *
 * Augmented values: a rotation keeps the set of nodes below the place where it
 * happens, so only the two rotated nodes are recomputed; what an insertion or
 * removal changes is recomputed once from the lowest changed node upwards, up to
 * a node whose value stays as it was. Of the two rotated nodes the upper one has what the
 * other had before: who can `copy` a value saves a computation.
 */
#ifndef LIB_RBTREE_INLINE_H
#define LIB_RBTREE_INLINE_H

#include <lib/rbtree.h>

typedef void (*rb_copy_fn)(struct rb_node *to, const struct rb_node *from);

#define RB_RED   0UL
#define RB_BLACK 1UL

static __always_inline bool rb_is_black(const struct rb_node *n)
{
	return !n || (n->rb_parent_color & RB_BLACK);
}

static __always_inline bool rb_is_red(const struct rb_node *n)
{
	return !rb_is_black(n);
}

static __always_inline unsigned long rb_color(const struct rb_node *n)
{
	return n->rb_parent_color & RB_BLACK;
}

static __always_inline void rb_set_color(struct rb_node *n, unsigned long c)
{
	n->rb_parent_color = (n->rb_parent_color & ~RB_BLACK) | c;
}

static __always_inline void rb_set_parent(struct rb_node *n, struct rb_node *parent)
{
	n->rb_parent_color = (unsigned long)parent | rb_color(n);
}

static __always_inline void rb_replace_child(struct rb_root *root, struct rb_node *parent,
					  struct rb_node *old, struct rb_node *n)
{
	if (!parent)
		WRITE_ONCE(root->rb_node, n);
	else if (parent->rb_left == old)
		WRITE_ONCE(parent->rb_left, n);
	else
		WRITE_ONCE(parent->rb_right, n);
}

/* y has taken x's place, below which are the same nodes as before. */
static __always_inline void rb_rotated(struct rb_node *x, struct rb_node *y, struct rb_root *root,
				       unsigned long color, rb_update_fn update, rb_copy_fn copy)
{
	y->rb_parent_color = x->rb_parent_color;
	x->rb_parent_color = (unsigned long)y | color;
	rb_replace_child(root, rb_parent(y), x, y);
	if (copy)
		copy(y, x);
	if (update)
		update(x);
	if (update && !copy)
		update(y);
}

/* The right child takes x's place and colour; x, of this colour now, goes down to its left. */
static __always_inline void rb_rotate_left(struct rb_node *x, struct rb_root *root,
					   unsigned long color, rb_update_fn update, rb_copy_fn copy)
{
	struct rb_node *y = x->rb_right, *between = y->rb_left;

	x->rb_right = between;
	if (between)
		rb_set_parent(between, x);
	y->rb_left = x;
	rb_rotated(x, y, root, color, update, copy);
}

static __always_inline void rb_rotate_right(struct rb_node *x, struct rb_root *root,
					    unsigned long color, rb_update_fn update, rb_copy_fn copy)
{
	struct rb_node *y = x->rb_left, *between = y->rb_right;

	x->rb_left = between;
	if (between)
		rb_set_parent(between, x);
	y->rb_right = x;
	rb_rotated(x, y, root, color, update, copy);
}

/* n has just been linked in. */
static __always_inline void rb_insert_fixup(struct rb_node *n, struct rb_root *root,
					    rb_update_fn update, rb_copy_fn copy)
{
	struct rb_node *parent, *grand, *uncle;

	for (; (parent = rb_parent(n)); n = grand) {
		bool left;

		if (rb_is_black(parent))
			return;
		grand = rb_parent(parent);
		left = parent == grand->rb_left;
		uncle = left ? grand->rb_right : grand->rb_left;
		if (rb_is_red(uncle)) {
			rb_set_color(parent, RB_BLACK);
			rb_set_color(uncle, RB_BLACK);
			rb_set_color(grand, RB_RED);
			continue;
		}
		if (left) {
			if (n == parent->rb_right)
				rb_rotate_left(parent, root, RB_RED, update, copy);
			rb_rotate_right(grand, root, RB_RED, update, copy);
		} else {
			if (n == parent->rb_left)
				rb_rotate_right(parent, root, RB_RED, update, copy);
			rb_rotate_left(grand, root, RB_RED, update, copy);
		}
		return;
	}
	rb_set_color(n, RB_BLACK);	/* the root */
}

static __always_inline void rb_propagate_inline(struct rb_node *n, rb_update_fn update)
{
	while (n && update(n))
		n = rb_parent(n);
}

/* Recomputes all from n to its ancestor `last`, whose value may be off. */
static __always_inline void rb_propagate_to(struct rb_node *n, struct rb_node *last,
					    rb_update_fn update)
{
	while (n != last && update(n))
		n = rb_parent(n);
	update(last);
}

/* The subtree at n (which may be missing) below parent is one black short. */
static __always_inline void rb_erase_fixup(struct rb_node *n, struct rb_node *parent,
					   struct rb_root *root, rb_update_fn update,
					   rb_copy_fn copy)
{
	while (parent && rb_is_black(n)) {
		bool left = n == parent->rb_left;
		struct rb_node *sib = left ? parent->rb_right : parent->rb_left;
		struct rb_node *near, *far;

		if (rb_is_red(sib)) {
			if (left)
				rb_rotate_left(parent, root, RB_RED, update, copy);
			else
				rb_rotate_right(parent, root, RB_RED, update, copy);
			sib = left ? parent->rb_right : parent->rb_left;
		}
		near = left ? sib->rb_left : sib->rb_right;
		far = left ? sib->rb_right : sib->rb_left;
		if (rb_is_black(near) && rb_is_black(far)) {
			rb_set_color(sib, RB_RED);
			n = parent;
			parent = rb_parent(n);
			continue;
		}
		if (rb_is_black(far)) {
			if (left)
				rb_rotate_right(sib, root, RB_RED, update, copy);
			else
				rb_rotate_left(sib, root, RB_RED, update, copy);
			far = sib;
		}
		rb_set_color(far, RB_BLACK);
		if (left)
			rb_rotate_left(parent, root, RB_BLACK, update, copy);
		else
			rb_rotate_right(parent, root, RB_BLACK, update, copy);
		return;
	}
	if (n)
		rb_set_color(n, RB_BLACK);
}

static __always_inline void rb_erase_inline(struct rb_node *n, struct rb_root *root,
					    rb_update_fn update, rb_copy_fn copy)
{
	struct rb_node *child, *parent, *succ = NULL;
	unsigned long removed;

	if (n->rb_left && n->rb_right) {
		/* The successor, which has no left child, takes n's place and colour. */
		for (succ = n->rb_right; succ->rb_left; succ = succ->rb_left)
			;
		removed = rb_color(succ);
		child = succ->rb_right;
		parent = rb_parent(succ);
		if (parent == n) {
			parent = succ;
		} else {
			parent->rb_left = child;
			if (child)
				rb_set_parent(child, parent);
			succ->rb_right = n->rb_right;
			rb_set_parent(n->rb_right, succ);
		}
		succ->rb_left = n->rb_left;
		rb_set_parent(n->rb_left, succ);
		succ->rb_parent_color = n->rb_parent_color;
		rb_replace_child(root, rb_parent(n), n, succ);
	} else {
		removed = rb_color(n);
		child = n->rb_left ? n->rb_left : n->rb_right;
		parent = rb_parent(n);
		if (child)
			rb_set_parent(child, parent);
		rb_replace_child(root, parent, n, child);
	}
	if (update) {
		/* The successor's own value is of another place: of no use to compare with. */
		if (succ) {
			rb_propagate_to(parent, succ, update);
			rb_propagate_inline(rb_parent(succ), update);
		} else {
			rb_propagate_inline(parent, update);
		}
	}
	if (removed == RB_BLACK)
		rb_erase_fixup(child, parent, root, update, copy);
}

#endif
