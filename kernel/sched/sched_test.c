/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Boot tests of scheduling, wait queues and sleeping locks.
 */
#include <arch/barrier.h>
#include <arch/irqflags.h>
#include <kernel/boottest.h>
#include <kernel/clone.h>
#include <kernel/mutex.h>
#include <kernel/rwsem.h>
#include <kernel/wait.h>
#include <kernel/workqueue.h>
#include <lib/err.h>
#include <trace/counters.h>

#include "sched.h"

/* A thread that counts how often it ran, until told to stop. */
struct spinner {
	struct task *task;
	u64 rounds;
	bool greedy;		/* does not yield */
	bool stop;
};

static int spin(void *arg)
{
	struct spinner *s = arg;

	while (!READ_ONCE(s->stop)) {
		s->rounds++;
		if (s->greedy)
			cond_resched();	/* goes on until the tick says otherwise */
		else
			sched_yield_current();
	}
	return 0;
}

/* Not yet running. On this CPU, where the test stays: they are to compete. */
static bool spinner_create(struct spinner *s)
{
	s->task = kthread_create(spin, s, "spin");
	if (!bt_expect(!IS_ERR(s->task)))
		return false;
	sched_set_affinity(current, 1ull << cpu_id());
	sched_set_affinity(s->task, 1ull << cpu_id());
	return true;
}

static bool spinner_start(struct spinner *s, int nice)
{
	if (!spinner_create(s))
		return false;
	task_set_nice(s->task, nice);
	kthread_start(s->task);
	return true;
}

static void spinner_stop(struct spinner *s)
{
	WRITE_ONCE(s->stop, true);
	kthread_stop(s->task);
	sched_set_affinity(current, ~0ull);
}

static void sleep_ns(nsec_t ns)
{
	set_current_state(TASK_UNINTERRUPTIBLE);
	schedule_timeout(ns);
}

BOOT_TEST(sched, switch_keeps_stack_and_locals)
{
	struct spinner a = { 0 }, b = { 0 };
	volatile u64 canary[4] = { 1, 2, 3, 4 };

	if (!spinner_start(&a, 0) || !spinner_start(&b, 0))
		return;
	for (int i = 0; i < 200; i++)
		sched_yield_current();
	spinner_stop(&a);
	spinner_stop(&b);
	for (u64 i = 0; i < 4; i++)
		bt_expect_eq(canary[i], i + 1);
	bt_expect(a.rounds > 10);
	bt_expect(b.rounds > 10);
}

BOOT_TEST(sched, busy_tasks_share)
{
	struct spinner a = { .greedy = true }, b = { .greedy = true };
	bool fair = false;

	if (!spinner_start(&a, 0) || !spinner_start(&b, 0))
		return;
	/*
	 * Equals get the same within a factor of two, whatever the policy: in the long run
	 * only, for a busy host takes time away from whichever of them runs.
	 */
	for (int i = 0; i < 30 && !fair; i++) {
		nsec_t ta, tb;

		sleep_ns(60 * NSEC_PER_MSEC);
		ta = task_sum_exec(a.task);
		tb = task_sum_exec(b.task);
		fair = ta && tb && ta < 2 * tb && tb < 2 * ta;
	}
	spinner_stop(&a);
	spinner_stop(&b);
	bt_expect(fair);
}

BOOT_TEST(sched, realtime_outranks_ordinary)
{
	struct spinner busy = { 0 };
	struct sched_attrs fifo = { SCHED_FIFO, 0, 50, false }, normal = { SCHED_NORMAL, 0, 0, false };
	u64 before;

	if (!spinner_start(&busy, 0))
		return;
	sched_change(current, &fifo);
	before = busy.rounds;
	for (int i = 0; i < 50; i++)
		sched_yield_current();
	bt_expect_eq(busy.rounds, before);
	sched_change(current, &normal);
	for (int i = 0; i < 50; i++)
		sched_yield_current();
	sleep_ns(10 * NSEC_PER_MSEC);
	bt_expect(busy.rounds > before);
	spinner_stop(&busy);
}

