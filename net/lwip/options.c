/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Options that do something: those of a connection reach its tcp_pcb, groups are joined,
 * filters kept. All others are only kept (net/inet/options.c).
 */
#include "config.h"
#include "lwip/igmp.h"
#include "lwip/mld6.h"

#define ICMP_FILTER	1		/* of <linux/icmp.h>, which needs a C library */
#define ICMPV6_FILTER	1
#define MAX_GROUPS 20		/* net.ipv4.igmp_max_memberships */

struct lw_group {
	struct lw_group	*next;
	struct in6_addr	 group;
	u32		 ifindex;
};

/* ---- TCP ---- */

void lw_tcp_options(struct lw_sock *o)
{
	struct inet_sock *in = &o->in;
	struct tcp_pcb *pcb = o->pcb;
	u32 limit = max(READ_ONCE(in->so.rcvbuf) / 2, 2048u), clamp;

	clamp = (u32)inet_opt(in, TCP_WINDOW_CLAMP);
	if (clamp)
		limit = min(limit, clamp);
	pcb->wnd_limit = min(limit, TCP_WND);
	pcb->ttl = (u8)inet_opt(in, IP_TTL);
	pcb->tos = (u8)inet_opt(in, IP_TOS);
	pcb->syn_retries = (u8)inet_opt(in, TCP_SYNCNT);
	pcb->keep_idle = (u32)inet_opt(in, TCP_KEEPIDLE) * 1000;
	pcb->keep_intvl = (u32)inet_opt(in, TCP_KEEPINTVL) * 1000;
	pcb->keep_cnt = (u32)inet_opt(in, TCP_KEEPCNT);
	pcb->netif_idx = (u8)in->so.bound_if;
	pcb->user_timeout = (u32)inet_opt(in, TCP_USER_TIMEOUT);
	pcb->linger2 = (s16)inet_opt(in, TCP_LINGER2);
	if (in->so.flags & SOF_KEEPALIVE)
		ip_set_option(pcb, LW_KEEPALIVE);
	else
		ip_reset_option(pcb, LW_KEEPALIVE);
	if (inet_opt(in, TCP_NODELAY))
		tcp_set_flags(pcb, TF_NODELAY);
	else
		tcp_clear_flags(pcb, TF_NODELAY);
	if (inet_opt(in, TCP_CORK))
		tcp_set_flags(pcb, TF_CORK);
	else
		tcp_clear_flags(pcb, TF_CORK);
}

void lw_option_changed(struct socket *so)
{
	struct lw_sock *o = lw_of(so);

	lw_lock();
	if (o->pcb) {
		lw_pcb_touch(o->pcb);
		o->pcb->tmr = tcp_ticks;	/* keepalive counts from here */
		lw_tcp_options(o);
		if (o->pcb->state >= ESTABLISHED)
			lw_tcp_open_window(o);
		if (o->on_data & LW_QUICK && o->pcb->flags & TF_ACK_DELAY)
			tcp_ack_now(o->pcb);
		tcp_output(o->pcb);
	}
	lw_unlock();
}

/* TCP_QUICKACK is for the next segments only; what is owed now goes at once. */
static void set_quick(struct lw_sock *o)
{
	lw_lock();
	o->quick_acks = LW_QUICK_ACKS;
	if (inet_opt(&o->in, TCP_QUICKACK))
		o->on_data |= LW_QUICK;
	else
		o->on_data &= (u8)~LW_QUICK;
	lw_unlock();
}

