/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Taking pages out of page tables. A page may be reused only when no TLB knows it any
 * more, so its reference is kept in the gather until the flush. When the whole
 * address space dies nobody can run in it, the ASID is never used again, and
 * neither clearing the entries nor flushing is needed.
 */
#include <arch/tlb.h>
#include <kernel/spinlock.h>
#include "internal.h"

void gather_begin(struct gather *g, struct mm *mm, bool exiting)
{
	g->mm = mm;
	g->start = TASK_SIZE;
	g->end = 0;
	g->exiting = exiting;
	g->nr = 0;
}

/* Frees the n pages, which nobody refers to. */
static void free_dead_pages(struct page **pages, unsigned int n)
{
	long anon = 0;

	for (unsigned int i = 0; i < n; i++)
		anon += page_flag(pages[i], PG_ANON) != 0;
	if (anon)
		page_stat_add(STAT_ANON, -anon);
	page_free_batch(pages, n);
}

/*
 * Drops a reference that came out of a page table. If it is the only one, nobody can find
 * the page to take another, and no atomic operation is needed.
 */
static bool drop_reference(struct page *page)
{
	return page_count(page) == 1 || atomic_dec_and_test(&page->refcount);
}

static void gather_flush(struct gather *g)
{
	unsigned int dead = 0;

	if (g->start < g->end && !g->exiting)
		tlb_flush_range(g->mm, g->start, g->end);
	if (g->exiting) {
		dead = g->nr;
	} else {
		for (unsigned int i = 0; i < g->nr; i++)
			if (drop_reference(g->pages[i]))
				g->pages[dead++] = g->pages[i];
	}
	if (dead)
		free_dead_pages(g->pages, dead);
	g->start = TASK_SIZE;
	g->end = 0;
	g->nr = 0;
}

void gather_end(struct gather *g)
{
	gather_flush(g);
}

/* Clears entries from *va on until `end` or a full gather; advances both. Lock held. */
static void zap_entries(struct gather *g, vaddr_t *va, vaddr_t end, pte_t *ptep, bool cow,
			long *gone)
{
	vaddr_t at = *va, first = 0, last = 0;

	for (; at < end && g->nr < GATHER_MAX; at += PAGE_SIZE, ptep++) {
		pte_t pte = read_pte(ptep);
		struct page *page;

		if (pte_none(pte))
			continue;
		if (!pte_special(pte)) {
			page = pfn_to_page(pte_pfn(pte));
			enum mm_counter kind = page_counter(page);

			if (!cow && kind == MM_ANON)
				continue;
			gone[kind]++;
			if (!g->exiting || drop_reference(page))
				g->pages[g->nr++] = page;
		}
		if (!g->exiting)
			pte_clear(ptep);
		if (!last)
			first = at;
		last = at + PAGE_SIZE;
	}
	if (last) {
		g->start = min(g->start, first);
		g->end = max(g->end, last);
	}
	*va = at;
}

void zap_range(struct gather *g, struct vma *vma, vaddr_t start, vaddr_t end, bool cow)
{
	struct mm *mm = vma->mm;
	long gone[NR_MM_COUNTERS] = { 0 };
	vaddr_t va = start;
	pte_t *ptep;

	while ((va = pte_next_table(mm, va, end, &ptep)) < end) {
		vaddr_t stop = min(end, ALIGN(va + 1, pt_level_size(PT_LEAF - 1)));

		spin_lock(&mm->page_table_lock);
		zap_entries(g, &va, stop, ptep, cow, gone);
		spin_unlock(&mm->page_table_lock);
		if (g->nr == GATHER_MAX)
			gather_flush(g);
	}
	if (!(gone[MM_ANON] | gone[MM_FILE] | gone[MM_SHMEM]))
		return;
	spin_lock(&mm->page_table_lock);
	for (unsigned int i = 0; i < NR_MM_COUNTERS; i++)
		mm->rss[i] -= gone[i];
	spin_unlock(&mm->page_table_lock);
	if (gone[MM_FILE] + gone[MM_SHMEM])
		page_stat_add(STAT_MAPPED, -(gone[MM_FILE] + gone[MM_SHMEM]));
}

void vma_zap(struct vma *vma, vaddr_t start, vaddr_t end, bool cow)
{
	struct gather g;

	mm_rss_peak(vma->mm);
	gather_begin(&g, vma->mm, false);
	zap_range(&g, vma, start, end, cow);
	gather_end(&g);
}
