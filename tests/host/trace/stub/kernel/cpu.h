/* SPDX-License-Identifier: BSD-2-Clause */
/* A thread that writes is a CPU. */
#ifndef KERNEL_CPU_H
#define KERNEL_CPU_H
struct trace_ring;
struct cpu {
	struct trace_ring *trace_ring;
};
extern struct cpu cpus[CONFIG_NR_CPUS];
struct cpu *this_cpu(void);
#endif
