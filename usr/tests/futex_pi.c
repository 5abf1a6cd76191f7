/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Futexes with priority inheritance: the word, errors, timeouts, signals, and who gets the lock
 * next. What the owner is lent is in futex_pi_lend.c, its death in futex_pi_death.c.
 */
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>

#include "pi_locks.h"

TEST(word_is_the_owner)
{
	int word = 0, tid = (int)syscall(SYS_gettid);

	EXPECT_EQ(LOCK(&word), 0);
	EXPECT_EQ(word, tid);
	EXPECT_EQ(UNLOCK(&word), 0);
	EXPECT_EQ(word, 0);
	EXPECT_EQ(futex(&word, FUTEX_LOCK_PI2 | FUTEX_PRIVATE_FLAG, 0, NULL, NULL, 0), 0);
	EXPECT_EQ(word, tid);
	EXPECT_EQ(futex(&word, FUTEX_UNLOCK_PI | FUTEX_PRIVATE_FLAG, 0, NULL, NULL, 0), 0);
	EXPECT_EQ(TRY(&word), 0);
	EXPECT_EQ(word, tid);
	word |= FUTEX_WAITERS;
	EXPECT_EQ(UNLOCK(&word), 0);
	EXPECT_EQ(word, 0);
	/* The owner before died: the new one sees it. */
	word = (int)(FUTEX_OWNER_DIED | FUTEX_WAITERS);
	EXPECT_EQ(LOCK(&word), 0);
	EXPECT_EQ(word, (int)(FUTEX_OWNER_DIED | (unsigned)tid));
}

TEST(errors)
{
	struct timespec bad = { 0, 1000000000 };
	pid_t dead = must_fork();
	int word = 0;

	if (dead == 0)
		_exit(0);
	EXPECT_EXIT(wait_status(dead), 0);
	EXPECT_ERRNO(UNLOCK(&word), EPERM);
	word = dead;
	EXPECT_ERRNO(LOCK(&word), ESRCH);
	word = dead;
	EXPECT_ERRNO(TRY(&word), ESRCH);
	EXPECT_ERRNO(UNLOCK(&word), EPERM);
	word = 0;
	EXPECT_EQ(LOCK(&word), 0);
	EXPECT_ERRNO(LOCK(&word), EDEADLK);
	EXPECT_ERRNO(TRY(&word), EDEADLK);
	EXPECT_EQ(UNLOCK(&word), 0);
	EXPECT_ERRNO(futex((int *)((char *)&word + 1), FUTEX_LOCK_PI, 0, NULL, NULL, 0), EINVAL);
	EXPECT_ERRNO(futex(&word, FUTEX_LOCK_PI, 0, &bad, NULL, 0), EINVAL);
	EXPECT_ERRNO(futex(&word, FUTEX_LOCK_PI | FUTEX_CLOCK_REALTIME, 0, NULL, NULL, 0), ENOSYS);
	EXPECT_ERRNO(futex(&word, FUTEX_UNLOCK_PI | FUTEX_CLOCK_REALTIME, 0, NULL, NULL, 0), ENOSYS);
	SKIP_IN_EMULATOR("does not check all pointers");
	EXPECT_ERRNO(futex((int *)16, FUTEX_LOCK_PI, 0, NULL, NULL, 0), EFAULT);
	EXPECT_ERRNO(futex((int *)16, FUTEX_TRYLOCK_PI, 0, NULL, NULL, 0), EFAULT);
	EXPECT_ERRNO(futex((int *)16, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0), EFAULT);
	EXPECT_ERRNO(futex(&word, FUTEX_LOCK_PI, 0, (void *)16, NULL, 0), EFAULT);
}

/* Nobody can lend to a kernel thread. */
TEST(owner_is_the_kernel)
{
	char comm[64];
	int word = 2;

	if (!get_file("/proc/2/comm", comm, sizeof(comm)) || getppid() == 2)
		SKIP("2 is no kernel thread here");
	get_file("/proc/2/cmdline", comm, sizeof(comm));
	if (comm[0])
		SKIP("2 is no kernel thread here");
	EXPECT_ERRNO(LOCK(&word), EPERM);
}

TEST(read_only_word)
{
	int *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	SKIP_IN_EMULATOR("does not check all pointers");
	EXPECT_NE((void *)page, MAP_FAILED);
	EXPECT_ERRNO(LOCK(page), EFAULT);
}

TEST(waits_and_is_handed_over)
{
	pid_t a, b;

	share_words();
	a = holder(words, 64);
	EXPECT_EQ(words[0], a);
	EXPECT_ERRNO(TRY(words), EAGAIN);
	EXPECT_ERRNO(UNLOCK(words), EPERM);
	b = waiter(words, 0);
	EXPECT_EQ(words[0], (int)((unsigned)a | FUTEX_WAITERS));
	EXPECT_EQ(words[127], 0);
	words[64] = 1;
	EXPECT_EXIT(wait_status(a), 0);
	EXPECT_EXIT(wait_status(b), 0);
	EXPECT_EQ(words[0], 0);
}

TEST(timeouts)
{
	struct timespec past = { 1, 0 }, soon;
	pid_t a;

	share_words();
	a = holder(words, 64);
	EXPECT_ERRNO(futex(words, FUTEX_LOCK_PI, 0, &past, NULL, 0), ETIMEDOUT);
	clock_gettime(CLOCK_MONOTONIC, &soon);
	soon.tv_sec++;
	/* FUTEX_LOCK_PI is of the wall clock: this is long past there. */
	EXPECT_ERRNO(futex(words, FUTEX_LOCK_PI, 0, &soon, NULL, 0), ETIMEDOUT);
	EXPECT_LT(now_ns(), soon.tv_sec * 1000000000LL + soon.tv_nsec);
	EXPECT_ERRNO(futex(words, FUTEX_LOCK_PI2, 0, &soon, NULL, 0), ETIMEDOUT);
	EXPECT_GE(now_ns(), soon.tv_sec * 1000000000LL + soon.tv_nsec);
	words[64] = 1;
	EXPECT_EXIT(wait_status(a), 0);
	EXPECT_EQ(words[0], 0);
}