void lw_tcp_info(struct lw_sock *o, void *val, u32 *len)
{
	struct tcp_info info;
	struct tcp_pcb *pcb;

	memset(&info, 0, sizeof(info));
	lw_lock();
	pcb = o->pcb;
	info.tcpi_state = pcb ? lw_tcp_state(pcb) : o->in.so.state;
	info.tcpi_ato = 40000;
	info.tcpi_rcv_space = o->in.so.rcvbuf / 2;
	if (o->in.so.state == INET_LISTEN) {
		info.tcpi_unacked = o->in.nr_accepts;
		info.tcpi_sacked = o->in.backlog;
	}
	if (pcb) {
		u32 tick = TCP_SLOW_INTERVAL * 1000;

		lw_tcp_count(o);
		info.tcpi_options = (u8)((pcb->flags & TF_TIMESTAMP ? TCPI_OPT_TIMESTAMPS : 0) |
					 (pcb->flags & TF_SACK ? TCPI_OPT_SACK : 0) |
					 (pcb->flags & TF_WND_SCALE ? TCPI_OPT_WSCALE : 0));
		info.tcpi_snd_wscale = pcb->snd_scale & 15;
		info.tcpi_rcv_wscale = pcb->rcv_scale & 15;
		info.tcpi_retransmits = pcb->nrtx;
		info.tcpi_backoff = pcb->nrtx;
		info.tcpi_probes = pcb->persist_probe;
		info.tcpi_rto = (u32)pcb->rto * tick;
		info.tcpi_snd_mss = info.tcpi_rcv_mss = info.tcpi_advmss = pcb->mss;
		info.tcpi_pmtu = pcb->mss + 40u;
		info.tcpi_rtt = (u32)(pcb->sa >> 3) * tick;
		info.tcpi_rttvar = (u32)(pcb->sv >> 2) * tick;
		info.tcpi_snd_ssthresh = pcb->ssthresh;
		info.tcpi_snd_cwnd = pcb->cwnd / max((u32)pcb->mss, 1u);
		info.tcpi_unacked = (pcb->snd_nxt - pcb->lastack + pcb->mss - 1) / max((u32)pcb->mss, 1u);
		info.tcpi_notsent_bytes = pcb->snd_lbb - pcb->snd_nxt;
		info.tcpi_rcv_ssthresh = pcb->rcv_wnd;
		info.tcpi_snd_wnd = pcb->snd_wnd;
	}
	info.tcpi_bytes_acked = o->bytes.acked;
	info.tcpi_bytes_received = o->bytes.received;
	info.tcpi_bytes_sent = o->bytes.sent + o->bytes.resent;
	info.tcpi_bytes_retrans = o->bytes.resent;
	info.tcpi_total_retrans = o->bytes.segments_resent;
	lw_unlock();
	*len = min(*len, (u32)sizeof(info));
	memcpy(val, &info, *len);
}

/* ---- groups ---- */

static err_t join(struct netif *n, const struct in6_addr *group, bool leave) REQUIRES(lw_core)
{
	ip_addr_t ip;

	if (n == &lw_lo)
		return ERR_OK;
	lw_to_ip(&ip, group);
	if (IP_IS_V6(&ip))
		return leave ? mld6_leavegroup_netif(n, ip_2_ip6(&ip)) :
			       mld6_joingroup_netif(n, ip_2_ip6(&ip));
	return leave ? igmp_leavegroup_netif(n, ip_2_ip4(&ip)) :
		       igmp_joingroup_netif(n, ip_2_ip4(&ip));
}

static struct lw_group **find_group(struct lw_sock *o, const struct in6_addr *group, u32 ifindex,
				    u32 *count) REQUIRES(lw_core)
{
	struct lw_group **at = &o->groups;

	for (*count = 0; *at; at = &(*at)->next, ++*count)
		if (inet_same(&(*at)->group, group) && (!ifindex || (*at)->ifindex == ifindex))
			break;
	return at;
}

static void leave_group(struct lw_group **at) REQUIRES(lw_core)
{
	struct lw_group *g = *at;
	struct netif *n = netif_get_by_index((u8)g->ifindex);

	if (n)
		join(n, &g->group, true);
	*at = g->next;
	kfree(g);
}

void lw_groups_drop(struct lw_sock *o)
{
	while (o->groups)
		leave_group(&o->groups);
}

bool lw_group_wanted(const struct lw_sock *o, const struct in6_addr *group, u32 ifindex)
{
	if (!lw_is_group(group))		/* a broadcast */
		return o->in.so.family == AF_INET;
	if (inet_is_v4(group) && o->in.so.family == AF_INET && !o->groups &&
	    inet_opt(&o->in, IP_MULTICAST_ALL))
		return true;
	for (const struct lw_group *g = o->groups; g; g = g->next)
		if (g->ifindex == ifindex && inet_same(&g->group, group))
			return true;
	return false;
}

static int change_group(struct lw_sock *o, const struct in6_addr *group, u32 ifindex, bool leave)
{
	struct lw_group *g = kzalloc(sizeof(*g), GFP_KERNEL), **at;
	struct in6_addr from;
	struct netif *n;
	u32 count;
	int err = 0;

	if (!g)
		return -ENOMEM;
	if (!lw_is_group(group)) {
		kfree(g);
		return -EINVAL;
	}
	lw_lock();
	inet_any(&from, inet_is_v4(group) ? AF_INET : AF_INET6);
	n = ifindex ? netif_get_by_index((u8)ifindex) : NULL;
	if (!ifindex && !leave) {
		n = lw_route(group, &from, 0);
		ifindex = n ? netif_get_index(n) : 0;
	}
	at = find_group(o, group, ifindex, &count);
	if (leave) {
		if (*at)
			leave_group(at);
		else
			err = -EADDRNOTAVAIL;
	} else if (!n) {
		err = -ENODEV;
	} else if (*at) {
		err = -EADDRINUSE;
	} else if (count >= MAX_GROUPS) {
		err = -ENOBUFS;
	} else if (join(n, group, false) != ERR_OK) {
		err = -ENOBUFS;
	} else {
		*g = (struct lw_group){ .next = o->groups, .group = *group, .ifindex = ifindex };
		o->groups = g;
		g = NULL;
	}
	lw_unlock();
	kfree(g);
	return err;
}

