/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What /proc says of the scheduler, held against work that is known: tasks that compute or
 * sleep on one CPU, and the system calls that tell the same.
 */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "helpers.h"

#define MS 1000000ll

/* /proc/<pid>/schedstat. */
struct task_stat {
	long long ran, waited, turns;
};

/* A line of a CPU of /proc/schedstat. */
struct cpu_stat {
	long long yields, schedules, to_idle, woken, woken_here, busy, waited, turns;
};

static int64_t cpu_time(void)
{
	struct timespec ts;

	MUST(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts));
	return ts.tv_sec * 1000000000ll + ts.tv_nsec;
}

static void spin(int64_t ns)
{
	int64_t until = cpu_time() + ns;

	while (cpu_time() < until)
		;
}

/* In user mode, as far as that goes. */
static void spin_outside(int64_t ns)
{
	static volatile unsigned long sink;
	int64_t until = cpu_time() + ns;

	while (cpu_time() < until)
		for (int i = 0; i < 20000; i++)
			sink += (unsigned long)i;
}

static void need_proc(const char *path)
{
	SKIP_IN_EMULATOR("/proc is the host's");
	if (access(path, R_OK))
		SKIP("no %s", path);
}

static struct task_stat task_stat(pid_t pid)
{
	char path[64], text[128];
	struct task_stat s;

	snprintf(path, sizeof(path), "/proc/%d/schedstat", pid);
	get_file(path, text, sizeof(text));
	EXPECT_EQ(sscanf(text, "%lld %lld %lld", &s.ran, &s.waited, &s.turns), 3);
	return s;
}

/* The line of a file that begins with `name` and a space or a colon; fails without one. */
static const char *line_of(const char *text, const char *name)
{
	for (const char *line = text; line && *line; line = strchr(line, '\n')) {
		line += strspn(line, "\n ");
		if (!strncmp(line, name, strlen(name)) && strchr(" :\t", line[strlen(name)]))
			return line + strlen(name) + 1;
	}
	FAIL("no line %s", name);
}

static struct cpu_stat cpu_stat(int cpu)
{
	static char text[65536];
	struct cpu_stat s;
	char name[16];

	snprintf(name, sizeof(name), "cpu%d", cpu);
	get_file("/proc/schedstat", text, sizeof(text));
	EXPECT(!strncmp(text, "version 15\ntimestamp ", 21));
	EXPECT_EQ(sscanf(line_of(text, name), "%lld 0 %lld %lld %lld %lld %lld %lld %lld", &s.yields,
			 &s.schedules, &s.to_idle, &s.woken, &s.woken_here, &s.busy, &s.waited,
			 &s.turns), 8);
	return s;
}

/* A number of a line "name : value" of /proc/self/sched. */
static double sched_line(const char *name)
{
	static char text[65536];
	const char *line;

	get_file("/proc/self/sched", text, sizeof(text));
	line = line_of(text, name);
	return strtod(line + strspn(line, " :\t"), NULL);
}

/* Who never sleeps runs or waits: run time and run delay add up to the time that passed. */
TEST(run_and_delay_are_all_the_time_there_is)
{
	struct cpu_stat before, after;
	int64_t start, passed;
	struct task_stat s;
	pid_t rival;
	int cpu;

	need_proc("/proc/schedstat");
	cpu = pin_to_cpu();
	rival = must_fork();
	if (rival == 0)
		for (;;)
			spin(MS);
	before = cpu_stat(cpu);
	EXPECT_EXIT(IN_CHILD({
		struct task_stat a, b;

		sched_yield();
		a = task_stat(getpid());
		start = now_ns();
		spin(300 * MS);
		b = task_stat(getpid());
		passed = now_ns() - start;
		s.ran = b.ran - a.ran;
		s.waited = b.waited - a.waited;
		EXPECT_GE(s.ran, 300 * MS);
		EXPECT_GE(s.waited, 50 * MS);
		EXPECT_GE(b.turns - a.turns, 2);
		EXPECT_LE(s.ran + s.waited, passed + passed / 10);
		EXPECT_GE(s.ran + s.waited, passed - passed / 10);
	}), 0);
	after = cpu_stat(cpu);
	EXPECT_GE(after.waited - before.waited, 100 * MS);	/* the rival waited as well */
	EXPECT_GE(after.busy - before.busy, 300 * MS);
	EXPECT_GE(after.turns - before.turns, 4);
	s = task_stat(rival);
	EXPECT_GE(s.waited, 50 * MS);
	MUST(kill(rival, SIGKILL));
	EXPECT_KILLED(wait_status(rival), SIGKILL);
}

