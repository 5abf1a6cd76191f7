/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The idle task: one a CPU, which waits for interrupts when nothing is ready.
 */
#include <arch/barrier.h>
#include <arch/irqflags.h>
#include <kernel/timer.h>

#include "sched.h"

/*
 * Preemption is off all the time: the way out is always through tick_start(), so that no
 * task ever runs on a CPU without a tick.
 */
void cpu_idle(void)
{
	preempt_disable();
	for (;;) {
		local_irq_disable();
		while (!need_resched()) {
			/* A pending interrupt ends wfi even while it is masked. */
			wfi();
			local_irq_enable();
			local_irq_disable();
		}
		tick_start();
		schedule_idle();
	}
}
