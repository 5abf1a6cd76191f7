/* SPDX-License-Identifier: BSD-2-Clause */
/* adjtimex(2): the real-time clock is stepped, slewed and given a rate; it never goes back by itself. */
#include <linux/futex.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <time.h>

#include "helpers.h"

#define TICK 10000	/* us, by USER_HZ */

static int64_t ns_of(clockid_t clock)
{
	struct timespec ts;

	MUST(clock_gettime(clock, &ts));
	return ts.tv_sec * 1000000000ll + ts.tv_nsec;
}

/* How far real time is ahead of the counter, as nearly as a look at both can tell. */
static int64_t ahead(void)
{
	int64_t best = INT64_MAX, found = 0;

	for (int i = 0; i < 200; i++) {
		int64_t before = ns_of(CLOCK_MONOTONIC_RAW), real = ns_of(CLOCK_REALTIME);
		int64_t after = ns_of(CLOCK_MONOTONIC_RAW);

		if (after - before < best) {
			best = after - before;
			found = real - (before + after) / 2;
		}
	}
	return found;
}

static int adjust(unsigned modes, struct timex *tx)
{
	tx->modes = modes;
	return adjtimex(tx);
}

static void set_rate(long tick, long freq)
{
	struct timex tx = { .tick = tick, .freq = freq };

	MUST(adjust(ADJ_TICK | ADJ_FREQUENCY, &tx));
	EXPECT_EQ(tx.tick, tick);
	EXPECT_EQ(tx.freq, freq);
	sleep_ms(20);		/* Linux begins with the next tick */
}

static void back_to_normal(void)
{
	set_rate(TICK, 0);
}

static void real_clock(void)
{
	SKIP_IN_EMULATOR("the host's clocks");
	back_to_normal();
}

TEST(a_step_of_the_clock)
{
	struct timex tx = { .time = { 2, 500000 } };
	int64_t before, moved;

	real_clock();
	before = ahead();
	EXPECT_GE(adjust(ADJ_SETOFFSET, &tx), 0);
	moved = ahead() - before;
	tx = (struct timex){ .time = { -3, 500000000 } };
	EXPECT_GE(adjust(ADJ_SETOFFSET | ADJ_NANO, &tx), 0);
	EXPECT(moved > 2499000000 && moved < 2501000000);
	moved = ahead() - before;
	EXPECT(moved > -1000000 && moved < 1000000);
	EXPECT(tx.time.tv_usec >= 0 && tx.time.tv_usec < 1000000000);
	EXPECT_EQ(tx.status & (STA_UNSYNC | STA_NANO), STA_UNSYNC | STA_NANO);
	tx = (struct timex){ 0 };
	EXPECT_EQ(adjust(ADJ_MICRO, &tx), TIME_ERROR);
}

static void expect_gain(int64_t ppm, int ms)
{
	int64_t raw = ns_of(CLOCK_MONOTONIC_RAW), before = ahead(), gained, wanted;

	sleep_ms(ms);
	wanted = (ns_of(CLOCK_MONOTONIC_RAW) - raw) * ppm / 1000000;
	gained = ahead() - before;
	if (wanted < 0) {
		wanted = -wanted;
		gained = -gained;
	}
	EXPECT_GE(gained, wanted * 8 / 10);
	EXPECT_LE(gained, wanted * 12 / 10);
}

TEST(a_rate_by_tick_and_frequency)
{
	int64_t before;

	real_clock();
	set_rate(TICK + 200, 0);
	expect_gain(20000, 200);
	set_rate(TICK - 200, 0);
	expect_gain(-20000, 200);
	set_rate(TICK, 500 << 16);
	expect_gain(500, 1000);
	back_to_normal();
	before = ahead();
	sleep_ms(200);
	EXPECT(ahead() - before < 20000);
}

TEST(it_never_goes_back)
{
	int64_t last = 0, end;

	real_clock();
	set_rate(TICK - 1000, 0);
	for (end = ns_of(CLOCK_MONOTONIC_RAW) + 200000000; ns_of(CLOCK_MONOTONIC_RAW) < end;) {
		struct timespec ts;
		int64_t now = ns_of(CLOCK_REALTIME);

		EXPECT_GE(now, last);
		MUST(syscall(SYS_clock_gettime, CLOCK_REALTIME, &ts));
		last = ts.tv_sec * 1000000000ll + ts.tv_nsec;
		EXPECT_GE(last, now - 1);	/* one rounds down, the other may, too */
	}
	back_to_normal();
}

