/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Work items: one queue, one kernel thread ("kworker") that runs it in order.
 */
#include <kernel/clone.h>
#include <kernel/init.h>
#include <kernel/panic.h>
#include <kernel/spinlock.h>
#include <kernel/wait.h>
#include <kernel/workqueue.h>
#include <lib/err.h>

static DEFINE_SPINLOCK(queue_lock);		/* innermost; taken in IRQs */
static LIST_HEAD(queue);			/* under queue_lock */
static struct work *running;			/* under queue_lock */
static DEFINE_WAIT_QUEUE(worker_wait);		/* the worker: queue is not empty */
static DEFINE_WAIT_QUEUE(done_wait);		/* flush_work(): an item has finished */

bool schedule_work(struct work *w)
{
	unsigned long flags;
	bool queued;

	spin_lock_irqsave(&queue_lock, flags);
	queued = !w->queued;
	if (queued) {
		w->queued = true;
		list_add_tail(&w->link, &queue);
	}
	spin_unlock_irqrestore(&queue_lock, flags);
	if (queued)
		wake_up(&worker_wait);
	return queued;
}

static bool idle(struct work *w)
{
	unsigned long flags;
	bool ret;

	spin_lock_irqsave(&queue_lock, flags);
	ret = !w->queued && running != w;
	spin_unlock_irqrestore(&queue_lock, flags);
	return ret;
}

void flush_work(struct work *w)
{
	wait_event(&done_wait, idle(w));
}

bool cancel_work(struct work *w)
{
	unsigned long flags;
	bool was_queued;

	spin_lock_irqsave(&queue_lock, flags);
	was_queued = w->queued;
	if (was_queued) {
		list_del_init(&w->link);
		w->queued = false;
	}
	spin_unlock_irqrestore(&queue_lock, flags);
	flush_work(w);
	return was_queued;
}

/* Takes the next item, or NULL. */
static struct work *next_work(void)
{
	struct work *w;

	spin_lock_irq(&queue_lock);
	w = list_first_entry_or_null(&queue, struct work, link);
	if (w) {
		list_del_init(&w->link);
		w->queued = false;
	}
	running = w;
	spin_unlock_irq(&queue_lock);
	return w;
}

static int worker(void *unused)
{
	for (;;) {
		struct work *w;

		wait_event_interruptible(&worker_wait, !list_empty(&queue));
		while ((w = next_work())) {
			w->fn(w);	/* may free w: it is not touched again */
			spin_lock_irq(&queue_lock);
			running = NULL;
			spin_unlock_irq(&queue_lock);
			wake_up_all(&done_wait);
			cond_resched();
		}
	}
}

static int workqueue_init(void)
{
	struct task *t = kthread_run(worker, NULL, "kworker/0");

	return IS_ERR(t) ? (int)PTR_ERR(t) : 0;
}
core_initcall(workqueue_init);
