/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * N_TTY, the line discipline: read, write and poll in task context.
 *
 * User memory may fault and sleep, the queues are under a spinlock: so bytes go through a
 * small buffer on the stack. read_mutex makes one reader's line or block come out whole,
 * write_mutex one writer's text.
 */
#include <fs/poll.h>
#include <fs/uio.h>
#include <kernel/time.h>
#include <lib/bitops.h>
#include <lib/string.h>
#include "tty_internal.h"

#define MASK	(TTY_BUF_SIZE - 1)
#define CHUNK	256

/* Is there anything for a reader? Without the lock: a guess, tested again under it. */
static inline bool input_ready(const struct tty *tty, u32 at_least)
{
	u32 tail = READ_ONCE(tty->tail);

	if (T_LFLAG(tty, ICANON))
		return READ_ONCE(tty->canon) != tail;
	return READ_ONCE(tty->head) - tail >= at_least;
}

/* From a finished line: at most `want` bytes; *ends if the line (or an EOF) was finished. */
static size_t take_line(struct tty *tty, u8 *out, size_t want, bool *ends) REQUIRES(&tty->lock)
{
	size_t n = 0;

	while (tty->tail != tty->canon) {
		u32 at = tty->tail & MASK;
		u8 c = tty->buf[at];
		bool eol = tty->eol[BIT_WORD(at)] & BIT_MASK(at);

		/* A full buffer takes the EOF behind it along, but no more bytes. */
		if (n == want && !(eol && !c))
			break;
		tty->tail++;
		if (!eol) {
			out[n++] = c;
			continue;
		}
		tty->eol[BIT_WORD(at)] &= ~BIT_MASK(at);
		if (c)
			out[n++] = c;
		*ends = true;
		break;
	}
	return n;
}

static size_t take_raw(struct tty *tty, u8 *out, size_t want) REQUIRES(&tty->lock)
{
	size_t n = 0;

	while (n < want && tty->tail != tty->head)
		out[n++] = tty->buf[tty->tail++ & MASK];
	return n;
}

/* How a read in raw mode ends: VMIN and VTIME, see termios(3). */
struct raw_rule {
	u32    min;		/* bytes to wait for */
	nsec_t timeout;		/* for the next byte; NSEC_MAX for ever */
	nsec_t interbyte;	/* timeout once there is a byte */
};

static struct raw_rule raw_rule(const struct tty *tty)
{
	u32 min = T_CC(tty, VMIN);
	nsec_t time = (nsec_t)T_CC(tty, VTIME) * (NSEC_PER_SEC / 10);

	if (T_LFLAG(tty, ICANON))
		return (struct raw_rule){ 1, NSEC_MAX, NSEC_MAX };
	if (min)
		return (struct raw_rule){ min, NSEC_MAX, time ? time : NSEC_MAX };
	return (struct raw_rule){ 1, time, time };
}

/* Moves what is there. Bytes; *ends: a line or EOF was finished; -EFAULT. */
static ssize_t take(struct tty *tty, struct iov_iter *to, bool *ends)
{
	bool canon = T_LFLAG(tty, ICANON);
	ssize_t done = 0;
	u8 chunk[CHUNK];

	while (iov_iter_count(to) && !*ends) {
		size_t want = min_t(size_t, iov_iter_count(to), CHUNK), n;

		spin_lock_irq(&tty->lock);
		n = canon ? take_line(tty, chunk, want, ends) : take_raw(tty, chunk, want);
		n_tty_check_unthrottle(tty);
		spin_unlock_irq(&tty->lock);
		if (!n)
			break;
		if (copy_to_iter(chunk, n, to) != n)
			return done ? done : -EFAULT;
		done += (ssize_t)n;
	}
	/* A line longer than what was asked for ends this read as well. */
	if (canon && done)
		*ends = true;
	return done;
}

/* Sleeps for input. 0, -ERESTARTSYS, or -ETIME. */
static int wait_input(struct tty *tty, struct file *file, nsec_t timeout)
{
	return wait_event_interruptible_timeout(&tty->read_wait,
						input_ready(tty, 1) || tty_hung(file), timeout);
}

