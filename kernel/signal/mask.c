/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a program decides about its signals: actions, masks, the alternate stack, and
 * waiting for signals (rt_sigsuspend, rt_sigtimedwait).
 */
#include <arch/frame.h>
#include <arch/uaccess.h>
#include <kernel/boottest.h>
#include <kernel/sched.h>
#include <kernel/syscall.h>
#include <kernel/time.h>
#include <lib/string.h>
#include "internal.h"

void signal_block_locked(sigset_t mask)
{
	struct task *task = current;
	struct process *proc = task->proc;
	sigset_t newly, pending;
	struct task *other;

	/* Shared signals that this thread stops taking may have been meant for it. */
	newly = mask & ~task->blocked;
	pending = proc->shared_pending.set & newly;
	if (unlikely(pending && proc->nr_threads > 1 && signal_pending(task))) {
		for_each_thread(proc, other)
			if (other != task && !(other->flags & PF_EXITING) &&
			    (pending & ~other->blocked))
				signal_wake_task(other, false);
	}
	task->blocked = mask;
}

void signal_set_blocked(sigset_t mask)
{
	struct process *proc = current->proc;

	mask &= ~SIG_KERNEL_ONLY_MASK;
	if (current->blocked == mask)
		return;
	spin_lock_irq(&proc->siglock);
	signal_block_locked(mask);
	signal_recalc();
	spin_unlock_irq(&proc->siglock);
}

int sigmask_set_user(const sigset_t __user *umask, size_t size)
{
	sigset_t mask;

	if (!umask)
		return 0;
	if (size != sizeof(mask))
		return -EINVAL;
	if (get_user(mask, umask))
		return -EFAULT;
	current->saved_sigmask = current->blocked;
	task_set_work(current, WORK_RESTORE_SIGMASK);
	signal_set_blocked(mask);
	return 0;
}

void sigmask_restore_unless(bool interrupted)
{
	if (interrupted || !task_has_work(current, WORK_RESTORE_SIGMASK))
		return;
	task_clear_work(current, WORK_RESTORE_SIGMASK);
	signal_set_blocked(current->saved_sigmask);
}

bool signal_is_ignored(int sig)
{
	return sigismember(&current->blocked, sig) || sig_handler(current->proc, sig) == SIG_IGN;
}

void signal_flush_handlers(struct process *proc)
{
	struct sighand *sighand = proc->sighand;

	spin_lock_irq(&proc->siglock);
	spin_lock(&sighand->lock);
	for (int i = 0; i < _NSIG; i++) {
		struct k_sigaction *action = &sighand->action[i];

		if (action->handler != SIG_IGN)
			action->handler = SIG_DFL;
		action->flags = 0;
		action->restorer = NULL;
		action->mask = 0;
	}
	spin_unlock(&sighand->lock);
	spin_unlock_irq(&proc->siglock);
	current->sas = (struct sigaltstack_state){ .flags = SS_DISABLE };
}

void signal_collect(struct task *task, sigset_t *pending, sigset_t *shared, sigset_t *blocked,
		    sigset_t *ignored, sigset_t *caught, u32 *queued)
{
	struct process *proc = task->proc;
	unsigned long flags;

	*ignored = *caught = 0;
	spin_lock_irqsave(&proc->siglock, flags);
	*pending = task->pending.set;
	*shared = proc->shared_pending.set;
	*blocked = task->blocked;
	*queued = (u32)atomic_read(&task->cred->user->sigpending);
	for (int sig = 1; sig <= _NSIG; sig++) {
		void *handler = sig_handler(proc, sig);

		if (handler == SIG_IGN)
			sigaddset(ignored, sig);
		else if (handler != SIG_DFL)
			sigaddset(caught, sig);
	}
	spin_unlock_irqrestore(&proc->siglock, flags);
}

/* Flags that Linux keeps; others are cleared, so that programs can probe for them. */
#define SA_KNOWN (SA_NOCLDSTOP | SA_NOCLDWAIT | SA_SIGINFO | SA_ONSTACK | SA_RESTART | \
		  SA_NODEFER | SA_RESETHAND | SA_RESTORER | SA_EXPOSE_TAGBITS)

