/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs the tree of a line: pipelines, conditions, redirections, fork and exec. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "say.h"
#include "shell.h"

bool write_all(int fd, const void *data, size_t len)
{
	const char *at = data;

	while (len) {
		ssize_t done = write(fd, at, len);

		if (done < 0) {
			if (errno == EINTR && !shell.interrupted)
				continue;
			return false;
		}
		at += done;
		len -= done;
	}
	return true;
}

static bool apply_dup(const struct redirect *r, const char *word)
{
	char *end;
	long from = strtol(word, &end, 10);

	if (strcmp(word, "-") == 0) {
		close(r->fd);
		return true;
	}
	if (*end || end == word) {
		say("%s: not a descriptor", word);
		return false;
	}
	if (dup2(from, r->fd) < 0) {
		say_errno("descriptor %ld", from);
		return false;
	}
	return true;
}

bool apply_redirects(const struct redirect *r)
{
	static const int flags[] = {
		[REDIRECT_READ] = O_RDONLY,
		[REDIRECT_WRITE] = O_WRONLY | O_CREAT | O_TRUNC,
		[REDIRECT_APPEND] = O_WRONLY | O_CREAT | O_APPEND,
	};

	here();
	for (; r; r = r->next) {
		const char *word = expand_one(r->word);
		int fd;

		if (r->kind == REDIRECT_DUP) {
			if (!apply_dup(r, word))
				return false;
			continue;
		}
		fd = open(word, flags[r->kind], 0666);
		if (fd < 0) {
			say_errno("%s", word);
			return false;
		}
		if (fd != r->fd) {
			if (dup2(fd, r->fd) < 0) {
				say_errno("descriptor %d", r->fd);
				close(fd);
				return false;
			}
			close(fd);
		}
	}
	return true;
}

int exec_program(char **argv)
{
	crash_report_stop();
	execvp(argv[0], argv);
	if (errno == ENOENT && !strchr(argv[0], '/'))
		say("%s: not found", argv[0]);
	else
		say_errno("%s", argv[0]);
	return errno == ENOENT ? 127 : 126;
}

/* Puts leading NAME=value words into the environment; returns the first other word. */
static const struct word *apply_assignments(const struct word *words)
{
	for (; words && is_assignment(words->text); words = words->next) {
		char *text = expand_one(words->text);
		char *equals = strchr(text, '=');

		*equals = '\0';
		if (setenv(text, equals + 1, 1) < 0)
			say_errno("%s", text);
	}
	return words;
}

/* In a child of its own: does not return. */
static _Noreturn void run_in_child(const struct command *command)
{
	const struct word *words = apply_assignments(command->words);
	builtin_fn builtin;
	char **argv;
	int argc, status;

	if (!apply_redirects(command->redirects))
		exit(1);
	argv = expand_words(words, &argc);
	if (argc == 0)
		exit(0);
	builtin = builtin_find(argv[0], true);
	if (!builtin)
		_exit(exec_program(argv));
	jobs_forget();
	status = builtin(argc, argv);
	fflush(stdout);
	_exit(status);
}

/* --- a lone builtin, in the shell itself ---------------------------- */

#define MAX_SAVED 8

struct saved_fds {
	int count;
	struct { int fd, copy; } fds[MAX_SAVED]; /* copy -1: was closed */
};

static bool save_fds(struct saved_fds *saved, const struct redirect *r)
{
	saved->count = 0;
	for (; r; r = r->next) {
		if (saved->count == MAX_SAVED) {
			say("more than %d redirections", MAX_SAVED);
			return false;
		}
		saved->fds[saved->count].fd = r->fd;
		saved->fds[saved->count++].copy = fcntl(r->fd, F_DUPFD_CLOEXEC, 10);
	}
	return true;
}

static void restore_fds(struct saved_fds *saved)
{
	while (saved->count--) {
		int fd = saved->fds[saved->count].fd, copy = saved->fds[saved->count].copy;

		if (copy < 0) {
			close(fd);
		} else {
			dup2(copy, fd);
			close(copy);
		}
	}
}

static int run_builtin(const struct command *command, builtin_fn builtin, int argc, char **argv)
{
	struct saved_fds saved;
	bool is_exec = strcmp(argv[0], "exec") == 0;
	int status = 1;

	if (is_exec) /* its redirections stay */
		return apply_redirects(command->redirects) ? builtin(argc, argv) : 1;
	if (save_fds(&saved, command->redirects) && apply_redirects(command->redirects))
		status = builtin(argc, argv);
	fflush(stdout);
	restore_fds(&saved);
	return status;
}

