/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Boot tests of priority inheritance: chains of tasks that never run, so that nothing
 * but the graph decides.
 */
#include <kernel/boottest.h>
#include <kernel/clone.h>
#include <kernel/pi.h>
#include <kernel/sched.h>
#include <kernel/task.h>
#include <lib/err.h>
#include <lib/errno.h>

#define TASKS 4

static int never(void *arg)
{
	return 0;
}

static bool make_tasks(struct task *tasks[TASKS], struct pi_waiter waiters[TASKS])
{
	for (int i = 0; i < TASKS; i++) {
		tasks[i] = kthread_create(never, NULL, "pi/%d", i);
		if (!bt_expect(!IS_ERR(tasks[i])))
			return false;
		task_set_nice(tasks[i], 10 - i);	/* the later the more urgent */
		waiters[i] = (struct pi_waiter){ .task = tasks[i] };
	}
	return true;
}

static void end_tasks(struct task *tasks[TASKS])
{
	for (int i = 0; i < TASKS; i++)
		kthread_stop(tasks[i]);
}

static void own(struct pi_lock *lock, struct task *owner)
{
	spin_lock(&pi_graph);
	pi_set_owner(lock, owner);
	spin_unlock(&pi_graph);
}

static int wait_for(struct pi_lock *lock, struct pi_waiter *w)
{
	int error;

	spin_lock(&pi_graph);
	error = pi_wait(lock, w);
	spin_unlock(&pi_graph);
	return error;
}

static void leave(struct pi_waiter *w)
{
	spin_lock(&pi_graph);
	pi_leave(w);
	spin_unlock(&pi_graph);
}

static int nice_of(const struct task *t)
{
	return t->prio - PRIO_NICE0;
}

BOOT_TEST(pi, lent_along_a_chain_and_given_back)
{
	struct pi_lock locks[TASKS] = { };
	struct pi_waiter w[TASKS];
	struct task *t[TASKS];

	if (!make_tasks(t, w))
		return;
	for (int i = 0; i < TASKS - 1; i++)
		own(&locks[i], t[i]);
	for (int i = 1; i < TASKS; i++)
		bt_expect_eq(wait_for(&locks[i - 1], &w[i]), 0);
	for (int i = 0; i < TASKS; i++)
		bt_expect_eq(nice_of(t[i]), 7);
	bt_expect_eq(t[0]->nice, 10);
	bt_expect_eq(t[0]->se.nice, 7);
	/* What comes in at one end arrives at the other. */
	task_set_nice(t[3], -5);
	bt_expect_eq(nice_of(t[0]), -5);
	task_set_nice(t[3], 19);
	bt_expect_eq(nice_of(t[0]), 8);
	leave(&w[1]);
	bt_expect_eq(nice_of(t[0]), 10);
	bt_expect_eq(nice_of(t[1]), 8);
	leave(&w[2]);
	leave(&w[3]);
	for (int i = 0; i < TASKS - 1; i++)
		own(&locks[i], NULL);
	for (int i = 0; i < TASKS - 1; i++)
		bt_expect_eq(nice_of(t[i]), 10 - i);
	end_tasks(t);
}

BOOT_TEST(pi, a_ring_is_refused)
{
	struct pi_lock locks[3] = { };
	struct pi_waiter w[TASKS], other;
	struct task *t[TASKS];

	if (!make_tasks(t, w))
		return;
	for (int i = 0; i < 3; i++)
		own(&locks[i], t[i]);
	bt_expect_eq(wait_for(&locks[0], &w[1]), 0);
	bt_expect_eq(wait_for(&locks[1], &w[2]), 0);
	other = (struct pi_waiter){ .task = t[0] };
	bt_expect_eq(wait_for(&locks[2], &other), -EDEADLK);
	bt_expect(!t[0]->pi_blocked);
	bt_expect_eq(wait_for(&locks[0], &other), -EDEADLK);	/* its own */
	leave(&w[2]);
	bt_expect_eq(wait_for(&locks[2], &other), 0);		/* the ring is open */
	leave(&other);
	leave(&w[1]);
	for (int i = 0; i < 3; i++)
		own(&locks[i], NULL);
	end_tasks(t);
}

/* Of several locks the best waiter counts; handing over moves what is lent to the heir. */
BOOT_TEST(pi, several_locks_and_heirs)
{
	struct pi_lock a = { }, b = { };
	struct pi_waiter w[TASKS];
	struct task *t[TASKS];

	if (!make_tasks(t, w))
		return;
	own(&a, t[0]);
	own(&b, t[0]);
	bt_expect_eq(wait_for(&a, &w[3]), 0);
	bt_expect_eq(wait_for(&b, &w[1]), 0);
	bt_expect_eq(wait_for(&a, &w[2]), 0);
	bt_expect_eq(nice_of(t[0]), 7);
	spin_lock(&pi_graph);
	bt_expect(pi_first(&a) == &w[3]);
	pi_leave(&w[3]);
	pi_set_owner(&a, t[3]);
	bt_expect(pi_first(&a) == &w[2]);
	spin_unlock(&pi_graph);
	bt_expect_eq(nice_of(t[0]), 9);		/* by w[1], for b */
	bt_expect_eq(nice_of(t[3]), 7);
	task_set_nice(t[2], -3);
	bt_expect_eq(nice_of(t[3]), -3);
	leave(&w[2]);
	leave(&w[1]);
	bt_expect_eq(nice_of(t[0]), 10);
	own(&a, NULL);
	own(&b, NULL);
	end_tasks(t);
}

/* Equals in the order they came, whoever is in between. */
BOOT_TEST(pi, equals_by_arrival)
{
	struct pi_lock lock = { };
	struct pi_waiter w[TASKS];
	struct task *t[TASKS];
	static const int order[TASKS] = { 2, 0, 1, 3 };

	if (!make_tasks(t, w))
		return;
	for (int i = 0; i < TASKS; i++) {
		task_set_nice(t[i], i == 2 ? -1 : 0);
		bt_expect_eq(wait_for(&lock, &w[i]), 0);
	}
	spin_lock(&pi_graph);
	for (int i = 0; i < TASKS; i++) {
		bt_expect(pi_first(&lock) == &w[order[i]]);
		pi_leave(pi_first(&lock));
	}
	spin_unlock(&pi_graph);
	end_tasks(t);
}
