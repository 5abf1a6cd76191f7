/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Network devices: the list of them, the worker that polls them and runs the stack's timers,
 * and what is the same for all drivers. See <net/netdev.h>.
 */
#include <kernel/clone.h>
#include <kernel/mutex.h>
#include <kernel/printk.h>
#include <kernel/time.h>
#include <kernel/wait.h>
#include <lib/err.h>
#include <lib/errno.h>
#include <lib/printf.h>
#include <lib/string.h>
#include <net/config.h>
#include <net/netdev.h>
#include <trace/net.h>

#define POLL_BUDGET	64u		/* frames of one device before others have their turn */
#define VLAN_HLEN	4u		/* a tag may come on top of the MTU */
#define FIRST_INDEX	2		/* 1 is lo */

/* Devices are added and never taken out: readers follow the links without a lock. */
static LIST_HEAD(devices);
static DEFINE_MUTEX(register_lock);	/* outside the stack's: one registration at a time */
static int nr_devices;			/* under register_lock */
static bool worker_runs;		/* under register_lock */

static DEFINE_WAIT_QUEUE(worker_wait);
static bool work_pending;		/* atomic: poll again */
static DEFINE_SPINLOCK(timer_lock);	/* a leaf */
static nsec_t next_timer = NSEC_MAX;	/* under timer_lock */

/* ---- without a stack ---- */

static DEFINE_MUTEX(no_stack_lock);

static void no_lock(void) NO_THREAD_SAFETY_ANALYSIS
{
	mutex_lock(&no_stack_lock);
}
static void no_unlock(void) NO_THREAD_SAFETY_ANALYSIS
{
	netdev_flush();
	mutex_unlock(&no_stack_lock);
}
static void no_event(struct net_device *dev) {}
static void no_rx(struct net_device *dev, struct net_rxbuf *frame)
{
	dev->stats.rx_dropped++;
	net_rxbuf_free_frame(frame);
}
static nsec_t no_timers(nsec_t now)
{
	return NSEC_MAX;
}
static const struct netdev_stack no_stack = {
	.lock = no_lock, .unlock = no_unlock, .attach = no_event, .rx = no_rx,
	.tx_ready = no_event, .link = no_event, .timers = no_timers,
};
static const struct netdev_stack *stack = &no_stack;	/* changes once, under register_lock */

void netdev_lock(void)
{
	for (;;) {
		const struct netdev_stack *s = READ_ONCE(stack);

		s->lock();
		if (likely(s == READ_ONCE(stack)))
			return;
		s->unlock();	/* the stack came while we waited for the lock of none */
	}
}

void netdev_unlock(void)
{
	stack->unlock();
}

/* ---- the worker ---- */

void netdev_schedule(void)
{
	WRITE_ONCE(work_pending, true);
	wake_up(&worker_wait);
}

void netdev_timer_before(nsec_t when)
{
	bool sooner;

	spin_lock(&timer_lock);
	sooner = when < next_timer;
	if (sooner)
		WRITE_ONCE(next_timer, when);
	spin_unlock(&timer_lock);
	if (sooner)
		wake_up(&worker_wait);
}

/* Until a device has something, or a timer is due. */
static void wait_for_work(void)
{
	nsec_t due;

	do {
		nsec_t now = ktime_get();

		due = READ_ONCE(next_timer);
		if (due <= now)
			break;
		__wait_event(&worker_wait, READ_ONCE(work_pending) || READ_ONCE(next_timer) < due,
			     TASK_INTERRUPTIBLE, due == NSEC_MAX ? NSEC_MAX : due - now);
	} while (!READ_ONCE(work_pending));
}

static void poll_devices(void)
{
	struct net_device *dev;
	bool more = false;

	list_for_each_entry(dev, &devices, node) {
		if (xchg(&dev->link_changed, false)) {
			dev->link = READ_ONCE(dev->link_new);
			pr_info("%s: link %s\n", dev->name, dev->link ? "up" : "down");
			stack->link(dev);
		}
		if (dev->up)
			more |= dev->ops->poll(dev, POLL_BUDGET);
	}
	if (more)
		WRITE_ONCE(work_pending, true);
}

static void run_timers(void)
{
	nsec_t now = ktime_get(), next;

	if (READ_ONCE(next_timer) > now)
		return;
	spin_lock(&timer_lock);
	WRITE_ONCE(next_timer, NSEC_MAX);
	spin_unlock(&timer_lock);
	next = stack->timers(now);
	spin_lock(&timer_lock);
	if (next < next_timer)
		WRITE_ONCE(next_timer, next);
	spin_unlock(&timer_lock);
}

static int worker(void *arg)
{
	for (;;) {
		wait_for_work();
		xchg(&work_pending, false);
		netdev_lock();
		poll_devices();
		run_timers();
		netdev_flush();
		netdev_unlock();
		cond_resched();
	}
	return 0;
}

