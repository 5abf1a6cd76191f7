/* SPDX-License-Identifier: BSD-2-Clause */
/* netdevice(7): the ioctls of links and their IPv4 addresses, and IPv6's on its sockets. */
#include <arch/uaccess.h>
#include <linux/if_arp.h>
#include <linux/in.h>
#include <linux/ipv6.h>
#include <linux/rtnetlink.h>
#include "lookup.h"
#include "../internal.h"

#define CALL(op, ...) (net_backend.config->op ? net_backend.config->op(__VA_ARGS__) : -EOPNOTSUPP)

static void put_in(struct sockaddr *sa, u32 ip)
{
	struct sockaddr_in *in = (void *)sa;

	memset(sa, 0, sizeof(*sa));
	in->sin_family = AF_INET;
	in->sin_addr.s_addr = ip;
}

static u32 get_in(const struct sockaddr *sa)
{
	return ((const struct sockaddr_in *)(const void *)sa)->sin_addr.s_addr;
}

/* ---- lists and names ---- */

static long get_conf(void __user *arg)
{
	const struct net_config_ops *ops = net_backend.config;
	struct net_addr a;
	struct ifconf conf;
	u32 pos = 0;
	int room, len = 0;

	if (copy_from_user(&conf, arg, sizeof(conf)))
		return -EFAULT;
	room = conf.ifc_len;
	while (ops->next_addr && ops->next_addr(&pos, &a)) {
		struct ifreq ifr = { 0 };

		if (a.family != AF_INET)
			continue;
		if (conf.ifc_buf) {
			if (room - len < (int)sizeof(ifr))
				break;
			memcpy(ifr.ifr_name, a.label, sizeof(ifr.ifr_name));
			put_in(&ifr.ifr_addr, ip_v4(&a.local));
			if (copy_to_user((u8 __user *)conf.ifc_buf + len, &ifr, sizeof(ifr)))
				return -EFAULT;
		}
		len += (int)sizeof(ifr);
	}
	conf.ifc_len = len;
	return copy_to_user(arg, &conf, sizeof(conf)) ? -EFAULT : 0;
}

static int get_name(struct ifreq *ifr)
{
	struct net_link l;

	if (!config_link_by_index(ifr->ifr_ifindex, &l))
		return -ENODEV;
	memcpy(ifr->ifr_name, l.name, sizeof(ifr->ifr_name));
	return 0;
}

/* ---- what is asked of a link ---- */

static int get_of_link(unsigned cmd, const struct net_link *l, struct ifreq *ifr)
{
	switch (cmd) {
	case SIOCGIFFLAGS:
		ifr->ifr_flags = (short)l->flags;
		return 0;
	case SIOCGIFINDEX:
		ifr->ifr_ifindex = l->index;
		return 0;
	case SIOCGIFMTU:
		ifr->ifr_mtu = (int)l->mtu;
		return 0;
	case SIOCGIFMETRIC:
		ifr->ifr_metric = 0;
		return 0;
	case SIOCGIFTXQLEN:
		ifr->ifr_qlen = (int)l->txqlen;
		return 0;
	case SIOCGIFMAP:
		memset(&ifr->ifr_map, 0, sizeof(ifr->ifr_map));
		return 0;
	case SIOCGIFHWADDR:
		memset(&ifr->ifr_hwaddr, 0, sizeof(ifr->ifr_hwaddr));
		ifr->ifr_hwaddr.sa_family = l->type;
		memcpy(ifr->ifr_hwaddr.sa_data, l->addr, l->addr_len);
		return 0;
	}
	return -ENOIOCTLCMD;
}

/*
 * The address meant: by its label; if the caller gave an address of IPv4, that very one of the
 * link, as old programs do with several under one name.
 */
static int get_of_addr(unsigned cmd, const struct net_link *l, struct ifreq *ifr)
{
	struct net_addr a;
	u32 ip = ifr->ifr_addr.sa_family == AF_INET ? get_in(&ifr->ifr_addr) : 0;

	if (!(ip && config_addr4(l, ifr->ifr_name, ip, &a)) &&
	    !config_addr4(l, ifr->ifr_name, 0, &a))
		return -EADDRNOTAVAIL;
	if (cmd == SIOCGIFADDR)
		ip = ip_v4(&a.local);
	else if (cmd == SIOCGIFDSTADDR)
		ip = ip_v4(&a.peer);
	else if (cmd == SIOCGIFBRDADDR)
		ip = ip_v4(&a.broadcast);
	else
		ip = mask_of(a.prefixlen);
	put_in(&ifr->ifr_addr, ip);
	return 0;
}

