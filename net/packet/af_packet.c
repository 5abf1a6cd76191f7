/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * AF_PACKET: frames of network devices as they are, or without their link header: packet(7).
 *
 * A frame is copied to each socket that wants its protocol, under the stack's lock, while it
 * passes; sockets are listed and bound under that lock, too. Readers are woken by a work item,
 * without it: an epoll waker takes other locks. A filter (SO_ATTACH_FILTER) is asked before the
 * copy. There are no rings and no fanout: both are refused.
 */
#include <fs/proc.h>
#include <lib/byteorder.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/backend.h>
#include <net/netdev.h>
#include "../internal.h"
#include "filter.h"

#define FRAME_MAX	(ETH_HLEN + U16_MAX)
#define NAME_LEN	offsetof(struct sockaddr_ll, sll_addr)

/* Locks:  s  the stack's (netdev_lock)   l  so.lock */
struct packet_sock {
	struct socket	so;
	struct list_head node;		/* s */
	__be16		protocol;	/* s  0: nothing is received */
	int		ifindex;	/* s  0: any device */
	u32		promisc, allmulti; /* s  memberships of ifindex `mr_ifindex` */
	int		mr_ifindex;	/* s */
	bool		auxdata;	/* o */
	struct packet_filter *filter;	/* s  NULL: all */
	bool		filter_locked;	/* s  SO_LOCK_FILTER: for good */
	bool		news;		/* s  to be woken */
	u32		packets, drops;	/* l  since they were asked for; drops are in both */
	struct net_bufq	q;		/* l  each with its sockaddr_ll in front of the frame */
};

static LIST_HEAD(sockets);		/* under the stack's lock */

static void wake_readers(struct work *w);
static struct work wake_work = WORK_INIT(wake_work, wake_readers);

static struct packet_sock *packet_of(struct socket *so)
{
	return container_of(so, struct packet_sock, so);
}

/* ---- a frame passes ---- */

static u8 packet_type(const struct net_device *dev, const struct netdev_frame *f, const u8 *dst)
{
	static const u8 broadcast[ETH_ALEN] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

	if (f->tx)
		return PACKET_OUTGOING;
	if (!memcmp(dst, dev->mac, ETH_ALEN))
		return PACKET_HOST;
	if (!memcmp(dst, broadcast, ETH_ALEN))
		return PACKET_BROADCAST;
	return dst[0] & 1 ? PACKET_MULTICAST : PACKET_OTHERHOST;
}

static void deliver(struct packet_sock *p, const struct sockaddr_ll *name, const struct netdev_frame *f)
{
	u32 skip = p->so.type == SOCK_DGRAM ? ETH_HLEN : 0, n = f->len - skip;
	struct net_buf *b = NULL;

	if (p->filter) {
		n = packet_filter_run(p->filter, f, skip, n, name);
		if (!n)
			return;
	}
	if (p->q.bytes + n <= READ_ONCE(p->so.rcvbuf))
		b = net_buf_alloc_gfp((u32)sizeof(*name) + n, GFP_ATOMIC | __GFP_NOWARN);
	if (b) {
		memcpy(b->data, name, sizeof(*name));
		netdev_frame_copy(f, skip, b->data + sizeof(*name), n);
		b->off = sizeof(*name);
		b->len = n;
		net_stamp(b);
	}
	spin_lock(&p->so.lock);
	if (b)
		net_bufq_add(&p->q, b);
	else
		p->drops++;
	p->packets++;
	spin_unlock(&p->so.lock);
	if (b) {
		p->news = true;
		schedule_work(&wake_work);
	}
}

/* One that has news, counted, or NULL. */
static struct packet_sock *next_with_news(void)
{
	struct packet_sock *p, *found = NULL;

	netdev_lock();
	list_for_each_entry(p, &sockets, node) {
		if (p->news) {
			p->news = false;
			socket_get(&p->so);
			found = p;
			break;
		}
	}
	netdev_unlock();
	return found;
}

static void wake_readers(struct work *w)
{
	struct packet_sock *p;

	while ((p = next_with_news())) {
		sock_wake(&p->so, EPOLL_IN_BITS);
		socket_put(&p->so);
	}
}

