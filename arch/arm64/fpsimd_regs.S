/* SPDX-License-Identifier: BSD-2-Clause */
/* The FP/SIMD registers to and from struct fp_state, and signal frames. */
#include <generated/asm-offsets.h>
#include <arch/asm.h>
#include <arch/cpufeature.h>
#include <arch/extable.h>
#include <arch/sysreg.h>

	.arch	armv8-a+fp+simd
	.text

/* void fpsimd_regs_save(struct fp_state *state) */
FUNC(fpsimd_regs_save)
	stp	q0, q1, [x0, #32 * 0]
	stp	q2, q3, [x0, #32 * 1]
	stp	q4, q5, [x0, #32 * 2]
	stp	q6, q7, [x0, #32 * 3]
	stp	q8, q9, [x0, #32 * 4]
	stp	q10, q11, [x0, #32 * 5]
	stp	q12, q13, [x0, #32 * 6]
	stp	q14, q15, [x0, #32 * 7]
	stp	q16, q17, [x0, #32 * 8]
	stp	q18, q19, [x0, #32 * 9]
	stp	q20, q21, [x0, #32 * 10]
	stp	q22, q23, [x0, #32 * 11]
	stp	q24, q25, [x0, #32 * 12]
	stp	q26, q27, [x0, #32 * 13]
	stp	q28, q29, [x0, #32 * 14]
	stp	q30, q31, [x0, #32 * 15]
	mrs	x1, fpsr
	mrs	x2, fpcr
	str	w1, [x0, #512]
	str	w2, [x0, #516]
	ret
END(fpsimd_regs_save)

/* void fpsimd_regs_load(const struct fp_state *state) */
FUNC(fpsimd_regs_load)
	ldp	q0, q1, [x0, #32 * 0]
	ldp	q2, q3, [x0, #32 * 1]
	ldp	q4, q5, [x0, #32 * 2]
	ldp	q6, q7, [x0, #32 * 3]
	ldp	q8, q9, [x0, #32 * 4]
	ldp	q10, q11, [x0, #32 * 5]
	ldp	q12, q13, [x0, #32 * 6]
	ldp	q14, q15, [x0, #32 * 7]
	ldp	q16, q17, [x0, #32 * 8]
	ldp	q18, q19, [x0, #32 * 9]
	ldp	q20, q21, [x0, #32 * 10]
	ldp	q22, q23, [x0, #32 * 11]
	ldp	q24, q25, [x0, #32 * 12]
	ldp	q26, q27, [x0, #32 * 13]
	ldp	q28, q29, [x0, #32 * 14]
	ldp	q30, q31, [x0, #32 * 15]
	ldr	w1, [x0, #512]
	ldr	w2, [x0, #516]
	msr	fpsr, x1
	msr	fpcr, x2
	ret
END(fpsimd_regs_load)

/* Registers 2n and 2n+1, to or from the user's struct fpsimd_context at x0. */
.macro user_pair insn, n, a, b
9999:	\insn	\a, \b, [x0, #16 + 32 * \n]
	extable	9999b, 9f
.endm

.macro user_pairs insn
	user_pair \insn, 0, q0, q1
	user_pair \insn, 1, q2, q3
	user_pair \insn, 2, q4, q5
	user_pair \insn, 3, q6, q7
	user_pair \insn, 4, q8, q9
	user_pair \insn, 5, q10, q11
	user_pair \insn, 6, q12, q13
	user_pair \insn, 7, q14, q15
	user_pair \insn, 8, q16, q17
	user_pair \insn, 9, q18, q19
	user_pair \insn, 10, q20, q21
	user_pair \insn, 11, q22, q23
	user_pair \insn, 12, q24, q25
	user_pair \insn, 13, q26, q27
	user_pair \insn, 14, q28, q29
	user_pair \insn, 15, q30, q31
.endm

.macro user_return
	alternative_insn INSN_PAN_ON, CPU_FEAT_PAN
	mov	w0, #0
	ret
9:	alternative_insn INSN_PAN_ON, CPU_FEAT_PAN
	mov	w0, #-14		// -EFAULT
	ret
.endm

/* int fpsimd_regs_save_user(struct fpsimd_context __user *to) */
FUNC(fpsimd_regs_save_user)
	alternative_insn INSN_PAN_OFF, CPU_FEAT_PAN
	mrs	x1, fpsr
	mrs	x2, fpcr
8:	stp	w1, w2, [x0, #8]
	extable	8b, 9f
	user_pairs stp
	user_return
END(fpsimd_regs_save_user)

/* int fpsimd_regs_load_user(const struct fpsimd_context __user *from) */
FUNC(fpsimd_regs_load_user)
	alternative_insn INSN_PAN_OFF, CPU_FEAT_PAN
8:	ldp	w1, w2, [x0, #8]
	extable	8b, 9f
	user_pairs ldp
	msr	fpsr, x1
	msr	fpcr, x2
	user_return
END(fpsimd_regs_load_user)
