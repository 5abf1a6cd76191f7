/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ioctls of terminals: settings, window size, flow control, queues, breaks, modem
 * lines. Those of job control are in tty_job.c.
 *
 * Settings come in three layouts (termio, termios, termios2), and for each there is a
 * form that acts at once (S), after the output has left (W), and that also drops unread
 * input (F). Errors as in tty_ioctl(4).
 */
#include <arch/uaccess.h>
#include <kernel/cred.h>
#include <kernel/time.h>
#include <lib/string.h>
#include "tty_internal.h"

#define DRAIN_POLL	(NSEC_PER_MSEC)		/* how often a busy transmitter is asked */
#define BREAK_TIME	(250 * NSEC_PER_MSEC)

int tty_drain(struct tty *tty, struct file *file)
{
	int err;

	if (tty->flags & TTY_DRIVER_PTY)	/* `file` may be the master's */
		return 0;
	err = wait_event_interruptible(&tty->write_wait, ring_empty(&tty->out) || tty_hung(file));
	while (!err && !tty_hung(file) && tty->ops->tx_empty && !tty->ops->tx_empty(tty)) {
		set_current_state(TASK_INTERRUPTIBLE);
		schedule_timeout(DRAIN_POLL);
		if (signal_pending(current))
			err = -ERESTARTSYS;
	}
	return err ? err : tty_hung(file) ? -EIO : 0;
}

/* ---- settings ---- */

static const u32 speeds[] = {
	0, 50, 75, 110, 134, 150, 200, 300, 600, 1200, 1800, 2400, 4800, 9600, 19200, 38400,
};
static const u32 high_speeds[] = {	/* from BOTHER | 1 on */
	57600, 115200, 230400, 460800, 500000, 576000, 921600, 1000000, 1152000, 1500000,
	2000000, 2500000, 3000000, 3500000, 4000000,
};

/* The speed a CBAUD code means; `other` for BOTHER. */
static u32 speed_of(u32 code, u32 other)
{
	code &= CBAUD;
	if (code == BOTHER)
		return other;
	if (code & CBAUDEX) {
		code = (code & ~(u32)CBAUDEX) - 1;
		return code < ARRAY_SIZE(high_speeds) ? high_speeds[code] : 9600;
	}
	return speeds[code];
}

enum layout { TERMIO, TERMIOS, TERMIOS2 };

static int settings_from_user(struct ktermios *t, const void __user *arg, enum layout layout)
{
	struct termio old;

	switch (layout) {
	case TERMIO:
		if (copy_from_user(&old, arg, sizeof(old)))
			return -EFAULT;
		t->c_iflag = (t->c_iflag & 0xffff0000u) | old.c_iflag;
		t->c_oflag = (t->c_oflag & 0xffff0000u) | old.c_oflag;
		t->c_cflag = (t->c_cflag & 0xffff0000u) | old.c_cflag;
		t->c_lflag = (t->c_lflag & 0xffff0000u) | old.c_lflag;
		t->c_line = old.c_line;
		memcpy(t->c_cc, old.c_cc, NCC);
		break;
	case TERMIOS:
		if (copy_from_user(t, arg, sizeof(struct termios)))
			return -EFAULT;
		break;
	case TERMIOS2:
		if (copy_from_user(t, arg, sizeof(struct termios2)))
			return -EFAULT;
		break;
	}
	t->c_ospeed = speed_of(t->c_cflag, t->c_ospeed);
	t->c_ispeed = t->c_cflag & CIBAUD ? speed_of(t->c_cflag >> IBSHIFT, t->c_ispeed) : t->c_ospeed;
	return 0;
}

static int settings_to_user(const struct ktermios *t, void __user *arg, enum layout layout)
{
	struct termio old;
	size_t left = 0;

	switch (layout) {
	case TERMIO:
		memset(&old, 0, sizeof(old));
		old.c_iflag = (u16)t->c_iflag;
		old.c_oflag = (u16)t->c_oflag;
		old.c_cflag = (u16)t->c_cflag;
		old.c_lflag = (u16)t->c_lflag;
		old.c_line = t->c_line;
		memcpy(old.c_cc, t->c_cc, NCC);
		left = copy_to_user(arg, &old, sizeof(old));
		break;
	case TERMIOS:
		left = copy_to_user(arg, t, sizeof(struct termios));
		break;
	case TERMIOS2:
		left = copy_to_user(arg, t, sizeof(struct termios2));
		break;
	}
	return left ? -EFAULT : 0;
}

