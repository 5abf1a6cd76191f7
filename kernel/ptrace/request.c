/* SPDX-License-Identifier: BSD-2-Clause */
/* ptrace(2): what a tracer asks of a stopped tracee. */
#include <arch/frame.h>
#include <arch/ptrace.h>
#include <arch/uaccess.h>
#include <kernel/sched.h>
#include <kernel/syscall.h>
#include <lib/string.h>
#include <linux/audit.h>
#include <linux/elf.h>
#include <mm/mm.h>
#include "../signal/internal.h"
#include "internal.h"

/* The word at `addr` of the tracee, 0, -EIO. */
static int peek(struct task *task, u64 addr, u64 *word)
{
	struct mm *mm = task_mm_get(task);
	ssize_t n;

	if (!mm)
		return -EIO;
	n = mm_access(mm, addr, word, sizeof(*word), MM_ACCESS_FORCE);
	mm_put(mm);
	return n == sizeof(*word) ? 0 : -EIO;
}

static int poke(struct task *task, u64 addr, u64 word)
{
	struct mm *mm = task_mm_get(task);
	ssize_t n;

	if (!mm)
		return -EIO;
	n = mm_access(mm, addr, &word, sizeof(word), MM_ACCESS_FORCE | MM_ACCESS_WRITE);
	mm_put(mm);
	return n == sizeof(word) ? 0 : -EIO;
}

/* Lets it go on with signal `sig` (0: none), in the manner of the request. */
static int resume(struct task *task, u64 request, u64 sig)
{
	struct process *proc = task->proc;

	if (!valid_signal(sig))
		return -EIO;
	if (request == PTRACE_SYSCALL)
		task_set_work(task, WORK_SYSCALL_TRACE);
	else
		task_clear_work(task, WORK_SYSCALL_TRACE);
	if (request == PTRACE_SINGLESTEP)
		arch_enable_step(task);
	else
		arch_disable_step(task);
	spin_lock_irq(&proc->siglock);
	task->ptrace_code = (int)sig;
	ptrace_wake(task);
	spin_unlock_irq(&proc->siglock);
	return 0;
}

static int set_options(struct task *task, u64 options)
{
	struct process *proc = task->proc;

	/* Nobody's filters are ever suspended. */
	if (options & ~(u64)(PTRACE_O_MASK & ~PTRACE_O_SUSPEND_SECCOMP))
		return -EINVAL;
	spin_lock_irq(&proc->siglock);
	task->ptrace = (task->ptrace & (PT_TRACED | PT_SEIZED)) | PT_OPT(options);
	spin_unlock_irq(&proc->siglock);
	return 0;
}

/* Copies the siginfo of its stop in (`set`) or out. -EINVAL: the stop has none. */
static int stop_info(struct task *task, siginfo_t *info, bool set)
{
	struct process *proc = task->proc;
	int error = -EINVAL;

	spin_lock_irq(&proc->siglock);
	if (task->ptrace_info) {
		error = 0;
		if (set)
			*task->ptrace_info = *info;
		else
			*info = *task->ptrace_info;
	}
	spin_unlock_irq(&proc->siglock);
	return error;
}

static int get_info(struct task *task, siginfo_t __user *to)
{
	siginfo_t info;
	int error = stop_info(task, &info, false);

	return error ? error : siginfo_to_user(to, &info);
}

static int set_info(struct task *task, const siginfo_t __user *from)
{
	siginfo_t info;

	return siginfo_from_user(&info, from) ? -EFAULT : stop_info(task, &info, true);
}

static int sigmask_request(struct task *task, u64 request, u64 size, sigset_t __user *user)
{
	struct process *proc = task->proc;
	sigset_t mask;

	if (size != sizeof(mask))
		return -EINVAL;
	if (request == PTRACE_GETSIGMASK) {
		mask = task_has_work(task, WORK_RESTORE_SIGMASK) ? task->saved_sigmask :
		       task->blocked;
		return put_user(mask, user) ? -EFAULT : 0;
	}
	if (get_user(mask, user))
		return -EFAULT;
	spin_lock_irq(&proc->siglock);
	task->blocked = mask & ~SIG_KERNEL_ONLY_MASK;
	spin_unlock_irq(&proc->siglock);
	return 0;
}

