/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * madvise: advice that drops pages acts; advice about the future is noted in the vma or
 * accepted and forgotten, as a kernel without swap and huge pages may.
 */
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <lib/err.h>
#include <linux/mman.h>
#include "internal.h"

/* Advice that only changes flags of the vma: what is set, what is cleared. */
static bool flag_advice(int advice, vm_flags_t *set, vm_flags_t *clear)
{
	*set = *clear = 0;
	switch (advice) {
	case MADV_NORMAL:
		*clear = VM_RAND_READ | VM_SEQ_READ;
		return true;
	case MADV_RANDOM:
		*set = VM_RAND_READ;
		*clear = VM_SEQ_READ;
		return true;
	case MADV_SEQUENTIAL:
		*set = VM_SEQ_READ;
		*clear = VM_RAND_READ;
		return true;
	case MADV_DONTFORK:
		*set = VM_DONTCOPY;
		return true;
	case MADV_DOFORK:
		*clear = VM_DONTCOPY;
		return true;
	case MADV_WIPEONFORK:
		*set = VM_WIPEONFORK;
		return true;
	case MADV_KEEPONFORK:
		*clear = VM_WIPEONFORK;
		return true;
	case MADV_DONTDUMP:
		*set = VM_DONTDUMP;
		return true;
	case MADV_DODUMP:
		*clear = VM_DONTDUMP;
		return true;
	default:
		return false;
	}
}

static bool advice_known(int advice)
{
	vm_flags_t set, clear;

	switch (advice) {
	case MADV_WILLNEED:
	case MADV_DONTNEED:
	case MADV_DONTNEED_LOCKED:
	case MADV_FREE:
	case MADV_REMOVE:
	case MADV_COLD:
	case MADV_PAGEOUT:
	case MADV_POPULATE_READ:
	case MADV_POPULATE_WRITE:
		return true;
	default:
		return flag_advice(advice, &set, &clear);
	}
}

static int change_flags(struct vma *vma, int advice, vm_flags_t set, vm_flags_t clear)
{
	if (advice == MADV_WIPEONFORK && (vma->file || (vma->flags & VM_SHARED)))
		return -EINVAL;
	if (advice == MADV_DOFORK && (vma->flags & VM_IO))
		return -EINVAL;
	if (advice == MADV_DODUMP && (vma->flags & (VM_IO | VM_PFNMAP)))
		return -EINVAL;
	vma->flags = (vma->flags & ~clear) | set;
	return 0;
}

/* Reads what is not cached yet; errors do not matter. */
static void will_need(struct vma *vma, vaddr_t start, vaddr_t end)
{
	u64 index = vma->pgoff + ((start - vma->start) >> PAGE_SHIFT);
	u64 last = index + ((end - start) >> PAGE_SHIFT), limit;

	if (!vma->cache || !vma->cache->ops->read_page || vma->ops->fault)
		return;
	limit = vma->cache->ops->size ?
		(vma->cache->ops->size(vma->cache) + PAGE_SIZE - 1) >> PAGE_SHIFT : last;
	for (; index < min(last, limit); index++) {
		struct page *page = page_cache_get(vma->cache, index, PCG_CREATE);

		if (IS_ERR_OR_NULL(page))
			return;
		page_put(page);
	}
}

static int remove_pages(struct vma *vma, vaddr_t start, vaddr_t end)
{
	u64 offset = (vma->pgoff << PAGE_SHIFT) + (start - vma->start);

	if (vma->flags & VM_LOCKED)
		return -EINVAL;
	if (!vma->cache || !(vma->cache->flags & PC_SHMEM))
		return -EINVAL;
	if ((vma->flags & (VM_SHARED | VM_MAYWRITE)) != (VM_SHARED | VM_MAYWRITE))
		return -EACCES;
	page_cache_punch(vma->cache, offset, offset + (end - start));
	return 0;
}

