/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What parents and process groups hear of: SIGCHLD at death, stop and continuation, and
 * what happens to stopped jobs that nobody can continue any more.
 */
#include <kernel/pid.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <lib/string.h>
#include "internal.h"
#include "../task_internal.h"

static void siginfo_of_child(siginfo_t *info, int sig, struct process *proc)
{
	struct usage sum;

	memset(info, 0, sizeof(*info));
	process_usage(proc, &sum);
	info->si_signo = sig;
	info->si_pid = proc->pid;
	info->si_uid = proc->group_leader->cred->uid;
	info->si_utime = (__kernel_clock_t)(sum.utime / (NSEC_PER_SEC / USER_HZ));
	info->si_stime = (__kernel_clock_t)(sum.stime / (NSEC_PER_SEC / USER_HZ));
}

bool signal_notify_parent_exit(struct process *proc)
{
	struct process *parent = proc->parent;
	int sig = proc->group_leader->exit_signal;
	struct task *receiver;
	bool reap = false;
	siginfo_t info;

	if (!valid_signal((unsigned long)sig))
		sig = 0;		/* clone(2) takes any; -1 of a kernel thread */
	if (sig > 0) {
		siginfo_of_child(&info, sig, proc);
		if (proc->exit_code & 0x7f) {
			info.si_code = proc->exit_code & 0x80 ? CLD_DUMPED : CLD_KILLED;
			info.si_status = proc->exit_code & 0x7f;
		} else {
			info.si_code = CLD_EXITED;
			info.si_status = (proc->exit_code >> 8) & 0xff;
		}
	}
	spin_lock(&parent->siglock);
	if (sig == SIGCHLD) {
		struct k_sigaction *action = &parent->sighand->action[SIGCHLD - 1];

		if (action->handler == SIG_IGN || (action->flags & SA_NOCLDWAIT)) {
			reap = true;
			if (action->handler == SIG_IGN)
				sig = 0;
		}
	}
	if (sig > 0 && !list_empty(&parent->threads)) {
		receiver = list_first_entry(&parent->threads, struct task, thread_node);
		signal_send_locked(sig, &info, receiver, true, false);
	}
	spin_unlock(&parent->siglock);
	wake_up_interruptible_all(&parent->child_wait);
	return reap;
}

void signal_notify_parent_stop(struct process *proc, int why)
{
	struct process *parent = proc->parent;
	struct k_sigaction *action;
	siginfo_t info;

	siginfo_of_child(&info, SIGCHLD, proc);
	info.si_code = why;
	info.si_status = why == CLD_CONTINUED ? SIGCONT : proc->group_exit_code & 0x7f;
	spin_lock(&parent->siglock);
	action = &parent->sighand->action[SIGCHLD - 1];
	if (action->handler != SIG_IGN && !(action->flags & SA_NOCLDSTOP) &&
	    !list_empty(&parent->threads))
		signal_send_locked(SIGCHLD, &info,
				   list_first_entry(&parent->threads, struct task, thread_node),
				   true, false);
	spin_unlock(&parent->siglock);
	wake_up_interruptible_all(&parent->child_wait);
}

bool pgrp_is_orphaned(struct pid *pgrp, struct process *ignored)
{
	struct process *proc;

	list_for_each_entry(proc, &pgrp->pgrp_members, pgrp_node) {
		if (proc == ignored || proc->state != PROC_ALIVE || proc->parent == init_proc)
			continue;
		if (proc->parent->pgrp_ref != pgrp &&
		    proc->parent->session_ref == proc->session_ref)
			return false;
	}
	return true;
}

bool current_pgrp_orphaned(void)
{
	unsigned long flags;
	bool orphaned;

	spin_lock_irqsave(&tasklist_lock, flags);
	orphaned = pgrp_is_orphaned(current->proc->pgrp_ref, NULL);
	spin_unlock_irqrestore(&tasklist_lock, flags);
	return orphaned;
}

static bool pgrp_has_stopped_job(struct pid *pgrp) REQUIRES(tasklist_lock)
{
	struct process *proc;

	list_for_each_entry(proc, &pgrp->pgrp_members, pgrp_node)
		if (READ_ONCE(proc->sig_flags) & SIGNAL_STOP_STOPPED)
			return true;
	return false;
}

void pgrp_check_orphan(struct process *proc, struct process *parent, bool ignore_proc)
{
	struct pid *pgrp = proc->pgrp_ref;

	/* Only if the parent was what kept the group from being orphaned. */
	if (parent->pgrp_ref == pgrp || parent->session_ref != proc->session_ref)
		return;
	if (pgrp_is_orphaned(pgrp, ignore_proc ? proc : NULL) && pgrp_has_stopped_job(pgrp)) {
		signal_send_pgrp_locked(SIGHUP, pgrp, SEND_SIG_KERNEL);
		signal_send_pgrp_locked(SIGCONT, pgrp, SEND_SIG_KERNEL);
	}
}
