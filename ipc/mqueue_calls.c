/* SPDX-License-Identifier: BSD-2-Clause */
/* The system calls of POSIX message queues. */
#include <arch/uaccess.h>
#include <fs/files.h>
#include <fs/namei.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <lib/err.h>
#include <mm/slab.h>
#include "mqueue.h"

SYSCALL_DEFINE4(mq_open, const char __user *, uname, int, flags, umode_t, mode,
		struct mq_attr __user *, uattr)
{
	struct mq_attr attr;
	struct filename name;
	struct file *file;
	int err;

	if (uattr && copy_from_user(&attr, uattr, sizeof(attr)))
		return -EFAULT;
	err = getname(&name, uname);
	if (err)
		return err;
	file = mqueue_open(name.name, flags, mode, uattr ? &attr : NULL);
	putname(&name);
	return IS_ERR(file) ? PTR_ERR(file) : fd_install_new(file, O_CLOEXEC);
}

SYSCALL_DEFINE1(mq_unlink, const char __user *, uname)
{
	struct filename name;
	int err = getname(&name, uname);

	if (err)
		return err;
	err = mqueue_unlink(name.name);
	putname(&name);
	return err;
}

/* The time-out of a call: CLOCK_REALTIME ns in *deadline. */
static int get_deadline(const void __user *timeout, nsec_t *deadline)
{
	struct timespec64 ts;
	int err;

	*deadline = NSEC_MAX;
	if (!timeout)
		return 0;
	err = get_timespec64(&ts, timeout);
	if (!err)
		*deadline = timespec64_to_ns(&ts);
	return err;
}

static long send_to(struct file *file, const char __user *text, size_t size,
		    unsigned int priority, nsec_t deadline)
{
	struct mqueue *q = mqueue_of(file);
	struct mq_message *msg;
	long ret;

	if (!q || !(file->f_mode & FMODE_WRITE))
		return -EBADF;
	if (size > q->max_size)
		return -EMSGSIZE;
	msg = kvmalloc(sizeof(*msg) + size, GFP_KERNEL);
	if (!msg)
		return -ENOMEM;
	msg->priority = priority;
	msg->size = size;
	ret = copy_from_user(msg->text, text, size) ? -EFAULT :
	      mqueue_send(q, msg, file->f_flags & O_NONBLOCK, deadline);
	if (ret)
		kvfree(msg);
	return ret;
}

SYSCALL_DEFINE5(mq_timedsend, int, fd, const char __user *, text, size_t, size,
		unsigned int, priority, const void __user *, timeout)
{
	nsec_t deadline;
	struct fd f;
	long ret = get_deadline(timeout, &deadline);

	if (ret)
		return ret;
	if (priority >= MQ_PRIO_MAX)
		return -EINVAL;
	f = fdget((unsigned)fd);
	if (!f.file)
		return -EBADF;
	ret = send_to(f.file, text, size, priority, deadline);
	fdput(f);
	return ret;
}

static long receive_from(struct file *file, char __user *text, size_t size,
			 unsigned int __user *priority, nsec_t deadline)
{
	struct mqueue *q = mqueue_of(file);
	struct mq_message *msg;
	long ret;

	if (!q || !(file->f_mode & FMODE_READ))
		return -EBADF;
	if (size < q->max_size)
		return -EMSGSIZE;
	msg = mqueue_receive(q, file->f_flags & O_NONBLOCK, deadline);
	if (IS_ERR(msg))
		return PTR_ERR(msg);
	ret = (long)msg->size;
	if ((priority && put_user(msg->priority, priority)) ||
	    copy_to_user(text, msg->text, msg->size))
		ret = -EFAULT;
	kvfree(msg);
	return ret;
}

SYSCALL_DEFINE5(mq_timedreceive, int, fd, char __user *, text, size_t, size,
		unsigned int __user *, priority, const void __user *, timeout)
{
	nsec_t deadline;
	struct fd f;
	long ret = get_deadline(timeout, &deadline);

	if (ret)
		return ret;
	f = fdget((unsigned)fd);
	if (!f.file)
		return -EBADF;
	ret = receive_from(f.file, text, size, priority, deadline);
	fdput(f);
	return ret;
}

/* SIGEV_THREAD is a message over a netlink socket that the C library makes. */
static int check_sigevent(const struct sigevent *ev)
{
	struct fd f;

	switch (ev->sigev_notify) {
	case SIGEV_NONE:
		return 0;
	case SIGEV_SIGNAL:
		return ev->sigev_signo < 0 || ev->sigev_signo > _NSIG ? -EINVAL : 0;
	case SIGEV_THREAD:
		f = fdget((unsigned)ev->sigev_signo);
		if (!f.file)
			return -EBADF;
		fdput(f);
		return -EINVAL;
	default:
		return -EINVAL;
	}
}

SYSCALL_DEFINE2(mq_notify, int, fd, const struct sigevent __user *, uev)
{
	struct mq_notify notify = { .how = SIGEV_NONE };
	struct sigevent ev;
	struct mqueue *q;
	struct fd f;
	int err = 0;

	if (uev) {
		if (copy_from_user(&ev, uev, sizeof(ev)))
			return -EFAULT;
		err = check_sigevent(&ev);
		if (err)
			return err;
		notify.how = ev.sigev_notify;
		notify.signo = ev.sigev_signo;
		notify.value = ev.sigev_value;
	}
	f = fdget((unsigned)fd);
	if (!f.file)
		return -EBADF;
	q = mqueue_of(f.file);
	if (!q)
		err = -EBADF;
	else if (uev)
		err = mqueue_set_notify(q, &notify);
	else
		mqueue_drop_notify(q);
	fdput(f);
	return err;
}

static long get_set_attr(struct file *file, const struct mq_attr *new, struct mq_attr *old)
{
	struct mqueue *q = mqueue_of(file);

	if (!q)
		return -EBADF;
	*old = (struct mq_attr){ .mq_maxmsg = q->max_count, .mq_msgsize = (long)q->max_size };
	spin_lock(&q->lock);
	old->mq_curmsgs = q->count;
	spin_unlock(&q->lock);
	spin_lock(&file->f_lock);
	old->mq_flags = file->f_flags & O_NONBLOCK;
	if (new)
		file->f_flags = (file->f_flags & ~(u32)O_NONBLOCK) | (u32)new->mq_flags;
	spin_unlock(&file->f_lock);
	return 0;
}

SYSCALL_DEFINE3(mq_getsetattr, int, fd, const struct mq_attr __user *, unew,
		struct mq_attr __user *, uold)
{
	struct mq_attr new, old;
	struct fd f;
	long ret;

	if (unew) {
		if (copy_from_user(&new, unew, sizeof(new)))
			return -EFAULT;
		if (new.mq_flags & ~(long)O_NONBLOCK)
			return -EINVAL;
	}
	f = fdget((unsigned)fd);
	if (!f.file)
		return -EBADF;
	ret = get_set_attr(f.file, unew ? &new : NULL, &old);
	fdput(f);
	if (!ret && uold && copy_to_user(uold, &old, sizeof(old)))
		ret = -EFAULT;
	return ret;
}
