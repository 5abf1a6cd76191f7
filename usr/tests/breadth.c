/* SPDX-License-Identifier: BSD-2-Clause */
/* Small calls: membarrier, process_vm_*, unshare, and what is refused in the right words. */
#include <fcntl.h>
#include <linux/membarrier.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/quota.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>

#include "helpers.h"

TEST(membarrier)
{
	long commands;

	SKIP_IN_EMULATOR("passes what it does not know");
	commands = MUST(syscall(SYS_membarrier, MEMBARRIER_CMD_QUERY, 0, 0));
	EXPECT(commands & MEMBARRIER_CMD_GLOBAL);
	EXPECT(commands & MEMBARRIER_CMD_PRIVATE_EXPEDITED);
	EXPECT_EQ(syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0), 0);
	EXPECT_ERRNO(syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0), EPERM);
	EXPECT_EQ(syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0), 0);
	EXPECT_EQ(syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0), 0);
	EXPECT_ERRNO(syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE, 0, 0),
		     EPERM);
	EXPECT_EQ(syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL_EXPEDITED, 0, 0), 0);
	EXPECT_ERRNO(syscall(SYS_membarrier, 1 << 20, 0, 0), EINVAL);
	EXPECT_ERRNO(syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 2, 0), EINVAL);
}

static char here[20000], there[20000];

TEST(process_vm_readv_and_writev)
{
	struct iovec local[2] = { { here, 5000 }, { here + 5000, 15000 } };
	struct iovec remote = { there, sizeof(there) };
	pid_t pid;
	int ends[2];
	char c;

	SKIP_IN_EMULATOR("has none");
	MUST(pipe(ends));
	for (size_t i = 0; i < sizeof(there); i++)
		there[i] = (char)(i * 7);
	pid = must_fork();
	if (pid == 0) {
		close(ends[1]);
		_exit(read(ends[0], &c, 1) != 0 || there[0] != 'A' || there[19999] != 'Z');
	}
	close(ends[0]);
	EXPECT_EQ(process_vm_readv(pid, local, 2, &remote, 1, 0), sizeof(there));
	EXPECT_MEMEQ(here, there, sizeof(there));
	here[0] = 'A';
	here[19999] = 'Z';
	EXPECT_EQ(process_vm_writev(pid, local, 2, &remote, 1, 0), sizeof(there));
	EXPECT_NE(there[0], 'A');
	/* A hole ends it: short, or EFAULT when nothing came over. */
	remote = (struct iovec){ (void *)4096, 100 };
	EXPECT_ERRNO(process_vm_readv(pid, local, 1, &remote, 1, 0), EFAULT);
	EXPECT_ERRNO(process_vm_readv(pid, local, 1, &remote, 1, 1), EINVAL);
	EXPECT_ERRNO(process_vm_readv(4000000, local, 1, &remote, 1, 0), ESRCH);
	EXPECT_ERRNO(process_vm_readv(pid, local, 5000, &remote, 1, 0), EINVAL);
	EXPECT_EQ(process_vm_readv(pid, local, 1, NULL, 0, 0), 0);
	close(ends[1]);
	EXPECT_EXIT(wait_status(pid), 0);
}

TEST(process_vm_stops_at_a_hole)
{
	char *map = MUST(mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			      -1, 0));
	struct iovec local = { here, 8192 }, remote = { map, 8192 };

	SKIP_IN_EMULATOR("has none");
	MUST(munmap(map + 4096, 4096));
	map[4095] = 'q';
	EXPECT_EQ(process_vm_readv(getpid(), &local, 1, &remote, 1, 0), 4096);
	EXPECT_EQ(here[4095], 'q');
	MUST(mprotect(map, 4096, PROT_READ));
	EXPECT_ERRNO(process_vm_writev(getpid(), &local, 1, &remote, 1, 0), EFAULT);
}

TEST(process_vm_of_others)
{
	need_root();
	SKIP_IN_EMULATOR("ids are the host's");
	EXPECT_EXIT(IN_CHILD({
		struct iovec local = { here, 10 };
		struct iovec remote = { there, 10 };

		MUST(setresuid(1000, 1000, 1000));
		EXPECT_ERRNO(process_vm_readv(getppid(), &local, 1, &remote, 1, 0), EPERM);
	}), 0);
}

static int change_fd_table(void *arg)
{
	MUST(unshare(CLONE_FILES));
	close(*(int *)arg);
	return 0;
}

