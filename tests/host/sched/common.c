/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What every policy must pass: thousands of random workloads in which each ready
 * task is in exactly one place and nobody starves, the cost of each op with many
 * tasks, the range checks of parameters. And the trace for the plots.
 */
#include <kernel/printk.h>
#include <lib/errno.h>
#include <unistd.h>

#include "sim.h"

u64 sim_seed = 20261122;
unsigned sim_workloads = 2000;

static char last_message[200];

int printk(const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(last_message, sizeof(last_message), fmt, args);
	va_end(args);
	return n;
}

static struct sim sim;

static void check_places(struct sim *s)
{
	for (unsigned i = 0; i < s->cpus; i++)
		probe(s, i, sim_queued(s, i));
}

/* Everything at once: nice changes, moves, forks, exits, real-time interruptions. */
static void test_chaos(void **state)
{
	for (unsigned n = 0; n < sim_workloads; n++) {
		sim_init(&sim, sim_seed + n, 1 + n % SIM_CPUS);
		sim.now += sim_range(&sim, 0, 1 * SEC);
		sim.tick = (n % 3 ? 4 : 1) * MS;
		sim.max_delay = n % 4 ? 30 * US : 0;
		sim.chaos = (struct chaos){ .every = sim_range(&sim, 100 * US, 5 * MS), .nice = 200,
					    .move = 250, .fork = 250, .rt = 100, .idle = 50 };
		sim.chaos_at = sim.now;
		sim.after_event = check_places;
		sim_populate(&sim, 1 + n % 24, -20, 19, sim_random(&sim) % 101);
		sim_run(&sim, sim.now + 500 * MS);
		sim_end(&sim);
	}
}

/* Busy and sleeping tasks, no outside events: how long may one wait? */
static void test_no_starvation(void **state)
{
	nsec_t turn, worst = 0;

	if (starves_by_design)
		skip();
	for (unsigned n = 0; n < sim_workloads / 10; n++) {
		unsigned tasks = 2 + n % 20;

		sim_init(&sim, sim_seed + n, 1);
		sim_populate(&sim, tasks, -5, 5, 60);
		sim_run(&sim, sim.now + 10 * SEC);
		/* The longest turn any policy gives, and the tick that notices its end. */
		turn = 8 * sched_slice_ns() * 4 + sim.tick;
		for (unsigned i = 0; i < sim.tasks; i++) {
			nsec_t wait = sim_longest_wait(&sim, &sim.task[i]);

			worst = max(worst, wait);
			sim_check(&sim, wait <= SEC + tasks * turn, "task %u waited %llu us", i,
				  wait / US);
		}
		sim_end(&sim);
	}
	printf("           longest wait %llu ms\n", worst / MS);
}

/* Another way of life for e: the running one if `curr`, else a queued one. */
static void leave_and_return(struct sched_entity *e, bool sleeping, nsec_t *now)
{
	COUNTED(OP_DEQUEUE, sched_policy.dequeue(0, e, sleeping, *now));
	*now += 50 * US;
	COUNTED(OP_ENQUEUE, sched_policy.enqueue(0, e, sleeping ? ENQUEUE_WAKE : ENQUEUE_MOVE,
						 *now));
}

/* The most expensive call of each op, in basic blocks, with n tasks ready. */
static void cost_with(unsigned n, u64 cost[OPS])
{
	struct sched_entity *all = calloc(n, sizeof(*all)), *e, *other;
	nsec_t now = SEC, ran;
	bool yes;

	assert_non_null(all);
	sim_init(&sim, sim_seed, 1);
	for (unsigned i = 0; i < n; i++) {
		INIT_LIST_HEAD(&all[i].link);
		all[i].nice = (int)(sim_random(&sim) % 40) - 20;
		all[i].weight = sim_weight(all[i].nice);
		sched_policy.task_init(&all[i], NULL);
		sched_policy.enqueue(0, &all[i], ENQUEUE_WAKE, now);
	}
	memset(op_cost, 0, sizeof(op_cost));
	for (unsigned round = 0; round < 4000; round++) {
		COUNTED(OP_PICK, e = sched_policy.pick_next(0, now));
		assert_non_null(e);
		ran = sim_range(&sim, 1 * US, 4 * MS);
		now += ran;
		e->sum_exec += ran;
		COUNTED(OP_TICK, yes = sched_policy.tick(0, e, now));
		other = &all[sim_random(&sim) % n];
		if (other != e) {
			leave_and_return(other, round % 2, &now);
			COUNTED(OP_CHECK, yes = sched_policy.check_preempt(0, e, other, now));
		}
		if (round % 3)
			COUNTED(OP_PUT_PREV, sched_policy.put_prev(0, e, now));
		else
			leave_and_return(e, true, &now);
	}
	(void)yes;
	memcpy(cost, op_cost, sizeof(op_cost));
	while ((e = sched_policy.pick_next(0, now)))
		sched_policy.dequeue(0, e, true, now);
	free(all);
}

