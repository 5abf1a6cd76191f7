/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TCP inside one machine. What a segment would do happens at once: a connect finds the
 * listener and joins both ends, a close marks the other end as FIN or RST would.
 */
#include "loopback.h"

static void set_state(struct lo_sock *o, u8 state)
{
	WRITE_ONCE(o->so.state, state);
	trace_tcp_state(o->lport, state);
}

/* The peer, counted, or NULL. */
static struct lo_sock *peer_get(struct lo_sock *o)
{
	struct lo_sock *peer;

	spin_lock(&o->so.lock);
	peer = o->peer;
	if (likely(peer))
		socket_get(&peer->so);
	spin_unlock(&o->so.lock);
	return peer;
}

/* ---- the end of a connection, as the other side sees it; lo_lock held ---- */

static void got_reset(struct lo_sock *o) REQUIRES(lo_lock)
{
	if (o->so.state == LO_CLOSE)
		return;
	spin_lock(&o->so.lock);
	WRITE_ONCE(o->so.err, o->so.state == LO_CLOSE_WAIT ? EPIPE : ECONNRESET);
	o->so.shutdown = SHUTDOWN_MASK;
	spin_unlock(&o->so.lock);
	set_state(o, LO_CLOSE);
	lo_counts.tcp_resets++;
	sock_wake_all(&o->so);
}

static void got_fin(struct lo_sock *o) REQUIRES(lo_lock)
{
	spin_lock(&o->so.lock);
	o->got_fin = true;
	o->so.shutdown |= RCV_SHUTDOWN;
	if (o->so.state == LO_FIN_WAIT2)	/* both directions are closed now */
		o->so.shutdown = SHUTDOWN_MASK;
	spin_unlock(&o->so.lock);
	if (o->so.state == LO_FIN_WAIT2)
		set_state(o, LO_CLOSE);
	else if (o->so.state == LO_ESTABLISHED)
		set_state(o, LO_CLOSE_WAIT);
	sock_wake_all(&o->so);
}

/* Ends our sending half, by a FIN or a RST. */
static void end_sending(struct lo_sock *o, bool reset) REQUIRES(lo_lock)
{
	struct lo_sock *peer = o->peer;
	u8 state = o->so.state;

	if (state != LO_ESTABLISHED && state != LO_CLOSE_WAIT && state != LO_FIN_WAIT2)
		return;
	if (reset) {
		set_state(o, LO_CLOSE);
		got_reset(peer);
		return;
	}
	if (state == LO_FIN_WAIT2)
		return;
	set_state(o, state == LO_ESTABLISHED ? LO_FIN_WAIT2 : LO_CLOSE);
	got_fin(peer);
}

/* ---- connecting ---- */

/* Joins c, which asked, with `conn`, which waits to be accepted at l. */
static void establish(struct lo_sock *l, struct lo_sock *c, struct lo_sock *conn) REQUIRES(lo_lock)
{
	conn->laddr = c->raddr;
	conn->raddr = c->laddr;
	conn->rport = c->lport;
	conn->v6only = l->v6only;
	conn->so.flags = l->so.flags;
	conn->so.sndbuf = l->so.sndbuf;
	conn->so.rcvbuf = l->so.rcvbuf;
	conn->so.linger = l->so.linger;
	memcpy(conn->option, l->option, sizeof(conn->option));
	lo_port_share(conn, l);
	spin_lock(&c->so.lock);
	c->peer = conn;
	socket_get(&conn->so);
	c->so.shutdown = 0;
	c->got_fin = false;
	spin_unlock(&c->so.lock);
	conn->peer = c;
	socket_get(&c->so);
	set_state(c, LO_ESTABLISHED);
	set_state(conn, LO_ESTABLISHED);
	conn->embryo = true;
	list_add_tail(&conn->wait_node, &l->accepts);
	WRITE_ONCE(l->nr_accepts, l->nr_accepts + 1);
	lo_counts.tcp_active++;
	lo_counts.tcp_passive++;
	sock_wake_all(&c->so);
}

static void forget(struct lo_sock *o)
{
	spin_lock(&lo_lock);
	list_del_init(&o->all_node);
	spin_unlock(&lo_lock);
	socket_put(&o->so);
}

