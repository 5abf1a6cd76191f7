/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * KASAN for slab objects: their shadow, who allocated and freed them, and the quarantine.
 *
 * Not compiled with the sanitizer, as slab.c is not: both touch free objects.
 */
#include <arch/backtrace.h>
#include <kernel/printk.h>
#include <kernel/spinlock.h>
#include <lib/string.h>
#include "kasan.h"
#include "page_owner.h"
#include "slab.h"

/* The oldest leaves when one more comes. Enough for some thousand operations. */
#define QUARANTINE_OBJECTS 2048

static struct {
	void *obj;
	struct kmem_cache *cache;
} quarantine[QUARANTINE_OBJECTS];	/* q */
static unsigned int oldest;		/* q  the next to leave */
static DEFINE_SPINLOCK(quarantine_lock);	/* q, a leaf; interrupts off */

/* ---- who ---- */

static struct slab_track *track_of(const struct kmem_cache *cache, const void *obj)
{
	return (struct slab_track *)((char *)obj + cache->stride - 2 * sizeof(struct slab_track));
}

static bool add_caller(void *arg, u64 pc)
{
	struct slab_track *track = arg;

	track->pc[track->count++] = pc;
	return track->count < SLAB_TRACK_DEPTH;
}

static void track(struct slab_track *track)
{
	track->count = 0;
	arch_backtrace(NULL, NULL, add_caller, track);
}

static void show_track(const char *what, const struct slab_track *track)
{
	if (!track->count)
		return;
	pr_err("%s by:\n", what);
	for (u32 i = 0; i < track->count && i < SLAB_TRACK_DEPTH; i++)
		pr_err(" %pS\n", (void *)track->pc[i]);
}

void kasan_describe(const void *addr)
{
	struct page *page = virt_to_page((void *)addr);
	struct kmem_cache *cache;
	const char *base, *obj;
	long at;

	if (!page_flag(page, PG_SLAB)) {
		pr_err("The address is in page frame %#llx, which is no slab's\n",
		       (unsigned long long)page_to_pfn(page));
		if (IS_ENABLED(CONFIG_PAGE_OWNER))
			page_owner_describe(page);
		return;
	}
	cache = page->slab;
	base = page_to_virt(slab_head(cache, addr));
	obj = base + ((const char *)addr - base) / cache->stride * cache->stride;
	at = (const char *)addr - obj;
	if (at < (long)cache->size)
		pr_err("The address is at offset %ld of an object of %u bytes at %px, cache %s\n", at,
		       cache->size, obj, cache->name);
	else
		pr_err("The address is %ld bytes behind an object of %u bytes at %px, cache %s\n",
		       at - (long)cache->size, cache->size, obj, cache->name);
	show_track("Allocated", &track_of(cache, obj)[0]);
	show_track("Freed", &track_of(cache, obj)[1]);
}

/* ---- objects ---- */

void kasan_slab_new(void *base, size_t bytes)
{
	kasan_poison(base, bytes, KASAN_REDZONE);
}

void kasan_slab_alloc(struct kmem_cache *cache, void *obj)
{
	kasan_unpoison(obj, cache->size);
	track(&track_of(cache, obj)[0]);
	track_of(cache, obj)[1].count = 0;
}

bool kasan_slab_may_free(struct kmem_cache *cache, void *obj)
{
	u8 first = kasan_shadow_byte(obj);

	if (likely(first < KASAN_OBJECT_FREE))
		return true;
	kasan_report(first == KASAN_OBJECT_FREE ? "double-free" : "invalid-free", obj, "Free",
		     cache->size, (unsigned long)__builtin_return_address(0));
	return false;
}

void *kasan_quarantine(struct kmem_cache **cache, void *obj)
{
	unsigned long flags;
	void *leaving;

	track(&track_of(*cache, obj)[1]);
	kasan_poison(obj, (*cache)->size, KASAN_OBJECT_FREE);
	spin_lock_irqsave(&quarantine_lock, flags);
	leaving = quarantine[oldest].obj;
	quarantine[oldest].obj = obj;
	swap(quarantine[oldest].cache, *cache);
	oldest = (oldest + 1) % QUARANTINE_OBJECTS;
	spin_unlock_irqrestore(&quarantine_lock, flags);
	return leaving;
}

void kasan_quarantine_flush(struct kmem_cache *cache)
{
	for (unsigned int i = 0; i < QUARANTINE_OBJECTS; i++) {
		struct kmem_cache *of = NULL;
		unsigned long flags;
		void *obj = NULL;

		spin_lock_irqsave(&quarantine_lock, flags);
		if (quarantine[i].obj && (!cache || quarantine[i].cache == cache)) {
			obj = quarantine[i].obj;
			of = quarantine[i].cache;
			quarantine[i].obj = NULL;
		}
		spin_unlock_irqrestore(&quarantine_lock, flags);
		if (obj)
			slab_free_now(of, obj);
	}
}
