/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * prctl(2): settings of a task or its process that have no system call of their own. An
 * unknown operation is EINVAL, which programs take for an older kernel.
 */
#include <arch/uaccess.h>
#include <kernel/cred.h>
#include <kernel/pid.h>
#include <kernel/seccomp.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <linux/prctl.h>
#include <linux/securebits.h>
#include <mm/mm.h>

#define DEFAULT_SLACK	50000		/* ns */

/* Edits a copy of the credentials by `edit`, which may refuse. */
static long change_cred(int (*edit)(struct cred *, unsigned long), unsigned long arg)
{
	struct cred *cred = cred_prepare();
	int error;

	if (!cred)
		return -ENOMEM;
	error = edit(cred, arg);
	if (error) {
		cred_put(cred);
		return error;
	}
	cred_commit(cred);
	return 0;
}

static int edit_keep_caps(struct cred *cred, unsigned long arg)
{
	if (cred->securebits & SECBIT_KEEP_CAPS_LOCKED)
		return -EPERM;
	cred->securebits &= ~(u32)SECBIT_KEEP_CAPS;
	if (arg)
		cred->securebits |= SECBIT_KEEP_CAPS;
	return 0;
}

static int edit_securebits(struct cred *cred, unsigned long arg)
{
	u32 old = cred->securebits, new = (u32)arg;
	u32 locked = (old & SECURE_ALL_LOCKS) >> 1;

	/* Locked bits stay, locks stay locked, and nothing unknown is set. */
	if ((locked & (old ^ new)) || (old & SECURE_ALL_LOCKS & ~new) ||
	    (new & ~(u32)(SECURE_ALL_LOCKS | SECURE_ALL_BITS)) || !capable(CAP_SETPCAP))
		return -EPERM;
	cred->securebits = new;
	return 0;
}

static int edit_drop_bounding(struct cred *cred, unsigned long cap)
{
	if (!capable(CAP_SETPCAP))
		return -EPERM;
	if (cap > CAP_LAST_CAP)
		return -EINVAL;
	cred->cap_bset &= ~CAP_BIT(cap);
	return 0;
}

static int edit_raise_ambient(struct cred *cred, unsigned long cap)
{
	if (!(cred->cap_permitted & CAP_BIT(cap)) || !(cred->cap_inheritable & CAP_BIT(cap)) ||
	    (cred->securebits & SECBIT_NO_CAP_AMBIENT_RAISE))
		return -EPERM;
	cred->cap_ambient |= CAP_BIT(cap);
	return 0;
}

static int edit_lower_ambient(struct cred *cred, unsigned long cap)
{
	cred->cap_ambient &= ~CAP_BIT(cap);
	return 0;
}

static int edit_clear_ambient(struct cred *cred, unsigned long arg)
{
	cred->cap_ambient = 0;
	return 0;
}

static long prctl_ambient(unsigned long op, unsigned long cap, unsigned long a4, unsigned long a5)
{
	if (a4 || a5)
		return -EINVAL;
	if (op == PR_CAP_AMBIENT_CLEAR_ALL)
		return cap ? -EINVAL : change_cred(edit_clear_ambient, 0);
	if (cap > CAP_LAST_CAP)
		return -EINVAL;
	switch (op) {
	case PR_CAP_AMBIENT_IS_SET:
		return (current->cred->cap_ambient & CAP_BIT(cap)) != 0;
	case PR_CAP_AMBIENT_RAISE:
		return change_cred(edit_raise_ambient, cap);
	case PR_CAP_AMBIENT_LOWER:
		return change_cred(edit_lower_ambient, cap);
	default:
		return -EINVAL;
	}
}

static long prctl_set_name(const char __user *uname)
{
	char name[TASK_COMM_LEN];
	long len = strncpy_from_user(name, uname, sizeof(name) - 1);

	if (len < 0)
		return -EFAULT;
	name[len] = '\0';
	task_set_comm(current, name);
	return 0;
}

static long prctl_get_name(char __user *uname)
{
	char name[TASK_COMM_LEN];

	task_comm(current, name);
	return copy_to_user(uname, name, sizeof(name)) ? -EFAULT : 0;
}

