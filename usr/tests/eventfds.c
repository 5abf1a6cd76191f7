/* SPDX-License-Identifier: BSD-2-Clause */
/* timerfd, signalfd, pidfd: events as files, alone and in poll and epoll. */
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>

#include "helpers.h"

#define MS 1000000L
#ifndef P_PIDFD
#define P_PIDFD 3
#endif
#ifndef CLONE_PIDFD
#define CLONE_PIDFD 0x1000
#endif

static bool readable(int fd, int timeout_ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return MUST(poll(&p, 1, timeout_ms)) == 1 && (p.revents & POLLIN);
}

static struct itimerspec span(long value_ns, long interval_ns)
{
	return (struct itimerspec){
		.it_value = { value_ns / 1000000000, value_ns % 1000000000 },
		.it_interval = { interval_ns / 1000000000, interval_ns % 1000000000 },
	};
}

static uint64_t read_count(int fd)
{
	uint64_t n = 0;

	EXPECT_EQ(read(fd, &n, sizeof(n)), sizeof(n));
	return n;
}

static int64_t ns_of(struct timespec ts)
{
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

TEST(timerfd_one_shot)
{
	static const clockid_t clocks[] = { CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME };

	for (size_t i = 0; i < ARRAY_SIZE(clocks); i++) {
		int fd = MUST(timerfd_create(clocks[i], TFD_NONBLOCK | TFD_CLOEXEC));
		struct itimerspec spec = span(30 * MS, 0), old;
		uint64_t n;

		EXPECT_ERRNO(read(fd, &n, 8), EAGAIN);
		MUST(timerfd_settime(fd, 0, &spec, &old));
		EXPECT_EQ(ns_of(old.it_value), 0);
		EXPECT_ERRNO(read(fd, &n, 8), EAGAIN);
		MUST(timerfd_gettime(fd, &old));
		EXPECT(ns_of(old.it_value) > 0 && ns_of(old.it_value) <= 30 * MS);
		EXPECT(!readable(fd, 0));
		EXPECT(readable(fd, 2000));
		EXPECT_EQ(read_count(fd), 1);
		EXPECT(!readable(fd, 0));
		MUST(timerfd_gettime(fd, &old));
		EXPECT_EQ(ns_of(old.it_value), 0);
		EXPECT_ERRNO(read(fd, &n, 7), EINVAL);
		EXPECT_ERRNO(write(fd, &n, 8), EINVAL);
		EXPECT_EQ(lseek(fd, 0, SEEK_SET), 0);	/* allowed, and does nothing */
		EXPECT_ERRNO(pread(fd, &n, 8, 0), ESPIPE);
		close(fd);
	}
}

TEST(timerfd_periodic_counts)
{
	int fd = MUST(timerfd_create(CLOCK_MONOTONIC, 0));
	struct itimerspec spec = span(10 * MS, 10 * MS);
	int64_t start = now_ns();
	uint64_t n = 0;

	MUST(timerfd_settime(fd, 0, &spec, NULL));
	sleep_ms(55);
	n = read_count(fd);
	EXPECT_GE(n, 5);
	while (n < 10)
		n += read_count(fd);
	EXPECT_GE(now_ns() - start, 100 * MS);
	spec = span(1, 1);		/* no storm */
	MUST(timerfd_settime(fd, 0, &spec, NULL));
	sleep_ms(20);
	EXPECT_GT(read_count(fd), 1000000);
}

TEST(timerfd_absolute)
{
	int fd = MUST(timerfd_create(CLOCK_MONOTONIC, 0));
	struct itimerspec spec = span(now_ns() + 30 * MS, 0);

	MUST(timerfd_settime(fd, TFD_TIMER_ABSTIME, &spec, NULL));
	EXPECT_EQ(read_count(fd), 1);
	EXPECT_GE(now_ns(), ns_of(spec.it_value));
	spec = span(1, 0);
	MUST(timerfd_settime(fd, TFD_TIMER_ABSTIME, &spec, NULL));
	EXPECT_EQ(read_count(fd), 1);
}

TEST(timerfd_cancel_on_set)
{
	int fd = MUST(timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK));
	struct itimerspec spec;
	struct timespec now;
	uint64_t n;

	need_root();
	SKIP_IN_EMULATOR("may not set the clock");
	MUST(clock_gettime(CLOCK_REALTIME, &now));
	spec = span(ns_of(now) + 3600 * 1000 * MS, 0);
	MUST(timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &spec, NULL));
	EXPECT(!readable(fd, 0));
	MUST(clock_gettime(CLOCK_REALTIME, &now));
	MUST(clock_settime(CLOCK_REALTIME, &now));
	EXPECT(readable(fd, 0));
	EXPECT_ERRNO(read(fd, &n, 8), ECANCELED);
	EXPECT(!readable(fd, 0));
	/* A date that the clock jumps over is reached. */
	spec = span(ns_of(now) + 5 * 1000 * MS, 0);
	MUST(timerfd_settime(fd, TFD_TIMER_ABSTIME, &spec, NULL));
	now.tv_sec += 6;
	MUST(clock_settime(CLOCK_REALTIME, &now));
	EXPECT(readable(fd, 1000));
	EXPECT_EQ(read_count(fd), 1);
	now.tv_sec -= 6;
	MUST(clock_settime(CLOCK_REALTIME, &now));
}

