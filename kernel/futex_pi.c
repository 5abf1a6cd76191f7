/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Futexes with priority inheritance: FUTEX_LOCK_PI, LOCK_PI2, TRYLOCK_PI and UNLOCK_PI.
 * See futex_pi.h for how the word, the bucket and the graph of pi.h belong together.
 */
#include <arch/uaccess.h>
#include <kernel/pid.h>
#include <kernel/sched.h>
#include <linux/futex.h>
#include <mm/slab.h>
#include "futex_pi.h"

/* Words under a bucket's lock: 0, -EFAULT if the page is not there. */

static int read_word(u32 __user *uaddr, u32 *word)
{
	return copy_from_user_nofault(word, uaddr, sizeof(*word)) ? -EFAULT : 0;
}

/* 0; FUTEX_PI_RETRY: it was not *old, which is now what was found, or there is a crowd. */
static int change_word(u32 __user *uaddr, u32 *old, u32 new)
{
	u32 seen;
	int error;

	pagefault_disable();
	error = user_cmpxchg32(uaddr, *old, new, &seen);
	pagefault_enable();
	if (error)
		return error == -EAGAIN ? FUTEX_PI_RETRY : error;
	if (seen == *old)
		return 0;
	*old = seen;
	return FUTEX_PI_RETRY;
}

static struct futex_pi_waiter *waiter_of(struct pi_waiter *pi)
{
	return container_of(pi, struct futex_pi_waiter, pi);
}

/* --- Looking at the word --- */

/* Others wait for it already: what they know has to agree with the word. */
static int join(struct futex_pi_request *request, const struct futex_waiter *other)
{
	u32 tid = request->word & FUTEX_TID_MASK;
	int error = 0;

	if (!other->pi || !other->pi->pi.lock)
		return -EINVAL;
	request->lock = other->pi->pi.lock;
	spin_lock(&pi_graph);
	/* Without an owner, or with a dead one in the word, a waiter is about to claim it. */
	if (request->lock->owner && (tid || !(request->word & FUTEX_OWNER_DIED)) &&
	    tid != (u32)request->lock->owner->tid)
		error = -EINVAL;
	spin_unlock(&pi_graph);
	return error;
}

/* No such thread, or one that is past owning anything: did it leave the word to be retried? */
static int owner_missing(const struct futex_pi_request *request)
{
	u32 now;

	if (read_word(request->uaddr, &now))
		return -EFAULT;
	return now == request->word ? -ESRCH : FUTEX_PI_RETRY;
}

void futex_pi_attach(struct futex_pi_request *request, struct task *owner)
{
	request->lock = request->spare;
	request->spare = NULL;
	spin_lock(&pi_graph);
	pi_set_owner(request->lock, owner);
	spin_unlock(&pi_graph);
}

/* The first to wait: finds the owner by the tid in the word. */
static int find_owner(struct futex_pi_request *request, bool try)
{
	struct task *owner = task_find((pid_t)(request->word & FUTEX_TID_MASK));
	int error = 0;

	if (!owner || owner->pi_gone)
		error = owner_missing(request);
	else if (owner->flags & PF_KTHREAD)
		error = -EPERM;
	else if (try)
		error = -EWOULDBLOCK;
	else
		futex_pi_attach(request, owner);
	if (owner)
		task_put(owner);
	return error;
}

int futex_pi_look(struct futex_pi_request *request, bool waiters, bool try)
{
	struct futex_waiter *other;
	u32 new;
	int error = read_word(request->uaddr, &request->word);

	if (error)
		return error;
	if ((request->word & FUTEX_TID_MASK) == (u32)request->task->tid)
		return -EDEADLK;
	other = futex_waiter_first(request->bucket, &request->key);
	if (other) {
		error = join(request, other);
		return !error && try ? -EWOULDBLOCK : error;
	}
	if (!(request->word & FUTEX_TID_MASK)) {
		new = (u32)request->task->tid | (request->word & FUTEX_OWNER_DIED);
		new |= waiters ? FUTEX_WAITERS : 0;
		error = change_word(request->uaddr, &request->word, new);
		return error ? error : FUTEX_PI_TAKEN;
	}
	/* From here on the owner cannot unlock without asking the kernel. */
	new = request->word | FUTEX_WAITERS;
	if (new != request->word) {
		error = change_word(request->uaddr, &request->word, new);
		if (error)
			return error;
		request->word = new;
	}
	return find_owner(request, try);
}

