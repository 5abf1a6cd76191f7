/* SPDX-License-Identifier: BSD-2-Clause */
/* Mounting step by step: fsopen to fsmount, detached trees, attributes; and mounts that expire. */
#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "helpers.h"

/* <sys/mount.h> and <linux/mount.h> do not go together. */
int mount(const char *source, const char *target, const char *type, unsigned long flags,
	  const void *data);
int umount2(const char *target, int flags);

#define MNT_DETACH	2
#define MNT_EXPIRE	4
#define RECURSIVE	0x8000

static int fsopen(const char *name)
{
	return (int)syscall(SYS_fsopen, name, FSOPEN_CLOEXEC);
}

static int fsconfig(int fd, unsigned cmd, const char *key, const char *value, int aux)
{
	return (int)syscall(SYS_fsconfig, fd, cmd, key, value, aux);
}

static int fsmount(int fd, unsigned attrs)
{
	return (int)syscall(SYS_fsmount, fd, FSMOUNT_CLOEXEC, attrs);
}

static int open_tree(int dfd, const char *path, unsigned flags)
{
	return (int)syscall(SYS_open_tree, dfd, path, flags);
}

static int move_mount(int from, const char *name, int to, const char *target, unsigned flags)
{
	return (int)syscall(SYS_move_mount, from, name, to, target, flags);
}

static int setattr(const char *path, unsigned flags, uint64_t set, uint64_t clear,
		   uint64_t propagation)
{
	struct mount_attr attr = { set, clear, propagation, 0 };

	return (int)syscall(SYS_mount_setattr, AT_FDCWD, path, flags, &attr, sizeof(attr));
}

static void root_on_a_kernel(void)
{
	SKIP_IN_EMULATOR("mounts are the host's");
	need_root();
	if (fsopen("tmpfs") < 0 && errno == ENOSYS)
		SKIP("no mounting step by step in this kernel");
}

/* A tmpfs of 1 MB that nothing leads to yet. */
static int detached(unsigned attrs)
{
	int fs = MUST(fsopen("tmpfs")), fd;

	EXPECT_EQ(fsconfig(fs, FSCONFIG_SET_STRING, "source", "mine", 0), 0);
	EXPECT_EQ(fsconfig(fs, FSCONFIG_SET_STRING, "size", "1M", 0), 0);
	EXPECT_EQ(fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0), 0);
	fd = MUST(fsmount(fs, attrs));
	close(fs);
	return fd;
}

/* The line of /proc/self/mounts for a folder of the current one; false if it is not there. */
static bool mount_line(const char *folder, char *line, size_t size)
{
	char here[256], want[300];
	FILE *f = fopen("/proc/self/mounts", "r");
	bool found = false;

	EXPECT(f != NULL);
	EXPECT(getcwd(here, sizeof(here)) != NULL);
	snprintf(want, sizeof(want), " %s/%s ", here, folder);
	while (!found && fgets(line, (int)size, f))
		found = strstr(line, want) != NULL;
	fclose(f);
	return found;
}

