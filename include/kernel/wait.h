/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Wait queues: sleep until somebody else makes a condition true.
 *
 * The condition belongs to the caller and is protected by the caller's lock; the
 * queue protects only its list of sleepers. wait_event() re-tests the condition
 * after each wake-up, so wakers may wake too often, never too seldom: make the
 * condition true first, then wake. An exclusive sleeper stands at the tail, and a
 * wake-up of n wakes every non-exclusive sleeper and n exclusive ones.
 *
 * Context: wake_*() from any context, IRQs included. wait_*() from task context
 * with no spinlock held. Lock order: caller's lock, then wq->lock, then rq->lock.
 */
#ifndef KERNEL_WAIT_H
#define KERNEL_WAIT_H

#include <arch/barrier.h>
#include <kernel/sched.h>
#include <kernel/spinlock.h>
#include <lib/errno.h>
#include <lib/list.h>

struct wait_queue {
	spinlock_t	 lock;
	struct list_head list;		/* of wait_entry.link, under lock */
};

struct wait_entry;

/*
 * Called under wq->lock, IRQs off, by a waker. `key` is what the waker passed
 * (poll events, or NULL). Returns >0 if it woke somebody, 0 if not.
 */
typedef int (*wait_func_t)(struct wait_entry *entry, unsigned state, void *key);

#define WAIT_EXCLUSIVE	1u

struct wait_entry {
	unsigned	 flags;
	void		*private;	/* the sleeping task, for the default func */
	wait_func_t	 func;
	struct list_head link;
};

#define WAIT_QUEUE_INIT(name)	{ SPINLOCK_INIT, LIST_HEAD_INIT((name).list) }
#define DEFINE_WAIT_QUEUE(name)	struct wait_queue name = WAIT_QUEUE_INIT(name)

void __wait_queue_init(struct wait_queue *wq, struct lock_key *key, const char *name);
#define wait_queue_init(wq) do {				\
	static struct lock_key __key;				\
	__wait_queue_init(wq, &__key, #wq);			\
} while (0)

/* The default func: wakes entry->private, and removes the entry if that succeeded. */
int wake_entry_autoremove(struct wait_entry *entry, unsigned state, void *key);
int wake_entry_default(struct wait_entry *entry, unsigned state, void *key);

static inline void init_wait_func(struct wait_entry *entry, wait_func_t func, void *private)
{
	entry->flags = 0;
	entry->private = private;
	entry->func = func;
	INIT_LIST_HEAD(&entry->link);
}
/* An entry for the current task. */
static inline void init_wait(struct wait_entry *entry)
{
	init_wait_func(entry, wake_entry_autoremove, current);
}
#define DEFINE_WAIT(name)	struct wait_entry name; init_wait(&name)

/* Queue and unqueue without touching the task's state; any context. */
void add_wait_queue(struct wait_queue *wq, struct wait_entry *entry);
void add_wait_queue_exclusive(struct wait_queue *wq, struct wait_entry *entry);
void remove_wait_queue(struct wait_queue *wq, struct wait_entry *entry);

/* Queue (once) and set the task's state; finish_wait() undoes both. */
void prepare_to_wait(struct wait_queue *wq, struct wait_entry *entry, unsigned state);
void prepare_to_wait_exclusive(struct wait_queue *wq, struct wait_entry *entry, unsigned state);
void finish_wait(struct wait_queue *wq, struct wait_entry *entry);

/* Wakes all non-exclusive sleepers in `state` and `nr` exclusive ones (0: all). */
void wake_up_common(struct wait_queue *wq, unsigned state, int nr, void *key);
/* The same after the caller's full barrier and wait_queue_empty(). */
void wake_up_sleepers(struct wait_queue *wq, unsigned state, int nr, void *key);

/* Nobody sleeps on wq. Without wq->lock: the caller made its condition true before a full barrier. */
static inline bool wait_queue_empty(struct wait_queue *wq)
{
	return list_empty(&wq->list);
}

/* The same for a caller who had no barrier since then: may anybody sleep on wq? */
static inline bool wait_queue_has_sleepers(struct wait_queue *wq)
{
	smp_mb();
	return !wait_queue_empty(wq);
}

