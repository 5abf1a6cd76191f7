/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pseudo terminals, pty(7): the terminals /dev/pts/N and the masters made by /dev/ptmx.
 *
 * The slave is a struct tty like any other. The master is no terminal of its own but a file
 * on the slave's two queues: its write() is what a driver's receive interrupt would be, its
 * read() takes what a driver would send. So there is one buffer each way and no copying
 * between them. What Linux answers on a master for the pair, we answer for the slave.
 *
 * Lifetime: the master's file holds the driver's reference of the tty, which owns the struct
 * pty. When it is closed the name goes first, then no open can succeed any more, then the
 * slave's files are hung up; the tty is freed with the last of them.
 *
 * Locks:  l  tty->lock   i  constant   a  single word, read and written as a whole
 *         read_mutex, write_mutex: as the tty's, one for each direction of the master; outermost
 */
#include <arch/uaccess.h>
#include <fs/chrdev.h>
#include <fs/devpts.h>
#include <fs/files.h>
#include <fs/poll.h>
#include <fs/uio.h>
#include <kernel/cred.h>
#include <kernel/init.h>
#include <lib/printf.h>
#include <mm/slab.h>
#include "tty_internal.h"

#define CHUNK	256
#define IN_BITS		((void *)(unsigned long)(EPOLLIN | EPOLLRDNORM))
#define OUT_BITS	((void *)(unsigned long)(EPOLLOUT | EPOLLWRNORM))

struct pty {
	struct tty        *tty;		/* i */
	struct super      *sb;		/* i  counted */
	struct dentry     *node;	/* i  counted until the master is closed */
	unsigned           nr;		/* i */
	char               name[16];	/* i  "pts/3" */
	struct mutex       read_mutex, write_mutex;
	struct wait_queue  wait;	/* of the master: output, room for input, last close */
	int                locked;	/* a  TIOCSPTLCK: the slave cannot be opened */
	bool               left;	/* l  the slave was open and is not any more */
	bool               packet;	/* l  TIOCPKT */
	u8                 events;	/* l  TIOCPKT_* to report */
};

/* ---- the slave's driver ---- */

static int pty_slave_open(struct tty *tty)
{
	struct pty *pty = tty->driver_data;

	spin_lock_irq(&tty->lock);
	pty->left = false;
	spin_unlock_irq(&tty->lock);
	return 0;
}

static void pty_slave_close(struct tty *tty)
{
	struct pty *pty = tty->driver_data;

	spin_lock_irq(&tty->lock);
	pty->left = true;
	pty->packet = false;
	spin_unlock_irq(&tty->lock);
	wake_up_all(&pty->wait);
}

static void pty_start_tx(struct tty *tty)
{
	struct pty *pty = tty->driver_data;

	wake_up_common(&pty->wait, TASK_NORMAL, 0, IN_BITS);
}

static void pty_unthrottle(struct tty *tty)
{
	struct pty *pty = tty->driver_data;

	wake_up_common(&pty->wait, TASK_NORMAL, 0, OUT_BITS);
}

/* Events that take each other back. */
static u8 opposite(u8 what)
{
	switch (what) {
	case TIOCPKT_STOP:
		return TIOCPKT_START;
	case TIOCPKT_START:
		return TIOCPKT_STOP;
	case TIOCPKT_DOSTOP:
		return TIOCPKT_NOSTOP;
	case TIOCPKT_NOSTOP:
		return TIOCPKT_DOSTOP;
	default:
		return 0;
	}
}

static void pty_packet_event(struct tty *tty, u8 what)
{
	struct pty *pty = tty->driver_data;

	if (!pty->packet)
		return;
	pty->events = (u8)((pty->events & ~opposite(what)) | what);
	wake_up_all(&pty->wait);
}

/* Does ^S stop the output? */
static bool flow_by_keys(const struct ktermios *t)
{
	return (t->c_iflag & IXON) && t->c_cc[VSTOP] == ('S' & 0x1f) && t->c_cc[VSTART] == ('Q' & 0x1f);
}

