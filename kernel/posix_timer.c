/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * POSIX timers: timer_create(2) and its relatives. Here are the calls and the timers of
 * clocks that run by themselves; those of CPU-time clocks are in cpu_timer.c.
 */
#include <arch/uaccess.h>
#include <kernel/mutex.h>
#include <kernel/posix_timer.h>
#include <kernel/syscall.h>
#include <lib/err.h>
#include <lib/string.h>
#include <linux/time_types.h>
#include <mm/slab.h>
#include "posix_timer_internal.h"

/* The timers of one process; made by its first timer_create(2). */
struct posix_timers {
	struct mutex	 lock;		/* serialises the calls of all threads */
	struct list_head list;		/* lock */
	int		 next_id;	/* lock */
};

/* --- Timers of running clocks --- */

/* Moves `expires` past `now`; how many periods that took. t->lock held. */
static u64 timer_catch_up(struct posix_timer *t, nsec_t now)
{
	u64 n;

	if (now < t->expires)
		return 0;
	n = (now - t->expires) / t->interval + 1;
	t->expires += n * t->interval;
	return n;
}

/* t->lock held. */
static void timer_go(struct posix_timer *t)
{
	if (t->notify != SIGEV_NONE)
		timer_start(&t->timer, clock_to_mono(t->base, t->expires));
}

/* Nobody will take the signal: goes on by itself, at most once a tick. t->lock held. */
static void go_on_ignored(struct posix_timer *t)
{
	t->rearm = false;
	t->overrun += (s64)timer_catch_up(t, nsec_add(clock_now(t->base), TICK_NSEC));
	timer_go(t);
}

static void timer_fire(struct timer *k)
{
	struct posix_timer *t = container_of(k, struct posix_timer, timer);
	int sent;

	spin_lock(&t->lock);
	if (!t->armed || clock_now(t->base) < t->expires) {
		if (t->armed)		/* the clock was set back meanwhile */
			timer_go(t);
		spin_unlock(&t->lock);
		return;
	}
	t->rearm = t->interval != 0;
	t->armed = t->rearm;
	spin_unlock(&t->lock);
	sent = signal_send_sigqueue(t->q, t->proc, t->only);
	spin_lock(&t->lock);
	if (!sent && t->rearm && t->armed && list_empty(&t->q->list))
		go_on_ignored(t);
	spin_unlock(&t->lock);
}

static void timer_clock_set(struct clock_watch *w)
{
	struct posix_timer *t = container_of(w, struct posix_timer, watch);

	spin_lock(&t->lock);
	if (t->armed && !t->rearm && clock_is_real(t->base))
		timer_go(t);
	spin_unlock(&t->lock);
}

/* The signal is being delivered. siglock of the owner held. */
static void timer_signal_taken(struct sigqueue *q, siginfo_t *info)
{
	struct posix_timer *t = q->owner;

	spin_lock(&t->lock);
	if (t->rearm && t->armed) {
		t->rearm = false;
		t->overrun += (s64)timer_catch_up(t, clock_now(t->base));
		timer_go(t);
	}
	t->last_overrun = max_t(s64, t->overrun, 0);
	t->overrun = t->cpu ? 0 : -1;
	info->si_overrun = (int)min_t(s64, t->last_overrun, INT_MAX);
	spin_unlock(&t->lock);
}

/* t->lock held. */
static void times_get(struct posix_timer *t, struct timer_times *out)
{
	nsec_t now = clock_now(t->base);

	*out = (struct timer_times){ 0, 0 };
	if (!t->armed)
		return;
	out->interval = t->interval;
	if (t->interval && (t->rearm || t->notify == SIGEV_NONE))
		t->overrun += (s64)timer_catch_up(t, now);
	if (t->expires > now)
		out->value = t->expires - now;
	else if (t->notify != SIGEV_NONE)
		out->value = 1;		/* about to fire; 0 would say "off" */
}

static void running_get(struct posix_timer *t, struct timer_times *out)
{
	spin_lock_irq(&t->lock);
	times_get(t, out);
	spin_unlock_irq(&t->lock);
}

static void running_set(struct posix_timer *t, bool absolute, const struct timer_times *in,
			struct timer_times *old)
{
	spin_lock_irq(&t->lock);
	times_get(t, old);
	t->armed = t->rearm = false;
	spin_unlock_irq(&t->lock);
	timer_cancel(&t->timer);
	spin_lock_irq(&t->lock);
	t->overrun = -1;
	t->interval = in->value ? in->interval : 0;
	if (in->value) {
		/* A span does not change with the clock it was asked of. */
		t->base = absolute ? t->clock : CLOCK_MONOTONIC;
		t->expires = absolute ? in->value : nsec_add(ktime_get(), in->value);
		t->armed = true;
		timer_go(t);
	}
	spin_unlock_irq(&t->lock);
}

