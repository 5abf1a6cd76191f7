/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The lwIP backend's configuration as <net/config.h> has it: links and neighbours. Addresses are
 * in addrs.c, routes in route_table.c.
 */
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_arp.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/config.h>
#include "config.h"
#include "lwip/etharp.h"
#include "lwip/nd6.h"
#include "lwip/priv/nd6_priv.h"
#include "lwip/stats.h"

/* ---- small things ---- */

int lw_ifindex(const struct netif *n)
{
	return n == &lw_lo ? LW_LO_INDEX : lw_dev_of((struct netif *)n)->dev->ifindex;
}

struct netif *lw_netif_by_index(int ifindex)
{
	struct lw_dev *d;

	if (ifindex == LW_LO_INDEX)
		return &lw_lo;
	d = lw_dev_by_index(ifindex);
	return d ? &d->netif : NULL;
}

struct netif *lw_netif_nth(u32 n)
{
	return lw_netif_by_index((int)n + LW_LO_INDEX);
}

struct net_ip lw_ip4(u32 addr)
{
	struct net_ip ip = { { 0 } };

	memcpy(ip.bytes, &addr, sizeof(addr));
	return ip;
}

u32 lw_ip4_of(const struct net_ip *ip)
{
	u32 addr;

	memcpy(&addr, ip->bytes, sizeof(addr));
	return addr;
}

struct net_ip lw_ip6(const ip6_addr_t *addr)
{
	struct net_ip ip;

	memcpy(ip.bytes, addr->addr, sizeof(ip.bytes));
	return ip;
}

/* ---- links ---- */

static void fill_link(struct netif *n, struct net_link *l)
{
	struct net_device *dev;

	if (n == &lw_lo) {
		*l = (struct net_link){
			.index = LW_LO_INDEX, .name = "lo", .type = ARPHRD_LOOPBACK,
			.flags = IFF_UP | IFF_LOOPBACK | IFF_RUNNING | IFF_LOWER_UP,
			.mtu = LW_LO_MTU, .txqlen = 1000, .operstate = IF_OPER_UNKNOWN,
			.addr_len = ETH_ALEN, .stats = lw_lo_stats,
		};
		l->stats.rx_packets = l->stats.tx_packets;
		l->stats.rx_bytes = l->stats.tx_bytes;
		return;
	}
	dev = lw_dev_of(n)->dev;
	*l = (struct net_link){
		.index = dev->ifindex, .type = ARPHRD_ETHER, .flags = IFF_BROADCAST | IFF_MULTICAST,
		.mtu = dev->mtu, .min_mtu = dev->min_mtu, .max_mtu = dev->max_mtu, .txqlen = 1000,
		.operstate = dev->up && dev->link ? IF_OPER_UP : IF_OPER_DOWN, .addr_len = ETH_ALEN,
		.promiscuity = dev->promisc, .stats = dev->stats,
	};
	if (dev->up)
		l->flags |= IFF_UP | (dev->link ? IFF_RUNNING | IFF_LOWER_UP : 0);
	if (dev->promisc)
		l->flags |= IFF_PROMISC;
	if (dev->allmulti)
		l->flags |= IFF_ALLMULTI;
	strscpy(l->name, dev->name, sizeof(l->name));
	memcpy(l->addr, dev->mac, ETH_ALEN);
	memset(l->broadcast, 0xff, ETH_ALEN);
}

static bool next_link(u32 *pos, struct net_link *l)
{
	struct netif *n;

	lw_lock();
	n = lw_netif_nth(*pos);
	if (n) {
		fill_link(n, l);
		++*pos;
	}
	lw_unlock();
	return n;
}

static int set_flags(int ifindex, u32 flags, u32 change)
{
	struct netif *n;
	int err = 0;

	lw_lock();
	n = lw_netif_by_index(ifindex);
	if (!n) {
		err = -ENODEV;
	} else if (n == &lw_lo) {
		/* It is up: to say so again is no change. */
		err = change & IFF_UP && !(flags & IFF_UP) ? -EOPNOTSUPP : 0;
	} else {
		struct net_device *dev = lw_dev_of(n)->dev;

		if (change & IFF_UP && dev->up != !!(flags & IFF_UP)) {
			if (flags & IFF_UP)
				err = netdev_up(dev);
			else
				netdev_down(dev);
		}
		if (!err && change & IFF_PROMISC && !!dev->promisc != !!(flags & IFF_PROMISC))
			netdev_promisc(dev, flags & IFF_PROMISC ? 1 : -1);
		if (!err && change & IFF_ALLMULTI && !!dev->allmulti != !!(flags & IFF_ALLMULTI))
			netdev_allmulti(dev, flags & IFF_ALLMULTI ? 1 : -1);
	}
	lw_unlock();
	return err;
}

