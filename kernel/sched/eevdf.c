/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Earliest eligible virtual deadline first (Stoica and Abdel-Wahab, 1995).
 *
 * Every entity has a virtual run time v that grows with the time it runs, divided
 * by its weight. V, the weighted average of v over all that are ready, is where
 * each of them would stand had the CPU been shared ideally; lag = V - v is what the
 * CPU owes an entity. An entity is eligible if its lag is not negative. It asks
 * for the CPU in requests of one slice: its deadline is v + slice / weight at the
 * start of the request. Of the eligible entities the one with the earliest deadline
 * runs. Latency follows the slice, share follows the weight.
 *
 * The queue is a tree by deadline, augmented with the smallest v of each subtree:
 * the leftmost eligible entity is found by going left wherever the left subtree
 * holds an eligible one. All operations are O(log n).
 *
 * With base an arbitrary origin, V - base = sum(w (v - base)) / sum(w). Both sums are
 * kept up to date, and include the running entity. The base follows V at every pick,
 * which keeps the products small, and makes "v <= V" a comparison with the base.
 *
 * A sleeper keeps its lag, in ns of service and at most LAG_LIMIT either way. What it
 * owes is paid off while it sleeps, by the share of the CPU it then forgoes; what it
 * is owed does not grow. A task that yields gives up what it is owed.
 */
#include <kernel/sched_policy.h>

/* In a queue: the end of the present request, in virtual time. Asleep: since when. */
#define asleep_since(e)	((e)->deadline)
#define LONG_SLEEP	((nsec_t)10000000000)

/* More than a slice, as the tick that ends it may be late. */
#define LAG_LIMIT	((s64)(2 * sched_slice_ns()))

/* Virtual time begins shortly before it wraps, so that no wrap is a surprise. */
#define FIRST_BASE	(0 - (u64)10000000000)

static struct eevdf_queue {
	struct rb_root tree;	/* by deadline; the running entity is not in it */
	u64	base;
	s64	sum_wv;			/* sum of weight * (vruntime - base) */
	u64	sum_w;
	unsigned nr;
	struct sched_entity *curr;	/* counted in the sums, though not in the tree */
} queues[CONFIG_NR_CPUS];

static struct sched_entity *entity(const struct rb_node *n)
{
	return rb_entry(n, struct sched_entity, node);
}

static u64 weighted(nsec_t ns, const struct sched_entity *e)
{
	return e->weight == SCHED_WEIGHT_NICE0 ? ns : ns * SCHED_WEIGHT_NICE0 / e->weight;
}

static bool before(u64 a, u64 b)
{
	return (s64)(a - b) < 0;
}

static void sums_add(struct eevdf_queue *q, const struct sched_entity *e)
{
	q->sum_wv += (s64)(e->vruntime - q->base) * e->weight;
	q->sum_w += e->weight;
}

static void sums_sub(struct eevdf_queue *q, const struct sched_entity *e)
{
	q->sum_wv -= (s64)(e->vruntime - q->base) * e->weight;
	q->sum_w -= e->weight;
}

/* V - base. Rounds down, so that rounding never makes all entities ineligible. */
static s64 average(const struct eevdf_queue *q)
{
	s64 n = q->sum_wv, w = (s64)q->sum_w;

	if (!w)
		return 0;
	return n >= 0 ? n / w : -((-n + w - 1) / w);
}

static void base_follow(struct eevdf_queue *q)
{
	s64 d = average(q);

	q->base += d;
	q->sum_wv -= d * (s64)q->sum_w;
}

/* virtual_time() is V rounded down, and all v are whole: nothing is lost. */
static u64 virtual_time(const struct eevdf_queue *q)
{
	return q->base + (u64)average(q);
}

static bool eligible(u64 v, u64 now)
{
	return !before(now, v);
}

static bool update_subtree(struct rb_node *n)
{
	struct sched_entity *e = entity(n);
	u64 last = e->subtree_min, min = e->vruntime;

	if (n->rb_left && before(entity(n->rb_left)->subtree_min, min))
		min = entity(n->rb_left)->subtree_min;
	if (n->rb_right && before(entity(n->rb_right)->subtree_min, min))
		min = entity(n->rb_right)->subtree_min;
	e->subtree_min = min;
	return min != last;
}

static void tree_add(struct eevdf_queue *q, struct sched_entity *e)
{
	struct rb_node **link = &q->tree.rb_node, *parent = NULL;

	while (*link) {
		parent = *link;
		link = before(e->deadline, entity(parent)->deadline) ? &parent->rb_left
								     : &parent->rb_right;
	}
	rb_link_node(&e->node, parent, link);
	e->subtree_min = e->vruntime;
	rb_insert_augmented(&e->node, &q->tree, update_subtree);
	q->nr++;
}

static void tree_del(struct eevdf_queue *q, struct sched_entity *e)
{
	rb_erase_augmented(&e->node, &q->tree, update_subtree);
	q->nr--;
}

/*
 * Charges the running entity for the time since it was last charged. What is less
 * than a unit of its virtual time is left for the next charge.
 */
static void charge(struct eevdf_queue *q, struct sched_entity *e)
{
	u64 d = weighted(e->sum_exec - e->last_sum, e);
	nsec_t ns = e->weight == SCHED_WEIGHT_NICE0 ? d : d * e->weight / SCHED_WEIGHT_NICE0;

	e->slice_used += ns;
	e->last_sum += ns;
	e->vruntime += d;
	q->sum_wv += (s64)d * e->weight;
}

/* The request is served: the next one begins. */
static bool renew_deadline(struct sched_entity *e)
{
	if (before(e->vruntime, e->deadline))
		return false;
	e->deadline = e->vruntime + weighted(sched_slice_ns(), e);
	return true;
}

