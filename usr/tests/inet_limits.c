/* SPDX-License-Identifier: BSD-2-Clause */
/* Options of TCP that limit how long something is waited for or held back, and of multicast. */
#include <fcntl.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "helpers.h"
#include "inet.h"

#define PATIENCE 20000	/* ms for what has to come; what it is waited for ends the wait */

static void set(int fd, int level, int name, int v)
{
	MUST(setsockopt(fd, level, name, &v, sizeof(v)));
}

static int wait_for(int fd, int events, int ms)
{
	struct pollfd p = { .fd = fd, .events = events };

	return MUST(poll(&p, 1, ms)) ? p.revents : 0;
}

static bool gone_in_time(int local, int remote)
{
	for (int ms = 0; ms < PATIENCE; ms += 50) {
		if (!inet_state_of(local, remote))
			return true;
		sleep_ms(50);
	}
	return false;
}

TEST(user_timeout_of_a_peer_that_reads_nothing)
{
	int c, s;
	char byte;

	inet_connection(&c, &s);
	set(c, IPPROTO_TCP, TCP_USER_TIMEOUT, 500);
	inet_fill(c);
	EXPECT(wait_for(c, 0, PATIENCE) & POLLERR);
	EXPECT_ERRNO(read(c, &byte, 1), ETIMEDOUT);
}

TEST(user_timeout_does_not_end_the_idle)
{
	int c, s;
	char byte = 'x';

	inet_connection(&c, &s);
	set(c, IPPROTO_TCP, TCP_USER_TIMEOUT, 300);
	EXPECT_EQ(write(c, &byte, 1), 1);
	EXPECT_EQ(read(s, &byte, 1), 1);
	sleep_ms(1500);
	EXPECT_EQ(write(c, &byte, 1), 1);
	sleep_ms(1500);
	EXPECT_EQ(write(c, &byte, 1), 1);
	EXPECT_EQ(read(s, &byte, 1), 1);
}

/* A connection to a listener without room, which this option of TCP gives up in time. */
static void expect_to_give_up(int option, int value)
{
	int l = inet_listener(), c = inet_socket(AF_INET, SOCK_STREAM);
	struct sockaddr_in a = v4(INADDR_LOOPBACK, port_of(l));

	MUST(listen(l, 0));
	inet_connected(l);
	set(c, IPPROTO_TCP, option, value);
	EXPECT_ERRNO(connect(c, ADDR(a), sizeof(a)), ETIMEDOUT);
}

TEST(user_timeout_of_a_listener_without_room)
{
	expect_to_give_up(TCP_USER_TIMEOUT, 1000);
}

TEST(syncnt_of_a_listener_without_room)
{
	expect_to_give_up(TCP_SYNCNT, 1);
}

/* What is not with the peer yet is waited for, and goes on arriving after. */
TEST(linger_waits_for_what_is_not_sent)
{
	struct linger one = { 1, 1 };
	int c, s;
	int64_t start;

	inet_connection(&c, &s);
	inet_fill(c);
	MUST(setsockopt(c, SOL_SOCKET, SO_LINGER, &one, sizeof(one)));
	start = now_ns();
	close(c);
	EXPECT_GE(now_ns() - start, 900000000);
}

/* A window that is full keeps a FIN back until there is room. */
TEST(a_fin_waits_behind_the_bytes)
{
	int c, s;

	inet_connection(&c, &s);
	inet_fill(c);
	MUST(shutdown(c, SHUT_WR));
	EXPECT_EQ(wait_for(s, POLLIN | POLLRDHUP, 0), POLLIN);
	EXPECT_EQ(inet_state_of(port_of(c), port_of(s)), 4);		/* FIN_WAIT1 */
	EXPECT_GT(inet_drain(s), 1 << 16);
	EXPECT_EQ(wait_for(s, POLLIN | POLLRDHUP, 0), POLLIN | POLLRDHUP);
	for (int ms = 0; ms < PATIENCE && inet_state_of(port_of(c), port_of(s)) != 5; ms += 10)
		sleep_ms(10);					/* its acknowledgement may be late */
	EXPECT_EQ(inet_state_of(port_of(c), port_of(s)), 5);
}

