/* SPDX-License-Identifier: BSD-2-Clause */
/* Bitmap searches and ranges against one bit at a time. */
#include "test.h"
#include <lib/bitmap.h>

static unsigned long slow_next(const unsigned long *m, unsigned long size, unsigned long i, bool v)
{
	for (; i < size; i++)
		if (test_bit(i, m) == v)
			return i;
	return size;
}

static void searches(void **state)
{
	for (int round = 0; round < 3000; round++) {
		unsigned long size = 1 + rnd() % 200, last, n = 0;
		size_t words = BITS_TO_LONGS(size);
		unsigned long *m = malloc(words * 8), *o = malloc(words * 8);

		for (size_t i = 0; i < words; i++) {
			m[i] = rnd() % 3 ? rnd() & rnd() << 20 : rnd() % 2 ? 0 : ~0UL;
			o[i] = rnd() | rnd() << 30;
		}
		for (unsigned long i = 0; i <= size; i++) {
			unsigned long k = slow_next(m, size, i, true);

			assert_int_equal(find_next_bit(m, size, i), k);
			assert_int_equal(find_next_zero_bit(m, size, i),
					 slow_next(m, size, i, false));
			while (k < size && !test_bit(k, o))
				k = slow_next(m, size, k + 1, true);
			assert_int_equal(find_next_and_bit(m, o, size, i), k);
		}
		last = size;
		for (unsigned long i = 0; i < size; i++)
			if (test_bit(i, m))
				last = i, n++;
		assert_int_equal(find_last_bit(m, size), last);
		assert_int_equal(bitmap_weight(m, size), n);
		assert_int_equal(bitmap_empty(m, size), n == 0);
		assert_int_equal(bitmap_full(m, size), n == size);
		assert_true(bitmap_equal(m, m, size) && bitmap_subset(m, m, size));
		assert_int_equal(bitmap_intersects(m, m, size), n != 0);
		free(m);
		free(o);
	}
}

static void ranges(void **state)
{
	for (int round = 0; round < 20000; round++) {
		unsigned long a[4], b[4], start = rnd() % 256, n = rnd() % (257 - start);

		for (int i = 0; i < 4; i++)
			a[i] = b[i] = rnd() << 20 ^ rnd();
		bitmap_set(a, start, n);
		for (unsigned long i = start; i < start + n; i++)
			__set_bit(i, b);
		assert_memory_equal(a, b, sizeof(a));
		bitmap_clear(a, start / 2, n);
		for (unsigned long i = start / 2; i < start / 2 + n; i++)
			__clear_bit(i, b);
		assert_memory_equal(a, b, sizeof(a));
	}
}

static void zero_areas(void **state)
{
	for (int round = 0; round < 20000; round++) {
		unsigned long m[3], n = 1 + rnd() % 20, mask = (1UL << rnd() % 4) - 1, got, i;

		for (int k = 0; k < 3; k++)
			m[k] = rnd() & rnd() >> 7 & rnd() << 17;
		got = bitmap_find_next_zero_area(m, 170, 3, n, mask);
		for (i = 3; i < 170; i++)
			if (!(i & mask) && i + n <= 170 && slow_next(m, i + n, i, true) == i + n)
				break;
		assert_int_equal(got, i);
	}
}

static void words(void **state)
{
	assert_int_equal(fls(0), 0);
	assert_int_equal(fls(0x80000000), 32);
	assert_int_equal(roundup_pow_of_two(5), 8);
	assert_int_equal(roundup_pow_of_two(8), 8);
	assert_int_equal(order_base_2(9), 4);
	assert_int_equal(ilog2(4096), 12);
	assert_false(is_power_of_2(0));
	assert_int_equal(FIELD_GET(GENMASK(11, 8), 0xabc), 0xa);
	assert_int_equal(ALIGN(5, 4), 8);
	assert_true(sign_extend64(0x8000, 15) == -0x8000);
}

int main(void)
{
	RUN(cmocka_unit_test(searches), cmocka_unit_test(ranges),
	    cmocka_unit_test(zero_areas), cmocka_unit_test(words));
}
