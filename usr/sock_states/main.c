/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sock_states: a table of what poll, select, epoll and the calls say of sockets in each state.
 * Usage: sock_states [KIND...] (tcp tcp6 udp stream dgram seqpacket; all, or those of AF_UNIX where
 * there is no AF_INET). The same program on Linux says what is right. Exit status 0, 1 when a
 * state could not be made, 2 for usage.
 */
#include "states.h"

#include <fcntl.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <time.h>
#include <unistd.h>

#define ALL_EVENTS (POLLIN | POLLOUT | POLLPRI | POLLRDHUP | POLLRDNORM | POLLRDBAND | POLLWRNORM | \
		    POLLWRBAND)

static const char *current = "start";
static int kept[300], kept_count;

_Noreturn void give_up(const char *call, const char *file, int line)
{
	printf("sock_states: %s: %s:%d: %s: %s\n", current, file, line, call, strerror(errno));
	exit(1);
}

void settle(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = 60000000 }, NULL);
}

int keep(int fd)
{
	kept[kept_count++] = fd;
	return fd;
}

void set_nonblocking(int fd)
{
	CHECK(fcntl(fd, F_SETFL, O_NONBLOCK));
}

static const char *bits(unsigned mask)
{
	static const struct { unsigned bit; const char *name; } names[] = {
		{ POLLIN, "IN" }, { POLLPRI, "PRI" }, { POLLOUT, "OUT" }, { POLLERR, "ERR" },
		{ POLLHUP, "HUP" }, { POLLNVAL, "NVAL" }, { POLLRDNORM, "rn" },
		{ POLLRDBAND, "rb" }, { POLLWRNORM, "wn" }, { POLLWRBAND, "wb" },
		{ POLLRDHUP, "RDHUP" },
	};
	static char text[4][80];
	static int turn;
	char *at = text[turn = (turn + 1) % 4];

	strcpy(at, mask ? "" : "-");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (mask & names[i].bit) {
			if (*at)
				strcat(at, "+");
			strcat(at, names[i].name);
		}
	}
	return at;
}

static unsigned poll_bits(int fd)
{
	struct pollfd p = { .fd = fd, .events = ALL_EVENTS };

	CHECK(poll(&p, 1, 0));
	return p.revents;
}

/* --- readiness, asked in every way --- */

static void say_select(int fd)
{
	struct timeval now = { 0 };
	fd_set r, w, x;
	int n;

	FD_ZERO(&r);
	FD_ZERO(&w);
	FD_ZERO(&x);
	FD_SET(fd, &r);
	FD_SET(fd, &w);
	FD_SET(fd, &x);
	n = CHECK(select(fd + 1, &r, &w, &x, &now));
	printf(" select %d%s%s%s", n, FD_ISSET(fd, &r) ? "r" : "", FD_ISSET(fd, &w) ? "w" : "",
	       FD_ISSET(fd, &x) ? "x" : "");
}

/* Two waits after adding it with these flags. */
static void say_epoll(const char *how, int fd, unsigned events)
{
	struct epoll_event ev = { .events = events };
	int ep = CHECK(epoll_create1(0));

	printf(" %s", how);
	if (epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev) < 0)
		printf(" error %d", errno);
	for (int i = 0; i < 2; i++) {
		ev.events = 0;
		int n = CHECK(epoll_wait(ep, &ev, 1, 0));

		printf("%s%s", i ? "," : " ", bits(n ? ev.events : 0));
	}
	close(ep);
}

static void say_ready(int fd)
{
	printf(" poll %s", bits(poll_bits(fd)));
	say_select(fd);
	say_epoll("level", fd, ALL_EVENTS);
	say_epoll("edge", fd, ALL_EVENTS | EPOLLET);
	say_epoll("oneshot", fd, ALL_EVENTS | EPOLLONESHOT);
	say_epoll("exclusive", fd, EPOLLIN | EPOLLOUT | EPOLLEXCLUSIVE);
}

/* --- operations: each prints its result --- */

const struct kind *kind;
static char buffer[4096];

static void say(long result)
{
	if (result < 0)
		printf(" error %d", errno);
	else
		printf(" %ld", result);
}

#define RECEIVE(name, flags)                                                                     \
	static void op_##name(int fd)                                                            \
	{                                                                                        \
		say(recv(fd, buffer, 10, (flags) | MSG_DONTWAIT));                               \
	}
RECEIVE(recv, 0)
RECEIVE(recv_peek, MSG_PEEK)
RECEIVE(recv_waitall, MSG_WAITALL)
RECEIVE(recv_trunc, MSG_TRUNC)
RECEIVE(recv_errqueue, MSG_ERRQUEUE)

