/* SPDX-License-Identifier: BSD-2-Clause */
/* rtnetlink(7): links, addresses, routes and neighbours as messages. */
#include <kernel/time.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/if_arp.h>
#include <linux/neighbour.h>
#include "netlink.h"

#define CENTI(ns)	((u32)((ns) / (NSEC_PER_SEC / 100)))	/* units of IFA_CACHEINFO */
#define USER_HZ		100u

static u32 ip_len(u8 family)
{
	return family == AF_INET ? 4 : 16;
}

static void put_ip(struct nl_out *o, u16 type, u8 family, const struct net_ip *ip)
{
	nl_put(o, type, ip->bytes, ip_len(family));
}

/* The first 24 fields are the same in both, in 64 and in 32 bits. */
static void put_stats(struct nl_out *o, const struct netdev_stats *s)
{
	struct rtnl_link_stats64 wide = {
		.rx_packets = s->rx_packets, .tx_packets = s->tx_packets,
		.rx_bytes = s->rx_bytes, .tx_bytes = s->tx_bytes,
		.rx_errors = s->rx_errors, .tx_errors = s->tx_errors,
		.rx_dropped = s->rx_dropped, .tx_dropped = s->tx_dropped,
		.multicast = s->multicast, .rx_length_errors = s->rx_length_errors,
		.rx_crc_errors = s->rx_crc_errors,
	};
	struct rtnl_link_stats narrow;
	const u64 *from = (const u64 *)&wide;
	u32 *to = (u32 *)&narrow;

	for (size_t i = 0; i < sizeof(narrow) / sizeof(*to); i++)
		to[i] = (u32)from[i];
	nl_put(o, IFLA_STATS64, &wide, sizeof(wide));
	nl_put(o, IFLA_STATS, &narrow, sizeof(narrow));
}

bool rtnl_fill_link(struct nl_out *o, const struct net_link *l, u16 type, u16 flags, u32 seq, u32 pid)
{
	struct rtnl_link_ifmap map = { 0 };
	u32 start = o->len;
	struct ifinfomsg *ifi = nl_begin(o, type, flags, seq, pid, sizeof(*ifi));

	if (!ifi)
		return nl_end(o, start);
	ifi->ifi_type = l->type;
	ifi->ifi_index = l->index;
	ifi->ifi_flags = l->flags;
	nl_put_str(o, IFLA_IFNAME, l->name);
	nl_put_u32(o, IFLA_TXQLEN, l->txqlen);
	nl_put_u8(o, IFLA_OPERSTATE, l->operstate);
	nl_put_u8(o, IFLA_LINKMODE, 0);
	nl_put_u32(o, IFLA_MTU, l->mtu);
	nl_put_u32(o, IFLA_MIN_MTU, l->min_mtu);
	nl_put_u32(o, IFLA_MAX_MTU, l->max_mtu);
	nl_put_u32(o, IFLA_GROUP, 0);
	nl_put_u32(o, IFLA_PROMISCUITY, l->promiscuity);
	nl_put_u32(o, IFLA_NUM_TX_QUEUES, 1);
	nl_put_u32(o, IFLA_NUM_RX_QUEUES, 1);
	nl_put_u8(o, IFLA_CARRIER, (l->flags & IFF_LOWER_UP) != 0);
	nl_put_str(o, IFLA_QDISC, "noqueue");
	nl_put(o, IFLA_MAP, &map, sizeof(map));
	if (l->addr_len) {
		nl_put(o, IFLA_ADDRESS, l->addr, l->addr_len);
		nl_put(o, IFLA_BROADCAST, l->broadcast, l->addr_len);
	}
	put_stats(o, &l->stats);
	return nl_end(o, start);
}

