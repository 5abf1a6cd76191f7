/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who traces whom: attaching, detaching, what new tasks inherit, and what is left when
 * tracer or tracee dies.
 */
#include <arch/ptrace.h>
#include <arch/syscall.h>
#include <kernel/cred.h>
#include <kernel/pid.h>
#include <kernel/sched.h>
#include <lib/string.h>
#include <linux/sched.h>
#include "../signal/internal.h"
#include "../task_internal.h"
#include "internal.h"

/* How many tasks are traced. */
static atomic_t nr_traced;

void ptrace_update_key(void)
{
	el0_slow_follow(EL0_SLOW_PTRACE, &nr_traced);
}

/* tasklist_lock and the tracee's siglock held. */
static void link_tracee(struct task *task, struct task *tracer, u32 how)
{
	task->ptrace = how;
	task->tracer = tracer;
	list_add_tail(&task->ptrace_node, &tracer->ptraced);
	atomic_inc(&nr_traced);
}

/* The same locks. */
static void unlink_tracee(struct task *task)
{
	task->ptrace = 0;
	task->tracer = NULL;
	list_del_init(&task->ptrace_node);
	task_clear_work(task, WORK_SYSCALL_TRACE);
	atomic_dec(&nr_traced);
}

void ptrace_unlink(struct task *task)
{
	struct process *proc = task->proc;

	if (likely(!task->tracer))
		return;
	spin_lock(&proc->siglock);
	unlink_tracee(task);
	spin_unlock(&proc->siglock);
}

void ptrace_wake(struct task *task)
{
	task_set_work(task, WORK_SIGNAL);
	task_wake(task, TASK_TRACED);
}

/* Ends the tracing of a task that lives. tasklist_lock held. */
static void release_tracee(struct task *task) REQUIRES(tasklist_lock)
{
	struct process *proc = task->proc;

	spin_lock(&proc->siglock);
	arch_disable_step(task);
	unlink_tracee(task);
	task->jobctl &= ~(JOBCTL_TRAP_MASK | JOBCTL_LISTENING);
	/* It goes back to where its group is: stopped, or about to be. */
	if (!(task->flags & PF_EXITING) &&
	    ((proc->sig_flags & SIGNAL_STOP_STOPPED) || proc->group_stop_count)) {
		task->jobctl |= JOBCTL_STOP_PENDING;
		if (!(task->jobctl & JOBCTL_STOP_SIGMASK))
			task->jobctl |= SIGSTOP;
	}
	ptrace_wake(task);
	spin_unlock(&proc->siglock);
}

/* --- Attaching --- */

static int may_trace(struct task *task)
{
	if (!task_is_user(task))
		return -EPERM;
	if (task->proc == current->proc)
		return -EPERM;
	return task_may_attach(task);
}

/* A group stop that has been reached becomes a trap, which the tracer can see. */
static bool stop_to_trap(struct task *task)
{
	if (!(READ_ONCE(task->state) & TASK_STOPPED))
		return false;
	task->jobctl |= JOBCTL_TRAP_STOP | JOBCTL_TRAPPING;
	task_set_work(task, WORK_SIGNAL);
	task_wake(task, TASK_STOPPED);
	return true;
}

static bool trapping(struct task *task)
{
	return (READ_ONCE(task->jobctl) & JOBCTL_TRAPPING) &&
	       !(READ_ONCE(task->flags) & PF_EXITING);
}

