/* SPDX-License-Identifier: BSD-2-Clause */
/* poll, ppoll, select, pselect and epoll over pipes, files and folders. */
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/syscall.h>

#include "helpers.h"

static volatile int count;

static void counter(int sig)
{
	count++;
}

static short poll_now(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };
	int ready = MUST(poll(&p, 1, 0));

	EXPECT_EQ(ready, p.revents != 0);
	return p.revents;
}

TEST(poll_pipe)
{
	static char block[65536];
	int ends[2];

	MUST(pipe2(ends, O_NONBLOCK));
	EXPECT_EQ(poll_now(ends[0], POLLIN), 0);
	EXPECT_EQ(poll_now(ends[1], POLLOUT), POLLOUT);
	EXPECT_EQ(write(ends[1], block, 65536), 65536);
	EXPECT_EQ(poll_now(ends[0], POLLIN | POLLRDNORM), POLLIN | POLLRDNORM);
	EXPECT_EQ(poll_now(ends[1], POLLOUT), 0);
	close(ends[1]);
	EXPECT_EQ(poll_now(ends[0], POLLIN), POLLIN | POLLHUP);
	EXPECT_EQ(read(ends[0], block, 65536), 65536);
	EXPECT_EQ(poll_now(ends[0], POLLIN), POLLHUP);
	EXPECT_EQ(poll_now(ends[0], 0), POLLHUP); /* told unasked */
	MUST(pipe(ends));
	close(ends[0]);
	EXPECT_EQ(poll_now(ends[1], POLLOUT), POLLOUT | POLLERR);
}

TEST(poll_others)
{
	struct pollfd p[3] = { { .fd = -5, .events = POLLIN }, { .fd = 99, .events = POLLIN } };

	put_text("f", "");
	p[2].fd = MUST(open("f", O_RDWR));
	p[2].events = POLLIN | POLLOUT;
	EXPECT_EQ(poll(p, 3, -1), 2);
	EXPECT_EQ(p[0].revents, 0);
	EXPECT_EQ(p[1].revents, POLLNVAL);
	EXPECT_EQ(p[2].revents, POLLIN | POLLOUT);
	EXPECT_EQ(poll_now(MUST(open("/dev/null", O_RDWR)), POLLIN | POLLOUT), POLLIN | POLLOUT);
}

TEST(poll_timeout)
{
	int64_t start = now_ns();

	EXPECT_EQ(poll(NULL, 0, 50), 0);
	EXPECT_GE(now_ns() - start, 50000000);
	EXPECT_LT(now_ns() - start, 2000000000);
}

static pid_t write_later(int fd)
{
	pid_t pid = must_fork();

	if (pid == 0) {
		sleep_ms(50);
		EXPECT_EQ(write(fd, "x", 1), 1);
		_exit(0);
	}
	return pid;
}

TEST(poll_wakes)
{
	struct pollfd p[2];
	int a[2], b[2];
	pid_t pid;

	MUST(pipe(a));
	MUST(pipe(b));
	p[0] = (struct pollfd){ .fd = a[0], .events = POLLIN };
	p[1] = (struct pollfd){ .fd = b[0], .events = POLLIN };
	pid = write_later(b[1]);
	EXPECT_EQ(poll(p, 2, 10000), 1);
	EXPECT_EQ(p[0].revents, 0);
	EXPECT_EQ(p[1].revents, POLLIN);
	EXPECT_EXIT(wait_status(pid), 0);
}

TEST(poll_interrupted)
{
	handle(SIGALRM, counter, SA_RESTART); /* never restarted */
	alarm(1);
	EXPECT_ERRNO(poll(NULL, 0, -1), EINTR);
	EXPECT_EQ(count, 1);
}

