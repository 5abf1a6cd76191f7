/* SPDX-License-Identifier: BSD-2-Clause */
/* Helpers for assembly files. */
#ifndef ARCH_ASM_H
#define ARCH_ASM_H

#define FUNC(name)	.globl name; .type name, %function; .balign 16; name:
#define LOCAL_FUNC(name) .type name, %function; .balign 16; name:
#define END(name)	.size name, . - name

/* Address of a symbol within 4 GiB; right before and after the MMU is on. */
.macro adr_l reg, sym
	adrp	\reg, \sym
	add	\reg, \reg, :lo12:\sym
.endm

.macro mov_q reg, value
	movz	\reg, #((\value) & 0xffff)
	movk	\reg, #(((\value) >> 16) & 0xffff), lsl #16
	movk	\reg, #(((\value) >> 32) & 0xffff), lsl #32
	movk	\reg, #(((\value) >> 48) & 0xffff), lsl #48
.endm

#endif
