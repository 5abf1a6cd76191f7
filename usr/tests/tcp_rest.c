/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TCP after a long rest, when the first connection is made, or in one: what waited is not taken for what timed
 * out. With REST=n, in seconds, the rest is long, which tests/guest has where time costs nothing.
 */
#include <stdlib.h>
#include <sys/socket.h>

#include "helpers.h"
#include "inet.h"

static long rest_ms(void)
{
	const char *env = getenv("REST");

	return env ? atol(env) * 1000 : 1500;
}

static void rest(void)
{
	sleep_ms(rest_ms());
}

/* The last of a stream is on its way when its socket is closed; its reader takes its time. */
static void closed_before_it_is_read(long ms)
{
	uint64_t sent;
	int c, s;
	char b;

	inet_connection(&c, &s);
	MUST(shutdown(c, SHUT_WR));
	EXPECT_EQ(read(s, &b, 1), 0);
	sent = inet_fill(s);
	close(s);
	sleep_ms(ms);
	EXPECT_EQ(inet_drain(c), sent);
	close(c);
}

TEST_LONG(the_end_of_a_stream, 100000)
{
	rest();
	closed_before_it_is_read(1000);
	rest();
	closed_before_it_is_read(rest_ms());
}

/* Whom nobody reads and nobody holds does not stay for ever. */
TEST_LONG(an_orphan_is_given_up, 100000)
{
	int c, s, from, to;

	if (!getenv("REST"))
		SKIP("takes minutes: REST=150 gives them");
	inet_connection(&c, &s);
	from = port_of(s);
	to = port_of(c);
	inet_fill(s);
	close(s);
	rest();
	EXPECT_EQ(inet_state_of(from, to), 4);		/* FIN_WAIT1 */
	rest();
	rest();
	EXPECT_EQ(inet_state_of(from, to), 0);
}

/* Both ends rest, and half of the connection is over. */
TEST_LONG(a_connection_rests, 100000)
{
	char b = 'x';
	int c, s;

	rest();
	inet_connection(&c, &s);
	rest();
	EXPECT_EQ(send(c, &b, 1, 0), 1);
	EXPECT_EQ(recv(s, &b, 1, 0), 1);
	MUST(shutdown(c, SHUT_WR));
	EXPECT_EQ(recv(s, &b, 1, 0), 0);
	rest();
	EXPECT_EQ(send(s, &b, 1, 0), 1);
	EXPECT_EQ(recv(c, &b, 1, 0), 1);
	close(s);
	rest();
	EXPECT_EQ(recv(c, &b, 1, 0), 0);
}
