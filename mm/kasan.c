/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * KASAN: the shadow, the checks that the compiler calls, and the report. See <mm/kasan.h>.
 * Not compiled with the sanitizer itself.
 */
#include <arch/backtrace.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <lib/string.h>
#include <mm/kasan.h>
#include <mm/memblock.h>
#include <mm/page.h>
#include "kasan.h"

#define GRANULE		8u
#define GRANULE_SHIFT	3

/* shadow[(addr - shadow_start) / 8]; NULL until there is one. */
static u8 *shadow;
static unsigned long shadow_start, shadow_end;

static bool expecting;
static unsigned int expected;

void kasan_init(void)
{
	phys_addr_t start = memblock_start(), bytes = memblock_end() - start;
	u8 *map = phys_to_virt(memblock_alloc(PAGE_ALIGN(bytes >> GRANULE_SHIFT), PAGE_SIZE));

	memset(map, 0, bytes >> GRANULE_SHIFT);
	shadow_start = (unsigned long)phys_to_virt(start);
	shadow_end = shadow_start + bytes;
	shadow = map;
}

static inline bool has_shadow(const void *addr)
{
	return (unsigned long)addr >= shadow_start && (unsigned long)addr < shadow_end;
}

static inline u8 *shadow_of(const void *addr)
{
	return shadow + (((unsigned long)addr - shadow_start) >> GRANULE_SHIFT);
}

void kasan_poison(const void *addr, size_t size, u8 why)
{
	if (has_shadow(addr))
		memset(shadow_of(addr), why, (size + GRANULE - 1) >> GRANULE_SHIFT);
}

void kasan_unpoison(const void *addr, size_t size)
{
	if (!has_shadow(addr))
		return;
	memset(shadow_of(addr), 0, size >> GRANULE_SHIFT);
	if (size % GRANULE)
		*shadow_of((const char *)addr + size) = size % GRANULE;
}

void kasan_kmalloc(void *obj, size_t size, size_t room)
{
	kasan_poison(obj, room, KASAN_REDZONE);
	kasan_unpoison(obj, size);
}

u8 kasan_shadow_byte(const void *addr)
{
	return has_shadow(addr) ? *shadow_of(addr) : 0;
}

/* ---- the report ---- */

static const char *what_is_wrong(u8 why)
{
	switch (why) {
	case KASAN_PAGE_FREE:
		return "use-after-free of a page";
	case KASAN_OBJECT_FREE:
		return "slab-use-after-free";
	default:
		return "slab-out-of-bounds";
	}
}

void kasan_report(const char *what, const void *addr, const char *access, size_t size,
		  unsigned long ip)
{
	if (READ_ONCE(expecting)) {
		__atomic_fetch_add(&expected, 1, __ATOMIC_RELAXED);
		return;
	}
	/* What the report itself does is not checked any more. */
	WRITE_ONCE(shadow_end, shadow_start);
	pr_err("BUG: KASAN: %s in %pS\n", what, (void *)ip);
	pr_err("%s of size %lu at addr %px\n", access, (unsigned long)size, addr);
	kasan_describe(addr);
	panic("KASAN: %s in %pS", what, (void *)ip);
}

void kasan_expect_begin(void)
{
	expected = 0;
	WRITE_ONCE(expecting, true);
}

unsigned int kasan_expect_end(void)
{
	WRITE_ONCE(expecting, false);
	return expected;
}

/* ---- checks ---- */

/* In the range, an address in the first granule with a byte that may not be used; or NULL. */
static const char *first_bad(const char *at, const char *end)
{
	while (at < end) {
		s8 s = (s8)*shadow_of(at);
		unsigned long last = GRANULE - 1;	/* of this granule that is wanted */

		if ((unsigned long)end < ((unsigned long)at | last) + 1)
			last = ((unsigned long)end - 1) % GRANULE;
		if (unlikely(s) && (s < 0 || (s8)last >= s))
			return at;
		at = (const char *)(((unsigned long)at | (GRANULE - 1)) + 1);
	}
	return NULL;
}

bool kasan_check(const void *addr, size_t size, bool write, unsigned long ip)
{
	const char *bad;
	u8 why;

	if (!has_shadow(addr) || !size || unlikely(size > shadow_end - (unsigned long)addr))
		return true;
	bad = first_bad(addr, (const char *)addr + size);
	if (likely(!bad))
		return true;
	why = *shadow_of(bad);
	/* A partly usable granule says no more: the one behind it may. */
	if (why < GRANULE && has_shadow(bad + GRANULE))
		why = *shadow_of(bad + GRANULE);
	kasan_report(what_is_wrong(why), bad, write ? "Write" : "Read", size, ip);
	return false;
}

/* ---- what the compiler calls ---- */

#define CALLER ((unsigned long)__builtin_return_address(0))

#define DEFINE_CHECKS(n)								\
	void __asan_load##n##_noabort(unsigned long addr);				\
	void __asan_load##n##_noabort(unsigned long addr)				\
	{										\
		kasan_check((const void *)addr, n, false, CALLER);			\
	}										\
	void __asan_store##n##_noabort(unsigned long addr);				\
	void __asan_store##n##_noabort(unsigned long addr)				\
	{										\
		kasan_check((const void *)addr, n, true, CALLER);			\
	}
DEFINE_CHECKS(1)
DEFINE_CHECKS(2)
DEFINE_CHECKS(4)
DEFINE_CHECKS(8)
DEFINE_CHECKS(16)

void __asan_loadN_noabort(unsigned long addr, size_t size);
void __asan_loadN_noabort(unsigned long addr, size_t size)
{
	kasan_check((const void *)addr, size, false, CALLER);
}

void __asan_storeN_noabort(unsigned long addr, size_t size);
void __asan_storeN_noabort(unsigned long addr, size_t size)
{
	kasan_check((const void *)addr, size, true, CALLER);
}

void kasan_check_here(const void *addr, size_t size, bool write)
{
	kasan_check(addr, size, write, CALLER);
}

/* Before a call that does not return: only stacks would have to be cleaned up. */
void __asan_handle_no_return(void);
void __asan_handle_no_return(void)
{
}

void *__asan_memcpy(void *dst, const void *src, size_t n);
void *__asan_memcpy(void *dst, const void *src, size_t n)
{
	kasan_check(src, n, false, CALLER);
	kasan_check(dst, n, true, CALLER);
	return memcpy(dst, src, n);
}

void *__asan_memmove(void *dst, const void *src, size_t n);
void *__asan_memmove(void *dst, const void *src, size_t n)
{
	kasan_check(src, n, false, CALLER);
	kasan_check(dst, n, true, CALLER);
	return memmove(dst, src, n);
}

void *__asan_memset(void *dst, int c, size_t n);
void *__asan_memset(void *dst, int c, size_t n)
{
	kasan_check(dst, n, true, CALLER);
	return memset(dst, c, n);
}
