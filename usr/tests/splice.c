/* SPDX-License-Identifier: BSD-2-Clause */
/* splice, tee, vmsplice, sendfile and copy_file_range: pages and bytes between files. */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "helpers.h"

static char data[200000] __attribute__((aligned(4096))), back[200000];

/* A file of n bytes, none like its neighbours. */
static int make_file(const char *name, size_t n)
{
	for (size_t i = 0; i < n; i++)
		data[i] = (char)(i * 31 + i / 251);
	put_file(name, data, n, 0644);
	return MUST(open(name, O_RDWR));
}

static void read_all(int fd, char *to, size_t n)
{
	size_t done = 0;

	while (done < n) {
		ssize_t got = MUST(read(fd, to + done, n - done));

		EXPECT_GT(got, 0);
		done += (size_t)got;
	}
}

TEST(file_to_pipe)
{
	int fd = make_file("f", 200000), p[2];
	loff_t at = 4090;

	MUST(pipe(p));
	EXPECT_EQ(splice(fd, &at, p[1], NULL, 20, 0), 20);
	EXPECT_EQ(at, 4110);
	EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 0);
	read_all(p[0], back, 20);
	EXPECT_MEMEQ(back, data + 4090, 20);
	/* What there is room for. */
	EXPECT_EQ(splice(fd, NULL, p[1], NULL, 200000, 0), 65536);
	EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 65536);
	EXPECT_ERRNO(splice(fd, NULL, p[1], NULL, 1, SPLICE_F_NONBLOCK), EAGAIN);
	read_all(p[0], back, 65536);
	EXPECT_MEMEQ(back, data, 65536);
	at = 199990;
	EXPECT_EQ(splice(fd, &at, p[1], NULL, 100, 0), 10);
	EXPECT_EQ(splice(fd, &at, p[1], NULL, 100, 0), 0);
	/* Bytes written afterwards go behind, and do not get into the file. */
	MUST(write(p[1], "tail", 4));
	read_all(p[0], back, 14);
	EXPECT_MEMEQ(back, data + 199990, 10);
	EXPECT_MEMEQ(back + 10, "tail", 4);
	at = 0;
	EXPECT_EQ(splice(fd, &at, p[1], NULL, 10, 0), 10);
	MUST(write(p[1], "XXXX", 4));
	EXPECT_EQ(pread(fd, back, 20, 0), 20);
	EXPECT_MEMEQ(back, data, 20);
}

TEST(hole_to_pipe)
{
	int fd = MUST(open("h", O_RDWR | O_CREAT, 0600)), p[2];

	MUST(pipe(p));
	MUST(ftruncate(fd, 10000));
	MUST(pwrite(fd, "x", 1, 9000));
	EXPECT_EQ(splice(fd, NULL, p[1], NULL, 10000, 0), 10000);
	memset(back, 1, 10000);
	read_all(p[0], back, 10000);
	EXPECT_EQ(back[0] | back[8999] | back[9001], 0);
	EXPECT_EQ(back[9000], 'x');
}

TEST(pipe_to_file)
{
	int out = MUST(open("out", O_RDWR | O_CREAT, 0600)), fd = make_file("f", 10000), p[2];
	loff_t at = 5;

	MUST(pipe(p));
	MUST(write(p[1], "hello world", 11));
	EXPECT_EQ(splice(p[0], NULL, out, &at, 5, 0), 5);
	EXPECT_EQ(at, 10);
	EXPECT_EQ(splice(p[0], NULL, out, NULL, 100, 0), 6);
	EXPECT_EQ(lseek(out, 0, SEEK_CUR), 6);
	EXPECT_EQ(pread(out, back, 100, 0), 10);
	EXPECT_MEMEQ(back, " worldello", 10);
	EXPECT_ERRNO(splice(p[0], NULL, out, NULL, 1, SPLICE_F_NONBLOCK), EAGAIN);
	/* Through a pipe from file to file. */
	MUST(ftruncate(out, 0));
	at = 0;
	EXPECT_EQ(splice(fd, NULL, p[1], NULL, 10000, SPLICE_F_MOVE), 10000);
	EXPECT_EQ(splice(p[0], NULL, out, &at, 10000, SPLICE_F_MOVE), 10000);
	EXPECT_EQ(pread(out, back, 10000, 0), 10000);
	EXPECT_MEMEQ(back, data, 10000);
	MUST(fcntl(out, F_SETFL, O_APPEND));
	MUST(write(p[1], "x", 1));
	EXPECT_ERRNO(splice(p[0], NULL, out, NULL, 1, 0), EINVAL);
	close(p[1]);
	read_all(p[0], back, 1);
	MUST(fcntl(out, F_SETFL, 0));
	EXPECT_EQ(splice(p[0], NULL, out, NULL, 1, 0), 0);	/* the end */
}

