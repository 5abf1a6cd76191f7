/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * read, write and their vector and positioned forms, and lseek. The position of a
 * regular file or directory is locked when more than one holder could move it.
 */
#include <fs/fs.h>
#include <fs/notify.h>
#include <fs/uio.h>
#include <fs/poll.h>
#include <arch/uaccess.h>
#include <kernel/syscall.h>
#include <mm/slab.h>
#include <trace/vfs.h>
#include <linux/fs.h>
#include "internal.h"

/*
 * ---- one file, one iterator ----
 *
 * Of a program's own calls (`own`) the position is known to be right, and they count for
 * /proc/PID/io, once the file was asked.
 */

static __always_inline ssize_t read_file(struct file *file, struct iov_iter *to, loff_t *pos, bool own)
{
	ssize_t ret;

	if (unlikely(!(file->f_mode & FMODE_READ)))
		return -EBADF;
	if (unlikely(!file->f_op->read))
		return -EINVAL;
	if (!own && unlikely(*pos < 0))
		return -EINVAL;
	ret = file->f_op->read(file, to, pos);
	TRACE(vfs_read, (u32)ret, file->f_inode->i_ino);
	if (own)
		io_count(&current->io.read, ret);
	if (ret > 0)
		notify_file(file, IN_ACCESS);
	return ret;
}

ssize_t vfs_read(struct file *file, struct iov_iter *to, loff_t *pos)
{
	return read_file(file, to, pos, false);
}

static noinline ssize_t sync_written(struct file *file, ssize_t ret, loff_t end)
{
	int err = vfs_fsync(file, end - ret, end - 1, !(file->f_flags & __O_SYNC));

	return err ? err : ret;
}

static __always_inline ssize_t write_file(struct file *file, struct iov_iter *from, loff_t *pos, bool own)
{
	ssize_t ret;

	if (unlikely(!(file->f_mode & FMODE_WRITE)))
		return -EBADF;
	if (unlikely(!file->f_op->write))
		return -EINVAL;
	if (!own && unlikely(*pos < 0))
		return -EINVAL;
	ret = file->f_op->write(file, from, pos);
	TRACE(vfs_write, (u32)ret, file->f_inode->i_ino);
	if (own)
		io_count(&current->io.write, ret);
	if (unlikely((file->f_flags & O_DSYNC) | from->sync) && ret > 0 && file->f_op->fsync)
		ret = sync_written(file, ret, *pos);
	if (ret > 0)
		notify_file(file, IN_MODIFY);
	return ret;
}

ssize_t vfs_write(struct file *file, struct iov_iter *from, loff_t *pos)
{
	return write_file(file, from, pos, false);
}

ssize_t kernel_read(struct file *file, void *buf, size_t count, loff_t *pos)
{
	struct iov_iter it;

	iov_iter_kbuf(&it, ITER_DEST, buf, min_t(size_t, count, MAX_RW_COUNT));
	return vfs_read(file, &it, pos);
}

ssize_t kernel_write(struct file *file, const void *buf, size_t count, loff_t *pos)
{
	struct iov_iter it;

	iov_iter_kbuf(&it, ITER_SOURCE, (void *)buf, min_t(size_t, count, MAX_RW_COUNT));
	return vfs_write(file, &it, pos);
}

u32 vfs_poll(struct file *file, struct poll_table *pt)
{
	return file->f_op->poll ? file->f_op->poll(file, pt) : EPOLL_DEFAULT_MASK;
}

/* At the file's own position, which the caller has locked. */
static __always_inline ssize_t rw_at_pos(struct file *file, struct iov_iter *it)
{
	loff_t pos = 0;
	ssize_t ret;

	if (file->f_mode & FMODE_PREAD)
		pos = file->f_pos;
	ret = it->rw == ITER_DEST ? read_file(file, it, &pos, true) : write_file(file, it, &pos, true);
	if (ret > 0 && (file->f_mode & FMODE_PREAD))
		file->f_pos = pos;
	return ret;
}

/* For a range that cannot be a program's; what is wrong with the file goes first. */
static ssize_t bad_range(const struct file *file, u8 rw)
{
	if (!(file->f_mode & (rw == ITER_DEST ? FMODE_READ : FMODE_WRITE)))
		return -EBADF;
	if (rw == ITER_DEST ? !file->f_op->read : !file->f_op->write)
		return -EINVAL;
	return -EFAULT;
}

