/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Wild user pointers to system calls are EFAULT, whatever kind of address they are: null page,
 * unmapped, read-only where the kernel writes, the end of user space, the kernel's own.
 */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <time.h>

#include "helpers.h"

static const uintptr_t wild[] = {
	0x10, 0xfff, 0x7000000000, 0x0000fffffffffff0, 0x0001000000000000, 0x7fffffffffffffff,
	0x8000000000000000, 0xfeff000000000000, 0xffff000000000000, 0xffff800008000000,
	0xffff800010000000, 0xfffffffffffff000, 0xfffffffffffffff0, 0xffffffffffffffff,
};

#define NOTHING_MORE -1L, -1L, -1L, -1L, -1L, -1L

/* The call, with `p` each wild pointer in turn, must be EFAULT. */
#define ALL_EFAULT(...)                                                                          \
	do {                                                                                     \
		for (size_t i_ = 0; i_ < ARRAY_SIZE(wild); i_++) {                               \
			uintptr_t p = wild[i_];                                                  \
			long result_ = syscall(__VA_ARGS__);                                     \
			if (result_ != -1 || errno != EFAULT)                                    \
				FAIL("%s with p = %#lx: returned %ld, errno %d", #__VA_ARGS__,   \
				     (unsigned long)p, result_, errno);                          \
		}                                                                                \
	} while (0)

#define NEED_KERNEL() SKIP_IN_EMULATOR("addresses of another machine")

TEST(files)
{
	int fd = MUST(open("f", O_RDWR | O_CREAT, 0600));
	int dir = MUST(open("/", O_RDONLY | O_DIRECTORY));

	NEED_KERNEL();
	EXPECT_EQ(write(fd, "0123456789", 10), 10);
	ALL_EFAULT(SYS_openat, AT_FDCWD, p, O_RDONLY, 0);
	ALL_EFAULT(SYS_pread64, fd, p, 5, 0);
	ALL_EFAULT(SYS_write, fd, p, 5);
	ALL_EFAULT(SYS_fstat, fd, p);
	ALL_EFAULT(SYS_newfstatat, AT_FDCWD, p, p, 0);
	ALL_EFAULT(SYS_newfstatat, AT_FDCWD, "f", p, 0);
	ALL_EFAULT(SYS_statx, AT_FDCWD, "f", 0, 0x7ff, p);
	ALL_EFAULT(SYS_getdents64, dir, p, 4096);
	ALL_EFAULT(SYS_readlinkat, AT_FDCWD, "/proc/self/exe", p, 100);
	ALL_EFAULT(SYS_readlinkat, AT_FDCWD, p, p, 100);
	ALL_EFAULT(SYS_getcwd, p, 100);
	ALL_EFAULT(SYS_chdir, p);
	ALL_EFAULT(SYS_mkdirat, AT_FDCWD, p, 0700);
	ALL_EFAULT(SYS_unlinkat, AT_FDCWD, p, 0);
	ALL_EFAULT(SYS_symlinkat, p, AT_FDCWD, "x");
	ALL_EFAULT(SYS_renameat2, AT_FDCWD, "f", AT_FDCWD, p, 0);
	ALL_EFAULT(SYS_linkat, AT_FDCWD, "f", AT_FDCWD, p, 0);
	ALL_EFAULT(SYS_faccessat, AT_FDCWD, p, 0);
	ALL_EFAULT(SYS_truncate, p, 0);
	ALL_EFAULT(SYS_statfs, "/", p);
	ALL_EFAULT(SYS_utimensat, AT_FDCWD, "f", p, 0);
	ALL_EFAULT(SYS_readv, fd, p, 1);
	ALL_EFAULT(SYS_writev, fd, p, 1);
	EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 10); /* no failed call moved it */
}

