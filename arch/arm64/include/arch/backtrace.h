/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Call traces by frame pointers. Every record is checked to lie in a kernel
 * stack before it is read, so a corrupt chain ends the trace and nothing else.
 * Any context.
 */
#ifndef ARCH_BACKTRACE_H
#define ARCH_BACKTRACE_H

#include <lib/types.h>

struct task;
struct trap_frame;

/* Calls fn(arg, pc) for each return address until it returns false. */
void arch_backtrace(const struct trap_frame *frame, struct task *task,
		    bool (*fn)(void *arg, u64 pc), void *arg);

/* Prints " sym+off/size" lines under "Call trace:". frame NULL: from the caller. */
void arch_show_backtrace(const struct trap_frame *frame, struct task *task);

#endif
