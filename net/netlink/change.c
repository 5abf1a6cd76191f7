/* SPDX-License-Identifier: BSD-2-Clause */
/* rtnetlink(7): requests that change links, addresses, routes and neighbours. */
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include "netlink.h"

/* Runs an op, or says that the backend has none. */
#define CALL(op, ...) ((op) ? (op)(__VA_ARGS__) : -EOPNOTSUPP)

static bool prefix_fits(u8 family, u8 len)
{
	return len <= (family == AF_INET ? 32 : 128);
}

/* ---- links ---- */

/* Attributes that would change what no device here can. */
static int refuse_link(const struct nlattr **tb, const struct net_link *l)
{
	static const u8 never[] = { IFLA_BROADCAST, IFLA_LINK, IFLA_MASTER, IFLA_MAP, IFLA_NET_NS_PID,
				    IFLA_NET_NS_FD, IFLA_LINKINFO, IFLA_IFALIAS, IFLA_XDP };
	char name[IFNAMSIZ];
	u32 number = l->txqlen;

	for (size_t i = 0; i < ARRAY_SIZE(never); i++)
		if (tb[never[i]])
			return -EOPNOTSUPP;
	if (!nl_get_name(tb[IFLA_IFNAME], name) && name[0] && strcmp(name, l->name))
		return -EOPNOTSUPP;	/* renaming */
	if (nl_get_u32(tb[IFLA_TXQLEN], &number))
		return -EINVAL;
	return number == l->txqlen ? 0 : -EOPNOTSUPP;
}

static int new_link(const struct nl_request *rq, const struct net_config_ops *ops)
{
	const struct ifinfomsg *ifi = rq->body;
	const struct nlattr *tb[IFLA_XDP + 1];
	struct net_link l;
	u32 mtu, change;
	int err;

	if (rq->len < sizeof(*ifi))
		return -EINVAL;
	nl_parse(ifi + 1, rq->len - (u32)sizeof(*ifi), tb, IFLA_XDP);
	err = rtnl_find_link(ops, ifi, tb[IFLA_IFNAME], &l);
	/* A new link needs no name; programs look at this answer to see whether links can be changed. */
	if (err == -EINVAL && !ifi->ifi_index && rq->hdr->nlmsg_type == RTM_NEWLINK)
		err = -ENODEV;
	if (err == -ENODEV && rq->hdr->nlmsg_flags & NLM_F_CREATE)
		return net_config_say(-EOPNOTSUPP, "Unknown device type");
	if (!err)
		err = refuse_link(tb, &l);
	mtu = l.mtu;
	if (!err)
		err = nl_get_u32(tb[IFLA_MTU], &mtu);
	if (!err && tb[IFLA_ADDRESS])
		err = nl_len(tb[IFLA_ADDRESS]) < ETH_ALEN ? -EINVAL :
		      CALL(ops->set_mac, l.index, nl_data(tb[IFLA_ADDRESS]));
	if (!err && tb[IFLA_MTU] && mtu != l.mtu)
		err = CALL(ops->set_mtu, l.index, mtu);
	if (err)
		return err;
	/* Old programs say which flags they want and not which they change. */
	change = ifi->ifi_change ? ifi->ifi_change : ifi->ifi_flags ? ~0u : 0;
	return change ? CALL(ops->set_flags, l.index, ifi->ifi_flags, change) : 0;
}

static int del_link(const struct nl_request *rq, const struct net_config_ops *ops)
{
	const struct ifinfomsg *ifi = rq->body;
	const struct nlattr *tb[IFLA_IFNAME + 1];
	struct net_link l;
	int err;

	if (rq->len < sizeof(*ifi))
		return -EINVAL;
	nl_parse(ifi + 1, rq->len - (u32)sizeof(*ifi), tb, IFLA_IFNAME);
	err = rtnl_find_link(ops, ifi, tb[IFLA_IFNAME], &l);
	return err ? err : -EOPNOTSUPP;
}

/* ---- addresses ---- */

