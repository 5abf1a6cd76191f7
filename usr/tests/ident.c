/* SPDX-License-Identifier: BSD-2-Clause */
/* Who a process is: sessions, process groups, users and groups, limits, names, random bytes. */
#include <fcntl.h>
#include <grp.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

#include "helpers.h"

static pid_t sleeper(void)
{
	pid_t pid = must_fork();

	if (pid == 0)
		for (;;)
			pause();
	return pid;
}

/* --- sessions and groups ---------------------------- */

TEST(setsid)
{
	EXPECT_EXIT(IN_CHILD({
		EXPECT_EQ(setsid(), getpid());
		EXPECT_EQ(getsid(0), getpid());
		EXPECT_EQ(getpgrp(), getpid());
		EXPECT_ERRNO(setsid(), EPERM); /* leads a group already */
		EXPECT_ERRNO(setpgid(0, 0), EPERM); /* leads a session */
	}), 0);
	EXPECT_ERRNO(setsid(), EPERM); /* the test leads its group */
}

TEST(setpgid)
{
	pid_t child = sleeper();

	EXPECT_EQ(getpgid(child), getpgrp());
	MUST(setpgid(child, 0));
	EXPECT_EQ(getpgid(child), child);
	MUST(setpgid(child, getpgrp()));
	EXPECT_EQ(getpgid(child), getpgrp());
	EXPECT_ERRNO(setpgid(child, 999999), EPERM);
	EXPECT_ERRNO(setpgid(child, -1), EINVAL);
	EXPECT_ERRNO(setpgid(999999, 0), ESRCH);
	EXPECT_ERRNO(setpgid(getppid(), 0), ESRCH); /* neither self nor child */
	EXPECT_ERRNO(getpgid(999999), ESRCH);
	EXPECT_ERRNO(getsid(999999), ESRCH);
	kill(child, SIGKILL);
	wait_status(child);
}

TEST(setpgid_of_other_session)
{
	int ends[2];
	pid_t child;
	char c;

	MUST(pipe(ends));
	child = must_fork();
	if (child == 0) {
		setsid();
		EXPECT_EQ(write(ends[1], "x", 1), 1);
		for (;;)
			pause();
	}
	EXPECT_EQ(read(ends[0], &c, 1), 1);
	EXPECT_ERRNO(setpgid(child, getpgrp()), EPERM);
	kill(child, SIGKILL);
	wait_status(child);
}

TEST(setpgid_after_exec)
{
	int ends[2];
	pid_t child;
	char c;

	SKIP_IN_EMULATOR("cannot execute arm64 programs");
	MUST(pipe2(ends, O_CLOEXEC));
	child = must_fork();
	if (child == 0) {
		execlp("sleep", "sleep", "100", (char *)NULL);
		_exit(1);
	}
	close(ends[1]);
	EXPECT_EQ(read(ends[0], &c, 1), 0); /* it has executed */
	EXPECT_ERRNO(setpgid(child, 0), EACCES);
	kill(child, SIGKILL);
	wait_status(child);
}

/* A stopped group whose last parent in the session goes gets HUP and CONT. */
TEST(orphaned_stopped_group)
{
	int ends[2];
	pid_t leader;
	char c;

	MUST(pipe(ends));
	leader = must_fork();
	if (leader == 0) {
		pid_t child;

		setsid();
		child = must_fork();
		if (child == 0) {
			setpgid(0, 0);
			close(ends[0]);
			raise(SIGSTOP);
			_exit(0); /* not reached: HUP comes with the CONT */
		}
		close(ends[1]);
		waitpid(child, NULL, WUNTRACED);
		_exit(0);
	}
	close(ends[1]);
	EXPECT_EXIT(wait_status(leader), 0);
	EXPECT_EQ(read(ends[0], &c, 1), 0); /* the child ended */
}

/* --- users ---------------------------- */

