/* SPDX-License-Identifier: BSD-2-Clause */
/* Feedback queues: I/O before CPU, demotion in total, and the boost that ends starvation. */
#include "../../../kernel/sched/mlfq.c"
#include "sim.h"

const bool starves_by_design, linear_by_design;

static const struct behaviour busy = { CPU_BOUND, CPU_BOUND, 0, 0, false, 0 };
static struct sim sim;

void probe_reset(void)
{
	memset(queues, 0, sizeof(queues));
}

static unsigned level_now(const struct mlfq_queue *q, const struct sched_entity *e)
{
	return e->level != IDLE_LEVEL && period(e) != q->period ? 0 : e->level;
}

void probe(struct sim *s, unsigned cpu, unsigned queued)
{
	struct mlfq_queue *q = &queues[cpu];
	struct sim_task *curr = s->cpu[cpu].curr;
	struct sched_entity *e;
	unsigned n = 0;

	for (unsigned i = 0; i <= MAX_LEVELS; i++) {
		sim_check(s, (q->ready >> i & 1) == !list_empty(&q->level[i]), "bit of level %u", i);
		sim_check(s, i < mlfq_levels || i == IDLE_LEVEL || !(q->ready >> i & 1),
			  "level %u is in use", i);
		list_for_each_entry(e, &q->level[i], link) {
			sim_check(s, level_now(q, e) == i, "entity of level %u in %u", e->level, i);
			sim_check(s, e->idle_policy == (i == IDLE_LEVEL), "idle task in level %u", i);
			n++;
		}
	}
	sim_check(s, n == queued, "%u in the queue of cpu %u, %u are ready", n, cpu, queued);
	if (curr && !curr->rt && !s->cpu[cpu].resched && q->ready)
		sim_check(s, level_now(q, &curr->se) <= (unsigned)__builtin_ctz(q->ready),
			  "level %u runs, %d is ready", curr->se.level, __builtin_ctz(q->ready));
}

/* Sleepers that want less than a ninth of the CPU each answer at once, for ever. */
static void test_io_beats_cpu(void **state)
{
	struct behaviour io = { 200 * US, 800 * US, 10 * MS, 14 * MS, false, 0 };
	nsec_t worst_mean = 0;

	for (unsigned n = 0; n < sim_workloads / 20; n++) {
		unsigned hogs = 1 + n % 10, ios = 1 + n % 4;

		sim_init(&sim, sim_seed + n, 1);
		for (unsigned i = 0; i < hogs; i++)
			sim_fork(&sim, &busy, 0, NULL);
		for (unsigned i = 0; i < ios; i++)
			sim_fork(&sim, &io, 0, NULL);
		sim_run(&sim, sim.now + 20 * SEC);
		for (unsigned i = hogs; i < hogs + ios; i++) {
			struct sim_task *t = &sim.task[i];
			nsec_t mean = t->latency_sum / t->wakeups;

			worst_mean = max(worst_mean, mean);
			sim_check(&sim, t->se.level == 0, "an I/O task is on level %u", t->se.level);
			sim_check(&sim, mean <= 2 * MS, "mean latency %llu us", mean / US);
			/* 12.5 ms a cycle without waiting. */
			sim_check(&sim, t->bursts >= 20 * SEC / (12500 * US) * 85 / 100,
				  "only %llu bursts", t->bursts);
		}
		sim_end(&sim);
	}
	printf("           worst mean latency %llu us\n", worst_mean / US);
}

/* A stream of short new tasks takes the whole CPU; what does a busy one get? */
static nsec_t longest_wait_under_flood(void)
{
	struct behaviour brief = { 2 * MS, 2 * MS, 1 * MS, 1 * MS, false, 100 };
	struct sim_task *hog;
	nsec_t end, wait;

	sim_init(&sim, sim_seed, 1);
	hog = sim_fork(&sim, &busy, 0, NULL);
	end = sim.now + 10 * SEC;
	while (sim.now < end) {
		if (sim.live < 4)
			sim_fork(&sim, &brief, 0, NULL);
		sim_run(&sim, sim.now + 1 * MS);
	}
	wait = sim_longest_wait(&sim, hog);
	sim_end(&sim);
	return wait;
}

static void test_boost_ends_starvation(void **state)
{
	nsec_t with, without;

	with = longest_wait_under_flood();
	mlfq_boost_ms = 100000;
	without = longest_wait_under_flood();
	mlfq_boost_ms = CONFIG_SCHED_MLFQ_BOOST_MS;
	printf("           longest wait %llu ms, without boost %llu ms\n", with / MS, without / MS);
	assert_true(with <= CONFIG_SCHED_MLFQ_BOOST_MS * MS + 50 * MS);
	assert_true(without > 5 * CONFIG_SCHED_MLFQ_BOOST_MS * MS);
}

/* To sleep for a moment just before the slice is over earns nothing. */
static void test_cheating_does_not_pay(void **state)
{
	struct behaviour cheat = { 2900 * US, 2900 * US, 1 * US, 1 * US, false, 0 };
	struct sim_task *t;

	for (unsigned tick = 1; tick <= 4; tick++) {
		sim_init(&sim, sim_seed, 1);
		sim.tick = tick * MS;
		for (unsigned i = 0; i < 3; i++)
			sim_fork(&sim, &busy, 0, NULL);
		t = sim_fork(&sim, &cheat, 0, NULL);
		sim_run(&sim, sim.now + 20 * SEC);
		sim_check(&sim, t->se.sum_exec < 20 * SEC * 28 / 100, "the cheat got %llu ms of 20 s",
			  t->se.sum_exec / MS);
		sim_end(&sim);
	}
}

