/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The owner of a file: whom a signal tells that something happened to it. Set by F_SETOWN and
 * F_SETSIG of fcntl(2), whose rules are here; the signal may be sent if who set it might send it.
 */
#include <arch/uaccess.h>
#include <fs/fs.h>
#include <kernel/cred.h>
#include <kernel/pid.h>
#include <kernel/signal.h>
#include <kernel/task.h>
#include <lib/string.h>
#include <linux/fcntl.h>
#include "internal.h"

static long set_owner(struct file *file, int owner, bool thread)
{
	const struct cred *cred = current_cred();
	bool there = true;

	if (owner == S32_MIN)
		return -EINVAL;
	if (owner) {
		spin_lock_irq(&tasklist_lock);
		there = pid_lookup(owner < 0 ? -owner : owner) != NULL;
		spin_unlock_irq(&tasklist_lock);
	}
	if (!there)
		return -ESRCH;
	spin_lock(&file->f_lock);
	file->f_owner = owner;
	file->f_owner_thread = thread;
	file->f_owner_uid = cred->uid;
	file->f_owner_euid = cred->euid;
	spin_unlock(&file->f_lock);
	return 0;
}

long file_set_owner(struct file *file, int owner)
{
	return set_owner(file, owner, false);
}

long file_owner_ex(struct file *file, bool set, void __user *arg)
{
	struct f_owner_ex ex;

	if (!set) {
		spin_lock(&file->f_lock);
		ex.pid = file->f_owner < 0 ? -file->f_owner : file->f_owner;
		ex.type = file->f_owner < 0 ? F_OWNER_PGRP :
			  file->f_owner_thread ? F_OWNER_TID : F_OWNER_PID;
		spin_unlock(&file->f_lock);
		return copy_to_user(arg, &ex, sizeof(ex)) ? -EFAULT : 0;
	}
	if (copy_from_user(&ex, arg, sizeof(ex)))
		return -EFAULT;
	if (ex.type != F_OWNER_TID && ex.type != F_OWNER_PID && ex.type != F_OWNER_PGRP)
		return -EINVAL;
	if (ex.pid < 0)
		return -EINVAL;
	return set_owner(file, ex.type == F_OWNER_PGRP ? -ex.pid : ex.pid, ex.type == F_OWNER_TID);
}

/* What the signal says; copied so that no lock of the file is held while it is sent. */
struct notice {
	int       owner, sig;		/* sig 0: SIGIO, without a siginfo of its own */
	bool      thread;
	uid_t     uid, euid;
	siginfo_t info;
};

static bool may_send(const struct notice *n, struct task *task)
{
	struct process *proc = task->proc;
	struct cred *other;
	bool may;

	spin_lock(&proc->siglock);
	other = task->cred;
	may = !n->euid || n->euid == other->suid || n->euid == other->uid ||
	      n->uid == other->suid || n->uid == other->uid;
	spin_unlock(&proc->siglock);
	return may;
}

static int send_signal(const struct notice *n, int sig, const siginfo_t *info, struct task *task)
{
	return n->thread ? signal_send_task_info(sig, info, task) :
			   signal_send_process(sig, info, task->proc);
}

static void send_notice(const struct notice *n, struct task *task) REQUIRES(tasklist_lock)
{
	if (!may_send(n, task))
		return;
	/* A queue that is full is told of by the signal that needs no room in it. */
	if (!n->sig || send_signal(n, n->sig, &n->info, task) == -EAGAIN)
		send_signal(n, SIGIO, SEND_SIG_KERNEL, task);
}

void file_signal_owner(struct file *file, int fd, int code, long band)
{
	struct notice n;
	struct process *proc;
	struct pid *pid;

	memset(&n, 0, sizeof(n));
	spin_lock(&file->f_lock);
	n.owner = file->f_owner;
	n.sig = file->f_owner_sig;
	n.thread = file->f_owner_thread;
	n.uid = file->f_owner_uid;
	n.euid = file->f_owner_euid;
	spin_unlock(&file->f_lock);
	if (!n.owner)
		return;
	n.info.si_signo = n.sig;
	n.info.si_code = code;
	n.info.si_band = band;
	n.info.si_fd = fd;
	spin_lock_irq(&tasklist_lock);
	pid = pid_lookup(n.owner < 0 ? -n.owner : n.owner);
	if (pid && n.owner < 0) {
		list_for_each_entry(proc, &pid->pgrp_members, pgrp_node)
			send_notice(&n, proc->group_leader);
	} else if (pid && n.thread && pid->task) {
		send_notice(&n, pid->task);
	} else if (pid && !n.thread && pid->proc) {
		send_notice(&n, pid->proc->group_leader);
	}
	spin_unlock_irq(&tasklist_lock);
}
