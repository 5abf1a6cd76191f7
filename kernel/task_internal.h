/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_TASK_INTERNAL_H
#define KERNEL_TASK_INTERNAL_H

/* What task.c, clone.c, exit.c and wait4.c share with one another and with nobody else. */
#include <kernel/pid.h>
#include <kernel/task.h>

/* A zeroed task with a stack and two references; no process, no credentials. NULL: -ENOMEM. */
struct task *task_alloc(void);
/* Frees it with the stack, its references on cred and process. May sleep. */
void task_free(struct task *task);
/* A process with lists and locks set up, in no list. NULL: -ENOMEM. */
struct process *process_alloc(void);
/* The limits PID 1 starts with. */
void process_set_limits(struct process *proc);

void usage_add(struct usage *sum, const struct usage *part);
void task_usage(struct task *task, struct usage *out);

/* The tid is nobody's any more, and the task is out of every count. */
void task_unhash(struct task *task) REQUIRES(tasklist_lock);
/* Drops what the tree held of a process that process_unlink() took out; no lock. */
void process_free_unlinked(struct process *proc);
/* Takes a dead process out of the tree. The tree's reference is the caller's to drop. */
void process_unlink(struct process *proc) REQUIRES(tasklist_lock);

/* Joins `proc` to a group and session; it must be in none. */
void process_join(struct process *proc, struct pid *pgrp, struct pid *session)
	REQUIRES(tasklist_lock);
void process_leave(struct process *proc) REQUIRES(tasklist_lock);

/* Puts a new process with its only task into the tree; process_join() goes with it. */
void process_attach(struct task *child, struct process *parent) REQUIRES(tasklist_lock);
/* References the credentials and counts the task: 0, -EAGAIN over RLIMIT_NPROC. */
int task_inherit_cred(struct task *child, struct cred *cred);
/* Frees a task that never became visible, with all it has so far. */
void task_undo(struct task *child);

/*
 * proc loses (or, with ignore_proc, is about to leave) the connection to `parent`: if that
 * leaves its group orphaned with stopped members, they get SIGHUP and SIGCONT.
 */
void pgrp_check_orphan(struct process *proc, struct process *parent, bool ignore_proc)
	REQUIRES(tasklist_lock);

#endif
