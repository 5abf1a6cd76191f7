/* SPDX-License-Identifier: BSD-2-Clause */
/* futex: wait, wake, requeue, bitsets, timeouts, private and shared, robust lists. */
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>

#include "helpers.h"

static long futex(volatile int *word, int op, int value, const void *timeout_or_value2,
		  volatile int *word2, int value3)
{
	return syscall(SYS_futex, word, op, value, timeout_or_value2, word2, value3);
}

static int *shared_words(void)
{
	int *words = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	EXPECT_NE(words, MAP_FAILED);
	return words;
}

TEST(wait_needs_the_value)
{
	int word = 1;

	EXPECT_ERRNO(futex(&word, FUTEX_WAIT, 2, NULL, NULL, 0), EAGAIN);
	EXPECT_ERRNO(futex(&word, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0), EAGAIN);
}

TEST(errors)
{
	struct timespec bad = { 0, 1000000000 }, negative = { -1, 0 };
	int words[2] = { 0 };

	EXPECT_ERRNO(futex((int *)((char *)words + 1), FUTEX_WAIT, 0, NULL, NULL, 0), EINVAL);
	EXPECT_ERRNO(futex((int *)((char *)words + 2), FUTEX_WAKE, 1, NULL, NULL, 0), EINVAL);
	EXPECT_ERRNO(futex(words, FUTEX_WAIT_BITSET, 0, NULL, NULL, 0), EINVAL);
	EXPECT_ERRNO(futex(words, FUTEX_WAKE_BITSET, 0, NULL, NULL, 0), EINVAL);
	EXPECT_ERRNO(futex(words, 77, 0, NULL, NULL, 0), ENOSYS);
	EXPECT_ERRNO(futex(words, FUTEX_WAIT, 0, &bad, NULL, 0), EINVAL);
	EXPECT_ERRNO(futex(words, FUTEX_WAIT, 0, &negative, NULL, 0), EINVAL);
	SKIP_IN_EMULATOR("does not check all pointers");
	EXPECT_ERRNO(futex((int *)16, FUTEX_WAIT, 0, NULL, NULL, 0), EFAULT);
	EXPECT_ERRNO(futex((int *)0xffff800008000000, FUTEX_WAIT, 0, NULL, NULL, 0), EFAULT);
	EXPECT_ERRNO(futex(words, FUTEX_WAIT, 0, (void *)16, NULL, 0), EFAULT);
}

TEST(relative_timeout)
{
	struct timespec timeout = { 0, 50000000 };
	int word = 0;
	int64_t start = now_ns();

	EXPECT_ERRNO(futex(&word, FUTEX_WAIT, 0, &timeout, NULL, 0), ETIMEDOUT);
	EXPECT_GE(now_ns() - start, 50000000);
	EXPECT_LT(now_ns() - start, 2000000000);
}

TEST(absolute_timeouts)
{
	struct timespec past = { 1, 0 }, soon;
	int word = 0;

	EXPECT_ERRNO(futex(&word, FUTEX_WAIT_BITSET, 0, &past, NULL, FUTEX_BITSET_MATCH_ANY),
		     ETIMEDOUT);
	clock_gettime(CLOCK_REALTIME, &soon);
	soon.tv_nsec += 30000000;
	if (soon.tv_nsec >= 1000000000) {
		soon.tv_nsec -= 1000000000;
		soon.tv_sec++;
	}
	EXPECT_ERRNO(futex(&word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 0, &soon, NULL,
			   FUTEX_BITSET_MATCH_ANY), ETIMEDOUT);
}

static pid_t waiter(int *word, int op, int bits)
{
	pid_t pid = must_fork();

	if (pid == 0) {
		long result = futex(word, op, 0, NULL, NULL, bits);

		_exit(result == 0 ? 0 : errno);
	}
	wait_for_state(pid, 'S');
	sleep_ms(5);
	return pid;
}

