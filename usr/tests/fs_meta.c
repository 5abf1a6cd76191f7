/* SPDX-License-Identifier: BSD-2-Clause */
/* What is known of files: stat, statx, modes, owners, times, permissions of other users. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <grp.h>

#include "helpers.h"

#define USER 4242

static struct stat stat_of(const char *path)
{
	struct stat st;

	MUST(lstat(path, &st));
	return st;
}

TEST(stat_fields)
{
	struct stat st;

	put_text("f", "hello");
	st = stat_of("f");
	EXPECT_EQ(st.st_size, 5);
	EXPECT_EQ(st.st_uid, geteuid());
	EXPECT_EQ(st.st_blocks % 8, 0);
	EXPECT_GE(st.st_blocks, in_emulator() ? 0 : 8);
	EXPECT_EQ(st.st_blksize, 4096);
	EXPECT_NE(st.st_ino, 0);
	st = stat_of("/dev/null");
	EXPECT(S_ISCHR(st.st_mode));
	EXPECT_EQ(major(st.st_rdev), 1);
	EXPECT_EQ(minor(st.st_rdev), 3);
	EXPECT(S_ISDIR(stat_of("/").st_mode));
	EXPECT_NE(stat_of("/proc").st_dev, stat_of("/dev/null").st_dev);
}

/* struct statx as the kernel lays it out; the headers that declare it clash with <sys/stat.h>. */
struct statx_buf {
	uint32_t mask, blksize;
	uint64_t attributes;
	uint32_t nlink, uid, gid;
	uint16_t mode, pad;
	uint64_t ino, size, blocks, attributes_mask;
	uint8_t rest[192];
};

_Static_assert(sizeof(struct statx_buf) == 256, "struct statx");

TEST(statx)
{
	struct statx_buf sx;
	struct stat st;
	int fd;

	put_text("f", "hello");
	st = stat_of("f");
	MUST(syscall(SYS_statx, AT_FDCWD, "f", 0, 0x7ff, &sx));
	EXPECT_EQ(sx.mask & 0x7ff, 0x7ff);
	EXPECT_EQ(sx.size, 5);
	EXPECT_EQ(sx.ino, st.st_ino);
	EXPECT_EQ(sx.mode, st.st_mode);
	EXPECT_EQ(sx.nlink, 1);
	fd = MUST(open("f", O_RDONLY));
	MUST(syscall(SYS_statx, fd, "", AT_EMPTY_PATH, 0x7ff, &sx));
	EXPECT_EQ(sx.ino, st.st_ino);
	EXPECT_ERRNO(syscall(SYS_statx, AT_FDCWD, "none", 0, 0x7ff, &sx), ENOENT);
	SKIP_IN_EMULATOR("flags");
	EXPECT_ERRNO(syscall(SYS_statx, AT_FDCWD, "f", 0x6000, 0x7ff, &sx), EINVAL);
	EXPECT_ERRNO(syscall(SYS_statx, AT_FDCWD, "f", 0x80, 0x7ff, &sx), EINVAL);
}

TEST(chmod)
{
	put_text("f", "");
	MUST(chmod("f", 07777));
	EXPECT_EQ(stat_of("f").st_mode, S_IFREG | 07777);
	MUST(fchmod(MUST(open("f", O_RDONLY)), 0));
	EXPECT_EQ(stat_of("f").st_mode, S_IFREG);
	MUST(symlink("f", "s"));
	MUST(chmod("s", 0640)); /* follows */
	EXPECT_EQ(stat_of("f").st_mode, S_IFREG | 0640);
	EXPECT_ERRNO(chmod("none", 0600), ENOENT);
}

