/* SPDX-License-Identifier: BSD-2-Clause */
/* AF_NETLINK and rtnetlink: dumps, answers, errors, notifications, and messages of nonsense. */
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "helpers.h"

#define SEQ 0x1234u
#define BUF 16384

struct request {
	struct nlmsghdr h;
	union {
		struct ifinfomsg link;
		struct ifaddrmsg addr;
		struct rtmsg route;
		struct ndmsg neigh;
		struct rtgenmsg gen;
	};
	char attrs[256];
};

static int nl_socket(void)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	if (fd < 0 && (errno == EAFNOSUPPORT || errno == EPROTONOSUPPORT))
		SKIP("no netlink in this kernel");
	return MUST(fd);
}

static void start(struct request *r, int type, int flags, size_t body)
{
	memset(r, 0, sizeof(*r));
	r->h.nlmsg_len = NLMSG_LENGTH(body);
	r->h.nlmsg_type = type;
	r->h.nlmsg_flags = NLM_F_REQUEST | flags;
	r->h.nlmsg_seq = SEQ;
}

static void attr(struct request *r, int type, const void *data, size_t len)
{
	struct rtattr *a = (void *)((char *)r + NLMSG_ALIGN(r->h.nlmsg_len));

	a->rta_type = type;
	a->rta_len = RTA_LENGTH(len);
	memcpy(RTA_DATA(a), data, len);
	r->h.nlmsg_len = NLMSG_ALIGN(r->h.nlmsg_len) + RTA_ALIGN(a->rta_len);
}

static void send_request(int fd, const struct request *r)
{
	EXPECT_EQ(send(fd, r, r->h.nlmsg_len, 0), r->h.nlmsg_len);
}

/* The one message that answers a request. */
static struct nlmsghdr *answer(int fd, char *buf)
{
	ssize_t n = MUST(recv(fd, buf, BUF, 0));
	struct nlmsghdr *h = (void *)buf;

	EXPECT(NLMSG_OK(h, n));
	EXPECT_EQ(h->nlmsg_seq, SEQ);
	return h;
}

/* The error of an acknowledgement, positive; 0 success. */
static int verdict(int fd, const struct request *r)
{
	char buf[BUF];
	struct nlmsghdr *h;
	const struct nlmsgerr *e;

	send_request(fd, r);
	h = answer(fd, buf);
	EXPECT_EQ(h->nlmsg_type, NLMSG_ERROR);
	e = NLMSG_DATA(h);
	EXPECT_EQ(e->msg.nlmsg_seq, SEQ);
	EXPECT_EQ(e->msg.nlmsg_type, r->h.nlmsg_type);
	return -e->error;
}

/* Calls fn for each message of a dump; returns how many there were. */
static int dump(int fd, int type, int family, void (*fn)(struct nlmsghdr *h, void *arg), void *arg)
{
	struct sockaddr_nl me;
	socklen_t len = sizeof(me);
	struct request r;
	char buf[BUF];
	int count = 0;

	start(&r, type, NLM_F_DUMP, sizeof(r.gen) + 15);
	r.gen.rtgen_family = family;
	send_request(fd, &r);
	MUST(getsockname(fd, (void *)&me, &len));
	for (;;) {
		int n = MUST(recv(fd, buf, BUF, 0));

		EXPECT_GT(n, 0);
		for (struct nlmsghdr *h = (void *)buf; NLMSG_OK(h, n); h = NLMSG_NEXT(h, n)) {
			EXPECT_EQ(h->nlmsg_seq, SEQ);
			EXPECT_EQ(h->nlmsg_pid, me.nl_pid);
			EXPECT(h->nlmsg_flags & NLM_F_MULTI);
			if (h->nlmsg_type == NLMSG_DONE) {
				EXPECT_EQ(*(int *)NLMSG_DATA(h), 0);
				return count;
			}
			EXPECT_NE(h->nlmsg_type, NLMSG_ERROR);
			count++;
			if (fn)
				fn(h, arg);
		}
	}
}

static void link_up(int fd, const char *name)
{
	struct request r;

	start(&r, RTM_NEWLINK, NLM_F_ACK, sizeof(r.link));
	r.link.ifi_index = if_nametoindex(name);
	r.link.ifi_flags = r.link.ifi_change = IFF_UP;
	EXPECT_EQ(verdict(fd, &r), 0);
}

