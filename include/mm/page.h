/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Page frames: struct page, the maps between its names, and the page allocator.
 *
 * mem_map has one 32-byte struct page per frame from the lowest to the highest
 * frame of RAM. A frame's owner decides what the union means; the flags say who
 * owns it. Frames that are reference counted are single frames: page_alloc(gfp, 0)
 * returns one with a count of 1, page_get() adds, page_put() drops and frees at 0.
 * Blocks of higher order have no count: page_free(page, order) by their owner.
 *
 * Context: page_alloc/page_free/page_put from any context, IRQs included;
 * page_alloc with GFP_KERNEL or GFP_USER may sleep. Locks taken: zone lock (a leaf).
 */
#ifndef MM_PAGE_H
#define MM_PAGE_H

#include <lib/compiler.h>
#include <lib/list.h>
#include <lib/string.h>
#include <arch/layout.h>
#include <arch/page.h>
#include <arch/atomic.h>
#include <mm/gfp.h>

struct page_cache;
struct kmem_cache;

#define MAX_ORDER       10              /* largest block: 1 << 10 pages, 4 MB */
#define MAX_ORDER_PAGES (1UL << MAX_ORDER)

/* page->flags. Set and cleared atomically once the page is visible to others. */
#define PG_BUDDY        BIT(0)          /* head of a free block, order in ->order */
#define PG_LAZY         BIT(1)          /* with PG_BUDDY: rest of the block's map not set up */
#define PG_RESERVED     BIT(2)          /* never the allocator's: image, holes, mem_map */
#define PG_SLAB         BIT(3)
#define PG_LARGE        BIT(4)          /* kmalloc above the largest class, order in ->order */
#define PG_TABLE        BIT(5)          /* page table */
#define PG_ANON         BIT(6)          /* private user memory */
#define PG_LOCKED       BIT(7)          /* page cache: being filled, written or removed */
#define PG_UPTODATE     BIT(8)
#define PG_DIRTY        BIT(9)
#define PG_WRITEBACK    BIT(10)
#define PG_REFERENCED   BIT(11)         /* used since the last look of the shrinker */
#define PG_WAITERS      BIT(12)         /* somebody sleeps for PG_LOCKED */
#define PG_ERROR        BIT(13)         /* the last read failed */
#define PG_SYNCED       BIT(15)         /* instruction caches saw what it holds */
#define PG_SHMEM        BIT(14)         /* page of a cache that cannot be evicted */

/*
 * Locks:  z  zone lock       s  kmem_cache->lock     x  page_cache->lock
 *         o  only by the owner of the frame           a  atomic
 */
struct page {
	atomic_t flags;                                         /* a */
	union {
		atomic_t refcount;                              /* a */
		struct { u16 slab_free, slab_inuse; };          /* s  first free object, used */
	};
	union {
		struct { struct list_head lru; u64 order; };    /* z  free blocks */
		struct {
			struct page_cache *mapping;             /* x  NULL: anonymous or removed */
			u64 index;                              /* x  page number in the cache */
			u64 private;                            /* o */
		};
		struct {
			struct kmem_cache *slab;                /* o  in every page of a slab */
			struct list_head slab_list;             /* s  head page only */
		};
	};
};
_Static_assert(sizeof(struct page) == 32, "struct page: 32 bytes each");

extern struct page *mem_map_base;       /* so that &mem_map_base[pfn] is the page of pfn */
extern pfn_t mem_first_pfn, mem_end_pfn; /* RAM lies in [first, end) */
extern struct page *zero_page;          /* all zeroes, mapped read-only, never counted */
extern pfn_t zero_pfn;

static inline struct page *pfn_to_page(pfn_t pfn)
{
	return mem_map_base + pfn;
}

static inline pfn_t page_to_pfn(const struct page *page)
{
	return (pfn_t)(page - mem_map_base);
}

/* Is there a struct page for it (not: is it RAM)? */
static inline bool pfn_valid(pfn_t pfn)
{
	return pfn >= mem_first_pfn && pfn < mem_end_pfn;
}

/* Linear map only: not for addresses inside the kernel image, vmap or fixmap. */
static inline phys_addr_t virt_to_phys(const void *va)
{
	return (phys_addr_t)(unsigned long)va - PAGE_OFFSET;
}

