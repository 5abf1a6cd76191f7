/* SPDX-License-Identifier: BSD-2-Clause */
/* O_ASYNC: signals say that a pipe, socket or terminal can be read or written. */
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <termios.h>
#include <time.h>

#include "helpers.h"
#include "inet.h"
#include "pty.h"

#define RT_SIGNAL	40

static void block(int sig)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, sig);
	sigaddset(&set, SIGIO);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

/* The next of the two signals, which is there or comes within `ms`; 0 if none does. */
static int next_signal(siginfo_t *info, long ms)
{
	struct timespec limit = { ms / 1000, ms % 1000 * 1000000 };
	sigset_t set;
	int sig;

	sigemptyset(&set);
	sigaddset(&set, SIGIO);
	sigaddset(&set, RT_SIGNAL);
	sig = sigtimedwait(&set, info, &limit);
	return sig < 0 ? 0 : sig;
}

/* Owned by us, with siginfo. */
static void watch(int fd)
{
	block(RT_SIGNAL);
	MUST(fcntl(fd, F_SETOWN, getpid()));
	MUST(fcntl(fd, F_SETSIG, RT_SIGNAL));
	MUST(fcntl(fd, F_SETFL, MUST(fcntl(fd, F_GETFL)) | O_ASYNC));
	EXPECT(fcntl(fd, F_GETFL) & O_ASYNC);
}

static void expect_event(int fd, int code, long band)
{
	siginfo_t info;

	EXPECT_EQ(next_signal(&info, 0), RT_SIGNAL);
	EXPECT_EQ(info.si_code, code);
	EXPECT_EQ(info.si_fd, fd);
	EXPECT_EQ(info.si_band, band);
}

static void expect_nothing(void)
{
	siginfo_t info;

	EXPECT_EQ(next_signal(&info, 0), 0);
}

#define IN_BAND		(0x1 | 0x40)		/* POLLIN | POLLRDNORM */
#define OUT_BAND	(0x4 | 0x100 | 0x200)	/* POLLOUT | POLLWRNORM | POLLWRBAND */
#define HUP_BAND	(0x8 | 0x10)		/* POLLERR | POLLHUP */

TEST(pipe_reader)
{
	int ends[2];
	char c;

	SKIP_IN_EMULATOR("owners are the host's");
	MUST(pipe(ends));
	watch(ends[0]);
	expect_nothing();
	/* The signal is there when the call returns, each time. */
	EXPECT_EQ(write(ends[1], "x", 1), 1);
	expect_event(ends[0], POLL_IN, IN_BAND);
	EXPECT_EQ(write(ends[1], "y", 1), 1);
	expect_event(ends[0], POLL_IN, IN_BAND);
	EXPECT_EQ(read(ends[0], &c, 1), 1);
	expect_nothing();
	close(ends[1]);
	expect_event(ends[0], POLL_IN, IN_BAND);
}

TEST(pipe_writer)
{
	static char page[65536];
	int ends[2];

	SKIP_IN_EMULATOR("owners are the host's");
	MUST(pipe2(ends, O_NONBLOCK));
	watch(ends[1]);
	EXPECT_EQ(write(ends[1], page, sizeof(page)), sizeof(page));
	EXPECT_ERRNO(write(ends[1], page, 1), EAGAIN);
	expect_nothing();
	EXPECT_EQ(read(ends[0], page, 4096), 4096);
	expect_event(ends[1], POLL_OUT, OUT_BAND);
	close(ends[0]);
	expect_event(ends[1], POLL_OUT, OUT_BAND);
}

/* A writer that sleeps with its work half done must have told the reader before. */
TEST(a_writer_that_sleeps)
{
	static char much[200000];
	siginfo_t info;
	int ends[2];
	pid_t pid;
	ssize_t n;

	SKIP_IN_EMULATOR("owners are the host's");
	MUST(pipe(ends));
	watch(ends[0]);
	pid = must_fork();
	if (pid == 0)
		_exit(write(ends[1], much, sizeof(much)) != sizeof(much));
	close(ends[1]);
	EXPECT_EQ(next_signal(&info, 10000), RT_SIGNAL);
	for (size_t done = 0; done < sizeof(much); done += (size_t)n)
		n = MUST(read(ends[0], much, sizeof(much)));
	EXPECT_EXIT(wait_status(pid), 0);
}

