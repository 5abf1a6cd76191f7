/* SPDX-License-Identifier: BSD-2-Clause */
/* Real-time tasks: that they go first, and what they leave to others. */
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "helpers.h"

#define RUNTIME "/proc/sys/kernel/sched_rt_runtime_us"

/* A child that computes for ever, with this FIFO priority, on our CPU. */
static pid_t hog(int priority, volatile unsigned long *rounds)
{
	struct sched_param param = { .sched_priority = priority };
	pid_t pid = must_fork();

	if (pid == 0) {
		MUST(syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, &param));
		for (;;)
			++*rounds;
	}
	return pid;
}

static volatile unsigned long *shared(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	EXPECT_NE(p, MAP_FAILED);
	return p;
}

/* Who never sleeps has nearly all, and others the rest. */
TEST_LONG(leaves_something_to_others, 120)
{
	volatile unsigned long *rounds = shared();
	int64_t start, longest = 0, before, now;
	pid_t pid;

	need_root();
	SKIP_IN_EMULATOR("has all the host's CPUs");
	pin_to_cpu();
	pid = hog(50, rounds);
	while (!*rounds)
		sched_yield();
	/* Without a share of our own we would never come back from here. */
	start = before = now_ns();
	while ((now = now_ns()) - start < 4000000000) {
		if (now - before > longest)
			longest = now - before;
		before = now;
	}
	EXPECT_GT(longest, 500000000);
	MUST(kill(pid, SIGKILL));
	EXPECT_KILLED(wait_status(pid), SIGKILL);
}

TEST(share_is_a_number_of_microseconds)
{
	char text[64];
	int error = 0;

	need_root();
	SKIP_IN_EMULATOR("shows the host's");
	get_file(RUNTIME, text, sizeof(text));
	EXPECT_STREQ(text, "950000\n");
	get_file("/proc/sys/kernel/sched_rt_period_us", text, sizeof(text));
	EXPECT_STREQ(text, "1000000\n");
	if (system("echo -2 2>/dev/null >" RUNTIME))
		error = 1;
	EXPECT_EQ(error, 1);
	get_file(RUNTIME, text, sizeof(text));
	EXPECT_STREQ(text, "950000\n");
}
