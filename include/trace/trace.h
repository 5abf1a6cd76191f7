/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The trace as a whole: start-up, enabling by name, and the dump after a panic.
 */
#ifndef TRACE_TRACE_H
#define TRACE_TRACE_H

#include <lib/types.h>

#if IS_ENABLED(CONFIG_TRACE)
/*
 * Allocates the rings, if trace= has enabled something: its events went to an early ring since
 * the command line was read. Boot, after the page allocator.
 */
void trace_init(void);

/*
 * Enables ("process,sched", "process:fork_entry", "all") or disables ("-irq", "none")
 * events. -EINVAL, with a log line that names the word at fault, and nothing
 * changes. Task context.
 */
int trace_enable_spec(const char *spec);

/* The filter: process or thread ids ("12,13"; "" for none). -EINVAL as above. */
int trace_filter_spec(const char *spec);

/* Recording stops after the next such event ("process:data_abort"; "none"). -EINVAL as above. */
int trace_stop_spec(const char *spec);

/* Latency histograms on or off. -ENOMEM, -EOPNOTSUPP without TRACE_HISTOGRAMS. */
int trace_histograms(bool on);

/* Prints the last TRACE_DUMP_ON_PANIC events of every CPU and stops the recording. After a panic: takes no lock. */
void trace_dump_last(void);
#else
static inline void trace_init(void) { }
static inline void trace_dump_last(void) { }
#endif

#endif