static void op_recv_twice(int fd)
{
	op_recv(fd);
	op_recv(fd);
}

static void op_recv_name(int fd)
{
	struct sockaddr_storage from;
	socklen_t len = sizeof(from);

	memset(&from, 0xee, sizeof(from));
	say(recvfrom(fd, buffer, 10, MSG_DONTWAIT, (struct sockaddr *)&from, &len));
	printf(" len %u", len);
}

static void op_recvmsg(int fd)
{
	char control[64];
	struct iovec v = { buffer, 2 };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = control,
			    .msg_controllen = sizeof(control), .msg_flags = 0x55 };

	say(recvmsg(fd, &m, MSG_DONTWAIT));
	printf(" flags %x control %u", m.msg_flags, (unsigned)m.msg_controllen);
}

static void op_read_0(int fd)
{
	say(read(fd, buffer, 0));
}

static void op_send(int fd)
{
	say(send(fd, "abc", 3, MSG_NOSIGNAL | MSG_DONTWAIT));
}

static void op_send_0(int fd)
{
	say(send(fd, "", 0, MSG_NOSIGNAL | MSG_DONTWAIT));
}

static void op_send_twice(int fd)
{
	op_send(fd);
	settle();
	op_send(fd);
}

static int sigpipes;

static void count_sigpipe(int sig)
{
	sigpipes++;
}

/* Does a plain write raise SIGPIPE? */
static void op_write(int fd)
{
	int flags = CHECK(fcntl(fd, F_GETFL));

	sigpipes = 0;
	CHECK(fcntl(fd, F_SETFL, flags | O_NONBLOCK));
	say(write(fd, "abc", 3));
	printf(" sigpipe %d", sigpipes);
	CHECK(fcntl(fd, F_SETFL, flags));
}

static void send_to(int fd, int there)
{
	struct sockaddr_storage to;
	socklen_t len = kind->target(&to, there);

	say(sendto(fd, "abc", 3, MSG_NOSIGNAL | MSG_DONTWAIT, (void *)&to, len));
}

static void op_sendto(int fd)
{
	send_to(fd, 1);
}

static void op_sendto_nobody(int fd)
{
	send_to(fd, 0);
	settle();
	send_to(fd, 0);
}

#define SHUTDOWN(name, how)                                                                      \
	static void op_##name(int fd)                                                            \
	{                                                                                        \
		say(shutdown(fd, how));                                                          \
		settle();                                                                        \
	}
SHUTDOWN(shut_rd, SHUT_RD)
SHUTDOWN(shut_wr, SHUT_WR)
SHUTDOWN(shut_rdwr, SHUT_RDWR)

static void op_shut_rd_recv(int fd)
{
	say(shutdown(fd, SHUT_RD));
	op_recv(fd);
	op_recv(fd);
}

static void connect_to(int fd, int there)
{
	struct sockaddr_storage to;
	socklen_t len = kind->target(&to, there);
	int flags = CHECK(fcntl(fd, F_GETFL));

	CHECK(fcntl(fd, F_SETFL, flags | O_NONBLOCK));
	say(connect(fd, (void *)&to, len));
	settle();
	say(connect(fd, (void *)&to, len));
	CHECK(fcntl(fd, F_SETFL, flags));
}

static void op_connect(int fd)
{
	connect_to(fd, 1);
}

static void op_connect_nobody(int fd)
{
	connect_to(fd, 0);
}

static void op_disconnect(int fd)
{
	struct sockaddr none = { .sa_family = AF_UNSPEC };

	say(connect(fd, &none, sizeof(none)));
	settle();
}

static void op_listen(int fd)
{
	say(listen(fd, 1));
}

static void op_accept(int fd)
{
	int flags = CHECK(fcntl(fd, F_GETFL)), conn;

	CHECK(fcntl(fd, F_SETFL, flags | O_NONBLOCK));
	conn = accept(fd, NULL, NULL);
	say(conn < 0 ? conn : 0);
	CHECK(fcntl(fd, F_SETFL, flags));
	if (conn >= 0) {
		printf(" conn %s", bits(poll_bits(conn)));
		close(conn);
	}
}

static void op_names(int fd)
{
	struct sockaddr_storage a;
	socklen_t len = sizeof(a);

	say(getsockname(fd, (void *)&a, &len));
	printf(" len %u", len);
	len = sizeof(a);
	say(getpeername(fd, (void *)&a, &len));
	printf(" len %u", len);
}

static int number_option(int fd, int level, int name)
{
	int v = -1;
	socklen_t len = sizeof(v);

	return getsockopt(fd, level, name, &v, &len) < 0 ? -errno : v;
}

