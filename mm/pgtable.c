/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * User page tables as a data structure: growing them, walking them over all of
 * L0[0..511], and giving them back. What the leaf entries mean is in fault.c and
 * unmap.c.
 */
#include <arch/tlb.h>
#include <kernel/spinlock.h>
#include "internal.h"

static pte_t *table_alloc(gfp_t gfp)
{
	struct page *page = page_alloc(gfp | GFP_ZERO, 0);

	if (!page)
		return NULL;
	atomic_set(&page->flags, PG_TABLE);
	return page_to_virt(page);
}

/* Links a new table in unless somebody else did meanwhile; returns the one that is there. */
static pte_t *table_install(struct mm *mm, pte_t *entry, pte_t *table)
{
	pte_t old;

	spin_lock(&mm->page_table_lock);
	old = read_pte(entry);
	if (!pt_is_table(old)) {
		struct page *page = virt_to_page(table);

		set_pte(entry, pt_table(page_to_pfn(page)));
		list_add(&page->lru, &mm->tables);
		mm->table_pages++;
	}
	spin_unlock(&mm->page_table_lock);
	if (pt_is_table(old)) {
		free_page(table);
		return pt_next_table(old);
	}
	page_stat_add(STAT_TABLES, 1);
	return table;
}

pte_t *pte_lookup_alloc_slow(struct mm *mm, vaddr_t va, gfp_t gfp)
{
	pte_t *table = mm->pgd;

	for (unsigned int level = 0; level < PT_LEAF; level++) {
		pte_t *entry = &table[pt_index(level, va)];
		pte_t old = read_pte(entry);

		if (pt_is_table(old)) {
			table = pt_next_table(old);
			continue;
		}
		table = table_alloc(gfp);
		if (!table)
			return NULL;
		table = table_install(mm, entry, table);
	}
	return &table[pt_index(PT_LEAF, va)];
}

vaddr_t pte_next_table(struct mm *mm, vaddr_t va, vaddr_t end, pte_t **ptep)
{
	while (va < end) {
		pte_t *table = mm->pgd;
		unsigned int level;

		for (level = 0; level < PT_LEAF; level++) {
			pte_t entry = read_pte(&table[pt_index(level, va)]);

			if (!pt_is_table(entry))
				break;
			table = pt_next_table(entry);
		}
		if (level == PT_LEAF) {
			*ptep = &table[pt_index(PT_LEAF, va)];
			return va;
		}
		va = (va | (pt_level_size(level) - 1)) + 1;
	}
	return end;
}

/* Holds page_table_lock. Takes tables out of `table`, a table of `level`, onto `dead`. */
static void tables_detach(struct mm *mm, pte_t *table, unsigned int level, vaddr_t start,
			  vaddr_t end, vaddr_t floor, vaddr_t ceiling, struct list_head *dead)
{
	u64 size = pt_level_size(level);

	for (vaddr_t base = ALIGN_DOWN(start, size); base < end; base += size) {
		pte_t *entry = &table[pt_index(level, base)];
		pte_t old = read_pte(entry);

		if (!pt_is_table(old))
			continue;
		if (level + 1 < PT_LEAF)
			tables_detach(mm, pt_next_table(old), level + 1, max(start, base),
				      min(end, base + size), floor, ceiling, dead);
		if (base < floor || base + size > ceiling)
			continue;
		pte_clear(entry);
		list_move(&pfn_to_page(pte_pfn(old))->lru, dead);
		mm->table_pages--;
	}
}

static void tables_release(struct list_head *dead)
{
	struct page *page, *next, *batch[GATHER_MAX];
	unsigned int n = 0;
	long total = 0;

	list_for_each_entry_safe(page, next, dead, lru) {
		batch[n++] = page;
		total++;
		if (n == GATHER_MAX) {
			page_free_batch(batch, n);
			n = 0;
		}
	}
	page_free_batch(batch, n);
	page_stat_add(STAT_TABLES, -total);
}

void tables_free_range(struct mm *mm, vaddr_t start, vaddr_t end, vaddr_t floor,
		       vaddr_t ceiling)
{
	u64 leaf = pt_level_size(PT_LEAF - 1);
	LIST_HEAD(dead);

	/* The common case: the leaf table is shared with a neighbour. */
	if (ALIGN(floor, leaf) >= ALIGN_DOWN(ceiling, leaf))
		return;
	spin_lock(&mm->page_table_lock);
	tables_detach(mm, mm->pgd, 0, start, end, floor, ceiling, &dead);
	spin_unlock(&mm->page_table_lock);
	if (list_empty(&dead))
		return;
	tlb_flush_mm(mm);
	tables_release(&dead);
}

void tables_free_all(struct mm *mm)
{
	tables_release(&mm->tables);
	INIT_LIST_HEAD(&mm->tables);
	mm->table_pages = 0;
}
