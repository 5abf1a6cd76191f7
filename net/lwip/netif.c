/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Network devices below lwIP: each has a struct netif. Frames come up as views of the driver's
 * buffers and go down as the pieces of their pbuf, both without a copy; a pbuf that is being
 * sent keeps a reference until the device is done with it.
 */
#include "dev.h"
#include "lwip/etharp.h"
#include "lwip/ethip6.h"
#include "lwip/igmp.h"
#include "lwip/mld6.h"
#include "lwip/nd6.h"
#include "lwip/prot/ethernet.h"
#include "lwip/prot/ip4.h"
#include "lwip/prot/ip6.h"
#include "lwip/prot/tcp.h"
#include "lwip/prot/udp.h"
#include "netif/ethernet.h"

#define COPY_BELOW 256u		/* bytes: keeping a whole buffer for less would be a waste */

/* ---- frames in ---- */

static void rx_free(struct pbuf *p)
{
	struct net_rxbuf *b = container_of((u64 *)(void *)p, struct net_rxbuf, stack[0]);

	lw_mem_uncharge(b->truesize);
	net_rxbuf_free(b);
}

/* A small frame in memory of its own; the buffer goes back at once. */
static struct pbuf *copy_frame(struct net_rxbuf *frame)
{
	struct pbuf *p = pbuf_alloc(PBUF_RAW, (u16)frame->len, PBUF_RAM);

	if (p)
		memcpy(p->payload, frame->data, frame->len);
	net_rxbuf_free(frame);
	return p;
}

/* The frame as a pbuf chain, which owns it. Its buffers count as long as anybody holds them. */
static struct pbuf *wrap(struct net_rxbuf *frame)
{
	struct pbuf *head = NULL, *tail = NULL;
	u32 left = frame->frame_len, size = 0;

	_Static_assert(sizeof(struct pbuf_custom) <= sizeof(frame->stack), "fits");
	for (const struct net_rxbuf *b = frame; b; b = b->next)
		size += b->truesize;
	if (unlikely(!lw_mem_charge(size, lw_mem_keep_max))) {
		net_rxbuf_free_frame(frame);
		return NULL;
	}
	for (; frame; frame = frame->next) {
		struct pbuf_custom *c = (void *)frame->stack;
		struct pbuf *p;

		c->custom_free_function = rx_free;
		p = pbuf_alloced_custom(PBUF_RAW, (u16)frame->len, PBUF_REF, c, frame->data,
					(u16)frame->len);
		p->tot_len = (u16)left;
		left -= frame->len;
		if (tail)
			tail->next = p;
		else
			head = p;
		tail = p;
	}
	return head;
}

/* Packets that lwIP found fault with. */
static u32 refusals(void)
{
	const struct stats_mib2 *s = &lwip_stats.mib2;

	return s->ipinhdrerrors + s->ipinaddrerrors + s->ipinunknownprotos + s->ipindiscards +
	       s->tcpinerrs + s->icmpinerrors;
}

/* What lwIP says nothing of, its counters tell; p is taken over. */
static void input(struct netif *n, struct pbuf *p, u32 len)
{
	u32 before = refusals();

	if (n->input(p, n) != ERR_OK)
		pbuf_free(p);
	if (unlikely(refusals() != before))
		TRACE(net_drop, len, NET_DROP_BAD);
}

static void rx(struct net_device *dev, struct net_rxbuf *frame) NO_THREAD_SAFETY_ANALYSIS
{
	struct lw_dev *d = dev->stack;
	bool good = frame->flags & NET_RX_CSUM_OK;
	struct pbuf *p = NULL;
	u32 len = frame->frame_len;

	if (unlikely(len > U16_MAX))
		net_rxbuf_free_frame(frame);
	else
		p = !frame->next && len < COPY_BELOW ? copy_frame(frame) : wrap(frame);
	if (unlikely(!p)) {
		dev->stats.rx_dropped++;
		TRACE(net_drop, len, NET_DROP_ERRNO + ENOBUFS);
		return;
	}
	/* lwIP has one place for this: the switches of the interface, for as long as this frame. */
	if (good)
		d->netif.chksum_flags &= (u16)~(NETIF_CHECKSUM_CHECK_TCP | NETIF_CHECKSUM_CHECK_UDP);
	p->if_idx = netif_get_index(&d->netif);
	lw_link_used();
	input(&d->netif, p, len);
	if (good)
		d->netif.chksum_flags |= NETIF_CHECKSUM_CHECK_TCP | NETIF_CHECKSUM_CHECK_UDP;
}

