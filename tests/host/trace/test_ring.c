/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The trace ring on the host: numbering, wrapping, dropping; then CPUs that write while
 * interrupts, which write as well and nest, come at every place they may, and other threads
 * read, clear and switch. Built with ASan and UBSan, and with TSan.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <arch/barrier.h>
#include <arch/irqflags.h>
#include <kernel/cpu.h>
#include <lib/errno.h>
#include <trace/events.h>

#define STORM_EVENTS	300000
#define ENOUGH_SNAPSHOTS 20
#define MAX_NESTING	3

/* ---- what the ring wants of the kernel ---- */

unsigned int nr_cpus_possible = CONFIG_NR_CPUS;
struct cpu cpus[CONFIG_NR_CPUS];

/* One thread writes for each CPU; interrupts are functions it calls, or a signal of its own. */
static __thread unsigned my_cpu;
static __thread volatile sig_atomic_t masked, irq_pending, nesting;
static __thread u64 random_state = 88172645463325252;
static u64 counter, nested_events[CONFIG_NR_CPUS], emitted[CONFIG_NR_CPUS];
static bool nested_writes;

/* Types 0x0101 to 0x0104 have one to four fields. */
static const struct trace_event events[] = {
	{ .type = 0x0101, .nr_fields = 1 }, { .type = 0x0102, .nr_fields = 2 },
	{ .type = 0x0103, .nr_fields = 3 }, { .type = 0x0104, .nr_fields = 4 },
};

const struct trace_event *trace_event_find(u16 type)
{
	return type > 0x0100 && type <= 0x0104 ? &events[type - 0x0101] : NULL;
}

struct cpu *this_cpu(void)
{
	return &cpus[my_cpu];
}

u64 host_counter(void)
{
	host_hook();
	return __atomic_add_fetch(&counter, 1, __ATOMIC_RELAXED);
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
	__atomic_add_fetch(&emitted[my_cpu], 1, __ATOMIC_RELEASE);
}

/* It may be interrupted itself. */
static void interrupt(void)
{
	nesting++;
	for (unsigned i = 0; i < 5; i++, nested_events[my_cpu]++)
		emit(nested_events[my_cpu], (u32)nested_events[my_cpu]);
	nesting--;
}

static void try_interrupt(void)
{
	if (masked)
		irq_pending = 1;
	else
		interrupt();
}

void host_hook(void)
{
	if (!__atomic_load_n(&nested_writes, __ATOMIC_RELAXED) || nesting >= MAX_NESTING)
		return;
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	if (random_state % 64 == 0)
		try_interrupt();
}

