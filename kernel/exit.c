/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The end of threads and processes: giving back what the task used, telling relatives,
 * handing children on, and becoming a zombie or vanishing.
 */
#include <arch/tlb.h>
#include <arch/uaccess.h>
#include <fs/files.h>
#include <ipc/sysv.h>
#include <kernel/clone.h>
#include <kernel/cpu.h>
#include <kernel/cred.h>
#include <kernel/futex.h>
#include <kernel/itimer.h>
#include <kernel/panic.h>
#include <kernel/pid.h>
#include <kernel/posix_timer.h>
#include <kernel/ptrace.h>
#include <kernel/sched.h>
#include <kernel/seccomp.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <kernel/tty.h>
#include <mm/mm.h>
#include <trace/counters.h>
#include <trace/process.h>
#include "task_internal.h"

/* --- What the task used --- */

void task_release_user(struct task *task)
{
	int __user *where = task->clear_child_tid;

	futex_exit();
	task->clear_child_tid = NULL;
	/* A sole user has nobody to tell; the page may be gone in a half-dead program. */
	if (where && atomic_read(&task->mm->users) > 1) {
		(void)put_user(0, where);
		(void)futex_wake((u32 __user *)where, true, 1, ~0U);
	}
	vfork_complete(task);
}

void task_exit_mm(void)
{
	struct task *task = current;
	struct mm *mm = task->mm;

	if (!mm)
		return;
	task_release_user(task);
	spin_lock(&task->lock);
	task->mm = NULL;
	task->active_mm = NULL;
	spin_unlock(&task->lock);
	local_irq_disable();
	arch_mm_switch(mm, NULL, task);
	this_cpu()->active_mm = NULL;
	local_irq_enable();
	mm_put(mm);
}

static void exit_files(struct task *task)
{
	struct files *files = task->files;
	struct fs_context *fs = task->fs;

	spin_lock(&task->lock);
	task->files = NULL;
	task->fs = NULL;
	spin_unlock(&task->lock);
	if (files)
		files_put(files);
	if (fs)
		fs_context_put(fs);
}

/* --- The tree --- */

void task_unhash(struct task *task)
{
	if (task->pid_ref) {
		task->pid_ref->task = NULL;
		pid_drop(task->pid_ref);
		task->pid_ref = NULL;
	}
	atomic_dec(&task->cred->user->processes);
	atomic_dec(&nr_threads);
}

void process_unlink(struct process *proc)
{
	proc->state = PROC_REAPED;
	ptrace_unlink(proc->group_leader);
	list_del_init(&proc->sibling);
	list_del_init(&proc->all_node);
	process_leave(proc);
	task_unhash(proc->group_leader);
	proc->pid_ref->proc = NULL;
	pid_drop(proc->pid_ref);
	proc->pid_ref = NULL;
}

void process_free_unlinked(struct process *proc)
{
	task_put(proc->group_leader);
	process_put(proc);
}

void process_reap(struct process *proc)
{
	process_unlink(proc);
	spin_unlock_irq(&tasklist_lock);
	process_free_unlinked(proc);
}

/* Who adopts the children of `proc`: the nearest living subreaper, else PID 1. */
static struct process *find_reaper(struct process *proc) REQUIRES(tasklist_lock)
{
	struct process *up;

	if (proc->has_subreaper) {
		for (up = proc->parent; up != up->parent && up != init_proc; up = up->parent)
			if (up->child_subreaper && up->state == PROC_ALIVE && up->nr_threads)
				return up;
	}
	return init_proc && init_proc != proc ? init_proc : &init_process;
}

/*
 * The children of a dead process change parents. Zombies among them that the new parent
 * does not want to see go to `dead`.
 */
static void hand_on_children(struct process *proc, struct list_head *dead)
	REQUIRES(tasklist_lock)
{
	struct process *reaper = find_reaper(proc), *child, *next;

	list_for_each_entry_safe(child, next, &proc->children, sibling) {
		child->parent = reaper;
		child->ppid = reaper->pid;
		child->group_leader->parent_tid = reaper->pid;
		child->group_leader->exit_signal = SIGCHLD;
		list_move_tail(&child->sibling, &reaper->children);
		if (child->state == PROC_ZOMBIE && !ptrace_reparented(child) &&
		    signal_notify_parent_exit(child)) {
			process_unlink(child);
			list_add(&child->sibling, dead);
			continue;
		}
		pgrp_check_orphan(child, proc, false);
	}
}

/* PR_SET_PDEATHSIG and __WNOTHREAD know the creating thread, not only its process. */
static void leave_children(struct task *task) REQUIRES(tasklist_lock)
{
	struct process *proc = task->proc, *child;
	pid_t heir = list_empty(&proc->threads) ? 0 :
		list_first_entry(&proc->threads, struct task, thread_node)->tid;

	list_for_each_entry(child, &proc->children, sibling) {
		struct task *leader = child->group_leader;

		if (leader->parent_tid != task->tid)
			continue;
		if (leader->pdeath_signal && child->state == PROC_ALIVE)
			signal_send_process(leader->pdeath_signal, SEND_SIG_KERNEL, child);
		leader->parent_tid = heir;
	}
}