/* Sleep is neither. */
TEST(sleep_is_no_delay)
{
	struct task_stat a, b;
	int64_t start, passed;

	need_proc("/proc/self/schedstat");
	a = task_stat(getpid());
	start = now_ns();
	for (int i = 0; i < 20; i++)
		sleep_ms(10);
	passed = now_ns() - start;
	b = task_stat(getpid());
	EXPECT_GE(b.turns - a.turns, 20);
	EXPECT_LT(b.waited - a.waited, passed / 2);
	EXPECT_LT(b.ran - a.ran, passed / 2);
}

TEST(run_time_is_that_of_the_clock)
{
	char stat[512];
	unsigned long user, sys;
	long long low, high;
	long hz = sysconf(_SC_CLK_TCK);

	need_proc("/proc/self/schedstat");
	spin_outside(200 * MS);
	low = cpu_time();
	EXPECT_GE(task_stat(getpid()).ran, low);
	get_file("/proc/self/stat", stat, sizeof(stat));
	high = task_stat(getpid()).ran;
	EXPECT_EQ(sscanf(strrchr(stat, ')'), ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
			 &user, &sys), 2);
	/* Each is rounded down to a tick. */
	EXPECT_GE((long long)(user + sys + 2) * (1000000000 / hz), low);
	EXPECT_LE((long long)(user + sys) * (1000000000 / hz), high);
	EXPECT_GE(user, sys);
}

TEST(own_numbers)
{
	double ran, voluntary, switches;
	char stat[512], *field;
	int cpu;

	need_proc("/proc/self/sched");
	cpu = pin_to_cpu();
	voluntary = sched_line("nr_voluntary_switches");
	switches = sched_line("nr_switches");
	/* A time that is over before the task is asleep, on a CPU that its host took away, is no sleep. */
	for (int i = 0; i < 100 && sched_line("nr_voluntary_switches") - voluntary < 10; i++)
		sleep_ms(1);
	EXPECT_GE(sched_line("nr_voluntary_switches") - voluntary, 10);
	EXPECT_GE(sched_line("nr_switches") - switches, 10);
	ran = sched_line("se.sum_exec_runtime");
	spin(20 * MS);
	EXPECT_GE(sched_line("se.sum_exec_runtime") - ran, 20);
	EXPECT_EQ(sched_line("policy"), SCHED_OTHER);
	EXPECT_EQ(sched_line("prio"), 120);
	/* The 39th field is the CPU, the 41st the policy. */
	get_file("/proc/self/stat", stat, sizeof(stat));
	field = strrchr(stat, ')') + 1;
	for (int i = 3; i < 39; i++)
		field = strchr(field + 1, ' ');
	EXPECT_EQ(strtol(field, &field, 10), cpu);
	EXPECT_EQ(strtol(field, &field, 10), 0);
	EXPECT_EQ(strtol(field, &field, 10), SCHED_OTHER);
}

/* Who computes beside another that does is interrupted, and never sleeps. */
TEST(interruptions_are_involuntary)
{
	double voluntary, involuntary;
	pid_t rival;

	need_proc("/proc/self/sched");
	pin_to_cpu();
	rival = must_fork();
	if (rival == 0)
		for (;;)
			spin(MS);
	voluntary = sched_line("nr_voluntary_switches");
	involuntary = sched_line("nr_involuntary_switches");
	spin(200 * MS);
	EXPECT_GE(sched_line("nr_involuntary_switches") - involuntary, 1);
	EXPECT_EQ(sched_line("nr_voluntary_switches") - voluntary, 0);
	MUST(kill(rival, SIGKILL));
	EXPECT_KILLED(wait_status(rival), SIGKILL);
}

