/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Futexes with priority inheritance whose owners die, exec or are the C library's mutexes.
 */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>

#include "pi_locks.h"

TEST(owner_dies)
{
	pid_t a, b, c;

	SKIP_IN_EMULATOR("the host does not see the death");
	share_words();
	a = must_fork();
	if (a == 0) {
		MUST(LOCK(words));
		pause();
	}
	wait_until(words, a);
	b = must_fork();
	if (b == 0) {
		MUST(LOCK(words));
		_exit(words[0] == (int)(FUTEX_WAITERS | FUTEX_OWNER_DIED | (unsigned)getpid()) &&
		      UNLOCK(words) == 0 ? 0 : 1);
	}
	wait_for_state(b, 'S');
	sleep_ms(20);
	c = waiter(words, 0);
	MUST(kill(a, SIGKILL));
	wait_status(a);
	EXPECT_EXIT(wait_status(b), 0);
	EXPECT_EXIT(wait_status(c), 0);
	EXPECT_EQ(words[0], 0);
}

/* exec gives up what the program before held. */
TEST(owner_execs)
{
	pid_t a, b;

	SKIP_IN_EMULATOR("the host does not see the exec");
	share_words();
	a = must_fork();
	if (a == 0) {
		MUST(LOCK(words));
		while (!words[64])
			usleep(500);
		MUST(dup2(MUST(open("/dev/null", O_WRONLY)), 1));
		execl(self_path(), self_path(), "--list", NULL);
		_exit(9);
	}
	wait_until(words, a);
	b = waiter(words, 0);
	words[64] = 1;
	EXPECT_EXIT(wait_status(b), 0);
	EXPECT_EXIT(wait_status(a), 0);
}

/* A storm of owners that die while others wait and come. */
TEST_LONG(many_owners_die, 120)
{
	pid_t pids[8];

	SKIP_IN_EMULATOR("the host does not see the death");
	share_words();
	for (int i = 0; i < 8; i++) {
		pids[i] = must_fork();
		if (pids[i] == 0) {
			for (int round = 0; round < 30; round++) {
				pid_t child = must_fork();

				if (child == 0) {
					/* ESRCH: its owner has just died, with nobody waiting. */
					if (LOCK(words))
						_exit(0);
					words[100]++;
					if (round % 3 == 0)
						_exit(0);	/* without unlocking */
					sched_yield();
					MUST(UNLOCK(words));
					_exit(0);
				}
				EXPECT_EXIT(wait_status(child), 0);
				/* Then its number is left in the word. */
				int word = words[0];

				if ((word & FUTEX_TID_MASK) == child)
					__atomic_compare_exchange_n(&words[0], &word, 0, 0,
								    __ATOMIC_SEQ_CST,
								    __ATOMIC_SEQ_CST);
			}
			_exit(0);
		}
	}
	for (int i = 0; i < 8; i++)
		EXPECT_EXIT(wait_status(pids[i]), 0);
	EXPECT_GT(words[100], 60);
}

static volatile unsigned long counter;
static pthread_mutex_t mutex;

static void init_mutex(int robust)
{
	pthread_mutexattr_t attr;

	pthread_mutexattr_init(&attr);
	EXPECT_EQ(pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_INHERIT), 0);
	if (robust)
		pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	EXPECT_EQ(pthread_mutex_init(&mutex, &attr), 0);
}

static void *count_up(void *arg)
{
	for (int i = 0; i < 500; i++) {
		unsigned long before;

		pthread_mutex_lock(&mutex);
		before = counter;
		if (i % 64 == 0)
			sched_yield();
		counter = before + 1;
		pthread_mutex_unlock(&mutex);
	}
	return NULL;
}

/* Each unlock is a wake-up and a switch; on a host with fewer CPUs than the guest a slow one. */
TEST_LONG(pthread_mutex_of_the_library, 120)
{
	pthread_t threads[6];

	init_mutex(0);
	for (int i = 0; i < 6; i++)
		EXPECT_EQ(pthread_create(&threads[i], NULL, count_up, NULL), 0);
	for (int i = 0; i < 6; i++)
		pthread_join(threads[i], NULL);
	EXPECT_EQ(counter, 3000);
}

static void *die_with_mutex(void *arg)
{
	pthread_mutex_lock(&mutex);
	return NULL;
}

static void *die_slowly_with_mutex(void *arg)
{
	pthread_mutex_lock(&mutex);
	counter = 1;
	sleep_ms(100);
	return NULL;
}

TEST(robust_pthread_mutex)
{
	pthread_t thread;

	SKIP_IN_EMULATOR("no robust lists");
	init_mutex(1);
	EXPECT_EQ(pthread_create(&thread, NULL, die_with_mutex, NULL), 0);
	pthread_join(thread, NULL);
	EXPECT_EQ(pthread_mutex_lock(&mutex), EOWNERDEAD);
	EXPECT_EQ(pthread_mutex_consistent(&mutex), 0);
	EXPECT_EQ(pthread_mutex_unlock(&mutex), 0);
	/* The same while somebody waits. */
	EXPECT_EQ(pthread_create(&thread, NULL, die_slowly_with_mutex, NULL), 0);
	while (!counter)
		usleep(500);
	EXPECT_EQ(pthread_mutex_lock(&mutex), EOWNERDEAD);
	pthread_join(thread, NULL);
}
