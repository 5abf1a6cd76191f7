/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * UDP inside one machine: a datagram is queued at the receiver, or lost when its buffer is
 * full. A connected sender learns of a port where nobody listens by ECONNREFUSED.
 */
#include "loopback.h"

/* What a buffer carries beside its bytes; cb[0] is the buffer layer's. */
struct udp_cb {
	u64		reserved;
	struct in6_addr	src, dst;
	u16		sport;
};
_Static_assert(sizeof(struct udp_cb) <= sizeof(((struct net_buf *)0)->cb), "fits");

static struct udp_cb *udp_cb(struct net_buf *b)
{
	return (struct udp_cb *)b->cb;
}

/* ---- sending ---- */

/* Where the message goes. 0 or -errno. */
static int destination(struct lo_sock *o, struct net_msg *msg, struct in6_addr *addr, u16 *port)
{
	int err;

	if (!msg->namelen) {
		if (!o->rport)
			return -EDESTADDRREQ;
		*addr = o->raddr;
		*port = o->rport;
		return 0;
	}
	err = lo_addr_in(o, msg->name, msg->namelen, addr, port);
	if (err)
		return err;
	if (!*port)
		return -EINVAL;
	if (o->so.family == AF_INET6 && lo_is_v4(addr) != lo_is_v4(&o->laddr) && !lo_is_any(&o->laddr))
		return -ENETUNREACH;
	return lo_route(addr);
}

/* Queues it at whoever has the port; false: nobody. A full queue loses it. */
static bool deliver(struct lo_sock *o, const struct in6_addr *addr, u16 port, struct net_buf *b)
{
	struct lo_sock *to;
	bool lost;

	spin_lock(&lo_lock);
	to = lo_lookup(IPPROTO_UDP, addr, port, &udp_cb(b)->src, o->lport);
	if (!to) {
		spin_unlock(&lo_lock);
		return false;
	}
	spin_lock(&to->so.lock);
	lost = to->q.count * 64 + to->q.bytes + b->len > to->so.rcvbuf && to->q.count;
	if (lost)
		to->drops++;
	else
		net_bufq_add(&to->q, b);
	spin_unlock(&to->so.lock);
	socket_get(&to->so);
	spin_unlock(&lo_lock);
	if (unlikely(lost)) {
		trace_net_drop(b->len, port);
		lo_counts.udp_drop++;
		net_buf_free(b);
	} else {
		lo_counts.udp_in++;
		sock_wake(&to->so, EPOLL_IN_BITS);
	}
	socket_put(&to->so);
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

	if (unlikely(n > LO_UDP_MAX))
		return -EMSGSIZE;
	if (unlikely(msg->flags & MSG_OOB))
		return -EOPNOTSUPP;
	err = destination(o, msg, &addr, &port);
	if (unlikely(err))
		return err;
	if (unlikely(!o->lport) && (err = lo_autobind(o)))
		return err;
	if (unlikely(READ_ONCE(so->err)) && (err = sock_error(so)))
		return err;
	if (unlikely(READ_ONCE(so->shutdown) & SEND_SHUTDOWN))
		return -EPIPE;
	if (unlikely(socket_wmem(so) >= READ_ONCE(so->sndbuf)))
		return -EAGAIN;
	b = net_buf_alloc((u32)n);
	if (unlikely(!b))
		return -ENOBUFS;
	if (unlikely(net_buf_fill(b, msg->iter, (u32)n))) {
		net_buf_free(b);
		return -EFAULT;
	}
	udp_cb(b)->src = lo_is_any(&o->laddr) ? addr : o->laddr;
	udp_cb(b)->dst = addr;
	udp_cb(b)->sport = o->lport;
	net_stamp(b);
	net_buf_charge(b, so);
	trace_net_tx((u32)n, port);
	lo_counts.udp_out++;
	lo_counts.bytes += n;
	if (likely(deliver(o, &addr, port, b)))
		return (ssize_t)n;
	lo_counts.udp_noport++;
	net_buf_free(b);
	if (o->rport) {		/* the ICMP message finds only connected sockets */
		WRITE_ONCE(so->err, ECONNREFUSED);
		sock_wake_all(so);
	}
	return (ssize_t)n;
}

/* ---- receiving ---- */

static void put_pktinfo(struct lo_sock *o, struct net_msg *msg, const struct udp_cb *cb)
{
	struct in_pktinfo info = { .ipi_ifindex = 1 };
	struct in6_pktinfo info6 = { .ipi6_addr = cb->dst, .ipi6_ifindex = 1 };
	int value;

	info.ipi_addr.s_addr = info.ipi_spec_dst.s_addr = cb->dst.in6_u.u6_addr32[3];
	if (lo_is_v4(&cb->dst)) {
		if (lo_option(o, SOL_IP, IP_PKTINFO))
			net_put_cmsg(msg, SOL_IP, IP_PKTINFO, &info, sizeof(info));
		value = 64;
		if (lo_option(o, SOL_IP, IP_RECVTTL))
			net_put_cmsg(msg, SOL_IP, IP_TTL, &value, sizeof(value));
		if (lo_option(o, SOL_IP, IP_RECVTOS))
			net_put_cmsg(msg, SOL_IP, IP_TOS, "", 1);
	}
	if (o->so.family == AF_INET6 && lo_option(o, SOL_IPV6, IPV6_RECVPKTINFO))
		net_put_cmsg(msg, SOL_IPV6, IPV6_PKTINFO, &info6, sizeof(info6));
}

