/* SPDX-License-Identifier: BSD-2-Clause */
/* Pipes and FIFOs: capacity, atomic writes, end of file, EPIPE, blocking of open. */
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "helpers.h"

static volatile int count;

static void counter(int sig)
{
	count++;
}

TEST(simple)
{
	int ends[2];
	char buf[16];

	MUST(pipe(ends));
	EXPECT_EQ(write(ends[1], "hello", 5), 5);
	EXPECT_EQ(read(ends[0], buf, 3), 3);
	EXPECT_EQ(write(ends[1], "!", 1), 1);
	EXPECT_EQ(read(ends[0], buf, 16), 3);
	EXPECT_MEMEQ(buf, "lo!", 3);
	close(ends[1]);
	EXPECT_EQ(read(ends[0], buf, 16), 0);
	EXPECT_ERRNO(write(ends[0], "x", 1), EBADF);
}

TEST(pipe2_flags)
{
	int ends[2];
	char c;

	MUST(pipe2(ends, O_CLOEXEC | O_NONBLOCK));
	EXPECT_EQ(fcntl(ends[0], F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(fcntl(ends[1], F_GETFL) & (O_NONBLOCK | O_ACCMODE), O_NONBLOCK | O_WRONLY);
	EXPECT_ERRNO(read(ends[0], &c, 1), EAGAIN);
	EXPECT_ERRNO(pipe2(ends, O_APPEND), EINVAL);
}

TEST(capacity)
{
	static char block[4096];
	int ends[2], total = 0;

	MUST(pipe2(ends, O_NONBLOCK));
	EXPECT_EQ(fcntl(ends[0], F_GETPIPE_SZ), 65536);
	while (write(ends[1], block, sizeof(block)) == sizeof(block))
		total += sizeof(block);
	EXPECT_EQ(errno, EAGAIN);
	EXPECT_EQ(total, 65536);
	MUST(ioctl(ends[0], FIONREAD, &total));
	EXPECT_EQ(total, 65536);
	EXPECT_EQ(read(ends[0], block, 4096), 4096);
	EXPECT_EQ(write(ends[1], block, 4096), 4096);
}

TEST(set_size)
{
	int ends[2], total = 0;
	static char block[4096];

	MUST(pipe2(ends, O_NONBLOCK));
	EXPECT_EQ(fcntl(ends[1], F_SETPIPE_SZ, 10000), 16384); /* rounded up to a power of two */
	while (write(ends[1], block, sizeof(block)) > 0)
		total += sizeof(block);
	EXPECT_EQ(total, 16384);
	EXPECT_ERRNO(fcntl(ends[1], F_SETPIPE_SZ, 4096), EBUSY);
	EXPECT_EQ(fcntl(ends[1], F_SETPIPE_SZ, 1 << 20), 1 << 20);
	EXPECT_ERRNO(fcntl(MUST(open("/dev/null", O_RDONLY)), F_GETPIPE_SZ), EBADF);
}

TEST(nonblocking_partial_and_atomic)
{
	static char block[65536];
	int ends[2];

	MUST(pipe2(ends, O_NONBLOCK));
	EXPECT_EQ(write(ends[1], block, 63000), 63000);
	/* Up to PIPE_BUF: all or nothing. More: what fits. */
	EXPECT_ERRNO(write(ends[1], block, PIPE_BUF), EAGAIN);
	MUST(pipe2(ends, O_NONBLOCK));
	EXPECT_EQ(write(ends[1], block, 20000), 20000);
	EXPECT_EQ(write(ends[1], block, 65536), 65536 - 20480); /* whole pages */
}

TEST(broken_pipe)
{
	int ends[2];

	MUST(pipe(ends));
	close(ends[0]);
	EXPECT_KILLED(IN_CHILD({ return_status = write(ends[1], "x", 1) < 0; }), SIGPIPE);
	handle(SIGPIPE, counter, 0);
	EXPECT_ERRNO(write(ends[1], "x", 1), EPIPE);
	EXPECT_EQ(count, 1);
	EXPECT_EQ(write(ends[1], "", 0), 0);
	signal(SIGPIPE, SIG_IGN);
	EXPECT_ERRNO(write(ends[1], "x", 1), EPIPE);
}

TEST(reader_leaves_while_writer_blocks)
{
	static char block[100000];
	int ends[2];
	pid_t pid;

	MUST(pipe(ends));
	pid = must_fork();
	if (pid == 0) {
		close(ends[0]);
		signal(SIGPIPE, SIG_IGN);
		/* 65536 went in before the reader left: that counts */
		EXPECT_EQ(write(ends[1], block, sizeof(block)), 65536);
		EXPECT_ERRNO(write(ends[1], block, 1), EPIPE);
		_exit(0);
	}
	close(ends[1]);
	wait_for_state(pid, 'S');
	close(ends[0]);
	EXPECT_EXIT(wait_status(pid), 0);
}

TEST(blocking_write_waits_for_room)
{
	enum { TOTAL = 1 << 20 };
	unsigned char *data = malloc(TOTAL);
	int ends[2], got = 0;
	pid_t pid;

	for (int i = 0; i < TOTAL; i++)
		data[i] = i * 2654435761u >> 24;
	MUST(pipe(ends));
	pid = must_fork();
	if (pid == 0)
		_exit(write(ends[1], data, TOTAL) != TOTAL);
	close(ends[1]);
	while (got < TOTAL) {
		unsigned char buf[5000];
		ssize_t len = read(ends[0], buf, 1 + got % 5000);

		EXPECT_GT(len, 0);
		EXPECT_MEMEQ(buf, data + got, len);
		got += len;
	}
	EXPECT_EXIT(wait_status(pid), 0);
}

/* Writes of up to PIPE_BUF bytes by many writers do not mix. */
TEST(atomic_writes)
{
	enum { WRITERS = 4, EACH = 200, SIZE = 1000 };
	unsigned char buf[SIZE];
	int ends[2];

	MUST(pipe(ends));
	for (int w = 0; w < WRITERS; w++) {
		if (must_fork() == 0) {
			memset(buf, 'a' + w, SIZE);
			for (int i = 0; i < EACH; i++)
				EXPECT_EQ(write(ends[1], buf, SIZE), SIZE);
			_exit(0);
		}
	}
	close(ends[1]);
	for (int i = 0; i < WRITERS * EACH; i++) {
		for (int len = 0; len < SIZE;)
			len += MUST(read(ends[0], buf + len, SIZE - len));
		for (int k = 1; k < SIZE; k++)
			EXPECT_EQ(buf[k], buf[0]);
	}
	EXPECT_EQ(read(ends[0], buf, 1), 0);
}

TEST(many_readers)
{
	enum { READERS = 5, BYTES = 1000 };
	int ends[2], total = 0;
	pid_t pids[READERS];

	MUST(pipe(ends));
	for (int i = 0; i < READERS; i++) {
		pids[i] = must_fork();
		if (pids[i] == 0) {
			int mine = 0;
			char c;

			close(ends[1]);
			while (read(ends[0], &c, 1) == 1)
				mine++;
			_exit(mine / 8);
		}
	}
	for (int i = 0; i < BYTES; i++)
		EXPECT_EQ(write(ends[1], "x", 1), 1);
	close(ends[1]);
	for (int i = 0; i < READERS; i++) {
		int status = wait_status(pids[i]);

		EXPECT(WIFEXITED(status));
		total += WEXITSTATUS(status);
	}
	EXPECT_GE(total, BYTES / 8 - READERS);
	EXPECT_LE(total, BYTES / 8);
}

TEST(reopen_by_proc)
{
	int ends[2], fd;
	char path[64], c;

	MUST(pipe(ends));
	sprintf(path, "/proc/self/fd/%d", ends[1]);
	fd = MUST(open(path, O_WRONLY));
	close(ends[1]);
	EXPECT_EQ(write(fd, "y", 1), 1);
	EXPECT_EQ(read(ends[0], &c, 1), 1);
}

/* --- FIFOs ---------------------------- */

TEST(fifo_open_waits_for_other_end)
{
	pid_t pid;
	char c;
	int fd;

	MUST(mkfifo("f", 0600));
	pid = must_fork();
	if (pid == 0) {
		fd = MUST(open("f", O_WRONLY));
		EXPECT_EQ(write(fd, "z", 1), 1);
		_exit(0);
	}
	wait_for_state(pid, 'S');
	EXPECT_EQ(waitpid(pid, NULL, WNOHANG), 0);
	fd = MUST(open("f", O_RDONLY));
	EXPECT_EQ(read(fd, &c, 1), 1);
	EXPECT_EXIT(wait_status(pid), 0);
	EXPECT_EQ(read(fd, &c, 1), 0);
}

TEST(fifo_nonblocking)
{
	int reader, writer;
	char c;

	MUST(mkfifo("f", 0600));
	EXPECT_ERRNO(open("f", O_WRONLY | O_NONBLOCK), ENXIO);
	reader = MUST(open("f", O_RDONLY | O_NONBLOCK));
	EXPECT_EQ(read(reader, &c, 1), 0); /* no writer: end of file, not EAGAIN */
	writer = MUST(open("f", O_WRONLY | O_NONBLOCK));
	EXPECT_ERRNO(read(reader, &c, 1), EAGAIN);
	EXPECT_EQ(write(writer, "q", 1), 1);
	EXPECT_EQ(read(reader, &c, 1), 1);
	close(writer);
	EXPECT_EQ(read(reader, &c, 1), 0);
}

TEST(fifo_read_write)
{
	int fd;
	char c;

	MUST(mkfifo("f", 0600));
	fd = MUST(open("f", O_RDWR)); /* does not wait */
	EXPECT_EQ(write(fd, "w", 1), 1);
	EXPECT_EQ(read(fd, &c, 1), 1);
	EXPECT_ERRNO(lseek(fd, 0, SEEK_SET), ESPIPE);
}

TEST(fifo_open_interrupted)
{
	MUST(mkfifo("f", 0600));
	handle(SIGALRM, counter, 0);
	alarm(1);
	EXPECT_ERRNO(open("f", O_RDONLY), EINTR);
}
