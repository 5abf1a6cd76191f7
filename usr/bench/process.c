/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows of processes and threads: fork, exec, the shell, create and join, futex. */
#include "bench.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void reap(pid_t pid)
{
	int status;

	CHECK(waitpid(pid, &status, 0));
	if (!WIFEXITED(status) || WEXITSTATUS(status)) {
		errno = ECHILD;
		bench_die("child failed");
	}
}

static int64_t run_fork(int64_t n)
{
	int64_t start = bench_now();

	for (int64_t i = 0; i < n; i++) {
		pid_t pid = CHECK(fork());

		if (pid == 0)
			_exit(0);
		reap(pid);
	}
	return bench_now() - start;
}

static int64_t time_exec(int64_t n, const char *path, char *const argv[])
{
	char *const env[] = { NULL };
	int64_t start;

	if (access(path, X_OK) < 0)
		return -errno;
	start = bench_now();
	for (int64_t i = 0; i < n; i++) {
		pid_t pid = CHECK(fork());

		if (pid == 0) {
			execve(path, argv, env);
			_exit(127);
		}
		reap(pid);
	}
	return bench_now() - start;
}

static int64_t run_fork_exec(int64_t n)
{
	char *const argv[] = { (char *)"bench_true", NULL };

	return time_exec(n, bench_true_path(), argv);
}

static int64_t run_sh_c(int64_t n)
{
	char *const argv[] = { (char *)"sh", (char *)"-c", (char *)"true", NULL };

	return time_exec(n, "/bin/sh", argv);
}

static int exec_true(void *path)
{
	char *const argv[] = { (char *)"bench_true", NULL }, *const env[] = { NULL };

	execve(path, argv, env);
	_exit(127);
}

static int64_t run_vfork_exec(int64_t n)
{
	static _Alignas(16) char stack[65536];
	int64_t start = bench_now();

	if (access(bench_true_path(), X_OK) < 0)
		return -errno;
	for (int64_t i = 0; i < n; i++)
		reap(CHECK(clone(exec_true, stack + sizeof(stack),
				 CLONE_VM | CLONE_VFORK | SIGCHLD, (void *)bench_true_path())));
	return bench_now() - start;
}

static void *nothing(void *arg)
{
	return arg;
}

static int64_t run_thread(int64_t n)
{
	int64_t start = bench_now();

	for (int64_t i = 0; i < n; i++) {
		pthread_t thread;

		errno = pthread_create(&thread, NULL, nothing, NULL);
		if (errno)
			bench_die("pthread_create");
		pthread_join(thread, NULL);
	}
	return bench_now() - start;
}

static volatile int turn;
static int64_t rounds;

static void wait_turn(int me)
{
	while (turn != me)
		syscall(SYS_futex, &turn, FUTEX_WAIT_PRIVATE, !me, NULL, NULL, 0);
}

static void give_turn(int to)
{
	turn = to;
	syscall(SYS_futex, &turn, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void *answer(void *arg)
{
	for (int64_t i = 0; i < rounds; i++) {
		wait_turn(1);
		give_turn(0);
	}
	return NULL;
}

/* A round trip between two threads. */
static int64_t run_futex(int64_t n)
{
	pthread_t thread;
	int64_t start;

	turn = 0;
	rounds = n;
	errno = pthread_create(&thread, NULL, answer, NULL);
	if (errno)
		bench_die("pthread_create");
	start = bench_now();
	for (int64_t i = 0; i < n; i++) {
		give_turn(1);
		wait_turn(0);
	}
	start = bench_now() - start;
	pthread_join(thread, NULL);
	return start;
}

/* --- a mutex that more want than can have it ------------------------ */

#define CONTENDERS 4

static pthread_mutex_t contended = PTHREAD_MUTEX_INITIALIZER;
static volatile long guarded;

/* Yields in the critical section, so that the others find the mutex taken even on one CPU. */
static void *contend(void *times)
{
	for (int64_t i = 0; i < *(int64_t *)times; i++) {
		pthread_mutex_lock(&contended);
		guarded++;
		sched_yield();
		pthread_mutex_unlock(&contended);
	}
	return NULL;
}

static int64_t run_contention(int64_t n)
{
	pthread_t threads[CONTENDERS];
	int64_t each = n / CONTENDERS, start = bench_now();

	guarded = 0;
	for (int i = 0; i < CONTENDERS; i++) {
		errno = pthread_create(&threads[i], NULL, contend, &each);
		if (errno)
			bench_die("pthread_create");
	}
	for (int i = 0; i < CONTENDERS; i++)
		pthread_join(threads[i], NULL);
	if (guarded != each * CONTENDERS)
		bench_die("the mutex did not hold");
	return bench_now() - start;
}

const struct row process_rows[] = {
	{ "fork", run_fork, 1, 16 },
	{ "vfork_exec", run_vfork_exec, 1, 16 },
	{ "fork_exec", run_fork_exec, 1, 16 },
	{ "sh_c", run_sh_c, 1, 8 },
	{ "thread", run_thread, 1, 32 },
	{ "futex", run_futex, 1, 128 },
	{ "contention", run_contention, 1, 128 },
	{ 0 },
};
