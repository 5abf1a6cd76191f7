/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The plain memory system calls: brk, mmap, remap_file_pages, munmap, mprotect, msync,
 * mincore. Those with more to them have files of their own.
 */
#include <arch/uaccess.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <linux/mman.h>
#include <mm/slab.h>
#include "internal.h"

SYSCALL_DEFINE1(brk, vaddr_t, brk)
{
	return (long)mm_brk(current->mm, brk);
}

SYSCALL_DEFINE6(mmap, vaddr_t, addr, u64, len, unsigned long, prot, unsigned long, flags,
		int, fd, u64, offset)
{
	struct vm_source src = { .file = NULL };
	bool has_file = !(flags & MAP_ANONYMOUS);
	u64 out = 0;
	int err;

	if (offset & ~PAGE_MASK)
		return -EINVAL;
	if (has_file) {
		err = file_mmap_source(fd, (int)prot, (int)flags, &src);
		if (err)
			return err;
	}
	err = mm_map(current->mm, addr, len, (unsigned int)prot, (unsigned int)flags,
		     has_file ? &src : NULL, offset >> PAGE_SHIFT, &out);
	if (has_file && src.file)
		file_put(src.file);
	return err ? err : (long)out;
}

/*
 * What all of [start, end) shows, shared, in one kind of mapping: *file, or memory without one, of
 * which *shm tells; either is counted. 0 or -EINVAL.
 */
static int one_shared_source(struct mm *mm, vaddr_t start, vaddr_t end, struct file **file,
			     struct vm_source *shm, vm_flags_t *flags)
	REQUIRES_SHARED(mm->mmap_lock)
{
	struct vma *vma = mm_find_vma_at(mm, start), *next;

	if (!vma || !(vma->flags & VM_SHARED))
		return -EINVAL;
	for (; vma->end < end; vma = next) {
		next = vma_next(vma);
		if (!next || next->start != vma->end || next->file != vma->file ||
		    next->cache != vma->cache || next->flags != vma->flags)
			return -EINVAL;
	}
	*flags = vma->flags;
	*file = vma->file ? file_get(vma->file) : NULL;
	return *file || shm_source_of(vma, shm) ? 0 : -EINVAL;
}

/* What the call was made for, many pieces in one mapping, is done by many mappings. */
SYSCALL_DEFINE5(remap_file_pages, vaddr_t, start, u64, size, unsigned long, prot, u64, pgoff,
		unsigned long, flags)
{
	struct mm *mm = current->mm;
	struct vm_source src;
	vm_flags_t vm = 0;
	struct file *file;
	unsigned int map;
	u64 out;
	int err;

	start &= PAGE_MASK;
	size &= PAGE_MASK;
	if (prot || !size || start + size <= start || pgoff + (size >> PAGE_SHIFT) < pgoff)
		return -EINVAL;
	down_read(&mm->mmap_lock);
	err = one_shared_source(mm, start, start + size, &file, &src, &vm);
	up_read(&mm->mmap_lock);
	if (err)
		return err;
	_Static_assert(PROT_READ == VM_READ && PROT_WRITE == VM_WRITE && PROT_EXEC == VM_EXEC, "");
	map = MAP_SHARED | MAP_FIXED | MAP_POPULATE | (flags & MAP_NONBLOCK) |
	      (vm & VM_LOCKED ? MAP_LOCKED : 0);
	if (file)
		err = file_vm_source(file, (int)(vm & VM_ACCESS), (int)map, &src);
	if (!err)
		err = mm_map(mm, start, size, (unsigned int)(vm & VM_ACCESS), map, &src, pgoff, &out);
	if (file)
		file_put(file);
	else
		shm_source_put(&src);
	return err;
}

SYSCALL_DEFINE2(munmap, vaddr_t, addr, u64, len)
{
	return mm_unmap(current->mm, addr, len);
}

