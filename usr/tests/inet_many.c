/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Many connections at once: each carries bytes, and a machine that has no room for more says so
 * and goes on.
 *
 * inet_many --helper cost N...	prints a line for each N: what connect, accept and an echo take
 * beside N idle connections (ns, which are instructions under -icount), and the memory that one
 * idle connection takes, both ends and their descriptors.
 */
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "helpers.h"
#include "inet.h"

#define PAIR_KB	  16 /* of memory that two ends may want, here or on Linux */
#define PROBES	  32 /* connections that are measured at once */
#define SMALL_PCB 1024
#define SMALL_KB  1024

struct pair {
	int near, far;
};

static struct sockaddr_in where;

/* A listener on 127.0.0.1; `where` is its address. */
static int server(void)
{
	socklen_t len = sizeof(where);
	int fd = inet_socket(AF_INET, SOCK_STREAM);

	where = (struct sockaddr_in){ .sin_family = AF_INET };
	where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	MUST(bind(fd, ADDR(where), sizeof(where)));
	MUST(getsockname(fd, ADDR(where), &len));
	MUST(listen(fd, 128));
	return fd;
}

/* Closing it is a RST, so that no TIME_WAIT stays behind. */
static int client(int flags)
{
	struct linger now = { .l_onoff = 1 };
	int fd = MUST(socket(AF_INET, SOCK_STREAM | flags, 0));

	MUST(setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now)));
	return fd;
}

static struct pair join(int listener)
{
	struct pair p = { .near = client(0) };

	MUST(connect(p.near, ADDR(where), sizeof(where)));
	p.far = MUST(accept(listener, NULL, NULL));
	return p;
}

static void part(struct pair *p)
{
	close(p->near);
	close(p->far);
}

static void echo(const struct pair *p, char byte)
{
	char got = 0;

	EXPECT_EQ(send(p->near, &byte, 1, 0), 1);
	EXPECT_EQ(recv(p->far, &got, 1, 0), 1);
	EXPECT_EQ(got, byte);
	EXPECT_EQ(send(p->far, &got, 1, 0), 1);
	got = 0;
	EXPECT_EQ(recv(p->near, &got, 1, 0), 1);
	EXPECT_EQ(got, byte);
}

/* Room for n connections among the descriptors and in memory, or the test is skipped. */
static struct pair *room_for(unsigned int n)
{
	struct rlimit limit = { 2 * n + 64, 2 * n + 64 };

	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		SKIP("no %u descriptors", 2 * n + 64);
	if (meminfo_kb("MemAvailable") < n * PAIR_KB + 8192)
		SKIP("not enough memory for %u connections", n);
	return calloc(n, sizeof(struct pair));
}

/* ---- many ---- */

static void open_and_echo(unsigned int n)
{
	struct pair *pairs = room_for(n);
	int listener = server();
	unsigned int seed = n;

	if (lwip_pool("tcp_pcb", POOL_LIMIT) >= 0 && lwip_pool("tcp_pcb", POOL_LIMIT) < 2L * n + 16)
		SKIP("NET_LWIP_CONNECTIONS is too small for %u connections", n);
	for (unsigned int i = 0; i < n; i++)
		pairs[i] = join(listener);
	for (unsigned int i = 0; i < 512; i++) {
		seed = seed * 1664525 + 1013904223;
		echo(&pairs[(seed >> 8) % n], (char)i);
	}
	for (unsigned int i = 0; i < n; i++)
		part(&pairs[i]);
}

TEST_LONG(thousand_connections_carry_bytes, 120)
{
	open_and_echo(1000);
}

TEST_LONG(ten_thousand_connections_carry_bytes, 600)
{
	open_and_echo(10000);
}

/* ---- ports ---- */

#define FIRST_PORT 32768	/* ip_local_port_range as it is unless set */
#define LAST_PORT  60999
#define FREE_PORTS 40

/* Binds all ports that a connect(2) may choose but for some. */
static void take_ports(void)
{
	for (int port = FIRST_PORT + FREE_PORTS; port <= LAST_PORT; port++) {
		struct sockaddr_in a = v4(INADDR_LOOPBACK, port);
		int fd = MUST(socket(AF_INET, SOCK_STREAM, 0));

		if (bind(fd, ADDR(a), sizeof(a)) < 0)
			EXPECT_EQ(errno, EADDRINUSE);
	}
}

/* A client's ports come round again although its ends of the old connections are in TIME_WAIT. */
TEST_LONG(ports_come_round, 120)
{
	int listener = inet_socket(AF_INET, SOCK_STREAM), fd;
	struct pair pairs[FREE_PORTS];

	SKIP_IN_EMULATOR("takes the host's ports");
	room_for(LAST_PORT - FIRST_PORT);
	where = v4(INADDR_LOOPBACK, 1234);
	MUST(bind(listener, ADDR(where), sizeof(where)));
	MUST(listen(listener, 128));
	take_ports();
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < FREE_PORTS; i++) {
			pairs[i].near = MUST(socket(AF_INET, SOCK_STREAM, 0));
			MUST(connect(pairs[i].near, ADDR(where), sizeof(where)));
			pairs[i].far = MUST(accept(listener, NULL, NULL));
		}
		fd = MUST(socket(AF_INET, SOCK_STREAM, 0));
		EXPECT_ERRNO(connect(fd, ADDR(where), sizeof(where)), EADDRNOTAVAIL);
		close(fd);
		for (int i = 0; i < FREE_PORTS; i++)
			part(&pairs[i]);
		sleep_ms(2100);
	}
}

