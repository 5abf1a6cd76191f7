/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * More memory than there is: the hog is killed, the system lives, the memory comes back. Most
 * of what is free is taken first, so that the hog alone has to go.
 */
#include <stdio.h>
#include <sys/mman.h>

#include "helpers.h"

/* Touches memory until it dies. */
static _Noreturn void take_all(void)
{
	for (;;) {
		size_t len = 4 << 20;
		char *area =
			mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (area == MAP_FAILED)
			_exit(50); /* refused: as good as killed */
		for (size_t at = 0; at < len; at += 4096)
			area[at] = 1;
	}
}

static void check_free(long before)
{
	long after = 0;

	for (int i = 0; i < 100; i++) {
		after = meminfo_kb("MemFree") + meminfo_kb("Buffers") + meminfo_kb("Cached");
		if (after > before - 4096)
			return;
		sleep_ms(50);
	}
	FAIL("free memory was %ld kB, is %ld kB", before, after);
}

static long available(void)
{
	return meminfo_kb("MemFree") + meminfo_kb("Buffers") + meminfo_kb("Cached");
}

TEST_LONG(hog_is_killed, 180)
{
	long before;
	int status;

	SKIP_IN_EMULATOR("memory of the host");
	before = available();
	for (int round = 0; round < 2; round++) {
		status = IN_CHILD(take_all(););
		if (!(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) &&
		    !(WIFEXITED(status) && WEXITSTATUS(status) == 50))
			FAIL("the hog ended with wait status %#x", status);
		check_free(before);
	}
}

TEST_LONG(hog_with_fork, 180)
{
	long before;

	SKIP_IN_EMULATOR("memory of the host");
	before = available();
	/* Three hogs at once: all of them end. */
	pid_t pids[3];

	for (int i = 0; i < 3; i++) {
		pids[i] = must_fork();
		if (pids[i] == 0)
			take_all();
	}
	for (int i = 0; i < 3; i++)
		wait_status(pids[i]);
	check_free(before);
}

/* A neighbour with little memory survives the hog and keeps its contents. */
TEST_LONG(small_neighbour_survives, 180)
{
	int ends[2];
	pid_t small;
	char c;

	SKIP_IN_EMULATOR("memory of the host");
	MUST(pipe(ends));
	small = must_fork();
	if (small == 0) {
		static unsigned char data[1 << 20];

		for (size_t i = 0; i < sizeof(data); i++)
			data[i] = i * 7;
		close(ends[1]);
		EXPECT_EQ(read(ends[0], &c, 1), 0);
		for (size_t i = 0; i < sizeof(data); i++)
			EXPECT_EQ(data[i], (unsigned char)(i * 7));
		_exit(0);
	}
	close(ends[0]);
	IN_CHILD(close(ends[1]); take_all(););
	close(ends[1]);
	EXPECT_EXIT(wait_status(small), 0);
}
