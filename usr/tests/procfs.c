/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc as ps, top, free, mount and C libraries read it. */
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "helpers.h"

static char buf[65536];

TEST(self_is_the_reader)
{
	char link[64], wanted[16];
	ssize_t len = MUST(readlink("/proc/self", link, sizeof(link) - 1));

	link[len] = '\0';
	snprintf(wanted, sizeof(wanted), "%d", getpid());
	EXPECT_STREQ(link, wanted);
	EXPECT_EXIT(IN_CHILD({
		len = readlink("/proc/self", link, sizeof(link) - 1);
		link[len] = 0;
		return_status = atoi(link) != getpid();
	}), 0);
}

TEST(stat_fields)
{
	char *paren, state;
	int pid, ppid, pgrp, session, got;

	SKIP_IN_EMULATOR("makes its own");
	get_file("/proc/self/stat", buf, sizeof(buf));
	pid = atoi(buf);
	EXPECT_EQ(pid, getpid());
	paren = strrchr(buf, ')');
	EXPECT(paren != NULL);
	got = sscanf(paren + 2, "%c %d %d %d", &state, &ppid, &pgrp, &session);
	EXPECT_EQ(got, 4);
	EXPECT_EQ(state, 'R');
	EXPECT_EQ(ppid, getppid());
	EXPECT_EQ(pgrp, getpgrp());
	EXPECT_EQ(session, getsid(0));
	got = 0;
	for (char *c = paren; *c; c++)
		got += *c == ' ';
	EXPECT_EQ(got, 50); /* 52 fields */
}

TEST(status_and_comm)
{
	SKIP_IN_EMULATOR("shows itself");
	get_file("/proc/self/comm", buf, sizeof(buf));
	EXPECT_STREQ(buf, "procfs\n");
	get_file("/proc/self/status", buf, sizeof(buf));
	EXPECT(strncmp(buf, "Name:\t", 6) == 0);
	EXPECT(strstr(buf, "\nState:\t") && strstr(buf, "\nPid:\t") && strstr(buf, "\nPPid:\t"));
	EXPECT(strstr(buf, "\nUid:\t") && strstr(buf, "\nVmRSS:") &&
	       strstr(buf, "\nThreads:\t1\n"));
	EXPECT(strstr(buf, "\nSigBlk:\t") && strstr(buf, "\nSigIgn:\t"));
}

TEST(cmdline_and_environ)
{
	size_t len;

	SKIP_IN_EMULATOR("makes its own");
	len = get_file("/proc/self/cmdline", buf, sizeof(buf));
	EXPECT_GT(len, 0);
	EXPECT_EQ(buf[len - 1], 0);
	EXPECT(strstr(buf, "procfs") != NULL);
	len = get_file("/proc/self/environ", buf, sizeof(buf));
	EXPECT_GT(len, 0);
}

TEST(exe_cwd_root)
{
	char path[PATH_MAX], cwd[PATH_MAX];
	ssize_t len = MUST(readlink("/proc/self/exe", path, sizeof(path) - 1));
	struct stat a, b;

	path[len] = '\0';
	EXPECT(strstr(path, "procfs") != NULL);
	SKIP_IN_EMULATOR("shows itself");
	MUST(stat("/proc/self/exe", &a));
	MUST(stat(path, &b));
	EXPECT_EQ(a.st_ino, b.st_ino);
	len = MUST(readlink("/proc/self/cwd", path, sizeof(path) - 1));
	path[len] = '\0';
	EXPECT(getcwd(cwd, sizeof(cwd)) != NULL);
	EXPECT_STREQ(path, cwd);
	len = MUST(readlink("/proc/self/root", path, sizeof(path) - 1));
	EXPECT_EQ(path[len - 1], '/');
}

TEST(fd_folder)
{
	int fd, seen = 0;
	struct dirent *d;
	char path[64], link[PATH_MAX];
	ssize_t len;
	DIR *dir;

	put_text("file", "content");
	fd = MUST(open("file", O_RDONLY));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	len = MUST(readlink(path, link, sizeof(link) - 1));
	link[len] = '\0';
	EXPECT_STREQ(link + len - 5, "/file");
	dir = opendir("/proc/self/fd");
	EXPECT(dir != NULL);
	while ((d = readdir(dir)))
		seen += isdigit((unsigned char)d->d_name[0]) && atoi(d->d_name) == fd;
	EXPECT_EQ(seen, 1);
	EXPECT_EQ(get_file(path, buf, sizeof(buf)), 7); /* opens the file anew */
	MUST(unlink("file"));
	len = MUST(readlink(path, link, sizeof(link) - 1));
	link[len] = '\0';
	EXPECT_STREQ(link + len - 10, " (deleted)");
	EXPECT_ERRNO(readlink("/proc/self/fd/9999", link, sizeof(link)), ENOENT);
}

