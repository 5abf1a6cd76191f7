/* SPDX-License-Identifier: BSD-2-Clause */
/* Waiting for an epoll set: its ready list is asked, reported, and armed again. */
#include <arch/uaccess.h>
#include <fs/files.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <kernel/time.h>
#include "epoll_internal.h"

#define MAX_EVENTS	(INT_MAX / (int)sizeof(struct epoll_event))

/* Stores one event. 0 or -EFAULT. */
static int put_event(struct epoll_event __user *to, u32 events, u64 data)
{
	return put_user(events, &to->events) || put_user(data, &to->data) ? -EFAULT : 0;
}

/* The item was reported: what it waits for next. */
static void ep_rearm(struct eventpoll *ep, struct epitem *item)
{
	u32 events = item->event.events;

	if (events & EPOLLONESHOT) {
		WRITE_ONCE(item->event.events, events & PRIVATE_BITS);
	} else if (!(events & EPOLLET)) {
		spin_lock_irq(&ep->lock);
		if (list_empty(&item->ready))
			list_add_tail(&item->ready, &ep->ready);
		spin_unlock_irq(&ep->lock);
	}
}

/* Reports up to n ready items. How many, or -EFAULT if the first could not be stored. */
static int ep_send(struct eventpoll *ep, struct epoll_event __user *out, int n)
{
	LIST_HEAD(batch);
	int count = 0;

	mutex_lock(&ep->mutex);
	spin_lock_irq(&ep->lock);
	list_splice_init(&ep->ready, &batch);
	spin_unlock_irq(&ep->lock);
	while (count < n) {
		struct epitem *item;
		u32 events;

		spin_lock_irq(&ep->lock);
		item = list_first_entry_or_null(&batch, struct epitem, ready);
		if (item)
			list_del_init(&item->ready);
		spin_unlock_irq(&ep->lock);
		if (!item)
			break;
		events = ep_ask(item, NULL);
		if (!events)
			continue;
		if (put_event(&out[count], events, item->event.data)) {
			spin_lock_irq(&ep->lock);
			if (list_empty(&item->ready))
				list_add(&item->ready, &batch);
			spin_unlock_irq(&ep->lock);
			if (!count)
				count = -EFAULT;
			break;
		}
		count++;
		ep_rearm(ep, item);
	}
	spin_lock_irq(&ep->lock);
	list_splice(&batch, &ep->ready);
	spin_unlock_irq(&ep->lock);
	/* Another waiter may have found the list empty meanwhile. */
	if (!list_empty(&ep->ready))
		wake_up(&ep->wq);
	mutex_unlock(&ep->mutex);
	return count;
}

/* Sleeps until the list is not empty. 0, -EINTR, or -ETIME. */
static int ep_sleep(struct eventpoll *ep, nsec_t deadline)
{
	struct wait_entry wait;
	int ret = 0;

	init_wait(&wait);
	for (;;) {
		prepare_to_wait_exclusive(&ep->wq, &wait, TASK_INTERRUPTIBLE);
		if (!list_empty(&ep->ready))
			break;
		if (signal_pending(current)) {
			ret = -EINTR;
			break;
		}
		if (deadline == NSEC_MAX) {
			schedule();
		} else if (schedule_until(deadline)) {
			ret = list_empty(&ep->ready) ? -ETIME : 0;
			break;
		}
	}
	finish_wait(&ep->wq, &wait);
	return ret;
}

static long ep_poll(struct eventpoll *ep, struct epoll_event __user *out, int n, nsec_t deadline)
{
	for (;;) {
		int ret = list_empty(&ep->ready) ? 0 : ep_send(ep, out, n);

		if (ret)
			return ret;
		if (!deadline)
			return 0;
		if (signal_pending(current))
			return -EINTR;
		ret = ep_sleep(ep, deadline);
		if (ret)
			return ret == -ETIME ? 0 : ret;
	}
}

static long do_epoll_wait(int epfd, struct epoll_event __user *out, int n, nsec_t deadline)
{
	struct fd f;
	long ret = -EINVAL;

	if (n <= 0 || n > MAX_EVENTS)
		return -EINVAL;
	if (!access_ok(out, (size_t)n * sizeof(*out)))
		return -EFAULT;
	f = fdget((unsigned)epfd);
	if (!f.file)
		return -EBADF;
	if (is_epoll(f.file))
		ret = ep_poll(f.file->private, out, n, deadline);
	fdput(f);
	return ret;
}

static long epoll_pwait_common(int epfd, struct epoll_event __user *out, int n, nsec_t deadline,
			       const sigset_t __user *mask, size_t size)
{
	long ret = sigmask_set_user(mask, size);

	if (ret)
		return ret;
	ret = do_epoll_wait(epfd, out, n, deadline);
	sigmask_restore_unless(ret == -EINTR);
	return ret;
}

SYSCALL_DEFINE6(epoll_pwait, int, epfd, struct epoll_event __user *, out, int, n, int, timeout,
		const sigset_t __user *, mask, size_t, size)
{
	nsec_t deadline = timeout < 0 ? NSEC_MAX : deadline_after((nsec_t)timeout * NSEC_PER_MSEC);

	return epoll_pwait_common(epfd, out, n, deadline, mask, size);
}

SYSCALL_DEFINE6(epoll_pwait2, int, epfd, struct epoll_event __user *, out, int, n,
		const void __user *, timeout, const sigset_t __user *, mask, size_t, size)
{
	nsec_t deadline;
	int err = deadline_from_user(&deadline, timeout);

	return err ? err : epoll_pwait_common(epfd, out, n, deadline, mask, size);
}