int ptrace_attach(struct task *task, bool seize, u64 addr, u64 options)
{
	struct process *proc = task->proc;
	bool wait = false;
	int error;

	if (seize && (addr || (options & ~(u64)PTRACE_O_MASK)))
		return -EIO;
	error = may_trace(task);
	if (error)
		return error;
	spin_lock_irq(&tasklist_lock);
	spin_lock(&proc->siglock);
	error = -EPERM;
	if (!(task->flags & PF_EXITING) && !task->tracer && !list_empty(&task->thread_node)) {
		error = 0;
		link_tracee(task, current,
			    PT_TRACED | (seize ? PT_SEIZED | PT_OPT(options) : 0));
		if (!seize)
			signal_send_locked(SIGSTOP, SEND_SIG_KERNEL, task, false, true);
		wait = stop_to_trap(task);
	}
	spin_unlock(&proc->siglock);
	spin_unlock_irq(&tasklist_lock);
	if (error)
		return error;
	ptrace_update_key();
	/* Until it has gone from the one stop to the other nobody must wait for it. */
	if (wait)
		wait_event(&current->proc->child_wait, !trapping(task));
	return 0;
}

int ptrace_traceme(void)
{
	struct task *task = current;
	struct process *proc = task->proc, *parent;
	struct task *tracer = NULL;
	int error = -EPERM;

	spin_lock_irq(&tasklist_lock);
	parent = proc->parent;
	/* The thread that made us; another of its process if it is gone. */
	if (parent != &init_process && !task->tracer && parent->state == PROC_ALIVE) {
		struct task *thread;

		for_each_thread(parent, thread) {
			if (thread->flags & PF_EXITING)
				continue;
			if (!tracer || thread->tid == proc->group_leader->parent_tid)
				tracer = thread;
		}
	}
	if (tracer) {
		spin_lock(&proc->siglock);
		link_tracee(task, tracer, PT_TRACED);
		spin_unlock(&proc->siglock);
		error = 0;
	}
	spin_unlock_irq(&tasklist_lock);
	ptrace_update_key();
	return error;
}

int ptrace_detach(struct task *task, unsigned int sig)
{
	int error = -ESRCH;

	if (!valid_signal(sig))
		return -EIO;
	spin_lock_irq(&tasklist_lock);
	if (task->tracer == current) {
		task->ptrace_code = (int)sig;
		release_tracee(task);
		error = 0;
	}
	spin_unlock_irq(&tasklist_lock);
	ptrace_update_key();
	return error;
}

int ptrace_freeze(struct task *task, bool any_state)
{
	int error = -ESRCH;

	spin_lock_irq(&tasklist_lock);
	if (task->tracer == current) {
		spin_lock(&task->proc->siglock);
		if (any_state || ((READ_ONCE(task->state) & TASK_TRACED) &&
				  !(task->jobctl & JOBCTL_LISTENING)))
			error = 0;
		spin_unlock(&task->proc->siglock);
	}
	spin_unlock_irq(&tasklist_lock);
	/* Its registers are in memory only once it has been switched away from. */
	while (!error && !any_state && !task_off_cpu(task))
		sched_yield_current();
	return error;
}

/* --- What new tasks inherit --- */

u32 ptrace_clone_event(u64 flags, int exit_signal)
{
	u32 event = PTRACE_EVENT_FORK;

	if (likely(!current->ptrace) || (flags & CLONE_UNTRACED))
		return 0;
	if (flags & CLONE_VFORK)
		event = PTRACE_EVENT_VFORK;
	else if ((flags & CLONE_THREAD) || exit_signal != SIGCHLD)
		event = PTRACE_EVENT_CLONE;
	return ptrace_event_wanted(event) ? event : 0;
}

void ptrace_inherit(struct task *child) NO_THREAD_SAFETY_ANALYSIS
{
	struct process *proc = child->proc;
	bool other = proc != current->proc;

	/* The tracer may have let go of us, or died, since it was asked. */
	if (!current->tracer)
		return;
	if (other)
		spin_lock(&proc->siglock);
	link_tracee(child, current->tracer, current->ptrace);
	if (child->ptrace & PT_SEIZED)
		child->jobctl |= JOBCTL_TRAP_STOP;
	else
		sigaddset(&child->pending.set, SIGSTOP);
	task_set_work(child, WORK_SIGNAL);
	if (other)
		spin_unlock(&proc->siglock);
}

void ptrace_exec_leader(struct task *task, struct task *old)
{
	/* The dead leader's tracer has nothing more to wait for. */
	if (old->tracer)
		ptrace_unlink(old);
}

