/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Peeking: looking at shared objects with neither a lock nor a reference.
 *
 * Between peek_begin() and peek_end() nothing that was found through a published pointer
 * is freed. The price is on the other side: whoever takes an object away first makes it
 * unreachable (unhashes it), then calls peek_wait(), then frees it or changes what peekers
 * compare. peek_wait() looks at the count of every other CPU, which is odd while it peeks,
 * and waits for those it found odd to move on. A peek is some hundred instructions at most
 * and cannot be preempted, so there is nothing to defer and no queue of garbage: memory is
 * free when kfree() says so, and KASAN sees a peek that went wrong.
 *
 * Why it works. The peeker writes its count, then reads the pointers; the other side
 * writes the pointers, then reads the counts; both have a full barrier in between. So one
 * of them sees the other: either peek_wait() waits, or the peeker does not find the object.
 *
 * Rules for peekers
 *  - What is seen may be on its way out already. To keep something, take a reference with
 *    a function that fails for the dying (dget_live, mnt_get_live), or look only.
 *  - A list may end early under a peeker, because an entry was taken out of it: "not
 *    found" must mean "ask again with a lock", "found" is sure.
 *  - No sleeping, no user memory, no lock, no put that might free; peeks do not nest.
 *
 * Context: tasks only. peek_wait() may spin for other CPUs: with interrupts on, and with
 * no lock that an interrupt handler takes. On one CPU all of it is nothing.
 */
#ifndef KERNEL_PEEK_H
#define KERNEL_PEEK_H

#include <arch/barrier.h>
#include <kernel/cpu.h>
#include <kernel/preempt.h>
#include <lib/compiler.h>

static inline void peek_begin(void)
{
	preempt_disable();
	if (IS_ENABLED(CONFIG_SMP)) {
		struct cpu *cpu = this_cpu();

		WRITE_ONCE(cpu->peeks, cpu->peeks + 1);
		smp_mb();
	}
}

static inline void peek_end(void)
{
	if (IS_ENABLED(CONFIG_SMP)) {
		struct cpu *cpu = this_cpu();

		smp_store_release(&cpu->peeks, cpu->peeks + 1);
	}
	preempt_enable();
}

/* For peek_wait() when there are other CPUs. */
void peek_wait_others(void);

/* What this CPU unlinked before is seen by no peeker after. */
static inline void peek_wait(void)
{
	if (IS_ENABLED(CONFIG_SMP) && READ_ONCE(nr_cpus_online) > 1)
		peek_wait_others();
}

#endif
