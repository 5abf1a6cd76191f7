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
	int err;

	if (!msg->namelen) {
		*addr = o->in.raddr;
		*port = o->in.rport;
		return *port ? 0 : -EDESTADDRREQ;
	}
	err = inet_addr_in(&o->in, msg->name, msg->namelen, addr, port);
	if (err)
		return err;
	if (!*port)
		return -EINVAL;
	if (o->in.so.family == AF_INET6 && inet_is_v4(addr) != inet_is_v4(&o->in.laddr) &&
	    !inet_is_any(&o->in.laddr))
		return -ENETUNREACH;
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

/* The message's bytes. ERR_PTR: -ENOBUFS, -EFAULT. */
static inline struct net_buf *fill(struct net_msg *msg, u32 n)
{
	struct net_buf *b = net_buf_alloc(n);

	if (unlikely(!b))
		return ERR_PTR(-ENOBUFS);
	if (unlikely(net_buf_fill(b, msg->iter, n))) {
		net_buf_free(b);
		return ERR_PTR(-EFAULT);
	}
	net_stamp(b);		/* not charged to the sender: what arrived is the receiver's */
	return b;
}

/* Queues it at `to`, or loses it when the queue is full. */
static inline void deliver(struct inet_sock *to, struct net_buf *b, u16 port) REQUIRES(lo_lock)
{
	TRACE(net_tx, b->len, port);
	lo_counts.udp_out++;
	lo_bytes += b->len;
	if (likely(to && inet_dgram_queue(to, b)))
		return;
	if (to)
		lo_counts.udp_drop++;
	else
		lo_counts.udp_noport++;
	net_buf_free(b);
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
	b = fill(msg, n);
	if (IS_ERR(b))
		return PTR_ERR(b);
	*inet_cb(b) = head;
	spin_lock(&lo_lock);
	to = inet_lookup(IPPROTO_UDP, &head.dst, port, &head.src, o->in.lport, 0);
	if (to && !msg->namelen && !msg->control) {
		o->route = to;
		o->head = head;
		o->route_gen = gen;
	}
	deliver(to, b, port);
	spin_unlock(&lo_lock);
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
	if (unlikely(READ_ONCE(o->route_gen) != READ_ONCE(inet_port_gen) || msg->namelen ||
		     msg->control || READ_ONCE(so->err) ||
		     (READ_ONCE(so->shutdown) & SEND_SHUTDOWN)))
		return send_somewhere(o, msg, (u32)n);
	b = fill(msg, (u32)n);
	if (IS_ERR(b))
		return PTR_ERR(b);
	spin_lock(&lo_lock);
	if (unlikely(o->route_gen != inet_port_gen)) {
		spin_unlock(&lo_lock);
		net_buf_free(b);
		iov_iter_revert(msg->iter, n);
		return send_somewhere(o, msg, (u32)n);
	}
	*inet_cb(b) = o->head;
	deliver(o->route, b, o->in.rport);
	spin_unlock(&lo_lock);
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
		spin_lock(&lo_lock);
		o->in.rport = 0;
		inet_port_gen += 2;
		inet_unbind_auto(&o->in);
		spin_unlock(&lo_lock);
		return 0;
	}
	err = inet_addr_in(&o->in, to, len, &addr, &port);
	if (!err)
		err = lo_route(&addr);
	if (!err)
		err = inet_autobind(&o->in);
	if (err)
		return err;
	spin_lock(&lo_lock);
	if (inet_is_any(&o->in.laddr))
		o->in.laddr = addr;
	o->in.raddr = addr;
	o->in.rport = port;
	inet_port_gen += 2;
	spin_unlock(&lo_lock);
	return 0;
}

static int udp_shutdown(struct socket *so, int how)
{
	spin_lock(&so->lock);
	so->shutdown |= (u8)(how + 1);
	spin_unlock(&so->lock);
	sock_wake_all(so);
	return lo_of(so)->in.rport ? 0 : -ENOTCONN;
}

static void udp_release(struct socket *so)
{
	struct lo_sock *o = lo_of(so);

	spin_lock(&lo_lock);
	inet_port_release(&o->in);
	list_del_init(&o->all_node);
	spin_unlock(&lo_lock);
	inet_purge(&o->in);
}

const struct net_ops lo_udp_ops = {
	.release = udp_release, .destroy = lo_destroy, .bind = inet_bind, .connect = udp_connect,
	.shutdown = udp_shutdown, .sendmsg = udp_sendmsg, .recvmsg = inet_dgram_recvmsg,
	.poll = inet_dgram_poll, .getname = lo_getname, .setsockopt = lo_setsockopt,
	.getsockopt = lo_getsockopt, .ioctl = inet_dgram_ioctl, .write_space = inet_dgram_write_space,
};
