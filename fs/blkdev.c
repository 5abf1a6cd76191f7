/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Special files of block devices: the page cache of the disk as a file. All nodes of a
 * number show the same cache, which hangs on an inode of the disk's own.
 *
 * Writers are serialised by that inode's i_rwsem, as those of a regular file are.
 */
#include <arch/uaccess.h>
#include <block/block.h>
#include <fs/blkdev.h>
#include <fs/uio.h>
#include <kernel/cred.h>
#include <linux/fs.h>
#include <linux/mman.h>
#include "internal.h"

#define WRITE_CHUNK	(1u << 20)	/* bytes between two looks at how much is dirty */

/* ---- reading, writing, mapping ---- */

static ssize_t blk_read(struct file *file, struct iov_iter *to, loff_t *pos)
{
	struct disk *disk = file->private;
	ssize_t ret = filemap_read_inode(disk->inode, to, pos);

	file_accessed(file);
	return ret;
}

/* In chunks, so that a long write does not dirty all of memory. */
static ssize_t write_chunks(struct disk *disk, struct iov_iter *from, loff_t pos)
{
	size_t left = from->count;
	ssize_t done = 0;

	while (left) {
		size_t chunk = min_t(size_t, left, WRITE_CHUNK);
		ssize_t n;

		from->count = chunk;
		n = filemap_write_pages(disk->inode, from, pos);
		if (n <= 0)
			return done ? done : n;
		done += n;
		pos += n;
		left -= (size_t)n;
		disk_cache_dirtied();
		disk_cache_balance(disk);
		if ((size_t)n < chunk)
			break;
	}
	return done;
}

int blkdev_write_zeros(struct disk *disk, loff_t pos, u64 len)
{
	struct inode *inode = disk->inode;
	ssize_t n = 0;

	down_write(&inode->i_rwsem);
	for (; len && n >= 0; pos += n, len -= (u64)n) {
		struct iov_iter zeros;

		iov_iter_kbuf(&zeros, ITER_SOURCE, page_to_virt(zero_page), min(len, (u64)PAGE_SIZE));
		n = write_chunks(disk, &zeros, pos);
	}
	up_write(&inode->i_rwsem);
	return n < 0 ? (int)n : disk_cache_sync(disk, 0, U64_MAX);
}

static ssize_t blk_write(struct file *file, struct iov_iter *from, loff_t *pos)
{
	struct disk *disk = file->private;
	struct inode *inode = disk->inode;
	ssize_t ret;

	if (disk_is_read_only(disk))
		return -EPERM;
	if (!from->count)
		return 0;
	if (!from->nowait)
		down_write(&inode->i_rwsem);
	else if (!down_write_trylock(&inode->i_rwsem))
		return -EAGAIN;
	if ((file->f_flags & O_APPEND) | from->append)
		*pos = inode->i_size;
	ret = -ENOSPC;
	if (*pos < inode->i_size) {
		iov_iter_truncate(from, (size_t)(inode->i_size - *pos));
		ret = write_chunks(disk, from, *pos);
	}
	up_write(&inode->i_rwsem);
	if (ret > 0) {
		*pos += ret;
		inode_touch(file->f_inode, ATTR_MTIME | ATTR_CTIME);
	}
	return ret;
}

static int blk_mkwrite(struct vma *vma, struct page *page)
{
	page_set_dirty(page);
	disk_cache_dirtied();
	disk_cache_balance(vma->file->private);
	return 0;
}
static const struct vm_ops blk_vm_ops = { .mkwrite = blk_mkwrite };

static int blk_mmap(struct file *file, struct vm_source *src, int prot, int flags)
{
	struct disk *disk = file->private;
	int type = flags & MAP_TYPE;

	if (disk_is_read_only(disk) && type != MAP_PRIVATE) {
		if (prot & PROT_WRITE)
			return -EACCES;
		src->may &= ~VM_MAYWRITE;
	}
	src->cache = &disk->cache;
	src->ops = &blk_vm_ops;
	file_accessed(file);
	return 0;
}

static int blk_fsync(struct file *file, loff_t start, loff_t end, int datasync)
{
	return disk_cache_sync(file->private, (u64)start, (u64)end);
}

static loff_t blk_llseek(struct file *file, loff_t offset, int whence)
{
	loff_t size = (loff_t)disk_bytes(file->private);

	return generic_llseek_size(file, offset, whence, size, size);
}

/* ---- opening ---- */

static int blk_release(struct inode *inode, struct file *file)
{
	disk_close(file->private, file);
	return 0;
}

static const struct file_ops blk_fops = {
	.read = blk_read, .write = blk_write, .mmap = blk_mmap, .fsync = blk_fsync,
	.llseek = blk_llseek, .ioctl = blkdev_ioctl, .release = blk_release,
};

int blkdev_open(struct inode *inode, struct file *file)
{
	struct disk *disk = disk_find(inode->i_rdev);
	int err = disk ? disk_open(disk, file->f_flags & O_EXCL ? file : NULL) : -ENXIO;

	if (err)
		return err;
	file->private = disk;
	file->f_op = &blk_fops;
	return 0;
}

struct page_cache *blkdev_cache(const struct file *file)
{
	return file->f_op == &blk_fops ? &((struct disk *)file->private)->cache : NULL;
}
