/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Taking pages out of a cache: truncation, hole punching, eviction, the end; and the
 * walks over the mappings of a cache that go with it.
 *
 * Order for each removal: the page leaves the cache (page->mapping = NULL), then
 * the mappings are cleared. A fault that found the page before looks at mapping under
 * page_table_lock; see fault_file.c.
 */
#include <arch/tlb.h>
#include <kernel/cpu.h>
#include <lib/string.h>
#include <mm/oom.h>
#include "pagecache.h"

/* ---- mappings ---- */

void page_cache_add_vma(struct page_cache *cache, struct vma *vma)
{
	if ((vma->flags & (VM_SHARED | VM_MAYWRITE)) == (VM_SHARED | VM_MAYWRITE))
		atomic_inc(&cache->writable);
	mutex_lock(&cache->map_lock);
	list_add_tail(&vma->cache_link, &cache->mappings);
	mutex_unlock(&cache->map_lock);
}

void page_cache_remove_vma(struct page_cache *cache, struct vma *vma)
{
	if ((vma->flags & (VM_SHARED | VM_MAYWRITE)) == (VM_SHARED | VM_MAYWRITE))
		atomic_dec(&cache->writable);
	mutex_lock(&cache->map_lock);
	list_del(&vma->cache_link);
	mutex_unlock(&cache->map_lock);
}

/* The addresses of vma that show [first, last] of its cache; false if none. */
static bool vma_window(const struct vma *vma, u64 first, u64 last, vaddr_t *start, vaddr_t *end)
{
	u64 from = vma->pgoff, to = from + vma_pages(vma) - 1;

	if (first > to || last < from)
		return false;
	*start = vma->start + ((max(first, from) - from) << PAGE_SHIFT);
	*end = vma->start + ((min(last, to) - from + 1) << PAGE_SHIFT);
	return true;
}

void page_cache_unmap(struct page_cache *cache, u64 first, u64 last, bool cow)
{
	struct vma *vma;

	if (list_empty(&cache->mappings))
		return;
	mutex_lock(&cache->map_lock);
	list_for_each_entry(vma, &cache->mappings, cache_link) {
		vaddr_t start, end;

		if (vma_window(vma, first, last, &start, &end))
			vma_zap(vma, start, end, cow);
	}
	mutex_unlock(&cache->map_lock);
}

void page_cache_clean_mappings(struct page_cache *cache, u64 index)
{
	struct vma *vma;

	mutex_lock(&cache->map_lock);
	list_for_each_entry(vma, &cache->mappings, cache_link) {
		vaddr_t va, end;
		pte_t *ptep;

		if (!(vma->flags & VM_SHARED) || !vma_window(vma, index, index, &va, &end))
			continue;
		ptep = pte_lookup(vma->mm, va);
		if (!ptep)
			continue;
		spin_lock(&vma->mm->page_table_lock);
		pte_t pte = read_pte(ptep);
		bool tighten = pte_present(pte) && pte_write(pte);

		if (tighten)
			set_pte(ptep, pte_mkclean(pte_wrprotect(pte)));
		spin_unlock(&vma->mm->page_table_lock);
		if (tighten)
			tlb_flush_page(vma->mm, va);
	}
	mutex_unlock(&cache->map_lock);
}

/* ---- removal ---- */

/* Holds cache->lock; the page is locked, or the cache is nobody else's. Drops its reference. */
static void detach_page(struct page_cache *cache, struct page *page)
{
	xa_erase(&cache->pages, page->index);
	WRITE_ONCE(page->mapping, NULL);
	cache->nr_pages--;
	page_stat_add(cache->flags & PC_SHMEM ? STAT_SHMEM : STAT_FILE, -1);
	if (page_flag(page, PG_DIRTY) && !(cache->flags & PC_SHMEM))
		page_stat_add(STAT_DIRTY, -1);
	page_flag_clear(page, PG_DIRTY);
	if (cache->ops->release)
		cache->ops->release(cache, 1);
}

/* Removes every page of [first, last]; waits for the locked ones. */
static void remove_range(struct page_cache *cache, u64 first, u64 last)
{
	u64 index = first;

	for (;;) {
		struct page *page = page_cache_next(cache, &index, last);
		bool mine = false;

		if (!page)
			return;
		page_lock(page);
		spin_lock(&cache->lock);
		if (page->mapping == cache) {
			detach_page(cache, page);
			mine = true;
		}
		spin_unlock(&cache->lock);
		page_unlock(page);
		if (mine)
			page_put(page);
		page_put(page);
		if (index == last)
			return;
		index++;
	}
}

