/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sendfile and copy_file_range: bytes from one file to another inside the kernel, a few
 * pages at a time through a buffer.
 */
#include <fs/fs.h>
#include <fs/uio.h>
#include <arch/uaccess.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <mm/page.h>
#include <mm/slab.h>
#include "internal.h"

#define COPY_ORDER 2
#define COPY_BUF   (PAGE_SIZE << COPY_ORDER)

/*
 * Copies up to count bytes. Positions advance by what reached `out`. Returns the bytes
 * or, if none, the error.
 */
static ssize_t copy_between(struct file *in, loff_t *ipos, struct file *out, loff_t *opos,
			    size_t count)
{
	char *buf = kmalloc(COPY_BUF, GFP_KERNEL);
	ssize_t done = 0, n = 0;

	if (!buf)
		return -ENOMEM;
	while ((size_t)done < count) {
		loff_t from = *ipos;
		ssize_t w = 0, part;

		if (signal_pending(current)) {
			n = -EINTR;
			break;
		}
		n = kernel_read(in, buf, min_t(size_t, COPY_BUF, count - (size_t)done), ipos);
		if (n <= 0)
			break;
		while (w < n) {
			part = kernel_write(out, buf + w, (size_t)(n - w), opos);
			if (part <= 0)
				break;
			w += part;
		}
		done += w;
		if (w < n) {            /* what was not written was not read */
			*ipos = from + w;
			n = part;
			break;
		}
	}
	kfree(buf);
	return done ? done : n;
}

static ssize_t do_sendfile(int out_fd, int in_fd, loff_t *ppos, size_t count)
{
	loff_t ipos, opos;
	struct fd in, out;
	ssize_t ret = -EBADF;

	if (!fdget_pair(in_fd, out_fd, &in, &out))
		return -EBADF;
	if (!(in.file->f_mode & FMODE_READ) || !(out.file->f_mode & FMODE_WRITE))
		goto out;
	ret = -ESPIPE;
	if (ppos && !(in.file->f_mode & FMODE_PREAD))
		goto out;
	ret = -EINVAL;
	if ((ssize_t)count < 0 || (out.file->f_flags & O_APPEND) || !in.file->f_op->read)
		goto out;
	/* The source has to be a thing with contents, as for Linux: not a pipe or terminal. */
	if (!(in.file->f_mode & FMODE_PREAD))
		goto out;
	ipos = ppos ? *ppos : in.file->f_pos;
	opos = out.file->f_pos;
	count = min_t(size_t, count, MAX_RW_COUNT);
	if (ipos < 0)
		ret = -EINVAL;
	else if (!count)
		ret = 0;
	else if (pipe_of(out.file))
		ret = splice_to_pipe(in.file, &ipos, pipe_of(out.file), count,
				     out.file->f_flags & O_NONBLOCK);
	else
		ret = copy_between(in.file, &ipos, out.file, &opos, count);
	io_count_copy(ret);
	if (ret > 0) {
		if (ppos)
			*ppos = ipos;
		else
			in.file->f_pos = ipos;
		if (out.file->f_mode & FMODE_PREAD)
			out.file->f_pos = opos;
	}
out:
	fdput_pair(in, out);
	return ret;
}

SYSCALL_DEFINE4(sendfile64, int, out_fd, int, in_fd, loff_t __user *, offset, size_t, count)
{
	loff_t pos;
	ssize_t ret;

	if (!offset)
		return do_sendfile(out_fd, in_fd, NULL, count);
	if (copy_from_user(&pos, offset, sizeof(pos)))
		return -EFAULT;
	ret = do_sendfile(out_fd, in_fd, &pos, count);
	if (put_user(pos, offset))
		return -EFAULT;
	return ret;
}

/* ---- copy_file_range ---- */

static ssize_t range_check(struct file *in, loff_t ipos, struct file *out, loff_t opos,
			   size_t *len)
{
	struct inode *ii = in->f_inode, *oi = out->f_inode;
	loff_t size;

	if (S_ISDIR(ii->i_mode) || S_ISDIR(oi->i_mode))
		return -EISDIR;
	if (!S_ISREG(ii->i_mode) || !S_ISREG(oi->i_mode))
		return -EINVAL;
	if (!(in->f_mode & FMODE_READ) || !(out->f_mode & FMODE_WRITE) ||
	    (out->f_flags & O_APPEND))
		return -EBADF;
	if (ipos < 0 || opos < 0)
		return -EINVAL;
	if (ipos + (loff_t)*len < ipos || opos + (loff_t)*len < opos)
		return -EOVERFLOW;
	size = i_size_read(ii);
	*len = ipos >= size ? 0 : min_t(size_t, *len, (size_t)(size - ipos));
	if (ii == oi && *len && opos + (loff_t)*len > ipos && opos < ipos + (loff_t)*len)
		return -EINVAL;
	return 0;
}

static ssize_t copy_range(struct file *in, loff_t __user *uin, struct file *out,
			  loff_t __user *uout, size_t len)
{
	loff_t ipos = in->f_pos, opos = out->f_pos;
	ssize_t ret;

	if (uin && copy_from_user(&ipos, uin, sizeof(ipos)))
		return -EFAULT;
	if (uout && copy_from_user(&opos, uout, sizeof(opos)))
		return -EFAULT;
	len = min_t(size_t, len, MAX_RW_COUNT);
	ret = range_check(in, ipos, out, opos, &len);
	if (ret || !len)
		return ret;
	ret = copy_between(in, &ipos, out, &opos, len);
	io_count_copy(ret);
	if (ret <= 0)
		return ret;
	if (uin ? put_user(ipos, uin) : 0)
		return -EFAULT;
	if (uout ? put_user(opos, uout) : 0)
		return -EFAULT;
	if (!uin)
		in->f_pos = ipos;
	if (!uout)
		out->f_pos = opos;
	return ret;
}

SYSCALL_DEFINE6(copy_file_range, int, fd_in, loff_t __user *, off_in, int, fd_out,
		loff_t __user *, off_out, size_t, len, unsigned, flags)
{
	struct fd in, out;
	ssize_t ret;

	if (flags)
		return -EINVAL;
	if (!fdget_pair(fd_in, fd_out, &in, &out))
		return -EBADF;
	ret = copy_range(in.file, off_in, out.file, off_out, len);
	fdput_pair(in, out);
	return ret;
}
