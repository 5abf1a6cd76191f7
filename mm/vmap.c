/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Kernel virtual areas. An area is a struct vma of init_mm, so that the tree with its
 * gap search serves here, too; page tables hang off swapper_pg_dir and stay.
 *
 * An area includes its guard page: above the mapping, for stacks below.
 */
#include <arch/tlb.h>
#include <kernel/mutex.h>
#include <kernel/panic.h>
#include <mm/slab.h>
#include <mm/vmap.h>
#include "internal.h"
#include "vmap.h"

/* Lock order: mmap locks, then this, then page_table_lock of init_mm. */
static DEFINE_MUTEX(vmap_lock);
static u64 used_pages;                  /* vmap_lock */

/* ---- areas ---- */

struct vma *vmap_area_alloc(u64 size, u64 flags)
{
	struct vma *area = kmem_cache_zalloc(vma_cachep, GFP_KERNEL);
	vaddr_t at;

	if (!area)
		return NULL;
	area->mm = &init_mm;
	area->flags = flags;
	area->ops = &vm_no_ops;
	mutex_lock(&vmap_lock);
	at = vma_tree_gap_low(&init_mm, size, VMAP_START, VMAP_END);
	if ((s64)at != -ENOMEM) {
		area->start = at;
		area->end = at + size;
		vma_tree_insert(&init_mm, area);
		used_pages += size >> PAGE_SHIFT;
	}
	mutex_unlock(&vmap_lock);
	if ((s64)at == -ENOMEM) {
		kmem_cache_free(vma_cachep, area);
		return NULL;
	}
	return area;
}

/* Takes the area that contains va out of the tree; what it maps is already cleared. */
void vmap_area_free(struct vma *area)
{
	mutex_lock(&vmap_lock);
	used_pages -= vma_pages(area);
	vma_tree_erase(&init_mm, area);
	mutex_unlock(&vmap_lock);
	kmem_cache_free(vma_cachep, area);
}

struct vma *vmap_area_find(vaddr_t va)
{
	struct vma *area;

	mutex_lock(&vmap_lock);
	area = vma_tree_find(&init_mm, va);
	if (area && area->start > va)
		area = NULL;
	mutex_unlock(&vmap_lock);
	return area;
}

/* ---- mappings ---- */

/* Clears [start, end) and flushes; with `free` drops the pages. */
void vmap_unmap_range(vaddr_t start, vaddr_t end, bool free)
{
	struct page *batch[32];
	unsigned int n;
	vaddr_t va = start;

	while (va < end) {
		vaddr_t from = va;
		pte_t *ptep;

		for (n = 0; n < ARRAY_SIZE(batch) && va < end; va += PAGE_SIZE) {
			ptep = pte_lookup(&init_mm, va);
			if (!ptep || pte_none(read_pte(ptep)))
				continue;
			if (free)
				batch[n++] = pfn_to_page(pte_pfn(read_pte(ptep)));
			pte_clear(ptep);
		}
		tlb_flush_kernel(from, va);
		for (unsigned int i = 0; free && i < n; i++)
			page_put(batch[i]);
	}
}

/* One kernel entry. 0 or -ENOMEM. */
int vmap_map_page(vaddr_t va, pfn_t pfn, pgprot_t prot)
{
	pte_t *ptep = pte_lookup_alloc(&init_mm, va, GFP_KERNEL);

	if (!ptep)
		return -ENOMEM;
	set_pte_nosync(ptep, pte_mk(pfn, prot));
	return 0;
}

/* ---- vmalloc ---- */

static void *vmalloc_gfp(size_t size, gfp_t gfp)
{
	u64 len = PAGE_ALIGN(size);
	struct vma *area;

	if (!size || len < size || len >> PAGE_SHIFT > totalram_pages)
		return NULL;
	area = vmap_area_alloc(len + PAGE_SIZE, VMAP_PAGES);
	if (!area)
		return NULL;
	for (vaddr_t va = area->start; va < area->start + len; va += PAGE_SIZE) {
		struct page *page = page_alloc(gfp, 0);

		if (!page || vmap_map_page(va, page_to_pfn(page), PROT_KERNEL)) {
			if (page)
				page_put(page);
			vmap_unmap_range(area->start, va, true);
			vmap_area_free(area);
			return NULL;
		}
	}
	pt_sync();
	return (void *)area->start;
}

void *vmalloc(size_t size)
{
	return vmalloc_gfp(size, GFP_KERNEL);
}

void *vzalloc(size_t size)
{
	return vmalloc_gfp(size, GFP_KERNEL | GFP_ZERO);
}

