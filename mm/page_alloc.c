/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The page allocator: a buddy system under one lock, and before it a stack of
 * single free pages per CPU that most allocations and frees never leave.
 *
 * A free block of order n starts at a frame that is a multiple of 2^n; its head has
 * PG_BUDDY and the order. Freeing merges it with its buddy (frame number with
 * bit n flipped) while that one is free too and of the same order.
 *
 * The per-CPU stacks hold pages, not heads: they count as allocated for the buddy
 * system, as free for everybody else. They are touched with interrupts off.
 */
#include <arch/irqflags.h>
#include <kernel/cpu.h>
#include <kernel/fault_inject.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/spinlock.h>
#include <lib/string.h>
#include <mm/kasan.h>
#include <mm/page.h>
#include <trace/mm.h>
#include "internal.h"
#include "page_owner.h"

#define PCP_MAX 64

/*
 * Locks:  z  lock      i  set at boot
 * The lock is a leaf, taken with interrupts off.
 */
static struct zone {
	spinlock_t lock;
	struct list_head free[MAX_ORDER + 1];   /* z */
	u64 nr_blocks[MAX_ORDER + 1];           /* z */
	u64 nr_free;                            /* z  pages in blocks; read without */
} zone;

/* Only by its CPU, interrupts off; count is read by others. */
struct page_stack {
	u32 count;
	struct page *pages[PCP_MAX];
};
static DEFINE_PER_CPU(struct page_stack, page_stacks);
static u32 pcp_high = 16, pcp_batch = 8;

u64 totalram_pages;
int sysctl_min_free_kbytes;

static void block_insert(struct page *page, unsigned int order, unsigned int flags)
{
	atomic_set(&page->flags, (int)(PG_BUDDY | flags));
	page->order = order;
	list_add(&page->lru, &zone.free[order]);
	zone.nr_blocks[order]++;
}

static void block_remove(struct page *page, unsigned int order)
{
	list_del(&page->lru);
	atomic_set(&page->flags, 0);
	zone.nr_blocks[order]--;
}

static bool block_is_free(pfn_t pfn, unsigned int order)
{
	const struct page *page = pfn_to_page(pfn);

	return pfn_valid(pfn) && page_flag(page, PG_BUDDY) && page->order == order;
}

/* Holds the zone lock. */
static void buddy_free(struct page *page, unsigned int order)
{
	pfn_t pfn = page_to_pfn(page);

	zone.nr_free += 1UL << order;
	while (order < MAX_ORDER) {
		pfn_t buddy = pfn ^ (1UL << order);

		if (!block_is_free(buddy, order))
			break;
		block_remove(pfn_to_page(buddy), order);
		pfn &= ~(1UL << order);
		order++;
	}
	block_insert(pfn_to_page(pfn), order, 0);
}

/* A block that was never split: its map is set up now. */
static void block_populate_map(struct page *page)
{
	char *map = (char *)page;

	for (size_t i = 0; i < MAX_ORDER_PAGES * sizeof(*page); i += PAGE_SIZE)
		clear_page(map + i);
}

/* Holds the zone lock. */
static struct page *buddy_take(unsigned int order)
{
	for (unsigned int o = order; o <= MAX_ORDER; o++) {
		if (list_empty(&zone.free[o]))
			continue;
		struct page *page = list_first_entry(&zone.free[o], struct page, lru);
		bool lazy = page_flag(page, PG_LAZY);

		block_remove(page, o);
		if (lazy)
			block_populate_map(page);
		while (o > order) {
			o--;
			block_insert(page + (1UL << o), o, 0);
		}
		zone.nr_free -= 1UL << order;
		return page;
	}
	return NULL;
}

/* Pages kept for GFP_ATOMIC and the dying. */
u64 page_alloc_reserve(void)
{
	return min((u64)READ_ONCE(sysctl_min_free_kbytes) >> (PAGE_SHIFT - 10), totalram_pages / 8);
}

/* May a request of n pages take that much of what is left? Holds the zone lock. */
static bool zone_allows(u64 n, gfp_t gfp)
{
	u64 floor = page_alloc_reserve();

	if (page_alloc_may_use_reserve())
		floor = 0;
	else if (gfp & __GFP_RESERVE)
		floor /= 4;
	return zone.nr_free >= n + floor;
}

u64 page_alloc_missing(void)
{
	u64 free = READ_ONCE(zone.nr_free), reserve = page_alloc_reserve();

	return free < reserve + reserve / 2 ? 2 * reserve - free : 0;
}

static struct page *buddy_alloc(gfp_t gfp, unsigned int order)
{
	struct page *page = NULL;
	unsigned long flags;

