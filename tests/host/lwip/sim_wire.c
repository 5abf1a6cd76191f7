/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The network: a device whose wire ends at a mirror. A frame to 10.0.0.3 comes back as one from
 * 10.0.0.3, both addresses exchanged (which no checksum notices), so that a connection to there
 * comes in by the same device and has its other end on this machine.
 *
 * A frame lies in the device's ring until it is read, so that segments are busy; then it is cut
 * if it has to be, and each part is lost, repeated, or overtakes others.
 */
#include <linux/neighbour.h>
#include <linux/netlink.h>
#include "config.h"
#include "lwip/prot/ip4.h"
#include "lwip/prot/tcp.h"
#include "sim.h"

#define RING_MAX 64u
#define FLIGHT_MAX 4096u

struct sim_wire sim_wire;
u32 sim_frames;

static struct net_txframe ring[RING_MAX];
static u32 ring_first, ring_nr;
static bool full;			/* said so, and has not read since */
static struct frame {			/* as the device hands it up */
	struct net_rxbuf rx;		/* first */
	u8 bytes[];
} *flight[FLIGHT_MAX];
static u32 flight_nr;
static const u8 their_mac[ETH_ALEN] = { 2, 0, 0, 0, 0, 3 };

static void recycle(struct net_rxbuf *b)
{
	sim_frames--;
	free(b);
}

static void launch(const u8 *bytes, u32 n, u32 flags, u16 gso_size)
{
	struct frame *f;
	u32 place;

	if (chance(sim_wire.lose) || flight_nr == FLIGHT_MAX)
		return;
	f = calloc(1, sizeof(*f) + n);
	memcpy(f->bytes, bytes, n);
	f->rx = (struct net_rxbuf){ .data = f->bytes, .len = n, .frame_len = n, .truesize = n + 512,
				    .flags = flags, .gso_size = gso_size, .recycle = recycle };
	flight[flight_nr++] = f;
	sim_frames++;
	if (!chance(sim_wire.swap))
		return;
	place = lot(flight_nr);
	swap(flight[flight_nr - 1], flight[place]);
}

/* The part of a long segment that begins at byte `at` of its data. */
static void launch_part(const u8 *bytes, u32 at, u32 n, const struct net_txframe *t)
{
	u8 part[2048 + 128];
	struct ip_hdr *ip = (void *)(part + ETH_HLEN);
	struct tcp_hdr *tcp = (void *)(part + ETH_HLEN + IP_HLEN);

	memcpy(part, bytes, t->hdr_len);
	memcpy(part + t->hdr_len, bytes + t->hdr_len + at, n);
	ip->_len = lwip_htons((u16)(t->hdr_len - ETH_HLEN + n));
	ip->_chksum = 0;
	ip->_chksum = inet_chksum(ip, IP_HLEN);
	tcp->seqno = lwip_htonl(lwip_ntohl(tcp->seqno) + at);
	if (at + n < t->len - t->hdr_len)
		TCPH_UNSET_FLAG(tcp, TCP_FIN | TCP_PSH);
	launch(part, t->hdr_len + n, NET_RX_CSUM_OK, 0);
}

static void reflect(u8 *bytes, const struct net_txframe *t)
{
	struct ip_hdr *ip = (void *)(bytes + ETH_HLEN);
	u32 good = t->flags & NET_TX_CSUM ? NET_RX_CSUM_OK : 0;

	if (bytes[12] != 8 || bytes[13] != 0 || ip->dest.addr != WIRE_THEIRS)
		return;
	memcpy(bytes, bytes + 6, ETH_ALEN);
	memcpy(bytes + 6, their_mac, ETH_ALEN);
	swap(ip->src.addr, ip->dest.addr);
	if (!(t->flags & NET_TX_TSO))
		launch(bytes, t->len, good, 0);
	else if (sim_wire.whole)
		launch(bytes, t->len, good | NET_RX_LARGE, t->gso_size);
	else
		for (u32 at = 0, all = t->len - t->hdr_len; at < all; at += t->gso_size)
			launch_part(bytes, at, min(all - at, (u32)t->gso_size), t);
}

/* ---- the driver ---- */

static int open(struct net_device *dev) { return 0; }
static void none(struct net_device *dev) { }
static int xmit(struct net_device *dev, const struct net_txframe *t)
{
	full |= ring_nr >= sim_wire.ring || chance(sim_wire.refuse);
	if (full)
		return -ENOBUFS;
	ring[(ring_first + ring_nr++) % RING_MAX] = *t;
	return 0;
}

static void send_first(void)
{
	static u8 bytes[U16_MAX + ETH_HLEN];
	struct net_txframe t = ring[ring_first];
	u32 n = 0;

	ring_first = (ring_first + 1) % RING_MAX;
	ring_nr--;
	for (u32 i = 0; i < t.nr; n += t.pieces[i++].len)
		memcpy(bytes + n, t.pieces[i].data, t.pieces[i].len);
	t.done(t.token, true);
	reflect(bytes, &t);
}

static bool poll(struct net_device *dev, unsigned budget)
{
	u32 out = chance(2) ? 1 + lot(sim_wire.step) : 0, in = chance(2) ? 1 + lot(sim_wire.step) : 0;

	if (sim_now < sim_wire.stalled)
		out = 0;
	full = full && !out;
	for (; out && ring_nr; out--)
		send_first();
	if (!full)
		netdev_tx_room(dev);
	for (in = min(in, flight_nr); in; in--) {
		struct frame *f = flight[0];

		flight_nr--;
		memmove(flight, flight + 1, flight_nr * sizeof(flight[0]));
		if (chance(sim_wire.repeat))
			launch(f->bytes, f->rx.len, f->rx.flags, f->rx.gso_size);
		netdev_rx(dev, &f->rx);
	}
	return false;
}

void sim_wire_add(u32 mtu, u32 features)
{
	static const struct netdev_ops ops = {
		.open = open, .stop = none, .xmit = xmit, .flush = none, .poll = poll,
	};
	static struct net_device dev = {
		.ops = &ops, .mac = { 2, 0, 0, 0, 0, 2 }, .min_mtu = 576, .max_mtu = 9000,
	};
	struct net_neigh mirror = { .ifindex = 2, .family = AF_INET, .state = NUD_PERMANENT };
	u32 theirs = WIRE_THEIRS;
	struct lw_dev *d;
	ip4_addr_t addr = { WIRE_OURS }, mask = { 0x00ffffff }, none4 = { 0 };

	dev.mtu = (u16)mtu;
	dev.features = features;
	netdev_register(&dev, "eth%u");
	d = dev.stack;
	d->dhcp = false;
	netdev_lock();
	netif_set_addr(&d->netif, &addr, &mask, &none4);
	netdev_unlock();
	netdev_link_event(&dev, true);
	sim_worker();
	memcpy(mirror.lladdr, their_mac, ETH_ALEN);
	memcpy(mirror.dst.bytes, &theirs, sizeof(theirs));
	if (net_backend.config->add_neigh(&mirror, NLM_F_CREATE))
		sim_fail("the mirror is no neighbour");
}