TEST(setuid_drops_for_good)
{
	need_root();
	EXPECT_EXIT(IN_CHILD({
		uid_t r;
		uid_t e;
		uid_t s;

		MUST(setuid(100));
		MUST(getresuid(&r, &e, &s));
		EXPECT(r == 100 && e == 100 && s == 100);
		EXPECT_ERRNO(setuid(0), EPERM);
		EXPECT_ERRNO(seteuid(0), EPERM);
		EXPECT_ERRNO(setgid(0 + 5), EPERM);
		EXPECT_ERRNO(setgroups(0, NULL), EPERM);
		MUST(setuid(100));
	}), 0);
}

TEST(seteuid_comes_back)
{
	need_root();
	EXPECT_EXIT(IN_CHILD({
		MUST(seteuid(100));
		EXPECT_EQ(geteuid(), 100);
		EXPECT_EQ(getuid(), 0);
		EXPECT_ERRNO(setresuid(5, 5, 5), EPERM);
		MUST(seteuid(0));
		MUST(setresuid(1, 2, 3));
		EXPECT_EQ(getuid(), 1);
		EXPECT_EQ(geteuid(), 2);
		MUST(setresuid(-1, 3, -1));
		EXPECT_ERRNO(setresuid(-1, 9, -1), EPERM);
	}), 0);
}

TEST(groups)
{
	gid_t groups[3] = { 5, 6, 7 };
	gid_t back[10];

	need_root();
	MUST(setgroups(3, groups));
	EXPECT_EQ(getgroups(0, NULL), 3);
	EXPECT_EQ(getgroups(10, back), 3);
	EXPECT_EQ(back[0] + back[1] + back[2], 18);
	EXPECT_ERRNO(getgroups(2, back), EINVAL);
	EXPECT_ERRNO(syscall(SYS_setgroups, 65537, groups), EINVAL);
}

TEST(setregid)
{
	need_root();
	EXPECT_EXIT(IN_CHILD({
		MUST(setregid(10, 20));
		EXPECT_EQ(getgid(), 10);
		EXPECT_EQ(getegid(), 20);
		MUST(setuid(50));
		MUST(setegid(10));
		EXPECT_ERRNO(setegid(30), EPERM);
	}), 0);
}

/* --- limits ---------------------------- */

TEST(rlimits)
{
	struct rlimit limit, old;

	MUST(getrlimit(RLIMIT_NOFILE, &old));
	EXPECT_GE(old.rlim_max, old.rlim_cur);
	limit = (struct rlimit){ 10, 5 };
	EXPECT_ERRNO(setrlimit(RLIMIT_NOFILE, &limit), EINVAL);
	EXPECT_ERRNO(getrlimit(99, &limit), EINVAL);
	MUST(getrlimit(RLIMIT_STACK, &limit));
	EXPECT_EQ(limit.rlim_cur, 8 << 20);
	limit = (struct rlimit){ 50, 100 };
	MUST(setrlimit(RLIMIT_CORE, &limit));
	EXPECT_EXIT(IN_CHILD({
		struct rlimit child;

		MUST(getrlimit(RLIMIT_CORE, &child));
		return_status = child.rlim_cur != 50 || child.rlim_max != 100;
	}), 0);
}

TEST(hard_limit_only_goes_down)
{
	need_root();
	EXPECT_EXIT(IN_CHILD({
		struct rlimit limit = { 40, 50 };

		MUST(setrlimit(RLIMIT_NOFILE, &limit));
		MUST(setuid(100));
		limit.rlim_max = 60;
		EXPECT_ERRNO(setrlimit(RLIMIT_NOFILE, &limit), EPERM);
		limit.rlim_cur = limit.rlim_max = 45;
		MUST(setrlimit(RLIMIT_NOFILE, &limit));
	}), 0);
}

TEST(prlimit_of_child)
{
	struct rlimit limit = { 33, 44 }, back;
	pid_t child = sleeper();

	SKIP_IN_EMULATOR("prlimit64 of others");
	MUST(syscall(SYS_prlimit64, child, RLIMIT_NOFILE, &limit, NULL));
	MUST(syscall(SYS_prlimit64, child, RLIMIT_NOFILE, NULL, &back));
	EXPECT_EQ(back.rlim_cur, 33);
	EXPECT_ERRNO(syscall(SYS_prlimit64, 999999, RLIMIT_NOFILE, NULL, &back), ESRCH);
	kill(child, SIGKILL);
	wait_status(child);
}

