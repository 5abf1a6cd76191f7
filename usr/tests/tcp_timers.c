/* SPDX-License-Identifier: BSD-2-Clause */
/* TCP and time: how long an answer is waited for, and a port whose other side is in TIME_WAIT. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "helpers.h"
#include "inet.h"

/* The first SYN waits a second for its answer (RFC 6298), each one after it twice as long. */
TEST(syns_wait_ever_longer)
{
	int l = inet_bound(SOCK_STREAM), fd = inet_packet_socket(SOCK_STREAM), once = 1, err;
	struct sockaddr_in a = v4(INADDR_LOOPBACK, port_of(l));
	socklen_t len = sizeof(err);
	int64_t first, second;

	MUST(listen(l, 0));
	inet_connected(l);			/* no room for another */
	MUST(setsockopt(fd, IPPROTO_TCP, TCP_SYNCNT, &once, sizeof(once)));
	MUST(fcntl(fd, F_SETFL, O_NONBLOCK));
	first = now_ns();
	EXPECT_ERRNO(connect(fd, ADDR(a), sizeof(a)), EINPROGRESS);
	EXPECT_EQ(inet_tcp_info(fd).tcpi_rto, 1000000);
	while (!inet_tcp_info(fd).tcpi_total_retrans && inet_tcp_info(fd).tcpi_state == TCP_SYN_SENT)
		sleep_ms(10);
	second = now_ns();
	first = second - first;
	while (inet_tcp_info(fd).tcpi_state == TCP_SYN_SENT)
		sleep_ms(10);
	second = now_ns() - second;
	MUST(getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len));
	EXPECT_EQ(err, ETIMEDOUT);
	EXPECT_GT(2 * second, 3 * first);
}

/* The handshake is a round trip, what lies between it and the first bytes is none. */
TEST(rest_is_no_round_trip)
{
	int c, s;
	char b = 'x';

	inet_connection(&c, &s);
	EXPECT_LT(inet_tcp_info(c).tcpi_rto, 500000);
	sleep_ms(1500);
	EXPECT_EQ(send(c, &b, 1, 0), 1);
	EXPECT_EQ(recv(s, &b, 1, 0), 1);
	EXPECT_EQ(send(s, &b, 1, 0), 1);
	EXPECT_EQ(recv(c, &b, 1, 0), 1);
	EXPECT_LT(inet_tcp_info(c).tcpi_rtt, 1000000);
	EXPECT_LT(inet_tcp_info(s).tcpi_rtt, 1000000);
	EXPECT_LT(inet_tcp_info(c).tcpi_rto, 1000000);
	EXPECT_LT(inet_tcp_info(s).tcpi_rto, 1000000);
}

static int connected_from(int port, int to)
{
	struct sockaddr_in from = v4(INADDR_LOOPBACK, port), a = v4(INADDR_LOOPBACK, to);
	int fd = inet_socket(AF_INET, SOCK_STREAM), one = 1;

	MUST(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)));
	MUST(bind(fd, ADDR(from), sizeof(from)));
	MUST(connect(fd, ADDR(a), sizeof(a)));
	return fd;
}

/* The old connection's last wait ends with the SYN of a new one (RFC 1122, 4.2.2.13). */
TEST(a_syn_ends_time_wait)
{
	int l = inet_listener(), to = port_of(l), c = connected_from(0, to), from = port_of(c);

	for (int i = 0; i < 20; i++) {
		int s = MUST(accept(l, NULL, NULL));
		char b = 'x';

		EXPECT_EQ(send(c, &b, 1, 0), 1);
		EXPECT_EQ(recv(s, &b, 1, 0), 1);
		close(s);
		EXPECT_EQ(recv(c, &b, 1, 0), 0);
		close(c);
		sleep_ms(20);
		EXPECT_EQ(inet_state_of(to, from), 6);	/* TIME_WAIT */
		c = connected_from(from, to);
		EXPECT_EQ(inet_state_of(to, from), 1);
	}
}

static unsigned long packets_of_lo(void)
{
	char text[8192], *lo;
	unsigned long bytes, packets;

	get_file("/proc/net/dev", text, sizeof(text));
	lo = strstr(text, "lo:");
	if (!lo || sscanf(lo, "lo: %lu %lu", &bytes, &packets) != 2)
		FAIL("no lo in /proc/net/dev: %s", text);
	return packets;
}

/* Each side probes the other's window, and has none itself for what comes. An answer needs none. */
TEST(both_windows_are_closed)
{
	uint64_t there, back;
	unsigned long packets;
	int c, s;

	inet_connection(&c, &s);
	there = inet_fill(c);
	back = inet_fill(s);
	packets = packets_of_lo();
	sleep_ms(1500);
	EXPECT_LT(packets_of_lo() - packets, 20000);
	MUST(shutdown(c, SHUT_WR));
	MUST(shutdown(s, SHUT_WR));
	sleep_ms(500);
	EXPECT_EQ(inet_drain(s), there);
	EXPECT_EQ(inet_drain(c), back);
}
