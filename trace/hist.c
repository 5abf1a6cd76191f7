/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Latency histograms: counts by CPU, in memory that is allocated when they are first
 * switched on. See trace/hist.h.
 */
#include <arch/barrier.h>
#include <arch/smp.h>
#include <arch/sysreg.h>
#include <kernel/cpu.h>
#include <kernel/syscall.h>
#include <kernel/time.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/vmap.h>
#include <trace/hist.h>

#define NR_HISTS	(NR_TRACE_HISTS + NR_SYSCALLS)

struct trace_hists {
	u32 count[NR_HISTS][TRACE_HIST_BUCKETS];
};

struct static_key trace_hist_key;
struct trace_hists *trace_hists[CONFIG_NR_CPUS];

u64 trace_hist_stamp(void)
{
	return read_sysreg(cntvct_el0);
}

static void add(unsigned which, u64 start)
{
	u64 ns = (trace_hist_stamp() - start) * NSEC_PER_SEC / clock_frequency();
	unsigned bucket = ns < 2 ? 0 : 63 - (unsigned)__builtin_clzll(ns);
	struct trace_hists *hists = READ_ONCE(trace_hists[cpu_id()]);

	/* A preemption in here may count on another CPU: the sum is atomic, and still right. */
	if (hists)
		__atomic_fetch_add(&hists->count[which][min(bucket, TRACE_HIST_BUCKETS - 1u)], 1,
				   __ATOMIC_RELAXED);
}

void trace_hist_add(enum trace_hist which, u64 start)
{
	add(which, start);
}

void trace_hist_add_syscall(unsigned nr, u64 start)
{
	if (start && nr < NR_SYSCALLS)
		add(NR_TRACE_HISTS + nr, start);
}

int trace_hist_enable(bool on)
{
	for (unsigned cpu = 0; on && cpu < min(nr_cpus_possible, (unsigned)CONFIG_NR_CPUS); cpu++) {
		struct trace_hists *hists;

		if (trace_hists[cpu])
			continue;
		hists = vzalloc(sizeof(*hists));
		if (!hists)
			return -ENOMEM;
		smp_store_release(&trace_hists[cpu], hists);
	}
	static_key_set(&trace_hist_key, on);
	return 0;
}

void trace_hist_reset(void)
{
	for (unsigned cpu = 0; cpu < CONFIG_NR_CPUS; cpu++)
		if (trace_hists[cpu])
			memset(trace_hists[cpu], 0, sizeof(struct trace_hists));
}

u64 trace_hist_sum(unsigned which, unsigned bucket)
{
	u64 sum = 0;

	for (unsigned cpu = 0; cpu < CONFIG_NR_CPUS; cpu++)
		if (trace_hists[cpu])
			sum += READ_ONCE(trace_hists[cpu]->count[which][bucket]);
	return sum;
}
