/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Boot tests of the allocators: buddy, per-CPU stacks, slab, kmalloc, vmap, stacks.
 */
#include <arch/irqflags.h>
#include <kernel/boottest.h>
#include <lib/string.h>
#include <mm/slab.h>
#include <mm/vmap.h>
#include "internal.h"

#define MANY 128

static bool page_is(const struct page *page, u8 byte)
{
	const u8 *p = page_to_virt(page);

	for (size_t i = 0; i < PAGE_SIZE; i++)
		if (p[i] != byte)
			return false;
	return true;
}

BOOT_TEST(mm, buddy_accounts)
{
	u64 before = nr_free_pages();
	struct page *page = page_alloc(GFP_KERNEL, 4);

	bt_assert(page);
	bt_expect_eq(before - nr_free_pages(), 16);
	bt_expect_eq(page_to_pfn(page) % 16, 0);
	page_free(page, 4);
	bt_expect_eq(nr_free_pages(), before);
}

BOOT_TEST(mm, buddy_merges)
{
	u64 blocks[MAX_ORDER + 1];
	struct page *page;

	for (unsigned int o = 0; o <= MAX_ORDER; o++)
		blocks[o] = page_alloc_blocks(o);
	page = page_alloc(GFP_KERNEL, 5);
	bt_assert(page);
	/* The same block, piece by piece: nothing smaller may be left over. */
	for (unsigned int i = 0; i < 32; i += 8)
		page_free(page + i, 3);
	for (unsigned int o = 0; o <= MAX_ORDER; o++)
		bt_expect_eq(page_alloc_blocks(o), blocks[o]);
	struct page *again = page_alloc(GFP_KERNEL, 5);

	bt_assert(again);
	bt_expect_eq(page_to_pfn(again) % 32, 0);
	page_free(again, 5);
}

BOOT_TEST(mm, buddy_refuses)
{
	bt_expect(!page_alloc(GFP_KERNEL, MAX_ORDER + 1));
	bt_expect(!page_alloc(GFP_NOWAIT, 60));
}

BOOT_TEST(mm, pages_are_distinct)
{
	struct page *pages[MANY];
	unsigned int n;

	for (n = 0; n < MANY; n++) {
		pages[n] = page_alloc(GFP_KERNEL, 0);
		if (!bt_expect(pages[n]))
			break;
		memset(page_to_virt(pages[n]), (int)n, PAGE_SIZE);
	}
	for (unsigned int i = 0; i < n; i++) {
		bt_expect(page_is(pages[i], (u8)i));
		bt_expect_eq(page_count(pages[i]), 1);
		page_put(pages[i]);
	}
}

BOOT_TEST(mm, pcp_is_lifo)
{
	unsigned long flags;
	struct page *page, *again;

	local_irq_save(flags);
	page = page_alloc(GFP_ATOMIC, 0);
	if (page)
		page_free(page, 0);
	again = page_alloc(GFP_ATOMIC, 0);
	local_irq_restore(flags);
	bt_assert(page && again);
	bt_expect(page == again);
	page_free(again, 0);
}

BOOT_TEST(mm, pcp_drains)
{
	u64 before = nr_free_pages();

	page_alloc_drain();
	bt_expect_eq(nr_free_pages(), before);
}

BOOT_TEST(mm, page_zeroed)
{
	struct page *page = page_alloc(GFP_KERNEL, 0);

	bt_assert(page);
	memset(page_to_virt(page), 0x5a, PAGE_SIZE);
	page_free(page, 0);
	page = page_alloc(GFP_KERNEL | GFP_ZERO, 0);
	bt_assert(page);
	bt_expect(page_is(page, 0));
	page_put(page);
}

BOOT_TEST(mm, page_refcount)
{
	u64 before = nr_free_pages();
	struct page *page = page_alloc(GFP_KERNEL, 0);

	bt_assert(page);
	page_get(page);
	page_put(page);
	bt_expect_eq(page_count(page), 1);
	bt_expect_eq(before - nr_free_pages(), 1);
	page_put(page);
	bt_expect_eq(nr_free_pages(), before);
}

struct probe {
	struct probe *self;
	char fill[92];
};

static void probe_ctor(void *obj)
{
	((struct probe *)obj)->self = obj;
}

static void check_slab(void (*ctor)(void *))
{
	struct kmem_cache *cache = kmem_cache_create("test", sizeof(struct probe), 32, ctor);
	struct probe **objs = kcalloc(MANY, sizeof(*objs), GFP_KERNEL);
	u64 slab_pages = page_stat_read(STAT_SLAB);

	bt_assert(cache && objs);
	for (unsigned int i = 0; i < MANY; i++) {
		objs[i] = kmem_cache_alloc(cache, GFP_KERNEL);
		bt_assert(objs[i]);
		bt_expect(PTR_IS_ALIGNED(objs[i], 32));
		if (ctor)
			bt_expect(objs[i]->self == objs[i]);
		objs[i]->self = objs[i];
		memset(objs[i]->fill, (int)i, sizeof(objs[i]->fill));
	}
	bt_expect(page_stat_read(STAT_SLAB) > slab_pages);
	for (unsigned int i = 0; i < MANY; i++) {
		bt_expect(objs[i]->self == objs[i] && objs[i]->fill[91] == (char)i);
		kmem_cache_free(cache, objs[i]);
	}
	kmem_cache_destroy(cache);
	bt_expect_eq(page_stat_read(STAT_SLAB), slab_pages);
	kfree(objs);
}