	spin_lock_irqsave(&zone.lock, flags);
	if (zone_allows(1UL << order, gfp))
		page = buddy_take(order);
	spin_unlock_irqrestore(&zone.lock, flags);
	return page;
}

#define REFILL_ORDER 3

/*
 * Refills this CPU's stack and takes one page from it: a block of eight if there is
 * one to spare, which costs one split instead of eight.
 */
static struct page *stack_refill(gfp_t gfp)
{
	struct page *page = NULL;
	unsigned long flags;

	spin_lock_irqsave(&zone.lock, flags);
	if (zone_allows(1UL << REFILL_ORDER, GFP_NOWAIT))
		page = buddy_take(REFILL_ORDER);
	if (page) {
		struct page_stack *s = this_cpu_ptr(page_stacks);

		/* Lowest on top: neighbours are used in ascending order. */
		for (unsigned int i = (1U << REFILL_ORDER) - 1; i > 0; i--) {
			if (s->count < PCP_MAX)
				s->pages[s->count++] = page + i;
			else
				buddy_free(page + i, 0);
		}
	} else if (zone_allows(1, gfp)) {
		page = buddy_take(0);
	}
	spin_unlock_irqrestore(&zone.lock, flags);
	return page;
}

struct page *page_alloc_try(gfp_t gfp, unsigned int order)
{
	return order ? buddy_alloc(gfp, order) : stack_refill(gfp);
}

static inline void page_prepare(struct page *page, gfp_t gfp)
{
	if (IS_ENABLED(CONFIG_KASAN))
		kasan_unpoison(page_to_virt(page), PAGE_SIZE);
	atomic_set(&page->flags, 0);
	atomic_set(&page->refcount, 1);
	page->mapping = NULL;
	page->index = 0;
	page->private = 0;
	if (gfp & __GFP_ZERO)
		clear_page(page_to_virt(page));
}

/* This CPU's stack is empty, or it is a block that is wanted. */
static noinline struct page *page_alloc_slow(gfp_t gfp, unsigned int order)
{
	struct page *page;

	if (order > MAX_ORDER)
		return NULL;
	page = page_alloc_try(gfp, order);
	if (unlikely(page_alloc_missing()))
		kswapd_wake();
	if (unlikely(!page))
		page = page_alloc_hard(gfp, order);
	if (unlikely(!page))
		return NULL;
	TRACE(page_alloc, order, page_to_pfn(page));
	for (size_t i = 0; i < 1UL << order; i++)
		page_prepare(page + i, gfp);
	if (IS_ENABLED(CONFIG_PAGE_OWNER))
		page_owner_alloc(page, order, gfp);
	return page;
}

struct page *page_alloc(gfp_t gfp, unsigned int order)
{
	struct page_stack *s;
	struct page *page;
	unsigned long flags;

	if (should_fail())
		return NULL;
	if (unlikely(order))
		return page_alloc_slow(gfp, order);
	local_irq_save(flags);
	s = this_cpu_ptr(page_stacks);
	if (unlikely(!s->count)) {
		local_irq_restore(flags);
		return page_alloc_slow(gfp, 0);
	}
	page = s->pages[--s->count];
	local_irq_restore(flags);
	TRACE(page_alloc, 0, page_to_pfn(page));
	page_prepare(page, gfp);
	if (IS_ENABLED(CONFIG_PAGE_OWNER))
		page_owner_alloc(page, 0, gfp);
	return page;
}

/* Gives all but `keep` pages of s back. Interrupts off. */
static void stack_drain(struct page_stack *s, u32 keep)
{
	spin_lock(&zone.lock);
	while (s->count > keep)
		buddy_free(s->pages[--s->count], 0);
	spin_unlock(&zone.lock);
}

static bool page_may_be_freed(struct page *page, unsigned int order)
{
	if (IS_ENABLED(CONFIG_DEBUG_PAGE_ALLOC) &&
	    page_flag(page, PG_BUDDY | PG_RESERVED | PG_LOCKED))
		return false;
	return !IS_ENABLED(CONFIG_PAGE_OWNER) || page_owner_free(page, order);
}

static noinline _Noreturn void page_free_bad(const struct page *page)
{
	if (IS_ENABLED(CONFIG_PAGE_OWNER))
		page_owner_describe(page);
	panic("page_free: pfn %#llx is not in use (flags %#x)",
	      (unsigned long long)page_to_pfn(page), atomic_read(&page->flags));
}

