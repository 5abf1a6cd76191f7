/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The trace ring (trace/ring.c, trace/snapshot.c) for Spin: one CPU's writer, an
 * interrupt that writes too, and a reader on another CPU.
 *
 * Memory is weak: what a writer stores goes to a buffer of pending stores, from which
 * any may reach memory at any time, in any order but where a barrier or a release
 * stands between. The reader's loads are in order but that it may copy the slots as soon
 * as it has `head`. An event has one slot or two, which reach memory each for itself; the
 * ring has four, so that events wrap, and one of two slots that does not fit before the end
 * leaves a filler there. A slot holds the event's number, its part and how many there are.
 *
 * Proven: the reader takes only events that were committed and are whole, under their
 * right numbers and without a gap; every number up to the last committed is either taken or
 * counted as lost; an interrupt's event never lies inside another. Leave something out, and
 * it fails:
 *	-DNO_MASK	interrupts are not masked while an event is written
 *	-DNO_WMB	the slots may be stored before `reserve`
 *	-DNO_RELEASE	head may be stored before the slots
 *	-DEVENTS_LATE	the number of events is stored after head
 *	-DNO_CHECK	the reader does not look at `reserve` afterwards
 *	-DNO_ACQUIRE	the reader may copy before it has head
 */
#define SLOTS	4
#define EVENTS	3	/* of the writer */
#define IRQS	1	/* of the interrupt */
#define FILLER	255

#define SLOT(number, part, parts) ((number) * 4 + (part) * 2 + (parts))
#define NUMBER(slot)	(((slot) - 1) / 4)
#define PART(slot)	((((slot) - 1) / 2) % 2)
#define PARTS(slot)	(((slot) - 1) % 2 + 1)

/* Memory, as other CPUs see it. */
byte mem_head, mem_events, mem_reserve, mem_slot[SLOTS];

/* The CPU's own view: what it stored last; and which of it has not reached memory yet. */
byte head, events, reserve, slot[SLOTS];
bool pend_reserve, pend_head, pend_events, pend_slot[SLOTS];

bool masked, irq_active;
byte in_event;			/* writers that are in the middle of an event */
byte irqs = IRQS;
bool done;

inline flush_reserve() { mem_reserve = reserve; pend_reserve = false }
inline flush_head() { mem_head = head; pend_head = false }
inline flush_events() { mem_events = events; pend_events = false }
inline flush_slot(n) { mem_slot[n] = slot[n]; pend_slot[n] = false }

/* dmb ishst: all that is pending gets there first. */
inline wmb() {
	d_step {
		if :: pend_reserve -> flush_reserve() :: else fi;
		if :: pend_head -> flush_head() :: else fi;
		if :: pend_events -> flush_events() :: else fi;
		if :: pend_slot[0] -> flush_slot(0) :: else fi;
		if :: pend_slot[1] -> flush_slot(1) :: else fi;
		if :: pend_slot[2] -> flush_slot(2) :: else fi;
		if :: pend_slot[3] -> flush_slot(3) :: else fi
	}
}

/* Two stores to one place get there in order. */
inline store_slot(index, content) {
	d_step {
		if :: pend_slot[(index) % SLOTS] -> flush_slot((index) % SLOTS) :: else fi;
		slot[(index) % SLOTS] = content;
		pend_slot[(index) % SLOTS] = true
	}
}

inline store_reserve(value) {
	d_step { if :: pend_reserve -> flush_reserve() :: else fi; reserve = value; pend_reserve = true }
#ifndef NO_WMB
	wmb()
#endif
}

inline store_events(value) {
	d_step { if :: pend_events -> flush_events() :: else fi; events = value; pend_events = true }
}

inline release_head(value) {
#ifndef NO_RELEASE
	wmb();
#endif
	d_step { if :: pend_head -> flush_head() :: else fi; head = value; pend_head = true }
}

