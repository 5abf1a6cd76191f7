/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Kernel threads, and the two tasks that begin like one: PID 1 and the idle tasks of
 * secondary CPUs. A kernel thread is a process of its own under init_process, ignores all
 * signals, and has no user memory.
 */
#include <arch/context.h>
#include <fs/files.h>
#include <kernel/boottest.h>
#include <kernel/clone.h>
#include <kernel/cred.h>
#include <kernel/panic.h>
#include <kernel/pid.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/time.h>
#include <lib/err.h>
#include <lib/printf.h>
#include <lib/string.h>
#include <mm/slab.h>
#include "task_internal.h"

/* Lives as long as its task: task_free() frees it. */
struct kthread {
	int			(*fn)(void *);
	void			*arg;
	bool			stop;		/* written once, read by the thread */
	bool			started;
	int			result;		/* stable once `exited` */
	struct completion	exited;
};

static int kthread_main(void *data)
{
	struct kthread *kt = data;

	kt->result = READ_ONCE(kt->started) ? kt->fn(kt->arg) : -EINTR;
	complete(&kt->exited);
	task_exit(0);
}

/* A kernel-mode task in a process of its own; `nr` 0: any number. Not yet running. */
static struct task *kernel_task_create(int (*fn)(void *), void *arg, const char *name, pid_t nr)
{
	struct task *task = task_alloc();
	struct process *proc;
	struct pid *pid;
	int error = -ENOMEM;

	if (!task)
		return ERR_PTR(-ENOMEM);
	task->flags = PF_KTHREAD;
	strscpy(task->comm, name, sizeof(task->comm));
	task->cred = cred_get(&init_cred);
	atomic_inc(&init_cred.user->processes);
	proc = process_alloc();
	if (!proc)
		goto fail;
	task->proc = proc;
	task->exit_signal = SIGCHLD;	/* which init_process ignores: it is reaped at once */
	proc->group_leader = task;
	proc->start_time = proc->start_boottime = task->start_time;
	proc->sighand = init_process.sighand;
	refcount_inc(&proc->sighand->refs);
	memcpy(proc->rlim, init_process.rlim, sizeof(proc->rlim));
	sched_fork(task);
	task->rt_priority = 0;
	task->policy = 0;
	task->cpus_allowed = ~0ULL;
	task_set_nice(task, 0);
	if (init_task.files)
		task->files = files_get(init_task.files);
	if (init_task.fs)
		task->fs = fs_context_get(init_task.fs);
	arch_task_init_kthread(task, fn, arg);

	pid = pid_alloc(nr);
	if (IS_ERR(pid)) {
		error = (int)PTR_ERR(pid);
		goto fail;
	}
	task->pid_ref = pid;
	task->tid = pid->nr;
	spin_lock_irq(&tasklist_lock);
	pid->task = task;
	process_attach(task, &init_process);
	process_join(proc, init_process.pgrp_ref, init_process.session_ref);
	atomic_inc(&nr_threads);
	spin_unlock_irq(&tasklist_lock);
	return task;

fail:
	task_undo(task);
	return ERR_PTR(error);
}

struct task *kthread_create(int (*fn)(void *), void *arg, const char *fmt, ...)
{
	char name[TASK_COMM_LEN];
	struct kthread *kt;
	struct task *task;
	va_list args;

	kt = kzalloc(sizeof(*kt), GFP_KERNEL);
	if (!kt)
		return ERR_PTR(-ENOMEM);
	kt->fn = fn;
	kt->arg = arg;
	init_completion(&kt->exited);
	va_start(args, fmt);
	vsnprintf(name, sizeof(name), fmt, args);
	va_end(args);

	task = kernel_task_create(kthread_main, kt, name, 0);
	if (IS_ERR(task)) {
		kfree(kt);
		return task;
	}
	task->kthread = kt;
	return task_get(task);
}

void kthread_start(struct task *task)
{
	struct kthread *kt = task->kthread;

	WRITE_ONCE(kt->started, true);
	wake_up_new_task(task);
}

int kthread_stop(struct task *task)
{
	struct kthread *kt = task->kthread;
	int result;

	/* The store must be seen by a thread that is woken: task_wake() is a full barrier. */
	WRITE_ONCE(kt->stop, true);
	if (!READ_ONCE(kt->started))
		wake_up_new_task(task);
	else
		task_wake(task, TASK_NORMAL);
	wait_for_completion(&kt->exited);
	result = kt->result;
	task_put(task);
	return result;
}

