/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Changing how a task is scheduled: its attributes, what is lent to it, its CPUs. It is
 * taken out of its queue, changed and put back; a running one is queued anew by put_prev().
 */
#include <kernel/pi.h>

#include "sched.h"

/* 1024 / 1.25^nice: one step of nice is a tenth of the CPU between two tasks. */
static const u32 nice_weight[40] = {
	88818, 71054, 56843, 45475, 36380, 29104, 23283, 18626, 14901, 11921,
	9537, 7629, 6104, 4883, 3906, 3125, 2500, 2000, 1600, 1280,
	1024, 819, 655, 524, 419, 336, 268, 215, 172, 137,
	110, 88, 70, 56, 45, 36, 29, 23, 18, 15,
};
#define WEIGHT_IDLE 3	/* SCHED_IDLE */

static int own_prio(const struct task *t)
{
	if (t->rt_priority)
		return PRIO_RT_END - 1 - t->rt_priority;
	return t->policy == SCHED_IDLE ? PRIO_IDLE : PRIO_NICE0 + t->nice;
}

void task_update_prio(struct task *t)
{
	struct sched_entity *e = &t->se;

	t->prio = min(own_prio(t), t->lent_prio);
	e->idle_policy = t->prio == PRIO_IDLE;
	/* While it runs in real time, and as SCHED_IDLE, it keeps the nice value of its own. */
	e->nice = task_is_rt(t) || e->idle_policy ? t->nice : t->prio - PRIO_NICE0;
	e->weight = e->idle_policy ? WEIGHT_IDLE : nice_weight[e->nice + 20];
}

int task_shown_prio(const struct task *t)
{
	int prio = READ_ONCE(t->prio);

	return prio < PRIO_IDLE ? prio : PRIO_NICE0 + t->nice;
}

static void change_begin(struct rq *rq, struct task *t) REQUIRES(&rq->lock)
{
	rq_update(rq);
	if (t->se.on_rq)
		queue_del(rq, t, false);
}

/*
 * The other half. POSIX: who becomes less urgent goes to the head of its new real-time
 * level, all others to the tail. On the tail a running task gives way to its equals.
 */
static void change_end(struct rq *rq, struct task *t) REQUIRES(&rq->lock)
{
	int before = t->prio;
	bool less_urgent;

	task_update_prio(t);
	sched_policy.set_params(rq->cpu, &t->se);
	t->rt_slice = 0;
	less_urgent = t->prio > before;
	if (!t->se.on_rq)
		return;
	if (t == rq->curr) {
		rq->curr_requeue = less_urgent ? REQUEUE_HEAD : REQUEUE_TAIL;
		resched_rq(rq);
	} else {
		queue_add(rq, t, ENQUEUE_MOVE, less_urgent);
		rq_check_preempt(rq, t);
	}
}

void sched_change(struct task *t, const struct sched_attrs *attrs) NO_THREAD_SAFETY_ANALYSIS
{
	unsigned long flags;
	struct rq *rq = task_rq_lock(t, &flags);

	change_begin(rq, t);
	t->policy = attrs->policy;
	t->nice = attrs->nice;
	t->rt_priority = attrs->rt_priority;
	t->reset_on_fork = attrs->reset_on_fork;
	change_end(rq, t);
	task_rq_unlock(rq, flags);
	/* Those it waits behind may have to run sooner now. */
	pi_prio_changed(t);
}

void sched_lend(struct task *t, int prio) NO_THREAD_SAFETY_ANALYSIS
{
	unsigned long flags;
	struct rq *rq;

	if (READ_ONCE(t->lent_prio) == prio)
		return;
	rq = task_rq_lock(t, &flags);
	if (min(own_prio(t), prio) == t->prio) {
		t->lent_prio = prio;	/* it stays as urgent as it is */
	} else {
		change_begin(rq, t);
		t->lent_prio = prio;
		change_end(rq, t);
	}
	task_rq_unlock(rq, flags);
}

void task_set_nice(struct task *t, int nice)
{
	struct sched_attrs attrs = { t->policy, clamp(nice, -20, 19), t->rt_priority,
				     t->reset_on_fork };

	sched_change(t, &attrs);
}

int sched_set_affinity(struct task *t, u64 mask) NO_THREAD_SAFETY_ANALYSIS
{
	unsigned long flags;
	struct rq *rq;
	u64 online = 0;

	for_each_online_cpu(n)
		online |= 1ull << n;
	if (!(mask & online))
		return -EINVAL;
	rq = task_rq_lock(t, &flags);
	t->cpus_allowed = mask;
	if (!cpu_allowed(t, rq->cpu) && t->se.on_rq) {
		if (t == rq->curr) {
			resched_rq(rq);		/* put_prev() and after_switch() move it */
		} else {
			rq_update(rq);
			rq_deactivate(rq, t, false);
			rq = rq_place(rq, t, ENQUEUE_MOVE);
			rq_check_preempt(rq, t);
		}
	}
	task_rq_unlock(rq, flags);
	/* The caller is on an allowed CPU when it returns. */
	if (t == current && need_resched() && !in_atomic() && !irqs_disabled())
		schedule();
	return 0;
}