TEST(a_mount_in_four_steps)
{
	char line[512];
	int fd;

	root_on_a_kernel();
	MUST(mkdir("m", 0755));
	fd = detached(MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
	/* Usable before anything leads there. */
	close(MUST(openat(fd, "file", O_CREAT | O_WRONLY, 0644)));
	EXPECT(!mount_line("m", line, sizeof(line)));
	EXPECT_EQ(move_mount(fd, "", AT_FDCWD, "m", MOVE_MOUNT_F_EMPTY_PATH), 0);
	EXPECT(mount_line("m", line, sizeof(line)));
	EXPECT_EQ(strncmp(line, "mine ", 5), 0);
	EXPECT(strstr(line, "rw,nosuid,nodev,relatime,size=1024k") != NULL);
	EXPECT_EQ(access("m/file", F_OK), 0);
	/* It stays when the descriptor goes. */
	close(fd);
	EXPECT_EQ(access("m/file", F_OK), 0);
	MUST(umount2("m", 0));
	EXPECT_ERRNO(access("m/file", F_OK), ENOENT);
}

TEST(a_detached_mount_ends_with_its_descriptor)
{
	int fd, copy;

	root_on_a_kernel();
	fd = detached(0);
	close(MUST(openat(fd, "file", O_CREAT | O_WRONLY, 0644)));
	copy = MUST(dup(fd));
	close(fd);
	EXPECT_EQ(faccessat(copy, "file", F_OK, 0), 0);
	/* Somebody works in there still: the mount is gone, its files are not. */
	fd = MUST(openat(copy, "file", O_RDWR));
	close(copy);
	EXPECT_EQ(write(fd, "x", 1), 1);
	close(fd);
}

/* KB of memory that file systems in memory hold. */
static long shmem_kb(void)
{
	char text[4096], *line;

	get_file("/proc/meminfo", text, sizeof(text));
	line = strstr(text, "Shmem:");
	EXPECT(line != NULL);
	return strtol(line + 6, NULL, 10);
}

TEST(what_a_detached_mount_held_is_free)
{
	static char data[800 << 10];
	long before;

	root_on_a_kernel();
	before = shmem_kb();
	for (unsigned i = 0; i < 20; i++) {
		int mnt = detached(0), fd = MUST(openat(mnt, "file", O_CREAT | O_WRONLY, 0644));

		EXPECT_EQ(write(fd, data, sizeof(data)), (ssize_t)sizeof(data));
		close(fd);
		close(mnt);
	}
	EXPECT(shmem_kb() - before < 4000);
}

TEST(phases_of_a_setup)
{
	int fs, mnt;

	root_on_a_kernel();
	EXPECT_ERRNO(fsopen("nosuchfs"), ENODEV);
	EXPECT_ERRNO(syscall(SYS_fsopen, "tmpfs", 2), EINVAL);
	fs = MUST(fsopen("tmpfs"));
	EXPECT_ERRNO(fsmount(fs, 0), EINVAL);
	EXPECT_ERRNO(fsconfig(fs, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0), EBUSY);
	close(fs);
	fs = MUST(fsopen("tmpfs"));
	EXPECT_EQ(fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0), 0);
	EXPECT_ERRNO(fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0), EBUSY);
	EXPECT_ERRNO(fsconfig(fs, FSCONFIG_SET_STRING, "size", "1M", 0), EBUSY);
	EXPECT_ERRNO(fsmount(fs, MOUNT_ATTR_NOATIME | MOUNT_ATTR_STRICTATIME), EINVAL);
	EXPECT_ERRNO(fsmount(fs, 0x400), EINVAL);
	mnt = MUST(fsmount(fs, 0));
	EXPECT_ERRNO(fsmount(fs, 0), EBUSY);
	/* The descriptor is one for changes now. */
	EXPECT_EQ(fsconfig(fs, FSCONFIG_SET_STRING, "size", "2M", 0), 0);
	EXPECT_EQ(fsconfig(fs, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0), 0);
	close(mnt);
	close(fs);
	EXPECT_ERRNO(fsconfig(1000, FSCONFIG_CMD_CREATE, NULL, NULL, 0), EBADF);
	EXPECT_ERRNO(fsconfig(-1, FSCONFIG_CMD_CREATE, NULL, NULL, 0), EINVAL);
	EXPECT_ERRNO(fsmount(1000, 0), EBADF);
	fs = MUST(open(".", O_RDONLY));
	EXPECT_ERRNO(fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0), EINVAL);
	EXPECT_ERRNO(fsmount(fs, 0), EINVAL);
}

