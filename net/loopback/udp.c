/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * UDP inside one machine: a datagram is queued at the receiver, or lost when its buffer is
 * full. A connected sender learns of a port where nobody listens by ECONNREFUSED.
 */
#include "loopback.h"

#define LO_BROADCAST	0x7fffffffu	/* 127.255.255.255 */

/* ---- sending ---- */

/* Where the message goes. 0 or -errno. */
static int destination(struct lo_sock *o, struct net_msg *msg, struct in6_addr *addr, u16 *port)
{
	int err = inet_dgram_to(&o->in, msg, addr, port);

	if (err)
		return err;
	if (inet_v4(addr) == cpu_to_be32(LO_BROADCAST) && inet_is_v4(addr) &&
	    !(o->in.so.flags & SOF_BROADCAST))
		return -EACCES;
	return lo_route(addr);
}

/* From where, and with what in a header that there is not; cb->dst is known. 0 or -errno. */
static int describe(struct lo_sock *o, const struct net_msg *msg, struct inet_cb *cb)
{
	bool v4 = inet_is_v4(&cb->dst);
	struct inet_meta meta;
	int err;

	cb->src = inet_is_any(&o->in.laddr) ? cb->dst : o->in.laddr;
	cb->sport = o->in.lport;
	cb->hops = (u8)(v4 ? inet_opt(&o->in, IP_TTL) : inet_opt(&o->in, IPV6_UNICAST_HOPS));
	cb->tclass = (u8)(v4 ? inet_opt(&o->in, IP_TOS) : inet_opt(&o->in, IPV6_TCLASS));
	if (!msg->control)
		return 0;
	err = inet_send_meta(&o->in, msg, &meta);
	if (err)
		return err;
	if (meta.ifindex > 1)
		return -ENODEV;
	if (!inet_is_any(&meta.addr)) {
		if (inet_is_v4(&meta.addr) != v4 || lo_route(&meta.addr))
			return -EINVAL;
		cb->src = meta.addr;
	}
	if (meta.hops >= 0)
		cb->hops = (u8)meta.hops;
	if (meta.tclass >= 0)
		cb->tclass = (u8)meta.tclass;
	return 0;
}

/*
 * Queues it at `to`, which need not be there, or loses it when the queue is full. Drops lo_core
 * once it has the receiver's own lock, which keeps that from being freed until it was woken.
 */
static inline void deliver(struct inet_sock *to, struct net_buf *b, u16 port) RELEASE(lo_core)
{
	TRACE(net_tx, b->len, port);
	net_stamp(b);
	lo_counts.udp_out++;
	lo_bytes += b->len;
	if (unlikely(!to)) {
		lo_counts.udp_noport++;
		spin_unlock(&lo_core);
		net_buf_free(b);
		return;
	}
	spin_lock(&to->so.lock);
	spin_unlock(&lo_core);
	if (unlikely(!inet_dgram_add(to, b))) {
		spin_unlock(&to->so.lock);
		lo_counts.udp_drop++;
		TRACE(net_drop, b->len, port);
		net_buf_free(b);
		return;
	}
	sock_wake(&to->so, EPOLL_IN_BITS);
	spin_unlock(&to->so.lock);
}

/* The ICMP message that says so finds who is connected to there, and who asked for it. */
static void nobody_there(struct lo_sock *o, const struct in6_addr *addr, u16 port)
{
	if (o->in.rport ? o->in.rport == port && inet_same(&o->in.raddr, addr) :
	    inet_opt(&o->in, IP_RECVERR) || inet_opt(&o->in, IPV6_RECVERR)) {
		WRITE_ONCE(o->in.so.err, ECONNREFUSED);
		sock_wake_all(&o->in.so);
	}
}

