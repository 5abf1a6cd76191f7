/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The offsets and constants of C that assembly uses, as <generated/asm-offsets.h>:
 * the build compiles this file and picks the "->NAME value" lines out of it.
 */
#include <lib/types.h>
#include <lib/compiler.h>
#include <arch/frame.h>
#include <arch/pgtable.h>
#include <arch/context.h>
#include <kernel/cpu.h>
#include <kernel/preempt.h>
#include <kernel/syscall.h>
#include <kernel/task.h>

#define DEFINE(name, value) \
	__asm__ volatile("\n->" #name " %c0" : : "i"((s64)(value)))
#define OFFSET(name, type, member) DEFINE(name, offsetof(type, member))

void asm_offsets(void);

void asm_offsets(void)
{
	OFFSET(FRAME_REGS, struct trap_frame, regs);
	OFFSET(FRAME_LR, struct trap_frame, regs[30]);
	OFFSET(FRAME_SP, struct trap_frame, sp);
	OFFSET(FRAME_PC, struct trap_frame, pc);
	OFFSET(FRAME_PSTATE, struct trap_frame, pstate);
	OFFSET(FRAME_ORIG_X0, struct trap_frame, orig_x0);
	OFFSET(FRAME_SYSCALLNO, struct trap_frame, syscallno);
	OFFSET(FRAME_ESR, struct trap_frame, esr);
	OFFSET(FRAME_FAR, struct trap_frame, far);
	OFFSET(FRAME_RECORD, struct trap_frame, record);
	DEFINE(FRAME_SIZE, sizeof(struct trap_frame));

	OFFSET(CPU_USER_RSP_SCRATCH, struct cpu, user_rsp_scratch);
	OFFSET(CPU_CURRENT, struct cpu, current_task);
	OFFSET(CPU_OVERFLOW_STACK, struct cpu, overflow_stack);
	OFFSET(CPU_SCRATCH, struct cpu, scratch);
	OFFSET(CPU_SYSCALLS, struct cpu, counters.value[SYSCALL_TOTAL]);
	DEFINE(CPU_SIZE, sizeof(struct cpu));

	OFFSET(TASK_WORK, struct task, work);
	OFFSET(TASK_PREEMPT, struct task, preempt_count);
	OFFSET(TASK_KSTACK, struct task, kstack);
	OFFSET(CTX_X19, struct task, ctx.x19);
	OFFSET(CTX_X21, struct task, ctx.x21);
	OFFSET(CTX_X23, struct task, ctx.x23);
	OFFSET(CTX_X25, struct task, ctx.x25);
	OFFSET(CTX_X27, struct task, ctx.x27);
	OFFSET(CTX_FP, struct task, ctx.fp);
	OFFSET(CTX_PC, struct task, ctx.pc);
	OFFSET(CTX_TPIDR, struct task, ctx.tpidr_el0);
	OFFSET(CTX_FPU, struct task, ctx.fpu);
	OFFSET(CTX_FP_LIVE, struct task, ctx.fp_live);
	DEFINE(WORK_RESCHED_BIT, __builtin_ctz(WORK_RESCHED));

	DEFINE(NR_SYSCALLS_ASM, NR_SYSCALLS);

	DEFINE(PTE_EARLY_PAGE, PROT_KERNEL_RWX.v);
	DEFINE(PTE_EARLY_BLOCK, PROT_KERNEL_RWX.v & ~PTE_TABLE);
	DEFINE(MAIR_EARLY, MAIR_VALUE);
}
