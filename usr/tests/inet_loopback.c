/* SPDX-License-Identifier: BSD-2-Clause */
/* TCP and UDP over 127.0.0.0/8 and ::1: the states of connections, ports, errors, poll bits. */
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "helpers.h"
#include "inet.h"


static struct sockaddr_in6 v6(struct in6_addr host, int port)
{
	return (struct sockaddr_in6){ .sin6_family = AF_INET6, .sin6_port = htons(port),
				      .sin6_addr = host };
}

static int server(int backlog)
{
	int fd = inet_bound(SOCK_STREAM);

	MUST(listen(fd, backlog));
	return fd;
}

static int client(int port)
{
	struct sockaddr_in a = v4(INADDR_LOOPBACK, port);
	int fd = inet_socket(AF_INET, SOCK_STREAM);

	MUST(connect(fd, ADDR(a), sizeof(a)));
	return fd;
}

static int poll_bits(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT | POLLRDHUP | POLLPRI };

	MUST(poll(&p, 1, 0));
	return p.revents;
}

static void tcp_pair(int s[2])
{
	int l = server(1);

	s[0] = client(port_of(l));
	s[1] = MUST(accept(l, NULL, NULL));
	close(l);
}

static int so_error(int fd)
{
	int v;
	socklen_t len = sizeof(v);

	MUST(getsockopt(fd, SOL_SOCKET, SO_ERROR, &v, &len));
	return v;
}

TEST(udp_messages)
{
	int a = inet_bound(SOCK_DGRAM), b = inet_bound(SOCK_DGRAM), n;
	struct sockaddr_in to = v4(INADDR_LOOPBACK, port_of(a)), from;
	socklen_t len = sizeof(from);
	char buf[16];

	EXPECT_EQ(poll_bits(a), POLLOUT);
	EXPECT_EQ(sendto(b, "hello", 5, 0, ADDR(to), sizeof(to)), 5);
	EXPECT_EQ(sendto(b, "", 0, 0, ADDR(to), sizeof(to)), 0);
	EXPECT_EQ(poll_bits(a), POLLIN | POLLOUT);
	MUST(ioctl(a, FIONREAD, &n));
	EXPECT_EQ(n, 5);
	EXPECT_EQ(recvfrom(a, buf, 2, MSG_PEEK | MSG_TRUNC, ADDR(from), &len), 5);
	EXPECT_EQ(recvfrom(a, buf, 16, 0, ADDR(from), &len), 5);
	EXPECT_EQ(ntohs(from.sin_port), port_of(b));
	EXPECT_EQ(ntohl(from.sin_addr.s_addr), INADDR_LOOPBACK);
	EXPECT_EQ(recv(a, buf, 16, 0), 0);
	EXPECT_ERRNO(recv(a, buf, 16, MSG_DONTWAIT), EAGAIN);
	EXPECT_ERRNO(send(b, "x", 1, 0), EDESTADDRREQ);
	static char big[65508];
	EXPECT_ERRNO(sendto(b, big, 65508, 0, ADDR(to), sizeof(to)), EMSGSIZE);
}

TEST(udp_connected)
{
	int a = inet_bound(SOCK_DGRAM), b = inet_bound(SOCK_DGRAM), c = inet_bound(SOCK_DGRAM);
	struct sockaddr_in to_a = v4(INADDR_LOOPBACK, port_of(a)),
			   to_b = v4(INADDR_LOOPBACK, port_of(b));
	char buf[4];

	MUST(connect(a, ADDR(to_b), sizeof(to_b)));
	EXPECT_EQ(sendto(c, "no", 2, 0, ADDR(to_a), sizeof(to_a)), 2);
	EXPECT_EQ(sendto(b, "yes", 3, 0, ADDR(to_a), sizeof(to_a)), 3);
	EXPECT_EQ(read(a, buf, 4), 3); /* only its peer's */
	close(b);
	EXPECT_EQ(write(a, "x", 1), 1);
	EXPECT_EQ(poll_bits(a), POLLOUT | POLLERR);
	EXPECT_ERRNO(write(a, "x", 1), ECONNREFUSED);
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	MUST(connect(a, &none, sizeof(none)));
	EXPECT_ERRNO(write(a, "x", 1), EDESTADDRREQ);
}

