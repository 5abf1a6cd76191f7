/* SPDX-License-Identifier: BSD-2-Clause */
/* The ioctls of routes (struct rtentry, of IPv6 struct in6_rtmsg) and of the ARP table: arp(7). */
#include <arch/uaccess.h>
#include <linux/if_arp.h>
#include <linux/in.h>
#include <linux/ipv6_route.h>
#include <linux/neighbour.h>
#include <linux/route.h>
#include <linux/rtnetlink.h>
#include "lookup.h"

#define CALL(op, ...) (net_backend.config->op ? net_backend.config->op(__VA_ARGS__) : -EOPNOTSUPP)

static const struct sockaddr_in *in_of(const struct sockaddr *sa)
{
	return (const void *)sa;
}

/* Adds or deletes; an administrator's. */
static int apply(unsigned cmd, const struct net_route *r)
{
	int err;

	mutex_lock(&net_config_lock);
	err = cmd == SIOCADDRT ? CALL(add_route, r, NLM_F_CREATE) : CALL(del_route, r);
	mutex_unlock(&net_config_lock);
	return err;
}

static int read_rtentry(const struct rtentry *rt, struct net_route *r)
{
	char name[IFNAMSIZ] = "";
	struct net_link l;
	int len = 32;

	if (in_of(&rt->rt_dst)->sin_family != AF_INET)
		return -EAFNOSUPPORT;
	if (!(rt->rt_flags & RTF_HOST)) {
		len = mask_len(in_of(&rt->rt_genmask)->sin_addr.s_addr);
		if (len < 0)
			return len;
	}
	if (in_of(&rt->rt_dst)->sin_addr.s_addr & ~mask_of((unsigned)len))
		return -EINVAL;
	*r = (struct net_route){
		.family = AF_INET, .dst_len = (u8)len, .table = RT_TABLE_MAIN,
		.protocol = RTPROT_BOOT, .scope = RT_SCOPE_LINK,
		.type = rt->rt_flags & RTF_REJECT ? RTN_UNREACHABLE : RTN_UNICAST,
		.metric = rt->rt_metric > 0 ? (u32)rt->rt_metric - 1 : 0,
		.mtu = rt->rt_flags & RTF_MTU ? (u32)rt->rt_mtu : 0,
	};
	ip_set_v4(&r->dst, in_of(&rt->rt_dst)->sin_addr.s_addr);
	if (rt->rt_flags & RTF_GATEWAY) {
		if (in_of(&rt->rt_gateway)->sin_family != AF_INET)
			return -EINVAL;
		r->has_gateway = true;
		r->scope = RT_SCOPE_UNIVERSE;
		ip_set_v4(&r->gateway, in_of(&rt->rt_gateway)->sin_addr.s_addr);
	}
	if (rt->rt_dev) {
		if (strncpy_from_user(name, (const char __user *)rt->rt_dev, sizeof(name) - 1) < 0)
			return -EFAULT;
		if (!config_link_by_name(name, &l))
			return -ENODEV;
		r->ifindex = l.index;
	}
	return 0;
}

static void read_rtmsg6(const struct in6_rtmsg *rt, struct net_route *r)
{
	*r = (struct net_route){
		.family = AF_INET6, .dst_len = (u8)rt->rtmsg_dst_len, .table = RT_TABLE_MAIN,
		.protocol = RTPROT_BOOT, .scope = RT_SCOPE_UNIVERSE, .type = RTN_UNICAST,
		.metric = rt->rtmsg_metric, .ifindex = rt->rtmsg_ifindex,
		.has_gateway = (rt->rtmsg_flags & RTF_GATEWAY) != 0,
	};
	memcpy(&r->dst, &rt->rtmsg_dst, sizeof(r->dst));
	memcpy(&r->gateway, &rt->rtmsg_gateway, sizeof(r->gateway));
}

long config_route_ioctl(struct socket *so, unsigned cmd, void __user *arg)
{
	struct in6_rtmsg rt6;
	struct rtentry rt;
	struct net_route r;
	int err;

	if (!capable(CAP_NET_ADMIN))
		return -EPERM;
	if (so->family == AF_INET6) {
		if (copy_from_user(&rt6, arg, sizeof(rt6)))
			return -EFAULT;
		if (rt6.rtmsg_dst_len > 128)
			return -EINVAL;
		read_rtmsg6(&rt6, &r);
		return apply(cmd, &r);
	}
	if (copy_from_user(&rt, arg, sizeof(rt)))
		return -EFAULT;
	err = read_rtentry(&rt, &r);
	return err ? err : apply(cmd, &r);
}

/* ---- ARP ---- */

static bool find_neigh(u32 ip, int ifindex, struct net_neigh *n)
{
	const struct net_config_ops *ops = net_backend.config;
	u32 pos = 0;

	while (ops->next_neigh && ops->next_neigh(&pos, n))
		if (n->family == AF_INET && ip_v4(&n->dst) == ip &&
		    (!ifindex || n->ifindex == ifindex))
			return true;
	return false;
}

static int arp_get(struct arpreq *req, int ifindex)
{
	struct net_neigh n;
	struct net_link l;

	if (!find_neigh(in_of(&req->arp_pa)->sin_addr.s_addr, ifindex, &n))
		return -ENXIO;
	req->arp_ha.sa_family = ARPHRD_ETHER;
	memcpy(req->arp_ha.sa_data, n.lladdr, ETH_ALEN);
	req->arp_flags = n.state & (NUD_INCOMPLETE | NUD_FAILED) ? 0 : ATF_COM;
	if (n.state & NUD_PERMANENT)
		req->arp_flags |= ATF_PERM;
	if (config_link_by_index(n.ifindex, &l))
		memcpy(req->arp_dev, l.name, sizeof(req->arp_dev));
	return 0;
}

static int arp_change(unsigned cmd, const struct arpreq *req, int ifindex)
{
	struct net_neigh n = { .ifindex = ifindex, .family = AF_INET, .type = RTN_UNICAST };
	struct net_neigh known;
	int err;

	ip_set_v4(&n.dst, in_of(&req->arp_pa)->sin_addr.s_addr);
	memcpy(n.lladdr, req->arp_ha.sa_data, ETH_ALEN);
	n.state = req->arp_flags & ATF_PERM ? NUD_PERMANENT : NUD_STALE;
	if (!n.ifindex && find_neigh(ip_v4(&n.dst), 0, &known))
		n.ifindex = known.ifindex;
	mutex_lock(&net_config_lock);
	if (cmd == SIOCSARP)
		err = CALL(add_neigh, &n, NLM_F_CREATE | NLM_F_REPLACE);
	else
		err = CALL(del_neigh, &n);
	mutex_unlock(&net_config_lock);
	return err == -ENOENT ? -ENXIO : err;
}

long config_arp_ioctl(unsigned cmd, void __user *arg)
{
	struct arpreq req;
	struct net_link l = { 0 };
	int err;

	if (copy_from_user(&req, arg, sizeof(req)))
		return -EFAULT;
	if (in_of(&req.arp_pa)->sin_family != AF_INET)
		return -EPFNOSUPPORT;
	req.arp_dev[sizeof(req.arp_dev) - 1] = 0;
	if (req.arp_dev[0] && !config_link_by_name(req.arp_dev, &l))
		return -ENODEV;
	if (cmd == SIOCGARP) {
		err = arp_get(&req, l.index);
		return !err && copy_to_user(arg, &req, sizeof(req)) ? -EFAULT : err;
	}
	return capable(CAP_NET_ADMIN) ? arp_change(cmd, &req, l.index) : -EPERM;
}
