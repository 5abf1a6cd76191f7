/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sessions and job control on a pseudo terminal: who gets it, who may use it, and who is told
 * when it goes.
 */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include "pty.h"

static volatile sig_atomic_t seen[NSIG];

static void note(int sig)
{
	seen[sig]++;
}

static void expect_within_a_second(volatile sig_atomic_t *flag)
{
	for (int i = 0; i < 100 && !*flag; i++)
		sleep_ms(10);
	EXPECT_EQ(*flag, 1);
}

/* The caller leads a new session with the slave of `p` as terminal; the master is closed. */
static void lead(struct pair *p)
{
	MUST(setsid());
	MUST(close(p->master));
	p->master = -1;
	MUST(ioctl(p->slave, TIOCSCTTY, 0));
}

/* A leader in a child; returns its pid. The statements run in it. */
#define LEADER(p, ...)                                                                           \
	({                                                                                       \
		pid_t pid_ = must_fork();                                                        \
		if (pid_ == 0) {                                                                 \
			lead(&(p));                                                              \
			__VA_ARGS__                                                              \
			_exit(0);                                                                \
		}                                                                                \
		pid_;                                                                            \
	})

/* The byte that the other process writes when it has come so far. */
static int step[2];
static void make_steps(void)
{
	MUST(pipe(step));
}
static void say_step(char c)
{
	EXPECT_EQ(write(step[1], &c, 1), 1);
}
static void await_step(char want)
{
	char c;

	EXPECT_EQ(read(step[0], &c, 1), 1);
	EXPECT_EQ(c, want);
}

TEST(opening_makes_it_the_leaders)
{
	struct pair p = open_pair();

	EXPECT_EXIT(IN_CHILD({
		pid_t nobody = -1;

		MUST(close(p.slave));
		EXPECT_EQ(tcgetpgrp(p.master), 0);
		MUST(setsid());
		EXPECT_ERRNO(open("/dev/tty", O_RDWR), ENXIO);
		close(MUST(open(p.name, O_RDWR | O_NOCTTY)));
		EXPECT_ERRNO(open("/dev/tty", O_RDWR), ENXIO);
		close(MUST(open(p.name, O_WRONLY))); /* not by one that cannot read */
		EXPECT_ERRNO(open("/dev/tty", O_RDWR), ENXIO);
		p.slave = MUST(open(p.name, O_RDWR));
		MUST(open("/dev/tty", O_RDWR));
		EXPECT_EQ(tcgetsid(p.slave), getpid());
		EXPECT_EQ(tcgetpgrp(p.slave), getpid());
		EXPECT_EQ(tcgetsid(p.master), getpid());
		EXPECT_EQ(tcgetpgrp(p.master), getpid());
		MUST(ioctl(p.master, TIOCGPGRP, &nobody));
		EXPECT_EQ(nobody, getpid());
	}), 0);
}

TEST(not_a_leaders)
{
	struct pair p = open_pair();

	EXPECT_EXIT(IN_CHILD({
		MUST(setsid());
		EXPECT_EXIT(IN_CHILD({
			EXPECT_ERRNO(ioctl(p.slave, TIOCSCTTY, 0), EPERM);
			MUST(open(p.name, O_RDWR));
			EXPECT_ERRNO(open("/dev/tty", O_RDWR), ENXIO);
			EXPECT_ERRNO(tcgetpgrp(p.slave), ENOTTY);
		}), 0);
	}), 0);
}

TEST(one_session_at_a_time)
{
	struct pair p = open_pair(), q = open_pair();
	pid_t first;
	int fd;

	need_root();
	make_steps();
	first = LEADER(p, {
		say_step('1');
		while (open("/dev/tty", O_RDWR) >= 0) /* until it is stolen */
			sleep_ms(5);
		EXPECT_EQ(errno, ENXIO);
	});
	await_step('1');
	EXPECT_EXIT(IN_CHILD({
		MUST(setsid());
		EXPECT_ERRNO(ioctl(p.slave, TIOCSCTTY, 0), EPERM);
		fd = MUST(open(p.name, O_RDWR)); /* opening does not steal */
		EXPECT_ERRNO(open("/dev/tty", O_RDWR), ENXIO);
		EXPECT_EXIT(IN_CHILD({
			MUST(setuid(1000));
			EXPECT_ERRNO(ioctl(fd, TIOCSCTTY, 1), EPERM);
		}), 0);
		MUST(ioctl(fd, TIOCSCTTY, 1));
		MUST(ioctl(fd, TIOCSCTTY, 0)); /* again is fine */
		EXPECT_ERRNO(ioctl(q.slave, TIOCSCTTY, 1), EPERM); /* has one */
		EXPECT_EQ(tcgetsid(fd), getpid());
	}), 0);
	EXPECT_EXIT(wait_status(first), 0);
}