/* The same of a socket that is closed: it stays until its last bytes were taken. */
/*
 * More than the other side has room for, and then the end: a last segment for which there is only
 * part of the room is cut when it has waited long enough, and the end stays with the later part.
 */
TEST(a_fin_stays_with_the_last_byte)
{
	/* What goes first moves the borders of the segments, wherever the window ends. */
	enum { N = 84, LEAST = 30000, STEP = 2600 };
	static char bytes[LEAST + N * STEP];
	int client[N], server[N];

	for (int i = 0; i < N; i++) {
		int first = 5000 + i % 3 * 10000, rest = LEAST + i * STEP - first;

		inet_connection(&client[i], &server[i]);
		set(client[i], SOL_SOCKET, SO_SNDBUFFORCE, 4 * (int)sizeof(bytes));
		EXPECT_EQ(send(client[i], bytes, (size_t)first, MSG_DONTWAIT), first);
		EXPECT_EQ(send(client[i], bytes, (size_t)rest, MSG_DONTWAIT), rest);
		MUST(shutdown(client[i], SHUT_WR));
	}
	sleep_ms(3000);
	for (int i = 0; i < N; i++) {
		EXPECT_EQ(inet_drain(server[i]), LEAST + i * STEP);
		close(server[i]);
		close(client[i]);
	}
}

TEST(an_orphan_sends_on)
{
	int c, s, cport, sport;

	inet_connection(&c, &s);
	cport = port_of(c);
	sport = port_of(s);
	inet_fill(c);
	close(c);
	EXPECT_EQ(inet_state_of(cport, sport), 4);
	inet_drain(s);
	close(s);
	sleep_ms(100);
	EXPECT_EQ(inet_state_of(cport, sport), 6);			/* TIME_WAIT */
	EXPECT_EQ(inet_state_of(sport, cport), 0);
}

TEST(linger2_ends_fin_wait_2)
{
	int c, s, cport, sport;

	inet_connection(&c, &s);
	cport = port_of(c);
	sport = port_of(s);
	set(c, IPPROTO_TCP, TCP_LINGER2, 1);
	close(c);
	for (int ms = 0; inet_state_of(cport, sport) == 4 && ms < PATIENCE; ms += 10)
		sleep_ms(10);
	EXPECT_EQ(inet_state_of(cport, sport), 5);		/* for a second, not at once */
	EXPECT(gone_in_time(cport, sport));
	EXPECT_EQ(inet_state_of(sport, cport), 8);		/* the other side knows nothing of it */
	EXPECT_EQ(send(s, "x", 1, MSG_NOSIGNAL), 1);	/* until it is told by a reset */
	for (int ms = 0; inet_state_of(sport, cport) && ms < PATIENCE; ms += 10)
		sleep_ms(10);
	EXPECT_ERRNO(send(s, "x", 1, MSG_NOSIGNAL), EPIPE);
}

TEST(without_linger2_fin_wait_2_stays)
{
	int c, s, cport, sport;

	inet_connection(&c, &s);
	cport = port_of(c);
	sport = port_of(s);
	close(c);
	sleep_ms(3000);
	EXPECT_EQ(inet_state_of(cport, sport), 5);
}

TEST(negative_linger2_resets)
{
	int c, s, cport, sport;
	char byte;

	inet_connection(&c, &s);
	cport = port_of(c);
	sport = port_of(s);
	set(c, IPPROTO_TCP, TCP_LINGER2, -1);
	close(c);
	EXPECT(gone_in_time(cport, sport));
	for (int ms = 0; ms < PATIENCE && inet_state_of(sport, cport); ms += 50)
		sleep_ms(50);
	EXPECT_EQ(inet_state_of(sport, cport), 0);
	EXPECT_ERRNO(send(s, &byte, 1, MSG_NOSIGNAL), EPIPE);
}

