/* SPDX-License-Identifier: BSD-2-Clause */
/* Heap sort and binary search against qsort and a linear search. */
#include "test.h"
#include <lib/sort.h>

struct rec {
	u32 key;
	u8 tail[9];
} __packed;

static int cmp_rec(const void *a, const void *b)
{
	u32 x = ((const struct rec *)a)->key, y = ((const struct rec *)b)->key;

	return (x > y) - (x < y);
}

static void random_arrays(void **state)
{
	for (int round = 0; round < 3000; round++) {
		size_t n = rnd() % 60;
		struct rec *a = calloc(n + 1, sizeof(*a)), key = { 0 };

		for (size_t i = 0; i < n; i++) {
			a[i].key = rnd() % 50;
			memset(a[i].tail, (int)a[i].key, sizeof(a[i].tail));
		}
		sort(a, n, sizeof(*a), cmp_rec);
		for (size_t i = 0; i < n; i++) {
			assert_true(!i || a[i - 1].key <= a[i].key);
			assert_int_equal(a[i].tail[8], a[i].key);
		}
		for (key.key = 0; key.key < 52; key.key++) {
			struct rec *hit = bsearch_array(&key, a, n, sizeof(*a), cmp_rec);
			bool there = false;

			for (size_t i = 0; i < n; i++)
				there |= a[i].key == key.key;
			assert_int_equal(hit != NULL, there);
			assert_true(!hit || hit->key == key.key);
		}
		free(a);
	}
}

int main(void)
{
	RUN(cmocka_unit_test(random_arrays));
}
