/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Timekeeping: monotonic and real time from the architectural counter.
 *
 * ns = cycles * mult / 2^32. With a rate that divides a gigahertz the product is
 * exact; otherwise the error is below one part in 2^32. Monotonic time is 0 when
 * time_init() runs.
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
static nsec_t real_offset;	/* set_lock to write, real_seq to read */
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

nsec_t ktime_get_real(void)
{
	nsec_t offset;
	u32 seq;

	do {
		seq = read_seqcount_begin(&real_seq);
		offset = real_offset;
	} while (read_seqcount_retry(&real_seq, seq));
	return ktime_get() + offset;
}

static nsec_t mono_at_tick;	/* set_lock to write; what the coarse clocks are made of */

nsec_t ktime_get_coarse(void)
{
	return READ_ONCE(mono_at_tick);
}

/* set_lock held. The vDSO's interval starts now, so that its products stay small. */
static void vdso_publish(void)
{
	u64 cycles = clock_cycles();
	nsec_t mono = cycles_to_ns(cycles - clock_scale.base), real = mono + real_offset;
	struct vdso_time t = {
		.cycles = cycles,
		.mult = (u32)(clock_scale.mult >> (32 - VDSO_SHIFT)),
		.shift = VDSO_SHIFT,
		.real_sec = real / NSEC_PER_SEC,
		.real_snsec = real % NSEC_PER_SEC << VDSO_SHIFT,
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
	spin_lock(&set_lock);
	vdso_publish();
	spin_unlock(&set_lock);
}

void ktime_set_real(nsec_t ns)
{
	unsigned long flags;

	spin_lock_irqsave(&set_lock, flags);
	write_seqcount_begin(&real_seq);
	real_offset = ns - ktime_get();
	write_seqcount_end(&real_seq);
	vdso_publish();
	spin_unlock_irqrestore(&set_lock, flags);
	clock_was_set();
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
