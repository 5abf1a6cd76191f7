/* SPDX-License-Identifier: BSD-2-Clause */
/* Clocks, sleeping, interval timers; the vDSO and the system call agree. */
#include <pthread.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/timex.h>
#include <time.h>

#include "helpers.h"

static volatile int count;

static void counter(int sig)
{
	count++;
}

static int64_t ns_of(struct timespec ts)
{
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

static int64_t by_syscall(clockid_t clock)
{
	struct timespec ts;

	MUST(syscall(SYS_clock_gettime, clock, &ts));
	EXPECT(ts.tv_nsec >= 0 && ts.tv_nsec < 1000000000);
	return ns_of(ts);
}

static int64_t by_libc(clockid_t clock)
{
	struct timespec ts;

	MUST(clock_gettime(clock, &ts));
	return ns_of(ts);
}

TEST(monotonic_never_goes_back)
{
	int64_t last = 0;

	for (int i = 0; i < 200000; i++) {
		int64_t now = by_libc(CLOCK_MONOTONIC);

		EXPECT_GE(now, last);
		last = now;
	}
}

TEST(vdso_agrees_with_syscall)
{
	static const clockid_t clocks[] = { CLOCK_MONOTONIC, CLOCK_REALTIME, CLOCK_BOOTTIME };

	if (!in_emulator())
		EXPECT_NE(getauxval(AT_SYSINFO_EHDR), 0);
	for (size_t c = 0; c < ARRAY_SIZE(clocks); c++)
		for (int i = 0; i < 1000; i++) {
			int64_t a = by_syscall(clocks[c]), b = by_libc(clocks[c]),
				d = by_syscall(clocks[c]);

			EXPECT_LE(a, b);
			EXPECT_LE(b, d);
		}
}

TEST(clocks)
{
	struct timespec ts;

	EXPECT_GT(by_syscall(CLOCK_PROCESS_CPUTIME_ID), 0);
	EXPECT_GT(by_syscall(CLOCK_THREAD_CPUTIME_ID), 0);
	EXPECT_GT(by_syscall(CLOCK_MONOTONIC_RAW), 0);
	EXPECT_GE(by_syscall(CLOCK_BOOTTIME) + 1000000, by_syscall(CLOCK_MONOTONIC));
	EXPECT_LE(by_syscall(CLOCK_MONOTONIC_COARSE), by_syscall(CLOCK_MONOTONIC));
	EXPECT_LE(by_syscall(CLOCK_REALTIME_COARSE), by_syscall(CLOCK_REALTIME));
	EXPECT_ERRNO(syscall(SYS_clock_gettime, 9999, &ts), EINVAL);
	MUST(clock_getres(CLOCK_MONOTONIC, &ts));
	EXPECT_EQ(ts.tv_sec, 0);
	EXPECT_GT(ts.tv_nsec, 0);
	EXPECT_EQ(clock_getres(CLOCK_MONOTONIC, NULL), 0);
}

/* After a sleep in which all CPUs may have been idle, too; and files are stamped by it. */
TEST(coarse_clock_is_a_tick_late_at_most)
{
	struct timespec res, coarse, fine;
	int64_t late, least = INT64_MAX;

	MUST(clock_getres(CLOCK_REALTIME_COARSE, &res));
	/* Often enough that the machine is left alone between the two once. */
	for (int i = 0; i < 20; i++) {
		sleep_ms(50);
		MUST(clock_gettime(CLOCK_REALTIME_COARSE, &coarse));
		MUST(clock_gettime(CLOCK_REALTIME, &fine));
		late = (fine.tv_sec - coarse.tv_sec) * 1000000000LL + fine.tv_nsec - coarse.tv_nsec;
		EXPECT_GE(late, 0);
		least = late < least ? late : least;
	}
	EXPECT_LE(least, 2 * res.tv_nsec);
}

TEST(cpu_time_counts_only_work)
{
	int64_t cpu = by_syscall(CLOCK_PROCESS_CPUTIME_ID), start;

	sleep_ms(100);
	EXPECT_LT(by_syscall(CLOCK_PROCESS_CPUTIME_ID) - cpu, 50000000);
	/* On a busy host most of a span of time may be somebody else's, but not all of a long one. */
	start = now_ns();
	while (by_syscall(CLOCK_PROCESS_CPUTIME_ID) - cpu < 70000000)
		EXPECT_LT(now_ns() - start, 10000000000);
	EXPECT_GT(now_ns() - start, 20000000);
}

TEST(nanosleep)
{
	static const long lengths[] = { 0, 1, 1000, 1000000, 30000000 };
	struct timespec bad = { 0, 1000000000 }, negative = { -1, 0 };

	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		struct timespec ts = { 0, lengths[i] };
		int64_t start = now_ns();

		MUST(nanosleep(&ts, NULL));
		EXPECT_GE(now_ns() - start, lengths[i]);
		EXPECT_LT(now_ns() - start, lengths[i] + 1000000000);
	}
	EXPECT_ERRNO(nanosleep(&bad, NULL), EINVAL);
	EXPECT_ERRNO(nanosleep(&negative, NULL), EINVAL);
}

