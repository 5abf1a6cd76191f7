/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Spinlocks: short critical sections that never sleep.
 *
 * Fair (ticket) on SMP; on one CPU they only disable preemption. A lock that an
 * interrupt handler also takes is taken with the _irq or _irqsave forms
 * everywhere else. Each lock's place in the order is written where the lock is
 * declared.
 *
 * Context: any. The holder must not sleep.
 */
#ifndef KERNEL_SPINLOCK_H
#define KERNEL_SPINLOCK_H

#include <arch/barrier.h>
#include <arch/irqflags.h>
#include <kernel/lockdep.h>
#include <kernel/preempt.h>
#include <lib/compiler.h>

typedef struct CAPABILITY("spinlock") spinlock {
	union {
		u32 word;
		struct {
			u16 owner;	/* ticket being served */
			u16 next;	/* next ticket to hand out */
		};
	};
	struct lock_dep dep;		/* CONFIG_LOCKDEP */
} spinlock_t;

#define SPINLOCK_INIT		{ .word = 0 }
#define DEFINE_SPINLOCK(name)	spinlock_t name = SPINLOCK_INIT

static inline void __spin_lock_init(spinlock_t *lock, struct lock_key *key, const char *name)
{
	lock->word = 0;
	lockdep_init(&lock->dep, key, name);
}

/* Each place that initialises locks is a class for CONFIG_LOCKDEP. */
#define spin_lock_init(lock) do {				\
	static struct lock_key __key;				\
	__spin_lock_init(lock, &__key, #lock);			\
} while (0)

/* The raw ticket operations; the caller has disabled preemption. */
static inline void ticket_acquire(spinlock_t *lock) NO_THREAD_SAFETY_ANALYSIS
{
	/* Both halves at once say whether it was free: no second load then. `next` is the upper. */
	u32 old = __atomic_fetch_add(&lock->word, 1u << 16, __ATOMIC_ACQUIRE);

	if (unlikely(old != (old << 16 | old >> 16)))
		while (__atomic_load_n(&lock->owner, __ATOMIC_ACQUIRE) != (u16)(old >> 16))
			cpu_relax();
}

static inline bool ticket_try(spinlock_t *lock) NO_THREAD_SAFETY_ANALYSIS
{
	u32 old = READ_ONCE(lock->word);

	if ((u16)old != old >> 16)
		return false;
	return __atomic_compare_exchange_n(&lock->word, &old, old + (1u << 16), false,
					   __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

static inline void ticket_release(spinlock_t *lock) NO_THREAD_SAFETY_ANALYSIS
{
	__atomic_store_n(&lock->owner, (u16)(lock->owner + 1), __ATOMIC_RELEASE);
}

/* On one CPU the ticket is kept only to find misuse. */
#define SPIN_TICKETS (IS_ENABLED(CONFIG_SMP) || IS_ENABLED(CONFIG_DEBUG_LOCKS))

static inline void spin_lock(spinlock_t *lock) ACQUIRE(lock) NO_THREAD_SAFETY_ANALYSIS
{
	preempt_disable();
	lockdep_acquire(lock, &lock->dep, LOCK_SPINS);
	if (SPIN_TICKETS)
		ticket_acquire(lock);
}

static inline bool spin_trylock(spinlock_t *lock) TRY_ACQUIRE(true, lock) NO_THREAD_SAFETY_ANALYSIS
{
	preempt_disable();
	if (!SPIN_TICKETS || ticket_try(lock)) {
		lockdep_acquire(lock, &lock->dep, LOCK_SPINS | LOCK_TRIED);
		return true;
	}
	preempt_enable();
	return false;
}

static inline void spin_unlock(spinlock_t *lock) RELEASE(lock) NO_THREAD_SAFETY_ANALYSIS
{
	lockdep_release(lock);
	if (SPIN_TICKETS)
		ticket_release(lock);
	preempt_enable();
}

static inline void spin_lock_irq(spinlock_t *lock) ACQUIRE(lock) NO_THREAD_SAFETY_ANALYSIS
{
	local_irq_disable();
	spin_lock(lock);
}

static inline void spin_unlock_irq(spinlock_t *lock) RELEASE(lock) NO_THREAD_SAFETY_ANALYSIS
{
	lockdep_release(lock);
	if (SPIN_TICKETS)
		ticket_release(lock);
	local_irq_enable();
	preempt_enable();
}

static inline unsigned long spin_lock_save(spinlock_t *lock) ACQUIRE(lock) NO_THREAD_SAFETY_ANALYSIS
{
	unsigned long flags;

	local_irq_save(flags);
	spin_lock(lock);
	return flags;
}

#define spin_lock_irqsave(lock, flags)	((flags) = spin_lock_save(lock))

static inline void spin_unlock_irqrestore(spinlock_t *lock, unsigned long flags)
	RELEASE(lock) NO_THREAD_SAFETY_ANALYSIS
{
	lockdep_release(lock);
	if (SPIN_TICKETS)
		ticket_release(lock);
	local_irq_restore(flags);
	preempt_enable();
}

static inline bool spin_is_locked(spinlock_t *lock)
{
	return SPIN_TICKETS ? lock->owner != lock->next : true;
}

/* Tells the analysis, and with CONFIG_DEBUG_LOCKS checks, that the lock is held. */
static inline void spin_assert_held(spinlock_t *lock) ASSERT_CAPABILITY(lock)
{
	if (IS_ENABLED(CONFIG_DEBUG_LOCKS) && unlikely(!spin_is_locked(lock)))
		might_sleep_report(__FILE__, __LINE__);
}

#endif