static void pty_set_termios(struct tty *tty, const struct ktermios *old)
{
	bool flow = flow_by_keys(&tty->termios);

	tty->termios.c_cflag = (tty->termios.c_cflag & ~(u32)(CSIZE | PARENB)) | CS8 | CREAD;
	if (flow != flow_by_keys(old))
		pty_packet_event(tty, flow ? TIOCPKT_DOSTOP : TIOCPKT_NOSTOP);
	if ((old->c_lflag | tty->termios.c_lflag) & EXTPROC)
		pty_packet_event(tty, TIOCPKT_IOCTL);
}

static void pty_free(struct tty *tty)
{
	struct pty *pty = tty->driver_data;

	devpts_number_put(pty->sb, pty->nr);
	super_put(pty->sb);
	kfree(pty);
}

static const struct tty_ops pty_ops = {
	.open = pty_slave_open, .close = pty_slave_close, .start_tx = pty_start_tx,
	.unthrottle = pty_unthrottle, .set_termios = pty_set_termios,
	.packet_event = pty_packet_event, .free = pty_free,
};

static int pts_open(struct inode *inode, struct file *file)
{
	struct tty *tty = devpts_tty(inode);

	if (!tty || READ_ONCE(((struct pty *)tty->driver_data)->locked))
		return -EIO;
	tty_get(tty);
	file->f_op = &tty_fops;
	return tty_attach(tty, file, false);
}
static const struct file_ops pts_fops = { .open = pts_open };

/* ---- making and closing a pair ---- */

static struct pty *pty_create(struct super *sb)
{
	struct pty *pty = kzalloc(sizeof(*pty), GFP_KERNEL);
	int nr, err = -ENOMEM;

	if (!pty)
		return ERR_PTR(-ENOMEM);
	nr = devpts_number_get(sb);
	if (nr < 0) {
		err = nr;
		goto out_free;
	}
	pty->nr = (unsigned)nr;
	pty->locked = 1;
	mutex_init(&pty->read_mutex);
	mutex_init(&pty->write_mutex);
	wait_queue_init(&pty->wait);
	snprintf(pty->name, sizeof(pty->name), "pts/%d", nr);
	pty->tty = tty_create(pty->name, MKDEV(PTS_MAJOR, nr), &pty_ops, pty, TTY_DRIVER_PTY);
	if (IS_ERR(pty->tty)) {
		err = (int)PTR_ERR(pty->tty);
		goto out_number;
	}
	pty->sb = super_get(sb);
	pty->node = devpts_add(sb, pty->nr, pty->tty);
	if (!IS_ERR(pty->node))
		return pty;
	err = (int)PTR_ERR(pty->node);
	tty_destroy(pty->tty);		/* frees pty */
	return ERR_PTR(err);
out_number:
	devpts_number_put(sb, pty->nr);
out_free:
	kfree(pty);
	return ERR_PTR(err);
}

static int ptm_release(struct inode *inode, struct file *file)
{
	struct pty *pty = file->private;

	devpts_remove(pty->node);
	tty_destroy(pty->tty);
	return 0;
}

/* ---- the master's reading and writing ---- */

static bool readable(const struct pty *pty)
{
	return tty_tx_count(pty->tty) || READ_ONCE(pty->events) || READ_ONCE(pty->left);
}

/* In packet mode a read begins with a byte: events, or 0 and data behind it. 1 or 0; -EFAULT. */
static ssize_t take_header(struct pty *pty, struct iov_iter *to, bool *ends)
{
	struct tty *tty = pty->tty;
	bool packet;
	u8 events;

	spin_lock_irq(&tty->lock);
	events = pty->events;
	pty->events = 0;
	packet = pty->packet && (events || tty_tx_count(tty));
	spin_unlock_irq(&tty->lock);
	*ends = events;
	if (!packet)
		return 0;
	return copy_to_iter(&events, 1, to) == 1 ? 1 : -EFAULT;
}

