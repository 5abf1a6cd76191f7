/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside the virtio-net driver: shared by its files. Everything is under the stack's lock. */
#ifndef VIRTIO_NET_INTERNAL_H
#define VIRTIO_NET_INTERNAL_H

#include <kernel/virtio.h>
#include <net/netdev.h>
#include <linux/virtio_net.h>

#define VNET_RX		0u		/* the device's queues */
#define VNET_TX		1u
#define VNET_CTRL	2u

/* A frame on its way out: the header the device reads, and whom to tell when it is done. */
struct vnet_tx {
	struct virtio_net_hdr_v1 hdr;
	void	(*done)(void *token, bool sent);
	void	*token;
	struct vnet_tx *next;		/* free */
};

struct vnet {
	struct net_device netdev;
	struct virtio_device *vdev;
	struct virtqueue *rx, *tx, *ctrl; /* ctrl: NULL without */
	u32		hdr_len;	/* of the header before each frame */
	bool		mergeable;
	bool		dead;		/* a queue broke, or it does not start: until the next open */
	struct vnet_tx	*tx_slots, *tx_free;
	unsigned	tx_out;		/* frames in the tx queue */
	struct {			/* a command that the device reads and answers */
		struct virtio_net_ctrl_hdr hdr;
		u8	data[ETH_ALEN];
		virtio_net_ctrl_ack ack;
	} cmd;
};

/* Receiving. */
int vnet_rx_init(void);
/* Buffers for the whole queue, as far as there is memory; false if the queue has none at all. */
bool vnet_rx_fill(struct vnet *v);
/* Up to `budget` frames to the stack. Returns how many. */
unsigned vnet_rx_poll(struct vnet *v, unsigned budget);
void vnet_rx_drain(struct vnet *v);	/* after a reset */

/* Sending. */
int vnet_tx_init(struct vnet *v);
int vnet_xmit(struct net_device *dev, const struct net_txframe *frame);
void vnet_flush(struct net_device *dev);
void vnet_tx_reclaim(struct vnet *v);
/* Asks for an interrupt when most of what is out has gone. False: it has already. */
bool vnet_tx_irq_on(struct vnet *v);
void vnet_tx_drain(struct vnet *v);	/* after a reset */

#endif
