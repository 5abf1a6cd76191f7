/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Event counters: one word a CPU and counter, always on.
 *
 * A counter is named once, in the list below. Context: any; an increment is not
 * atomic against an interrupt on the same CPU between its load and store only
 * where the interrupt counts the same thing, which none does.
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
	trace_counters[cpu_id()].value[which]++;
}

/* The sum over all CPUs. */
u64 trace_counter_sum(enum trace_counter which);
extern const char *const trace_counter_names[NR_TRACE_COUNTERS];

#endif
