/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Faults on files, shared memory and devices.
 *
 * A read fault maps, besides its page, the neighbours that are in the cache already
 * (up to 16 pages, aligned): most of the cost of a fault is getting here. MADV_RANDOM
 * keeps files from being read ahead, not what is there from being mapped, as in Linux. Shared
 * pages that must be written back are mapped read-only until the first write.
 *
 * Truncation takes a page out of the cache (page->mapping = NULL) before it walks the
 * page tables under page_table_lock; so a page whose mapping is intact under that
 * lock may be mapped: the walk comes later and finds it.
 */
#include <arch/tlb.h>
#include <kernel/signal.h>
#include <kernel/task.h>
#include <lib/err.h>
#include "fault.h"

#define AROUND_PAGES 16

bool fault_should_stop(void)
{
	return fatal_signal_pending(current);
}

static enum fault_verdict verdict_of(long err)
{
	switch (err) {
	case -ENOMEM:
		return fault_should_stop() ? FAULT_OOM : FAULT_RETRY;
	case -EAGAIN:
	case -EINTR:
		return FAULT_RETRY;
	default:
		return FAULT_BUS_ADRERR;
	}
}

static u64 vma_index(const struct vma *vma, vaddr_t addr)
{
	return vma->pgoff + ((addr - vma->start) >> PAGE_SHIFT);
}

/* Pages in the file, partial last one included. */
static u64 cache_end(struct page_cache *cache)
{
	return cache->ops->size ? (cache->ops->size(cache) + PAGE_SIZE - 1) >> PAGE_SHIFT :
		U64_MAX;
}

/* Must a shared writable mapping hear of the first write to each page? */
static bool tracks_writes(const struct vma *vma)
{
	return vma->ops->mkwrite ||
	       (vma->cache && (vma->cache->ops->write_page || vma->cache->ops->reserve));
}

static pte_t file_entry(struct vma *vma, struct page *page, bool writable)
{
	pte_t pte = pte_mk(page_to_pfn(page), vm_prot(vma->flags & VM_ACCESS));

	if (vma->flags & VM_EXEC)
		page_sync_icache(page);
	return writable ? pte_mkdirty(pte) : pte_wrprotect(pte);
}

static bool still_cached(const struct vma *vma, const struct page *page)
{
	return !vma->cache || vma->ops->fault || READ_ONCE(page->mapping) == vma->cache;
}

/*
 * Maps n pages (holes NULL) from ptep on, where nothing is mapped yet. Takes over the
 * references. Returns whether the page number `want` is mapped now.
 */
static bool map_pages(struct vma *vma, pte_t *ptep, struct page **pages, unsigned int n,
		      unsigned int want, bool writable)
{
	struct mm *mm = vma->mm;
	struct page *drop[AROUND_PAGES];
	unsigned int nr_drop = 0;
	long mapped = 0;
	bool done;

	spin_lock(&mm->page_table_lock);
	for (unsigned int i = 0; i < n; i++) {
		struct page *page = pages[i];

		if (!page)
			continue;
		if (!pte_none(read_pte(&ptep[i])) || !still_cached(vma, page)) {
			drop[nr_drop++] = page;
			continue;
		}
		set_pte_nosync(&ptep[i], file_entry(vma, page, writable));
		mm->rss[page_counter(page)]++;
		mapped++;
	}
	done = !pte_none(read_pte(&ptep[want]));
	pt_sync();
	spin_unlock(&mm->page_table_lock);
	if (mapped)
		page_stat_add(STAT_MAPPED, mapped);
	while (nr_drop)
		page_put(drop[--nr_drop]);
	return done;
}

/* The aligned window around addr, within the vma, the file and one leaf table. */
static bool map_around(struct vma *vma, vaddr_t addr, pte_t *ptep)
{
	vaddr_t first = max(ALIGN_DOWN(addr, AROUND_PAGES * PAGE_SIZE), vma->start);
	vaddr_t last = min(ALIGN_DOWN(addr, AROUND_PAGES * PAGE_SIZE) + AROUND_PAGES * PAGE_SIZE,
			   vma->end);
	unsigned int want = (unsigned int)((addr - first) >> PAGE_SHIFT);
	unsigned int n = (unsigned int)((last - first) >> PAGE_SHIFT);
	u64 index = vma_index(vma, first), end = cache_end(vma->cache);
	struct page *pages[AROUND_PAGES];
	bool writable = (vma->flags & VM_SHARED) && (vma->flags & VM_WRITE) &&
			!tracks_writes(vma);

	n = (unsigned int)min_t(u64, n, end > index ? end - index : 0);
	if (want >= n)
		return false;
	if (!page_cache_find_range(vma->cache, index, n, pages))
		return false;
	return map_pages(vma, ptep - want, pages, n, want, writable);
}

/* The page for addr with a reference, or an ERR_PTR. May sleep for I/O. */
static struct page *get_file_page(struct vma *vma, vaddr_t addr, bool write)
{
	u64 index = vma_index(vma, addr);
	struct page *page = NULL;
	int err;