TEST(maps)
{
	char *area = mmap((void *)0, 3 * 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned long from, to, last = 0;
	char prot[8], *line, *next;
	bool found = false, stack = false;

	EXPECT_NE(area, MAP_FAILED);
	MUST(mprotect(area + 4096, 4096, PROT_READ | PROT_WRITE));
	get_file("/proc/self/maps", buf, sizeof(buf));
	for (line = buf; *line; line = next) {
		next = strchr(line, '\n');
		EXPECT(next != NULL);
		*next++ = '\0';
		EXPECT_EQ(sscanf(line, "%lx-%lx %7s", &from, &to, prot), 3);
		EXPECT_GE(from, last);
		EXPECT_GT(to, from);
		last = to;
		if (from == (unsigned long)area + 4096) {
			EXPECT_EQ(to, from + 4096);
			EXPECT_STREQ(prot, "rw-p");
			found = true;
		}
		stack |= strstr(line, "[stack]") != NULL;
	}
	EXPECT(found);
	EXPECT(stack);
}

TEST(meminfo)
{
	SKIP_IN_EMULATOR("memory of the host");
	EXPECT_GT(meminfo_kb("MemTotal"), meminfo_kb("MemFree"));
	EXPECT_GT(meminfo_kb("MemAvailable"), 0);
	EXPECT_GE(meminfo_kb("Buffers"), 0);
	EXPECT_GE(meminfo_kb("Cached"), 0);
	EXPECT_GE(meminfo_kb("SwapTotal"), 0);
}

/* Memory a process takes is missing from MemFree and comes back. */
TEST(meminfo_follows)
{
	long before, during;
	char *area;

	SKIP_IN_EMULATOR("memory of the host");
	before = meminfo_kb("MemFree");
	area = mmap(NULL, 16 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	EXPECT_NE(area, MAP_FAILED);
	madvise(area, 16 << 20, MADV_NOHUGEPAGE); /* Linux keeps freed huge pages aside */
	memset(area, 1, 16 << 20);
	during = meminfo_kb("MemFree");
	EXPECT_GE(before - during, 12000); /* some were free but set aside for a CPU */
	munmap(area, 16 << 20);
	EXPECT_GE(meminfo_kb("MemFree"), during + 12000);
}

TEST(system_files)
{
	double up, idle;

	get_file("/proc/uptime", buf, sizeof(buf));
	EXPECT_EQ(sscanf(buf, "%lf %lf", &up, &idle), 2);
	EXPECT(up > 0);
	get_file("/proc/loadavg", buf, sizeof(buf));
	EXPECT_EQ(sscanf(buf, "%lf %lf", &up, &idle), 2);
	get_file("/proc/stat", buf, sizeof(buf));
	EXPECT(strncmp(buf, "cpu  ", 5) == 0);
	EXPECT(strstr(buf, "\nbtime ") && strstr(buf, "\nctxt ") && strstr(buf, "\nprocesses "));
	get_file("/proc/version", buf, sizeof(buf));
	EXPECT(strchr(buf, ' ') != NULL);
	get_file("/proc/mounts", buf, sizeof(buf));
	EXPECT(strstr(buf, " /proc proc ") != NULL);
	get_file("/proc/filesystems", buf, sizeof(buf));
	EXPECT(strstr(buf, "nodev\tproc\n") != NULL);
	get_file("/proc/cpuinfo", buf, sizeof(buf));
	EXPECT(strstr(buf, "processor\t: 0\n") != NULL);
	get_file("/proc/cmdline", buf, sizeof(buf));
}

TEST(lists_processes)
{
	pid_t child = must_fork();
	char path[64];
	struct dirent *d;
	bool found = false;
	DIR *dir;

	if (child == 0)
		for (;;)
			pause();
	dir = opendir("/proc");
	EXPECT(dir != NULL);
	while ((d = readdir(dir)))
		found |= atoi(d->d_name) == child;
	EXPECT(found);
	snprintf(path, sizeof(path), "/proc/%d", child);
	EXPECT_EQ(access(path, F_OK), 0);
	kill(child, SIGKILL);
	wait_status(child);
	EXPECT_ERRNO(access(path, F_OK), ENOENT);
}

/* An open /proc file of a process that is gone says ESRCH, not somebody else's data. */
TEST(children_of_a_thread)
{
	char want[64];
	pid_t pid = must_fork();

	if (pid == 0) {
		pause();
		_exit(0);
	}
	SKIP_IN_EMULATOR("has children of its own");
	snprintf(want, sizeof(want), "%d ", pid);
	get_file("/proc/thread-self/children", buf, sizeof(buf));
	EXPECT_STREQ(buf, want);
	kill(pid, SIGKILL);
	wait_status(pid);
	get_file("/proc/thread-self/children", buf, sizeof(buf));
	EXPECT_STREQ(buf, "");
}

TEST(file_of_dead_process)
{
	pid_t child = must_fork();
	char path[64];
	int fd;

	if (child == 0)
		for (;;)
			pause();
	snprintf(path, sizeof(path), "/proc/%d/stat", child);
	fd = MUST(open(path, O_RDONLY));
	kill(child, SIGKILL);
	wait_status(child);
	EXPECT_ERRNO(read(fd, buf, 100), ESRCH);
}

TEST(read_only_and_partial_reads)
{
	char a[64], b[64];
	int fd = MUST(open("/proc/version", O_RDONLY));

	EXPECT_EQ(read(fd, a, 5), 5);
	EXPECT_EQ(pread(fd, b, 5, 0), 5);
	EXPECT_MEMEQ(a, b, 5);
	EXPECT_EQ(lseek(fd, 0, SEEK_SET), 0);
	EXPECT_EQ(read(fd, b, 5), 5);
	EXPECT_MEMEQ(a, b, 5);
	EXPECT_EQ(open("/proc/nothing", O_CREAT | O_WRONLY, 0600), -1);
	EXPECT_EQ(mkdir("/proc/folder", 0700), -1);
}