static long get_settings(struct tty *tty, void __user *arg, enum layout layout)
{
	struct ktermios t;

	mutex_lock(&tty->ldisc_mutex);
	t = tty->termios;
	mutex_unlock(&tty->ldisc_mutex);
	return settings_to_user(&t, arg, layout);
}

#define KEEP(field) (new->field = (new->field & ~lock->field) | (old->field & lock->field))

/* What TIOCSLCKTRMIOS locked stays as it was: bits, and whole characters. */
static void keep_locked(struct ktermios *new, const struct ktermios *old, const struct ktermios *lock)
{
	KEEP(c_iflag);
	KEEP(c_oflag);
	KEEP(c_cflag);
	KEEP(c_lflag);
	for (unsigned i = 0; i < NCCS; i++)
		if (lock->c_cc[i])
			new->c_cc[i] = old->c_cc[i];
}

static long get_locked(struct tty *tty, void __user *arg)
{
	struct ktermios t;

	mutex_lock(&tty->ldisc_mutex);
	t = tty->locked;
	mutex_unlock(&tty->ldisc_mutex);
	return settings_to_user(&t, arg, TERMIOS);
}

static long set_locked(struct tty *tty, const void __user *arg)
{
	struct ktermios new = { 0 };

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (copy_from_user(&new, arg, sizeof(struct termios)))
		return -EFAULT;
	mutex_lock(&tty->ldisc_mutex);
	tty->locked = new;
	mutex_unlock(&tty->ldisc_mutex);
	return 0;
}

static long set_settings(struct tty *tty, struct file *file, const void __user *arg,
			 enum layout layout, bool drain, bool flush)
{
	struct ktermios new, old;
	int err = tty_check_background(tty, SIGTTOU);

	if (err)
		return err;
	mutex_lock(&tty->ldisc_mutex);
	new = tty->termios;
	mutex_unlock(&tty->ldisc_mutex);
	err = settings_from_user(&new, arg, layout);
	if (err)
		return err;
	if (drain) {
		err = tty_drain(tty, file);
		if (err)
			return err;
	}
	mutex_lock(&tty->ldisc_mutex);
	spin_lock_irq(&tty->lock);
	if (flush)
		n_tty_flush_input(tty);
	old = tty->termios;
	new.c_line = old.c_line;		/* TIOCSETD's business */
	keep_locked(&new, &old, &tty->locked);
	tty->termios = new;
	if (tty->ops->set_termios)
		tty->ops->set_termios(tty, &old);
	n_tty_set_termios(tty, &old);
	spin_unlock_irq(&tty->lock);
	mutex_unlock(&tty->ldisc_mutex);
	/* Readers judge by the new rules. */
	wake_up_common(&tty->read_wait, TASK_NORMAL, 0, NULL);
	return 0;
}

static long set_winsize(struct tty *tty, const void __user *arg)
{
	struct winsize ws;
	bool changed;

	if (copy_from_user(&ws, arg, sizeof(ws)))
		return -EFAULT;
	mutex_lock(&tty->ldisc_mutex);
	changed = memcmp(&ws, &tty->winsize, sizeof(ws));
	tty->winsize = ws;
	mutex_unlock(&tty->ldisc_mutex);
	if (changed)
		tty_signal_foreground(tty, SIGWINCH);
	return 0;
}

static long get_winsize(struct tty *tty, void __user *arg)
{
	struct winsize ws;

	mutex_lock(&tty->ldisc_mutex);
	ws = tty->winsize;
	mutex_unlock(&tty->ldisc_mutex);
	return copy_to_user(arg, &ws, sizeof(ws)) ? -EFAULT : 0;
}

/* ---- queues and flow ---- */

static long flush_queues(struct tty *tty, unsigned long which)
{
	int err = tty_check_background(tty, SIGTTOU);

	if (err)
		return err;
	if (which != TCIFLUSH && which != TCOFLUSH && which != TCIOFLUSH)
		return -EINVAL;
	spin_lock_irq(&tty->lock);
	if (which != TCOFLUSH)
		n_tty_flush_input(tty);
	if (which != TCIFLUSH)
		n_tty_flush_output(tty);
	spin_unlock_irq(&tty->lock);
	return 0;
}

static long flow_control(struct tty *tty, unsigned long what)
{
	int err = tty_check_background(tty, SIGTTOU);

	if (err)
		return err;
	spin_lock_irq(&tty->lock);
	switch (what) {
	case TCOOFF:
		tty_stop(tty);
		break;
	case TCOON:
		tty_start(tty);
		break;
	case TCIOFF:
	case TCION:
		if (tty->ops->send_xchar && T_CC(tty, what == TCIOFF ? VSTOP : VSTART))
			tty->ops->send_xchar(tty, T_CC(tty, what == TCIOFF ? VSTOP : VSTART));
		break;
	default:
		err = -EINVAL;
	}
	spin_unlock_irq(&tty->lock);
	return err;
}

