/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * trace: records what the kernel does while a command runs, and shows it.
 * Modelled on trace-cmd(1); works on /proc/trace.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "../lib/say.h"
#include "trace.h"

const char *const program_name = "trace";

static const char usage_text[] =
	"usage: trace record [-e EVENTS] [-s EVENT] [-p PID,...] [-o DIR] [COMMAND [ARGUMENT...]]\n"
	"       trace report [DIR]\n"
	"       trace stat [COMMAND [ARGUMENT...]]\n"
	"       trace hist [COMMAND [ARGUMENT...]]\n"
	"       trace list\n"
	"       trace tar\n"
	"       trace serve PORT\n"
	"\n"
	"  record  trace COMMAND (without one: until interrupted), put the trace into DIR\n"
	"          (default trace.out): text in DIR/buffer, CTF 1.8 in DIR/ctf\n"
	"    -e    events: process,sched:sched_wake,-irq,... (default all)\n"
	"    -s    stop recording after the first such event\n"
	"    -p    only of these processes or threads\n"
	"  report  print the text of a recorded trace, or of what the kernel has now\n"
	"  stat    print the counters, or how much a command makes them grow\n"
	"  hist    print the latency histograms, or those of the time a command runs\n"
	"  list    print the events of this kernel\n"
	"  tar     write what the kernel has now to standard output, as a tar archive\n"
	"  serve   the same for each connection to a TCP port (scripts/trace pull HOST:PORT DIR)\n"
	"\n"
	"exit status: that of COMMAND, else 0; 1 for a fault, 2 for wrong usage\n";

int usage(const char *problem)
{
	if (problem)
		say("%s", problem);
	fputs(usage_text, stderr);
	return 2;
}

int control(const char *name, const char *text)
{
	char path[128];
	int fd, status = 0;

	snprintf(path, sizeof(path), PROC "%s", name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text)) {
		status = fd >= 0 && errno == EINVAL ? 2 : 1;
		if (status == 2)
			say("%s: '%s' is not understood (the kernel log says which word)", path, text);
		else
			say_errno("%s", path);
	}
	if (fd >= 0)
		close(fd);
	return status;
}

int show(const char *path, FILE *to)
{
	char buf[16384];
	size_t n;
	FILE *from = fopen(path, "re");
	int status = 0;

	if (!from) {
		say_errno("%s", path);
		return 1;
	}
	while ((n = fread(buf, 1, sizeof(buf), from)) > 0)
		fwrite(buf, 1, n, to);
	if (ferror(from) || fflush(to)) {
		say_errno("%s", path);
		status = 1;
	}
	fclose(from);
	return status;
}

int show_proc(const char *name, FILE *to)
{
	char path[512];

	snprintf(path, sizeof(path), PROC "%s", name);
	return show(path, to);
}

int copy_file(const char *from, const char *to)
{
	FILE *out = fopen(to, "we");
	int status;

	if (!out) {
		say_errno("%s", to);
		return 1;
	}
	status = show(from, out);
	if (fclose(out)) {
		say_errno("%s", to);
		status = 1;
	}
	return status;
}

static int cmd_list(int argc, char **argv)
{
	return argc == 1 ? show_proc("events", stdout) : usage("list: no arguments wanted");
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(int argc, char **argv);
	} commands[] = {
		{ "record", cmd_record }, { "report", cmd_report }, { "stat", cmd_stat },
		{ "hist", cmd_hist },	  { "list", cmd_list },	    { "tar", cmd_tar },
		{ "serve", cmd_serve },
	};

	if (argc < 2)
		return usage("a command is wanted");
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
		fputs(usage_text, stdout);
		return 0;
	}
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (!strcmp(argv[1], commands[i].name))
			return commands[i].run(argc - 1, argv + 1);
	say("%s: no such command", argv[1]);
	return usage(NULL);
}
