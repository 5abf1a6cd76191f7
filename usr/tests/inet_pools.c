/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What runs out in the network and how it says so: ENOBUFS at once, or for who sends over TCP a wait,
 * counted in /proc/net/lwip, and as before when others have let go. For tests/guest also holders of sockets:
 *
 *	inet_pools --helper hold PORT COUNT	UDP sockets on ports from PORT on that nobody reads
 *	inet_pools --helper listen PORT BACKLOG	a listener that accepts nothing
 */
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "helpers.h"
#include "inet.h"

#define GROUPS_MAX 20		/* of one socket: net.ipv4.igmp_max_memberships */
#define SMALL_KB 1024		/* net.memory= of the boot that fills it */

static int bound(int type, uint32_t host, int port)
{
	struct sockaddr_in a = v4(host, port);
	int fd = inet_socket(AF_INET, type);

	MUST(bind(fd, ADDR(a), sizeof(a)));
	return fd;
}

static void descriptors(unsigned n)
{
	struct rlimit limit = { n + 64, n + 64 };

	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		SKIP("no %u descriptors", n + 64);
}

/* The index and address of a link with neighbours, or the test is skipped. */
static int wired_link(struct in_addr *addr, struct in_addr *mask)
{
	struct ifreq r = { .ifr_name = "eth0" };
	int fd = inet_socket(AF_INET, SOCK_DGRAM), index;

	if (ioctl(fd, SIOCGIFINDEX, &r) < 0)
		SKIP("no eth0");
	index = r.ifr_ifindex;
	if (ioctl(fd, SIOCGIFADDR, &r) < 0)
		SKIP("eth0 has no address");
	*addr = ((struct sockaddr_in *)&r.ifr_addr)->sin_addr;
	MUST(ioctl(fd, SIOCGIFNETMASK, &r));
	*mask = ((struct sockaddr_in *)&r.ifr_netmask)->sin_addr;
	close(fd);
	return index;
}

TEST(listeners)
{
	long limit = lwip_pool("tcp_listen", POOL_LIMIT), used = lwip_pool("tcp_listen", POOL_USED);
	long refused = lwip_pool("tcp_listen", POOL_REFUSED);
	int last = -1, fd;

	if (limit < 0 || limit > 5000)
		SKIP("listeners are not limited to few");
	descriptors(limit + 1);
	for (;;) {
		fd = bound(SOCK_STREAM, INADDR_LOOPBACK, 0);
		if (listen(fd, 1) < 0)
			break;
		last = fd;
	}
	EXPECT_EQ(errno, ENOBUFS);
	EXPECT_EQ(lwip_pool("tcp_listen", POOL_USED), limit);
	EXPECT_EQ(lwip_pool("tcp_listen", POOL_REFUSED), refused + 1);
	close(last);
	MUST(listen(fd, 1));
	EXPECT_GE(limit, used);
}

TEST(groups_of_a_socket)
{
	struct ip_mreqn join = { 0 };
	struct in_addr mask;
	int fd = inet_socket(AF_INET, SOCK_DGRAM);

	join.imr_ifindex = wired_link(&join.imr_address, &mask);
	for (int i = 0; i < GROUPS_MAX; i++) {
		join.imr_multiaddr.s_addr = htonl(0xefff0000 + i);
		MUST(setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &join, sizeof(join)));
	}
	join.imr_multiaddr.s_addr = htonl(0xefff0000 + GROUPS_MAX);
	EXPECT_ERRNO(setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &join, sizeof(join)), ENOBUFS);
	join.imr_multiaddr.s_addr = htonl(0xefff0000);
	MUST(setsockopt(fd, IPPROTO_IP, IP_DROP_MEMBERSHIP, &join, sizeof(join)));
	join.imr_multiaddr.s_addr = htonl(0xefff0000 + GROUPS_MAX);
	MUST(setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &join, sizeof(join)));
}

