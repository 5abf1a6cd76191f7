/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mremap: shrinking, growing in place, and moving a mapping with its pages.
 *
 * A move carries entries over one by one; pages are neither copied nor lost. The
 * new vma is on its cache's list before the first entry moves and the old one stays
 * there until the last has, so truncation sees every page under one of the two; both
 * page-table walks run under map_lock to keep it out meanwhile.
 */
#include <arch/tlb.h>
#include <kernel/mutex.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <linux/mman.h>
#include "internal.h"

/* Moves the entries of [from, from + len) to `to`. 0 or -ENOMEM with a part moved. */
static int move_entries(struct mm *mm, vaddr_t from, vaddr_t to, u64 len, u64 *moved)
{
	vaddr_t va = from, end = from + len;
	pte_t *src;

	*moved = len;
	while ((va = pte_next_table(mm, va, end, &src)) < end) {
		vaddr_t there = to + (va - from);
		u64 size = pt_level_size(PT_LEAF - 1);
		u64 room = ALIGN(there + 1, size) - there;
		vaddr_t stop = min3(end, ALIGN(va + 1, size), va + room);
		pte_t *dst = pte_lookup_alloc(mm, there, GFP_KERNEL);

		if (!dst) {
			*moved = va - from;
			return -ENOMEM;
		}
		spin_lock(&mm->page_table_lock);
		for (; va < stop; va += PAGE_SIZE, src++, dst++) {
			pte_t pte = read_pte(src);

			if (pte_none(pte))
				continue;
			pte_clear(src);
			set_pte_nosync(dst, pte);
		}
		spin_unlock(&mm->page_table_lock);
	}
	tlb_flush_range(mm, from, end);
	pt_sync();
	return 0;
}

static int move_pages(struct vma *vma, vaddr_t from, vaddr_t to, u64 len)
	NO_THREAD_SAFETY_ANALYSIS
{
	struct mm *mm = vma->mm;
	u64 moved;
	int err;

	if (vma->cache)
		mutex_lock(&vma->cache->map_lock);
	err = move_entries(mm, from, to, len, &moved);
	if (err) {
		u64 back;

		/* The tables of the old place exist: this cannot fail. */
		tlb_flush_range(mm, from, from + len);
		move_entries(mm, to, from, moved, &back);
	}
	if (vma->cache)
		mutex_unlock(&vma->cache->map_lock);
	return err;
}

/* Is [addr, addr+len) one vma that may be remapped to new_len? */
static int check_source(struct vma *vma, vaddr_t addr, u64 old_len, u64 new_len,
			unsigned int flags)
{
	struct mm *mm;
	u64 grow;

	if (!vma || vma->start > addr)
		return -EFAULT;
	mm = vma->mm;
	if (!old_len && !(vma->flags & VM_MAYSHARE))
		return -EINVAL;
	if ((flags & MREMAP_DONTUNMAP) && (vma->flags & (VM_DONTEXPAND | VM_PFNMAP)))
		return -EINVAL;
	if (old_len > vma->end - addr)
		return -EFAULT;
	if (new_len <= old_len)
		return 0;
	grow = (new_len - old_len) >> PAGE_SHIFT;
	if (vma->flags & (VM_DONTEXPAND | VM_PFNMAP))
		return -EFAULT;
	if ((vma->flags & VM_LOCKED) && may_lock(mm, grow))
		return -EAGAIN;
	if (!may_expand(mm, vma->flags, grow))
		return -ENOMEM;
	return 0;
}

static bool can_grow_in_place(struct vma *vma, vaddr_t end)
{
	struct vma *next = vma_next(vma);

	return end <= TASK_SIZE && (!next || vma_guarded_start(next) >= end);
}

/* Puts a copy of [addr, addr + old_len) of vma, new_len long, at `to`, which is free. */
static int move_vma(struct vma *vma, vaddr_t addr, u64 old_len, u64 new_len, vaddr_t to,
		    unsigned int flags)
{
	struct mm *mm = vma->mm;
	struct vma *copy;
	long charge = vma->flags & VM_ACCOUNT ? (long)(new_len >> PAGE_SHIFT) : 0;
	int err;

	/* Up to two splits for the old place and one new vma. */
	if (mm->map_count + 3 >= sysctl_max_map_count)
		return -ENOMEM;
	if (charge && mm_commit(charge))
		return -ENOMEM;
	copy = vma_clone(mm, vma);
	if (!copy) {
		mm_commit(-charge);
		return -ENOMEM;
	}
	copy->start = to;
	copy->end = to + new_len;
	if (vma->cache || vma->file)
		copy->pgoff += (addr - vma->start) >> PAGE_SHIFT;
	vma_link(copy);
	err = move_pages(vma, addr, to, min(old_len, new_len));
	if (err) {
		vma_unlink(copy);
		vma_release(copy);
		mm_commit(-charge);
		return err;
	}
	if (flags & MREMAP_DONTUNMAP) {
		long pages = (long)vma_pages(vma);

		vma_account(mm, vma->flags, vma->file, -pages);
		vma->flags &= ~(VM_LOCKED | VM_LOCKONFAULT);
		vma_account(mm, vma->flags, vma->file, pages);
		return 0;
	}
	/* The accounting of the old range goes with it. */
	if (old_len)
		err = unmap_locked(mm, addr, addr + old_len);
	return err;
}

