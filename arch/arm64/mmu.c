/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's page tables. head.S maps the image by pages, so that here only
 * rights change. The linear map uses 1 GiB and 2 MiB blocks, and pages around the
 * image, whose text and constants are read-only there too (W^X at every alias).
 *
 * Table pages come from a pool in .bss until the RAM around the kernel is
 * mapped, then from memblock; setup_arch() adds RAM to memblock only after it is
 * mapped, so whatever memblock returns can be written.
 */
#include <arch/mmu.h>
#include <arch/patch.h>
#include <arch/setup.h>
#include <arch/tlb.h>
#include <kernel/panic.h>
#include <lib/string.h>
#include <mm/memblock.h>

static phys_addr_t kimage_start(void)
{
	return kimage_to_phys(_text);
}

static phys_addr_t kimage_end(void)
{
	return kimage_to_phys(_end);
}

/* A table may be reached before the linear map exists only if the image contains it. */
static pte_t *table_at(phys_addr_t pa)
{
	if (pa >= kimage_start() && pa < kimage_end())
		return (pte_t *)(pa + kimage_voffset);
	return (pte_t *)(PAGE_OFFSET + pa);
}

static phys_addr_t __init table_alloc(void)
{
	phys_addr_t pool_end = kimage_to_phys(early_pt_pool) + EARLY_PT_PAGES * PAGE_SIZE;
	phys_addr_t pa;

	if (early_pt_next < pool_end) {
		pa = early_pt_next;
		early_pt_next += PAGE_SIZE;
		return pa;                      /* .bss: zeroed */
	}
	pa = memblock_alloc(PAGE_SIZE, PAGE_SIZE);
	memset(table_at(pa), 0, PAGE_SIZE);
	return pa;
}

static pte_t __init leaf_entry(phys_addr_t pa, pgprot_t prot, unsigned int level)
{
	pte_t pte = pte_mk(pa >> PAGE_SHIFT, prot);

	if (level < PT_LEAF)
		pte.v &= ~PTE_TABLE;
	return pte;
}

struct map_request {
	phys_addr_t pa;
	pgprot_t prot;
	bool blocks;
};

/* Fills `table` (of `level`) for [va, end), one level of recursion each. */
static void __init map_level(pte_t *table, unsigned int level, vaddr_t va, vaddr_t end,
			     struct map_request *req)
{
	u64 size = pt_level_size(level);

	while (va < end) {
		pte_t *entry = &table[pt_index(level, va)];
		u64 room = size - (va & (size - 1));
		vaddr_t next = end - va < room ? end : va + room;
		bool fits = level >= 1 && req->blocks && next - va == size &&
			    !(req->pa & (size - 1));

		if (level == PT_LEAF || (fits && pte_none(*entry))) {
			set_pte_nosync(entry, leaf_entry(req->pa, req->prot, level));
			req->pa += next - va;
		} else {
			if (pte_none(*entry)) {
				phys_addr_t pa = table_alloc();

				dsb(ishst);
				set_pte_nosync(entry, pt_table(pa >> PAGE_SHIFT));
			}
			BUG_ON(!pt_is_table(*entry));
			map_level(table_at(pte_phys(*entry)), level + 1, va, next, req);
		}
		va = next;
	}
}

void __init kernel_map(vaddr_t va, phys_addr_t pa, u64 size, pgprot_t prot, bool blocks)
{
	struct map_request req = { .pa = pa, .prot = prot, .blocks = blocks };

	map_level(swapper_pg_dir, 0, va, va + size, &req);
	pt_sync();
}

pte_t *kernel_walk(vaddr_t va, unsigned int *level)
{
	pte_t *table = swapper_pg_dir;

	for (unsigned int l = 0; ; l++) {
		pte_t *entry = &table[pt_index(l, va)];

		*level = l;
		if (l == PT_LEAF || pt_is_block(*entry))
			return entry;
		if (!pt_is_table(*entry))
			return NULL;
		table = table_at(pte_phys(*entry));
	}
}

