/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CONFIG_SLAB_DEBUG: after each object a red zone and a word that says whether it is
 * allocated. A free object is filled with 0x6b, ending in 0xa5. What does not match
 * is a bug of the kernel: report it with the cache and the address, and panic.
 */
#include "slab.h"
#include <kernel/panic.h>
#include <lib/string.h>

#define RED_ZONE        0xbb7766554433bbbbULL
#define STATE_FREE      0x66726565206f626aULL
#define STATE_USED      0x75736564206f626aULL
#define POISON_BYTE     0x6b
#define POISON_END      0xa5

static u64 *red_zone(const struct kmem_cache *cache, void *obj)
{
	return (u64 *)((char *)obj + cache->link_off + 8);
}

static u64 *state(const struct kmem_cache *cache, void *obj)
{
	return red_zone(cache, obj) + 1;
}

static void poison(const struct kmem_cache *cache, void *obj)
{
	if (cache->ctor)
		return;
	memset(obj, POISON_BYTE, cache->size);
	((u8 *)obj)[cache->size - 1] = POISON_END;
}

static void check_poison(const struct kmem_cache *cache, void *obj)
{
	const u8 *p = obj;

	if (cache->ctor)
		return;
	for (u32 i = 0; i < cache->size; i++)
		if (p[i] != (i + 1 == cache->size ? POISON_END : POISON_BYTE))
			panic("slab: %s object %p was written at offset %u after it was freed",
			      cache->name, obj, i);
}

void slab_debug_init(struct kmem_cache *cache, void *obj)
{
	poison(cache, obj);
	*red_zone(cache, obj) = RED_ZONE;
	*state(cache, obj) = STATE_FREE;
}

void slab_debug_alloc(struct kmem_cache *cache, void *obj)
{
	if (*state(cache, obj) != STATE_FREE)
		panic("slab: %s object %p: free list is corrupt", cache->name, obj);
	check_poison(cache, obj);
	*state(cache, obj) = STATE_USED;
}

void slab_debug_free(struct kmem_cache *cache, void *obj)
{
	struct page *page = slab_head(cache, obj);

	if (!page_flag(page, PG_SLAB) || page->slab != cache ||
	    ((char *)obj - (char *)page_to_virt(page)) % cache->stride)
		panic("slab: %p is not an object of %s", obj, cache->name);
	if (*state(cache, obj) == STATE_FREE)
		panic("slab: %s object %p freed twice", cache->name, obj);
	if (*state(cache, obj) != STATE_USED || *red_zone(cache, obj) != RED_ZONE)
		panic("slab: %s object %p of %u bytes was written past its end", cache->name,
		      obj, cache->size);
	poison(cache, obj);
	*state(cache, obj) = STATE_FREE;
}
