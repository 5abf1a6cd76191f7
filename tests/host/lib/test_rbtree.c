/* SPDX-License-Identifier: BSD-2-Clause */
/* Red-black invariants and augmented values after every step of random work. */
#include "test.h"
#include <lib/rbtree.h>

struct item {
	struct rb_node node;
	u64 key, weight, max;
	bool in;
};

static u64 max_of(const struct rb_node *n)
{
	return n ? rb_entry(n, struct item, node)->max : 0;
}

static unsigned updates;

static bool update(struct rb_node *n)
{
	struct item *it = rb_entry(n, struct item, node);
	u64 before = it->max;

	updates++;
	it->max = max3(it->weight, max_of(n->rb_left), max_of(n->rb_right));
	return it->max != before;
}

/* Black height; checks parents, colours, order and maxima below n. */
static int verify(const struct rb_node *n, const struct rb_node *parent, bool augmented)
{
	bool black;
	int l, r;

	if (!n)
		return 1;
	black = n->rb_parent_color & 1;
	assert_ptr_equal(rb_parent(n), parent);
	if (!black) {
		assert_true(!n->rb_left || (n->rb_left->rb_parent_color & 1));
		assert_true(!n->rb_right || (n->rb_right->rb_parent_color & 1));
	}
	l = verify(n->rb_left, n, augmented);
	r = verify(n->rb_right, n, augmented);
	assert_int_equal(l, r);
	if (augmented) {
		const struct item *it = rb_entry((struct rb_node *)n, struct item, node);

		assert_int_equal(it->max,
				 max3(it->weight, max_of(n->rb_left), max_of(n->rb_right)));
	}
	return l + black;
}

static void verify_all(struct rb_root *root, size_t n, bool augmented)
{
	struct item *it;
	u64 last = 0;
	size_t seen = 0;

	assert_true(!root->rb_node || (root->rb_node->rb_parent_color & 1));
	verify(root->rb_node, NULL, augmented);
	rb_for_each_entry(it, root, node) {
		assert_true(it->key >= last);
		last = it->key;
		seen++;
	}
	assert_int_equal(seen, n);
	seen = 0;
	for (struct rb_node *p = rb_last(root); p; p = rb_prev(p))
		seen++;
	assert_int_equal(seen, n);
}

static bool less(const struct rb_node *a, const struct rb_node *b)
{
	return rb_entry((struct rb_node *)a, struct item, node)->key <
	       rb_entry((struct rb_node *)b, struct item, node)->key;
}

static void random_work(void **state)
{
	static struct item items[120];
	struct rb_root_cached root = RB_ROOT_CACHED;
	size_t n = 0;

	for (int step = 0; step < 40000; step++) {
		struct item *it = &items[rnd() % (step < 20000 ? 120 : 12)];

		if (it->in) {
			rb_erase_cached(&it->node, &root);
			n--;
		} else {
			it->key = rnd() % 64;
			rb_add_cached(&it->node, &root, less);
			n++;
		}
		it->in = !it->in;
		verify_all(&root.rb_root, n, false);
		assert_ptr_equal(rb_first_cached(&root), rb_first(&root.rb_root));
	}
}

static void augmented_work(void **state)
{
	static struct item items[100];
	struct rb_root root = RB_ROOT;
	size_t n = 0;

	for (int step = 0; step < 40000; step++) {
		struct item *it = &items[rnd() % ARRAY_SIZE(items)];

		if (it->in && step % 7 == 0) {
			it->weight = rnd() % 1000;
			rb_propagate(&it->node, update);
			verify_all(&root, n, true);
			continue;
		}
		if (it->in) {
			rb_erase_augmented(&it->node, &root, update);
			n--;
		} else {
			struct rb_node **link = &root.rb_node, *parent = NULL;

			it->key = rnd() % 64;
			it->weight = rnd() % 1000;
			while (*link) {
				parent = *link;
				link = less(&it->node, parent) ? &parent->rb_left :
								 &parent->rb_right;
			}
			rb_link_node(&it->node, parent, link);
			rb_insert_augmented(&it->node, &root, update);
			n++;
		}
		it->in = !it->in;
		verify_all(&root, n, true);
	}
	/* Up to where nothing changes, not to the root each time: that would be seven and more. */
	assert_true(updates < 40000 * 5);
}

static void replace_and_postorder(void **state)
{
	struct rb_root root = RB_ROOT;
	struct item *it, *next, fresh;
	size_t n = 0;

	for (u64 i = 0; i < 50; i++) {
		it = calloc(1, sizeof(*it));
		it->key = i;
		rb_add(&it->node, &root, less);
	}
	it = rb_entry(root.rb_node, struct item, node);
	fresh.key = it->key;
	rb_replace_node(&it->node, &fresh.node, &root);
	free(it);
	verify_all(&root, 50, false);
	rbtree_postorder_for_each_entry_safe(it, next, &root, node) {
		n++;
		if (it != &fresh)
			free(it);
	}
	assert_int_equal(n, 50);
}

int main(void)
{
	RUN(cmocka_unit_test(random_work), cmocka_unit_test(augmented_work),
	    cmocka_unit_test(replace_and_postorder));
}
