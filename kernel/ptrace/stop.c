/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How a tracee stops: for a signal, an event, a system call, or because its group or its
 * tracer wants it to. Everything here runs in the tracee.
 */
#include <arch/frame.h>
#include <arch/ptrace.h>
#include <kernel/cred.h>
#include <kernel/pid.h>
#include <kernel/sched.h>
#include <lib/string.h>
#include "../signal/internal.h"
#include "internal.h"

/* SIGCHLD to the tracer, and whoever of it waits wakes up. */
static void tell_tracer(int why) REQUIRES(tasklist_lock)
{
	struct process *tracer = current->tracer->proc;
	struct k_sigaction *action;
	siginfo_t info;

	memset(&info, 0, sizeof(info));
	info.si_signo = SIGCHLD;
	info.si_code = why;
	info.si_pid = current->tid;
	info.si_uid = current->cred->uid;
	info.si_status = (why == CLD_STOPPED ? current->proc->group_exit_code :
			  current->ptrace_code) & 0x7f;
	spin_lock(&tracer->siglock);
	action = &tracer->sighand->action[SIGCHLD - 1];
	if (action->handler != SIG_IGN && !(action->flags & SA_NOCLDSTOP) &&
	    !list_empty(&tracer->threads))
		signal_send_locked(SIGCHLD, &info,
				   list_first_entry(&tracer->threads, struct task, thread_node),
				   true, false);
	spin_unlock(&tracer->siglock);
	wake_up_all(&tracer->child_wait);
}

/*
 * Stops until the tracer, its death or SIGKILL ends it. `code` is what wait4 shows, `why` is
 * CLD_TRAPPED or, for the stop of the group, CLD_STOPPED. Returns the signal that the tracer
 * goes on with. siglock is held on entry and return.
 */
static int stop(int code, int why, unsigned long message, siginfo_t *info) NO_THREAD_SAFETY_ANALYSIS
{
	struct task *task = current;
	struct process *proc = task->proc;
	bool group_done = false;

	if (sigismember(&task->pending.set, SIGKILL) || !task->tracer)
		return 0;
	task->ptrace_message = message;
	task->ptrace_info = info;
	task->ptrace_code = code;
	if (why == CLD_STOPPED && (task->jobctl & JOBCTL_STOP_PENDING))
		group_done = signal_stop_participate(proc);
	task->jobctl &= ~JOBCTL_TRAP_STOP;
	if (info && info->si_code >> 8 == PTRACE_EVENT_STOP)
		task->jobctl &= ~JOBCTL_TRAP_NOTIFY;
	set_current_state(TASK_TRACED);
	task->jobctl &= ~JOBCTL_TRAPPING;
	spin_unlock(&proc->siglock);
	/* Interrupts stay off: nothing comes between the two locks that could wake us unseen. */
	spin_lock(&tasklist_lock);
	if (task->tracer) {
		tell_tracer(why);
		if (group_done && task->tracer->proc != proc->parent)
			signal_notify_parent_stop(proc, CLD_STOPPED);
	} else if (group_done) {
		signal_notify_parent_stop(proc, CLD_STOPPED);
	}
	spin_unlock_irq(&tasklist_lock);
	schedule();
	spin_lock_irq(&proc->siglock);
	task->ptrace_info = NULL;
	task->jobctl &= ~JOBCTL_LISTENING;
	signal_recalc();
	code = task->ptrace_code;
	task->ptrace_code = 0;
	/* What is no signal is the stop's own code: nobody resumed it, the tracer is gone. */
	return valid_signal((unsigned long)code) ? code : 0;
}

/* A stop with a siginfo that names it, as all but signal stops have. */
static int notify(int sig, int code, int why, unsigned long message)
{
	siginfo_t info;

	memset(&info, 0, sizeof(info));
	info.si_signo = sig;
	info.si_code = code;
	info.si_pid = current->tid;
	info.si_uid = current->cred->uid;
	return stop(code, why, message, &info);
}

