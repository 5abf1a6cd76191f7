/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Routes as <net/config.h> shows and changes them. lwIP itself knows only each link's own
 * network and one gateway a link; routes that somebody adds are a small table here, which
 * lwIP asks through its hooks (route.c). The longest prefix wins, then the lower metric.
 */
#include <linux/neighbour.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include "config.h"
#include "lwip/nd6.h"
#include "lwip/priv/nd6_priv.h"

#define ROUTES 32

/* Added by hand; ifindex 0: a free place. */
static struct route {
	int	ifindex;
	u32	dst, mask;		/* network byte order */
	u32	metric;
	u8	len, protocol;
	bool	has_gateway;
	ip4_addr_t gateway;
} routes[ROUTES];			/* L */

/* ---- what lwIP asks ---- */

static bool usable(const struct route *r) REQUIRES(lw_core)
{
	struct netif *n = lw_netif_by_index(r->ifindex);

	return n && netif_is_up(n) && netif_is_link_up(n);
}

/* Prefix length of the network of a link that addr is in, -1 if in none. */
static int connected_len(u32 addr) REQUIRES(lw_core)
{
	struct netif *n;
	int best = -1;

	NETIF_FOREACH(n) {
		u32 mask = ip4_addr_get_u32(netif_ip4_netmask(n));

		if (netif_is_up(n) && mask && !((addr ^ ip4_addr_get_u32(netif_ip4_addr(n))) & mask))
			best = max(best, (int)lw_prefix_of(mask));
	}
	return best;
}

static struct route *find(u32 addr, int ifindex) REQUIRES(lw_core)
{
	struct route *best = NULL;

	for (struct route *r = routes; r < routes + ROUTES; r++) {
		if (!r->ifindex || (ifindex && r->ifindex != ifindex) || (addr ^ r->dst) & r->mask)
			continue;
		if (best && (r->len < best->len || (r->len == best->len && r->metric >= best->metric)))
			continue;
		if (usable(r))
			best = r;
	}
	return best && best->len >= connected_len(addr) ? best : NULL;
}

struct netif *lw_table_netif(u32 addr)
{
	struct route *r = find(addr, 0);

	if (!r)
		return NULL;
	return lw_netif_toward(lw_netif_by_index(r->ifindex),
			       r->has_gateway ? ip4_addr_get_u32(&r->gateway) : addr);
}

const ip4_addr_t *lw_table_gateway(struct netif *n, const ip4_addr_t *dest)
{
	struct route *r = find(ip4_addr_get_u32(dest), lw_ifindex(n));

	return !r ? NULL : r->has_gateway ? &r->gateway : dest;
}

/* ---- changing ---- */

static bool same(const struct route *r, const struct net_route *n)
{
	return r->ifindex && r->dst == lw_ip4_of(&n->dst) && r->len == n->dst_len &&
	       (!n->metric || r->metric == n->metric) &&
	       (!n->ifindex || r->ifindex == n->ifindex) &&
	       (!n->has_gateway || (r->has_gateway &&
				    ip4_addr_get_u32(&r->gateway) == lw_ip4_of(&n->gateway)));
}

/* The link of a new route: the one it names, or the one its gateway is on. */
static struct netif *link_of(const struct net_route *n, int *err) REQUIRES(lw_core)
{
	struct netif *netif;
	ip4_addr_t gw;

	if (n->ifindex) {
		netif = lw_netif_by_index(n->ifindex);
		*err = -ENODEV;
	} else {
		ip4_addr_set_u32(&gw, lw_ip4_of(&n->gateway));
		netif = n->has_gateway ? ip4_route(&gw) : NULL;
		*err = -ENODEV;
		if (!netif && n->has_gateway)
			*err = net_config_say(-ENETUNREACH, "Nexthop has invalid gateway");
	}
	if (netif && !netif_is_up(netif)) {
		netif = NULL;
		*err = net_config_say(-ENETDOWN, "Device for nexthop is not up");
	}
	if (netif && n->has_gateway && !(n->flags & RTNH_F_ONLINK) &&
	    connected_len(lw_ip4_of(&n->gateway)) < 0) {
		netif = NULL;
		*err = net_config_say(-ENETUNREACH, "Nexthop has invalid gateway");
	}
	return netif ? lw_netif_toward(netif, lw_ip4_of(n->has_gateway ? &n->gateway : &n->dst)) : NULL;
}

