/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * memblock: two sorted tables of physical ranges, RAM and reserved, and the early
 * allocator that looks for the highest hole between them.
 */
#include <kernel/panic.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/memblock.h>
#include <mm/page.h>
#include "internal.h"

#define MEMBLOCK_MAX 128

struct region_table {
	unsigned int nr;
	struct mem_region r[MEMBLOCK_MAX];
};

static struct region_table ram, reserved;
static bool handed_over;

static void table_delete(struct region_table *t, unsigned int i)
{
	memmove(&t->r[i], &t->r[i + 1], (t->nr - i - 1) * sizeof(t->r[0]));
	t->nr--;
}

static void table_insert(struct region_table *t, unsigned int i, phys_addr_t base,
			 phys_addr_t size)
{
	if (t->nr == MEMBLOCK_MAX)
		panic("memblock: more than %d %s ranges", MEMBLOCK_MAX,
		      t == &ram ? "RAM" : "reserved");
	memmove(&t->r[i + 1], &t->r[i], (t->nr - i) * sizeof(t->r[0]));
	t->r[i].base = base;
	t->r[i].size = size;
	t->nr++;
}

/* Adds [base, end) and swallows every range it overlaps or touches. */
static void table_add(struct region_table *t, phys_addr_t base, phys_addr_t end)
{
	unsigned int i = 0;

	while (i < t->nr && t->r[i].base + t->r[i].size < base)
		i++;
	while (i < t->nr && t->r[i].base <= end) {
		base = min(base, t->r[i].base);
		end = max(end, t->r[i].base + t->r[i].size);
		table_delete(t, i);
	}
	table_insert(t, i, base, end - base);
}

static void table_cut(struct region_table *t, phys_addr_t base, phys_addr_t end)
{
	for (unsigned int i = 0; i < t->nr;) {
		phys_addr_t s = t->r[i].base, e = s + t->r[i].size;

		if (e <= base || s >= end) {
			i++;
			continue;
		}
		table_delete(t, i);
		if (s < base)
			table_insert(t, i++, s, base - s);
		if (e > end)
			table_insert(t, i++, end, e - end);
	}
}

static phys_addr_t range_end(phys_addr_t base, phys_addr_t size)
{
	phys_addr_t end;

	return check_add_overflow(base, size, &end) ? ALIGN_DOWN(U64_MAX, PAGE_SIZE) : end;
}

void memblock_add(phys_addr_t base, phys_addr_t size)
{
	phys_addr_t end = ALIGN_DOWN(range_end(base, size), PAGE_SIZE);

	base = ALIGN(base, PAGE_SIZE);
	if (base < end)
		table_add(&ram, base, end);
}

void memblock_reserve(phys_addr_t base, phys_addr_t size)
{
	if (size)
		table_add(&reserved, base, range_end(base, size));
}

void memblock_remove(phys_addr_t base, phys_addr_t size)
{
	phys_addr_t end = ALIGN(range_end(base, size), PAGE_SIZE);

	table_cut(&ram, ALIGN_DOWN(base, PAGE_SIZE), end);
}

void memblock_limit(phys_addr_t limit)
{
	phys_addr_t seen = 0;

	limit = ALIGN_DOWN(limit, PAGE_SIZE);
	for (unsigned int i = 0; i < ram.nr; i++) {
		if (seen + ram.r[i].size > limit) {
			phys_addr_t keep = ram.r[i].base + (limit - seen);

			table_cut(&ram, keep, ALIGN_DOWN(U64_MAX, PAGE_SIZE));
			return;
		}
		seen += ram.r[i].size;
	}
}

/* The highest aligned place for size bytes in [lo, hi) that is not reserved, or 0. */
static phys_addr_t find_hole(phys_addr_t lo, phys_addr_t hi, phys_addr_t size, phys_addr_t align)
{
	for (unsigned int i = reserved.nr + 1; i-- > 0;) {
		phys_addr_t s = i ? range_end(reserved.r[i - 1].base, reserved.r[i - 1].size) : 0;
		phys_addr_t e = i < reserved.nr ? reserved.r[i].base : U64_MAX;

		s = max(s, lo);
		e = min(e, hi);
		if (e < s || e - s < size)
			continue;
		e = ALIGN_DOWN(e - size, align);
		if (e >= s)
			return e;
	}
	return 0;
}

phys_addr_t memblock_alloc_below(phys_addr_t size, phys_addr_t align, phys_addr_t max)
{
	if (handed_over)
		panic("memblock: allocation after the page allocator took over");
	for (unsigned int i = ram.nr; i-- > 0;) {
		phys_addr_t lo = ram.r[i].base, hi = min(lo + ram.r[i].size, max);
		phys_addr_t at;

		if (!lo)
			lo = PAGE_SIZE;
		at = lo < hi ? find_hole(lo, hi, size, align) : 0;
		if (at) {
			memblock_reserve(at, size);
			return at;
		}
	}
	panic("memblock: no %llu bytes aligned to %llu below %#llx in %llu KB of RAM",
	      (unsigned long long)size, (unsigned long long)align, (unsigned long long)max,
	      (unsigned long long)(memblock_total() >> 10));
}

phys_addr_t memblock_alloc(phys_addr_t size, phys_addr_t align)
{
	return memblock_alloc_below(size, align, U64_MAX);
}

void memblock_free(phys_addr_t base, phys_addr_t size)
{
	if (!handed_over) {
		table_cut(&reserved, base, range_end(base, size));
		return;
	}
	phys_addr_t start = ALIGN(base, PAGE_SIZE);
	phys_addr_t end = ALIGN_DOWN(range_end(base, size), PAGE_SIZE);

	if (start < end)
		page_alloc_release(start, end - start);
}

int memblock_ram(unsigned int index, struct mem_region *out)
{
	if (index >= ram.nr)
		return -ENOENT;
	*out = ram.r[index];
	return 0;
}

int memblock_reserved(unsigned int index, struct mem_region *out)
{
	if (index >= reserved.nr)
		return -ENOENT;
	*out = reserved.r[index];
	return 0;
}

phys_addr_t memblock_start(void)
{
	return ram.nr ? ram.r[0].base : 0;
}

phys_addr_t memblock_end(void)
{
	return ram.nr ? ram.r[ram.nr - 1].base + ram.r[ram.nr - 1].size : 0;
}

phys_addr_t memblock_total(void)
{
	phys_addr_t sum = 0;

	for (unsigned int i = 0; i < ram.nr; i++)
		sum += ram.r[i].size;
	return sum;
}

/*
 * The first run of whole free frames at or after *pfn; false past the end of RAM.
 * Reserved ranges count with every frame they touch.
 */
bool memblock_next_free(pfn_t *pfn, pfn_t *end)
{
	for (unsigned int i = 0; i < ram.nr; i++) {
		pfn_t s = max(*pfn, ram.r[i].base >> PAGE_SHIFT);
		pfn_t e = (ram.r[i].base + ram.r[i].size) >> PAGE_SHIFT;

		for (unsigned int j = 0; j < reserved.nr && s < e; j++) {
			pfn_t rs = reserved.r[j].base >> PAGE_SHIFT;
			pfn_t re = (range_end(reserved.r[j].base, reserved.r[j].size) +
				    PAGE_SIZE - 1) >> PAGE_SHIFT;

			if (re <= s)
				continue;
			if (rs > s) {
				e = min(e, rs);
				break;
			}
			s = re;
		}
		if (s < e) {
			*pfn = s;
			*end = e;
			return true;
		}
	}
	return false;
}

void memblock_hand_over(void)
{
	handed_over = true;
}
