/* SPDX-License-Identifier: BSD-2-Clause */
/* fork, vfork, clone and clone3: what is copied, what is shared, what is refused. */
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "helpers.h"

TEST(ids)
{
	pid_t parent = getpid(), pid;
	int ends[2];
	struct { pid_t pid, ppid, pgrp, tid; } seen;

	MUST(pipe(ends));
	pid = must_fork();
	if (pid == 0) {
		seen.pid = getpid();
		seen.ppid = getppid();
		seen.pgrp = getpgrp();
		seen.tid = syscall(SYS_gettid);
		_exit(write(ends[1], &seen, sizeof(seen)) != sizeof(seen));
	}
	EXPECT_EQ(read(ends[0], &seen, sizeof(seen)), sizeof(seen));
	EXPECT_EXIT(wait_status(pid), 0);
	EXPECT_EQ(seen.pid, pid);
	EXPECT_EQ(seen.tid, pid);
	EXPECT_EQ(seen.ppid, parent);
	EXPECT_EQ(seen.pgrp, getpgrp());
}

TEST(memory_is_copied)
{
	static int data = 1;
	int stack = 2;
	int *heap = malloc(1 << 20);

	heap[0] = 3;
	heap[1000] = 4;
	EXPECT_EXIT(IN_CHILD({
		if (data != 1 || stack != 2 || heap[0] != 3 || heap[1000] != 4)
			_exit(1);
		data = stack = heap[0] = heap[1000] = 99;
	}), 0);
	EXPECT(data == 1 && stack == 2 && heap[0] == 3 && heap[1000] == 4);
}

