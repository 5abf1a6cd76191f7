/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The trace ring (trace/ring.c, trace/snapshot.c) for Spin: one CPU's writer, an
 * interrupt that writes too, and a reader on another CPU.
 *
 * Memory is weak: what a writer stores goes to a buffer of pending stores, from which
 * any may reach memory at any time, in any order but where a barrier or a release
 * stands between. The ring has two slots, an event is one of them. A slot's
 * content is the index it was written for, plus one.
 *
 * Proven: the reader takes only events that were committed and are whole; every
 * number up to the last committed is either taken or counted as lost; an
 * interrupt's event never lies inside another. Leave something out, and it fails:
 *	-DNO_MASK	interrupts are not masked while an event is written
 *	-DNO_WMB	the slots may be stored before `reserve`
 *	-DNO_RELEASE	head may be stored before the slots
 *	-DNO_CHECK	the reader does not look at `reserve` afterwards
 */
#define SLOTS	2
#define EVENTS	3	/* of the writer; as many again of the interrupt */

/* Memory, as other CPUs see it. */
byte mem_head, mem_events, mem_reserve;
byte mem_slot[SLOTS];
byte mem_number[SLOTS];		/* of the event that the slot belongs to, plus one */

/* The CPU's own view: what it stored last. */
byte head, events, reserve;

/* Which stores have not reached memory yet. */
bool pend_reserve, pend_head, pend_events, pend_slot[SLOTS];
byte val_slot[SLOTS], val_number[SLOTS], val_head, val_events, val_reserve;

bool masked, irq_active;
byte in_event;			/* writers that are in the middle of an event */
byte irqs = EVENTS;
bool done;

inline flush_reserve() { mem_reserve = val_reserve; pend_reserve = false }
inline flush_head() { mem_head = val_head; pend_head = false }
inline flush_events() { mem_events = val_events; pend_events = false }
inline flush_slot(n) {
	mem_slot[n] = val_slot[n];
	mem_number[n] = val_number[n];
	pend_slot[n] = false
}

/* dmb ishst: all that is pending gets there first. */
inline wmb() {
	atomic {
		if :: pend_reserve -> flush_reserve() :: else fi;
		if :: pend_head -> flush_head() :: else fi;
		if :: pend_events -> flush_events() :: else fi;
		if :: pend_slot[0] -> flush_slot(0) :: else fi;
		if :: pend_slot[1] -> flush_slot(1) :: else fi
	}
}

inline store_slot(index, number) {
	atomic {
		if :: pend_slot[(index) % SLOTS] -> flush_slot((index) % SLOTS) :: else fi;
		val_slot[(index) % SLOTS] = (index) + 1;
		val_number[(index) % SLOTS] = (number) + 1;
		pend_slot[(index) % SLOTS] = true
	}
}

/* write_event() with one slot; `at` and `number` are the caller's. */
inline write_event(at, number) {
	in_event++;
	assert(in_event == 1);		/* no event inside another */
	at = head;
	number = events;
	atomic {
		if :: pend_reserve -> flush_reserve() :: else fi;
		reserve = at + 1; val_reserve = reserve; pend_reserve = true
	}
#ifndef NO_WMB
	wmb();
#endif
	store_slot(at, number);
	atomic {
		if :: pend_events -> flush_events() :: else fi;
		events = number + 1; val_events = events; pend_events = true
	}
#ifndef NO_RELEASE
	wmb();
#endif
	atomic {
		if :: pend_head -> flush_head() :: else fi;
		head = at + 1; val_head = head; pend_head = true
	}
	in_event--
}

/* Stores reach memory whenever they like. */
active proctype Memory()
{
	do
	:: atomic { pend_reserve -> flush_reserve() }
	:: atomic { pend_head -> flush_head() }
	:: atomic { pend_events -> flush_events() }
	:: atomic { pend_slot[0] -> flush_slot(0) }
	:: atomic { pend_slot[1] -> flush_slot(1) }
	:: done && !pend_reserve && !pend_head && !pend_events &&
	   !pend_slot[0] && !pend_slot[1] -> break
	od
}

/* It does not run while an interrupt does. */
active proctype Writer() provided (!irq_active)
{
	byte n = EVENTS, at, number;

	do
	:: n > 0 ->
#ifndef NO_MASK
		masked = true;
#endif
		write_event(at, number);
		masked = false;
		n--
	:: n == 0 && irqs == 0 -> break
	od;
	done = true
}

active proctype Interrupt()
{
	byte at, number;

	do
	:: atomic { irqs > 0 && !masked -> irq_active = true; irqs-- };
		write_event(at, number);
		irq_active = false
	:: irqs == 0 -> break
	od
}

active proctype Reader()
{
	byte h, e, limit, r, i, taken, first;
	byte copy[SLOTS], number[SLOTS];

	/* read_head(): head (acquire), events, reserve, until no writer is in between. */
	do
	:: h = mem_head; e = mem_events;
	   if :: mem_reserve == h -> break :: else fi
	od;
	copy[0] = mem_slot[0]; number[0] = mem_number[0];
	copy[1] = mem_slot[1]; number[1] = mem_number[1];
	/* smp_rmb */
#ifdef NO_CHECK
	r = h;
#else
	r = mem_reserve;
#endif
	limit = (r > SLOTS -> r - SLOTS : 0);
	if :: limit > h -> limit = h :: else fi;
	first = e - (h - limit);
	i = limit;
	do
	:: i < h ->
		/* Whole, the one that belongs there, and with the right number. */
		assert(copy[i % SLOTS] == i + 1);
		assert(number[i % SLOTS] == first + taken + 1);
		taken++;
		i++
	:: else -> break
	od;
	/* Lost ones are those before `first`: together they are all that were committed. */
	assert(first + taken == e)
}
