/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Terminals: the core (drivers/tty/) between a driver, the line discipline and the
 * processes of a session.
 *
 * A driver makes a struct tty with tty_create(), gives it input with tty_receive() and
 * takes output with tty_tx_pull() when its start_tx() op was called. The core keeps both
 * queues, edits lines, echoes, sends signals and does job control. A pseudo terminal is a
 * driver whose other end is a file, the master: it writes by tty_receive() and reads the
 * output queue itself (drivers/tty/pty.c). So what is in that queue has left the terminal.
 *
 * Locks, outermost first:
 *	tty->read_mutex        one reader at a time
 *	tty->write_mutex       one writer at a time
 *	tty->ldisc_mutex       termios changes, window size
 *	tasklist_lock          session and foreground group; with IRQs off
 *	proc->siglock          proc->tty
 *	tty->lock              queues, termios, flow control; with IRQs off, a driver's op inside
 *	wait queue locks
 * Signals to a group take tasklist_lock, so they are sent after tty->lock is dropped.
 *
 * Lifetime: a tty has one reference from its driver, one for each open file and one for
 * each process that has it as controlling terminal.
 */
#ifndef KERNEL_TTY_H
#define KERNEL_TTY_H

#include <lib/list.h>
#include <lib/ring.h>
#include <lib/types.h>
#include <arch/atomic.h>
#include <kernel/mutex.h>
#include <kernel/spinlock.h>
#include <kernel/wait.h>
#include <asm/termbits.h>
#include <asm/termios.h>

struct tty;
struct process;
struct pid;
struct console;
struct file_ops;

#define TTY_BUF_SIZE	4096u		/* N_TTY's line and read buffer */
#define TTY_OUT_SIZE	4096u
#define TTY_ECHO_ROOM	256u		/* of the output queue, left for echoes */

/* Flags beside a received byte. */
#define TTY_NORMAL	0
#define TTY_BREAK	1
#define TTY_FRAME	2
#define TTY_PARITY	3
#define TTY_OVERRUN	4

/* What a driver does. Missing ops do nothing. */
struct tty_ops {
	/* First open and last close. Task context, may sleep. 0 or -errno. */
	int  (*open)(struct tty *tty);
	void (*close)(struct tty *tty);
	/* There is something for tty_tx_pull(). tty->lock held. */
	void (*start_tx)(struct tty *tty);
	/* An XON or XOFF to send before anything queued. tty->lock held. */
	void (*send_xchar)(struct tty *tty, u8 c);
	/* Input is (not) wanted: the read buffer is full, or has room again. tty->lock held. */
	void (*throttle)(struct tty *tty);
	void (*unthrottle)(struct tty *tty);
	/* tty->termios changed; `old` is what it was. May correct it. tty->lock held. */
	void (*set_termios)(struct tty *tty, const struct ktermios *old);
	/* Start or end a break. Task context. 0 or -errno. */
	int  (*break_ctl)(struct tty *tty, bool on);
	/* The hardware has sent everything it was given. Any context. */
	bool (*tx_empty)(struct tty *tty);
	/* Modem lines TIOCM_*; without these ops TIOCMGET is EINVAL. Task context. */
	int  (*get_mctrl)(struct tty *tty);
	int  (*set_mctrl)(struct tty *tty, unsigned set, unsigned clear);
	/* A TIOCPKT_* event, see tty_ioctl(4). tty->lock held. */
	void (*packet_event)(struct tty *tty, u8 what);
	/* The last reference is gone: free what tty->driver_data is. */
	void (*free)(struct tty *tty);
};

/* A pseudo terminal: without a node of ours, not hung up when its leader ends. */
#define TTY_DRIVER_PTY	1u

/*
 * Locks:  l  tty->lock          m  ldisc_mutex          t  tasklist_lock
 *         i  constant           f  files_lock (tty.c)   a  atomic
 */
struct tty {
	refcount_t		refs;		/* a */
	const char		*name;		/* i  "ttyAMA0" */
	dev_t			dev;		/* i */
	u32			flags;		/* i  TTY_DRIVER_* */
	const struct tty_ops	*ops;		/* i */
	void			*driver_data;	/* i */
	struct list_head	link;		/* f  all ttys */
	struct list_head	files;		/* f  struct tty_file.link */
	unsigned		opens;		/* f  open files */
	bool			exclusive;	/* f  TIOCEXCL */
	bool			gone;		/* f  its driver went away: no more opens */
	struct mutex		open_mutex;	/* serialises first open and last close */

