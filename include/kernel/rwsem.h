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

#define RWSEM_WRITER	(-1)

struct CAPABILITY("rwsem") rwsem {
	s32		  count;		/* atomic */
	u32		  writers_waiting;	/* atomic */
	u32		  waiters;		/* atomic: anybody asleep or about to be */
	struct wait_queue wq;
};

#define RWSEM_INIT(name)	{ 0, 0, 0, WAIT_QUEUE_INIT((name).wq) }
#define DEFINE_RWSEM(name)	struct rwsem name = RWSEM_INIT(name)

void rwsem_init(struct rwsem *s);
void down_read_slow(struct rwsem *s);
void down_write_slow(struct rwsem *s);
int down_write_slow_killable(struct rwsem *s);

static inline bool down_read_trylock(struct rwsem *s) TRY_ACQUIRE_SHARED(true, s) NO_THREAD_SAFETY_ANALYSIS
{
	s32 c = READ_ONCE(s->count);

	return c >= 0 && !READ_ONCE(s->writers_waiting) &&
	       __atomic_compare_exchange_n(&s->count, &c, c + 1, false,
					   __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

static inline bool down_write_trylock(struct rwsem *s) TRY_ACQUIRE(true, s) NO_THREAD_SAFETY_ANALYSIS
{
	s32 c = 0;

	return __atomic_compare_exchange_n(&s->count, &c, RWSEM_WRITER, false,
					   __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

static inline void down_read(struct rwsem *s) ACQUIRE_SHARED(s) NO_THREAD_SAFETY_ANALYSIS
{
	might_sleep();
	if (unlikely(!down_read_trylock(s)))
		down_read_slow(s);
}

static inline void down_write(struct rwsem *s) ACQUIRE(s) NO_THREAD_SAFETY_ANALYSIS
{
	might_sleep();
	if (unlikely(!down_write_trylock(s)))
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
	__atomic_sub_fetch(&s->count, 1, __ATOMIC_SEQ_CST);
	if (unlikely(__atomic_load_n(&s->waiters, __ATOMIC_SEQ_CST)))
		wake_up_all(&s->wq);
}

static inline void up_write(struct rwsem *s) RELEASE(s) NO_THREAD_SAFETY_ANALYSIS
{
	__atomic_store_n(&s->count, 0, __ATOMIC_SEQ_CST);
	if (unlikely(__atomic_load_n(&s->waiters, __ATOMIC_SEQ_CST)))
		wake_up_all(&s->wq);
}

/* The writer becomes a reader without letting another writer in. */
static inline void downgrade_write(struct rwsem *s) NO_THREAD_SAFETY_ANALYSIS
{
	__atomic_store_n(&s->count, 1, __ATOMIC_SEQ_CST);
	if (unlikely(__atomic_load_n(&s->waiters, __ATOMIC_SEQ_CST)))
		wake_up_all(&s->wq);
}

#endif
