/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pipes and FIFOs: bytes in a ring of pages.
 *
 * A write fills a fresh page for each slot, except that a short one goes behind the last
 * slot's bytes if it fits there as a whole: so every write of up to PIPE_BUF bytes is
 * atomic, and a byte at a time needs no allocation (emptied pages are kept as spares).
 * Sleepers are woken only when the ring stops being empty or full, after the mutex was
 * dropped: mutex_unlock() is the full barrier between the change and the look at the
 * queue that wait.h asks for.
 *
 * Locks:  pipe->mutex for the ring and the counts of ends; inode->i_lock for
 * inode->i_pipe and pipe->files. Neither is held while sleeping for the other end.
 * Lifetime: each open file counts in pipe->files; the last one frees the pipe, the
 * inode may live on (FIFO).
 */
#include <arch/uaccess.h>
#include <fs/files.h>
#include <fs/pipe.h>
#include <fs/poll.h>
#include <fs/uio.h>
#include <kernel/cred.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <lib/bitops.h>
#include <lib/string.h>
#include <mm/page.h>
#include <mm/slab.h>
#include <asm/ioctls.h>
#include "internal.h"
#include "pipe_internal.h"

unsigned int pipe_max_size = 1u << 20;

static struct pipe *pipe_alloc(bool named)
{
	struct pipe *p = kzalloc(sizeof(*p), GFP_KERNEL);

	if (!p)
		return NULL;
	p->slots = kcalloc(PIPE_SLOTS, sizeof(*p->slots), GFP_KERNEL);
	if (!p->slots) {
		kfree(p);
		return NULL;
	}
	mutex_init(&p->mutex);
	wait_queue_init(&p->rd_wait);
	wait_queue_init(&p->wr_wait);
	p->size = PIPE_SLOTS;
	p->r_counter = p->w_counter = 1;
	p->named = named;
	return p;
}

static void pipe_free(struct pipe *p)
{
	for (u32 i = p->tail; i != p->head; i++)
		page_put(slot_at(p, i)->page);
	for (int i = 0; i < PIPE_SPARES; i++)
		if (p->spare[i])
			page_put(p->spare[i]);
	kfree(p->slots);
	kfree(p);
}

static __always_inline struct page *get_page(struct pipe *p)
{
	for (int i = 0; i < PIPE_SPARES; i++) {
		struct page *page = p->spare[i];

		if (page) {
			p->spare[i] = NULL;
			return page;
		}
	}
	return page_alloc(GFP_USER, 0);
}

static __always_inline void give_page(struct pipe *p, struct page *page)
{
	for (int i = 0; i < PIPE_SPARES; i++) {
		if (!p->spare[i]) {
			p->spare[i] = page;
			return;
		}
	}
	page_put(page);
}

void pipe_drop_page(struct pipe *p, const struct pipe_slot *s)
{
	if (s->flags & PIPE_SHARED)
		page_put(s->page);
	else
		give_page(p, s->page);
}

/* ---- reading ---- */

/* A slot with flags was read from: is it a packet, the rest of which is lost? */
static noinline bool end_of_packet(struct pipe *p, const struct pipe_slot *s)
{
	bool packet = s->flags & PIPE_PACKET;

	if (!s->len || packet) {
		pipe_drop_page(p, s);
		WRITE_ONCE(p->tail, p->tail + 1);
	}
	return packet;
}

/* Moves what is there, up to the end of a packet. Bytes, or -EFAULT if none. */
static __always_inline ssize_t take_bytes(struct pipe *p, struct iov_iter *to)
{
	ssize_t done = 0;

	while (!pipe_empty(p) && iov_iter_count(to)) {
		struct pipe_slot *s = slot_at(p, p->tail);
		u32 n = (u32)min_t(size_t, s->len, iov_iter_count(to));

		if (unlikely(!copy_to_iter_full(s->at, n, to)))
			return done ? done : -EFAULT;
		done += n;
		s->at += n;
		s->len -= n;
		if (unlikely(s->flags)) {
			if (end_of_packet(p, s))
				break;
		} else if (!s->len) {
			give_page(p, s->page);
			WRITE_ONCE(p->tail, p->tail + 1);
		}
	}
	return done;
}

