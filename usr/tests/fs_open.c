/* SPDX-License-Identifier: BSD-2-Clause */
/* open and its flags, read, write, seek, descriptors, truncation, vectors, sendfile. */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "helpers.h"

TEST(create_and_modes)
{
	struct stat st;
	int fd;

	umask(027);
	fd = MUST(open("f", O_CREAT | O_RDWR, 0777));
	MUST(fstat(fd, &st));
	EXPECT_EQ(st.st_mode, S_IFREG | 0750);
	EXPECT_EQ(st.st_size, 0);
	EXPECT_EQ(st.st_nlink, 1);
	EXPECT_EQ(umask(0), 027);
}

TEST(open_errors)
{
	char longname[NAME_MAX + 2];

	memset(longname, 'x', sizeof(longname) - 1);
	longname[NAME_MAX + 1] = '\0';
	put_text("f", "x");
	MUST(mkdir("d", 0755));
	MUST(symlink("nowhere", "dangling"));
	MUST(symlink("loop2", "loop1"));
	MUST(symlink("loop1", "loop2"));
	EXPECT_ERRNO(open("missing", O_RDONLY), ENOENT);
	EXPECT_ERRNO(open("", O_RDONLY), ENOENT);
	EXPECT_ERRNO(open("missing/f", O_RDONLY | O_CREAT, 0600), ENOENT);
	EXPECT_ERRNO(open("f/x", O_RDONLY), ENOTDIR);
	EXPECT_ERRNO(open("f/", O_RDONLY), ENOTDIR);
	EXPECT_ERRNO(open("f", O_RDONLY | O_DIRECTORY), ENOTDIR);
	EXPECT_ERRNO(open("d", O_WRONLY), EISDIR);
	EXPECT_ERRNO(open("d", O_RDWR), EISDIR);
	EXPECT_ERRNO(open("d", O_RDONLY | O_CREAT, 0600), EISDIR);
	EXPECT_ERRNO(open("new/", O_RDWR | O_CREAT, 0600), EISDIR);
	EXPECT_ERRNO(open("f", O_RDWR | O_CREAT | O_EXCL, 0600), EEXIST);
	EXPECT_ERRNO(open("dangling", O_RDWR | O_CREAT | O_EXCL, 0600), EEXIST);
	EXPECT_ERRNO(open("dangling", O_RDONLY), ENOENT);
	EXPECT_ERRNO(open("loop1", O_RDONLY), ELOOP);
	EXPECT_ERRNO(open("dangling", O_RDONLY | O_NOFOLLOW), ELOOP);
	EXPECT_ERRNO(open(longname, O_RDONLY), ENAMETOOLONG);
	EXPECT_ERRNO(openat(99, "f", O_RDONLY), EBADF);
	EXPECT_ERRNO(openat(MUST(open("f", O_RDONLY)), "f", O_RDONLY), ENOTDIR);
	EXPECT_GE(openat(99, "/", O_RDONLY), 0); /* absolute: the descriptor does not matter */
	EXPECT_GE(open("dangling", O_RDWR | O_CREAT, 0600), 0);
	EXPECT_EQ(access("nowhere", F_OK), 0);
}

TEST(access_modes)
{
	char c;
	int fd;

	put_text("f", "abc");
	fd = MUST(open("f", O_RDONLY));
	EXPECT_ERRNO(write(fd, "x", 1), EBADF);
	fd = MUST(open("f", O_WRONLY));
	EXPECT_ERRNO(read(fd, &c, 1), EBADF);
	EXPECT_ERRNO(read(MUST(open(".", O_RDONLY)), &c, 1), EISDIR);
	EXPECT_ERRNO(read(99, &c, 1), EBADF);
	EXPECT_ERRNO(write(-1, &c, 1), EBADF);
	fd = MUST(open("f", O_PATH));
	EXPECT_ERRNO(read(fd, &c, 1), EBADF);
	EXPECT_ERRNO(syscall(SYS_fchmod, fd, 0600), EBADF);
}

TEST(append)
{
	int a = MUST(open("f", O_CREAT | O_WRONLY | O_APPEND, 0600)), b = MUST(open("f", O_RDWR));
	char buf[32];

	EXPECT_EQ(write(a, "one", 3), 3);
	EXPECT_EQ(write(b, "TWO!", 4), 4);
	EXPECT_EQ(write(a, "three", 5), 5);
	EXPECT_EQ(lseek(a, 0, SEEK_CUR), 9);
	EXPECT_EQ(lseek(a, 0, SEEK_SET), 0);
	EXPECT_EQ(write(a, "x", 1), 1);
	get_file("f", buf, sizeof(buf));
	EXPECT_STREQ(buf, "TWO!threex");
}

