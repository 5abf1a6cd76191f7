/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * N_TTY, the line discipline: output. What a program writes (and what is echoed) goes
 * through OPOST into the queue that the driver empties; flow control is here as well.
 *
 * All of it runs under tty->lock with interrupts off.
 */
#include <fs/poll.h>
#include <lib/ctype.h>
#include "tty_internal.h"

static void put_spaces(struct tty *tty, u32 n)
{
	while (n--)
		ring_put(&tty->out, ' ');
}

bool n_tty_out_char(struct tty *tty, u8 c, bool echo)
{
	u32 reserve = echo ? 0 : TTY_ECHO_ROOM, spaces;

	if (ring_space(&tty->out) < reserve + 8)	/* a tab is the longest */
		return false;
	if (!T_OFLAG(tty, OPOST))
		return ring_put(&tty->out, c);
	switch (c) {
	case '\n':
		if (T_OFLAG(tty, ONLRET))
			tty->column = 0;
		if (T_OFLAG(tty, ONLCR)) {
			tty->column = tty->canon_column = 0;
			ring_put(&tty->out, '\r');
		}
		break;
	case '\r':
		if (T_OFLAG(tty, ONOCR) && !tty->column)
			return true;
		if (T_OFLAG(tty, OCRNL)) {
			c = '\n';
			if (T_OFLAG(tty, ONLRET))
				tty->column = tty->canon_column = 0;
			break;
		}
		tty->column = tty->canon_column = 0;
		break;
	case '\t':
		spaces = 8 - (tty->column & 7);
		tty->column += spaces;
		if (T_OFLAG(tty, TABDLY) == XTABS) {
			put_spaces(tty, spaces);
			return true;
		}
		break;
	case '\b':
		if (tty->column)
			tty->column--;
		break;
	default:
		if (iscntrl(c))
			break;
		if (T_OFLAG(tty, OLCUC))
			c = (u8)toupper(c);
		if (!is_continuation(tty, c))
			tty->column++;
	}
	return ring_put(&tty->out, c);
}

size_t n_tty_out(struct tty *tty, const u8 *bytes, size_t n)
{
	size_t i = 0;

	/* A serial line queues behind an XOFF; a pseudo terminal takes nothing, as on Linux. */
	if (tty->stopped && (tty->flags & TTY_DRIVER_PTY))
		return 0;
	if (!T_OFLAG(tty, OPOST)) {
		u32 room = ring_space(&tty->out);

		if (room > TTY_ECHO_ROOM)
			i = ring_write(&tty->out, bytes, (u32)min_t(size_t, n, room - TTY_ECHO_ROOM));
	} else {
		while (i < n && n_tty_out_char(tty, bytes[i], false))
			i++;
	}
	n_tty_kick(tty);
	return i;
}

size_t tty_tx_pull(struct tty *tty, u8 *bytes, size_t n)
{
	return ring_read(&tty->out, bytes, (u32)min_t(size_t, n, tty_tx_count(tty)));
}

void tty_tx_wakeup(struct tty *tty)
{
	if (n_tty_writable(tty))
		wake_up_common(&tty->write_wait, TASK_NORMAL, 0,
			       (void *)(unsigned long)(EPOLLOUT | EPOLLWRNORM));
}

void n_tty_flush_output(struct tty *tty)
{
	/* What a pseudo terminal's queue holds has left: it is the master's to read. */
	if (!(tty->flags & TTY_DRIVER_PTY)) {
		ring_reset(&tty->out);
		tty->stop_at = 0;
	}
	tty_packet_event(tty, TIOCPKT_FLUSHWRITE);
	tty_tx_wakeup(tty);
}

void tty_stop(struct tty *tty)
{
	if (tty->stopped)
		return;
	tty->stopped = true;
	tty->stop_at = tty->flags & TTY_DRIVER_PTY ? tty->out.head : tty->out.tail;
	tty_packet_event(tty, TIOCPKT_STOP);
}

void tty_start(struct tty *tty)
{
	if (tty->stopped)
		tty_packet_event(tty, TIOCPKT_START);
	tty->stopped = false;
	n_tty_kick(tty);
	tty_tx_wakeup(tty);
}
