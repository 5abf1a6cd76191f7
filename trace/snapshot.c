/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading the trace rings. See trace/snapshot.h for the use and trace/ring.h for why
 * a copy holds no torn event.
 */
#include <arch/barrier.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/vmap.h>
#include <trace/events.h>
#include <trace/snapshot.h>

/* A writer is between two events after a few instructions; one that has died never is. */
#define MAX_TRIES	1000000

/* head and the number of events before it, which belong together between two events. */
static u64 read_head(const struct trace_ring *r, u64 *events)
{
	u64 head;

	for (unsigned tries = 0; ; tries++) {
		head = smp_load_acquire(&r->head);
		*events = READ_ONCE(r->events);
		smp_rmb();
		if (READ_ONCE(r->reserve) == head || tries == MAX_TRIES)
			return head;
		cpu_relax();
	}
}

/* Sets `at` to the first whole event that does not lie before `limit`, and counts from there. */
static void find_first(struct trace_snapshot *snap, u64 limit)
{
	snap->at = snap->end;
	snap->events = 0;
	for (u64 i = snap->end; i > limit; i--) {
		u64 word = snap->slots[(i - 1) & snap->mask].word;

		if (TRACE_WORD_FLAGS(word))
			continue;
		snap->at = i - 1;
		snap->events += TRACE_WORD_TYPE(word) != TRACE_FILLER;
	}
}

/* The one place where a reader races with a writer, whose stores are not atomic; limit tells. */
static noinline void copy_slots(struct trace_slot *to, const struct trace_ring *r)
{
	memcpy(to, r->slots, (r->mask + 1) * sizeof(*to));
}

int trace_snapshot_take(struct trace_snapshot *snap, unsigned cpu, bool copy)
{
	const struct trace_ring *r = &trace_rings[cpu];
	u64 events, start, reserve, limit, size = r->mask + 1;

	*snap = (struct trace_snapshot){
		.dropped = READ_ONCE(r->dropped) - READ_ONCE(r->start_dropped),
	};
	if (!r->slots)
		return 0;
	snap->mask = r->mask;
	snap->slots = r->slots;
	if (copy) {
		snap->slots = snap->copy = vmalloc(size * sizeof(struct trace_slot));
		if (!snap->copy)
			return -ENOMEM;
	}
	start = smp_load_acquire(&r->start);
	snap->end = read_head(r, &events);
	if (copy)
		copy_slots(snap->copy, r);
	smp_rmb();
	reserve = READ_ONCE(r->reserve);
	limit = max(start, reserve > size ? reserve - size : 0);
	find_first(snap, min(limit, snap->end));
	snap->seq = events - snap->events;
	/* A clear may have come in between. */
	snap->overwritten = snap->seq - min(snap->seq, READ_ONCE(r->start_events));
	return 0;
}

bool trace_snapshot_next(struct trace_snapshot *snap, struct trace_record *rec)
{
	while (snap->at < snap->end) {
		const struct trace_slot *slot = &snap->slots[snap->at & snap->mask];
		const struct trace_event *event = trace_event_find(TRACE_WORD_TYPE(slot->word));

		snap->at++;
		if (!event || TRACE_WORD_FLAGS(slot->word))
			continue;
		rec->index = snap->seq++;
		rec->stamp = slot->stamp;
		rec->type = event->type;
		rec->cpu = TRACE_WORD_CPU(slot->word);
		rec->nr_fields = event->nr_fields;
		rec->field[0] = TRACE_WORD_PAYLOAD(slot->word);
		for (unsigned i = 1; i < event->nr_fields; i++)
			rec->field[i] = snap->slots[snap->at++ & snap->mask].stamp;
		return true;
	}
	return false;
}

void trace_snapshot_free(struct trace_snapshot *snap)
{
	vfree(snap->copy);
	snap->copy = NULL;
}
