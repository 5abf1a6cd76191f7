/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Preemption: may this thread lose the CPU here, and in which context does it run?
 *
 * The counter lives in the task, not in the CPU, so that reading it needs no
 * protection of its own. Low byte: preempt_disable() nesting. Bits 8..15: hard
 * IRQ nesting, kept by irq_handle(). Without CONFIG_PREEMPT_FULL the kernel is
 * never preempted and the low byte is kept only when CONFIG_DEBUG_LOCKS wants to
 * find sleeping in atomic context; then preempt_disable() is a compiler barrier.
 *
 * Context: any.
 */
#ifndef KERNEL_PREEMPT_H
#define KERNEL_PREEMPT_H

#include <arch/current.h>
#include <lib/compiler.h>
#include <lib/types.h>

/* The first fields of struct task, which entry code and the lines below reach. */
struct task_hot {
	u32 work;		/* WORK_* bits, changed atomically by any CPU */
	u32 preempt_count;	/* only by the task itself and IRQs above it */
};

/* Work that the exit to EL0 does before it returns (task->work). */
#define WORK_RESCHED		(1u << 0)  /* another task should run */
#define WORK_SIGNAL		(1u << 1)  /* a signal may be pending */
#define WORK_NOTIFY		(1u << 2)  /* task->notify callbacks wait */
#define WORK_SYSCALL_TRACE	(1u << 3)  /* a tracer follows system calls */
#define WORK_RESTORE_SIGMASK	(1u << 4)  /* put saved_sigmask back unless a handler runs */
#define WORK_SINGLESTEP		(1u << 5)  /* a tracer wants one instruction at a time */
#define WORK_RSEQ		(1u << 6)  /* its restartable sequence may be broken (rseq.h) */
#define WORK_SECCOMP		(1u << 7)  /* its system calls are judged (seccomp.h) */
#define WORK_ASYNC		(1u << 8)  /* it has caused what O_ASYNC signals tell (fs/fasync.c) */

#define PREEMPT_OFFSET		1u
#define PREEMPT_MASK		0xffu
#define HARDIRQ_OFFSET		0x100u
#define HARDIRQ_MASK		0xff00u

#define PREEMPT_COUNTED (IS_ENABLED(CONFIG_PREEMPT_FULL) || IS_ENABLED(CONFIG_DEBUG_LOCKS))

static inline struct task_hot *current_hot(void)
{
	return (struct task_hot *)current;
}

static inline u32 preempt_count(void)
{
	return READ_ONCE(current_hot()->preempt_count);
}

static inline bool in_irq(void)
{
	return preempt_count() & HARDIRQ_MASK;
}

/* True where sleeping is forbidden and this can be known; see PREEMPT_COUNTED. */
static inline bool in_atomic(void)
{
	return preempt_count() != 0;
}

static inline bool need_resched(void)
{
	return READ_ONCE(current_hot()->work) & WORK_RESCHED;
}

/* Switches if the counter is zero and interrupts are on. Called by preempt_enable(). */
void preempt_schedule(void);
void cond_resched_slow(void);
void might_sleep_report(const char *file, int line);

/* Voluntary preemption point, under every CONFIG_PREEMPT: task context, no lock that spins. */
static inline void cond_resched(void)
{
	if (unlikely(need_resched()))
		cond_resched_slow();
}

static inline void preempt_disable(void)
{
	if (PREEMPT_COUNTED)
		current_hot()->preempt_count += PREEMPT_OFFSET;
	barrier();
}

static inline void preempt_enable_no_resched(void)
{
	barrier();
	if (PREEMPT_COUNTED)
		current_hot()->preempt_count -= PREEMPT_OFFSET;
}

static inline void preempt_enable(void)
{
	preempt_enable_no_resched();
	if (IS_ENABLED(CONFIG_PREEMPT_FULL) && unlikely(need_resched()) && !preempt_count())
		preempt_schedule();
}

/* Reports it where sleeping is forbidden, as far as that can be known. */
#define assert_may_sleep() \
	do { \
		if (IS_ENABLED(CONFIG_DEBUG_LOCKS) && unlikely(in_atomic())) \
			might_sleep_report(__FILE__, __LINE__); \
	} while (0)

/* For what may sleep or not: as it may, CONFIG_PREEMPT_VOLUNTARY lets others run here. */
#define might_sleep() \
	do { \
		assert_may_sleep(); \
		if (IS_ENABLED(CONFIG_PREEMPT_VOLUNTARY)) \
			cond_resched(); \
	} while (0)

#endif
