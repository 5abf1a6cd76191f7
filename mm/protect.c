/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mprotect: new protection for whole mappings or parts of them, in the vmas first, then
 * in the entries that exist.
 *
 * An entry never becomes writable here unless its private page has one owner: copy on
 * write and dirty tracking hang on the write fault.
 */
#include <arch/tlb.h>
#include <linux/mman.h>
#include <lib/errno.h>
#include "fault.h"

static pte_t protected_entry(const struct vma *vma, pte_t pte)
{
	pte_t fresh = pte_modify(pte, vm_prot(vma->flags & VM_ACCESS));
	struct page *page;

	if (pte_special(pte))
		return pte_wrprotect(fresh);
	page = pfn_to_page(pte_pfn(pte));
	if ((vma->flags & (VM_EXEC | VM_PFNMAP)) == VM_EXEC)
		page_sync_icache(page);
	if (vma->flags & VM_SHARED)
		return pte_dirty(pte) ? fresh : pte_wrprotect(fresh);
	if (!page_flag(page, PG_ANON) || page_count(page) != 1)
		return pte_wrprotect(fresh);
	return fresh;
}

/*
 * Break-before-make does not apply: only permissions change, never the address. The
 * flush covers what was loosened, too: an access must not fault for ever on an entry
 * that allows it.
 */
void protect_entries(struct vma *vma, vaddr_t start, vaddr_t end)
{
	struct mm *mm = vma->mm;
	vaddr_t va = start, first = TASK_SIZE, last = 0;
	pte_t *ptep;

	while ((va = pte_next_table(mm, va, end, &ptep)) < end) {
		vaddr_t stop = min(end, ALIGN(va + 1, pt_level_size(PT_LEAF - 1)));

		spin_lock(&mm->page_table_lock);
		for (; va < stop; va += PAGE_SIZE, ptep++) {
			pte_t pte = read_pte(ptep);

			if (pte_none(pte))
				continue;
			set_pte_nosync(ptep, protected_entry(vma, pte));
			first = min(first, va);
			last = va + PAGE_SIZE;
		}
		spin_unlock(&mm->page_table_lock);
	}
	if (first < last)
		tlb_flush_range(mm, first, last);
}

/* One vma, already cut to size. */
static int protect_vma(struct vma *vma, vm_flags_t access)
{
	struct mm *mm = vma->mm;
	vm_flags_t flags = (vma->flags & ~VM_ACCESS) | access;
	u64 pages = vma_pages(vma);
	vaddr_t start = vma->start, end = vma->end;

	if (flags == vma->flags)
		return 0;
	if (!may_expand(mm, flags, 0) && (access & VM_WRITE))
		return -ENOMEM;
	if ((access & VM_WRITE) && !(flags & VM_ACCOUNT) && vm_accountable(flags, vma->file)) {
		if (mm_commit((long)pages))
			return -ENOMEM;
		flags |= VM_ACCOUNT;
	}
	vma_account(mm, vma->flags, vma->file, -(long)pages);
	vma->flags = flags;
	vma_account(mm, vma->flags, vma->file, (long)pages);
	protect_entries(vma, start, end);
	vma_merge(vma);
	return 0;
}

static int protect_locked(struct mm *mm, vaddr_t start, vaddr_t end, unsigned int prot)
{
	struct vma *vma = vma_tree_find(mm, start);
	vaddr_t at = start;
	int err = 0;

	if (!vma || vma->start >= end)
		return -ENOMEM;
	if (prot & PROT_GROWSDOWN) {
		if (!(vma->flags & VM_GROWSDOWN))
			return -EINVAL;
		start = at = vma->start;
	} else if (vma->start > start) {
		return -ENOMEM;
	}
	while (at < end) {
		vm_flags_t access = prot & VM_ACCESS;

		vma = vma_tree_find(mm, at);
		if (!vma || vma->start > at)
			return -ENOMEM;
		/* VM_MAYx is VM_x << 4. */
		if (access & ~(vma->flags >> 4))
			return -EACCES;
		if (vma->flags != ((vma->flags & ~VM_ACCESS) | access)) {
			if (vma->start < at) {
				err = vma_split(vma, at);
				if (err)
					return err;
				vma = vma_tree_find(mm, at);
			}
			if (vma->end > end) {
				err = vma_split(vma, end);
				if (err)
					return err;
			}
		}
		at = vma->end;
		err = protect_vma(vma, access);
		if (err)
			return err;
	}
	return 0;
}

int mm_protect(struct mm *mm, vaddr_t addr, u64 len, unsigned int prot)
{
	int err;

	if (addr & ~PAGE_MASK)
		return -EINVAL;
	if (prot & ~(unsigned int)(PROT_READ | PROT_WRITE | PROT_EXEC | PROT_SEM |
				   PROT_GROWSDOWN | PROT_GROWSUP))
		return -EINVAL;
	if (prot & PROT_GROWSUP)
		return -EINVAL;
	if (!len)
		return 0;
	if (PAGE_ALIGN(len) < len || addr + PAGE_ALIGN(len) <= addr)
		return -ENOMEM;
	if (down_write_killable(&mm->mmap_lock))
		return -EINTR;
	err = protect_locked(mm, addr, addr + PAGE_ALIGN(len), prot);
	up_write(&mm->mmap_lock);
	return err;
}