/* IPv4 names its own address IFA_LOCAL; IPv6 calls it IFA_ADDRESS when there is no peer. */
static int read_addr(const struct nl_request *rq, struct net_addr *a)
{
	const struct ifaddrmsg *ifa = rq->body;
	const struct nlattr *tb[IFA_FLAGS + 1];
	struct ifa_cacheinfo ci;
	bool local, peer, have;
	int err;

	if (rq->len < sizeof(*ifa))
		return -EINVAL;
	if (ifa->ifa_family != AF_INET && ifa->ifa_family != AF_INET6)
		return -EOPNOTSUPP;
	if (!prefix_fits(ifa->ifa_family, ifa->ifa_prefixlen))
		return -EINVAL;
	nl_parse(ifa + 1, rq->len - (u32)sizeof(*ifa), tb, IFA_FLAGS);
	*a = (struct net_addr){
		.ifindex = (int)ifa->ifa_index, .family = ifa->ifa_family,
		.prefixlen = ifa->ifa_prefixlen, .scope = ifa->ifa_scope, .flags = ifa->ifa_flags,
		.valid = ~0u, .preferred = ~0u,
	};
	err = nl_get_ip(tb[IFA_LOCAL], a->family, &a->local, &local);
	if (!err)
		err = nl_get_ip(tb[IFA_ADDRESS], a->family, &a->peer, &peer);
	if (!err)
		err = nl_get_ip(tb[IFA_BROADCAST], a->family, &a->broadcast, &have);
	if (!err)
		err = nl_get_u32(tb[IFA_FLAGS], &a->flags);
	if (err)
		return err;
	if (!local && !peer)
		return -EINVAL;
	if (!local)
		a->local = a->peer;
	if (!peer)
		a->peer = a->local;
	if (tb[IFA_LABEL])
		memcpy(a->label, nl_data(tb[IFA_LABEL]),
		       min_t(size_t, nl_len(tb[IFA_LABEL]), sizeof(a->label) - 1));
	if (tb[IFA_CACHEINFO]) {
		if (nl_len(tb[IFA_CACHEINFO]) < sizeof(ci))
			return -EINVAL;
		memcpy(&ci, nl_data(tb[IFA_CACHEINFO]), sizeof(ci));
		a->valid = ci.ifa_valid;
		a->preferred = ci.ifa_prefered;
	}
	return 0;
}

static int new_addr(const struct nl_request *rq, const struct net_config_ops *ops)
{
	struct net_addr a;
	int err = read_addr(rq, &a);

	if (err)
		return err;
	if (!a.valid || a.preferred > a.valid)
		return -EINVAL;
	return CALL(ops->add_addr, &a, (rq->hdr->nlmsg_flags & (NLM_F_REPLACE | NLM_F_EXCL)) ==
				       NLM_F_REPLACE);
}

static int del_addr(const struct nl_request *rq, const struct net_config_ops *ops)
{
	struct net_addr a;
	int err = read_addr(rq, &a);

	return err ? err : CALL(ops->del_addr, &a);
}

/* ---- routes ---- */

/* No bit of the destination is beyond its prefix. */
static bool is_prefix(const struct net_route *r)
{
	for (unsigned bit = r->dst_len; bit < sizeof(r->dst) * 8; bit++)
		if (r->dst.bytes[bit / 8] & (0x80 >> bit % 8))
			return false;
	return true;
}

static int read_metrics(const struct nlattr *metrics, struct net_route *r)
{
	const struct nlattr *tb[RTAX_MTU + 1];

	if (!metrics)
		return 0;
	nl_parse(nl_data(metrics), nl_len(metrics), tb, RTAX_MTU);
	return nl_get_u32(tb[RTAX_MTU], &r->mtu);
}

static int read_route(const struct nl_request *rq, struct net_route *r)
{
	static const u8 never[] = { RTA_MULTIPATH, RTA_VIA, RTA_ENCAP, RTA_NH_ID, RTA_IIF, RTA_SRC };
	const struct rtmsg *rtm = rq->body;
	const struct nlattr *tb[RTA_NH_ID + 1];
	bool have, gateway, prefsrc;
	u32 oif = 0, table;
	int err;

	if (rq->len < sizeof(*rtm))
		return -EINVAL;
	if (rtm->rtm_family != AF_INET && rtm->rtm_family != AF_INET6)
		return -EOPNOTSUPP;
	nl_parse(rtm + 1, rq->len - (u32)sizeof(*rtm), tb, RTA_NH_ID);
	for (size_t i = 0; i < ARRAY_SIZE(never); i++)
		if (tb[never[i]])
			return -EOPNOTSUPP;
	*r = (struct net_route){
		.family = rtm->rtm_family, .dst_len = rtm->rtm_dst_len,
		.protocol = rtm->rtm_protocol, .scope = rtm->rtm_scope, .type = rtm->rtm_type,
		.flags = rtm->rtm_flags,
	};
	table = rtm->rtm_table ? rtm->rtm_table : RT_TABLE_MAIN;
	err = nl_get_u32(tb[RTA_TABLE], &table);
	if (!err)
		err = nl_get_u32(tb[RTA_OIF], &oif);
	if (!err)
		err = nl_get_u32(tb[RTA_PRIORITY], &r->metric);
	if (!err)
		err = nl_get_ip(tb[RTA_DST], r->family, &r->dst, &have);
	if (!err)
		err = nl_get_ip(tb[RTA_GATEWAY], r->family, &r->gateway, &gateway);
	if (!err)
		err = nl_get_ip(tb[RTA_PREFSRC], r->family, &r->prefsrc, &prefsrc);
	if (!err)
		err = read_metrics(tb[RTA_METRICS], r);
	if (err)
		return err;
	if (!prefix_fits(r->family, r->dst_len))
		return net_config_say(-EINVAL, "Invalid prefix length");
	if (!is_prefix(r))
		return net_config_say(-EINVAL, "Invalid prefix for given prefix length");
	if (rtm->rtm_src_len)
		return -EINVAL;
	if (table != RT_TABLE_MAIN && table != RT_TABLE_LOCAL)
		return -EOPNOTSUPP;
	r->table = (u8)table;
	r->ifindex = (int)oif;
	r->has_gateway = gateway;
	r->has_prefsrc = prefsrc;
	return 0;
}