TEST(cpu_limit)
{
	SKIP_IN_EMULATOR("RLIMIT_CPU");
	EXPECT_KILLED(IN_CHILD({
		struct rlimit limit = { 1, 3 };

		MUST(setrlimit(RLIMIT_CPU, &limit));
		for (;;)
			;
	}), SIGXCPU);
}

/* --- names and numbers ---------------------------- */

TEST(uname)
{
	struct utsname u;

	MUST(uname(&u));
	EXPECT_STREQ(u.machine, "aarch64");
	EXPECT_NE(u.sysname[0], 0);
	EXPECT_NE(u.release[0], 0);
	EXPECT_GE(u.release[0], '3'); /* C libraries refuse kernels that call themselves old */
}

TEST(sethostname)
{
	struct utsname u;

	need_root();
	SKIP_IN_EMULATOR("it would name the host");
	MUST(sethostname("tester", 6));
	MUST(uname(&u));
	EXPECT_STREQ(u.nodename, "tester");
	EXPECT_ERRNO(sethostname("x", 65), EINVAL);
	MUST(sethostname("localhost", 9));
}

TEST(getrandom)
{
	unsigned char a[256] = { 0 }, b[256] = { 0 };
	int counts[256] = { 0 }, zero = 0;

	EXPECT_EQ(getrandom(a, sizeof(a), 0), sizeof(a));
	EXPECT_EQ(getrandom(b, sizeof(b), GRND_NONBLOCK), sizeof(b));
	EXPECT_NE(memcmp(a, b, sizeof(a)), 0);
	for (int i = 0; i < 256; i++)
		counts[a[i]]++;
	for (int i = 0; i < 256; i++)
		zero += counts[i] > 12;
	EXPECT_EQ(zero, 0);
	EXPECT_EQ(getrandom(a, 0, 0), 0);
	EXPECT_ERRNO(getrandom(a, 10, 0x100), EINVAL);
}

TEST(prctl_name)
{
	char name[32] = { 0 };

	MUST(prctl(PR_SET_NAME, "a-name-of-more-than-15"));
	MUST(prctl(PR_GET_NAME, name));
	EXPECT_STREQ(name, "a-name-of-more-");
	EXPECT_ERRNO(prctl(9999, 0, 0, 0, 0), EINVAL);
}

TEST(parent_death_signal)
{
	int ends[2];
	pid_t parent;
	char c;

	MUST(pipe(ends));
	parent = must_fork();
	if (parent == 0) {
		if (must_fork() == 0) {
			close(ends[0]);
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			EXPECT_EQ(write(ends[1], "r", 1), 1);
			for (;;)
				pause();
		}
		EXPECT_EQ(read(ends[0], &c, 1), 1);
		_exit(0);
	}
	close(ends[1]);
	EXPECT_EXIT(wait_status(parent), 0);
	EXPECT_EQ(read(ends[0], &c, 1), 0); /* the grandchild died and closed its end */
}

TEST(priorities)
{
	int nice;

	errno = 0;
	nice = getpriority(PRIO_PROCESS, 0); /* 0, unless the tests were started nicely */
	EXPECT_EQ(errno, 0);
	MUST(setpriority(PRIO_PROCESS, 0, nice + 5));
	EXPECT_EQ(getpriority(PRIO_PROCESS, 0), nice + 5);
	MUST(setpriority(PRIO_PROCESS, 0, 100));
	EXPECT_EQ(getpriority(PRIO_PROCESS, 0), 19);
	EXPECT_ERRNO(getpriority(99, 0), EINVAL);
	EXPECT_ERRNO(setpriority(PRIO_PROCESS, 999999, 0), ESRCH);
}

TEST(sysinfo)
{
	struct sysinfo si;

	MUST(sysinfo(&si));
	EXPECT_GT(si.totalram, si.freeram);
	EXPECT_GE(si.procs, 1);
	EXPECT_GT(si.mem_unit, 0);
}
