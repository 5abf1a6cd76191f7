/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Boot tests of turns: how long a busy task runs before its equal does. The test itself only
 * sleeps, in real time so that it interrupts whoever runs and disturbs nobody's turn.
 */
#include <kernel/boottest.h>
#include <lib/err.h>

#include "hog.h"

/* Two equals on one CPU, and how often each was interrupted while they had it to themselves. */
static void compete(struct hog pair[2], int policy, int priority, nsec_t ms, u64 turns[2])
{
	set_policy(current, SCHED_FIFO, 50);
	sched_set_affinity(current, CPU0);
	for (int i = 0; i < 2; i++)
		hog_start(&pair[i], CPU0, policy, priority);
	sleep_ms(ms);
	for (int i = 0; i < 2; i++) {
		turns[i] = IS_ERR(pair[i].task) ? 0 : READ_ONCE(pair[i].task->nivcsw);
		hog_stop(&pair[i]);
	}
	sched_set_affinity(current, ~0ull);
	set_policy(current, SCHED_NORMAL, 0);
}

/* Nobody but the tick ends these turns. */
BOOT_TEST(sched, a_turn_ends_with_the_slice)
{
	struct hog pair[2];
	u64 turns[2];

	compete(pair, SCHED_NORMAL, 0, 200, turns);
	bt_expect(turns[0] >= 3);
	bt_expect(turns[1] >= 3);
}

/* RT_SLICE each, and anew each time: at 300 ms both have begun a second turn at most. */
BOOT_TEST(sched, realtime_turns_are_of_one_length)
{
	struct hog pair[2];
	u64 turns[2];

	compete(pair, SCHED_RR, 1, 300, turns);
	bt_expect(turns[0] >= 1 && turns[0] <= 3);
	bt_expect(turns[1] >= 1 && turns[1] <= 3);
}

BOOT_TEST(sched, fifo_has_no_turns)
{
	struct hog pair[2];
	u64 turns[2];

	compete(pair, SCHED_FIFO, 10, 150, turns);
	bt_expect(turns[0] <= 1);	/* by us */
	bt_expect_eq(turns[1], 0);
}
