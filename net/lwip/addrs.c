/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The addresses of links as <net/config.h> has them. lwIP has room for one IPv4 address in a
 * struct netif, so that each further one of a link has a netif of its own upon the same device,
 * an alias: it accepts, routes and asks ARP for its network as any. They are at the end of
 * lwIP's list, the oldest first. What comes in comes by the link's first netif, which alone does
 * multicast and IPv6, and has LWIP_IPV6_NUM_ADDRESSES of that.
 */
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include "config.h"
#include "lwip/etharp.h"

/* ---- aliases ---- */

struct lw_alias {
	struct netif	 netif;		/* L  state: its struct lw_dev */
	struct lw_alias *next;		/* L */
};

bool lw_is_alias(const struct netif *n)
{
	return n->state && n != &((struct lw_dev *)n->state)->netif;
}

/* The netif of the same link behind n, which has its next address; NULL: it was the last. */
static struct netif *next_of(const struct netif *n)
{
	struct lw_dev *d = n->state;
	struct lw_alias *next = NULL;

	if (lw_is_alias(n))
		next = container_of(n, struct lw_alias, netif)->next;
	else if (d)
		next = d->aliases;
	return next ? &next->netif : NULL;
}

static bool in_network(const struct netif *n, u32 addr)
{
	u32 mask = ip4_addr_get_u32(netif_ip4_netmask(n));

	return mask && !((addr ^ ip4_addr_get_u32(netif_ip4_addr(n))) & mask);
}

static bool same_network(const struct netif *a, const struct netif *b)
{
	return in_network(a, ip4_addr_get_u32(netif_ip4_addr(b))) &&
	       ip4_addr_cmp(netif_ip4_netmask(a), netif_ip4_netmask(b));
}

struct netif *lw_netif_toward(struct netif *n, u32 addr) NO_THREAD_SAFETY_ANALYSIS
{
	struct lw_dev *d = lw_dev_of(n);

	for (struct netif *at = d ? &d->netif : NULL; at; at = next_of(at))
		if (in_network(at, addr))
			return at;
	return n;
}

struct netif *lw_netif4_nth(u32 at)
{
	struct netif *n;
	u32 links = 0;

	while ((n = lw_netif_nth(links)) && links != at)
		links++;
	if (n)
		return n;
	at -= links;
	NETIF_FOREACH(n)
		if (lw_is_alias(n) && !at--)
			return n;
	return NULL;
}

bool lw_is_secondary(const struct netif *n)
{
	struct lw_dev *d = n->state;
	const struct netif *before = d ? &d->netif : n;

	for (; before != n; before = next_of(before))
		if (same_network(before, n))
			return true;
	return false;
}

static void follow(struct netif *n, const struct netif *first)
{
	n->mtu = first->mtu;
	memcpy(n->hwaddr, first->hwaddr, sizeof(n->hwaddr));
	if (netif_is_link_up(first))
		netif_set_link_up(n);
	else
		netif_set_link_down(n);
	if (netif_is_up(first))
		netif_set_up(n);
	else
		netif_set_down(n);
}

void lw_aliases_follow(struct lw_dev *d)
{
	for (struct lw_alias *a = d->aliases; a; a = a->next)
		follow(&a->netif, &d->netif);
}

static err_t setup_alias(struct netif *n)
{
	const struct netif *first = &lw_dev_of(n)->netif;

	memcpy(n->name, first->name, sizeof(n->name));
	n->output = first->output;
	n->linkoutput = first->linkoutput;
	n->hwaddr_len = first->hwaddr_len;
	n->chksum_flags = first->chksum_flags;
	n->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET;
	return ERR_OK;
}

/* A netif without an address; NULL: no memory. */
static struct netif *add_alias(struct lw_dev *d) REQUIRES(lw_core)
{
	struct lw_alias *a = kzalloc(sizeof(*a), GFP_NOWAIT), **last = &d->aliases;
	struct netif **end = &netif_list;

	if (!a || !netif_add_noaddr(&a->netif, d, setup_alias, d->netif.input)) {
		kfree(a);
		return NULL;
	}
	a->netif.num = d->netif.num;	/* what is sent and bound by it is by the link */
	netif_list = a->netif.next;
	while (*end)
		end = &(*end)->next;
	*end = &a->netif;
	a->netif.next = NULL;
	while (*last)
		last = &(*last)->next;
	*last = a;
	follow(&a->netif, &d->netif);
	return &a->netif;
}