static volatile int handled;

static void note_signal(int sig)
{
	handled++;
}

/* A signal is handled, and the waiting goes on, whatever SA_RESTART says. */
TEST(signals_do_not_end_it)
{
	pid_t a, b;

	share_words();
	a = holder(words, 64);
	b = must_fork();
	if (b == 0) {
		handle(SIGUSR1, note_signal, 0);
		MUST(LOCK(words));
		MUST(UNLOCK(words));
		_exit(handled == 1 ? 0 : 1);
	}
	wait_for_state(b, 'S');
	sleep_ms(20);
	MUST(kill(b, SIGUSR1));
	sleep_ms(50);
	EXPECT_EQ(waitpid(b, NULL, WNOHANG), 0);
	words[64] = 1;
	EXPECT_EXIT(wait_status(b), 0);
	EXPECT_EXIT(wait_status(a), 0);
}

/* What waits for a plain futex and what for a lock is not to be mixed up. */
TEST(kinds_do_not_mix)
{
	pid_t a, b, c;

	share_words();
	a = holder(words, 64);
	b = waiter(words, 0);
	EXPECT_ERRNO(futex(words, FUTEX_WAKE, 1, NULL, NULL, 0), EINVAL);
	EXPECT_ERRNO(futex(words, FUTEX_REQUEUE, 1, (void *)1, words + 1, 0), EINVAL);
	c = must_fork();
	if (c == 0)
		_exit(futex(words + 2, FUTEX_WAIT, 0, NULL, NULL, 0) == 0 ? 0 : 1);
	wait_for_state(c, 'S');
	sleep_ms(20);
	words[2] = a;
	EXPECT_ERRNO(LOCK(words + 2), EINVAL);
	EXPECT_EQ(futex(words + 2, FUTEX_WAKE, 1, NULL, NULL, 0), 1);
	EXPECT_EXIT(wait_status(c), 0);
	words[64] = 1;
	EXPECT_EXIT(wait_status(a), 0);
	EXPECT_EXIT(wait_status(b), 0);
}

/* Who waits is known by the kernel: a word that names somebody else is refused. */
TEST(bent_word)
{
	pid_t a, b;
	int right;

	share_words();
	a = holder(words, 64);
	b = waiter(words, 0);
	right = words[0];
	words[0] = (int)((unsigned)b | FUTEX_WAITERS);
	EXPECT_ERRNO(LOCK(words), EINVAL);
	words[0] = getpid();
	EXPECT_ERRNO(UNLOCK(words), EINVAL);
	words[0] = right;
	words[64] = 1;
	EXPECT_EXIT(wait_status(a), 0);
	EXPECT_EXIT(wait_status(b), 0);
}

TEST(most_urgent_first)
{
	pid_t a, low, high, middle, last;

	need_root();
	share_words();
	a = holder(words, 64);
	low = waiter(words, 0);
	middle = waiter(words, 20);
	high = waiter(words, 30);
	last = waiter(words, 20);
	words[64] = 1;
	EXPECT_EXIT(wait_status(a), 0);
	EXPECT_EXIT(wait_status(low), 0);
	EXPECT_EXIT(wait_status(middle), 0);
	EXPECT_EXIT(wait_status(high), 0);
	EXPECT_EXIT(wait_status(last), 0);
	EXPECT_EQ(words[128], high);
	EXPECT_EQ(words[129], middle);
	EXPECT_EQ(words[130], last);
	EXPECT_EQ(words[131], low);
}

/* Plain futexes too wake real-time tasks by priority. */
TEST(plain_wake_order)
{
	pid_t pids[4];
	static const int priority[4] = { 0, 10, 30, 10 }, order[4] = { 2, 1, 3, 0 };

	need_root();
	share_words();
	for (int i = 0; i < 4; i++) {
		pids[i] = must_fork();
		if (pids[i] == 0) {
			if (priority[i])
				run_fifo(0, priority[i]);
			_exit(futex(words, FUTEX_WAIT, 0, NULL, NULL, 0) == 0 ? 0 : 1);
		}
		wait_for_state(pids[i], 'S');
		sleep_ms(20);
	}
	for (int i = 0; i < 4; i++) {
		EXPECT_EQ(futex(words, FUTEX_WAKE, 1, NULL, NULL, 0), 1);
		EXPECT_EXIT(wait_status(pids[order[i]]), 0);
	}
}

/* A ring over two locks is refused to the one who would close it. */
TEST(deadlock_is_found)
{
	pid_t a;

	share_words();
	MUST(LOCK(words));
	a = must_fork();
	if (a == 0) {
		MUST(LOCK(words + 1));
		MUST(LOCK(words));
		MUST(UNLOCK(words));
		MUST(UNLOCK(words + 1));
		_exit(0);
	}
	for (int i = 0; i < 2000 && !((unsigned)words[0] & FUTEX_WAITERS); i++)
		usleep(1000);
	EXPECT_ERRNO(LOCK(words + 1), EDEADLK);
	EXPECT_EQ(UNLOCK(words), 0);
	EXPECT_EXIT(wait_status(a), 0);
	EXPECT_EQ(words[0] | words[1], 0);
}