TEST(vectors)
{
	int fd = MUST(open("f", O_RDWR | O_CREAT, 0600));

	NEED_KERNEL();
	EXPECT_EQ(write(fd, "0123456789", 10), 10);
	for (size_t i = 0; i < ARRAY_SIZE(wild); i++) {
		char ok[5];
		struct iovec bad = { (void *)wild[i], 5 }, second[2] = { { ok, 5 }, bad };

		EXPECT_ERRNO(preadv(fd, &bad, 1, 0), EFAULT);
		EXPECT_ERRNO(pwritev(fd, &bad, 1, 0), EFAULT);
		/* what came before the bad one counts, unless the address itself is refused */
		if (wild[i] < 1UL << 48)
			EXPECT_EQ(preadv(fd, second, 2, 0), 5);
	}
}

TEST(pipes_and_poll)
{
	int ends[2];

	NEED_KERNEL();
	ALL_EFAULT(SYS_pipe2, p, 0);
	MUST(pipe(ends));
	ALL_EFAULT(SYS_write, ends[1], p, 5);
	EXPECT_EQ(write(ends[1], "abc", 3), 3);
	ALL_EFAULT(SYS_read, ends[0], p, 3);
	ALL_EFAULT(SYS_ppoll, p, 1, NULL, NULL, 8);
	ALL_EFAULT(SYS_ppoll, NULL, 0, p, NULL, 8);
	ALL_EFAULT(SYS_pselect6, 10, p, NULL, NULL, NULL, NULL);
	ALL_EFAULT(SYS_epoll_ctl, MUST(epoll_create1(0)), EPOLL_CTL_ADD, ends[0], p);
	ALL_EFAULT(SYS_ioctl, ends[0], 0x541b, p); /* FIONREAD */
}

TEST(processes_and_signals)
{
	NEED_KERNEL();
	ALL_EFAULT(SYS_rt_sigaction, SIGUSR1, p, NULL, 8);
	ALL_EFAULT(SYS_rt_sigaction, SIGUSR1, NULL, p, 8);
	ALL_EFAULT(SYS_rt_sigprocmask, SIG_BLOCK, p, NULL, 8);
	ALL_EFAULT(SYS_rt_sigprocmask, SIG_BLOCK, NULL, p, 8);
	ALL_EFAULT(SYS_rt_sigpending, p, 8);
	ALL_EFAULT(SYS_sigaltstack, p, NULL);
	ALL_EFAULT(SYS_sigaltstack, NULL, p);
	ALL_EFAULT(SYS_rt_sigtimedwait, p, NULL, NULL, 8);
	ALL_EFAULT(SYS_getrlimit, RLIMIT_NOFILE, p);
	ALL_EFAULT(SYS_setrlimit, RLIMIT_NOFILE, p);
	ALL_EFAULT(SYS_getrusage, RUSAGE_SELF, p);
	ALL_EFAULT(SYS_execve, p, NULL, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(wild); i++) {
		pid_t pid = must_fork();

		if (pid == 0)
			_exit(0);
		EXPECT_ERRNO(syscall(SYS_wait4, pid, wild[i], 0, NULL), EFAULT);
	}
}

TEST(time_and_names)
{
	NEED_KERNEL();
	ALL_EFAULT(SYS_clock_gettime, CLOCK_MONOTONIC, p);
	ALL_EFAULT(SYS_clock_getres, CLOCK_MONOTONIC, p);
	ALL_EFAULT(SYS_gettimeofday, p, NULL);
	ALL_EFAULT(SYS_nanosleep, p, NULL);
	ALL_EFAULT(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, p, NULL);
	ALL_EFAULT(SYS_uname, p);
	ALL_EFAULT(SYS_getrandom, p, 16, 0);
	ALL_EFAULT(SYS_sysinfo, p);
	ALL_EFAULT(SYS_times, p);
	ALL_EFAULT(SYS_futex, p & ~3UL, 0, 0, NULL, NULL, 0);
}