static long remap_to(struct mm *mm, vaddr_t addr, u64 old_len, u64 new_len, unsigned int flags,
		     vaddr_t to)
{
	struct vma *vma;
	int err;

	if ((to & ~PAGE_MASK) || new_len > TASK_SIZE || to > TASK_SIZE - new_len)
		return -EINVAL;
	if (addr + old_len > to && to + new_len > addr)
		return -EINVAL;
	if (to < sysctl_mmap_min_addr)
		return -EPERM;
	vma = vma_tree_find(mm, addr);
	err = check_source(vma, addr, min(old_len, new_len), new_len, flags);
	if (err)
		return err;
	err = unmap_locked(mm, to, to + new_len);
	if (err)
		return err;
	if (old_len > new_len) {
		err = unmap_locked(mm, addr + new_len, addr + old_len);
		if (err)
			return err;
		old_len = new_len;
	}
	/* The vmas may have been split or merged by the unmapping. */
	vma = vma_tree_find(mm, addr);
	err = check_source(vma, addr, old_len, new_len, flags);
	if (!err)
		err = move_vma(vma, addr, old_len, new_len, to, flags);
	return err ? err : (long)to;
}

static long remap_locked(struct mm *mm, vaddr_t addr, u64 old_len, u64 new_len,
			 unsigned int flags, vaddr_t new_addr)
{
	struct vma *vma;
	vaddr_t to;
	int err;

	if (flags & MREMAP_FIXED)
		return remap_to(mm, addr, old_len, new_len, flags, new_addr);
	vma = vma_tree_find(mm, addr);
	if (!vma || vma->start > addr)
		return -EFAULT;
	if (old_len >= new_len && !(flags & MREMAP_DONTUNMAP)) {
		err = old_len > new_len ? unmap_locked(mm, addr + new_len, addr + old_len) : 0;
		return err ? err : (long)addr;
	}
	err = check_source(vma, addr, old_len, new_len, flags);
	if (err)
		return err;
	if (!(flags & MREMAP_DONTUNMAP) && old_len == vma->end - addr &&
	    can_grow_in_place(vma, addr + new_len)) {
		u64 grow = (new_len - old_len) >> PAGE_SHIFT;

		if ((vma->flags & VM_ACCOUNT) && mm_commit((long)grow))
			return -ENOMEM;
		vma_resize(vma, vma->start, addr + new_len, vma->pgoff);
		vma_merge(vma);
		return (long)addr;
	}
	if (!(flags & MREMAP_MAYMOVE))
		return -ENOMEM;
	to = unmapped_area(mm, flags & MREMAP_DONTUNMAP ? new_addr : 0, new_len, 0);
	if ((s64)to == -ENOMEM)
		return -ENOMEM;
	err = move_vma(vma, addr, old_len, new_len, to, flags);
	return err ? err : (long)to;
}

SYSCALL_DEFINE5(mremap, vaddr_t, addr, u64, old_len, u64, new_len, unsigned long, flags,
		vaddr_t, new_addr)
{
	struct mm *mm = current->mm;
	bool populate = false;
	long ret;

	if (flags & ~(unsigned long)(MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP))
		return -EINVAL;
	if ((flags & MREMAP_FIXED) && !(flags & MREMAP_MAYMOVE))
		return -EINVAL;
	if ((flags & MREMAP_DONTUNMAP) && (!(flags & MREMAP_MAYMOVE) || old_len != new_len))
		return -EINVAL;
	if ((addr & ~PAGE_MASK) || addr > TASK_SIZE)
		return -EINVAL;
	if (old_len > TASK_SIZE || new_len > TASK_SIZE)
		return -EINVAL;
	old_len = PAGE_ALIGN(old_len);
	new_len = PAGE_ALIGN(new_len);
	if (!new_len || addr + old_len > TASK_SIZE)
		return -EINVAL;
	if (down_write_killable(&mm->mmap_lock))
		return -EINTR;
	ret = remap_locked(mm, addr, old_len, new_len, (unsigned int)flags, new_addr);
	if (ret > 0) {
		struct vma *vma = vma_tree_find(mm, (vaddr_t)ret);

		populate = vma && (vma->flags & (VM_LOCKED | VM_LOCKONFAULT)) == VM_LOCKED;
	}
	up_write(&mm->mmap_lock);
	if (populate && new_len > old_len)
		mm_populate(mm, (vaddr_t)ret + old_len, new_len - old_len);
	return ret;
}
