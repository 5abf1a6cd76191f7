/* SPDX-License-Identifier: BSD-2-Clause */
/* States of AF_UNIX sockets: streams, datagrams and sequenced packets. */
#include "states.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#define ADDR(a) ((struct sockaddr *)&(a))

/* A new abstract name. */
static socklen_t new_name(struct sockaddr_un *a)
{
	static int count;

	memset(a, 0, sizeof(*a));
	a->sun_family = AF_UNIX;
	return offsetof(struct sockaddr_un, sun_path) + 1 +
	       sprintf(a->sun_path + 1, "sock_states.%06d", count++);
}

static int bound(struct sockaddr_un *a, socklen_t *len)
{
	int fd = CHECK(socket(AF_UNIX, kind->type, 0));

	*len = new_name(a);
	CHECK(bind(fd, ADDR(*a), *len));
	return fd;
}

static int server(int backlog, struct sockaddr_un *a, socklen_t *len)
{
	int fd = bound(a, len);

	CHECK(listen(fd, backlog));
	return fd;
}

static socklen_t target(struct sockaddr_storage *to, int there)
{
	struct sockaddr_un a;
	socklen_t len;

	if (!there)
		len = new_name(&a);
	else
		keep(kind->type == SOCK_DGRAM ? bound(&a, &len) : server(8, &a, &len));
	memcpy(to, &a, len);
	return len;
}

/* --- streams and sequenced packets --- */

static int con_fresh(int *peer)
{
	return CHECK(socket(AF_UNIX, kind->type, 0));
}

static int con_bound(int *peer)
{
	struct sockaddr_un a;
	socklen_t len;

	return bound(&a, &len);
}

static int con_listening(int *peer)
{
	struct sockaddr_un a;
	socklen_t len;

	return server(1, &a, &len);
}

static int listening_one(int *peer, int backlog)
{
	struct sockaddr_un a;
	socklen_t len;
	int l = server(backlog, &a, &len);

	*peer = CHECK(socket(AF_UNIX, kind->type, 0));
	CHECK(connect(*peer, ADDR(a), len));
	return l;
}

static int con_listening_one(int *peer)
{
	return listening_one(peer, 1);
}

static int con_listening_gone(int *peer)
{
	int l = listening_one(peer, 1);

	close(*peer);
	*peer = -1;
	return l;
}

static int con_listener_shut(int *peer)
{
	int l = con_listening(peer);

	CHECK(shutdown(l, SHUT_RD));
	return l;
}

/* Connected by name, and accepted. */
static int con_named(int *peer)
{
	int l = listening_one(peer, 1), conn = CHECK(accept(l, NULL, NULL)), client = *peer;

	close(l);
	*peer = conn;
	return client;
}

static int con_never_accepted(int *peer)
{
	int l = listening_one(peer, 1), client = *peer;

	close(l);
	*peer = -1;
	return client;
}

static int con_pair(int *peer)
{
	int s[2];

	CHECK(socketpair(AF_UNIX, kind->type, 0, s));
	*peer = s[1];
	return s[0];
}

static int con_data(int *peer)
{
	int fd = con_pair(peer);

	CHECK(send(*peer, "hello", 5, 0));
	CHECK(send(*peer, "you", 3, 0));
	return fd;
}

static int con_lowat(int *peer)
{
	int fd = con_data(peer), v = 20;

	CHECK(setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &v, sizeof(v)));
	return fd;
}

static int con_full(int *peer)
{
	static char block[4096];
	int fd = con_pair(peer);

	while (send(fd, block, sizeof(block), MSG_DONTWAIT) > 0)
		;
	return fd;
}

static int shut(int *peer, int end, int how)
{
	int fd = con_pair(peer);

	CHECK(shutdown(end ? *peer : fd, how));
	return fd;
}

#define SHUT(name, end, how)                                                                     \
	static int con_##name(int *peer)                                                         \
	{                                                                                        \
		return shut(peer, end, how);                                                     \
	}
SHUT(shut_rd, 0, SHUT_RD)
SHUT(shut_wr, 0, SHUT_WR)
SHUT(shut_rdwr, 0, SHUT_RDWR)
SHUT(peer_shut_rd, 1, SHUT_RD)
SHUT(peer_shut_wr, 1, SHUT_WR)