static const struct rtattr *find(const struct nlmsghdr *h, size_t body, int type)
{
	const struct rtattr *a = (const void *)((const char *)NLMSG_DATA(h) + NLMSG_ALIGN(body));
	int left = (int)h->nlmsg_len - (int)NLMSG_LENGTH(NLMSG_ALIGN(body));

	for (; RTA_OK(a, left); a = RTA_NEXT(a, left))
		if (a->rta_type == type)
			return a;
	return NULL;
}

/* ---- sockets ---- */

TEST(types_and_protocols)
{
	close(nl_socket());
	close(MUST(socket(AF_NETLINK, SOCK_DGRAM, NETLINK_ROUTE)));
	EXPECT_ERRNO(socket(AF_NETLINK, SOCK_STREAM, NETLINK_ROUTE), ESOCKTNOSUPPORT);
	EXPECT_ERRNO(socket(AF_NETLINK, SOCK_RAW, 31), EPROTONOSUPPORT);
}

TEST(numbers_of_sockets)
{
	struct sockaddr_nl a = { .nl_family = AF_NETLINK }, b = a;
	int one = nl_socket(), two = nl_socket();
	socklen_t len = sizeof(a);

	MUST(getsockname(one, (void *)&a, &len));
	EXPECT_EQ(len, sizeof(a));
	EXPECT_EQ(a.nl_pid, 0);
	a.nl_pid = 0;
	MUST(bind(one, (void *)&a, sizeof(a)));
	MUST(bind(two, (void *)&b, sizeof(b)));
	MUST(getsockname(one, (void *)&a, &len));
	MUST(getsockname(two, (void *)&b, &len));
	EXPECT_EQ(a.nl_pid, getpid());
	EXPECT_NE(b.nl_pid, a.nl_pid);
	EXPECT_NE(b.nl_pid, 0);
	b.nl_pid = a.nl_pid;
	EXPECT_ERRNO(bind(two, (void *)&b, sizeof(b)), EINVAL); /* bound already */
	EXPECT_ERRNO(bind(nl_socket(), (void *)&a, sizeof(a)), EADDRINUSE);
	EXPECT_ERRNO(bind(nl_socket(), (void *)&a, 4), EINVAL);
}

TEST(nothing_to_read)
{
	int fd = nl_socket();
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT };
	struct request r;
	char c[8];

	EXPECT_ERRNO(recv(fd, c, sizeof(c), MSG_DONTWAIT), EAGAIN);
	EXPECT_EQ(poll(&p, 1, 0), 1);
	EXPECT_EQ(p.revents, POLLOUT);
	start(&r, RTM_GETLINK, NLM_F_DUMP, sizeof(r.link));
	send_request(fd, &r);
	EXPECT_EQ(poll(&p, 1, 0), 1);
	EXPECT_EQ(p.revents, POLLIN | POLLOUT);
}

TEST(short_buffers)
{
	int fd = nl_socket();
	struct sockaddr_nl from;
	struct iovec iov;
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_name = &from,
			    .msg_namelen = sizeof(from) };
	struct request r;
	char buf[BUF];
	ssize_t whole;

	start(&r, RTM_GETLINK, 0, sizeof(r.link));
	r.link.ifi_index = 1;
	send_request(fd, &r);
	whole = MUST(recv(fd, buf, 4, MSG_PEEK | MSG_TRUNC));
	EXPECT_GT(whole, NLMSG_LENGTH(sizeof(struct ifinfomsg)));
	iov = (struct iovec){ buf, 20 };
	EXPECT_EQ(MUST(recvmsg(fd, &m, 0)), 20);
	EXPECT(m.msg_flags & MSG_TRUNC);
	EXPECT_EQ(m.msg_namelen, sizeof(from));
	EXPECT_EQ(from.nl_family, AF_NETLINK);
	EXPECT_EQ(from.nl_pid, 0); /* the kernel */
	EXPECT_ERRNO(recv(fd, buf, BUF, MSG_DONTWAIT), EAGAIN); /* the rest is lost */
}

/* ---- dumps ---- */

