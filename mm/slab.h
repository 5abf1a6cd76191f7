/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The inside of a slab cache, for slab.c, slab_debug.c and kmalloc.c.
 *
 * A slab is a block of 2^order pages cut into objects of `stride` bytes. Free objects
 * of a slab form a list by number: head in page->slab_free, next in the u16 at
 * link_off in the object. Slabs are naturally aligned, so the head page follows
 * from any object's address. Every page of a slab names its cache.
 *
 * Free objects in a CPU's magazine belong to no slab's list: their slab counts them as
 * in use.
 */
#ifndef MM_SLAB_INTERNAL_H
#define MM_SLAB_INTERNAL_H

#include <kernel/cpu.h>
#include <kernel/spinlock.h>
#include <mm/page.h>
#include <mm/slab.h>

#define MAG_MAX         32
#define SLAB_NO_OBJECT  0xffff
#define SLAB_MAX_SIZE   65536UL

/* Only by its CPU, with interrupts off. */
struct magazine {
	u32 count;
	void *obj[MAG_MAX];
} __aligned(CACHE_LINE);

/*
 * Locks:  s  lock (a leaf but for the zone lock; interrupts off)
 *         i  set at creation      k  the list lock in slab.c
 */
struct kmem_cache {
	struct magazine mag[CONFIG_NR_CPUS];
	u32 size;                       /* i  bytes the caller may use */
	u32 stride;                     /* i  bytes from object to object */
	u32 link_off;                   /* i */
	u16 per_slab;                   /* i */
	u8 order;                       /* i */
	u16 mag_cap, mag_batch;         /* i */
	void (*ctor)(void *obj);        /* i */
	const char *name;               /* i */

	spinlock_t lock;
	struct list_head partial;       /* s  slabs with free objects */
	u32 nr_empty;                   /* s  of those, wholly free ones */
	u64 nr_slabs, nr_inuse;         /* s  objects not on slabs' lists */
	struct list_head link;          /* k */
};

void slab_setup(struct kmem_cache *cache, const char *name, size_t size, size_t align,
		void (*ctor)(void *));

static inline struct page *slab_head(const struct kmem_cache *cache, const void *obj)
{
	return virt_to_page((void *)((unsigned long)obj & ~((PAGE_SIZE << cache->order) - 1)));
}

/* Straight to the magazine, past debugging and quarantine. */
void slab_free_now(struct kmem_cache *cache, void *obj);

/* With CONFIG_KASAN, the last bytes of each object's stride: allocated by, freed by. */
#define SLAB_TRACK_DEPTH 6
struct slab_track {
	u64 pc[SLAB_TRACK_DEPTH];
	u64 count;
};

/* slab_debug.c: red zone and state word after each object; no-ops unless CONFIG_SLAB_DEBUG. */
#define SLAB_DEBUG_BYTES 16
void slab_debug_init(struct kmem_cache *cache, void *obj);
void slab_debug_alloc(struct kmem_cache *cache, void *obj);
void slab_debug_free(struct kmem_cache *cache, void *obj);

#endif
