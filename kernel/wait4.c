/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * wait4(2) and waitid(2): a parent learns that a child died, stopped or went on, and a
 * tracer the same of its tracees, which are threads (kernel/ptrace.h).
 */
#include <arch/uaccess.h>
#include <kernel/clone.h>
#include <kernel/cred.h>
#include <kernel/pid.h>
#include <kernel/pidfd.h>
#include <kernel/ptrace.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <kernel/wait.h>
#include <lib/err.h>
#include <lib/string.h>
#include <linux/wait.h>
#include <trace/process.h>
#include "task_internal.h"

enum wait_whom { WAIT_ANY, WAIT_PID, WAIT_PGRP };

struct wait_request {
	enum wait_whom	whom;
	pid_t		nr;		/* pid or group */
	int		options;	/* W*, __W* */

	/* The answer, when wait_children() returned a pid. */
	uid_t		uid;
	int		code;		/* CLD_* */
	int		status;		/* wait4's status word */
	struct usage	usage;
};

static bool wait_wants(const struct wait_request *request, const struct process *child)
	REQUIRES(tasklist_lock)
{
	bool clone_child = child->group_leader->exit_signal != SIGCHLD;

	if (request->whom == WAIT_PID && child->pid != request->nr)
		return false;
	if (request->whom == WAIT_PGRP && child->pgrp != request->nr)
		return false;
	if ((request->options & __WNOTHREAD) && child->group_leader->parent_tid != current->tid)
		return false;
	return (request->options & __WALL) || clone_child == !!(request->options & __WCLONE);
}

static void wait_fill(struct wait_request *request, struct process *child, int code, int status)
{
	request->uid = child->group_leader->cred->uid;
	request->code = code;
	request->status = status;
}

static int code_of_death(int status)
{
	return status & 0x7f ? (status & 0x80 ? CLD_DUMPED : CLD_KILLED) : CLD_EXITED;
}

/* Reaps unless WNOWAIT. tasklist_lock is released. */
static pid_t wait_zombie(struct wait_request *request, struct process *child)
	RELEASE(tasklist_lock)
{
	struct process *self = current->proc;
	int status = child->exit_code;
	pid_t pid = child->pid;

	wait_fill(request, child, code_of_death(status), status);
	request->usage = child->dead_threads;
	usage_add(&request->usage, &child->children_usage);
	if (request->options & WNOWAIT) {
		spin_unlock_irq(&tasklist_lock);
		return pid;
	}
	spin_lock(&self->siglock);
	usage_add(&self->children_usage, &request->usage);
	spin_unlock(&self->siglock);
	process_reap(child);
	return pid;
}

/* --- Tracees --- */

static bool wait_wants_tracee(const struct wait_request *request, const struct task *task)
	REQUIRES(tasklist_lock)
{
	switch (request->whom) {
	case WAIT_PID:
		return task->tid == request->nr;
	case WAIT_PGRP:
		return task->proc->pgrp == request->nr;
	default:
		return true;
	}
}

/* A dead tracee: the tracer is done with it; a process is now its parent's to wait for. */
static pid_t wait_dead_tracee(struct wait_request *request, struct task *task)
	RELEASE(tasklist_lock)
{
	struct process *proc = task->proc;
	bool leader = task == proc->group_leader, free = !leader;
	int status = leader ? proc->exit_code : task->exit_code;
	pid_t pid = task->tid;

	request->uid = task->cred->uid;
	request->code = code_of_death(status);
	request->status = status;
	task_usage(task, &request->usage);
	if (request->options & WNOWAIT) {
		spin_unlock_irq(&tasklist_lock);
		return pid;
	}
	ptrace_unlink(task);
	if (!leader) {
		task_unhash(task);
	} else if (signal_notify_parent_exit(proc)) {
		process_unlink(proc);
		free = true;
	}
	spin_unlock_irq(&tasklist_lock);
	if (free && leader)
		process_free_unlinked(proc);
	else if (free)
		task_put(task);
	return pid;
}

/*
 * News of what one thread of ours traces, as wait_scan(). tasklist_lock is released when
 * that is a pid.
 */
