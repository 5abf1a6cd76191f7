/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Path walks against those who change the tree under them: whatever is renamed, removed or
 * mounted meanwhile, a path leads to what was once there under it, or to nothing.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "helpers.h"

#define WALKERS 2
#define ROUNDS 200

#define LONG_NAME "a-name-that-is-too-long-for-the-inline-text-of-any-dentry-so-it-is-elsewhere"

/* Set by the process that changes the tree. */
static volatile int *done;

/* `path` is missing, or a file whose size is `a` or `b`. */
static void look(const char *path, off_t a, off_t b)
{
	struct stat st;
	int fd;

	if (stat(path, &st))
		EXPECT_EQ(errno, ENOENT);
	else if (st.st_size != a && st.st_size != b)
		FAIL("%s: %lld bytes", path, (long long)st.st_size);
	fd = open(path, O_RDONLY);
	if (fd < 0) {
		EXPECT_EQ(errno, ENOENT);
		return;
	}
	MUST(fstat(fd, &st));
	if (st.st_size != a && st.st_size != b)
		FAIL("%s, opened: %lld bytes", path, (long long)st.st_size);
	close(fd);
}

static void size_file(const char *path, off_t size)
{
	int fd = MUST(open(path, O_WRONLY | O_CREAT, 0644));

	MUST(ftruncate(fd, size));
	close(fd);
}

/* Runs `change` ROUNDS times while others `walk`. */
static void race(void (*change)(void), void (*walk)(void))
{
	pid_t walkers[WALKERS];

	done = mmap(NULL, sizeof(*done), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	EXPECT(done != MAP_FAILED);
	for (int i = 0; i < WALKERS; i++) {
		walkers[i] = must_fork();
		if (!walkers[i]) {
			while (!*done)
				walk();
			_exit(0);
		}
	}
	for (int round = 0; round < ROUNDS; round++)
		change();
	*done = 1;
	for (int i = 0; i < WALKERS; i++)
		EXPECT_EXIT(wait_status(walkers[i]), 0);
}

/* ---- names: p/ has files of 1 byte, q/ of 2, whatever they are called ---- */

static void change_names(void)
{
	MUST(rename("p/f", "p/" LONG_NAME));
	MUST(rename("q/f", "q/g"));
	MUST(rename("p", "moved"));
	MUST(rename("moved/" LONG_NAME, "moved/f"));
	MUST(rename("q/g", "q/f"));
	MUST(rename("moved", "p"));
	MUST(syscall(SYS_renameat2, AT_FDCWD, "q/f", AT_FDCWD, "q/" LONG_NAME "2", 2));
}

static void walk_names(void)
{
	look("p/f", 1, 1);
	look("q/f", 2, 2);
	look("p/" LONG_NAME, 1, 1);
	look("moved/" LONG_NAME, 1, 1);
	look("q/g", 2, 2);
	look("q/" LONG_NAME "2", 2, 2);
	look("./p/../q/f", 2, 2);
}

TEST(names_change)
{
	MUST(mkdir("p", 0755));
	MUST(mkdir("q", 0700));
	size_file("p/f", 1);
	size_file("q/f", 2);
	size_file("q/" LONG_NAME "2", 2);
	race(change_names, walk_names);
}

/* ---- life: folders and files come and go ---- */

static void change_life(void)
{
	MUST(mkdir("d", 0755));
	MUST(mkdir("d/e", 0755));
	size_file("d/e/f", 3);
	size_file("d/e/" LONG_NAME, 4);
	MUST(symlink("e/f", "d/link"));
	MUST(unlink("d/link"));
	MUST(unlink("d/e/" LONG_NAME));
	MUST(unlink("d/e/f"));
	MUST(rmdir("d/e"));
	MUST(rmdir("d"));
}

static void walk_life(void)
{
	look("d/e/f", 3, 0);
	look("d/e/" LONG_NAME, 4, 0);
	look("d/link", 3, 0);
	look("d/e/none", -1, -1);
}

TEST(files_come_and_go)
{
	race(change_life, walk_life);
}

/* A walk starts in a folder that somebody removes. */
static void walk_removed(void)
{
	struct stat st;

	if (chdir("w")) {
		EXPECT_EQ(errno, ENOENT);
		return;
	}
	look("f", 5, 0);
	MUST(stat(".", &st));
	EXPECT(S_ISDIR(st.st_mode));
	if (chdir(".."))
		FAIL("no way back: %s", strerror(errno));
}

static void change_removed(void)
{
	MUST(mkdir("w", 0755));
	size_file("w/f", 5);
	MUST(unlink("w/f"));
	MUST(rmdir("w"));
}

TEST(the_folder_one_is_in)
{
	race(change_removed, walk_removed);
}

/* ---- mounts: m/f has 6 bytes below, 7 when something is mounted on m ---- */

static void change_mounts(void)
{
	MUST(mount("none", "m", "tmpfs", 0, NULL));
	size_file("m/f.new", 7);
	MUST(rename("m/f.new", "m/f"));
	MUST(umount2("m", MNT_DETACH));         /* a walker may be inside just now */
}

static void walk_mounts(void)
{
	look("m/f", 6, 7);
}

TEST(mounts_come_and_go)
{
	need_root();
	if (in_emulator())
		SKIP("not on the machine that emulates");
	MUST(mkdir("m", 0755));
	size_file("m/f", 6);
	race(change_mounts, walk_mounts);
}

/* ---- and without a race: what the text of names may be ---- */

TEST(names_of_every_length)
{
	char name[300], path[310];
	struct stat st;

	memset(name, 'n', sizeof(name));
	for (int len = 1; len <= 255; len++) {
		snprintf(path, sizeof(path), "%.*s", len, name);
		size_file(path, len);
	}
	for (int len = 1; len <= 255; len++) {
		snprintf(path, sizeof(path), ".//%.*s", len, name);
		MUST(stat(path, &st));
		EXPECT_EQ(st.st_size, len);
		path[3 + len / 2] = 'm';
		EXPECT_ERRNO(stat(path, &st), ENOENT);
	}
	snprintf(path, sizeof(path), "%.*s", 256, name);
	EXPECT_ERRNO(stat(path, &st), ENAMETOOLONG);
}

/* The text ends where memory ends. */
TEST(names_at_the_end_of_memory)
{
	char *page = mmap(NULL, 2 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct stat st;

	EXPECT(page != MAP_FAILED);
	MUST(munmap(page + 4096, 4096));
	size_file("abcdefghijklm", 8);
	for (int len = 1; len <= 13; len++) {
		char *at = page + 4096 - len - 1;

		memcpy(at, "abcdefghijklm", (size_t)len);
		at[len] = '\0';
		if (len == 13)
			MUST(stat(at, &st));
		else
			EXPECT_ERRNO(stat(at, &st), ENOENT);
	}
}
