/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * FUTEX_WAIT_REQUEUE_PI and FUTEX_CMP_REQUEUE_PI: a condition variable whose mutex has
 * priority inheritance. Who is signalled goes on as the mutex's owner or as one of its
 * waiters, lending its priority, without having to run in between.
 */
#include <arch/uaccess.h>
#include <kernel/sched.h>
#include <linux/futex.h>
#include <mm/slab.h>
#include "futex_pi.h"

int futex_wait_requeue_pi(u32 __user *uaddr, bool shared, u32 value, nsec_t deadline, u32 bitset,
			  u32 __user *to) NO_THREAD_SAFETY_ANALYSIS
{
	struct futex_pi_waiter w = { .base = { .task = current, .bitset = bitset, .pi = &w },
				     .pi = { .task = current } };
	struct futex_bucket *bucket;
	bool waited = false;
	int ret;

	if (uaddr == to || !bitset)
		return -EINVAL;
	ret = futex_key_get(to, shared, true, &w.target);
	if (!ret)
		ret = futex_wait_setup(&w.base, uaddr, shared, value);
	if (ret)
		return ret;
	/* One word under two addresses: nobody can have moved it from the word to itself. */
	if (futex_key_equal(&w.base.key, &w.target)) {
		set_current_state(TASK_RUNNING);
		bucket = futex_waiter_lock(&w.base);
		if (bucket) {
			futex_waiter_del(&w.base);
			spin_unlock(&bucket->lock);
		}
		return -EINVAL;
	}
	ret = futex_pi_sleep(&w, to, deadline, &waited);
	if (ret != -EINTR)
		return ret;
	/* The condition has happened: the caller must not wait for it again. */
	return waited ? -EWOULDBLOCK : -ERESTARTNOINTR;
}

/* Whether a waiter at the first word is one that may be moved to the key. */
static bool movable(const struct futex_waiter *waiter, const struct futex_key *key)
{
	return waiter->pi && !waiter->pi->pi.lock && futex_key_equal(&waiter->pi->target, key);
}

/* From the first word to the lock. 0, -errno, FUTEX_PI_RETRY. */
static int move_one(struct futex_waiter *waiter, struct futex_pi_request *request)
{
	int error = futex_pi_queue(request, waiter->pi);

	if (!error && !READ_ONCE(request->lock->owner))
		task_wake(waiter->task, TASK_INTERRUPTIBLE);	/* it has to claim it */
	return error;
}

/* Both buckets locked. 0, -errno, FUTEX_PI_RETRY; *done: how many were woken and moved. */
static int requeue_locked(struct futex_bucket *from, const struct futex_key *key,
			  struct futex_pi_request *request, int move, int *done)
{
	struct futex_waiter *waiter = futex_waiter_first(from, key), *next;
	int ret;

	if (!waiter)
		return 0;
	if (!movable(waiter, &request->key))
		return -EINVAL;
	request->task = waiter->task;
	ret = futex_pi_look(request, move > 0, false);
	if (ret < 0 || ret == FUTEX_PI_RETRY)
		return ret;
	if (ret == FUTEX_PI_TAKEN) {
		if (move)
			futex_pi_attach(request, waiter->task);
		futex_waiter_wake(waiter);
		*done = 1;
		ret = 0;
	}
	list_for_each_entry_safe(waiter, next, &from->waiters, node) {
		if (*done > move)
			break;
		if (!futex_key_equal(&waiter->key, key))
			continue;
		ret = movable(waiter, &request->key) ? move_one(waiter, request) : -EINVAL;
		if (ret)
			break;
		++*done;
	}
	if (request->lock)
		futex_pi_drop_unused(request->lock);
	return ret;
}

int futex_cmp_requeue_pi(u32 __user *from, u32 __user *to, bool shared, int wake, int move,
			 u32 expected)
{
	struct futex_pi_request request = { .uaddr = to };
	struct futex_bucket *bucket;
	struct futex_key key;
	int done = 0, ret;
	u32 now;

	if (from == to || wake != 1 || move < 0)
		return -EINVAL;
	for (;;) {
		ret = futex_key_get(from, shared, false, &key);
		if (!ret)
			ret = futex_key_get(to, shared, true, &request.key);
		if (!ret && futex_key_equal(&key, &request.key))
			ret = -EINVAL;
		if (!ret && !request.spare && !(request.spare = futex_pi_lock_alloc()))
			ret = -ENOMEM;
		if (ret)
			break;
		bucket = futex_bucket(&key);
		request.bucket = futex_bucket(&request.key);
		request.lock = NULL;
		futex_lock_two(bucket, request.bucket);
		if (copy_from_user_nofault(&now, from, sizeof(now)))
			ret = -EFAULT;
		else if (now != expected)
			ret = -EWOULDBLOCK;
		else
			ret = requeue_locked(bucket, &key, &request, move, &done);
		futex_unlock_two(bucket, request.bucket);
		if (ret != -EFAULT && ret != FUTEX_PI_RETRY)
			break;
		ret = futex_fault_in(from, false);
		if (!ret)
			ret = futex_pi_again(-EFAULT, to);
		if (ret)
			break;
	}
	kfree(request.spare);
	return ret ? ret : done;
}