TEST(append_from_many)
{
	enum { WRITERS = 4, EACH = 100 };
	char buf[WRITERS * EACH * 4 + 1];
	int counts[WRITERS] = { 0 };
	pid_t pids[WRITERS];

	for (int w = 0; w < WRITERS; w++) {
		pids[w] = must_fork();
		if (pids[w] == 0) {
			int fd = MUST(open("log", O_CREAT | O_WRONLY | O_APPEND, 0600));
			char line[] = { '<', 'a' + w, '>', '\n' };

			for (int i = 0; i < EACH; i++)
				EXPECT_EQ(write(fd, line, 4), 4);
			_exit(0);
		}
	}
	for (int w = 0; w < WRITERS; w++)
		EXPECT_EXIT(wait_status(pids[w]), 0);
	EXPECT_EQ(get_file("log", buf, sizeof(buf)), WRITERS * EACH * 4);
	for (int i = 0; i < WRITERS * EACH; i++) {
		EXPECT(buf[i * 4] == '<' && buf[i * 4 + 2] == '>' && buf[i * 4 + 3] == '\n');
		counts[buf[i * 4 + 1] - 'a']++;
	}
	for (int w = 0; w < WRITERS; w++)
		EXPECT_EQ(counts[w], EACH);
}

TEST(truncate_on_open)
{
	struct stat st;

	put_text("f", "some text");
	MUST(open("f", O_WRONLY | O_TRUNC));
	MUST(stat("f", &st));
	EXPECT_EQ(st.st_size, 0);
}

TEST(seek)
{
	int fd = MUST(open("f", O_CREAT | O_RDWR, 0600)), ends[2];
	char buf[8];

	EXPECT_EQ(write(fd, "0123456789", 10), 10);
	EXPECT_EQ(lseek(fd, 3, SEEK_SET), 3);
	EXPECT_EQ(read(fd, buf, 2), 2);
	EXPECT_EQ(buf[0], '3');
	EXPECT_EQ(lseek(fd, -1, SEEK_CUR), 4);
	EXPECT_EQ(lseek(fd, -2, SEEK_END), 8);
	EXPECT_EQ(read(fd, buf, 8), 2);
	EXPECT_EQ(read(fd, buf, 8), 0);
	EXPECT_ERRNO(lseek(fd, -1, SEEK_SET), EINVAL);
	EXPECT_ERRNO(lseek(fd, 0, 99), EINVAL);
	EXPECT_ERRNO(lseek(99, 0, SEEK_SET), EBADF);
	MUST(pipe(ends));
	EXPECT_ERRNO(lseek(ends[0], 0, SEEK_SET), ESPIPE);
	EXPECT_ERRNO(pread(ends[0], buf, 1, 0), ESPIPE);
	EXPECT_ERRNO(pread(fd, buf, 1, -1), EINVAL);
}

TEST(sparse_file)
{
	int fd = MUST(open("f", O_CREAT | O_RDWR, 0600));
	struct stat st;
	char c = 'x';

	EXPECT_EQ(pwrite(fd, "end", 3, 1LL << 32), 3);
	MUST(fstat(fd, &st));
	EXPECT_EQ(st.st_size, (1LL << 32) + 3);
	EXPECT_LT(st.st_blocks, 1000);
	EXPECT_EQ(pread(fd, &c, 1, 12345678), 1);
	EXPECT_EQ(c, 0);
	EXPECT_EQ(lseek(fd, 0, SEEK_HOLE), 0);
	EXPECT_EQ(lseek(fd, 0, SEEK_DATA), 1LL << 32);
}

TEST(truncate)
{
	int fd;
	char buf[16];

	put_text("f", "0123456789");
	MUST(truncate("f", 4));
	EXPECT_EQ(get_file("f", buf, sizeof(buf)), 4);
	fd = MUST(open("f", O_RDWR));
	MUST(ftruncate(fd, 8));
	EXPECT_EQ(get_file("f", buf, sizeof(buf)), 8);
	EXPECT_MEMEQ(buf, "0123\0\0\0\0", 8); /* old bytes do not come back */
	EXPECT_ERRNO(ftruncate(fd, -1), EINVAL);
	EXPECT_ERRNO(ftruncate(MUST(open("f", O_RDONLY)), 0), EINVAL);
	EXPECT_ERRNO(truncate(".", 0), EISDIR);
	EXPECT_ERRNO(truncate("missing", 0), ENOENT);
}

