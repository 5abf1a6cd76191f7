/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files whose contents are pages of a page cache: read, write and mmap, the one
 * implementation for tmpfs and the file systems on disks.
 *
 * User memory is copied without a page lock held: the copy may fault on the very page
 * it reads or writes. Writers are serialised by i_rwsem; readers see bytes old or new.
 */
#include <arch/uaccess.h>
#include <fs/fs.h>
#include <fs/uio.h>
#include <kernel/signal.h>
#include <mm/mm.h>
#include <mm/pagecache.h>
#include <linux/mman.h>
#include "internal.h"

void filemap_release(struct inode *inode)
{
	page_cache_destroy(inode->i_cache);
}

/* ---- read ---- */

/* The page to read from; NULL: a hole. */
static struct page *read_page_at(struct page_cache *cache, u64 index, bool nowait)
{
	struct page *page = page_cache_find(cache, index);

	if (likely(page && page_flag(page, PG_UPTODATE))) {
		if (!page_flag(page, PG_REFERENCED))
			page_flag_set(page, PG_REFERENCED);
		return page;
	}
	if (page)
		page_put(page);
	else if (cache->flags & PC_SHMEM)
		return NULL;
	return page_cache_get(cache, index, PCG_CREATE | (nowait ? PCG_NOWAIT : 0));
}

struct page *filemap_get_page(struct page_cache *cache, u64 index)
{
	return read_page_at(cache, index, false);
}

static __always_inline ssize_t read_pages(struct inode *inode, struct iov_iter *to, loff_t *ppos)
{
	struct page_cache *cache = inode->i_cache;
	loff_t pos = *ppos;
	ssize_t done = 0;
	int err = 0;

	while (to->count) {
		loff_t size = i_size_read(inode);
		size_t off = (size_t)pos & (PAGE_SIZE - 1), n, moved;
		struct page *page;

		if (pos >= size)
			break;
		n = min3((size_t)PAGE_SIZE - off, to->count, (size_t)(size - pos));
		page = read_page_at(cache, (u64)pos >> PAGE_SHIFT, to->nowait);
		if (IS_ERR(page)) {
			err = (int)PTR_ERR(page);
			break;
		}
		if (page) {
			moved = copy_page_to_iter(page, off, n, to);
			page_put(page);
		} else {
			moved = iov_iter_zero(n, to);
		}
		pos += (loff_t)moved;
		done += (ssize_t)moved;
		if (moved < n) {
			err = -EFAULT;
			break;
		}
		if (to->count) {
			cond_resched();
			if (fatal_signal_pending(current)) {
				err = -EINTR;
				break;
			}
		}
	}
	*ppos = pos;
	return done ? done : err;
}

ssize_t filemap_read(struct file *file, struct iov_iter *to, loff_t *ppos)
{
	ssize_t ret = read_pages(file->f_inode, to, ppos);

	file_accessed(file);
	return ret;
}

ssize_t filemap_read_inode(struct inode *inode, struct iov_iter *to, loff_t *ppos)
{
	return read_pages(inode, to, ppos);
}

/* ---- write ---- */

ssize_t generic_write_checks(struct file *file, struct iov_iter *from, loff_t *pos)
{
	struct inode *inode = file->f_inode;
	unsigned long limit = rlimit(RLIMIT_FSIZE);
	loff_t max = inode->i_sb->s_maxbytes;

	if (!from->count)
		return 0;
	if (unlikely((file->f_flags & O_APPEND) | from->append))
		*pos = inode->i_size;
	if (unlikely(limit != RLIM_INFINITY)) {
		if ((u64)*pos >= limit) {
			signal_send_task(SIGXFSZ, current);
			return -EFBIG;
		}
		iov_iter_truncate(from, limit - (u64)*pos);
	}
	if (unlikely(*pos >= max))
		return -EFBIG;
	iov_iter_truncate(from, (size_t)(max - *pos));
	return (ssize_t)from->count;
}

/*
 * Writes a whole page that is not in the cache without reading it first. False if that
 * cannot be done without sleeping in the copy: the page is locked, and the copy may fault on it.
 * What is left then is a page that is not up to date, and `from` as it was.
 */