/* Queued signals, without taking them, from args.off on. How many were copied. */
static int peek_info(struct task *task, const struct ptrace_peeksiginfo_args __user *uargs,
		     siginfo_t __user *to)
{
	struct process *proc = task->proc;
	struct ptrace_peeksiginfo_args args;
	int done = 0;

	if (copy_from_user(&args, uargs, sizeof(args)))
		return -EFAULT;
	if ((args.flags & ~PTRACE_PEEKSIGINFO_SHARED) || args.nr < 0)
		return -EINVAL;
	while (done < args.nr && !signal_pending(current)) {
		const struct sigpending *pending = args.flags & PTRACE_PEEKSIGINFO_SHARED ?
						   &proc->shared_pending : &task->pending;
		u64 index = args.off + (u64)done, i = 0;
		const struct sigqueue *q;
		bool found = false;
		siginfo_t info;

		spin_lock_irq(&proc->siglock);
		list_for_each_entry(q, &pending->list, list) {
			if (i++ == index) {
				info = q->info;
				found = true;
				break;
			}
		}
		spin_unlock_irq(&proc->siglock);
		if (!found)
			break;
		if (siginfo_to_user(&to[done], &info))
			return done ? done : -EFAULT;
		done++;
	}
	return done;
}

static int interrupt(struct task *task)
{
	struct process *proc = task->proc;
	int error = -EIO;

	spin_lock_irq(&proc->siglock);
	if (task->ptrace & PT_SEIZED) {
		error = 0;
		if (!(task->flags & PF_EXITING)) {
			task->jobctl |= JOBCTL_TRAP_STOP;
			if (task->jobctl & JOBCTL_LISTENING)
				ptrace_wake(task);
			else
				signal_wake_task(task, false);
		}
	}
	spin_unlock_irq(&proc->siglock);
	return error;
}

/* A group stop goes on, and only its end is told. */
static int listen(struct task *task)
{
	struct process *proc = task->proc;
	const siginfo_t *info;
	int error = -EIO;

	spin_lock_irq(&proc->siglock);
	info = task->ptrace_info;
	if ((task->ptrace & PT_SEIZED) && info && info->si_code >> 8 == PTRACE_EVENT_STOP) {
		error = 0;
		task->jobctl |= JOBCTL_LISTENING;
		/* It ended before it could be listened for. */
		if (task->jobctl & JOBCTL_TRAP_NOTIFY)
			ptrace_wake(task);
	}
	spin_unlock_irq(&proc->siglock);
	return error;
}

static int regset(struct task *task, u64 request, u64 type, struct iovec __user *uiov)
{
	struct iovec iov;
	int error;

	if (copy_from_user(&iov, uiov, sizeof(iov)))
		return -EFAULT;
	error = request == PTRACE_GETREGSET ? arch_regset_get(task, (unsigned)type, &iov) :
					      arch_regset_set(task, (unsigned)type, &iov);
	if (error)
		return error;
	return put_user(iov.iov_len, &uiov->iov_len) ? -EFAULT : 0;
}

/* Number and arguments, which stand in one place whether a tracer or a filter stopped the call. */
static size_t info_of_call(const struct trap_frame *frame, struct ptrace_syscall_info *info)
{
	info->entry.nr = (u64)(s64)(int)frame->syscallno;
	info->entry.args[0] = frame->orig_x0;
	memcpy(&info->entry.args[1], &frame->regs[1], 5 * sizeof(u64));
	return offsetof(struct ptrace_syscall_info, entry.args) + sizeof(info->entry.args);
}

