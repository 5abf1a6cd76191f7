/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Routes of IPv6 that somebody adds, as route_table.c has IPv4's: lwIP itself knows the prefixes of its
 * addresses and the routers that advertise themselves. The longest prefix wins, then the lower metric.
 */
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include "config.h"
#include "lwip/nd6.h"
#include "lwip/priv/nd6_priv.h"

#define FIRST_METRIC	1024u	/* Linux's, of a route that names none */

/* ifindex 0: a free place. */
static struct route6 {
	int	  ifindex;
	ip6_addr_t dst, gateway;
	u32	  metric;
	u8	  len, protocol;
	bool	  has_gateway;
} routes[LW_ROUTES6];			/* L */

static ip6_addr_t to_lwip(const struct net_ip *ip)
{
	ip6_addr_t addr = { 0 };

	memcpy(addr.addr, ip->bytes, sizeof(addr.addr));
	return addr;
}

/* Have both the same first bits? */
static bool same_prefix(const ip6_addr_t *a, const ip6_addr_t *b, u32 len)
{
	for (u32 word = 0; word * 32 < len; word++) {
		u32 bits = min(len - word * 32, 32u);

		if ((a->addr[word] ^ b->addr[word]) & cpu_to_be32(~0u << (32 - bits)))
			return false;
	}
	return true;
}

/* Is addr in the /64 of an address of a link? Of this one, if n is not NULL. */
static bool connected(const struct netif *n, const ip6_addr_t *addr) REQUIRES(lw_core)
{
	struct netif *at;

	NETIF_FOREACH(at)
		for (int i = 0; (!n || n == at) && i < LWIP_IPV6_NUM_ADDRESSES; i++)
			if (at != &lw_lo && ip6_addr_isvalid(netif_ip6_addr_state(at, i)) &&
			    same_prefix(netif_ip6_addr(at, i), addr, 64))
				return true;
	return false;
}

static struct route6 *find(const ip6_addr_t *addr, int ifindex) REQUIRES(lw_core)
{
	struct route6 *best = NULL;

	for (struct route6 *r = routes; r < routes + LW_ROUTES6; r++) {
		struct netif *n;

		if (!r->ifindex || (ifindex && r->ifindex != ifindex) || !same_prefix(&r->dst, addr, r->len))
			continue;
		if (best && (r->len < best->len || (r->len == best->len && r->metric >= best->metric)))
			continue;
		n = lw_netif_by_index(r->ifindex);
		if (n && netif_is_up(n) && netif_is_link_up(n))
			best = r;
	}
	return best && (best->len >= 64 || !connected(NULL, addr)) ? best : NULL;
}

struct netif *lw_table_netif6(const ip6_addr_t *dest)
{
	struct route6 *r = find(dest, 0);

	return r ? lw_netif_by_index(r->ifindex) : NULL;
}

const ip6_addr_t *lw_table_gateway6(struct netif *n, const ip6_addr_t *dest)
{
	struct route6 *r = find(dest, lw_ifindex(n));

	return !r ? NULL : r->has_gateway ? &r->gateway : dest;
}

bool lw_added_route6(u32 at, struct net_route *out)
{
	const struct route6 *r = &routes[at];

	if (!r->ifindex)
		return false;
	*out = (struct net_route){
		.family = AF_INET6, .ifindex = r->ifindex, .protocol = r->protocol, .metric = r->metric,
		.table = RT_TABLE_MAIN, .type = RTN_UNICAST, .dst_len = r->len, .dst = lw_ip6(&r->dst),
		.has_gateway = r->has_gateway, .gateway = lw_ip6(&r->gateway),
	};
	return true;
}

/* The link of a new route: the one it names, or the one its gateway is on. NULL: *err. */
static struct netif *link_of(const struct net_route *want, int *err) REQUIRES(lw_core)
{
	bool near = want->has_gateway && !(want->flags & RTNH_F_ONLINK);
	ip6_addr_t gw = to_lwip(&want->gateway);
	struct netif *n;

	*err = -ENODEV;
	if (!want->ifindex && want->has_gateway && ip6_addr_islinklocal(&gw)) {
		*err = net_config_say(-EINVAL, "Egress device not specified");
		return NULL;
	}
	for (u32 i = 0; (n = lw_netif_nth(i)); i++) {
		if (want->ifindex ? lw_ifindex(n) != want->ifindex : !want->has_gateway)
			continue;
		if (near && !ip6_addr_islinklocal(&gw) && !connected(n, &gw))
			*err = -EHOSTUNREACH;
		else if (n == &lw_lo)
			*err = -EOPNOTSUPP;
		else if (!netif_is_up(n))
			*err = net_config_say(-ENETDOWN, "Nexthop device is not up");
		else
			return n;
	}
	return NULL;
}

int lw_add_route6(const struct net_route *want, u32 nlflags)
{
	u32 metric = want->metric ? want->metric : FIRST_METRIC;
	struct route6 *place = NULL;
	struct net_route made;
	ip6_addr_t dst = to_lwip(&want->dst);
	bool there = false;
	struct netif *n;
	int err;

	if (want->type != RTN_UNICAST || want->table != RT_TABLE_MAIN || want->mtu || want->has_prefsrc)
		return -EOPNOTSUPP;
	lw_lock();
	n = link_of(want, &err);
	for (struct route6 *r = routes; n && !there && r < routes + LW_ROUTES6; r++) {
		there = r->ifindex && r->len == want->dst_len && r->metric == metric &&
			ip6_addr_cmp(&r->dst, &dst);
		if (there || (!r->ifindex && !place))
			place = r;
	}
	if (n)
		err = there && !(nlflags & NLM_F_REPLACE) ? -EEXIST :
		      !there && !(nlflags & NLM_F_CREATE) ? -ENOENT : !place ? -ENOBUFS : 0;
	if (!err) {
		*place = (struct route6){
			.ifindex = lw_ifindex(n), .dst = dst, .len = want->dst_len, .metric = metric,
			.protocol = want->protocol, .has_gateway = want->has_gateway,
			.gateway = to_lwip(&want->gateway),
		};
		nd6_clear_destination_cache();
		if (lw_added_route6((u32)(place - routes), &made))
			net_notify_route(&made, false);
	}
	lw_unlock();
	return err;
}

int lw_del_route6(const struct net_route *want)
{
	ip6_addr_t dst = to_lwip(&want->dst), gw = to_lwip(&want->gateway);
	struct net_route gone;
	int err = -ESRCH;

	lw_lock();
	for (u32 i = 0; err && i < LW_ROUTES6; i++) {
		struct route6 *r = &routes[i];

		if (!lw_added_route6(i, &gone) || r->len != want->dst_len || !ip6_addr_cmp(&r->dst, &dst) ||
		    (want->metric && want->metric != r->metric) ||
		    (want->ifindex && want->ifindex != r->ifindex) ||
		    (want->has_gateway && !(r->has_gateway && ip6_addr_cmp(&r->gateway, &gw))))
			continue;
		r->ifindex = 0;
		nd6_clear_destination_cache();
		net_notify_route(&gone, true);
		err = 0;
	}
	lw_unlock();
	return err;
}
