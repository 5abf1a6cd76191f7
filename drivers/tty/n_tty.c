/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * N_TTY, the line discipline: what happens to each byte that arrives: line editing, echo,
 * signals. POSIX's "General Terminal Interface" and termios(3) are the specification;
 * Linux's choices where they leave one. Output is in n_tty_out.c.
 *
 * The read buffer holds, from the oldest: finished lines (up to `canon`), then the line
 * being edited (up to `head`). A bit in `eol` marks the last byte of a line; an EOF is a
 * zero byte with that mark. In raw mode there are no lines, and `canon` stays behind.
 *
 * All of it runs under tty->lock with interrupts off, mostly inside the driver's
 * interrupt: no sleeping, no tasklist_lock (signals are noted and sent afterwards).
 */
#include <fs/poll.h>
#include <lib/bitmap.h>
#include <lib/bitops.h>
#include <lib/ctype.h>
#include <lib/string.h>
#include <mm/slab.h>
#include "tty_internal.h"

#define MASK		(TTY_BUF_SIZE - 1)
#define XOFF_ROOM	256u		/* IXOFF: stop the sender when less is free */
#define XON_ROOM	(TTY_BUF_SIZE / 2)

#define SIG_BIT_INT	1u
#define SIG_BIT_QUIT	2u
#define SIG_BIT_TSTP	4u

enum erase_kind { ERASE_CHAR, ERASE_WORD, ERASE_LINE };

int n_tty_init(struct tty *tty)
{
	u8 *out = kmalloc(TTY_OUT_SIZE, GFP_KERNEL);

	tty->buf = kmalloc(TTY_BUF_SIZE, GFP_KERNEL);
	tty->eol = kzalloc(bitmap_bytes(TTY_BUF_SIZE), GFP_KERNEL);
	if (!out || !tty->buf || !tty->eol) {
		kfree(out);
		kfree(tty->buf);
		kfree(tty->eol);
		return -ENOMEM;
	}
	ring_init(&tty->out, out, TTY_OUT_SIZE);
	return 0;
}

void n_tty_free(struct tty *tty)
{
	kfree(tty->out.buf);
	kfree(tty->buf);
	kfree(tty->eol);
}

static inline bool eol_at(const struct tty *tty, u32 i)
{
	return tty->eol[BIT_WORD(i & MASK)] & BIT_MASK(i & MASK);
}
static inline void set_eol(struct tty *tty, u32 i)
{
	tty->eol[BIT_WORD(i & MASK)] |= BIT_MASK(i & MASK);
}

/* Is c the special character i (and is that enabled)? */
static inline bool cc_is(const struct tty *tty, int i, u8 c)
{
	return c && T_CC(tty, i) == c;
}

/* ---- echo ---- */

static void echo_raw(struct tty *tty, u8 c) REQUIRES(&tty->lock)
{
	n_tty_out_char(tty, c, true);
}

/* With ECHOCTL, a control character as ^X. */
static void echo_char(struct tty *tty, u8 c) REQUIRES(&tty->lock)
{
	if (T_LFLAG(tty, ECHOCTL) && iscntrl(c) && c != '\t') {
		echo_raw(tty, '^');
		echo_raw(tty, c ^ 0100);
	} else {
		echo_raw(tty, c);
	}
}

/* Ends the \.../ of ECHOPRT. */
static void end_erasing(struct tty *tty) REQUIRES(&tty->lock)
{
	if (tty->erasing) {
		echo_raw(tty, '/');
		tty->erasing = false;
	}
}

static void echo_string(struct tty *tty, const char *s) REQUIRES(&tty->lock)
{
	while (*s)
		echo_raw(tty, (u8)*s++);
}

/* Columns that the bytes from the start of the line up to `end` take, from its first column. */
static u32 column_at(const struct tty *tty, u32 end)
{
	u32 column = tty->canon_column;

	for (u32 i = tty->canon; i != end; i++) {
		u8 c = tty->buf[i & MASK];

		if (c == '\t')
			column = (column | 7) + 1;
		else if (iscntrl(c))
			column += T_LFLAG(tty, ECHOCTL) ? 2 : 0;
		else if (!is_continuation(tty, c))
			column++;
	}
	return column;
}

