/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ARCH_TLB_H
#define ARCH_TLB_H
#include <lib/types.h>
struct mm;
extern unsigned int host_tlb_flushes;
static inline void tlb_flush_mm(struct mm *mm) { host_tlb_flushes++; }
static inline void tlb_flush_range(struct mm *mm, vaddr_t s, vaddr_t e) { host_tlb_flushes++; }
#endif
