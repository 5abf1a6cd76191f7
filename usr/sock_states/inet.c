/* SPDX-License-Identifier: BSD-2-Clause */
/* States of TCP sockets, over IPv4 and IPv6, and of UDP sockets. */
#include "states.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define ADDR(a) ((struct sockaddr *)&(a))

static socklen_t loopback(struct sockaddr_storage *to, int port)
{
	struct sockaddr_in *in = (void *)to;
	struct sockaddr_in6 *in6 = (void *)to;

	memset(to, 0, sizeof(*to));
	if (kind->family == AF_INET) {
		in->sin_family = AF_INET;
		in->sin_port = htons(port);
		in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		return sizeof(*in);
	}
	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons(port);
	in6->sin6_addr = in6addr_loopback;
	return sizeof(*in6);
}

static int port_of(int fd)
{
	struct sockaddr_storage a;
	socklen_t len = sizeof(a);

	CHECK(getsockname(fd, ADDR(a), &len));
	return ntohs(((struct sockaddr_in *)&a)->sin_port);
}

static int fresh(int type)
{
	return CHECK(socket(kind->family, type, 0));
}

static int bound(int type)
{
	struct sockaddr_storage a;
	socklen_t len = loopback(&a, 0);
	int fd = fresh(type);

	CHECK(bind(fd, ADDR(a), len));
	return fd;
}

static int join(int fd, int port)
{
	struct sockaddr_storage a;
	socklen_t len = loopback(&a, port);

	return connect(fd, ADDR(a), len);
}

/* The port of a socket that is gone. */
static int unused_port(int type)
{
	int fd = bound(type), port = port_of(fd);

	close(fd);
	return port;
}

/* --- TCP --- */

static int server(int backlog)
{
	int fd = bound(SOCK_STREAM);

	CHECK(listen(fd, backlog));
	return fd;
}

static socklen_t tcp_target(struct sockaddr_storage *to, int there)
{
	return loopback(to, there ? port_of(keep(server(8))) : unused_port(SOCK_STREAM));
}

/* The accepting end and the connecting end of one connection; the latter is returned. */
static int client_of(int *peer)
{
	int l = server(1), fd = fresh(SOCK_STREAM);

	CHECK(join(fd, port_of(l)));
	*peer = CHECK(accept(l, NULL, NULL));
	close(l);
	return fd;
}

static int tcp_fresh(int *peer)
{
	return fresh(SOCK_STREAM);
}

static int tcp_bound(int *peer)
{
	return bound(SOCK_STREAM);
}

static int tcp_listening(int *peer)
{
	return server(1);
}

static int tcp_listening_one(int *peer)
{
	int l = server(1);

	*peer = fresh(SOCK_STREAM);
	CHECK(join(*peer, port_of(l)));
	return l;
}

/* A listener whose client has gone again. */
static int tcp_listening_gone(int *peer)
{
	int l = server(1), fd = fresh(SOCK_STREAM);

	CHECK(join(fd, port_of(l)));
	close(fd);
	return l;
}

/* In SYN_SENT: the listener's backlog is full. */
static int tcp_connecting(int *peer)
{
	int l = keep(server(0)), fd;

	CHECK(join(keep(fresh(SOCK_STREAM)), port_of(l)));
	fd = fresh(SOCK_STREAM);
	set_nonblocking(fd);
	if (join(fd, port_of(l)) == 0 || errno != EINPROGRESS)
		CHECK(-1);
	return fd;
}

static int tcp_in_progress(int *peer)
{
	int l = keep(server(4)), fd = fresh(SOCK_STREAM);

	set_nonblocking(fd);
	if (join(fd, port_of(l)) == 0 || errno != EINPROGRESS)
		CHECK(-1);
	return fd;
}

static int tcp_refused(int *peer)
{
	int fd = fresh(SOCK_STREAM);

	set_nonblocking(fd);
	join(fd, unused_port(SOCK_STREAM));
	return fd;
}

static int tcp_refused_told(int *peer)
{
	int fd = fresh(SOCK_STREAM);

	join(fd, unused_port(SOCK_STREAM));
	return fd;
}

static int tcp_data(int *peer)
{
	int fd = client_of(peer);

	CHECK(send(*peer, "hello", 5, 0));
	return fd;
}

static int tcp_lowat(int *peer)
{
	int fd = tcp_data(peer), v = 7;

	CHECK(setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &v, sizeof(v)));
	return fd;
}

static int tcp_full(int *peer)
{
	static char block[65536];
	int fd = client_of(peer);

	while (send(fd, block, sizeof(block), MSG_DONTWAIT) > 0)
		;
	settle();
	while (send(fd, block, sizeof(block), MSG_DONTWAIT) > 0)
		;
	return fd;
}

