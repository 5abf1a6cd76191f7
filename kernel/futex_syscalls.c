/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * futex(2): operations, timeouts and restarts; robust lists and what a dying thread does
 * with its own.
 */
#include <arch/uaccess.h>
#include <kernel/cred.h>
#include <kernel/pi.h>
#include <kernel/pid.h>
#include <kernel/sched.h>
#include <kernel/syscall.h>
#include <kernel/time.h>
#include <linux/futex.h>
#include "futex_internal.h"

nsec_t futex_to_monotonic(nsec_t when, bool realtime)
{
	/* Over already: now, for the word is looked at. */
	return realtime ? ktime_real_to_mono(when) : when;
}

static long futex_wait_restart(struct restart_block *restart)
{
	bool shared = !(restart->futex.flags & FUTEX_PRIVATE_FLAG);
	int result = futex_wait(restart->futex.uaddr, shared, restart->futex.val,
				restart->futex.deadline, restart->futex.bitset);

	return result == -ERESTARTSYS ? -ERESTART_RESTARTBLOCK : result;
}

/* The operation's time as an absolute monotonic one; NSEC_MAX for none. 0 or -errno. */
static int get_deadline(int op, const void __user *utime, nsec_t *deadline)
{
	int cmd = op & FUTEX_CMD_MASK, error;
	bool realtime = op & FUTEX_CLOCK_REALTIME || cmd == FUTEX_LOCK_PI;
	struct timespec64 ts;

	*deadline = NSEC_MAX;
	if (!utime)
		return 0;
	error = get_timespec64(&ts, utime);
	if (error)
		return error;
	*deadline = timespec64_to_ns(&ts);
	if (cmd != FUTEX_WAIT)
		*deadline = futex_to_monotonic(*deadline, realtime);
	else if (check_add_overflow(*deadline, ktime_get(), deadline))
		*deadline = NSEC_MAX - 1;
	return 0;
}

static long do_wait(u32 __user *uaddr, int op, u32 value, const void __user *utime, u32 bitset)
{
	bool shared = !(op & FUTEX_PRIVATE_FLAG);
	nsec_t deadline;
	int result = get_deadline(op, utime, &deadline);

	if (result)
		return result;
	result = futex_wait(uaddr, shared, value, deadline, bitset);
	if (result != -ERESTARTSYS || !utime)
		return result;
	/* The restarted call must end when this one would have. */
	current->restart = (struct restart_block){
		.fn = futex_wait_restart,
		.futex = { uaddr, value, (u32)op, bitset, deadline },
	};
	return -ERESTART_RESTARTBLOCK;
}

static long do_lock_pi(u32 __user *uaddr, int op, const void __user *utime)
{
	nsec_t deadline;
	int error = get_deadline(op, utime, &deadline);

	return error ? error : futex_lock_pi(uaddr, !(op & FUTEX_PRIVATE_FLAG), deadline, false);
}

static long do_wait_requeue_pi(u32 __user *uaddr, int op, u32 value, const void __user *utime,
			       u32 __user *uaddr2)
{
	nsec_t deadline;
	int error = get_deadline(op, utime, &deadline);

	return error ? error : futex_wait_requeue_pi(uaddr, !(op & FUTEX_PRIVATE_FLAG), value,
						     deadline, FUTEX_BITSET_MATCH_ANY, uaddr2);
}

SYSCALL_DEFINE6(futex, u32 __user *, uaddr, int, op, u32, value, unsigned long, time_or_count,
		u32 __user *, uaddr2, u32, value3)
{
	bool shared = !(op & FUTEX_PRIVATE_FLAG);
	int cmd = op & FUTEX_CMD_MASK;

	if ((op & FUTEX_CLOCK_REALTIME) && cmd != FUTEX_WAIT_BITSET && cmd != FUTEX_LOCK_PI2 &&
	    cmd != FUTEX_WAIT_REQUEUE_PI)
		return -ENOSYS;
	switch (cmd) {
	case FUTEX_WAIT:
		return do_wait(uaddr, op, value, (const void __user *)time_or_count,
			       FUTEX_BITSET_MATCH_ANY);
	case FUTEX_WAIT_BITSET:
		return do_wait(uaddr, op, value, (const void __user *)time_or_count, value3);
	case FUTEX_WAKE:
		return futex_wake(uaddr, shared, (int)value, FUTEX_BITSET_MATCH_ANY);
	case FUTEX_WAKE_BITSET:
		return futex_wake(uaddr, shared, (int)value, value3);
	case FUTEX_REQUEUE:
		return futex_requeue(uaddr, uaddr2, shared, (int)value, (int)time_or_count, NULL);
	case FUTEX_CMP_REQUEUE:
		return futex_requeue(uaddr, uaddr2, shared, (int)value, (int)time_or_count,
				     &value3);
	case FUTEX_WAKE_OP:
		return futex_wake_op(uaddr, uaddr2, shared, (int)value, (int)time_or_count,
				     value3);
	case FUTEX_LOCK_PI:
	case FUTEX_LOCK_PI2:
		return do_lock_pi(uaddr, op, (const void __user *)time_or_count);
	case FUTEX_TRYLOCK_PI:
		return futex_lock_pi(uaddr, shared, NSEC_MAX, true);
	case FUTEX_UNLOCK_PI:
		return futex_unlock_pi(uaddr, shared);
	case FUTEX_WAIT_REQUEUE_PI:
		return do_wait_requeue_pi(uaddr, op, value, (const void __user *)time_or_count,
					  uaddr2);
	case FUTEX_CMP_REQUEUE_PI:
		return futex_cmp_requeue_pi(uaddr, uaddr2, shared, (int)value, (int)time_or_count,
					    value3);
	default:
		return -ENOSYS;
	}
}