SYSCALL_DEFINE4(rt_sigaction, int, sig, const struct k_sigaction __user *, act,
		struct k_sigaction __user *, oact, size_t, size)
{
	struct process *proc = current->proc;
	struct k_sigaction new, old, *slot;
	struct task *task;

	if (size != sizeof(sigset_t))
		return -EINVAL;
	if (act && copy_from_user(&new, act, sizeof(new)))
		return -EFAULT;
	if (sig < 1 || sig > _NSIG || (act && sig_kernel_only(sig)))
		return -EINVAL;
	slot = &proc->sighand->action[sig - 1];
	spin_lock_irq(&proc->siglock);
	spin_lock(&proc->sighand->lock);
	old = *slot;
	if (act) {
		new.flags &= SA_KNOWN;
		new.mask &= ~SIG_KERNEL_ONLY_MASK;
		*slot = new;
	}
	spin_unlock(&proc->sighand->lock);
	/* POSIX: what becomes ignored is no longer pending. */
	if (act && (new.handler == SIG_IGN ||
		    (new.handler == SIG_DFL && sig_default_ignores(sig)))) {
		sigpending_remove(&proc->shared_pending, sigmask(sig));
		for_each_thread(proc, task)
			sigpending_remove(&task->pending, sigmask(sig));
	}
	spin_unlock_irq(&proc->siglock);
	return oact && copy_to_user(oact, &old, sizeof(old)) ? -EFAULT : 0;
}

SYSCALL_DEFINE4(rt_sigprocmask, int, how, const sigset_t __user *, nset, sigset_t __user *, oset,
		size_t, size)
{
	sigset_t old = current->blocked, new;

	if (size != sizeof(sigset_t))
		return -EINVAL;
	if (nset) {
		if (get_user(new, nset))
			return -EFAULT;
		switch (how) {
		case SIG_BLOCK:
			new |= old;
			break;
		case SIG_UNBLOCK:
			new = old & ~new;
			break;
		case SIG_SETMASK:
			break;
		default:
			return -EINVAL;
		}
		signal_set_blocked(new);
	}
	return oset ? put_user(old, oset) : 0;
}

SYSCALL_DEFINE2(rt_sigpending, sigset_t __user *, uset, size_t, size)
{
	struct process *proc = current->proc;
	sigset_t set;

	if (size > sizeof(set))
		return -EINVAL;
	spin_lock_irq(&proc->siglock);
	set = (current->pending.set | proc->shared_pending.set) & current->blocked;
	spin_unlock_irq(&proc->siglock);
	return copy_to_user(uset, &set, size) ? -EFAULT : 0;
}

SYSCALL_DEFINE2(rt_sigsuspend, const sigset_t __user *, uset, size_t, size)
{
	sigset_t mask;

	if (size != sizeof(mask))
		return -EINVAL;
	if (get_user(mask, uset))
		return -EFAULT;
	current->saved_sigmask = current->blocked;
	signal_set_blocked(mask);
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (signal_pending(current))
			break;
		schedule();
	}
	set_current_state(TASK_RUNNING);
	task_set_work(current, WORK_RESTORE_SIGMASK);
	return -ERESTARTNOHAND;
}

/* Takes a signal of `wanted`, waiting until `deadline` (absolute; NSEC_MAX: for ever). */
static int signal_wait_for(sigset_t wanted, siginfo_t *info, nsec_t deadline)
{
	struct task *task = current;
	struct process *proc = task->proc;
	int sig;

	wanted &= ~SIG_KERNEL_ONLY_MASK;
	spin_lock_irq(&proc->siglock);
	sig = signal_dequeue(~wanted, info);
	if (!sig && deadline) {
		/*
		 * While it sleeps the wanted signals count as unblocked, so that senders wake
		 * it; real_blocked keeps them from being ignored or deadly meanwhile.
		 */
		task->real_blocked = task->blocked;
		task->blocked &= ~wanted;
		signal_recalc();
		set_current_state(TASK_INTERRUPTIBLE);
		spin_unlock_irq(&proc->siglock);
		if (signal_pending(task))
			set_current_state(TASK_RUNNING);
		else if (deadline == NSEC_MAX)
			schedule();
		else
			schedule_until(deadline);
		spin_lock_irq(&proc->siglock);
		task->blocked = task->real_blocked;
		task->real_blocked = 0;
		sig = signal_dequeue(~wanted, info);
		signal_recalc();
	}
	spin_unlock_irq(&proc->siglock);
	if (sig)
		return sig;
	return deadline == NSEC_MAX || (deadline && ktime_get() < deadline) ? -EINTR : -EAGAIN;
}

