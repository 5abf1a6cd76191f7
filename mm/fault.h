/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The two halves of fault handling: fault.c (verdicts, anonymous memory, copy on
 * write) and fault_file.c (the page cache and devices).
 */
#ifndef MM_FAULT_INTERNAL_H
#define MM_FAULT_INTERNAL_H

#include <arch/tlb.h>
#include "internal.h"

/* Nothing is mapped at addr of a vma that is backed by a cache or by ops->fault. */
enum fault_verdict fault_file(struct vma *vma, vaddr_t addr, pte_t *ptep, bool write);
/* A shared page, present in `pte` without write permission, is written to. */
enum fault_verdict fault_make_shared_writable(struct vma *vma, vaddr_t addr, pte_t *ptep,
					      pte_t pte);
/* Do the vma's flags permit the access (FAULT_*)? */
bool fault_allowed(const struct vma *vma, unsigned int access);
/* A fatal signal is pending: long walks give up. */
bool fault_should_stop(void);

/* Once for each content of a page, before it can be executed. */
static inline void page_sync_icache(struct page *page)
{
	if (page_flag(page, PG_SYNCED))
		return;
	arch_sync_icache(page_to_virt(page), PAGE_SIZE);
	page_flag_set(page, PG_SYNCED);
}

#endif
