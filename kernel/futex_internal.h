/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_FUTEX_INTERNAL_H
#define KERNEL_FUTEX_INTERNAL_H

#include <kernel/futex.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/spinlock.h>
#include <kernel/task.h>

/* Two words are one futex if object and offset are equal. */
struct futex_key {
	const void	*object;	/* mm, or the page cache of a shared mapping */
	u64		offset;		/* address, or byte in the cache */
};

/* Lock order between buckets: by address. Inside: tasklist_lock, pi_graph, runqueue locks. */
struct futex_bucket {
	spinlock_t	 lock;
	struct list_head waiters;	/* lock; by urgency; a waker looks whether it is empty without */
} __aligned(64);

/* On the sleeper's stack. */
struct futex_waiter {
	struct list_head	node;	/* bucket->lock */
	struct futex_bucket	*bucket; /* where it is queued; NULL: woken. bucket->lock to write */
	struct futex_key	key;	/* bucket->lock */
	struct task		*task;
	int			prio;	/* in real time task->prio, else that of all others */
	u32			bitset;
	struct futex_pi_waiter	*pi;	/* it waits for a lock with priority inheritance, or may yet */
};

/* futex.c, for the PI operations too. */
bool futex_key_equal(const struct futex_key *a, const struct futex_key *b);
struct futex_bucket *futex_bucket(const struct futex_key *key);
void futex_lock_two(struct futex_bucket *a, struct futex_bucket *b);
void futex_unlock_two(struct futex_bucket *a, struct futex_bucket *b);
/* Puts a waiter, whose key is set, into the bucket, which is locked. */
void futex_waiter_add(struct futex_waiter *waiter, struct futex_bucket *bucket);
/* Takes the waiter off and wakes it. Its memory is its stack: not touched afterwards. Locked. */
void futex_waiter_wake(struct futex_waiter *waiter);
/* The bucket that the waiter is in, locked; NULL if it is in none any more: it was woken. */
struct futex_bucket *futex_waiter_lock(struct futex_waiter *waiter);
/* Takes the waiter off; its bucket is locked. */
void futex_waiter_del(struct futex_waiter *waiter);
/* Takes it off its bucket. False if it was in none any more: somebody woke it. */
bool futex_waiter_unqueue(struct futex_waiter *waiter);
/* The first waiter of the key, or NULL; locked. */
struct futex_waiter *futex_waiter_first(struct futex_bucket *bucket, const struct futex_key *key);
/* Queues current if the word still is `value`, in state TASK_INTERRUPTIBLE. 0 or -errno. */
int futex_wait_setup(struct futex_waiter *waiter, u32 __user *uaddr, bool shared, u32 value);

/*
 * Sleeps in the state TASK_INTERRUPTIBLE that was set, unless there is a reason not to, a signal among
 * them; then, in any case, it runs again. True: the deadline has passed.
 */
static __always_inline bool futex_sleep(bool stay_awake, nsec_t deadline)
{
	bool expired = false;

	if (stay_awake || signal_pending(current))
		;
	else if (deadline == NSEC_MAX)
		schedule();
	else
		expired = schedule_until(deadline);
	set_current_state(TASK_RUNNING);
	return expired;
}
/* Brings the word's page in, for an access that failed under a bucket's lock. 0 or -EFAULT. */
int futex_fault_in(u32 __user *uaddr, bool write);

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

/* futex_syscalls.c: absolute time on the monotonic clock, or the other one, as monotonic time. */
nsec_t futex_to_monotonic(nsec_t when, bool realtime);

/*
 * futex_pi.c: locks with priority inheritance, as in futex(2). The word is 0 when free, else
 * the owner's tid, with FUTEX_WAITERS when the kernel has to be told of an unlock, and with
 * FUTEX_OWNER_DIED when the one before died. `deadline` as above; a signal: -ERESTARTNOINTR.
 * -EDEADLK it is the caller's, or the owner waits for the caller; -ESRCH there is no such
 * owner; -EPERM the owner is the kernel's, or unlock: is not the caller; -EINVAL the word and
 * what the kernel knows do not agree; -EAGAIN try: it is taken, unlock: the word changed.
 */
#ifdef CONFIG_FUTEX_PI
int futex_lock_pi(u32 __user *uaddr, bool shared, nsec_t deadline, bool try);
int futex_unlock_pi(u32 __user *uaddr, bool shared);
/*
 * futex_requeue_pi.c. Waits at `uaddr` until futex_cmp_requeue_pi() gives it the lock `to`,
 * at once or in its turn. As futex_wait(), but -EAGAIN for a signal while it waits for `to`.
 */
int futex_wait_requeue_pi(u32 __user *uaddr, bool shared, u32 value, nsec_t deadline, u32 bitset,
			  u32 __user *to);
/* Gives the lock to the first waiter of `from`, and lets `move` more wait for it. As futex_requeue(). */
int futex_cmp_requeue_pi(u32 __user *from, u32 __user *to, bool shared, int wake, int move,
			 u32 expected);
#else
static inline int futex_lock_pi(u32 __user *uaddr, bool shared, nsec_t deadline, bool try)
{
	return -ENOSYS;
}

static inline int futex_unlock_pi(u32 __user *uaddr, bool shared)
{
	return -ENOSYS;
}

static inline int futex_wait_requeue_pi(u32 __user *uaddr, bool shared, u32 value, nsec_t deadline,
					u32 bitset, u32 __user *to)
{
	return -ENOSYS;
}

static inline int futex_cmp_requeue_pi(u32 __user *from, u32 __user *to, bool shared, int wake,
				       int move, u32 expected)
{
	return -ENOSYS;
}
#endif

#endif
