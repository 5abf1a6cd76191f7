/* SPDX-License-Identifier: BSD-2-Clause */
/* TLB and instruction cache maintenance. Broadcast: every CPU is done on return. */
#include <arch/barrier.h>
#include <arch/cpufeature.h>
#include <arch/pgtable.h>
#include <arch/sysreg.h>
#include <arch/tlb.h>
#include <mm/mm.h>
#include <trace/mm.h>

/* Beyond this many pages all entries of the address space go. */
#define MAX_SINGLE_FLUSHES 64

static u64 tlbi_operand(u64 asid, vaddr_t va)
{
	return (asid & 0xffff) << 48 | ((va >> PAGE_SHIFT) & GENMASK(43, 0));
}

/*
 * Makes stores to the tables visible to walks, and only then reads the ASID: a CPU
 * that takes a new ASID for mm after this walks the new tables.
 */
static u64 table_changes_done(struct mm *mm)
{
	dsb(ishst);
	return READ_ONCE(mm->ctx.asid);
}

void tlb_flush_mm(struct mm *mm)
{
	u64 asid = table_changes_done(mm);

	if (!asid)
		return;                 /* it never ran */
	__asm__ volatile("tlbi aside1is, %0" : : "r"((asid & 0xffff) << 48) : "memory");
	dsb(ish);
	TRACE(tlb_flush, 0);
}

void tlb_flush_page(struct mm *mm, vaddr_t va)
{
	u64 asid = table_changes_done(mm);

	if (!asid)
		return;
	__asm__ volatile("tlbi vae1is, %0" : : "r"(tlbi_operand(asid, va)) : "memory");
	dsb(ish);
	TRACE(tlb_flush, 1);
}

void tlb_flush_range(struct mm *mm, vaddr_t start, vaddr_t end)
{
	u64 asid;

	start &= PAGE_MASK;
	if (end - start > MAX_SINGLE_FLUSHES * PAGE_SIZE) {
		tlb_flush_mm(mm);
		return;
	}
	asid = table_changes_done(mm);
	if (!asid)
		return;
	for (vaddr_t va = start; va < end; va += PAGE_SIZE)
		__asm__ volatile("tlbi vae1is, %0" : : "r"(tlbi_operand(asid, va)) : "memory");
	dsb(ish);
	TRACE(tlb_flush, (u32)((end - start) >> PAGE_SHIFT));
}

void tlb_flush_local_page(struct mm *mm, vaddr_t va)
{
	u64 asid = READ_ONCE(mm->ctx.asid);

	dsb(nshst);
	__asm__ volatile("tlbi vae1, %0" : : "r"(tlbi_operand(asid, va)) : "memory");
	dsb(nsh);
	TRACE(tlb_flush, 1);
}

void tlb_flush_kernel(vaddr_t start, vaddr_t end)
{
	start &= PAGE_MASK;
	dsb(ishst);
	if (end - start > MAX_SINGLE_FLUSHES * PAGE_SIZE) {
		__asm__ volatile("tlbi vmalle1is" : : : "memory");
	} else {
		for (vaddr_t va = start; va < end; va += PAGE_SIZE)
			__asm__ volatile("tlbi vaae1is, %0" : : "r"(tlbi_operand(0, va))
					 : "memory");
	}
	dsb(ish);
	isb();
}

void arch_sync_icache(const void *va, size_t len)
{
	if (!cpu_has(CPU_FEAT_IDC)) {
		u64 line = 4UL << ((read_sysreg(ctr_el0) >> 16) & 0xf);
		u64 p = (u64)va & ~(line - 1);

		for (; p < (u64)va + len; p += line)
			__asm__ volatile("dc cvau, %0" : : "r"(p) : "memory");
	}
	dsb(ish);
	if (!cpu_has(CPU_FEAT_DIC)) {
		/* By address would miss other aliases where the cache is virtually indexed. */
		__asm__ volatile("ic ialluis" : : : "memory");
		dsb(ish);
	}
	isb();
}
