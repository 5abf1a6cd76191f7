/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Mutexes: sleeping exclusive locks, owned by the task that took them.
 *
 * The fast path is one compare-and-swap of the owner word; contended takers
 * sleep in arrival order. mutex_unlock() hands the mutex free and wakes the first
 * sleeper, who competes again.
 *
 * Context: task context, no spinlock held, never from an interrupt.
 */
#ifndef KERNEL_MUTEX_H
#define KERNEL_MUTEX_H

#include <arch/atomic.h>
#include <kernel/wait.h>
#include <trace/lock.h>

struct CAPABILITY("mutex") mutex {
	struct task	 *owner;	/* atomic; NULL when free */
	u32		  waiters;	/* atomic; sleepers and those about to sleep */
	struct wait_queue wq;
	struct lock_dep	  dep;		/* CONFIG_LOCKDEP */
};

#define MUTEX_INIT(name)	{ .wq = WAIT_QUEUE_INIT((name).wq) }
#define DEFINE_MUTEX(name)	struct mutex name = MUTEX_INIT(name)

void __mutex_init(struct mutex *m, struct lock_key *key, const char *name);
#define mutex_init(m) do {					\
	static struct lock_key __key;				\
	__mutex_init(m, &__key, #m);				\
} while (0)
void mutex_lock_slow(struct mutex *m);
int mutex_lock_slow_interruptible(struct mutex *m, unsigned state);

static inline bool __mutex_try(struct mutex *m) NO_THREAD_SAFETY_ANALYSIS
{
	struct task *free = NULL;

	if (!__atomic_compare_exchange_n(&m->owner, &free, current, false,
					 __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return false;
	TRACE(lock_acquire, TRACE_LOCK_MUTEX, (u64)m);
	return true;
}

static inline bool mutex_trylock(struct mutex *m) TRY_ACQUIRE(true, m) NO_THREAD_SAFETY_ANALYSIS
{
	bool got = __mutex_try(m);

	if (got)
		lockdep_acquire(m, &m->dep, LOCK_TRIED);
	return got;
}

static inline void mutex_lock(struct mutex *m) ACQUIRE(m) NO_THREAD_SAFETY_ANALYSIS
{
	might_sleep();
	lockdep_acquire(m, &m->dep, 0);
	if (unlikely(!__mutex_try(m)))
		mutex_lock_slow(m);
}

/* 0, or -ERESTARTSYS when a signal came first: not locked then. */
static inline int mutex_lock_interruptible(struct mutex *m) TRY_ACQUIRE(0, m) NO_THREAD_SAFETY_ANALYSIS
{
	might_sleep();
	return likely(mutex_trylock(m)) ? 0 : mutex_lock_slow_interruptible(m, TASK_INTERRUPTIBLE);
}

static inline int mutex_lock_killable(struct mutex *m) TRY_ACQUIRE(0, m) NO_THREAD_SAFETY_ANALYSIS
{
	might_sleep();
	return likely(mutex_trylock(m)) ? 0 : mutex_lock_slow_interruptible(m, TASK_KILLABLE);
}

static inline void mutex_unlock(struct mutex *m) RELEASE(m) NO_THREAD_SAFETY_ANALYSIS
{
	TRACE(lock_release, TRACE_LOCK_MUTEX, (u64)m);
	lockdep_release(m);
	if (unlikely(smp_release_then_load(&m->owner, NULL, &m->waiters)))
		wake_up(&m->wq);
}

static inline bool mutex_is_locked(struct mutex *m)
{
	return READ_ONCE(m->owner) != NULL;
}

static inline void mutex_assert_held(struct mutex *m) ASSERT_CAPABILITY(m)
{
	if (IS_ENABLED(CONFIG_DEBUG_LOCKS) && unlikely(READ_ONCE(m->owner) != current))
		might_sleep_report(__FILE__, __LINE__);
}

#endif
