/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Task and process objects: the first ones, making and freeing, and what others may ask
 * about them. How they come to life is in clone.c, how they end in exit.c.
 */
#include <kernel/boottest.h>
#include <kernel/clone.h>
#include <kernel/cred.h>
#include <kernel/panic.h>
#include <kernel/pid.h>
#include <kernel/signal.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <kernel/workqueue.h>
#include <lib/string.h>
#include <fs/files.h>
#include <mm/mm.h>
#include <mm/slab.h>
#include <mm/vmap.h>
#include "task_internal.h"

extern u8 init_stack[];		/* head.S starts on its top */

static struct pid init_pid = {
	.nr		= 0,
	.users		= 1,
	.pgrp_members	= LIST_HEAD_INIT(init_pid.pgrp_members),
	.session_members = LIST_HEAD_INIT(init_pid.session_members),
};

/* Kernel threads ignore every signal; process_setup_init() fills it in. */
static struct sighand init_sighand;

struct process init_process = {
	.refs		= REFCOUNT_INIT(1),
	.state		= PROC_ALIVE,
	.pid_ref	= &init_pid,
	.pgrp_ref	= &init_pid,
	.session_ref	= &init_pid,
	.pgrp_node	= LIST_HEAD_INIT(init_process.pgrp_node),
	.session_node	= LIST_HEAD_INIT(init_process.session_node),
	.all_node	= LIST_HEAD_INIT(init_process.all_node),
	.parent		= &init_process,
	.children	= LIST_HEAD_INIT(init_process.children),
	.sibling	= LIST_HEAD_INIT(init_process.sibling),
	.child_wait	= WAIT_QUEUE_INIT(init_process.child_wait),
	.group_leader	= &init_task,
	.threads	= LIST_HEAD_INIT(init_process.threads),
	.nr_threads	= 1,
	.live		= ATOMIC_INIT(1),
	.siglock	= SPINLOCK_INIT,
	.sighand	= &init_sighand,
	.shared_pending	= { .list = LIST_HEAD_INIT(init_process.shared_pending.list) },
	.sigfd_wait	= WAIT_QUEUE_INIT(init_process.sigfd_wait),
	.exit_wait	= WAIT_QUEUE_INIT(init_process.exit_wait),
};

struct task init_task = {
	.kstack		= init_stack,
	.flags		= PF_KTHREAD | PF_IDLE,
	.proc		= &init_process,
	.cred		= &init_cred,
	.cpus_allowed	= ~0ULL,
	.timer_slack	= 50000,
	.pending	= { .list = LIST_HEAD_INIT(init_task.pending.list) },
	.sas		= { .flags = SS_DISABLE },
	.lock		= SPINLOCK_INIT,
	.refs		= REFCOUNT_INIT(2),
	.comm		= "swapper/0",
	.thread_node	= LIST_HEAD_INIT(init_task.thread_node),
	.ptraced	= LIST_HEAD_INIT(init_task.ptraced),
	.ptrace_node	= LIST_HEAD_INIT(init_task.ptrace_node),
	.exit_signal	= -1,
};

struct process *init_proc;

static struct kmem_cache *task_cache __ro_after_init;
static struct kmem_cache *process_cache __ro_after_init;

/* Dead tasks whose stacks wait to be freed by somebody who may sleep. */
static DEFINE_SPINLOCK(dead_lock);
static LIST_HEAD(dead_tasks);

static void task_reap_dead(struct work *work)
{
	struct task *task, *next;
	LIST_HEAD(list);

	spin_lock_irq(&dead_lock);
	list_splice_init(&dead_tasks, &list);
	spin_unlock_irq(&dead_lock);
	list_for_each_entry_safe(task, next, &list, thread_node)
		task_free(task);
}

static struct work dead_work = WORK_INIT(dead_work, task_reap_dead);

struct task *task_alloc(void)
{
	struct task *task;

	if (!list_empty(&dead_tasks))
		task_reap_dead(NULL);
	task = kmem_cache_alloc(task_cache, GFP_KERNEL);
	if (!task)
		return NULL;
	memset(task, 0, sizeof(*task));
	task->kstack = kstack_alloc();
	if (!task->kstack) {
		kmem_cache_free(task_cache, task);
		return NULL;
	}
	spin_lock_init(&task->lock);
	refcount_set(&task->refs, 2);
	INIT_LIST_HEAD(&task->thread_node);
	INIT_LIST_HEAD(&task->ptraced);
	INIT_LIST_HEAD(&task->ptrace_node);
	sigpending_init(&task->pending);
	task->sas.flags = SS_DISABLE;
	task->timer_slack = 50000;
	task->start_time = ktime_get();
	return task;
}

void task_free(struct task *task)
{
	arch_thread_release(task);
	if (task->cred)
		cred_put(task->cred);
	if (task->proc)
		process_put(task->proc);
	kfree(task->kthread);
	kstack_free(task->kstack);
	kmem_cache_free(task_cache, task);
}

