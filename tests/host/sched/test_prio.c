/* SPDX-License-Identifier: BSD-2-Clause */
/* Fixed priorities: never a lower level while a higher is ready, and turns among equals. */
#include "../../../kernel/sched/prio.c"
#include "sim.h"

const bool starves_by_design = true, linear_by_design;

void probe_reset(void)
{
	memset(queues, 0, sizeof(queues));
}

/* The order, told by nice and not by what the policy made of it. */
static int rank(const struct sim_task *t)
{
	return t->se.idle_policy ? 100 : t->se.nice;
}

void probe(struct sim *s, unsigned cpu, unsigned queued)
{
	struct prio_queue *q = &queues[cpu];
	struct sim_task *curr = s->cpu[cpu].curr;
	struct sched_entity *e;
	unsigned n = 0;

	for (unsigned i = 0; i < LEVELS; i++) {
		sim_check(s, (q->ready >> i & 1) == !list_empty(&q->level[i]), "bit of level %u", i);
		list_for_each_entry(e, &q->level[i], link) {
			sim_check(s, e->level == i, "entity of level %u in %u", e->level, i);
			n++;
		}
	}
	sim_check(s, n == queued, "%u in the queue of cpu %u, %u are ready", n, cpu, queued);
	if (!curr || curr->rt || s->cpu[cpu].resched)
		return;
	for (unsigned i = 0; i < s->tasks; i++) {
		struct sim_task *t = &s->task[i];

		sim_check(s, t->state != T_READY || t->cpu != cpu || t->rt || rank(t) >= rank(curr),
			  "rank %d runs while %d is ready", rank(curr), rank(t));
	}
}

static struct sim sim;

static void check(struct sim *s)
{
	for (unsigned i = 0; i < s->cpus; i++)
		probe(s, i, sim_queued(s, i));
}

/* Many tasks on few levels, so that most wake-ups preempt somebody. */
static void test_best_level_runs(void **state)
{
	for (unsigned n = 0; n < sim_workloads / 4; n++) {
		sim_init(&sim, sim_seed + n, 1 + n % 2);
		sim.max_delay = n % 3 * 10 * US;
		sim.chaos = (struct chaos){ .every = 2 * MS, .nice = 200, .move = 100, .idle = 20 };
		sim.chaos_at = sim.now;
		sim.after_event = check;
		sim_populate(&sim, 4 + n % 20, -2, 2, 10);
		sim_run(&sim, sim.now + 500 * MS);
		sim_end(&sim);
	}
}

static void test_equals_take_turns(void **state)
{
	for (unsigned n = 0; n < sim_workloads / 20; n++) {
		unsigned tasks = 2 + n % 20;
		nsec_t turn;

		sim_init(&sim, sim_seed + n, 1);
		sim.tick = 1 * MS + n % 4 * MS;
		turn = sched_slice_ns() + sim.tick;
		sim_populate(&sim, tasks, 3, 3, 100);
		sim_run(&sim, sim.now + 5 * SEC);
		for (unsigned i = 0; i < tasks; i++) {
			nsec_t wait = sim_longest_wait(&sim, &sim.task[i]);

			sim_check(&sim, wait <= (tasks - 1) * turn, "waited %llu us for %u equals",
				  wait / US, tasks);
		}
		sim_check(&sim, sim.cpu[0].switches <= 5 * SEC / sched_slice_ns() + 1,
			  "%llu turns", sim.cpu[0].switches);
		sim_end(&sim);
	}
}

/* Equals share alike even if a better task interrupts them most of the time. */
static void test_interrupted_finish_their_turn(void **state)
{
	struct behaviour busy = { CPU_BOUND, CPU_BOUND, 0, 0, false, 0 };
	struct behaviour often = { 300 * US, 900 * US, 200 * US, 1 * MS, false, 0 };
	nsec_t a, b;

	for (unsigned n = 0; n < 20; n++) {
		struct sim_task *one, *two;

		sim_init(&sim, sim_seed + n, 1);
		one = sim_fork(&sim, &busy, 0, NULL);
		two = sim_fork(&sim, &busy, 0, NULL);
		sim_fork(&sim, &often, -1, NULL);
		sim_run(&sim, sim.now + 20 * SEC);
		a = one->se.sum_exec;
		b = two->se.sum_exec;
		sim_check(&sim, a < b + b / 20 && b < a + a / 20, "%llu and %llu us", a / US, b / US);
		sim_check(&sim, sim.task[2].latency_max == 0, "the better one waited %llu ns",
			  sim.task[2].latency_max);
		sim_end(&sim);
	}
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_best_level_runs),
		cmocka_unit_test(test_equals_take_turns),
		cmocka_unit_test(test_interrupted_finish_their_turn),
		cmocka_unit_test(test_interrupted_keeps_turn),
	};

	return sim_main(argc, argv, tests, ARRAY_SIZE(tests));
}