TEST(tcp_states)
{
	int l = inet_socket(AF_INET, SOCK_STREAM), c, s;
	struct sockaddr_in a = v4(INADDR_LOOPBACK, 0), peer;
	socklen_t len = sizeof(peer);
	char buf[8];

	EXPECT_EQ(poll_bits(l), POLLOUT | POLLHUP);
	EXPECT_ERRNO(accept(l, NULL, NULL), EINVAL);
	EXPECT_ERRNO(read(l, buf, 1), ENOTCONN);
	EXPECT_ERRNO(send(l, buf, 1, MSG_NOSIGNAL), EPIPE);
	EXPECT_ERRNO(shutdown(inet_socket(AF_INET, SOCK_STREAM), SHUT_RD), ENOTCONN);
	MUST(bind(l, ADDR(a), sizeof(a)));
	MUST(listen(l, 3));
	EXPECT_EQ(poll_bits(l), 0);
	c = client(port_of(l));
	EXPECT_EQ(poll_bits(l), POLLIN);
	EXPECT_EQ(poll_bits(c), POLLOUT);
	s = MUST(accept(l, ADDR(peer), &len));
	EXPECT_EQ(ntohs(peer.sin_port), port_of(c));
	EXPECT_EQ(port_of(s), port_of(l));
	EXPECT_EQ(write(c, "hello", 5), 5);
	EXPECT_EQ(read(s, buf, 8), 5);
	MUST(shutdown(c, SHUT_WR));
	EXPECT_EQ(read(s, buf, 8), 0);
	EXPECT_EQ(poll_bits(s), POLLIN | POLLOUT | POLLRDHUP);
	EXPECT_ERRNO(send(c, "x", 1, MSG_NOSIGNAL), EPIPE);
	EXPECT_EQ(write(s, "back", 4), 4);
	EXPECT_EQ(read(c, buf, 8), 4);
	close(s);
	EXPECT_EQ(read(c, buf, 8), 0);
	EXPECT_EQ(poll_bits(c), POLLIN | POLLOUT | POLLHUP | POLLRDHUP);
}

TEST(tcp_refused)
{
	int gone = inet_bound(SOCK_STREAM), port = port_of(gone), fd;
	struct sockaddr_in a = v4(INADDR_LOOPBACK, port);

	close(gone);
	fd = inet_socket(AF_INET, SOCK_STREAM);
	EXPECT_ERRNO(connect(fd, ADDR(a), sizeof(a)), ECONNREFUSED);
	fd = inet_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK);
	EXPECT_ERRNO(connect(fd, ADDR(a), sizeof(a)), EINPROGRESS);
	EXPECT_EQ(poll_bits(fd), POLLIN | POLLOUT | POLLERR | POLLHUP | POLLRDHUP);
	EXPECT_EQ(so_error(fd), ECONNREFUSED);
	EXPECT_EQ(so_error(fd), 0);
}

TEST(tcp_nonblocking_connect)
{
	int l = server(1), fd = inet_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK);
	struct sockaddr_in a = v4(INADDR_LOOPBACK, port_of(l));

	EXPECT_ERRNO(connect(fd, ADDR(a), sizeof(a)), EINPROGRESS);
	EXPECT_EQ(poll_bits(fd), POLLOUT);
	EXPECT_EQ(so_error(fd), 0);
	EXPECT_EQ(connect(fd, ADDR(a), sizeof(a)), 0);
	EXPECT_ERRNO(connect(fd, ADDR(a), sizeof(a)), EISCONN);
}

TEST(tcp_peer_gone)
{
	int s[2];
	char c;

	tcp_pair(s);
	close(s[1]);
	EXPECT_EQ(read(s[0], &c, 1), 0);
	EXPECT_EQ(write(s[0], "x", 1), 1); /* answered by a reset */
	EXPECT_ERRNO(send(s[0], "x", 1, MSG_NOSIGNAL), EPIPE);
	EXPECT_EQ(poll_bits(s[0]), POLLIN | POLLOUT | POLLHUP | POLLRDHUP);
	EXPECT_KILLED(IN_CHILD({ return_status = write(s[0], "x", 1) < 0; }), SIGPIPE);
}

TEST(tcp_reset)
{
	struct linger l = { 1, 0 };
	int s[2];
	char c;

	tcp_pair(s);
	EXPECT_EQ(write(s[0], "x", 1), 1);
	close(s[1]); /* with a byte unread */
	EXPECT_EQ(poll_bits(s[0]), POLLIN | POLLOUT | POLLERR | POLLHUP | POLLRDHUP);
	EXPECT_ERRNO(read(s[0], &c, 1), ECONNRESET);
	EXPECT_EQ(read(s[0], &c, 1), 0);
	tcp_pair(s);
	MUST(setsockopt(s[1], SOL_SOCKET, SO_LINGER, &l, sizeof(l)));
	close(s[1]);
	EXPECT_ERRNO(write(s[0], "x", 1), ECONNRESET);
}

