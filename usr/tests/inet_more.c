/* SPDX-License-Identifier: BSD-2-Clause */
/* AF_INET beyond connections: TIME_WAIT, deferred accepts, what goes beside datagrams, ports. */
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "helpers.h"
#include "inet.h"


static int number(int fd, int level, int name)
{
	int v = -1;
	socklen_t len = sizeof(v);

	MUST(getsockopt(fd, level, name, &v, &len));
	return v;
}

static void set(int fd, int level, int name, int v)
{
	MUST(setsockopt(fd, level, name, &v, sizeof(v)));
}

/* Both ends of a connection; the listener stays in *l. */
static void connection(int *l, int *client, int *conn, int reuse)
{
	struct sockaddr_in a;

	*l = inet_socket(AF_INET, SOCK_STREAM);
	set(*l, SOL_SOCKET, SO_REUSEADDR, reuse);
	a = v4(INADDR_LOOPBACK, 0);
	MUST(bind(*l, ADDR(a), sizeof(a)));
	MUST(listen(*l, 4));
	a = v4(INADDR_LOOPBACK, port_of(*l));
	*client = inet_socket(AF_INET, SOCK_STREAM);
	MUST(connect(*client, ADDR(a), sizeof(a)));
	*conn = MUST(accept(*l, NULL, NULL));
}

TEST(time_wait_keeps_the_port)
{
	int l, c, s, fd, port, other;
	struct sockaddr_in a;

	connection(&l, &c, &s, 0);
	port = port_of(l);
	other = port_of(c);
	close(s);		/* the server closes first */
	sleep_ms(20);
	EXPECT_EQ(inet_state_of(port, other), 5);	/* FIN_WAIT2 */
	EXPECT_EQ(inet_state_of(other, port), 8);	/* CLOSE_WAIT */
	close(c);
	close(l);
	sleep_ms(20);
	EXPECT_EQ(inet_state_of(port, other), 6);	/* TIME_WAIT */
	EXPECT_EQ(inet_state_of(other, port), 0);
	a = v4(INADDR_LOOPBACK, port);
	fd = inet_socket(AF_INET, SOCK_STREAM);
	EXPECT_ERRNO(bind(fd, ADDR(a), sizeof(a)), EADDRINUSE);
	set(fd, SOL_SOCKET, SO_REUSEADDR, 1);	/* the old one had not asked for it */
	EXPECT_ERRNO(bind(fd, ADDR(a), sizeof(a)), EADDRINUSE);
}

TEST(time_wait_with_reuseaddr)
{
	int l, c, s, fd, port;
	struct sockaddr_in a;

	connection(&l, &c, &s, 1);
	port = port_of(l);
	close(s);
	close(c);
	close(l);
	sleep_ms(20);
	a = v4(INADDR_LOOPBACK, port);
	fd = inet_socket(AF_INET, SOCK_STREAM);
	EXPECT_ERRNO(bind(fd, ADDR(a), sizeof(a)), EADDRINUSE);
	set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	MUST(bind(fd, ADDR(a), sizeof(a)));
	MUST(listen(fd, 1));
}

TEST(no_time_wait_after_a_reset)
{
	struct linger hard = { 1, 0 };
	int l, c, s, port, other;

	connection(&l, &c, &s, 0);
	port = port_of(l);
	other = port_of(c);
	MUST(setsockopt(s, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard)));
	close(s);
	sleep_ms(20);
	EXPECT_EQ(inet_state_of(port, other), 0);
	EXPECT_EQ(inet_state_of(other, port), 0);
}

TEST(deferred_accept)
{
	int l = inet_bound(SOCK_STREAM), c = inet_socket(AF_INET, SOCK_STREAM), s;
	struct sockaddr_in a = v4(INADDR_LOOPBACK, port_of(l));
	struct pollfd p = { .fd = l, .events = POLLIN };
	char buf[8];

	set(l, IPPROTO_TCP, TCP_DEFER_ACCEPT, 30);
	MUST(listen(l, 4));
	MUST(fcntl(l, F_SETFL, O_NONBLOCK));
	MUST(connect(c, ADDR(a), sizeof(a)));
	EXPECT_EQ(poll(&p, 1, 100), 0);
	EXPECT_ERRNO(accept(l, NULL, NULL), EAGAIN);
	EXPECT_EQ(write(c, "go", 2), 2);
	EXPECT_EQ(poll(&p, 1, 1000), 1);
	s = MUST(accept(l, NULL, NULL));
	EXPECT_EQ(read(s, buf, sizeof(buf)), 2);
}