/* --- Life --- */

static struct posix_timers *timers_of(struct process *p, bool create)
{
	struct posix_timers *table = READ_ONCE(p->posix_timers), *expected = NULL;

	if (table || !create)
		return table;
	table = kzalloc(sizeof(*table), GFP_KERNEL);
	if (!table)
		return NULL;
	mutex_init(&table->lock);
	INIT_LIST_HEAD(&table->list);
	if (__atomic_compare_exchange_n(&p->posix_timers, (void **)&expected, (void *)table, false,
					__ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		return table;
	kfree(table);
	return expected;
}

static struct posix_timer *timer_by_id(struct posix_timers *table, int id)
{
	struct posix_timer *t;

	list_for_each_entry(t, &table->list, link)
		if (t->id == id)
			return t;
	return NULL;
}

/* Frees a timer that no call can find (any more). */
static void timer_destroy(struct posix_timer *t)
{
	if (clock_is_real(t->clock))
		clock_watch_del(&t->watch);
	spin_lock_irq(&t->lock);
	if (!t->cpu)
		t->armed = t->rearm = false;
	spin_unlock_irq(&t->lock);
	if (t->cpu)
		cpu_timer_destroy(t);
	else
		timer_cancel(&t->timer);
	if (t->q)
		sigqueue_release(t->q);
	if (t->only)
		task_put(t->only);
	kfree(t);
}

void posix_timers_exit(struct process *p)
{
	struct posix_timers *table = p->posix_timers;
	struct posix_timer *t, *next;

	if (likely(!table))
		return;
	list_for_each_entry_safe(t, next, &table->list, link)
		timer_destroy(t);
	p->posix_timers = NULL;
	kfree(table);
}

/* Is `clock` one that has timers? */
static int check_clock(clockid_t clock)
{
	if (clock < 0)
		return (clock & 7) == 3 ? -EOPNOTSUPP : 0;	/* 3: of a descriptor */
	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_MONOTONIC:
	case CLOCK_BOOTTIME:
	case CLOCK_TAI:
	case CLOCK_PROCESS_CPUTIME_ID:
	case CLOCK_THREAD_CPUTIME_ID:
		return 0;
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_REALTIME_COARSE:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_REALTIME_ALARM:	/* nothing can wake a machine that sleeps */
	case CLOCK_BOOTTIME_ALARM:
		return -EOPNOTSUPP;
	default:
		return -EINVAL;
	}
}

static bool clock_is_cpu(clockid_t clock)
{
	return clock < 0 || clock == CLOCK_PROCESS_CPUTIME_ID || clock == CLOCK_THREAD_CPUTIME_ID;
}

/* What the sigevent says, judged. */
static int set_notify(struct posix_timer *t, const struct sigevent *ev)
{
	t->notify = ev->sigev_notify;
	switch (ev->sigev_notify) {
	case SIGEV_NONE:
	case SIGEV_SIGNAL:
	case SIGEV_THREAD:
		break;
	case SIGEV_SIGNAL | SIGEV_THREAD_ID:
		t->only = task_find(ev->sigev_notify_thread_id);
		if (!t->only || t->only->proc != current->proc)
			return -EINVAL;
		break;
	default:
		return -EINVAL;
	}
	if (t->notify != SIGEV_NONE && (ev->sigev_signo <= 0 || ev->sigev_signo > _NSIG))
		return -EINVAL;
	/* Also of one that sends nothing: RLIMIT_SIGPENDING limits the timers of a user. */
	t->q = sigqueue_prealloc();
	if (!t->q)
		return -EAGAIN;
	t->q->owner = t;
	t->q->taken = timer_signal_taken;
	memset(&t->q->info, 0, sizeof(t->q->info));
	t->q->info.si_signo = ev->sigev_signo;
	t->q->info.si_code = SI_TIMER;
	t->q->info.si_value = ev->sigev_value;
	return 0;
}

static void choose_id(struct posix_timers *table, struct posix_timer *t)
{
	do {
		t->id = table->next_id;
		table->next_id = (table->next_id + 1) & INT_MAX;
	} while (timer_by_id(table, t->id));
}

/* A timer with everything but a number, or ERR_PTR. */
static struct posix_timer *timer_make(clockid_t clock, const struct sigevent *ev)
{
	struct posix_timer *t = kzalloc(sizeof(*t), GFP_KERNEL);
	int err;

