/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * epoll: a set of watched files, and a list of those that may be ready.
 *
 * For each watched file an item has entries on the file's wait queues. Their wake-up
 * function (any context, under that queue's lock) puts the item on the ready list and
 * wakes whoever waits. epoll_wait() asks each listed file again and reports what is
 * true; a level-triggered item that was ready goes back on the list.
 *
 * An item is taken off the list before its file is asked, so a change during the
 * question puts it back: nothing is lost, at worst something is asked once too often.
 *
 * Lock order, outermost first:
 *	epoll_mutex      global: freeing of sets, release of watched files, nesting
 *	ep->mutex        the items; outer set before the one it watches
 *	file->f_lock     file->f_ep, the items that watch the file
 *	wait queue locks of watched files
 *	ep->lock         the ready list; IRQs off
 *	ep->wq.lock, ep->poll_wq.lock
 *
 * Lifetime: an item does not hold its file. file_destroy() calls epoll_release_file()
 * before the file's own release(), while the wait queues still exist. A set dies with
 * its own file; both ways of removal take epoll_mutex, so neither sees a freed object.
 */
#include <arch/uaccess.h>
#include <fs/files.h>
#include <fs/seq_file.h>
#include <kernel/syscall.h>
#include <mm/slab.h>
#include "epoll_internal.h"

#define MAX_NESTS	4		/* sets that watch sets */
#define EXCLUSIVE_OK	((u32)(EPOLLIN | EPOLLOUT | EPOLLERR | EPOLLHUP | EPOLLWAKEUP | \
			       EPOLLET | EPOLLEXCLUSIVE | EPOLLRDNORM | EPOLLWRNORM))

struct ep_wait {
	struct ep_wait    *next;
	struct wait_entry  wait;	/* private is the item */
	struct wait_queue *wq;
};

struct ep_table {
	struct poll_table table;
	struct epitem    *item;
	int               error;
};

static DEFINE_MUTEX(epoll_mutex);

/* ---- the ready list ---- */

/* Any context, under the lock of a watched file's wait queue. */
static int ep_wake(struct wait_entry *wait, unsigned state, void *key)
{
	struct epitem *item = wait->private;
	struct eventpoll *ep = item->ep;
	u32 events = READ_ONCE(item->event.events), what = (u32)(unsigned long)key;
	unsigned long flags;
	bool nested;

	if (!(events & ~PRIVATE_BITS))			/* a spent EPOLLONESHOT */
		return 0;
	if (what && !(what & events))
		return 0;
	spin_lock_irqsave(&ep->lock, flags);
	if (list_empty(&item->ready))
		list_add_tail(&item->ready, &ep->ready);
	nested = !wait_queue_empty(&ep->poll_wq);
	spin_unlock_irqrestore(&ep->lock, flags);
	wake_up(&ep->wq);
	if (nested)
		wake_up_poll(&ep->poll_wq, EPOLLIN | EPOLLRDNORM);
	return 1;
}

static void ep_list_item(struct epitem *item)
{
	struct eventpoll *ep = item->ep;

	spin_lock_irq(&ep->lock);
	if (list_empty(&item->ready))
		list_add_tail(&item->ready, &ep->ready);
	spin_unlock_irq(&ep->lock);
	wake_up(&ep->wq);
	if (!wait_queue_empty(&ep->poll_wq))
		wake_up_poll(&ep->poll_wq, EPOLLIN | EPOLLRDNORM);
}

/* ---- items ---- */

static void ep_queue(struct file *file, struct wait_queue *wq, struct poll_table *pt)
{
	struct ep_table *t = container_of(pt, struct ep_table, table);
	struct ep_wait *w;

	if (t->error)
		return;
	w = kmalloc(sizeof(*w), GFP_KERNEL);
	if (!w) {
		t->error = -ENOMEM;
		return;
	}
	init_wait_func(&w->wait, ep_wake, t->item);
	w->wq = wq;
	w->next = t->item->waits;
	t->item->waits = w;
	if (t->item->event.events & EPOLLEXCLUSIVE)
		add_wait_queue_exclusive(wq, &w->wait);
	else
		add_wait_queue(wq, &w->wait);
}

