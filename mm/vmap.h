/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Areas of the kernel's virtual space, for vmap.c and kstack.c.
 */
#ifndef MM_VMAP_INTERNAL_H
#define MM_VMAP_INTERNAL_H

#include "internal.h"

/* vma->flags of an area: what it holds. */
#define VMAP_PAGES      1UL             /* pages of its own */
#define VMAP_BORROWED   2UL
#define VMAP_IO         3UL
#define VMAP_STACK      4UL

/* An area of size bytes, guard included; NULL without space or memory. */
struct vma *vmap_area_alloc(u64 size, u64 flags);
void vmap_area_free(struct vma *area);
struct vma *vmap_area_find(vaddr_t va);
int vmap_map_page(vaddr_t va, pfn_t pfn, pgprot_t prot);
void vmap_unmap_range(vaddr_t start, vaddr_t end, bool free);

#endif
