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

/* The same, with the lock taken for it. */
static int ask_again(struct inet_sock *o)
{
	int err;

	inet_port_ops.lock();
	err = inet_tcp_connect_again(o);
	inet_port_ops.unlock();
	return err;
}

static int where_to(struct inet_sock *o, const union sockaddr_any *to, u32 len,
		    struct in6_addr *addr, u16 *port, const struct inet_tcp_connector *by)
{
	int err = inet_addr_in(o, to, len, addr, port);

	if (!err && inet_link_in(to, len))
		o->so.bound_if = inet_link_in(to, len);	/* to stay on that link, as on Linux */
	if (!err)
		err = by->route(addr);
	if (!err && inet_is_v4(addr) != inet_is_v4(&o->laddr) && !inet_is_any(&o->laddr))
		err = -ENETUNREACH;
	if (!err)
		err = inet_autobind(o);
	return err == -EAGAIN ? -EADDRNOTAVAIL : err;
}

int inet_tcp_connect(struct socket *so, const union sockaddr_any *to, u32 len, const nsec_t *timeo,
		     const struct inet_tcp_connector *by)
{
	struct inet_sock *o = inet_of(so);
	struct in6_addr addr;
	u16 port;
	int err;

	if (len >= sizeof(to->family) && to->family == AF_UNSPEC) {
		by->disconnect(o);
		return 0;
	}
	err = ask_again(o);
	if (err == 1) {
		err = where_to(o, to, len, &addr, &port, by);
		if (!err)
			err = by->start(o, &addr, port);
		if (err)
			return err;
		/* Inside this machine it is decided now, which who does not wait asks later. */
		if (!*timeo || READ_ONCE(so->state) == INET_SYN_SENT)
			return -EINPROGRESS;
		err = ask_again(o);
	}
	if (err < 0 && err != -EALREADY && err != -EISCONN)
		by->disconnect(o);
	return err;
}

int inet_tcp_shutdown(struct socket *so, int how, const struct inet_tcp_connector *by)
{
	u8 state = READ_ONCE(so->state);

	if (state == INET_SYN_SENT || (state == INET_LISTEN && how != SHUT_WR)) {
		by->disconnect(inet_of(so));
		return 0;
	}
	if (state == INET_LISTEN)
		return 0;
	inet_port_ops.lock();
	state = so->state;
	spin_lock(&so->lock);
	so->shutdown |= (u8)(how + 1);
	spin_unlock(&so->lock);
	if (how != SHUT_RD)
		by->finish(inet_of(so));
	by->mark(inet_of(so));
	inet_port_ops.unlock();
	return state == INET_CLOSE ? -ENOTCONN : 0;
}

int inet_tcp_before_listen(struct inet_sock *o)
{
	u8 state = READ_ONCE(o->so.state);
	int err;

	if ((state != INET_LISTEN && state != INET_CLOSE) ||
	    READ_ONCE(o->connect) != INET_UNCONNECTED)
		return -EINVAL;
	if (state == INET_LISTEN)
		return 0;
	err = inet_autobind(o);
	return err == -EAGAIN ? -EADDRINUSE : err;
}

void inet_tcp_forget(struct inet_sock *o, u8 old_state)
{
	spin_lock(&o->so.lock);
	o->so.shutdown = 0;
	if (old_state != INET_CLOSE && old_state != INET_LISTEN)
		WRITE_ONCE(o->so.err, ECONNRESET);
	o->got_fin = false;
	spin_unlock(&o->so.lock);
	o->connect = INET_UNCONNECTED;
	o->rport = 0;
}

void inet_tcp_linger(struct socket *so)
{
	nsec_t timeo = (nsec_t)so->linger * NSEC_PER_SEC;

	sock_wait_for(so, EPOLL_ALL_BITS, false, !socket_wmem(so), &timeo);
}

/* Tells the next that makes room to wake. The caller looks again, for it may just have been made. */
static void want_room(struct socket *so)
{
	WRITE_ONCE(inet_of(so)->nospace, true);
	smp_mb();
}

static bool no_room(struct socket *so)
{
	want_room(so);
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
		want_room(so);
		return socket_wmem(so) < READ_ONCE(so->sndbuf) ? 0 : -EAGAIN;
	case INET_SYN_SENT:
	case INET_SYN_RECV:
		return -EAGAIN;
	default:
		return -EPIPE;
	}
}

ssize_t inet_tcp_recv_refused(struct socket *so, struct net_msg *msg)
{
	if (msg->flags & MSG_ERRQUEUE)
		return -EAGAIN;		/* there is none: always empty */
	return so->state == INET_LISTEN ? -ENOTCONN : -EINVAL;
}

ssize_t inet_tcp_nothing(struct socket *so, struct net_msg *msg)
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
		return READ_ONCE(o->q.bytes) ? -EAGAIN : 0;
	}
	return READ_ONCE(so->state) == INET_CLOSE ? -ENOTCONN : -EAGAIN;
}

bool inet_tcp_writable(const struct socket *so)
{
	u32 wmem = socket_wmem(so), sndbuf = READ_ONCE(so->sndbuf);

	return wmem < sndbuf && sndbuf - wmem >= wmem / 2;
}

u32 inet_tcp_poll(struct socket *so, u32 lowat)
{
	u32 mask = 0, state = READ_ONCE(so->state), shutdown = READ_ONCE(so->shutdown);

	if (unlikely(state == INET_LISTEN))
		return READ_ONCE(inet_of(so)->nr_accepts) ? EPOLL_IN_BITS : 0;
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

bool inet_tcp_wants_room(struct socket *so)
{
	struct inet_sock *o = inet_of(so);

	smp_mb();	/* the room was made before: see want_room() */
	if (!READ_ONCE(o->nospace) || !inet_tcp_writable(so))
		return false;
	WRITE_ONCE(o->nospace, false);
	return true;
}

void inet_tcp_write_space(struct socket *so)
{
	if (inet_tcp_wants_room(so))
		sock_wake(so, EPOLLOUT | EPOLLWRNORM);
}

long inet_tcp_ioctl(struct socket *so, unsigned cmd, unsigned long arg)
{
	switch (cmd) {
	case SIOCINQ:
		return so->state == INET_LISTEN ? -EINVAL :
		       net_put_int(arg, (int)READ_ONCE(inet_of(so)->q.bytes));
	case SIOCOUTQ:
	case SIOCOUTQNSD:	/* a backend that knows it exactly answers itself */
		return so->state == INET_LISTEN ? -EINVAL : net_put_int(arg, (int)socket_wmem(so));
	case SIOCATMARK:
		return net_put_int(arg, 0);
	default:
		return -ENOIOCTLCMD;
	}
}
