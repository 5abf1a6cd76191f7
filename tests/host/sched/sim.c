/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The simulated core. The functions carry the names of those in kernel/sched/core.c
 * that they stand for.
 */
#include "sim.h"

u64 op_cost[OPS];

u64 sim_blocks;

/* The coverage hook, which only the policy and the tree are built with. */
void __sanitizer_cov_trace_pc(void);
void __sanitizer_cov_trace_pc(void)
{
	sim_blocks++;
}

u64 sim_random(struct sim *s)
{
	s->rng ^= s->rng << 13;
	s->rng ^= s->rng >> 7;
	s->rng ^= s->rng << 17;
	return (s->rng * 0x2545f4914f6cdd1dull) >> 16;
}

nsec_t sim_range(struct sim *s, nsec_t lo, nsec_t hi)
{
	return hi > lo ? lo + sim_random(s) % (hi - lo + 1) : lo;
}

nsec_t sim_longest_wait(const struct sim *s, const struct sim_task *t)
{
	return t->state == T_READY ? max(t->max_wait, s->now - t->ready_since) : t->max_wait;
}

u32 sim_weight(int nice)
{
	static const u32 weight[40] = {
		88818, 71054, 56843, 45475, 36380, 29104, 23283, 18626, 14901, 11921,
		9537, 7629, 6104, 4883, 3906, 3125, 2500, 2000, 1600, 1280,
		1024, 819, 655, 524, 419, 336, 268, 215, 172, 137,
		110, 88, 70, 56, 45, 36, 29, 23, 18, 15,
	};
	return weight[nice + 20];
}

static struct sim_task *task_of(struct sched_entity *e)
{
	return container_of(e, struct sim_task, se);
}

static void set_weight(struct sim_task *t, int nice, bool idle_policy)
{
	t->se.nice = nice;
	t->se.idle_policy = t->is_idle_policy = idle_policy;
	t->se.weight = idle_policy ? 3 : sim_weight(nice);
}

static unsigned cpu_index(struct sim *s, struct sim_cpu *c)
{
	return (unsigned)(c - s->cpu);
}

unsigned sim_queued(const struct sim *s, unsigned cpu)
{
	unsigned n = 0;

	for (unsigned i = 0; i < s->tasks; i++)
		n += s->task[i].state == T_READY && s->task[i].cpu == cpu && !s->task[i].rt;
	return n;
}

static void rq_update(struct sim *s, struct sim_cpu *c)
{
	struct sim_task *t = c->curr;
	nsec_t ran;

	if (!t)
		return;
	ran = s->now - t->se.exec_start;
	t->se.sum_exec += ran;
	t->se.exec_start = s->now;
	if (t->left != CPU_BOUND)
		t->left -= ran < t->left ? ran : t->left;
}

void sim_settle(struct sim *s, unsigned cpu)
{
	rq_update(s, &s->cpu[cpu]);
}

static void queue_add(struct sim *s, struct sim_task *t, enum enqueue_reason why)
{
	t->state = T_READY;
	if (!t->rt)
		COUNTED(OP_ENQUEUE, sched_policy.enqueue(t->cpu, &t->se, why, s->now));
}

static void queue_del(struct sim *s, struct sim_task *t, bool sleeping)
{
	struct sim_cpu *c = &s->cpu[t->cpu];

	if (t == c->curr && c->requeue)
		return;
	if (!t->rt)
		COUNTED(OP_DEQUEUE, sched_policy.dequeue(t->cpu, &t->se, sleeping, s->now));
}

static void resched(struct sim *s, struct sim_cpu *c)
{
	if (c->resched)
		return;
	c->resched = true;
	c->resched_at = s->now + sim_range(s, 0, s->max_delay);
}

static void check_preempt(struct sim *s, struct sim_task *woken)
{
	struct sim_cpu *c = &s->cpu[woken->cpu];
	bool yes = true;

	if (c->resched)
		return;
	if (c->curr && (c->curr->rt || woken->rt))
		yes = woken->rt && !c->curr->rt;
	else if (c->curr)
		COUNTED(OP_CHECK, yes = sched_policy.check_preempt(woken->cpu, &c->curr->se,
								   &woken->se, s->now));
	if (yes)
		resched(s, c);
}

static unsigned select_cpu(struct sim *s, struct sim_task *t)
{
	unsigned fallback = t->cpu;

	if (t->allowed >> t->cpu & 1 && !s->cpu[t->cpu].curr)
		return t->cpu;
	for (unsigned n = 0; n < s->cpus; n++) {
		if (!(t->allowed >> n & 1))
			continue;
		if (!s->cpu[n].curr)
			return n;
		if (!(t->allowed >> fallback & 1))
			fallback = n;
	}
	return fallback;
}

