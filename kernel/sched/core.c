/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The scheduler core: run queues, wake-up and the switch. Which ready task is
 * next is the policy's decision (rt.c's for real-time tasks); everything about
 * who is ready, on which CPU and since when is decided here.
 */
#include <arch/context.h>
#include <arch/smp.h>
#include <arch/tlb.h>
#include <kernel/irq.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/rseq.h>
#include <kernel/signal.h>
#include <kernel/timer.h>
#include <mm/mm.h>
#include <trace/counters.h>
#include <trace/ctx.h>
#include <trace/gate.h>
#include <trace/hist.h>
#include <trace/sched.h>

#include "sched.h"

/* The policy's file, by the Makefile: as a part of this one its calls are direct, or inline. */
#define POLICY_FILE(name)	POLICY_STRING(name)
#define POLICY_STRING(name)	#name
#include POLICY_FILE(SCHED_POLICY)
#ifdef __CHECKER__
#define inline_call	/* sparse takes no attribute of a statement */
#else
#define inline_call	[[clang::always_inline]]	/* in front of a statement: its calls */
#endif

_Static_assert(offsetof(struct task, work) == offsetof(struct task_hot, work) &&
	       offsetof(struct task, preempt_count) == offsetof(struct task_hot, preempt_count),
	       "struct task begins with struct task_hot");
_Static_assert(CONFIG_NR_CPUS <= 64, "affinity masks are one word");

struct rq runqueues[CONFIG_NR_CPUS];

struct rq *task_rq_lock(struct task *t, unsigned long *flags) NO_THREAD_SAFETY_ANALYSIS
{
	struct rq *rq;

	for (;;) {
		rq = READ_ONCE(t->rq);
		spin_lock_irqsave(&rq->lock, *flags);
		if (likely(rq == READ_ONCE(t->rq)))
			return rq;
		spin_unlock_irqrestore(&rq->lock, *flags);
	}
}

void task_rq_unlock(struct rq *rq, unsigned long flags) NO_THREAD_SAFETY_ANALYSIS
{
	spin_unlock_irqrestore(&rq->lock, flags);
}

void rq_update(struct rq *rq)
{
	struct sched_entity *e = &rq->curr->se;
	nsec_t now = ktime_get_inline();

	rq->clock = now;
	e->sum_exec += now - e->exec_start;
	e->exec_start = now;
}

/* The running real-time task stops being ready, or one. */
static noinline void rt_leaves(struct rq *rq, struct task *t)
{
	rt_charge(&rq->rt, t);
	rq->after |= AFTER_RT;	/* it leaves room for one that waits elsewhere */
}

/* Queue operations that pick between the real-time queue and the policy. */

void queue_add(struct rq *rq, struct task *t, enum enqueue_reason why, bool head)
{
	if (task_is_rt(t))
		rt_enqueue(&rq->rt, t, head);
	else
		sched_policy.enqueue(rq->cpu, &t->se, why, rq->clock);
}

void queue_del(struct rq *rq, struct task *t, bool sleeping)
{
	if (t == rq->curr && rq->curr_requeue)	/* change.c took it out */
		return;
	if (!task_is_rt(t))
		sched_policy.dequeue(rq->cpu, &t->se, sleeping, rq->clock);
	else if (t != rq->curr)
		rt_dequeue(&rq->rt, t);
	else
		rt_leaves(rq, t);
}

/* t stops waiting. Idle counts as well, for want of a branch: sched_cpu_stat() takes it off again. */
static __always_inline void count_wait(struct rq *rq, struct task *t)
{
	nsec_t wait = rq->clock - t->se.exec_start;

	t->run_delay += wait;
	rq->run_delay += wait;
}

/* t counts as one of rq's from now on, or no longer. */
static __always_inline void rq_count_in(struct rq *rq, struct task *t) REQUIRES(&rq->lock)
{
	t->se.on_rq = true;
	t->se.exec_start = rq->clock;
	rq->nr_running++;
	if (IS_ENABLED(CONFIG_SMP))
		list_add_tail(&t->rq_link, &rq->tasks);
}

static __always_inline void rq_count_out(struct rq *rq, struct task *t) REQUIRES(&rq->lock)
{
	t->se.on_rq = false;
	rq->nr_running--;
	if (IS_ENABLED(CONFIG_SMP))
		__list_unlink(t->rq_link.prev, t->rq_link.next);
}

void rq_activate(struct rq *rq, struct task *t, enum enqueue_reason why)
{
	spin_assert_held(&rq->lock);
	rq_count_in(rq, t);
	queue_add(rq, t, why, false);
}

/* The same for a wake-up, with the policy inline. */
static __always_inline void activate_woken(struct rq *rq, struct task *t)
	REQUIRES(&rq->lock)
{
	rq_count_in(rq, t);
	if (unlikely(task_is_rt(t)))
		rt_enqueue(&rq->rt, t, false);
	else
		inline_call sched_policy.enqueue(rq->cpu, &t->se, ENQUEUE_WAKE, rq->clock);
}

