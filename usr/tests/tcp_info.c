/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The byte counts of TCP_INFO. A SYN and a FIN have a number each: the acknowledged bytes count
 * those of this side, the SYN only where it opened the connection; the received ones the FIN.
 */
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "helpers.h"
#include "inet.h"

/* Acknowledgements may take a moment. */
static void expect_bytes(int fd, uint64_t sent, uint64_t acked, uint64_t received)
{
	struct tcp_info info = inet_tcp_info(fd);

	for (int i = 0; i < 100 && info.tcpi_bytes_acked < acked; i++) {
		sleep_ms(10);
		info = inet_tcp_info(fd);
	}
	EXPECT_EQ(info.tcpi_bytes_sent, sent);
	EXPECT_EQ(info.tcpi_bytes_acked, acked);
	EXPECT_EQ(info.tcpi_bytes_received, received);
	EXPECT_EQ(info.tcpi_bytes_retrans, 0);
	EXPECT_EQ(info.tcpi_total_retrans, 0);
}

static void carry(int from, int to, size_t bytes)
{
	char buf[8192] = { 0 };

	while (bytes) {
		size_t n = bytes < sizeof(buf) ? bytes : sizeof(buf);

		n = MUST(send(from, buf, n, 0));
		EXPECT_EQ(recv(to, buf, n, MSG_WAITALL), n);
		bytes -= n;
	}
}

TEST(bytes_of_a_connection)
{
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	int c, s;

	inet_connection(&c, &s);
	expect_bytes(c, 0, 1, 0);
	expect_bytes(s, 0, 0, 0);
	carry(c, s, 1000);
	expect_bytes(c, 1000, 1001, 0);
	expect_bytes(s, 0, 0, 1000);
	carry(s, c, 300000);
	expect_bytes(s, 300000, 300000, 1000);
	expect_bytes(c, 1000, 1001, 300000);
	MUST(shutdown(c, SHUT_WR));
	expect_bytes(c, 1000, 1002, 300000);
	expect_bytes(s, 300000, 300000, 1001);
	carry(s, c, 5);
	MUST(send(s, "12", 2, MSG_MORE));	/* and the FIN with it */
	MUST(shutdown(s, SHUT_WR));
	expect_bytes(s, 300007, 300008, 1001);
	expect_bytes(c, 1000, 1002, 300008);
	MUST(connect(c, &none, sizeof(none)));
	expect_bytes(c, 0, 0, 0);
}

TEST(bytes_of_a_connection_that_was_reset)
{
	int c, s;

	inet_connection(&c, &s);
	carry(c, s, 10);
	expect_bytes(c, 10, 11, 0);
	MUST(send(c, "left", 4, 0));
	expect_bytes(c, 14, 15, 0);
	close(s);		/* with bytes unread */
	sleep_ms(20);
	EXPECT_EQ(inet_tcp_info(c).tcpi_state, TCP_CLOSE);
	expect_bytes(c, 14, 15, 0);
}

/* What does not fit the other side's window is not sent. */
TEST(bytes_before_a_closed_window)
{
	struct tcp_info sender, receiver;
	char buf[65536] = { 0 };
	int c, s, small = 16384;
	uint64_t written = 0;
	ssize_t n;

	inet_connection(&c, &s);
	MUST(setsockopt(c, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)));
	while ((n = send(s, buf, sizeof(buf), MSG_DONTWAIT)) > 0)
		written += (uint64_t)n;
	sleep_ms(100);
	sender = inet_tcp_info(s);
	receiver = inet_tcp_info(c);
	EXPECT_LT(sender.tcpi_bytes_sent, written);
	EXPECT_EQ(receiver.tcpi_bytes_received, sender.tcpi_bytes_acked);
	EXPECT_GE(sender.tcpi_bytes_sent - sender.tcpi_bytes_retrans, sender.tcpi_bytes_acked);
	EXPECT_GT(receiver.tcpi_bytes_received, 0);
}

TEST(nothing_before_a_connection)
{
	int fd = inet_socket(AF_INET, SOCK_STREAM), l = inet_bound(SOCK_STREAM);
	struct sockaddr_in a = v4(INADDR_LOOPBACK, port_of(l));

	expect_bytes(fd, 0, 0, 0);
	EXPECT_ERRNO(connect(fd, ADDR(a), sizeof(a)), ECONNREFUSED);
	expect_bytes(fd, 0, 0, 0);
	MUST(listen(l, 1));
	expect_bytes(l, 0, 0, 0);
}

/* A listener without room does not answer. */
TEST(a_syn_again_is_a_retransmission)
{
	int l = inet_bound(SOCK_STREAM), fd = inet_packet_socket(SOCK_STREAM);
	struct sockaddr_in a = v4(INADDR_LOOPBACK, port_of(l));

	MUST(listen(l, 0));
	inet_connected(l);
	MUST(fcntl(fd, F_SETFL, O_NONBLOCK));
	EXPECT_ERRNO(connect(fd, ADDR(a), sizeof(a)), EINPROGRESS);
	EXPECT_EQ(inet_tcp_info(fd).tcpi_total_retrans, 0);
	for (int i = 0; i < 100 && !inet_tcp_info(fd).tcpi_total_retrans; i++)
		sleep_ms(100);
	EXPECT_EQ(inet_tcp_info(fd).tcpi_total_retrans, 1);
	EXPECT_EQ(inet_tcp_info(fd).tcpi_bytes_retrans, 0);
	EXPECT_EQ(inet_tcp_info(fd).tcpi_bytes_sent, 0);
}
