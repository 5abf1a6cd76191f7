/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ICMP: what lwIP answers it answers; what concerns sockets is told to them. Errors reach the
 * socket whose packet is quoted, replies to ping sockets the one with that identifier.
 */
#include "lwip.h"
#include "lwip/icmp.h"
#include "lwip/icmp6.h"
#include "lwip/prot/icmp.h"
#include "lwip/prot/icmp6.h"
#include "lwip/prot/ip4.h"
#include "lwip/prot/ip6.h"

#define ICMP_HLEN 8
/* Of a packet, as much as names the socket: its header and eight bytes. */
#define QUOTE4 (60 + 8)
#define QUOTE6 (40 + 8)

/* What an error means to a socket; a hard one also to a datagram's. */
struct verdict {
	u8   err;
	bool hard;
};

static const struct verdict time_exceeded = { EHOSTUNREACH, false };

/* "Destination unreachable" by code: RFC 1122, 3.2.2.1, and Linux's icmp_err_convert. */
static struct verdict unreachable4(u8 code)
{
	static const struct verdict table[] = {
		{ ENETUNREACH, false }, { EHOSTUNREACH, false }, { ENOPROTOOPT, true },
		{ ECONNREFUSED, true }, { EMSGSIZE, true }, { EOPNOTSUPP, false },
		{ ENETUNREACH, true }, { EHOSTDOWN, true }, { ENONET, true }, { ENETUNREACH, true },
		{ EHOSTUNREACH, true }, { ENETUNREACH, false }, { EHOSTUNREACH, false },
		{ EHOSTUNREACH, true }, { EHOSTUNREACH, true }, { EHOSTUNREACH, true },
	};

	return code < ARRAY_SIZE(table) ? table[code] : (struct verdict){ EHOSTUNREACH, true };
}

static struct verdict unreachable6(u8 code)
{
	static const struct verdict table[] = {
		{ ENETUNREACH, false }, { EACCES, true }, { EHOSTUNREACH, false }, { EHOSTUNREACH, false },
		{ ECONNREFUSED, true }, { EACCES, true }, { EACCES, true },
	};

	return code < ARRAY_SIZE(table) ? table[code] : (struct verdict){ EPROTO, false };
}

/* The quoted packet was sent by one of ours from (from, sport) to (to, dport). */
static void tell(u8 proto, const ip_addr_t *from, u16 sport, const ip_addr_t *to, u16 dport,
		 struct verdict v) REQUIRES(lw_core)
{
	struct in6_addr laddr, raddr;
	struct tcp_pcb *pcb;
	struct lw_sock *o;

	lw_from_ip(&laddr, from);
	lw_from_ip(&raddr, to);
	if (proto == IP_PROTO_UDP) {
		o = lw_lookup(IPPROTO_UDP, &laddr, sport, &raddr, dport, 0);
		if (o && o->in.rport && v.hard)
			lw_sock_error(o, v.err);
		return;
	}
	if (proto != IP_PROTO_TCP)
		return;
	pcb = lw_pcb_find(from, sport, to, dport);
	o = pcb ? pcb->callback_arg : NULL;
	if (!o || pcb->state == SYN_RCVD)
		return;
	/* It ends a connection that is being made; one that is there remembers it. */
	o->soft_error = v.err;
	if (pcb->state == SYN_SENT && v.err != EMSGSIZE)
		tcp_abandon(pcb, 0);
}

/* The first n bytes of a packet of IPv4 that was sent by one of ours. */
static void tell4(const u8 *quote, u16 n, struct verdict v) REQUIRES(lw_core)
{
	const struct ip_hdr *ip = (const void *)quote;
	u16 hlen = n < IP_HLEN ? IP_HLEN : IPH_HL_BYTES(ip);
	ip_addr_t from, to;

	if (n < hlen + 8 || IPH_V(ip) != 4 || hlen < IP_HLEN)
		return;
	ip_addr_set_ip4_u32(&from, ip->src.addr);
	ip_addr_set_ip4_u32(&to, ip->dest.addr);
	quote += hlen;
	tell(IPH_PROTO(ip), &from, (u16)(quote[0] << 8 | quote[1]), &to,
	     (u16)(quote[2] << 8 | quote[3]), v);
}

