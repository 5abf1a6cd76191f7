/* SPDX-License-Identifier: BSD-2-Clause */
/* telnetd: the listener (main.c), a session (session.c), its shell (shell.c), the protocol (telnet.c). */
#ifndef USR_TELNETD_TELNETD_H
#define USR_TELNETD_TELNETD_H

#include <stdbool.h>
#include <sys/types.h>

/* One line to stdout in one write: what tests and people watch for. */
void announce(const char *line);

/* Serves a connection until its shell ends or the peer goes; returns the exit status of the process. */
int session_run(int connection, const char *shell);

struct shell {
	pid_t pid;
	int fd;		/* what it shows and what is typed: a master, or one end of a socket */
	bool terminal;	/* fd is the master of a pseudo terminal */
};

/* Starts the shell, on a terminal of its own if the kernel has any. False after saying why not. */
bool shell_start(struct shell *s, const char *path);

#endif