/* The value of one control message, as an int or its first bytes. */
static bool control(struct msghdr *m, int level, int type, void *value, size_t len)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level == level && c->cmsg_type == type) {
			memcpy(value, CMSG_DATA(c), len);
			return true;
		}
	}
	return false;
}

TEST(beside_datagrams)
{
	int to = inet_socket(AF_INET, SOCK_DGRAM), from = inet_socket(AF_INET, SOCK_DGRAM);
	struct sockaddr_in any = v4(INADDR_ANY, 0), dest, source;
	char room[256] __attribute__((aligned(8))), byte = 'x';
	struct iovec v = { &byte, 1 };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1 };
	struct in_pktinfo info = { 0 };
	struct cmsghdr *c;
	unsigned char tos;
	int ttl;

	MUST(bind(to, ADDR(any), sizeof(any)));
	set(to, IPPROTO_IP, IP_PKTINFO, 1);
	set(to, IPPROTO_IP, IP_RECVTTL, 1);
	set(to, IPPROTO_IP, IP_RECVTOS, 1);
	set(from, IPPROTO_IP, IP_TOS, 0x10);
	/* From another address than the route's, with fewer hops. */
	dest = v4(INADDR_LOOPBACK + 1, port_of(to));
	m.msg_name = &dest;
	m.msg_namelen = sizeof(dest);
	m.msg_control = room;
	m.msg_controllen = CMSG_SPACE(sizeof(info)) + CMSG_SPACE(sizeof(ttl));
	memset(room, 0, sizeof(room));
	c = CMSG_FIRSTHDR(&m);
	*c = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(info)), .cmsg_level = IPPROTO_IP,
			       .cmsg_type = IP_PKTINFO };
	info.ipi_spec_dst.s_addr = htonl(INADDR_LOOPBACK + 6);
	memcpy(CMSG_DATA(c), &info, sizeof(info));
	c = CMSG_NXTHDR(&m, c);
	*c = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(ttl)), .cmsg_level = IPPROTO_IP,
			       .cmsg_type = IP_TTL };
	ttl = 7;
	memcpy(CMSG_DATA(c), &ttl, sizeof(ttl));
	EXPECT_EQ(sendmsg(from, &m, 0), 1);
	m.msg_name = &source;
	m.msg_namelen = sizeof(source);
	m.msg_controllen = sizeof(room);
	EXPECT_EQ(recvmsg(to, &m, 0), 1);
	EXPECT_EQ(ntohl(source.sin_addr.s_addr), INADDR_LOOPBACK + 6);
	EXPECT(control(&m, IPPROTO_IP, IP_PKTINFO, &info, sizeof(info)));
	EXPECT_EQ(ntohl(info.ipi_addr.s_addr), INADDR_LOOPBACK + 1);
	EXPECT_EQ(info.ipi_ifindex, 1);
	EXPECT(control(&m, IPPROTO_IP, IP_TTL, &ttl, sizeof(ttl)));
	EXPECT_EQ(ttl, 7);
	EXPECT(control(&m, IPPROTO_IP, IP_TOS, &tos, sizeof(tos)));
	EXPECT_EQ(tos, 0x10);
}

