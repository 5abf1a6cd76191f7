/* SPDX-License-Identifier: BSD-2-Clause */
/* The loopback backend's configuration: lo, up for ever, with the addresses and routes of Linux's. */
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_arp.h>
#include <linux/rtnetlink.h>
#include <net/config.h>
#include "loopback.h"

#define LO_INDEX	1
#define LO_MTU		65536u
#define LO_FLAGS	(IFF_UP | IFF_LOOPBACK | IFF_RUNNING | IFF_LOWER_UP)

static const struct net_ip lo4 = { { 127, 0, 0, 1 } };
static const struct net_ip lo6 = { { [15] = 1 } };

static bool next_link(u32 *pos, struct net_link *l)
{
	u64 packets = lo_counts.udp_out + lo_counts.tcp_out, bytes;
	struct lo_sock *o;

	if (*pos)
		return false;
	lo_lock();
	bytes = lo_bytes;
	list_for_each_entry(o, &lo_all, in.all_node)
		bytes += o->sent;
	lo_unlock();
	++*pos;
	*l = (struct net_link){
		.index = LO_INDEX, .name = "lo", .type = ARPHRD_LOOPBACK, .flags = LO_FLAGS,
		.mtu = LO_MTU, .txqlen = 1000, .operstate = IF_OPER_UNKNOWN, .addr_len = ETH_ALEN,
		.stats = { .rx_packets = packets, .tx_packets = packets,
			   .rx_bytes = bytes, .tx_bytes = bytes },
	};
	return true;
}

static bool next_addr(u32 *pos, struct net_addr *a)
{
	static const struct { u8 family, len; const struct net_ip *ip; } all[] = {
		{ AF_INET, 8, &lo4 }, { AF_INET6, 128, &lo6 },
	};

	if (*pos >= ARRAY_SIZE(all))
		return false;
	*a = (struct net_addr){
		.ifindex = LO_INDEX, .family = all[*pos].family, .prefixlen = all[*pos].len,
		.scope = RT_SCOPE_HOST, .flags = IFA_F_PERMANENT, .local = *all[*pos].ip,
		.peer = *all[*pos].ip, .label = "lo", .valid = ~0u, .preferred = ~0u,
	};
	++*pos;
	return true;
}

static bool next_route(u32 *pos, struct net_route *r)
{
	static const struct net_route all[] = {
		{ .family = AF_INET, .dst_len = 8, .table = RT_TABLE_LOCAL, .type = RTN_LOCAL,
		  .scope = RT_SCOPE_HOST, .dst = { { 127 } } },
		{ .family = AF_INET, .dst_len = 32, .table = RT_TABLE_LOCAL, .type = RTN_LOCAL,
		  .scope = RT_SCOPE_HOST, .dst = { { 127, 0, 0, 1 } } },
		{ .family = AF_INET, .dst_len = 32, .table = RT_TABLE_LOCAL, .type = RTN_BROADCAST,
		  .scope = RT_SCOPE_LINK, .dst = { { 127, 255, 255, 255 } } },
		{ .family = AF_INET6, .dst_len = 128, .table = RT_TABLE_MAIN, .type = RTN_UNICAST,
		  .metric = 256, .dst = { { [15] = 1 } } },
		{ .family = AF_INET6, .dst_len = 128, .table = RT_TABLE_LOCAL, .type = RTN_LOCAL,
		  .dst = { { [15] = 1 } } },
	};

	if (*pos >= ARRAY_SIZE(all))
		return false;
	*r = all[(*pos)++];
	r->protocol = RTPROT_KERNEL;
	r->ifindex = LO_INDEX;
	if (r->family == AF_INET) {
		r->has_prefsrc = true;
		r->prefsrc = lo4;
	}
	return true;
}

static int get_route(u8 family, const struct net_ip *dst, int ifindex, struct net_route *out)
{
	bool local = family == AF_INET ? dst->bytes[0] == 127 : !memcmp(dst, &lo6, sizeof(lo6));

	if (!local || (ifindex && ifindex != LO_INDEX))
		return -ENETUNREACH;
	*out = (struct net_route){
		.family = family, .table = RT_TABLE_LOCAL, .type = RTN_LOCAL, .ifindex = LO_INDEX,
		.has_prefsrc = true, .prefsrc = family == AF_INET ? lo4 : lo6,
	};
	return 0;
}

static void mib(struct net_mib *out)
{
	struct inet_counts c = lo_counts;
	struct inet_sock *o;

	c.tcp_current = 0;
	lo_lock();
	list_for_each_entry(o, &lo_all, all_node)
		c.tcp_current += o->so.type == SOCK_STREAM &&
				 (o->so.state == INET_ESTABLISHED || o->so.state == INET_CLOSE_WAIT);
	lo_unlock();
	c.tcp_in = c.tcp_out;
	c.udp_in = c.udp_out - c.udp_noport - c.udp_drop;
	c.tcp_rsts = c.tcp_resets;
	c.ip_in = c.ip_out = c.udp_out + c.tcp_out;
	inet_fill_mib(&c, out);
}

/* It is up: to say so again is no change. */
static int set_flags(int ifindex, u32 flags, u32 change)
{
	if (ifindex != LO_INDEX)
		return -ENODEV;
	return change & IFF_UP && !(flags & IFF_UP) ? -EOPNOTSUPP : 0;
}

/* The two addresses stay. */
static int del_addr(const struct net_addr *addr)
{
	struct net_addr a;
	u32 pos = 0;

	while (next_addr(&pos, &a))
		if (addr->ifindex == LO_INDEX && a.family == addr->family &&
		    a.prefixlen == addr->prefixlen && !memcmp(&a.local, &addr->local, sizeof(a.local)))
			return -EOPNOTSUPP;
	return addr->ifindex == LO_INDEX ? -EADDRNOTAVAIL : -ENODEV;
}

const struct net_config_ops lo_config = {
	.next_link = next_link, .next_addr = next_addr, .next_route = next_route,
	.get_route = get_route, .mib = mib, .set_flags = set_flags,
	.del_addr = del_addr,
};