TEST(plain_sigio)
{
	siginfo_t info;
	int ends[2], on = 1;

	SKIP_IN_EMULATOR("owners are the host's");
	MUST(pipe(ends));
	block(SIGIO);
	MUST(fcntl(ends[0], F_SETOWN, -getpgrp()));
	EXPECT_EQ(MUST(ioctl(ends[0], FIOASYNC, &on)), 0);
	EXPECT(fcntl(ends[0], F_GETFL) & O_ASYNC);
	EXPECT_EQ(write(ends[1], "x", 1), 1);
	EXPECT_EQ(next_signal(&info, 0), SIGIO);
	EXPECT_EQ(info.si_code, SI_KERNEL);
	on = 0;
	MUST(ioctl(ends[0], FIOASYNC, &on));
	EXPECT(!(fcntl(ends[0], F_GETFL) & O_ASYNC));
	EXPECT_EQ(write(ends[1], "x", 1), 1);
	expect_nothing();
	/* Nobody owns it: nobody is told. */
	MUST(fcntl(ends[0], F_SETOWN, 0));
	on = 1;
	MUST(ioctl(ends[0], FIOASYNC, &on));
	EXPECT_EQ(write(ends[1], "x", 1), 1);
	expect_nothing();
}

TEST(files_that_have_none)
{
	int fd = MUST(open("/dev/null", O_RDWR)), on = 1;

	SKIP_IN_EMULATOR("owners are the host's");
	EXPECT_EQ(fcntl(fd, F_SETFL, O_ASYNC), 0);
	EXPECT(!(fcntl(fd, F_GETFL) & O_ASYNC));
	EXPECT_ERRNO(ioctl(fd, FIOASYNC, &on), ENOTTY);
	fd = MUST(open("f", O_RDWR | O_CREAT, 0600));
	EXPECT_ERRNO(ioctl(fd, FIOASYNC, &on), ENOTTY);
}

static void stream_events(int type)
{
	static char much[4096];
	int ends[2];

	MUST(socketpair(AF_UNIX, type | SOCK_NONBLOCK, 0, ends));
	watch(ends[0]);
	expect_nothing();
	EXPECT_EQ(write(ends[1], "x", 1), 1);
	expect_event(ends[0], POLL_IN, IN_BAND);
	EXPECT_EQ(write(ends[0], "x", 1), 1);
	EXPECT_EQ(read(ends[1], much, 1), 1);
	expect_nothing();
	while (write(ends[0], much, sizeof(much)) > 0)
		;
	EXPECT_EQ(errno, EAGAIN);
	expect_nothing();
	while (read(ends[1], much, sizeof(much)) > 0)
		;
	expect_event(ends[0], POLL_OUT, OUT_BAND);
	expect_nothing();
	close(ends[1]);
	expect_event(ends[0], POLL_HUP, HUP_BAND);
}

TEST(unix_stream)
{
	SKIP_IN_EMULATOR("owners are the host's");
	stream_events(SOCK_STREAM);
}

TEST(unix_seqpacket)
{
	SKIP_IN_EMULATOR("owners are the host's");
	stream_events(SOCK_SEQPACKET);
}

/* What comes over lo comes in its own time. */
static int code_within(int fd, long ms)
{
	siginfo_t info;

	if (next_signal(&info, ms) != RT_SIGNAL)
		return 0;
	EXPECT_EQ(info.si_fd, fd);
	return info.si_code;
}

TEST(tcp)
{
	int listener = inet_socket(AF_INET, SOCK_STREAM), fd = inet_socket(AF_INET, SOCK_STREAM), peer;
	struct sockaddr_in addr = v4(INADDR_LOOPBACK, 0);

	SKIP_IN_EMULATOR("owners are the host's");
	MUST(bind(listener, ADDR(addr), sizeof(addr)));
	MUST(listen(listener, 5));
	watch(listener);
	addr = v4(INADDR_LOOPBACK, port_of(listener));
	MUST(connect(fd, ADDR(addr), sizeof(addr)));
	EXPECT_EQ(code_within(listener, 10000), POLL_IN);
	peer = MUST(accept(listener, NULL, NULL));
	watch(fd);
	EXPECT_EQ(write(peer, "x", 1), 1);
	EXPECT_EQ(code_within(fd, 10000), POLL_IN);
	EXPECT_EQ(write(fd, "x", 1), 1);
	EXPECT_EQ(read(peer, &(char){ 0 }, 1), 1);
	EXPECT_EQ(code_within(fd, 200), 0);
	MUST(shutdown(peer, SHUT_WR));
	EXPECT_EQ(code_within(fd, 10000), POLL_IN);
}

TEST(tcp_connects)
{
	int listener = inet_socket(AF_INET, SOCK_STREAM);
	int fd = inet_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK);
	struct sockaddr_in addr = v4(INADDR_LOOPBACK, 0);

	SKIP_IN_EMULATOR("owners are the host's");
	MUST(bind(listener, ADDR(addr), sizeof(addr)));
	MUST(listen(listener, 5));
	addr = v4(INADDR_LOOPBACK, port_of(listener));
	watch(fd);
	EXPECT(connect(fd, ADDR(addr), sizeof(addr)) == 0 || errno == EINPROGRESS);
	EXPECT_EQ(code_within(fd, 10000), POLL_OUT);
}

