/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Page tables: four levels of 512 entries, level 0 at the top, for user
 * (TTBR0, one root per address space) and kernel (TTBR1, swapper_pg_dir).
 *
 * Entries are values; nothing here takes locks. User tables are changed under
 * mm->page_table_lock. set_pte() publishes an entry so that a later walk by the
 * CPU sees it; removing or tightening one needs a tlb_flush_*() afterwards, and
 * changing a valid entry's address or type needs it before the new value is
 * set (break-before-make).
 */
#ifndef ARCH_PGTABLE_H
#define ARCH_PGTABLE_H

#include <lib/types.h>
#include <lib/compiler.h>
#include <arch/layout.h>
#include <arch/barrier.h>

typedef struct { u64 v; } pte_t;
typedef struct { u64 v; } pgprot_t;

#define PT_ENTRIES      512
#define PT_LEVELS       4
#define PT_LEAF         3       /* level whose entries map 4 KiB pages */

#define PTE_VALID       (1UL << 0)
#define PTE_TABLE       (1UL << 1)      /* levels 0-2: next table; level 3: page */
#define PTE_ATTR(n)     ((u64)(n) << 2)
#define PTE_USER        (1UL << 6)      /* AP[1] */
#define PTE_RDONLY      (1UL << 7)      /* AP[2] */
#define PTE_INNER_SH    (3UL << 8)
#define PTE_AF          (1UL << 10)
#define PTE_NG          (1UL << 11)
#define PTE_CONT        (1UL << 52)
#define PTE_PXN         (1UL << 53)
#define PTE_UXN         (1UL << 54)
/* Software bits */
#define PTE_COW         (1UL << 55)     /* read-only because shared; copy on write */
#define PTE_DIRTY       (1UL << 56)
#define PTE_SPECIAL     (1UL << 57)     /* no struct page behind it (vDSO data, devices) */
#define PTE_PROTNONE    (1UL << 58)     /* present for us, a fault for everyone */

#define PTE_ADDR_MASK   0x0000fffffffff000UL
#define PTE_ATTR_MASK   PTE_ATTR(7)

/* Indexes into MAIR_EL1, set by head.S: keep MAIR_VALUE in step. */
#define MT_NORMAL       0       /* write-back */
#define MT_DEVICE       1       /* nGnRE */
#define MT_NORMAL_NC    2
#define MT_DEVICE_NGNRNE 3
#define MAIR_VALUE      0x004404ff

#define PTE_BASE        (PTE_VALID | PTE_TABLE | PTE_AF | PTE_INNER_SH)
#define __pgprot(x)     ((pgprot_t){ (x) })

/* Kernel mappings; all are global and never executable by EL0. */
#define PROT_KERNEL        __pgprot(PTE_BASE | PTE_ATTR(MT_NORMAL) | PTE_DIRTY | PTE_PXN | PTE_UXN)
#define PROT_KERNEL_RO     __pgprot(PTE_BASE | PTE_ATTR(MT_NORMAL) | PTE_RDONLY | PTE_PXN | PTE_UXN)
#define PROT_KERNEL_RX     __pgprot(PTE_BASE | PTE_ATTR(MT_NORMAL) | PTE_RDONLY | PTE_UXN)
#define PROT_KERNEL_DEVICE __pgprot(PTE_BASE | PTE_ATTR(MT_DEVICE) | PTE_DIRTY | PTE_PXN | PTE_UXN)
#define PROT_KERNEL_NC     __pgprot(PTE_BASE | PTE_ATTR(MT_NORMAL_NC) | PTE_DIRTY | PTE_PXN | \
				   PTE_UXN)
/* Early boot only, before W^X is set up. */
#define PROT_KERNEL_RWX    __pgprot(PTE_BASE | PTE_ATTR(MT_NORMAL) | PTE_UXN)

extern pte_t swapper_pg_dir[PT_ENTRIES];
extern pte_t empty_pg_dir[PT_ENTRIES];  /* TTBR0 while there is no user address space */

/* ---- shape ---- */

static __always_inline unsigned int pt_level_shift(unsigned int level)
{
	return PAGE_SHIFT + (PT_LEAF - level) * 9;
}

static __always_inline u64 pt_level_size(unsigned int level)
{
	return 1UL << pt_level_shift(level);
}

static __always_inline unsigned int pt_index(unsigned int level, vaddr_t va)
{
	return (va >> pt_level_shift(level)) & (PT_ENTRIES - 1);
}

/* ---- entries ---- */

#define PTE_NONE ((pte_t){ 0 })

static __always_inline bool pte_none(pte_t pte)    { return pte.v == 0; }
static __always_inline bool pte_valid(pte_t pte)   { return pte.v & PTE_VALID; }
static __always_inline bool pte_present(pte_t pte) { return pte.v & (PTE_VALID | PTE_PROTNONE); }
static __always_inline bool pte_write(pte_t pte)   { return !(pte.v & PTE_RDONLY); }
static __always_inline bool pte_dirty(pte_t pte)   { return pte.v & PTE_DIRTY; }
static __always_inline bool pte_young(pte_t pte)   { return pte.v & PTE_AF; }
static __always_inline bool pte_user(pte_t pte)    { return pte.v & PTE_USER; }
static __always_inline bool pte_exec(pte_t pte)    { return !(pte.v & PTE_UXN); }
static __always_inline bool pte_cow(pte_t pte)     { return pte.v & PTE_COW; }
static __always_inline bool pte_special(pte_t pte) { return pte.v & PTE_SPECIAL; }
static __always_inline bool pte_same(pte_t a, pte_t b) { return a.v == b.v; }