/* The entry as others see it; false: it is none. */
static bool added_route(const struct route *e, struct net_route *r)
{
	if (!e->ifindex)
		return false;
	*r = (struct net_route){
		.family = AF_INET, .ifindex = e->ifindex, .protocol = e->protocol, .metric = e->metric,
		.table = RT_TABLE_MAIN, .type = RTN_UNICAST, .dst_len = e->len, .dst = lw_ip4(e->dst),
		.has_gateway = e->has_gateway, .gateway = lw_ip4(ip4_addr_get_u32(&e->gateway)),
		.scope = e->has_gateway ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK,
	};
	return true;
}

int lw_add_route(const struct net_route *n, u32 nlflags)
{
	struct route *place = NULL;
	struct net_route made;
	struct netif *netif;
	int err = 0;
	bool there = false;

	if (n->family == AF_INET6)
		return lw_add_route6(n, nlflags);
	if (n->type != RTN_UNICAST || n->table != RT_TABLE_MAIN || n->mtu)
		return -EOPNOTSUPP;
	lw_lock();
	netif = link_of(n, &err);
	/* Packets get the address of their link: another would be a promise that is not kept. */
	if (netif && n->has_prefsrc &&
	    lw_ip4_of(&n->prefsrc) != ip4_addr_get_u32(netif_ip4_addr(netif))) {
		netif = NULL;
		err = net_config_say(-EINVAL, "Invalid prefsrc address");
	}
	for (struct route *r = routes; netif && r < routes + ROUTES; r++) {
		if (!r->ifindex && !place)
			place = r;
		if (r->ifindex && r->dst == lw_ip4_of(&n->dst) && r->len == n->dst_len &&
		    r->metric == n->metric) {
			there = true;
			place = r;
			break;
		}
	}
	if (netif) {
		err = there && !(nlflags & NLM_F_REPLACE) ? -EEXIST :
		      !there && !(nlflags & NLM_F_CREATE) ? -ENOENT : !place ? -ENOBUFS : 0;
	}
	if (!err) {
		*place = (struct route){
			.ifindex = lw_ifindex(netif), .dst = lw_ip4_of(&n->dst), .len = n->dst_len,
			.mask = lw_mask_of(n->dst_len),
			.metric = n->metric, .protocol = n->protocol, .has_gateway = n->has_gateway,
		};
		ip4_addr_set_u32(&place->gateway, lw_ip4_of(&n->gateway));
		if (added_route(place, &made))
			net_notify_route(&made, false);
	}
	lw_unlock();
	return err;
}

int lw_del_route(const struct net_route *n)
{
	struct net_route gone = *n;
	int err = -ESRCH;
	struct netif *netif;

	if (n->family == AF_INET6)
		return lw_del_route6(n);
	lw_lock();
	for (struct route *r = routes; err && r < routes + ROUTES; r++) {
		if (same(r, n)) {
			added_route(r, &gone);
			r->ifindex = 0;
			err = 0;
		}
	}
	/* The gateway that DHCP or net.ip= gave a link. */
	for (u32 i = 0; err && !n->dst_len && (netif = lw_netif_nth(i)); i++) {
		u32 gw = ip4_addr_get_u32(netif_ip4_gw(netif));

		if (!gw || (n->ifindex && lw_ifindex(netif) != n->ifindex) ||
		    (n->has_gateway && gw != lw_ip4_of(&n->gateway)))
			continue;
		gone = (struct net_route){
			.family = AF_INET, .ifindex = lw_ifindex(netif), .table = RT_TABLE_MAIN,
			.type = RTN_UNICAST, .has_gateway = true, .gateway = lw_ip4(gw),
			.protocol = lw_dev_of(netif)->dhcp ? RTPROT_DHCP : RTPROT_BOOT,
		};
		netif_set_gw(netif, IP4_ADDR_ANY4);
		err = 0;
	}
	if (!err)
		net_notify_route(&gone, true);
	lw_unlock();
	return err;
}

