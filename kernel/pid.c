/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Process numbers: handing them out in cyclic order, and finding by number. A small hash
 * table holds every number in use; there is no bitmap to scan, since the next free number
 * is almost always the next one.
 */
#include <kernel/boottest.h>
#include <kernel/pid.h>
#include <kernel/panic.h>
#include <lib/err.h>
#include <mm/page.h>
#include <mm/slab.h>

#define PID_HASH_SIZE	1024		/* power of two */

DEFINE_SPINLOCK(tasklist_lock);
LIST_HEAD(process_list);
int pid_max = PID_MAX_DEFAULT;
int threads_max = PID_MAX_DEFAULT;
atomic_t nr_threads = ATOMIC_INIT(0);
pid_t last_pid = 1;			/* 1 is for task_create_init() alone */

static struct hlist_head pid_hash[PID_HASH_SIZE] GUARDED_BY(tasklist_lock);
static int nr_pids GUARDED_BY(tasklist_lock);
static struct kmem_cache *pid_cache __ro_after_init;

static struct hlist_head *pid_bucket(pid_t nr) REQUIRES(tasklist_lock)
{
	return &pid_hash[(u32)nr & (PID_HASH_SIZE - 1)];
}

struct pid *pid_lookup(pid_t nr)
{
	struct pid *pid;

	hlist_for_each_entry(pid, pid_bucket(nr), hash)
		if (pid->nr == nr)
			return pid;
	return NULL;
}

/* The next free number after last_pid, or 0 when there is none. */
static pid_t pid_next_free(void) REQUIRES(tasklist_lock)
{
	int limit = READ_ONCE(pid_max);
	pid_t nr = last_pid;

	for (int tries = 0; tries < limit; tries++) {
		if (++nr >= limit)
			nr = limit > 2 * RESERVED_PIDS ? RESERVED_PIDS : 2;
		if (!pid_lookup(nr))
			return nr;
	}
	return 0;
}

struct pid *pid_alloc(pid_t want)
{
	struct pid *pid = kmem_cache_alloc(pid_cache, GFP_KERNEL);
	unsigned long flags;
	long error = 0;

	if (!pid)
		return ERR_PTR(-ENOMEM);
	pid->users = 1;
	pid->task = NULL;
	pid->proc = NULL;
	INIT_LIST_HEAD(&pid->pgrp_members);
	INIT_LIST_HEAD(&pid->session_members);

	spin_lock_irqsave(&tasklist_lock, flags);
	if (want) {
		pid->nr = want;
		if (pid_lookup(want))
			error = -EEXIST;
	} else {
		pid->nr = nr_pids < READ_ONCE(pid_max) ? pid_next_free() : 0;
		if (pid->nr)
			last_pid = pid->nr;
		else
			error = -EAGAIN;
	}
	if (!error) {
		hlist_add_head(&pid->hash, pid_bucket(pid->nr));
		nr_pids++;
	}
	spin_unlock_irqrestore(&tasklist_lock, flags);
	if (!error)
		return pid;
	kmem_cache_free(pid_cache, pid);
	return ERR_PTR(error);
}

void pid_drop(struct pid *pid)
{
	if (--pid->users)
		return;
	hlist_del(&pid->hash);
	nr_pids--;
	kmem_cache_free(pid_cache, pid);
}

struct task *task_find(pid_t tid)
{
	struct task *task = NULL;
	unsigned long flags;
	struct pid *pid;

	spin_lock_irqsave(&tasklist_lock, flags);
	pid = pid_lookup(tid);
	if (pid && pid->task)
		task = task_get(pid->task);
	spin_unlock_irqrestore(&tasklist_lock, flags);
	return task;
}

struct process *process_find(pid_t nr)
{
	struct process *proc = NULL;
	unsigned long flags;
	struct pid *pid;

	spin_lock_irqsave(&tasklist_lock, flags);
	pid = pid_lookup(nr);
	if (pid && pid->proc)
		proc = process_get(pid->proc);
	spin_unlock_irqrestore(&tasklist_lock, flags);
	return proc;
}

struct process *process_next(pid_t from)
{
	struct process *proc, *best = NULL;
	unsigned long flags;

