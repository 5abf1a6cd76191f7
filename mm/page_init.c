/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From memblock to the page allocator: the struct page array, and all free RAM as
 * the largest blocks possible.
 *
 * Boot must not touch every struct page: a block of the largest order that is wholly
 * free gets only its head set up and PG_LAZY; the rest follows when the block is
 * first split. Blocks that contain anything reserved are set up at once.
 */
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <mm/kasan.h>
#include <mm/memblock.h>
#include <mm/page.h>
#include "internal.h"
#include "page_owner.h"

struct page *mem_map_base;
pfn_t mem_first_pfn, mem_end_pfn;
struct page *zero_page;
pfn_t zero_pfn;

/* Blocks below this frame have their map entries. */
static pfn_t map_done;

static void map_block_reserved(pfn_t pfn)
{
	struct page *page = pfn_to_page(pfn);

	for (size_t i = 0; i < MAX_ORDER_PAGES; i++) {
		atomic_set(&page[i].flags, PG_RESERVED);
		atomic_set(&page[i].refcount, 1);
		page[i].mapping = NULL;
		page[i].index = 0;
		page[i].private = 0;
	}
}

static void map_reserved_until(pfn_t pfn)
{
	for (; map_done < pfn; map_done += MAX_ORDER_PAGES)
		map_block_reserved(map_done);
}

/* Frees [pfn, end), which lies in one block that is not free as a whole. */
static void free_partial(pfn_t pfn, pfn_t end)
{
	map_reserved_until(ALIGN(end, MAX_ORDER_PAGES));
	for (pfn_t p = pfn; p < end; p++) {
		atomic_set(&pfn_to_page(p)->flags, 0);
		atomic_set(&pfn_to_page(p)->refcount, 0);
	}
	page_alloc_add_range(pfn, end, 0);
}

static void free_run(pfn_t pfn, pfn_t end)
{
	pfn_t first = ALIGN(pfn, MAX_ORDER_PAGES), last = ALIGN_DOWN(end, MAX_ORDER_PAGES);

	if (first > last || first == last) {
		for (; pfn < end; pfn = min(end, ALIGN(pfn + 1, MAX_ORDER_PAGES)))
			free_partial(pfn, min(end, ALIGN(pfn + 1, MAX_ORDER_PAGES)));
		return;
	}
	if (pfn < first)
		free_partial(pfn, first);
	map_reserved_until(first);
	page_alloc_add_range(first, last, PG_LAZY);
	map_done = last;
	if (last < end)
		free_partial(last, end);
}

void page_alloc_init(void)
{
	phys_addr_t start = ALIGN_DOWN(memblock_start(), MAX_ORDER_PAGES << PAGE_SHIFT);
	phys_addr_t end = ALIGN(memblock_end(), MAX_ORDER_PAGES << PAGE_SHIFT);
	phys_addr_t map;

	if (!memblock_total())
		panic("mm: no memory: the device tree names none");
	mem_first_pfn = start >> PAGE_SHIFT;
	mem_end_pfn = end >> PAGE_SHIFT;
	map = memblock_alloc((mem_end_pfn - mem_first_pfn) * sizeof(struct page), PAGE_SIZE);
	mem_map_base = (struct page *)phys_to_virt(map) - mem_first_pfn;
	if (IS_ENABLED(CONFIG_KASAN))
		kasan_init();
	if (IS_ENABLED(CONFIG_PAGE_OWNER))
		page_owner_init();
	memblock_hand_over();

	page_alloc_init_lists();
	map_done = mem_first_pfn;
	for (pfn_t pfn = mem_first_pfn, e; memblock_next_free(&pfn, &e); pfn = e)
		free_run(pfn, e);
	map_reserved_until(mem_end_pfn);
	page_alloc_tune();

	zero_page = page_alloc(GFP_KERNEL | GFP_ZERO, 0);
	if (!zero_page)
		panic("mm: no page free of %llu KB of RAM",
		      (unsigned long long)(memblock_total() >> 10));
	page_flag_set(zero_page, PG_RESERVED);
	zero_pfn = page_to_pfn(zero_page);
	pr_info("mm: %lluK of %lluK free, %lluK for struct pages\n",
		(unsigned long long)(nr_free_pages() << (PAGE_SHIFT - 10)),
		(unsigned long long)(memblock_total() >> 10),
		(unsigned long long)((mem_end_pfn - mem_first_pfn) * sizeof(struct page) >> 10));
}

void page_alloc_release(phys_addr_t base, phys_addr_t size)
{
	pfn_t pfn = base >> PAGE_SHIFT, end = pfn + (size >> PAGE_SHIFT);

	while (pfn < end) {
		pfn_t run = pfn;

		/* Only what is reserved: a range given back twice frees nothing twice. */
		while (run < end && pfn_valid(run) && page_flag(pfn_to_page(run), PG_RESERVED)) {
			atomic_set(&pfn_to_page(run)->flags, 0);
			atomic_set(&pfn_to_page(run)->refcount, 0);
			run++;
		}
		if (run > pfn)
			page_alloc_add_range(pfn, run, 0);
		pfn = run + 1;
	}
	page_alloc_tune();
}
