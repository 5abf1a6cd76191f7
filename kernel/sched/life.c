/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The life of a task in the scheduler but for its last switch, sched_die(): what a child
 * begins with, its first wake-up, its end; and how the queues and the idle tasks begin.
 */
#include <lib/string.h>

#include "sched.h"

void sched_fork(struct task *child)
{
	struct task *parent = current;
	struct sched_attrs attrs = { parent->policy, parent->nice, parent->rt_priority, false };
	u64 allowed = parent->cpus_allowed;

	if (parent->reset_on_fork) {
		if (attrs.policy == SCHED_FIFO || attrs.policy == SCHED_RR)
			attrs = (struct sched_attrs){ SCHED_NORMAL, 0, 0, false };
		if (attrs.nice < 0)
			attrs.nice = 0;
	}
	memset(&child->se, 0, sizeof(child->se));
	INIT_LIST_HEAD(&child->se.link);
	INIT_LIST_HEAD(&child->rt_link);
	child->state = TASK_NEW;
	task_set_rq(child, this_rq());
	child->cpus_allowed = allowed;
	child->policy = attrs.policy;
	child->nice = attrs.nice;
	child->rt_priority = attrs.rt_priority;
	child->lent_prio = PRIO_NONE;	/* what the parent owns is not the child's */
	child->reset_on_fork = false;
	child->rt_slice = 0;
	child->utime = child->stime = 0;
	child->nvcsw = child->nivcsw = child->run_delay = 0;
	/* switch_task() runs with preemption off; schedule_tail() turns it on again. */
	child->preempt_count = PREEMPT_COUNTED ? PREEMPT_OFFSET : 0;
	child->work = 0;
	task_update_prio(child);
	sched_policy.task_init(&child->se, &parent->se);
}

void wake_up_new_task(struct task *child)
{
	task_wake(child, TASK_NEW);
}

void sched_exit(struct task *t) NO_THREAD_SAFETY_ANALYSIS
{
	unsigned long flags;
	struct rq *rq = task_rq_lock(t, &flags);

	if (t == rq->curr)
		rq_update(rq);
	task_rq_unlock(rq, flags);
}

/* Start-up. */

void sched_init_idle(struct task *idle, unsigned cpu)
{
	struct rq *rq = &runqueues[cpu];

	INIT_LIST_HEAD(&idle->se.link);
	INIT_LIST_HEAD(&idle->rt_link);
	task_set_rq(idle, rq);
	idle->state = TASK_RUNNING;
	idle->cpus_allowed = 1ull << cpu;
	idle->policy = SCHED_NORMAL;
	idle->lent_prio = PRIO_NONE;
	task_update_prio(idle);
	rq->curr = rq->idle = idle;
	cpus[cpu].idle = idle;
}

void sched_init(void)
{
	/* Taken by one task and let go by the next: nothing for CONFIG_LOCKDEP. */
	for (unsigned cpu = 0; cpu < CONFIG_NR_CPUS; cpu++) {
		cpus[cpu].rq = &runqueues[cpu];
		runqueues[cpu].cpu = cpu;
		__spin_lock_init(&runqueues[cpu].lock, LOCKDEP_IGNORE, "rq->lock");
		INIT_LIST_HEAD(&runqueues[cpu].tasks);
		rt_init(&runqueues[cpu].rt);
		sched_policy.init_rq(cpu);
	}
	sched_init_idle(current, cpu_id());
}
