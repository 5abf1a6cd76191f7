/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * POSIX timers of CPU-time clocks. Armed ones are in one list, which the tick goes through
 * when it hits a process that somebody times: they fire up to a tick late, never early.
 */
#include <kernel/pid.h>
#include <kernel/posix_timer.h>
#include <kernel/sched.h>
#include <lib/errno.h>
#include "posix_timer_internal.h"

/* See time_syscalls.c: the kind of time is in the lower bits of the clock's number. */
#define CPUCLOCK_PID(id)	((pid_t)~((id) >> 3))
#define CPUCLOCK_THREAD(id)	((id) & 4)
enum { KIND_PROF, KIND_VIRT, KIND_SCHED };

static DEFINE_SPINLOCK(cpu_timers_lock);
static LIST_HEAD(cpu_timers);

static int timer_kind(const struct posix_timer *t)
{
	return t->clock < 0 ? t->clock & 3 : KIND_SCHED;
}

int cpu_timer_init(struct posix_timer *t)
{
	clockid_t id = t->clock;
	pid_t pid = id < 0 ? CPUCLOCK_PID(id) : 0;

	if (timer_kind(t) > KIND_SCHED)
		return -EINVAL;
	if (id < 0 ? CPUCLOCK_THREAD(id) : id == CLOCK_THREAD_CPUTIME_ID) {
		t->cpu_task = pid ? task_find(pid) : task_get(current);
		if (!t->cpu_task || t->cpu_task->proc != current->proc)
			return -EINVAL;
		t->cpu_proc = process_get(current->proc);
		return 0;
	}
	t->cpu_proc = pid ? process_find(pid) : process_get(current->proc);
	return t->cpu_proc ? 0 : -EINVAL;
}

static nsec_t pick_kind(int kind, nsec_t utime, nsec_t stime)
{
	return kind == KIND_VIRT ? utime : utime + stime;
}

/* What t's clock shows. No lock held but, of a thread's clock, cpu_timers_lock. */
static nsec_t timer_clock(struct posix_timer *t)
{
	nsec_t utime, stime;
	struct usage u;

	if (t->cpu_task) {
		task_cputime(t->cpu_task, &utime, &stime);
		return pick_kind(timer_kind(t), utime, stime);
	}
	process_usage(t->cpu_proc, &u);
	return pick_kind(timer_kind(t), u.utime, u.stime);
}

static void timer_link(struct posix_timer *t) REQUIRES(cpu_timers_lock)
{
	list_add_tail(&t->cpu_link, &cpu_timers);
	t->cpu_proc->nr_cpu_timers++;
}

static void timer_unlink(struct posix_timer *t) REQUIRES(cpu_timers_lock)
{
	if (list_empty(&t->cpu_link))
		return;
	list_del_init(&t->cpu_link);
	t->cpu_proc->nr_cpu_timers--;
}

/* Expired at `now`, and out of the list: signals, counts, and goes on if it is periodic. */
static void timer_expire(struct posix_timer *t, nsec_t now)
{
	unsigned long flags;
	u64 n = 1;
	int sent;

	spin_lock_irqsave(&cpu_timers_lock, flags);
	if (t->interval) {
		n = (now - t->expires) / t->interval + 1;
		t->expires += n * t->interval;
	} else {
		t->armed = false;
	}
	spin_unlock_irqrestore(&cpu_timers_lock, flags);
	if (t->notify != SIGEV_NONE) {
		spin_lock_irqsave(&t->lock, flags);
		t->overrun += (s64)n;
		spin_unlock_irqrestore(&t->lock, flags);
		sent = signal_send_sigqueue(t->q, t->proc, t->only);
		/* The one that is pending now has not missed itself. */
		if (!sent) {
			spin_lock_irqsave(&t->lock, flags);
			if (t->overrun)
				t->overrun--;
			spin_unlock_irqrestore(&t->lock, flags);
		}
	}
	if (t->sleeper)
		task_wake(t->sleeper, TASK_INTERRUPTIBLE);
	spin_lock_irqsave(&cpu_timers_lock, flags);
	t->firing = false;
	if (t->armed)
		timer_link(t);
	spin_unlock_irqrestore(&cpu_timers_lock, flags);
}

