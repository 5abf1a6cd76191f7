// SPDX-License-Identifier: BSD-2-Clause
// regs_spin_*: see regs.h. `in` and `out` wait on the stack while all registers hold patterns.

#include "regs.h"

	.macro	load_pairs from, to
	ldp	x\from, x\to, [x0, #REGS_X + 8 * \from]
	.endm

	.macro	spin_function name, counter
	.section .text.\name, "ax"
	.global	\name
	.type	\name, %function
\name:
	// Frame: x29 x30, x19..x28, d8..d15, in, out, loops, x18
	stp	x29, x30, [sp, #-208]!
	stp	x19, x20, [sp, #16]
	stp	x21, x22, [sp, #32]
	stp	x23, x24, [sp, #48]
	stp	x25, x26, [sp, #64]
	stp	x27, x28, [sp, #80]
	stp	d8, d9, [sp, #96]
	stp	d10, d11, [sp, #112]
	stp	d12, d13, [sp, #128]
	stp	d14, d15, [sp, #144]
	stp	x0, x1, [sp, #160]
	stp	x2, x18, [sp, #176]
	mrs	x3, fpcr
	str	x3, [sp, #192]

	add	x3, x0, #REGS_V
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	ldr	q\n, [x3, #16 * \n]
	.endr
	.irp	n, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	ldr	q\n, [x3, #16 * \n]
	.endr
	ldr	x3, [x0, #REGS_NZCV]
	msr	nzcv, x3
	ldr	x3, [x0, #REGS_FPSR]
	msr	fpsr, x3
	ldr	x3, [x0, #REGS_FPCR]
	msr	fpcr, x3
	load_pairs 2, 3
	load_pairs 4, 5
	load_pairs 6, 7
	load_pairs 8, 9
	load_pairs 10, 11
	load_pairs 12, 13
	load_pairs 14, 15
	load_pairs 16, 17
	load_pairs 18, 19
	load_pairs 20, 21
	load_pairs 22, 23
	load_pairs 24, 25
	load_pairs 26, 27
	load_pairs 28, 29
	ldr	x30, [x0, #REGS_X + 8 * 30]
	ldp	x0, x1, [x0, #REGS_X]
	ldr	\counter, [sp, #176]		// loops

1:	sub	\counter, \counter, #1		// leaves the flags alone
	cbnz	\counter, 1b

	str	x0, [sp, #200]
	ldr	x0, [sp, #168]			// out
	str	x1, [x0, #REGS_X + 8]
	ldr	x1, [sp, #200]
	str	x1, [x0, #REGS_X]
	.irp	n, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26
	str	x\n, [x0, #REGS_X + 8 * \n]
	.endr
	.irp	n, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 28, 29, 30
	str	x\n, [x0, #REGS_X + 8 * \n]
	.endr
	mov	x1, sp
	str	x1, [x0, #REGS_SP]
	mrs	x1, nzcv
	str	x1, [x0, #REGS_NZCV]
	mrs	x1, fpsr
	str	x1, [x0, #REGS_FPSR]
	mrs	x1, fpcr
	str	x1, [x0, #REGS_FPCR]
	mrs	x1, tpidr_el0
	str	x1, [x0, #REGS_TPIDR]
	add	x3, x0, #REGS_V
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	str	q\n, [x3, #16 * \n]
	.endr
	.irp	n, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	str	q\n, [x3, #16 * \n]
	.endr

	ldr	x3, [sp, #192]
	msr	fpcr, x3
	ldr	x18, [sp, #184]
	ldp	x19, x20, [sp, #16]
	ldp	x21, x22, [sp, #32]
	ldp	x23, x24, [sp, #48]
	ldp	x25, x26, [sp, #64]
	ldp	x27, x28, [sp, #80]
	ldp	d8, d9, [sp, #96]
	ldp	d10, d11, [sp, #112]
	ldp	d12, d13, [sp, #128]
	ldp	d14, d15, [sp, #144]
	ldp	x29, x30, [sp], #208
	ret
	.size	\name, . - \name
	.endm

	spin_function regs_spin_x0, x0
	spin_function regs_spin_x17, x17

	.section .note.GNU-stack, "", %progbits
