/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TCP inside one machine. What a segment would do happens at once: a connect finds the
 * listener and joins both ends, a close marks the other end as FIN or RST would.
 */
#include "loopback.h"

static void set_state(struct lo_sock *o, u8 state)
{
	WRITE_ONCE(o->in.so.state, state);
	TRACE(tcp_state, o->in.lport, state);
}

/* The peer, counted, or NULL. */
static struct lo_sock *peer_get(struct lo_sock *o)
{
	struct lo_sock *peer;

	spin_lock(&o->in.so.lock);
	peer = o->peer;
	if (likely(peer))
		socket_get(&peer->in.so);
	spin_unlock(&o->in.so.lock);
	return peer;
}

/* ---- connections that are not accepted yet ---- */

/* A listener has no more room: one more than its backlog, as Linux counts. */
static bool backlog_full(const struct lo_sock *l) REQUIRES(lo_lock)
{
	return l->nr_accepts + l->nr_deferred > l->backlog;
}

static void add_accept(struct lo_sock *l, struct lo_sock *conn) REQUIRES(lo_lock)
{
	list_add_tail(&conn->wait_node, &l->accepts);
	WRITE_ONCE(l->nr_accepts, l->nr_accepts + 1);
	sock_wake(&l->in.so, EPOLL_IN_BITS);
}

/* TCP_DEFER_ACCEPT: the listener learns of a connection by its first bytes or its FIN. */
static void undefer(struct lo_sock *conn) REQUIRES(lo_lock)
{
	struct lo_sock *l = conn->listener;

	if (!l)
		return;
	WRITE_ONCE(conn->listener, NULL);
	list_del(&conn->wait_node);
	l->nr_deferred--;
	add_accept(l, conn);
}

/* ---- the end of a connection, as the other side sees it; lo_lock held ---- */

static void got_reset(struct lo_sock *o) REQUIRES(lo_lock)
{
	if (o->in.so.state == INET_CLOSE)
		return;
	spin_lock(&o->in.so.lock);
	WRITE_ONCE(o->in.so.err, o->in.so.state == INET_CLOSE_WAIT ? EPIPE : ECONNRESET);
	o->in.so.shutdown = SHUTDOWN_MASK;
	spin_unlock(&o->in.so.lock);
	set_state(o, INET_CLOSE);
	lo_counts.tcp_resets++;
	sock_wake_all(&o->in.so);
}

static void got_fin(struct lo_sock *o) REQUIRES(lo_lock)
{
	spin_lock(&o->in.so.lock);
	o->in.got_fin = true;
	o->in.so.shutdown |= RCV_SHUTDOWN;
	if (o->in.so.state == INET_FIN_WAIT2)	/* both directions are closed now */
		o->in.so.shutdown = SHUTDOWN_MASK;
	spin_unlock(&o->in.so.lock);
	if (o->in.so.state == INET_FIN_WAIT2) {
		lo_tw_add(o, INET_TIME_WAIT);
		set_state(o, INET_CLOSE);
	} else if (o->in.so.state == INET_ESTABLISHED) {
		set_state(o, INET_CLOSE_WAIT);
	}
	undefer(o);
	sock_wake_all(&o->in.so);
}

/* Ends our sending half, by a FIN or a RST. */
static void end_sending(struct lo_sock *o, bool reset) REQUIRES(lo_lock)
{
	struct lo_sock *peer = o->peer;
	u8 state = o->in.so.state;

	if (state != INET_ESTABLISHED && state != INET_CLOSE_WAIT && state != INET_FIN_WAIT2)
		return;
	if (reset) {
		set_state(o, INET_CLOSE);
		if (peer->dead)
			lo_tw_end(o, true);
		else
			got_reset(peer);
		return;
	}
	if (state == INET_FIN_WAIT2)
		return;
	set_state(o, state == INET_ESTABLISHED ? INET_FIN_WAIT2 : INET_CLOSE);
	if (peer->dead)
		lo_tw_end(o, false);
	else
		got_fin(peer);
}

/* ---- connecting ---- */

/* An accepted connection lives on its listener's port. */
static void port_share(struct lo_sock *conn, struct lo_sock *l) REQUIRES(lo_lock)
{
	conn->shared = l->in.port;
	conn->in.lport = l->in.lport;
	conn->exclusive = !inet_reuses(&l->in);
	conn->shared->conns++;
	conn->shared->exclusive += conn->exclusive;
}

static void port_release(struct lo_sock *o) REQUIRES(lo_lock)
{
	inet_port_release(&o->in);
	if (!o->shared)
		return;
	o->shared->conns--;
	o->shared->exclusive -= o->exclusive;
	inet_port_put(o->shared);
	o->shared = NULL;
}