/* Zeroes [from, to) of the page at index, if it is in the cache. */
static void zero_partial(struct page_cache *cache, u64 index, size_t from, size_t to)
{
	struct page *page = page_cache_find(cache, index);

	if (!page)
		return;
	page_lock(page);
	if (page->mapping == cache && page_flag(page, PG_UPTODATE)) {
		memset((char *)page_to_virt(page) + from, 0, to - from);
		page_set_dirty(page);
	}
	page_unlock(page);
	page_put(page);
}

void page_cache_truncate(struct page_cache *cache, u64 new_size)
{
	u64 first = (new_size + PAGE_SIZE - 1) >> PAGE_SHIFT;
	size_t tail = new_size & (PAGE_SIZE - 1);

	if (cache->nr_pages) {
		remove_range(cache, first, U64_MAX);
		if (tail)
			zero_partial(cache, new_size >> PAGE_SHIFT, tail, PAGE_SIZE);
	}
	page_cache_unmap(cache, first, U64_MAX, true);
}

void page_cache_punch(struct page_cache *cache, u64 start, u64 end)
{
	u64 first = (start + PAGE_SIZE - 1) >> PAGE_SHIFT, last = end >> PAGE_SHIFT;
	size_t head = start & (PAGE_SIZE - 1), tail = end & (PAGE_SIZE - 1);

	if (end <= start)
		return;
	if (start >> PAGE_SHIFT == end >> PAGE_SHIFT) {
		zero_partial(cache, start >> PAGE_SHIFT, head, tail);
		return;
	}
	if (head)
		zero_partial(cache, start >> PAGE_SHIFT, head, PAGE_SIZE);
	if (tail)
		zero_partial(cache, last, 0, tail);
	if (first < last) {
		remove_range(cache, first, last - 1);
		page_cache_unmap(cache, first, last - 1, false);
	}
}

void page_cache_destroy(struct page_cache *cache)
{
	if (!list_empty(&cache->all_link)) {
		mutex_lock(&cache_list_lock);
		list_del_init(&cache->all_link);
		mutex_unlock(&cache_list_lock);
	}
	if (cache->nr_pages)
		remove_range(cache, 0, U64_MAX);
	xa_destroy(&cache->pages);
}

/* ---- eviction ---- */

/* Removes the page if it is clean and only the cache and the caller refer to it. */
static bool evict_page(struct page_cache *cache, struct page *page)
{
	bool gone = false;

	if (!page_trylock(page))
		return false;
	spin_lock(&cache->lock);
	if (page->mapping == cache && page_count(page) == 2 &&
	    !page_flag(page, PG_DIRTY | PG_WRITEBACK)) {
		detach_page(cache, page);
		gone = true;
	}
	spin_unlock(&cache->lock);
	page_unlock(page);
	if (gone)
		page_put(page);
	return gone;
}

/* One pass over [first, last]. With `second_chance` recently used pages only lose their mark. */
static u64 evict_range(struct page_cache *cache, u64 first, u64 last, u64 target,
		       bool second_chance)
{
	u64 index = first, freed = 0;

	while (freed < target) {
		struct page *page = page_cache_next(cache, &index, last);

		if (!page)
			break;
		if (second_chance && page_flag(page, PG_REFERENCED))
			page_flag_clear(page, PG_REFERENCED);
		else if (evict_page(cache, page))
			freed++;
		page_put(page);
		if (index == last)
			break;
		index++;
	}
	return freed;
}

u64 page_cache_drop_clean(struct page_cache *cache, u64 first, u64 last)
{
	if (cache->flags & PC_SHMEM)
		return 0;
	return evict_range(cache, first, last, U64_MAX, false);
}

u64 page_cache_shrink(u64 target)
{
	u64 freed = 0;

	for (unsigned int pass = 0; pass < 2 && freed < target; pass++) {
		struct page_cache *cache;

		/* Held by somebody who allocates under it: not this time. */
		if (!mutex_trylock(&cache_list_lock))
			break;
		list_for_each_entry(cache, &cache_list, all_link) {
			freed += evict_range(cache, 0, U64_MAX, target - freed, pass == 0);
			if (freed >= target)
				break;
		}
		/* Next time the others come first. */
		if (!list_empty(&cache_list))
			list_rotate_left(&cache_list);
		mutex_unlock(&cache_list_lock);
	}
	return freed;
}

void page_cache_drop_all(void)
{
	struct page_cache *cache;

	mutex_lock(&cache_list_lock);
	list_for_each_entry(cache, &cache_list, all_link)
		evict_range(cache, 0, U64_MAX, U64_MAX, false);
	mutex_unlock(&cache_list_lock);
}
