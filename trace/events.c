/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tables of providers and events, expanded from the provider files, and the
 * text form of a record.
 */
#include <lib/printf.h>
#include <lib/string.h>
#include <trace/events.h>
#include <trace/provider.h>

/* The keys. */
#define PROVIDER(PROV, id, low, text)
#define EVENT(PROV, num, NAME, fn, ...) \
	extern struct static_key trace_key_##fn; \
	struct static_key trace_key_##fn;
#include "all.h"
#undef PROVIDER
#undef EVENT

/* The provider numbers. */
#define PROVIDER(PROV, id, low, text)	enum { ID_##PROV = id };
#define EVENT(PROV, num, NAME, fn, ...)
#include "all.h"
#undef PROVIDER
#undef EVENT

#define FIELD_NAME(type, name)	#name
/* One bit for each field, set if it is 64 bits wide. */
#define WIDE(type, name)	(sizeof(type) == 8)
#define WIDE1(a)		WIDE a
#define WIDE2(a, b)		(WIDE a | WIDE b << 1)
#define WIDE3(a, b, c)		(WIDE a | WIDE b << 1 | WIDE c << 2)
#define WIDE4(a, b, c, d)	(WIDE a | WIDE b << 1 | WIDE c << 2 | WIDE d << 3)
#define WIDE_BITS(...)		TRACE_CAT(WIDE, TRACE_COUNT(__VA_ARGS__))(__VA_ARGS__)

/* The first field has only the payload of the slot. */
#define FIRST_IS_U32(first, ...)	FIRST_IS_U32_ first
#define FIRST_IS_U32_(type, name)	_Static_assert(sizeof(type) == 4, "the first field is a u32")
#define PROVIDER(PROV, id, low, text)
#define EVENT(PROV, num, NAME, fn, ...)	FIRST_IS_U32(__VA_ARGS__);
#include "all.h"
#undef PROVIDER
#undef EVENT

const struct trace_event trace_events[] = {
#define PROVIDER(PROV, id, low, text)
#define EVENT(PROV, num, NAME, fn_, ...) \
	{ .type = ID_##PROV << 8 | num, .nr_fields = TRACE_COUNT(__VA_ARGS__), \
	  .wide = WIDE_BITS(__VA_ARGS__), .name = #NAME, .fn = #fn_, \
	  .field = { TRACE_MAP(FIELD_NAME, __VA_ARGS__) }, .key = &trace_key_##fn_ },
#include "all.h"
#undef PROVIDER
#undef EVENT
};
const unsigned nr_trace_events = ARRAY_SIZE(trace_events);

const struct trace_provider trace_providers[] = {
#define PROVIDER(PROV, id_, low, text_)	{ .id = id_, .name = #low, .text = text_ },
#define EVENT(PROV, num, NAME, fn, ...)
#include "all.h"
#undef PROVIDER
#undef EVENT
};
const unsigned nr_trace_providers = ARRAY_SIZE(trace_providers);

/* The table is in order of type: the provider files are, and each is. */
const struct trace_event *trace_event_find(u16 type)
{
	unsigned low = 0, high = nr_trace_events;

	while (low < high) {
		unsigned mid = (low + high) / 2;

		if (trace_events[mid].type == type)
			return &trace_events[mid];
		if (trace_events[mid].type < type)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

size_t trace_format(char *buf, size_t size, const struct trace_record *rec)
{
	const struct trace_event *e = trace_event_find(rec->type);
	size_t n = scnprintf(buf, size, "CPU%u idx=%llu ts=%llu type=0x%04x %s", rec->cpu,
			     (unsigned long long)rec->index, (unsigned long long)rec->stamp,
			     rec->type, e ? e->name : "?");

	for (unsigned i = 0; e && i < e->nr_fields; i++)
		n += scnprintf(buf + n, size - n, e->wide >> i & 1 ? " %s=%#llx" : " %s=%llu",
			       e->field[i], (unsigned long long)rec->field[i]);
	return n;
}
