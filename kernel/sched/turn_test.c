/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Boot tests of turns: how long a busy task runs before its equal does. The test itself only
 * sleeps, in real time so that it interrupts whoever runs and disturbs nobody's turn.
 */
#include <kernel/boottest.h>
#include <lib/err.h>

#include "hog.h"

/*
 * Two equals have a CPU to themselves for `ms`: how often was each interrupted? Up to ten times if
 * that is less than `least`, for a busy host takes ticks away.
 */
static void compete(int policy, int priority, nsec_t ms, u64 least, u64 turns[2])
{
	struct hog pair[2];

	turns[0] = turns[1] = 0;
	set_policy(current, SCHED_FIFO, 50);
	sched_set_affinity(current, CPU0);
	for (int i = 0; i < 2; i++)
		hog_start(&pair[i], CPU0, policy, priority);
	for (int tries = 0; tries < 10 && !IS_ERR(pair[0].task) && !IS_ERR(pair[1].task); tries++) {
		u64 a = READ_ONCE(pair[0].task->nivcsw), b = READ_ONCE(pair[1].task->nivcsw);

		sleep_ms(ms);
		turns[0] = READ_ONCE(pair[0].task->nivcsw) - a;
		turns[1] = READ_ONCE(pair[1].task->nivcsw) - b;
		if (turns[0] >= least && turns[1] >= least)
			break;
	}
	for (int i = 0; i < 2; i++)
		hog_stop(&pair[i]);
	sched_set_affinity(current, ~0ull);
	set_policy(current, SCHED_NORMAL, 0);
}

/* Nobody but the tick ends these turns. */
BOOT_TEST(sched, a_turn_ends_with_the_slice)
{
	u64 turns[2];

	compete(SCHED_NORMAL, 0, 200, 3, turns);
	bt_expect(turns[0] >= 3);
	bt_expect(turns[1] >= 3);
}

/* RT_SLICE each, and anew each time: at 300 ms both have begun a second turn at most. */
BOOT_TEST(sched, realtime_turns_are_of_one_length)
{
	u64 turns[2];

	compete(SCHED_RR, 1, 300, 1, turns);
	bt_expect(turns[0] >= 1 && turns[0] <= 3);
	bt_expect(turns[1] >= 1 && turns[1] <= 3);
}

BOOT_TEST(sched, fifo_has_no_turns)
{
	u64 turns[2];

	compete(SCHED_FIFO, 10, 150, 0, turns);
	bt_expect(turns[0] <= 1);	/* by us */
	bt_expect_eq(turns[1], 0);
}
