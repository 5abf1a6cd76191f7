/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The names of the event counters, and the words of one CPU, which are in its struct cpu.
 */
#ifndef TRACE_COUNTER_LIST_H
#define TRACE_COUNTER_LIST_H

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
};

#endif
