/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Job control: sessions and their controlling terminals, the foreground group, and what
 * happens to background processes that use the terminal.
 *
 * tty->session and tty->pgrp each hold one use of the number (struct pid), so that it
 * cannot become somebody else's while the terminal remembers it.
 */
#include <arch/uaccess.h>
#include <kernel/cred.h>
#include "tty_internal.h"

/* Exchanges one of the terminal's numbers. */
static void set_ref(struct pid **ref, struct pid *new) REQUIRES(tasklist_lock)
{
	struct pid *old = *ref;

	if (new)
		new->users++;
	WRITE_ONCE(*ref, new);
	if (old)
		pid_drop(old);
}

struct tty *current_tty_get(void)
{
	struct process *proc = current->proc;
	struct tty *tty;

	spin_lock_irq(&proc->siglock);
	tty = proc->tty;
	if (tty)
		tty_get(tty);
	spin_unlock_irq(&proc->siglock);
	return tty;
}

/* Takes proc's terminal away; the caller puts it when it has dropped the locks. */
static struct tty *take_tty(struct process *proc, struct tty *only) REQUIRES(tasklist_lock)
{
	struct tty *tty = NULL;

	spin_lock(&proc->siglock);
	if (!only || proc->tty == only) {
		tty = proc->tty;
		proc->tty = NULL;
	}
	spin_unlock(&proc->siglock);
	return tty;
}

void tty_signal_foreground(struct tty *tty, int sig)
{
	unsigned long flags;

	spin_lock_irqsave(&tasklist_lock, flags);
	if (tty->pgrp)
		signal_send_pgrp_locked(sig, tty->pgrp, SEND_SIG_KERNEL);
	spin_unlock_irqrestore(&tasklist_lock, flags);
}

int tty_check_background(struct tty *tty, int sig)
{
	struct process *proc = current->proc;
	struct pid *pgrp;

	if (READ_ONCE(proc->tty) != tty)
		return 0;
	pgrp = READ_ONCE(tty->pgrp);
	if (likely(!pgrp || pgrp == READ_ONCE(proc->pgrp_ref)))
		return 0;
	if (signal_is_ignored(sig))
		return sig == SIGTTIN ? -EIO : 0;
	if (current_pgrp_orphaned())
		return -EIO;
	signal_send_pgrp(sig, READ_ONCE(proc->pgrp), SEND_SIG_KERNEL);
	return -ERESTARTSYS;
}

/* current's session gets the terminal, its group the foreground. */
static void make_ctty(struct tty *tty) REQUIRES(tasklist_lock)
{
	struct process *proc = current->proc;

	set_ref(&tty->session, proc->session_ref);
	set_ref(&tty->pgrp, proc->pgrp_ref);
	set_ref(&proc->tty_old_pgrp, NULL);
	spin_lock(&proc->siglock);
	tty_get(tty);
	proc->tty = tty;
	spin_unlock(&proc->siglock);
}

void tty_open_ctty(struct tty *tty, struct file *file)
{
	struct process *proc = current->proc;

	if (!READ_ONCE(proc->leader) || !(file->f_mode & FMODE_READ))
		return;
	spin_lock_irq(&tasklist_lock);
	if (proc->leader && !proc->tty && !tty->session)
		make_ctty(tty);
	spin_unlock_irq(&tasklist_lock);
}

/* Every process of the terminal's session loses it; how many references to put. */
static unsigned clear_members(struct tty *tty) REQUIRES(tasklist_lock)
{
	struct process *proc;
	unsigned puts = 0;

	list_for_each_entry(proc, &tty->session->session_members, session_node)
		if (take_tty(proc, tty))
			puts++;
	return puts;
}

/* The line is lost: the leader decides what becomes of its jobs. */
static void hang_up_leader(struct tty *tty) REQUIRES(tasklist_lock)
{
	struct process *leader = tty->session->proc;

	if (!leader)
		return;
	signal_send_process(SIGHUP, SEND_SIG_KERNEL, leader);
	signal_send_process(SIGCONT, SEND_SIG_KERNEL, leader);
	set_ref(&leader->tty_old_pgrp, tty->pgrp);
}

void tty_session_clear(struct tty *tty, enum session_end why)
{
	unsigned puts = 0;

	spin_lock_irq(&tasklist_lock);
	if (tty->session) {
		/* Before they hear of it: who is told does not find it any more. */
		puts = clear_members(tty);
		if (why == SESSION_HANGUP) {
			hang_up_leader(tty);
		} else if (tty->pgrp) {
			signal_send_pgrp_locked(SIGHUP, tty->pgrp, SEND_SIG_KERNEL);
			if (why == SESSION_LET_GO)
				signal_send_pgrp_locked(SIGCONT, tty->pgrp, SEND_SIG_KERNEL);
		}
		set_ref(&tty->session, NULL);
		set_ref(&tty->pgrp, NULL);
	}
	spin_unlock_irq(&tasklist_lock);
	while (puts--)
		tty_put(tty);
}

