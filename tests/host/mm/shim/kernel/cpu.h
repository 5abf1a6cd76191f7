/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_CPU_H
#define KERNEL_CPU_H
#include <arch/current.h>
#include <lib/compiler.h>
#define CACHE_LINE 64
#define DEFINE_PER_CPU(type, name) \
	struct { type value; } __aligned(CACHE_LINE) name[CONFIG_NR_CPUS]
#define per_cpu(name, n)   (name[n].value)
#define this_cpu_ptr(name) (&name[cpu_id()].value)
#endif