/* Takes the picture of one erased character off the screen; head is already before it. */
static void echo_erase(struct tty *tty, u8 c, enum erase_kind kind) REQUIRES(&tty->lock)
{
	if (T_LFLAG(tty, ECHOPRT)) {
		if (!tty->erasing) {
			echo_raw(tty, '\\');
			tty->erasing = true;
		}
		echo_char(tty, c);
	} else if (kind == ERASE_CHAR && !T_LFLAG(tty, ECHOE)) {
		echo_char(tty, T_CC(tty, VERASE));
	} else if (c == '\t') {
		for (u32 n = 8 - (column_at(tty, tty->head) & 7); n; n--)
			echo_raw(tty, '\b');
	} else if (!iscntrl(c)) {
		echo_string(tty, "\b \b");
	} else if (T_LFLAG(tty, ECHOCTL)) {
		echo_string(tty, "\b \b\b \b");
	}
}

/* ---- line editing ---- */

static void erase_line_silently(struct tty *tty, u8 c) REQUIRES(&tty->lock)
{
	tty->head = tty->canon;
	if (!T_LFLAG(tty, ECHO))
		return;
	end_erasing(tty);
	echo_char(tty, c);
	if (T_LFLAG(tty, ECHOK))
		echo_raw(tty, '\n');
}

/* VERASE, VWERASE or VKILL (c) came. */
static void erase(struct tty *tty, u8 c, enum erase_kind kind) REQUIRES(&tty->lock)
{
	bool in_word = false;

	if (tty->head == tty->canon)
		return;
	if (!T_LFLAG(tty, ECHO) ||
	    (kind == ERASE_LINE && (!T_LFLAG(tty, ECHOK) || !T_LFLAG(tty, ECHOKE) ||
				    !T_LFLAG(tty, ECHOE)))) {
		if (kind == ERASE_LINE) {
			erase_line_silently(tty, c);
			return;
		}
	}
	while (tty->head != tty->canon) {
		u32 at = tty->head;
		u8 ch;

		do {
			ch = tty->buf[--at & MASK];
		} while (is_continuation(tty, ch) && at != tty->canon);
		if (is_continuation(tty, ch))		/* no first byte: leave it */
			break;
		if (kind == ERASE_WORD) {
			if (isalnum(ch) || ch == '_')
				in_word = true;
			else if (in_word)
				break;
		}
		tty->head = at;
		if (T_LFLAG(tty, ECHO))
			echo_erase(tty, ch, kind);
		if (kind == ERASE_CHAR)
			break;
	}
	if (tty->head == tty->canon && T_LFLAG(tty, ECHO))
		end_erasing(tty);
}

static void reprint(struct tty *tty, u8 c) REQUIRES(&tty->lock)
{
	end_erasing(tty);
	echo_char(tty, c);
	echo_raw(tty, '\n');
	for (u32 i = tty->canon; i != tty->head; i++)
		echo_char(tty, tty->buf[i & MASK]);
}

/* ---- input ---- */

size_t tty_receive_room(const struct tty *tty)
{
	u32 used = READ_ONCE(tty->head) - READ_ONCE(tty->tail);
	/* One byte is kept for the end of a line, and PARMRK may make three of one. */
	u32 reserve = T_IFLAG(tty, PARMRK) ? 3 : 1;

	if (used + reserve < TTY_BUF_SIZE)
		return TTY_BUF_SIZE - used - reserve;
	/* A line longer than the buffer: the rest is dropped, so it is not waited for. */
	return T_LFLAG(tty, ICANON) && READ_ONCE(tty->canon) == READ_ONCE(tty->tail) ? 1 : 0;
}

static void put(struct tty *tty, u8 c)
{
	if (tty->head - tty->tail < TTY_BUF_SIZE - 1)
		tty->buf[tty->head++ & MASK] = c;
	else if (T_IFLAG(tty, IMAXBEL))
		ring_put(&tty->out, '\a');
}

/* Ends the line with c; there is always room for it. */
static void put_eol(struct tty *tty, u8 c)
{
	if (tty->head - tty->tail >= TTY_BUF_SIZE)
		tty->head--;
	set_eol(tty, tty->head);
	tty->buf[tty->head++ & MASK] = c;
	tty->canon = tty->head;
}

void n_tty_flush_input(struct tty *tty)
{
	tty->head = tty->canon = tty->tail = 0;
	tty->lnext = tty->erasing = false;
	bitmap_zero(tty->eol, TTY_BUF_SIZE);
	n_tty_check_unthrottle(tty);
	tty_packet_event(tty, TIOCPKT_FLUSHREAD);
}

