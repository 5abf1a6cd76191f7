/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The OOM killer: picks the process whose death frees most and sends it SIGKILL.
 *
 * One victim at a time: while one is dying nobody else is chosen, unless it takes
 * too long. The victim's threads may use the reserve to get out.
 */
#include <kernel/mutex.h>
#include <kernel/pid.h>
#include <kernel/printk.h>
#include <kernel/signal.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <linux/oom.h>
#include <mm/oom.h>
#include <trace/counters.h>
#include <trace/mm.h>
#include "internal.h"

#define VICTIM_PATIENCE (NSEC_PER_SEC * 2)

static DEFINE_MUTEX(oom_lock);
static pid_t victim_pid;                /* oom_lock */
static nsec_t victim_since;             /* oom_lock */
static u64 kills;

u64 oom_kill_count(void)
{
	return READ_ONCE(kills);
}

/* What a process holds, in pages. */
struct holdings {
	u64 total_vm, anon, file, shmem, tables;
};

/*
 * Of any thread's mm: the leader may be gone. False if the process has none (any
 * more). Holds tasklist_lock; task->lock keeps the mm alive.
 */
static bool process_holdings(struct process *proc, struct holdings *h)
{
	bool found = false;
	struct task *t;

	for_each_thread(proc, t) {
		struct mm *mm;

		spin_lock(&t->lock);
		mm = t->mm;
		found = mm && !(t->flags & PF_KTHREAD);
		if (found)
			*h = (struct holdings){
				.total_vm = mm->total_vm,
				.anon = (u64)mm->rss[MM_ANON],
				.file = (u64)mm->rss[MM_FILE],
				.shmem = (u64)mm->rss[MM_SHMEM],
				.tables = mm->table_pages + 1,
			};
		spin_unlock(&t->lock);
		if (found)
			break;
	}
	return found;
}

/* In pages; negative: must not be chosen. Holds tasklist_lock. */
static s64 badness(struct process *proc, struct holdings *h)
{
	s64 points;

	if (proc == init_proc || proc->oom_score_adj == OOM_SCORE_ADJ_MIN)
		return -1;
	if (!process_holdings(proc, h))
		return -1;
	points = (s64)(h->anon + h->file + h->shmem + h->tables) +
		 proc->oom_score_adj * (s64)(totalram_pages / 1000);
	return points > 0 ? points : 1;
}

long oom_score(struct process *proc)
{
	struct holdings h;
	unsigned long flags;
	s64 points;

	spin_lock_irqsave(&tasklist_lock, flags);
	points = badness(proc, &h);
	spin_unlock_irqrestore(&tasklist_lock, flags);
	if (points < 0)
		return 0;
	points = points * 1000 / (s64)totalram_pages;
	return (long)clamp(points, (s64)0, (s64)2000);
}

/* Holds tasklist_lock. */
static bool still_dying(void)
{
	struct holdings h;
	struct process *p;

	for_each_process(p)
		if (p->pid == victim_pid)
			return process_holdings(p, &h);
	return false;
}

struct victim {
	struct process *proc;
	struct holdings h;
};

/* The worst process with a reference, and what the log line says of it. */
static bool pick_victim(struct victim *v)
{
	struct process *p;
	struct holdings h;
	s64 worst = 0;

	v->proc = NULL;
	for_each_process(p) {
		s64 points = badness(p, &h);

		if (points <= worst || p->pid == victim_pid)
			continue;
		worst = points;
		v->proc = p;
		v->h = h;
	}
	if (v->proc)
		process_get(v->proc);
	return v->proc;
}

static void kill_victim(struct victim *v)
{
	struct process *proc = v->proc;
	unsigned long flags;
	struct task *t;
	char comm[TASK_COMM_LEN];

	spin_lock_irqsave(&tasklist_lock, flags);
	for_each_thread(proc, t)
		t->flags |= PF_OOM_VICTIM;
	spin_unlock_irqrestore(&tasklist_lock, flags);
	task_comm(proc->group_leader, comm);
	count_event(OOM_TOTAL);
	TRACE(oom, (u32)proc->pid);
	pr_err("Out of memory: Killed process %d (%s) total-vm:%llukB, anon-rss:%llukB, "
	       "file-rss:%llukB, shmem-rss:%llukB, pgtables:%llukB oom_score_adj:%d\n",
	       proc->pid, comm, v->h.total_vm << 2, v->h.anon << 2, v->h.file << 2,
	       v->h.shmem << 2, v->h.tables << 2, proc->oom_score_adj);
	signal_send_process(SIGKILL, SEND_SIG_KERNEL, proc);
	victim_pid = proc->pid;
	victim_since = ktime_get();
	WRITE_ONCE(kills, kills + 1);
	process_put(proc);
}

bool oom_kill(gfp_t gfp, unsigned int order)
{
	struct victim v;
	unsigned long flags;
	bool dying, found = false;

	if (!IS_ENABLED(CONFIG_OOM_KILLER)) {
		signal_send_process(SIGKILL, SEND_SIG_KERNEL, current->proc);
		return true;
	}
	mutex_lock(&oom_lock);
	spin_lock_irqsave(&tasklist_lock, flags);
	dying = victim_pid && still_dying();
	if (!dying)
		victim_pid = 0;
	else if (ktime_get() - victim_since > VICTIM_PATIENCE)
		dying = false;
	if (!dying)
		found = pick_victim(&v);
	spin_unlock_irqrestore(&tasklist_lock, flags);
	if (found) {
		pr_warn("%s invoked oom-killer: gfp_mask=%#x, order=%u, free:%llukB\n",
			current->comm, gfp, order, (unsigned long long)nr_free_pages() << 2);
		kill_victim(&v);
	}
	mutex_unlock(&oom_lock);
	return dying || found;
}
