/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The scheduling system calls of Linux, on top of whatever policy is built in.
 * SCHED_DEADLINE is refused; so is every flag whose promise cannot be kept.
 */
#include <arch/uaccess.h>
#include <kernel/cred.h>
#include <kernel/pid.h>
#include <kernel/syscall.h>
#include <lib/string.h>
#include <linux/sched/types.h>
#include <linux/time_types.h>

#include "sched.h"

/* The thread `tid`, or current for 0, with a reference; NULL: no such thread. */
static struct task *find_task(pid_t tid)
{
	return tid ? task_find(tid) : task_get(current);
}

static bool policy_is_rt(int policy)
{
	return policy == SCHED_FIFO || policy == SCHED_RR;
}

static bool policy_known(int policy)
{
	return policy == SCHED_NORMAL || policy == SCHED_BATCH || policy == SCHED_IDLE ||
	       policy_is_rt(policy);
}

/* The caller may change t: same user, or CAP_SYS_NICE. */
static bool owns(struct task *t)
{
	struct cred *c = task_cred_get(t);
	bool ok = current_euid() == c->euid || current_euid() == c->uid;

	cred_put(c);
	return ok || capable(CAP_SYS_NICE);
}

/* RLIMIT_NICE 1..40 stands for nice 19..-20. */
static bool limit_allows(struct task *t, int nice)
{
	return 20 - nice <= (long)task_rlimit(t, RLIMIT_NICE) || capable(CAP_SYS_NICE);
}

static bool may_nice(struct task *t, int nice)
{
	return nice >= t->nice || limit_allows(t, nice);
}

static int may_change(struct task *t, const struct sched_attrs *want)
{
	if (!owns(t))
		return -EPERM;
	if (capable(CAP_SYS_NICE))
		return 0;
	if (policy_is_rt(want->policy)) {
		unsigned long limit = task_rlimit(t, RLIMIT_RTPRIO);

		if (want->policy != t->policy && !limit)
			return -EPERM;
		if (want->rt_priority > t->rt_priority && want->rt_priority > (long)limit)
			return -EPERM;
	} else if (!may_nice(t, want->nice)) {
		return -EPERM;
	}
	if (t->policy == SCHED_IDLE && want->policy != SCHED_IDLE && !limit_allows(t, t->nice))
		return -EPERM;
	/* What a task was told not to hand on, it may not take back. */
	if (t->reset_on_fork && !want->reset_on_fork)
		return -EPERM;
	return 0;
}

static int change(pid_t tid, struct sched_attrs *want, bool keep_policy, bool keep_params)
{
	struct task *t;
	int ret;

	if (tid < 0)
		return -EINVAL;
	t = find_task(tid);
	if (!t)
		return -ESRCH;
	if (keep_policy) {
		want->policy = t->policy;
		want->reset_on_fork |= t->reset_on_fork;
	}
	if (keep_params) {
		want->rt_priority = t->rt_priority;
		want->nice = t->nice;
	}
	if (!policy_known(want->policy) ||
	    (policy_is_rt(want->policy) ? want->rt_priority < 1 || want->rt_priority > 99
					: want->rt_priority != 0))
		ret = -EINVAL;
	else
		ret = may_change(t, want);
	if (!ret)
		sched_change(t, want);
	task_put(t);
	return ret;
}

static int set_scheduler(pid_t tid, int policy, const struct sched_param __user *param)
{
	struct sched_param p;
	struct sched_attrs want = { 0 };
	struct task *t;

	if (!param || tid < 0)
		return -EINVAL;
	if (copy_from_user(&p, param, sizeof(p)))
		return -EFAULT;
	t = find_task(tid);
	if (!t)
		return -ESRCH;
	want.nice = t->nice;
	task_put(t);
	want.rt_priority = p.sched_priority;
	if (policy >= 0) {
		want.reset_on_fork = policy & SCHED_RESET_ON_FORK;
		want.policy = policy & ~SCHED_RESET_ON_FORK;
	}
	return change(tid, &want, policy < 0, false);
}

SYSCALL_DEFINE3(sched_setscheduler, pid_t, tid, int, policy, const struct sched_param __user *, param)
{
	return policy < 0 ? -EINVAL : set_scheduler(tid, policy, param);
}

SYSCALL_DEFINE2(sched_setparam, pid_t, tid, const struct sched_param __user *, param)
{
	return set_scheduler(tid, -1, param);
}

