/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The real-time queue: SCHED_FIFO and SCHED_RR under every policy. One list a
 * priority and a bitmap of those that are not empty, so that all is O(1).
 *
 * As on Linux, real-time tasks that never sleep leave the others a twentieth of each second:
 * a CPU whose share of a period is used up lets everybody else go first until the next one
 * begins. /proc/sys/kernel/sched_rt_runtime_us -1 gives them all.
 */
#include <fs/sysctl.h>
#include <kernel/init.h>
#include <kernel/printk.h>

#include "sched.h"

static int rt_period_us = 1000000, rt_runtime_us = 950000;

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

	p = q->ready[0] ? __builtin_ctzll(q->ready[0]) : 64 + __builtin_ctzll(q->ready[1]);
	t = list_first_entry(&q->level[p], struct task, rt_link);
	rt_dequeue(q, t);
	if (t->rt_slice >= RT_SLICE)
		t->rt_slice = 0;
	q->charged = t;
	q->charged_sum = t->se.sum_exec;
	return t;
}

void rt_charge(struct rt_queue *q, const struct task *t)
{
	nsec_t sum = t->se.sum_exec;

	/* Who became one while it ran is charged from here on. */
	if (t == q->charged && sum > q->charged_sum)
		q->used += sum - q->charged_sum;
	q->charged = t;
	q->charged_sum = sum;
}

/* True when an RR task has used up its turn. A FIFO task runs until it blocks. */
bool rt_tick(struct rq *rq, struct task *t)
{
	if (t->policy != SCHED_RR)
		return false;
	t->rt_slice += TICK_NSEC;
	return t->rt_slice >= RT_SLICE;
}

/* From the tick: t ran. True if it has to give way. */
bool rt_throttle_tick(struct rq *rq, struct task *t)
{
	static bool told;
	u64 period = rq->clock / ((u64)READ_ONCE(rt_period_us) * NSEC_PER_USEC);
	int runtime = READ_ONCE(rt_runtime_us);
	struct rt_queue *q = &rq->rt;

	if (period != q->period) {
		q->period = period;
		q->used = 0;
		if (q->throttled) {
			q->throttled = false;
			return rt_ready(q);
		}
	}
	if (!task_is_rt(t) || runtime < 0)
		return false;
	rt_charge(q, t);
	if (q->throttled || q->used < (u64)runtime * NSEC_PER_USEC)
		return false;
	q->throttled = true;
	if (!__atomic_exchange_n(&told, true, __ATOMIC_RELAXED))
		pr_info("sched: real-time tasks use more than their share and wait for others\n");
	return true;
}

static int rt_sysctl_init(void)
{
	static const struct sysctl table[] = {
		{ "sys/kernel/sched_rt_period_us", 0644, SYSCTL_INT, &rt_period_us, 1000, INT_MAX, 0 },
		{ "sys/kernel/sched_rt_runtime_us", 0644, SYSCTL_INT, &rt_runtime_us, -1, INT_MAX, 0 },
	};

	return sysctl_register(table, ARRAY_SIZE(table));
}
device_initcall(rt_sysctl_init);