TEST(pipe_to_pipe)
{
	int a[2], b[2];

	MUST(pipe(a));
	MUST(pipe(b));
	MUST(write(a[1], "0123456789", 10));
	EXPECT_EQ(splice(a[0], NULL, b[1], NULL, 4, 0), 4);
	MUST(write(a[1], "ab", 2));
	MUST(write(b[1], "cd", 2));
	EXPECT_EQ(splice(a[0], NULL, b[1], NULL, 100, 0), 8);
	read_all(b[0], back, 14);
	EXPECT_MEMEQ(back, "0123cd456789ab", 14);
	EXPECT_ERRNO(splice(a[0], NULL, a[1], NULL, 1, 0), EINVAL);
	EXPECT_ERRNO(splice(a[0], NULL, b[1], NULL, 1, SPLICE_F_NONBLOCK), EAGAIN);
	close(a[1]);
	EXPECT_EQ(splice(a[0], NULL, b[1], NULL, 1, 0), 0);
}

TEST(tee_repeats)
{
	int a[2], b[2];

	MUST(pipe(a));
	MUST(pipe(b));
	MUST(write(a[1], "0123456789", 10));
	EXPECT_EQ(tee(a[0], b[1], 4, 0), 4);
	EXPECT_EQ(tee(a[0], b[1], 100, 0), 10);
	MUST(write(a[1], "more", 4));
	MUST(write(b[1], "else", 4));
	read_all(a[0], back, 14);
	EXPECT_MEMEQ(back, "0123456789more", 14);
	/* The pages are used again on one side: the other keeps its own. */
	for (int i = 0; i < 20; i++) {
		MUST(write(a[1], "################", 16));
		read_all(a[0], back, 16);
	}
	read_all(b[0], back, 18);
	EXPECT_MEMEQ(back, "01230123456789else", 18);
	EXPECT_ERRNO(tee(a[0], b[1], 1, SPLICE_F_NONBLOCK), EAGAIN);
	EXPECT_ERRNO(tee(a[0], a[1], 1, 0), EINVAL);
	EXPECT_EQ(tee(a[0], b[1], 0, 0), 0);
	close(a[1]);
	EXPECT_EQ(tee(a[0], b[1], 1, 0), 0);
}

TEST(vmsplice_both_ways)
{
	int p[2];
	struct iovec out[2] = { { data, 5000 }, { data + 6000, 3000 } }, in = { back, 100000 };

	make_file("f", 200000);
	MUST(pipe(p));
	EXPECT_EQ(vmsplice(p[1], out, 2, 0), 8000);
	EXPECT_EQ(vmsplice(p[0], &in, 1, 0), 8000);
	EXPECT_MEMEQ(back, data, 5000);
	EXPECT_MEMEQ(back + 5000, data + 6000, 3000);
	out[0].iov_len = 200000;
	EXPECT_EQ(vmsplice(p[1], out, 1, SPLICE_F_NONBLOCK), 65536);
	EXPECT_ERRNO(vmsplice(p[1], out, 1, SPLICE_F_NONBLOCK), EAGAIN);
	in.iov_len = 10;
	EXPECT_EQ(vmsplice(p[0], &in, 1, 0), 10);
	EXPECT_ERRNO(vmsplice(MUST(open("f", O_RDONLY)), &in, 1, 0), EBADF);
	EXPECT_ERRNO(vmsplice(p[1], out, 1, 0x100), EINVAL);
	EXPECT_ERRNO(vmsplice(p[1], out, 5000, 0), EINVAL);
	EXPECT_EQ(vmsplice(p[1], out, 0, 0), 0);
}