TEST(timerfd_bad_arguments)
{
	struct itimerspec spec = span(MS, 0);
	int fd = MUST(timerfd_create(CLOCK_MONOTONIC, 0));

	EXPECT_ERRNO(timerfd_create(CLOCK_PROCESS_CPUTIME_ID, 0), EINVAL);
	EXPECT_ERRNO(timerfd_create(99, 0), EINVAL);
	EXPECT_ERRNO(timerfd_create(CLOCK_MONOTONIC, 1), EINVAL);
	EXPECT_ERRNO(timerfd_settime(-1, 0, &spec, NULL), EBADF);
	EXPECT_ERRNO(timerfd_settime(0, 0, &spec, NULL), EINVAL);
	EXPECT_ERRNO(timerfd_settime(fd, 8, &spec, NULL), EINVAL);
	spec.it_value.tv_nsec = -1;
	EXPECT_ERRNO(timerfd_settime(fd, 0, &spec, NULL), EINVAL);
	EXPECT_ERRNO(syscall(SYS_timerfd_settime, fd, 0, (void *)8, NULL), EFAULT);
	EXPECT_ERRNO(syscall(SYS_timerfd_gettime, fd, (void *)8), EFAULT);
}

static int signal_file(int sig, int flags)
{
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, sig);
	MUST(sigprocmask(SIG_BLOCK, &mask, NULL));
	return MUST(signalfd(-1, &mask, flags));
}

TEST(signalfd_reads)
{
	int fd = signal_file(SIGUSR1, SFD_NONBLOCK);
	struct signalfd_siginfo info[4];
	union sigval value = { .sival_int = 4711 };

	EXPECT_ERRNO(read(fd, info, sizeof(info)), EAGAIN);
	EXPECT_ERRNO(read(fd, info, 127), EINVAL);
	EXPECT(!readable(fd, 0));
	MUST(kill(getpid(), SIGUSR1));
	EXPECT(readable(fd, 1000));
	EXPECT_EQ(read(fd, info, sizeof(info)), sizeof(info[0]));
	EXPECT_EQ(info[0].ssi_signo, SIGUSR1);
	EXPECT_EQ(info[0].ssi_code, SI_USER);
	EXPECT_EQ(info[0].ssi_pid, getpid());
	EXPECT_EQ(info[0].ssi_uid, getuid());
	EXPECT(!readable(fd, 0));
	MUST(sigqueue(getpid(), SIGUSR1, value));
	EXPECT_EQ(read(fd, info, sizeof(info[0])), sizeof(info[0]));
	EXPECT_EQ(info[0].ssi_code, SI_QUEUE);
	EXPECT_EQ(info[0].ssi_int, 4711);
}

TEST(signalfd_blocks_and_queues)
{
	int fd = signal_file(SIGRTMIN + 3, 0);
	struct signalfd_siginfo info[5];
	pid_t parent = getpid();

	if (must_fork() == 0) {
		union sigval value;

		sleep_ms(50);
		for (value.sival_int = 1; value.sival_int <= 3; value.sival_int++)
			sigqueue(parent, SIGRTMIN + 3, value);
		_exit(0);
	}
	EXPECT_EQ(read(fd, info, sizeof(info[0])), sizeof(info[0]));
	EXPECT_EQ(info[0].ssi_int, 1);
	wait(NULL);
	EXPECT_EQ(read(fd, info, sizeof(info)), 2 * sizeof(info[0]));
	EXPECT_EQ(info[0].ssi_int, 2);
	EXPECT_EQ(info[1].ssi_int, 3);
}

TEST(signalfd_child)
{
	int fd = signal_file(SIGCHLD, 0);
	struct signalfd_siginfo info;
	pid_t pid = must_fork();

	if (pid == 0)
		_exit(9);
	EXPECT_EQ(read(fd, &info, sizeof(info)), sizeof(info));
	EXPECT_EQ(info.ssi_code, CLD_EXITED);
	EXPECT_EQ(info.ssi_pid, pid);
	EXPECT_EQ(info.ssi_status, 9);
}

