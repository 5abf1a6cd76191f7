/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lock-up detection. Soft: the tick keeps finding a CPU in the kernel and no switch
 * happens. Hard: a CPU that is not idle has no ticks; others notice. Hung
 * tasks: a thread looks for uninterruptible sleeps without an end. Each stretch is
 * reported once.
 */
#include <arch/backtrace.h>
#include <kernel/boottest.h>
#include <kernel/clone.h>
#include <kernel/init.h>
#include <kernel/kallsyms.h>
#include <kernel/panic.h>
#include <kernel/pid.h>
#include <kernel/printk.h>
#include <kernel/task.h>
#include <lib/err.h>
#include "sched/sched.h"

#define LOCKUP_NSEC	(CONFIG_LOCKUP_SECONDS * NSEC_PER_SEC)
#define HUNG_NSEC	(CONFIG_HUNG_TASK_SECONDS * NSEC_PER_SEC)

/* What has been reported of a CPU, and goes on. */
struct lockups {
	bool soft, hard;
};
static DEFINE_PER_CPU(struct lockups, reported);

/* Sets *told to whether there is something to tell. True: for the first time. */
static bool is_news(bool *told, bool bad)
{
	bool news = bad && !*told;

	*told = bad;
	return news;
}

/* Has rq's CPU stopped taking interrupts? */
static bool is_dead(const struct rq *rq, nsec_t now)
{
	const struct task *curr = READ_ONCE(rq->curr);

	/* An idle CPU has no tick, and one that has just left idle has not had its first. */
	return curr != rq->idle && READ_ONCE(rq->last_tick) + LOCKUP_NSEC <= now &&
	       READ_ONCE(curr->se.exec_start) + LOCKUP_NSEC <= now;
}

static void check_cpu(unsigned n, nsec_t now)
{
	struct rq *rq = &runqueues[n];

	if (is_news(&per_cpu(reported, n).hard, n != cpu_id() && is_dead(rq, now)))
		pr_emerg("watchdog: CPU#%u takes no interrupts for %llus! [%s:%d]\n", n,
			 (unsigned long long)((now - rq->last_tick) / NSEC_PER_SEC), rq->curr->comm,
			 rq->curr->tid);
}

/* The next CPU round the ring. */
static void check_neighbour(unsigned self, nsec_t now)
{
	unsigned n = self;

	do {
		n = (n + 1) % CONFIG_NR_CPUS;
	} while (!cpu_is_online(n));
	check_cpu(n, now);
}

/* The tick hit rq's CPU in user mode, or not. Has it been in the kernel all the time, without a switch? */
static bool is_stuck(struct rq *rq, bool user)
{
	nsec_t now = rq->clock;

	if (user || rq->curr == rq->idle || rq->nr_switches != rq->seen_switches) {
		rq->seen_switches = rq->nr_switches;
		rq->alive_at = now;
	}
	/* Who can switch shows it by trying to, even if it is the only task. */
	if (now - rq->alive_at > LOCKUP_NSEC / 2)
		task_set_work(rq->curr, WORK_RESCHED);
	return now - rq->alive_at > LOCKUP_NSEC;
}

void watchdog_tick(struct rq *rq, bool user) NO_THREAD_SAFETY_ANALYSIS
{
	nsec_t now = rq->clock;

	WRITE_ONCE(rq->last_tick, now);
	check_neighbour(rq->cpu, now);
	if (!is_news(&this_cpu_ptr(reported)->soft, is_stuck(rq, user)))
		return;
	pr_emerg("watchdog: BUG: soft lockup - CPU#%u stuck for %llus! [%s:%d]\n", rq->cpu,
		 (unsigned long long)((now - rq->alive_at) / NSEC_PER_SEC), current->comm,
		 current->tid);
	dump_stack();
}

/* Has t slept uninterruptibly for so long that it is to be reported, for the first time? */
static bool is_hung(struct task *t, nsec_t now)
{
	u64 switches = READ_ONCE(t->nvcsw) + READ_ONCE(t->nivcsw);

	if (READ_ONCE(t->state) != TASK_UNINTERRUPTIBLE || switches != t->hung_switches) {
		t->hung_switches = switches;
		t->hung_since = now;
		return false;
	}
	if (!t->hung_since || now - t->hung_since < HUNG_NSEC)
		return false;
	t->hung_since = 0;
	return true;
}

