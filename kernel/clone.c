/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Making tasks: what clone(2)'s flags share and copy, and how the new task joins the tree.
 * Nothing is visible to others before task_attach(), so any step before it may fail.
 */
#include <arch/context.h>
#include <arch/frame.h>
#include <arch/uaccess.h>
#include <fs/files.h>
#include <ipc/sysv.h>
#include <kernel/clone.h>
#include <kernel/cred.h>
#include <kernel/pid.h>
#include <kernel/pidfd.h>
#include <kernel/ptrace.h>
#include <kernel/rseq.h>
#include <kernel/seccomp.h>
#include <kernel/signal.h>
#include <kernel/tty.h>
#include <lib/string.h>
#include <mm/mm.h>
#include <trace/counters.h>
#include <trace/process.h>
#include "task_internal.h"

/* --- Pieces of a new task; each leaves the child so that task_undo() can free it. --- */

int task_inherit_cred(struct task *child, struct cred *cred)
{
	struct user_count *user = cred->user;

	child->cred = cred_get(cred);
	if ((unsigned long)atomic_inc_return(&user->processes) > rlimit(RLIMIT_NPROC) &&
	    user->uid != 0 && !capable(CAP_SYS_RESOURCE) && !capable(CAP_SYS_ADMIN))
		return -EAGAIN;
	return 0;
}

static int copy_files(struct task *child, u64 flags)
{
	struct files *files = current->files;
	struct fs_context *fs = current->fs;

	if (files) {
		child->files = flags & CLONE_FILES ? files_get(files) : files_dup(files);
		if (IS_ERR(child->files)) {
			int error = (int)PTR_ERR(child->files);

			child->files = NULL;
			return error;
		}
	}
	if (fs) {
		child->fs = flags & CLONE_FS ? fs_context_get(fs) : fs_context_dup(fs);
		if (!child->fs)
			return -ENOMEM;
	}
	return 0;
}

static int copy_mm(struct task *child, u64 flags)
{
	struct mm *mm = current->mm;

	if (!mm)
		return 0;
	mm = flags & CLONE_VM ? mm_get(mm) : mm_dup(mm);
	if (IS_ERR(mm))
		return (int)PTR_ERR(mm);
	child->mm = mm;
	child->active_mm = mm;
	return 0;
}

static int copy_sighand(struct process *proc, u64 flags)
{
	struct sighand *old = current->proc->sighand, *new;

	if (flags & CLONE_SIGHAND) {
		refcount_inc(&old->refs);
		proc->sighand = old;
		return 0;
	}
	new = sighand_alloc();
	if (!new)
		return -ENOMEM;
	spin_lock_irq(&old->lock);
	memcpy(new->action, old->action, sizeof(new->action));
	spin_unlock_irq(&old->lock);
	if (flags & CLONE_CLEAR_SIGHAND)
		for (int i = 0; i < _NSIG; i++)
			if (new->action[i].handler != SIG_IGN)
				new->action[i] = (struct k_sigaction){ .handler = SIG_DFL };
	proc->sighand = new;
	return 0;
}

/* The child's process: a new one, or for a thread its creator's. */
static int copy_process(struct task *child, u64 flags)
{
	struct process *parent = current->proc, *proc;

	if (flags & CLONE_THREAD) {
		child->proc = process_get(parent);
		return 0;
	}
	proc = process_alloc();
	if (!proc)
		return -ENOMEM;
	child->proc = proc;
	proc->group_leader = child;
	proc->start_time = proc->start_boottime = child->start_time;
	proc->personality = parent->personality;
	proc->oom_score_adj = parent->oom_score_adj;
	memcpy(proc->rlim, parent->rlim, sizeof(proc->rlim));
	return copy_sighand(proc, flags);
}

