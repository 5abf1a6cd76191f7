/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which CPU a task runs on, under every policy: placed when it wakes or begins,
 * pulled by a CPU that runs dry, pushed by the tick of one that has too many.
 * A CPU's load is the number of its ready tasks.
 *
 * Of a second run queue only a trylock is taken, so that no order is needed: a
 * move that fails now is made by a later tick.
 */
#include "sched.h"

#define SCAN_LIMIT	32u	/* tasks looked at for one that may move */

static bool rq_trylock(struct rq *rq) NO_THREAD_SAFETY_ANALYSIS
{
	return ticket_try(&rq->lock);
}

static void rq_unlock(struct rq *rq) NO_THREAD_SAFETY_ANALYSIS
{
	ticket_release(&rq->lock);
}

static unsigned load_of(unsigned cpu) NO_THREAD_SAFETY_ANALYSIS
{
	return READ_ONCE(runqueues[cpu].nr_running);
}

/* A real-time task would wait on this CPU. Racy: the answer is a hint. */
static bool rt_would_wait(const struct task *t, unsigned cpu)
{
	return task_is_rt(t) && READ_ONCE(runqueues[cpu].curr)->prio <= t->prio;
}

/* Its last CPU if that is idle, else an idle one, else the one with the fewest tasks. */
unsigned select_cpu_smp(const struct task *t)
{
	unsigned home = (unsigned)t->cpu, best = home, least = UINT_MAX;

	if (cpu_allowed(t, home)) {
		least = load_of(home);
		if (!least)
			return home;
		if (rt_would_wait(t, home))
			least = UINT_MAX;
		else if (task_is_rt(t))
			return home;		/* it runs at once: no reason to move */
	}
	for_each_online_cpu(n) {
		unsigned load = load_of(n);

		if (n == home || !cpu_allowed(t, n))
			continue;
		if (!load)
			return n;
		if (!cpu_allowed(t, best))
			best = n;
		if (load < least && !rt_would_wait(t, n)) {
			best = n;
			least = load;
		}
	}
	return best;
}

/* The next queued task of rq after `t`, or the first after NULL, as long as *left of them are left. */
static struct task *next_queued(struct rq *rq, struct task *t, unsigned *left)
{
	struct list_head *at = t ? &t->rq_link : &rq->tasks;

	while ((at = at->next) != &rq->tasks) {
		t = list_entry(at, struct task, rq_link);
		if (t != rq->curr)
			return (*left)-- ? t : NULL;
	}
	return NULL;
}

#define for_each_queued(t, rq)								\
	for (unsigned __left = ((t) = NULL, SCAN_LIMIT); ((t) = next_queued(rq, t, &__left)); )

static struct task *find_movable(struct rq *from, unsigned to)
{
	struct task *t;

	for_each_queued(t, from)
		if (cpu_allowed(t, to))
			return t;
	return NULL;
}

/* Both queues are locked. */
static void move_task(struct rq *from, struct rq *to, struct task *t) NO_THREAD_SAFETY_ANALYSIS
{
	rq_update(from);
	rq_update(to);
	rq_deactivate(from, t, false);
	task_set_rq(t, to);
	rq_activate(to, t, ENQUEUE_MOVE);
	trace_migrated(t, to->cpu);
}

void balance_pull(struct rq *rq)
{
	struct rq *busiest = NULL;
	unsigned most = 1;
	struct task *t;

	for_each_online_cpu(n) {
		if (load_of(n) > most) {
			most = load_of(n);
			busiest = &runqueues[n];
		}
	}
	if (!busiest || !rq_trylock(busiest))
		return;
	t = find_movable(busiest, rq->cpu);
	if (t)
		move_task(busiest, rq, t);
	rq_unlock(busiest);
}

static bool push(struct rq *rq, struct task *t, unsigned cpu)
{
	struct rq *to = &runqueues[cpu];

	if (!rq_trylock(to))
		return false;
	move_task(rq, to, t);
	rq_check_preempt(to, t);
	rq_unlock(to);
	return true;
}

/* Where t, in real time, would run at once: where the least urgent runs. UINT_MAX: nowhere of these. */
static unsigned rt_target(const struct task *t, u64 where)
{
	unsigned best = UINT_MAX;
	int least = t->prio;

	for_each_online_cpu(n) {
		int prio = load_of(n) ? READ_ONCE(runqueues[n].curr)->prio : INT_MAX;

		if (where >> n & 1 && cpu_allowed(t, n) && prio > least) {
			best = n;
			least = prio;
		}
	}
	return best;
}

/* Real-time tasks that wait here go where something less urgent runs, one to each CPU. */
static void push_rt(struct rq *rq)
{
	u64 where = ~(1ull << rq->cpu);

	for (;;) {
		struct task *t, *first = NULL;
		unsigned target = UINT_MAX;

		for_each_queued(t, rq) {
			unsigned n;

			if (!task_is_rt(t) || (first && t->prio >= first->prio))
				continue;
			n = rt_target(t, where);
			if (n != UINT_MAX) {
				first = t;
				target = n;
			}
		}
		if (!first || !push(rq, first, target))
			return;
		where &= ~(1ull << target);
	}
}

/* A real-time task that waits on another CPU and is more urgent than what runs here comes. */
static void pull_rt(struct rq *rq)
{
	for_each_online_cpu(n) {
		struct rq *from = &runqueues[n];
		struct task *t, *first = NULL;

		if (n == rq->cpu || !rt_ready(&from->rt) || !rq_trylock(from))
			continue;
		for_each_queued(t, from)
			if (task_is_rt(t) && cpu_allowed(t, rq->cpu) && t->prio < rq->curr->prio &&
			    (!first || t->prio < first->prio))
				first = t;
		if (first) {
			move_task(from, rq, first);
			rq_check_preempt(rq, first);
		}
		rq_unlock(from);
		if (first)
			return;
	}
}

void balance_rt(struct rq *rq)
{
	if (READ_ONCE(nr_cpus_online) == 1)
		return;
	if (rt_ready(&rq->rt))
		push_rt(rq);
	else if (!rq->rt.throttled)
		pull_rt(rq);
}

/* One goes to the least busy CPU of those that one may go to, if that has two fewer. */
void balance_tick(struct rq *rq) NO_THREAD_SAFETY_ANALYSIS
{
	unsigned idlest = rq->cpu, least = rq->nr_running - 1;
	struct task *t;
	u64 where = 0;

	if (rq->nr_running < 2)
		return;
	if (unlikely(rt_ready(&rq->rt)))
		push_rt(rq);
	for_each_queued(t, rq)
		where |= t->cpus_allowed;
	for_each_online_cpu(n) {
		if (where >> n & 1 && load_of(n) < least) {
			idlest = n;
			least = load_of(n);
		}
	}
	if (idlest == rq->cpu)
		return;
	t = find_movable(rq, idlest);
	if (t)
		push(rq, t, idlest);
}
