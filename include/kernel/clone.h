/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_CLONE_H
#define KERNEL_CLONE_H

/*
 * Making and ending tasks: clone for user programs, kernel threads, exit.
 *
 * Context: everything here may sleep, unless it says otherwise.
 */
#include <lib/types.h>
#include <lib/compiler.h>
#include <kernel/pid.h>
#include <kernel/task.h>
#include <linux/sched.h>

/* clone(2)'s request in clone3's form: `exit_signal` apart from the flags. */
struct clone_request {
	u64		flags;			/* CLONE_* without CSIGNAL */
	int		exit_signal;
	int __user	*pidfd;
	int __user	*child_tid;
	int __user	*parent_tid;
	unsigned long	stack;			/* the child's initial sp; 0: the parent's */
	unsigned long	tls;
	pid_t		set_tid;		/* 0: any */
};

/* Copies current. The child's tid or a negative errno. */
pid_t task_clone(const struct clone_request *request);

/*
 * A kernel thread named by `fmt`, not yet running (kthread_run: running), with a
 * reference for the caller, who ends it by kthread_stop(), or drops the reference with
 * task_put() if the thread is to end by itself. ERR_PTR(-ENOMEM, -EAGAIN).
 */
struct task *kthread_create(int (*fn)(void *), void *arg, const char *fmt, ...) __printf(3, 4);
#define kthread_run(fn, arg, ...) ({					\
	struct task *__kt = kthread_create(fn, arg, __VA_ARGS__);	\
	if (!IS_ERR(__kt))						\
		kthread_start(__kt);					\
	__kt; })
/* Lets a created thread run. */
void kthread_start(struct task *task);
/*
 * Asks the thread to end, wakes it and waits; returns what fn returned, or -EINTR if
 * the thread was never started. Fine, too, when fn has returned already. Drops the
 * creator's reference: call once.
 */
int kthread_stop(struct task *task);
/* For the thread itself: has kthread_stop() been called? Re-test after each sleep. */
bool kthread_should_stop(void);

/*
 * Makes PID 1, to be woken, running `fn` in the kernel. When fn returns 0 after a successful
 * kernel_execve(), the task goes to EL0; any other value is a panic.
 */
struct task *task_create_init(int (*fn)(void *), void *arg);
/* An idle task for a secondary CPU (tid 0, not in any list), or ERR_PTR. */
struct task *task_create_idle(int cpu);

/* For the first return of a user task to EL0 (WORK_NOTIFY): stores the tid where asked. */
void task_first_return(void);

/* Ends current with this wait status (exit code << 8, or the signal). */
void __noreturn task_exit(int wait_status);
/* Ends all threads of the process. */
void __noreturn process_exit_group(int wait_status);

/* Frees what a zombie holds. tasklist_lock held on entry, released inside. */
void process_reap(struct process *proc) RELEASE(tasklist_lock);
/* Ends the wait of a vfork parent: at exec and exit. */
void vfork_complete(struct task *task);
/* current leaves its user address space: futexes, clear_child_tid, vfork, mm. */
void task_exit_mm(void);
/* The part that exec shares: robust list, clear_child_tid, vfork. mm stays. */
void task_release_user(struct task *task);

#endif