static long queued(struct tty *tty, int __user *out, bool input)
{
	u32 n;

	spin_lock_irq(&tty->lock);
	n = input ? n_tty_readable(tty) : tty->flags & TTY_DRIVER_PTY ? 0 : ring_used(&tty->out);
	spin_unlock_irq(&tty->lock);
	return put_user((int)n, out);
}

static long fake_input(struct tty *tty, const char __user *arg)
{
	u8 c;

	if (READ_ONCE(current->proc->tty) != tty && !capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (get_user(c, (const u8 __user *)arg))
		return -EFAULT;
	tty_receive(tty, &c, NULL, 1);
	return 0;
}

/* A break of `ns`, after what was written. */
static long send_break(struct tty *tty, struct file *file, nsec_t ns)
{
	int err = tty_check_background(tty, SIGTTOU);

	if (!err)
		err = tty_drain(tty, file);
	if (err || !tty->ops->break_ctl || !ns)
		return err;
	err = tty->ops->break_ctl(tty, true);
	if (err)
		return err;
	set_current_state(TASK_INTERRUPTIBLE);
	schedule_timeout(ns);
	tty->ops->break_ctl(tty, false);
	return signal_pending(current) ? -EINTR : 0;
}

static long switch_break(struct tty *tty, bool on)
{
	return tty->ops->break_ctl ? tty->ops->break_ctl(tty, on) : 0;
}

static long modem_lines(struct tty *tty, unsigned cmd, unsigned __user *arg)
{
	unsigned bits, known = TIOCM_DTR | TIOCM_RTS | TIOCM_OUT1 | TIOCM_OUT2 | TIOCM_LOOP;

	if (!tty->ops->get_mctrl || !tty->ops->set_mctrl)
		return -ENOTTY;
	if (cmd == TIOCMGET) {
		int lines = tty->ops->get_mctrl(tty);

		return lines < 0 ? lines : put_user((unsigned)lines, arg);
	}
	if (get_user(bits, arg))
		return -EFAULT;
	bits &= known;
	switch (cmd) {
	case TIOCMBIS:
		return tty->ops->set_mctrl(tty, bits, 0);
	case TIOCMBIC:
		return tty->ops->set_mctrl(tty, 0, bits);
	default:
		return tty->ops->set_mctrl(tty, bits, known & ~bits);
	}
}

static long set_exclusive(struct tty *tty, bool on)
{
	WRITE_ONCE(tty->exclusive, on);
	return 0;
}

/* Only N_TTY (0) exists. */
static long set_discipline(const int __user *arg)
{
	int disc;

	if (get_user(disc, arg))
		return -EFAULT;
	return disc == 0 ? 0 : -EINVAL;
}

static long soft_carrier(struct tty *tty, unsigned cmd, int __user *arg)
{
	int on;

	if (cmd == TIOCGSOFTCAR)
		return put_user(T_CFLAG(tty, CLOCAL) ? 1 : 0, arg);
	if (get_user(on, arg))
		return -EFAULT;
	mutex_lock(&tty->ldisc_mutex);
	spin_lock_irq(&tty->lock);
	tty->termios.c_cflag = on ? tty->termios.c_cflag | CLOCAL : tty->termios.c_cflag & ~(u32)CLOCAL;
	spin_unlock_irq(&tty->lock);
	mutex_unlock(&tty->ldisc_mutex);
	return 0;
}

static long settings_ioctl(struct tty *tty, struct file *file, unsigned cmd, void __user *arg)
{
	switch (cmd) {
	case TCGETS:
		return get_settings(tty, arg, TERMIOS);
	case TCGETS2:
		return get_settings(tty, arg, TERMIOS2);
	case TCGETA:
		return get_settings(tty, arg, TERMIO);
	case TIOCGLCKTRMIOS:
		return get_locked(tty, arg);
	case TIOCSLCKTRMIOS:
		return set_locked(tty, arg);
	case TCSETS:
		return set_settings(tty, file, arg, TERMIOS, false, false);
	case TCSETSW:
		return set_settings(tty, file, arg, TERMIOS, true, false);
	case TCSETSF:
		return set_settings(tty, file, arg, TERMIOS, true, true);
	case TCSETS2:
		return set_settings(tty, file, arg, TERMIOS2, false, false);
	case TCSETSW2:
		return set_settings(tty, file, arg, TERMIOS2, true, false);
	case TCSETSF2:
		return set_settings(tty, file, arg, TERMIOS2, true, true);
	case TCSETA:
		return set_settings(tty, file, arg, TERMIO, false, false);
	case TCSETAW:
		return set_settings(tty, file, arg, TERMIO, true, false);
	case TCSETAF:
		return set_settings(tty, file, arg, TERMIO, true, true);
	default:
		return -ENOIOCTLCMD;
	}
}

static long job_ioctl(struct tty *tty, struct file *file, unsigned cmd, unsigned long arg)
{
	switch (cmd) {
	case TIOCSCTTY:
		return tty_tiocsctty(tty, file, (int)arg);
	case TIOCNOTTY:
		return tty_tiocnotty(tty);
	case TIOCGPGRP:
		return tty_tiocgpgrp(tty, (int __user *)arg, false);
	case TIOCSPGRP:
		return tty_tiocspgrp(tty, (const int __user *)arg);
	case TIOCGSID:
		return tty_tiocgsid(tty, (int __user *)arg, false);
	case TIOCVHANGUP:
		if (!capable(CAP_SYS_ADMIN))
			return -EPERM;
		tty_hangup(tty);
		return 0;
	default:
		return -ENOIOCTLCMD;
	}
}

static long line_ioctl(struct tty *tty, struct file *file, unsigned cmd, unsigned long arg)
{
	void __user *p = (void __user *)arg;

	switch (cmd) {
	case TIOCGWINSZ:
		return get_winsize(tty, p);
	case TIOCSWINSZ:
		return set_winsize(tty, p);
	case TCFLSH:
		return flush_queues(tty, arg);
	case TCXONC:
		return flow_control(tty, arg);
	case TIOCINQ:
		return queued(tty, p, true);
	case TIOCOUTQ:
		return queued(tty, p, false);
	case TIOCSTI:
		return fake_input(tty, p);
	case TCSBRK:
		return send_break(tty, file, arg ? 0 : BREAK_TIME);
	case TCSBRKP:
		return send_break(tty, file, arg ? (nsec_t)(u32)arg * 100 * NSEC_PER_MSEC : BREAK_TIME);
	case TIOCSBRK:
		return switch_break(tty, true);
	case TIOCCBRK:
		return switch_break(tty, false);
	case TIOCMGET:
	case TIOCMSET:
	case TIOCMBIS:
	case TIOCMBIC:
		return modem_lines(tty, cmd, p);
	case TIOCEXCL:
	case TIOCNXCL:
		return set_exclusive(tty, cmd == TIOCEXCL);
	case TIOCGEXCL:
		return put_user(READ_ONCE(tty->exclusive) ? 1 : 0, (int __user *)p);
	case TIOCGETD:
		return put_user(0, (int __user *)p);
	case TIOCSETD:
		return set_discipline(p);
	case TIOCGDEV:
		return put_user((unsigned)dev_encode(tty->dev), (unsigned __user *)p);
	case TIOCGSOFTCAR:
	case TIOCSSOFTCAR:
		return soft_carrier(tty, cmd, p);
	case TIOCLINUX:
		return -EINVAL;
	case TIOCGPTPEER:
		return -EIO;			/* for masters */
	default:
		return -ENOTTY;
	}
}

long tty_ioctl(struct file *file, unsigned cmd, unsigned long arg)
{
	struct tty *tty = file_tty(file);
	long ret;

	if (tty_hung(file))
		return cmd == TIOCSPGRP ? -ENOTTY : -EIO;
	ret = settings_ioctl(tty, file, cmd, (void __user *)arg);
	if (ret == -ENOIOCTLCMD)
		ret = job_ioctl(tty, file, cmd, arg);
	if (ret == -ENOIOCTLCMD)
		ret = line_ioctl(tty, file, cmd, arg);
	return ret;
}

long tty_master_ioctl(struct tty *tty, struct file *file, unsigned cmd, unsigned long arg)
{
	long ret = settings_ioctl(tty, file, cmd, (void __user *)arg);

	if (ret != -ENOIOCTLCMD)
		return ret;
	switch (cmd) {
	case TIOCSCTTY:
	case TIOCSPGRP:
		return job_ioctl(tty, file, cmd, arg);
	case TIOCGPGRP:
		return tty_tiocgpgrp(tty, (int __user *)arg, true);
	case TIOCGSID:
		return tty_tiocgsid(tty, (int __user *)arg, true);
	case TIOCGWINSZ:
	case TIOCSWINSZ:
	case TIOCGDEV:
	case TIOCGETD:
	case TIOCSETD:
		return line_ioctl(tty, file, cmd, arg);
	default:
		return -ENOTTY;
	}
}