static ssize_t copy_message(struct lo_sock *o, struct net_msg *msg, struct net_buf *b)
{
	size_t n = min_t(size_t, b->len, iov_iter_count(msg->iter));

	if (n && copy_to_iter(b->data, n, msg->iter) != n)
		return -EFAULT;
	if (n < b->len)
		msg->out_flags |= MSG_TRUNC;
	if (msg->name)
		msg->namelen = (u32)lo_addr_out(o, &udp_cb(b)->src, udp_cb(b)->sport, msg->name);
	if (unlikely(o->so.flags & (SOF_TIMESTAMP | SOF_TIMESTAMPNS)))
		net_put_stamp(&o->so, msg, b);
	if (unlikely(msg->user_left))
		put_pktinfo(o, msg, udp_cb(b));
	return msg->flags & MSG_TRUNC ? (ssize_t)b->len : (ssize_t)n;
}

static ssize_t nothing_there(struct socket *so, struct net_msg *msg)
{
	return (READ_ONCE(so->shutdown) & RCV_SHUTDOWN) && msg->timeo ? 0 : -EAGAIN;
}

static ssize_t udp_recvmsg(struct socket *so, struct net_msg *msg)
{
	struct lo_sock *o = lo_of(so);
	bool peek = msg->flags & MSG_PEEK;
	struct net_buf *b;
	ssize_t ret;

	if (unlikely(msg->flags & MSG_ERRQUEUE))
		return -EAGAIN;
	if (unlikely(msg->flags & MSG_OOB))
		return -EOPNOTSUPP;
	if (unlikely(READ_ONCE(so->err)) && (ret = sock_error(so)))
		return ret;
	if (net_bufq_empty(&o->q))
		return nothing_there(so, msg);
	mutex_lock(&so->reader);
	spin_lock(&so->lock);
	b = peek ? o->q.head : net_bufq_take(&o->q);
	spin_unlock(&so->lock);
	if (unlikely(!b)) {		/* another reader was faster */
		mutex_unlock(&so->reader);
		return nothing_there(so, msg);
	}
	ret = copy_message(o, msg, b);
	mutex_unlock(&so->reader);
	if (likely(ret >= 0))
		trace_net_rx((u32)ret, o->lport);
	if (!peek)
		net_buf_free(b);
	return ret;
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
		o->rport = 0;
		spin_unlock(&lo_lock);
		return 0;
	}
	err = lo_addr_in(o, to, len, &addr, &port);
	if (!err)
		err = lo_route(&addr);
	if (!err)
		err = lo_autobind(o);
	if (err)
		return err;
	spin_lock(&lo_lock);
	if (lo_is_any(&o->laddr))
		o->laddr = addr;
	o->raddr = addr;
	o->rport = port;
	spin_unlock(&lo_lock);
	return 0;
}

static int udp_shutdown(struct socket *so, int how)
{
	if (!lo_of(so)->rport)
		return -ENOTCONN;
	spin_lock(&so->lock);
	so->shutdown |= (u8)(how + 1);
	spin_unlock(&so->lock);
	sock_wake_all(so);
	return 0;
}

static void udp_release(struct socket *so)
{
	struct lo_sock *o = lo_of(so);
	struct net_buf *unread;

	spin_lock(&lo_lock);
	lo_port_release(o);
	list_del_init(&o->all_node);
	spin_lock(&so->lock);
	unread = o->q.head;
	memset(&o->q, 0, sizeof(o->q));
	spin_unlock(&so->lock);
	spin_unlock(&lo_lock);
	net_buf_free_chain(unread);
}

static bool udp_writable(const struct socket *so)
{
	return socket_wmem(so) < READ_ONCE(so->sndbuf) / 2;
}

static u32 udp_poll(struct socket *so, u32 lowat)
{
	u32 mask = 0, shutdown = READ_ONCE(so->shutdown);

	if (READ_ONCE(so->err))
		mask |= EPOLLERR;
	if (shutdown & RCV_SHUTDOWN)
		mask |= EPOLLRDHUP | EPOLL_IN_BITS;
	if (shutdown == SHUTDOWN_MASK)
		mask |= EPOLLHUP;
	if (!net_bufq_empty(&lo_of(so)->q))
		mask |= EPOLL_IN_BITS;
	if (udp_writable(so))
		mask |= EPOLL_OUT_BITS;
	return mask;
}

static void udp_write_space(struct socket *so)
{
	if (udp_writable(so))
		sock_wake(so, EPOLL_OUT_BITS);
}

static long udp_ioctl(struct socket *so, unsigned cmd, unsigned long arg)
{
	struct lo_sock *o = lo_of(so);
	u32 n;

	switch (cmd) {
	case SIOCINQ:		/* the next datagram's length */
		spin_lock(&so->lock);
		n = o->q.head ? o->q.head->len : 0;
		spin_unlock(&so->lock);
		return net_put_int(arg, (int)n);
	case SIOCOUTQ:
		return net_put_int(arg, (int)socket_wmem(so));
	default:
		return -ENOIOCTLCMD;
	}
}

const struct net_ops lo_udp_ops = {
	.release = udp_release, .destroy = lo_destroy, .bind = lo_bind, .connect = udp_connect,
	.shutdown = udp_shutdown, .sendmsg = udp_sendmsg, .recvmsg = udp_recvmsg,
	.poll = udp_poll, .getname = lo_getname, .setsockopt = lo_setsockopt,
	.getsockopt = lo_getsockopt, .ioctl = udp_ioctl, .write_space = udp_write_space,
};
