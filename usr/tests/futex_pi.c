/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Futexes with priority inheritance: the word, errors, who gets the lock next, what the owner
 * is lent and what not any more, dying owners, requeueing, and how long the most urgent waits.
 */
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>

#include "helpers.h"

#ifndef FUTEX_LOCK_PI2
#define FUTEX_LOCK_PI2 13
#endif

#define LOCK(word)   futex(word, FUTEX_LOCK_PI, 0, NULL, NULL, 0)
#define UNLOCK(word) futex(word, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0)
#define TRY(word)    futex(word, FUTEX_TRYLOCK_PI, 0, NULL, NULL, 0)

static long futex(volatile int *word, int op, int value, const void *timeout_or_value2,
		  volatile int *word2, int value3)
{
	return syscall(SYS_futex, word, op, value, timeout_or_value2, word2, value3);
}

/* Words that children share; those from 64 on are for what they tell each other. */
static volatile int *words;

static void setup(void)
{
	words = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	EXPECT_NE((void *)words, MAP_FAILED);
}

static void wait_until(volatile int *flag, int value)
{
	for (int i = 0; *flag != value; i++) {
		if (i > 20000)
			FAIL("a flag is %d, not %d", *flag, value);
		usleep(500);
	}
}

static void run_fifo(pid_t pid, int priority)
{
	struct sched_param param = { .sched_priority = priority };

	/* musl's own function refuses: it cannot do what POSIX wants for a process. */
	MUST(syscall(SYS_sched_setscheduler, pid, priority ? SCHED_FIFO : SCHED_OTHER, &param));
}

/* The priority in effect, of /proc/PID/stat: 20 + nice, or -1 - real-time priority. */
static int prio_of(pid_t pid)
{
	char path[64], text[1024], *at;
	int prio;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	EXPECT_GT(get_file(path, text, sizeof(text)), 0);
	at = strrchr(text, ')');
	EXPECT(at && sscanf(at + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %d",
			    &prio) == 1);
	return prio;
}

static void expect_prio(pid_t pid, int wanted)
{
	for (int i = 0; i < 2000 && prio_of(pid) != wanted; i++)
		usleep(1000);
	EXPECT_EQ(prio_of(pid), wanted);
}

/* A child that holds `word` until words[flag] is set, then unlocks it and exits. */
static pid_t holder(volatile int *word, int flag)
{
	pid_t pid = must_fork();

	if (pid == 0) {
		MUST(LOCK(word));
		while (!words[flag])
			usleep(500);
		MUST(UNLOCK(word));
		_exit(0);
	}
	for (int i = 0; (*word & FUTEX_TID_MASK) != pid; i++) {
		EXPECT_LT(i, 20000);
		usleep(500);
	}
	return pid;
}

/* A child of this FIFO priority (0: none) that waits for `word`, notes its turn, unlocks and exits. */
static pid_t waiter(volatile int *word, int priority)
{
	pid_t pid = must_fork();

	if (pid == 0) {
		if (priority)
			run_fifo(0, priority);
		MUST(LOCK(word));
		words[128 + __atomic_fetch_add(&words[127], 1, __ATOMIC_SEQ_CST)] = getpid();
		MUST(UNLOCK(word));
		_exit(0);
	}
	wait_for_state(pid, 'S');
	sleep_ms(20);
	wait_for_state(pid, 'S');
	return pid;
}

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

	setup();
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

	setup();
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

	setup();
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

	setup();
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

	setup();
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
	setup();
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
	setup();
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

	setup();
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

/* The owner is lent the best priority of all that wait, over a chain of locks, until they leave. */
TEST(lending)
{
	struct timespec soon;
	pid_t a, b, c, d;

	need_root();
	SKIP_IN_EMULATOR("shows the host's priorities");
	setup();
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
	setup();
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

TEST(owner_dies)
{
	pid_t a, b, c;

	SKIP_IN_EMULATOR("the host does not see the death");
	setup();
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
	setup();
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
TEST(many_owners_die)
{
	pid_t pids[8];

	SKIP_IN_EMULATOR("the host does not see the death");
	setup();
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

/* --- Requeueing --- */

/* A child that waits for the condition words[4], then owns the mutex words[0]. */
static pid_t cond_waiter(int priority)
{
	pid_t pid = must_fork();

	if (pid == 0) {
		if (priority)
			run_fifo(0, priority);
		MUST(futex(words + 4, FUTEX_WAIT_REQUEUE_PI, 0, NULL, words, 0));
		EXPECT_EQ(words[0] & FUTEX_TID_MASK, getpid());
		words[128 + __atomic_fetch_add(&words[127], 1, __ATOMIC_SEQ_CST)] = getpid();
		MUST(UNLOCK(words));
		_exit(0);
	}
	wait_for_state(pid, 'S');
	sleep_ms(20);
	wait_for_state(pid, 'S');
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
	setup();
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
	setup();
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
	setup();
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

	setup();
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
