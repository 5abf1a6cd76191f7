/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows of page faults and mappings. */
#include "bench.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096L
#define MAX_PAGES 2048 /* more iterations than that are done in rounds */

static char *map(size_t len, int flags, int fd)
{
	char *area = mmap(NULL, len, PROT_READ | PROT_WRITE, flags, fd, 0);

	if (area == MAP_FAILED)
		bench_die("mmap");
	return area;
}

static int64_t touch(char *area, int64_t pages)
{
	int64_t start = bench_now();

	for (int64_t i = 0; i < pages; i++)
		*(volatile char *)(area + i * PAGE) = 1;
	return bench_now() - start;
}

static int64_t time_anon(int64_t pages)
{
	char *area = map(pages * PAGE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	int64_t ns;

	madvise(area, pages * PAGE, MADV_NOHUGEPAGE); /* a fault a page, where that is a question */
	ns = touch(area, pages);
	munmap(area, pages * PAGE);
	return ns;
}

/* In one child: every page is shared with the parent and written once. */
static int64_t time_cow(int64_t pages)
{
	char *area = map(pages * PAGE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	int64_t ns = 0;
	int ends[2];
	pid_t pid;

	madvise(area, pages * PAGE, MADV_NOHUGEPAGE);
	touch(area, pages);
	CHECK(pipe(ends));
	pid = CHECK(fork());
	if (pid == 0) {
		ns = touch(area, pages);
		CHECK(write(ends[1], &ns, sizeof(ns)));
		_exit(0);
	}
	CHECK(read(ends[0], &ns, sizeof(ns)));
	waitpid(pid, NULL, 0);
	close(ends[0]);
	close(ends[1]);
	munmap(area, pages * PAGE);
	return ns;
}

static int64_t in_rounds(int64_t n, int64_t (*time_pages)(int64_t pages))
{
	int64_t ns = 0;

	for (; n > 0; n -= MAX_PAGES)
		ns += time_pages(n < MAX_PAGES ? n : MAX_PAGES);
	return ns;
}

static int64_t run_anon(int64_t n)
{
	return in_rounds(n, time_anon);
}

static int64_t run_cow(int64_t n)
{
	return in_rounds(n, time_cow);
}

static int make_file(size_t len)
{
	char name[] = "/tmp/bench.XXXXXX", block[4096];
	int fd = CHECK(mkstemp(name));

	unlink(name);
	memset(block, 7, sizeof(block));
	for (size_t at = 0; at < len; at += sizeof(block))
		CHECK(write(fd, block, sizeof(block)));
	return fd;
}

/* As lat_pagefault: reads of a cached file's pages, last to first; kernels map some around each. */
static int64_t time_file(int64_t pages)
{
	int fd = make_file(pages * PAGE);
	char *area = map(pages * PAGE, MAP_SHARED, fd);
	int64_t start;

	madvise(area, pages * PAGE, MADV_RANDOM);
	start = bench_now();
	for (int64_t i = pages - 1; i >= 0; i--)
		(void)*(volatile char *)(area + i * PAGE);
	start = bench_now() - start;
	munmap(area, pages * PAGE);
	close(fd);
	return start;
}

static int64_t run_file(int64_t n)
{
	return in_rounds(n, time_file);
}

/* As lat_mmap: map, touch the first byte of every 16th KB, unmap. */
static int64_t time_mmap(int64_t n, size_t len)
{
	int fd = make_file(len);
	int64_t start = bench_now();

	for (int64_t i = 0; i < n; i++) {
		char *area = map(len, MAP_SHARED, fd);

		for (size_t at = 0; at < len; at += 16384)
			*(volatile char *)(area + at) = 1;
		munmap(area, len);
	}
	start = bench_now() - start;
	close(fd);
	return start;
}

static int64_t run_mmap_4k(int64_t n)
{
	return time_mmap(n, 4096);
}

static int64_t run_mmap_64k(int64_t n)
{
	return time_mmap(n, 65536);
}

static int64_t run_mmap_4m(int64_t n)
{
	return time_mmap(n, 4 << 20);
}

const struct row memory_rows[] = {
	{ "page_fault_anon", run_anon, 1, 512 },
	{ "page_fault_file", run_file, 1, 512 },
	{ "page_fault_cow", run_cow, 1, 512 },
	{ "mmap_4k", run_mmap_4k, 1, 128 },
	{ "mmap_64k", run_mmap_64k, 1, 64 },
	{ "mmap_4m", run_mmap_4m, 1, 8 },
	{ 0 },
};
