/* SPDX-License-Identifier: BSD-2-Clause */
/* Host: interrupts are a flag that the lock shim checks. */
#ifndef ARCH_IRQFLAGS_H
#define ARCH_IRQFLAGS_H
extern unsigned long host_irqs_off;
#define local_irq_save(flags)    do { (flags) = host_irqs_off; host_irqs_off = 1; } while (0)
#define local_irq_restore(flags) do { host_irqs_off = (flags); } while (0)
#endif