int futex_pi_queue(struct futex_pi_request *request, struct futex_pi_waiter *w)
{
	int error;

	spin_lock(&pi_graph);
	error = pi_wait(request->lock, &w->pi);
	spin_unlock(&pi_graph);
	if (error)
		return error == -ESRCH ? owner_missing(request) : error;
	if (w->base.bucket)
		list_del(&w->base.node);
	w->base.key = request->key;
	futex_waiter_add(&w->base, request->bucket);
	return 0;
}

/* --- Changing hands --- */

void futex_pi_drop_unused(struct pi_lock *lock)
{
	bool unused;

	spin_lock(&pi_graph);
	unused = !pi_first(lock);
	if (unused)
		pi_set_owner(lock, NULL);
	spin_unlock(&pi_graph);
	if (unused)
		kfree(lock);
}

/* The word says already that the lock is w's. Bucket locked; w is out of it afterwards. */
static void take_over(struct futex_pi_waiter *w)
{
	struct pi_lock *lock = w->pi.lock;

	spin_lock(&pi_graph);
	pi_leave(&w->pi);
	pi_set_owner(lock, w->base.task);
	spin_unlock(&pi_graph);
	futex_pi_drop_unused(lock);
}

/* The owner is gone: current, which waits, takes the lock. -EFAULT: the page is not there. */
static int claim(struct futex_pi_waiter *w, u32 __user *uaddr)
{
	u32 word, new;
	int error = read_word(uaddr, &word);

	if (error)
		return error;
	do {
		new = (u32)current->tid | FUTEX_WAITERS | FUTEX_OWNER_DIED;
		error = change_word(uaddr, &word, new);
	} while (error == FUTEX_PI_RETRY);
	if (!error) {
		take_over(w);
		futex_waiter_del(&w->base);
	}
	return error;
}

/* Out of everything, with the bucket locked. Who comes next may have to claim the lock. */
static void leave(struct futex_pi_waiter *w)
{
	struct pi_lock *lock = w->pi.lock;
	struct pi_waiter *next;

	if (lock) {
		spin_lock(&pi_graph);
		pi_leave(&w->pi);
		next = pi_first(lock);
		if (next && !lock->owner)
			task_wake(next->task, TASK_INTERRUPTIBLE);
		spin_unlock(&pi_graph);
		futex_pi_drop_unused(lock);
	}
	futex_waiter_del(&w->base);
}

#define NOT_YET 1

/*
 * Before sleeping, and after each wake-up. 0: it is woken or the owner. NOT_YET. -EFAULT, or
 * `why` it cannot wait any longer: it has left. *waited: it waits for the lock, or did.
 */
static int look_around(struct futex_pi_waiter *w, u32 __user *uaddr, int why, bool *waited)
	NO_THREAD_SAFETY_ANALYSIS
{
	struct futex_bucket *bucket;
	int error = 0, ret;

	for (;;) {
		bucket = futex_waiter_lock(&w->base);
		if (!bucket)
			return 0;
		*waited = w->pi.lock;
		if (error || !*waited || READ_ONCE(w->pi.lock->owner)) {
			ret = error ? error : why ? why : NOT_YET;
			break;
		}
		ret = claim(w, uaddr);
		if (ret != -EFAULT)
			break;
		spin_unlock(&bucket->lock);
		set_current_state(TASK_RUNNING);
		error = futex_fault_in(uaddr, true);
	}
	if (ret < 0)
		leave(w);
	spin_unlock(&bucket->lock);
	return ret;
}

int futex_pi_sleep(struct futex_pi_waiter *w, u32 __user *uaddr, nsec_t deadline, bool *waited)
{
	int ret, why = 0;

	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		ret = look_around(w, uaddr, why, waited);
		if (ret != NOT_YET)
			break;
		if (signal_pending(current))
			why = -EINTR;
		else if (deadline == NSEC_MAX)
			schedule();
		else if (schedule_until(deadline))
			why = -ETIMEDOUT;
	}
	set_current_state(TASK_RUNNING);
	return ret;
}