static int tcp_peer_shut(int *peer)
{
	int fd = client_of(peer);

	CHECK(shutdown(*peer, SHUT_WR));
	return fd;
}

static int tcp_peer_shut_data(int *peer)
{
	int fd = tcp_data(peer);

	CHECK(shutdown(*peer, SHUT_WR));
	return fd;
}

static int tcp_peer_shut_rd(int *peer)
{
	int fd = client_of(peer);

	CHECK(shutdown(*peer, SHUT_RD));
	return fd;
}

static int tcp_shut_wr(int *peer)
{
	int fd = client_of(peer);

	CHECK(shutdown(fd, SHUT_WR));
	return fd;
}

static int tcp_shut_rd(int *peer)
{
	int fd = client_of(peer);

	CHECK(shutdown(fd, SHUT_RD));
	return fd;
}

static int tcp_shut_rdwr(int *peer)
{
	int fd = client_of(peer);

	CHECK(shutdown(fd, SHUT_RDWR));
	return fd;
}

static int tcp_both_shut(int *peer)
{
	int fd = tcp_shut_wr(peer);

	settle();
	CHECK(shutdown(*peer, SHUT_WR));
	return fd;
}

static int tcp_both_shut_data(int *peer)
{
	int fd = tcp_shut_wr(peer);

	settle();
	CHECK(send(*peer, "hello", 5, 0));
	CHECK(shutdown(*peer, SHUT_WR));
	return fd;
}

static int tcp_both_shut_peer_first(int *peer)
{
	int fd = tcp_peer_shut(peer);

	settle();
	CHECK(shutdown(fd, SHUT_WR));
	return fd;
}

static int tcp_peer_closed(int *peer)
{
	int fd = client_of(peer);

	close(*peer);
	*peer = -1;
	return fd;
}

static int tcp_peer_closed_data(int *peer)
{
	int fd = tcp_data(peer);

	close(*peer);
	*peer = -1;
	return fd;
}

/* Wrote into a closed connection: the RST has come. */
static int tcp_peer_closed_written(int *peer)
{
	int fd = tcp_peer_closed(peer);

	settle();
	CHECK(send(fd, "x", 1, MSG_NOSIGNAL));
	return fd;
}

/* Reset because the peer closed with a byte unread. */
static int tcp_reset_unread(int *peer)
{
	int fd = client_of(peer);

	CHECK(send(fd, "x", 1, 0));
	settle();
	close(*peer);
	*peer = -1;
	return fd;
}

static int reset_peer(int fd, int *peer)
{
	struct linger l = { 1, 0 };

	CHECK(setsockopt(*peer, SOL_SOCKET, SO_LINGER, &l, sizeof(l)));
	close(*peer);
	*peer = -1;
	return fd;
}

static int tcp_reset(int *peer)
{
	int fd = client_of(peer);

	return reset_peer(fd, peer);
}

static int tcp_reset_data(int *peer)
{
	int fd = tcp_data(peer);

	return reset_peer(fd, peer);
}

static int tcp_reset_after_fin(int *peer)
{
	int fd = tcp_peer_shut(peer);

	settle();
	return reset_peer(fd, peer);
}

static int tcp_reset_after_shut(int *peer)
{
	int fd = tcp_shut_wr(peer);

	settle();
	return reset_peer(fd, peer);
}

static int tcp_never_accepted(int *peer)
{
	int l = server(1), fd = fresh(SOCK_STREAM);

	CHECK(join(fd, port_of(l)));
	close(l);
	return fd;
}

static int tcp_accepted(int *peer)
{
	int fd;

	*peer = client_of(&fd);
	return fd;
}

/* Accepted after the client sent and closed. */
static int tcp_accepted_late(int *peer)
{
	int l = server(1), fd = fresh(SOCK_STREAM), conn;

	CHECK(join(fd, port_of(l)));
	CHECK(send(fd, "hello", 5, 0));
	close(fd);
	settle();
	conn = CHECK(accept(l, NULL, NULL));
	close(l);
	return conn;
}

static int tcp_disconnected(int *peer)
{
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	int fd = client_of(peer);

	CHECK(connect(fd, &none, sizeof(none)));
	return fd;
}

static int tcp_listener_shut(int *peer)
{
	int l = server(1);

	CHECK(shutdown(l, SHUT_RD));
	return l;
}

