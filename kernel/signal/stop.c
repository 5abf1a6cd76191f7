/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Group stops. The thread that takes a stop signal marks all others; each stops itself at
 * its next return to EL0, and the last to do so tells the parent. SIGCONT (send.c) clears
 * the marks and wakes everybody.
 */
#include <kernel/coredump.h>
#include <kernel/sched.h>
#include <kernel/pid.h>
#include <kernel/ptrace.h>
#include "internal.h"

bool task_set_stop_pending(struct task *task, u32 bits)
{
	if ((task->flags & PF_EXITING) || sigismember(&task->pending.set, SIGKILL))
		return false;
	if (bits & JOBCTL_STOP_SIGMASK)
		task->jobctl &= ~JOBCTL_STOP_SIGMASK;
	task->jobctl |= bits;
	return true;
}

bool signal_stop_participate(struct process *proc)
{
	bool counted = current->jobctl & JOBCTL_STOP_CONSUME;

	current->jobctl &= ~(JOBCTL_STOP_PENDING | JOBCTL_STOP_CONSUME);
	if (!counted)
		return false;
	if (proc->group_stop_count > 0)
		proc->group_stop_count--;
	if (proc->group_stop_count || (proc->sig_flags & SIGNAL_STOP_STOPPED))
		return false;
	proc->sig_flags = (proc->sig_flags & ~(SIGNAL_STOP_CONTINUED | SIGNAL_CLD_MASK)) |
			  SIGNAL_STOP_STOPPED;
	return true;
}

static bool stop_begin(int sig, struct process *proc)
{
	u32 bits = JOBCTL_STOP_PENDING | JOBCTL_STOP_CONSUME | (u32)sig;
	struct task *task;

	/* SIGCONT or death came since the signal was taken. */
	if (!(current->jobctl & JOBCTL_STOP_DEQUEUED) ||
	    (proc->sig_flags & SIGNAL_GROUP_EXIT) || proc->group_exec_task)
		return false;
	if (!(proc->sig_flags & SIGNAL_STOP_STOPPED))
		proc->group_exit_code = sig;
	proc->group_stop_count = 0;
	if (task_set_stop_pending(current, bits))
		proc->group_stop_count++;
	for_each_thread(proc, task) {
		if (task == current || (READ_ONCE(task->state) & TASK_STOPPED) ||
		    !task_set_stop_pending(task, bits))
			continue;
		proc->group_stop_count++;
		if (task->ptrace & PT_SEIZED)
			ptrace_trap_notify(task);
		else
			signal_wake_task(task, false);
	}
	return true;
}

static void notify_stop(struct process *proc, int why)
{
	spin_lock_irq(&tasklist_lock);
	signal_notify_parent_stop(proc, why);
	spin_unlock_irq(&tasklist_lock);
}

/* siglock is held on entry. True: it was released, and current may have been stopped. */
bool signal_stop_here(int sig, struct process *proc) NO_THREAD_SAFETY_ANALYSIS
{
	bool complete;

	if (!(current->jobctl & JOBCTL_STOP_PENDING) && (!sig || !stop_begin(sig, proc)))
		return false;
	if (!(current->jobctl & JOBCTL_STOP_PENDING))
		return false;
	/* A traced thread takes part when it stops for its tracer. */
	if (task_is_traced(current)) {
		current->jobctl |= JOBCTL_TRAP_STOP;
		return false;
	}
	complete = signal_stop_participate(proc);
	/* Under siglock: whoever continues or kills us does it after this store. */
	set_current_state(TASK_STOPPED);
	spin_unlock_irq(&proc->siglock);
	if (complete)
		notify_stop(proc, CLD_STOPPED);
	schedule();
	return true;
}

void signal_thread_exit(struct task *task)
{
	struct process *proc = task->proc;
	sigset_t orphaned;
	bool complete = false;
	struct core_dump *core;
	struct task *other;

	spin_lock_irq(&proc->siglock);
	task->flags |= PF_EXITING;
	core = proc->core;
	if (proc->nr_threads > 1 && !(proc->sig_flags & SIGNAL_GROUP_EXIT)) {
		/* Shared signals that were to be taken here go to somebody else. */
		orphaned = proc->shared_pending.set & ~task->blocked;
		if (orphaned) {
			for_each_thread(proc, other)
				if (!(other->flags & PF_EXITING) && (orphaned & ~other->blocked))
					signal_wake_task(other, false);
		}
		if (task->jobctl & JOBCTL_STOP_PENDING)
			complete = signal_stop_participate(proc);
	}
	spin_unlock_irq(&proc->siglock);
	if (complete)
		notify_stop(proc, CLD_STOPPED);
	if (unlikely(core))
		coredump_park(core);
}
