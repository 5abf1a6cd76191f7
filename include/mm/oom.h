/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * When memory is out: shrinkers give back caches, then the OOM killer takes the
 * largest process.
 */
#ifndef MM_OOM_H
#define MM_OOM_H

#include <lib/list.h>
#include <mm/gfp.h>

struct process;

/*
 * A subsystem that can give memory back. shrink() frees up to `target` objects of
 * its cache and returns about how many pages that may free. Called in task
 * context from inside any GFP_KERNEL allocation: it must use trylocks for every
 * lock under which its own subsystem allocates.
 */
struct shrinker {
	const char *name;
	u64 (*shrink)(u64 target);
	u64 (*count)(void);             /* pages it could free; may be NULL */
	struct list_head link;
};
void shrinker_register(struct shrinker *shrinker);
u64 shrinkers_count(void);

/* Drains, shrinks and drops clean cache until about `target` pages came free. Task context. */
u64 mm_reclaim(u64 target);

/*
 * Kills the largest process (resident set, page tables; oom_score_adj), unless a
 * victim is dying already. False if nobody can be killed. Task context.
 */
bool oom_kill(gfp_t gfp, unsigned int order);
/* Points of /proc/PID/oom_score, 0..2000. Task context. */
long oom_score(struct process *proc);
u64 oom_kill_count(void);

#endif
