/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The scheduling system calls: what they take, refuse and tell, and that real-time tasks go
 * first. Nothing here depends on the policy among ordinary tasks, so that it holds with each.
 */
#include <limits.h>
#include <linux/sched.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>

#include "helpers.h"

#define NOBODY 54321
#define BAD ((void *)8)

/* struct sched_attr of sched_setattr(2), version 0, and room for more. */
struct attr {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
	uint32_t more[6];
};
#define ATTR_SIZE 48

static long set_scheduler(pid_t pid, int policy, int priority)
{
	return syscall(SYS_sched_setscheduler, pid, policy, &priority);
}

static long get_scheduler(pid_t pid)
{
	return syscall(SYS_sched_getscheduler, pid);
}

static long set_attr(pid_t pid, struct attr *attr)
{
	return syscall(SYS_sched_setattr, pid, attr, 0);
}

static struct attr get_attr(pid_t pid)
{
	struct attr attr;

	memset(&attr, 0xff, sizeof(attr));
	MUST(syscall(SYS_sched_getattr, pid, &attr, ATTR_SIZE, 0));
	return attr;
}

static void on_a_real_kernel(void)
{
	SKIP_IN_EMULATOR("the scheduler is the host's");
	need_root();
}

static volatile unsigned long *shared(void)
{
	return MUST(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
}

static pid_t counter(volatile unsigned long *rounds, int policy, int priority)
{
	pid_t pid = must_fork();

	if (pid == 0) {
		MUST(set_scheduler(0, policy, priority));
		for (;;)
			++*rounds;
	}
	return pid;
}

static void end(pid_t pid)
{
	MUST(kill(pid, SIGKILL));
	EXPECT_KILLED(wait_status(pid), SIGKILL);
}

static void spin_ms(int64_t ms)
{
	int64_t until = now_ns() + ms * 1000000;

	while (now_ns() < until)
		;
}

TEST(each_class_is_kept)
{
	static const struct {
		int policy, priority;
	} classes[] = {
		{ SCHED_BATCH, 0 }, { SCHED_IDLE, 0 }, { SCHED_OTHER, 0 }, { SCHED_RR, 1 },
		{ SCHED_FIFO, 99 }, { SCHED_OTHER, 0 },
	};
	struct sched_param param;

	on_a_real_kernel();
	for (size_t i = 0; i < ARRAY_SIZE(classes); i++) {
		MUST(set_scheduler(0, classes[i].policy, classes[i].priority));
		EXPECT_EQ(get_scheduler(0), classes[i].policy);
		EXPECT_EQ(get_scheduler(getpid()), classes[i].policy);
		MUST(syscall(SYS_sched_getparam, 0, &param));
		EXPECT_EQ(param.sched_priority, classes[i].priority);
		EXPECT_EQ(get_attr(0).policy, (uint32_t)classes[i].policy);
		EXPECT_EQ(get_attr(0).priority, (uint32_t)classes[i].priority);
		EXPECT_EXIT(IN_CHILD({ return_status = (int)get_scheduler(0); }), classes[i].policy);
	}
}

TEST(refused)
{
	struct sched_param param = { 0 };

	on_a_real_kernel();
	EXPECT_ERRNO(set_scheduler(0, SCHED_FIFO, 0), EINVAL);
	EXPECT_ERRNO(set_scheduler(0, SCHED_FIFO, 100), EINVAL);
	EXPECT_ERRNO(set_scheduler(0, SCHED_RR, -1), EINVAL);
	EXPECT_ERRNO(set_scheduler(0, SCHED_OTHER, 1), EINVAL);
	EXPECT_ERRNO(set_scheduler(0, SCHED_BATCH, 1), EINVAL);
	EXPECT_ERRNO(set_scheduler(0, SCHED_IDLE, 1), EINVAL);
	EXPECT_ERRNO(set_scheduler(0, SCHED_DEADLINE, 0), EINVAL);
	EXPECT_ERRNO(set_scheduler(0, 4, 0), EINVAL);
	EXPECT_ERRNO(set_scheduler(0, -1, 0), EINVAL);
	EXPECT_ERRNO(set_scheduler(0, 12345, 0), EINVAL);
	EXPECT_ERRNO(set_scheduler(-1, SCHED_OTHER, 0), EINVAL);
	EXPECT_ERRNO(set_scheduler(INT_MAX, SCHED_OTHER, 0), ESRCH);
	EXPECT_ERRNO(syscall(SYS_sched_setscheduler, 0, SCHED_OTHER, NULL), EINVAL);
	EXPECT_ERRNO(syscall(SYS_sched_setscheduler, 0, SCHED_OTHER, BAD), EFAULT);
	EXPECT_ERRNO(get_scheduler(-1), EINVAL);
	EXPECT_ERRNO(get_scheduler(INT_MAX), ESRCH);
	EXPECT_ERRNO(syscall(SYS_sched_getparam, 0, NULL), EINVAL);
	EXPECT_ERRNO(syscall(SYS_sched_getparam, 0, BAD), EFAULT);
	EXPECT_ERRNO(syscall(SYS_sched_getparam, -1, &param), EINVAL);
	EXPECT_ERRNO(syscall(SYS_sched_getparam, INT_MAX, &param), ESRCH);
	param.sched_priority = 1;
	EXPECT_ERRNO(syscall(SYS_sched_setparam, 0, &param), EINVAL);
	EXPECT_ERRNO(syscall(SYS_sched_setparam, 0, NULL), EINVAL);
	EXPECT_EQ(get_scheduler(0), SCHED_OTHER);
	MUST(set_scheduler(0, SCHED_RR, 3));
	MUST(syscall(SYS_sched_setparam, 0, &param));
	MUST(syscall(SYS_sched_getparam, 0, &param));
	EXPECT_EQ(param.sched_priority, 1);
	EXPECT_EQ(get_scheduler(0), SCHED_RR);
}

TEST(ranges)
{
	static const int ordinary[] = { SCHED_OTHER, SCHED_BATCH, SCHED_IDLE, SCHED_DEADLINE };
	static const int unknown[] = { -1, 4, 7, 1000 };

	on_a_real_kernel();
	EXPECT_EQ(sched_get_priority_min(SCHED_FIFO), 1);
	EXPECT_EQ(sched_get_priority_max(SCHED_FIFO), 99);
	EXPECT_EQ(sched_get_priority_min(SCHED_RR), 1);
	EXPECT_EQ(sched_get_priority_max(SCHED_RR), 99);
	for (size_t i = 0; i < ARRAY_SIZE(ordinary); i++) {
		EXPECT_EQ(sched_get_priority_min(ordinary[i]), 0);
		EXPECT_EQ(sched_get_priority_max(ordinary[i]), 0);
		EXPECT_ERRNO(sched_get_priority_min(unknown[i]), EINVAL);
		EXPECT_ERRNO(sched_get_priority_max(unknown[i]), EINVAL);
	}
}

TEST(round_robin_interval)
{
	struct timespec ts;

	on_a_real_kernel();
	MUST(syscall(SYS_sched_rr_get_interval, 0, &ts));
	EXPECT_EQ(ts.tv_sec, 0);
	EXPECT_GE(ts.tv_nsec, 0);
	MUST(set_scheduler(0, SCHED_RR, 1));
	MUST(syscall(SYS_sched_rr_get_interval, 0, &ts));
	EXPECT_EQ(ts.tv_sec, 0);
	EXPECT_EQ(ts.tv_nsec, 100000000);
	MUST(set_scheduler(0, SCHED_FIFO, 1));
	MUST(syscall(SYS_sched_rr_get_interval, 0, &ts));
	EXPECT_EQ(ts.tv_sec, 0);
	EXPECT_EQ(ts.tv_nsec, 0);
	EXPECT_ERRNO(syscall(SYS_sched_rr_get_interval, 0, BAD), EFAULT);
	EXPECT_ERRNO(syscall(SYS_sched_rr_get_interval, -1, &ts), EINVAL);
	EXPECT_ERRNO(syscall(SYS_sched_rr_get_interval, INT_MAX, &ts), ESRCH);
}

TEST(attributes)
{
	struct attr attr = { .size = ATTR_SIZE, .policy = SCHED_OTHER, .nice = 7 };

	on_a_real_kernel();
	MUST(set_attr(0, &attr));
	EXPECT_EQ(getpriority(PRIO_PROCESS, 0), 7);
	EXPECT_EQ(get_attr(0).nice, 7);
	EXPECT_EQ(get_attr(0).size, ATTR_SIZE);
	attr.size = 0;				/* stands for version 0 */
	attr.nice = 100;
	MUST(set_attr(0, &attr));
	EXPECT_EQ(get_attr(0).nice, 19);
	attr = (struct attr){ .size = ATTR_SIZE, .policy = SCHED_FIFO, .priority = 5 };
	MUST(set_attr(0, &attr));
	EXPECT_EQ(get_attr(0).policy, SCHED_FIFO);
	EXPECT_EQ(get_attr(0).priority, 5);
	attr = (struct attr){ .size = sizeof(attr), .policy = SCHED_OTHER, .nice = 1 };
	MUST(set_attr(0, &attr));		/* what we do not know is zero */
	attr.more[5] = 1;
	EXPECT_ERRNO(set_attr(0, &attr), E2BIG);
	attr = (struct attr){ .size = ATTR_SIZE - 1 };
	EXPECT_ERRNO(set_attr(0, &attr), E2BIG);
	EXPECT_GE(attr.size, ATTR_SIZE);	/* the size that would do */
	attr = (struct attr){ .size = ATTR_SIZE, .policy = (uint32_t)-1 };
	EXPECT_ERRNO(set_attr(0, &attr), EINVAL);
	attr = (struct attr){ .size = ATTR_SIZE, .flags = 1u << 31 };
	EXPECT_ERRNO(set_attr(0, &attr), EINVAL);
	attr = (struct attr){ .size = ATTR_SIZE, .policy = SCHED_FIFO };
	EXPECT_ERRNO(set_attr(0, &attr), EINVAL);
	attr = (struct attr){ .size = ATTR_SIZE };
	EXPECT_ERRNO(syscall(SYS_sched_setattr, 0, NULL, 0), EINVAL);
	EXPECT_ERRNO(syscall(SYS_sched_setattr, 0, &attr, 1), EINVAL);
	EXPECT_ERRNO(set_attr(-1, &attr), EINVAL);
	EXPECT_ERRNO(set_attr(INT_MAX, &attr), ESRCH);
	EXPECT_ERRNO(syscall(SYS_sched_getattr, 0, &attr, ATTR_SIZE - 1, 0), EINVAL);
	EXPECT_ERRNO(syscall(SYS_sched_getattr, 0, &attr, ATTR_SIZE, 1), EINVAL);
	EXPECT_ERRNO(syscall(SYS_sched_getattr, 0, BAD, ATTR_SIZE, 0), EFAULT);
	EXPECT_ERRNO(syscall(SYS_sched_getattr, INT_MAX, &attr, ATTR_SIZE, 0), ESRCH);
}

/* Either it is what the caller asked for, or he is told that it is not. */
TEST(deadline_is_kept_or_refused)
{
	struct attr attr = { .size = ATTR_SIZE, .policy = SCHED_DEADLINE, .runtime = 1000000,
			     .deadline = 10000000, .period = 10000000 };

	on_a_real_kernel();
	if (set_attr(0, &attr) == 0) {
		EXPECT_EQ(get_scheduler(0), SCHED_DEADLINE);
		return;
	}
	EXPECT_EQ(errno, EINVAL);
	EXPECT_EQ(get_scheduler(0), SCHED_OTHER);
}

TEST(reset_on_fork)
{
	struct attr attr = { .size = ATTR_SIZE, .policy = SCHED_OTHER, .nice = -5, .flags = 1 };

	on_a_real_kernel();
	MUST(set_scheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, 4));
	EXPECT_EQ(get_scheduler(0), SCHED_FIFO | SCHED_RESET_ON_FORK);
	EXPECT_EXIT(IN_CHILD({ return_status = (int)get_scheduler(0); }), SCHED_OTHER);
	MUST(set_attr(0, &attr));
	EXPECT_EQ(get_attr(0).flags, 1);
	EXPECT_EXIT(IN_CHILD({ return_status = 20 + getpriority(PRIO_PROCESS, 0); }), 20);
}

