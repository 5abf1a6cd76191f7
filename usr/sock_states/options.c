/* SPDX-License-Identifier: BSD-2-Clause */
/* Options of sockets: first values, and what each of some values becomes or is refused with. */
#include "states.h"

#include <linux/if_packet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define S 1 /* tcp */
#define D 2 /* udp */
#define U 4 /* AF_UNIX stream */
#define S6 8
#define D6 16
#define V4 (S | D)
#define V6 (S6 | D6)

static const struct option {
	int level, name;
	const char *text;
	unsigned kinds;
} options[] = {
#define O(level, name, kinds) { level, name, #name, kinds }
	O(SOL_SOCKET, SO_DEBUG, S | D | U), O(SOL_SOCKET, SO_REUSEADDR, S | D | U),
	O(SOL_SOCKET, SO_TYPE, S | D | U), O(SOL_SOCKET, SO_ERROR, S | D | U),
	O(SOL_SOCKET, SO_DONTROUTE, S | U), O(SOL_SOCKET, SO_BROADCAST, S | D),
	O(SOL_SOCKET, SO_SNDBUF, D | U), O(SOL_SOCKET, SO_RCVBUF, D | U),
	O(SOL_SOCKET, SO_SNDBUFFORCE, U), O(SOL_SOCKET, SO_RCVBUFFORCE, U),
	O(SOL_SOCKET, SO_KEEPALIVE, S | D | U), O(SOL_SOCKET, SO_OOBINLINE, S),
	O(SOL_SOCKET, SO_NO_CHECK, D), O(SOL_SOCKET, SO_PRIORITY, S | D | U),
	O(SOL_SOCKET, SO_LINGER, S | U), O(SOL_SOCKET, SO_REUSEPORT, S | D | U),
	O(SOL_SOCKET, SO_PASSCRED, S | U), O(SOL_SOCKET, SO_PEERCRED, S | U),
	O(SOL_SOCKET, SO_RCVLOWAT, D | U), O(SOL_SOCKET, SO_SNDLOWAT, S | U),
	O(SOL_SOCKET, SO_RCVTIMEO, S | U), O(SOL_SOCKET, SO_SNDTIMEO, S | U),
	O(SOL_SOCKET, SO_BINDTODEVICE, S | U), O(SOL_SOCKET, SO_PEERNAME, S | U),
	O(SOL_SOCKET, SO_TIMESTAMP, S | D | U), O(SOL_SOCKET, SO_TIMESTAMPNS, S | D | U),
	O(SOL_SOCKET, SO_ACCEPTCONN, S | D | U), O(SOL_SOCKET, SO_PEERSEC, S | U),
	O(SOL_SOCKET, SO_PASSSEC, 0), O(SOL_SOCKET, SO_MARK, S | U),
	O(SOL_SOCKET, SO_PROTOCOL, S | D | U), O(SOL_SOCKET, SO_DOMAIN, S | D | U | S6),
	O(SOL_SOCKET, SO_RXQ_OVFL, S | D), O(SOL_SOCKET, SO_BINDTOIFINDEX, S),
	O(SOL_SOCKET, SO_INCOMING_CPU, 0), O(SOL_SOCKET, SO_MEMINFO, 0),
	O(SOL_SOCKET, SO_PEERGROUPS, S), O(SOL_SOCKET, 63 /* SO_TIMESTAMP_NEW */, D | U),
	O(SOL_SOCKET, 64 /* SO_TIMESTAMPNS_NEW */, D | U), O(SOL_SOCKET, 66 /* SO_RCVTIMEO_NEW */, S),
	O(IPPROTO_IP, IP_TOS, V4 | D6), O(IPPROTO_IP, IP_TTL, V4 | D6),
	O(IPPROTO_IP, IP_PKTINFO, V4), O(IPPROTO_IP, IP_RECVTTL, V4), O(IPPROTO_IP, IP_RECVTOS, V4),
	O(IPPROTO_IP, IP_MTU_DISCOVER, V4), O(IPPROTO_IP, IP_RECVERR, V4), O(IPPROTO_IP, IP_MTU, V4),
	O(IPPROTO_IP, IP_FREEBIND, V4), O(IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, V4),
	O(IPPROTO_IP, IP_MULTICAST_TTL, D), O(IPPROTO_IP, IP_MULTICAST_LOOP, V4),
	O(IPPROTO_IP, IP_MULTICAST_ALL, V4), O(IPPROTO_IP, IP_ADD_MEMBERSHIP, V4),
	O(IPPROTO_IP, 30, V4),
	O(IPPROTO_IPV6, IPV6_V6ONLY, V6), O(IPPROTO_IPV6, IPV6_UNICAST_HOPS, V6),
	O(IPPROTO_IPV6, IPV6_MULTICAST_HOPS, D6), O(IPPROTO_IPV6, IPV6_MULTICAST_LOOP, V6),
	O(IPPROTO_IPV6, IPV6_RECVPKTINFO, V6), O(IPPROTO_IPV6, IPV6_RECVHOPLIMIT, V6),
	O(IPPROTO_IPV6, IPV6_TCLASS, D6), O(IPPROTO_IPV6, IPV6_RECVTCLASS, V6),
	O(IPPROTO_IPV6, IPV6_MTU_DISCOVER, V6), O(IPPROTO_IPV6, IPV6_RECVERR, V6),
	O(IPPROTO_IPV6, IPV6_V6ONLY, D), O(IPPROTO_IPV6, 7, V6),
	O(IPPROTO_TCP, TCP_NODELAY, S), O(IPPROTO_TCP, TCP_CORK, S), O(IPPROTO_TCP, TCP_MAXSEG, S),
	O(IPPROTO_TCP, TCP_KEEPIDLE, S), O(IPPROTO_TCP, TCP_KEEPINTVL, S),
	O(IPPROTO_TCP, TCP_KEEPCNT, S), O(IPPROTO_TCP, TCP_SYNCNT, S), O(IPPROTO_TCP, TCP_LINGER2, S),
	O(IPPROTO_TCP, TCP_DEFER_ACCEPT, S), O(IPPROTO_TCP, TCP_QUICKACK, S),
	O(IPPROTO_TCP, TCP_CONGESTION, S), O(IPPROTO_TCP, TCP_USER_TIMEOUT, S),
	O(IPPROTO_TCP, TCP_NOTSENT_LOWAT, S), O(IPPROTO_TCP, TCP_MD5SIG, 0),
	O(IPPROTO_TCP, TCP_NODELAY, D | U), O(IPPROTO_TCP, 200, S),
	O(IPPROTO_UDP, 200, D), O(99, 1, S | D | U),
};