/* The interface that has this address, or 0. */
static u32 index_of(__be32 addr)
{
	struct netif *n;
	u32 index = 0;

	lw_lock();
	NETIF_FOREACH(n)
		if (addr && ip4_addr_get_u32(netif_ip4_addr(n)) == addr)
			index = netif_get_index(n);
	lw_unlock();
	return index;
}

static int set_group4(struct lw_sock *o, int name, const void *val, u32 len)
{
	struct in6_addr group;
	struct ip_mreqn m;

	memset(&m, 0, sizeof(m));
	if (len < sizeof(struct ip_mreq))
		return -EINVAL;
	memcpy(&m, val, min_t(u32, len, sizeof(m)));
	if (!m.imr_ifindex && m.imr_address.s_addr) {
		m.imr_ifindex = (int)index_of(m.imr_address.s_addr);
		if (!m.imr_ifindex)
			return name == IP_ADD_MEMBERSHIP ? -ENODEV : -EADDRNOTAVAIL;
	}
	inet_from_v4(&group, m.imr_multiaddr.s_addr);
	return change_group(o, &group, (u32)m.imr_ifindex, name == IP_DROP_MEMBERSHIP);
}

static int set_group6(struct lw_sock *o, int name, const void *val, u32 len)
{
	struct ipv6_mreq m;

	if (len < sizeof(m))
		return -EINVAL;
	memcpy(&m, val, sizeof(m));
	return change_group(o, &m.ipv6mr_multiaddr, (u32)m.ipv6mr_ifindex,
			    name == IPV6_DROP_MEMBERSHIP);
}

static int set_multicast_if(struct lw_sock *o, int level, const void *val, u32 len)
{
	struct ip_mreqn m;
	u32 index;

	memset(&m, 0, sizeof(m));
	if (level == SOL_IPV6 || len < sizeof(struct in_addr)) {
		if (len < sizeof(int))
			return -EINVAL;
		memcpy(&index, val, sizeof(index));
	} else {
		if (len >= sizeof(struct ip_mreq))
			memcpy(&m, val, min_t(u32, len, sizeof(m)));
		else
			memcpy(&m.imr_address, val, sizeof(m.imr_address));
		index = (u32)m.imr_ifindex;
		if (!index && m.imr_address.s_addr) {
			index = index_of(m.imr_address.s_addr);
			if (!index)
				return -EADDRNOTAVAIL;
		}
	}
	if (index) {
		lw_lock();
		if (index > 255 || !netif_get_by_index((u8)index))
			index = ~0u;
		lw_unlock();
		if (index == ~0u)
			return level == SOL_IPV6 ? -ENODEV : -EADDRNOTAVAIL;
	}
	WRITE_ONCE(o->mcast_if, index);
	WRITE_ONCE(o->mcast_addr, m.imr_address.s_addr);
	return 0;
}

/* IPv4's option is asked for the address it was given, IPv6's for the interface. */
static int get_multicast_if(const struct lw_sock *o, int level, void *val, u32 *len)
{
	u32 value = level == SOL_IP ? READ_ONCE(o->mcast_addr) : READ_ONCE(o->mcast_if);

	*len = min_t(u32, *len, sizeof(value));
	memcpy(val, &value, *len);
	return 0;
}

/* ---- the calls ---- */

static int bind_device(struct lw_sock *o, const char *name)
{
	struct net_device *dev = netdev_by_name(name);

	if (!dev)
		return -ENODEV;
	WRITE_ONCE(o->in.so.bound_if, (u32)dev->ifindex);
	return 0;
}

static int set_filter(struct lw_sock *o, const void *val, u32 len)
{
	if (o->in.so.type != SOCK_RAW)
		return -EOPNOTSUPP;
	memcpy(o->icmp_filter, val, min_t(u32, len, sizeof(o->icmp_filter)));
	return 0;
}

static int set_flag(bool *flag, const void *val, u32 len)
{
	int number;

	if (len < sizeof(number))
		return -EINVAL;
	memcpy(&number, val, sizeof(number));
	WRITE_ONCE(*flag, number != 0);
	return 0;
}