static void remove_alias(struct netif *n) REQUIRES(lw_core)
{
	struct lw_alias **at = &lw_dev_of(n)->aliases, *a;

	while (&(*at)->netif != n)
		at = &(*at)->next;
	a = *at;
	netif_set_addr(n, IP4_ADDR_ANY4, IP4_ADDR_ANY4, IP4_ADDR_ANY4);
	netif_remove(n);
	*at = a->next;
	kfree(a);
}

/* ---- showing ---- */

static u8 scope6(const ip6_addr_t *a)
{
	return ip6_addr_isloopback(a) ? RT_SCOPE_HOST :
	       ip6_addr_islinklocal(a) ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
}

void lw_fill_addr4(struct netif *n, struct net_addr *a)
{
	u32 addr = ip4_addr_get_u32(netif_ip4_addr(n)), mask = ip4_addr_get_u32(netif_ip4_netmask(n));
	struct lw_dev *d = lw_dev_of(n);
	bool dhcp = d && d->dhcp && !lw_is_alias(n);

	*a = (struct net_addr){
		.ifindex = lw_ifindex(n), .family = AF_INET, .prefixlen = lw_prefix_of(mask),
		.scope = n == &lw_lo ? RT_SCOPE_HOST : RT_SCOPE_UNIVERSE,
		.flags = dhcp ? 0 : IFA_F_PERMANENT, .local = lw_ip4(addr), .peer = lw_ip4(addr),
		.valid = ~0u, .preferred = ~0u,
	};
	if (lw_is_secondary(n))
		a->flags |= IFA_F_SECONDARY;
	if (d) {
		a->broadcast = lw_ip4(addr | ~mask);
		strscpy(a->label, d->dev->name, sizeof(a->label));
		if (dhcp && d->dhcp_state.offered_t0_lease)
			a->valid = a->preferred = d->dhcp_state.offered_t0_lease;
	} else {
		strscpy(a->label, "lo", sizeof(a->label));
	}
}

void lw_fill_addr6(struct netif *n, int i, struct net_addr *a)
{
	const ip6_addr_t *addr = netif_ip6_addr(n, i);
	u8 state = netif_ip6_addr_state(n, i);
	u32 valid = netif_ip6_addr_valid_life(n, i), pref = netif_ip6_addr_pref_life(n, i);

	*a = (struct net_addr){
		.ifindex = lw_ifindex(n), .family = AF_INET6, .prefixlen = n == &lw_lo ? 128 : 64,
		.scope = scope6(addr), .local = lw_ip6(addr), .peer = lw_ip6(addr),
		.valid = valid ? valid : ~0u, .preferred = valid ? pref : ~0u,
	};
	if (!valid)
		a->flags |= IFA_F_PERMANENT;
	if (ip6_addr_istentative(state))
		a->flags |= IFA_F_TENTATIVE;
	if (state == IP6_ADDR_DEPRECATED)
		a->flags |= IFA_F_DEPRECATED;
	if (state == IP6_ADDR_DUPLICATED)
		a->flags |= IFA_F_DADFAILED | IFA_F_TENTATIVE;
}

/* All of IPv4, then the places of each link for IPv6. */
bool lw_next_addr(u32 *pos, struct net_addr *a)
{
	bool found = false;
	struct netif *n;
	u32 v4 = 0;

	lw_lock();
	while (lw_netif4_nth(v4))
		v4++;
	for (; !found && *pos < v4; ++*pos) {
		n = lw_netif4_nth(*pos);
		found = !ip4_addr_isany(netif_ip4_addr(n));
		if (found)
			lw_fill_addr4(n, a);
	}
	for (; !found && (n = lw_netif_nth((*pos - v4) / LWIP_IPV6_NUM_ADDRESSES)); ++*pos) {
		int place = (int)((*pos - v4) % LWIP_IPV6_NUM_ADDRESSES);

		found = !ip6_addr_isinvalid(netif_ip6_addr_state(n, place));
		if (found)
			lw_fill_addr6(n, place, a);
	}
	lw_unlock();
	return found;
}

/* ---- changing ---- */

/* The address is somebody's own choice from now on. */
static void dhcp_over(struct lw_dev *d)
{
	if (!d || !d->dhcp)
		return;
	d->dhcp = false;
	dhcp_stop(&d->netif);
	netif_set_client_data(&d->netif, LWIP_NETIF_CLIENT_DATA_INDEX_DHCP, NULL);	/* part of *d */
}