static int set_mtu(int ifindex, u32 mtu)
{
	struct netif *n;
	int err;

	lw_lock();
	n = lw_netif_by_index(ifindex);
	if (!n) {
		err = -ENODEV;
	} else if (n == &lw_lo) {
		err = mtu == LW_LO_MTU ? 0 : -EOPNOTSUPP;
	} else {
		struct net_device *dev = lw_dev_of(n)->dev;

		err = netdev_set_mtu(dev, mtu);
		if (!err) {
			n->mtu = n->mtu6 = (u16)mtu;
			nd6_clear_destination_cache();	/* which has it, too */
			lw_aliases_follow(lw_dev_of(n));
		} else {
			net_config_say(err, mtu < dev->min_mtu ? "mtu less than device minimum" :
							      "mtu greater than device maximum");
		}
	}
	lw_unlock();
	return err;
}

static int set_mac(int ifindex, const u8 *mac)
{
	struct netif *n;
	int err;

	lw_lock();
	n = lw_netif_by_index(ifindex);
	err = !n ? -ENODEV : n == &lw_lo ? -EOPNOTSUPP : netdev_set_mac(lw_dev_of(n)->dev, mac);
	if (!err) {
		memcpy(n->hwaddr, mac, ETH_ALEN);
		lw_aliases_follow(lw_dev_of(n));
	}
	lw_unlock();
	return err;
}

/* ---- neighbours ---- */

static bool neigh4(u32 i, struct net_neigh *out) REQUIRES(lw_core)
{
	struct eth_addr *mac;
	struct netif *n;
	ip4_addr_t *ip;

	if (!etharp_get_entry(i, &ip, &n, &mac) || !n)
		return false;
	*out = (struct net_neigh){
		.ifindex = lw_ifindex(n), .family = AF_INET, .type = RTN_UNICAST,
		.state = etharp_is_fixed(i) ? NUD_PERMANENT : NUD_REACHABLE,
		.dst = lw_ip4(ip4_addr_get_u32(ip)),
	};
	memcpy(out->lladdr, mac, ETH_ALEN);
	return true;
}

static bool neigh6(u32 i, struct net_neigh *out) REQUIRES(lw_core)
{
	static const u16 states[] = {
		[ND6_INCOMPLETE] = NUD_INCOMPLETE, [ND6_REACHABLE] = NUD_REACHABLE,
		[ND6_STALE] = NUD_STALE, [ND6_DELAY] = NUD_DELAY, [ND6_PROBE] = NUD_PROBE,
	};
	const struct nd6_neighbor_cache_entry *e = &neighbor_cache[i];

	if (e->state == ND6_NO_ENTRY || e->state >= ARRAY_SIZE(states) || !e->netif)
		return false;
	*out = (struct net_neigh){
		.ifindex = lw_ifindex(e->netif), .family = AF_INET6, .type = RTN_UNICAST,
		.flags = e->isrouter ? NTF_ROUTER : 0, .state = states[e->state],
		.dst = lw_ip6(&e->next_hop_address),
	};
	memcpy(out->lladdr, e->lladdr, ETH_ALEN);
	return true;
}

static bool next_neigh(u32 *pos, struct net_neigh *out)
{
	bool found = false;

	lw_lock();
	while (!found && *pos < ARP_TABLE_SIZE + LWIP_ND6_NUM_NEIGHBORS) {
		found = *pos < ARP_TABLE_SIZE ? neigh4(*pos, out) : neigh6(*pos - ARP_TABLE_SIZE, out);
		++*pos;
	}
	lw_unlock();
	return found;
}

static bool find_neigh4(int ifindex, const struct net_ip *dst, struct net_neigh *out)
	REQUIRES(lw_core)
{
	for (u32 i = 0; i < ARP_TABLE_SIZE; i++)
		if (neigh4(i, out) && out->ifindex == ifindex && !memcmp(&out->dst, dst, sizeof(*dst)))
			return true;
	return false;
}

