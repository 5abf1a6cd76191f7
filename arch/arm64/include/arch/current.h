/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who and where: in the kernel SP_EL0 holds the running task and TPIDR_EL1
 * this CPU's struct cpu. Both are set up on entry from EL0.
 */
#ifndef ARCH_CURRENT_H
#define ARCH_CURRENT_H

#include <lib/types.h>
#include <lib/compiler.h>

struct task;
struct cpu;

/* Not volatile: for one flow of control the running task never changes. */
static __always_inline struct task *arch_current(void)
{
	unsigned long task;

	__asm__("mrs %0, sp_el0" : "=r"(task));
	return (struct task *)task;
}
#define current arch_current()

/* Stable only while preemption or interrupts are off. */
static __always_inline struct cpu *this_cpu(void)
{
	unsigned long cpu;

	__asm__ volatile("mrs %0, tpidr_el1" : "=r"(cpu));
	return (struct cpu *)cpu;
}

/* Users include <kernel/cpu.h>, which defines struct cpu. */
#ifdef CONFIG_SMP
#define cpu_id() (this_cpu()->id)
#else
#define cpu_id() 0U
#endif

#endif
