/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Clocks and sleeping: clock_gettime(2) and friends, nanosleep(2).
 */
#include <arch/uaccess.h>
#include <kernel/coarse_clock.h>
#include <kernel/cred.h>
#include <kernel/pid.h>
#include <kernel/posix_timer.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <kernel/time.h>
#include <kernel/timex.h>
#include <lib/string.h>
#include <linux/time.h>
#include <linux/time_types.h>

/*
 * The clocks of other processes and threads: ~pid in the upper bits, the kind in the
 * lower three (clock_getcpuclockid(3)).
 */
#define CPUCLOCK_KIND(id)	((id) & 3)
#define CPUCLOCK_THREAD(id)	((id) & 4)
#define CPUCLOCK_PID(id)	((pid_t)~((id) >> 3))
enum { KIND_PROF, KIND_VIRT, KIND_SCHED };

static nsec_t process_cputime(struct process *p, int kind)
{
	struct usage u;

	process_usage(p, &u);
	return kind == KIND_VIRT ? u.utime : u.utime + u.stime;
}

static int cpu_clock(clockid_t id, nsec_t *ns)
{
	pid_t pid = CPUCLOCK_PID(id);
	int kind = CPUCLOCK_KIND(id);

	if (kind > KIND_SCHED)
		return -EINVAL;
	if (CPUCLOCK_THREAD(id)) {
		struct task *t = pid ? task_find(pid) : task_get(current);
		nsec_t utime, stime;

		if (!t || t->proc != current->proc) {
			if (t)
				task_put(t);
			return -EINVAL;
		}
		task_cputime(t, &utime, &stime);
		*ns = kind == KIND_VIRT ? utime : utime + stime;
		task_put(t);
	} else {
		struct process *p = pid ? process_find(pid) : process_get(current->proc);

		if (!p)
			return -EINVAL;
		*ns = process_cputime(p, kind);
		process_put(p);
	}
	return 0;
}

static int clock_read(clockid_t id, nsec_t *ns)
{
	struct timespec64 ts;

	switch (id) {
	case CLOCK_REALTIME:
	case CLOCK_TAI:		/* no leap seconds are known: TAI - UTC is 0, as Linux starts */
		*ns = ktime_get_real();
		return 0;
	case CLOCK_REALTIME_COARSE:
		ts = ktime_get_coarse_real_ts();
		*ns = timespec64_to_ns(&ts);
		return 0;
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_BOOTTIME:
		*ns = ktime_get();
		return 0;
	case CLOCK_MONOTONIC_COARSE:
		*ns = ktime_get_coarse();
		return 0;
	case CLOCK_PROCESS_CPUTIME_ID:
		*ns = process_cputime(current->proc, KIND_SCHED);
		return 0;
	case CLOCK_THREAD_CPUTIME_ID:
		*ns = task_sum_exec(current);
		return 0;
	default:
		return id < 0 ? cpu_clock(id, ns) : -EINVAL;
	}
}

/* Nothing can wake a machine that sleeps: as a kernel that found no such RTC. */
static bool clock_is_alarm(clockid_t id)
{
	return id == CLOCK_REALTIME_ALARM || id == CLOCK_BOOTTIME_ALARM;
}

SYSCALL_DEFINE2(clock_gettime, clockid_t, id, struct __kernel_timespec __user *, tp)
{
	struct timespec64 ts;
	nsec_t ns;
	int err = clock_read(id, &ns);

	if (err)
		return err;
	ts = ns_to_timespec64(ns);
	return put_timespec64(&ts, tp);
}

SYSCALL_DEFINE2(clock_getres, clockid_t, id, struct __kernel_timespec __user *, res)
{
	struct timespec64 ts = { 0, 1 };
	nsec_t ns;
	int err = clock_read(id, &ns);

	if (err)
		return err;
	if (id == CLOCK_REALTIME_COARSE || id == CLOCK_MONOTONIC_COARSE)
		ts.tv_nsec = TICK_NSEC;
	return res ? put_timespec64(&ts, res) : 0;
}