	if (!t)
		return ERR_PTR(-EAGAIN);
	spin_lock_init(&t->lock);
	INIT_LIST_HEAD(&t->cpu_link);
	timer_init(&t->timer, timer_fire);
	t->watch.fn = timer_clock_set;
	t->proc = current->proc;
	t->clock = t->base = clock;
	t->cpu = clock_is_cpu(clock);
	t->overrun = t->cpu ? 0 : -1;
	if (clock_is_real(clock))
		clock_watch_add(&t->watch);
	err = set_notify(t, ev);
	if (!err && t->cpu)
		err = cpu_timer_init(t);
	if (!err)
		return t;
	timer_destroy(t);
	return ERR_PTR(err);
}

/* --- System calls --- */

SYSCALL_DEFINE3(timer_create, clockid_t, clock, const struct sigevent __user *, uev,
		int __user *, uid)
{
	struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM };
	struct posix_timers *table;
	struct posix_timer *t;
	int err;

	if (uev && copy_from_user(&ev, uev, sizeof(ev)))
		return -EFAULT;
	err = check_clock(clock);
	if (err)
		return err;
	table = timers_of(current->proc, true);
	if (!table)
		return -EAGAIN;
	t = timer_make(clock, &ev);
	if (IS_ERR(t))
		return PTR_ERR(t);
	mutex_lock(&table->lock);
	choose_id(table, t);
	if (t->q) {
		t->q->info.si_tid = t->id;
		if (!uev)
			t->q->info.si_int = t->id;
	}
	err = put_user(t->id, uid);
	if (!err)
		list_add_tail(&t->link, &table->list);
	mutex_unlock(&table->lock);
	if (err)
		timer_destroy(t);
	return err;
}

/* The timer, with the table locked; NULL: there is none, nothing is locked. */
static struct posix_timer *timer_lock(int id, struct posix_timers **table) NO_THREAD_SAFETY_ANALYSIS
{
	struct posix_timer *t;

	*table = timers_of(current->proc, false);
	if (id < 0 || !*table)
		return NULL;
	mutex_lock(&(*table)->lock);
	t = timer_by_id(*table, id);
	if (!t)
		mutex_unlock(&(*table)->lock);
	return t;
}

static void timer_unlock(struct posix_timers *table) NO_THREAD_SAFETY_ANALYSIS
{
	mutex_unlock(&table->lock);
}

static int put_times(const struct timer_times *times, struct __kernel_itimerspec __user *uspec)
{
	struct timespec64 value = ns_to_timespec64(times->value);
	struct timespec64 interval = ns_to_timespec64(times->interval);
	struct __kernel_itimerspec spec = {
		.it_value = { value.tv_sec, value.tv_nsec },
		.it_interval = { interval.tv_sec, interval.tv_nsec },
	};

	return copy_to_user(uspec, &spec, sizeof(spec)) ? -EFAULT : 0;
}

SYSCALL_DEFINE2(timer_gettime, int, id, struct __kernel_itimerspec __user *, uspec)
{
	struct posix_timers *table;
	struct posix_timer *t = timer_lock(id, &table);
	struct timer_times times;

	if (!t)
		return -EINVAL;
	if (t->cpu)
		cpu_timer_get(t, &times);
	else
		running_get(t, &times);
	timer_unlock(table);
	return put_times(&times, uspec);
}

SYSCALL_DEFINE4(timer_settime, int, id, int, flags, const struct __kernel_itimerspec __user *, unew,
		struct __kernel_itimerspec __user *, uold)
{
	struct timespec64 value, interval;
	struct timer_times in, old;
	struct posix_timers *table;
	struct posix_timer *t;
	int err;

	if (!unew)
		return -EINVAL;
	err = get_timespec64(&interval, &unew->it_interval);
	if (!err)
		err = get_timespec64(&value, &unew->it_value);
	if (err)
		return err;
	in.value = timespec64_to_ns(&value);
	in.interval = timespec64_to_ns(&interval);
	t = timer_lock(id, &table);
	if (!t)
		return -EINVAL;
	if (t->cpu)
		cpu_timer_set(t, flags & TIMER_ABSTIME, &in, &old);
	else
		running_set(t, flags & TIMER_ABSTIME, &in, &old);
	timer_unlock(table);
	return uold ? put_times(&old, uold) : 0;
}

SYSCALL_DEFINE1(timer_getoverrun, int, id)
{
	struct posix_timers *table;
	struct posix_timer *t = timer_lock(id, &table);
	s64 overrun;

	if (!t)
		return -EINVAL;
	spin_lock_irq(&t->lock);
	overrun = t->last_overrun;
	spin_unlock_irq(&t->lock);
	timer_unlock(table);
	return min_t(s64, overrun, INT_MAX);
}

SYSCALL_DEFINE1(timer_delete, int, id)
{
	struct posix_timers *table;
	struct posix_timer *t = timer_lock(id, &table);

	if (!t)
		return -EINVAL;
	list_del(&t->link);
	timer_unlock(table);
	timer_destroy(t);
	return 0;
}
