/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The per-CPU trace rings: memory, and the writing of events. See trace/ring.h.
 */
#include <arch/barrier.h>
#include <arch/irqflags.h>
#include <arch/smp.h>
#include <arch/sysreg.h>
#include <kernel/cpu.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/vmap.h>
#include <trace/ring.h>

#define RING_KB_MIN	4
#define RING_KB_MAX	65536
#define EARLY_SLOTS	256

_Static_assert(offsetof(struct trace_ring, end) == offsetof(struct trace_ring, head) + sizeof(u64),
	       "emit() loads them as a pair");

struct trace_ring trace_rings[CONFIG_NR_CPUS];
bool trace_overwrite = IS_ENABLED(CONFIG_TRACE_OVERWRITE);
u16 trace_stop_type = 0xffff;

/* Why an event may have to take the long way. After a change: close_short_way(). */
static bool recording, special;

static u64 ring_slots = CONFIG_TRACE_BUFFER_KB * 1024ull / sizeof(struct trace_slot);
static struct trace_slot early_slots[EARLY_SLOTS];

static __always_inline struct trace_ring *this_ring(void)
{
	return IS_ENABLED(CONFIG_SMP) ? this_cpu()->trace_ring : &trace_rings[0];
}

static void close_short_way(void)
{
	smp_mb();	/* see open_short_way() */
	for (unsigned cpu = 0; cpu < CONFIG_NR_CPUS; cpu++)
		WRITE_ONCE(trace_rings[cpu].end, 0);
}

/* Either this sees that it must not, or close_short_way() comes after it. */
static void open_short_way(struct trace_ring *r)
{
	WRITE_ONCE(r->end, r->room);
	smp_mb();
	if (!READ_ONCE(recording) || READ_ONCE(special))
		WRITE_ONCE(r->end, 0);
}

/* Fills the ring up to its end, which is too near for the next event. */
static void fill_up(struct trace_ring *r, u64 lap_end)
{
	WRITE_ONCE(r->reserve, lap_end);
	smp_wmb();
	for (u64 at = r->head; at < lap_end; at++)
		r->slots[at & r->mask] = (struct trace_slot){ 0, r->word | TRACE_FILLER };
	smp_store_release(&r->head, lap_end);
}

/* Once a lap, and when a ring is full. False: the event is dropped, and counted. */
static bool make_room(struct trace_ring *r, unsigned n)
{
	u64 size = r->mask + 1, limit = ~0ull, lap_end = (r->head | r->mask) + 1;

	if (!READ_ONCE(trace_overwrite))
		limit = READ_ONCE(r->start) + size;
	if (lap_end - r->head < n && lap_end + n <= limit) {
		fill_up(r, lap_end);
		lap_end += size;
	}
	/* Not further than a clear may have to be seen. */
	r->room = min(lap_end, limit);
	if (r->head + n > r->room) {
		WRITE_ONCE(r->dropped, r->dropped + 1);
		return false;
	}
	return true;
}

/* Writes an event, for which there is room; interrupts are masked. */
static __always_inline void write_event(struct trace_ring *r, u64 head, u64 type, u64 a, u64 b,
					u64 c, u64 d, unsigned n)
{
	struct trace_slot *slot = &r->slots[head & r->mask];
	u64 word = (u64)(u32)a << 32 | r->word | type, events = r->events;

	WRITE_ONCE(r->reserve, head + n);
	smp_wmb();
	isb();		/* not stamped ahead of what comes before */
	slot[0] = (struct trace_slot){ read_sysreg(cntvct_el0), word };
	if (n > 1)
		slot[1] = (struct trace_slot){ b, TRACE_CONTINUED };
	if (n > 2)
		slot[2] = (struct trace_slot){ c, TRACE_CONTINUED };
	if (n > 3)
		slot[3] = (struct trace_slot){ d, TRACE_CONTINUED };
	WRITE_ONCE(r->events, events + 1);
	smp_store_release(&r->head, head + n);
}

/* The long way: with a filter or a trigger, not recording, or at the end of a lap. */
static noinline void emit_slow(u64 type, u64 a, u64 b, u64 c, u64 d, unsigned n)
{
	unsigned long flags = arch_local_irq_save();
	struct trace_ring *r = this_ring();

	if (!READ_ONCE(recording) || !trace_filter_pass((u16)type, a, b))
		goto out;
	if (unlikely(!r->slots)) {	/* there was no memory for it */
		WRITE_ONCE(r->dropped, r->dropped + 1);
		goto out;
	}
	if (r->head + n <= r->room || make_room(r, n))
		write_event(r, r->head, type, a, b, c, d, n);
	if (type == READ_ONCE(trace_stop_type))
		trace_ring_record(false);
	if (!READ_ONCE(special))
		open_short_way(r);
out:
	arch_local_irq_restore(flags);
}