TEST(refused)
{
	int fd = make_file("f", 100), p[2], q[2];
	loff_t at = 0, before = -1;

	MUST(pipe(p));
	MUST(pipe(q));
	EXPECT_ERRNO(splice(fd, NULL, fd, NULL, 1, 0), EINVAL);
	EXPECT_ERRNO(splice(p[0], &at, fd, NULL, 1, 0), ESPIPE);
	EXPECT_ERRNO(splice(fd, NULL, p[1], &at, 1, 0), ESPIPE);
	EXPECT_ERRNO(splice(p[0], NULL, q[1], &at, 1, 0), ESPIPE);
	EXPECT_ERRNO(splice(fd, &before, p[1], NULL, 1, 0), EINVAL);
	EXPECT_ERRNO(splice(fd, (loff_t *)8, p[1], NULL, 1, 0), EFAULT);
	EXPECT_ERRNO(splice(p[1], NULL, fd, NULL, 1, 0), EBADF);
	EXPECT_ERRNO(splice(fd, NULL, p[0], NULL, 1, 0), EBADF);
	EXPECT_ERRNO(splice(-1, NULL, p[1], NULL, 1, 0), EBADF);
	EXPECT_ERRNO(splice(fd, NULL, p[1], NULL, 1, 0x10), EINVAL);
	EXPECT_EQ(splice(-1, NULL, -1, NULL, 0, 0), 0);
	EXPECT_ERRNO(splice(MUST(open("/", O_RDONLY)), NULL, p[1], NULL, 1, 0), EINVAL);
	signal(SIGPIPE, SIG_IGN);
	close(p[0]);
	EXPECT_ERRNO(splice(fd, NULL, p[1], NULL, 1, 0), EPIPE);
	EXPECT_ERRNO(vmsplice(p[1], &(struct iovec){ data, 1 }, 1, 0), EPIPE);
}

TEST(with_sockets_and_proc)
{
	int p[2], s[2], fd = MUST(open("/proc/meminfo", O_RDONLY));
	ssize_t n;

	MUST(pipe(p));
	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
	MUST(write(p[1], "over the socket", 15));
	EXPECT_EQ(splice(p[0], NULL, s[0], NULL, 100, 0), 15);
	EXPECT_EQ(splice(s[1], NULL, p[1], NULL, 100, 0), 15);
	read_all(p[0], back, 15);
	EXPECT_MEMEQ(back, "over the socket", 15);
	n = MUST(splice(fd, NULL, p[1], NULL, 65536, 0));
	EXPECT_GT(n, 100);
	read_all(p[0], back, (size_t)n);
	EXPECT_MEMEQ(back, "MemTotal:", 9);
}

TEST(waits)
{
	int p[2], fd = make_file("f", 100000);
	pid_t pid;

	MUST(pipe(p));
	pid = must_fork();
	if (pid == 0) {
		close(p[1]);
		EXPECT_EQ(splice(p[0], NULL, fd, NULL, 100, 0), 5);
		_exit(0);
	}
	wait_for_state(pid, 'S');
	MUST(write(p[1], "words", 5));
	EXPECT_EXIT(wait_status(pid), 0);
	EXPECT_EQ(splice(fd, &(loff_t){ 0 }, p[1], NULL, 65536, 0), 65536);
	pid = must_fork();
	if (pid == 0) {
		EXPECT_GT(splice(fd, &(loff_t){ 0 }, p[1], NULL, 65536, 0), 0);
		_exit(0);
	}
	wait_for_state(pid, 'S');
	read_all(p[0], back, 65536);
	EXPECT_EXIT(wait_status(pid), 0);
}

