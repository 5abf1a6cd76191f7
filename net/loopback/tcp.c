/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TCP inside one machine: connecting and closing. What a segment would do happens at once: a
 * connect finds the listener and joins both ends, a close marks the other end as FIN or RST would.
 */
#include "loopback.h"

static void enter(struct lo_sock *o, u8 state) REQUIRES(lo_core);

/* ---- ports ---- */

/* An accepted connection lives on its listener's port. */
static void port_share(struct lo_sock *conn, struct lo_sock *l) REQUIRES(lo_core)
{
	conn->shared = l->in.port;
	conn->in.lport = l->in.lport;
	conn->exclusive = !inet_reuses(&l->in);
	conn->shared->conns++;
	conn->shared->exclusive += conn->exclusive;
}

static void port_release(struct lo_sock *o) REQUIRES(lo_core)
{
	inet_port_release(&o->in);
	if (!o->shared)
		return;
	o->shared->conns--;
	o->shared->exclusive -= o->exclusive;
	inet_port_put(o->shared);
	o->shared = NULL;
}

/* ---- connections that are not accepted yet ---- */

/* A listener has no more room: one more than its backlog, as Linux counts. */
static bool backlog_full(const struct lo_sock *l) REQUIRES(lo_core)
{
	return l->in.nr_accepts + l->nr_deferred > l->in.backlog;
}

static void add_accept(struct lo_sock *l, struct lo_sock *conn) REQUIRES(lo_core)
{
	list_add_tail(&conn->wait_node, &l->accepts);
	WRITE_ONCE(l->in.nr_accepts, l->in.nr_accepts + 1);
	lo_mark(l, EPOLL_IN_BITS);
}

/* TCP_DEFER_ACCEPT: the listener learns of it by its first bytes, by its end, or at last. */
static void defer(struct lo_sock *l, struct lo_sock *conn) REQUIRES(lo_core)
{
	conn->listener = l;
	list_add_tail(&conn->wait_node, &l->deferred);
	l->nr_deferred++;
	lo_tcp_limit(conn, true);
}

void lo_tcp_undefer(struct lo_sock *conn)
{
	struct lo_sock *l = conn->listener;

	if (!l)
		return;
	WRITE_ONCE(conn->listener, NULL);
	inet_due_off(&conn->due);
	list_del(&conn->wait_node);
	l->nr_deferred--;
	add_accept(l, conn);
}

/* ---- the end of a connection ---- */

/* o has no peer any more: the one it had, whose reference is the caller's, or NULL. */
static struct lo_sock *leave_peer(struct lo_sock *o) REQUIRES(lo_core)
{
	struct lo_sock *peer = o->peer;

	if (peer && peer->peer == o)
		peer->got = o->sent;
	lo_bytes += o->sent;
	o->sent = o->got = o->acked_flags = 0;
	spin_lock(&o->in.so.lock);
	o->peer = NULL;
	o->end = LO_GONE;
	spin_unlock(&o->in.so.lock);
	return peer;
}

/* A closed socket whose connection is over. */
static void bury(struct lo_sock *o) REQUIRES(lo_core)
{
	struct lo_sock *peer = leave_peer(o);

	port_release(o);
	list_del_init(&o->in.all_node);
	if (peer)
		socket_put(&peer->in.so);
}

/* The next state. In TIME_WAIT, and in FIN_WAIT2 when it was closed, a struct lo_tw is what stays. */
static void enter(struct lo_sock *o, u8 state)
{
	bool abandoned = state == INET_FIN_WAIT2 && o->closed && inet_opt(&o->in, TCP_LINGER2) < 0;

	if (state == INET_TIME_WAIT || (state == INET_FIN_WAIT2 && o->closed)) {
		if (!abandoned)
			lo_tw_add(o, state);
		state = INET_CLOSE;
	}
	WRITE_ONCE(o->in.so.state, state);
	TRACE(tcp_state, o->in.lport, state);
	if (abandoned)
		lo_tcp_got_reset(o->peer);
	if (state != INET_CLOSE)
		return;
	inet_due_off(&o->due);
	if (o->closed)
		bury(o);
}

