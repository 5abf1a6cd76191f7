/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TCP when the kernel's memory for it is used up: who sends waits, as on Linux, and nothing is lost. Programs
 * would take any error for the end of the connection.
 */
#include <netinet/tcp.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "helpers.h"
#include "inet.h"

#define MANY	220		/* connections: with all their buffers full, more than there is memory for */
#define TOTAL	(400u << 10)	/* bytes of each */
#define STEP	16384u
#define PERIOD	251u		/* of the bytes that are sent */

static char pattern[STEP + PERIOD];

/* One connection: what was sent, what came. */
struct stream {
	int	 from, to;
	unsigned sent, got;
};

static void fill_pattern(void)
{
	for (unsigned i = 0; i < sizeof(pattern); i++)
		pattern[i] = (char)(i % PERIOD);
}

/* Sends what finds room; bytes. */
static unsigned push(struct stream *s, unsigned total)
{
	unsigned before = s->sent;

	while (s->sent < total) {
		unsigned n = total - s->sent < STEP ? total - s->sent : STEP;
		ssize_t put = write(s->from, pattern + s->sent % PERIOD, n);

		if (put < 0) {
			EXPECT_EQ(errno, EAGAIN);
			break;
		}
		s->sent += (unsigned)put;
	}
	return s->sent - before;
}

/* Reads what is there; bytes. */
static unsigned pull(struct stream *s)
{
	unsigned before = s->got;
	static char buf[STEP];
	ssize_t n;

	while ((n = read(s->to, buf, sizeof(buf))) > 0) {
		if (memcmp(buf, pattern + s->got % PERIOD, (size_t)n))
			FAIL("other bytes than were sent, from %u on", s->got);
		s->got += (unsigned)n;
	}
	if (n < 0)
		EXPECT_EQ(errno, EAGAIN);
	return s->got - before;
}

static void connect_stream(struct stream *s)
{
	inet_connection(&s->from, &s->to);
	MUST(fcntl(s->from, F_SETFL, O_NONBLOCK));
	MUST(fcntl(s->to, F_SETFL, O_NONBLOCK));
}

TEST_LONG(full_connections_wait, 120)
{
	static struct stream streams[MANY];
	static struct pollfd writers[MANY];
	struct rlimit limit = { 2 * MANY + 64, 2 * MANY + 64 };
	unsigned long long left = (unsigned long long)MANY * TOTAL;

	fill_pattern();
	MUST(setrlimit(RLIMIT_NOFILE, &limit));
	for (int i = 0; i < MANY; i++) {
		connect_stream(&streams[i]);
		writers[i] = (struct pollfd){ .fd = streams[i].from, .events = POLLOUT };
	}
	for (int i = 0; i < MANY; i++)
		push(&streams[i], TOTAL);
	while (left) {
		unsigned moved = 0;

		for (int i = 0; i < MANY; i++) {
			unsigned got = pull(&streams[i]);

			left -= got;
			moved += got + push(&streams[i], TOTAL);
			if (streams[i].sent == TOTAL)
				writers[i].fd = -1;
		}
		if (!moved && left)
			EXPECT_GE(poll(writers, MANY, 20000), 1);
	}
	for (int i = 0; i < MANY; i++) {
		writers[i].fd = streams[i].from;
		EXPECT_EQ(poll(&writers[i], 1, 2000), 1);
	}
}

/* Much memory for few bytes: it has a limit, and a writer that waits for it loses nothing. */
TEST_LONG(single_bytes, 60)
{
	unsigned bytes = 0, total;
	long used = lwip_pool("packets", POOL_USED);
	struct stream s = { 0 };
	int one = 1;
	pid_t pid;

	fill_pattern();
	connect_stream(&s);
	MUST(setsockopt(s.from, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)));
	while (bytes < 150000 && write(s.from, pattern + bytes % PERIOD, 1) == 1)
		bytes++;
	if (bytes < 150000)
		EXPECT_EQ(errno, EAGAIN);
	if (used >= 0)
		EXPECT_LE(lwip_pool("packets", POOL_USED) - used, 2 << 20);
	total = bytes + STEP;
	pid = must_fork();
	if (!pid) {
		MUST(fcntl(s.from, F_SETFL, 0));
		for (; bytes < total; bytes += 1000)
			if (write(s.from, pattern + bytes % PERIOD, total - bytes < 1000 ? total - bytes : 1000) < 0)
				_exit(1);
		_exit(0);
	}
	sleep_ms(100);
	while (s.got < total)
		if (!pull(&s)) {
			struct pollfd p = { .fd = s.to, .events = POLLIN };

			EXPECT_EQ(poll(&p, 1, 20000), 1);
		}
	EXPECT_EXIT(wait_status(pid), 0);
}