/* --- The operations --- */

/* Takes the lock or queues w. FUTEX_PI_* or -errno. */
static int take_or_queue(struct futex_pi_request *request, struct futex_pi_waiter *w, bool try)
{
	int ret;

	spin_lock(&request->bucket->lock);
	ret = futex_pi_look(request, false, try);
	if (ret == FUTEX_PI_WAIT) {
		ret = futex_pi_queue(request, w);
		if (ret)
			futex_pi_drop_unused(request->lock);
	}
	spin_unlock(&request->bucket->lock);
	return ret;
}

int futex_pi_again(int verdict, u32 __user *uaddr)
{
	cond_resched();
	return verdict == -EFAULT ? futex_fault_in(uaddr, true) : 0;
}

int futex_lock_pi(u32 __user *uaddr, bool shared, nsec_t deadline, bool try)
{
	struct futex_pi_request request = { .uaddr = uaddr, .task = current };
	struct futex_pi_waiter w = { .base = { .task = current, .bitset = FUTEX_BITSET_MATCH_ANY,
					       .pi = &w }, .pi = { .task = current } };
	bool waited;
	int ret;

	for (;;) {
		ret = futex_key_get(uaddr, shared, true, &request.key);
		if (ret)
			break;
		request.bucket = futex_bucket(&request.key);
		if (!request.spare && !try)
			request.spare = futex_pi_lock_alloc();
		if (!request.spare && !try) {
			ret = -ENOMEM;
			break;
		}
		ret = take_or_queue(&request, &w, try);
		if (ret != -EFAULT && ret != FUTEX_PI_RETRY)
			break;
		ret = futex_pi_again(ret, uaddr);
		if (ret)
			break;
	}
	kfree(request.spare);
	if (ret == FUTEX_PI_TAKEN)
		return 0;
	if (ret != FUTEX_PI_WAIT)
		return ret;
	ret = futex_pi_sleep(&w, uaddr, deadline, &waited);
	return ret == -EINTR ? -ERESTARTNOINTR : ret;
}

/* Bucket locked. Whom it was given to is woken. */
static int hand_over(struct futex_waiter *other, u32 __user *uaddr, u32 *word)
{
	struct futex_pi_waiter *heir = NULL;
	u32 tid = *word & FUTEX_TID_MASK;
	int error;

	if (!other->pi || !other->pi->pi.lock)
		return -EINVAL;
	spin_lock(&pi_graph);
	if (other->pi->pi.lock->owner == current)
		heir = waiter_of(pi_first(other->pi->pi.lock));
	spin_unlock(&pi_graph);
	if (!heir)
		return -EINVAL;
	error = change_word(uaddr, word, (u32)heir->base.task->tid | FUTEX_WAITERS);
	if (error == FUTEX_PI_RETRY && (*word & FUTEX_TID_MASK) != tid)
		return -EINVAL;
	if (!error) {
		take_over(heir);
		futex_waiter_wake(&heir->base);
	}
	return error;
}

int futex_unlock_pi(u32 __user *uaddr, bool shared)
{
	struct futex_bucket *bucket;
	struct futex_waiter *other;
	struct futex_key key;
	u32 word, before;
	int error;

	for (;;) {
		if (get_user(word, uaddr))
			return -EFAULT;
		if ((word & FUTEX_TID_MASK) != (u32)current->tid)
			return -EPERM;
		error = futex_key_get(uaddr, shared, true, &key);
		if (error)
			return error;
		bucket = futex_bucket(&key);
		before = word;
		spin_lock(&bucket->lock);
		other = futex_waiter_first(bucket, &key);
		error = other ? hand_over(other, uaddr, &word) : change_word(uaddr, &word, 0);
		spin_unlock(&bucket->lock);
		/* With nobody waiting, a word that changed is the program's own doing. */
		if (error == FUTEX_PI_RETRY && !other && word != before)
			return -EAGAIN;
		if (error != -EFAULT && error != FUTEX_PI_RETRY)
			return error;
		error = futex_pi_again(error, uaddr);
		if (error)
			return error;
	}
}