/* The group that was in the foreground when the leader's line was lost hears of it now. */
static void hang_up_old_group(struct process *leader) REQUIRES(tasklist_lock)
{
	signal_send_pgrp_locked(SIGHUP, leader->tty_old_pgrp, SEND_SIG_KERNEL);
	signal_send_pgrp_locked(SIGCONT, leader->tty_old_pgrp, SEND_SIG_KERNEL);
	set_ref(&leader->tty_old_pgrp, NULL);
}

void tty_session_exit(struct process *proc)
{
	struct tty *tty;
	bool leads;

	spin_lock_irq(&tasklist_lock);
	tty = take_tty(proc, NULL);
	leads = tty && proc->leader && tty->session == proc->session_ref;
	if (proc->tty_old_pgrp)
		hang_up_old_group(proc);
	spin_unlock_irq(&tasklist_lock);
	if (!tty)
		return;
	if (leads) {
		tty_session_clear(tty, SESSION_LEADER_EXIT);
		if (!(tty->flags & TTY_DRIVER_PTY))	/* the next login finds a clean line */
			tty_hangup(tty);
	}
	tty_put(tty);
}

void tty_of_process(struct process *proc, dev_t *dev, pid_t *pgrp)
{
	struct tty *tty;

	*dev = 0;
	*pgrp = -1;
	spin_lock_irq(&tasklist_lock);
	spin_lock(&proc->siglock);
	tty = proc->tty;
	if (tty) {
		*dev = tty->dev;
		*pgrp = tty->pgrp ? tty->pgrp->nr : -1;
	}
	spin_unlock(&proc->siglock);
	spin_unlock_irq(&tasklist_lock);
}

/* ---- ioctls ---- */

long tty_tiocsctty(struct tty *tty, struct file *file, int steal)
{
	struct process *proc = current->proc;
	unsigned puts = 0;
	long err = 0;

	spin_lock_irq(&tasklist_lock);
	if (proc->leader && proc->session_ref == tty->session)
		goto out;
	err = -EPERM;
	if (!proc->leader || proc->tty)
		goto out;
	if (tty->session) {
		if (steal != 1 || !capable(CAP_SYS_ADMIN))
			goto out;
		puts = clear_members(tty);
	}
	if (!(file->f_mode & FMODE_READ) && !capable(CAP_SYS_ADMIN))
		goto out;
	make_ctty(tty);
	err = 0;
out:
	spin_unlock_irq(&tasklist_lock);
	while (puts--)
		tty_put(tty);
	return err;
}

long tty_tiocnotty(struct tty *tty)
{
	struct process *proc = current->proc;
	struct tty *mine;
	bool leads;

	spin_lock_irq(&tasklist_lock);
	mine = take_tty(proc, tty);
	leads = mine && proc->leader && tty->session == proc->session_ref;
	spin_unlock_irq(&tasklist_lock);
	if (!mine)
		return -ENOTTY;
	if (leads)
		tty_session_clear(tty, SESSION_LET_GO);
	tty_put(mine);
	return 0;
}

long tty_tiocgpgrp(struct tty *tty, int __user *out, bool any)
{
	int nr;

	if (!any && READ_ONCE(current->proc->tty) != tty)
		return -ENOTTY;
	spin_lock_irq(&tasklist_lock);
	nr = tty->pgrp ? tty->pgrp->nr : 0;
	spin_unlock_irq(&tasklist_lock);
	return put_user(nr, out);
}

long tty_tiocspgrp(struct tty *tty, const int __user *in)
{
	struct process *proc = current->proc, *member;
	struct pid *pid;
	int err = tty_check_background(tty, SIGTTOU), nr;

	if (err == -EIO)
		return -ENOTTY;
	if (err)
		return err;
	if (get_user(nr, in))
		return -EFAULT;
	if (nr < 0)
		return -EINVAL;
	spin_lock_irq(&tasklist_lock);
	err = -ENOTTY;
	if (proc->tty != tty || tty->session != proc->session_ref)
		goto out;
	err = -ESRCH;
	pid = pid_lookup(nr);
	if (!pid)
		goto out;
	err = -EPERM;
	if (list_empty(&pid->pgrp_members))
		goto out;
	member = list_first_entry(&pid->pgrp_members, struct process, pgrp_node);
	if (member->session_ref != proc->session_ref)
		goto out;
	set_ref(&tty->pgrp, pid);
	err = 0;
out:
	spin_unlock_irq(&tasklist_lock);
	return err;
}

long tty_tiocgsid(struct tty *tty, int __user *out, bool any)
{
	int nr = -1;

	spin_lock_irq(&tasklist_lock);
	if ((any || current->proc->tty == tty) && tty->session)
		nr = tty->session->nr;
	spin_unlock_irq(&tasklist_lock);
	return nr < 0 ? -ENOTTY : put_user(nr, out);
}