/* There are writers and no bytes: waits until it is not so. 0, -EAGAIN or -ERESTARTSYS. */
static noinline ssize_t wait_for_bytes(struct pipe *p, const struct file *file)
{
	if (file->f_flags & O_NONBLOCK)
		return -EAGAIN;
	might_sleep();
	return __wait_event_false(&p->rd_wait, !pipe_empty(p) || !READ_ONCE(p->writers),
				  TASK_INTERRUPTIBLE, NSEC_MAX);
}

static ssize_t pipe_read(struct file *file, struct iov_iter *to, loff_t *pos)
{
	struct pipe *p = file->private;
	ssize_t ret;
	bool was_full;
	u32 tail;

	if (unlikely(!iov_iter_count(to)))
		return 0;
	for (;;) {
		/* An empty pipe needs no lock to be waited for. */
		if (pipe_empty(p) && READ_ONCE(p->writers)) {
			ret = wait_for_bytes(p, file);
			if (ret)
				return ret;
		}
		mutex_lock(&p->mutex);
		tail = p->tail;
		ret = take_bytes(p, to);
		if (likely(ret) || !p->writers)
			break;
		mutex_unlock(&p->mutex);	/* another reader was faster */
	}
	was_full = p->head - tail >= p->size && p->tail != tail;
	mutex_unlock(&p->mutex);
	if (unlikely(was_full))
		wake_writers(p);
	if (ret > 0 && p->named)
		file_accessed(file);
	return ret;
}

/* ---- writing ---- */

/* Adds a short piece behind the last slot's bytes if it fits there. Bytes, 0 or -EFAULT. */
static __always_inline ssize_t append(struct pipe *p, struct iov_iter *from)
{
	struct pipe_slot *s = slot_at(p, p->head - 1);
	u32 n = iov_iter_count(from) & (PAGE_SIZE - 1);
	size_t end = ((u64)s->at & (PAGE_SIZE - 1)) + s->len;

	if (!n || s->flags || end + n > PAGE_SIZE)
		return 0;
	if (unlikely(!copy_from_iter_full(s->at + s->len, n, from)))
		return -EFAULT;
	s->len += n;
	return n;
}

/* Fills one new slot. Bytes, -EFAULT or -ENOMEM. */
static __always_inline ssize_t fill_slot(struct pipe *p, struct iov_iter *from,
					 bool packet)
{
	struct page *page = get_page(p);
	char *at;
	size_t n;

	if (unlikely(!page))
		return -ENOMEM;
	at = page_to_virt(page);
	n = copy_from_iter_inline(at, min_t(size_t, iov_iter_count(from), PAGE_SIZE), from);
	if (unlikely(!n)) {
		give_page(p, page);
		return -EFAULT;
	}
	_Static_assert(PIPE_PACKET == 1, "a bool is the flag");
	*slot_at(p, p->head) = (struct pipe_slot){ page, at, n, packet };
	WRITE_ONCE(p->head, p->head + 1);
	return (ssize_t)n;
}

/* Moves as much as there is room for. Bytes (0: full), or an error if none. */
static __always_inline ssize_t put_bytes(struct pipe *p, struct iov_iter *from, bool packet,
					 bool first)
{
	ssize_t done = 0;

	if (first && !packet && !pipe_empty(p)) {
		done = append(p, from);
		if (unlikely(done < 0))
			return done;
	}
	while (iov_iter_count(from) && !pipe_full(p)) {
		size_t want = min_t(size_t, iov_iter_count(from), PAGE_SIZE);
		ssize_t n = fill_slot(p, from, packet);

		if (unlikely(n < 0))
			return done ? done : n;
		done += n;
		if (unlikely((size_t)n < want))		/* a fault in the middle */
			break;
	}
	return done;
}

/* Waits until there is room or no more readers. 0, -EAGAIN or -ERESTARTSYS. */
static noinline ssize_t wait_for_room(struct pipe *p, const struct file *file)
{
	if (file->f_flags & O_NONBLOCK)
		return -EAGAIN;
	return wait_event_interruptible(&p->wr_wait, !pipe_full(p) || !READ_ONCE(p->readers));
}

