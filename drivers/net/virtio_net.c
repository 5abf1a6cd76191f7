/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * virtio-net (virtio 1.2, section 5.1): probing, starting and stopping, the control queue and
 * the poll that ties receiving and sending together. One queue pair; more would only help
 * stacks of more than one lock.
 */
#include <arch/barrier.h>
#include <kernel/printk.h>
#include <kernel/random.h>
#include <kernel/time.h>
#include <lib/err.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/slab.h>
#include "virtio_net.h"

#define BIT_OF(name)	BIT_ULL(VIRTIO_NET_F_##name)
#define WANTED (BIT_OF(MAC) | BIT_OF(STATUS) | BIT_OF(MTU) | BIT_OF(CSUM) | BIT_OF(GUEST_CSUM) | \
		BIT_OF(HOST_TSO4) | BIT_OF(HOST_TSO6) | BIT_OF(HOST_ECN) | BIT_OF(MRG_RXBUF) | \
		BIT_OF(CTRL_VQ) | BIT_OF(CTRL_RX) | BIT_OF(CTRL_MAC_ADDR))
/* Only with mergeable buffers: each would have to have 64 KB otherwise. */
#define WANTED_LARGE (BIT_OF(GUEST_TSO4) | BIT_OF(GUEST_TSO6) | BIT_OF(GUEST_ECN))

#define CFG_MAC	offsetof(struct virtio_net_config, mac)
#define CFG_STATUS	offsetof(struct virtio_net_config, status)
#define CFG_MTU	offsetof(struct virtio_net_config, mtu)
#define MTU_DEFAULT	1500
#define MTU_MIN		68		/* RFC 791 */
#define CTRL_PATIENCE	(100 * NSEC_PER_MSEC)

/* ---- control queue ---- */

/* One command with v->cmd.data as its argument; spins for the answer. 0, -EIO, -EINVAL refused. */
static int command(struct vnet *v, u8 class, u8 cmd, u32 len)
{
	const struct vq_piece pieces[] = {
		{ &v->cmd.hdr, sizeof(v->cmd.hdr) },
		{ v->cmd.data, len },
		{ &v->cmd.ack, sizeof(v->cmd.ack) },
	};
	nsec_t end = ktime_get() + CTRL_PATIENCE;
	int err;

	v->cmd.hdr = (struct virtio_net_ctrl_hdr){ class, cmd };
	v->cmd.ack = VIRTIO_NET_ERR;
	err = virtqueue_add(v->ctrl, pieces, 2, 1, v);
	if (err)
		return err;
	virtqueue_kick(v->ctrl);
	while (!virtqueue_get(v->ctrl, NULL)) {
		if (v->ctrl->broken || ktime_get() > end) {
			/* It may still write to cmd: nothing else is asked of it. */
			pr_err("%s: no answer on the control queue\n", v->netdev.name);
			v->ctrl->broken = true;
			return -EIO;
		}
		cpu_relax();
	}
	return READ_ONCE(v->cmd.ack) == VIRTIO_NET_OK ? 0 : -EINVAL;
}

static void set_rx_switch(struct vnet *v, u8 what, bool on)
{
	v->cmd.data[0] = on;
	if (command(v, VIRTIO_NET_CTRL_RX, what, 1) == -EINVAL)
		pr_warn("%s: the device refuses receive mode %u\n", v->netdev.name, what);
}

/* All multicast: <net/netdev.h> filters it. */
static void vnet_set_rx_mode(struct net_device *dev)
{
	struct vnet *v = dev->priv;

	if (!v->ctrl || !virtio_has(v->vdev, VIRTIO_NET_F_CTRL_RX))
		return;
	set_rx_switch(v, VIRTIO_NET_CTRL_RX_PROMISC, dev->promisc);
	set_rx_switch(v, VIRTIO_NET_CTRL_RX_ALLMULTI, true);
}

static int send_mac(struct vnet *v, const u8 *mac)
{
	memcpy(v->cmd.data, mac, ETH_ALEN);
	return command(v, VIRTIO_NET_CTRL_MAC, VIRTIO_NET_CTRL_MAC_ADDR_SET, ETH_ALEN);
}