/* lwIP knows an entry for ever and one that was just heard of; Linux's other states come to these. */
static int set_neigh4(struct netif *n, const struct net_neigh *want) REQUIRES(lw_core)
{
	bool fixed = !want->state || want->state & (NUD_PERMANENT | NUD_NOARP);
	ip4_addr_t ip = { lw_ip4_of(&want->dst) };
	struct net_neigh now = { 0 };
	struct eth_addr mac;
	int err;

	memcpy(mac.addr, want->lladdr, ETH_ALEN);
	etharp_remove_static_entry(&ip);
	n = lw_netif_toward(n, ip4_addr_get_u32(&ip));
	err = lw_errno(etharp_set_entry(n, &ip, &mac, fixed));
	if (!err && find_neigh4(want->ifindex, &want->dst, &now))
		net_notify_neigh(&now, false);
	return err;
}

static int add_neigh(const struct net_neigh *want, u32 nlflags)
{
	struct net_neigh have;
	struct netif *n;
	bool there;
	int err;

	if (want->family != AF_INET)
		return -EOPNOTSUPP;
	lw_lock();
	n = lw_netif_by_index(want->ifindex);
	there = n && find_neigh4(want->ifindex, &want->dst, &have);
	if (!n)
		err = -ENODEV;
	else if (n == &lw_lo || ip4_addr_isany(netif_ip4_addr(n)))
		err = -EINVAL;
	else if (there ? nlflags & NLM_F_EXCL : !(nlflags & NLM_F_CREATE))
		err = there ? -EEXIST : -ENOENT;
	else if (there && !(nlflags & NLM_F_REPLACE) && memcmp(have.lladdr, want->lladdr, ETH_ALEN))
		err = -EEXIST;
	else
		err = set_neigh4(n, want);
	lw_unlock();
	return err;
}

static int del_neigh(const struct net_neigh *want)
{
	ip4_addr_t ip = { lw_ip4_of(&want->dst) };
	struct net_neigh have;
	int err = -ENOENT;

	if (want->family != AF_INET)
		return -EOPNOTSUPP;
	lw_lock();
	if (!lw_netif_by_index(want->ifindex))
		err = -ENODEV;
	else if (find_neigh4(want->ifindex, &want->dst, &have) &&
		 etharp_remove_static_entry(&ip) == ERR_OK)
		err = 0;
	if (!err)
		net_notify_neigh(&have, true);
	lw_unlock();
	return err;
}

/* ---- counters, and who listens ---- */

/* Connections in ESTABLISHED and CLOSE_WAIT, as RFC 4022 counts. */
static u32 established(void) REQUIRES(lw_core)
{
	u32 n = 0;

	for (struct tcp_pcb *pcb = lw_pcb_next(NULL); pcb; pcb = lw_pcb_next(pcb))
		n += pcb->state == ESTABLISHED || pcb->state == CLOSE_WAIT;
	return n;
}

static void fill_ip(const struct stats_mib2 *s, struct net_mib *out)
{
	out->ip.InHdrErrors = s->ipinhdrerrors;
	out->ip.InAddrErrors = s->ipinaddrerrors;
	out->ip.InUnknownProtos = s->ipinunknownprotos;
	out->ip.InDiscards = s->ipindiscards - s->ipinaddrerrors;	/* lwIP counts these as both */
	out->ip.InDelivers = s->ipindelivers;
	out->ip.OutDiscards = s->ipoutdiscards;
	out->ip.OutNoRoutes = s->ipoutnoroutes;
	out->ip.ReasmReqds = s->ipreasmreqds;
	out->ip.ReasmOKs = s->ipreasmoks;
	out->ip.ReasmFails = s->ipreasmfails;
	out->ip.FragOKs = s->ipfragoks;
	out->ip.FragFails = s->ipfragfails;
	out->ip.FragCreates = s->ipfragcreates;
}

