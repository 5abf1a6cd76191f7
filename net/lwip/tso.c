/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Several segments in one frame, for a device that cuts it into them again (TSO).
 *
 * In lwIP's queues segments stay what they are: each is acknowledged, and sent again, by itself.
 * Only the frame is common: the payload of those that follow in the send queue is hung behind
 * the first one, whose headers stand for all. tcp_output() says which segment it is about to send
 * (gather), the frame is made when that one comes down to the device (extend), and tcp_output()
 * then learns how many went along. A segment that does not come down at once, because the
 * neighbour has to be asked for its address first, goes alone.
 */
#include "dev.h"
#include "lwip/prot/ip4.h"
#include "lwip/prot/ip6.h"
#include "lwip/prot/tcp.h"

#define LEAST_SIZE	256u	/* of a segment: below, a header for each is the smaller cost */
#define MOST_BYTES	(U16_MAX - IP6_HLEN - 60u) /* of payload: the length field counts headers, too */

static struct {
	const struct pbuf *head;	/* of the first segment; NULL: nothing is gathered */
	const struct tcp_seg *next;	/* those behind it ... */
	u32	count;			/* ... so many */
	u16	size;			/* payload of each but the last */
	u32	along;			/* so many are in the frame */
} gathered;				/* L */

static bool is_plain(const struct tcp_seg *seg)
{
	return !(TCPH_FLAGS(seg->tcphdr) & (TCP_SYN | TCP_FIN | TCP_RST)) &&
	       !(seg->flags & ~TF_SEG_OPTS_TS);
}

static bool can_cut(struct netif *netif, const struct tcp_pcb *pcb)
{
	struct lw_dev *d = lw_dev_of(netif);

	return d && d->dev->features & (IP_IS_V6(&pcb->remote_ip) ? NETDEV_TSO6 : NETDEV_TSO4);
}

/* Nagle's rule for a last segment that is not full, as others are under way. */
static bool may_be_short(const struct tcp_pcb *pcb)
{
	return (pcb->flags & (TF_NODELAY | TF_CORK)) == TF_NODELAY;
}

u32 lw_tso_gather(struct tcp_pcb *pcb, struct tcp_seg *first, u32 wnd, struct netif *netif)
{
	u32 pieces = pbuf_clen(first->p), bytes = first->len, seq = lwip_ntohl(first->tcphdr->seqno);
	const struct tcp_seg *seg;

	if (!can_cut(netif, pcb) || first->len < LEAST_SIZE || !is_plain(first))
		return 0;
	gathered.count = gathered.along = 0;
	for (seg = first->next; seg; seg = seg->next) {
		pieces += pbuf_clen(seg->p);
		if (lwip_ntohl(seg->tcphdr->seqno) != seq + bytes || !seg->len ||
		    seg->len > first->len || seg->flags != first->flags || !is_plain(seg) ||
		    seg->p->ref != 1 || pieces > NETDEV_TX_PIECES ||
		    bytes + seg->len > MOST_BYTES || seq - pcb->lastack + bytes + seg->len > wnd ||
		    (seg->len < first->len && !seg->next && !may_be_short(pcb)))
			break;
		bytes += seg->len;
		gathered.count++;
		if (seg->len < first->len)
			break;
	}
	gathered.head = gathered.count ? first->p : NULL;
	gathered.next = first->next;
	gathered.size = first->len;
	return gathered.count;
}

u32 lw_tso_went_along(void)
{
	gathered.head = NULL;
	return gathered.along;
}

/* The headers in front of frame f say how long it has become. Returns their length. */
static u16 fix_headers(u8 *frame, struct net_txframe *f, u16 tcp_flags)
{
	u8 *ip = frame + ETH_HLEN;
	u16 hlen = IP6_HLEN;
	struct tcp_hdr *tcp;

	f->flags |= NET_TX_TSO;
	if (ip[0] >> 4 == 4) {
		struct ip_hdr *v4 = (void *)ip;

		hlen = IPH_HL_BYTES(v4);
		IPH_LEN_SET(v4, lwip_htons((u16)(f->len - ETH_HLEN)));
		IPH_CHKSUM_SET(v4, 0);
		IPH_CHKSUM_SET(v4, inet_chksum(v4, hlen));
	} else {
		f->flags |= NET_TX_TSO6;
		IP6H_PLEN_SET((struct ip6_hdr *)(void *)ip, f->len - ETH_HLEN - IP6_HLEN);
	}
	tcp = (void *)(ip + hlen);
	TCPH_SET_FLAG(tcp, tcp_flags & TCP_PSH);
	return (u16)(ETH_HLEN + hlen + TCPH_HDRLEN_BYTES(tcp));
}

void lw_tso_extend(struct pbuf *p, struct net_txframe *f)
{
	const struct tcp_seg *seg = gathered.next;
	struct pbuf *last = p;
	u16 flags = 0;

	if (p != gathered.head)
		return;
	gathered.head = NULL;
	for (u32 i = 0; i < gathered.count; i++, seg = seg->next) {
		const u8 *data = (const u8 *)seg->tcphdr + TCPH_HDRLEN_BYTES(seg->tcphdr);

		lw_frame_add(f, seg->p, (u32)(data - (const u8 *)seg->p->payload));
		pbuf_ref(seg->p);
		seg->p->link = NULL;
		last->link = seg->p;
		last = seg->p;
		flags |= TCPH_FLAGS(seg->tcphdr);
	}
	f->gso_size = gathered.size;
	f->hdr_len = fix_headers(p->payload, f, flags);
	gathered.along = gathered.count;
}
