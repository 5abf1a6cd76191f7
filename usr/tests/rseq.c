/* SPDX-License-Identifier: BSD-2-Clause */
/* Restartable sequences: registration, the CPU's number, aborts by preemption and signals. */
#include <linux/membarrier.h>
#include <linux/rseq.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>

#include "helpers.h"

#define SIGNATURE 0xd428bc00u

long rseq_section(struct rseq *rseq, struct rseq_cs *cs, unsigned long turns, unsigned long *left);
extern char rseq_start[], rseq_end[], rseq_abort[];

static _Thread_local struct rseq area;
static struct rseq_cs section;

static long reg(struct rseq *rseq, unsigned len, int flags, unsigned sig)
{
	return syscall(SYS_rseq, rseq, len, flags, sig);
}

static void start(void)
{
	SKIP_IN_EMULATOR("has none");
	if (reg(&area, sizeof(area), 0, SIGNATURE) < 0 && errno == ENOSYS)
		SKIP("no restartable sequences in this kernel");
	section = (struct rseq_cs){ .start_ip = (uintptr_t)rseq_start,
				    .post_commit_offset = (uintptr_t)(rseq_end - rseq_start),
				    .abort_ip = (uintptr_t)rseq_abort };
}

TEST(registration)
{
	start();
	EXPECT_ERRNO(reg(&area, sizeof(area), 0, SIGNATURE), EBUSY);
	EXPECT_ERRNO(reg(&area, sizeof(area), 0, 1), EPERM);
	EXPECT_ERRNO(reg(&area, 16, 0, SIGNATURE), EINVAL);
	EXPECT_ERRNO(reg(&area + 1, sizeof(area), 0, SIGNATURE), EINVAL);
	EXPECT_ERRNO(reg(&area, sizeof(area), RSEQ_FLAG_UNREGISTER, 1), EPERM);
	EXPECT_ERRNO(reg(&area, sizeof(area), 4, SIGNATURE), EINVAL);
	EXPECT_EQ(reg(&area, sizeof(area), RSEQ_FLAG_UNREGISTER, SIGNATURE), 0);
	EXPECT_EQ(area.cpu_id, (unsigned)RSEQ_CPU_ID_UNINITIALIZED);
	EXPECT_ERRNO(reg(&area, sizeof(area), RSEQ_FLAG_UNREGISTER, SIGNATURE), EINVAL);
	EXPECT_ERRNO(reg((struct rseq *)((char *)&area + 8), sizeof(area), 0, SIGNATURE), EINVAL);
	EXPECT_ERRNO(reg((struct rseq *)0xffff800008000000, sizeof(area), 0, SIGNATURE), EFAULT);
	EXPECT_EQ(reg(&area, sizeof(area), 0, SIGNATURE), 0);
}

TEST(number_of_the_cpu)
{
	cpu_set_t all, one;

	start();
	MUST(sched_getaffinity(0, sizeof(all), &all));
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &all))
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		MUST(sched_setaffinity(0, sizeof(one), &one));
		EXPECT_EQ(*(volatile unsigned *)&area.cpu_id, cpu);
		EXPECT_EQ(*(volatile unsigned *)&area.cpu_id_start, cpu);
	}
	/* A forked child has its parent's registration. */
	EXPECT_EXIT(IN_CHILD({
		EXPECT_EQ(*(volatile unsigned *)&area.cpu_id, sched_getcpu());
		EXPECT_ERRNO(reg(&area, sizeof(area), 0, SIGNATURE), EBUSY);
	}), 0);
}

TEST(a_sequence_that_comes_through)
{
	unsigned long left;
	long tries = 0;

	start();
	while (rseq_section(&area, &section, 3, &left))
		EXPECT_LT(++tries, 1000);
	EXPECT_EQ(left, 1);
	/* Named still, but it is not in there: that is no harm at the next signal. */
	EXPECT_EQ(area.rseq_cs, (uintptr_t)&section);
}

static volatile sig_atomic_t signals;
static volatile uint64_t cs_in_handler;

static void on_alarm(int sig)
{
	cs_in_handler = area.rseq_cs;
	signals++;
}

TEST(a_signal_aborts)
{
	struct itimerval soon = { .it_value = { 0, 20000 } };
	unsigned long left;

	start();
	handle(SIGALRM, on_alarm, 0);
	MUST(setitimer(ITIMER_REAL, &soon, NULL));
	/* For ever, if nothing sent it away; preemption may do it before the signal does. */
	while (!signals)
		EXPECT_EQ(rseq_section(&area, &section, ~0ul, &left), 1);
	EXPECT_EQ(area.rseq_cs, 0);
	EXPECT_EQ(cs_in_handler, 0);
}