/* One that is woken comes at once, equals take turns when they yield. */
BOOT_TEST(sched, realtime_order)
{
	struct sched_attrs fifo = { SCHED_FIFO, 0, 50, false }, normal = { SCHED_NORMAL, 0, 0, false };
	struct spinner s = { 0 };

	if (!spinner_create(&s))
		return;
	sched_change(s.task, &fifo);
	sched_change(current, &fifo);
	sched_yield_current();
	kthread_start(s.task);
	cond_resched();
	bt_expect_eq(s.rounds, 0);		/* no higher than we */
	for (int i = 0; i < 50 && !READ_ONCE(s.rounds); i++)
		sched_yield_current();
	bt_expect(s.rounds > 0);
	fifo.rt_priority = 51;
	sched_change(current, &fifo);
	sched_yield_current();
	s.rounds = 0;
	for (int i = 0; i < 10; i++)
		sched_yield_current();
	bt_expect_eq(s.rounds, 0);
	spinner_stop(&s);	/* while it can be outranked */
	sched_change(current, &normal);
}

static int note_it_ran(void *arg)
{
	WRITE_ONCE(*(bool *)arg, true);
	return 0;
}

BOOT_TEST(sched, realtime_interrupts_ordinary)
{
	struct sched_attrs fifo = { SCHED_FIFO, 0, 50, false };
	bool ran = false;
	struct task *t = kthread_create(note_it_ran, &ran, "rt");

	bt_assert(!IS_ERR(t));
	sched_change(t, &fifo);
	kthread_start(t);
	cond_resched();
	bt_expect(READ_ONCE(ran) || nr_cpus_online > 1);
	kthread_stop(t);
}

/* What may sleep lets others run with CONFIG_PREEMPT_VOLUNTARY, even if it need not sleep. */
BOOT_TEST(sched, might_sleep_is_a_preemption_point)
{
	struct sched_attrs fifo = { SCHED_FIFO, 0, 50, false };
	static DEFINE_MUTEX(free);
	bool ran = false, early;
	struct task *t = kthread_create(note_it_ran, &ran, "rt");

	bt_assert(!IS_ERR(t));
	sched_change(t, &fifo);
	sched_set_affinity(current, 1ull << cpu_id());
	sched_set_affinity(t, 1ull << cpu_id());
	kthread_start(t);
	early = READ_ONCE(ran);
	mutex_lock(&free);
	mutex_unlock(&free);
	bt_expect_eq(early, IS_ENABLED(CONFIG_PREEMPT_FULL));
	bt_expect_eq(READ_ONCE(ran), !IS_ENABLED(CONFIG_PREEMPT_NONE));
	sched_set_affinity(current, ~0ull);
	kthread_stop(t);
}

/* The idle task has preemption off, so that who comes after it has a tick. */
BOOT_TEST(sched, idle_is_not_preempted)
{
	if (!PREEMPT_COUNTED) {
		bt_skip("nothing is counted");
		return;
	}
	for_each_online_cpu(cpu)
		bt_expect(READ_ONCE(cpus[cpu].idle->preempt_count) & PREEMPT_MASK);
}

BOOT_TEST(sched, waiting_is_counted)
{
	struct spinner s = { 0 };
	u64 turns, delay;

	if (!spinner_start(&s, 0))
		return;
	turns = task_turns(current);
	delay = current->run_delay;
	for (int i = 0; i < 50; i++)
		sched_yield_current();
	bt_expect(task_turns(current) - turns > 10);
	bt_expect(current->run_delay > delay);
	bt_expect(s.task->run_delay > 0);
	bt_expect(task_turns(s.task) > 10);
	spinner_stop(&s);
}

BOOT_TEST(sched, nice_is_bounded)
{
	int nice = current->nice;

	task_set_nice(current, 100);
	bt_expect_eq(current->nice, 19);
	task_set_nice(current, -100);
	bt_expect_eq(current->nice, -20);
	task_set_nice(current, nice);
	bt_expect_eq(current->nice, nice);
}

