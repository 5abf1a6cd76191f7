/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The one exception frame. An entry from EL0 always writes it at
 * kernel_stack_top(current) - sizeof(struct trap_frame); an entry from EL1
 * writes it below the interrupted stack pointer.
 */
#ifndef ARCH_FRAME_H
#define ARCH_FRAME_H

#include <lib/types.h>
#include <lib/compiler.h>
#include <arch/layout.h>

#define NO_SYSCALL (-1)

struct trap_frame {
	u64 regs[31];
	u64 sp;                 /* SP_EL0 for EL0 entries, the interrupted SP for EL1 */
	u64 pc;
	u64 pstate;
	u64 orig_x0;            /* x0 at SVC, for restart; else undefined */
	s64 syscallno;          /* x8 at SVC, NO_SYSCALL for every other entry */
	u64 esr;                /* sync and SError entries; undefined for SVC's fast path */
	u64 far;
	u64 record[2];          /* EL1 entries: frame record {fp, pc} for the backtrace */
};

#define PSR_MODE_MASK   0x0000000fUL
#define PSR_MODE_EL0t   0x00000000UL
#define PSR_MODE_EL1t   0x00000004UL
#define PSR_MODE_EL1h   0x00000005UL
#define PSR_MODE32      0x00000010UL
#define PSR_F           0x00000040UL
#define PSR_I           0x00000080UL
#define PSR_A           0x00000100UL
#define PSR_D           0x00000200UL
#define PSR_BTYPE       0x00000c00UL
#define PSR_SSBS        0x00001000UL
#define PSR_IL          0x00100000UL
#define PSR_SS          0x00200000UL
#define PSR_PAN         0x00400000UL
#define PSR_UAO         0x00800000UL
#define PSR_DIT         0x01000000UL
#define PSR_TCO         0x02000000UL
#define PSR_NZCV        0xf0000000UL

/* The only thing that defines where a task's kernel stack starts. */
#define kernel_stack_top(task) ((u64)(task)->kstack + KSTACK_SIZE)

/* The user context of `task`: valid for user tasks at any time. */
#define task_frame(task) \
	((struct trap_frame *)(kernel_stack_top(task) - sizeof(struct trap_frame)))
#define current_frame() task_frame(current)

static inline bool user_mode(const struct trap_frame *frame)
{
	return (frame->pstate & PSR_MODE_MASK) == PSR_MODE_EL0t;
}

static inline bool frame_in_syscall(const struct trap_frame *frame)
{
	return frame->syscallno != NO_SYSCALL;
}

static inline void frame_set_return(struct trap_frame *frame, long value)
{
	frame->regs[0] = (u64)value;
}

/* True if the interrupted EL1 context had IRQs enabled. */
static inline bool frame_irqs_enabled(const struct trap_frame *frame)
{
	return !(frame->pstate & PSR_I);
}

/* Arranges for the SVC to be executed again with its original arguments. */
static inline void frame_restart_syscall(struct trap_frame *frame)
{
	frame->regs[0] = frame->orig_x0;
	frame->pc -= 4;
}

/* The same through restart_syscall(2): x8 becomes its number. */
static inline void frame_restart_block(struct trap_frame *frame, long nr_restart)
{
	frame->regs[8] = (u64)nr_restart;
	frame->pc -= 4;
}

/* Prints registers as Linux does; no backtrace. Any context. */
void show_regs(const struct trap_frame *frame);

#endif