TEST(chown)
{
	need_root();
	put_text("f", "");
	MUST(chmod("f", 06755));
	MUST(chown("f", 10, 20));
	EXPECT_EQ(stat_of("f").st_uid, 10);
	EXPECT_EQ(stat_of("f").st_gid, 20);
	EXPECT_EQ(stat_of("f").st_mode, S_IFREG | 0755); /* set-id bits go */
	MUST(chown("f", -1, 30));
	EXPECT_EQ(stat_of("f").st_uid, 10);
	EXPECT_EQ(stat_of("f").st_gid, 30);
	MUST(symlink("f", "s"));
	MUST(lchown("s", 50, 60));
	EXPECT_EQ(stat_of("s").st_uid, 50);
	EXPECT_EQ(stat_of("f").st_uid, 10);
}

/* --- another user ---------------------------- */

static void become_user(void)
{
	MUST(setgid(USER));
	MUST(setuid(USER));
}

TEST(permissions_of_others)
{
	need_root();
	MUST(chmod(".", 0755));
	put_file("private", "x", 1, 0600);
	put_file("readable", "x", 1, 0644);
	put_file("program", "x", 1, 0711);
	MUST(mkdir("closed", 0700));
	put_file("closed/f", "x", 1, 0644);
	MUST(mkdir("passable", 0711));
	put_file("passable/f", "x", 1, 0644);
	EXPECT_EXIT(IN_CHILD({
		become_user();
		EXPECT_ERRNO(open("private", O_RDONLY), EACCES);
		EXPECT_GE(open("readable", O_RDONLY), 0);
		EXPECT_ERRNO(open("readable", O_WRONLY), EACCES);
		EXPECT_ERRNO(open("readable", O_RDONLY | O_TRUNC), EACCES);
		EXPECT_ERRNO(open("program", O_RDONLY), EACCES);
		EXPECT_EQ(access("program", X_OK), 0);
		EXPECT_ERRNO(access("readable", X_OK), EACCES);
		EXPECT_ERRNO(open("closed/f", O_RDONLY), EACCES);
		EXPECT_ERRNO(chdir("closed"), EACCES);
		EXPECT_GE(open("passable/f", O_RDONLY), 0);
		EXPECT_ERRNO(open("passable", O_RDONLY), EACCES);
		EXPECT_ERRNO(open("new", O_CREAT | O_WRONLY, 0600), EACCES);
		EXPECT_ERRNO(mkdir("newdir", 0700), EACCES);
		EXPECT_ERRNO(unlink("readable"), EACCES);
		EXPECT_ERRNO(rename("readable", "r2"), EACCES);
		EXPECT_ERRNO(chmod("readable", 0777), EPERM);
		EXPECT_ERRNO(chown("readable", USER, USER), EPERM);
		EXPECT_ERRNO(truncate("readable", 0), EACCES);
		EXPECT_ERRNO(mknod("/tmp/devnode", S_IFCHR | 0600, makedev(1, 3)), EPERM);
	}), 0);
}

TEST(group_permissions)
{
	gid_t groups[] = { 77 };

	need_root();
	MUST(chmod(".", 0755));
	put_file("f", "x", 1, 0640);
	MUST(chown("f", 0, 77));
	put_file("g", "x", 1, 0604); /* the group has less than others */
	MUST(chown("g", 0, 77));
	EXPECT_EXIT(IN_CHILD({
		MUST(setgroups(1, groups));
		become_user();
		EXPECT_GE(open("f", O_RDONLY), 0);
		EXPECT_ERRNO(open("f", O_WRONLY), EACCES);
		EXPECT_ERRNO(open("g", O_RDONLY), EACCES);
	}), 0);
}

TEST(sticky_folder)
{
	need_root();
	MUST(chmod(".", 0755));
	MUST(mkdir("d", 0));
	MUST(chmod("d", 01777));
	put_file("d/roots", "x", 1, 0666);
	EXPECT_EXIT(IN_CHILD({
		become_user();
		EXPECT_ERRNO(unlink("d/roots"), EPERM);
		EXPECT_ERRNO(rename("d/roots", "d/x"), EPERM);
		put_text("d/own", "x");
		MUST(unlink("d/own"));
	}), 0);
}

