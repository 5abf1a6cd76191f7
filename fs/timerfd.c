/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * timerfd: a timer as a file. A read waits for it and takes how often it expired.
 *
 * A periodic timer does not run between an expiry and the read that takes it; what was
 * missed is counted then. Lock: everything is under wq.lock, with IRQs off.
 */
#include <arch/uaccess.h>
#include <fs/files.h>
#include <fs/poll.h>
#include <fs/seq_file.h>
#include <fs/uio.h>
#include <kernel/clock_set.h>
#include <kernel/cred.h>
#include <kernel/syscall.h>
#include <kernel/timer.h>
#include <kernel/wait.h>
#include <linux/time_types.h>
#include <linux/timerfd.h>
#include <mm/slab.h>

struct timerfd {
	struct wait_queue  wq;
	struct timer       timer;
	struct clock_watch watch;
	clockid_t          clock;		/* constant */
	clockid_t          base;		/* of expires */
	nsec_t             expires, interval;
	u64                ticks;		/* expiries not yet read */
	u32                set_count;		/* clock_set_count() that the reader knows of */
	int                flags;		/* TFD_TIMER_* of the last settime */
	bool               armed;
	bool               expired;		/* and not started again: it waits for a read */
};

/* All with wq.lock held. */
static void timer_go(struct timerfd *tf)
{
	timer_start(&tf->timer, clock_to_mono(tf->base, tf->expires));
}

/* Counts periods that have passed since the expiry, and runs on. */
static void catch_up(struct timerfd *tf)
{
	nsec_t now = clock_now(tf->base);
	u64 n;

	if (!tf->expired || !tf->interval)
		return;
	n = now < tf->expires ? 0 : (now - tf->expires) / tf->interval + 1;
	tf->expires += n * tf->interval;
	if (n)
		tf->ticks += n - 1;	/* the first was counted when it fired */
	tf->expired = false;
	timer_go(tf);
}

/* Has the clock been set since the last look? Looks. */
static bool take_cancelled(struct timerfd *tf)
{
	u32 count = clock_set_count();

	if (!(tf->flags & TFD_TIMER_CANCEL_ON_SET) || tf->set_count == count)
		return false;
	tf->set_count = count;
	return true;
}

static bool is_ready(const struct timerfd *tf)
{
	return tf->ticks || ((tf->flags & TFD_TIMER_CANCEL_ON_SET) &&
			     tf->set_count != clock_set_count());
}

static void timerfd_fire(struct timer *t)
{
	struct timerfd *tf = container_of(t, struct timerfd, timer);

	spin_lock(&tf->wq.lock);
	if (!tf->armed || clock_now(tf->base) < tf->expires) {
		if (tf->armed)		/* the clock was set back meanwhile */
			timer_go(tf);
		spin_unlock(&tf->wq.lock);
		return;
	}
	tf->expired = true;
	tf->armed = tf->interval != 0;
	tf->ticks++;
	spin_unlock(&tf->wq.lock);
	wake_up_common(&tf->wq, TASK_NORMAL, 0, (void *)(unsigned long)EPOLLIN);
}

static void timerfd_clock_set(struct clock_watch *w)
{
	struct timerfd *tf = container_of(w, struct timerfd, watch);

	spin_lock(&tf->wq.lock);
	if (tf->armed && !tf->expired && clock_is_real(tf->base))
		timer_go(tf);
	spin_unlock(&tf->wq.lock);
	wake_up_common(&tf->wq, TASK_NORMAL, 0, (void *)(unsigned long)EPOLLIN);
}

/* 0: nothing to read yet, and *n is what there is. */
static int timerfd_take(struct timerfd *tf, u64 *n)
{
	int err = 0;

	*n = 0;
	spin_lock_irq(&tf->wq.lock);
	if (take_cancelled(tf)) {
		tf->ticks = 0;
		err = -ECANCELED;
	} else if (tf->ticks) {
		catch_up(tf);
		tf->expired = false;
		*n = tf->ticks;
		tf->ticks = 0;
	}
	spin_unlock_irq(&tf->wq.lock);
	return err;
}