static bool overwrite_page(struct page_cache *cache, u64 index, struct iov_iter *from)
{
	struct page *page = page_cache_find(cache, index);
	struct iov_iter was = *from;
	bool done = false;

	if (!page) {
		page = page_cache_get(cache, index, PCG_CREATE | PCG_NOREAD);
		if (IS_ERR(page))
			return false;
		if (!page_flag(page, PG_UPTODATE)) {
			pagefault_disable();
			done = copy_page_from_iter(page, 0, PAGE_SIZE, from) == PAGE_SIZE;
			pagefault_enable();
			if (done)
				page_flag_set(page, PG_UPTODATE);
			else
				*from = was;
		}
		if (done)
			page_set_dirty(page);
		page_unlock(page);
	}
	page_put(page);
	return done;
}

ssize_t filemap_write_pages(struct inode *inode, struct iov_iter *from, loff_t pos)
{
	struct page_cache *cache = inode->i_cache;
	unsigned flags = PCG_CREATE | (from->nowait ? PCG_NOWAIT : 0);
	ssize_t done = 0;

	while (from->count) {
		size_t off = (size_t)pos & (PAGE_SIZE - 1);
		size_t n = min((size_t)PAGE_SIZE - off, from->count), moved;

		if (n == PAGE_SIZE && cache->ops->read_page && !from->nowait &&
		    overwrite_page(cache, (u64)pos >> PAGE_SHIFT, from)) {
			moved = n;
		} else {
			struct page *page = page_cache_get(cache, (u64)pos >> PAGE_SHIFT, flags);

			if (IS_ERR(page))
				return done ? done : PTR_ERR(page);
			moved = copy_page_from_iter(page, off, n, from);
			if (moved)
				page_set_dirty(page);
			page_put(page);
		}
		if (moved) {
			pos += (loff_t)moved;
			done += (ssize_t)moved;
			if (pos > inode->i_size)
				i_size_write(inode, pos);
		}
		if (moved < n)
			return done ? done : -EFAULT;
		if (from->count) {
			cond_resched();
			if (fatal_signal_pending(current))
				return done ? done : -EINTR;
		}
	}
	return done;
}

ssize_t filemap_write_locked(struct file *file, struct iov_iter *from, loff_t *pos)
{
	struct inode *inode = file->f_inode;
	ssize_t ret = generic_write_checks(file, from, pos);

	if (ret <= 0)
		return ret;
	ret = file_remove_privs(file);
	if (ret)
		return ret;
	inode_touch(inode, ATTR_MTIME | ATTR_CTIME);
	ret = filemap_write_pages(inode, from, *pos);
	if (ret > 0)
		*pos += ret;
	return ret;
}

ssize_t filemap_write(struct file *file, struct iov_iter *from, loff_t *pos)
{
	struct inode *inode = file->f_inode;
	ssize_t ret;

	if (!from->nowait)
		down_write(&inode->i_rwsem);
	else if (!down_write_trylock(&inode->i_rwsem))
		return -EAGAIN;
	ret = filemap_write_locked(file, from, pos);
	up_write(&inode->i_rwsem);
	return ret;
}

/* ---- mmap ---- */

int filemap_mmap(struct file *file, struct vm_source *src, int prot, int flags)
{
	src->cache = file->f_inode->i_cache;
	file_accessed(file);
	return 0;
}

int file_vm_source(struct file *file, int prot, int flags, struct vm_source *out)
{
	int type = flags & MAP_TYPE;
	bool shared = type == MAP_SHARED || type == MAP_SHARED_VALIDATE;

	*out = (struct vm_source){
		.file = file, .may = VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC,
	};
	if (shared && (prot & PROT_WRITE) &&
	    (!(file->f_mode & FMODE_WRITE) || (file->f_inode->i_flags & S_APPEND_)))
		return -EACCES;
	if (!(file->f_mode & FMODE_READ))
		return -EACCES;
	if (file->f_path.mnt->mnt_flags & MNT_NOEXEC) {
		if (prot & PROT_EXEC)
			return -EPERM;
		out->may &= ~VM_MAYEXEC;
	}
	if (shared && !(file->f_mode & FMODE_WRITE))
		out->may &= ~VM_MAYWRITE;
	if (!file->f_op->mmap)
		return -ENODEV;
	return file->f_op->mmap(file, out, prot, flags);
}

int file_mmap_source(int fd, int prot, int flags, struct vm_source *out)
{
	struct fd f = fdget((unsigned)fd);
	int err;

	if (!f.file)
		return -EBADF;
	err = file_vm_source(f.file, prot, flags, out);
	if (!err)
		file_get(f.file);
	fdput(f);
	return err;
}