/* No more bytes come to o; after an error nothing goes either. */
static void end_receiving(struct lo_sock *o, enum lo_end end, int error) REQUIRES(lo_core)
{
	smp_wmb();	/* the bytes before it: inet_tcp_nothing() */
	spin_lock(&o->in.so.lock);
	if (o->end != LO_GONE)
		o->end = (u8)end;
	if (error)
		WRITE_ONCE(o->in.so.err, error);
	else
		o->in.got_fin = true;
	o->in.so.shutdown |= error ? SHUTDOWN_MASK : RCV_SHUTDOWN;
	spin_unlock(&o->in.so.lock);
	lo_mark(o, EPOLL_ALL_BITS);
}

void lo_tcp_got_reset(struct lo_sock *o)
{
	u8 state = o->in.so.state;

	if (state == INET_CLOSE) {
		lo_tw_end(o, true);
		return;
	}
	end_receiving(o, LO_FIN, state == INET_CLOSE_WAIT ? EPIPE : ECONNRESET);
	lo_tcp_undefer(o);
	lo_counts.tcp_resets++;
	enter(o, INET_CLOSE);
}

void lo_tcp_got_fin(struct lo_sock *o)
{
	u8 state = o->in.so.state;

	if (state == INET_CLOSE) {
		lo_tw_end(o, false);
		return;
	}
	end_receiving(o, LO_FIN, 0);
	lo_tcp_undefer(o);
	enter(o, state == INET_FIN_WAIT1 ? INET_CLOSING :
		 state == INET_FIN_WAIT2 ? INET_TIME_WAIT : INET_CLOSE_WAIT);
}

void lo_tcp_fin_heard(struct lo_sock *o)
{
	u8 state = o->in.so.state;

	o->acked_flags++;
	lo_mark(o, EPOLL_ALL_BITS);
	enter(o, state == INET_FIN_WAIT1 ? INET_FIN_WAIT2 :
		 state == INET_CLOSING ? INET_TIME_WAIT : INET_CLOSE);
}

/* What either has not sent yet is dropped with the connection. */
static void forgive_both(struct lo_sock *o) REQUIRES(lo_core)
{
	if (!o->peer)
		return;
	lo_tcp_forgive(o->peer, o);
	lo_tcp_forgive(o, o->peer);
}

/* Ends our sending half, by a FIN or a RST. */
static void end_sending(struct lo_sock *o, bool reset) REQUIRES(lo_core)
{
	u8 state = o->in.so.state;
	bool heard;

	if (!o->peer || state == INET_CLOSE)
		return;
	if (reset) {
		forgive_both(o);
		lo_tcp_got_reset(o->peer);
		enter(o, INET_CLOSE);
	} else if (state == INET_ESTABLISHED || state == INET_CLOSE_WAIT) {
		heard = lo_tcp_send_fin(o->peer);
		o->acked_flags += heard;
		if (state == INET_ESTABLISHED)
			enter(o, heard ? INET_FIN_WAIT2 : INET_FIN_WAIT1);
		else
			enter(o, heard ? INET_CLOSE : INET_LAST_ACK);
	}
}

/* ---- connecting ---- */

/* Joins c, which asked, with `conn`, which waits to be accepted at l. */
static void establish(struct lo_sock *l, struct lo_sock *c, struct lo_sock *conn) REQUIRES(lo_core)
{
	conn->in.laddr = c->in.raddr;
	conn->in.raddr = c->in.laddr;
	conn->in.rport = c->in.lport;
	conn->in.so.family = l->in.so.family;
	inet_inherit(&conn->in, &l->in);
	lo_tcp_window(&conn->in.so);
	port_share(conn, l);
	lo_tw_forget(conn);
	spin_lock(&c->in.so.lock);
	c->peer = conn;
	socket_get(&conn->in.so);
	c->in.so.shutdown = 0;
	c->in.got_fin = false;
	c->end = LO_OPEN;
	spin_unlock(&c->in.so.lock);
	conn->peer = c;
	socket_get(&c->in.so);
	inet_due_off(&c->due);
	list_add_tail(&conn->in.all_node, &lo_all);
	c->acked_flags = 1;
	enter(c, INET_ESTABLISHED);
	enter(conn, INET_ESTABLISHED);
	if (inet_opt(&l->in, TCP_DEFER_ACCEPT))
		defer(l, conn);
	else
		add_accept(l, conn);
	lo_counts.tcp_active++;
	lo_counts.tcp_passive++;
	lo_mark(c, EPOLL_ALL_BITS);
}

