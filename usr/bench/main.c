/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bench: runs the rows and prints TSV (name, iterations, ns per operation) or JSON.
 * Usage: bench [--list] [--only NAME,NAME...] [--times N] [--parallel N]
 *        [--json]. Exit status 0, 1 on failure, 2 on usage.
 */
#include "bench.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const struct row *const tables[] = {
	syscall_rows, process_rows, ipc_rows, memory_rows, file_rows, net_rows,
};

static const char *current_row = "start";

int64_t bench_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

const char *bench_true_path(void)
{
	static char path[PATH_MAX];
	ssize_t len;
	char *slash;

	if (path[0])
		return path;
	len = readlink("/proc/self/exe", path, sizeof(path) - sizeof("bench_true"));
	if (len <= 0)
		strcpy(path, "/bin/bench");
	slash = strrchr(path, '/');
	strcpy(slash + 1, "bench_true");
	return path;
}

_Noreturn void bench_die(const char *what)
{
	fprintf(stderr, "bench: %s: %s: %s\n", current_row, what, strerror(errno));
	_exit(1);
}

static int64_t times; /* --times: one run of so many iterations, for a profiler; 0: measure */

static int64_t parallel; /* --parallel: in so many processes at once; 0: in this one */

static int64_t run(const struct row *row, int64_t n)
{
	return parallel ? run_parallel(row, n, (int)parallel) : row->run(n);
}

/* Smallest ns per operation of some runs; *n is set to the iterations of each. */
static double measure(const struct row *row, int64_t *n)
{
	int64_t best = 0;

	if (times) {
		*n = times;
		best = run(row, *n);
		return best < 0 ? best : best / (double)*n / (row->unit ? row->unit : 1);
	}
	*n = row->start ? row->start : 16;
	for (;;) {
		best = run(row, *n);
		if (best < 0 || best >= BENCH_MIN_NS || *n >= 1000000)
			break;
		*n = best < BENCH_MIN_NS / 16 ? *n * 8 : *n * 2;
	}
	for (int i = 1; i < BENCH_RUNS && best >= 0; i++) {
		int64_t ns = run(row, *n);

		if (ns < best)
			best = ns;
	}
	return best < 0 ? best : best / (double)*n / (row->unit ? row->unit : 1);
}

static bool selected(const char *only, const char *name)
{
	size_t len = strlen(name);

	if (!only)
		return true;
	for (const char *at = only; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL)
		if (strncmp(at, name, len) == 0 && (at[len] == ',' || !at[len]))
			return true;
	return false;
}

/* Every name of --only must exist. */
static bool names_exist(const char *only)
{
	char copy[1024];

	if (!only)
		return true;
	snprintf(copy, sizeof(copy), "%s", only);
	for (char *name = strtok(copy, ","); name; name = strtok(NULL, ",")) {
		bool found = false;

		for (size_t t = 0; t < sizeof(tables) / sizeof(tables[0]); t++)
			for (const struct row *r = tables[t]; r->name; r++)
				found |= strcmp(r->name, name) == 0;
		if (!found) {
			fprintf(stderr, "bench: no row '%s' (--list names them)\n", name);
			return false;
		}
	}
	return true;
}

enum output { OUTPUT_TSV, OUTPUT_JSON, OUTPUT_NAMES };

static void print_row(const struct row *row, enum output output, bool *first)
{
	int64_t n;
	double ns;

	if (output == OUTPUT_NAMES) {
		puts(row->name);
		return;
	}
	current_row = row->name;
	ns = measure(row, &n);
	if (ns < 0) {
		if (output == OUTPUT_TSV)
			printf("# %s: %s\n", row->name, strerror(-(int)ns));
	} else if (output == OUTPUT_TSV) {
		printf("%s\t%lld\t%.1f\n", row->name, (long long)n, ns);
	} else {
		printf("%s{\"name\":\"%s\",\"iterations\":%lld,\"ns_per_op\":%.1f}",
		       *first ? "[" : ",\n ", row->name, (long long)n, ns);
		*first = false;
	}
	fflush(stdout);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "list", no_argument, NULL, 'l' },
		{ "only", required_argument, NULL, 'o' },
		{ "times", required_argument, NULL, 't' },
		{ "parallel", required_argument, NULL, 'p' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	enum output output = OUTPUT_TSV;
	const char *only = NULL;
	bool first = true;
	char *end;
	int opt;

	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (opt == 'l')
			output = OUTPUT_NAMES;
		else if (opt == 'j')
			output = OUTPUT_JSON;
		else if (opt == 'o')
			only = optarg;
		else if (opt == 't' && (times = strtoll(optarg, &end, 10)) > 0 && !*end)
			continue;
		else if (opt == 'p' && (parallel = strtoll(optarg, &end, 10)) > 0 && !*end &&
			 parallel <= BENCH_MAX_PARALLEL)
			continue;
		else {
			if (opt == 't')
				fprintf(stderr, "bench: --times %s: a number above 0 wanted\n", optarg);
			if (opt == 'p')
				fprintf(stderr, "bench: --parallel %s: a number from 1 to %d wanted\n",
					optarg, BENCH_MAX_PARALLEL);
			fprintf(opt == 'h' ? stdout : stderr,
				"usage: bench [--list] [--only NAME,NAME...] [--times N] [--parallel N] "
				"[--json]\n");
			return opt == 'h' ? 0 : 2;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "bench: %s: rows are named by --only\n", argv[optind]);
		return 2;
	}
	if (!names_exist(only))
		return 2;
	for (size_t t = 0; t < sizeof(tables) / sizeof(tables[0]); t++)
		for (const struct row *r = tables[t]; r->name; r++)
			if (selected(only, r->name))
				print_row(r, output, &first);
	if (output == OUTPUT_JSON)
		puts(first ? "[]" : "]");
	return 0;
}
