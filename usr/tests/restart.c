/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a signal does to a call that blocks (signal(7)): every such call, interrupted by a
 * handler with SA_RESTART, by one without, and stopped and continued.
 */
#include <fcntl.h>
#include <linux/futex.h>
#include <mqueue.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>

#include "helpers.h"
#include "pty.h"

static struct shared {
	volatile int handled;
	uint32_t word;
} *shared;

static int p[2], full[2], full2[2], s[2], sfull[2], listener, file, event, timer, watch, epoll, semaphore,
	queue, fullqueue;
static int deaf_listener;
static struct pair keys;
static mqd_t mq, mqfull;
static char buf[100000];

/* ---- calls, and what lets them go on ---- */

static long do_read(void) { return read(p[0], buf, 1); }
static long do_readv(void) { return readv(p[0], &(struct iovec){ buf, 1 }, 1); }
static long do_splice(void) { return splice(p[0], NULL, file, NULL, 1, 0); }
static void feed(void) { MUST(write(p[1], "x", 1)); }

static long do_write(void) { return write(full[1], buf, 4096); }
static long do_writev(void) { return writev(full[1], &(struct iovec){ buf, 4096 }, 1); }
static long do_tee(void) { return tee(p[0], full2[1], 1, 0); }
static long do_vmsplice(void) { return vmsplice(full[1], &(struct iovec){ buf, 4096 }, 1, 0); }
static void drain(void) { MUST(read(full[0], buf, 65536)); }

