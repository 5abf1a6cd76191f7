/* SPDX-License-Identifier: BSD-2-Clause */
/* The byte ring against a stream of numbered bytes. */
#include "test.h"
#include <lib/ring.h>

static void stream(void **state)
{
	u8 buf[16], tmp[40], in = 0, out = 0;
	struct ring r;
	u32 used = 0;

	ring_init(&r, buf, sizeof(buf));
	r.head = r.tail = 0xfffffff0;
	for (int step = 0; step < 100000; step++) {
		u32 n = rnd() % 20, got;
		u8 *span;

		if (rnd() % 2) {
			for (u32 i = 0; i < n; i++)
				tmp[i] = (u8)(in + i);
			got = ring_write(&r, tmp, n);
			assert_int_equal(got, min(n, 16 - used));
			in = (u8)(in + got);
			used += got;
		} else {
			got = ring_peek(&r, 1, tmp, n);
			assert_int_equal(got, used < 2 ? 0 : min(n, used - 1));
			got = ring_read(&r, tmp, n);
			assert_int_equal(got, min(n, used));
			for (u32 i = 0; i < got; i++)
				assert_int_equal(tmp[i], out++);
			used -= got;
		}
		assert_int_equal(ring_used(&r), used);
		assert_int_equal(ring_full(&r), used == 16);
		got = ring_read_span(&r, &span);
		assert_true(got <= used && span + got <= buf + 16);
		got = ring_write_span(&r, &span);
		assert_true(got <= 16 - used && span + got <= buf + 16);
	}
}

static void bytes(void **state)
{
	u8 buf[4], out[4];
	struct ring r;

	ring_init(&r, buf, 4);
	assert_int_equal(ring_get(&r), -1);
	for (int i = 0; i < 4; i++)
		assert_true(ring_put(&r, (u8)('a' + i)));
	assert_false(ring_put(&r, 'x'));
	assert_int_equal(ring_peek_at(&r, 2), 'c');
	assert_int_equal(ring_unput(&r), 'd');
	assert_int_equal(ring_get(&r), 'a');
	ring_write_over(&r, "123", 3);
	assert_int_equal(ring_read(&r, out, 4), 4);
	assert_memory_equal(out, "c123", 4);
	ring_write_over(&r, "0123456789", 10);
	assert_int_equal(ring_read(&r, out, 4), 4);
	assert_memory_equal(out, "6789", 4);
}

int main(void)
{
	RUN(cmocka_unit_test(stream), cmocka_unit_test(bytes));
}
