/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * AF_UNIX messages with boundaries: datagrams, and the data of sequenced packets. A receiver
 * with net.unix.max_dgram_qlen messages waiting makes senders wait, unless the two are each
 * other's peers: then only the sender's own buffer limits it.
 */
#include "unix.h"

static bool may_send(struct unix_sock *from, struct unix_sock *to)
{
	struct unix_sock *peer = READ_ONCE(to->peer);

	return !peer || peer == from;
}

/* Takes the peer away, if it is `only` or that is NULL. Returns it, counted, or NULL. */
static struct unix_sock *take_peer(struct unix_sock *u, struct unix_sock *only)
{
	struct unix_sock *peer;

	spin_lock(&u->so.lock);
	peer = u->peer;
	if (only && peer != only)
		peer = NULL;
	if (peer)
		WRITE_ONCE(u->peer, NULL);
	spin_unlock(&u->so.lock);
	if (peer) {
		spin_lock(&peer->so.lock);
		if (!list_empty(&u->sender_node))
			list_del_init(&u->sender_node);
		spin_unlock(&peer->so.lock);
	}
	return peer;
}

void unix_dgram_disconnect(struct unix_sock *u)
{
	struct unix_sock *peer = take_peer(u, NULL);

	if (peer)
		unix_put(peer);
}

/* The peer `old` is no more: what it sent is dropped, and it learns of it if it was ours, too. */
static void forget_peer(struct unix_sock *u, struct unix_sock *old)
{
	struct net_buf *unread;

	mutex_lock(&u->so.reader);
	spin_lock(&u->so.lock);
	unread = u->q.head;
	memset(&u->q, 0, sizeof(u->q));
	spin_unlock(&u->so.lock);
	mutex_unlock(&u->so.reader);
	net_buf_free_chain(unread);
	if (unread && READ_ONCE(old->peer) == u) {
		WRITE_ONCE(old->so.err, ECONNRESET);
		sock_wake_all(&old->so);
	}
	unix_put(old);
}

static void leave_peer(struct unix_sock *u)
{
	struct unix_sock *old = take_peer(u, NULL);

	if (old)
		forget_peer(u, old);
}

int unix_dgram_connect(struct socket *so, const union sockaddr_any *addr, u32 len, nsec_t *timeo)
{
	struct unix_sock *u = unix_of(so), *other;
	int err;

	if (len < sizeof(addr->family))
		return -EINVAL;
	if (addr->family == AF_UNSPEC) {
		leave_peer(u);
		return 0;
	}
	if ((so->flags & SOF_PASSCRED) && !u->addr) {
		err = unix_autobind(u);
		if (err)
			return err;
	}
	other = unix_find(addr, len, so->type);
	if (IS_ERR(other))
		return (int)PTR_ERR(other);
	if (!may_send(u, other)) {
		unix_put(other);
		return -EPERM;
	}
	if (READ_ONCE(u->peer) == other) {
		unix_put(other);
		return 0;
	}
	leave_peer(u);
	socket_lock_two(so, &other->so);
	if (u->peer) {		/* another thread was faster */
		socket_unlock_two(so, &other->so);
		unix_put(other);
		return -EISCONN;
	}
	WRITE_ONCE(u->peer, other);
	list_add(&u->sender_node, &other->senders);
	u->peercred = other->peercred;
	socket_unlock_two(so, &other->so);
	sock_wake_all(so);
	return 0;
}

/* ---- sending ---- */

/* The receiver: by name or the peer, counted. */
static struct unix_sock *receiver(struct unix_sock *u, struct net_msg *msg)
{
	struct unix_sock *peer;

	if (msg->namelen)
		return unix_find(msg->name, msg->namelen, u->so.type);
	spin_lock(&u->so.lock);
	peer = u->peer ? unix_get(u->peer) : ERR_PTR(-ENOTCONN);
	spin_unlock(&u->so.lock);
	return peer;
}

/* 0 queued; -EAGAIN full; -EOWNERDEAD the receiver was closed; other -errno. */
static int deliver(struct unix_sock *u, struct unix_sock *to, struct net_buf *b)
{
	int err = 0;

	spin_lock(&to->so.lock);
	if (!may_send(u, to))
		err = -EPERM;
	else if (to->dead)
		err = -EOWNERDEAD;
	else if (to->so.shutdown & RCV_SHUTDOWN)
		err = -EPIPE;
	else if (to != u && READ_ONCE(to->peer) != u && unix_dgram_full(to))
		err = -EAGAIN;
	else
		net_bufq_add(&to->q, b);
	spin_unlock(&to->so.lock);
	if (!err)
		sock_wake(&to->so, EPOLL_IN_BITS);
	return err;
}

/* Delivers, waiting for room at the receiver. The receiver's name may be looked up again. */
static int deliver_or_wait(struct unix_sock *u, struct net_msg *msg, struct net_buf *b)
{
	for (;;) {
		struct unix_sock *to = receiver(u, msg);
		int err;

		if (IS_ERR(to))
			return (int)PTR_ERR(to);
		err = deliver(u, to, b);
		if (err == -EOWNERDEAD) {
			struct unix_sock *old = take_peer(u, to);

			if (old)
				forget_peer(u, old);
			unix_put(to);
			if (old || !msg->namelen)
				return -ECONNREFUSED;
			continue;
		}
		if (err != -EAGAIN) {
			unix_put(to);
			return err;
		}
		err = sock_wait_for(&to->so, EPOLL_OUT_BITS, true,
				    !unix_dgram_full(to) || READ_ONCE(to->dead) ||
				    (READ_ONCE(to->so.shutdown) & RCV_SHUTDOWN), &msg->timeo);
		unix_put(to);
		if (err)
			return err;
	}
}