/* Two that are in no queue, and the first comes into one. */
static void begin_with(struct sched_entity *e, struct sched_entity *other, nsec_t now)
{
	sim_init(&sim, 1, 1);
	INIT_LIST_HEAD(&e->link);
	INIT_LIST_HEAD(&other->link);
	sched_policy.enqueue(0, e, ENQUEUE_WAKE, now);
}

static void test_demotion_in_total(void **state)
{
	struct sched_entity e = { .weight = SCHED_WEIGHT_NICE0 }, other = e;
	nsec_t now = SEC;

	begin_with(&e, &other, now);
	for (unsigned level = 0; level < mlfq_levels; level++) {
		nsec_t part = sched_slice_ns() << level >> 2;

		for (unsigned i = 0; i < 4; i++) {
			assert_ptr_equal(sched_policy.pick_next(0, now), &e);
			assert_int_equal(e.level, level);
			e.sum_exec += part;
			now += part;
			sched_policy.dequeue(0, &e, true, now);
			sched_policy.enqueue(0, &e, ENQUEUE_WAKE, now);
		}
	}
	assert_int_equal(e.level, mlfq_levels - 1);
	/* A child cannot start at the top; long sleep leads there. */
	sched_policy.task_init(&other, &e);
	assert_int_equal(other.level, mlfq_levels - 1);
	sched_policy.dequeue(0, &e, true, now);
	sched_policy.enqueue(0, &e, ENQUEUE_WAKE, now + 800 * MS);
	assert_int_equal(e.level, 0);
	sched_policy.dequeue(0, &e, true, now + 800 * MS);
}

/* It goes behind its equals; and one that is better off does not wait for the end of a turn. */
static void test_gives_way(void **state)
{
	struct sched_entity e = { .weight = SCHED_WEIGHT_NICE0 }, other = e;
	nsec_t now = SEC;

	begin_with(&e, &other, now);
	assert_ptr_equal(sched_policy.pick_next(0, now), &e);
	e.sum_exec += sched_slice_ns();
	assert_false(sched_policy.tick(0, &e, now));	/* alone, but a level down */
	sched_policy.enqueue(0, &other, ENQUEUE_MOVE, now);
	assert_true(sched_policy.tick(0, &e, now));
	sched_policy.put_prev(0, &e, now);
	assert_ptr_equal(sched_policy.pick_next(0, now), &other);
	other.sum_exec += sched_slice_ns();
	sched_policy.put_prev(0, &other, now);
	assert_ptr_equal(sched_policy.pick_next(0, now), &e);	/* equals now */
	sched_policy.yield(0, &e, now);
	sched_policy.put_prev(0, &e, now);
	assert_ptr_equal(sched_policy.pick_next(0, now), &other);
	sched_policy.dequeue(0, &e, true, now);
	sched_policy.dequeue(0, &other, true, now);
}

static void test_nice_weighs(void **state)
{
	struct sim_task *strong, *weak;

	sim_init(&sim, sim_seed, 1);
	strong = sim_fork(&sim, &busy, -5, NULL);
	weak = sim_fork(&sim, &busy, 5, NULL);
	sim_run(&sim, sim.now + 20 * SEC);
	sim_check(&sim, strong->se.sum_exec > 4 * weak->se.sum_exec, "%llu and %llu ms",
		  strong->se.sum_exec / MS, weak->se.sum_exec / MS);
	sim_end(&sim);
}

static void test_other_levels(void **state)
{
	for (u32 levels = 2; levels <= MAX_LEVELS; levels++) {
		mlfq_levels = levels;
		mlfq_boost_ms = 10 * levels;
		sim_init(&sim, sim_seed + levels, 2);
		sim.chaos = (struct chaos){ .every = 2 * MS, .nice = 200, .move = 100, .idle = 20 };
		sim.chaos_at = sim.now;
		sim_populate(&sim, 20, -20, 19, 50);
		for (unsigned i = 0; i < 1000; i++) {
			sim_run(&sim, sim.now + 1 * MS);
			if (i == 500)
				mlfq_levels = 2;	/* robust, though nobody does it */
			if (i < 500)
				probe(&sim, 0, sim_queued(&sim, 0));
		}
		sim_end(&sim);
	}
	mlfq_levels = CONFIG_SCHED_MLFQ_LEVELS;
	mlfq_boost_ms = CONFIG_SCHED_MLFQ_BOOST_MS;
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_io_beats_cpu),
		cmocka_unit_test(test_boost_ends_starvation),
		cmocka_unit_test(test_cheating_does_not_pay),
		cmocka_unit_test(test_demotion_in_total),
		cmocka_unit_test(test_gives_way),
		cmocka_unit_test(test_nice_weighs),
		cmocka_unit_test(test_other_levels),
	};

	return sim_main(argc, argv, tests, ARRAY_SIZE(tests));
}
