/* SPDX-License-Identifier: BSD-2-Clause */
/* Less common calls on files: attributes, seals, holes, O_PATH, openat2, locks, mounts. */
#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/eventfd.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/statfs.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>

#include "helpers.h"

#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x10
#endif

static int make(const char *name)
{
	return MUST(open(name, O_RDWR | O_CREAT, 0644));
}

/* ---- extended attributes ---- */

TEST(xattr_of_tmpfs)
{
	char buf[100];
	int fd;

	SKIP_IN_EMULATOR("the host's file system");
	need_root();
	fd = make("f");
	/* As before Linux 6.6: users have none there. */
	EXPECT_ERRNO(setxattr("f", "user.a", "v", 1, 0), EOPNOTSUPP);
	EXPECT_ERRNO(getxattr("f", "user.a", NULL, 0), EOPNOTSUPP);
	EXPECT_ERRNO(setxattr("f", "system.a", "v", 1, 0), EOPNOTSUPP);
	EXPECT_ERRNO(setxattr("f", "trusted.", "v", 1, 0), EINVAL);
	EXPECT_ERRNO(setxattr("f", "trusted.a", "v", 1, XATTR_REPLACE), ENODATA);
	MUST(setxattr("f", "trusted.a", "12345", 5, XATTR_CREATE));
	EXPECT_ERRNO(setxattr("f", "trusted.a", "v", 1, XATTR_CREATE), EEXIST);
	EXPECT_ERRNO(setxattr("f", "trusted.a", "v", 1, 4), EINVAL);
	EXPECT_ERRNO(setxattr("f", "trusted.a", buf, 70000, 0), E2BIG);
	EXPECT_EQ(getxattr("f", "trusted.a", NULL, 0), 5);
	EXPECT_ERRNO(getxattr("f", "trusted.a", buf, 4), ERANGE);
	EXPECT_EQ(getxattr("f", "trusted.a", buf, 100), 5);
	EXPECT_MEMEQ(buf, "12345", 5);
	EXPECT_EQ(listxattr("f", NULL, 0), 10);
	EXPECT_ERRNO(listxattr("f", buf, 9), ERANGE);
	EXPECT_EQ(listxattr("f", buf, 100), 10);
	EXPECT_STREQ(buf, "trusted.a");
	MUST(removexattr("f", "trusted.a"));
	EXPECT_ERRNO(removexattr("f", "trusted.a"), ENODATA);
	EXPECT_EQ(listxattr("/proc/self/status", buf, 100), 0);
	EXPECT_ERRNO(setxattr("/proc/self/status", "trusted.a", "v", 1, 0), EOPNOTSUPP);
	EXPECT_EXIT(IN_CHILD({
		MUST(setresuid(2000, 2000, 2000));
		EXPECT_ERRNO(fsetxattr(fd, "trusted.a", "v", 1, 0), EPERM);
		EXPECT_ERRNO(fgetxattr(fd, "trusted.a", NULL, 0), ENODATA);
	}), 0);
}

/* ---- memfd ---- */

TEST(memfd_seals)
{
	int fd = MUST(memfd_create("a", MFD_ALLOW_SEALING));
	char *map;

	MUST(ftruncate(fd, 8192));
	EXPECT_EQ(fcntl(fd, F_GET_SEALS), 0);
	map = MUST(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
	EXPECT_ERRNO(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), EBUSY);
	MUST(fcntl(fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE));
	map[0] = 1;	/* what is there stays writable */
	EXPECT_ERRNO(write(fd, "x", 1), EPERM);
	EXPECT_ERRNO((long)mmap(NULL, 4096, PROT_WRITE, MAP_SHARED, fd, 0), EPERM);
	MUST(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0));
	MUST(mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0));
	MUST(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK));
	EXPECT_ERRNO(ftruncate(fd, 4096), EPERM);
	MUST(ftruncate(fd, 16384));
	MUST(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW));
	EXPECT_ERRNO(ftruncate(fd, 32768), EPERM);
	EXPECT_ERRNO(fallocate(fd, 0, 0, 65536), EPERM);
	EXPECT_ERRNO(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096), EPERM);
	MUST(fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL));
	EXPECT_ERRNO(fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL), EPERM);
	EXPECT_EQ(fcntl(fd, F_GET_SEALS), F_SEAL_FUTURE_WRITE | F_SEAL_SHRINK | F_SEAL_GROW |
		  F_SEAL_SEAL);
	fd = MUST(memfd_create("b", 0));
	EXPECT_ERRNO(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), EPERM);
	EXPECT_ERRNO(memfd_create("c", 0x100), EINVAL);
}

