/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads: creation, TLS, join, ids, ends of the process, signals to one of many. */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <linux/futex.h>

#include "helpers.h"

static __thread int local = 77;
static int shared;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void *add_thousand(void *arg)
{
	if (local != 77)
		return (void *)1;
	local = (int)(intptr_t)arg;
	for (int i = 0; i < 1000; i++) {
		pthread_mutex_lock(&mutex);
		shared++;
		pthread_mutex_unlock(&mutex);
		if (i % 100 == 0)
			sched_yield();
	}
	return local == (int)(intptr_t)arg ? NULL : (void *)2;
}

TEST(mutex_and_tls)
{
	pthread_t threads[16];

	for (intptr_t i = 0; i < 16; i++)
		EXPECT_EQ(pthread_create(&threads[i], NULL, add_thousand, (void *)i), 0);
	for (int i = 0; i < 16; i++) {
		void *result;

		EXPECT_EQ(pthread_join(threads[i], &result), 0);
		EXPECT_EQ((intptr_t)result, 0);
	}
	EXPECT_EQ(shared, 16000);
	EXPECT_EQ(local, 77);
}

static void *nothing(void *arg)
{
	return arg;
}

TEST(create_and_join_many)
{
	for (intptr_t i = 0; i < 1000; i++) {
		pthread_t thread;
		void *result;

		EXPECT_EQ(pthread_create(&thread, NULL, nothing, (void *)i), 0);
		EXPECT_EQ(pthread_join(thread, &result), 0);
		EXPECT_EQ((intptr_t)result, i);
	}
}

static void *get_ids(void *arg)
{
	int *ids = arg;

	ids[0] = getpid();
	ids[1] = syscall(SYS_gettid);
	ids[2] = getppid();
	return NULL;
}

TEST(ids)
{
	pthread_t thread;
	int ids[3];

	EXPECT_EQ(pthread_create(&thread, NULL, get_ids, ids), 0);
	pthread_join(thread, NULL);
	EXPECT_EQ(ids[0], getpid());
	EXPECT_NE(ids[1], getpid());
	EXPECT_EQ(ids[2], getppid());
}

static void *wait_forever(void *arg)
{
	for (;;)
		pause();
	return NULL;
}

static void *spin_forever(void *arg)
{
	for (;;)
		__asm__ volatile("");
	return NULL;
}

TEST(exit_group_ends_all)
{
	EXPECT_EXIT(IN_CHILD({
		pthread_t thread;

		for (int i = 0; i < 8; i++)
			EXPECT_EQ(pthread_create(&thread, NULL, i % 2 ? wait_forever : spin_forever,
						 NULL), 0);
		sleep_ms(20);
		return_status = 19;
	}), 19);
}

static void *exit_group_five(void *arg)
{
	sleep_ms(20);
	_exit(5);
}

TEST(exit_group_by_a_thread)
{
	EXPECT_EXIT(IN_CHILD({
		pthread_t thread;

		EXPECT_EQ(pthread_create(&thread, NULL, exit_group_five, NULL), 0);
		wait_forever(NULL);
	}), 5);
}

/* The first thread ends, the process lives on until the last does. */
static void *exit_after_leader(void *arg)
{
	sleep_ms(50);
	_exit(6);
}

TEST(leader_exits_first)
{
	EXPECT_EXIT(IN_CHILD({
		pthread_t thread;

		EXPECT_EQ(pthread_create(&thread, NULL, exit_after_leader, NULL), 0);
		syscall(SYS_exit, 1);
	}), 6);
}

TEST(kill_ends_all)
{
	pid_t pid = must_fork();

	if (pid == 0) {
		pthread_t thread;

		for (int i = 0; i < 4; i++)
			pthread_create(&thread, NULL, i % 2 ? wait_forever : spin_forever, NULL);
		wait_forever(NULL);
	}
	sleep_ms(50);
	kill(pid, SIGKILL);
	EXPECT_KILLED(wait_status(pid), SIGKILL);
}

static void *crash(void *arg)
{
	*(volatile int *)16 = 1;
	return NULL;
}

TEST(crash_of_one_ends_all)
{
	EXPECT_KILLED(IN_CHILD({
		pthread_t thread;

		pthread_create(&thread, NULL, crash, NULL);
		wait_forever(NULL);
	}), SIGSEGV);
}