static int start_worker(void) REQUIRES(&register_lock)
{
	struct task *task;

	if (worker_runs)
		return 0;
	task = kthread_run(worker, NULL, "net");
	if (IS_ERR(task))
		return (int)PTR_ERR(task);
	worker_runs = true;
	return 0;
}

/* ---- registration ---- */

int netdev_stack_register(const struct netdev_stack *s)
{
	struct net_device *dev;
	int err;

	mutex_lock(&register_lock);
	err = start_worker();
	if (!err) {
		no_lock();	/* the worker is not inside */
		stack = s;
		no_unlock();
		netdev_lock();
		list_for_each_entry(dev, &devices, node)
			stack->attach(dev);
		netdev_unlock();
		netdev_timer_before(ktime_get());
	}
	mutex_unlock(&register_lock);
	return err;
}

int netdev_register(struct net_device *dev, const char *name)
{
	int err;

	mutex_lock(&register_lock);
	err = start_worker();
	if (err)
		goto out;
	snprintf(dev->name, sizeof(dev->name), name, nr_devices);
	dev->ifindex = FIRST_INDEX + nr_devices++;
	netdev_lock();
	list_add_tail(&dev->node, &devices);
	stack->attach(dev);
	netdev_unlock();
	net_sysfs_add(dev->ifindex, dev->device);
out:
	mutex_unlock(&register_lock);
	return err;
}

struct net_device *netdev_by_index(int ifindex)
{
	struct net_device *dev;

	list_for_each_entry(dev, &devices, node)
		if (dev->ifindex == ifindex)
			return dev;
	return NULL;
}

struct net_device *netdev_by_name(const char *name)
{
	struct net_device *dev;

	list_for_each_entry(dev, &devices, node)
		if (!strcmp(dev->name, name))
			return dev;
	return NULL;
}

/* ---- settings ---- */

int netdev_up(struct net_device *dev)
{
	int err;

	if (dev->up)
		return 0;
	err = dev->ops->open(dev);
	if (err)
		return err;
	dev->up = true;
	dev->tx_full = false;
	stack->link(dev);
	netdev_schedule();	/* what came before the first interrupt */
	return 0;
}

void netdev_down(struct net_device *dev)
{
	if (!dev->up)
		return;
	dev->up = false;
	dev->unflushed = false;
	dev->ops->stop(dev);
	stack->link(dev);
}

int netdev_set_mtu(struct net_device *dev, unsigned mtu)
{
	if (mtu < dev->min_mtu || mtu > dev->max_mtu)
		return -EINVAL;
	dev->mtu = (u16)mtu;
	return 0;
}

int netdev_set_mac(struct net_device *dev, const u8 *mac)
{
	static const u8 zero[ETH_ALEN];
	int err;

	if ((mac[0] & 1) || !memcmp(mac, zero, ETH_ALEN))
		return -EADDRNOTAVAIL;
	err = dev->ops->set_mac ? dev->ops->set_mac(dev, mac) : -EOPNOTSUPP;
	if (!err)
		memcpy(dev->mac, mac, ETH_ALEN);
	return err;
}

void netdev_promisc(struct net_device *dev, int change)
{
	bool was = dev->promisc;

	dev->promisc += (u32)change;
	if (was != !!dev->promisc && dev->up && dev->ops->set_rx_mode)
		dev->ops->set_rx_mode(dev);
}

void netdev_allmulti(struct net_device *dev, int change)
{
	dev->allmulti += (u32)change;
}

static int mcast_find(const struct net_device *dev, const u8 *mac)
{
	for (int i = 0; i < NETDEV_MCAST; i++)
		if (dev->mcast[i].users && !memcmp(dev->mcast[i].mac, mac, ETH_ALEN))
			return i;
	return -1;
}

void netdev_mcast_add(struct net_device *dev, const u8 *mac)
{
	int i = mcast_find(dev, mac);

	for (int n = 0; i < 0 && n < NETDEV_MCAST; n++)
		if (!dev->mcast[n].users)
			i = n;
	if (i < 0 || dev->mcast[i].users == U16_MAX) {
		dev->mcast_more++;
		return;
	}
	memcpy(dev->mcast[i].mac, mac, ETH_ALEN);
	dev->mcast[i].users++;
}

void netdev_mcast_del(struct net_device *dev, const u8 *mac)
{
	int i = mcast_find(dev, mac);

	if (i >= 0)
		dev->mcast[i].users--;
	else if (dev->mcast_more)
		dev->mcast_more--;
}

/* ---- frames ---- */

static netdev_tap_t tap;		/* under the stack's lock */

void netdev_set_tap(netdev_tap_t fn)
{
	tap = fn;
}

/* The part of a piece that is between offset and offset + n of the frame. */
static void copy_piece(const u8 *data, u32 len, u32 start, u32 offset, u8 *to, u32 n)
{
	u32 from = max(start, offset), end = min(start + len, offset + n);

	if (from < end)
		memcpy(to + (from - offset), data + (from - start), end - from);
}

