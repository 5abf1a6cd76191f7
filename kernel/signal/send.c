/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sending: is the signal wanted at all, which thread is to take it, does it end the whole
 * process. Everything works under the receiver's siglock, in any context.
 */
#include <kernel/pid.h>
#include <kernel/ptrace.h>
#include <kernel/sched.h>
#include <lib/string.h>
#include <trace/counters.h>
#include <trace/signal.h>
#include "internal.h"

void signal_wake_task(struct task *task, bool fatal)
{
	u32 states = TASK_INTERRUPTIBLE;

	if (fatal)
		states |= TASK_WAKEKILL | TASK_STOPPED | TASK_TRACED;
	task_set_work(task, WORK_SIGNAL);
	/* Should it want to sleep from here on, it sees the bit. */
	if (task == current && READ_ONCE(task->state) == TASK_RUNNING)
		return;
	/* If it runs on another CPU, make it come by the exit's work loop. */
	if (!task_wake(task, states) && IS_ENABLED(CONFIG_SMP) && task != current &&
	    READ_ONCE(task->state) == TASK_RUNNING)
		resched_cpu((unsigned)task->cpu);
}

static __always_inline bool sig_is_ignored(const struct task *task, int sig, bool force)
{
	const struct process *proc = task->proc;
	void *handler;

	/* A blocked signal is kept: the action may have changed when it is unblocked. */
	if (sigismember(&task->blocked, sig) || sigismember(&task->real_blocked, sig))
		return false;
	/* A tracer is told of ignored ones, too. */
	if (task_is_traced(task) && sig != SIGKILL)
		return false;
	handler = sig_handler(proc, sig);
	if ((proc->sig_flags & SIGNAL_UNKILLABLE) && handler == SIG_DFL &&
	    !(force && sig_kernel_only(sig)))
		return true;
	return handler == SIG_IGN || (handler == SIG_DFL && sig_default_ignores(sig));
}

void task_clear_stop(struct task *task)
{
	task->jobctl &= ~(JOBCTL_STOP_PENDING | JOBCTL_STOP_CONSUME | JOBCTL_STOP_DEQUEUED |
			  JOBCTL_STOP_SIGMASK);
}

/* SIGCONT, even if blocked or ignored, undoes stops; a stop signal drops pending SIGCONTs. */
static void signal_continue(struct process *proc)
{
	u32 why = 0;
	struct task *task;

	sigpending_remove(&proc->shared_pending, SIG_KERNEL_STOP_MASK);
	for_each_thread(proc, task) {
		sigpending_remove(&task->pending, SIG_KERNEL_STOP_MASK);
		task_clear_stop(task);
		if (unlikely(task->ptrace & PT_SEIZED))
			ptrace_trap_notify(task);
		else
			task_wake(task, TASK_STOPPED);
	}
	/* The parent is told by the first thread that runs: it may need tasklist_lock. */
	if (proc->sig_flags & SIGNAL_STOP_STOPPED)
		why = SIGNAL_CLD_CONTINUED;
	else if (proc->group_stop_count)
		why = SIGNAL_CLD_STOPPED;
	if (why) {
		proc->sig_flags &= ~(SIGNAL_STOP_STOPPED | SIGNAL_STOP_CONTINUED |
				     SIGNAL_CLD_MASK);
		proc->sig_flags |= why | SIGNAL_STOP_CONTINUED;
		proc->group_stop_count = 0;
		proc->group_exit_code = 0;
		for_each_thread(proc, task)
			task_set_work(task, WORK_SIGNAL);
	}
}

static noinline void signal_stop_or_continue(int sig, struct process *proc)
{
	struct task *other;

	if (sig == SIGCONT) {
		signal_continue(proc);
		return;
	}
	sigpending_remove(&proc->shared_pending, sigmask(SIGCONT));
	for_each_thread(proc, other)
		sigpending_remove(&other->pending, sigmask(SIGCONT));
}

/* Effects that come with the sending itself. False if there is nothing more to do. */
static __always_inline bool signal_prepare(int sig, struct task *task, bool force)
{
	struct process *proc = task->proc;

	if (proc->sig_flags & SIGNAL_GROUP_EXIT)
		return false;
	if (unlikely(sig_in(sig, SIG_KERNEL_STOP_MASK | sigmask(SIGCONT))))
		signal_stop_or_continue(sig, proc);
	return !sig_is_ignored(task, sig, force);
}

/* Can `task` act on `sig` soon? */
static bool task_wants_signal(int sig, const struct task *task)
{
	if (sigismember(&task->blocked, sig) || (task->flags & PF_EXITING))
		return false;
	if (sig == SIGKILL)
		return true;
	if (READ_ONCE(task->state) & (TASK_STOPPED | TASK_TRACED))
		return false;
	return task == current || !signal_pending(task);
}