/* ---- changes ---- */

/* The mask that an address had before there were masks: by its class. */
static u8 class_len(u32 ip)
{
	u8 first = (u8)ip;

	return first < 128 ? 8 : first < 192 ? 16 : first < 224 ? 24 : 32;
}

static u32 broadcast_of(const struct net_link *l, u32 ip, u8 len)
{
	return l->flags & IFF_BROADCAST && len < 31 ? ip | ~mask_of(len) : 0;
}

/* One address for another, or with another mask or broadcast. */
static int swap_addr(const struct net_addr *old, struct net_addr *a)
{
	int err;

	if (old && !memcmp(old, a, sizeof(*a)))
		return 0;
	if (old) {
		err = CALL(del_addr, old);
		if (err)
			return err;
	}
	return CALL(add_addr, a, false);
}

static int set_addr(const struct net_link *l, const struct ifreq *ifr)
{
	struct net_addr old, a = { .family = AF_INET, .valid = ~0u, .preferred = ~0u };
	bool had = config_addr4(l, ifr->ifr_name, 0, &old);
	u32 ip = get_in(&ifr->ifr_addr);

	if (ifr->ifr_addr.sa_family != AF_INET)
		return -EINVAL;
	if (!ip)
		return had ? CALL(del_addr, &old) : 0;
	if (had && ip_v4(&old.local) == ip)
		return 0;
	a.ifindex = l->index;
	a.prefixlen = class_len(ip);
	a.scope = (u8)ip == 127 ? RT_SCOPE_HOST : RT_SCOPE_UNIVERSE;
	memcpy(a.label, ifr->ifr_name, sizeof(a.label));
	ip_set_v4(&a.local, ip);
	a.peer = a.local;
	ip_set_v4(&a.broadcast, broadcast_of(l, ip, a.prefixlen));
	return swap_addr(had ? &old : NULL, &a);
}

static int set_of_addr(unsigned cmd, const struct net_link *l, const struct ifreq *ifr)
{
	struct net_addr old, a;
	u32 value = get_in(&ifr->ifr_addr);
	int len;

	if (cmd == SIOCSIFADDR)
		return set_addr(l, ifr);
	if (!config_addr4(l, ifr->ifr_name, 0, &old))
		return -EADDRNOTAVAIL;
	a = old;
	if (cmd == SIOCSIFBRDADDR) {
		ip_set_v4(&a.broadcast, value);
	} else {
		len = mask_len(value);
		if (len < 0)
			return len;
		a.prefixlen = (u8)len;
		/* A broadcast address that was made from the mask follows it. */
		if (ip_v4(&a.broadcast) == broadcast_of(l, ip_v4(&a.local), old.prefixlen))
			ip_set_v4(&a.broadcast, broadcast_of(l, ip_v4(&a.local), a.prefixlen));
	}
	return swap_addr(&old, &a);
}

static int set_of_link(unsigned cmd, const struct net_link *l, const struct ifreq *ifr)
{
	switch (cmd) {
	case SIOCSIFFLAGS:
		return CALL(set_flags, l->index, (u16)ifr->ifr_flags, U16_MAX);
	case SIOCSIFMTU:
		return ifr->ifr_mtu < 0 ? -EINVAL : CALL(set_mtu, l->index, (u32)ifr->ifr_mtu);
	case SIOCSIFHWADDR:
		if (ifr->ifr_hwaddr.sa_family != l->type)
			return -EINVAL;
		return CALL(set_mac, l->index, (const u8 *)ifr->ifr_hwaddr.sa_data);
	case SIOCSIFTXQLEN:
		return ifr->ifr_qlen == (int)l->txqlen ? 0 : -EOPNOTSUPP;
	case SIOCSIFADDR:
	case SIOCSIFNETMASK:
	case SIOCSIFBRDADDR:
		return set_of_addr(cmd, l, ifr);
	}
	return -EOPNOTSUPP;	/* a metric, a map, a name, a peer: Linux's own mostly refuse them */
}

/* ---- IPv6, with a struct of its own ---- */