static void see_lo(struct nlmsghdr *h, void *arg)
{
	const struct ifinfomsg *l = NLMSG_DATA(h);
	const struct rtattr *name = find(h, sizeof(*l), IFLA_IFNAME);
	const struct rtattr *mtu = find(h, sizeof(*l), IFLA_MTU);

	EXPECT_EQ(h->nlmsg_type, RTM_NEWLINK);
	EXPECT(name && mtu && find(h, sizeof(*l), IFLA_STATS64) && find(h, sizeof(*l), IFLA_ADDRESS));
	if (strcmp(RTA_DATA(name), "lo") != 0)
		return;
	EXPECT_EQ(l->ifi_index, 1);
	EXPECT_EQ(l->ifi_type, 772); /* ARPHRD_LOOPBACK */
	EXPECT(l->ifi_flags & IFF_UP && l->ifi_flags & IFF_LOOPBACK);
	EXPECT_EQ(*(unsigned *)RTA_DATA(mtu), 65536);
	++*(int *)arg;
}

static void see_addr(struct nlmsghdr *h, void *arg)
{
	const struct ifaddrmsg *a = NLMSG_DATA(h);
	const struct rtattr *ip = find(h, sizeof(*a), IFA_ADDRESS);
	static const unsigned char lo4[4] = { 127, 0, 0, 1 };

	EXPECT_EQ(h->nlmsg_type, RTM_NEWADDR);
	EXPECT(ip && find(h, sizeof(*a), IFA_CACHEINFO));
	if (a->ifa_index != 1 || memcmp(RTA_DATA(ip), lo4, 4) != 0)
		return;
	EXPECT_EQ(a->ifa_family, AF_INET);
	EXPECT_EQ(a->ifa_prefixlen, 8);
	EXPECT_EQ(a->ifa_scope, RT_SCOPE_HOST);
	EXPECT(find(h, sizeof(*a), IFA_LOCAL));
	EXPECT_STREQ(RTA_DATA(find(h, sizeof(*a), IFA_LABEL)), "lo");
	++*(int *)arg;
}

static void see_local(struct nlmsghdr *h, void *arg)
{
	const struct rtmsg *r = NLMSG_DATA(h);
	const struct rtattr *oif = find(h, sizeof(*r), RTA_OIF);

	EXPECT_EQ(h->nlmsg_type, RTM_NEWROUTE);
	EXPECT(find(h, sizeof(*r), RTA_TABLE));
	if (r->rtm_family == AF_INET && r->rtm_table == RT_TABLE_LOCAL && r->rtm_type == RTN_LOCAL &&
	    r->rtm_dst_len == 8 && oif && *(int *)RTA_DATA(oif) == 1)
		++*(int *)arg;
}

TEST(dumps)
{
	int fd = nl_socket(), lo = 0, addr = 0, local = 0, all, v4, v6;

	need_root();
	link_up(fd, "lo");
	EXPECT_GE(dump(fd, RTM_GETLINK, AF_UNSPEC, see_lo, &lo), 1);
	EXPECT_EQ(lo, 1);
	all = dump(fd, RTM_GETADDR, AF_UNSPEC, see_addr, &addr);
	EXPECT_EQ(addr, 1);
	v4 = dump(fd, RTM_GETADDR, AF_INET, see_addr, &addr);
	v6 = dump(fd, RTM_GETADDR, AF_INET6, NULL, NULL);
	EXPECT_EQ(all, v4 + v6);
	dump(fd, RTM_GETROUTE, AF_INET, see_local, &local);
	EXPECT_EQ(local, 1);
	dump(fd, RTM_GETNEIGH, AF_UNSPEC, NULL, NULL);
}

TEST(getifaddrs_finds_lo)
{
	struct ifaddrs *list, *p;
	int fd = nl_socket(), v4 = 0, v6 = 0, link = 0;

	need_root();
	link_up(fd, "lo");
	MUST(getifaddrs(&list));
	for (p = list; p; p = p->ifa_next) {
		if (strcmp(p->ifa_name, "lo") != 0 || !p->ifa_addr)
			continue;
		EXPECT(p->ifa_flags & IFF_LOOPBACK);
		link += p->ifa_addr->sa_family == AF_PACKET;
		v4 += p->ifa_addr->sa_family == AF_INET;
		v6 += p->ifa_addr->sa_family == AF_INET6;
	}
	EXPECT_EQ(link, 1);
	EXPECT_EQ(v4, 1);
	EXPECT_LE(v6, 1);
	freeifaddrs(list);
}

/* ---- single answers and errors ---- */

