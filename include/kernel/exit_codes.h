/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Exit statuses of a test machine: what the kernel passes to the semihosting
 * call SYS_EXIT_EXTENDED, and so what QEMU exits with. The test harness reads
 * this very file, so keep it to one plain #define with a decimal number a line.
 *
 * They are used only when the command line has `test=` and the kernel has
 * CONFIG_SEMIHOSTING; everything else leaves by PSCI, where QEMU exits with 0.
 * QEMU keeps 1 for its own errors and a shell keeps 126 and up, hence the range.
 */
#ifndef KERNEL_EXIT_CODES_H
#define KERNEL_EXIT_CODES_H

#define EXIT_CODE_PASS	32	/* every boot test passed or was skipped */
#define EXIT_CODE_FAIL	33	/* at least one boot test failed */
#define EXIT_CODE_PANIC	34	/* the kernel panicked */

#endif
