/* SPDX-License-Identifier: BSD-2-Clause */
/* seccomp(2), the call: taking in filters, giving them to threads and children, letting go. */
#include <arch/syscall.h>
#include <arch/uaccess.h>
#include <kernel/cbpf.h>
#include <kernel/cred.h>
#include <kernel/pid.h>
#include <kernel/seccomp.h>
#include <kernel/syscall.h>
#include <lib/err.h>
#include <linux/seccomp.h>
#include <mm/slab.h>
#include "seccomp_internal.h"

/* Of a whole chain, so that no call takes for ever; each filter counts as this many more. */
#define COST_MAX	32768
#define COST_FILTER	4

#define FLAGS_KNOWN	(SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_LOG | \
			 SECCOMP_FILTER_FLAG_SPEC_ALLOW | SECCOMP_FILTER_FLAG_TSYNC_ESRCH)

/* Tasks that have a mode. */
static atomic_t nr_confined;

/* --- Filters --- */

static struct seccomp_filter *filter_get(struct seccomp_filter *filter)
{
	if (filter)
		refcount_inc(&filter->refs);
	return filter;
}

static void filter_put(struct seccomp_filter *filter)
{
	while (filter && refcount_dec_and_test(&filter->refs)) {
		struct seccomp_filter *older = filter->older;

		kvfree(filter);
		filter = older;
	}
}

/* Only words of the call are data, and there is no remainder: a check beyond cbpf_check()'s. */
static bool fits_seccomp(const struct sock_filter *program, u32 len)
{
	for (u32 i = 0; i < len; i++) {
		u16 code = program[i].code;
		bool memory = BPF_MODE(code) == BPF_ABS || BPF_MODE(code) == BPF_IND ||
			      BPF_MODE(code) == BPF_MSH;

		if (code == (BPF_LD | BPF_W | BPF_ABS)) {
			if (program[i].k >= sizeof(struct seccomp_data) || (program[i].k & 3))
				return false;
		} else if ((BPF_CLASS(code) == BPF_LD || BPF_CLASS(code) == BPF_LDX) && memory) {
			return false;
		} else if (BPF_CLASS(code) == BPF_ALU && BPF_OP(code) == BPF_MOD) {
			return false;
		}
	}
	return true;
}

static struct seccomp_filter *filter_from_user(const struct sock_fprog __user *uprog)
{
	struct seccomp_filter *filter;
	struct sock_fprog prog;
	int error;

	if (copy_from_user(&prog, uprog, sizeof(prog)))
		return ERR_PTR(-EFAULT);
	if (!prog.len || prog.len > BPF_MAXINSNS)
		return ERR_PTR(-EINVAL);
	/* Who could then start a program with more rights than it expects must not confine it. */
	if (!current->no_new_privs && !capable(CAP_SYS_ADMIN))
		return ERR_PTR(-EACCES);
	filter = kvmalloc(sizeof(*filter) + prog.len * sizeof(struct sock_filter), GFP_KERNEL);
	if (!filter)
		return ERR_PTR(-ENOMEM);
	refcount_set(&filter->refs, 1);
	filter->len = prog.len;
	filter->older = NULL;
	error = cbpf_from_user(filter->program, (void __user *)prog.filter, prog.len);
	if (!error && !fits_seccomp(filter->program, prog.len))
		error = -EINVAL;
	if (!error)
		return filter;
	kvfree(filter);
	return ERR_PTR(error);
}

/* --- Tasks. siglock is held by all of these. --- */

static bool may_set(unsigned int mode)
{
	return !current->seccomp_mode || current->seccomp_mode == mode;
}

static void confine(struct task *task, unsigned int mode)
{
	if (!task->seccomp_mode)
		atomic_inc(&nr_confined);
	task->seccomp_mode = (u8)mode;
	task_set_work(task, WORK_SECCOMP);
}

static bool in_chain(const struct seccomp_filter *filter, const struct seccomp_filter *chain)
{
	while (chain && chain != filter)
		chain = chain->older;
	return chain || !filter;
}

static bool is_other_thread(const struct task *task)
{
	return task != current && !(task->flags & PF_EXITING);
}

/* A thread whose filters are not all current's, too; 0 if there is none. */
static pid_t thread_apart(void)
{
	struct task *task;

	for_each_thread(current->proc, task) {
		if (!is_other_thread(task) || !task->seccomp_mode)
			continue;
		if (task->seccomp_mode != SECCOMP_MODE_FILTER ||
		    !in_chain(task->seccomp, current->seccomp))
			return task->tid;
	}
	return 0;
}

