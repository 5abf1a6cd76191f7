/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Round robin: every ready task runs for one slice, in the order of arrival. nice
 * has no effect; a SCHED_IDLE task waits until no other is ready.
 *
 * A task that is interrupted before its slice is over, by a real-time task, stays
 * at the head and runs the rest of it.
 */
#include <kernel/sched_policy.h>

static struct rr_queue {
	struct list_head ready, idle;
} queues[CONFIG_NR_CPUS];

static void rr_init_rq(unsigned cpu)
{
	INIT_LIST_HEAD(&queues[cpu].ready);
	INIT_LIST_HEAD(&queues[cpu].idle);
}

static void rr_task_init(struct sched_entity *e, const struct sched_entity *parent)
{
}

static struct list_head *queue_of(unsigned cpu, const struct sched_entity *e)
{
	return e->idle_policy ? &queues[cpu].idle : &queues[cpu].ready;
}

/* True while e's turn is over. */
static bool charge(struct sched_entity *e)
{
	e->slice_used += e->sum_exec - e->last_sum;
	e->last_sum = e->sum_exec;
	return e->slice_used >= sched_slice_ns();
}

static void rr_enqueue(unsigned cpu, struct sched_entity *e, enum enqueue_reason why, nsec_t now)
{
	e->slice_used = 0;
	list_add_tail(&e->link, queue_of(cpu, e));
}

static void rr_dequeue(unsigned cpu, struct sched_entity *e, bool sleeping, nsec_t now)
{
	list_del_init(&e->link);	/* harmless for the running entity */
}

static struct sched_entity *rr_pick_next(unsigned cpu, nsec_t now)
{
	struct rr_queue *q = &queues[cpu];
	struct sched_entity *e = list_first_entry_or_null(&q->ready, struct sched_entity, link);

	if (!e)
		e = list_first_entry_or_null(&q->idle, struct sched_entity, link);
	if (e) {
		list_del_init(&e->link);
		e->last_sum = e->sum_exec;
	}
	return e;
}

static bool rr_tick(unsigned cpu, struct sched_entity *e, nsec_t now)
{
	bool over = charge(e);

	if (e->idle_policy && !list_empty(&queues[cpu].ready))
		return true;
	if (over && list_empty(queue_of(cpu, e)))
		e->slice_used = 0;	/* nobody to give way to: a new turn */
	return over && e->slice_used;
}

static void rr_put_prev(unsigned cpu, struct sched_entity *e, nsec_t now)
{
	if (charge(e)) {
		e->slice_used = 0;
		list_add_tail(&e->link, queue_of(cpu, e));
	} else {
		list_add(&e->link, queue_of(cpu, e));
	}
}

static bool rr_check_preempt(unsigned cpu, struct sched_entity *curr, struct sched_entity *woken,
			     nsec_t now)
{
	return curr->idle_policy && !woken->idle_policy;
}

static void rr_yield(unsigned cpu, struct sched_entity *e, nsec_t now)
{
	e->slice_used = sched_slice_ns();	/* put_prev() does the rest */
}

static void rr_set_params(unsigned cpu, struct sched_entity *e)
{
}

static nsec_t rr_slice(const struct sched_entity *e)
{
	return sched_slice_ns();
}

const struct sched_policy sched_policy = {
	.name = "rr",
	.init_rq = rr_init_rq,
	.task_init = rr_task_init,
	.enqueue = rr_enqueue,
	.dequeue = rr_dequeue,
	.pick_next = rr_pick_next,
	.put_prev = rr_put_prev,
	.tick = rr_tick,
	.check_preempt = rr_check_preempt,
	.yield = rr_yield,
	.set_params = rr_set_params,
	.slice = rr_slice,
};
