/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading a trace ring: a copy of what is whole in it at one time, event by event.
 *
 * Events of a CPU are numbered from 0 as they are recorded; a snapshot says which
 * number its first has, so that each number is either read or counted as lost.
 * Context: any; with `copy` task context (memory is allocated).
 */
#ifndef TRACE_SNAPSHOT_H
#define TRACE_SNAPSHOT_H

#include <trace/ring.h>

/* One event as a reader gets it. */
struct trace_record {
	u64 index;	/* its number on its CPU */
	u64 stamp;	/* CNTVCT */
	u16 type;
	u8  cpu;
	u8  nr_fields;
	u64 field[TRACE_MAX_FIELDS];
};

struct trace_snapshot {
	const struct trace_slot *slots;
	void *copy;		/* to be freed, or NULL */
	u64 mask;
	u64 at, end;		/* slots that are still to be read */
	u64 seq;		/* number of the next event */
	u64 events;		/* how many events there are from `at` to `end` */
	u64 overwritten;	/* events since the last clear that are not there any more */
	u64 dropped;		/* events since then that were never recorded */
};

/*
 * Takes a snapshot of cpu's ring; no ring: an empty one. Without `copy` it looks at the ring
 * itself, which must rest (after a panic). 0 or -ENOMEM.
 */
int trace_snapshot_take(struct trace_snapshot *snap, unsigned cpu, bool copy);
/* The next event. False: that was all. */
bool trace_snapshot_next(struct trace_snapshot *snap, struct trace_record *rec);
void trace_snapshot_free(struct trace_snapshot *snap);

#endif
