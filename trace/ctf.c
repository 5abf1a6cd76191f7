/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A ring as a stream of a CTF 1.8 trace, and the metadata, from the tables of providers
 * and events. https://diamon.org/ctf/v1.8.3/
 *
 * A stream is one packet. When events were lost, an empty one stands before it, for
 * readers see a loss as the difference of two packets' counts.
 */
#include <fs/seq_file.h>
#include <kernel/time.h>
#include <lib/string.h>
#include <trace/events.h>
#include "ctf.h"

#define CTF_MAGIC	0xc1fc1fc1u

/* As the metadata below describes it. */
struct packet_header {
	u32 magic;
	u32 stream_id;
	u64 timestamp_begin;
	u64 timestamp_end;
	u64 content_size;	/* bits */
	u64 packet_size;
	u64 events_discarded;
	u32 cpu_id;
} __packed;

struct event_header {
	u16 id;
	u64 timestamp;
} __packed;

struct stream {
	size_t size;
	u8 *data;
};

static void put(struct stream *s, const void *data, size_t len)
{
	memcpy(s->data + s->size, data, len);
	s->size += len;
}

static void put_event(struct stream *s, const struct trace_record *rec)
{
	const struct trace_event *e = trace_event_find(rec->type);
	struct event_header head = { rec->type, rec->stamp };

	put(s, &head, sizeof(head));
	for (unsigned i = 0; i < rec->nr_fields; i++)
		put(s, &rec->field[i], e->wide >> i & 1 ? sizeof(u64) : sizeof(u32));
}

static void put_packet(struct stream *s, unsigned cpu, u64 lost, struct trace_snapshot *snap)
{
	struct packet_header head = { .magic = CTF_MAGIC, .cpu_id = cpu, .events_discarded = lost };
	size_t at = s->size;
	struct trace_record rec;
	bool any = false;

	s->size += sizeof(head);
	while (trace_snapshot_next(snap, &rec)) {
		if (!any)
			head.timestamp_begin = rec.stamp;
		any = true;
		head.timestamp_end = rec.stamp;
		put_event(s, &rec);
	}
	if (lost) {
		struct packet_header empty = { .magic = CTF_MAGIC, .cpu_id = cpu,
			.timestamp_begin = head.timestamp_begin,
			.timestamp_end = head.timestamp_begin,
			.content_size = sizeof(head) * 8, .packet_size = sizeof(head) * 8 };

		memcpy(s->data + at - sizeof(empty), &empty, sizeof(empty));
	}
	head.content_size = head.packet_size = (s->size - at) * 8;
	memcpy(s->data + at, &head, sizeof(head));
}

size_t trace_ctf_stream_max(const struct trace_snapshot *snap)
{
	/* No event is longer here than in the ring: 10 bytes and the fields, against 16 each. */
	return 2 * sizeof(struct packet_header) + (snap->end - snap->at) * sizeof(struct trace_slot);
}

size_t trace_ctf_stream(void *to, unsigned cpu, struct trace_snapshot *snap)
{
	u64 lost = snap->overwritten + snap->dropped;
	struct stream s = { .size = lost ? sizeof(struct packet_header) : 0, .data = to };

	put_packet(&s, cpu, lost, snap);
	return s.size;
}

static const char types[] =
	"/* CTF 1.8 */\n\n"
	"typealias integer { size = 8; align = 8; signed = false; } := uint8_t;\n"
	"typealias integer { size = 16; align = 8; signed = false; } := uint16_t;\n"
	"typealias integer { size = 32; align = 8; signed = false; } := uint32_t;\n"
	"typealias integer { size = 64; align = 8; signed = false; } := uint64_t;\n"
	"typealias integer { size = 64; align = 8; signed = false; base = 16; } := hex64_t;\n\n"
	"trace {\n\tmajor = 1;\n\tminor = 8;\n\tbyte_order = le;\n"
	"\tpacket.header := struct {\n\t\tuint32_t magic;\n\t\tuint32_t stream_id;\n\t};\n};\n\n"
	"env {\n\tdomain = \"kernel\";\n\ttracer_name = \"tessera\";\n\ttracer_major = 1;\n"
	"\ttracer_minor = 0;\n};\n\n";

static const char streams[] =
	"typealias integer { size = 64; align = 8; signed = false; map = clock.cntvct.value; }"
	" := stamp_t;\n\n"
	"stream {\n\tid = 0;\n\tpacket.context := struct {\n\t\tstamp_t timestamp_begin;\n"
	"\t\tstamp_t timestamp_end;\n\t\tuint64_t content_size;\n\t\tuint64_t packet_size;\n"
	"\t\tuint64_t events_discarded;\n\t\tuint32_t cpu_id;\n\t};\n"
	"\tevent.header := struct {\n\t\tuint16_t id;\n\t\tstamp_t timestamp;\n\t};\n};\n\n";

/* So that stamps are shown as the time of day. */
static void clock_show(struct seq_file *m)
{
	u64 freq = clock_frequency(), cycles = clock_cycles(), real = ktime_get_real();
	u64 s = real / NSEC_PER_SEC, frac = real % NSEC_PER_SEC * freq / NSEC_PER_SEC;
	u64 up = cycles / freq, up_frac = cycles % freq;

	s -= min(s, up);
	if (frac < up_frac && s) {
		frac += freq;
		s--;
	}
	frac -= min(frac, up_frac);
	seq_printf(m, "clock {\n\tname = \"cntvct\";\n\tdescription = \"CNTVCT_EL0\";\n"
		   "\tfreq = %llu;\n\toffset_s = %llu;\n\toffset = %llu;\n};\n\n",
		   (unsigned long long)freq, (unsigned long long)s, (unsigned long long)frac);
}

void trace_ctf_metadata(struct seq_file *m)
{
	seq_puts(m, types);
	clock_show(m);
	seq_puts(m, streams);
	for (unsigned i = 0; i < nr_trace_events; i++) {
		const struct trace_event *e = &trace_events[i];

		seq_printf(m, "event {\n\tname = \"%s\";\n\tid = %u;\n\tstream_id = 0;\n"
			   "\tfields := struct {\n", e->name, e->type);
		for (unsigned f = 0; f < e->nr_fields; f++)
			seq_printf(m, "\t\t%s _%s;\n", e->wide >> f & 1 ? "hex64_t" : "uint32_t",
				   e->field[f]);
		seq_puts(m, "\t};\n};\n\n");
	}
}
