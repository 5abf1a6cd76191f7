/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Leaving the emulator with an exit code (Arm semihosting). Where nobody listens
 * HLT is an undefined instruction; the exception table then takes us to PSCI.
 */
#include <arch/extable.h>
#include <arch/irqflags.h>
#include <arch/power.h>
#include <lib/types.h>

#define SYS_EXIT_EXTENDED       0x20
#define APPLICATION_EXIT        0x20026

void arch_semihost_exit(int code)
{
	u64 block[2] = { APPLICATION_EXIT, (u64)(u32)code };
	register u64 x0 __asm__("x0") = SYS_EXIT_EXTENDED;
	register u64 x1 __asm__("x1") = (u64)block;

	local_irq_disable();
	if (IS_ENABLED(CONFIG_SEMIHOSTING))
		__asm__ volatile("1:	hlt #0xf000\n"
				 "2:\n"
				 EXTABLE("1b", "2b") : "+r"(x0) : "r"(x1) : "memory");
	arch_poweroff();
}