static int item_cmp(const struct file *file, int fd, const struct epitem *item)
{
	if (file != item->file)
		return file < item->file ? -1 : 1;
	return fd - item->fd;
}

static struct epitem *ep_find(struct eventpoll *ep, struct file *file, int fd)
{
	struct rb_node *n = ep->items.rb_node;

	while (n) {
		struct epitem *item = rb_entry(n, struct epitem, node);
		int c = item_cmp(file, fd, item);

		if (!c)
			return item;
		n = c < 0 ? n->rb_left : n->rb_right;
	}
	return NULL;
}

static void ep_link(struct eventpoll *ep, struct epitem *new)
{
	struct rb_node **link = &ep->items.rb_node, *parent = NULL;

	while (*link) {
		parent = *link;
		link = item_cmp(new->file, new->fd, rb_entry(parent, struct epitem, node)) < 0 ?
			&parent->rb_left : &parent->rb_right;
	}
	rb_link_node(&new->node, parent, link);
	rb_insert_color(&new->node, &ep->items);
}

/* Out of everything, and freed. ep->mutex held. */
static void ep_remove(struct eventpoll *ep, struct epitem *item)
{
	struct ep_wait *w, *next;

	for (w = item->waits; w; w = next) {
		next = w->next;
		remove_wait_queue(w->wq, &w->wait);
		kfree(w);
	}
	spin_lock(&item->file->f_lock);
	list_del(&item->file_link);
	spin_unlock(&item->file->f_lock);
	rb_erase(&item->node, &ep->items);
	spin_lock_irq(&ep->lock);
	list_del_init(&item->ready);
	spin_unlock_irq(&ep->lock);
	kfree(item);
}

/* ep->mutex held. 0, -ENOMEM. */
static int ep_insert(struct eventpoll *ep, struct file *file, int fd, const struct epoll_event *ev)
{
	struct epitem *item = kzalloc(sizeof(*item), GFP_KERNEL);
	struct ep_table t = { .table = { .queue = ep_queue }, .item = item };
	u32 ready;

	if (!item)
		return -ENOMEM;
	INIT_LIST_HEAD(&item->ready);
	item->ep = ep;
	item->file = file;
	item->fd = fd;
	item->event = *ev;
	spin_lock(&file->f_lock);
	list_add_tail(&item->file_link, &file->f_ep);
	spin_unlock(&file->f_lock);
	ep_link(ep, item);
	ready = ep_ask(item, &t.table);
	if (t.error) {
		ep_remove(ep, item);
		return t.error;
	}
	if (ready)
		ep_list_item(item);
	return 0;
}

static void ep_modify(struct epitem *item, const struct epoll_event *ev)
{
	WRITE_ONCE(item->event.events, ev->events);
	item->event.data = ev->data;
	/* A waker sees the new mask, or we see what it did. */
	smp_mb();
	if (ep_ask(item, NULL))
		ep_list_item(item);
}

/* ---- nesting ---- */

/*
 * May `target` be watched by `ep`, `depth` sets below the outermost? -ELOOP if that would
 * close a circle or go too deep. epoll_mutex held: no set can join another meanwhile.
 */
static int ep_check_nesting(struct eventpoll *ep, struct eventpoll *target, int depth)
{
	struct epitem *item;
	int err = 0;

	if (ep == target || depth > MAX_NESTS)
		return -ELOOP;
	mutex_lock(&target->mutex);
	rb_for_each_entry(item, &target->items, node) {
		if (is_epoll(item->file))
			err = ep_check_nesting(ep, item->file->private, depth + 1);
		if (err)
			break;
	}
	mutex_unlock(&target->mutex);
	return err;
}

