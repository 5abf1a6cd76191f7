/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scheduler policy: in which order ready tasks run, and for how long.
 *
 * A policy is one file in kernel/sched/ that defines `const struct sched_policy
 * sched_policy`. It sees entities, never tasks, keeps its own queues in a static
 * array indexed by CPU, and includes only this header and lib/. Real-time tasks
 * (SCHED_FIFO and SCHED_RR) never reach it: the core runs them first.
 * core.c includes the file, so that its ops are called directly and the hot ones are
 * inline there: its functions have names that begin with the policy's.
 *
 * Rules for every op:
 * - The core holds the run queue's lock of `cpu`, with interrupts off.
 * - An entity is in at most one queue. The running entity is not queued:
 *   pick_next() takes it out, put_prev() puts it back if it is still ready.
 * - `now` is the CPU's clock in ns; it never goes back on one CPU. Before
 *   put_prev, tick, check_preempt, yield and dequeue of the running entity the
 *   core has added the time since the last call to e->sum_exec.
 * - No op sleeps, allocates, prints or calls back into the core.
 * - task_init alone is called without a lock: by the parent, on its child.
 */
#ifndef KERNEL_SCHED_POLICY_H
#define KERNEL_SCHED_POLICY_H

#include <kernel/init.h>
#include <lib/compiler.h>
#include <lib/list.h>
#include <lib/rbtree.h>
#include <lib/types.h>

#define SCHED_WEIGHT_NICE0	1024u

struct sched_entity {
	/* Owned by the core. */
	nsec_t		 sum_exec;	/* ns on a CPU since birth */
	nsec_t		 exec_start;	/* running: counted up to here; ready: since when */
	u32		 weight;	/* from nice, SCHED_WEIGHT_NICE0 at 0 */
	s8		 nice;		/* -20..19 */
	bool		 on_rq;		/* ready or running */
	bool		 idle_policy;	/* SCHED_IDLE: only when nobody else wants the CPU */
	/* Owned by the policy; the core only clears them at task_init. */
	struct rb_node	 node;
	struct list_head link;
	u64		 vruntime;
	u64		 deadline;
	u64		 subtree_min;	/* of some key over the subtree below node */
	s64		 vlag;
	nsec_t		 slice_used;	/* ns since it was picked with a fresh slice */
	nsec_t		 last_sum;	/* sum_exec when the policy last looked */
	u8		 level;
};

/* WAKE: it slept, or it is new, with all fields of the policy zero but what task_init() set. */
enum enqueue_reason { ENQUEUE_WAKE, ENQUEUE_MOVE };

struct sched_policy {
	const char *name;

	/* At boot, once for each possible CPU. */
	void (*init_rq)(unsigned cpu);
	/* A new task's entity; `parent` is the running entity that forked it, or NULL. */
	void (*task_init)(struct sched_entity *e, const struct sched_entity *parent);
	/* e becomes ready on cpu. */
	void (*enqueue)(unsigned cpu, struct sched_entity *e, enum enqueue_reason why, nsec_t now);
	/* e, queued or running, stops being ready or leaves for another CPU. */
	void (*dequeue)(unsigned cpu, struct sched_entity *e, bool sleeping, nsec_t now);
	/* Takes the next entity out of the queue; NULL if none is ready. */
	struct sched_entity *(*pick_next)(unsigned cpu, nsec_t now);
	/* The running entity goes back into the queue: it was preempted or yielded. */
	void (*put_prev)(unsigned cpu, struct sched_entity *e, nsec_t now);
	/* The periodic tick hit e. True: it should give way. */
	bool (*tick)(unsigned cpu, struct sched_entity *e, nsec_t now);
	/* `woken` has just been queued while `curr` runs. True: switch at once. */
	bool (*check_preempt)(unsigned cpu, struct sched_entity *curr,
			      struct sched_entity *woken, nsec_t now);
	/* The running entity asks to run after its equals. */
	void (*yield)(unsigned cpu, struct sched_entity *e, nsec_t now);
	/* nice or weight of e changed; e is not queued. */
	void (*set_params)(unsigned cpu, struct sched_entity *e);
	/* ns an entity may run before its equals, for sched_rr_get_interval(). */
	nsec_t (*slice)(const struct sched_entity *e);
};

extern const struct sched_policy sched_policy;

/*
 * Parameters. `sched.NAME=` on the command line sets the u32 variable var before
 * the first task is created, though after init_rq: read it where it is used. A
 * value outside of lo..hi is refused with a message, and var keeps what Kconfig
 * gave it.
 */
#define SCHED_TUNABLE(var, name, lo, hi)						\
	static int sched_set_##var(char *value)						\
	{										\
		return sched_tunable_set(&(var), name, value, lo, hi);			\
	}										\
	BOOT_PARAM(sched_##var, "sched." name, sched_set_##var)

/* For SCHED_TUNABLE: 0, or -EINVAL for a value that is refused. */
int sched_tunable_set(u32 *var, const char *name, const char *value, u32 lo, u32 hi);

/* sched.slice_us: how long a task runs before its equals, under every policy. */
extern u32 sched_slice_us;

static inline nsec_t sched_slice_ns(void)
{
	return (nsec_t)sched_slice_us * 1000;
}

#endif
