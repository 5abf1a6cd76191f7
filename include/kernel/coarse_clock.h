/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CLOCK_REALTIME as of the last tick, ready to be stored: for what is stamped often, inline.
 * Any context.
 */
#ifndef KERNEL_COARSE_CLOCK_H
#define KERNEL_COARSE_CLOCK_H

#include <kernel/seqcount.h>
#include <kernel/time.h>

/* Written by time_tick() and who sets the clock. */
struct coarse_clock {
	struct seqcount   seq;
	struct timespec64 real;		/* under seq */
};
extern struct coarse_clock coarse_clock;

static __always_inline struct timespec64 ktime_get_coarse_real_ts(void)
{
	struct timespec64 ts;
	u32 seq;

	do {
		seq = read_seqcount_begin(&coarse_clock.seq);
		ts = coarse_clock.real;
	} while (unlikely(read_seqcount_retry(&coarse_clock.seq, seq)));
	return ts;
}

#endif