	struct pid		*session;	/* t  one use of the number */
	struct pid		*pgrp;		/* t  the foreground group, one use */

	struct mutex		read_mutex;
	struct mutex		ldisc_mutex;
	struct mutex		write_mutex;
	spinlock_t		lock;
	struct ktermios		termios;	/* l to write (and m), l or m to read */
	struct ktermios		locked;		/* m  bits and characters that may not change */
	struct winsize		winsize;	/* m */
	struct wait_queue	read_wait;	/* input, or hangup */
	struct wait_queue	write_wait;	/* room, drained, or hangup */

	/* Output. */
	struct ring		out;		/* l */
	u32			column;		/* l  of the cursor, for tabs and erasing */
	bool			stopped;	/* l  XOFF or TCOOFF: send nothing */
	u32			stop_at;	/* l  ... from this position of `out` on */
	u32			generation;	/* l  of hangups */

	/* Input: the line discipline's. Indices run freely, positions modulo the size. */
	u8			*buf;		/* i  TTY_BUF_SIZE bytes */
	unsigned long		*eol;		/* l  bit set: a line ends with this byte */
	u32			head;		/* l  next byte to come */
	u32			canon;		/* l  behind the last finished line */
	u32			tail;		/* l  next byte to read */
	u32			canon_column;	/* l  column at which the line began */
	bool			lnext;		/* l  the next byte is literal */
	bool			erasing;	/* l  inside a \.../ echo (ECHOPRT) */
	bool			throttled;	/* l  the driver was told to hold back */
	bool			sent_xoff;	/* l  IXOFF or TCIOFF: the other side was told */
	u8			pending_sigs;	/* l  TTY_SIG_* to send after the lock is dropped */
};

/*
 * A terminal for device number `dev`, with default settings, and, but for TTY_DRIVER_PTY, its
 * node in /dev. `name` must last. ERR_PTR(-ENOMEM, -EBUSY). Task context.
 */
struct tty *tty_create(const char *name, dev_t dev, const struct tty_ops *ops, void *data,
		       u32 flags);
/* The driver goes away: no more opens (EIO), hang up, and drop its reference. */
void tty_destroy(struct tty *tty);
/* The terminal named by console= (or the first one) becomes /dev/console. */
struct tty *tty_console(void);
/* Did console= name this terminal? True also if there was no console= at all. */
bool tty_wanted_console(const char *name);

static inline void tty_get(struct tty *tty)
{
	refcount_inc(&tty->refs);
}
/* Task context: the last one frees. */
void tty_put(struct tty *tty);

/*
 * Input of n bytes; flags (may be NULL: all TTY_NORMAL) has a TTY_* for each. Returns how
 * many were taken; fewer means throttle() was called. Any context, tty->lock not held.
 */
size_t tty_receive(struct tty *tty, const u8 *bytes, const u8 *flags, size_t n);
/* Bytes the discipline would take now. tty->lock held or not. */
size_t tty_receive_room(const struct tty *tty);
/* Takes up to n bytes of output. tty->lock held. */
size_t tty_tx_pull(struct tty *tty, u8 *bytes, size_t n) REQUIRES(&tty->lock);
/* Bytes of output to send now. tty->lock held; without it a guess. */
static inline u32 tty_tx_count(const struct tty *tty)
{
	return READ_ONCE(tty->stopped) ? tty->stop_at - tty->out.tail : ring_used(&tty->out);
}
static inline bool tty_tx_pending(const struct tty *tty)
{
	return tty_tx_count(tty);
}
/* The driver took bytes: wakes writers if there is room enough again. tty->lock held. */
void tty_tx_wakeup(struct tty *tty) REQUIRES(&tty->lock);

/* Every open file of the terminal gets EOF and EIO; the session loses it. Task context. */
void tty_hangup(struct tty *tty);
/* The last thread of `proc` is gone: drops its terminal, and ends the session of a leader. */
void tty_session_exit(struct process *proc);
/* For /proc/PID/stat: device number and foreground group, 0 and -1 without a terminal. */
void tty_of_process(struct process *proc, dev_t *dev, pid_t *pgrp);

#endif