SYSCALL_DEFINE2(clock_settime, clockid_t, id, const struct __kernel_timespec __user *, tp)
{
	struct timespec64 ts;
	nsec_t ns;
	int err;

	if (id != CLOCK_REALTIME)
		return id < 0 && !clock_read(id, &ns) ? -EPERM : -EINVAL;
	err = get_timespec64(&ts, tp);
	if (err)
		return err;
	if (!capable(CAP_SYS_TIME))
		return -EPERM;
	ns = timespec64_to_ns(&ts);
	if (ns < ktime_get())		/* the system cannot have booted before 1970 */
		return -EINVAL;
	ktime_set_real(ns);
	return 0;
}

SYSCALL_DEFINE2(gettimeofday, struct __kernel_old_timeval __user *, tv, struct timezone __user *, tz)
{
	struct timespec64 ts = ktime_get_real_ts();
	struct __kernel_old_timeval out = { ts.tv_sec, ts.tv_nsec / (long)NSEC_PER_USEC };

	if (tv && copy_to_user(tv, &out, sizeof(out)))
		return -EFAULT;
	if (tz && clear_user(tz, sizeof(*tz)))
		return -EFAULT;
	return 0;
}

SYSCALL_DEFINE2(settimeofday, const struct __kernel_old_timeval __user *, tv,
		const struct timezone __user *, tz)
{
	struct __kernel_old_timeval in;
	struct timezone zone;

	if (tv) {
		if (copy_from_user(&in, tv, sizeof(in)))
			return -EFAULT;
		if (in.tv_sec < 0 || in.tv_usec < 0 || in.tv_usec >= (long)USEC_PER_SEC)
			return -EINVAL;
	}
	/* The kernel's clock is UTC: a zone other than that is refused, not forgotten. */
	if (tz && copy_from_user(&zone, tz, sizeof(zone)))
		return -EFAULT;
	if (tz && zone.tz_minuteswest)
		return -EINVAL;
	if (!capable(CAP_SYS_TIME))
		return -EPERM;
	if (tv) {
		nsec_t ns = (u64)in.tv_sec * NSEC_PER_SEC + (u64)in.tv_usec * NSEC_PER_USEC;

		if (ns < ktime_get())
			return -EINVAL;
		ktime_set_real(ns);
	}
	return 0;
}

SYSCALL_DEFINE2(clock_adjtime, clockid_t, id, struct __kernel_timex __user *, user)
{
	nsec_t ns;

	if (!IS_ENABLED(CONFIG_ADJTIMEX))
		return -ENOSYS;
	if (id == CLOCK_REALTIME)
		return timex_adjust(user);
	return id >= 0 && clock_read(id, &ns) && !clock_is_alarm(id) ? -EINVAL : -EOPNOTSUPP;
}

/* Sleeping. Deadlines are monotonic; a real-time one is converted when the sleep begins. */

/* 0 when the time came, -ERESTARTSYS when a signal did. */
static int sleep_until(nsec_t deadline)
{
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (ktime_get() >= deadline || signal_pending(current))
			break;
		schedule_until(deadline);
	}
	set_current_state(TASK_RUNNING);
	return ktime_get() >= deadline ? 0 : -ERESTARTSYS;
}

static int put_remaining(void __user *rmtp, nsec_t deadline)
{
	nsec_t now = ktime_get();
	struct timespec64 left = ns_to_timespec64(deadline > now ? deadline - now : 0);

	return rmtp ? put_timespec64(&left, rmtp) : 0;
}

static long nanosleep_restart(struct restart_block *r)
{
	if (!sleep_until(r->nanosleep.expires))
		return 0;
	return put_remaining(r->nanosleep.rmtp, r->nanosleep.expires) ?: -ERESTART_RESTARTBLOCK;
}

