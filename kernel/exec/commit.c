/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The point of no return of execve: the other threads die, current takes over the pid,
 * and address space, credentials and signal actions are exchanged.
 */
#include <arch/context.h>
#include <arch/tlb.h>
#include <fs/files.h>
#include <kernel/clone.h>
#include <kernel/cpu.h>
#include <kernel/cred.h>
#include <kernel/exec.h>
#include <kernel/pid.h>
#include <kernel/posix_timer.h>
#include <kernel/ptrace.h>
#include <kernel/rseq.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <lib/string.h>
#include <linux/personality.h>
#include <mm/mm.h>
#include "../task_internal.h"

/* Makes current the leader: it gets the process's number; the dead leader's task goes. */
static void take_over_leader(struct process *proc)
{
	struct task *task = current, *old;
	struct process *child;
	pid_t old_tid = task->tid;

	spin_lock_irq(&tasklist_lock);
	old = proc->group_leader;
	ptrace_exec_leader(task, old);
	task->pid_ref->task = NULL;
	pid_drop(task->pid_ref);
	task->pid_ref = old->pid_ref;
	task->pid_ref->task = task;
	old->pid_ref = NULL;
	task->tid = proc->pid;
	task->exit_signal = old->exit_signal;
	task->parent_tid = old->parent_tid;
	task->pdeath_signal = old->pdeath_signal;
	proc->group_leader = task;
	list_for_each_entry(child, &proc->children, sibling)
		if (child->group_leader->parent_tid == old_tid)
			child->group_leader->parent_tid = task->tid;
	atomic_dec(&old->cred->user->processes);
	atomic_dec(&nr_threads);
	spin_unlock_irq(&tasklist_lock);
	task_put(old);
}

int exec_kill_threads(void)
{
	struct task *task = current, *other;
	struct process *proc = task->proc;

	spin_lock_irq(&proc->siglock);
	if ((proc->sig_flags & SIGNAL_GROUP_EXIT) || proc->group_exec_task) {
		spin_unlock_irq(&proc->siglock);
		return -EAGAIN;
	}
	if (proc->nr_threads > 1) {
		proc->group_exec_task = task;
		proc->group_stop_count = 0;
		for_each_thread(proc, other) {
			task->jobctl &= ~(JOBCTL_STOP_PENDING | JOBCTL_STOP_CONSUME);
			if (other == task || (other->flags & PF_EXITING))
				continue;
			sigaddset(&other->pending.set, SIGKILL);
			signal_wake_task(other, true);
		}
		while (proc->nr_threads > 1) {
			set_current_state(TASK_KILLABLE);
			spin_unlock_irq(&proc->siglock);
			if (fatal_signal_pending(task)) {
				set_current_state(TASK_RUNNING);
				spin_lock_irq(&proc->siglock);
				proc->group_exec_task = NULL;
				spin_unlock_irq(&proc->siglock);
				return -EAGAIN;
			}
			schedule();
			spin_lock_irq(&proc->siglock);
		}
		set_current_state(TASK_RUNNING);
		proc->group_exec_task = NULL;
	}
	spin_unlock_irq(&proc->siglock);
	if (proc->group_leader != task)
		take_over_leader(proc);
	task->exit_signal = SIGCHLD;
	return 0;
}

/* Signal actions shared with another process (CLONE_SIGHAND without CLONE_THREAD). */
static int unshare_sighand(struct process *proc)
{
	struct sighand *old = proc->sighand, *new;

	if (refcount_read(&old->refs) == 1)
		return 0;
	new = sighand_alloc();
	if (!new)
		return -ENOMEM;
	spin_lock_irq(&proc->siglock);
	spin_lock(&old->lock);
	memcpy(new->action, old->action, sizeof(new->action));
	spin_unlock(&old->lock);
	proc->sighand = new;
	spin_unlock_irq(&proc->siglock);
	sighand_put(old);
	return 0;
}

static void exchange_mm(struct mm *mm)
{
	struct task *task = current;
	struct mm *old = task->mm;

	if (old) {
		struct process *proc = task->proc;
		u64 peak = mm_rss_peak(old);

		task_release_user(task);
		spin_lock_irq(&proc->siglock);
		proc->dead_threads.maxrss = max(proc->dead_threads.maxrss, peak);
		spin_unlock_irq(&proc->siglock);
	} else {
		vfork_complete(task);
	}
	spin_lock(&task->lock);
	local_irq_disable();
	task->mm = mm;
	task->active_mm = mm;
	arch_mm_switch(old, mm, task);
	this_cpu()->active_mm = mm;
	local_irq_enable();
	spin_unlock(&task->lock);
	if (old)
		mm_put(old);
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Everything of the old program that the new one must not see. */
static void reset_task(struct exec *exec)
{
	struct task *task = current;
	struct process *proc = task->proc;

	task->flags &= ~(PF_KTHREAD | PF_FORKNOEXEC);
	proc->did_exec = true;
	proc->personality &= ~READ_IMPLIES_EXEC;
	if (exec->secure)
		proc->personality &= ~PER_CLEAR_ON_SETID;
	task->set_child_tid = NULL;
	task->clear_child_tid = NULL;
	task->robust_list = NULL;
	rseq_forget();
	task->restart.fn = NULL;
	task_set_comm(task, base_name(exec->filename));
	signal_flush_handlers(proc);
	files_close_on_exec();
}

int exec_commit(struct exec *exec)
{
	struct process *proc = current->proc;
	struct cred *cred = exec->cred;
	int error = files_unshare();

	if (!error)
		error = exec_kill_threads();
	if (!error)
		error = unshare_sighand(proc);
	if (error)
		return error;

	posix_timers_exit(proc);
	exchange_mm(exec->mm);
	exec->mm = NULL;
	reset_task(exec);
	exec->cred = NULL;
	cred_commit(cred);
	current->mm->dumpable = !exec->secure;
	if (exec->secure)
		current->pdeath_signal = 0;
	arch_exec_start(task_frame(current), exec->entry, exec->sp);
	return 0;
}
