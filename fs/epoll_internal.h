/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A set of watched files, for fs/epoll.c, which keeps it, and fs/epoll_wait.c, which waits for
 * it. The essay, with the order of the locks, is in fs/epoll.c.
 */
#ifndef FS_EPOLL_INTERNAL_H
#define FS_EPOLL_INTERNAL_H

#include <fs/fs.h>
#include <fs/poll.h>
#include <kernel/mutex.h>
#include <kernel/wait.h>
#include <lib/rbtree.h>

#define PRIVATE_BITS	((u32)(EPOLLWAKEUP | EPOLLONESHOT | EPOLLET | EPOLLEXCLUSIVE))

struct ep_wait;

struct eventpoll {
	struct mutex      mutex;
	struct rb_root    items;	/* mutex */
	spinlock_t        lock;
	struct list_head  ready;	/* lock; of epitem.ready */
	struct wait_queue wq;		/* sleepers in epoll_wait() */
	struct wait_queue poll_wq;	/* those who poll this set */
	struct file      *file;		/* constant, not counted: it owns us */
};

/* One file watched through one descriptor number. */
struct epitem {
	struct rb_node     node;	/* ep->mutex */
	struct list_head   ready;	/* ep->lock; empty when not listed */
	struct list_head   file_link;	/* file->f_lock, in file->f_ep */
	struct eventpoll  *ep;		/* constant */
	struct file       *file;	/* constant, see Lifetime */
	int                fd;		/* constant */
	struct epoll_event event;	/* ep->mutex to write; the waker reads .events */
	struct ep_wait    *waits;	/* constant after insertion */
};

extern const struct file_ops eventpoll_fops;

static inline bool is_epoll(const struct file *file)
{
	return file->f_op == &eventpoll_fops;
}

/* What of what it is watched for is true; with pt, queues on the file's wait queues. ep->mutex. */
static inline u32 ep_ask(struct epitem *item, struct poll_table *pt)
{
	struct file *file = item->file;
	u32 events = item->event.events;

	if (pt)
		pt->key = events;
	return file->f_op->poll(file, pt) & events & ~PRIVATE_BITS;
}

#endif
