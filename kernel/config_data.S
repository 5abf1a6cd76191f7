/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The configuration the kernel was built with, compressed; /proc/config.gz hands it out.
 * C sees `extern const char ikconfig_data[]; extern const u64 ikconfig_size;`.
 */
	.section .rodata.ikconfig, "a"
	.global	ikconfig_data, ikconfig_size
	.balign	8
ikconfig_data:
	.incbin	"kernel/config_data.gz"
.Lend:
	.balign	8
ikconfig_size:
	.quad	.Lend - ikconfig_data