static inline void *phys_to_virt(phys_addr_t pa)
{
	return (void *)(unsigned long)(pa + PAGE_OFFSET);
}

static inline struct page *virt_to_page(const void *va)
{
	return pfn_to_page(virt_to_phys(va) >> PAGE_SHIFT);
}

static inline phys_addr_t page_to_phys(const struct page *page)
{
	return page_to_pfn(page) << PAGE_SHIFT;
}

static inline struct page *phys_to_page(phys_addr_t pa)
{
	return pfn_to_page(pa >> PAGE_SHIFT);
}

static inline void *page_to_virt(const struct page *page)
{
	return phys_to_virt(page_to_phys(page));
}

static inline bool page_flag(const struct page *page, unsigned int flag)
{
	return (unsigned int)atomic_read(&page->flags) & flag;
}

static inline void page_flag_set(struct page *page, unsigned int flag)
{
	atomic_or((int)flag, &page->flags);
}

static inline void page_flag_clear(struct page *page, unsigned int flag)
{
	atomic_andnot((int)flag, &page->flags);
}

/*
 * 2^order frames, naturally aligned. Single frames come with a count of 1 and
 * everything else in struct page zero. NULL as <mm/gfp.h> says.
 */
struct page *page_alloc(gfp_t gfp, unsigned int order);
/* order as allocated; a single frame whatever its count is. */
void page_free(struct page *page, unsigned int order);
/* Frees n single frames that nobody refers to any more: one lock for all. */
void page_free_batch(struct page **pages, unsigned int n);

static inline void page_get(struct page *page)
{
	atomic_inc(&page->refcount);
}

static inline void page_put(struct page *page)
{
	void page_put_last(struct page *page);

	if (atomic_dec_and_test(&page->refcount))
		page_put_last(page);
}

static inline int page_count(const struct page *page)
{
	return atomic_read(&page->refcount);
}

/* By address in the linear map. NULL if there is none. */
void *get_free_pages(gfp_t gfp, unsigned int order);
void free_pages(void *va, unsigned int order);

static inline void *get_zeroed_page(gfp_t gfp)
{
	return get_free_pages(gfp | __GFP_ZERO, 0);
}

static inline void free_page(void *va)
{
	free_pages(va, 0);
}

/* Smallest order of which a block holds `size` bytes. */
static inline unsigned int size_to_order(size_t size)
{
	return size <= PAGE_SIZE ? 0 :
		(unsigned int)(64 - __builtin_clzl((size - 1) >> PAGE_SHIFT));
}

/* Pages the allocator ever owned, and those free now (per-CPU lists included). */
extern u64 totalram_pages;
extern int sysctl_min_free_kbytes;     /* kept for who may not sleep; at most an eighth */
u64 nr_free_pages(void);
/* Gives per-CPU lists back to the buddy lists. Task context. */
void page_alloc_drain(void);
/* Puts reserved, page-aligned physical memory into the allocator. */
void page_alloc_release(phys_addr_t base, phys_addr_t size);

/* /proc/meminfo: every field in pages. Any task context; a snapshot, not atomic. */
struct meminfo {
	u64 total, free, available, buffers, cached, swap_cached;
	u64 active, inactive, active_anon, inactive_anon, active_file, inactive_file;
	u64 unevictable, mlocked, dirty, writeback, anon, mapped, shmem;
	u64 slab, slab_reclaimable, slab_unreclaimable, kernel_stack, page_tables;
	u64 commit_limit, committed, vmalloc_total, vmalloc_used;
};
void meminfo_get(struct meminfo *info);

/* Kinds of pages counted for meminfo_get(). Any context, a few instructions. */
enum page_stat {
	STAT_ANON, STAT_FILE, STAT_SHMEM, STAT_MAPPED, STAT_TABLES, STAT_KSTACK,
	STAT_SLAB, STAT_DIRTY, STAT_MLOCKED, NR_PAGE_STATS
};
void page_stat_add(enum page_stat stat, long pages);
u64 page_stat_read(enum page_stat stat);        /* never below 0 */

#endif
