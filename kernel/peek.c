/* SPDX-License-Identifier: BSD-2-Clause */
/* The waiting side of <kernel/peek.h>. */
#include <kernel/panic.h>
#include <kernel/peek.h>

void peek_wait_others(void)
{
	preempt_disable();
	if (IS_ENABLED(CONFIG_DEBUG_LOCKS))
		BUG_ON(this_cpu()->peeks & 1);
	smp_mb();
	for_each_online_cpu(n) {
		u32 seen = smp_load_acquire(&cpus[n].peeks);

		while ((seen & 1) && smp_load_acquire(&cpus[n].peeks) == seen)
			cpu_relax();
	}
	preempt_enable();
}