TEST(clock_nanosleep_absolute)
{
	struct timespec ts, past = { 1, 0 };
	int64_t target;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	target = ns_of(ts) + 50000000;
	ts = (struct timespec){ target / 1000000000, target % 1000000000 };
	EXPECT_EQ(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL), 0);
	EXPECT_GE(now_ns(), target);
	EXPECT_EQ(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &past, NULL), 0);
	EXPECT_EQ(clock_nanosleep(9999, 0, &past, NULL), EINVAL);
}

/* Sleepers wake in the order of their times. */
TEST(sleepers_wake_in_order)
{
	int ends[2];
	char got[8];

	MUST(pipe(ends));
	for (int i = 5; i >= 1; i--) {
		if (must_fork() == 0) {
			char c = '0' + i;

			sleep_ms(100 + i * 200);	/* a busy host may stop us for a while */
			_exit(write(ends[1], &c, 1) != 1);
		}
	}
	for (int i = 0; i < 5; i++)
		EXPECT_EQ(read(ends[0], got + i, 1), 1);
	EXPECT_MEMEQ(got, "12345", 5);
}

TEST(alarm)
{
	handle(SIGALRM, counter, 0);
	EXPECT_EQ(alarm(100), 0);
	EXPECT_GE(alarm(1), 99);
	pause();
	EXPECT_EQ(count, 1);
	EXPECT_EQ(alarm(0), 0);
}

TEST(interval_timer)
{
	struct itimerval every = { { 0, 10000 }, { 0, 10000 } }, now, off = { 0 };
	int64_t start = now_ns();

	handle(SIGALRM, counter, 0);
	MUST(setitimer(ITIMER_REAL, &every, NULL));
	while (count < 10)
		pause();
	EXPECT_GE(now_ns() - start, 100000000);
	MUST(getitimer(ITIMER_REAL, &now));
	EXPECT_EQ(now.it_interval.tv_usec, 10000);
	MUST(setitimer(ITIMER_REAL, &off, &now));
	count = 0;
	sleep_ms(30);
	EXPECT_EQ(count, 0);
	EXPECT_ERRNO(setitimer(99, &off, NULL), EINVAL);
	every.it_value.tv_usec = 1000000;
	EXPECT_ERRNO(setitimer(ITIMER_REAL, &every, NULL), EINVAL);
}

TEST(virtual_timer)
{
	struct itimerval once = { { 0, 0 }, { 0, 20000 } };
	int64_t end = now_ns() + 5000000000LL;

	handle(SIGVTALRM, counter, 0);
	MUST(setitimer(ITIMER_VIRTUAL, &once, NULL));
	while (!count && now_ns() < end)
		;
	EXPECT_EQ(count, 1);
}

TEST(times_and_rusage)
{
	struct rusage usage;
	struct tms tms;
	int64_t end = now_ns() + 60000000;

	while (now_ns() < end)
		;
	EXPECT_NE(times(&tms), -1);
	EXPECT_GT(tms.tms_utime + tms.tms_stime, 0);
	MUST(getrusage(RUSAGE_SELF, &usage));
	EXPECT_GT(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec + usage.ru_utime.tv_sec, 10000);
	EXPECT_GT(usage.ru_maxrss, 0);
	EXPECT_ERRNO(getrusage(99, &usage), EINVAL);
}

