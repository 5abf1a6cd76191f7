/* SPDX-License-Identifier: BSD-2-Clause */
/* POSIX message queues: priorities, waiting, notification, limits, the file system. */
#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <time.h>

#include "helpers.h"

static const char *name(void)
{
	static char text[40];

	snprintf(text, sizeof(text), "/test-%d", getpid());
	return text;
}

static struct mq_attr attr(long count, long size)
{
	return (struct mq_attr){ .mq_maxmsg = count, .mq_msgsize = size };
}

/* A fresh queue that has no name any more. */
static mqd_t make(int flags, long count, long size)
{
	struct mq_attr a = attr(count, size);
	mqd_t q;

	SKIP_IN_EMULATOR("the host may have no queues");
	q = MUST(mq_open(name(), O_RDWR | O_CREAT | O_EXCL | flags, 0600, &a));
	MUST(mq_unlink(name()));
	return q;
}

static void expect(mqd_t q, const char *text, unsigned int priority)
{
	char buf[100] = "";
	unsigned int got = 99;

	EXPECT_EQ(mq_receive(q, buf, sizeof(buf), &got), strlen(text) + 1);
	EXPECT_STREQ(buf, text);
	EXPECT_EQ(got, priority);
}

static void put(mqd_t q, const char *text, unsigned int priority)
{
	MUST(mq_send(q, text, strlen(text) + 1, priority));
}

static struct timespec in_ms(long ms)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	ts.tv_nsec += ms * 1000000;
	ts.tv_sec += ts.tv_nsec / 1000000000;
	ts.tv_nsec %= 1000000000;
	return ts;
}

TEST(names)
{
	struct mq_attr a = attr(4, 100);
	char path[300] = "/";
	mqd_t q, again;

	SKIP_IN_EMULATOR("the host may have no queues");
	EXPECT_ERRNO(mq_open(name(), O_RDWR), ENOENT);
	q = MUST(mq_open(name(), O_RDWR | O_CREAT | O_EXCL, 0600, &a));
	EXPECT(fcntl(q, F_GETFD) & FD_CLOEXEC);
	EXPECT_ERRNO(mq_open(name(), O_RDWR | O_CREAT | O_EXCL, 0600, &a), EEXIST);
	again = MUST(mq_open(name(), O_RDONLY | O_CREAT, 0600, NULL));
	put(q, "through", 0);
	expect(again, "through", 0);
	EXPECT_ERRNO(mq_send(again, "x", 1, 0), EBADF);
	MUST(mq_unlink(name()));
	EXPECT_ERRNO(mq_unlink(name()), ENOENT);
	EXPECT_ERRNO(mq_open(name(), O_RDWR), ENOENT);
	put(q, "still", 0);
	expect(again, "still", 0);
	EXPECT_ERRNO(syscall(SYS_mq_open, "a/b", O_RDWR | O_CREAT, 0600, NULL), EACCES);
	EXPECT_ERRNO(syscall(SYS_mq_open, "..", O_RDWR | O_CREAT, 0600, NULL), EACCES);
	EXPECT_ERRNO(syscall(SYS_mq_open, "", O_RDWR | O_CREAT, 0600, NULL), ENOENT);
	memset(path + 1, 'x', 256);
	EXPECT_ERRNO(syscall(SYS_mq_open, path + 1, O_RDWR | O_CREAT, 0600, NULL), ENAMETOOLONG);
	EXPECT_ERRNO(mq_send(0, "x", 1, 0), EBADF);
	EXPECT_ERRNO(mq_send(-1, "x", 1, 0), EBADF);
}

TEST(priorities)
{
	mqd_t q = make(0, 8, 100);

	put(q, "low", 1);
	put(q, "high", 30);
	put(q, "middle", 7);
	put(q, "high too", 30);
	put(q, "none", 0);
	put(q, "middle too", 7);
	expect(q, "high", 30);
	expect(q, "high too", 30);
	expect(q, "middle", 7);
	expect(q, "middle too", 7);
	expect(q, "low", 1);
	expect(q, "none", 0);
	EXPECT_ERRNO(mq_send(q, "x", 1, 32768), EINVAL);
	MUST(mq_send(q, "x", 1, 32767));
}

