/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Earliest eligible virtual deadline first: the tree and the sums are what they
 * should be, every lag stays within a slice, and shares follow the weights.
 */
#include "../../../kernel/sched/eevdf.c"
#include "sim.h"

const bool starves_by_design, linear_by_design;

static const struct behaviour busy = { CPU_BOUND, CPU_BOUND, 0, 0, false, 0 };
static struct sim sim;
static s64 worst_lag, slack;

void probe_reset(void)
{
	memset(queues, 0, sizeof(queues));
}

static u64 v_of(const struct eevdf_queue *q, const struct sched_entity *e)
{
	return e == q->curr ? curr_v(q) : e->vruntime;
}

struct walk {
	struct sim *s;
	const struct eevdf_queue *q;
	unsigned n;
	s64 sum_wv;
	s64 sum_w;
	u64 last_deadline;
};

static void visit(struct walk *w, const struct sched_entity *e)
{
	if (w->n++)
		sim_check(w->s, !before(e->deadline, w->last_deadline), "tree out of order");
	w->last_deadline = e->deadline;
	w->sum_wv += (s64)(v_of(w->q, e) - w->q->base) * e->weight;
	w->sum_w += e->weight;
}

static u64 walk(struct walk *w, struct rb_node *n)
{
	struct sched_entity *e = entity(n);
	u64 min = e->vruntime, m;

	if (n->rb_left && before(m = walk(w, n->rb_left), min))
		min = m;
	visit(w, e);
	if (n->rb_right && before(m = walk(w, n->rb_right), min))
		min = m;
	sim_check(w->s, e->subtree_min == min, "smallest v below a node");
	return min;
}

void probe(struct sim *s, unsigned cpu, unsigned queued)
{
	struct eevdf_queue *q = &queues[cpu];
	struct walk w = { .s = s, .q = q };

	if (q->tree.rb_node)
		walk(&w, q->tree.rb_node);
	sim_check(s, w.n == queued + !!q->curr && w.n == q->nr,
		  "%u in the tree of cpu %u, %u are ready, nr %u", w.n, cpu, queued, q->nr);
	if (q->curr)
		sim_check(s, s->cpu[cpu].curr && q->curr == &s->cpu[cpu].curr->se, "curr");
	sim_check(s, w.sum_w == q->sum_w && w.sum_wv == q->sum_wv,
		  "sums %lld %lld, should be %lld %lld", q->sum_w, q->sum_wv, w.sum_w, w.sum_wv);
}

/* What the CPU owes e, in ns of service. */
static s64 lag_of(const struct eevdf_queue *q, const struct sched_entity *e)
{
	s64 v = (s64)(virtual_time(q) - v_of(q, e));

	return v * (s64)e->weight / (s64)SCHED_WEIGHT_NICE0;
}

static void check_lags(struct sim *s)
{
	s64 limit = (s64)(sched_slice_ns() + s->tick + s->max_delay + 1 * US) + slack;

	for (unsigned i = 0; i < s->tasks; i++) {
		struct sim_task *t = &s->task[i];
		struct eevdf_queue *q = &queues[t->cpu];
		s64 lag;

		if (t->rt || (t->state != T_READY && t->state != T_RUNS) ||
		    (t->state == T_RUNS && q->curr != &t->se))
			continue;
		if (q->curr)
			charge(q, q->curr);
		lag = lag_of(q, &t->se);
		worst_lag = max(worst_lag, lag < 0 ? -lag : lag);
		sim_check(s, lag <= limit && -lag <= limit,
			  "lag of task %u (nice %d, state %d) is %lld us", i, t->se.nice, t->state,
			  lag / 1000);
	}
}

static void check_all(struct sim *s)
{
	for (unsigned i = 0; i < s->cpus; i++) {
		sim_settle(s, i);
		probe(s, i, sim_queued(s, i));
	}
	check_lags(s);
}

enum company { BUSY, OVERRUN, SLEEPERS, CHANGES };

static void run_and_check_lags(unsigned n, enum company company)
{
	sim_init(&sim, sim_seed + n, company < SLEEPERS ? 1 : 1 + n % 2);
	sim.tick = (1 + n % 4) * MS;
	sim.max_delay = n % 3 * 10 * US;
	if (company == BUSY) {
		sim.tick = n % 2 ? sched_slice_ns() : sched_slice_ns() / 3;
		sim.max_delay = 0;
	}
	if (company == CHANGES) {
		sim.chaos = (struct chaos){ .every = 5 * MS, .nice = 300, .move = 300, .rt = 50 };
		sim.chaos_at = sim.now;
	}
	sim.after_event = check_all;
	sim_populate(&sim, 2 + n % 16, n % 2 ? -20 : -3, n % 2 ? 19 : 3,
		     company < SLEEPERS ? 100 : n % 101);
	for (unsigned i = 0; i < sim.tasks; i++)
		sim.task[i].does.yields = false;
	sim_run(&sim, sim.now + 1 * SEC);
	sim_end(&sim);
}

