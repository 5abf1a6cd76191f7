/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Getting data to where it lasts: sync and its relatives, and the hints fadvise and
 * readahead.
 */
#include <fs/blkdev.h>
#include <fs/fs.h>
#include <kernel/syscall.h>
#include <mm/pagecache.h>
#include <linux/fadvise.h>
#include <linux/fs.h>
#include "internal.h"

int vfs_fsync(struct file *file, loff_t start, loff_t end, int datasync)
{
	return file->f_op->fsync ? file->f_op->fsync(file, start, end, datasync) : -EINVAL;
}

int file_sync_range(struct file *file, u64 start, u64 end)
{
	return file->f_op->fsync ? file->f_op->fsync(file, (loff_t)start, (loff_t)end, 1) : 0;
}

/* The cache behind a file, NULL: none. */
static struct page_cache *cache_of(const struct file *file)
{
	struct inode *inode = file->f_inode;

	return S_ISBLK(inode->i_mode) ? blkdev_cache(file) : inode->i_cache;
}

static int fd_fsync(unsigned fd, int datasync)
{
	struct fd f = fdget(fd);
	int err;

	if (!f.file)
		return -EBADF;
	err = vfs_fsync(f.file, 0, S64_MAX, datasync);
	fdput(f);
	return err;
}

SYSCALL_DEFINE1(fsync, unsigned, fd)
{
	return fd_fsync(fd, 0);
}

SYSCALL_DEFINE1(fdatasync, unsigned, fd)
{
	return fd_fsync(fd, 1);
}

SYSCALL_DEFINE0(sync)
{
	sync_filesystems(true);
	return 0;
}

SYSCALL_DEFINE1(syncfs, unsigned, fd)
{
	struct fd f = fdget(fd);
	struct super *sb;
	int err = 0;

	if (!f.file)
		return -EBADF;
	sb = f.file->f_inode->i_sb;
	if (sb->s_op && sb->s_op->sync)
		err = sb->s_op->sync(sb, true);
	fdput(f);
	return err;
}

SYSCALL_DEFINE4(sync_file_range, unsigned, fd, loff_t, offset, loff_t, n, unsigned, flags)
{
	struct fd f;
	loff_t end;
	int err = 0;

	if (flags & ~(unsigned)(SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE |
				SYNC_FILE_RANGE_WAIT_AFTER))
		return -EINVAL;
	if (offset < 0 || n < 0 || check_add_overflow(offset, n, &end))
		return -EINVAL;
	f = fdget(fd);
	if (!f.file)
		return -EBADF;
	if (!S_ISREG(f.file->f_inode->i_mode) && !S_ISDIR(f.file->f_inode->i_mode) &&
	    !S_ISBLK(f.file->f_inode->i_mode) && !S_ISLNK(f.file->f_inode->i_mode))
		err = -ESPIPE;
	else if (cache_of(f.file) && (flags & SYNC_FILE_RANGE_WRITE))
		err = page_cache_writeback(cache_of(f.file), (u64)offset >> PAGE_SHIFT,
					   n ? (u64)(end - 1) >> PAGE_SHIFT : U64_MAX);
	fdput(f);
	return err;
}

SYSCALL_DEFINE4(fadvise64_64, unsigned, fd, loff_t, offset, loff_t, len, int, advice)
{
	struct fd f = fdget(fd);
	struct inode *inode;
	int err = 0;

	if (!f.file)
		return -EBADF;
	inode = f.file->f_inode;
	if (S_ISFIFO(inode->i_mode))
		err = -ESPIPE;
	else if (len < 0 || advice < POSIX_FADV_NORMAL || advice > POSIX_FADV_NOREUSE)
		err = -EINVAL;
	else if (advice == POSIX_FADV_DONTNEED && cache_of(f.file) &&
		 !(cache_of(f.file)->flags & PC_SHMEM))
		page_cache_drop_clean(cache_of(f.file), (u64)offset >> PAGE_SHIFT,
				      len ? (u64)(offset + len - 1) >> PAGE_SHIFT : U64_MAX);
	fdput(f);
	return err;
}

SYSCALL_DEFINE3(readahead, int, fd, loff_t, offset, size_t, count)
{
	struct fd f = fdget((unsigned)fd);
	int err = 0;

	if (!f.file || !(f.file->f_mode & FMODE_READ))
		err = -EBADF;
	else if (!S_ISREG(f.file->f_inode->i_mode))
		err = -EINVAL;
	if (f.file)
		fdput(f);
	return err;
}