TEST(sizes_and_attributes)
{
	mqd_t q = make(O_NONBLOCK, 2, 100);
	struct mq_attr a, new = { .mq_flags = 0 };
	char buf[200];

	MUST(mq_getattr(q, &a));
	EXPECT_EQ(a.mq_maxmsg, 2);
	EXPECT_EQ(a.mq_msgsize, 100);
	EXPECT_EQ(a.mq_flags, O_NONBLOCK);
	EXPECT_EQ(a.mq_curmsgs, 0);
	EXPECT_ERRNO(mq_receive(q, buf, 100, NULL), EAGAIN);
	EXPECT_ERRNO(mq_send(q, buf, 101, 0), EMSGSIZE);
	MUST(mq_send(q, buf, 100, 0));
	MUST(mq_send(q, buf, 0, 0));
	EXPECT_ERRNO(mq_send(q, buf, 1, 0), EAGAIN);
	EXPECT_ERRNO(mq_receive(q, buf, 99, NULL), EMSGSIZE);
	MUST(mq_setattr(q, &new, &a));
	EXPECT_EQ(a.mq_curmsgs, 2);
	MUST(mq_getattr(q, &a));
	EXPECT_EQ(a.mq_flags, 0);
	EXPECT_EQ(fcntl(q, F_GETFL) & O_NONBLOCK, 0);
	new.mq_flags = 1;
	EXPECT_ERRNO(mq_setattr(q, &new, NULL), EINVAL);
	EXPECT_EQ(mq_receive(q, buf, 200, NULL), 100);
	EXPECT_EQ(mq_receive(q, buf, 200, NULL), 0);
}

TEST(timeouts)
{
	mqd_t q = make(0, 1, 10);
	struct timespec ts = in_ms(40), bad = { 0, 1000000000 };
	char buf[10];

	EXPECT_ERRNO(mq_timedreceive(q, buf, 10, NULL, &ts), ETIMEDOUT);
	EXPECT_GE(in_ms(0).tv_sec * 1000 + in_ms(0).tv_nsec / 1000000,
		  ts.tv_sec * 1000 + ts.tv_nsec / 1000000);
	EXPECT_ERRNO(mq_timedreceive(q, buf, 10, NULL, &bad), EINVAL);
	put(q, "a", 0);
	EXPECT_ERRNO(mq_timedsend(q, "b", 2, 0, &ts), ETIMEDOUT);	/* long past */
	EXPECT_EQ(mq_timedreceive(q, buf, 10, NULL, &ts), 2);		/* need not wait */
}

TEST(hand_over)
{
	mqd_t q = make(0, 1, 10);
	pid_t pid = must_fork();

	if (pid == 0) {
		char buf[10];

		EXPECT_EQ(mq_receive(q, buf, 10, NULL), 6);
		EXPECT_STREQ(buf, "hello");
		_exit(0);
	}
	wait_for_state(pid, 'S');
	put(q, "hello", 3);
	EXPECT_EXIT(wait_status(pid), 0);
	/* A sender that waits comes in by its priority when there is room. */
	put(q, "first", 1);
	pid = must_fork();
	if (pid == 0) {
		put(q, "second", 9);
		_exit(0);
	}
	wait_for_state(pid, 'S');
	char buf[10];
	EXPECT_EQ(mq_receive(q, buf, 10, NULL), 6);
	EXPECT_STREQ(buf, "first");
	EXPECT_EXIT(wait_status(pid), 0);
	EXPECT_EQ(mq_receive(q, buf, 10, NULL), 7);
	EXPECT_STREQ(buf, "second");
}

static volatile int caught, value;
static volatile pid_t sender;

static void on_message(int sig, siginfo_t *info, void *context)
{
	caught = info->si_code;
	value = info->si_value.sival_int;
	sender = info->si_pid;
}

