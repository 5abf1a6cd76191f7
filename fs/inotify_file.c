/* SPDX-License-Identifier: BSD-2-Clause */
/* The inotify descriptor: its queue of events, reading them, and the three system calls. */
#include <arch/uaccess.h>
#include <asm/ioctls.h>
#include <fs/files.h>
#include <fs/namei.h>
#include <fs/poll.h>
#include <fs/proc.h>
#include <fs/uio.h>
#include <kernel/init.h>
#include <kernel/syscall.h>
#include <lib/string.h>
#include <mm/slab.h>
#include "inotify.h"

#define INOTIFY_BITS (IN_ALL_EVENTS | IN_UNMOUNT | IN_Q_OVERFLOW | IN_IGNORED | IN_ONLYDIR |	\
		      IN_DONT_FOLLOW | IN_EXCL_UNLINK | IN_MASK_CREATE | IN_MASK_ADD |	\
		      IN_ISDIR | IN_ONESHOT)

/* --- The queue --- */

/* Is the newest event the same? Then one is enough. wq.lock held. */
static bool repeats_last(const struct inotify *in, int wd, u32 mask, const struct qstr *name)
{
	const struct inotify_item *last;
	u32 len = name ? name->len : 0;

	if (list_empty(&in->items) || (mask & IN_IGNORED))
		return false;
	last = list_last_entry(&in->items, struct inotify_item, link);
	return last->wd == wd && last->mask == mask && last->len == len &&
	       (!len || !memcmp(last->name, name->name, len));
}

static void add_item(struct inotify *in, struct inotify_item *item)
{
	list_add_tail(&item->link, &in->items);
	in->nr_items++;
}

/* Events were lost: says so, once. wq.lock held. */
static void add_overflow(struct inotify *in)
{
	if (in->overflowed)
		return;
	in->overflowed = true;
	in->overflow = (struct inotify_item){ .wd = -1, .mask = IN_Q_OVERFLOW };
	add_item(in, &in->overflow);
}

void inotify_queue(struct inotify *in, int wd, u32 mask, u32 cookie, const struct qstr *name)
{
	u32 len = name ? name->len : 0;
	struct inotify_item *item = kmalloc(sizeof(*item) + len, GFP_ATOMIC);

	spin_lock_irq(&in->wq.lock);
	if (repeats_last(in, wd, mask, name)) {
		spin_unlock_irq(&in->wq.lock);
		kfree(item);
		return;
	}
	if (!item || in->nr_items >= INOTIFY_MAX_QUEUED) {
		add_overflow(in);
		spin_unlock_irq(&in->wq.lock);
		kfree(item);
	} else {
		item->wd = wd;
		item->mask = mask;
		item->cookie = cookie;
		item->len = len;
		if (len)
			memcpy(item->name, name->name, len);
		add_item(in, item);
		spin_unlock_irq(&in->wq.lock);
	}
	wake_up_common(&in->wq, TASK_NORMAL, 0, (void *)(unsigned long)(EPOLLIN | EPOLLRDNORM));
}

static void free_item(struct inotify *in, struct inotify_item *item)
{
	if (item == &in->overflow)
		in->overflowed = false;		/* no reader holds it any more */
	else
		kfree(item);
}

/* The bytes an event takes: the name is padded to whole structures, at least a NUL. */
static size_t item_size(const struct inotify_item *item)
{
	size_t unit = sizeof(struct inotify_event);

	return unit + (item->len ? (item->len + unit) / unit * unit : 0);
}

/* The first event, off the queue; NULL: none, ERR_PTR(-EINVAL): it is larger than `room`. */
static struct inotify_item *take_item(struct inotify *in, size_t room)
{
	struct inotify_item *item = NULL;

	spin_lock_irq(&in->wq.lock);
	if (!list_empty(&in->items)) {
		item = list_first_entry(&in->items, struct inotify_item, link);
		if (item_size(item) > room) {
			item = ERR_PTR(-EINVAL);
		} else {
			list_del_init(&item->link);
			in->nr_items--;
		}
	}
	spin_unlock_irq(&in->wq.lock);
	return item;
}

/* Bytes copied, or -EFAULT. */
static ssize_t copy_item(const struct inotify_item *item, struct iov_iter *to)
{
	size_t size = item_size(item), pad = size - sizeof(struct inotify_event) - item->len;
	struct inotify_event head = {
		.wd = item->wd, .mask = item->mask, .cookie = item->cookie,
		.len = (u32)(size - sizeof(head)),
	};

	if (copy_to_iter(&head, sizeof(head), to) != sizeof(head))
		return -EFAULT;
	if (item->len && (copy_to_iter(item->name, item->len, to) != item->len ||
			  iov_iter_zero(pad, to) != pad))
		return -EFAULT;
	return (ssize_t)size;
}

static ssize_t inotify_read(struct file *file, struct iov_iter *to, loff_t *pos)
{
	struct inotify *in = file->private;
	struct inotify_item *item;
	ssize_t done = 0, n;
	int err;

	for (;;) {
		item = take_item(in, iov_iter_count(to));
		if (!item && !done) {
			if (file->f_flags & O_NONBLOCK)
				return -EAGAIN;
			err = wait_event_interruptible(&in->wq,
				(item = take_item(in, iov_iter_count(to))));
			if (err)
				return err;
		}
		if (!item)
			return done;
		if (IS_ERR(item))
			return done ? done : PTR_ERR(item);
		n = copy_item(item, to);
		free_item(in, item);
		if (n < 0)
			return done ? done : n;
		done += n;
	}
}