/* Joins c, which asked, with `conn`, which waits to be accepted at l. */
static void establish(struct lo_sock *l, struct lo_sock *c, struct lo_sock *conn) REQUIRES(lo_lock)
{
	conn->in.laddr = c->in.raddr;
	conn->in.raddr = c->in.laddr;
	conn->in.rport = c->in.lport;
	inet_inherit(&conn->in, &l->in);
	port_share(conn, l);
	spin_lock(&c->in.so.lock);
	c->peer = conn;
	socket_get(&conn->in.so);
	c->in.so.shutdown = 0;
	c->in.got_fin = false;
	spin_unlock(&c->in.so.lock);
	conn->peer = c;
	socket_get(&c->in.so);
	set_state(c, INET_ESTABLISHED);
	set_state(conn, INET_ESTABLISHED);
	if (inet_opt(&l->in, TCP_DEFER_ACCEPT)) {
		conn->listener = l;
		list_add_tail(&conn->wait_node, &l->deferred);
		l->nr_deferred++;
	} else {
		add_accept(l, conn);
	}
	lo_counts.tcp_active++;
	lo_counts.tcp_passive++;
	sock_wake_all(&c->in.so);
}

static void forget(struct lo_sock *o)
{
	spin_lock(&lo_lock);
	list_del_init(&o->all_node);
	spin_unlock(&lo_lock);
	socket_put(&o->in.so);
}

/* Fills in where to; a wildcard source becomes the address of the route. */
static int set_route(struct lo_sock *c, const union sockaddr_any *to, u32 len)
{
	struct in6_addr addr;
	u16 port;
	int err = inet_addr_in(&c->in, to, len, &addr, &port);

	if (!err)
		err = lo_route(&addr);
	if (!err && inet_is_v4(&addr) != inet_is_v4(&c->in.laddr) && !inet_is_any(&c->in.laddr))
		err = -ENETUNREACH;
	if (!err)
		err = inet_autobind(&c->in);
	if (err)
		return err;
	spin_lock(&lo_lock);
	if (inet_is_any(&c->in.laddr))
		c->in.laddr = addr;
	c->in.raddr = addr;
	c->in.rport = port;
	spin_unlock(&lo_lock);
	return 0;
}

static void drop_waiting(struct lo_sock *l);

/* Dissolves whatever there is; the socket can be used anew. */
static void disconnect(struct lo_sock *o)
{
	struct lo_sock *peer;
	u8 state;

	mutex_lock(&o->in.so.reader);
	spin_lock(&lo_lock);
	state = o->in.so.state;
	if (state == INET_SYN_SENT)
		list_del_init(&o->wait_node);
	end_sending(o, true);
	set_state(o, INET_CLOSE);
	spin_lock(&o->in.so.lock);
	peer = o->peer;
	o->peer = NULL;
	o->in.so.shutdown = 0;
	if (state != INET_CLOSE && state != INET_LISTEN)
		WRITE_ONCE(o->in.so.err, ECONNRESET);
	o->in.got_fin = false;
	spin_unlock(&o->in.so.lock);
	o->in.connect = INET_UNCONNECTED;
	o->in.rport = 0;
	if (o->shared)		/* it keeps the port, which its listener was bound to */
		inet_any(&o->in.laddr, o->in.so.family);
	else
		inet_unbind_auto(&o->in);
	spin_unlock(&lo_lock);
	inet_purge(&o->in);
	mutex_unlock(&o->in.so.reader);
	if (peer)
		socket_put(&peer->in.so);
	if (state == INET_LISTEN)
		drop_waiting(o);
	sock_wake_all(&o->in.so);
}

/* Nobody listens there. */
static void refuse(struct lo_sock *c) REQUIRES(lo_lock)
{
	lo_counts.tcp_fails++;
	spin_lock(&c->in.so.lock);
	WRITE_ONCE(c->in.so.err, ECONNREFUSED);
	c->in.so.shutdown = SHUTDOWN_MASK;
	spin_unlock(&c->in.so.lock);
	set_state(c, INET_CLOSE);
	sock_wake_all(&c->in.so);
}