ssize_t unix_dgram_sendmsg(struct socket *so, struct net_msg *msg)
{
	struct unix_sock *u = unix_of(so);
	size_t n = iov_iter_count(msg->iter);
	struct net_buf *b;
	int err;

	if (unlikely(msg->flags & MSG_OOB))
		return -EOPNOTSUPP;
	if (!msg->namelen && !READ_ONCE(u->peer))
		return -ENOTCONN;
	if ((so->flags & SOF_PASSCRED) && !READ_ONCE(u->addr)) {
		err = unix_autobind(u);
		if (err)
			return err;
	}
	if (n > so->sndbuf - 32 || n > NET_BUF_DGRAM)
		return -EMSGSIZE;
	err = sock_error(so);
	if (unlikely(err))
		return err;
	if (unlikely(READ_ONCE(so->shutdown) & SEND_SHUTDOWN))
		return -EPIPE;
	if (unlikely(socket_wmem(so) >= READ_ONCE(so->sndbuf)))
		return -EAGAIN;
	b = net_buf_alloc((u32)n);
	if (!b)
		return -ENOBUFS;
	err = net_buf_fill(b, msg->iter, (u32)n);
	if (likely(!err))
		err = unix_cb_fill(u, b, msg);
	if (unlikely(err)) {
		net_buf_free(b);
		return err;
	}
	if (msg->flags & MSG_EOR)
		b->flags |= BUF_EOR;
	net_stamp(b);
	net_buf_charge(b, so);
	err = deliver_or_wait(u, msg, b);
	if (unlikely(err)) {
		net_buf_free(b);
		return err;
	}
	return (ssize_t)n;
}

ssize_t unix_seqpacket_sendmsg(struct socket *so, struct net_msg *msg)
{
	int err = sock_error(so);

	if (err)
		return err;
	if (so->state != UNIX_CONNECTED)
		return -ENOTCONN;
	msg->namelen = 0;
	return unix_dgram_sendmsg(so, msg);
}

/* ---- receiving ---- */

/* Somebody may have waited for the queue to have room. */
static void made_room(struct unix_sock *u)
{
	struct unix_sock *s;

	spin_lock(&u->so.lock);
	list_for_each_entry(s, &u->senders, sender_node)
		sock_wake(&s->so, EPOLL_OUT_BITS);
	spin_unlock(&u->so.lock);
	sock_wake(&u->so, EPOLL_OUT_BITS);
}

/* Copies one message out with all that goes with it. Bytes or -EFAULT. */
static ssize_t copy_message(struct socket *so, struct net_msg *msg, struct net_buf *b)
{
	size_t n = min_t(size_t, b->len, iov_iter_count(msg->iter));
	struct unix_cb *cb = unix_cb(b);

	if (n && copy_to_iter(b->data + b->off, n, msg->iter) != n)
		return -EFAULT;
	if (n < b->len)
		msg->out_flags |= MSG_TRUNC;
	if (msg->name)
		msg->namelen = cb->from ? (u32)unix_addr_copy(cb->from, msg->name) : 0;
	if (b->flags & BUF_EOR && so->type == SOCK_SEQPACKET)
		msg->out_flags |= MSG_EOR;
	if (unlikely(so->flags & SOF_STAMPS))
		net_put_stamp(so, msg, b);
	if (so->flags & SOF_PASSCRED)
		unix_recv_cred(so, msg, &cb->cred);
	if (cb->files)
		unix_recv_files(msg, b);
	return msg->flags & MSG_TRUNC ? (ssize_t)b->len : (ssize_t)n;
}

static ssize_t nothing_there(struct socket *so, struct net_msg *msg)
{
	if (!(READ_ONCE(so->shutdown) & RCV_SHUTDOWN))
		return -EAGAIN;
	return so->type == SOCK_SEQPACKET || msg->timeo ? 0 : -EAGAIN;
}

ssize_t unix_dgram_recvmsg(struct socket *so, struct net_msg *msg)
{
	struct unix_sock *u = unix_of(so);
	bool peek = msg->flags & MSG_PEEK, was_full;
	struct net_buf *b;
	ssize_t ret;

	if (unlikely(msg->flags & MSG_OOB))
		return -EOPNOTSUPP;
	ret = sock_error(so);
	if (unlikely(ret))
		return ret;
	if (net_bufq_empty(&u->q))
		return nothing_there(so, msg);
	mutex_lock(&so->reader);
	spin_lock(&so->lock);
	was_full = unix_dgram_full(u);
	b = peek ? u->q.head : net_bufq_take(&u->q);
	was_full = was_full && !unix_dgram_full(u);
	spin_unlock(&so->lock);
	if (unlikely(!b)) {		/* another reader was faster */
		mutex_unlock(&so->reader);
		return nothing_there(so, msg);
	}
	if (unlikely(was_full))
		made_room(u);
	ret = copy_message(so, msg, b);
	mutex_unlock(&so->reader);
	if (!peek)
		net_buf_free(b);
	return ret;
}

ssize_t unix_seqpacket_recvmsg(struct socket *so, struct net_msg *msg)
{
	if (so->state != UNIX_CONNECTED)
		return -ENOTCONN;
	return unix_dgram_recvmsg(so, msg);
}
