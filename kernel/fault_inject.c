/* SPDX-License-Identifier: BSD-2-Clause */
/* Counts the allocations of tasks that are to see one fail. */
#include <kernel/fault_inject.h>
#include <kernel/preempt.h>
#include <kernel/task.h>

u32 *fail_nth_of_current(void)
{
	return &current->fail_nth;
}

bool should_fail_slow(void)
{
	return !in_irq() && --current->fail_nth == 0;
}