SYSCALL_DEFINE1(sched_getscheduler, pid_t, tid)
{
	struct task *t;
	int ret;

	if (tid < 0)
		return -EINVAL;
	t = find_task(tid);
	if (!t)
		return -ESRCH;
	ret = t->policy | (t->reset_on_fork ? SCHED_RESET_ON_FORK : 0);
	task_put(t);
	return ret;
}

SYSCALL_DEFINE2(sched_getparam, pid_t, tid, struct sched_param __user *, param)
{
	struct sched_param p;
	struct task *t;

	if (!param || tid < 0)
		return -EINVAL;
	t = find_task(tid);
	if (!t)
		return -ESRCH;
	p.sched_priority = t->rt_priority;
	task_put(t);
	return copy_to_user(param, &p, sizeof(p)) ? -EFAULT : 0;
}

#define ATTR_FLAGS (SCHED_FLAG_RESET_ON_FORK | SCHED_FLAG_KEEP_POLICY | SCHED_FLAG_KEEP_PARAMS)

/* Tells who asks for too much how much there is. */
static int get_attr(struct sched_attr *attr, struct sched_attr __user *from)
{
	u32 size;
	int err;

	if (get_user(size, &from->size))
		return -EFAULT;
	if (!size)
		size = SCHED_ATTR_SIZE_VER0;
	if (size < SCHED_ATTR_SIZE_VER0 || size > PAGE_SIZE)
		goto too_big;
	err = copy_struct_from_user(attr, sizeof(*attr), from, size);
	if (err != -E2BIG)
		return err;
too_big:
	put_user((u32)sizeof(*attr), &from->size);
	return -E2BIG;
}

SYSCALL_DEFINE3(sched_setattr, pid_t, tid, struct sched_attr __user *, uattr, unsigned int, flags)
{
	struct sched_attr attr;
	struct sched_attrs want;
	int err;

	if (!uattr || tid < 0 || flags)
		return -EINVAL;
	err = get_attr(&attr, uattr);
	if (err)
		return err;
	if ((s32)attr.sched_policy < 0 || attr.sched_flags & ~(u64)ATTR_FLAGS)
		return -EINVAL;
	want = (struct sched_attrs){
		.policy = (int)attr.sched_policy,
		.nice = clamp((int)attr.sched_nice, -20, 19),
		.rt_priority = (int)attr.sched_priority,
		.reset_on_fork = attr.sched_flags & SCHED_FLAG_RESET_ON_FORK,
	};
	return change(tid, &want, attr.sched_flags & SCHED_FLAG_KEEP_POLICY,
		      attr.sched_flags & SCHED_FLAG_KEEP_PARAMS);
}

SYSCALL_DEFINE4(sched_getattr, pid_t, tid, struct sched_attr __user *, uattr, unsigned int, usize,
		unsigned int, flags)
{
	struct sched_attr attr = { 0 };
	struct task *t;

	if (!uattr || tid < 0 || flags || usize < SCHED_ATTR_SIZE_VER0 || usize > PAGE_SIZE)
		return -EINVAL;
	t = find_task(tid);
	if (!t)
		return -ESRCH;
	attr.size = min_t(u32, usize, sizeof(attr));
	attr.sched_policy = (u32)t->policy;
	attr.sched_flags = t->reset_on_fork ? SCHED_FLAG_RESET_ON_FORK : 0;
	if (policy_is_rt(t->policy))
		attr.sched_priority = (u32)t->rt_priority;
	else
		attr.sched_nice = t->nice;
	task_put(t);
	return copy_to_user(uattr, &attr, attr.size) ? -EFAULT : 0;
}

SYSCALL_DEFINE1(sched_get_priority_max, int, policy)
{
	if (policy_is_rt(policy))
		return 99;
	return policy_known(policy) || policy == SCHED_DEADLINE ? 0 : -EINVAL;
}

SYSCALL_DEFINE1(sched_get_priority_min, int, policy)
{
	if (policy_is_rt(policy))
		return 1;
	return policy_known(policy) || policy == SCHED_DEADLINE ? 0 : -EINVAL;
}

