/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * kill(2) and its relatives: who may signal whom, and the forms of the pid argument.
 */
#include <arch/uaccess.h>
#include <kernel/cred.h>
#include <kernel/pid.h>
#include <kernel/syscall.h>
#include <lib/string.h>
#include "internal.h"

int signal_check_permission(int sig, struct process *target)
{
	const struct cred *cred = current_cred();
	struct cred *other;
	unsigned long flags;
	bool same_user, same_session;

	if (!valid_signal((unsigned long)sig))
		return -EINVAL;
	if (target == current->proc)
		return 0;
	spin_lock_irqsave(&target->siglock, flags);
	other = target->group_leader->cred;
	same_user = cred->euid == other->suid || cred->euid == other->uid ||
		    cred->uid == other->suid || cred->uid == other->uid;
	spin_unlock_irqrestore(&target->siglock, flags);
	if (same_user || cred_capable(cred, CAP_KILL))
		return 0;
	same_session = READ_ONCE(target->session) == current->proc->session;
	return sig == SIGCONT && same_session ? 0 : -EPERM;
}

/* Signal 0 only asks. */
static int kill_process_checked(int sig, const siginfo_t *info, struct process *proc)
{
	int error = signal_check_permission(sig, proc);

	return error || !sig ? error : signal_send_process(sig, info, proc);
}

static int kill_pgrp(int sig, const siginfo_t *info, struct pid *pgrp) REQUIRES(tasklist_lock)
{
	struct process *proc;
	int error = -ESRCH;
	bool sent = false;

	list_for_each_entry(proc, &pgrp->pgrp_members, pgrp_node) {
		error = kill_process_checked(sig, info, proc);
		sent |= !error;
	}
	return sent ? 0 : error;
}

/* Everybody but PID 1, kernel threads and the caller's own process. */
static int kill_all(int sig, const siginfo_t *info) REQUIRES(tasklist_lock)
{
	struct process *proc;
	int result = -ESRCH, error;

	for_each_process(proc) {
		if (proc == init_proc || proc == current->proc ||
		    (proc->group_leader->flags & PF_KTHREAD))
			continue;
		error = kill_process_checked(sig, info, proc);
		if (error != -EPERM)
			result = error;
		else if (result == -ESRCH)
			result = 0;	/* as Linux: someone was there */
	}
	return result;
}

static int kill_something(int sig, const siginfo_t *info, pid_t nr)
{
	struct process *proc;
	unsigned long flags;
	struct pid *pid;
	int error;

	/* Itself, as raise() and abort() do: needs no finding and no holding. */
	if (nr == current->proc->pid)
		return kill_process_checked(sig, info, current->proc);
	if (nr > 0) {
		proc = process_find(nr);
		if (!proc)
			return -ESRCH;
		error = kill_process_checked(sig, info, proc);
		process_put(proc);
		return error;
	}
	if (nr == INT_MIN)
		return -ESRCH;
	spin_lock_irqsave(&tasklist_lock, flags);
	if (nr == -1) {
		error = kill_all(sig, info);
	} else {
		pid = nr ? pid_lookup(-nr) : current->proc->pgrp_ref;
		error = pid ? kill_pgrp(sig, info, pid) : -ESRCH;
	}
	spin_unlock_irqrestore(&tasklist_lock, flags);
	return error;
}

static void siginfo_of_tkill(siginfo_t *info, int sig)
{
	memset(info, 0, sizeof(*info));
	info->si_signo = sig;
	info->si_code = SI_TKILL;
	info->si_pid = current->proc->pid;
	info->si_uid = current_uid();
}

SYSCALL_DEFINE2(kill, pid_t, pid, int, sig)
{
	if (!valid_signal((unsigned long)sig) && pid > 0) {
		struct process *proc = process_find(pid);

		if (!proc)
			return -ESRCH;
		process_put(proc);
		return -EINVAL;
	}
	return kill_something(sig, SEND_SIG_USER, pid);
}

/* To one thread, of process `pid` unless that is 0. */
static int kill_thread(pid_t pid, pid_t tid, int sig, const siginfo_t *info)
{
	struct task *task = task_find(tid);
	int error = -ESRCH;

	if (!task)
		return -ESRCH;
	if (!pid || task->proc->pid == pid) {
		error = signal_check_permission(sig, task->proc);
		if (!error && sig) {
			error = signal_send_task_info(sig, info, task);
			/* It is dying: as if it had arrived. */
			if (error == -ESRCH)
				error = 0;
		}
	}
	task_put(task);
	return error;
}

SYSCALL_DEFINE3(tgkill, pid_t, pid, pid_t, tid, int, sig)
{
	siginfo_t info;

	if (pid <= 0 || tid <= 0)
		return -EINVAL;
	siginfo_of_tkill(&info, sig);
	return kill_thread(pid, tid, sig, &info);
}

SYSCALL_DEFINE2(tkill, pid_t, tid, int, sig)
{
	siginfo_t info;

	if (tid <= 0)
		return -EINVAL;
	siginfo_of_tkill(&info, sig);
	return kill_thread(0, tid, sig, &info);
}

/* A program may invent any siginfo for itself, for others only what kernels do not send. */
static int siginfo_import(siginfo_t *info, const siginfo_t __user *uinfo, int sig, pid_t target)
{
	if (siginfo_from_user(info, uinfo))
		return -EFAULT;
	info->si_signo = sig;
	if ((info->si_code >= 0 || info->si_code == SI_TKILL) && target != current->tid)
		return -EPERM;
	return 0;
}

SYSCALL_DEFINE3(rt_sigqueueinfo, pid_t, pid, int, sig, const siginfo_t __user *, uinfo)
{
	siginfo_t info;
	int error = siginfo_import(&info, uinfo, sig, pid);
	struct process *proc;

	if (error)
		return error;
	proc = pid > 0 ? process_find(pid) : NULL;
	if (!proc)
		return -ESRCH;
	error = kill_process_checked(sig, &info, proc);
	process_put(proc);
	return error;
}

SYSCALL_DEFINE4(rt_tgsigqueueinfo, pid_t, pid, pid_t, tid, int, sig,
		const siginfo_t __user *, uinfo)
{
	siginfo_t info;
	int error;

	error = siginfo_import(&info, uinfo, sig, tid);
	if (error == -EFAULT)
		return error;
	if (pid <= 0 || tid <= 0)
		return -EINVAL;
	return error ? error : kill_thread(pid, tid, sig, &info);
}