static void free_area(const void *va, u64 kind, bool free)
{
	struct vma *area;

	if (!va)
		return;
	area = vmap_area_find((vaddr_t)va & PAGE_MASK);
	if (!area || area->start != ((vaddr_t)va & PAGE_MASK) || area->flags != kind) {
		WARN_ON(1);
		return;
	}
	vmap_unmap_range(area->start, area->end - PAGE_SIZE, free);
	vmap_area_free(area);
}

void vfree(const void *va)
{
	free_area(va, VMAP_PAGES, true);
}

struct page *vmalloc_to_page(const void *va)
{
	pte_t *ptep = is_vmalloc_addr(va) ? pte_lookup(&init_mm, (vaddr_t)va) : NULL;

	return ptep && pte_present(read_pte(ptep)) ? pfn_to_page(pte_pfn(read_pte(ptep))) : NULL;
}

void *vmap(struct page **pages, unsigned int n)
{
	struct vma *area = n ? vmap_area_alloc(((u64)n + 1) << PAGE_SHIFT, VMAP_BORROWED) : NULL;

	if (!area)
		return NULL;
	for (unsigned int i = 0; i < n; i++) {
		if (vmap_map_page(area->start + ((u64)i << PAGE_SHIFT), page_to_pfn(pages[i]),
				  PROT_KERNEL)) {
			vmap_unmap_range(area->start, area->end, false);
			vmap_area_free(area);
			return NULL;
		}
	}
	pt_sync();
	return (void *)area->start;
}

void vunmap(const void *va)
{
	free_area(va, VMAP_BORROWED, false);
}

/* ---- devices ---- */

static void __iomem *map_device(phys_addr_t phys, size_t size, pgprot_t prot)
{
	phys_addr_t base = phys & PAGE_MASK;
	u64 len = PAGE_ALIGN(phys + size) - base;
	struct vma *area;

	if (!size || phys + size < phys)
		return NULL;
	area = vmap_area_alloc(len + PAGE_SIZE, VMAP_IO);
	if (!area)
		return NULL;
	for (u64 off = 0; off < len; off += PAGE_SIZE) {
		if (vmap_map_page(area->start + off, (base + off) >> PAGE_SHIFT, prot)) {
			vmap_unmap_range(area->start, area->end, false);
			vmap_area_free(area);
			return NULL;
		}
	}
	pt_sync();
	return (void __iomem *)(area->start + (phys - base));
}

void __iomem *ioremap(phys_addr_t phys, size_t size)
{
	return map_device(phys, size, PROT_KERNEL_DEVICE);
}

void __iomem *ioremap_wc(phys_addr_t phys, size_t size)
{
	return map_device(phys, size, PROT_KERNEL_NC);
}

void iounmap(volatile void __iomem *va)
{
	free_area((const void *)va, VMAP_IO, false);
}

/* ---- protection ---- */

static int set_protection(void *va, unsigned int pages, pgprot_t prot)
{
	vaddr_t start = (vaddr_t)va, end = start + ((u64)pages << PAGE_SHIFT);

	if (start & ~PAGE_MASK || !is_vmalloc_addr(va))
		return -EINVAL;
	for (vaddr_t at = start; at < end; at += PAGE_SIZE) {
		pte_t *ptep = pte_lookup(&init_mm, at);

		if (!ptep || !pte_present(read_pte(ptep)))
			return -ENOENT;
	}
	for (vaddr_t at = start; at < end; at += PAGE_SIZE) {
		pte_t *ptep = pte_lookup(&init_mm, at);
		pfn_t pfn = pte_pfn(read_pte(ptep));

		if (prot.v == PROT_KERNEL_RX.v)
			arch_sync_icache(phys_to_virt(pfn << PAGE_SHIFT), PAGE_SIZE);
		set_pte_nosync(ptep, pte_mk(pfn, prot));
	}
	tlb_flush_kernel(start, end);
	return 0;
}

int set_memory_ro(void *va, unsigned int pages)
{
	return set_protection(va, pages, PROT_KERNEL_RO);
}

int set_memory_rw(void *va, unsigned int pages)
{
	return set_protection(va, pages, PROT_KERNEL);
}

int set_memory_rx(void *va, unsigned int pages)
{
	return set_protection(va, pages, PROT_KERNEL_RX);
}

int set_memory_nx(void *va, unsigned int pages)
{
	return set_protection(va, pages, PROT_KERNEL);
}

u64 vmap_used_pages(void)
{
	return READ_ONCE(used_pages);
}