TEST(keys_signal_the_foreground_group)
{
	static const struct {
		const char *key, *shown;
		int sig;
	} keys[] = { { "\x03", "^C", SIGINT }, { "\x1c", "^\\", SIGQUIT }, { "\x1a", "^Z", SIGTSTP } };
	struct pair p = open_pair();
	pid_t leader;

	make_steps();
	leader = LEADER(p, {
		for (int i = 0; i < 3; i++)
			handle(keys[i].sig, note, 0);
		for (int i = 0; i < 3; i++) {
			say_step('0' + i);
			expect_within_a_second(&seen[keys[i].sig]);
		}
		say_step('3');
	});
	for (int i = 0; i < 3; i++) {
		await_step('0' + i);
		type(&p, keys[i].key);
		expect_shown(&p, keys[i].shown);
	}
	await_step('3');
	EXPECT_EXIT(wait_status(leader), 0);
}

TEST(window_size_change_signals)
{
	struct winsize size = { 24, 80, 0, 0 };
	struct pair p = open_pair();
	pid_t leader;

	make_steps();
	leader = LEADER(p, {
		handle(SIGWINCH, note, 0);
		say_step('1');
		expect_within_a_second(&seen[SIGWINCH]);
		say_step('2');
		sleep_ms(30);
		EXPECT_EQ(seen[SIGWINCH], 1); /* the same size again is no change */
	});
	await_step('1');
	MUST(ioctl(p.master, TIOCSWINSZ, &size));
	await_step('2');
	MUST(ioctl(p.master, TIOCSWINSZ, &size));
	EXPECT_EXIT(wait_status(leader), 0);
}

/* A child in a background group of its own does this; the leader sees it stop by `sig`. */
#define BACKGROUND_STOPS(sig, ...)                                                               \
	do {                                                                                     \
		int status_;                                                                     \
		pid_t child_ = must_fork();                                                      \
		if (child_ == 0) {                                                               \
			setpgid(0, 0);                                                           \
			__VA_ARGS__;                                                             \
			_exit(0);                                                                \
		}                                                                                \
		setpgid(child_, child_);                                                         \
		EXPECT_EQ(waitpid(child_, &status_, WUNTRACED), child_);                         \
		EXPECT(WIFSTOPPED(status_) && WSTOPSIG(status_) == (sig));                       \
		kill(child_, SIGKILL);                                                           \
		wait_status(child_);                                                             \
	} while (0)

/* The same, but it ends with status 0. */
#define BACKGROUND_DOES(...)                                                                     \
	do {                                                                                     \
		pid_t child_ = must_fork();                                                      \
		if (child_ == 0) {                                                               \
			setpgid(0, 0);                                                           \
			__VA_ARGS__;                                                             \
			_exit(0);                                                                \
		}                                                                                \
		setpgid(child_, child_);                                                         \
		EXPECT_EXIT(wait_status(child_), 0);                                             \
	} while (0)

TEST(background_rules)
{
	struct pair p = open_pair();
	struct winsize size = { 1, 2, 3, 4 };
	struct termios t;
	char c;

	EXPECT_EXIT(wait_status(LEADER(p, {
		MUST(tcgetattr(p.slave, &t));
		BACKGROUND_STOPS(SIGTTIN, read(p.slave, &c, 1));
		BACKGROUND_STOPS(SIGTTOU, tcsetattr(p.slave, TCSANOW, &t));
		BACKGROUND_STOPS(SIGTTOU, tcsetpgrp(p.slave, getpid()));
		BACKGROUND_STOPS(SIGTTOU, tcflush(p.slave, TCIFLUSH));
		BACKGROUND_STOPS(SIGTTOU, tcflow(p.slave, TCOON));
		BACKGROUND_DOES(EXPECT_EQ(write(p.slave, "x", 1), 1));
		BACKGROUND_DOES(MUST(ioctl(p.slave, TIOCSWINSZ, &size)));
		BACKGROUND_DOES(MUST(tcgetattr(p.slave, &t)));
		BACKGROUND_DOES(signal(SIGTTIN, SIG_IGN); EXPECT_ERRNO(read(p.slave, &c, 1), EIO));
		BACKGROUND_DOES(signal(SIGTTOU, SIG_IGN); MUST(tcsetattr(p.slave, TCSANOW, &t)));
		t.c_lflag |= TOSTOP;
		MUST(tcsetattr(p.slave, TCSANOW, &t));
		BACKGROUND_STOPS(SIGTTOU, write(p.slave, "x", 1));
		BACKGROUND_DOES(signal(SIGTTOU, SIG_IGN); EXPECT_EQ(write(p.slave, "x", 1), 1));
	})), 0);
}

