/* SPDX-License-Identifier: BSD-2-Clause */
/* Real-time tasks: that they go first, and what they leave to others. */
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

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

/* The same of several who give way to each other, and change, much more often than the clock ticks. */
TEST(takers_of_turns_leave_something_to_others)
{
	struct sched_param param = { .sched_priority = 99 };
	struct rusage usage;
	pid_t other, turns[3];
	int status;

	need_root();
	SKIP_IN_EMULATOR("has all the host's CPUs");
	pin_to_cpu();
	/* We go before all of them, to come back if there is nothing for others. */
	MUST(syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, &param));
	param.sched_priority = 0;
	other = must_fork();
	if (other == 0) {
		MUST(syscall(SYS_sched_setscheduler, 0, SCHED_OTHER, &param));
		for (;;)
			getppid();
	}
	param.sched_priority = 50;
	for (size_t i = 0; i < ARRAY_SIZE(turns); i++) {
		turns[i] = must_fork();
		if (turns[i] == 0) {
			for (;;) {
				MUST(syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, &param));
				sched_yield();
				sched_yield();
			}
		}
	}
	sleep_ms(4000);
	for (size_t i = 0; i < ARRAY_SIZE(turns); i++) {
		MUST(kill(turns[i], SIGKILL));
		EXPECT_KILLED(wait_status(turns[i]), SIGKILL);
	}
	MUST(kill(other, SIGKILL));
	MUST(wait4(other, &status, 0, &usage));
	/* A twentieth of four seconds: more than one period has, and not all, as a host may be busy. */
	EXPECT_GE(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec, 60000);
	EXPECT_EQ(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec, 0);
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
