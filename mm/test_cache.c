/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Boot tests of the page cache and of the mappings that show it.
 */
#include <kernel/boottest.h>
#include <kernel/sched.h>
#include <kernel/time.h>
#include <lib/err.h>
#include <lib/string.h>
#include <linux/mman.h>
#include "internal.h"

#define BASE  0x20000000UL
#define RW    (PROT_READ | PROT_WRITE)
#define PAGES 40

/* A file in memory: page n is filled with the byte n + 1. */
struct toy {
	struct page_cache cache;
	u64 size;
	unsigned int reads, writes;
};

static struct toy *toy_of(struct page_cache *cache)
{
	return container_of(cache, struct toy, cache);
}

static int toy_read(struct page_cache *cache, struct page *page)
{
	if (page->index == 13)
		return -EIO;
	memset(page_to_virt(page), (int)page->index + 1, PAGE_SIZE);
	toy_of(cache)->reads++;
	return 0;
}

static int toy_write(struct page_cache *cache, struct page *page)
{
	toy_of(cache)->writes++;
	return 0;
}

static u64 toy_size(struct page_cache *cache)
{
	return toy_of(cache)->size;
}

static const struct page_cache_ops toy_ops = {
	.read_page = toy_read, .write_page = toy_write, .size = toy_size,
};

static void toy_init(struct toy *toy)
{
	*toy = (struct toy){ .size = PAGES * PAGE_SIZE - 100 };
	page_cache_init(&toy->cache, &toy_ops, toy, 0);
}

static struct mm *toy_map(struct toy *toy, unsigned int how)
{
	struct vm_source src = { .cache = &toy->cache, .may = VM_MAYACCESS };
	struct mm *mm = mm_alloc();
	u64 out;

	if (mm)
		bt_expect_eq(mm_map(mm, BASE, (PAGES + 8) * PAGE_SIZE, RW, how | MAP_FIXED, &src,
				    0, &out), 0);
	return mm;
}

static u8 byte_at(struct mm *mm, vaddr_t at)
{
	u8 byte = 0xee;

	bt_expect_eq(mm_access(mm, at, &byte, 1, 0), 1);
	return byte;
}

static void set_byte(struct mm *mm, vaddr_t at, u8 byte)
{
	bt_expect_eq(mm_access(mm, at, &byte, 1, MM_ACCESS_WRITE), 1);
}

BOOT_TEST(mm, cache_find_and_get)
{
	struct toy toy;
	struct page *page, *again;

	toy_init(&toy);
	bt_expect(!page_cache_find(&toy.cache, 3));
	bt_expect(!page_cache_get(&toy.cache, 3, 0));
	page = page_cache_get(&toy.cache, 3, PCG_CREATE);
	bt_assert(!IS_ERR_OR_NULL(page));
	bt_expect_eq(*(u8 *)page_to_virt(page), 4);
	again = page_cache_get(&toy.cache, 3, PCG_CREATE | PCG_LOCK);
	bt_expect(again == page && !page_trylock(page));
	page_unlock(page);
	bt_expect_eq(toy.reads, 1);
	bt_expect_eq(PTR_ERR(page_cache_get(&toy.cache, 13, PCG_CREATE)), -EIO);
	bt_expect_eq(page_count(page), 3);
	page_put(page);
	page_put(again);
	page_cache_destroy(&toy.cache);
}

BOOT_TEST(mm, cache_returns_its_pages)
{
	struct toy toy;
	u64 before = page_stat_read(STAT_FILE);

	toy_init(&toy);
	for (u64 i = 0; i < 200; i++)
		if (i != 13)
			page_put(page_cache_get(&toy.cache, i, PCG_CREATE));
	bt_expect_eq(page_stat_read(STAT_FILE), before + 199);
	bt_expect_eq(page_cache_drop_clean(&toy.cache, 0, 99), 99);
	bt_expect_eq(toy.cache.nr_pages, 100);
	page_cache_truncate(&toy.cache, 150 * PAGE_SIZE);
	bt_expect_eq(toy.cache.nr_pages, 50);
	page_cache_destroy(&toy.cache);
	bt_expect_eq(page_stat_read(STAT_FILE), before);
}

