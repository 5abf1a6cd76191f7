/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lock-up detection. Soft: the tick keeps finding a CPU in the kernel and no switch
 * happens. Hard: a CPU that is not idle has no ticks; its neighbour notices. Hung
 * tasks: a thread looks for uninterruptible sleeps without an end. Each stretch is
 * reported once.
 */
#include <arch/backtrace.h>
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

static DEFINE_PER_CPU(bool, soft_reported);
static DEFINE_PER_CPU(bool, hard_reported);

/* The next CPU round the ring: has it stopped taking interrupts? */
static void check_neighbour(unsigned self, nsec_t now)
{
	unsigned n = self;
	struct rq *rq;
	nsec_t last;

	do {
		n = (n + 1) % CONFIG_NR_CPUS;
	} while (!cpu_is_online(n));
	rq = &runqueues[n];
	last = READ_ONCE(rq->last_tick);
	/* An idle CPU has no tick, and one that has just left idle has not had its first. */
	if (n == self || READ_ONCE(rq->curr) == rq->idle || last + LOCKUP_NSEC > now ||
	    READ_ONCE(rq->curr)->se.exec_start + LOCKUP_NSEC > now) {
		per_cpu(hard_reported, n) = false;
		return;
	}
	if (per_cpu(hard_reported, n))
		return;
	per_cpu(hard_reported, n) = true;
	pr_emerg("watchdog: CPU#%u takes no interrupts for %llus! [%s:%d]\n", n,
		 (unsigned long long)((now - last) / NSEC_PER_SEC), rq->curr->comm, rq->curr->tid);
}

void watchdog_tick(struct rq *rq, bool user) NO_THREAD_SAFETY_ANALYSIS
{
	nsec_t now = rq->clock;

	WRITE_ONCE(rq->last_tick, now);
	check_neighbour(rq->cpu, now);
	if (user || rq->curr == rq->idle || rq->nr_switches != rq->seen_switches) {
		rq->seen_switches = rq->nr_switches;
		rq->alive_at = now;
		*this_cpu_ptr(soft_reported) = false;
		return;
	}
	/* Who can switch shows it by trying to, even if it is the only task. */
	if (now - rq->alive_at > LOCKUP_NSEC / 2)
		set_need_resched();
	if (now - rq->alive_at <= LOCKUP_NSEC || *this_cpu_ptr(soft_reported))
		return;
	*this_cpu_ptr(soft_reported) = true;
	pr_emerg("watchdog: BUG: soft lockup - CPU#%u stuck for %llus! [%s:%d]\n", rq->cpu,
		 (unsigned long long)((now - rq->alive_at) / NSEC_PER_SEC), current->comm,
		 current->tid);
	dump_stack();
}

static void check_task(struct task *t, nsec_t now)
{
	u64 switches = READ_ONCE(t->nvcsw) + READ_ONCE(t->nivcsw);

	if (READ_ONCE(t->state) != TASK_UNINTERRUPTIBLE || switches != t->hung_switches) {
		t->hung_switches = switches;
		t->hung_since = now;
		return;
	}
	if (!t->hung_since || now - t->hung_since < HUNG_NSEC)
		return;
	t->hung_since = 0;	/* reported */
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
