/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Kernel virtual areas between VMAP_START and VMAP_END: memory that need not be
 * physically contiguous, device registers, and kernel stacks. Each area is
 * followed by an unmapped guard page; stacks have theirs below, too.
 *
 * Context: task context, may sleep, unless a line says otherwise. Not from IRQs.
 * Lock order: vmap lock, then zone lock. Unmapping flushes the TLB before return.
 */
#ifndef MM_VMAP_H
#define MM_VMAP_H

#include <lib/compiler.h>
#include <arch/layout.h>
#include <mm/gfp.h>

#ifndef __iomem
#define __iomem
#endif

struct page;

/* size bytes, rounded up to pages, RW NX; NULL without memory. */
void *vmalloc(size_t size);
void *vzalloc(size_t size);
void vfree(const void *va);             /* NULL is fine */
static inline bool is_vmalloc_addr(const void *va)
{
	return (u64)(unsigned long)va >= VMAP_START && (u64)(unsigned long)va < VMAP_END;
}
/* Page behind a vmalloc address, or NULL. */
struct page *vmalloc_to_page(const void *va);

/* Maps n given pages RW NX; vunmap() does not free them. */
void *vmap(struct page **pages, unsigned int n);
void vunmap(const void *va);

/* Device memory (nGnRE). Any alignment of phys; the offset is kept. NULL if full. */
void __iomem *ioremap(phys_addr_t phys, size_t size);
/* Normal, not cacheable. */
void __iomem *ioremap_wc(phys_addr_t phys, size_t size);
void iounmap(volatile void __iomem *va);

/*
 * A kernel stack of KSTACK_SIZE bytes: the lowest address, or NULL. The page
 * below it is never mapped. A few stay mapped per CPU, so that fork neither maps
 * nor flushes. kstack_free() from any task context, not on the stack itself.
 */
void *kstack_alloc(void);
void kstack_free(void *stack);
/* Is va in the guard page of some stack? Any context (for fault reports). */
bool kstack_is_guard(u64 va);

/* Changes the mapping of whole pages in the vmap area: 0, -EINVAL or -ENOENT. */
int set_memory_ro(void *va, unsigned int pages);
int set_memory_rw(void *va, unsigned int pages);
int set_memory_rx(void *va, unsigned int pages);
int set_memory_nx(void *va, unsigned int pages);

u64 vmap_used_pages(void);

#endif
