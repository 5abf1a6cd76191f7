/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The page cache: the pages of one file (or of shared anonymous memory), by index.
 *
 * A page in a cache holds one reference; finders and page tables hold more. Who
 * fills, writes back, truncates or removes a page holds its PG_LOCKED. A page is
 * valid once PG_UPTODATE is set. page->mapping becomes NULL when the page leaves
 * the cache: who looked a page up without the lock, then locks it, looks again.
 *
 * Rules for file systems:
 *  - change the file's size first, then page_cache_truncate(); faults ask size().
 *  - reads and writes through the descriptor use page_cache_get(); whoever changed
 *    a page calls page_set_dirty().
 *  - a cache dies by page_cache_destroy() when no mapping and no file refers to it.
 *
 * Context: task context, may sleep, unless a line says otherwise. Lock order in
 * <mm/mm.h>.
 */
#ifndef MM_PAGECACHE_H
#define MM_PAGECACHE_H

#include <lib/compiler.h>
#include <lib/list.h>
#include <lib/xarray.h>
#include <arch/atomic.h>
#include <kernel/mutex.h>
#include <kernel/spinlock.h>
#include <mm/mm.h>

#define PC_SHMEM        1u      /* pages are the only copy: never evicted, counted Shmem */

#define PAGE_MARK_DIRTY XA_MARK_0

struct page_cache_ops {
	/*
	 * Fills the page, locked, not up to date; the caller unlocks and sets PG_UPTODATE
	 * on 0. NULL: new pages are zero. Bytes past the end of the file must be zeroed.
	 */
	int (*read_page)(struct page_cache *cache, struct page *page);
	/* Writes a locked, clean-marked page out; NULL: dirty pages stay. 0 or -errno. */
	int (*write_page)(struct page_cache *cache, struct page *page);
	/* Bytes in the file now; NULL: no end. Any lock may be held: no sleeping. */
	u64 (*size)(struct page_cache *cache);
	/* Blocks have to be reserved before a page is created or made writable (may be NULL). */
	int (*reserve)(struct page_cache *cache, u64 index);
	/* A page that reserve() was called for is gone (may be NULL). Spinlock held. */
	void (*release)(struct page_cache *cache, u64 pages);
};

/*
 * Locks:  x  lock      c  map_lock      i  never changes
 */
struct page_cache {
	spinlock_t lock;
	struct xarray pages;            /* x */
	u64 nr_pages;                   /* x  read without it for statistics */
	const struct page_cache_ops *ops; /* i */
	void *host;                     /* i  the inode, for ops */
	u32 flags;                      /* i  PC_* */
	u32 error;                      /* x  of a failed write-back (positive errno) */
	struct mutex map_lock;
	struct list_head mappings;      /* c  vma->cache_link */
	atomic_t writable;              /* shared writable mappings; negative: denied (sealed) */
	struct list_head all_link;      /* list of evictable caches */
};

/* ops may not be NULL. */
void page_cache_init(struct page_cache *cache, const struct page_cache_ops *ops, void *host,
		     u32 flags);
/* Drops all pages, dirty ones too. No mapping is left. */
void page_cache_destroy(struct page_cache *cache);

/* The page at index with a reference, whatever its state, or NULL. Any task context, no sleep. */
struct page *page_cache_find(struct page_cache *cache, u64 index);
/*
 * Up to n pages from `first` on that are present and up to date, with references,
 * at their places in pages[] (holes NULL). Returns how many. No sleep.
 */
unsigned int page_cache_find_range(struct page_cache *cache, u64 first, unsigned int n,
				   struct page **pages);
/* The first present page at or after *index (updated) with a reference, or NULL. */
struct page *page_cache_next(struct page_cache *cache, u64 *index, u64 last);

#define PCG_CREATE      1u      /* allocate and fill an absent page; else NULL */
/*
 * The caller overwrites all of it: returned locked and not read. Once it is filled the
 * caller sets PG_UPTODATE, calls page_set_dirty() and page_unlock().
 */
