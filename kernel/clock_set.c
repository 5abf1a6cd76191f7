/* SPDX-License-Identifier: BSD-2-Clause */
/* Who wants to know that the real-time clock was set: timers with a date, timerfd. */
#include <kernel/clock_set.h>
#include <kernel/spinlock.h>

static DEFINE_SPINLOCK(watch_lock);
static LIST_HEAD(watches);		/* watch_lock */
static u32 count;

void clock_watch_add(struct clock_watch *w)
{
	unsigned long flags;

	spin_lock_irqsave(&watch_lock, flags);
	list_add_tail(&w->link, &watches);
	spin_unlock_irqrestore(&watch_lock, flags);
}

void clock_watch_del(struct clock_watch *w)
{
	unsigned long flags;

	spin_lock_irqsave(&watch_lock, flags);
	list_del_init(&w->link);
	spin_unlock_irqrestore(&watch_lock, flags);
}

u32 clock_set_count(void)
{
	return __atomic_load_n(&count, __ATOMIC_ACQUIRE);
}

void clock_has_rate(void)
{
	struct clock_watch *w, *next;
	unsigned long flags;

	spin_lock_irqsave(&watch_lock, flags);
	list_for_each_entry_safe(w, next, &watches, link)
		w->fn(w);
	spin_unlock_irqrestore(&watch_lock, flags);
}

void clock_was_set(void)
{
	__atomic_fetch_add(&count, 1, __ATOMIC_RELEASE);
	clock_has_rate();
}
