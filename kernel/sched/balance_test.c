/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Boot tests of which CPU a task runs on: those of real time go at once where they can run,
 * busy ones to where few are, as far as their affinity lets them.
 */
#include <arch/barrier.h>
#include <arch/irqflags.h>
#include <kernel/boottest.h>
#include <kernel/clone.h>
#include <lib/err.h>

#include "sched.h"

#define CPU0	1ull
#define CPU1	2ull

/* A thread that counts until it is told to stop. */
struct hog {
	struct task *task;
	u64 rounds;
	bool stop;
};

static int count(void *arg)
{
	struct hog *h = arg;

	while (!READ_ONCE(h->stop)) {
		WRITE_ONCE(h->rounds, h->rounds + 1);
		cond_resched();
	}
	return 0;
}

/* FIFO of this priority; 0: none. */
static void set_fifo(struct task *t, int priority)
{
	struct sched_attrs attrs = { priority ? SCHED_FIFO : SCHED_NORMAL, 0, priority, false };

	sched_change(t, &attrs);
}

static void hog_start(struct hog *h, u64 cpus, int priority)
{
	*h = (struct hog){ .task = kthread_create(count, h, "hog") };
	if (!bt_expect(!IS_ERR(h->task)))
		return;
	sched_set_affinity(h->task, cpus);
	set_fifo(h->task, priority);
	kthread_start(h->task);
}

static void hog_stop(struct hog *h)
{
	WRITE_ONCE(h->stop, true);
	if (!IS_ERR(h->task))
		kthread_stop(h->task);
}

static void sleep_ms(nsec_t ms)
{
	set_current_state(TASK_UNINTERRUPTIBLE);
	schedule_timeout(ms * NSEC_PER_MSEC);
}

/* Whether h gets anywhere while this CPU, whose interrupts are off, does nothing for it. */
static bool advances(const struct hog *h)
{
	u64 before = READ_ONCE(h->rounds);
	nsec_t end = ktime_get() + NSEC_PER_SEC;

	while (READ_ONCE(h->rounds) == before && ktime_get() < end)
		cpu_relax();
	return READ_ONCE(h->rounds) != before;
}

static bool two_cpus(void)
{
	if (nr_cpus_online == 1)
		bt_skip("needs two CPUs");
	return nr_cpus_online > 1;
}

/* current, the most urgent, on CPU 0; one that is not in real time on CPU 1. */
static void set_scene(struct hog *ordinary)
{
	sched_set_affinity(current, CPU0);
	set_fifo(current, 50);
	hog_start(ordinary, CPU1, 0);
}

static void clear_scene(struct hog *ordinary)
{
	hog_stop(ordinary);
	set_fifo(current, 0);
	sched_set_affinity(current, ~0ull);
}

BOOT_TEST(balance, interrupted_realtime_moves_at_once)
{
	struct hog ordinary, low;

	if (!two_cpus())
		return;
	set_scene(&ordinary);
	hog_start(&low, CPU0, 10);
	for (int i = 0; i < 1000 && !(READ_ONCE(low.rounds) && READ_ONCE(ordinary.rounds)); i++)
		sleep_ms(1);
	/* It runs while we sleep, is interrupted when we wake, and no tick comes to help. */
	sched_set_affinity(low.task, CPU0 | CPU1);
	sleep_ms(1);
	local_irq_disable();
	bt_expect(advances(&low));
	local_irq_enable();
	bt_expect_eq(low.task->cpu, 1);
	hog_stop(&low);
	clear_scene(&ordinary);
}

BOOT_TEST(balance, waiting_realtime_comes_when_another_ends)
{
	struct hog ordinary, high, low;

	if (!two_cpus())
		return;
	set_scene(&ordinary);
	hog_start(&high, CPU1, 60);
	for (int i = 0; i < 1000 && !READ_ONCE(high.rounds); i++)
		sleep_ms(1);
	hog_start(&low, CPU0 | CPU1, 10);	/* nowhere the first */
	local_irq_disable();
	WRITE_ONCE(high.stop, true);
	bt_expect(advances(&low));
	local_irq_enable();
	hog_stop(&high);
	hog_stop(&low);
	clear_scene(&ordinary);
}

/* Idle CPUs that they may not use do not keep two busy tasks from parting. */
BOOT_TEST(balance, looks_for_a_cpu_that_is_allowed)
{
	u64 both = CPU0 | 1ull << (nr_cpus_online - 1);
	struct hog a, b;

	if (!two_cpus())
		return;
	sched_set_affinity(current, CPU0);
	hog_start(&a, CPU0, 0);
	hog_start(&b, CPU0, 0);
	sleep_ms(10);
	sched_set_affinity(a.task, both);
	sched_set_affinity(b.task, both);
	for (int i = 0; i < 500 && READ_ONCE(a.task->cpu) == READ_ONCE(b.task->cpu); i++)
		sleep_ms(10);
	bt_expect(READ_ONCE(a.task->cpu) != READ_ONCE(b.task->cpu));
	hog_stop(&a);
	hog_stop(&b);
	sched_set_affinity(current, ~0ull);
}
