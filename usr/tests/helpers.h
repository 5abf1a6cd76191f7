/* SPDX-License-Identifier: BSD-2-Clause */
/* What several test programs need: children and how they end, files, small waits. */
#ifndef USR_TESTS_HELPERS_H
#define USR_TESTS_HELPERS_H

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ktap.h"

/* Forks; ends the test if that fails. */
pid_t must_fork(void);

/* Runs fn(arg) in a child and returns its wait status; fn's return value is the exit status. */
int run_child(int (*fn)(void *arg), void *arg);

/* Waits for `pid` and returns its wait status. */
int wait_status(pid_t pid);

/* The child must end by exit(code), or by the signal. */
#define EXPECT_EXIT(status, code)                                                                \
	do {                                                                                     \
		int status_ = (status);                                                          \
		if (!WIFEXITED(status_) || WEXITSTATUS(status_) != (code))                       \
			FAIL("child: wait status %#x, wanted exit %d", status_, (code));         \
	} while (0)

#define EXPECT_KILLED(status, sig)                                                               \
	do {                                                                                     \
		int status_ = (status);                                                          \
		if (!WIFSIGNALED(status_) || WTERMSIG(status_) != (sig))                         \
			FAIL("child: wait status %#x, wanted signal %d", status_, (sig));        \
	} while (0)

/* Runs the statements in a child; its exit status is `return_status`, 0 unless they set it. */
#define IN_CHILD(...)                                                                            \
	({                                                                                       \
		pid_t pid_ = must_fork();                                                        \
		if (pid_ == 0) {                                                                 \
			int return_status = 0;                                                   \
			__VA_ARGS__                                                              \
			_exit(return_status);                                                    \
		}                                                                                \
		wait_status(pid_);                                                               \
	})

void sleep_ms(long ms);

/* Stays on the CPU it is on, and returns its number. */
int pin_to_cpu(void);

/* CLOCK_MONOTONIC in nanoseconds. */
int64_t now_ns(void);

/* Writes a file anew with this text or these bytes. */
void put_file(const char *path, const void *data, size_t len, mode_t mode);
void put_text(const char *path, const char *text);

/* Reads at most size-1 bytes of a file, adds a NUL; returns the length. */
size_t get_file(const char *path, char *buf, size_t size);

/* Waits until /proc/<pid>/stat shows this state ('S', 'T', 'Z'...). */
void wait_for_state(pid_t pid, char state);

/* Waits for a tracee to stop; what is above the low byte of its wait status: the signal and event. */
int stop_of(pid_t pid);

/* Installs a handler; with SA_SIGINFO in flags it is a three-argument one. */
void handle(int sig, void *handler, int flags);

/* The value in kB of a line of /proc/meminfo ("MemFree"). */
long meminfo_kb(const char *name);

/* Path of this very program, for exec. */
const char *self_path(void);

/* Skips the test unless it runs as root. */
void need_root(void);

#endif
