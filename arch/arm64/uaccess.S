/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bulk copies between kernel and user memory. x0 destination, x1 source, x2
 * bytes; returns the bytes not copied. A fault of a load or store leaves its base
 * register as it was, so the pointers say exactly what is done; the fix-up then goes
 * on byte by byte from there until the first byte that really faults.
 */
#include <generated/asm-offsets.h>
#include <arch/asm.h>
#include <arch/sysreg.h>
#include <arch/cpufeature.h>
#include <arch/extable.h>

	.text

.macro user_access_begin
	alternative_insn INSN_PAN_OFF, CPU_FEAT_PAN
.endm
.macro user_access_end
	alternative_insn INSN_PAN_ON, CPU_FEAT_PAN
.endm

/* An instruction that may fault goes to `fix`, if \may is 1. */
.macro maybe may, fix, insn:vararg
	.if \may
9999:	\insn
	extable	9999b, \fix
	.else
	\insn
	.endif
.endm

/*
 * A step of so many bytes faulted: what is left, in x2, are its own and the smaller ones. The
 * store's load had moved the source on already.
 */
.macro step_fix wr, size
	.if \wr
	sub	x1, x1, #\size
	.endif
	and	x2, x2, #(2 * \size - 1)
	b	90f
.endm

/*
 * rd, wr: whether the load, the store is the side that may fault. pan: lift it.
 * From 1 on x2 is 64 less than what is left; its low bits are those of the rest all the same.
 */
.macro copy_body rd, wr, pan
	.if \pan
	user_access_begin
	.endif
	subs	x2, x2, #64
	b.lo	2f
1:	maybe	\rd, 10f, ldp	x5, x6, [x1, #16]
	maybe	\rd, 10f, ldp	x7, x8, [x1, #32]
	maybe	\rd, 10f, ldp	x9, x10, [x1, #48]
	maybe	\rd, 10f, ldp	x3, x4, [x1], #64
	maybe	\wr, 10f, stp	x5, x6, [x0, #16]
	maybe	\wr, 10f, stp	x7, x8, [x0, #32]
	maybe	\wr, 10f, stp	x9, x10, [x0, #48]
	maybe	\wr, 10f, stp	x3, x4, [x0], #64
	subs	x2, x2, #64
	b.hs	1b
2:	tbz	x2, #5, 3f
	maybe	\rd, 20f, ldp	x5, x6, [x1, #16]
	maybe	\rd, 20f, ldp	x3, x4, [x1], #32
	maybe	\wr, 20f, stp	x5, x6, [x0, #16]
	maybe	\wr, 20f, stp	x3, x4, [x0], #32
3:	tbz	x2, #4, 4f
	maybe	\rd, 30f, ldp	x3, x4, [x1], #16
	maybe	\wr, 30f, stp	x3, x4, [x0], #16
4:	tbz	x2, #3, 5f
	maybe	\rd, 40f, ldr	x3, [x1], #8
	maybe	\wr, 40f, str	x3, [x0], #8
5:	tbz	x2, #2, 6f
	maybe	\rd, 50f, ldr	w3, [x1], #4
	maybe	\wr, 50f, str	w3, [x0], #4
6:	tbz	x2, #1, 7f
	maybe	\rd, 60f, ldrh	w3, [x1], #2
	maybe	\wr, 60f, strh	w3, [x0], #2
7:	tbz	x2, #0, 8f
	maybe	\rd, 70f, ldrb	w3, [x1], #1
	maybe	\wr, 70f, strb	w3, [x0], #1
8:
	.if \pan
	user_access_end
	.endif
	mov	x0, #0
	ret

10:	add	x2, x2, #64
	.if \wr
	sub	x1, x1, #64
	.endif
	b	90f
20:	step_fix \wr, 32
30:	step_fix \wr, 16
40:	step_fix \wr, 8
50:	step_fix \wr, 4
60:	step_fix \wr, 2
70:	step_fix \wr, 1
90:	maybe	\rd, 91f, ldrb	w3, [x1]
	maybe	\wr, 91f, strb	w3, [x0]
	add	x1, x1, #1
	add	x0, x0, #1
	subs	x2, x2, #1
	b.ne	90b
91:
	.if \pan
	user_access_end
	.endif
	mov	x0, x2
	ret
.endm

FUNC(__copy_from_user)
	copy_body 1, 0, 1
END(__copy_from_user)

FUNC(__copy_to_user)
	copy_body 0, 1, 1
END(__copy_to_user)

/* unsigned long __copy_from_kernel(void *dst, const void *src, size_t n) */
FUNC(__copy_from_kernel)
	copy_body 1, 0, 0
END(__copy_from_kernel)

/* unsigned long __clear_user(void __user *dst, unsigned long n) */
FUNC(__clear_user)
	user_access_begin
	subs	x1, x1, #32
	b.lo	2f
1:	maybe	1, 10f, stp	xzr, xzr, [x0]
	maybe	1, 10f, stp	xzr, xzr, [x0, #16]
	add	x0, x0, #32
	subs	x1, x1, #32
	b.hs	1b
2:	tbz	x1, #4, 3f
	maybe	1, 20f, stp	xzr, xzr, [x0], #16
3:	tbz	x1, #3, 4f
	maybe	1, 30f, str	xzr, [x0], #8
4:	tbz	x1, #2, 5f
	maybe	1, 40f, str	wzr, [x0], #4
5:	tbz	x1, #1, 6f
	maybe	1, 50f, strh	wzr, [x0], #2
6:	tbz	x1, #0, 7f
	maybe	1, 60f, strb	wzr, [x0], #1
7:	user_access_end
	mov	x0, #0
	ret

10:	add	x1, x1, #32		// undo the subtraction of the faulting round
	b	90f
20:	and	x1, x1, #31		// a step faulted: its own bytes and the smaller steps'
	b	90f
30:	and	x1, x1, #15
	b	90f
40:	and	x1, x1, #7
	b	90f
50:	and	x1, x1, #3
	b	90f
60:	and	x1, x1, #1
90:	maybe	1, 91f, strb	wzr, [x0]
	add	x0, x0, #1
	subs	x1, x1, #1
	b.ne	90b
91:	user_access_end
	mov	x0, x1
	ret
END(__clear_user)

/*
 * int __user_cmpxchg32(u32 __user *uaddr, u32 old, u32 new, u32 *cur)
 * 0, -EFAULT or -EAGAIN. Fully ordered.
 */
FUNC(__user_cmpxchg32)
	mov	w6, #128		// tries before we call it contention
	user_access_begin
1:	ldxr	w4, [x0]
	cmp	w4, w1
	b.ne	3f
2:	stlxr	w5, w2, [x0]
	cbz	w5, 3f
	subs	w6, w6, #1
	b.ne	1b
	mov	x0, #-11
	b	5f
3:	dmb	ish
	str	w4, [x3]
	mov	x0, #0
5:	user_access_end
	ret
4:	mov	x0, #-14
	b	5b
	extable	1b, 4b
	extable	2b, 4b
END(__user_cmpxchg32)
