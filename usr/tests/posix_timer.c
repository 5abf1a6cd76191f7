/* SPDX-License-Identifier: BSD-2-Clause */
/* timer_create(2) and its relatives: each clock, each way to notify, overruns, limits. */
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>

#include "helpers.h"

#ifndef SIGEV_THREAD_ID
#define SIGEV_THREAD_ID 4
#endif
#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id __sev_fields.sigev_notify_thread_id
#endif

#define MS 1000000L

static volatile int count;
static volatile siginfo_t last;

static void note(int sig, siginfo_t *info, void *context)
{
	last = *info;
	count++;
}

/* The system calls: C libraries number timers in their own way. */
static int create(clockid_t clock, struct sigevent *ev)
{
	int id = -1;

	MUST(syscall(SYS_timer_create, clock, ev, &id));
	return id;
}

static int create_signal(clockid_t clock, int sig)
{
	struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = sig };

	ev.sigev_value.sival_ptr = (void *)0x1234567890;
	return create(clock, &ev);
}

static struct itimerspec span(long value_ns, long interval_ns)
{
	return (struct itimerspec){
		.it_value = { value_ns / 1000000000, value_ns % 1000000000 },
		.it_interval = { interval_ns / 1000000000, interval_ns % 1000000000 },
	};
}

static int set(int id, int flags, struct itimerspec spec, struct itimerspec *old)
{
	return (int)syscall(SYS_timer_settime, id, flags, &spec, old);
}

static struct itimerspec get(int id)
{
	struct itimerspec spec;

	memset(&spec, 0x55, sizeof(spec));
	MUST(syscall(SYS_timer_gettime, id, &spec));
	return spec;
}

static int64_t ns_of(struct timespec ts)
{
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

static void burn(int64_t ns)
{
	struct timespec ts;
	int64_t end;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	end = ns_of(ts) + ns;
	do
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	while (ns_of(ts) < end);
}

static void block(int sig)
{
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, sig);
	MUST(sigprocmask(SIG_BLOCK, &mask, NULL));
}

static int take(int sig, siginfo_t *info, long timeout_ms)
{
	struct timespec ts = { timeout_ms / 1000, timeout_ms % 1000 * MS };
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, sig);
	return sigtimedwait(&mask, info, &ts);
}

TEST(one_shot)
{
	static const clockid_t clocks[] = { CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME };

	handle(SIGUSR1, note, SA_SIGINFO);
	for (size_t i = 0; i < ARRAY_SIZE(clocks); i++) {
		int id = create_signal(clocks[i], SIGUSR1);
		struct itimerspec left;
		int64_t start = now_ns();

		count = 0;
		left = get(id);
		EXPECT_EQ(ns_of(left.it_value), 0);
		EXPECT_EQ(set(id, 0, span(30 * MS, 0), &left), 0);
		EXPECT_EQ(ns_of(left.it_value), 0);
		left = get(id);
		EXPECT(ns_of(left.it_value) > 0 && ns_of(left.it_value) <= 30 * MS);
		while (!count)
			pause();
		EXPECT_GE(now_ns() - start, 30 * MS);
		EXPECT_EQ(last.si_signo, SIGUSR1);
		EXPECT_EQ(last.si_code, SI_TIMER);
		EXPECT_EQ((uintptr_t)last.si_value.sival_ptr, 0x1234567890);
		if (!in_emulator()) {
			EXPECT_EQ(last.si_timerid, id);
			EXPECT_EQ(last.si_overrun, 0);
		}
		EXPECT_EQ(ns_of(get(id).it_value), 0);
		MUST(syscall(SYS_timer_delete, id));
	}
}

TEST(absolute_and_past)
{
	int id = create_signal(CLOCK_MONOTONIC, SIGUSR1);
	int64_t when = now_ns() + 40 * MS;

	handle(SIGUSR1, note, SA_SIGINFO);
	EXPECT_EQ(set(id, TIMER_ABSTIME, span(when, 0), NULL), 0);
	while (!count)
		pause();
	EXPECT_GE(now_ns(), when);
	EXPECT_EQ(set(id, TIMER_ABSTIME, span(1, 0), NULL), 0);
	while (count < 2)
		sleep_ms(1);
}

TEST(periodic_and_disarm)
{
	int id = create_signal(CLOCK_MONOTONIC, SIGUSR1);
	struct itimerspec spec;
	int seen;

	handle(SIGUSR1, note, SA_SIGINFO);
	EXPECT_EQ(set(id, 0, span(10 * MS, 10 * MS), NULL), 0);
	while (count < 5)
		pause();
	spec = get(id);
	EXPECT_EQ(ns_of(spec.it_interval), 10 * MS);
	EXPECT(ns_of(spec.it_value) > 0 && ns_of(spec.it_value) <= 10 * MS);
	EXPECT_EQ(set(id, 0, span(0, 0), &spec), 0);
	EXPECT_EQ(ns_of(spec.it_interval), 10 * MS);
	seen = count;
	sleep_ms(50);
	EXPECT_LE(count, seen + 1);
	EXPECT_EQ(ns_of(get(id).it_value), 0);
}

