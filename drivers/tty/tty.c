/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The terminal core: making terminals, their files, the console and hangups.
 */
#include <fs/chrdev.h>
#include <fs/devpts.h>
#include <fs/poll.h>
#include <fs/proc.h>
#include <fs/uio.h>
#include <kernel/cred.h>
#include <kernel/init.h>
#include <kernel/printk.h>
#include <kernel/syscall.h>
#include <lib/string.h>
#include <mm/slab.h>
#include "tty_internal.h"

#define TTY_CTTY_DEV	MKDEV(TTYAUX_MAJOR, 0)
#define TTY_CONSOLE_DEV	MKDEV(TTYAUX_MAJOR, 1)

DEFINE_MUTEX(ttys_mutex);
LIST_HEAD(ttys);			/* ttys_mutex */
static DEFINE_SPINLOCK(files_lock);	/* tty->files, opens, exclusive; a leaf */
static char console_name[16];		/* of the last console=, without options */

static const struct ktermios tty_std_termios = {
	.c_iflag = ICRNL | IXON,
	.c_oflag = OPOST | ONLCR,
	.c_cflag = B115200 | CS8 | CREAD | HUPCL | CLOCAL,
	.c_lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN,
	.c_cc = {
		[VINTR] = 'C' & 0x1f, [VQUIT] = '\\' & 0x1f, [VERASE] = 0x7f,
		[VKILL] = 'U' & 0x1f, [VEOF] = 'D' & 0x1f, [VMIN] = 1,
		[VSTART] = 'Q' & 0x1f, [VSTOP] = 'S' & 0x1f, [VSUSP] = 'Z' & 0x1f,
		[VREPRINT] = 'R' & 0x1f, [VDISCARD] = 'O' & 0x1f, [VWERASE] = 'W' & 0x1f,
		[VLNEXT] = 'V' & 0x1f,
	},
	.c_ispeed = 115200, .c_ospeed = 115200,
};

/* ---- terminals ---- */

/* What it begins with, and a hangup goes back to. */
static struct ktermios initial_termios(const struct tty *tty)
{
	struct ktermios t = tty_std_termios;

	if (tty->flags & TTY_DRIVER_PTY) {
		t.c_cflag = B38400 | CS8 | CREAD;
		t.c_ispeed = t.c_ospeed = 38400;
	}
	return t;
}

struct tty *tty_create(const char *name, dev_t dev, const struct tty_ops *ops, void *data, u32 flags)
{
	struct tty *tty = kzalloc(sizeof(*tty), GFP_KERNEL);
	int err;

	if (!tty)
		return ERR_PTR(-ENOMEM);
	refcount_set(&tty->refs, 1);
	tty->name = name;
	tty->dev = dev;
	tty->ops = ops;
	tty->driver_data = data;
	tty->flags = flags;
	INIT_LIST_HEAD(&tty->link);
	INIT_LIST_HEAD(&tty->files);
	mutex_init(&tty->open_mutex);
	mutex_init(&tty->ldisc_mutex);
	mutex_init(&tty->read_mutex);
	mutex_init(&tty->write_mutex);
	spin_lock_init(&tty->lock);
	tty->termios = initial_termios(tty);
	wait_queue_init(&tty->read_wait);
	wait_queue_init(&tty->write_wait);
	err = n_tty_init(tty);
	if (err) {
		kfree(tty);
		return ERR_PTR(err);
	}
	if (flags & TTY_DRIVER_PTY)		/* found by its node in a devpts */
		return tty;
	mutex_lock(&ttys_mutex);
	list_add_tail(&tty->link, &ttys);
	mutex_unlock(&ttys_mutex);
	/* Number 0: a test's own, without a node. */
	if (dev) {
		err = chrdev_register(dev, 1, "tty", &tty_fops);
		if (!err)
			err = devtmpfs_add(name, S_IFCHR | 0600, dev);
		if (err) {
			tty_put(tty);
			return ERR_PTR(err);
		}
	}
	return tty;
}

void tty_put(struct tty *tty)
{
	if (!refcount_dec_and_test(&tty->refs))
		return;
	mutex_lock(&ttys_mutex);
	list_del(&tty->link);
	mutex_unlock(&ttys_mutex);
	if (tty->ops->free)
		tty->ops->free(tty);
	n_tty_free(tty);
	kfree(tty);
}

void tty_destroy(struct tty *tty)
{
	spin_lock(&files_lock);
	WRITE_ONCE(tty->gone, true);
	spin_unlock(&files_lock);
	tty_hangup(tty);
	tty_put(tty);
}

/* Counted, or NULL. */
static struct tty *tty_find(dev_t dev)
{
	struct tty *tty, *found = NULL;