static ssize_t pipe_write(struct file *file, struct iov_iter *from, loff_t *pos)
{
	struct pipe *p = file->private;
	bool packet = file->f_flags & O_DIRECT, was_empty, first = true;
	size_t total = iov_iter_count(from);
	ssize_t ret = 0, n;

	if (unlikely(!total))
		return 0;
	for (;;) {
		mutex_lock(&p->mutex);
		if (unlikely(!p->readers)) {
			mutex_unlock(&p->mutex);
			signal_send_task(SIGPIPE, current);
			if (!ret)
				ret = -EPIPE;
			break;
		}
		was_empty = pipe_empty(p);
		n = put_bytes(p, from, packet, first);
		mutex_unlock(&p->mutex);
		if (n > 0 && (was_empty || READ_ONCE(p->polled)))
			wake_readers(p);
		if (unlikely(n < 0)) {
			if (!ret)
				ret = n;
			break;
		}
		ret += n;
		if (likely((size_t)ret == total))
			break;
		first = false;
		/* A fault in the middle of a page, or somebody has just read: see which. */
		if (unlikely(n && !pipe_full(p)))
			continue;
		n = wait_for_room(p, file);
		if (n) {
			if (!ret)
				ret = n;
			break;
		}
	}
	if (ret > 0 && p->named)
		inode_touch(file_inode(file), ATTR_MTIME | ATTR_CTIME);
	return ret;
}

/* ---- for splice: out of the way of read and write, which have these inline ---- */

ssize_t pipe_put_bytes(struct pipe *p, struct iov_iter *from, bool packet, bool first)
{
	return put_bytes(p, from, packet, first);
}

ssize_t pipe_take_bytes(struct pipe *p, struct iov_iter *to)
{
	return take_bytes(p, to);
}

/* ---- asking ---- */

/*
 * A FIFO opened for reading without waiting shows no POLLHUP until the first writer has
 * come and gone: f_pos, which a stream does not use, keeps w_counter of the open.
 */
static inline u32 read_mask(const struct file *file, const struct pipe *p)
{
	u32 mask = pipe_empty(p) ? 0 : EPOLLIN | EPOLLRDNORM;

	if (unlikely(!READ_ONCE(p->writers)) && (u32)file->f_pos != READ_ONCE(p->w_counter))
		mask |= EPOLLHUP;
	return mask;
}

static inline u32 write_mask(const struct pipe *p)
{
	return (pipe_full(p) ? 0 : EPOLLOUT | EPOLLWRNORM) |
	       (unlikely(!READ_ONCE(p->readers)) ? EPOLLERR : 0);
}

static inline u32 pipe_mask(const struct file *file, const struct pipe *p)
{
	u32 mode = file->f_mode & (FMODE_READ | FMODE_WRITE);

	if (mode == FMODE_READ)
		return read_mask(file, p);
	return write_mask(p) | (mode & FMODE_READ ? read_mask(file, p) : 0);
}

static noinline u32 pipe_poll_queue(struct file *file, struct pipe *p, struct poll_table *pt)
{
	WRITE_ONCE(p->polled, true);
	if (file->f_mode & FMODE_READ)
		poll_wait(file, &p->rd_wait, pt);
	if (file->f_mode & FMODE_WRITE)
		poll_wait(file, &p->wr_wait, pt);
	return pipe_mask(file, p);
}

static u32 pipe_poll(struct file *file, struct poll_table *pt)
{
	struct pipe *p = file->private;

	return pt && pt->queue ? pipe_poll_queue(file, p, pt) : pipe_mask(file, p);
}

/* The other end's being closed is something to be read, or to be learnt by a write. */
static u32 pipe_async(struct file *file, u32 events, bool ask)
{
	u32 told = events & (EPOLLIN | EPOLLOUT);

	if (ask)
		told = (file->f_mode & FMODE_READ ? EPOLLIN : 0) |
		       (file->f_mode & FMODE_WRITE ? EPOLLOUT : 0);
	return events ? told : 0;
}

static long pipe_ioctl(struct file *file, unsigned cmd, unsigned long arg)
{
	struct pipe *p = file->private;
	int count = 0;

	if (cmd != FIONREAD)
		return -ENOTTY;
	mutex_lock(&p->mutex);
	for (u32 i = p->tail; i != p->head; i++)
		count += (int)slot_at(p, i)->len;
	mutex_unlock(&p->mutex);
	return put_user(count, (int __user *)arg);
}