TEST(wake_between_processes)
{
	int *words = shared_words();
	pid_t pids[3];

	for (int i = 0; i < 3; i++)
		pids[i] = waiter(words, FUTEX_WAIT, 0);
	EXPECT_EQ(futex(words, FUTEX_WAKE, 2, NULL, NULL, 0), 2);
	EXPECT_EQ(futex(words, FUTEX_WAKE, 2, NULL, NULL, 0), 1);
	EXPECT_EQ(futex(words, FUTEX_WAKE, 2, NULL, NULL, 0), 0);
	for (int i = 0; i < 3; i++)
		EXPECT_EXIT(wait_status(pids[i]), 0);
}

TEST(private_is_not_seen_by_others)
{
	int *words = shared_words();
	pid_t pid = waiter(words, FUTEX_WAIT, 0);

	EXPECT_EQ(futex(words, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0), 0);
	EXPECT_EQ(futex(words, FUTEX_WAKE, 1, NULL, NULL, 0), 1);
	EXPECT_EXIT(wait_status(pid), 0);
}

TEST(other_word_is_not_woken)
{
	int *words = shared_words();
	pid_t pid = waiter(words, FUTEX_WAIT, 0);

	EXPECT_EQ(futex(words + 1, FUTEX_WAKE, 1, NULL, NULL, 0), 0);
	EXPECT_EQ(futex(words, FUTEX_WAKE, 1, NULL, NULL, 0), 1);
	EXPECT_EXIT(wait_status(pid), 0);
}

TEST(bitsets)
{
	int *words = shared_words();
	pid_t a = waiter(words, FUTEX_WAIT_BITSET, 1), b = waiter(words, FUTEX_WAIT_BITSET, 2);

	EXPECT_EQ(futex(words, FUTEX_WAKE_BITSET, 10, NULL, NULL, 4), 0);
	EXPECT_EQ(futex(words, FUTEX_WAKE_BITSET, 10, NULL, NULL, 2), 1);
	EXPECT_EXIT(wait_status(b), 0);
	EXPECT_EQ(futex(words, FUTEX_WAKE, 10, NULL, NULL, 0), 1);
	EXPECT_EXIT(wait_status(a), 0);
}

TEST(requeue)
{
	int *words = shared_words();
	pid_t pids[4];

	for (int i = 0; i < 4; i++)
		pids[i] = waiter(words, FUTEX_WAIT, 0);
	EXPECT_ERRNO(futex(words, FUTEX_CMP_REQUEUE, 1, (void *)10, words + 8, 5), EAGAIN);
	/* 1 woken, 2 moved */
	EXPECT_EQ(futex(words, FUTEX_CMP_REQUEUE, 1, (void *)2, words + 8, 0), 3);
	EXPECT_EQ(futex(words + 8, FUTEX_WAKE, 10, NULL, NULL, 0), 2);
	EXPECT_EQ(futex(words, FUTEX_WAKE, 10, NULL, NULL, 0), 1);
	for (int i = 0; i < 4; i++)
		EXPECT_EXIT(wait_status(pids[i]), 0);
}

TEST(wake_op)
{
	int *words = shared_words();
	pid_t a = waiter(words, FUTEX_WAIT, 0), b;

	b = must_fork();
	if (b == 0)
		_exit(futex(words + 4, FUTEX_WAIT, 0, NULL, NULL, 0) ? 1 : 0);
	wait_for_state(b, 'S');
	/* words[4] += 3; wake 1 of words[0]; if words[4] was 0 wake 1 of words[4] */
	EXPECT_EQ(futex(words, FUTEX_WAKE_OP, 1, (void *)1, words + 4,
			FUTEX_OP(FUTEX_OP_ADD, 3, FUTEX_OP_CMP_EQ, 0)), 2);
	EXPECT_EQ(words[4], 3);
	EXPECT_EXIT(wait_status(a), 0);
	EXPECT_EXIT(wait_status(b), 0);
}

/* A shared futex is the file's page, whatever address it is mapped at. */
TEST(two_mappings_of_one_page)
{
	char name[] = "./futexXXXXXX";
	int fd = MUST(mkstemp(name));
	int *a, *b;
	pid_t pid;

	MUST(ftruncate(fd, 4096));
	a = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	b = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	EXPECT(a != MAP_FAILED && b != MAP_FAILED && a != b);
	pid = waiter(a, FUTEX_WAIT, 0);
	EXPECT_EQ(futex(b, FUTEX_WAKE, 1, NULL, NULL, 0), 1);
	EXPECT_EXIT(wait_status(pid), 0);
}