static void see(struct net_device *dev, const struct netdev_frame *f)
{
	struct sockaddr_ll name = {
		.sll_family = AF_PACKET, .sll_ifindex = dev->ifindex, .sll_hatype = ARPHRD_ETHER,
		.sll_halen = ETH_ALEN,
	};
	struct packet_sock *p;
	struct ethhdr eth;

	netdev_frame_copy(f, 0, &eth, sizeof(eth));
	memcpy(name.sll_addr, eth.h_source, ETH_ALEN);
	name.sll_protocol = eth.h_proto;
	name.sll_pkttype = packet_type(dev, f, eth.h_dest);
	list_for_each_entry(p, &sockets, node) {
		bool all = p->protocol == cpu_to_be16(ETH_P_ALL);

		/* What this machine sends is for those only who want everything. */
		if ((all || (p->protocol == eth.h_proto && !f->tx)) &&
		    (!p->ifindex || p->ifindex == dev->ifindex))
			deliver(p, &name, f);
	}
}

/* ---- binding ---- */

static int packet_bind(struct socket *so, const union sockaddr_any *any, u32 len)
{
	struct packet_sock *p = packet_of(so);
	const struct sockaddr_ll *name = (const void *)any;

	if (len < NAME_LEN || any->family != AF_PACKET)
		return -EINVAL;
	if (name->sll_ifindex && !netdev_by_index(name->sll_ifindex))
		return -ENODEV;
	netdev_lock();
	p->ifindex = name->sll_ifindex;
	if (name->sll_protocol)
		p->protocol = name->sll_protocol;
	netdev_unlock();
	return 0;
}

static int packet_getname(struct socket *so, union sockaddr_any *any, bool peer)
{
	struct packet_sock *p = packet_of(so);
	struct sockaddr_ll *name = (void *)any;
	const struct net_device *dev = netdev_by_index(p->ifindex);

	if (peer)
		return -EOPNOTSUPP;
	*name = (struct sockaddr_ll){ .sll_family = AF_PACKET, .sll_protocol = p->protocol,
				      .sll_ifindex = p->ifindex };
	if (!dev)
		return NAME_LEN;
	name->sll_hatype = ARPHRD_ETHER;
	name->sll_halen = ETH_ALEN;
	memcpy(name->sll_addr, dev->mac, ETH_ALEN);
	return NAME_LEN + ETH_ALEN;
}

/* ---- sending ---- */

static void sent(void *frame, bool ok)
{
	kfree(frame);
}

/* Fills in the header that a SOCK_DGRAM leaves out. */
static int write_header(struct ethhdr *eth, const struct net_device *dev, const struct packet_sock *p,
			const struct sockaddr_ll *name, u32 namelen)
{
	if (!name)
		return -EDESTADDRREQ;
	if (name->sll_halen < ETH_ALEN || namelen < NAME_LEN + ETH_ALEN)
		return -EINVAL;
	memcpy(eth->h_dest, name->sll_addr, ETH_ALEN);
	memcpy(eth->h_source, dev->mac, ETH_ALEN);
	eth->h_proto = name->sll_protocol ? name->sll_protocol : p->protocol;
	return 0;
}

static int transmit(struct net_device *dev, u8 *frame, u32 len)
{
	struct net_txframe f = { .pieces = { { frame, len } }, .nr = 1, .len = len, .done = sent,
				 .token = frame };
	int err;

	netdev_lock();
	err = netdev_xmit(dev, &f);
	netdev_unlock();
	return err == -EINVAL ? -EMSGSIZE : err;
}

static ssize_t packet_sendmsg(struct socket *so, struct net_msg *msg)
{
	struct packet_sock *p = packet_of(so);
	const struct sockaddr_ll *name = (const void *)msg->name;
	u32 skip = so->type == SOCK_DGRAM ? ETH_HLEN : 0;
	size_t len = iov_iter_count(msg->iter);
	struct net_device *dev;
	u8 *frame;
	int err;

	if (name && (msg->namelen < NAME_LEN || name->sll_family != AF_PACKET))
		return -EINVAL;
	dev = netdev_by_index(name ? name->sll_ifindex : p->ifindex);
	if (!dev)
		return -ENXIO;
	if (len + skip > FRAME_MAX)
		return -EMSGSIZE;
	if (len + skip < ETH_HLEN)
		return -EINVAL;
	frame = kmalloc(len + skip, GFP_KERNEL);
	if (!frame)
		return -ENOBUFS;
	err = skip ? write_header((struct ethhdr *)frame, dev, p, name, msg->namelen) : 0;
	if (!err && copy_from_iter(frame + skip, len, msg->iter) != len)
		err = -EFAULT;
	if (!err)
		err = transmit(dev, frame, (u32)len + skip);
	if (err)
		kfree(frame);
	return err ? err : (ssize_t)len;
}

/* ---- receiving ---- */

