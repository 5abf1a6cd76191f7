/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The inside of a pipe, for fs/pipe.c, which reads and writes bytes, and fs/splice.c, which
 * moves pages. The essay is in fs/pipe.c.
 */
#ifndef FS_PIPE_INTERNAL_H
#define FS_PIPE_INTERNAL_H

#include <fs/fs.h>
#include <fs/pipe.h>
#include <fs/poll.h>

struct page;

#define PIPE_SLOTS	16u		/* 64 KB */
#define PIPE_SPARES	2

struct pipe_slot {
	struct page *page;
	char        *at;		/* in it: the bytes not read yet */
	size_t       len;
	u64          flags;		/* PIPE_* */
};
_Static_assert(sizeof(struct pipe_slot) == 32, "an index is a shift");

#define PIPE_PACKET	1u	/* one write with O_DIRECT: read alone, never added to */
#define PIPE_SHARED	2u	/* somebody else has the page, too: never added to, no spare */

/* Locks:  m  mutex   l  inode->i_lock   a  m to write, read for a guess without */
struct pipe {
	struct mutex      mutex;
	struct wait_queue rd_wait, wr_wait;
	u32               head, tail;	/* a  run freely; head - tail slots are in use */
	u32               size;		/* a  slots, a power of two */
	u32               readers, writers; /* a */
	u32               r_counter, w_counter; /* a  opens so far, for open() to wait on */
	struct pipe_slot *slots;	/* m */
	struct page      *spare[PIPE_SPARES]; /* m */
	u32               files;	/* l */
	bool              named;	/* constant */
	bool              polled;	/* a  somebody uses poll: wake on each write, for EPOLLET */
};

static inline bool pipe_empty(const struct pipe *p)
{
	return READ_ONCE(p->head) == READ_ONCE(p->tail);
}

static inline bool pipe_full(const struct pipe *p)
{
	return READ_ONCE(p->head) - READ_ONCE(p->tail) >= READ_ONCE(p->size);
}

static inline struct pipe_slot *slot_at(struct pipe *p, u32 i)
{
	return &p->slots[i & (p->size - 1)];
}

static inline void wake_readers(struct pipe *p)
{
	if (!wait_queue_empty(&p->rd_wait))
		wake_up_sleepers(&p->rd_wait, TASK_NORMAL, 1,
				 (void *)(unsigned long)(EPOLLIN | EPOLLRDNORM));
}

static inline void wake_writers(struct pipe *p)
{
	if (!wait_queue_empty(&p->wr_wait))
		wake_up_sleepers(&p->wr_wait, TASK_NORMAL, 1,
				 (void *)(unsigned long)(EPOLLOUT | EPOLLWRNORM));
}

/* Lets go of a slot's page: keeps it as a spare if it is the pipe's alone. mutex held. */
void pipe_drop_page(struct pipe *p, const struct pipe_slot *s);
/*
 * What write(2) does once: moves as much as there is room for. mutex held. Bytes (0: full), or
 * an error if none. packet: O_DIRECT; first: may go behind the last slot's bytes.
 */
ssize_t pipe_put_bytes(struct pipe *p, struct iov_iter *from, bool packet, bool first);
/* What read(2) does once: up to the end of a packet. mutex held. Bytes, -EFAULT if none. */
ssize_t pipe_take_bytes(struct pipe *p, struct iov_iter *to);

#endif
