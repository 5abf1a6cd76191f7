/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Page faults: decides from the vma and the present entry what an access needs.
 *
 * Every handler has the same three steps: get the page it wants without a spinlock
 * (this may sleep and may lose a race), take page_table_lock and look at the entry
 * again, install or give up. Losing a race is FAULT_OK: the access is repeated.
 */
#include <arch/tlb.h>
#include <kernel/task.h>
#include <lib/err.h>
#include <trace/counters.h>
#include <trace/mm.h>
#include <trace/process.h>
#include "fault.h"

/* The vma's protection, executable pages made coherent. */
static pte_t make_entry(struct vma *vma, struct page *page, bool writable)
{
	pte_t pte = pte_mk(page_to_pfn(page), vm_prot(vma->flags & VM_ACCESS));

	if (vma->flags & VM_EXEC)
		page_sync_icache(page);
	return writable ? pte_mkdirty(pte) : pte_wrprotect(pte);
}

/* ---- anonymous memory ---- */

static enum fault_verdict fault_zero_page(struct vma *vma, pte_t *ptep)
{
	struct mm *mm = vma->mm;
	pte_t pte = pte_mk(zero_pfn, vm_prot(vma->flags & VM_ACCESS));

	spin_lock(&mm->page_table_lock);
	if (pte_none(read_pte(ptep)))
		set_pte(ptep, pte_mkspecial(pte_wrprotect(pte)));
	spin_unlock(&mm->page_table_lock);
	return FAULT_OK;
}

static enum fault_verdict fault_anonymous(struct vma *vma, pte_t *ptep)
{
	struct mm *mm = vma->mm;
	struct page *page = page_alloc(GFP_USER | GFP_ZERO, 0);
	pte_t pte;

	if (unlikely(!page))
		return FAULT_OOM;
	atomic_set(&page->flags, PG_ANON | PG_UPTODATE);
	pte = make_entry(vma, page, vma->flags & VM_WRITE);
	spin_lock(&mm->page_table_lock);
	if (unlikely(!pte_none(read_pte(ptep)))) {
		spin_unlock(&mm->page_table_lock);
		page_free(page, 0);
		return FAULT_OK;
	}
	set_pte(ptep, pte);
	mm->rss[MM_ANON]++;
	vma->anon = true;
	spin_unlock(&mm->page_table_lock);
	page_stat_add(STAT_ANON, 1);
	return FAULT_OK;
}

/* ---- write to a present, write-protected page ---- */

/*
 * Replaces the entry `old` by a private copy of what it maps (zeroes if that is the
 * zero page). The entry is broken before the new one is made: the address changes.
 */
static enum fault_verdict copy_page_on_write(struct vma *vma, vaddr_t addr, pte_t *ptep,
					     pte_t old, struct page *from)
{
	struct mm *mm = vma->mm;
	struct page *page = page_alloc(from ? GFP_USER : GFP_USER | GFP_ZERO, 0);
	enum mm_counter kind;
	pte_t pte;

	if (unlikely(!page))
		return FAULT_OOM;
	if (from)
		copy_page(page_to_virt(page), page_to_virt(from));
	atomic_set(&page->flags, PG_ANON | PG_UPTODATE);
	pte = make_entry(vma, page, vma->flags & VM_WRITE);
	spin_lock(&mm->page_table_lock);
	if (unlikely(!pte_same(read_pte(ptep), old))) {
		spin_unlock(&mm->page_table_lock);
		TRACE(cow_lock_fail, (u32)current->proc->pid);
		page_free(page, 0);
		return FAULT_OK;
	}
	pte_clear(ptep);
	tlb_flush_page(mm, addr);
	set_pte(ptep, pte);
	kind = from ? page_counter(from) : MM_ANON;
	if (from)
		mm->rss[kind]--;
	mm->rss[MM_ANON]++;
	vma->anon = true;
	spin_unlock(&mm->page_table_lock);
	page_stat_add(STAT_ANON, 1);
	if (from && kind != MM_ANON)
		page_stat_add(STAT_MAPPED, -1);
	if (from)
		page_put(from);
	return FAULT_OK;
}

static enum fault_verdict fault_copy_on_write(struct vma *vma, vaddr_t addr, pte_t *ptep)
{
	struct mm *mm = vma->mm;
	enum fault_verdict verdict;
	struct page *page = NULL;
	pte_t pte;

	count_event(COW_FAULT_TOTAL);
	TRACE(cow_fault, (u32)current->proc->pid, addr & PAGE_MASK);
	spin_lock(&mm->page_table_lock);
	pte = read_pte(ptep);
	if (!pte_present(pte) || pte_write(pte)) {
		spin_unlock(&mm->page_table_lock);
		return FAULT_OK;
	}
	if (!pte_special(pte)) {
		page = pfn_to_page(pte_pfn(pte));
		/* Nobody else has it and, under the lock, nobody can get it. */
		if (page_flag(page, PG_ANON) && page_count(page) == 1 &&
		    (vma->flags & VM_WRITE)) {
			set_pte(ptep, pte_mkdirty(pte_mkwrite(pte_clear_cow(pte))));
			spin_unlock(&mm->page_table_lock);
			tlb_flush_local_page(mm, addr);
			return FAULT_OK;
		}
		page_get(page);
	}
	spin_unlock(&mm->page_table_lock);
	count_event(COW_COPY_TOTAL);
	TRACE(cow_copy, (u32)current->proc->pid, addr & PAGE_MASK);
	verdict = copy_page_on_write(vma, addr, ptep, pte, page);
	if (page)
		page_put(page);
	return verdict;
}

