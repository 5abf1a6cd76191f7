/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * AF_UNIX: creation, the end, readiness, and the tables of operations. See unix.h.
 */
#include "unix.h"

static struct kmem_cache *unix_cache;

void unix_set_own_cred(struct ucred *c)
{
	c->pid = (u32)current->proc->pid;
	c->uid = current_euid();
	c->gid = current_egid();
}

struct socket *unix_new(const struct net_ops *ops, int type, int protocol)
{
	struct unix_sock *u = kmem_cache_zalloc(unix_cache, GFP_KERNEL);

	if (!u)
		return NULL;
	socket_init(&u->so, ops, AF_UNIX, type, protocol);
	u->so.readable = &u->q.count;
	INIT_LIST_HEAD(&u->accepts);
	INIT_LIST_HEAD(&u->accept_node);
	INIT_LIST_HEAD(&u->senders);
	INIT_LIST_HEAD(&u->sender_node);
	INIT_LIST_HEAD(&u->inflight_node);
	INIT_LIST_HEAD(&u->gc_node);
	INIT_HLIST_NODE(&u->name_node);
	u->backlog = (u32)READ_ONCE(net_max_dgram_qlen);
	u->peercred = (struct ucred){ 0, INVALID_UID, INVALID_GID };
	unix_names_add(u);
	return &u->so;
}

int unix_create(int type, int protocol, struct socket **out)
{
	const struct net_ops *ops;

	if (protocol && protocol != AF_UNIX)
		return -EPROTONOSUPPORT;
	switch (type) {
	case SOCK_STREAM:
		ops = &unix_stream_ops;
		break;
	case SOCK_RAW:
		type = SOCK_DGRAM;	/* as old programs expect */
		fallthrough;
	case SOCK_DGRAM:
		ops = &unix_dgram_ops;
		break;
	case SOCK_SEQPACKET:
		ops = &unix_seqpacket_ops;
		break;
	default:
		return -ESOCKTNOSUPPORT;
	}
	*out = unix_new(ops, type, 0);
	return *out ? 0 : -ENOMEM;
}

void unix_pair(struct socket *a, struct socket *b)
{
	struct unix_sock *ua = unix_of(a), *ub = unix_of(b);

	ua->peer = unix_get(ub);
	ub->peer = unix_get(ua);
	unix_set_own_cred(&ua->peercred);
	unix_set_own_cred(&ub->peercred);
	if (a->type != SOCK_DGRAM) {
		a->state = b->state = UNIX_CONNECTED;
	} else {
		list_add(&ua->sender_node, &ub->senders);
		list_add(&ub->sender_node, &ua->senders);
	}
}

/* ---- the end ---- */

/* Tells the other end of a connection; `lost`: bytes that were never read. */
static void hang_up(struct unix_sock *peer, bool lost)
{
	spin_lock(&peer->so.lock);
	peer->so.shutdown = SHUTDOWN_MASK;
	if (lost)
		WRITE_ONCE(peer->so.err, ECONNRESET);
	spin_unlock(&peer->so.lock);
	sock_wake_all(&peer->so);
}

static void release_one(struct unix_sock *u, bool embryo)
{
	struct net_buf *unread;
	struct unix_sock *peer;
	u32 type = u->so.type;

	if (type == SOCK_DGRAM)
		unix_dgram_disconnect(u);
	spin_lock(&u->so.lock);
	u->dead = true;
	u->so.state = UNIX_CLOSED;
	u->so.shutdown = SHUTDOWN_MASK;
	peer = u->peer;
	u->peer = NULL;
	unread = u->q.head;
	memset(&u->q, 0, sizeof(u->q));
	spin_unlock(&u->so.lock);
	unix_unbind(u);
	if (peer) {
		hang_up(peer, unread || embryo);
		unix_put(peer);
	}
	net_buf_free_chain(unread);
}

/* Connections that nobody accepted end with their listener. */
static void drop_embryos(struct unix_sock *u)
{
	for (;;) {
		struct unix_sock *e;

		spin_lock(&u->so.lock);
		e = list_first_entry_or_null(&u->accepts, struct unix_sock, accept_node);
		if (e)
			list_del_init(&e->accept_node);
		spin_unlock(&u->so.lock);
		if (!e)
			return;
		release_one(e, true);
		unix_put(e);
	}
}

/* Senders that wait for room, and pollers of connected ones, learn that nobody reads. */
static void wake_senders(struct unix_sock *u)
{
	struct unix_sock *s, *next;

	spin_lock(&u->so.lock);
	list_for_each_entry_safe(s, next, &u->senders, sender_node) {
		list_del_init(&s->sender_node);
		sock_wake(&s->so, EPOLL_OUT_BITS);
	}
	spin_unlock(&u->so.lock);
	sock_wake_all(&u->so);
}

static void unix_release(struct socket *so)
{
	struct unix_sock *u = unix_of(so);

	release_one(u, false);
	drop_embryos(u);
	wake_senders(u);
	if (unix_any_inflight())
		unix_gc();
}

static void unix_destroy(struct socket *so)
{
	struct unix_sock *u = unix_of(so);

	if (u->addr)
		unix_addr_put(u->addr);
	kmem_cache_free(unix_cache, u);
}