void lw_flush_routes(struct netif *n)
{
	struct net_route gone;

	for (struct route *r = routes; r < routes + ROUTES; r++) {
		if (r->ifindex != lw_ifindex(n) || !added_route(r, &gone))
			continue;
		r->ifindex = 0;
		net_notify_route(&gone, true);
	}
}

int lw_get_route(u8 family, const struct net_ip *dst, int ifindex, struct net_route *out)
{
	struct in6_addr to, from = { 0 };
	const ip6_addr_t *gw6;
	const ip4_addr_t *gw;
	struct netif *n;
	ip6_addr_t ip6 = { 0 };
	ip4_addr_t ip;

	if (family == AF_INET)
		inet_from_v4(&to, lw_ip4_of(dst));
	else
		memcpy(&to, dst, sizeof(to));
	if (family == AF_INET)
		inet_from_v4(&from, 0);
	lw_lock();
	n = lw_route(&to, &from, (u32)ifindex);
	if (n) {
		*out = (struct net_route){
			.family = family, .ifindex = lw_ifindex(n), .table = RT_TABLE_MAIN,
			.type = n == &lw_lo ? RTN_LOCAL : RTN_UNICAST, .has_prefsrc = true,
		};
		if (n == &lw_lo)
			out->table = RT_TABLE_LOCAL;
		if (family == AF_INET)
			out->prefsrc = lw_ip4(inet_v4(&from));
		else
			memcpy(&out->prefsrc, &from, sizeof(from));
		ip4_addr_set_u32(&ip, lw_ip4_of(dst));
		if (family == AF_INET && n != &lw_lo &&
		    (connected_len(lw_ip4_of(dst)) < 0 || find(lw_ip4_of(dst), lw_ifindex(n)))) {
			gw = lw_table_gateway(n, &ip);
			if (!gw)
				gw = netif_ip4_gw(n);
			out->has_gateway = gw != &ip;
			out->gateway = lw_ip4(ip4_addr_get_u32(gw));
		}
		memcpy(ip6.addr, dst->bytes, sizeof(ip6.addr));
		gw6 = family == AF_INET6 && n != &lw_lo ? lw_table_gateway6(n, &ip6) : NULL;
		if (gw6 && gw6 != &ip6) {
			out->has_gateway = true;
			out->gateway = lw_ip6(gw6);
		}
	}
	lw_unlock();
	return n ? 0 : -ENETUNREACH;
}

/* ---- showing ---- */

enum { OWN_NETWORK, OWN_GATEWAY, OWN_LOCAL, OWN_BROADCAST, OWN_KINDS };

static bool own_route4(struct netif *n, int kind, struct net_route *r) REQUIRES(lw_core)
{
	u32 addr = ip4_addr_get_u32(netif_ip4_addr(n)), mask = ip4_addr_get_u32(netif_ip4_netmask(n));
	u32 gw = ip4_addr_get_u32(netif_ip4_gw(n));
	u8 len = lw_prefix_of(mask);
	struct lw_dev *d = lw_dev_of(n);

	if (!addr || !netif_is_up(n) || (kind == OWN_GATEWAY && (!gw || !d)) ||
	    (kind == OWN_NETWORK && lw_is_secondary(n)))
		return false;
	*r = (struct net_route){
		.family = AF_INET, .ifindex = lw_ifindex(n), .protocol = RTPROT_KERNEL,
		.has_prefsrc = true, .prefsrc = lw_ip4(addr), .type = RTN_UNICAST,
		.table = RT_TABLE_MAIN, .scope = RT_SCOPE_LINK, .dst_len = 32,
		.flags = netif_is_link_up(n) ? 0 : RTNH_F_LINKDOWN,
	};
	switch (kind) {
	case OWN_NETWORK:
		r->dst = lw_ip4(addr & mask);
		r->dst_len = len;
		if (!d) {
			r->table = RT_TABLE_LOCAL;
			r->type = RTN_LOCAL;
			r->scope = RT_SCOPE_HOST;
		}
		break;
	case OWN_GATEWAY:
		r->dst_len = 0;
		r->has_gateway = true;
		r->gateway = lw_ip4(gw);
		r->has_prefsrc = false;
		r->scope = RT_SCOPE_UNIVERSE;
		r->protocol = d->dhcp ? RTPROT_DHCP : RTPROT_BOOT;
		break;
	case OWN_LOCAL:
		r->dst = lw_ip4(addr);
		r->table = RT_TABLE_LOCAL;
		r->type = RTN_LOCAL;
		r->scope = RT_SCOPE_HOST;
		break;
	default:
		r->dst = lw_ip4(addr | ~mask);
		r->table = RT_TABLE_LOCAL;
		r->type = RTN_BROADCAST;
		break;
	}
	return true;
}

