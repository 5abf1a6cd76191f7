/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * init_shell: the main loop. As process 1 (rdinit=/bin/init_shell) it survives end of file;
 * otherwise end of file ends it. Usage: init_shell [-c COMMAND | FILE].
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "say.h"
#include "shell.h"

const char *const program_name = "init_shell";

struct shell shell;

void shell_exit(int status)
{
	if (shell.process_one) {
		say("process 1 must not end: use poweroff, reboot or halt");
		return;
	}
	fflush(stdout);
	exit(status);
}

static void prompt(void)
{
	const char *where = getenv("PWD");
	char line[256];
	int len = snprintf(line, sizeof(line), "%s %c ", where ? where : "", geteuid() ? '$' : '#');

	write_all(STDERR_FILENO, line, len < (int)sizeof(line) ? len : (int)sizeof(line) - 1);
}

/* Whether to go on after end of file. */
static bool survive_end_of_file(void)
{
	if (!shell.process_one)
		return false;
	say("end of file on the console: process 1 goes on");
	sleep(1); /* a console that is gone for good must not keep the CPU busy */
	return true;
}

static void loop(int fd)
{
	for (;;) {
		char *line;

		jobs_notice();
		if (shell.interactive)
			prompt();
		shell.interrupted = false;
		switch (read_line(fd, &line)) {
		case INPUT_LINE:
			run_line(line);
			break;
		case INPUT_INTERRUPTED:
			write_all(STDERR_FILENO, "\n", 1);
			shell.status = 128 + SIGINT;
			break;
		case INPUT_END:
			if (shell.interactive && !shell.process_one)
				write_all(STDERR_FILENO, "\n", 1);
			if (!survive_end_of_file())
				return;
			break;
		}
	}
}

/* The lines of a -c argument, as if they were in a file. */
static void run_text(char *text)
{
	while (text) {
		char *newline = strchr(text, '\n');

		if (newline)
			*newline++ = '\0';
		run_line(text);
		text = newline;
	}
}

/*
 * Takes the console; without one there is no ^C, that is all. ^Z does nothing for children of
 * process 1 (their process groups count as orphaned); under init it works.
 */
static void be_process_one(void)
{
	setsid();
	ioctl(STDIN_FILENO, TIOCSCTTY, 1);
	setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 0);
}

static void set_working_folder(void)
{
	char path[4096];

	if (getcwd(path, sizeof(path)))
		setenv("PWD", path, 1);
}

int main(int argc, char *argv[])
{
	int fd = STDIN_FILENO;

	crash_report_start();
	shell.process_one = getpid() == 1;
	if (shell.process_one)
		be_process_one();
	set_working_folder();
	if (argc > 1 && strcmp(argv[1], "-c") == 0) {
		if (argc < 3) {
			say("-c wants a command");
			return 2;
		}
		run_text(argv[2]);
		shell_exit(shell.status);
	} else if (argc > 1 && argv[1][0] != '-') {
		fd = open(argv[1], O_RDONLY | O_CLOEXEC);
		if (fd < 0) {
			say_errno("%s", argv[1]);
			return 127;
		}
	} else {
		shell.interactive = isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
	}
	jobs_start();
	loop(fd);
	shell_exit(shell.status);
	return shell.status;
}
