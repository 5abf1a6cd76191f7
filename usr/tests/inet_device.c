/* SPDX-License-Identifier: BSD-2-Clause */
/* Datagrams that leave by a device: what is charged to the sender, who waits, and when he goes on. */
#include <arpa/inet.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "helpers.h"
#include "inet.h"

#define PATIENCE  20000	/* ms until a neighbour is given up */
#define SNDBUF	  8192	/* asked for; twice that is what counts */
#define SIZE	  1000
#define FLOOD	  3000

/* The n'th address of the network of a link that has one; the test is skipped without. */
static struct sockaddr_in neighbour(int n, int port)
{
	int fd = inet_socket(AF_INET, SOCK_DGRAM);
	struct if_nameindex *all = if_nameindex();
	struct sockaddr_in found = { 0 };

	for (struct if_nameindex *i = all; i && i->if_index; i++) {
		struct ifreq r = { 0 };
		uint32_t addr, mask;

		strcpy(r.ifr_name, i->if_name);
		if (ioctl(fd, SIOCGIFFLAGS, &r) || !(r.ifr_flags & IFF_RUNNING) ||
		    r.ifr_flags & IFF_LOOPBACK || ioctl(fd, SIOCGIFADDR, &r))
			continue;
		addr = ntohl(((struct sockaddr_in *)&r.ifr_addr)->sin_addr.s_addr);
		MUST(ioctl(fd, SIOCGIFNETMASK, &r));
		mask = ntohl(((struct sockaddr_in *)&r.ifr_netmask)->sin_addr.s_addr);
		found = v4((addr & mask) + n, port);
	}
	if_freenameindex(all);
	close(fd);
	if (!found.sin_family)
		SKIP("no device with an address");
	return found;
}

static short events(int fd, int timeout)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };

	MUST(poll(&p, 1, timeout));
	return p.revents;
}

/* A socket that has sent to a neighbour who is not there until it may no more. */
static int stuck(struct sockaddr_in *to, int *sent)
{
	int fd = inet_socket(AF_INET, SOCK_DGRAM), size = SNDBUF;
	char data[SIZE] = { 0 };

	MUST(setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)));
	for (*sent = 0; *sent < 100; ++*sent)
		if (sendto(fd, data, SIZE, MSG_DONTWAIT, ADDR(*to), sizeof(*to)) < 0)
			break;
	return fd;
}

TEST(what_waits_for_a_neighbour_is_charged)
{
	struct sockaddr_in to = neighbour(99, 9);
	int sent, fd = stuck(&to, &sent), queued = 0;

	EXPECT_EQ(errno, EAGAIN);
	EXPECT(sent > 2 && sent < 20);
	MUST(ioctl(fd, SIOCOUTQ, &queued));
	EXPECT(queued >= 2 * SNDBUF);
	EXPECT_EQ(events(fd, 0), 0);
	/* He is given up, and what waited for him is lost. */
	EXPECT_EQ(events(fd, PATIENCE), POLLOUT);
	MUST(ioctl(fd, SIOCOUTQ, &queued));
	EXPECT_EQ(queued, 0);
}

TEST(a_sender_waits_for_room)
{
	struct sockaddr_in to = neighbour(98, 9);
	struct timeval limit = { .tv_usec = 100000 };
	int sent, fd = stuck(&to, &sent);
	char data[SIZE] = { 0 };

	MUST(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)));
	EXPECT_ERRNO(sendto(fd, data, SIZE, 0, ADDR(to), sizeof(to)), EAGAIN);
	limit = (struct timeval){ .tv_sec = PATIENCE / 1000 };
	MUST(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)));
	EXPECT_EQ(sendto(fd, data, SIZE, 0, ADDR(to), sizeof(to)), SIZE);
}

TEST(a_closed_sender_is_forgotten_in_time)
{
	struct sockaddr_in to = neighbour(97, 9);
	int sent, fd = stuck(&to, &sent);

	close(fd);
	fd = stuck(&to, &sent);
	EXPECT_EQ(events(fd, PATIENCE), POLLOUT);
}

/* More than any queue of a device holds, and no faster than it takes them: none is refused. */
TEST(a_flood_is_held_back)
{
	struct sockaddr_in to = neighbour(2, 9);
	int fd = inet_socket(AF_INET, SOCK_DGRAM);
	char data[1472] = { 0 };

	for (int i = 0; i < FLOOD; i++)
		EXPECT_EQ(sendto(fd, data, sizeof(data), 0, ADDR(to), sizeof(to)), (ssize_t)sizeof(data));
	EXPECT_EQ(events(fd, PATIENCE), POLLOUT);
}

/* A connection that is being made ends; datagrams are lost (udp(7), without IP_RECVERR). */
static void expect_nobody(int family, const struct sockaddr *to, socklen_t len)
{
	int tcp = inet_socket(family, SOCK_STREAM), udp = inet_socket(family, SOCK_DGRAM);

	while (connect(udp, to, len))		/* until a router has told the network */
		sleep_ms(100);
	EXPECT_EQ(send(udp, "x", 1, 0), 1);
	EXPECT_ERRNO(connect(tcp, to, len), EHOSTUNREACH);
	EXPECT_EQ(events(udp, 0), POLLOUT);
}

TEST(nobody_answers)
{
	struct sockaddr_in to = neighbour(96, 9);

	expect_nobody(AF_INET, ADDR(to), sizeof(to));
}

/* In the network that QEMU's router advertises. */
TEST(nobody_answers_by_ipv6)
{
	struct sockaddr_in6 to = { .sin6_family = AF_INET6, .sin6_port = htons(9) };

	neighbour(1, 9);
	EXPECT_EQ(inet_pton(AF_INET6, "fec0::dead:beef", &to.sin6_addr), 1);
	expect_nobody(AF_INET6, ADDR(to), sizeof(to));
}
