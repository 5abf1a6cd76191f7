/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Readiness: how poll, select and epoll ask a file whether it can be read or written,
 * and how they learn of a change.
 *
 * f_op->poll() calls poll_wait() for every wait queue that a change of its answer will
 * wake, and then tests its state: in that order, so that no change is lost. A NULL
 * table or one without `queue` only asks. The wait queue must live as long as the file.
 *
 * Context: f_op->poll() runs in task context and may sleep, but not for the event itself.
 */
#ifndef FS_POLL_H
#define FS_POLL_H

#include <lib/types.h>
#include <linux/eventpoll.h>

struct file;
struct wait_queue;

struct poll_table {
	void (*queue)(struct file *file, struct wait_queue *wq, struct poll_table *pt);
	u32    key;          /* EPOLL* bits asked for */
};

#define EPOLL_DEFAULT_MASK (EPOLLIN | EPOLLOUT | EPOLLRDNORM | EPOLLWRNORM)

static inline void poll_wait(struct file *file, struct wait_queue *wq, struct poll_table *pt)
{
	if (pt && pt->queue)
		pt->queue(file, wq, pt);
}

/* Drops every epoll watch of a file that is being freed (fs/epoll.c). */
#if IS_ENABLED(CONFIG_EPOLL)
void epoll_release_file(struct file *file);
#else
static inline void epoll_release_file(struct file *file)
{
}
#endif

#endif /* FS_POLL_H */