TEST(unshare_files)
{
	static char stack[65536] __attribute__((aligned(16)));
	int fd = MUST(open("/", O_RDONLY)), status;
	pid_t pid;

	SKIP_IN_EMULATOR("clones only what libraries do");
	pid = MUST(clone(change_fd_table, stack + sizeof(stack),
			 CLONE_FILES | CLONE_VM | SIGCHLD, &fd));
	EXPECT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT_EXIT(status, 0);
	EXPECT_GE(fcntl(fd, F_GETFD), 0);
	EXPECT_EQ(unshare(0), 0);
	EXPECT_EQ(unshare(CLONE_FS | CLONE_SYSVSEM), 0);
	EXPECT_ERRNO(unshare(1), EINVAL);
}

TEST(refused)
{
	SKIP_IN_EMULATOR("answers for itself");
	EXPECT_ERRNO(syscall(SYS_pkey_alloc, 0, 0), ENOSYS);
	EXPECT_ERRNO(syscall(SYS_setns, -1, 0), EBADF);
	EXPECT_ERRNO(syscall(SYS_setns, 0, 0), EINVAL);
}

#define PRIO(class, level) ((class) << 13 | (level))	/* 1 real time, 2 best effort, 3 idle */

TEST(io_priority)
{
	SKIP_IN_EMULATOR("the host's");
	EXPECT_EQ(syscall(SYS_ioprio_get, 1, 0), 0);
	MUST(syscall(SYS_ioprio_set, 1, 0, PRIO(2, 6)));
	EXPECT_EQ(syscall(SYS_ioprio_get, 1, getpid()), PRIO(2, 6));
	EXPECT_EXIT(IN_CHILD({
		EXPECT_EQ(syscall(SYS_ioprio_get, 1, 0), PRIO(2, 6));
		MUST(setpgid(0, 0));
		EXPECT_EQ(syscall(SYS_ioprio_get, 2, 0), PRIO(2, 6));
		MUST(syscall(SYS_ioprio_set, 1, 0, 0));
		EXPECT_EQ(syscall(SYS_ioprio_get, 2, 0), PRIO(2, 4));	/* by nice */
		if (getuid() == 0)
			MUST(setresuid(2000, 2000, 2000));
		EXPECT_ERRNO(syscall(SYS_ioprio_set, 1, 0, PRIO(1, 0)), EPERM);
		EXPECT_ERRNO(syscall(SYS_ioprio_set, 1, 1, PRIO(2, 0)), EPERM);
		MUST(syscall(SYS_ioprio_set, 1, 0, PRIO(3, 0)));
	}), 0);
	EXPECT_ERRNO(syscall(SYS_ioprio_set, 1, 0, PRIO(4, 0)), EINVAL);
	EXPECT_ERRNO(syscall(SYS_ioprio_set, 1, 0, PRIO(0, 1)), EINVAL);
	EXPECT_ERRNO(syscall(SYS_ioprio_get, 4, 0), EINVAL);
	EXPECT_ERRNO(syscall(SYS_ioprio_get, 1, 4000000), ESRCH);
}

TEST(process_madvise)
{
	char *map = MUST(mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			      -1, 0));
	struct iovec iov[2] = { { map, 4096 }, { map + 4096, 4096 } };
	int fd;

	SKIP_IN_EMULATOR("has none");
	need_root();
	fd = MUST(syscall(SYS_pidfd_open, getpid(), 0));
	map[0] = 'x';
	EXPECT_EQ(syscall(SYS_process_madvise, fd, iov, 2, MADV_COLD, 0), 8192);
	EXPECT_EQ(syscall(SYS_process_madvise, fd, iov, 2, MADV_PAGEOUT, 0), 8192);
	EXPECT_EQ(map[0], 'x');
	EXPECT_ERRNO(syscall(SYS_process_madvise, fd, iov, 2, MADV_DONTNEED, 0), EINVAL);
	EXPECT_ERRNO(syscall(SYS_process_madvise, fd, iov, 2, MADV_COLD, 1), EINVAL);
	EXPECT_ERRNO(syscall(SYS_process_madvise, -1, iov, 2, MADV_COLD, 0), EBADF);
	EXPECT_ERRNO(syscall(SYS_process_madvise, 0, iov, 2, MADV_COLD, 0), EBADF);
	MUST(munmap(map, 4096));
	EXPECT_ERRNO(syscall(SYS_process_madvise, fd, iov, 1, MADV_COLD, 0), ENOMEM);
}