static pid_t wait_scan_tracees(struct wait_request *request, struct task *tracer)
	NO_THREAD_SAFETY_ANALYSIS
{
	pid_t result = -ECHILD, pid;
	struct task *task;
	int code;

	list_for_each_entry(task, &tracer->ptraced, ptrace_node) {
		struct process *proc = task->proc;

		if (!wait_wants_tracee(request, task))
			continue;
		if (list_empty(&task->thread_node)) {
			/* A leader counts when all of its process is dead; a child of ours as such. */
			if (task == proc->group_leader &&
			    (proc->state != PROC_ZOMBIE || !ptrace_reparented(proc)))
				continue;
			result = 0;
			if (request->options & WEXITED)
				return wait_dead_tracee(request, task);
			continue;
		}
		result = 0;
		code = ptrace_stop_code(task, !(request->options & WNOWAIT));
		if (!code)
			continue;
		request->uid = task->cred->uid;
		request->code = CLD_TRAPPED;
		request->status = code << 8 | 0x7f;
		memset(&request->usage, 0, sizeof(request->usage));
		pid = task->tid;
		spin_unlock_irq(&tasklist_lock);
		return pid;
	}
	return result;
}

/* The same of all threads of ours that count. */
static pid_t wait_scan_traced(struct wait_request *request) NO_THREAD_SAFETY_ANALYSIS
{
	pid_t result = -ECHILD, one;
	struct task *thread;

	for_each_thread(current->proc, thread) {
		if (likely(list_empty(&thread->ptraced)) ||
		    ((request->options & __WNOTHREAD) && thread != current))
			continue;
		one = wait_scan_tracees(request, thread);
		if (one > 0)
			return one;
		if (!one)
			result = 0;
	}
	return result;
}

/* --- Children --- */

/* Has the child a stop or a continuation that was not told yet? */
static bool wait_stopped(struct wait_request *request, struct process *child)
	REQUIRES(tasklist_lock)
{
	bool found = false;

	spin_lock(&child->siglock);
	if ((request->options & WUNTRACED) && (child->sig_flags & SIGNAL_STOP_STOPPED) &&
	    child->group_exit_code) {
		wait_fill(request, child, CLD_STOPPED, child->group_exit_code << 8 | 0x7f);
		if (!(request->options & WNOWAIT))
			child->group_exit_code = 0;
		found = true;
	} else if ((request->options & WCONTINUED) &&
		   (child->sig_flags & SIGNAL_STOP_CONTINUED)) {
		wait_fill(request, child, CLD_CONTINUED, 0xffff);
		if (!(request->options & WNOWAIT))
			child->sig_flags &= ~SIGNAL_STOP_CONTINUED;
		found = true;
	}
	spin_unlock(&child->siglock);
	return found;
}

/* The pid of a child with news; 0 none has, -ECHILD there is none that is asked for. */
static pid_t wait_scan(struct wait_request *request) NO_THREAD_SAFETY_ANALYSIS
{
	struct process *child;
	pid_t result;

	spin_lock_irq(&tasklist_lock);
	result = wait_scan_traced(request);
	if (result > 0)
		return result;
	list_for_each_entry(child, &current->proc->children, sibling) {
		struct task *tracer = child->group_leader->tracer;

		/* Whom we trace ourselves we wait for whatever its exit signal is. */
		if (!wait_wants(request, child) &&
		    !(unlikely(tracer) && tracer->proc == current->proc &&
		      wait_wants_tracee(request, child->group_leader)))
			continue;
		result = 0;
		if (child->state == PROC_ZOMBIE) {
			/* Its tracer comes first. */
			if (ptrace_reparented(child))
				continue;
			if (request->options & WEXITED)
				return wait_zombie(request, child);
			continue;
		}
		if (unlikely(tracer) && tracer->proc == current->proc)
			continue;	/* its stops were looked at above */
		if ((request->options & (WUNTRACED | WCONTINUED)) &&
		    wait_stopped(request, child)) {
			result = child->pid;
			break;
		}
	}
	spin_unlock_irq(&tasklist_lock);
	if (result > 0)
		memset(&request->usage, 0, sizeof(request->usage));
	return result;
}

static pid_t wait_children(struct wait_request *request)
{
	struct wait_queue *wq = &current->proc->child_wait;
	struct wait_entry entry;
	pid_t result = wait_scan(request);

	if (result || (request->options & WNOHANG))
		return result;
	TRACE(waitpid_block, (u32)current->tid, request->whom == WAIT_PID ? (u32)request->nr : 0);
	init_wait(&entry);
	for (;;) {
		prepare_to_wait(wq, &entry, TASK_INTERRUPTIBLE);
		result = wait_scan(request);
		if (result)
			break;
		if (signal_pending(current)) {
			result = -ERESTARTSYS;
			break;
		}
		schedule();
	}
	finish_wait(wq, &entry);
	TRACE(waitpid_wake, (u32)current->tid, result > 0 ? (u32)result : 0);
	return result;
}

