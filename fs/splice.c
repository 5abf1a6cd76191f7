/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * splice, tee and vmsplice: bytes into, out of and between pipes.
 *
 * Pages go where they can: those of a page cache are lent to the pipe, and from pipe to pipe
 * whole slots move and parts are shared. What has no pages of its own (devices, sockets, text
 * of /proc) is read into fresh ones; writing to a file copies, as does vmsplice: user memory
 * stays its owner's, whatever SPLICE_F_GIFT says.
 *
 * Lock order: pipe->mutex (two of them by address), then what the other file's read and write
 * take. A splice that sleeps in the other file holds its pipe meanwhile, as on Linux.
 */
#include <arch/uaccess.h>
#include <fs/files.h>
#include <fs/notify.h>
#include <fs/uio.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <mm/page.h>
#include <mm/pagecache.h>
#include <mm/slab.h>
#include "internal.h"
#include "pipe_internal.h"

/* splice(2); no header of the ABI has them. MOVE, MORE and GIFT are hints. */
#define SPLICE_F_MOVE		1u
#define SPLICE_F_NONBLOCK	2u
#define SPLICE_F_MORE		4u
#define SPLICE_F_GIFT		8u
#define SPLICE_F_ALL (SPLICE_F_MOVE | SPLICE_F_NONBLOCK | SPLICE_F_MORE | SPLICE_F_GIFT)

/* ---- one pipe ---- */

/* 1 when there is something, 0 at the end (no writers), or an error. */
static int wait_data(struct pipe *p, bool nonblock) REQUIRES(p->mutex)
{
	while (pipe_empty(p)) {
		int err;

		if (!p->writers)
			return 0;
		if (nonblock)
			return -EAGAIN;
		mutex_unlock(&p->mutex);
		err = wait_event_interruptible(&p->rd_wait,
					       !pipe_empty(p) || !READ_ONCE(p->writers));
		mutex_lock(&p->mutex);
		if (err)
			return err;
	}
	return 1;
}

/* 0 when there is a free slot, or an error; without readers SIGPIPE comes with it. */
static int wait_room(struct pipe *p, bool nonblock) REQUIRES(p->mutex)
{
	for (;;) {
		int err;

		if (!p->readers) {
			signal_send_task(SIGPIPE, current);
			return -EPIPE;
		}
		if (!pipe_full(p))
			return 0;
		if (nonblock)
			return -EAGAIN;
		mutex_unlock(&p->mutex);
		err = wait_event_interruptible(&p->wr_wait,
					       !pipe_full(p) || !READ_ONCE(p->readers));
		mutex_lock(&p->mutex);
		if (err)
			return err;
	}
}

static void push(struct pipe *p, struct page *page, char *at, u32 len, u32 flags)
{
	*slot_at(p, p->head) = (struct pipe_slot){ .page = page, .at = at, .len = len,
						   .flags = flags };
	WRITE_ONCE(p->head, p->head + 1);
}

/* n bytes of the first slot are gone. */
static void consume(struct pipe *p, u32 n)
{
	struct pipe_slot *s = slot_at(p, p->tail);

	s->at += n;
	s->len -= n;
	if (!s->len) {
		pipe_drop_page(p, s);
		WRITE_ONCE(p->tail, p->tail + 1);
	}
}

/* ---- from a file ---- */

/* Lends pages of the cache to the pipe. Bytes, or an error if none. */
static ssize_t fill_from_cache(struct pipe *p, struct file *in, loff_t *pos, size_t len)
{
	struct page_cache *cache = in->f_inode->i_cache;
	ssize_t done = 0;

	while (len && !pipe_full(p)) {
		loff_t size = i_size_read(in->f_inode);
		u32 offset = (u32)*pos & (PAGE_SIZE - 1), n, flags = PIPE_SHARED;
		struct page *page;

		if (*pos >= size)
			break;
		n = (u32)min3((size_t)PAGE_SIZE - offset, len, (size_t)(size - *pos));
		page = filemap_get_page(cache, (u64)*pos >> PAGE_SHIFT);
		if (!page) {            /* a hole */
			page = page_alloc(GFP_USER | __GFP_ZERO, 0);
			flags = 0;
		}
		if (!page || IS_ERR(page))
			return done ? done : page ? PTR_ERR(page) : -ENOMEM;
		push(p, page, (char *)page_to_virt(page) + offset, n, flags);
		*pos += n;
		done += n;
		len -= n;
	}
	file_accessed(in);
	if (done)
		notify_file(in, IN_ACCESS);
	return done;
}

