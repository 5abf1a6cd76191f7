/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Clocks without a system call: read the counter and scale it by the parameters
 * in the data page, which lies right below this image. Runs in user mode.
 */
#include <lib/compiler.h>
#include <arch/barrier.h>
#include <arch/layout.h>
#include <arch/vdso.h>
#include <asm/unistd.h>
#include <linux/time.h>
#include <linux/errno.h>

#define NSEC 1000000000ULL
#define EXPORT __attribute__((visibility("default")))

extern const char __ehdr_start[] __attribute__((visibility("hidden")));

struct user_timespec {
	s64 sec;
	s64 nsec;
};

struct user_timeval {
	s64 sec;
	s64 usec;
};

struct user_timezone {
	s32 minuteswest;
	s32 dsttime;
};

EXPORT int __kernel_clock_gettime(s32 clock, struct user_timespec *ts);
EXPORT int __kernel_clock_getres(s32 clock, struct user_timespec *res);
EXPORT int __kernel_gettimeofday(struct user_timeval *tv, struct user_timezone *tz);

static __always_inline const struct vdso_data *data(void)
{
	return (const struct vdso_data *)(__ehdr_start - PAGE_SIZE);
}

static long syscall2(long nr, long a, long b)
{
	register long x8 __asm__("x8") = nr;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;

	__asm__ volatile("svc #0" : "+r"(x0) : "r"(x1), "r"(x8) : "memory");
	return x0;
}

static __always_inline u32 read_begin(const struct vdso_data *d)
{
	u32 seq;

	while ((seq = READ_ONCE(d->seq)) & 1)
		cpu_relax();
	dmb(ishld);
	return seq;
}

static __always_inline bool read_retry(const struct vdso_data *d, u32 seq)
{
	dmb(ishld);
	return READ_ONCE(d->seq) != seq;
}

static __always_inline u64 counter(void)
{
	u64 v;

	__asm__ volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(v) : : "memory");
	return v;
}

static void set(struct user_timespec *ts, u64 sec, u64 nsec)
{
	while (nsec >= NSEC) {
		nsec -= NSEC;
		sec++;
	}
	ts->sec = (s64)sec;
	ts->nsec = (s64)nsec;
}

/* A clock that advances with the counter since the last update. */
static __always_inline void fine(struct user_timespec *ts, const u64 *psec, const u64 *psnsec,
				 const u32 *pmult)
{
	const struct vdso_data *d = data();
	u64 sec, snsec, now;
	u32 seq;

	do {
		seq = read_begin(d);
		now = counter();
		sec = *psec;
		snsec = *psnsec;
		if (now > d->time.cycles)
			snsec += (now - d->time.cycles) * *pmult;
		snsec >>= d->time.shift;
	} while (read_retry(d, seq));
	set(ts, sec, snsec);
}

/* A clock as of the last tick. */
static __always_inline void coarse(struct user_timespec *ts, const u64 *psec, const u64 *pnsec)
{
	const struct vdso_data *d = data();
	u64 sec, nsec;
	u32 seq;

	do {
		seq = read_begin(d);
		sec = *psec;
		nsec = *pnsec;
	} while (read_retry(d, seq));
	set(ts, sec, nsec);
}

int __kernel_clock_gettime(s32 clock, struct user_timespec *ts)
{
	const struct vdso_time *t = &data()->time;

	/* if, not switch: a jump table would need relocation */
	if (clock == CLOCK_REALTIME)
		fine(ts, &t->real_sec, &t->real_snsec, &t->real_mult);
	else if (clock == CLOCK_MONOTONIC)
		fine(ts, &t->mono_sec, &t->mono_snsec, &t->mult);
	else if (clock == CLOCK_BOOTTIME)
		fine(ts, &t->boot_sec, &t->boot_snsec, &t->mult);
	else if (clock == CLOCK_MONOTONIC_RAW)
		fine(ts, &t->raw_sec, &t->raw_snsec, &t->mult);
	else if (clock == CLOCK_REALTIME_COARSE)
		coarse(ts, &t->real_sec, &t->real_coarse_nsec);
	else if (clock == CLOCK_MONOTONIC_COARSE)
		coarse(ts, &t->mono_sec, &t->mono_coarse_nsec);
	else
		return (int)syscall2(__NR_clock_gettime, clock, (long)ts);
	return 0;
}

int __kernel_clock_getres(s32 clock, struct user_timespec *res)
{
	u64 ns;

	if (clock == CLOCK_REALTIME || clock == CLOCK_MONOTONIC || clock == CLOCK_BOOTTIME ||
	    clock == CLOCK_MONOTONIC_RAW)
		ns = 1;
	else if (clock == CLOCK_REALTIME_COARSE || clock == CLOCK_MONOTONIC_COARSE)
		ns = READ_ONCE(data()->time.coarse_res);
	else
		return (int)syscall2(__NR_clock_getres, clock, (long)res);
	if (res) {
		res->sec = 0;
		res->nsec = (s64)ns;
	}
	return 0;
}

int __kernel_gettimeofday(struct user_timeval *tv, struct user_timezone *tz)
{
	const struct vdso_time *t = &data()->time;
	struct user_timespec ts;

	if (tv) {
		fine(&ts, &t->real_sec, &t->real_snsec, &t->real_mult);
		tv->sec = ts.sec;
		tv->usec = (s64)((u64)ts.nsec / 1000);
	}
	if (tz) {
		tz->minuteswest = READ_ONCE(t->tz_minuteswest);
		tz->dsttime = READ_ONCE(t->tz_dsttime);
	}
	return 0;
}