#define S(name) { #name, tcp_##name }
static const struct state tcp_states[] = {
	S(fresh), S(bound), S(listening), S(listening_one), S(listening_gone), S(listener_shut),
	S(connecting), S(in_progress), S(refused), S(refused_told),
	{ "established", client_of }, S(accepted), S(data), S(lowat), S(full),
	S(peer_shut), S(peer_shut_data), S(peer_shut_rd), S(shut_wr), S(shut_rd), S(shut_rdwr),
	S(both_shut), S(both_shut_data), S(both_shut_peer_first),
	S(peer_closed), S(peer_closed_data), S(peer_closed_written),
	S(reset_unread), S(reset), S(reset_data), S(reset_after_fin), S(reset_after_shut),
	S(never_accepted), S(accepted_late), S(disconnected),
	{ 0 },
};
#undef S

const struct kind tcp_kind = { "tcp", AF_INET, SOCK_STREAM, tcp_states, tcp_target };

/* --- over IPv6: the same, and a few states of it --- */

/* A dual-stack listener with a client of IPv4. */
static int v6_mapped(int *peer)
{
	struct sockaddr_in6 any = { .sin6_family = AF_INET6 };
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int l = CHECK(socket(AF_INET6, SOCK_STREAM, 0)), conn;

	CHECK(bind(l, ADDR(any), sizeof(any)));
	CHECK(listen(l, 1));
	*peer = CHECK(socket(AF_INET, SOCK_STREAM, 0));
	v4.sin_port = htons(port_of(l));
	CHECK(connect(*peer, ADDR(v4), sizeof(v4)));
	conn = CHECK(accept(l, NULL, NULL));
	close(l);
	return conn;
}

static const struct state tcp6_states[] = {
	{ "fresh", tcp_fresh }, { "refused", tcp_refused }, { "data", tcp_data },
	{ "peer_closed", tcp_peer_closed }, { "mapped", v6_mapped }, { 0 },
};

const struct kind tcp6_kind = { "tcp6", AF_INET6, SOCK_STREAM, tcp6_states, tcp_target };

/* --- UDP --- */

static socklen_t udp_target(struct sockaddr_storage *to, int there)
{
	return loopback(to, there ? port_of(keep(bound(SOCK_DGRAM))) : unused_port(SOCK_DGRAM));
}

static int udp_fresh(int *peer)
{
	return fresh(SOCK_DGRAM);
}

static int udp_bound(int *peer)
{
	return bound(SOCK_DGRAM);
}

static int udp_connected(int *peer)
{
	int fd = bound(SOCK_DGRAM);

	*peer = bound(SOCK_DGRAM);
	CHECK(join(fd, port_of(*peer)));
	CHECK(join(*peer, port_of(fd)));
	return fd;
}

static int udp_data(int *peer)
{
	int fd = udp_connected(peer);

	CHECK(send(*peer, "hello", 5, 0));
	CHECK(send(*peer, "you", 3, 0));
	return fd;
}

static int udp_empty_data(int *peer)
{
	int fd = udp_connected(peer);

	CHECK(send(*peer, "", 0, 0));
	return fd;
}

/* Sent to a port where nobody is. */
static int udp_refused(int *peer)
{
	int fd = udp_connected(peer);

	close(*peer);
	*peer = -1;
	CHECK(send(fd, "x", 1, 0));
	return fd;
}

static int udp_refused_data(int *peer)
{
	int fd = udp_data(peer);

	close(*peer);
	*peer = -1;
	CHECK(send(fd, "x", 1, 0));
	return fd;
}

static int udp_shut_rd(int *peer)
{
	int fd = udp_connected(peer);

	CHECK(shutdown(fd, SHUT_RD));
	return fd;
}

static int udp_shut_rd_data(int *peer)
{
	int fd = udp_data(peer);

	CHECK(shutdown(fd, SHUT_RD));
	return fd;
}

static int udp_shut_wr(int *peer)
{
	int fd = udp_connected(peer);

	CHECK(shutdown(fd, SHUT_WR));
	return fd;
}

static int udp_shut_rdwr(int *peer)
{
	int fd = udp_connected(peer);

	CHECK(shutdown(fd, SHUT_RDWR));
	return fd;
}

static int udp_disconnected(int *peer)
{
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	int fd = udp_connected(peer);

	CHECK(connect(fd, &none, sizeof(none)));
	return fd;
}

#define S(name) { #name, udp_##name }
static const struct state udp_states[] = {
	S(fresh), S(bound), S(connected), S(data), S(empty_data), S(refused), S(refused_data),
	S(shut_rd), S(shut_rd_data), S(shut_wr), S(shut_rdwr), S(disconnected), { 0 },
};
#undef S

const struct kind udp_kind = { "udp", AF_INET, SOCK_DGRAM, udp_states, udp_target };
