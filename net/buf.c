/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Buffers and the reading of streams made of them; see <net/buf.h>.
 */
#include <kernel/init.h>
#include <kernel/panic.h>
#include <lib/string.h>
#include <mm/slab.h>
#include <net/backend.h>

struct kmem_cache *net_buf_cache;

void net_buf_free(struct net_buf *b)
{
	struct socket *owner = b->owner;
	u32 size = b->size;

	if (unlikely(b->flags & BUF_SPECIAL))
		((const struct net_ops *)(uintptr_t)b->cb[0])->buf_release(b);
	if (likely(size == NET_BUF_SMALL))
		kmem_cache_free(net_buf_cache, b);
	else
		kvfree(b);
	if (!owner)
		return;
	/* One byte of the charge keeps the owner until its writers were looked after. */
	atomic_sub((int)size - 1, &owner->wmem);
	smp_mb();
	if (READ_ONCE(owner->out_watch))
		owner->ops->write_space(owner);
	socket_uncharge(owner, 1);
}

void net_buf_free_chain(struct net_buf *b)
{
	while (b) {
		struct net_buf *next = b->next;

		net_buf_free(b);
		b = next;
	}
}

/* Marks n bytes of the head as read; frees it when nothing is left. */
static void consume(struct socket *so, struct net_bufq *q, struct net_buf *b, u32 n)
{
	bool empty;

	spin_lock(&so->lock);
	b->off += n;
	b->len -= n;
	q->bytes -= n;
	empty = !b->len;
	if (empty)
		net_bufq_take(q);
	spin_unlock(&so->lock);
	if (empty)
		net_buf_free(b);
}

static noinline ssize_t take_pieces(struct socket *so, struct net_bufq *q, struct net_msg *msg,
				    int (*piece)(struct socket *, struct net_msg *, struct net_buf *, bool))
{
	bool peek = msg->flags & MSG_PEEK;
	struct net_buf *b = __atomic_load_n(&q->head, __ATOMIC_ACQUIRE);
	ssize_t done = 0;

	while (b && iov_iter_count(msg->iter)) {
		u32 n = (u32)min_t(size_t, b->len, iov_iter_count(msg->iter));
		int verdict = piece ? piece(so, msg, b, !done && !msg->done) : 0;

		if (unlikely(verdict < 0)) {
			msg->stop = true;
			break;
		}
		if (unlikely(msg->flags & MSG_TRUNC))
			iov_iter_advance(msg->iter, n);	/* TCP: throw away */
		else if (unlikely(copy_to_iter(b->data + b->off, n, msg->iter) != n))
			return done ? done : -EFAULT;
		done += n;
		if (peek) {
			b = __atomic_load_n(&b->next, __ATOMIC_ACQUIRE);
		} else {
			consume(so, q, b, n);
			b = __atomic_load_n(&q->head, __ATOMIC_ACQUIRE);
		}
		if (unlikely(verdict > 0)) {
			msg->stop = true;
			break;
		}
	}
	if (peek)
		msg->stop = true;
	return done;
}

ssize_t net_stream_take(struct socket *so, struct net_bufq *q, struct net_msg *msg,
			int (*piece)(struct socket *, struct net_msg *, struct net_buf *, bool))
{
	struct net_buf *b = __atomic_load_n(&q->head, __ATOMIC_ACQUIRE);
	u32 n;

	/* Most reads get one piece, whole: the last there is, or all that is wanted. */
	if (unlikely(!b || piece || (msg->flags & (MSG_PEEK | MSG_TRUNC))))
		return take_pieces(so, q, msg, piece);
	n = b->len;
	if (unlikely(n > iov_iter_count(msg->iter) ||
		     (n < iov_iter_count(msg->iter) && READ_ONCE(b->next))))
		return take_pieces(so, q, msg, piece);
	if (unlikely(!copy_to_iter_full(b->data + b->off, n, msg->iter)))
		return -EFAULT;
	spin_lock(&so->lock);
	net_bufq_take(q);
	spin_unlock(&so->lock);
	net_buf_free(b);
	return n;
}

/* ---- time stamps ---- */

u32 net_stamp_users;		/* sockets that ever asked: stamps are taken from then on */

void net_stamp_enable(void)
{
	WRITE_ONCE(net_stamp_users, 1);
}

void net_put_stamp(struct socket *so, struct net_msg *msg, const struct net_buf *b)
{
	nsec_t stamp = b->stamp ? b->stamp : ktime_get_real();
	s64 pair[2] = { (s64)(stamp / NSEC_PER_SEC), (s64)(stamp % NSEC_PER_SEC) };

	int type = so->flags & SOF_TIMESTAMPNS ? SO_TIMESTAMPNS_OLD :
		   so->flags & SOF_TIMESTAMP ? SO_TIMESTAMP_OLD :
		   so->flags & SOF_TIMESTAMPNS_NEW ? SO_TIMESTAMPNS_NEW : SO_TIMESTAMP_NEW;

	if (type == SO_TIMESTAMP_OLD || type == SO_TIMESTAMP_NEW)
		pair[1] /= NSEC_PER_USEC;
	net_put_cmsg(msg, SOL_SOCKET, type, pair, sizeof(pair));
}

static int __init net_buf_init(void)
{
	net_buf_cache = kmem_cache_create("net_buf", NET_BUF_SMALL, 64, NULL);
	if (!net_buf_cache)
		panic("net: no memory for buffers");
	return 0;
}
core_initcall(net_buf_init);
