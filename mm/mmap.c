/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mmap and munmap: where a mapping goes, whether it may be, and making it so.
 */
#include <arch/tlb.h>
#include <kernel/cred.h>
#include <kernel/task.h>
#include <lib/errno.h>
#include <linux/capability.h>
#include <linux/mman.h>
#include <mm/slab.h>
#include "internal.h"

u64 sysctl_mmap_min_addr = 65536;

/* ---- limits ---- */

bool may_expand(struct mm *mm, vm_flags_t flags, u64 pages)
{
	if (mm->total_vm + pages > rlimit(RLIMIT_AS) >> PAGE_SHIFT)
		return false;
	if ((flags & (VM_WRITE | VM_SHARED | VM_GROWSDOWN)) == VM_WRITE &&
	    mm->data_vm + pages > rlimit(RLIMIT_DATA) >> PAGE_SHIFT)
		return false;
	return true;
}

int may_lock(struct mm *mm, u64 pages)
{
	u64 limit = rlimit(RLIMIT_MEMLOCK);

	if (capable(CAP_IPC_LOCK) || limit == RLIM_INFINITY)
		return 0;
	if (!limit)
		return -EPERM;
	return mm->locked_vm + pages > limit >> PAGE_SHIFT ? -EAGAIN : 0;
}

/* Private writable memory is a promise of pages; shm objects and files count elsewhere. */
bool vm_accountable(vm_flags_t flags, const struct file *file)
{
	return (flags & (VM_NORESERVE | VM_SHARED | VM_WRITE | VM_PFNMAP)) == VM_WRITE;
}

/* ---- placement ---- */

static bool place_is_free(struct mm *mm, vaddr_t addr, u64 len)
{
	struct vma *next = vma_tree_find(mm, addr);
	struct vma *prev;

	if (!next) {
		prev = list_empty(&mm->vmas) ? NULL :
			list_last_entry(&mm->vmas, struct vma, link);
	} else {
		if (addr + len > vma_guarded_start(next))
			return false;
		prev = vma_prev(next);
	}
	return !prev || prev->end <= addr;
}

vaddr_t unmapped_area(struct mm *mm, vaddr_t hint, u64 len, unsigned int map_flags)
{
	vaddr_t min_addr = max(sysctl_mmap_min_addr, (u64)PAGE_SIZE), at;

	if (len > TASK_SIZE - min_addr)
		return (vaddr_t)-ENOMEM;
	hint = PAGE_ALIGN(hint);
	if (hint >= min_addr && hint <= TASK_SIZE - len && place_is_free(mm, hint, len))
		return hint;
	at = vma_tree_gap_high(mm, len, min_addr, mm->mmap_base);
	if ((s64)at != -ENOMEM)
		return at;
	/* Nothing below the stack: anywhere. */
	return vma_tree_gap_low(mm, len, mm->mmap_base, TASK_SIZE);
}

/* ---- unmapping ---- */

int unmap_locked(struct mm *mm, vaddr_t start, vaddr_t end)
{
	struct vma *first = vma_tree_find(mm, start), *vma, *next, *prev;
	LIST_HEAD(dead);
	struct gather g;
	u64 accounted = 0;
	int err;

	if (!first || first->start >= end)
		return 0;
	err = vma_split_at(mm, start);
	if (!err)
		err = vma_split_at(mm, end);
	if (err)
		return err;
	first = vma_tree_find(mm, start);
	prev = vma_prev(first);
	for (vma = first; vma && vma->start < end; vma = next) {
		next = vma_next(vma);
		vma_unlink(vma);
		list_add_tail(&vma->link, &dead);
	}
	mm_rss_peak(mm);
	gather_begin(&g, mm, false);
	list_for_each_entry(vma, &dead, link)
		zap_range(&g, vma, vma->start, vma->end, true);
	gather_end(&g);
	tables_free_range(mm, start, end, prev ? prev->end : 0, vma_tree_find(mm, start) ?
			  vma_tree_find(mm, start)->start : TASK_SIZE);
	list_for_each_entry_safe(vma, next, &dead, link) {
		if (vma->flags & VM_ACCOUNT)
			accounted += vma_pages(vma);
		vma_release(vma);
	}
	if (accounted)
		mm_commit(-(long)accounted);
	return 0;
}

int mm_unmap(struct mm *mm, vaddr_t addr, u64 len)
{
	int err;

	if ((addr & ~PAGE_MASK) || addr > TASK_SIZE || len > TASK_SIZE - addr)
		return -EINVAL;
	len = PAGE_ALIGN(len);
	if (!len)
		return -EINVAL;
	if (down_write_killable(&mm->mmap_lock))
		return -EINTR;
	err = unmap_locked(mm, addr, addr + len);
	up_write(&mm->mmap_lock);
	return err;
}

