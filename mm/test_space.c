/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Boot tests of address spaces: page tables, fault verdicts, copy on write, layout,
 * accounting. Each works on an mm of its own that no CPU ever loads.
 */
#include <kernel/boottest.h>
#include <kernel/time.h>
#include <lib/err.h>
#include <lib/string.h>
#include <linux/mman.h>
#include <mm/kasan.h>
#include <mm/page_owner.h>
#include "internal.h"

#define BASE    0x10000000UL
#define RW      (PROT_READ | PROT_WRITE)
#define FIXED   (MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED)

/* Maps n pages at a fixed place; reports and returns false if that fails. */
static bool map(struct mm *mm, vaddr_t at, u64 pages, unsigned int prot)
{
	u64 out = 0;
	int err = mm_map(mm, at, pages << PAGE_SHIFT, prot, FIXED, NULL, 0, &out);

	return bt_expect_eq(err, 0) && bt_expect_eq(out, at);
}

static pte_t entry(struct mm *mm, vaddr_t va)
{
	pte_t *ptep = pte_lookup(mm, va);

	return ptep ? read_pte(ptep) : PTE_NONE;
}

BOOT_TEST(mm, fault_verdicts)
{
	struct mm *mm = mm_alloc();

	bt_assert(mm);
	map(mm, BASE, 2, PROT_READ);
	map(mm, BASE + 4 * PAGE_SIZE, 1, PROT_NONE);
	bt_expect_eq(mm_fault(NULL, BASE, FAULT_READ), FAULT_SEGV_MAPERR);
	bt_expect_eq(mm_fault(mm, 0, FAULT_READ), FAULT_SEGV_MAPERR);
	bt_expect_eq(mm_fault(mm, BASE - 1, FAULT_READ), FAULT_SEGV_MAPERR);
	bt_expect_eq(mm_fault(mm, BASE + 2 * PAGE_SIZE, FAULT_READ), FAULT_SEGV_MAPERR);
	bt_expect_eq(mm_fault(mm, TASK_SIZE, FAULT_READ), FAULT_SEGV_MAPERR);
	bt_expect_eq(mm_fault(mm, PAGE_OFFSET, FAULT_WRITE), FAULT_SEGV_MAPERR);
	bt_expect_eq(mm_fault(mm, BASE, FAULT_WRITE), FAULT_SEGV_ACCERR);
	bt_expect_eq(mm_fault(mm, BASE, FAULT_EXEC), FAULT_SEGV_ACCERR);
	bt_expect_eq(mm_fault(mm, BASE + 4 * PAGE_SIZE, FAULT_READ), FAULT_SEGV_ACCERR);
	bt_expect_eq(mm_fault(mm, BASE + PAGE_SIZE, FAULT_READ), FAULT_OK);
	mm_put(mm);
}

BOOT_TEST(mm, zero_page_then_copy)
{
	struct mm *mm = mm_alloc();

	bt_assert(mm);
	map(mm, BASE, 1, RW);
	bt_expect_eq(mm_fault(mm, BASE, FAULT_READ), FAULT_OK);
	bt_expect_eq(pte_pfn(entry(mm, BASE)), zero_pfn);
	bt_expect(!pte_write(entry(mm, BASE)));
	bt_expect_eq(mm->rss[MM_ANON], 0);
	bt_expect_eq(mm_fault(mm, BASE, FAULT_WRITE), FAULT_OK);
	bt_expect(pte_pfn(entry(mm, BASE)) != zero_pfn && pte_write(entry(mm, BASE)));
	bt_expect_eq(mm->rss[MM_ANON], 1);
	mm_put(mm);
}

BOOT_TEST(mm, walk_over_l0_511)
{
	struct mm *mm = mm_alloc();
	static const vaddr_t spots[] = { 0x10000, 1UL << 39, (1UL << 47) + (3UL << 30),
					 STACK_TOP - PAGE_SIZE };
	u32 word;

	bt_assert(mm);
	for (u32 i = 0; i < ARRAY_SIZE(spots); i++) {
		map(mm, spots[i], 1, RW);
		word = i;
		bt_expect_eq(mm_access(mm, spots[i], &word, 4, MM_ACCESS_WRITE), 4);
	}
	bt_expect_eq(pt_index(0, spots[3]), 511);
	struct mm *child = mm_dup(mm);

	bt_assert(!IS_ERR(child));
	for (u32 i = 0; i < ARRAY_SIZE(spots); i++) {
		bt_expect(pte_same(entry(child, spots[i]), entry(mm, spots[i])));
		bt_expect_eq(mm_access(child, spots[i], &word, 4, 0), 4);
		bt_expect_eq(word, i);
	}
	bt_expect_eq(child->table_pages, mm->table_pages);
	mm_put(child);
	bt_expect_eq(mm_unmap(mm, 0, TASK_SIZE), 0);
	bt_expect_eq(mm->table_pages, 0);
	bt_expect_eq(mm->map_count, 0);
	mm_put(mm);
}