void rq_deactivate(struct rq *rq, struct task *t, bool sleeping)
{
	spin_assert_held(&rq->lock);
	queue_del(rq, t, sleeping);
	if (!sleeping && t != rq->curr)
		count_wait(rq, t);
	rq_count_out(rq, t);
}

/* The running task goes to sleep: no queue has it, the policy its sums, but after curr_requeue. */
static __always_inline void deactivate_curr(struct rq *rq, struct task *curr)
	REQUIRES(&rq->lock)
{
	if (likely(!rq->curr_requeue && !task_is_rt(curr)))
		inline_call sched_policy.dequeue(rq->cpu, &curr->se, true, rq->clock);
	else
		rt_leaves(rq, curr);
	rq_count_out(rq, curr);
}

/* Some real-time task is ready. */
static noinline struct task *pick_with_rt(struct rq *rq)
{
	struct task *t;

	if (unlikely(rq->rt.throttled)) {
		struct sched_entity *e = sched_policy.pick_next(rq->cpu, rq->clock);

		if (e)
			return container_of(e, struct task, se);
	}
	t = rt_pick(&rq->rt);
	if (rt_ready(&rq->rt))
		rq->after |= AFTER_RT;
	return t;
}

static __always_inline struct task *pick_next(struct rq *rq)
{
	struct sched_entity *e;

	if (unlikely(rt_ready(&rq->rt)))
		return pick_with_rt(rq);
	inline_call e = sched_policy.pick_next(rq->cpu, rq->clock);
	return likely(e) ? container_of(e, struct task, se) : rq->idle;
}

/* What becomes of the running task that is still ready. */
static void put_prev(struct rq *rq, struct task *prev)
{
	if (prev == rq->idle)
		return;
	if (unlikely(!cpu_allowed(prev, rq->cpu))) {
		/* Its registers are not saved yet: finish_switch() sends it away. */
		rq_deactivate(rq, prev, false);
		rq->after |= AFTER_PUSH;
	} else if (unlikely(rq->curr_requeue)) {
		if (task_is_rt(prev))
			rt_charge(&rq->rt, prev);
		queue_add(rq, prev, ENQUEUE_MOVE, rq->curr_requeue == REQUEUE_HEAD);
	} else if (task_is_rt(prev)) {
		rt_charge(&rq->rt, prev);
		/* At the head, unless its turn is over. */
		rt_enqueue(&rq->rt, prev, prev->rt_slice < RT_SLICE);
	} else {
		sched_policy.put_prev(rq->cpu, &prev->se, rq->clock);
	}
}

/* Asking for a switch. */

void resched_rq(struct rq *rq)
{
	if (task_has_work(rq->curr, WORK_RESCHED))
		return;
	task_set_work(rq->curr, WORK_RESCHED);
	TRACE(sched_resched, rq->cpu);
	if (IS_ENABLED(CONFIG_SMP) && rq->cpu != cpu_id()) {
		TRACE(sched_ipi, rq->cpu);
		arch_ipi_send(1ull << rq->cpu, IPI_RESCHED);
	}
}

void resched_cpu(unsigned cpu)
{
	struct rq *rq = &runqueues[cpu];
	unsigned long flags;

	spin_lock_irqsave(&rq->lock, flags);
	resched_rq(rq);
	spin_unlock_irqrestore(&rq->lock, flags);
}

void set_need_resched(void)
{
	task_set_work(current, WORK_RESCHED);
}

/* One of the two, at least, is a real-time task. */
static noinline bool rt_should_preempt(struct rq *rq, struct task *curr, struct task *woken)
{
	if (unlikely(rq->rt.throttled) && task_is_rt(curr) != task_is_rt(woken))
		return task_is_rt(curr);
	return woken->prio < curr->prio;
}

static __always_inline bool should_preempt(struct rq *rq, struct task *woken)
{
	struct task *curr = rq->curr;
	bool yes;

	if (curr == rq->idle)
		return true;
	if (unlikely(task_is_rt(curr) || task_is_rt(woken)))
		return rt_should_preempt(rq, curr, woken);
	inline_call yes = sched_policy.check_preempt(rq->cpu, &curr->se, &woken->se, rq->clock);
	return yes;
}

/* Inline for the wake-up, which is the hot one. */
static __always_inline void check_preempt(struct rq *rq, struct task *woken)
{
	if (task_has_work(rq->curr, WORK_RESCHED) || !should_preempt(rq, woken))
		return;
	TRACE(sched_preempt, rq->curr->tid, woken->tid);
	resched_rq(rq);
}

void rq_check_preempt(struct rq *rq, struct task *woken)
{
	check_preempt(rq, woken);
}

