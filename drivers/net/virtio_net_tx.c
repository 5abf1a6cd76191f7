/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * virtio-net, sending: the device reads a frame's pieces where they are, behind a header of
 * ours. One interrupt for many finished frames, and none for those that a poll sees first.
 */
#include <lib/errno.h>
#include <mm/slab.h>
#include "virtio_net.h"

int vnet_tx_init(struct vnet *v)
{
	unsigned num = v->tx->ring.num;

	v->tx_slots = kcalloc(num, sizeof(*v->tx_slots), GFP_KERNEL);
	if (!v->tx_slots)
		return -ENOMEM;
	for (unsigned i = 0; i < num; i++) {
		v->tx_slots[i].next = v->tx_free;
		v->tx_free = &v->tx_slots[i];
	}
	return 0;
}

static void finish(struct vnet *v, struct vnet_tx *t, bool sent)
{
	t->next = v->tx_free;
	v->tx_free = t;
	v->tx_out--;
	if (t->done)
		t->done(t->token, sent);
}

void vnet_tx_reclaim(struct vnet *v)
{
	struct vnet_tx *t;

	while ((t = virtqueue_get(v->tx, NULL)))
		finish(v, t, true);
}

bool vnet_tx_irq_on(struct vnet *v)
{
	return !v->tx_out || virtqueue_irq_on(v->tx, v->tx_out - v->tx_out / 4);
}

static void write_header(struct virtio_net_hdr_v1 *hdr, const struct net_txframe *f)
{
	*hdr = (struct virtio_net_hdr_v1){ 0 };
	if (!(f->flags & NET_TX_CSUM))
		return;
	hdr->flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
	hdr->csum_start = f->csum_start;
	hdr->csum_offset = f->csum_offset;
	if (!(f->flags & NET_TX_TSO))
		return;
	hdr->gso_type = f->flags & NET_TX_TSO6 ? VIRTIO_NET_HDR_GSO_TCPV6 : VIRTIO_NET_HDR_GSO_TCPV4;
	if (f->flags & NET_TX_ECN)
		hdr->gso_type |= VIRTIO_NET_HDR_GSO_ECN;
	hdr->gso_size = f->gso_size;
	hdr->hdr_len = f->hdr_len;
}

/* Room for one more frame; waits for the interrupt if there is none. */
static bool make_room(struct vnet *v, unsigned pieces)
{
	if (likely(v->tx->nr_free >= pieces))
		return true;
	vnet_flush(&v->netdev);
	do
		vnet_tx_reclaim(v);
	while (v->tx->nr_free < pieces && !v->tx->broken && !vnet_tx_irq_on(v));
	return v->tx->nr_free >= pieces;
}

int vnet_xmit(struct net_device *dev, const struct net_txframe *frame)
{
	struct vnet *v = dev->priv;
	struct vq_piece pieces[NETDEV_TX_PIECES + 1];
	struct vnet_tx *t;

	/* Half of the queue is looked over for what is finished, not at each frame. */
	if (v->tx->nr_free < v->tx->ring.num / 2)
		vnet_tx_reclaim(v);
	if (unlikely(!make_room(v, frame->nr + 1)))
		return v->tx->broken ? -ENETDOWN : -ENOBUFS;
	t = v->tx_free;
	write_header(&t->hdr, frame);
	pieces[0] = (struct vq_piece){ &t->hdr, v->hdr_len };
	for (u32 i = 0; i < frame->nr; i++)
		pieces[i + 1] = (struct vq_piece){ frame->pieces[i].data, frame->pieces[i].len };
	if (unlikely(virtqueue_add(v->tx, pieces, frame->nr + 1, 0, t)))
		return -ENETDOWN;
	v->tx_free = t->next;
	t->done = frame->done;
	t->token = frame->token;
	v->tx_out++;
	return 0;
}

void vnet_flush(struct net_device *dev)
{
	struct vnet *v = dev->priv;

	virtqueue_kick(v->tx);
	if (unlikely(!vnet_tx_irq_on(v)))
		netdev_schedule();
}

void vnet_tx_drain(struct vnet *v)
{
	struct vnet_tx *t;

	while ((t = virtqueue_detach(v->tx)))
		finish(v, t, false);
}
