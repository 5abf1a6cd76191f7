/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Jobs: one process group for each pipeline. Whoever is in the foreground owns the terminal.
 * Only reap() changes the state of a process; everything else reads it.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "say.h"
#include "shell.h"

struct process {
	pid_t pid;
	bool done, stopped;
	int status; /* of wait */
	struct process *next;
};

struct job {
	int number;
	pid_t group;
	struct process *processes; /* the last of the pipeline first: it gives the status */
	char *text;
	bool background;
	struct termios modes; /* the terminal's, when it stopped */
	bool has_modes;
	struct job *next; /* older */
};

static struct job *jobs;
static struct termios shell_modes;

static const int job_signals[] = { SIGINT, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU };

static void on_interrupt(int sig)
{
	shell.interrupted = true;
}

void jobs_start(void)
{
	struct sigaction interrupt = { .sa_handler = on_interrupt }; /* no SA_RESTART */

	if (!shell.interactive)
		return;
	while (tcgetpgrp(STDIN_FILENO) != getpgrp() && tcgetpgrp(STDIN_FILENO) > 0)
		kill(0, SIGTTIN); /* started in the background: wait to be called */
	for (size_t i = 0; i < sizeof(job_signals) / sizeof(job_signals[0]); i++)
		signal(job_signals[i], SIG_IGN);
	sigaction(SIGINT, &interrupt, NULL);
	if (getsid(0) != getpid() && setpgid(0, 0) < 0)
		say_errno("cannot make a process group");
	tcsetpgrp(STDIN_FILENO, getpgrp());
	tcgetattr(STDIN_FILENO, &shell_modes);
}

struct job *job_new(const char *text)
{
	struct job *job = calloc(1, sizeof(*job));

	if (!job || !(job->text = strdup(text))) {
		say("out of memory");
		abort();
	}
	job->number = jobs ? jobs->number + 1 : 1;
	job->next = jobs;
	jobs = job;
	return job;
}

static void job_free(struct job *job)
{
	struct job **link = &jobs;

	while (*link != job) {
		check(*link);
		link = &(*link)->next;
	}
	*link = job->next;
	while (job->processes) {
		struct process *next = job->processes->next;

		free(job->processes);
		job->processes = next;
	}
	free(job->text);
	free(job);
}

void jobs_forget(void)
{
	while (jobs)
		job_free(jobs);
	shell.interactive = false;
	shell.process_one = false;
}

static void start_child(struct job *job, bool foreground)
{
	if (shell.interactive) {
		setpgid(0, job->group);
		if (foreground)
			tcsetpgrp(STDIN_FILENO, getpgrp());
	}
	for (size_t i = 0; i < sizeof(job_signals) / sizeof(job_signals[0]); i++)
		signal(job_signals[i], SIG_DFL);
	if (!shell.interactive && !foreground) {
		signal(SIGINT, SIG_IGN); /* POSIX: & without job control */
		signal(SIGQUIT, SIG_IGN);
	}
}

void job_add(struct job *job, pid_t pid, bool foreground)
{
	struct process *process;

	if (pid == 0) {
		start_child(job, foreground);
		return;
	}
	process = calloc(1, sizeof(*process));
	if (!process) {
		say("out of memory");
		abort();
	}
	process->pid = pid;
	process->next = job->processes;
	job->processes = process;
	if (!job->group)
		job->group = pid;
	if (shell.interactive)
		setpgid(pid, job->group); /* the child does it too: whoever comes first */
}

/* Takes note of one state change; false if there was none to note. */
static bool reap(int options)
{
	int status;
	pid_t pid = waitpid(-1, &status, options);

	if (pid <= 0)
		return false;
	for (struct job *job = jobs; job; job = job->next) {
		for (struct process *p = job->processes; p; p = p->next) {
			if (p->pid != pid)
				continue;
			p->stopped = WIFSTOPPED(status);
			p->done = WIFEXITED(status) || WIFSIGNALED(status);
			p->status = status;
			return true;
		}
	}
	return true; /* an orphan, when we are process 1 */
}

