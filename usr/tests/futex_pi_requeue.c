/* SPDX-License-Identifier: BSD-2-Clause */
/* Condition variables of locks with priority inheritance: FUTEX_WAIT_REQUEUE_PI and its other half. */
#include <sys/syscall.h>
#include <time.h>

#include "pi_locks.h"

/* A child that waits for the condition words[4], then owns the mutex words[0]. */
static pid_t cond_waiter(int priority)
{
	pid_t pid = must_fork();

	if (pid == 0) {
		if (priority)
			run_fifo(0, priority);
		MUST(futex(words + 4, FUTEX_WAIT_REQUEUE_PI, 0, NULL, words, 0));
		EXPECT_EQ(words[0] & FUTEX_TID_MASK, getpid());
		note_turn();
		MUST(UNLOCK(words));
		_exit(0);
	}
	wait_until_asleep(pid);
	return pid;
}

static long requeue_pi(int move)
{
	return futex(words + 4, FUTEX_CMP_REQUEUE_PI, 1, (void *)(long)move, words, words[4]);
}

TEST(requeue_to_a_free_lock)
{
	pid_t a, b;

	SKIP_IN_EMULATOR("lacks FUTEX_WAIT_REQUEUE_PI");
	share_words();
	EXPECT_EQ(requeue_pi(10), 0);
	a = cond_waiter(0);
	b = cond_waiter(0);
	EXPECT_EQ(requeue_pi(0), 1);		/* a owns it at once */
	EXPECT_EXIT(wait_status(a), 0);
	EXPECT_EQ(words[127], 1);
	EXPECT_EQ(requeue_pi(10), 1);
	EXPECT_EXIT(wait_status(b), 0);
	EXPECT_EQ(words[0], 0);
}

TEST(requeue_to_a_held_lock)
{
	pid_t pids[4];

	SKIP_IN_EMULATOR("lacks FUTEX_WAIT_REQUEUE_PI");
	need_root();
	share_words();
	MUST(LOCK(words));
	for (int i = 0; i < 4; i++)
		pids[i] = cond_waiter(i == 2 ? 42 : 0);
	EXPECT_ERRNO(futex(words + 4, FUTEX_CMP_REQUEUE_PI, 1, (void *)9, words, 77), EAGAIN);
	EXPECT_EQ(requeue_pi(2), 3);
	EXPECT_EQ(words[127], 0);
	EXPECT_EQ(prio_of(getpid()), -43);
	MUST(UNLOCK(words));
	EXPECT_EQ(prio_of(getpid()), 20);
	wait_until(words + 127, 3);
	EXPECT_EQ(words[128], pids[2]);
	EXPECT_EQ(requeue_pi(2), 1);
	for (int i = 0; i < 4; i++)
		EXPECT_EXIT(wait_status(pids[i]), 0);
	EXPECT_EQ(words[0], 0);
}

TEST(requeue_errors)
{
	struct timespec past = { 1, 0 };
	pid_t a;

	SKIP_IN_EMULATOR("lacks FUTEX_WAIT_REQUEUE_PI");
	share_words();
	EXPECT_ERRNO(futex(words, FUTEX_WAIT_REQUEUE_PI, 0, NULL, words, 0), EINVAL);
	EXPECT_ERRNO(futex(words, FUTEX_WAIT_REQUEUE_PI, 1, NULL, words + 1, 0), EAGAIN);
	EXPECT_ERRNO(futex(words, FUTEX_WAIT_REQUEUE_PI, 0, &past, words + 1, 0), ETIMEDOUT);
	EXPECT_ERRNO(futex(words, FUTEX_CMP_REQUEUE_PI, 1, NULL, words, 0), EINVAL);
	EXPECT_ERRNO(futex(words, FUTEX_CMP_REQUEUE_PI, 2, NULL, words + 1, 0), EINVAL);
	a = cond_waiter(0);
	/* It waits for words[0], and for no other lock; and it is no plain waiter. */
	EXPECT_ERRNO(futex(words + 4, FUTEX_CMP_REQUEUE_PI, 1, NULL, words + 1, 0), EINVAL);
	EXPECT_ERRNO(futex(words + 4, FUTEX_WAKE, 1, NULL, NULL, 0), EINVAL);
	EXPECT_ERRNO(futex(words + 4, FUTEX_REQUEUE, 1, NULL, words + 1, 0), EINVAL);
	EXPECT_EQ(requeue_pi(0), 1);
	EXPECT_EXIT(wait_status(a), 0);
}