TEST(signalfd_change_and_errors)
{
	int fd = signal_file(SIGUSR1, SFD_NONBLOCK);
	struct signalfd_siginfo info;
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, SIGUSR2);
	MUST(sigprocmask(SIG_BLOCK, &mask, NULL));
	EXPECT_EQ(signalfd(fd, &mask, 0), fd);
	MUST(kill(getpid(), SIGUSR1));
	EXPECT_ERRNO(read(fd, &info, sizeof(info)), EAGAIN);
	MUST(kill(getpid(), SIGUSR2));
	EXPECT_EQ(read(fd, &info, sizeof(info)), sizeof(info));
	EXPECT_EQ(info.ssi_signo, SIGUSR2);
	EXPECT_ERRNO(signalfd(0, &mask, 0), EINVAL);
	EXPECT_ERRNO(signalfd(999, &mask, 0), EBADF);
	EXPECT_ERRNO(signalfd(-1, &mask, 1), EINVAL);
	SKIP_IN_EMULATOR("takes any size of the mask");
	EXPECT_ERRNO(syscall(SYS_signalfd4, -1, &mask, 4, 0), EINVAL);
	EXPECT_ERRNO(syscall(SYS_signalfd4, -1, (void *)8, 8, 0), EFAULT);
}

/* Who polled it may end before it is closed. */
TEST(signalfd_outlives_its_poller)
{
	int fd = signal_file(SIGUSR1, 0), ep = MUST(epoll_create1(0));
	struct epoll_event ev = { .events = EPOLLIN };

	for (int i = 0; i < 10; i++)
		EXPECT_EXIT(IN_CHILD({
			EXPECT_EQ(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev), 0);
			EXPECT_EQ(epoll_wait(ep, &ev, 1, 0), 0);
			kill(getpid(), SIGUSR1);
			EXPECT(readable(fd, 1000));
			EXPECT_EQ(epoll_ctl(ep, EPOLL_CTL_DEL, fd, &ev), 0);
			/* Stays behind: the file is open in the parent, too. */
			MUST(epoll_ctl(ep, EPOLL_CTL_ADD, MUST(dup2(fd, 100 + i)), &ev));
		}), 0);
	close(fd);
	close(ep);
}

static int pidfd_open_(pid_t pid, unsigned int flags)
{
	return (int)syscall(SYS_pidfd_open, pid, flags);
}

static pid_t sleeper(void)
{
	pid_t pid = must_fork();

	if (pid == 0)
		for (;;)
			pause();
	return pid;
}

TEST(pidfd_poll_and_wait)
{
	pid_t pid = sleeper();
	int fd = MUST(pidfd_open_(pid, 0));
	siginfo_t info;

	EXPECT(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	EXPECT(!readable(fd, 0));
	EXPECT_EQ(syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0), 0);
	MUST(syscall(SYS_pidfd_send_signal, fd, SIGTERM, NULL, 0));
	EXPECT(readable(fd, 2000));
	SKIP_IN_EMULATOR("waitid P_PIDFD");
	MUST(waitid(P_PIDFD, (id_t)fd, &info, WEXITED));
	EXPECT_EQ(info.si_pid, pid);
	EXPECT_EQ(info.si_code, CLD_KILLED);
	EXPECT_EQ(info.si_status, SIGTERM);
	EXPECT(readable(fd, 0));
	EXPECT_ERRNO(syscall(SYS_pidfd_send_signal, fd, SIGTERM, NULL, 0), ESRCH);
	EXPECT_ERRNO(waitid(P_PIDFD, (id_t)fd, &info, WEXITED), ECHILD);
}

TEST(pidfd_is_a_folder_of_proc)
{
	char path[32];
	pid_t pid = sleeper();
	int fd, file;

	snprintf(path, sizeof(path), "/proc/%d", pid);
	fd = MUST(open(path, O_RDONLY | O_DIRECTORY));
	file = MUST(openat(fd, "stat", O_RDONLY));
	EXPECT_ERRNO(syscall(SYS_pidfd_send_signal, file, 0, NULL, 0), EBADF);
	file = MUST(openat(fd, "fd", O_RDONLY));
	EXPECT_ERRNO(syscall(SYS_pidfd_send_signal, file, 0, NULL, 0), EBADF);
	EXPECT_EQ(syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0), 0);
	EXPECT_ERRNO(syscall(SYS_pidfd_getfd, fd, 0, 0), EBADF);
	MUST(syscall(SYS_pidfd_send_signal, fd, SIGTERM, NULL, 0));
	EXPECT_EQ(wait_status(pid), SIGTERM);
	EXPECT_ERRNO(syscall(SYS_pidfd_send_signal, fd, SIGTERM, NULL, 0), ESRCH);
}

