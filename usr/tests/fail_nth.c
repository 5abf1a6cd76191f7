/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Each allocation of a system call fails in turn (/proc/self/fail-nth): the call says so or works,
 * nothing is lost and nothing breaks. Needs CONFIG_FAULT_INJECTION.
 */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>

#include "helpers.h"

#define MOST_SITES	2000	/* no scenario allocates so often */
#define SLACK_KB	1024

static int fail_fd = -1;

static void set_nth(unsigned int nth)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%u", nth);

	if (pwrite(fail_fd, text, len, 0) != len)
		FAIL("fail-nth: errno %d", errno);
}

/* True if the failure has not come up to now. */
static bool still_to_fail(void)
{
	char text[16] = "";

	if (pread(fail_fd, text, sizeof(text) - 1, 0) <= 0)
		FAIL("fail-nth: errno %d", errno);
	return atoi(text) != 0;
}

/* Runs the scenario with its first, second... allocation failing until none is left to fail. */
static void each_site(void (*scenario)(void))
{
	long before = 0;

	SKIP_IN_EMULATOR("no fail-nth");
	fail_fd = open("/proc/self/fail-nth", O_RDWR);
	if (fail_fd < 0)
		SKIP("no CONFIG_FAULT_INJECTION");
	for (int round = 0; round < 2; round++) {
		unsigned int nth;

		before = meminfo_kb("MemFree");
		for (nth = 1; nth < MOST_SITES; nth++) {
			set_nth(nth);
			scenario();
			if (still_to_fail())
				break;
		}
		set_nth(0);
		EXPECT_GT(nth, 3);
		EXPECT_LT(nth, MOST_SITES);
	}
	EXPECT_LE(before - meminfo_kb("MemFree"), SLACK_KB);
}