static void copy_task_fields(struct task *child, u64 flags)
{
	struct task *parent = current;

	child->flags = PF_FORKNOEXEC;
	memcpy(child->comm, parent->comm, sizeof(child->comm));
	child->blocked = parent->blocked;
	child->timer_slack = parent->timer_slack;
	child->ioprio = parent->ioprio;
	child->mempolicy = parent->mempolicy;
	rseq_fork(child, flags);
	/* A thread on its own stack must not run handlers on its creator's alternate one. */
	if (!(flags & CLONE_VM) || (flags & CLONE_VFORK))
		child->sas = parent->sas;
}

/* Frees a task that was never attached. */
void task_undo(struct task *child)
{
	struct process *proc = child->proc;

	if (child->mm)
		mm_put(child->mm);
	if (child->files)
		files_put(child->files);
	if (child->fs)
		fs_context_put(child->fs);
	sysvsem_drop(child);
	if (child->cred)
		atomic_dec(&child->cred->user->processes);
	if (proc && proc != current->proc)
		process_put(proc);	/* the reference that the tree would have had */
	task_free(child);
}

/* --- The tree --- */

void process_join(struct process *proc, struct pid *pgrp, struct pid *session)
{
	pgrp->users++;
	session->users++;
	proc->pgrp_ref = pgrp;
	proc->pgrp = pgrp->nr;
	proc->session_ref = session;
	proc->session = session->nr;
	list_add_tail(&proc->pgrp_node, &pgrp->pgrp_members);
	list_add_tail(&proc->session_node, &session->session_members);
}

void process_leave(struct process *proc)
{
	list_del_init(&proc->pgrp_node);
	list_del_init(&proc->session_node);
	pid_drop(proc->pgrp_ref);
	pid_drop(proc->session_ref);
}

void process_attach(struct task *child, struct process *parent)
{
	struct process *proc = child->proc;
	struct pid *pid = child->pid_ref;

	proc->pid = pid->nr;
	proc->pid_ref = pid;
	pid->users++;
	pid->proc = proc;
	proc->parent = parent;
	proc->ppid = parent->pid;
	proc->nr_threads = 1;
	atomic_set(&proc->live, 1);
	list_add_tail(&child->thread_node, &proc->threads);
	list_add_tail(&proc->sibling, &parent->children);
	list_add_tail(&proc->all_node, &process_list);
}

/* A new thread takes part in a stop that is under way. siglock held. */
static void thread_join_stop(struct task *child)
{
	u32 stop = current->jobctl & (JOBCTL_STOP_PENDING | JOBCTL_STOP_SIGMASK);
	struct process *proc = child->proc;

	if (!(stop & JOBCTL_STOP_PENDING) && !proc->group_stop_count)
		return;
	child->jobctl |= stop | JOBCTL_STOP_PENDING | JOBCTL_STOP_CONSUME;
	proc->group_stop_count++;
	task_set_work(child, WORK_SIGNAL);
}

/* Makes the child visible. -EINTR: a deadly signal came, which must not miss the child. */
static int task_attach(struct task *child, const struct clone_request *request)
{
	struct process *proc = child->proc, *self = current->proc;
	struct process *parent = self;

	spin_lock_irq(&tasklist_lock);
	spin_lock(&self->siglock);
	if (fatal_signal_pending(current) || (self->sig_flags & SIGNAL_GROUP_EXIT)) {
		spin_unlock(&self->siglock);
		spin_unlock_irq(&tasklist_lock);
		return -EINTR;
	}
	child->pid_ref->task = child;
	child->parent_tid = current->tid;
	child->no_new_privs = current->no_new_privs;
	if (unlikely(current->seccomp_mode))
		seccomp_fork(child);
	if (request->flags & CLONE_THREAD) {
		child->exit_signal = -1;
		proc->nr_threads++;
		atomic_inc(&proc->live);
		list_add_tail(&child->thread_node, &proc->threads);
		thread_join_stop(child);
	} else {
		child->exit_signal = request->exit_signal;
		if (request->flags & CLONE_PARENT) {
			parent = self->parent;
			child->parent_tid = self->group_leader->parent_tid;
			child->exit_signal = self->group_leader->exit_signal;
		}
		proc->has_subreaper = self->has_subreaper || self->child_subreaper;
		proc->tty = self->tty;
		if (proc->tty)
			tty_get(proc->tty);
		process_attach(child, parent);
		process_join(proc, self->pgrp_ref, self->session_ref);
	}
	if (task_is_traced(current) &&
	    ((request->flags & CLONE_PTRACE) ||
	     ptrace_clone_event(request->flags, request->exit_signal)))
		ptrace_inherit(child);
	atomic_inc(&nr_threads);
	spin_unlock(&self->siglock);
	spin_unlock_irq(&tasklist_lock);
	return 0;
}