TEST(overrun)
{
	int id = create_signal(CLOCK_MONOTONIC, SIGUSR1);
	siginfo_t info;

	SKIP_IN_EMULATOR("its own signal handling delays");
	block(SIGUSR1);
	EXPECT_EQ(set(id, 0, span(5 * MS, 5 * MS), NULL), 0);
	sleep_ms(100);
	EXPECT_EQ(take(SIGUSR1, &info, 1000), SIGUSR1);
	EXPECT_GE(info.si_overrun, 15);
	EXPECT_LT(info.si_overrun, 500);
	EXPECT_EQ(syscall(SYS_timer_getoverrun, id), info.si_overrun);
	/* Only one is ever pending. */
	sleep_ms(30);
	EXPECT_EQ(take(SIGUSR1, &info, 1000), SIGUSR1);
	EXPECT_GE(info.si_overrun, 3);
}

TEST(tiny_period_is_no_storm)
{
	int id = create_signal(CLOCK_MONOTONIC, SIGUSR1);
	siginfo_t info;

	SKIP_IN_EMULATOR("its own signal handling delays");
	signal(SIGUSR1, SIG_IGN);
	EXPECT_EQ(set(id, 0, span(1, 1), NULL), 0);
	sleep_ms(20);
	EXPECT_EQ(set(id, 0, span(0, 0), NULL), 0); /* it would kill once it is not ignored */
	block(SIGUSR1);
	signal(SIGUSR1, SIG_DFL);
	EXPECT_EQ(set(id, 0, span(1, 1), NULL), 0);
	sleep_ms(20);
	EXPECT_EQ(take(SIGUSR1, &info, 1000), SIGUSR1);
	EXPECT_GT(info.si_overrun, 1000000);
}

TEST(deleted_timer_is_silent)
{
	int id = create_signal(CLOCK_MONOTONIC, SIGUSR1);
	siginfo_t info;

	block(SIGUSR1);
	EXPECT_EQ(set(id, 0, span(20 * MS, 0), NULL), 0);
	MUST(syscall(SYS_timer_delete, id));
	EXPECT_ERRNO(take(SIGUSR1, &info, 60), EAGAIN);
	EXPECT_ERRNO(syscall(SYS_timer_delete, id), EINVAL);
}

TEST(no_signal)
{
	struct sigevent ev = { .sigev_notify = SIGEV_NONE };
	int id = create(CLOCK_MONOTONIC, &ev);
	struct itimerspec spec;

	EXPECT_EQ(set(id, 0, span(20 * MS, 0), NULL), 0);
	EXPECT_GT(ns_of(get(id).it_value), 0);
	sleep_ms(40);
	EXPECT_EQ(ns_of(get(id).it_value), 0);
	EXPECT_EQ(set(id, 0, span(20 * MS, 20 * MS), NULL), 0);
	sleep_ms(50);
	spec = get(id);
	EXPECT(ns_of(spec.it_value) > 0 && ns_of(spec.it_value) <= 20 * MS);
}

TEST(default_event)
{
	siginfo_t info;
	int id;

	SKIP_IN_EMULATOR("does not default the event");
	block(SIGALRM);
	id = create(CLOCK_REALTIME, NULL);
	EXPECT_EQ(set(id, 0, span(5 * MS, 0), NULL), 0);
	EXPECT_EQ(take(SIGALRM, &info, 1000), SIGALRM);
	EXPECT_EQ(info.si_value.sival_int, id);
}

TEST(to_a_thread)
{
	struct sigevent ev = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGUSR1 };
	siginfo_t info;
	int id;

	ev.sigev_notify_thread_id = (pid_t)syscall(SYS_gettid);
	block(SIGUSR1);
	id = create(CLOCK_MONOTONIC, &ev);
	EXPECT_EQ(set(id, 0, span(5 * MS, 0), NULL), 0);
	EXPECT_EQ(take(SIGUSR1, &info, 1000), SIGUSR1);
	ev.sigev_notify_thread_id = 1;
	EXPECT_ERRNO(syscall(SYS_timer_create, CLOCK_MONOTONIC, &ev, &id), EINVAL);
}