/* Fills in where to; a wildcard source becomes the address of the route. */
static int set_route(struct lo_sock *c, const union sockaddr_any *to, u32 len)
{
	struct in6_addr addr;
	u16 port;
	int err = lo_addr_in(c, to, len, &addr, &port);

	if (!err)
		err = lo_route(&addr);
	if (!err && lo_is_v4(&addr) != lo_is_v4(&c->laddr) && !lo_is_any(&c->laddr))
		err = -ENETUNREACH;
	if (!err)
		err = lo_autobind(c);
	if (err)
		return err;
	spin_lock(&lo_lock);
	if (lo_is_any(&c->laddr))
		c->laddr = addr;
	c->raddr = addr;
	c->rport = port;
	spin_unlock(&lo_lock);
	return 0;
}

/* What a connect() to a socket that is not fresh gives; 1: it is fresh. */
static int connect_again(struct lo_sock *c) REQUIRES(lo_lock)
{
	bool told = !c->connecting;
	int err;

	switch (c->so.state) {
	case LO_CLOSE:
		if (told)
			return 1;
		c->connecting = false;
		err = sock_error(&c->so);
		return err ? err : -ECONNABORTED;
	case LO_SYN_SENT:
		return -EALREADY;
	case LO_LISTEN:
		return -EISCONN;
	default:
		c->connecting = false;
		return told ? -EISCONN : 0;
	}
}

/* Dissolves whatever there is; the socket can be used anew. */
static int disconnect(struct lo_sock *o)
{
	struct lo_sock *peer;
	struct net_buf *unread;

	mutex_lock(&o->so.reader);
	spin_lock(&lo_lock);
	if (o->so.state == LO_SYN_SENT)
		list_del_init(&o->wait_node);
	end_sending(o, true);
	set_state(o, LO_CLOSE);
	spin_lock(&o->so.lock);
	peer = o->peer;
	o->peer = NULL;
	unread = o->q.head;
	memset(&o->q, 0, sizeof(o->q));
	o->so.shutdown = 0;
	o->so.err = 0;
	o->got_fin = false;
	spin_unlock(&o->so.lock);
	o->connecting = false;
	o->rport = 0;
	spin_unlock(&lo_lock);
	mutex_unlock(&o->so.reader);
	if (peer)
		socket_put(&peer->so);
	net_buf_free_chain(unread);
	sock_wake_all(&o->so);
	return 0;
}

static int tcp_connect(struct socket *so, const union sockaddr_any *to, u32 len, nsec_t *timeo)
{
	struct lo_sock *c = lo_of(so), *conn, *l;
	int err;

	if (len >= sizeof(to->family) && to->family == AF_UNSPEC)
		return disconnect(c);
	spin_lock(&lo_lock);
	err = connect_again(c);
	spin_unlock(&lo_lock);
	if (err <= 0)
		return err;
	err = set_route(c, to, len);
	if (err)
		return err;
	conn = lo_new(&lo_tcp_ops, so->family, SOCK_STREAM, IPPROTO_TCP);
	if (!conn)
		return -ENOBUFS;
	spin_lock(&lo_lock);
	err = connect_again(c);
	if (err <= 0)
		goto out;
	l = c->rport ? lo_lookup(IPPROTO_TCP, &c->raddr, c->rport, &c->laddr, c->lport) : NULL;
	err = *timeo ? 0 : -EINPROGRESS;
	c->connecting = !*timeo;
	if (!l) {
		lo_counts.tcp_fails++;
		if (!err) {
			err = -ECONNREFUSED;
		} else {
			WRITE_ONCE(so->err, ECONNREFUSED);
			spin_lock(&so->lock);
			so->shutdown = SHUTDOWN_MASK;
			spin_unlock(&so->lock);
			sock_wake_all(so);
		}
		goto out;
	}
	if (l->nr_accepts > l->backlog) {	/* the listener would not answer yet */
		set_state(c, LO_SYN_SENT);
		c->connecting = true;
		list_add_tail(&c->wait_node, &l->pending);
		err = -EINPROGRESS;
		goto out;
	}
	conn->so.family = l->so.family;
	establish(l, c, conn);
	sock_wake(&l->so, EPOLL_IN_BITS);
	spin_unlock(&lo_lock);
	return err;
out:
	spin_unlock(&lo_lock);
	forget(conn);
	return err;
}

