/* SPDX-License-Identifier: BSD-2-Clause */
/* The program of a session: a shell on a pseudo terminal or, where there is none, on a socket. */
#include "telnetd.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "say.h"

/* Both ends of a terminal. False if the kernel has none. */
static bool open_terminal(int *master, int *slave)
{
	char name[64];

	*master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (*master < 0)
		return false;
	if (unlockpt(*master) == 0 && ptsname_r(*master, name, sizeof(name)) == 0) {
		*slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
		if (*slave >= 0)
			return true;
	}
	say_errno("pseudo terminal");
	close(*master);
	return false;
}

static _Noreturn void become(const char *path, int fd, bool terminal)
{
	const char *base = strrchr(path, '/');
	char name[64];
	sigset_t none;

	setsid();
	if (terminal)
		ioctl(fd, TIOCSCTTY, 0);
	for (int i = 0; i < 3; i++)
		dup2(fd, i);
	signal(SIGCHLD, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	snprintf(name, sizeof(name), "-%s", base ? base + 1 : path);
	if (terminal)
		execl(path, name, (char *)NULL);
	else
		execl(path, name, "-i", (char *)NULL);	/* a prompt all the same */
	say_errno("cannot run %s", path);
	_exit(errno == ENOENT ? 127 : 126);
}

bool shell_start(struct shell *s, const char *path)
{
	int ends[2];

	s->terminal = open_terminal(&ends[0], &ends[1]);
	if (!s->terminal && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) {
		say_errno("cannot connect the shell");
		return false;
	}
	s->pid = fork();
	if (s->pid == 0)
		become(path, ends[1], s->terminal);
	close(ends[1]);
	if (s->pid < 0) {
		say_errno("cannot fork for %s", path);
		close(ends[0]);
		return false;
	}
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	s->fd = ends[0];
	return true;
}
