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
 * The running entity stays in the tree, where its v and its deadline, and so all that
 * was derived from them, stay as they were when it was picked; what it gains on its v is
 * the queue's `gained`. So picking it changes nothing, and being interrupted before its
 * request is served only refreshes the minima above it: only who begins a new request, or
 * sleeps, is taken out. Nobody searches the tree while it is out of date.
 *
 * With base an arbitrary origin, V - base = sum(w (v - base)) / sum(w). Both sums are
 * kept up to date, gains included. The base follows V at every pick, which keeps the
 * products small, and makes "v <= V" a comparison with the base.
 *
 * A sleeper keeps its lag, in ns of service and at most LAG_LIMIT either way. What it
 * owes is paid off while it sleeps, by the share of the CPU it then forgoes; what it
 * is owed does not grow. A task that yields gives up what it is owed.
 */
#include <kernel/sched_policy.h>
#include <lib/rbtree_inline.h>

/* In a queue: the end of the present request, in virtual time. Asleep: since when. */
#define asleep_since(e)	((e)->deadline)
/* sum_exec when it was picked. */
#define picked_at(e)	((e)->slice_used)
#define LONG_SLEEP	((nsec_t)1 << 33)	/* times any weight it still is a u64 */

/* More than a slice, as the tick that ends it may be late. */
#define LAG_LIMIT	((s64)(2 * sched_slice_ns()))

/* Virtual time begins shortly before it wraps, so that no wrap is a surprise. */
#define FIRST_BASE	(0 - (u64)10000000000)

static struct eevdf_queue {
	struct rb_root tree;		/* by deadline, the running entity included */
	u64	base;
	s64	sum_wv;			/* sum of weight * (v - base) */
	s64	sum_w;
	unsigned nr;
	struct sched_entity *curr;	/* the one that runs; NULL: none, or one of real time */
	u64	gained;			/* by curr since it was picked: its v is vruntime + gained */
} queues[CONFIG_NR_CPUS];

static struct sched_entity *entity(const struct rb_node *n)
{
	return rb_entry(n, struct sched_entity, node);
}

static u64 weighted(nsec_t ns, const struct sched_entity *e)
{
	return ns * SCHED_WEIGHT_NICE0 / e->weight;
}

static bool before(u64 a, u64 b)
{
	return (s64)(a - b) < 0;
}

/* V - base. Rounds down, so that rounding never makes all entities ineligible. */
static s64 average(const struct eevdf_queue *q)
{
	s64 sum = q->sum_wv, w = q->sum_w, quotient;

	if (!w)
		return 0;
	quotient = sum / w;
	return quotient + ((sum - quotient * w) >> 63);
}

/* One of weight w joins, so far from the base; w < 0: it leaves. */
static void sums_add(struct eevdf_queue *q, s64 from_base, s64 w)
{
	q->sum_wv += from_base * w;
	q->sum_w += w;
}