TEST(exec_of_a_memfd)
{
	int fd = MUST(memfd_create("prog", MFD_CLOEXEC)), self;
	char buf[4096];
	ssize_t n;

	SKIP_IN_EMULATOR("execs the host's way");
	self = MUST(open(self_path(), O_RDONLY));
	while ((n = MUST(read(self, buf, sizeof(buf)))) > 0)
		EXPECT_EQ(write(fd, buf, (size_t)n), n);
	/* While it is open for writing: fexecve(3) of what was just written. */
	EXPECT_EXIT(IN_CHILD({
		char *argv[] = { "prog", "--helper", "7", NULL };
		char *envp[] = { NULL };

		syscall(SYS_execveat, fd, "", argv, envp, AT_EMPTY_PATH);
		return_status = 99;
	}), 7);
	/* A file with a name is another matter. */
	self = MUST(open("prog", O_RDWR | O_CREAT, 0700));
	EXPECT_EXIT(IN_CHILD({
		char *argv[] = { "prog", NULL };
		char *envp[] = { NULL };

		EXPECT_ERRNO(syscall(SYS_execveat, self, "", argv, envp, AT_EMPTY_PATH), ETXTBSY);
	}), 0);
}

int helper_main(int argc, char **argv)
{
	return 7;
}

/* ---- holes ---- */

TEST(fallocate_modes)
{
	int fd = make("f"), ends[2];
	struct stat st;
	char buf[3 * 4096];

	MUST(pipe(ends));
	memset(buf, 'x', sizeof(buf));
	MUST(write(fd, buf, sizeof(buf)));
	MUST(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 4000, 5000));
	EXPECT_EQ(pread(fd, buf, sizeof(buf), 0), sizeof(buf));
	EXPECT_EQ(buf[3999], 'x');
	EXPECT_EQ(buf[4000], 0);
	EXPECT_EQ(buf[8999], 0);
	EXPECT_EQ(buf[9000], 'x');
	MUST(fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 65536));
	MUST(fstat(fd, &st));
	EXPECT_EQ(st.st_size, sizeof(buf));
	EXPECT_GE(st.st_blocks, 65536 / 512);
	MUST(fallocate(fd, 0, 0, 20000));
	MUST(fstat(fd, &st));
	EXPECT_EQ(st.st_size, 20000);
	EXPECT_ERRNO(fallocate(fd, FALLOC_FL_PUNCH_HOLE, 0, 4096), EOPNOTSUPP);
	if (in_emulator())
		return;		/* the host's file system may do these */
	EXPECT_ERRNO(fallocate(fd, FALLOC_FL_COLLAPSE_RANGE, 0, 4096), EOPNOTSUPP);
	EXPECT_ERRNO(fallocate(fd, FALLOC_FL_INSERT_RANGE, 0, 4096), EOPNOTSUPP);
	EXPECT_ERRNO(fallocate(fd, 0, 0, 0), EINVAL);
	EXPECT_ERRNO(fallocate(fd, 0, -1, 1), EINVAL);
	EXPECT_ERRNO(fallocate(fd, 0, INT64_MAX, 1), EFBIG);
	EXPECT_ERRNO(fallocate(ends[1], 0, 0, 1), ESPIPE);
	EXPECT_ERRNO(fallocate(MUST(open("f", O_RDONLY)), 0, 0, 1), EBADF);
}

/* ---- O_PATH, O_TMPFILE, openat2 ---- */

TEST(o_path)
{
	int fd;
	char c;

	make("f");
	fd = MUST(open("f", O_PATH));
	EXPECT_ERRNO(read(fd, &c, 1), EBADF);
	EXPECT_ERRNO(syscall(SYS_fchmod, fd, 0600), EBADF);
	EXPECT_ERRNO(fcntl(fd, F_SETFL, 0), EBADF);
	EXPECT_ERRNO((long)mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0), EBADF);
	MUST(fstat(fd, &(struct stat){ 0 }));
	EXPECT(fcntl(fd, F_GETFL) & O_PATH);
	MUST(dup(fd));
	MUST(mkdir("d", 0755));
	MUST(fchdir(MUST(open("d", O_PATH))));
	/* The link itself. */
	MUST(symlink("../f", "s"));
	fd = MUST(open("s", O_PATH | O_NOFOLLOW));
	EXPECT_EQ(readlinkat(fd, "", (char[10]){ 0 }, 10), 4);
}

