/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of all events, made from the provider files: what readers need to know.
 * Context: any; the tables never change.
 */
#ifndef TRACE_EVENTS_H
#define TRACE_EVENTS_H

#include <arch/static_key.h>
#include <lib/types.h>
#include <trace/ring.h>
#include <trace/snapshot.h>

struct trace_event {
	u16		   type;
	u8		   nr_fields;
	u8		   wide;		/* bit n: field n is u64 */
	const char	  *name;		/* "FORK_ENTRY" */
	const char	  *fn;			/* "fork_entry": what enabling calls it */
	const char	  *field[TRACE_MAX_FIELDS];
	struct static_key *key;
};

struct trace_provider {
	u8		   id;
	const char	  *name;		/* "process" */
	const char	  *text;
};

extern const struct trace_event trace_events[];
extern const unsigned nr_trace_events;
extern const struct trace_provider trace_providers[];
extern const unsigned nr_trace_providers;

/* NULL if no built-in provider has that type. */
const struct trace_event *trace_event_find(u16 type);
/* "CPU0 idx=42 ts=1234567890 type=0x0600 FORK_ENTRY parent_pid=1", no newline. Returns its length. */
size_t trace_format(char *buf, size_t size, const struct trace_record *rec);

#endif