SYSCALL_DEFINE3(mprotect, vaddr_t, addr, u64, len, unsigned int, prot)
{
	return mm_protect(current->mm, addr, len, prot);
}

/* Syncs the file behind one vma; drops and retakes the lock. */
static int sync_vma(struct mm *mm, struct vma *vma, vaddr_t start, vaddr_t end)
	NO_THREAD_SAFETY_ANALYSIS
{
	struct file *file = file_get(vma->file);
	u64 offset = (vma->pgoff << PAGE_SHIFT) + (start - vma->start);
	int err;

	up_read(&mm->mmap_lock);
	err = file_sync_range(file, offset, offset + (end - start));
	file_put(file);
	down_read(&mm->mmap_lock);
	return err;
}

SYSCALL_DEFINE3(msync, vaddr_t, start, u64, len, int, flags)
{
	struct mm *mm = current->mm;
	vaddr_t end = start + PAGE_ALIGN(len);
	int hole = 0, err = 0;

	if ((flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC)) || (start & ~PAGE_MASK) ||
	    (flags & (MS_ASYNC | MS_SYNC)) == (MS_ASYNC | MS_SYNC))
		return -EINVAL;
	if (end < start)
		return -ENOMEM;
	down_read(&mm->mmap_lock);
	while (start < end && !err) {
		struct vma *vma = mm_find_vma(mm, start);
		vaddr_t stop;

		if (!vma || vma->start >= end) {
			hole = -ENOMEM;
			break;
		}
		if (vma->start > start) {
			hole = -ENOMEM;
			start = vma->start;
		}
		stop = min(end, vma->end);
		if ((flags & MS_INVALIDATE) && (vma->flags & VM_LOCKED))
			err = -EBUSY;
		else if ((flags & MS_SYNC) && vma->file && (vma->flags & VM_SHARED))
			err = sync_vma(mm, vma, start, stop);
		start = stop;
	}
	up_read(&mm->mmap_lock);
	return err ? err : hole;
}

/* One byte for each page of [va, end), which lies in vma. */
static void residency(struct vma *vma, vaddr_t va, vaddr_t end, u8 *out)
{
	for (; va < end; va += PAGE_SIZE, out++) {
		pte_t *ptep = pte_lookup(vma->mm, va);
		struct page *page;

		*out = ptep && pte_present(read_pte(ptep));
		if (*out || !vma->cache)
			continue;
		page = page_cache_find(vma->cache, vma->pgoff + ((va - vma->start) >> PAGE_SHIFT));
		if (page) {
			*out = page_flag(page, PG_UPTODATE);
			page_put(page);
		}
	}
}

SYSCALL_DEFINE3(mincore, vaddr_t, start, u64, len, u8 __user *, vec)
{
	struct mm *mm = current->mm;
	u64 pages = PAGE_ALIGN(len) >> PAGE_SHIFT;
	long err = 0;
	u8 *buf;

	if (start & ~PAGE_MASK)
		return -EINVAL;
	if (!access_ok(start, len) || PAGE_ALIGN(len) < len)
		return -ENOMEM;
	if (!access_ok(vec, pages))
		return -EFAULT;
	buf = get_free_pages(GFP_KERNEL, 0);
	if (!buf)
		return -EAGAIN;
	while (pages && !err) {
		struct vma *vma;
		u64 n = 0;

		down_read(&mm->mmap_lock);
		vma = mm_find_vma_at(mm, start);
		if (vma) {
			n = min3(pages, (vma->end - start) >> PAGE_SHIFT, (u64)PAGE_SIZE);
			residency(vma, start, start + (n << PAGE_SHIFT), buf);
		} else {
			err = -ENOMEM;
		}
		up_read(&mm->mmap_lock);
		if (!err && copy_to_user(vec, buf, n))
			err = -EFAULT;
		pages -= n;
		vec += n;
		start += n << PAGE_SHIFT;
	}
	free_page(buf);
	return err;
}