static volatile pid_t handled_by;

static void note_thread(int sig)
{
	handled_by = syscall(SYS_gettid);
}

static volatile pid_t second_tid;

static void *publish_tid(void *arg)
{
	second_tid = syscall(SYS_gettid);
	for (;;)
		pause();
	return NULL;
}

TEST(tgkill_reaches_one_thread)
{
	pthread_t thread;
	sigset_t block;

	handle(SIGUSR1, note_thread, 0);
	EXPECT_EQ(pthread_create(&thread, NULL, publish_tid, NULL), 0);
	while (!second_tid)
		sched_yield();
	EXPECT_EQ(syscall(SYS_tgkill, getpid(), second_tid, SIGUSR1), 0);
	for (int i = 0; i < 1000 && !handled_by; i++)
		sleep_ms(1);
	EXPECT_EQ(handled_by, second_tid);
	/* A signal to the process goes to whichever thread does not block it. */
	handled_by = 0;
	sigemptyset(&block);
	sigaddset(&block, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &block, NULL);
	EXPECT_EQ(kill(getpid(), SIGUSR1), 0);
	for (int i = 0; i < 1000 && !handled_by; i++)
		sleep_ms(1);
	EXPECT_EQ(handled_by, second_tid);
	EXPECT_ERRNO(syscall(SYS_tgkill, getpid() + 1, second_tid + 100000, 0), ESRCH);
}

TEST(stop_and_continue_all)
{
	pid_t pid = must_fork();
	int status;

	if (pid == 0) {
		pthread_t thread;

		pthread_create(&thread, NULL, spin_forever, NULL);
		pthread_create(&thread, NULL, wait_forever, NULL);
		wait_forever(NULL);
	}
	sleep_ms(30);
	kill(pid, SIGSTOP);
	EXPECT_EQ(waitpid(pid, &status, WUNTRACED), pid);
	EXPECT(WIFSTOPPED(status));
	kill(pid, SIGCONT);
	EXPECT_EQ(waitpid(pid, &status, WCONTINUED), pid);
	kill(pid, SIGTERM);
	EXPECT_KILLED(wait_status(pid), SIGTERM);
}

static void *fork_and_wait(void *arg)
{
	for (int i = 0; i < 10; i++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(3);
		if (pid < 0 || WEXITSTATUS(wait_status(pid)) != 3)
			return (void *)1;
	}
	return NULL;
}

TEST(fork_from_threads)
{
	pthread_t threads[4];

	for (int i = 0; i < 4; i++)
		EXPECT_EQ(pthread_create(&threads[i], NULL, fork_and_wait, NULL), 0);
	for (int i = 0; i < 4; i++) {
		void *result;

		EXPECT_EQ(pthread_join(threads[i], &result), 0);
		EXPECT_EQ((intptr_t)result, 0);
	}
}

TEST(set_tid_address_returns_tid)
{
	static int word;

	EXPECT_EQ(syscall(SYS_set_tid_address, &word), syscall(SYS_gettid));
}

TEST(task_folder_lists_threads)
{
	pthread_t thread;
	char path[64];

	SKIP_IN_EMULATOR("shows its own threads");
	EXPECT_EQ(pthread_create(&thread, NULL, publish_tid, NULL), 0);
	while (!second_tid)
		sched_yield();
	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", second_tid);
	EXPECT_EQ(access(path, R_OK), 0);
	snprintf(path, sizeof(path), "/proc/%d/task/%d", getpid(), getpid());
	EXPECT_EQ(access(path, F_OK), 0);
}

static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static int turn;

static void *alternate(void *arg)
{
	int me = (intptr_t)arg;

	for (int i = 0; i < 500; i++) {
		pthread_mutex_lock(&mutex);
		while (turn != me)
			pthread_cond_wait(&cond, &mutex);
		turn = !me;
		pthread_cond_broadcast(&cond);
		pthread_mutex_unlock(&mutex);
	}
	return NULL;
}

TEST(condition_variables)
{
	pthread_t a, b;

	EXPECT_EQ(pthread_create(&a, NULL, alternate, (void *)0), 0);
	EXPECT_EQ(pthread_create(&b, NULL, alternate, (void *)1), 0);
	pthread_join(a, NULL);
	pthread_join(b, NULL);
}
