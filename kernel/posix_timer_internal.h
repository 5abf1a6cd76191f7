/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_POSIX_TIMER_INTERNAL_H
#define KERNEL_POSIX_TIMER_INTERNAL_H

/* What posix_timer.c and cpu_timer.c share. */
#include <kernel/clock_set.h>
#include <kernel/signal.h>
#include <kernel/task.h>
#include <kernel/timer.h>

/*
 * A periodic timer whose signal is pending does not run: it is started again when the
 * signal is taken (`rearm`), and what it missed meanwhile is the overrun count. So a
 * period of a nanosecond costs no more than the process's own reading of signals.
 * CPU-time timers are looked at only by ticks and need no such care.
 *
 * Locks:  l  lock (IRQs off; inside siglock)    c  cpu_timers_lock
 *         i  never changes                      t  the table's mutex
 */
struct posix_timer {
	struct list_head link;		/* t */
	int		id;		/* i */
	clockid_t	clock;		/* i */
	int		notify;		/* i  SIGEV_* */
	struct process	*proc;		/* i  whose timer it is; outlives it */
	struct task	*only;		/* i  SIGEV_THREAD_ID: counted */
	struct sigqueue	*q;		/* i  SIGEV_NONE has one, too, and never sends it */

	spinlock_t	lock;
	clockid_t	base;		/* l  the clock of `expires` */
	nsec_t		expires;	/* l (CPU: c)  next or last expiry */
	nsec_t		interval;	/* l (CPU: c)  0: one shot */
	bool		armed;		/* l (CPU: c) */
	bool		rearm;		/* l  expired; goes on when the signal is taken */
	s64		overrun;	/* l  of the signal that is pending; -1 + expiries */
	s64		last_overrun;	/* l  of the last one taken */
	struct timer	timer;
	struct clock_watch watch;	/* while CLOCK_REALTIME or CLOCK_TAI */

	bool		cpu;		/* i  of a CPU-time clock: */
	struct process	*cpu_proc;	/* i  counted */
	struct task	*cpu_task;	/* i  counted; NULL: the whole process */
	struct task	*sleeper;	/* i  of clock_nanosleep(2): woken, no signal */
	struct list_head cpu_link;	/* c  in cpu_timers while armed and not firing */
	bool		firing;		/* c */
};

/* What timer_settime(2) and timer_gettime(2) pass, in ns. */
struct timer_times {
	nsec_t value, interval;
};

/* For `clock` < 0 or CLOCK_*_CPUTIME_ID: finds whose clock it is. 0 or -EINVAL. */
int cpu_timer_init(struct posix_timer *t);
void cpu_timer_get(struct posix_timer *t, struct timer_times *out);
void cpu_timer_set(struct posix_timer *t, bool absolute, const struct timer_times *in,
		   struct timer_times *old);
/* Stops it for good and drops its references. */
void cpu_timer_destroy(struct posix_timer *t);

#endif
