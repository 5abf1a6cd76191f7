/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The trace as a whole: start-up, enabling by name, and the dump after a panic.
 */
#ifndef TRACE_TRACE_H
#define TRACE_TRACE_H

#include <lib/types.h>

#if IS_ENABLED(CONFIG_TRACE)
/* Allocates the rings and enables what trace= asked for. Boot, after the page allocator. */
void trace_init(void);

/*
 * Enables ("process,sched", "process:fork_entry", "all") or disables ("-irq", "none")
 * events. -EINVAL, with a log line that names the word at fault, and nothing
 * changes. Task context.
 */
int trace_enable_spec(const char *spec);

/* Prints the last `count` events of every CPU. After a panic: takes no lock. */
void trace_dump_last(unsigned count);
#else
static inline void trace_init(void) { }
static inline void trace_dump_last(unsigned count) { }
#endif

#endif