BOOT_TEST(sched, wake_before_sleep_is_not_lost)
{
	set_current_state(TASK_UNINTERRUPTIBLE);
	bt_expect(task_wake(current, TASK_NORMAL));
	bt_expect_eq(current->state, TASK_RUNNING);
	schedule();			/* returns at once: nothing sleeps */
	bt_expect(!task_wake(current, TASK_NORMAL));
}

BOOT_TEST(sched, timeout_wakes_in_time)
{
	nsec_t start = ktime_get(), took;

	set_current_state(TASK_UNINTERRUPTIBLE);
	bt_expect_eq(schedule_timeout(5 * NSEC_PER_MSEC), 0);
	took = ktime_get() - start;
	bt_expect(took >= 5 * NSEC_PER_MSEC);
	bt_expect_eq(current->state, TASK_RUNNING);
}

BOOT_TEST(sched, run_time_adds_up)
{
	nsec_t a = task_sum_exec(current), utime, stime, start = ktime_get();

	while (ktime_get() - start < 2 * NSEC_PER_MSEC)
		;
	bt_expect(task_sum_exec(current) - a >= NSEC_PER_MSEC);
	for (int i = 0; i < 10; i++)
		task_sum_exec(current);		/* looking must not add to it */
	bt_expect(task_sum_exec(current) - a <= ktime_get() - start + NSEC_PER_MSEC);
	task_cputime(current, &utime, &stime);
	bt_expect(utime + stime <= task_sum_exec(current));
	bt_expect_eq(utime, 0);		/* a kernel thread has no user mode */
}

/* A CPU that could not take its ticks for a while would have no time for anything else. */
BOOT_TEST(sched, missed_ticks_are_not_made_up_for)
{
	nsec_t end = ktime_get() + 20 * TICK_NSEC;
	const u64 *ticks;
	u64 before;

	local_irq_disable();
	ticks = &this_cpu()->counters.value[TIMER_TICK_TOTAL];
	before = READ_ONCE(*ticks);
	while (ktime_get() < end)
		cpu_relax();
	local_irq_enable();
	bt_expect(READ_ONCE(*ticks) - before <= 2);
}

BOOT_TEST(sched, affinity_needs_an_online_cpu)
{
	u64 old = current->cpus_allowed;

	bt_expect_eq(sched_set_affinity(current, 0), -EINVAL);
	bt_expect_eq(sched_set_affinity(current, 1ull << 63), -EINVAL);
	bt_expect_eq(current->cpus_allowed, old);
	bt_expect_eq(sched_set_affinity(current, 1), 0);
	bt_expect_eq(current->cpus_allowed, 1);
	bt_expect_eq(sched_set_affinity(current, old), 0);
}

/* Wait queues. */

/* A busy host may take its time to run another CPU's thread: up to 5 s for what must come. */
#define eventually(cond) ({ \
	for (int __i = 0; __i < 5000 && !(cond); __i++) \
		sleep_ns(NSEC_PER_MSEC); \
	bt_expect(cond); \
})

static bool asleep(struct task *t)
{
	return READ_ONCE(t->state) & TASK_UNINTERRUPTIBLE && !READ_ONCE(t->se.on_rq);
}

static DEFINE_WAIT_QUEUE(test_wq);
static bool test_cond;
static u32 test_woken;

static int waiter(void *arg)
{
	wait_event(&test_wq, READ_ONCE(test_cond));
	__atomic_add_fetch(&test_woken, 1, __ATOMIC_SEQ_CST);
	return 0;
}

static int exclusive_waiter(void *arg)
{
	DEFINE_WAIT(entry);

	prepare_to_wait_exclusive(&test_wq, &entry, TASK_UNINTERRUPTIBLE);
	schedule();
	finish_wait(&test_wq, &entry);
	__atomic_add_fetch(&test_woken, 1, __ATOMIC_SEQ_CST);
	return 0;
}

