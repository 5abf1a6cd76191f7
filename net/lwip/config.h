/* SPDX-License-Identifier: BSD-2-Clause */
/* Between config.c (links, neighbours), addrs.c, and route_table.c and route6.c (routes). */
#ifndef NET_LWIP_CONFIG_H
#define NET_LWIP_CONFIG_H

#include <net/config.h>
#include "dev.h"

#define LW_LO_INDEX	1
#define LW_LO_MTU	65536u	/* as Linux has it; lwIP counts in 16 bits */

extern const struct net_config_ops lw_config;
/* Tells netlink's listeners of what changes from now on. */
void lw_config_init(void) REQUIRES(lw_core);

int lw_ifindex(const struct netif *n);
struct netif *lw_netif_by_index(int ifindex) REQUIRES(lw_core);
/* lo, then the devices; NULL behind the last. */
struct netif *lw_netif_nth(u32 n) REQUIRES(lw_core);
/* An IPv4 address, network byte order, as configuration has it. */
struct net_ip lw_ip4(u32 addr);
u32 lw_ip4_of(const struct net_ip *ip);
struct net_ip lw_ip6(const ip6_addr_t *addr);

/* Netmasks in network byte order, and their lengths. */
static inline u32 lw_mask_of(u8 len)
{
	return len ? cpu_to_be32(~0u << (32 - len)) : 0;
}
static inline u8 lw_prefix_of(u32 mask)
{
	return (u8)__builtin_popcount(mask);
}

/* ---- addrs.c ---- */

bool lw_is_alias(const struct netif *n);
/* One address before it on its link is in the same network, which is that one's route. */
bool lw_is_secondary(const struct netif *n) REQUIRES(lw_core);
/* What lw_netif_nth() has, then the aliases. */
struct netif *lw_netif4_nth(u32 n) REQUIRES(lw_core);
void lw_fill_addr4(struct netif *n, struct net_addr *a) REQUIRES(lw_core);
void lw_fill_addr6(struct netif *n, int place, struct net_addr *a);
bool lw_next_addr(u32 *pos, struct net_addr *a);
int lw_add_addr(const struct net_addr *a, bool replace);
int lw_del_addr(const struct net_addr *a);

/* ---- route_table.c ---- */

bool lw_next_route(u32 *pos, struct net_route *out);
int lw_add_route(const struct net_route *route, u32 nlflags);
int lw_del_route(const struct net_route *route);
/* All that were added by way of a link, which has no address any more. */
void lw_flush_routes(struct netif *n) REQUIRES(lw_core);
int lw_get_route(u8 family, const struct net_ip *dst, int ifindex, struct net_route *out);

/* ---- route6.c ---- */

#define LW_ROUTES6 32
/* The route that was added in this place; false: none. */
bool lw_added_route6(u32 at, struct net_route *r) REQUIRES(lw_core);
int lw_add_route6(const struct net_route *route, u32 nlflags);
int lw_del_route6(const struct net_route *route);

#endif