/* Takes the thread off its process. True if it was the last. */
static bool thread_detach(struct task *task) REQUIRES(tasklist_lock)
{
	struct process *proc = task->proc;
	struct usage usage;
	bool last;

	spin_lock(&proc->siglock);
	task_usage(task, &usage);
	usage_add(&proc->dead_threads, &usage);
	list_del_init(&task->thread_node);
	last = --proc->nr_threads == 0;
	if (proc->curr_target == task)
		proc->curr_target = NULL;
	sigpending_flush(&task->pending);
	if (proc->group_exec_task && proc->nr_threads == 1)
		task_wake(proc->group_exec_task, TASK_KILLABLE);
	spin_unlock(&proc->siglock);
	return last;
}

static void become_zombie(struct process *proc, struct list_head *dead) REQUIRES(tasklist_lock)
{
	proc->exit_code = proc->sig_flags & SIGNAL_GROUP_EXIT ? proc->group_exit_code :
			  proc->group_leader->exit_code;
	hand_on_children(proc, dead);
	pgrp_check_orphan(proc, proc->parent, true);
	TRACE(process_exit, (u32)proc->pid, (u32)proc->exit_code);
	proc->state = PROC_ZOMBIE;
	if (unlikely(wait_queue_has_sleepers(&proc->exit_wait)))
		wake_up_all(&proc->exit_wait);
	/* A tracer that is not the parent comes first; the parent is told after it (wait4.c). */
	if (ptrace_reparented(proc)) {
		ptrace_exit_tracee(proc->group_leader, proc->exit_code);
		return;
	}
	if (signal_notify_parent_exit(proc)) {
		process_unlink(proc);
		list_add(&proc->sibling, dead);
	}
}

static void exit_notify(struct task *task)
{
	struct process *proc = task->proc, *child, *next;
	bool leader = task == proc->group_leader;
	bool kept = leader;
	LIST_HEAD(dead);

	spin_lock_irq(&tasklist_lock);
	if (thread_detach(task)) {
		leave_children(task);
		become_zombie(proc, &dead);
	} else {
		leave_children(task);
	}
	if (!leader) {
		kept = ptrace_exit_tracee(task, task->exit_code);
		if (!kept)
			task_unhash(task);
	}
	spin_unlock_irq(&tasklist_lock);

	list_for_each_entry_safe(child, next, &dead, sibling)
		process_free_unlinked(child);
	if (!kept)
		task_put(task);		/* the list's reference; the scheduler's remains */
}

/* --- Exit --- */

static void check_may_exit(struct task *task)
{
	if (unlikely(task->flags & PF_IDLE))
		panic("Attempted to kill the idle task!");
	if (unlikely(in_irq()))
		panic("Aiee, killing interrupt handler!");
	/* A fault inside of exit: what is left of it stays as it is. */
	if (unlikely(task->flags & PF_EXITING)) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		for (;;)
			schedule();
	}
}

void task_exit(int wait_status)
{
	struct task *task = current;
	struct process *proc = task->proc;
	bool group_dead;

	check_may_exit(task);
	if (ptrace_event_wanted(PTRACE_EVENT_EXIT))
		ptrace_event(PTRACE_EVENT_EXIT, (unsigned long)wait_status);
	ptrace_exit_tracer(task);
	task->exit_code = wait_status;
	signal_thread_exit(task);
	seccomp_exit();
	group_dead = atomic_dec_and_test(&proc->live);
	if (group_dead) {
		if (proc == init_proc)
			panic("Attempted to kill init! exitcode=0x%08x",
			      proc->sig_flags & SIGNAL_GROUP_EXIT ?
			      (u32)proc->group_exit_code : (u32)wait_status);
		itimers_exit(proc);
		posix_timers_exit(proc);
		if (task->mm) {
			u64 peak = mm_rss_peak(task->mm);

			spin_lock_irq(&proc->siglock);
			proc->dead_threads.maxrss = max(proc->dead_threads.maxrss, peak);
			spin_unlock_irq(&proc->siglock);
		}
	}
	count_event(EXIT_TOTAL);
	TRACE(thread_exit, (u32)task->tid, (u32)wait_status);
	task_exit_mm();
	sysvsem_exit();
	exit_files(task);
	if (group_dead && (proc->tty || READ_ONCE(proc->tty_old_pgrp)))
		tty_session_exit(proc);
	sched_exit(task);
	exit_notify(task);
	sched_die();
}

void process_exit_group(int wait_status)
{
	struct process *proc = current->proc;

	spin_lock_irq(&proc->siglock);
	if (proc->sig_flags & SIGNAL_GROUP_EXIT) {
		wait_status = proc->group_exit_code;
	} else if (proc->group_exec_task && proc->group_exec_task != current) {
		;	/* a thread that execs wants us gone; the process goes on */
	} else if (proc->nr_threads > 1) {
		signal_kill_threads(proc, wait_status);
	} else {
		proc->sig_flags |= SIGNAL_GROUP_EXIT;
		proc->group_exit_code = wait_status;
	}
	spin_unlock_irq(&proc->siglock);
	task_exit(wait_status);
}

SYSCALL_DEFINE1(exit, int, code)
{
	task_exit((code & 0xff) << 8);
}

SYSCALL_DEFINE1(exit_group, int, code)
{
	process_exit_group((code & 0xff) << 8);
}
