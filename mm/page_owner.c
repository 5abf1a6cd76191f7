/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CONFIG_PAGE_OWNER: a record for each page frame of who allocated and who freed it, and their
 * text. See <mm/page_owner.h>.
 */
#include <arch/backtrace.h>
#include <kernel/printk.h>
#include <kernel/sections.h>
#include <kernel/spinlock.h>
#include <kernel/time.h>
#include <lib/printf.h>
#include <lib/string.h>
#include <mm/memblock.h>
#include <mm/page_owner.h>
#include "page_owner.h"

#define LINE_SIZE 224

static struct page_owner *owners;	/* o  by frame, from mem_first_pfn on */
static DEFINE_SPINLOCK(owner_lock);	/* o, a leaf; interrupts off */

static struct page_owner *owner_of(pfn_t pfn)
{
	return &owners[pfn - mem_first_pfn];
}

void page_owner_init(void)
{
	size_t bytes = (mem_end_pfn - mem_first_pfn) * sizeof(*owners);

	owners = phys_to_virt(memblock_alloc(PAGE_ALIGN(bytes), PAGE_SIZE));
	memset(owners, 0, bytes);
}

/* ---- recording ---- */

struct walk {
	u32 *stack;
	unsigned int count;
	u64 from;			/* the address to begin at; 0: it was seen */
};

static bool add_caller(void *arg, u64 pc)
{
	struct walk *w = arg;

	if (pc == w->from)
		w->from = 0;
	if (!w->from)
		w->stack[w->count++] = (u32)(pc - (u64)_text);
	return w->count < PAGE_OWNER_DEPTH;
}

/* The calls that led here, from the return address `from` outwards. */
static void take_stack(u32 *stack, const void *from)
{
	struct walk w = { .stack = stack, .from = (u64)from };

	memset(stack, 0, PAGE_OWNER_DEPTH * sizeof(*stack));
	arch_backtrace(NULL, NULL, add_caller, &w);
}

void page_owner_alloc(struct page *page, unsigned int order, gfp_t gfp)
{
	struct page_owner fresh = {
		.alloc_ns = (u64)ktime_get(), .gfp = gfp, .order = (u8)order, .in_use = true,
		.tid = current->tid, .pid = current->proc ? current->proc->pid : 0,
	};
	struct page_owner *owner = owner_of(page_to_pfn(page));
	unsigned long flags;

	/* Not under its lock, which whoever was interrupted may hold: a torn name is still one. */
	memcpy(fresh.comm, current->comm, TASK_COMM_LEN - 1);
	take_stack(fresh.alloc_stack, __builtin_return_address(0));
	spin_lock_irqsave(&owner_lock, flags);
	for (size_t i = 0; i < 1UL << order; i++) {
		fresh.free_ns = owner[i].free_ns;
		memcpy(fresh.free_stack, owner[i].free_stack, sizeof(fresh.free_stack));
		owner[i] = fresh;
	}
	spin_unlock_irqrestore(&owner_lock, flags);
}

bool page_owner_free(struct page *page, unsigned int order)
{
	struct page_owner *owner = owner_of(page_to_pfn(page));
	u32 stack[PAGE_OWNER_DEPTH];
	u64 now = (u64)ktime_get();
	bool in_use = true;
	unsigned long flags;

	take_stack(stack, __builtin_return_address(0));
	spin_lock_irqsave(&owner_lock, flags);
	for (size_t i = 0; i < 1UL << order; i++)
		in_use &= owner[i].in_use;
	for (size_t i = 0; in_use && i < 1UL << order; i++) {
		owner[i].in_use = false;
		owner[i].free_ns = now;
		memcpy(owner[i].free_stack, stack, sizeof(stack));
	}
	spin_unlock_irqrestore(&owner_lock, flags);
	return in_use;
}

/* ---- asking ---- */

static void take_record(pfn_t pfn, struct page_owner *out)
{
	unsigned long flags;

	spin_lock_irqsave(&owner_lock, flags);
	*out = *owner_of(pfn);
	spin_unlock_irqrestore(&owner_lock, flags);
}

/* Does a frame before it stand for the block it is in? */
static bool is_tail(pfn_t pfn, const struct page_owner *owner)
{
	struct page_owner head;
	pfn_t first = pfn & ~((1UL << owner->order) - 1);

	if (first == pfn)
		return false;
	take_record(first, &head);
	return head.in_use && head.order == owner->order && head.alloc_ns == owner->alloc_ns;
}