bool ptrace_limits_exec(void)
{
	struct cred *cred;
	bool limits = false;

	if (likely(!current->ptrace))
		return false;
	spin_lock_irq(&tasklist_lock);
	if (current->tracer) {
		cred = current->tracer->cred;
		limits = !(cred->cap_effective & (1ull << CAP_SYS_PTRACE));
	}
	spin_unlock_irq(&tasklist_lock);
	return limits;
}

/* --- Deaths --- */

/* The tracer of a dead task is told as a parent is. */
static void tell_tracer_of_death(struct task *task, int status) REQUIRES(tasklist_lock)
{
	struct process *tracer = task->tracer->proc;
	siginfo_t info;

	memset(&info, 0, sizeof(info));
	info.si_signo = SIGCHLD;
	info.si_pid = task->tid;
	info.si_uid = task->cred->uid;
	info.si_code = status & 0x7f ? status & 0x80 ? CLD_DUMPED : CLD_KILLED : CLD_EXITED;
	info.si_status = status & 0x7f ? status & 0x7f : (status >> 8) & 0xff;
	spin_lock(&tracer->siglock);
	if (!list_empty(&tracer->threads))
		signal_send_locked(SIGCHLD, &info,
				   list_first_entry(&tracer->threads, struct task, thread_node),
				   true, false);
	spin_unlock(&tracer->siglock);
	wake_up_all(&tracer->child_wait);
}

bool ptrace_reparented(const struct process *proc)
{
	const struct task *tracer = proc->group_leader->tracer;

	return unlikely(tracer) && tracer->proc != proc->parent;
}

bool ptrace_exit_tracee(struct task *task, int status)
{
	if (likely(!task->tracer))
		return false;
	task->exit_code = status;
	tell_tracer_of_death(task, status);
	return true;
}

/* A dead tracee is nobody's to wait for any more: a thread goes, a process is its parent's. */
static void release_dead(struct task *task, struct list_head *dead) REQUIRES(tasklist_lock)
{
	struct process *proc = task->proc;
	bool leader = task == proc->group_leader;
	bool mine = leader && !ptrace_reparented(proc);

	ptrace_unlink(task);
	if (!leader) {
		task_unhash(task);
		list_add(&task->ptrace_node, dead);
	} else if (proc->state == PROC_ZOMBIE && !mine && signal_notify_parent_exit(proc)) {
		process_unlink(proc);
		list_add(&task->ptrace_node, dead);
	}
}

void ptrace_exit_tracer(struct task *tracer)
{
	struct task *task, *next;
	LIST_HEAD(dead);

	if (likely(list_empty(&tracer->ptraced)))
		return;
	spin_lock_irq(&tasklist_lock);
	list_for_each_entry_safe(task, next, &tracer->ptraced, ptrace_node) {
		struct process *proc = task->proc;

		/* A stop that is not a signal's leaves none behind. */
		if (task->ptrace_info && task->ptrace_info->si_code == task->ptrace_code)
			task->ptrace_code = 0;
		if (task->ptrace & PT_OPT(PTRACE_O_EXITKILL))
			signal_send_process(SIGKILL, SEND_SIG_KERNEL, proc);
		if (list_empty(&task->thread_node))
			release_dead(task, &dead);
		else
			release_tracee(task);
	}
	spin_unlock_irq(&tasklist_lock);
	list_for_each_entry_safe(task, next, &dead, ptrace_node) {
		list_del_init(&task->ptrace_node);
		if (task == task->proc->group_leader)
			process_free_unlinked(task->proc);
		else
			task_put(task);
	}
	ptrace_update_key();
}

pid_t ptrace_tracer_tid(struct task *task)
{
	pid_t tid;

	spin_lock_irq(&tasklist_lock);
	tid = task->tracer ? task->tracer->tid : 0;
	spin_unlock_irq(&tasklist_lock);
	return tid;
}