static __always_inline ssize_t do_rw(unsigned fd, void __user *buf, size_t count, u8 rw)
{
	struct fd f = fdget_pos(fd);
	struct iov_iter it;
	ssize_t ret;

	if (unlikely(!f.file))
		return -EBADF;
	if (likely(access_ok(buf, count))) {
		iov_iter_ubuf(&it, rw, buf, min_t(size_t, count, MAX_RW_COUNT));
		ret = rw_at_pos(f.file, &it);
	} else {
		ret = bad_range(f.file, rw);
	}
	fdput_pos(f);
	return ret;
}

SYSCALL_DEFINE3(read, unsigned, fd, char __user *, buf, size_t, count)
{
	return do_rw(fd, buf, count, ITER_DEST);
}

SYSCALL_DEFINE3(write, unsigned, fd, const char __user *, buf, size_t, count)
{
	return do_rw(fd, (void __user *)buf, count, ITER_SOURCE);
}

/* ---- at a position of the caller's ---- */

static ssize_t rw_at(struct file *file, struct iov_iter *it, loff_t pos)
{
	if (!(file->f_mode & FMODE_PREAD))
		return -ESPIPE;
	/* A transfer that would leave the positions there are is refused whole. */
	if (pos > LLONG_MAX - (loff_t)it->count &&
	    (file->f_mode & (it->rw == ITER_DEST ? FMODE_READ : FMODE_WRITE)))
		return -EINVAL;
	return it->rw == ITER_DEST ? read_file(file, it, &pos, true) : write_file(file, it, &pos, true);
}

static ssize_t do_prw(unsigned fd, void __user *buf, size_t count, loff_t pos, u8 rw)
{
	struct iov_iter it;
	struct fd f;
	ssize_t ret;

	if (pos < 0)
		return -EINVAL;
	f = fdget(fd);
	if (!f.file)
		return -EBADF;
	if (!(f.file->f_mode & FMODE_PREAD)) {
		ret = -ESPIPE;
	} else if (!access_ok(buf, count)) {
		ret = bad_range(f.file, rw);
	} else {
		iov_iter_ubuf(&it, rw, buf, min_t(size_t, count, MAX_RW_COUNT));
		ret = rw_at(f.file, &it, pos);
	}
	fdput(f);
	return ret;
}

SYSCALL_DEFINE4(pread64, unsigned, fd, char __user *, buf, size_t, count, loff_t, pos)
{
	return do_prw(fd, buf, count, pos, ITER_DEST);
}

SYSCALL_DEFINE4(pwrite64, unsigned, fd, const char __user *, buf, size_t, count, loff_t, pos)
{
	return do_prw(fd, (void __user *)buf, count, pos, ITER_SOURCE);
}

/* ---- vectors ---- */

#define RWF_KNOWN (RWF_HIPRI | RWF_DSYNC | RWF_SYNC | RWF_NOWAIT | RWF_APPEND)

static int iter_set_flags(struct file *file, struct iov_iter *it, int flags)
{
	if (flags & ~RWF_KNOWN)
		return -EOPNOTSUPP;
	/* Memory files never block; others have no way to say that they would. */
	if ((flags & RWF_NOWAIT) && !(file->f_mode & FMODE_ISREG))
		return -EOPNOTSUPP;
	it->nowait = (flags & RWF_NOWAIT) != 0;
	it->sync = (flags & (RWF_DSYNC | RWF_SYNC)) != 0;
	it->append = (flags & RWF_APPEND) != 0;
	return 0;
}

/* pos NULL: the file's own. */
static ssize_t do_rwv(unsigned fd, const struct iovec __user *vec, unsigned long nr,
		      const loff_t *pos, int flags, u8 rw)
{
	struct iovec fast[UIO_FAST], *heap;
	struct iov_iter it;
	struct fd f;
	ssize_t ret;

	if (pos && *pos < 0)
		return -EINVAL;
	f = pos ? fdget(fd) : fdget_pos(fd);
	if (!f.file)
		return -EBADF;
	ret = -ESPIPE;
	if (pos && !(f.file->f_mode & FMODE_PREAD))
		goto out;
	ret = import_iovec(rw, vec, nr, fast, &heap, &it);
	if (ret < 0)
		goto out;
	ret = -EBADF;
	if (!(f.file->f_mode & (rw == ITER_DEST ? FMODE_READ : FMODE_WRITE)))
		goto out_free;
	ret = -EINVAL;
	if (rw == ITER_DEST ? !f.file->f_op->read : !f.file->f_op->write)
		goto out_free;
	/* Nothing to move: nothing more of the file is asked. */
	ret = iov_iter_count(&it) ? iter_set_flags(f.file, &it, flags) : 0;
	if (!ret && iov_iter_count(&it))
		ret = pos ? rw_at(f.file, &it, *pos) : rw_at_pos(f.file, &it);
out_free:
	kfree(heap);
out:
	fdput_pos(f);
	return ret;
}