/* Finds the listener, and joins c with `conn` if it has room. True: conn was used. */
static bool find_listener(struct lo_sock *c, struct lo_sock *conn) REQUIRES(lo_lock)
{
	struct inet_sock *found = !c->in.rport ? NULL :
		inet_lookup(IPPROTO_TCP, &c->in.raddr, c->in.rport, &c->in.laddr, c->in.lport, 0);
	struct lo_sock *l = found ? lo_of(&found->so) : NULL;

	c->in.connect = INET_CONNECTING;
	WRITE_ONCE(c->in.so.err, 0);
	if (!l) {
		refuse(c);
	} else if (backlog_full(l)) {	/* it would not answer yet */
		set_state(c, INET_SYN_SENT);
		list_add_tail(&c->wait_node, &l->pending);
	} else {
		conn->in.so.family = l->in.so.family;
		establish(l, c, conn);
		return true;
	}
	return false;
}

static int tcp_connect(struct socket *so, const union sockaddr_any *to, u32 len, nsec_t *timeo)
{
	struct lo_sock *c = lo_of(so), *conn = NULL;
	int err;

	if (len >= sizeof(to->family) && to->family == AF_UNSPEC) {
		disconnect(c);
		return 0;
	}
	spin_lock(&lo_lock);
	err = inet_tcp_connect_again(&c->in);
	spin_unlock(&lo_lock);
	if (err == 1) {
		err = set_route(c, to, len);
		if (err)
			return err;
		conn = lo_new(&lo_tcp_ops, so->family, SOCK_STREAM, IPPROTO_TCP);
		if (!conn)
			return -ENOBUFS;
		spin_lock(&lo_lock);
		err = inet_tcp_connect_again(&c->in);
		if (err == 1) {
			if (find_listener(c, conn))
				conn = NULL;
			/* Without a wait between, the first call tells. */
			err = *timeo ? inet_tcp_connect_again(&c->in) : -EINPROGRESS;
			if (err == -EALREADY)
				err = -EINPROGRESS;
		}
		spin_unlock(&lo_lock);
		if (conn)
			forget(conn);
	}
	if (err < 0 && err != -EINPROGRESS && err != -EALREADY && err != -EISCONN)
		disconnect(c);
	return err;
}