TEST(ppoll_mask)
{
	struct timespec zero = { 0, 0 }, bad = { 0, -1 }, second = { 1, 0 };
	sigset_t block, none;

	handle(SIGUSR1, counter, 0);
	sigemptyset(&block);
	sigaddset(&block, SIGUSR1);
	sigprocmask(SIG_BLOCK, &block, NULL);
	raise(SIGUSR1);
	EXPECT_EQ(ppoll(NULL, 0, &zero, NULL), 0);
	EXPECT_EQ(count, 0);
	sigemptyset(&none);
	EXPECT_ERRNO(ppoll(NULL, 0, &second, &none), EINTR);
	EXPECT_EQ(count, 1);
	EXPECT_ERRNO(ppoll(NULL, 0, &bad, NULL), EINVAL);
}

TEST(select_basics)
{
	struct timeval timeout = { 0, 30000 };
	int a[2], b[2];
	fd_set in, out;

	MUST(pipe(a));
	MUST(pipe(b));
	EXPECT_EQ(write(b[1], "x", 1), 1);
	FD_ZERO(&in);
	FD_ZERO(&out);
	FD_SET(a[0], &in);
	FD_SET(b[0], &in);
	FD_SET(a[1], &out);
	EXPECT_EQ(select(b[1] + 1, &in, &out, NULL, NULL), 2);
	EXPECT(!FD_ISSET(a[0], &in) && FD_ISSET(b[0], &in) && FD_ISSET(a[1], &out));
	FD_ZERO(&in);
	FD_SET(a[0], &in);
	EXPECT_EQ(select(a[0] + 1, &in, NULL, NULL, &timeout), 0);
	EXPECT(!FD_ISSET(a[0], &in));
	FD_SET(a[0], &in);
	EXPECT_EQ(select(0, &in, NULL, NULL, &(struct timeval){ 0, 0 }), 0);
	EXPECT_ERRNO(select(-1, NULL, NULL, NULL, NULL), EINVAL);
	FD_ZERO(&in);
	FD_SET(30, &in); /* small enough to be looked at: Linux ignores those beyond its table */
	EXPECT_ERRNO(select(31, &in, NULL, NULL, NULL), EBADF);
}

/* Descriptors side by side, some of one file: each gets its own file's answer. */
TEST(neighbours_differ)
{
	int full[2], empty[2], fds[5], highest = 0;
	struct pollfd p[5];
	fd_set in;

	MUST(pipe(full));
	MUST(pipe(empty));
	EXPECT_EQ(write(full[1], "x", 1), 1);
	for (int i = 0; i < 5; i++) {
		fds[i] = MUST(dup(i == 1 || i == 2 ? empty[0] : full[0]));
		highest = fds[i];
	}
	FD_ZERO(&in);
	for (int i = 0; i < 5; i++) {
		FD_SET(fds[i], &in);
		p[i] = (struct pollfd){ .fd = i == 3 ? -1 : fds[i], .events = POLLIN };
	}
	EXPECT_EQ(select(highest + 1, &in, NULL, NULL, &(struct timeval){ 0, 0 }), 3);
	for (int i = 0; i < 5; i++)
		EXPECT_EQ(!!FD_ISSET(fds[i], &in), i != 1 && i != 2);
	EXPECT_EQ(poll(p, 5, 0), 2);
	for (int i = 0; i < 5; i++)
		EXPECT_EQ(p[i].revents, i == 0 || i == 4 ? POLLIN : 0);
	close(fds[4]);
	EXPECT_EQ(poll(p, 5, 0), 2);
	EXPECT_EQ(p[4].revents, POLLNVAL);
}

TEST(select_hangup_is_readable)
{
	int ends[2];
	fd_set in;

	MUST(pipe(ends));
	close(ends[1]);
	FD_ZERO(&in);
	FD_SET(ends[0], &in);
	EXPECT_EQ(select(ends[0] + 1, &in, NULL, NULL, NULL), 1);
}

TEST(select_wakes)
{
	int ends[2];
	fd_set in;
	pid_t pid;

	MUST(pipe(ends));
	pid = write_later(ends[1]);
	FD_ZERO(&in);
	FD_SET(ends[0], &in);
	EXPECT_EQ(select(ends[0] + 1, &in, NULL, NULL, &(struct timeval){ 10, 0 }), 1);
	EXPECT_EXIT(wait_status(pid), 0);
}