/* A block, or the page that this CPU's stack has no room for. Interrupts off. */
static noinline void page_free_slow(struct page *page, unsigned int order)
{
	struct page_stack *s = this_cpu_ptr(page_stacks);

	if (!order) {
		stack_drain(s, pcp_high - pcp_batch);
		s->pages[s->count++] = page;
		return;
	}
	spin_lock(&zone.lock);
	buddy_free(page, order);
	spin_unlock(&zone.lock);
}

void page_free(struct page *page, unsigned int order)
{
	struct page_stack *s;
	unsigned long flags;

	TRACE(page_free, order, page_to_pfn(page));
	if (unlikely(!page_may_be_freed(page, order)))
		page_free_bad(page);
	if (IS_ENABLED(CONFIG_DEBUG_PAGE_ALLOC))
		memset(page_to_virt(page), 0xaa, PAGE_SIZE << order);
	if (IS_ENABLED(CONFIG_KASAN))
		kasan_poison(page_to_virt(page), PAGE_SIZE << order, KASAN_PAGE_FREE);
	local_irq_save(flags);
	s = this_cpu_ptr(page_stacks);
	if (likely(!order && s->count < pcp_high))
		s->pages[s->count++] = page;
	else
		page_free_slow(page, order);
	local_irq_restore(flags);
}

void page_free_batch(struct page **pages, unsigned int n)
{
	unsigned long flags;
	unsigned int i = 0;

	if (IS_ENABLED(CONFIG_DEBUG_PAGE_ALLOC) || IS_ENABLED(CONFIG_PAGE_OWNER)) {
		while (i < n)
			page_free(pages[i++], 0);
		return;
	}
	local_irq_save(flags);
	struct page_stack *s = this_cpu_ptr(page_stacks);

	while (i < n && s->count < pcp_high)
		s->pages[s->count++] = pages[i++];
	if (i < n) {
		spin_lock(&zone.lock);
		while (i < n)
			buddy_free(pages[i++], 0);
		spin_unlock(&zone.lock);
	}
	local_irq_restore(flags);
}

void page_put_last(struct page *page)
{
	if (page_flag(page, PG_ANON))
		page_stat_add(STAT_ANON, -1);
	page_free(page, 0);
}

void *get_free_pages(gfp_t gfp, unsigned int order)
{
	struct page *page = page_alloc(gfp, order);

	return page ? page_to_virt(page) : NULL;
}

void free_pages(void *va, unsigned int order)
{
	if (va)
		page_free(virt_to_page(va), order);
}

u64 nr_free_pages(void)
{
	u64 sum = READ_ONCE(zone.nr_free);

	for (unsigned int cpu = 0; cpu < CONFIG_NR_CPUS; cpu++)
		sum += READ_ONCE(per_cpu(page_stacks, cpu).count);
	return sum;
}

/* Other CPUs' stacks hold at most PCP_MAX pages each; they are left alone. */
void page_alloc_drain(void)
{
	unsigned long flags;

	local_irq_save(flags);
	stack_drain(this_cpu_ptr(page_stacks), 0);
	local_irq_restore(flags);
}

/* Frees the frames [pfn, end), largest blocks first. Their map entries are set up. */
void page_alloc_add_range(pfn_t pfn, pfn_t end, unsigned int block_flags)
{
	unsigned long flags;

	spin_lock_irqsave(&zone.lock, flags);
	totalram_pages += end - pfn;
	while (pfn < end) {
		unsigned int order = pfn ? (unsigned int)__builtin_ctzll(pfn) : MAX_ORDER;

		order = min_t(unsigned int, order, MAX_ORDER);
		while (pfn + (1UL << order) > end)
			order--;
		if (block_flags) {
			block_insert(pfn_to_page(pfn), order, block_flags);
			zone.nr_free += 1UL << order;
		} else {
			buddy_free(pfn_to_page(pfn), order);
		}
		pfn += 1UL << order;
	}
	spin_unlock_irqrestore(&zone.lock, flags);
}

/* Sizes that depend on how much memory there is. Again after each big release. */
void page_alloc_tune(void)
{
	u64 high = clamp(totalram_pages / 512, 16ULL, (u64)PCP_MAX - 2);

	sysctl_min_free_kbytes = (int)clamp(totalram_pages / 128, 24ULL, 1024ULL) << (PAGE_SHIFT - 10);
	pcp_high = (u32)high;
	pcp_batch = pcp_high / 2;
}

void page_alloc_init_lists(void)
{
	spin_lock_init(&zone.lock);
	for (unsigned int o = 0; o <= MAX_ORDER; o++)
		INIT_LIST_HEAD(&zone.free[o]);
}

/* For tests and /proc/buddyinfo. */
u64 page_alloc_blocks(unsigned int order)
{
	return order <= MAX_ORDER ? READ_ONCE(zone.nr_blocks[order]) : 0;
}
