/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * AF_UNIX connections: connecting and accepting (streams and sequenced packets), and the
 * bytes of streams.
 */
#include "unix.h"

/* ---- connecting ---- */

static bool backlog_full(const struct unix_sock *l)
{
	return READ_ONCE(l->nr_accepts) > READ_ONCE(l->backlog);
}

/* Sleeps until the listener has room or is gone. */
static int wait_for_backlog(struct unix_sock *l, nsec_t *timeo)
{
	return sock_wait_for(&l->so, EPOLL_OUT_BITS, true,
			     !backlog_full(l) || READ_ONCE(l->dead) ||
			     READ_ONCE(l->so.state) != UNIX_LISTEN, timeo);
}

/* Both locked: joins u with `conn`, which waits at the listener to be accepted. */
static int join_listener(struct unix_sock *l, struct unix_sock *u, struct unix_sock *conn)
	REQUIRES(&l->so.lock)
{
	if (l->so.state != UNIX_LISTEN || (l->so.shutdown & RCV_SHUTDOWN))
		return -ECONNREFUSED;
	if (backlog_full(l))
		return -EAGAIN;
	if (u->so.state != UNIX_CLOSED)
		return u->so.state == UNIX_CONNECTED ? -EISCONN : -EINVAL;
	conn->so.state = u->so.state = UNIX_CONNECTED;
	conn->peer = unix_get(u);
	u->peer = unix_get(conn);
	refcount_inc(&l->addr->refs);
	conn->addr = l->addr;
	unix_set_own_cred(&conn->peercred);
	u->peercred = l->peercred;
	list_add_tail(&conn->accept_node, &l->accepts);
	WRITE_ONCE(l->nr_accepts, l->nr_accepts + 1);
	return 0;
}

int unix_stream_connect(struct socket *so, const union sockaddr_any *addr, u32 len, nsec_t *timeo)
{
	struct unix_sock *u = unix_of(so), *l, *conn;
	struct socket *conn_so;
	bool dead;
	int err;

	if ((so->flags & SOF_PASSCRED) && !u->addr) {
		err = unix_autobind(u);
		if (err)
			return err;
	}
	conn_so = unix_new(so->ops, so->type, so->protocol);
	if (!conn_so)
		return -ENOMEM;
	conn = unix_of(conn_so);
	for (;;) {
		l = unix_find(addr, len, so->type);
		if (IS_ERR(l)) {
			err = (int)PTR_ERR(l);
			break;
		}
		socket_lock_two(&l->so, so);
		dead = l->dead;
		err = dead ? -EAGAIN : join_listener(l, u, conn);
		socket_unlock_two(&l->so, so);
		if (!err)
			sock_wake(&l->so, EPOLL_IN_BITS);
		else if (err == -EAGAIN && !dead)
			err = wait_for_backlog(l, timeo) ?: -ERESTART_RESTARTBLOCK;
		else if (dead)
			err = -ERESTART_RESTARTBLOCK;
		unix_put(l);
		if (!err)
			return 0;
		if (err != -ERESTART_RESTARTBLOCK)	/* else: look the name up again */
			break;
	}
	unix_unbind(conn);
	socket_put(conn_so);
	return err;
}

int unix_listen(struct socket *so, int backlog)
{
	struct unix_sock *u = unix_of(so);
	int err = -EINVAL;

	spin_lock(&so->lock);
	if (u->addr && so->state != UNIX_CONNECTED) {
		so->state = UNIX_LISTEN;
		WRITE_ONCE(u->backlog, (u32)backlog);
		unix_set_own_cred(&u->peercred);
		err = 0;
	}
	spin_unlock(&so->lock);
	if (!err)
		sock_wake_all(so);
	return err;
}

int unix_accept(struct socket *so, struct socket **out)
{
	struct unix_sock *u = unix_of(so), *conn = NULL;
	int err = 0;

	spin_lock(&so->lock);
	if (so->state != UNIX_LISTEN)
		err = -EINVAL;
	else
		conn = list_first_entry_or_null(&u->accepts, struct unix_sock, accept_node);
	if (conn) {
		list_del_init(&conn->accept_node);
		WRITE_ONCE(u->nr_accepts, u->nr_accepts - 1);
	} else if (!err) {
		err = so->shutdown & RCV_SHUTDOWN ? -ESHUTDOWN : -EAGAIN;
	}
	spin_unlock(&so->lock);
	if (!conn)
		return err;
	sock_wake(so, EPOLL_OUT_BITS);	/* who waits for a place in the backlog */
	*out = &conn->so;
	return 0;
}

/* ---- bytes ---- */

