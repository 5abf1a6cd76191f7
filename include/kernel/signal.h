/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_SIGNAL_H
#define KERNEL_SIGNAL_H

/*
 * Signals: sending, and what the return to EL0 does with them.
 *
 * Senders may run in any context, interrupts included, and never sleep. A signal is
 * queued on a task or on a process (shared_pending); a task with something unblocked
 * pending has WORK_SIGNAL set and is woken out of an interruptible sleep. The receiver
 * acts on it in signal_deliver(), in the work loop of its own exit to EL0.
 *
 * Everything sent by kernel code skips the permission check; kill(2) and friends make it.
 *
 * Locks: process->siglock, taken with interrupts off; inside tasklist_lock, outside
 * sighand->lock and the runqueue locks.
 */
#include <lib/types.h>
#include <lib/errno.h>
#include <kernel/sigset.h>
#include <kernel/task.h>
#include <kernel/pid.h>

struct trap_frame;

/* In place of a siginfo: the kernel's own (SI_KERNEL), or as kill(2) by current (SI_USER). */
#define SEND_SIG_KERNEL	((const struct siginfo *)1)
#define SEND_SIG_USER	((const struct siginfo *)2)

/* One queued signal. A legacy signal that found no memory is pending without one. */
struct sigqueue {
	struct list_head	list;		/* siglock */
	struct user_count	*user;		/* charged for it */
	u32			flags;		/* SIGQUEUE_* */
	/* Preallocated ones: fills in what is known only at delivery (overruns). siglock held. */
	void			(*taken)(struct sigqueue *q, siginfo_t *info);
	void			*owner;		/* taken()'s */
	siginfo_t		info;
};
#define SIGQUEUE_PREALLOC	1u		/* belongs to a POSIX timer */

void signal_init(void);

/* --- Sending --- */

/*
 * Sends `sig` (1..64) to one thread, or to a process (any thread may take it), or to
 * every process of a group. `info` is a siginfo or one of SEND_SIG_*. 0 also when the
 * signal is ignored; -ESRCH dead or empty group; -EAGAIN a real-time signal with info
 * found the queue full (RLIMIT_SIGPENDING).
 */
int signal_send_task(int sig, struct task *task);	/* SEND_SIG_KERNEL */
int signal_send_task_info(int sig, const struct siginfo *info, struct task *task);
int signal_send_process(int sig, const struct siginfo *info, struct process *proc);
int signal_send_pgrp(int sig, pid_t pgrp, const struct siginfo *info);
/* The same with tasklist_lock held. */
int signal_send_pgrp_locked(int sig, struct pid *pgrp, const struct siginfo *info)
	REQUIRES(tasklist_lock);
/* By number: the process `pid`. -ESRCH. */
int signal_send_pid(int sig, pid_t pid, const struct siginfo *info);

/* A preallocated queue entry (POSIX timers): never fails for lack of memory. */
struct sigqueue *sigqueue_prealloc(void);
void sigqueue_release(struct sigqueue *q);
/* Queues it unless it still is: then 1 (count an overrun). 0 sent, -ESRCH. */
int signal_send_sigqueue(struct sigqueue *q, struct process *proc, struct task *only);

/*
 * The fault of the running user instruction: delivered even if blocked or ignored
 * (the action is then reset to the default). Call with interrupts on, from entry.c.
 */
void signal_force_fault(int sig, int code, vaddr_t addr);
/* The same with a whole siginfo (SIGSYS, SIGTRAP with data). */
void signal_force_info(struct siginfo *info);
/* SIGSEGV for a frame that could not be written; kills if `sig` was SIGSEGV itself. */
void signal_force_segv(int sig);
/* Kills current for sure, at its next return to EL0. */
void signal_force_kill(void);
/* Ends current's process here and now, as the default action of `sig` does; no lock held. */
void __noreturn signal_die(int sig, const struct siginfo *info);

/* --- Asking --- */

/* Should an interruptible sleep of `task` end? A hint for others, exact for current. */
static inline bool signal_pending(const struct task *task)
{
	return task_has_work(task, WORK_SIGNAL);
}

static inline bool fatal_signal_pending(const struct task *task)
{
	return unlikely(signal_pending(task)) &&
	       (__atomic_load_n(&task->pending.set, __ATOMIC_RELAXED) & sigmask(SIGKILL));
}

