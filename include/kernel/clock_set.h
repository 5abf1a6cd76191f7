/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Timers of clocks other than CLOCK_MONOTONIC: converting their times, and learning that
 * somebody set the real-time clock.
 *
 * Context: any. Lock order: the list of watches, then what the callbacks take.
 */
#ifndef KERNEL_CLOCK_SET_H
#define KERNEL_CLOCK_SET_H

#include <kernel/time.h>
#include <lib/list.h>
#include <linux/time.h>

/* Called with IRQs off, under the lock of the list; clock_watch_del() waits for it. */
struct clock_watch {
	struct list_head link;
	void		 (*fn)(struct clock_watch *w);
};

void clock_watch_add(struct clock_watch *w);
/* Not with a lock held that fn takes. */
void clock_watch_del(struct clock_watch *w);
/* From ktime_set_real(), with no lock held. */
void clock_was_set(void);
/* How often that was; changes before the watches are called. */
u32 clock_set_count(void);
/* It goes on at another rate, which is no setting: the watches are called. No lock held. */
void clock_has_rate(void);

static inline bool clock_is_real(clockid_t id)
{
	return id == CLOCK_REALTIME || id == CLOCK_TAI || id == CLOCK_REALTIME_ALARM;
}

static inline nsec_t clock_now(clockid_t id)
{
	return clock_is_real(id) ? ktime_get_real() : ktime_get();
}

/* The monotonic time at which clock `id` will show `ns`, as things are now. */
static inline nsec_t clock_to_mono(clockid_t id, nsec_t ns)
{
	return clock_is_real(id) ? ktime_real_to_mono(ns) : ns;
}

/* a + b, at most the far future. */
static inline nsec_t nsec_add(nsec_t a, nsec_t b)
{
	return b > NSEC_MAX - 1 - a ? NSEC_MAX - 1 : a + b;
}

#endif