static int tcp_listen(struct socket *so, int backlog)
{
	struct lo_sock *o = lo_of(so);
	int err = 0;

	if (so->state != LO_LISTEN && so->state != LO_CLOSE)
		return -EINVAL;
	if (so->state == LO_CLOSE) {
		err = lo_autobind(o);
		if (err)
			return err == -EAGAIN ? -EADDRINUSE : err;
	}
	spin_lock(&lo_lock);
	if (so->state == LO_CLOSE) {
		if (!lo_may_listen(o))
			err = -EADDRINUSE;
		else
			set_state(o, LO_LISTEN);
	}
	if (!err)
		o->backlog = (u32)backlog;
	spin_unlock(&lo_lock);
	return err;
}

/* Lets the first of those who wait for a place in the backlog in. */
static void admit_pending(struct lo_sock *l)
{
	struct lo_sock *c, *conn;

	if (list_empty(&l->pending))
		return;
	conn = lo_new(&lo_tcp_ops, l->so.family, SOCK_STREAM, IPPROTO_TCP);
	if (!conn)
		return;
	spin_lock(&lo_lock);
	c = list_first_entry_or_null(&l->pending, struct lo_sock, wait_node);
	if (c && l->so.state == LO_LISTEN) {
		list_del_init(&c->wait_node);
		establish(l, c, conn);
		conn = NULL;
	}
	spin_unlock(&lo_lock);
	if (conn)
		forget(conn);
}

static int tcp_accept(struct socket *so, struct socket **out)
{
	struct lo_sock *l = lo_of(so), *conn = NULL;
	int err = -EAGAIN;

	spin_lock(&lo_lock);
	if (so->state != LO_LISTEN)
		err = -EINVAL;
	else
		conn = list_first_entry_or_null(&l->accepts, struct lo_sock, wait_node);
	if (conn) {
		list_del_init(&conn->wait_node);
		conn->embryo = false;
		WRITE_ONCE(l->nr_accepts, l->nr_accepts - 1);
	}
	spin_unlock(&lo_lock);
	if (!conn)
		return err;
	admit_pending(l);
	*out = &conn->so;
	return 0;
}

/* ---- closing ---- */

static void tcp_release(struct socket *so);

/* Those who wait at a listener that goes: accepted by nobody, or refused. */
static void drop_waiting(struct lo_sock *l)
{
	for (;;) {
		struct lo_sock *o;

		spin_lock(&lo_lock);
		o = list_first_entry_or_null(&l->accepts, struct lo_sock, wait_node);
		if (o) {
			list_del_init(&o->wait_node);
			WRITE_ONCE(l->nr_accepts, l->nr_accepts - 1);
			end_sending(o, true);
		}
		spin_unlock(&lo_lock);
		if (!o)
			break;
		tcp_release(&o->so);
		socket_put(&o->so);
	}
	spin_lock(&lo_lock);
	while (!list_empty(&l->pending)) {
		struct lo_sock *c = list_first_entry(&l->pending, struct lo_sock, wait_node);

		list_del_init(&c->wait_node);
		spin_lock(&c->so.lock);
		WRITE_ONCE(c->so.err, ECONNREFUSED);
		c->so.shutdown = SHUTDOWN_MASK;
		spin_unlock(&c->so.lock);
		set_state(c, LO_CLOSE);
		sock_wake_all(&c->so);
	}
	spin_unlock(&lo_lock);
}

