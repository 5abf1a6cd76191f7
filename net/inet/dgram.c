/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The receiving half of UDP sockets, and of others that have messages: a queue of datagrams,
 * filled by the backend. See <net/inet.h>.
 */
#include <net/inet.h>

int inet_dgram_to(const struct inet_sock *o, const struct net_msg *msg, struct in6_addr *to,
		  u16 *port)
{
	int err;

	if (!msg->namelen) {
		*to = o->raddr;
		*port = o->rport;
		return inet_dgram_connected(o) ? 0 : -EDESTADDRREQ;
	}
	err = inet_addr_in(o, msg->name, msg->namelen, to, port);
	if (err)
		return err;
	if (!*port && o->so.type == SOCK_DGRAM && o->so.protocol == IPPROTO_UDP)
		return -EINVAL;
	return o->so.family == AF_INET6 && inet_is_v4(to) != inet_is_v4(&o->laddr) &&
	       !inet_is_any(&o->laddr) ? -ENETUNREACH : 0;
}

int inet_dgram_shutdown(struct socket *so, int how)
{
	spin_lock(&so->lock);
	so->shutdown |= (u8)(how + 1);
	spin_unlock(&so->lock);
	sock_wake_all(so);
	return inet_dgram_connected(inet_of(so)) ? 0 : -ENOTCONN;
}

void inet_purge(struct inet_sock *o)
{
	struct net_buf *unread;

	spin_lock(&o->so.lock);
	unread = o->q.head;
	memset(&o->q, 0, sizeof(o->q));
	spin_unlock(&o->so.lock);
	net_buf_free_chain(unread);
}

static noinline void tell_meta(struct inet_sock *o, struct net_msg *msg, struct net_buf *b)
{
	const struct inet_cb *cb = inet_cb(b);
	struct inet_meta meta = { .addr = cb->dst, .ifindex = 1, .hops = cb->hops,
				  .tclass = cb->tclass };

	if (o->so.flags & SOF_STAMPS)
		net_put_stamp(&o->so, msg, b);
	if ((o->so.flags & SOF_RXQ_OVFL) && cb->drops)
		net_put_cmsg(msg, SOL_SOCKET, SO_RXQ_OVFL, &cb->drops, sizeof(cb->drops));
	if (msg->user_left)
		inet_recv_meta(o, msg, &meta);
}

static __always_inline ssize_t copy_message(struct inet_sock *o, struct net_msg *msg, struct net_buf *b)
{
	size_t n = min_t(size_t, b->len, iov_iter_count(msg->iter));

	if (n && !copy_to_iter_full(b->data + b->off, n, msg->iter))
		return -EFAULT;
	if (n < b->len)
		msg->out_flags |= MSG_TRUNC;
	if (msg->name)
		msg->namelen = (u32)inet_addr_out(o, &inet_cb(b)->src, inet_cb(b)->sport, msg->name);
	if (unlikely((o->so.flags & (SOF_STAMPS | SOF_RXQ_OVFL)) || msg->user_left))
		tell_meta(o, msg, b);
	return msg->flags & MSG_TRUNC ? (ssize_t)b->len : (ssize_t)n;
}

/*
 * Who peeks leaves the message in the queue and holds so->reader while it looks. Who takes one
 * out needs no such lock, but lets those go first who may have seen it there.
 */
static noinline ssize_t peek_message(struct inet_sock *o, struct net_msg *msg)
{
	struct net_buf *b;
	ssize_t ret;

	mutex_lock(&o->so.reader);
	spin_lock(&o->so.lock);
	b = o->q.head;
	spin_unlock(&o->so.lock);
	ret = b ? copy_message(o, msg, b) : inet_dgram_nothing(&o->so, msg);
	mutex_unlock(&o->so.reader);
	return ret;
}

static noinline void wait_for_peekers(struct socket *so)
{
	mutex_lock(&so->reader);
	mutex_unlock(&so->reader);
}

static noinline ssize_t take_message(struct inet_sock *o, struct net_msg *msg)
{
	struct net_buf *b;
	ssize_t ret;

	spin_lock(&o->so.lock);
	b = net_bufq_take(&o->q);
	spin_unlock(&o->so.lock);
	if (unlikely(!b))		/* another reader was faster */
		return inet_dgram_nothing(&o->so, msg);
	ret = copy_message(o, msg, b);
	if (likely(ret >= 0))
		TRACE(net_rx, (u32)ret, o->lport);
	if (unlikely(mutex_is_locked(&o->so.reader)))
		wait_for_peekers(&o->so);
	net_buf_free(b);
	return ret;
}

/* Without a frame of its own: a reader that has to wait comes through twice. */
ssize_t inet_dgram_recvmsg(struct socket *so, struct net_msg *msg)
{
	int err = inet_dgram_before_recv(so, msg);

	if (unlikely(err))
		return err;
	if (net_bufq_empty(&inet_of(so)->q))
		return inet_dgram_nothing(so, msg);
	if (unlikely(msg->flags & MSG_PEEK))
		return peek_message(inet_of(so), msg);
	return take_message(inet_of(so), msg);
}

bool inet_dgram_writable(const struct socket *so)
{
	return socket_wmem(so) < READ_ONCE(so->sndbuf) / 2;
}

u32 inet_dgram_poll_bits(struct socket *so, bool readable)
{
	u32 mask = 0, shutdown = READ_ONCE(so->shutdown);

	if (READ_ONCE(so->err))
		mask |= EPOLLERR;
	if (shutdown & RCV_SHUTDOWN)
		mask |= EPOLLRDHUP | EPOLL_IN_BITS;
	if (shutdown == SHUTDOWN_MASK)
		mask |= EPOLLHUP;
	if (readable)
		mask |= EPOLL_IN_BITS;
	if (inet_dgram_writable(so))
		mask |= EPOLL_OUT_BITS;
	return mask;
}

u32 inet_dgram_poll(struct socket *so, u32 lowat)
{
	return inet_dgram_poll_bits(so, !net_bufq_empty(&inet_of(so)->q));
}

void inet_dgram_write_space(struct socket *so)
{
	if (inet_dgram_writable(so))
		sock_wake(so, EPOLL_OUT_BITS);
}

long inet_dgram_ioctl(struct socket *so, unsigned cmd, unsigned long arg)
{
	struct inet_sock *o = inet_of(so);
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
