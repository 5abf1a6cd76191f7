/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What can be said of a terminal without somebody at its other end: attributes, window size,
 * sessions and background rules. Skipped without a controlling terminal; typing is tested from
 * outside.
 */
#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>

#include "helpers.h"

static int terminal(void)
{
	int fd = open("/dev/tty", O_RDWR);

	SKIP_IN_EMULATOR("terminal of the host");
	if (fd < 0)
		SKIP("no controlling terminal");
	return fd;
}

TEST(not_a_terminal)
{
	int ends[2];
	struct termios t;

	MUST(pipe(ends));
	EXPECT_ERRNO(tcgetattr(ends[0], &t), ENOTTY);
	EXPECT_ERRNO(ioctl(ends[0], TIOCGWINSZ, &t), ENOTTY);
	EXPECT_ERRNO(tcgetpgrp(ends[0]), ENOTTY);
	EXPECT_EQ(isatty(ends[0]), 0);
	EXPECT_ERRNO(ioctl(99, TCGETS, &t), EBADF);
}

TEST(attributes)
{
	int fd = terminal();
	struct termios old, now;

	MUST(tcgetattr(fd, &old));
	EXPECT(old.c_cc[VINTR] == 3 && old.c_cc[VEOF] == 4 && old.c_cc[VSUSP] == 26);
	EXPECT_EXIT(IN_CHILD({
		signal(SIGTTOU, SIG_IGN); /* the test is a background group */
		now = old;
		now.c_lflag &= ~(ECHO | ICANON);
		now.c_cc[VMIN] = 3;
		now.c_cc[VTIME] = 7;
		MUST(tcsetattr(fd, TCSANOW, &now));
		memset(&now, 0, sizeof(now));
		MUST(tcgetattr(fd, &now));
		EXPECT_EQ(now.c_lflag & (ECHO | ICANON), 0);
		EXPECT(now.c_cc[VMIN] == 3 && now.c_cc[VTIME] == 7);
		MUST(tcsetattr(fd, TCSADRAIN, &old));
	}), 0);
	EXPECT_ERRNO(ioctl(fd, TCGETS, 16), EFAULT);
}

TEST(window_size)
{
	struct winsize size = { 33, 99, 0, 0 }, old, now;
	int fd = terminal();

	MUST(ioctl(fd, TIOCGWINSZ, &old));
	MUST(ioctl(fd, TIOCSWINSZ, &size));
	MUST(ioctl(fd, TIOCGWINSZ, &now));
	EXPECT(now.ws_row == 33 && now.ws_col == 99);
	MUST(ioctl(fd, TIOCSWINSZ, &old));
}

/* The test leads a process group that is not the terminal's: its reads and changes stop it. */
TEST(background_rules)
{
	int fd = terminal(), status;
	pid_t child;
	char c;

	EXPECT_NE(tcgetpgrp(fd), getpgrp());
	child = must_fork();
	if (child == 0) {
		setpgid(0, 0); /* the signal stops the whole group */
		_exit(read(fd, &c, 1) != 1);
	}
	EXPECT_EQ(waitpid(child, &status, WUNTRACED), child);
	EXPECT(WIFSTOPPED(status));
	EXPECT_EQ(WSTOPSIG(status), SIGTTIN);
	kill(child, SIGKILL);
	wait_status(child);
	EXPECT_EXIT(IN_CHILD({
		signal(SIGTTIN, SIG_IGN);
		EXPECT_ERRNO(read(fd, &c, 1), EIO);
	}), 0);
}

TEST(background_attribute_change_stops)
{
	int fd = terminal(), status;
	struct termios t;
	pid_t child;

	MUST(tcgetattr(fd, &t));
	child = must_fork();
	if (child == 0) {
		setpgid(0, 0);
		_exit(tcsetattr(fd, TCSANOW, &t) != 0);
	}
	EXPECT_EQ(waitpid(child, &status, WUNTRACED), child);
	EXPECT(WIFSTOPPED(status));
	EXPECT_EQ(WSTOPSIG(status), SIGTTOU);
	kill(child, SIGKILL);
	wait_status(child);
}

TEST(new_session_has_no_terminal)
{
	int fd = terminal();

	EXPECT_EXIT(IN_CHILD({
		MUST(setsid());
		EXPECT_ERRNO(open("/dev/tty", O_RDWR), ENXIO);
		EXPECT_ERRNO(tcgetpgrp(fd), ENOTTY);
	}), 0);
	EXPECT_GE(open("/dev/tty", O_RDWR), 0);
	EXPECT_GT(tcgetsid(fd), 0);
}

TEST(foreign_group_cannot_be_foreground)
{
	int fd = terminal();

	EXPECT_EXIT(IN_CHILD({
		signal(SIGTTOU, SIG_IGN);
		EXPECT_ERRNO(tcsetpgrp(fd, 999999), ESRCH);
		EXPECT_ERRNO(tcsetpgrp(fd, -1), EINVAL);
	}), 0);
}
