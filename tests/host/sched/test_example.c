/* SPDX-License-Identifier: BSD-2-Clause */
/* The policy that Documentation/scheduler.md shows: it keeps the rules, and shares by weight. */
#include "example_policy.c"
#include "sim.h"

const bool starves_by_design, linear_by_design = true;

void probe_reset(void)
{
	memset(queues, 0, sizeof(queues));
}

void probe(struct sim *s, unsigned cpu, unsigned queued)
{
	struct sched_entity *e;
	u64 tickets = 0;
	unsigned n = 0;

	list_for_each_entry(e, &queues[cpu].ready, link) {
		tickets += e->weight;
		n++;
	}
	sim_check(s, n == queued && tickets == queues[cpu].tickets,
		  "%u in the queue of cpu %u with %llu tickets, %u with %llu", n, cpu,
		  queues[cpu].tickets, queued, tickets);
}

static void test_shares(void **state)
{
	static const struct behaviour busy = { CPU_BOUND, CPU_BOUND, 0, 0, false, 0 };
	static struct sim sim;
	double ratio;

	sim_init(&sim, sim_seed, 1);
	sim_fork(&sim, &busy, 0, NULL);
	sim_fork(&sim, &busy, 5, NULL);
	sim_run(&sim, sim.now + 1000 * SEC);
	ratio = (double)sim.task[0].se.sum_exec / (double)sim.task[1].se.sum_exec;
	sim_check(&sim, ratio > 2.9 && ratio < 3.25, "ratio %.2f", ratio);	/* 1024 : 335 */
	sim_end(&sim);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shares),
	};

	return sim_main(argc, argv, tests, ARRAY_SIZE(tests));
}
