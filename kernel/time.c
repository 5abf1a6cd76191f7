/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Timekeeping: monotonic and real time from the architectural counter.
 *
 * ns = cycles * mult / 2^32. With a rate that divides a gigahertz the product is
 * exact; otherwise the error is below one part in 2^32. Monotonic time is 0 when
 * time_init() runs.
 *
 * Real time goes on from a point: as monotonic time does and `rate` 2^32ths of it more, which
 * adjtimex(2) sets. While there is a rate the point moves on with each tick.
 */
#include <arch/uaccess.h>
#include <arch/vdso.h>
#include <kernel/clock_set.h>
#include <kernel/coarse_clock.h>
#include <kernel/seqcount.h>
#include <kernel/spinlock.h>
#include <kernel/time_inline.h>
#include <lib/errno.h>
#include <linux/time_types.h>

struct clock_scale clock_scale;	/* never changes after time_init() */
static u64 freq;

/* The vDSO multiplies 64 by 32 bits without a high half, so it gets fewer fraction bits. */
#define VDSO_SHIFT	24

static DEFINE_SPINLOCK(set_lock);
static struct seqcount real_seq;
static struct {
	nsec_t mono, real;		/* at the same time */
	u32    frac;			/* of real, 2^-32 ns */
	s64    rate;			/* own_rate and slew_rate */
} point;				/* set_lock to write, real_seq to read */
/* Under set_lock. slew_left: ns that slewing has to go, and what it was ahead by in 2^-32 ns. */
static s64 own_rate, slew_rate, slew_left;
static u32 slew_frac;

#define SLEW_TICK	((s64)(TICK_NSEC / 2000))	/* ns of slewing a tick: Linux's 500 ppm */
struct coarse_clock coarse_clock;	/* set_lock to write */

nsec_t cycles_to_ns(u64 cycles)
{
	return (nsec_t)((unsigned __int128)cycles * clock_scale.mult >> 32);
}

/* Seconds apart from the rest: no product needs more than 64 bits. */
static u64 to_cycles(nsec_t ns, u64 round)
{
	return ns / NSEC_PER_SEC * freq + (ns % NSEC_PER_SEC * freq + round) / NSEC_PER_SEC;
}

u64 ns_to_cycles(nsec_t ns)
{
	return to_cycles(ns, 0);
}

nsec_t ktime_get(void)
{
	return ktime_get_inline();
}

/* Rounds up: never early. Times beyond the counter's end are its last but one value. */
u64 ktime_to_cycles(nsec_t ns)
{
	if (ns / NSEC_PER_SEC >= (~0ull - clock_scale.base) / freq - 1)
		return ~0ull - 1;
	return to_cycles(ns, NSEC_PER_SEC - 1) + clock_scale.base;
}

/* How much more passes in `ns` at this rate; *frac goes along. */
static s64 gain(s64 ns, s64 rate, u32 *frac)
{
	__int128 more = (__int128)ns * rate + *frac;

	*frac = (u32)more;
	return (s64)(more >> 32);
}

static nsec_t real_at(nsec_t mono, u32 *frac)
{
	s64 since = (s64)(mono - point.mono);

	*frac = point.frac;
	if (unlikely(point.rate))
		since += gain(since, point.rate, frac);
	return point.real + (nsec_t)since;
}

nsec_t ktime_get_real(void)
{
	nsec_t real;
	u32 seq, frac;

	do {
		seq = read_seqcount_begin(&real_seq);
		real = real_at(ktime_get(), &frac);
	} while (read_seqcount_retry(&real_seq, seq));
	return real;
}

nsec_t ktime_real_to_mono(nsec_t real)
{
	nsec_t now_real = ktime_get_real(), now = ktime_get();	/* in this order never early */
	s64 rate = READ_ONCE(point.rate), left, in_mono;

	if (real <= now_real)
		return now;
	if (real - now_real > NSEC_MAX / 4)
		return NSEC_MAX - 1;
	left = in_mono = (s64)(real - now_real);
	/* in_mono and its gain are `left`: each turn is nearer by the rate, which is a tenth at most. */
	for (int turn = 0; rate && turn < 16; turn++) {
		u32 frac = 0;

		in_mono = left - gain(in_mono, rate, &frac);
	}
	return now + (nsec_t)in_mono + !!rate;
}

static nsec_t mono_at_tick;	/* set_lock to write; what the coarse clocks are made of */

nsec_t ktime_get_coarse(void)
{
	return READ_ONCE(mono_at_tick);
}

/* set_lock held. Goes on from now on; true: slewing came to its end. */
static bool move_point(nsec_t mono)
{
	s64 done = gain((s64)(mono - point.mono), slew_rate, &slew_frac), over = 0;
	bool slewing = slew_left;
	u32 frac;
	nsec_t real = real_at(mono, &frac);

	/* A tick after a long idle time may have gone too far. */
	if (slew_left > 0 ? done > slew_left : done < slew_left)
		over = done - slew_left;
	slew_left -= done - over;
	if (slew_left >= SLEW_TICK || slew_left <= -SLEW_TICK)
		slew_rate = (slew_left > 0 ? 1ll << 32 : -(1ll << 32)) / 2000;
	else
		slew_rate = slew_left * (1ll << 32) / (s64)TICK_NSEC + (slew_left > 0) - (slew_left < 0);
	write_seqcount_begin(&real_seq);
	point.mono = mono;
	point.real = real - (nsec_t)over;
	point.frac = frac;
	point.rate = own_rate + slew_rate;
	write_seqcount_end(&real_seq);
	return slewing && !slew_left;
}

