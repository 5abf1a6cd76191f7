/* SPDX-License-Identifier: BSD-2-Clause */
/* AF_UNIX in numbers: a thousand cycles of sockets in flight, a thousand processes at one server. */
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "helpers.h"

#define CYCLES 1000
#define CLIENTS 1000

static void send_files(int to, const int *fds, size_t count)
{
	char control[CMSG_SPACE(8 * sizeof(int))] __attribute__((aligned(8))) = { 0 };
	struct iovec v = { "x", 1 };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = control,
			    .msg_controllen = CMSG_SPACE(count * sizeof(int)) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	*c = (struct cmsghdr){ .cmsg_len = CMSG_LEN(count * sizeof(int)), .cmsg_level = SOL_SOCKET,
			       .cmsg_type = SCM_RIGHTS };
	memcpy(CMSG_DATA(c), fds, count * sizeof(int));
	EXPECT_EQ(sendmsg(to, &m, 0), 1);
}

/* The one message's file. */
static int receive_file(int from)
{
	char control[CMSG_SPACE(sizeof(int))] __attribute__((aligned(8))), byte;
	struct iovec v = { &byte, 1 };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = control,
			    .msg_controllen = sizeof(control) };
	int fd;

	EXPECT_EQ(recvmsg(from, &m, MSG_CMSG_CLOEXEC), 1);
	EXPECT(CMSG_FIRSTHDR(&m) && CMSG_FIRSTHDR(&m)->cmsg_type == SCM_RIGHTS);
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(fd));
	EXPECT_EQ(MUST(fcntl(fd, F_GETFD)), FD_CLOEXEC);
	return fd;
}

/* One ring of `length` pairs, each with an end in the next one's queue, and `rider` with them. */
static void leave_ring(int length, int rider)
{
	int s[8][2];

	for (int i = 0; i < length; i++)
		MUST(socketpair(AF_UNIX, i & 1 ? SOCK_DGRAM : SOCK_STREAM, 0, s[i]));
	for (int i = 0; i < length; i++)
		send_files(s[(i + 1) % length][0], (int[]){ s[i][1], rider }, 2);
	for (int i = 0; i < length; i++) {
		close(s[i][0]);
		close(s[i][1]);
	}
}

/* Every ring is found: the pipe's write end, which all of them carry, is closed at last. */
TEST_LONG(a_thousand_cycles, 120)
{
	struct pollfd p = { .events = POLLIN };
	int ends[2];
	char c;

	MUST(pipe(ends));
	for (int i = 0; i < CYCLES; i++)
		leave_ring(1 + i % 8, ends[1]);
	close(ends[1]);
	close(MUST(socket(AF_UNIX, SOCK_STREAM, 0)));	/* collection may run now */
	p.fd = ends[0];
	EXPECT_EQ(MUST(poll(&p, 1, 20000)), 1);
	EXPECT_EQ(p.revents, POLLHUP);
	EXPECT_EQ(read(ends[0], &c, 1), 0);
}

/* What somebody can still receive is not collected, whatever goes on beside it. */
TEST(a_reachable_cycle_stays)
{
	int s[2], t[2], fd;

	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, t));
	send_files(s[0], &t[1], 1);	/* t[1] waits at s[1] */
	send_files(t[0], &s[0], 1);	/* s[0] waits at t[1] */
	close(t[1]);
	close(s[0]);
	for (int i = 0; i < 20; i++)
		leave_ring(3, t[0]);
	close(MUST(socket(AF_UNIX, SOCK_STREAM, 0)));
	fd = receive_file(s[1]);
	EXPECT_EQ(write(receive_file(fd), "y", 1), 1);
	char c;
	EXPECT_EQ(read(s[1], &c, 1), 1);
	EXPECT_EQ(c, 'y');
}

static socklen_t server_name(struct sockaddr_un *a)
{
	memset(a, 0, sizeof(*a));
	a->sun_family = AF_UNIX;
	return offsetof(struct sockaddr_un, sun_path) + 1 +
	       sprintf(a->sun_path + 1, "storm.%d", getpid());
}

static void client(struct sockaddr_un *a, socklen_t len, int i)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), ends[2];
	char c;

	if (fd < 0 || connect(fd, (void *)a, len) < 0 || pipe(ends) < 0)
		_exit(1);
	send_files(fd, &ends[1], 1);
	close(ends[1]);
	/* The server writes into our pipe by the descriptor it got. */
	_exit(read(ends[0], &c, 1) == 1 && c == (char)i ? 0 : 2);
}

TEST_LONG(a_thousand_processes, 300)
{
	struct sockaddr_un a;
	socklen_t len = server_name(&a), size;
	int l = MUST(socket(AF_UNIX, SOCK_STREAM, 0)), bad = 0, status;
	struct rlimit many = { 4096, 4096 };
	static pid_t pids[CLIENTS];

	setrlimit(RLIMIT_NPROC, &many);
	MUST(bind(l, (void *)&a, len));
	MUST(listen(l, 16));	/* most have to wait for a place */
	for (int i = 0; i < CLIENTS; i++) {
		pids[i] = must_fork();
		if (!pids[i])
			client(&a, len, i);
	}
	for (int i = 0; i < CLIENTS; i++) {
		int conn = MUST(accept(l, NULL, NULL)), fd = receive_file(conn), who;
		struct ucred cred;
		char c;

		size = sizeof(cred);
		MUST(getsockopt(conn, SOL_SOCKET, SO_PEERCRED, &cred, &size));
		for (who = 0; who < CLIENTS && pids[who] != cred.pid; who++)
			;
		EXPECT_LT(who, CLIENTS);
		c = (char)who;
		EXPECT_EQ(write(fd, &c, 1), 1);
		close(fd);
		close(conn);
	}
	for (int i = 0; i < CLIENTS; i++) {
		MUST(waitpid(pids[i], &status, 0));
		bad += status != 0;
	}
	EXPECT_EQ(bad, 0);
}
