/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows of two or more processes talking: pipe, FIFO, AF_UNIX, context switches, bandwidth. */
#include "bench.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* The child sends back each byte until end of file. */
static pid_t echo_process(int in, int out, int close1, int close2)
{
	pid_t pid = CHECK(fork());

	if (pid == 0) {
		char c;

		close(close1);
		if (close2 >= 0)
			close(close2);
		while (read(in, &c, 1) == 1)
			CHECK(write(out, &c, 1));
		_exit(0);
	}
	return pid;
}

static int64_t time_round_trips(int64_t n, int in, int out)
{
	int64_t start;
	char c = 0;

	CHECK(write(out, &c, 1)); /* the first one pays for the child's start */
	CHECK(read(in, &c, 1));
	start = bench_now();
	for (int64_t i = 0; i < n; i++) {
		CHECK(write(out, &c, 1));
		CHECK(read(in, &c, 1));
	}
	return bench_now() - start;
}

static int64_t run_pipe(int64_t n)
{
	int there[2], back[2];
	int64_t ns;
	pid_t pid;

	CHECK(pipe(there));
	CHECK(pipe(back));
	pid = echo_process(there[0], back[1], there[1], back[0]);
	close(there[0]);
	close(back[1]);
	ns = time_round_trips(n, back[0], there[1]);
	close(there[1]);
	close(back[0]);
	waitpid(pid, NULL, 0);
	return ns;
}

static int64_t run_fifo(int64_t n)
{
	static const char there_name[] = "/tmp/bench.there", back_name[] = "/tmp/bench.back";
	int there, back;
	int64_t ns;
	pid_t pid;

	unlink(there_name);
	unlink(back_name);
	if (mkfifo(there_name, 0600) < 0 || mkfifo(back_name, 0600) < 0)
		return -errno;
	pid = CHECK(fork());
	if (pid == 0) {
		int in = CHECK(open(there_name, O_RDONLY)), out = CHECK(open(back_name, O_WRONLY));
		char c;

		while (read(in, &c, 1) == 1)
			CHECK(write(out, &c, 1));
		_exit(0);
	}
	there = CHECK(open(there_name, O_WRONLY));
	back = CHECK(open(back_name, O_RDONLY));
	ns = time_round_trips(n, back, there);
	close(there);
	close(back);
	waitpid(pid, NULL, 0);
	unlink(there_name);
	unlink(back_name);
	return ns;
}

static int64_t run_unix(int64_t n)
{
	int ends[2];
	int64_t ns;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0)
		return -errno;
	pid = echo_process(ends[1], ends[1], ends[0], -1);
	close(ends[1]);
	ns = time_round_trips(n, ends[0], ends[0]);
	close(ends[0]);
	waitpid(pid, NULL, 0);
	return ns;
}

/* --- context switches, as lat_ctx ---------------------------- */

#define MAX_RING 16

/* Each process sums up this much between getting the token and passing it on. */
static long work_area[16384 / sizeof(long)];
static volatile long work_sum;

static void work(size_t bytes)
{
	long sum = 0;

	for (size_t i = 0; i < bytes / sizeof(long); i++)
		sum += work_area[i]++;
	work_sum = sum;
}

static void pass_token(int in, int out, size_t bytes)
{
	int token;

	if (read(in, &token, sizeof(token)) != sizeof(token))
		_exit(0);
	work(bytes);
	CHECK(write(out, &token, sizeof(token)));
}

/* ns for `n` times sending the token through `count` pipes within one process. */
static int64_t pipe_overhead(int64_t n, int count, size_t bytes)
{
	int ends[MAX_RING][2], token = 0;
	int64_t start;

	for (int i = 0; i < count; i++)
		CHECK(pipe(ends[i]));
	start = bench_now();
	for (int64_t i = 0; i < n; i++) {
		for (int k = 0; k < count; k++) {
			work(bytes);
			CHECK(write(ends[k][1], &token, sizeof(token)));
			CHECK(read(ends[k][0], &token, sizeof(token)));
		}
	}
	start = bench_now() - start;
	for (int i = 0; i < count; i++) {
		close(ends[i][0]);
		close(ends[i][1]);
	}
	return start;
}