int mm_unmap_object(struct mm *mm, vaddr_t addr, const struct vm_ops *ops)
{
	void *object = NULL;
	struct vma *vma, *next;
	int err = -EINVAL;

	if (down_write_killable(&mm->mmap_lock))
		return -EINTR;
	for (vma = vma_tree_find(mm, addr); vma; vma = next) {
		next = vma_next(vma);
		if (vma->ops != ops || vma->start - addr != vma->pgoff << PAGE_SHIFT ||
		    (object && vma->private != object))
			continue;
		object = vma->private;
		err = unmap_locked(mm, vma->start, vma->end);
		if (err)
			break;
	}
	up_write(&mm->mmap_lock);
	return err;
}

/* ---- mapping ---- */

static vm_flags_t prot_to_vm(unsigned int prot)
{
	_Static_assert(PROT_READ == VM_READ && PROT_WRITE == VM_WRITE && PROT_EXEC == VM_EXEC, "");
	return prot & VM_ACCESS;
}

/* The vm_flags a request asks for, or a negative errno in *err. */
static vm_flags_t request_flags(struct mm *mm, unsigned int prot, unsigned int flags,
				const struct vm_source *src, int *err)
{
	vm_flags_t vm = prot_to_vm(prot) | mm->def_flags | VM_MAYACCESS;

	*err = 0;
	switch (flags & MAP_TYPE) {
	case MAP_SHARED_VALIDATE:
		if (flags & ~(unsigned int)(MAP_TYPE | MAP_FIXED | MAP_ANONYMOUS | MAP_DENYWRITE |
		     MAP_EXECUTABLE | MAP_LOCKED | MAP_GROWSDOWN | MAP_NORESERVE | MAP_POPULATE |
		     MAP_NONBLOCK | MAP_STACK | MAP_HUGETLB | MAP_FIXED_NOREPLACE |
		     MAP_UNINITIALIZED))
			*err = -EOPNOTSUPP;
		fallthrough;
	case MAP_SHARED:
		vm |= VM_SHARED | VM_MAYSHARE;
		if (flags & MAP_GROWSDOWN)
			*err = -EINVAL;
		break;
	case MAP_PRIVATE:
		break;
	default:
		*err = -EINVAL;
	}
	if ((flags & MAP_HUGETLB) && !*err)
		*err = -ENOMEM;         /* there is no pool of huge pages */
	if (flags & MAP_GROWSDOWN)
		vm |= VM_GROWSDOWN;
	if (flags & MAP_LOCKED)
		vm |= VM_LOCKED;
	if ((flags & MAP_NORESERVE) && sysctl_overcommit_memory != 2)
		vm |= VM_NORESERVE;
	if (!src)
		return vm;
	vm |= src->flags;
	vm &= ~(VM_MAYACCESS & ~src->may);
	if (!(vm & VM_SHARED) && (src->may & VM_MAYREAD))
		vm |= VM_MAYWRITE;
	if (!(src->may & VM_MAYREAD))
		*err = *err ? *err : -EACCES;
	if ((vm & VM_SHARED) && (prot & PROT_WRITE) && !(src->may & VM_MAYWRITE))
		*err = *err ? *err : -EACCES;
	if ((prot & PROT_EXEC) && !(src->may & VM_MAYEXEC))
		*err = *err ? *err : -EPERM;
	return vm;
}

/* Where: *addr in as asked, out as decided. */
static int choose_place(struct mm *mm, vaddr_t *addr, u64 len, unsigned int flags)
{
	vaddr_t at = *addr;

	if (!(flags & (MAP_FIXED | MAP_FIXED_NOREPLACE))) {
		at = unmapped_area(mm, at, len, flags);
		if ((s64)at == -ENOMEM)
			return -ENOMEM;
		*addr = at;
		return 0;
	}
	if (len > TASK_SIZE || at > TASK_SIZE - len)
		return -ENOMEM;
	if (at & ~PAGE_MASK)
		return -EINVAL;
	if (at < sysctl_mmap_min_addr && !capable(CAP_SYS_RAWIO))
		return -EPERM;
	if (flags & MAP_FIXED_NOREPLACE) {
		struct vma *vma = vma_tree_find(mm, at);

		return vma && vma->start < at + len ? -EEXIST : 0;
	}
	return 0;
}

/* Makes the vma at a place that is free now. mmap_lock held for writing. */
static int map_at(struct mm *mm, vaddr_t addr, u64 len, vm_flags_t vm,
		  const struct vm_source *src, u64 pgoff)
{
	struct file *file = src ? src->file : NULL;
	struct page_cache *cache = src ? src->cache : NULL;
	const struct vm_ops *ops = src && src->ops ? src->ops : &vm_no_ops;
	struct vma *vma;

	if (!(src && src->private) &&
	    vma_extend(mm, addr, addr + len, vm, file, cache, ops, pgoff))
		return 0;
	vma = vma_alloc(mm);
	if (!vma)
		return -ENOMEM;
	vma->start = addr;
	vma->end = addr + len;
	vma->flags = vm;
	vma->pgoff = pgoff;
	vma->cache = cache;
	vma->ops = ops;
	if (file)
		vma->file = file_get(file);
	if (src)
		vma->private = src->private;
	if (vma->private && ops->open)
		ops->open(vma);
	vma_link(vma);
	return 0;
}