/* Wake-up. */

/* Hands t, which is on no queue, over to another CPU. Swaps the locks. */
static struct rq *move_to(struct rq *rq, struct task *t, unsigned cpu) NO_THREAD_SAFETY_ANALYSIS
{
	task_set_rq(t, &runqueues[cpu]);
	if (SPIN_TICKETS)
		ticket_release(&rq->lock);
	trace_migrated(t, cpu);
	rq = &runqueues[cpu];
	if (SPIN_TICKETS)
		ticket_acquire(&rq->lock);
	return rq;
}

void trace_migrated(const struct task *t, unsigned cpu)
{
	TRACE(sched_migrate, t->tid, cpu);
}

/* TASK_NEW keeps wakers away while neither queue is locked; t's affinity may change. */
static __always_inline struct rq *find_place(struct rq *rq, struct task *t)
	NO_THREAD_SAFETY_ANALYSIS
{
	unsigned cpu;

	t->state = TASK_NEW;
	cpu = select_cpu(t);
	while (IS_ENABLED(CONFIG_SMP) && unlikely(cpu != rq->cpu)) {
		rq = move_to(rq, t, cpu);
		cpu = cpu_allowed(t, cpu) ? cpu : select_cpu(t);
	}
	t->state = TASK_RUNNING;
	rq_update(rq);
	return rq;
}

struct rq *rq_place(struct rq *rq, struct task *t, enum enqueue_reason why)
	NO_THREAD_SAFETY_ANALYSIS
{
	rq = find_place(rq, t);
	rq_activate(rq, t, why);
	return rq;
}

/* Returns rq, so that task_wake() has it back where it was and needs no room to keep it. */
static noinline struct rq *trace_wake(struct rq *rq, struct task *t)
{
	TRACE(sched_wake, t->tid, rq->cpu);
	if (hist_on())
		t->wake_stamp = trace_hist_stamp();
	return rq;
}

bool task_wake(struct task *t, unsigned states) NO_THREAD_SAFETY_ANALYSIS
{
	unsigned long flags;
	struct rq *rq;
	bool woke;

	/* What the waker did before, and then the look at the state: see set_current_state(). */
	smp_mb();
	rq = task_rq_lock(t, &flags);
	woke = t->state & states;
	if (!woke)
		goto out;
	if (t->se.on_rq) {		/* it is still on its way to sleep */
		t->state = TASK_RUNNING;
		goto out;
	}
	if (t->state & TASK_UNINTERRUPTIBLE)
		rq->nr_uninterruptible--;
	rq = find_place(rq, t);
	activate_woken(rq, t);
	rq->nr_woken++;
	rq->nr_woken_here += rq == this_rq();
	if (trace_wake_gate())
		rq = trace_wake(rq, t);
	check_preempt(rq, t);
out:
	task_rq_unlock(rq, flags);
	return woke;
}

bool task_off_cpu(struct task *t)
{
	unsigned long flags;
	struct rq *rq = task_rq_lock(t, &flags);
	bool off = rq->curr != t;

	task_rq_unlock(rq, flags);
	return off;
}

/* The switch. */

/* The moves that a switch makes due; they may swap the locks: returns the queue that is locked then. */
static noinline struct rq *after_switch(struct rq *rq, struct task *prev) NO_THREAD_SAFETY_ANALYSIS
{
	u8 due = rq->after;

	rq->after = 0;
	if (due & AFTER_RT)
		balance_rt(rq);
	if (due & AFTER_PUSH) {
		rq = rq_place(rq, prev, ENQUEUE_MOVE);
		rq_check_preempt(rq, prev);
	}
	return rq;
}

/* On the new task's stack: what the old one could not do for itself. Enables IRQs. */
static void finish_switch(struct task *prev) NO_THREAD_SAFETY_ANALYSIS
{
	bool dead = prev->state == TASK_DEAD;
	struct rq *rq = this_rq();

	if (IS_ENABLED(CONFIG_SMP) && unlikely(rq->after))
		rq = after_switch(rq, prev);
	if (SPIN_TICKETS)
		ticket_release(&rq->lock);
	local_irq_enable();
	if (unlikely(dead))
		task_dead(prev);
}

void schedule_tail(struct task *prev) NO_THREAD_SAFETY_ANALYSIS
{
	finish_switch(prev);
	preempt_enable();
}

static noinline void trace_switch(struct rq *rq, struct task *prev, struct task *next)
{
	TRACE(sched_pick, next->tid);
	if (next == prev)
		return;
	TRACE(ctx_switch, prev->tid, next->tid, prev->state);
	if (hist_on() && next->wake_stamp) {
		trace_hist_add(HIST_SCHED_DELAY, next->wake_stamp);
		next->wake_stamp = 0;
	}
	if (next == rq->idle)
		TRACE(ctx_to_idle, rq->cpu);
}

