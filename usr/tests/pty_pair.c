/* SPDX-License-Identifier: BSD-2-Clause */
/* Pairs of pseudo terminals for the tests of them; see pty.h. */
#include "pty.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

struct pair open_pair(void)
{
	struct pair p = { .master = MUST(posix_openpt(O_RDWR | O_NOCTTY)) };

	MUST(grantpt(p.master));
	MUST(unlockpt(p.master));
	EXPECT_EQ(ptsname_r(p.master, p.name, sizeof(p.name)), 0);
	p.slave = MUST(open(p.name, O_RDWR | O_NOCTTY));
	return p;
}

void make_raw(int fd)
{
	struct termios t;

	MUST(tcgetattr(fd, &t));
	cfmakeraw(&t);
	MUST(tcsetattr(fd, TCSANOW, &t));
}

void type(const struct pair *p, const char *keys)
{
	EXPECT_EQ(write(p->master, keys, strlen(keys)), strlen(keys));
}

int poll_now(int fd, int events)
{
	struct pollfd pfd = { .fd = fd, .events = events };

	MUST(poll(&pfd, 1, 0));
	return pfd.revents;
}

int wait_readable(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	MUST(poll(&pfd, 1, 1000));
	return poll_now(fd, POLLIN | POLLOUT);
}

void expect_shown(const struct pair *p, const char *text)
{
	size_t len = strlen(text), got = 0;
	char buf[512];

	while (got < len && wait_readable(p->master) & POLLIN) {
		ssize_t n = read(p->master, buf + got, sizeof(buf) - 1 - got);

		if (n <= 0)
			break;
		got += n;
	}
	buf[got] = '\0';
	EXPECT_STREQ(buf, text);
}