/* While the device is down the address waits for the next open. */
static int vnet_set_mac(struct net_device *dev, const u8 *mac)
{
	struct vnet *v = dev->priv;

	if (!v->ctrl || !virtio_has(v->vdev, VIRTIO_NET_F_CTRL_MAC_ADDR))
		return -EOPNOTSUPP;
	return dev->up ? send_mac(v, mac) : 0;
}

/* ---- interrupt and poll ---- */

static void vq_callback(struct virtqueue *vq)
{
	virtqueue_irq_off(vq);
	netdev_schedule();
}

static bool link_state(struct vnet *v)
{
	return !virtio_has(v->vdev, VIRTIO_NET_F_STATUS) ||
	       virtio_config_u16(v->vdev, CFG_STATUS) & VIRTIO_NET_S_LINK_UP;
}

static void vnet_config_changed(struct virtio_device *vdev)
{
	struct vnet *v = vdev->priv;

	if (v)
		netdev_link_event(&v->netdev, link_state(v));
}

static bool vnet_poll(struct net_device *dev, unsigned budget)
{
	struct vnet *v = dev->priv;
	bool rx_idle;
	unsigned n;

	if (unlikely(v->dead))
		return false;
	virtqueue_irq_off(v->rx);
	vnet_tx_reclaim(v);
	n = vnet_rx_poll(v, budget);
	if (unlikely(v->rx->broken || v->tx->broken)) {
		pr_err("%s: stopped; set it down and up to try again\n", dev->name);
		v->dead = true;
		netdev_link_event(dev, false);
		return false;
	}
	if (v->tx->nr_free > NETDEV_TX_PIECES)
		netdev_tx_room(dev);
	if (n == budget)
		return true;
	rx_idle = virtqueue_irq_on(v->rx, 1);
	return !vnet_tx_irq_on(v) || !rx_idle;
}

/* ---- up and down ---- */

static int vnet_open(struct net_device *dev)
{
	struct vnet *v = dev->priv;
	int err = virtio_start(v->vdev);

	v->dead = true;
	if (err)
		return err;
	if (!vnet_rx_fill(v)) {
		virtio_reset(v->vdev);
		return -ENOMEM;
	}
	v->dead = false;
	virtqueue_irq_on(v->rx, 1);
	if (v->ctrl) {
		virtqueue_irq_off(v->ctrl);
		vnet_set_rx_mode(dev);
		if (virtio_has(v->vdev, VIRTIO_NET_F_CTRL_MAC_ADDR))
			send_mac(v, dev->mac);
	}
	dev->link = link_state(v);
	return 0;
}

static void vnet_stop(struct net_device *dev)
{
	struct vnet *v = dev->priv;

	v->dead = true;
	virtio_reset(v->vdev);
	vnet_rx_drain(v);
	vnet_tx_drain(v);
}

static const struct netdev_ops vnet_ops = {
	.open = vnet_open, .stop = vnet_stop, .xmit = vnet_xmit, .flush = vnet_flush,
	.poll = vnet_poll, .set_rx_mode = vnet_set_rx_mode, .set_mac = vnet_set_mac,
};

/* ---- probing ---- */

static int agree(struct virtio_device *vdev)
{
	u64 mergeable = BIT_OF(MRG_RXBUF);
	int err = virtio_negotiate(vdev, WANTED | WANTED_LARGE);

	if (!err && !(vdev->features & mergeable) && (vdev->features & WANTED_LARGE))
		err = virtio_negotiate(vdev, WANTED);
	return err;
}

static void read_features(struct vnet *v)
{
	static const struct { unsigned bit; u32 feature; } map[] = {
		{ VIRTIO_NET_F_CSUM, NETDEV_TX_CSUM }, { VIRTIO_NET_F_GUEST_CSUM, NETDEV_RX_CSUM },
		{ VIRTIO_NET_F_HOST_TSO4, NETDEV_TSO4 }, { VIRTIO_NET_F_HOST_TSO6, NETDEV_TSO6 },
		{ VIRTIO_NET_F_HOST_ECN, NETDEV_TSO_ECN },
		{ VIRTIO_NET_F_GUEST_TSO4, NETDEV_RX_LARGE },
		{ VIRTIO_NET_F_GUEST_TSO6, NETDEV_RX_LARGE },
	};
	struct net_device *dev = &v->netdev;

	for (unsigned i = 0; i < ARRAY_SIZE(map); i++)
		if (virtio_has(v->vdev, map[i].bit))
			dev->features |= map[i].feature;
	if (!(dev->features & NETDEV_TX_CSUM))
		dev->features &= ~(NETDEV_TSO4 | NETDEV_TSO6 | NETDEV_TSO_ECN);
	v->mergeable = virtio_has(v->vdev, VIRTIO_NET_F_MRG_RXBUF);
	v->hdr_len = v->mergeable || v->vdev->modern ? sizeof(struct virtio_net_hdr_v1) :
						       sizeof(struct virtio_net_hdr);
}