void cpu_timers_run(struct process *p)
{
	struct posix_timer *t, *next;
	unsigned long flags;
	struct usage u;
	LIST_HEAD(fired);

	process_usage(p, &u);
	spin_lock_irqsave(&cpu_timers_lock, flags);
	list_for_each_entry_safe(t, next, &cpu_timers, cpu_link) {
		nsec_t now;

		if (t->cpu_proc != p)
			continue;
		now = t->cpu_task ? timer_clock(t) : pick_kind(timer_kind(t), u.utime, u.stime);
		if (now < t->expires)
			continue;
		timer_unlink(t);
		t->firing = true;
		list_add_tail(&t->cpu_link, &fired);
	}
	spin_unlock_irqrestore(&cpu_timers_lock, flags);
	list_for_each_entry_safe(t, next, &fired, cpu_link) {
		nsec_t now = timer_clock(t);

		list_del_init(&t->cpu_link);
		timer_expire(t, now);
	}
}

/* Takes t out of the list, when nobody fires it. */
static void timer_stop(struct posix_timer *t)
{
	spin_lock_irq(&cpu_timers_lock);
	t->armed = false;
	while (t->firing) {
		spin_unlock_irq(&cpu_timers_lock);
		cpu_relax();
		spin_lock_irq(&cpu_timers_lock);
	}
	timer_unlink(t);
	spin_unlock_irq(&cpu_timers_lock);
}

void cpu_timer_get(struct posix_timer *t, struct timer_times *out)
{
	nsec_t now = timer_clock(t);

	*out = (struct timer_times){ 0, 0 };
	spin_lock_irq(&cpu_timers_lock);
	if (t->armed) {
		out->interval = t->interval;
		out->value = t->expires > now ? t->expires - now : 1;
	}
	spin_unlock_irq(&cpu_timers_lock);
}

void cpu_timer_set(struct posix_timer *t, bool absolute, const struct timer_times *in,
		   struct timer_times *old)
{
	nsec_t now;
	bool due;

	cpu_timer_get(t, old);
	timer_stop(t);
	spin_lock_irq(&t->lock);
	t->overrun = 0;
	spin_unlock_irq(&t->lock);
	if (!in->value)
		return;
	now = timer_clock(t);
	spin_lock_irq(&cpu_timers_lock);
	t->interval = in->interval;
	t->expires = absolute ? in->value : nsec_add(now, in->value);
	t->armed = true;
	due = now >= t->expires;
	if (due)
		t->firing = true;
	else
		timer_link(t);
	spin_unlock_irq(&cpu_timers_lock);
	if (due)
		timer_expire(t, now);
}

void cpu_timer_destroy(struct posix_timer *t)
{
	timer_stop(t);
	if (t->cpu_task)
		task_put(t->cpu_task);
	if (t->cpu_proc)
		process_put(t->cpu_proc);
}

int cpu_clock_sleep(clockid_t clock, nsec_t expires, nsec_t *left)
{
	struct posix_timer t = { .clock = clock, .notify = SIGEV_NONE, .sleeper = current };
	struct timer_times in = { .value = max_t(nsec_t, expires, 1) }, out;
	int err;

	spin_lock_init(&t.lock);
	INIT_LIST_HEAD(&t.cpu_link);
	err = cpu_timer_init(&t);
	if (err)
		goto out;
	cpu_timer_set(&t, true, &in, &out);
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (!READ_ONCE(t.armed) || signal_pending(current))
			break;
		schedule();
	}
	set_current_state(TASK_RUNNING);
	cpu_timer_get(&t, &out);
	*left = out.value;
	err = out.value ? -ERESTARTSYS : 0;
out:
	cpu_timer_destroy(&t);
	return err;
}
