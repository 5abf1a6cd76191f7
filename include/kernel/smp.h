/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Running functions on other CPUs, and stopping those CPUs.
 *
 * A call runs in the interrupt handler of the other CPU, IRQs off: it must be
 * short and may not sleep. The caller waits for CPUs that take their interrupts,
 * so it must not hold a lock that is taken with IRQs off elsewhere.
 *
 * Context: task context with IRQs on, preemption on or off.
 */
#ifndef KERNEL_SMP_H
#define KERNEL_SMP_H

#include <kernel/cpu.h>

typedef void (*smp_fn_t)(void *arg);

#ifdef CONFIG_SMP

/* fn(arg) on each online CPU of `mask` but the caller's. `wait`: until all have run it. */
void smp_call_function_mask(u64 mask, smp_fn_t fn, void *arg, bool wait);

/* Takes the interrupts between CPUs into use; before the first other CPU starts. */
void smp_init(void);

/* From panic: asks all others to halt and waits a moment. IRQs off, any context. */
void smp_stop_others(void);

#else

static inline void smp_call_function_mask(u64 mask, smp_fn_t fn, void *arg, bool wait) {}
static inline void smp_init(void) {}
static inline void smp_stop_others(void) {}

#endif

/* On all CPUs but the caller's. */
static inline void smp_call_function(smp_fn_t fn, void *arg, bool wait)
{
	smp_call_function_mask(~0ull, fn, arg, wait);
}

#endif