static void tcp_release(struct socket *so)
{
	struct lo_sock *o = lo_of(so), *peer;
	struct net_buf *unread;
	bool listener, reset;

	spin_lock(&lo_lock);
	listener = so->state == LO_LISTEN;
	if (so->state == LO_SYN_SENT)
		list_del_init(&o->wait_node);
	spin_lock(&so->lock);
	unread = o->q.head;
	memset(&o->q, 0, sizeof(o->q));
	o->dead = true;
	spin_unlock(&so->lock);
	reset = unread || ((so->flags & SOF_LINGER) && !so->linger);
	end_sending(o, reset);
	set_state(o, LO_CLOSE);
	lo_port_release(o);
	list_del_init(&o->all_node);
	spin_lock(&so->lock);
	peer = o->peer;
	o->peer = NULL;
	spin_unlock(&so->lock);
	spin_unlock(&lo_lock);
	if (listener)
		drop_waiting(o);
	if (peer)
		socket_put(&peer->so);
	net_buf_free_chain(unread);
}

static int tcp_shutdown(struct socket *so, int how)
{
	struct lo_sock *o = lo_of(so);
	bool listener = false;
	int err = 0;

	spin_lock(&lo_lock);
	switch (so->state) {
	case LO_CLOSE:
		err = -ENOTCONN;
		break;
	case LO_SYN_SENT:
		list_del_init(&o->wait_node);
		set_state(o, LO_CLOSE);
		break;
	case LO_LISTEN:
		listener = how != SHUT_WR;
		if (listener)
			set_state(o, LO_CLOSE);
		break;
	default:
		spin_lock(&so->lock);
		so->shutdown |= (u8)(how + 1);
		spin_unlock(&so->lock);
		if (how != SHUT_RD)
			end_sending(o, false);
	}
	spin_unlock(&lo_lock);
	if (listener)
		drop_waiting(o);
	sock_wake_all(so);
	return err;
}

/* ---- bytes ---- */

/* The other end is closed for good: what we send is answered by a RST. */
static void send_to_closed(struct lo_sock *o)
{
	spin_lock(&lo_lock);
	got_reset(o);
	spin_unlock(&lo_lock);
}

static int may_send(struct lo_sock *o, struct net_msg *msg)
{
	struct socket *so = &o->so;
	int err;

	if (unlikely(READ_ONCE(so->err)) && (err = sock_error(so)))
		return err;
	if (unlikely(READ_ONCE(so->shutdown) & SEND_SHUTDOWN))
		return -EPIPE;
	switch (READ_ONCE(so->state)) {
	case LO_ESTABLISHED:
	case LO_CLOSE_WAIT:
		return socket_wmem(so) < READ_ONCE(so->sndbuf) ? 0 : -EAGAIN;
	case LO_SYN_SENT:
		return -EAGAIN;
	default:
		return -EPIPE;
	}
}

static ssize_t send_piece(struct lo_sock *o, struct lo_sock *peer, struct net_msg *msg)
{
	u32 n = (u32)min_t(size_t, iov_iter_count(msg->iter), NET_BUF_STREAM_MAX);
	struct net_buf *b = net_buf_alloc(n);
	bool gone;

	if (unlikely(!b))
		return -ENOBUFS;
	if (unlikely(net_buf_fill(b, msg->iter, n))) {
		net_buf_free(b);
		return -EFAULT;
	}
	net_buf_charge(b, &o->so);
	spin_lock(&peer->so.lock);
	gone = peer->dead;
	if (likely(!gone))
		net_bufq_add(&peer->q, b);
	spin_unlock(&peer->so.lock);
	trace_net_tx(n, o->rport);
	lo_counts.tcp_out++;
	lo_counts.bytes += n;
	if (likely(!gone)) {
		sock_wake(&peer->so, EPOLL_IN_BITS);
	} else {
		net_buf_free(b);
		send_to_closed(o);
	}
	return n;
}

static ssize_t tcp_sendmsg(struct socket *so, struct net_msg *msg)
{
	struct lo_sock *o = lo_of(so), *peer;
	ssize_t done = 0, n;

	if (unlikely(msg->flags & MSG_OOB))
		return -EOPNOTSUPP;
	n = may_send(o, msg);
	if (unlikely(n))
		return n;
	if (unlikely(!iov_iter_count(msg->iter)))
		return 0;
	peer = peer_get(o);
	if (unlikely(!peer))
		return -EPIPE;
	do {
		n = send_piece(o, peer, msg);
		if (likely(n > 0))
			done += n;
	} while (n > 0 && iov_iter_count(msg->iter) && !may_send(o, msg));
	socket_put(&peer->so);
	return done ? done : n;
}