	spin_lock_irqsave(&tasklist_lock, flags);
	for_each_process(proc) {
		if (proc->pid < from || (best && best->pid <= proc->pid))
			continue;
		best = proc;
		if (proc->pid == from)
			break;
	}
	if (best)
		process_get(best);
	spin_unlock_irqrestore(&tasklist_lock, flags);
	return best;
}

struct task *thread_next(struct process *proc, pid_t from)
{
	struct task *task, *best = NULL;
	unsigned long flags;

	spin_lock_irqsave(&tasklist_lock, flags);
	/* A dead leader is off the list, but its number still shows until the reaping. */
	if (proc->state != PROC_REAPED && proc->group_leader && proc->pid >= from)
		best = proc->group_leader;
	for_each_thread(proc, task)
		if (task->tid >= from && (!best || task->tid < best->tid))
			best = task;
	if (best)
		task_get(best);
	spin_unlock_irqrestore(&tasklist_lock, flags);
	return best;
}

void pid_init(void)
{
	pid_cache = KMEM_CACHE(pid);
	if (!pid_cache)
		panic("pid: no memory for the cache");
	/* As many threads as would fill an eighth of memory with stacks and tasks. */
	threads_max = (int)clamp_t(u64, totalram_pages / (8 * (KSTACK_SIZE / PAGE_SIZE + 1)),
				   64, PID_MAX_LIMIT);
}

static void pid_release(struct pid *pid)
{
	spin_lock_irq(&tasklist_lock);
	pid_drop(pid);
	spin_unlock_irq(&tasklist_lock);
}

BOOT_TEST(pid, cyclic)
{
	struct pid *a = pid_alloc(0), *b = pid_alloc(0);
	pid_t first, second;

	bt_assert(!IS_ERR(a) && !IS_ERR(b));
	first = a->nr;
	second = b->nr;
	bt_expect(first > 1 && second > 1);
	bt_expect(first != second);
	pid_release(a);
	pid_release(b);

	/* A number just freed is not handed out again at once. */
	a = pid_alloc(0);
	bt_assert(!IS_ERR(a));
	bt_expect(a->nr != first && a->nr != second);
	pid_release(a);
}

BOOT_TEST(pid, wraps_above_reserved)
{
	pid_t saved_last;
	struct pid *a;

	spin_lock_irq(&tasklist_lock);
	saved_last = last_pid;
	last_pid = pid_max - 1;
	spin_unlock_irq(&tasklist_lock);
	a = pid_alloc(0);
	bt_assert(!IS_ERR(a));
	bt_expect(a->nr >= RESERVED_PIDS && a->nr < pid_max);
	pid_release(a);
	spin_lock_irq(&tasklist_lock);
	last_pid = saved_last;
	spin_unlock_irq(&tasklist_lock);
}

BOOT_TEST(pid, lookup)
{
	struct pid *a = pid_alloc(0), *again;
	pid_t nr;

	bt_assert(!IS_ERR(a));
	nr = a->nr;
	again = pid_alloc(nr);
	bt_expect(IS_ERR(again) && PTR_ERR(again) == -EEXIST);
	spin_lock_irq(&tasklist_lock);
	again = pid_lookup(nr);
	spin_unlock_irq(&tasklist_lock);
	bt_expect(again == a);
	bt_expect(task_find(nr) == NULL);
	bt_expect(process_find(nr) == NULL);
	pid_release(a);
	spin_lock_irq(&tasklist_lock);
	again = pid_lookup(nr);
	spin_unlock_irq(&tasklist_lock);
	bt_expect(again == NULL);
}

BOOT_TEST(pid, current_is_found)
{
	u32 refs = refcount_read(&current->refs);
	struct task *task = task_find(current->tid);
	struct process *proc = process_find(current->proc->pid);

	bt_expect(task == current);
	bt_expect(proc == current->proc);
	bt_expect_eq(refcount_read(&current->refs), refs + 1);
	if (task)
		task_put(task);
	if (proc)
		process_put(proc);
	proc = process_next(current->proc->pid);
	bt_expect(proc == current->proc);
	if (proc)
		process_put(proc);
	bt_expect(task_find(PID_MAX_LIMIT) == NULL);
	bt_expect(task_find(-1) == NULL);
}