/* Who waits for a date waits for it, however slow it comes. */
TEST(nobody_is_woken_before_the_date)
{
	struct timespec ts;
	int64_t date;
	int word = 0;

	real_clock();
	set_rate(TICK - 1000, 0);
	date = ns_of(CLOCK_REALTIME) + 100000000;
	ts = (struct timespec){ date / 1000000000, date % 1000000000 };
	EXPECT_ERRNO(syscall(SYS_futex, &word, FUTEX_WAIT_BITSET_PRIVATE | FUTEX_CLOCK_REALTIME, 0, &ts,
			     NULL, FUTEX_BITSET_MATCH_ANY), ETIMEDOUT);
	EXPECT_GE(ns_of(CLOCK_REALTIME), date);
	date = ns_of(CLOCK_REALTIME) + 100000000;
	ts = (struct timespec){ date / 1000000000, date % 1000000000 };
	EXPECT_EQ(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &ts, NULL), 0);
	EXPECT_GE(ns_of(CLOCK_REALTIME), date);
	back_to_normal();
}

static void expect_slewed(long us)
{
	struct timeval delta = { us < 0 ? -1 : 0, us < 0 ? 1000000 + us : us }, left = { 0 };
	int64_t before = ahead();

	MUST(adjtime(&delta, NULL));
	MUST(adjtime(NULL, &left));
	EXPECT_LE(labs(left.tv_sec * 1000000 + left.tv_usec), labs(us));
	for (int i = 0; i < 50 && (left.tv_sec || left.tv_usec); i++) {
		sleep_ms(100);
		MUST(adjtime(NULL, &left));
	}
	EXPECT(!left.tv_sec && !left.tv_usec);
	/* Linux counts it as done at the beginning of the second that does it. */
	for (int i = 0; i < 500 && labs(ahead() - before) < 1000 * labs(us); i++)
		sleep_ms(10);
	sleep_ms(100);
	EXPECT_GE(labs(ahead() - before), 950 * labs(us));
	EXPECT_LE(labs(ahead() - before), 1050 * labs(us));
	EXPECT_EQ(ahead() > before, us > 0);
}

TEST(slewing)
{
	struct timeval delta = { 100, 0 }, left;

	real_clock();
	expect_slewed(400);
	expect_slewed(-400);
	MUST(adjtime(&delta, NULL));	/* another takes its place */
	delta = (struct timeval){ 0, 0 };
	MUST(adjtime(&delta, &left));
	EXPECT_GE(left.tv_sec, 99);
	MUST(adjtime(NULL, &left));
	EXPECT(!left.tv_sec && !left.tv_usec);
}

TEST(status_and_errors)
{
	struct timex tx = { .maxerror = 1000, .esterror = 100 };

	real_clock();
	EXPECT_EQ(adjust(ADJ_STATUS | ADJ_MAXERROR | ADJ_ESTERROR, &tx), TIME_OK);
	tx = (struct timex){ 0 };
	EXPECT_EQ(adjust(0, &tx), TIME_OK);
	EXPECT(tx.maxerror >= 1000 && tx.maxerror <= 3000);
	EXPECT_EQ(tx.esterror, 100);
	EXPECT_EQ(tx.status, 0);
	/* What chronyd begins with. */
	tx = (struct timex){ .status = STA_PLL | STA_UNSYNC };
	EXPECT_EQ(adjust(ADJ_OFFSET | ADJ_STATUS, &tx), TIME_ERROR);
	tx = (struct timex){ .status = STA_UNSYNC };
	EXPECT_EQ(adjust(ADJ_STATUS, &tx), TIME_ERROR);
	EXPECT_EQ(tx.status, STA_UNSYNC);
}

TEST(refusals)
{
	static const struct { unsigned modes; struct timex tx; } wrong[] = {
		{ ADJ_TICK, { .tick = 8999 } }, { ADJ_TICK, { .tick = 11001 } },
		{ ADJ_SETOFFSET, { .time = { 0, 1000000 } } }, { ADJ_SETOFFSET, { .time = { 0, -1 } } },
		{ ADJ_SETOFFSET | ADJ_NANO, { .time = { 0, 1000000000 } } },
		{ ADJ_SETOFFSET, { .time = { -4000000000, 0 } } }, { 0x8000, { 0 } },
	};
	struct timex tx;

	real_clock();
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		tx = wrong[i].tx;
		EXPECT_ERRNO(adjust(wrong[i].modes, &tx), EINVAL);
	}
	EXPECT_EXIT(IN_CHILD({
		MUST(setuid(1000));
		tx = (struct timex){ .tick = TICK };
		EXPECT_GE(adjust(0, &tx), 0);
		EXPECT_GE(adjust(ADJ_OFFSET_SS_READ, &tx), 0);
		EXPECT_ERRNO(adjust(ADJ_TICK, &tx), EPERM);
		EXPECT_ERRNO(adjust(ADJ_SETOFFSET, &tx), EPERM);
		EXPECT_ERRNO(adjust(ADJ_OFFSET_SINGLESHOT, &tx), EPERM);
	}), 0);
}
