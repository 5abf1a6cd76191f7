/* SPDX-License-Identifier: BSD-2-Clause */
/* Leaving: power off, reset, exit codes to the emulator. Any context, IRQs in any state. */
#ifndef ARCH_POWER_H
#define ARCH_POWER_H

#include <lib/compiler.h>

/* PSCI; if the firmware has none or refuses, the CPU stops for good. */
void arch_poweroff(void) __noreturn;
void arch_reboot(void) __noreturn;
void arch_halt(void) __noreturn;

/* Finds PSCI in the device tree and how it is called. From setup_arch(). */
void psci_init(void);

/* CPU_ON: starts the CPU with affinity `hwid` at physical `entry` with x0 = arg. 0 or -errno. */
int psci_cpu_on(unsigned long hwid, unsigned long entry, unsigned long arg);

/*
 * Semihosting SYS_EXIT_EXTENDED(code). Without an emulator that listens the
 * instruction faults or halts, so it is only done when `semihosting` is on the
 * command line or a test asked for it; else, and if it returns, PSCI off.
 */
void arch_semihost_exit(int code) __noreturn;

#endif
