/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the page tables hold, for smaps and pagemap.
 */
#include <lib/string.h>
#include "internal.h"

static void count_page(const struct vma *vma, pte_t pte, struct vma_usage *u)
{
	const struct page *page = pfn_to_page(pte_pfn(pte));
	bool anon = page_flag(page, PG_ANON);
	int users = page_count(page);
	bool dirty = anon || page_flag(page, PG_DIRTY) || pte_dirty(pte);

	/* A cached page's count includes the cache's own reference. */
	if (!anon && READ_ONCE(page->mapping))
		users--;
	users = max(users, 1);
	u->rss += PAGE_SIZE;
	u->pss += PAGE_SIZE / (unsigned int)users;
	u->referenced += pte_young(pte) ? PAGE_SIZE : 0;
	if (anon)
		u->anon += PAGE_SIZE;
	else if (page_flag(page, PG_SHMEM))
		u->shmem += PAGE_SIZE;
	else
		u->file += PAGE_SIZE;
	if (users > 1)
		*(dirty ? &u->shared_dirty : &u->shared_clean) += PAGE_SIZE;
	else
		*(dirty ? &u->private_dirty : &u->private_clean) += PAGE_SIZE;
	if (vma->flags & VM_LOCKED)
		u->locked += PAGE_SIZE;
}

void vma_usage(struct vma *vma, struct vma_usage *out)
{
	struct mm *mm = vma->mm;
	vaddr_t va = vma->start;
	pte_t *ptep;

	memset(out, 0, sizeof(*out));
	while ((va = pte_next_table(mm, va, vma->end, &ptep)) < vma->end) {
		vaddr_t stop = min(vma->end, ALIGN(va + 1, pt_level_size(PT_LEAF - 1)));

		spin_lock(&mm->page_table_lock);
		for (; va < stop; va += PAGE_SIZE, ptep++) {
			pte_t pte = read_pte(ptep);

			if (pte_present(pte) && !pte_special(pte))
				count_page(vma, pte, out);
		}
		spin_unlock(&mm->page_table_lock);
	}
}

u64 mm_pagemap(struct mm *mm, vaddr_t addr)
{
	pte_t *ptep = addr < TASK_SIZE ? pte_lookup(mm, addr) : NULL;
	u64 word = 0;
	pte_t pte;

	if (!ptep)
		return 0;
	spin_lock(&mm->page_table_lock);
	pte = read_pte(ptep);
	if (pte_present(pte)) {
		word = BIT_ULL(63) | pte_pfn(pte);
		if (!pte_special(pte) && !page_flag(pfn_to_page(pte_pfn(pte)), PG_ANON))
			word |= BIT_ULL(61);
	}
	spin_unlock(&mm->page_table_lock);
	return word;
}