/* Its old chain is part of the new one, so that the thread may be in the middle of it. */
static void give_to_threads(void)
{
	struct task *task;

	for_each_thread(current->proc, task) {
		struct seccomp_filter *old = task->seccomp;

		if (!is_other_thread(task))
			continue;
		__atomic_store_n(&task->seccomp, filter_get(current->seccomp), __ATOMIC_RELEASE);
		filter_put(old);
		if (current->no_new_privs)
			task->no_new_privs = true;
		confine(task, SECCOMP_MODE_FILTER);
	}
}

/* 0, a thread that cannot follow, or -errno; then the filter is still the caller's. */
static long attach(struct seccomp_filter *filter, unsigned int flags)
{
	struct seccomp_filter *older = current->seccomp;
	pid_t apart;

	if (!may_set(SECCOMP_MODE_FILTER))
		return -EINVAL;
	filter->cost = filter->len + (older ? older->cost + COST_FILTER : 0);
	if (filter->cost > COST_MAX)
		return -ENOMEM;
	apart = flags & SECCOMP_FILTER_FLAG_TSYNC ? thread_apart() : 0;
	if (apart)
		return flags & SECCOMP_FILTER_FLAG_TSYNC_ESRCH ? -ESRCH : apart;
	filter->count = older ? older->count + 1 : 1;
	filter->older = older;
	__atomic_store_n(&current->seccomp, filter, __ATOMIC_RELEASE);
	confine(current, SECCOMP_MODE_FILTER);
	if (flags & SECCOMP_FILTER_FLAG_TSYNC)
		give_to_threads();
	return 0;
}

void seccomp_fork(struct task *child)
{
	child->seccomp = filter_get(current->seccomp);
	confine(child, current->seccomp_mode);
}

/* --- Calls --- */

static void follow_key(void)
{
	el0_slow_follow(EL0_SLOW_SECCOMP, &nr_confined);
}

void seccomp_exit(void)
{
	struct task *task = current;
	struct seccomp_filter *filter;

	if (likely(!task->seccomp_mode))
		return;
	spin_lock_irq(&task->proc->siglock);
	filter = task->seccomp;
	task->seccomp = NULL;
	spin_unlock_irq(&task->proc->siglock);
	filter_put(filter);
	atomic_dec(&nr_confined);
	follow_key();
}

u32 seccomp_count(struct task *task)
{
	u32 count;

	spin_lock_irq(&task->proc->siglock);
	count = task->seccomp ? task->seccomp->count : 0;
	spin_unlock_irq(&task->proc->siglock);
	return count;
}

static long set_strict(void)
{
	long error = -EINVAL;

	spin_lock_irq(&current->proc->siglock);
	if (may_set(SECCOMP_MODE_STRICT)) {
		confine(current, SECCOMP_MODE_STRICT);
		error = 0;
	}
	spin_unlock_irq(&current->proc->siglock);
	follow_key();
	return error;
}

static long set_filter(unsigned int flags, const struct sock_fprog __user *uprog)
{
	struct seccomp_filter *filter;
	long result;

	if (flags & ~(unsigned int)FLAGS_KNOWN)
		return -EINVAL;
	filter = filter_from_user(uprog);
	if (IS_ERR(filter))
		return PTR_ERR(filter);
	filter->log = flags & SECCOMP_FILTER_FLAG_LOG;
	spin_lock_irq(&current->proc->siglock);
	result = attach(filter, flags);
	spin_unlock_irq(&current->proc->siglock);
	if (result)
		filter_put(filter);
	follow_key();
	return result;
}

static long action_available(const u32 __user *uaction)
{
	u32 action;

	if (get_user(action, uaction))
		return -EFAULT;
	switch (action) {
	case SECCOMP_RET_KILL_PROCESS:
	case SECCOMP_RET_KILL_THREAD:
	case SECCOMP_RET_TRAP:
	case SECCOMP_RET_ERRNO:
	case SECCOMP_RET_TRACE:
	case SECCOMP_RET_LOG:
	case SECCOMP_RET_ALLOW:
		return 0;
	default:
		return -EOPNOTSUPP;
	}
}

long seccomp_set_mode(unsigned long mode, void __user *filter)
{
	switch (mode) {
	case SECCOMP_MODE_STRICT:
		return set_strict();
	case SECCOMP_MODE_FILTER:
		return set_filter(0, filter);
	default:
		return -EINVAL;
	}
}

SYSCALL_DEFINE3(seccomp, unsigned int, op, unsigned int, flags, void __user *, args)
{
	switch (op) {
	case SECCOMP_SET_MODE_STRICT:
		return flags || args ? -EINVAL : set_strict();
	case SECCOMP_SET_MODE_FILTER:
		return set_filter(flags, args);
	case SECCOMP_GET_ACTION_AVAIL:
		return flags ? -EINVAL : action_available(args);
	default:
		return -EINVAL;
	}
}
