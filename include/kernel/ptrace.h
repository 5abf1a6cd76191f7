/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_PTRACE_H
#define KERNEL_PTRACE_H

/*
 * Tracing: one thread, the tracer, stops and steers others, the tracees (ptrace(2)).
 *
 * A tracee knows its tracer (task->tracer), a tracer has a list of its tracees
 * (task->ptraced); both under tasklist_lock, and siglock of the tracee to set or clear the
 * tracer, so that a holder of either may read it. The process tree is left alone: a tracee
 * keeps its parent, and wait4(2) looks at two kinds of relatives, children and tracees.
 *
 * A tracee stops itself, in its own work loop or system call, never from outside. It then is
 * in TASK_TRACED, tells the tracer by SIGCHLD and a wake-up, and leaves what happened in
 * ptrace_code (as wait4 shows it, without the 0x7f), ptrace_info and ptrace_message. From then
 * on its frame, registers and signals belong to the tracer until that resumes it, or dies.
 * The tracer acts only on a tracee that is off its CPU (ptrace_freeze). Only SIGKILL wakes
 * a tracee besides its tracer.
 *
 * A traced thread that dies stays known by its tid until the tracer has waited for it. A
 * traced process that dies is its tracer's to wait for first, then its parent's.
 *
 * System calls: while anybody is traced all system calls take the slow way in
 * (el0_slow_set), where WORK_SYSCALL_TRACE is looked at; otherwise nothing asks.
 *
 * Locks: tasklist_lock, then the tracee's siglock. ptrace stops sleep.
 */
#include <kernel/signal.h>
#include <kernel/task.h>
#include <linux/ptrace.h>

/* task->ptrace: how it is traced; PTRACE_O_* options stand above. Lock: s + t. */
#define PT_TRACED	1u
#define PT_SEIZED	2u
#define PT_OPT_SHIFT	3
#define PT_OPT(option)	((u32)(option) << PT_OPT_SHIFT)

#if IS_ENABLED(CONFIG_PTRACE)

static inline bool task_is_traced(const struct task *task)
{
	return unlikely(READ_ONCE(task->ptrace));
}

/* --- Stops of current; all of them may sleep, no lock held, but where it is said. --- */

/* Is there a tracer that wants to hear of PTRACE_EVENT_`event`? */
static inline bool ptrace_event_wanted(u32 event)
{
	return unlikely(current->ptrace & PT_OPT(1u << event));
}

/* Stops for an event that is wanted; with EXEC, one that is not is a plain SIGTRAP. */
void ptrace_event(u32 event, unsigned long message);
/* Entry of a system call: false if it is not to be made (x0 is its result). */
bool ptrace_syscall_enter(struct trap_frame *frame);
void ptrace_syscall_exit(struct trap_frame *frame);

/*
 * A signal was taken from the queue: the tracer may change it. The signal to act on, or 0.
 * siglock is held, and released meanwhile.
 */
int ptrace_signal(int sig, siginfo_t *info);
/* A stop that JOBCTL_TRAP_* asks for. siglock is held, and released meanwhile. */
void ptrace_trap(void);

/* --- Hooks of signals, clone and exit --- */

/* Tells a seized tracee that its group's stop has changed. siglock held. */
void ptrace_trap_notify(struct task *task);
/* The event of making `child` with these flags: PTRACE_EVENT_*, or 0. */
u32 ptrace_clone_event(u64 flags, int exit_signal);
/* A new task is traced by its creator's tracer. tasklist_lock and siglock held. */
void ptrace_inherit(struct task *child) REQUIRES(tasklist_lock);
/* A tracer dies: its tracees are let go, or killed. */
void ptrace_exit_tracer(struct task *tracer);
/*
 * A tracee dies. True if it stays for its tracer to wait for. tasklist_lock held. For a thread
 * that is not the leader, or a leader whose whole process is dead and has another parent.
 */
bool ptrace_exit_tracee(struct task *task, int status) REQUIRES(tasklist_lock);
/* Takes a task off its tracer's list for good: it is reaped. tasklist_lock held. */
void ptrace_unlink(struct task *task) REQUIRES(tasklist_lock);
/* After a link or unlink, with no lock held: switches the system calls' way. */
void ptrace_update_key(void);
/* A thread that execs takes over the leader's place, tracer included. tasklist_lock held. */
void ptrace_exec_leader(struct task *task, struct task *old) REQUIRES(tasklist_lock);
/* Would a set-id program run under somebody who may not see it? */
bool ptrace_limits_exec(void);

/* --- wait4 --- */

/* Does somebody other than its parent trace this process, so that it is not yet the parent's? */
bool ptrace_reparented(const struct process *proc) REQUIRES(tasklist_lock);
/* The stop code that `task` waits to tell, 0 if none; `take`: it is told now. */
int ptrace_stop_code(struct task *task, bool take) REQUIRES(tasklist_lock);

/* The tid of the tracer, 0 if none. */
pid_t ptrace_tracer_tid(struct task *task);

#else

static inline bool task_is_traced(const struct task *task) { return false; }
static inline bool ptrace_event_wanted(u32 event) { return false; }
static inline void ptrace_event(u32 event, unsigned long message) { }
static inline bool ptrace_syscall_enter(struct trap_frame *frame) { return true; }
static inline void ptrace_syscall_exit(struct trap_frame *frame) { }
static inline int ptrace_signal(int sig, siginfo_t *info) { return sig; }
static inline void ptrace_trap(void) { }
static inline void ptrace_trap_notify(struct task *task) { }
static inline u32 ptrace_clone_event(u64 flags, int exit_signal) { return 0; }
static inline void ptrace_inherit(struct task *child) { }
static inline void ptrace_exit_tracer(struct task *tracer) { }
static inline bool ptrace_exit_tracee(struct task *task, int status) { return false; }
static inline void ptrace_unlink(struct task *task) { }
static inline void ptrace_update_key(void) { }
static inline void ptrace_exec_leader(struct task *task, struct task *old) { }
static inline bool ptrace_limits_exec(void) { return false; }
static inline bool ptrace_reparented(const struct process *proc) { return false; }
static inline int ptrace_stop_code(struct task *task, bool take) { return 0; }
static inline pid_t ptrace_tracer_tid(struct task *task) { return 0; }

#endif
#endif