SYSCALL_DEFINE2(sched_rr_get_interval, pid_t, tid, struct __kernel_timespec __user *, interval)
{
	struct timespec64 ts;
	struct task *t;
	nsec_t slice;

	if (tid < 0)
		return -EINVAL;
	t = find_task(tid);
	if (!t)
		return -ESRCH;
	if (t->policy == SCHED_FIFO)
		slice = 0;
	else
		slice = t->policy == SCHED_RR ? RT_SLICE : sched_policy.slice(&t->se);
	task_put(t);
	ts = ns_to_timespec64(slice);
	return put_timespec64(&ts, interval);
}

SYSCALL_DEFINE0(sched_yield)
{
	sched_yield_current();
	return 0;
}

SYSCALL_DEFINE3(sched_setaffinity, pid_t, tid, unsigned int, len, const void __user *, user_mask)
{
	u64 mask = 0;
	struct task *t;
	int ret;

	if (copy_from_user(&mask, user_mask, min_t(size_t, len, sizeof(mask))))
		return -EFAULT;
	t = find_task(tid);
	if (!t)
		return -ESRCH;
	if (!owns(t))
		ret = -EPERM;
	else
		ret = sched_set_affinity(t, mask);
	task_put(t);
	return ret;
}

/* Returns the bytes written: the kernel's mask is one word. */
SYSCALL_DEFINE3(sched_getaffinity, pid_t, tid, unsigned int, len, void __user *, user_mask)
{
	struct task *t;
	u64 mask;

	if (len < sizeof(mask) || len % sizeof(u64))
		return -EINVAL;
	t = find_task(tid);
	if (!t)
		return -ESRCH;
	mask = t->cpus_allowed & cpus_online_mask();
	task_put(t);
	return copy_to_user(user_mask, &mask, sizeof(mask)) ? -EFAULT : (long)sizeof(mask);
}

SYSCALL_DEFINE3(getcpu, unsigned int __user *, cpu, unsigned int __user *, node, void __user *, unused)
{
	if ((cpu && put_user(cpu_id(), cpu)) || (node && put_user(0u, node)))
		return -EFAULT;
	return 0;
}

/* nice by process, group or user. */

static int nice_one(struct task *t, int nice, int err)
{
	struct cred *c = task_cred_get(t);
	bool mine = current_euid() == c->euid || current_uid() == c->uid ||
		    current_euid() == c->uid;

	cred_put(c);
	if (!mine && !capable(CAP_SYS_NICE))
		return -EPERM;
	if (!may_nice(t, nice))
		return -EACCES;
	task_set_nice(t, nice);
	return err == -ESRCH ? 0 : err;
}

static bool prio_matches(struct process *p, int which, u32 who)
{
	if (which == PRIO_PROCESS)
		return false;
	if (which == PRIO_PGRP)
		return p->pgrp == (pid_t)(who ? (pid_t)who : current->proc->pgrp);

	struct cred *c = task_cred_get(p->group_leader);
	bool match = c->uid == (who ? (uid_t)who : current_uid());

	cred_put(c);
	return match;
}

/* Calls fn for every thread that (which, who) names. `ret` starts as -ESRCH. */
static int for_each_named(int which, u32 who, int (*fn)(struct task *, int, int), int arg)
{
	int ret = -ESRCH;

	if (which == PRIO_PROCESS) {
		struct task *t = find_task((pid_t)who);

		if (t) {
			ret = fn(t, arg, ret);
			task_put(t);
		}
		return ret;
	}
	for (struct process *p = process_next(1), *next; p; p = next) {
		struct task *t = prio_matches(p, which, who) ? thread_next(p, 0) : NULL;

		while (t) {
			pid_t after = t->tid + 1;

			ret = fn(t, arg, ret);
			task_put(t);
			t = thread_next(p, after);
		}
		next = process_next(p->pid + 1);
		process_put(p);
	}
	return ret;
}

SYSCALL_DEFINE3(setpriority, int, which, int, who, int, nice)
{
	if (which < PRIO_PROCESS || which > PRIO_USER)
		return -EINVAL;
	return for_each_named(which, (u32)who, nice_one, clamp(nice, -20, 19));
}

/* The best of all; 20 - nice, so that the result is positive. */
static int best_nice(struct task *t, int unused, int best)
{
	return max(best, 20 - (int)t->nice);
}

SYSCALL_DEFINE2(getpriority, int, which, int, who)
{
	if (which < PRIO_PROCESS || which > PRIO_USER)
		return -EINVAL;
	return for_each_named(which, (u32)who, best_nice, 0);
}
