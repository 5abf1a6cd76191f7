/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Counters of pages by use, one set per CPU, and what /proc/meminfo is made of.
 *
 * A CPU's counter may be negative: a page counted here may be uncounted there. Only
 * the sums mean something.
 */
#include <kernel/cpu.h>
#include <mm/oom.h>
#include <mm/vmap.h>
#include "internal.h"

struct page_stats {
	atomic64_t value[NR_PAGE_STATS];
};
static DEFINE_PER_CPU(struct page_stats, page_stats);

/* Atomic, so that it does not matter whether we stay on this CPU meanwhile. */
void page_stat_add(enum page_stat stat, long pages)
{
	atomic64_add(pages, &this_cpu_ptr(page_stats)->value[stat]);
}

u64 page_stat_read(enum page_stat stat)
{
	s64 sum = 0;

	for (unsigned int cpu = 0; cpu < CONFIG_NR_CPUS; cpu++)
		sum += atomic64_read(&per_cpu(page_stats, cpu).value[stat]);
	return sum > 0 ? (u64)sum : 0;
}

void meminfo_get(struct meminfo *info)
{
	u64 file = page_stat_read(STAT_FILE), reserve = page_alloc_reserve();

	*info = (struct meminfo){
		.total = totalram_pages,
		.free = nr_free_pages(),
		.shmem = page_stat_read(STAT_SHMEM),
		.anon = page_stat_read(STAT_ANON),
		.dirty = page_stat_read(STAT_DIRTY),
		.mlocked = page_stat_read(STAT_MLOCKED),
		.slab = page_stat_read(STAT_SLAB),
		.page_tables = page_stat_read(STAT_TABLES),
		.kernel_stack = page_stat_read(STAT_KSTACK),
		.commit_limit = mm_commit_limit(),
		.committed = mm_committed(),
		.vmalloc_total = (VMAP_END - VMAP_START) >> PAGE_SHIFT,
		.vmalloc_used = vmap_used_pages(),
	};
	info->cached = file + info->shmem;
	info->mapped = min(page_stat_read(STAT_MAPPED), info->cached);
	info->active_anon = info->anon;
	info->inactive_anon = info->shmem;
	info->inactive_file = file;
	info->active = info->active_anon + info->active_file;
	info->inactive = info->inactive_anon + info->inactive_file;
	info->unevictable = info->mlocked;
	info->slab_reclaimable = min(shrinkers_count(), info->slab);
	info->slab_unreclaimable = info->slab - info->slab_reclaimable;
	info->available = info->free + file + info->slab_reclaimable / 2;
	info->available -= min(info->available, reserve);
}
