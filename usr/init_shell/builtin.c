/* SPDX-License-Identifier: BSD-2-Clause */
/* Commands the shell runs itself: what must be (cd, jobs) and what an image without tools needs. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <unistd.h>

#include "say.h"
#include "shell.h"

extern char **environ;

static int do_cd(int argc, char **argv)
{
	const char *where = argc > 1 ? argv[1] : getenv("HOME");
	char path[PATH_MAX];

	if (argc > 1 && strcmp(where, "-") == 0)
		where = getenv("OLDPWD");
	if (!where)
		where = "/";
	if (chdir(where) < 0) {
		say_errno("cd: %s", where);
		return 1;
	}
	if (getenv("PWD"))
		setenv("OLDPWD", getenv("PWD"), 1);
	if (getcwd(path, sizeof(path)))
		setenv("PWD", path, 1);
	return 0;
}

static int do_pwd(int argc, char **argv)
{
	char path[PATH_MAX];

	if (!getcwd(path, sizeof(path))) {
		say_errno("pwd");
		return 1;
	}
	puts(path);
	return 0;
}

static int do_exit(int argc, char **argv)
{
	int status = argc > 1 ? atoi(argv[1]) : shell.status;

	shell_exit(status);
	return status;
}

static int do_export(int argc, char **argv)
{
	if (argc == 1)
		for (char **e = environ; *e; e++)
			puts(*e);
	for (int i = 1; i < argc; i++) {
		char *equals = strchr(argv[i], '=');

		if (!is_assignment(argv[i])) {
			if (!equals && getenv(argv[i]))
				continue; /* all variables are exported as it is */
			if (!equals && setenv(argv[i], "", 1) == 0)
				continue;
			say("export: %s: not NAME=value", argv[i]);
			return 1;
		}
		*equals = '\0';
		setenv(argv[i], equals + 1, 1);
	}
	return 0;
}

static int do_unset(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		unsetenv(argv[i]);
	return 0;
}

static int do_echo(int argc, char **argv)
{
	bool newline = true;
	int i = 1;

	if (argc > 1 && strcmp(argv[1], "-n") == 0) {
		newline = false;
		i++;
	}
	for (; i < argc; i++) {
		fputs(argv[i], stdout);
		if (i + 1 < argc)
			putchar(' ');
	}
	if (newline)
		putchar('\n');
	if (fflush(stdout) < 0) {
		say_errno("echo");
		return 1;
	}
	return 0;
}

static int do_true(int argc, char **argv)
{
	return 0;
}

static int do_false(int argc, char **argv)
{
	return 1;
}

static int do_exec(int argc, char **argv)
{
	int status;

	if (argc < 2)
		return 0;
	status = exec_program(argv + 1);
	crash_report_start();
	if (!shell.interactive && !shell.process_one)
		_exit(status);
	return status;
}

static int do_jobs(int argc, char **argv)
{
	jobs_print();
	return 0;
}

static int continue_job(int argc, char **argv, bool foreground)
{
	struct job *job = job_find(argc > 1 ? argv[1] : NULL);

	if (!job) {
		say("%s: no such job", argv[0]);
		return 1;
	}
	return job_continue(job, foreground);
}

static int do_fg(int argc, char **argv)
{
	return continue_job(argc, argv, true);
}

static int do_bg(int argc, char **argv)
{
	return continue_job(argc, argv, false);
}

static int do_wait(int argc, char **argv)
{
	return jobs_wait_all() ? 0 : 128 + SIGINT;
}

static int signal_number(const char *name)
{
	static const struct { const char *name; int number; } names[] = {
		{ "HUP", SIGHUP }, { "INT", SIGINT }, { "QUIT", SIGQUIT }, { "ABRT", SIGABRT },
		{ "KILL", SIGKILL }, { "USR1", SIGUSR1 }, { "SEGV", SIGSEGV }, { "USR2", SIGUSR2 },
		{ "PIPE", SIGPIPE }, { "ALRM", SIGALRM }, { "TERM", SIGTERM }, { "CHLD", SIGCHLD },
		{ "CONT", SIGCONT }, { "STOP", SIGSTOP }, { "TSTP", SIGTSTP }, { "TTIN", SIGTTIN },
		{ "TTOU", SIGTTOU }, { "BUS", SIGBUS }, { "ILL", SIGILL }, { "WINCH", SIGWINCH },
	};
	char *end;
	long number = strtol(name, &end, 10);

	if (*name && !*end)
		return number >= 0 && number < NSIG ? number : -1;
	if (strncmp(name, "SIG", 3) == 0)
		name += 3;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i].name) == 0)
			return names[i].number;
	return -1;
}

static int do_kill(int argc, char **argv)
{
	int sig = SIGTERM, i = 1, status = 0;

	if (argc > 1 && argv[1][0] == '-') {
		sig = signal_number(argv[1] + 1);
		if (sig < 0) {
			say("kill: %s: no such signal", argv[1] + 1);
			return 2;
		}
		i++;
	}
	if (i == argc) {
		say("kill: wanted [-SIGNAL] PID or %%JOB ...");
		return 2;
	}
	for (; i < argc; i++) {
		struct job *job = argv[i][0] == '%' ? job_find(argv[i]) : NULL;
		char *end = NULL;
		long pid = job ? -job_group(job) : strtol(argv[i], &end, 10);

		if (end && (*end || end == argv[i])) {
			say("kill: %s: no such process", argv[i]);
			status = 1;
		} else if (kill(pid, sig) < 0) {
			say_errno("kill: %s", argv[i]);
			status = 1;
		} else if (job && (sig == SIGTERM || sig == SIGHUP)) {
			kill(pid, SIGCONT); /* a stopped job must wake up to end */
		}
	}
	return status;
}

