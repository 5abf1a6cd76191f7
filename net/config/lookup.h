/* SPDX-License-Identifier: BSD-2-Clause */
/* Finding things in the tables of <net/config.h>, for the ioctls and /proc/net. */
#ifndef NET_CONFIG_LOOKUP_H
#define NET_CONFIG_LOOKUP_H

#include <lib/byteorder.h>
#include <linux/if.h>
#include <net/backend.h>
#include <net/config.h>

/* True and *l filled in. A name may be an alias, "eth0:1": the part before ':' counts. */
bool config_link_by_name(const char *name, struct net_link *l);
bool config_link_by_index(int ifindex, struct net_link *l);
/* The first IPv4 address of the link, or that of this label, or this very one (`ip` not 0). */
bool config_addr4(const struct net_link *l, const char *label, u32 ip, struct net_addr *a);

/* IPv4 addresses as numbers in network order. */
static inline u32 ip_v4(const struct net_ip *ip)
{
	u32 v4;

	memcpy(&v4, ip->bytes, sizeof(v4));
	return v4;
}
static inline void ip_set_v4(struct net_ip *ip, u32 v4)
{
	memset(ip, 0, sizeof(*ip));
	memcpy(ip->bytes, &v4, sizeof(v4));
}
static inline u32 mask_of(unsigned len)
{
	return len ? cpu_to_be32(~0u << (32 - len)) : 0;
}
/* The length of a mask; negative if it has holes. */
int mask_len(u32 mask);

/* SIOCADDRT, SIOCDELRT and the ARP calls; -ENOIOCTLCMD for all others. */
long config_route_ioctl(struct socket *so, unsigned cmd, void __user *arg);
long config_arp_ioctl(unsigned cmd, void __user *arg);

#endif
