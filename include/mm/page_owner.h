/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CONFIG_PAGE_OWNER: who allocated each page frame, and who freed it last.
 *
 * There is a record a frame, filled when page_alloc() hands it out and when page_free() takes it
 * back: the calls that led there, the task, the time. All frames of a block have the same; the first
 * stands for the block, until parts of it are freed. What memblock gave out before the page
 * allocator began (the kernel's image, mem_map, these records) has no owner and does not appear.
 *
 * Two questions are answered: whose is all that memory (/proc/page_owner, in the words of
 * Linux's /sys/kernel/debug/page_owner), and, of a page that was freed twice or is found damaged,
 * who had it (in the report of the panic).
 *
 * Context: any. A record is a copy: the page may be gone when it is looked at.
 */
#ifndef MM_PAGE_OWNER_H
#define MM_PAGE_OWNER_H

#include <kernel/task.h>
#include <lib/types.h>
#include <mm/page.h>

#define PAGE_OWNER_DEPTH 12

struct page_owner {
	u64   alloc_ns, free_ns;	/* since boot; 0: never */
	gfp_t gfp;
	pid_t tid, pid;			/* the thread that asked for it, and its process */
	u8    order;			/* of the block as it was allocated */
	bool  in_use;
	char  comm[TASK_COMM_LEN];
	/* Return addresses as distances from _text, innermost first; 0 is the end. */
	u32   alloc_stack[PAGE_OWNER_DEPTH], free_stack[PAGE_OWNER_DEPTH];
};

/* The first block in use at or behind pfn: its first frame, or mem_end_pfn if there is none. */
pfn_t page_owner_next(pfn_t pfn, struct page_owner *out);

/* The block as text: line() is called for each line, which has no newline. */
void page_owner_text(pfn_t pfn, const struct page_owner *owner,
		     void (*line)(void *arg, const char *text), void *arg);

/*
 * To the log: blocks still in use that were allocated after `since` (ns since boot), at most `max`
 * of them. Returns how many there are.
 */
unsigned int page_owner_leaks(u64 since, unsigned int max);

#endif
