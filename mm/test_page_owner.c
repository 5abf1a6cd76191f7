/* SPDX-License-Identifier: BSD-2-Clause */
/* Boot tests (test=page_owner) of CONFIG_PAGE_OWNER. */
#include <kernel/boottest.h>
#include <kernel/preempt.h>
#include <kernel/sections.h>
#include <kernel/time.h>
#include <lib/printf.h>
#include <lib/string.h>
#include <mm/page_owner.h>
#include "page_owner.h"

/* Is the call with this name in the stack? */
static bool stack_has(const u32 *stack, const char *name)
{
	char text[96];

	for (unsigned int i = 0; i < PAGE_OWNER_DEPTH && stack[i]; i++) {
		scnprintf(text, sizeof(text), "%ps", (void *)(_text + stack[i]));
		if (!strcmp(text, name))
			return true;
	}
	return false;
}

static noinline struct page *owner_test_alloc(unsigned int order)
{
	struct page *page = page_alloc(GFP_KERNEL | GFP_ZERO, order);

	barrier();	/* no tail call */
	return page;
}

static noinline void owner_test_free(struct page *page, unsigned int order)
{
	page_free(page, order);
	barrier();
}

/* What is known of the frame, in use or not. */
static bool record_of(const struct page *page, struct page_owner *out)
{
	return page_owner_next(page_to_pfn(page), out) == page_to_pfn(page);
}

BOOT_TEST(page_owner, says_who)
{
	u64 before = (u64)ktime_get();
	struct page *page = owner_test_alloc(3);
	struct page_owner owner;

	bt_assert(page);
	bt_assert(record_of(page, &owner));
	bt_expect_eq(owner.order, 3);
	bt_expect_eq(owner.gfp, GFP_KERNEL | GFP_ZERO);
	bt_expect_eq(owner.tid, current->tid);
	bt_expect(!strcmp(owner.comm, current->comm));
	bt_expect(owner.alloc_ns >= before && owner.alloc_ns <= (u64)ktime_get());
	if (IS_ENABLED(CONFIG_KALLSYMS)) {
		bt_expect(stack_has(owner.alloc_stack, "owner_test_alloc"));
		bt_expect(stack_has(owner.alloc_stack, "bt_page_owner_says_who"));
	}
	/* The frames behind the first are not blocks of their own, till the first is free. */
	bt_expect(!record_of(page + 1, &owner));
	bt_expect(!record_of(page + 7, &owner));
	owner_test_free(page, 2);
	bt_expect(!record_of(page, &owner));
	bt_expect(!record_of(page + 3, &owner));
	bt_expect(record_of(page + 4, &owner));
	bt_expect_eq(owner.order, 3);
	owner_test_free(page + 4, 2);
	bt_expect(!record_of(page + 4, &owner));
}

BOOT_TEST(page_owner, keeps_who_freed)
{
	struct page *page = owner_test_alloc(0), *again;
	struct page_owner owner;

	bt_assert(page);
	owner_test_free(page, 0);
	preempt_disable();
	again = page_alloc(GFP_ATOMIC, 0);
	preempt_enable();
	bt_assert(again);
	/* The stack of a CPU gives back what it took last, unless somebody came between. */
	if (again == page) {
		bt_assert(record_of(page, &owner));
		bt_expect(owner.free_ns && owner.free_ns <= owner.alloc_ns);
		if (IS_ENABLED(CONFIG_KALLSYMS))
			bt_expect(stack_has(owner.free_stack, "owner_test_free"));
	}
	page_free(again, 0);
}

BOOT_TEST(page_owner, a_free_page_is_not_freed)
{
	struct page *page = owner_test_alloc(1);

	bt_assert(page);
	owner_test_free(page + 1, 0);
	/* In part, whole, and again. */
	bt_expect(!page_owner_free(page, 1));
	bt_expect(page_owner_free(page, 0));
	bt_expect(!page_owner_free(page, 0));
	page_owner_describe(page);
	page_owner_alloc(page, 0, GFP_KERNEL);
	page_free(page, 0);
}

struct text {
	size_t len;
	char buf[2048];
};

static void keep_line(void *arg, const char *line)
{
	struct text *t = arg;

	t->len += (size_t)scnprintf(t->buf + t->len, sizeof(t->buf) - t->len, "%s\n", line);
}

BOOT_TEST(page_owner, text_form)
{
	static const char wanted[] = "Page allocated via order 2, mask 0xb(GFP_USER|GFP_ZERO), "
		"pid 12, tgid 11 (a (b)), ts 17 ns, free_ts 0 ns\nPFN 0x";
	static struct text t;
	struct page_owner owner = {
		.alloc_ns = 17, .gfp = GFP_USER | GFP_ZERO, .tid = 12, .pid = 11, .order = 2,
		.in_use = true, .comm = "a (b)",
	};

	t.len = 0;
	page_owner_text(mem_first_pfn, &owner, keep_line, &t);
	bt_expect(!strncmp(t.buf, wanted, strlen(wanted)));
}

BOOT_TEST(page_owner, leaks_are_found)
{
	u64 since = (u64)ktime_get();
	struct page *pages[3];
	unsigned int with, without;

	for (unsigned int i = 0; i < ARRAY_SIZE(pages); i++)
		bt_assert(pages[i] = owner_test_alloc(i));
	with = page_owner_leaks(since, 3);
	for (unsigned int i = 0; i < ARRAY_SIZE(pages); i++)
		page_free(pages[i], i);
	without = page_owner_leaks(since, 0);
	bt_expect(with >= 3 && with - without >= 3);
}
