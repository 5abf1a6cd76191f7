/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Timers: one tree a CPU, ordered by expiry, in front of a one-shot device.
 */
#include <kernel/cpu.h>
#include <kernel/panic.h>
#include <kernel/spinlock.h>
#include <kernel/time.h>
#include <kernel/timer.h>
#include <trace/counters.h>

/* Locks:  b  base->lock */
struct timer_base {
	spinlock_t	      lock;	/* innermost but for nothing: its holder calls nobody */
	struct rb_root_cached tree;	/* b */
	struct timer	     *running;	/* b  whose function runs now */
	nsec_t		      programmed; /* b  what the device waits for; NSEC_MAX: nothing */
};

static DEFINE_PER_CPU(struct timer_base, bases);
static const struct clockevent *device;

static bool expires_before(const struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, struct timer, node)->expires < rb_entry(b, struct timer, node)->expires;
}

/* This CPU, under base->lock. */
static void program(struct timer_base *base)
{
	struct rb_node *n = rb_first_cached(&base->tree);
	nsec_t next = n ? rb_entry(n, struct timer, node)->expires : NSEC_MAX;

	if (next == base->programmed || !device)
		return;
	base->programmed = next;
	device->set_next(next == NSEC_MAX ? ~0ull : ktime_to_cycles(next));
}

static struct timer_base *lock_base(struct timer *t, unsigned long *flags) NO_THREAD_SAFETY_ANALYSIS
{
	for (;;) {
		unsigned cpu = READ_ONCE(t->cpu);
		struct timer_base *base = &per_cpu(bases, cpu);

		spin_lock_irqsave(&base->lock, *flags);
		if (likely(cpu == READ_ONCE(t->cpu)))
			return base;
		spin_unlock_irqrestore(&base->lock, *flags);
	}
}

void timer_init(struct timer *t, void (*fn)(struct timer *t))
{
	RB_CLEAR_NODE(&t->node);
	t->fn = fn;
	t->expires = 0;
	t->queued = false;
	t->cpu = cpu_id();
}

static void unqueue(struct timer_base *base, struct timer *t)
{
	rb_erase_cached(&t->node, &base->tree);
	t->queued = false;
}

void timer_start(struct timer *t, nsec_t expires) NO_THREAD_SAFETY_ANALYSIS
{
	unsigned long flags;
	struct timer_base *base = lock_base(t, &flags);

	if (t->queued)
		unqueue(base, t);
	/* Follow the caller, unless the function runs: cancel must find it there. */
	if (t->cpu != cpu_id() && base->running != t) {
		struct timer_base *here = this_cpu_ptr(bases);

		WRITE_ONCE(t->cpu, cpu_id());
		spin_unlock(&base->lock);
		base = here;
		spin_lock(&base->lock);
	}
	t->expires = expires;
	t->queued = true;
	rb_add_cached(&t->node, &base->tree, expires_before);
	if (t->cpu == cpu_id())
		program(base);
	spin_unlock_irqrestore(&base->lock, flags);
}

int timer_try_cancel(struct timer *t) NO_THREAD_SAFETY_ANALYSIS
{
	unsigned long flags;
	struct timer_base *base = lock_base(t, &flags);
	int ret = t->queued;

	/* The device may fire for nothing once; that is cheaper than programming it. */
	if (ret)
		unqueue(base, t);
	/* Its function may have started it again and not have returned yet. */
	if (unlikely(base->running == t))
		ret = -1;
	spin_unlock_irqrestore(&base->lock, flags);
	return ret;
}

bool timer_cancel(struct timer *t)
{
	int ret;

	while ((ret = timer_try_cancel(t)) < 0)
		cpu_relax();
	return ret;
}

void timer_interrupt(bool user) NO_THREAD_SAFETY_ANALYSIS
{
	struct timer_base *base = this_cpu_ptr(bases);
	struct rb_node *n;

	spin_lock(&base->lock);
	base->programmed = 0;
	while ((n = rb_first_cached(&base->tree))) {
		struct timer *t = rb_entry(n, struct timer, node);

		if (t->expires > ktime_get())
			break;
		unqueue(base, t);
		base->running = t;
		spin_unlock(&base->lock);
		t->fn(t);
		spin_lock(&base->lock);
		base->running = NULL;
	}
	program(base);
	spin_unlock(&base->lock);
}

void clockevent_register(const struct clockevent *dev)
{
	device = dev;
}

void timers_init(void)
{
	for (unsigned i = 0; i < CONFIG_NR_CPUS; i++) {
		spin_lock_init(&per_cpu(bases, i).lock);
		per_cpu(bases, i).tree = RB_ROOT_CACHED;
		per_cpu(bases, i).programmed = NSEC_MAX;
	}
}