TEST(tmpfile_gets_a_name)
{
	char path[64];
	int fd = MUST(open(".", O_TMPFILE | O_RDWR, 0600));

	SKIP_IN_EMULATOR("has no /proc/self/fd of its own");
	MUST(write(fd, "x", 1));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	MUST(linkat(AT_FDCWD, path, AT_FDCWD, "a", AT_SYMLINK_FOLLOW));
	MUST(access("a", R_OK));
	fd = MUST(open(".", O_TMPFILE | O_RDWR | O_EXCL, 0600));
	EXPECT_ERRNO(linkat(fd, "", AT_FDCWD, "b", AT_EMPTY_PATH), ENOENT);
	EXPECT_ERRNO(open(".", O_TMPFILE | O_RDONLY, 0600), EINVAL);
	EXPECT_ERRNO(open("a", O_TMPFILE | O_RDWR, 0600), ENOTDIR);
}

static int resolve(int dir, const char *path, uint64_t how)
{
	struct open_how h = { .flags = O_RDONLY, .resolve = how };

	return (int)syscall(SYS_openat2, dir, path, &h, sizeof(h));
}

TEST(openat2_resolve)
{
	struct open_how h = { .flags = O_RDONLY, .mode = 0644 };
	int dir;

	SKIP_IN_EMULATOR("has none");
	MUST(mkdir("d", 0755));
	make("f");
	make("d/x");
	MUST(symlink("/etc", "d/abs"));
	MUST(symlink("../f", "d/up"));
	MUST(symlink("x", "d/sym"));
	MUST(symlink("loop", "d/loop"));
	dir = MUST(open("d", O_RDONLY));
	MUST(resolve(dir, "x", RESOLVE_BENEATH));
	EXPECT_ERRNO(resolve(dir, "../f", RESOLVE_BENEATH), EXDEV);
	EXPECT_ERRNO(resolve(dir, "/etc", RESOLVE_BENEATH), EXDEV);
	EXPECT_ERRNO(resolve(dir, "abs", RESOLVE_BENEATH), EXDEV);
	EXPECT_ERRNO(resolve(dir, "up", RESOLVE_BENEATH), EXDEV);
	MUST(resolve(dir, "/x", RESOLVE_IN_ROOT));
	EXPECT_ERRNO(resolve(dir, "../f", RESOLVE_IN_ROOT), ENOENT);
	EXPECT_ERRNO(resolve(dir, "abs", RESOLVE_IN_ROOT), ENOENT);
	EXPECT_ERRNO(resolve(dir, "sym", RESOLVE_NO_SYMLINKS), ELOOP);
	MUST(resolve(dir, "x", RESOLVE_NO_SYMLINKS));
	EXPECT_ERRNO(resolve(dir, "/proc/self/exe", RESOLVE_NO_MAGICLINKS), ELOOP);
	EXPECT_ERRNO(resolve(dir, "/proc/version", RESOLVE_NO_XDEV), EXDEV);
	MUST(resolve(dir, "x", RESOLVE_NO_XDEV));
	EXPECT_ERRNO(resolve(dir, "x", 64), EINVAL);
	EXPECT_ERRNO(resolve(dir, "x", RESOLVE_BENEATH | RESOLVE_IN_ROOT), EINVAL);
	EXPECT_ERRNO(resolve(dir, "loop", 0), ELOOP);
	EXPECT_ERRNO(syscall(SYS_openat2, dir, "x", &h, sizeof(h)), EINVAL);
	h.mode = 0;
	EXPECT_ERRNO(syscall(SYS_openat2, dir, "x", &h, 8), EINVAL);
	EXPECT_ERRNO(syscall(SYS_openat2, dir, "x", &h, 5000), E2BIG);
	h.flags = 1ull << 40;
	EXPECT_ERRNO(syscall(SYS_openat2, dir, "x", &h, sizeof(h)), EINVAL);
}

/* ---- locks ---- */

static struct flock range(short type, off_t start, off_t len)
{
	return (struct flock){ .l_type = type, .l_whence = SEEK_SET, .l_start = start,
			       .l_len = len };
}

static int lock(int fd, int cmd, short type, off_t start, off_t len)
{
	struct flock fl = range(type, start, len);

	return fcntl(fd, cmd, &fl);
}