/* mm_map() with the lock held; *vm_out for what comes after. */
static int map_locked(struct mm *mm, vaddr_t *addr, u64 len, unsigned int prot,
		      unsigned int flags, const struct vm_source *src, u64 pgoff,
		      vm_flags_t *vm_out)
{
	u64 pages = len >> PAGE_SHIFT, replaced = 0;
	vm_flags_t vm;
	int err;

	if (mm->map_count > sysctl_max_map_count)
		return -ENOMEM;
	err = choose_place(mm, addr, len, flags);
	if (err)
		return err;
	vm = request_flags(mm, prot, flags, src, &err);
	if (err)
		return err;
	if (vm & VM_LOCKED) {
		err = may_lock(mm, pages);
		if (err)
			return err;
	}
	if (flags & MAP_FIXED)
		for (struct vma *v = vma_tree_find(mm, *addr); v && v->start < *addr + len;
		     v = vma_next(v))
			replaced += (min(v->end, *addr + len) - max(v->start, *addr)) >> PAGE_SHIFT;
	if (!may_expand(mm, vm, pages - min(replaced, pages)))
		return -ENOMEM;
	if (vm_accountable(vm, src ? src->file : NULL)) {
		if (mm_commit((long)pages))
			return -ENOMEM;
		vm |= VM_ACCOUNT;
	}
	err = replaced ? unmap_locked(mm, *addr, *addr + len) : 0;
	if (!err)
		err = map_at(mm, *addr, len, vm, src, pgoff);
	if (err && (vm & VM_ACCOUNT))
		mm_commit(-(long)pages);
	*vm_out = vm;
	return err;
}

int mm_map(struct mm *mm, vaddr_t addr, u64 len, unsigned int prot, unsigned int flags,
	   const struct vm_source *src, u64 pgoff, u64 *out)
{
	struct vm_source shm;
	bool made_shm = false;
	vm_flags_t vm = 0;
	u64 end_off;
	int err;

	if (!len)
		return -EINVAL;
	if (PAGE_ALIGN(len) < len || PAGE_ALIGN(len) > TASK_SIZE)
		return -ENOMEM;
	len = PAGE_ALIGN(len);
	if (check_add_overflow(pgoff, len >> PAGE_SHIFT, &end_off) ||
	    end_off > (u64)S64_MAX >> PAGE_SHIFT)
		return -EOVERFLOW;
	if (flags & MAP_FIXED_NOREPLACE)
		flags &= ~(unsigned int)MAP_FIXED;
	if (!src && (flags & MAP_TYPE) != MAP_PRIVATE) {
		if ((flags & MAP_TYPE) != MAP_SHARED)
			return -EINVAL;
		err = shm_source(len, &shm);
		if (err)
			return err;
		made_shm = true;
		src = &shm;
		pgoff = 0;
	}
	if (down_write_killable(&mm->mmap_lock)) {
		err = -EINTR;
		goto out_source;
	}
	err = map_locked(mm, &addr, len, prot, flags, src, src ? pgoff : 0, &vm);
	up_write(&mm->mmap_lock);
out_source:
	/* The vma has its own reference. */
	if (made_shm)
		shm_source_put(&shm);
	if (err)
		return err;
	*out = addr;
	if (((flags & (MAP_POPULATE | MAP_NONBLOCK)) == MAP_POPULATE) || (vm & VM_LOCKED))
		mm_populate(mm, addr, len);
	return 0;
}

int map_anonymous(struct mm *mm, vaddr_t start, vaddr_t end, vm_flags_t flags)
{
	u64 pages = (end - start) >> PAGE_SHIFT;
	int err;

	if (!may_expand(mm, flags, pages) || mm->map_count > sysctl_max_map_count)
		return -ENOMEM;
	if (vm_accountable(flags, NULL)) {
		if (mm_commit((long)pages))
			return -ENOMEM;
		flags |= VM_ACCOUNT;
	}
	err = map_at(mm, start, end - start, flags, NULL, 0);
	if (err && (flags & VM_ACCOUNT))
		mm_commit(-(long)pages);
	return err;
}

int mm_populate(struct mm *mm, vaddr_t addr, u64 len)
{
	int err;

	down_read(&mm->mmap_lock);
	err = populate_range(mm, addr & PAGE_MASK, PAGE_ALIGN(addr + len));
	up_read(&mm->mmap_lock);
	return err;
}
