/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * signalfd4: signals as something to read. A descriptor has no signals of its own: it
 * shows those of whoever reads or polls it.
 *
 * So a poller sleeps on its own process's queue, which the file keeps alive: it holds each
 * process that ever polled it until it is closed for good.
 */
#include <arch/uaccess.h>
#include <fs/files.h>
#include <fs/poll.h>
#include <fs/seq_file.h>
#include <fs/uio.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <lib/string.h>
#include <linux/signalfd.h>
#include <mm/slab.h>

struct poller {
	struct poller  *next;
	struct process *proc;		/* counted */
};

struct signalfd {
	sigset_t       wanted;		/* lock to write; read whole */
	spinlock_t     lock;
	struct poller *pollers;		/* lock */
};

/* Makes sure that `sf` holds proc. False: no memory. */
static bool hold_process(struct signalfd *sf, struct process *proc)
{
	struct poller *p, *new = NULL;

	for (;;) {
		spin_lock(&sf->lock);
		for (p = sf->pollers; p && p->proc != proc; p = p->next)
			;
		if (p || new)
			break;
		spin_unlock(&sf->lock);
		new = kmalloc(sizeof(*new), GFP_KERNEL);
		if (!new)
			return false;
	}
	if (!p) {
		new->proc = process_get(proc);
		new->next = sf->pollers;
		sf->pollers = new;
		new = NULL;
	}
	spin_unlock(&sf->lock);
	kfree(new);
	return true;
}

static void describe(struct signalfd_siginfo *out, const siginfo_t *in)
{
	memset(out, 0, sizeof(*out));
	out->ssi_signo = (u32)in->si_signo;
	out->ssi_errno = in->si_errno;
	out->ssi_code = in->si_code;
	if (in->si_code == SI_TIMER) {
		out->ssi_tid = (u32)in->si_tid;
		out->ssi_overrun = (u32)in->si_overrun;
		out->ssi_ptr = (u64)in->si_ptr;
		out->ssi_int = in->si_int;
		return;
	}
	if (in->si_code > 0 && in->si_code != SI_KERNEL) {
		switch (in->si_signo) {
		case SIGILL:
		case SIGFPE:
		case SIGSEGV:
		case SIGBUS:
		case SIGTRAP:
			out->ssi_addr = (u64)in->si_addr;
			if (in->si_signo == SIGBUS)
				out->ssi_addr_lsb = (u16)in->si_addr_lsb;
			return;
		case SIGCHLD:
			out->ssi_pid = (u32)in->si_pid;
			out->ssi_uid = in->si_uid;
			out->ssi_status = in->si_status;
			out->ssi_utime = (u64)in->si_utime;
			out->ssi_stime = (u64)in->si_stime;
			return;
		case SIGPOLL:
			out->ssi_band = (u32)in->si_band;
			out->ssi_fd = in->si_fd;
			return;
		case SIGSYS:
			out->ssi_call_addr = (u64)in->si_call_addr;
			out->ssi_syscall = in->si_syscall;
			out->ssi_arch = in->si_arch;
			return;
		default:
			break;
		}
	}
	out->ssi_pid = (u32)in->si_pid;
	out->ssi_uid = in->si_uid;
	if (in->si_code < 0 && in->si_code != SI_TKILL) {	/* it came with a value */
		out->ssi_ptr = (u64)in->si_ptr;
		out->ssi_int = in->si_int;
	}
}

static ssize_t signalfd_read(struct file *file, struct iov_iter *to, loff_t *pos)
{
	struct signalfd *sf = file->private;
	size_t room = iov_iter_count(to) / sizeof(struct signalfd_siginfo);
	struct signalfd_siginfo out;
	ssize_t done = 0;
	siginfo_t info;
	int sig, err;

	if (!room)
		return -EINVAL;
	while (room--) {
		sig = signal_read(READ_ONCE(sf->wanted), &info);
		if (!sig) {
			if (done)
				break;
			if (file->f_flags & O_NONBLOCK)
				return -EAGAIN;
			err = wait_event_interruptible(&current->proc->sigfd_wait,
				(sig = signal_read(READ_ONCE(sf->wanted), &info)));
			if (err)
				return err;
		}
		describe(&out, &info);
		if (copy_to_iter(&out, sizeof(out), to) != sizeof(out))
			return done ? done : -EFAULT;
		done += (ssize_t)sizeof(out);
	}
	return done;
}

static u32 signalfd_poll(struct file *file, struct poll_table *pt)
{
	struct signalfd *sf = file->private;

	/* Without memory it only answers for now: the poller sees EPOLLERR and asks again. */
	if (pt && pt->queue && !hold_process(sf, current->proc))
		return EPOLLERR;
	poll_wait(file, &current->proc->sigfd_wait, pt);
	return signal_any_pending(READ_ONCE(sf->wanted)) ? EPOLLIN : 0;
}

static int signalfd_release(struct inode *inode, struct file *file)
{
	struct signalfd *sf = file->private;

	while (sf->pollers) {
		struct poller *p = sf->pollers;

		sf->pollers = p->next;
		process_put(p->proc);
		kfree(p);
	}
	kfree(sf);
	return 0;
}

static void signalfd_fdinfo(struct seq_file *m, struct file *file)
{
	struct signalfd *sf = file->private;

	seq_printf(m, "sigmask:\t%016llx\n", (unsigned long long)READ_ONCE(sf->wanted));
}

static const struct file_ops signalfd_fops = {
	.read = signalfd_read, .poll = signalfd_poll, .release = signalfd_release,
	.show_fdinfo = signalfd_fdinfo, .llseek = noop_llseek, .seek_none = true,
};

static long signalfd_change(int ufd, sigset_t wanted)
{
	struct fd f = fdget((unsigned)ufd);
	struct signalfd *sf;

	if (!f.file)
		return -EBADF;
	if (f.file->f_op != &signalfd_fops) {
		fdput(f);
		return -EINVAL;
	}
	sf = f.file->private;
	WRITE_ONCE(sf->wanted, wanted);
	wake_up_all(&current->proc->sigfd_wait);
	fdput(f);
	return ufd;
}

SYSCALL_DEFINE4(signalfd4, int, ufd, const sigset_t __user *, umask, size_t, size, int, flags)
{
	struct signalfd *sf;
	struct file *file;
	sigset_t wanted;

	if (size != sizeof(wanted))
		return -EINVAL;
	if (copy_from_user(&wanted, umask, sizeof(wanted)))
		return -EFAULT;
	if (flags & ~(SFD_CLOEXEC | SFD_NONBLOCK))
		return -EINVAL;
	wanted &= ~(sigmask(SIGKILL) | sigmask(SIGSTOP));
	if (ufd != -1)
		return signalfd_change(ufd, wanted);
	sf = kzalloc(sizeof(*sf), GFP_KERNEL);
	if (!sf)
		return -ENOMEM;
	spin_lock_init(&sf->lock);
	sf->wanted = wanted;
	file = anon_file("[signalfd]", &signalfd_fops, sf, O_RDWR | (flags & SFD_NONBLOCK));
	if (IS_ERR(file)) {
		kfree(sf);
		return PTR_ERR(file);
	}
	return fd_install_new(file, flags & SFD_CLOEXEC ? O_CLOEXEC : 0);
}
