/* SPDX-License-Identifier: BSD-2-Clause */
/* Between kasan.c (shadow, checks, reports) and kasan_slab.c (objects and their quarantine). */
#ifndef MM_KASAN_INTERNAL_H
#define MM_KASAN_INTERNAL_H

#include <mm/kasan.h>

/* The shadow of the granule of addr; 0 if it has none. */
u8 kasan_shadow_byte(const void *addr);
/* Counts if a test expects it, else says what happened and panics. */
void kasan_report(const char *what, const void *addr, const char *access, size_t size,
		  unsigned long ip);
/* Prints whose object addr is in or near, who allocated it and who freed it. */
void kasan_describe(const void *addr);

#endif
