/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The page cache: finding, creating and filling pages, the page lock, dirty state.
 * Removal and unmapping are in truncate.c.
 */
#include <kernel/task.h>
#include <kernel/wait.h>
#include <lib/err.h>
#include "pagecache.h"

DEFINE_MUTEX(cache_list_lock);
LIST_HEAD(cache_list);

void page_cache_init(struct page_cache *cache, const struct page_cache_ops *ops, void *host,
		     u32 flags)
{
	spin_lock_init(&cache->lock);
	xa_init(&cache->pages);
	cache->nr_pages = 0;
	cache->ops = ops;
	cache->host = host;
	cache->flags = flags;
	cache->error = 0;
	mutex_init(&cache->map_lock);
	INIT_LIST_HEAD(&cache->mappings);
	atomic_set(&cache->writable, 0);
	INIT_LIST_HEAD(&cache->all_link);
	if (flags & PC_SHMEM)
		return;
	mutex_lock(&cache_list_lock);
	list_add_tail(&cache->all_link, &cache_list);
	mutex_unlock(&cache_list_lock);
}

/* ---- the page lock ---- */

/* Sleepers of many pages share a queue; PG_WAITERS spares the others the look. */
#define NR_QUEUES 16
static struct wait_queue queues[NR_QUEUES];

static struct wait_queue *queue_of(const struct page *page)
{
	return &queues[((unsigned long)page / sizeof(*page)) % NR_QUEUES];
}

bool page_trylock(struct page *page)
{
	return !((unsigned int)atomic_fetch_or(PG_LOCKED, &page->flags) & PG_LOCKED);
}

/* True if taken; else a later unlock will wake the queue. */
static bool page_trylock_or_announce(struct page *page)
{
	page_flag_set(page, PG_WAITERS);
	return page_trylock(page);
}

void page_lock(struct page *page)
{
	if (likely(page_trylock(page)))
		return;
	wait_event(queue_of(page), page_trylock_or_announce(page));
}

int page_lock_killable(struct page *page)
{
	if (likely(page_trylock(page)))
		return 0;
	return wait_event_killable(queue_of(page), page_trylock_or_announce(page)) ? -EINTR : 0;
}

void page_unlock(struct page *page)
{
	unsigned int old = (unsigned int)atomic_fetch_andnot(PG_LOCKED | PG_WAITERS,
							     &page->flags);

	if (unlikely(old & PG_WAITERS))
		wake_up_all(queue_of(page));
}

/* ---- finding ---- */

/*
 * The slots of the array's leaf node that holds index, for runs that stay within an
 * aligned group of XA_SLOTS; NULL if there is none. cache->lock held.
 */
static void **leaf_slots(struct xarray *xa, u64 index)
{
	struct xa_node *node = xa->root;

	if (!xa->levels || !node)
		return NULL;
	if (xa->levels < 11 && index >> (xa->levels * XA_SHIFT))
		return NULL;
	while (node && node->shift)
		node = node->slots[(index >> node->shift) & (XA_SLOTS - 1)];
	return node ? node->slots : NULL;
}

struct page *page_cache_find(struct page_cache *cache, u64 index)
{
	struct page *page = NULL;
	void **slots;

	spin_lock(&cache->lock);
	slots = leaf_slots(&cache->pages, index);
	if (likely(slots))
		page = slots[index & (XA_SLOTS - 1)];
	else if (!cache->pages.levels && index == 0)
		page = cache->pages.root;
	if (page)
		page_get(page);
	spin_unlock(&cache->lock);
	return page;
}

unsigned int page_cache_find_range(struct page_cache *cache, u64 first, unsigned int n,
				   struct page **pages)
{
	unsigned int found = 0;
	void **slots = NULL;

	spin_lock(&cache->lock);
	for (unsigned int i = 0; i < n; i++) {
		u64 index = first + i;
		struct page *page = NULL;

		if (!i || !(index & (XA_SLOTS - 1)))
			slots = leaf_slots(&cache->pages, index);
		if (slots)
			page = slots[index & (XA_SLOTS - 1)];
		else if (!cache->pages.levels && index == 0)
			page = cache->pages.root;
		if (page && page_flag(page, PG_UPTODATE)) {
			page_get(page);
			found++;
		} else {
			page = NULL;
		}
		pages[i] = page;
	}
	spin_unlock(&cache->lock);
	return found;
}