bool kthread_should_stop(void)
{
	struct kthread *kt = current->kthread;

	return kt && READ_ONCE(kt->stop);
}

struct task *task_create_init(int (*fn)(void *), void *arg)
{
	struct task *task = kernel_task_create(fn, arg, "init", 1);
	struct sighand *sighand;
	struct process *proc;

	if (IS_ERR(task))
		panic("init: cannot create process 1 (%ld)", PTR_ERR(task));
	proc = task->proc;
	sighand = sighand_alloc();
	if (!sighand)
		panic("init: no memory for process 1");
	memset(sighand->action, 0, sizeof(sighand->action));
	spin_lock_irq(&proc->siglock);
	sighand_put(proc->sighand);
	proc->sighand = sighand;
	proc->sig_flags = SIGNAL_UNKILLABLE;
	spin_unlock_irq(&proc->siglock);
	init_proc = proc;
	return task;
}

struct task *task_create_idle(int cpu)
{
	struct task *task = task_alloc();

	if (!task)
		return ERR_PTR(-ENOMEM);
	task->flags = PF_KTHREAD | PF_IDLE;
	snprintf(task->comm, sizeof(task->comm), "swapper/%d", cpu);
	task->cred = cred_get(&init_cred);
	task->proc = process_get(&init_process);
	task->exit_signal = -1;
	sched_fork(task);
	return task;
}

static int test_counter;

static int test_thread(void *arg)
{
	test_counter += *(int *)arg;
	while (!kthread_should_stop()) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (!kthread_should_stop())
			schedule();
		set_current_state(TASK_RUNNING);
	}
	return 42;
}

BOOT_TEST(kthread, run_and_stop)
{
	int arg = 5, before = atomic_read(&nr_threads);
	struct task *task;

	test_counter = 0;
	task = kthread_run(test_thread, &arg, "test/%d", 7);
	bt_assert(!IS_ERR(task));
	bt_expect(!strcmp(task->comm, "test/7"));
	bt_expect(task->flags & PF_KTHREAD);
	bt_expect(task->mm == NULL);
	set_current_state(TASK_UNINTERRUPTIBLE);
	schedule_timeout(NSEC_PER_MSEC);	/* let it fall asleep first */
	bt_expect_eq(kthread_stop(task), 42);
	bt_expect_eq(test_counter, 5);
	/* It has said good-bye, but may still be on its way out. */
	for (int i = 0; i < 100 && atomic_read(&nr_threads) != before; i++) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		schedule_timeout(NSEC_PER_MSEC);
	}
	bt_expect_eq(atomic_read(&nr_threads), before);
}

BOOT_TEST(kthread, stopped_before_started)
{
	int arg = 5;
	struct task *task;

	test_counter = 0;
	task = kthread_create(test_thread, &arg, "test");
	bt_assert(!IS_ERR(task));
	bt_expect_eq(kthread_stop(task), -EINTR);
	bt_expect_eq(test_counter, 0);
}

static int test_short_thread(void *arg)
{
	complete(arg);
	return 1;
}

BOOT_TEST(kthread, ends_by_itself_and_is_reaped)
{
	DEFINE_COMPLETION(done);
	struct task *task;
	pid_t tid;

	init_completion(&done);
	task = kthread_create(test_short_thread, &done, "short");
	bt_assert(!IS_ERR(task));
	tid = task->tid;
	task_get(task);
	kthread_start(task);
	wait_for_completion(&done);
	bt_expect_eq(kthread_stop(task), 1);
	for (int i = 0; i < 100 && READ_ONCE(task->proc->state) != PROC_REAPED; i++) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		schedule_timeout(NSEC_PER_MSEC);
	}
	bt_expect_eq(task->proc->state, PROC_REAPED);
	bt_expect(process_find(tid) == NULL);
	task_put(task);
}

BOOT_TEST(kthread, ignores_signals)
{
	int arg = 1;
	struct task *task = kthread_run(test_thread, &arg, "deaf");

	bt_assert(!IS_ERR(task));
	bt_expect_eq(signal_send_process(SIGKILL, SEND_SIG_KERNEL, task->proc), 0);
	bt_expect_eq(signal_send_task(SIGTERM, task), 0);
	bt_expect(!signal_pending(task));
	bt_expect_eq(task->pending.set | task->proc->shared_pending.set, 0);
	bt_expect_eq(kthread_stop(task), 42);
}
