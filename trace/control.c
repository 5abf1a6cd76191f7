/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which events are on: the words of trace= and of /proc/trace/enable. And the dump
 * of the last events after a panic.
 */
#include <kernel/cpu.h>
#include <kernel/init.h>
#include <kernel/mutex.h>
#include <kernel/printk.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <trace/events.h>
#include <trace/trace.h>

static DEFINE_MUTEX(enable_lock);
static char boot_spec[256];

static const struct trace_provider *provider_of(u16 type)
{
	for (unsigned i = 0; i < nr_trace_providers; i++)
		if (trace_providers[i].id == type >> 8)
			return &trace_providers[i];
	return NULL;
}

static bool is(const char *word, size_t len, const char *name)
{
	return strlen(name) == len && !strncmp(word, name, len);
}

/*
 * One word: "process", "process:fork_entry", a bare probe that goes on with the
 * provider of the word before, "all" or "none". Sets or clears bits of `on`.
 */
static bool apply_word(const char *word, size_t len, const struct trace_provider **context,
		       bool *on)
{
	bool value = true, known = false;
	const char *colon;

	if (len && (*word == '-' || *word == '!')) {
		value = false;
		word++;
		len--;
	}
	if (is(word, len, "none"))
		value = false;
	colon = memchr(word, ':', len);
	for (unsigned i = 0; i < nr_trace_events; i++) {
		const struct trace_event *e = &trace_events[i];
		const struct trace_provider *p = provider_of(e->type);
		size_t plen = colon ? (size_t)(colon - word) : len;
		bool match;

		if (is(word, len, "all") || is(word, len, "none"))
			match = true;
		else if (colon)
			match = is(word, plen, p->name) && is(colon + 1, len - plen - 1, e->fn);
		else
			match = is(word, len, p->name) || (*context == p && is(word, len, e->fn));
		if (!match)
			continue;
		if (colon)
			*context = p;
		on[i] = value;
		known = true;
	}
	return known;
}

static int set_all(const bool *on)
{
	bool any = false;
	int err;

	for (unsigned i = 0; i < nr_trace_events; i++)
		any |= on[i];
	err = any ? trace_ring_alloc() : 0;
	if (err)
		return err;
	for (unsigned i = 0; i < nr_trace_events; i++)
		if (on[i] != !!trace_events[i].key->enabled)
			static_key_set(trace_events[i].key, on[i]);
	return 0;
}

int trace_enable_spec(const char *spec)
{
	static bool on[256];	/* under enable_lock; more events than any kernel will have */
	const struct trace_provider *context = NULL;
	int err = 0;

	_Static_assert(ARRAY_SIZE(on) >= 11 * 14, "room for every event");
	mutex_lock(&enable_lock);
	for (unsigned i = 0; i < nr_trace_events; i++)
		on[i] = trace_events[i].key->enabled;
	while (*spec && !err) {
		size_t len = strcspn(spec, ", \t\n");

		if (len && !apply_word(spec, len, &context, on)) {
			pr_err("trace: '%.*s' is no provider or event of this kernel\n",
			       (int)len, spec);
			err = -EINVAL;
		}
		spec += len;
		spec += strspn(spec, ", \t\n");
	}
	if (!err)
		err = set_all(on);
	mutex_unlock(&enable_lock);
	return err;
}

static int trace_param(char *value)
{
	return strscpy(boot_spec, value, sizeof(boot_spec)) < 0 ? -EINVAL : 0;
}
EARLY_PARAM(trace, "trace", trace_param);

void trace_init(void)
{
	if (boot_spec[0])
		trace_enable_spec(boot_spec);
}

/* Walks back far enough, then prints forwards. */
static void dump_cpu(unsigned cpu, unsigned count)
{
	u64 head = trace_ring_head(cpu), lost = 0, index;
	struct trace_record rec;
	char line[160];

	/* An event is at most TRACE_MAX_FIELDS slots. */
	index = head > (u64)count * TRACE_MAX_FIELDS ? head - (u64)count * TRACE_MAX_FIELDS : 0;
	for (u64 at = index, total = 0; trace_ring_read(cpu, &at, &rec, &lost);)
		if (++total > count)
			index = rec.index;
	while (count-- && trace_ring_read(cpu, &index, &rec, &lost)) {
		trace_format(line, sizeof(line), &rec);
		printk(KERN_EMERG "%s\n", line);
	}
}

void trace_dump_last(unsigned count)
{
	if (!trace_ring_size())
		return;
	printk(KERN_EMERG "Last trace events:\n");
	for_each_online_cpu(cpu)
		dump_cpu(cpu, count);
}
