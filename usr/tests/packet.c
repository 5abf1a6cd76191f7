/* SPDX-License-Identifier: BSD-2-Clause */
/* packet(7): frames as they leave by eth0, where the machine has one, and what is refused. */
#include <arpa/inet.h>
#include <linux/filter.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <poll.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "helpers.h"

#define KIND 0x88b5		/* IEEE 802: for local experiments */
#define NO_ADDRESS ((socklen_t)offsetof(struct sockaddr_ll, sll_addr))

static int packet_socket(int type, int kind)
{
	int fd;

	need_root();
	fd = socket(AF_PACKET, type, htons(kind));
	if (fd < 0 && errno == EAFNOSUPPORT)
		SKIP("no packet sockets in this kernel");
	return MUST(fd);
}

/* The index of eth0, which is up then. */
static int device(int fd)
{
	struct ifreq ifr = { .ifr_name = "eth0" };
	int index;

	if (ioctl(fd, SIOCGIFINDEX, &ifr))
		SKIP("no eth0");
	index = ifr.ifr_ifindex;
	MUST(ioctl(fd, SIOCGIFFLAGS, &ifr));
	ifr.ifr_flags |= IFF_UP;
	MUST(ioctl(fd, SIOCSIFFLAGS, &ifr));
	return index;
}

static void bind_to(int fd, int index, int kind)
{
	struct sockaddr_ll name = { .sll_family = AF_PACKET, .sll_ifindex = index,
				    .sll_protocol = htons(kind) };

	MUST(bind(fd, (void *)&name, sizeof(name)));
}

/* A frame of ours to everybody, marked with `mark`, which leaves by the device. */
static void send_frame(int index, uint8_t mark)
{
	uint8_t frame[60] = { 255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, 1, KIND >> 8, KIND & 255 };
	int fd = packet_socket(SOCK_RAW, 0);

	memset(frame + ETH_HLEN, mark, sizeof(frame) - ETH_HLEN);
	bind_to(fd, index, 0);
	EXPECT_EQ(send(fd, frame, sizeof(frame), 0), sizeof(frame));
	close(fd);
}

/* The next frame of KIND; others pass. Its length as MSG_TRUNC has it. */
static ssize_t next_frame(int fd, void *buf, size_t size, struct sockaddr_ll *from)
{
	for (;;) {
		struct pollfd pfd = { fd, POLLIN, 0 };
		socklen_t len = sizeof(*from);
		ssize_t n;

		EXPECT_EQ(poll(&pfd, 1, 10000), 1);
		n = MUST(recvfrom(fd, buf, size, MSG_TRUNC, (void *)from, &len));
		EXPECT_EQ(from->sll_family, AF_PACKET);
		if (from->sll_protocol == htons(KIND))
			return n;
	}
}

TEST(what_leaves_is_seen)
{
	int raw = packet_socket(SOCK_RAW, ETH_P_ALL), index = device(raw);
	int cooked = packet_socket(SOCK_DGRAM, ETH_P_ALL);
	struct sockaddr_ll from;
	uint8_t buf[128];

	bind_to(raw, index, ETH_P_ALL);
	bind_to(cooked, index, ETH_P_ALL);
	send_frame(index, 0x5a);
	EXPECT_EQ(next_frame(raw, buf, sizeof(buf), &from), 60);
	EXPECT_EQ(from.sll_pkttype, PACKET_OUTGOING);
	EXPECT_EQ(from.sll_ifindex, index);
	EXPECT_EQ(from.sll_halen, ETH_ALEN);
	EXPECT_EQ(from.sll_addr[5], 1);
	EXPECT_EQ(buf[12] << 8 | buf[13], KIND);
	EXPECT_EQ(buf[59], 0x5a);
	EXPECT_EQ(next_frame(cooked, buf, 10, &from), 60 - ETH_HLEN);	/* cut, and without header */
	EXPECT_EQ(buf[0], 0x5a);
}