/* Finds out where it goes, which of a peer is remembered until somebody comes or goes. */
static noinline ssize_t send_somewhere(struct lo_sock *o, struct net_msg *msg, u32 n)
{
	u32 gen = READ_ONCE(inet_port_gen);	/* before anything is looked at */
	struct inet_cb head = { 0 };
	struct inet_sock *to;
	struct net_buf *b;
	u16 port;
	int err = destination(o, msg, &head.dst, &port);

	if (!err && !o->in.lport)
		err = inet_autobind(&o->in);
	if (!err)
		err = sock_error(&o->in.so);
	if (!err && (READ_ONCE(o->in.so.shutdown) & SEND_SHUTDOWN))
		err = -EPIPE;
	if (!err)
		err = describe(o, msg, &head);
	if (err)
		return err;
	b = net_buf_make(msg->iter, n);
	if (IS_ERR(b))
		return PTR_ERR(b);
	*inet_cb(b) = head;
	lo_lock();
	to = inet_lookup(IPPROTO_UDP, &head.dst, port, &head.src, o->in.lport, 0);
	if (to && !msg->namelen && !msg->control) {
		o->route = to;
		o->head = head;
		o->route_gen = gen;
	}
	deliver(to, b, port);
	if (!to)
		nobody_there(o, &head.dst, port);
	return n;
}

static ssize_t udp_sendmsg(struct socket *so, struct net_msg *msg)
{
	struct lo_sock *o = lo_of(so);
	size_t n = iov_iter_count(msg->iter);
	struct net_buf *b;

	if (unlikely(n > INET_UDP_MAX))
		return -EMSGSIZE;
	if (unlikely(msg->flags & (MSG_OOB | MSG_MORE)))
		return -EOPNOTSUPP;
	if (unlikely(!READ_ONCE(o->in.rport) || msg->namelen || msg->control || READ_ONCE(so->err) ||
		     (READ_ONCE(so->shutdown) & SEND_SHUTDOWN)))
		return send_somewhere(o, msg, (u32)n);
	b = net_buf_make(msg->iter, (u32)n);
	if (IS_ERR(b))
		return PTR_ERR(b);
	lo_lock();
	if (unlikely(o->route_gen != inet_port_gen)) {
		lo_unlock();
		net_buf_free(b);
		iov_iter_revert(msg->iter, n);
		return send_somewhere(o, msg, (u32)n);
	}
	*inet_cb(b) = o->head;
	deliver(o->route, b, o->in.rport);
	return (ssize_t)n;
}

/* ---- the rest ---- */

static int udp_connect(struct socket *so, const union sockaddr_any *to, u32 len, nsec_t *timeo)
{
	struct lo_sock *o = lo_of(so);
	struct in6_addr addr;
	u16 port;
	int err;

	if (len >= sizeof(to->family) && to->family == AF_UNSPEC) {
		lo_lock();
		o->in.rport = 0;
		inet_port_gen += 2;
		inet_unbind_auto(&o->in);
		lo_unlock();
		return 0;
	}
	err = inet_addr_in(&o->in, to, len, &addr, &port);
	if (!err)
		err = lo_route(&addr);
	if (!err)
		err = inet_autobind(&o->in);
	if (err)
		return err;
	lo_lock();
	if (inet_is_any(&o->in.laddr))
		o->in.laddr = addr;
	o->in.raddr = addr;
	o->in.rport = port;
	inet_port_gen += 2;
	lo_unlock();
	return 0;
}

static void udp_release(struct socket *so)
{
	struct lo_sock *o = lo_of(so);

	lo_lock();
	inet_port_release(&o->in);
	list_del_init(&o->in.all_node);
	lo_unlock();
	inet_purge(&o->in);
}

const struct net_ops lo_udp_ops = {
	.release = udp_release, .destroy = lo_destroy, .bind = inet_bind, .connect = udp_connect,
	.shutdown = inet_dgram_shutdown, .sendmsg = udp_sendmsg, .recvmsg = inet_dgram_recvmsg,
	.poll = inet_dgram_poll, .getname = inet_getname, .setsockopt = lo_setsockopt,
	.getsockopt = lo_getsockopt, .ioctl = inet_dgram_ioctl, .write_space = inet_dgram_write_space,
};
