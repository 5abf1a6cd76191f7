/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls about descriptors themselves: dup, fcntl, close_range, and the ioctls that every
 * file has.
 */
#include <fs/fs.h>
#include <arch/uaccess.h>
#include <kernel/syscall.h>
#include <lib/bitmap.h>
#include <asm/ioctls.h>
#include <linux/close_range.h>
#include <linux/fs.h>
#include "internal.h"

/* ---- dup ---- */

static int dup_from(struct file *file, unsigned start, unsigned flags)
{
	int fd;

	if (start >= rlimit(RLIMIT_NOFILE))
		return -EINVAL;
	fd = fd_alloc_from(start, flags);
	if (fd >= 0)
		fd_install((unsigned)fd, file_get(file));
	return fd;
}

SYSCALL_DEFINE1(dup, unsigned, oldfd)
{
	struct fd f = fdget_raw(oldfd);
	int fd;

	if (!f.file)
		return -EBADF;
	fd = fd_alloc(0);
	if (fd >= 0)
		fd_install((unsigned)fd, file_get(f.file));
	fdput(f);
	return fd;
}

SYSCALL_DEFINE3(dup3, unsigned, oldfd, unsigned, newfd, int, flags)
{
	if ((flags & ~O_CLOEXEC) || oldfd == newfd)
		return -EINVAL;
	return fd_dup2(oldfd, newfd, (unsigned)flags);
}

/* ---- fcntl ---- */

#define SETFL_MASK (O_APPEND | O_NONBLOCK | O_NDELAY | O_DIRECT | O_NOATIME)

static long set_fl(unsigned fd, struct file *file, unsigned long arg)
{
	int error;

	if ((arg ^ file->f_flags) & O_NOATIME & arg && !inode_owner_or_capable(file->f_inode))
		return -EPERM;
	if (((arg ^ file->f_flags) & O_APPEND) && (file->f_inode->i_flags & S_APPEND_))
		return -EPERM;
	if ((arg & O_DIRECT) &&
	    (S_ISREG(file->f_inode->i_mode) || S_ISBLK(file->f_inode->i_mode)))
		return -EINVAL;
	/* Files without signals of their own ignore it. */
	if (((arg ^ file->f_flags) & FASYNC) && file->f_op->async) {
		error = fasync_set(file, (int)fd, arg & FASYNC);
		if (error)
			return error;
	}
	spin_lock(&file->f_lock);
	file->f_flags = ((u32)arg & SETFL_MASK) | (file->f_flags & ~(u32)SETFL_MASK);
	spin_unlock(&file->f_lock);
	return 0;
}

static long set_cloexec(unsigned fd, bool on)
{
	struct files *files = current->files;

	spin_lock(&files->lock);
	if (fd < files->max)
		__assign_bit(fd, files->cloexec, on);
	spin_unlock(&files->lock);
	return 0;
}

static long do_fcntl(unsigned fd, unsigned cmd, unsigned long arg, struct file *file)
{
	long ret;

	switch (cmd) {
	case F_DUPFD:
	case F_DUPFD_CLOEXEC:
		return dup_from(file, (unsigned)arg, cmd == F_DUPFD ? 0 : O_CLOEXEC);
	case F_GETFD:
		return test_bit(fd, current->files->cloexec) ? FD_CLOEXEC : 0;
	case F_SETFD:
		return set_cloexec(fd, arg & FD_CLOEXEC);
	case F_GETFL:
		return (long)file->f_flags;
	case F_SETFL:
		return set_fl(fd, file, arg);
	case F_GETLK:
	case F_OFD_GETLK:
		return fcntl_getlk(file, cmd, (void __user *)arg);
	case F_SETLK:
	case F_SETLKW:
	case F_OFD_SETLK:
	case F_OFD_SETLKW:
		return fcntl_setlk(file, fd, cmd, (void __user *)arg);
	case F_GETOWN:
		return file->f_owner;
	case F_SETOWN:
		return file_set_owner(file, (int)arg);
	case F_GETOWN_EX:
	case F_SETOWN_EX:
		return file_owner_ex(file, cmd == F_SETOWN_EX, (void __user *)arg);
	case F_GETSIG:
		return file->f_owner_sig;
	case F_SETSIG:
		if (arg > 64)
			return -EINVAL;
		file->f_owner_sig = (int)arg;
		return 0;
	case F_NOTIFY:
		return dnotify_set(fd, file, (u32)arg);
	case F_SETPIPE_SZ:
	case F_GETPIPE_SZ:
		ret = file->f_op->fcntl ? file->f_op->fcntl(file, cmd, arg) : -EBADF;
		return ret == -EINVAL && !S_ISFIFO(file->f_inode->i_mode) ? -EBADF : ret;
	case F_ADD_SEALS:
	case F_GET_SEALS:
		return file->f_op->fcntl ? file->f_op->fcntl(file, cmd, arg) : -EINVAL;
	}
	return -EINVAL;
}