static ssize_t timerfd_read(struct file *file, struct iov_iter *to, loff_t *pos)
{
	struct timerfd *tf = file->private;
	u64 n;
	int err, taken;

	if (iov_iter_count(to) < sizeof(n))
		return -EINVAL;
	taken = timerfd_take(tf, &n);
	if (!taken && !n) {
		if (file->f_flags & O_NONBLOCK)
			return -EAGAIN;
		err = wait_event_interruptible(&tf->wq, (taken = timerfd_take(tf, &n)) || n);
		if (err)
			return err;
	}
	if (taken)
		return taken;
	return copy_to_iter(&n, sizeof(n), to) == sizeof(n) ? (ssize_t)sizeof(n) : -EFAULT;
}

static u32 timerfd_poll(struct file *file, struct poll_table *pt)
{
	struct timerfd *tf = file->private;
	u32 mask;

	poll_wait(file, &tf->wq, pt);
	spin_lock_irq(&tf->wq.lock);
	mask = is_ready(tf) ? EPOLLIN : 0;
	spin_unlock_irq(&tf->wq.lock);
	return mask;
}

static int timerfd_release(struct inode *inode, struct file *file)
{
	struct timerfd *tf = file->private;

	if (clock_is_real(tf->clock))
		clock_watch_del(&tf->watch);
	spin_lock_irq(&tf->wq.lock);
	tf->armed = false;
	spin_unlock_irq(&tf->wq.lock);
	timer_cancel(&tf->timer);
	kfree(tf);
	return 0;
}

/* wq.lock held. */
static void read_times(struct timerfd *tf, struct __kernel_itimerspec *out)
{
	struct timespec64 value = { 0, 0 }, interval = ns_to_timespec64(tf->interval);
	nsec_t now = clock_now(tf->base);

	catch_up(tf);
	if (tf->armed)
		value = ns_to_timespec64(tf->expires > now ? tf->expires - now : 1);
	*out = (struct __kernel_itimerspec){
		.it_value = { value.tv_sec, value.tv_nsec },
		.it_interval = { interval.tv_sec, interval.tv_nsec },
	};
}

static void timerfd_fdinfo(struct seq_file *m, struct file *file)
{
	struct timerfd *tf = file->private;
	struct __kernel_itimerspec spec;
	u64 ticks;
	int flags;

	spin_lock_irq(&tf->wq.lock);
	ticks = tf->ticks;
	flags = tf->flags;
	read_times(tf, &spec);
	spin_unlock_irq(&tf->wq.lock);
	seq_printf(m, "clockid: %d\nticks: %llu\nsettime flags: 0%o\nit_value: (%lld, %lld)\n"
		   "it_interval: (%lld, %lld)\n", tf->clock, (unsigned long long)ticks,
		   (unsigned)flags, (long long)spec.it_value.tv_sec,
		   (long long)spec.it_value.tv_nsec, (long long)spec.it_interval.tv_sec,
		   (long long)spec.it_interval.tv_nsec);
}

static const struct file_ops timerfd_fops = {
	.read = timerfd_read, .poll = timerfd_poll, .release = timerfd_release,
	.show_fdinfo = timerfd_fdinfo, .llseek = noop_llseek, .seek_none = true,
};

static bool clock_is_alarm(clockid_t clock)
{
	return clock == CLOCK_REALTIME_ALARM || clock == CLOCK_BOOTTIME_ALARM;
}