static void activate(struct sim *s, struct sim_task *t, enum enqueue_reason why)
{
	rq_update(s, &s->cpu[t->cpu]);
	t->se.on_rq = true;
	t->ready_since = s->now;
	queue_add(s, t, why);
	check_preempt(s, t);
}

static void deactivate(struct sim *s, struct sim_task *t, bool sleeping)
{
	queue_del(s, t, sleeping);
	t->se.on_rq = false;
	t->state = T_SLEEPS;
}

static void task_wake(struct sim *s, struct sim_task *t)
{
	t->wake_at = NEVER;
	t->woken_at = s->now;
	t->cpu = select_cpu(s, t);
	activate(s, t, ENQUEUE_WAKE);
}

static struct sim_task *rt_pick(struct sim *s, unsigned cpu)
{
	for (unsigned i = 0; i < s->tasks; i++) {
		struct sim_task *t = &s->task[i];

		if (t->state == T_READY && t->rt && t->cpu == cpu)
			return t;
	}
	return NULL;
}

static struct sim_task *pick_next(struct sim *s, unsigned cpu)
{
	struct sim_task *t = rt_pick(s, cpu);
	struct sched_entity *e;

	if (t)
		return t;
	COUNTED(OP_PICK, e = sched_policy.pick_next(cpu, s->now));
	if (!e) {
		sim_check(s, !sim_queued(s, cpu), "none picked though %u are ready on cpu %u",
			  sim_queued(s, cpu), cpu);
		return NULL;
	}
	t = task_of(e);
	sim_check(s, t->state == T_READY && t->cpu == cpu && !t->rt,
		  "picked task %d, state %d, cpu %u, on cpu %u", t->id, t->state, t->cpu, cpu);
	return t;
}

static void put_prev(struct sim *s, struct sim_cpu *c, struct sim_task *prev)
{
	unsigned cpu = cpu_index(s, c);

	prev->ready_since = s->now;
	if (c->requeue) {
		queue_add(s, prev, ENQUEUE_MOVE);
		return;
	}
	prev->state = T_READY;
	if (!prev->rt)
		COUNTED(OP_PUT_PREV, sched_policy.put_prev(cpu, &prev->se, s->now));
}

static void note_run(struct sim *s, struct sim_task *t)
{
	nsec_t wait = s->now - t->ready_since;

	if (wait > t->max_wait)
		t->max_wait = wait;
	if (t->woken_at != NEVER) {
		wait = s->now - t->woken_at;
		t->woken_at = NEVER;
		t->wakeups++;
		t->latency_sum += wait;
		if (wait > t->latency_max)
			t->latency_max = wait;
	}
}

static void switch_task(struct sim *s, struct sim_cpu *c)
{
	unsigned cpu = cpu_index(s, c);
	struct sim_task *prev = c->curr, *next, *push = NULL;

	c->resched = false;
	rq_update(s, c);
	if (prev && prev->se.on_rq) {
		if (!(prev->allowed >> cpu & 1)) {
			deactivate(s, prev, false);
			push = prev;
		} else {
			put_prev(s, c, prev);
		}
	}
	next = pick_next(s, cpu);
	c->requeue = false;
	c->switches += next != prev;
	if (s->trace && prev && next != prev)
		fprintf(s->trace, "%u %llu %llu %d\n", cpu, c->seg_start, s->now, prev->id);
	if (next != prev)
		c->seg_start = s->now;
	c->curr = next;
	if (next) {
		if (!prev)	/* on the grid of all ticks */
			c->next_tick = (s->now / s->tick + 1) * s->tick;
		next->state = T_RUNS;
		next->se.exec_start = s->now;
		note_run(s, next);
	}
	if (push) {
		push->cpu = select_cpu(s, push);
		activate(s, push, ENQUEUE_MOVE);
	}
}

static void sched_tick(struct sim *s, struct sim_cpu *c)
{
	bool expired = false;

	c->next_tick += s->tick;
	rq_update(s, c);
	if (!c->requeue && !c->curr->rt)
		COUNTED(OP_TICK, expired = sched_policy.tick(cpu_index(s, c), &c->curr->se,
							     s->now));
	if (expired)
		resched(s, c);
}

