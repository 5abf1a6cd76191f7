/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The filter by process or thread id: with ids set, only what their tasks do is
 * recorded (and the switches to and from them). Context: set and get as of
 * trace_enable_spec, which they are serialised with by the caller.
 */
#ifndef TRACE_FILTER_H
#define TRACE_FILTER_H

#include <lib/types.h>

#define TRACE_FILTER_MAX	16

/* n ids, at most TRACE_FILTER_MAX; 0: everything passes. */
void trace_filter_set(const u32 *ids, unsigned n);
/* Into ids[TRACE_FILTER_MAX]; returns how many. */
unsigned trace_filter_get(u32 *ids);
u32 trace_current_tid(void);

#endif
