/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Boot tests of the trace: tables, switching on and off, the ring.
 */
#include <kernel/boottest.h>
#include <kernel/cpu.h>
#include <kernel/preempt.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <trace/boottest.h>
#include <trace/counters.h>
#include <trace/events.h>
#include <trace/trace.h>

BOOT_TEST(trace, tables_are_sorted_and_whole)
{
	bt_expect(nr_trace_events > 0);
	for (unsigned i = 0; i < nr_trace_events; i++) {
		bt_expect(trace_event_find(trace_events[i].type) == &trace_events[i]);
		bt_expect(trace_events[i].nr_fields >= 1 &&
			  trace_events[i].nr_fields <= TRACE_MAX_FIELDS);
		bt_expect(!i || trace_events[i - 1].type < trace_events[i].type);
	}
	bt_expect(!trace_event_find(0x0fff));
}

BOOT_TEST(trace, unknown_word_changes_nothing)
{
	bool before = trace_key_boottest_skip.enabled;

	bt_expect_eq(trace_enable_spec("boottest:boottest_skip,nonsense"), -EINVAL);
	bt_expect_eq(trace_key_boottest_skip.enabled, before);
}

/* How many BOOTTEST_SKIP events with this index the rings hold. */
static unsigned count_skips(u32 index)
{
	unsigned found = 0;

	for_each_online_cpu(cpu) {
		struct trace_snapshot snap;
		struct trace_record rec;

		if (trace_snapshot_take(&snap, cpu, true))
			return 0;
		while (trace_snapshot_next(&snap, &rec))
			found += rec.type == TRACE_BOOTTEST_SKIP && rec.field[0] == index;
		trace_snapshot_free(&snap);
	}
	return found;
}

/* With trace=boottest, as tests/guest/test_trace_events.py has it. */
BOOT_TEST(trace, boot_tests_are_traced)
{
	unsigned seen[6] = { 0 };

	if (!trace_key_boottest_start.enabled) {
		bt_skip("trace=boottest is not given");
		return;
	}
	for_each_online_cpu(cpu) {
		struct trace_snapshot snap;
		struct trace_record rec;

		bt_assert(trace_snapshot_take(&snap, cpu, true) == 0);
		while (trace_snapshot_next(&snap, &rec))
			if (rec.type >> 8 == TRACE_PROVIDER_BOOTTEST && (u8)rec.type < ARRAY_SIZE(seen))
				seen[(u8)rec.type]++;
		trace_snapshot_free(&snap);
	}
	bt_expect_eq(seen[(u8)TRACE_BOOTTEST_REGISTER], 1);
	bt_expect(seen[(u8)TRACE_BOOTTEST_START] > 0);
	/* All that were started before this one have ended. */
	bt_expect_eq(seen[(u8)TRACE_BOOTTEST_PASS] + seen[(u8)TRACE_BOOTTEST_FAIL] +
		     seen[(u8)TRACE_BOOTTEST_SKIP] + 1, seen[(u8)TRACE_BOOTTEST_START]);
}

BOOT_TEST(trace, event_is_recorded_only_while_on)
{
	trace_ring_clear();
	bt_assert(trace_enable_spec("boottest:boottest_skip") == 0);
	TRACE(boottest_skip, 4711);
	bt_expect_eq(count_skips(4711), 1);
	bt_expect(trace_enable_spec("-boottest:boottest_skip") == 0);
	TRACE(boottest_skip, 4712);
	bt_expect_eq(count_skips(4712), 0);
}

BOOT_TEST(trace, numbers_have_no_gap_over_a_wrap)
{
	struct trace_snapshot snap;
	struct trace_record rec;
	u64 size, last = 0;

	bt_assert(trace_enable_spec("boottest:boottest_skip") == 0);
	size = trace_ring_size();
	preempt_disable();
	for (u64 i = 0; i < 3 * size / 2; i++)
		TRACE(boottest_skip, (u32)i);
	unsigned cpu = cpu_id();
	preempt_enable();
	bt_expect(trace_enable_spec("-boottest:boottest_skip") == 0);
	bt_assert(trace_snapshot_take(&snap, cpu, true) == 0);
	bt_expect(snap.events >= size - TRACE_MAX_FIELDS && snap.events <= size);
	bt_expect(snap.overwritten > 0);
	for (u64 n = 0; trace_snapshot_next(&snap, &rec); n++) {
		bt_expect(!n || rec.index == last + 1);
		last = rec.index;
	}
	trace_snapshot_free(&snap);
}

BOOT_TEST(trace, trigger_stops_and_filter_keeps_out)
{
	trace_ring_clear();
	bt_assert(trace_enable_spec("boottest:boottest_skip") == 0);
	bt_assert(trace_stop_spec("boottest:boottest_skip") == 0);
	TRACE(boottest_skip, 4713);
	TRACE(boottest_skip, 4714);
	bt_expect(!trace_ring_recording());
	bt_expect_eq(count_skips(4713), 1);
	bt_expect_eq(count_skips(4714), 0);
	bt_expect_eq(trace_stop_spec("boottest:nonsense"), -EINVAL);
	bt_expect(trace_stop_spec("none") == 0);
	trace_ring_record(true);
	bt_expect(trace_filter_spec("2000000001") == 0);
	TRACE(boottest_skip, 4715);
	bt_expect_eq(count_skips(4715), 0);
	bt_expect_eq(trace_filter_spec("12,x"), -EINVAL);
	bt_expect(trace_filter_spec("") == 0);
	TRACE(boottest_skip, 4716);
	bt_expect_eq(count_skips(4716), 1);
	bt_expect(trace_enable_spec("-boottest:boottest_skip") == 0);
}

BOOT_TEST(trace, text_form)
{
	struct trace_record rec = { .index = 42, .stamp = 1234567890, .type = TRACE_BOOTTEST_START,
				    .cpu = 0, .nr_fields = 1, .field = { 7 } };
	char text[128];

	trace_format(text, sizeof(text), &rec);
	bt_expect(!strcmp(text, "CPU0 idx=42 ts=1234567890 type=0x0701 BOOTTEST_START index=7"));
}

BOOT_TEST(trace, counters_count)
{
	u64 before = trace_counter_sum(KERNEL_FAULT_FIXED);

	count_event(KERNEL_FAULT_FIXED);
	bt_expect_eq(trace_counter_sum(KERNEL_FAULT_FIXED), before + 1);
}
