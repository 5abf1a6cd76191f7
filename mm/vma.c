/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One mapping at a time: making, linking, splitting, merging and releasing a
 * struct vma. mmap_lock is held for writing throughout.
 */
#include <kernel/mutex.h>
#include <lib/errno.h>
#include <mm/slab.h>
#include "internal.h"

struct kmem_cache *vma_cachep;
const struct vm_ops vm_no_ops;

u64 sysctl_max_map_count = MAX_MAP_COUNT;

struct vma *vma_alloc(struct mm *mm)
{
	struct vma *vma = kmem_cache_zalloc(vma_cachep, GFP_KERNEL);

	if (vma) {
		vma->mm = mm;
		vma->ops = &vm_no_ops;
	}
	return vma;
}

struct vma *vma_clone(struct mm *mm, const struct vma *from)
{
	struct vma *vma = kmem_cache_alloc(vma_cachep, GFP_KERNEL);

	if (!vma)
		return NULL;
	*vma = *from;
	vma->mm = mm;
	if (vma->file)
		file_get(vma->file);
	if (vma->ops->open)
		vma->ops->open(vma);
	return vma;
}

void vma_account(struct mm *mm, vm_flags_t flags, struct file *file, long pages)
{
	mm->total_vm += (u64)pages;
	mm->hiwater_vm = max(mm->hiwater_vm, mm->total_vm);
	if (flags & VM_GROWSDOWN)
		mm->stack_vm += (u64)pages;
	else if ((flags & (VM_WRITE | VM_SHARED)) == VM_WRITE)
		mm->data_vm += (u64)pages;
	else if (file && (flags & VM_EXEC))
		mm->exec_vm += (u64)pages;
	if (flags & VM_LOCKED) {
		mm->locked_vm += (u64)pages;
		page_stat_add(STAT_MLOCKED, pages);
	}
}

static void enter_tree(struct vma *vma)
{
	vma_tree_insert(vma->mm, vma);
	vma->mm->map_count++;
	vma_account(vma->mm, vma->flags, vma->file, (long)vma_pages(vma));
}

static void leave_tree(struct vma *vma)
{
	vma_account(vma->mm, vma->flags, vma->file, -(long)vma_pages(vma));
	vma->mm->map_count--;
	vma_tree_erase(vma->mm, vma);
}

void vma_link(struct vma *vma)
{
	enter_tree(vma);
	if (vma->cache)
		page_cache_add_vma(vma->cache, vma);
}

void vma_unlink(struct vma *vma)
{
	if (vma->cache)
		page_cache_remove_vma(vma->cache, vma);
	leave_tree(vma);
}

void vma_release(struct vma *vma)
{
	if (vma->ops->close)
		vma->ops->close(vma);
	if (vma->file)
		file_put(vma->file);
	kmem_cache_free(vma_cachep, vma);
}

/* Moves the borders and the offset at once, as the walkers of the cache's list see it. */
void vma_resize(struct vma *vma, vaddr_t start, vaddr_t end, u64 pgoff)
	NO_THREAD_SAFETY_ANALYSIS
{
	long delta = (long)((end - start) >> PAGE_SHIFT) - (long)vma_pages(vma);

	if (vma->cache)
		mutex_lock(&vma->cache->map_lock);
	vma_tree_resize(vma->mm, vma, start, end);
	vma->pgoff = pgoff;
	if (vma->cache)
		mutex_unlock(&vma->cache->map_lock);
	vma_account(vma->mm, vma->flags, vma->file, delta);
}

