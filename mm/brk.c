/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What grows: the heap by brk(2), stacks by faults.
 */
#include <kernel/task.h>
#include <lib/errno.h>
#include "internal.h"

#define HEAP_FLAGS (VM_READ | VM_WRITE | VM_MAYACCESS)

static int heap_grow(struct mm *mm, vaddr_t from, vaddr_t to)
{
	struct vma *next = vma_tree_find(mm, from);
	vm_flags_t flags = HEAP_FLAGS | mm->def_flags;
	int err;

	if (next && to > vma_guarded_start(next))
		return -ENOMEM;
	if (flags & VM_LOCKED) {
		err = may_lock(mm, (to - from) >> PAGE_SHIFT);
		if (err)
			return err;
	}
	return map_anonymous(mm, from, to, flags);
}

static vaddr_t brk_locked(struct mm *mm, vaddr_t brk, bool *grown)
{
	vaddr_t old = PAGE_ALIGN(mm->brk), new = PAGE_ALIGN(brk);
	u64 limit = rlimit(RLIMIT_DATA);

	if (brk < mm->start_brk || brk > TASK_SIZE - PAGE_SIZE)
		return mm->brk;
	if (limit != RLIM_INFINITY &&
	    (brk - mm->start_brk) + (mm->end_data - mm->start_data) > limit)
		return mm->brk;
	if (new < old) {
		if (unmap_locked(mm, new, old))
			return mm->brk;
	} else if (new > old) {
		if (heap_grow(mm, old, new))
			return mm->brk;
		*grown = true;
	}
	mm->brk = brk;
	return brk;
}

vaddr_t mm_brk(struct mm *mm, vaddr_t brk)
{
	vaddr_t from, now;
	bool grown = false, locked;

	if (down_write_killable(&mm->mmap_lock))
		return mm->brk;
	from = PAGE_ALIGN(mm->brk);
	now = brk_locked(mm, brk, &grown);
	locked = mm->def_flags & VM_LOCKED;
	up_write(&mm->mmap_lock);
	if (grown && locked)
		mm_populate(mm, from, PAGE_ALIGN(now) - from);
	return now;
}

int stack_grow(struct vma *vma, vaddr_t addr)
{
	struct mm *mm = vma->mm;
	struct vma *prev = vma_prev(vma);
	u64 grow = (vma->start - addr) >> PAGE_SHIFT;

	if (addr < sysctl_mmap_min_addr || vma->end - addr > rlimit(RLIMIT_STACK))
		return -ENOMEM;
	if (prev && !(prev->flags & VM_GROWSDOWN) && (prev->flags & VM_ACCESS) &&
	    addr - prev->end < STACK_GUARD_GAP)
		return -ENOMEM;
	if (prev && prev->end > addr)
		return -ENOMEM;
	if (!may_expand(mm, vma->flags, grow))
		return -ENOMEM;
	if ((vma->flags & VM_LOCKED) && may_lock(mm, grow))
		return -ENOMEM;
	if ((vma->flags & VM_ACCOUNT) && mm_commit((long)grow))
		return -ENOMEM;
	vma_resize(vma, addr, vma->end, vma->pgoff);
	return 0;
}
