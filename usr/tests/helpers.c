/* SPDX-License-Identifier: BSD-2-Clause */
/* See helpers.h. */
#include "helpers.h"
#include "regs.h"

#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

pid_t must_fork(void)
{
	return MUST(fork());
}

int wait_status(pid_t pid)
{
	int status = -1;

	for (;;) {
		pid_t got = waitpid(pid, &status, 0);

		if (got == pid)
			return status;
		if (got < 0 && errno != EINTR)
			FAIL("waitpid(%d): %s", (int)pid, strerror(errno));
	}
}

int run_child(int (*fn)(void *arg), void *arg)
{
	pid_t pid = must_fork();

	if (pid == 0)
		_exit(fn(arg));
	return wait_status(pid);
}

int pin_to_cpu(void)
{
	int cpu = sched_getcpu();
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	MUST(sched_setaffinity(0, sizeof(set), &set));
	return cpu;
}

void sleep_ms(long ms)
{
	struct timespec ts = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	while (nanosleep(&ts, &ts) < 0 && errno == EINTR)
		;
}

int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

void put_file(const char *path, const void *data, size_t len, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);

	if (fd < 0)
		FAIL("cannot write %s: %s", path, strerror(errno));
	EXPECT_EQ(write(fd, data, len), len);
	EXPECT_EQ(fchmod(fd, mode), 0);
	EXPECT_EQ(close(fd), 0);
}

void put_text(const char *path, const char *text)
{
	put_file(path, text, strlen(text), 0644);
}

size_t get_file(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY);
	size_t len = 0;

	if (fd < 0)
		FAIL("cannot read %s: %s", path, strerror(errno));
	while (len + 1 < size) {
		ssize_t got = read(fd, buf + len, size - 1 - len);

		if (got < 0)
			FAIL("cannot read %s: %s", path, strerror(errno));
		if (got == 0)
			break;
		len += got;
	}
	buf[len] = '\0';
	close(fd);
	return len;
}

void wait_for_state(pid_t pid, char state)
{
	char path[64], buf[512], *paren;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	for (int i = 0; i < 1000; i++) {
		get_file(path, buf, sizeof(buf));
		paren = strrchr(buf, ')');
		if (paren && paren[1] == ' ' && paren[2] == state)
			return;
		sleep_ms(5);
	}
	FAIL("process %d does not reach state %c: %s", (int)pid, state, buf);
}

void handle(int sig, void *handler, int flags)
{
	struct sigaction act = { .sa_flags = flags };

	act.sa_handler = handler;
	MUST(sigaction(sig, &act, NULL));
}

long meminfo_kb(const char *name)
{
	char buf[8192], key[64], *line;

	get_file("/proc/meminfo", buf, sizeof(buf));
	snprintf(key, sizeof(key), "%s:", name);
	line = strstr(buf, key);
	if (!line)
		FAIL("/proc/meminfo has no %s", name);
	return strtol(line + strlen(key), NULL, 10);
}

const char *self_path(void)
{
	static char path[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (len < 0)
		FAIL("readlink /proc/self/exe: %s", strerror(errno));
	path[len] = '\0';
	return path;
}

void need_root(void)
{
	if (geteuid() != 0)
		SKIP("needs root");
}

/* --- regs.h ---------------------------- */

void regs_fill(struct regs *regs, uint64_t seed)
{
	uint64_t value = seed * 0x9e3779b97f4a7c15 + 1;

	for (int i = 0; i < 31; i++)
		regs->x[i] = value += 0x0123456789abcdef;
	for (int i = 0; i < 32; i++) {
		regs->v[i][0] = value += 0x1111111111111111;
		regs->v[i][1] = value += 0x0f0f0f0f0f0f0f0f;
	}
	regs->nzcv = (seed & 15) << 28;
	regs->fpsr = seed & 0x1f;              /* cumulative exception bits */
	regs->fpcr = (seed & 3) << 22;         /* rounding mode */
}

static void compare_regs(const struct regs *in, const struct regs *out, int counter,
			 const char *where)
{
	for (int i = 0; i < 31; i++) {
		uint64_t wanted = i == counter ? 0 : in->x[i];

		if (out->x[i] != wanted)
			FAIL("%s: x%d is %#llx, was %#llx", where, i, (long long)out->x[i],
			     (long long)wanted);
	}
	for (int i = 0; i < 32; i++)
		if (memcmp(out->v[i], in->v[i], 16) != 0)
			FAIL("%s: q%d is %#llx:%#llx, was %#llx:%#llx", where, i,
			     (long long)out->v[i][1], (long long)out->v[i][0],
			     (long long)in->v[i][1], (long long)in->v[i][0]);
	if (out->nzcv != in->nzcv)
		FAIL("%s: nzcv is %#llx, was %#llx", where, (long long)out->nzcv,
		     (long long)in->nzcv);
	if (out->fpsr != in->fpsr || out->fpcr != in->fpcr)
		FAIL("%s: fpsr %#llx fpcr %#llx, were %#llx %#llx", where, (long long)out->fpsr,
		     (long long)out->fpcr, (long long)in->fpsr, (long long)in->fpcr);
}

void regs_check(uint64_t seed, uint64_t loops, const char *where)
{
	struct regs in, first, second;
	uint64_t tpidr;

	__asm__("mrs %0, tpidr_el0" : "=r"(tpidr));
	regs_fill(&in, seed);
	regs_spin_x0(&in, &first, loops);
	compare_regs(&in, &first, 0, where);
	regs_spin_x17(&in, &second, loops);
	compare_regs(&in, &second, 17, where);
	if (first.sp != second.sp)
		FAIL("%s: sp is %#llx, was %#llx", where, (long long)second.sp,
		     (long long)first.sp);
	if (first.tpidr != tpidr || second.tpidr != tpidr)
		FAIL("%s: tpidr_el0 changed", where);
}

int stop_of(pid_t pid)
{
	int status;

	EXPECT_EQ(waitpid(pid, &status, __WALL), pid);
	if (!WIFSTOPPED(status))
		FAIL("tracee: wait status %#x, wanted a stop", status);
	return status >> 8;
}