/* Runs a single command without a fork if it allows that. */
static bool run_without_fork(const struct command *command, int *status)
{
	const struct word *words = command->words;
	builtin_fn builtin;
	char **argv;
	int argc;

	while (words && is_assignment(words->text))
		words = words->next;
	if (!words) {
		struct saved_fds saved;

		apply_assignments(command->words);
		*status = save_fds(&saved, command->redirects) &&
			  apply_redirects(command->redirects) ? 0 : 1;
		restore_fds(&saved);
		return true;
	}
	if (words != command->words)
		return false; /* NAME=value before a command is for that command only */
	argv = expand_words(words, &argc);
	if (argc == 0) {
		*status = 0;
		return true;
	}
	builtin = builtin_find(argv[0], false);
	if (!builtin)
		return false;
	*status = run_builtin(command, builtin, argc, argv);
	return true;
}

/* --- pipelines and lists ---------------------------- */

/* The child's end of things: input from `in`, output to `out`, -1 for what it inherits. */
static void connect_pipes(int in, int out, int unused)
{
	if (in >= 0) {
		dup2(in, STDIN_FILENO);
		close(in);
	}
	if (out >= 0) {
		dup2(out, STDOUT_FILENO);
		close(out);
	}
	if (unused >= 0)
		close(unused);
}

static void close_pipe_end(int fd)
{
	if (fd >= 0)
		close(fd);
}

static int run_processes(const struct pipeline *pipeline, const char *text)
{
	struct job *job = job_new(text);
	bool failed = false;
	int in = -1, status;

	for (const struct command *c = pipeline->commands; c; c = c->next) {
		int ends[2] = { -1, -1 };
		pid_t pid;

		if (c->next && pipe2(ends, O_CLOEXEC) < 0)
			say_errno("pipe");
		pid = fork();
		if (pid < 0) {
			say_errno("fork");
			close_pipe_end(ends[0]);
			close_pipe_end(ends[1]);
			failed = true;
			break;
		}
		job_add(job, pid, true);
		if (pid == 0) {
			connect_pipes(in, ends[1], ends[0]);
			run_in_child(c);
		}
		close_pipe_end(in);
		close_pipe_end(ends[1]);
		in = ends[0];
	}
	close_pipe_end(in);
	status = job_wait_foreground(job);
	return failed ? 1 : status;
}

static int run_pipeline(const struct pipeline *pipeline, const char *text)
{
	int status;

	here();
	if (pipeline->commands->next || !run_without_fork(pipeline->commands, &status))
		status = run_processes(pipeline, text);
	return pipeline->negated ? !status : status;
}

static void run_pipelines(const struct list *list)
{
	for (const struct pipeline *p = list->pipelines; p; p = p->next) {
		if (p->condition == IF_SUCCESS && shell.status != 0)
			continue;
		if (p->condition == IF_FAILURE && shell.status == 0)
			continue;
		shell.status = run_pipeline(p, list->text);
		if (shell.interrupted)
			break;
	}
}

/* A shell of its own runs the list; it is the leader of the job's group. */
static void run_background(const struct list *list)
{
	pid_t pid = fork();
	struct job *job;

	if (pid < 0) {
		say_errno("fork");
		shell.status = 1;
		return;
	}
	job = job_new(list->text);
	job_add(job, pid, false);
	if (pid == 0) {
		const struct pipeline *only = list->pipelines;
		bool interactive = shell.interactive;

		jobs_forget();
		if (!interactive) {
			int null = open("/dev/null", O_RDONLY);

			if (null >= 0)
				dup2(null, STDIN_FILENO);
		}
		if (!only->next && !only->commands->next && !only->negated)
			run_in_child(only->commands);
		run_pipelines(list);
		_exit(shell.status);
	}
	shell.status = 0;
	job_leave_background(job);
}

void run_line(const char *line)
{
	struct list *list;

	arena_reset();
	shell.interrupted = false;
	if (!parse_line(line, &list)) {
		shell.status = 2;
		return;
	}
	for (; list && !shell.interrupted; list = list->next) {
		if (list->background)
			run_background(list);
		else
			run_pipelines(list);
	}
}
