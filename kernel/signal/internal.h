/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_SIGNAL_INTERNAL_H
#define KERNEL_SIGNAL_INTERNAL_H

/* What the files of kernel/signal/ share. Everything here holds the process's siglock. */
#include <kernel/signal.h>
#include <kernel/cred.h>

/*
 * Takes the next signal of `set` that is not blocked out of the pending sets: current's own,
 * then the process's. Its number, 0 if none. SIGKILL first, then faults, then the lowest.
 */
int signal_dequeue(sigset_t blocked, siginfo_t *info);
/* Only a fault signal queued for the running instruction. */
int signal_dequeue_fault(siginfo_t *info);
static inline int signal_dequeue_synchronous(siginfo_t *info)
{
	if (likely(!(current->pending.set & ~current->blocked & SIG_SYNCHRONOUS_MASK)))
		return 0;
	return signal_dequeue_fault(info);
}
/* Drops what is pending of `mask`. */
void sigpending_remove(struct sigpending *pending, sigset_t mask);
/* Adds an entry. 0, -EAGAIN. `info` may be a SEND_SIG_* value. */
int sigpending_add(struct sigpending *pending, int sig, const siginfo_t *info,
		   struct task *charge);

/* Sends with siglock held; `group`: any thread may take it. `force`: init and kthreads too. */
int signal_send_locked(int sig, const siginfo_t *info, struct task *task, bool group, bool force);

/* Adds the running thread to a group stop begun by `sig` (0: begun elsewhere). */
bool signal_stop_here(int sig, struct process *proc);
/* current stops, dies or is alone now. True if that completes the group's stop. */
bool signal_stop_participate(struct process *proc);
/* Marks `task` as having to stop. True unless it is dying. */
bool task_set_stop_pending(struct task *task, u32 bits);
void task_clear_stop(struct task *task);
/* current blocks `mask`, without SIG_KERNEL_ONLY_MASK. signal_recalc() is to follow. */
void signal_block_locked(sigset_t mask);

static inline bool sig_default_ignores(int sig)
{
	return sig_in(sig, SIG_KERNEL_IGNORE_MASK);
}

static inline bool sig_default_stops(int sig)
{
	return sig_in(sig, SIG_KERNEL_STOP_MASK);
}

static inline bool sig_kernel_only(int sig)
{
	return sig_in(sig, SIG_KERNEL_ONLY_MASK);
}

static inline void *sig_handler(const struct process *proc, int sig)
{
	return READ_ONCE(proc->sighand->action[sig - 1].handler);
}

#endif