/* c no longer waits for a place in a backlog. */
static void stop_waiting(struct lo_sock *c) REQUIRES(lo_core)
{
	list_del_init(&c->wait_node);
	if (c->spare)
		socket_put(&c->spare->in.so);
	c->spare = NULL;
}

static void drop_waiting(struct lo_sock *l);

static void disconnect(struct inet_sock *in)
{
	struct lo_sock *o = lo_of(&in->so), *peer;
	u8 state;

	mutex_lock(&in->so.reader);
	lo_lock();
	state = in->so.state;
	stop_waiting(o);
	end_sending(o, true);
	enter(o, INET_CLOSE);
	peer = leave_peer(o);
	inet_tcp_forget(in, state);
	if (o->shared)		/* it keeps the port, which its listener was bound to */
		inet_any(&in->laddr, in->so.family);
	else
		inet_unbind_auto(in);
	lo_mark(o, EPOLL_ALL_BITS);
	lo_unlock();
	inet_purge(in);
	mutex_unlock(&in->so.reader);
	if (peer)
		socket_put(&peer->in.so);
	if (state == INET_LISTEN)
		drop_waiting(o);
}

/* Nobody listens there, or nobody answers. */
static void refuse(struct lo_sock *c, int error) REQUIRES(lo_core)
{
	lo_counts.tcp_fails++;
	end_receiving(c, LO_GONE, error);
	enter(c, INET_CLOSE);
}

void lo_tcp_give_up(struct lo_sock *o)
{
	if (o->listener) {
		lo_tcp_undefer(o);
	} else if (o->in.so.state == INET_SYN_SENT) {
		stop_waiting(o);
		refuse(o, ETIMEDOUT);
	} else {
		forgive_both(o);
		end_receiving(o, LO_GONE, ETIMEDOUT);
		enter(o, INET_CLOSE);
	}
}

/* Finds the listener, and joins c with `conn`, which it takes over, as soon as that has room. */
static void find_listener(struct lo_sock *c, struct lo_sock *conn) REQUIRES(lo_core)
{
	struct inet_sock *found = !c->in.rport ? NULL :
		inet_lookup(IPPROTO_TCP, &c->in.raddr, c->in.rport, &c->in.laddr, c->in.lport, 0);
	struct lo_sock *l = found ? lo_of(&found->so) : NULL;

	c->in.connect = INET_CONNECTING;
	WRITE_ONCE(c->in.so.err, 0);
	if (l && !backlog_full(l)) {
		establish(l, c, conn);
		return;
	}
	c->spare = conn;
	if (!l) {
		stop_waiting(c);
		refuse(c, ECONNREFUSED);
		return;
	}
	enter(c, INET_SYN_SENT);	/* it would not answer yet */
	list_add_tail(&c->wait_node, &l->pending);
	lo_tcp_limit(c, true);
}

static int start_connect(struct inet_sock *in, const struct in6_addr *to, u16 port)
{
	struct lo_sock *conn = lo_new(&lo_tcp_ops, in->so.family, SOCK_STREAM, IPPROTO_TCP);
	int err;

	if (!conn)
		return -ENOBUFS;
	lo_lock();
	err = inet_tcp_connect_again(in);
	if (err == 1) {
		if (inet_is_any(&in->laddr))
			in->laddr = *to;
		in->raddr = *to;
		in->rport = port;
		find_listener(lo_of(&in->so), conn);
		err = 0;
		conn = NULL;
	}
	lo_unlock();
	if (conn)
		socket_put(&conn->in.so);
	return err;
}

static void finish(struct inet_sock *in) NO_THREAD_SAFETY_ANALYSIS
{
	end_sending(lo_of(&in->so), false);
}

static void mark_all(struct inet_sock *in) NO_THREAD_SAFETY_ANALYSIS
{
	lo_mark(lo_of(&in->so), EPOLL_ALL_BITS);
}

static const struct inet_tcp_connector loopback = {
	.disconnect = disconnect, .route = lo_route, .start = start_connect, .finish = finish,
	.mark = mark_all,
};

static int tcp_connect(struct socket *so, const union sockaddr_any *to, u32 len, nsec_t *timeo)
{
	return inet_tcp_connect(so, to, len, timeo, &loopback);
}

