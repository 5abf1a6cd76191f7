/* SPDX-License-Identifier: BSD-2-Clause */
/* Changing stacks: context_switch(), and where new threads begin. */
#include <generated/asm-offsets.h>
#include <arch/asm.h>
#include <arch/trace_el0.h>
#include <arch/layout.h>

	.text

/*
 * struct task *context_switch(struct task *prev, struct task *next)
 * See <arch/context.h>. Interrupts are off.
 */
FUNC(context_switch)
	ldrb	w9, [x0, #CTX_FP_LIVE]
	ldr	x10, [x1, #CTX_FPU]
	orr	x9, x9, x10
	cbnz	x9, 2f			// either uses FP/SIMD
1:	mrs	x10, tpidr_el0
	mov	x9, sp
	stp	x19, x20, [x0, #CTX_X19]
	stp	x21, x22, [x0, #CTX_X21]
	stp	x23, x24, [x0, #CTX_X23]
	stp	x25, x26, [x0, #CTX_X25]
	stp	x27, x28, [x0, #CTX_X27]
	stp	x29, x9, [x0, #CTX_FP]
	stp	x30, x10, [x0, #CTX_PC]
	ldp	x19, x20, [x1, #CTX_X19]
	ldp	x21, x22, [x1, #CTX_X21]
	ldp	x23, x24, [x1, #CTX_X23]
	ldp	x25, x26, [x1, #CTX_X25]
	ldp	x27, x28, [x1, #CTX_X27]
	ldp	x29, x9, [x1, #CTX_FP]
	ldp	x30, x10, [x1, #CTX_PC]
	mrs	x11, tpidr_el1
	mov	sp, x9
	msr	tpidr_el0, x10
	msr	sp_el0, x1
	str	x1, [x11, #CPU_CURRENT]
	ret				// x0 = prev

2:	stp	x29, x30, [sp, #-32]!
	mov	x29, sp
	stp	x0, x1, [sp, #16]
	bl	fpsimd_switch
	ldp	x0, x1, [sp, #16]
	ldp	x29, x30, [sp], #32
	b	1b
END(context_switch)

/* First code of a new thread; x0 = prev, x19 = fn or 0, x20 = its argument. */
FUNC(ret_from_fork)
	bl	schedule_tail
	cbz	x19, 1f
	mov	x0, x20
	blr	x19
1:	branch_ret_to_user
END(ret_from_fork)
