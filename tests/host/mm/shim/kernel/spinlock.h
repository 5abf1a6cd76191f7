/* SPDX-License-Identifier: BSD-2-Clause */
/* Host: locks that know whether they are held. */
#ifndef KERNEL_SPINLOCK_H
#define KERNEL_SPINLOCK_H
#include <assert.h>
#include <arch/irqflags.h>
#include <lib/compiler.h>
typedef struct { int held; } spinlock_t;
#define SPINLOCK_INIT { 0 }
#define DEFINE_SPINLOCK(name) spinlock_t name = SPINLOCK_INIT
static inline void spin_lock_init(spinlock_t *l) { l->held = 0; }
static inline void spin_lock(spinlock_t *l) { assert(!l->held); l->held = 1; }
static inline void spin_unlock(spinlock_t *l) { assert(l->held); l->held = 0; }
#define spin_lock_irqsave(l, flags) do { local_irq_save(flags); spin_lock(l); } while (0)
#define spin_unlock_irqrestore(l, flags) do { spin_unlock(l); local_irq_restore(flags); } while (0)
#define spin_lock_irq(l) spin_lock(l)
#define spin_unlock_irq(l) spin_unlock(l)
#endif
