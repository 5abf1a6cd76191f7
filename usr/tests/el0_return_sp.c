/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The founding bug: after a switch on the interrupt path the next entry from user space used
 * another thread's kernel stack. Many processes and threads that spin, yield, sleep, talk over
 * pipes and fork, all switched by interrupts, each verifying its registers and its stack.
 */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <sys/syscall.h>

#include "helpers.h"
#include "regs.h"

#define PROCESSES	16
#define DURATION_NS	2500000000LL
#define CANARIES	512

struct canaries {
	uint64_t words[CANARIES];
};

static void canaries_set(struct canaries *c, uint64_t seed)
{
	for (int i = 0; i < CANARIES; i++)
		((volatile uint64_t *)c->words)[i] = seed * 31 + i;
}

static void canaries_check(struct canaries *c, uint64_t seed)
{
	for (int i = 0; i < CANARIES; i++)
		if (((volatile uint64_t *)c->words)[i] != seed * 31 + i)
			FAIL("stack of %d: word %d is %#llx", (int)seed, i, (long long)c->words[i]);
}

static void do_something(uint64_t seed, uint64_t step)
{
	switch ((seed + step) % 5) {
	case 0:
		sched_yield();
		break;
	case 1:
		usleep(100);
		break;
	case 2:
		EXPECT_EQ(syscall(SYS_getppid), getppid());
		break;
	case 3:
		regs_check(seed ^ step, 100000, "el0_return_sp");
		break;
	case 4:
		if (step % 32 == 0)
			EXPECT_EXIT(IN_CHILD({ sched_yield(); return_status = 7; }), 7);
		break;
	}
}

static int churn(uint64_t seed)
{
	int64_t end = now_ns() + DURATION_NS;
	struct canaries stack;

	for (uint64_t step = 0; now_ns() < end; step++) {
		canaries_set(&stack, seed);
		do_something(seed, step);
		canaries_check(&stack, seed);
	}
	return 0;
}

TEST(many_processes)
{
	pid_t pids[PROCESSES];

	for (int i = 0; i < PROCESSES; i++) {
		pids[i] = must_fork();
		if (pids[i] == 0)
			_exit(churn(i + 1));
	}
	for (int i = 0; i < PROCESSES; i++)
		EXPECT_EXIT(wait_status(pids[i]), 0);
}

static void *churn_thread(void *arg)
{
	struct canaries stack;
	uint64_t seed = (uintptr_t)arg;
	int64_t end = now_ns() + DURATION_NS / 2;

	for (uint64_t step = 0; now_ns() < end; step++) {
		canaries_set(&stack, seed);
		if (step % 2)
			sched_yield();
		else
			regs_check(seed + step, 20000, "thread");
		canaries_check(&stack, seed);
	}
	return NULL;
}

TEST(many_threads)
{
	pthread_t threads[8];

	for (uintptr_t i = 0; i < ARRAY_SIZE(threads); i++)
		EXPECT_EQ(pthread_create(&threads[i], NULL, churn_thread, (void *)(i + 1)), 0);
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		EXPECT_EQ(pthread_join(threads[i], NULL), 0);
}

/*
 * A ring of processes hands a token around while others keep the CPU busy. Where equals take
 * turns of a slice, each of them waits for one: seconds of the guest's time.
 */
TEST_LONG(ring_of_pipes, 120)
{
	enum { MEMBERS = 8, ROUNDS = 150 };
	int ends[MEMBERS][2];
	pid_t pids[MEMBERS], spinner;
	uint64_t token = 0;

	for (int i = 0; i < MEMBERS; i++)
		MUST(pipe(ends[i]));
	spinner = must_fork();
	if (spinner == 0)
		for (uint64_t i = 1;; i++)
			regs_check(i, 100000, "beside the ring");
	for (int i = 0; i < MEMBERS; i++) {
		pids[i] = must_fork();
		if (pids[i] != 0)
			continue;
		for (int round = 0; round < ROUNDS; round++) {
			struct canaries stack;
			uint64_t word;

			canaries_set(&stack, i + 100);
			EXPECT_EQ(read(ends[i][0], &word, sizeof(word)), sizeof(word));
			EXPECT_EQ(word, round * MEMBERS + i);
			word++;
			canaries_check(&stack, i + 100);
			EXPECT_EQ(write(ends[(i + 1) % MEMBERS][1], &word, sizeof(word)),
				  sizeof(word));
		}
		_exit(0);
	}
	EXPECT_EQ(write(ends[0][1], &token, sizeof(token)), sizeof(token));
	for (int i = 0; i < MEMBERS; i++)
		EXPECT_EXIT(wait_status(pids[i]), 0);
	EXPECT_EQ(waitpid(spinner, NULL, WNOHANG), 0); /* it found no damage */
	kill(spinner, SIGKILL);
	wait_status(spinner);
}