BOOT_TEST(mm, dirty_pages_stay)
{
	struct toy toy;
	struct page *page;

	toy_init(&toy);
	page = page_cache_get(&toy.cache, 2, PCG_CREATE);
	bt_assert(!IS_ERR_OR_NULL(page));
	page_set_dirty(page);
	page_put(page);
	bt_expect_eq(page_cache_drop_clean(&toy.cache, 0, 99), 0);
	bt_expect_eq(page_cache_writeback(&toy.cache, 0, U64_MAX), 0);
	bt_expect_eq(toy.writes, 1);
	bt_expect_eq(page_cache_drop_clean(&toy.cache, 0, 99), 1);
	page_cache_destroy(&toy.cache);
}

BOOT_TEST(mm, file_fault_maps_neighbours)
{
	struct toy toy;
	struct mm *mm;

	toy_init(&toy);
	for (u64 i = 0; i < 10; i++)
		page_put(page_cache_get(&toy.cache, i, PCG_CREATE));
	mm = toy_map(&toy, MAP_PRIVATE);
	bt_assert(mm);
	bt_expect_eq(mm_fault(mm, BASE + 2 * PAGE_SIZE, FAULT_READ), FAULT_OK);
	bt_expect_eq(mm->rss[MM_FILE], 10);
	bt_expect_eq(byte_at(mm, BASE + 9 * PAGE_SIZE + 5), 10);
	bt_expect_eq(toy.reads, 10);
	bt_expect_eq(mm_fault(mm, BASE + 13 * PAGE_SIZE, FAULT_READ), FAULT_BUS_ADRERR);
	mm_put(mm);
	page_cache_destroy(&toy.cache);
}

BOOT_TEST(mm, private_write_leaves_the_file)
{
	struct toy toy;
	struct mm *mm;
	struct page *page;

	toy_init(&toy);
	mm = toy_map(&toy, MAP_PRIVATE);
	bt_assert(mm);
	set_byte(mm, BASE + PAGE_SIZE + 7, 0x99);
	bt_expect_eq(byte_at(mm, BASE + PAGE_SIZE + 7), 0x99);
	bt_expect_eq(byte_at(mm, BASE + PAGE_SIZE + 8), 2);
	bt_expect_eq(mm->rss[MM_ANON], 1);
	page = page_cache_find(&toy.cache, 1);
	bt_assert(page);
	bt_expect_eq(((u8 *)page_to_virt(page))[7], 2);
	bt_expect(!page_flag(page, PG_DIRTY));
	page_put(page);
	/* Cut in three, every part still shows its own pages. */
	bt_expect_eq(mm_protect(mm, BASE + 4 * PAGE_SIZE, PAGE_SIZE, PROT_READ), 0);
	bt_expect_eq(byte_at(mm, BASE + 4 * PAGE_SIZE), 5);
	bt_expect_eq(byte_at(mm, BASE + 6 * PAGE_SIZE), 7);
	mm_put(mm);
	page_cache_destroy(&toy.cache);
}

BOOT_TEST(mm, shared_write_reaches_the_file)
{
	struct toy toy;
	struct mm *mm, *other;

	toy_init(&toy);
	mm = toy_map(&toy, MAP_SHARED);
	other = toy_map(&toy, MAP_SHARED);
	bt_assert(mm && other);
	bt_expect_eq(byte_at(other, BASE + 7), 1);
	set_byte(mm, BASE + 7, 0x42);
	bt_expect_eq(byte_at(other, BASE + 7), 0x42);
	bt_expect_eq(mm_fault(mm, BASE, FAULT_WRITE), FAULT_OK);
	bt_expect_eq(page_cache_writeback(&toy.cache, 0, U64_MAX), 0);
	bt_expect_eq(toy.writes, 1);
	/* Clean again means write-protected again: the next write must be noticed. */
	bt_expect(!pte_write(read_pte(pte_lookup(mm, BASE))));
	bt_expect_eq(mm_fault(mm, BASE, FAULT_WRITE), FAULT_OK);
	bt_expect_eq(page_cache_writeback(&toy.cache, 0, U64_MAX), 0);
	bt_expect_eq(toy.writes, 2);
	mm_put(mm);
	mm_put(other);
	page_cache_destroy(&toy.cache);
}

