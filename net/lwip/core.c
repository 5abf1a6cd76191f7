/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The lwIP backend: the lock and what happens when it is dropped, creation, addresses, and
 * the table that joins it to the socket layer.
 */
#include "config.h"
#include "lwip/init.h"

DEFINE_SPINLOCK(lw_core);
LIST_HEAD(lw_all);
static struct inet_sock *marked;	/* L */
static struct kmem_cache *sock_cache;

/* ---- the lock ---- */

void lw_mark(struct lw_sock *o, u32 bits)
{
	inet_mark(&marked, &o->in, bits);
}

/* There is something to do first. */
static noinline void unlock_busy(void) RELEASE(lw_core)
{
	struct inet_sock *o;
	u32 bits;

	for (;;) {
		if (lw_loop_queue.head)
			lw_loop_drain();
		if (unlikely(lw_timers_stale))
			lw_timers_check();
		netdev_flush();
		if (!marked)
			break;
		o = inet_unmark(&marked, &bits);
		spin_unlock(&lw_core);
		inet_wake_marked(o, bits);
		if (likely(!READ_ONCE(marked)))
			return;
		spin_lock(&lw_core);
	}
	spin_unlock(&lw_core);
}

void lw_unlock(void)
{
	if (lw_loop_queue.head || marked || unlikely(lw_timers_stale) || unlikely(netdev_unflushed))
		unlock_busy();
	else
		spin_unlock(&lw_core);
}

void lw_queue_free(struct lw_queue *q)
{
	struct pbuf *p;

	while ((p = lw_queue_take(q)))
		pbuf_free(p);
}

u32_t lw_random(void)
{
	return (u32_t)get_random_u64();
}

void lw_assert_failed(const char *what, const char *file, int line)
{
	pr_err("lwip: %s (%s:%d)\n", what, file, line);
}

u32_t sys_now(void)
{
	return (u32_t)(ktime_get() / NSEC_PER_MSEC);
}

/* Sequence numbers start where nobody outside can guess: RFC 6528. */
u32_t lw_isn(const ip_addr_t *local, u16_t lport, const ip_addr_t *remote, u16_t rport)
{
	return (u32_t)get_random_u64() + (u32_t)(ktime_get() >> 6);
}

/* ---- sockets ---- */

struct lw_sock *lw_new(const struct net_ops *ops, int family, int type, int protocol, gfp_t gfp)
{
	struct lw_sock *o = kmem_cache_zalloc(sock_cache, gfp);

	if (!o)
		return NULL;
	inet_init(&o->in, ops, family, type, protocol);
	o->in.so.readable = type == SOCK_STREAM ? NULL : &o->rxq.count;
	INIT_LIST_HEAD(&o->accepts);
	INIT_LIST_HEAD(&o->half);
	INIT_LIST_HEAD(&o->deferring);
	return o;
}

void lw_list(struct lw_sock *o)
{
	list_add_tail(&o->in.all_node, &lw_all);
}

void lw_destroy(struct socket *so)
{
	kmem_cache_free(sock_cache, lw_of(so));
}

static int lw_create(int family, int type, int protocol, struct socket **out)
{
	const struct net_ops *ops = &lw_raw_ops;
	struct lw_sock *o;
	int err = inet_protocol(type, &protocol);

	if (err)
		return err;
	if (type == SOCK_STREAM)
		ops = &lw_tcp_ops;
	else if (type == SOCK_DGRAM && protocol == IPPROTO_UDP)
		ops = &lw_udp_ops;
	else if (type == SOCK_DGRAM &&
		 protocol != (family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6))
		return -EPROTONOSUPPORT;
	o = lw_new(ops, family, type, protocol, GFP_KERNEL);
	if (!o)
		return -ENOBUFS;
	lw_lock();
	lw_list(o);
	lw_raw_count(o, 1);
	lw_unlock();
	*out = &o->in.so;
	return 0;
}

/* ---- addresses and errors ---- */

void lw_to_ip(ip_addr_t *to, const struct in6_addr *from)
{
	if (inet_is_v4(from)) {
		ip_addr_set_ip4_u32(to, inet_v4(from));
		return;
	}
	memcpy(ip_2_ip6(to)->addr, from, sizeof(*from));
	IP_SET_TYPE(to, IPADDR_TYPE_V6);
}

void lw_from_ip(struct in6_addr *to, const ip_addr_t *from)
{
	if (IP_IS_V6(from))
		memcpy(to, ip_2_ip6(from)->addr, sizeof(*to));
	else
		inet_from_v4(to, ip4_addr_get_u32(ip_2_ip4(from)));
}

int lw_errno(err_t err)
{
	switch (err) {
	case ERR_OK:
		return 0;
	case ERR_RTE:
		return -ENETUNREACH;
	case ERR_USE:
		return -EADDRINUSE;
	case ERR_VAL:
	case ERR_ARG:
		return -EINVAL;
	case ERR_IF:
		return -ENETDOWN;
	default:
		return -ENOBUFS;
	}
}

/* ---- start ---- */

static int lw_init(void)
{
	int err;

	sock_cache = KMEM_CACHE(lw_sock);
	if (!sock_cache)
		return -ENOMEM;
	err = lw_memory_init();
	if (!err)
		err = lw_conns_init();
	if (!err)
		err = lw_loop_prepare();
	if (err)
		return err;
	lw_lock();
	lwip_init();
	lw_loop_init();
	lw_config_init();
	lw_unlock();
	return lw_devs_init();
}

static void ports_lock(void) NO_THREAD_SAFETY_ANALYSIS
{
	lw_lock();
}

static void ports_unlock(void) NO_THREAD_SAFETY_ANALYSIS
{
	lw_unlock();
}

static bool is_ours(const struct inet_sock *o, const struct in6_addr *addr)
{
	bool ours;

	if (lw_is_group(addr))
		return o->so.type != SOCK_STREAM;
	lw_lock();
	ours = lw_is_local(addr);
	lw_unlock();
	return ours;
}

const struct inet_port_ops inet_port_ops = {
	.lock = ports_lock, .unlock = ports_unlock, .is_ours = is_ours, .reuse = lw_tw_reuse,
};

const struct net_backend net_backend = {
	.name = "lwip", .init = lw_init, .create = lw_create,
	.infos = lw_infos, .info = lw_info, .config = &lw_config,
};
