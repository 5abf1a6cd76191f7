/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * virtio-net, receiving: buffers of half a page, each with the stack's header before the bytes,
 * go into the queue and up to the stack as they are. A frame that needs more than one comes in
 * several (VIRTIO_NET_F_MRG_RXBUF).
 */
#include <kernel/time.h>
#include <lib/errno.h>
#include <mm/slab.h>
#include "virtio_net.h"

#define RX_BLOCK	2048u
#define RX_HEAD		sizeof(struct net_rxbuf)
#define RX_RETRY	(10 * NSEC_PER_MSEC)	/* with no memory for a single buffer */

/* The IP header, 14 bytes behind the device's, shall be aligned to 4. */
#define RX_SHIFT(v)	((v)->hdr_len & 2 ? 0u : 2u)

static struct kmem_cache *rx_cache;

int vnet_rx_init(void)
{
	if (!rx_cache)
		rx_cache = kmem_cache_create("virtio_net_rx", RX_BLOCK, 64, NULL);
	return rx_cache ? 0 : -ENOMEM;
}

static void recycle(struct net_rxbuf *b)
{
	kmem_cache_free(rx_cache, b);
}

bool vnet_rx_fill(struct vnet *v)
{
	while (v->rx->nr_free) {
		struct net_rxbuf *b = kmem_cache_alloc(rx_cache, GFP_ATOMIC | __GFP_NOWARN);
		struct vq_piece piece;

		if (unlikely(!b))
			break;
		b->data = (u8 *)(b + 1) + RX_SHIFT(v);
		piece = (struct vq_piece){ b->data, (u32)(RX_BLOCK - RX_HEAD) - RX_SHIFT(v) };
		if (unlikely(virtqueue_add(v->rx, &piece, 0, 1, b))) {
			recycle(b);
			break;
		}
	}
	virtqueue_kick(v->rx);
	return virtqueue_busy(v->rx);
}

/* The next finished buffer, or NULL. */
static struct net_rxbuf *take(struct vnet *v)
{
	u32 written;
	struct net_rxbuf *b = virtqueue_get(v->rx, &written);

	if (!b)
		return NULL;
	b->next = NULL;
	b->len = written;
	b->truesize = RX_BLOCK;
	b->recycle = recycle;
	b->flags = 0;
	b->gso_size = 0;
	return b;
}

/* What the device says of a frame. False: it makes no sense. */
static bool read_header(const struct vnet *v, struct net_rxbuf *b,
			const struct virtio_net_hdr_v1 *hdr)
{
	u8 gso = hdr->gso_type & (u8)~VIRTIO_NET_HDR_GSO_ECN;

	if (v->netdev.features & NETDEV_RX_CSUM &&
	    hdr->flags & (VIRTIO_NET_HDR_F_DATA_VALID | VIRTIO_NET_HDR_F_NEEDS_CSUM))
		b->flags |= NET_RX_CSUM_OK;
	if (gso == VIRTIO_NET_HDR_GSO_NONE)
		return true;
	b->flags |= NET_RX_LARGE;
	b->gso_size = hdr->gso_size;
	return v->netdev.features & NETDEV_RX_LARGE && hdr->gso_size &&
	       (gso == VIRTIO_NET_HDR_GSO_TCPV4 || gso == VIRTIO_NET_HDR_GSO_TCPV6);
}

/* Joins the other buffers of a frame to its first. False if they are not all there. */
static bool join(struct vnet *v, struct net_rxbuf *first, unsigned count)
{
	struct net_rxbuf *last = first;

	while (--count) {
		struct net_rxbuf *b = take(v);

		if (!b)
			return false;
		last->next = b;
		last = b;
		if (unlikely(!b->len))
			return false;
		first->frame_len += b->len;
	}
	return true;
}

static void receive(struct vnet *v, struct net_rxbuf *b)
{
	struct virtio_net_hdr_v1 hdr = { 0 };
	unsigned count = 1;

	if (unlikely(b->len < v->hdr_len + ETH_HLEN))
		goto bad;
	__builtin_memcpy(&hdr, b->data, sizeof(struct virtio_net_hdr));
	if (v->mergeable)
		count = ((const struct virtio_net_hdr_v1 *)b->data)->num_buffers;
	b->data += v->hdr_len;
	b->len -= v->hdr_len;
	b->frame_len = b->len;
	/* A count of 0 is nonsense; one beyond the queue would swallow it whole. */
	if (unlikely(!count || count > v->rx->ring.num || !join(v, b, count) ||
		     !read_header(v, b, &hdr)))
		goto bad;
	netdev_rx(&v->netdev, b);
	return;
bad:
	v->netdev.stats.rx_errors++;
	v->netdev.stats.rx_length_errors++;
	net_rxbuf_free_frame(b);
}

unsigned vnet_rx_poll(struct vnet *v, unsigned budget)
{
	struct net_rxbuf *b;
	unsigned n = 0;

	while (n < budget && (b = take(v))) {
		receive(v, b);
		n++;
	}
	/* In gulps: a notification costs the other side more than a buffer us. */
	if (v->rx->nr_free >= v->rx->ring.num / 4 && unlikely(!vnet_rx_fill(v)) && !v->rx->broken)
		netdev_timer_before(ktime_get() + RX_RETRY);
	return n;
}

void vnet_rx_drain(struct vnet *v)
{
	struct net_rxbuf *b;

	while ((b = virtqueue_detach(v->rx)))
		recycle(b);
}
