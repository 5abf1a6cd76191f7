/* SPDX-License-Identifier: BSD-2-Clause */
/* Programs that init starts, and the console they get. */
#include "init.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "say.h"

static void use_as_stdio(int fd)
{
	for (int i = 0; i < 3; i++)
		if (fd != i)
			dup2(fd, i);
	if (fd > 2)
		close(fd);
}

void open_console(void)
{
	int fd = open("/dev/console", O_RDWR | O_NOCTTY);

	if (fd >= 0)
		use_as_stdio(fd);
	else if (fcntl(STDERR_FILENO, F_GETFD) >= 0)
		say_errno("cannot open /dev/console");
}

/*
 * The real terminal behind /dev/console: the last name in "active". Linux exempts /dev/console
 * itself from job control (a background job may read from it), so the real one is better.
 */
static int open_real_console(void)
{
	char line[128], path[160];
	char *name;
	ssize_t len;
	int fd;

	fd = open("/sys/class/tty/console/active", O_RDONLY);
	if (fd < 0)
		return -1;
	len = read(fd, line, sizeof(line) - 1);
	close(fd);
	if (len <= 0)
		return -1;
	line[len] = '\0';
	line[strcspn(line, "\n")] = '\0';
	name = strrchr(line, ' ');
	snprintf(path, sizeof(path), "/dev/%s", name ? name + 1 : line);
	return open(path, O_RDWR | O_NOCTTY);
}

/*
 * Without sysfs: the node in /dev of the device that TIOCGDEV names. Opened by the other name,
 * /dev/tty, it would be the same terminal, but ttyname(3) would not know it.
 */
static int open_by_number(int console)
{
	unsigned int number; /* new_encode_dev: minor bits 0-7 and 20-31, major 8-19 */
	struct dirent *entry;
	struct stat st;
	char path[300];
	DIR *dev;
	int fd = -1;

	if (ioctl(console, TIOCGDEV, &number) < 0)
		return -1;
	dev = opendir("/dev");
	while (dev && fd < 0 && (entry = readdir(dev))) {
		snprintf(path, sizeof(path), "/dev/%s", entry->d_name);
		if (lstat(path, &st) == 0 && S_ISCHR(st.st_mode) &&
		    st.st_rdev == makedev(number >> 8 & 0xfff, (number & 0xff) | number >> 20 << 8))
			fd = open(path, O_RDWR | O_NOCTTY);
	}
	if (dev)
		closedir(dev);
	return fd >= 0 ? fd : open("/dev/tty", O_RDWR | O_NOCTTY);
}

static void take_console(void)
{
	int fd;

	setsid();
	fd = open_real_console();
	if (fd >= 0 && ioctl(fd, TIOCSCTTY, 1) == 0) {
		use_as_stdio(fd);
	} else {
		if (fd >= 0)
			close(fd);
		fd = open("/dev/console", O_RDWR | O_NOCTTY);
		if (fd >= 0)
			use_as_stdio(fd);
		if (ioctl(STDIN_FILENO, TIOCSCTTY, 1) < 0) {
			say_errno("no controlling terminal: no job control");
			return;
		}
		fd = open_by_number(STDIN_FILENO);
		if (fd >= 0)
			use_as_stdio(fd);
	}
	tcsetpgrp(STDIN_FILENO, getpid());
}

static void default_signals(void)
{
	struct sigaction deflt = { .sa_handler = SIG_DFL };
	sigset_t none;

	for (int sig = 1; sig < NSIG; sig++)
		sigaction(sig, &deflt, NULL); /* EINVAL for KILL and STOP is as it should be */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

pid_t spawn(const char *path, char *const argv[], bool own_console)
{
	pid_t pid = fork();

	if (pid < 0) {
		say_errno("cannot fork for %s", path);
		return -1;
	}
	if (pid == 0) {
		default_signals();
		if (own_console)
			take_console();
		execv(path, argv);
		say_errno("cannot run %s", path);
		_exit(errno == ENOENT ? 127 : 126);
	}
	return pid;
}

const char *shell_path(void)
{
	return access("/bin/sh", X_OK) == 0 ? "/bin/sh" : "/bin/init_shell";
}