BOOT_TEST(mm, slab_objects)
{
	check_slab(NULL);
}

BOOT_TEST(mm, slab_constructor)
{
	check_slab(probe_ctor);
}

static int find_test_cache(const struct slab_info *info, void *data)
{
	if (strcmp(info->name, "test-walk"))
		return 0;
	*(struct slab_info *)data = *info;
	return 1;
}

BOOT_TEST(mm, slab_info)
{
	struct kmem_cache *cache = kmem_cache_create("test-walk", 200, 0, NULL);
	struct slab_info info = { .active = 0 };
	void *obj;

	bt_assert(cache);
	obj = kmem_cache_alloc(cache, GFP_KERNEL);
	bt_expect_eq(slab_walk(find_test_cache, &info), 1);
	bt_expect_eq(info.active, 1);
	bt_expect(info.total >= info.active && info.size >= 200);
	kmem_cache_free(cache, obj);
	kmem_cache_destroy(cache);
	bt_expect_eq(slab_walk(find_test_cache, &info), 0);
}

BOOT_TEST(mm, kmalloc_classes)
{
	for (size_t size = 1; size <= 40000; size += size / 8 + 1) {
		u8 *p = kmalloc(size, GFP_KERNEL);

		bt_assert(p);
		bt_expect(ksize(p) >= size);
		if (!(size & (size - 1)) && size <= PAGE_SIZE)
			bt_expect(PTR_IS_ALIGNED(p, size));
		memset(p, 0xff, size);
		kfree(p);
		p = kzalloc(size, GFP_KERNEL);
		bt_assert(p);
		bt_expect(!p[0] && !p[size - 1]);
		kfree(p);
	}
}

BOOT_TEST(mm, kmalloc_refuses)
{
	bt_expect(!kmalloc(0, GFP_KERNEL));
	bt_expect(!kmalloc(KMALLOC_MAX_SIZE + 1, GFP_KERNEL));
	bt_expect(!kcalloc(SIZE_MAX / 2, 4, GFP_KERNEL));
	kfree(NULL);
}

BOOT_TEST(mm, krealloc_keeps)
{
	u8 *p = kmalloc(24, GFP_KERNEL), *q;

	bt_assert(p);
	memset(p, 0x77, 24);
	q = krealloc(p, 3000, GFP_KERNEL);
	bt_assert(q);
	for (unsigned int i = 0; i < 24; i++)
		bt_expect_eq(q[i], 0x77);
	kfree(q);
}

BOOT_TEST(mm, vmalloc_maps)
{
	size_t size = 37 * PAGE_SIZE + 5;
	u64 used = vmap_used_pages(), free;
	u8 *p;

	p = vmalloc(size);
	bt_assert(p);
	vfree(p);
	free = nr_free_pages();         /* its page tables stay */
	p = vzalloc(size);
	bt_assert(p);
	bt_expect(!p[0] && !p[size - 1]);
	memset(p, 0x31, size);
	bt_expect_eq(*((u8 *)page_to_virt(vmalloc_to_page(p + 20 * PAGE_SIZE)) + 9), 0x31);
	bt_expect(!vmalloc_to_page(p + 38 * PAGE_SIZE));
	vfree(p);
	bt_expect(!vmalloc_to_page(p));
	bt_expect_eq(vmap_used_pages(), used);
	bt_expect_eq(nr_free_pages(), free);
}

BOOT_TEST(mm, vmalloc_refuses)
{
	bt_expect(!vmalloc(0));
	bt_expect(!vmalloc((totalram_pages + 2) << PAGE_SHIFT));
	bt_expect(!vmalloc(SIZE_MAX - 5));
}

BOOT_TEST(mm, kstack_guard)
{
	u8 *stack = kstack_alloc();

	bt_assert(stack);
	bt_expect(PTR_IS_ALIGNED(stack, PAGE_SIZE));
	stack[0] = 1;
	stack[KSTACK_SIZE - 1] = 2;
	bt_expect(!vmalloc_to_page(stack - 1));
	bt_expect(kstack_is_guard((u64)stack - 1));
	bt_expect(kstack_is_guard((u64)stack - PAGE_SIZE));
	bt_expect(!kstack_is_guard((u64)stack));
	kstack_free(stack);
}

BOOT_TEST(mm, kstack_is_cached)
{
	u64 free;

	kstack_free(kstack_alloc());
	free = nr_free_pages();
	for (unsigned int i = 0; i < 100; i++) {
		void *stack = kstack_alloc();

		bt_assert(stack);
		kstack_free(stack);
	}
	bt_expect_eq(nr_free_pages(), free);
}

BOOT_TEST(mm, meminfo_adds_up)
{
	struct meminfo m;
	u64 sum;

	meminfo_get(&m);
	bt_expect(m.total == totalram_pages && m.free <= m.total && m.available <= m.total);
	sum = m.free + m.anon + m.cached + m.slab + m.page_tables + m.kernel_stack;
	bt_expect(sum <= m.total);
	bt_expect(m.slab == m.slab_reclaimable + m.slab_unreclaimable);
	bt_expect(m.slab > 0 && m.kernel_stack > 0);
}