/* ---- entry points ---- */

static enum fault_verdict fault_write_protected(struct vma *vma, vaddr_t addr, pte_t *ptep,
						pte_t pte)
{
	if (!(vma->flags & VM_SHARED))
		return fault_copy_on_write(vma, addr, ptep);
	if (vma->flags & VM_PFNMAP)
		return FAULT_SEGV_ACCERR;
	return fault_make_shared_writable(vma, addr, ptep, pte);
}

bool fault_allowed(const struct vma *vma, unsigned int access)
{
	vm_flags_t flags = vma->flags;

	if (unlikely(access & FAULT_FORCE)) {
		if (access & FAULT_WRITE)
			return (flags & VM_WRITE) ||
			       ((flags & VM_MAYWRITE) && !(flags & VM_SHARED));
		return flags & (VM_READ | VM_MAYREAD);
	}
	if (access & FAULT_WRITE)
		return flags & VM_WRITE;
	if (access & FAULT_EXEC)
		return flags & VM_EXEC;
	/* The hardware cannot write or execute what it cannot read. */
	return flags & VM_ACCESS;
}

enum fault_verdict fault_locked(struct vma *vma, vaddr_t addr, unsigned int access)
{
	pte_t *ptep, pte;

	addr &= PAGE_MASK;
	if (unlikely(!fault_allowed(vma, access)))
		return FAULT_SEGV_ACCERR;
	ptep = pte_lookup_alloc(vma->mm, addr, GFP_USER);
	if (unlikely(!ptep))
		return FAULT_OOM;
	pte = read_pte(ptep);
	if (pte_none(pte)) {
		if (vma->flags & VM_PFNMAP)
			return FAULT_BUS_ADRERR;
		if (!vma_is_anonymous(vma))
			return fault_file(vma, addr, ptep, access & FAULT_WRITE);
		if (access & FAULT_WRITE)
			return fault_anonymous(vma, ptep);
		return fault_zero_page(vma, ptep);
	}
	if ((access & FAULT_WRITE) && !pte_write(pte))
		return fault_write_protected(vma, addr, ptep, pte);
	/* Somebody else was faster, or this TLB is behind. */
	if (!(access & FAULT_FORCE))
		tlb_flush_local_page(vma->mm, addr);
	return FAULT_OK;
}

/* The vma for addr, with mmap_lock held for reading; or NULL and no lock. */
static struct vma *lock_vma(struct mm *mm, vaddr_t addr) NO_THREAD_SAFETY_ANALYSIS
{
	struct vma *vma;

	down_read(&mm->mmap_lock);
	vma = mm_find_vma(mm, addr);
	if (likely(vma && addr >= vma->start))
		return vma;
	up_read(&mm->mmap_lock);
	if (!vma || !(vma->flags & VM_GROWSDOWN))
		return NULL;

	/* Below a stack: changing the vma needs the lock for writing; look again. */
	down_write(&mm->mmap_lock);
	vma = mm_find_vma(mm, addr);
	if (!vma || (addr < vma->start &&
		     (!(vma->flags & VM_GROWSDOWN) || stack_grow(vma, addr & PAGE_MASK)))) {
		up_write(&mm->mmap_lock);
		return NULL;
	}
	downgrade_write(&mm->mmap_lock);
	return vma;
}

enum fault_verdict mm_fault(struct mm *mm, vaddr_t addr, unsigned int access)
	NO_THREAD_SAFETY_ANALYSIS
{
	enum fault_verdict verdict;
	struct vma *vma;
	u64 major;

	TRACE(page_fault, access, addr);
	count_event(PAGE_FAULT_TOTAL);
	if (unlikely(!mm || addr >= TASK_SIZE))
		return FAULT_SEGV_MAPERR;
	vma = lock_vma(mm, addr);
	if (unlikely(!vma))
		return FAULT_SEGV_MAPERR;
	major = current->maj_flt;
	verdict = fault_locked(vma, addr, access);
	if (likely(current->maj_flt == major))
		current->min_flt++;
	up_read(&mm->mmap_lock);
	return verdict;
}

int populate_range(struct mm *mm, vaddr_t start, vaddr_t end) NO_THREAD_SAFETY_ANALYSIS
{
	for (vaddr_t va = start; va < end;) {
		struct vma *vma = mm_find_vma(mm, va);
		unsigned int access = FAULT_READ;
		vaddr_t stop;

		if (!vma || vma->start > va)
			return -ENOMEM;
		stop = min(end, vma->end);
		if (!(vma->flags & VM_ACCESS))
			return -ENOMEM;
		if ((vma->flags & (VM_WRITE | VM_SHARED)) == VM_WRITE)
			access = FAULT_WRITE;
		if (vma->flags & VM_PFNMAP)
			va = stop;
		for (; va < stop; va += PAGE_SIZE) {
			pte_t *ptep = pte_lookup(mm, va);

			if (ptep && !pte_none(read_pte(ptep)) &&
			    (access == FAULT_READ || pte_write(read_pte(ptep))))
				continue;
			switch (fault_locked(vma, va, access)) {
			case FAULT_OK:
			case FAULT_RETRY:
				break;
			case FAULT_OOM:
				return -ENOMEM;
			default:
				return -EFAULT;
			}
			if (fault_should_stop())
				return -EINTR;
		}
	}
	return 0;
}
