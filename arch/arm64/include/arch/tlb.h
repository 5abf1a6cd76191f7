/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TLB maintenance and address-space switching.
 *
 * Rules:
 * - Change the tables first, then flush: each flush orders the stores before it
 *   and has finished on every CPU when it returns.
 * - Free a page or a table page only after the flush that unmaps it.
 * - Any context; callers hold whatever keeps the tables from changing back.
 */
#ifndef ARCH_TLB_H
#define ARCH_TLB_H

#include <lib/types.h>

struct mm;
struct task;

/* User mappings: one page, [start, end), everything. Table entries included. */
void tlb_flush_page(struct mm *mm, vaddr_t va);
void tlb_flush_range(struct mm *mm, vaddr_t start, vaddr_t end);
void tlb_flush_mm(struct mm *mm);

/* Kernel mappings in [start, end). */
void tlb_flush_kernel(vaddr_t start, vaddr_t end);

/*
 * A spurious fault's entry was fixed by another CPU or loosened (made writable,
 * young): stale TLB entries only cause one more fault. One page, this CPU.
 */
void tlb_flush_local_page(struct mm *mm, vaddr_t va);

/* Prepares mm->ctx of a new address space; it gets an ASID when it first runs. */
void arch_mm_init(struct mm *mm);

/* The address space will never run again. Its ASID's entries die with the generation. */
void arch_mm_destroy(struct mm *mm);

/*
 * Makes `next_mm` the user address space of this CPU; NULL leaves none (every
 * user access faults). `task` is the one that will run in it. IRQs are off.
 */
void arch_mm_switch(struct mm *prev_mm, struct mm *next_mm, struct task *task);

/*
 * Makes instructions written at kernel address `va` (linear map) visible to
 * instruction fetch on every CPU, at any alias. Call before mapping a page
 * executable for the first time after it was written.
 */
void arch_sync_icache(const void *va, size_t len);

#endif
