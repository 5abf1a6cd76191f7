/* SPDX-License-Identifier: BSD-2-Clause */
/* Round robin: the length of a round, equal shares, and SCHED_IDLE behind all others. */
#include "../../../kernel/sched/rr.c"
#include "sim.h"

const bool starves_by_design, linear_by_design;

void probe_reset(void)
{
	memset(queues, 0, sizeof(queues));
}

void probe(struct sim *s, unsigned cpu, unsigned queued)
{
	struct rr_queue *q = &queues[cpu];
	struct sched_entity *e;
	unsigned n = 0;

	list_for_each_entry(e, &q->ready, link) {
		sim_check(s, !e->idle_policy, "an idle task in the ready list");
		n++;
	}
	list_for_each_entry(e, &q->idle, link) {
		sim_check(s, e->idle_policy, "no idle task in the idle list");
		n++;
	}
	sim_check(s, n == queued, "%u in the queue of cpu %u, %u are ready", n, cpu, queued);
}

static struct sim sim;

static void test_round_length(void **state)
{
	for (unsigned n = 0; n < sim_workloads / 20; n++) {
		unsigned tasks = 2 + n % 30;
		nsec_t turn, least = NEVER, most = 0;

		sim_init(&sim, sim_seed + n, 1);
		sim.tick = 1 * MS + n % 4 * MS;
		sim.max_delay = n % 2 ? 20 * US : 0;
		turn = sched_slice_ns() + sim.tick + sim.max_delay;
		sim_populate(&sim, tasks, -20, 19, 100);
		sim_run(&sim, sim.now + 10 * SEC);
		for (unsigned i = 0; i < tasks; i++) {
			struct sim_task *t = &sim.task[i];
			nsec_t wait = sim_longest_wait(&sim, t);

			sim_check(&sim, wait <= (tasks - 1) * turn, "waited %llu us in a round of %u",
				  wait / US, tasks);
			least = min(least, t->se.sum_exec);
			most = max(most, t->se.sum_exec);
		}
		sim_check(&sim, sim.cpu[0].switches <= 10 * SEC / sched_slice_ns() + 1,
			  "%llu turns", sim.cpu[0].switches);
		/* What the ticks make of a slice depends on when it began, by a tick at most. */
		sim_check(&sim, most - least <= turn + most / 100, "shares %llu to %llu us",
			  least / US, most / US);
		sim_end(&sim);
	}
}

static void test_sleepers_wait_one_round(void **state)
{
	for (unsigned n = 0; n < sim_workloads / 20; n++) {
		unsigned tasks = 2 + n % 30;

		sim_init(&sim, sim_seed + n, 1);
		sim_populate(&sim, tasks, 0, 0, 50);
		sim_run(&sim, sim.now + 5 * SEC);
		for (unsigned i = 0; i < tasks; i++)
			sim_check(&sim, sim.task[i].latency_max <=
				  (tasks - 1) * (sched_slice_ns() + sim.tick),
				  "task %u waited %llu us after waking", i,
				  sim.task[i].latency_max / US);
		sim_end(&sim);
	}
}

static void check_idle_last(struct sim *s)
{
	struct sim_cpu *c = &s->cpu[0];

	if (!c->curr || c->resched || !c->curr->se.idle_policy)
		return;
	for (unsigned i = 0; i < s->tasks; i++)
		sim_check(s, s->task[i].state != T_READY || s->task[i].se.idle_policy,
			  "an idle task runs while task %u is ready", i);
}

static void test_idle_runs_last(void **state)
{
	for (unsigned n = 0; n < sim_workloads / 10; n++) {
		sim_init(&sim, sim_seed + n, 1);
		sim.chaos = (struct chaos){ .every = 5 * MS, .idle = 500 };
		sim.chaos_at = sim.now;
		sim.after_event = check_idle_last;
		sim_populate(&sim, 2 + n % 8, 0, 0, 30);
		sim_run(&sim, sim.now + 1 * SEC);
		sim_end(&sim);
	}
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_length),
		cmocka_unit_test(test_sleepers_wait_one_round),
		cmocka_unit_test(test_interrupted_keeps_turn),
		cmocka_unit_test(test_idle_runs_last),
	};

	return sim_main(argc, argv, tests, ARRAY_SIZE(tests));
}
