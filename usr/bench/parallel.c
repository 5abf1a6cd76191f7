/* SPDX-License-Identifier: BSD-2-Clause */
/* --parallel: a row in several processes at once, each on a CPU of its own. */
#include "bench.h"

#include <errno.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

struct span {
	int64_t start, end, result;
};

static void child(const struct row *row, int64_t n, int cpu, int gate, struct span *span)
{
	cpu_set_t set;
	char c;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	CHECK(sched_setaffinity(0, sizeof(set), &set));
	CHECK(read(gate, &c, 1));	/* end of file: they may begin */
	span->start = bench_now();
	span->result = row->run(n);
	span->end = bench_now();
	_exit(0);
}

int64_t run_parallel(const struct row *row, int64_t n, int count)
{
	struct span *spans = mmap(NULL, BENCH_MAX_PARALLEL * sizeof(*spans), PROT_READ | PROT_WRITE,
				  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int64_t first = INT64_MAX, last = 0, result = 0;
	int gate[2], status;

	if (spans == MAP_FAILED)
		bench_die("mmap");
	CHECK(pipe(gate));
	for (int i = 0; i < count; i++)
		if (CHECK(fork()) == 0) {
			close(gate[1]);
			child(row, n, i, gate[0], &spans[i]);
		}
	usleep(20000);		/* until all of them wait at the gate */
	close(gate[0]);
	close(gate[1]);
	for (int i = 0; i < count; i++) {
		CHECK(wait(&status));
		if (status) {
			errno = ECHILD;
			bench_die("a process failed");
		}
	}
	for (int i = 0; i < count; i++) {
		if (spans[i].result < 0)
			result = spans[i].result;
		if (spans[i].start < first)
			first = spans[i].start;
		if (spans[i].end > last)
			last = spans[i].end;
	}
	munmap(spans, BENCH_MAX_PARALLEL * sizeof(*spans));
	return result < 0 ? result : (last - first) / count;
}
