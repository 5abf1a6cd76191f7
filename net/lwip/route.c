/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which way a packet goes: to this machine by lo, to a link by its addresses, the rest to a
 * gateway. lwIP asks here, too (lwip_hooks.h).
 */
#include "dev.h"
#include "lwip/nd6.h"

void lw_fix_wildcard(struct in6_addr *a)
{
	if (!inet_is_any(a))
		return;
	if (inet_is_v4(a))
		inet_from_v4(a, cpu_to_be32(INADDR_LOOPBACK));
	else
		a->in6_u.u6_addr32[3] = cpu_to_be32(1);
}

static bool local4(u32 addr)
{
	struct netif *n;

	if ((be32_to_cpu(addr) >> 24) == 127)
		return true;
	NETIF_FOREACH(n)
		if (addr && ip4_addr_get_u32(netif_ip4_addr(n)) == addr)
			return true;
	return false;
}

static bool local6(const ip6_addr_t *addr)
{
	struct netif *n;

	NETIF_FOREACH(n)
		for (int i = 0; i < LWIP_IPV6_NUM_ADDRESSES; i++)
			if (!ip6_addr_isinvalid(netif_ip6_addr_state(n, i)) &&
			    ip6_addr_cmp(addr, netif_ip6_addr(n, i)))
				return true;
	return false;
}

bool lw_is_local(const struct in6_addr *a)
{
	ip_addr_t ip;

	lw_to_ip(&ip, a);
	return IP_IS_V6(&ip) ? local6(ip_2_ip6(&ip)) : local4(ip4_addr_get_u32(ip_2_ip4(&ip)));
}

/* ---- what lwIP asks ---- */

struct netif *lw_route4(const ip4_addr_t *src, const ip4_addr_t *dest) NO_THREAD_SAFETY_ANALYSIS
{
	if (local4(ip4_addr_get_u32(dest)))
		return &lw_lo;
	return lw_table_netif(ip4_addr_get_u32(dest));
}

bool lw_accepts4(const struct netif *netif, const ip4_addr_t *dest)
{
	return netif == &lw_lo && (be32_to_cpu(ip4_addr_get_u32(dest)) >> 24) == 127;
}

bool lw_answers4(const ip4_addr_t *addr)
{
	return !ip4_addr_isloopback(addr) && local4(ip4_addr_get_u32(addr));
}

struct netif *lw_route6(const ip6_addr_t *src, const ip6_addr_t *dest) NO_THREAD_SAFETY_ANALYSIS
{
	if (local6(dest))
		return &lw_lo;
	return lw_table_netif6(dest);
}

const ip4_addr_t *lw_gateway4(struct netif *netif, const ip4_addr_t *dest) NO_THREAD_SAFETY_ANALYSIS
{
	return lw_table_gateway(netif, dest);
}

const ip6_addr_t *lw_gateway6(struct netif *netif, const ip6_addr_t *dest) NO_THREAD_SAFETY_ANALYSIS
{
	return lw_table_gateway6(netif, dest);
}

/* ---- what sockets ask ---- */

struct netif *lw_route(const struct in6_addr *to, struct in6_addr *from, u32 bound_if)
{
	const ip_addr_t *source;
	struct netif *n = NULL;
	ip_addr_t dst, src;

	if (likely(!bound_if && inet_is_v4(to) && (inet_v4(to) & 0xff) == IN_LOOPBACKNET)) {
		/* From the address of lo, whichever of its network is meant. */
		if (inet_is_any(from))
			from->in6_u.u6_addr32[3] = cpu_to_be32(INADDR_LOOPBACK);
		return &lw_lo;
	}
	lw_to_ip(&dst, to);
	lw_to_ip(&src, from);
	if (bound_if) {
		n = bound_if <= U8_MAX ? netif_get_by_index((u8)bound_if) : NULL;
		if (n && inet_is_v4(to))
			n = lw_netif_toward(n, inet_v4(to));
	} else {
		n = ip_route(&src, &dst);
	}
	if (!n || !inet_is_any(from))
		return n;
	if (n == &lw_lo) {
		*from = *to;
		return n;
	}
	source = ip_netif_get_local_ip(n, &dst);
	if (!source)
		return NULL;
	lw_from_ip(from, source);
	return n;
}
