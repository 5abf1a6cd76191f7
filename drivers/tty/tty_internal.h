/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of the terminal core share. Locks and lifetime: <kernel/tty.h>.
 */
#ifndef TTY_INTERNAL_H
#define TTY_INTERNAL_H

#include <fs/fs.h>
#include <kernel/pid.h>
#include <kernel/signal.h>
#include <kernel/task.h>
#include <kernel/tty.h>

struct iov_iter;
struct poll_table;

/* An open file of a terminal: file->private. */
struct tty_file {
	struct tty      *tty;		/* counted */
	struct file     *file;
	struct list_head link;		/* files_lock */
	bool             console;	/* opened as /dev/console: no job control, no hangup */
	bool             hung;		/* set once, by a hangup */
};

static inline struct tty *file_tty(const struct file *file)
{
	return ((struct tty_file *)file->private)->tty;
}
static inline bool tty_hung(const struct file *file)
{
	return READ_ONCE(((struct tty_file *)file->private)->hung);
}

/* ---- tty.c ---- */

extern const struct file_ops tty_fops;
/* Makes `file` an open file of tty; takes over the reference on tty. 0, -EBUSY, -ENOMEM ... */
int tty_attach(struct tty *tty, struct file *file, bool console);
/* Wakes everyone who sleeps for the terminal. */
void tty_wake_all(struct tty *tty);
/* The terminals one after the other, for /proc/tty/drivers. */
extern struct mutex ttys_mutex;
extern struct list_head ttys;

/* ---- tty_job.c ---- */

/*
 * May current's group act on the terminal? 0; otherwise `sig` (SIGTTOU, SIGTTIN) went to
 * the group and -ERESTARTSYS comes back, or -EIO for an orphaned group; SIGTTOU that is
 * ignored or blocked allows, SIGTTIN then is -EIO.
 */
int tty_check_background(struct tty *tty, int sig);
/* A leader without a terminal opened a free one. */
void tty_open_ctty(struct tty *tty, struct file *file);
long tty_tiocsctty(struct tty *tty, struct file *file, int steal);
long tty_tiocnotty(struct tty *tty);
/* `any`: asked through the master, whosever terminal it is. */
long tty_tiocgpgrp(struct tty *tty, int __user *out, bool any);
long tty_tiocspgrp(struct tty *tty, const int __user *in);
long tty_tiocgsid(struct tty *tty, int __user *out, bool any);
/* The session loses its terminal; who hears of it depends on the reason. */
enum session_end {
	SESSION_HANGUP,		/* the line is lost: the leader, and its group when it ends */
	SESSION_LEADER_EXIT,	/* SIGHUP to the foreground group */
	SESSION_LET_GO,		/* the leader's TIOCNOTTY: SIGHUP and SIGCONT to that group */
};
void tty_session_clear(struct tty *tty, enum session_end why);
void tty_signal_foreground(struct tty *tty, int sig);
/* current's controlling terminal, counted, or NULL. */
struct tty *current_tty_get(void);

/* ---- tty_ioctl.c ---- */

long tty_ioctl(struct file *file, unsigned cmd, unsigned long arg);
/* Sleeps until everything written has left. 0 or -ERESTARTSYS, -EIO. */
int  tty_drain(struct tty *tty, struct file *file);

/*
 * What a master may ask of its slave `tty`: settings, window size, session and groups. `file`
 * is the master's. -ENOTTY for everything else.
 */
long tty_master_ioctl(struct tty *tty, struct file *file, unsigned cmd, unsigned long arg);

/* ---- n_tty.c, n_tty_out.c and n_tty_io.c ---- */

int     n_tty_init(struct tty *tty);		/* 0 or -ENOMEM */
void    n_tty_free(struct tty *tty);
/* tty->termios changed from `old`. tty->lock held. */
void    n_tty_set_termios(struct tty *tty, const struct ktermios *old) REQUIRES(&tty->lock);
void    n_tty_flush_input(struct tty *tty) REQUIRES(&tty->lock);
/* Drops what the driver has not taken yet. */
void    n_tty_flush_output(struct tty *tty) REQUIRES(&tty->lock);
/* Room enough again for a writer to go on. Without the lock: a guess. */
static inline bool n_tty_writable(const struct tty *tty)
{
	return ring_used(&tty->out) <= TTY_OUT_SIZE / 2 &&
	       !(READ_ONCE(tty->stopped) && (tty->flags & TTY_DRIVER_PTY));
}
/* Tells the driver of output. */
static inline void n_tty_kick(struct tty *tty) REQUIRES(&tty->lock)
{
	if (tty_tx_pending(tty) && tty->ops->start_tx)
		tty->ops->start_tx(tty);
}
/* Something a master in packet mode hears of. */
static inline void tty_packet_event(struct tty *tty, u8 what) REQUIRES(&tty->lock)
{
	if (tty->ops->packet_event)
		tty->ops->packet_event(tty, what);
}
/* Lets the driver go on if there is room again. */
void    n_tty_check_unthrottle(struct tty *tty) REQUIRES(&tty->lock);
/* Output flow control; both tell the driver. */
void    tty_stop(struct tty *tty) REQUIRES(&tty->lock);
void    tty_start(struct tty *tty) REQUIRES(&tty->lock);
/* One byte through OPOST. False: no room but for echoes (`echo` may use that too). */
bool    n_tty_out_char(struct tty *tty, u8 c, bool echo) REQUIRES(&tty->lock);
/* Writes bytes; returns how many were taken. */
size_t  n_tty_out(struct tty *tty, const u8 *bytes, size_t n) REQUIRES(&tty->lock);
ssize_t n_tty_read(struct tty *tty, struct file *file, struct iov_iter *to);
ssize_t n_tty_write(struct tty *tty, struct file *file, struct iov_iter *from);
u32     n_tty_poll(struct tty *tty, struct file *file, struct poll_table *pt);
/*
 * write(2) to either end of a line, one writer at a time: put() takes what it can of n bytes and
 * says in *err why not more. Bytes, or -EAGAIN, -EFAULT, -ERESTARTSYS or what put() said.
 */
typedef size_t (*tty_put_fn)(void *line, struct file *file, const u8 *bytes, size_t n, int *err);
ssize_t tty_write_pieces(struct mutex *writer, struct file *file, struct iov_iter *from,
			 tty_put_fn put, void *line);
/* Bytes a read could take (FIONREAD). */
u32     n_tty_readable(struct tty *tty) REQUIRES(&tty->lock);

#define T_IFLAG(tty, f) ((tty)->termios.c_iflag & (f))
#define T_OFLAG(tty, f) ((tty)->termios.c_oflag & (f))
#define T_CFLAG(tty, f) ((tty)->termios.c_cflag & (f))
#define T_LFLAG(tty, f) ((tty)->termios.c_lflag & (f))
#define T_CC(tty, i)    ((tty)->termios.c_cc[i])

/* A later byte of a UTF-8 character: takes no column of its own. */
static inline bool is_continuation(const struct tty *tty, u8 c)
{
	return T_IFLAG(tty, IUTF8) && (c & 0xc0) == 0x80;
}

#endif
