/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where signal handlers return to, and the call frame information that lets
 * unwinders step from here into the interrupted code: all registers are in the
 * rt_sigframe at sp (offsets as in arch/arm64/signal.c). The nop in front is
 * part of it: unwinders look at return address - 1.
 */
#include <asm/unistd.h>

#define REGS	(128 + 176 + 8)		/* siginfo, ucontext up to mcontext.regs */

	.section .note.Linux, "a", %note
	.balign	4
	.long	6, 4, 0
	.asciz	"Linux"
	.balign	4
	.long	0x060100

	.text
	.cfi_sections .eh_frame
	.cfi_startproc
	.cfi_signal_frame
	.cfi_def_cfa sp, 0
	.macro	saved	regs:vararg
	.irp	n, \regs
	.cfi_offset x\n, REGS + \n * 8
	.endr
	.endm
	saved	0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	saved	16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
	.cfi_offset sp, REGS + 31 * 8
	nop
	.globl	__kernel_rt_sigreturn
	.type	__kernel_rt_sigreturn, %function
__kernel_rt_sigreturn:
	mov	x8, #__NR_rt_sigreturn
	svc	#0
	.cfi_endproc
	.size	__kernel_rt_sigreturn, . - __kernel_rt_sigreturn