/* One kind only: what this machine sends is for those who want everything. */
TEST(one_kind_is_what_comes)
{
	int all = packet_socket(SOCK_RAW, ETH_P_ALL), index = device(all);
	int kind = packet_socket(SOCK_RAW, KIND);
	struct sockaddr_ll from;
	uint8_t buf[128];

	bind_to(all, index, ETH_P_ALL);
	bind_to(kind, index, KIND);
	send_frame(index, 1);
	next_frame(all, buf, sizeof(buf), &from);
	EXPECT_ERRNO(recv(kind, buf, sizeof(buf), MSG_DONTWAIT), EAGAIN);
}

/* Readers of every sort are woken: in recv, in poll of an epoll that is in an epoll. */
TEST(who_waits_is_woken)
{
	int fd = packet_socket(SOCK_RAW, ETH_P_ALL), index = device(fd), status;
	int inner = MUST(epoll_create1(0)), outer = MUST(epoll_create1(0));
	struct epoll_event event = { .events = EPOLLIN };
	struct sockaddr_ll from;
	uint8_t buf[128];
	pid_t pid;

	bind_to(fd, index, ETH_P_ALL);
	MUST(epoll_ctl(inner, EPOLL_CTL_ADD, fd, &event));
	MUST(epoll_ctl(outer, EPOLL_CTL_ADD, inner, &event));
	pid = must_fork();
	if (!pid) {
		do
			EXPECT_EQ(epoll_wait(outer, &event, 1, 10000), 1);
		while (next_frame(fd, buf, sizeof(buf), &from) != 60);
		_exit(0);
	}
	sleep_ms(100);
	send_frame(index, 2);
	status = wait_status(pid);
	EXPECT_EXIT(status, 0);
}

TEST(statistics_begin_anew)
{
	int fd = packet_socket(SOCK_RAW, ETH_P_ALL), index = device(fd);
	struct { unsigned packets, drops; } stats;
	socklen_t len = sizeof(stats);
	struct sockaddr_ll from;
	uint8_t buf[128];

	bind_to(fd, index, ETH_P_ALL);
	send_frame(index, 3);
	next_frame(fd, buf, sizeof(buf), &from);
	MUST(getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &stats, &len));
	EXPECT_GE(stats.packets, 1);
	EXPECT_EQ(stats.drops, 0);
	bind_to(fd, index, KIND);	/* quiet from here on */
	MUST(getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &stats, &len));
	MUST(getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &stats, &len));
	EXPECT_EQ(stats.packets, 0);
}

static int attach(int fd, const struct sock_filter *insns, unsigned short len)
{
	struct sock_fprog prog = { len, (struct sock_filter *)insns };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog));
}

#define ATTACH(fd, program) attach(fd, program, ARRAY_SIZE(program))

TEST(filters)
{
	/* Of ours those that are marked 7, and of these 20 bytes. */
	static const struct sock_filter marked[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, SKF_AD_OFF + SKF_AD_PROTOCOL),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, KIND, 0, 5),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, KIND, 0, 3),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, SKF_NET_OFF + 3),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 7, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 20),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	static const struct sock_filter endless[] = { BPF_STMT(BPF_LD | BPF_IMM, 0) };
	static const struct sock_filter unknown[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, SKF_AD_OFF + SKF_AD_MAX), BPF_STMT(BPF_RET | BPF_A, 0),
	};
	int fd = packet_socket(SOCK_RAW, ETH_P_ALL), index = device(fd), on = 1;
	struct sockaddr_ll from;
	uint8_t got[100];

	EXPECT_ERRNO(setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &on, sizeof(on)), ENOENT);
	EXPECT_ERRNO(ATTACH(fd, endless), EINVAL);
	EXPECT_ERRNO(ATTACH(fd, unknown), EINVAL);
	EXPECT_ERRNO(attach(fd, (void *)8, 1), EFAULT);
	EXPECT_ERRNO(attach(fd, marked, 0), EINVAL);
	EXPECT_ERRNO(setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, marked, 8), EINVAL);
	bind_to(fd, index, ETH_P_ALL);
	EXPECT_EQ(ATTACH(fd, marked), 0);
	while (recv(fd, got, sizeof(got), MSG_DONTWAIT) > 0)
		;
	send_frame(index, 6);
	send_frame(index, 7);
	EXPECT_EQ(next_frame(fd, got, sizeof(got), &from), 20);
	EXPECT_EQ(got[ETH_HLEN], 7);
	EXPECT_EQ(setsockopt(fd, SOL_SOCKET, SO_LOCK_FILTER, &on, sizeof(on)), 0);
	EXPECT_ERRNO(ATTACH(fd, marked), EPERM);
	EXPECT_ERRNO(setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &on, sizeof(on)), EPERM);
	on = 0;
	EXPECT_ERRNO(setsockopt(fd, SOL_SOCKET, SO_LOCK_FILTER, &on, sizeof(on)), EPERM);
}