static void __sched switch_to(struct rq *rq, struct task *prev, struct task *next)
{
	struct cpu *cpu = this_cpu();

	rq->curr = next;
	rq->curr_requeue = REQUEUE_NO;
	rq->nr_switches++;
	count_wait(rq, next);
	next->se.exec_start = rq->clock;
	count_event(CTX_SWITCH_TOTAL);
	rseq_switched_out(prev);
	/*
	 * A task without an mm runs on the empty table: no mm can be freed under a
	 * CPU that still walks it. With ASIDs this costs a register write.
	 */
	if (next->mm != cpu->active_mm) {
		arch_mm_switch(cpu->active_mm, next->mm, next);
		cpu->active_mm = next->mm;
	}
	finish_switch(context_switch(prev, next));
}

/* A signal came that ends prev's sleep, before it began. */
static __always_inline bool sleep_is_over(struct task *prev)
{
	if (likely(!signal_pending(prev)) || !signal_pending_state(prev->state, prev))
		return false;
	prev->state = TASK_RUNNING;
	return true;
}

/*
 * Picks and switches. `preempted`: the task did not ask to sleep, whatever its
 * state says. Entered with IRQs on or off, returns with IRQs on.
 */
static void __sched switch_task(bool preempted) NO_THREAD_SAFETY_ANALYSIS
{
	struct task *prev = current, *next;
	u64 *count = &prev->nivcsw;
	struct rq *rq;

	local_irq_disable();
	rq = this_rq();
	if (SPIN_TICKETS)
		ticket_acquire(&rq->lock);
	/* Others set it only under the lock, so that a look is enough. */
	if (task_has_work(prev, WORK_RESCHED))
		task_clear_work(prev, WORK_RESCHED);
	rq_update(rq);

	if (!preempted && prev->state != TASK_RUNNING && !sleep_is_over(prev)) {
		if (prev->state & TASK_UNINTERRUPTIBLE)
			rq->nr_uninterruptible++;
		deactivate_curr(rq, prev);
		count = &prev->nvcsw;
	} else if (prev->se.on_rq) {
		put_prev(rq, prev);
	}
	if (IS_ENABLED(CONFIG_SMP) && !rq->nr_running && READ_ONCE(nr_cpus_online) > 1)
		balance_pull(rq);
	next = pick_next(rq);
	if (trace_switch_gate())
		trace_switch(rq, prev, next);
	if (likely(next != prev)) {
		++*count;
		switch_to(rq, prev, next);
		return;
	}
	rq->curr_requeue = REQUEUE_NO;
	rq->nr_stays++;
	watchdog_touch(rq);
	if (IS_ENABLED(CONFIG_SMP) && unlikely(rq->after))
		rq = after_switch(rq, NULL);
	if (SPIN_TICKETS)
		ticket_release(&rq->lock);
	local_irq_enable();
}

void schedule_idle(void)
{
	switch_task(false);
}

void __sched schedule(void)
{
	do {
		assert_may_sleep();
		preempt_disable();
		switch_task(false);
		preempt_enable_no_resched();
	} while (unlikely(need_resched()));
}

static void preempt_once(void)
{
	preempt_disable();
	switch_task(true);
	preempt_enable_no_resched();
}

void preempt_schedule(void)
{
	if (irqs_disabled())
		return;
	do {
		preempt_once();
	} while (need_resched());
}

void __sched preempt_schedule_irq(void)
{
	do {
		preempt_once();
		local_irq_disable();
	} while (need_resched());
}

void cond_resched_slow(void)
{
	if (!in_atomic())
		preempt_schedule();
}

void set_current_state(unsigned state)
{
	WRITE_ONCE(current->state, state);
	smp_mb();
}

void might_sleep_report(const char *file, int line)
{
	static bool reported;

	if (__atomic_exchange_n(&reported, true, __ATOMIC_RELAXED))
		return;
	pr_err("sched: %s:%d: not allowed in this context (preempt_count %#x, task %s)\n",
	       file, line, preempt_count(), current->comm);
	dump_stack();
}

void sched_yield_current(void)
{
	struct task *t = current;
	struct rq *rq;

	local_irq_disable();
	rq = this_rq();
	spin_lock(&rq->lock);
	rq_update(rq);
	rq->nr_yields++;
	if (task_is_rt(t))
		t->rt_slice = RT_SLICE;
	else if (!rq->curr_requeue)	/* else it is in no queue, and will join at the tail */
		sched_policy.yield(rq->cpu, &t->se, rq->clock);
	spin_unlock(&rq->lock);
	local_irq_enable();
	schedule();
}

void sched_die(void)
{
	lockdep_check_none_held("a task ended");
	preempt_disable();
	WRITE_ONCE(current->state, TASK_DEAD);
	switch_task(false);
	panic("sched: a dead task ran again");
}