/* Another one than the first. */
static noinline struct task *signal_choose_other(int sig, struct process *proc)
{
	struct task *other;

	/* Round robin from the last one, so that many signals spread over the threads. */
	for_each_thread(proc, other) {
		if (other != proc->curr_target && task_wants_signal(sig, other)) {
			proc->curr_target = other;
			return other;
		}
	}
	other = proc->curr_target;
	return other && task_wants_signal(sig, other) ? other : NULL;
}

static __always_inline struct task *signal_choose_thread(int sig, struct task *task, bool group)
{
	if (likely(task_wants_signal(sig, task)))
		return task;
	return group && task->proc->nr_threads > 1 ? signal_choose_other(sig, task->proc) : NULL;
}

static bool sig_is_fatal(const struct process *proc, int sig)
{
	return !sig_in(sig, SIG_KERNEL_IGNORE_MASK | SIG_KERNEL_STOP_MASK) &&
	       sig_handler(proc, sig) == SIG_DFL;
}

void signal_kill_threads(struct process *proc, int wait_status)
{
	struct task *task;

	proc->sig_flags &= ~(SIGNAL_STOP_STOPPED | SIGNAL_STOP_CONTINUED | SIGNAL_CLD_MASK);
	proc->sig_flags |= SIGNAL_GROUP_EXIT;
	proc->group_exit_code = wait_status;
	proc->group_stop_count = 0;
	for_each_thread(proc, task) {
		task_clear_stop(task);
		if (task->flags & PF_EXITING)
			continue;
		sigaddset(&task->pending.set, SIGKILL);
		signal_wake_task(task, true);
	}
}

/* A signal is pending now: who is woken for it? */
static void signal_complete(int sig, struct task *task, bool group)
{
	struct process *proc = task->proc;
	struct task *target = signal_choose_thread(sig, task, group);

	if (!target)
		return;		/* whoever unblocks it first takes it */
	/* A sure death is begun here, so that it needs no scheduling of the right thread. */
	if (sig_is_fatal(proc, sig) && !(proc->sig_flags & SIGNAL_GROUP_EXIT) &&
	    !sigismember(&target->real_blocked, sig) &&
	    (sig == SIGKILL || !task_is_traced(target)) &&
	    !sig_in(sig, SIG_KERNEL_COREDUMP_MASK)) {
		signal_kill_threads(proc, sig);
		return;
	}
	signal_wake_task(target, sig == SIGKILL);
}

/* Inlined into kill()'s way whatever else is compiled into it, a trace event for one. */
static __always_inline int send_locked(int sig, const siginfo_t *info, struct task *task, bool group,
				       bool force)
{
	struct process *proc = task->proc;
	int error;

	spin_assert_held(&proc->siglock);
	count_event(SIGNAL_TOTAL);
	TRACE(signal_generate, (u32)task->tid, (u32)sig);
	if (!signal_prepare(sig, task, force))
		return 0;
	error = sigpending_add(group ? &proc->shared_pending : &task->pending, sig, info, task);
	if (error)
		return error;
	if (unlikely(!wait_queue_empty(&proc->sigfd_wait)))
		wake_up_all(&proc->sigfd_wait);
	signal_complete(sig, task, group);
	return 0;
}

int signal_send_locked(int sig, const siginfo_t *info, struct task *task, bool group, bool force)
{
	return send_locked(sig, info, task, group, force);
}

/* The kernel itself may kill PID 1; what user space sends respects SIGNAL_UNKILLABLE. */
static bool info_forces(const siginfo_t *info)
{
	return info == SEND_SIG_KERNEL;
}

int signal_send_task_info(int sig, const struct siginfo *info, struct task *task)
{
	struct process *proc = task->proc;
	unsigned long flags;
	int error = -ESRCH;

	spin_lock_irqsave(&proc->siglock, flags);
	if (!list_empty(&task->thread_node) && !(task->flags & PF_EXITING))
		error = signal_send_locked(sig, info, task, false, info_forces(info));
	spin_unlock_irqrestore(&proc->siglock, flags);
	return error;
}

int signal_send_task(int sig, struct task *task)
{
	return signal_send_task_info(sig, SEND_SIG_KERNEL, task);
}

int signal_send_process(int sig, const struct siginfo *info, struct process *proc)
{
	unsigned long flags;
	struct task *task;
	int error = -ESRCH;

	spin_lock_irqsave(&proc->siglock, flags);
	if (!list_empty(&proc->threads)) {
		/* The first thread is the leader as long as it lives. */
		task = list_first_entry(&proc->threads, struct task, thread_node);
		error = send_locked(sig, info, task, true, info_forces(info));
	} else if (proc->state == PROC_ZOMBIE) {
		error = 0;
	}
	spin_unlock_irqrestore(&proc->siglock, flags);
	return error;
}