int lw_setsockopt(struct socket *so, int level, int name, const void *val, u32 len)
{
	struct lw_sock *o = lw_of(so);
	bool v6 = so->family == AF_INET6, dgram = so->type != SOCK_STREAM;
	int err;

	if (level == SOL_SOCKET)
		return name == SO_BINDTODEVICE ? bind_device(o, val) : -ENOPROTOOPT;
	if (level == SOL_IP && (name == IP_ADD_MEMBERSHIP || name == IP_DROP_MEMBERSHIP))
		return dgram ? set_group4(o, name, val, len) : -EPROTO;
	if (level == SOL_IPV6 && v6 && (name == IPV6_ADD_MEMBERSHIP || name == IPV6_DROP_MEMBERSHIP))
		return dgram ? set_group6(o, name, val, len) : -EPROTO;
	if ((level == SOL_IP && name == IP_MULTICAST_IF) ||
	    (level == SOL_IPV6 && v6 && name == IPV6_MULTICAST_IF))
		return dgram ? set_multicast_if(o, level, val, len) : -EINVAL;
	if (level == SOL_IP && name == IP_HDRINCL && so->type == SOCK_RAW && !v6)
		return set_flag(&o->hdrincl, val, len);
	if ((level == SOL_RAW && so->protocol == IPPROTO_ICMP && name == ICMP_FILTER) ||
	    (level == IPPROTO_ICMPV6 && so->protocol == IPPROTO_ICMPV6 && name == ICMPV6_FILTER))
		return set_filter(o, val, len);
	err = inet_setsockopt(so, level, name, val, len);
	if (!err && level == SOL_TCP && name == TCP_QUICKACK)
		set_quick(o);
	if (!err && !dgram)
		lw_option_changed(so);
	return err;
}

/* The MTU of the link that packets of a connected socket leave by. */
static int get_mtu(struct lw_sock *o, int level, void *val, u32 *len)
{
	struct in6_addr from;
	struct netif *n = NULL;
	u32 mtu = 0;

	lw_lock();
	from = o->in.laddr;
	if (o->in.rport)
		n = lw_route(&o->in.raddr, &from, o->in.so.bound_if);
	if (n)
		mtu = n == &lw_lo ? LW_LO_MTU : n->mtu;
	lw_unlock();
	return mtu ? inet_put_number(level, (int)mtu, val, len) : -ENOTCONN;
}

static int get_device(const struct lw_sock *o, char *val, u32 *len)
{
	struct net_device *dev = netdev_by_index((int)READ_ONCE(o->in.so.bound_if));

	if (!dev)
		return -ENODEV;
	*len = (u32)strlen(dev->name) + 1;
	memcpy(val, dev->name, *len);
	return 0;
}

int lw_getsockopt(struct socket *so, int level, int name, void *val, u32 *len)
{
	struct lw_sock *o = lw_of(so);

	if (level == SOL_SOCKET && name == SO_BINDTODEVICE)
		return get_device(o, val, len);

	if ((level == SOL_IP && name == IP_MTU) ||
	    (level == SOL_IPV6 && name == IPV6_MTU && so->family == AF_INET6))
		return get_mtu(o, level, val, len);

	if ((level == SOL_IP && name == IP_MULTICAST_IF) ||
	    (level == SOL_IPV6 && name == IPV6_MULTICAST_IF && so->family == AF_INET6))
		return get_multicast_if(o, level, val, len);
	if (level == SOL_TCP && name == TCP_INFO && so->type == SOCK_STREAM) {
		lw_tcp_info(o, val, len);
		return 0;
	}
	if (level == SOL_TCP && name == TCP_MAXSEG && so->type == SOCK_STREAM && READ_ONCE(o->pcb)) {
		int mss = 0;

		lw_lock();
		if (o->pcb)
			mss = o->pcb->mss;
		lw_unlock();
		if (mss)
			return inet_put_number(level, mss, val, len);
	}
	if (level == SOL_IP && name == IP_HDRINCL && so->type == SOCK_RAW)
		return inet_put_number(level, o->hdrincl, val, len);
	if ((level == SOL_RAW && name == ICMP_FILTER) ||
	    (level == IPPROTO_ICMPV6 && name == ICMPV6_FILTER)) {
		if (so->type != SOCK_RAW)
			return -EOPNOTSUPP;
		*len = min_t(u32, *len, level == SOL_RAW ? 4 : sizeof(o->icmp_filter));
		memcpy(val, o->icmp_filter, *len);
		return 0;
	}
	return inet_getsockopt(so, level, name, val, len);
}
