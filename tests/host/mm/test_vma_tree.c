/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tree of mappings against a model: a map of pages, searched the slow way.
 */
#include "support.h"
#include <string.h>

#define PAGES 512
#define LIMIT ((vaddr_t)PAGES << PAGE_SHIFT)

static struct mm mm;
static struct vma *at_page[PAGES];
static unsigned int nr;

static void add(unsigned int first, unsigned int n)
{
	struct vma *vma;

	for (unsigned int i = first; i < first + n; i++)
		if (i >= PAGES || at_page[i])
			return;
	vma = calloc(1, sizeof(*vma));
	vma->mm = &mm;
	vma->start = (vaddr_t)first << PAGE_SHIFT;
	vma->end = (vaddr_t)(first + n) << PAGE_SHIFT;
	if (!list_empty(&mm.vmas) && vma->start >= list_last_entry(&mm.vmas, struct vma,
								     link)->end && rnd(2))
		vma_tree_append(&mm, vma);
	else
		vma_tree_insert(&mm, vma);
	for (unsigned int i = first; i < first + n; i++)
		at_page[i] = vma;
	nr++;
}

static void drop(struct vma *vma)
{
	vma_tree_erase(&mm, vma);
	for (u64 i = vma->start >> PAGE_SHIFT; i < vma->end >> PAGE_SHIFT; i++)
		at_page[i] = NULL;
	free(vma);
	nr--;
}

/* Cuts pages off either end. */
static void shrink(struct vma *vma)
{
	u64 first = vma->start >> PAGE_SHIFT, end = vma->end >> PAGE_SHIFT;

	if (end - first < 3)
		return;
	at_page[first] = at_page[end - 1] = NULL;
	vma_tree_resize(&mm, vma, (first + 1) << PAGE_SHIFT, (end - 1) << PAGE_SHIFT);
}

static bool room(u64 first, u64 n)
{
	for (u64 i = first; i < first + n; i++)
		if (i >= PAGES || at_page[i])
			return false;
	return true;
}

static void compare_gaps(void)
{
	u64 n = 1 + rnd(20), lo = rnd(PAGES), hi = lo + rnd((u32)(PAGES - lo) + 1);
	vaddr_t low = vma_tree_gap_low(&mm, n << PAGE_SHIFT, lo << PAGE_SHIFT, hi << PAGE_SHIFT);
	vaddr_t high = vma_tree_gap_high(&mm, n << PAGE_SHIFT, lo << PAGE_SHIFT, hi << PAGE_SHIFT);
	s64 want_low = -1, want_high = -1;

	for (u64 i = lo; i + n <= hi; i++)
		if (room(i, n)) {
			if (want_low < 0)
				want_low = (s64)i;
			want_high = (s64)i;
		}
	if (want_low < 0) {
		assert_true((s64)low == -ENOMEM && (s64)high == -ENOMEM);
	} else {
		assert_int_equal(low >> PAGE_SHIFT, want_low);
		assert_int_equal(high >> PAGE_SHIFT, want_high);
	}
}

static void compare_find(void)
{
	u32 page = rnd(PAGES);
	struct vma *want = NULL;

	for (u32 i = page; i < PAGES && !want; i++)
		want = at_page[i];
	assert_ptr_equal(vma_tree_find(&mm, ((vaddr_t)page << PAGE_SHIFT) + rnd(PAGE_SIZE)), want);
}

static void compare_order(void)
{
	struct vma *vma;
	vaddr_t last = 0;
	unsigned int n = 0;

	list_for_each_entry(vma, &mm.vmas, link) {
		assert_true(vma->start >= last && vma->start < vma->end);
		last = vma->end;
		n++;
	}
	assert_int_equal(n, nr);
}

static void test_model(void **state)
{
	for (unsigned int step = 0; step < 200000; step++) {
		u32 page = rnd(PAGES);

		switch (rnd(5)) {
		case 0:
			if (at_page[page])
				drop(at_page[page]);
			break;
		case 1:
			if (at_page[page])
				shrink(at_page[page]);
			break;
		default:
			add(page, 1 + rnd(12));
		}
		compare_gaps();
		compare_find();
		if (!(step % 64))
			compare_order();
	}
	while (!list_empty(&mm.vmas))
		drop(list_first_entry(&mm.vmas, struct vma, link));
	assert_null(mm.vma_tree.rb_node);
}

/* The place below a stack is left free. */
static void test_stack_gap(void **state)
{
	struct vma stack = { .mm = &mm, .flags = VM_GROWSDOWN };

	stack.start = 2 * STACK_GUARD_GAP;
	stack.end = stack.start + PAGE_SIZE;
	vma_tree_insert(&mm, &stack);
	assert_int_equal(vma_tree_gap_high(&mm, PAGE_SIZE, 0, stack.end),
			 STACK_GUARD_GAP - PAGE_SIZE);
	assert_int_equal(vma_tree_gap_low(&mm, 2 * STACK_GUARD_GAP, 0, TASK_SIZE), stack.end);
	vma_tree_erase(&mm, &stack);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_model), cmocka_unit_test(test_stack_gap),
	};

	INIT_LIST_HEAD(&mm.vmas);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