TEST(being_switched_out_aborts)
{
	unsigned long left;
	pid_t pid;

	start();
	pin_to_cpu();
	pid = must_fork();
	if (pid == 0)
		for (;;)
			;
	EXPECT_EQ(rseq_section(&area, &section, ~0ul, &left), 1);
	kill(pid, SIGKILL);
	wait_status(pid);
}

TEST(a_bad_sequence_is_a_fault)
{
	struct itimerval often = { { 0, 20000 }, { 0, 20000 } };

	start();
	for (int kind = 0; kind < 6; kind++) {
		EXPECT_KILLED(IN_CHILD({
			unsigned long left;
			struct rseq_cs bad = section;

			if (kind == 0)
				bad.abort_ip += 4;		/* no signature there */
			if (kind == 1)
				bad.abort_ip = bad.start_ip;	/* inside */
			if (kind == 2)
				bad.version = 1;
			if (kind == 3)
				bad.start_ip = 0xffff800008000000;
			if (kind == 4)
				bad.flags = 1;
			handle(SIGALRM, on_alarm, 0);
			MUST(setitimer(ITIMER_REAL, &often, NULL));
			/* Kind 5: the structure itself is not there. */
			for (int turn = 0; turn < 1000; turn++) {
				rseq_section(&area, kind == 5 ? (void *)16 : &bad,
					     kind == 4 ? ~0ul : 1, &left);
				sleep_ms(1);
			}
		}), SIGSEGV);
	}
}

static void *thread(void *arg)
{
	/* Each thread registers its own. */
	EXPECT_EQ(reg(&area, sizeof(area), 0, SIGNATURE), 0);
	EXPECT_EQ(*(volatile unsigned *)&area.cpu_id_start, *(volatile unsigned *)&area.cpu_id);
	return NULL;
}

TEST(threads)
{
	pthread_t t;

	start();
	for (int i = 0; i < 10; i++) {
		EXPECT_EQ(pthread_create(&t, NULL, thread, NULL), 0);
		EXPECT_EQ(pthread_join(t, NULL), 0);
	}
}

static void *restarter(void *stop)
{
	while (!*(volatile bool *)stop)
		EXPECT_EQ(syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ, 0, 0), 0);
	return NULL;
}

TEST(membarrier_aborts)
{
	static bool stop;
	unsigned long left;
	pthread_t t;

	start();
	EXPECT_ERRNO(syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ, 0, 0), EPERM);
	MUST(syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ, 0, 0));
	EXPECT_EQ(pthread_create(&t, NULL, restarter, &stop), 0);
	for (int i = 0; i < 20; i++)
		EXPECT_EQ(rseq_section(&area, &section, ~0ul, &left), 1);
	stop = true;
	EXPECT_EQ(pthread_join(t, NULL), 0);
	EXPECT_EQ(syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ,
			  MEMBARRIER_CMD_FLAG_CPU, 0), 0);
	EXPECT_ERRNO(syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED,
			     MEMBARRIER_CMD_FLAG_CPU, 0), EINVAL);
}

TEST(memory_that_is_not_there)
{
	start();
	EXPECT_EQ(reg(&area, sizeof(area), RSEQ_FLAG_UNREGISTER, SIGNATURE), 0);
	EXPECT_ERRNO(reg(NULL, sizeof(area), 0, SIGNATURE), EFAULT);
	EXPECT_ERRNO(reg((struct rseq *)4096, sizeof(area), 0, SIGNATURE), EFAULT);
	area.rseq_cs = 16;
	EXPECT_EQ(reg(&area, sizeof(area), 0, SIGNATURE), 0);
	EXPECT_EQ(area.rseq_cs, 0);
}

int helper_main(int argc, char **argv)
{
	return reg(&area, sizeof(area), 0, SIGNATURE) < 0;
}

/* Switched out in the middle of an exec, and then there is nothing to write to any more. */
TEST_LONG(forgotten_by_exec, 120)
{
	pid_t busy[2];

	start();
	pin_to_cpu();
	for (int i = 0; i < 2; i++) {
		busy[i] = must_fork();
		if (busy[i] == 0)
			for (;;)
				;
	}
	for (int i = 0; i < 60; i++)
		EXPECT_EXIT(IN_CHILD({
			execl(self_path(), self_path(), "--helper", NULL);
			return_status = 99;
		}), 0);
	for (int i = 0; i < 2; i++) {
		kill(busy[i], SIGKILL);
		wait_status(busy[i]);
	}
}