/* A ring of `count` processes; a pass of the token is a write, a switch and a read. */
static int64_t time_ring(int64_t n, int count, size_t bytes)
{
	int ends[MAX_RING][2], token = 0;
	pid_t pids[MAX_RING];
	int64_t start, ns;

	for (int i = 0; i < count; i++)
		CHECK(pipe(ends[i]));
	for (int i = 1; i < count; i++) {
		pids[i] = CHECK(fork());
		if (pids[i] == 0) {
			signal(SIGPIPE, SIG_DFL);
			for (int k = 0; k < count; k++) {
				if (k != i)
					close(ends[k][0]);
				if (k != (i + 1) % count)
					close(ends[k][1]);
			}
			for (;;)
				pass_token(ends[i][0], ends[(i + 1) % count][1], bytes);
		}
	}
	CHECK(write(ends[1][1], &token, sizeof(token))); /* once around to warm up */
	CHECK(read(ends[0][0], &token, sizeof(token)));
	start = bench_now();
	for (int64_t i = 0; i < n; i++) {
		work(bytes);
		CHECK(write(ends[1][1], &token, sizeof(token)));
		CHECK(read(ends[0][0], &token, sizeof(token)));
	}
	ns = bench_now() - start;
	for (int i = 1; i < count; i++)
		kill(pids[i], SIGKILL);
	for (int i = 1; i < count; i++)
		waitpid(pids[i], NULL, 0);
	for (int i = 0; i < count; i++) {
		close(ends[i][0]);
		close(ends[i][1]);
	}
	ns -= pipe_overhead(n, count, bytes);
	return ns > 0 ? ns : 0;
}

#define CTX_ROW(name, count, bytes)                                                              \
	static int64_t name(int64_t n)                                                           \
	{                                                                                        \
		return time_ring(n, count, bytes);                                               \
	}
CTX_ROW(run_ctx_2, 2, 0)
CTX_ROW(run_ctx_8, 8, 0)
CTX_ROW(run_ctx_16, 16, 0)
CTX_ROW(run_ctx_2_16k, 2, sizeof(work_area))
CTX_ROW(run_ctx_8_16k, 8, sizeof(work_area))
CTX_ROW(run_ctx_16_16k, 16, sizeof(work_area))

/* --- bandwidth, n in units of 64 KB ---------------------------- */

#define BW_CHUNK 65536

static int64_t run_pipe_bw(int64_t n)
{
	static char buffer[BW_CHUNK];
	int64_t left = n * BW_CHUNK, start;
	int ends[2];
	pid_t pid;

	CHECK(pipe(ends));
	memset(buffer, 1, sizeof(buffer));
	pid = CHECK(fork());
	if (pid == 0) {
		close(ends[0]);
		for (int64_t todo = left; todo > 0;)
			todo -= CHECK(write(ends[1], buffer, todo < BW_CHUNK ? todo : BW_CHUNK));
		_exit(0);
	}
	close(ends[1]);
	start = bench_now();
	while (left > 0) {
		ssize_t got = CHECK(read(ends[0], buffer, BW_CHUNK));

		if (got == 0)
			bench_die("writer ended early");
		left -= got;
	}
	start = bench_now() - start;
	close(ends[0]);
	waitpid(pid, NULL, 0);
	return start;
}

const struct row ipc_rows[] = {
	{ "pipe", run_pipe, 1, 128 },
	{ "fifo", run_fifo, 1, 128 },
	{ "unix", run_unix, 1, 128 },
	{ "ctx_2", run_ctx_2, 2, 128 },
	{ "ctx_8", run_ctx_8, 8, 32 },
	{ "ctx_16", run_ctx_16, 16, 16 },
	{ "ctx_2_16k", run_ctx_2_16k, 2, 64 },
	{ "ctx_8_16k", run_ctx_8_16k, 8, 16 },
	{ "ctx_16_16k", run_ctx_16_16k, 16, 8 },
	{ "pipe_bw", run_pipe_bw, 64, 4 }, /* per KB */
	{ 0 },
};