TEST(options_are_judged_one_by_one)
{
	char text[300];
	ssize_t n;
	int fs;

	root_on_a_kernel();
	fs = MUST(fsopen("tmpfs"));
	EXPECT_ERRNO(read(fs, text, sizeof(text)), ENODATA);
	EXPECT_ERRNO(fsconfig(fs, FSCONFIG_SET_STRING, "bogus", "1", 0), EINVAL);
	n = MUST(read(fs, text, sizeof(text) - 1));
	text[n] = '\0';
	EXPECT_EQ(strncmp(text, "e ", 2), 0);
	EXPECT(strstr(text, "bogus") != NULL);
	EXPECT_ERRNO(read(fs, text, sizeof(text)), ENODATA);
	EXPECT_ERRNO(fsconfig(fs, FSCONFIG_SET_STRING, "size", "junk", 0), EINVAL);
	EXPECT_ERRNO(fsconfig(fs, FSCONFIG_SET_FLAG, "size", NULL, 0), EINVAL);
	EXPECT_ERRNO(fsconfig(fs, FSCONFIG_SET_FLAG, "size", "1M", 0), EINVAL);
	EXPECT_ERRNO(fsconfig(fs, FSCONFIG_SET_STRING, "size", NULL, 0), EINVAL);
	EXPECT_ERRNO(fsconfig(fs, FSCONFIG_SET_STRING, NULL, "1M", 0), EINVAL);
	EXPECT_ERRNO(fsconfig(fs, FSCONFIG_CMD_CREATE, "x", NULL, 0), EINVAL);
	EXPECT_ERRNO(fsconfig(fs, 99, NULL, NULL, 0), EOPNOTSUPP);
	EXPECT_ERRNO(fsconfig(fs, FSCONFIG_SET_STRING, "source", (char *)8, 0), EFAULT);
	EXPECT_EQ(fsconfig(fs, FSCONFIG_SET_STRING, "source", "a", 0), 0);
	EXPECT_ERRNO(fsconfig(fs, FSCONFIG_SET_STRING, "source", "b", 0), EINVAL);
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	EXPECT_ERRNO(fsconfig(fs, FSCONFIG_SET_STRING, "mode", text, 0), EINVAL);
	EXPECT_EQ(fsconfig(fs, FSCONFIG_SET_STRING, "mode", "0700", 0), 0);
	EXPECT_EQ(fsconfig(fs, FSCONFIG_SET_FLAG, "ro", NULL, 0), 0);
	EXPECT_EQ(fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0), 0);
	struct stat st;
	int mnt = MUST(fsmount(fs, 0));

	MUST(fstat(mnt, &st));
	EXPECT_EQ(st.st_mode & 07777, 0700);
	EXPECT_ERRNO(openat(mnt, "f", O_CREAT | O_WRONLY, 0600), EROFS);
}

TEST(a_mount_picked_for_changes)
{
	static char zeros[64 << 10];
	int fs;

	root_on_a_kernel();
	MUST(mkdir("m", 0755));
	MUST(mount("none", "m", "tmpfs", 0, "size=1M"));
	EXPECT_ERRNO(syscall(SYS_fspick, AT_FDCWD, "m", 0x100), EINVAL);
	put_text("m/f", "x");
	fs = MUST((int)syscall(SYS_fspick, AT_FDCWD, "m", FSPICK_CLOEXEC));
	EXPECT_ERRNO(fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0), EBUSY);
	EXPECT_EQ(fsconfig(fs, FSCONFIG_SET_FLAG, "ro", NULL, 0), 0);
	EXPECT_EQ(fsconfig(fs, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0), 0);
	EXPECT_ERRNO(open("m/f", O_WRONLY), EROFS);
	EXPECT_EQ(fsconfig(fs, FSCONFIG_SET_FLAG, "rw", NULL, 0), 0);
	EXPECT_EQ(fsconfig(fs, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0), 0);
	close(MUST(open("m/f", O_WRONLY)));
	close(fs);
	/* Only the root of a mount. */
	EXPECT_ERRNO(syscall(SYS_fspick, AT_FDCWD, "m/f", 0), EINVAL);
	/* What failed is over. */
	put_file("m/f", zeros, sizeof(zeros), 0600);
	fs = MUST((int)syscall(SYS_fspick, AT_FDCWD, "m", FSPICK_CLOEXEC));
	EXPECT_EQ(fsconfig(fs, FSCONFIG_SET_STRING, "size", "4k", 0), 0);
	EXPECT_ERRNO(fsconfig(fs, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0), EINVAL);
	EXPECT_ERRNO(fsconfig(fs, FSCONFIG_SET_STRING, "size", "1M", 0), EBUSY);
	EXPECT_ERRNO(fsconfig(fs, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0), EBUSY);
	close(fs);
	MUST(umount2("m", 0));
}

