/* SPDX-License-Identifier: BSD-2-Clause */
/* trace stat: the counters. trace hist: the histograms, with bars. */
#include <string.h>

#include "../lib/say.h"
#include "run.h"
#include "trace.h"

#define MAX_COUNTERS	64
#define BAR_WIDTH	50
#define MAX_BUCKETS	64

struct counter {
	char name[40];
	unsigned long long value;
};

/* How many there are, or -1. */
static int read_counters(struct counter *counter)
{
	FILE *file = fopen(PROC "counters", "re");
	int n = 0;

	if (!file) {
		say_errno(PROC "counters");
		return -1;
	}
	while (n < MAX_COUNTERS &&
	       fscanf(file, "%39s %llu", counter[n].name, &counter[n].value) == 2)
		n++;
	fclose(file);
	return n;
}

int cmd_stat(int argc, char **argv)
{
	static struct counter before[MAX_COUNTERS], after[MAX_COUNTERS];
	int n = read_counters(before), result = 0;

	if (n < 0)
		return 1;
	if (argc > 1) {
		result = run_command(argv + 1);
		if (read_counters(after) != n)
			return 1;
	}
	for (int i = 0; i < n; i++)
		printf("%-20s %12llu\n", before[i].name,
		       argc > 1 ? after[i].value - before[i].value : before[i].value);
	return result;
}

struct bucket {
	unsigned long long least, count;
};

/* One histogram: the heading is printed already. */
static void print_buckets(const struct bucket *bucket, int n)
{
	unsigned long long most = 1;

	for (int i = 0; i < n; i++)
		if (bucket[i].count > most)
			most = bucket[i].count;
	for (int i = 0; i < n; i++) {
		int bar = (int)(bucket[i].count * BAR_WIDTH / most);

		printf("  %12llu ns %10llu |%.*s\n", bucket[i].least, bucket[i].count, bar,
		       "##################################################");
	}
}

static int print_histograms(void)
{
	struct bucket bucket[MAX_BUCKETS];
	FILE *file = fopen(PROC "histograms", "re");
	char line[256];
	int n = 0;

	if (!file) {
		say_errno(PROC "histograms");
		return 1;
	}
	while (fgets(line, sizeof(line), file)) {
		if (line[0] == '#')
			continue;
		if (line[0] == ' ' && n < MAX_BUCKETS &&
		    sscanf(line, " %llu %llu", &bucket[n].least, &bucket[n].count) == 2) {
			n++;
			continue;
		}
		print_buckets(bucket, n);
		n = 0;
		fputs(line, stdout);
	}
	print_buckets(bucket, n);
	fclose(file);
	return 0;
}

int cmd_hist(int argc, char **argv)
{
	int result = 0;

	if (argc > 1) {
		if (control("histograms", "clear") || control("histograms", "1"))
			return 1;
		result = run_command(argv + 1);
		if (control("histograms", "0"))
			return 1;
	}
	return print_histograms() ? 1 : result;
}
