/* SPDX-License-Identifier: BSD-2-Clause */
/* Places where lwIP asks or tells the port: routes, sequence numbers, states, retransmissions. */
#ifndef LWIP_HOOKS_H
#define LWIP_HOOKS_H

#include "lwip/netif.h"
#include "lwip/ip_addr.h"
#include "lwip/tcp.h"
#include "lwip/priv/tcp_priv.h"

struct tcp_seg;
struct tcp_seg *tcp_create_segment(const struct tcp_pcb *pcb, struct pbuf *p, u8_t hdrflags,
				   u32_t seqno, u8_t optflags);
/* DHCP found a name server: /proc/net/pnp shows it. */
void dns_setserver(u8_t index, const ip_addr_t *server);
u32_t lw_isn(const ip_addr_t *local, u16_t lport, const ip_addr_t *remote, u16_t rport);
struct netif *lw_route4(const ip4_addr_t *src, const ip4_addr_t *dest);
/* Is an address that is not the link's own one of this machine all the same? */
bool lw_accepts4(const struct netif *netif, const ip4_addr_t *dest);
/* Of the netifs of a link, its first or an alias, the one in whose network addr is, else n. */
struct netif *lw_netif_toward(struct netif *n, u32_t addr);
/* Does this machine answer who asks by ARP for this address? */
bool lw_answers4(const ip4_addr_t *addr);
struct netif *lw_route6(const ip6_addr_t *src, const ip6_addr_t *dest);
const ip4_addr_t *lw_gateway4(struct netif *netif, const ip4_addr_t *dest);
const ip6_addr_t *lw_gateway6(struct netif *netif, const ip6_addr_t *dest);
/* Nobody answers for the next hop of this packet of ours: as a router would tell by ICMP. */
void lw_unreachable(const struct pbuf *p);
/* The connection is in another state: pcb->state. */
void lw_state_entered(const struct tcp_pcb *pcb);
/* The time to wait for an acknowledgement (rtt.c): after retransmissions, and after one that did not come. */
void lw_rto_reset(struct tcp_pcb *pcb);
void lw_rto_back_off(struct tcp_pcb *pcb);
/* What is measured (rttest, rtseq) was acknowledged. */
void lw_rtt_measured(struct tcp_pcb *pcb);
/* A segment with so many bytes of data went out again. */
void lw_retransmitted(const struct tcp_pcb *pcb, u16_t bytes);
/*
 * seg is about to be sent, and wnd is how far from what was acknowledged: how many of those behind
 * it may go in its frame? (tso.c)
 */
u32_t lw_tso_gather(struct tcp_pcb *pcb, struct tcp_seg *seg, u32_t wnd, struct netif *netif);
/* If some may: how many did, once that one was sent. */
u32_t lw_tso_went_along(void);

/*
 * Is this segment where the stream ends? Not one that waits to be sent again while those behind it are on
 * the way, as one of a fast retransmission does that the device had no room for.
 */
#define LWIP_TCP_ENDS_STREAM(pcb, seg)	(lwip_ntohl((seg)->tcphdr->seqno) + (seg)->len == (pcb)->snd_lbb)

#define LWIP_HOOK_TCP_ISN(local, lport, remote, rport)	lw_isn(local, lport, remote, rport)
#define LWIP_HOOK_IP6_ROUTE(src, dest)			lw_route6(src, dest)
#define LWIP_HOOK_ETHARP_NETIF(netif, sender)		lw_netif_toward(netif, ip4_addr_get_u32(sender))
#define LWIP_HOOK_ETHARP_OURS(addr)			lw_answers4(addr)
#define LWIP_HOOK_ETHARP_GET_GW(netif, dest)		lw_gateway4(netif, dest)
#define LWIP_HOOK_ND6_GET_GW(netif, dest)		lw_gateway6(netif, dest)
#define LWIP_HOOK_UNREACHABLE(p)			lw_unreachable(p)
#define LWIP_HOOK_TCP_STATE(pcb)			lw_state_entered(pcb)
#define LWIP_HOOK_TCP_BACK_OFF(pcb)			lw_rto_back_off(pcb)
#define LWIP_HOOK_TCP_ACKED(pcb)			do { \
		if ((pcb)->nrtx) \
			lw_rto_reset(pcb); \
	} while (0)
#define LWIP_HOOK_TCP_RTT(pcb, ackno)			do { \
		if ((pcb)->rttest && TCP_SEQ_LT((pcb)->rtseq, ackno)) \
			lw_rtt_measured(pcb); \
	} while (0)
#define LWIP_HOOK_TCP_RETRANSMIT(pcb, seg)		lw_retransmitted(pcb, (seg)->len)
#define LWIP_HOOK_TCP_GATHER(pcb, seg, wnd, netif)	lw_tso_gather(pcb, seg, wnd, netif)
#define LWIP_HOOK_TCP_WENT_ALONG()			lw_tso_went_along()

#endif
