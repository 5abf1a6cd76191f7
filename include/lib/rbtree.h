/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Intrusive red-black tree. The caller descends and compares by itself, links
 * the new node where the search ended, then lets the tree rebalance:
 *
 *	struct rb_node **link = &root->rb_node, *parent = NULL;
 *	while (*link) {
 *		parent = *link;
 *		link = key < rb_entry(parent, struct foo, node)->key ?
 *			&parent->rb_left : &parent->rb_right;
 *	}
 *	rb_link_node(&new->node, parent, link);
 *	rb_insert_color(&new->node, root);
 *
 * The caller brings the lock. No recursion, no allocation; every operation is
 * O(log n). A zeroed root is an empty tree.
 *
 * Augmented trees keep in each node a value derived from its subtree. The
 * update callback recomputes one node's value from the node and its two
 * children, and says whether it changed; the tree calls it bottom-up from where
 * a subtree changed to the first value that did not. After changing a
 * key-independent input of one node, call rb_propagate().
 */
#ifndef LIB_RBTREE_H
#define LIB_RBTREE_H

#include <lib/compiler.h>

struct rb_node {
	unsigned long   rb_parent_color; /* parent | 1 if black */
	struct rb_node *rb_left;
	struct rb_node *rb_right;
} __aligned(sizeof(long));

struct rb_root {
	struct rb_node *rb_node;
};

/* Keeps the leftmost node at hand: rb_first_cached() is one load. */
struct rb_root_cached {
	struct rb_root  rb_root;
	struct rb_node *rb_leftmost;
};

typedef bool (*rb_update_fn)(struct rb_node *node);

#define RB_ROOT        ((struct rb_root){ NULL })
#define RB_ROOT_CACHED ((struct rb_root_cached){ { NULL }, NULL })
#define RB_EMPTY_ROOT(root) (READ_ONCE((root)->rb_node) == NULL)

/* A node outside any tree points at itself, once RB_CLEAR_NODE() said so. */
#define RB_CLEAR_NODE(n) ((n)->rb_parent_color = (unsigned long)(n))
#define RB_EMPTY_NODE(n) ((n)->rb_parent_color == (unsigned long)(n))

#define rb_entry(ptr, type, member) container_of(ptr, type, member)
#define rb_entry_safe(ptr, type, member) ({					\
	__typeof__(ptr) __rp = (ptr);						\
	__rp ? rb_entry(__rp, type, member) : NULL; })

static inline struct rb_node *rb_parent(const struct rb_node *n)
{
	return (struct rb_node *)(n->rb_parent_color & ~3UL);
}

static inline void rb_link_node(struct rb_node *n, struct rb_node *parent,
				struct rb_node **link)
{
	n->rb_parent_color = (unsigned long)parent;
	n->rb_left = NULL;
	n->rb_right = NULL;
	*link = n;
}

void rb_insert_color(struct rb_node *n, struct rb_root *root);
void rb_erase(struct rb_node *n, struct rb_root *root);
/* Puts n, with the same key, where old was. */
void rb_replace_node(struct rb_node *old, struct rb_node *n, struct rb_root *root);

void rb_insert_augmented(struct rb_node *n, struct rb_root *root, rb_update_fn update);
void rb_erase_augmented(struct rb_node *n, struct rb_root *root, rb_update_fn update);
/* Recomputes n, and its ancestors as long as that changes them. */
void rb_propagate(struct rb_node *n, rb_update_fn update);

struct rb_node *rb_first(const struct rb_root *root);
struct rb_node *rb_last(const struct rb_root *root);
struct rb_node *rb_next(const struct rb_node *n);
struct rb_node *rb_prev(const struct rb_node *n);
/* Children before parents; for freeing a whole tree without rebalancing. */
struct rb_node *rb_first_postorder(const struct rb_root *root);
struct rb_node *rb_next_postorder(const struct rb_node *n);

#define rb_first_cached(root) ((root)->rb_leftmost)

/* leftmost: whether the search for n's place only ever went left. */
static inline void rb_insert_color_cached(struct rb_node *n, struct rb_root_cached *root,
					  bool leftmost)
{
	if (leftmost)
		root->rb_leftmost = n;
	rb_insert_color(n, &root->rb_root);
}

static inline void rb_erase_cached(struct rb_node *n, struct rb_root_cached *root)
{
	if (root->rb_leftmost == n)
		root->rb_leftmost = rb_next(n);
	rb_erase(n, &root->rb_root);
}

static inline void rb_insert_augmented_cached(struct rb_node *n, struct rb_root_cached *root,
					      bool leftmost, rb_update_fn update)
{
	if (leftmost)
		root->rb_leftmost = n;
	rb_insert_augmented(n, &root->rb_root, update);
}

static inline void rb_erase_augmented_cached(struct rb_node *n, struct rb_root_cached *root,
					     rb_update_fn update)
{
	if (root->rb_leftmost == n)
		root->rb_leftmost = rb_next(n);
	rb_erase_augmented(n, &root->rb_root, update);
}

/* Inserts by less(a, b); equal keys keep insertion order. Returns true if leftmost. */
static __always_inline bool rb_add_cached(struct rb_node *n, struct rb_root_cached *root,
	bool (*less)(const struct rb_node *, const struct rb_node *))
{
	struct rb_node **link = &root->rb_root.rb_node, *parent = NULL;
	bool leftmost = true;

	while (*link) {
		parent = *link;
		if (less(n, parent)) {
			link = &parent->rb_left;
		} else {
			link = &parent->rb_right;
			leftmost = false;
		}
	}
	rb_link_node(n, parent, link);
	rb_insert_color_cached(n, root, leftmost);
	return leftmost;
}

static __always_inline void rb_add(struct rb_node *n, struct rb_root *root,
	bool (*less)(const struct rb_node *, const struct rb_node *))
{
	struct rb_node **link = &root->rb_node, *parent = NULL;

	while (*link) {
		parent = *link;
		link = less(n, parent) ? &parent->rb_left : &parent->rb_right;
	}
	rb_link_node(n, parent, link);
	rb_insert_color(n, root);
}

#define rb_for_each_entry(pos, root, member)					\
	for (pos = rb_entry_safe(rb_first(root), __typeof__(*pos), member); pos; \
	     pos = rb_entry_safe(rb_next(&pos->member), __typeof__(*pos), member))

/* The body may free pos, and must not rebalance; n is another such pointer. */
#define rbtree_postorder_for_each_entry_safe(pos, n, root, member)		\
	for (pos = rb_entry_safe(rb_first_postorder(root), __typeof__(*pos), member); \
	     pos && ({ n = rb_entry_safe(rb_next_postorder(&pos->member),	\
					 __typeof__(*pos), member); 1; });	\
	     pos = n)

#endif
