/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Buffers: bytes of one message or one piece of a stream, on their way between sockets.
 *
 * Header and bytes are one block: from a cache of small ones, so that a short message
 * costs two cheap allocator calls and one cache line or three, or from kmalloc. A buffer
 * that was charged to a socket gives its size back when it is freed, and the sender is
 * woken when that makes it writable (net_ops.write_space).
 *
 * Queues are singly linked and have no lock of their own: the socket's lock guards them.
 */
#ifndef NET_BUF_H
#define NET_BUF_H

#include <fs/uio.h>
#include <lib/err.h>
#include <mm/slab.h>
#include <net/socket.h>

#define NET_BUF_SMALL	256u		/* whole block, header included */
#define NET_BUF_LARGE	8192u		/* largest piece of a stream, header included */
#define NET_BUF_DGRAM	(1u << 20)	/* largest datagram that is asked for as one block */

struct net_buf {
	struct net_buf	*next;
	struct socket	*owner;		/* charged, or NULL */
	u32		off, len;	/* the bytes not yet read */
	u32		size;		/* of the block: what is charged */
	u32		flags;		/* BUF_* */
	nsec_t		stamp;		/* real time of arrival, 0 unknown */
	u64		cb[6];		/* the protocol's */
	u8		data[];
};
#define BUF_EOR		1u		/* ends a record */
#define BUF_SPECIAL	2u		/* cb[0] is a net_ops whose buf_release() sees it before it is freed */

#define NET_BUF_ROOM(block)	((block) - (u32)sizeof(struct net_buf))
#define NET_BUF_STREAM_MAX	NET_BUF_ROOM(NET_BUF_LARGE)

struct net_bufq {
	struct net_buf	*head, *tail;
	u32		count;		/* buffers */
	u32		bytes;
};

extern struct kmem_cache *net_buf_cache;	/* of small blocks */

/* For `room` bytes, nothing in it, charged to nobody. May sleep. NULL: no memory. */
static inline struct net_buf *net_buf_alloc_gfp(u32 room, gfp_t gfp)
{
	u32 size = NET_BUF_SMALL;
	struct net_buf *b;

	if (likely(room <= NET_BUF_ROOM(NET_BUF_SMALL))) {
		b = kmem_cache_alloc(net_buf_cache, gfp);
	} else {
		size = room + (u32)sizeof(*b);
		b = kvmalloc(size, gfp);
	}
	if (unlikely(!b))
		return NULL;
	b->owner = NULL;
	b->off = b->len = 0;
	b->size = size;
	b->flags = 0;
	b->stamp = 0;
	return b;
}
static inline struct net_buf *net_buf_alloc(u32 room)
{
	return net_buf_alloc_gfp(room, GFP_KERNEL);
}
/* Charges it to `so`: one reference for as long as it lives. */
static inline void net_buf_charge(struct net_buf *b, struct socket *so)
{
	b->owner = so;
	atomic_add((int)b->size, &so->wmem);
}
/* May sleep (what BUF_SPECIAL ones carry). */
void net_buf_free(struct net_buf *b);
/* Copies n bytes in behind what is there. 0 or -EFAULT. */
static inline int net_buf_fill(struct net_buf *b, struct iov_iter *from, u32 n)
{
	if (unlikely(!copy_from_iter_full(b->data + b->off + b->len, n, from)))
		return -EFAULT;
	b->len += n;
	return 0;
}

/* One of n bytes from there. ERR_PTR: -ENOBUFS, -EFAULT. */
static __always_inline struct net_buf *net_buf_make(struct iov_iter *from, u32 n)
{
	struct net_buf *b = net_buf_alloc(n);

	if (unlikely(!b))
		return ERR_PTR(-ENOBUFS);
	if (likely(!net_buf_fill(b, from, n)))
		return NOT_ERR(b);
	net_buf_free(b);
	return ERR_PTR(-EFAULT);
}

static inline void net_bufq_add(struct net_bufq *q, struct net_buf *b)
{
	b->next = NULL;
	/* A stream's reader follows the links without the lock. */
	__atomic_store_n(q->head ? &q->tail->next : &q->head, b, __ATOMIC_RELEASE);
	q->tail = b;
	q->count++;
	q->bytes += b->len;
}
static inline struct net_buf *net_bufq_take(struct net_bufq *q)
{
	struct net_buf *b = q->head;

	if (b) {
		WRITE_ONCE(q->head, b->next);
		q->count--;
		q->bytes -= b->len;
	}
	return b;
}
static inline bool net_bufq_empty(const struct net_bufq *q)
{
	return !READ_ONCE(q->head);
}
/* Frees a chain that was cut off a queue. */
void net_buf_free_chain(struct net_buf *b);

/* ---- messages ---- */

struct scm_files;

/* One call's message: the bytes, the address, and the data beside them. */
struct net_msg {
	struct iov_iter	*iter;
	union sockaddr_any *name;	/* kernel memory or NULL; recv: for the sender's address */
	u32		namelen;	/* send: bytes in it; recv: set by the op, 0 none */
	u32		flags;		/* MSG_* asked for */
	u32		out_flags;	/* recv: MSG_TRUNC, MSG_CTRUNC, MSG_EOR */
	bool		stop;		/* recv: a boundary, do not go on for MSG_WAITALL */
	bool		has_cred;	/* send: cred was given and checked */
	size_t		done;		/* bytes moved by earlier rounds of this call */
	nsec_t		timeo;		/* what is left; 0: do not block */
	struct ucred	cred;
	struct scm_files *files;	/* send: SCM_RIGHTS, taken over by the op that queues it */
	u8		*control;	/* send: kernel copy for levels that are not SOL_SOCKET */
	size_t		control_len;
	void __user	*user_control;	/* recv: place left */
	size_t		user_left;
};

/* recv: adds one control message; sets MSG_CTRUNC when it does not fit. 0 or -EFAULT. */
int net_put_cmsg(struct net_msg *msg, int level, int type, const void *data, size_t len);
/* recv: the time stamp messages that SO_TIMESTAMP* ask for. */
void net_put_stamp(struct socket *so, struct net_msg *msg, const struct net_buf *b);
/* Sets b->stamp if any socket has asked for stamps (net_stamp_enable). */
extern u32 net_stamp_users;
static inline void net_stamp(struct net_buf *b)
{
	if (unlikely(READ_ONCE(net_stamp_users)))
		b->stamp = ktime_get_real();
}
void net_stamp_enable(void);

/* Files in flight; see net/unix/scm.c. */
struct scm_files *scm_files_import(const int *fds, u32 count);	/* ERR_PTR */
void scm_files_drop(struct scm_files *files);			/* never queued */

/*
 * Reads from a queue of stream pieces into msg->iter; so->reader is held. Removes what was
 * read unless MSG_PEEK. Returns bytes (0: nothing there), or -EFAULT if none. `piece`, if
 * any, is asked about each piece, with first = the call's first: negative, stop before it;
 * positive, stop after it.
 */
ssize_t net_stream_take(struct socket *so, struct net_bufq *q, struct net_msg *msg,
			int (*piece)(struct socket *so, struct net_msg *msg,
				     struct net_buf *b, bool first));

#endif