TEST(new_file_owner)
{
	need_root();
	MUST(mkdir("d", 0));
	MUST(chmod("d", 02777));
	MUST(chown("d", 0, 99));
	MUST(chmod("d", 02777));
	MUST(chmod(".", 0755));
	EXPECT_EXIT(IN_CHILD({
		become_user();
		put_text("d/f", "");
		MUST(mkdir("d/sub", 0700));
	}), 0);
	EXPECT_EQ(stat_of("d/f").st_uid, USER);
	EXPECT_EQ(stat_of("d/f").st_gid, 99); /* of the set-gid folder */
	EXPECT_EQ(stat_of("d/sub").st_gid, 99);
	EXPECT(stat_of("d/sub").st_mode & S_ISGID);
}

TEST(write_clears_setuid)
{
	need_root();
	put_file("f", "x", 1, 0644);
	MUST(chown("f", USER, USER));
	MUST(chmod("f", 06777));
	MUST(chmod(".", 0755));
	EXPECT_EXIT(IN_CHILD({
		become_user();
		int fd = MUST(open("f", O_WRONLY));

		EXPECT_EQ(write(fd, "y", 1), 1);
	}), 0);
	EXPECT_EQ(stat_of("f").st_mode & 06000, 0);
}

/* --- times ---------------------------- */

static int64_t ns_of(struct timespec ts)
{
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

TEST(utimens)
{
	struct timespec times[2] = { { 1000, 5 }, { 2000, 7 } };
	struct stat st;

	put_text("f", "");
	MUST(utimensat(AT_FDCWD, "f", times, 0));
	st = stat_of("f");
	EXPECT_EQ(ns_of(st.st_atim), 1000000000005);
	EXPECT_EQ(ns_of(st.st_mtim), 2000000000007);
	times[0].tv_nsec = UTIME_OMIT;
	times[1].tv_nsec = UTIME_NOW;
	MUST(utimensat(AT_FDCWD, "f", times, 0));
	st = stat_of("f");
	EXPECT_EQ(st.st_atim.tv_sec, 1000);
	EXPECT_NE(st.st_mtim.tv_sec, 2000);
	times[1].tv_nsec = 1000000000;
	EXPECT_ERRNO(utimensat(AT_FDCWD, "f", times, 0), EINVAL);
	MUST(symlink("f", "s"));
	times[0] = times[1] = (struct timespec){ 77, 0 };
	MUST(utimensat(AT_FDCWD, "s", times, AT_SYMLINK_NOFOLLOW));
	EXPECT_EQ(stat_of("s").st_mtim.tv_sec, 77);
	EXPECT_NE(stat_of("f").st_mtim.tv_sec, 77);
}

TEST(changes_update_times)
{
	struct stat before, after;

	put_text("f", "");
	MUST(mkdir("d", 0700));
	before = stat_of("f");
	sleep_ms(20);
	put_text("f", "new");
	after = stat_of("f");
	EXPECT_GT(ns_of(after.st_mtim), ns_of(before.st_mtim));
	before = after;
	sleep_ms(20);
	MUST(chmod("f", 0600));
	after = stat_of("f");
	EXPECT_EQ(ns_of(after.st_mtim), ns_of(before.st_mtim));
	EXPECT_GT(ns_of(after.st_ctim), ns_of(before.st_ctim));
	before = stat_of("d");
	sleep_ms(20);
	put_text("d/x", "");
	EXPECT_GT(ns_of(stat_of("d").st_mtim), ns_of(before.st_mtim));
	before = stat_of("d");
	sleep_ms(20);
	MUST(unlink("d/x"));
	EXPECT_GT(ns_of(stat_of("d").st_mtim), ns_of(before.st_mtim));
}

TEST(file_system)
{
	struct statfs sf;

	MUST(statfs(".", &sf));
	EXPECT_EQ(sf.f_bsize, 4096);
	EXPECT_GE(sf.f_namelen, 255);
	MUST(statfs("/proc", &sf));
	EXPECT_EQ(sf.f_type, 0x9fa0);
	EXPECT_ERRNO(statfs("none", &sf), ENOENT);
}