void ptrace_event(u32 event, unsigned long message)
{
	struct process *proc = current->proc;

	if (ptrace_event_wanted(event)) {
		spin_lock_irq(&proc->siglock);
		notify(SIGTRAP, (int)(event << 8 | SIGTRAP), CLD_TRAPPED, message);
		spin_unlock_irq(&proc->siglock);
	} else if (event == PTRACE_EVENT_EXEC && (current->ptrace & PT_TRACED) &&
		   !(current->ptrace & PT_SEIZED)) {
		signal_send_task_info(SIGTRAP, SEND_SIG_USER, current);
	}
}

/* --- Signals --- */

int ptrace_signal(int sig, siginfo_t *info)
{
	struct task *tracer;

	/* As if just taken: a SIGCONT that comes during the stop cancels a stop signal. */
	current->jobctl |= JOBCTL_STOP_DEQUEUED;
	sig = stop(sig, CLD_TRAPPED, 0, info);
	if (!sig)
		return 0;
	if (sig != info->si_signo) {
		memset(info, 0, sizeof(*info));
		info->si_signo = sig;
		info->si_code = SI_USER;
		tracer = current->tracer;
		if (tracer) {
			info->si_pid = tracer->proc->pid;
			info->si_uid = tracer->cred->uid;
		}
	}
	if (sigismember(&current->blocked, sig)) {
		signal_send_locked(sig, info, current, false, false);
		return 0;
	}
	return sig;
}

void ptrace_trap_notify(struct task *task)
{
	task->jobctl |= JOBCTL_TRAP_NOTIFY;
	if (task->jobctl & JOBCTL_LISTENING)
		ptrace_wake(task);
	else
		signal_wake_task(task, false);
}

void ptrace_trap(void)
{
	struct process *proc = current->proc;
	int sig = (int)(current->jobctl & JOBCTL_STOP_SIGMASK);

	if (current->ptrace & PT_SEIZED) {
		if (!proc->group_stop_count && !(proc->sig_flags & SIGNAL_STOP_STOPPED))
			sig = SIGTRAP;
		notify(sig, sig | PTRACE_EVENT_STOP << 8, CLD_STOPPED, 0);
	} else {
		stop(sig ? sig : SIGSTOP, CLD_STOPPED, 0, NULL);
	}
	/* Detached meanwhile, or before it came here: nothing to stop for. */
	if (!current->ptrace)
		current->jobctl &= ~(JOBCTL_TRAP_MASK | JOBCTL_TRAPPING);
}

/* --- System calls --- */

/* x7 says which end of the call it is while the tracee is stopped, as debuggers expect. */
static void syscall_stop(struct trap_frame *frame, unsigned long message)
{
	struct process *proc = current->proc;
	u64 x7 = frame->regs[7];
	int code = SIGTRAP, sig;

	if (current->ptrace & PT_OPT(PTRACE_O_TRACESYSGOOD))
		code |= 0x80;
	frame->regs[7] = message == PTRACE_EVENTMSG_SYSCALL_EXIT;
	spin_lock_irq(&proc->siglock);
	sig = notify(SIGTRAP, code, CLD_TRAPPED, message);
	spin_unlock_irq(&proc->siglock);
	frame->regs[7] = x7;
	/* What the tracer gives to go on with is sent as if by itself. */
	if (sig)
		signal_send_task_info(sig, SEND_SIG_USER, current);
}

bool ptrace_syscall_enter(struct trap_frame *frame)
{
	/* Without a call there is still a result to be seen. */
	if (frame->syscallno == NO_SYSCALL)
		frame->regs[0] = (u64)-ENOSYS;
	syscall_stop(frame, PTRACE_EVENTMSG_SYSCALL_ENTRY);
	return frame->syscallno != NO_SYSCALL && !fatal_signal_pending(current);
}

void ptrace_syscall_exit(struct trap_frame *frame)
{
	syscall_stop(frame, PTRACE_EVENTMSG_SYSCALL_EXIT);
}

/* --- wait4 --- */

int ptrace_stop_code(struct task *task, bool take)
{
	int code = 0;

	spin_lock(&task->proc->siglock);
	if ((READ_ONCE(task->state) & TASK_TRACED) && !(task->jobctl & JOBCTL_LISTENING)) {
		code = task->ptrace_code;
		if (take)
			task->ptrace_code = 0;
	}
	spin_unlock(&task->proc->siglock);
	return code;
}