static void nothing(int sig)
{
}

TEST(signal_interrupts)
{
	int word = 0;

	handle(SIGALRM, nothing, 0);
	alarm(1);
	EXPECT_ERRNO(futex(&word, FUTEX_WAIT, 0, NULL, NULL, 0), EINTR);
}

static volatile int lock_word, guarded;

static void lock(void)
{
	int expected = 0;

	if (__atomic_compare_exchange_n(&lock_word, &expected, 1, 0, __ATOMIC_ACQUIRE,
					__ATOMIC_RELAXED))
		return;
	while (__atomic_exchange_n(&lock_word, 2, __ATOMIC_ACQUIRE) != 0)
		futex(&lock_word, FUTEX_WAIT_PRIVATE, 2, NULL, NULL, 0);
}

static void unlock(void)
{
	if (__atomic_exchange_n(&lock_word, 0, __ATOMIC_RELEASE) == 2)
		futex(&lock_word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void *contend(void *arg)
{
	for (int i = 0; i < 3000; i++) {
		int before;

		lock();
		before = guarded;
		if (i % 64 == 0)
			sched_yield();
		guarded = before + 1;
		unlock();
	}
	return NULL;
}

TEST(contended_lock)
{
	pthread_t threads[6];

	for (int i = 0; i < 6; i++)
		EXPECT_EQ(pthread_create(&threads[i], NULL, contend, NULL), 0);
	for (int i = 0; i < 6; i++)
		pthread_join(threads[i], NULL);
	EXPECT_EQ(guarded, 18000);
}

static pthread_mutex_t robust;

static void *die_with_lock(void *arg)
{
	pthread_mutex_lock(&robust);
	return NULL;
}

TEST(robust_mutex)
{
	pthread_mutexattr_t attr;
	pthread_t thread;

	SKIP_IN_EMULATOR("no robust lists");
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	EXPECT_EQ(pthread_mutex_init(&robust, &attr), 0);
	EXPECT_EQ(pthread_create(&thread, NULL, die_with_lock, NULL), 0);
	pthread_join(thread, NULL);
	EXPECT_EQ(pthread_mutex_lock(&robust), EOWNERDEAD);
}

/* ---- many at once ---- */

#define SYS_FUTEX_WAITV	449	/* newer than the headers of the C library */

static long waitv(const struct futex_waitv *list, unsigned nr, const struct timespec *deadline)
{
	return syscall(SYS_FUTEX_WAITV, list, nr, 0, deadline, CLOCK_MONOTONIC);
}

static struct futex_waitv entry(volatile int *word, int value, unsigned flags)
{
	return (struct futex_waitv){ .val = (unsigned)value, .uaddr = (uintptr_t)word,
				     .flags = FUTEX_32 | flags };
}

static struct timespec in_ms(long ms)
{
	int64_t at = now_ns() + ms * 1000000;

	return (struct timespec){ at / 1000000000, at % 1000000000 };
}

TEST(waitv_errors)
{
	int words[2] = { 1, 2 };
	struct futex_waitv list[2] = { entry(words, 1, 0), entry(words + 1, 2, 0) }, bad;
	struct timespec soon = in_ms(30), wrong = { 0, 1000000000 };

	SKIP_IN_EMULATOR("has none");
	EXPECT_ERRNO(waitv(list, 0, NULL), EINVAL);
	EXPECT_ERRNO(waitv(list, 129, NULL), EINVAL);
	EXPECT_ERRNO(waitv(NULL, 1, NULL), EINVAL);
	EXPECT_ERRNO(waitv((void *)16, 1, NULL), EFAULT);
	EXPECT_ERRNO(syscall(SYS_FUTEX_WAITV, list, 2, 1, NULL, CLOCK_MONOTONIC), EINVAL);
	EXPECT_ERRNO(syscall(SYS_FUTEX_WAITV, list, 2, 0, &soon, CLOCK_BOOTTIME), EINVAL);
	EXPECT_ERRNO(waitv(list, 2, &wrong), EINVAL);
	bad = entry(words, 1, 0x100);
	EXPECT_ERRNO(waitv(&bad, 1, NULL), EINVAL);
	bad = entry(words, 1, 0);
	bad.flags = 0;
	EXPECT_ERRNO(waitv(&bad, 1, NULL), EINVAL);
	bad = entry(words, 1, 0);
	bad.__reserved = 1;
	EXPECT_ERRNO(waitv(&bad, 1, NULL), EINVAL);
	bad = entry((int *)((char *)words + 2), 1, 0);
	EXPECT_ERRNO(waitv(&bad, 1, NULL), EINVAL);
	list[1].val = 3;
	EXPECT_ERRNO(waitv(list, 2, NULL), EAGAIN);
	list[1].val = 2;
	EXPECT_ERRNO(waitv(list, 2, &soon), ETIMEDOUT);
	EXPECT_GE(now_ns(), soon.tv_sec * 1000000000LL + soon.tv_nsec);
}

/* Wakes who waits for *word, or will in a moment: a task looks asleep before it is in the last queue. */
static int wake_in_time(int *word)
{
	int woken = 0;

	for (int ms = 0; ms < 2000 && !woken; ms++) {
		woken = futex(word, FUTEX_WAKE, 1, NULL, NULL, 0);
		if (!woken)
			sleep_ms(1);
	}
	return woken;
}

TEST(waitv_tells_which_one)
{
	int *words = shared_words();
	struct futex_waitv list[128];
	struct timespec later = in_ms(10000);

	SKIP_IN_EMULATOR("has none");
	for (int i = 0; i < 128; i++)
		list[i] = entry(words + i, 0, 0);
	for (int which = 0; which < 128; which += 31) {
		pid_t pid = must_fork();

		if (pid == 0)
			_exit(waitv(list, 128, &later) != which);
		wait_for_state(pid, 'S');
		EXPECT_EQ(wake_in_time(words + which), 1);
		EXPECT_EXIT(wait_status(pid), 0);
		/* It waits on none of the others any more. */
		EXPECT_EQ(futex(words + 127 - which, FUTEX_WAKE, 1, NULL, NULL, 0), 0);
	}
}

TEST(waitv_and_signals)
{
	int *words = shared_words();
	struct futex_waitv list[2] = { entry(words, 0, 0), entry(words + 1, 0, 0) };

	SKIP_IN_EMULATOR("has none");
	for (int restart = 0; restart < 2; restart++) {
		pid_t pid = must_fork();

		if (pid == 0) {
			handle(SIGUSR1, nothing, restart ? SA_RESTART : 0);
			if (restart)
				_exit(waitv(list, 2, NULL) != 1);
			EXPECT_ERRNO(waitv(list, 2, NULL), EINTR);
			_exit(0);
		}
		wait_for_state(pid, 'S');
		kill(pid, SIGUSR1);
		if (restart) {
			sleep_ms(30);
			wait_for_state(pid, 'S');
			EXPECT_EQ(futex(words + 1, FUTEX_WAKE, 1, NULL, NULL, 0), 1);
		}
		EXPECT_EXIT(wait_status(pid), 0);
	}
}

TEST(memory_that_cannot_change)
{
	int *words = MUST(mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));

	SKIP_IN_EMULATOR("does not tell kinds of memory");
	words[0] = 1;
	EXPECT_EQ(futex(words, FUTEX_WAKE, 1, NULL, NULL, 0), 0);
	MUST(mprotect(words, 8192, PROT_READ));
	EXPECT_ERRNO(futex(words, FUTEX_WAKE, 1, NULL, NULL, 0), EFAULT);
	EXPECT_ERRNO(futex(words + 1024, FUTEX_WAKE, 1, NULL, NULL, 0), EFAULT);
	EXPECT_ERRNO(futex(words, FUTEX_WAIT, 1, NULL, NULL, 0), EFAULT);
	/* By its address alone a private one is known. */
	EXPECT_EQ(futex(words, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0), 0);
	words = shared_words();
	MUST(mprotect(words, 4096, PROT_READ));
	EXPECT_EQ(futex(words, FUTEX_WAKE, 1, NULL, NULL, 0), 0);
}
