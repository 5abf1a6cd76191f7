/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Kernel stacks: four pages in the vmap area over a page that is never mapped, so that
 * an overflow faults instead of writing over a neighbour. A few freed stacks stay
 * mapped, per CPU, for the next fork.
 */
#include <arch/irqflags.h>
#include <kernel/cpu.h>
#include <kernel/fault_inject.h>
#include <mm/vmap.h>
#include "vmap.h"

#define STACK_PAGES  (KSTACK_SIZE >> PAGE_SHIFT)
#define CACHED_MAX   4

/* Only by its CPU, interrupts off. */
struct stack_cache {
	u32 count;
	void *stack[CACHED_MAX];
};
static DEFINE_PER_CPU(struct stack_cache, stack_caches);

static void *stack_create(void)
{
	struct vma *area = vmap_area_alloc(PAGE_SIZE + KSTACK_SIZE, VMAP_STACK);
	vaddr_t base;

	if (!area)
		return NULL;
	base = area->start + PAGE_SIZE;
	for (unsigned int i = 0; i < STACK_PAGES; i++) {
		vaddr_t va = base + ((u64)i << PAGE_SHIFT);
		struct page *page = page_alloc(GFP_KERNEL, 0);

		if (!page || vmap_map_page(va, page_to_pfn(page), PROT_KERNEL)) {
			if (page)
				page_put(page);
			vmap_unmap_range(base, va, true);
			vmap_area_free(area);
			return NULL;
		}
	}
	pt_sync();
	page_stat_add(STAT_KSTACK, STACK_PAGES);
	return (void *)base;
}

void *kstack_alloc(void)
{
	struct stack_cache *cache;
	unsigned long flags;
	void *stack = NULL;

	if (should_fail())
		return NULL;
	local_irq_save(flags);
	cache = this_cpu_ptr(stack_caches);
	if (cache->count)
		stack = cache->stack[--cache->count];
	local_irq_restore(flags);
	return stack ? stack : stack_create();
}

void kstack_free(void *stack)
{
	struct stack_cache *cache;
	unsigned long flags;
	struct vma *area;

	if (!stack)
		return;
	local_irq_save(flags);
	cache = this_cpu_ptr(stack_caches);
	if (cache->count < CACHED_MAX) {
		cache->stack[cache->count++] = stack;
		stack = NULL;
	}
	local_irq_restore(flags);
	if (!stack)
		return;
	area = vmap_area_find((vaddr_t)stack);
	vmap_unmap_range((vaddr_t)stack, (vaddr_t)stack + KSTACK_SIZE, true);
	page_stat_add(STAT_KSTACK, -(long)STACK_PAGES);
	vmap_area_free(area);
}

/*
 * No lock: this runs when a stack has just overflowed. A guard page is an unmapped
 * page of the vmap area whose next page is mapped.
 */
bool kstack_is_guard(u64 va)
{
	pte_t *here, *above;

	if (va < VMAP_START || va >= VMAP_END - PAGE_SIZE)
		return false;
	here = pte_lookup(&init_mm, va);
	above = pte_lookup(&init_mm, (va & PAGE_MASK) + PAGE_SIZE);
	return (!here || pte_none(read_pte(here))) && above && pte_present(read_pte(above));
}
