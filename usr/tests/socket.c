/* SPDX-License-Identifier: BSD-2-Clause */
/* The socket layer: options, time limits, signals, many messages at once, epoll. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>

#include "helpers.h"

static int pair[2];

static void make_pair(int type)
{
	MUST(socketpair(AF_UNIX, type, 0, pair));
}

static int get_int(int fd, int name)
{
	int v = -1;
	socklen_t len = sizeof(v);

	MUST(getsockopt(fd, SOL_SOCKET, name, &v, &len));
	EXPECT_EQ(len, sizeof(v));
	return v;
}

static void set_int(int fd, int name, int v)
{
	MUST(setsockopt(fd, SOL_SOCKET, name, &v, sizeof(v)));
}

TEST(what_it_is)
{
	make_pair(SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK);
	EXPECT_EQ(get_int(pair[0], SO_TYPE), SOCK_SEQPACKET);
	EXPECT_EQ(get_int(pair[0], SO_DOMAIN), AF_UNIX);
	EXPECT_EQ(get_int(pair[0], SO_PROTOCOL), 0);
	EXPECT_EQ(get_int(pair[0], SO_ACCEPTCONN), 0);
	EXPECT_EQ(get_int(pair[0], SO_ERROR), 0);
	EXPECT_EQ(fcntl(pair[0], F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(fcntl(pair[1], F_GETFL), O_RDWR | O_NONBLOCK);
}

TEST(switches)
{
	static const int names[] = { SO_REUSEADDR, SO_BROADCAST, SO_OOBINLINE, SO_PASSCRED,
				     SO_TIMESTAMP, SO_KEEPALIVE };

	make_pair(SOCK_DGRAM);
	for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
		EXPECT_EQ(get_int(pair[0], names[i]), 0);
		set_int(pair[0], names[i], 5);
		EXPECT_EQ(get_int(pair[0], names[i]), 1);
		set_int(pair[0], names[i], 0);
		EXPECT_EQ(get_int(pair[0], names[i]), 0);
	}
}

TEST(buffers)
{
	make_pair(SOCK_STREAM);
	set_int(pair[0], SO_SNDBUF, 10000);
	EXPECT_EQ(get_int(pair[0], SO_SNDBUF), 20000); /* doubled */
	set_int(pair[0], SO_RCVBUF, 10000);
	EXPECT_EQ(get_int(pair[0], SO_RCVBUF), 20000);
	set_int(pair[0], SO_SNDBUF, 1);
	EXPECT_GE(get_int(pair[0], SO_SNDBUF), 4608);
	set_int(pair[0], SO_RCVLOWAT, 0);
	EXPECT_EQ(get_int(pair[0], SO_RCVLOWAT), 1);
}

static long setting(const char *path)
{
	char text[64];

	get_file(path, text, sizeof(text));
	return strtol(text, NULL, 10);
}

static void set(const char *path, const char *text)
{
	int fd = MUST(open(path, O_WRONLY));

	EXPECT_EQ(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

#define CORE "/proc/sys/net/core/"

TEST(settings)
{
	int fd, old, size = 300000;
	socklen_t len = sizeof(size);

	SKIP_IN_EMULATOR("the host's");
	need_root();
	EXPECT_EQ(setting(CORE "somaxconn"), 4096);
	EXPECT_EQ(setting("/proc/sys/net/unix/max_dgram_qlen"), 10);
	EXPECT_EQ(setting(CORE "rmem_max"), 212992);
	EXPECT_EQ(setting(CORE "wmem_default"), 212992);
	old = (int)setting(CORE "wmem_max");
	set(CORE "wmem_max", "100000\n");
	set(CORE "rmem_default", "150000\n");
	fd = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
	set(CORE "rmem_default", "212992\n");
	MUST(setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)));
	set(CORE "wmem_max", "212992\n");
	EXPECT_EQ(old, 212992);
	MUST(getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, &len));
	EXPECT_EQ(size, 200000);
	MUST(getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, &len));
	EXPECT_EQ(size, 150000);
	fd = MUST(open(CORE "wmem_max", O_WRONLY));
	EXPECT_ERRNO(write(fd, "1\n", 2), EINVAL);
}

