/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The periodic tick: user and system time by sampling, the policy's time slice,
 * and the load average. An idle CPU lets its tick run out and stays quiet until it
 * has something to run again.
 *
 * A task's user and system time are the ticks that hit it in each mode, scaled to
 * sum to the exact run time.
 */
#include <arch/irqflags.h>
#include <kernel/irq.h>
#include <kernel/itimer.h>
#include <kernel/timer.h>
#include <lib/math64.h>
#include <trace/counters.h>
#include <trace/irq.h>

#include "sched.h"

DEFINE_PER_CPU(struct timer, tick_timer);

static void account(struct rq *rq, struct task *t, bool user)
{
	struct cpu_usage *u = &rq->usage;

	if (t == rq->idle)
		return;		/* idle time is the idle task's exact run time */
	if (user) {
		t->utime += TICK_NSEC;
		if (t->nice > 0)
			u->nice += TICK_NSEC;
		else
			u->user += TICK_NSEC;
	} else {
		t->stime += TICK_NSEC;
		u->system += TICK_NSEC;
	}
}

/* What one CPU does for all in each period: whichever ticks first, as any may be idle. */
static bool claim_duty(nsec_t now)
{
	static nsec_t next;
	nsec_t due = __atomic_load_n(&next, __ATOMIC_ACQUIRE);

	return now >= due &&
	       __atomic_compare_exchange_n(&next, &due, (now / TICK_NSEC + 1) * TICK_NSEC, false,
					   __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

static void do_duty(nsec_t now)
{
	if (claim_duty(now)) {
		load_tick(now);
		time_tick();
	}
}

void sched_tick(bool user)
{
	struct rq *rq = this_rq();
	struct task *t = rq->curr;
	bool expired;

	count_event(TIMER_TICK_TOTAL);
	TRACE(timer_tick, t->tid);
	spin_lock(&rq->lock);
	rq_update(rq);
	account(rq, t, user);
	if (t == rq->idle || rq->curr_requeue)
		expired = false;
	else if (task_is_rt(t))
		expired = rt_tick(rq, t);
	else
		expired = sched_policy.tick(rq->cpu, &t->se, rq->clock);
	expired |= rt_throttle_tick(rq, t);
	if (expired)
		set_need_resched();
	if (IS_ENABLED(CONFIG_SMP) && READ_ONCE(nr_cpus_online) > 1)
		balance_tick(rq);
	spin_unlock(&rq->lock);
	if (IS_ENABLED(CONFIG_DETECT_LOCKUP))
		watchdog_tick(rq, user);
	itimers_tick(t->proc, user);
	do_duty(rq->clock);
}

/* On the grid of all ticks, so that a busy CPU's ticks do not drift. */
static nsec_t next_tick(nsec_t now)
{
	return (now / TICK_NSEC + 1) * TICK_NSEC;
}

/* Ticks that nobody could take are gone: to make up for them would keep a slow CPU from all else. */
static void tick_fire(struct timer *timer)
{
	sched_tick(irq_hit_user());
	/* The idle task on its way out believes that this tick goes on. */
	if (current != this_rq()->idle || need_resched())
		timer_start(timer, next_tick(ktime_get()));
}

void tick_start(void)
{
	struct timer *timer = this_cpu_ptr(tick_timer);
	nsec_t now;

	if (timer_pending(timer))
		return;
	if (!timer->fn)
		timer_init(timer, tick_fire);
	now = ktime_get();
	/* While all were idle nobody moved the coarse clocks on. */
	do_duty(now);
	timer_start(timer, next_tick(now));
}

nsec_t task_sum_exec(struct task *t) NO_THREAD_SAFETY_ANALYSIS
{
	unsigned long flags;
	struct rq *rq = task_rq_lock(t, &flags);
	nsec_t sum;

	if (t == rq->curr && rq->cpu == cpu_id())
		rq_update(rq);
	sum = t->se.sum_exec;
	if (t == rq->curr && rq->cpu != cpu_id())
		sum += ktime_get() - t->se.exec_start;
	task_rq_unlock(rq, flags);
	return sum;
}

void task_cputime(struct task *t, nsec_t *utime, nsec_t *stime)
{
	nsec_t sum = task_sum_exec(t);
	u64 u = READ_ONCE(t->utime) / TICK_NSEC, s = READ_ONCE(t->stime) / TICK_NSEC;

	/* No sample yet: call it system time, as a task begins and ends there. */
	*utime = u + s ? mul_u64_u64_div_u64(sum, u, u + s) : 0;
	*stime = sum - *utime;
}

void sched_cpu_usage(unsigned cpu, struct cpu_usage *out)
{
	struct rq *rq = &runqueues[cpu];

	*out = rq->usage;
	out->idle = rq->idle ? task_sum_exec(rq->idle) : 0;
}

u64 task_turns(struct task *t)
{
	/* Each ends in one of two ways, but the one that lasts. */
	return READ_ONCE(t->nvcsw) + READ_ONCE(t->nivcsw) + !task_off_cpu(t);
}

void sched_cpu_stat(unsigned cpu, struct sched_cpu_stat *out)
{
	struct rq *rq = &runqueues[cpu];
	nsec_t idle = task_sum_exec(rq->idle), now = ktime_get();
	u64 idle_turns = READ_ONCE(rq->idle->nivcsw), switches = READ_ONCE(rq->nr_switches);

	*out = (struct sched_cpu_stat){
		.yields = READ_ONCE(rq->nr_yields),
		.schedules = switches + READ_ONCE(rq->nr_stays),
		.to_idle = idle_turns,
		.woken = READ_ONCE(rq->nr_woken),
		.woken_here = READ_ONCE(rq->nr_woken_here),
		.turns = switches - min(idle_turns, switches),
		.busy = now - min(idle, now),
		.run_delay = READ_ONCE(rq->run_delay) - READ_ONCE(rq->idle->run_delay),
	};
}
