/* SPDX-License-Identifier: BSD-2-Clause */
/* Building and changing the kernel's own page tables (mmu.c). */
#ifndef ARCH_MMU_H
#define ARCH_MMU_H

#include <lib/types.h>
#include <arch/pgtable.h>

/* Tables as head.S left them: kimage pages writable and executable. Boot only. */
extern u64 early_pt_next, idmap_phys, fdt_phys;
extern u32 boot_el;
extern char early_pt_pool[], init_stack[], init_stack_guard[];

/*
 * Maps [va, va + size) to pa in the kernel's tables, all page aligned, by blocks
 * where `blocks` and alignment allow. The range must be unmapped. Boot only.
 */
void kernel_map(vaddr_t va, phys_addr_t pa, u64 size, pgprot_t prot, bool blocks);

/* Maps the RAM [start, end) linearly; the parts that hold the kernel get its rights. */
void linear_map(phys_addr_t start, phys_addr_t end);

/* Gives the kernel image its final rights: text RX, constants RO, the rest RW. */
void kimage_protect(void);

/* Changes the rights of whole, page-mapped pages and flushes. */
void kernel_protect(vaddr_t va, vaddr_t end, pgprot_t prot);

/* The fixmap: a page at a fixed address (FIX_*). */
void fixmap_init(void);
void fixmap_set(vaddr_t slot, phys_addr_t pa, pgprot_t prot);
void fixmap_clear(vaddr_t slot);

/* The entry that maps a kernel address and its level; NULL if a table is missing. */
pte_t *kernel_walk(vaddr_t va, unsigned int *level);

#endif