static int unix_shutdown(struct socket *so, int how)
{
	u8 mode = (u8)(how + 1), theirs = 0;
	struct unix_sock *u = unix_of(so), *peer;

	spin_lock(&so->lock);
	so->shutdown |= mode;
	peer = u->peer ? unix_get(u->peer) : NULL;
	spin_unlock(&so->lock);
	if (peer && so->type != SOCK_DGRAM) {
		if (mode & RCV_SHUTDOWN)
			theirs |= SEND_SHUTDOWN;
		if (mode & SEND_SHUTDOWN)
			theirs |= RCV_SHUTDOWN;
		spin_lock(&peer->so.lock);
		peer->so.shutdown |= theirs;
		spin_unlock(&peer->so.lock);
		sock_wake_all(&peer->so);
	}
	if (peer)
		unix_put(peer);
	sock_wake_all(so);
	return 0;
}

/* ---- asking ---- */

static u32 poll_common(struct unix_sock *u)
{
	u32 mask = 0;

	if (READ_ONCE(u->so.err))
		mask |= EPOLLERR;
	if (READ_ONCE(u->so.shutdown) == SHUTDOWN_MASK)
		mask |= EPOLLHUP;
	if (READ_ONCE(u->so.shutdown) & RCV_SHUTDOWN)
		mask |= EPOLLRDHUP | EPOLL_IN_BITS;
	if (!net_bufq_empty(&u->q) || READ_ONCE(u->nr_accepts))
		mask |= EPOLL_IN_BITS;
	if (u->so.type != SOCK_DGRAM && READ_ONCE(u->so.state) == UNIX_CLOSED)
		mask |= EPOLLHUP;
	return mask;
}

u32 unix_poll_stream(struct socket *so, u32 lowat)
{
	struct unix_sock *u = unix_of(so);

	return poll_common(u) | (unix_writable(u) ? EPOLL_OUT_BITS : 0);
}

u32 unix_poll_packet(struct socket *so, u32 lowat)
{
	struct unix_sock *u = unix_of(so), *peer;
	bool room = unix_writable(u);

	spin_lock(&so->lock);
	peer = u->peer;
	if (room && peer && so->type == SOCK_DGRAM && READ_ONCE(peer->peer) != u &&
	    unix_dgram_full(peer) && !READ_ONCE(peer->dead))
		room = false;
	spin_unlock(&so->lock);
	return poll_common(u) | (room ? EPOLL_OUT_BITS : 0);
}

static void unix_write_space(struct socket *so)
{
	if (unix_writable(unix_of(so)))
		sock_wake(so, EPOLL_OUT_BITS);
}

static int unix_getname(struct socket *so, union sockaddr_any *addr, bool peer)
{
	struct unix_sock *u = unix_of(so);
	int len = -ENOTCONN;

	spin_lock(&so->lock);
	if (!peer)
		len = unix_addr_copy(u->addr, addr);
	else if (u->peer)
		len = unix_addr_copy(READ_ONCE(u->peer->addr), addr);
	spin_unlock(&so->lock);
	return len;
}

static int unix_getsockopt(struct socket *so, int level, int name, void *val, u32 *len)
{
	struct unix_sock *u = unix_of(so);

	if (level != SOL_SOCKET)
		return -EOPNOTSUPP;
	switch (name) {
	case SO_PEERCRED:
		spin_lock(&so->lock);
		memcpy(val, &u->peercred, sizeof(u->peercred));
		spin_unlock(&so->lock);
		*len = min(*len, (u32)sizeof(u->peercred));
		return 0;
	case SO_ACCEPTCONN:
		*(int *)val = so->state == UNIX_LISTEN;
		*len = min(*len, (u32)sizeof(int));
		return 0;
	default:
		return -ENOPROTOOPT;
	}
}

static long unix_ioctl(struct socket *so, unsigned cmd, unsigned long arg)
{
	struct unix_sock *u = unix_of(so);
	u32 n;

	switch (cmd) {
	case SIOCOUTQ:
		return net_put_int(arg, (int)socket_wmem(so));
	case SIOCINQ:
		if (so->state == UNIX_LISTEN)
			return -EINVAL;
		spin_lock(&so->lock);
		n = so->type == SOCK_DGRAM ? (u->q.head ? u->q.head->len : 0) : u->q.bytes;
		spin_unlock(&so->lock);
		return net_put_int(arg, (int)n);
	case SIOCATMARK:	/* no urgent data, so no mark */
		return so->type == SOCK_STREAM ? net_put_int(arg, 0) : -EOPNOTSUPP;
	default:
		return -ENOIOCTLCMD;
	}
}

#define UNIX_COMMON								\
	.release = unix_release, .destroy = unix_destroy, .bind = unix_bind,	\
	.shutdown = unix_shutdown, .getname = unix_getname,			\
	.getsockopt = unix_getsockopt, .ioctl = unix_ioctl,			\
	.write_space = unix_write_space, .buf_release = unix_buf_release

const struct net_ops unix_stream_ops = {
	UNIX_COMMON, .connect = unix_stream_connect, .listen = unix_listen, .accept = unix_accept,
	.sendmsg = unix_stream_sendmsg, .recvmsg = unix_stream_recvmsg, .poll = unix_poll_stream,
};
const struct net_ops unix_seqpacket_ops = {
	UNIX_COMMON, .connect = unix_stream_connect, .listen = unix_listen, .accept = unix_accept,
	.sendmsg = unix_seqpacket_sendmsg, .recvmsg = unix_seqpacket_recvmsg,
	.poll = unix_poll_packet,
};
const struct net_ops unix_dgram_ops = {
	UNIX_COMMON, .connect = unix_dgram_connect, .sendmsg = unix_dgram_sendmsg,
	.recvmsg = unix_dgram_recvmsg, .poll = unix_poll_packet,
};

static int __init unix_init(void)
{
	unix_cache = KMEM_CACHE(unix_sock);
	return unix_cache ? 0 : -ENOMEM;
}
subsys_initcall(unix_init);
