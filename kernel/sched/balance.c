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

#define SCAN_LIMIT	32	/* tasks looked at for one that may move */

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

/* A queued task of `from` that may run on `to`; only_rt: the most urgent of those in real time. */
static struct task *find_movable(struct rq *from, unsigned to, bool only_rt)
{
	struct task *t, *found = NULL;
	unsigned left = SCAN_LIMIT;

	list_for_each_entry(t, &from->tasks, rq_link) {
		if (!left--)
			break;
		if (t == from->curr || !cpu_allowed(t, to))
			continue;
		if (!only_rt)
			return t;
		if (task_is_rt(t) && (!found || t->prio < found->prio))
			found = t;
	}
	return found;
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
	t = find_movable(busiest, rq->cpu, false);
	if (t)
		move_task(busiest, rq, t);
	rq_unlock(busiest);
}

static void push(struct rq *rq, unsigned cpu, bool only_rt)
{
	struct rq *to = &runqueues[cpu];
	struct task *t = find_movable(rq, cpu, only_rt);

	if (!t || (only_rt && rt_would_wait(t, cpu)) || !rq_trylock(to))
		return;
	move_task(rq, to, t);
	rq_check_preempt(to, t);
	rq_unlock(to);
}

/* Real-time tasks that wait here go where something less urgent runs. */
static void push_rt(struct rq *rq)
{
	for_each_online_cpu(n)
		if (n != rq->cpu && rt_ready(&rq->rt))
			push(rq, n, true);
}

void balance_tick(struct rq *rq) NO_THREAD_SAFETY_ANALYSIS
{
	unsigned idlest = rq->cpu;

	if (rq->nr_running < 2)
		return;
	if (unlikely(rt_ready(&rq->rt)))
		push_rt(rq);
	for_each_online_cpu(n)
		if (load_of(n) < load_of(idlest))
			idlest = n;
	if (load_of(idlest) + 2 <= rq->nr_running)
		push(rq, idlest, false);
}
