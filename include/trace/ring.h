/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The trace ring: fixed slots in one buffer a CPU, written without locks.
 *
 * An event is one slot, and one more for each further field; the slots of an event
 * lie side by side (what does not fit before the buffer's end is filled up and left
 * out). Indexes never wrap; slot index & mask is where one lies.
 *
 * Only its own CPU writes to a ring, with interrupts masked for the twenty-odd
 * instructions that an event takes: so events of interrupts lie before or after the
 * interrupted one's, never in it, a preempted writer cannot come back to a ring that
 * has moved on, and the stamps of a CPU never decrease. (Reserving by compare-and-swap
 * instead would cost more instructions than masking does, leave holes where a writer
 * was preempted between its two halves, and let it write into what others have
 * written after a lap.) No kind of interrupt is left that masking does not hold back.
 *
 * The writer announces what it is about to overwrite in `reserve`, fills the slots,
 * then moves `head`. A reader on any CPU copies first and asks `reserve` afterwards:
 * what lies less than one buffer behind it is whole. tests/host/trace/ring.pml is the
 * proof.
 *
 * `end` alone decides about the short way: it is 0 while nothing is recorded or a filter
 * has to be asked. Others set it to 0 after they changed the reason; the writer that
 * sets it otherwise looks at the reasons once more afterwards, so one of the two sees
 * the other.
 *
 * Context: writers any, interrupts included; readers any CPU, no lock.
 */
#ifndef TRACE_RING_H
#define TRACE_RING_H

#include <lib/compiler.h>
#include <lib/types.h>

struct trace_slot {
	u64 stamp;	/* CNTVCT; in a continuation slot the field's value */
	u64 word;	/* type | cpu << 16 | flags << 24 | payload << 32; there TRACE_CONTINUED */
};
_Static_assert(sizeof(struct trace_slot) == 16, "a slot is 16 bytes");

/* The parts of the word. The flags are 0 where an event begins. */
#define TRACE_WORD_TYPE(w)	((u16)(w))
#define TRACE_WORD_CPU(w)	((u8)((w) >> 16))
#define TRACE_WORD_FLAGS(w)	((u8)((w) >> 24))
#define TRACE_WORD_PAYLOAD(w)	((u32)((w) >> 32))
#define TRACE_CONTINUED		(1ull << 24)	/* the same in each: one register holds it */
#define TRACE_FILLER		0xfeff	/* type of the unused slots before the end */
#define TRACE_MAX_FIELDS	4

/*
 * Global, for the debugger: a memory dump has everything by symbol.
 * Written by its own CPU but for `end`; readers start over what they race with.
 * The order is that of the writer's loads, two by two; head and end are loaded as a pair.
 */
struct trace_ring {
	u64 head;		/* index of the next event; all before it is written */
	u64 end;		/* up to here there is room without a look at anything else */
	struct trace_slot *slots;	/* set once */
	u64 mask;		/* slots - 1 */
	u64 word;		/* the cpu, as it goes into each event's word */
	u64 events;		/* how many there were; moves before head */
	u64 reserve;		/* head, or where it is about to be */
	u64 room;		/* what `end` is on the short way */
	u64 dropped;		/* events that found the ring full */
	u64 start;		/* moved by a clear, from any CPU: what is before is gone */
	u64 start_events;	/* events at that time */
	u64 start_dropped;
} __aligned(64);
extern struct trace_ring trace_rings[CONFIG_NR_CPUS];

void trace_emit1(u64 type, u64 a);
void trace_emit2(u64 type, u64 a, u64 b);
void trace_emit3(u64 type, u64 a, u64 b, u64 c);
void trace_emit4(u64 type, u64 a, u64 b, u64 c, u64 d);

#define TRACE_EMIT(type, ...) \
	TRACE_CAT(trace_emit, TRACE_COUNT(__VA_ARGS__))(type, TRACE_MAP(TRACE_NAME_OF, __VA_ARGS__))

/* KB of each ring, before the first allocation: 0, or -EINVAL for less than 4 or too much. */
int trace_ring_set_size(u64 kb);
/*
 * Gives CPU 0 a small ring, which trace_ring_alloc() replaces, events and all, and starts to
 * record. Boot, before there is memory to allocate.
 */
void trace_ring_alloc_early(void);
/* Allocates the rings if there are none yet and starts to record. 0 or -ENOMEM. Task or boot. */
int trace_ring_alloc(void);
/* Slots in a ring (0: no ring). */
u64 trace_ring_size(void);

/* Recording on or off, whatever events are enabled. Off: any context. */
void trace_ring_record(bool on);
bool trace_ring_recording(void);
/* Forgets everything recorded so far. Task context. */
void trace_ring_clear(void);

/* A full ring: overwrite what is oldest, or drop what is new. */
extern bool trace_overwrite;

/*
 * With a filter, or an event that stops the recording (0xffff: none), every event takes the
 * long way. trace_ring_special() after a change of either; trace_filter_pass is in filter.c.
 */
extern u16 trace_stop_type;
void trace_ring_special(bool special);
bool trace_filter_pass(u16 type, u64 a, u64 b);

#endif
