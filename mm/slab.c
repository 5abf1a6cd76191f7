/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Slab caches: magazines in front, slabs behind. See slab.h for the structure.
 */
#include "slab.h"
#include <arch/irqflags.h>
#include <kernel/fault_inject.h>
#include <kernel/mutex.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <lib/string.h>
#include <mm/kasan.h>
#include "internal.h"

static DEFINE_MUTEX(cache_list_lock);
static LIST_HEAD(cache_list);

/* The caches of caches; kmalloc's are in kmalloc.c. */
static struct kmem_cache cache_cache;

static u16 *object_link(const struct kmem_cache *cache, void *obj)
{
	return (u16 *)((char *)obj + cache->link_off);
}

/* The smallest order that holds 8 objects, or that wastes at most an eighth. */
static u8 choose_order(size_t stride)
{
	for (u8 order = 0; order < 3; order++) {
		size_t bytes = PAGE_SIZE << order;

		if (stride * 8 <= bytes || (stride <= bytes && (bytes % stride) * 8 <= bytes))
			return order;
	}
	return (u8)max(3U, size_to_order(stride));
}

void slab_setup(struct kmem_cache *cache, const char *name, size_t size, size_t align,
		void (*ctor)(void *))
{
	size_t stride = ALIGN(size, 8UL);

	memset(cache, 0, sizeof(*cache));
	align = max(align, 8UL);
	cache->size = (u32)size;
	/* A constructed or poisoned object keeps its bytes while it is free. */
	if (ctor || IS_ENABLED(CONFIG_SLAB_DEBUG)) {
		cache->link_off = (u32)stride;
		stride += 8;
	}
	if (IS_ENABLED(CONFIG_SLAB_DEBUG))
		stride += SLAB_DEBUG_BYTES;
	if (IS_ENABLED(CONFIG_KASAN))
		stride += 2 * sizeof(struct slab_track);
	stride = ALIGN(stride, align);
	cache->stride = (u32)stride;
	cache->order = choose_order(stride);
	cache->per_slab = (u16)min_t(size_t, (PAGE_SIZE << cache->order) / stride,
				     SLAB_NO_OBJECT - 1);
	cache->mag_cap = stride <= 256 ? MAG_MAX : stride <= 1024 ? 16 : stride <= 4096 ? 8 : 4;
	cache->mag_batch = cache->mag_cap / 2;
	cache->ctor = ctor;
	cache->name = name;
	spin_lock_init(&cache->lock);
	INIT_LIST_HEAD(&cache->partial);
	mutex_lock(&cache_list_lock);
	list_add_tail(&cache->link, &cache_list);
	mutex_unlock(&cache_list_lock);
}

/* A new slab, all objects free, in no list. */
static struct page *slab_new(struct kmem_cache *cache, gfp_t gfp)
{
	struct page *page = page_alloc(gfp & ~__GFP_ZERO & ~__GFP_OOM, cache->order);
	char *base;

	if (!page)
		return NULL;
	base = page_to_virt(page);
	for (u32 i = 0; i < 1U << cache->order; i++) {
		atomic_set(&page[i].flags, PG_SLAB);
		page[i].slab = cache;
	}
	for (u32 i = 0; i < cache->per_slab; i++) {
		void *obj = base + (size_t)i * cache->stride;

		if (cache->ctor)
			cache->ctor(obj);
		if (IS_ENABLED(CONFIG_SLAB_DEBUG))
			slab_debug_init(cache, obj);
		*object_link(cache, obj) = i + 1 < cache->per_slab ? (u16)(i + 1) : SLAB_NO_OBJECT;
	}
	if (IS_ENABLED(CONFIG_KASAN))
		kasan_slab_new(base, PAGE_SIZE << cache->order);
	page->slab_free = 0;
	page->slab_inuse = 0;
	page_stat_add(STAT_SLAB, 1L << cache->order);
	return page;
}

/* Off every list, no object in use. */
static void slab_delete(struct kmem_cache *cache, struct page *page)
{
	for (u32 i = 0; i < 1U << cache->order; i++) {
		atomic_set(&page[i].flags, 0);
		page[i].slab = NULL;
	}
	if (IS_ENABLED(CONFIG_KASAN))
		kasan_unpoison(page_to_virt(page), PAGE_SIZE << cache->order);
	page_stat_add(STAT_SLAB, -(1L << cache->order));
	page_free(page, cache->order);
}