/* Both sides write every page, in both orders, many times: copy-on-write loses nothing. */
TEST(copy_on_write_both_sides)
{
	enum { PAGES = 64 };
	uint32_t *area = mmap(NULL, PAGES * 4096, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	EXPECT_NE(area, MAP_FAILED);
	for (uint32_t round = 1; round <= 20; round++) {
		pid_t pid;

		for (int i = 0; i < PAGES; i++)
			area[i * 1024] = round << 16 | i;
		pid = must_fork();
		for (int i = 0; i < PAGES; i++) {
			EXPECT_EQ(area[i * 1024], round << 16 | i);
			area[i * 1024 + 1] = pid ? 1 : 2;
			if (i % 7 == 0)
				sched_yield();
		}
		for (int i = 0; i < PAGES; i++)
			EXPECT_EQ(area[i * 1024 + 1], pid ? 1 : 2);
		if (pid == 0)
			_exit(0);
		EXPECT_EXIT(wait_status(pid), 0);
	}
}

TEST(file_offset_is_shared)
{
	char buf[4];
	int fd;

	put_text("f", "abcdefgh");
	fd = MUST(open("f", O_RDONLY));
	EXPECT_EXIT(IN_CHILD({ return_status = read(fd, buf, 3) != 3; }), 0);
	EXPECT_EQ(read(fd, buf, 1), 1);
	EXPECT_EQ(buf[0], 'd');
}

TEST(descriptors_are_copied)
{
	int ends[2];
	char c;

	MUST(pipe(ends));
	EXPECT_EXIT(IN_CHILD({ close(ends[0]); close(ends[1]); }), 0);
	EXPECT_EQ(write(ends[1], "x", 1), 1);
	EXPECT_EQ(read(ends[0], &c, 1), 1);
}

TEST(chain_of_forks)
{
	enum { DEPTH = 40 };
	int depth = 0;
	pid_t pid;

	while (depth < DEPTH) {
		pid = must_fork();
		if (pid) {
			int status = wait_status(pid);

			EXPECT(WIFEXITED(status));
			if (depth == 0)
				EXPECT_EQ(WEXITSTATUS(status), DEPTH);
			else
				_exit(WEXITSTATUS(status));
			return;
		}
		depth++;
	}
	_exit(DEPTH);
}

TEST(two_hundred_children_at_once)
{
	enum { CHILDREN = 200 };
	pid_t pids[CHILDREN];
	int ends[2], seen = 0;
	char c;

	MUST(pipe(ends));
	for (int i = 0; i < CHILDREN; i++) {
		pids[i] = must_fork();
		if (pids[i] == 0) {
			close(ends[1]);
			EXPECT_EQ(read(ends[0], &c, 1), 0); /* until the parent closes its end */
			_exit(i);
		}
	}
	close(ends[1]);
	for (int i = 0; i < CHILDREN; i++) {
		int status;
		pid_t pid = MUST(wait(&status));

		for (int k = 0; k < CHILDREN; k++)
			if (pids[k] == pid) {
				EXPECT_EXIT(status, k);
				seen++;
			}
	}
	EXPECT_EQ(seen, CHILDREN);
	EXPECT_ERRNO(wait(NULL), ECHILD);
}

/* As vfork: the C library's own vfork() is a fork on this machine. */
static pid_t vfork_clone(int (*fn)(void *), void *arg)
{
	static _Alignas(16) char stack[65536];

	return clone(fn, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | SIGCHLD, arg);
}

static int set_later(void *arg)
{
	sleep_ms(50);
	*(volatile int *)arg = 42;
	return 5;
}

TEST(vfork_waits_and_shares)
{
	volatile int shared = 0;
	pid_t pid;

	SKIP_IN_EMULATOR("makes vfork a fork");
	pid = MUST(vfork_clone(set_later, (void *)&shared));
	EXPECT_EQ(shared, 42); /* the child ended before we went on, in the same memory */
	EXPECT_EXIT(wait_status(pid), 5);
}

static int kill_self(void *arg)
{
	kill(getpid(), SIGKILL);
	return 1;
}

TEST(vfork_child_killed)
{
	EXPECT_KILLED(wait_status(MUST(vfork_clone(kill_self, NULL))), SIGKILL);
}

/* Killing the parent that waits for its vfork child works. */
TEST(vfork_parent_killed)
{
	pid_t parent;

	SKIP_IN_EMULATOR("makes vfork a fork");
	parent = must_fork();
	if (parent == 0) {
		static int dummy;

		setpgid(0, 0);
		vfork_clone(set_later, &dummy);
		_exit(0);
	}
	sleep_ms(15);
	kill(parent, SIGKILL);
	EXPECT_KILLED(wait_status(parent), SIGKILL);
}

TEST(clone_flag_errors)
{
	EXPECT_ERRNO(syscall(SYS_clone, CLONE_THREAD | SIGCHLD, 0, 0, 0, 0), EINVAL);
	EXPECT_ERRNO(syscall(SYS_clone, CLONE_SIGHAND | SIGCHLD, 0, 0, 0, 0), EINVAL);
	SKIP_IN_EMULATOR("does not pass all flags on");
	EXPECT_ERRNO(syscall(SYS_clone, CLONE_FS | CLONE_NEWNS | SIGCHLD, 0, 0, 0, 0), EINVAL);
}

TEST(clone_files_shares_descriptors)
{
	pid_t pid;

	SKIP_IN_EMULATOR("no process with CLONE_FILES");
	pid = syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0);
	if (pid == 0)
		_exit(dup2(0, 77) != 77);
	EXPECT_GT(pid, 0);
	EXPECT_EXIT(wait_status(pid), 0);
	EXPECT_NE(fcntl(77, F_GETFD), -1);
}

TEST(clone_fs_shares_cwd)
{
	char buf[200];
	pid_t pid;

	SKIP_IN_EMULATOR("no process with CLONE_FS");
	pid = syscall(SYS_clone, CLONE_FS | SIGCHLD, 0, 0, 0, 0);
	if (pid == 0)
		_exit(chdir("/proc") != 0);
	EXPECT_GT(pid, 0);
	EXPECT_EXIT(wait_status(pid), 0);
	EXPECT(getcwd(buf, sizeof(buf)) != NULL);
	EXPECT_STREQ(buf, "/proc");
}

TEST(clone_parent_settid)
{
	int parent_tid = 0;
	pid_t pid;

	SKIP_IN_EMULATOR("clone flags");
	pid = syscall(SYS_clone, CLONE_PARENT_SETTID | SIGCHLD, 0, &parent_tid, 0, 0);
	if (pid == 0)
		_exit(0);
	EXPECT_EQ(parent_tid, pid);
	EXPECT_EXIT(wait_status(pid), 0);
}