static int tcp_listen(struct socket *so, int backlog)
{
	struct lo_sock *o = lo_of(so);
	int err = 0;

	if ((so->state != INET_LISTEN && so->state != INET_CLOSE) ||
	    READ_ONCE(o->in.connect) != INET_UNCONNECTED)
		return -EINVAL;
	if (so->state == INET_CLOSE) {
		err = inet_autobind(&o->in);
		if (err)
			return err == -EAGAIN ? -EADDRINUSE : err;
	}
	spin_lock(&lo_lock);
	if (so->state == INET_CLOSE) {
		if (!inet_may_listen(&o->in))
			err = -EADDRINUSE;
		else
			set_state(o, INET_LISTEN);
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
	conn = lo_new(&lo_tcp_ops, l->in.so.family, SOCK_STREAM, IPPROTO_TCP);
	if (!conn)
		return;
	spin_lock(&lo_lock);
	c = list_first_entry_or_null(&l->pending, struct lo_sock, wait_node);
	if (c && l->in.so.state == INET_LISTEN && !backlog_full(l)) {
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
	if (so->state != INET_LISTEN)
		err = -EINVAL;
	else
		conn = list_first_entry_or_null(&l->accepts, struct lo_sock, wait_node);
	if (conn) {
		list_del_init(&conn->wait_node);
		WRITE_ONCE(l->nr_accepts, l->nr_accepts - 1);
	}
	spin_unlock(&lo_lock);
	if (!conn)
		return err;
	admit_pending(l);
	*out = &conn->in.so;
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
		while (!list_empty(&l->deferred))
			undefer(list_first_entry(&l->deferred, struct lo_sock, wait_node));
		o = list_first_entry_or_null(&l->accepts, struct lo_sock, wait_node);
		if (o) {
			list_del_init(&o->wait_node);
			WRITE_ONCE(l->nr_accepts, l->nr_accepts - 1);
			end_sending(o, true);
		}
		spin_unlock(&lo_lock);
		if (!o)
			break;
		tcp_release(&o->in.so);
		socket_put(&o->in.so);
	}
	spin_lock(&lo_lock);
	while (!list_empty(&l->pending)) {
		struct lo_sock *c = list_first_entry(&l->pending, struct lo_sock, wait_node);

		list_del_init(&c->wait_node);
		refuse(c);
	}
	spin_unlock(&lo_lock);
}

static void tcp_release(struct socket *so)
{
	struct lo_sock *o = lo_of(so), *peer;
	struct net_buf *unread;
	bool listener, reset;

	spin_lock(&lo_lock);
	listener = so->state == INET_LISTEN;
	if (so->state == INET_SYN_SENT)
		list_del_init(&o->wait_node);
	spin_lock(&so->lock);
	unread = o->in.q.head;
	memset(&o->in.q, 0, sizeof(o->in.q));
	o->dead = true;
	spin_unlock(&so->lock);
	reset = unread || ((so->flags & SOF_LINGER) && !so->linger);
	end_sending(o, reset);
	if (so->state == INET_FIN_WAIT2)
		lo_tw_add(o, INET_FIN_WAIT2);
	set_state(o, INET_CLOSE);
	port_release(o);
	list_del_init(&o->all_node);
	spin_lock(&so->lock);
	peer = o->peer;
	o->peer = NULL;
	spin_unlock(&so->lock);
	spin_unlock(&lo_lock);
	if (listener)
		drop_waiting(o);
	if (peer)
		socket_put(&peer->in.so);
	net_buf_free_chain(unread);
}

static int tcp_shutdown(struct socket *so, int how)
{
	struct lo_sock *o = lo_of(so);
	u8 state = READ_ONCE(so->state);

	if (state == INET_SYN_SENT || (state == INET_LISTEN && how != SHUT_WR)) {
		disconnect(o);
		return 0;
	}
	if (state == INET_LISTEN)
		return 0;
	spin_lock(&lo_lock);
	state = so->state;
	spin_lock(&so->lock);
	so->shutdown |= (u8)(how + 1);
	spin_unlock(&so->lock);
	if (how != SHUT_RD)
		end_sending(o, false);
	spin_unlock(&lo_lock);
	sock_wake_all(so);
	return state == INET_CLOSE ? -ENOTCONN : 0;
}

/* ---- bytes ---- */

/* The other end is closed for good: what we send is answered by a RST. */
static void send_to_closed(struct lo_sock *o)
{
	spin_lock(&lo_lock);
	lo_tw_end(o, true);
	got_reset(o);
	spin_unlock(&lo_lock);
}

static void deliver(struct lo_sock *o, struct lo_sock *peer, struct net_buf *b)
{
	bool gone;

	spin_lock(&peer->in.so.lock);
	gone = peer->dead;
	if (likely(!gone))
		net_bufq_add(&peer->in.q, b);
	spin_unlock(&peer->in.so.lock);
	if (unlikely(gone)) {
		net_buf_free(b);
		send_to_closed(o);
		return;
	}
	sock_wake(&peer->in.so, EPOLL_IN_BITS);
	if (unlikely(READ_ONCE(peer->listener))) {
		spin_lock(&lo_lock);
		undefer(peer);
		spin_unlock(&lo_lock);
	}
}

/* One piece; the socket layer comes again for the next. */
static ssize_t tcp_sendmsg(struct socket *so, struct net_msg *msg)
{
	u32 n = (u32)min_t(size_t, iov_iter_count(msg->iter), NET_BUF_STREAM_MAX);
	struct lo_sock *o = lo_of(so), *peer;
	struct net_buf *b;
	int err;

	if (unlikely(msg->flags & MSG_OOB))
		return -EOPNOTSUPP;
	err = inet_tcp_may_send(so);
	if (unlikely(err))
		return err == -EAGAIN && !n && so->state != INET_SYN_SENT ? 0 : err;
	if (unlikely(!n))
		return 0;
	b = net_buf_alloc(n);
	if (unlikely(!b))
		return -ENOBUFS;
	err = net_buf_fill(b, msg->iter, n);
	peer = peer_get(o);
	if (unlikely(err || !peer)) {
		net_buf_free(b);
		if (peer)
			socket_put(&peer->in.so);
		return err ? err : -EPIPE;
	}
	net_buf_charge(b, so);
	TRACE(net_tx, n, o->in.rport);
	lo_counts.tcp_out++;
	lo_bytes += n;
	deliver(o, peer, b);
	socket_put(&peer->in.so);
	return n;
}

static u32 tcp_poll(struct socket *so, u32 lowat)
{
	if (unlikely(READ_ONCE(so->state) == INET_LISTEN))
		return READ_ONCE(lo_of(so)->nr_accepts) ? EPOLL_IN_BITS : 0;
	return inet_tcp_poll(so, lowat);
}

const struct net_ops lo_tcp_ops = {
	.release = tcp_release, .destroy = lo_destroy, .bind = inet_bind, .connect = tcp_connect,
	.listen = tcp_listen, .accept = tcp_accept, .shutdown = tcp_shutdown,
	.sendmsg = tcp_sendmsg, .recvmsg = inet_tcp_recvmsg, .poll = tcp_poll, .getname = lo_getname,
	.setsockopt = lo_setsockopt, .getsockopt = lo_getsockopt, .ioctl = inet_tcp_ioctl,
	.write_space = inet_tcp_write_space,
};