TEST(record_locks)
{
	int fd = make("f"), other = MUST(open("f", O_RDWR));
	struct flock fl;

	MUST(lock(fd, F_SETLK, F_WRLCK, 0, 10));
	EXPECT_EXIT(IN_CHILD({
		EXPECT_ERRNO(lock(fd, F_SETLK, F_RDLCK, 5, 1), EAGAIN);
		MUST(lock(fd, F_SETLK, F_WRLCK, 10, 5));
		fl = range(F_WRLCK, 0, 100);
		MUST(fcntl(fd, F_GETLK, &fl));
		EXPECT_EQ(fl.l_type, F_WRLCK);
		EXPECT_EQ(fl.l_pid, getppid());
		EXPECT_EQ(fl.l_len, 10);
	}), 0);
	/* Splitting and changing in the middle. */
	MUST(lock(fd, F_SETLK, F_RDLCK, 3, 2));
	EXPECT_EXIT(IN_CHILD({
		MUST(lock(fd, F_SETLK, F_RDLCK, 4, 1));
		EXPECT_ERRNO(lock(fd, F_SETLK, F_RDLCK, 5, 1), EAGAIN);
	}), 0);
	/* Closing any descriptor of the file drops them all. */
	close(other);
	EXPECT_EXIT(IN_CHILD({ MUST(lock(fd, F_SETLK, F_WRLCK, 0, 0)); }), 0);
	EXPECT_ERRNO(lock(fd, F_SETLK, 9, 0, 0), EINVAL);
	EXPECT_ERRNO(lock(fd, F_SETLK, F_WRLCK, -5, 1), EINVAL);
	EXPECT_ERRNO(lock(MUST(open("f", O_RDONLY)), F_SETLK, F_WRLCK, 0, 0), EBADF);
}

TEST(record_locks_deadlock)
{
	int fd = make("f"), ends[2];
	pid_t pid;
	char c;

	MUST(pipe(ends));
	MUST(lock(fd, F_SETLK, F_WRLCK, 0, 1));
	pid = must_fork();
	if (pid == 0) {
		MUST(lock(fd, F_SETLK, F_WRLCK, 1, 1));
		MUST(write(ends[1], "x", 1));
		_exit(lock(fd, F_SETLKW, F_WRLCK, 0, 1) != 0);
	}
	MUST(read(ends[0], &c, 1));
	wait_for_state(pid, 'S');
	EXPECT_ERRNO(lock(fd, F_SETLKW, F_WRLCK, 1, 1), EDEADLK);
	MUST(lock(fd, F_SETLK, F_UNLCK, 0, 0));
	EXPECT_EXIT(wait_status(pid), 0);
}

static void nothing(int sig)
{
}

TEST(ofd_locks)
{
	int a = make("f"), b = MUST(open("f", O_RDWR)), c;
	struct flock fl = range(F_WRLCK, 0, 10);

	SKIP_IN_EMULATOR("has none");
	MUST(lock(a, F_OFD_SETLK, F_WRLCK, 0, 10));
	EXPECT_ERRNO(lock(b, F_OFD_SETLK, F_WRLCK, 0, 10), EAGAIN);
	EXPECT_ERRNO(lock(a, F_SETLK, F_WRLCK, 0, 10), EAGAIN);
	MUST(fcntl(b, F_OFD_GETLK, &fl));
	EXPECT_EQ(fl.l_pid, -1);
	fl.l_pid = 1;
	EXPECT_ERRNO(fcntl(a, F_OFD_SETLK, &fl), EINVAL);
	/* Not by another descriptor's close: by the last of its own. */
	c = dup(a);
	close(a);
	EXPECT_ERRNO(lock(b, F_OFD_SETLK, F_WRLCK, 0, 10), EAGAIN);
	close(c);
	MUST(lock(b, F_OFD_SETLK, F_WRLCK, 0, 10));
}

