/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mlock and relatives. Private pages never leave memory here; locking means that they
 * are all present before the call returns, and that they are counted and limited.
 */
#include <kernel/cred.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <linux/capability.h>
#include <linux/mman.h>
#include "internal.h"

#define LOCK_BITS (VM_LOCKED | VM_LOCKONFAULT)

static void set_lock_flags(struct vma *vma, vm_flags_t flags)
{
	struct mm *mm = vma->mm;
	long pages = (long)vma_pages(vma);

	if (vma->flags & VM_PFNMAP)
		return;
	vma_account(mm, vma->flags, vma->file, -pages);
	vma->flags = (vma->flags & ~LOCK_BITS) | flags;
	vma_account(mm, vma->flags, vma->file, pages);
}

/* [start, end) must be mapped throughout, else -ENOMEM after what came before. */
static int lock_range(struct mm *mm, vaddr_t start, vaddr_t end, vm_flags_t flags)
{
	vaddr_t at = start;
	int err;

	while (at < end) {
		struct vma *vma = vma_tree_find(mm, at);

		if (!vma || vma->start > at)
			return -ENOMEM;
		if ((vma->flags & LOCK_BITS) != flags) {
			err = vma->start < at ? vma_split(vma, at) : 0;
			if (err)
				return err;
			vma = vma_tree_find(mm, at);
			err = vma->end > end ? vma_split(vma, end) : 0;
			if (err)
				return err;
			set_lock_flags(vma, flags);
		}
		at = vma->end;
		vma_merge(vma);
	}
	return 0;
}

static int check_range(vaddr_t *start, u64 *len)
{
	*len = PAGE_ALIGN(*len + (*start & ~PAGE_MASK));
	*start &= PAGE_MASK;
	if (*start + *len < *start)
		return -EINVAL;
	if (!*len)
		return 0;
	return *start + *len > TASK_SIZE ? -ENOMEM : 0;
}

/* Pages of [start, end) that count as locked. */
static u64 locked_already(struct mm *mm, vaddr_t start, vaddr_t end)
{
	u64 bytes = 0;

	for (struct vma *vma = vma_tree_find(mm, start); vma && vma->start < end;
	     vma = vma_next(vma))
		if (vma->flags & VM_LOCKED)
			bytes += min(end, vma->end) - max(start, vma->start);
	return bytes >> PAGE_SHIFT;
}

static long do_mlock(vaddr_t start, u64 len, vm_flags_t flags)
{
	struct mm *mm = current->mm;
	int err = check_range(&start, &len);

	if (err || !len)
		return err;
	if (down_write_killable(&mm->mmap_lock))
		return -EINTR;
	err = may_lock(mm, (len >> PAGE_SHIFT) - locked_already(mm, start, start + len));
	if (err == -EAGAIN)
		err = -ENOMEM;
	if (!err)
		err = lock_range(mm, start, start + len, flags);
	up_write(&mm->mmap_lock);
	if (err || (flags & VM_LOCKONFAULT))
		return err;
	err = mm_populate(mm, start, len);
	return err == -EFAULT ? -ENOMEM : err;
}

SYSCALL_DEFINE2(mlock, vaddr_t, start, u64, len)
{
	return do_mlock(start, len, VM_LOCKED);
}

SYSCALL_DEFINE3(mlock2, vaddr_t, start, u64, len, int, flags)
{
	if (flags & ~MLOCK_ONFAULT)
		return -EINVAL;
	return do_mlock(start, len, flags ? LOCK_BITS : VM_LOCKED);
}

SYSCALL_DEFINE2(munlock, vaddr_t, start, u64, len)
{
	struct mm *mm = current->mm;
	int err = check_range(&start, &len);

	if (err || !len)
		return err;
	if (down_write_killable(&mm->mmap_lock))
		return -EINTR;
	err = lock_range(mm, start, start + len, 0);
	up_write(&mm->mmap_lock);
	return err;
}

static void lock_all(struct mm *mm, vm_flags_t flags)
{
	struct vma *vma;

	for_each_vma(mm, vma)
		set_lock_flags(vma, flags);
}

SYSCALL_DEFINE1(mlockall, int, flags)
{
	struct mm *mm = current->mm;
	vm_flags_t bits = flags & MCL_ONFAULT ? LOCK_BITS : VM_LOCKED;
	struct vma *vma;
	int err = 0;

	if (!flags || (flags & ~(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT)) || flags == MCL_ONFAULT)
		return -EINVAL;
	if (down_write_killable(&mm->mmap_lock))
		return -EINTR;
	if ((flags & MCL_CURRENT) && !capable(CAP_IPC_LOCK)) {
		u64 limit = rlimit(RLIMIT_MEMLOCK);

		if (!limit)
			err = -EPERM;
		else if (mm->total_vm > limit >> PAGE_SHIFT)
			err = -ENOMEM;
	}
	if (!err) {
		mm->def_flags &= ~LOCK_BITS;
		if (flags & MCL_FUTURE)
			mm->def_flags |= bits;
		if (flags & MCL_CURRENT)
			lock_all(mm, bits);
	}
	up_write(&mm->mmap_lock);
	if (err || !(flags & MCL_CURRENT) || (flags & MCL_ONFAULT))
		return err;
	down_read(&mm->mmap_lock);
	for_each_vma(mm, vma)
		populate_range(mm, vma->start, vma->end);
	up_read(&mm->mmap_lock);
	return 0;
}

SYSCALL_DEFINE0(munlockall)
{
	struct mm *mm = current->mm;

	if (down_write_killable(&mm->mmap_lock))
		return -EINTR;
	mm->def_flags &= ~LOCK_BITS;
	lock_all(mm, 0);
	up_write(&mm->mmap_lock);
	return 0;
}