static int put_rusage(struct rusage __user *uru, const struct usage *usage)
{
	struct rusage ru;

	if (!uru)
		return 0;
	usage_to_rusage(usage, &ru);
	return copy_to_user(uru, &ru, sizeof(ru)) ? -EFAULT : 0;
}

SYSCALL_DEFINE4(wait4, pid_t, pid, int __user *, ustatus, int, options,
		struct rusage __user *, uru)
{
	struct wait_request request;
	pid_t result;

	if (options & ~(WNOHANG | WUNTRACED | WCONTINUED | __WNOTHREAD | __WCLONE | __WALL))
		return -EINVAL;
	if (pid == INT_MIN)
		return -ESRCH;
	request.options = options | WEXITED;
	request.whom = WAIT_PID;
	request.nr = pid;
	if (pid == -1) {
		request.whom = WAIT_ANY;
	} else if (pid <= 0) {
		request.whom = WAIT_PGRP;
		request.nr = pid ? -pid : current->proc->pgrp;
	}
	result = wait_children(&request);
	ptrace_update_key();
	if (result <= 0)
		return result;
	if (ustatus && put_user(request.status, ustatus))
		return -EFAULT;
	return put_rusage(uru, &request.usage) ? -EFAULT : result;
}

/* The part of waitid's siginfo that it defines; pid 0 when nothing was there (WNOHANG). */
static int put_waitid_info(siginfo_t __user *uinfo, const struct wait_request *request, pid_t pid)
{
	int status = 0;

	if (!uinfo)
		return 0;
	if (pid) {
		if (request->code == CLD_EXITED)
			status = (request->status >> 8) & 0xff;
		else if (request->code == CLD_STOPPED || request->code == CLD_TRAPPED)
			status = request->status >> 8;
		else if (request->code == CLD_CONTINUED)
			status = SIGCONT;
		else
			status = request->status & 0x7f;
	}
	if (put_user(pid ? SIGCHLD : 0, &uinfo->si_signo) || put_user(0, &uinfo->si_errno) ||
	    put_user(pid ? request->code : 0, &uinfo->si_code) || put_user(pid, &uinfo->si_pid) ||
	    put_user(pid ? request->uid : 0, &uinfo->si_uid) || put_user(status, &uinfo->si_status))
		return -EFAULT;
	return 0;
}

/* The pid of a child with news, 0 none has, or -errno. */
static pid_t waitid_request(struct wait_request *request, int which, pid_t nr, int options)
{
	struct process *proc;
	bool nonblock = false;
	pid_t result;

	if (options & ~(WNOHANG | WNOWAIT | WEXITED | WSTOPPED | WCONTINUED |
			__WNOTHREAD | __WCLONE | __WALL))
		return -EINVAL;
	if (!(options & (WEXITED | WSTOPPED | WCONTINUED)))
		return -EINVAL;
	switch (which) {
	case P_ALL:
		request->whom = WAIT_ANY;
		break;
	case P_PID:
		if (nr <= 0)
			return -EINVAL;
		request->whom = WAIT_PID;
		break;
	case P_PGID:
		if (nr < 0)
			return -EINVAL;
		request->whom = WAIT_PGRP;
		if (!nr)
			request->nr = current->proc->pgrp;
		break;
	case P_PIDFD:
		if (nr < 0)
			return -EINVAL;
		proc = pidfd_process(nr, &nonblock);
		if (IS_ERR(proc))
			return PTR_ERR(proc);
		request->whom = WAIT_PID;
		request->nr = proc->pid;
		/* Its number may be somebody else's by now; then it is no child of ours. */
		if (READ_ONCE(proc->state) == PROC_REAPED)
			request->nr = 0;
		process_put(proc);
		if (nonblock)
			request->options |= WNOHANG;
		break;
	default:
		return -EINVAL;
	}
	result = wait_children(request);
	ptrace_update_key();
	if (!result && nonblock && !(options & WNOHANG))
		return -EAGAIN;
	return result;
}

SYSCALL_DEFINE5(waitid, int, which, pid_t, nr, siginfo_t __user *, uinfo, int, options,
		struct rusage __user *, uru)
{
	struct wait_request request = { .options = options, .nr = nr };
	pid_t result = waitid_request(&request, which, nr, options);

	if (result > 0 && put_rusage(uru, &request.usage))
		return -EFAULT;
	/* Also when there is nothing to tell, or an error: then all of it is zero. */
	if (put_waitid_info(uinfo, &request, result > 0 ? result : 0))
		return -EFAULT;
	return result < 0 ? result : 0;
}
