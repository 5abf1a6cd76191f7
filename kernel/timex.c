/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * adjtimex(2): programs that keep the real-time clock right set its rate, by tick and frequency,
 * and slew it or step it. The kernel has no loop of its own: an offset for the PLL, leap seconds,
 * a difference to TAI and pulses a second are refused. Linux drives CLOCK_MONOTONIC along, too.
 */
#include <arch/uaccess.h>
#include <kernel/clock_set.h>
#include <kernel/cred.h>
#include <kernel/mutex.h>
#include <kernel/syscall.h>
#include <kernel/time.h>
#include <kernel/timex.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <linux/timex.h>

#define ADJTIME		0x8000		/* in ADJ_OFFSET_SINGLESHOT: of adjtime(3) */
#define ADJTIME_READ	0x2000
#define FREQ_MAX	(500ll << 16)	/* ppm with 16 bits of fraction */
#define TICK		((s64)(USEC_PER_SEC / USER_HZ))
#define ERROR_MAX	16000000ll	/* us: as good as unknown */
#define ERROR_GROWS	500ll		/* us a second, of a clock that nobody looks after */
#define STA_REFUSED	(STA_PPSFREQ | STA_PPSTIME | STA_INS | STA_DEL)

static DEFINE_MUTEX(timex_lock);
static struct {
	s64    freq, tick;
	s64    maxerror, esterror;	/* us; the first as of `since`, then it grows */
	nsec_t since;
	s64    constant;
	int    status;
	u32    set_count;		/* clock_set_count() when last looked at */
} now = { .tick = TICK, .maxerror = ERROR_MAX, .esterror = ERROR_MAX, .constant = 2,
	  .status = STA_UNSYNC };	/* timex_lock */

/* A clock that somebody set is as unknown as at the start; its rate stays. */
static void age(void)
{
	s64 seconds = (s64)((ktime_get() - now.since) / NSEC_PER_SEC);

	now.since += (u64)seconds * NSEC_PER_SEC;
	now.maxerror += seconds * ERROR_GROWS;
	if (now.set_count != clock_set_count()) {
		now.set_count = clock_set_count();
		now.maxerror = now.esterror = ERROR_MAX;
	}
	if (now.maxerror >= ERROR_MAX) {
		now.maxerror = ERROR_MAX;
		now.status |= STA_UNSYNC;
	}
}

/* 0, or what is wrong with the request, in Linux's order; then what there is not. */
static int check(const struct __kernel_timex *t)
{
	bool adjtime = t->modes & ADJTIME;

	if (adjtime && !(t->modes & ADJ_OFFSET))
		return -EINVAL;
	if (t->modes && !(adjtime && t->modes & ADJTIME_READ) && !capable(CAP_SYS_TIME))
		return -EPERM;
	if (!adjtime && t->modes & ADJ_TICK && (t->tick < TICK / 10 * 9 || t->tick > TICK / 10 * 11))
		return -EINVAL;
	if (t->modes & ADJ_SETOFFSET &&
	    (t->time.tv_usec < 0 ||
	     t->time.tv_usec >= (s64)(t->modes & ADJ_NANO ? NSEC_PER_SEC : USEC_PER_SEC)))
		return -EINVAL;
	if (t->modes & ADJ_SETOFFSET && !capable(CAP_SYS_TIME))
		return -EPERM;
	if (adjtime)
		return 0;
	if ((t->modes & ADJ_STATUS && t->status & STA_REFUSED) || (t->modes & ADJ_TAI && t->constant) ||
	    (t->modes & ADJ_OFFSET && t->offset))
		return -EOPNOTSUPP;
	return 0;
}

static int step(const struct __kernel_timex *t)
{
	s64 part = t->time.tv_usec * (s64)(t->modes & ADJ_NANO ? 1 : NSEC_PER_USEC);

	if (t->time.tv_sec > S32_MAX * 2ll || t->time.tv_sec < S32_MIN * 2ll)
		return -EINVAL;
	return ktime_step_real(t->time.tv_sec * (s64)NSEC_PER_SEC + part);
}

/* adjtime(3): what was left, in us, and another in its place. */
static s64 slew(const struct __kernel_timex *t)
{
	s64 ns = clamp_t(s64, t->offset, S32_MIN, S32_MAX) * (s64)NSEC_PER_USEC;

	return ktime_adjust_real(NULL, t->modes & ADJTIME_READ ? NULL : &ns) / (s64)NSEC_PER_USEC;
}

static void change(const struct __kernel_timex *t)
{
	s64 rate;

	if (t->modes & ADJ_STATUS) {
		/* As on Linux, this forgets ADJ_NANO, too. */
		if (now.status & STA_PLL && !(t->status & STA_PLL))
			now.status = 0;
		now.status = (now.status & STA_RONLY) | (t->status & ~STA_RONLY);
	}
	if (t->modes & ADJ_NANO)
		now.status |= STA_NANO;
	if (t->modes & ADJ_MICRO)
		now.status &= ~STA_NANO;
	if (t->modes & ADJ_MAXERROR)
		now.maxerror = t->maxerror;
	if (t->modes & ADJ_ESTERROR)
		now.esterror = t->esterror;
	if (t->modes & ADJ_TIMECONST)
		now.constant = clamp_t(s64, t->constant + (now.status & STA_NANO ? 0 : 4), 0, 10);
	if (t->modes & ADJ_FREQUENCY)
		now.freq = clamp_t(s64, t->freq, -FREQ_MAX, FREQ_MAX);
	if (t->modes & ADJ_TICK)
		now.tick = t->tick;
	if (!(t->modes & (ADJ_FREQUENCY | ADJ_TICK)))
		return;
	rate = (now.tick - TICK) * (1ll << 32) / TICK + now.freq * (1ll << 16) / 1000000;
	ktime_adjust_real(&rate, NULL);
}

int timex_adjust(struct __kernel_timex __user *user)
{
	struct __kernel_timex t, out = { 0 };
	struct timespec64 real;
	int err;

	if (copy_from_user(&t, user, sizeof(t)))
		return -EFAULT;
	err = check(&t);
	if (err)
		return err;
	mutex_lock(&timex_lock);
	if (t.modes & ADJ_SETOFFSET)
		err = step(&t);
	age();
	if (!err && t.modes & ADJTIME)
		out.offset = slew(&t);
	else if (!err)
		change(&t);
	real = ktime_get_real_ts();
	out.modes = t.modes;
	out.freq = now.freq;
	out.maxerror = now.maxerror;
	out.esterror = now.esterror;
	out.status = now.status;
	out.constant = now.constant;
	out.precision = 1;
	out.tolerance = FREQ_MAX;
	out.tick = now.tick;
	out.time.tv_sec = real.tv_sec;
	out.time.tv_usec = real.tv_nsec / (now.status & STA_NANO ? 1 : (s64)NSEC_PER_USEC);
	mutex_unlock(&timex_lock);
	if (err)
		return err;
	if (copy_to_user(user, &out, sizeof(out)))
		return -EFAULT;
	return out.status & (STA_UNSYNC | STA_CLOCKERR) ? TIME_ERROR : TIME_OK;
}

SYSCALL_DEFINE1(adjtimex, struct __kernel_timex __user *, user)
{
	return timex_adjust(user);
}
