/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * O_ASYNC: a signal tells the owner of a file that it can be read or written (fcntl(2), F_SETOWN).
 *
 * Such a file is watched as poll() would: entries of ours stand in its wait queues. Whoever wakes
 * these holds their lock and may be an interrupt, which is no place to send signals from, so the
 * event is only noted there. It is told by the waker at its own return to user space, so that a
 * program that caused it itself has the signal when its call returns, or by a work item if that
 * comes first: the waker may be no program at all, or go to sleep on the way.
 *
 * Lock order: telling, before all others; async_mutex; a wait queue's lock, then raised_lock. A
 * watch does not count its file: file_destroy() takes it down before the file's own release(),
 * while the wait queues still exist.
 */
#include <fs/fs.h>
#include <fs/poll.h>
#include <kernel/mutex.h>
#include <kernel/signal.h>
#include <kernel/task.h>
#include <kernel/wait.h>
#include <kernel/workqueue.h>
#include <linux/fcntl.h>
#include <mm/slab.h>
#include "internal.h"

struct async_wait {
	struct async_wait *next;
	struct wait_entry  entry;	/* private is the watch */
	struct wait_queue *wq;
};

struct fasync {
	struct file       *file;	/* constant */
	int                fd;		/* constant: what the siginfo says */
	struct async_wait *waits;	/* constant once the watch is made */
	struct list_head   raised;	/* raised_lock; empty when not listed */
	u32                events;	/* raised_lock: noted, not yet told */
	bool               ask;		/* raised_lock: of what kind the event was is not known */
};

struct async_table {
	struct poll_table table;
	struct fasync    *watch;
	int               error;
};

static DEFINE_MUTEX(async_mutex);	/* file->f_async */
static DEFINE_MUTEX(telling);		/* who comes second finds the signals sent */
static DEFINE_SPINLOCK(raised_lock);
static LIST_HEAD(raised);

/* ---- telling ---- */

/* The codes of sigaction(2) for SIGIO; the siginfo has the bits of poll(2) as well. */
static void tell(struct file *file, int fd, u32 events, bool ask)
{
	static const struct {
		u32 event;
		int code;
		long band;
	} kinds[] = {
		{ EPOLLIN, POLL_IN, EPOLLIN | EPOLLRDNORM },
		{ EPOLLOUT, POLL_OUT, EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND },
		{ EPOLLPRI, POLL_PRI, EPOLLPRI | EPOLLRDBAND },
		{ EPOLLERR, POLL_ERR, EPOLLERR },
		{ EPOLLHUP, POLL_HUP, EPOLLHUP | EPOLLERR },
	};

	if (ask)
		events |= file->f_op->poll(file, NULL);
	events = file->f_op->async(file, events, ask);
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (events & kinds[i].event)
			file_signal_owner(file, fd, kinds[i].code, kinds[i].band);
}

void fasync_tell(void)
{
	struct fasync *watch;
	struct file *file = NULL;
	u32 events = 0;
	bool ask = false;
	int fd = -1;

	mutex_lock(&telling);
	do {
		spin_lock_irq(&raised_lock);
		watch = list_first_entry_or_null(&raised, struct fasync, raised);
		if (watch) {
			list_del_init(&watch->raised);
			events = watch->events;
			ask = watch->ask;
			watch->events = 0;
			watch->ask = false;
			fd = watch->fd;
			file = refcount_inc_not_zero(&watch->file->f_count) ? watch->file : NULL;
		}
		spin_unlock_irq(&raised_lock);
		if (watch && file) {
			tell(file, fd, events, ask);
			file_put(file);
		}
	} while (watch);
	mutex_unlock(&telling);
}

static void tell_work(struct work *work)
{
	fasync_tell();
}

static struct work work = WORK_INIT(work, tell_work);

/* ---- noting ---- */

/* Any context, under the lock of a watched file's wait queue. */
static int async_wake(struct wait_entry *entry, unsigned state, void *key)
{
	struct fasync *watch = entry->private;
	u32 events = (u32)(unsigned long)key;
	/* A waker that names nothing, or both ways, wakes for whatever it may be. */
	bool ask = !(events & EPOLLIN) == !(events & EPOLLOUT);
	unsigned long flags;

	spin_lock_irqsave(&raised_lock, flags);
	watch->events |= ask ? 0 : events;
	watch->ask |= ask;
	if (list_empty(&watch->raised))
		list_add_tail(&watch->raised, &raised);
	spin_unlock_irqrestore(&raised_lock, flags);
	if (task_is_user(current))
		task_set_work(current, WORK_ASYNC);
	schedule_work(&work);
	return 0;
}

static void watch_queue(struct file *file, struct wait_queue *wq, struct poll_table *pt)
{
	struct async_table *t = container_of(pt, struct async_table, table);
	struct async_wait *w = t->error ? NULL : kmalloc(sizeof(*w), GFP_KERNEL);

	if (!w) {
		t->error = -ENOMEM;
		return;
	}
	init_wait_func(&w->entry, async_wake, t->watch);
	w->wq = wq;
	w->next = t->watch->waits;
	t->watch->waits = w;
	add_wait_queue(wq, &w->entry);
}

static void watch_free(struct fasync *watch)
{
	struct async_wait *w, *next;

	for (w = watch->waits; w; w = next) {
		next = w->next;
		remove_wait_queue(w->wq, &w->entry);
		kfree(w);
	}
	spin_lock_irq(&raised_lock);
	list_del_init(&watch->raised);
	spin_unlock_irq(&raised_lock);
	kfree(watch);
}

static struct fasync *watch_file(struct file *file, int fd)
{
	struct fasync *watch = kzalloc(sizeof(*watch), GFP_KERNEL);
	struct async_table t = { .table = { .queue = watch_queue }, .watch = watch };

	if (!watch)
		return NULL;
	INIT_LIST_HEAD(&watch->raised);
	watch->file = file;
	watch->fd = fd;
	file->f_op->poll(file, &t.table);
	if (!t.error)
		return watch;
	watch_free(watch);
	return NULL;
}

/* ---- switching ---- */

static void set_flag(struct file *file, bool on)
{
	spin_lock(&file->f_lock);
	file->f_flags = on ? file->f_flags | FASYNC : file->f_flags & ~(u32)FASYNC;
	spin_unlock(&file->f_lock);
}

int fasync_set(struct file *file, int fd, bool on)
{
	struct fasync *watch = NULL;
	int error = 0;

	if (!file->f_op->async)
		return -ENOTTY;
	mutex_lock(&async_mutex);
	if (on && !file->f_async) {
		file->f_async = watch_file(file, fd);
		if (file->f_async)
			file->f_op->async(file, 0, false);
		else
			error = -ENOMEM;
	} else if (!on) {
		watch = file->f_async;
		file->f_async = NULL;
	}
	if (!error)
		set_flag(file, on);
	mutex_unlock(&async_mutex);
	if (watch)
		watch_free(watch);
	return error;
}

void fasync_release(struct file *file)
{
	watch_free(file->f_async);
	file->f_async = NULL;
}

u32 fasync_stream(struct file *file, u32 events, bool ask)
{
	return events & (EPOLLIN | EPOLLOUT);
}