unsigned long arch_local_irq_save(void)
{
	unsigned long was = masked;

	host_hook();
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
	host_hook();
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
static u64 check_cpu(unsigned cpu, bool copy)
{
	struct trace_snapshot snap;
	struct trace_record rec;
	u64 next, count = 0, stamp = 0;

	assert_int_equal(trace_snapshot_take(&snap, cpu, copy), 0);
	next = snap.seq;
	while (trace_snapshot_next(&snap, &rec)) {
		check_record(&rec);
		assert_int_equal(rec.index, next++);
		assert_int_equal(rec.cpu, cpu);
		assert_true(rec.stamp > stamp);
		stamp = rec.stamp;
		count++;
	}
	assert_int_equal(count, snap.events);
	trace_snapshot_free(&snap);
	return next;
}

static u64 check_snapshot(bool copy)
{
	return check_cpu(0, copy);
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
	filter_value = 77;
	trace_ring_special(true);
	trace_emit1(0x0101, 76);
	trace_emit1(0x0101, 77);
	filter_value = 0;
	trace_stop_type = 0x0102;
	trace_emit2(0x0102, 1, 4);
	trace_emit1(0x0101, 5);
	trace_stop_type = 0xffff;
	trace_ring_special(false);
	trace_emit1(0x0101, 6);
	assert_false(trace_ring_recording());
	assert_int_equal(trace_snapshot_take(&snap, 0, false), 0);
	assert_int_equal(snap.events, 2);
	trace_ring_record(true);
	trace_emit1(0x0101, 7);
	assert_int_equal(trace_snapshot_take(&snap, 0, false), 0);
	assert_int_equal(snap.events, 3);
}

/* ---- storms ---- */

static bool storm_over;
static u64 snapshots;

static u64 committed(unsigned cpu)
{
	return __atomic_load_n(&trace_rings[cpu].events, __ATOMIC_RELAXED);
}

static void *writer(void *cpu)
{
	my_cpu = (unsigned)(uintptr_t)cpu;
	random_state += my_cpu;
	/* On a host with fewer CPUs than threads the reader may come late. */
	for (u64 i = 0; i < STORM_EVENTS || __atomic_load_n(&snapshots, __ATOMIC_RELAXED) < ENOUGH_SNAPSHOTS;
	     i++)
		emit(i * 7 / 3, (u32)(i * 2654435761u));
	return NULL;
}

static void *reader(void *unused)
{
	u64 last[CONFIG_NR_CPUS] = { 0 };

	while (!__atomic_load_n(&storm_over, __ATOMIC_RELAXED)) {
		for (unsigned cpu = 0; cpu < CONFIG_NR_CPUS; cpu++) {
			u64 end = check_cpu(cpu, true);

			assert_true(end >= last[cpu]);
			last[cpu] = end;
			__atomic_add_fetch(&snapshots, 1, __ATOMIC_RELAXED);
		}
	}
	return NULL;
}

/* All the time the long way is opened and closed, and what was recorded is forgotten. */
static void *meddler(void *unused)
{
	for (unsigned i = 0; !__atomic_load_n(&storm_over, __ATOMIC_RELAXED); i++) {
		trace_ring_special(i & 1);
		if (i % 4 == 0)
			trace_ring_clear();
		sched_yield();
	}
	trace_ring_special(false);
	return NULL;
}

static void run_storm(void *(*more)(void *))
{
	pthread_t writers[CONFIG_NR_CPUS], readers[2];

	snapshots = 0;
	__atomic_store_n(&storm_over, false, __ATOMIC_RELAXED);
	__atomic_store_n(&nested_writes, true, __ATOMIC_RELAXED);
	for (uintptr_t cpu = 0; cpu < CONFIG_NR_CPUS; cpu++)
		assert_int_equal(pthread_create(&writers[cpu], NULL, writer, (void *)cpu), 0);
	assert_int_equal(pthread_create(&readers[0], NULL, reader, NULL), 0);
	assert_int_equal(pthread_create(&readers[1], NULL, more, NULL), 0);
	for (unsigned cpu = 0; cpu < CONFIG_NR_CPUS; cpu++)
		pthread_join(writers[cpu], NULL);
	__atomic_store_n(&storm_over, true, __ATOMIC_RELAXED);
	__atomic_store_n(&nested_writes, false, __ATOMIC_RELAXED);
	pthread_join(readers[0], NULL);
	pthread_join(readers[1], NULL);
}

static void test_storm_with_nested_interrupts_and_readers(void **state)
{
	u64 before[CONFIG_NR_CPUS], nested = 0;

	for (unsigned cpu = 0; cpu < CONFIG_NR_CPUS; cpu++)
		before[cpu] = committed(cpu) - emitted[cpu];
	run_storm(meddler);
	/* Each event has its number; all are there or counted. */
	for (unsigned cpu = 0; cpu < CONFIG_NR_CPUS; cpu++) {
		assert_int_equal(check_cpu(cpu, true), before[cpu] + emitted[cpu]);
		assert_true(nested_events[cpu] > 0);
		nested += nested_events[cpu];
	}
	print_message("%d events a CPU and more, %llu of interrupts, %llu snapshots\n", STORM_EVENTS,
		      (unsigned long long)nested, (unsigned long long)snapshots);
}

static void wait_for_events(u64 more)
{
	for (unsigned cpu = 0; cpu < CONFIG_NR_CPUS; cpu++) {
		u64 until = __atomic_load_n(&emitted[cpu], __ATOMIC_ACQUIRE) + more;

		while (__atomic_load_n(&emitted[cpu], __ATOMIC_ACQUIRE) < until &&
		       !__atomic_load_n(&storm_over, __ATOMIC_RELAXED))
			sched_yield();
	}
}

/* Once off and what was on its way has arrived, no event is recorded, until it is on again. */
static void *switcher(void *unused)
{
	while (!__atomic_load_n(&storm_over, __ATOMIC_RELAXED)) {
		u64 stopped[CONFIG_NR_CPUS];

		trace_ring_record(false);
		wait_for_events(20);
		for (unsigned cpu = 0; cpu < CONFIG_NR_CPUS; cpu++)
			stopped[cpu] = committed(cpu);
		wait_for_events(50);
		for (unsigned cpu = 0; cpu < CONFIG_NR_CPUS; cpu++)
			assert_int_equal(committed(cpu), stopped[cpu]);
		trace_ring_record(true);
		wait_for_events(100);
	}
	return NULL;
}

static void test_off_is_off_on_all_cpus(void **state)
{
	run_storm(switcher);
	trace_ring_record(true);
	check_snapshot(true);
}

/* Interrupts at any instruction, by a signal. TSan holds signals back, so there is no use there. */
#if !__has_feature(thread_sanitizer)
static void on_signal(int sig)
{
	if (nesting < MAX_NESTING)
		try_interrupt();
}

static void test_storm_with_signals(void **state)
{
	struct itimerval often = { { 0, 200 }, { 0, 200 } }, off = { 0 };
	u64 before = committed(0) - emitted[0], nested = nested_events[0];

	signal(SIGALRM, on_signal);
	setitimer(ITIMER_REAL, &often, NULL);
	for (unsigned i = 0; i < 100; i++) {
		write_some(20000);
		check_snapshot(true);
	}
	setitimer(ITIMER_REAL, &off, NULL);
	assert_int_equal(check_snapshot(true), before + emitted[0]);
	assert_true(nested_events[0] > nested);
}
#endif

static void test_early_ring_moves(void **state)
{
	struct trace_snapshot snap;

	trace_ring_alloc_early();
	write_some(50);
	assert_int_equal(trace_snapshot_take(&snap, 0, false), 0);
	assert_int_equal(snap.events, 50);
	write_some(400);			/* wraps it */
	assert_int_equal(check_snapshot(true), written);
	assert_int_equal(trace_snapshot_take(&snap, 0, false), 0);
	assert_true(snap.overwritten > 0);
	u64 there = snap.events;

	assert_int_equal(trace_ring_set_size(1), -EINVAL);
	assert_int_equal(trace_ring_set_size(9), 0);
	assert_int_equal(trace_ring_alloc(), 0);
	assert_int_equal(trace_ring_size(), 512);
	assert_int_equal(check_snapshot(true), written);
	write_some(10);
	assert_int_equal(check_snapshot(true), written);
	assert_int_equal(trace_snapshot_take(&snap, 0, false), 0);
	/* Part of an event may have been at the early ring's end. */
	assert_true(snap.events == there + 10 && snap.seq + snap.events == written);
	assert_int_equal(trace_ring_set_size(64), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_early_ring_moves),
		cmocka_unit_test(test_numbers_and_wraps),
		cmocka_unit_test(test_clear_forgets),
		cmocka_unit_test(test_stop_mode_keeps_the_oldest),
		cmocka_unit_test(test_clear_forgets),
		cmocka_unit_test(test_filter_and_trigger),
		cmocka_unit_test(test_storm_with_nested_interrupts_and_readers),
		cmocka_unit_test(test_off_is_off_on_all_cpus),
#if !__has_feature(thread_sanitizer)
		cmocka_unit_test(test_storm_with_signals),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