/* How many sets watch `file` one above the other. epoll_mutex held. */
static int ep_watched_depth(struct file *file, int depth)
{
	struct epitem *item;
	int deepest = depth;

	if (depth > MAX_NESTS)
		return depth;
	/* f_lock of a watched set, then of those that watch it: never a circle. */
	spin_lock(&file->f_lock);
	list_for_each_entry(item, &file->f_ep, file_link)
		deepest = max(deepest, ep_watched_depth(item->ep->file, depth + 1));
	spin_unlock(&file->f_lock);
	return deepest;
}

/* ---- the file ---- */

/* Is anything on the list really ready? Takes the rest off it. */
static u32 eventpoll_poll(struct file *file, struct poll_table *pt)
{
	struct eventpoll *ep = file->private;
	struct epitem *item;
	u32 mask = 0;

	poll_wait(file, &ep->poll_wq, pt);
	if (list_empty(&ep->ready))
		return 0;
	mutex_lock(&ep->mutex);
	for (;;) {
		spin_lock_irq(&ep->lock);
		item = list_first_entry_or_null(&ep->ready, struct epitem, ready);
		if (item)
			list_del_init(&item->ready);
		spin_unlock_irq(&ep->lock);
		if (!item)
			break;
		if (ep_ask(item, NULL)) {
			spin_lock_irq(&ep->lock);
			if (list_empty(&item->ready))
				list_add(&item->ready, &ep->ready);
			spin_unlock_irq(&ep->lock);
			mask = EPOLLIN | EPOLLRDNORM;
			break;
		}
	}
	mutex_unlock(&ep->mutex);
	return mask;
}

static int eventpoll_release(struct inode *inode, struct file *file)
{
	struct eventpoll *ep = file->private;
	struct rb_node *n;

	mutex_lock(&epoll_mutex);
	mutex_lock(&ep->mutex);
	while ((n = rb_first(&ep->items)))
		ep_remove(ep, rb_entry(n, struct epitem, node));
	mutex_unlock(&ep->mutex);
	mutex_unlock(&epoll_mutex);
	kfree(ep);
	return 0;
}

void epoll_release_file(struct file *file)
{
	struct epitem *item;

	mutex_lock(&epoll_mutex);
	for (;;) {
		struct eventpoll *ep = NULL;

		spin_lock(&file->f_lock);
		item = list_first_entry_or_null(&file->f_ep, struct epitem, file_link);
		if (item)
			ep = item->ep;
		spin_unlock(&file->f_lock);
		if (!ep)
			break;
		/* The set cannot go while we hold epoll_mutex; the item can, by EPOLL_CTL_DEL. */
		mutex_lock(&ep->mutex);
		spin_lock(&file->f_lock);
		if (list_first_entry_or_null(&file->f_ep, struct epitem, file_link) != item)
			item = NULL;
		spin_unlock(&file->f_lock);
		if (item)
			ep_remove(ep, item);
		mutex_unlock(&ep->mutex);
	}
	mutex_unlock(&epoll_mutex);
}

static void eventpoll_fdinfo(struct seq_file *m, struct file *file)
{
	struct eventpoll *ep = file->private;
	struct epitem *item;

	mutex_lock(&ep->mutex);
	rb_for_each_entry(item, &ep->items, node)
		seq_printf(m, "tfd: %8d events: %8x data: %16llx  pos:%lli ino:%llx sdev:%x\n",
			   item->fd, item->event.events, (unsigned long long)item->event.data,
			   (long long)item->file->f_pos,
			   (unsigned long long)item->file->f_inode->i_ino,
			   item->file->f_inode->i_sb->s_dev);
	mutex_unlock(&ep->mutex);
}

const struct file_ops eventpoll_fops = {
	.poll = eventpoll_poll, .release = eventpoll_release, .show_fdinfo = eventpoll_fdinfo,
	.llseek = no_llseek, .seek_none = true,
};

/* ---- system calls ---- */

struct file *epoll_file(void)
{
	struct eventpoll *ep = kzalloc(sizeof(*ep), GFP_KERNEL);
	struct file *file;

