/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Boot tests of the first network device, when the machine has one: frames go out and come in,
 * and it survives being stopped with work in its queues. The other side is QEMU's user network,
 * which answers ARP for 10.0.2.2.
 */
#include <kernel/boottest.h>
#include <kernel/sched.h>
#include <kernel/time.h>
#include <lib/string.h>
#include <mm/slab.h>
#include <net/netdev.h>

#define ARP_FRAME	42
#define PATIENCE_MS	5000

/* Who has 10.0.2.2? Tell 10.0.2.15. */
static u8 *arp_request(const u8 *mac)
{
	static const u8 head[] = { 0x08, 0x06, 0, 1, 0x08, 0, 6, 4, 0, 1 };
	static const u8 me[] = { 10, 0, 2, 15 }, gateway[] = { 10, 0, 2, 2 };
	u8 *f = kzalloc(ARP_FRAME, GFP_KERNEL);

	if (!f)
		return NULL;
	memset(f, 0xff, ETH_ALEN);
	memcpy(f + 6, mac, ETH_ALEN);
	memcpy(f + 12, head, sizeof(head));
	memcpy(f + 22, mac, ETH_ALEN);
	memcpy(f + 28, me, 4);
	memcpy(f + 38, gateway, 4);
	return f;
}

static void count_done(void *token, bool sent)
{
	(*(u32 *)token)++;
}

/* In three pieces, so that chains are longer than one. */
static int send_arp(struct net_device *dev, const u8 *frame, u32 *done)
{
	struct net_txframe f = {
		.pieces = { { frame, 14 }, { frame + 14, 1 }, { frame + 15, ARP_FRAME - 15 } },
		.nr = 3, .len = ARP_FRAME, .done = count_done, .token = done,
	};

	return netdev_xmit(dev, &f);
}

static bool wait_u64(const u64 *what, u64 value)
{
	for (int ms = 0; ms < PATIENCE_MS && READ_ONCE(*what) < value; ms++)
		schedule_timeout(NSEC_PER_MSEC);
	return READ_ONCE(*what) >= value;
}

static struct net_device *device(void)
{
	struct net_device *dev = netdev_by_name("eth0");

	if (!dev)
		bt_skip("no network device");
	return dev;
}

BOOT_TEST(net, device_sends_and_receives)
{
	struct net_device *dev = device();
	u32 done = 0, accepted = 0;
	u64 before;
	u8 *frame;
	bool was_up;

	if (!dev)
		return;
	frame = arp_request(dev->mac);
	bt_assert(frame);
	netdev_lock();
	was_up = dev->up;
	bt_expect_eq(netdev_up(dev), 0);
	before = dev->stats.rx_packets;
	/* More than the queue holds: the rest is refused, not lost. */
	for (int i = 0; i < 400; i++)
		accepted += !send_arp(dev, frame, &done);
	bt_expect(accepted > 0);
	netdev_unlock();
	bt_expect(wait_u64(&dev->stats.rx_packets, before + 1));
	for (int ms = 0; ms < PATIENCE_MS && READ_ONCE(done) < accepted; ms++)
		schedule_timeout(NSEC_PER_MSEC);
	bt_expect_eq(READ_ONCE(done), accepted);
	netdev_lock();
	bt_expect(!dev->tx_full);
	bt_expect_eq(dev->stats.rx_errors, 0);
	if (!was_up)
		netdev_down(dev);
	netdev_unlock();
	kfree(frame);
}

BOOT_TEST(net, device_restarts_with_frames_in_flight)
{
	struct net_device *dev = device();
	u32 done = 0, accepted = 0;
	bool was_up;
	u8 *frame;

	if (!dev)
		return;
	frame = arp_request(dev->mac);
	bt_assert(frame);
	netdev_lock();
	was_up = dev->up;
	for (int round = 0; round < 50; round++) {
		bt_expect_eq(netdev_up(dev), 0);
		for (int i = 0; i < round; i++)
			accepted += !send_arp(dev, frame, &done);
		netdev_flush();
		netdev_down(dev);
		bt_expect_eq(done, accepted);
	}
	if (was_up)
		bt_expect_eq(netdev_up(dev), 0);
	netdev_unlock();
	kfree(frame);
}

BOOT_TEST(net, device_refuses_nonsense)
{
	struct net_device *dev = device();
	struct net_txframe f = { .nr = 1, .len = 10 };
	static const u8 group[ETH_ALEN] = { 1 }, none[ETH_ALEN];
	bool was_up;

	if (!dev)
		return;
	netdev_lock();
	was_up = dev->up;
	netdev_down(dev);
	bt_expect_eq(netdev_xmit(dev, &f), -ENETDOWN);
	bt_expect_eq(netdev_up(dev), 0);
	bt_expect_eq(netdev_xmit(dev, &f), -EINVAL);
	f = (struct net_txframe){ .nr = 1, .len = 9000 };
	bt_expect_eq(netdev_xmit(dev, &f), -EINVAL);
	f = (struct net_txframe){ .nr = NETDEV_TX_PIECES + 1, .len = 100 };
	bt_expect_eq(netdev_xmit(dev, &f), -EINVAL);
	bt_expect_eq(netdev_set_mtu(dev, dev->max_mtu + 1u), -EINVAL);
	bt_expect_eq(netdev_set_mtu(dev, 67), -EINVAL);
	bt_expect_eq(netdev_set_mac(dev, group), -EADDRNOTAVAIL);
	bt_expect_eq(netdev_set_mac(dev, none), -EADDRNOTAVAIL);
	if (!was_up)
		netdev_down(dev);
	netdev_unlock();
}
