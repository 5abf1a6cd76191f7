/* SPDX-License-Identifier: BSD-2-Clause */
/* Interrupts are a signal whose work waits while they are masked. */
#ifndef ARCH_IRQFLAGS_H
#define ARCH_IRQFLAGS_H
unsigned long arch_local_irq_save(void);
void arch_local_irq_restore(unsigned long flags);
#endif