static void tell_about(struct packet_sock *p, struct net_msg *msg, const struct net_buf *b)
{
	struct tpacket_auxdata aux = { .tp_status = TP_STATUS_USER, .tp_len = b->len,
				       .tp_snaplen = b->len,
				       .tp_net = p->so.type == SOCK_RAW ? ETH_HLEN : 0 };

	if (msg->name) {
		memcpy(msg->name, b->data, sizeof(struct sockaddr_ll));
		msg->namelen = NAME_LEN + ETH_ALEN;
	}
	net_put_stamp(&p->so, msg, b);
	if (p->auxdata)
		net_put_cmsg(msg, SOL_PACKET, PACKET_AUXDATA, &aux, sizeof(aux));
}

static ssize_t packet_recvmsg(struct socket *so, struct net_msg *msg)
{
	struct packet_sock *p = packet_of(so);
	bool peek = msg->flags & MSG_PEEK;
	struct net_buf *b;
	ssize_t ret;
	u32 n;

	if (msg->flags & (MSG_OOB | MSG_ERRQUEUE))
		return -EINVAL;
	mutex_lock(&so->reader);
	spin_lock(&so->lock);
	b = peek ? p->q.head : net_bufq_take(&p->q);
	spin_unlock(&so->lock);
	ret = -EAGAIN;
	if (!b)
		goto out;
	n = (u32)min_t(size_t, b->len, iov_iter_count(msg->iter));
	if (copy_to_iter(b->data + b->off, n, msg->iter) != n) {
		ret = -EFAULT;
	} else {
		ret = msg->flags & MSG_TRUNC ? b->len : n;
		if (n < b->len)
			msg->out_flags |= MSG_TRUNC;
		tell_about(p, msg, b);
	}
	if (!peek)
		net_buf_free(b);
out:
	mutex_unlock(&so->reader);
	return ret;
}

static u32 packet_poll(struct socket *so, u32 lowat)
{
	u32 bits = EPOLL_OUT_BITS;

	if (!net_bufq_empty(&packet_of(so)->q))
		bits |= EPOLL_IN_BITS;
	if (READ_ONCE(so->err))
		bits |= EPOLLERR;
	return bits;
}

/* ---- options ---- */

/* Memberships count for the device they name; a socket has them of one device at a time. */
static int membership(struct packet_sock *p, const struct packet_mreq *mr, int change)
{
	struct net_device *dev = netdev_by_index(mr->mr_ifindex);
	u32 *count;
	int err = 0;

	if (!dev)
		return -ENODEV;
	if (mr->mr_type != PACKET_MR_PROMISC && mr->mr_type != PACKET_MR_ALLMULTI &&
	    mr->mr_type != PACKET_MR_MULTICAST)
		return -EOPNOTSUPP;
	netdev_lock();
	count = mr->mr_type == PACKET_MR_PROMISC ? &p->promisc : &p->allmulti;
	if (change > 0 && (p->promisc || p->allmulti) && p->mr_ifindex != dev->ifindex)
		err = -EBUSY;
	else if (change < 0 && (!*count || p->mr_ifindex != dev->ifindex))
		err = -EADDRNOTAVAIL;
	if (!err) {
		p->mr_ifindex = dev->ifindex;
		*count += (u32)change;
		if (count == &p->promisc)
			netdev_promisc(dev, change);
		else
			netdev_allmulti(dev, change);
	}
	netdev_unlock();
	return err;
}

/* Puts `filter` (NULL: none) in the place of the one there is. */
static int set_filter(struct packet_sock *p, struct packet_filter *filter)
{
	struct packet_filter *old = filter;
	int err = 0;

	netdev_lock();
	if (p->filter_locked) {
		err = -EPERM;
	} else if (!filter && !p->filter) {
		err = -ENOENT;
	} else {
		old = p->filter;
		p->filter = filter;
	}
	netdev_unlock();
	packet_filter_free(old);
	return err;
}

static int lock_filter(struct packet_sock *p, bool on)
{
	int err = 0;

	netdev_lock();
	if (p->filter_locked && !on)
		err = -EPERM;
	else
		p->filter_locked = on;
	netdev_unlock();
	return err;
}

static int filter_option(struct packet_sock *p, int name, const void *val, u32 len)
{
	struct packet_filter *filter;
	int number;

	switch (name) {
	case SO_ATTACH_FILTER:
		filter = packet_filter_make(val, len);
		return IS_ERR(filter) ? (int)PTR_ERR(filter) : set_filter(p, filter);
	case SO_DETACH_FILTER:
		return set_filter(p, NULL);
	case SO_LOCK_FILTER:
		memcpy(&number, val, sizeof(number));
		return lock_filter(p, number != 0);
	}
	return -ENOPROTOOPT;
}