static void test_cost(void **state)
{
	static const char *const name[OPS] = { "enqueue", "dequeue", "pick", "put_prev", "tick",
					       "check_preempt" };
	static const unsigned size[] = { 16, 256, 4096, 65536 };
	u64 cost[ARRAY_SIZE(size)][OPS];

	if (linear_by_design)
		skip();
	for (unsigned i = 0; i < ARRAY_SIZE(size); i++)
		cost_with(size[i], cost[i]);
	for (unsigned op = 0; op < OPS; op++) {
		printf("           %-14s", name[op]);
		for (unsigned i = 0; i < ARRAY_SIZE(size); i++)
			printf(" %4llu", cost[i][op]);
		printf("  blocks with 16, 256, 4096, 65536 ready\n");
		/* log n doubles from 256 to 65536; linear growth would be 256 times. */
		assert_true(cost[3][op] <= 3 * cost[1][op] + 10);
	}
}

static void test_parameters(void **state)
{
	u32 n = 5;

	assert_int_equal(sched_tunable_set(&n, "test", "7", 3, 9), 0);
	assert_int_equal(n, 7);
	for (const char *const *bad = (const char *const[]){ "", "2", "10", "-1", "x", "7x",
							    "4294967299", NULL }; *bad; bad++) {
		last_message[0] = 0;
		assert_int_equal(sched_tunable_set(&n, "test", *bad, 3, 9), -EINVAL);
		assert_int_equal(n, 7);
		assert_non_null(strstr(last_message, "sched.test takes a number from 3 to 9; "
						     "it stays 7"));
	}
	assert_int_equal(sched_slice_us, CONFIG_SCHED_SLICE_US);
}

void test_interrupted_keeps_turn(void **state)
{
	struct sched_entity e[2] = { 0 };

	sim_init(&sim, 1, 1);
	for (int i = 0; i < 2; i++) {
		INIT_LIST_HEAD(&e[i].link);
		sched_policy.enqueue(0, &e[i], ENQUEUE_WAKE, SEC);
	}
	for (int i = 0; i < 4; i++) {
		assert_ptr_equal(sched_policy.pick_next(0, SEC), &e[0]);
		e[0].sum_exec += sched_slice_ns() / 4;
		sched_policy.put_prev(0, &e[0], SEC);
	}
	assert_ptr_equal(sched_policy.pick_next(0, SEC), &e[1]);
	e[1].sum_exec += 1;
	sched_policy.yield(0, &e[1], SEC);
	sched_policy.put_prev(0, &e[1], SEC);
	assert_ptr_equal(sched_policy.pick_next(0, SEC), &e[0]);
	sched_policy.dequeue(0, &e[0], true, SEC);
	sched_policy.dequeue(0, &e[1], true, SEC);
}

/* The pictures' workload: busy tasks, a light and a heavy sleeper, a late comer. */
static void print_trace(const char *file)
{
	static const struct behaviour busy = { CPU_BOUND, CPU_BOUND, 0, 0, false, 0 };
	static const struct behaviour io = { 1 * MS, 1 * MS, 12 * MS, 12 * MS, false, 0 };
	static const struct behaviour half = { 6 * MS, 6 * MS, 10 * MS, 10 * MS, false, 0 };
	nsec_t start;

	sim_init(&sim, sim_seed, 1);
	sim.tick = 1 * MS;
	start = sim.now;
	sim.trace = fopen(file, "w");
	if (!sim.trace) {
		perror(file);
		exit(2);
	}
	fprintf(sim.trace, "# policy %s start %llu end %llu\n", sched_policy.name, start,
		start + 200 * MS);
	fprintf(sim.trace, "# task 0 busy\n# task 1 busy, nice 5\n# task 2 1 ms, sleeps 12\n"
		"# task 3 6 ms, sleeps 10\n# task 4 busy from 80 ms\n");
	sim_fork(&sim, &busy, 0, NULL);
	sim_fork(&sim, &busy, 5, NULL);
	sim_fork(&sim, &io, 0, NULL);
	sim_fork(&sim, &half, 0, NULL);
	sim_run(&sim, start + 80 * MS);
	sim_fork(&sim, &busy, 0, NULL);
	sim_run(&sim, start + 200 * MS);
	for (unsigned i = 0; i < sim.cpus; i++)
		if (sim.cpu[i].curr)
			fprintf(sim.trace, "%u %llu %llu %d\n", i, sim.cpu[i].seg_start, sim.now,
				sim.cpu[i].curr->id);
	fclose(sim.trace);
}

static u64 from_environment(const char *name, u64 otherwise)
{
	const char *value = getenv(name);

	return value && *value ? strtoull(value, NULL, 0) : otherwise;
}

int sim_main(int argc, char **argv, const struct CMUnitTest *tests, size_t n)
{
	struct CMUnitTest all[32] = {
		cmocka_unit_test(test_chaos),
		cmocka_unit_test(test_no_starvation),
		cmocka_unit_test(test_cost),
		cmocka_unit_test(test_parameters),
	};

	if (argc == 3 && !strcmp(argv[1], "--trace")) {
		print_trace(argv[2]);
		return 0;
	}
	if (argc > 1) {
		fprintf(stderr, "usage: %s [--trace FILE]\n", argv[0]);
		return 2;
	}
	sim_seed = from_environment("SIM_SEED", sim_seed);
	sim_workloads = (unsigned)from_environment("SIM_WORKLOADS", sim_workloads);
	printf("%s: %u workloads from seed %llu\n", sched_policy.name, sim_workloads, sim_seed);
	alarm(600);	/* a policy that corrupts its lists may loop */
	memcpy(all + 4, tests, n * sizeof(*tests));
	return _cmocka_run_group_tests(sched_policy.name, all, 4 + n, NULL, NULL);
}