TEST(nice_values)
{
	on_a_real_kernel();
	EXPECT_EQ(getpriority(PRIO_PROCESS, 0), 0);
	MUST(setpriority(PRIO_PROCESS, 0, 5));
	EXPECT_EQ(getpriority(PRIO_PROCESS, 0), 5);
	EXPECT_EQ(getpriority(PRIO_PGRP, 0), 5);
	EXPECT_EQ(getpriority(PRIO_PROCESS, getpid()), 5);
	EXPECT_EXIT(IN_CHILD({ return_status = 20 + getpriority(PRIO_PROCESS, 0); }), 25);
	MUST(setpriority(PRIO_PGRP, 0, 1000));
	EXPECT_EQ(getpriority(PRIO_PROCESS, 0), 19);
	MUST(setpriority(PRIO_PROCESS, 0, -1000));
	EXPECT_EQ(getpriority(PRIO_PROCESS, 0), -20);
	EXPECT_EQ(nice(3), -17);
	EXPECT_ERRNO(setpriority(3, 0, 0), EINVAL);
	EXPECT_ERRNO(setpriority(-1, 0, 0), EINVAL);
	EXPECT_ERRNO(setpriority(PRIO_PROCESS, INT_MAX, 0), ESRCH);
	EXPECT_ERRNO(setpriority(PRIO_USER, NOBODY, 0), ESRCH);
	EXPECT_ERRNO(getpriority(3, 0), EINVAL);
	EXPECT_ERRNO(getpriority(PRIO_PROCESS, INT_MAX), ESRCH);
}

