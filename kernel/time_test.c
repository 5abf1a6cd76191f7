/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Boot tests of clocks, timers, interrupts and the log.
 */
#include <arch/irqflags.h>
#include <kernel/boottest.h>
#include <kernel/irq.h>
#include <kernel/printk.h>
#include <kernel/random.h>
#include <kernel/sched.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <kernel/timer.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <trace/counters.h>

static void sleep_ns(nsec_t ns)
{
	set_current_state(TASK_UNINTERRUPTIBLE);
	schedule_timeout(ns);
}

BOOT_TEST(time, monotonic_moves_forward)
{
	nsec_t last = ktime_get();

	for (int i = 0; i < 1000; i++) {
		nsec_t now = ktime_get();

		bt_assert(now >= last);
		last = now;
	}
	sleep_ns(NSEC_PER_MSEC);
	bt_expect(ktime_get() > last);
}

BOOT_TEST(time, cycles_convert_both_ways)
{
	for (nsec_t ns = 1000; ns < 1000 * NSEC_PER_SEC; ns *= 7) {
		nsec_t back = cycles_to_ns(ns_to_cycles(ns));
		nsec_t tick = cycles_to_ns(1) + 1;

		bt_expect(back <= ns && ns - back <= tick + ns / 1000000000);
	}
	/* A timer is never early. */
	for (nsec_t ns = NSEC_PER_SEC; ns < NSEC_PER_SEC + 100; ns++)
		bt_expect(cycles_to_ns(ktime_to_cycles(ns) - ktime_to_cycles(0)) >= ns);
	bt_expect(ktime_to_cycles(NSEC_MAX - 1) > ktime_to_cycles(NSEC_PER_SEC));
}

BOOT_TEST(time, setting_real_time_keeps_monotonic)
{
	nsec_t mono = ktime_get(), real = ktime_get_real(), set;

	ktime_set_real(real + 1000 * NSEC_PER_SEC);
	set = ktime_get_real();
	bt_expect(set >= real + 1000 * NSEC_PER_SEC);
	bt_expect(set - (real + 1000 * NSEC_PER_SEC) <= ktime_get() - mono);
	bt_expect(ktime_get() - mono < NSEC_PER_SEC);
	ktime_set_real(ktime_get_real() - 1000 * NSEC_PER_SEC);
	bt_expect(ktime_get_real() - real < NSEC_PER_SEC);
}

BOOT_TEST(time, timespec_saturates)
{
	struct timespec64 far = { .tv_sec = __LONG_MAX__, .tv_nsec = 999999999 };
	struct timespec64 bad = { .tv_sec = 0, .tv_nsec = 1000000000 };
	struct timespec64 negative = { .tv_sec = -1, .tv_nsec = 0 };
	struct timespec64 near = { .tv_sec = 2, .tv_nsec = 5 };

	bt_expect_eq(timespec64_to_ns(&near), 2 * NSEC_PER_SEC + 5);
	bt_expect_eq(timespec64_to_ns(&far), NSEC_MAX - 1);
	bt_expect(!timespec64_valid(&bad));
	bt_expect(!timespec64_valid(&negative));
}

/* Timers. */

static struct timer test_timers[3];
static unsigned fired[3], nr_fired;

static void note(struct timer *t)
{
	fired[nr_fired++] = (unsigned)(t - test_timers);
}

static void arm(unsigned i, nsec_t in)
{
	timer_init(&test_timers[i], note);
	timer_start(&test_timers[i], ktime_get() + in);
}

/* Interrupts are off while timers are set: a busy host may let time pass between any two lines. */
BOOT_TEST(timer, fire_in_order_of_expiry)
{
	unsigned long flags;
	nsec_t start;

	nr_fired = 0;
	local_irq_save(flags);
	start = ktime_get();
	for (unsigned i = 0; i < 3; i++) {
		timer_init(&test_timers[i], note);
		timer_start(&test_timers[i], start + (i + 2) % 3 * NSEC_PER_MSEC + NSEC_PER_MSEC);
	}
	bt_expect(timer_pending(&test_timers[0]));
	local_irq_restore(flags);
	sleep_ns(5 * NSEC_PER_MSEC);
	bt_expect_eq(nr_fired, 3);
	bt_expect(fired[0] == 1 && fired[1] == 2 && fired[2] == 0);
	bt_expect(!timer_pending(&test_timers[0]));
}

BOOT_TEST(timer, cancel_and_restart)
{
	unsigned long flags;

	nr_fired = 0;
	local_irq_save(flags);
	arm(0, 2 * NSEC_PER_MSEC);
	arm(1, 2 * NSEC_PER_MSEC);
	bt_expect(timer_cancel(&test_timers[0]));
	bt_expect(!timer_cancel(&test_timers[0]));
	timer_start(&test_timers[1], ktime_get() + 500 * NSEC_PER_MSEC);	/* later */
	local_irq_restore(flags);
	sleep_ns(5 * NSEC_PER_MSEC);
	bt_expect_eq(nr_fired, 0);
	bt_expect(timer_cancel(&test_timers[1]));
}