TEST(remap_file_pages)
{
	int fd = MUST(open("f", O_RDWR | O_CREAT, 0600));
	char *map;

	SKIP_IN_EMULATOR("has none");
	MUST(ftruncate(fd, 4 * 4096));
	for (int i = 0; i < 4; i++)
		MUST(pwrite(fd, &(char){ (char)('a' + i) }, 1, i * 4096));
	map = MUST(mmap(NULL, 4 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
	MUST(syscall(SYS_remap_file_pages, map, 4096, 0, 3, 0));
	MUST(syscall(SYS_remap_file_pages, map + 3 * 4096, 4096, 0, 0, 0));
	EXPECT_EQ(map[0], 'd');
	EXPECT_EQ(map[4096], 'b');
	EXPECT_EQ(map[3 * 4096], 'a');
	map[0] = 'z';
	EXPECT_EQ(pread(fd, map + 4096, 1, 3 * 4096), 1);
	EXPECT_EQ(map[4096], 'z');
	EXPECT_ERRNO(syscall(SYS_remap_file_pages, map, 4096, PROT_READ, 0, 0), EINVAL);
	/* The same of memory that no file is behind, which a child has with us. */
	map = MUST(mmap(NULL, 4 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	for (int i = 0; i < 4; i++)
		map[i * 4096] = (char)('a' + i);
	for (int i = 0; i < 4; i++)
		MUST(syscall(SYS_remap_file_pages, map + i * 4096, 4096, 0, 3 - i, 0));
	for (int i = 0; i < 4; i++)
		EXPECT_EQ(map[i * 4096], 'd' - i);
	EXPECT_EXIT(IN_CHILD({ map[0] = 'x'; }), 0);
	EXPECT_EQ(map[0], 'x');
	MUST(munmap(map + 4096, 3 * 4096));
	EXPECT_EQ(map[0], 'x');
	EXPECT_ERRNO(syscall(SYS_remap_file_pages, map, 0, 0, 0, 0), EINVAL);
	map = MUST(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	EXPECT_ERRNO(syscall(SYS_remap_file_pages, map, 4096, 0, 0, 0), EINVAL);
}

TEST(locked_memory_can_be_dropped)
{
	char *map = MUST(mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1, 0));

	SKIP_IN_EMULATOR("the host's");
	map[0] = 1;
	EXPECT_ERRNO(madvise(map, 4096, MADV_DONTNEED), EINVAL);
	MUST(madvise(map, 4096, 24 /* MADV_DONTNEED_LOCKED */));
	EXPECT_EQ(map[0], 0);
}

/* Newer than the headers of the C library. */
#define SYS_QUOTACTL_FD 443
#define SYS_MRELEASE 448

TEST(memory_of_the_dying)
{
	char *map, *shared;
	int fd, ends[2];
	pid_t pid;
	char c;

	SKIP_IN_EMULATOR("has none");
	shared = MUST(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	MUST(pipe(ends));
	pid = must_fork();
	if (pid == 0) {
		map = MUST(mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0));
		*shared = map[0] + 's';
		MUST(write(ends[1], "x", 1));
		pause();
		_exit(0);
	}
	MUST(read(ends[0], &c, 1));
	fd = MUST((int)syscall(SYS_pidfd_open, pid, 0));
	EXPECT_ERRNO(syscall(SYS_MRELEASE, fd, 1), EINVAL);
	EXPECT_ERRNO(syscall(SYS_MRELEASE, -1, 0), EBADF);
	EXPECT_ERRNO(syscall(SYS_MRELEASE, fd, 0), EINVAL);	/* nobody kills it */
	/* Stopped, so that it is still there when it has been killed: only then may be taken. */
	MUST(kill(pid, SIGSTOP));
	wait_for_state(pid, 'T');
	EXPECT_ERRNO(syscall(SYS_MRELEASE, fd, 0), EINVAL);
	MUST(kill(pid, SIGKILL));
	if (syscall(SYS_MRELEASE, fd, 0) < 0)
		EXPECT_EQ(errno, ESRCH);	/* it was faster */
	EXPECT_KILLED(wait_status(pid), SIGKILL);
	EXPECT_ERRNO(syscall(SYS_MRELEASE, fd, 0), ESRCH);
	EXPECT_EQ(*shared, 's');
}

TEST(quotas_that_nobody_keeps)
{
	SKIP_IN_EMULATOR("the host's");
	EXPECT_EQ(syscall(SYS_quotactl, QCMD(Q_SYNC, USRQUOTA), NULL, 0, NULL), 0);
	EXPECT_ERRNO(syscall(SYS_quotactl, QCMD(Q_GETQUOTA, USRQUOTA), NULL, 0, NULL), ENODEV);
	EXPECT_ERRNO(syscall(SYS_quotactl, QCMD(Q_SYNC, 3), NULL, 0, NULL), EINVAL);
	EXPECT_ERRNO(syscall(SYS_quotactl, QCMD(Q_GETQUOTA, USRQUOTA), "/", 0, NULL), ENOTBLK);
	EXPECT_ERRNO(syscall(SYS_quotactl, QCMD(Q_GETQUOTA, USRQUOTA), "/nowhere", 0, NULL), ENOENT);
	EXPECT_ERRNO(syscall(SYS_QUOTACTL_FD, -1, QCMD(Q_GETQUOTA, USRQUOTA), 0, NULL), EBADF);
	EXPECT_ERRNO(syscall(SYS_QUOTACTL_FD, 0, QCMD(Q_GETQUOTA, 3), 0, NULL), EINVAL);
	EXPECT_ERRNO(syscall(SYS_QUOTACTL_FD, 0, QCMD(Q_GETQUOTA, USRQUOTA), 0, NULL), ENOSYS);
}

TEST(another_root)
{
	struct stat st;

	SKIP_IN_EMULATOR("the host's");
	need_root();
	MUST(mkdir("new", 0755));
	MUST(mount("none", "new", "tmpfs", 0, NULL));
	MUST(mkdir("new/old", 0755));
	put_text("new/here", "x");
	MUST(chmod(".", 0755));
	EXPECT_EXIT(IN_CHILD({
		MUST(chroot("new"));
		/* The folder it is in stays what it was: outside. */
		EXPECT_ERRNO(stat("/proc", &st), ENOENT);
		EXPECT_EQ(stat("new/here", &st), 0);
		MUST(chdir("/"));
		EXPECT_EQ(stat("../../here", &st), 0);
		EXPECT_ERRNO(chroot("here"), ENOTDIR);
		EXPECT_ERRNO(chroot("nowhere"), ENOENT);
	}), 0);
	EXPECT_EXIT(IN_CHILD({
		/* The first root of all cannot be exchanged. */
		EXPECT_ERRNO(syscall(SYS_pivot_root, "new", "new/old"), EINVAL);
		EXPECT_ERRNO(syscall(SYS_pivot_root, "new/here", "new/old"), ENOTDIR);
		MUST(setresuid(1000, 1000, 1000));
		EXPECT_ERRNO(syscall(SYS_pivot_root, "new", "new/old"), EPERM);
		EXPECT_ERRNO(chroot("new"), EPERM);
	}), 0);
	MUST(umount2("new", 0));
}

TEST(personalities)
{
	SKIP_IN_EMULATOR("the host's");
	EXPECT_EQ(personality(0xffffffff), 0);
	EXPECT_EQ(personality(0x0040000 /* ADDR_NO_RANDOMIZE */), 0);
	EXPECT_EXIT(IN_CHILD({ return_status = personality(0xffffffff) != 0x0040000; }), 0);
	EXPECT_EQ(personality(0), 0x0040000);
}

TEST(syncing)
{
	int fd = MUST(open("f", O_RDWR | O_CREAT, 0600)), ends[2];

	MUST(pipe(ends));
	sync();
	MUST(fsync(fd));
	MUST(fdatasync(fd));
	MUST(syncfs(fd));
	MUST(sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE));
	EXPECT_ERRNO(fsync(ends[0]), EINVAL);
	EXPECT_ERRNO(fdatasync(-1), EBADF);
	EXPECT_ERRNO(syncfs(-1), EBADF);
}

TEST(clocks_of_all_kinds)
{
	static const clockid_t clocks[] = {
		CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID,
		CLOCK_MONOTONIC_RAW, CLOCK_REALTIME_COARSE, CLOCK_MONOTONIC_COARSE, CLOCK_BOOTTIME,
		CLOCK_TAI,
	};
	struct timespec a, b, resolution;

	for (size_t i = 0; i < ARRAY_SIZE(clocks); i++) {
		/* By the vDSO and by the kernel. */
		MUST(clock_gettime(clocks[i], &a));
		MUST(syscall(SYS_clock_gettime, clocks[i], &b));
		if (a.tv_sec > b.tv_sec || (a.tv_sec == b.tv_sec && a.tv_nsec > b.tv_nsec))
			FAIL("clock %d: %lld.%09ld by the C library, then %lld.%09ld", clocks[i],
			     (long long)a.tv_sec, a.tv_nsec, (long long)b.tv_sec, b.tv_nsec);
		EXPECT_LE(b.tv_sec - a.tv_sec, 20);
		MUST(clock_getres(clocks[i], &resolution));
		EXPECT_EQ(resolution.tv_sec, 0);
		EXPECT_GT(resolution.tv_nsec, 0);
	}
	EXPECT_ERRNO(clock_gettime(77, &a), EINVAL);
}
