/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The page allocator and memblock: random allocation against a map of owned frames.
 */
#include "support.h"
#include <string.h>

#define FRAMES (RAM_SIZE >> PAGE_SHIFT)
#define SLOTS  600

static u8 owner[FRAMES];
static struct { struct page *page; unsigned int order; } slot[SLOTS];

static void claim(struct page *page, unsigned int order)
{
	u64 first = page_to_pfn(page) - mem_first_pfn;

	assert_int_equal(page_to_pfn(page) & ((1UL << order) - 1), 0);
	for (u64 i = first; i < first + (1UL << order); i++) {
		assert_true(i < FRAMES);
		assert_int_equal(owner[i], 0);
		owner[i] = 1;
	}
	memset(page_to_virt(page), 0x11, PAGE_SIZE << order);
}

static void release(struct page *page, unsigned int order)
{
	u64 first = page_to_pfn(page) - mem_first_pfn;

	memset(&owner[first], 0, 1UL << order);
	page_free(page, order);
}

static void test_random(void **state)
{
	u64 start = nr_free_pages(), held = 0;

	for (unsigned int step = 0; step < 200000; step++) {
		unsigned int i = rnd(SLOTS);

		host_cpu = rnd(CONFIG_NR_CPUS);
		if (slot[i].page) {
			release(slot[i].page, slot[i].order);
			held -= 1UL << slot[i].order;
			slot[i].page = NULL;
		} else {
			unsigned int order = rnd(8) ? rnd(4) : rnd(MAX_ORDER + 1);
			struct page *page = page_alloc(GFP_NOWAIT, order);

			if (!page)
				continue;
			claim(page, order);
			slot[i].page = page;
			slot[i].order = order;
			held += 1UL << order;
		}
		assert_int_equal(nr_free_pages() + held, start);
		if (!(step % 5000))
			page_alloc_drain();
	}
	for (unsigned int i = 0; i < SLOTS; i++) {
		if (slot[i].page)
			release(slot[i].page, slot[i].order);
		slot[i].page = NULL;
	}
	assert_int_equal(nr_free_pages(), start);
}

/* After everything is back, the big blocks are, too. */
static void test_merge(void **state)
{
	u64 blocks = page_alloc_blocks(MAX_ORDER);
	static struct page *all[FRAMES];
	unsigned int n = 0;

	while ((all[n] = page_alloc(GFP_ATOMIC, 0)))
		n++;
	assert_true(n > FRAMES / 2);
	assert_int_equal(page_alloc_blocks(MAX_ORDER), 0);
	while (n) {
		unsigned int i = rnd(n);
		struct page *page = all[i];

		all[i] = all[--n];
		page_put(page);
	}
	for (host_cpu = CONFIG_NR_CPUS; host_cpu-- > 0;) {
		page_alloc_drain();
		if (!host_cpu)
			break;
	}
	assert_true(page_alloc_blocks(MAX_ORDER) >= blocks);
}

static void test_reserve(void **state)
{
	static struct page *all[FRAMES];
	unsigned int n = 0;
	struct page *page;

	while ((all[n] = page_alloc(GFP_NOWAIT, 0)))
		n++;
	page = page_alloc(GFP_ATOMIC, 0);
	assert_non_null(page);
	page_put(page);
	while (n)
		page_put(all[--n]);
}

static void test_release_twice(void **state)
{
	u64 before = nr_free_pages();
	phys_addr_t base = RAM_BASE, size = 700001;

	memblock_free(base, size);
	assert_int_equal(nr_free_pages(), before + (size >> PAGE_SHIFT));
	memblock_free(base, size);
	assert_int_equal(nr_free_pages(), before + (size >> PAGE_SHIFT));
}

static void test_batch(void **state)
{
	struct page *pages[200];
	u64 before = nr_free_pages();

	for (unsigned int i = 0; i < 200; i++)
		assert_non_null(pages[i] = page_alloc(GFP_KERNEL | GFP_ZERO, 0));
	page_free_batch(pages, 200);
	assert_int_equal(nr_free_pages(), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random), cmocka_unit_test(test_merge),
		cmocka_unit_test(test_reserve), cmocka_unit_test(test_batch),
		cmocka_unit_test(test_release_twice), cmocka_unit_test(test_random),
	};

	host_boot(true);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
