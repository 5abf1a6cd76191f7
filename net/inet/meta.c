/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What goes beside a datagram: from which address or with how many hops it is to be sent, and
 * what a receiver asked to be told (IP_PKTINFO and its siblings). See ip(7) and ipv6(7).
 */
#include <net/inet.h>

/* One control message of sendmsg. 0 or -EINVAL; unknown ones of other levels are passed by. */
static int read_one(const struct inet_sock *o, const struct cmsghdr *h, const void *data,
		    struct inet_meta *meta)
{
	size_t n = h->cmsg_len - CMSG_HDR;
	struct in_pktinfo info;
	struct in6_pktinfo info6;
	int value;

	if (h->cmsg_level == SOL_IP && h->cmsg_type == IP_PKTINFO) {
		if (n != sizeof(info))
			return -EINVAL;
		memcpy(&info, data, sizeof(info));
		if (info.ipi_spec_dst.s_addr)
			inet_from_v4(&meta->addr, info.ipi_spec_dst.s_addr);
		meta->ifindex = (u32)info.ipi_ifindex;
		return 0;
	}
	if (h->cmsg_level == SOL_IPV6 && h->cmsg_type == IPV6_PKTINFO && o->so.family == AF_INET6) {
		if (n < sizeof(info6))
			return -EINVAL;
		memcpy(&info6, data, sizeof(info6));
		if (!inet_is_any(&info6.ipi6_addr))
			meta->addr = info6.ipi6_addr;
		meta->ifindex = (u32)info6.ipi6_ifindex;
		return 0;
	}
	if (h->cmsg_level == SOL_IP && h->cmsg_type == IP_TOS && n == 1) {
		meta->tclass = *(const u8 *)data;
		return 0;
	}
	if (h->cmsg_level != SOL_IP && (h->cmsg_level != SOL_IPV6 || o->so.family != AF_INET6))
		return 0;
	if (n != sizeof(value))
		return -EINVAL;
	memcpy(&value, data, sizeof(value));
	if (h->cmsg_level == SOL_IP && h->cmsg_type == IP_TTL && value >= 1 && value <= 255)
		meta->hops = value;
	else if (h->cmsg_level == SOL_IP && h->cmsg_type == IP_TOS && value >= 0 && value <= 255)
		meta->tclass = value;
	else if (h->cmsg_level == SOL_IPV6 && h->cmsg_type == IPV6_HOPLIMIT && value >= -1 &&
		 value <= 255)
		meta->hops = value;
	else if (h->cmsg_level == SOL_IPV6 && h->cmsg_type == IPV6_TCLASS && value >= -1 &&
		 value <= 255)
		meta->tclass = value;
	else
		return -EINVAL;
	return 0;
}

int inet_send_meta(const struct inet_sock *o, const struct net_msg *msg, struct inet_meta *meta)
{
	size_t at = 0, len = msg->control_len;

	*meta = (struct inet_meta){ .hops = -1, .tclass = -1 };
	/* Lengths were checked by the socket layer. */
	while (len - at >= sizeof(struct cmsghdr)) {
		struct cmsghdr h;
		int err;

		memcpy(&h, msg->control + at, sizeof(h));
		err = read_one(o, &h, msg->control + at + CMSG_HDR, meta);
		if (err)
			return err;
		if (CMSG_ALIGN(h.cmsg_len) >= len - at)
			break;
		at += CMSG_ALIGN(h.cmsg_len);
	}
	return 0;
}

static void tell_v4(const struct inet_sock *o, struct net_msg *msg, const struct inet_meta *meta)
{
	struct in_pktinfo info = { .ipi_ifindex = (int)meta->ifindex };
	u8 tos = (u8)meta->tclass;

	info.ipi_addr.s_addr = info.ipi_spec_dst.s_addr = inet_v4(&meta->addr);
	if (inet_opt(o, IP_PKTINFO))
		net_put_cmsg(msg, SOL_IP, IP_PKTINFO, &info, sizeof(info));
	if (inet_opt(o, IP_RECVTTL))
		net_put_cmsg(msg, SOL_IP, IP_TTL, &meta->hops, sizeof(meta->hops));
	if (inet_opt(o, IP_RECVTOS))
		net_put_cmsg(msg, SOL_IP, IP_TOS, &tos, sizeof(tos));
}

void inet_recv_meta(const struct inet_sock *o, struct net_msg *msg, const struct inet_meta *meta)
{
	struct in6_pktinfo info = { .ipi6_addr = meta->addr, .ipi6_ifindex = (int)meta->ifindex };
	bool v4 = inet_is_v4(&meta->addr);

	if (o->so.family == AF_INET6 && inet_opt(o, IPV6_RECVPKTINFO))
		net_put_cmsg(msg, SOL_IPV6, IPV6_PKTINFO, &info, sizeof(info));
	if (v4) {
		tell_v4(o, msg, meta);
		return;
	}
	if (inet_opt(o, IPV6_RECVHOPLIMIT))
		net_put_cmsg(msg, SOL_IPV6, IPV6_HOPLIMIT, &meta->hops, sizeof(meta->hops));
	if (inet_opt(o, IPV6_RECVTCLASS))
		net_put_cmsg(msg, SOL_IPV6, IPV6_TCLASS, &meta->tclass, sizeof(meta->tclass));
}