TEST(option_arguments)
{
	struct linger l = { 1, 7 }, back;
	socklen_t len = sizeof(back);
	int v = 1;

	make_pair(SOCK_STREAM);
	EXPECT_ERRNO(setsockopt(pair[0], SOL_SOCKET, SO_REUSEADDR, &v, 3), EINVAL);
	EXPECT_ERRNO(setsockopt(pair[0], SOL_SOCKET, SO_TYPE, &v, 4), ENOPROTOOPT);
	EXPECT_ERRNO(setsockopt(pair[0], SOL_SOCKET, SO_REUSEADDR, (void *)8, 4), EFAULT);
	if (!in_emulator())
		EXPECT_ERRNO(setsockopt(pair[0], 12345, 1, &v, 4), EOPNOTSUPP);
	MUST(setsockopt(pair[0], SOL_SOCKET, SO_LINGER, &l, sizeof(l)));
	MUST(getsockopt(pair[0], SOL_SOCKET, SO_LINGER, &back, &len));
	EXPECT_EQ(back.l_onoff, 1);
	EXPECT_EQ(back.l_linger, 7);
	len = 1;
	v = -1;
	MUST(getsockopt(pair[0], SOL_SOCKET, SO_TYPE, &v, &len)); /* cut short */
	EXPECT_EQ(len, 1);
}

TEST(receive_timeout)
{
	struct timeval tv = { 0, 30000 }, back, bad = { 0, 1000000 };
	socklen_t len = sizeof(back);
	int64_t start;
	char c;

	make_pair(SOCK_STREAM);
	EXPECT_ERRNO(setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &bad, sizeof(bad)), EDOM);
	MUST(setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)));
	MUST(getsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &back, &len));
	EXPECT_EQ(len, sizeof(back));
	EXPECT_GE(back.tv_usec, 30000); /* Linux rounds to ticks */
	start = now_ns();
	EXPECT_ERRNO(read(pair[0], &c, 1), EAGAIN);
	EXPECT_GE(now_ns() - start, 29000000);
}

TEST(send_timeout)
{
	static char block[100000];
	struct timeval tv = { 0, 30000 };
	ssize_t n;

	make_pair(SOCK_STREAM);
	MUST(setsockopt(pair[0], SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv)));
	while ((n = write(pair[0], block, sizeof(block))) > 0)
		;
	EXPECT_EQ(errno, EAGAIN);
}

static void nothing(int sig)
{
}

static void wake_by_signal(void)
{
	struct itimerval it = { .it_value = { 0, 30000 } };

	MUST(setitimer(ITIMER_REAL, &it, NULL));
}

TEST(signal_interrupts)
{
	char c;

	make_pair(SOCK_STREAM);
	handle(SIGALRM, nothing, 0);
	wake_by_signal();
	EXPECT_ERRNO(read(pair[0], &c, 1), EINTR);
}

TEST(signal_restarts)
{
	char c;
	pid_t pid;

	make_pair(SOCK_STREAM);
	handle(SIGALRM, nothing, SA_RESTART);
	pid = must_fork();
	if (pid == 0) {
		sleep_ms(80);
		_exit(write(pair[1], "x", 1) != 1);
	}
	wake_by_signal();
	EXPECT_EQ(read(pair[0], &c, 1), 1);
	EXPECT_EXIT(wait_status(pid), 0);
}

/* With a time limit the call is not restarted. */
TEST(signal_with_timeout)
{
	struct timeval tv = { 5, 0 };
	char c;

	SKIP_IN_EMULATOR("restarts by itself");
	make_pair(SOCK_STREAM);
	MUST(setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)));
	handle(SIGALRM, nothing, SA_RESTART);
	wake_by_signal();
	EXPECT_ERRNO(read(pair[0], &c, 1), EINTR);
}

TEST(nonblocking_by_ioctl)
{
	int on = 1;
	char c;

	make_pair(SOCK_DGRAM);
	MUST(ioctl(pair[0], FIONBIO, &on));
	EXPECT_ERRNO(read(pair[0], &c, 1), EAGAIN);
}

TEST(vectors)
{
	char a[3], b[3];
	struct iovec out[2] = { { "abc", 3 }, { "def", 3 } }, in[2] = { { a, 2 }, { b, 3 } };

	make_pair(SOCK_STREAM);
	EXPECT_EQ(writev(pair[0], out, 2), 6);
	EXPECT_EQ(readv(pair[1], in, 2), 5);
	EXPECT_MEMEQ(a, "ab", 2);
	EXPECT_MEMEQ(b, "cde", 3);
}

TEST(many_messages)
{
	char bufs[3][8];
	struct iovec out[3] = { { "a", 1 }, { "bb", 2 }, { "ccc", 3 } }, in[3];
	struct mmsghdr m[3];

	make_pair(SOCK_DGRAM);
	memset(m, 0, sizeof(m));
	for (int i = 0; i < 3; i++) {
		m[i].msg_hdr.msg_iov = &out[i];
		m[i].msg_hdr.msg_iovlen = 1;
	}
	EXPECT_EQ(sendmmsg(pair[0], m, 3, 0), 3);
	EXPECT_EQ(m[2].msg_len, 3);
	for (int i = 0; i < 3; i++) {
		in[i] = (struct iovec){ bufs[i], 8 };
		m[i].msg_hdr.msg_iov = &in[i];
		m[i].msg_len = 0;
	}
	EXPECT_EQ(recvmmsg(pair[1], m, 2, 0, NULL), 2);
	EXPECT_EQ(m[1].msg_len, 2);
	EXPECT_EQ(recvmmsg(pair[1], m, 3, MSG_WAITFORONE, NULL), 1);
	EXPECT_EQ(m[0].msg_len, 3);
	EXPECT_ERRNO(recvmmsg(pair[1], m, 3, MSG_DONTWAIT, NULL), EAGAIN);
}