/* --- Robust lists --- */

SYSCALL_DEFINE2(set_robust_list, struct robust_list_head __user *, head, size_t, len)
{
	if (len != sizeof(*head))
		return -EINVAL;
	current->robust_list = head;
	return 0;
}

SYSCALL_DEFINE3(get_robust_list, int, tid, struct robust_list_head __user * __user *, uhead,
		size_t __user *, ulen)
{
	struct robust_list_head __user *head = current->robust_list;
	const struct cred *self = current_cred();
	struct cred *cred;
	struct task *task;
	bool allowed;

	if (tid && tid != current->tid) {
		task = task_find(tid);
		if (!task)
			return -ESRCH;
		cred = task_cred_get(task);
		allowed = task->proc == current->proc || capable(CAP_SYS_PTRACE) ||
			  (self->uid == cred->euid && self->uid == cred->suid &&
			   self->uid == cred->uid);
		head = READ_ONCE(task->robust_list);
		cred_put(cred);
		task_put(task);
		if (!allowed)
			return -EPERM;
	}
	if (put_user(sizeof(*head), ulen))
		return -EFAULT;
	return put_user(head, uhead);
}

/*
 * One entry: if the dying thread owns the word, marks it and wakes a waiter, who will find
 * out that the owner died. `pending`: the entry of an operation that was under way. False
 * on a bad address.
 */
static bool robust_entry_exit(u32 __user *uaddr, bool pi, bool pending)
{
	u32 value, new, seen;
	int error;

	if ((u64)uaddr % sizeof(u32))
		return false;
	if (get_user(value, uaddr))
		return false;
	for (;;) {
		/* Unlocked but the wake-up not yet done: it is up to us. */
		if (pending && !pi && !value) {
			futex_wake(uaddr, true, 1, FUTEX_BITSET_MATCH_ANY);
			return true;
		}
		if ((value & FUTEX_TID_MASK) != (u32)current->tid)
			return true;
		new = (value & FUTEX_WAITERS) | FUTEX_OWNER_DIED;
		error = user_cmpxchg32(uaddr, value, new, &seen);
		if (error == -EFAULT)
			return false;
		if (!error && seen == value)
			break;
		if (!error)
			value = seen;
		cond_resched();
	}
	if (!pi && (value & FUTEX_WAITERS))
		futex_wake(uaddr, true, 1, FUTEX_BITSET_MATCH_ANY);
	return true;
}

static int robust_fetch(struct robust_list __user **entry, bool *pi,
			struct robust_list __user *__user *from)
{
	unsigned long word;

	if (get_user(word, (unsigned long __user *)from))
		return -EFAULT;
	*pi = word & 1;
	*entry = (struct robust_list __user *)(word & ~1UL);
	return 0;
}

static void exit_robust_list(void)
{
	struct robust_list_head __user *head = current->robust_list;
	struct robust_list __user *entry, *next, *pending;
	bool pi, next_pi, pending_pi;
	unsigned int limit = ROBUST_LIST_LIMIT;
	long offset;

	if (!head)
		return;
	current->robust_list = NULL;
	if (robust_fetch(&entry, &pi, (struct robust_list __user *__user *)&head->list.next) ||
	    get_user(offset, &head->futex_offset) ||
	    robust_fetch(&pending, &pending_pi,
			 (struct robust_list __user *__user *)&head->list_op_pending))
		return;
	/* The list is the program's: it may be bent, endless, or change as we walk. */
	while (entry != &head->list && limit--) {
		bool bad = robust_fetch(&next, &next_pi,
					(struct robust_list __user *__user *)&entry->next);

		if (entry != pending &&
		    !robust_entry_exit((u32 __user *)((char __user *)entry + offset), pi, false))
			return;
		if (bad)
			return;
		entry = next;
		pi = next_pi;
		cond_resched();
	}
	if (pending)
		robust_entry_exit((u32 __user *)((char __user *)pending + offset), pending_pi, true);
}

/* Robust words first: who waits for a lock then finds in the word that its owner died. */
void futex_exit(void)
{
	exit_robust_list();
	pi_release_all();
}
