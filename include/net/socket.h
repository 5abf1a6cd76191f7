/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A socket: the half that every protocol shares. A protocol's own struct begins with it.
 *
 * The socket layer (net/) owns descriptors, the copying of message headers, options of
 * SOL_SOCKET, blocking with timeouts and signals, and poll. The protocol (struct net_ops
 * in <net/backend.h>) owns states, queues and addresses, and never sleeps for an event:
 * it says -EAGAIN, and the socket layer waits until ops->poll() reports what is missing.
 *
 * Lifetime: the open file has one reference, dropped after ops->release(); protocols take
 * others (a peer, a name table). Bytes in flight count too: `wmem` starts at 1 for all
 * references together, and each buffer charged to the socket adds its size, so the memory
 * lives until its last buffer was read. ops->destroy() frees it then.
 *
 * Locks, outermost first: so->reader, file system and mm locks (user copies), so->lock (two
 * of them: the lower address first), so->wait.lock. so->lock is taken in task context only.
 */
#ifndef NET_SOCKET_H
#define NET_SOCKET_H

#include <arch/atomic.h>
#include <fs/poll.h>
#include <kernel/mutex.h>
#include <kernel/sched.h>
#include <kernel/spinlock.h>
#include <kernel/time.h>
#include <kernel/wait.h>
#include <lib/errno.h>
#include <net/abi.h>

struct file;
struct net_ops;
struct sock_sleeper;

/* so->shutdown */
#define RCV_SHUTDOWN	1u
#define SEND_SHUTDOWN	2u
#define SHUTDOWN_MASK	3u

/* so->flags: the options that are switches. */
#define SOF_DEBUG	(1u << 0)
#define SOF_REUSEADDR	(1u << 1)
#define SOF_REUSEPORT	(1u << 2)
#define SOF_KEEPALIVE	(1u << 3)
#define SOF_OOBINLINE	(1u << 4)
#define SOF_BROADCAST	(1u << 5)
#define SOF_DONTROUTE	(1u << 6)
#define SOF_LINGER	(1u << 7)
#define SOF_PASSCRED	(1u << 8)
#define SOF_TIMESTAMP	(1u << 9)
#define SOF_TIMESTAMPNS	(1u << 10)
#define SOF_NO_CHECK	(1u << 11)
#define SOF_RXQ_OVFL	(1u << 12)
#define SOF_TIMESTAMP_NEW (1u << 13)	/* SO_TIMESTAMP_NEW: the control message says so, too */
#define SOF_TIMESTAMPNS_NEW (1u << 14)
#define SOF_STAMPS	(SOF_TIMESTAMP | SOF_TIMESTAMPNS | SOF_TIMESTAMP_NEW | SOF_TIMESTAMPNS_NEW)

#define SOCK_BUF_DEFAULT 212992u	/* wmem_default, rmem_default */
#define SOCK_BUF_MAX	 212992u	/* wmem_max, rmem_max: what SO_SNDBUF may ask for */
#define UNIX_MAX_DGRAM_QLEN 10
/* Settings below /proc/sys/net (net/sysctl.c), which begin with these and SOMAXCONN. */
extern int net_somaxconn, net_max_dgram_qlen;
extern int net_wmem_max, net_rmem_max, net_wmem_default, net_rmem_default;
#define SOCK_MIN_SNDBUF	 4608u
#define SOCK_MIN_RCVBUF	 2304u

/*
 * Locks:  i  never changes after creation   l  so->lock (single words may be read without)
 *         a  atomic                         o  word, written by options, read anywhere
 */
struct socket {
	const struct net_ops *ops;	/* i */
	u16		family, type;	/* i */
	u16		protocol;	/* i */
	u8		state;		/* l  the protocol's */
	u8		shutdown;	/* l  RCV_SHUTDOWN, SEND_SHUTDOWN */
	int		err;		/* a  pending error, positive; sock_error() takes it */
	u32		flags;		/* a  SOF_* */
	spinlock_t	lock;
	struct wait_queue wait;		/* of sleepers, poll and epoll; keyed by EPOLL* bits */
	struct sock_sleeper *sleeper;	/* word  a reader that sleeps: see sock_sleep() */
	const u32	*readable;	/* i  a word that is 0 while nothing can be read; NULL: ask poll */
	bool		out_watch;	/* word  somebody polls or has waited to write: stays set */
	bool		no_room;	/* word  a write found no room, of which O_ASYNC tells no end yet */
	struct mutex	reader;		/* one reader of a stream at a time */
	atomic_t	refs;		/* a */
	atomic_t	wmem;		/* a  1 + bytes of buffers charged to this socket */
	u32		sndbuf, rcvbuf;	/* o  bytes */
	u32		rcvlowat;	/* o */
	u32		linger;		/* o  seconds */
	u32		priority, mark;	/* o */
	u32		bound_if;	/* o  SO_BINDTODEVICE: index, 0 any */
	nsec_t		rcvtimeo, sndtimeo; /* o  NSEC_MAX: for ever */
	struct file	*file;		/* l  not counted; NULL before accept and after close */
	u64		ino;		/* i  of the file, for /proc/net */
	u64		cookie;		/* l  SO_COOKIE; 0: nobody asked yet */
};

/* ---- life ---- */

