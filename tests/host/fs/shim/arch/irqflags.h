/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ARCH_IRQFLAGS_H
#define ARCH_IRQFLAGS_H
#include <lib/compiler.h>
static inline void local_irq_disable(void) { }
static inline void local_irq_enable(void) { }
#define local_irq_save(flags)    ((flags) = 0)
#define local_irq_restore(flags) ((void)(flags))
static inline bool irqs_disabled(void) { return false; }
#endif