BOOT_TEST(wait, wakes_all_when_true)
{
	struct task *t[3];

	test_cond = false;
	test_woken = 0;
	for (int i = 0; i < 3; i++) {
		t[i] = kthread_run(waiter, NULL, "waiter");
		bt_assert(!IS_ERR(t[i]));
	}
	for (int i = 0; i < 3; i++)
		eventually(asleep(t[i]));
	wake_up_all(&test_wq);		/* false: they go back to sleep */
	for (int i = 0; i < 3; i++)
		eventually(asleep(t[i]));
	bt_expect_eq(test_woken, 0);
	WRITE_ONCE(test_cond, true);
	wake_up_all(&test_wq);
	for (int i = 0; i < 3; i++)
		kthread_stop(t[i]);
	bt_expect_eq(test_woken, 3);
	bt_expect(wait_queue_empty(&test_wq));
}

BOOT_TEST(wait, exclusive_wakes_one)
{
	struct task *t[2];

	test_woken = 0;
	for (int i = 0; i < 2; i++) {
		t[i] = kthread_run(exclusive_waiter, NULL, "waiter");
		bt_assert(!IS_ERR(t[i]));
	}
	for (int i = 0; i < 2; i++)
		eventually(asleep(t[i]));
	wake_up(&test_wq);
	eventually(READ_ONCE(test_woken) == 1);
	sleep_ns(NSEC_PER_MSEC);
	bt_expect_eq(test_woken, 1);
	wake_up(&test_wq);
	eventually(READ_ONCE(test_woken) == 2);
	for (int i = 0; i < 2; i++)
		kthread_stop(t[i]);
}

static int wake_task(void *arg)
{
	sleep_ns(NSEC_PER_MSEC);
	task_wake(arg, TASK_UNINTERRUPTIBLE);
	return 0;
}

BOOT_TEST(wait, exclusive_wakes_in_order)
{
	struct wait_queue wq;
	struct wait_entry a, b;

	wait_queue_init(&wq);
	init_wait(&a);
	init_wait(&b);
	prepare_to_wait_exclusive(&wq, &a, TASK_RUNNING);
	prepare_to_wait_exclusive(&wq, &b, TASK_RUNNING);
	bt_expect(list_first_entry(&wq.list, struct wait_entry, link) == &a);
	finish_wait(&wq, &b);
	prepare_to_wait(&wq, &b, TASK_RUNNING);
	bt_expect(list_first_entry(&wq.list, struct wait_entry, link) == &b);
	finish_wait(&wq, &b);
	finish_wait(&wq, &a);
}

BOOT_TEST(wait, early_wake_leaves_time)
{
	struct task *t = kthread_run(wake_task, current, "waker");

	bt_assert(!IS_ERR(t));
	set_current_state(TASK_UNINTERRUPTIBLE);
	bt_expect(schedule_timeout(NSEC_PER_SEC) > 0);
	kthread_stop(t);
}

BOOT_TEST(wait, timeout_says_so)
{
	bt_expect_eq(wait_event_timeout(&test_wq, false, NSEC_PER_MSEC), -ETIME);
	bt_expect_eq(wait_event_timeout(&test_wq, true, NSEC_PER_MSEC), 0);
}

BOOT_TEST(wait, completion_counts)
{
	DEFINE_COMPLETION(c);

	complete(&c);
	complete(&c);
	wait_for_completion(&c);
	wait_for_completion(&c);
	bt_expect_eq(wait_for_completion_timeout(&c, NSEC_PER_MSEC), -ETIME);
	complete_all(&c);
	wait_for_completion(&c);
	wait_for_completion(&c);
}

/* Locks. */

static DEFINE_MUTEX(test_mutex);
static u64 test_counter;

static int add_under_mutex(void *arg)
{
	for (int i = 0; i < 200; i++) {
		mutex_lock(&test_mutex);
		u64 v = READ_ONCE(test_counter);

		sched_yield_current();
		WRITE_ONCE(test_counter, v + 1);
		mutex_unlock(&test_mutex);
	}
	return 0;
}

