/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The linked vDSO inside the kernel, on pages of its own, for they are mapped into programs.
 * C sees `extern const char vdso_image_start[], vdso_image_end[];`.
 */
#include <arch/layout.h>

	.section .rodata.vdso, "a"
	.global	vdso_image_start, vdso_image_end
	.balign	PAGE_SIZE
vdso_image_start:
	.incbin	"arch/arm64/vdso/vdso.so"
	.balign	PAGE_SIZE
vdso_image_end:
