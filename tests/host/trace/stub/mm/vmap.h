/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MM_VMAP_H
#define MM_VMAP_H
#include <stdlib.h>
#define vmalloc(n)	malloc(n)
#define vzalloc(n)	calloc(1, n)
#define vfree(p)	free((void *)(p))
#endif