/* Reads once, into fresh pages. Bytes, or an error if none. */
static ssize_t fill_by_reading(struct pipe *p, struct file *in, loff_t *pos, size_t len)
{
	struct page *pages[PIPE_SLOTS];
	struct iovec iov[PIPE_SLOTS];
	u32 room = min(p->size - (p->head - p->tail), PIPE_SLOTS), n = 0, used = 0;
	struct iov_iter it;
	ssize_t ret, left;

	len = min(len, (size_t)room * PAGE_SIZE);
	for (size_t at = 0; at < len; at += PAGE_SIZE, n++) {
		pages[n] = page_alloc(GFP_USER, 0);
		if (!pages[n])
			break;
		iov[n].iov_base = page_to_virt(pages[n]);
		iov[n].iov_len = min(len - at, (size_t)PAGE_SIZE);
	}
	len = min(len, (size_t)n * PAGE_SIZE);
	iov_iter_init(&it, ITER_DEST, iov, n, len);
	it.type = ITER_KERNEL;
	ret = n ? vfs_read(in, &it, pos) : -ENOMEM;
	for (left = ret; left > 0; left -= PAGE_SIZE, used++)
		push(p, pages[used], page_to_virt(pages[used]),
		     (u32)min_t(ssize_t, left, PAGE_SIZE), 0);
	while (used < n)
		page_put(pages[used++]);
	return ret;
}

ssize_t splice_to_pipe(struct file *in, loff_t *pos, struct pipe *p, size_t len, bool nonblock)
{
	bool was_empty;
	ssize_t ret;

	if (!in->f_op->read || S_ISDIR(in->f_inode->i_mode))
		return -EINVAL;
	if (*pos < 0)
		return -EINVAL;
	mutex_lock(&p->mutex);
	ret = wait_room(p, nonblock);
	was_empty = pipe_empty(p);
	if (!ret)
		ret = in->f_inode->i_cache && in->f_op->read == filemap_read ?
		      fill_from_cache(p, in, pos, len) : fill_by_reading(p, in, pos, len);
	mutex_unlock(&p->mutex);
	if (ret > 0 && (was_empty || READ_ONCE(p->polled)))
		wake_readers(p);
	return ret;
}

/* ---- to a file ---- */

static ssize_t drain(struct pipe *p, struct file *out, loff_t *pos, size_t len)
{
	ssize_t done = 0;

	while (len && !pipe_empty(p)) {
		struct pipe_slot *s = slot_at(p, p->tail);
		size_t want = min_t(size_t, s->len, len);
		ssize_t n = kernel_write(out, s->at, want, pos);

		if (n <= 0)
			return done ? done : n;
		consume(p, (u32)n);
		done += n;
		len -= (size_t)n;
		if ((size_t)n < want)
			break;
	}
	return done;
}

static ssize_t splice_from_pipe(struct pipe *p, struct file *out, loff_t *pos, size_t len,
				bool nonblock)
{
	bool was_full;
	ssize_t ret;

	mutex_lock(&p->mutex);
	ret = wait_data(p, nonblock);
	was_full = pipe_full(p);
	if (ret > 0)
		ret = drain(p, out, pos, len);
	was_full = was_full && !pipe_full(p);
	mutex_unlock(&p->mutex);
	if (was_full)
		wake_writers(p);
	return ret;
}

/* ---- from pipe to pipe ---- */

static void lock_both(struct pipe *a, struct pipe *b) NO_THREAD_SAFETY_ANALYSIS
{
	mutex_lock(a < b ? &a->mutex : &b->mutex);
	mutex_lock(a < b ? &b->mutex : &a->mutex);
}

