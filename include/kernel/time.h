/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Time: the monotonic and real-time clocks.
 *
 * Both are the architectural counter, scaled; real time adds an offset that
 * the RTC sets at boot and clock_settime() changes. Reads take no lock, from any
 * context. Units: nsec_t is nanoseconds since boot (monotonic) or since 1970.
 */
#ifndef KERNEL_TIME_H
#define KERNEL_TIME_H

#include <lib/compiler.h>
#include <lib/types.h>

#define NSEC_MAX	((nsec_t)~0ull)	/* as a time-out: never */
#define NSEC_PER_SEC	1000000000ull
#define NSEC_PER_MSEC	1000000ull
#define NSEC_PER_USEC	1000ull
#define USEC_PER_SEC	1000000ull
#define TICK_NSEC	(NSEC_PER_SEC / CONFIG_HZ)
#define USER_HZ		100u		/* of times(2), /proc/stat and AT_CLKTCK */

struct timespec64 {
	s64 tv_sec;
	s64 tv_nsec;
};

/* The raw counter and its rate; the arch timer provides them. */
u64 clock_cycles(void);
u32 clock_frequency(void);

/*
 * Starts both clocks. First as early as possible, so that the log has times, and again
 * when the device tree may have corrected the counter's rate.
 */
void time_init(void);
/* Once a tick, and when a CPU stops being idle after some without: IRQs off. */
void time_tick(void);
nsec_t ktime_get(void);			/* CLOCK_MONOTONIC = CLOCK_BOOTTIME: no suspend */
nsec_t ktime_get_real(void);		/* CLOCK_REALTIME */
nsec_t ktime_get_coarse(void);		/* CLOCK_MONOTONIC_COARSE: as of the last tick */
u64 ns_to_cycles(nsec_t ns);
/* The counter value when the monotonic clock shows ns; never early. */
u64 ktime_to_cycles(nsec_t ns);
nsec_t cycles_to_ns(u64 cycles);
/* Sets CLOCK_REALTIME to `ns` since 1970. */
void ktime_set_real(nsec_t ns);
/* Sets it so many ns on or back. -EINVAL: before the machine's start in 1970, or too far. */
int ktime_step_real(s64 ns);
/*
 * From now on it gains so many 2^32ths of monotonic time, a tenth of it at most, and `slew` ns
 * beside at 500 ppm, in place of what was to be slewed. NULL: as it is. Returns what was left.
 */
s64 ktime_adjust_real(const s64 *rate, const s64 *slew);
/* The monotonic time when CLOCK_REALTIME will be `real`, if it goes on as it does; at least now. */
nsec_t ktime_real_to_mono(nsec_t real);
/* From the RTC driver at boot: whole seconds since 1970. */
void rtc_set_epoch(u64 seconds);

static inline struct timespec64 ns_to_timespec64(nsec_t ns)
{
	return (struct timespec64){ .tv_sec = (s64)(ns / NSEC_PER_SEC),
				    .tv_nsec = (s64)(ns % NSEC_PER_SEC) };
}

static inline struct timespec64 ktime_get_real_ts(void)
{
	return ns_to_timespec64(ktime_get_real());
}

static inline bool timespec64_valid(const struct timespec64 *ts)
{
	return ts->tv_sec >= 0 && (u64)ts->tv_nsec < NSEC_PER_SEC;
}

/* Saturates at NSEC_MAX - 1, so that a far future is not "no timeout". */
nsec_t timespec64_to_ns(const struct timespec64 *ts);

/* Copy a struct __kernel_timespec in or out. 0, -EFAULT, and -EINVAL from get if not valid. */
int get_timespec64(struct timespec64 *ts, const void __user *from);
int put_timespec64(const struct timespec64 *ts, void __user *to);

/* Absolute monotonic time of a relative one, at most NSEC_MAX - 1; 0, which has passed, of 0. */
nsec_t deadline_after(nsec_t rel);
/* The same of a struct __kernel_timespec; NSEC_MAX, never, of NULL. Errors as get_timespec64(). */
int deadline_from_user(nsec_t *deadline, const void __user *timeout);

#endif
