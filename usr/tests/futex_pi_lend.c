/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Futexes with priority inheritance: what the owner is lent and what not any more, and how long
 * the most urgent waits for it.
 */
#include <sched.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>

#include "pi_locks.h"

/* The owner is lent the best priority of all that wait, over a chain of locks, until they leave. */
TEST(lending)
{
	struct timespec soon;
	pid_t a, b, c, d;

	need_root();
	SKIP_IN_EMULATOR("shows the host's priorities");
	share_words();
	a = holder(words, 64);
	EXPECT_EQ(prio_of(a), 20);
	b = must_fork();
	if (b == 0) {
		MUST(LOCK(words + 1));
		MUST(LOCK(words));
		MUST(UNLOCK(words));
		MUST(UNLOCK(words + 1));
		_exit(0);
	}
	wait_until(words + 1, b);
	wait_for_state(b, 'S');
	c = waiter(words + 1, 40);		/* waits for b, which waits for a */
	expect_prio(b, -41);
	expect_prio(a, -41);
	EXPECT_EQ(syscall(SYS_sched_getscheduler, a), SCHED_OTHER);
	EXPECT_EQ(getpriority(0, (unsigned)a), 0);

	d = must_fork();
	if (d == 0) {
		run_fifo(0, 60);
		clock_gettime(CLOCK_MONOTONIC, &soon);
		soon.tv_sec += 2;
		_exit(futex(words, FUTEX_LOCK_PI2, 0, &soon, NULL, 0) == -1 && errno == ETIMEDOUT ? 0 : 1);
	}
	expect_prio(a, -61);
	EXPECT_EQ(prio_of(b), -41);
	EXPECT_EXIT(wait_status(d), 0);
	expect_prio(a, -41);			/* d has given up */

	run_fifo(c, 70);			/* and changes go along the chain */
	expect_prio(a, -71);
	run_fifo(c, 0);
	expect_prio(a, 20);
	run_fifo(a, 5);				/* its own, beside what it is lent */
	EXPECT_EQ(prio_of(a), -6);
	run_fifo(c, 50);
	expect_prio(a, -51);
	run_fifo(a, 0);
	EXPECT_EQ(prio_of(a), -51);
	MUST(kill(c, SIGKILL));
	wait_status(c);
	expect_prio(a, 20);
	expect_prio(b, 20);
	words[64] = 1;
	EXPECT_EXIT(wait_status(a), 0);
	EXPECT_EXIT(wait_status(b), 0);
}

/* A child of an owner is lent nothing. */
TEST(fork_does_not_inherit)
{
	pid_t a, b;

	need_root();
	SKIP_IN_EMULATOR("shows the host's priorities");
	share_words();
	a = must_fork();
	if (a == 0) {
		MUST(LOCK(words));
		words[65] = 1;
		while (words[64] == 0)
			usleep(500);
		b = must_fork();
		if (b == 0)
			_exit(prio_of(getpid()) == 20 ? 0 : 1);
		_exit(WEXITSTATUS(wait_status(b)) || UNLOCK(words) || prio_of(getpid()) != 20);
	}
	wait_until(words + 65, 1);
	b = waiter(words, 33);
	expect_prio(a, -34);
	words[64] = 1;
	EXPECT_EXIT(wait_status(a), 0);
	EXPECT_EXIT(wait_status(b), 0);
}

/* --- The bounded wait --- */

static void spin_until(volatile int *flag)
{
	while (!*flag)
		;
}

/*
 * low holds the lock, high waits for it, and middle, between the two, computes. All share a
 * CPU. Returns whether high got the lock while middle still computed, which low had no
 * chance to run beside unless high lends it its priority. `pi` chooses the kind of lock;
 * `rank` makes a process the least, the middle or the most urgent.
 */
static bool high_is_in_time(bool pi, void (*rank)(int))
{
	pid_t low, middle, high;

	share_words();
	pin_to_cpu();
	rank(3);		/* above all, to set them up one after the other */
	low = must_fork();
	if (low == 0) {
		rank(0);
		if (pi)
			MUST(LOCK(words));
		else
			words[0] = 1;
		words[64] = 1;
		spin_until(words + 65);		/* the work under the lock; then all are there */
		if (pi) {
			MUST(UNLOCK(words));
		} else {
			words[0] = 0;
			MUST(futex(words, FUTEX_WAKE, 1, NULL, NULL, 0));
		}
		_exit(0);
	}
	wait_until(words + 64, 1);
	high = must_fork();
	if (high == 0) {
		rank(2);
		words[66] = 1;
		if (pi)
			MUST(LOCK(words));
		else
			while (words[0])
				futex(words, FUTEX_WAIT, 1, NULL, NULL, 0);
		words[67] = words[68] ? 2 : 1;	/* was middle done? */
		if (pi)
			MUST(UNLOCK(words));
		_exit(0);
	}
	wait_until(words + 66, 1);
	wait_for_state(high, 'S');
	middle = must_fork();
	if (middle == 0) {
		words[69] = 1;
		rank(1);
		for (volatile unsigned long i = 0; i < 100000000 && !words[67]; i++)
			;
		words[68] = 1;
		_exit(0);
	}
	wait_until(words + 69, 1);
	words[65] = 1;
	EXPECT_EXIT(wait_status(low), 0);
	EXPECT_EXIT(wait_status(high), 0);
	EXPECT_EXIT(wait_status(middle), 0);
	return words[67] == 1;
}

static void rank_by_fifo(int rank)
{
	run_fifo(0, 10 + 10 * rank);
}

static void rank_by_nice(int rank)
{
	MUST(setpriority(PRIO_PROCESS, 0, 15 - 10 * rank));
}

TEST_LONG(bounded_wait, 120)
{
	need_root();
	SKIP_IN_EMULATOR("has all the host's CPUs");
	EXPECT_EQ(high_is_in_time(true, rank_by_fifo), true);
}

TEST_LONG(unbounded_without_lending, 120)
{
	need_root();
	SKIP_IN_EMULATOR("has all the host's CPUs");
	EXPECT_EQ(high_is_in_time(false, rank_by_fifo), false);
}

/* With fixed priorities nice values are strict, and lending works between them, too. */
static void need_fixed_priorities(void)
{
	char policy[64] = "";

	if (!access("/proc/sched_policy", R_OK))
		get_file("/proc/sched_policy", policy, sizeof(policy));
	if (strncmp(policy, "prio", 4))
		SKIP("the policy is not prio");
}

TEST_LONG(bounded_wait_by_nice, 120)
{
	need_fixed_priorities();
	EXPECT_EQ(high_is_in_time(true, rank_by_nice), true);
}

TEST_LONG(unbounded_by_nice_without_lending, 120)
{
	need_fixed_priorities();
	EXPECT_EQ(high_is_in_time(false, rank_by_nice), false);
}
