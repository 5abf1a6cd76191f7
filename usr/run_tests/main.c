/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * run-all: runs the test programs beside it, passes their KTAP through and ends with a summary.
 * Usage: run-all [-x NAME,...] [PROGRAM...]. Exit status 0 if all passed, 1 if not, 2 for usage.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PROGRAM_SECONDS	600
#define MAX_FAILURES	200

static struct {
	int passed, failed, skipped, programs;
	char *failures[MAX_FAILURES];
	int failure_count;
} totals;

static void note_failure(const char *program, const char *what)
{
	char text[300];

	totals.failed++;
	if (totals.failure_count == MAX_FAILURES)
		return;
	snprintf(text, sizeof(text), "%s: %s", program, what);
	totals.failures[totals.failure_count++] = strdup(text);
}

/* What a program printed so far, against its plan. */
struct progress {
	int planned, seen;
};

static void count_line(const char *program, const char *line, struct progress *progress)
{
	if (strncmp(line, "1..", 3) == 0) {
		progress->planned = atoi(line + 3);
	} else if (strncmp(line, "not ok ", 7) == 0) {
		progress->seen++;
		note_failure(program, line + 7);
	} else if (strncmp(line, "ok ", 3) == 0) {
		progress->seen++;
		if (strstr(line, "# SKIP"))
			totals.skipped++;
		else
			totals.passed++;
	}
}

/* Copies the program's output line by line; false when the time is over. */
static bool follow_output(const char *program, int fd, struct progress *progress)
{
	time_t end = time(NULL) + PROGRAM_SECONDS;
	char line[1024];
	size_t len = 0;

	for (;;) {
		struct pollfd pfd = { .fd = fd, .events = POLLIN };
		time_t left = end - time(NULL);
		char c;

		if (left <= 0 || poll(&pfd, 1, left * 1000) == 0)
			return false;
		if (read(fd, &c, 1) <= 0)
			break;
		if (c == '\n' || len == sizeof(line) - 1) {
			line[len] = '\0';
			puts(line);
			fflush(stdout);
			count_line(program, line, progress);
			len = 0;
		}
		if (c != '\n')
			line[len++] = c;
	}
	return true;
}

static void run_program(const char *folder, const char *program)
{
	struct progress progress = { .planned = -1 };
	char path[PATH_MAX], what[64];
	int ends[2], status;
	bool in_time;
	pid_t pid;

	snprintf(path, sizeof(path), "%s/%s", folder, program);
	printf("# %s\n", program);
	fflush(stdout);
	totals.programs++;
	if (pipe2(ends, O_CLOEXEC) < 0 || (pid = fork()) < 0) {
		note_failure(program, strerror(errno));
		return;
	}
	if (pid == 0) {
		setpgid(0, 0);
		dup2(ends[1], STDOUT_FILENO);
		execl(path, path, (char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	in_time = follow_output(program, ends[0], &progress);
	close(ends[0]);
	if (!in_time)
		kill(-pid, SIGKILL);
	if (waitpid(pid, &status, 0) != pid)
		status = -1;
	if (!in_time)
		note_failure(program, "hangs");
	else if (WIFSIGNALED(status) || WEXITSTATUS(status) > 1) {
		snprintf(what, sizeof(what), "ended with wait status %#x", status);
		note_failure(program, what);
	} else if (progress.seen != progress.planned) {
		snprintf(what, sizeof(what), "%d results, %d planned", progress.seen,
			 progress.planned);
		note_failure(program, what);
	}
}

static int not_hidden(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && strcmp(entry->d_name, "run-all") != 0;
}

static bool excluded(const char *program, const char *list)
{
	size_t len = strlen(program);

	for (const char *at = list; at && *at; at = strchr(at, ',') ? strchr(at, ',') + 1 : "")
		if (strncmp(at, program, len) == 0 && (at[len] == ',' || !at[len]))
			return true;
	return false;
}

static int run_folder(const char *folder, const char *exclude)
{
	struct dirent **entries;
	int count = scandir(folder, &entries, not_hidden, alphasort);

	if (count < 0) {
		fprintf(stderr, "run-all: %s: %s\n", folder, strerror(errno));
		return 2;
	}
	for (int i = 0; i < count; i++)
		if (!excluded(entries[i]->d_name, exclude))
			run_program(folder, entries[i]->d_name);
	return 0;
}

static int summary(void)
{
	for (int i = 0; i < totals.failure_count; i++)
		printf("# failed: %s\n", totals.failures[i]);
	printf("# %d programs: %d passed, %d failed, %d skipped\n", totals.programs, totals.passed,
	       totals.failed, totals.skipped);
	return totals.failed ? 1 : 0;
}

int main(int argc, char **argv)
{
	const char *folder = getenv("TESTS_DIR") ? getenv("TESTS_DIR") : "/tests";
	const char *exclude = NULL;
	int opt;

	while ((opt = getopt(argc, argv, "x:")) != -1) {
		if (opt != 'x') {
			fprintf(stderr, "usage: run-all [-x NAME,...] [PROGRAM...]\n");
			return 2;
		}
		exclude = optarg;
	}
	if (optind == argc && run_folder(folder, exclude))
		return 2;
	for (; optind < argc; optind++)
		run_program(folder, argv[optind]);
	return summary();
}
