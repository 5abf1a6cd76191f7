/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The receiver's side: in the work loop of the exit to EL0 a task takes its pending
 * signals one by one, and stops, dies, ignores, or enters a handler. Here, too, an
 * interrupted system call learns whether it is restarted.
 */
#include <arch/frame.h>
#include <arch/signal.h>
#include <arch/uaccess.h>
#include <fs/fs.h>
#include <kernel/clone.h>
#include <kernel/coredump.h>
#include <kernel/printk.h>
#include <kernel/ptrace.h>
#include <kernel/rseq.h>
#include <kernel/syscall.h>
#include <asm/unistd.h>
#include <trace/signal.h>
#include "internal.h"

struct taken_signal {
	int sig;
	struct k_sigaction action;
	sigset_t blocked;	/* before */
	siginfo_t info;
};

void signal_recalc(void)
{
	struct task *task = current;
	struct process *proc = task->proc;

	if (((task->pending.set | proc->shared_pending.set) & ~task->blocked) ||
	    (task->jobctl & (JOBCTL_STOP_PENDING | JOBCTL_TRAP_MASK)) ||
	    (proc->sig_flags & (SIGNAL_GROUP_EXIT | SIGNAL_CLD_MASK)) ||
	    unlikely(proc->group_exec_task && proc->group_exec_task != task))
		task_set_work(task, WORK_SIGNAL);
	else if (task_has_work(task, WORK_SIGNAL))
		task_clear_work(task, WORK_SIGNAL);
}

bool signal_pending_state(u32 state, const struct task *task)
{
	if (!(state & (TASK_INTERRUPTIBLE | TASK_WAKEKILL)) || !signal_pending(task))
		return false;
	return (state & TASK_INTERRUPTIBLE) || fatal_signal_pending(task);
}

/* What a default action that ends the process logs for PID 1's sake alone. */
static void __noreturn die_of_signal(int sig)
{
	current->flags |= PF_SIGNALED;
	process_exit_group(sig);
}

void signal_die(int sig, const siginfo_t *info)
{
	if (sig_in(sig, SIG_KERNEL_COREDUMP_MASK))
		coredump(sig, info);
	die_of_signal(sig);
}

/* Tells the parent what SIGCONT's sender could not. siglock is released and taken again. */
static void notify_continued(struct process *proc) NO_THREAD_SAFETY_ANALYSIS
{
	int why = proc->sig_flags & SIGNAL_CLD_CONTINUED ? CLD_CONTINUED : CLD_STOPPED;

	proc->sig_flags &= ~SIGNAL_CLD_MASK;
	spin_unlock_irq(&proc->siglock);
	spin_lock_irq(&tasklist_lock);
	signal_notify_parent_stop(proc, why);
	spin_unlock_irq(&tasklist_lock);
	spin_lock_irq(&proc->siglock);
}

/* The default action stops. True: siglock was released on the way, look again. */
static bool default_stop(int sig, struct process *proc) NO_THREAD_SAFETY_ANALYSIS
{
	if (sig != SIGSTOP) {
		bool orphaned;

		/* A job that nobody can continue must not be stopped from its terminal. */
		spin_unlock_irq(&proc->siglock);
		orphaned = current_pgrp_orphaned();
		spin_lock_irq(&proc->siglock);
		if (orphaned)
			return false;
	}
	if (!signal_stop_here(sig, proc))
		return false;
	spin_lock_irq(&proc->siglock);
	return true;
}

/* Copies the action out; a one-shot action is reset. */
static void take_action(struct process *proc, struct taken_signal *taken)
{
	struct k_sigaction *action = &proc->sighand->action[taken->sig - 1];

	spin_lock(&proc->sighand->lock);
	taken->action = *action;
	if (action->flags & SA_ONESHOT)
		action->handler = SIG_DFL;
	spin_unlock(&proc->sighand->lock);
}

/* What the handler is not to be interrupted by: while siglock is held anyway. */
static void block_for_handler(struct taken_signal *taken)
{
	sigset_t blocked = current->blocked | taken->action.mask;

	taken->blocked = current->blocked;
	if (!(taken->action.flags & SA_NODEFER))
		sigaddset(&blocked, taken->sig);
	signal_block_locked(blocked & ~SIG_KERNEL_ONLY_MASK);
}

