/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Read-write semaphores: many sleeping readers or one sleeping writer.
 *
 * `count` is the number of readers, or RWSEM_WRITER. A waiting writer announces
 * itself in `writers_waiting`, which keeps new readers out, so that a stream of
 * readers cannot starve it; the price is that a reader must not take the lock
 * again while it holds it.
 *
 * Context: task context, no spinlock held.
 */
#ifndef KERNEL_RWSEM_H
#define KERNEL_RWSEM_H

#include <kernel/wait.h>
#include <trace/lock.h>

#define RWSEM_WRITER	(-1)

struct CAPABILITY("rwsem") rwsem {
	s32		  count;		/* atomic */
	u32		  writers_waiting;	/* atomic */
	u32		  waiters;		/* atomic: anybody asleep or about to be */
	struct wait_queue readers, writers;
	struct lock_dep	  dep;			/* CONFIG_LOCKDEP */
};

#define RWSEM_INIT(name)	{ .readers = WAIT_QUEUE_INIT((name).readers), \
				  .writers = WAIT_QUEUE_INIT((name).writers) }
#define DEFINE_RWSEM(name)	struct rwsem name = RWSEM_INIT(name)

void __rwsem_init(struct rwsem *s, struct lock_key *key, const char *name);
#define rwsem_init(s) do {					\
	static struct lock_key __key;				\
	__rwsem_init(s, &__key, #s);				\
} while (0)
void down_read_slow(struct rwsem *s);
/* The lock became free, or free for readers: wakes who can have it now. */
void rwsem_wake(struct rwsem *s);
void down_write_slow(struct rwsem *s);
int down_write_slow_killable(struct rwsem *s);

static inline bool __down_read_try(struct rwsem *s) NO_THREAD_SAFETY_ANALYSIS
{
	s32 c = READ_ONCE(s->count);

	if (c < 0 || READ_ONCE(s->writers_waiting) ||
	    !__atomic_compare_exchange_n(&s->count, &c, c + 1, false,
					 __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return false;
	TRACE(lock_acquire, TRACE_LOCK_READ, (u64)s);
	return true;
}

static inline bool __down_write_try(struct rwsem *s) NO_THREAD_SAFETY_ANALYSIS
{
	s32 c = 0;

	if (!__atomic_compare_exchange_n(&s->count, &c, RWSEM_WRITER, false,
					 __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return false;
	TRACE(lock_acquire, TRACE_LOCK_WRITE, (u64)s);
	return true;
}

static inline bool down_read_trylock(struct rwsem *s) TRY_ACQUIRE_SHARED(true, s) NO_THREAD_SAFETY_ANALYSIS
{
	bool got = __down_read_try(s);

	if (got)
		lockdep_acquire(s, &s->dep, LOCK_TRIED | LOCK_SHARED);
	return got;
}

static inline bool down_write_trylock(struct rwsem *s) TRY_ACQUIRE(true, s) NO_THREAD_SAFETY_ANALYSIS
{
	bool got = __down_write_try(s);

	if (got)
		lockdep_acquire(s, &s->dep, LOCK_TRIED);
	return got;
}

static inline void down_read(struct rwsem *s) ACQUIRE_SHARED(s) NO_THREAD_SAFETY_ANALYSIS
{
	might_sleep();
	lockdep_acquire(s, &s->dep, LOCK_SHARED);
	if (unlikely(!__down_read_try(s)))
		down_read_slow(s);
}

static inline void down_write(struct rwsem *s) ACQUIRE(s) NO_THREAD_SAFETY_ANALYSIS
{
	might_sleep();
	lockdep_acquire(s, &s->dep, 0);
	if (unlikely(!__down_write_try(s)))
		down_write_slow(s);
}

/* 0, or -ERESTARTSYS on a fatal signal: not locked then. */
static inline int down_write_killable(struct rwsem *s) TRY_ACQUIRE(0, s) NO_THREAD_SAFETY_ANALYSIS
{
	might_sleep();
	return likely(down_write_trylock(s)) ? 0 : down_write_slow_killable(s);
}

static inline void up_read(struct rwsem *s) RELEASE_SHARED(s) NO_THREAD_SAFETY_ANALYSIS
{
	TRACE(lock_release, TRACE_LOCK_READ, (u64)s);
	lockdep_release(s);
	__atomic_sub_fetch(&s->count, 1, __ATOMIC_SEQ_CST);
	if (unlikely(__atomic_load_n(&s->waiters, __ATOMIC_SEQ_CST)))
		rwsem_wake(s);
}

static inline void up_write(struct rwsem *s) RELEASE(s) NO_THREAD_SAFETY_ANALYSIS
{
	TRACE(lock_release, TRACE_LOCK_WRITE, (u64)s);
	lockdep_release(s);
	if (unlikely(smp_release_then_load(&s->count, 0, &s->waiters)))
		rwsem_wake(s);
}

/* The writer becomes a reader without letting another writer in. */
static inline void downgrade_write(struct rwsem *s) NO_THREAD_SAFETY_ANALYSIS
{
	if (unlikely(smp_release_then_load(&s->count, 1, &s->waiters)))
		rwsem_wake(s);
}

#endif
