/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ktime_get() as inline code, for kernel/sched: each wake-up and each switch reads the clock, and
 * the calls of the clock and of its driver would cost as much as that.
 */
#ifndef KERNEL_TIME_INLINE_H
#define KERNEL_TIME_INLINE_H

#include <arch/counter.h>
#include <kernel/time.h>

/* ns = (cycles - base) * mult / 2^32. Set by time_init(). */
struct clock_scale {
	u64 base;		/* cycles at monotonic 0 */
	u64 mult;		/* ns a cycle, 32.32 */
};
extern struct clock_scale clock_scale;

static __always_inline nsec_t ktime_get_inline(void)
{
	u64 cycles = arch_counter() - clock_scale.base;

	return (nsec_t)((unsigned __int128)cycles * clock_scale.mult >> 32);
}

#endif
