/* SPDX-License-Identifier: BSD-2-Clause */
/* What exec, exit and the tick must know of timer_create(2)'s timers. */
#ifndef KERNEL_POSIX_TIMER_H
#define KERNEL_POSIX_TIMER_H

#include <lib/errno.h>
#include <lib/types.h>
#include <kernel/task.h>
#include <linux/time.h>

#if IS_ENABLED(CONFIG_POSIX_TIMERS)

/*
 * current's process execs, or its last thread ends: deletes its timers. Task context, no
 * spinlock held; no other thread makes timers any more. A fork's child starts without any.
 */
void posix_timers_exit(struct process *p);

/*
 * Sleeps until the CPU-time clock shows `expires` ns. 0, or -ERESTARTSYS when a signal came
 * first (*left: ns still to go), -EINVAL no such clock. Task context.
 */
int cpu_clock_sleep(clockid_t clock, nsec_t expires, nsec_t *left);

/* The slow half of cpu_timers_tick(). */
void cpu_timers_run(struct process *p);

/* From the tick that hit a thread of p: fires timers of its CPU-time clocks. IRQs off. */
static inline void cpu_timers_tick(struct process *p)
{
	if (unlikely(READ_ONCE(p->nr_cpu_timers)))
		cpu_timers_run(p);
}

#else
static inline void posix_timers_exit(struct process *p) { }
static inline int cpu_clock_sleep(clockid_t clock, nsec_t expires, nsec_t *left) { return -EINVAL; }
static inline void cpu_timers_tick(struct process *p) { }
#endif

#endif