TEST(pidfd_epoll)
{
	pid_t pid = sleeper();
	int fd = MUST(pidfd_open_(pid, 0)), ep = MUST(epoll_create1(0));
	struct epoll_event ev = { .events = EPOLLIN };

	MUST(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev));
	EXPECT_EQ(epoll_wait(ep, &ev, 1, 20), 0);
	kill(pid, SIGKILL);
	EXPECT_EQ(epoll_wait(ep, &ev, 1, 2000), 1);
	EXPECT_KILLED(wait_status(pid), SIGKILL);
}

TEST(pidfd_nonblocking_wait)
{
	pid_t pid = sleeper();
	int fd = MUST(pidfd_open_(pid, O_NONBLOCK));
	siginfo_t info;

	SKIP_IN_EMULATOR("waitid P_PIDFD");
	EXPECT_ERRNO(waitid(P_PIDFD, (id_t)fd, &info, WEXITED), EAGAIN);
	kill(pid, SIGKILL);
	EXPECT(readable(fd, 2000));
	MUST(waitid(P_PIDFD, (id_t)fd, &info, WEXITED));
}

TEST(pidfd_getfd)
{
	int ends[2], fd, copy;
	pid_t pid;
	char c = 'x';

	MUST(pipe(ends));
	pid = sleeper();
	fd = MUST(pidfd_open_(pid, 0));
	copy = MUST(syscall(SYS_pidfd_getfd, fd, ends[1], 0));
	EXPECT(fcntl(copy, F_GETFD) & FD_CLOEXEC);
	EXPECT_EQ(write(copy, &c, 1), 1);
	EXPECT_EQ(read(ends[0], &c, 1), 1);
	EXPECT_ERRNO(syscall(SYS_pidfd_getfd, fd, 999, 0), EBADF);
	EXPECT_ERRNO(syscall(SYS_pidfd_getfd, fd, ends[1], 1), EINVAL);
	EXPECT_ERRNO(syscall(SYS_pidfd_getfd, ends[0], 0, 0), EBADF);
	kill(pid, SIGKILL);
	wait_status(pid);
	EXPECT_ERRNO(syscall(SYS_pidfd_getfd, fd, ends[1], 0), ESRCH);
}

TEST(clone_pidfd)
{
	int fd = -1;
	long pid;

	SKIP_IN_EMULATOR("CLONE_PIDFD");
	EXPECT_ERRNO(syscall(SYS_clone, CLONE_PIDFD | SIGCHLD, 0, (void *)8, 0, 0), EFAULT);
	EXPECT_ERRNO(syscall(SYS_clone, CLONE_PIDFD | CLONE_PARENT_SETTID | SIGCHLD, 0, &fd, 0, 0),
		     EINVAL);
	pid = syscall(SYS_clone, CLONE_PIDFD | SIGCHLD, 0, &fd, 0, 0);
	if (pid == 0) {
		/* The descriptor is the parent's alone. */
		_exit(fd == -1 && fcntl(3, F_GETFD) == -1 ? 5 : 6);
	}
	EXPECT_GT(pid, 0);
	EXPECT_GE(fd, 0);
	EXPECT(readable(fd, 2000));
	EXPECT_EXIT(wait_status((pid_t)pid), 5);
}

TEST(pidfd_bad_arguments)
{
	siginfo_t info = { .si_signo = SIGUSR1, .si_code = SI_USER };
	int fd = MUST(pidfd_open_(getpid(), 0));

	SKIP_IN_EMULATOR("judges the siginfo by itself");
	EXPECT_ERRNO(pidfd_open_(0, 0), EINVAL);
	EXPECT_ERRNO(pidfd_open_(-1, 0), EINVAL);
	EXPECT_ERRNO(pidfd_open_(getpid(), 1), EINVAL);
	EXPECT_ERRNO(pidfd_open_(4000000, 0), ESRCH);
	EXPECT_ERRNO(syscall(SYS_pidfd_send_signal, 0, SIGUSR1, NULL, 0), EBADF);
	EXPECT_ERRNO(syscall(SYS_pidfd_send_signal, fd, SIGUSR1, NULL, 1), EINVAL);
	EXPECT_ERRNO(syscall(SYS_pidfd_send_signal, fd, 99, NULL, 0), EINVAL);
	EXPECT_ERRNO(syscall(SYS_pidfd_send_signal, fd, SIGUSR2, &info, 0), EINVAL);
	fd = MUST(pidfd_open_(getppid(), 0));
	EXPECT_ERRNO(syscall(SYS_pidfd_send_signal, fd, SIGUSR1, &info, 0), EPERM);
	EXPECT_ERRNO(read(fd, &info, 8), EINVAL);
}
