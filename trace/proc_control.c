/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The files of /proc/trace that are written to: what to record, from whom, until
 * when; and the marks of programs.
 */
#include <fs/proc.h>
#include <fs/seq_file.h>
#include <kernel/init.h>
#include <kernel/printk.h>
#include <lib/errno.h>
#include <lib/parse.h>
#include <lib/string.h>
#include <trace/events.h>
#include <trace/filter.h>
#include <trace/marker.h>
#include <trace/trace.h>
#include "proc.h"

ssize_t trace_proc_write(struct iov_iter *from, int (*set)(char *text))
{
	char text[512];
	size_t n = iov_iter_count(from);
	int err;

	if (n >= sizeof(text)) {
		pr_err("trace: %zu bytes at once; at most %zu are read\n", n, sizeof(text) - 1);
		return -EINVAL;
	}
	if (copy_from_iter(text, n, from) != n)
		return -EFAULT;
	if (memchr(text, '\0', n)) {
		pr_err("trace: there is a NUL after '%.32s'\n", text);
		return -EINVAL;
	}
	text[n] = '\0';
	if (n && text[n - 1] == '\n')
		text[n - 1] = '\0';
	err = set(text);
	return err ? err : (ssize_t)n;
}

/* One file: what it shows, and what is done with what is written. */
struct control {
	const char *path;
	int (*show)(struct seq_file *m, void *data);
	int (*set)(char *text);
};

static const struct trace_provider *provider_of(const struct trace_event *e)
{
	for (unsigned i = 0; i < nr_trace_providers; i++)
		if (trace_providers[i].id == e->type >> 8)
			return &trace_providers[i];
	return NULL;
}

/* The names that are on, in the form that can be written back. */
static int enable_show(struct seq_file *m, void *data)
{
	const char *gap = "";

	for (unsigned i = 0; i < nr_trace_events; i++) {
		const struct trace_event *e = &trace_events[i];

		if (!e->key->enabled)
			continue;
		seq_printf(m, "%s%s:%s", gap, provider_of(e)->name, e->fn);
		gap = ",";
	}
	seq_putc(m, '\n');
	return 0;
}

static int enable_set(char *text)
{
	return trace_enable_spec(text);
}

static int pid_show(struct seq_file *m, void *data)
{
	u32 ids[TRACE_FILTER_MAX];
	unsigned n = trace_filter_get(ids);

	for (unsigned i = 0; i < n; i++)
		seq_printf(m, "%s%u", i ? "," : "", ids[i]);
	seq_putc(m, '\n');
	return 0;
}

static int pid_set(char *text)
{
	return trace_filter_spec(text);
}

static int stop_show(struct seq_file *m, void *data)
{
	const struct trace_event *e = trace_event_find(trace_stop_type);

	if (e)
		seq_printf(m, "%s:%s\n", provider_of(e)->name, e->fn);
	else
		seq_puts(m, "none\n");
	return 0;
}

static int stop_set(char *text)
{
	return trace_stop_spec(text);
}

static int on_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%d\n", trace_ring_recording());
	return 0;
}

static int on_set(char *text)
{
	int err;

	if (strcmp(text, "0") && strcmp(text, "1")) {
		pr_err("trace: on: '%s' is not 0 or 1\n", text);
		return -EINVAL;
	}
	err = *text == '1' ? trace_ring_alloc() : 0;
	if (!err)
		trace_ring_record(*text == '1');
	return err;
}

static int mode_show(struct seq_file *m, void *data)
{
	seq_puts(m, trace_overwrite ? "overwrite\n" : "stop\n");
	return 0;
}

static int mode_set(char *text)
{
	if (strcmp(text, "overwrite") && strcmp(text, "stop")) {
		pr_err("trace: mode: '%s' is not overwrite or stop\n", text);
		return -EINVAL;
	}
	WRITE_ONCE(trace_overwrite, *text == 'o');
	/* Both ways a ring looks again where its end is. */
	trace_ring_clear();
	return 0;
}

static int clear_show(struct seq_file *m, void *data)
{
	return 0;
}

static int clear_set(char *text)
{
	trace_ring_clear();
	return 0;
}

static int marker_set(char *text)
{
	unsigned long long value;
	size_t len = strlen(text);

	if (!kstrtou64(text, 0, &value)) {
		TRACE(marker, trace_current_tid(), value);
		return 0;
	}
	for (size_t at = 0; at < len; at += 24) {
		u64 part[3] = { 0 };

		memcpy(part, text + at, min(len - at, sizeof(part)));
		TRACE(marker_text, trace_current_tid(), part[0], part[1], part[2]);
	}
	return 0;
}

static const struct control controls[] = {
	{ "trace/enable", enable_show, enable_set },
	{ "trace/pid", pid_show, pid_set },
	{ "trace/stop_on", stop_show, stop_set },
	{ "trace/on", on_show, on_set },
	{ "trace/mode", mode_show, mode_set },
	{ "trace/clear", clear_show, clear_set },
	{ "trace/marker", clear_show, marker_set },
};

static int control_open(struct inode *inode, struct file *file)
{
	const struct control *control = inode->i_private;

	return seq_open_show(file, control->show, NULL);
}

static ssize_t control_write(struct file *file, struct iov_iter *from, loff_t *pos)
{
	const struct control *control = file->f_inode->i_private;

	return trace_proc_write(from, control->set);
}

static const struct file_ops control_ops = {
	.open = control_open,
	.read = seq_read,
	.write = control_write,
	.llseek = seq_llseek,
	.release = seq_release,
};

static int trace_control_init(void)
{
	int err = 0;

	for (unsigned i = 0; i < ARRAY_SIZE(controls) && !err; i++) {
		bool marker = controls[i].set == marker_set;

		if (marker && !IS_ENABLED(CONFIG_TRACE_MARKER))
			continue;
		/* A mark does no harm, so every program may set one. */
		err = proc_create_ops(controls[i].path, marker ? 0222 : 0644, &control_ops,
				      (void *)&controls[i]);
	}
	return err;
}
device_initcall(trace_control_init);