TEST(message_arguments)
{
	struct iovec v = { "x", 1 };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1 };

	make_pair(SOCK_STREAM);
	EXPECT_ERRNO(syscall(SYS_sendmsg, pair[0], 8, 0), EFAULT);
	m.msg_iovlen = 5000;
	EXPECT_ERRNO(sendmsg(pair[0], &m, 0), EMSGSIZE);
	EXPECT_ERRNO(send(pair[0], (void *)8, 1, 0), EFAULT);
	EXPECT_EQ(send(pair[0], "x", 1, 0), 1);
	EXPECT_ERRNO(recv(pair[1], (void *)8, 1, 0), EFAULT);
	char c;
	EXPECT_EQ(read(pair[1], &c, 1), 1); /* not lost */
}

TEST(timestamps)
{
	char control[64], buf[4];
	struct iovec v = { buf, 4 };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = control,
			    .msg_controllen = sizeof(control) };

	make_pair(SOCK_DGRAM);
	set_int(pair[1], SO_TIMESTAMP, 1);
	EXPECT_EQ(write(pair[0], "x", 1), 1);
	EXPECT_EQ(recvmsg(pair[1], &m, 0), 1);
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	EXPECT(c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_TIMESTAMP);
	EXPECT_EQ(c->cmsg_len, CMSG_LEN(sizeof(struct timeval)));
}

TEST(epoll_edges)
{
	struct epoll_event ev = { .events = EPOLLIN | EPOLLOUT | EPOLLET | EPOLLRDHUP }, got;
	int ep = MUST(epoll_create1(0));
	char c;

	make_pair(SOCK_STREAM);
	MUST(epoll_ctl(ep, EPOLL_CTL_ADD, pair[0], &ev));
	EXPECT_EQ(epoll_wait(ep, &got, 1, 0), 1);
	EXPECT_EQ(got.events, EPOLLOUT);
	EXPECT_EQ(epoll_wait(ep, &got, 1, 0), 0);
	EXPECT_EQ(write(pair[1], "x", 1), 1);
	EXPECT_EQ(epoll_wait(ep, &got, 1, 0), 1);
	EXPECT_EQ(got.events, EPOLLIN | EPOLLOUT);
	EXPECT_EQ(epoll_wait(ep, &got, 1, 0), 0);
	EXPECT_EQ(write(pair[1], "x", 1), 1); /* every arrival is an edge */
	EXPECT_EQ(epoll_wait(ep, &got, 1, 0), 1);
	EXPECT_EQ(read(pair[0], &c, 1), 1);
	close(pair[1]);
	EXPECT_EQ(epoll_wait(ep, &got, 1, 0), 1);
	EXPECT_EQ(got.events, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLHUP);
}

TEST(epoll_level_wakes_sleeper)
{
	struct epoll_event ev = { .events = EPOLLIN }, got;
	int ep = MUST(epoll_create1(0));
	pid_t pid;

	make_pair(SOCK_DGRAM);
	MUST(epoll_ctl(ep, EPOLL_CTL_ADD, pair[0], &ev));
	pid = must_fork();
	if (pid == 0) {
		sleep_ms(30);
		_exit(write(pair[1], "x", 1) != 1);
	}
	EXPECT_EQ(epoll_wait(ep, &got, 1, 5000), 1);
	EXPECT_EQ(epoll_wait(ep, &got, 1, 0), 1);
	EXPECT_EXIT(wait_status(pid), 0);
}

/* Two readers of datagrams: each message wakes one, and none is lost. */
TEST(two_readers)
{
	pid_t pids[2];
	char c;

	make_pair(SOCK_DGRAM);
	for (int i = 0; i < 2; i++) {
		pids[i] = must_fork();
		if (pids[i] == 0)
			_exit(read(pair[0], &c, 1) != 1);
	}
	sleep_ms(30);
	EXPECT_EQ(write(pair[1], "a", 1), 1);
	EXPECT_EQ(write(pair[1], "b", 1), 1);
	for (int i = 0; i < 2; i++)
		EXPECT_EXIT(wait_status(pids[i]), 0);
}
