/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The trace ring on the host: numbering, wrapping, dropping; then a writer that a
 * signal interrupts to write as well, while another thread takes snapshots.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <arch/irqflags.h>
#include <lib/errno.h>
#include <trace/events.h>

#define STORM_EVENTS	2000000

/* ---- what the ring wants of the kernel ---- */

unsigned int nr_cpus_possible = 1;
static volatile sig_atomic_t masked, irq_pending;
static volatile u64 counter;
static volatile bool nested_writes;
static u64 nested_events;

/* Types 0x0101 to 0x0104 have one to four fields. */
static const struct trace_event events[] = {
	{ .type = 0x0101, .nr_fields = 1 }, { .type = 0x0102, .nr_fields = 2 },
	{ .type = 0x0103, .nr_fields = 3 }, { .type = 0x0104, .nr_fields = 4 },
};

const struct trace_event *trace_event_find(u16 type)
{
	return type > 0x0100 && type <= 0x0104 ? &events[type - 0x0101] : NULL;
}

unsigned cpu_id(void)
{
	return 0;
}

u64 host_counter(void)
{
	return ++counter;
}

static u32 filter_value;

bool trace_filter_pass(u16 type, u64 a, u64 b)
{
	return !filter_value || a == filter_value;
}

static void emit(u64 n, u32 a)
{
	switch (n % 4) {
	case 0:
		trace_emit1(0x0101, a);
		break;
	case 1:
		trace_emit2(0x0102, a, a * 3ull + 1);
		break;
	case 2:
		trace_emit3(0x0103, a, a * 3ull + 1, a * 5ull + 2);
		break;
	default:
		trace_emit4(0x0104, a, a * 3ull + 1, a * 5ull + 2, a * 7ull + 3);
	}
}

static void interrupt(void)
{
	masked = 1;
	for (unsigned i = 0; i < 5; i++, nested_events++)
		emit(nested_events, (u32)nested_events);
	masked = 0;
}

static void on_signal(int sig)
{
	if (!nested_writes)
		return;
	if (masked)
		irq_pending = 1;
	else
		interrupt();
}

unsigned long arch_local_irq_save(void)
{
	unsigned long was = masked;

	masked = 1;
	return was;
}

void arch_local_irq_restore(unsigned long flags)
{
	masked = (int)flags;
	while (!flags && irq_pending) {
		irq_pending = 0;
		interrupt();
	}
}

/* ---- tests ---- */

static void check_record(const struct trace_record *rec)
{
	static const unsigned mul[] = { 1, 3, 5, 7 };

	assert_int_equal(rec->nr_fields, rec->type - 0x0100);
	for (unsigned i = 1; i < rec->nr_fields; i++)
		assert_int_equal(rec->field[i], rec->field[0] * mul[i] + i);
}

/* Reads all there is: whole, in order, without a gap. Returns the number of the last + 1. */
static u64 check_snapshot(bool copy)
{
	struct trace_snapshot snap;
	struct trace_record rec;
	u64 next, count = 0, stamp = 0;

	assert_int_equal(trace_snapshot_take(&snap, 0, copy), 0);
	next = snap.seq;
	while (trace_snapshot_next(&snap, &rec)) {
		check_record(&rec);
		assert_int_equal(rec.index, next++);
		assert_true(rec.stamp > stamp);
		stamp = rec.stamp;
		count++;
	}
	assert_int_equal(count, snap.events);
	trace_snapshot_free(&snap);
	return next;
}

static u64 written;

static void write_some(unsigned n)
{
	for (unsigned i = 0; i < n; i++, written++)
		emit(written * 7 / 3, (u32)(written * 2654435761u));
}

static void test_numbers_and_wraps(void **state)
{
	for (unsigned i = 0; i < 3000; i++) {
		write_some(1 + i % 5);
		assert_int_equal(check_snapshot(i & 1), written);
	}
}