TEST(flock)
{
	int a = make("f"), b = MUST(open("f", O_RDONLY)), ends[2];
	pid_t pid;

	MUST(pipe(ends));
	MUST(flock(a, LOCK_SH));
	MUST(flock(b, LOCK_SH));
	EXPECT_ERRNO(flock(a, LOCK_EX | LOCK_NB), EWOULDBLOCK);
	MUST(flock(b, LOCK_UN));
	MUST(flock(a, LOCK_EX | LOCK_NB));
	EXPECT_ERRNO(flock(b, LOCK_SH | LOCK_NB), EWOULDBLOCK);
	/* The child has the same. */
	EXPECT_EXIT(IN_CHILD({ MUST(flock(a, LOCK_EX | LOCK_NB)); }), 0);
	pid = must_fork();
	if (pid == 0) {
		handle(SIGUSR1, nothing, 0);
		EXPECT_ERRNO(flock(b, LOCK_EX), EINTR);
		_exit(flock(b, LOCK_EX) != 0);
	}
	wait_for_state(pid, 'S');
	kill(pid, SIGUSR1);
	sleep_ms(50);
	wait_for_state(pid, 'S');
	MUST(flock(a, LOCK_UN));
	EXPECT_EXIT(wait_status(pid), 0);
	EXPECT_ERRNO(flock(a, 0), EINVAL);
}

TEST(leases_are_refused_or_kept)
{
	int fd = make("f");
	long held;

	SKIP_IN_EMULATOR("the host's");
	held = fcntl(fd, F_SETLEASE, F_WRLCK);
	if (held == 0)
		EXPECT_EQ(fcntl(fd, F_GETLEASE), F_WRLCK);
	else
		EXPECT_ERRNO(fcntl(fd, F_SETLEASE, F_RDLCK), EINVAL);
}

TEST(owner_of_signals)
{
	int fd = make("f");

	SKIP_IN_EMULATOR("pids are the host's");
	MUST(fcntl(fd, F_SETOWN, getpid()));
	EXPECT_EQ(fcntl(fd, F_GETOWN), getpid());
	EXPECT_ERRNO(fcntl(fd, F_SETOWN, 4000000), ESRCH);
	EXPECT_ERRNO(fcntl(fd, F_SETOWN, -4000000), ESRCH);
	MUST(fcntl(fd, F_SETOWN, 0));
	EXPECT_EQ(fcntl(fd, F_GETOWN), 0);
	EXPECT_ERRNO(fcntl(fd, F_SETSIG, 65), EINVAL);
}

/* ---- mounts ---- */

TEST(mounts)
{
	int fd;

	SKIP_IN_EMULATOR("mounts on the host");
	need_root();
	MUST(mkdir("a", 0755));
	MUST(mkdir("b", 0755));
	make("f");
	MUST(mount("none", "a", "tmpfs", 0, "size=1M"));
	EXPECT_ERRNO(mount("none", "b", "nosuchfs", 0, NULL), ENODEV);
	EXPECT_ERRNO(mount("none", "b", "tmpfs", 0, "bogus=1"), EINVAL);
	EXPECT_ERRNO(mount("none", "b", "tmpfs", 0, "size=bogus"), EINVAL);
	EXPECT_ERRNO(mount("none", "f", "tmpfs", 0, NULL), ENOTDIR);
	MUST(mount("a", "b", NULL, MS_BIND, NULL));
	MUST(mount(NULL, "b", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL));
	EXPECT_ERRNO(open("b/y", O_CREAT | O_RDWR, 0644), EROFS);
	fd = MUST(open("a/y", O_CREAT | O_RDWR, 0644));
	EXPECT_ERRNO(mount(NULL, "a", NULL, MS_REMOUNT | MS_RDONLY, NULL), EBUSY);
	close(fd);
	MUST(mount(NULL, "a", NULL, MS_PRIVATE, NULL));
	EXPECT_ERRNO(mount(NULL, "a", NULL, MS_PRIVATE | MS_SHARED, NULL), EINVAL);
	EXPECT_ERRNO(umount2("b", 0x100), EINVAL);
	EXPECT_ERRNO(umount2("b", MNT_EXPIRE), EAGAIN);
	MUST(umount("b"));
	MUST(mount("a", "b", NULL, MS_MOVE, NULL));
	EXPECT_ERRNO(umount("a"), EINVAL);
	fd = MUST(open("b/y", O_RDONLY));
	EXPECT_ERRNO(umount("b"), EBUSY);
	MUST(umount2("b", MNT_DETACH));
	EXPECT_ERRNO(umount("b"), EINVAL);
	MUST(fstat(fd, &(struct stat){ 0 }));
	make("g");
	MUST(mount("f", "g", NULL, MS_BIND, NULL));	/* files, too */
	MUST(umount("g"));
}

