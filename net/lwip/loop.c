/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lo: packets to this machine. They are queued as they are and fed to the stack when the
 * lock is about to be dropped (lw_unlock), so that the stack is never entered from itself.
 * Nothing is lost on the way, so checksums are not made; ICMP's are, since raw sockets see
 * them.
 *
 * A TCP segment stays with its sender until it is acknowledged, and its headers are written
 * anew when it is sent again. The receiver therefore gets headers of its own in front of views
 * of the same bytes; a view holds a reference on what it shows.
 */
#include "lwip.h"
#include "lwip/prot/ip4.h"
#include "lwip/prot/ip6.h"
#include "lwip/prot/tcp.h"

struct view {
	struct pbuf_custom custom;	/* first */
	struct pbuf	  *origin;
};

struct netif lw_lo;
struct lw_queue lw_loop_queue;
struct netdev_stats lw_lo_stats;
static struct kmem_cache *view_cache;

static void view_free(struct pbuf *p)
{
	struct view *v = (struct view *)p;

	pbuf_free(v->origin);
	kmem_cache_free(view_cache, v);
}

/* A view of all of p but its first `skip` bytes, which lie in its first piece; NULL: no memory. */
static struct pbuf *view_of(struct pbuf *p, u16 skip)
{
	struct pbuf *head = NULL, *tail = NULL;
	u16 left = (u16)(p->tot_len - skip);

	for (; p; p = p->next, skip = 0) {
		u16 n = (u16)(p->len - skip);
		struct view *v;
		struct pbuf *q;

		if (!n)
			continue;
		v = kmem_cache_alloc(view_cache, GFP_ATOMIC);
		if (unlikely(!v)) {
			if (head)
				pbuf_free(head);
			return NULL;
		}
		v->origin = p;
		v->custom.custom_free_function = view_free;
		pbuf_ref(p);
		q = pbuf_alloced_custom(PBUF_RAW, n, PBUF_REF, &v->custom, (u8 *)p->payload + skip, n);
		q->tot_len = left;
		left = (u16)(left - n);
		if (tail)
			tail->next = q;
		else
			head = q;
		tail = q;
	}
	return head;
}

#define COPY_MAX	256u	/* bytes whose copy costs less than a view of them */

/* The packet with headers of its own. NULL: no memory. */
static struct pbuf *copy_headers(struct pbuf *p, u16 len)
{
	struct pbuf *head, *rest = NULL;

	if (p->tot_len <= COPY_MAX)
		len = p->tot_len;
	head = pbuf_alloc(PBUF_RAW, len, PBUF_RAM);
	if (unlikely(!head))
		return NULL;
	if (likely(p->len >= len))
		memcpy(head->payload, p->payload, len);
	else
		pbuf_copy_partial(p, head->payload, len, 0);
	if (p->tot_len > len) {
		rest = view_of(p, len);
		if (unlikely(!rest)) {
			pbuf_free(head);
			return NULL;
		}
		head->next = rest;
		head->tot_len = (u16)(head->tot_len + rest->tot_len);
	}
	return head;
}

/* Bytes of headers of a segment that its sender keeps, or 0. */
static u16 kept_headers(const struct pbuf *p)
{
	const u8 *ip = p->payload;
	u16 hlen = ip[0] >> 4 == 4 ? (u16)((ip[0] & 15) * 4) : IP6_HLEN;
	const struct tcp_hdr *tcp = (const void *)(ip + hlen);
	u16 all;

	if ((ip[0] >> 4 == 4 ? ip[9] : ip[6]) != IP_PROTO_TCP || p->len < hlen + TCP_HLEN)
		return 0;
	all = (u16)(hlen + TCPH_HDRLEN_BYTES(tcp));
	if (p->len < all || (p->tot_len == all && !(TCPH_FLAGS(tcp) & (TCP_SYN | TCP_FIN))))
		return 0;
	return all;
}

static err_t loop_output(struct pbuf *p)
{
	u16 len = kept_headers(p);

	if (len) {
		p = copy_headers(p, len);
		if (unlikely(!p)) {
			lw_lo_stats.tx_dropped++;
			return ERR_MEM;
		}
	} else {
		pbuf_ref(p);
	}
	lw_lo_stats.tx_packets++;
	lw_lo_stats.tx_bytes += p->tot_len;
	lw_queue_add(&lw_loop_queue, p);
	return ERR_OK;
}

/* ip4_output_if() of TCP (Makefile) and of datagrams, whose route and source are known. */
err_t lw_ip4_output_if(struct pbuf *p, const ip4_addr_t *src, const ip4_addr_t *dest, u8 ttl, u8 tos,
		       u8 proto, struct netif *n) NO_THREAD_SAFETY_ANALYSIS
{
	struct ip_hdr *ip = (struct ip_hdr *)((u8 *)p->payload - IP_HLEN);

	if (n != &lw_lo || !dest || p->tot_len > 0xffff - IP_HLEN || ip4_addr_isany(src) ||
	    unlikely((u8 *)ip < (u8 *)p + sizeof(*p)) || (p->flags & PBUF_FLAG_IS_CUSTOM))
		return ip4_output_if(p, src, dest, ttl, tos, proto, n);
	p->payload = ip;
	p->len += IP_HLEN;
	p->tot_len += IP_HLEN;
	ip->_v_hl = 0x45;
	ip->_tos = tos;
	ip->_len = lwip_htons(p->tot_len);
	ip->_id = ip->_offset = ip->_chksum = 0;
	ip->_ttl = ttl;
	ip->_proto = proto;
	ip->src.addr = src->addr;
	ip->dest.addr = dest->addr;
	MIB2_STATS_INC(mib2.ipoutrequests);
	return loop_output(p);
}