void n_tty_check_unthrottle(struct tty *tty)
{
	u32 used = tty->head - tty->tail;

	if (used > TTY_BUF_SIZE - XON_ROOM && !(T_LFLAG(tty, ICANON) && tty->canon == tty->tail))
		return;
	if (tty->throttled) {
		tty->throttled = false;
		if (tty->ops->unthrottle)
			tty->ops->unthrottle(tty);
	}
	if (tty->sent_xoff) {
		tty->sent_xoff = false;
		if (tty->ops->send_xchar)
			tty->ops->send_xchar(tty, T_CC(tty, VSTART));
	}
}

static void note_signal(struct tty *tty, u8 bit) REQUIRES(&tty->lock)
{
	tty->pending_sigs |= bit;
	if (!T_LFLAG(tty, NOFLSH)) {
		n_tty_flush_input(tty);
		n_tty_flush_output(tty);
	}
}

/* INTR, QUIT, SUSP. True if c was one. */
static bool receive_signal(struct tty *tty, u8 c) REQUIRES(&tty->lock)
{
	u8 bit;

	if (cc_is(tty, VINTR, c))
		bit = SIG_BIT_INT;
	else if (cc_is(tty, VQUIT, c))
		bit = SIG_BIT_QUIT;
	else if (cc_is(tty, VSUSP, c))
		bit = SIG_BIT_TSTP;
	else
		return false;
	note_signal(tty, bit);
	if (T_IFLAG(tty, IXON))
		tty_start(tty);
	if (T_LFLAG(tty, ECHO))
		echo_char(tty, c);
	return true;
}

/* The editing and line-ending characters of canonical mode. True if c was one. */
static bool receive_canon(struct tty *tty, u8 c) REQUIRES(&tty->lock)
{
	bool iexten = T_LFLAG(tty, IEXTEN);

	if (cc_is(tty, VERASE, c)) {
		erase(tty, c, ERASE_CHAR);
	} else if (cc_is(tty, VKILL, c)) {
		erase(tty, c, ERASE_LINE);
	} else if (cc_is(tty, VWERASE, c) && iexten) {
		erase(tty, c, ERASE_WORD);
	} else if (cc_is(tty, VLNEXT, c) && iexten) {
		tty->lnext = true;
		if (T_LFLAG(tty, ECHO)) {
			end_erasing(tty);
			if (T_LFLAG(tty, ECHOCTL))
				echo_string(tty, "^\b");
		}
	} else if (cc_is(tty, VREPRINT, c) && iexten && T_LFLAG(tty, ECHO)) {
		reprint(tty, c);
	} else if (c == '\n') {
		if (T_LFLAG(tty, ECHO | ECHONL)) {
			if (T_LFLAG(tty, ECHO))
				end_erasing(tty);
			echo_raw(tty, '\n');
		}
		put_eol(tty, c);
	} else if (cc_is(tty, VEOF, c)) {
		put_eol(tty, 0);
	} else if (cc_is(tty, VEOL, c) || (cc_is(tty, VEOL2, c) && iexten)) {
		if (T_LFLAG(tty, ECHO)) {
			end_erasing(tty);
			echo_char(tty, c);
		}
		put_eol(tty, c);
	} else {
		return false;
	}
	return true;
}

static void receive_plain(struct tty *tty, u8 c) REQUIRES(&tty->lock)
{
	if (T_LFLAG(tty, ECHO)) {
		end_erasing(tty);
		if (c == '\n') {
			echo_raw(tty, '\n');
		} else {
			if (tty->canon == tty->head)
				tty->canon_column = tty->column;
			echo_char(tty, c);
		}
	}
	if (c == 0xff && T_IFLAG(tty, PARMRK))
		put(tty, c);
	put(tty, c);
}

static void receive_normal(struct tty *tty, u8 c) REQUIRES(&tty->lock)
{
	if (T_IFLAG(tty, ISTRIP))
		c &= 0x7f;
	if (T_IFLAG(tty, IUCLC) && T_LFLAG(tty, IEXTEN))
		c = (u8)tolower(c);
	if (tty->lnext) {
		tty->lnext = false;
		receive_plain(tty, c);
		return;
	}
	if (T_IFLAG(tty, IXON)) {
		if (cc_is(tty, VSTART, c)) {
			tty_start(tty);
			return;
		}
		if (cc_is(tty, VSTOP, c)) {
			tty_stop(tty);
			return;
		}
	}
	if (T_LFLAG(tty, ISIG) && receive_signal(tty, c))
		return;
	if (tty->stopped && T_IFLAG(tty, IXON) && T_IFLAG(tty, IXANY))
		tty_start(tty);
	if (c == '\r') {
		if (T_IFLAG(tty, IGNCR))
			return;
		if (T_IFLAG(tty, ICRNL))
			c = '\n';
	} else if (c == '\n' && T_IFLAG(tty, INLCR)) {
		c = '\r';
	}
	if (T_LFLAG(tty, ICANON) && receive_canon(tty, c))
		return;
	receive_plain(tty, c);
}

