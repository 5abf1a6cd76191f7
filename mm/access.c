/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reaching into an address space that is not loaded: /proc/PID/mem, ptrace, exec's
 * arguments, futex keys.
 */
#include <kernel/task.h>
#include <lib/errno.h>
#include <lib/string.h>
#include "fault.h"

/* What a present entry must be for the access. */
static bool entry_serves(const struct vma *vma, pte_t pte, unsigned int access)
{
	if (!pte_present(pte))
		return false;
	if (!(access & FAULT_WRITE))
		return true;
	/* A forced write needs a page of our own; it stays write-protected for the user. */
	if (!pte_special(pte) && (access & FAULT_FORCE) && !(vma->flags & VM_WRITE))
		return page_flag(pfn_to_page(pte_pfn(pte)), PG_ANON) &&
		       page_count(pfn_to_page(pte_pfn(pte))) == 1;
	return pte_write(pte);
}

/*
 * The page behind addr, ready for the access, with a reference; or NULL and *err.
 * mmap_lock held for reading. The zero page has no count: page_put_user() knows.
 */
static struct page *get_user_page(struct vma *vma, vaddr_t addr, unsigned int access, int *err)
{
	struct mm *mm = vma->mm;

	*err = -EFAULT;
	if (!fault_allowed(vma, access))
		return NULL;
	for (;;) {
		pte_t *ptep = pte_lookup(mm, addr);
		struct page *page = NULL;

		if (ptep) {
			spin_lock(&mm->page_table_lock);
			pte_t pte = read_pte(ptep);

			if (entry_serves(vma, pte, access) && pfn_valid(pte_pfn(pte))) {
				page = pfn_to_page(pte_pfn(pte));
				if (page != zero_page)
					page_get(page);
			}
			spin_unlock(&mm->page_table_lock);
			if (page)
				return page;
		}
		*err = -EFAULT;
		if (vma->flags & VM_PFNMAP)
			return NULL;
		if (fault_should_stop()) {
			*err = -EINTR;
			return NULL;
		}
		switch (fault_locked(vma, addr, access)) {
		case FAULT_OK:
		case FAULT_RETRY:
			break;
		case FAULT_OOM:
			*err = -ENOMEM;
			return NULL;
		default:
			return NULL;
		}
	}
}

static void page_put_user(struct page *page)
{
	if (page != zero_page)
		page_put(page);
}

/* The vma of addr with the lock held for reading, growing a stack if need be; else NULL. */
static struct vma *lock_vma_at(struct mm *mm, vaddr_t addr) NO_THREAD_SAFETY_ANALYSIS
{
	struct vma *vma;

	down_read(&mm->mmap_lock);
	vma = mm_find_vma(mm, addr);
	if (vma && vma->start <= addr)
		return vma;
	up_read(&mm->mmap_lock);
	if (!vma || !(vma->flags & VM_GROWSDOWN))
		return NULL;
	down_write(&mm->mmap_lock);
	vma = mm_find_vma(mm, addr);
	if (!vma || (vma->start > addr && (!(vma->flags & VM_GROWSDOWN) ||
					   stack_grow(vma, addr & PAGE_MASK)))) {
		up_write(&mm->mmap_lock);
		return NULL;
	}
	downgrade_write(&mm->mmap_lock);
	return vma;
}

ssize_t mm_access(struct mm *mm, vaddr_t addr, void *buf, size_t len, unsigned int flags)
	NO_THREAD_SAFETY_ANALYSIS
{
	bool write = flags & MM_ACCESS_WRITE;
	unsigned int access = (write ? FAULT_WRITE : FAULT_READ) | FAULT_FORCE;
	size_t done = 0;
	int err = -EFAULT;

	if (!(flags & MM_ACCESS_FORCE))
		access &= ~FAULT_FORCE;
	while (done < len) {
		vaddr_t at = addr + done;
		size_t off = at & ~PAGE_MASK, n = min_t(size_t, len - done, PAGE_SIZE - off);
		struct vma *vma = at < TASK_SIZE ? lock_vma_at(mm, at) : NULL;
		struct page *page;
		char *va;

		if (!vma)
			break;
		page = get_user_page(vma, at & PAGE_MASK, access, &err);
		if (!page) {
			up_read(&mm->mmap_lock);
			break;
		}
		va = (char *)page_to_virt(page) + off;
		if (write) {
			memcpy(va, (char *)buf + done, n);
			if (vma->cache && !page_flag(page, PG_ANON))
				page_set_dirty(page);
			if (vma->flags & VM_EXEC)
				arch_sync_icache(va, n);
		} else {
			memcpy((char *)buf + done, va, n);
		}
		page_put_user(page);
		up_read(&mm->mmap_lock);
		done += n;
	}
	return done ? (ssize_t)done : len ? err : 0;
}

int mm_shared_key(struct mm *mm, vaddr_t addr, bool write, struct page **page)
	NO_THREAD_SAFETY_ANALYSIS
{
	struct vma *vma;
	int err = 0;

	*page = NULL;
	if (addr >= TASK_SIZE)
		return -EFAULT;
	vma = lock_vma_at(mm, addr);
	if (!vma)
		return -EFAULT;
	if (vma->cache && (vma->flags & (VM_SHARED | VM_MAYSHARE))) {
		*page = get_user_page(vma, addr & PAGE_MASK, write ? FAULT_WRITE : FAULT_READ,
				      &err);
		if (*page)
			err = 0;
	} else if (vma_is_anonymous(vma) && !(vma->flags & VM_WRITE)) {
		err = -EFAULT;          /* what nobody can write never changes */
	}
	up_read(&mm->mmap_lock);
	return err;
}