static void fill_icmp(const struct stats_mib2 *s, struct net_mib *out)
{
	out->icmp.InMsgs = s->icmpinmsgs;
	out->icmp.InErrors = s->icmpinerrors;
	out->icmp.InDestUnreachs = s->icmpindestunreachs;
	out->icmp.InTimeExcds = s->icmpintimeexcds;
	out->icmp.InParmProbs = s->icmpinparmprobs;
	out->icmp.InSrcQuenchs = s->icmpinsrcquenchs;
	out->icmp.InRedirects = s->icmpinredirects;
	out->icmp.InEchos = s->icmpinechos;
	out->icmp.InEchoReps = s->icmpinechoreps;
	out->icmp.InTimestamps = s->icmpintimestamps;
	out->icmp.InTimestampReps = s->icmpintimestampreps;
	out->icmp.InAddrMasks = s->icmpinaddrmasks;
	out->icmp.InAddrMaskReps = s->icmpinaddrmaskreps;
	out->icmp.OutMsgs = s->icmpoutmsgs;
	out->icmp.OutErrors = s->icmpouterrors;
	out->icmp.OutDestUnreachs = s->icmpoutdestunreachs;
	out->icmp.OutTimeExcds = s->icmpouttimeexcds;
	out->icmp.OutEchoReps = s->icmpoutechoreps;
}

static void mib(struct net_mib *out)
{
	const struct stats_mib2 *s = &lwip_stats.mib2;
	struct inet_counts c;

	lw_lock();
	c = lw_counts;
	c.ip_in = s->ipinreceives;
	c.ip_out = s->ipoutrequests;
	c.tcp_active = s->tcpactiveopens;
	c.tcp_passive = s->tcppassiveopens;
	c.tcp_current = established();
	c.tcp_in = s->tcpinsegs;
	c.tcp_out = s->tcpoutsegs;
	c.tcp_retrans = s->tcpretranssegs;
	c.tcp_rsts = s->tcpoutrsts;
	c.udp_drop = lw_udp_drops;
	inet_fill_mib(&c, out);
	fill_ip(s, out);
	fill_icmp(s, out);
	out->tcp.InErrs = s->tcpinerrs;
	lw_unlock();
}

static void changed(struct netif *n, netif_nsc_reason_t reason, const netif_ext_callback_args_t *args)
	NO_THREAD_SAFETY_ANALYSIS
{
	struct net_addr a;
	struct net_link l;

	if (n != &lw_lo && !lw_dev_of(n)->dev)
		return;
	if (!lw_is_alias(n) && reason & (LWIP_NSC_LINK_CHANGED | LWIP_NSC_STATUS_CHANGED)) {
		fill_link(n, &l);
		net_notify_link(&l, false);
	}
	if (reason & LWIP_NSC_IPV4_ADDRESS_CHANGED) {
		lw_fill_addr4(n, &a);
		if (args->ipv4_changed.old_address &&
		    !ip4_addr_isany(ip_2_ip4(args->ipv4_changed.old_address))) {
			struct net_addr old = a;

			old.local = old.peer =
				lw_ip4(ip4_addr_get_u32(ip_2_ip4(args->ipv4_changed.old_address)));
			if (reason & LWIP_NSC_IPV4_NETMASK_CHANGED)
				old.prefixlen = lw_prefix_of(ip4_addr_get_u32(
					ip_2_ip4(args->ipv4_changed.old_netmask)));
			net_notify_addr(&old, true);
		}
		if (!ip4_addr_isany(netif_ip4_addr(n)))
			net_notify_addr(&a, false);
	}
	if (reason & LWIP_NSC_IPV6_ADDR_STATE_CHANGED) {
		int i = args->ipv6_addr_state_changed.addr_index;

		lw_fill_addr6(n, i, &a);
		net_notify_addr(&a, ip6_addr_isinvalid(netif_ip6_addr_state(n, i)));
	}
}

void lw_config_init(void)
{
	static netif_ext_callback_t callback;

	netif_add_ext_callback(&callback, changed);
}

const struct net_config_ops lw_config = {
	.next_link = next_link, .next_addr = lw_next_addr, .next_route = lw_next_route,
	.next_neigh = next_neigh, .mib = mib, .set_flags = set_flags, .set_mtu = set_mtu,
	.set_mac = set_mac, .add_neigh = add_neigh, .del_neigh = del_neigh,
	.add_addr = lw_add_addr, .del_addr = lw_del_addr, .add_route = lw_add_route,
	.del_route = lw_del_route, .get_route = lw_get_route,
};
