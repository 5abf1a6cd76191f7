/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Clearing and copying one page, by its kernel address. Any context.
 */
#ifndef ARCH_PAGE_H
#define ARCH_PAGE_H

#include <lib/compiler.h>
#include <lib/string.h>
#include <arch/layout.h>

/* DC ZVA clears a block of DCZID_EL0's size without reading it; bit 4 forbids it. */
static inline void clear_page(void *page)
{
	u64 dczid, block;
	char *at = page, *end = at + PAGE_SIZE;

	__asm__("mrs %0, dczid_el0" : "=r"(dczid));
	block = 4UL << (dczid & 15);
	if (unlikely((dczid & 16) || block > PAGE_SIZE / 8)) {
		memset(page, 0, PAGE_SIZE);
		return;
	}
	do {
#define ZERO_BLOCK "dc zva, %0\n\tadd %0, %0, %1\n\t"
		__asm__ volatile(ZERO_BLOCK ZERO_BLOCK ZERO_BLOCK ZERO_BLOCK
				 ZERO_BLOCK ZERO_BLOCK ZERO_BLOCK ZERO_BLOCK
				 : "+r"(at) : "r"(block) : "memory");
#undef ZERO_BLOCK
	} while (at != end);
}

static inline void copy_page(void *to, const void *from)
{
	const void *end = (const char *)from + PAGE_SIZE;

	do {
		u64 a, b, c, d;

#define COPY_32(off) \
		"ldp %2, %3, [%0, #" #off "]\n\tldp %4, %5, [%0, #" #off " + 16]\n\t" \
		"stp %2, %3, [%1, #" #off "]\n\tstp %4, %5, [%1, #" #off " + 16]\n\t"
		__asm__ volatile(COPY_32(0) COPY_32(32) COPY_32(64) COPY_32(96)
				 COPY_32(128) COPY_32(160) COPY_32(192) COPY_32(224)
				 "add %0, %0, #256\n\tadd %1, %1, #256\n\t"
				 : "+r"(from), "+r"(to), "=&r"(a), "=&r"(b), "=&r"(c), "=&r"(d)
				 : : "memory");
#undef COPY_32
	} while (from != end);
}

#endif