static struct task *task_copy(const struct clone_request *request)
{
	u64 flags = request->flags;
	struct task *child = task_alloc();
	int error;

	if (!child)
		return ERR_PTR(-ENOMEM);
	copy_task_fields(child, flags);
	error = task_inherit_cred(child, current->cred);
	if (error)
		goto fail;
	error = copy_process(child, flags);
	if (error)
		goto fail;
	sched_fork(child);
	error = copy_files(child, flags);
	if (error)
		goto fail;
	error = sysvsem_clone(child, flags);
	if (error)
		goto fail;
	error = copy_mm(child, flags);
	if (error)
		goto fail;
	error = arch_task_init_user(child, current_frame(), request->stack, request->tls, flags);
	if (error)
		goto fail;
	if (flags & CLONE_CHILD_SETTID) {
		child->set_child_tid = request->child_tid;
		task_set_work(child, WORK_NOTIFY);
	}
	if (flags & CLONE_CHILD_CLEARTID)
		child->clear_child_tid = request->child_tid;

	child->pid_ref = pid_alloc(request->set_tid);
	if (IS_ERR(child->pid_ref)) {
		error = (int)PTR_ERR(child->pid_ref);
		goto fail;
	}
	child->tid = child->pid_ref->nr;
	error = task_attach(child, request);
	if (!error)
		return child;
	spin_lock_irq(&tasklist_lock);
	pid_drop(child->pid_ref);
	spin_unlock_irq(&tasklist_lock);
fail:
	task_undo(child);
	return ERR_PTR(error);
}

/* --- vfork --- */

void vfork_complete(struct task *task)
{
	struct completion *done;

	if (likely(!READ_ONCE(task->vfork_done)))
		return;
	spin_lock(&task->lock);
	done = task->vfork_done;
	task->vfork_done = NULL;
	if (done)
		complete(done);
	spin_unlock(&task->lock);
}

static void vfork_wait(struct task *child, struct completion *done)
{
	if (!wait_for_completion_killable(done))
		return;
	/* Killed: `done` is about to vanish with our stack. */
	spin_lock(&child->lock);
	child->vfork_done = NULL;
	spin_unlock(&child->lock);
}

/* --- The call --- */

static int clone_check(const struct clone_request *request)
{
	u64 flags = request->flags;

	if ((flags & (CLONE_NEWNS | CLONE_FS)) == (CLONE_NEWNS | CLONE_FS) ||
	    (flags & (CLONE_NEWUSER | CLONE_FS)) == (CLONE_NEWUSER | CLONE_FS))
		return -EINVAL;
	if ((flags & CLONE_THREAD) && !(flags & CLONE_SIGHAND))
		return -EINVAL;
	if ((flags & CLONE_SIGHAND) && !(flags & CLONE_VM))
		return -EINVAL;
	if ((flags & CLONE_SIGHAND) && (flags & CLONE_CLEAR_SIGHAND))
		return -EINVAL;
	/* Siblings of PID 1 would be nobody's to reap. */
	if ((flags & CLONE_PARENT) && (current->proc->sig_flags & SIGNAL_UNKILLABLE))
		return -EINVAL;
	if (flags & CLONE_INTO_CGROUP)
		return -EINVAL;
	/* A pidfd stands for a process, and needs a place of its own to be told at. */
	if ((flags & CLONE_PIDFD) && (flags & (CLONE_THREAD | CLONE_DETACHED)))
		return -EINVAL;
	if ((flags & CLONE_PIDFD) && (flags & CLONE_PARENT_SETTID) &&
	    request->pidfd == request->parent_tid)
		return -EINVAL;
	/* There are no namespaces: as a kernel built without them. */
	if (flags & CLONE_NEWUSER)
		return -EINVAL;
	if (flags & (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |
		     CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWTIME))
		return capable(CAP_SYS_ADMIN) ? -EINVAL : -EPERM;
	return 0;
}

