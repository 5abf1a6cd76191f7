/* SPDX-License-Identifier: BSD-2-Clause */
/* exit, wait4, waitid: every status, every option, who may be waited for. */
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>

#include "helpers.h"

static pid_t sleeper(void)
{
	pid_t pid = must_fork();

	if (pid == 0)
		for (;;)
			pause();
	return pid;
}

TEST(exit_codes)
{
	static const int codes[] = { 0, 1, 2, 77, 127, 128, 254, 255 };

	for (size_t i = 0; i < ARRAY_SIZE(codes); i++)
		EXPECT_EXIT(IN_CHILD({ return_status = codes[i]; }), codes[i]);
	EXPECT_EXIT(IN_CHILD({ return_status = 0x1234; }), 0x34);
	EXPECT_EXIT(IN_CHILD({ return_status = -1; }), 255);
}

TEST(exit_and_exit_group)
{
	EXPECT_EXIT(IN_CHILD({ syscall(SYS_exit, 3); }), 3);
	EXPECT_EXIT(IN_CHILD({ syscall(SYS_exit_group, 4); }), 4);
}

TEST(killed_by_each_signal)
{
	static const int deadly[] = { SIGHUP, SIGINT, SIGKILL, SIGUSR1, SIGUSR2, SIGPIPE, SIGALRM,
		SIGTERM, SIGSTKFLT, SIGVTALRM, SIGPROF, SIGIO, SIGPWR, 34, 64 };

	for (size_t i = 0; i < ARRAY_SIZE(deadly) - in_emulator(); i++) /* it keeps 64 */
		EXPECT_KILLED(IN_CHILD({ syscall(SYS_kill, getpid(), deadly[i]); }), deadly[i]);
}

TEST(core_signals)
{
	static const int core[] = { SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV,
		SIGXCPU, SIGXFSZ, SIGSYS };

	for (size_t i = 0; i < ARRAY_SIZE(core); i++) {
		int status = IN_CHILD({
			struct rlimit none = { 0, 0 };

			setrlimit(RLIMIT_CORE, &none);
			kill(getpid(), core[i]);
		});

		EXPECT_KILLED(status, core[i]);
		EXPECT(!WCOREDUMP(status));
	}
}

TEST(ignored_by_default)
{
	static const int harmless[] = { SIGCHLD, SIGURG, SIGWINCH, SIGCONT };

	for (size_t i = 0; i < ARRAY_SIZE(harmless); i++)
		EXPECT_EXIT(IN_CHILD({ kill(getpid(), harmless[i]); return_status = 6; }), 6);
}

TEST(no_hang)
{
	pid_t pid = sleeper();
	int status = 0x55;

	EXPECT_EQ(waitpid(pid, &status, WNOHANG), 0);
	EXPECT_EQ(waitpid(-1, &status, WNOHANG), 0);
	kill(pid, SIGKILL);
	EXPECT_KILLED(wait_status(pid), SIGKILL);
	EXPECT_ERRNO(waitpid(pid, &status, WNOHANG), ECHILD);
}

TEST(no_children)
{
	EXPECT_ERRNO(waitpid(-1, NULL, 0), ECHILD);
	EXPECT_ERRNO(waitpid(1, NULL, 0), ECHILD);
	EXPECT_ERRNO(waitpid(getpid(), NULL, 0), ECHILD);
	EXPECT_ERRNO(waitpid(0, NULL, 0), ECHILD);
	EXPECT_ERRNO(waitpid(-getpgrp(), NULL, 0), ECHILD);
	EXPECT_ERRNO(waitpid(-99999, NULL, 0), ECHILD);
}

TEST(bad_arguments)
{
	siginfo_t info;

	EXPECT_ERRNO(syscall(SYS_wait4, -1, NULL, 0x00000010, NULL), EINVAL);
	EXPECT_ERRNO(syscall(SYS_waitid, 99, 0, &info, WEXITED, NULL), EINVAL);
	EXPECT_ERRNO(syscall(SYS_waitid, P_ALL, 0, &info, 0, NULL), EINVAL);
	EXPECT_ERRNO(syscall(SYS_waitid, P_ALL, 0, &info, WNOHANG, NULL), EINVAL);
	EXPECT_ERRNO(syscall(SYS_waitid, P_PID, 0, &info, WEXITED, NULL), EINVAL);
	EXPECT_ERRNO(syscall(SYS_waitid, P_PID, -5, &info, WEXITED, NULL), EINVAL);
}

TEST(bad_status_pointer_reaps_anyway)
{
	pid_t pid = must_fork();

	if (pid == 0)
		_exit(0);
	EXPECT_ERRNO(syscall(SYS_wait4, pid, (int *)8, 0, NULL), EFAULT);
	EXPECT_ERRNO(waitpid(pid, NULL, 0), ECHILD);
}

