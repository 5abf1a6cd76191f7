/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reclaim in the background. Who holds a spinlock or serves an interrupt cannot free caches to
 * get memory, and a packet that comes or is acknowledged is in that case. When the free pages
 * fall below the low mark, this thread frees clean pages of files and other caches until they
 * are above the high mark, so that such allocations find something even when files fill the
 * rest of memory.
 *
 *	reserve    only for GFP_ATOMIC and those who free memory themselves (vm.min_free_kbytes)
 *	low        1.5 x reserve   the thread is woken
 *	high       2 x reserve     it has done enough
 *
 * When there is nothing to free it does not look again for a while, however often it is woken.
 */
#include <kernel/clone.h>
#include <kernel/init.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <kernel/wait.h>
#include <lib/err.h>
#include <mm/oom.h>
#include "internal.h"

#define REST_MIN	(100 * NSEC_PER_MSEC)
#define REST_MAX	(5 * NSEC_PER_SEC)

static DEFINE_WAIT_QUEUE(kswapd_wait);

void kswapd_wake(void)
{
	if (wait_queue_has_sleepers(&kswapd_wait))
		wake_up(&kswapd_wait);
}

static int kswapd(void *unused)
{
	nsec_t rest = REST_MIN;

	current->flags |= PF_MEMALLOC;
	for (;;) {
		wait_event_interruptible(&kswapd_wait, page_alloc_missing());
		if (mm_reclaim(page_alloc_missing())) {
			rest = REST_MIN;
			cond_resched();
			continue;
		}
		set_current_state(TASK_INTERRUPTIBLE);
		schedule_timeout(rest);
		rest = min(rest * 2, REST_MAX);
	}
}

static int kswapd_start(void)
{
	struct task *task = kthread_run(kswapd, NULL, "kswapd0");

	return IS_ERR(task) ? (int)PTR_ERR(task) : 0;
}
subsys_initcall(kswapd_start);