/* Everything about CLONE_PIDFD that can fail, before there is a child. */
static int pidfd_prepare(const struct clone_request *request, struct file **file)
{
	int old, fd;

	*file = NULL;
	if (likely(!(request->flags & CLONE_PIDFD)))
		return -1;
	/* Can it be told later? */
	if (get_user(old, request->pidfd) || put_user(old, request->pidfd))
		return -EFAULT;
	fd = fd_alloc(O_CLOEXEC);
	if (fd < 0)
		return fd;
	*file = pidfd_file(0);
	if (IS_ERR(*file)) {
		fd_free((unsigned)fd);
		return (int)PTR_ERR(*file);
	}
	return fd;
}

pid_t task_clone(const struct clone_request *request)
{
	DEFINE_COMPLETION(done);
	struct file *pidfd_file;
	struct task *child;
	pid_t nr;
	u32 event;
	int pidfd, error = clone_check(request);

	if (error)
		return error;
	event = ptrace_clone_event(request->flags, request->exit_signal);
	pidfd = pidfd_prepare(request, &pidfd_file);
	if (unlikely(pidfd < -1))
		return pidfd;
	TRACE(fork_entry, (u32)current->proc->pid);
	count_event(FORK_TOTAL);
	/* Signals from before the fork are the parent's alone. */
	if (unlikely(signal_pending(current))) {
		child = ERR_PTR(-ERESTARTNOINTR);
	} else if (unlikely(atomic_read(&nr_threads) >= threads_max)) {
		child = ERR_PTR(-EAGAIN);
	} else {
		child = task_copy(request);
	}
	if (IS_ERR(child)) {
		TRACE(fork_exit, 0);
		if (pidfd_file) {
			fd_free((unsigned)pidfd);
			file_put(pidfd_file);
		}
		return (pid_t)PTR_ERR(child);
	}
	nr = child->tid;
	TRACE(fork_exit, (u32)nr);
	TRACE(spawn_front, (u32)current->tid, (u32)nr);

	if (pidfd_file) {
		pidfd_set(pidfd_file, child->proc);
		fd_install((unsigned)pidfd, pidfd_file);
		(void)put_user(pidfd, request->pidfd);
	}
	/* A bad pointer here is the caller's loss; the child exists. */
	if (request->flags & CLONE_PARENT_SETTID)
		(void)put_user(nr, request->parent_tid);
	if (request->flags & CLONE_VFORK) {
		init_completion(&done);
		child->vfork_done = &done;
		task_get(child);
		wake_up_new_task(child);
		if (unlikely(event))
			ptrace_event(event, (unsigned long)nr);
		vfork_wait(child, &done);
		task_put(child);
		if (ptrace_event_wanted(PTRACE_EVENT_VFORK_DONE))
			ptrace_event(PTRACE_EVENT_VFORK_DONE, (unsigned long)nr);
	} else {
		wake_up_new_task(child);
		if (unlikely(event))
			ptrace_event(event, (unsigned long)nr);
	}
	return nr;
}

void task_first_return(void)
{
	int __user *where = current->set_child_tid;

	if (where) {
		current->set_child_tid = NULL;
		(void)put_user(current->tid, where);
	}
}
