/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows of single system calls, and of signals. */
#include "bench.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Times `n` times the statement. */
#define TIME(n, statement)                                                                       \
	({                                                                                       \
		int64_t start_ = bench_now();                                                    \
		for (int64_t i_ = 0; i_ < (n); i_++)                                             \
			statement;                                                               \
		bench_now() - start_;                                                            \
	})

static int64_t run_getppid(int64_t n)
{
	return TIME(n, getppid());
}

static int64_t run_gettime(int64_t n)
{
	struct timespec ts;

	return TIME(n, clock_gettime(CLOCK_MONOTONIC, &ts));
}

static int64_t run_read(int64_t n)
{
	int fd = CHECK(open("/dev/zero", O_RDONLY));
	int64_t ns;
	char c;

	ns = TIME(n, CHECK(read(fd, &c, 1)));
	close(fd);
	return ns;
}

static int64_t run_write(int64_t n)
{
	int fd = CHECK(open("/dev/null", O_WRONLY));
	char c = 0;
	int64_t ns = TIME(n, CHECK(write(fd, &c, 1)));

	close(fd);
	return ns;
}

/* What stat, fstat and open look at: two folders deep, on a tmpfs. */
static const char file_name[] = "/tmp/bench.file";

static void make_file(void)
{
	close(CHECK(open(file_name, O_RDWR | O_CREAT, 0600)));
}

static int64_t run_stat(int64_t n)
{
	struct stat st;
	int64_t ns;

	make_file();
	ns = TIME(n, CHECK(stat(file_name, &st)));
	unlink(file_name);
	return ns;
}

static int64_t run_fstat(int64_t n)
{
	struct stat st;
	int64_t ns;
	int fd;

	make_file();
	fd = CHECK(open(file_name, O_RDONLY));
	ns = TIME(n, CHECK(fstat(fd, &st)));
	close(fd);
	unlink(file_name);
	return ns;
}

static int64_t run_open_close(int64_t n)
{
	int64_t ns;

	make_file();
	ns = TIME(n, close(CHECK(open(file_name, O_RDONLY))));
	unlink(file_name);
	return ns;
}

#define SELECT_FDS 100

/* As lat_select: one pipe's reading end, 100 times over; nothing is ready. */
static void open_many(int ends[2], int fds[SELECT_FDS])
{
	CHECK(pipe(ends));
	for (int i = 0; i < SELECT_FDS; i++)
		fds[i] = CHECK(dup(ends[0]));
}

static void close_many(int ends[2], int fds[SELECT_FDS])
{
	for (int i = 0; i < SELECT_FDS; i++)
		close(fds[i]);
	close(ends[0]);
	close(ends[1]);
}

static int64_t run_select_100(int64_t n)
{
	int ends[2], highest = 0, fds[SELECT_FDS];
	struct timeval zero = { 0, 0 };
	fd_set set, copy;
	int64_t ns;

	open_many(ends, fds);
	FD_ZERO(&set);
	for (int i = 0; i < SELECT_FDS; i++) {
		FD_SET(fds[i], &set);
		highest = fds[i] > highest ? fds[i] : highest;
	}
	ns = TIME(n, ({
		copy = set;
		zero = (struct timeval){ 0, 0 };
		CHECK(select(highest + 1, &copy, NULL, NULL, &zero));
	}));
	close_many(ends, fds);
	return ns;
}

static int64_t run_poll_100(int64_t n)
{
	int ends[2], fds[SELECT_FDS];
	struct pollfd set[SELECT_FDS];
	int64_t ns;

	open_many(ends, fds);
	for (int i = 0; i < SELECT_FDS; i++)
		set[i] = (struct pollfd){ .fd = fds[i], .events = POLLIN };
	ns = TIME(n, CHECK(poll(set, SELECT_FDS, 0)));
	close_many(ends, fds);
	return ns;
}

/* The set is known to the kernel: a call costs what is ready, which is nothing. */
static int64_t run_epoll_100(int64_t n)
{
	int ends[2], fds[SELECT_FDS], epfd = epoll_create1(0);
	struct epoll_event event = { .events = EPOLLIN };
	int64_t ns;

	if (epfd < 0)
		return -errno;
	open_many(ends, fds);
	for (int i = 0; i < SELECT_FDS; i++)
		CHECK(epoll_ctl(epfd, EPOLL_CTL_ADD, fds[i], &event));
	ns = TIME(n, CHECK(epoll_wait(epfd, &event, 1, 0)));
	close(epfd);
	close_many(ends, fds);
	return ns;
}

static volatile int caught;

static void on_signal(int sig)
{
	caught++;
}

static int64_t run_sigaction(int64_t n)
{
	struct sigaction act = { .sa_handler = on_signal };

	return TIME(n, CHECK(sigaction(SIGUSR1, &act, NULL)));
}

static int64_t run_signal(int64_t n)
{
	struct sigaction act = { .sa_handler = on_signal };
	pid_t me = getpid();

	CHECK(sigaction(SIGUSR1, &act, NULL));
	return TIME(n, CHECK(kill(me, SIGUSR1)));
}

const struct row syscall_rows[] = {
	{ "getppid", run_getppid, 1, 1024 },
	{ "gettime", run_gettime, 1, 1024 },
	{ "read", run_read, 1, 1024 },
	{ "write", run_write, 1, 1024 },
	{ "stat", run_stat, 1, 256 },
	{ "fstat", run_fstat, 1, 256 },
	{ "open_close", run_open_close, 1, 256 },
	{ "select_100", run_select_100, 1, 128 },
	{ "poll_100", run_poll_100, 1, 128 },
	{ "epoll_100", run_epoll_100, 1, 256 },
	{ "sigaction", run_sigaction, 1, 256 },
	{ "signal", run_signal, 1, 256 },
	{ 0 },
};