static long prctl_subreaper(bool on)
{
	struct process *proc = current->proc, *up;
	struct process *child;

	spin_lock_irq(&tasklist_lock);
	proc->child_subreaper = on;
	/* Descendants that exist already look for it from now on, too. */
	if (on) {
		for_each_process(child) {
			for (up = child->parent; up != up->parent; up = up->parent) {
				if (up == proc) {
					child->has_subreaper = true;
					break;
				}
			}
		}
	}
	spin_unlock_irq(&tasklist_lock);
	return 0;
}

static long prctl_cred(int op, unsigned long a2, unsigned long a3, unsigned long a4,
		       unsigned long a5)
{
	const struct cred *cred = current_cred();

	switch (op) {
	case PR_SET_KEEPCAPS:
		return a2 > 1 ? -EINVAL : change_cred(edit_keep_caps, a2);
	case PR_GET_KEEPCAPS:
		return (cred->securebits & SECBIT_KEEP_CAPS) != 0;
	case PR_SET_SECUREBITS:
		return change_cred(edit_securebits, a2);
	case PR_GET_SECUREBITS:
		return cred->securebits;
	case PR_CAPBSET_READ:
		return a2 > CAP_LAST_CAP ? -EINVAL : (cred->cap_bset & CAP_BIT(a2)) != 0;
	case PR_CAPBSET_DROP:
		return change_cred(edit_drop_bounding, a2);
	case PR_CAP_AMBIENT:
		return prctl_ambient(a2, a3, a4, a5);
	default:
		return -EINVAL;
	}
}

SYSCALL_DEFINE5(prctl, int, op, unsigned long, a2, unsigned long, a3, unsigned long, a4,
		unsigned long, a5)
{
	struct task *task = current;
	struct mm *mm = task->mm;

	switch (op) {
	case PR_SET_NAME:
		return prctl_set_name((const char __user *)a2);
	case PR_GET_NAME:
		return prctl_get_name((char __user *)a2);
	case PR_SET_PDEATHSIG:
		if (!valid_signal(a2))
			return -EINVAL;
		task->pdeath_signal = (int)a2;
		return 0;
	case PR_GET_PDEATHSIG:
		return put_user(task->pdeath_signal, (int __user *)a2);
	case PR_SET_DUMPABLE:
		if (a2 > 1)
			return -EINVAL;
		WRITE_ONCE(mm->dumpable, (u32)a2);
		return 0;
	case PR_GET_DUMPABLE:
		return READ_ONCE(mm->dumpable);
	case PR_SET_CHILD_SUBREAPER:
		return prctl_subreaper(a2 != 0);
	case PR_GET_CHILD_SUBREAPER:
		return put_user((int)task->proc->child_subreaper, (int __user *)a2);
	case PR_SET_TIMERSLACK:
		task->timer_slack = (long)a2 > 0 ? a2 : DEFAULT_SLACK;
		return 0;
	case PR_GET_TIMERSLACK:
		return (long)min(task->timer_slack, (u64)LONG_MAX);
	case PR_SET_TIMING:
		return a2 == PR_TIMING_STATISTICAL ? 0 : -EINVAL;
	case PR_GET_TIMING:
		return PR_TIMING_STATISTICAL;
	case PR_GET_TID_ADDRESS:
		return put_user(task->clear_child_tid, (int __user *__user *)a2);
	case PR_SET_THP_DISABLE:
		/* There are no huge pages to disable: the state is what was asked for. */
		if (a3 || a4 || a5)
			return -EINVAL;
		task->proc->thp_disable = a2 != 0;
		return 0;
	case PR_GET_THP_DISABLE:
		return a2 || a3 || a4 || a5 ? -EINVAL : task->proc->thp_disable;
	case PR_GET_SECCOMP:
		return IS_ENABLED(CONFIG_SECCOMP) ? task->seccomp_mode : -EINVAL;
	case PR_SET_SECCOMP:
		return seccomp_set_mode(a2, (void __user *)a3);
	case PR_SET_NO_NEW_PRIVS:
		if (a2 != 1 || a3 || a4 || a5)
			return -EINVAL;
		task->no_new_privs = true;
		return 0;
	case PR_GET_NO_NEW_PRIVS:
		return a2 || a3 || a4 || a5 ? -EINVAL : task->no_new_privs;
	default:
		return prctl_cred(op, a2, a3, a4, a5);
	}
}