bool rtnl_fill_addr(struct nl_out *o, const struct net_addr *a, u16 type, u16 flags, u32 seq, u32 pid)
{
	static const struct net_ip none;
	struct ifa_cacheinfo ci = { a->preferred, a->valid, CENTI(a->created), CENTI(a->updated) };
	bool v4 = a->family == AF_INET, peer = memcmp(&a->local, &a->peer, sizeof(a->peer)) != 0;
	u32 start = o->len;
	struct ifaddrmsg *ifa = nl_begin(o, type, flags, seq, pid, sizeof(*ifa));

	if (!ifa)
		return nl_end(o, start);
	ifa->ifa_family = a->family;
	ifa->ifa_prefixlen = a->prefixlen;
	ifa->ifa_flags = (u8)a->flags;
	ifa->ifa_scope = a->scope;
	ifa->ifa_index = (u32)a->ifindex;
	put_ip(o, IFA_ADDRESS, a->family, &a->peer);
	if (v4 || peer)
		put_ip(o, IFA_LOCAL, a->family, &a->local);
	if (v4) {
		if (memcmp(&a->broadcast, &none, sizeof(none)) != 0)
			put_ip(o, IFA_BROADCAST, a->family, &a->broadcast);
		nl_put_str(o, IFA_LABEL, a->label);
	}
	nl_put_u32(o, IFA_FLAGS, a->flags);
	nl_put(o, IFA_CACHEINFO, &ci, sizeof(ci));
	return nl_end(o, start);
}

bool rtnl_fill_route(struct nl_out *o, const struct net_route *r, u16 type, u16 flags, u32 seq,
		     u32 pid)
{
	u32 start = o->len;
	struct rtmsg *rtm = nl_begin(o, type, flags, seq, pid, sizeof(*rtm));

	if (!rtm)
		return nl_end(o, start);
	rtm->rtm_family = r->family;
	rtm->rtm_dst_len = r->dst_len;
	rtm->rtm_table = r->table;
	rtm->rtm_protocol = r->protocol;
	rtm->rtm_scope = r->scope;
	rtm->rtm_type = r->type;
	rtm->rtm_flags = r->flags;
	nl_put_u32(o, RTA_TABLE, r->table);
	if (r->dst_len)
		put_ip(o, RTA_DST, r->family, &r->dst);
	if (r->metric || r->family == AF_INET6)
		nl_put_u32(o, RTA_PRIORITY, r->metric);
	if (r->mtu) {
		struct { struct nlattr head; u32 mtu; } metrics = {
			{ sizeof(metrics), RTAX_MTU }, r->mtu };

		nl_put(o, RTA_METRICS, &metrics, sizeof(metrics));
	}
	if (r->has_prefsrc)
		put_ip(o, RTA_PREFSRC, r->family, &r->prefsrc);
	if (r->has_gateway)
		put_ip(o, RTA_GATEWAY, r->family, &r->gateway);
	if (r->ifindex)
		nl_put_u32(o, RTA_OIF, (u32)r->ifindex);
	if (r->family == AF_INET6) {
		struct rta_cacheinfo ci = { 0 };

		nl_put(o, RTA_CACHEINFO, &ci, sizeof(ci));
		nl_put_u8(o, RTA_PREF, 0);	/* ICMPV6_ROUTER_PREF_MEDIUM */
	}
	return nl_end(o, start);
}

bool rtnl_fill_neigh(struct nl_out *o, const struct net_neigh *n, u16 type, u16 flags, u32 seq,
		     u32 pid)
{
	struct nda_cacheinfo ci = { n->confirmed * USER_HZ, n->used * USER_HZ, n->updated * USER_HZ, 0 };
	u32 start = o->len;
	struct ndmsg *ndm = nl_begin(o, type, flags, seq, pid, sizeof(*ndm));

	if (!ndm)
		return nl_end(o, start);
	ndm->ndm_family = n->family;
	ndm->ndm_ifindex = n->ifindex;
	ndm->ndm_state = n->state;
	ndm->ndm_flags = n->flags;
	ndm->ndm_type = n->type;
	put_ip(o, NDA_DST, n->family, &n->dst);
	if (!(n->state & (NUD_INCOMPLETE | NUD_FAILED)))
		nl_put(o, NDA_LLADDR, n->lladdr, ETH_ALEN);
	nl_put_u32(o, NDA_PROBES, n->probes);
	nl_put(o, NDA_CACHEINFO, &ci, sizeof(ci));
	return nl_end(o, start);
}