static void close_all(int *fds, int n)
{
	for (int i = 0; i < n; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

static void files(void)
{
	int fd = open("f", O_CREAT | O_RDWR, 0600);

	if (fd >= 0) {
		if (write(fd, "x", 1) < 0 || lseek(fd, 100000, SEEK_SET) < 0 ||
		    write(fd, "y", 1) < 0)
			EXPECT(errno == ENOMEM || errno == ENOSPC);
		close(fd);
	}
	mkdir("d", 0700);
	symlink("f", "l");
	rename("f", "d/f");
	unlink("f");
	unlink("d/f");
	unlink("l");
	rmdir("d");
}

static void descriptors(void)
{
	int fds[12] = { -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1 };

	(void)!pipe(fds);
	(void)!socketpair(AF_UNIX, SOCK_STREAM, 0, fds + 2);
	(void)!socketpair(AF_UNIX, SOCK_DGRAM, 0, fds + 4);
	fds[6] = epoll_create1(0);
	fds[7] = timerfd_create(CLOCK_MONOTONIC, 0);
	fds[8] = memfd_create("m", 0);
	fds[9] = dup(0);
	fds[10] = fcntl(0, F_DUPFD, 700);
	if (fds[6] >= 0 && fds[0] >= 0) {
		struct epoll_event event = { EPOLLIN, { 0 } };

		epoll_ctl(fds[6], EPOLL_CTL_ADD, fds[0], &event);
	}
	for (int i = 0; i < 4; i += 3)
		if (fds[i] >= 0)
			fcntl(fds[i], F_SETFL, O_ASYNC);
	if (fds[2] >= 0)
		(void)!write(fds[2], "abc", 3);
	close_all(fds, 12);
}

static void memory(void)
{
	char *area = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (area == MAP_FAILED)
		return;
	for (int i = 0; i < 1 << 20; i += 65536)
		area[i] = 1;
	mprotect(area + 4096, 4096, PROT_READ);
	munmap(area + 65536, 4096);
	mremap(area, 4096, 8192, MREMAP_MAYMOVE);
	munmap(area, 1 << 20);
}

static void processes(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	if (pid > 0)
		wait_status(pid);
}

static void programs(void)
{
	pid_t pid = vfork();

	if (pid == 0) {
		execl(self_path(), self_path(), "--helper", NULL);
		_exit(0);
	}
	if (pid > 0)
		waitpid(pid, NULL, 0);
}

/* The child's own count is what fails in exec. */
static void execs(void)
{
	static unsigned int nth;
	pid_t pid = fork();

	if (pid == 0) {
		set_nth(++nth % 200);
		execl(self_path(), self_path(), "--helper", NULL);
		_exit(0);
	}
	if (pid > 0)
		waitpid(pid, NULL, 0);
}

int helper_main(int argc, char **argv)
{
	return 0;
}

TEST_LONG(files, 60)
{
	each_site(files);
}

TEST_LONG(descriptors, 60)
{
	each_site(descriptors);
}

TEST_LONG(memory, 60)
{
	each_site(memory);
}

TEST_LONG(processes, 60)
{
	each_site(processes);
}

TEST_LONG(programs, 60)
{
	each_site(programs);
}

TEST_LONG(exec_in_the_child, 60)
{
	SKIP_IN_EMULATOR("no fail-nth");
	fail_fd = open("/proc/self/fail-nth", O_RDWR);
	if (fail_fd < 0)
		SKIP("no CONFIG_FAULT_INJECTION");
	for (int i = 0; i < 400; i++)
		execs();
}

/*
 * Pipes, redirections, here-documents, jobs and files, where each process of the script has its
 * n-th allocation fail, and adds to `hits` if it came so far.
 */
static const char script[] =
	"n=$1\n"
	"trap : USR1\n"
	"hit() { l=0; read l </proc/self/fail-nth; [ \"$l\" != 0 ] || echo hit >>hits; }\n"
	"arm() { trap hit EXIT; echo $n >/proc/self/fail-nth; }\n"
	"check='l=0; read l </proc/self/fail-nth; [ \"$l\" != 0 ] || echo hit >>hits'\n"
	"{ arm; echo one; echo two; } | { arm; while read x; do echo $x$x; done; } >out\n"
	"( arm; cat out <<EOF >>out2 2>&1\nhere $n and more of it\nEOF\n )\n"
	"( arm; exec sh -c \"$check\" )\n"
	"( arm; mkdir d; : >d/f; mv d/f d/g; ln -s d/g l; rm -r d l )\n"
	"( arm; for i in 1 2 3; do echo $i; done | sort -r | tail -n 1 >out3 )\n"
	"( arm; sleep 0 & wait; x=$(echo inner); kill -USR1 $$ )\n"
	"rm -rf out out2 out3 d l\n";

static void run_script(unsigned int nth)
{
	char number[16];
	pid_t pid;

	snprintf(number, sizeof(number), "%u", nth);
	pid = must_fork();
	if (pid == 0) {
		int null = open("/dev/null", O_RDWR);

		for (int fd = 0; fd < 3; fd++)
			dup2(null, fd);
		execl("/bin/sh", "sh", "script", number, NULL);
		_exit(127);
	}
	wait_status(pid);
}

/* All sites take minutes: without FAIL_NTH_ALL in the environment only the first few are tried. */
TEST_LONG(shell_script, 1200)
{
	unsigned int most = getenv("FAIL_NTH_ALL") ? MOST_SITES : 8, hits = 0;
	long before = 0;

	SKIP_IN_EMULATOR("no fail-nth");
	if (access("/proc/self/fail-nth", W_OK))
		SKIP("no CONFIG_FAULT_INJECTION");
	put_text("script", script);
	for (int round = 0; round < 2; round++) {
		unsigned int nth, quiet = 0;

		before = meminfo_kb("MemFree");
		hits = 0;
		/* A failure may end a shell before it can tell: over when many told nothing. */
		for (nth = 1; quiet < 25 && nth <= most; nth++) {
			unlink("hits");
			run_script(nth);
			quiet = access("hits", F_OK) == 0 ? 0 : quiet + 1;
			hits += !quiet;
		}
		EXPECT_LT(nth, MOST_SITES);
		EXPECT_GT(hits, most == MOST_SITES ? 100 : 3);
	}
	EXPECT_LE(before - meminfo_kb("MemFree"), SLACK_KB);
}
