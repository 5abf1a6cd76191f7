/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The telnet protocol, server side: from the bytes of the wire to what is typed, and from what
 * is shown to the bytes of the wire. RFC 854 (commands, end of line), 855 and 1143 (options
 * without loops), 857 (ECHO), 858 (SUPPRESS-GO-AHEAD), 1073 (NAWS).
 *
 * Pure code: no system calls, no memory but struct telnet. Answers to the peer are collected in
 * `reply`, which the caller sends before anything else; what finds no room there is dropped,
 * as a peer that does not read its answers has no use for them. One byte of input makes at
 * most TELNET_REPLY_MAX bytes of reply, so a caller that drains it never loses one.
 */
#ifndef USR_TELNETD_TELNET_H
#define USR_TELNETD_TELNET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TELNET_REPLY_MAX 16   /* bytes that one byte of input makes at most */
#define TELNET_SB_MAX	 64   /* of a subnegotiation; what is longer is cut */

/* Keys for the commands that mean one. */
struct telnet_keys {
	uint8_t intr, quit, susp, eof, erase, kill;
};

enum telnet_state {
	TELNET_DATA, TELNET_CR, TELNET_IAC, TELNET_OPTION, TELNET_SB, TELNET_SB_IAC,
};

/* Of an option on one side: as RFC 1143, without the states of a side that changes its mind. */
enum telnet_option { OPTION_NO, OPTION_WANTYES, OPTION_YES };

struct telnet {
	enum telnet_state state;
	bool terminal;		    /* there is a terminal behind us: it echoes and edits */
	uint8_t command;	    /* WILL, WONT, DO, DONT in TELNET_OPTION */
	uint8_t us[256], him[256];  /* enum telnet_option */
	uint8_t sb[TELNET_SB_MAX];
	size_t sb_len;
	bool cr_shown;		    /* the last byte sent was a CR: LF or NUL has to follow */
	bool resized;		    /* rows and columns changed; the caller clears it */
	uint16_t rows, columns;	    /* 0: not known */
	uint8_t reply[256];
	size_t reply_len;
};

/* A new connection; the offers of the server are in `reply`. */
void telnet_init(struct telnet *t, bool terminal);

/*
 * One byte from the wire. Returns the byte that was typed, or -1 for none. Without a terminal
 * an end of line becomes '\n', with one '\r', the Enter key.
 */
int telnet_receive(struct telnet *t, uint8_t byte, const struct telnet_keys *keys);

/*
 * Encodes what is shown: as much of in[0..n) as surely fits into `room` bytes of `out` (at most
 * three for one). Returns the bytes put out; *used tells how many were taken.
 */
size_t telnet_show(struct telnet *t, const uint8_t *in, size_t n, size_t *used, uint8_t *out,
		   size_t room);

#endif
