/* SPDX-License-Identifier: BSD-2-Clause */
/* Sockets that many threads use at once: no reader sleeps for ever, and nothing breaks. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "helpers.h"
#include "inet.h"

enum kind { UNIX_STREAM, UNIX_DGRAM, UNIX_SEQPACKET, TCP, UDP, KINDS };

#define LOAD(x)	 __atomic_load_n(&(x), __ATOMIC_SEQ_CST)
#define ADD(x, n) __atomic_fetch_add(&(x), n, __ATOMIC_SEQ_CST)

#define READERS	 4
#define WRITERS	 4
#define MESSAGES 300	/* of each writer */
#define SLOTS	 6
#define STORMERS 8
#define STEPS	 300	/* of each stormer */

static bool bound(int fd, struct sockaddr_in *a)
{
	socklen_t len = sizeof(*a);

	*a = v4(INADDR_LOOPBACK, 0);
	return bind(fd, ADDR(*a), len) == 0 && getsockname(fd, ADDR(*a), &len) == 0;
}

static bool udp_pair(int s[2])
{
	struct sockaddr_in a[2];

	for (int i = 0; i < 2; i++) {
		s[i] = socket(AF_INET, SOCK_DGRAM, 0);
		if (s[i] < 0 || !bound(s[i], &a[i]))
			return false;
	}
	return connect(s[0], ADDR(a[1]), sizeof(a[1])) == 0 &&
	       connect(s[1], ADDR(a[0]), sizeof(a[0])) == 0;
}

/* Somebody who still has the number of a closed socket may meddle: nothing waits for ever. */
static bool tcp_pair(int s[2])
{
	int l = socket(AF_INET, SOCK_STREAM, 0);
	struct timeval second = { .tv_sec = 1 };
	struct sockaddr_in a;
	bool made;

	setsockopt(l, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof(second));

	s[0] = socket(AF_INET, SOCK_STREAM, 0);
	made = l >= 0 && s[0] >= 0 && bound(l, &a) && listen(l, 1) == 0 &&
	       connect(s[0], ADDR(a), sizeof(a)) == 0 && (s[1] = accept(l, NULL, NULL)) >= 0;
	close(l);
	return made;
}

static bool make_pair(enum kind kind, int s[2])
{
	static const int types[] = { SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET };

	if (kind == TCP)
		return tcp_pair(s);
	return kind == UDP ? udp_pair(s) : socketpair(AF_UNIX, types[kind], 0, s) == 0;
}

static void run(pthread_t *t, void *(*fn)(void *), void *arg)
{
	EXPECT_EQ(pthread_create(t, NULL, fn, arg), 0);
}

/* ---- nobody sleeps while there is something for him ---- */

struct traffic {
	int  ends[2];
	long sent, got;
};

static void *writer(void *arg)
{
	struct traffic *t = arg;
	char byte = 'x';

	for (int i = 0; i < MESSAGES; i++) {
		if (send(t->ends[0], &byte, 1, MSG_NOSIGNAL) == 1)
			ADD(t->sent, 1);
		/* UDP loses what finds no room: the reader has to be woken before. */
		while (LOAD(t->sent) - LOAD(t->got) > 64)
			sched_yield();
	}
	return NULL;
}

/* Until a message 'q', or the end of the stream. */
static void *reader(void *arg)
{
	struct traffic *t = arg;
	char buf[16];
	ssize_t n;

	while ((n = recv(t->ends[1], buf, sizeof(buf), 0)) > 0 && buf[0] != 'q')
		ADD(t->got, n);
	return NULL;
}

static void no_lost_wakeup(enum kind kind)
{
	bool stream = kind == UNIX_STREAM || kind == TCP;
	pthread_t readers[READERS], writers[WRITERS];
	struct traffic t = { .sent = 0 };

	EXPECT(make_pair(kind, t.ends));
	for (int i = 0; i < READERS; i++)
		run(&readers[i], reader, &t);
	for (int i = 0; i < WRITERS; i++)
		run(&writers[i], writer, &t);
	for (int i = 0; i < WRITERS; i++)
		pthread_join(writers[i], NULL);
	while (LOAD(t.got) < LOAD(t.sent))
		sched_yield();
	if (stream)
		MUST(shutdown(t.ends[0], SHUT_WR));
	for (int i = 0; i < READERS && !stream; i++)
		EXPECT_EQ(send(t.ends[0], "q", 1, 0), 1);
	for (int i = 0; i < READERS; i++)
		pthread_join(readers[i], NULL);
	EXPECT_EQ(LOAD(t.got), WRITERS * MESSAGES);
	close(t.ends[0]);
	close(t.ends[1]);
}

