/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is recorded: the words of trace= and of /proc/trace/enable, the event that
 * stops the recording, the filter. And the dump of the last events after a panic.
 */
#include <arch/syscall.h>
#include <kernel/cpu.h>
#include <kernel/init.h>
#include <kernel/mutex.h>
#include <kernel/printk.h>
#include <lib/errno.h>
#include <lib/parse.h>
#include <lib/string.h>
#include <trace/ctx.h>
#include <trace/events.h>
#include <trace/filter.h>
#include <trace/gate.h>
#include <trace/hist.h>
#include <trace/sched.h>
#include <trace/syscall.h>
#include <trace/trace.h>

static DEFINE_MUTEX(enable_lock);	/* what is on: keys, filter, trigger */
static bool early = true;		/* there is no memory to allocate yet */

struct static_key trace_switch_key, trace_wake_key;

/* See trace/gate.h. All are open for histograms, too. NULL is the way in from EL0. */
static const struct gate {
	struct static_key *key;
	unsigned nr_events;
	u16 events[3];
} gates[] = {
	{ NULL, 3, { TRACE_TO_KERNEL, TRACE_SYSCALL_ENTRY, TRACE_SYSCALL_EXIT } },
	{ &trace_switch_key, 3, { TRACE_SCHED_PICK, TRACE_SWITCH, TRACE_TO_IDLE } },
	{ &trace_wake_key, 1, { TRACE_SCHED_WAKE } },
};

static bool trace_hist_key_on(void)
{
	return IS_ENABLED(CONFIG_TRACE_HISTOGRAMS) && trace_hist_key.enabled;
}

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

/* After a change of what is behind them. */
static void set_gates(void)
{
	for (const struct gate *g = gates; g < gates + ARRAY_SIZE(gates); g++) {
		bool open = trace_hist_key_on();

		for (unsigned i = 0; i < g->nr_events; i++) {
			const struct trace_event *e = trace_event_find(g->events[i]);

			open |= e && e->key->enabled;
		}
		if (g->key)
			static_key_set(g->key, open);
		else
			el0_slow_set(EL0_SLOW_TRACE, open);
	}
}

static int set_all(const bool *on)
{
	bool any = false;
	int err;

	for (unsigned i = 0; i < nr_trace_events; i++)
		any |= on[i];
	err = any && !early ? trace_ring_alloc() : 0;
	if (err)
		return err;
	for (unsigned i = 0; i < nr_trace_events; i++)
		if (on[i] != !!trace_events[i].key->enabled)
			static_key_set(trace_events[i].key, on[i]);
	set_gates();
	static_key_sync();
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

/* The filter and the trigger share the one slow way of emitting. */
static void update_special_key(void)
{
	u32 ids[TRACE_FILTER_MAX];

	trace_ring_special(trace_filter_get(ids) || trace_stop_type != 0xffff);
}

int trace_filter_spec(const char *spec)
{
	u32 ids[TRACE_FILTER_MAX];
	unsigned n = 0;

	while (*spec) {
		size_t len = strcspn(spec, ", \t\n");
		char word[16];

		if (len) {
			strscpy(word, spec, min(len + 1, sizeof(word)));
			if (n == TRACE_FILTER_MAX || len >= sizeof(word) ||
			    kstrtou32(word, 10, &ids[n])) {
				pr_err("trace: '%.*s' is no process id, or one too many\n",
				       (int)len, spec);
				return -EINVAL;
			}
			n++;
		}
		spec += len;
		spec += strspn(spec, ", \t\n");
	}
	mutex_lock(&enable_lock);
	trace_filter_set(ids, n);
	update_special_key();
	mutex_unlock(&enable_lock);
	return 0;
}

int trace_stop_spec(const char *spec)
{
	size_t len;
	u16 type = 0xffff;

	spec += strspn(spec, " \t\n");
	len = strcspn(spec, " \t\n");
	for (unsigned i = 0; i < nr_trace_events; i++) {
		const struct trace_event *e = &trace_events[i];
		const char *colon = memchr(spec, ':', len), *fn = colon ? colon + 1 : spec;

		if (is(fn, len - (size_t)(fn - spec), e->fn) &&
		    (!colon || is(spec, (size_t)(colon - spec), provider_of(e->type)->name)))
			type = e->type;
	}
	if (type == 0xffff && len && !is(spec, len, "none")) {
		pr_err("trace: '%.*s' is no event of this kernel\n", (int)len, spec);
		return -EINVAL;
	}
	mutex_lock(&enable_lock);
	WRITE_ONCE(trace_stop_type, type);
	update_special_key();
	mutex_unlock(&enable_lock);
	return 0;
}

int trace_histograms(bool on)
{
	int err = -EOPNOTSUPP;

	mutex_lock(&enable_lock);
	if (IS_ENABLED(CONFIG_TRACE_HISTOGRAMS)) {
		err = trace_hist_enable(on);
		set_gates();
		static_key_sync();
	}
	mutex_unlock(&enable_lock);
	return err;
}

/* At once, into the early ring: what comes next is the set-up of memory. */
static int trace_param(char *value)
{
	trace_ring_alloc_early();
	return trace_enable_spec(value);
}
EARLY_PARAM(trace, "trace", trace_param);

static int trace_buffer_param(char *value)
{
	unsigned kb;

	return kstrtouint(value, 0, &kb) ?: trace_ring_set_size(kb);
}
EARLY_PARAM(trace_buffer, "trace.buffer", trace_buffer_param);

static int trace_mode_param(char *value)
{
	if (strcmp(value, "overwrite") && strcmp(value, "stop"))
		return -EINVAL;
	trace_overwrite = *value == 'o';
	return 0;
}
EARLY_PARAM(trace_mode, "trace.mode", trace_mode_param);

void trace_init(void)
{
	early = false;
	if (trace_ring_size() && trace_ring_alloc())
		pr_err("trace: no memory for the rings of all CPUs\n");
}

/* Without a copy: there may be no memory, and the other CPUs have stopped. */
static void dump_cpu(unsigned cpu, unsigned count)
{
	struct trace_snapshot snap;
	struct trace_record rec;
	char line[160];

	trace_snapshot_take(&snap, cpu, false);
	while (trace_snapshot_next(&snap, &rec)) {
		if (snap.events-- > count)
			continue;
		trace_format(line, sizeof(line), &rec);
		printk(KERN_EMERG "%s\n", line);
	}
}

void trace_dump_last(void)
{
	if (!trace_ring_size() || !CONFIG_TRACE_DUMP_ON_PANIC)
		return;
	trace_ring_record(false);	/* the dump itself is not of interest */
	printk(KERN_EMERG "Last trace events:\n");
	/* Those that the panic has stopped do not count as online any more. */
	for (unsigned cpu = 0; cpu < CONFIG_NR_CPUS; cpu++)
		dump_cpu(cpu, CONFIG_TRACE_DUMP_ON_PANIC);
}