static u32 inotify_poll(struct file *file, struct poll_table *pt)
{
	struct inotify *in = file->private;

	poll_wait(file, &in->wq, pt);
	return READ_ONCE(in->nr_items) ? EPOLLIN | EPOLLRDNORM : 0;
}

static long inotify_ioctl(struct file *file, unsigned cmd, unsigned long arg)
{
	struct inotify *in = file->private;
	struct inotify_item *item;
	size_t bytes = 0;

	if (cmd != FIONREAD)
		return -ENOTTY;
	spin_lock_irq(&in->wq.lock);
	list_for_each_entry(item, &in->items, link)
		bytes += item_size(item);
	spin_unlock_irq(&in->wq.lock);
	return put_user((int)bytes, (int __user *)arg);
}

static void inotify_free(struct inotify *in)
{
	struct inotify_item *item, *next;

	list_for_each_entry_safe(item, next, &in->items, link)
		free_item(in, item);
	atomic_dec(&in->user->inotify_instances);
	user_count_put(in->user);
	kfree(in);
}

static int inotify_release(struct inode *inode, struct file *file)
{
	inotify_watch_remove_all(file->private);
	inotify_free(file->private);
	return 0;
}

static void inotify_fdinfo(struct seq_file *m, struct file *file)
{
	struct inotify *in = file->private;
	struct inotify_watch *w;

	spin_lock(&inotify_lock);
	list_for_each_entry(w, &in->watches, link)
		seq_printf(m, "inotify wd:%x ino:%llx sdev:%x mask:%x ignored_mask:0 \n",
			   (unsigned)w->wd, (unsigned long long)w->inode->i_ino,
			   (unsigned)w->inode->i_sb->s_dev, w->mask);
	spin_unlock(&inotify_lock);
}

static const struct file_ops inotify_fops = {
	.read = inotify_read, .poll = inotify_poll, .ioctl = inotify_ioctl, .async = fasync_stream,
	.release = inotify_release, .show_fdinfo = inotify_fdinfo, .llseek = noop_llseek,
	.seek_none = true,
};

/* --- System calls --- */

SYSCALL_DEFINE1(inotify_init1, int, flags)
{
	struct user_count *user = current_cred()->user;
	struct inotify *in;
	struct file *file;

	if (flags & ~(IN_CLOEXEC | IN_NONBLOCK))
		return -EINVAL;
	in = kzalloc(sizeof(*in), GFP_KERNEL);
	if (!in)
		return -ENOMEM;
	wait_queue_init(&in->wq);
	INIT_LIST_HEAD(&in->items);
	INIT_LIST_HEAD(&in->watches);
	in->next_wd = 1;
	refcount_inc(&user->refs);
	in->user = user;
	if (atomic_inc_return(&user->inotify_instances) > INOTIFY_MAX_INSTANCES) {
		inotify_free(in);
		return -EMFILE;
	}
	file = anon_file("inotify", &inotify_fops, in, O_RDONLY | (flags & IN_NONBLOCK));
	if (IS_ERR(file)) {
		inotify_free(in);
		return PTR_ERR(file);
	}
	return fd_install_new(file, flags & IN_CLOEXEC ? O_CLOEXEC : 0);
}

static int watch_path(struct inotify *in, const char __user *name, u32 mask)
{
	unsigned how = (mask & IN_DONT_FOLLOW ? 0 : LOOKUP_FOLLOW) |
		       (mask & IN_ONLYDIR ? LOOKUP_DIRECTORY : 0);
	struct path path;
	int err = path_lookup_user(AT_FDCWD, name, how, &path);

	if (err)
		return err;
	err = inode_permission(path.dentry->d_inode, MAY_READ);
	if (!err)
		err = inotify_watch_add(in, path.dentry->d_inode, mask);
	path_put(&path);
	return err;
}

SYSCALL_DEFINE3(inotify_add_watch, int, fd, const char __user *, name, u32, mask)
{
	struct fd f;
	int ret = -EINVAL;

	if ((mask & ~(u32)INOTIFY_BITS) || !mask)
		return -EINVAL;
	f = fdget((unsigned)fd);
	if (!f.file)
		return -EBADF;
	if (f.file->f_op == &inotify_fops &&
	    (mask & (IN_MASK_ADD | IN_MASK_CREATE)) != (IN_MASK_ADD | IN_MASK_CREATE))
		ret = watch_path(f.file->private, name, mask);
	fdput(f);
	return ret;
}

SYSCALL_DEFINE2(inotify_rm_watch, int, fd, int, wd)
{
	struct fd f = fdget((unsigned)fd);
	int ret = -EINVAL;

	if (!f.file)
		return -EBADF;
	if (f.file->f_op == &inotify_fops)
		ret = inotify_watch_remove(f.file->private, wd);
	fdput(f);
	return ret;
}

static int show_limit(struct seq_file *m, void *data)
{
	seq_printf(m, "%lu\n", (unsigned long)data);
	return 0;
}

static int __init inotify_proc_init(void)
{
	proc_create("sys/fs/inotify/max_queued_events", 0444, show_limit,
		    (void *)(unsigned long)INOTIFY_MAX_QUEUED);
	proc_create("sys/fs/inotify/max_user_instances", 0444, show_limit,
		    (void *)(unsigned long)INOTIFY_MAX_INSTANCES);
	proc_create("sys/fs/inotify/max_user_watches", 0444, show_limit,
		    (void *)(unsigned long)INOTIFY_MAX_WATCHES);
	return 0;
}
device_initcall(inotify_proc_init);
