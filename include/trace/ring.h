/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The trace ring: fixed slots in one buffer a CPU, written without locks.
 *
 * An event is one slot, and one more for each further field; the slots of an event
 * have consecutive indexes. A writer claims them with one atomic add, which an
 * interrupt may interrupt and do likewise, fills them in and commits each by
 * storing its second word last. The index never wraps; slot index % size is where
 * it lies. The second word carries the lap, (index / size) % 31 + 1, so that a
 * reader who expects index i sees by the lap whether the slot holds i, is being
 * written (lap 0) or was overwritten.
 *
 * Context: writers any, nested interrupts included; readers any CPU, no lock.
 */
#ifndef TRACE_RING_H
#define TRACE_RING_H

#include <arch/static_key.h>
#include <lib/types.h>

struct trace_slot {
	u64 stamp;	/* CNTVCT; in a continuation slot the field's value */
	u16 type;	/* provider << 8 | probe */
	u8  cpu;
	u8  flags;	/* lap << 3 | number of the slot in its event, from 0 */
	u32 payload;	/* the first field, its low half if it is wide */
};
_Static_assert(sizeof(struct trace_slot) == 16, "a slot is 16 bytes");

#define TRACE_SLOT_PART(flags)	((flags) & 7)
#define TRACE_SLOT_LAP(flags)	((flags) >> 3)
#define TRACE_LAPS		31
#define TRACE_MAX_FIELDS	4

/* One event as a reader gets it. */
struct trace_record {
	u64 index;
	u64 stamp;	/* CNTVCT */
	u16 type;
	u8  cpu;
	u8  nr_fields;
	u64 field[TRACE_MAX_FIELDS];
};

void trace_emit1(u16 type, u64 a);
void trace_emit2(u16 type, u64 a, u64 b);
void trace_emit3(u16 type, u64 a, u64 b, u64 c);
void trace_emit4(u16 type, u64 a, u64 b, u64 c, u64 d);

#define TRACE_EMIT(type, ...) \
	TRACE_CAT(trace_emit, TRACE_COUNT(__VA_ARGS__))(type, TRACE_MAP(TRACE_NAME_OF, __VA_ARGS__))

/* Allocates the rings if there are none yet. 0 or -ENOMEM. Task context or boot. */
int trace_ring_alloc(void);
/*
 * The first whole event of `cpu` at or after *index; *index becomes the one after.
 * False: there is none yet. *lost grows by the slots that were overwritten first.
 */
bool trace_ring_read(unsigned cpu, u64 *index, struct trace_record *rec, u64 *lost);
/* The index the next event of cpu will get; slots in a ring (0: no ring). */
u64 trace_ring_head(unsigned cpu);
u64 trace_ring_size(void);
/* Events that found a full ring (without TRACE_OVERWRITE). */
u64 trace_ring_dropped(unsigned cpu);
/* Forgets everything recorded so far. */
void trace_ring_reset(void);

#endif
