/* SPDX-License-Identifier: BSD-2-Clause */
/* Taking pending signals by a read instead of a handler: what signalfd needs. */
#include "internal.h"

int signal_read(sigset_t wanted, siginfo_t *info)
{
	struct process *proc = current->proc;
	int sig;

	spin_lock_irq(&proc->siglock);
	sig = signal_dequeue(~wanted, info);
	if (sig)
		signal_recalc();
	spin_unlock_irq(&proc->siglock);
	return sig;
}

bool signal_any_pending(sigset_t wanted)
{
	struct process *proc = current->proc;
	sigset_t set;

	spin_lock_irq(&proc->siglock);
	set = current->pending.set | proc->shared_pending.set;
	spin_unlock_irq(&proc->siglock);
	return (set & wanted) != 0;
}