TEST(udp)
{
	int fd = inet_socket(AF_INET, SOCK_DGRAM), other = inet_socket(AF_INET, SOCK_DGRAM);
	struct sockaddr_in addr = v4(INADDR_LOOPBACK, 0);

	SKIP_IN_EMULATOR("owners are the host's");
	MUST(bind(fd, ADDR(addr), sizeof(addr)));
	addr = v4(INADDR_LOOPBACK, port_of(fd));
	watch(fd);
	EXPECT_EQ(sendto(other, "x", 1, 0, ADDR(addr), sizeof(addr)), 1);
	EXPECT_EQ(code_within(fd, 10000), POLL_IN);
	EXPECT_EQ(sendto(fd, "x", 1, 0, ADDR(addr), sizeof(addr)), 1);
	EXPECT_EQ(code_within(fd, 10000), POLL_IN);
	EXPECT_EQ(code_within(fd, 200), 0);
}

TEST(socket_owner_by_ioctl)
{
	int ends[2], owner = getpid(), got = 0;

	SKIP_IN_EMULATOR("owners are the host's");
	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	MUST(ioctl(ends[0], FIOSETOWN, &owner));
	EXPECT_EQ(fcntl(ends[0], F_GETOWN), getpid());
	MUST(ioctl(ends[0], FIOGETOWN, &got));
	EXPECT_EQ(got, getpid());
	owner = 4000000;
	EXPECT_ERRNO(ioctl(ends[0], FIOSETOWN, &owner), ESRCH);
	watch(ends[0]);
	EXPECT_EQ(write(ends[1], "x", 1), 1);
	expect_event(ends[0], POLL_IN, IN_BAND);
}

/* --- One thread as the owner --- */

static volatile pid_t thread_id;
static volatile int thread_got;

static void *own_it(void *arg)
{
	siginfo_t info;

	thread_id = (pid_t)syscall(SYS_gettid);
	thread_got = next_signal(&info, 10000);
	return NULL;
}

TEST(owner_thread)
{
	struct f_owner_ex ex = { F_OWNER_TID, 0 }, back;
	pthread_t thread;
	int ends[2];

	SKIP_IN_EMULATOR("owners are the host's");
	MUST(pipe(ends));
	watch(ends[0]);
	EXPECT_EQ(pthread_create(&thread, NULL, own_it, NULL), 0);
	while (!thread_id)
		sleep_ms(1);
	ex.pid = thread_id;
	MUST(fcntl(ends[0], F_SETOWN_EX, &ex));
	MUST(fcntl(ends[0], F_GETOWN_EX, &back));
	EXPECT_EQ(back.type, F_OWNER_TID);
	EXPECT_EQ(back.pid, thread_id);
	EXPECT_EQ(write(ends[1], "x", 1), 1);
	EXPECT_EQ(pthread_join(thread, NULL), 0);
	EXPECT_EQ(thread_got, RT_SIGNAL);
	expect_nothing();
}

/* --- Terminals, inotify --- */

TEST(terminal)
{
	struct pair p;
	siginfo_t info;

	SKIP_IN_EMULATOR("owners are the host's");
	p = open_pair();
	watch(p.slave);
	EXPECT_EQ(write(p.slave, "out", 3), 3);
	expect_nothing();
	type(&p, "in\n");
	EXPECT_EQ(next_signal(&info, 10000), RT_SIGNAL);
	EXPECT_EQ(info.si_code, POLL_IN);
	EXPECT_EQ(info.si_fd, p.slave);
}

TEST(inotify)
{
	int fd = MUST(inotify_init());

	SKIP_IN_EMULATOR("owners are the host's");
	MUST(inotify_add_watch(fd, ".", IN_CREATE));
	watch(fd);
	put_text("f", "");
	expect_event(fd, POLL_IN, IN_BAND);
}

/* What is closed, or has a watch that goes, tells no more; and nothing of it is left behind. */
TEST(many_come_and_go)
{
	int ends[2], fds[2];
	siginfo_t info;

	SKIP_IN_EMULATOR("owners are the host's");
	for (int i = 0; i < 300; i++) {
		MUST(pipe(ends));
		watch(ends[0]);
		EXPECT_EQ(write(ends[1], "x", 1), 1);
		close(ends[0]);
		close(ends[1]);
		MUST(socketpair(AF_UNIX, SOCK_DGRAM, 0, fds));
		watch(fds[0]);
		EXPECT_EQ(write(fds[1], "x", 1), 1);
		MUST(fcntl(fds[0], F_SETFL, 0));
		EXPECT_EQ(write(fds[1], "x", 1), 1);
		close(fds[0]);
		close(fds[1]);
		while (next_signal(&info, 0))
			;
	}
}