TEST(one_link)
{
	int fd = nl_socket();
	struct nlmsghdr *h;
	struct request r;
	char buf[BUF];

	start(&r, RTM_GETLINK, 0, sizeof(r.link));
	attr(&r, IFLA_IFNAME, "lo", 3);
	send_request(fd, &r);
	h = answer(fd, buf);
	EXPECT_EQ(h->nlmsg_type, RTM_NEWLINK);
	EXPECT(!(h->nlmsg_flags & NLM_F_MULTI));
	EXPECT_EQ(((struct ifinfomsg *)NLMSG_DATA(h))->ifi_index, 1);
	start(&r, RTM_GETLINK, 0, sizeof(r.link));
	r.link.ifi_index = 4711;
	EXPECT_EQ(verdict(fd, &r), ENODEV);
	start(&r, RTM_GETLINK, 0, sizeof(r.link));
	EXPECT_EQ(verdict(fd, &r), EINVAL);
}

/* A name is all of it, with a zero behind it or not. */
TEST(names_of_links)
{
	static const struct {
		const char *name;
		size_t len;
		int error;
	} names[] = {
		{ "lo", 2, 0 },		{ "lo", 3, 0 },	      { "l", 1, ENODEV }, { "l", 2, ENODEV },
		{ "lox", 3, ENODEV },	{ "lox", 4, ENODEV }, { "", 1, ENODEV },  { "", 0, ERANGE },
		{ "sixteen_letters_", 16, ERANGE },
	};
	int fd = nl_socket();
	struct nlmsghdr *h;
	struct request r;
	char buf[BUF];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		start(&r, RTM_GETLINK, 0, sizeof(r.link));
		attr(&r, IFLA_IFNAME, names[i].name, names[i].len);
		send_request(fd, &r);
		h = answer(fd, buf);
		EXPECT_EQ(h->nlmsg_type, names[i].error ? NLMSG_ERROR : RTM_NEWLINK);
		if (names[i].error)
			EXPECT_EQ(-((struct nlmsgerr *)NLMSG_DATA(h))->error, names[i].error);
	}
	need_root();
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		start(&r, RTM_SETLINK, NLM_F_ACK, sizeof(r.link));
		attr(&r, IFLA_IFNAME, names[i].name, names[i].len);
		EXPECT_EQ(verdict(fd, &r), names[i].error);
	}
}

TEST(one_route)
{
	static const unsigned char somewhere[4] = { 127, 1, 2, 3 };
	int fd = nl_socket();
	const struct rtmsg *rtm;
	struct nlmsghdr *h;
	struct request r;
	char buf[BUF];

	need_root();
	link_up(fd, "lo");
	start(&r, RTM_GETROUTE, 0, sizeof(r.route));
	r.route.rtm_family = AF_INET;
	r.route.rtm_dst_len = 32;
	attr(&r, RTA_DST, somewhere, 4);
	send_request(fd, &r);
	h = answer(fd, buf);
	EXPECT_EQ(h->nlmsg_type, RTM_NEWROUTE);
	rtm = NLMSG_DATA(h);
	EXPECT_EQ(rtm->rtm_type, RTN_LOCAL);
	EXPECT_EQ(rtm->rtm_dst_len, 32);
	EXPECT_MEMEQ(RTA_DATA(find(h, sizeof(*rtm), RTA_DST)), somewhere, 4);
	EXPECT_EQ(*(int *)RTA_DATA(find(h, sizeof(*rtm), RTA_OIF)), 1);
}

TEST(refusals)
{
	static const unsigned char other[4] = { 192, 0, 2, 1 };
	int fd = nl_socket();
	struct request r;

	need_root();
	link_up(fd, "lo");
	start(&r, RTM_NEWLINK, NLM_F_ACK, sizeof(r.link));
	r.link.ifi_index = 4711;
	EXPECT_EQ(verdict(fd, &r), ENODEV);
	start(&r, RTM_DELLINK, NLM_F_ACK, sizeof(r.link));
	r.link.ifi_index = 1;
	EXPECT_EQ(verdict(fd, &r), EOPNOTSUPP);
	start(&r, RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE, sizeof(r.addr));
	r.addr.ifa_family = AF_INET;
	r.addr.ifa_index = 1;
	r.addr.ifa_prefixlen = 24;
	EXPECT_EQ(verdict(fd, &r), EINVAL); /* which? */
	attr(&r, IFA_LOCAL, other, 4);
	r.addr.ifa_prefixlen = 33;
	EXPECT_EQ(verdict(fd, &r), EINVAL);
	r.addr.ifa_prefixlen = 24;
	r.h.nlmsg_type = RTM_DELADDR;
	EXPECT_EQ(verdict(fd, &r), EADDRNOTAVAIL);
	start(&r, RTM_MAX + 3, NLM_F_ACK, sizeof(r.link));
	EXPECT_EQ(verdict(fd, &r), EOPNOTSUPP);
	start(&r, RTM_NEWROUTE, NLM_F_ACK | NLM_F_CREATE, sizeof(r.route));
	r.route.rtm_family = AF_INET;
	r.route.rtm_table = RT_TABLE_MAIN;
	r.route.rtm_type = RTN_UNICAST;
	r.route.rtm_dst_len = 33;
	EXPECT_EQ(verdict(fd, &r), EINVAL);
}