static __always_inline phys_addr_t pte_phys(pte_t pte) { return pte.v & PTE_ADDR_MASK; }
static __always_inline pfn_t pte_pfn(pte_t pte)        { return pte_phys(pte) >> PAGE_SHIFT; }

static __always_inline pte_t pte_mk(pfn_t pfn, pgprot_t prot)
{
	return (pte_t){ (pfn << PAGE_SHIFT) | prot.v };
}

static __always_inline pte_t pte_wrprotect(pte_t pte) { pte.v |= PTE_RDONLY; return pte; }
static __always_inline pte_t pte_mkwrite(pte_t pte)   { pte.v &= ~PTE_RDONLY; return pte; }
static __always_inline pte_t pte_mkdirty(pte_t pte)   { pte.v |= PTE_DIRTY; return pte; }
static __always_inline pte_t pte_mkclean(pte_t pte)   { pte.v &= ~PTE_DIRTY; return pte; }
static __always_inline pte_t pte_mkyoung(pte_t pte)   { pte.v |= PTE_AF; return pte; }
static __always_inline pte_t pte_mkold(pte_t pte)     { pte.v &= ~PTE_AF; return pte; }
static __always_inline pte_t pte_mkcow(pte_t pte)     { pte.v |= PTE_COW | PTE_RDONLY; return pte; }
static __always_inline pte_t pte_clear_cow(pte_t pte) { pte.v &= ~PTE_COW; return pte; }
static __always_inline pte_t pte_mkspecial(pte_t pte) { pte.v |= PTE_SPECIAL; return pte; }

/* The entry with its protection replaced; address, dirty, COW and special stay. */
static __always_inline pte_t pte_modify(pte_t pte, pgprot_t prot)
{
	const u64 keep = PTE_ADDR_MASK | PTE_DIRTY | PTE_COW | PTE_SPECIAL;

	return (pte_t){ (pte.v & keep) | (prot.v & ~PTE_ADDR_MASK) };
}

/*
 * Protection of a user page with these VM_READ/WRITE/EXEC bits (values of
 * PROT_READ/WRITE/EXEC: 1, 2, 4). No access gives a PTE_PROTNONE entry.
 * Write gives a writable entry: wrprotect it for CoW and dirty tracking.
 */
static __always_inline pgprot_t vm_prot(u64 vm_flags)
{
	u64 v = PTE_TABLE | PTE_AF | PTE_INNER_SH | PTE_NG | PTE_USER | PTE_PXN | PTE_UXN |
		PTE_RDONLY | PTE_ATTR(MT_NORMAL);

	if (!(vm_flags & 7))
		return __pgprot((v | PTE_PROTNONE) & ~PTE_USER);
	if (vm_flags & 2)
		v &= ~PTE_RDONLY;
	if (vm_flags & 4)
		v &= ~PTE_UXN;
	return __pgprot(v | PTE_VALID);
}

static __always_inline pgprot_t pgprot_device(pgprot_t p)
{
	return __pgprot((p.v & ~PTE_ATTR_MASK) | PTE_ATTR(MT_DEVICE));
}

/* ---- tables ---- */

/* A table entry pointing at the page `pfn`. */
static __always_inline pte_t pt_table(pfn_t pfn)
{
	return (pte_t){ (pfn << PAGE_SHIFT) | PTE_VALID | PTE_TABLE };
}

/* Only for levels 0 to 2. */
static __always_inline bool pt_is_table(pte_t entry)
{
	return (entry.v & (PTE_VALID | PTE_TABLE)) == (PTE_VALID | PTE_TABLE);
}

static __always_inline bool pt_is_block(pte_t entry)
{
	return (entry.v & (PTE_VALID | PTE_TABLE)) == PTE_VALID;
}

/* The table a table entry points at, through the linear map. */
static __always_inline pte_t *pt_next_table(pte_t entry)
{
	return (pte_t *)(PAGE_OFFSET + pte_phys(entry));
}

static __always_inline pte_t read_pte(const pte_t *ptep)
{
	return (pte_t){ READ_ONCE(ptep->v) };
}

/*
 * Stores and makes visible to the table walker. A user entry that goes from
 * invalid to valid needs no isb: the return to EL0 synchronises.
 */
static __always_inline void set_pte(pte_t *ptep, pte_t pte)
{
	WRITE_ONCE(ptep->v, pte.v);
	dsb(ishst);
	if (!(pte.v & PTE_USER))
		isb();
}

/* No barrier: for batches that end in set_pte(), a TLB flush or pt_sync(). */
static __always_inline void set_pte_nosync(pte_t *ptep, pte_t pte)
{
	WRITE_ONCE(ptep->v, pte.v);
}

static __always_inline void pt_sync(void)
{
	dsb(ishst);
	isb();
}

static __always_inline void pte_clear(pte_t *ptep)
{
	WRITE_ONCE(ptep->v, 0);
}

/* The architecture's part of struct mm, as mm->ctx. See asid.c. */
struct arch_mm_ctx {
	u64 asid;               /* generation << 16 | ASID; 0 = none; atomic */
};

#endif
