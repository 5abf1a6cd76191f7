/* SPDX-License-Identifier: BSD-2-Clause */
/* Ids: lowest first, cyclic, exhaustion, no memory. */
#include "test.h"
#include <lib/ida.h>
#include <lib/idr.h>

static void bare_ids(void **state)
{
	DEFINE_IDA(ida);

	for (int i = 0; i < 200; i++)
		assert_int_equal(ida_alloc(&ida), i);
	assert_true(ida_free(&ida, 77));
	assert_false(ida_free(&ida, 77));
	assert_true(ida_free(&ida, 3));
	assert_int_equal(ida_alloc_min(&ida, 10), 77);
	assert_int_equal(ida_alloc(&ida), 3);
	assert_int_equal(ida_alloc(&ida), 200);
	assert_int_equal(ida_alloc_max(&ida, 199), -ENOSPC);
	assert_int_equal(ida_alloc_range(&ida, 5, 4), -EINVAL);
	assert_int_equal(ida_alloc_range(&ida, 1000, 1000), 1000);
	assert_int_equal(ida_alloc_range(&ida, 1000, 1000), -ENOSPC);
	alloc_budget = 0;
	assert_int_equal(ida_alloc_min(&ida, 100000), -ENOMEM);
	alloc_budget = -1;
	ida_destroy(&ida);
	assert_int_equal(alloc_live, 0);
	assert_int_equal(ida_alloc(&ida), 0);
	assert_true(ida_free(&ida, 0));
	assert_int_equal(alloc_live, 0);
}

static void random_ids(void **state)
{
	DEFINE_IDA(ida);
	bool used[300] = { false };

	for (int step = 0; step < 50000; step++) {
		unsigned int k = rnd() % 300, want = k;

		if (rnd() % 2) {
			assert_int_equal(ida_free(&ida, k), used[k]);
			used[k] = false;
			continue;
		}
		while (want < 300 && used[want])
			want++;
		assert_int_equal(ida_alloc_range(&ida, k, 299), want < 300 ? (int)want : -ENOSPC);
		if (want < 300)
			used[want] = true;
	}
	ida_destroy(&ida);
}

static void ids_with_pointers(void **state)
{
	DEFINE_IDR(idr);
	u64 id;
	void *p;
	int n = 0;

	for (int i = 1; i <= 100; i++)
		assert_int_equal(idr_alloc(&idr, state, 1, 0), i);
	assert_ptr_equal(idr_remove(&idr, 50), state);
	assert_null(idr_find(&idr, 50));
	assert_int_equal(idr_alloc(&idr, &n, 1, 0), 50);
	assert_ptr_equal(idr_find(&idr, 50), &n);
	assert_int_equal(idr_alloc(&idr, &n, 1, 101), -ENOSPC);
	idr_for_each_entry(&idr, p, id)
		n++;
	assert_int_equal(n, 100);
	idr_destroy(&idr);
	assert_int_equal(alloc_live, 0);
}

static void cyclic(void **state)
{
	DEFINE_IDR(idr);

	for (int i = 0; i < 10; i++)
		assert_int_equal(idr_alloc_cyclic(&idr, state, 2, 12), 2 + i);
	assert_int_equal(idr_alloc_cyclic(&idr, state, 2, 12), -ENOSPC);
	idr_remove(&idr, 5);
	idr_remove(&idr, 3);
	assert_int_equal(idr_alloc_cyclic(&idr, state, 2, 12), 3);
	idr_remove(&idr, 2);
	assert_int_equal(idr_alloc_cyclic(&idr, state, 2, 12), 5);
	assert_int_equal(idr_alloc_cyclic(&idr, state, 2, 12), 2);
	alloc_budget = 0;
	assert_int_equal(idr_alloc_cyclic(&idr, state, 1000, 0), -ENOMEM);
	alloc_budget = -1;
	idr_destroy(&idr);
	assert_int_equal(alloc_live, 0);
}

int main(void)
{
	RUN(cmocka_unit_test(bare_ids), cmocka_unit_test(random_ids),
	    cmocka_unit_test(ids_with_pointers), cmocka_unit_test(cyclic));
}