TEST(lost_datagrams_are_counted)
{
	int to = inet_bound(SOCK_DGRAM), from = inet_socket(AF_INET, SOCK_DGRAM), got = 0;
	struct sockaddr_in a = v4(INADDR_LOOPBACK, port_of(to));
	char room[64] __attribute__((aligned(8))), block[1000];
	struct iovec v = { block, sizeof(block) };
	unsigned lost = 0;

	set(to, SOL_SOCKET, SO_RCVBUF, 1);	/* the least there is */
	set(to, SOL_SOCKET, SO_RXQ_OVFL, 1);
	for (int i = 0; i < 20; i++)
		EXPECT_EQ(sendto(from, block, sizeof(block), 0, ADDR(a), sizeof(a)), 1000);
	while (recv(to, block, sizeof(block), MSG_DONTWAIT) > 0)
		got++;
	EXPECT_GE(got, 1);
	EXPECT_LT(got, 20);
	EXPECT_EQ(sendto(from, block, sizeof(block), 0, ADDR(a), sizeof(a)), 1000);
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = room,
			    .msg_controllen = sizeof(room) };
	EXPECT_EQ(recvmsg(to, &m, 0), 1000);
	EXPECT(control(&m, SOL_SOCKET, SO_RXQ_OVFL, &lost, sizeof(lost)));
	EXPECT_EQ(lost, 20 - got);
}

TEST(a_port_later)
{
	int fd = inet_socket(AF_INET, SOCK_STREAM), l = inet_bound(SOCK_STREAM);
	struct sockaddr_in a = v4(INADDR_LOOPBACK, 0), to = v4(INADDR_LOOPBACK, port_of(l));

	MUST(listen(l, 1));
	set(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
	MUST(bind(fd, ADDR(a), sizeof(a)));
	EXPECT_EQ(port_of(fd), 0);
	MUST(connect(fd, ADDR(to), sizeof(to)));
	EXPECT_NE(port_of(fd), 0);
}

TEST(a_peer_that_goes_is_forgotten)
{
	int a = inet_bound(SOCK_DGRAM), b = inet_bound(SOCK_DGRAM), port = port_of(a);
	struct sockaddr_in to = v4(INADDR_LOOPBACK, port), none = { .sin_family = AF_UNSPEC };
	char c;

	MUST(connect(b, ADDR(to), sizeof(to)));
	EXPECT_EQ(send(b, "1", 1, 0), 1);
	EXPECT_EQ(read(a, &c, 1), 1);
	close(a);
	EXPECT_EQ(send(b, "2", 1, 0), 1);
	EXPECT_ERRNO(send(b, "3", 1, 0), ECONNREFUSED);
	a = inet_socket(AF_INET, SOCK_DGRAM);	/* another at the same place */
	MUST(bind(a, ADDR(to), sizeof(to)));
	EXPECT_EQ(send(b, "4", 1, 0), 1);
	EXPECT_EQ(read(a, &c, 1), 1);
	EXPECT_EQ(c, '4');
	MUST(connect(b, ADDR(none), sizeof(none)));
	EXPECT_EQ(number(b, SOL_SOCKET, SO_ERROR), 0);
	EXPECT_ERRNO(send(b, "5", 1, 0), EDESTADDRREQ);
}

TEST(cookies_differ)
{
	int a = inet_bound(SOCK_DGRAM), b = inet_bound(SOCK_DGRAM);
	uint64_t x = 0, y = 0, again = 0;
	socklen_t len = sizeof(x);

	MUST(getsockopt(a, SOL_SOCKET, SO_COOKIE, &x, &len));
	MUST(getsockopt(b, SOL_SOCKET, SO_COOKIE, &y, &len));
	MUST(getsockopt(a, SOL_SOCKET, SO_COOKIE, &again, &len));
	EXPECT_NE(x, y);
	EXPECT_EQ(x, again);
	EXPECT_EQ(len, 8);
}

TEST(closed_connections_free_their_ports_in_time)
{
	/* More connections, one after the other, than there are ephemeral ports in a small range. */
	int l = inet_socket(AF_INET, SOCK_STREAM), port;
	struct sockaddr_in a = v4(INADDR_LOOPBACK, 0);

	set(l, SOL_SOCKET, SO_REUSEADDR, 1);
	MUST(bind(l, ADDR(a), sizeof(a)));
	MUST(listen(l, 8));
	port = port_of(l);
	a = v4(INADDR_LOOPBACK, port);
	for (int i = 0; i < 3000; i++) {
		int c = inet_socket(AF_INET, SOCK_STREAM), s;

		MUST(connect(c, ADDR(a), sizeof(a)));
		s = MUST(accept(l, NULL, NULL));
		close(c);
		close(s);
	}
}