int signal_send_pgrp_locked(int sig, struct pid *pgrp, const struct siginfo *info)
{
	struct process *proc;
	int error = -ESRCH, one;
	bool sent = false;

	list_for_each_entry(proc, &pgrp->pgrp_members, pgrp_node) {
		one = signal_send_process(sig, info, proc);
		sent |= !one;
		error = one;
	}
	return sent ? 0 : error;
}

int signal_send_pgrp(int sig, pid_t nr, const struct siginfo *info)
{
	unsigned long flags;
	struct pid *pgrp;
	int error = -ESRCH;

	spin_lock_irqsave(&tasklist_lock, flags);
	pgrp = pid_lookup(nr);
	if (pgrp)
		error = signal_send_pgrp_locked(sig, pgrp, info);
	spin_unlock_irqrestore(&tasklist_lock, flags);
	return error;
}

int signal_send_pid(int sig, pid_t nr, const struct siginfo *info)
{
	struct process *proc = process_find(nr);
	int error;

	if (!proc)
		return -ESRCH;
	error = signal_send_process(sig, info, proc);
	process_put(proc);
	return error;
}

int signal_send_sigqueue(struct sigqueue *q, struct process *proc, struct task *only)
{
	int sig = q->info.si_signo;
	struct sigpending *pending;
	unsigned long flags;
	struct task *task;
	int result = -ESRCH;

	spin_lock_irqsave(&proc->siglock, flags);
	if (only ? list_empty(&only->thread_node) : list_empty(&proc->threads))
		goto out;
	task = only ? only : list_first_entry(&proc->threads, struct task, thread_node);
	if (!list_empty(&q->list)) {
		result = 1;
		goto out;
	}
	result = 0;
	if (!signal_prepare(sig, task, false))
		goto out;
	pending = only ? &task->pending : &proc->shared_pending;
	list_add_tail(&q->list, &pending->list);
	sigaddset(&pending->set, sig);
	if (!wait_queue_empty(&proc->sigfd_wait))
		wake_up_all(&proc->sigfd_wait);
	signal_complete(sig, task, !only);
out:
	spin_unlock_irqrestore(&proc->siglock, flags);
	return result;
}

/* --- Faults of current --- */

void signal_force_info(struct siginfo *info)
{
	struct task *task = current;
	struct process *proc = task->proc;
	int sig = info->si_signo;
	struct k_sigaction *action;
	unsigned long flags;
	bool blocked, ignored;

	spin_lock_irqsave(&proc->siglock, flags);
	action = &proc->sighand->action[sig - 1];
	blocked = sigismember(&task->blocked, sig);
	ignored = action->handler == SIG_IGN;
	if (blocked || ignored) {
		spin_lock(&proc->sighand->lock);
		action->handler = SIG_DFL;
		spin_unlock(&proc->sighand->lock);
		if (blocked) {
			sigdelset(&task->blocked, sig);
			signal_recalc();
		}
	}
	/* A fault of PID 1 that it does not handle cannot be ignored: it would recur for ever. */
	if (action->handler == SIG_DFL)
		proc->sig_flags &= ~SIGNAL_UNKILLABLE;
	signal_send_locked(sig, info, task, false, true);
	spin_unlock_irqrestore(&proc->siglock, flags);
}

void signal_force_fault(int sig, int code, vaddr_t addr)
{
	siginfo_t info;

	memset(&info, 0, sizeof(info));
	info.si_signo = sig;
	info.si_code = code;
	info.si_addr = (void *)addr;
	signal_force_info(&info);
}

void signal_force_segv(int sig)
{
	struct process *proc = current->proc;

	if (sig == SIGSEGV) {
		/* Its own handler cannot be reached: the next one must not try again. */
		spin_lock_irq(&proc->siglock);
		spin_lock(&proc->sighand->lock);
		proc->sighand->action[SIGSEGV - 1].handler = SIG_DFL;
		spin_unlock(&proc->sighand->lock);
		spin_unlock_irq(&proc->siglock);
	}
	signal_force_fault(SIGSEGV, SI_KERNEL, 0);
}

void signal_force_kill(void)
{
	struct process *proc = current->proc;

	spin_lock_irq(&proc->siglock);
	if (!(proc->sig_flags & SIGNAL_GROUP_EXIT))
		signal_kill_threads(proc, SIGKILL);
	spin_unlock_irq(&proc->siglock);
}