struct page *page_cache_next(struct page_cache *cache, u64 *index, u64 last)
{
	struct page *page;

	spin_lock(&cache->lock);
	page = xa_find(&cache->pages, index, last);
	if (page)
		page_get(page);
	spin_unlock(&cache->lock);
	return page;
}

/* ---- creating ---- */

static enum page_stat stat_of(const struct page_cache *cache)
{
	return cache->flags & PC_SHMEM ? STAT_SHMEM : STAT_FILE;
}

int page_cache_add(struct page_cache *cache, struct page *page, u64 index)
{
	int err;

	for (unsigned int tries = 0;; tries++) {
		struct page *old;

		spin_lock(&cache->lock);
		old = xa_load(&cache->pages, index);
		err = old ? -EEXIST : xa_store(&cache->pages, index, page);
		if (!err) {
			page->mapping = cache;
			page->index = index;
			page_get(page);
			if (cache->flags & PC_SHMEM)
				page_flag_set(page, PG_SHMEM);
			cache->nr_pages++;
		}
		spin_unlock(&cache->lock);
		if (err != -ENOMEM || tries == 4)
			break;
		/* The array's nodes come from the reserve; refill it where we may sleep. */
		struct page *spare = page_alloc(GFP_KERNEL, 0);

		if (!spare)
			break;
		page_free(spare, 0);
	}
	if (!err)
		page_stat_add(stat_of(cache), 1);
	return err;
}

/* A new, locked page in the cache; or ERR_PTR, -EEXIST if somebody else was faster. */
static struct page *create_page(struct page_cache *cache, u64 index, unsigned int flags)
{
	gfp_t gfp = GFP_USER;
	struct page *page;
	int err;

	if (cache->ops->reserve) {
		err = cache->ops->reserve(cache, index);
		if (err)
			return ERR_PTR(err);
	}
	if (!cache->ops->read_page && !(flags & PCG_NOREAD))
		gfp |= GFP_ZERO;
	page = page_alloc(gfp, 0);
	if (!page) {
		err = -ENOMEM;
		goto out_release;
	}
	atomic_set(&page->flags, PG_LOCKED | PG_REFERENCED);
	err = page_cache_add(cache, page, index);
	if (!err)
		return page;
	page_flag_clear(page, PG_LOCKED);
	page_put(page);
out_release:
	if (cache->ops->reserve && cache->ops->release) {
		spin_lock(&cache->lock);
		cache->ops->release(cache, 1);
		spin_unlock(&cache->lock);
	}
	return ERR_PTR(err);
}

/* Fills a locked page that is not up to date. */
static int fill_page(struct page_cache *cache, struct page *page, bool fresh)
{
	int err = 0;

	if (cache->ops->read_page)
		err = cache->ops->read_page(cache, page);
	else if (!fresh)
		clear_page(page_to_virt(page));
	if (err) {
		page_flag_set(page, PG_ERROR);
		return err;
	}
	page_flag_clear(page, PG_ERROR | PG_SYNCED);
	page_flag_set(page, PG_UPTODATE);
	return 0;
}

/* Locks a page found in the cache; -EAGAIN if it left the cache meanwhile. */
static int lock_found(struct page_cache *cache, struct page *page, unsigned int flags)
{
	if (!page_trylock(page)) {
		if (flags & PCG_NOWAIT)
			return -EWOULDBLOCK;
		if (page_lock_killable(page))
			return -EINTR;
	}
	if (READ_ONCE(page->mapping) == cache)
		return 0;
	page_unlock(page);
	return -ESTALE;
}

/* Locks and, if need be, fills `page`. Takes over the reference on error. */
static int ready_page(struct page_cache *cache, struct page *page, unsigned int flags,
		      bool fresh)
{
	int err = fresh ? 0 : lock_found(cache, page, flags);

	if (err) {
		page_put(page);
		return err;
	}
	if (!(flags & PCG_NOREAD) && !page_flag(page, PG_UPTODATE))
		err = fill_page(cache, page, fresh);
	if (err || !(flags & (PCG_LOCK | PCG_NOREAD)))
		page_unlock(page);
	if (err)
		page_put(page);
	return err;
}