BOOT_TEST(mm, fork_copy_on_write)
{
	struct mm *mm = mm_alloc(), *child;
	u64 value = 1;
	pfn_t pfn;

	bt_assert(mm);
	map(mm, BASE, 1, RW);
	bt_expect_eq(mm_access(mm, BASE, &value, 8, MM_ACCESS_WRITE), 8);
	pfn = pte_pfn(entry(mm, BASE));
	child = mm_dup(mm);
	bt_assert(!IS_ERR(child));
	bt_expect_eq(pte_pfn(entry(child, BASE)), pfn);
	bt_expect(!pte_write(entry(mm, BASE)) && !pte_write(entry(child, BASE)));
	bt_expect_eq(page_count(pfn_to_page(pfn)), 2);

	value = 2;
	bt_expect_eq(mm_access(child, BASE + 8, &value, 8, MM_ACCESS_WRITE), 8);
	bt_expect(pte_pfn(entry(child, BASE)) != pfn);
	bt_expect_eq(mm_access(child, BASE, &value, 8, 0), 8);
	bt_expect_eq(value, 1);			/* the rest of the page came along */
	bt_expect_eq(mm_access(mm, BASE + 8, &value, 8, 0), 8);
	bt_expect_eq(value, 0);

	/* Sole owner again: no copy. */
	bt_expect_eq(mm_fault(mm, BASE, FAULT_WRITE), FAULT_OK);
	bt_expect_eq(pte_pfn(entry(mm, BASE)), pfn);
	bt_expect(pte_write(entry(mm, BASE)));
	mm_put(child);
	mm_put(mm);
}

BOOT_TEST(mm, fork_flags)
{
	struct mm *mm = mm_alloc(), *child;
	struct vma *vma;
	u64 value = 7;

	bt_assert(mm);
	map(mm, BASE, 1, RW);
	map(mm, BASE + 8 * PAGE_SIZE, 1, RW);
	mm_access(mm, BASE, &value, 8, MM_ACCESS_WRITE);
	down_write(&mm->mmap_lock);
	vma = mm_find_vma(mm, BASE);
	vma->flags |= VM_WIPEONFORK;
	vma_next(vma)->flags |= VM_DONTCOPY;
	up_write(&mm->mmap_lock);
	child = mm_dup(mm);
	bt_assert(!IS_ERR(child));
	bt_expect_eq(child->map_count, 1);
	bt_expect_eq(child->total_vm, 1);
	bt_expect_eq(mm_access(child, BASE, &value, 8, 0), 8);
	bt_expect_eq(value, 0);
	mm_put(child);
	mm_put(mm);
}

BOOT_TEST(mm, split_and_merge)
{
	struct mm *mm = mm_alloc();
	u64 committed = mm_committed();

	bt_assert(mm);
	map(mm, BASE, 8, RW);
	bt_expect_eq(mm->map_count, 1);
	bt_expect_eq(mm_protect(mm, BASE + 2 * PAGE_SIZE, 2 * PAGE_SIZE, PROT_READ), 0);
	bt_expect_eq(mm->map_count, 3);
	bt_expect_eq(mm_protect(mm, BASE + 2 * PAGE_SIZE, 2 * PAGE_SIZE, RW), 0);
	bt_expect_eq(mm->map_count, 1);
	bt_expect_eq(mm_unmap(mm, BASE + 3 * PAGE_SIZE, PAGE_SIZE), 0);
	bt_expect_eq(mm->map_count, 2);
	bt_expect_eq(mm->total_vm, 7);
	bt_expect_eq(mm_committed(), committed + 7);
	bt_expect_eq(mm_protect(mm, BASE, 8 * PAGE_SIZE, PROT_READ), -ENOMEM);
	map(mm, BASE + 3 * PAGE_SIZE, 1, PROT_READ);
	bt_expect_eq(mm->total_vm, 8);
	mm_put(mm);
}