static void test_clear_forgets(void **state)
{
	struct trace_snapshot snap;

	trace_ring_clear();
	assert_int_equal(trace_snapshot_take(&snap, 0, false), 0);
	assert_int_equal(snap.events, 0);
	assert_int_equal(snap.overwritten, 0);
	write_some(3);
	assert_int_equal(trace_snapshot_take(&snap, 0, false), 0);
	assert_int_equal(snap.events, 3);
	assert_int_equal(snap.seq, written - 3);
}

static void test_stop_mode_keeps_the_oldest(void **state)
{
	struct trace_snapshot snap;
	u64 first = written;

	trace_overwrite = false;
	trace_ring_clear();
	write_some(5000);
	assert_int_equal(trace_snapshot_take(&snap, 0, false), 0);
	assert_int_equal(snap.seq, first);
	assert_int_equal(snap.overwritten, 0);
	assert_int_equal(snap.events + snap.dropped, 5000);
	assert_true(snap.events >= trace_ring_size() / 4);
	check_snapshot(true);
	trace_ring_clear();
	write_some(3);
	assert_int_equal(trace_snapshot_take(&snap, 0, false), 0);
	assert_int_equal(snap.events, 3);
	assert_int_equal(snap.dropped, 0);
	trace_overwrite = true;
	trace_ring_clear();
	written = snap.seq + snap.events;	/* the dropped ones have no number */
}

static void test_filter_and_trigger(void **state)
{
	struct trace_snapshot snap;

	trace_ring_clear();
	trace_special_key.enabled = 1;
	filter_value = 77;
	trace_emit1(0x0101, 76);
	trace_emit1(0x0101, 77);
	filter_value = 0;
	trace_stop_type = 0x0102;
	trace_emit2(0x0102, 1, 4);
	trace_emit1(0x0101, 5);
	trace_stop_type = 0xffff;
	trace_special_key.enabled = 0;
	trace_emit1(0x0101, 6);
	assert_false(trace_ring_recording());
	assert_int_equal(trace_snapshot_take(&snap, 0, false), 0);
	assert_int_equal(snap.events, 2);
	trace_ring_record(true);
}

static volatile bool storm_over;
static u64 snapshots;

static void *reader(void *unused)
{
	u64 last = 0;

	while (!storm_over) {
		u64 end = check_snapshot(true);

		assert_true(end >= last);
		last = end;
		snapshots++;
	}
	return NULL;
}

static void test_storm_with_interrupts_and_reader(void **state)
{
	struct itimerval often = { { 0, 200 }, { 0, 200 } }, off = { 0 };
	struct trace_snapshot snap;
	sigset_t set, old;
	pthread_t thread;
	u64 before, first = written;

	assert_int_equal(trace_snapshot_take(&snap, 0, false), 0);
	before = snap.seq + snap.events;
	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	pthread_sigmask(SIG_BLOCK, &set, &old);		/* interrupts are the writer's */
	assert_int_equal(pthread_create(&thread, NULL, reader, NULL), 0);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	signal(SIGALRM, on_signal);
	nested_writes = true;
	setitimer(ITIMER_REAL, &often, NULL);
	write_some(STORM_EVENTS);
	setitimer(ITIMER_REAL, &off, NULL);
	nested_writes = false;
	storm_over = true;
	pthread_join(thread, NULL);
	print_message("%llu events, %llu of interrupts, %llu snapshots\n",
		      (unsigned long long)(written - first), (unsigned long long)nested_events,
		      (unsigned long long)snapshots);
	/* Each event has its number; all are there or counted. */
	assert_int_equal(check_snapshot(true), before + (written - first) + nested_events);
	assert_true(nested_events > 0);
	assert_true(snapshots > 10);
}

static int set_up(void **state)
{
	assert_int_equal(trace_ring_set_size(1), -EINVAL);
	assert_int_equal(trace_ring_set_size(5), 0);
	assert_int_equal(trace_ring_alloc(), 0);
	assert_int_equal(trace_ring_size(), 256);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers_and_wraps),
		cmocka_unit_test(test_clear_forgets),
		cmocka_unit_test(test_stop_mode_keeps_the_oldest),
		cmocka_unit_test(test_clear_forgets),
		cmocka_unit_test(test_filter_and_trigger),
		cmocka_unit_test(test_storm_with_interrupts_and_reader),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