	if (!ep)
		return ERR_PTR(-ENOMEM);
	mutex_init(&ep->mutex);
	spin_lock_init(&ep->lock);
	INIT_LIST_HEAD(&ep->ready);
	wait_queue_init(&ep->wq);
	wait_queue_init(&ep->poll_wq);
	file = anon_file("[eventpoll]", &eventpoll_fops, ep, O_RDWR);
	if (IS_ERR(file))
		kfree(ep);
	else
		ep->file = file;
	return file;
}

SYSCALL_DEFINE1(epoll_create1, int, flags)
{
	struct file *file;

	if (flags & ~EPOLL_CLOEXEC)
		return -EINVAL;
	file = epoll_file();
	if (IS_ERR(file))
		return PTR_ERR(file);
	return fd_install_new(file, flags & EPOLL_CLOEXEC ? O_CLOEXEC : 0);
}

static int check_exclusive(int op, const struct epoll_event *ev, struct file *target)
{
	if (!(ev->events & EPOLLEXCLUSIVE) || op == EPOLL_CTL_DEL)
		return 0;
	if (op == EPOLL_CTL_MOD || is_epoll(target) || (ev->events & ~EXCLUSIVE_OK))
		return -EINVAL;
	return 0;
}

static int ep_ctl(struct eventpoll *ep, int op, struct file *target, int fd, struct epoll_event *ev)
{
	struct epitem *item;
	int err = -EINVAL;

	mutex_lock(&ep->mutex);
	item = ep_find(ep, target, fd);
	switch (op) {
	case EPOLL_CTL_ADD:
		ev->events |= EPOLLERR | EPOLLHUP;
		err = item ? -EEXIST : ep_insert(ep, target, fd, ev);
		break;
	case EPOLL_CTL_MOD:
		err = -ENOENT;
		if (!item)
			break;
		err = -EINVAL;
		if (item->event.events & EPOLLEXCLUSIVE)
			break;
		ev->events |= EPOLLERR | EPOLLHUP;
		ep_modify(item, ev);
		err = 0;
		break;
	case EPOLL_CTL_DEL:
		err = -ENOENT;
		if (!item)
			break;
		ep_remove(ep, item);
		err = 0;
		break;
	}
	mutex_unlock(&ep->mutex);
	return err;
}

int epoll_file_ctl(struct file *file, int op, struct file *target, int fd, struct epoll_event *ev)
{
	bool nesting = op == EPOLL_CTL_ADD && (is_epoll(target) || !list_empty(&file->f_ep));
	struct eventpoll *ep = file->private;
	int err;

	if (!target->f_op->poll)
		return -EPERM;
	if (file == target || !is_epoll(file))
		return -EINVAL;
	ev->events &= ~(u32)EPOLLWAKEUP;	/* nothing suspends */
	err = check_exclusive(op, ev, target);
	if (err)
		return err;
	if (!nesting)
		return ep_ctl(ep, op, target, fd, ev);
	mutex_lock(&epoll_mutex);
	if (is_epoll(target))
		err = ep_check_nesting(ep, target->private, 1 + ep_watched_depth(file, 0));
	if (!err)
		err = ep_ctl(ep, op, target, fd, ev);
	mutex_unlock(&epoll_mutex);
	return err;
}

SYSCALL_DEFINE4(epoll_ctl, int, epfd, int, op, int, fd, const struct epoll_event __user *, event)
{
	struct epoll_event ev = { 0 };
	struct file *file, *target;
	long ret = -EBADF;

	if (op != EPOLL_CTL_DEL && copy_from_user(&ev, event, sizeof(ev)))
		return -EFAULT;
	/* Counted: the item must be linked before the last reference can go. */
	file = fd_get(epfd);
	if (!file)
		return -EBADF;
	target = fd_get(fd);
	if (target) {
		ret = epoll_file_ctl(file, op, target, fd, &ev);
		file_put(target);
	}
	file_put(file);
	return ret;
}
