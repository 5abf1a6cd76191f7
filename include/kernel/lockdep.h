/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The lock order checker (CONFIG_LOCKDEP).
 *
 * Locks are checked by class: all locks that one *_init() call site initialises, or
 * one lock of static storage. For each class it records which classes were held when
 * it was taken, and whether it was taken in an interrupt or with interrupts on. Reported
 * are, once, with the place of each step, whereupon the checker is off:
 *
 * - an order that closes a circle, and a lock taken twice
 * - two spinlocks of one class that were taken in either order of their addresses
 * - a spinlock used both in interrupts and with interrupts on; and one that is held,
 *   over whatever chain, while one of the second kind is taken, if interrupts take it too
 *
 * The run queues' locks are not followed, nor is the order of two sleeping locks of one
 * class: those of inodes follow the tree.
 *
 * Context: any. Without the option all of this is empty.
 */
#ifndef KERNEL_LOCKDEP_H
#define KERNEL_LOCKDEP_H

#include <lib/types.h>

#define LOCK_SPINS	1u	/* taken with preemption off, perhaps in interrupts */
#define LOCK_TRIED	2u	/* would not have waited */
#define LOCK_SHARED	4u

#ifdef CONFIG_LOCKDEP

struct lock_key {
	const char *name;
	u16	    class;	/* 0: none yet */
};

struct lock_dep {
	struct lock_key *key;	/* NULL: class of its own, by address */
	u16		 class;
};

/* What a task holds, newest last. */
#define LOCKDEP_DEPTH	24
struct held_locks {
	u32 nr;
	struct {
		const void *lock;
		u64	    ip;
		u16	    class;
	} at[LOCKDEP_DEPTH];
};

extern struct lock_key lockdep_ignore;	/* for locks that are not to be checked */
#define LOCKDEP_IGNORE	(&lockdep_ignore)

static inline void lockdep_init(struct lock_dep *dep, struct lock_key *key, const char *name)
{
	key->name = name;
	dep->key = key;
	dep->class = key->class;
}

/* Before the lock is waited for, or after a trylock that succeeded. */
void lockdep_acquire(const void *lock, struct lock_dep *dep, unsigned how);
void lockdep_release(const void *lock);
/* The task leaves the kernel, or ends: it may hold nothing. */
void lockdep_check_none_held(const char *where);

#else

struct lock_key { };
struct lock_dep { };
#define LOCKDEP_IGNORE	NULL

static inline void lockdep_init(struct lock_dep *dep, struct lock_key *key, const char *name) {}
static inline void lockdep_acquire(const void *lock, struct lock_dep *dep, unsigned how) {}
static inline void lockdep_release(const void *lock) {}
static inline void lockdep_check_none_held(const char *where) {}

#endif

#endif
