/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Page tables: growing, walking and freeing over the whole user half, L0[0..511].
 */
#include "support.h"
#include <arch/tlb.h>
#include <string.h>

static struct mm mm;

static void setup_mm(void)
{
	memset(&mm, 0, sizeof(mm));
	INIT_LIST_HEAD(&mm.tables);
	INIT_LIST_HEAD(&mm.vmas);
	mm.pgd = get_zeroed_page(GFP_KERNEL);
	assert_non_null(mm.pgd);
}

static vaddr_t random_va(void)
{
	u64 va = ((u64)rnd(1 << 18) << 30 | rnd(1 << 30)) & (TASK_SIZE - 1);

	/* Often near one another, so that tables are shared. */
	if (rnd(2))
		va = (va & 0x3fffffff) | (rnd(2) ? 0xffffc0000000UL : 0);
	return va & PAGE_MASK;
}

static void test_lookup(void **state)
{
	enum { N = 300 };
	static vaddr_t va[N];
	static pte_t *entry[N];
	u64 before;

	setup_mm();
	before = nr_free_pages();
	for (unsigned int i = 0; i < N; i++) {
		va[i] = random_va();
		entry[i] = pte_lookup_alloc(&mm, va[i], GFP_KERNEL);
		assert_non_null(entry[i]);
		set_pte(entry[i], pte_mk(va[i] >> PAGE_SHIFT, vm_prot(VM_READ)));
	}
	for (unsigned int i = 0; i < N; i++) {
		assert_ptr_equal(pte_lookup(&mm, va[i]), entry[i]);
		assert_int_equal(pte_pfn(read_pte(entry[i])), va[i] >> PAGE_SHIFT);
	}
	assert_int_equal(before - nr_free_pages(), mm.table_pages);
	tables_free_all(&mm);
	assert_int_equal(nr_free_pages(), before);
}

static void test_walk_finds_all(void **state)
{
	static const vaddr_t spots[] = { 0, 0x200000, 0x3ff000, 1UL << 30, 1UL << 39,
		(511UL << 39) - PAGE_SIZE, 511UL << 39, TASK_SIZE - PAGE_SIZE };
	vaddr_t va = 0;
	pte_t *ptep;

	setup_mm();
	for (unsigned int i = 0; i < ARRAY_SIZE(spots); i++)
		assert_non_null(pte_lookup_alloc(&mm, spots[i], GFP_KERNEL));
	for (unsigned int i = 0; i < ARRAY_SIZE(spots);) {
		va = pte_next_table(&mm, va, TASK_SIZE, &ptep);
		assert_true(va < TASK_SIZE);
		assert_int_equal(va >> 21, spots[i] >> 21);
		assert_ptr_equal(ptep, pte_lookup(&mm, va));
		while (i < ARRAY_SIZE(spots) && spots[i] >> 21 == va >> 21)
			i++;
		va = ALIGN(va + 1, 1UL << 21);
	}
	assert_int_equal(pte_next_table(&mm, va, TASK_SIZE, &ptep), TASK_SIZE);
	tables_free_all(&mm);
}

static void test_free_range(void **state)
{
	u64 before;

	setup_mm();
	before = nr_free_pages();
	pte_lookup_alloc(&mm, 0x400000, GFP_KERNEL);
	pte_lookup_alloc(&mm, 0x600000, GFP_KERNEL);
	pte_lookup_alloc(&mm, STACK_TOP - PAGE_SIZE, GFP_KERNEL);
	assert_int_equal(mm.table_pages, 7);

	/* A neighbour in the same leaf table keeps it. */
	tables_free_range(&mm, 0x400000, 0x401000, 0, 0x402000);
	assert_int_equal(mm.table_pages, 7);
	tables_free_range(&mm, 0x400000, 0x401000, 0, 0x600000);
	assert_int_equal(mm.table_pages, 6);
	assert_null(pte_lookup(&mm, 0x400000));
	assert_non_null(pte_lookup(&mm, 0x600000));
	tables_free_range(&mm, 0x600000, 0x601000, 0, STACK_TOP - PAGE_SIZE);
	assert_int_equal(mm.table_pages, 3);
	assert_non_null(pte_lookup(&mm, STACK_TOP - PAGE_SIZE));
	tables_free_range(&mm, STACK_TOP - PAGE_SIZE, STACK_TOP, 0, TASK_SIZE);
	assert_int_equal(mm.table_pages, 0);
	assert_int_equal(nr_free_pages(), before);
	assert_true(host_tlb_flushes >= 3);
	for (unsigned int i = 0; i < PT_ENTRIES; i++)
		assert_true(pte_none(mm.pgd[i]));
}

static void test_protection(void **state)
{
	pte_t rw = pte_mk(5, vm_prot(VM_READ | VM_WRITE)), none = pte_mk(5, vm_prot(0));

	assert_true(pte_valid(rw) && pte_write(rw) && !pte_exec(rw) && pte_user(rw));
	assert_true(!pte_valid(none) && pte_present(none) && !pte_write(none));
	assert_false(pte_write(pte_wrprotect(rw)));
	assert_int_equal(pte_pfn(pte_modify(rw, vm_prot(VM_READ | VM_EXEC))), 5);
	assert_true(pte_exec(pte_modify(rw, vm_prot(VM_READ | VM_EXEC))));
	assert_true(pte_special(pte_modify(pte_mkspecial(rw), vm_prot(0))));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lookup), cmocka_unit_test(test_walk_finds_all),
		cmocka_unit_test(test_free_range), cmocka_unit_test(test_protection),
	};

	host_boot(false);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
