/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an allocation does when there is no free page: give caches back, and for user
 * memory ask the OOM killer and wait for its victim.
 */
#include <arch/irqflags.h>
#include <kernel/mutex.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <mm/oom.h>
#include <mm/slab.h>
#include "internal.h"

#define RECLAIM_BATCH 64
#define MAX_ROUNDS    16

static DEFINE_MUTEX(shrinkers_lock);
static LIST_HEAD(shrinkers);

void shrinker_register(struct shrinker *shrinker)
{
	mutex_lock(&shrinkers_lock);
	list_add_tail(&shrinker->link, &shrinkers);
	mutex_unlock(&shrinkers_lock);
}

u64 shrinkers_count(void)
{
	struct shrinker *s;
	u64 sum = 0;

	mutex_lock(&shrinkers_lock);
	list_for_each_entry(s, &shrinkers, link)
		if (s->count)
			sum += s->count();
	mutex_unlock(&shrinkers_lock);
	return sum;
}

static u64 run_shrinkers(u64 target)
{
	struct shrinker *s;
	u64 freed = 0;

	if (!mutex_trylock(&shrinkers_lock))
		return 0;
	list_for_each_entry(s, &shrinkers, link)
		freed += s->shrink(target);
	mutex_unlock(&shrinkers_lock);
	return freed;
}

u64 mm_reclaim(u64 target)
{
	u64 before = nr_free_pages(), after;

	page_cache_shrink(target);
	if (nr_free_pages() < before + target)
		run_shrinkers(target * 4);
	slab_shrink();
	page_alloc_drain();
	after = nr_free_pages();
	return after > before ? after - before : 0;
}

bool page_alloc_may_use_reserve(void)
{
	return !in_irq() && (current->flags & (PF_MEMALLOC | PF_OOM_VICTIM));
}

/* Can this context sleep and reclaim? */
static bool may_reclaim(gfp_t gfp)
{
	return (gfp & __GFP_RECLAIM) && !(current->flags & PF_MEMALLOC) && !irqs_disabled() &&
	       !in_atomic() && !(current->flags & PF_IDLE);
}

/*
 * Waits a moment for a victim to give its memory back. True when there is no point: current
 * is to die itself, or nobody can be killed.
 */
static bool wait_for_victim(gfp_t gfp, unsigned int order)
{
	if (fatal_signal_pending(current))
		return true;
	if (!oom_kill(gfp, order))
		return true;
	if (fatal_signal_pending(current))
		return true;
	set_current_state(TASK_KILLABLE);
	schedule_timeout(NSEC_PER_MSEC * 5);
	return false;
}

struct page *page_alloc_hard(gfp_t gfp, unsigned int order)
{
	struct page *page;

	if (!may_reclaim(gfp))
		return NULL;
	for (unsigned int round = 0;; round++) {
		u64 freed;

		current->flags |= PF_MEMALLOC;
		freed = mm_reclaim((1UL << order) + RECLAIM_BATCH);
		current->flags &= ~PF_MEMALLOC;
		page = page_alloc_try(gfp, order);
		if (page)
			return page;
		if (freed && round < MAX_ROUNDS)
			continue;
		if (!(gfp & __GFP_OOM) || wait_for_victim(gfp, order))
			break;
	}
	/* The dying may finish with what was kept for them. */
	if ((gfp & __GFP_OOM) && fatal_signal_pending(current))
		return page_alloc_try(gfp | __GFP_RESERVE, order);
	if (!(gfp & __GFP_NOWARN))
		pr_warn_ratelimited("%s: page allocation failure: order:%u, mode:%#x\n",
				    current->comm, order, gfp);
	return NULL;
}