TEST(a_cork_gives_way)
{
	int c, s;
	char byte = 'x';

	close(inet_packet_socket(SOCK_STREAM));
	inet_connection(&c, &s);
	set(c, IPPROTO_TCP, TCP_CORK, 1);
	EXPECT_EQ(write(c, &byte, 1), 1);
	EXPECT_ERRNO(recv(s, &byte, 1, MSG_DONTWAIT), EAGAIN);
	EXPECT(wait_for(s, POLLIN, PATIENCE) & POLLIN);
	EXPECT_EQ(write(c, &byte, 1), 1);	/* and is there again */
	EXPECT_EQ(recv(s, &byte, 1, MSG_DONTWAIT), 1);
	EXPECT_ERRNO(recv(s, &byte, 1, MSG_DONTWAIT), EAGAIN);
	EXPECT(wait_for(s, POLLIN, PATIENCE) & POLLIN);
}

TEST(a_deferred_connection_is_shown_in_the_end)
{
	int l = inet_listener();

	set(l, IPPROTO_TCP, TCP_DEFER_ACCEPT, 1);
	inet_connected(l);
	EXPECT_EQ(wait_for(l, POLLIN, 0), 0);
	EXPECT(wait_for(l, POLLIN, PATIENCE) & POLLIN);
	MUST(accept(l, NULL, NULL));
}

TEST(quickack_acknowledges_at_once)
{
	int c, s, unacked = -1;
	char byte = 'x';

	inet_connection(&c, &s);
	for (int i = 0; i < 20; i++) {		/* a conversation, whose acknowledgements may wait */
		EXPECT_EQ(write(c, &byte, 1), 1);
		EXPECT_EQ(read(s, &byte, 1), 1);
		EXPECT_EQ(write(s, &byte, 1), 1);
		EXPECT_EQ(read(c, &byte, 1), 1);
	}
	for (int i = 0; i < 5; i++) {
		EXPECT_EQ(write(c, &byte, 1), 1);
		EXPECT_EQ(read(s, &byte, 1), 1);
		set(s, IPPROTO_TCP, TCP_QUICKACK, 1);
		MUST(ioctl(c, SIOCOUTQ, &unacked));
		EXPECT_EQ(unacked, 0);
	}
}

/* Bytes of c that wait in its queue, once its peer takes no more. */
static int not_sent(int lowat)
{
	int c, s, waits;

	inet_connection(&c, &s);
	set(s, SOL_SOCKET, SO_RCVBUF, 8192);
	if (lowat)
		set(c, IPPROTO_TCP, TCP_NOTSENT_LOWAT, lowat);
	inet_fill(c);
	MUST(ioctl(c, SIOCOUTQNSD, &waits));
	if (lowat) {
		static char block[1 << 16];
		int left = 0;

		EXPECT_EQ(wait_for(c, POLLOUT, 0), 0);
		MUST(ioctl(c, SIOCOUTQ, &left));
		while (left > 0) {		/* until all is acknowledged */
			if (wait_for(s, POLLIN, 50))
				EXPECT_GT(read(s, block, sizeof(block)), 0);
			MUST(ioctl(c, SIOCOUTQ, &left));
		}
		EXPECT(wait_for(c, POLLOUT, PATIENCE) & POLLOUT);
	}
	return waits;
}

TEST(notsent_lowat_limits_what_waits)
{
	int all = not_sent(0), some = not_sent(4096);

	EXPECT_LT(some, 4096 + 65536);
	EXPECT_LT(some, all);
}