/* --- epoll ---------------------------- */

static void epoll_add(int ep, int fd, uint32_t events)
{
	struct epoll_event e = { .events = events, .data.fd = fd };

	MUST(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e));
}

/* Events that are there now; the last one's bits in *events. */
static int epoll_now(int ep, uint32_t *events)
{
	struct epoll_event e[8];
	int n = MUST(epoll_wait(ep, e, 8, 0));

	*events = n ? e[n - 1].events : 0;
	return n;
}

TEST(epoll_level)
{
	int ep = MUST(epoll_create1(EPOLL_CLOEXEC)), ends[2];
	uint32_t events;
	char c;

	MUST(pipe(ends));
	epoll_add(ep, ends[0], EPOLLIN);
	EXPECT_EQ(epoll_now(ep, &events), 0);
	EXPECT_EQ(write(ends[1], "xy", 2), 2);
	for (int i = 0; i < 3; i++) {
		EXPECT_EQ(epoll_now(ep, &events), 1);
		EXPECT_EQ(events, EPOLLIN);
	}
	EXPECT_EQ(read(ends[0], &c, 1), 1);
	EXPECT_EQ(epoll_now(ep, &events), 1);
	EXPECT_EQ(read(ends[0], &c, 1), 1);
	EXPECT_EQ(epoll_now(ep, &events), 0);
	close(ends[1]);
	EXPECT_EQ(epoll_now(ep, &events), 1);
	EXPECT_EQ(events, EPOLLHUP);
}

TEST(epoll_edge)
{
	int ep = MUST(epoll_create1(0)), ends[2];
	uint32_t events;

	MUST(pipe(ends));
	epoll_add(ep, ends[0], EPOLLIN | EPOLLET);
	EXPECT_EQ(write(ends[1], "x", 1), 1);
	EXPECT_EQ(epoll_now(ep, &events), 1);
	EXPECT_EQ(epoll_now(ep, &events), 0); /* told once */
	EXPECT_EQ(write(ends[1], "y", 1), 1);
	EXPECT_EQ(epoll_now(ep, &events), 1); /* a new edge */
	EXPECT_EQ(epoll_now(ep, &events), 0);
}

TEST(epoll_oneshot)
{
	int ep = MUST(epoll_create1(0)), ends[2];
	struct epoll_event e = { .events = EPOLLIN | EPOLLONESHOT };
	uint32_t events;

	MUST(pipe(ends));
	epoll_add(ep, ends[0], EPOLLIN | EPOLLONESHOT);
	EXPECT_EQ(write(ends[1], "x", 1), 1);
	EXPECT_EQ(epoll_now(ep, &events), 1);
	EXPECT_EQ(write(ends[1], "x", 1), 1);
	EXPECT_EQ(epoll_now(ep, &events), 0);
	MUST(epoll_ctl(ep, EPOLL_CTL_MOD, ends[0], &e));
	EXPECT_EQ(epoll_now(ep, &events), 1);
}

