/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * long rseq_section(struct rseq *rseq, struct rseq_cs *cs, unsigned long turns, unsigned long *left)
 *
 * A sequence that counts to `turns`. Returns 0 if it came through, 1 if it was sent to its abort
 * address, which the signature in front of it makes one.
 */
	.text
	.globl	rseq_section, rseq_start, rseq_end, rseq_abort
	.type	rseq_section, %function
rseq_section:
	str	x1, [x0, #8]		// rseq->rseq_cs: from the next instruction on
rseq_start:
	str	x2, [x3]
	subs	x2, x2, #1
	b.ne	rseq_start
rseq_end:
	mov	x0, #0
	ret
	.inst	0xd428bc00		// the signature, a brk
rseq_abort:
	mov	x0, #1
	ret
	.size	rseq_section, . - rseq_section
	.section .note.GNU-stack, "", %progbits
