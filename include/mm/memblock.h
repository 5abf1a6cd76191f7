/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * memblock: which physical memory exists and which of it is taken, from the
 * first line of C until the page allocator owns everything that is left.
 *
 * The architecture adds RAM and reserves what the image, the device tree and the
 * initramfs occupy; early code allocates. page_alloc_init() then takes over and
 * everything here but memblock_free() and the queries becomes invalid.
 *
 * Context: boot CPU, interrupts off, no locks. Nothing here fails softly: when
 * the fixed tables or the memory run out, the kernel panics with the numbers.
 */
#ifndef MM_MEMBLOCK_H
#define MM_MEMBLOCK_H

#include <lib/compiler.h>

struct mem_region {
	phys_addr_t base, size;         /* bytes; after normalisation page aligned for RAM */
};

/* RAM that exists. Overlaps are merged; partial pages at the edges are dropped. */
void memblock_add(phys_addr_t base, phys_addr_t size);
/* Memory that must not be allocated. Any alignment; need not be RAM. */
void memblock_reserve(phys_addr_t base, phys_addr_t size);
/* Forgets RAM (mem=, no-map nodes). */
void memblock_remove(phys_addr_t base, phys_addr_t size);
/* mem=N: keeps the lowest `limit` bytes of RAM. */
void memblock_limit(phys_addr_t limit);

/*
 * size bytes, aligned to align (a power of two), not zeroed; panics when there is
 * none. The top of RAM first, so that low memory stays whole.
 */
phys_addr_t memblock_alloc(phys_addr_t size, phys_addr_t align);
/* The same below `max` (exclusive), for page tables that must already be mapped. */
phys_addr_t memblock_alloc_below(phys_addr_t size, phys_addr_t align, phys_addr_t max);
/*
 * Gives back a reserved range. After the handover it goes to the page allocator
 * (the initramfs, the init sections); only whole pages inside the range then.
 */
void memblock_free(phys_addr_t base, phys_addr_t size);

/* Index walk over RAM: 0 and *out, or -ENOENT past the last. */
int memblock_ram(unsigned int index, struct mem_region *out);
int memblock_reserved(unsigned int index, struct mem_region *out);
phys_addr_t memblock_start(void);       /* lowest byte of RAM */
phys_addr_t memblock_end(void);         /* one past the highest */
phys_addr_t memblock_total(void);       /* bytes of RAM */

/* Builds mem_map and hands all free RAM to the buddy allocator. Once, by start_kernel(). */
void page_alloc_init(void);
/* Slab, kmalloc, vmap, caches of this subsystem: all of mm after page_alloc_init(). */
void mm_init(void);

#endif