static void limit(int which, rlim_t value)
{
	struct rlimit r = { value, value };

	MUST(setrlimit(which, &r));
}

TEST(without_privilege)
{
	pid_t parent = getpid();

	on_a_real_kernel();
	EXPECT_EXIT(IN_CHILD({
		limit(RLIMIT_NICE, 0);
		limit(RLIMIT_RTPRIO, 0);
		MUST(setuid(NOBODY));
		MUST(setpriority(PRIO_PROCESS, 0, 3));
		EXPECT_ERRNO(setpriority(PRIO_PROCESS, 0, 2), EACCES);
		EXPECT_ERRNO(setpriority(PRIO_PROCESS, parent, 5), EPERM);
		EXPECT_ERRNO(set_scheduler(0, SCHED_FIFO, 1), EPERM);
		EXPECT_ERRNO(set_scheduler(parent, SCHED_OTHER, 0), EPERM);
		EXPECT_ERRNO(syscall(SYS_sched_setaffinity, parent, 8, &(unsigned long){ 1 }), EPERM);
		MUST(set_scheduler(0, SCHED_BATCH, 0));
		MUST(set_scheduler(0, SCHED_IDLE, 0));
		EXPECT_ERRNO(set_scheduler(0, SCHED_OTHER, 0), EPERM);
	}), 0);
	EXPECT_EXIT(IN_CHILD({
		limit(RLIMIT_NICE, 20);		/* down to 0 */
		limit(RLIMIT_RTPRIO, 10);
		MUST(setuid(NOBODY));
		MUST(set_scheduler(0, SCHED_IDLE, 0));
		MUST(set_scheduler(0, SCHED_OTHER, 0));
		MUST(setpriority(PRIO_PROCESS, 0, 3));
		MUST(setpriority(PRIO_PROCESS, 0, 0));
		EXPECT_ERRNO(setpriority(PRIO_PROCESS, 0, -1), EACCES);
		EXPECT_ERRNO(set_scheduler(0, SCHED_FIFO, 11), EPERM);
		MUST(set_scheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, 10));
		EXPECT_ERRNO(set_scheduler(0, SCHED_FIFO, 10), EPERM);
	}), 0);
}