TEST(a_stopped_reader_goes_on_in_the_foreground)
{
	struct pair p = open_pair();
	pid_t leader, job;
	int status;
	char c;

	make_steps();
	leader = LEADER(p, {
		job = must_fork();
		if (job == 0) {
			setpgid(0, 0);
			_exit(read(p.slave, &c, 1) == 1 && c == 'j' ? 0 : 1);
		}
		setpgid(job, job);
		EXPECT_EQ(waitpid(job, &status, WUNTRACED), job);
		EXPECT(WIFSTOPPED(status) && WSTOPSIG(status) == SIGTTIN);
		MUST(tcsetpgrp(p.slave, job));
		MUST(kill(-job, SIGCONT));
		say_step('1');
		EXPECT_EXIT(wait_status(job), 0);
		signal(SIGTTOU, SIG_IGN);
		MUST(tcsetpgrp(p.slave, getpid()));
	});
	await_step('1');
	type(&p, "j\r");
	EXPECT_EXIT(wait_status(leader), 0);
}

TEST(an_orphaned_group_is_refused)
{
	struct pair p = open_pair();
	pid_t leader;

	make_steps();
	leader = LEADER(p, {
		pid_t between = must_fork();

		if (between == 0) {
			setpgid(0, 0);
			between = getpid();
			if (must_fork() == 0) {
				struct termios t;
				char c;

				while (getppid() == between)
					sleep_ms(1);
				EXPECT_ERRNO(read(p.slave, &c, 1), EIO);
				MUST(tcgetattr(p.slave, &t));
				EXPECT_ERRNO(tcsetattr(p.slave, TCSANOW, &t), EIO);
				EXPECT_ERRNO(tcsetpgrp(p.slave, getpgrp()), ENOTTY);
				say_step('o');
			}
			_exit(0);
		}
		wait_status(between);
		pause();
	});
	await_step('o');
	kill(leader, SIGKILL);
	wait_status(leader);
}

/* ---- the terminal goes ---- */

TEST(closing_the_master_hangs_up_the_leader)
{
	struct pair p = open_pair();
	pid_t leader;
	char c;

	make_steps();
	leader = LEADER(p, {
		handle(SIGHUP, note, 0);
		handle(SIGCONT, note, 0);
		say_step('1');
		expect_within_a_second(&seen[SIGHUP]);
		expect_within_a_second(&seen[SIGCONT]);
		EXPECT_ERRNO(open("/dev/tty", O_RDWR), ENXIO);
		EXPECT_EQ(read(p.slave, &c, 1), 0);
		EXPECT_ERRNO(tcgetpgrp(p.slave), EIO);
		EXPECT_ERRNO(tcsetpgrp(p.slave, getpid()), ENOTTY);
	});
	MUST(close(p.slave));
	await_step('1');
	MUST(close(p.master));
	EXPECT_EXIT(wait_status(leader), 0);
}

/* The leader decides; its job in front is hung up when the leader ends. */
TEST(the_foreground_job_is_hung_up_by_the_leaders_end)
{
	struct pair p = open_pair();
	pid_t leader;

	make_steps();
	leader = LEADER(p, {
		pid_t job = must_fork();

		handle(SIGHUP, note, 0);
		if (job == 0) {
			setpgid(0, 0);
			handle(SIGHUP, note, 0);
			say_step('1');
			sleep_ms(200);
			while (!seen[SIGHUP])
				sleep_ms(1);
			say_step('3');
			_exit(0);
		}
		setpgid(job, job);
		signal(SIGTTOU, SIG_IGN);
		MUST(tcsetpgrp(p.slave, job));
		expect_within_a_second(&seen[SIGHUP]);
		sleep_ms(50);
		EXPECT_EQ(waitpid(job, NULL, WNOHANG), 0);
		say_step('2');
	});
	MUST(close(p.slave));
	await_step('1');
	sleep_ms(20);
	MUST(close(p.master));
	await_step('2');
	EXPECT_EXIT(wait_status(leader), 0);
	await_step('3');
}