BOOT_TEST(lock, mutex_excludes)
{
	struct task *t[4];

	test_counter = 0;
	for (int i = 0; i < 4; i++) {
		t[i] = kthread_run(add_under_mutex, NULL, "adder");
		bt_assert(!IS_ERR(t[i]));
	}
	for (int i = 0; i < 4; i++)
		kthread_stop(t[i]);
	bt_expect_eq(test_counter, 800);
	bt_expect(!mutex_is_locked(&test_mutex));
	bt_expect_eq(test_mutex.waiters, 0);
}

static DEFINE_RWSEM(test_rwsem);

static int write_once(void *arg)
{
	down_write(&test_rwsem);
	WRITE_ONCE(test_counter, 1);
	up_write(&test_rwsem);
	return 0;
}

BOOT_TEST(lock, rwsem_writer_waits_and_is_not_starved) NO_THREAD_SAFETY_ANALYSIS
{
	struct task *t;

	test_counter = 0;
	down_read(&test_rwsem);
	bt_expect(down_read_trylock(&test_rwsem));
	t = kthread_run(write_once, NULL, "writer");
	bt_assert(!IS_ERR(t));
	eventually(asleep(t));
	bt_expect_eq(READ_ONCE(test_counter), 0);
	bt_expect(!down_read_trylock(&test_rwsem));	/* a writer waits */
	up_read(&test_rwsem);
	up_read(&test_rwsem);
	kthread_stop(t);
	bt_expect_eq(test_counter, 1);
	bt_expect(down_write_trylock(&test_rwsem));
	bt_expect(!down_read_trylock(&test_rwsem));
	up_write(&test_rwsem);
}

BOOT_TEST(lock, spin_trylock_and_irq_state)
{
	static DEFINE_SPINLOCK(lock);
	unsigned long flags;

	bt_expect(!irqs_disabled());
	spin_lock_irqsave(&lock, flags);
	bt_expect(irqs_disabled());
	spin_unlock_irqrestore(&lock, flags);
	bt_expect(!irqs_disabled());
}

/* Work items. */

static u32 work_runs;
static void count_work(struct work *w)
{
	work_runs++;
}

BOOT_TEST(work, runs_once_per_queueing)
{
	static struct work w = WORK_INIT(w, count_work);

	work_runs = 0;
	bt_expect(schedule_work(&w));
	flush_work(&w);
	bt_expect_eq(work_runs, 1);
	bt_expect(schedule_work(&w));
	flush_work(&w);
	bt_expect_eq(work_runs, 2);
	flush_work(&w);			/* idle: returns at once */
}

static void slow_work(struct work *w)
{
	sleep_ns(2 * NSEC_PER_MSEC);
	work_runs++;
}

BOOT_TEST(work, flush_waits_for_the_running)
{
	static struct work w = WORK_INIT(w, slow_work);

	work_runs = 0;
	bt_expect(schedule_work(&w));
	sleep_ns(NSEC_PER_MSEC);		/* it has begun */
	flush_work(&w);
	bt_expect_eq(work_runs, 1);
}

BOOT_TEST(work, cancel_takes_it_off)
{
	static struct work w = WORK_INIT(w, count_work);
	struct sched_attrs fifo = { SCHED_FIFO, 0, 50, false }, normal = { SCHED_NORMAL, 0, 0, false };

	work_runs = 0;
	sched_change(current, &fifo);	/* on one CPU the worker cannot run now */
	schedule_work(&w);
	bt_expect(!schedule_work(&w) || nr_cpus_online > 1);
	bt_expect(cancel_work(&w) || nr_cpus_online > 1);
	sched_change(current, &normal);
	sleep_ns(NSEC_PER_MSEC);
	bt_expect(work_runs == 0 || nr_cpus_online > 1);
	bt_expect(!cancel_work(&w));
}