/* The netif of the link that has this address, or NULL. */
static struct netif *find_addr4(struct netif *n, const struct net_addr *a) REQUIRES(lw_core)
{
	for (; n; n = next_of(n))
		if (!ip4_addr_isany(netif_ip4_addr(n)) &&
		    ip4_addr_get_u32(netif_ip4_addr(n)) == lw_ip4_of(&a->local) &&
		    ip4_addr_get_u32(netif_ip4_netmask(n)) == lw_mask_of(a->prefixlen))
			return n;
	return NULL;
}

static int add_addr4(struct netif *n, const struct net_addr *a, bool replace) REQUIRES(lw_core)
{
	struct lw_dev *d = lw_dev_of(n);
	ip4_addr_t ip, mask;

	if (n == &lw_lo)
		return (lw_ip4_of(&a->local) & 0xff) == 127 && !replace ? -EEXIST : -EOPNOTSUPP;
	if (find_addr4(n, a))
		return replace ? 0 : -EEXIST;
	ip4_addr_set_u32(&ip, lw_ip4_of(&a->local));
	ip4_addr_set_u32(&mask, lw_mask_of(a->prefixlen));
	if (!ip4_addr_isany(netif_ip4_addr(n)) || d->aliases) {
		n = add_alias(d);
		if (!n)
			return -ENOBUFS;
		netif_set_addr(n, &ip, &mask, IP4_ADDR_ANY4);
		return 0;
	}
	dhcp_over(d);
	netif_set_addr(n, &ip, &mask, netif_ip4_gw(n));
	if (!netif_default)
		netif_set_default(n);
	return 0;
}

/* Those behind it in the same network go, too, as on Linux. */
static void del_addr4(struct netif *n) REQUIRES(lw_core)
{
	struct lw_dev *d = lw_dev_of(n);
	struct lw_alias *next;

	for (struct lw_alias *a = d->aliases; a && !lw_is_secondary(n); a = next) {
		next = a->next;
		if (&a->netif != n && same_network(n, &a->netif))
			remove_alias(&a->netif);
	}
	if (lw_is_alias(n)) {
		remove_alias(n);
	} else {
		dhcp_over(d);
		netif_set_addr(n, IP4_ADDR_ANY4, IP4_ADDR_ANY4, IP4_ADDR_ANY4);
	}
	if (ip4_addr_isany(netif_ip4_addr(&d->netif)) && !d->aliases)
		lw_flush_routes(&d->netif);	/* without an address there is no way out */
}

static int add_addr6(struct netif *n, const struct net_addr *a, bool replace) REQUIRES(lw_core)
{
	ip6_addr_t ip = { 0 };
	s8_t place;

	memcpy(ip.addr, a->local.bytes, sizeof(ip.addr));
	if (netif_get_ip6_addr_match(n, &ip) >= 0)
		return replace ? 0 : -EEXIST;
	if (n == &lw_lo)
		return -EOPNOTSUPP;
	if (netif_add_ip6_address(n, &ip, &place) != ERR_OK)
		return -ENOBUFS;
	netif_ip6_addr_set_state(n, place, IP6_ADDR_TENTATIVE);
	return 0;
}

int lw_add_addr(const struct net_addr *a, bool replace)
{
	struct netif *n;
	int err = -ENODEV;

	lw_lock();
	n = lw_netif_by_index(a->ifindex);
	if (n)
		err = a->family == AF_INET ? add_addr4(n, a, replace) : add_addr6(n, a, replace);
	lw_timers_stale = true;
	lw_unlock();
	return err;
}

static int del_addr_of(struct netif *n, const struct net_addr *a) REQUIRES(lw_core)
{
	struct net_addr have;

	if (a->family == AF_INET) {
		struct netif *with = find_addr4(n, a);

		if (!with)
			return -EADDRNOTAVAIL;
		if (n == &lw_lo)
			return -EOPNOTSUPP;
		del_addr4(with);
		return 0;
	}
	for (int i = 0; i < LWIP_IPV6_NUM_ADDRESSES; i++) {
		if (ip6_addr_isinvalid(netif_ip6_addr_state(n, i)))
			continue;
		lw_fill_addr6(n, i, &have);
		if (memcmp(&have.local, &a->local, sizeof(have.local)))
			continue;
		if (n == &lw_lo)
			return -EOPNOTSUPP;
		netif_ip6_addr_set_state(n, i, IP6_ADDR_INVALID);
		return 0;
	}
	return -EADDRNOTAVAIL;
}

int lw_del_addr(const struct net_addr *a)
{
	struct netif *n;
	int err = -ENODEV;

	lw_lock();
	n = lw_netif_by_index(a->ifindex);
	if (n)
		err = del_addr_of(n, a);
	lw_unlock();
	return err;
}
