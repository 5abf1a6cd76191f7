/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * abi: makes system calls with good, odd and bad arguments and prints what each returned. Run on
 * two kernels, the outputs are compared. tests/abi/generate makes the cases.
 *
 * Usage: abi [-v] [CALL...]. Each case runs in a child of its own, in a world that is the same
 * each time (fixture.h). A call is one line, "ABI name results", where a result is a number, ok
 * (not an error, its value is nobody's business), Xn (the child exited with n), Sn (died by
 * signal n), B (it sleeps for ever), T (stopped), and n*result stands for n in a row. With -v a
 * case is a line of its own: the user, call, arguments and result, separated by tabs.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "constants.h"
#include "fixture.h"

struct abi_case {
	bool user;
	uint16_t value[6];
};

struct abi_call {
	const char *name;
	int number;
	bool any_value;		/* what it returns is an id, an address, a time */
	int nr_args, first, count;
};

#include "cases.h"

#define UNPRIVILEGED	1000
#define LOOK_NS		20000000	/* how often a child is looked after */
#define ASLEEP_LOOKS	6		/* so often in a row asleep: for ever */
#define HUNG_LOOKS	1500

long raw_call(long number, const uint64_t args[6]);

/* Shared with the child. */
static struct report {
	long value;
	bool done, ready;
} *report;

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "abi: %s: %s\n", what, strerror(errno));
	exit(1);
}

static _Noreturn void run_case(const struct abi_call *call, const struct abi_case *c)
{
	static uint64_t values[NR_VALUES];
	uint64_t args[6];

	if (fixture_files() || fixture_descriptors())
		_exit(120);
	if (c->user && (setgroups(0, NULL) || setresgid(UNPRIVILEGED, UNPRIVILEGED, UNPRIVILEGED) ||
			setresuid(UNPRIVILEGED, UNPRIVILEGED, UNPRIVILEGED)))
		_exit(121);
	fill_values(values);
	for (int i = 0; i < 6; i++)
		args[i] = values[c->value[i]];
	report->ready = true;
	report->value = raw_call(call->number, args);
	report->done = true;
	syscall(SYS_exit_group, 0);
	_exit(0);
}

/* The letter in /proc/pid/stat, '?' if it cannot be told. */
static char state_of(pid_t pid)
{
	char path[32], text[512], *paren;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return '?';
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return '?';
	text[n] = '\0';
	paren = strrchr(text, ')');
	return paren && paren[1] ? paren[2] : '?';
}

/* Waits for the child; true if it ended by itself, else the letter of what it does. */
static char wait_child(pid_t pid, int *status)
{
	const struct timespec look = { 0, LOOK_NS };
	int asleep = 0, looks = 0;
	sigset_t chld;

	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	for (;;) {
		char state;

		if (waitpid(pid, status, WNOHANG) == pid)
			return 0;
		if (sigtimedwait(&chld, NULL, &look) == SIGCHLD)
			continue;
		state = state_of(pid);
		asleep = state == 'S' || state == 'T' || state == 't' ? asleep + 1 : 0;
		if (asleep >= ASLEEP_LOOKS || ++looks >= HUNG_LOOKS) {
			kill(pid, SIGKILL);
			waitpid(pid, status, 0);
			return asleep ? state == 'S' ? 'B' : 'T' : 'H';
		}
	}
}

static void result_text(char *text, size_t size, const struct abi_call *call, char letter,
			int status)
{
	if (report->done && call->any_value && report->value >= 0)
		snprintf(text, size, "ok");
	else if (report->done)
		snprintf(text, size, "%ld", report->value);
	else if (!report->ready)
		snprintf(text, size, "F%#x", status);
	else if (letter)
		snprintf(text, size, "%c", letter);
	else if (WIFSIGNALED(status))
		snprintf(text, size, "S%d", WTERMSIG(status));
	else
		snprintf(text, size, "X%d", WEXITSTATUS(status));
}

static void try_case(const struct abi_call *call, const struct abi_case *c, char *text, size_t size)
{
	int status = 0;
	char letter;
	pid_t pid;

	*report = (struct report){ 0 };
	fflush(stdout);
	pid = fork();
	if (pid < 0)
		die("fork");
	if (pid == 0)
		run_case(call, c);
	letter = wait_child(pid, &status);
	/* What a call left behind besides: children of its own. */
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	fixture_clean();
	result_text(text, size, call, letter, status);
}

/* Equal results in a row are told once. */
static void put_run(int times, const char *text)
{
	if (times == 1)
		printf(" %s", text);
	else if (times > 1)
		printf(" %d*%s", times, text);
}

static void print_case(const struct abi_call *call, const struct abi_case *c, const char *text)
{
	printf("%s\t%s", c->user ? "user" : "root", call->name);
	for (int i = 0; i < call->nr_args; i++)
		printf("\t%s", value_names[c->value[i]]);
	printf("\t%s\n", text);
}

static void try_call(const struct abi_call *call, bool verbose)
{
	char text[40], last[40] = "";
	int times = 0;

	if (!verbose)
		printf("ABI %s", call->name);
	for (int i = call->first; i < call->first + call->count; i++) {
		try_case(call, &cases[i], text, sizeof(text));
		if (verbose) {
			print_case(call, &cases[i], text);
			continue;
		}
		if (times && strcmp(text, last) != 0) {
			put_run(times, last);
			times = 0;
		}
		strcpy(last, text);
		times++;
	}
	put_run(times, last);
	printf("%s", verbose ? "" : "\n");
	fflush(stdout);
}

static void set_up(void)
{
	sigset_t chld;

	report = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (report == MAP_FAILED)
		die("mmap");
	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	sigprocmask(SIG_BLOCK, &chld, NULL);
	fixture_memory();
	if ((mkdir("/tmp/abi", 0777) && errno != EEXIST) || chmod("/tmp/abi", 0777) ||
	    chdir("/tmp/abi"))
		die("/tmp/abi");
	fixture_clean();
}

static bool wanted(const char *name, char **names)
{
	if (!*names)
		return true;
	for (; *names; names++)
		if (strcmp(*names, name) == 0)
			return true;
	return false;
}

int main(int argc, char **argv)
{
	bool verbose = argc > 1 && strcmp(argv[1], "-v") == 0;
	char **names = argv + 1 + verbose;

	if (*names && names[0][0] == '-') {
		fprintf(stderr, "usage: abi [-v] [CALL...]\n");
		return 2;
	}
	set_up();
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (wanted(calls[i].name, names))
			try_call(&calls[i], verbose);
	printf("ABI-END\n");
	return 0;
}