/* Would a sleep in `state` end because of a signal? For the scheduler. */
bool signal_pending_state(u32 state, const struct task *task);
/* Is `sig` ignored or blocked by current? (terminal: background reads and writes) */
bool signal_is_ignored(int sig);
/* Is the group of current's process orphaned? (terminal) Takes tasklist_lock. */
bool current_pgrp_orphaned(void);
/* For /proc: the union of pending, shared pending, blocked, ignored, caught. Takes siglock. */
void signal_collect(struct task *task, sigset_t *pending, sigset_t *shared, sigset_t *blocked,
		    sigset_t *ignored, sigset_t *caught, u32 *queued);

/* Takes a pending signal of `wanted` from current, blocked or not (signalfd). 0: there is none. */
int signal_read(sigset_t wanted, siginfo_t *info);
/* Is one of `wanted` pending for current? */
bool signal_any_pending(sigset_t wanted);

/* --- The caller's mask --- */

/* Replaces current's blocked set (SIGKILL and SIGSTOP are never blocked). */
void signal_set_blocked(sigset_t mask);
/*
 * For ppoll, pselect6, epoll_pwait: takes the temporary mask from user space (NULL: keeps
 * the current one). 0, -EINVAL bad size, -EFAULT. Afterwards call
 * sigmask_restore_unless(interrupted): if a signal interrupted the call, the old mask comes
 * back only after the handler's frame was built.
 */
int sigmask_set_user(const sigset_t __user *mask, size_t size);
void sigmask_restore_unless(bool interrupted);

/* --- The return to EL0 (entry.c) --- */

/*
 * Runs with interrupts on, in the work loop, on WORK_SIGNAL, WORK_NOTIFY, WORK_RSEQ or
 * WORK_RESTORE_SIGMASK. Stops, kills (does not return) or sets up one handler after
 * another, and decides about restarting the interrupted system call.
 */
void signal_deliver(struct trap_frame *frame);
/* Is `sp` on the armed alternate stack of current? */
static inline bool on_altstack(unsigned long sp)
{
	const struct sigaltstack_state *sas = &current->sas;

	return !(sas->flags & SS_AUTODISARM) && sp > sas->sp && sp - sas->sp <= sas->size;
}

/* Copies a siginfo to user space: all 128 bytes, tail zeroed. 0 or -EFAULT. */
int siginfo_to_user(siginfo_t __user *to, const siginfo_t *from);
/* From user space, without judging it. 0 or -EFAULT. */
int siginfo_from_user(siginfo_t *to, const siginfo_t __user *from);

/* --- Inside kernel/ --- */

void sigpending_init(struct sigpending *pending);
void sigpending_flush(struct sigpending *pending);		/* siglock, or owner is dead */
struct sighand *sighand_alloc(void);		/* one reference, actions not set; NULL: -ENOMEM */
void sighand_put(struct sighand *sighand);
/* execve: caught signals go back to default, SIG_IGN stays, altstack is dropped. */
void signal_flush_handlers(struct process *proc);
/* Recomputes WORK_SIGNAL of current; siglock held. */
void signal_recalc(void);
/* Sets WORK_SIGNAL and wakes; `fatal`: also out of killable, stopped sleeps. siglock held. */
void signal_wake_task(struct task *task, bool fatal);
/* Starts the end of the whole process; siglock held. */
void signal_kill_threads(struct process *proc, int wait_status);
/* Tells `proc`'s parent of its stop, continuation (CLD_*); tasklist_lock held. */
void signal_notify_parent_stop(struct process *proc, int why) REQUIRES(tasklist_lock);
/* Parent is told of a death. True if the zombie is to be reaped at once. tasklist_lock held. */
bool signal_notify_parent_exit(struct process *proc) REQUIRES(tasklist_lock);
/* Is `pgrp` without a living parent in its session outside the group? `ignored` is not counted. */
bool pgrp_is_orphaned(struct pid *pgrp, struct process *ignored) REQUIRES(tasklist_lock);
/* A dying thread hands shared signals and a group stop on to others; siglock not held. */
void signal_thread_exit(struct task *task);
/* May current send `sig` to `target`? 0, -EPERM. target's siglock not held. */
int signal_check_permission(int sig, struct process *target);
/* sigaltstack(2) for kernel values: 0, -EPERM in use, -EINVAL, -ENOMEM too small. */
int altstack_set(unsigned long sp, size_t size, u32 flags, unsigned long user_sp);

#endif