static long inet6_addr(unsigned cmd, void __user *arg)
{
	struct net_addr a = { .family = AF_INET6, .valid = ~0u, .preferred = ~0u };
	struct in6_ifreq req;
	int err;

	if (!capable(CAP_NET_ADMIN))
		return -EPERM;
	if (copy_from_user(&req, arg, sizeof(req)))
		return -EFAULT;
	if (req.ifr6_prefixlen > 128)
		return -EINVAL;
	a.ifindex = req.ifr6_ifindex;
	a.prefixlen = (u8)req.ifr6_prefixlen;
	memcpy(&a.local, &req.ifr6_addr, sizeof(a.local));
	a.peer = a.local;
	mutex_lock(&net_config_lock);
	err = cmd == SIOCSIFADDR ? CALL(add_addr, &a, false) : CALL(del_addr, &a);
	mutex_unlock(&net_config_lock);
	return err;
}

/* ---- all of them ---- */

static int change(unsigned cmd, const struct ifreq *ifr)
{
	struct net_link l;
	int err = -ENODEV;

	if (!capable(CAP_NET_ADMIN))
		return -EPERM;
	mutex_lock(&net_config_lock);
	if (config_link_by_name(ifr->ifr_name, &l))
		err = set_of_link(cmd, &l, ifr);
	mutex_unlock(&net_config_lock);
	return err;
}

static long link_ioctl(unsigned cmd, void __user *arg)
{
	struct net_link l;
	struct ifreq ifr;
	int err;

	if (copy_from_user(&ifr, arg, sizeof(ifr)))
		return -EFAULT;
	ifr.ifr_name[sizeof(ifr.ifr_name) - 1] = 0;
	switch (cmd) {
	case SIOCGIFNAME:
		err = get_name(&ifr);
		break;
	case SIOCGIFADDR:
	case SIOCGIFDSTADDR:
	case SIOCGIFBRDADDR:
	case SIOCGIFNETMASK:
		err = config_link_by_name(ifr.ifr_name, &l) ? get_of_addr(cmd, &l, &ifr) : -ENODEV;
		break;
	case SIOCGIFFLAGS:
	case SIOCGIFINDEX:
	case SIOCGIFMTU:
	case SIOCGIFMETRIC:
	case SIOCGIFTXQLEN:
	case SIOCGIFMAP:
	case SIOCGIFHWADDR:
		err = config_link_by_name(ifr.ifr_name, &l) ? get_of_link(cmd, &l, &ifr) : -ENODEV;
		break;
	default:
		return change(cmd, &ifr);
	}
	return !err && copy_to_user(arg, &ifr, sizeof(ifr)) ? -EFAULT : err;
}

long net_config_ioctl(struct socket *so, unsigned cmd, unsigned long arg)
{
	void __user *uarg = (void __user *)arg;

	if (!net_backend.config)
		return -ENOIOCTLCMD;
	switch (cmd) {
	case SIOCGIFCONF:
		return get_conf(uarg);
	case SIOCSIFADDR:
	case SIOCDIFADDR:
		if (so->family == AF_INET6)
			return inet6_addr(cmd, uarg);
		return cmd == SIOCDIFADDR ? -EINVAL : link_ioctl(cmd, uarg);
	case SIOCADDRT:
	case SIOCDELRT:
		return config_route_ioctl(so, cmd, uarg);
	case SIOCGARP:
	case SIOCSARP:
	case SIOCDARP:
		return config_arp_ioctl(cmd, uarg);
	case SIOCGIFNAME:
	case SIOCGIFADDR: case SIOCGIFDSTADDR: case SIOCGIFBRDADDR: case SIOCGIFNETMASK:
	case SIOCGIFFLAGS: case SIOCGIFINDEX: case SIOCGIFMTU: case SIOCGIFMETRIC:
	case SIOCGIFTXQLEN: case SIOCGIFMAP: case SIOCGIFHWADDR:
	case SIOCSIFFLAGS: case SIOCSIFMTU: case SIOCSIFHWADDR: case SIOCSIFTXQLEN:
	case SIOCSIFNETMASK: case SIOCSIFBRDADDR: case SIOCSIFDSTADDR: case SIOCSIFMETRIC:
	case SIOCSIFMAP: case SIOCSIFNAME: case SIOCADDMULTI: case SIOCDELMULTI:
	case SIOCETHTOOL:
		return link_ioctl(cmd, uarg);
	}
	return -ENOIOCTLCMD;
}
