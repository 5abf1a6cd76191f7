/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Event counters: one word a CPU and counter, always on.
 *
 * A counter is named once, in the list below. Context: any. No interrupt counts what
 * it may have interrupted the counting of; another task that was preempted there may, so
 * where there is preemption the addition is atomic.
 */
#ifndef TRACE_COUNTERS_H
#define TRACE_COUNTERS_H

#include <arch/current.h>
#include <kernel/cpu.h>
#include <lib/types.h>

#define TRACE_COUNTERS(X) \
	X(SYSCALL_TOTAL) \
	X(IRQ_TOTAL) \
	X(CTX_SWITCH_TOTAL) \
	X(TIMER_TICK_TOTAL) \
	X(FORK_TOTAL) \
	X(EXEC_TOTAL) \
	X(EXIT_TOTAL) \
	X(PAGE_FAULT_TOTAL) \
	X(COW_FAULT_TOTAL) \
	X(COW_COPY_TOTAL) \
	X(SIGNAL_TOTAL) \
	X(OOM_TOTAL) \
	X(KERNEL_FAULT_FIXED)

enum trace_counter {
#define X(name) name,
	TRACE_COUNTERS(X)
#undef X
	NR_TRACE_COUNTERS
};

struct trace_counters {
	u64 value[NR_TRACE_COUNTERS];
} __aligned(CACHE_LINE);

extern struct trace_counters trace_counters[CONFIG_NR_CPUS];

static __always_inline void count_event(enum trace_counter which)
{
	u64 *value = &trace_counters[cpu_id()].value[which];

	if (IS_ENABLED(CONFIG_PREEMPT_FULL))
		__atomic_fetch_add(value, 1, __ATOMIC_RELAXED);
	else
		++*value;
}

/* The sum over all CPUs. */
u64 trace_counter_sum(enum trace_counter which);
extern const char *const trace_counter_names[NR_TRACE_COUNTERS];

#endif