TEST(clone_child_settid_and_cleartid)
{
	volatile int *tid = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
				 -1, 0);
	pid_t pid;

	SKIP_IN_EMULATOR("clone flags");
	EXPECT_NE(tid, MAP_FAILED);
	*tid = -1;
	pid = syscall(SYS_clone, CLONE_CHILD_SETTID | SIGCHLD, 0, 0, 0, tid);
	if (pid == 0)
		_exit(*tid != getpid());
	EXPECT_EXIT(wait_status(pid), 0);
	EXPECT_EQ(*tid, pid);
}

TEST(clone3_fork)
{
	struct clone_args args = { .exit_signal = SIGCHLD };
	pid_t pid = syscall(SYS_clone3, &args, sizeof(args));

	if (pid < 0 && errno == ENOSYS && in_emulator())
		SKIP("qemu-user: no clone3");
	EXPECT_GE(pid, 0);
	if (pid == 0)
		_exit(9);
	EXPECT_EXIT(wait_status(pid), 9);
}

TEST(clone3_errors)
{
	struct { struct clone_args args; uint64_t more; } big = { .args.exit_signal = SIGCHLD,
								  .more = 1 };
	struct clone_args args = { .exit_signal = SIGCHLD };

	SKIP_IN_EMULATOR("no clone3");
	EXPECT_ERRNO(syscall(SYS_clone3, &args, 8), EINVAL);
	EXPECT_ERRNO(syscall(SYS_clone3, NULL, sizeof(args)), EFAULT);
	EXPECT_ERRNO(syscall(SYS_clone3, &big, sizeof(big)), E2BIG);
	EXPECT_ERRNO(syscall(SYS_clone3, &args, 1 << 20), E2BIG);
	args.exit_signal = 0x100;
	EXPECT_ERRNO(syscall(SYS_clone3, &args, sizeof(args)), EINVAL);
	args = (struct clone_args){ .exit_signal = SIGCHLD, .stack_size = 4096 };
	EXPECT_ERRNO(syscall(SYS_clone3, &args, sizeof(args)), EINVAL);
	args = (struct clone_args){ .exit_signal = SIGCHLD, .flags = CLONE_THREAD };
	EXPECT_ERRNO(syscall(SYS_clone3, &args, sizeof(args)), EINVAL);
}

TEST(nproc_limit)
{
	need_root();
	SKIP_IN_EMULATOR("limits of the host's user");
	EXPECT_EXIT(IN_CHILD({
		struct rlimit limit = { 3, 3 };
		int made = 0;

		MUST(setrlimit(RLIMIT_NPROC, &limit));
		MUST(setuid(54321));
		for (int i = 0; i < 5; i++) {
			pid_t pid = fork();

			if (pid == 0) {
				pause();
				_exit(0);
			}
			if (pid < 0)
				EXPECT_EQ(errno, EAGAIN);
			else
				made++;
		}
		EXPECT_EQ(made, 2);
		signal(SIGTERM, SIG_IGN);
		kill(-1, SIGKILL); /* all of user 54321 but the caller */
	}), 0);
}

/* An orphan gets a new parent, at once and for good. */
TEST(orphan_is_adopted)
{
	int ends[2];
	pid_t middle, adopted[2];

	MUST(pipe(ends));
	middle = must_fork();
	if (middle == 0) {
		if (must_fork() == 0) {
			pid_t before = getppid();

			for (int i = 0; i < 1000 && getppid() == before; i++)
				sleep_ms(5);
			adopted[0] = before;
			adopted[1] = getppid();
			_exit(write(ends[1], adopted, sizeof(adopted)) != sizeof(adopted));
		}
		sleep_ms(50);
		_exit(0);
	}
	EXPECT_EXIT(wait_status(middle), 0);
	EXPECT_EQ(read(ends[0], adopted, sizeof(adopted)), sizeof(adopted));
	EXPECT_EQ(adopted[0], middle);
	EXPECT_NE(adopted[1], middle);
	EXPECT_NE(adopted[1], getpid());
}