TEST(waitid_exited)
{
	siginfo_t info;
	pid_t pid = must_fork();

	if (pid == 0)
		_exit(33);
	memset(&info, 0x55, sizeof(info));
	MUST(waitid(P_PID, pid, &info, WEXITED));
	EXPECT_EQ(info.si_signo, SIGCHLD);
	EXPECT_EQ(info.si_errno, 0);
	EXPECT_EQ(info.si_code, CLD_EXITED);
	EXPECT_EQ(info.si_pid, pid);
	EXPECT_EQ(info.si_uid, getuid());
	EXPECT_EQ(info.si_status, 33);
}

TEST(waitid_killed)
{
	siginfo_t info;
	pid_t pid = sleeper();

	kill(pid, SIGUSR1);
	MUST(waitid(P_ALL, 0, &info, WEXITED));
	EXPECT_EQ(info.si_code, CLD_KILLED);
	EXPECT_EQ(info.si_status, SIGUSR1);
	EXPECT_EQ(info.si_pid, pid);
}

TEST(waitid_no_hang_gives_zero_pid)
{
	siginfo_t info;
	pid_t pid = sleeper();

	memset(&info, 0x55, sizeof(info));
	EXPECT_EQ(waitid(P_PID, pid, &info, WEXITED | WNOHANG), 0);
	EXPECT_EQ(info.si_pid, 0);
	EXPECT_EQ(info.si_signo, 0);
	kill(pid, SIGKILL);
	wait_status(pid);
}

TEST(no_wait_leaves_the_child)
{
	siginfo_t info;
	pid_t pid = must_fork();

	if (pid == 0)
		_exit(12);
	for (int i = 0; i < 3; i++) {
		MUST(waitid(P_PID, pid, &info, WEXITED | WNOWAIT));
		EXPECT_EQ(info.si_status, 12);
	}
	EXPECT_EXIT(wait_status(pid), 12);
}

TEST(stopped_and_continued)
{
	pid_t pid = sleeper();
	int status;

	kill(pid, SIGSTOP);
	EXPECT_EQ(waitpid(pid, &status, WUNTRACED), pid);
	EXPECT(WIFSTOPPED(status));
	EXPECT_EQ(WSTOPSIG(status), SIGSTOP);
	EXPECT_EQ(waitpid(pid, &status, WUNTRACED | WNOHANG), 0); /* told only once */
	kill(pid, SIGCONT);
	EXPECT_EQ(waitpid(pid, &status, WCONTINUED), pid);
	EXPECT(WIFCONTINUED(status));
	EXPECT_EQ(waitpid(pid, &status, WCONTINUED | WNOHANG), 0);
	kill(pid, SIGTSTP);
	EXPECT_EQ(waitpid(-1, &status, WUNTRACED), pid);
	EXPECT_EQ(WSTOPSIG(status), SIGTSTP);
	kill(pid, SIGTERM); /* stays pending while stopped */
	sleep_ms(30);
	EXPECT_EQ(waitpid(pid, &status, WNOHANG), 0);
	kill(pid, SIGCONT);
	EXPECT_KILLED(wait_status(pid), SIGTERM);
}

TEST(waitid_stopped)
{
	siginfo_t info;
	pid_t pid = sleeper();

	kill(pid, SIGSTOP);
	MUST(waitid(P_PID, pid, &info, WSTOPPED));
	EXPECT_EQ(info.si_code, CLD_STOPPED);
	EXPECT_EQ(info.si_status, SIGSTOP);
	kill(pid, SIGCONT);
	MUST(waitid(P_PID, pid, &info, WCONTINUED));
	EXPECT_EQ(info.si_code, CLD_CONTINUED);
	EXPECT_EQ(info.si_status, SIGCONT);
	kill(pid, SIGKILL);
	wait_status(pid);
}

TEST(stop_is_not_told_without_wuntraced)
{
	pid_t pid = sleeper();

	kill(pid, SIGSTOP);
	wait_for_state(pid, 'T');
	EXPECT_EQ(waitpid(pid, NULL, WNOHANG), 0);
	kill(pid, SIGKILL); /* KILL needs no CONT */
	EXPECT_KILLED(wait_status(pid), SIGKILL);
}

TEST(by_process_group)
{
	pid_t a = sleeper(), b = sleeper();

	MUST(setpgid(a, a));
	kill(b, SIGKILL);
	EXPECT_EQ(waitpid(-a, NULL, WNOHANG), 0);
	EXPECT_EQ(waitpid(0, NULL, 0), b);
	EXPECT_ERRNO(waitpid(0, NULL, 0), ECHILD);
	kill(a, SIGKILL);
	EXPECT_EQ(waitpid(-a, NULL, 0), a);
}