#define PCG_NOREAD      2u
#define PCG_LOCK        4u      /* returned locked (and still in the cache) */
#define PCG_NOWAIT      8u      /* ERR_PTR(-EAGAIN) rather than sleep for I/O or a lock */

/*
 * The page at index, up to date (but for NOREAD), with a reference. NULL when absent
 * without CREATE; ERR_PTR: -ENOMEM, -ENOSPC, -EIO, -EAGAIN, -EINTR (fatal signal).
 * Does not look at the size: creating past the end is the caller's decision.
 */
struct page *page_cache_get(struct page_cache *cache, u64 index, unsigned int flags);
/* Puts a caller's new page (count >= 1, gains one) at index: 0, -EEXIST, -ENOMEM. */
int page_cache_add(struct page_cache *cache, struct page *page, u64 index);

/* PG_LOCKED as a sleeping lock. */
void page_lock(struct page *page);
int page_lock_killable(struct page *page);      /* 0, -EINTR */
bool page_trylock(struct page *page);           /* any context */
void page_unlock(struct page *page);            /* any context; wakes */

/* Marks it dirty. Any task context; the page is mapped, locked or otherwise pinned in place. */
void page_set_dirty(struct page *page);

/*
 * The file now ends at new_size bytes: unmaps and drops what lies beyond, from private
 * copies too, and zeroes the rest of the last page. Growing needs no call.
 */
void page_cache_truncate(struct page_cache *cache, u64 new_size);
/* Punches a hole: [start, end) bytes read as zero (or from disk) again. */
void page_cache_punch(struct page_cache *cache, u64 start, u64 end);
/* Drops clean, unmapped pages of [first, last]; returns how many. POSIX_FADV_DONTNEED. */
u64 page_cache_drop_clean(struct page_cache *cache, u64 first, u64 last);
/* Unmaps pages [first, last] from all vmas; private copies only if `cow`. */
void page_cache_unmap(struct page_cache *cache, u64 first, u64 last, bool cow);
/* Writes dirty pages of [first, last] out; 0 or the first error, or one left from before. */
int page_cache_writeback(struct page_cache *cache, u64 first, u64 last);

/* Reclaim: frees up to `target` clean pages of evictable caches, least used first. */
u64 page_cache_shrink(u64 target);
/* /proc/sys/vm/drop_caches. */
void page_cache_drop_all(void);

/* ---- mappings; called by mm only ---- */
void page_cache_add_vma(struct page_cache *cache, struct vma *vma);
void page_cache_remove_vma(struct page_cache *cache, struct vma *vma);

/* Shared anonymous memory: a new object of `len` bytes, to map MAP_SHARED. 0, -ENOMEM. */
int shm_source(u64 len, struct vm_source *out);
void shm_source_put(struct vm_source *src);
/* The memory of a mapping that has it, counted. False if it has other. mmap_lock held. */
bool shm_source_of(struct vma *vma, struct vm_source *out);

/* ---- implemented by fs, used by mm's system calls ---- */

/*
 * What descriptor fd gives for mmap(prot, flags): fills *out with a reference on
 * out->file that the caller drops. 0, -EBADF, -EACCES, -ENODEV, -EPERM, -EOVERFLOW.
 */
int file_mmap_source(int fd, int prot, int flags, struct vm_source *out);
/* The same for an open file (exec); *out holds no new reference. */
int file_vm_source(struct file *file, int prot, int flags, struct vm_source *out);
struct file *file_get(struct file *file);
void file_put(struct file *file);
/* While denied, nobody opens the file for writing. 0, or -ETXTBSY if somebody has. */
int file_deny_write(struct file *file);
void file_allow_write(struct file *file);
/* fsync of [start, end] bytes for msync(MS_SYNC). 0 or -errno. */
int file_sync_range(struct file *file, u64 start, u64 end);

#endif
