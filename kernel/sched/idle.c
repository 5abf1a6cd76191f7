/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The idle task: one a CPU, which waits for interrupts when nothing is ready.
 */
#include <arch/barrier.h>
#include <arch/irqflags.h>
#include <kernel/timer.h>

#include "sched.h"

void cpu_idle(void)
{
	for (;;) {
		local_irq_disable();
		while (!need_resched()) {
			/* A pending interrupt ends wfi even while it is masked. */
			wfi();
			local_irq_enable();
			local_irq_disable();
		}
		tick_start();
		local_irq_enable();
		schedule();
	}
}