/* Takes t out of its queue for a change of its parameters, and puts it back. */
static void sched_change(struct sim *s, struct sim_task *t, int nice, bool idle, bool rt)
{
	struct sim_cpu *c = &s->cpu[t->cpu];
	bool on_rq = t->se.on_rq, running = t == c->curr;

	rq_update(s, c);
	if (on_rq)
		queue_del(s, t, false);
	t->rt = rt;
	set_weight(t, nice, idle);
	sched_policy.set_params(t->cpu, &t->se);
	t->ready_since = s->now;
	if (running) {
		c->requeue = on_rq;
		resched(s, c);
	} else if (on_rq) {
		queue_add(s, t, ENQUEUE_MOVE);
		check_preempt(s, t);
	}
}

void sim_set_nice(struct sim *s, struct sim_task *t, int nice, bool idle_policy)
{
	sched_change(s, t, nice, idle_policy, t->rt);
}

void sim_set_affinity(struct sim *s, struct sim_task *t, unsigned mask)
{
	t->allowed = mask;
	if (mask >> t->cpu & 1 || !t->se.on_rq)
		return;
	if (t == s->cpu[t->cpu].curr) {
		resched(s, &s->cpu[t->cpu]);
		return;
	}
	rq_update(s, &s->cpu[t->cpu]);
	deactivate(s, t, false);
	t->cpu = (unsigned)__builtin_ctz(mask);
	activate(s, t, ENQUEUE_MOVE);
}

struct sim_task *sim_fork(struct sim *s, const struct behaviour *does, int nice,
			  const struct sim_task *parent)
{
	struct sim_task *t = NULL;

	for (unsigned i = 0; i < SIM_TASKS && !t; i++) {
		if (s->task[i].state != T_FREE)
			continue;
		t = &s->task[i];
		if (i >= s->tasks)
			s->tasks = i + 1;
		t->id = (int)i;
	}
	if (!t)
		return NULL;
	*t = (struct sim_task){ .id = t->id, .does = *does, .state = T_SLEEPS,
				.allowed = (1u << s->cpus) - 1, .born = s->now,
				.cpu = parent ? parent->cpu : (unsigned)sim_random(s) % s->cpus };
	INIT_LIST_HEAD(&t->se.link);
	set_weight(t, nice, false);
	sched_policy.task_init(&t->se, parent ? &parent->se : NULL);
	t->left = sim_range(s, does->burst_lo, does->burst_hi);
	s->live++;
	task_wake(s, t);
	return t;
}

static void burst_over(struct sim *s, struct sim_cpu *c)
{
	struct sim_task *t = c->curr;
	bool exits = sim_random(s) % 100 < t->does.exit_percent;

	rq_update(s, c);
	t->bursts++;
	t->left = sim_range(s, t->does.burst_lo, t->does.burst_hi);
	if (t->does.yields && !exits) {
		if (!c->requeue && !t->rt)
			sched_policy.yield(t->cpu, &t->se, s->now);
	} else {
		deactivate(s, t, true);
		t->wake_at = s->now + sim_range(s, t->does.sleep_lo, t->does.sleep_hi);
	}
	switch_task(s, c);
	if (exits) {
		memset(&t->se, 0xa5, sizeof(t->se));	/* the policy must not look any more */
		t->state = T_FREE;
		s->live--;
	}
}

static struct sim_task *any_task(struct sim *s)
{
	for (unsigned tries = 0; tries < 20; tries++) {
		struct sim_task *t = &s->task[sim_random(s) % s->tasks];

		if (t->state != T_FREE)
			return t;
	}
	return NULL;
}

/* One outside event: what other tasks and users do to a task. */
static void chaos(struct sim *s)
{
	const struct chaos *c = &s->chaos;
	unsigned dice = sim_random(s) % 1000;
	struct sim_task *t = any_task(s);

	s->chaos_at = s->now + sim_range(s, 1, 2 * c->every);
	if (!t)
		return;
	if (dice < c->nice) {
		sim_set_nice(s, t, (int)(sim_random(s) % 40) - 20, t->is_idle_policy);
	} else if ((dice -= c->nice) < c->idle) {
		sim_set_nice(s, t, t->se.nice, !t->is_idle_policy);
	} else if ((dice -= c->idle) < c->move) {
		sim_set_affinity(s, t, 1 + sim_random(s) % ((1u << s->cpus) - 1));
	} else if ((dice -= c->move) < c->fork) {
		if (t->state == T_RUNS && t->does.exit_percent)
			sim_fork(s, &t->does, t->se.nice, t);
	} else if ((dice -= c->fork) < c->rt && !t->rt) {
		t->rt_until = s->now + sim_range(s, 1, 5 * MS);
		sched_change(s, t, t->se.nice, t->is_idle_policy, true);
	}
}