	mutex_lock(&ttys_mutex);
	list_for_each_entry(tty, &ttys, link) {
		if (tty->dev == dev && refcount_inc_not_zero(&tty->refs)) {
			found = tty;
			break;
		}
	}
	mutex_unlock(&ttys_mutex);
	return found;
}

struct tty *tty_console(void)
{
	struct tty *tty, *found = NULL;

	mutex_lock(&ttys_mutex);
	list_for_each_entry(tty, &ttys, link) {
		if (!tty->dev)
			continue;
		if (!found || !strcmp(tty->name, console_name))
			found = tty;
	}
	if (found)
		tty_get(found);
	mutex_unlock(&ttys_mutex);
	return found;
}

/* console=ttyAMA0,115200n8: the last one given wins. The options are the driver's default. */
static int console_param(char *value)
{
	size_t n = strcspn(value, ",");

	if (!n || n >= sizeof(console_name))
		return -EINVAL;
	memcpy(console_name, value, n);
	console_name[n] = '\0';
	return 0;
}
BOOT_PARAM(console, "console", console_param);

bool tty_wanted_console(const char *name)
{
	return !console_name[0] || !strcmp(name, console_name);
}

void tty_wake_all(struct tty *tty)
{
	wake_up_common(&tty->read_wait, TASK_NORMAL, 0, NULL);
	wake_up_common(&tty->write_wait, TASK_NORMAL, 0, NULL);
}

/* ---- open and close ---- */

static int tty_count_open(struct tty *tty, struct tty_file *tf)
{
	int err = 0;

	spin_lock(&files_lock);
	if (tty->gone) {
		err = -EIO;
	} else if (tty->exclusive && !capable(CAP_SYS_ADMIN)) {
		err = -EBUSY;
	} else {
		tty->opens++;
		list_add(&tf->link, &tty->files);
	}
	spin_unlock(&files_lock);
	return err;
}

/* True if it was the last. */
static bool tty_uncount_open(struct tty *tty, struct tty_file *tf)
{
	bool last;

	spin_lock(&files_lock);
	list_del(&tf->link);
	last = --tty->opens == 0;
	if (last)
		tty->exclusive = false;
	spin_unlock(&files_lock);
	return last;
}

int tty_attach(struct tty *tty, struct file *file, bool console)
{
	struct tty_file *tf = kzalloc(sizeof(*tf), GFP_KERNEL);
	int err;

	if (!tf) {
		tty_put(tty);
		return -ENOMEM;
	}
	tf->tty = tty;
	tf->file = file;
	tf->console = console;
	mutex_lock(&tty->open_mutex);
	err = tty_count_open(tty, tf);
	if (!err && tty->opens == 1 && tty->ops->open) {
		err = tty->ops->open(tty);
		if (err)
			tty_uncount_open(tty, tf);
	}
	mutex_unlock(&tty->open_mutex);
	if (err) {
		kfree(tf);
		tty_put(tty);
		return err;
	}
	file->private = tf;
	if (!console && !(file->f_flags & O_NOCTTY))
		tty_open_ctty(tty, file);
	return 0;
}

static int tty_open(struct inode *inode, struct file *file)
{
	struct tty *tty = tty_find(inode->i_rdev);

	return tty ? tty_attach(tty, file, false) : -ENXIO;
}

/* /dev/tty: the opener's controlling terminal. */
static int ctty_open(struct inode *inode, struct file *file)
{
	struct tty *tty = current_tty_get();

	if (!tty)
		return -ENXIO;
	file->f_op = &tty_fops;
	file->f_flags |= O_NOCTTY;
	return tty_attach(tty, file, false);
}

static int console_open(struct inode *inode, struct file *file)
{
	struct tty *tty = tty_console();

	if (!tty)
		return -ENODEV;
	file->f_op = &tty_fops;
	return tty_attach(tty, file, true);
}

static int tty_release(struct inode *inode, struct file *file)
{
	struct tty_file *tf = file->private;
	struct tty *tty = tf->tty;

	mutex_lock(&tty->open_mutex);
	if (tty_uncount_open(tty, tf) && tty->ops->close)
		tty->ops->close(tty);
	mutex_unlock(&tty->open_mutex);
	kfree(tf);
	tty_put(tty);
	return 0;
}

/* ---- reading and writing ---- */

static ssize_t tty_read(struct file *file, struct iov_iter *to, loff_t *pos)
{
	if (tty_hung(file))
		return 0;
	return n_tty_read(file_tty(file), file, to);
}