pfn_t page_owner_next(pfn_t pfn, struct page_owner *out)
{
	for (; pfn < mem_end_pfn; pfn++) {
		take_record(pfn, out);
		if (out->in_use && !is_tail(pfn, out))
			break;
	}
	return pfn;
}

/* ---- text ---- */

struct name {
	unsigned int bits;
	const char *name;
};

static const struct name gfp_names[] = {
	{ GFP_USER, "GFP_USER" }, { GFP_KERNEL, "GFP_KERNEL" }, { GFP_ATOMIC, "GFP_ATOMIC" },
	{ __GFP_OOM, "__GFP_OOM" }, { GFP_ZERO, "GFP_ZERO" }, { __GFP_NOWARN, "__GFP_NOWARN" },
	{ 0, NULL },
};

static const struct name flag_names[] = {
	{ PG_BUDDY, "buddy" }, { PG_LAZY, "lazy" }, { PG_RESERVED, "reserved" },
	{ PG_SLAB, "slab" }, { PG_LARGE, "large" }, { PG_TABLE, "table" }, { PG_ANON, "anon" },
	{ PG_LOCKED, "locked" }, { PG_UPTODATE, "uptodate" }, { PG_DIRTY, "dirty" },
	{ PG_WRITEBACK, "writeback" }, { PG_REFERENCED, "referenced" },
	{ PG_WAITERS, "waiters" }, { PG_ERROR, "error" }, { PG_SYNCED, "synced" },
	{ PG_SHMEM, "shmem" }, { 0, NULL },
};

/* "a|b": those of the table, which begins with the widest, that `value` has. */
static void join_names(char *buf, size_t size, const struct name *table, unsigned int value)
{
	size_t len = 0;

	buf[0] = '\0';
	for (; table->name; table++) {
		if ((value & table->bits) != table->bits)
			continue;
		value &= ~table->bits;
		len += (size_t)scnprintf(buf + len, size - len, "%s%s", len ? "|" : "", table->name);
	}
}

static void stack_text(const u32 *stack, void (*line)(void *arg, const char *text), void *arg)
{
	char text[LINE_SIZE];

	for (unsigned int i = 0; i < PAGE_OWNER_DEPTH && stack[i]; i++) {
		scnprintf(text, sizeof(text), " %pS", (void *)(_text + stack[i]));
		line(arg, text);
	}
}

/* scripts of Linux (page_owner_sort) take a block apart by these words. */
void page_owner_text(pfn_t pfn, const struct page_owner *owner,
		     void (*line)(void *arg, const char *text), void *arg)
{
	unsigned int flags = (unsigned int)atomic_read(&pfn_to_page(pfn)->flags);
	char text[LINE_SIZE], names[96];

	join_names(names, sizeof(names), gfp_names, owner->gfp);
	scnprintf(text, sizeof(text), "Page allocated via order %u, mask %#x(%s), pid %d, tgid %d (%s), "
		  "ts %llu ns, free_ts %llu ns", owner->order, owner->gfp,
		  names[0] ? names : "GFP_NOWAIT", owner->tid, owner->pid, owner->comm,
		  (unsigned long long)owner->alloc_ns, (unsigned long long)owner->free_ns);
	line(arg, text);
	join_names(names, sizeof(names), flag_names, flags);
	scnprintf(text, sizeof(text), "PFN %#llx Flags %#x(%s)", (unsigned long long)pfn, flags, names);
	line(arg, text);
	stack_text(owner->alloc_stack, line, arg);
}

static void log_line(void *unused, const char *text)
{
	pr_err("%s\n", text);
}

void page_owner_describe(const struct page *page)
{
	pfn_t pfn = page_to_pfn(page);
	struct page_owner owner;

	if (!pfn_valid(pfn)) {
		pr_err("page_owner: there is no page frame %#llx\n", (unsigned long long)pfn);
		return;
	}
	take_record(pfn, &owner);
	pr_err("page_owner: the page is %s\n", owner.in_use ? "allocated" : "free");
	if (owner.alloc_ns)
		page_owner_text(pfn, &owner, log_line, NULL);
	if (owner.free_ns) {
		pr_err("Page last freed by:\n");
		stack_text(owner.free_stack, log_line, NULL);
	}
}

unsigned int page_owner_leaks(u64 since, unsigned int max)
{
	struct page_owner owner;
	unsigned int found = 0;

	for (pfn_t pfn = page_owner_next(mem_first_pfn, &owner); pfn < mem_end_pfn;
	     pfn = page_owner_next(pfn + 1, &owner))
		if (owner.alloc_ns > since && found++ < max)
			page_owner_text(pfn, &owner, log_line, NULL);
	return found;
}