#define wake_up(wq)			wake_up_common(wq, TASK_NORMAL, 1, NULL)
#define wake_up_n(wq, n)		wake_up_common(wq, TASK_NORMAL, n, NULL)
#define wake_up_all(wq)			wake_up_common(wq, TASK_NORMAL, 0, NULL)
#define wake_up_interruptible(wq)	wake_up_common(wq, TASK_INTERRUPTIBLE, 1, NULL)
#define wake_up_interruptible_all(wq)	wake_up_common(wq, TASK_INTERRUPTIBLE, 0, NULL)
/* `mask`: the EPOLL* bits that became true, for poll and epoll entries. */
#define wake_up_poll(wq, mask) \
	wake_up_common(wq, TASK_NORMAL, 1, (void *)(unsigned long)(mask))

/* A signal that ends a sleep in `state` is pending for the current task. */
bool wait_signal_pending(unsigned state);

/*
 * The one wait loop. Evaluates to 0 when `cond` came true, to -ERESTARTSYS when a
 * signal came first, to -ETIME when `timeout` (ns, relative; NSEC_MAX: none) passed.
 */
#define __wait_event(wq, cond, state, timeout) ({ \
	might_sleep(); \
	(cond) ? 0 : __wait_event_false(wq, cond, state, timeout); \
})

/* The same for a caller that has just seen that `cond` is false, and that might_sleep(). */
#define __wait_event_false(wq, cond, state, timeout) ({ \
	struct wait_entry __entry; \
	nsec_t __left = (timeout); \
	int __ret = 0; \
	init_wait(&__entry); \
	for (;;) { \
		prepare_to_wait(wq, &__entry, state); \
		if (cond) \
			break; \
		/* One look at a flag in nearly all cases. */ \
		if (unlikely(READ_ONCE(current_hot()->work) & WORK_SIGNAL) && \
		    wait_signal_pending(state)) { \
			__ret = -ERESTARTSYS; \
			break; \
		} \
		if (!__left) { \
			__ret = -ETIME; \
			break; \
		} \
		if (__left == NSEC_MAX) \
			schedule(); \
		else \
			__left = schedule_timeout(__left); \
		if (cond) \
			break; \
	} \
	finish_wait(wq, &__entry); \
	__ret; \
})

#define wait_event(wq, cond)	((void)__wait_event(wq, cond, TASK_UNINTERRUPTIBLE, NSEC_MAX))
/* 0, or -ERESTARTSYS. */
#define wait_event_interruptible(wq, cond) __wait_event(wq, cond, TASK_INTERRUPTIBLE, NSEC_MAX)
/* 0, or -ERESTARTSYS on a fatal signal only. */
#define wait_event_killable(wq, cond)	__wait_event(wq, cond, TASK_KILLABLE, NSEC_MAX)
/* 0, or -ETIME. */
#define wait_event_timeout(wq, cond, ns) __wait_event(wq, cond, TASK_UNINTERRUPTIBLE, ns)
/* 0, -ERESTARTSYS or -ETIME. */
#define wait_event_interruptible_timeout(wq, cond, ns) __wait_event(wq, cond, TASK_INTERRUPTIBLE, ns)

/* A one-shot event that may come before its waiter. */
struct completion {
	unsigned	  done;		/* under wq.lock */
	struct wait_queue wq;
};

#define COMPLETION_INIT(name)	{ 0, WAIT_QUEUE_INIT((name).wq) }
#define DEFINE_COMPLETION(name)	struct completion name = COMPLETION_INIT(name)

void init_completion(struct completion *c);
void complete(struct completion *c);		/* lets one waiter through */
void complete_all(struct completion *c);	/* lets all through, for ever */
void wait_for_completion(struct completion *c);
int wait_for_completion_killable(struct completion *c);		/* 0, -ERESTARTSYS */
int wait_for_completion_interruptible(struct completion *c);	/* 0, -ERESTARTSYS */
int wait_for_completion_timeout(struct completion *c, nsec_t ns); /* 0, -ETIME */

#endif
