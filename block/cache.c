/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The page cache of a disk: how its pages are filled and written, and the thread that
 * writes dirty ones within seconds.
 *
 * Reading in sequence takes up to 32 pages in one request: if the page before is in the cache,
 * those after it that are not are made and filled together with it.
 *
 * Reclaim takes clean pages only and writes none, so there must always be enough of them:
 * whoever dirties pages writes them out himself while an eighth of memory is dirty.
 */
#include <arch/barrier.h>
#include <block/block.h>
#include <fs/blkdev.h>
#include <kernel/clone.h>
#include <lib/string.h>
#include <mm/page.h>

#define WRITE_DELAY	(5 * NSEC_PER_SEC)	/* from the first dirty page to its writing */
#define DIRTY_SHARE	8u			/* of memory */

static DEFINE_WAIT_QUEUE(flusher_wait);
static bool any_dirtied;			/* since the thread last began to write */

static struct disk *disk_of(struct page_cache *cache)
{
	return ((struct inode *)cache->host)->i_private;
}

/* Bytes of the page at index that are on the disk; the last may be in part. */
static u32 bytes_at(const struct disk *disk, u64 index)
{
	u64 left = disk_bytes(disk) - (index << PAGE_SHIFT);

	return (u32)min_t(u64, left, PAGE_SIZE);
}

static u64 disk_pages(const struct disk *disk)
{
	return (disk_bytes(disk) + PAGE_SIZE - 1) >> PAGE_SHIFT;
}

static u64 cache_size(struct page_cache *cache)
{
	return disk_bytes(disk_of(cache));
}

static void add_page(struct block_request *r, const struct disk *disk, struct page *page, u64 index)
{
	r->pieces[r->nr_pieces++] = (struct block_piece){
		page_to_virt(page), bytes_at(disk, index)
	};
}

/* A request for one page, to which others may be added. */
static void begin_request(struct block_request *r, enum block_op op, const struct disk *disk,
			  struct page *page)
{
	r->op = op;
	r->sector = page->index << (PAGE_SHIFT - SECTOR_SHIFT);
	r->nr_pieces = 0;
	add_page(r, disk, page, page->index);
}

static bool is_sequential(struct page_cache *cache, u64 index)
{
	struct page *before = index ? page_cache_find(cache, index - 1) : NULL;

	if (before)
		page_put(before);
	return before;
}

/* Makes the pages after `index` that are absent, locked, until the first that is not. */
static unsigned read_ahead(struct disk *disk, u64 index, struct block_request *r,
			   struct page **pages)
{
	u64 end = min(index + disk_read_ahead(disk), disk_pages(disk));
	unsigned n = 0;

	while (++index < end) {
		struct page *page = page_alloc(GFP_KERNEL | __GFP_NOWARN, 0);

		if (!page)
			break;
		atomic_set(&page->flags, PG_LOCKED);
		if (page_cache_add(&disk->cache, page, index)) {
			page_flag_clear(page, PG_LOCKED);
			page_put(page);
			break;
		}
		add_page(r, disk, page, index);
		pages[n++] = page;
	}
	return n;
}

/* A page read ahead: a failure is left to who wants it. */
static void end_read_ahead(const struct disk *disk, struct page *page, u64 index, int err)
{
	u32 have = bytes_at(disk, index);

	if (!err) {
		memset((char *)page_to_virt(page) + have, 0, PAGE_SIZE - have);
		page_flag_set(page, PG_UPTODATE);
	}
	page_unlock(page);
	page_put(page);
}

static void read_one(struct disk *disk, struct page *page, struct block_request *r)
{
	u32 have = bytes_at(disk, page->index);

	memset((char *)page_to_virt(page) + have, 0, PAGE_SIZE - have);
	begin_request(r, BLOCK_READ, disk, page);
}