static ssize_t tty_write(struct file *file, struct iov_iter *from, loff_t *pos)
{
	if (tty_hung(file))
		return -EIO;
	return n_tty_write(file_tty(file), file, from);
}

static u32 tty_poll(struct file *file, struct poll_table *pt)
{
	if (tty_hung(file))
		return EPOLLIN | EPOLLOUT | EPOLLERR | EPOLLHUP | EPOLLRDNORM | EPOLLWRNORM;
	return n_tty_poll(file_tty(file), file, pt);
}

/* Input, and the hangup: output always drains. Who is in front owns it, unless F_SETOWN says who. */
static u32 tty_async(struct file *file, u32 events, bool ask)
{
	struct tty *tty;
	pid_t pgrp;

	if (!events && !tty_hung(file) && !READ_ONCE(file->f_owner)) {
		tty = file_tty(file);
		spin_lock_irq(&tasklist_lock);
		pgrp = tty->pgrp ? tty->pgrp->nr : 0;
		spin_unlock_irq(&tasklist_lock);
		file_set_owner(file, pgrp ? -pgrp : current->proc->pid);
	}
	return events & EPOLLHUP ? EPOLLIN : events & EPOLLIN;
}

const struct file_ops tty_fops = {
	.open = tty_open, .release = tty_release, .read = tty_read, .write = tty_write,
	.poll = tty_poll, .ioctl = tty_ioctl, .async = tty_async, .llseek = no_llseek, .seek_none = true,
};
static const struct file_ops ctty_fops = { .open = ctty_open };
static const struct file_ops console_fops = { .open = console_open };

/* ---- hangup ---- */

void tty_hangup(struct tty *tty)
{
	struct tty_file *tf;
	unsigned long flags;

	spin_lock(&files_lock);
	list_for_each_entry(tf, &tty->files, link)
		if (!tf->console)
			WRITE_ONCE(tf->hung, true);
	spin_unlock(&files_lock);
	tty_session_clear(tty, SESSION_HANGUP);
	spin_lock_irqsave(&tty->lock, flags);
	n_tty_flush_input(tty);
	n_tty_flush_output(tty);
	tty->stopped = false;
	tty->termios = initial_termios(tty);
	n_tty_set_termios(tty, NULL);
	tty->generation++;
	spin_unlock_irqrestore(&tty->lock, flags);
	tty_wake_all(tty);
}

SYSCALL_DEFINE0(vhangup)
{
	struct tty *tty;

	if (!capable(CAP_SYS_TTY_CONFIG))
		return -EPERM;
	tty = current_tty_get();
	if (tty) {
		tty_hangup(tty);
		tty_put(tty);
	}
	return 0;
}

/* ---- boot ---- */

static int tty_drivers_show(struct seq_file *m, void *data)
{
	struct tty *tty;

	seq_printf(m, "%-20s /dev/%-8s %3d %7d %s\n", "/dev/tty", "tty", TTYAUX_MAJOR, 0,
		   "system:/dev/tty");
	seq_printf(m, "%-20s /dev/%-8s %3d %7d %s\n", "/dev/console", "console", TTYAUX_MAJOR, 1,
		   "system:console");
	mutex_lock(&ttys_mutex);
	list_for_each_entry(tty, &ttys, link)
		if (tty->dev)
			seq_printf(m, "%-20s /dev/%-8s %3u %7u %s\n", tty->name, tty->name,
				   MAJOR(tty->dev), MINOR(tty->dev), "serial");
	mutex_unlock(&ttys_mutex);
	if (IS_ENABLED(CONFIG_UNIX98_PTYS)) {
		seq_printf(m, "%-20s /dev/%-8s %3d %7d %s\n", "/dev/ptmx", "ptmx", TTYAUX_MAJOR,
			   2, "system");
		seq_printf(m, "%-20s /dev/%-8s %3d %7s %s\n", "pty_slave", "pts", 136, "0-1048575",
			   "pty:slave");
		seq_printf(m, "%-20s /dev/%-8s %3d %7s %s\n", "pty_master", "ptm", 128, "0-1048575",
			   "pty:master");
	}
	return 0;
}

static int __init tty_init(void)
{
	int err = chrdev_register(TTY_CTTY_DEV, 1, "/dev/tty", &ctty_fops);

	err = err ?: chrdev_register(TTY_CONSOLE_DEV, 1, "/dev/console", &console_fops);
	err = err ?: devtmpfs_add("tty", S_IFCHR | 0666, TTY_CTTY_DEV);
	err = err ?: devtmpfs_add("console", S_IFCHR | 0600, TTY_CONSOLE_DEV);
	return err ?: proc_create("tty/drivers", 0444, tty_drivers_show, NULL);
}
fs_initcall(tty_init);