static void tell6(const u8 *quote, u16 n, struct verdict v) REQUIRES(lw_core)
{
	ip_addr_t from, to;

	if (n < QUOTE6)
		return;
	memcpy(ip_2_ip6(&from)->addr, quote + 8, 16);
	memcpy(ip_2_ip6(&to)->addr, quote + 24, 16);
	IP_SET_TYPE_VAL(from, IPADDR_TYPE_V6);
	IP_SET_TYPE_VAL(to, IPADDR_TYPE_V6);
	tell(quote[6], &from, (u16)(quote[40] << 8 | quote[41]), &to,
	     (u16)(quote[42] << 8 | quote[43]), v);
}

/* An error message, of ICMP or of ICMPv6, quotes the packet behind its own header. */
static void read_error(struct pbuf *p, u8 unreachable, u8 exceeded, struct verdict (*by_code)(u8),
		       void (*tell_quoted)(const u8 *, u16, struct verdict)) REQUIRES(lw_core)
{
	u8 bytes[ICMP_HLEN + QUOTE4];
	u16 n = pbuf_copy_partial(p, bytes, sizeof(bytes), 0);

	if (bytes[0] == unreachable || bytes[0] == exceeded)
		tell_quoted(bytes + ICMP_HLEN, n - ICMP_HLEN,
			    bytes[0] == unreachable ? by_code(bytes[1]) : time_exceeded);
}

void lw_unreachable(const struct pbuf *p) NO_THREAD_SAFETY_ANALYSIS
{
	u8 quote[QUOTE4];
	u16 n = pbuf_copy_partial(p, quote, sizeof(quote), 0);

	if (n && quote[0] >> 4 == 6)
		tell6(quote, n, unreachable6(ICMP6_DUR_ADDRESS));
	else
		tell4(quote, n, unreachable4(ICMP_DUR_HOST));
}

/* A reply to an echo of ours: true if a ping socket took it, p with it. */
static bool ping_reply(struct pbuf *p, u8 proto) REQUIRES(lw_core)
{
	struct in6_addr to, from;
	struct lw_sock *o;
	u8 head[8];

	if (pbuf_copy_partial(p, head, sizeof(head), 0) != sizeof(head))
		return false;
	lw_from_ip(&to, ip_current_dest_addr());
	lw_from_ip(&from, ip_current_src_addr());
	o = lw_lookup(proto, &to, (u16)(head[4] << 8 | head[5]), &from, 0, p->if_idx);
	if (!o)
		return false;
	p->iphdr = ip_current_is_v6() ? (void *)ip6_current_header() : (void *)ip4_current_header();
	lw_dgram_queue(o, p);
	return true;
}

void lw_icmp_input(struct pbuf *p, struct netif *inp) NO_THREAD_SAFETY_ANALYSIS
{
	bool good = p->len >= ICMP_HLEN &&
		    (!(inp->chksum_flags & NETIF_CHECKSUM_CHECK_ICMP) || !inet_chksum_pbuf(p));

	p->if_idx = netif_get_index(inp);
	if (good && ((u8 *)p->payload)[0] == ICMP_ER && ping_reply(p, IPPROTO_ICMP))
		return;
	if (good)
		read_error(p, ICMP_DUR, ICMP_TE, unreachable4, tell4);
	icmp_input(p, inp);
}

void lw_icmp6_input(struct pbuf *p, struct netif *inp) NO_THREAD_SAFETY_ANALYSIS
{
	bool good = p->len >= ICMP_HLEN &&
		    (!(inp->chksum_flags & NETIF_CHECKSUM_CHECK_ICMP6) ||
		     !ip6_chksum_pseudo(p, IP6_NEXTH_ICMP6, p->tot_len, ip6_current_src_addr(),
					ip6_current_dest_addr()));

	p->if_idx = netif_get_index(inp);
	if (good && ((u8 *)p->payload)[0] == ICMP6_TYPE_EREP && ping_reply(p, IPPROTO_ICMPV6))
		return;
	if (good)
		read_error(p, ICMP6_TYPE_DUR, ICMP6_TYPE_TE, unreachable6, tell6);
	icmp6_input(p, inp);
}
