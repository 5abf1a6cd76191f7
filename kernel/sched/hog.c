/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads that compute, for boot tests: hog.h. */
#include <kernel/boottest.h>
#include <kernel/clone.h>
#include <lib/err.h>

#include "hog.h"

static int count(void *arg)
{
	struct hog *h = arg;

	while (!READ_ONCE(h->stop)) {
		WRITE_ONCE(h->rounds, h->rounds + 1);
		cond_resched();
	}
	return 0;
}

void set_policy(struct task *t, int policy, int priority)
{
	struct sched_attrs attrs = { policy, 0, priority, false };

	sched_change(t, &attrs);
}

void hog_start(struct hog *h, u64 cpus, int policy, int priority)
{
	*h = (struct hog){ .task = kthread_create(count, h, "hog") };
	if (!bt_expect(!IS_ERR(h->task)))
		return;
	sched_set_affinity(h->task, cpus);
	set_policy(h->task, policy, priority);
	kthread_start(h->task);
}

void hog_stop(struct hog *h)
{
	WRITE_ONCE(h->stop, true);
	if (!IS_ERR(h->task))
		kthread_stop(h->task);
}

void sleep_ms(nsec_t ms)
{
	set_current_state(TASK_UNINTERRUPTIBLE);
	schedule_timeout(ms * NSEC_PER_MSEC);
}
