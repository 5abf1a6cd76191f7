/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The arena, the panic trap, and stand-ins for the parts of mm that are not tested here.
 */
#include "support.h"
#include <arch/tlb.h>
#include <kernel/panic.h>
#include <string.h>

unsigned long host_page_offset, host_irqs_off;
unsigned int host_cpu, host_tlb_flushes;
jmp_buf host_panic_jump;
bool host_panic_expected;
static s64 stats[NR_PAGE_STATS];

void panic(const char *fmt, ...)
{
	va_list args;

	if (host_panic_expected)
		longjmp(host_panic_jump, 1);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	abort();
}

u32 rnd(u32 below)
{
	static u64 x = 88172645463325252ULL;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return (u32)(x >> 20) % below;
}

void page_stat_add(enum page_stat stat, long pages)
{
	stats[stat] += pages;
}

u64 page_stat_read(enum page_stat stat)
{
	assert_true(stats[stat] >= 0);
	return (u64)stats[stat];
}

struct page *page_alloc_hard(gfp_t gfp, unsigned int order)
{
	return NULL;
}

void kswapd_wake(void)
{
}

bool page_alloc_may_use_reserve(void)
{
	return false;
}

void *vmalloc(size_t size)
{
	return NULL;
}

void *vzalloc(size_t size)
{
	return NULL;
}

void vfree(const void *va)
{
}

void host_boot(bool holes)
{
	char *arena = aligned_alloc(MAX_ORDER_PAGES << PAGE_SHIFT, RAM_SIZE);

	assert_non_null(arena);
	/* Nothing may rely on RAM being zero. */
	memset(arena, 0xd5, RAM_SIZE);
	host_page_offset = (unsigned long)arena - RAM_BASE;
	memblock_add(RAM_BASE, RAM_SIZE);
	memblock_reserve(RAM_BASE, 700001);
	if (holes)
		for (unsigned int i = 1; i < 12; i++)
			memblock_reserve(RAM_BASE + i * 1234567, 3 * i * 1000);
	page_alloc_init();
}

void host_boot_slab(void)
{
	host_boot(false);
	slab_init();
	kmalloc_init();
}