static void check_task(struct task *t, nsec_t now)
{
	if (!is_hung(t, now))
		return;
	pr_err("INFO: task %s:%d blocked for more than %u seconds.\n", t->comm, t->tid,
	       CONFIG_HUNG_TASK_SECONDS);
	arch_show_backtrace(NULL, t);
}

static void check_all_tasks(void)
{
	nsec_t now = ktime_get();
	struct process *proc;
	struct task *t;

	for (pid_t pid = 1; (proc = process_next(pid)); pid = proc->pid + 1, process_put(proc)) {
		for (pid_t tid = 1; (t = thread_next(proc, tid)); tid = t->tid + 1, task_put(t))
			check_task(t, now);
		cond_resched();
	}
}

static int hung_task_thread(void *unused)
{
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		schedule_timeout(HUNG_NSEC / 4);
		/* The neighbours of a dead CPU may be idle, and have no tick. */
		for_each_online_cpu(n)
			check_cpu(n, ktime_get());
		check_all_tasks();
	}
	return 0;
}

static int watchdog_init(void)
{
	struct task *t = kthread_run(hung_task_thread, NULL, "khungtaskd");

	return IS_ERR(t) ? (int)PTR_ERR(t) : 0;
}
late_initcall(watchdog_init);

/* A run queue and a task that nobody else knows of: what is said of them, and when. */

BOOT_TEST(watchdog, soft_lockup_is_seen_once)
{
	static struct task idle, busy;
	struct rq rq = { .idle = &idle, .curr = &busy, .clock = NSEC_PER_SEC };
	bool told = false;

	bt_expect(!is_news(&told, is_stuck(&rq, true)));
	rq.clock += LOCKUP_NSEC;
	bt_expect(!is_news(&told, is_stuck(&rq, false)));
	bt_expect(busy.work & WORK_RESCHED);		/* it is asked to show that it can */
	rq.clock += TICK_NSEC;
	bt_expect(is_news(&told, is_stuck(&rq, false)));
	rq.clock += LOCKUP_NSEC;
	bt_expect(!is_news(&told, is_stuck(&rq, false)));
	rq.nr_switches++;
	bt_expect(!is_news(&told, is_stuck(&rq, false)));
	rq.clock += 2 * LOCKUP_NSEC;
	bt_expect(is_news(&told, is_stuck(&rq, false)));
	bt_expect(!is_news(&told, is_stuck(&rq, true)));
	rq.clock += 2 * LOCKUP_NSEC;
	rq.curr = &idle;
	bt_expect(!is_news(&told, is_stuck(&rq, false)));
}

BOOT_TEST(watchdog, dead_cpu_is_seen)
{
	static struct task idle, busy;
	struct rq rq = { .idle = &idle, .curr = &busy, .last_tick = NSEC_PER_SEC };

	bt_expect(!is_dead(&rq, LOCKUP_NSEC));
	bt_expect(is_dead(&rq, NSEC_PER_SEC + LOCKUP_NSEC));
	busy.se.exec_start = NSEC_PER_SEC + 1;
	bt_expect(!is_dead(&rq, NSEC_PER_SEC + LOCKUP_NSEC));
	bt_expect(is_dead(&rq, NSEC_PER_SEC + LOCKUP_NSEC + 1));
	rq.curr = &idle;
	bt_expect(!is_dead(&rq, 2 * LOCKUP_NSEC));
}

BOOT_TEST(watchdog, hung_task_is_seen_once)
{
	static struct task t = { .state = TASK_UNINTERRUPTIBLE, .nvcsw = 1 };
	nsec_t now = NSEC_PER_SEC;

	bt_expect(!is_hung(&t, now));
	bt_expect(!is_hung(&t, now + HUNG_NSEC - 1));
	bt_expect(is_hung(&t, now + HUNG_NSEC));
	bt_expect(!is_hung(&t, now + 3 * HUNG_NSEC));
	t.nvcsw++;			/* it ran, and sleeps again */
	bt_expect(!is_hung(&t, now + 4 * HUNG_NSEC));
	bt_expect(is_hung(&t, now + 5 * HUNG_NSEC));
	t.nvcsw++;
	bt_expect(!is_hung(&t, now + 6 * HUNG_NSEC));
	t.state = TASK_KILLABLE;	/* it can be ended */
	bt_expect(!is_hung(&t, now + 8 * HUNG_NSEC));
}