static int tcp_listen(struct socket *so, int backlog)
{
	struct lo_sock *o = lo_of(so);
	int err = inet_tcp_before_listen(&o->in);

	if (err)
		return err;
	lo_lock();
	if (so->state == INET_CLOSE) {
		if (!o->in.port || !inet_may_listen(&o->in))
			err = -EADDRINUSE;
		else
			enter(o, INET_LISTEN);
	}
	if (!err)
		o->in.backlog = (u32)backlog;
	lo_unlock();
	return err;
}

/* Makes room for the first of those who wait for a place in the backlog, too. */
static int tcp_accept(struct socket *so, struct socket **out)
{
	struct lo_sock *l = lo_of(so), *conn, *c;
	int err = so->state == INET_LISTEN ? -EAGAIN : -EINVAL;

	lo_lock();
	conn = list_first_entry_or_null(&l->accepts, struct lo_sock, wait_node);
	if (conn) {
		list_del_init(&conn->wait_node);
		WRITE_ONCE(l->in.nr_accepts, l->in.nr_accepts - 1);
		*out = &conn->in.so;
		err = 0;
	}
	c = list_first_entry_or_null(&l->pending, struct lo_sock, wait_node);
	if (c && !backlog_full(l)) {
		list_del_init(&c->wait_node);
		establish(l, c, c->spare);
		c->spare = NULL;
	}
	lo_unlock();
	return err;
}

/* ---- closing ---- */

static void tcp_release(struct socket *so);

/* Those who wait at a listener that goes: accepted by nobody, or refused. */
static void drop_waiting(struct lo_sock *l)
{
	struct lo_sock *o;

	lo_lock();
	while (!list_empty(&l->deferred))
		lo_tcp_undefer(list_first_entry(&l->deferred, struct lo_sock, wait_node));
	while (!list_empty(&l->pending)) {
		o = list_first_entry(&l->pending, struct lo_sock, wait_node);
		stop_waiting(o);
		refuse(o, ECONNREFUSED);
	}
	while ((o = list_first_entry_or_null(&l->accepts, struct lo_sock, wait_node))) {
		list_del_init(&o->wait_node);
		WRITE_ONCE(l->in.nr_accepts, l->in.nr_accepts - 1);
		end_sending(o, true);
		lo_unlock();
		tcp_release(&o->in.so);
		socket_put(&o->in.so);
		lo_lock();
	}
	lo_unlock();
}

/* While its last bytes and its FIN wait for the other end's window, it stays. */
static void tcp_release(struct socket *so)
{
	struct lo_sock *o = lo_of(so);
	struct net_buf *unread;
	bool listener, linger;

	lo_lock();
	listener = so->state == INET_LISTEN;
	stop_waiting(o);
	spin_lock(&so->lock);
	unread = o->in.q.head;
	memset(&o->in.q, 0, sizeof(o->in.q));
	o->end = LO_GONE;
	spin_unlock(&so->lock);
	linger = so->flags & SOF_LINGER;
	end_sending(o, unread || (linger && !so->linger));
	o->closed = true;
	if (so->state != INET_FIN_WAIT1 && so->state != INET_CLOSING && so->state != INET_LAST_ACK)
		enter(o, so->state == INET_FIN_WAIT2 ? INET_FIN_WAIT2 : INET_CLOSE);
	else
		lo_tcp_limit(o, true);
	lo_unlock();
	if (listener)
		drop_waiting(o);
	net_buf_free_chain(unread);
	if (linger && socket_wmem(so))
		inet_tcp_linger(so);
}

static int tcp_shutdown(struct socket *so, int how)
{
	return inet_tcp_shutdown(so, how, &loopback);
}

const struct net_ops lo_tcp_ops = {
	.release = tcp_release, .destroy = lo_destroy, .bind = inet_bind, .connect = tcp_connect,
	.listen = tcp_listen, .accept = tcp_accept, .shutdown = tcp_shutdown,
	.sendmsg = lo_tcp_sendmsg, .recvmsg = lo_tcp_recvmsg, .poll = lo_tcp_poll,
	.getname = inet_getname, .setsockopt = lo_setsockopt, .getsockopt = lo_getsockopt,
	.option_changed = lo_tcp_window, .ioctl = inet_tcp_ioctl, .write_space = inet_tcp_write_space,
};
