/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is to happen at a time, in order of it: one timer stands for the first. A backend's lock is not
 * for interrupts, so the timer hands on to a work item. See <net/inet.h>.
 */
#include <net/inet.h>

static void fire(struct timer *t);
static void run_due(struct work *w);

static struct rb_root_cached tree = RB_ROOT_CACHED;	/* b  of inet_due.node */
static struct timer timer = { .fn = fire };
static struct work work = WORK_INIT(work, run_due);

static struct inet_due *first(void)
{
	return rb_entry_safe(rb_first_cached(&tree), struct inet_due, node);
}

static void fire(struct timer *t)
{
	schedule_work(&work);
}

static void run_due(struct work *w)
{
	nsec_t now = ktime_get();
	struct inet_due *d;

	inet_port_ops.lock();
	while ((d = first()) && d->expires <= now) {
		void (*fn)(struct inet_due *) = d->fn;

		inet_due_off(d);
		fn(d);
	}
	if (d)
		timer_start(&timer, d->expires);
	inet_port_ops.unlock();
}

static bool sooner(const struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, struct inet_due, node)->expires < rb_entry(b, struct inet_due, node)->expires;
}

void inet_due_at(struct inet_due *d, nsec_t expires, void (*fn)(struct inet_due *))
{
	inet_due_off(d);
	d->expires = expires;
	d->fn = fn;
	if (rb_add_cached(&d->node, &tree, sooner))
		timer_start(&timer, expires);
}

void inet_due_off(struct inet_due *d)
{
	if (d->fn)
		rb_erase_cached(&d->node, &tree);
	d->fn = NULL;
}
