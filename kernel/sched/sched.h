/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Private to kernel/sched: the run queue.
 *
 * A task on a run queue (se.on_rq) is either rq->curr or queued: real-time tasks
 * in rq->rt, all others in the policy's queue. The lock is held across a context
 * switch: prev takes it, next lets it go in finish_switch(), so that nobody can
 * move prev to another CPU before its registers are saved.
 *
 * Lock order: any lock of a caller, then rq->lock; a second one only by trylock.
 * CONFIG_LOCKDEP does not follow these locks: they change hands at each switch.
 * Interrupts are off wherever rq->lock is held.
 */
#ifndef SCHED_SCHED_H
#define SCHED_SCHED_H

#include <kernel/cpu.h>
#include <kernel/sched.h>
#include <kernel/sched_policy.h>
#include <kernel/spinlock.h>
#include <kernel/task.h>
#include <kernel/time_inline.h>
#include <linux/sched.h>

#define RT_LEVELS	PRIO_RT_END

struct rt_queue {
	u64		 ready[2];		/* bit n: level[n] is not empty */
	u64		 period;		/* number of the period that `used` is of */
	nsec_t		 used;			/* by real-time tasks */
	const struct task *charged;		/* who had the CPU last, only to compare with */
	nsec_t		 charged_sum;		/* its run time that is in `used` */
	bool		 throttled;		/* their share is used up: all others go first */
	struct list_head level[RT_LEVELS];
};

/* Some task waits in it. */
static inline bool rt_ready(const struct rt_queue *q)
{
	return (q->ready[0] | q->ready[1]) != 0;
}

/* rq->curr_requeue: what put_prev() has to do. At an end of its real-time level. */
#define REQUEUE_NO	0
#define REQUEUE_TAIL	1
#define REQUEUE_HEAD	2

/* rq->after: the task before may not run here; where real-time tasks run may have to change. */
#define AFTER_PUSH	1
#define AFTER_RT	2

/* Locks:  l  rq->lock   c  only by this CPU with IRQs off, read anywhere */
struct rq {
	spinlock_t	 lock;
	unsigned	 cpu;			/* never changes */
	unsigned	 nr_running GUARDED_BY(&lock);	/* ready and running, idle not counted */
	int		 nr_uninterruptible GUARDED_BY(&lock);	/* summed over CPUs; may be negative here */
	struct task	*curr;			/* l */
	struct task	*idle;			/* never changes after start-up */
	u8		 after;			/* l  AFTER_*: what finish_switch() has to do, SMP only */
	u8		 curr_requeue;		/* l  REQUEUE_*: curr changed, it is in no queue's sums */
	nsec_t		 clock;			/* l  time of the last update */
	u64		 nr_switches;		/* c */
	u64		 nr_stays;		/* c  looked for another, and found the same */
	u64		 nr_yields;		/* c */
	u64		 nr_woken, nr_woken_here; /* l  all, and those by this CPU */
	nsec_t		 run_delay;		/* l  of all tasks, and of idle */
	struct list_head tasks;			/* l  all on_rq, by rq_link; SMP only */
	struct rt_queue	 rt;			/* l */
	struct cpu_usage usage;			/* c  by tick, but idle: exact */
	u64		 seen_switches;		/* c  nr_switches when alive_at was set */
	nsec_t		 alive_at;		/* c  last seen in EL0 or switching */
	nsec_t		 last_tick;		/* c */
} __aligned(CACHE_LINE);

extern struct rq runqueues[CONFIG_NR_CPUS];

static inline struct rq *this_rq(void)
{
	return this_cpu()->rq;
}

/* t belongs to rq, whose lock is held, or is nobody's yet. */
static inline void task_set_rq(struct task *t, struct rq *rq)
{
	WRITE_ONCE(t->cpu, (int)rq->cpu);
	WRITE_ONCE(t->rq, rq);
}

static inline bool task_is_rt(const struct task *t)
{
	return t->prio < PRIO_RT_END;
}

