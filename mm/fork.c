/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copying an address space for fork.
 *
 * Private pages become shared and read-only in both; whoever writes first copies. An
 * entry of any other kind can be found again by a fault (page cache, zero page),
 * so it is not copied: most children exec or touch little.
 */
#include <arch/tlb.h>
#include <lib/err.h>
#include <lib/string.h>
#include "internal.h"

/* Copies entries of one leaf table. Holds src's page_table_lock. Returns the pages shared. */
static long share_entries(pte_t *src, pte_t *dst, unsigned int n, bool *tightened)
{
	long shared = 0;

	for (unsigned int i = 0; i < n; i++) {
		pte_t pte = read_pte(&src[i]);
		struct page *page;

		if (pte_none(pte) || pte_special(pte))
			continue;
		page = pfn_to_page(pte_pfn(pte));
		if (!page_flag(page, PG_ANON))
			continue;
		if (pte_write(pte)) {
			pte = pte_wrprotect(pte);
			set_pte_nosync(&src[i], pte);
			*tightened = true;
		}
		page_get(page);
		set_pte_nosync(&dst[i], pte);
		shared++;
	}
	return shared;
}

static int share_range(struct mm *mm, struct vma *vma, bool *tightened)
{
	struct mm *old = vma->mm;
	vaddr_t va = vma->start;
	pte_t *src, *dst;

	while ((va = pte_next_table(old, va, vma->end, &src)) < vma->end) {
		vaddr_t stop = min(vma->end, ALIGN(va + 1, pt_level_size(PT_LEAF - 1)));

		dst = pte_lookup_alloc(mm, va, GFP_KERNEL);
		if (!dst)
			return -ENOMEM;
		spin_lock(&old->page_table_lock);
		mm->rss[MM_ANON] += share_entries(src, dst, (unsigned int)((stop - va) >>
						  PAGE_SHIFT), tightened);
		spin_unlock(&old->page_table_lock);
		va = stop;
	}
	return 0;
}

static int dup_vma(struct mm *mm, struct vma *from, bool *tightened)
{
	u64 pages = vma_pages(from);
	struct vma *vma;

	if ((from->flags & VM_ACCOUNT) && mm_commit((long)pages))
		return -ENOMEM;
	vma = vma_clone(mm, from);
	if (!vma) {
		if (from->flags & VM_ACCOUNT)
			mm_commit(-(long)pages);
		return -ENOMEM;
	}
	vma->flags &= ~(VM_LOCKED | VM_LOCKONFAULT);
	if (from->flags & VM_WIPEONFORK)
		vma->anon = false;
	vma_tree_append(mm, vma);
	mm->map_count++;
	vma_account(mm, vma->flags, vma->file, (long)pages);
	if (vma->cache)
		page_cache_add_vma(vma->cache, vma);
	return vma->anon ? share_range(mm, from, tightened) : 0;
}

/* What is not a mapping: the layout and what exec noted. */
static void dup_fields(struct mm *mm, const struct mm *old)
{
	mm->mmap_base = old->mmap_base;
	mm->start_code = old->start_code;
	mm->end_code = old->end_code;
	mm->start_data = old->start_data;
	mm->end_data = old->end_data;
	mm->start_brk = old->start_brk;
	mm->brk = old->brk;
	mm->start_stack = old->start_stack;
	mm->arg_start = old->arg_start;
	mm->arg_end = old->arg_end;
	mm->env_start = old->env_start;
	mm->env_end = old->env_end;
	mm->vdso = old->vdso;
	mm->dumpable = old->dumpable;
	mm->randomize = old->randomize;
	memcpy(mm->auxv, old->auxv, sizeof(mm->auxv));
	if (old->exe_file)
		mm_set_exe_file(mm, old->exe_file);
}

struct mm *mm_dup(struct mm *old)
{
	struct mm *mm = mm_alloc();
	bool tightened = false;
	struct vma *vma;
	int err = 0;

	if (!mm)
		return ERR_PTR(-ENOMEM);
	if (down_write_killable(&old->mmap_lock)) {
		mm_put(mm);
		return ERR_PTR(-EINTR);
	}
	dup_fields(mm, old);
	for_each_vma(old, vma) {
		if (vma->flags & VM_DONTCOPY)
			continue;
		err = dup_vma(mm, vma, &tightened);
		if (err)
			break;
	}
	mm->hiwater_vm = mm->total_vm;
	mm->hiwater_rss = mm_rss(mm);
	if (tightened)
		tlb_flush_mm(old);
	up_write(&old->mmap_lock);
	if (err) {
		mm_put(mm);
		return ERR_PTR(err);
	}
	return mm;
}
