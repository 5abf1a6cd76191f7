/* SPDX-License-Identifier: BSD-2-Clause */
/* System V shared memory: life, attaching, permissions, limits, what the lists show. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/syscall.h>

#include "helpers.h"

#define SHM_DEST   01000
#define SHM_LOCKED 02000

static int get(size_t size)
{
	return MUST(shmget(IPC_PRIVATE, size, IPC_CREAT | 0600));
}

static struct shmid_ds stat_of(int id)
{
	struct shmid_ds ds;

	MUST(shmctl(id, IPC_STAT, &ds));
	return ds;
}

static void gone(int id)
{
	struct shmid_ds ds;

	EXPECT_ERRNO(shmctl(id, IPC_STAT, &ds), EINVAL);
}

TEST(keys)
{
	key_t key = 0x7e550000 + getpid() % 10000;
	int id = MUST(shmget(key, 5000, IPC_CREAT | IPC_EXCL | 0600)), other;

	EXPECT_EQ(shmget(key, 5000, 0600), id);
	EXPECT_EQ(shmget(key, 0, 0), id);
	EXPECT_ERRNO(shmget(key, 5000, IPC_CREAT | IPC_EXCL | 0600), EEXIST);
	EXPECT_ERRNO(shmget(key, 5001, 0600), EINVAL);
	EXPECT_ERRNO(shmget(key + 1, 5000, 0600), ENOENT);
	EXPECT_ERRNO(shmget(IPC_PRIVATE, 0, 0600), EINVAL);
	EXPECT_EQ(stat_of(id).shm_perm.__ipc_perm_key, key);
	MUST(shmctl(id, IPC_RMID, NULL));
	gone(id);
	/* The id is not the next one's. */
	other = MUST(shmget(key, 5000, IPC_CREAT | 0600));
	EXPECT_NE(other, id);
	EXPECT_ERRNO(shmctl(id, IPC_RMID, NULL), EINVAL);
	MUST(shmctl(other, IPC_RMID, NULL));
	EXPECT_ERRNO(shmctl(-1, IPC_RMID, NULL), EINVAL);
	EXPECT_ERRNO(shmctl(other, 12345, NULL), EINVAL);
}

TEST(attach_and_share)
{
	int id = get(10000);
	char *a = MUST(shmat(id, NULL, 0)), *b = MUST(shmat(id, NULL, SHM_RDONLY));
	struct shmid_ds ds;

	EXPECT_NE(a, b);
	EXPECT_EQ(a[0], 0);
	EXPECT_EQ(a[9999], 0);
	strcpy(a + 9000, "here");
	EXPECT_STREQ(b + 9000, "here");
	ds = stat_of(id);
	EXPECT_EQ(ds.shm_nattch, 2);
	EXPECT_EQ(ds.shm_segsz, 10000);
	EXPECT_EQ(ds.shm_cpid, getpid());
	EXPECT_EQ(ds.shm_lpid, getpid());
	EXPECT(ds.shm_atime && ds.shm_ctime);
	EXPECT_EQ(ds.shm_dtime, 0);
	/* The child's are its own, and go with it. */
	EXPECT_EXIT(IN_CHILD({
		EXPECT_EQ(stat_of(id).shm_nattch, 4);
		strcpy(a, "child");
	}), 0);
	EXPECT_STREQ(b, "child");
	EXPECT_EQ(stat_of(id).shm_nattch, 2);
	MUST(shmdt(b));
	EXPECT_EQ(stat_of(id).shm_nattch, 1);
	EXPECT(stat_of(id).shm_dtime);
	EXPECT_ERRNO(shmdt(b), EINVAL);
	EXPECT_ERRNO(shmdt(a + 1), EINVAL);
	EXPECT_ERRNO(shmdt(a + 4096), EINVAL);
	MUST(shmctl(id, IPC_RMID, NULL));
	/* It lives until the last detach, by id alone. */
	EXPECT(stat_of(id).shm_perm.mode & SHM_DEST);
	b = MUST(shmat(id, NULL, 0));
	EXPECT_STREQ(b, "child");
	MUST(shmdt(a));
	EXPECT_EQ(stat_of(id).shm_nattch, 1);
	MUST(shmdt(b));
	gone(id);
}

TEST(goes_with_the_last_process)
{
	int id = get(4096);

	EXPECT_EXIT(IN_CHILD({
		MUST(shmat(id, NULL, 0));
		MUST(shmctl(id, IPC_RMID, NULL));
		EXPECT_EQ(stat_of(id).shm_nattch, 1);
	}), 0);
	gone(id);
}

