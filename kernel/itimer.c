/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interval timers: setitimer(2), and with it alarm(3); and the limit on CPU time.
 *
 * ITIMER_REAL is a kernel timer. ITIMER_VIRTUAL and ITIMER_PROF count ticks that hit
 * the process. A process gets its record at its first setitimer().
 */
#include <arch/uaccess.h>
#include <kernel/itimer.h>
#include <kernel/pid.h>
#include <kernel/posix_timer.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <kernel/timer.h>
#include <linux/time.h>
#include <mm/slab.h>

/* Locks:  l  lock   i  never changes */
struct itimers {
	spinlock_t	lock;		/* innermost but for the timer's own; IRQs off */
	struct process *proc;		/* i  owns this record */
	struct timer	real;		/* ITIMER_REAL */
	nsec_t		interval[3];	/* l  0: one shot */
	nsec_t		left[3];	/* l  VIRTUAL, PROF: CPU time to go, 0: off */
};

static void real_fire(struct timer *t)
{
	struct itimers *it = container_of(t, struct itimers, real);

	signal_send_process(SIGALRM, SEND_SIG_KERNEL, it->proc);
	spin_lock(&it->lock);
	if (it->interval[ITIMER_REAL]) {
		nsec_t now = ktime_get(), next = t->expires + it->interval[ITIMER_REAL];

		/* Periods that passed unserved are not made up for. */
		if (next <= now)
			next += (now - next) / it->interval[ITIMER_REAL] * it->interval[ITIMER_REAL]
				+ it->interval[ITIMER_REAL];
		timer_start(t, next);
	}
	spin_unlock(&it->lock);
}

static struct itimers *itimers_of(struct process *p, bool create)
{
	struct itimers *it = READ_ONCE(p->itimers), *expected = NULL;