/* The kernel must not write to what the program itself may only read. */
TEST(readonly_target)
{
	char *page = mmap(NULL, 8192, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int zero = MUST(open("/dev/zero", O_RDONLY)), ends[2];

	EXPECT_NE(page, MAP_FAILED);
	NEED_KERNEL();
	EXPECT_ERRNO(read(zero, page, 10), EFAULT);
	EXPECT_ERRNO(syscall(SYS_uname, page), EFAULT);
	EXPECT_ERRNO(syscall(SYS_clock_gettime, CLOCK_MONOTONIC, page), EFAULT);
	EXPECT_ERRNO(syscall(SYS_pipe2, page, 0), EFAULT);
	MUST(pipe(ends));
	EXPECT_EQ(write(ends[1], page, 100), 100); /* reading it is fine */
	EXPECT_ERRNO(read(ends[0], page, 100), EFAULT);
}

/* Copies that start well and run into a hole are cut short. */
TEST(partial_copies)
{
	char *two = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd = MUST(open("f", O_RDWR | O_CREAT, 0600)), zero = MUST(open("/dev/zero", O_RDONLY));
	ssize_t got;

	EXPECT_NE(two, MAP_FAILED);
	NEED_KERNEL();
	munmap(two + 4096, 4096);
	memset(two, 'q', 4096);
	got = write(fd, two + 4096 - 10, 100);
	EXPECT_LE(got, 10); /* some, none or EFAULT; never more than there was */
	EXPECT_EQ(pwrite(fd, two, 4096, 0), 4096);
	got = pread(fd, two + 4096 - 10, 100, 0);
	EXPECT_LE(got, 10); /* some, none or EFAULT; never more than there was */
	got = read(zero, two + 4096 - 10, 100);
	EXPECT_LE(got, 10); /* some, none or EFAULT; never more than there was */
	memset(two, 'q', 4096);
	EXPECT_ERRNO(open(two + 4096 - 10, O_RDONLY), EFAULT); /* a name without an end */
}

TEST(unknown_system_calls)
{
	static const long numbers[] = { 600, 1000, 0x7fffffff, 0xffffffff, -2, 1L << 32 };

	SKIP_IN_EMULATOR("numbers");
	for (size_t i = 0; i + 1 < ARRAY_SIZE(numbers); i++)
		EXPECT_ERRNO(syscall(numbers[i], NOTHING_MORE), ENOSYS);
}

/* All system calls with garbage in all arguments, in children: whatever they return is fine. */
TEST_LONG(garbage_in_all_calls, 120)
{
	/* Left out: what ends, stops or replaces the caller, blocks, or changes the system. */
	static const short skipped[] = { 93, 94, 128, 139, 133, 142, 72, 73, 29, 220, 435, 260, 95,
		129, 130, 131, 132, 137, 240, 276, 436, 98, 101, 115, 22, 441, 202, 242, 243, 207,
		212, 449, 39, 40, 41, 51, 161, 162, 170, 171, 106, 105, 273, 112, 266, 224, 225,
		116, 81, 84, 267, 63, 65, 67, 69, 62, 140, 141, 118, 119, 122, 147, 149, 143, 144,
		145, 146, 151, 152, 159, 154, 164, 261, 104, 294, 217, 218, 219, 270, 271, 280, 238,
		239, 234, 241, 58, 214, 215, 222, 226, 233, 457 };
	static const long garbage[] = { 0, -1, 16, (long)0xffff800008000000, 0x7000000000, 4096 };

	need_root();
	SKIP_IN_EMULATOR("calls reach the host");
	for (int nr = 0; nr < 460; nr++) {
		bool skip = false;

		for (size_t i = 0; i < ARRAY_SIZE(skipped); i++)
			skip |= skipped[i] == nr;
		if (skip)
			continue;
		pid_t pid = must_fork();

		if (pid == 0) {
			alarm(1);
			for (size_t a = 0; a < ARRAY_SIZE(garbage); a++)
				for (size_t b = 0; b < ARRAY_SIZE(garbage); b++)
					syscall(nr, garbage[a], garbage[b], garbage[(a + 1) % 6],
						garbage[(b + 1) % 6], garbage[(a + b) % 6],
						garbage[a]);
			_exit(0);
		}
		wait_status(pid);
	}
}