static void eevdf_init_rq(unsigned cpu)
{
	queues[cpu].tree = RB_ROOT;
	queues[cpu].base = FIRST_BASE;
}

static void eevdf_task_init(struct sched_entity *e, const struct sched_entity *parent)
{
}

/* Places e so that it joins with the lag it left with. */
static void place(struct eevdf_queue *q, struct sched_entity *e)
{
	s64 lag = e->vlag;

	/* Joining moves V towards e; scale so that its lag after joining is vlag. */
	if (lag && q->sum_w)
		lag = lag * (s64)(q->sum_w + e->weight) / (s64)q->sum_w;
	e->vruntime = virtual_time(q) - (u64)(lag * (s64)SCHED_WEIGHT_NICE0 / (s64)e->weight);
	e->deadline = e->vruntime + weighted(sched_slice_ns(), e);
}

/* e slept, and did without its share of the CPU for that time. */
static void pay_off(const struct eevdf_queue *q, struct sched_entity *e, nsec_t slept)
{
	s64 paid = (s64)(min(slept, LONG_SLEEP) * e->weight / (q->sum_w + e->weight));

	e->vlag = min(e->vlag + paid, 0ll);
}

static void eevdf_enqueue(unsigned cpu, struct sched_entity *e, enum enqueue_reason why, nsec_t now)
{
	struct eevdf_queue *q = &queues[cpu];

	if (q->curr)
		charge(q, q->curr);
	if (e->vlag < 0 && why == ENQUEUE_WAKE && now > asleep_since(e))
		pay_off(q, e, now - asleep_since(e));
	place(q, e);
	sums_add(q, e);
	tree_add(q, e);
}

static void eevdf_dequeue(unsigned cpu, struct sched_entity *e, bool sleeping, nsec_t now)
{
	struct eevdf_queue *q = &queues[cpu];
	s64 limit = LAG_LIMIT;

	if (e == q->curr) {
		charge(q, e);
		q->curr = NULL;
	} else {
		tree_del(q, e);
	}
	e->vlag = clamp((s64)(virtual_time(q) - e->vruntime) * (s64)e->weight /
			(s64)SCHED_WEIGHT_NICE0, -limit, limit);
	sums_sub(q, e);
	asleep_since(e) = now;
}

static struct sched_entity *eevdf_pick_next(unsigned cpu, nsec_t now)
{
	struct eevdf_queue *q = &queues[cpu];
	struct rb_node *n = q->tree.rb_node;
	struct sched_entity *e;

	if (!n)
		return NULL;
	base_follow(q);
	/* Nobody runs, so that V is the average of the tree: some v in it is not above. */
	for (;;) {
		if (n->rb_left && eligible(entity(n->rb_left)->subtree_min, q->base))
			n = n->rb_left;
		else if (eligible(entity(n)->vruntime, q->base) || !n->rb_right)
			break;
		else
			n = n->rb_right;
	}
	e = entity(n);
	tree_del(q, e);
	e->slice_used = 0;
	q->curr = e;
	return e;
}

static void eevdf_put_prev(unsigned cpu, struct sched_entity *e, nsec_t now)
{
	struct eevdf_queue *q = &queues[cpu];

	charge(q, e);
	renew_deadline(e);
	q->curr = NULL;
	tree_add(q, e);
}

static bool eevdf_tick(unsigned cpu, struct sched_entity *e, nsec_t now)
{
	struct eevdf_queue *q = &queues[cpu];

	charge(q, e);
	base_follow(q);
	return renew_deadline(e) && q->nr;
}

static bool eevdf_check_preempt(unsigned cpu, struct sched_entity *curr,
				struct sched_entity *woken, nsec_t now)
{
	struct eevdf_queue *q = &queues[cpu];
	u64 v;

	if (curr->idle_policy != woken->idle_policy)
		return curr->idle_policy;
	charge(q, curr);
	v = virtual_time(q);
	/* Let it run for a moment, so that many wake-ups do not mean many switches. */
	if (curr->slice_used < sched_slice_ns() / 4 && eligible(curr->vruntime, v))
		return false;
	return before(woken->deadline, curr->deadline) && eligible(woken->vruntime, v);
}

/*
 * Gives up the rest of the request, and what the CPU owes e: it moves just past the
 * others' average, which is past one of them at least, and that one is eligible.
 */
static void eevdf_yield(unsigned cpu, struct sched_entity *e, nsec_t now)
{
	struct eevdf_queue *q = &queues[cpu];
	u64 others;

	charge(q, e);
	sums_sub(q, e);
	others = virtual_time(q);
	if (q->nr && !before(others, e->vruntime))
		e->vruntime = others + 1;
	sums_add(q, e);
	e->deadline = e->vruntime + weighted(sched_slice_ns(), e);
}

/* Time as a real-time task, which the policy does not see, is not charged. */
static void eevdf_set_params(unsigned cpu, struct sched_entity *e)
{
	e->last_sum = e->sum_exec;
}

static nsec_t eevdf_slice(const struct sched_entity *e)
{
	return sched_slice_ns();
}

const struct sched_policy sched_policy = {
	.name = "eevdf",
	.init_rq = eevdf_init_rq,
	.task_init = eevdf_task_init,
	.enqueue = eevdf_enqueue,
	.dequeue = eevdf_dequeue,
	.pick_next = eevdf_pick_next,
	.put_prev = eevdf_put_prev,
	.tick = eevdf_tick,
	.check_preempt = eevdf_check_preempt,
	.yield = eevdf_yield,
	.set_params = eevdf_set_params,
	.slice = eevdf_slice,
};
