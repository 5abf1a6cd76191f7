/* SPDX-License-Identifier: BSD-2-Clause */
/* What clone, exit and the tick must know of interval timers and the CPU time limit. */
#ifndef KERNEL_ITIMER_H
#define KERNEL_ITIMER_H

#include <lib/types.h>

struct process;

/*
 * The last thread of p has gone, or p is being freed: stops and frees its timers.
 * Task context, no spinlock held. A fork's child starts without any.
 */
void itimers_exit(struct process *p);
/* From the tick that hit a thread of p: counts ITIMER_VIRTUAL, ITIMER_PROF and RLIMIT_CPU. IRQs off. */
void itimers_tick(struct process *p, bool user);

#endif