TEST(affinity)
{
	unsigned long mask[16] = { 0 }, all[16] = { 0 };
	int cpu, bytes;

	on_a_real_kernel();
	bytes = (int)MUST(syscall(SYS_sched_getaffinity, 0, sizeof(all), all));
	EXPECT_GE(bytes, 8);
	EXPECT_EQ(bytes % 8, 0);
	EXPECT_NE(all[0], 0);
	for (cpu = 0; cpu < 64; cpu++) {
		if (!(all[0] >> cpu & 1))
			continue;
		mask[0] = 1ul << cpu;
		MUST(syscall(SYS_sched_setaffinity, 0, sizeof(mask), mask));
		EXPECT_EQ(sched_getcpu(), cpu);
		EXPECT_EXIT(IN_CHILD({ return_status = sched_getcpu(); }), cpu);
	}
	mask[0] = 0;
	EXPECT_ERRNO(syscall(SYS_sched_setaffinity, 0, sizeof(mask), mask), EINVAL);
	mask[15] = 1ul << 63;
	EXPECT_ERRNO(syscall(SYS_sched_setaffinity, 0, sizeof(mask), mask), EINVAL);
	EXPECT_ERRNO(syscall(SYS_sched_setaffinity, 0, 0, mask), EINVAL);
	EXPECT_ERRNO(syscall(SYS_sched_setaffinity, 0, 8, BAD), EFAULT);
	EXPECT_ERRNO(syscall(SYS_sched_setaffinity, INT_MAX, sizeof(all), all), ESRCH);
	EXPECT_ERRNO(syscall(SYS_sched_getaffinity, 0, 7, mask), EINVAL);
	EXPECT_ERRNO(syscall(SYS_sched_getaffinity, 0, sizeof(all), BAD), EFAULT);
	EXPECT_ERRNO(syscall(SYS_sched_getaffinity, INT_MAX, sizeof(all), all), ESRCH);
}