/* Sockets join groups of their own until there is no place for one more. */
TEST(groups_of_all_sockets)
{
	long limit = lwip_pool("groups", POOL_LIMIT);
	struct ip_mreqn join = { 0 };
	struct in_addr mask;
	int fd = -1, last = -1, joined = 0;

	join.imr_ifindex = wired_link(&join.imr_address, &mask);
	if (limit < 0)
		SKIP("another backend");
	for (;; joined++) {
		if (joined % GROUPS_MAX == 0) {
			last = fd;
			fd = inet_socket(AF_INET, SOCK_DGRAM);
		}
		join.imr_multiaddr.s_addr = htonl(0xeffe0000 + joined);
		if (setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &join, sizeof(join)) < 0)
			break;
		EXPECT_LE(joined, limit);
	}
	EXPECT_EQ(errno, ENOBUFS);
	EXPECT_EQ(lwip_pool("groups", POOL_USED), limit);
	EXPECT_GE(lwip_pool("groups", POOL_REFUSED), 1);
	close(last);
	MUST(setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &join, sizeof(join)));
}

/* To neighbours that are not there: packets wait for an address that never comes, few and not for long. */
TEST(packets_for_nobody)
{
	int fd = bound(SOCK_DGRAM, INADDR_ANY, 0);
	struct sockaddr_in to = v4(0, 9);
	struct in_addr addr, mask;
	static char block[1000];

	wired_link(&addr, &mask);
	MUST(fcntl(fd, F_SETFL, O_NONBLOCK));
	for (int i = 0; i < 5000; i++) {
		to.sin_addr.s_addr = (addr.s_addr & mask.s_addr) | htonl(20 + i % 80);
		if (sendto(fd, block, sizeof(block), 0, ADDR(to), sizeof(to)) < 0)
			EXPECT(errno == ENOBUFS || errno == EAGAIN || errno == EHOSTUNREACH);
	}
	EXPECT_LE(lwip_pool("arp_queue", POOL_USED), lwip_pool("arp_queue", POOL_LIMIT));
	to = v4(INADDR_LOOPBACK, port_of(fd));		/* others are not in the way */
	MUST(fcntl(fd, F_SETFL, 0));
	for (int ms = 0; sendto(fd, "x", 1, 0, ADDR(to), sizeof(to)) < 0; ms += 50) {
		EXPECT_LT(ms, 20000);
		sleep_ms(50);
	}
}

/* Connections that nobody reads hold all memory for packets; when they are read all goes on. */
TEST_LONG(memory_held_by_connections, 60)
{
	int readers[48], writers[48], n = 0;
	uint64_t step, sent = 0, got = 0;
	struct pollfd last = { .events = POLLOUT };
	static char block[16384];

	if (lwip_pool("packets", POOL_LIMIT) < 0 || lwip_pool("packets", POOL_LIMIT) > SMALL_KB << 10)
		SKIP("memory for packets is not limited to little");
	do {
		EXPECT_LT(n, (int)ARRAY_SIZE(writers));
		inet_connection(&writers[n], &readers[n]);
		step = inet_fill(writers[n++]);
		sent += step;
	} while (step);
	EXPECT_GE(lwip_pool("packets", POOL_REFUSED), 1);
	last.fd = writers[--n];
	EXPECT_EQ(poll(&last, 1, 700), 0);
	for (int i = 0; i < n; i++)
		MUST(shutdown(writers[i], SHUT_WR));
	for (int i = 0; i < n; i++)
		got += inet_drain(readers[i]);
	EXPECT_EQ(got, sent);
	EXPECT_EQ(poll(&last, 1, 5000), 1);
	EXPECT_EQ(send(last.fd, block, sizeof(block), MSG_DONTWAIT), sizeof(block));
}

int helper_main(int argc, char **argv)
{
	int port, n, fd;

	if (argc != 5)
		return 2;
	port = atoi(argv[3]);
	n = atoi(argv[4]);
	descriptors(n);
	if (!strcmp(argv[2], "listen")) {
		fd = bound(SOCK_STREAM, INADDR_ANY, port);
		MUST(listen(fd, n));
	} else {
		for (int i = 0; i < n; i++)
			bound(SOCK_DGRAM, INADDR_ANY, port + i);
	}
	pause();
	return 0;
}