/* Holds cache->lock. Takes one object from a slab with free ones. */
static void *slab_pop(struct kmem_cache *cache)
{
	struct page *page = list_first_entry(&cache->partial, struct page, slab_list);
	void *obj = (char *)page_to_virt(page) + (size_t)page->slab_free * cache->stride;

	if (!page->slab_inuse++)
		cache->nr_empty--;
	page->slab_free = *object_link(cache, obj);
	if (page->slab_free == SLAB_NO_OBJECT)
		list_del(&page->slab_list);
	cache->nr_inuse++;
	return obj;
}

/* Holds cache->lock. Puts an object back on its slab; frees the slab if it is one too many. */
static void slab_push(struct kmem_cache *cache, void *obj)
{
	struct page *page = slab_head(cache, obj);
	u32 index = (u32)((char *)obj - (char *)page_to_virt(page)) / cache->stride;

	if (page->slab_free == SLAB_NO_OBJECT)
		list_add(&page->slab_list, &cache->partial);
	*object_link(cache, obj) = page->slab_free;
	page->slab_free = (u16)index;
	cache->nr_inuse--;
	if (--page->slab_inuse)
		return;
	if (cache->nr_empty) {
		list_del(&page->slab_list);
		cache->nr_slabs--;
		slab_delete(cache, page);
	} else {
		cache->nr_empty++;
		list_move_tail(&page->slab_list, &cache->partial);
	}
}

/* The magazine is empty: fills half of it and returns one object more. */
static noinline void *slab_refill(struct kmem_cache *cache, gfp_t gfp)
{
	struct page *fresh = NULL;
	unsigned long flags;
	void *obj = NULL;

	spin_lock_irqsave(&cache->lock, flags);
	if (list_empty(&cache->partial)) {
		spin_unlock_irqrestore(&cache->lock, flags);
		fresh = slab_new(cache, gfp);
		spin_lock_irqsave(&cache->lock, flags);
	}
	if (fresh) {
		list_add_tail(&fresh->slab_list, &cache->partial);
		cache->nr_slabs++;
		cache->nr_empty++;
	}
	if (!list_empty(&cache->partial)) {
		struct magazine *m = &cache->mag[cpu_id()];

		obj = slab_pop(cache);
		while (m->count < cache->mag_batch && !list_empty(&cache->partial))
			m->obj[m->count++] = slab_pop(cache);
	}
	spin_unlock_irqrestore(&cache->lock, flags);
	return obj;
}

void *kmem_cache_alloc(struct kmem_cache *cache, gfp_t gfp)
{
	struct magazine *m;
	unsigned long flags;
	void *obj;

	if (should_fail())
		return NULL;
	local_irq_save(flags);
	m = &cache->mag[cpu_id()];
	if (likely(m->count)) {
		obj = m->obj[--m->count];
		local_irq_restore(flags);
	} else {
		local_irq_restore(flags);
		obj = slab_refill(cache, gfp);
		if (unlikely(!obj))
			return NULL;
	}
	if (IS_ENABLED(CONFIG_SLAB_DEBUG))
		slab_debug_alloc(cache, obj);
	if (IS_ENABLED(CONFIG_KASAN))
		kasan_slab_alloc(cache, obj);
	if (gfp & __GFP_ZERO)
		memset(obj, 0, cache->size);
	return obj;
}

/* Interrupts off. */
static noinline void magazine_flush(struct kmem_cache *cache, struct magazine *m, u32 keep)
{
	spin_lock(&cache->lock);
	while (m->count > keep)
		slab_push(cache, m->obj[--m->count]);
	spin_unlock(&cache->lock);
}

static __always_inline void magazine_free(struct kmem_cache *cache, void *obj)
{
	struct magazine *m;
	unsigned long flags;

	local_irq_save(flags);
	m = &cache->mag[cpu_id()];
	if (unlikely(m->count >= cache->mag_cap))
		magazine_flush(cache, m, cache->mag_batch);
	m->obj[m->count++] = obj;
	local_irq_restore(flags);
}

void slab_free_now(struct kmem_cache *cache, void *obj)
{
	magazine_free(cache, obj);
}

