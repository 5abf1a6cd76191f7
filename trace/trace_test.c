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

BOOT_TEST(trace, event_is_recorded_only_while_on)
{
	struct trace_record rec;
	u64 index, lost = 0;
	unsigned cpu;

	bt_assert(trace_enable_spec("boottest:boottest_skip") == 0);
	preempt_disable();
	cpu = cpu_id();
	index = trace_ring_head(cpu);
	trace_boottest_skip(4711);
	preempt_enable();
	bool found = false;

	while (trace_ring_read(cpu, &index, &rec, &lost))
		found |= rec.type == TRACE_BOOTTEST_SKIP && rec.field[0] == 4711;
	bt_expect(found);
	bt_expect(trace_enable_spec("-boottest:boottest_skip") == 0);
	index = trace_ring_head(cpu);
	trace_boottest_skip(4712);
	while (trace_ring_read(cpu, &index, &rec, &lost))
		bt_expect(rec.type != TRACE_BOOTTEST_SKIP);
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
