/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An interrupt must give back every register, x16 and x17 included: an exit path that uses one
 * as scratch after restoring it corrupts programs at random. Processes that spin with patterns
 * in all registers are interrupted by ticks, by each other and by wake-ups of a sleeper.
 */
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/time.h>

#include "helpers.h"
#include "regs.h"

#define SPINNERS	4
#define DURATION_NS	2500000000LL
#define LOOPS		200000

static int spin(uint64_t seed)
{
	int64_t end = now_ns() + DURATION_NS;
	char where[32];

	snprintf(where, sizeof(where), "spinner %d", (int)seed);
	for (uint64_t i = 0; now_ns() < end; i++)
		regs_check(seed * 1000003 + i, LOOPS, where);
	return 0;
}

static int sleep_briefly_and_often(void)
{
	int64_t end = now_ns() + DURATION_NS;

	while (now_ns() < end)
		usleep(200);
	return 0;
}

TEST(registers_survive_interrupts)
{
	pid_t pids[SPINNERS + 1];

	for (int i = 0; i <= SPINNERS; i++) {
		pids[i] = must_fork();
		if (pids[i] == 0)
			_exit(i == SPINNERS ? sleep_briefly_and_often() : spin(i + 1));
	}
	for (int i = 0; i <= SPINNERS; i++)
		EXPECT_EXIT(wait_status(pids[i]), 0);
}

static volatile sig_atomic_t alarms;

static void on_alarm(int sig)
{
	volatile double x = alarms; /* uses FP registers on purpose */

	x = x * 1.5 + 2;
	alarms++;
}

TEST(registers_survive_signals)
{
	struct itimerval often = { { 0, 2000 }, { 0, 2000 } };
	int64_t end = now_ns() + 1000000000LL;

	handle(SIGALRM, on_alarm, SA_RESTART);
	MUST(setitimer(ITIMER_REAL, &often, NULL));
	for (uint64_t i = 1; now_ns() < end; i++)
		regs_check(i, LOOPS, "under SIGALRM");
	often = (struct itimerval){ 0 };
	MUST(setitimer(ITIMER_REAL, &often, NULL));
	EXPECT_GT(alarms, 20);
}

TEST(registers_survive_syscalls)
{
	for (uint64_t i = 1; i < 2000; i++) {
		getppid();
		regs_check(i, 50, "after getppid");
	}
}