static int new_route(const struct nl_request *rq, const struct net_config_ops *ops)
{
	struct net_route r;
	int err = read_route(rq, &r);

	return err ? err : CALL(ops->add_route, &r, rq->hdr->nlmsg_flags);
}

static int del_route(const struct nl_request *rq, const struct net_config_ops *ops)
{
	struct net_route r;
	int err = read_route(rq, &r);

	return err ? err : CALL(ops->del_route, &r);
}

/* ---- neighbours ---- */

static int read_neigh(const struct nl_request *rq, struct net_neigh *n, bool *has_lladdr)
{
	const struct ndmsg *ndm = rq->body;
	const struct nlattr *tb[NDA_LLADDR + 1];
	bool have;
	int err;

	if (rq->len < sizeof(*ndm))
		return -EINVAL;
	if (ndm->ndm_family != AF_INET && ndm->ndm_family != AF_INET6)
		return -EAFNOSUPPORT;
	nl_parse(ndm + 1, rq->len - (u32)sizeof(*ndm), tb, NDA_LLADDR);
	*n = (struct net_neigh){
		.ifindex = ndm->ndm_ifindex, .family = ndm->ndm_family, .flags = ndm->ndm_flags,
		.type = ndm->ndm_type, .state = ndm->ndm_state,
	};
	err = nl_get_ip(tb[NDA_DST], n->family, &n->dst, &have);
	if (!have)
		return net_config_say(-EINVAL, "Network address not specified");
	if (err)
		return net_config_say(-EINVAL, "Invalid network address");
	*has_lladdr = tb[NDA_LLADDR];
	if (!tb[NDA_LLADDR])
		return 0;
	if (nl_len(tb[NDA_LLADDR]) < ETH_ALEN)
		return net_config_say(-EINVAL, "Invalid link address");
	memcpy(n->lladdr, nl_data(tb[NDA_LLADDR]), ETH_ALEN);
	return 0;
}

static int new_neigh(const struct nl_request *rq, const struct net_config_ops *ops)
{
	struct net_neigh n;
	bool has_lladdr;
	int err = read_neigh(rq, &n, &has_lladdr);

	if (err)
		return err;
	if (n.flags & NTF_PROXY)
		return -EOPNOTSUPP;
	if (!has_lladdr)
		return net_config_say(-EINVAL, "No link layer address given");
	return CALL(ops->add_neigh, &n, rq->hdr->nlmsg_flags);
}

static int del_neigh(const struct nl_request *rq, const struct net_config_ops *ops)
{
	struct net_neigh n;
	bool has_lladdr;
	int err = read_neigh(rq, &n, &has_lladdr);

	return err ? err : CALL(ops->del_neigh, &n);
}

int rtnl_change(const struct nl_request *rq, const struct net_config_ops *ops)
{
	switch (rq->hdr->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_SETLINK:
		return new_link(rq, ops);
	case RTM_DELLINK:
		return del_link(rq, ops);
	case RTM_NEWADDR:
		return new_addr(rq, ops);
	case RTM_DELADDR:
		return del_addr(rq, ops);
	case RTM_NEWROUTE:
		return new_route(rq, ops);
	case RTM_DELROUTE:
		return del_route(rq, ops);
	case RTM_NEWNEIGH:
		return new_neigh(rq, ops);
	case RTM_DELNEIGH:
		return del_neigh(rq, ops);
	}
	return -EOPNOTSUPP;
}