/* A leaf: what is rare leaves it by a tail call, and so costs it no stack frame. */
static __always_inline void emit(u64 type, u64 a, u64 b, u64 c, u64 d, unsigned n)
{
	unsigned long flags = arch_local_irq_save();
	struct trace_ring *r = this_ring();
	u64 head, end;
	bool room;

	load_pair(&r->head, &head, &end);
	room = head + n <= end;
	if (likely(room))
		write_event(r, head, type, a, b, c, d, n);
	arch_local_irq_restore(flags);
	if (unlikely(!room))
		emit_slow(type, a, b, c, d, n);
}

void trace_emit1(u64 type, u64 a)
{
	emit(type, a, 0, 0, 0, 1);
}

void trace_emit2(u64 type, u64 a, u64 b)
{
	emit(type, a, b, 0, 0, 2);
}

void trace_emit3(u64 type, u64 a, u64 b, u64 c)
{
	emit(type, a, b, c, 0, 3);
}

void trace_emit4(u64 type, u64 a, u64 b, u64 c, u64 d)
{
	emit(type, a, b, c, d, 4);
}

static bool has_memory(const struct trace_ring *r)
{
	return r->slots && r->slots != early_slots;
}

int trace_ring_set_size(u64 kb)
{
	if (kb < RING_KB_MIN || kb > RING_KB_MAX || has_memory(&trace_rings[0]))
		return -EINVAL;
	ring_slots = kb * 1024 / sizeof(struct trace_slot);
	return 0;
}

static void give_slots(unsigned cpu, struct trace_slot *slots, u64 size)
{
	struct trace_ring *r = &trace_rings[cpu];

	r->mask = size - 1;
	r->word = (u64)cpu << 16;
	r->slots = slots;
}

/* Before any event may be on. */
static void init_rings(void)
{
	for (unsigned cpu = 0; cpu < CONFIG_NR_CPUS; cpu++)
		cpus[cpu].trace_ring = &trace_rings[cpu];
}

void trace_ring_alloc_early(void)
{
	init_rings();
	give_slots(0, early_slots, EARLY_SLOTS);
	trace_ring_record(true);
}

/* What is in the early ring goes on in the larger one, under the same indexes. */
static void move_early(struct trace_slot *slots, u64 size)
{
	const struct trace_ring *r = &trace_rings[0];

	for (u64 i = r->head - min(r->head, size); i < r->head; i++) {
		bool there = i + EARLY_SLOTS >= r->head;

		slots[i & (size - 1)] = there ? early_slots[i & (EARLY_SLOTS - 1)] :
				(struct trace_slot){ 0, TRACE_FILLER };
	}
}

int trace_ring_alloc(void)
{
	/* Rounded down to a power of two, so that a place is a mask away. */
	u64 size = 1ull << (63 - __builtin_clzll(ring_slots));
	bool first = !trace_rings[0].slots;

	if (first)
		init_rings();
	for (unsigned cpu = 0; cpu < min(nr_cpus_possible, (unsigned)CONFIG_NR_CPUS); cpu++) {
		struct trace_slot *slots;
		unsigned long flags;

		if (has_memory(&trace_rings[cpu]))
			continue;
		slots = vzalloc(size * sizeof(struct trace_slot));
		if (!slots)
			return -ENOMEM;
		flags = arch_local_irq_save();
		if (trace_rings[cpu].slots)
			move_early(slots, size);
		give_slots(cpu, slots, size);
		trace_rings[cpu].room = 0;
		WRITE_ONCE(trace_rings[cpu].end, 0);
		arch_local_irq_restore(flags);
	}
	if (first)
		trace_ring_record(true);
	return 0;
}

u64 trace_ring_size(void)
{
	return trace_rings[0].slots ? trace_rings[0].mask + 1 : 0;
}

void trace_ring_record(bool on)
{
	smp_store_release(&recording, on);
	if (!on)
		close_short_way();
}

bool trace_ring_recording(void)
{
	return READ_ONCE(recording);
}

void trace_ring_special(bool on)
{
	WRITE_ONCE(special, on);
	if (on)
		close_short_way();
}

void trace_ring_clear(void)
{
	for (unsigned cpu = 0; cpu < CONFIG_NR_CPUS; cpu++) {
		struct trace_ring *r = &trace_rings[cpu];
		u64 head, events;

		/* The pair must belong together: between two events. */
		do {
			head = smp_load_acquire(&r->head);
			events = READ_ONCE(r->events);
			smp_rmb();
		} while (READ_ONCE(r->reserve) != head);
		WRITE_ONCE(r->start_events, events);
		WRITE_ONCE(r->start_dropped, READ_ONCE(r->dropped));
		smp_store_release(&r->start, head);
	}
}
