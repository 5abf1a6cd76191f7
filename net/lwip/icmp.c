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
#define QUOTE_MAX (40 + 8)

/* icmp(7): the errno of a code of "destination unreachable". */
static int unreach_errno(u8 code)
{
	static const u8 table[] = {
		ENETUNREACH, EHOSTUNREACH, ENOPROTOOPT, ECONNREFUSED, EMSGSIZE, EOPNOTSUPP,
		ENETUNREACH, EHOSTDOWN, ENONET, ENETUNREACH, EHOSTUNREACH, ENETUNREACH,
		EHOSTUNREACH, EHOSTUNREACH, EHOSTUNREACH, EHOSTUNREACH,
	};

	return code < ARRAY_SIZE(table) ? table[code] : EHOSTUNREACH;
}

static int unreach6_errno(u8 code)
{
	static const u8 table[] = {
		ENETUNREACH, EACCES, EHOSTUNREACH, EHOSTUNREACH, ECONNREFUSED, EACCES, EACCES,
	};

	return code < ARRAY_SIZE(table) ? table[code] : EPROTO;
}

/* The quoted packet was sent by one of ours from (from, sport) to (to, dport). */
static void tell(u8 proto, const ip_addr_t *from, u16 sport, const ip_addr_t *to, u16 dport, int err,
		 bool fatal) REQUIRES(lw_core)
{
	struct in6_addr laddr, raddr;
	struct tcp_pcb *pcb;
	struct lw_sock *o;

	lw_from_ip(&laddr, from);
	lw_from_ip(&raddr, to);
	if (proto == IP_PROTO_UDP) {
		o = lw_lookup(IPPROTO_UDP, &laddr, sport, &raddr, dport, 0);
		if (o && o->in.rport)
			lw_sock_error(o, err);
		return;
	}
	if (proto != IP_PROTO_TCP)
		return;
	pcb = lw_pcb_find(from, sport, to, dport);
	o = pcb ? pcb->callback_arg : NULL;
	if (!o || pcb->state == SYN_RCVD)
		return;
	/* RFC 1122: hard errors end a connection that is being made, others are remembered. */
	o->soft_error = err;
	if (fatal && pcb->state == SYN_SENT)
		tcp_abandon(pcb, 0);
}

static void read_error4(struct pbuf *p) REQUIRES(lw_core)
{
	u8 bytes[ICMP_HLEN + QUOTE_MAX + 20];
	u16 n = pbuf_copy_partial(p, bytes, sizeof(bytes), 0), hlen;
	const u8 *quote = bytes + ICMP_HLEN;
	const struct ip_hdr *ip = (const void *)quote;
	ip_addr_t from, to;
	int err = EHOSTUNREACH;

	if (n < ICMP_HLEN + IP_HLEN + 8)
		return;
	if (bytes[0] == ICMP_DUR)
		err = unreach_errno(bytes[1]);
	else if (bytes[0] != ICMP_TE)
		return;
	hlen = IPH_HL_BYTES(ip);
	if (IPH_V(ip) != 4 || hlen < IP_HLEN || n < ICMP_HLEN + hlen + 4)
		return;
	ip_addr_set_ip4_u32(&from, ip->src.addr);
	ip_addr_set_ip4_u32(&to, ip->dest.addr);
	quote += hlen;
	tell(IPH_PROTO(ip), &from, (u16)(quote[0] << 8 | quote[1]), &to,
	     (u16)(quote[2] << 8 | quote[3]), err, bytes[0] == ICMP_DUR && err != EMSGSIZE);
}

static void read_error6(struct pbuf *p) REQUIRES(lw_core)
{
	u8 bytes[ICMP_HLEN + QUOTE_MAX];
	u16 n = pbuf_copy_partial(p, bytes, sizeof(bytes), 0);
	const u8 *quote = bytes + ICMP_HLEN;
	ip_addr_t from, to;
	int err = EHOSTUNREACH;

	if (n < sizeof(bytes))
		return;
	if (bytes[0] == ICMP6_TYPE_DUR)
		err = unreach6_errno(bytes[1]);
	else if (bytes[0] != ICMP6_TYPE_TE)
		return;
	memcpy(ip_2_ip6(&from)->addr, quote + 8, 16);
	memcpy(ip_2_ip6(&to)->addr, quote + 24, 16);
	IP_SET_TYPE_VAL(from, IPADDR_TYPE_V6);
	IP_SET_TYPE_VAL(to, IPADDR_TYPE_V6);
	tell(quote[6], &from, (u16)(quote[40] << 8 | quote[41]), &to,
	     (u16)(quote[42] << 8 | quote[43]), err, bytes[0] == ICMP6_TYPE_DUR);
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
		read_error4(p);
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
		read_error6(p);
	icmp6_input(p, inp);
}