static ssize_t read_locked(struct tty *tty, struct file *file, struct iov_iter *to)
{
	struct raw_rule rule = raw_rule(tty);
	ssize_t done = 0;
	bool ends = false;
	int err;

	for (;;) {
		ssize_t n = take(tty, to, &ends);

		if (n < 0)
			return done ? done : n;
		done += n;
		if (n)
			rule.timeout = rule.interbyte;
		if (ends || !iov_iter_count(to) || done >= (ssize_t)rule.min)
			return done;
		if (tty_hung(file))
			return done || !READ_ONCE(tty->gone) ? done : -EIO;
		if (!rule.timeout)
			return done;
		if (file->f_flags & O_NONBLOCK)
			return done ? done : -EAGAIN;
		err = wait_input(tty, file, rule.timeout);
		if (err == -ETIME)
			return done;
		if (err)
			return done ? done : err;
	}
}

ssize_t n_tty_read(struct tty *tty, struct file *file, struct iov_iter *to)
{
	const struct tty_file *tf = file->private;
	ssize_t ret;

	if (!iov_iter_count(to))
		return 0;
	if (!tf->console) {
		ret = tty_check_background(tty, SIGTTIN);
		if (ret)
			return ret;
	}
	if (file->f_flags & O_NONBLOCK) {
		if (!mutex_trylock(&tty->read_mutex))
			return -EAGAIN;
	} else {
		ret = mutex_lock_interruptible(&tty->read_mutex);
		if (ret)
			return ret;
	}
	ret = read_locked(tty, file, to);
	mutex_unlock(&tty->read_mutex);
	return ret;
}

/* ---- writing ---- */

static int wait_output(struct tty *tty, struct file *file)
{
	return wait_event_interruptible(&tty->write_wait, n_tty_writable(tty) || tty_hung(file));
}

/* All n bytes, unless a signal, a hangup or O_NONBLOCK ends it. Bytes taken; *err tells why fewer. */
static size_t write_chunk(void *line, struct file *file, const u8 *chunk, size_t n, int *err)
{
	struct tty *tty = line;
	size_t done = 0;

	*err = 0;
	for (;;) {
		if (tty_hung(file)) {
			*err = -EIO;
			return done;
		}
		spin_lock_irq(&tty->lock);
		done += n_tty_out(tty, chunk + done, n - done);
		spin_unlock_irq(&tty->lock);
		if (done == n)
			return done;
		if (file->f_flags & O_NONBLOCK)
			*err = -EAGAIN;
		else
			*err = wait_output(tty, file);
		if (*err)
			return done;
	}
}

static ssize_t write_pieces(struct file *file, struct iov_iter *from, tty_put_fn put, void *line)
{
	ssize_t done = 0;
	u8 chunk[CHUNK];
	int err = 0;

	while (iov_iter_count(from) && !err) {
		size_t want = min_t(size_t, iov_iter_count(from), CHUNK);
		size_t n = copy_from_iter(chunk, want, from);

		if (n)
			done += (ssize_t)put(line, file, chunk, n, &err);
		if (n < want && !err)
			err = -EFAULT;
		if (!err && signal_pending(current) && iov_iter_count(from))
			err = -ERESTARTSYS;
	}
	return done ? done : err;
}

ssize_t tty_write_pieces(struct mutex *writer, struct file *file, struct iov_iter *from,
			 tty_put_fn put, void *line)
{
	ssize_t ret;

	if (file->f_flags & O_NONBLOCK) {
		if (!mutex_trylock(writer))
			return -EAGAIN;
	} else {
		ret = mutex_lock_interruptible(writer);
		if (ret)
			return ret;
	}
	ret = write_pieces(file, from, put, line);
	mutex_unlock(writer);
	return ret;
}

ssize_t n_tty_write(struct tty *tty, struct file *file, struct iov_iter *from)
{
	const struct tty_file *tf = file->private;
	ssize_t ret;

	if (T_LFLAG(tty, TOSTOP) && !tf->console) {
		ret = tty_check_background(tty, SIGTTOU);
		if (ret)
			return ret;
	}
	return tty_write_pieces(&tty->write_mutex, file, from, write_chunk, tty);
}

u32 n_tty_poll(struct tty *tty, struct file *file, struct poll_table *pt)
{
	/* Without a time limit, poll promises what a read would wait for. */
	u32 min = !T_CC(tty, VTIME) && T_CC(tty, VMIN) ? T_CC(tty, VMIN) : 1, mask = 0;

	poll_wait(file, &tty->read_wait, pt);
	poll_wait(file, &tty->write_wait, pt);
	if (input_ready(tty, min))
		mask |= EPOLLIN | EPOLLRDNORM;
	if (n_tty_writable(tty))
		mask |= EPOLLOUT | EPOLLWRNORM;
	return mask;
}