TEST(zombie_until_waited)
{
	pid_t pid = must_fork();

	if (pid == 0)
		_exit(0);
	wait_for_state(pid, 'Z');
	EXPECT_EQ(kill(pid, 0), 0);
	EXPECT_EXIT(wait_status(pid), 0);
	EXPECT_ERRNO(kill(pid, 0), ESRCH);
}

TEST(sigchld_ignored_reaps)
{
	pid_t pid;

	signal(SIGCHLD, SIG_IGN);
	pid = must_fork();
	if (pid == 0)
		_exit(0);
	EXPECT_ERRNO(waitpid(pid, NULL, 0), ECHILD); /* blocks until it ended */
	EXPECT_ERRNO(kill(pid, 0), ESRCH);
}

TEST(sa_nocldwait)
{
	struct sigaction act = { .sa_handler = SIG_DFL, .sa_flags = SA_NOCLDWAIT };
	pid_t pid;

	SKIP_IN_EMULATOR("drops SA_NOCLDWAIT");
	MUST(sigaction(SIGCHLD, &act, NULL));
	pid = must_fork();
	if (pid == 0)
		_exit(0);
	EXPECT_ERRNO(waitpid(pid, NULL, 0), ECHILD);
}

static volatile siginfo_t child_info;
static volatile int child_signals;

static void on_child(int sig, siginfo_t *info, void *context)
{
	child_info = *info;
	child_signals++;
}

TEST(sigchld_info)
{
	pid_t pid;

	handle(SIGCHLD, on_child, SA_SIGINFO | SA_RESTART);
	pid = must_fork();
	if (pid == 0)
		_exit(21);
	EXPECT_EXIT(wait_status(pid), 21);
	EXPECT_EQ(child_signals, 1);
	EXPECT_EQ(child_info.si_code, CLD_EXITED);
	EXPECT_EQ(child_info.si_status, 21);
	EXPECT_EQ(child_info.si_pid, pid);
	pid = sleeper();
	kill(pid, SIGSTOP);
	EXPECT_EQ(waitpid(pid, NULL, WUNTRACED), pid);
	/* On another CPU, the child can be seen stopped before its signal is sent. */
	for (int i = 0; i < 1000 && child_signals < 2; i++)
		usleep(1000);
	EXPECT_EQ(child_signals, 2);
	EXPECT_EQ(child_info.si_code, CLD_STOPPED);
	kill(pid, SIGKILL);
	wait_status(pid);
	EXPECT_EQ(child_info.si_code, CLD_KILLED);
}

TEST(sa_nocldstop)
{
	pid_t pid;

	SKIP_IN_EMULATOR("drops SA_NOCLDSTOP");
	handle(SIGCHLD, on_child, SA_SIGINFO | SA_NOCLDSTOP);
	pid = sleeper();
	kill(pid, SIGSTOP);
	EXPECT_EQ(waitpid(pid, NULL, WUNTRACED), pid);
	kill(pid, SIGCONT);
	EXPECT_EQ(waitpid(pid, NULL, WCONTINUED), pid);
	EXPECT_EQ(child_signals, 0);
	kill(pid, SIGKILL);
	wait_status(pid);
	EXPECT_EQ(child_signals, 1);
}

static void nothing(int sig)
{
}

TEST(interrupted_wait)
{
	pid_t pid = sleeper();

	handle(SIGALRM, nothing, 0);
	alarm(1);
	EXPECT_ERRNO(waitpid(pid, NULL, 0), EINTR);
	kill(pid, SIGKILL);
	wait_status(pid);
}

TEST(rusage_of_child)
{
	struct rusage usage;
	pid_t pid = must_fork();
	int status;

	if (pid == 0) {
		/* CPU time of its own, however busy the machine is with others. */
		int64_t end = now_ns() + 10000000000;
		clock_t until = clock() + CLOCKS_PER_SEC / 10;

		while (clock() < until && now_ns() < end)
			;
		_exit(0);
	}
	memset(&usage, 0, sizeof(usage));
	EXPECT_EQ(wait4(pid, &status, 0, &usage), pid);
	EXPECT_GT(usage.ru_utime.tv_sec * 1000000 + usage.ru_utime.tv_usec +
		  usage.ru_stime.tv_sec * 1000000 + usage.ru_stime.tv_usec, 20000);
	MUST(getrusage(RUSAGE_CHILDREN, &usage));
	EXPECT_GT(usage.ru_utime.tv_sec * 1000000 + usage.ru_utime.tv_usec +
		  usage.ru_stime.tv_sec * 1000000 + usage.ru_stime.tv_usec, 20000);
}