static bool job_done(const struct job *job)
{
	for (struct process *p = job->processes; p; p = p->next)
		if (!p->done)
			return false;
	return true;
}

static bool job_stopped(const struct job *job)
{
	bool stopped = false;

	for (struct process *p = job->processes; p; p = p->next) {
		if (!p->done && !p->stopped)
			return false;
		stopped |= p->stopped;
	}
	return stopped;
}

static int job_status(const struct job *job)
{
	int status = job->processes ? job->processes->status : 0;

	if (WIFSIGNALED(status))
		return 128 + WTERMSIG(status);
	if (WIFSTOPPED(status))
		return 128 + WSTOPSIG(status);
	return WEXITSTATUS(status);
}

static const char *job_state(const struct job *job)
{
	int status = job->processes ? job->processes->status : 0;

	if (job_stopped(job))
		return "Stopped";
	if (!job_done(job))
		return "Running";
	return WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "Done";
}

static void job_print(const struct job *job)
{
	fprintf(stderr, "[%d] %-12s %s\n", job->number, job_state(job), job->text);
}

static void take_terminal_back(struct job *job)
{
	if (!shell.interactive)
		return;
	tcsetpgrp(STDIN_FILENO, getpgrp());
	if (job_stopped(job))
		job->has_modes = tcgetattr(STDIN_FILENO, &job->modes) == 0;
	tcsetattr(STDIN_FILENO, TCSADRAIN, &shell_modes);
}

int job_wait_foreground(struct job *job)
{
	int status;

	here();
	while (!job_done(job) && !job_stopped(job))
		if (!reap(WUNTRACED) && errno != EINTR)
			break;
	take_terminal_back(job);
	status = job_status(job);
	if (job_stopped(job)) {
		job->background = true;
		if (shell.interactive)
			fputc('\n', stderr);
		job_print(job);
		return status;
	}
	if (status == 128 + SIGINT && shell.interactive)
		fputc('\n', stderr);
	else if (status > 128 && status != 128 + SIGPIPE && WIFSIGNALED(job->processes->status))
		fprintf(stderr, "%s\n", strsignal(status - 128));
	job_free(job);
	return status;
}

void job_leave_background(struct job *job)
{
	job->background = true;
	shell.last_background = job->processes->pid;
	if (shell.interactive)
		fprintf(stderr, "[%d] %d\n", job->number, job->processes->pid);
}

int job_continue(struct job *job, bool foreground)
{
	fprintf(stderr, "%s%s\n", job->text, foreground ? "" : " &");
	for (struct process *p = job->processes; p; p = p->next)
		p->stopped = false;
	job->background = !foreground;
	if (foreground) {
		if (job->has_modes)
			tcsetattr(STDIN_FILENO, TCSADRAIN, &job->modes);
		tcsetpgrp(STDIN_FILENO, job->group);
	}
	if (kill(-job->group, SIGCONT) < 0)
		say_errno("cannot continue job %d", job->number);
	return foreground ? job_wait_foreground(job) : 0;
}

void jobs_notice(void)
{
	struct job *next;

	here();
	while (reap(WNOHANG | WUNTRACED))
		;
	for (struct job *job = jobs; job; job = next) {
		next = job->next;
		if (job->background && job_done(job)) {
			if (shell.interactive)
				job_print(job);
			job_free(job);
		}
	}
}

void jobs_print(void)
{
	while (reap(WNOHANG | WUNTRACED))
		;
	for (struct job *job = jobs; job; job = job->next)
		if (job->background)
			job_print(job);
}

bool jobs_wait_all(void)
{
	for (struct job *job = jobs; job; job = job->next) {
		while (!job_done(job) && !job_stopped(job)) {
			if (!reap(WUNTRACED) && (errno != EINTR || shell.interrupted))
				return errno != EINTR;
		}
	}
	return true;
}

struct job *job_find(const char *name)
{
	int number = name ? atoi(name + (*name == '%')) : 0;

	for (struct job *job = jobs; job; job = job->next)
		if (job->background && (!name || job->number == number))
			return job;
	return NULL;
}

pid_t job_group(const struct job *job)
{
	return job->group;
}