/* Moves what is there. Bytes, 0 if there is nothing, -EFAULT. */
static ssize_t take(struct pty *pty, struct iov_iter *to)
{
	struct tty *tty = pty->tty;
	u8 chunk[CHUNK];
	bool ends;
	ssize_t done = take_header(pty, to, &ends);

	while (done >= 0 && !ends && iov_iter_count(to)) {
		size_t want = min_t(size_t, iov_iter_count(to), CHUNK), n;

		spin_lock_irq(&tty->lock);
		n = tty_tx_pull(tty, chunk, want);
		tty_tx_wakeup(tty);
		spin_unlock_irq(&tty->lock);
		if (!n)
			break;
		if (copy_to_iter(chunk, n, to) != n)
			return done ? done : -EFAULT;
		done += (ssize_t)n;
	}
	return done;
}

static ssize_t read_locked(struct pty *pty, struct file *file, struct iov_iter *to)
{
	for (;;) {
		bool left = READ_ONCE(pty->left);	/* before the last look at the queue */
		ssize_t n = take(pty, to);

		if (n)
			return n;
		if (left)
			return -EIO;
		if (file->f_flags & O_NONBLOCK)
			return -EAGAIN;
		n = wait_event_interruptible(&pty->wait, readable(pty));
		if (n)
			return n;
	}
}

static ssize_t ptm_read(struct file *file, struct iov_iter *to, loff_t *pos)
{
	struct pty *pty = file->private;
	ssize_t ret;

	if (!iov_iter_count(to))
		return 0;
	if (file->f_flags & O_NONBLOCK) {
		if (!mutex_trylock(&pty->read_mutex))
			return -EAGAIN;
	} else {
		ret = mutex_lock_interruptible(&pty->read_mutex);
		if (ret)
			return ret;
	}
	ret = read_locked(pty, file, to);
	mutex_unlock(&pty->read_mutex);
	return ret;
}

/* All n bytes, unless a signal or O_NONBLOCK ends it. Bytes given; *err tells why fewer. */
static size_t write_chunk(void *line, struct file *file, const u8 *chunk, size_t n, int *err)
{
	struct pty *pty = line;
	struct tty *tty = pty->tty;
	size_t done = 0;

	for (;;) {
		done += tty_receive(tty, chunk + done, NULL, n - done);
		if (done == n)
			return done;
		if (file->f_flags & O_NONBLOCK)
			*err = -EAGAIN;
		else
			*err = wait_event_interruptible(&pty->wait, tty_receive_room(tty));
		if (*err)
			return done;
	}
}

static ssize_t ptm_write(struct file *file, struct iov_iter *from, loff_t *pos)
{
	struct pty *pty = file->private;

	return tty_write_pieces(&pty->write_mutex, file, from, write_chunk, pty);
}

static u32 ptm_poll(struct file *file, struct poll_table *pt)
{
	struct pty *pty = file->private;
	u32 mask = 0;

	poll_wait(file, &pty->wait, pt);
	if (tty_tx_count(pty->tty))
		mask |= EPOLLIN | EPOLLRDNORM;
	if (READ_ONCE(pty->events))
		mask |= EPOLLPRI | EPOLLIN | EPOLLRDNORM;
	if (READ_ONCE(pty->left))
		mask |= EPOLLHUP;
	if (tty_receive_room(pty->tty))
		mask |= EPOLLOUT | EPOLLWRNORM;
	return mask;
}

/* ---- the master's ioctls ---- */

/* Opens the slave without a name: the caller may be in another mount namespace or chroot. */
static long open_peer(struct pty *pty, struct file *master, int flags)
{
	struct path path;
	struct file *file;
	int err = devpts_find(&master->f_path, &path);

	if (err)
		return err;
	err = path.mnt->mnt_sb == pty->sb ? 0 : -ENODEV;
	if (!err) {
		struct path node = { .mnt = path.mnt, .dentry = pty->node };

		file = file_open_path(&node, flags, current_cred());
		err = IS_ERR(file) ? (int)PTR_ERR(file) : fd_install_new(file, (unsigned)flags);
	}
	path_put(&path);
	return err;
}

