/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Work items: run a function soon, in a kernel thread that may sleep.
 *
 * An item is queued at most once at a time; it may be queued again as soon as
 * its function has begun. Items run in the order queued. Context: schedule_work()
 * from any; flush and cancel from task context, never from the item itself.
 */
#ifndef KERNEL_WORKQUEUE_H
#define KERNEL_WORKQUEUE_H

#include <lib/list.h>
#include <lib/types.h>

struct work {
	struct list_head link;
	void		 (*fn)(struct work *w);
	bool		 queued;
};

#define WORK_INIT(name, function)	{ LIST_HEAD_INIT((name).link), function, false }

static inline void work_init(struct work *w, void (*fn)(struct work *w))
{
	INIT_LIST_HEAD(&w->link);
	w->fn = fn;
	w->queued = false;
}

/* True if it was queued now, false if it already was. */
bool schedule_work(struct work *w);
/* Waits until an item queued before has finished. */
void flush_work(struct work *w);
/* Takes it off the queue or waits until it has finished. True if it never ran. */
bool cancel_work(struct work *w);

#endif