static long pipe_resize(struct pipe *p, unsigned long bytes)
{
	struct pipe_slot *slots;
	u32 size, used;

	if (bytes > 1ul << 31)
		return -EINVAL;
	size = bytes <= PAGE_SIZE ? 1 : 1u << (ilog2(bytes - 1) + 1 - PAGE_SHIFT);
	if (size > READ_ONCE(p->size) && size * PAGE_SIZE > pipe_max_size && !capable(CAP_SYS_RESOURCE))
		return -EPERM;
	slots = kcalloc(size, sizeof(*slots), GFP_KERNEL);
	if (!slots)
		return -ENOMEM;
	mutex_lock(&p->mutex);
	used = p->head - p->tail;
	if (used > size) {
		mutex_unlock(&p->mutex);
		kfree(slots);
		return -EBUSY;
	}
	for (u32 i = 0; i < used; i++)
		slots[i] = *slot_at(p, p->tail + i);
	swap(slots, p->slots);
	WRITE_ONCE(p->tail, 0);
	WRITE_ONCE(p->head, used);
	WRITE_ONCE(p->size, size);
	mutex_unlock(&p->mutex);
	kfree(slots);
	wake_writers(p);
	return (long)size * PAGE_SIZE;
}

static long pipe_fcntl(struct file *file, unsigned cmd, unsigned long arg)
{
	struct pipe *p = file->private;

	switch (cmd) {
	case F_SETPIPE_SZ:
		return pipe_resize(p, arg);
	case F_GETPIPE_SZ:
		return (long)READ_ONCE(p->size) * PAGE_SIZE;
	default:
		return -EINVAL;
	}
}

/* ---- opening and closing ---- */

static void pipe_put(struct inode *inode, struct pipe *p)
{
	bool last;

	spin_lock(&inode->i_lock);
	last = --p->files == 0;
	if (last)
		inode->i_pipe = NULL;
	spin_unlock(&inode->i_lock);
	if (last)
		pipe_free(p);
}

/* Gives up the ends that f_mode says; whoever waits for them learns it. */
static void pipe_drop_ends(struct pipe *p, u32 mode)
{
	bool hup;

	mutex_lock(&p->mutex);
	if (mode & FMODE_READ)
		WRITE_ONCE(p->readers, p->readers - 1);
	if (mode & FMODE_WRITE)
		WRITE_ONCE(p->writers, p->writers - 1);
	hup = !p->readers != !p->writers;
	mutex_unlock(&p->mutex);
	if (hup) {
		wake_up_common(&p->rd_wait, TASK_NORMAL, 0,
			       (void *)(unsigned long)(EPOLLIN | EPOLLRDNORM | EPOLLERR | EPOLLHUP));
		wake_up_common(&p->wr_wait, TASK_NORMAL, 0,
			       (void *)(unsigned long)(EPOLLOUT | EPOLLWRNORM | EPOLLERR | EPOLLHUP));
	}
}

static int pipe_release(struct inode *inode, struct file *file)
{
	struct pipe *p = file->private;

	pipe_drop_ends(p, file->f_mode);
	pipe_put(inode, p);
	return 0;
}

static const struct file_ops pipe_fops = {
	.read = pipe_read, .write = pipe_write, .poll = pipe_poll, .ioctl = pipe_ioctl, .async = pipe_async,
	.fcntl = pipe_fcntl, .release = pipe_release, .llseek = no_llseek, .seek_none = true,
};

struct pipe *pipe_of(const struct file *file)
{
	return file->f_op == &pipe_fops ? file->private : NULL;
}

/* The pipe of a FIFO's inode, counted; made by the first opener. NULL: -ENOMEM. */
static struct pipe *fifo_get(struct inode *inode)
{
	struct pipe *p, *new = NULL;

	for (;;) {
		spin_lock(&inode->i_lock);
		p = inode->i_pipe;
		if (!p && new) {
			p = inode->i_pipe = new;
			new = NULL;
		}
		if (p)
			p->files++;
		spin_unlock(&inode->i_lock);
		if (p)
			break;
		new = pipe_alloc(true);
		if (!new)
			return NULL;
	}
	if (new)
		pipe_free(new);
	return p;
}