TEST(exec_detaches)
{
	int id;
	pid_t pid;

	SKIP_IN_EMULATOR("execs the host's way");
	id = get(4096);
	pid = must_fork();
	if (pid == 0) {
		MUST(shmat(id, NULL, 0));
		execl(self_path(), self_path(), "--helper", "sleep", NULL);
		_exit(9);
	}
	for (int i = 0; i < 500 && stat_of(id).shm_nattch != 1; i++)
		sleep_ms(5);
	/* Attached for a moment, then exec'd. */
	for (int i = 0; i < 500 && stat_of(id).shm_nattch != 0; i++)
		sleep_ms(5);
	EXPECT_EQ(stat_of(id).shm_nattch, 0);
	kill(pid, SIGKILL);
	EXPECT_KILLED(wait_status(pid), SIGKILL);
	MUST(shmctl(id, IPC_RMID, NULL));
}

int helper_main(int argc, char **argv)
{
	pause();
	return 0;
}

TEST(address_and_flags)
{
	int id = get(3 * 4096);
	char *room = MUST(mmap(NULL, 16 * 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	char *p;

	SKIP_IN_EMULATOR("takes SHM_REMAP without a place");
	EXPECT_ERRNO((long)shmat(id, room, 0), EINVAL);	/* taken */
	EXPECT_ERRNO((long)shmat(id, room + 1, 0), EINVAL);
	EXPECT_ERRNO((long)shmat(id, NULL, SHM_REMAP), EINVAL);
	p = MUST(shmat(id, room + 4096 + 17, SHM_RND | SHM_REMAP));
	EXPECT_EQ(p, room + 4096);
	p[0] = 1;
	MUST(munmap(room, 16 * 4096));
	EXPECT_EQ(stat_of(id).shm_nattch, 0);
	p = MUST(shmat(id, room, 0));
	EXPECT_EQ(p, room);
	EXPECT_EQ(p[0], 1);
	/* A hole in the middle: both ends go at once. */
	MUST(munmap(p + 4096, 4096));
	EXPECT_EQ(stat_of(id).shm_nattch, 2);
	MUST(shmdt(p));
	EXPECT_EQ(stat_of(id).shm_nattch, 0);
	EXPECT_ERRNO(msync(p, 4096, MS_SYNC), ENOMEM);
	EXPECT_ERRNO(msync(p + 8192, 4096, MS_SYNC), ENOMEM);
	/* Read only for good. */
	p = MUST(shmat(id, NULL, SHM_RDONLY));
	EXPECT_ERRNO(mprotect(p, 4096, PROT_READ | PROT_WRITE), EACCES);
	EXPECT_KILLED(IN_CHILD({ *(volatile char *)p = 2; }), SIGSEGV);
	MUST(shmdt(p));
	MUST(shmctl(id, IPC_RMID, NULL));
	EXPECT_ERRNO((long)shmat(id, NULL, 0), EINVAL);
}

TEST(beyond_the_end_of_the_segment)
{
	int id = get(100);
	char *p = MUST(shmat(id, NULL, 0));

	p[4095] = 5;	/* the rest of its page is there */
	EXPECT_EQ(stat_of(id).shm_segsz, 100);
	MUST(shmctl(id, IPC_RMID, NULL));
	MUST(shmdt(p));
}

TEST(permissions)
{
	int id;
	struct shmid_ds ds;

	need_root();
	id = get(4096);
	ds = stat_of(id);
	ds.shm_perm.mode = 0644;
	ds.shm_perm.uid = 1000;
	ds.shm_perm.gid = 1000;
	MUST(shmctl(id, IPC_SET, &ds));
	ds = stat_of(id);
	EXPECT_EQ(ds.shm_perm.mode, 0644);
	EXPECT_EQ(ds.shm_perm.uid, 1000);
	EXPECT_EQ(ds.shm_perm.cuid, 0);
	EXPECT_EXIT(IN_CHILD({
		MUST(setresuid(2000, 2000, 2000));
		EXPECT_ERRNO((long)shmat(id, NULL, 0), EACCES);
		MUST(shmat(id, NULL, SHM_RDONLY));
		EXPECT_ERRNO(shmctl(id, IPC_RMID, NULL), EPERM);
		EXPECT_ERRNO(shmctl(id, IPC_SET, &ds), EPERM);
		EXPECT_ERRNO(shmctl(id, SHM_LOCK, NULL), EPERM);
		MUST(shmctl(id, IPC_STAT, &ds));
	}), 0);
	ds.shm_perm.mode = 0600;
	MUST(shmctl(id, IPC_SET, &ds));
	EXPECT_EXIT(IN_CHILD({
		MUST(setresuid(2000, 2000, 2000));
		EXPECT_ERRNO((long)shmat(id, NULL, SHM_RDONLY), EACCES);
		EXPECT_ERRNO(shmctl(id, IPC_STAT, &ds), EACCES);
	}), 0);
	EXPECT_EXIT(IN_CHILD({
		MUST(setresuid(1000, 1000, 1000));
		MUST(shmat(id, NULL, 0));
		MUST(shmctl(id, IPC_RMID, NULL));
	}), 0);
	gone(id);
	ds.shm_perm.uid = (uid_t)-1;
	id = get(4096);
	EXPECT_ERRNO(shmctl(id, IPC_SET, &ds), EINVAL);
	MUST(shmctl(id, IPC_RMID, NULL));
}

TEST(lock)
{
	int id = get(8192);

	need_root();
	MUST(shmctl(id, SHM_LOCK, NULL));
	MUST(shmctl(id, SHM_LOCK, NULL));
	EXPECT(stat_of(id).shm_perm.mode & SHM_LOCKED);
	MUST(shmctl(id, SHM_UNLOCK, NULL));
	EXPECT(!(stat_of(id).shm_perm.mode & SHM_LOCKED));
	MUST(shmctl(id, IPC_RMID, NULL));
}

TEST(lists_and_limits)
{
	static char text[100000], line[128];
	int id = get(12345), top, found = 0;
	struct shminfo64 { unsigned long max, min, mni, seg, all, unused[4]; } info;
	struct { int used; unsigned long tot, rss, swp, a, b; } sum;
	struct shmid_ds ds;
	char *p = MUST(shmat(id, NULL, 0));

	SKIP_IN_EMULATOR("passes on what the host says in its own layout");
	p[0] = 1;
	top = MUST(syscall(SYS_shmctl, 0, IPC_INFO, &info));
	EXPECT_GE(info.mni, 1);
	EXPECT_EQ(info.min, 1);
	EXPECT_EQ(MUST(syscall(SYS_shmctl, 0, 14 /* SHM_INFO */, &sum)), top);
	EXPECT_GE(sum.used, 1);
	EXPECT_GE(sum.tot, 4);
	EXPECT_GE(sum.rss, 1);
	for (int i = 0; i <= top; i++)
		found += syscall(SYS_shmctl, i, 13 /* SHM_STAT */, &ds) == id;
	EXPECT_EQ(found, 1);
	EXPECT_EQ(ds.shm_segsz != 0, 1);
	get_file("/proc/sysvipc/shm", text, sizeof(text));
	EXPECT(strstr(text, "       key      shmid perms") == text);
	snprintf(line, sizeof(line), "%10d %10d   600 %21u %5d %5d  %5u ", 0, id, 12345, getpid(),
		 getpid(), 1);
	if (!strstr(text, line))
		FAIL("no \"%s\" in %s", line, text);
	get_file("/proc/self/maps", text, sizeof(text));
	snprintf(line, sizeof(line), " %d ", id);
	EXPECT(strstr(text, "/SYSV00000000 (deleted)"));
	MUST(shmdt(p));
	MUST(shmctl(id, IPC_RMID, NULL));
}

/* The limits are unsigned, as files too: the usual ones are near the largest number. */
TEST(limits_as_files)
{
	static const char *const paths[] = { "/proc/sys/kernel/shmmax", "/proc/sys/kernel/shmall" };
	struct { unsigned long max, min, mni, seg, all, unused[4]; } info;

	SKIP_IN_EMULATOR("passes on what the host says in its own layout");
	need_root();
	MUST(syscall(SYS_shmctl, 0, IPC_INFO, &info));
	for (int i = 0; i < 2; i++) {
		char text[32], wanted[32];
		int fd = MUST(open(paths[i], O_RDWR));

		snprintf(wanted, sizeof(wanted), "%lu\n", i ? info.all : info.max);
		get_file(paths[i], text, sizeof(text));
		EXPECT_STREQ(text, wanted);
		EXPECT_EQ(write(fd, text, strlen(text)), (ssize_t)strlen(text));
		close(fd);
	}
}

TEST(no_leak)
{
	long before;

	SKIP_IN_EMULATOR("counts the host's memory");
	for (int round = 0; round < 2; round++) {
		before = meminfo_kb("MemFree");
		for (int i = 0; i < 50; i++) {
			int id = get(1 << 20);
			char *p = MUST(shmat(id, NULL, 0));

			memset(p, 1, 1 << 20);
			MUST(shmctl(id, IPC_RMID, NULL));
			MUST(shmdt(p));
		}
	}
	EXPECT_LT(before - meminfo_kb("MemFree"), 10000);
}