TEST(multicast_interface)
{
	int fd = inet_packet_socket(SOCK_DGRAM), fd6 = socket(AF_INET6, SOCK_DGRAM, 0), lo = 1;
	struct in_addr a = { htonl(INADDR_LOOPBACK) }, got = { 0 };
	socklen_t len = sizeof(got);

	MUST(setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &a, sizeof(a)));
	MUST(getsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &got, &len));
	EXPECT_EQ(ntohl(got.s_addr), INADDR_LOOPBACK);
	a.s_addr = htonl(0xc0000201);		/* not ours */
	EXPECT_ERRNO(setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &a, sizeof(a)), EADDRNOTAVAIL);
	if (fd6 < 0)
		return;
	MUST(setsockopt(fd6, IPPROTO_IPV6, IPV6_MULTICAST_IF, &lo, sizeof(lo)));
	lo = 0;
	len = sizeof(lo);
	MUST(getsockopt(fd6, IPPROTO_IPV6, IPV6_MULTICAST_IF, &lo, &len));
	EXPECT_EQ(lo, 1);
	lo = 4711;
	EXPECT_ERRNO(setsockopt(fd6, IPPROTO_IPV6, IPV6_MULTICAST_IF, &lo, sizeof(lo)), ENODEV);
}

/* The index and address of a link that can multicast. */
static int multicast_link(int fd, struct in_addr *addr)
{
	struct if_nameindex *all = if_nameindex();
	int found = 0;

	for (struct if_nameindex *i = all; i && i->if_index && !found; i++) {
		const short wanted = IFF_UP | IFF_MULTICAST;
		struct ifreq r = { 0 };

		snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", i->if_name);
		if (ioctl(fd, SIOCGIFFLAGS, &r) || (r.ifr_flags & wanted) != wanted ||
		    r.ifr_flags & IFF_LOOPBACK || ioctl(fd, SIOCGIFADDR, &r))
			continue;
		*addr = ((struct sockaddr_in *)&r.ifr_addr)->sin_addr;
		found = (int)i->if_index;
	}
	if_freenameindex(all);
	if (!found)
		SKIP("no link that can multicast");
	return found;
}

/* Sets SO_BINDTODEVICE, and reads it back with as much room as the kernel wants. */
static void bind_device(int fd, const char *name, const char *seen)
{
	char got[16] = "?";
	socklen_t len = sizeof(got);

	MUST(setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, strlen(name)));
	MUST(getsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, got, &len));
	EXPECT_EQ(len, *seen ? strlen(seen) + 1 : 0);
	if (*seen)
		EXPECT_STREQ(got, seen);
	len = 15;
	if (*seen)
		EXPECT_ERRNO(getsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, got, &len), EINVAL);
}

TEST(bound_to_a_device)
{
	int to = inet_packet_socket(SOCK_DGRAM), from = inet_packet_socket(SOCK_DGRAM);
	struct sockaddr_in any = v4(INADDR_ANY, 0), a;
	struct in_addr unused;
	char byte;

	SKIP_IN_EMULATOR("the links are the host's");
	MUST(bind(to, ADDR(any), sizeof(any)));
	a = v4(INADDR_LOOPBACK, port_of(to));
	MUST(connect(from, ADDR(a), sizeof(a)));
	bind_device(to, "lo", "lo");
	EXPECT_EQ(send(from, "1", 1, 0), 1);
	EXPECT_EQ(read(to, &byte, 1), 1);
	EXPECT_ERRNO(setsockopt(to, SOL_SOCKET, SO_BINDTODEVICE, "nosuch", 6), ENODEV);
	multicast_link(to, &unused);
	bind_device(to, "eth0", "eth0");
	EXPECT_EQ(send(from, "2", 1, 0), 1);		/* lo's, so there is nobody */
	EXPECT_ERRNO(send(from, "3", 1, 0), ECONNREFUSED);
	bind_device(to, "", "");
	EXPECT_EQ(send(from, "4", 1, 0), 1);
	EXPECT_EQ(read(to, &byte, 1), 1);
	EXPECT_EQ(byte, '4');
}

