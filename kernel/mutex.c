/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Mutexes and read-write semaphores: the slow paths, which sleep.
 *
 * A sleeper raises `waiters` before it tests the lock for the last time, and an
 * unlocker frees the lock before it reads `waiters`, with a full barrier in between
 * on either side: so one of the two sees the other.
 */
#include <kernel/mutex.h>
#include <kernel/rwsem.h>
#include <kernel/task.h>
#include <trace/lock.h>

void __mutex_init(struct mutex *m, struct lock_key *key, const char *name)
{
	*m = (struct mutex){ .owner = NULL };
	wait_queue_init(&m->wq);
	lockdep_init(&m->dep, key, name);
}

int __sched mutex_lock_slow_interruptible(struct mutex *m, unsigned state) NO_THREAD_SAFETY_ANALYSIS
{
	struct wait_entry entry;
	int ret = 0;

	TRACE(lock_contend, TRACE_LOCK_MUTEX, (u64)m);
	init_wait(&entry);
	__atomic_add_fetch(&m->waiters, 1, __ATOMIC_SEQ_CST);
	for (;;) {
		prepare_to_wait_exclusive(&m->wq, &entry, state);
		if (__mutex_try(m))
			break;
		if (wait_signal_pending(state)) {
			ret = -ERESTARTSYS;
			break;
		}
		schedule();
	}
	finish_wait(&m->wq, &entry);
	__atomic_sub_fetch(&m->waiters, 1, __ATOMIC_SEQ_CST);
	/* The wake-up we may have swallowed belongs to the next sleeper. */
	if (ret) {
		lockdep_release(m);
		if (!mutex_is_locked(m))
			wake_up(&m->wq);
	}
	return ret;
}

void __sched mutex_lock_slow(struct mutex *m)
{
	mutex_lock_slow_interruptible(m, TASK_UNINTERRUPTIBLE);
}

void __rwsem_init(struct rwsem *s, struct lock_key *key, const char *name)
{
	*s = (struct rwsem){ .count = 0 };
	wait_queue_init(&s->readers);
	wait_queue_init(&s->writers);
	lockdep_init(&s->dep, key, name);
}

/*
 * Readers stand back for writers, so while a writer waits only one writer can have the lock,
 * and only once nobody has it; to call the readers would make a crowd that finds nothing.
 * Whoever takes the lock instead, or is called and gives up, comes here again.
 */
void rwsem_wake(struct rwsem *s)
{
	if (!__atomic_load_n(&s->writers_waiting, __ATOMIC_SEQ_CST))
		wake_up_all(&s->readers);
	else if (!READ_ONCE(s->count))
		wake_up(&s->writers);
}

/* The compare-and-swap in a trylock may lose to another reader: try again while it can succeed. */
static bool try_read(struct rwsem *s) NO_THREAD_SAFETY_ANALYSIS
{
	while (READ_ONCE(s->count) >= 0 && !READ_ONCE(s->writers_waiting))
		if (__down_read_try(s))
			return true;
	return false;
}

void __sched down_read_slow(struct rwsem *s)
{
	TRACE(lock_contend, TRACE_LOCK_READ, (u64)s);
	__atomic_add_fetch(&s->waiters, 1, __ATOMIC_SEQ_CST);
	wait_event(&s->readers, try_read(s));
	__atomic_sub_fetch(&s->waiters, 1, __ATOMIC_SEQ_CST);
}

static int __sched write_sleep(struct rwsem *s, unsigned state)
{
	struct wait_entry entry;
	int ret = 0;

	TRACE(lock_contend, TRACE_LOCK_WRITE, (u64)s);
	init_wait(&entry);
	__atomic_add_fetch(&s->writers_waiting, 1, __ATOMIC_SEQ_CST);
	__atomic_add_fetch(&s->waiters, 1, __ATOMIC_SEQ_CST);
	for (;;) {
		prepare_to_wait_exclusive(&s->writers, &entry, state);
		if (__down_write_try(s))
			break;
		if (wait_signal_pending(state)) {
			ret = -ERESTARTSYS;
			break;
		}
		schedule();
	}
	finish_wait(&s->writers, &entry);
	__atomic_sub_fetch(&s->waiters, 1, __ATOMIC_SEQ_CST);
	__atomic_sub_fetch(&s->writers_waiting, 1, __ATOMIC_SEQ_CST);
	/* The call it may have swallowed is the next writer's, or the readers' that stood back. */
	if (ret) {
		lockdep_release(s);
		rwsem_wake(s);
	}
	return ret;
}

void __sched down_write_slow(struct rwsem *s)
{
	write_sleep(s, TASK_UNINTERRUPTIBLE);
}

int __sched down_write_slow_killable(struct rwsem *s)
{
	return write_sleep(s, TASK_KILLABLE);
}