SYSCALL_DEFINE2(timerfd_create, clockid_t, clock, int, flags)
{
	struct timerfd *tf;
	struct file *file;

	if (flags & ~(TFD_CLOEXEC | TFD_NONBLOCK))
		return -EINVAL;
	if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC && clock != CLOCK_BOOTTIME &&
	    !clock_is_alarm(clock))
		return -EINVAL;
	if (clock_is_alarm(clock) && !capable(CAP_WAKE_ALARM))
		return -EPERM;
	tf = kzalloc(sizeof(*tf), GFP_KERNEL);
	if (!tf)
		return -ENOMEM;
	wait_queue_init(&tf->wq);
	timer_init(&tf->timer, timerfd_fire);
	tf->clock = tf->base = clock;
	tf->set_count = clock_set_count();
	tf->watch.fn = timerfd_clock_set;
	if (clock_is_real(clock))
		clock_watch_add(&tf->watch);
	file = anon_file("[timerfd]", &timerfd_fops, tf, O_RDWR | (flags & TFD_NONBLOCK));
	if (IS_ERR(file)) {
		if (clock_is_real(clock))
			clock_watch_del(&tf->watch);
		kfree(tf);
		return PTR_ERR(file);
	}
	return fd_install_new(file, flags & TFD_CLOEXEC ? O_CLOEXEC : 0);
}

/* The timerfd of a descriptor, borrowed: *f goes to fdput(). NULL and *err. */
static struct timerfd *timerfd_get(int fd, struct fd *f, int *err)
{
	*f = fdget((unsigned)fd);
	*err = -EBADF;
	if (!f->file)
		return NULL;
	if (f->file->f_op == &timerfd_fops)
		return f->file->private;
	*err = -EINVAL;
	fdput(*f);
	return NULL;
}

static void timerfd_set(struct timerfd *tf, int flags, nsec_t value, nsec_t interval,
			struct __kernel_itimerspec *old)
{
	bool absolute = flags & TFD_TIMER_ABSTIME;

	spin_lock_irq(&tf->wq.lock);
	read_times(tf, old);
	tf->armed = false;
	spin_unlock_irq(&tf->wq.lock);
	timer_cancel(&tf->timer);
	spin_lock_irq(&tf->wq.lock);
	/* Only an absolute time of the real-time clock can be upset by setting it. */
	if (!absolute || !clock_is_real(tf->clock))
		flags &= ~TFD_TIMER_CANCEL_ON_SET;
	tf->flags = flags;
	tf->set_count = clock_set_count();
	tf->ticks = 0;
	tf->expired = false;
	tf->interval = interval;
	if (value) {
		tf->base = absolute ? tf->clock : CLOCK_MONOTONIC;
		tf->expires = absolute ? value : nsec_add(ktime_get(), value);
		tf->armed = true;
		timer_go(tf);
	}
	spin_unlock_irq(&tf->wq.lock);
}

SYSCALL_DEFINE4(timerfd_settime, int, fd, int, flags, const struct __kernel_itimerspec __user *, unew,
		struct __kernel_itimerspec __user *, uold)
{
	struct __kernel_itimerspec old;
	struct timespec64 value, interval;
	struct timerfd *tf;
	struct fd f;
	int err;

	/* A bad address is told before a bad value. */
	err = get_timespec64(&interval, &unew->it_interval);
	if (err != -EFAULT) {
		int err2 = get_timespec64(&value, &unew->it_value);

		err = err2 ? err2 : err;
	}
	if (err)
		return err;
	if (flags & ~(TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET))
		return -EINVAL;
	tf = timerfd_get(fd, &f, &err);
	if (!tf)
		return err;
	if (clock_is_alarm(tf->clock) && !capable(CAP_WAKE_ALARM)) {
		fdput(f);
		return -EPERM;
	}
	timerfd_set(tf, flags, timespec64_to_ns(&value), timespec64_to_ns(&interval), &old);
	fdput(f);
	return uold && copy_to_user(uold, &old, sizeof(old)) ? -EFAULT : 0;
}

SYSCALL_DEFINE2(timerfd_gettime, int, fd, struct __kernel_itimerspec __user *, uspec)
{
	struct __kernel_itimerspec spec;
	struct timerfd *tf;
	struct fd f;
	int err;

	tf = timerfd_get(fd, &f, &err);
	if (!tf)
		return err;
	spin_lock_irq(&tf->wq.lock);
	read_times(tf, &spec);
	spin_unlock_irq(&tf->wq.lock);
	fdput(f);
	return copy_to_user(uspec, &spec, sizeof(spec)) ? -EFAULT : 0;
}