static ssize_t tcp_recvmsg(struct socket *so, struct net_msg *msg)
{
	struct lo_sock *o = lo_of(so);
	ssize_t ret;

	if (unlikely(so->state == LO_LISTEN))
		return -ENOTCONN;
	if (unlikely(msg->flags & (MSG_OOB | MSG_ERRQUEUE)))
		return msg->flags & MSG_OOB ? -EINVAL : -EAGAIN;
	ret = 0;
	if (!net_bufq_empty(&o->q)) {
		mutex_lock(&so->reader);
		ret = net_stream_take(so, &o->q, msg, NULL);
		mutex_unlock(&so->reader);
	}
	if (likely(ret > 0))
		trace_net_rx((u32)ret, o->lport);
	if (likely(ret) || !iov_iter_count(msg->iter))
		return ret;
	if (msg->done && (READ_ONCE(so->err) || READ_ONCE(o->got_fin)))
		return 0;
	if (!READ_ONCE(o->got_fin) && READ_ONCE(so->err))
		return sock_error(so);
	if (READ_ONCE(so->shutdown) & RCV_SHUTDOWN) {
		smp_rmb();	/* the last bytes may have come just before the end */
		return net_bufq_empty(&o->q) ? 0 : -EAGAIN;
	}
	return READ_ONCE(so->state) == LO_CLOSE ? -ENOTCONN : -EAGAIN;
}

/* ---- asking ---- */

static bool tcp_writable(const struct socket *so)
{
	u32 wmem = socket_wmem(so), sndbuf = READ_ONCE(so->sndbuf);

	return wmem < sndbuf && sndbuf - wmem >= wmem / 2;
}

static u32 tcp_poll(struct socket *so, u32 lowat)
{
	struct lo_sock *o = lo_of(so);
	u32 mask = 0, state = READ_ONCE(so->state), shutdown = READ_ONCE(so->shutdown);

	if (state == LO_LISTEN)
		return READ_ONCE(o->nr_accepts) ? EPOLL_IN_BITS : 0;
	if (shutdown == SHUTDOWN_MASK || state == LO_CLOSE)
		mask |= EPOLLHUP;
	if (shutdown & RCV_SHUTDOWN)
		mask |= EPOLL_IN_BITS | EPOLLRDHUP;
	if (state != LO_SYN_SENT) {
		if (READ_ONCE(o->q.bytes) >= max(lowat, 1u))
			mask |= EPOLL_IN_BITS;
		if ((shutdown & SEND_SHUTDOWN) || tcp_writable(so))
			mask |= EPOLLOUT | EPOLLWRNORM;
	}
	if (READ_ONCE(so->err))
		mask |= EPOLLERR;
	return mask;
}

static void tcp_write_space(struct socket *so)
{
	if (tcp_writable(so))
		sock_wake(so, EPOLLOUT | EPOLLWRNORM);
}

static long tcp_ioctl(struct socket *so, unsigned cmd, unsigned long arg)
{
	struct lo_sock *o = lo_of(so);

	switch (cmd) {
	case SIOCINQ:
		return so->state == LO_LISTEN ? -EINVAL : net_put_int(arg, (int)READ_ONCE(o->q.bytes));
	case SIOCOUTQ:
		return so->state == LO_LISTEN ? -EINVAL : net_put_int(arg, 0); /* delivered at once */
	case SIOCATMARK:
		return net_put_int(arg, 0);
	default:
		return -ENOIOCTLCMD;
	}
}

const struct net_ops lo_tcp_ops = {
	.release = tcp_release, .destroy = lo_destroy, .bind = lo_bind, .connect = tcp_connect,
	.listen = tcp_listen, .accept = tcp_accept, .shutdown = tcp_shutdown,
	.sendmsg = tcp_sendmsg, .recvmsg = tcp_recvmsg, .poll = tcp_poll, .getname = lo_getname,
	.setsockopt = lo_setsockopt, .getsockopt = lo_getsockopt, .ioctl = tcp_ioctl,
	.write_space = tcp_write_space,
};