SYSCALL_DEFINE3(readv, unsigned, fd, const struct iovec __user *, vec, unsigned long, nr)
{
	return do_rwv(fd, vec, nr, NULL, 0, ITER_DEST);
}

SYSCALL_DEFINE3(writev, unsigned, fd, const struct iovec __user *, vec, unsigned long, nr)
{
	return do_rwv(fd, vec, nr, NULL, 0, ITER_SOURCE);
}

SYSCALL_DEFINE4(preadv, unsigned, fd, const struct iovec __user *, vec, unsigned long, nr,
		loff_t, pos)
{
	return do_rwv(fd, vec, nr, &pos, 0, ITER_DEST);
}

SYSCALL_DEFINE4(pwritev, unsigned, fd, const struct iovec __user *, vec, unsigned long, nr,
		loff_t, pos)
{
	return do_rwv(fd, vec, nr, &pos, 0, ITER_SOURCE);
}

SYSCALL_DEFINE6(preadv2, unsigned, fd, const struct iovec __user *, vec, unsigned long, nr,
		loff_t, pos, unsigned long, pos_high, int, flags)
{
	return do_rwv(fd, vec, nr, pos == -1 ? NULL : &pos, flags, ITER_DEST);
}

SYSCALL_DEFINE6(pwritev2, unsigned, fd, const struct iovec __user *, vec, unsigned long, nr,
		loff_t, pos, unsigned long, pos_high, int, flags)
{
	return do_rwv(fd, vec, nr, pos == -1 ? NULL : &pos, flags, ITER_SOURCE);
}

/* ---- lseek ---- */

static loff_t set_pos(struct file *file, loff_t offset, loff_t max)
{
	if (offset < 0 || offset > max)
		return -EINVAL;
	file->f_pos = offset;
	return offset;
}

loff_t generic_llseek_size(struct file *file, loff_t offset, int whence, loff_t max, loff_t eof)
{
	loff_t to = offset;

	switch (whence) {
	case SEEK_SET:
		break;
	case SEEK_CUR:
		if (!offset)
			return file->f_pos;
		if (check_add_overflow(file->f_pos, offset, &to))
			return -EOVERFLOW;
		break;
	case SEEK_END:
		if (check_add_overflow(eof, offset, &to))
			return -EOVERFLOW;
		break;
	case SEEK_DATA:
		if (offset < 0 || offset >= eof)
			return -ENXIO;
		break;
	case SEEK_HOLE:
		if (offset < 0 || offset >= eof)
			return -ENXIO;
		to = eof;
		break;
	default:
		return -EINVAL;
	}
	return set_pos(file, to, max);
}

loff_t generic_llseek(struct file *file, loff_t offset, int whence)
{
	struct inode *inode = file->f_inode;

	return generic_llseek_size(file, offset, whence, inode->i_sb->s_maxbytes,
				   i_size_read(inode));
}

loff_t noop_llseek(struct file *file, loff_t offset, int whence)
{
	return file->f_pos;
}

loff_t no_llseek(struct file *file, loff_t offset, int whence)
{
	return -ESPIPE;
}

loff_t vfs_llseek(struct file *file, loff_t offset, int whence)
{
	if (!(file->f_mode & FMODE_PREAD))
		return file->f_op->llseek == noop_llseek ? 0 : -ESPIPE;
	return file->f_op->llseek ? file->f_op->llseek(file, offset, whence)
				  : generic_llseek(file, offset, whence);
}

SYSCALL_DEFINE3(lseek, unsigned, fd, loff_t, offset, unsigned, whence)
{
	struct fd f = fdget_pos(fd);
	loff_t ret;

	if (!f.file)
		return -EBADF;
	ret = whence <= SEEK_MAX ? vfs_llseek(f.file, offset, (int)whence) : -EINVAL;
	fdput_pos(f);
	return ret;
}

/* ---- helpers for simple files ---- */

ssize_t simple_read_from_buffer(struct iov_iter *to, loff_t *pos, const void *from, size_t len)
{
	size_t n, done;

	if (*pos < 0)
		return -EINVAL;
	if ((u64)*pos >= len || !to->count)
		return 0;
	n = min_t(size_t, len - (size_t)*pos, to->count);
	done = copy_to_iter((const char *)from + *pos, n, to);
	if (!done)
		return -EFAULT;
	*pos += (loff_t)done;
	return (ssize_t)done;
}

ssize_t generic_read_dir(struct file *file, struct iov_iter *to, loff_t *pos)
{
	return -EISDIR;
}