TEST(multicast_loop_and_ttl)
{
	int to = inet_packet_socket(SOCK_DGRAM), from = inet_packet_socket(SOCK_DGRAM), ttl = 0;
	struct sockaddr_in group = v4(0xefff4711, 0), any = v4(INADDR_ANY, 0), source;
	char room[64] __attribute__((aligned(8))), byte = 'x';
	struct iovec v = { &byte, 1 };
	struct msghdr m = { .msg_name = &source, .msg_namelen = sizeof(source), .msg_iov = &v,
			    .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof(room) };
	struct ip_mreqn join = { .imr_multiaddr = group.sin_addr };

	join.imr_ifindex = multicast_link(to, &join.imr_address);
	MUST(bind(to, ADDR(any), sizeof(any)));
	group.sin_port = htons(port_of(to));
	MUST(setsockopt(to, IPPROTO_IP, IP_ADD_MEMBERSHIP, &join, sizeof(join)));
	MUST(setsockopt(from, IPPROTO_IP, IP_MULTICAST_IF, &join, sizeof(join)));
	set(to, IPPROTO_IP, IP_RECVTTL, 1);

	set(from, IPPROTO_IP, IP_MULTICAST_TTL, 0);	/* to members on this machine only */
	EXPECT_EQ(sendto(from, "1", 1, 0, ADDR(group), sizeof(group)), 1);
	EXPECT(wait_for(to, POLLIN, PATIENCE) & POLLIN);
	EXPECT_EQ(recvmsg(to, &m, 0), 1);
	EXPECT_EQ(byte, '1');
	EXPECT_EQ(source.sin_addr.s_addr, join.imr_address.s_addr);
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c))
		if (c->cmsg_type == IP_TTL)
			memcpy(&ttl, CMSG_DATA(c), sizeof(ttl));
	EXPECT_EQ(ttl, 0);

	set(from, IPPROTO_IP, IP_MULTICAST_LOOP, 0);
	EXPECT_EQ(sendto(from, "2", 1, 0, ADDR(group), sizeof(group)), 1);
	set(from, IPPROTO_IP, IP_MULTICAST_LOOP, 1);
	EXPECT_EQ(sendto(from, "3", 1, 0, ADDR(group), sizeof(group)), 1);
	EXPECT_EQ(read(to, &byte, 1), 1);
	EXPECT_EQ(byte, '3');
}

TEST(multicast_loop_of_ipv6)
{
	int probe = inet_packet_socket(SOCK_DGRAM), to = socket(AF_INET6, SOCK_DGRAM, 0);
	int from = socket(AF_INET6, SOCK_DGRAM, 0);
	struct sockaddr_in6 group = { .sin6_family = AF_INET6 }, any = { .sin6_family = AF_INET6 };
	struct ipv6_mreq join = { 0 };
	struct in_addr unused;
	char byte;

	if (to < 0)
		SKIP("no IPv6");
	join.ipv6mr_interface = multicast_link(probe, &unused);
	group.sin6_addr.s6_addr[0] = 0xff;
	group.sin6_addr.s6_addr[1] = 0x02;
	group.sin6_addr.s6_addr[14] = 0x47;
	group.sin6_addr.s6_addr[15] = 0x11;
	group.sin6_scope_id = join.ipv6mr_interface;
	join.ipv6mr_multiaddr = group.sin6_addr;
	MUST(bind(to, ADDR(any), sizeof(any)));
	group.sin6_port = htons(port_of(to));
	MUST(setsockopt(to, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, &join, sizeof(join)));
	set(from, IPPROTO_IPV6, IPV6_MULTICAST_IF, join.ipv6mr_interface);
	set(from, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 0);
	EXPECT_EQ(sendto(from, "2", 1, 0, ADDR(group), sizeof(group)), 1);
	set(from, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 1);
	EXPECT_EQ(sendto(from, "3", 1, 0, ADDR(group), sizeof(group)), 1);
	EXPECT(wait_for(to, POLLIN, PATIENCE) & POLLIN);
	EXPECT_EQ(read(to, &byte, 1), 1);
	EXPECT_EQ(byte, '3');
}