	if (vma->ops->fault) {
		err = vma->ops->fault(vma, index, write, &page);
		return err ? ERR_PTR(err) : page;
	}
	if (index >= cache_end(vma->cache))
		return ERR_PTR(-EFAULT);
	page = page_cache_find(vma->cache, index);
	if (page && page_flag(page, PG_UPTODATE))
		return page;
	if (page)
		page_put(page);
	page = page_cache_get(vma->cache, index, PCG_CREATE);
	if (!IS_ERR(page))
		current->maj_flt++;
	return page;
}

static enum fault_verdict fault_read(struct vma *vma, vaddr_t addr, pte_t *ptep)
{
	struct page *page;

	if (vma->cache && !vma->ops->fault && map_around(vma, addr, ptep))
		return FAULT_OK;
	page = get_file_page(vma, addr, false);
	if (IS_ERR(page))
		return verdict_of(PTR_ERR(page));
	map_pages(vma, ptep, &page, 1, 0, false);
	return FAULT_OK;
}

/* First write to a private mapping where nothing is mapped: straight to the copy. */
static enum fault_verdict fault_private_write(struct vma *vma, vaddr_t addr, pte_t *ptep)
{
	struct mm *mm = vma->mm;
	struct page *from = get_file_page(vma, addr, false), *page;
	pte_t pte;

	if (IS_ERR(from))
		return verdict_of(PTR_ERR(from));
	page = page_alloc(GFP_USER, 0);
	if (!page) {
		page_put(from);
		return FAULT_OOM;
	}
	copy_page(page_to_virt(page), page_to_virt(from));
	atomic_set(&page->flags, PG_ANON | PG_UPTODATE);
	pte = file_entry(vma, page, vma->flags & VM_WRITE);
	spin_lock(&mm->page_table_lock);
	if (!pte_none(read_pte(ptep)) || !still_cached(vma, from)) {
		spin_unlock(&mm->page_table_lock);
		page_free(page, 0);
		page_put(from);
		return FAULT_OK;
	}
	set_pte(ptep, pte);
	mm->rss[MM_ANON]++;
	vma->anon = true;
	spin_unlock(&mm->page_table_lock);
	page_stat_add(STAT_ANON, 1);
	page_put(from);
	return FAULT_OK;
}

/* Tells whoever must know that a shared page is about to be written: 0 or -errno. */
static int announce_write(struct vma *vma, struct page *page)
{
	int err = 0;

	if (vma->ops->mkwrite)
		err = vma->ops->mkwrite(vma, page);
	else if (vma->cache && vma->cache->ops->reserve)
		err = vma->cache->ops->reserve(vma->cache, page->index);
	if (!err && vma->cache)
		page_set_dirty(page);
	return err;
}

/*
 * Write-back may have cleaned the page after announce_write() and before the mapping was
 * there for it to protect.
 */
static void dirty_again(const struct vma *vma, struct page *page)
{
	if (vma->cache && vma->cache->ops->write_page)
		page_set_dirty(page);
}

static enum fault_verdict fault_shared_write(struct vma *vma, vaddr_t addr, pte_t *ptep)
{
	struct page *page = get_file_page(vma, addr, true);
	int err;

	if (IS_ERR(page))
		return verdict_of(PTR_ERR(page));
	err = announce_write(vma, page);
	if (err) {
		page_put(page);
		return verdict_of(err);
	}
	page_get(page);
	map_pages(vma, ptep, &page, 1, 0, true);
	dirty_again(vma, page);
	page_put(page);
	return FAULT_OK;
}

enum fault_verdict fault_file(struct vma *vma, vaddr_t addr, pte_t *ptep, bool write)
{
	if (!write)
		return fault_read(vma, addr, ptep);
	if (vma->flags & VM_SHARED)
		return fault_shared_write(vma, addr, ptep);
	return fault_private_write(vma, addr, ptep);
}

enum fault_verdict fault_make_shared_writable(struct vma *vma, vaddr_t addr, pte_t *ptep,
					      pte_t pte)
{
	struct mm *mm = vma->mm;
	struct page *page;
	int err;

	spin_lock(&mm->page_table_lock);
	if (!pte_same(read_pte(ptep), pte) || pte_special(pte)) {
		spin_unlock(&mm->page_table_lock);
		return FAULT_OK;
	}
	page = pfn_to_page(pte_pfn(pte));
	page_get(page);
	spin_unlock(&mm->page_table_lock);
	err = announce_write(vma, page);
	if (!err) {
		spin_lock(&mm->page_table_lock);
		if (pte_same(read_pte(ptep), pte))
			set_pte(ptep, pte_mkdirty(pte_mkwrite(pte)));
		spin_unlock(&mm->page_table_lock);
		tlb_flush_local_page(mm, addr);
		dirty_again(vma, page);
	}
	page_put(page);
	return err ? verdict_of(err) : FAULT_OK;
}