struct page *page_cache_get(struct page_cache *cache, u64 index, unsigned int flags)
{
	for (;;) {
		struct page *page = page_cache_find(cache, index);
		bool fresh = false;
		int err;

		if (page && !(flags & (PCG_LOCK | PCG_NOREAD)) && page_flag(page, PG_UPTODATE)) {
			if (!page_flag(page, PG_REFERENCED))
				page_flag_set(page, PG_REFERENCED);
			return page;
		}
		if (!page) {
			if (!(flags & PCG_CREATE))
				return NULL;
			page = create_page(cache, index, flags);
			if (page == ERR_PTR(-EEXIST))
				continue;
			if (IS_ERR(page))
				return page;
			fresh = true;
		}
		err = ready_page(cache, page, flags, fresh);
		if (!err)
			return page;
		if (err != -ESTALE)
			return ERR_PTR(err);
	}
}

/* ---- dirty pages ---- */

void page_set_dirty(struct page *page)
{
	struct page_cache *cache;

	if (page_flag(page, PG_SYNCED))
		page_flag_clear(page, PG_SYNCED);
	if (page_flag(page, PG_DIRTY))
		return;
	if ((unsigned int)atomic_fetch_or(PG_DIRTY, &page->flags) & PG_DIRTY)
		return;
	cache = READ_ONCE(page->mapping);
	if (!cache || (cache->flags & PC_SHMEM))
		return;
	spin_lock(&cache->lock);
	if (page->mapping == cache) {
		xa_set_mark(&cache->pages, page->index, PAGE_MARK_DIRTY);
		page_stat_add(STAT_DIRTY, 1);
		if (cache->ops->write_page)
			current->io.write_bytes += PAGE_SIZE;
	}
	spin_unlock(&cache->lock);
}

/* Locked page. True if it was dirty; it is clean now. */
bool page_take_dirty(struct page *page)
{
	struct page_cache *cache = page->mapping;

	if (!((unsigned int)atomic_fetch_andnot(PG_DIRTY, &page->flags) & PG_DIRTY))
		return false;
	if (cache && !(cache->flags & PC_SHMEM)) {
		spin_lock(&cache->lock);
		xa_clear_mark(&cache->pages, page->index, PAGE_MARK_DIRTY);
		spin_unlock(&cache->lock);
		page_stat_add(STAT_DIRTY, -1);
	}
	return true;
}

/* Writes one page out if it is dirty: 0 or -errno (it is dirty again then). */
static int write_back(struct page_cache *cache, struct page *page)
{
	int err = 0;

	page_lock(page);
	if (page->mapping == cache && page_flag(page, PG_DIRTY)) {
		/* First no mapping can write unnoticed, then it is clean. */
		page_cache_clean_mappings(cache, page->index);
		page_take_dirty(page);
		page_flag_set(page, PG_WRITEBACK);
		err = cache->ops->write_page(cache, page);
		page_flag_clear(page, PG_WRITEBACK);
		if (err)
			page_set_dirty(page);
	}
	page_unlock(page);
	return err;
}

int page_cache_writeback(struct page_cache *cache, u64 first, u64 last)
{
	u64 index = first;
	int err = 0;

	if (!cache->ops->write_page)
		return 0;
	for (;; index++) {
		struct page *page;
		int one;

		spin_lock(&cache->lock);
		page = xa_find_marked(&cache->pages, &index, last, PAGE_MARK_DIRTY);
		if (page)
			page_get(page);
		spin_unlock(&cache->lock);
		if (!page)
			break;
		one = write_back(cache, page);
		page_put(page);
		err = err ? err : one;
		if (index == last)
			break;
	}
	spin_lock(&cache->lock);
	if (err)
		cache->error = (u32)-err;
	else if (cache->error)
		err = -(int)cache->error;
	if (err)
		cache->error = 0;
	spin_unlock(&cache->lock);
	return err;
}

void page_cache_setup(void)
{
	for (unsigned int i = 0; i < NR_QUEUES; i++)
		wait_queue_init(&queues[i]);
}