BOOT_TEST(mm, protect_takes_effect)
{
	struct mm *mm = mm_alloc();

	bt_assert(mm);
	map(mm, BASE, 1, RW);
	bt_expect_eq(mm_fault(mm, BASE, FAULT_WRITE), FAULT_OK);
	bt_expect_eq(mm_protect(mm, BASE, PAGE_SIZE, PROT_READ), 0);
	bt_expect(!pte_write(entry(mm, BASE)));
	bt_expect_eq(mm_fault(mm, BASE, FAULT_WRITE), FAULT_SEGV_ACCERR);
	bt_expect_eq(mm_protect(mm, BASE, PAGE_SIZE, PROT_NONE), 0);
	bt_expect(pte_present(entry(mm, BASE)) && !pte_valid(entry(mm, BASE)));
	bt_expect_eq(mm_protect(mm, BASE, PAGE_SIZE, RW), 0);
	bt_expect(pte_write(entry(mm, BASE)));
	mm_put(mm);
}

BOOT_TEST(mm, map_errors)
{
	struct mm *mm = mm_alloc();
	u64 out;

	bt_assert(mm);
	map(mm, BASE, 1, RW);
	bt_expect_eq(mm_map(mm, 0, 0, RW, MAP_PRIVATE | MAP_ANONYMOUS, NULL, 0, &out), -EINVAL);
	bt_expect_eq(mm_map(mm, 0, PAGE_SIZE, RW, MAP_ANONYMOUS, NULL, 0, &out), -EINVAL);
	bt_expect_eq(mm_map(mm, 0, TASK_SIZE, RW, MAP_PRIVATE | MAP_ANONYMOUS, NULL, 0, &out),
		     -ENOMEM);
	bt_expect_eq(mm_map(mm, BASE + 1, PAGE_SIZE, RW, FIXED, NULL, 0, &out), -EINVAL);
	bt_expect_eq(mm_map(mm, BASE, PAGE_SIZE, RW, FIXED | MAP_FIXED_NOREPLACE, NULL, 0, &out),
		     -EEXIST);
	bt_expect_eq(mm_unmap(mm, BASE + 1, PAGE_SIZE), -EINVAL);
	bt_expect_eq(mm_unmap(mm, BASE, 0), -EINVAL);
	bt_expect_eq(mm_unmap(mm, TASK_SIZE, PAGE_SIZE), -EINVAL);
	mm_put(mm);
}

BOOT_TEST(mm, placement_is_top_down)
{
	struct mm *mm = mm_alloc();
	unsigned int how = MAP_PRIVATE | MAP_ANONYMOUS;
	u64 a = 0, b = 0, c = 0;

	bt_assert(mm);
	bt_expect_eq(mm_map(mm, 0, PAGE_SIZE, RW, how, NULL, 0, &a), 0);
	bt_expect_eq(mm_map(mm, 0, 3 * PAGE_SIZE, PROT_READ, how, NULL, 0, &b), 0);
	bt_expect_eq(a, mm->mmap_base - PAGE_SIZE);
	bt_expect_eq(b, a - 3 * PAGE_SIZE);
	bt_expect_eq(mm_unmap(mm, a, PAGE_SIZE), 0);
	bt_expect_eq(mm_map(mm, 0, PAGE_SIZE, RW, how, NULL, 0, &c), 0);
	bt_expect_eq(c, a);
	bt_expect_eq(mm_map(mm, BASE + 5, PAGE_SIZE, RW, how, NULL, 0, &c), 0);
	bt_expect_eq(c, BASE + PAGE_SIZE);
	mm_put(mm);
}

BOOT_TEST(mm, stack_grows_to_the_gap)
{
	struct mm *mm = mm_alloc();
	vaddr_t top, low;
	struct vma *vma;

	bt_assert(mm);
	bt_assert(bt_expect_eq(mm_setup_stack(mm, 0, &top), 0));
	bt_expect_eq(pt_index(0, top - 1), 511);
	bt_expect_eq(mm_fault(mm, top - 8, FAULT_WRITE), FAULT_OK);
	bt_expect_eq(mm_fault(mm, top - (1UL << 20), FAULT_WRITE), FAULT_OK);
	down_read(&mm->mmap_lock);
	vma = mm_find_vma(mm, top - 1);
	low = vma ? vma->start : 0;
	up_read(&mm->mmap_lock);
	bt_expect_eq(low, top - (1UL << 20));

	bt_expect_eq(mm_fault(mm, top - (16UL << 20), FAULT_WRITE), FAULT_SEGV_MAPERR);
	/* A mapping just beyond the guard gap stops the growth there. */
	map(mm, low - STACK_GUARD_GAP - 2 * PAGE_SIZE, 1, RW);
	bt_expect_eq(mm_fault(mm, low - PAGE_SIZE, FAULT_WRITE), FAULT_OK);
	bt_expect_eq(mm_fault(mm, low - 2 * PAGE_SIZE, FAULT_WRITE), FAULT_SEGV_MAPERR);
	bt_expect_eq(mm_fault(mm, top - (1UL << 40), FAULT_WRITE), FAULT_SEGV_MAPERR);
	mm_put(mm);
}

