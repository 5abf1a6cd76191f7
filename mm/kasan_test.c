/* SPDX-License-Identifier: BSD-2-Clause */
/* Boot tests (test=kasan): each kind of wrong access is seen, and right ones are not. */
#include <kernel/boottest.h>
#include <lib/string.h>
#include <mm/kasan.h>
#include <mm/page.h>
#include <mm/slab.h>

/* The compiler must neither see what the pointer is nor drop the access. */
static volatile u8 *hide(void *p)
{
	asm volatile("" : "+r"(p));
	return p;
}

#define REPORTS(statement)		\
	({				\
		kasan_expect_begin();	\
		statement;		\
		kasan_expect_end();	\
	})

BOOT_TEST(kasan, right_accesses_are_silent)
{
	for (size_t size = 1; size <= 300; size++) {
		volatile u8 *p = kmalloc(size, GFP_KERNEL);

		if (!bt_expect(p != NULL))
			return;
		bt_expect_eq(REPORTS({ p[0] = 1; p[size - 1] = 1; memset((void *)p, 2, size); }), 0);
		kfree((void *)p);
	}
}

BOOT_TEST(kasan, one_byte_behind_the_end)
{
	static const size_t sizes[] = { 1, 7, 8, 13, 64, 100, 192, 1000, 8192 };

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		volatile u8 *p = hide(kmalloc(sizes[i], GFP_KERNEL));

		bt_expect_eq(REPORTS((void)p[sizes[i]]), 1);
		kfree((void *)p);
	}
}

BOOT_TEST(kasan, range_that_ends_too_late)
{
	char *p = (char *)hide(kmalloc(40, GFP_KERNEL)), *from = (char *)hide(kzalloc(64, GFP_KERNEL));

	bt_expect_eq(REPORTS(memcpy(p, from, 40)), 0);
	bt_expect_eq(REPORTS(memcpy(from, p, 41)), 1);
	kfree(p);
	kfree(from);
}

BOOT_TEST(kasan, use_after_free)
{
	volatile u8 *p = hide(kmalloc(64, GFP_KERNEL));

	kfree((void *)p);
	/* It stays away from others for a while, so it is still known as free. */
	for (int i = 0; i < 100; i++)
		kfree(kmalloc(64, GFP_KERNEL));
	bt_expect_eq(REPORTS((void)p[10]), 1);
}

BOOT_TEST(kasan, freed_twice)
{
	void *p = (void *)hide(kmalloc(64, GFP_KERNEL));

	kfree(p);
	bt_expect_eq(REPORTS(kfree(p)), 1);
}

BOOT_TEST(kasan, freed_page)
{
	struct page *page = page_alloc(GFP_KERNEL, 0);
	volatile u8 *p;

	if (!bt_expect(page != NULL))
		return;
	p = hide(page_to_virt(page));
	p[0] = 1;
	page_free(page, 0);
	bt_expect_eq(REPORTS((void)p[100]), 1);
}
