/* SPDX-License-Identifier: BSD-2-Clause */
/* dnotify: F_NOTIFY of fcntl(2), and the owner of a file whom it tells. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "helpers.h"

static const struct timespec soon = { .tv_nsec = 20000000 };

/* A new folder with a file f, open; its signal is `sig`, blocked. */
static int folder(int sig)
{
	char name[] = "/tmp/dnotify.XXXXXX";
	sigset_t set;
	int fd;

	MUST(mkdtemp(name) ? 0 : -1);
	MUST(chdir(name));
	MUST(close(MUST(open("f", O_CREAT | O_WRONLY, 0600))));
	fd = MUST(open(".", O_RDONLY));
	sigemptyset(&set);
	sigaddset(&set, SIGIO);
	sigaddset(&set, sig ? sig : SIGIO);
	MUST(sigprocmask(SIG_BLOCK, &set, NULL));
	MUST(fcntl(fd, F_SETSIG, sig));
	return fd;
}

/* The next signal, or 0. */
static int next(siginfo_t *info)
{
	sigset_t set;
	int sig;

	sigemptyset(&set);
	sigaddset(&set, SIGIO);
	sigaddset(&set, SIGRTMIN);
	sig = sigtimedwait(&set, info, &soon);
	return sig < 0 ? 0 : sig;
}

#define SAYS(action, mask) ({						\
	siginfo_t _i;							\
	int _s;								\
	MUST(fcntl(fd, F_NOTIFY, mask));				\
	action;								\
	_s = next(&_i);							\
	EXPECT_EQ(next(&_i), 0);					\
	_s;								\
})

static void touch(const char *name)
{
	MUST(close(MUST(open(name, O_CREAT | O_WRONLY, 0600))));
}

static void put(const char *name)
{
	int fd = MUST(open(name, O_WRONLY));

	MUST(write(fd, "x", 1));
	MUST(close(fd));
}

static void get(const char *name)
{
	char c;
	int fd = MUST(open(name, O_RDONLY));

	MUST(read(fd, &c, 1));
	MUST(close(fd));
}

TEST(each_event_once)
{
	int fd = folder(0);

	SKIP_IN_EMULATOR("the host's signals");
	EXPECT_EQ(SAYS(touch("new"), DN_CREATE), SIGIO);
	EXPECT_EQ(SAYS(put("f"), DN_MODIFY), SIGIO);
	EXPECT_EQ(SAYS(get("f"), DN_ACCESS), SIGIO);
	EXPECT_EQ(SAYS(chmod("f", 0640), DN_ATTRIB), SIGIO);
	EXPECT_EQ(SAYS(rename("f", "g"), DN_RENAME), SIGIO);
	EXPECT_EQ(SAYS(rename("g", "f"), DN_DELETE), SIGIO);
	EXPECT_EQ(SAYS(unlink("new"), DN_DELETE), SIGIO);
	EXPECT_EQ(SAYS(mkdir("d", 0700), DN_CREATE), SIGIO);
	/* The request was used up by its first signal; what nobody asked for says nothing. */
	EXPECT_EQ(SAYS((touch("a"), touch("b")), DN_CREATE), SIGIO);
	EXPECT_EQ(SAYS(put("f"), DN_CREATE), 0);
}

TEST(again_and_again_with_siginfo)
{
	int fd = folder(SIGRTMIN);
	siginfo_t info;

	SKIP_IN_EMULATOR("the host's signals");
	MUST(fcntl(fd, F_NOTIFY, DN_CREATE | DN_MULTISHOT));
	MUST(fcntl(fd, F_NOTIFY, DN_DELETE | DN_MULTISHOT));
	touch("a");
	touch("b");
	MUST(unlink("a"));
	for (int i = 0; i < 3; i++) {
		EXPECT_EQ(next(&info), SIGRTMIN);
		EXPECT_EQ(info.si_fd, fd);
		EXPECT_EQ(info.si_code, POLL_MSG);
	}
	EXPECT_EQ(next(&info), 0);
	MUST(fcntl(fd, F_NOTIFY, 0));
	touch("c");
	EXPECT_EQ(next(&info), 0);
}

TEST(closing_ends_it)
{
	int fd = folder(0), copy = MUST(dup(fd));
	siginfo_t info;

	SKIP_IN_EMULATOR("the host's signals");
	MUST(fcntl(fd, F_NOTIFY, DN_CREATE | DN_MULTISHOT));
	MUST(close(copy));
	touch("a");
	EXPECT_EQ(next(&info), 0);
	/* A child's table is another: what it closes ends nothing. */
	MUST(fcntl(fd, F_NOTIFY, DN_CREATE | DN_MULTISHOT));
	EXPECT_EXIT(IN_CHILD({ close(fd); }), 0);
	touch("b");
	EXPECT_EQ(next(&info), SIGIO);
	MUST(close(fd));
	touch("c");
	EXPECT_EQ(next(&info), 0);
}

TEST(owner_is_who_is_named)
{
	int fd = folder(0), ends[2];
	siginfo_t info;
	pid_t pid;
	char c;

	SKIP_IN_EMULATOR("the host's signals");
	MUST(pipe(ends));
	pid = must_fork();
	if (!pid) {
		MUST(write(ends[1], "", 1));
		_exit(next(&info) || next(&info) || next(&info) || next(&info) ? 3 : 4);
	}
	MUST(read(ends[0], &c, 1));
	MUST(fcntl(fd, F_SETOWN, pid));
	MUST(fcntl(fd, F_NOTIFY, DN_CREATE));
	touch("a");
	EXPECT_EXIT(wait_status(pid), 3);
	EXPECT_EQ(next(&info), 0);
	if (geteuid())
		return;
	/* Who may not send a signal has none sent either. */
	EXPECT_EXIT(IN_CHILD({
		MUST(setresuid(1, 1, 1));
		MUST(fcntl(fd, F_SETOWN, getppid()));
	}), 0);
	MUST(fcntl(fd, F_NOTIFY, DN_CREATE));
	touch("b");
	EXPECT_EQ(next(&info), 0);
	MUST(fcntl(fd, F_SETOWN, -getpgrp()));
	MUST(fcntl(fd, F_NOTIFY, DN_CREATE));
	touch("c");
	EXPECT_EQ(next(&info), SIGIO);
}

TEST(bad_arguments)
{
	int fd = folder(0), file = MUST(open("f", O_RDONLY));

	SKIP_IN_EMULATOR("refuses the call");
	EXPECT_ERRNO(fcntl(file, F_NOTIFY, DN_CREATE), ENOTDIR);
	EXPECT_EQ(fcntl(file, F_NOTIFY, 0), 0);
	EXPECT_EQ(fcntl(fd, F_NOTIFY, DN_MULTISHOT), 0);
	EXPECT_ERRNO(fcntl(MUST(open(".", O_PATH)), F_NOTIFY, DN_CREATE), EBADF);
	EXPECT_ERRNO(fcntl(99, F_NOTIFY, DN_CREATE), EBADF);
}