TEST(sendfile_to_pipe_and_others)
{
	int fd = make_file("f", 200000), p[2], s[2];
	off_t at = 4096;

	MUST(pipe(p));
	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
	EXPECT_EQ(sendfile(p[1], fd, &at, 200000), 65536);	/* does not wait for more room */
	EXPECT_EQ(at, 4096 + 65536);
	read_all(p[0], back, 65536);
	EXPECT_MEMEQ(back, data + 4096, 65536);
	EXPECT_EQ(sendfile(s[0], fd, NULL, 1000), 1000);
	read_all(s[1], back, 1000);
	EXPECT_MEMEQ(back, data, 1000);
	EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 1000);
	EXPECT_ERRNO(sendfile(s[0], p[0], NULL, 10), EINVAL);
	EXPECT_ERRNO(sendfile(fd, s[0], NULL, 10), EINVAL);
	EXPECT_ERRNO(sendfile(p[1], p[0], NULL, 10), EINVAL);
	EXPECT_ERRNO(sendfile(p[1], fd, &(off_t){ -1 }, 10), EINVAL);
	EXPECT_EQ(sendfile(p[1], fd, &(off_t){ 300000 }, 10), 0);
	EXPECT_ERRNO(sendfile(p[1], p[0], &at, 10), ESPIPE);
	EXPECT_ERRNO(sendfile(p[0], fd, NULL, 10), EBADF);
}

TEST(copy_ranges)
{
	int in = make_file("in", 100000), out = MUST(open("out", O_RDWR | O_CREAT, 0600));
	loff_t from = 50, to = 7;

	EXPECT_EQ(copy_file_range(in, &from, out, &to, 70000, 0), 70000);
	EXPECT_EQ(from, 70050);
	EXPECT_EQ(to, 70007);
	EXPECT_EQ(pread(out, back, 70000, 7), 70000);
	EXPECT_MEMEQ(back, data + 50, 70000);
	EXPECT_EQ(copy_file_range(in, &(loff_t){ 99990 }, out, NULL, 100, 0), 10);
	EXPECT_EQ(lseek(out, 0, SEEK_CUR), 10);
	EXPECT_EQ(copy_file_range(in, &(loff_t){ 100000 }, out, NULL, 100, 0), 0);
	EXPECT_ERRNO(copy_file_range(in, &(loff_t){ 0 }, in, &(loff_t){ 5 }, 10, 0), EINVAL);
	EXPECT_EQ(copy_file_range(in, &(loff_t){ 0 }, in, &(loff_t){ 50 }, 10, 0), 10);
	EXPECT_ERRNO(copy_file_range(in, NULL, out, NULL, 10, 1), EINVAL);
	MUST(fcntl(out, F_SETFL, O_APPEND));
	EXPECT_ERRNO(copy_file_range(in, NULL, out, NULL, 10, 0), EBADF);
}

/* No page is lost or given away twice. */
TEST(no_leak)
{
	int fd = make_file("f", 65536), a[2], b[2];
	long before = 0;

	SKIP_IN_EMULATOR("counts the host's memory");
	MUST(pipe(a));
	MUST(pipe(b));
	for (int i = 0; i < 1500; i++) {
		if (i == 300)
			before = meminfo_kb("MemFree");
		EXPECT_EQ(splice(fd, &(loff_t){ 0 }, a[1], NULL, 65536, 0), 65536);
		EXPECT_EQ(tee(a[0], b[1], 30000, 0), 30000);
		EXPECT_EQ(splice(a[0], NULL, b[1], NULL, 20000, 0), 20000);
		read_all(a[0], back, 45536);
		read_all(b[0], back, 50000);
	}
	EXPECT_LT(before - meminfo_kb("MemFree"), 4000);
	EXPECT_EQ(pread(fd, back, 65536, 0), 65536);
	EXPECT_MEMEQ(back, data, 65536);
}
