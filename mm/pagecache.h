/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Shared by pagecache.c and truncate.c.
 */
#ifndef MM_PAGECACHE_INTERNAL_H
#define MM_PAGECACHE_INTERNAL_H

#include <kernel/mutex.h>
#include "internal.h"

/* Evictable caches, for the shrinker. Lock order: before every lock of a cache. */
extern struct mutex cache_list_lock;
extern struct list_head cache_list;

bool page_take_dirty(struct page *page);
/* Write-protects the page at index in all shared mappings. */
void page_cache_clean_mappings(struct page_cache *cache, u64 index);

#endif