/*
 * A fixed set of tasks whose turns end when their slice does keeps within a slice and
 * a tick. Three things add to it: turns that overrun, when several that are due follow
 * each other; sleepers, which join and leave with a lag of up to two slices, and change
 * that of the others by as much in sum; changes of nice and CPU, which do the same.
 */
static void test_lag_within_a_slice(void **state)
{
	static const char *const name[] = { "busy tasks", "overrunning", "with sleepers",
					    "and changes" };

	for (enum company c = BUSY; c <= CHANGES; c++) {
		worst_lag = 0;
		slack = c == BUSY ? 0 : (s64)(2 * (c - 1) + 1) * (s64)sched_slice_ns();
		for (unsigned n = 0; n < sim_workloads / 4; n++)
			run_and_check_lags(n, c);
		printf("           %s: worst lag %lld us, slice %u us\n", name[c],
		       worst_lag / 1000, sched_slice_us);
	}
}

/* Ideal sharing, computed outside of the policy, for a set of busy tasks that stays. */
static void check_fluid(struct sim *s)
{
	double total = 0, limit = (double)(sched_slice_ns() + s->tick + 1 * US);
	nsec_t since = s->now - 1 * SEC;	/* sim_init() starts at 1 s */

	for (unsigned i = 0; i < s->tasks; i++)
		total += s->task[i].se.weight;
	sim_settle(s, 0);
	for (unsigned i = 0; i < s->tasks; i++) {
		double lag = (double)since * s->task[i].se.weight / total -
			     (double)s->task[i].se.sum_exec;

		sim_check(s, lag < limit && -lag < limit, "task %u is %.0f us from its share", i,
			  lag / 1000);
	}
}

static void test_follows_ideal_sharing(void **state)
{
	for (unsigned n = 0; n < sim_workloads / 10; n++) {
		sim_init(&sim, sim_seed + n, 1);
		sim.tick = n % 2 ? sched_slice_ns() : sched_slice_ns() / 3;
		sim_populate(&sim, 2 + n % 20, -20, 19, 100);
		sim.after_event = check_fluid;
		sim_run(&sim, sim.now + 2 * SEC);
		sim.after_event = NULL;
		sim_end(&sim);
	}
}

/* Each busy task's part of what all busy tasks got is its part of their weights. */
static void check_shares(struct sim *s, const char *what)
{
	double weights = 0, got = 0, worst = 0;

	for (unsigned i = 0; i < s->tasks; i++) {
		if (s->task[i].does.burst_lo != CPU_BOUND)
			continue;
		weights += s->task[i].se.weight;
		got += (double)s->task[i].se.sum_exec;
	}
	for (unsigned i = 0; i < s->tasks; i++) {
		struct sim_task *t = &s->task[i];
		double off = (double)t->se.sum_exec / got * weights / t->se.weight - 1;

		if (t->does.burst_lo != CPU_BOUND)
			continue;
		if (off < 0)
			off = -off;
		worst = max(worst, off);
		sim_check(s, off < 0.01, "%s: nice %d is %.2f %% off its share", what, t->se.nice,
			  off * 100);
	}
	printf("           %s: worst share %.3f %% off\n", what, worst * 100);
}

static void test_shares_of_busy_tasks(void **state)
{
	static const int nice[3] = { -20, 0, 19 };

	for (unsigned n = 0; n < 5; n++) {
		sim_init(&sim, sim_seed + n, 1);
		sim_populate(&sim, 2 + n * 4, -8, 8, 100);
		sim_run(&sim, sim.now + 400 * SEC);
		check_shares(&sim, "nice -8 to 8, 400 s");
		sim_end(&sim);
	}
	sim_init(&sim, sim_seed, 1);
	for (unsigned i = 0; i < 3; i++)
		sim_fork(&sim, &busy, nice[i], NULL);
	sim_run(&sim, sim.now + 6000 * SEC);
	check_shares(&sim, "nice -20, 0, 19, 6000 s");
	sim_end(&sim);
}

static void test_shares_beside_sleepers(void **state)
{
	struct behaviour io = { 20 * US, 2 * MS, 1 * MS, 20 * MS, false, 0 };

	for (unsigned n = 0; n < 5; n++) {
		sim_init(&sim, sim_seed + n, 1);
		sim.max_delay = 10 * US;
		sim_populate(&sim, 3 + n, -6, 6, 100);
		for (unsigned i = 0; i < 6; i++)
			sim_fork(&sim, &io, (int)i - 3, NULL);
		sim_run(&sim, sim.now + 300 * SEC);
		check_shares(&sim, "beside sleepers, 300 s");
		sim_end(&sim);
	}
}

