/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_FUTEX_INTERNAL_H
#define KERNEL_FUTEX_INTERNAL_H

#include <kernel/futex.h>
#include <kernel/signal.h>
#include <kernel/spinlock.h>
#include <kernel/task.h>

/* Two words are one futex if object and offset are equal. */
struct futex_key {
	const void	*object;	/* mm, or the page cache of a shared mapping */
	u64		offset;		/* address, or byte in the cache */
};

/* Lock order between buckets: by address. Inside: runqueue locks. */
struct futex_bucket {
	spinlock_t	 lock;
	struct list_head waiters;	/* lock; a waker looks whether it is empty without */
} __aligned(64);

/* On the sleeper's stack. */
struct futex_waiter {
	struct list_head	node;	/* bucket->lock */
	struct futex_bucket	*bucket; /* where it is queued; NULL: woken. bucket->lock to write */
	struct futex_key	key;	/* bucket->lock */
	struct task		*task;
	u32			bitset;
};

/* 0, -EINVAL not aligned, -EFAULT. `write`: the caller is going to change the word. */
int futex_key_get(u32 __user *uaddr, bool shared, bool write, struct futex_key *key);
/*
 * Sleeps until woken. 0 woken, -EWOULDBLOCK the word is not `value`, -ETIMEDOUT past the
 * absolute monotonic `deadline` (NSEC_MAX: none), -ERESTARTSYS a signal came.
 */
int futex_wait(u32 __user *uaddr, bool shared, u32 value, nsec_t deadline, u32 bitset);
/*
 * Wakes `wake` waiters of `from` and moves up to `move` more to `to`. The number of both;
 * -EAGAIN if *from is not *expected (when not NULL).
 */
int futex_requeue(u32 __user *from, u32 __user *to, bool shared, int wake, int move,
		  const u32 *expected);
/* FUTEX_WAKE_OP of futex(2). The number woken. */
int futex_wake_op(u32 __user *first, u32 __user *second, bool shared, int wake, int wake2,
		  u32 op);

#endif
