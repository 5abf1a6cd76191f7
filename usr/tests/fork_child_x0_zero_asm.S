// SPDX-License-Identifier: BSD-2-Clause
// long clone_with_garbage(u64 flags, u64 *out): clone with every register but x1 (0) and x8
// full of garbage. In both processes stores x0..x28 at out[] after the call and returns x0.

	.text
	.global	clone_with_garbage
	.type	clone_with_garbage, %function
clone_with_garbage:
	stp	x29, x30, [sp, #-128]!
	stp	x19, x20, [sp, #16]
	stp	x21, x22, [sp, #32]
	stp	x23, x24, [sp, #48]
	stp	x25, x26, [sp, #64]
	stp	x27, x28, [sp, #80]
	stp	x1, x18, [sp, #96]
	mov	x1, #0				// child stack: the caller's own
	mov	x8, #220			// clone
	.irp	n, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21
	mov	x\n, #0xbad0
	movk	x\n, #\n, lsl #48
	.endr
	.irp	n, 22, 23, 24, 25, 26, 27, 28
	mov	x\n, #0xbad0
	movk	x\n, #\n, lsl #48
	.endr
	svc	#0
	ldr	x29, [sp, #96]			// out
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18
	str	x\n, [x29, #8 * \n]
	.endr
	.irp	n, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28
	str	x\n, [x29, #8 * \n]
	.endr
	ldr	x18, [sp, #104]
	ldp	x19, x20, [sp, #16]
	ldp	x21, x22, [sp, #32]
	ldp	x23, x24, [sp, #48]
	ldp	x25, x26, [sp, #64]
	ldp	x27, x28, [sp, #80]
	ldp	x29, x30, [sp], #128
	ret
	.size	clone_with_garbage, . - clone_with_garbage

	.section .note.GNU-stack, "", %progbits
