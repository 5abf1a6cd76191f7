/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of mm/ share with one another and nobody else.
 */
#ifndef MM_INTERNAL_H
#define MM_INTERNAL_H

#include <lib/compiler.h>
#include <mm/fault.h>
#include <mm/mm.h>
#include <mm/page.h>
#include <mm/pagecache.h>

/* ---- memblock.c, page_alloc.c, page_init.c ---- */
bool memblock_next_free(pfn_t *pfn, pfn_t *end);
void memblock_hand_over(void);
void page_alloc_init_lists(void);
void page_alloc_tune(void);
void page_alloc_add_range(pfn_t pfn, pfn_t end, unsigned int block_flags);
u64 page_alloc_reserve(void);
/* Below the low mark: pages that are missing to the high one; else 0. See kswapd.c. */
u64 page_alloc_missing(void);
u64 page_alloc_blocks(unsigned int order);
void page_put_last(struct page *page);
/* One attempt, no reclaim; the page is not prepared yet. */
struct page *page_alloc_try(gfp_t gfp, unsigned int order);
/* reclaim.c: everything gfp allows. May sleep. */
struct page *page_alloc_hard(gfp_t gfp, unsigned int order);
/* reclaim.c: is current freeing memory, or about to die and free it? */
bool page_alloc_may_use_reserve(void);
/* kswapd.c: from any context in which pages are allocated. */
void kswapd_wake(void);

/* ---- slab.c ---- */
void slab_init(void);
void kmalloc_init(void);
void *slab_kmalloc_large(size_t size, gfp_t gfp);

/* ---- pgtable.c ---- */
pte_t *pte_lookup_alloc_slow(struct mm *mm, vaddr_t va, gfp_t gfp);
/*
 * The first address in [va, end) whose leaf table exists, with its entry in *ptep; end
 * if there is none.
 */
vaddr_t pte_next_table(struct mm *mm, vaddr_t va, vaddr_t end, pte_t **ptep);
/*
 * Frees the tables of [start, end) that serve nothing outside [floor, ceiling).
 * Holds mmap_lock for writing; what the tables mapped has been cleared and flushed.
 */
void tables_free_range(struct mm *mm, vaddr_t start, vaddr_t end, vaddr_t floor,
		       vaddr_t ceiling);
/* All tables below the top, at exit. */
void tables_free_all(struct mm *mm);

/* The leaf entry of va, or NULL if a table on the way is missing. */
static __always_inline pte_t *pte_lookup(struct mm *mm, vaddr_t va)
{
	pte_t *table = mm->pgd;

	for (unsigned int level = 0; level < PT_LEAF; level++) {
		pte_t entry = read_pte(&table[pt_index(level, va)]);

		if (unlikely(!pt_is_table(entry)))
			return NULL;
		table = pt_next_table(entry);
	}
	return &table[pt_index(PT_LEAF, va)];
}

/*
 * The same, allocating what is missing; NULL without memory. Holds mmap_lock (or the
 * mm is nobody else's), not page_table_lock.
 */
static __always_inline pte_t *pte_lookup_alloc(struct mm *mm, vaddr_t va, gfp_t gfp)
{
	pte_t *ptep = pte_lookup(mm, va);

	return likely(ptep) ? ptep : pte_lookup_alloc_slow(mm, va, gfp);
}

/* Which counter of rss[] a mapped, counted page belongs to. */
static inline enum mm_counter page_counter(const struct page *page)
{
	unsigned int flags = (unsigned int)atomic_read(&page->flags);

	return flags & PG_ANON ? MM_ANON : flags & PG_SHMEM ? MM_SHMEM : MM_FILE;
}

/* ---- unmap.c ---- */

/*
 * Pages taken out of page tables, freed in batches after a TLB flush. With `exiting`
 * nobody runs in the mm any more, and no flush is needed.
 */
#define GATHER_MAX 64
struct gather {
	struct mm *mm;
	vaddr_t start, end;             /* what must be flushed */
	bool exiting;
	unsigned int nr;
	struct page *pages[GATHER_MAX];
};
void gather_begin(struct gather *g, struct mm *mm, bool exiting);
/* Flushes and frees what was gathered. */
void gather_end(struct gather *g);

