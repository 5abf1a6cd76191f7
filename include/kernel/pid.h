/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_PID_H
#define KERNEL_PID_H

/*
 * Process and thread numbers.
 *
 * A struct pid is one number in use. A number stays taken for as long as anything is
 * known by it: a thread (tid), a process, a process group or a session; so a pgrp id
 * can never become a foreign process's pid while the group has members.
 *
 * tasklist_lock is the root lock of the process tree: it covers the numbers, parent and
 * child lists, groups and sessions. It is a spinlock taken with interrupts off, because
 * the terminal signals groups from its interrupt.
 * Lock order: tasklist_lock > process->siglock > sighand->lock > wait queue and runqueue locks.
 */
#include <lib/types.h>
#include <lib/list.h>
#include <kernel/spinlock.h>
#include <kernel/task.h>

#define PID_MAX_DEFAULT	32768
#define PID_MAX_LIMIT	4194304
#define RESERVED_PIDS	300		/* not handed out again after the first wrap */

extern spinlock_t tasklist_lock;

/*
 * Locks:  t  tasklist_lock
 *         i  never changes after pid_alloc()
 */
struct pid {
	struct hlist_node	hash;		/* t */
	pid_t			nr;		/* i */
	u32			users;		/* t  task, process, members of group and session */
	struct task		*task;		/* t  thread with this tid, or NULL */
	struct process		*proc;		/* t  process with this pid, or NULL; zombies too */
	struct list_head	pgrp_members;	/* t  process->pgrp_node */
	struct list_head	session_members; /* t  process->session_node */
};

extern int pid_max;		/* /proc/sys/kernel/pid_max; numbers are below it */
extern int threads_max;		/* /proc/sys/kernel/threads-max */
extern atomic_t nr_threads;	/* living and zombie threads */
extern pid_t last_pid;		/* for /proc/loadavg */

/* A new number with one user, or an ERR_PTR (-EAGAIN none left, -ENOMEM). `want` 0: any. */
struct pid *pid_alloc(pid_t want);
/* Drops one use. Holds tasklist_lock. */
void pid_drop(struct pid *pid) REQUIRES(tasklist_lock);
/* The number's object or NULL. Holds tasklist_lock; valid as long as it is held. */
struct pid *pid_lookup(pid_t nr) REQUIRES(tasklist_lock);

/* The thread `tid`, with a reference for the caller (task_put), or NULL. Any context. */
struct task *task_find(pid_t tid);
/* The process `pid` (a zombie too), with a reference (process_put), or NULL. Any context. */
struct process *process_find(pid_t pid);
/* The process with the lowest pid >= `from`, with a reference, or NULL: for walks that sleep. */
struct process *process_next(pid_t from);
/* The thread of `proc` with the lowest tid >= `from`, with a reference, or NULL. */
struct task *thread_next(struct process *proc, pid_t from);

/* All processes, in order of creation. Holds tasklist_lock. init_process is not on it. */
extern struct list_head process_list;
#define for_each_process(p) list_for_each_entry(p, &process_list, all_node)
/* All threads of one process. Holds tasklist_lock or p->siglock. */
#define for_each_thread(p, t) list_for_each_entry(t, &(p)->threads, thread_node)

void pid_init(void);

#endif