TEST(tcp_flow_control)
{
	static char block[8192];
	size_t total = 0, back = 0;
	ssize_t n;
	int s[2];

	tcp_pair(s);
	MUST(fcntl(s[0], F_SETFL, O_NONBLOCK));
	while ((n = write(s[0], block, sizeof(block))) > 0)
		total += n;
	EXPECT_EQ(errno, EAGAIN);
	EXPECT_EQ(poll_bits(s[0]), 0);
	close(s[0]); /* what was taken still arrives */
	while ((n = MUST(read(s[1], block, sizeof(block)))) > 0)
		back += n;
	EXPECT_EQ(back, total);
}

TEST(tcp_backlog_waits)
{
	struct sockaddr_in a;
	int l = server(0), fd[4], open = 0;

	a = v4(INADDR_LOOPBACK, port_of(l));
	for (int i = 0; i < 4; i++) {
		fd[i] = inet_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK);
		EXPECT_ERRNO(connect(fd[i], ADDR(a), sizeof(a)), EINPROGRESS);
		open += poll_bits(fd[i]) == POLLOUT;
	}
	EXPECT_GE(open, 1);
	EXPECT_LT(open, 4);
	close(MUST(accept(l, NULL, NULL)));
}

TEST(bind_rules)
{
	int a = inet_bound(SOCK_STREAM), b = inet_socket(AF_INET, SOCK_STREAM), on = 1;
	struct sockaddr_in same = v4(INADDR_LOOPBACK, port_of(a)), any = v4(0, port_of(a)),
			   other = v4(INADDR_LOOPBACK + 1, port_of(a)), far = v4(0x08080808, 0);

	EXPECT_ERRNO(bind(a, ADDR(far), sizeof(far)), EADDRNOTAVAIL);
	EXPECT_ERRNO(bind(a, ADDR(same), sizeof(same)), EINVAL);
	EXPECT_ERRNO(bind(b, ADDR(same), sizeof(same)), EADDRINUSE);
	EXPECT_ERRNO(bind(b, ADDR(any), sizeof(any)), EADDRINUSE);
	EXPECT_ERRNO(bind(b, ADDR(same), 3), EINVAL);
	MUST(bind(b, ADDR(other), sizeof(other)));
	b = inet_socket(AF_INET, SOCK_STREAM);
	MUST(setsockopt(b, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)));
	EXPECT_ERRNO(bind(b, ADDR(same), sizeof(same)), EADDRINUSE);
	MUST(setsockopt(a, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)));
	MUST(bind(b, ADDR(same), sizeof(same)));
	MUST(listen(a, 1));
	EXPECT_ERRNO(listen(b, 1), EADDRINUSE);
	b = inet_socket(AF_INET, SOCK_STREAM);
	MUST(setsockopt(b, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)));
	EXPECT_ERRNO(bind(b, ADDR(same), sizeof(same)), EADDRINUSE);
}

TEST(reuseport)
{
	int a = inet_socket(AF_INET, SOCK_DGRAM), b = inet_socket(AF_INET, SOCK_DGRAM), on = 1;
	struct sockaddr_in addr = v4(INADDR_LOOPBACK, 0);

	MUST(setsockopt(a, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)));
	MUST(bind(a, ADDR(addr), sizeof(addr)));
	addr = v4(INADDR_LOOPBACK, port_of(a));
	EXPECT_ERRNO(bind(b, ADDR(addr), sizeof(addr)), EADDRINUSE);
	MUST(setsockopt(b, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)));
	MUST(bind(b, ADDR(addr), sizeof(addr)));
}

TEST(ephemeral_range)
{
	for (int i = 0; i < 20; i++) {
		int port = port_of(inet_bound(SOCK_STREAM));

		EXPECT_GE(port, 32768);
		EXPECT_LE(port, 60999);
	}
}