static void base_follow(struct eevdf_queue *q)
{
	s64 d = average(q);

	q->base += d;
	q->sum_wv -= d * q->sum_w;
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

static __always_inline u64 least(u64 v, const struct rb_node *n)
{
	return n && before(entity(n)->subtree_min, v) ? entity(n)->subtree_min : v;
}

static __always_inline bool update_subtree(struct rb_node *n)
{
	struct sched_entity *e = entity(n);
	u64 last = e->subtree_min;

	e->subtree_min = least(least(e->vruntime, n->rb_left), n->rb_right);
	return e->subtree_min != last;
}

static __always_inline void copy_subtree(struct rb_node *to, const struct rb_node *from)
{
	entity(to)->subtree_min = entity(from)->subtree_min;
}

static void tree_add(struct eevdf_queue *q, struct sched_entity *e)
{
	struct rb_node **link = &q->tree.rb_node, *parent = NULL;
	u64 v = e->vruntime, deadline = e->deadline;

	while (*link) {
		parent = *link;
		link = before(deadline, entity(parent)->deadline) ? &parent->rb_left
								  : &parent->rb_right;
	}
	e->subtree_min = v;
	rb_link_node(&e->node, parent, link);
	for (; parent && before(v, entity(parent)->subtree_min); parent = rb_parent(parent))
		entity(parent)->subtree_min = v;
	rb_insert_fixup(&e->node, &q->tree, update_subtree, copy_subtree);
	q->nr++;
}

static void tree_del(struct eevdf_queue *q, struct sched_entity *e)
{
	rb_erase_inline(&e->node, &q->tree, update_subtree, copy_subtree);
	q->nr--;
}

/*
 * Charges the running entity for the time since it was last charged. What is less
 * than a unit of its virtual time is left for the next charge.
 */
static void charge(struct eevdf_queue *q, struct sched_entity *e)
{
	u32 w = e->weight;
	u64 d = weighted(e->sum_exec - e->last_sum, e);
	nsec_t ns = d * w / SCHED_WEIGHT_NICE0;

	e->last_sum += ns;
	q->gained += d;
	q->sum_wv += (s64)d * w;
}

static u64 curr_v(const struct eevdf_queue *q)
{
	return q->curr->vruntime + q->gained;
}

/* Has the running entity had what it asked for? */
static bool served(const struct eevdf_queue *q)
{
	return !before(curr_v(q), q->curr->deadline);
}

/* The running entity goes to the place of a request that begins now, at v. */
static void begin_request(struct eevdf_queue *q, u64 v)
{
	struct sched_entity *e = q->curr;

	tree_del(q, e);
	e->vruntime = v;
	e->deadline = v + weighted(sched_slice_ns(), e);
	q->gained = 0;
	tree_add(q, e);
}

static void eevdf_init_rq(unsigned cpu)
{
	queues[cpu].tree = RB_ROOT;
	queues[cpu].base = FIRST_BASE;
}

static void eevdf_task_init(struct sched_entity *e, const struct sched_entity *parent) { }

/* e slept, and did without its share of the CPU for that time. */
static void pay_off(const struct eevdf_queue *q, struct sched_entity *e, nsec_t slept)
{
	s64 paid = (s64)min(slept, LONG_SLEEP) * e->weight / (q->sum_w + e->weight);

	e->vlag = min(e->vlag + paid, 0ll);
}

/* e joins with the lag it left with. */
static void eevdf_enqueue(unsigned cpu, struct sched_entity *e, enum enqueue_reason why, nsec_t now)
{
	struct eevdf_queue *q = &queues[cpu];
	s64 w = e->weight, lag, from_base;

	if (q->curr)
		charge(q, q->curr);
	if (e->vlag < 0 && why == ENQUEUE_WAKE && now > asleep_since(e))
		pay_off(q, e, now - asleep_since(e));
	lag = e->vlag;
	/* Joining moves V towards e; scale so that its lag after joining is vlag. */
	if (q->sum_w)
		lag = lag * (q->sum_w + w) / q->sum_w;
	from_base = average(q) - lag * (s64)SCHED_WEIGHT_NICE0 / w;
	e->vruntime = q->base + (u64)from_base;
	e->deadline = e->vruntime + weighted(sched_slice_ns(), e);
	sums_add(q, from_base, w);
	tree_add(q, e);
}

static void eevdf_dequeue(unsigned cpu, struct sched_entity *e, bool sleeping, nsec_t now)
{
	struct eevdf_queue *q = &queues[cpu];
	s64 limit = LAG_LIMIT, w = e->weight;

	tree_del(q, e);
	if (e == q->curr) {
		charge(q, e);
		e->vruntime = curr_v(q);
		q->curr = NULL;
	}
	e->vlag = clamp((s64)(virtual_time(q) - e->vruntime) * w / (s64)SCHED_WEIGHT_NICE0, -limit,
			limit);
	sums_add(q, (s64)(e->vruntime - q->base), -w);
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
	picked_at(e) = e->sum_exec;
	q->curr = e;
	q->gained = 0;
	return e;
}

static void eevdf_put_prev(unsigned cpu, struct sched_entity *e, nsec_t now)
{
	struct eevdf_queue *q = &queues[cpu];

	charge(q, e);
	if (served(q)) {
		begin_request(q, curr_v(q));
	} else {
		e->vruntime = curr_v(q);
		rb_propagate_inline(&e->node, update_subtree);
	}
	q->curr = NULL;
}

static bool eevdf_tick(unsigned cpu, struct sched_entity *e, nsec_t now)
{
	struct eevdf_queue *q = &queues[cpu];

	charge(q, e);
	base_follow(q);
	if (!served(q) || q->nr > 1)
		return served(q);	/* put_prev() does the rest */
	begin_request(q, curr_v(q));
	return false;
}

/* enqueue() of `woken` has charged curr. */
static bool eevdf_check_preempt(unsigned cpu, struct sched_entity *curr,
				struct sched_entity *woken, nsec_t now)
{
	struct eevdf_queue *q = &queues[cpu];
	u64 v;

	if (curr->idle_policy != woken->idle_policy)
		return curr->idle_policy;
	v = virtual_time(q);
	/* Let it run for a moment, so that many wake-ups do not mean many switches. */
	if (curr->sum_exec - picked_at(curr) < sched_slice_ns() / 4 && eligible(curr_v(q), v))
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
	u64 v, others;

	charge(q, e);
	v = curr_v(q);
	sums_add(q, (s64)(v - q->base), -(s64)e->weight);
	others = virtual_time(q);
	if (q->nr > 1 && !before(others, v))
		v = others + 1;
	begin_request(q, v);
	sums_add(q, (s64)(v - q->base), e->weight);
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
	.name = "eevdf", .init_rq = eevdf_init_rq, .task_init = eevdf_task_init,
	.enqueue = eevdf_enqueue, .dequeue = eevdf_dequeue, .pick_next = eevdf_pick_next,
	.put_prev = eevdf_put_prev, .tick = eevdf_tick, .check_preempt = eevdf_check_preempt,
	.yield = eevdf_yield, .set_params = eevdf_set_params, .slice = eevdf_slice,
};