int vma_split(struct vma *vma, vaddr_t addr)
{
	struct vma *upper;
	int err;

	if (vma->mm->map_count >= sysctl_max_map_count)
		return -ENOMEM;
	if (vma->ops->may_split) {
		err = vma->ops->may_split(vma, addr);
		if (err)
			return err;
	}
	upper = vma_clone(vma->mm, vma);
	if (!upper)
		return -ENOMEM;
	upper->start = addr;
	if (vma->cache || vma->file)
		upper->pgoff += (addr - vma->start) >> PAGE_SHIFT;
	/* Truncation must find each page by some vma on the cache's list at any time. */
	if (upper->cache)
		page_cache_add_vma(upper->cache, upper);
	vma_resize(vma, vma->start, addr, vma->pgoff);
	enter_tree(upper);
	return 0;
}

int vma_split_at(struct mm *mm, vaddr_t addr)
{
	struct vma *vma = vma_tree_find(mm, addr);

	return vma && vma->start < addr ? vma_split(vma, addr) : 0;
}

/* Could [start, end) with these properties be part of vma, as far as those go? */
static bool same_kind(const struct vma *vma, vm_flags_t flags, const struct file *file,
		      const struct page_cache *cache, const struct vm_ops *ops,
		      struct mempolicy policy)
{
	return vma->flags == flags && vma->file == file && vma->cache == cache &&
	       vma->ops == ops && mempolicy_equal(vma->policy, policy) && !ops->close && !ops->may_split && !vma->private &&
	       !(flags & (VM_SPECIAL_MAP | VM_PFNMAP));
}

static bool follows(const struct vma *vma, u64 pgoff)
{
	return (!vma->cache && !vma->file) || vma->pgoff + vma_pages(vma) == pgoff;
}

struct vma *vma_extend(struct mm *mm, vaddr_t start, vaddr_t end, vm_flags_t flags,
		       struct file *file, struct page_cache *cache, const struct vm_ops *ops,
		       u64 pgoff)
{
	const struct mempolicy none = { 0 };
	struct vma *next = vma_tree_find(mm, start);
	struct vma *prev = next ? vma_prev(next) :
		list_empty(&mm->vmas) ? NULL : list_last_entry(&mm->vmas, struct vma, link);

	if (prev && prev->end == start && same_kind(prev, flags, file, cache, ops, none) &&
	    follows(prev, pgoff)) {
		vma_resize(prev, prev->start, end, prev->pgoff);
		return vma_merge(prev);
	}
	if (next && next->start == end && same_kind(next, flags, file, cache, ops, none) &&
	    ((!cache && !file) || pgoff + ((end - start) >> PAGE_SHIFT) == next->pgoff)) {
		vma_resize(next, start, next->end, cache || file ? pgoff : next->pgoff);
		return next;
	}
	return NULL;
}

/* Lets `low` take over `high`, its equal neighbour above. */
static void join(struct vma *low, struct vma *high)
{
	vaddr_t end = high->end;

	low->anon |= high->anon;
	leave_tree(high);
	vma_resize(low, low->start, end, low->pgoff);
	if (high->cache)
		page_cache_remove_vma(high->cache, high);
	vma_release(high);
}

struct vma *vma_merge(struct vma *vma)
{
	struct vma *prev = vma_prev(vma), *next = vma_next(vma);

	if (next && vma->end == next->start &&
	    same_kind(next, vma->flags, vma->file, vma->cache, vma->ops, vma->policy) &&
	    follows(vma, next->pgoff))
		join(vma, next);
	if (prev && prev->end == vma->start &&
	    same_kind(prev, vma->flags, vma->file, vma->cache, vma->ops, vma->policy) &&
	    follows(prev, vma->pgoff)) {
		join(prev, vma);
		return prev;
	}
	return vma;
}

const char *vma_name(const struct vma *vma)
{
	const struct mm *mm = vma->mm;

	if (vma->ops->name)
		return vma->ops->name((struct vma *)vma);
	if (vma->file)
		return NULL;
	if (vma->start <= mm->brk && vma->end >= mm->start_brk && mm->start_brk < mm->brk)
		return "[heap]";
	if (vma->start <= mm->start_stack && vma->end >= mm->start_stack)
		return "[stack]";
	return NULL;
}