TEST(notification)
{
	mqd_t q = make(O_NONBLOCK, 4, 100);
	struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN };
	char text[200];
	pid_t pid;

	ev.sigev_value.sival_int = 77;
	handle(SIGRTMIN, on_message, SA_SIGINFO);
	MUST(mq_notify(q, &ev));
	EXPECT_ERRNO(mq_notify(q, &ev), EBUSY);
	snprintf(text, sizeof(text), "/proc/self/fd/%d", q);
	pid = must_fork();
	if (pid == 0) {
		EXPECT_ERRNO(mq_notify(q, &ev), EBUSY);
		put(q, "x", 0);
		_exit(0);
	}
	EXPECT_EXIT(wait_status(pid), 0);
	EXPECT_EQ(caught, SI_MESGQ);
	EXPECT_EQ(value, 77);
	EXPECT_EQ(sender, pid);
	/* Once only; and not while there are messages. */
	caught = 0;
	put(q, "y", 0);
	EXPECT_EQ(caught, 0);
	MUST(mq_notify(q, &ev));
	put(q, "z", 0);
	EXPECT_EQ(caught, 0);
	expect(q, "x", 0);
	expect(q, "y", 0);
	expect(q, "z", 0);
	put(q, "again", 0);
	EXPECT_EQ(caught, SI_MESGQ);
	expect(q, "again", 0);
	/* Taken back, and by closing. */
	MUST(mq_notify(q, &ev));
	MUST(mq_notify(q, NULL));
	MUST(mq_notify(q, &ev));
	close(dup(q));
	caught = 0;
	put(q, "x", 0);
	EXPECT_EQ(caught, 0);
	expect(q, "x", 0);
	/* A receiver that waits comes first. */
	MUST(mq_notify(q, &ev));
	pid = must_fork();
	if (pid == 0) {
		MUST(mq_setattr(q, &(struct mq_attr){ .mq_flags = 0 }, NULL));
		expect(q, "direct", 0);
		_exit(0);
	}
	wait_for_state(pid, 'S');
	put(q, "direct", 0);
	EXPECT_EXIT(wait_status(pid), 0);
	EXPECT_EQ(caught, 0);
	ev.sigev_notify = 99;
	EXPECT_ERRNO(mq_notify(q, &ev), EINVAL);
	EXPECT_ERRNO(mq_notify(-1, NULL), EBADF);
}

TEST(poll)
{
	mqd_t q = make(0, 1, 100);
	struct pollfd p = { .fd = q, .events = POLLIN | POLLOUT };
	pid_t pid;

	EXPECT_EQ(poll(&p, 1, 0), 1);
	EXPECT_EQ(p.revents, POLLOUT);
	put(q, "x", 0);
	EXPECT_EQ(poll(&p, 1, 0), 1);
	EXPECT_EQ(p.revents, POLLIN);
	expect(q, "x", 0);
	pid = must_fork();
	if (pid == 0) {
		p.events = POLLIN;
		_exit(poll(&p, 1, 5000) != 1 || p.revents != POLLIN);
	}
	wait_for_state(pid, 'S');
	put(q, "x", 0);
	EXPECT_EXIT(wait_status(pid), 0);
}

static void nothing(int sig)
{
}

TEST(signals)
{
	mqd_t q = make(0, 1, 10);
	pid_t pid = must_fork();
	char buf[10];

	if (pid == 0) {
		handle(SIGUSR1, nothing, 0);
		EXPECT_ERRNO(mq_receive(q, buf, 10, NULL), EINTR);
		handle(SIGUSR1, nothing, SA_RESTART);
		put(q, "ready", 0);
		EXPECT_EQ(mq_receive(q, buf, 10, NULL), 6);
		EXPECT_EQ(mq_receive(q, buf, 10, NULL), 2);
		_exit(0);
	}
	wait_for_state(pid, 'S');
	kill(pid, SIGUSR1);
	sleep_ms(50);
	wait_for_state(pid, 'S');
	kill(pid, SIGUSR1);
	wait_for_state(pid, 'S');
	put(q, "x", 0);
	EXPECT_EXIT(wait_status(pid), 0);
}

