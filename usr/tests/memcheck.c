/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Leaks: 10,000 cycles of fork, exec and exit, then of other things that take memory; the free
 * memory afterwards is what it was before, within 64 KB a CPU. On Linux, whose slabs and per-CPU lists
 * keep more, the bound is wider.
 */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include "helpers.h"

#define CYCLES 10000
#define BOUND_KB 64
#define LINUX_BOUND_KB 8192

int helper_main(int argc, char **argv)
{
	return 0;
}

static bool on_tessera(void)
{
	char version[512];

	get_file("/proc/version", version, sizeof(version));
	return strcasestr(version, "tessera") != NULL;
}

/* On each CPU, as each keeps freed memory at hand; with KASAN much of it for long. */
static long free_kb(void)
{
	cpu_set_t all, one;
	int fd = open("/proc/sys/vm/drop_caches", O_WRONLY);

	MUST(sched_getaffinity(0, sizeof(all), &all));
	for (int cpu = 0; fd >= 0 && cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &all))
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		MUST(sched_setaffinity(0, sizeof(one), &one));
		EXPECT_EQ(write(fd, "2", 1), 1);
	}
	MUST(sched_setaffinity(0, sizeof(all), &all));
	if (fd >= 0)
		close(fd);
	return meminfo_kb("MemFree");
}

/* Runs it some times to fill caches, then `cycles` times between two looks at MemFree. */
static void check_leak(void (*once)(void), int cycles)
{
	long bound, before, after = 0;

	SKIP_IN_EMULATOR("memory of the host");
	bound = on_tessera() ? BOUND_KB * sysconf(_SC_NPROCESSORS_ONLN) : LINUX_BOUND_KB;
	for (int i = 0; i < 200; i++)
		once();
	sleep_ms(200);
	before = free_kb();
	for (int i = 0; i < cycles; i++)
		once();
	for (int i = 0; i < 20; i++) {
		sleep_ms(100); /* what is freed later gets the time */
		after = free_kb();
		if (before - after <= bound)
			return;
	}
	FAIL("%d cycles: MemFree was %ld kB, is %ld kB", cycles, before, after);
}

static void fork_exec_exit(void)
{
	pid_t pid = must_fork();

	if (pid == 0) {
		execl("/proc/self/exe", "memcheck", "--helper", (char *)NULL);
		_exit(1);
	}
	EXPECT_EXIT(wait_status(pid), 0);
}

TEST_LONG(fork_exec_exit, 580)
{
	check_leak(fork_exec_exit, CYCLES);
}

static void fork_and_crash(void)
{
	EXPECT_KILLED(IN_CHILD(*(volatile int *)8 = 1;), SIGSEGV);
}

TEST_LONG(crashes, 120)
{
	check_leak(fork_and_crash, 1000);
}

static void failed_exec(void)
{
	EXPECT_EQ(execl("/etc/passwd", "x", (char *)NULL), -1);
	EXPECT_EQ(execl("/no/such/file", "x", (char *)NULL), -1);
}

TEST_LONG(failed_execs, 120)
{
	check_leak(failed_exec, 2000);
}

static void files_and_pipes(void)
{
	int fd = MUST(open("f", O_CREAT | O_RDWR, 0600)), ends[2];
	char *map;

	EXPECT_EQ(write(fd, (char[10000]){ 1 }, 10000), 10000);
	map = mmap(NULL, 10000, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	map[5000] = 1;
	munmap(map, 10000);
	MUST(rename("f", "g"));
	MUST(mkdir("d", 0700));
	MUST(symlink("x", "d/l"));
	MUST(unlink("d/l"));
	MUST(rmdir("d"));
	MUST(unlink("g"));
	close(fd);
	MUST(pipe(ends));
	EXPECT_EQ(write(ends[1], (char[5000]){ 1 }, 5000), 5000);
	close(ends[0]);
	close(ends[1]);
}

TEST_LONG(files_and_pipes, 120)
{
	check_leak(files_and_pipes, 2000);
}

static void *nothing(void *arg)
{
	return arg;
}

static void threads(void)
{
	pthread_t thread;

	EXPECT_EQ(pthread_create(&thread, NULL, nothing, NULL), 0);
	pthread_join(thread, NULL);
}

TEST_LONG(threads, 120)
{
	check_leak(threads, 2000);
}

static void many_pages(void)
{
	EXPECT_EXIT(IN_CHILD({
			    char *area = mmap(NULL, 4 << 20, PROT_READ | PROT_WRITE,
					      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

			    for (int i = 0; i < 1024; i++)
				    area[i * 4096] = 1;
			    return_status = IN_CHILD({
				    for (int i = 0; i < 1024; i++)
					    area[i * 4096] = 2;
			    });
		    }),
		    0);
}

TEST_LONG(many_pages, 120)
{
	check_leak(many_pages, 100);
}