BOOT_TEST(timer, past_fires_at_once)
{
	nr_fired = 0;
	timer_init(&test_timers[0], note);
	timer_start(&test_timers[0], 0);
	sleep_ns(NSEC_PER_MSEC);
	bt_expect_eq(nr_fired, 1);
}

/* Interrupts. */

static void no_irq(unsigned virq, void *arg)
{
}

BOOT_TEST(irq, requests_are_checked)
{
	const unsigned free_sgi = 9;

	bt_expect_eq(irq_request(free_sgi, no_irq, NULL, "one"), 0);
	bt_expect_eq(irq_request(free_sgi, no_irq, NULL, "two"), -EBUSY);
	irq_free(free_sgi);
	bt_expect_eq(irq_request(free_sgi, no_irq, NULL, "three"), 0);
	irq_free(free_sgi);
	bt_expect_eq(irq_request(NR_IRQS, NULL, NULL, "none"), -EINVAL);
	bt_expect(irqchip_get() != NULL);
}

BOOT_TEST(irq, timer_interrupt_arrives)
{
	u64 before = irq_total();

	nr_fired = 0;
	arm(0, NSEC_PER_MSEC);
	sleep_ns(3 * NSEC_PER_MSEC);
	bt_expect(irq_total() > before);
	bt_expect_eq(nr_fired, 1);
}

static bool was_in_irq, was_masked;

static void look(struct timer *t)
{
	was_in_irq = in_irq();
	was_masked = irqs_disabled();
}

BOOT_TEST(irq, handlers_know_their_context)
{
	was_in_irq = was_masked = false;
	timer_init(&test_timers[0], look);
	timer_start(&test_timers[0], ktime_get());
	sleep_ns(NSEC_PER_MSEC);
	bt_expect(was_in_irq);
	bt_expect(was_masked);
	bt_expect(!in_irq());
}

BOOT_TEST(irq, masked_interrupts_wait)
{
	unsigned long flags;
	nsec_t start;

	nr_fired = 0;
	local_irq_save(flags);
	arm(0, NSEC_PER_MSEC / 10);
	start = ktime_get();
	while (ktime_get() - start < NSEC_PER_MSEC)
		;
	bt_expect_eq(nr_fired, 0);
	local_irq_restore(flags);
	while (!READ_ONCE(nr_fired) && ktime_get() - start < 100 * NSEC_PER_MSEC)
		;
	bt_expect_eq(nr_fired, 1);
}

/* The log. */

BOOT_TEST(log, record_comes_back_as_written)
{
	static struct klog_record rec;
	u64 seq = klog_next_seq(), lost = 0;

	printk(KERN_DEBUG "log test: %d %s\n", 42, "words");
	bt_assert(klog_read(&seq, &rec, &lost));
	bt_expect_eq(rec.level, LOGLEVEL_DEBUG);
	bt_expect(rec.len == strlen("log test: 42 words\n"));
	bt_expect(!strncmp(rec.text, "log test: 42 words\n", rec.len));
	bt_expect_eq(lost, 0);
}

BOOT_TEST(log, ring_wraps_and_counts_losses)
{
	static struct klog_record rec;
	static char text[400];
	u64 first = klog_first_seq(), seq = first, lost = 0, n;

	memset(text, 'x', sizeof(text) - 1);
	for (n = 0; klog_first_seq() == first && n < CONFIG_PRINTK_BUFFER_KB * 4; n++)
		printk(KERN_DEBUG "%s\n", text);
	bt_expect(klog_first_seq() > first);
	bt_assert(klog_read(&seq, &rec, &lost));
	bt_expect(lost > 0);
	bt_expect_eq(rec.seq, first + lost);
	/* Every record that is left can be walked to the end. */
	for (n = seq; klog_read(&seq, &rec, &lost); n++)
		bt_expect_eq(rec.seq, n);
	bt_expect_eq(n, klog_next_seq());
}

BOOT_TEST(log, ratelimit_holds_back)
{
	struct ratelimit rl = { 0 };
	unsigned passed = 0;

	for (int i = 0; i < 100; i++)
		passed += ratelimit_ok(&rl, "log test");
	bt_expect(passed > 0 && passed < 50);
	bt_expect_eq(passed + rl.missed, 100);
}

BOOT_TEST(random, generator_moves)
{
	u64 a = get_random_u64(), b = get_random_u64(), seen = 0;

	bt_expect(a != b);
	for (int i = 0; i < 200; i++) {
		u64 v = get_random_below(10);

		bt_assert(v < 10);
		seen |= 1ull << v;
	}
	bt_expect_eq(seen, 0x3ff);
	bt_expect(random_seeded());		/* at the latest by an initcall */
}