static err_t output4(struct netif *netif, struct pbuf *p, const ip4_addr_t *to)
{
	return loop_output(p);
}

static err_t output6(struct netif *netif, struct pbuf *p, const ip6_addr_t *to)
{
	return loop_output(p);
}

/* ---- coming ---- */

/*
 * A whole TCP or UDP packet from 127.x to 127.y that no raw socket has to see: nothing of what
 * ip4_input() asks is open.
 */
static bool is_plain(const struct pbuf *p) REQUIRES(lw_core)
{
	const struct ip_hdr *ip = p->payload;

	return p->len >= IP_HLEN && ip->_v_hl == 0x45 && !lw_raw_sockets &&
	       (ip->_proto == IP_PROTO_TCP || ip->_proto == IP_PROTO_UDP) &&
	       !(ip->_offset & PP_HTONS(IP_OFFMASK | IP_MF)) &&
	       (ip->src.addr & 0xff) == IP_LOOPBACKNET && (ip->dest.addr & 0xff) == IP_LOOPBACKNET &&
	       ip->dest.addr != PP_HTONL(0x7fffffffu) && lwip_ntohs(ip->_len) == p->tot_len;
}

static void deliver(struct pbuf *p) REQUIRES(lw_core)
{
	const struct ip_hdr *ip = p->payload;

	MIB2_STATS_INC(mib2.ipinreceives);
	MIB2_STATS_INC(mib2.ipindelivers);
	ip_data.current_netif = ip_data.current_input_netif = &lw_lo;
	ip_data.current_ip4_header = ip;
	ip_data.current_ip_header_tot_len = IP_HLEN;
	ip_addr_copy_from_ip4(ip_data.current_iphdr_src, ip->src);
	ip_addr_copy_from_ip4(ip_data.current_iphdr_dest, ip->dest);
	p->payload = (u8 *)p->payload + IP_HLEN;
	p->len -= IP_HLEN;
	p->tot_len -= IP_HLEN;
	if (ip->_proto == IP_PROTO_TCP)
		tcp_input(p, &lw_lo);
	else
		lw_udp_input(p, &lw_lo);
	ip_data.current_netif = ip_data.current_input_netif = NULL;
	ip_data.current_ip4_header = NULL;
	ip_data.current_ip_header_tot_len = 0;
}

void lw_loop_back(struct pbuf *p, struct netif *n)
{
	p->flags |= PBUF_FLAG_MCASTLOOP;
	p->if_idx = netif_get_index(n);
	lw_queue_add(&lw_loop_queue, p);
}

/* What is not plain. Of a group it may have been sent by a link that is gone since. */
static void input(struct pbuf *p) REQUIRES(lw_core)
{
	struct netif *n = &lw_lo;

	if (p->flags & PBUF_FLAG_MCASTLOOP)
		n = netif_get_by_index(p->if_idx);
	else
		p->if_idx = netif_get_index(&lw_lo);
	if (!n)
		pbuf_free(p);
	else
		ip_input(p, n);
}

/* Packets before the lock goes to somebody else: so many are answers to answers, not work. */
#define DRAIN_MAX 4096u

void lw_loop_drain(void)
{
	u32 budget = DRAIN_MAX;
	struct pbuf *p;

	while (likely(budget--) && (p = lw_queue_take(&lw_loop_queue))) {
		if (likely(is_plain(p))) {
			p->if_idx = netif_get_index(&lw_lo);
			deliver(p);
		} else {
			input(p);
		}
	}
	if (unlikely(lw_loop_queue.head))
		netdev_schedule();
}

static err_t setup(struct netif *netif)
{
	netif->name[0] = 'l';
	netif->name[1] = 'o';
	netif->output = output4;
	netif->output_ip6 = output6;
	netif->mtu = 65535;
	netif->mtu6 = 65535;
	NETIF_SET_CHECKSUM_CTRL(netif, NETIF_CHECKSUM_GEN_ICMP | NETIF_CHECKSUM_GEN_ICMP6);
	return ERR_OK;
}

int lw_loop_prepare(void)
{
	view_cache = KMEM_CACHE(view);
	return view_cache ? 0 : -ENOMEM;
}

void lw_loop_init(void)
{
	ip4_addr_t addr, mask, none;

	IP4_ADDR(&addr, 127, 0, 0, 1);
	IP4_ADDR(&mask, 255, 0, 0, 0);
	ip4_addr_set_zero(&none);
	netif_add(&lw_lo, &addr, &mask, &none, NULL, setup, ip_input);
	IP_ADDR6_HOST(&lw_lo.ip6_addr[0], 0, 0, 0, 1);
	netif_ip6_addr_set_state(&lw_lo, 0, IP6_ADDR_PREFERRED);
	netif_set_link_up(&lw_lo);
	netif_set_up(&lw_lo);
}
