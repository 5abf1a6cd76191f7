/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Gates: places that have several events, or an event and a histogram, ask one key for
 * all of them, so that they cost one nop together. The key is on while any of them is
 * (the table is in trace/control.c); behind it each event asks its own.
 *
 * Context: any.
 */
#ifndef TRACE_GATE_H
#define TRACE_GATE_H

#include <arch/static_key.h>

extern struct static_key trace_switch_key;	/* the choice of a task and the switch to it */
extern struct static_key trace_wake_key;	/* a wake-up */

static __always_inline bool trace_switch_gate(void)
{
	return (IS_ENABLED(CONFIG_TRACE_CTX) || IS_ENABLED(CONFIG_TRACE_SCHED) ||
		IS_ENABLED(CONFIG_TRACE_HISTOGRAMS)) && static_key_enabled(&trace_switch_key);
}

static __always_inline bool trace_wake_gate(void)
{
	return (IS_ENABLED(CONFIG_TRACE_SCHED) || IS_ENABLED(CONFIG_TRACE_HISTOGRAMS)) &&
	       static_key_enabled(&trace_wake_key);
}

#endif
