/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The layout of a new program: where the stack, mappings, heap and a position-
 * independent image go, and how random that is.
 *
 *	0x10000 ... image (non-PIE)  heap ->   ...   PIE  ...   <- mmap  [gap]  <- stack
 *
 * The stack ends in the last 512 GB of the user half (L0[511]).
 */
#include <kernel/init.h>
#include <kernel/random.h>
#include <kernel/task.h>
#include <lib/errno.h>
#include <linux/mman.h>
#include <mm/slab.h>
#include <trace/process.h>
#include "internal.h"

#define STACK_RANDOM_PAGES (1UL << 22)          /* 16 GB */
#define MMAP_RANDOM_PAGES  (1UL << 24)          /* 64 GB */
#define PIE_RANDOM_PAGES   (1UL << 24)
#define BRK_RANDOM_PAGES   (1UL << 18)          /* 1 GB */
#define STACK_ROOM         (128UL << 10)        /* mapped from the start */
#define MIN_GAP            (128UL << 20)
#define MAX_GAP            (TASK_SIZE / 6 * 5)
#define PIE_BASE           ALIGN(TASK_SIZE / 3 * 2, 1UL << 21)

int randomize_va_space = IS_ENABLED(CONFIG_RANDOMIZE_VA) ? 2 : 0;

static int no_random_maps(char *value)
{
	randomize_va_space = 0;
	return 0;
}
BOOT_PARAM(norandmaps, "norandmaps", no_random_maps);

bool mm_may_randomize(void)
{
	return randomize_va_space != 0;
}

static u64 random_pages(const struct mm *mm, u64 pages)
{
	return mm->randomize ? (get_random_u64() % pages) << PAGE_SHIFT : 0;
}

int mm_setup_stack(struct mm *mm, unsigned int flags, vaddr_t *top)
{
	vm_flags_t vm = VM_READ | VM_WRITE | VM_MAYACCESS | VM_GROWSDOWN;
	u64 room = rlimit(RLIMIT_STACK), gap;
	vaddr_t end;
	int err;

	mm->randomize = (flags & MM_RANDOMIZE) && mm_may_randomize();
	if (flags & MM_STACK_EXEC)
		vm |= VM_EXEC;
	end = STACK_TOP - random_pages(mm, STACK_RANDOM_PAGES);

	/* Below the stack's limit, its guard gap and its randomisation. */
	gap = min_t(u64, room, MAX_GAP) + STACK_GUARD_GAP + (STACK_RANDOM_PAGES << PAGE_SHIFT);
	gap = clamp_t(u64, gap, MIN_GAP, MAX_GAP);
	mm->mmap_base = PAGE_ALIGN(STACK_TOP - gap - random_pages(mm, MMAP_RANDOM_PAGES));

	down_write(&mm->mmap_lock);
	err = map_anonymous(mm, end - STACK_ROOM, end, vm);
	up_write(&mm->mmap_lock);
	if (err)
		return err;
	TRACE(stack_map, (u32)current->proc->pid);
	mm->start_stack = end - 16;
	*top = end;
	return 0;
}

void mm_set_brk(struct mm *mm, vaddr_t end)
{
	end = PAGE_ALIGN(end);
	if (randomize_va_space >= 2)
		end += random_pages(mm, BRK_RANDOM_PAGES);
	down_write(&mm->mmap_lock);
	mm->start_brk = mm->brk = end;
	up_write(&mm->mmap_lock);
}

vaddr_t mm_pie_base(struct mm *mm, u64 len)
{
	return PIE_BASE + random_pages(mm, PIE_RANDOM_PAGES);
}

vaddr_t mm_find_room(struct mm *mm, u64 len)
{
	vaddr_t at;

	down_write(&mm->mmap_lock);
	at = unmapped_area(mm, 0, len, 0);
	up_write(&mm->mmap_lock);
	return at;
}

/* ---- pages the kernel shows to a program: the vDSO ---- */

struct special {
	refcount_t refs;
	const char *name;
	u64 nr;
	struct page *pages[];
};

static int special_fault(struct vma *vma, u64 pgoff, bool write, struct page **out)
{
	const struct special *s = vma->private;

	if (pgoff >= s->nr)
		return -EFAULT;
	page_get(s->pages[pgoff]);
	*out = s->pages[pgoff];
	return 0;
}

static void special_open(struct vma *vma)
{
	struct special *s = vma->private;

	refcount_inc(&s->refs);
}

static void special_close(struct vma *vma)
{
	struct special *s = vma->private;

	if (refcount_dec_and_test(&s->refs))
		kfree(s);
}

static int special_may_split(struct vma *vma, vaddr_t addr)
{
	return -EINVAL;
}

static const char *special_name(struct vma *vma)
{
	const struct special *s = vma->private;

	return s->name;
}

static const struct vm_ops special_ops = {
	.fault = special_fault,
	.open = special_open,
	.close = special_close,
	.may_split = special_may_split,
	.name = special_name,
};

int mm_insert_special(struct mm *mm, vaddr_t hint, u64 len, vm_flags_t flags,
		      struct page **pages, const char *name, vaddr_t *out)
{
	struct special *s;
	struct vma *vma;
	vaddr_t at = hint;
	int err = -ENOMEM;

	len = PAGE_ALIGN(len);
	s = kmalloc(struct_size(s, pages, len >> PAGE_SHIFT), GFP_KERNEL);
	vma = vma_alloc(mm);
	if (!s || !vma)
		goto out_free;
	refcount_set(&s->refs, 1);
	s->name = name;
	s->nr = len >> PAGE_SHIFT;
	for (u64 i = 0; i < s->nr; i++)
		s->pages[i] = pages[i];

	down_write(&mm->mmap_lock);
	if (!at)
		at = unmapped_area(mm, 0, len, 0);
	else if (vma_tree_find(mm, at) && vma_tree_find(mm, at)->start < at + len)
		at = (vaddr_t)-ENOMEM;
	if ((s64)at != -ENOMEM) {
		vma->start = at;
		vma->end = at + len;
		vma->flags = flags | VM_SPECIAL_MAP | VM_DONTEXPAND | VM_DONTDUMP;
		vma->ops = &special_ops;
		vma->private = s;
		vma_link(vma);
		err = 0;
	}
	up_write(&mm->mmap_lock);
	if (!err) {
		*out = at;
		return 0;
	}
out_free:
	kfree(s);
	if (vma)
		kmem_cache_free(vma_cachep, vma);
	return err;
}

int mm_map_pfn(struct vma *vma, vaddr_t addr, pfn_t pfn, u64 len, pgprot_t prot)
{
	if (!(vma->flags & VM_PFNMAP) || addr < vma->start || len > vma->end - addr)
		return -EINVAL;
	for (u64 off = 0; off < len; off += PAGE_SIZE) {
		pte_t *ptep = pte_lookup_alloc(vma->mm, addr + off, GFP_KERNEL);

		if (!ptep)
			return -ENOMEM;
		spin_lock(&vma->mm->page_table_lock);
		set_pte(ptep, pte_mkspecial(pte_mk(pfn + (off >> PAGE_SHIFT), prot)));
		spin_unlock(&vma->mm->page_table_lock);
	}
	return 0;
}