TEST(copies_of_a_tree)
{
	int fd;

	root_on_a_kernel();
	MUST(mkdir("a", 0755));
	MUST(mkdir("b", 0755));
	MUST(mount("none", "a", "tmpfs", 0, NULL));
	MUST(mkdir("a/sub", 0755));
	MUST(mount("none", "a/sub", "tmpfs", 0, NULL));
	put_text("a/sub/deep", "x");
	EXPECT_ERRNO(open_tree(AT_FDCWD, "a", RECURSIVE), EINVAL);
	EXPECT_ERRNO(open_tree(AT_FDCWD, "a", 0x2), EINVAL);
	/* Without a copy it is a descriptor as of O_PATH. */
	fd = MUST(open_tree(AT_FDCWD, "a", OPEN_TREE_CLOEXEC));
	EXPECT_ERRNO(read(fd, &(char){ 0 }, 1), EBADF);
	close(fd);
	fd = MUST(open_tree(AT_FDCWD, "a", OPEN_TREE_CLONE));
	EXPECT_ERRNO(faccessat(fd, "sub/deep", F_OK, 0), ENOENT);
	close(fd);
	fd = MUST(open_tree(AT_FDCWD, "a", OPEN_TREE_CLONE | RECURSIVE));
	EXPECT_EQ(faccessat(fd, "sub/deep", F_OK, 0), 0);
	/* Only the top of the copy moves, and as a whole. */
	EXPECT_ERRNO(move_mount(fd, "sub", AT_FDCWD, "b", 0), EINVAL);
	EXPECT_EQ(move_mount(fd, "", AT_FDCWD, "b", MOVE_MOUNT_F_EMPTY_PATH), 0);
	close(fd);
	EXPECT_EQ(access("b/sub/deep", F_OK), 0);
	MUST(umount2("b/sub", 0));
	MUST(umount2("b", 0));
	MUST(umount2("a/sub", 0));
	MUST(umount2("a", 0));
}

TEST(moves_that_are_refused)
{
	int fd;

	root_on_a_kernel();
	MUST(mkdir("a", 0755));
	put_text("f", "x");
	MUST(mount("none", "a", "tmpfs", 0, NULL));
	MUST(mkdir("a/in", 0755));
	EXPECT_ERRNO(move_mount(AT_FDCWD, "a", AT_FDCWD, "a/in", 0), ELOOP);
	EXPECT_ERRNO(move_mount(AT_FDCWD, "a", AT_FDCWD, "f", 0), EINVAL);
	EXPECT_ERRNO(move_mount(AT_FDCWD, "a/in", AT_FDCWD, "a", 0), EINVAL);
	EXPECT_ERRNO(move_mount(AT_FDCWD, "a", AT_FDCWD, "nowhere", 0), ENOENT);
	EXPECT_ERRNO(move_mount(AT_FDCWD, "a", AT_FDCWD, "f", 0x80), EINVAL);
	fd = detached(0);
	EXPECT_ERRNO(move_mount(fd, "", AT_FDCWD, "a", 0), ENOENT);
	/* Nothing is mounted in what has no place itself. */
	MUST(mkdirat(fd, "d", 0755));
	EXPECT_ERRNO(move_mount(AT_FDCWD, "a", fd, "d", 0), EINVAL);
	close(fd);
	MUST(umount2("a", 0));
}

TEST(attributes_of_mounts)
{
	char line[512];
	int fd;

	root_on_a_kernel();
	MUST(mkdir("m", 0755));
	MUST(mount("none", "m", "tmpfs", 0, NULL));
	MUST(mkdir("m/sub", 0755));
	MUST(mount("none", "m/sub", "tmpfs", 0, NULL));
	EXPECT_EQ(setattr("m", 0, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOEXEC, 0, 0), 0);
	EXPECT_ERRNO(open("m/f", O_CREAT | O_WRONLY, 0600), EROFS);
	fd = MUST(open("m/sub/f", O_CREAT | O_WRONLY, 0600));
	EXPECT(mount_line("m", line, sizeof(line)));
	EXPECT(strstr(line, " ro,noexec,relatime") != NULL);
	EXPECT_EQ(setattr("m", 0, 0, MOUNT_ATTR_RDONLY, 0), 0);
	/* All or nothing: a file below is open for writing. */
	EXPECT_ERRNO(setattr("m", RECURSIVE, MOUNT_ATTR_RDONLY, 0, 0), EBUSY);
	close(MUST(open("m/g", O_CREAT | O_WRONLY, 0600)));
	close(fd);
	EXPECT_EQ(setattr("m", RECURSIVE, MOUNT_ATTR_RDONLY, 0, 0), 0);
	EXPECT_ERRNO(open("m/sub/f", O_WRONLY), EROFS);
	EXPECT_EQ(setattr("m", RECURSIVE, MOUNT_ATTR_NOATIME, MOUNT_ATTR__ATIME | MOUNT_ATTR_RDONLY,
			  0), 0);
	EXPECT(mount_line("m/sub", line, sizeof(line)));
	EXPECT(strstr(line, " rw,noatime") != NULL);
	EXPECT_ERRNO(setattr("m", 0, MOUNT_ATTR_NOATIME, 0, 0), EINVAL);
	EXPECT_ERRNO(setattr("m", 0, 0, MOUNT_ATTR_NOATIME, 0), EINVAL);
	EXPECT_ERRNO(setattr("m", 0, 0x400, 0, 0), EINVAL);
	EXPECT_ERRNO(setattr("m/sub/f", 0, MOUNT_ATTR_RDONLY, 0, 0), EINVAL);
	EXPECT_ERRNO(setattr("m", 0, 0, 0, 1 << 18 | 1 << 17), EINVAL);
	EXPECT_EQ(setattr("nowhere", 0, 0, 0, 0), 0);
	EXPECT_ERRNO(syscall(SYS_mount_setattr, AT_FDCWD, "m", 0, line, 16), EINVAL);
	MUST(umount2("m/sub", 0));
	MUST(umount2("m", 0));
}