/* The words of an acknowledgement, or "". */
static const char *words(int fd, const struct request *r, char *buf)
{
	struct nlmsghdr *h;
	const struct rtattr *a;

	send_request(fd, r);
	h = answer(fd, buf);
	EXPECT_EQ(h->nlmsg_type, NLMSG_ERROR);
	EXPECT_NE(((struct nlmsgerr *)NLMSG_DATA(h))->error, 0);
	if (!(h->nlmsg_flags & NLM_F_ACK_TLVS))
		return "";
	/* The body of the request comes first, unless it was left out. */
	a = find(h, sizeof(struct nlmsgerr) + (h->nlmsg_flags & NLM_F_CAPPED ? 0 : r->h.nlmsg_len - NLMSG_HDRLEN),
		 NLMSGERR_ATTR_MSG);
	EXPECT(a);
	return RTA_DATA(a);
}

TEST(words_about_errors)
{
	static const char why[] = "Invalid prefix for given prefix length";
	static const unsigned char odd[4] = { 192, 0, 2, 1 };
	int fd = nl_socket(), on = 1, got = 0;
	socklen_t len = sizeof(got);
	struct request r;
	char buf[BUF];

	need_root();
	link_up(fd, "lo");
	start(&r, RTM_NEWROUTE, NLM_F_ACK | NLM_F_CREATE, sizeof(r.route));
	r.route.rtm_family = AF_INET;
	r.route.rtm_table = RT_TABLE_MAIN;
	r.route.rtm_type = RTN_UNICAST;
	r.route.rtm_dst_len = 24;
	attr(&r, RTA_DST, odd, 4);
	EXPECT_STREQ(words(fd, &r, buf), "");
	MUST(setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on)));
	MUST(getsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &got, &len));
	EXPECT_EQ(got, 1);
	EXPECT_STREQ(words(fd, &r, buf), why);
	MUST(setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on)));
	EXPECT_STREQ(words(fd, &r, buf), why);
	/* An error that there are none about, and one by the way it is asked whether links change. */
	start(&r, RTM_NEWLINK, NLM_F_ACK, sizeof(r.link));
	r.link.ifi_index = 4711;
	EXPECT_STREQ(words(fd, &r, buf), "");
	r.link.ifi_index = 0;
	EXPECT_EQ(verdict(fd, &r), ENODEV);
}

TEST(changes_are_an_administrators)
{
	need_root();
	close(nl_socket());	/* skipped where there is none; a child cannot skip */
	EXPECT_EXIT(IN_CHILD({
		struct request r;
		int fd = nl_socket();

		MUST(setuid(1000));
		start(&r, RTM_NEWLINK, NLM_F_ACK, sizeof(r.link));
		r.link.ifi_index = 1;
		r.link.ifi_flags = r.link.ifi_change = IFF_UP;
		EXPECT_EQ(verdict(fd, &r), EPERM);
		EXPECT_GE(dump(fd, RTM_GETLINK, AF_UNSPEC, NULL, NULL), 1);
	}), 0);
}

/* One send may carry many requests; each is answered, in order. */
TEST(several_at_once)
{
	int fd = nl_socket();
	struct request one;
	char out[4096], buf[BUF];
	size_t len = 0;

	for (int i = 0; i < 10; i++) {
		start(&one, RTM_GETLINK, 0, sizeof(one.link));
		one.link.ifi_index = i % 2 ? 1 : 4711;
		memcpy(out + len, &one, one.h.nlmsg_len);
		len += one.h.nlmsg_len;
	}
	EXPECT_EQ(send(fd, out, len, 0), len);
	for (int i = 0; i < 10; i++)
		EXPECT_EQ(answer(fd, buf)->nlmsg_type, i % 2 ? RTM_NEWLINK : NLMSG_ERROR);
	EXPECT_ERRNO(recv(fd, buf, BUF, MSG_DONTWAIT), EAGAIN);
}

