/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Timers: call a function at an absolute monotonic time.
 *
 * Each CPU keeps its timers in a tree ordered by expiry and programs its
 * one-shot clock event for the first. A timer fires once, in the timer interrupt
 * of the CPU it was started on, IRQs off; the function may start it again.
 *
 * Context: timer_start() and timer_cancel() from any context. timer_cancel()
 * returns only when the function is not running on another CPU, so it must not
 * be called with a lock held that the function takes, nor from the function.
 * Lock order: the caller's locks, then the CPU's timer lock.
 */
#ifndef KERNEL_TIMER_H
#define KERNEL_TIMER_H

#include <kernel/sched.h>
#include <lib/rbtree.h>
#include <lib/types.h>

struct timer {
	struct rb_node	node;
	nsec_t		expires;	/* absolute, CLOCK_MONOTONIC */
	void		(*fn)(struct timer *t);
	u32		cpu;		/* whose tree it is in, or was last in */
	bool		queued;
};

void timer_init(struct timer *t, void (*fn)(struct timer *t));
/* (Re)arms t for `expires`; a time in the past fires at once. */
void timer_start(struct timer *t, nsec_t expires);
/* True if it was still pending. */
bool timer_cancel(struct timer *t);
/* As timer_cancel(), but -1 instead of waiting when the function runs now; 1 if it was pending, else 0. */
int timer_try_cancel(struct timer *t);

static inline bool timer_pending(const struct timer *t)
{
	return READ_ONCE(t->queued);
}

/* The one-shot device behind all timers of a CPU; the arch timer registers it. */
struct clockevent {
	const char *name;
	/* Interrupt when clock_cycles() reaches `cycles`; ~0: never. IRQs off, this CPU. */
	void (*set_next)(u64 cycles);
};
void clockevent_register(const struct clockevent *dev);
/* From the device's interrupt handler: runs what has expired. `user`: it hit EL0. */
void timer_interrupt(bool user);

void timers_init(void);
/* Starts the scheduler tick of this CPU on leaving idle; in idle it runs out by itself. IRQs off. */
void tick_start(void);

#endif