void task_put(struct task *task)
{
	unsigned long flags;
	bool first;

	if (!refcount_dec_and_test(&task->refs))
		return;
	/* Unmapping a stack may sleep; usually a cache takes it, but nobody promises. */
	if (!in_atomic() && !irqs_disabled() && current->state == TASK_RUNNING) {
		task_free(task);
		return;
	}
	spin_lock_irqsave(&dead_lock, flags);
	first = list_empty(&dead_tasks);
	list_add(&task->thread_node, &dead_tasks);
	spin_unlock_irqrestore(&dead_lock, flags);
	if (first)
		schedule_work(&dead_work);
}

void task_dead(struct task *prev)
{
	unsigned long flags;
	bool first;

	/* Even with interrupts on this is the tail of a switch: never sleep here. */
	if (!refcount_dec_and_test(&prev->refs))
		return;
	spin_lock_irqsave(&dead_lock, flags);
	first = list_empty(&dead_tasks);
	list_add(&prev->thread_node, &dead_tasks);
	spin_unlock_irqrestore(&dead_lock, flags);
	if (first)
		schedule_work(&dead_work);
}

struct process *process_alloc(void)
{
	struct process *proc = kmem_cache_alloc(process_cache, GFP_KERNEL);

	if (!proc)
		return NULL;
	memset(proc, 0, sizeof(*proc));
	refcount_set(&proc->refs, 2);		/* the tree's and the first task's */
	INIT_LIST_HEAD(&proc->pgrp_node);
	INIT_LIST_HEAD(&proc->session_node);
	INIT_LIST_HEAD(&proc->all_node);
	INIT_LIST_HEAD(&proc->children);
	INIT_LIST_HEAD(&proc->sibling);
	INIT_LIST_HEAD(&proc->threads);
	wait_queue_init(&proc->child_wait);
	wait_queue_init(&proc->sigfd_wait);
	wait_queue_init(&proc->exit_wait);
	spin_lock_init(&proc->siglock);
	sigpending_init(&proc->shared_pending);
	return proc;
}

void process_put(struct process *proc)
{
	if (!refcount_dec_and_test(&proc->refs))
		return;
	sigpending_flush(&proc->shared_pending);
	if (proc->sighand)
		sighand_put(proc->sighand);
	kmem_cache_free(process_cache, proc);
}

struct mm *task_mm_get(struct task *task)
{
	struct mm *mm;

	spin_lock(&task->lock);
	mm = task->flags & PF_KTHREAD ? NULL : task->mm;
	if (mm)
		mm_get(mm);
	spin_unlock(&task->lock);
	return mm;
}

struct files *task_files_get(struct task *task)
{
	struct files *files;

	spin_lock(&task->lock);
	files = task->files;
	if (files)
		files_get(files);
	spin_unlock(&task->lock);
	return files;
}

struct fs_context *task_fs_get(struct task *task)
{
	struct fs_context *fs;

	spin_lock(&task->lock);
	fs = task->fs;
	if (fs)
		fs_context_get(fs);
	spin_unlock(&task->lock);
	return fs;
}

void task_comm(struct task *task, char *buf)
{
	spin_lock(&task->lock);
	memcpy(buf, task->comm, TASK_COMM_LEN);
	spin_unlock(&task->lock);
	buf[TASK_COMM_LEN - 1] = '\0';
}

void task_set_comm(struct task *task, const char *name)
{
	char comm[TASK_COMM_LEN] = "";

	strscpy(comm, name, sizeof(comm));
	spin_lock(&task->lock);
	memcpy(task->comm, comm, sizeof(comm));
	spin_unlock(&task->lock);
}

void usage_add(struct usage *sum, const struct usage *part)
{
	sum->utime += part->utime;
	sum->stime += part->stime;
	sum->nvcsw += part->nvcsw;
	sum->nivcsw += part->nivcsw;
	sum->min_flt += part->min_flt;
	sum->maj_flt += part->maj_flt;
	sum->io.read.bytes += part->io.read.bytes;
	sum->io.read.calls += part->io.read.calls;
	sum->io.write.bytes += part->io.write.bytes;
	sum->io.write.calls += part->io.write.calls;
	sum->io.read_bytes += part->io.read_bytes;
	sum->io.write_bytes += part->io.write_bytes;
	if (part->maxrss > sum->maxrss)
		sum->maxrss = part->maxrss;
}

void task_usage(struct task *task, struct usage *out)
{
	memset(out, 0, sizeof(*out));
	task_cputime(task, &out->utime, &out->stime);
	out->nvcsw = task->nvcsw;
	out->nivcsw = task->nivcsw;
	out->min_flt = task->min_flt;
	out->maj_flt = task->maj_flt;
	out->io = task->io;
}

void process_usage(struct process *proc, struct usage *sum)
{
	struct usage part;
	struct task *task;
	unsigned long flags;

	spin_lock_irqsave(&proc->siglock, flags);
	*sum = proc->dead_threads;
	for_each_thread(proc, task) {
		task_usage(task, &part);
		usage_add(sum, &part);
	}
	spin_unlock_irqrestore(&proc->siglock, flags);
}