static long do_recv(void) { return recv(s[0], buf, 1, 0); }
static long do_recvmsg(void)
{
	struct iovec iov = { buf, 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	return recvmsg(s[0], &msg, 0);
}
static long do_recv_timeout(void)
{
	struct timeval tv = { 20, 0 };

	setsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	return recv(s[0], buf, 1, 0);
}
static void talk(void) { MUST(send(s[1], "x", 1, 0)); }

static long do_send(void) { return send(sfull[0], buf, 1000, 0); }
static long do_sendmsg(void)
{
	struct iovec iov = { buf, 1000 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	return sendmsg(sfull[0], &msg, 0);
}
static long do_send_timeout(void)
{
	struct timeval tv = { 20, 0 };

	setsockopt(sfull[0], SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
	return send(sfull[0], buf, 1000, 0);
}
static void listen_up(void)
{
	while (recv(sfull[1], buf, sizeof(buf), MSG_DONTWAIT) > 0)
		;
}

static struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "socket" };
static long do_accept(void) { return accept(listener, NULL, NULL); }
static void do_connect(void)
{
	MUST(connect(MUST(socket(AF_UNIX, SOCK_STREAM, 0)), (void *)&address, sizeof(address)));
}

/* To somebody who accepts nobody, and whose queue is full. */
static long do_connect_full(void)
{
	struct sockaddr_un deaf = { .sun_family = AF_UNIX, .sun_path = "deaf" };

	return connect(MUST(socket(AF_UNIX, SOCK_STREAM, 0)), (void *)&deaf, sizeof(deaf));
}
static void make_room(void) { MUST(accept(deaf_listener, NULL, NULL)); }

static long do_tty(void) { return read(keys.slave, buf, 10); }
static void press(void) { type(&keys, "x\n"); }

static long do_open(void) { return open("fifo", O_RDONLY); }
static void open_other(void) { MUST(open("fifo", O_WRONLY)); }

static long do_flock(void) { return flock(MUST(open("f", O_RDWR)), LOCK_EX); }
static void unflock(void) { MUST(flock(file, LOCK_UN)); }

static long setlk(int fd, int cmd, short type)
{
	struct flock fl = { .l_type = type };

	return fcntl(fd, cmd, &fl);
}
static long do_setlkw(void) { return setlk(file, F_SETLKW, F_WRLCK); }
static long do_ofd_setlkw(void) { return setlk(MUST(open("f", O_RDWR)), F_OFD_SETLKW, F_WRLCK); }
static void unlock(void) { MUST(setlk(file, F_SETLK, F_UNLCK)); }

/* A child that ends when it is fed. */
static pid_t waited_for(void)
{
	pid_t pid = must_fork();

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);	/* it has the locks of all of us */
	signal(SIGUSR1, SIG_IGN);
	while (read(p[0], buf, 1) != 1)
		;
	_exit(0);
}
static long do_wait4(void) { return waitpid(waited_for(), NULL, 0); }
static long do_waitid(void)
{
	siginfo_t info;

	return waitid(P_PID, (id_t)waited_for(), &info, WEXITED);
}

static long do_futex(void)
{
	long ret = syscall(SYS_futex, &shared->word, FUTEX_WAIT, 0, NULL, NULL, 0);

	return ret < 0 && errno == EAGAIN ? 0 : ret;
}
static void wake(void)
{
	shared->word = 1;
	syscall(SYS_futex, &shared->word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static long do_futex_bitset(void)
{
	long ret = syscall(SYS_futex, &shared->word, FUTEX_WAIT_BITSET, 0, NULL, NULL, 1);

	return ret < 0 && errno == EAGAIN ? 0 : ret;
}
static long do_futex_timeout(void)
{
	struct timespec ts = { 20, 0 };
	long ret = syscall(SYS_futex, &shared->word, FUTEX_WAIT, 0, &ts, NULL, 0);

	return ret < 0 && errno == EAGAIN ? 0 : ret;
}
static long do_futex_waitv(void)
{
	struct futex_waitv v = { .uaddr = (uintptr_t)&shared->word, .flags = FUTEX_32 };
	long ret = syscall(449, &v, 1, 0, NULL, CLOCK_MONOTONIC);

	return ret < 0 && errno == EAGAIN ? 0 : ret;
}

static long do_mq_send(void) { return mq_send(mqfull, "x", 1, 0); }
static void mq_drain(void) { MUST(mq_receive(mqfull, buf, 10, NULL)); }
static long do_mq_receive(void) { return mq_receive(mq, buf, 10, NULL); }
static void mq_feed(void) { MUST(mq_send(mq, "x", 1, 0)); }

static long do_msgrcv(void) { return msgrcv(queue, buf, 8, 0, 0); }
static void msg_feed(void) { MUST(msgsnd(queue, &(struct { long type; }){ 1 }, 0, 0)); }
static long do_msgsnd(void) { return msgsnd(fullqueue, &(struct { long t; char c[9]; }){ 1 }, 8, 0); }
static void msg_drain(void) { MUST(msgrcv(fullqueue, buf, 8192, 0, 0)); }

static long do_semop(void) { return semop(semaphore, &(struct sembuf){ 0, -1, 0 }, 1); }
static long do_semtimedop(void)
{
	return semtimedop(semaphore, &(struct sembuf){ 0, -1, 0 }, 1, &(struct timespec){ 20, 0 });
}
static void sem_up(void) { MUST(semop(semaphore, &(struct sembuf){ 0, 1, 0 }, 1)); }

static long do_eventfd(void) { return read(event, buf, 8); }
static void event_up(void) { MUST(eventfd_write(event, 1)); }

static long do_timerfd(void) { return read(timer, buf, 8); }
static void timer_go(void)
{
	MUST(timerfd_settime(timer, 0, &(struct itimerspec){ .it_value = { 0, 1000000 } }, NULL));
}

static long do_inotify(void) { return read(watch, buf, sizeof(buf)); }
static void touch(void) { close(MUST(open("touched", O_CREAT | O_RDWR, 0600))); }

static long do_poll(void) { return poll(&(struct pollfd){ .fd = p[0], .events = POLLIN }, 1, -1); }
static long do_poll_timeout(void)
{
	return poll(&(struct pollfd){ .fd = p[0], .events = POLLIN }, 1, 20000);
}
static long do_ppoll(void)
{
	return ppoll(&(struct pollfd){ .fd = p[0], .events = POLLIN }, 1, NULL, NULL);
}
static long do_select(void)
{
	fd_set set;

	FD_ZERO(&set);
	FD_SET(p[0], &set);
	return select(p[0] + 1, &set, NULL, NULL, NULL);
}
static long do_pselect(void)
{
	fd_set set;

	FD_ZERO(&set);
	FD_SET(p[0], &set);
	return pselect(p[0] + 1, &set, NULL, NULL, &(struct timespec){ 20, 0 }, NULL);
}
static long do_epoll_pwait2(void)
{
	struct epoll_event ev;

	return syscall(SYS_epoll_pwait2, epoll, &ev, 1, &(struct timespec){ 20, 0 }, NULL, 8);
}
static long do_epoll(void)
{
	struct epoll_event ev;

	return epoll_wait(epoll, &ev, 1, -1);
}

static long do_nanosleep(void) { return nanosleep(&(struct timespec){ 1, 500000000 }, NULL); }
static long do_clock_nanosleep(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	ts.tv_sec += 2;
	errno = clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
	return errno ? -1 : 0;
}
static long do_pause(void) { return pause(); }
static long do_sigsuspend(void)
{
	sigset_t none;

	sigemptyset(&none);
	return sigsuspend(&none);
}
static long do_sigtimedwait(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	/* The C library's would try again. */
	return syscall(SYS_rt_sigtimedwait, &set, NULL, &(struct timespec){ 20, 0 }, 8);
}

static long do_sigwaitinfo(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	return syscall(SYS_rt_sigtimedwait, &set, NULL, NULL, 8);
}

/* Nothing lets it go on but time, or a kill. */
static void nothing(void)
{
}

/* ---- the table ---- */

enum { GOES_ON, EINTR_ALWAYS };

static const struct call {
	const char *name;
	long (*block)(void);
	void (*unblock)(void);
	int by_restart;		/* with SA_RESTART; without it is always EINTR */
	int by_stop;		/* stopped and continued */
} calls[] = {
	{ "read", do_read, feed, GOES_ON, GOES_ON },
	{ "readv", do_readv, feed, GOES_ON, GOES_ON },
	{ "write", do_write, drain, GOES_ON, GOES_ON },
	{ "writev", do_writev, drain, GOES_ON, GOES_ON },
	{ "tee", do_tee, feed, GOES_ON, GOES_ON },
	{ "read of a terminal", do_tty, press, GOES_ON, GOES_ON },
	{ "splice", do_splice, feed, GOES_ON, GOES_ON },
	{ "vmsplice", do_vmsplice, drain, GOES_ON, GOES_ON },
	{ "recv", do_recv, talk, GOES_ON, GOES_ON },
	{ "recvmsg", do_recvmsg, talk, GOES_ON, GOES_ON },
	{ "recv with a time-out", do_recv_timeout, talk, EINTR_ALWAYS, EINTR_ALWAYS },
	{ "send", do_send, listen_up, GOES_ON, GOES_ON },
	{ "sendmsg", do_sendmsg, listen_up, GOES_ON, GOES_ON },
	{ "send with a time-out", do_send_timeout, listen_up, EINTR_ALWAYS, EINTR_ALWAYS },
	{ "accept", do_accept, do_connect, GOES_ON, GOES_ON },
	{ "connect", do_connect_full, make_room, GOES_ON, GOES_ON },
	{ "open", do_open, open_other, GOES_ON, GOES_ON },
	{ "flock", do_flock, unflock, GOES_ON, GOES_ON },
	{ "F_SETLKW", do_setlkw, unlock, GOES_ON, GOES_ON },
	{ "F_OFD_SETLKW", do_ofd_setlkw, unlock, GOES_ON, GOES_ON },
	{ "wait4", do_wait4, feed, GOES_ON, GOES_ON },
	{ "waitid", do_waitid, feed, GOES_ON, GOES_ON },
	{ "futex", do_futex, wake, GOES_ON, GOES_ON },
	{ "futex, bitset", do_futex_bitset, wake, GOES_ON, GOES_ON },
	{ "futex with a time-out", do_futex_timeout, wake, EINTR_ALWAYS, GOES_ON },
	{ "futex_waitv", do_futex_waitv, wake, GOES_ON, GOES_ON },
	{ "mq_send", do_mq_send, mq_drain, GOES_ON, GOES_ON },
	{ "mq_receive", do_mq_receive, mq_feed, GOES_ON, GOES_ON },
	{ "msgrcv", do_msgrcv, msg_feed, EINTR_ALWAYS, GOES_ON },
	{ "msgsnd", do_msgsnd, msg_drain, EINTR_ALWAYS, GOES_ON },
	{ "semop", do_semop, sem_up, EINTR_ALWAYS, EINTR_ALWAYS },
	{ "semtimedop", do_semtimedop, sem_up, EINTR_ALWAYS, EINTR_ALWAYS },
	{ "eventfd", do_eventfd, event_up, GOES_ON, GOES_ON },
	{ "timerfd", do_timerfd, timer_go, GOES_ON, GOES_ON },
	{ "inotify", do_inotify, touch, GOES_ON, GOES_ON },
	{ "poll", do_poll, feed, EINTR_ALWAYS, GOES_ON },
	{ "poll with a time-out", do_poll_timeout, feed, EINTR_ALWAYS, GOES_ON },
	{ "ppoll", do_ppoll, feed, EINTR_ALWAYS, GOES_ON },
	{ "select", do_select, feed, EINTR_ALWAYS, GOES_ON },
	{ "pselect", do_pselect, feed, EINTR_ALWAYS, GOES_ON },
	{ "epoll_pwait2", do_epoll_pwait2, feed, EINTR_ALWAYS, EINTR_ALWAYS },
	{ "epoll_wait", do_epoll, feed, EINTR_ALWAYS, EINTR_ALWAYS },
	{ "nanosleep", do_nanosleep, nothing, EINTR_ALWAYS, GOES_ON },
	{ "clock_nanosleep", do_clock_nanosleep, nothing, EINTR_ALWAYS, GOES_ON },
	{ "pause", do_pause, NULL, EINTR_ALWAYS, GOES_ON },
	{ "sigsuspend", do_sigsuspend, NULL, EINTR_ALWAYS, GOES_ON },
	{ "sigwaitinfo", do_sigwaitinfo, nothing, EINTR_ALWAYS, EINTR_ALWAYS },
	{ "sigtimedwait", do_sigtimedwait, nothing, EINTR_ALWAYS, EINTR_ALWAYS },
};

static void on_signal(int sig)
{
	shared->handled++;
}

static void set_up(void)
{
	struct mq_attr attr = { .mq_maxmsg = 1, .mq_msgsize = 10 };
	struct { long type; char text[8192]; } msg = { .type = 1 };

	shared->handled = 0;
	shared->word = 0;
	MUST(pipe(p));
	MUST(pipe(full2));
	MUST(pipe2(full, O_NONBLOCK));
	while (write(full[1], buf, 4096) > 0)
		;
	MUST(fcntl(full[1], F_SETFL, 0));
	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, sfull));
	while (send(sfull[0], buf, 1000, MSG_DONTWAIT) > 0)
		;
	unlink("socket");
	listener = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
	MUST(bind(listener, (void *)&address, sizeof(address)));
	MUST(listen(listener, 5));
	unlink("deaf");
	deaf_listener = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
	MUST(bind(deaf_listener, (void *)&(struct sockaddr_un){ AF_UNIX, "deaf" },
		  sizeof(struct sockaddr_un)));
	MUST(listen(deaf_listener, 0));
	(void)do_connect_full();
	keys = open_pair();
	unlink("fifo");
	MUST(mkfifo("fifo", 0600));
	file = MUST(open("f", O_RDWR | O_CREAT, 0600));
	MUST(flock(file, LOCK_EX));
	MUST(setlk(file, F_SETLK, F_WRLCK));
	event = MUST(eventfd(0, 0));
	timer = MUST(timerfd_create(CLOCK_MONOTONIC, 0));
	unlink("touched");
	watch = MUST(inotify_init());
	MUST(inotify_add_watch(watch, ".", IN_CREATE));
	epoll = MUST(epoll_create1(0));
	MUST(epoll_ctl(epoll, EPOLL_CTL_ADD, p[0], &(struct epoll_event){ .events = EPOLLIN }));
	semaphore = MUST(semget(IPC_PRIVATE, 1, 0600));
	queue = MUST(msgget(IPC_PRIVATE, 0600));
	fullqueue = MUST(msgget(IPC_PRIVATE, 0600));
	MUST(msgsnd(fullqueue, &msg, 8192, 0));
	MUST(msgsnd(fullqueue, &msg, 8192, 0));
	mq = MUST(mq_open("/restart-test", O_RDWR | O_CREAT, 0600, &attr));
	MUST(mq_unlink("/restart-test"));
	mqfull = MUST(mq_open("/restart-test", O_RDWR | O_CREAT, 0600, &attr));
	MUST(mq_send(mqfull, "x", 1, 0));
	MUST(mq_unlink("/restart-test"));
}

static void tear_down(void)
{
	int fds[] = { p[0], p[1], full[0], full[1], s[0], s[1], sfull[0], sfull[1], listener, file,
		      event, timer, watch, epoll, mq, full2[0], full2[1], deaf_listener, keys.master, keys.slave,
		      mqfull };

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		close(fds[i]);
	semctl(semaphore, 0, IPC_RMID);
	msgctl(queue, IPC_RMID, NULL);
	msgctl(fullqueue, IPC_RMID, NULL);
}

/* The child's exit status: 0 the call went on and did its work, 1 EINTR, else errno. */
static pid_t start(const struct call *call, int flags)
{
	pid_t pid = must_fork();

	if (pid == 0) {
		handle(SIGUSR1, on_signal, flags);
		if (call->block() >= 0)
			_exit(0);
		_exit(errno == EINTR ? 1 : errno);
	}
	wait_for_state(pid, 'S');
	sleep_ms(3);	/* wait4 has forked before it sleeps */
	wait_for_state(pid, 'S');
	return pid;
}

/* The child's status, within the time that any of the calls may take. */
static int soon(const struct call *call, const char *how, pid_t pid)
{
	int status;

	for (int n = 0; n < 5000; n++) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return status;
		sleep_ms(1);
	}
	FAIL("%s, %s: does not end", call->name, how);
}

