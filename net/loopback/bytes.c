/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The bytes of TCP: onto the receiver's queue, and what is beyond its window (loopback.h).
 */
#include "loopback.h"

/* What is beyond the window. Memory is counted, so that many short pieces are not free. */
static inline u32 beyond(const struct lo_sock *o) REQUIRES(&o->in.so.lock)
{
	u32 used = o->in.q.bytes + o->in.q.count * NET_BUF_SMALL, window = READ_ONCE(o->window);

	return unlikely(used > window) ? used - window : 0;
}

void lo_tcp_window(struct socket *so)
{
	struct lo_sock *o = lo_of(so);
	u32 clamp = (u32)inet_opt(&o->in, TCP_WINDOW_CLAMP), rcvbuf = READ_ONCE(o->in.so.rcvbuf);

	WRITE_ONCE(o->window, clamp ? min(clamp, rcvbuf) : rcvbuf);
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

/* ---- the window ---- */

/* `now` bytes are charged to the sender instead of o->charged. */
static void charge(struct lo_sock *o, struct lo_sock *sender, u32 now) REQUIRES(&o->in.so.lock)
{
	atomic_add((int)(now - o->charged), &sender->in.so.wmem);
	WRITE_ONCE(o->charged, now);
}

void lo_tcp_forgive(struct lo_sock *o, struct lo_sock *sender)
{
	spin_lock(&o->in.so.lock);
	sender->sent -= o->charged;
	charge(o, sender, 0);
	spin_unlock(&o->in.so.lock);
}

bool lo_tcp_send_fin(struct lo_sock *to)
{
	bool waits;

	spin_lock(&to->in.so.lock);
	waits = to->charged;
	if (waits)
		to->end = LO_FIN_WAITS;
	spin_unlock(&to->in.so.lock);
	if (!waits)
		lo_tcp_got_fin(to);
	return !waits;
}

/* The reader made room: more is sent, and when that was all the FIN behind it. */
static noinline void made_room(struct lo_sock *o)
{
	struct lo_sock *sender;
	bool fin;

	lo_lock();
	sender = o->peer;
	if (!sender)
		goto out;
	spin_lock(&o->in.so.lock);
	charge(o, sender, min(o->charged, beyond(o)));
	fin = !o->charged && o->end == LO_FIN_WAITS;
	spin_unlock(&o->in.so.lock);
	if (inet_tcp_wants_room(&sender->in.so) || inet_opt(&sender->in, TCP_NOTSENT_LOWAT))
		lo_mark(sender, EPOLLOUT | EPOLLWRNORM);
	lo_tcp_limit(sender, true);
	if (fin) {
		lo_tcp_got_fin(o);
		lo_tcp_fin_heard(sender);
	}
out:
	lo_unlock();
}

/* ---- limits ---- */

static void waited_too_long(struct inet_due *d) NO_THREAD_SAFETY_ANALYSIS
{
	lo_tcp_give_up(container_of(d, struct lo_sock, due));
}

void lo_tcp_limit(struct lo_sock *o, bool anew)
{
	u32 ms = (u32)inet_opt(&o->in, TCP_USER_TIMEOUT);
	u32 syn = inet_tcp_syn_seconds((u32)inet_opt(&o->in, TCP_SYNCNT) + 1, ~0u) * 1000;

	if (o->listener)
		ms = (u32)inet_opt(&o->in, TCP_DEFER_ACCEPT) * 1000;
	else if (o->in.so.state == INET_SYN_SENT)
		ms = ms ? min(ms, syn) : syn;
	else if (!socket_wmem(&o->in.so))
		ms = 0;
	else if (!ms && o->closed)
		ms = INET_ORPHAN_MS;
	if (anew)
		o->since = ktime_get();
	if (ms)
		inet_due_at(&o->due, o->since + ms * NSEC_PER_MSEC, waited_too_long);
	else
		inet_due_off(&o->due);
}

/* ---- sending ---- */

/* The other end is closed for good: what we send is answered by a RST. */
static noinline void send_to_closed(struct lo_sock *o, struct lo_sock *peer)
{
	lo_lock();
	if (o->peer == peer) {
		lo_tw_end(peer, true);
		lo_tcp_got_reset(o);
	}
	lo_unlock();
}

/* 0, or -EPIPE: we have sent a FIN meanwhile. */
static int deliver(struct lo_sock *o, struct lo_sock *peer, struct net_buf *b)
{
	bool waits = false;
	u32 more;
	u8 end;

	spin_lock(&peer->in.so.lock);
	end = peer->end;
	if (unlikely(end != LO_OPEN)) {
		spin_unlock(&peer->in.so.lock);
		net_buf_free(b);
		if (end != LO_GONE)
			return -EPIPE;
		send_to_closed(o, peer);
		return 0;
	}
	o->sent += b->len;
	net_bufq_add(&peer->in.q, b);
	more = beyond(peer);
	if (unlikely(more > peer->charged)) {
		waits = !peer->charged && inet_opt(&o->in, TCP_USER_TIMEOUT);
		charge(peer, o, more);
	}
	spin_unlock(&peer->in.so.lock);
	sock_wake(&peer->in.so, EPOLL_IN_BITS);
	if (unlikely(waits)) {
		lo_lock();
		lo_tcp_limit(o, true);
		lo_unlock();
	}
	if (unlikely(READ_ONCE(peer->listener))) {
		lo_lock();
		lo_tcp_undefer(peer);
		lo_unlock();
	}
	return 0;
}

/* One piece; the socket layer comes again for the next. */
ssize_t lo_tcp_sendmsg(struct socket *so, struct net_msg *msg)
{
	u32 n = (u32)min_t(size_t, iov_iter_count(msg->iter), NET_BUF_STREAM_MAX);
	struct lo_sock *o = lo_of(so), *peer;
	struct net_buf *b;
	int err;

	if (unlikely(msg->flags & MSG_OOB))
		return -EOPNOTSUPP;
	err = inet_tcp_may_send(so);
	if (!err && inet_tcp_holds_back(&o->in, socket_wmem(so), false))
		err = -EAGAIN;
	if (unlikely(err))
		return err == -EAGAIN && !n && so->state != INET_SYN_SENT ? 0 : err;
	if (unlikely(!n))
		return 0;
	b = net_buf_make(msg->iter, n);
	if (IS_ERR(b))
		return PTR_ERR(b);
	peer = peer_get(o);
	if (unlikely(!peer)) {
		net_buf_free(b);
		return -EPIPE;
	}
	TRACE(net_tx, n, o->in.rport);
	lo_counts.tcp_out++;
	err = deliver(o, peer, b);
	socket_put(&peer->in.so);
	return err ? err : (ssize_t)n;
}

u32 lo_tcp_poll(struct socket *so, u32 lowat)
{
	u32 bits = inet_tcp_poll(so, lowat);

	if (inet_tcp_holds_back(inet_of(so), socket_wmem(so), true) &&
	    !(READ_ONCE(so->shutdown) & SEND_SHUTDOWN))
		bits &= ~EPOLL_OUT_BITS;
	return bits;
}

/* ---- receiving ---- */

static noinline ssize_t take(struct socket *so, struct net_msg *msg)
{
	ssize_t n;

	mutex_lock(&so->reader);
	n = net_stream_take(so, &inet_of(so)->q, msg, NULL);
	mutex_unlock(&so->reader);
	if (unlikely(n <= 0))
		return n;
	TRACE(net_rx, (u32)n, inet_of(so)->lport);
	if (unlikely(READ_ONCE(lo_of(so)->charged)))
		made_room(lo_of(so));
	return n;
}

ssize_t lo_tcp_recvmsg(struct socket *so, struct net_msg *msg)
{
	return inet_tcp_recvmsg(so, msg, take);
}