/* A byte with a mark of the line: break, parity or framing error, overrun. */
static void receive_flagged(struct tty *tty, u8 c, u8 flag) REQUIRES(&tty->lock)
{
	switch (flag) {
	case TTY_BREAK:
		if (T_IFLAG(tty, IGNBRK))
			return;
		if (T_IFLAG(tty, BRKINT)) {
			note_signal(tty, SIG_BIT_INT);
			return;
		}
		if (T_IFLAG(tty, PARMRK)) {
			put(tty, 0xff);
			put(tty, 0);
		}
		put(tty, 0);
		break;
	case TTY_PARITY:
	case TTY_FRAME:
		if (!T_IFLAG(tty, INPCK)) {
			receive_normal(tty, c);
		} else if (!T_IFLAG(tty, IGNPAR)) {
			if (T_IFLAG(tty, PARMRK)) {
				put(tty, 0xff);
				put(tty, 0);
				put(tty, c);
			} else {
				put(tty, 0);
			}
		}
		break;
	default:
		break;
	}
}

static void hold_back(struct tty *tty) REQUIRES(&tty->lock)
{
	if (!tty->throttled) {
		tty->throttled = true;
		if (tty->ops->throttle)
			tty->ops->throttle(tty);
	}
}

static void send_signals(struct tty *tty, u8 bits)
{
	if (bits & SIG_BIT_INT)
		tty_signal_foreground(tty, SIGINT);
	if (bits & SIG_BIT_QUIT)
		tty_signal_foreground(tty, SIGQUIT);
	if (bits & SIG_BIT_TSTP)
		tty_signal_foreground(tty, SIGTSTP);
}

size_t tty_receive(struct tty *tty, const u8 *bytes, const u8 *flags, size_t n)
{
	unsigned long irq;
	size_t i = 0;
	u8 sigs;

	spin_lock_irqsave(&tty->lock, irq);
	if (T_CFLAG(tty, CREAD)) {
		while (i < n && tty_receive_room(tty)) {
			if (unlikely(flags && flags[i] != TTY_NORMAL))
				receive_flagged(tty, bytes[i], flags[i]);
			else
				receive_normal(tty, bytes[i]);
			i++;
		}
		if (!tty_receive_room(tty))
			hold_back(tty);
	} else {
		i = n;
	}
	if (T_IFLAG(tty, IXOFF) && !tty->sent_xoff &&
	    TTY_BUF_SIZE - (tty->head - tty->tail) < XOFF_ROOM) {
		tty->sent_xoff = true;
		if (tty->ops->send_xchar)
			tty->ops->send_xchar(tty, T_CC(tty, VSTOP));
	}
	n_tty_kick(tty);
	sigs = tty->pending_sigs;
	tty->pending_sigs = 0;
	if ((T_LFLAG(tty, ICANON) ? tty->canon : tty->head) != tty->tail)
		wake_up_common(&tty->read_wait, TASK_NORMAL, 0,
			       (void *)(unsigned long)(EPOLLIN | EPOLLRDNORM));
	spin_unlock_irqrestore(&tty->lock, irq);
	if (unlikely(sigs))
		send_signals(tty, sigs);
	return i;
}

void n_tty_set_termios(struct tty *tty, const struct ktermios *old)
{
	if (!old || ((old->c_lflag ^ tty->termios.c_lflag) & ICANON)) {
		bitmap_zero(tty->eol, TTY_BUF_SIZE);
		if (T_LFLAG(tty, ICANON) && tty->head != tty->tail) {
			/* What raw mode left becomes one line. */
			set_eol(tty, tty->head - 1);
			tty->canon = tty->head;
		} else {
			tty->canon = tty->tail;
		}
		tty->lnext = tty->erasing = false;
	}
	if (!T_IFLAG(tty, IXON) && old && (old->c_iflag & IXON) && tty->stopped)
		tty_start(tty);
	n_tty_check_unthrottle(tty);
}

u32 n_tty_readable(struct tty *tty)
{
	u32 n = 0;

	if (!T_LFLAG(tty, ICANON))
		return tty->head - tty->tail;
	for (u32 i = tty->tail; i != tty->canon; i++)
		if (!eol_at(tty, i) || tty->buf[i & MASK])
			n++;
	return n;
}
