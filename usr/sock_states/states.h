/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sockets in every state a program can bring them into, and what each call then says.
 *
 * A state is a function that makes it and returns the descriptor to look at; a second one, of
 * the other end, goes to *peer (or -1). For each state and each operation a fresh pair is made.
 */
#ifndef USR_SOCK_STATES_H
#define USR_SOCK_STATES_H

#include <errno.h>
#include <sys/socket.h>

struct state {
	const char *name;
	int (*make)(int *peer);
};

/* The states of one kind of socket; ends with a NULL name. `target`: where sendto and connect go. */
struct kind {
	const char *name;
	int family, type;
	const struct state *states;
	/* Fills in an address nobody listens at (there: false) or somebody does; its length. */
	socklen_t (*target)(struct sockaddr_storage *to, int there);
};

extern const struct kind tcp_kind, tcp6_kind, udp_kind, stream_kind, dgram_kind, seqpacket_kind;

/* The one whose states are made now. */
extern const struct kind *kind;

/* Ends the program with a message when the call fails: a state that cannot be made. */
#define CHECK(call)                                                                              \
	({                                                                                       \
		__typeof__(call) value_ = (call);                                                \
		if (value_ < 0)                                                                  \
			give_up(#call, __FILE__, __LINE__);                                      \
		value_;                                                                          \
	})
_Noreturn void give_up(const char *call, const char *file, int line);

/* Lets packets arrive. */
void settle(void);

/* Descriptors that a state needs beside its two; closed after the operation. */
int keep(int fd);

void set_nonblocking(int fd);

/* Prints what socket options say; of AF_INET and AF_INET6, too. */
void walk_options(int inet);

#endif