BOOT_TEST(mm, brk_moves)
{
	struct mm *mm = mm_alloc();
	u8 byte = 1;

	bt_assert(mm);
	mm_set_brk(mm, BASE);
	bt_expect_eq(mm_brk(mm, 0), BASE);
	bt_expect_eq(mm_brk(mm, BASE + 10000), BASE + 10000);
	bt_expect_eq(mm->total_vm, 3);
	bt_expect_eq(mm_access(mm, BASE + 9999, &byte, 1, MM_ACCESS_WRITE), 1);
	bt_expect_eq(mm_brk(mm, BASE + 20000), BASE + 20000);
	bt_expect_eq(mm->map_count, 1);
	bt_expect_eq(mm_brk(mm, BASE + 10), BASE + 10);
	bt_expect_eq(mm->rss[MM_ANON], 0);
	bt_expect_eq(mm_brk(mm, BASE - 1), BASE + 10);
	map(mm, BASE + 4 * PAGE_SIZE, 1, RW);
	bt_expect_eq(mm_brk(mm, BASE + 5 * PAGE_SIZE), BASE + 10);
	mm_put(mm);
}

BOOT_TEST(mm, remote_access)
{
	struct mm *mm = mm_alloc();
	static char text[3 * PAGE_SIZE], back[3 * PAGE_SIZE];

	bt_assert(mm);
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)(i * 7);
	map(mm, BASE, 3, PROT_READ);
	bt_expect_eq(mm_access(mm, BASE, text, 4, MM_ACCESS_WRITE), -EFAULT);
	bt_expect_eq(mm_access(mm, BASE + 100, text, sizeof(text), MM_ACCESS_WRITE |
			       MM_ACCESS_FORCE), (s64)sizeof(text) - 100);
	bt_expect_eq(mm_access(mm, BASE + 100, back, sizeof(back) - 100, 0),
		     (s64)sizeof(back) - 100);
	bt_expect(!memcmp(text, back, sizeof(back) - 100));
	bt_expect(!pte_write(entry(mm, BASE)));
	bt_expect_eq(mm_access(mm, 0x1000, back, 4, 0), -EFAULT);
	mm_put(mm);
}

BOOT_TEST(mm, everything_returns)
{
	u64 before, committed, free_after[2], since = 0;

	for (unsigned int round = 0; round < 2; round++) {
		since = (u64)ktime_get();
		committed = mm_committed();
		before = page_stat_read(STAT_ANON) + page_stat_read(STAT_TABLES);
		for (unsigned int i = 0; i < 50; i++) {
			struct mm *mm = mm_alloc(), *child;

			bt_assert(mm);
			map(mm, BASE, 64, RW);
			map(mm, STACK_TOP - 64 * PAGE_SIZE, 64, RW);
			bt_expect_eq(mm_populate(mm, BASE, 64 * PAGE_SIZE), 0);
			child = mm_dup(mm);
			bt_assert(!IS_ERR(child));
			bt_expect_eq(child->rss[MM_ANON], 64);
			mm_fault(child, BASE, FAULT_WRITE);
			mm_put(mm);
			mm_put(child);
		}
		bt_expect_eq(page_stat_read(STAT_ANON) + page_stat_read(STAT_TABLES), before);
		bt_expect_eq(mm_committed(), committed);
		if (IS_ENABLED(CONFIG_KASAN))
			kasan_quarantine_flush(NULL);
		free_after[round] = nr_free_pages();
	}
	if (!bt_expect(abs_diff(free_after[0], free_after[1]) <= 16) &&
	    IS_ENABLED(CONFIG_PAGE_OWNER))
		page_owner_leaks(since, 20);
}

BOOT_TEST(mm, overcommit_policies)
{
	int saved = sysctl_overcommit_memory;
	u64 committed = mm_committed();

	sysctl_overcommit_memory = 0;
	bt_expect_eq(mm_commit((long)totalram_pages + 1), -ENOMEM);
	sysctl_overcommit_memory = 1;
	bt_expect_eq(mm_commit((long)totalram_pages + 1), 0);
	mm_commit(-((long)totalram_pages + 1));
	sysctl_overcommit_memory = 2;
	bt_expect_eq(mm_commit((long)mm_commit_limit() + 1), -ENOMEM);
	bt_expect_eq(mm_committed(), committed);
	sysctl_overcommit_memory = saved;
}
