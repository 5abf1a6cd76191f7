/* SPDX-License-Identifier: BSD-2-Clause */
/* Small calls: membarrier, process_vm_*, unshare, and what is refused in the right words. */
#include <fcntl.h>
#include <linux/membarrier.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>

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
	EXPECT_ERRNO(syscall(SYS_seccomp, 99, 0, NULL), EINVAL);
}
