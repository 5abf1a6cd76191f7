/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * KASAN, the kernel address sanitizer: finds the instruction that uses memory it may not.
 *
 * The compiler puts a call before each load and store. A shadow byte stands for eight bytes
 * of RAM: 0 all may be used, 1..7 only so many, others say why not (KASAN_*). The allocators
 * keep the shadow: what is free, behind an object's end, or in quarantine may not be
 * touched. A freed object waits in the quarantine until many others were freed, so that a
 * stale pointer does not find the memory already in somebody else's hands.
 *
 * What is watched is RAM by its linear address: objects and pages. Kernel stacks, vmalloc and
 * the image's own variables are not. The functions that move bytes for everybody (lib/mem,
 * the user copies) are not compiled so, their callers check the whole range once.
 *
 * A wrong access panics with what it was, whose object it is, and who allocated and freed it.
 *
 * Context: any. Before kasan_init() everything is allowed.
 */
#ifndef MM_KASAN_H
#define MM_KASAN_H

#include <lib/compiler.h>
#include <lib/types.h>

struct kmem_cache;

#define KASAN_PAGE_FREE		0xff
#define KASAN_REDZONE		0xfc	/* between objects, behind an object's end */
#define KASAN_OBJECT_FREE	0xfb

/* Once, while memblock allocates: an eighth of RAM for the shadow. */
void kasan_init(void);

/* addr is a multiple of 8. Addresses that have no shadow are fine and ignored. */
void kasan_poison(const void *addr, size_t size, u8 why);
void kasan_unpoison(const void *addr, size_t size);

/* False, after a report, if one of the bytes may not be used. ip: who wants to. */
bool kasan_check(const void *addr, size_t size, bool write, unsigned long ip);

/* For slab.c. A new slab's memory between objects; an object that is handed out. */
void kasan_slab_new(void *base, size_t bytes);
void kasan_slab_alloc(struct kmem_cache *cache, void *obj);
/* Only `size` bytes of an object of `room` were asked for. */
void kasan_kmalloc(void *obj, size_t size, size_t room);
/* An object comes back. False, after a report, if it is free already or none. */
bool kasan_slab_may_free(struct kmem_cache *cache, void *obj);
/* Takes it; returns another that has been there long enough, and its cache, or NULL. */
void *kasan_quarantine(struct kmem_cache **cache, void *obj);
/* Gives back every object of `cache` (NULL: of all) that is in quarantine. Task context. */
void kasan_quarantine_flush(struct kmem_cache *cache);

/*
 * For boot tests: reports are counted instead of panicking between begin and end, which
 * returns how many there were. The accesses go through.
 */
void kasan_expect_begin(void);
unsigned int kasan_expect_end(void);

/* Range checks of code that is not compiled with the sanitizer. */
void kasan_check_here(const void *addr, size_t size, bool write);
static __always_inline void kasan_check_read(const void *addr, size_t size)
{
	if (IS_ENABLED(CONFIG_KASAN))
		kasan_check_here(addr, size, false);
}
static __always_inline void kasan_check_write(const void *addr, size_t size)
{
	if (IS_ENABLED(CONFIG_KASAN))
		kasan_check_here(addr, size, true);
}

#endif