BOOT_TEST(mm, past_the_end_is_sigbus)
{
	struct toy toy;
	struct mm *mm;

	toy_init(&toy);
	mm = toy_map(&toy, MAP_SHARED);
	bt_assert(mm);
	bt_expect_eq(mm_fault(mm, BASE + (PAGES - 1) * PAGE_SIZE, FAULT_READ), FAULT_OK);
	bt_expect_eq(mm_fault(mm, BASE + PAGES * PAGE_SIZE, FAULT_READ), FAULT_BUS_ADRERR);
	bt_expect_eq(mm_fault(mm, BASE + (PAGES + 8) * PAGE_SIZE, FAULT_READ),
		     FAULT_SEGV_MAPERR);
	mm_put(mm);
	page_cache_destroy(&toy.cache);
}

BOOT_TEST(mm, truncation_unmaps)
{
	struct toy toy;
	struct mm *mm, *priv;

	toy_init(&toy);
	mm = toy_map(&toy, MAP_SHARED);
	priv = toy_map(&toy, MAP_PRIVATE);
	bt_assert(mm && priv);
	set_byte(mm, BASE + 5 * PAGE_SIZE, 1);
	set_byte(priv, BASE + 5 * PAGE_SIZE, 2);
	set_byte(mm, BASE + 2 * PAGE_SIZE + 50, 3);
	toy.size = 2 * PAGE_SIZE + 10;
	page_cache_truncate(&toy.cache, toy.size);
	bt_expect_eq(mm_fault(mm, BASE + 5 * PAGE_SIZE, FAULT_READ), FAULT_BUS_ADRERR);
	bt_expect_eq(mm_fault(priv, BASE + 5 * PAGE_SIZE, FAULT_READ), FAULT_BUS_ADRERR);
	bt_expect_eq(priv->rss[MM_ANON], 0);
	bt_expect_eq(byte_at(mm, BASE + 2 * PAGE_SIZE + 50), 0);
	bt_expect_eq(byte_at(mm, BASE + 2 * PAGE_SIZE + 9), 3);
	mm_put(mm);
	mm_put(priv);
	page_cache_destroy(&toy.cache);
}

BOOT_TEST(mm, shared_anonymous)
{
	struct mm *mm = mm_alloc(), *child;
	u64 before = page_stat_read(STAT_SHMEM), committed = mm_committed(), at = 0;

	bt_assert(mm);
	bt_expect_eq(mm_map(mm, 0, 4 * PAGE_SIZE, RW, MAP_SHARED | MAP_ANONYMOUS, NULL, 0, &at),
		     0);
	child = mm_dup(mm);
	bt_assert(!IS_ERR(child));
	set_byte(mm, at + PAGE_SIZE, 0x21);
	bt_expect_eq(byte_at(child, at + PAGE_SIZE), 0x21);
	bt_expect_eq(mm->rss[MM_SHMEM], 1);
	bt_expect_eq(page_stat_read(STAT_SHMEM), before + 1);
	mm_put(mm);
	bt_expect_eq(byte_at(child, at + PAGE_SIZE), 0x21);
	mm_put(child);
	bt_expect_eq(page_stat_read(STAT_SHMEM), before);
	bt_expect_eq(mm_committed(), committed);
}

struct held {
	struct held *next;
	unsigned int order;
};

/* Takes what GFP_NOWAIT gives, largest blocks first; returns a chain of them. */
static struct held *hold_all(void)
{
	struct held *all = NULL, *h;

	for (int order = MAX_ORDER; order >= 0; order--)
		while ((h = get_free_pages(GFP_NOWAIT, (unsigned int)order))) {
			*h = (struct held){ all, (unsigned int)order };
			all = h;
		}
	return all;
}

/* Nobody who may reclaim asks, and clean pages go all the same. */
BOOT_TEST(mm, kswapd_frees_clean_pages)
{
	struct held *all, *next;
	struct toy toy;

	toy_init(&toy);
	for (u64 i = 20; i < 1020; i++) {
		struct page *page = page_cache_get(&toy.cache, i, PCG_CREATE);

		bt_assert(!IS_ERR_OR_NULL(page));
		page_put(page);
	}
	all = hold_all();
	for (unsigned int ms = 0; ms < 2000 && toy.cache.nr_pages == 1000; ms++) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		schedule_timeout(NSEC_PER_MSEC);
	}
	bt_expect(toy.cache.nr_pages < 1000);
	for (; all; all = next) {
		next = all->next;
		free_pages(all, all->order);
	}
	page_cache_destroy(&toy.cache);
}
