/* SPDX-License-Identifier: BSD-2-Clause */
/* trace record and trace report. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../lib/say.h"
#include "run.h"
#include "trace.h"

struct options {
	const char *events, *stop, *pids, *dir;
	char **command;
};

static int parse(int argc, char **argv, struct options *o)
{
	int c;

	*o = (struct options){ .events = "all", .stop = "none", .pids = "", .dir = "trace.out" };
	while ((c = getopt(argc, argv, "+e:s:p:o:")) != -1) {
		switch (c) {
		case 'e':
			o->events = optarg;
			break;
		case 's':
			o->stop = optarg;
			break;
		case 'p':
			o->pids = optarg;
			break;
		case 'o':
			o->dir = optarg;
			break;
		default:
			return usage(NULL);
		}
	}
	o->command = argv + optind;
	return 0;
}

static int make_folder(const char *path)
{
	if (mkdir(path, 0777) && errno != EEXIST) {
		say_errno("%s", path);
		return 1;
	}
	return 0;
}

/* What the kernel has, into DIR. */
static int save(const char *dir)
{
	char from[PATH_MAX], to[PATH_MAX];
	struct dirent *entry;
	int status;
	DIR *ctf;

	snprintf(to, sizeof(to), "%s/buffer", dir);
	status = copy_file(PROC "buffer", to);
	snprintf(to, sizeof(to), "%s/ctf", dir);
	if (make_folder(to))
		return 1;
	ctf = opendir(PROC "ctf");
	if (!ctf) {
		say_errno(PROC "ctf");
		return 1;
	}
	while ((entry = readdir(ctf))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(from, sizeof(from), PROC "ctf/%s", entry->d_name);
		snprintf(to, sizeof(to), "%s/ctf/%s", dir, entry->d_name);
		status |= copy_file(from, to);
	}
	closedir(ctf);
	return status;
}

static void wait_for_interrupt(void)
{
	sigset_t set;
	int sig;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigwait(&set, &sig);
}

static int start(const struct options *o)
{
	const char *const settings[][2] = {
		{ "pid", o->pids }, { "stop_on", o->stop }, { "on", "1" }, { "clear", "1" },
		{ "enable", o->events },
	};
	int status = control("enable", "none");

	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]) && !status; i++)
		status = control(settings[i][0], settings[i][1]);
	return status;
}

static int stop(void)
{
	return control("enable", "none") | control("stop_on", "none") | control("pid", "");
}

/* What the ring had no room for is not in the trace, and that is to be known. */
static void tell_losses(void)
{
	unsigned long long overwritten, dropped;
	FILE *file = fopen(PROC "dropped", "re");
	unsigned cpu;

	while (file && fscanf(file, "CPU%u recorded=%*u present=%*u overwritten=%llu dropped=%llu ", &cpu,
			      &overwritten, &dropped) == 3)
		if (overwritten || dropped)
			say("CPU%u: %llu events lost (trace.buffer= makes the ring larger)", cpu,
			    overwritten + dropped);
	if (file)
		fclose(file);
}

int cmd_record(int argc, char **argv)
{
	struct options o;
	int status = parse(argc, argv, &o), result = 0;

	if (status)
		return status;
	if (make_folder(o.dir))
		return 1;
	status = start(&o);
	if (status) {
		stop();
		return status;
	}
	if (*o.command)
		result = run_command(o.command);
	else
		wait_for_interrupt();
	status = stop() | save(o.dir);
	tell_losses();
	return status ? 1 : result;
}

int cmd_report(int argc, char **argv)
{
	char path[PATH_MAX];

	if (argc > 2)
		return usage("report: one folder at most");
	if (argc == 1)
		return show_proc("buffer", stdout);
	snprintf(path, sizeof(path), "%s/buffer", argv[1]);
	return show(path, stdout);
}
