/* SPDX-License-Identifier: BSD-2-Clause */
/* Virtqueues against a device that keeps to the standard, and against one that does not. */
#include "../lib/test.h"
#include <lib/errno.h>
#include "device.h"

/* Everything that goes out comes back once, in any order, and no bell or interrupt is lost. */
static void honest(void **state)
{
	for (int event_idx = 0; event_idx < 2; event_idx++) {
		struct bench *b = bench_new(event_idx);
		unsigned added = 0, got = 0;
		bool irq = false;

		for (int step = 0; step < 200000; step++) {
			unsigned out = rnd() % 3, in = rnd() % 2 + !out, need = out + in;
			struct chain *c;

			switch (rnd() % 4) {
			case 0:
				if (need > b->vq.nr_free) {
					assert_int_equal(drive_add(b, out, in, 8), -ENOSPC);
					break;
				}
				assert_int_equal(drive_add(b, out, in, 1 + rnd() % PIECE_MAX), 0);
				added++;
				break;
			case 1:
				virtqueue_kick(&b->vq);
				/* A device that was told nothing must not have anything to do. */
				if (b->notified)
					while (device_take(b))
						;
				else
					assert_int_equal(b->avail_seen, b->vq.ring.avail->idx);
				b->notified = false;
				break;
			case 2:
				device_finish(b, rnd(), 0, &irq);
				break;
			case 3:
				while ((c = drive_get(b)))
					got++;
				if (virtqueue_irq_on(&b->vq, 1))
					irq = false;
				break;
			}
		}
		virtqueue_kick(&b->vq);
		while (device_take(b) || device_finish(b, 0, 0, &irq))
			;
		while (drive_get(b))
			got++;
		assert_int_equal(added, got);
		assert_false(b->vq.broken);
		bench_free(b);
	}
}

/* irq_on(after) asks for one interrupt when that many have finished, and says if they have. */
static void interrupts(void **state)
{
	struct bench *b = bench_new(true);
	bool irq;

	for (int i = 0; i < 8; i++)
		assert_int_equal(drive_add(b, 1, 0, 4), 0);
	while (device_take(b))
		;
	assert_true(virtqueue_irq_on(&b->vq, 4));
	for (int i = 1; i <= 8; i++) {
		assert_true(device_finish(b, 0, 0, &irq));
		assert_int_equal(irq, i == 4);
	}
	assert_false(virtqueue_irq_on(&b->vq, 8));
	assert_true(virtqueue_irq_on(&b->vq, 9));
	virtqueue_irq_off(&b->vq);
	assert_int_equal(virtqueue_pending(&b->vq), 8);
	bench_free(b);
}

static void lengths(void **state)
{
	struct bench *b = bench_new(false);
	struct chain *c;
	bool irq;

	assert_int_equal(drive_add(b, 1, 2, 10), 0);
	device_take(b);
	device_finish(b, 0, 20, &irq);
	c = drive_get(b);
	assert_non_null(c);
	assert_int_equal(c->written, 20);
	/* What is only read has no length, whatever an old device says. */
	assert_int_equal(drive_add(b, 1, 0, 10), 0);
	device_take(b);
	device_finish(b, 0, 10, &irq);
	c = drive_get(b);
	assert_non_null(c);
	assert_int_equal(c->written, 0);
	assert_false(b->vq.broken);
	assert_int_equal(drive_add(b, 1, 2, 10), 0);
	device_take(b);
	device_finish(b, 0, 21, &irq);
	assert_null(drive_get(b));
	assert_true(b->vq.broken);
	assert_int_equal(drive_add(b, 0, 1, 10), -EIO);
	bench_free(b);
}

/* Each lie that matters is noticed, said once, and ends the use of the queue. */
static void lies(void **state)
{
	static const struct vring_used_elem bad[] = { { 3, 0 }, { RING_NUM, 0 }, { ~0u, 0 }, { 0, ~0u } };

	for (unsigned i = 0; i <= ARRAY_SIZE(bad); i++) {
		struct bench *b = bench_new(true);

		messages = 0;
		assert_int_equal(drive_add(b, 0, 1, 8), 0);
		if (i < ARRAY_SIZE(bad)) {
			b->vq.ring.used->ring[0] = bad[i];
			b->vq.ring.used->idx = 1;
		} else {
			b->vq.ring.used->idx = RING_NUM + 1;
		}
		assert_null(drive_get(b));
		assert_null(drive_get(b));
		assert_true(b->vq.broken);
		assert_int_equal(messages, 1);
		assert_int_equal(virtqueue_pending(&b->vq), 0);
		bench_free(b);
	}
}

static void hostile(void **state)
{
	unsigned taken = 0;

	for (int run = 0; run < 20000; run++) {
		struct bench *b = bench_new(run & 1);

		for (int step = 0; step < 60; step++) {
			u32 word = (u32)rnd();

			switch (rnd() % 6) {
			case 0:
				if (b->nr_busy < CHAINS)
					drive_add(b, rnd() % 3, 1 + rnd() % 2, 1 + rnd() % PIECE_MAX);
				break;
			case 1:
				virtqueue_kick(&b->vq);
				break;
			case 2:
				taken += !!drive_get(b);
				break;
			case 3:
				virtqueue_irq_on(&b->vq, 1 + rnd() % 20);
				break;
			default:
				device_lie(b, (const u8 *)&word);
				break;
			}
		}
		bench_free(b);
	}
	assert_true(taken > 1000);	/* the lies left something to do */
}

int main(void)
{
	RUN(cmocka_unit_test(honest), cmocka_unit_test(interrupts), cmocka_unit_test(lengths),
	    cmocka_unit_test(lies), cmocka_unit_test(hostile));
}
