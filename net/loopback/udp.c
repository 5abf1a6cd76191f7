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
		if (!o->in.rport)
			return -EDESTADDRREQ;
		*addr = o->in.raddr;
		*port = o->in.rport;
		return 0;
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

/* From where, and with what in a header that there is not. 0 or -errno. */
static int describe(struct lo_sock *o, const struct net_msg *msg, struct net_buf *b)
{
	struct inet_cb *cb = inet_cb(b);
	bool v4 = inet_is_v4(&cb->dst);
	struct inet_meta meta;
	int err;

	cb->src = inet_is_any(&o->in.laddr) ? cb->dst : o->in.laddr;
	cb->sport = o->in.lport;
	cb->hops = (u8)(v4 ? inet_opt(&o->in, IP_TTL) : inet_opt(&o->in, IPV6_UNICAST_HOPS));
	cb->tclass = (u8)(v4 ? inet_opt(&o->in, IP_TOS) : inet_opt(&o->in, IPV6_TCLASS));
	if (likely(!msg->control))
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

/* Who gets what o sends to (addr, port). Of a peer it is remembered until somebody comes or goes. */
static struct lo_sock *find_receiver(struct lo_sock *o, const struct net_msg *msg,
				     const struct inet_cb *cb, u16 port) REQUIRES(lo_lock)
{
	bool keep = !msg->namelen && !msg->control;
	struct lo_sock *to;

	if (likely(keep && o->route_gen == lo_route_gen))
		return o->route;
	to = lo_lookup(IPPROTO_UDP, &cb->dst, port, &cb->src, o->in.lport);
	if (keep) {
		o->route = to;
		o->route_gen = lo_route_gen;
	}
	return to;
}

/* Queues it at whoever has the port; false: nobody. A full queue loses it. */
static bool deliver(struct lo_sock *o, const struct net_msg *msg, u16 port, struct net_buf *b)
{
	struct lo_sock *to;

	spin_lock(&lo_lock);
	to = find_receiver(o, msg, inet_cb(b), port);
	if (unlikely(!to)) {
		spin_unlock(&lo_lock);
		return false;
	}
	socket_get(&to->in.so);
	spin_unlock(&lo_lock);
	if (likely(inet_dgram_queue(&to->in, b))) {
		lo_counts.udp_in++;
	} else {
		lo_counts.udp_drop++;
		net_buf_free(b);
	}
	socket_put(&to->in.so);
	return true;
}

static ssize_t udp_sendmsg(struct socket *so, struct net_msg *msg)
{
	struct lo_sock *o = lo_of(so);
	size_t n = iov_iter_count(msg->iter);
	struct in6_addr addr;
	struct net_buf *b;
	u16 port;
	int err;

	if (unlikely(n > INET_UDP_MAX))
		return -EMSGSIZE;
	if (unlikely(msg->flags & (MSG_OOB | MSG_MORE)))
		return -EOPNOTSUPP;
	err = destination(o, msg, &addr, &port);
	if (unlikely(err))
		return err;
	if (unlikely(!o->in.lport) && (err = lo_autobind(o)))
		return err;
	if (unlikely(READ_ONCE(so->err)) && (err = sock_error(so)))
		return err;
	if (unlikely(READ_ONCE(so->shutdown) & SEND_SHUTDOWN))
		return -EPIPE;
	b = net_buf_alloc((u32)n);
	if (unlikely(!b))
		return -ENOBUFS;
	inet_cb(b)->dst = addr;
	err = describe(o, msg, b);
	if (likely(!err))
		err = net_buf_fill(b, msg->iter, (u32)n);
	if (unlikely(err)) {
		net_buf_free(b);
		return err;
	}
	net_stamp(b);		/* not charged to the sender: what arrived is the receiver's */
	TRACE(net_tx, (u32)n, port);
	lo_counts.udp_out++;
	lo_bytes += n;
	if (likely(deliver(o, msg, port, b)))
		return (ssize_t)n;
	lo_counts.udp_noport++;
	net_buf_free(b);
	/* The ICMP message that says so finds who is connected to there, and who asked for it. */
	if (o->in.rport ? o->in.rport == port && inet_same(&o->in.raddr, &addr) :
	    inet_opt(&o->in, IP_RECVERR) || inet_opt(&o->in, IPV6_RECVERR)) {
		WRITE_ONCE(so->err, ECONNREFUSED);
		sock_wake_all(so);
	}
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
		lo_route_gen += 2;
		lo_unbind_auto(o);
		spin_unlock(&lo_lock);
		return 0;
	}
	err = inet_addr_in(&o->in, to, len, &addr, &port);
	if (!err)
		err = lo_route(&addr);
	if (!err)
		err = lo_autobind(o);
	if (err)
		return err;
	spin_lock(&lo_lock);
	if (inet_is_any(&o->in.laddr))
		o->in.laddr = addr;
	o->in.raddr = addr;
	o->in.rport = port;
	lo_route_gen += 2;
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
	lo_port_release(o);
	list_del_init(&o->all_node);
	spin_unlock(&lo_lock);
	inet_purge(&o->in);
}

const struct net_ops lo_udp_ops = {
	.release = udp_release, .destroy = lo_destroy, .bind = lo_bind, .connect = udp_connect,
	.shutdown = udp_shutdown, .sendmsg = udp_sendmsg, .recvmsg = inet_dgram_recvmsg,
	.poll = inet_dgram_poll, .getname = lo_getname, .setsockopt = lo_setsockopt,
	.getsockopt = lo_getsockopt, .ioctl = inet_dgram_ioctl, .write_space = inet_dgram_write_space,
};