/* One that yields in a loop does not keep the CPU from others, nor lose its place for ever. */
static void test_yield(void **state)
{
	struct behaviour yields = { 5 * US, 5 * US, 0, 0, true, 0 };
	struct sim_task *a, *b, *c;

	sim_init(&sim, sim_seed, 1);
	slack = (s64)sched_slice_ns();		/* what a yielder gives up, others get */
	sim.after_event = check_all;
	a = sim_fork(&sim, &yields, 0, NULL);
	sim_run(&sim, sim.now + 1 * SEC);	/* alone */
	b = sim_fork(&sim, &yields, 0, NULL);
	sim_run(&sim, sim.now + 100 * MS);
	sim_check(&sim, sim.cpu[0].switches > 15000, "%llu switches in 20000 yields",
		  sim.cpu[0].switches);
	c = sim_fork(&sim, &busy, 0, NULL);
	sim_run(&sim, sim.now + 100 * MS);
	sim_check(&sim, a->max_wait < 10 * MS && b->max_wait < 10 * MS && c->max_wait < 10 * MS,
		  "waits of %llu, %llu and %llu us", a->max_wait / US, b->max_wait / US,
		  c->max_wait / US);
	sim_end(&sim);
}

/* Who had the CPU to itself has the rest of a request when another comes, not one long over. */
static void test_alone_asks_anew(void **state)
{
	struct sched_entity e = { .weight = SCHED_WEIGHT_NICE0 }, other = e;
	nsec_t slice = sched_slice_ns(), now = SEC;

	sim_init(&sim, 1, 1);
	sched_policy.enqueue(0, &e, ENQUEUE_WAKE, now);
	assert_ptr_equal(sched_policy.pick_next(0, now), &e);
	e.sum_exec += slice * 3 / 2;
	assert_false(sched_policy.tick(0, &e, now));
	sched_policy.enqueue(0, &other, ENQUEUE_WAKE, now);
	e.sum_exec += slice / 2;
	assert_false(sched_policy.tick(0, &e, now));
	e.sum_exec += slice / 2;
	assert_true(sched_policy.tick(0, &e, now));
	sched_policy.dequeue(0, &e, true, now);
	sched_policy.dequeue(0, &other, true, now);
}

/* To sleep for a moment neither earns time nor loses it, whenever it happens. */
static void test_short_sleeps_change_nothing(void **state)
{
	for (unsigned n = 0; n < 10; n++) {
		nsec_t burst = (n % 5 + 1) * 900 * US;
		struct behaviour naps = { burst, burst, 1 * US, 1 * US, false, 0 };
		struct sim_task *t;
		double share;

		sim_init(&sim, sim_seed + n, 1);
		sim.tick = (n < 5 ? 1 : 4) * MS;
		for (unsigned i = 0; i < 3; i++)
			sim_fork(&sim, &busy, 0, NULL);
		t = sim_fork(&sim, &naps, 0, NULL);
		sim_run(&sim, sim.now + 100 * SEC);
		share = (double)t->se.sum_exec / (double)(100 * SEC);
		sim_check(&sim, share > 0.245 && share < 0.255, "%.4f instead of 1/4", share);
		sim_end(&sim);
	}
}

/* A light sleeper waits a round at worst, and most often not at all. */
static void test_wakes_soon(void **state)
{
	struct behaviour io = { 100 * US, 500 * US, 10 * MS, 20 * MS, false, 0 };
	struct sim_task *t;

	for (unsigned hogs = 1; hogs <= 16; hogs *= 2) {
		sim_init(&sim, sim_seed, 1);
		for (unsigned i = 0; i < hogs; i++)
			sim_fork(&sim, &busy, 0, NULL);
		t = sim_fork(&sim, &io, 0, NULL);
		sim_run(&sim, sim.now + 20 * SEC);
		printf("           %u busy: latency mean %llu us, worst %llu us\n", hogs,
		       t->latency_sum / t->wakeups / US, t->latency_max / US);
		sim_check(&sim, t->latency_max <= (hogs + 1) * (sched_slice_ns() + sim.tick),
			  "latency %llu us", t->latency_max / US);
		sim_end(&sim);
	}
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lag_within_a_slice),
		cmocka_unit_test(test_follows_ideal_sharing),
		cmocka_unit_test(test_shares_of_busy_tasks),
		cmocka_unit_test(test_shares_beside_sleepers),
		cmocka_unit_test(test_short_sleeps_change_nothing),
		cmocka_unit_test(test_yield),
		cmocka_unit_test(test_alone_asks_anew),
		cmocka_unit_test(test_wakes_soon),
	};

	return sim_main(argc, argv, tests, ARRAY_SIZE(tests));
}
