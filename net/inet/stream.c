/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What TCP sockets of every backend have in common beside the protocol itself: reading the
 * queue of bytes, who may send, readiness. See <net/inet.h>.
 */
#include <net/inet.h>

int inet_tcp_connect_again(struct inet_sock *o)
{
	u8 state = o->so.state;
	int err;

	switch (o->connect) {
	case INET_CONNECTED:
		return -EISCONN;
	case INET_CONNECTING:
		if (state == INET_SYN_SENT || state == INET_SYN_RECV)
			return -EALREADY;
		o->connect = INET_CONNECTED;
		if (state != INET_CLOSE)
			return 0;
		o->connect = INET_UNCONNECTED;
		err = sock_error(&o->so);
		return err ? err : -ECONNABORTED;
	default:
		return state == INET_CLOSE ? 1 : -EISCONN;
	}
}

/* Tells the next that makes room to wake; looks again, for it may just have been made. */
static bool no_room(struct socket *so)
{
	WRITE_ONCE(inet_of(so)->nospace, true);
	smp_mb();
	return !inet_tcp_writable(so);
}

int inet_tcp_why_not_send(struct socket *so)
{
	int err;

	if (unlikely(READ_ONCE(so->err)) && (err = sock_error(so)))
		return err;
	if (unlikely(READ_ONCE(so->shutdown) & SEND_SHUTDOWN))
		return -EPIPE;
	switch (READ_ONCE(so->state)) {
	case INET_ESTABLISHED:
	case INET_CLOSE_WAIT:
		if (likely(socket_wmem(so) < READ_ONCE(so->sndbuf)))
			return 0;
		WRITE_ONCE(inet_of(so)->nospace, true);
		return -EAGAIN;
	case INET_SYN_SENT:
	case INET_SYN_RECV:
		return -EAGAIN;
	default:
		return -EPIPE;
	}
}

/* The queue is empty: why? */
static ssize_t nothing_there(struct socket *so, struct net_msg *msg)
{
	struct inet_sock *o = inet_of(so);

	if (!iov_iter_count(msg->iter))
		return 0;
	if (msg->done && (READ_ONCE(so->err) || READ_ONCE(o->got_fin)))
		return 0;
	if (!READ_ONCE(o->got_fin) && READ_ONCE(so->err))
		return sock_error(so);
	if (READ_ONCE(so->shutdown) & RCV_SHUTDOWN) {
		smp_rmb();	/* the last bytes may have come just before the end */
		return net_bufq_empty(&o->q) ? 0 : -EAGAIN;
	}
	return READ_ONCE(so->state) == INET_CLOSE ? -ENOTCONN : -EAGAIN;
}

static noinline ssize_t take_bytes(struct socket *so, struct net_msg *msg)
{
	struct inet_sock *o = inet_of(so);
	ssize_t ret;

	mutex_lock(&so->reader);
	ret = net_stream_take(so, &o->q, msg, NULL);
	mutex_unlock(&so->reader);
	if (unlikely(!ret))
		return nothing_there(so, msg);
	if (likely(ret > 0))
		TRACE(net_rx, (u32)ret, o->lport);
	return ret;
}

/* Without a frame of its own: a reader that has to wait comes through twice. */
ssize_t inet_tcp_recvmsg(struct socket *so, struct net_msg *msg)
{
	if (unlikely(msg->flags & MSG_ERRQUEUE))
		return -EAGAIN;
	if (unlikely(so->state == INET_LISTEN))
		return -ENOTCONN;
	if (unlikely(msg->flags & MSG_OOB))
		return -EINVAL;
	if (net_bufq_empty(&inet_of(so)->q))
		return nothing_there(so, msg);
	return take_bytes(so, msg);
}

bool inet_tcp_writable(const struct socket *so)
{
	u32 wmem = socket_wmem(so), sndbuf = READ_ONCE(so->sndbuf);

	return wmem < sndbuf && sndbuf - wmem >= wmem / 2;
}

u32 inet_tcp_poll(struct socket *so, u32 lowat)
{
	u32 mask = 0, state = READ_ONCE(so->state), shutdown = READ_ONCE(so->shutdown);

	if (shutdown == SHUTDOWN_MASK || state == INET_CLOSE)
		mask |= EPOLLHUP;
	if (shutdown & RCV_SHUTDOWN)
		mask |= EPOLL_IN_BITS | EPOLLRDHUP;
	if (state != INET_SYN_SENT && state != INET_SYN_RECV) {
		if (READ_ONCE(inet_of(so)->q.bytes) >= max(lowat, 1u))
			mask |= EPOLL_IN_BITS;
		if ((shutdown & SEND_SHUTDOWN) || likely(inet_tcp_writable(so)) || !no_room(so))
			mask |= EPOLLOUT | EPOLLWRNORM;
	}
	if (READ_ONCE(so->err))
		mask |= EPOLLERR;
	return mask;
}

void inet_tcp_write_space(struct socket *so)
{
	struct inet_sock *o = inet_of(so);

	if (READ_ONCE(o->nospace) && inet_tcp_writable(so)) {
		WRITE_ONCE(o->nospace, false);
		sock_wake(so, EPOLLOUT | EPOLLWRNORM);
	}
}

long inet_tcp_ioctl(struct socket *so, unsigned cmd, unsigned long arg)
{
	switch (cmd) {
	case SIOCINQ:
		return so->state == INET_LISTEN ? -EINVAL :
		       net_put_int(arg, (int)READ_ONCE(inet_of(so)->q.bytes));
	case SIOCOUTQ:
	case SIOCOUTQNSD:	/* a backend that has a queue of its own answers itself */
		return so->state == INET_LISTEN ? -EINVAL : net_put_int(arg, 0);
	case SIOCATMARK:
		return net_put_int(arg, 0);
	default:
		return -ENOIOCTLCMD;
	}
}