static long set_packet(struct pty *pty, const int __user *arg)
{
	int on;

	if (get_user(on, arg))
		return -EFAULT;
	spin_lock_irq(&pty->tty->lock);
	pty->events = 0;
	pty->packet = on;
	spin_unlock_irq(&pty->tty->lock);
	return 0;
}

static long set_lock(struct pty *pty, const int __user *arg)
{
	int on;

	if (get_user(on, arg))
		return -EFAULT;
	WRITE_ONCE(pty->locked, !!on);
	return 0;
}

static long send_signal(struct pty *pty, int sig)
{
	if (sig != SIGINT && sig != SIGQUIT && sig != SIGTSTP)
		return -EINVAL;
	tty_signal_foreground(pty->tty, sig);
	return 0;
}

/* Of the queues as the master sees them: its input is the slave's output, and it has no other. */
static long flush(struct pty *pty, unsigned long which)
{
	struct tty *tty = pty->tty;

	if (which != TCIFLUSH && which != TCOFLUSH && which != TCIOFLUSH)
		return -EINVAL;
	if (which == TCOFLUSH)
		return 0;
	spin_lock_irq(&tty->lock);
	ring_consume(&tty->out, tty_tx_count(tty));
	tty_tx_wakeup(tty);
	spin_unlock_irq(&tty->lock);
	return 0;
}

static long ptm_ioctl(struct file *file, unsigned cmd, unsigned long arg)
{
	struct pty *pty = file->private;
	int __user *p = (int __user *)arg;

	switch (cmd) {
	case TIOCGPTN:
		return put_user(pty->nr, (unsigned __user *)p);
	case TIOCSPTLCK:
		return set_lock(pty, p);
	case TIOCGPTLCK:
		return put_user(READ_ONCE(pty->locked), p);
	case TIOCGPTPEER:
		return open_peer(pty, file, (int)arg);
	case TIOCPKT:
		return set_packet(pty, p);
	case TIOCGPKT:
		return put_user(READ_ONCE(pty->packet) ? 1 : 0, p);
	case TIOCSIG:
		return send_signal(pty, (int)arg);
	case TCFLSH:
		return flush(pty, arg);
	case TIOCINQ:
		return put_user((int)tty_tx_count(pty->tty), p);
	case TIOCOUTQ:
		return put_user(0, p);
	default:
		return tty_master_ioctl(pty->tty, file, cmd, arg);
	}
}

static const struct file_ops ptm_fops = {
	.read = ptm_read, .write = ptm_write, .poll = ptm_poll, .ioctl = ptm_ioctl,
	.release = ptm_release, .async = fasync_stream, .llseek = no_llseek, .seek_none = true,
};

static int ptmx_open(struct inode *inode, struct file *file)
{
	struct path root;
	struct pty *pty;
	int err = devpts_find(&file->f_path, &root);

	if (err)
		return err;
	pty = pty_create(root.mnt->mnt_sb);
	path_put(&root);
	if (IS_ERR(pty))
		return (int)PTR_ERR(pty);
	file->private = pty;
	file->f_op = &ptm_fops;
	return 0;
}
static const struct file_ops ptmx_fops = { .open = ptmx_open };

static int __init pty_init(void)
{
	int err = chrdev_register(TTY_PTMX_DEV, 1, "/dev/ptmx", &ptmx_fops);

	err = err ?: chrdev_register(MKDEV(PTS_MAJOR, 0), DEVPTS_MINORS, "pts", &pts_fops);
	return err ?: devtmpfs_add("ptmx", S_IFCHR | 0666, TTY_PTMX_DEV);
}
fs_initcall(pty_init);