TEST(settime_needs_root)
{
	struct timespec ts = { 1, 0 };

	need_root();
	EXPECT_EXIT(IN_CHILD({
		MUST(setuid(777));
		EXPECT_ERRNO(clock_settime(CLOCK_REALTIME, &ts), EPERM);
	}), 0);
}

static volatile bool spinning = true;

/* Uses up CPU time while the main thread sleeps on it. */
static void *spin(void *arg)
{
	while (spinning)
		;
	return NULL;
}

TEST(sleep_on_cpu_time)
{
	struct timespec span = { 0, 30000000 }, before, after, rest;
	pthread_t thread;
	clockid_t own;

	SKIP_IN_EMULATOR("sleeps on the host's clocks");
	MUST(pthread_create(&thread, NULL, spin, NULL) ? -1 : 0);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
	EXPECT_EQ(clock_nanosleep(CLOCK_PROCESS_CPUTIME_ID, 0, &span, &rest), 0);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
	EXPECT_GE(ns_of(after) - ns_of(before), 30000000);
	after.tv_nsec += 20000000;
	after.tv_sec += after.tv_nsec / 1000000000;
	after.tv_nsec %= 1000000000;
	EXPECT_EQ(clock_nanosleep(CLOCK_PROCESS_CPUTIME_ID, TIMER_ABSTIME, &after, NULL), 0);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
	EXPECT_GE(ns_of(before), ns_of(after));
	/* Of a thread; one's own would never come. */
	MUST(pthread_getcpuclockid(thread, &own) ? -1 : 0);
	EXPECT_EQ(clock_nanosleep(own, 0, &span, NULL), 0);
	MUST(pthread_getcpuclockid(pthread_self(), &own) ? -1 : 0);
	EXPECT_EQ(clock_nanosleep(own, 0, &span, NULL), EINVAL);
	EXPECT_ERRNO(syscall(SYS_clock_nanosleep, CLOCK_THREAD_CPUTIME_ID, 0, &span, NULL),
		     EOPNOTSUPP);
	EXPECT_ERRNO(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC_RAW, 0, &span, NULL), EOPNOTSUPP);
	EXPECT_ERRNO(syscall(SYS_clock_nanosleep, 99, 0, &span, NULL), EINVAL);
	spinning = false;
	pthread_join(thread, NULL);
}

static void on_alarm(int sig)
{
}

TEST(sleep_on_cpu_time_interrupted)
{
	struct timespec span = { 1000, 0 }, rest = { 0, 0 };
	pid_t pid;

	SKIP_IN_EMULATOR("sleeps on the host's clocks");
	pid = must_fork();
	if (pid == 0) {
		handle(SIGALRM, on_alarm, 0);
		EXPECT_EQ(clock_nanosleep(CLOCK_PROCESS_CPUTIME_ID, 0, &span, &rest), EINTR);
		EXPECT(rest.tv_sec >= 998 && rest.tv_sec < 1000);
		_exit(0);
	}
	wait_for_state(pid, 'S');
	kill(pid, SIGSTOP);
	wait_for_state(pid, 'T');
	kill(pid, SIGCONT);	/* goes on */
	wait_for_state(pid, 'S');
	kill(pid, SIGALRM);
	EXPECT_EXIT(wait_status(pid), 0);
}

TEST(clocks_that_cannot_be_set)
{
	static const clockid_t clocks[] = { CLOCK_MONOTONIC, CLOCK_PROCESS_CPUTIME_ID,
					    CLOCK_MONOTONIC_RAW, CLOCK_BOOTTIME, 11, 99 };
	struct timespec ts = { 2000000000, 0 };
	struct timex tx = { .modes = ADJ_OFFSET_SS_READ };

	SKIP_IN_EMULATOR("the host's clocks");
	for (size_t i = 0; i < ARRAY_SIZE(clocks); i++)
		EXPECT_ERRNO(syscall(SYS_clock_settime, clocks[i], &ts), EINVAL);
	EXPECT_GE(adjtimex(&tx), 0);
	EXPECT_EQ(tx.tick, 10000);
	EXPECT_ERRNO(clock_adjtime(CLOCK_MONOTONIC, &tx), EOPNOTSUPP);
	EXPECT_ERRNO(clock_adjtime(99, &tx), EINVAL);
}
