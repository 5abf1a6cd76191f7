/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Slab allocator: objects of one size from a cache, and kmalloc on top of it.
 *
 * A cache cuts blocks of pages into objects. Each CPU keeps a magazine of free
 * objects per cache; the common alloc and free push and pop there with interrupts
 * off for a few instructions. Above the largest class (8192 bytes) kmalloc takes
 * whole pages. kfree() takes any pointer of kmalloc or kmem_cache_alloc, and NULL.
 *
 * With CONFIG_SLAB_DEBUG objects carry a red zone, freed objects are poisoned,
 * and overruns, use after free and double frees are found at alloc or free.
 *
 * Context: any, by gfp (<mm/gfp.h>); create and destroy: task context.
 * Memory is aligned to the cache's align; kmalloc: to 8, powers of two to themselves.
 */
#ifndef MM_SLAB_H
#define MM_SLAB_H

#include <lib/compiler.h>
#include <lib/list.h>
#include <mm/gfp.h>

struct kmem_cache;

/*
 * align 0 means 8. ctor, if any, runs once per object when its slab is made;
 * objects must be freed in constructed state. name must outlive the cache.
 * NULL if there is no memory or size is 0 or above 64 KB.
 */
struct kmem_cache *kmem_cache_create(const char *name, size_t size, size_t align,
				     void (*ctor)(void *obj));
/* All objects must be free; what is not is reported and leaked. */
void kmem_cache_destroy(struct kmem_cache *cache);
void *kmem_cache_alloc(struct kmem_cache *cache, gfp_t gfp) __malloc;
void kmem_cache_free(struct kmem_cache *cache, void *obj);
static inline void *kmem_cache_zalloc(struct kmem_cache *cache, gfp_t gfp)
{
	return kmem_cache_alloc(cache, gfp | __GFP_ZERO);
}
/* A cache for one struct type, named after it. */
#define KMEM_CACHE(type) \
	kmem_cache_create(#type, sizeof(struct type), __alignof__(struct type), NULL)

#define KMALLOC_MAX_CLASS 8192
#define KMALLOC_MAX_SIZE  (4UL << 20)

void *kmalloc(size_t size, gfp_t gfp) __malloc;         /* size 0: NULL */
void kfree(const void *obj);
size_t ksize(const void *obj);                          /* usable bytes */
/* Keeps the contents up to the smaller size; on NULL the old object is untouched. */
void *krealloc(void *obj, size_t size, gfp_t gfp);

static inline void *kzalloc(size_t size, gfp_t gfp)
{
	return kmalloc(size, gfp | __GFP_ZERO);
}

/* NULL too when n * size overflows. */
static inline void *kmalloc_array(size_t n, size_t size, gfp_t gfp)
{
	return kmalloc(array_size(n, size), gfp);
}

static inline void *kcalloc(size_t n, size_t size, gfp_t gfp)
{
	return kmalloc(array_size(n, size), gfp | __GFP_ZERO);
}

char *kstrdup(const char *s, gfp_t gfp);
char *kstrndup(const char *s, size_t max, gfp_t gfp);
void *kmemdup(const void *src, size_t len, gfp_t gfp);

/* kmalloc, or vmalloc when the block would be larger than a page and is not to be had. */
void *kvmalloc(size_t size, gfp_t gfp);
static inline void *kvzalloc(size_t size, gfp_t gfp)
{
	return kvmalloc(size, gfp | __GFP_ZERO);
}
void kvfree(const void *obj);

/* Gives empty slabs and all magazines of this CPU back. Returns the pages freed. */
u64 slab_shrink(void);

struct slab_info {
	const char *name;
	u64 active, total;              /* objects; those in magazines count as free */
	u32 size;                       /* bytes an object takes */
	u32 per_slab, pages_per_slab;
	u64 slabs;
};
/* Calls fn for each cache until it returns non-zero, which is returned. May sleep. */
int slab_walk(int (*fn)(const struct slab_info *info, void *data), void *data);

#endif