void netdev_frame_copy(const struct netdev_frame *f, u32 offset, void *to, u32 n)
{
	u32 start = 0;

	for (const struct net_rxbuf *b = f->rx; b; start += b->len, b = b->next)
		copy_piece(b->data, b->len, start, offset, to, n);
	for (u32 i = 0; f->tx && i < f->tx->nr; start += f->tx->pieces[i].len, i++)
		copy_piece(f->tx->pieces[i].data, f->tx->pieces[i].len, start, offset, to, n);
}

void net_rxbuf_free_frame(struct net_rxbuf *b)
{
	while (b) {
		struct net_rxbuf *next = b->next;

		net_rxbuf_free(b);
		b = next;
	}
}

static int check_tx(const struct net_device *dev, const struct net_txframe *f)
{
	u32 need = f->flags & NET_TX_TSO6 ? NETDEV_TSO6 : NETDEV_TSO4;

	if (unlikely(!dev->up || !dev->link))
		return -ENETDOWN;
	if (unlikely(!f->nr || f->nr > NETDEV_TX_PIECES || f->len < ETH_HLEN))
		return -EINVAL;
	if ((f->flags & NET_TX_CSUM) && unlikely(!(dev->features & NETDEV_TX_CSUM)))
		return -EINVAL;
	if (!(f->flags & NET_TX_TSO))
		return f->len <= dev->mtu + ETH_HLEN + VLAN_HLEN ? 0 : -EINVAL;
	if (unlikely(!(dev->features & need) || !(f->flags & NET_TX_CSUM) || !f->gso_size))
		return -EINVAL;
	return f->len <= U16_MAX + ETH_HLEN ? 0 : -EINVAL;
}

int netdev_xmit(struct net_device *dev, const struct net_txframe *frame)
{
	int err = check_tx(dev, frame);

	if (unlikely(tap) && !err)
		tap(dev, &(struct netdev_frame){ .tx = frame, .len = frame->len });
	if (likely(!err))
		err = dev->ops->xmit(dev, frame);
	if (unlikely(err)) {
		if (err == -ENOBUFS)
			dev->tx_full = true;
		dev->stats.tx_dropped++;
		TRACE(net_drop, frame->len, NET_DROP_ERRNO + (u32)-err);
		return err;
	}
	dev->unflushed = true;
	netdev_unflushed = true;
	dev->stats.tx_packets++;
	dev->stats.tx_bytes += frame->len;
	return 0;
}

bool netdev_unflushed;

void __netdev_flush(void)
{
	struct net_device *dev;

	netdev_unflushed = false;
	list_for_each_entry(dev, &devices, node) {
		if (dev->unflushed) {
			dev->unflushed = false;
			dev->ops->flush(dev);
		}
	}
}

/* Is a frame to `dst` for this machine? */
static bool wanted(const struct net_device *dev, const u8 *dst)
{
	static const u8 broadcast[ETH_ALEN] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

	if (likely(!memcmp(dst, dev->mac, ETH_ALEN)) || dev->promisc)
		return true;
	if (!(dst[0] & 1))
		return false;
	return dev->allmulti || dev->mcast_more || !memcmp(dst, broadcast, ETH_ALEN) ||
	       mcast_find(dev, dst) >= 0;
}

void netdev_rx(struct net_device *dev, struct net_rxbuf *frame)
{
	struct netdev_stats *st = &dev->stats;

	if (unlikely(frame->len < ETH_HLEN || frame->frame_len > U16_MAX + ETH_HLEN ||
		     (!(frame->flags & NET_RX_LARGE) &&
		      frame->frame_len > dev->mtu + ETH_HLEN + VLAN_HLEN))) {
		st->rx_errors++;
		st->rx_length_errors++;
		TRACE(net_drop, frame->frame_len, NET_DROP_BAD);
		net_rxbuf_free_frame(frame);
		return;
	}
	st->rx_packets++;
	st->rx_bytes += frame->frame_len;
	if (frame->data[0] & 1)
		st->multicast++;
	if (unlikely(!wanted(dev, frame->data))) {
		st->rx_dropped++;
		TRACE(net_drop, frame->frame_len, NET_DROP_FOREIGN);
		net_rxbuf_free_frame(frame);
		return;
	}
	if (unlikely(tap))
		tap(dev, &(struct netdev_frame){ .rx = frame, .len = frame->frame_len });
	stack->rx(dev, frame);
}

void netdev_tx_room(struct net_device *dev)
{
	if (dev->tx_full) {
		dev->tx_full = false;
		stack->tx_ready(dev);
	}
}

void netdev_link_event(struct net_device *dev, bool link)
{
	WRITE_ONCE(dev->link_new, link);
	xchg(&dev->link_changed, true);
	netdev_schedule();
}