/* Clips [*start, *end) of the request to [lo, hi) and maps what is left. */
static void __init linear_part(phys_addr_t start, phys_addr_t end, phys_addr_t lo, phys_addr_t hi,
			       pgprot_t prot, bool blocks)
{
	if (start < lo)
		start = lo;
	if (end > hi)
		end = hi;
	if (start < end)
		kernel_map(PAGE_OFFSET + start, start, end - start, prot, blocks);
}

void __init linear_map(phys_addr_t start, phys_addr_t end)
{
	phys_addr_t text = kimage_start();
	phys_addr_t init = kimage_to_phys(__init_begin);
	phys_addr_t sealed = kimage_to_phys(__start_ro_after_init);
	phys_addr_t sealed_end = kimage_to_phys(__stop_ro_after_init);

	/* Pages first: a block over them would have to be split. */
	linear_part(start, end, text, init, PROT_KERNEL_RO, false);
	linear_part(start, end, sealed, sealed_end, PROT_KERNEL, false);
	linear_part(start, end, 0, text, PROT_KERNEL, true);
	linear_part(start, end, init, sealed, PROT_KERNEL, true);
	linear_part(start, end, sealed_end, ~0ULL, PROT_KERNEL, true);
}

void kernel_protect(vaddr_t va, vaddr_t end, pgprot_t prot)
{
	unsigned int level;

	for (vaddr_t p = va; p < end; p += PAGE_SIZE) {
		pte_t *pte = kernel_walk(p, &level);

		BUG_ON(!pte || level != PT_LEAF || pte_none(*pte));
		set_pte_nosync(pte, pte_mk(pte_pfn(*pte), prot));
	}
	tlb_flush_kernel(va, end);
}

static void __init protect(const char *start, const char *end, pgprot_t prot)
{
	kernel_protect((vaddr_t)start, (vaddr_t)end, prot);
}

void __init kimage_protect(void)
{
	unsigned int level;

	protect(_text, _etext, PROT_KERNEL_RX);
	protect(__start_rodata, __stop_rodata, PROT_KERNEL_RO);
	protect(__start_init_text, __stop_init_text, PROT_KERNEL_RX);
	protect(__start_init_data, __stop_init_data, PROT_KERNEL);
	protect(_data, _end, PROT_KERNEL);
	set_pte(kernel_walk((vaddr_t)init_stack_guard, &level), PTE_NONE);
	tlb_flush_kernel((vaddr_t)_text, (vaddr_t)_end);
}

void mark_rodata_ro(void)
{
	phys_addr_t start = kimage_to_phys(__start_ro_after_init);
	phys_addr_t end = kimage_to_phys(__stop_ro_after_init);

	kernel_protect((vaddr_t)__start_ro_after_init, (vaddr_t)__stop_ro_after_init,
		       PROT_KERNEL_RO);
	kernel_protect(PAGE_OFFSET + start, PAGE_OFFSET + end, PROT_KERNEL_RO);
}

/* Leaves a hole in the image's mapping; the memory goes on in the linear map. */
void free_initmem(void)
{
	unsigned int level;

	mark_rodata_ro();
	patch_init_text_freed(true);
	for (vaddr_t va = (vaddr_t)__init_begin; va < (vaddr_t)__init_end; va += PAGE_SIZE)
		set_pte_nosync(kernel_walk(va, &level), PTE_NONE);
	tlb_flush_kernel((vaddr_t)__init_begin, (vaddr_t)__init_end);
	memblock_free(kimage_to_phys(__init_begin), (u64)(__init_end - __init_begin));
}

/* ---- fixmap ---- */

void __init fixmap_init(void)
{
	kernel_map(FIX_UART, 0, PAGE_SIZE, PROT_KERNEL, false);
	fixmap_clear(FIX_UART);
}

void fixmap_set(vaddr_t slot, phys_addr_t pa, pgprot_t prot)
{
	unsigned int level;

	set_pte(kernel_walk(slot, &level), pte_mk(pa >> PAGE_SHIFT, prot));
}

void fixmap_clear(vaddr_t slot)
{
	unsigned int level;

	set_pte(kernel_walk(slot, &level), PTE_NONE);
	tlb_flush_kernel(slot, slot + PAGE_SIZE);
}
