/* SPDX-License-Identifier: BSD-2-Clause */
/* Folders and names: mkdir, rename, link, symlink, getdents64, path walk, the *at calls. */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "helpers.h"

static ino_t inode(const char *path)
{
	struct stat st;

	MUST(lstat(path, &st));
	return st.st_ino;
}

static int links(const char *path)
{
	struct stat st;

	MUST(lstat(path, &st));
	return st.st_nlink;
}

static int entries(const char *path)
{
	DIR *dir = opendir(path);
	int count = 0;

	EXPECT(dir != NULL);
	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

TEST(mkdir_rmdir)
{
	struct stat st;

	MUST(mkdir("d", 0777));
	MUST(stat("d", &st));
	EXPECT_EQ(st.st_mode, S_IFDIR | 0755);
	EXPECT_EQ(links("d"), 2);
	MUST(mkdir("d/sub", 0700));
	EXPECT_EQ(links("d"), 3);
	EXPECT_ERRNO(mkdir("d", 0700), EEXIST);
	EXPECT_ERRNO(mkdir("x/y", 0700), ENOENT);
	EXPECT_ERRNO(rmdir("d"), ENOTEMPTY);
	EXPECT_ERRNO(rmdir("d/."), EINVAL);
	EXPECT_ERRNO(rmdir("d/sub/.."), ENOTEMPTY);
	MUST(rmdir("d/sub/"));
	EXPECT_EQ(links("d"), 2);
	put_text("f", "");
	EXPECT_ERRNO(rmdir("f"), ENOTDIR);
	EXPECT_ERRNO(unlink("d"), EISDIR);
	EXPECT_ERRNO(mkdir("f/d", 0700), ENOTDIR);
	MUST(rmdir("d"));
	EXPECT_ERRNO(rmdir("d"), ENOENT);
	EXPECT_ERRNO(rmdir("/"), EBUSY);
}

TEST(removed_folder_in_use)
{
	char buf[PATH_MAX];

	MUST(mkdir("d", 0700));
	MUST(chdir("d"));
	MUST(rmdir("../d"));
	EXPECT_ERRNO(open("f", O_CREAT | O_WRONLY, 0600), ENOENT);
	EXPECT_ERRNO(mkdir("x", 0700), ENOENT);
	EXPECT_ERRNO(syscall(SYS_getcwd, buf, sizeof(buf)), ENOENT);
	MUST(chdir(".."));
}

TEST(hard_links)
{
	put_text("a", "text");
	MUST(link("a", "b"));
	EXPECT_EQ(links("a"), 2);
	EXPECT_EQ(inode("a"), inode("b"));
	MUST(unlink("a"));
	EXPECT_EQ(links("b"), 1);
	EXPECT_ERRNO(link("a", "c"), ENOENT);
	EXPECT_ERRNO(link("b", "b"), EEXIST);
	MUST(mkdir("d", 0700));
	EXPECT_ERRNO(link("d", "e"), EPERM);
	EXPECT_ERRNO(link("b", "/dev/no-such-name"), EXDEV);
	MUST(symlink("b", "s"));
	MUST(link("s", "t")); /* the link itself */
	EXPECT_EQ(inode("s"), inode("t"));
	MUST(linkat(AT_FDCWD, "s", AT_FDCWD, "u", AT_SYMLINK_FOLLOW));
	EXPECT_EQ(inode("u"), inode("b"));
}

TEST(symbolic_links)
{
	char buf[16], longtarget[PATH_MAX + 10];
	struct stat st;

	MUST(symlink("target", "s"));
	EXPECT_EQ(readlink("s", buf, sizeof(buf)), 6);
	EXPECT_EQ(readlink("s", buf, 3), 3);
	EXPECT_ERRNO(syscall(SYS_readlinkat, AT_FDCWD, "s", buf, 0), EINVAL);
	MUST(lstat("s", &st));
	EXPECT_EQ(st.st_mode, S_IFLNK | 0777);
	EXPECT_EQ(st.st_size, 6);
	put_text("f", "");
	EXPECT_ERRNO(readlink("f", buf, sizeof(buf)), EINVAL);
	EXPECT_ERRNO(symlink("x", "s"), EEXIST);
	EXPECT_ERRNO(symlink("", "e"), ENOENT);
	memset(longtarget, 'x', sizeof(longtarget));
	longtarget[PATH_MAX + 9] = '\0';
	EXPECT_ERRNO(symlink(longtarget, "e"), ENAMETOOLONG);
}

TEST(path_walk)
{
	char name[64];

	MUST(mkdir("d", 0700));
	MUST(mkdir("d/e", 0700));
	put_text("d/e/f", "x");
	MUST(symlink("d", "sd"));
	MUST(symlink("../e/f", "d/e/sf"));
	EXPECT_EQ(access("d//e/.././e///f", F_OK), 0);
	EXPECT_EQ(access("sd/e/f", F_OK), 0);
	EXPECT_EQ(access("sd/e/sf", F_OK), 0);
	EXPECT_EQ(access("/../../../proc/..", F_OK), 0);
	EXPECT_ERRNO(access("d/e/f/", F_OK), ENOTDIR);
	EXPECT_ERRNO(access("d/e/f/..", F_OK), ENOTDIR);
	EXPECT_ERRNO(access("d/none/../e", F_OK), ENOENT);
	/* 40 links in a row are followed, 41 are not. */
	put_text("l0", "end");
	for (int i = 1; i <= 41; i++) {
		char target[64];

		snprintf(target, sizeof(target), "l%d", i - 1);
		snprintf(name, sizeof(name), "l%d", i);
		MUST(symlink(target, name));
	}
	EXPECT_EQ(access("l40", F_OK), 0);
	EXPECT_ERRNO(access("l41", F_OK), ELOOP);
}

TEST(long_paths)
{
	char path[PATH_MAX + 1];
	int len = 0;

	while (len < PATH_MAX - 3) {
		path[len++] = '.';
		path[len++] = '/';
	}
	path[len] = '\0';
	EXPECT_LT(len, PATH_MAX);
	EXPECT_EQ(access(path, F_OK), 0);
	memset(path, '/', PATH_MAX);
	path[PATH_MAX] = '\0';
	EXPECT_ERRNO(access(path, F_OK), ENAMETOOLONG);
}

TEST(rename_files)
{
	char buf[8];

	put_text("a", "A");
	put_text("b", "B");
	MUST(rename("a", "b"));
	get_file("b", buf, sizeof(buf));
	EXPECT_STREQ(buf, "A");
	EXPECT_ERRNO(access("a", F_OK), ENOENT);
	MUST(rename("b", "b"));
	MUST(link("b", "c"));
	MUST(rename("b", "c")); /* two names of one file: nothing happens */
	EXPECT_EQ(access("b", F_OK), 0);
	EXPECT_EQ(links("c"), 2);
	EXPECT_ERRNO(rename("none", "x"), ENOENT);
	EXPECT_ERRNO(rename("c", "none/x"), ENOENT);
	EXPECT_ERRNO(rename("c", "/proc/x"), EXDEV);
}

TEST(rename_folders)
{
	MUST(mkdir("d", 0700));
	MUST(mkdir("d/sub", 0700));
	MUST(mkdir("e", 0700));
	put_text("f", "");
	put_text("d/x", "");
	EXPECT_ERRNO(rename("d", "d/sub/y"), EINVAL);
	EXPECT_ERRNO(rename("d", "f"), ENOTDIR);
	EXPECT_ERRNO(rename("f", "d"), EISDIR);
	EXPECT_ERRNO(rename("e", "d"), ENOTEMPTY);
	EXPECT_ERRNO(rename("d/sub", "d/sub/."), EBUSY);
	MUST(rename("d", "e")); /* over an empty folder */
	EXPECT_EQ(access("e/x", F_OK), 0);
	EXPECT_EQ(access("e/sub/../x", F_OK), 0);
	MUST(mkdir("other", 0700));
	EXPECT_EQ(links("e"), 3);
	MUST(rename("e/sub", "other/sub"));
	EXPECT_EQ(links("e"), 2);
	EXPECT_EQ(links("other"), 3);
	EXPECT_EQ(inode("other/sub/.."), inode("other")); /* ".." moved along */
}

TEST(rename_flags)
{
	char buf[8];

	put_text("a", "A");
	put_text("b", "B");
	EXPECT_ERRNO(syscall(SYS_renameat2, AT_FDCWD, "a", AT_FDCWD, "b", 1),
		     EEXIST); /* NOREPLACE */
	EXPECT_EQ(syscall(SYS_renameat2, AT_FDCWD, "a", AT_FDCWD, "b", 2), 0); /* EXCHANGE */
	get_file("a", buf, sizeof(buf));
	EXPECT_STREQ(buf, "B");
	EXPECT_ERRNO(syscall(SYS_renameat2, AT_FDCWD, "a", AT_FDCWD, "none", 2), ENOENT);
	EXPECT_ERRNO(syscall(SYS_renameat2, AT_FDCWD, "a", AT_FDCWD, "b", 3), EINVAL);
	EXPECT_ERRNO(syscall(SYS_renameat2, AT_FDCWD, "a", AT_FDCWD, "b", 64), EINVAL);
}

TEST(rename_open_file)
{
	int fd;
	char buf[8];

	put_text("a", "old");
	put_text("b", "new");
	fd = MUST(open("a", O_RDONLY));
	MUST(rename("b", "a"));
	EXPECT_EQ(read(fd, buf, 8), 3);
	EXPECT_MEMEQ(buf, "old", 3);
}

struct raw_dirent {
	uint64_t ino;
	int64_t off;
	uint16_t reclen;
	uint8_t type;
	char name[];
};

TEST(getdents)
{
	enum { FILES = 500 };
	char seen[FILES] = { 0 }, name[32], buf[1024];
	int dots = 0, total = 0, fd;
	long len;

	for (int i = 0; i < FILES; i++) {
		snprintf(name, sizeof(name), "d-%d-%.*s", i, i % 20, "xxxxxxxxxxxxxxxxxxxx");
		if (i % 3)
			put_text(name, "");
		else
			MUST(mkdir(name, 0700));
	}
	fd = MUST(open(".", O_RDONLY | O_DIRECTORY));
	while ((len = syscall(SYS_getdents64, fd, buf, sizeof(buf))) > 0) {
		for (long at = 0; at < len;) {
			struct raw_dirent *d = (void *)(buf + at);
			int i;

			EXPECT_EQ(d->reclen % 8, 0);
			EXPECT_NE(d->ino, 0);
			if (d->name[0] == '.') {
				EXPECT_EQ(d->type, DT_DIR);
				dots++;
			} else {
				i = atoi(d->name + 2);
				EXPECT(!seen[i]);
				seen[i] = 1;
				EXPECT_EQ(d->type, i % 3 ? DT_REG : DT_DIR);
				total++;
			}
			at += d->reclen;
		}
	}
	EXPECT_EQ(len, 0);
	EXPECT_EQ(dots, 2);
	EXPECT_EQ(total, FILES);
	EXPECT_EQ(lseek(fd, 0, SEEK_SET), 0);
	EXPECT_GT(syscall(SYS_getdents64, fd, buf, sizeof(buf)), 0);
	EXPECT_ERRNO(syscall(SYS_getdents64, fd, buf, 10), EINVAL);
	EXPECT_ERRNO(syscall(SYS_getdents64, MUST(open("/dev/null", O_RDONLY)), buf, 100), ENOTDIR);
}

/* Deleting while reading: no entry is seen twice, and all go. */
TEST(delete_while_reading)
{
	enum { FILES = 300 };
	char name[32];
	DIR *dir;
	struct dirent *d;

	MUST(mkdir("d", 0700));
	for (int i = 0; i < FILES; i++) {
		snprintf(name, sizeof(name), "d/%d", i);
		put_text(name, "");
	}
	dir = opendir("d");
	EXPECT(dir != NULL);
	while ((d = readdir(dir)))
		if (d->d_name[0] != '.')
			MUST(unlinkat(dirfd(dir), d->d_name, 0));
	closedir(dir);
	EXPECT_EQ(entries("d"), 2);
	MUST(rmdir("d"));
}

TEST(at_calls)
{
	struct stat st;
	int dir;

	MUST(mkdir("d", 0700));
	dir = MUST(open("d", O_RDONLY | O_DIRECTORY));
	EXPECT_GE(openat(dir, "f", O_CREAT | O_WRONLY, 0600), 0);
	MUST(mkdirat(dir, "sub", 0700));
	MUST(symlinkat("f", dir, "s"));
	MUST(fstatat(dir, "s", &st, AT_SYMLINK_NOFOLLOW));
	EXPECT(S_ISLNK(st.st_mode));
	MUST(fstatat(dir, "s", &st, 0));
	EXPECT(S_ISREG(st.st_mode));
	MUST(fstatat(dir, "", &st, AT_EMPTY_PATH));
	EXPECT_EQ(st.st_ino, inode("d"));
	EXPECT_ERRNO(fstatat(dir, "", &st, 0), ENOENT);
	EXPECT_ERRNO(fstatat(dir, "f", &st, 0x8000), EINVAL);
	MUST(renameat(dir, "f", dir, "g"));
	MUST(linkat(dir, "g", dir, "h", 0));
	MUST(faccessat(dir, "h", R_OK, 0));
	EXPECT_ERRNO(unlinkat(dir, "sub", 0), EISDIR);
	MUST(unlinkat(dir, "sub", AT_REMOVEDIR));
	EXPECT_ERRNO(unlinkat(dir, "g", AT_REMOVEDIR), ENOTDIR);
	EXPECT_ERRNO(unlinkat(dir, "g", 0x7), EINVAL);
	MUST(fchdir(dir));
	EXPECT_EQ(access("g", F_OK), 0);
}

TEST(getcwd)
{
	char buf[PATH_MAX], base[PATH_MAX];

	EXPECT(getcwd(base, sizeof(base)) != NULL);
	MUST(mkdir("a", 0700));
	MUST(mkdir("a/b", 0700));
	MUST(symlink("a/b", "s"));
	MUST(chdir("s"));
	EXPECT(getcwd(buf, sizeof(buf)) != NULL);
	EXPECT_STREQ(buf + strlen(base), "/a/b");
	EXPECT_EQ(syscall(SYS_getcwd, buf, sizeof(buf)), strlen(base) + 5); /* with its NUL */
	EXPECT_ERRNO(syscall(SYS_getcwd, buf, 3), ERANGE);
	MUST(rename("../../a", "../../c"));
	EXPECT(getcwd(buf, sizeof(buf)) != NULL);
	EXPECT_STREQ(buf + strlen(base), "/c/b");
}

TEST(mknod_fifo)
{
	struct stat st;

	MUST(mkfifo("fifo", 0666));
	MUST(stat("fifo", &st));
	EXPECT_EQ(st.st_mode, S_IFIFO | 0644);
	EXPECT_ERRNO(mkfifo("fifo", 0666), EEXIST);
	EXPECT_ERRNO(mknod("x", S_IFDIR | 0700, 0), EPERM);
	MUST(mknod("plain", S_IFREG | 0600, 0));
	MUST(stat("plain", &st));
	EXPECT(S_ISREG(st.st_mode));
}

/* Many processes create, rename and delete in one folder: it stays consistent. */
TEST(concurrent_folder_changes)
{
	pid_t pids[4];

	MUST(mkdir("d", 0700));
	for (int p = 0; p < 4; p++) {
		pids[p] = must_fork();
		if (pids[p] != 0)
			continue;
		for (int i = 0; i < 300; i++) {
			char a[32], b[32];

			snprintf(a, sizeof(a), "d/%d-%d", p, i);
			snprintf(b, sizeof(b), "d/common%d", i % 5);
			put_text(a, "x");
			MUST(rename(a, b));
			if (unlink(b) < 0)
				EXPECT_EQ(errno, ENOENT);
		}
		_exit(0);
	}
	for (int p = 0; p < 4; p++)
		EXPECT_EXIT(wait_status(pids[p]), 0);
	for (int i = 0; i < 5; i++) {
		char b[32];

		snprintf(b, sizeof(b), "d/common%d", i);
		unlink(b);
	}
	MUST(rmdir("d"));
}