	if (it || !create)
		return it;
	it = kzalloc(sizeof(*it), GFP_KERNEL);
	if (!it)
		return NULL;
	spin_lock_init(&it->lock);
	it->proc = p;
	timer_init(&it->real, real_fire);
	if (__atomic_compare_exchange_n(&p->itimers, (void **)&expected, (void *)it, false,
					__ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		return it;
	kfree(it);
	return expected;
}

void itimers_exit(struct process *p)
{
	struct itimers *it = p->itimers;

	if (!it)
		return;
	spin_lock_irq(&it->lock);
	it->interval[ITIMER_REAL] = 0;
	spin_unlock_irq(&it->lock);
	timer_cancel(&it->real);
	p->itimers = NULL;
	kfree(it);
}

/* User and system ticks of all threads, living and gone. */
static nsec_t process_sampled_time(struct process *p)
{
	nsec_t sum;
	struct task *t;

	spin_lock(&p->siglock);
	sum = p->dead_threads.utime + p->dead_threads.stime;
	for_each_thread(p, t)
		sum += t->utime + t->stime;
	spin_unlock(&p->siglock);
	return sum;
}

/* Counts one kind down. True: it expired. */
static bool count_down(struct itimers *it, int which)
{
	if (!it->left[which])
		return false;
	if (it->left[which] > TICK_NSEC) {
		it->left[which] -= TICK_NSEC;
		return false;
	}
	it->left[which] = it->interval[which];
	return true;
}

/*
 * RLIMIT_CPU, by sampled ticks: SIGXCPU at the soft limit and every second after it,
 * SIGKILL at the hard one.
 */
static void cpu_limit_tick(struct process *p)
{
	u64 soft = READ_ONCE(p->rlim[RLIMIT_CPU].rlim_cur);
	nsec_t used;

	if (likely(soft == RLIM_INFINITY))
		return;
	used = process_sampled_time(p);
	if (used / NSEC_PER_SEC >= READ_ONCE(p->rlim[RLIMIT_CPU].rlim_max))
		signal_send_process(SIGKILL, SEND_SIG_KERNEL, p);
	else if (used / NSEC_PER_SEC >= soft && used % NSEC_PER_SEC < TICK_NSEC)
		signal_send_process(SIGXCPU, SEND_SIG_KERNEL, p);
}

void itimers_tick(struct process *p, bool user)
{
	struct itimers *it = READ_ONCE(p->itimers);
	bool virt, prof;

	cpu_limit_tick(p);
	cpu_timers_tick(p);
	if (likely(!it))
		return;
	spin_lock(&it->lock);
	virt = user && count_down(it, ITIMER_VIRTUAL);
	prof = count_down(it, ITIMER_PROF);
	spin_unlock(&it->lock);
	if (virt)
		signal_send_process(SIGVTALRM, SEND_SIG_KERNEL, p);
	if (prof)
		signal_send_process(SIGPROF, SEND_SIG_KERNEL, p);
}

static void to_timeval(struct __kernel_old_timeval *tv, nsec_t ns)
{
	/* Rounded up: a timer that runs never shows as zero. */
	u64 us = (ns + NSEC_PER_USEC - 1) / NSEC_PER_USEC;

	tv->tv_sec = (long)(us / USEC_PER_SEC);
	tv->tv_usec = (long)(us % USEC_PER_SEC);
}

static int from_timeval(nsec_t *ns, const struct __kernel_old_timeval *tv)
{
	if (tv->tv_sec < 0 || tv->tv_usec < 0 || tv->tv_usec >= (long)USEC_PER_SEC)
		return -EINVAL;
	*ns = min((u64)tv->tv_sec, NSEC_MAX / NSEC_PER_SEC / 4) * NSEC_PER_SEC +
	      (u64)tv->tv_usec * NSEC_PER_USEC;
	return 0;
}

/* it->lock held, or nobody else knows it. */
static void read_one(struct itimers *it, int which, struct __kernel_old_itimerval *out)
{
	nsec_t left = it->left[which], now = ktime_get();

	if (which == ITIMER_REAL && timer_pending(&it->real))
		left = it->real.expires > now ? it->real.expires - now : 1;
	to_timeval(&out->it_value, left);
	to_timeval(&out->it_interval, it->interval[which]);
}

SYSCALL_DEFINE2(getitimer, int, which, struct __kernel_old_itimerval __user *, user)
{
	struct __kernel_old_itimerval out = { 0 };
	struct itimers *it = itimers_of(current->proc, false);

	if (which < ITIMER_REAL || which > ITIMER_PROF)
		return -EINVAL;
	if (it) {
		spin_lock_irq(&it->lock);
		read_one(it, which, &out);
		spin_unlock_irq(&it->lock);
	}
	return copy_to_user(user, &out, sizeof(out)) ? -EFAULT : 0;
}

static void set_real(struct itimers *it, nsec_t value, nsec_t interval)
{
	spin_lock_irq(&it->lock);
	it->interval[ITIMER_REAL] = 0;		/* a function that runs now does not rearm */
	spin_unlock_irq(&it->lock);
	timer_cancel(&it->real);
	if (!value)
		return;
	spin_lock_irq(&it->lock);
	it->interval[ITIMER_REAL] = interval;
	timer_start(&it->real, ktime_get() + value);
	spin_unlock_irq(&it->lock);
}

SYSCALL_DEFINE3(setitimer, int, which, const struct __kernel_old_itimerval __user *, new_user,
		struct __kernel_old_itimerval __user *, old_user)
{
	struct __kernel_old_itimerval in = { 0 }, old;
	nsec_t value, interval;
	struct itimers *it;

	if (new_user && copy_from_user(&in, new_user, sizeof(in)))
		return -EFAULT;
	if (which < ITIMER_REAL || which > ITIMER_PROF)
		return -EINVAL;
	if (from_timeval(&value, &in.it_value) || from_timeval(&interval, &in.it_interval))
		return -EINVAL;
	it = itimers_of(current->proc, true);
	if (!it)
		return -ENOMEM;
	spin_lock_irq(&it->lock);
	read_one(it, which, &old);
	if (which != ITIMER_REAL) {
		it->left[which] = value;
		it->interval[which] = value ? interval : 0;
	}
	spin_unlock_irq(&it->lock);
	if (which == ITIMER_REAL)
		set_real(it, value, interval);
	if (old_user && copy_to_user(old_user, &old, sizeof(old)))
		return -EFAULT;
	return 0;
}
