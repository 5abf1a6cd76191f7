/* SPDX-License-Identifier: BSD-2-Clause */
/* The sparse array against a flat model of a few interesting indexes. */
#include "test.h"
#include <lib/xarray.h>

/* Indexes around every change of height, sorted. */
static u64 idx[160];
static size_t nr_idx;

struct cell {
	void *entry;
	bool mark[XA_MARKS];
};

static struct cell model[ARRAY_SIZE(idx)];

static int cmp_u64(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return (x > y) - (x < y);
}

static void make_indexes(void)
{
	size_t n = 0;

	for (int s = 0; s <= 60; s += 6)
		for (int d = -2; d < 3; d++)
			idx[n++] = (1ULL << s) + (u64)d;
	for (u64 i = 0; i < 40; i++)
		idx[n++] = i * 3;
	for (u64 i = 0; i < 40; i++)
		idx[n++] = U64_MAX - i * 2;
	qsort(idx, n, sizeof(idx[0]), cmp_u64);
	nr_idx = 1;
	for (size_t i = 1; i < n; i++)
		if (idx[i] != idx[nr_idx - 1])
			idx[nr_idx++] = idx[i];
}

static void check_against_model(struct xarray *xa)
{
	bool any[XA_MARKS] = { false }, some = false;
	u64 i;

	for (size_t k = 0; k < nr_idx; k++) {
		assert_ptr_equal(xa_load(xa, idx[k]), model[k].entry);
		some |= model[k].entry != NULL;
		for (xa_mark_t m = 0; m < XA_MARKS; m++) {
			assert_int_equal(xa_get_mark(xa, idx[k], m), model[k].mark[m]);
			any[m] |= model[k].mark[m];
		}
	}
	assert_int_equal(xa_empty(xa), !some);
	for (xa_mark_t m = 0; m < XA_MARKS; m++)
		assert_int_equal(xa_marked(xa, m), any[m]);
	for (int round = 0; round < 4; round++) {
		size_t from = rnd() % nr_idx, k;
		xa_mark_t m = rnd() % XA_MARKS;
		void *e;

		for (k = from; k < nr_idx && !model[k].entry; k++)
			;
		i = idx[from];
		e = xa_find(xa, &i, U64_MAX);
		assert_ptr_equal(e, k < nr_idx ? model[k].entry : NULL);
		if (e)
			assert_true(i == idx[k]);
		i = idx[from];
		if (k < nr_idx && idx[k] > idx[from])
			assert_null(xa_find(xa, &i, idx[k] - 1));
		for (k = from; k < nr_idx && !model[k].mark[m]; k++)
			;
		i = idx[from];
		e = xa_find_marked(xa, &i, U64_MAX, m);
		assert_ptr_equal(e, k < nr_idx ? model[k].entry : NULL);
		if (e)
			assert_true(i == idx[k]);
		for (k = from + 1; k-- > 0 && !model[k].entry;)
			;
		i = idx[from];
		e = xa_find_last(xa, &i);
		assert_ptr_equal(e, k != SIZE_MAX ? model[k].entry : NULL);
		if (e)
			assert_true(i == idx[k]);
	}
}

static void model_step(struct xarray *xa, bool may_fail)
{
	size_t k = rnd() % nr_idx;
	struct cell *c = &model[k];
	void *e = xa_mk_value(rnd() & 0xffff);
	xa_mark_t m = rnd() % XA_MARKS;
	int err;

	switch (rnd() % 8) {
	case 0: case 1:
		if (may_fail)
			alloc_budget = (long)(rnd() % 4);
		err = xa_store(xa, idx[k], e);
		alloc_budget = -1;
		if (!err)
			c->entry = e;
		else
			assert_int_equal(err, -ENOMEM);
		assert_true(may_fail || !err);
		break;
	case 2:
		err = xa_insert(xa, idx[k], e);
		assert_int_equal(err, c->entry ? -EBUSY : 0);
		if (!err)
			c->entry = e;
		break;
	case 3: case 4:
		assert_ptr_equal(xa_erase(xa, idx[k]), c->entry);
		*c = (struct cell){ NULL };
		break;
	case 5:
		xa_set_mark(xa, idx[k], m);
		c->mark[m] = c->entry != NULL;
		break;
	case 6:
		xa_clear_mark(xa, idx[k], m);
		c->mark[m] = false;
		break;
	default:
		assert_ptr_equal(xa_replace(xa, idx[k], e), c->entry);
		if (c->entry)
			c->entry = e;
	}
}

static void random_work(void **state)
{
	DEFINE_XARRAY(xa);

	make_indexes();
	for (int round = 0; round < 20; round++) {
		for (int step = 0; step < 1500; step++) {
			model_step(&xa, round & 1);
			check_against_model(&xa);
		}
		if (round % 4 == 3) {
			xa_destroy(&xa);
			memset(model, 0, sizeof(model));
			assert_int_equal(alloc_live, 0);
		}
	}
	for (size_t k = 0; k < nr_idx; k++)
		xa_erase(&xa, idx[k]);
	assert_true(xa_empty(&xa));
	assert_int_equal(alloc_live, 0);
}

static void dense_file(void **state)
{
	DEFINE_XARRAY(xa);
	u64 i, n = 0, pages = 300000;
	void *e;

	for (i = 0; i < pages; i++)
		assert_int_equal(xa_store(&xa, i, xa_mk_value(i)), 0);
	assert_true(alloc_live < (long)(pages / 64 + pages / 4096 + 8));
	xa_for_each(&xa, i, e) {
		assert_int_equal(xa_to_value(e), n);
		n++;
	}
	assert_int_equal(n, pages);
	assert_int_equal(xa_find_free(&xa, &i, 0, U64_MAX), 0);
	assert_int_equal(i, pages);
	for (i = 0; i < pages; i += 1000)
		xa_set_mark(&xa, i, XA_MARK_0);
	n = 0;
	xa_for_each_marked(&xa, i, e, XA_MARK_0) {
		assert_int_equal(i, n * 1000);
		xa_clear_mark(&xa, i, XA_MARK_0);
		n++;
	}
	assert_int_equal(n, 300);
	assert_false(xa_marked(&xa, XA_MARK_0));
	/* Truncation: erase while walking. */
	xa_for_each_start(&xa, i, e, 1)
		xa_erase(&xa, i);
	assert_int_equal(alloc_live, 0);
	assert_int_equal(xa_to_value(xa_load(&xa, 0)), 0);
	xa_destroy(&xa);
}

static void free_indexes(void **state)
{
	DEFINE_XARRAY(xa);
	bool used[400] = { false };
	u64 i;

	for (int step = 0; step < 40000; step++) {
		u64 min = rnd() % 400, k = rnd() % 400, want;

		for (want = min; want < 400 && used[want]; want++)
			;
		if (want < 400) {
			assert_int_equal(xa_find_free(&xa, &i, min, 399), 0);
			assert_int_equal(i, want);
		} else {
			assert_int_equal(xa_find_free(&xa, &i, min, 399), -EBUSY);
		}
		if (rnd() % 3)
			assert_int_equal(xa_store(&xa, k, &xa), 0);
		else
			xa_erase(&xa, k);
		used[k] = xa_load(&xa, k) != NULL;
	}
	xa_destroy(&xa);
	assert_int_equal(alloc_live, 0);
}

int main(void)
{
	RUN(cmocka_unit_test(random_work), cmocka_unit_test(dense_file),
	    cmocka_unit_test(free_indexes));
}
