/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Latency histograms in powers of two of nanoseconds: system calls by number,
 * interrupts, the delay from wake-up to running, and page faults.
 *
 * Off (at first, and without TRACE_HISTOGRAMS for ever) a measured place costs its
 * nops. Context: any, but trace_hist_enable and the reader: task context.
 */
#ifndef TRACE_HIST_H
#define TRACE_HIST_H

#include <arch/static_key.h>
#include <lib/types.h>

enum trace_hist {
	HIST_IRQ,		/* one interrupt's handler */
	HIST_SCHED_DELAY,	/* from wake-up to running */
	HIST_PAGE_FAULT,	/* of user programs, resolved or not */
	NR_TRACE_HISTS
};
#define TRACE_HIST_BUCKETS	40	/* n: 2^n to 2^(n+1) - 1 ns, 0: below 2, the last: all above */

extern struct static_key trace_hist_key;
u64 trace_hist_stamp(void);
void trace_hist_add(enum trace_hist which, u64 start);
void trace_hist_add_syscall(unsigned nr, u64 start);

static __always_inline bool hist_on(void)
{
	return IS_ENABLED(CONFIG_TRACE_HISTOGRAMS) && static_key_enabled(&trace_hist_key);
}

/* What hist_end() wants; 0: not measured. */
static __always_inline u64 hist_start(void)
{
	return hist_on() ? trace_hist_stamp() : 0;
}

static __always_inline void hist_end(enum trace_hist which, u64 start)
{
	if (hist_on() && start)
		trace_hist_add(which, start);
}

/* The value of `call`, whose time is counted. */
#define hist_timed(which, call) ({ \
	__typeof__(call) __value; \
	if (hist_on()) { \
		u64 __start = trace_hist_stamp(); \
		__value = (call); \
		trace_hist_add(which, __start); \
	} else { \
		__value = (call); \
	} \
	__value; })

/* 0 or -ENOMEM; the caller serialises. Counts stay until a reset. */
int trace_hist_enable(bool on);
void trace_hist_reset(void);
/* The count of a bucket over all CPUs; which >= NR_TRACE_HISTS: system call which - NR_TRACE_HISTS. */
u64 trace_hist_sum(unsigned which, unsigned bucket);

#endif