TEST(vectors)
{
	int fd = MUST(open("f", O_CREAT | O_RDWR, 0600));
	char a[3], b[4];
	struct iovec out[3] = { { "one", 3 }, { NULL, 0 }, { "four", 4 } };
	struct iovec in[2] = { { a, 3 }, { b, 4 } };
	struct iovec too_long[2] = { { a, 3 }, { b, (size_t)-1 } };

	EXPECT_EQ(writev(fd, out, 3), 7);
	EXPECT_EQ(preadv(fd, in, 2, 0), 7);
	EXPECT_MEMEQ(a, "one", 3);
	EXPECT_MEMEQ(b, "four", 4);
	EXPECT_EQ(pwritev(fd, out, 1, 4), 3);
	EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 7);
	EXPECT_EQ(readv(fd, in, 0), 0);
	EXPECT_ERRNO(readv(fd, in, -1), EINVAL);
	EXPECT_ERRNO(readv(fd, in, 1025), EINVAL);
	SKIP_IN_EMULATOR("lengths");
	EXPECT_ERRNO(readv(fd, too_long, 2), EINVAL);
}

TEST(large_file_contents)
{
	enum { SIZE = 3 << 20 };
	unsigned char *data = malloc(SIZE), *back = malloc(SIZE);
	int fd = MUST(open("f", O_CREAT | O_RDWR, 0600));
	uint32_t x = 1;

	for (int i = 0; i < SIZE; i++)
		data[i] = (x = x * 1664525 + 1013904223) >> 24;
	for (int at = 0, len = 1; at < SIZE; at += len, len = len * 3 % 70001 + 1)
		EXPECT_EQ(write(fd, data + at, len < SIZE - at ? len : SIZE - at),
			  len < SIZE - at ? len : SIZE - at);
	EXPECT_EQ(lseek(fd, 0, SEEK_SET), 0);
	for (int at = 0, len = 7; at < SIZE; at += len, len = len * 5 % 90001 + 1)
		EXPECT_GT(read(fd, back + at, len < SIZE - at ? len : SIZE - at), 0);
	EXPECT_MEMEQ(data, back, SIZE);
}

TEST(sendfile)
{
	int in, out = MUST(open("out", O_CREAT | O_RDWR, 0600)), ends[2];
	off_t offset = 2;
	char buf[32];

	put_text("in", "0123456789");
	in = MUST(open("in", O_RDONLY));
	EXPECT_EQ(sendfile(out, in, &offset, 5), 5);
	EXPECT_EQ(offset, 7);
	EXPECT_EQ(lseek(in, 0, SEEK_CUR), 0);
	EXPECT_EQ(sendfile(out, in, NULL, 100), 10);
	EXPECT_EQ(lseek(in, 0, SEEK_CUR), 10);
	EXPECT_EQ(sendfile(out, in, NULL, 100), 0);
	EXPECT_EQ(get_file("out", buf, sizeof(buf)), 15);
	EXPECT_STREQ(buf, "234560123456789");
	MUST(pipe(ends));
	offset = 0;
	EXPECT_EQ(sendfile(ends[1], in, &offset, 4), 4);
	EXPECT_EQ(read(ends[0], buf, 10), 4);
}

TEST(dup_forms)
{
	int fd = MUST(open("/dev/null", O_RDWR | O_CLOEXEC)), copy;

	copy = MUST(dup(fd));
	EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(fcntl(copy, F_GETFD), 0);
	EXPECT_EQ(dup2(fd, fd), fd);
	EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(dup3(fd, 50, O_CLOEXEC), 50);
	EXPECT_EQ(fcntl(50, F_GETFD), FD_CLOEXEC);
	EXPECT_ERRNO(dup3(fd, fd, 0), EINVAL);
	EXPECT_ERRNO(dup3(fd, 51, O_APPEND), EINVAL);
	EXPECT_ERRNO(dup(99), EBADF);
	EXPECT_ERRNO(dup2(99, 60), EBADF);
	EXPECT_ERRNO(dup2(fd, -1), EBADF);
	EXPECT_ERRNO(dup2(fd, 100000000), EBADF);
	EXPECT_EQ(fcntl(fd, F_DUPFD, 70), 70);
	EXPECT_EQ(fcntl(fd, F_DUPFD_CLOEXEC, 70), 71);
	EXPECT_ERRNO(fcntl(fd, F_DUPFD, -1), EINVAL);
	EXPECT_ERRNO(fcntl(fd, 9999), EINVAL);
	EXPECT_ERRNO(close(99), EBADF);
}

