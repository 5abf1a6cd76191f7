/* SPDX-License-Identifier: BSD-2-Clause */
/* Internet sockets for the tests of them; see inet.h. */
#include <net/if.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "helpers.h"
#include "inet.h"

struct sockaddr_in v4(uint32_t host, int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) };

	a.sin_addr.s_addr = htonl(host);
	return a;
}

/* Linux starts with "lo" down, and no init of the tests' brings it up. Elsewhere it fails. */
static void loopback_up(int fd)
{
	struct ifreq request = { .ifr_name = "lo" };

	if (ioctl(fd, SIOCGIFFLAGS, &request) == 0 && !(request.ifr_flags & IFF_UP)) {
		request.ifr_flags |= IFF_UP;
		ioctl(fd, SIOCSIFFLAGS, &request);
	}
}

int inet_socket(int family, int type)
{
	int fd = socket(family, type, 0);

	if (fd < 0 && errno == EAFNOSUPPORT)
		SKIP("no Internet protocols in this kernel");
	loopback_up(MUST(fd));
	return fd;
}

int inet_packet_socket(int type)
{
	struct in_addr any = { 0 };
	int fd = inet_socket(AF_INET, type), probe = inet_socket(AF_INET, SOCK_DGRAM);

	if (setsockopt(probe, IPPROTO_IP, IP_MULTICAST_IF, &any, sizeof(any)) < 0)
		SKIP("a backend without packets");
	close(probe);
	return fd;
}

int port_of(int fd)
{
	struct sockaddr_in6 a;
	socklen_t len = sizeof(a);

	MUST(getsockname(fd, ADDR(a), &len));
	return ntohs(a.sin6_port);	/* at the same place in sockaddr_in */
}

int inet_bound(int type)
{
	struct sockaddr_in a = v4(INADDR_LOOPBACK, 0);
	int fd = inet_socket(AF_INET, type);

	MUST(bind(fd, ADDR(a), sizeof(a)));
	return fd;
}

int inet_listener(void)
{
	int l = inet_bound(SOCK_STREAM);

	MUST(listen(l, 4));
	return l;
}

int inet_connected(int l)
{
	struct sockaddr_in a = v4(INADDR_LOOPBACK, port_of(l));
	int c = inet_socket(AF_INET, SOCK_STREAM);

	MUST(connect(c, ADDR(a), sizeof(a)));
	return c;
}

void inet_connection(int *client, int *server)
{
	int l = inet_listener();

	*client = inet_connected(l);
	*server = MUST(accept(l, NULL, NULL));
	close(l);
}

long lwip_pool(const char *name, enum pool_column column)
{
	char text[4096], *line, word[32];
	long value[3];

	if (access("/proc/net/lwip", R_OK) < 0)
		return -1;
	get_file("/proc/net/lwip", text, sizeof(text));
	for (line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		if (sscanf(line, "%31s %ld %ld %ld", word, &value[0], &value[1], &value[2]) == 4 &&
		    !strcmp(word, name))
			return value[column];
	return -1;
}

uint64_t inet_fill(int fd)
{
	static char block[65536];
	uint64_t all = 0;
	ssize_t n;

	while ((n = send(fd, block, sizeof(block), MSG_DONTWAIT | MSG_NOSIGNAL)) > 0)
		all += (uint64_t)n;
	EXPECT_EQ(errno, EAGAIN);
	return all;
}

uint64_t inet_drain(int fd)
{
	static char block[65536];
	uint64_t all = 0;
	ssize_t n;

	while ((n = recv(fd, block, sizeof(block), 0)) > 0)
		all += (uint64_t)n;
	EXPECT_EQ(n, 0);
	return all;
}

struct tcp_info inet_tcp_info(int fd)
{
	struct tcp_info info = { 0 };
	socklen_t len = sizeof(info);

	MUST(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len));
	return info;
}

unsigned inet_state_of(int local, int remote)
{
	FILE *f = fopen("/proc/net/tcp", "r");
	unsigned state = 0, lport, rport, st;
	char line[256];

	EXPECT(f != NULL);
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, " %*u: %*8x:%x %*8x:%x %x", &lport, &rport, &st) == 3 &&
		    lport == (unsigned)local && rport == (unsigned)remote)
			state = st;
	fclose(f);
	return state;
}