TEST(links_that_are_not_followed)
{
	root_on_a_kernel();
	MUST(mkdir("m", 0755));
	MUST(mount("none", "m", "tmpfs", 0, NULL));
	put_text("m/f", "x");
	MUST(symlink("f", "m/link"));
	EXPECT_EQ(setattr("m", 0, MOUNT_ATTR_NOSYMFOLLOW, 0, 0), 0);
	EXPECT_ERRNO(open("m/link", O_RDONLY), ELOOP);
	close(MUST(open("m/f", O_RDONLY)));
	EXPECT_EQ(readlink("m/link", (char[8]){ 0 }, 8), 1);
	EXPECT_EQ(setattr("m", 0, 0, MOUNT_ATTR_NOSYMFOLLOW, 0), 0);
	close(MUST(open("m/link", O_RDONLY)));
	MUST(umount2("m", 0));
	MUST(mount("none", "m", "tmpfs", 256 /* MS_NOSYMFOLLOW */, NULL));
	MUST(symlink("/", "m/link"));
	EXPECT_ERRNO(open("m/link", O_RDONLY), ELOOP);
	MUST(umount2("m", 0));
}

TEST(only_for_root)
{
	root_on_a_kernel();
	EXPECT_EXIT(IN_CHILD({
		MUST(setresuid(1000, 1000, 1000));
		EXPECT_ERRNO(fsopen("tmpfs"), EPERM);
		EXPECT_ERRNO(fsmount(0, 0), EPERM);
		EXPECT_ERRNO(syscall(SYS_fspick, AT_FDCWD, "/", 0), EPERM);
		EXPECT_ERRNO(open_tree(AT_FDCWD, "/", OPEN_TREE_CLONE), EPERM);
		EXPECT_ERRNO(move_mount(AT_FDCWD, "/proc", AT_FDCWD, "/", 0), EPERM);
		EXPECT_ERRNO(setattr("/", 0, 0, 0, 0), EPERM);
		close(MUST(open_tree(AT_FDCWD, "/", 0)));
	}), 0);
}

TEST(mounts_that_expire)
{
	int fd;

	SKIP_IN_EMULATOR("mounts are the host's");
	need_root();
	MUST(mkdir("m", 0755));
	MUST(mount("none", "m", "tmpfs", 0, NULL));
	fd = MUST(open("m", O_RDONLY));
	EXPECT_ERRNO(umount2("m", MNT_EXPIRE), EBUSY);
	close(fd);
	EXPECT_ERRNO(umount2("m", MNT_EXPIRE), EAGAIN);
	/* Used since: marked anew. */
	put_text("m/f", "x");
	EXPECT_ERRNO(umount2("m", MNT_EXPIRE), EAGAIN);
	MUST(umount2("m", MNT_EXPIRE));
	EXPECT_ERRNO(umount2("m", 0), EINVAL);
	EXPECT_ERRNO(umount2("m", MNT_EXPIRE | MNT_DETACH), EINVAL);
}
