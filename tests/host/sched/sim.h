/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A simulated scheduler core around one policy file: two-class run queues, wake-up,
 * the switch and the tick as in kernel/sched/core.c, on a clock that jumps from
 * event to event. It calls the policy by the rules of kernel/sched_policy.h and
 * stops the test when the policy breaks one.
 */
#ifndef SIM_H
#define SIM_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <kernel/sched_policy.h>

#define SIM_CPUS	2
#define SIM_TASKS	96
#define US		1000ull
#define MS		1000000ull
#define SEC		1000000000ull
#define NEVER		((nsec_t)-1)
#define CPU_BOUND	NEVER		/* as a burst: it never sleeps */

enum task_state { T_FREE, T_SLEEPS, T_READY, T_RUNS };

/* What a task does: runs for a burst, sleeps, and so on; each drawn from a range. */
struct behaviour {
	nsec_t burst_lo, burst_hi, sleep_lo, sleep_hi;
	bool yields;			/* at the end of a burst instead of sleeping */
	unsigned exit_percent;		/* chance to exit at the end of a burst */
};

struct sim_task {
	struct sched_entity se;
	struct behaviour does;
	enum task_state state;
	int id;
	unsigned cpu;
	unsigned allowed;		/* mask of CPUs */
	bool rt, is_idle_policy;
	nsec_t rt_until;
	nsec_t left;			/* of the burst */
	nsec_t wake_at;
	nsec_t born, ready_since, woken_at;
	/* Results. */
	nsec_t max_wait;		/* longest time ready without running, but at RT, that is over */
	nsec_t latency_sum, latency_max;	/* from wake-up to running */
	u64 wakeups, bursts;
};

struct sim_cpu {
	struct sim_task *curr;		/* NULL: idle */
	bool resched, requeue;
	nsec_t resched_at;		/* when the switch that was asked for happens */
	nsec_t next_tick;
	nsec_t seg_start;
	u64 switches;
};

/* The chance per mille of each kind of outside event, drawn every `chaos_every` on average. */
struct chaos {
	nsec_t every;
	unsigned nice, move, fork, rt, idle;
};

struct sim {
	unsigned cpus, tasks;		/* tasks: highest slot used + 1 */
	nsec_t now, tick;
	nsec_t max_delay;		/* from asking for a switch to the switch */
	nsec_t chaos_at;
	struct chaos chaos;
	u64 seed, rng;
	struct sim_cpu cpu[SIM_CPUS];
	struct sim_task task[SIM_TASKS];
	unsigned live;
	FILE *trace;			/* "cpu start end task" for each stretch of running */
	void (*after_event)(struct sim *s);
};

/* Highest number of basic blocks that one call of each op has run. */
enum sim_op { OP_ENQUEUE, OP_DEQUEUE, OP_PICK, OP_PUT_PREV, OP_TICK, OP_CHECK, OPS };
extern u64 op_cost[OPS], sim_blocks;

#define COUNTED(op, call) do {								\
	u64 __before = sim_blocks;							\
	call;										\
	op_cost[op] = max(op_cost[op], sim_blocks - __before);				\
} while (0)

u64 sim_random(struct sim *s);
nsec_t sim_range(struct sim *s, nsec_t lo, nsec_t hi);

void sim_init(struct sim *s, u64 seed, unsigned cpus);
/* A new task that is ready at once; NULL if there are too many. */
struct sim_task *sim_fork(struct sim *s, const struct behaviour *does, int nice,
			  const struct sim_task *parent);
void sim_run(struct sim *s, nsec_t until);
/* Brings the running task's sum_exec up to now. */
void sim_settle(struct sim *s, unsigned cpu);
void sim_set_nice(struct sim *s, struct sim_task *t, int nice, bool idle_policy);
void sim_set_affinity(struct sim *s, struct sim_task *t, unsigned mask);
/* Takes everybody out, and checks that the policy holds nobody back. */
void sim_end(struct sim *s);
/* Tasks ready on cpu, the running one not counted; but those at RT. */
unsigned sim_queued(const struct sim *s, unsigned cpu);
/* The longest time that t was ready without running; perhaps it still is. */
nsec_t sim_longest_wait(const struct sim *s, const struct sim_task *t);
u32 sim_weight(int nice);
/* A random mix of behaviours and nice values. */
void sim_populate(struct sim *s, unsigned n, int nice_lo, int nice_hi, unsigned busy_percent);

/* In each test_POLICY.c: empties the queues as they are at boot; and checks the policy's own
 * structures, which hold `queued` entities. */
void probe_reset(void);
void probe(struct sim *s, unsigned cpu, unsigned queued);

/* common.c */
extern u64 sim_seed;			/* of the first workload; SIM_SEED overrides it */
extern unsigned sim_workloads;		/* SIM_WORKLOADS */
/* In each test_POLICY.c: what the policy does not promise. */
extern const bool starves_by_design, linear_by_design;

/* A test of policies with turns: who interrupts all the time costs nobody his place in the round. */
void test_interrupted_keeps_turn(void **state);

/* Runs the tests every policy must pass, then these. argv may ask for a trace instead. */
int sim_main(int argc, char **argv, const struct CMUnitTest *tests, size_t n);

/* Fails with the seed and the time, so that it can be run again. */
#define sim_check(s, cond, fmt, ...)							\
	do {										\
		if (!(cond))								\
			fail_msg("%s: seed %llu at %llu ns: " fmt, #cond,		\
				 (s)->seed, (s)->now, ##__VA_ARGS__);			\
	} while (0)

#endif