static void unlock_both(struct pipe *a, struct pipe *b) NO_THREAD_SAFETY_ANALYSIS
{
	mutex_unlock(&a->mutex);
	mutex_unlock(&b->mutex);
}

/* The part of a slot that `out` gets; the page has two holders now. */
static void share(struct pipe *out, struct pipe_slot *s, u32 n)
{
	page_get(s->page);
	s->flags |= PIPE_SHARED;
	push(out, s->page, s->at, n, s->flags);
}

/* Moves (or, with `keep`, repeats) up to len bytes. Both locked. */
static ssize_t transfer(struct pipe *in, struct pipe *out, size_t len, bool keep)
{
	ssize_t done = 0;

	for (u32 i = in->tail; len && i != in->head && !pipe_full(out); i++) {
		struct pipe_slot *s = slot_at(in, i);
		u32 n = (u32)min_t(size_t, s->len, len);

		if (keep) {
			share(out, s, n);
		} else if (n < s->len) {
			share(out, s, n);
			consume(in, n);
		} else {
			push(out, s->page, s->at, s->len, s->flags);
			WRITE_ONCE(in->tail, in->tail + 1);
		}
		done += n;
		len -= n;
	}
	return done;
}

static ssize_t pipe_to_pipe(struct pipe *in, struct pipe *out, size_t len, bool nonblock,
			    bool keep)
{
	bool was_full, was_empty;
	ssize_t ret;

	if (in == out)
		return -EINVAL;
	do {
		mutex_lock(&in->mutex);
		ret = wait_data(in, nonblock);
		mutex_unlock(&in->mutex);
		if (ret <= 0)
			return ret;
		mutex_lock(&out->mutex);
		ret = wait_room(out, nonblock);
		mutex_unlock(&out->mutex);
		if (ret)
			return ret;
		lock_both(in, out);
		was_full = pipe_full(in);
		was_empty = pipe_empty(out);
		ret = transfer(in, out, len, keep);
		was_full = was_full && !pipe_full(in);
		unlock_both(in, out);
		/* 0: somebody was faster. */
	} while (!ret);
	if (was_full)
		wake_writers(in);
	if (was_empty || READ_ONCE(out->polled))
		wake_readers(out);
	return ret;
}

/* ---- the calls ---- */

/* A file's own position, or the caller's. */
static ssize_t splice_pipe_and_file(struct file *in, loff_t __user *uin, struct file *out,
				    loff_t __user *uout, size_t len, bool nonblock)
{
	struct pipe *to = pipe_of(out);
	struct file *file = to ? in : out;
	loff_t __user *upos = to ? uin : uout;
	loff_t pos = file->f_mode & FMODE_PREAD ? file->f_pos : 0;
	ssize_t ret;

	if (upos) {
		if (!(file->f_mode & FMODE_PREAD))
			return -EINVAL;
		if (copy_from_user(&pos, upos, sizeof(pos)))
			return -EFAULT;
	}
	if (to) {
		ret = splice_to_pipe(in, &pos, to, len, nonblock || (out->f_flags & O_NONBLOCK));
	} else {
		if (out->f_flags & O_APPEND)
			return -EINVAL;
		ret = splice_from_pipe(pipe_of(in), out, &pos, len,
				       nonblock || (in->f_flags & O_NONBLOCK));
	}
	if (ret < 0)
		return ret;
	if (upos)
		return put_user(pos, upos) ? -EFAULT : ret;
	if (ret && (file->f_mode & FMODE_PREAD))
		file->f_pos = pos;
	return ret;
}

static ssize_t do_splice(struct file *in, loff_t __user *uin, struct file *out,
			 loff_t __user *uout, size_t len, unsigned flags)
{
	struct pipe *from = pipe_of(in), *to = pipe_of(out);
	bool nonblock = flags & SPLICE_F_NONBLOCK;

	if (!(in->f_mode & FMODE_READ) || !(out->f_mode & FMODE_WRITE))
		return -EBADF;
	if ((from && uin) || (to && uout))
		return -ESPIPE;
	len = min_t(size_t, len, MAX_RW_COUNT);
	if (from && to)
		return pipe_to_pipe(from, to, len, nonblock ||
				    ((in->f_flags | out->f_flags) & O_NONBLOCK), false);
	if (!from && !to)
		return -EINVAL;
	return splice_pipe_and_file(in, uin, out, uout, len, nonblock);
}

