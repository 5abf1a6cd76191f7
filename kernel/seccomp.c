/* SPDX-License-Identifier: BSD-2-Clause */
/* seccomp(2): what the filters of a task say of a call, and what follows from that. */
#include <arch/frame.h>
#include <arch/syscall.h>
#include <asm/unistd.h>
#include <kernel/clone.h>
#include <kernel/printk.h>
#include <kernel/ptrace.h>
#include <kernel/seccomp.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <lib/string.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include "seccomp_internal.h"

/* How strict an answer is: the lower, the stricter. */
static s32 action_order(u32 answer)
{
	return (s32)(answer & SECCOMP_RET_ACTION_FULL);
}

/* Words in the machine's own order; the checker lets nothing else through. */
static bool load_word(const void *data, u32 off, u32 size, u32 *value)
{
	memcpy(value, (const u8 *)data + off, sizeof(*value));
	return true;
}

/* The strictest answer of the chain; *by is whose it is, NULL if all of them allow the call. */
static u32 run_filters(const struct seccomp_data *data, const struct seccomp_filter **by)
{
	const struct seccomp_filter *filter = __atomic_load_n(&current->seccomp, __ATOMIC_ACQUIRE);
	u32 strictest = SECCOMP_RET_ALLOW;

	*by = NULL;
	for (; filter; filter = filter->older) {
		u32 answer = cbpf_run(filter->program, load_word, data, sizeof(*data));

		if (action_order(answer) < action_order(strictest)) {
			strictest = answer;
			*by = filter;
		}
	}
	return strictest;
}

static void log_call(const struct seccomp_data *data, u32 action)
{
	pr_info_ratelimited("seccomp: %s[%d] call %s (%d) at %#llx, action %#x\n", current->comm,
			    current->tid, syscall_name((unsigned)data->nr), data->nr,
			    (unsigned long long)data->instruction_pointer, action);
}

static void fill_siginfo(siginfo_t *info, const struct seccomp_data *data, int reason)
{
	memset(info, 0, sizeof(*info));
	info->si_signo = SIGSYS;
	info->si_code = SYS_SECCOMP;
	info->si_errno = reason;
	info->si_call_addr = (void *)data->instruction_pointer;
	info->si_syscall = data->nr;
	info->si_arch = data->arch;
}

/* What a handler or a core shows is the task as it made the call. */
static void roll_back(struct trap_frame *frame)
{
	frame->regs[0] = frame->orig_x0;
}

static void __noreturn kill_caller(struct trap_frame *frame, const struct seccomp_data *data,
				   u32 action, int reason)
{
	siginfo_t info;

	if (action == SECCOMP_RET_KILL_THREAD && atomic_read(&current->proc->live) > 1)
		task_exit(SIGSYS);
	roll_back(frame);
	fill_siginfo(&info, data, reason);
	signal_die(SIGSYS, &info);
}

static bool filters_allow(struct trap_frame *frame, bool traced_already);

/* The tracer decides, and may change the call: then it is judged anew. */
static bool ask_tracer(struct trap_frame *frame, u32 message)
{
	if (!ptrace_event_wanted(PTRACE_EVENT_SECCOMP)) {
		frame_set_return(frame, -ENOSYS);
		return false;
	}
	ptrace_event(PTRACE_EVENT_SECCOMP, message);
	if (fatal_signal_pending(current) || frame->syscallno == NO_SYSCALL)
		return false;
	return filters_allow(frame, true);
}

static bool filters_allow(struct trap_frame *frame, bool traced_already)
{
	const struct seccomp_filter *by;
	struct seccomp_data data = {
		.nr = (int)frame->syscallno,
		.arch = AUDIT_ARCH_AARCH64,
		.instruction_pointer = frame->pc,
		.args = { frame->orig_x0, frame->regs[1], frame->regs[2], frame->regs[3],
			  frame->regs[4], frame->regs[5] },
	};
	u32 answer = run_filters(&data, &by);
	u32 action = answer & SECCOMP_RET_ACTION_FULL;
	int reason = (int)(answer & SECCOMP_RET_DATA);
	siginfo_t info;

	if (likely(action == SECCOMP_RET_ALLOW))
		return true;
	if (action == SECCOMP_RET_TRACE && traced_already)
		return true;
	if (action == SECCOMP_RET_LOG || (by && by->log))
		log_call(&data, action);
	switch (action) {
	case SECCOMP_RET_LOG:
		return true;
	case SECCOMP_RET_ERRNO:
		frame_set_return(frame, -min(reason, 4095));
		return false;
	case SECCOMP_RET_TRAP:
		roll_back(frame);
		fill_siginfo(&info, &data, reason);
		signal_force_info(&info);
		return false;
	case SECCOMP_RET_TRACE:
		return ask_tracer(frame, (u32)reason);
	case SECCOMP_RET_USER_NOTIF:    /* nobody can have asked to be notified */
		frame_set_return(frame, -ENOSYS);
		return false;
	default:                        /* what is not known kills, too */
		kill_caller(frame, &data, action, reason);
	}
}

bool seccomp_enter(struct trap_frame *frame)
{
	if (current->seccomp_mode == SECCOMP_MODE_FILTER)
		return filters_allow(frame, false);
	switch (frame->syscallno) {
	case __NR_read:
	case __NR_write:
	case __NR_exit:
	case __NR_rt_sigreturn:
		return true;
	}
	task_exit(SIGKILL);
}