/* set_lock held. The vDSO's interval starts now, so that its products stay small. */
static void vdso_publish(void)
{
	u64 cycles = clock_cycles();
	nsec_t mono = cycles_to_ns(cycles - clock_scale.base), real;
	u32 frac, none = 0;
	struct vdso_time t;

	real = real_at(mono, &frac);
	t = (struct vdso_time){
		.cycles = cycles,
		.mult = (u32)(clock_scale.mult >> (32 - VDSO_SHIFT)),
		.real_mult = (u32)((clock_scale.mult + (u64)gain((s64)clock_scale.mult, point.rate, &none)) >>
				   (32 - VDSO_SHIFT)),
		.shift = VDSO_SHIFT,
		.real_sec = real / NSEC_PER_SEC,
		.real_snsec = (real % NSEC_PER_SEC << VDSO_SHIFT) | frac >> (32 - VDSO_SHIFT),
		.mono_sec = mono / NSEC_PER_SEC,
		.mono_snsec = mono % NSEC_PER_SEC << VDSO_SHIFT,
		.real_coarse_nsec = real % NSEC_PER_SEC,
		.mono_coarse_nsec = mono % NSEC_PER_SEC,
		.coarse_res = NSEC_PER_SEC / CONFIG_HZ,
	};

	WRITE_ONCE(mono_at_tick, mono);
	t.raw_sec = t.boot_sec = t.mono_sec;
	t.raw_snsec = t.boot_snsec = t.mono_snsec;
	vdso_update_time(&t);
	write_seqcount_begin(&coarse_clock.seq);
	coarse_clock.real = ns_to_timespec64(real);
	write_seqcount_end(&coarse_clock.seq);
}

/*
 * From the tick. Coarse clocks advance, and the fine ones start a new interval. The
 * vDSO's rounding error over one tick is far below a nanosecond.
 */
void time_tick(void)
{
	bool slewed;

	spin_lock(&set_lock);
	slewed = unlikely(point.rate) && move_point(ktime_get());
	vdso_publish();
	spin_unlock(&set_lock);
	if (unlikely(slewed))
		clock_has_rate();
}

/* set_lock held. What was to be slewed is forgotten: the time is another. */
static void set_point(nsec_t ns)
{
	slew_left = slew_rate = 0;
	write_seqcount_begin(&real_seq);
	point.mono = ktime_get();
	point.real = ns;
	point.rate = own_rate;
	write_seqcount_end(&real_seq);
	vdso_publish();
}

void ktime_set_real(nsec_t ns)
{
	unsigned long flags;

	spin_lock_irqsave(&set_lock, flags);
	set_point(ns);
	spin_unlock_irqrestore(&set_lock, flags);
	clock_was_set();
}

int ktime_step_real(s64 ns)
{
	unsigned long flags;
	nsec_t real;

	spin_lock_irqsave(&set_lock, flags);
	real = ktime_get_real() + (nsec_t)ns;
	if (real >= ktime_get() && real < NSEC_MAX / 2)
		set_point(real);
	else
		real = 0;
	spin_unlock_irqrestore(&set_lock, flags);
	if (!real)
		return -EINVAL;
	clock_was_set();
	return 0;
}

s64 ktime_adjust_real(const s64 *rate, const s64 *slew)
{
	unsigned long flags;
	s64 left;

	spin_lock_irqsave(&set_lock, flags);
	move_point(ktime_get());
	left = slew_left;
	if (rate)
		own_rate = *rate;
	if (slew)
		slew_left = *slew;
	move_point(point.mono);		/* with these */
	vdso_publish();
	spin_unlock_irqrestore(&set_lock, flags);
	clock_has_rate();
	return left;
}

void rtc_set_epoch(u64 seconds)
{
	ktime_set_real(seconds * NSEC_PER_SEC);
}

void time_init(void)
{
	freq = clock_frequency();
	clock_scale.mult = (NSEC_PER_SEC << 32) / freq;
	if (!clock_scale.base)
		clock_scale.base = clock_cycles();
	vdso_publish();
}

nsec_t timespec64_to_ns(const struct timespec64 *ts)
{
	if ((u64)ts->tv_sec >= (NSEC_MAX - 1) / NSEC_PER_SEC)
		return NSEC_MAX - 1;
	return (u64)ts->tv_sec * NSEC_PER_SEC + (u64)ts->tv_nsec;
}

int get_timespec64(struct timespec64 *ts, const void __user *from)
{
	struct __kernel_timespec k;

	if (copy_from_user(&k, from, sizeof(k)))
		return -EFAULT;
	ts->tv_sec = k.tv_sec;
	ts->tv_nsec = k.tv_nsec;
	return timespec64_valid(ts) ? 0 : -EINVAL;
}

nsec_t deadline_after(nsec_t rel)
{
	nsec_t now = ktime_get();

	return !rel ? 0 : rel >= NSEC_MAX - 1 - now ? NSEC_MAX - 1 : now + rel;
}

int deadline_from_user(nsec_t *deadline, const void __user *timeout)
{
	struct timespec64 ts;
	int err;

	*deadline = NSEC_MAX;
	if (!timeout)
		return 0;
	err = get_timespec64(&ts, timeout);
	if (!err)
		*deadline = deadline_after(timespec64_to_ns(&ts));
	return err;
}

int put_timespec64(const struct timespec64 *ts, void __user *to)
{
	struct __kernel_timespec k = { .tv_sec = ts->tv_sec, .tv_nsec = ts->tv_nsec };

	return copy_to_user(to, &k, sizeof(k)) ? -EFAULT : 0;
}