static int copy_to_stdout(const char *name, int fd)
{
	char buf[4096];
	ssize_t len;

	while ((len = read(fd, buf, sizeof(buf))) != 0) {
		if (len < 0 && errno == EINTR && !shell.interrupted)
			continue;
		if (len < 0 || !write_all(STDOUT_FILENO, buf, len)) {
			say_errno("cat: %s", name);
			return 1;
		}
	}
	return 0;
}

static int do_cat(int argc, char **argv)
{
	int status = argc > 1 ? 0 : copy_to_stdout("-", STDIN_FILENO);

	for (int i = 1; i < argc && !shell.interrupted; i++) {
		int fd = open(argv[i], O_RDONLY | O_CLOEXEC);

		if (fd < 0) {
			say_errno("cat: %s", argv[i]);
			status = 1;
			continue;
		}
		status |= copy_to_stdout(argv[i], fd);
		close(fd);
	}
	return status;
}

static int list_folder(const char *path)
{
	struct dirent **entries;
	int count = scandir(path, &entries, NULL, alphasort);

	if (count < 0) {
		say_errno("ls: %s", path);
		return 1;
	}
	for (int i = 0; i < count; i++) {
		if (entries[i]->d_name[0] != '.')
			puts(entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	return 0;
}

static int do_ls(int argc, char **argv)
{
	int status = argc > 1 ? 0 : list_folder(".");

	for (int i = 1; i < argc; i++) {
		struct stat st;

		if (lstat(argv[i], &st) < 0) {
			say_errno("ls: %s", argv[i]);
			status = 1;
		} else if (S_ISDIR(st.st_mode)) {
			status |= list_folder(argv[i]);
		} else {
			puts(argv[i]);
		}
	}
	return status;
}

static int do_umask(int argc, char **argv)
{
	mode_t mask;

	if (argc > 1) {
		umask(strtol(argv[1], NULL, 8) & 0777);
		return 0;
	}
	mask = umask(0);
	umask(mask);
	printf("%04o\n", (unsigned int)mask);
	return 0;
}

/* poweroff, reboot, halt: process 1 does it; others ask process 1. */
static int do_shutdown(int argc, char **argv)
{
	bool off = strcmp(argv[0], "poweroff") == 0, halt = strcmp(argv[0], "halt") == 0;

	if (shell.process_one) {
		sync();
		reboot(off ? RB_POWER_OFF : halt ? RB_HALT_SYSTEM : RB_AUTOBOOT);
	} else if (kill(1, off ? SIGUSR2 : halt ? SIGUSR1 : SIGTERM) == 0) {
		return 0;
	}
	say_errno("%s", argv[0]);
	return 1;
}

/* Shows what a crash of the shell looks like on this machine. */
static int do_crash(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "check") == 0)
		check(argc == 0);
	here();
	if (argc > 1 && strcmp(argv[1], "segv") == 0)
		*(volatile char *)16 = 0;
	if (argc > 1 && strcmp(argv[1], "abort") == 0)
		abort();
	say("crash: wanted check, segv or abort");
	return 2;
}

static int do_help(int argc, char **argv);

static const struct {
	const char *name;
	builtin_fn run;
	const char *help;
	bool in_child; /* may block on the terminal: ^C and ^Z must reach it alone */
} builtins[] = {
	{ "bg", do_bg, "[%JOB]: let a stopped job go on in the background" },
	{ "cat", do_cat, "[FILE...]: copy files, or standard input, to standard output", true },
	{ "cd", do_cd, "[DIR | -]: change the working folder" },
	{ "crash", do_crash, "check | segv | abort: crash on purpose, to see the report" },
	{ "echo", do_echo, "[-n] [WORD...]: print words" },
	{ "exec", do_exec, "[PROGRAM...]: become the program; or keep redirections" },
	{ "exit", do_exit, "[STATUS]: end the shell" },
	{ "export", do_export, "[NAME=VALUE...]: set variables, or list all" },
	{ "false", do_false, ": fail" },
	{ "fg", do_fg, "[%JOB]: bring a job to the foreground" },
	{ "halt", do_shutdown, ": stop the machine without turning it off" },
	{ "help", do_help, ": this list" },
	{ "jobs", do_jobs, ": list background and stopped jobs" },
	{ "kill", do_kill, "[-SIGNAL] PID | %JOB...: send a signal" },
	{ "ls", do_ls, "[PATH...]: list folders", true },
	{ "poweroff", do_shutdown, ": turn the machine off" },
	{ "pwd", do_pwd, ": print the working folder" },
	{ "reboot", do_shutdown, ": start the machine anew" },
	{ "true", do_true, ": succeed" },
	{ "umask", do_umask, "[MODE]: show or set the mask of new files" },
	{ "unset", do_unset, "NAME...: remove variables" },
	{ "wait", do_wait, ": wait for all background jobs" },
};

static int do_help(int argc, char **argv)
{
	puts("Syntax: a | b   a && b   a || b   a ; b   a &   ! a   < > >> 2> 2>&1\n"
	     "        'as is'   \"with $NAME\"   $? $$ $!   NAME=value   # comment\n"
	     "Keys:   ^C interrupt   ^Z stop   ^D end of file\n");
	for (size_t i = 0; i < sizeof(builtins) / sizeof(builtins[0]); i++)
		printf("%-9s%s\n", builtins[i].name, builtins[i].help);
	return 0;
}

builtin_fn builtin_find(const char *name, bool in_child)
{
	for (size_t i = 0; i < sizeof(builtins) / sizeof(builtins[0]); i++)
		if (strcmp(builtins[i].name, name) == 0)
			return builtins[i].in_child && !in_child ? NULL : builtins[i].run;
	return NULL;
}