SYSCALL_DEFINE4(rt_sigtimedwait, const sigset_t __user *, uset, siginfo_t __user *, uinfo,
		const void __user *, utimeout, size_t, size)
{
	nsec_t deadline;
	siginfo_t info;
	sigset_t wanted;
	int error, sig;

	if (size != sizeof(wanted))
		return -EINVAL;
	if (get_user(wanted, uset))
		return -EFAULT;
	error = deadline_from_user(&deadline, utimeout);
	if (error)
		return error;
	sig = signal_wait_for(wanted, &info, deadline);
	if (sig > 0 && uinfo && siginfo_to_user(uinfo, &info))
		return -EFAULT;
	return sig;
}

int altstack_set(unsigned long sp, size_t size, u32 flags, unsigned long user_sp)
{
	struct sigaltstack_state *sas = &current->sas;
	u32 mode = flags & ~(u32)SS_AUTODISARM;

	if (sas->size && on_altstack(user_sp))
		return -EPERM;
	/* As nearly every sigreturn(2). */
	if (sas->sp == sp && sas->size == size && sas->flags == flags)
		return 0;
	if (mode != SS_DISABLE && mode != SS_ONSTACK && mode != 0)
		return -EINVAL;
	if (mode == SS_DISABLE) {
		sp = 0;
		size = 0;
	} else if (size < MINSIGSTKSZ) {
		return -ENOMEM;
	}
	sas->sp = sp;
	sas->size = size;
	sas->flags = (flags & SS_AUTODISARM) | (mode == SS_DISABLE ? SS_DISABLE : 0);
	return 0;
}

SYSCALL_DEFINE2(sigaltstack, const stack_t __user *, uss, stack_t __user *, uoss)
{
	unsigned long sp = current_frame()->sp;
	struct sigaltstack_state *sas = &current->sas;
	stack_t new, old;
	int error;

	memset(&old, 0, sizeof(old));
	old.ss_sp = (void *)sas->sp;
	old.ss_size = sas->size;
	old.ss_flags = (int)sas->flags;
	if (sas->size && on_altstack(sp))
		old.ss_flags |= SS_ONSTACK;
	if (uss) {
		if (copy_from_user(&new, uss, sizeof(new)))
			return -EFAULT;
		error = altstack_set((unsigned long)new.ss_sp, new.ss_size, (u32)new.ss_flags, sp);
		if (error)
			return error;
	}
	return uoss && copy_to_user(uoss, &old, sizeof(old)) ? -EFAULT : 0;
}

BOOT_TEST(signal, altstack_rules)
{
	struct sigaltstack_state saved = current->sas;

	bt_expect_eq(altstack_set(0x10000, MINSIGSTKSZ - 1, 0, 0), -ENOMEM);
	bt_expect_eq(altstack_set(0x10000, MINSIGSTKSZ, 77, 0), -EINVAL);
	bt_expect_eq(altstack_set(0x10000, MINSIGSTKSZ, 0, 0), 0);
	bt_expect(on_altstack(0x10000 + MINSIGSTKSZ));
	bt_expect(on_altstack(0x10001));
	bt_expect(!on_altstack(0x10000));
	bt_expect(!on_altstack(0x10001 + MINSIGSTKSZ));
	bt_expect_eq(altstack_set(0, 0, SS_DISABLE, 0x10100), -EPERM);
	bt_expect_eq(altstack_set(0x10000, MINSIGSTKSZ, SS_AUTODISARM, 0), 0);
	bt_expect(!on_altstack(0x10100));
	bt_expect_eq(altstack_set(0, 0, SS_DISABLE, 0x10100), 0);
	bt_expect_eq(current->sas.flags, SS_DISABLE);
	current->sas = saved;
}

BOOT_TEST(signal, kill_and_stop_stay_unblocked)
{
	sigset_t saved = current->blocked;

	signal_set_blocked(~0ULL);
	bt_expect_eq(current->blocked, ~SIG_KERNEL_ONLY_MASK);
	signal_set_blocked(saved);
	bt_expect_eq(current->blocked, saved);
}