static int open_kind(unsigned kind)
{
	return kind == U ? socket(AF_UNIX, SOCK_STREAM, 0) :
	       socket(kind & V4 ? AF_INET : AF_INET6, kind & (S | S6) ? SOCK_STREAM : SOCK_DGRAM, 0);
}

static void show(int fd, const struct option *o, socklen_t room)
{
	unsigned char value[64];
	socklen_t len = room;

	memset(value, 0xee, sizeof(value));
	if (getsockopt(fd, o->level, o->name, value, &len) < 0) {
		printf(" error %d", errno);
		return;
	}
	printf(" %u:", len);
	for (socklen_t i = 0; i < len && i < sizeof(value); i++)
		printf("%02x", value[i]);
}

static void try(unsigned kind, const struct option *o, int value, socklen_t len)
{
	int fd = CHECK(open_kind(kind));

	if (setsockopt(fd, o->level, o->name, &value, len) < 0)
		printf(" error %d", errno);
	else
		show(fd, o, sizeof(int));
	close(fd);
}

static void walk(const char *name, unsigned kind)
{
	static const int values[] = { -2, -1, 0, 1, 2, 5, 100, 256, 40000, 70000 };

	for (const struct option *o = options; o < options + sizeof(options) / sizeof(options[0]); o++) {
		int fd;

		if (!(o->kinds & kind))
			continue;
		fd = CHECK(open_kind(kind));
		printf("option.%s.%d.%s: first", name, o->level, o->text);
		show(fd, o, 64);
		printf(" short");
		show(fd, o, 1);
		printf(" set");
		for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
			try(kind, o, values[i], sizeof(int));
		printf(" byte");
		try(kind, o, 1, 1);
		printf(" none");
		try(kind, o, 1, 0);
		putchar('\n');
		close(fd);
	}
}

void walk_options(int inet)
{
	walk("unix", U);
	if (!inet)
		return;
	walk("tcp", S);
	walk("udp", D);
	walk("tcp6", S6);
	walk("udp6", D6);
}
