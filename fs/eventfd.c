/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * eventfd2: a 64-bit counter as a file. A write adds to it, a read takes it (or one of
 * it, EFD_SEMAPHORE) and waits while it is zero.
 *
 * Lock: the counter is under wq.lock, with IRQs off; the wait queue's own wake-up takes
 * it again, so wakers act after they dropped it.
 */
#include <fs/files.h>
#include <fs/poll.h>
#include <fs/seq_file.h>
#include <fs/uio.h>
#include <kernel/syscall.h>
#include <kernel/wait.h>
#include <mm/slab.h>

/* eventfd(2); no header of the ABI has them. */
#define EFD_SEMAPHORE	1
#define EFD_CLOEXEC	O_CLOEXEC
#define EFD_NONBLOCK	O_NONBLOCK

#define EVENTFD_MAX (~0ull - 1)

struct eventfd {
	struct wait_queue wq;
	u64               count;	/* wq.lock; read for a guess without */
	bool              semaphore;	/* constant */
};

/* Takes from the counter; 0 if it was empty. */
static u64 take(struct eventfd *e)
{
	u64 n;

	spin_lock_irq(&e->wq.lock);
	n = e->count && e->semaphore ? 1 : e->count;
	e->count -= n;
	spin_unlock_irq(&e->wq.lock);
	return n;
}

static bool add(struct eventfd *e, u64 n)
{
	bool fits;

	spin_lock_irq(&e->wq.lock);
	fits = n <= EVENTFD_MAX - e->count;
	if (fits)
		e->count += n;
	spin_unlock_irq(&e->wq.lock);
	return fits;
}

static ssize_t eventfd_read(struct file *file, struct iov_iter *to, loff_t *pos)
{
	struct eventfd *e = file->private;
	u64 n;
	int err;

	if (iov_iter_count(to) < sizeof(n))
		return -EINVAL;
	n = take(e);
	if (!n) {
		if (file->f_flags & O_NONBLOCK)
			return -EAGAIN;
		err = wait_event_interruptible(&e->wq, (n = take(e)));
		if (err)
			return err;
	}
	wake_up_common(&e->wq, TASK_NORMAL, 0, (void *)(unsigned long)EPOLLOUT);
	return copy_to_iter(&n, sizeof(n), to) == sizeof(n) ? (ssize_t)sizeof(n) : -EFAULT;
}

static ssize_t eventfd_write(struct file *file, struct iov_iter *from, loff_t *pos)
{
	struct eventfd *e = file->private;
	u64 n;
	int err;

	if (iov_iter_count(from) < sizeof(n))
		return -EINVAL;
	if (copy_from_iter(&n, sizeof(n), from) != sizeof(n))
		return -EFAULT;
	if (n == ~0ull)
		return -EINVAL;
	if (!add(e, n)) {
		if (file->f_flags & O_NONBLOCK)
			return -EAGAIN;
		err = wait_event_interruptible(&e->wq, add(e, n));
		if (err)
			return err;
	}
	wake_up_common(&e->wq, TASK_NORMAL, 0, (void *)(unsigned long)EPOLLIN);
	return sizeof(n);
}

static u32 eventfd_poll(struct file *file, struct poll_table *pt)
{
	struct eventfd *e = file->private;
	u64 count;
	u32 mask = 0;

	poll_wait(file, &e->wq, pt);
	count = READ_ONCE(e->count);
	if (count)
		mask |= EPOLLIN;
	if (count == ~0ull)
		mask |= EPOLLERR;
	if (count < EVENTFD_MAX)
		mask |= EPOLLOUT;
	return mask;
}

static int eventfd_release(struct inode *inode, struct file *file)
{
	kfree(file->private);
	return 0;
}

static void eventfd_fdinfo(struct seq_file *m, struct file *file)
{
	struct eventfd *e = file->private;

	seq_printf(m, "eventfd-count: %16llx\n", (unsigned long long)READ_ONCE(e->count));
}

static const struct file_ops eventfd_fops = {
	.read = eventfd_read, .write = eventfd_write, .poll = eventfd_poll,
	.release = eventfd_release, .show_fdinfo = eventfd_fdinfo, .llseek = noop_llseek,
	.seek_none = true,
};

SYSCALL_DEFINE2(eventfd2, unsigned, count, int, flags)
{
	struct eventfd *e;
	struct file *file;

	if (flags & ~(EFD_SEMAPHORE | EFD_CLOEXEC | EFD_NONBLOCK))
		return -EINVAL;
	e = kzalloc(sizeof(*e), GFP_KERNEL);
	if (!e)
		return -ENOMEM;
	wait_queue_init(&e->wq);
	e->count = count;
	e->semaphore = flags & EFD_SEMAPHORE;
	file = anon_file("[eventfd]", &eventfd_fops, e, O_RDWR | (flags & EFD_NONBLOCK));
	if (IS_ERR(file)) {
		kfree(e);
		return PTR_ERR(file);
	}
	return fd_install_new(file, flags & EFD_CLOEXEC ? O_CLOEXEC : 0);
}
