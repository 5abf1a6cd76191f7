/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Priority inheritance: the graph of who waits behind whom, and lending along its chains.
 *
 * A lock's waiters stand in a tree by priority, the locks that a task owns in another by
 * the priority of their first waiter. So what is lent to a task is at the left end of a
 * tree, and one change of priority costs O(log n) a step of the chain; the walk ends
 * where nothing changes any more.
 */
#include <kernel/pi.h>
#include <kernel/sched.h>
#include <kernel/task.h>
#include <lib/errno.h>

DEFINE_SPINLOCK(pi_graph);

static bool waiter_less(const struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, struct pi_waiter, node)->prio < rb_entry(b, struct pi_waiter, node)->prio;
}

static bool lock_less(const struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, struct pi_lock, node)->prio < rb_entry(b, struct pi_lock, node)->prio;
}

/* A lock is out of its owner's tree while its owner or its waiters change. */

static void owned_add(struct pi_lock *lock) REQUIRES(pi_graph)
{
	struct pi_waiter *first = pi_first(lock);

	if (!lock->owner || !first)
		return;
	lock->prio = first->prio;
	rb_add_cached(&lock->node, &lock->owner->pi_owned, lock_less);
}

static void owned_del(struct pi_lock *lock) REQUIRES(pi_graph)
{
	if (lock->owner && pi_first(lock))
		rb_erase_cached(&lock->node, &lock->owner->pi_owned);
}

static void waiter_add(struct pi_waiter *w) REQUIRES(pi_graph)
{
	owned_del(w->lock);
	w->prio = READ_ONCE(w->task->prio);
	rb_add_cached(&w->node, &w->lock->waiters, waiter_less);
	owned_add(w->lock);
}

static void waiter_del(struct pi_waiter *w) REQUIRES(pi_graph)
{
	owned_del(w->lock);
	rb_erase_cached(&w->node, &w->lock->waiters);
	owned_add(w->lock);
}

/* What t's waiters lend it has changed, or t's own priority: tells t, and those it waits behind. */
static void propagate(struct task *t) REQUIRES(pi_graph)
{
	while (t) {
		struct rb_node *first = rb_first_cached(&t->pi_owned);
		struct pi_waiter *w = t->pi_blocked;

		sched_lend(t, first ? rb_entry(first, struct pi_lock, node)->prio : PRIO_NONE);
		if (!w || w->prio == READ_ONCE(t->prio))
			return;
		waiter_del(w);
		waiter_add(w);
		t = w->lock->owner;
	}
}

/* Whether `from` waits, over whatever chain, for something that `to` owns. */
static bool waits_for(const struct task *from, const struct task *to) REQUIRES(pi_graph)
{
	unsigned depth = 0;

	while (from && from != to) {
		if (!from->pi_blocked)
			return false;
		if (++depth > PI_MAX_DEPTH)
			return true;
		from = from->pi_blocked->lock->owner;
	}
	return from == to;
}

int pi_wait(struct pi_lock *lock, struct pi_waiter *w)
{
	if (lock->owner) {
		if (lock->owner->pi_gone)
			return -ESRCH;
		if (waits_for(lock->owner, w->task))
			return -EDEADLK;
	}
	w->lock = lock;
	w->task->pi_blocked = w;
	smp_mb();	/* with pi_prio_changed() */
	waiter_add(w);
	propagate(lock->owner);
	return 0;
}

void pi_leave(struct pi_waiter *w)
{
	struct task *owner = w->lock->owner;

	waiter_del(w);
	w->lock = NULL;
	w->task->pi_blocked = NULL;
	propagate(owner);
}

void pi_set_owner(struct pi_lock *lock, struct task *owner)
{
	struct task *before = lock->owner;

	owned_del(lock);
	lock->owner = owner ? task_get(owner) : NULL;
	owned_add(lock);
	propagate(before);
	propagate(owner);
	if (before)
		task_put(before);
}

/* A task that exits can own nothing from here on; after exec it may again. */
void pi_release_all(void)
{
	struct task *self = current;
	struct rb_node *first;

	spin_lock(&pi_graph);
	self->pi_gone = self->flags & PF_EXITING;
	while ((first = rb_first_cached(&self->pi_owned))) {
		struct pi_lock *lock = rb_entry(first, struct pi_lock, node);

		pi_set_owner(lock, NULL);
		task_wake(pi_first(lock)->task, TASK_INTERRUPTIBLE);
		spin_unlock(&pi_graph);
		cond_resched();
		spin_lock(&pi_graph);
	}
	spin_unlock(&pi_graph);
}

void pi_prio_changed(struct task *t)
{
	/* pi_wait() sets pi_blocked, then looks at the priority: one of the two sees the other. */
	smp_mb();
	if (likely(!READ_ONCE(t->pi_blocked)))
		return;
	spin_lock(&pi_graph);
	propagate(t);
	spin_unlock(&pi_graph);
}
