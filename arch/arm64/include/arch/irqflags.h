/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Masking of interrupts on this CPU (DAIF.I and DAIF.F). Nests through the
 * saved flags. Any context.
 */
#ifndef ARCH_IRQFLAGS_H
#define ARCH_IRQFLAGS_H

#include <lib/types.h>

#define DAIF_I (1UL << 7)
#define DAIF_F (1UL << 6)

static inline void local_irq_disable(void)
{
	__asm__ volatile("msr daifset, #3" : : : "memory");
}

static inline void local_irq_enable(void)
{
	__asm__ volatile("msr daifclr, #3" : : : "memory");
}

static inline unsigned long arch_local_save_flags(void)
{
	unsigned long flags;

	__asm__ volatile("mrs %0, daif" : "=r"(flags) : : "memory");
	return flags;
}

static inline unsigned long arch_local_irq_save(void)
{
	unsigned long flags = arch_local_save_flags();

	local_irq_disable();
	return flags;
}

static inline void arch_local_irq_restore(unsigned long flags)
{
	__asm__ volatile("msr daif, %0" : : "r"(flags) : "memory");
}

static inline bool irqs_disabled_flags(unsigned long flags)
{
	return flags & DAIF_I;
}

static inline bool irqs_disabled(void)
{
	return irqs_disabled_flags(arch_local_save_flags());
}

#define local_save_flags(flags)    do { (flags) = arch_local_save_flags(); } while (0)
#define local_irq_save(flags)      do { (flags) = arch_local_irq_save(); } while (0)
#define local_irq_restore(flags)   arch_local_irq_restore(flags)

#endif