TEST(groups)
{
	int fd = nl_socket(), group = RTNLGRP_LINK, bad = 1000;
	struct sockaddr_nl a = { .nl_family = AF_NETLINK, .nl_groups = RTMGRP_IPV4_IFADDR };
	socklen_t len = sizeof(a);

	MUST(bind(fd, (void *)&a, sizeof(a)));
	MUST(setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)));
	EXPECT_ERRNO(setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &bad, sizeof(bad)), EINVAL);
	MUST(getsockname(fd, (void *)&a, &len));
	EXPECT_EQ(a.nl_groups, RTMGRP_IPV4_IFADDR | RTMGRP_LINK);
	MUST(setsockopt(fd, SOL_NETLINK, NETLINK_DROP_MEMBERSHIP, &group, sizeof(group)));
	MUST(getsockname(fd, (void *)&a, &len));
	EXPECT_EQ(a.nl_groups, RTMGRP_IPV4_IFADDR);
}

/* Whatever comes, nothing breaks and the socket serves the next request. */
TEST(nonsense)
{
	int fd = nl_socket(), lo = 0;
	char buf[BUF];

	need_root();
	srand(1);
	for (int i = 0; i < 20000; i++) {
		struct request r;
		struct nlmsghdr *h = &r.h;
		size_t len = (size_t)rand() % sizeof(r);

		for (size_t n = 0; n < sizeof(r); n++)
			((char *)&r)[n] = rand() % 5 ? 0 : (char)rand();
		h->nlmsg_len = rand() % 4 ? len : (unsigned)rand();
		h->nlmsg_type = RTM_BASE + rand() % 40;
		if ((h->nlmsg_type & 3) < 2)	/* nothing is really set or deleted */
			h->nlmsg_type |= 2;
		h->nlmsg_flags |= NLM_F_REQUEST;
		send(fd, &r, len, 0);
		while (recv(fd, buf, BUF, MSG_DONTWAIT) >= 0 || errno == ENOBUFS)
			;
	}
	link_up(fd, "lo");
	dump(fd, RTM_GETLINK, AF_UNSPEC, see_lo, &lo);
	EXPECT_EQ(lo, 1);
}

/* Changes of nonsense, to links, addresses and neighbours that do not exist. */
TEST(nonsense_changes)
{
	int fd = nl_socket(), lo = 0;
	char buf[BUF];

	need_root();
	srand(2);
	for (int i = 0; i < 20000; i++) {
		struct request r;
		size_t len = NLMSG_HDRLEN + (size_t)rand() % (sizeof(r) - NLMSG_HDRLEN);

		for (size_t n = 0; n < sizeof(r); n++)
			((char *)&r)[n] = rand() % 5 ? 0 : (char)rand();
		r.h.nlmsg_len = len;
		r.h.nlmsg_type = (unsigned short[]){ RTM_NEWLINK, RTM_DELADDR, RTM_NEWADDR, RTM_NEWNEIGH,
						     RTM_DELNEIGH, RTM_DELLINK }[rand() % 6];
		r.h.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
		r.link.ifi_index = 4000 + rand() % 100;	/* the same place in all four */
		send(fd, &r, len, 0);
		while (recv(fd, buf, BUF, MSG_DONTWAIT) >= 0 || errno == ENOBUFS)
			;
	}
	link_up(fd, "lo");
	dump(fd, RTM_GETLINK, AF_UNSPEC, see_lo, &lo);
	EXPECT_EQ(lo, 1);
}

/* Answers that nobody reads are bounded by the socket's buffer, and the loss is told. */
TEST(unread_answers)
{
	int fd = nl_socket(), small = 4096;
	struct request r;
	char buf[BUF];
	int got = 0;

	MUST(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)));
	start(&r, RTM_GETLINK, 0, sizeof(r.link));
	r.link.ifi_index = 1;
	for (int i = 0; i < 200; i++)
		send(fd, &r, r.h.nlmsg_len, 0);
	EXPECT_ERRNO(recv(fd, buf, BUF, MSG_DONTWAIT), ENOBUFS);
	while (recv(fd, buf, BUF, MSG_DONTWAIT) > 0)
		got++;
	EXPECT_GE(got, 1);
	EXPECT_LT(got, 100);
	send_request(fd, &r);
	EXPECT_EQ(answer(fd, buf)->nlmsg_type, RTM_NEWLINK);
}
