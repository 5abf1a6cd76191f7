/* SPDX-License-Identifier: BSD-2-Clause */
/* The telnet protocol, server side; see telnet.h. */
#include "telnet.h"

#include <arpa/telnet.h>
#include <string.h>

static void reply(struct telnet *t, const void *bytes, size_t n)
{
	if (n > sizeof(t->reply) - t->reply_len)
		return;
	memcpy(t->reply + t->reply_len, bytes, n);
	t->reply_len += n;
}

static void say_option(struct telnet *t, uint8_t command, uint8_t option)
{
	reply(t, (uint8_t[]){ IAC, command, option }, 3);
}

void telnet_init(struct telnet *t, bool terminal)
{
	memset(t, 0, sizeof(*t));
	t->terminal = terminal;
	if (!terminal)
		return;
	t->us[TELOPT_ECHO] = t->us[TELOPT_SGA] = OPTION_WANTYES;
	t->him[TELOPT_SGA] = t->him[TELOPT_NAWS] = OPTION_WANTYES;
	say_option(t, WILL, TELOPT_ECHO);
	say_option(t, WILL, TELOPT_SGA);
	say_option(t, DO, TELOPT_SGA);
	say_option(t, DO, TELOPT_NAWS);
}

/* ---- options ---- */

static bool we_can(const struct telnet *t, uint8_t option)
{
	return option == TELOPT_SGA || (option == TELOPT_ECHO && t->terminal);
}

static bool he_may(const struct telnet *t, uint8_t option)
{
	return option == TELOPT_SGA || (option == TELOPT_NAWS && t->terminal);
}

/* DO and DONT (about us), WILL and WONT (about him): only a change of state is answered. */
static void negotiate(struct telnet *t, uint8_t command, uint8_t option)
{
	bool ours = command == DO || command == DONT, on = command == DO || command == WILL;
	uint8_t *state = ours ? &t->us[option] : &t->him[option];
	bool allowed = ours ? we_can(t, option) : he_may(t, option);

	if (on && *state == OPTION_NO) {
		if (allowed) {
			*state = OPTION_YES;
			say_option(t, ours ? WILL : DO, option);
		} else {
			say_option(t, ours ? WONT : DONT, option);
		}
	} else if (on) {
		*state = OPTION_YES;
	} else {
		if (*state == OPTION_YES)
			say_option(t, ours ? WONT : DONT, option);
		*state = OPTION_NO;
	}
}

static void end_subnegotiation(struct telnet *t)
{
	const uint8_t *sb = t->sb;

	if (t->sb_len != 5 || sb[0] != TELOPT_NAWS || t->him[TELOPT_NAWS] != OPTION_YES)
		return;
	t->columns = sb[1] << 8 | sb[2];
	t->rows = sb[3] << 8 | sb[4];
	t->resized = true;
}

/* ---- input ---- */

/* The command after an IAC. Returns a typed byte, or -1. */
static int command(struct telnet *t, uint8_t byte, const struct telnet_keys *keys)
{
	t->state = TELNET_DATA;
	switch (byte) {
	case IAC:
		return 0xff;
	case WILL:
	case WONT:
	case DO:
	case DONT:
		t->command = byte;
		t->state = TELNET_OPTION;
		return -1;
	case SB:
		t->sb_len = 0;
		t->state = TELNET_SB;
		return -1;
	case AYT:
		reply(t, "\r\n[yes]\r\n", 9);
		return -1;
	case IP:
	case BREAK:
		return keys->intr;
	case ABORT:
		return keys->quit;
	case SUSP:
		return keys->susp;
	case xEOF:
		return keys->eof;
	case EC:
		return keys->erase;
	case EL:
		return keys->kill;
	default: /* NOP, GA, AO, the data mark of a synch, and what nobody knows */
		return -1;
	}
}

static void collect(struct telnet *t, uint8_t byte)
{
	if (t->sb_len < sizeof(t->sb))
		t->sb[t->sb_len++] = byte;
}

static int data(struct telnet *t, uint8_t byte)
{
	if (byte == IAC) {
		t->state = TELNET_IAC;
		return -1;
	}
	if (byte == '\r') {
		t->state = TELNET_CR;
		return t->terminal ? '\r' : '\n';
	}
	return byte;
}

int telnet_receive(struct telnet *t, uint8_t byte, const struct telnet_keys *keys)
{
	switch (t->state) {
	case TELNET_CR:
		/* CR LF is an end of line, CR NUL the key alone: the Enter key in either case. */
		t->state = TELNET_DATA;
		if (byte == '\n' || byte == '\0')
			return -1;
		return data(t, byte);
	case TELNET_IAC:
		return command(t, byte, keys);
	case TELNET_OPTION:
		t->state = TELNET_DATA;
		negotiate(t, t->command, byte);
		return -1;
	case TELNET_SB:
		if (byte == IAC)
			t->state = TELNET_SB_IAC;
		else
			collect(t, byte);
		return -1;
	case TELNET_SB_IAC:
		t->state = TELNET_SB;
		if (byte == IAC) {
			collect(t, byte);
			return -1;
		}
		if (byte != SE) /* it was never ended: the command counts */
			return command(t, byte, keys);
		t->state = TELNET_DATA;
		end_subnegotiation(t);
		return -1;
	default:
		return data(t, byte);
	}
}

/* ---- output ---- */

size_t telnet_show(struct telnet *t, const uint8_t *in, size_t n, size_t *used, uint8_t *out,
		   size_t room)
{
	size_t len = 0, i;

	for (i = 0; i < n && room - len >= 3; i++) {
		uint8_t c = in[i];

		if (t->cr_shown && c != '\n')
			out[len++] = '\0';
		else if (c == '\n' && !t->cr_shown && !t->terminal)
			out[len++] = '\r';
		t->cr_shown = c == '\r';
		if (c == IAC)
			out[len++] = IAC;
		out[len++] = c;
	}
	*used = i;
	return len;
}
