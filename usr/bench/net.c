/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows over 127.0.0.1: UDP and TCP round trips of a few bytes, as lat_udp and lat_tcp; TCP bulk. */
#include "bench.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define BULK 65536

static struct sockaddr_in any_port(void)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };

	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return addr;
}

/* A bound socket of that type; its address goes to *addr. Negative errno if there is none. */
static int bound_socket(int type, struct sockaddr_in *addr)
{
	socklen_t len = sizeof(*addr);
	int fd = socket(AF_INET, type, 0);

	if (fd < 0)
		return -errno;
	*addr = any_port();
	CHECK(bind(fd, (struct sockaddr *)addr, sizeof(*addr)));
	CHECK(getsockname(fd, (struct sockaddr *)addr, &len));
	return fd;
}

static int64_t run_udp(int64_t n)
{
	struct sockaddr_in server_addr, client_addr;
	int server = bound_socket(SOCK_DGRAM, &server_addr), client;
	int word = 1;
	int64_t start;
	pid_t pid;

	if (server < 0)
		return server;
	client = bound_socket(SOCK_DGRAM, &client_addr);
	CHECK(connect(client, (struct sockaddr *)&server_addr, sizeof(server_addr)));
	CHECK(connect(server, (struct sockaddr *)&client_addr, sizeof(client_addr)));
	pid = CHECK(fork());
	if (pid == 0) {
		while (recv(server, &word, sizeof(word), 0) == sizeof(word) && word)
			CHECK(send(server, &word, sizeof(word), 0));
		_exit(0);
	}
	start = bench_now();
	for (int64_t i = 0; i < n; i++) {
		CHECK(send(client, &word, sizeof(word), 0));
		if (CHECK(recv(client, &word, sizeof(word), 0)) != sizeof(word))
			bench_die("short datagram");
	}
	start = bench_now() - start;
	word = 0;
	CHECK(send(client, &word, sizeof(word), 0));
	waitpid(pid, NULL, 0);
	close(client);
	close(server);
	return start;
}

/* The two ends of a TCP connection. 0 or negative errno. */
static int tcp_pair(int ends[2])
{
	struct sockaddr_in addr;
	int listener = bound_socket(SOCK_STREAM, &addr), on = 1;

	if (listener < 0)
		return listener;
	CHECK(listen(listener, 1));
	ends[0] = CHECK(socket(AF_INET, SOCK_STREAM, 0));
	CHECK(connect(ends[0], (struct sockaddr *)&addr, sizeof(addr)));
	ends[1] = CHECK(accept(listener, NULL, NULL));
	for (int i = 0; i < 2; i++)
		CHECK(setsockopt(ends[i], IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)));
	close(listener);
	return 0;
}

static int64_t run_tcp(int64_t n)
{
	int ends[2], err = tcp_pair(ends);
	int64_t start;
	char byte = 1;
	pid_t pid;

	if (err < 0)
		return err;
	pid = CHECK(fork());
	if (pid == 0) {
		close(ends[0]);
		while (read(ends[1], &byte, 1) == 1)
			CHECK(write(ends[1], &byte, 1));
		_exit(0);
	}
	close(ends[1]);
	start = bench_now();
	for (int64_t i = 0; i < n; i++) {
		CHECK(write(ends[0], &byte, 1));
		if (CHECK(read(ends[0], &byte, 1)) != 1)
			bench_die("end of connection");
	}
	start = bench_now() - start;
	close(ends[0]);
	waitpid(pid, NULL, 0);
	return start;
}

/* n blocks of 64 KB through a connection made by the caller; closes both ends. */
static int64_t bulk(int64_t n, int from, int to)
{
	static char block[BULK];
	int64_t left = n * BULK, start;
	pid_t pid = CHECK(fork());

	if (pid == 0) {
		close(to);
		for (int64_t i = 0; i < n; i++)
			CHECK(write(from, block, BULK));
		_exit(0);
	}
	close(from);
	start = bench_now();
	while (left > 0) {
		ssize_t got = CHECK(read(to, block, BULK));

		if (!got)
			bench_die("end of connection");
		left -= got;
	}
	start = bench_now() - start;
	close(to);
	waitpid(pid, NULL, 0);
	return start;
}

static int64_t run_tcp_bw(int64_t n)
{
	int ends[2], err = tcp_pair(ends);

	return err < 0 ? err : bulk(n, ends[0], ends[1]);
}

static int64_t run_unix_bw(int64_t n)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0)
		return -errno;
	return bulk(n, ends[0], ends[1]);
}

const struct row net_rows[] = {
	{ "udp", run_udp, 1, 128 },
	{ "tcp", run_tcp, 1, 128 },
	{ "unix_bw", run_unix_bw, 64, 4 }, /* per KB */
	{ "tcp_bw", run_tcp_bw, 64, 4 },   /* per KB */
	{ 0 },
};