/* make_room() and write_event(); `at`, `number` and `parts` are the caller's. */
inline emit(at, number, parts) {
	in_event++;
	assert(in_event == 1);		/* no event inside another */
	at = head;
	number = events;
	if :: parts = 1 :: parts = 2 fi;
	if
	:: parts == 2 && at % SLOTS == SLOTS - 1 ->
		store_reserve(at + 1);
		store_slot(at, FILLER);
		release_head(at + 1);
		at = at + 1
	:: else
	fi;
	store_reserve(at + parts);
	store_slot(at, SLOT(number, 0, parts));
	if :: parts == 2 -> store_slot(at + 1, SLOT(number, 1, parts)) :: else fi;
#ifdef EVENTS_LATE
	release_head(at + parts);
	store_events(number + 1);
#else
	store_events(number + 1);
	release_head(at + parts);
#endif
	in_event--
}

/* Stores reach memory whenever they like. */
active proctype Memory()
{
	do
	:: d_step { pend_reserve -> flush_reserve() }
	:: d_step { pend_head -> flush_head() }
	:: d_step { pend_events -> flush_events() }
	:: d_step { pend_slot[0] -> flush_slot(0) }
	:: d_step { pend_slot[1] -> flush_slot(1) }
	:: d_step { pend_slot[2] -> flush_slot(2) }
	:: d_step { pend_slot[3] -> flush_slot(3) }
	:: done && !pend_reserve && !pend_head && !pend_events && !pend_slot[0] &&
	   !pend_slot[1] && !pend_slot[2] && !pend_slot[3] -> break
	od
}

/* It does not run while an interrupt does. */
active proctype Writer() provided (!irq_active)
{
	byte n = EVENTS, at, number, parts;

	do
	:: n > 0 ->
#ifndef NO_MASK
		masked = true;
#endif
		emit(at, number, parts);
		masked = false;
		n--
	:: n == 0 && irqs == 0 -> break
	od;
	done = true
}

active proctype Interrupt()
{
	byte at, number, parts;

	do
	:: atomic { irqs > 0 && !masked -> irq_active = true; irqs-- };
		emit(at, number, parts);
		irq_active = false
	:: irqs == 0 -> break
	od
}

inline copy_slots() {
	copy[0] = mem_slot[0]; copy[1] = mem_slot[1]; copy[2] = mem_slot[2]; copy[3] = mem_slot[3];
	copied = true
}

active proctype Reader()
{
	byte h, e, limit, r, i, first, counted, taken;
	byte copy[SLOTS];
	bool copied;

#ifdef NO_ACQUIRE
	copy_slots();
#endif
	/* read_head(): head (acquire), events, reserve, until no writer is in between. */
	do
	:: h = mem_head;
	   if :: !copied -> copy_slots() :: true fi;
	   e = mem_events;
	   if :: mem_reserve == h -> break :: else fi;
#ifndef NO_ACQUIRE
	   copied = false
#endif
	od;
	if :: !copied -> copy_slots() :: else fi;
	/* smp_rmb */
#ifdef NO_CHECK
	r = h;
#else
	r = mem_reserve;
#endif
	d_step {
		limit = (r > SLOTS -> r - SLOTS : 0);
		if :: limit > h -> limit = h :: else fi;
		/* find_first(): the first whole event, and how many there are from it. */
		first = h;
		i = h;
		do
		:: i > limit ->
			i--;
			if
			:: copy[i % SLOTS] == FILLER -> first = i
			:: copy[i % SLOTS] != FILLER && copy[i % SLOTS] != 0 &&
			   PART(copy[i % SLOTS]) == 0 -> first = i; counted++
			:: else
			fi
		:: else -> break
		od;
		i = first;
		do
		:: i < h ->
			if
			:: copy[i % SLOTS] == FILLER -> i++
			:: else ->
				/* The one that comes next, from its beginning, and all of it. */
				assert(copy[i % SLOTS] != 0);
				assert(PART(copy[i % SLOTS]) == 0);
				assert(NUMBER(copy[i % SLOTS]) == e - counted + taken);
				if
				:: PARTS(copy[i % SLOTS]) == 2 ->
					assert(i + 1 < h);
					assert(copy[(i + 1) % SLOTS] == copy[i % SLOTS] + 2);
					i = i + 2
				:: else -> i++
				fi;
				taken++
			fi
		:: else -> break
		od;
		/* Lost ones are those before the first: together they are all that were committed. */
		assert(taken == counted && taken <= e)
	}
}
