/* SPDX-License-Identifier: BSD-2-Clause */
/* How threads begin and programs start: the contexts and frames they first run with. */
#include <arch/context.h>
#include <arch/entry.h>
#include <arch/fpsimd.h>
#include <arch/frame.h>
#include <kernel/panic.h>
#include <kernel/task.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <linux/sched.h>

/* The first switch to the thread "returns" to ret_from_fork below its frame. */
static void start_at(struct task *task, u64 fn, u64 arg)
{
	task->ctx.x19 = fn;
	task->ctx.x20 = arg;
	task->ctx.fp = 0;
	task->ctx.sp = (u64)task_frame(task);
	task->ctx.pc = (u64)ret_from_fork;
}

int arch_task_init_user(struct task *child, const struct trap_frame *frame, u64 stack, u64 tls,
			u64 clone_flags)
{
	struct trap_frame *copy = task_frame(child);
	int err;

	memset(&child->ctx, 0, sizeof(child->ctx));
	err = fpsimd_fork(child);
	if (err)
		return err;
	*copy = *frame;
	copy->regs[0] = 0;
	copy->syscallno = NO_SYSCALL;
	copy->pstate &= ~PSR_SS;	/* stepping is the parent's */
	if (stack)
		copy->sp = stack;
	child->ctx.tpidr_el0 = clone_flags & CLONE_SETTLS ? tls : arch_get_tls();
	start_at(child, 0, 0);
	return 0;
}

void arch_task_init_kthread(struct task *task, int (*fn)(void *), void *arg)
{
	memset(&task->ctx, 0, sizeof(task->ctx));
	memset(task_frame(task), 0, sizeof(struct trap_frame));
	task_frame(task)->syscallno = NO_SYSCALL;
	task_frame(task)->pstate = PSR_MODE_EL0t;
	task->ctx.fp_cpu = FP_NO_CPU;
	start_at(task, (u64)fn, (u64)arg);
}

void arch_task_init_boot(struct task *task)
{
	BUG_ON(task != current);        /* head.S did the rest */
	task->ctx.fp_cpu = FP_NO_CPU;
}

void arch_exec_start(struct trap_frame *frame, u64 pc, u64 sp)
{
	memset(frame, 0, sizeof(*frame));
	frame->pc = pc;
	frame->sp = sp;
	frame->pstate = PSR_MODE_EL0t;
	frame->syscallno = NO_SYSCALL;
	fpsimd_flush_current();
	__asm__ volatile("msr tpidr_el0, xzr");
}

void arch_thread_release(struct task *task)
{
	fpsimd_release(task);
}
