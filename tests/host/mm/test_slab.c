/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Slab and kmalloc: random allocation with contents checked; with SLAB_DEBUG, the
 * bugs it promises to find.
 */
#include "support.h"
#include <string.h>

#define SLOTS 700

static struct { u8 *p; size_t size; u8 fill; } slot[SLOTS];

static void check(unsigned int i)
{
	for (size_t k = 0; k < slot[i].size; k++)
		assert_int_equal(slot[i].p[k], slot[i].fill);
}

static void test_kmalloc_random(void **state)
{
	for (unsigned int step = 0; step < 60000; step++) {
		unsigned int i = rnd(SLOTS);

		host_cpu = rnd(CONFIG_NR_CPUS);
		if (slot[i].p) {
			check(i);
			kfree(slot[i].p);
			slot[i].p = NULL;
			continue;
		}
		slot[i].size = rnd(10) ? 1 + rnd(600) : 1 + rnd(20000);
		slot[i].fill = (u8)step;
		slot[i].p = kmalloc(slot[i].size, GFP_KERNEL);
		assert_non_null(slot[i].p);
		assert_true(ksize(slot[i].p) >= slot[i].size);
		memset(slot[i].p, slot[i].fill, slot[i].size);
	}
	for (unsigned int i = 0; i < SLOTS; i++) {
		if (!slot[i].p)
			continue;
		check(i);
		kfree(slot[i].p);
		slot[i].p = NULL;
	}
}

static void test_cache_gives_back(void **state)
{
	struct kmem_cache *cache = kmem_cache_create("t", 120, 64, NULL);
	u64 before = nr_free_pages();
	void *objs[500];

	assert_non_null(cache);
	for (unsigned int i = 0; i < 500; i++) {
		host_cpu = i & 1;
		assert_non_null(objs[i] = kmem_cache_zalloc(cache, GFP_KERNEL));
		assert_true(PTR_IS_ALIGNED(objs[i], 64));
	}
	for (unsigned int i = 0; i < 500; i++)
		kmem_cache_free(cache, objs[i]);
	kmem_cache_destroy(cache);
	assert_int_equal(nr_free_pages(), before);
}

static void test_limits(void **state)
{
	assert_null(kmalloc(0, GFP_KERNEL));
	assert_null(kmalloc(KMALLOC_MAX_SIZE + 1, GFP_KERNEL));
	assert_null(kmalloc_array(SIZE_MAX / 2, 3, GFP_KERNEL));
	assert_null(kmem_cache_create("big", 1 << 20, 0, NULL));
	assert_null(kmem_cache_create("odd", 10, 24, NULL));
}

static void test_strings(void **state)
{
	char *s = kstrdup("tessera", GFP_KERNEL), *t = kstrndup("tessera", 3, GFP_KERNEL);

	assert_string_equal(s, "tessera");
	assert_string_equal(t, "tes");
	kfree(s);
	kfree(t);
}

static void test_debug_finds(void **state)
{
	u8 *p;

	if (!IS_ENABLED(CONFIG_SLAB_DEBUG))
		skip();
	p = kmalloc(96, GFP_KERNEL);
	kfree(p);
	assert_true(panics(kfree(p)));

	p = kmalloc(512, GFP_KERNEL);
	p[512 + 8] = 1;                 /* past the link word: the red zone */
	assert_true(panics(kfree(p)));

	p = kmalloc(1024, GFP_KERNEL);
	kfree(p);
	p[3] = 1;
	assert_true(panics(kmalloc(1024, GFP_KERNEL)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kmalloc_random), cmocka_unit_test(test_cache_gives_back),
		cmocka_unit_test(test_limits), cmocka_unit_test(test_strings),
		cmocka_unit_test(test_debug_finds),
	};

	host_boot_slab();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