static void op_so_error(int fd)
{
	for (int i = 0; i < 2; i++)
		printf(" %d", number_option(fd, SOL_SOCKET, SO_ERROR));
}

static void op_asked(int fd)
{
	static const int requests[] = { FIONREAD, SIOCOUTQ, SIOCATMARK };

	printf(" acceptconn %d", number_option(fd, SOL_SOCKET, SO_ACCEPTCONN));
	for (int i = 0; i < 3; i++) {
		int n = -1;

		/* What is not acknowledged yet is TCP's own affair; how much memory waits, anybody's. */
		if (requests[i] == SIOCOUTQ && kind->family != AF_UNIX)
			continue;
		if (ioctl(fd, requests[i], &n) < 0)
			printf(" error %d", errno);
		else
			printf(" %d", requests[i] == SIOCOUTQ ? n > 0 : n);
	}
}

static void op_tcp_info(int fd)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) < 0)
		printf(" error %d", errno);
	else
		printf(" state %d", info.tcpi_state);
}

static const struct { const char *name; void (*run)(int fd); } ops[] = {
	{ "ready", say_ready },
#define OP(name) { #name, op_##name }
	OP(recv), OP(recv_peek), OP(recv_waitall), OP(recv_trunc), OP(recv_errqueue),
	OP(recv_twice), OP(recv_name), OP(recvmsg), OP(read_0), OP(send), OP(send_0),
	OP(send_twice), OP(write), OP(sendto), OP(sendto_nobody), OP(shut_rd), OP(shut_wr),
	OP(shut_rdwr), OP(shut_rd_recv), OP(connect), OP(connect_nobody), OP(disconnect),
	OP(listen), OP(accept), OP(names), OP(so_error), OP(asked), OP(tcp_info),
};

/* What an edge-triggered watcher hears while the operation goes on. */
static void run_one(const struct state *s, size_t op)
{
	struct epoll_event ev = { .events = ALL_EVENTS | EPOLLET };
	static char label[100];
	int peer = -1, fd, ep, n;

	snprintf(label, sizeof(label), "%s.%s.%s", kind->name, s->name, ops[op].name);
	current = label;
	fd = s->make(&peer);
	settle();
	printf("%s:", label);
	ep = CHECK(epoll_create1(0));
	if (peer >= 0) {
		CHECK(epoll_ctl(ep, EPOLL_CTL_ADD, peer, &ev));
		CHECK(epoll_wait(ep, &ev, 1, 0));
	}
	ops[op].run(fd);
	settle();
	if (op) {
		printf(" | %s", bits(poll_bits(fd)));
		if (peer >= 0) {
			n = CHECK(epoll_wait(ep, &ev, 1, 0));
			printf(" | peer %s edge %s", bits(poll_bits(peer)), bits(n ? ev.events : 0));
		}
	}
	putchar('\n');
	close(ep);
	close(fd);
	if (peer >= 0)
		close(peer);
	while (kept_count)
		close(kept[--kept_count]);
}

/* --- */

/* Linux starts with it down. False: no Internet protocols. */
static bool loopback_up(void)
{
	struct ifreq request = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (fd < 0)
		return false;
	if (ioctl(fd, SIOCGIFFLAGS, &request) == 0 && !(request.ifr_flags & IFF_UP)) {
		request.ifr_flags |= IFF_UP;
		ioctl(fd, SIOCSIFFLAGS, &request);
	}
	close(fd);
	return true;
}

int main(int argc, char **argv)
{
	static const struct kind *const kinds[] = {
		&tcp_kind, &tcp6_kind, &udp_kind, &stream_kind, &dgram_kind, &seqpacket_kind,
	};

	bool inet;

	signal(SIGPIPE, count_sigpipe);
	inet = loopback_up();
	for (int i = 1; i < argc; i++) {
		bool known = false;

		for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
			known |= !strcmp(argv[i], kinds[k]->name);
		if (!known) {
			fprintf(stderr, "sock_states: %s: no such kind\n", argv[i]);
			return 2;
		}
	}
	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		bool wanted = argc == 1 && (inet || kinds[k]->family == AF_UNIX);

		kind = kinds[k];
		for (int i = 1; i < argc; i++)
			wanted |= !strcmp(argv[i], kind->name);
		for (const struct state *s = kind->states; wanted && s->name; s++)
			for (size_t op = 0; op < sizeof(ops) / sizeof(ops[0]); op++)
				run_one(s, op);
	}
	if (argc == 1)
		walk_options(inet);
	puts("sock_states: end");
	return 0;
}