TEST(a_filter_taken_off)
{
	static const struct sock_filter nothing[] = { BPF_STMT(BPF_RET | BPF_K, 0) };
	int fd = packet_socket(SOCK_DGRAM, ETH_P_ALL), index = device(fd), on = 1;
	struct sockaddr_ll from;
	uint8_t got[100];

	bind_to(fd, index, ETH_P_ALL);
	EXPECT_EQ(ATTACH(fd, nothing), 0);
	while (recv(fd, got, sizeof(got), MSG_DONTWAIT) > 0)
		;
	send_frame(index, 8);
	sleep_ms(200);
	EXPECT_ERRNO(recv(fd, got, sizeof(got), MSG_DONTWAIT), EAGAIN);
	EXPECT_EQ(setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &on, sizeof(on)), 0);
	send_frame(index, 9);
	EXPECT_EQ(next_frame(fd, got, sizeof(got), &from), 60 - ETH_HLEN);
	EXPECT_EQ(got[0], 9);
}

TEST(names)
{
	int fd = packet_socket(SOCK_RAW, 0), index;
	struct sockaddr_ll name;
	socklen_t len = sizeof(name);

	MUST(getsockname(fd, (void *)&name, &len));
	EXPECT_EQ(len, NO_ADDRESS);
	EXPECT_EQ(name.sll_ifindex, 0);
	EXPECT_ERRNO(getpeername(fd, (void *)&name, &len), EOPNOTSUPP);
	index = device(fd);
	bind_to(fd, index, KIND);
	len = sizeof(name);
	MUST(getsockname(fd, (void *)&name, &len));
	EXPECT_EQ(len, NO_ADDRESS + ETH_ALEN);
	EXPECT_EQ(name.sll_ifindex, index);
	EXPECT_EQ(name.sll_protocol, htons(KIND));
}

TEST(refusals)
{
	struct sockaddr_ll name = { .sll_family = AF_PACKET, .sll_ifindex = 9999 };
	struct packet_mreq mr = { .mr_ifindex = 9999, .mr_type = PACKET_MR_PROMISC };
	int fd = packet_socket(SOCK_RAW, 0);
	char frame[60] = { 0 };

	EXPECT_ERRNO(socket(AF_PACKET, SOCK_STREAM, 0), ESOCKTNOSUPPORT);
	EXPECT_ERRNO(bind(fd, (void *)&name, sizeof(name)), ENODEV);
	EXPECT_ERRNO(bind(fd, (void *)&name, NO_ADDRESS - 1), EINVAL);
	EXPECT_ERRNO(send(fd, frame, sizeof(frame), 0), ENXIO);
	EXPECT_ERRNO(sendto(fd, frame, sizeof(frame), 0, (void *)&name, sizeof(name)), ENXIO);
	name.sll_family = AF_INET;
	EXPECT_ERRNO(bind(fd, (void *)&name, sizeof(name)), EINVAL);
	EXPECT_ERRNO(setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &mr, sizeof(mr)), ENODEV);
	EXPECT_ERRNO(setsockopt(fd, SOL_PACKET, 9999, &mr, sizeof(mr)), ENOPROTOOPT);
	EXPECT_ERRNO(recv(fd, frame, sizeof(frame), MSG_DONTWAIT), EAGAIN);
}