static bool own_route6(struct netif *n, int i, bool local, struct net_route *r) REQUIRES(lw_core)
{
	const ip6_addr_t *addr = netif_ip6_addr(n, i);

	if (!ip6_addr_isvalid(netif_ip6_addr_state(n, i)))
		return false;
	*r = (struct net_route){
		.family = AF_INET6, .ifindex = lw_ifindex(n), .protocol = RTPROT_KERNEL,
		.table = local ? RT_TABLE_LOCAL : RT_TABLE_MAIN, .metric = local ? 0 : 256,
		.type = local ? RTN_LOCAL : RTN_UNICAST,
		.dst_len = local || n == &lw_lo ? 128 : 64,
	};
	memcpy(r->dst.bytes, addr->addr, r->dst_len / 8);
	return true;
}

static bool router(const struct nd6_router_list_entry *e, struct net_route *r) REQUIRES(lw_core)
{
	if (!e->neighbor_entry || !e->neighbor_entry->netif)
		return false;
	*r = (struct net_route){
		.family = AF_INET6, .ifindex = lw_ifindex(e->neighbor_entry->netif),
		.protocol = RTPROT_RA, .table = RT_TABLE_MAIN, .type = RTN_UNICAST, .metric = 1024,
		.has_gateway = true,
	};
	memcpy(r->gateway.bytes, e->neighbor_entry->next_hop_address.addr, sizeof(r->gateway.bytes));
	return true;
}

/* Places: each netif's own of IPv4, then those added, a link's own of IPv6 twice, those added, routers. */
#define OWN6 (2 * LWIP_IPV6_NUM_ADDRESSES)

static bool route_at(u32 at, u32 netifs, u32 links, struct net_route *r) REQUIRES(lw_core)
{
	if (at < netifs * OWN_KINDS)
		return own_route4(lw_netif4_nth(at / OWN_KINDS), (int)(at % OWN_KINDS), r);
	at -= netifs * OWN_KINDS;
	if (at < ROUTES)
		return added_route(&routes[at], r);
	at -= ROUTES;
	if (at < links * OWN6)
		return own_route6(lw_netif_nth(at / OWN6), (int)(at % OWN6 / 2), at % 2, r);
	at -= links * OWN6;
	return at < LW_ROUTES6 ? lw_added_route6(at, r) : router(&default_router_list[at - LW_ROUTES6], r);
}

bool lw_next_route(u32 *pos, struct net_route *r)
{
	bool found = false;
	u32 netifs = 0, links = 0, end;

	lw_lock();
	while (lw_netif4_nth(netifs))
		netifs++;
	while (lw_netif_nth(links))
		links++;
	end = netifs * OWN_KINDS + ROUTES + links * OWN6 + LW_ROUTES6 + LWIP_ND6_NUM_ROUTERS;
	while (!found && *pos < end)
		found = route_at((*pos)++, netifs, links, r);
	lw_unlock();
	return found;
}
