/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * memcpy, memmove, memset, memcmp and strlen for AArch64, general registers
 * only. Up to 64 bytes are moved without a loop: both ends are loaded, then both
 * stored, and they overlap in the middle as much as the size asks. As every load
 * comes before the first store, that part serves memmove too.
 *
 * Accesses may be unaligned: for Normal memory with the MMU on. None of these is
 * for device memory.
 */

	.macro	func name
	.section .text.\name, "ax", %progbits
	.p2align 4
	.globl	\name
	.type	\name, %function
\name:
	.endm

	.macro	endfunc name
	.size	\name, . - \name
	.endm

/* Copies x2 (0..64) bytes from x1 to \d and returns. Clobbers x3-x10, x16, x17. */
	.macro	copy_upto64 d
	cmp	x2, #8
	b.lo	1f
	add	x16, x1, x2		// ends of source and destination
	add	x17, \d, x2
	cmp	x2, #16
	b.hi	2f
	ldr	x3, [x1]
	ldur	x4, [x16, #-8]
	str	x3, [\d]
	stur	x4, [x17, #-8]
	ret
2:	cmp	x2, #32
	b.hi	3f
	ldp	x3, x4, [x1]
	ldp	x5, x6, [x16, #-16]
	stp	x3, x4, [\d]
	stp	x5, x6, [x17, #-16]
	ret
3:	ldp	x3, x4, [x1]
	ldp	x5, x6, [x1, #16]
	ldp	x7, x8, [x16, #-32]
	ldp	x9, x10, [x16, #-16]
	stp	x3, x4, [\d]
	stp	x5, x6, [\d, #16]
	stp	x7, x8, [x17, #-32]
	stp	x9, x10, [x17, #-16]
	ret
1:	tbz	x2, #2, 4f		// 4..7
	add	x16, x1, x2
	add	x17, \d, x2
	ldr	w3, [x1]
	ldur	w4, [x16, #-4]
	str	w3, [\d]
	stur	w4, [x17, #-4]
	ret
4:	tbz	x2, #1, 5f		// 2, 3
	sub	x2, x2, #1
	ldrh	w3, [x1]
	ldrb	w4, [x1, x2]
	strh	w3, [\d]
	strb	w4, [\d, x2]
	ret
5:	cbz	x2, 6f
	ldrb	w3, [x1]
	strb	w3, [\d]
6:	ret
	.endm

/* void *memmove(void *dst, const void *src, size_t n) */
func memmove
	sub	x3, x0, x1
	cmp	x3, x2			// src <= dst < src + n: from the end
	b.hs	memcpy
	cmp	x2, #64
	b.ls	.Lshort
	add	x16, x1, x2
	add	x17, x0, x2
.Ldown:
	ldp	x3, x4, [x16, #-16]
	ldp	x5, x6, [x16, #-32]
	ldp	x7, x8, [x16, #-48]
	ldp	x9, x10, [x16, #-64]!
	stp	x3, x4, [x17, #-16]
	stp	x5, x6, [x17, #-32]
	stp	x7, x8, [x17, #-48]
	stp	x9, x10, [x17, #-64]!
	sub	x2, x2, #64
	cmp	x2, #64
	b.hi	.Ldown
	b	.Lshort			// what is left is at the start of both
endfunc memmove

/* void *memcpy(void *dst, const void *src, size_t n); forward copies of memmove too */
	.p2align 4
	.globl	memcpy
	.type	memcpy, %function
memcpy:
	cmp	x2, #64
	b.hi	.Llong
.Lshort:
	copy_upto64 x0
.Llong:
	mov	x15, x0			// cursor; x0 stays the result
.Lup:
	ldp	x3, x4, [x1]
	ldp	x5, x6, [x1, #16]
	ldp	x7, x8, [x1, #32]
	ldp	x9, x10, [x1, #48]
	add	x1, x1, #64
	stp	x3, x4, [x15]
	stp	x5, x6, [x15, #16]
	stp	x7, x8, [x15, #32]
	stp	x9, x10, [x15, #48]
	add	x15, x15, #64
	sub	x2, x2, #64
	cmp	x2, #64
	b.hi	.Lup
	copy_upto64 x15
endfunc memcpy

/* void *memset(void *dst, int c, size_t n) */
func memset
	bfi	w1, w1, #8, #8		// the byte, eight times
	bfi	w1, w1, #16, #16
	bfi	x1, x1, #32, #32
	add	x4, x0, x2		// end
	cmp	x2, #16
	b.hi	2f
	tbnz	x2, #4, 1f
	tbz	x2, #3, 3f
	str	x1, [x0]		// 8..15
	stur	x1, [x4, #-8]
	ret
1:	stp	x1, x1, [x0]		// 16
	ret
3:	tbz	x2, #2, 4f		// 4..7
	str	w1, [x0]
	stur	w1, [x4, #-4]
	ret
4:	cbz	x2, 5f			// 1..3: first, last, and the last but one of 3
	strb	w1, [x0]
	sturb	w1, [x4, #-1]
	tbz	x2, #1, 5f
	sturh	w1, [x4, #-2]
5:	ret
2:	mov	x3, x0			// more than 16
	cmp	x2, #64
	b.hi	.Lset64
	stp	x1, x1, [x3]
	cmp	x2, #32
	b.ls	6f
	stp	x1, x1, [x3, #16]
	stp	x1, x1, [x4, #-32]
6:	stp	x1, x1, [x4, #-16]
	ret
.Lset64:
	stp	x1, x1, [x3]
	stp	x1, x1, [x3, #16]
	stp	x1, x1, [x3, #32]
	stp	x1, x1, [x3, #48]
	add	x3, x3, #64
	sub	x2, x2, #64
	cmp	x2, #64
	b.hi	.Lset64
	stp	x1, x1, [x4, #-64]	// the last 1..64, some of them again
	stp	x1, x1, [x4, #-48]
	stp	x1, x1, [x4, #-32]
	stp	x1, x1, [x4, #-16]
	ret
endfunc memset

/* int memcmp(const void *a, const void *b, size_t n) */
func memcmp
	.globl	bcmp
	.type	bcmp, %function
bcmp:
	subs	x2, x2, #8
	b.lo	.Lcmp_small
.Lcmp_word:
	ldr	x3, [x0], #8
	ldr	x4, [x1], #8
	cmp	x3, x4
	b.ne	.Ldiffer
	subs	x2, x2, #8
	b.hs	.Lcmp_word
	ldr	x3, [x0, x2]		// x2 is -8..-1: the last 8 bytes, some again
	ldr	x4, [x1, x2]
	cmp	x3, x4
	b.ne	.Ldiffer
	mov	w0, #0
	ret
.Ldiffer:
	rev	x3, x3			// the first byte in memory decides
	rev	x4, x4
	cmp	x3, x4
	cset	w0, ne
	cneg	w0, w0, lo
	ret
.Lcmp_small:
	add	x2, x2, #8		// 0..7
	tbz	x2, #2, 1f
	ldr	w3, [x0]
	ldr	w4, [x1]
	cmp	x3, x4
	b.ne	.Ldiffer
	sub	x2, x2, #4		// the last 4 bytes, some again
	ldr	w3, [x0, x2]
	ldr	w4, [x1, x2]
	cmp	x3, x4
	b.ne	.Ldiffer
	mov	w0, #0
	ret
1:	cbz	x2, 3f
2:	ldrb	w3, [x0], #1
	ldrb	w4, [x1], #1
	subs	w3, w3, w4
	b.ne	4f
	sub	x2, x2, #1
	cbnz	x2, 2b
3:	mov	w0, #0
	ret
4:	mov	w0, w3
	ret
endfunc memcmp

/*
 * size_t strlen(const char *s)
 * Aligned words, so that no load crosses a page. A byte of w is zero where
 * (w - 0x01..) & ~(w | 0x7f..) has its top bit set; the lowest such bit is exact.
 */
func strlen
	bic	x1, x0, #7
	ldr	x2, [x1], #8
	lsl	x3, x0, #3
	mov	x4, #-1
	lsl	x4, x4, x3		// the shift counts modulo 64
	mov	x5, #0x0101010101010101
	orn	x2, x2, x4		// bytes before s are not zero
.Llen_word:
	sub	x3, x2, x5
	orr	x4, x2, #0x7f7f7f7f7f7f7f7f
	bics	x3, x3, x4
	b.ne	1f
	ldr	x2, [x1], #8
	b	.Llen_word
1:	rev	x3, x3
	clz	x3, x3
	sub	x1, x1, #8
	sub	x0, x1, x0
	add	x0, x0, x3, lsr #3
	ret
endfunc strlen

	.section .note.GNU-stack, "", %progbits