TEST(v6_and_mapped)
{
	int l = inet_socket(AF_INET6, SOCK_STREAM), c, s, v = 1;
	struct sockaddr_in6 a = v6(in6addr_any, 0), peer;
	socklen_t len = sizeof(peer);

	MUST(bind(l, ADDR(a), sizeof(a)));
	MUST(listen(l, 4));
	c = client(port_of(l)); /* over IPv4 */
	s = MUST(accept(l, ADDR(peer), &len));
	EXPECT_EQ(len, sizeof(peer));
	EXPECT(IN6_IS_ADDR_V4MAPPED(&peer.sin6_addr));
	close(s);
	close(c);
	c = inet_socket(AF_INET6, SOCK_STREAM);
	a = v6(in6addr_loopback, port_of(l));
	MUST(connect(c, ADDR(a), sizeof(a)));
	len = sizeof(peer);
	s = MUST(accept(l, ADDR(peer), &len));
	EXPECT(IN6_IS_ADDR_LOOPBACK(&peer.sin6_addr));
	EXPECT_ERRNO(setsockopt(l, IPPROTO_IPV6, IPV6_V6ONLY, &v, sizeof(v)), EINVAL);
	l = inet_socket(AF_INET6, SOCK_STREAM);
	MUST(setsockopt(l, IPPROTO_IPV6, IPV6_V6ONLY, &v, sizeof(v)));
	a = v6(in6addr_any, 0);
	MUST(bind(l, ADDR(a), sizeof(a)));
	MUST(listen(l, 4));
	c = inet_socket(AF_INET, SOCK_STREAM);
	struct sockaddr_in b = v4(INADDR_LOOPBACK, port_of(l));
	EXPECT_ERRNO(connect(c, ADDR(b), sizeof(b)), ECONNREFUSED);
}

TEST(options)
{
	int s[2], v = 1;
	struct tcp_info info;
	socklen_t len = sizeof(v);

	tcp_pair(s);
	MUST(setsockopt(s[0], IPPROTO_TCP, TCP_NODELAY, &v, sizeof(v)));
	v = 0;
	MUST(getsockopt(s[0], IPPROTO_TCP, TCP_NODELAY, &v, &len));
	EXPECT_EQ(v, 1);
	v = 30;
	MUST(setsockopt(s[0], IPPROTO_TCP, TCP_KEEPIDLE, &v, sizeof(v)));
	v = 40000;
	EXPECT_ERRNO(setsockopt(s[0], IPPROTO_TCP, TCP_KEEPIDLE, &v, sizeof(v)), EINVAL);
	EXPECT_ERRNO(setsockopt(s[0], IPPROTO_TCP, 9999, &v, sizeof(v)), ENOPROTOOPT);
	len = sizeof(info);
	MUST(getsockopt(s[0], IPPROTO_TCP, TCP_INFO, &info, &len));
	EXPECT_EQ(info.tcpi_state, TCP_ESTABLISHED);
	MUST(shutdown(s[1], SHUT_WR));
	len = sizeof(info);
	MUST(getsockopt(s[0], IPPROTO_TCP, TCP_INFO, &info, &len));
	EXPECT_EQ(info.tcpi_state, TCP_CLOSE_WAIT);
	len = sizeof(v);
	MUST(getsockopt(s[0], SOL_SOCKET, SO_PROTOCOL, &v, &len));
	EXPECT_EQ(v, IPPROTO_TCP);
}

TEST(unreachable)
{
	struct sockaddr_in a = v4(INADDR_LOOPBACK, 0);
	int fd = inet_socket(AF_INET, SOCK_DGRAM);

	EXPECT_ERRNO(sendto(fd, "x", 1, 0, ADDR(a), sizeof(a)), EINVAL); /* port 0 */
	EXPECT_ERRNO(socket(AF_INET, SOCK_STREAM, IPPROTO_UDP), EPROTONOSUPPORT);
	EXPECT_ERRNO(socket(AF_INET, SOCK_SEQPACKET, 0), ESOCKTNOSUPPORT);
}

TEST(many_connections)
{
	int l = server(64), port = port_of(l), fds[100], conns[100];

	for (int i = 0; i < 100; i++) {
		fds[i] = client(port);
		conns[i] = MUST(accept(l, NULL, NULL));
		EXPECT_EQ(write(fds[i], &i, sizeof(i)), sizeof(i));
	}
	for (int i = 99; i >= 0; i--) {
		int got;

		EXPECT_EQ(read(conns[i], &got, sizeof(got)), sizeof(got));
		EXPECT_EQ(got, i);
		close(conns[i]);
		close(fds[i]);
	}
}
