/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_FUTEX_PI_H
#define KERNEL_FUTEX_PI_H

/*
 * What futex_pi.c and futex_requeue_pi.c share: the PI lock behind a word.
 *
 * The word alone is the lock while nobody waits. The first waiter finds the owner by the
 * tid in it and makes a pi_lock, which all waiters of the word share and the last one
 * frees. Unlocking hands the lock over: the first waiter is the owner, in the word and
 * in the graph, before it wakes. Only when an owner dies the lock is nobody's for a
 * moment: the word may be out of the dying thread's reach, so each waiter that wakes tries
 * to claim it.
 *
 * A waiter is in its bucket for as long as it is in the pi_lock's tree: both change under
 * the bucket's lock. Lock order: bucket, then pi_graph.
 */
#include <kernel/pi.h>
#include <mm/slab.h>
#include "futex_internal.h"

/* On the sleeper's stack; base.pi points at it. */
struct futex_pi_waiter {
	struct futex_waiter	base;
	struct pi_waiter	pi;	/* pi.lock is NULL before it is moved to the lock */
	struct futex_key	target;	/* FUTEX_WAIT_REQUEUE_PI: where it may be moved */
};

/* A request for the lock at uaddr on behalf of `task`. */
struct futex_pi_request {
	u32 __user		*uaddr;
	struct futex_key	key;
	struct futex_bucket	*bucket;
	struct task		*task;
	struct pi_lock		*spare;	/* to be used if the lock needs one; caller frees what is left */
	struct pi_lock		*lock;	/* what is to be waited for */
	u32			word;	/* what was last seen at uaddr */
};

/* Beside -errno. FUTEX_PI_RETRY, as -EFAULT until the page is in: unlock, and once more. */
enum futex_pi_verdict { FUTEX_PI_WAIT, FUTEX_PI_TAKEN, FUTEX_PI_RETRY };

/*
 * Looks at the word with the bucket locked. FUTEX_PI_TAKEN: it was free and now is the
 * task's, with FUTEX_WAITERS set if `waiters`. FUTEX_PI_WAIT: request->lock is to be
 * waited for; with `try` nothing was prepared for that, and it is -EWOULDBLOCK.
 */
int futex_pi_look(struct futex_pi_request *request, bool waiters, bool try);
/* request->lock with this owner, for a word that was just taken. Bucket locked. */
void futex_pi_attach(struct futex_pi_request *request, struct task *owner);
/* Puts w behind request->lock, from whatever bucket it is in. 0, -errno, FUTEX_PI_RETRY. */
int futex_pi_queue(struct futex_pi_request *request, struct futex_pi_waiter *w);
/* Frees request->lock if nobody waits for it. Bucket locked. */
void futex_pi_drop_unused(struct pi_lock *lock);

/* What to do after FUTEX_PI_RETRY or -EFAULT, with nothing locked. 0, or -EFAULT for good. */
int futex_pi_again(int verdict, u32 __user *uaddr);

/*
 * Sleeps until w is woken or owns the lock behind it. 0; -ETIMEDOUT, -EINTR: then it is
 * out of everything; *waited says whether it waited for the lock. -EFAULT: the word is gone.
 */
int futex_pi_sleep(struct futex_pi_waiter *w, u32 __user *uaddr, nsec_t deadline, bool *waited);

static inline struct pi_lock *futex_pi_lock_alloc(void)
{
	return kzalloc(sizeof(struct pi_lock), GFP_KERNEL);
}

#endif
