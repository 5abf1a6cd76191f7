/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Wait queues, completions and sleeping with a timeout.
 */
#include <kernel/signal.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <kernel/timer.h>
#include <kernel/wait.h>

void __wait_queue_init(struct wait_queue *wq, struct lock_key *key, const char *name)
{
	__spin_lock_init(&wq->lock, key, name);
	INIT_LIST_HEAD(&wq->list);
}

int wake_entry_default(struct wait_entry *entry, unsigned state, void *key)
{
	return task_wake(entry->private, state);
}

static __always_inline int wake_and_remove(struct wait_entry *entry, unsigned state)
{
	if (!task_wake(entry->private, state))
		return 0;
	list_del_init_careful(&entry->link);
	return 1;
}

int wake_entry_autoremove(struct wait_entry *entry, unsigned state, void *key)
{
	return wake_and_remove(entry, state);
}

void add_wait_queue(struct wait_queue *wq, struct wait_entry *entry)
{
	unsigned long flags;

	spin_lock_irqsave(&wq->lock, flags);
	entry->flags &= ~WAIT_EXCLUSIVE;
	list_add(&entry->link, &wq->list);
	spin_unlock_irqrestore(&wq->lock, flags);
}

void add_wait_queue_exclusive(struct wait_queue *wq, struct wait_entry *entry)
{
	unsigned long flags;

	spin_lock_irqsave(&wq->lock, flags);
	entry->flags |= WAIT_EXCLUSIVE;
	list_add_tail(&entry->link, &wq->list);
	spin_unlock_irqrestore(&wq->lock, flags);
}

void remove_wait_queue(struct wait_queue *wq, struct wait_entry *entry)
{
	unsigned long flags;

	spin_lock_irqsave(&wq->lock, flags);
	list_del_init(&entry->link);
	spin_unlock_irqrestore(&wq->lock, flags);
}

/* The state is set under the lock, so that a waker sees both the entry and the state. */
static void prepare(struct wait_queue *wq, struct wait_entry *entry, unsigned state,
		    unsigned flag)
{
	unsigned long flags;

	spin_lock_irqsave(&wq->lock, flags);
	entry->flags = (entry->flags & ~WAIT_EXCLUSIVE) | flag;
	if (list_empty(&entry->link)) {
		if (flag)
			list_add_tail(&entry->link, &wq->list);
		else
			list_add(&entry->link, &wq->list);
	}
	WRITE_ONCE(current->state, state);
	smp_mb();		/* set_current_state(), inline */
	spin_unlock_irqrestore(&wq->lock, flags);
}

void prepare_to_wait(struct wait_queue *wq, struct wait_entry *entry, unsigned state)
{
	prepare(wq, entry, state, 0);
}

void prepare_to_wait_exclusive(struct wait_queue *wq, struct wait_entry *entry, unsigned state)
{
	prepare(wq, entry, state, WAIT_EXCLUSIVE);
}

void finish_wait(struct wait_queue *wq, struct wait_entry *entry)
{
	WRITE_ONCE(current->state, TASK_RUNNING);
	/* A waker that takes the entry off, which is the last it does to it, saves us the lock. */
	if (unlikely(!list_empty_careful(&entry->link)))
		remove_wait_queue(wq, entry);
}

/* Nearly all entries are a task asleep in wait_event(): theirs without a call through a pointer. */
static __always_inline int call_entry(struct wait_entry *entry, unsigned state, void *key)
{
	if (likely(entry->func == wake_entry_autoremove))
		return wake_and_remove(entry, state);
	return entry->func(entry, state, key);
}

void wake_up_sleepers(struct wait_queue *wq, unsigned state, int nr, void *key)
{
	struct wait_entry *entry, *next;
	unsigned long flags;

	spin_lock_irqsave(&wq->lock, flags);
	list_for_each_entry_safe(entry, next, &wq->list, link) {
		/* An entry that was woken may be its owner's again: no look at it after func. */
		bool exclusive = entry->flags & WAIT_EXCLUSIVE;

		if (call_entry(entry, state, key) && exclusive && nr && !--nr)
			break;
	}
	spin_unlock_irqrestore(&wq->lock, flags);
}

void wake_up_common(struct wait_queue *wq, unsigned state, int nr, void *key)
{
	/* The caller's store to its condition, before the look at the list: see prepare(). */
	if (wait_queue_has_sleepers(wq))
		wake_up_sleepers(wq, state, nr, key);
}

bool wait_signal_pending(unsigned state)
{
	return signal_pending_state(state, current);
}

/* Sleeping for a time. */

struct sleeper {
	struct timer timer;
	struct task *task;
};

static void sleeper_fire(struct timer *timer)
{
	task_wake(container_of(timer, struct sleeper, timer)->task, ~TASK_NEW);
}

bool __sched schedule_until(nsec_t deadline)
{
	struct sleeper s = { .task = current };

	timer_init(&s.timer, sleeper_fire);
	timer_start(&s.timer, deadline);
	schedule();
	timer_cancel(&s.timer);
	return ktime_get() >= deadline;
}

nsec_t __sched schedule_timeout(nsec_t ns)
{
	nsec_t now = ktime_get();
	nsec_t deadline = ns > NSEC_MAX - 1 - now ? NSEC_MAX - 1 : now + ns;

	if (schedule_until(deadline))
		return 0;
	now = ktime_get();
	return now < deadline ? deadline - now : 0;
}

/* Completions: wq.lock guards done. */

#define DONE_FOR_EVER	(~0u)

void init_completion(struct completion *c)
{
	c->done = 0;
	wait_queue_init(&c->wq);
}

static void complete_by(struct completion *c, bool all)
{
	struct wait_entry *entry, *next;
	unsigned long flags;

	/* Waking under the lock: the waiter may free *c as soon as it can take the lock. */
	spin_lock_irqsave(&c->wq.lock, flags);
	if (all)
		c->done = DONE_FOR_EVER;
	else if (c->done != DONE_FOR_EVER)
		c->done++;
	list_for_each_entry_safe(entry, next, &c->wq.list, link)
		if (entry->func(entry, TASK_NORMAL | TASK_WAKEKILL, NULL) && !all)
			break;
	spin_unlock_irqrestore(&c->wq.lock, flags);
}

void complete(struct completion *c)
{
	complete_by(c, false);
}

void complete_all(struct completion *c)
{
	complete_by(c, true);
}

static bool take_done(struct completion *c)
{
	unsigned long flags;
	bool done;

	spin_lock_irqsave(&c->wq.lock, flags);
	done = c->done;
	if (done && c->done != DONE_FOR_EVER)
		c->done--;
	spin_unlock_irqrestore(&c->wq.lock, flags);
	return done;
}

void __sched wait_for_completion(struct completion *c)
{
	wait_event(&c->wq, take_done(c));
}

int __sched wait_for_completion_killable(struct completion *c)
{
	return wait_event_killable(&c->wq, take_done(c));
}

int __sched wait_for_completion_interruptible(struct completion *c)
{
	return wait_event_interruptible(&c->wq, take_done(c));
}

int __sched wait_for_completion_timeout(struct completion *c, nsec_t ns)
{
	return wait_event_timeout(&c->wq, take_done(c), ns);
}