/* What does not find a descriptor stays in the queue. */
TEST(accept_without_a_descriptor_loses_nothing)
{
	struct rlimit limit;
	int listener = server();
	struct pair p = { .near = client(0) };

	MUST(connect(p.near, ADDR(where), sizeof(where)));
	MUST(getrlimit(RLIMIT_NOFILE, &limit));
	limit.rlim_cur = (rlim_t)p.near + 1;
	MUST(setrlimit(RLIMIT_NOFILE, &limit));
	EXPECT_ERRNO(accept(listener, NULL, NULL), EMFILE);
	EXPECT_ERRNO(socket(AF_INET, SOCK_STREAM, 0), EMFILE);
	limit.rlim_cur = (rlim_t)p.near + 8;
	MUST(setrlimit(RLIMIT_NOFILE, &limit));
	p.far = MUST(accept(listener, NULL, NULL));
	echo(&p, 'x');
}

/* ---- too many: boot with net.connections=64 net.memory=128 ---- */

TEST(full_pool_of_connections_is_enobufs)
{
	struct pair pairs[SMALL_PCB];
	int listener = server(), waiting = -1, error = 0;
	long refused = lwip_pool("tcp_pcb", POOL_REFUSED);
	unsigned int n = 0;

	if (lwip_pool("tcp_pcb", POOL_LIMIT) < 0 || lwip_pool("tcp_pcb", POOL_LIMIT) > SMALL_PCB)
		SKIP("connections are not limited to few");
	while (!error) {
		int fd = client(SOCK_NONBLOCK);

		if (connect(fd, ADDR(where), sizeof(where)) < 0 && errno != EINPROGRESS) {
			error = errno;
			close(fd);
		} else {
			int far = accept4(listener, NULL, NULL, SOCK_NONBLOCK);

			if (far >= 0) {
				MUST(fcntl(fd, F_SETFL, 0));
				MUST(fcntl(far, F_SETFL, 0));
				pairs[n++] = (struct pair){ fd, far };
			} else {
				EXPECT_EQ(waiting, -1);	/* its SYN found no room */
				waiting = fd;
			}
		}
		MUST(fcntl(listener, F_SETFL, O_NONBLOCK));
	}
	EXPECT_EQ(error, ENOBUFS);
	EXPECT_GT(n, 8);
	EXPECT_GT(lwip_pool("tcp_pcb", POOL_REFUSED), refused);
	for (unsigned int i = 0; i < n; i++)
		echo(&pairs[i], (char)i);
	close(waiting);
	part(&pairs[--n]);
	MUST(fcntl(listener, F_SETFL, 0));
	pairs[n] = join(listener);
	echo(&pairs[n], 'y');
}

TEST_LONG(full_memory_for_packets_is_enobufs, 60)
{
	static char message[1024];
	struct sockaddr_in to[64];
	socklen_t len = sizeof(to[0]);
	int listener = server(), fds[64], error = 0, sent = 0, got = 0;
	long refused = lwip_pool("packets", POOL_REFUSED), used = lwip_pool("packets", POOL_USED);
	struct pair p = join(listener);

	if (lwip_pool("packets", POOL_LIMIT) < 0 || lwip_pool("packets", POOL_LIMIT) > SMALL_KB * 1024)
		SKIP("memory for packets is not limited to little");
	for (int i = 0; i < 64; i++) {
		fds[i] = MUST(socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0));
		to[i] = (struct sockaddr_in){ .sin_family = AF_INET };
		to[i].sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		MUST(bind(fds[i], ADDR(to[i]), sizeof(to[i])));
		MUST(getsockname(fds[i], ADDR(to[i]), &len));
	}
	for (int i = 0; i < 4096 && !error; i++) {
		int k = i % 64;

		if (sendto(fds[k], message, sizeof(message), 0, ADDR(to[k]), sizeof(to[k])) < 0)
			error = errno;
		else
			sent++;
	}
	EXPECT_EQ(error, ENOBUFS);
	EXPECT_GT(lwip_pool("packets", POOL_REFUSED), refused);
	for (int i = 0; i < 64; i++)
		while (recv(fds[i], message, sizeof(message), 0) > 0)
			got++;
	EXPECT_EQ(got, sent);
	echo(&p, 'z');
	EXPECT_LE(lwip_pool("packets", POOL_USED), used + 4096);
}

/* ---- what one costs ---- */

static long long measure(int listener)
{
	struct pair probes[PROBES];
	int64_t best = 0;

	for (int round = 0; round < 5; round++) {
		int64_t start = now_ns();

		for (int i = 0; i < PROBES; i++) {
			probes[i] = join(listener);
			echo(&probes[i], 'x');
		}
		start = now_ns() - start;
		if (!round || start < best)
			best = start;
		for (int i = 0; i < PROBES; i++)
			part(&probes[i]);
	}
	return best / PROBES;
}

int helper_main(int argc, char **argv)
{
	unsigned int have = 0, n;
	struct pair *pairs;
	int listener;
	long before;

	if (argc < 4 || strcmp(argv[2], "cost"))
		return 2;
	pairs = room_for((unsigned int)atoi(argv[argc - 1]) + PROBES);
	listener = server();
	measure(listener);	/* and all caches have what they want */
	before = meminfo_kb("MemFree");
	for (int i = 3; i < argc; i++) {
		for (n = (unsigned int)atoi(argv[i]); have < n; have++)
			pairs[have] = join(listener);
		sleep_ms(500);	/* they are idle now */
		printf("cost %u %lld memory %ld\n", n, measure(listener),
		       (before - meminfo_kb("MemFree")) * 1024 / (long)n);
		fflush(stdout);
	}
	return 0;
}
