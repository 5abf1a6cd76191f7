/* SPDX-License-Identifier: BSD-2-Clause */
/* Pairs of pseudo terminals for the tests of them. */
#ifndef USR_TESTS_PTY_H
#define USR_TESTS_PTY_H

#include <termios.h>

#include "helpers.h"

struct pair {
	int master, slave;
	char name[64];
};

/* A new pair with its default settings; nobody's controlling terminal. */
struct pair open_pair(void);
/* No echo, no editing, no signals. */
void make_raw(int fd);
/* Keys pressed at the master. */
void type(const struct pair *p, const char *keys);
/* The master sees exactly this next, within a second. */
void expect_shown(const struct pair *p, const char *text);
/* poll(2) with no timeout: the events. */
int poll_now(int fd, int events);
/* Waits at most a second for input; the events of POLLIN and POLLOUT. */
int wait_readable(int fd);

#endif