struct usage {
	unsigned long long user, nice, system, idle;
};

static struct usage cpu_usage(int cpu)
{
	static char text[65536];
	struct usage u;
	char name[16];

	snprintf(name, sizeof(name), "cpu%d", cpu);
	get_file("/proc/stat", text, sizeof(text));
	EXPECT_EQ(sscanf(line_of(text, name), "%llu %llu %llu %llu", &u.user, &u.nice, &u.system,
			 &u.idle), 4);
	return u;
}

/* The ticks of /proc/stat are where the work was. It is sampled, in which a busy host leaves gaps. */
TEST(usage_of_the_cpu_that_worked)
{
	int64_t start, passed, worked = 0, tick = 1000000000ll / sysconf(_SC_CLK_TCK);
	struct usage a, b;
	int cpu;

	need_proc("/proc/stat");
	cpu = pin_to_cpu();
	a = cpu_usage(cpu);
	start = now_ns();
	do {
		spin_outside(500 * MS);
		worked += 500 * MS;
		b = cpu_usage(cpu);
	} while ((int64_t)(b.user - a.user) * tick < 50 * MS && worked < 5000 * MS);
	MUST(setpriority(0, 0, 5));
	do {
		spin_outside(300 * MS);
		worked += 300 * MS;
		b = cpu_usage(cpu);
	} while ((int64_t)(b.nice - a.nice) * tick < 30 * MS && worked < 10000 * MS);
	passed = now_ns() - start;
	EXPECT_GE((int64_t)(b.user - a.user) * tick, 50 * MS);
	EXPECT_GE((int64_t)(b.nice - a.nice) * tick, 30 * MS);
	EXPECT_LT(b.system - a.system, b.user - a.user);
	EXPECT_LE((int64_t)(b.user - a.user + b.nice - a.nice) * tick, passed + 2 * tick);
	EXPECT_LE((int64_t)(b.idle - a.idle) * tick, passed - worked + 2 * tick);
}

TEST(idle_is_counted_exactly)
{
	int64_t start, passed, tick = 1000000000ll / sysconf(_SC_CLK_TCK), idle;
	struct usage a, b;
	int cpu;

	need_proc("/proc/stat");
	cpu = pin_to_cpu();
	a = cpu_usage(cpu);
	start = now_ns();
	sleep_ms(500);
	b = cpu_usage(cpu);
	passed = now_ns() - start;
	idle = (int64_t)(b.idle - a.idle) * tick;
	EXPECT_LE(idle, passed + 2 * tick);
	EXPECT_GE(idle, 200 * MS);	/* others may have run here */
}

/* Sum of the columns of a CPU in /proc/interrupts. */
static unsigned long long interrupts(int cpu)
{
	static char text[65536];
	unsigned long long sum = 0;
	char *line, *rest = text;

	get_file("/proc/interrupts", text, sizeof(text));
	line = strsep(&rest, "\n");
	EXPECT(strstr(line, "CPU0"));
	while ((line = strsep(&rest, "\n"))) {
		char *at = strchr(line, ':'), *end;

		for (int i = 0; at && i <= cpu; i++) {
			unsigned long long n = strtoull(at + 1, &end, 10);

			if (end == at + 1)
				break;
			at = end;
			if (i == cpu)
				sum += n;
		}
	}
	return sum;
}