TEST(mknod_kinds)
{
	SKIP_IN_EMULATOR("makes devices on the host");
	need_root();
	MUST(mknod("r", S_IFREG | 0644, 0));
	MUST(mknod("z", 0644, 0));
	MUST(mknod("p", S_IFIFO | 0644, 0));
	MUST(mknod("s", S_IFSOCK | 0644, 0));
	MUST(mknod("c", S_IFCHR | 0644, 0x103));	/* null */
	MUST(mknod("b", S_IFBLK | 0644, 0x103));
	EXPECT_ERRNO(mknod("d", S_IFDIR | 0755, 0), EPERM);
	EXPECT_ERRNO(mknod("l", S_IFLNK | 0644, 0), EINVAL);
	EXPECT_ERRNO(open("s", O_RDWR), ENXIO);
	EXPECT_ERRNO(open("c", O_RDWR), EACCES);	/* /tmp is mounted nodev */
	EXPECT_ERRNO(open("b", O_RDWR), EACCES);
}

TEST(close_range)
{
	int fd = make("f");

	SKIP_IN_EMULATOR("may have none");
	MUST(dup2(fd, 50));
	MUST(dup2(fd, 60));
	MUST(dup2(fd, 70));
	MUST(syscall(SYS_close_range, 50, 60, 0));
	EXPECT_ERRNO(fcntl(50, F_GETFD), EBADF);
	EXPECT_ERRNO(fcntl(60, F_GETFD), EBADF);
	MUST(syscall(SYS_close_range, 65, ~0u, 4 /* CLOEXEC */));
	EXPECT_EQ(fcntl(70, F_GETFD), FD_CLOEXEC);
	EXPECT_ERRNO(syscall(SYS_close_range, 60, 50, 0), EINVAL);
	EXPECT_ERRNO(syscall(SYS_close_range, 50, 60, 8), EINVAL);
}

TEST(trusted_names_are_for_root)
{
	char list[64];

	SKIP_IN_EMULATOR("has only those of the host");
	need_root();
	put_text("f", "x");
	MUST(chown("f", 1000, 1000));
	MUST(chmod(".", 0777));
	MUST(setxattr("f", "trusted.a", "1", 1, 0));
	MUST(setxattr("f", "security.b", "22", 2, 0));
	EXPECT_EQ(listxattr("f", list, sizeof(list)), 10 + 11);
	EXPECT_EXIT(IN_CHILD({
		MUST(setresuid(1000, 1000, 1000));
		EXPECT_EQ(listxattr("f", list, sizeof(list)), 11);
		EXPECT_STREQ(list, "security.b");
		EXPECT_ERRNO(getxattr("f", "trusted.a", list, 1), ENODATA);
		EXPECT_ERRNO(setxattr("f", "trusted.a", "1", 1, 0), EPERM);
	}), 0);
	/* A link has its own. */
	MUST(symlink("f", "l"));
	MUST(lsetxattr("l", "trusted.l", "1", 1, 0));
	EXPECT_EQ(llistxattr("l", list, sizeof(list)), 10);
	EXPECT_EQ(lgetxattr("l", "trusted.l", list, 1), 1);
	EXPECT_ERRNO(getxattr("l", "trusted.l", list, 1), ENODATA);
	MUST(lremovexattr("l", "trusted.l"));
	EXPECT_ERRNO(lgetxattr("l", "trusted.l", list, 1), ENODATA);
	EXPECT_EQ(readlink("l", list, sizeof(list)), 1);
}

TEST(file_systems_of_the_nameless)
{
	struct statfs pipe_fs, socket_fs, anon_fs, mem_fs;
	struct stat a, b;
	int ends[2], s, event, mem;

	SKIP_IN_EMULATOR("the host's");
	MUST(pipe(ends));
	s = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
	event = MUST(eventfd(0, 0));
	mem = MUST((int)syscall(SYS_memfd_create, "m", 0));
	MUST(fstatfs(ends[0], &pipe_fs));
	MUST(fstatfs(s, &socket_fs));
	MUST(fstatfs(event, &anon_fs));
	MUST(fstatfs(mem, &mem_fs));
	EXPECT_EQ(pipe_fs.f_type, 0x50495045);
	EXPECT_EQ(socket_fs.f_type, 0x534f434b);
	EXPECT_EQ(anon_fs.f_type, 0x09041934);
	EXPECT_EQ(mem_fs.f_type, 0x01021994);
	MUST(fstat(ends[0], &a));
	MUST(fstat(s, &b));
	EXPECT_NE(a.st_dev, b.st_dev);
}
