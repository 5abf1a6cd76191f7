/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CONFIG_PAGE_OWNER, the side of mm/: the allocator tells of every block that it hands out and
 * takes back, reports of bad pages ask whose they are. <mm/page_owner.h> is for others who ask.
 *
 * Context: any, with no zone lock held.
 */
#ifndef MM_PAGE_OWNER_INTERNAL_H
#define MM_PAGE_OWNER_INTERNAL_H

#include <mm/page.h>

/* Once, while memblock allocates and mem_map is there: 144 bytes a frame. */
void page_owner_init(void);
/* The block goes to whoever called our caller. */
void page_owner_alloc(struct page *page, unsigned int order, gfp_t gfp);
/* It comes back, in one piece or in several. False, and nothing changes, if part of it is free. */
bool page_owner_free(struct page *page, unsigned int order);
/* To the log: who has the frame, or had it last, and who freed it. */
void page_owner_describe(const struct page *page);

#endif