/* What has to come of it, once the signal has come. */
static void finish(const struct call *call, const char *how, pid_t pid, int want)
{
	int status;

	if (want == GOES_ON) {
		sleep_ms(5);
		EXPECT_EQ(waitpid(pid, &status, WNOHANG), 0);
		if (call->unblock) {
			call->unblock();
			status = soon(call, how, pid);
		} else {
			kill(pid, SIGKILL);
			wait_status(pid);
			status = 0;
		}
	} else {
		status = soon(call, how, pid);
	}
	if (status != (want == GOES_ON ? 0 : 1 << 8))
		FAIL("%s, %s: wait status %#x, wanted %s", call->name, how, status,
		     want == GOES_ON ? "success" : "EINTR");
}

static void all(const char *how, int flags, bool stop)
{
	SKIP_IN_EMULATOR("restarts by its own rules");
	shared = MUST(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		const struct call *call = &calls[i];
		pid_t pid;

		set_up();
		pid = start(call, flags);
		if (stop) {
			kill(pid, SIGSTOP);
			wait_for_state(pid, 'T');
			kill(pid, SIGCONT);
			finish(call, how, pid, call->by_stop);
		} else {
			kill(pid, SIGUSR1);
			for (int n = 0; n < 1000 && !shared->handled; n++)
				sleep_ms(1);
			EXPECT_EQ(shared->handled, 1);
			finish(call, how, pid, flags & SA_RESTART ? call->by_restart :
			       EINTR_ALWAYS);
		}
		tear_down();
	}
}

TEST_LONG(with_sa_restart, 60)
{
	all("SA_RESTART", SA_RESTART, false);
}

TEST_LONG(without_sa_restart, 60)
{
	all("no SA_RESTART", 0, false);
}

TEST_LONG(stopped_and_continued, 60)
{
	all("stop and continue", 0, true);
}