TEST(lowest_descriptor_is_taken)
{
	int a = MUST(open("/dev/null", O_RDONLY)), b = MUST(open("/dev/null", O_RDONLY));

	MUST(open("/dev/null", O_RDONLY));
	close(b);
	close(a);
	EXPECT_EQ(open("/dev/null", O_RDONLY), a);
	EXPECT_EQ(open("/dev/null", O_RDONLY), b);
}

TEST(status_flags)
{
	int fd = MUST(open("f", O_CREAT | O_RDWR | O_APPEND, 0600));

	EXPECT_EQ(fcntl(fd, F_GETFL) & (O_ACCMODE | O_APPEND | O_NONBLOCK), O_RDWR | O_APPEND);
	MUST(fcntl(fd, F_SETFL, O_NONBLOCK));
	EXPECT_EQ(fcntl(fd, F_GETFL) & (O_ACCMODE | O_APPEND | O_NONBLOCK), O_RDWR | O_NONBLOCK);
}

TEST(descriptor_limit)
{
	EXPECT_EXIT(IN_CHILD({
		struct rlimit limit = { 20, 20 };
		int fd = -1;
		int last = -1;

		MUST(setrlimit(RLIMIT_NOFILE, &limit));
		while ((fd = open("/dev/null", O_RDONLY)) >= 0)
			last = fd;
		EXPECT_EQ(errno, EMFILE);
		EXPECT_EQ(last, 19);
		EXPECT_ERRNO(dup(0), EMFILE);
		EXPECT_ERRNO(pipe((int[2]){ 0 }), EMFILE);
	}), 0);
}

TEST(file_size_limit)
{
	SKIP_IN_EMULATOR("RLIMIT_FSIZE");
	EXPECT_KILLED(IN_CHILD({
		struct rlimit limit = { 1000, 1000 };
		int fd = MUST(open("f", O_CREAT | O_WRONLY, 0600));

		MUST(setrlimit(RLIMIT_FSIZE, &limit));
		EXPECT_EQ(write(fd, (char[2000]){ 0 }, 2000), 1000);
		signal(SIGXFSZ, SIG_IGN);
		EXPECT_ERRNO(write(fd, "x", 1), EFBIG);
		signal(SIGXFSZ, SIG_DFL);
		return_status = write(fd, "x", 1) < 0;
	}), SIGXFSZ);
}

TEST(unlinked_while_open)
{
	int fd = MUST(open("f", O_CREAT | O_RDWR, 0600));
	struct stat st;
	char c;

	EXPECT_EQ(write(fd, "alive", 5), 5);
	MUST(unlink("f"));
	EXPECT_ERRNO(stat("f", &st), ENOENT);
	MUST(fstat(fd, &st));
	EXPECT_EQ(st.st_nlink, 0);
	EXPECT_EQ(pread(fd, &c, 1, 0), 1);
	EXPECT_EQ(c, 'a');
	put_text("f", "other");
	EXPECT_EQ(pread(fd, &c, 1, 0), 1);
	EXPECT_EQ(c, 'a');
}

TEST(tmpfile_flag)
{
	int fd = open(".", O_TMPFILE | O_RDWR, 0600);

	if (fd < 0 && errno == EOPNOTSUPP)
		SKIP("this file system has no O_TMPFILE");
	EXPECT_GE(fd, 0);
	EXPECT_EQ(write(fd, "x", 1), 1);
}

TEST(devices)
{
	unsigned char buf[64] = { 1 }, other[64];
	int fd = MUST(open("/dev/null", O_RDWR));

	EXPECT_EQ(write(fd, buf, 64), 64);
	EXPECT_EQ(read(fd, buf, 64), 0);
	fd = MUST(open("/dev/zero", O_RDWR));
	EXPECT_EQ(read(fd, buf, 64), 64);
	for (int i = 0; i < 64; i++)
		EXPECT_EQ(buf[i], 0);
	fd = MUST(open("/dev/full", O_RDWR));
	EXPECT_ERRNO(write(fd, buf, 1), ENOSPC);
	EXPECT_EQ(read(fd, buf, 64), 64);
	fd = MUST(open("/dev/urandom", O_RDONLY));
	EXPECT_EQ(read(fd, buf, 64), 64);
	EXPECT_EQ(read(fd, other, 64), 64);
	EXPECT_NE(memcmp(buf, other, 64), 0);
}