static int read_page(struct page_cache *cache, struct page *page)
{
	struct disk *disk = disk_of(cache);
	struct page *ahead[BLOCK_PIECES_MAX];
	struct block_request request;
	u64 index = page->index;
	unsigned n = 0;
	int err;

	read_one(disk, page, &request);
	if (is_sequential(cache, index))
		n = read_ahead(disk, index, &request, ahead);
	err = block_rw(disk, &request);
	for (unsigned i = 0; i < n; i++)
		end_read_ahead(disk, ahead[i], index + 1 + i, err);
	if (!err || !n)
		return err;
	/* The fault may lie in what nobody asked for. */
	read_one(disk, page, &request);
	return block_rw(disk, &request);
}

static void keep_error(struct page_cache *cache, int err)
{
	spin_lock(&cache->lock);
	cache->error = (u32)-err;
	spin_unlock(&cache->lock);
}

/*
 * As on Linux, what could not be written does not stay dirty: a dead disk would fill
 * memory. The next fsync(2) tells.
 */
static int write_page(struct page_cache *cache, struct page *page)
{
	struct disk *disk = disk_of(cache);
	struct block_request request;
	int err;

	begin_request(&request, BLOCK_WRITE, disk, page);
	err = block_rw(disk, &request);
	if (err)
		keep_error(cache, err);
	return 0;
}

static const struct page_cache_ops disk_cache_ops = {
	.read_page = read_page, .write_page = write_page, .size = cache_size,
};

/* ---- writing ---- */

void disk_cache_dirtied(void)
{
	smp_mb();	/* the dirty page before the look whether the thread knows */
	if (READ_ONCE(any_dirtied))
		return;
	WRITE_ONCE(any_dirtied, true);
	wake_up(&flusher_wait);
}

void disk_cache_write(struct disk *disk)
{
	int err = page_cache_writeback(&disk->cache, 0, U64_MAX);

	if (err)
		keep_error(&disk->cache, err);
}

void disk_cache_balance(struct disk *disk)
{
	if (page_stat_read(STAT_DIRTY) > totalram_pages / DIRTY_SHARE)
		disk_cache_write(disk);
}

int disk_cache_sync(struct disk *disk, u64 start, u64 end)
{
	int err = page_cache_writeback(&disk->cache, start >> PAGE_SHIFT, end >> PAGE_SHIFT);
	int flushed = block_flush(disk);

	return err ?: flushed;
}

void blkdev_sync_all(void)
{
	for (struct disk *disk = NULL; (disk = disk_next(disk));) {
		disk_cache_write(disk);
		block_flush(disk);
	}
}

static int flusher(void *unused)
{
	for (;;) {
		wait_event_interruptible(&flusher_wait, READ_ONCE(any_dirtied));
		set_current_state(TASK_INTERRUPTIBLE);
		schedule_timeout(WRITE_DELAY);
		WRITE_ONCE(any_dirtied, false);
		smp_mb();	/* pairs with disk_cache_dirtied() */
		for (struct disk *disk = NULL; (disk = disk_next(disk));)
			disk_cache_write(disk);
	}
}

static int start_flusher(void)
{
	struct task *task = kthread_run(flusher, NULL, "flush");

	return IS_ERR(task) ? (int)PTR_ERR(task) : 0;
}

int disk_cache_init(struct disk *disk)
{
	struct inode *inode;
	int err = disk_next(NULL) ? 0 : start_flusher();

	if (err)
		return err;
	inode = pseudo_inode(S_IFBLK | 0600);
	if (!inode)
		return -ENOMEM;
	inode->i_rdev = disk->dev;
	inode->i_private = disk;
	inode->i_size = (loff_t)disk_bytes(disk);
	page_cache_init(&disk->cache, &disk_cache_ops, inode, 0);
	inode->i_cache = &disk->cache;
	disk->inode = inode;
	return 0;
}

void disk_cache_empty(struct disk *disk)
{
	disk_cache_sync(disk, 0, U64_MAX);
	page_cache_truncate(&disk->cache, 0);
}
