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

/* A pid, or minus a process group; 0 is nobody. */
long file_set_owner(struct file *file, int owner)
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
	file->f_owner_uid = cred->uid;
	file->f_owner_euid = cred->euid;
	spin_unlock(&file->f_lock);
	return 0;
}

long file_owner_ex(struct file *file, bool set, void __user *arg)
{
	struct f_owner_ex ex;

	if (!set) {
		ex.pid = file->f_owner < 0 ? -file->f_owner : file->f_owner;
		ex.type = file->f_owner < 0 ? F_OWNER_PGRP : F_OWNER_PID;
		return copy_to_user(arg, &ex, sizeof(ex)) ? -EFAULT : 0;
	}
	if (copy_from_user(&ex, arg, sizeof(ex)))
		return -EFAULT;
	if (ex.type != F_OWNER_TID && ex.type != F_OWNER_PID && ex.type != F_OWNER_PGRP)
		return -EINVAL;
	if (ex.pid < 0)
		return -EINVAL;
	return file_set_owner(file, ex.type == F_OWNER_PGRP ? -ex.pid : ex.pid);
}

/* What the signal says; copied so that no lock of the file is held while it is sent. */
struct notice {
	int       owner, sig;		/* sig 0: SIGIO, without a siginfo of its own */
	uid_t     uid, euid;
	siginfo_t info;
};

static bool may_send(const struct notice *n, struct process *proc)
{
	struct cred *other;
	bool may;

	spin_lock(&proc->siglock);
	other = proc->group_leader->cred;
	may = !n->euid || n->euid == other->suid || n->euid == other->uid ||
	      n->uid == other->suid || n->uid == other->uid;
	spin_unlock(&proc->siglock);
	return may;
}

static void send_notice(const struct notice *n, struct process *proc) REQUIRES(tasklist_lock)
{
	if (!may_send(n, proc))
		return;
	/* A queue that is full is told of by the signal that needs no room in it. */
	if (!n->sig || signal_send_process(n->sig, &n->info, proc) == -EAGAIN)
		signal_send_process(SIGIO, SEND_SIG_KERNEL, proc);
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
			send_notice(&n, proc);
	} else if (pid && pid->proc) {
		send_notice(&n, pid->proc);
	}
	spin_unlock_irq(&tasklist_lock);
}