/* ---- frames out ---- */

/* The token is the frame's pbuf; those whose payload went along are linked to it. */
static void tx_done(void *token, bool sent)
{
	struct pbuf *next;

	for (struct pbuf *p = token; p; p = next) {
		next = p->link;
		pbuf_free(p);
	}
}

void lw_frame_add(struct net_txframe *f, const struct pbuf *p, u32 skip)
{
	for (; p; p = p->next, skip = 0) {
		if (p->len == skip)
			continue;
		f->pieces[f->nr++] = (struct net_piece){ (const u8 *)p->payload + skip, p->len - skip };
		f->len += p->len - skip;
	}
}

/* The sum over a pseudo header, not inverted. */
static u16 pseudo_sum(const u8 *addrs, int len, u8 proto, u32 bytes)
{
	u32 sum = lw_checksum(addrs, len);

	sum += lwip_htons(proto);
	sum += lwip_htons((u16)bytes);
	sum = (sum & 0xffff) + (sum >> 16);
	return (u16)((sum & 0xffff) + (sum >> 16));
}

/* Leaves the sum to a device that makes it: TCP's, where lwIP has put a 0, and UDP's if it is told. */
static void offload(const struct net_device *dev, const struct pbuf *p, u8 marks, struct net_txframe *f)
{
	u8 *frame = p->payload, *ip = frame + ETH_HLEN;
	bool v4 = frame[12] == 0x08 && frame[13] == 0x00;
	u16 hlen = v4 ? (u16)((ip[0] & 15) * 4) : IP6_HLEN, sum, offset;
	u8 proto = ip[v4 ? 9 : 6];

	if (!(dev->features & NETDEV_TX_CSUM) || (!v4 && (frame[12] != 0x86 || frame[13] != 0xdd)))
		return;
	if (proto == IP_PROTO_TCP && p->len >= ETH_HLEN + hlen + TCP_HLEN)
		offset = offsetof(struct tcp_hdr, chksum);
	else if (proto == IP_PROTO_UDP && marks & LW_CSUM_LATER)
		offset = offsetof(struct udp_hdr, chksum);
	else
		return;
	sum = pseudo_sum(ip + (v4 ? 12 : 8), v4 ? 8 : 32, proto, f->len - ETH_HLEN - hlen);
	memcpy(ip + hlen + offset, &sum, sizeof(sum));
	f->flags |= NET_TX_CSUM;
	f->csum_start = (u16)(ETH_HLEN + hlen);
	f->csum_offset = offset;
}

bool lw_csum_later(struct netif *n, const struct pbuf *udp, const struct lw_dest *d)
{
	struct lw_dev *dev = lw_dev_of(n);
	ip_addr_t to;

	/* Fragments are no device's affair; a group's packet also goes to sockets of this machine. */
	if (!dev || !(dev->dev->features & NETDEV_TX_CSUM) || d->group)
		return false;
	if (inet_is_v4(&d->to))
		return udp->tot_len + IP_HLEN <= n->mtu;
	lw_to_ip(&to, &d->to);
	return udp->tot_len + IP6_HLEN <= nd6_get_destination_mtu(ip_2_ip6(&to), n);
}

static err_t link_output(struct netif *netif, struct pbuf *p) NO_THREAD_SAFETY_ANALYSIS
{
	struct net_device *dev = lw_dev_of(netif)->dev;
	u8 marks = p->flags;
	struct net_txframe f;
	int err;

	lw_link_used();
	if (unlikely(pbuf_clen(p) > NETDEV_TX_PIECES)) {
		p = pbuf_clone(PBUF_RAW, PBUF_RAM, p);
		if (!p)
			return ERR_MEM;
	} else {
		pbuf_ref(p);
	}
	p->link = NULL;
	f.nr = f.len = f.flags = 0;
	lw_frame_add(&f, p, 0);
	lw_tso_extend(p, &f);
	f.done = tx_done;
	f.token = p;
	offload(dev, p, marks, &f);
	err = netdev_xmit(dev, &f);
	if (unlikely(err))
		tx_done(p, false);
	return !err ? ERR_OK : err == -ENOBUFS ? ERR_MEM : ERR_IF;
}

/* ---- the interface ---- */