static int packet_setsockopt(struct socket *so, int level, int name, const void *val, u32 len)
{
	struct packet_sock *p = packet_of(so);
	struct packet_mreq mr;
	int number;

	if (level == SOL_SOCKET)
		return filter_option(p, name, val, len);
	if (level != SOL_PACKET)
		return -ENOPROTOOPT;
	switch (name) {
	case PACKET_ADD_MEMBERSHIP:
	case PACKET_DROP_MEMBERSHIP:
		if (len < sizeof(mr))
			return -EINVAL;
		memcpy(&mr, val, sizeof(mr));
		return membership(p, &mr, name == PACKET_ADD_MEMBERSHIP ? 1 : -1);
	case PACKET_AUXDATA:
		if (len < sizeof(number))
			return -EINVAL;
		memcpy(&number, val, sizeof(number));
		p->auxdata = number != 0;
		return 0;
	}
	return -ENOPROTOOPT;
}

static int packet_getsockopt(struct socket *so, int level, int name, void *val, u32 *len)
{
	struct packet_sock *p = packet_of(so);
	struct tpacket_stats stats = { 0 };
	int number = p->auxdata;

	if (level != SOL_PACKET)
		return -ENOPROTOOPT;
	switch (name) {
	case PACKET_AUXDATA:
		*len = min_t(u32, *len, sizeof(number));
		memcpy(val, &number, *len);
		return 0;
	case PACKET_STATISTICS:
		spin_lock(&so->lock);
		stats.tp_packets = p->packets;
		stats.tp_drops = p->drops;
		p->packets = p->drops = 0;
		spin_unlock(&so->lock);
		*len = min_t(u32, *len, sizeof(stats));
		memcpy(val, &stats, *len);
		return 0;
	}
	return -ENOPROTOOPT;
}

/* ---- life ---- */

static void packet_release(struct socket *so)
{
	struct packet_sock *p = packet_of(so);
	struct net_device *dev = netdev_by_index(p->mr_ifindex);

	netdev_lock();
	list_del_init(&p->node);
	if (list_empty(&sockets))
		netdev_set_tap(NULL);
	for (; p->promisc; p->promisc--)
		netdev_promisc(dev, -1);
	for (; p->allmulti; p->allmulti--)
		netdev_allmulti(dev, -1);
	netdev_unlock();
	packet_filter_free(p->filter);
	p->filter = NULL;
	net_buf_free_chain(p->q.head);
	p->q = (struct net_bufq){ 0 };
}

static void packet_destroy(struct socket *so)
{
	kfree(packet_of(so));
}

static const struct net_ops packet_ops = {
	.release = packet_release, .destroy = packet_destroy, .bind = packet_bind,
	.sendmsg = packet_sendmsg, .recvmsg = packet_recvmsg, .poll = packet_poll,
	.getname = packet_getname, .setsockopt = packet_setsockopt,
	.getsockopt = packet_getsockopt,
};

int packet_create(int type, int protocol, struct socket **out)
{
	struct packet_sock *p;

	if (!capable(CAP_NET_RAW))
		return -EPERM;
	if (type != SOCK_RAW && type != SOCK_DGRAM)
		return -ESOCKTNOSUPPORT;
	p = kzalloc(sizeof(*p), GFP_KERNEL);
	if (!p)
		return -ENOBUFS;
	socket_init(&p->so, &packet_ops, AF_PACKET, type, protocol);
	p->protocol = (__be16)protocol;
	netdev_lock();
	list_add_tail(&p->node, &sockets);
	netdev_set_tap(see);
	netdev_unlock();
	*out = &p->so;
	return 0;
}

/* ---- /proc/net/packet ---- */

static int show_sockets(struct seq_file *m, void *data)
{
	struct packet_sock *p;

	seq_puts(m, "sk               RefCnt Type Proto  Iface R Rmem   User   Inode\n");
	netdev_lock();
	list_for_each_entry(p, &sockets, node)
		seq_printf(m, "%016lx %-6d %-4d %04x   %-5d 1 %-6u %-6u %-6llu\n", 0ul,
			   atomic_read(&p->so.refs), p->so.type, be16_to_cpu(p->protocol), p->ifindex,
			   p->q.bytes, 0, (unsigned long long)p->so.ino);
	netdev_unlock();
	return 0;
}

static int __init packet_init(void)
{
	return proc_create("net/packet", 0444, show_sockets, NULL);
}
device_initcall(packet_init);