/* Sleeps until the other end was opened at least once more. 0 or -ERESTARTSYS. */
static int wait_for_partner(struct wait_queue *wq, u32 *counter, u32 seen)
{
	return wait_event_interruptible(wq, READ_ONCE(*counter) != seen);
}

int fifo_open(struct inode *inode, struct file *file)
{
	struct pipe *p = fifo_get(inode);
	u32 mode = file->f_mode & (FMODE_READ | FMODE_WRITE), r_seen, w_seen;
	bool nonblock = file->f_flags & O_NONBLOCK, lonely;
	int err = 0;

	if (!p)
		return -ENOMEM;
	file->f_pos = 0;
	mutex_lock(&p->mutex);
	if (mode == FMODE_WRITE && nonblock && !p->readers)
		err = -ENXIO;
	if (!mode)
		err = -EINVAL;
	if (err) {
		mutex_unlock(&p->mutex);
		goto out_put;
	}
	if (mode & FMODE_READ) {
		WRITE_ONCE(p->r_counter, p->r_counter + 1);
		WRITE_ONCE(p->readers, p->readers + 1);
	}
	if (mode & FMODE_WRITE) {
		WRITE_ONCE(p->w_counter, p->w_counter + 1);
		WRITE_ONCE(p->writers, p->writers + 1);
	}
	r_seen = p->r_counter;
	w_seen = p->w_counter;
	lonely = mode == FMODE_READ ? !p->writers : mode == FMODE_WRITE ? !p->readers : false;
	mutex_unlock(&p->mutex);
	/* A partner may sleep in its own open, below. */
	wake_up_all(mode == FMODE_READ ? &p->wr_wait : &p->rd_wait);
	if (mode == (FMODE_READ | FMODE_WRITE))
		wake_up_all(&p->wr_wait);
	if (lonely && p->named) {
		if (mode == FMODE_READ && nonblock)
			file->f_pos = w_seen;
		else if (mode == FMODE_READ)
			err = wait_for_partner(&p->rd_wait, &p->w_counter, w_seen);
		else
			err = wait_for_partner(&p->wr_wait, &p->r_counter, r_seen);
	}
	if (err) {
		pipe_drop_ends(p, mode);
		goto out_put;
	}
	file->private = p;
	file->f_op = &pipe_fops;
	return 0;
out_put:
	pipe_put(inode, p);
	return err;
}

int pipe_create(struct file *ends[2], int flags)
{
	struct inode *inode = pseudo_inode(S_IFIFO | 0600);
	struct pipe *p;

	if (!inode)
		return -ENOMEM;
	p = pipe_alloc(false);
	if (!p) {
		inode_put(inode);
		return -ENOMEM;
	}
	init_special_inode(inode, S_IFIFO | 0600, 0);	/* so that /proc/PID/fd/N opens it again */
	inode->i_pipe = p;
	p->files = 2;
	p->readers = p->writers = 1;
	ends[0] = pseudo_file(inode_get(inode), "pipe", &pipe_fops, p,
			      O_RDONLY | (flags & O_NONBLOCK));
	if (IS_ERR(ends[0])) {
		pipe_free(p);
		inode->i_pipe = NULL;
		inode_put(inode);
		return (int)PTR_ERR(ends[0]);
	}
	ends[1] = pseudo_file(inode_get(inode), "pipe", &pipe_fops, p,
			      O_WRONLY | (flags & (O_NONBLOCK | O_DIRECT)));
	if (IS_ERR(ends[1])) {
		pipe_drop_ends(p, FMODE_WRITE);
		pipe_put(inode, p);
		file_put(ends[0]);
		inode_put(inode);
		return (int)PTR_ERR(ends[1]);
	}
	inode_put(inode);
	return 0;
}

SYSCALL_DEFINE2(pipe2, int __user *, fds, int, flags)
{
	struct file *ends[2];
	int err;

	if (flags & ~(O_CLOEXEC | O_NONBLOCK | O_DIRECT))
		return -EINVAL;
	err = pipe_create(ends, flags);
	if (err)
		return err;
	return fd_install_pair(ends, (unsigned)flags, fds);
}
