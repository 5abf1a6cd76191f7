/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Restartable sequences (rseq(2)): a thread registers a structure in which the kernel keeps the
 * number of its CPU, and in which the thread names the piece of code it is in that must not be
 * interrupted. Whoever was switched out, or gets a signal, inside that piece goes on at its
 * abort address instead.
 *
 * The work is done on the thread's own way back to EL0, on WORK_RSEQ or before a handler is
 * entered; a switch only sets the bit. An abort too many harms nobody: the sequence is made to
 * be begun again.
 */
#ifndef KERNEL_RSEQ_H
#define KERNEL_RSEQ_H

#include <kernel/preempt.h>
#include <kernel/task.h>
#include <linux/sched.h>

struct trap_frame;

#if IS_ENABLED(CONFIG_RSEQ)

/* current is about to go on at frame->pc; EL0's memory may be touched. Forces SIGSEGV if the
 * structure cannot be read or contradicts itself. */
void rseq_resume(struct trap_frame *frame);

/* current's registration ends, with what was to be done for it. */
void rseq_forget(void);

/* It is switched out. Runqueue lock held. */
static __always_inline void rseq_switched_out(struct task *prev)
{
	if (unlikely(prev->rseq))
		task_set_work(prev, WORK_RSEQ);
}

/* A new task of current's: threads register themselves, a forked child has its parent's. */
static inline void rseq_fork(struct task *child, u64 flags)
{
	if (!current->rseq || (flags & CLONE_VM))
		return;
	child->rseq = current->rseq;
	child->rseq_sig = current->rseq_sig;
	task_set_work(child, WORK_RSEQ);
}

#else

static inline void rseq_resume(struct trap_frame *frame) {}
static inline void rseq_forget(void) {}
static __always_inline void rseq_switched_out(struct task *prev) {}
static inline void rseq_fork(struct task *child, u64 flags) {}

#endif

#endif