static void read_config(struct vnet *v)
{
	struct net_device *dev = &v->netdev;
	u16 mtu = MTU_DEFAULT;

	if (virtio_has(v->vdev, VIRTIO_NET_F_MAC)) {
		for (unsigned i = 0; i < ETH_ALEN; i++)
			dev->mac[i] = virtio_config_u8(v->vdev, CFG_MAC + i);
	}
	/* No address, or one that no station can have: one of our own making. */
	if ((dev->mac[0] & 1) || !(dev->mac[0] | dev->mac[1] | dev->mac[2] | dev->mac[3] |
				   dev->mac[4] | dev->mac[5])) {
		get_random_bytes(dev->mac, ETH_ALEN);
		dev->mac[0] = (u8)((dev->mac[0] & 0xfc) | 2);
	}
	if (virtio_has(v->vdev, VIRTIO_NET_F_MTU))
		mtu = virtio_config_u16(v->vdev, CFG_MTU);
	if (mtu < MTU_MIN || mtu > MTU_DEFAULT)
		mtu = MTU_DEFAULT;	/* a frame has to fit one buffer of ours */
	dev->mtu = dev->max_mtu = mtu;
	dev->min_mtu = MTU_MIN;
	dev->link = true;
}

static int create_queues(struct vnet *v)
{
	v->rx = virtio_vq_create(v->vdev, VNET_RX, VIRTQUEUE_MAX, vq_callback);
	if (IS_ERR(v->rx))
		return (int)PTR_ERR(v->rx);
	v->tx = virtio_vq_create(v->vdev, VNET_TX, VIRTQUEUE_MAX, vq_callback);
	if (IS_ERR(v->tx))
		return (int)PTR_ERR(v->tx);
	if (v->tx->ring.num <= NETDEV_TX_PIECES)
		return -EINVAL;
	if (virtio_has(v->vdev, VIRTIO_NET_F_CTRL_VQ)) {
		v->ctrl = virtio_vq_create(v->vdev, VNET_CTRL, 4, NULL);
		if (IS_ERR(v->ctrl))
			return (int)PTR_ERR(v->ctrl);
	}
	return vnet_tx_init(v);
}

static int vnet_probe(struct virtio_device *vdev)
{
	struct vnet *v = kzalloc(sizeof(*v), GFP_KERNEL);
	const u8 *mac;
	int err;

	if (!v)
		return -ENOMEM;
	v->vdev = vdev;
	v->dead = true;
	err = agree(vdev);
	if (!err)
		err = vnet_rx_init();
	if (err)
		goto out_free;
	read_features(v);
	read_config(v);
	err = create_queues(v);
	if (err)
		goto out_free;
	v->netdev.ops = &vnet_ops;
	v->netdev.priv = v;
	v->netdev.device = vdev->name;
	vdev->priv = v;
	vdev->config_changed = vnet_config_changed;
	err = netdev_register(&v->netdev, "eth%u");
	if (err)
		goto out_free;
	mac = v->netdev.mac;
	pr_info("%s: %s, %02x:%02x:%02x:%02x:%02x:%02x, mtu %u, %s virtio, features %llx\n",
		v->netdev.name, vdev->name, mac[0], mac[1], mac[2], mac[3], mac[4], mac[5],
		v->netdev.mtu, vdev->modern ? "modern" : "legacy",
		(unsigned long long)vdev->features);
	return 0;
out_free:
	vdev->priv = NULL;
	vdev->config_changed = NULL;
	kfree(v->tx_slots);
	kfree(v);
	return err;
}
VIRTIO_DRIVER(virtio_net, VIRTIO_ID_NET, vnet_probe);