/* True with a signal that has a handler; does not return when one is deadly. */
static bool signal_take(struct taken_signal *taken) NO_THREAD_SAFETY_ANALYSIS
{
	struct process *proc = current->proc;
	void *handler;

	spin_lock_irq(&proc->siglock);
	for (;;) {
		if (unlikely(proc->sig_flags & SIGNAL_CLD_MASK))
			notify_continued(proc);
		if (unlikely((proc->sig_flags & SIGNAL_GROUP_EXIT) ||
			     (proc->group_exec_task && proc->group_exec_task != current))) {
			spin_unlock_irq(&proc->siglock);
			die_of_signal(SIGKILL);
		}
		if (unlikely(current->jobctl & JOBCTL_STOP_PENDING) &&
		    signal_stop_here(0, proc)) {
			spin_lock_irq(&proc->siglock);
			continue;
		}
		if (unlikely(current->jobctl & JOBCTL_TRAP_MASK)) {
			ptrace_trap();
			continue;
		}
		taken->sig = signal_dequeue_synchronous(&taken->info);
		if (!taken->sig)
			taken->sig = signal_dequeue(current->blocked, &taken->info);
		if (!taken->sig)
			break;
		TRACE(signal_deliver, (u32)current->tid, (u32)taken->sig);
		if (task_is_traced(current) && taken->sig != SIGKILL) {
			taken->sig = ptrace_signal(taken->sig, &taken->info);
			if (!taken->sig)
				continue;
		}

		handler = sig_handler(proc, taken->sig);
		if (handler == SIG_IGN)
			continue;
		if (handler != SIG_DFL) {
			take_action(proc, taken);
			block_for_handler(taken);
			break;
		}
		if (sig_default_ignores(taken->sig))
			continue;
		if ((proc->sig_flags & SIGNAL_UNKILLABLE) && !sig_kernel_only(taken->sig))
			continue;
		if (sig_default_stops(taken->sig)) {
			default_stop(taken->sig, proc);
			continue;
		}
		spin_unlock_irq(&proc->siglock);
		signal_die(taken->sig, &taken->info);
	}
	signal_recalc();
	spin_unlock_irq(&proc->siglock);
	return taken->sig != 0;
}

static bool is_restart_error(long value)
{
	return value == -ERESTARTSYS || value == -ERESTARTNOINTR || value == -ERESTARTNOHAND ||
	       value == -ERESTART_RESTARTBLOCK;
}

/* Ends the system call of `frame` one way or the other; `action` NULL: no handler runs. */
static void finish_syscall(struct trap_frame *frame, const struct k_sigaction *action)
{
	long value = (long)frame->regs[0];

	if (!frame_in_syscall(frame))
		return;
	if (unlikely(is_restart_error(value))) {
		if (!action && value == -ERESTART_RESTARTBLOCK)
			frame_restart_block(frame, __NR_restart_syscall);
		else if (!action || value == -ERESTARTNOINTR ||
			 (value == -ERESTARTSYS && (action->flags & SA_RESTART)))
			frame_restart_syscall(frame);
		else
			frame_set_return(frame, -EINTR);
	}
	frame->syscallno = NO_SYSCALL;
}

static void enter_handler(struct trap_frame *frame, struct taken_signal *taken)
{
	struct task *task = current;
	struct sigaltstack_state *sas = &task->sas;
	const struct k_sigaction *action = &taken->action;
	bool have_saved = task_has_work(task, WORK_RESTORE_SIGMASK);
	struct sigframe_request request = {
		.sig		= taken->sig,
		.handler	= (u64)action->handler,
		.sa_flags	= action->flags,
		.restorer	= (u64)action->restorer,
		.siginfo	= &taken->info,
		.oldmask	= have_saved ? task->saved_sigmask : taken->blocked,
		.sp		= frame->sp,
		.ss_sp		= sas->sp,
		.ss_size	= sas->size,
		.ss_flags	= sas->flags,
	};

	if ((action->flags & SA_ONSTACK) && sas->size && !on_altstack(frame->sp))
		request.sp = sas->sp + sas->size;
	if (sas->size && !(sas->flags & SS_AUTODISARM) && on_altstack(frame->sp))
		request.ss_flags |= SS_ONSTACK;
	if (arch_setup_sigframe(frame, &request)) {
		signal_set_blocked(taken->blocked);
		signal_force_segv(taken->sig);
		return;
	}
	if (sas->flags & SS_AUTODISARM)
		*sas = (struct sigaltstack_state){ .flags = SS_DISABLE };
	if (have_saved)
		task_clear_work(task, WORK_RESTORE_SIGMASK);
}

void signal_deliver(struct trap_frame *frame)
{
	struct taken_signal taken;

	if (task_has_work(current, WORK_NOTIFY)) {
		task_clear_work(current, WORK_NOTIFY);
		task_first_return();
	}
	if (unlikely(task_has_work(current, WORK_ASYNC))) {
		task_clear_work(current, WORK_ASYNC);
		fasync_tell();
	}
	/* A handler must come back to the abort address, not into the middle of the sequence. */
	if (unlikely(current->rseq))
		rseq_resume(frame);
	if (task_has_work(current, WORK_SIGNAL) && signal_take(&taken)) {
		finish_syscall(frame, &taken.action);
		enter_handler(frame, &taken);
		return;
	}
	finish_syscall(frame, NULL);
	if (task_has_work(current, WORK_RESTORE_SIGMASK)) {
		task_clear_work(current, WORK_RESTORE_SIGMASK);
		signal_set_blocked(current->saved_sigmask);
	}
}

SYSCALL_DEFINE0(rt_sigreturn)
{
	struct trap_frame *frame = current_frame();
	struct sigreturn_result result;

	/* A restart belongs to the call that was interrupted, never to one from before. */
	current->restart.fn = NULL;
	if (arch_sigreturn(frame, &result)) {
		signal_force_segv(SIGSEGV);
		return 0;
	}
	TRACE(signal_return, (u32)current->tid);
	signal_set_blocked(result.mask);
	/* What the program wrote there is taken if it is valid, and otherwise ignored. */
	altstack_set(result.ss_sp, result.ss_size, result.ss_flags, frame->sp);
	return (long)frame->regs[0];
}

SYSCALL_DEFINE0(restart_syscall)
{
	struct restart_block *restart = &current->restart;

	return restart->fn ? restart->fn(restart) : -EINTR;
}