void usage_to_rusage(const struct usage *usage, struct rusage *out)
{
	memset(out, 0, sizeof(*out));
	out->ru_utime.tv_sec = (long)(usage->utime / NSEC_PER_SEC);
	out->ru_utime.tv_usec = (long)(usage->utime % NSEC_PER_SEC / NSEC_PER_USEC);
	out->ru_stime.tv_sec = (long)(usage->stime / NSEC_PER_SEC);
	out->ru_stime.tv_usec = (long)(usage->stime % NSEC_PER_SEC / NSEC_PER_USEC);
	out->ru_maxrss = (long)(usage->maxrss * (PAGE_SIZE / 1024));
	out->ru_minflt = (long)usage->min_flt;
	out->ru_majflt = (long)usage->maj_flt;
	out->ru_inblock = (long)(usage->io.read_bytes / 512);
	out->ru_oublock = (long)(usage->io.write_bytes / 512);
	out->ru_nvcsw = (long)usage->nvcsw;
	out->ru_nivcsw = (long)usage->nivcsw;
}

char task_state_char(const struct task *task)
{
	u32 state = READ_ONCE(task->state);

	if (state & TASK_DEAD)
		return task->proc->state == PROC_ALIVE || task->proc->state == PROC_ZOMBIE ?
			'Z' : 'X';
	if (state & TASK_ZOMBIE)
		return 'Z';
	if (state & TASK_TRACED)
		return 't';
	if (state & TASK_STOPPED)
		return 'T';
	if (state & TASK_UNINTERRUPTIBLE)
		return task->flags & PF_KTHREAD ? 'I' : 'D';
	if (state & TASK_INTERRUPTIBLE)
		return 'S';
	return 'R';
}

void process_set_limits(struct process *proc)
{
	for (int i = 0; i < RLIM_NLIMITS; i++)
		proc->rlim[i] = (struct rlimit){ RLIM_INFINITY, RLIM_INFINITY };
	proc->rlim[RLIMIT_STACK].rlim_cur = _STK_LIM;
	proc->rlim[RLIMIT_CORE].rlim_cur = 0;
	proc->rlim[RLIMIT_NOFILE] = (struct rlimit){ 1024, 4096 };
	proc->rlim[RLIMIT_MEMLOCK] = (struct rlimit){ MLOCK_LIMIT, MLOCK_LIMIT };
	proc->rlim[RLIMIT_NPROC] = (struct rlimit){ (unsigned long)threads_max / 2,
						    (unsigned long)threads_max / 2 };
	proc->rlim[RLIMIT_SIGPENDING] = proc->rlim[RLIMIT_NPROC];
	proc->rlim[RLIMIT_MSGQUEUE] = (struct rlimit){ 819200, 819200 };
	proc->rlim[RLIMIT_NICE] = (struct rlimit){ 0, 0 };
	proc->rlim[RLIMIT_RTPRIO] = (struct rlimit){ 0, 0 };
}

void task_init(void)
{
	task_cache = KMEM_CACHE(task);
	process_cache = KMEM_CACHE(process);
	if (!task_cache || !process_cache)
		panic("task: no memory for the caches");
	list_add(&init_task.thread_node, &init_process.threads);
	refcount_set(&init_sighand.refs, 1);
	spin_lock_init(&init_sighand.lock);
	for (int i = 0; i < _NSIG; i++)
		init_sighand.action[i].handler = SIG_IGN;
	cred_init();
	pid_init();
	signal_init();
	process_set_limits(&init_process);
}

BOOT_TEST(process, first_task)
{
	bt_expect_eq(init_task.tid, 0);
	bt_expect(init_process.parent == &init_process);
	bt_expect(current->proc->parent == &init_process || current->proc->pid == 1);
	bt_expect((unsigned long)current->kstack % PAGE_SIZE == 0);
	bt_expect((char *)__builtin_frame_address(0) > (char *)current->kstack);
	bt_expect((char *)__builtin_frame_address(0) < (char *)current->kstack + KSTACK_SIZE);
}

BOOT_TEST(process, comm)
{
	char saved[TASK_COMM_LEN], name[TASK_COMM_LEN];

	task_comm(current, saved);
	task_set_comm(current, "a name longer than fifteen");
	task_comm(current, name);
	bt_expect(!strcmp(name, "a name longer t"));
	task_set_comm(current, "x");
	task_comm(current, name);
	bt_expect(!strcmp(name, "x"));
	bt_expect_eq(name[TASK_COMM_LEN - 2], 0);
	task_set_comm(current, saved);
}

BOOT_TEST(process, usage_sums)
{
	struct usage sum = { .utime = 1, .maxrss = 7 };
	struct usage part = { .utime = 2 * NSEC_PER_SEC, .stime = 5000, .maxrss = 3,
			      .min_flt = 4 };
	struct rusage ru;

	usage_add(&sum, &part);
	bt_expect_eq(sum.maxrss, 7);
	usage_to_rusage(&sum, &ru);
	bt_expect_eq(ru.ru_utime.tv_sec, 2);
	bt_expect_eq(ru.ru_utime.tv_usec, 0);
	bt_expect_eq(ru.ru_stime.tv_usec, 5);
	bt_expect_eq(ru.ru_minflt, 4);
	bt_expect_eq(ru.ru_maxrss, 28);
}
