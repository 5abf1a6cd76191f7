/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Heap sort in place (O(n log n) always, no recursion, not stable) and binary
 * search. cmp returns <0, 0 or >0.
 */
#ifndef LIB_SORT_H
#define LIB_SORT_H

#include <lib/compiler.h>

typedef int (*cmp_fn)(const void *a, const void *b);

void sort(void *base, size_t n, size_t size, cmp_fn cmp);
/* The element equal to key, or NULL; cmp gets (key, element). */
void *bsearch_array(const void *key, const void *base, size_t n, size_t size, cmp_fn cmp);

#endif
