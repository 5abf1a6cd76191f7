/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Priority inheritance: who waits for a lock lends its priority to the lock's owner, and
 * through it to the owner of the lock that the owner waits for, and so on. So no waiter
 * waits longer for a task between the two than for the critical sections themselves.
 *
 * A pi_lock is what the kernel knows of a lock that has waiters. What the lock is and when
 * it changes hands is its user's business (futex_pi.c); here is only who waits behind whom.
 * A task waits for one lock at most, and a lock has one owner at most: from any task one
 * chain leads on, "waits for, owned by, waits for, ...". pi_wait() refuses what would close
 * it to a ring, so every walk along a chain ends.
 *
 * The priority that is lent is task->prio, whatever gave it: an own one or a borrowed one.
 * The core takes it by sched_lend() and brings it into the terms of the policy: of real
 * time every policy makes real time, of nice values what it makes of nice values.
 *
 * One lock guards all chains, for they cross locks and processes; only contended locks get
 * here. Lock order: pi_graph, then runqueue locks. Context: task.
 */
#ifndef KERNEL_PI_H
#define KERNEL_PI_H

#include <kernel/spinlock.h>
#include <lib/rbtree.h>

struct task;

#ifdef CONFIG_FUTEX_PI

extern spinlock_t pi_graph;

struct pi_lock {
	struct rb_root_cached waiters;	/* by urgency, then by arrival */
	struct task	*owner;		/* counted; NULL: it is gone, a waiter has to claim the lock */
	struct rb_node	node;		/* in owner->pi_owned while there are waiters */
	int		prio;		/* of the first waiter, while in that tree */
};

struct pi_waiter {
	struct rb_node	node;
	struct pi_lock	*lock;		/* NULL: it waits for none */
	struct task	*task;
	int		prio;		/* task->prio when it was put in its place */
};

/* All of pi_lock and pi_waiter but `task` is under pi_graph. */

/* The most urgent waiter, NULL if there is none. */
static inline struct pi_waiter *pi_first(struct pi_lock *lock) REQUIRES(pi_graph)
{
	return rb_entry_safe(rb_first_cached(&lock->waiters), struct pi_waiter, node);
}

/*
 * w->task, which need not be current, waits for the lock. -EDEADLK: the owner waits for
 * w->task, or the chain is longer than PI_MAX_DEPTH; -ESRCH: the owner has exited.
 */
#define PI_MAX_DEPTH	1024
int pi_wait(struct pi_lock *lock, struct pi_waiter *w) REQUIRES(pi_graph);
/* w waits no more. */
void pi_leave(struct pi_waiter *w) REQUIRES(pi_graph);
/* The lock belongs to `owner`, which is not among its waiters, or to nobody. */
void pi_set_owner(struct pi_lock *lock, struct task *owner) REQUIRES(pi_graph);

/* current ends or execs: what it owns is nobody's, and the first waiter of each is woken. */
void pi_release_all(void);
/* t->prio may have changed by other means than lending. No lock held. */
void pi_prio_changed(struct task *t);

#else

static inline void pi_release_all(void)
{
}

static inline void pi_prio_changed(struct task *t)
{
}

#endif

#endif