/* The 39th field of its stat. */
static int cpu_of(pid_t pid)
{
	char path[64], stat[512], *field;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	get_file(path, stat, sizeof(stat));
	field = strrchr(stat, ')') + 1;
	for (int i = 3; i < 39; i++)
		field = strchr(field + 1, ' ');
	return (int)strtol(field, NULL, 10);
}

/* One that runs, too, goes where it is told. */
TEST(affinity_of_a_busy_task)
{
	volatile unsigned long *rounds = shared();
	unsigned long all = 0, mask;
	pid_t pid;

	on_a_real_kernel();
	MUST(syscall(SYS_sched_getaffinity, 0, sizeof(all), &all));
	pid = counter(rounds, SCHED_OTHER, 0);
	for (int cpu = 0; cpu < 64; cpu++) {
		if (!(all >> cpu & 1))
			continue;
		mask = 1ul << cpu;
		MUST(syscall(SYS_sched_setaffinity, pid, sizeof(mask), &mask));
		for (int i = 0; i < 1000 && cpu_of(pid) != cpu; i++)
			sleep_ms(5);
		EXPECT_EQ(cpu_of(pid), cpu);
	}
	end(pid);
}

/* Under every policy, and whatever their nice values. */
TEST(real_time_outranks_all)
{
	static const int ordinary[] = { SCHED_OTHER, SCHED_BATCH, SCHED_IDLE };
	static const int real_time[] = { SCHED_FIFO, SCHED_RR };
	volatile unsigned long *rounds = shared(), before;

	on_a_real_kernel();
	pin_to_cpu();
	MUST(setpriority(PRIO_PROCESS, 0, -20));	/* and so has the child */
	for (size_t i = 0; i < ARRAY_SIZE(ordinary) * ARRAY_SIZE(real_time); i++) {
		pid_t pid;

		*rounds = 0;
		pid = counter(rounds, ordinary[i % 3], 0);
		while (!*rounds)
			sleep_ms(1);
		MUST(set_scheduler(0, real_time[i / 3], 1));
		before = *rounds;
		spin_ms(30);
		EXPECT_EQ(*rounds, before);
		sleep_ms(20);
		EXPECT_NE(*rounds, before);
		end(pid);
		MUST(set_scheduler(0, SCHED_OTHER, 0));
	}
}

TEST(higher_priority_first)
{
	volatile unsigned long *rounds = shared();
	pid_t low, high;

	on_a_real_kernel();
	pin_to_cpu();
	MUST(set_scheduler(0, SCHED_FIFO, 50));
	low = counter(&rounds[0], SCHED_FIFO, 10);
	high = counter(&rounds[64], SCHED_FIFO, 20);
	sleep_ms(30);
	EXPECT_NE(rounds[64], 0);
	EXPECT_EQ(rounds[0], 0);
	end(high);
	sleep_ms(30);
	EXPECT_NE(rounds[0], 0);
	end(low);
}

/* Equals in SCHED_RR take turns, those in SCHED_FIFO do not. */
TEST(equals_take_turns)
{
	volatile unsigned long *rounds = shared();
	pid_t one, two;

	on_a_real_kernel();
	pin_to_cpu();
	MUST(set_scheduler(0, SCHED_FIFO, 50));
	one = counter(&rounds[0], SCHED_FIFO, 10);
	two = counter(&rounds[64], SCHED_FIFO, 10);
	sleep_ms(300);
	EXPECT_EQ(!rounds[0] + !rounds[64], 1);
	MUST(set_scheduler(one, SCHED_RR, 10));
	MUST(set_scheduler(two, SCHED_RR, 10));
	for (int i = 0; i < 40 && !(rounds[0] && rounds[64]); i++)
		sleep_ms(50);
	EXPECT_NE(rounds[0], 0);
	EXPECT_NE(rounds[64], 0);
	end(one);
	end(two);
}

TEST(yield_and_cpu)
{
	unsigned cpu = ~0u, node = ~0u;

	on_a_real_kernel();
	pin_to_cpu();
	EXPECT_EQ(sched_yield(), 0);
	MUST(syscall(SYS_getcpu, &cpu, &node, NULL));
	EXPECT_EQ(cpu, (unsigned)sched_getcpu());
	EXPECT_EQ(node, 0);
	EXPECT_EQ(syscall(SYS_getcpu, NULL, NULL, NULL), 0);
	EXPECT_ERRNO(syscall(SYS_getcpu, BAD, NULL, NULL), EFAULT);
}