TEST_LONG(readers_of_a_unix_stream, 60)
{
	no_lost_wakeup(UNIX_STREAM);
}

TEST_LONG(readers_of_unix_messages, 60)
{
	no_lost_wakeup(UNIX_DGRAM);
	no_lost_wakeup(UNIX_SEQPACKET);
}

TEST_LONG(readers_of_a_connection, 60)
{
	close(inet_socket(AF_INET, SOCK_STREAM));
	no_lost_wakeup(TCP);
}

TEST_LONG(readers_of_datagrams, 60)
{
	close(inet_socket(AF_INET, SOCK_DGRAM));
	no_lost_wakeup(UDP);
}

/* ---- an answer that comes just as its reader goes to sleep ---- */

#define ROUNDS 600

static void *echo(void *arg)
{
	int fd = *(int *)arg;
	char byte;

	for (int i = 0; i < ROUNDS; i++) {
		while (recv(fd, &byte, 1, MSG_DONTWAIT) != 1)	/* awake, so that it is quick */
			sched_yield();
		send(fd, &byte, 1, MSG_NOSIGNAL);
	}
	return NULL;
}

TEST_LONG(answers_find_their_reader, 240)
{
	int probe = socket(AF_INET, SOCK_DGRAM, 0), last = probe < 0 ? TCP : KINDS;

	if (probe >= 0)
		close(inet_socket(AF_INET, SOCK_DGRAM));
	for (int kind = 0; kind < last; kind++) {
		pthread_t thread;
		char byte = 'x';
		int s[2];

		EXPECT(make_pair(kind, s));
		run(&thread, echo, &s[1]);
		for (int i = 0; i < ROUNDS; i++) {
			EXPECT_EQ(send(s[0], &byte, 1, 0), 1);
			EXPECT_EQ(recv(s[0], &byte, 1, 0), 1);
		}
		pthread_join(thread, NULL);
		close(s[0]);
		close(s[1]);
	}
}

/* ---- everything at once ---- */

static int slots[SLOTS][2];
static int kinds;

/* A new pair of any kind in the slot; what was there is closed under those who use it. */
static void replace(int slot, unsigned *seed)
{
	struct timeval soon = { .tv_usec = 2000 };
	int s[2] = { -1, -1 };
	bool made = make_pair(rand_r(seed) % kinds, s);

	for (int i = 0; i < 2; i++) {
		int old;

		if (made) {
			setsockopt(s[i], SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof(soon));
			setsockopt(s[i], SOL_SOCKET, SO_SNDTIMEO, &soon, sizeof(soon));
		} else if (s[i] >= 0) {
			close(s[i]);
			s[i] = -1;
		}
		old = __atomic_exchange_n(&slots[slot][i], s[i], __ATOMIC_SEQ_CST);
		if (old >= 0)
			close(old);
	}
}

static void step(unsigned *seed)
{
	static char block[5000];
	int slot = rand_r(seed) % SLOTS, end = rand_r(seed) & 1, fd = LOAD(slots[slot][end]);
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	struct linger now = { 1, 0 };
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT };
	int ms = 1;

	switch (rand_r(seed) % 16) {
	case 0:
		replace(slot, seed);
		break;
	case 1:
		shutdown(fd, rand_r(seed) % 3);
		break;
	case 2:
		connect(fd, &none, sizeof(none));
		break;
	case 3:
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
		setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof(ms));
		break;
	case 4:
		poll(&p, 1, ms);
		break;
	case 5:
	case 6:
	case 7:
	case 8:
		recv(fd, block, sizeof(block), 0);
		break;
	case 9:
		recv(fd, block, sizeof(block), MSG_PEEK);
		break;
	default:
		send(fd, block, 1 + rand_r(seed) % sizeof(block), MSG_NOSIGNAL);
	}
}

static void *stormer(void *arg)
{
	unsigned seed = (unsigned)(uintptr_t)arg;

	for (int i = 0; i < STEPS; i++)
		step(&seed);
	return NULL;
}

TEST_LONG(a_storm, 120)
{
	int probe = socket(AF_INET, SOCK_DGRAM, 0);
	pthread_t threads[STORMERS];
	unsigned seed = 1;

	kinds = probe < 0 ? TCP : KINDS;
	if (probe >= 0)
		close(inet_socket(AF_INET, SOCK_DGRAM));
	close(probe);
	for (int i = 0; i < SLOTS; i++) {
		slots[i][0] = slots[i][1] = -1;
		replace(i, &seed);
	}
	for (uintptr_t i = 0; i < STORMERS; i++)
		run(&threads[i], stormer, (void *)(i + 2));
	for (int i = 0; i < STORMERS; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < SLOTS; i++)
		for (int e = 0; e < 2; e++)
			close(slots[i][e]);
}