TEST(epoll_errors)
{
	int ep = MUST(epoll_create1(0)), ends[2];
	struct epoll_event e = { .events = EPOLLIN };

	MUST(pipe(ends));
	put_text("f", "");
	EXPECT_ERRNO(epoll_create1(0x1234), EINVAL);
	EXPECT_ERRNO(epoll_ctl(ep, EPOLL_CTL_ADD, 99, &e), EBADF);
	EXPECT_ERRNO(epoll_ctl(99, EPOLL_CTL_ADD, ends[0], &e), EBADF);
	EXPECT_ERRNO(epoll_ctl(ends[0], EPOLL_CTL_ADD, ends[1], &e), EINVAL);
	EXPECT_ERRNO(epoll_ctl(ep, EPOLL_CTL_ADD, ep, &e), EINVAL);
	EXPECT_ERRNO(epoll_ctl(ep, EPOLL_CTL_ADD, MUST(open("f", O_RDONLY)), &e), EPERM);
	EXPECT_ERRNO(epoll_ctl(ep, EPOLL_CTL_MOD, ends[0], &e), ENOENT);
	EXPECT_ERRNO(epoll_ctl(ep, EPOLL_CTL_DEL, ends[0], &e), ENOENT);
	EXPECT_ERRNO(epoll_ctl(ep, 77, ends[0], &e), EINVAL);
	MUST(epoll_ctl(ep, EPOLL_CTL_ADD, ends[0], &e));
	EXPECT_ERRNO(epoll_ctl(ep, EPOLL_CTL_ADD, ends[0], &e), EEXIST);
	EXPECT_ERRNO(epoll_wait(ep, &e, 0, 0), EINVAL);
	EXPECT_ERRNO(epoll_wait(ends[0], &e, 1, 0), EINVAL);
}

TEST(epoll_close_removes)
{
	int ep = MUST(epoll_create1(0)), ends[2], copy;
	uint32_t events;

	MUST(pipe(ends));
	epoll_add(ep, ends[0], EPOLLIN);
	copy = MUST(dup(ends[0]));
	EXPECT_EQ(write(ends[1], "x", 1), 1);
	close(ends[0]);
	EXPECT_EQ(epoll_now(ep, &events), 1); /* the open file lives in the copy */
	close(copy);
	EXPECT_EQ(epoll_now(ep, &events), 0);
}

TEST(epoll_nested)
{
	int inner = MUST(epoll_create1(0)), outer = MUST(epoll_create1(0)), ends[2];
	struct epoll_event e = { .events = EPOLLIN };
	uint32_t events;

	MUST(pipe(ends));
	epoll_add(inner, ends[0], EPOLLIN);
	epoll_add(outer, inner, EPOLLIN);
	EXPECT_EQ(epoll_now(outer, &events), 0);
	EXPECT_EQ(write(ends[1], "x", 1), 1);
	EXPECT_EQ(epoll_now(outer, &events), 1);
	EXPECT_EQ(poll_now(inner, POLLIN), POLLIN);
	EXPECT_ERRNO(epoll_ctl(inner, EPOLL_CTL_ADD, outer, &e), ELOOP);
}

TEST(epoll_wakes)
{
	int ep = MUST(epoll_create1(0)), ends[2];
	struct epoll_event e[4];
	pid_t pid;

	MUST(pipe(ends));
	epoll_add(ep, ends[0], EPOLLIN);
	pid = write_later(ends[1]);
	EXPECT_EQ(epoll_wait(ep, e, 4, 10000), 1);
	EXPECT_EQ(e[0].data.fd, ends[0]);
	EXPECT_EXIT(wait_status(pid), 0);
	EXPECT_EQ(epoll_pwait(ep, e, 4, 0, NULL), 1);
}

TEST(epoll_fair_to_many)
{
	enum { PIPES = 50 };
	int ep = MUST(epoll_create1(0)), ends[PIPES][2], seen[PIPES] = { 0 };

	for (int i = 0; i < PIPES; i++) {
		struct epoll_event e = { .events = EPOLLIN, .data.u32 = i };

		MUST(pipe(ends[i]));
		MUST(epoll_ctl(ep, EPOLL_CTL_ADD, ends[i][0], &e));
		EXPECT_EQ(write(ends[i][1], "x", 1), 1);
	}
	for (int round = 0; round < PIPES; round++) {
		struct epoll_event e[3];
		int n = MUST(epoll_wait(ep, e, 3, 0));

		EXPECT_EQ(n, 3);
		for (int k = 0; k < n; k++)
			seen[e[k].data.u32]++;
	}
	for (int i = 0; i < PIPES; i++) /* ready ones take turns */
		EXPECT_EQ(seen[i], 3);
}
