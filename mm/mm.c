/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The life of an address space: created empty, copied by fork (fork.c), emptied when
 * its last user leaves, freed when nobody's page tables point at it any more.
 */
#include <arch/tlb.h>
#include <kernel/panic.h>
#include <lib/string.h>
#include <mm/memblock.h>
#include <mm/slab.h>
#include "internal.h"

static struct kmem_cache *mm_cachep;

struct mm init_mm = {
	.users = ATOMIC_INIT(2),
	.count = ATOMIC_INIT(2),
	.pgd = swapper_pg_dir,
	.mmap_lock = RWSEM_INIT(init_mm.mmap_lock),
	.vma_tree = { NULL },
	.vmas = LIST_HEAD_INIT(init_mm.vmas),
	.tables = LIST_HEAD_INIT(init_mm.tables),
	.page_table_lock = SPINLOCK_INIT,
};

struct mm *mm_alloc(void)
{
	struct mm *mm = kmem_cache_zalloc(mm_cachep, GFP_KERNEL);
	struct page *page;

	if (!mm)
		return NULL;
	page = page_alloc(GFP_KERNEL | GFP_ZERO, 0);
	if (!page) {
		kmem_cache_free(mm_cachep, mm);
		return NULL;
	}
	atomic_set(&page->flags, PG_TABLE);
	page_stat_add(STAT_TABLES, 1);
	mm->pgd = page_to_virt(page);
	atomic_set(&mm->users, 1);
	atomic_set(&mm->count, 1);
	rwsem_init(&mm->mmap_lock);
	spin_lock_init(&mm->page_table_lock);
	INIT_LIST_HEAD(&mm->vmas);
	INIT_LIST_HEAD(&mm->tables);
	mm->mmap_base = STACK_TOP - (128UL << 20);
	arch_mm_init(mm);
	return mm;
}

bool mm_get_not_zero(struct mm *mm)
{
	return atomic_inc_not_zero(&mm->users);
}

void mm_drop(struct mm *mm)
{
	if (!atomic_dec_and_test(&mm->count))
		return;
	arch_mm_destroy(mm);
	page_stat_add(STAT_TABLES, -1);
	free_page(mm->pgd);
	kmem_cache_free(mm_cachep, mm);
}

/*
 * CPUs that run a kernel thread may still have the tables loaded. They touch no user
 * address, but their table walkers may; so the top is cut off and the TLBs are
 * flushed before the tables go.
 */
static void cut_off_lazy_users(struct mm *mm)
{
	if (atomic_read(&mm->count) == 1)
		return;
	memset(mm->pgd, 0, PAGE_SIZE);
	tlb_flush_mm(mm);
}

/* users is 0: no locks are needed, but for the lists of the caches. */
static void unmap_all(struct mm *mm) NO_THREAD_SAFETY_ANALYSIS
{
	struct vma *vma, *next;
	struct gather g;
	u64 accounted = 0;

	gather_begin(&g, mm, true);
	for_each_vma(mm, vma) {
		if (vma->cache)
			page_cache_remove_vma(vma->cache, vma);
		zap_range(&g, vma, vma->start, vma->end, true);
		if (vma->flags & VM_ACCOUNT)
			accounted += vma_pages(vma);
	}
	gather_end(&g);
	cut_off_lazy_users(mm);
	tables_free_all(mm);
	list_for_each_entry_safe(vma, next, &mm->vmas, link)
		vma_release(vma);
	INIT_LIST_HEAD(&mm->vmas);
	mm->vma_tree = RB_ROOT;
	mm->vma_last = NULL;
	if (accounted)
		mm_commit(-(long)accounted);
	if (mm->locked_vm)
		page_stat_add(STAT_MLOCKED, -(long)mm->locked_vm);
	for (unsigned int i = 0; i < NR_MM_COUNTERS; i++)
		WARN_ON_ONCE(mm->rss[i] != 0);
}

void mm_put(struct mm *mm)
{
	if (!mm || !atomic_dec_and_test(&mm->users))
		return;
	unmap_all(mm);
	if (mm->exe_file) {
		file_allow_write(mm->exe_file);
		file_put(mm->exe_file);
	}
	mm->exe_file = NULL;
	mm_drop(mm);
}

struct vma *mm_find_vma(struct mm *mm, vaddr_t addr)
{
	struct vma *vma = READ_ONCE(mm->vma_last);

	if (likely(vma && vma->start <= addr && addr < vma->end))
		return vma;
	vma = vma_tree_find(mm, addr);
	if (vma)
		WRITE_ONCE(mm->vma_last, vma);
	return vma;
}

struct vma *mm_find_vma_at(struct mm *mm, vaddr_t addr)
{
	struct vma *vma = mm_find_vma(mm, addr);

	return vma && vma->start <= addr ? vma : NULL;
}

u64 mm_rss(const struct mm *mm)
{
	long sum = 0;

	for (unsigned int i = 0; i < NR_MM_COUNTERS; i++)
		sum += READ_ONCE(mm->rss[i]);
	return sum > 0 ? (u64)sum : 0;
}

u64 mm_rss_peak(struct mm *mm)
{
	u64 now = mm_rss(mm), peak = READ_ONCE(mm->hiwater_rss);

	if (now > peak) {
		WRITE_ONCE(mm->hiwater_rss, now);
		return now;
	}
	return peak;
}

void mm_set_exe_file(struct mm *mm, struct file *file)
{
	/* It cannot fail: the file is denied to writers already. */
	WARN_ON_ONCE(file_deny_write(file));
	down_write(&mm->mmap_lock);
	mm->exe_file = file_get(file);
	up_write(&mm->mmap_lock);
}

struct file *mm_exe_file(struct mm *mm)
{
	struct file *file;

	down_read(&mm->mmap_lock);
	file = mm->exe_file;
	if (file)
		file_get(file);
	up_read(&mm->mmap_lock);
	return file;
}

void mm_init(void)
{
	slab_init();
	kmalloc_init();
	vma_cachep = KMEM_CACHE(vma);
	mm_cachep = KMEM_CACHE(mm);
	if (!vma_cachep || !mm_cachep)
		panic("mm: no memory for the caches");
	page_cache_setup();
}
