/* SPDX-License-Identifier: BSD-2-Clause */
/* Host: one task, one CPU. */
#ifndef ARCH_CURRENT_H
#define ARCH_CURRENT_H
#include <lib/compiler.h>
struct task;
extern struct task *host_current;
#define current host_current
#define cpu_id() 0U
#define this_cpu() (&cpus[0])
#endif
