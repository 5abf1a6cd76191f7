/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pidfds: pidfd_open(2), pidfd_send_signal(2), pidfd_getfd(2), and what clone and waitid need.
 * A pidfd holds the process object, so that its number can be used again without harm.
 */
#include <arch/uaccess.h>
#include <fs/files.h>
#include <fs/poll.h>
#include <fs/proc.h>
#include <fs/seq_file.h>
#include <kernel/cred.h>
#include <kernel/pidfd.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <lib/err.h>
#include <lib/string.h>
#include <mm/mm.h>

static int pidfd_release(struct inode *inode, struct file *file)
{
	if (file->private)
		process_put(file->private);
	return 0;
}

static u32 pidfd_poll(struct file *file, struct poll_table *pt)
{
	struct process *proc = file->private;

	poll_wait(file, &proc->exit_wait, pt);
	return READ_ONCE(proc->state) == PROC_ALIVE ? 0 : EPOLLIN | EPOLLRDNORM;
}

static void pidfd_fdinfo(struct seq_file *m, struct file *file)
{
	struct process *proc = file->private;
	int pid = READ_ONCE(proc->state) == PROC_REAPED ? -1 : proc->pid;

	seq_printf(m, "Pid:\t%d\nNSpid:\t%d\n", pid, pid);
}

static const struct file_ops pidfd_fops = {
	.poll = pidfd_poll, .release = pidfd_release, .show_fdinfo = pidfd_fdinfo,
	.llseek = no_llseek, .seek_none = true,
};

struct file *pidfd_file(int flags)
{
	return anon_file("[pidfd]", &pidfd_fops, NULL, O_RDWR | flags);
}

void pidfd_set(struct file *file, struct process *proc)
{
	file->private = process_get(proc);
}

struct process *pidfd_process(int fd, bool *nonblock)
{
	struct process *proc = ERR_PTR(-EBADF);
	struct fd f = fdget((unsigned)fd);

	if (!f.file)
		return proc;
	if (f.file->f_op == &pidfd_fops) {
		proc = process_get(f.file->private);
		if (nonblock)
			*nonblock = f.file->f_flags & O_NONBLOCK;
	}
	fdput(f);
	return proc;
}

/* Of a pidfd or an open folder /proc/PID, counted. */
static struct process *process_to_signal(int fd)
{
	struct process *proc = pidfd_process(fd, NULL);
	struct fd f;

	if (proc != ERR_PTR(-EBADF))
		return proc;
	f = fdget((unsigned)fd);
	if (!f.file)
		return proc;
	proc = proc_folder_process(f.file);
	fdput(f);
	return proc;
}

SYSCALL_DEFINE2(pidfd_open, pid_t, pid, unsigned int, flags)
{
	struct process *proc;
	struct file *file;
	struct task *task;

	if (flags & ~(unsigned)O_NONBLOCK || pid <= 0)
		return -EINVAL;
	proc = process_find(pid);
	if (!proc) {
		task = task_find(pid);
		if (!task)
			return -ESRCH;
		task_put(task);		/* a thread, but not the one that names a process */
		return -EINVAL;
	}
	file = pidfd_file((int)flags);
	if (!IS_ERR(file))
		pidfd_set(file, proc);
	process_put(proc);
	return IS_ERR(file) ? PTR_ERR(file) : fd_install_new(file, O_CLOEXEC);
}

SYSCALL_DEFINE4(pidfd_send_signal, int, pidfd, int, sig, const siginfo_t __user *, uinfo,
		unsigned int, flags)
{
	struct process *proc;
	siginfo_t info;
	int err;

	if (flags)
		return -EINVAL;
	proc = process_to_signal(pidfd);
	if (IS_ERR(proc))
		return PTR_ERR(proc);
	if (uinfo) {
		err = siginfo_from_user(&info, uinfo);
		if (!err && info.si_signo != sig)
			err = -EINVAL;
		/* For others only what kernels do not send. */
		if (!err && proc != current->proc && (info.si_code >= 0 || info.si_code == SI_TKILL))
			err = -EPERM;
		if (err)
			goto out;
	} else {
		memset(&info, 0, sizeof(info));
		info.si_signo = sig;
		info.si_code = SI_USER;
		info.si_pid = current->proc->pid;
		info.si_uid = current_uid();
	}
	err = -ESRCH;
	if (READ_ONCE(proc->state) == PROC_REAPED)
		goto out;
	err = signal_check_permission(sig, proc);
	if (!err && sig)
		err = signal_send_process(sig, &info, proc);
out:
	process_put(proc);
	return err;
}

/* A counted file of another process. */
static struct file *file_of_process(struct process *proc, int fd)
{
	struct task *task = thread_next(proc, 1);
	struct files *files;
	struct file *file;
	int err;

	if (!task)
		return ERR_PTR(-ESRCH);
	err = task_may_attach(task);
	files = err ? NULL : task_files_get(task);
	task_put(task);
	if (!files)
		return ERR_PTR(err ? err : -ESRCH);
	file = fd < 0 ? NULL : files_get_file(files, (unsigned)fd);
	files_put(files);
	return file ? file : ERR_PTR(-EBADF);
}

SYSCALL_DEFINE3(pidfd_getfd, int, pidfd, int, fd, unsigned int, flags)
{
	struct process *proc;
	struct file *file;

	if (flags)
		return -EINVAL;
	proc = pidfd_process(pidfd, NULL);
	if (IS_ERR(proc))
		return PTR_ERR(proc);
	file = file_of_process(proc, fd);
	process_put(proc);
	return IS_ERR(file) ? PTR_ERR(file) : fd_install_new(file, O_CLOEXEC);
}