static nsec_t next_event(struct sim *s)
{
	nsec_t t = s->chaos_at;

	for (unsigned i = 0; i < s->cpus; i++) {
		struct sim_cpu *c = &s->cpu[i];

		if (c->resched)
			t = min(t, c->resched_at);
		if (!c->curr)
			continue;
		t = min(t, c->next_tick);
		if (c->curr->left != CPU_BOUND)
			t = min(t, c->curr->se.exec_start + c->curr->left);
	}
	for (unsigned i = 0; i < s->tasks; i++) {
		struct sim_task *k = &s->task[i];

		if (k->state == T_SLEEPS)
			t = min(t, k->wake_at);
		if (k->state != T_FREE && k->rt)
			t = min(t, k->rt_until);
	}
	return t;
}

static void task_events(struct sim *s)
{
	for (unsigned i = 0; i < s->tasks; i++) {
		struct sim_task *t = &s->task[i];

		if (t->state != T_FREE && t->rt && t->rt_until <= s->now)
			sched_change(s, t, t->se.nice, t->is_idle_policy, false);
		if (t->state == T_SLEEPS && t->wake_at <= s->now)
			task_wake(s, t);
	}
}

static void cpu_events(struct sim *s, struct sim_cpu *c)
{
	if (c->curr && c->curr->left != CPU_BOUND &&
	    c->curr->se.exec_start + c->curr->left <= s->now)
		burst_over(s, c);
	if (c->curr && c->next_tick <= s->now)
		sched_tick(s, c);
}

/* True if something switched; a switch may push a task to another CPU, which then must too. */
static bool switch_where_due(struct sim *s)
{
	bool any = false;

	for (unsigned i = 0; i < s->cpus; i++) {
		struct sim_cpu *c = &s->cpu[i];

		if (c->resched && c->resched_at <= s->now) {
			switch_task(s, c);
			any = true;
		}
	}
	return any;
}

void sim_run(struct sim *s, nsec_t until)
{
	for (;;) {
		nsec_t t = next_event(s);

		if (t > until)
			break;
		s->now = max(s->now, t);
		task_events(s);
		for (unsigned i = 0; i < s->cpus; i++)
			cpu_events(s, &s->cpu[i]);
		if (s->chaos_at <= s->now)
			chaos(s);
		while (switch_where_due(s))
			;
		if (s->after_event)
			s->after_event(s);
	}
	s->now = until;
	for (unsigned i = 0; i < s->cpus; i++)
		rq_update(s, &s->cpu[i]);
}

void sim_init(struct sim *s, u64 seed, unsigned cpus)
{
	memset(s, 0, sizeof(*s));
	s->seed = seed;
	s->rng = seed * 0x9e3779b97f4a7c15ull | 1;
	s->cpus = cpus;
	s->tick = 4 * MS;
	s->chaos_at = NEVER;
	s->now = 1 * SEC;
	probe_reset();
	for (unsigned i = 0; i < SIM_CPUS; i++)
		sched_policy.init_rq(i);
}

void sim_end(struct sim *s)
{
	for (unsigned i = 0; i < s->tasks; i++) {
		struct sim_task *t = &s->task[i];

		if (t->state == T_READY || t->state == T_RUNS)
			deactivate(s, t, true);
		t->state = T_FREE;
	}
	for (unsigned i = 0; i < s->cpus; i++) {
		sim_check(s, !sched_policy.pick_next(i, s->now), "cpu %u holds a task back", i);
		probe(s, i, 0);
	}
}

void sim_populate(struct sim *s, unsigned n, int nice_lo, int nice_hi, unsigned busy_percent)
{
	for (unsigned i = 0; i < n; i++) {
		int nice = nice_lo + (int)(sim_random(s) % (unsigned)(nice_hi - nice_lo + 1));
		struct behaviour does = { CPU_BOUND, CPU_BOUND, 0, 0, false, 0 };

		if (sim_random(s) % 100 >= busy_percent) {
			does.burst_lo = 1 * US;
			does.burst_hi = sim_range(s, 10 * US, 20 * MS);
			does.sleep_lo = 1 * US;
			does.sleep_hi = sim_range(s, 10 * US, 100 * MS);
			does.yields = sim_random(s) % 8 == 0;
			does.exit_percent = sim_random(s) % 4 ? 0 : 5;
		}
		sim_fork(s, &does, nice, NULL);
	}
}
