/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The real-time queue: SCHED_FIFO and SCHED_RR under every policy. One list a
 * priority and a bitmap of those that are not empty, so that all is O(1).
 */
#include "sched.h"

void rt_init(struct rt_queue *q)
{
	for (unsigned i = 0; i < RT_LEVELS; i++)
		INIT_LIST_HEAD(&q->level[i]);
}

void rt_enqueue(struct rt_queue *q, struct task *t, bool head)
{
	unsigned p = (unsigned)t->prio;

	if (head)
		list_add(&t->rt_link, &q->level[p]);
	else
		list_add_tail(&t->rt_link, &q->level[p]);
	q->ready[p / 64] |= 1ull << p % 64;
}

void rt_dequeue(struct rt_queue *q, struct task *t)
{
	unsigned p = (unsigned)t->prio;

	list_del_init(&t->rt_link);
	if (list_empty(&q->level[p]))
		q->ready[p / 64] &= ~(1ull << p % 64);
}

struct task *rt_pick(struct rt_queue *q)
{
	unsigned p;
	struct task *t;

	if (likely(!(q->ready[0] | q->ready[1])))
		return NULL;
	p = q->ready[0] ? __builtin_ctzll(q->ready[0]) : 64 + __builtin_ctzll(q->ready[1]);
	t = list_first_entry(&q->level[p], struct task, rt_link);
	rt_dequeue(q, t);
	if (t->rt_slice >= RT_SLICE)
		t->rt_slice = 0;
	return t;
}

/* True when an RR task has used up its turn. A FIFO task runs until it blocks. */
bool rt_tick(struct rq *rq, struct task *t)
{
	if (t->policy != SCHED_RR)
		return false;
	t->rt_slice += TICK_NSEC;
	return t->rt_slice >= RT_SLICE;
}
