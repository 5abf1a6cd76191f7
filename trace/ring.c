/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The per-CPU trace rings: claiming, writing and reading slots.
 */
#include <arch/barrier.h>
#include <kernel/cpu.h>
#include <kernel/time.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/vmap.h>
#include <trace/events.h>
#include <trace/ring.h>

#define RING_SLOTS_MAX	(CONFIG_TRACE_BUFFER_KB * 1024ull / sizeof(struct trace_slot))

/* Rounded down to a power of two, so that a place is a mask away. */
#define RING_SLOTS	(1ull << (63 - __builtin_clzll(RING_SLOTS_MAX)))

struct trace_ring {
	struct trace_slot *slots;	/* set once */
	u64 head;			/* atomic: the next index */
	u64 start;			/* readers begin here: moved by a reset */
	u64 dropped;			/* atomic */
} __aligned(CACHE_LINE);

/* Global, for the debugger: a dump has everything by symbol. */
struct trace_ring trace_rings[CONFIG_NR_CPUS];

static u64 lap_of(u64 index)
{
	return index / RING_SLOTS % TRACE_LAPS + 1;
}

/* The second word of a slot: what a reader checks and a writer stores last. */
union slot_word {
	struct {
		u16 type;
		u8  cpu;
		u8  flags;
		u32 payload;
	};
	u64 word;
};

static void put_slot(struct trace_slot *slot, u64 stamp, union slot_word w)
{
	u64 *second = (u64 *)slot + 1;

	WRITE_ONCE(*second, 0);				/* lap 0: nobody reads it now */
	smp_store_release(&slot->stamp, stamp);
	smp_store_release(second, w.word);
}

/* Claims n slots. False: full, and counted. */
static bool claim(struct trace_ring *r, unsigned n, u64 *index)
{
	u64 head;

	if (IS_ENABLED(CONFIG_TRACE_OVERWRITE)) {
		*index = __atomic_fetch_add(&r->head, n, __ATOMIC_RELAXED);
		return true;
	}
	head = __atomic_load_n(&r->head, __ATOMIC_RELAXED);
	do {
		if (head + n - READ_ONCE(r->start) > RING_SLOTS) {
			__atomic_fetch_add(&r->dropped, 1, __ATOMIC_RELAXED);
			return false;
		}
	} while (!__atomic_compare_exchange_n(&r->head, &head, head + n, false,
					      __ATOMIC_RELAXED, __ATOMIC_RELAXED));
	*index = head;
	return true;
}

static __always_inline void emit(u16 type, unsigned n, u64 a, u64 b, u64 c, u64 d)
{
	unsigned cpu = cpu_id();
	struct trace_ring *r = &trace_rings[cpu];
	u64 field[TRACE_MAX_FIELDS] = { a, b, c, d };
	u64 index, stamp;

	if (unlikely(!r->slots) || !claim(r, n, &index))
		return;
	stamp = clock_cycles();
	for (unsigned i = 0; i < n; i++) {
		u64 at = index + i;
		union slot_word w = { .type = type, .cpu = (u8)cpu,
				      .flags = (u8)(lap_of(at) << 3 | i), .payload = (u32)a };

		put_slot(&r->slots[at % RING_SLOTS], i ? field[i] : stamp, w);
	}
}

void trace_emit1(u16 type, u64 a)
{
	emit(type, 1, a, 0, 0, 0);
}

void trace_emit2(u16 type, u64 a, u64 b)
{
	emit(type, 2, a, b, 0, 0);
}

void trace_emit3(u16 type, u64 a, u64 b, u64 c)
{
	emit(type, 3, a, b, c, 0);
}

void trace_emit4(u16 type, u64 a, u64 b, u64 c, u64 d)
{
	emit(type, 4, a, b, c, d);
}

/* Reads slot `index` if it is whole. */
static bool get_slot(const struct trace_ring *r, u64 index, u64 *stamp, union slot_word *w)
{
	const struct trace_slot *slot = &r->slots[index % RING_SLOTS];
	const u64 *second = (const u64 *)slot + 1;

	w->word = smp_load_acquire(second);
	if (TRACE_SLOT_LAP(w->flags) != lap_of(index))
		return false;
	*stamp = smp_load_acquire(&slot->stamp);
	return READ_ONCE(*second) == w->word;
}

/* The event that begins at index, if all its slots are whole. */
static bool get_event(const struct trace_ring *r, u64 index, struct trace_record *rec)
{
	const struct trace_event *event;
	union slot_word w;

	if (!get_slot(r, index, &rec->stamp, &w) || TRACE_SLOT_PART(w.flags))
		return false;
	event = trace_event_find(w.type);
	if (!event)
		return false;
	rec->index = index;
	rec->type = w.type;
	rec->cpu = w.cpu;
	rec->nr_fields = event->nr_fields;
	rec->field[0] = w.payload;
	for (unsigned i = 1; i < event->nr_fields; i++)
		if (!get_slot(r, index + i, &rec->field[i], &w) || w.type != rec->type ||
		    TRACE_SLOT_PART(w.flags) != i)
			return false;
	return true;
}

bool trace_ring_read(unsigned cpu, u64 *index, struct trace_record *rec, u64 *lost)
{
	struct trace_ring *r = &trace_rings[cpu];
	u64 head = smp_load_acquire(&r->head), start = READ_ONCE(r->start);

	if (!r->slots)
		return false;
	if (*index < start)
		*index = start;
	if (head - *index > RING_SLOTS) {
		*lost += head - RING_SLOTS - *index;
		*index = head - RING_SLOTS;
	}
	for (; *index < head; ++*index) {
		if (get_event(r, *index, rec)) {
			*index += rec->nr_fields;
			return true;
		}
	}
	return false;
}

int trace_ring_alloc(void)
{
	for (unsigned cpu = 0; cpu < CONFIG_NR_CPUS; cpu++) {
		void *slots;

		if (trace_rings[cpu].slots || (cpu && !cpu_is_online(cpu)))
			continue;
		slots = vzalloc(RING_SLOTS * sizeof(struct trace_slot));
		if (!slots)
			return -ENOMEM;
		smp_store_release(&trace_rings[cpu].slots, slots);
	}
	return 0;
}

u64 trace_ring_head(unsigned cpu)
{
	return READ_ONCE(trace_rings[cpu].head);
}

u64 trace_ring_size(void)
{
	return trace_rings[0].slots ? RING_SLOTS : 0;
}

u64 trace_ring_dropped(unsigned cpu)
{
	return READ_ONCE(trace_rings[cpu].dropped);
}

void trace_ring_reset(void)
{
	for (unsigned cpu = 0; cpu < CONFIG_NR_CPUS; cpu++) {
		struct trace_ring *r = &trace_rings[cpu];

		WRITE_ONCE(r->start, READ_ONCE(r->head));
		WRITE_ONCE(r->dropped, 0);
	}
}