/* lsirq reads eleven letters for each CPU that the first line names. */
TEST(columns_of_interrupts)
{
	static char text[65536];
	char *line, *rest = text, *at;
	unsigned cpus = 0;

	need_proc("/proc/interrupts");
	get_file("/proc/interrupts", text, sizeof(text));
	line = strsep(&rest, "\n");
	for (at = line; (at = strstr(at, "CPU")); at += 3)
		cpus++;
	while ((line = strsep(&rest, "\n")) && *line) {
		at = strchr(line, ':') + 1;
		if (line + strspn(line, " 0123456789") + 1 < at)
			continue;	/* has a name: of another kind */
		for (unsigned i = 0; i < cpus; i++, at += 11)
			if (strspn(at, " 0123456789") < 11 || at[0] != ' ' || at[10] == ' ')
				FAIL("column %u of \"%s\"", i, line);
	}
}

/* A busy CPU has its tick, and /proc/stat's sum has it as well. */
TEST(interrupts_of_the_cpu_that_worked)
{
	static char text[65536];
	unsigned long long before, own, all, all_after;
	int cpu;

	need_proc("/proc/interrupts");
	cpu = pin_to_cpu();
	before = interrupts(cpu);
	get_file("/proc/stat", text, sizeof(text));
	all = strtoull(line_of(text, "intr"), NULL, 10);
	/* At 100 Hz a tenth of them: a busy host swallows many. */
	for (int i = 0; i < 10; i++) {
		spin(500 * MS);
		own = interrupts(cpu) - before;
		if (own >= 5)
			break;
	}
	get_file("/proc/stat", text, sizeof(text));
	all_after = strtoull(line_of(text, "intr"), NULL, 10);
	EXPECT_GE(own, 5);
	EXPECT_GE(all_after - all, own / 2);
}

/* Who is ready counts in loadavg and stat, from now and on average. */
TEST_LONG(load_of_three, 120)
{
	double before, after = 0;
	static char text[65536];
	unsigned running, all;
	pid_t pids[3];

	need_proc("/proc/loadavg");
	get_file("/proc/loadavg", text, sizeof(text));
	before = strtod(text, NULL);
	for (int i = 0; i < 3; i++) {
		pids[i] = must_fork();
		if (pids[i] == 0)
			for (;;)
				spin(MS);
	}
	sleep_ms(100);
	get_file("/proc/loadavg", text, sizeof(text));
	EXPECT_EQ(sscanf(text, "%*f %*f %*f %u/%u", &running, &all), 2);
	EXPECT_GE(running, 3);
	EXPECT_GT(all, running);
	get_file("/proc/stat", text, sizeof(text));
	EXPECT_GE(strtoul(line_of(text, "procs_running"), NULL, 10), 3);
	/* A sample is due every 5 s, and takes a twelfth of the present load over. */
	for (int i = 0; i < 24 && after < before + 0.1 && after < 2; i++) {
		sleep_ms(500);
		get_file("/proc/loadavg", text, sizeof(text));
		after = strtod(text, NULL);
	}
	EXPECT(after >= before + 0.1 || after >= 2);
	for (int i = 0; i < 3; i++) {
		MUST(kill(pids[i], SIGKILL));
		EXPECT_KILLED(wait_status(pids[i]), SIGKILL);
	}
}

/* Each round trip over a pair of pipes is two switches at least. */
TEST(switches_are_counted)
{
	static char text[65536];
	unsigned long long before, after;
	int to[2], from[2];
	pid_t pid;
	char c = 0;

	need_proc("/proc/stat");
	pin_to_cpu();
	MUST(pipe(to));
	MUST(pipe(from));
	pid = must_fork();
	if (pid == 0)
		while (read(to[0], &c, 1) == 1)
			MUST(write(from[1], &c, 1));
	get_file("/proc/stat", text, sizeof(text));
	before = strtoull(line_of(text, "ctxt"), NULL, 10);
	for (int i = 0; i < 100; i++) {
		MUST(write(to[1], &c, 1));
		EXPECT_EQ(read(from[0], &c, 1), 1);
	}
	get_file("/proc/stat", text, sizeof(text));
	after = strtoull(line_of(text, "ctxt"), NULL, 10);
	EXPECT_GE(after - before, 200);
	MUST(kill(pid, SIGKILL));
	EXPECT_KILLED(wait_status(pid), SIGKILL);
}
