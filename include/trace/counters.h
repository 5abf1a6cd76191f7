/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Event counters: one word a CPU and counter, always on.
 *
 * A counter is named once, in <trace/counter_list.h>. Context: any. No interrupt counts what
 * it may have interrupted the counting of; another task that was preempted there may, so
 * where there is preemption the addition is atomic.
 */
#ifndef TRACE_COUNTERS_H
#define TRACE_COUNTERS_H

#include <arch/current.h>
#include <kernel/cpu.h>
#include <lib/types.h>
#include <trace/counter_list.h>

static __always_inline void count_event(enum trace_counter which)
{
	u64 *value = &this_cpu()->counters.value[which];

	if (IS_ENABLED(CONFIG_PREEMPT_FULL))
		__atomic_fetch_add(value, 1, __ATOMIC_RELAXED);
	else
		++*value;
}

/* The sum over all CPUs. */
u64 trace_counter_sum(enum trace_counter which);
extern const char *const trace_counter_names[NR_TRACE_COUNTERS];

#endif
