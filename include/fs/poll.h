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

#include <arch/barrier.h>
#include <lib/compiler.h>
#include <lib/types.h>
#include <kernel/time.h>
#include <linux/eventpoll.h>

struct file;
struct wait_queue;
struct pollfd;
struct epoll_event;

struct poll_table {
	void (*queue)(struct file *file, struct wait_queue *wq, struct poll_table *pt);
	u32    key;          /* EPOLL* bits asked for */
};

#define EPOLL_DEFAULT_MASK (EPOLLIN | EPOLLOUT | EPOLLRDNORM | EPOLLWRNORM)

static inline void poll_wait(struct file *file, struct wait_queue *wq, struct poll_table *pt)
{
	if (pt && pt->queue) {
		pt->queue(file, wq, pt);
		smp_mb();	/* we are on the queue, before the look at the state */
	}
}

/*
 * poll(2) on kernel memory: fills in revents of n descriptors of current and waits until the
 * absolute time `deadline` (0: not at all, NSEC_MAX: for ever). How many are ready, 0,
 * -ERESTARTNOHAND, -ENOMEM.
 */
long poll_files(struct pollfd *fds, u32 n, nsec_t deadline);

/* A new epoll set, or ERR_PTR; and epoll_ctl(2) on it, with the same errors. */
struct file *epoll_file(void);
int epoll_file_ctl(struct file *file, int op, struct file *target, int fd, struct epoll_event *ev);

/* Drops every epoll watch of a file that is being freed (fs/epoll.c). */
#if IS_ENABLED(CONFIG_EPOLL)
void epoll_release_file(struct file *file);
#else
static inline void epoll_release_file(struct file *file)
{
}
#endif

#endif /* FS_POLL_H */
