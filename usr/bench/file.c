/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows of files: creating and deleting (lat_fs), reading again what is cached (bw_file_rd). */
#include "bench.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLDER "/tmp/bench.dir"

/* n files are made, with `len` bytes each, then deleted; a create and a delete is one operation. */
static int64_t time_create_delete(int64_t n, size_t len)
{
	static char data[10240];
	char name[64];
	int64_t start;

	mkdir(FOLDER, 0700);
	start = bench_now();
	for (int64_t done = 0; done < n; done += 64) {
		int64_t count = n - done < 64 ? n - done : 64;

		for (int64_t i = 0; i < count; i++) {
			int fd;

			snprintf(name, sizeof(name), FOLDER "/%d", (int)i);
			fd = CHECK(open(name, O_WRONLY | O_CREAT | O_EXCL, 0600));
			if (len)
				CHECK(write(fd, data, len));
			close(fd);
		}
		for (int64_t i = 0; i < count; i++) {
			snprintf(name, sizeof(name), FOLDER "/%d", (int)i);
			CHECK(unlink(name));
		}
	}
	start = bench_now() - start;
	rmdir(FOLDER);
	return start;
}

static int64_t run_create_delete_0k(int64_t n)
{
	return time_create_delete(n, 0);
}

static int64_t run_create_delete_10k(int64_t n)
{
	return time_create_delete(n, 10240);
}

#define REREAD_CHUNK 65536
#define REREAD_SIZE (1 << 20)

static int64_t run_file_reread(int64_t n)
{
	static char buffer[REREAD_CHUNK];
	int fd = CHECK(open("/tmp/bench.reread", O_RDWR | O_CREAT | O_TRUNC, 0600));
	int64_t start;

	unlink("/tmp/bench.reread");
	for (int i = 0; i < REREAD_SIZE / REREAD_CHUNK; i++)
		CHECK(write(fd, buffer, REREAD_CHUNK));
	start = bench_now();
	for (int64_t i = 0; i < n; i++)
		CHECK(pread(fd, buffer, REREAD_CHUNK, i * REREAD_CHUNK % REREAD_SIZE));
	start = bench_now() - start;
	close(fd);
	return start;
}

const struct row file_rows[] = {
	{ "create_delete_0k", run_create_delete_0k, 1, 64 },
	{ "create_delete_10k", run_create_delete_10k, 1, 64 },
	{ "file_reread", run_file_reread, REREAD_CHUNK / 1024, 16 }, /* per KB */
	{ 0 },
};