static bool fcntl_on_path(unsigned cmd)
{
	return cmd == F_DUPFD || cmd == F_DUPFD_CLOEXEC || cmd == F_GETFD || cmd == F_SETFD ||
	       cmd == F_GETFL;
}

SYSCALL_DEFINE3(fcntl, unsigned, fd, unsigned, cmd, unsigned long, arg)
{
	struct fd f = fdget_raw(fd);
	long ret = -EBADF;

	if (!f.file)
		return -EBADF;
	if (likely(!(f.file->f_mode & FMODE_PATH)) || fcntl_on_path(cmd))
		ret = do_fcntl(fd, cmd, arg, f.file);
	fdput(f);
	return ret;
}

SYSCALL_DEFINE3(close_range, unsigned, first, unsigned, last, unsigned, flags)
{
	struct files *files;
	int err = 0, fd;

	if ((flags & ~(unsigned)(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC)) || first > last)
		return -EINVAL;
	if (flags & CLOSE_RANGE_UNSHARE)
		err = files_unshare();
	if (err)
		return err;
	files = current->files;
	while ((fd = files_next_fd(files, first, NULL)) >= 0 && (unsigned)fd <= last) {
		if (flags & CLOSE_RANGE_CLOEXEC)
			set_cloexec((unsigned)fd, true);
		else
			fd_close((unsigned)fd);
		first = (unsigned)fd + 1;
	}
	return 0;
}

/* ---- ioctl ---- */

static long set_nonblock(struct file *file, int __user *arg)
{
	int on;

	if (get_user(on, arg))
		return -EFAULT;
	spin_lock(&file->f_lock);
	if (on)
		file->f_flags |= O_NONBLOCK;
	else
		file->f_flags &= ~(u32)O_NONBLOCK;
	spin_unlock(&file->f_lock);
	return 0;
}

static long set_async(unsigned fd, struct file *file, int __user *arg)
{
	int on;

	if (get_user(on, arg))
		return -EFAULT;
	if (!on == !(file->f_flags & FASYNC))
		return 0;
	return fasync_set(file, (int)fd, on);
}

long vfs_ioctl(struct file *file, unsigned cmd, unsigned long arg)
{
	long ret = -ENOIOCTLCMD;

	if (file->f_op->ioctl)
		ret = file->f_op->ioctl(file, cmd, arg);
	return ret == -ENOIOCTLCMD ? -ENOTTY : ret;
}

static long do_ioctl(unsigned fd, struct file *file, unsigned cmd, unsigned long arg)
{
	struct inode *inode = file->f_inode;

	switch (cmd) {
	case FIOCLEX:
		return set_cloexec(fd, true);
	case FIONCLEX:
		return set_cloexec(fd, false);
	case FIONBIO:
		return set_nonblock(file, (int __user *)arg);
	case FIOASYNC:
		return set_async(fd, file, (int __user *)arg);
	case FIGETBSZ:
		if (!inode->i_sb->s_blocksize)
			return -EINVAL;
		return put_user((int)inode->i_sb->s_blocksize, (int __user *)arg);
	case FIONREAD:
		if (S_ISREG(inode->i_mode))
			return put_user((int)(i_size_read(inode) - file->f_pos),
					(int __user *)arg);
		break;
	}
	return vfs_ioctl(file, cmd, arg);
}

SYSCALL_DEFINE3(ioctl, unsigned, fd, unsigned, cmd, unsigned long, arg)
{
	struct fd f = fdget(fd);
	long ret;

	if (!f.file)
		return -EBADF;
	ret = do_ioctl(fd, f.file, cmd, arg);
	fdput(f);
	return ret;
}