/* Locks the queue that t is on, or was last on. IRQs are off on return. */
struct rq *task_rq_lock(struct task *t, unsigned long *flags);
void task_rq_unlock(struct rq *rq, unsigned long flags);

/* Brings rq->clock and the running task's sum_exec up to now. */
void rq_update(struct rq *rq) REQUIRES(&rq->lock);

/*
 * core.c, for change.c: t, on rq, into a queue or out of it while it stays ready; `head`
 * is for the real-time queue. task_update_prio() brings t->prio and what the policy goes
 * by up to date with t's attributes and what is lent to it; t is in no queue.
 */
void queue_add(struct rq *rq, struct task *t, enum enqueue_reason why, bool head);
void queue_del(struct rq *rq, struct task *t, bool sleeping);
void task_update_prio(struct task *t);
/* One switch by the idle task, which has preemption off all its life. IRQs are on on return. */
void schedule_idle(void);
/* Asks rq's CPU to switch. */
void resched_rq(struct rq *rq);
/* Makes t, which is on no queue, ready where it suits best. Swaps the locks: returns t's. */
struct rq *rq_place(struct rq *rq, struct task *t, enum enqueue_reason why);

/* core.c, for balance.c: a task becomes ready or stops being so, here. */
void rq_activate(struct rq *rq, struct task *t, enum enqueue_reason why);
void rq_deactivate(struct rq *rq, struct task *t, bool sleeping);
/* t has just become ready on rq: does it run at once? */
void rq_check_preempt(struct rq *rq, struct task *t);
void trace_migrated(const struct task *t, unsigned cpu);

static inline bool cpu_allowed(const struct task *t, unsigned cpu)
{
	return t->cpus_allowed >> cpu & 1;
}

/* balance.c, SMP only. An allowed CPU for t, on no queue; its rq is locked. */
unsigned select_cpu_smp(const struct task *t);
/* rq, locked, has nothing to run: takes a task from the busiest CPU. */
void balance_pull(struct rq *rq);
/* From the tick, rq locked: gives tasks to CPUs with fewer. */
void balance_tick(struct rq *rq);
/* rq, locked, has switched: its waiting real-time tasks go where they run, or one of others' comes. */
void balance_rt(struct rq *rq);

static inline unsigned select_cpu(const struct task *t)
{
	if (!IS_ENABLED(CONFIG_SMP) || READ_ONCE(nr_cpus_online) == 1)
		return (unsigned)t->cpu;
	return select_cpu_smp(t);
}

/* This CPU can still switch. rq locked, rq->clock is now. */
static inline void watchdog_touch(struct rq *rq)
{
	if (IS_ENABLED(CONFIG_DETECT_LOCKUP))
		rq->alive_at = rq->clock;
}

/* watchdog.c: from the tick, rq not locked. */
void watchdog_tick(struct rq *rq, bool user);

/* rt.c: the real-time queue. All under rq->lock. */
void rt_init(struct rt_queue *q);
void rt_enqueue(struct rt_queue *q, struct task *t, bool head);
void rt_dequeue(struct rt_queue *q, struct task *t);
struct task *rt_pick(struct rt_queue *q);	/* takes it out; only if rt_ready() */
/* t, which runs, has had its run time brought up to date: that counts as used. */
void rt_charge(struct rt_queue *q, const struct task *t);
bool rt_tick(struct rq *rq, struct task *t);
bool rt_throttle_tick(struct rq *rq, struct task *t);

/* change.c: take t out of its queue, change it, put it back. */
struct sched_attrs {
	int policy;		/* SCHED_* of linux/sched.h */
	int nice;
	int rt_priority;	/* 0 for all but FIFO and RR */
	bool reset_on_fork;
};
void sched_change(struct task *t, const struct sched_attrs *attrs);
/* Moves t off CPUs it may not use. 0, or -EINVAL if no allowed CPU is online. */
int sched_set_affinity(struct task *t, u64 mask);

/* load.c */
void load_tick(nsec_t now);

#define RT_SLICE	(100 * NSEC_PER_MSEC)

#endif
