/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fixed priorities: each nice value is a level, and the CPU belongs to the best
 * level that has a ready task, at once. Within a level tasks take turns of one
 * slice in the order of arrival; one that is interrupted by a better level stays at
 * the head and finishes its turn. SCHED_IDLE is a level below all.
 *
 * A busy task starves all levels below its own: that is what this policy is for.
 * A bitmap tells which levels are not empty, so that every operation is O(1).
 */
#include <kernel/sched_policy.h>

#define NICE_LEVELS	40
#define IDLE_LEVEL	NICE_LEVELS
#define LEVELS		(NICE_LEVELS + 1)

static struct prio_queue {
	u64 ready;			/* bit n: level[n] is not empty; 0 is the best */
	struct list_head level[LEVELS];
} queues[CONFIG_NR_CPUS];

static void prio_init_rq(unsigned cpu)
{
	for (unsigned i = 0; i < LEVELS; i++)
		INIT_LIST_HEAD(&queues[cpu].level[i]);
}

static void prio_task_init(struct sched_entity *e, const struct sched_entity *parent)
{
}

static u8 level_of(const struct sched_entity *e)
{
	return e->idle_policy ? IDLE_LEVEL : (u8)(e->nice + 20);
}

/* Whether a level at least as good as `level` has a ready task. */
static bool ready_at(const struct prio_queue *q, u8 level)
{
	return q->ready & ((2ull << level) - 1);
}

/* True while e's turn is over. */
static bool charge(struct sched_entity *e)
{
	e->slice_used += e->sum_exec - e->last_sum;
	e->last_sum = e->sum_exec;
	return e->slice_used >= sched_slice_ns();
}

static void add(struct prio_queue *q, struct sched_entity *e, bool head)
{
	if (head)
		list_add(&e->link, &q->level[e->level]);
	else
		list_add_tail(&e->link, &q->level[e->level]);
	q->ready |= 1ull << e->level;
}

static void del(struct prio_queue *q, struct sched_entity *e)
{
	list_del_init(&e->link);
	if (list_empty(&q->level[e->level]))
		q->ready &= ~(1ull << e->level);
}

static void prio_enqueue(unsigned cpu, struct sched_entity *e, enum enqueue_reason why, nsec_t now)
{
	e->level = level_of(e);
	e->slice_used = 0;
	add(&queues[cpu], e, false);
}

static void prio_dequeue(unsigned cpu, struct sched_entity *e, bool sleeping, nsec_t now)
{
	del(&queues[cpu], e);		/* harmless for the running entity */
}

static struct sched_entity *prio_pick_next(unsigned cpu, nsec_t now)
{
	struct prio_queue *q = &queues[cpu];
	struct sched_entity *e;

	if (!q->ready)
		return NULL;
	e = list_first_entry(&q->level[__builtin_ctzll(q->ready)], struct sched_entity, link);
	del(q, e);
	e->last_sum = e->sum_exec;
	return e;
}

static void prio_put_prev(unsigned cpu, struct sched_entity *e, nsec_t now)
{
	bool over = charge(e);

	if (over)
		e->slice_used = 0;
	add(&queues[cpu], e, !over);
}

static bool prio_tick(unsigned cpu, struct sched_entity *e, nsec_t now)
{
	if (!charge(e))
		return false;
	if (ready_at(&queues[cpu], e->level))
		return true;
	e->slice_used = 0;		/* nobody to give way to: a new turn */
	return false;
}

static bool prio_check_preempt(unsigned cpu, struct sched_entity *curr,
			       struct sched_entity *woken, nsec_t now)
{
	return woken->level < curr->level;
}

static void prio_yield(unsigned cpu, struct sched_entity *e, nsec_t now)
{
	e->slice_used = sched_slice_ns();	/* put_prev() does the rest */
}

static void prio_set_params(unsigned cpu, struct sched_entity *e)
{
}

static nsec_t prio_slice(const struct sched_entity *e)
{
	return sched_slice_ns();
}

const struct sched_policy sched_policy = {
	.name = "prio",
	.init_rq = prio_init_rq,
	.task_init = prio_task_init,
	.enqueue = prio_enqueue,
	.dequeue = prio_dequeue,
	.pick_next = prio_pick_next,
	.put_prev = prio_put_prev,
	.tick = prio_tick,
	.check_preempt = prio_check_preempt,
	.yield = prio_yield,
	.set_params = prio_set_params,
	.slice = prio_slice,
};
