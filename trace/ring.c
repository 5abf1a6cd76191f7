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
#define LAP_SHIFT	27		/* the upper five of the eight bits of flags */

struct trace_ring trace_rings[CONFIG_NR_CPUS];
bool trace_overwrite = IS_ENABLED(CONFIG_TRACE_OVERWRITE);
struct static_key trace_special_key;
u16 trace_stop_type = 0xffff;

static u64 ring_slots = CONFIG_TRACE_BUFFER_KB * 1024ull / sizeof(struct trace_slot);

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
static noinline bool make_room(struct trace_ring *r, unsigned n)
{
	u64 size = r->mask + 1, limit = ~0ull, lap_end = (r->head | r->mask) + 1;

	if (!READ_ONCE(trace_overwrite))
		limit = READ_ONCE(r->start) + size;
	if (lap_end - r->head < n && lap_end + n <= limit) {
		fill_up(r, lap_end);
		lap_end += size;
	}
	if (r->head + n > min(lap_end, limit)) {
		WRITE_ONCE(r->dropped, r->dropped + 1);
		return false;
	}
	r->word = (u64)(r - trace_rings) << 16 | (r->head / size & 31) << LAP_SHIFT;
	/* Not further than a clear may have to be seen. */
	r->end = min(lap_end, limit);
	return true;
}

/* One addition each time: the compiler would rather load three constants. */
static __always_inline u64 next_part(u64 word)
{
	word += TRACE_NEXT_PART;
	__asm__("" : "+r"(word));
	return word;
}

/* Writes the event if the ring has room without further ado; interrupts are masked. */
static __always_inline bool write_event(struct trace_ring *r, u64 type, u64 a, u64 b, u64 c,
					u64 d, unsigned n)
{
	struct trace_slot *live = READ_ONCE(r->live), *slot;
	u64 head = r->head, word;

	if (unlikely(!live || head + n > r->end))
		return false;
	WRITE_ONCE(r->reserve, head + n);
	smp_wmb();
	slot = &live[head & r->mask];
	word = (u64)(u32)a << 32 | r->word | type;
	isb();		/* not stamped ahead of what comes before */
	slot[0] = (struct trace_slot){ read_sysreg(cntvct_el0), word };
	if (n > 1)
		slot[1] = (struct trace_slot){ b, word = next_part(word) };
	if (n > 2)
		slot[2] = (struct trace_slot){ c, word = next_part(word) };
	if (n > 3)
		slot[3] = (struct trace_slot){ d, word = next_part(word) };
	WRITE_ONCE(r->events, r->events + 1);
	smp_store_release(&r->head, head + n);
	return true;
}

/* With a filter or a trigger, not recording at all, or at the end of a lap. */
static noinline void emit_slow(u64 type, u64 a, u64 b, u64 c, u64 d, unsigned n)
{
	struct trace_ring *r;
	unsigned long flags;

	if (!trace_filter_pass((u16)type, a, b))
		return;
	flags = arch_local_irq_save();
	r = &trace_rings[cpu_id()];
	if (READ_ONCE(r->live) && (r->head + n <= r->end || make_room(r, n)))
		write_event(r, type, a, b, c, d, n);
	arch_local_irq_restore(flags);
	if (type == READ_ONCE(trace_stop_type))
		trace_ring_record(false);
}

/* A leaf: what is rare leaves it by a tail call, and so costs it no stack frame. */
static __always_inline void emit(u64 type, u64 a, u64 b, u64 c, u64 d, unsigned n)
{
	unsigned long flags;
	bool done;

	if (static_key_enabled(&trace_special_key)) {
		emit_slow(type, a, b, c, d, n);
		return;
	}
	flags = arch_local_irq_save();
	done = write_event(&trace_rings[cpu_id()], type, a, b, c, d, n);
	arch_local_irq_restore(flags);
	if (unlikely(!done))
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

int trace_ring_set_size(u64 kb)
{
	if (kb < RING_KB_MIN || kb > RING_KB_MAX || trace_rings[0].slots)
		return -EINVAL;
	ring_slots = kb * 1024 / sizeof(struct trace_slot);
	return 0;
}

int trace_ring_alloc(void)
{
	/* Rounded down to a power of two, so that a place is a mask away. */
	u64 size = 1ull << (63 - __builtin_clzll(ring_slots));
	bool first = !trace_rings[0].slots;

	for (unsigned cpu = 0; cpu < min(nr_cpus_possible, (unsigned)CONFIG_NR_CPUS); cpu++) {
		struct trace_ring *r = &trace_rings[cpu];

		if (r->slots)
			continue;
		r->mask = size - 1;
		r->slots = vzalloc(size * sizeof(struct trace_slot));
		if (!r->slots)
			return -ENOMEM;
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
	for (unsigned cpu = 0; cpu < CONFIG_NR_CPUS; cpu++)
		smp_store_release(&trace_rings[cpu].live, on ? trace_rings[cpu].slots : NULL);
}

bool trace_ring_recording(void)
{
	return READ_ONCE(trace_rings[0].live);
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