/* Clears [start, end) of vma; `cow`: private copies too. Takes page_table_lock. */
void zap_range(struct gather *g, struct vma *vma, vaddr_t start, vaddr_t end, bool cow);
/* The same with its own gather. */
void vma_zap(struct vma *vma, vaddr_t start, vaddr_t end, bool cow);

/* ---- vma_tree.c ---- */
void vma_tree_insert(struct mm *mm, struct vma *vma);
/* The same for the highest vma of all. */
void vma_tree_append(struct mm *mm, struct vma *vma);
void vma_tree_erase(struct mm *mm, struct vma *vma);
/* Changes start and end in place; the order stays. */
void vma_tree_resize(struct mm *mm, struct vma *vma, vaddr_t start, vaddr_t end);
struct vma *vma_tree_find(struct mm *mm, vaddr_t addr);
/* The lowest / highest start of len free bytes in [lo, hi), or -ENOMEM as an address. */
vaddr_t vma_tree_gap_low(struct mm *mm, u64 len, vaddr_t lo, vaddr_t hi);
vaddr_t vma_tree_gap_high(struct mm *mm, u64 len, vaddr_t lo, vaddr_t hi);

/* ---- vma.c ---- */
extern struct kmem_cache *vma_cachep;
extern const struct vm_ops vm_no_ops;
struct vma *vma_alloc(struct mm *mm);
/* A copy that is in no tree, with its file reference and ops->open() done. NULL: no memory. */
struct vma *vma_clone(struct mm *mm, const struct vma *vma);
/* Puts it into the tree and on its cache's list, and counts it. */
void vma_link(struct vma *vma);
/* Takes it off both. */
void vma_unlink(struct vma *vma);
/* ops->close(), the file reference, the memory. Not linked any more. */
void vma_release(struct vma *vma);
/* Cuts vma at addr: vma keeps the lower part. 0, -ENOMEM. */
int vma_split(struct vma *vma, vaddr_t addr);
/* Makes addr a boundary if a vma spans it. */
int vma_split_at(struct mm *mm, vaddr_t addr);
/* Merges vma with equal neighbours; returns what contains it now. */
struct vma *vma_merge(struct vma *vma);
/* Extends a neighbour over [start, end) if it has the same properties, else NULL. */
struct vma *vma_extend(struct mm *mm, vaddr_t start, vaddr_t end, vm_flags_t flags,
		       struct file *file, struct page_cache *cache, const struct vm_ops *ops,
		       u64 pgoff);
void vma_resize(struct vma *vma, vaddr_t start, vaddr_t end, u64 pgoff);
void vma_account(struct mm *mm, vm_flags_t flags, struct file *file, long pages);

/* ---- mmap.c ---- */
/* All with mmap_lock held for writing. */
int unmap_locked(struct mm *mm, vaddr_t start, vaddr_t end);
vaddr_t unmapped_area(struct mm *mm, vaddr_t hint, u64 len, unsigned int map_flags);
/* Of RLIMIT_AS and RLIMIT_DATA. */
bool may_expand(struct mm *mm, vm_flags_t flags, u64 pages);
int may_lock(struct mm *mm, u64 pages);
/* An anonymous vma for exec and brk. */
int map_anonymous(struct mm *mm, vaddr_t start, vaddr_t end, vm_flags_t flags);
bool vm_accountable(vm_flags_t flags, const struct file *file);

/* ---- pagecache.c ---- */
void page_cache_setup(void);

/* ---- fault.c ---- */
/* Grows the stack vma down to cover addr: 0 or -ENOMEM. mmap_lock held for writing. */
int stack_grow(struct vma *vma, vaddr_t addr);
/* vma contains addr; mmap_lock is held, and not dropped inside. */
enum fault_verdict fault_locked(struct vma *vma, vaddr_t addr, unsigned int access);
/*
 * Faults in what is missing of [start, end). mmap_lock held for reading. 0, or what
 * mlock(2) says: -ENOMEM -EAGAIN -EFAULT.
 */
int populate_range(struct mm *mm, vaddr_t start, vaddr_t end);

/* ---- protect.c ---- */
/* Gives the entries of [start, end) the protection vma->flags ask for now. */
void protect_entries(struct vma *vma, vaddr_t start, vaddr_t end);

#endif
