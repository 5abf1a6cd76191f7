/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who am I and with whom: process and thread numbers, process groups and sessions.
 */
#include <kernel/pid.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <kernel/tty.h>
#include "task_internal.h"

SYSCALL_DEFINE0(getpid)
{
	return current->proc->pid;
}

SYSCALL_DEFINE0(gettid)
{
	return current->tid;
}

SYSCALL_DEFINE0(getppid)
{
	return READ_ONCE(current->proc->ppid);
}

SYSCALL_DEFINE1(getpgid, pid_t, nr)
{
	struct process *proc;
	pid_t pgrp;

	if (!nr)
		return READ_ONCE(current->proc->pgrp);
	proc = process_find(nr);
	if (!proc)
		return -ESRCH;
	pgrp = READ_ONCE(proc->pgrp);
	process_put(proc);
	return pgrp;
}

SYSCALL_DEFINE1(getsid, pid_t, nr)
{
	struct process *proc;
	pid_t session;

	if (!nr)
		return READ_ONCE(current->proc->session);
	proc = process_find(nr);
	if (!proc)
		return -ESRCH;
	session = READ_ONCE(proc->session);
	process_put(proc);
	return session;
}

/* May current put `proc` into a group? */
static int setpgid_allowed(const struct process *proc) REQUIRES(tasklist_lock)
{
	const struct process *self = current->proc;

	if (!proc)
		return -ESRCH;
	if (proc->parent == self) {
		if (proc->session_ref != self->session_ref)
			return -EPERM;
		if (proc->did_exec)
			return -EACCES;
	} else if (proc != self) {
		return -ESRCH;
	}
	return proc->leader ? -EPERM : 0;
}

/* The group `nr` for `proc` to join: its own number, or one with members in its session. */
static struct pid *setpgid_target(struct process *proc, pid_t nr) REQUIRES(tasklist_lock)
{
	struct pid *pgrp = pid_lookup(nr);
	struct process *member;

	if (nr == proc->pid)
		return pgrp;
	if (!pgrp || list_empty(&pgrp->pgrp_members))
		return NULL;
	member = list_first_entry(&pgrp->pgrp_members, struct process, pgrp_node);
	return member->session_ref == proc->session_ref ? pgrp : NULL;
}

SYSCALL_DEFINE2(setpgid, pid_t, nr, pid_t, pgid)
{
	struct process *proc;
	struct pid *pid, *session;
	int error;

	if (!nr)
		nr = current->proc->pid;
	if (!pgid)
		pgid = nr;
	if (pgid < 0)
		return -EINVAL;
	spin_lock_irq(&tasklist_lock);
	pid = pid_lookup(nr);
	proc = pid ? pid->proc : NULL;
	error = setpgid_allowed(proc);
	if (error)
		goto out;
	pid = setpgid_target(proc, pgid);
	if (!pid) {
		error = -EPERM;
		goto out;
	}
	if (pid != proc->pgrp_ref) {
		session = proc->session_ref;
		pid->users++;		/* the old group may be the last use of its number */
		session->users++;
		process_leave(proc);
		process_join(proc, pid, session);
		pid_drop(pid);
		pid_drop(session);
	}
out:
	spin_unlock_irq(&tasklist_lock);
	return error;
}

SYSCALL_DEFINE0(setsid)
{
	struct process *proc = current->proc;
	struct tty *tty;
	struct pid *pid;

	spin_lock_irq(&tasklist_lock);
	pid = proc->pid_ref;
	if (proc->leader || !list_empty(&pid->pgrp_members)) {
		spin_unlock_irq(&tasklist_lock);
		return -EPERM;
	}
	process_leave(proc);
	process_join(proc, pid, pid);
	proc->leader = true;
	spin_lock(&proc->siglock);
	tty = proc->tty;
	proc->tty = NULL;
	spin_unlock(&proc->siglock);
	spin_unlock_irq(&tasklist_lock);
	if (tty)
		tty_put(tty);
	return proc->pid;
}