/* What the system call of the stop is; how much there is to know, of which `size` fits. */
static long syscall_info(struct task *task, u64 size, void __user *to)
{
	const struct trap_frame *frame = task_frame(task);
	size_t known = offsetof(struct ptrace_syscall_info, entry);
	struct ptrace_syscall_info info;
	siginfo_t stop;

	memset(&info, 0, sizeof(info));
	info.op = PTRACE_SYSCALL_INFO_NONE;
	info.arch = AUDIT_ARCH_AARCH64;
	info.instruction_pointer = frame->pc;
	info.stack_pointer = frame->sp;
	if (stop_info(task, &stop, false))
		stop.si_code = 0;
	if (stop.si_code == (SIGTRAP | PTRACE_EVENT_SECCOMP << 8)) {
		info.op = PTRACE_SYSCALL_INFO_SECCOMP;
		known = info_of_call(frame, &info) + sizeof(info.seccomp.ret_data);
		info.seccomp.ret_data = (u32)task->ptrace_message;
	} else if (stop.si_code == (SIGTRAP | 0x80)) {
		if (task->ptrace_message == PTRACE_EVENTMSG_SYSCALL_ENTRY) {
			info.op = PTRACE_SYSCALL_INFO_ENTRY;
			known = info_of_call(frame, &info);
		} else {
			info.op = PTRACE_SYSCALL_INFO_EXIT;
			info.exit.rval = (s64)frame->regs[0];
			info.exit.is_error = (u64)info.exit.rval >= (u64)-4095;
			known = offsetof(struct ptrace_syscall_info, exit.is_error) + 1;
		}
	}
	return copy_to_user(to, &info, min_t(u64, known, size)) ? -EFAULT : (long)known;
}

static long request_of_stopped(struct task *task, u64 request, u64 addr, u64 data)
{
	void __user *user = (void __user *)data;
	u64 word;
	int error;

	switch (request) {
	case PTRACE_PEEKTEXT:
	case PTRACE_PEEKDATA:
		error = peek(task, addr, &word);
		return error ? error : put_user(word, (u64 __user *)user) ? -EFAULT : 0;
	case PTRACE_POKETEXT:
	case PTRACE_POKEDATA:
		return poke(task, addr, data);
	case PTRACE_CONT:
	case PTRACE_SYSCALL:
	case PTRACE_SINGLESTEP:
		return resume(task, request, data);
	case PTRACE_DETACH:
		return ptrace_detach(task, (unsigned)data);
	case PTRACE_SETOPTIONS:
		return set_options(task, data);
	case PTRACE_GETEVENTMSG:
		return put_user(task->ptrace_message, (unsigned long __user *)user) ? -EFAULT : 0;
	case PTRACE_GETSIGINFO:
		return get_info(task, user);
	case PTRACE_SETSIGINFO:
		return set_info(task, user);
	case PTRACE_PEEKSIGINFO:
		return peek_info(task, (void __user *)addr, user);
	case PTRACE_GETSIGMASK:
	case PTRACE_SETSIGMASK:
		return sigmask_request(task, request, addr, user);
	case PTRACE_LISTEN:
		return listen(task);
	case PTRACE_GETREGSET:
	case PTRACE_SETREGSET:
		return regset(task, request, addr, user);
	case PTRACE_GET_SYSCALL_INFO:
		return syscall_info(task, addr, user);
	default:
		return -EIO;
	}
}

static long request_of(struct task *task, u64 request, u64 addr, u64 data)
{
	bool any_state = request == PTRACE_KILL || request == PTRACE_INTERRUPT;
	int error;

	if (request == PTRACE_ATTACH || request == PTRACE_SEIZE)
		return ptrace_attach(task, request == PTRACE_SEIZE, addr, data);
	error = ptrace_freeze(task, any_state);
	if (error)
		return error;
	if (request == PTRACE_INTERRUPT)
		return interrupt(task);
	if (request == PTRACE_KILL) {
		signal_send_process(SIGKILL, SEND_SIG_KERNEL, task->proc);
		return 0;
	}
	return request_of_stopped(task, request, addr, data);
}

SYSCALL_DEFINE4(ptrace, u64, request, pid_t, pid, u64, addr, u64, data)
{
	struct task *task;
	long result;

	if (request == PTRACE_TRACEME)
		return ptrace_traceme();
	task = pid > 0 ? task_find(pid) : NULL;
	if (!task)
		return -ESRCH;
	result = request_of(task, request, addr, data);
	task_put(task);
	return result;
}
