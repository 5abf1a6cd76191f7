/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * init: process 1. Mounts, runs /etc/rc, starts telnetd, keeps a shell on the console and reaps
 * orphans, until a signal asks for power-off, halt or reboot. With RUN=<command> in its
 * environment (the kernel passes unknown arguments on) it runs that command instead of telnetd
 * and shell, prints "RUN_EXIT <status>" and powers off.
 */
#include "init.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "say.h"

#define SHORT_LIFE_S	2  /* a shell that lives less did not work out */
#define MAX_SHORT_LIVES	5  /* so many in a row are answered by a pause */
#define PAUSE_S		5

const char *const program_name = "init";

static volatile sig_atomic_t wanted = REQUEST_NONE;

static void on_signal(int sig)
{
	switch (sig) {
	case SIGUSR2:
	case SIGPWR:
		wanted = REQUEST_POWEROFF;
		break;
	case SIGUSR1:
		wanted = REQUEST_HALT;
		break;
	case SIGTERM:
	case SIGINT:
		wanted = REQUEST_REBOOT;
		break;
	default: /* SIGCHLD only has to end sigsuspend() */
		break;
	}
}

static void set_up_signals(void)
{
	static const int signals[] = { SIGCHLD, SIGUSR1, SIGUSR2, SIGPWR, SIGTERM, SIGINT };
	struct sigaction act = { .sa_handler = on_signal };
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	sigfillset(&act.sa_mask);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaction(signals[i], &act, NULL);
}

/*
 * Sleeps until the child `pid` ended, reaping everybody else on the way; returns its wait status.
 * A request for the end of the system is served here and does not return.
 */
static int wait_for(pid_t pid)
{
	sigset_t none;

	sigemptyset(&none);
	for (;;) {
		pid_t ended;
		int status;

		while ((ended = waitpid(-1, &status, WNOHANG)) > 0)
			if (ended == pid)
				return status;
		if (wanted != REQUEST_NONE)
			shut_down(wanted);
		sigsuspend(&none); /* the only place where signals arrive: none is missed */
	}
}

static int exit_code(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void run_rc(void)
{
	char *const argv[] = { (char *)"/etc/rc", NULL };
	pid_t pid;
	int code;

	if (access(argv[0], X_OK) < 0)
		return;
	pid = spawn(argv[0], argv, false);
	code = pid < 0 ? -1 : exit_code(wait_for(pid));
	if (code)
		say("/etc/rc ended with status %d", code);
}

/* A shell for the network, in images that have one; it comes back when it listens. */
static void start_telnetd(void)
{
	char *const argv[] = { (char *)"/bin/telnetd", NULL };
	int fd;
	pid_t pid;

	if (access(argv[0], X_OK) < 0)
		return;
	fd = socket(AF_INET, SOCK_STREAM, 0);
	if (fd < 0)
		return; /* a kernel without a network */
	close(fd);
	pid = spawn(argv[0], argv, false);
	if (pid > 0)
		wait_for(pid);
}

static _Noreturn void run_command(const char *command)
{
	const char *shell = shell_path();
	char *const argv[] = { (char *)shell, (char *)"-c", (char *)command, NULL };
	char line[32];
	pid_t pid;
	int len;

	unsetenv("RUN");
	pid = spawn(shell, argv, true);
	len = snprintf(line, sizeof(line), "RUN_EXIT %d\n",
		       pid < 0 ? 126 : exit_code(wait_for(pid)));
	if (write(STDOUT_FILENO, line, len) < 0)
		say_errno("console");
	shut_down(REQUEST_POWEROFF);
}

static _Noreturn void keep_shell(void)
{
	const char *shell = shell_path();
	char *const argv[] = { (char *)"-sh", NULL };
	int short_lives = 0;

	for (;;) {
		time_t start = time(NULL);
		pid_t pid = spawn(shell, argv, true);

		if (pid > 0)
			wait_for(pid);
		if (time(NULL) - start >= SHORT_LIFE_S)
			short_lives = 0;
		else if (++short_lives >= MAX_SHORT_LIVES) {
			say("%s ended %d times at once, next try in %d s", shell, short_lives,
			    PAUSE_S);
			sleep(PAUSE_S);
			short_lives = 0;
		}
	}
}

static void default_environment(void)
{
	setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 0);
	setenv("HOME", "/root", 1); /* the kernel's own default is "/" */
	setenv("TERM", "vt100", 0);
	setenv("SHELL", shell_path(), 0);
	setenv("USER", "root", 0);
}

int main(int argc, char *argv[])
{
	const char *command;

	if (getpid() != 1) {
		fprintf(stderr, "init: must be process 1; signal it by poweroff, halt or reboot\n");
		return 1;
	}
	set_up_signals();
	mount_all();
	loopback_up();
	open_console();
	setsid();
	reboot(RB_DISABLE_CAD); /* ctrl-alt-del becomes SIGINT to us, where there are such keys */
	default_environment();
	if (chdir("/") < 0)
		say_errno("chdir /");
	run_rc();
	command = getenv("RUN");
	if (command)
		run_command(command);
	start_telnetd();
	keep_shell();
}
