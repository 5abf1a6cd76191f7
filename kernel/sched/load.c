/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The load average: exponentially damped counts of tasks that run, are ready, or
 * sleep uninterruptibly, over 1, 5 and 15 minutes. Fixed point, 11 fraction bits.
 * And other sums over all CPUs.
 */
#include "sched.h"

#define FIXED_1		(1u << 11)
#define PERIOD		(5 * NSEC_PER_SEC)

/* FIXED_1 * exp(-5 s / 1, 5, 15 min). */
static const unsigned long damping[3] = { 1884, 2014, 2037 };

static unsigned long averages[3];	/* written by the CPU on duty */
static nsec_t next_sample = PERIOD;

static unsigned long active_tasks(void)
{
	long sum = 0;

	for_each_online_cpu(n) {
		struct rq *rq = &runqueues[n];

		sum += (long)READ_ONCE(rq->nr_running) + READ_ONCE(rq->nr_uninterruptible);
	}
	return sum > 0 ? (unsigned long)sum : 0;
}

static void sample(unsigned long active)
{
	for (int i = 0; i < 3; i++)
		averages[i] = (averages[i] * damping[i] +
			       active * FIXED_1 * (FIXED_1 - damping[i])) / FIXED_1;
}

/* After an idle stretch several samples are due: the CPU was idle in all but the last. */
void load_tick(nsec_t now)
{
	unsigned due;

	if (likely(now < next_sample))
		return;
	due = min((now - next_sample) / PERIOD, (nsec_t)1000);
	for (unsigned i = 0; i < due; i++)
		sample(0);
	sample(active_tasks());
	next_sample = (now / PERIOD + 1) * PERIOD;
}

void loadavg_get(unsigned long avg[3])
{
	for (int i = 0; i < 3; i++)
		avg[i] = READ_ONCE(averages[i]);
}

unsigned sched_nr_running(void)
{
	unsigned sum = 0;

	for_each_online_cpu(n)
		sum += READ_ONCE(runqueues[n].nr_running);
	return sum;
}

u64 sched_nr_switches(void)
{
	u64 sum = 0;

	for_each_online_cpu(n)
		sum += READ_ONCE(runqueues[n].nr_switches);
	return sum;
}