/* For a protocol's create(): fills in the generic part, one reference. `so` is zeroed. */
void socket_init(struct socket *so, const struct net_ops *ops, int family, int type, int protocol);
static inline struct socket *socket_get(struct socket *so)
{
	atomic_inc(&so->refs);
	return so;
}
/* False, and no reference, where only buffers that are charged to the socket keep it: nobody waits on it. */
static inline bool socket_get_live(struct socket *so)
{
	return atomic_inc_not_zero(&so->refs);
}
void socket_free_last(struct socket *so);
/* Gives `n` charged bytes back; the last of all frees the socket. */
static inline void socket_uncharge(struct socket *so, u32 n)
{
	if (unlikely(atomic_sub_return((int)n, &so->wmem) == 0))
		socket_free_last(so);
}
/* Any context that may free memory. */
static inline void socket_put(struct socket *so)
{
	if (unlikely(atomic_dec_and_test(&so->refs)))
		socket_uncharge(so, 1);
}
/* Bytes charged now. */
static inline u32 socket_wmem(const struct socket *so)
{
	return (u32)atomic_read(&so->wmem) - 1;
}

/* Sockets that have a file, of all families. */
u32 sockets_used(void);
/* The socket of an open file, or NULL when it is something else. */
struct socket *socket_of(const struct file *file);
/* A file of two-way mode for `so`, whose reference it takes over (also on error). flags: O_NONBLOCK. */
struct file *socket_file(struct socket *so, int flags);

/* Two sockets' locks in their order. */
void socket_lock_two(struct socket *a, struct socket *b) ACQUIRE(&a->lock) ACQUIRE(&b->lock);
void socket_unlock_two(struct socket *a, struct socket *b) RELEASE(&a->lock) RELEASE(&b->lock);

/* ---- errors and waking ---- */

/* Takes the pending error: 0 or -errno. */
static inline int sock_error(struct socket *so)
{
	if (likely(!READ_ONCE(so->err)))
		return 0;
	return -(int)xchg(&so->err, 0);
}

#define EPOLL_IN_BITS	(EPOLLIN | EPOLLRDNORM)
#define EPOLL_OUT_BITS	(EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND)
#define EPOLL_ALL_BITS	(EPOLL_IN_BITS | EPOLL_OUT_BITS | EPOLLRDHUP | EPOLLHUP | EPOLLERR)

/* Wakes the one in so->sleeper; after the caller's full barrier. */
void sock_wake_sleeper(struct socket *so);

/*
 * Wakes who waits for one of these bits, of exclusive sleepers one. The caller changed
 * the state before. Any context; so->lock may be held.
 */
static inline void sock_wake(struct socket *so, u32 bits)
{
	smp_mb();	/* the change before the look at who sleeps */
	if ((bits & ~EPOLL_OUT_BITS) && READ_ONCE(so->sleeper))
		sock_wake_sleeper(so);
	if (!wait_queue_empty(&so->wait))
		wake_up_sleepers(&so->wait, TASK_NORMAL, 1, (void *)(unsigned long)bits);
}
/* Everybody: the state itself changed. */
static inline void sock_wake_all(struct socket *so)
{
	smp_mb();
	if (READ_ONCE(so->sleeper))
		sock_wake_sleeper(so);
	if (!wait_queue_empty(&so->wait))
		wake_up_sleepers(&so->wait, TASK_NORMAL, 0, (void *)(unsigned long)EPOLL_ALL_BITS);
}

/* ---- sleeping, keyed by EPOLL* bits ---- */

struct sock_waiter {
	struct wait_entry entry;
	u32		  bits;
};

int sock_waiter_wake(struct wait_entry *entry, unsigned state, void *key);
static inline void sock_waiter_init(struct sock_waiter *w, struct socket *so, u32 bits)
{
	if (bits & EPOLLOUT)
		WRITE_ONCE(so->out_watch, true);
	init_wait_func(&w->entry, sock_waiter_wake, current);
	w->bits = bits | EPOLLERR | EPOLLHUP;
}
/* 0: look again; -EAGAIN: *timeo is or ran out; -ERESTARTSYS, or -EINTR if it is limited. */
int sock_waiter_sleep(nsec_t *timeo);

/*
 * Sleeps once unless one of `bits` is true, for a caller that tries its operation again.
 * Result of sock_waiter_sleep().
 *
 * Nearly always one task reads a socket. That one needs no place in a queue: it leaves a
 * pointer to itself, which whoever wakes takes out, wakes, and then lets go by clearing `task`;
 * only then may the sleeper's stack frame end. A second reader, and all who wait to write,
 * stand in so->wait.
 */
struct sock_sleeper {
	struct task *task;		/* NULL: the waker is done with it */
};
int sock_sleep(struct socket *so, u32 bits, bool exclusive, nsec_t *timeo);

/* Sleeps until `cond`, woken by `bits`. Result of sock_waiter_sleep(), or 0. */
#define sock_wait_for(so, bits, exclusive, cond, timeo) ({			\
	struct sock_waiter waiter_;						\
	int ret_ = 0;								\
	sock_waiter_init(&waiter_, so, bits);					\
	for (;;) {								\
		if (exclusive)							\
			prepare_to_wait_exclusive(&(so)->wait, &waiter_.entry,	\
						  TASK_INTERRUPTIBLE);		\
		else								\
			prepare_to_wait(&(so)->wait, &waiter_.entry,		\
					TASK_INTERRUPTIBLE);			\
		if (cond)							\
			break;							\
		ret_ = sock_waiter_sleep(timeo);				\
		if (ret_)							\
			break;							\
	}									\
	finish_wait(&(so)->wait, &waiter_.entry);				\
	ret_;									\
})

#endif