static err_t igmp_filter(struct netif *netif, const ip4_addr_t *group,
			 enum netif_mac_filter_action action)
{
	u32 ip = be32_to_cpu(ip4_addr_get_u32(group));
	u8 mac[ETH_ALEN] = { 0x01, 0x00, 0x5e, (ip >> 16) & 0x7f, (u8)(ip >> 8), (u8)ip };

	if (action == NETIF_ADD_MAC_FILTER)
		netdev_mcast_add(lw_dev_of(netif)->dev, mac);
	else
		netdev_mcast_del(lw_dev_of(netif)->dev, mac);
	return ERR_OK;
}

static err_t mld_filter(struct netif *netif, const ip6_addr_t *group,
			enum netif_mac_filter_action action)
{
	u8 mac[ETH_ALEN] = { 0x33, 0x33 };

	memcpy(mac + 2, &group->addr[3], 4);
	if (action == NETIF_ADD_MAC_FILTER)
		netdev_mcast_add(lw_dev_of(netif)->dev, mac);
	else
		netdev_mcast_del(lw_dev_of(netif)->dev, mac);
	return ERR_OK;
}

static err_t setup(struct netif *netif)
{
	struct net_device *dev = lw_dev_of(netif)->dev;
	u16 sums = NETIF_CHECKSUM_ENABLE_ALL;

	netif->name[0] = dev->name[0];
	netif->name[1] = dev->name[1];
	netif->output = etharp_output;
	netif->output_ip6 = ethip6_output;
	netif->linkoutput = link_output;
	netif->mtu = netif->mtu6 = dev->mtu;
	netif->hwaddr_len = ETH_ALEN;
	memcpy(netif->hwaddr, dev->mac, ETH_ALEN);
	netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET |
		       NETIF_FLAG_IGMP | NETIF_FLAG_MLD6;
	netif_set_igmp_mac_filter(netif, igmp_filter);
	netif_set_mld_mac_filter(netif, mld_filter);
	if (dev->features & NETDEV_TX_CSUM)
		sums &= (u16)~NETIF_CHECKSUM_GEN_TCP;
	NETIF_SET_CHECKSUM_CTRL(netif, sums);
	return ERR_OK;
}

static void attach(struct net_device *dev) NO_THREAD_SAFETY_ANALYSIS
{
	/* ff02::1, which is never joined or left (RFC 4291): what routers advertise comes there. */
	static const u8 all_nodes[ETH_ALEN] = { 0x33, 0x33, 0, 0, 0, 1 };
	struct lw_dev *d = kzalloc(sizeof(*d), GFP_NOWAIT);

	if (!d) {
		pr_err("net: no memory for %s\n", dev->name);
		return;
	}
	d->dev = dev;
	dev->stack = d;
	if (!netif_add_noaddr(&d->netif, d, setup, ethernet_input)) {
		dev->stack = NULL;
		kfree(d);
		return;
	}
	d->netif.num = (u8)(dev->ifindex - 1);
	d->netif.ip6_autoconfig_enabled = 1;
	netif_create_ip6_linklocal_address(&d->netif, 1);
	netdev_mcast_add(dev, all_nodes);
	lw_dev_configure(d);
}

/* The device was switched or its cable: lwIP is told, and DHCP runs while both are there. */
static void link_changed(struct net_device *dev) NO_THREAD_SAFETY_ANALYSIS
{
	struct lw_dev *d = dev->stack;

	if (!d)
		return;
	if (dev->link)
		netif_set_link_up(&d->netif);
	else
		netif_set_link_down(&d->netif);
	if (dev->up)
		netif_set_up(&d->netif);
	else
		netif_set_down(&d->netif);
	lw_aliases_follow(d);
	if (d->dhcp && dev->up && dev->link && !netif_dhcp_data(&d->netif)) {
		dhcp_set_struct(&d->netif, &d->dhcp_state);
		dhcp_start(&d->netif);
	}
	lw_timers_stale = true;
}

/* The queue has room: connections that could not send try again. */
static void tx_ready(struct net_device *dev)
{
	tcp_txnow();
}

struct lw_dev *lw_dev_by_index(int ifindex)
{
	struct net_device *dev = netdev_by_index(ifindex);

	return dev ? dev->stack : NULL;
}

static const struct netdev_stack stack = {
	.lock = lw_lock, .unlock = lw_unlock, .attach = attach, .rx = rx, .tx_ready = tx_ready,
	.link = link_changed, .timers = lw_timers_run,
};

int lw_devs_init(void)
{
	return netdev_stack_register(&stack);
}