/* One vma's share of the range; mmap_lock held for reading. */
static int advise_pages(struct vma *vma, vaddr_t start, vaddr_t end, int advice)
{
	switch (advice) {
	case MADV_WILLNEED:
		if (!vma->cache)
			return vma->file ? -EBADF : 0;
		will_need(vma, start, end);
		return 0;
	case MADV_FREE:
		if (!vma_is_anonymous(vma) || (vma->flags & VM_SHARED))
			return -EINVAL;
		fallthrough;
	case MADV_DONTNEED:
		if (vma->flags & (VM_LOCKED | VM_PFNMAP))
			return -EINVAL;
		vma_zap(vma, start, end, true);
		return 0;
	case MADV_DONTNEED_LOCKED:
		if (vma->flags & VM_PFNMAP)
			return -EINVAL;
		vma_zap(vma, start, end, true);
		return 0;
	case MADV_REMOVE:
		return remove_pages(vma, start, end);
	case MADV_COLD:
	case MADV_PAGEOUT:
		return vma->flags & (VM_LOCKED | VM_PFNMAP) ? -EINVAL : 0;
	default:
		return -EINVAL;
	}
}

/* Holes are skipped and reported as -ENOMEM at the end, as Linux does. */
static int advise_range(struct mm *mm, vaddr_t start, vaddr_t end, int advice)
	REQUIRES_SHARED(mm->mmap_lock)
{
	struct vma *vma = mm_find_vma(mm, start);
	int hole = 0, err;

	for (; vma && start < end; vma = vma_next(vma)) {
		if (vma->start > start) {
			hole = -ENOMEM;
			start = vma->start;
			if (start >= end)
				return hole;
		}
		err = advise_pages(vma, start, min(end, vma->end), advice);
		if (err)
			return err;
		start = vma->end;
	}
	return start < end ? -ENOMEM : hole;
}

static int advise_flags(struct mm *mm, vaddr_t start, vaddr_t end, int advice, vm_flags_t set,
			vm_flags_t clear)
{
	int hole = 0, err;

	while (start < end) {
		struct vma *vma = vma_tree_find(mm, start);

		if (!vma || vma->start >= end)
			return -ENOMEM;
		if (vma->start > start) {
			hole = -ENOMEM;
			start = vma->start;
		}
		if (vma->flags != ((vma->flags & ~clear) | set)) {
			err = vma_split_at(mm, start);
			if (!err)
				err = vma_split_at(mm, end);
			if (err)
				return err == -ENOMEM ? -EAGAIN : err;
			vma = vma_tree_find(mm, start);
		}
		err = change_flags(vma, advice, set, clear);
		if (err)
			return err;
		start = vma->end;
		vma_merge(vma);
	}
	return hole;
}

static int populate_advice(struct mm *mm, vaddr_t start, vaddr_t end, int advice)
	REQUIRES_SHARED(mm->mmap_lock)
{
	unsigned int access = advice == MADV_POPULATE_WRITE ? FAULT_WRITE : FAULT_READ;

	for (vaddr_t va = start; va < end; va += PAGE_SIZE) {
		struct vma *vma = mm_find_vma_at(mm, va);

		if (!vma)
			return -ENOMEM;
		if (vma->flags & (VM_PFNMAP | VM_IO))
			return -EINVAL;
		switch (fault_locked(vma, va, access)) {
		case FAULT_OK:
		case FAULT_RETRY:
			break;
		case FAULT_SEGV_ACCERR:
			return -EINVAL;
		case FAULT_OOM:
			return -ENOMEM;
		default:
			return -EFAULT;
		}
	}
	return 0;
}

int mm_madvise(struct mm *mm, vaddr_t start, u64 len, int advice)
{
	vm_flags_t set, clear;
	vaddr_t end;
	int err;

	if (!advice_known(advice) || (start & ~PAGE_MASK) || PAGE_ALIGN(len) < len)
		return -EINVAL;
	end = start + PAGE_ALIGN(len);
	if (end < start)
		return -EINVAL;
	if (end == start)
		return 0;
	if (flag_advice(advice, &set, &clear)) {
		if (down_write_killable(&mm->mmap_lock))
			return -EINTR;
		err = advise_flags(mm, start, end, advice, set, clear);
		up_write(&mm->mmap_lock);
		return err;
	}
	down_read(&mm->mmap_lock);
	if (advice == MADV_POPULATE_READ || advice == MADV_POPULATE_WRITE)
		err = populate_advice(mm, start, end, advice);
	else
		err = advise_range(mm, start, end, advice);
	up_read(&mm->mmap_lock);
	return err;
}

SYSCALL_DEFINE3(madvise, vaddr_t, start, u64, len, int, advice)
{
	return mm_madvise(current->mm, start, len, advice);
}