void kmem_cache_free(struct kmem_cache *cache, void *obj)
{
	if (unlikely(!obj))
		return;
	if (IS_ENABLED(CONFIG_KASAN) && !kasan_slab_may_free(cache, obj))
		return;
	if (IS_ENABLED(CONFIG_SLAB_DEBUG))
		slab_debug_free(cache, obj);
	if (IS_ENABLED(CONFIG_KASAN)) {
		obj = kasan_quarantine(&cache, obj);
		if (!obj)
			return;
	}
	magazine_free(cache, obj);
}

struct kmem_cache *kmem_cache_create(const char *name, size_t size, size_t align,
				     void (*ctor)(void *obj))
{
	struct kmem_cache *cache;

	if (!size || size > SLAB_MAX_SIZE || (align & (align - 1)) || align > PAGE_SIZE)
		return NULL;
	cache = kmem_cache_alloc(&cache_cache, GFP_KERNEL);
	if (cache)
		slab_setup(cache, name, size, align, ctor);
	return cache;
}

/* Frees the wholly free slabs; returns their pages. */
static u64 cache_trim(struct kmem_cache *cache)
{
	struct page *page, *next;
	unsigned long flags;
	u64 freed = 0;

	spin_lock_irqsave(&cache->lock, flags);
	list_for_each_entry_safe(page, next, &cache->partial, slab_list) {
		if (page->slab_inuse)
			continue;
		list_del(&page->slab_list);
		cache->nr_slabs--;
		cache->nr_empty--;
		slab_delete(cache, page);
		freed += 1UL << cache->order;
	}
	spin_unlock_irqrestore(&cache->lock, flags);
	return freed;
}

static void cache_flush_magazine(struct kmem_cache *cache)
{
	unsigned long flags;

	local_irq_save(flags);
	magazine_flush(cache, &cache->mag[cpu_id()], 0);
	local_irq_restore(flags);
}

void kmem_cache_destroy(struct kmem_cache *cache)
{
	if (!cache)
		return;
	mutex_lock(&cache_list_lock);
	list_del(&cache->link);
	mutex_unlock(&cache_list_lock);
	if (IS_ENABLED(CONFIG_KASAN))
		kasan_quarantine_flush(cache);
	/* Nobody allocates from it any more: other CPUs' magazines are ours, too. */
	for (unsigned int cpu = 0; cpu < CONFIG_NR_CPUS; cpu++) {
		unsigned long flags;

		local_irq_save(flags);
		magazine_flush(cache, &cache->mag[cpu], 0);
		local_irq_restore(flags);
	}
	cache_trim(cache);
	if (cache->nr_inuse) {
		pr_err("slab: %s destroyed with %llu objects in use\n", cache->name,
		       (unsigned long long)cache->nr_inuse);
		dump_stack();
		return;
	}
	kmem_cache_free(&cache_cache, cache);
}

u64 slab_shrink(void)
{
	struct kmem_cache *cache;
	u64 freed = 0;

	/* From inside an allocation of somebody who walks the list: not now. */
	if (!mutex_trylock(&cache_list_lock))
		return 0;
	if (IS_ENABLED(CONFIG_KASAN))
		kasan_quarantine_flush(NULL);
	list_for_each_entry(cache, &cache_list, link) {
		cache_flush_magazine(cache);
		freed += cache_trim(cache);
	}
	mutex_unlock(&cache_list_lock);
	return freed;
}

int slab_walk(int (*fn)(const struct slab_info *info, void *data), void *data)
{
	struct kmem_cache *cache;
	int err = 0;

	mutex_lock(&cache_list_lock);
	list_for_each_entry(cache, &cache_list, link) {
		struct slab_info info = {
			.name = cache->name,
			.size = cache->stride,
			.per_slab = cache->per_slab,
			.pages_per_slab = 1U << cache->order,
		};
		u64 cached = 0;

		for (unsigned int cpu = 0; cpu < CONFIG_NR_CPUS; cpu++)
			cached += READ_ONCE(cache->mag[cpu].count);
		spin_lock_irq(&cache->lock);
		info.slabs = cache->nr_slabs;
		info.total = cache->nr_slabs * cache->per_slab;
		info.active = cache->nr_inuse > cached ? cache->nr_inuse - cached : 0;
		spin_unlock_irq(&cache->lock);
		err = fn(&info, data);
		if (err)
			break;
	}
	mutex_unlock(&cache_list_lock);
	return err;
}

void slab_init(void)
{
	slab_setup(&cache_cache, "kmem_cache", sizeof(struct kmem_cache), CACHE_LINE, NULL);
}
