/* SPDX-License-Identifier: BSD-2-Clause */
/* futex_waitv(2): sleeps on many futexes at once, until one of them is woken. */
#include <arch/uaccess.h>
#include <kernel/sched.h>
#include <kernel/syscall.h>
#include <kernel/time.h>
#include <linux/futex.h>
#include <linux/time.h>
#include <mm/slab.h>
#include "futex_internal.h"

#define WAITV_FLAGS (FUTEX_32 | FUTEX_PRIVATE_FLAG)

/* What the caller passes is read once; a waiter is on its bucket from setup to unqueue. */
struct waitv {
	struct futex_waitv  user;
	struct futex_waiter waiter;
};

/* Takes the first `nr` off their buckets. The index of the last one that was woken, or -1. */
static int unqueue_all(struct waitv *v, unsigned nr)
{
	int woken = -1;

	for (unsigned i = 0; i < nr; i++)
		if (!futex_waiter_unqueue(&v[i].waiter))
			woken = (int)i;
	return woken;
}

/* Queues on all, as far as each word still has its value. -1 to sleep, else the call's result. */
static int queue_all(struct waitv *v, unsigned nr)
{
	int err, woken;

	for (unsigned i = 0; i < nr; i++) {
		const struct futex_waitv *u = &v[i].user;

		v[i].waiter = (struct futex_waiter){ .task = current,
						     .bitset = FUTEX_BITSET_MATCH_ANY };
		err = futex_wait_setup(&v[i].waiter, (u32 __user *)u->uaddr,
				       !(u->flags & FUTEX_PRIVATE_FLAG), (u32)u->val);
		set_current_state(TASK_RUNNING);
		if (err) {
			woken = unqueue_all(v, i);
			return woken >= 0 ? woken : err;
		}
	}
	return -1;
}

/* The waker takes the waiter off before it looks at the state of the sleeper. */
static bool any_woken(struct waitv *v, unsigned nr)
{
	for (unsigned i = 0; i < nr; i++)
		if (!smp_load_acquire(&v[i].waiter.bucket))
			return true;
	return false;
}

static int wait_all(struct waitv *v, unsigned nr, nsec_t deadline)
{
	bool expired;
	int result;

	for (;;) {
		result = queue_all(v, nr);
		if (result != -1)
			return result;
		set_current_state(TASK_INTERRUPTIBLE);
		expired = futex_sleep(any_woken(v, nr), deadline);
		result = unqueue_all(v, nr);
		if (result >= 0)
			return result;
		if (expired)
			return -ETIMEDOUT;
		/* Its time is absolute: the call can be made again as it was. */
		if (signal_pending(current))
			return -ERESTARTSYS;
	}
}

static int read_waiters(struct waitv *v, const struct futex_waitv __user *user, unsigned nr)
{
	for (unsigned i = 0; i < nr; i++) {
		struct futex_waitv *u = &v[i].user;

		if (copy_from_user(u, user + i, sizeof(*u)))
			return -EFAULT;
		if ((u->flags & ~(u32)WAITV_FLAGS) || !(u->flags & FUTEX_32) || u->__reserved)
			return -EINVAL;
	}
	return 0;
}

SYSCALL_DEFINE5(futex_waitv, const struct futex_waitv __user *, user, unsigned int, nr,
		unsigned int, flags, const void __user *, utime, int, clock)
{
	nsec_t deadline = NSEC_MAX;
	struct timespec64 ts;
	struct waitv *v;
	int err;

	if (flags || !nr || nr > FUTEX_WAITV_MAX || !user)
		return -EINVAL;
	if (utime) {
		if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC)
			return -EINVAL;
		err = get_timespec64(&ts, utime);
		if (err)
			return err;
		deadline = futex_to_monotonic(timespec64_to_ns(&ts), clock == CLOCK_REALTIME);
	}
	v = kmalloc(nr * sizeof(*v), GFP_KERNEL);
	if (!v)
		return -ENOMEM;
	err = read_waiters(v, user, nr);
	if (!err)
		err = wait_all(v, nr, deadline);
	kfree(v);
	return err;
}
