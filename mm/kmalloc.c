/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * kmalloc: a slab cache per size class, whole pages above the largest, and the
 * helpers that copy into fresh memory. Also the hooks through which lib allocates.
 */
#include <kernel/panic.h>
#include <lib/alloc.h>
#include <lib/string.h>
#include <lib/xarray.h>
#include <mm/kasan.h>
#include <mm/vmap.h>
#include "internal.h"
#include "slab.h"

static const struct {
	u16 size;
	const char *name;
} classes[] = {
	{ 8, "kmalloc-8" }, { 16, "kmalloc-16" }, { 32, "kmalloc-32" }, { 64, "kmalloc-64" },
	{ 96, "kmalloc-96" }, { 128, "kmalloc-128" }, { 192, "kmalloc-192" },
	{ 256, "kmalloc-256" }, { 512, "kmalloc-512" }, { 1024, "kmalloc-1k" },
	{ 2048, "kmalloc-2k" }, { 4096, "kmalloc-4k" }, { 8192, "kmalloc-8k" },
};

static struct kmem_cache class_caches[ARRAY_SIZE(classes)];
/* Class of (size - 1) / 8, for sizes up to 192. */
static u8 small_class[24];
static struct kmem_cache *xa_node_cache;

static inline struct kmem_cache *class_of(size_t size)
{
	if (size <= 192)
		return &class_caches[small_class[(size - 1) / 8]];
	/* 193..256 is class 7; each doubling is one more. */
	return &class_caches[7 + (64 - __builtin_clzl(size - 1)) - 8];
}

void *kmalloc(size_t size, gfp_t gfp)
{
	void *obj;

	if (unlikely(size - 1 >= KMALLOC_MAX_CLASS))
		return slab_kmalloc_large(size, gfp);
	obj = kmem_cache_alloc(class_of(size), gfp);
	if (IS_ENABLED(CONFIG_KASAN) && obj)
		kasan_kmalloc(obj, size, class_of(size)->size);
	return obj;
}

void *slab_kmalloc_large(size_t size, gfp_t gfp)
{
	unsigned int order;
	struct page *page;

	if (!size || size > KMALLOC_MAX_SIZE)
		return NULL;
	order = size_to_order(size);
	page = page_alloc(gfp & ~__GFP_OOM, order);
	if (!page)
		return NULL;
	page_flag_set(page, PG_LARGE);
	page->order = order;
	page_stat_add(STAT_SLAB, 1L << order);
	return page_to_virt(page);
}

void kfree(const void *obj)
{
	struct page *page;

	if (!obj)
		return;
	page = virt_to_page(obj);
	if (likely(page_flag(page, PG_SLAB))) {
		kmem_cache_free(page->slab, (void *)obj);
		return;
	}
	if (!page_flag(page, PG_LARGE))
		panic("kfree: %p was not allocated by kmalloc", obj);
	page_flag_clear(page, PG_LARGE);
	page_stat_add(STAT_SLAB, -(1L << page->order));
	page_free(page, (unsigned int)page->order);
}

size_t ksize(const void *obj)
{
	const struct page *page;

	if (!obj)
		return 0;
	page = virt_to_page(obj);
	if (!page_flag(page, PG_SLAB))
		return PAGE_SIZE << page->order;
	/* Who asks may use it all. */
	if (IS_ENABLED(CONFIG_KASAN))
		kasan_unpoison(obj, page->slab->size);
	return page->slab->size;
}

void *krealloc(void *obj, size_t size, gfp_t gfp)
{
	size_t old = ksize(obj);
	void *fresh;

	if (obj && size && size <= old && size > old / 4)
		return obj;
	fresh = kmalloc(size, gfp);
	if (fresh && obj) {
		memcpy(fresh, obj, min(old, size));
		kfree(obj);
	}
	return fresh;
}

void *kmemdup(const void *src, size_t len, gfp_t gfp)
{
	void *copy = kmalloc(len, gfp);

	if (copy)
		memcpy(copy, src, len);
	return copy;
}

char *kstrndup(const char *s, size_t max, gfp_t gfp)
{
	size_t len;
	char *copy;

	if (!s)
		return NULL;
	len = strnlen(s, max);
	copy = kmalloc(len + 1, gfp);
	if (copy) {
		memcpy(copy, s, len);
		copy[len] = '\0';
	}
	return copy;
}

char *kstrdup(const char *s, gfp_t gfp)
{
	return kstrndup(s, SIZE_MAX - 1, gfp);
}

void *kvmalloc(size_t size, gfp_t gfp)
{
	void *p = NULL;

	if (size <= KMALLOC_MAX_SIZE)
		p = kmalloc(size, size > PAGE_SIZE ? gfp | __GFP_NOWARN : gfp);
	if (p || size <= PAGE_SIZE || !(gfp & __GFP_RECLAIM))
		return p;
	return gfp & __GFP_ZERO ? vzalloc(size) : vmalloc(size);
}

void kvfree(const void *obj)
{
	if (is_vmalloc_addr(obj))
		vfree(obj);
	else
		kfree(obj);
}

/* lib's hooks: any lock may be held, so nothing sleeps. */
void *lib_alloc(size_t size)
{
	return kzalloc(size, GFP_ATOMIC);
}

void lib_free(void *p)
{
	kfree(p);
}

struct xa_node *xa_node_alloc(void)
{
	return kmem_cache_zalloc(xa_node_cache, GFP_ATOMIC);
}

void xa_node_free(struct xa_node *node)
{
	kmem_cache_free(xa_node_cache, node);
}

void kmalloc_init(void)
{
	unsigned int c = 0;

	for (unsigned int i = 0; i < ARRAY_SIZE(classes); i++) {
		size_t size = classes[i].size;
		size_t align = size & (size - 1) ? 8 : min(size, PAGE_SIZE);

		slab_setup(&class_caches[i], classes[i].name, size, align, NULL);
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(small_class); i++) {
		while (classes[c].size < (i + 1) * 8)
			c++;
		small_class[i] = (u8)c;
	}
	xa_node_cache = KMEM_CACHE(xa_node);
	if (!xa_node_cache)
		panic("kmalloc: no memory for the caches");
}