SYSCALL_DEFINE6(splice, int, fd_in, loff_t __user *, off_in, int, fd_out,
		loff_t __user *, off_out, size_t, len, unsigned, flags)
{
	struct fd in, out;
	ssize_t ret;

	if (!len)
		return 0;
	if (flags & ~SPLICE_F_ALL)
		return -EINVAL;
	if (!fdget_pair(fd_in, fd_out, &in, &out))
		return -EBADF;
	ret = do_splice(in.file, off_in, out.file, off_out, len, flags);
	fdput_pair(in, out);
	return ret;
}

static ssize_t do_tee(struct file *in, struct file *out, size_t len, bool nonblock)
{
	struct pipe *from = pipe_of(in), *to = pipe_of(out);

	if (!(in->f_mode & FMODE_READ) || !(out->f_mode & FMODE_WRITE))
		return -EBADF;
	if (!from || !to)
		return -EINVAL;
	return pipe_to_pipe(from, to, min_t(size_t, len, MAX_RW_COUNT), nonblock ||
			    ((in->f_flags | out->f_flags) & O_NONBLOCK), true);
}

SYSCALL_DEFINE4(tee, int, fd_in, int, fd_out, size_t, len, unsigned, flags)
{
	struct fd in, out;
	ssize_t ret;

	if (flags & ~SPLICE_F_ALL)
		return -EINVAL;
	if (!len)
		return 0;
	if (!fdget_pair(fd_in, fd_out, &in, &out))
		return -EBADF;
	ret = do_tee(in.file, out.file, len, flags & SPLICE_F_NONBLOCK);
	fdput_pair(in, out);
	return ret;
}

/* User memory into the pipe: what there is room for, at least a byte. */
static ssize_t memory_to_pipe(struct pipe *p, struct iov_iter *from, bool nonblock)
{
	bool was_empty;
	ssize_t ret;

	mutex_lock(&p->mutex);
	ret = wait_room(p, nonblock);
	was_empty = pipe_empty(p);
	if (!ret)
		ret = pipe_put_bytes(p, from, false, false);
	mutex_unlock(&p->mutex);
	if (ret > 0 && (was_empty || READ_ONCE(p->polled)))
		wake_readers(p);
	return ret;
}

static ssize_t pipe_to_memory(struct pipe *p, struct iov_iter *to, bool nonblock)
{
	bool was_full;
	ssize_t ret;

	mutex_lock(&p->mutex);
	ret = wait_data(p, nonblock);
	was_full = pipe_full(p);
	if (ret > 0)
		ret = pipe_take_bytes(p, to);
	was_full = was_full && !pipe_full(p);
	mutex_unlock(&p->mutex);
	if (was_full)
		wake_writers(p);
	return ret;
}

static ssize_t do_vmsplice(struct file *file, const struct iovec __user *uvec, unsigned long nr,
			   bool nonblock)
{
	bool write = file->f_mode & FMODE_WRITE;
	struct iovec fast[UIO_FAST], *iov = NULL;
	struct pipe *p = pipe_of(file);
	struct iov_iter it;
	ssize_t ret;

	if (!p)
		return -EBADF;
	ret = import_iovec(write ? ITER_SOURCE : ITER_DEST, uvec, nr, fast, &iov, &it);
	if (ret > 0)
		ret = write ? memory_to_pipe(p, &it, nonblock) : pipe_to_memory(p, &it, nonblock);
	kfree(iov);
	return ret;
}

SYSCALL_DEFINE4(vmsplice, int, fd, const struct iovec __user *, iov, unsigned long, nr,
		unsigned, flags)
{
	struct fd f;
	ssize_t ret;

	if (flags & ~SPLICE_F_ALL)
		return -EINVAL;
	f = fdget((unsigned)fd);
	if (!f.file)
		return -EBADF;
	ret = do_vmsplice(f.file, iov, nr, flags & SPLICE_F_NONBLOCK);
	fdput(f);
	return ret;
}