TEST(the_leaders_end_hangs_up_its_foreground_job)
{
	struct pair p = open_pair();
	pid_t leader;
	char c = 0;

	make_steps();
	leader = LEADER(p, {
		pid_t job = must_fork();

		if (job == 0) {
			setpgid(0, 0);
			handle(SIGHUP, note, 0);
			say_step('1');
			while (!seen[SIGHUP])
				sleep_ms(1);
			EXPECT_ERRNO(open("/dev/tty", O_RDWR), ENXIO);
			/* But the line itself stays usable: it is no serial line. */
			EXPECT_EQ(write(p.slave, "!", 1), 1);
			say_step('2');
			_exit(0);
		}
		setpgid(job, job);
		MUST(tcsetpgrp(p.slave, job));
		await_step('1');
	});
	EXPECT_EXIT(wait_status(leader), 0);
	await_step('2');
	EXPECT_EQ(wait_readable(p.master) & POLLIN, POLLIN);
	EXPECT_EQ(read(p.master, &c, 1), 1);
	EXPECT_EQ(c, '!');
}

TEST(the_leader_may_give_it_up)
{
	struct pair p = open_pair();

	EXPECT_EXIT(wait_status(LEADER(p, {
		handle(SIGHUP, note, 0);
		handle(SIGCONT, note, 0);
		MUST(ioctl(p.slave, TIOCNOTTY));
		expect_within_a_second(&seen[SIGHUP]);
		expect_within_a_second(&seen[SIGCONT]);
		EXPECT_ERRNO(open("/dev/tty", O_RDWR), ENXIO);
		EXPECT_ERRNO(ioctl(p.slave, TIOCNOTTY), ENOTTY);
		EXPECT_EQ(write(p.slave, "x", 1), 1);
		MUST(ioctl(p.slave, TIOCSCTTY, 0));
		EXPECT_EXIT(IN_CHILD({
			MUST(ioctl(p.slave, TIOCNOTTY)); /* a member: for itself alone */
			EXPECT_ERRNO(open("/dev/tty", O_RDWR), ENXIO);
		}), 0);
		MUST(open("/dev/tty", O_RDWR));
	})), 0);
}

TEST(vhangup_cuts_everybody_off)
{
	extern int vhangup(void);
	struct pair p = open_pair();
	char c;

	need_root();
	SKIP_IN_EMULATOR("vhangup");
	EXPECT_EXIT(wait_status(LEADER(p, {
		handle(SIGHUP, note, 0);
		MUST(vhangup());
		expect_within_a_second(&seen[SIGHUP]);
		EXPECT_EQ(read(p.slave, &c, 1), 0);
		EXPECT_ERRNO(write(p.slave, "x", 1), EIO);
		EXPECT_ERRNO(open("/dev/tty", O_RDWR), ENXIO);
		p.slave = MUST(open(p.name, O_RDWR)); /* a new login */
		EXPECT_EQ(write(p.slave, "new", 3), 3);
		EXPECT_EQ(tcgetsid(p.slave), getpid());
		MUST(setuid(1000));
		EXPECT_ERRNO(vhangup(), EPERM);
	})), 0);
	expect_shown(&p, "new");
}

TEST(signals_from_the_master)
{
	struct pair p = open_pair();
	pid_t leader;

	SKIP_IN_EMULATOR("TIOCSIG");
	make_steps();
	leader = LEADER(p, {
		handle(SIGINT, note, 0);
		say_step('1');
		expect_within_a_second(&seen[SIGINT]);
	});
	await_step('1');
	EXPECT_ERRNO(ioctl(p.master, TIOCSIG, SIGKILL), EINVAL);
	MUST(ioctl(p.master, TIOCSIG, SIGINT));
	EXPECT_EXIT(wait_status(leader), 0);
}

TEST(the_terminal_in_proc_stat)
{
	struct pair p = open_pair();

	SKIP_IN_EMULATOR("/proc of the host");
	EXPECT_EXIT(wait_status(LEADER(p, {
		char text[512];
		int session;
		int tty;
		int pgrp;

		get_file("/proc/self/stat", text, sizeof(text));
		EXPECT_EQ(sscanf(strrchr(text, ')') + 1, " %*c %*d %*d %d %d %d", &session, &tty, &pgrp), 3);
		EXPECT_EQ(session, getpid());
		EXPECT_EQ(tty >> 8 & 0xfff, 136);
		EXPECT_EQ(tty & 0xff, atoi(p.name + strlen("/dev/pts/")));
		EXPECT_EQ(pgrp, getpid());
	})), 0);
}