/* Puts a buffer onto the peer's queue. 0, or -EPIPE when nobody will read it. */
static int deliver(struct unix_sock *peer, struct net_buf *b)
{
	spin_lock(&peer->so.lock);
	if (unlikely(peer->dead || (peer->so.shutdown & RCV_SHUTDOWN))) {
		spin_unlock(&peer->so.lock);
		return -EPIPE;
	}
	net_bufq_add(&peer->q, b);
	spin_unlock(&peer->so.lock);
	sock_wake(&peer->so, EPOLL_IN_BITS);
	return 0;
}

/* One piece. Bytes, or -errno. */
static ssize_t send_piece(struct unix_sock *u, struct unix_sock *peer, struct net_msg *msg)
{
	u32 n = (u32)min_t(size_t, iov_iter_count(msg->iter), NET_BUF_STREAM_MAX);
	struct net_buf *b;
	int err;

	if (unlikely(READ_ONCE(u->so.shutdown) & SEND_SHUTDOWN))
		return -EPIPE;
	if (unlikely(READ_ONCE(u->so.err) && (err = sock_error(&u->so))))
		return err;
	if (unlikely(socket_wmem(&u->so) >= READ_ONCE(u->so.sndbuf)))
		return -EAGAIN;
	n = min(n, max(u->so.sndbuf / 2, 64u));
	b = net_buf_alloc(n);
	if (unlikely(!b))
		return -ENOBUFS;
	err = unix_cb_fill(u, b, msg);
	if (likely(!err))
		err = net_buf_fill(b, msg->iter, n);
	if (likely(!err)) {
		net_buf_charge(b, &u->so);
		err = deliver(peer, b);
	}
	if (unlikely(err)) {
		net_buf_free(b);
		return err;
	}
	return n;
}

ssize_t unix_stream_sendmsg(struct socket *so, struct net_msg *msg)
{
	struct unix_sock *u = unix_of(so), *peer = READ_ONCE(u->peer);
	ssize_t done = 0, n;

	if (unlikely(msg->flags & MSG_OOB))
		return -EOPNOTSUPP;
	if (unlikely(msg->namelen))
		return so->state == UNIX_CONNECTED ? -EISCONN : -EOPNOTSUPP;
	if (unlikely(!peer))
		return -ENOTCONN;
	if (unlikely(!iov_iter_count(msg->iter)))
		return READ_ONCE(so->shutdown) & SEND_SHUTDOWN ? -EPIPE : 0;
	do {
		n = send_piece(u, peer, msg);
		if (unlikely(n < 0))
			return done ? done : n;
		done += n;
	} while (iov_iter_count(msg->iter));
	return done;
}

/* Asked about each piece of a read: boundaries between writers, and files. */
static int read_piece(struct socket *so, struct net_msg *msg, struct net_buf *b, bool first)
{
	struct unix_cb *cb = unix_cb(b);

	if (first) {
		msg->cred = cb->cred;
		if (unlikely(so->flags & SOF_PASSCRED))
			unix_recv_cred(so, msg, &cb->cred);
		if (msg->name) {
			struct unix_sock *from = READ_ONCE(unix_of(so)->peer);
			const struct unix_addr *a = from ? READ_ONCE(from->addr) : NULL;

			msg->namelen = a ? (u32)unix_addr_copy(a, msg->name) : 0;
		}
	} else if (unlikely((so->flags & SOF_PASSCRED) &&
			    memcmp(&msg->cred, &cb->cred, sizeof(cb->cred)))) {
		return -1;
	}
	if (unlikely(cb->files)) {
		unix_recv_files(msg, b);
		if (!(msg->flags & MSG_PEEK)) {
			msg->files = cb->files;
			cb->files = NULL;
		}
		return 1;
	}
	return 0;
}

ssize_t unix_stream_recvmsg(struct socket *so, struct net_msg *msg)
{
	struct unix_sock *u = unix_of(so);
	ssize_t ret;

	if (unlikely(so->state != UNIX_CONNECTED))
		return -EINVAL;
	if (unlikely(msg->flags & MSG_OOB))
		return -EOPNOTSUPP;
	msg->flags &= ~(u32)MSG_TRUNC;
	ret = 0;
	if (!net_bufq_empty(&u->q)) {
		mutex_lock(&so->reader);
		ret = net_stream_take(so, &u->q, msg, read_piece);
		mutex_unlock(&so->reader);
		if (unlikely(msg->files)) {
			scm_files_drop(msg->files);
			msg->files = NULL;
		}
	}
	if (likely(ret) || !iov_iter_count(msg->iter))
		return ret;
	if (unlikely(READ_ONCE(so->err)))
		return msg->done ? 0 : sock_error(so);
	/* Once more: the last bytes may have come just before the end. */
	if (READ_ONCE(so->shutdown) & RCV_SHUTDOWN) {
		smp_rmb();
		return net_bufq_empty(&u->q) ? 0 : -EAGAIN;
	}
	return -EAGAIN;
}
