/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the policy's pick and enqueue cost with a thousand ready tasks, on the queue of a CPU
 * that is not there. With -icount a ns is an instruction, and tests/guest/test_sched.py holds
 * the figures against their limits.
 */
#include <arch/irqflags.h>
#include <kernel/boottest.h>
#include <kernel/printk.h>
#include <lib/string.h>
#include <mm/slab.h>

#include "sched.h"

#define READY	1000
#define ROUNDS	4000		/* the first half only makes the queue look used */
#define SPARE	(CONFIG_NR_CPUS - 1)

struct sample {
	nsec_t sum;
	u64    n;
};

/* Time of the statement, with two looks at the clock. */
#define TIMED(sample, statement) do {				\
	nsec_t __start = ktime_get();				\
								\
	statement;						\
	(sample)->sum += ktime_get() - __start;			\
	(sample)->n++;						\
} while (0)

static nsec_t mean(const struct sample *s, const struct sample *empty)
{
	return (s->sum - empty->sum * s->n / empty->n + s->n / 2) / s->n;
}

static void entity_init(struct sched_entity *e, unsigned n)
{
	memset(e, 0, sizeof(*e));
	INIT_LIST_HEAD(&e->link);
	e->nice = (s8)(n % 40) - 20;
	e->weight = 100 + n * 37 % 3000;
	sched_policy.task_init(e, NULL);
}

static void measure(struct sched_entity *entities)
{
	struct sample pick = { }, put_prev = { }, dequeue = { }, enqueue = { }, empty = { };
	nsec_t now = NSEC_PER_SEC;
	struct sched_entity *e, *other;

	for (unsigned i = 0; i < READY; i++) {
		entity_init(&entities[i], i);
		sched_policy.enqueue(SPARE, &entities[i], ENQUEUE_WAKE, now += 1000);
	}
	for (unsigned i = 0; i < ROUNDS; i++) {
		if (i == ROUNDS / 2)
			pick = put_prev = dequeue = enqueue = empty = (struct sample){ };
		TIMED(&empty, barrier());
		TIMED(&pick, e = sched_policy.pick_next(SPARE, now));
		bt_assert(e);
		e->sum_exec += 100000 + i % 64 * 50000;
		now += 3300000;
		/* It falls asleep, and comes back while another one runs. */
		TIMED(&dequeue, sched_policy.dequeue(SPARE, e, true, now));
		other = sched_policy.pick_next(SPARE, now);
		bt_assert(other);
		other->sum_exec += 10000 + i % 8 * 1000000;
		now += i % 8 * 1000000;
		TIMED(&enqueue, sched_policy.enqueue(SPARE, e, ENQUEUE_WAKE, now));
		TIMED(&put_prev, sched_policy.put_prev(SPARE, other, now));
	}
	for (unsigned i = 0; i < READY; i++) {
		e = sched_policy.pick_next(SPARE, now);
		bt_assert(e);
		sched_policy.dequeue(SPARE, e, true, now);
	}
	bt_expect(!sched_policy.pick_next(SPARE, now));
	pr_info("sched_cost: policy %s ready %u pick %llu enqueue %llu put_prev %llu dequeue %llu\n",
		sched_policy.name, READY, (unsigned long long)mean(&pick, &empty),
		(unsigned long long)mean(&enqueue, &empty), (unsigned long long)mean(&put_prev, &empty),
		(unsigned long long)mean(&dequeue, &empty));
}

BOOT_TEST(sched_cost, pick_and_enqueue)
{
	struct sched_entity *entities;
	unsigned long flags;

	if (SPARE < 1 || cpus[SPARE].online) {
		bt_skip("all CPUs are there");
		return;
	}
	entities = kmalloc(READY * sizeof(*entities), GFP_KERNEL);
	bt_assert(entities);
	local_irq_save(flags);
	measure(entities);
	local_irq_restore(flags);
	kfree(entities);
}
