/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Boot tests of which CPU a task runs on: those of real time go at once where they can run,
 * busy ones to where few are, as far as their affinity lets them.
 */
#include <arch/barrier.h>
#include <arch/irqflags.h>
#include <kernel/boottest.h>

#include "hog.h"

/* Whether h gets anywhere while this CPU, whose interrupts are off, does nothing for it. */
static bool advances(const struct hog *h, nsec_t ms)
{
	u64 before = READ_ONCE(h->rounds);
	nsec_t end = ktime_get() + ms * NSEC_PER_MSEC;

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

/* current stays on CPU 0, in real time if `priority` is not 0. */
static void take_cpu0(int priority)
{
	sched_set_affinity(current, CPU0);
	set_policy(current, priority ? SCHED_FIFO : SCHED_NORMAL, priority);
}

/* Once they have ended. */
static void leave_cpu0(struct hog *a, struct hog *b)
{
	/* Both first: while we wait for one, an equal that goes on would never let us come back. */
	WRITE_ONCE(a->stop, true);
	WRITE_ONCE(b->stop, true);
	hog_stop(a);
	hog_stop(b);
	set_policy(current, SCHED_NORMAL, 0);
	sched_set_affinity(current, ~0ull);
}

/* True when it does, which a busy host may put off. */
static bool runs(const struct hog *h)
{
	for (int i = 0; i < 1000 && !READ_ONCE(h->rounds); i++)
		sleep_ms(1);
	return READ_ONCE(h->rounds) != 0;
}

BOOT_TEST(balance, interrupted_realtime_moves_at_once)
{
	struct hog ordinary, low;

	if (!two_cpus())
		return;
	take_cpu0(50);
	hog_start(&ordinary, CPU1, SCHED_NORMAL, 0);
	hog_start(&low, CPU0, SCHED_FIFO, 10);
	bt_expect(runs(&low) && runs(&ordinary));
	/* It runs while we sleep, is interrupted when we wake, and no tick comes to help. */
	sched_set_affinity(low.task, CPU0 | CPU1);
	sleep_ms(1);
	local_irq_disable();
	bt_expect(advances(&low, 1000));
	local_irq_enable();
	bt_expect_eq(low.task->cpu, 1);
	leave_cpu0(&low, &ordinary);
}

BOOT_TEST(balance, waiting_realtime_comes_when_another_ends)
{
	struct hog ordinary, high, low;

	if (!two_cpus())
		return;
	take_cpu0(50);
	hog_start(&ordinary, CPU1, SCHED_NORMAL, 0);
	hog_start(&high, CPU1, SCHED_FIFO, 60);
	bt_expect(runs(&high));
	hog_start(&low, CPU0 | CPU1, SCHED_FIFO, 10);	/* nowhere the first */
	local_irq_disable();
	WRITE_ONCE(high.stop, true);
	bt_expect(advances(&low, 1000));
	local_irq_enable();
	hog_stop(&high);
	leave_cpu0(&low, &ordinary);
}

/* Idle CPUs that they may not use do not keep two busy tasks from parting. */
BOOT_TEST(balance, looks_for_a_cpu_that_is_allowed)
{
	u64 both = CPU0 | 1ull << (nr_cpus_online - 1);
	struct hog a, b;

	if (!two_cpus())
		return;
	take_cpu0(0);
	hog_start(&a, CPU0, SCHED_NORMAL, 0);
	hog_start(&b, CPU0, SCHED_NORMAL, 0);
	sleep_ms(10);
	sched_set_affinity(a.task, both);
	sched_set_affinity(b.task, both);
	for (int i = 0; i < 500 && READ_ONCE(a.task->cpu) == READ_ONCE(b.task->cpu); i++)
		sleep_ms(10);
	bt_expect(READ_ONCE(a.task->cpu) != READ_ONCE(b.task->cpu));
	leave_cpu0(&a, &b);
}

/* Something more urgent runs on every CPU: ticks have nowhere to push it to. */
BOOT_TEST(balance, realtime_goes_only_where_it_runs)
{
	struct hog high, low;
	bool moved = false;
	nsec_t end;
	int cpu;

	if (!two_cpus())
		return;
	take_cpu0(50);
	hog_start(&high, CPU1, SCHED_FIFO, 60);
	bt_expect(runs(&high));
	hog_start(&low, CPU0 | CPU1, SCHED_FIFO, 10);
	cpu = READ_ONCE(low.task->cpu);
	end = ktime_get() + 10 * TICK_NSEC;
	while (ktime_get() < end)
		moved |= READ_ONCE(low.task->cpu) != cpu;
	bt_expect(!moved);
	leave_cpu0(&high, &low);
}

/*
 * One of this priority (0: none) ends on CPU 1, and another waits on CPU 0 for current: does it
 * come, if it may use `cpus`? No tick helps: those of CPU 0, which has two, are masked.
 */
static bool comes(u64 cpus, int priority, nsec_t ms)
{
	int policy = priority ? SCHED_FIFO : SCHED_NORMAL;
	struct hog ends, waits;
	bool came;

	take_cpu0(priority);
	hog_start(&ends, CPU1, policy, priority);
	hog_start(&waits, CPU0, policy, priority);
	sched_set_affinity(waits.task, cpus);
	local_irq_disable();
	WRITE_ONCE(ends.stop, true);
	came = advances(&waits, ms);
	local_irq_enable();
	leave_cpu0(&ends, &waits);
	return came;
}

BOOT_TEST(balance, a_cpu_that_runs_dry_takes_what_waits)
{
	if (two_cpus())
		bt_expect(comes(CPU0 | CPU1, 0, 1000));
}

BOOT_TEST(balance, what_may_not_come_stays)
{
	if (!two_cpus())
		return;
	bt_expect(!comes(CPU0, 0, 20));
	bt_expect(!comes(CPU0, 50, 20));
}

/* Its caches are there. Now and then another thread may have the CPU at that moment. */
BOOT_TEST(balance, a_sleeper_comes_back_to_its_cpu)
{
	unsigned moves = 0;
	int cpu = current->cpu;

	if (!two_cpus())
		return;
	for (int i = 0; i < 20; i++) {
		sleep_ms(1);
		moves += current->cpu != cpu;
		cpu = current->cpu;
	}
	bt_expect(moves <= 5);
}