/* The same on a CPU-time clock. */
static long cpu_sleep_restart(struct restart_block *r)
{
	struct timespec64 left;
	nsec_t ns;
	int err = cpu_clock_sleep(r->nanosleep.clockid, r->nanosleep.expires, &ns);

	if (err != -ERESTARTSYS)
		return err;
	left = ns_to_timespec64(ns);
	err = r->nanosleep.rmtp ? put_timespec64(&left, r->nanosleep.rmtp) : 0;
	return err ?: -ERESTART_RESTARTBLOCK;
}

static long sleep_on_cpu_clock(clockid_t id, bool absolute, const struct timespec64 *ts,
			       void __user *rmtp)
{
	struct restart_block *r = &current->restart;
	nsec_t now, ns = timespec64_to_ns(ts);
	int err = clock_read(id, &now);

	/* One's own thread does not run while it sleeps. */
	if (err || (id < 0 && CPUCLOCK_THREAD(id) &&
		    (!CPUCLOCK_PID(id) || CPUCLOCK_PID(id) == current->tid)))
		return -EINVAL;
	if (absolute) {
		err = cpu_clock_sleep(id, ns, &now);
		return err == -ERESTARTSYS ? -ERESTARTNOHAND : err;
	}
	r->fn = cpu_sleep_restart;
	r->nanosleep.clockid = id;
	r->nanosleep.rmtp = rmtp;
	r->nanosleep.expires = ns > NSEC_MAX - 1 - now ? NSEC_MAX - 1 : now + ns;
	return cpu_sleep_restart(r);
}

static long sleep_relative(const struct timespec64 *ts, void __user *rmtp)
{
	struct restart_block *r = &current->restart;
	nsec_t ns = timespec64_to_ns(ts), now = ktime_get();
	nsec_t deadline = ns > NSEC_MAX - 1 - now ? NSEC_MAX - 1 : now + ns;

	if (!sleep_until(deadline))
		return 0;
	r->fn = nanosleep_restart;
	r->nanosleep.rmtp = rmtp;
	r->nanosleep.expires = deadline;
	return put_remaining(rmtp, deadline) ?: -ERESTART_RESTARTBLOCK;
}

SYSCALL_DEFINE2(nanosleep, const struct __kernel_timespec __user *, rqtp,
		struct __kernel_timespec __user *, rmtp)
{
	struct timespec64 ts;
	int err = get_timespec64(&ts, rqtp);

	return err ? err : sleep_relative(&ts, rmtp);
}

/* Waits until `id` shows ns; real time may be set meanwhile, so it is looked at again. */
static long sleep_absolute(clockid_t id, nsec_t ns)
{
	for (;;) {
		nsec_t mono = ktime_get(), now;
		int err = clock_read(id, &now);

		if (err)
			return err;
		if (now >= ns)
			return 0;
		err = sleep_until(ns - now > NSEC_MAX - 1 - mono ? NSEC_MAX - 1 : mono + (ns - now));
		if (err)
			return -ERESTARTNOHAND;
	}
}

SYSCALL_DEFINE4(clock_nanosleep, clockid_t, id, int, flags,
		const struct __kernel_timespec __user *, rqtp, struct __kernel_timespec __user *, rmtp)
{
	struct timespec64 ts;
	int err;

	switch (id) {
	case CLOCK_REALTIME:
	case CLOCK_MONOTONIC:
	case CLOCK_BOOTTIME:
	case CLOCK_TAI:
	case CLOCK_PROCESS_CPUTIME_ID:
		break;
	case CLOCK_THREAD_CPUTIME_ID:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_REALTIME_COARSE:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_REALTIME_ALARM:
	case CLOCK_BOOTTIME_ALARM:
		return -EOPNOTSUPP;
	default:
		if (id >= 0)
			return -EINVAL;
	}
	err = get_timespec64(&ts, rqtp);
	if (err)
		return err;
	if (id < 0 || id == CLOCK_PROCESS_CPUTIME_ID)
		return sleep_on_cpu_clock(id, flags & TIMER_ABSTIME, &ts, rmtp);
	if (flags & TIMER_ABSTIME)
		return sleep_absolute(id, timespec64_to_ns(&ts));
	return sleep_relative(&ts, rmtp);
}
