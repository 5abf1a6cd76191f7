/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Per-CPU state. TPIDR_EL1 points at this CPU's struct cpu while the kernel runs.
 *
 * A reader that needs the same CPU over several statements disables preemption
 * or interrupts; `current` needs neither.
 */
#ifndef KERNEL_CPU_H
#define KERNEL_CPU_H

#include <arch/current.h>
#include <lib/compiler.h>
#include <lib/types.h>
#include <trace/counter_list.h>

struct task;
struct mm;
struct rq;
struct trace_ring;

#define CACHE_LINE	64

struct cpu {
	/*
	 * The stack pointer this CPU returns to EL0 with, i.e. the top of the
	 * returning task's kernel stack. Written by ret_to_user and nobody else;
	 * every entry from EL0 must find SP_EL1 equal to it.
	 */
	u64		 user_rsp_scratch;
	struct task	*current_task;	/* what SP_EL0 is reloaded from on entry from EL0 */
	u32		 id;
	u32		 online;
	u64		 mpidr;
	struct task	*idle;
	struct mm	*active_mm;	/* whose tables TTBR0 holds */
	struct task	*fp_owner;	/* whose FP/SIMD state the registers hold */
	struct trace_ring *trace_ring;	/* where this CPU's events go; NULL before there are any */
	u32		 peeks;		/* odd while this CPU peeks, see <kernel/peek.h> */
	struct rq	*rq;		/* kernel/sched: this CPU's run queue */
	void		*overflow_stack; /* for reporting a kernel stack overflow */
	u64		 scratch[4];	/* for entry code with no register to spare */
	struct trace_counters counters;	/* <trace/counters.h>; here they are one load away */
} __aligned(CACHE_LINE);

extern struct cpu cpus[CONFIG_NR_CPUS];
extern unsigned nr_cpus_online;

#define cpu_is_online(n)	(READ_ONCE(cpus[n].online))
#define for_each_online_cpu(n) \
	for (unsigned n = 0; n < CONFIG_NR_CPUS; n++) \
		if (cpu_is_online(n))

static inline u64 cpus_online_mask(void)
{
	u64 mask = 0;

	for_each_online_cpu(n)
		mask |= 1ull << n;
	return mask;
}

/* One copy a CPU, each in its own cache lines. The type must be a struct tag or typedef name. */
#define DEFINE_PER_CPU(type, name) \
	struct { type value; } __aligned(CACHE_LINE) name[CONFIG_NR_CPUS]
#define per_cpu(name, n)	(name[n].value)
#define this_cpu_ptr(name)	(&name[cpu_id()].value)

#endif
