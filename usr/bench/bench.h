/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bench: what kernel operations cost, defined as lmbench defines them so that its numbers for
 * Linux compare. Under `qemu -icount shift=0` a nanosecond is an instruction.
 *
 * A row times `n` operations and returns the nanoseconds they took, without its preparations.
 * The runner (main.c) raises n until a run takes BENCH_MIN_NS, then reports the smallest of
 * BENCH_RUNS runs.
 */
#ifndef USR_BENCH_BENCH_H
#define USR_BENCH_BENCH_H

#include <stdint.h>

#define BENCH_MIN_NS	5000000 /* 5 ms of guest time: 5 million instructions */
#define BENCH_RUNS	3

struct row {
	const char *name;
	int64_t (*run)(int64_t n); /* negative: -errno, the row cannot run here */
	double unit;               /* operations in one of n, e.g. KB moved */
	int64_t start;             /* first n to try */
};

/* Ends with an entry whose name is NULL; one table a file. */
extern const struct row syscall_rows[], process_rows[], ipc_rows[], memory_rows[], file_rows[],
	net_rows[];

/*
 * ns of n operations, of which `count` processes do as many each at the same time, on CPU 0 and
 * those that follow; divided by count, so that half is twice as fast.
 */
#define BENCH_MAX_PARALLEL 64
int64_t run_parallel(const struct row *row, int64_t n, int count);

/* CLOCK_MONOTONIC in ns. */
int64_t bench_now(void);

/* Path of the program that does nothing, next to this one. */
const char *bench_true_path(void);

/* Ends the program with a message that names the row: something that must work did not. */
_Noreturn void bench_die(const char *what);

/* result < 0 ends the program. */
#define CHECK(call)                                                                              \
	({                                                                                       \
		__typeof__(call) result_ = (call);                                               \
		if (result_ < 0)                                                                 \
			bench_die(#call);                                                        \
		result_;                                                                         \
	})

#endif
