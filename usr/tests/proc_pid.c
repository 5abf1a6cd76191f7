/* SPDX-License-Identifier: BSD-2-Clause */
/* The files of /proc/PID that procfs.c has not, and settings below /proc/sys. */
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "helpers.h"

static char buf[65536];

static const char *read_file(const char *path)
{
	get_file(path, buf, sizeof(buf));
	return buf;
}

static const char *of_pid(pid_t pid, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	return read_file(path);
}

static void put(const char *path, const char *text)
{
	int fd = MUST(open(path, O_WRONLY));

	EXPECT_EQ(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

/* A child that sleeps until it is killed. */
static pid_t sleeper(void)
{
	pid_t pid = must_fork();

	if (pid == 0)
		for (;;)
			pause();
	wait_for_state(pid, 'S');
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	wait_status(pid);
}

TEST(all_files_are_there)
{
	static const char *const names[] = {
		"stat", "status", "statm", "cmdline", "maps", "smaps", "fd", "fdinfo", "exe", "cwd",
		"root", "environ", "limits", "mounts", "mountinfo", "task", "comm", "wchan",
		"oom_score", "oom_score_adj", "personality", "sched", "schedstat", "auxv",
		"pagemap", "smaps_rollup",
	};
	struct stat st;
	char path[64];

	SKIP_IN_EMULATOR("shows itself");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(path, sizeof(path), "/proc/self/%s", names[i]);
		if (lstat(path, &st))
			FAIL("%s: %s", path, strerror(errno));
	}
}

TEST(system_wide_files)
{
	static const char *const names[] = {
		"meminfo", "cpuinfo", "stat", "uptime", "loadavg", "version", "mounts", "filesystems",
		"interrupts", "cmdline", "vmstat", "sys/kernel/hostname", "sys/kernel/osrelease",
		"sys/kernel/arch",
		"sys/kernel/pid_max", "sys/kernel/threads-max", "sys/kernel/random/uuid",
		"sys/kernel/random/boot_id", "sys/vm/overcommit_memory", "sys/vm/max_map_count",
		"sys/fs/file-max", "sys/fs/file-nr", "sys/fs/nr_open", "sys/fs/pipe-max-size",
		"sys/net/core/somaxconn",
	};
	char path[64];

	SKIP_IN_EMULATOR("the host's");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(path, sizeof(path), "/proc/%s", names[i]);
		if (access(path, R_OK) && !(errno == ENOENT && strstr(path, "/net/")))
			FAIL("%s: %s", path, strerror(errno));
		if (strstr(path, "/net/"))
			continue;
		if (get_file(path, buf, sizeof(buf)) == 0)
			FAIL("%s is empty", path);
	}
}

TEST(statm_and_smaps_agree)
{
	char *map = MUST(mmap(NULL, 8 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			      -1, 0)), head[32], *at;
	unsigned long size, resident, shared, rss, kb;

	SKIP_IN_EMULATOR("shows itself");
	for (int i = 0; i < 5; i++)
		map[i * 4096] = 1;
	EXPECT_EQ(sscanf(read_file("/proc/self/statm"), "%lu %lu %lu", &size, &resident, &shared), 3);
	EXPECT_GT(size, resident);
	EXPECT_GE(resident, shared);
	EXPECT_GE(resident, 5);
	MUST(mprotect(map, 8 * 4096, PROT_READ));	/* on its own in the list */
	snprintf(head, sizeof(head), "%lx-", (unsigned long)map);
	at = strstr(read_file("/proc/self/smaps"), head);
	EXPECT(at != NULL);
	EXPECT(strstr(at, "\nSize:") != NULL);
	EXPECT_EQ(sscanf(strstr(at, "\nSize:"), "\nSize: %lu kB", &kb), 1);
	EXPECT_EQ(kb, 32);
	EXPECT_EQ(sscanf(strstr(at, "\nRss:"), "\nRss: %lu kB", &rss), 1);
	EXPECT_EQ(rss, 20);
	EXPECT_EQ(sscanf(strstr(at, "\nAnonymous:"), "\nAnonymous: %lu kB", &kb), 1);
	EXPECT_EQ(kb, 20);
	EXPECT(strstr(at, "\nVmFlags: rd") != NULL);
}

