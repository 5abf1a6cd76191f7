/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The event counters: their names and sums.
 */
#include <trace/counters.h>

const char *const trace_counter_names[NR_TRACE_COUNTERS] = {
#define X(name) #name,
	TRACE_COUNTERS(X)
#undef X
};

u64 trace_counter_sum(enum trace_counter which)
{
	u64 sum = 0;

	for (unsigned i = 0; i < CONFIG_NR_CPUS; i++)
		sum += READ_ONCE(cpus[i].counters.value[which]);
	return sum;
}
