/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The memory hooks of lib: weak here (returning NULL on the kernel side), the
 * kernel's allocator overrides them, host tests map them to malloc.
 *
 * Context: lib calls them under whatever lock its caller holds, so they must
 * not sleep. lib_alloc() returns zeroed memory aligned to 16 bytes, or NULL.
 */
#ifndef LIB_ALLOC_H
#define LIB_ALLOC_H

#include <lib/compiler.h>

void *lib_alloc(size_t size);
void lib_free(void *p);

#endif