static int con_peer_shut_data(int *peer)
{
	int fd = con_data(peer);

	CHECK(shutdown(*peer, SHUT_WR));
	return fd;
}

static int con_both_shut(int *peer)
{
	int fd = shut(peer, 0, SHUT_WR);

	CHECK(shutdown(*peer, SHUT_WR));
	return fd;
}

static int con_peer_closed(int *peer)
{
	int fd = con_pair(peer);

	close(*peer);
	*peer = -1;
	return fd;
}

static int con_peer_closed_data(int *peer)
{
	int fd = con_data(peer);

	close(*peer);
	*peer = -1;
	return fd;
}

static int con_reset_unread(int *peer)
{
	int fd = con_pair(peer);

	CHECK(send(fd, "x", 1, 0));
	close(*peer);
	*peer = -1;
	return fd;
}

#define S(name) { #name, con_##name }
static const struct state connected_states[] = {
	S(fresh), S(bound), S(listening), S(listening_one), S(listening_gone), S(listener_shut),
	S(named), S(never_accepted), S(pair), S(data), S(lowat), S(full), S(shut_rd), S(shut_wr),
	S(shut_rdwr), S(peer_shut_rd), S(peer_shut_wr), S(peer_shut_data), S(both_shut),
	S(peer_closed), S(peer_closed_data), S(reset_unread), { 0 },
};

const struct kind stream_kind = { "stream", AF_UNIX, SOCK_STREAM, connected_states, target };
const struct kind seqpacket_kind = { "seqpacket", AF_UNIX, SOCK_SEQPACKET, connected_states, target };

/* --- datagrams --- */

/* Connected one way: to a name. */
static int dgram_to_name(int *peer)
{
	struct sockaddr_un a;
	socklen_t len;
	int fd = CHECK(socket(AF_UNIX, SOCK_DGRAM, 0));

	*peer = bound(&a, &len);
	CHECK(connect(fd, ADDR(a), len));
	return fd;
}

static int dgram_to_name_full(int *peer)
{
	int fd = dgram_to_name(peer);

	while (send(fd, "x", 1, MSG_DONTWAIT) > 0)
		;
	return fd;
}

static int dgram_to_name_gone(int *peer)
{
	int fd = dgram_to_name(peer);

	close(*peer);
	*peer = -1;
	return fd;
}

/* The receiver, with messages of a sender that has no name. */
static int dgram_received(int *peer)
{
	int fd, sender = dgram_to_name(&fd);

	CHECK(send(sender, "hello", 5, 0));
	*peer = sender;
	return fd;
}

static int dgram_named_data(int *peer)
{
	struct sockaddr_un a, b;
	socklen_t alen, blen;
	int fd = bound(&a, &alen);

	*peer = bound(&b, &blen);
	CHECK(connect(*peer, ADDR(a), alen));
	CHECK(send(*peer, "hello", 5, 0));
	return fd;
}

static int dgram_to_connected(int *peer)
{
	struct sockaddr_un a, b;
	socklen_t alen, blen;
	int fd = CHECK(socket(AF_UNIX, SOCK_DGRAM, 0));
	*peer = bound(&a, &alen);
	CHECK(connect(fd, ADDR(a), alen));
	keep(bound(&b, &blen));
	CHECK(connect(*peer, ADDR(b), blen));	/* it talks to somebody else now */
	return fd;
}

static int dgram_disconnected(int *peer)
{
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	int fd = con_data(peer);

	CHECK(connect(fd, &none, sizeof(none)));
	return fd;
}

static const struct state dgram_states[] = {
	S(fresh), S(bound), S(pair), S(data), S(full), S(shut_rd), S(shut_wr), S(shut_rdwr),
	S(peer_shut_rd), S(peer_shut_wr), S(peer_closed), S(peer_closed_data), S(reset_unread),
	{ "to_name", dgram_to_name }, { "to_name_full", dgram_to_name_full },
	{ "to_name_gone", dgram_to_name_gone }, { "received", dgram_received },
	{ "named_data", dgram_named_data }, { "to_connected", dgram_to_connected },
	{ "disconnected", dgram_disconnected }, { 0 },
};

const struct kind dgram_kind = { "dgram", AF_UNIX, SOCK_DGRAM, dgram_states, target };