/* Any number is an address; where no program has memory, it cannot be read. */
TEST(mem_outside_of_user_space)
{
	int fd = MUST(open("/proc/self/mem", O_RDWR));

	SKIP_IN_EMULATOR("has the host's");
	for (int i = 0; i < 2; i++) {
		off_t at = i ? -8192 : (off_t)1 << 50;

		EXPECT_EQ(lseek(fd, at, SEEK_SET), at);
		EXPECT_ERRNO(read(fd, buf, 1), EIO);
		EXPECT_ERRNO(write(fd, buf, 1), EIO);
		EXPECT_EQ(read(fd, buf, 0), 0);
	}
	close(fd);
}

TEST(fdinfo)
{
	int fd = MUST(open("f", O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
	int event = MUST(eventfd(5, 0));
	char path[64];
	unsigned flags;

	SKIP_IN_EMULATOR("shows its own");
	MUST(write(fd, "hello", 5));
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	read_file(path);
	EXPECT_EQ(strncmp(buf, "pos:\t5\nflags:\t", 14), 0);
	EXPECT_EQ(sscanf(buf + 14, "%o", &flags), 1);
	EXPECT_EQ(flags & (O_ACCMODE | O_APPEND | O_CLOEXEC), O_RDWR | O_APPEND | O_CLOEXEC);
	EXPECT(strstr(buf, "\nmnt_id:\t") != NULL);
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", event);
	EXPECT(strstr(read_file(path), "eventfd-count:                5\n") != NULL);
}

TEST(limits)
{
	struct rlimit limit = { 123, 456 };

	SKIP_IN_EMULATOR("the host's");
	MUST(setrlimit(RLIMIT_NOFILE, &limit));
	read_file("/proc/self/limits");
	EXPECT_EQ(strncmp(buf, "Limit                     Soft Limit           Hard Limit           Units", 73),
		  0);
	EXPECT(strstr(buf, "\nMax open files            123                  456                  files"));
	EXPECT(strstr(buf, "\nMax core file size        ") && strstr(buf, "\nMax realtime timeout "));
}

TEST(mountinfo)
{
	char *line, *next;
	bool root = false, proc = false;

	SKIP_IN_EMULATOR("the host's");
	read_file("/proc/self/mountinfo");
	for (line = buf; *line; line = next) {
		int id, parent, major, minor, n = 0;
		char from[128], at[128], options[128];

		next = strchr(line, '\n');
		EXPECT(next != NULL);
		*next++ = '\0';
		EXPECT_EQ(sscanf(line, "%d %d %d:%d %127s %127s %127s%n", &id, &parent, &major, &minor,
				 from, at, options, &n), 7);
		EXPECT(strstr(line + n, " - ") != NULL);
		root |= !strcmp(at, "/");
		proc |= !strcmp(at, "/proc") && strstr(line + n, " - proc ") != NULL;
	}
	EXPECT(root && proc);
}

static void *sleeping_thread(void *arg)
{
	pause();
	return NULL;
}

TEST(threads)
{
	pthread_t t;
	struct dirent *d;
	int n = 0;
	DIR *dir;

	SKIP_IN_EMULATOR("shows its own");
	EXPECT_EQ(pthread_create(&t, NULL, sleeping_thread, NULL), 0);
	dir = opendir("/proc/self/task");
	EXPECT(dir != NULL);
	while ((d = readdir(dir)))
		n += isdigit((unsigned char)d->d_name[0]) != 0;
	EXPECT_EQ(n, 2);
	closedir(dir);
	EXPECT(strstr(read_file("/proc/self/status"), "\nThreads:\t2\n") != NULL);
	put("/proc/thread-self/comm", "renamed");
	EXPECT_STREQ(read_file("/proc/self/comm"), "renamed\n");
}

TEST(oom_score_adj)
{
	SKIP_IN_EMULATOR("the host's");
	need_root();
	EXPECT_STREQ(read_file("/proc/self/oom_score_adj"), "0\n");
	put("/proc/self/oom_score_adj", "500");
	EXPECT_STREQ(read_file("/proc/self/oom_score_adj"), "500\n");
	EXPECT_EXIT(IN_CHILD({
		int fd;

		EXPECT_STREQ(read_file("/proc/self/oom_score_adj"), "500\n");
		MUST(setresuid(1000, 1000, 1000));
		fd = open("/proc/self/oom_score_adj", O_WRONLY);
		if (fd >= 0)
			EXPECT_ERRNO(write(fd, "100", 3), EACCES);
	}), 0);
	int fd = MUST(open("/proc/self/oom_score_adj", O_WRONLY));

	EXPECT_ERRNO(write(fd, "1001", 4), EINVAL);
	EXPECT_ERRNO(write(fd, "x", 1), EINVAL);
	EXPECT_EQ(write(fd, "-1000", 5), 5);
}

/* Where a process sleeps: a name, whatever the kernel calls it; of the running: nothing. */
TEST(wchan)
{
	pid_t pid;

	SKIP_IN_EMULATOR("the host's");
	need_root();
	EXPECT_STREQ(read_file("/proc/self/wchan"), "0");
	pid = sleeper();
	of_pid(pid, "wchan");
	EXPECT(isalpha((unsigned char)buf[0]) || buf[0] == '_');
	EXPECT(strchr(buf, '\n') == NULL);
	EXPECT(strstr(buf, "schedule") == NULL);
	/* Not for everybody's eyes. */
	EXPECT_EXIT(IN_CHILD({
		MUST(setresuid(1000, 1000, 1000));
		EXPECT_STREQ(of_pid(pid, "wchan"), "0");
	}), 0);
	end(pid);
}

TEST(environment_and_links_of_others)
{
	char path[64], link[PATH_MAX];
	pid_t pid;

	SKIP_IN_EMULATOR("the host's");
	need_root();
	pid = sleeper();
	snprintf(path, sizeof(path), "/proc/%d/exe", pid);
	EXPECT_GT(readlink(path, link, sizeof(link)), 0);
	EXPECT_EXIT(IN_CHILD({
		MUST(setresuid(1000, 1000, 1000));
		EXPECT_ERRNO(readlink(path, link, sizeof(link)), EACCES);
		snprintf(path, sizeof(path), "/proc/%d/environ", pid);
		EXPECT_ERRNO(open(path, O_RDONLY), EACCES);
		snprintf(path, sizeof(path), "/proc/%d/fd", pid);
		EXPECT_ERRNO(open(path, O_RDONLY | O_DIRECTORY), EACCES);
		snprintf(path, sizeof(path), "/proc/%d/status", pid);
		close(MUST(open(path, O_RDONLY)));
	}), 0);
	end(pid);
}

struct io {
	unsigned long long rchar, wchar, syscr, syscw, read_bytes, write_bytes, cancelled;
	ssize_t len;	/* of the text, by one read that is not in it */
};

static struct io io_at(const char *path)
{
	int fd = MUST(open(path, O_RDONLY));
	struct io io;

	io.len = MUST(read(fd, buf, sizeof(buf) - 1));
	close(fd);
	buf[io.len] = '\0';
	EXPECT_EQ(sscanf(buf, "rchar: %llu\nwchar: %llu\nsyscr: %llu\nsyscw: %llu\nread_bytes: %llu\n"
			 "write_bytes: %llu\ncancelled_write_bytes: %llu\n", &io.rchar, &io.wchar, &io.syscr,
			 &io.syscw, &io.read_bytes, &io.write_bytes, &io.cancelled), 7);
	return io;
}

TEST(io_counts_calls_and_bytes)
{
	struct iovec iov = { buf, 100 };
	struct io before, after;
	int fds[2], file;

	SKIP_IN_EMULATOR("shows itself");
	put_file("file", buf, 10000, 0600);
	file = MUST(open("file", O_RDWR));
	MUST(pipe2(fds, O_NONBLOCK));
	before = io_at("/proc/self/io");
	EXPECT_EQ(write(fds[1], buf, 1000), 1000);
	EXPECT_EQ(read(fds[0], buf, 2000), 1000);
	EXPECT_EQ(pwrite(file, buf, 300, 0), 300);
	EXPECT_EQ(pread(file, buf, 200, 0), 200);
	EXPECT_EQ(writev(file, &iov, 1), 100);
	EXPECT_EQ(readv(file, &iov, 1), 100);
	EXPECT_EQ(sendfile(fds[1], file, NULL, 50), 50);
	/* A file that was asked in vain counts as a call, a descriptor of nothing does not. */
	EXPECT_ERRNO(read(file + 100, buf, 1), EBADF);
	EXPECT_ERRNO(read(fds[1], buf, 1), EBADF);
	EXPECT_EQ(read(fds[0], buf, 50), 50);
	EXPECT_ERRNO(read(fds[0], buf, 1), EAGAIN);
	after = io_at("/proc/self/io");
	EXPECT_EQ(after.wchar - before.wchar, 1000 + 300 + 100 + 50);
	EXPECT_EQ(after.rchar - before.rchar, 1000 + 200 + 100 + 50 + 50 + before.len);
	EXPECT_EQ(after.syscw - before.syscw, 4);
	EXPECT_EQ(after.syscr - before.syscr, 7);
	EXPECT_EQ(after.read_bytes, before.read_bytes);
	EXPECT_EQ(after.write_bytes, before.write_bytes);
	EXPECT_EQ(after.cancelled, 0);
}

static void *read_zeros(void *data)
{
	struct io io = io_at("/proc/thread-self/io");

	EXPECT_EQ(io.rchar, 0);
	EXPECT_EQ(read(*(int *)data, buf, 5000), 5000);
	EXPECT_EQ(io_at("/proc/thread-self/io").rchar, 5000 + io.len);
	return NULL;
}

/* A process has what its threads did, those that are gone too; a child begins anew. */
TEST(io_of_threads_and_children)
{
	int zero = MUST(open("/dev/zero", O_RDONLY));
	struct io before, after;
	pthread_t thread;

	SKIP_IN_EMULATOR("shows itself");
	before = io_at("/proc/self/io");
	EXPECT_EQ(pthread_create(&thread, NULL, read_zeros, &zero), 0);
	pthread_join(thread, NULL);
	after = io_at("/proc/self/io");
	EXPECT_GE(after.rchar, before.rchar + 5000);
	EXPECT_LT(after.rchar, before.rchar + 6000);
	EXPECT_EXIT(IN_CHILD({ return_status = io_at("/proc/self/io").rchar != 0; }), 0);
}

/* The numbers of a file below /proc/sys/fs. */
static unsigned long long count_in(const char *name, unsigned which)
{
	char path[64], *at = buf;
	unsigned long long n;

	snprintf(path, sizeof(path), "/proc/sys/fs/%s", name);
	read_file(path);
	do
		n = strtoull(at, &at, 10);
	while (which--);
	return n;
}

TEST(inodes_and_dentries_are_counted)
{
	unsigned long long inodes, dentries;
	int fds[2];

	SKIP_IN_EMULATOR("the host's");
	inodes = count_in("inode-nr", 0);
	EXPECT_LT(llabs((long long)(count_in("inode-state", 0) - inodes)), 50);
	dentries = count_in("dentry-state", 0);
	EXPECT_GT(dentries, count_in("dentry-state", 1));
	for (int i = 0; i < 200; i++)
		MUST(pipe(fds));
	EXPECT_GE(count_in("inode-nr", 0), inodes + 150);
	EXPECT_GE(count_in("dentry-state", 0), dentries + 150);
}

/* Only CPUs that there are; and the blank behind the last group. */
TEST(lists_of_status)
{
	char wanted[80], cpus[64];

	SKIP_IN_EMULATOR("shows itself");
	get_file("/sys/devices/system/cpu/online", cpus, sizeof(cpus));
	snprintf(wanted, sizeof(wanted), "\nCpus_allowed_list:\t%s", cpus);
	if (!strstr(of_pid(1, "status"), wanted))
		FAIL("no \"%s\" in %s", wanted, buf);
	EXPECT(strstr(buf, "\nGroups:\t \n") != NULL);
}

TEST(kernel_threads_have_no_files)
{
	unsigned n = 0;
	DIR *dir;

	SKIP_IN_EMULATOR("the host's");
	need_root();
	dir = opendir("/proc/2/fd");
	EXPECT(dir != NULL);
	while (readdir(dir))
		n++;
	closedir(dir);
	EXPECT_EQ(n, 2);
}

TEST(settings_that_are_checked)
{
	static const struct { const char *name, *good, *bad; } table[] = {
		{ "/proc/sys/vm/overcommit_memory", "0", "3" },
		{ "/proc/sys/kernel/pid_max", "32768", "0" },
		{ "/proc/sys/kernel/randomize_va_space", "2", "x" },
	};

	SKIP_IN_EMULATOR("the host's");
	need_root();
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		int fd = MUST(open(table[i].name, O_RDWR));

		EXPECT_EQ(pwrite(fd, table[i].good, strlen(table[i].good), 0), strlen(table[i].good));
		EXPECT_ERRNO(pwrite(fd, table[i].bad, strlen(table[i].bad), 0), EINVAL);
		close(fd);
	}
}