TEST(limits)
{
	struct mq_attr a = attr(11, 100);

	SKIP_IN_EMULATOR("the host may have no queues");
	need_root();
	EXPECT_ERRNO(mq_open(name(), O_RDWR | O_CREAT, 0600, &(struct mq_attr){ .mq_maxmsg = 0 }),
		     EINVAL);
	MUST(mq_open(name(), O_RDWR | O_CREAT, 0600, &a));	/* root may have more than 10 */
	MUST(mq_unlink(name()));
	EXPECT_EXIT(IN_CHILD({
		MUST(setresuid(2000, 2000, 2000));
		EXPECT_ERRNO(mq_open(name(), O_RDWR | O_CREAT, 0600, &a), EINVAL);
		a.mq_maxmsg = 1;
		a.mq_msgsize = 8193;
		EXPECT_ERRNO(mq_open(name(), O_RDWR | O_CREAT, 0600, &a), EINVAL);
		a.mq_msgsize = 8192;
		MUST(mq_open(name(), O_RDWR | O_CREAT, 0600, &a));
		MUST(mq_unlink(name()));
		struct rlimit none = { 1000, 1000 };
		MUST(setrlimit(RLIMIT_MSGQUEUE, &none));
		EXPECT_ERRNO(mq_open(name(), O_RDWR | O_CREAT, 0600, &a), EMFILE);
	}), 0);
}

TEST(permissions)
{
	struct mq_attr a = attr(2, 100);
	mqd_t q;

	SKIP_IN_EMULATOR("the host may have no queues");
	need_root();
	umask(0);
	q = MUST(mq_open(name(), O_RDWR | O_CREAT, 0644, &a));
	char copy[40];
	strcpy(copy, name());
	EXPECT_EXIT(IN_CHILD({
		MUST(setresuid(2000, 2000, 2000));
		MUST(mq_open(copy, O_RDONLY));
		EXPECT_ERRNO(mq_open(copy, O_RDWR), EACCES);
		EXPECT_ERRNO(mq_unlink(copy), EACCES);
	}), 0);
	close(q);
	MUST(mq_unlink(name()));
}

TEST(file_system)
{
	struct mq_attr a = attr(3, 100);
	char path[80], text[100];
	struct statfs fs;
	struct stat st;
	mqd_t q;

	SKIP_IN_EMULATOR("mounts on the host");
	need_root();
	MUST(mkdir("mq", 0755));
	MUST(mount("none", "mq", "mqueue", 0, NULL));
	MUST(statfs("mq", &fs));
	EXPECT_EQ(fs.f_type, 0x19800202);
	q = MUST(mq_open(name(), O_RDWR | O_CREAT | O_EXCL, 0600, &a));
	snprintf(path, sizeof(path), "mq%s", name());
	MUST(stat(path, &st));
	EXPECT(S_ISREG(st.st_mode));
	EXPECT_EQ(st.st_mode & 0777, 0600);
	EXPECT_EQ(st.st_size, 80);
	put(q, "four", 0);
	get_file(path, text, sizeof(text));
	EXPECT_STREQ(text, "QSIZE:5          NOTIFY:0     SIGNO:0     NOTIFY_PID:0     \n");
	MUST(unlink(path));
	EXPECT_ERRNO(mq_open(name(), O_RDWR), ENOENT);
	/* Made as a file, with the defaults. */
	close(MUST(open(path, O_CREAT | O_RDWR, 0600)));
	q = MUST(mq_open(name(), O_RDWR));
	MUST(mq_getattr(q, &a));
	EXPECT_EQ(a.mq_maxmsg, 10);
	EXPECT_EQ(a.mq_msgsize, 8192);
	MUST(mq_unlink(name()));
	EXPECT_ERRNO(stat(path, &st), ENOENT);
	MUST(umount("mq"));
}