TEST(cpu_clocks)
{
	static const clockid_t clocks[] = { CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID };

	SKIP_IN_EMULATOR("CPU clocks are the emulator's");
	handle(SIGUSR1, note, SA_SIGINFO);
	for (size_t i = 0; i < ARRAY_SIZE(clocks); i++) {
		int id = create_signal(clocks[i], SIGUSR1);
		struct itimerspec spec;

		count = 0;
		EXPECT_EQ(set(id, 0, span(60 * MS, 0), NULL), 0);
		sleep_ms(100);		/* sleeping uses none */
		EXPECT_EQ(count, 0);
		spec = get(id);
		EXPECT(ns_of(spec.it_value) > 0 && ns_of(spec.it_value) <= 60 * MS);
		burn(150 * MS);
		/* A host that stops this machine may let all of it pass before the next tick. */
		for (int more = 0; !count && more < 100; more++)
			burn(10 * MS);
		EXPECT_EQ(count, 1);
		EXPECT_EQ(ns_of(get(id).it_value), 0);
		count = 0;
		EXPECT_EQ(set(id, 0, span(20 * MS, 20 * MS), NULL), 0);
		burn(150 * MS);
		EXPECT_GE(count, 3);
		EXPECT_EQ(ns_of(get(id).it_interval), 20 * MS);
		/* A time that is over already needs no more work. */
		count = 0;
		EXPECT_EQ(set(id, TIMER_ABSTIME, span(1, 0), NULL), 0);
		sleep_ms(1);
		EXPECT_EQ(count, 1);
		MUST(syscall(SYS_timer_delete, id));
	}
}

TEST(gone_after_fork_and_exec)
{
	int id = create_signal(CLOCK_MONOTONIC, SIGKILL), status;

	SKIP_IN_EMULATOR("keeps timers over exec");
	EXPECT_EXIT(IN_CHILD({
		struct itimerspec spec;

		return_status = syscall(SYS_timer_gettime, id, &spec) == -1 && errno == EINVAL;
	}), 1);
	status = IN_CHILD({
		int mine = create_signal(CLOCK_MONOTONIC, SIGKILL);

		set(mine, 0, span(50 * MS, 0), NULL);
		execl("/bin/busybox", "sleep", "0.2", (char *)NULL);
		return_status = 3;
	});
	EXPECT_EXIT(status, 0);
}

TEST(exit_with_armed_timers)
{
	for (int i = 0; i < 20; i++)
		EXPECT_EXIT(IN_CHILD({
			int id = create_signal(CLOCK_MONOTONIC, SIGUSR1);

			signal(SIGUSR1, SIG_IGN);
			set(id, 0, span(1, 1000), NULL);
			id = create_signal(CLOCK_PROCESS_CPUTIME_ID, SIGUSR1);
			set(id, 0, span(1, 1000), NULL);
		}), 0);
}

TEST(pending_limit)
{
	SKIP_IN_EMULATOR("has a table of its own");
	EXPECT_EXIT(IN_CHILD({
		struct rlimit limit = { 0, 0 };
		struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
		int id;

		setrlimit(RLIMIT_SIGPENDING, &limit);
		EXPECT_ERRNO(syscall(SYS_timer_create, CLOCK_MONOTONIC, &ev, &id), EAGAIN);
		ev.sigev_notify = SIGEV_NONE;
		EXPECT_ERRNO(syscall(SYS_timer_create, CLOCK_MONOTONIC, &ev, &id), EAGAIN);
	}), 0);
}

TEST(bad_arguments)
{
	struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
	struct itimerspec spec, bad = span(0, 0);
	int id;

	SKIP_IN_EMULATOR("judges by itself");
	EXPECT_ERRNO(syscall(SYS_timer_create, 99, &ev, &id), EINVAL);
	EXPECT_ERRNO(syscall(SYS_timer_create, CLOCK_MONOTONIC_RAW, &ev, &id), EOPNOTSUPP);
	EXPECT_ERRNO(syscall(SYS_timer_create, CLOCK_MONOTONIC, &ev, (void *)8), EFAULT);
	EXPECT_ERRNO(syscall(SYS_timer_create, CLOCK_MONOTONIC, (void *)8, &id), EFAULT);
	ev.sigev_signo = 0;
	EXPECT_ERRNO(syscall(SYS_timer_create, CLOCK_MONOTONIC, &ev, &id), EINVAL);
	ev.sigev_signo = 65;
	EXPECT_ERRNO(syscall(SYS_timer_create, CLOCK_MONOTONIC, &ev, &id), EINVAL);
	ev.sigev_notify = 77;
	EXPECT_ERRNO(syscall(SYS_timer_create, CLOCK_MONOTONIC, &ev, &id), EINVAL);
	EXPECT_ERRNO(syscall(SYS_timer_gettime, 12345, &spec), EINVAL);
	EXPECT_ERRNO(syscall(SYS_timer_getoverrun, 12345), EINVAL);
	EXPECT_ERRNO(syscall(SYS_timer_delete, -1), EINVAL);
	id = create_signal(CLOCK_MONOTONIC, SIGUSR1);
	EXPECT_ERRNO(syscall(SYS_timer_settime, id, 0, NULL, NULL), EINVAL);
	EXPECT_ERRNO(syscall(SYS_timer_settime, id, 0, (void *)8, NULL), EFAULT);
	bad.it_value.tv_nsec = 1000000000;
	EXPECT_ERRNO(set(id, 0, bad, NULL), EINVAL);
	EXPECT_ERRNO(syscall(SYS_timer_gettime, id, (void *)8), EFAULT);
}
