/* SPDX-License-Identifier: BSD-2-Clause */
/* Lists and hash buckets. */
#include "test.h"
#include <lib/list.h>

struct item {
	int v;
	struct list_head l;
	struct hlist_node h;
};

static void expect(struct list_head *head, const char *want)
{
	char got[20] = "", back[20] = "";
	struct item *it;
	size_t n = 0;

	list_for_each_entry(it, head, l)
		got[n++] = (char)it->v;
	assert_string_equal(got, want);
	assert_int_equal(list_count(head), n);
	list_for_each_entry_reverse(it, head, l)
		back[--n] = (char)it->v;
	assert_string_equal(back, want);
}

static void lists(void **state)
{
	struct item a = { 'a' }, b = { 'b' }, c = { 'c' }, d = { 'd' }, *it, *n;
	LIST_HEAD(x);
	LIST_HEAD(y);

	assert_null(list_first_entry_or_null(&x, struct item, l));
	list_add_tail(&b.l, &x);
	assert_true(list_is_singular(&x));
	list_add(&a.l, &x);
	list_add_tail(&c.l, &x);
	expect(&x, "abc");
	list_move_tail(&a.l, &x);
	expect(&x, "bca");
	list_rotate_left(&x);
	expect(&x, "cab");
	list_add(&d.l, &y);
	list_splice_tail_init(&x, &y);
	expect(&y, "dcab");
	expect(&x, "");
	list_cut_position(&x, &y, &c.l);
	expect(&x, "dc");
	expect(&y, "ab");
	list_splice_init(&y, &x);
	expect(&x, "abdc");
	list_for_each_entry_safe(it, n, &x, l)
		if (it->v == 'b' || it->v == 'c')
			list_del_init(&it->l);
	expect(&x, "ad");
	assert_true(list_empty(&b.l));
	list_replace_init(&a.l, &b.l);
	expect(&x, "bd");
	it = list_first_entry(&x, struct item, l);
	list_for_each_entry_continue(it, &x, l)
		assert_int_equal(it->v, 'd');
	assert_ptr_equal(list_last_entry_or_null(&x, struct item, l), &d);
	list_del(&d.l);
	assert_ptr_equal(d.l.next, LIST_POISON1);
	expect(&x, "b");
}

static void buckets(void **state)
{
	struct item a = { 'a' }, b = { 'b' }, c = { 'c' }, *it;
	struct hlist_node *n;
	HLIST_HEAD(h);
	char got[8] = "";
	int k = 0;

	hlist_add_head(&b.h, &h);
	hlist_add_before(&a.h, &b.h);
	hlist_add_behind(&c.h, &b.h);
	hlist_for_each_entry(it, &h, h)
		got[k++] = (char)it->v;
	assert_string_equal(got, "abc");
	hlist_for_each_entry_safe(it, n, &h, h)
		hlist_del_init(&it->h);
	assert_true(hlist_empty(&h) && hlist_unhashed(&b.h));
	hlist_del_init(&b.h);
}

int main(void)
{
	RUN(cmocka_unit_test(lists), cmocka_unit_test(buckets));
}
