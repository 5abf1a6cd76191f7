/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Multi-level feedback queues: tasks that use little CPU run before those that use
 * much, without anybody saying which is which.
 *
 * A task begins on the top level (a child on its parent's). The best level that has
 * a ready task runs, its tasks in turn. Each level allows a slice in total, however
 * often the task sleeps in between, and twice the slice of the level above; a task
 * that has used it up goes down a level. Two things lead upwards:
 *
 * - Sleep: an eighth of the time slept is taken off the slice used, and lifts the
 *   task by a level when that reaches zero. So a task that uses less than about a
 *   ninth of the CPU stays where it answers at once.
 * - The boost: at fixed times all tasks go back to the top level. It ends the
 *   starvation of those below, and gives one that changed its ways a new start.
 *
 * nice stretches or shrinks the slices, up to fourfold. SCHED_IDLE is a level below
 * all, which knows no boost.
 *
 * The boost is O(levels): it joins the lists and counts the period up; an entity
 * whose period is not its queue's counts as one on the top level.
 */
#include <kernel/sched_policy.h>

#define MAX_LEVELS	8
#define IDLE_LEVEL	MAX_LEVELS
#define SLEEP_SHARE	8	/* 1/8 of the time slept is paid back */
#define NICE_STRETCH	4	/* by weight, at most this */

static u32 mlfq_levels = CONFIG_SCHED_MLFQ_LEVELS;
static u32 mlfq_boost_ms = CONFIG_SCHED_MLFQ_BOOST_MS;
SCHED_TUNABLE(mlfq_levels, "mlfq_levels", 2, MAX_LEVELS);
SCHED_TUNABLE(mlfq_boost_ms, "mlfq_boost_ms", 10, 100000);

/* What the entity's fields mean here. */
#define period(e)	((e)->deadline)		/* boost period that level belongs to */
#define asleep_since(e)	((e)->vruntime)		/* 0: not asleep */
#define yielded(e)	((e)->vlag)		/* boolean */

static struct mlfq_queue {
	u32	ready;			/* bit n: level[n] is not empty; 0 is the top */
	u64	period;			/* boosts so far, by the clock */
	nsec_t	boost_at;
	struct list_head level[MAX_LEVELS + 1];
} queues[CONFIG_NR_CPUS];

static void mlfq_init_rq(unsigned cpu)
{
	for (unsigned i = 0; i <= MAX_LEVELS; i++)
		INIT_LIST_HEAD(&queues[cpu].level[i]);
}

static void mlfq_task_init(struct sched_entity *e, const struct sched_entity *parent)
{
	if (!parent || parent->level == IDLE_LEVEL)
		return;
	e->level = parent->level;
	e->slice_used = parent->slice_used;
	period(e) = period(parent);
}

/* ns that e may use on its level, in total. */
static nsec_t allotment(const struct sched_entity *e)
{
	u32 weight = clamp(e->weight, SCHED_WEIGHT_NICE0 / NICE_STRETCH,
			   SCHED_WEIGHT_NICE0 * NICE_STRETCH);

	if (e->level == IDLE_LEVEL)
		return sched_slice_ns();
	return (sched_slice_ns() << e->level) * weight / SCHED_WEIGHT_NICE0;
}

static u8 level_below(const struct sched_entity *e)
{
	return e->level + 1u < mlfq_levels ? e->level + 1 : e->level;
}

/* Makes e's level that of the present period. */
static void refresh(const struct mlfq_queue *q, struct sched_entity *e)
{
	if (period(e) == q->period || e->level == IDLE_LEVEL)
		return;
	period(e) = q->period;
	e->level = 0;
	e->slice_used = 0;
}

static void boost_if_due(struct mlfq_queue *q, nsec_t now)
{
	nsec_t length = (nsec_t)mlfq_boost_ms * 1000000;
	u32 all = (1u << MAX_LEVELS) - 1;

	if (likely(now < q->boost_at))
		return;
	q->period = now / length + 1;	/* not 0, which a new entity has */
	q->boost_at = q->period * length;
	for (unsigned i = 1; i < MAX_LEVELS; i++)
		list_splice_tail_init(&q->level[i], &q->level[0]);
	if (q->ready & all)
		q->ready = (q->ready & ~all) | 1;
}

static void add(struct mlfq_queue *q, struct sched_entity *e, bool head)
{
	if (head)
		list_add(&e->link, &q->level[e->level]);
	else
		list_add_tail(&e->link, &q->level[e->level]);
	q->ready |= 1u << e->level;
}

static void del(struct mlfq_queue *q, struct sched_entity *e)
{
	list_del_init(&e->link);
	if (list_empty(&q->level[e->level]))
		q->ready &= ~(1u << e->level);
}

/* True while e has used up its level. */
static bool charge(struct sched_entity *e)
{
	e->slice_used += e->sum_exec - e->last_sum;
	e->last_sum = e->sum_exec;
	return e->slice_used >= allotment(e);
}

static void demote(struct sched_entity *e)
{
	e->level = level_below(e);
	e->slice_used = 0;
}

static void pay_back(struct sched_entity *e, nsec_t slept)
{
	nsec_t credit = slept / SLEEP_SHARE;

	while (credit > e->slice_used && e->level) {
		credit -= e->slice_used;
		e->level--;
		e->slice_used = allotment(e);
	}
	e->slice_used -= min(credit, e->slice_used);
}

static void mlfq_enqueue(unsigned cpu, struct sched_entity *e, enum enqueue_reason why, nsec_t now)
{
	struct mlfq_queue *q = &queues[cpu];

	boost_if_due(q, now);
	if (e->idle_policy)
		e->level = IDLE_LEVEL;
	else if (e->level >= mlfq_levels)
		e->level = mlfq_levels - 1;
	refresh(q, e);
	if (asleep_since(e) && why == ENQUEUE_WAKE && now > asleep_since(e) &&
	    e->level != IDLE_LEVEL)
		pay_back(e, now - asleep_since(e));
	asleep_since(e) = 0;
	yielded(e) = false;
	add(q, e, false);
}

static void mlfq_dequeue(unsigned cpu, struct sched_entity *e, bool sleeping, nsec_t now)
{
	struct mlfq_queue *q = &queues[cpu];

	refresh(q, e);
	del(q, e);			/* harmless for the running entity */
	if (charge(e))
		demote(e);
	asleep_since(e) = sleeping ? now : 0;
}

static struct sched_entity *mlfq_pick_next(unsigned cpu, nsec_t now)
{
	struct mlfq_queue *q = &queues[cpu];
	struct sched_entity *e;

	boost_if_due(q, now);
	if (!q->ready)
		return NULL;
	e = list_first_entry(&q->level[__builtin_ctz(q->ready)], struct sched_entity, link);
	refresh(q, e);
	del(q, e);
	e->last_sum = e->sum_exec;
	return e;
}

static void mlfq_put_prev(unsigned cpu, struct sched_entity *e, nsec_t now)
{
	struct mlfq_queue *q = &queues[cpu];
	bool over;

	refresh(q, e);
	over = charge(e);
	if (over)
		demote(e);
	add(q, e, !over && !yielded(e));
	yielded(e) = false;
}

static bool mlfq_tick(unsigned cpu, struct sched_entity *e, nsec_t now)
{
	struct mlfq_queue *q = &queues[cpu];

	boost_if_due(q, now);
	refresh(q, e);
	if (q->ready & ((1u << e->level) - 1))
		return true;
	if (!charge(e))
		return false;
	if (q->ready & ((2u << level_below(e)) - 1))
		return true;		/* put_prev() demotes it */
	demote(e);
	return false;
}

static bool mlfq_check_preempt(unsigned cpu, struct sched_entity *curr,
			       struct sched_entity *woken, nsec_t now)
{
	refresh(&queues[cpu], curr);
	return woken->level < curr->level;
}

static void mlfq_yield(unsigned cpu, struct sched_entity *e, nsec_t now)
{
	yielded(e) = true;
}

/* What it slept as a real-time task, or before it became one, counts for nothing. */
static void mlfq_set_params(unsigned cpu, struct sched_entity *e)
{
	asleep_since(e) = 0;
}

static nsec_t mlfq_slice(const struct sched_entity *e)
{
	return allotment(e);
}

const struct sched_policy sched_policy = {
	.name = "mlfq",
	.init_rq = mlfq_init_rq,
	.task_init = mlfq_task_init,
	.enqueue = mlfq_enqueue,
	.dequeue = mlfq_dequeue,
	.pick_next = mlfq_pick_next,
	.put_prev = mlfq_put_prev,
	.tick = mlfq_tick,
	.check_preempt = mlfq_check_preempt,
	.yield = mlfq_yield,
	.set_params = mlfq_set_params,
	.slice = mlfq_slice,
};
