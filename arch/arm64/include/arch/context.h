/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Threads as the machine sees them: what a switch saves, how new ones start.
 *
 * A thread is switched only in the kernel, by context_switch(), with its user
 * context in the frame at the top of its stack. New threads start in
 * ret_from_fork (switch.S), which calls schedule_tail(prev), then, for kernel
 * threads, fn(arg); when fn returns (only the first program's loader does) the
 * thread leaves to EL0 through ret_to_user with the frame fn prepared.
 */
#ifndef ARCH_CONTEXT_H
#define ARCH_CONTEXT_H

#include <lib/types.h>
#include <lib/compiler.h>
#include <arch/frame.h>
#include <arch/current.h>

struct task;
struct fp_state;

/* Locks: c only by the thread itself or while it is not running. */
struct thread_ctx {
	u64 x19, x20, x21, x22, x23, x24, x25, x26, x27, x28;   /* c */
	u64 fp, sp, pc;                                         /* c */
	u64 tpidr_el0;          /* c  stale while the thread runs: read the register */
	struct fp_state *fpu;   /* c  NULL until the thread uses FP/SIMD */
	u32 fp_cpu;             /* c  CPU whose registers hold `fpu`, FP_NO_CPU if none */
	u8  fp_live;            /* c  EL0 may use the registers now (CPACR open) */
	u8  fp_streak;          /* c  switches in a row after which it used FP */
	u64 fault_address;      /* c  of the last fault signal, for the sigframe */
	u64 fault_esr;          /* c */
};

#define FP_NO_CPU (~0U)

/*
 * switch.S. Saves prev's registers, runs next. Returns, in prev's next life,
 * the task that ran just before it. IRQs off, run queue lock held by the caller
 * and released by whoever continues. The address space is switched before
 * (arch_mm_switch); FP state and TPIDR_EL0 are dealt with in here.
 */
struct task *context_switch(struct task *prev, struct task *next);

/* kernel/sched: ends the switch on the new thread's side: drops the lock, enables IRQs. */
void schedule_tail(struct task *prev);

/*
 * Makes `child` return to EL0 as a copy of `frame` with x0 = 0, on `stack`
 * unless 0, with thread pointer `tls` if (clone_flags & CLONE_SETTLS). Copies
 * FP state. current is the parent. 0 or -ENOMEM.
 */
int arch_task_init_user(struct task *child, const struct trap_frame *frame, u64 stack, u64 tls,
			u64 clone_flags);

/* Makes `task` start in fn(arg). */
void arch_task_init_kthread(struct task *task, int (*fn)(void *), void *arg);

/* The boot CPU's first thread: `task` becomes current, on the stack it runs on. */
void arch_task_init_boot(struct task *task);

/* A new program: clears all registers, FP state and TLS; EL0 starts at pc with sp. */
void arch_exec_start(struct trap_frame *frame, u64 pc, u64 sp);

/* Frees what the context owns. The thread never runs again (called at its last put). */
void arch_thread_release(struct task *task);

/* TPIDR_EL0 of the running thread. */
static inline u64 arch_get_tls(void)
{
	u64 v;

	__asm__ volatile("mrs %0, tpidr_el0" : "=r"(v));
	return v;
}

#endif
