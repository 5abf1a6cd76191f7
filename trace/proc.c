/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * /proc/trace: what is on, what there is, and what was recorded, as text.
 */
#include <fs/proc.h>
#include <fs/seq_file.h>
#include <fs/uio.h>
#include <kernel/cpu.h>
#include <kernel/init.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <trace/counters.h>
#include <trace/events.h>
#include <trace/trace.h>

static int providers_show(struct seq_file *m, void *data)
{
	for (unsigned i = 0; i < nr_trace_providers; i++)
		seq_printf(m, "0x%02x %-10s %s\n", trace_providers[i].id, trace_providers[i].name,
			   trace_providers[i].text);
	return 0;
}

static int events_show(struct seq_file *m, void *data)
{
	for (unsigned i = 0; i < nr_trace_events; i++) {
		const struct trace_event *e = &trace_events[i];

		seq_printf(m, "0x%04x %-18s %s", e->type, e->name, e->key->enabled ? "on " : "off");
		for (unsigned f = 0; f < e->nr_fields; f++)
			seq_printf(m, " %s:%s", e->field[f], e->wide >> f & 1 ? "u64" : "u32");
		seq_putc(m, '\n');
	}
	return 0;
}

/* The text form of everything in the rings, CPU after CPU. */
static int buffer_show(struct seq_file *m, void *data)
{
	char line[160];

	for_each_online_cpu(cpu) {
		struct trace_record rec;
		u64 index = 0, lost = 0, end = trace_ring_head(cpu);

		while (index < end && trace_ring_read(cpu, &index, &rec, &lost)) {
			size_t n = trace_format(line, sizeof(line) - 1, &rec);

			line[n++] = '\n';
			seq_write(m, line, n);
		}
	}
	return 0;
}

static int counters_show(struct seq_file *m, void *data)
{
	for (unsigned i = 0; i < NR_TRACE_COUNTERS; i++)
		seq_printf(m, "%s %llu\n", trace_counter_names[i],
			   (unsigned long long)trace_counter_sum(i));
	return 0;
}

static int dropped_show(struct seq_file *m, void *data)
{
	for_each_online_cpu(cpu) {
		u64 head = trace_ring_head(cpu), size = trace_ring_size();
		u64 over = IS_ENABLED(CONFIG_TRACE_OVERWRITE) && head > size ? head - size : 0;

		seq_printf(m, "CPU%u overwritten_slots=%llu dropped_events=%llu\n", cpu,
			   (unsigned long long)over, (unsigned long long)trace_ring_dropped(cpu));
	}
	return 0;
}

/* The names that are on, in the form that can be written back. */
static int enable_show(struct seq_file *m, void *data)
{
	const char *gap = "";

	for (unsigned p = 0; p < nr_trace_providers; p++) {
		for (unsigned i = 0; i < nr_trace_events; i++) {
			const struct trace_event *e = &trace_events[i];

			if (e->type >> 8 != trace_providers[p].id || !e->key->enabled)
				continue;
			seq_printf(m, "%s%s:%s", gap, trace_providers[p].name, e->fn);
			gap = ",";
		}
	}
	seq_putc(m, '\n');
	return 0;
}

static int enable_open(struct inode *inode, struct file *file)
{
	return seq_open_show(file, enable_show, NULL);
}

static ssize_t enable_write(struct file *file, struct iov_iter *from, loff_t *pos)
{
	char spec[512];
	size_t n = iov_iter_count(from);
	int err;

	if (n >= sizeof(spec))
		return -EINVAL;
	if (copy_from_iter(spec, n, from) != n)
		return -EFAULT;
	spec[n] = '\0';
	err = trace_enable_spec(spec);
	return err ? err : (ssize_t)n;
}

static const struct file_ops enable_ops = {
	.open = enable_open,
	.read = seq_read,
	.write = enable_write,
	.llseek = seq_llseek,
	.release = seq_release,
};

static int trace_proc_init(void)
{
	int err = proc_create("trace/providers", 0444, providers_show, NULL);

	err = err ?: proc_create("trace/events", 0444, events_show, NULL);
	err = err ?: proc_create("trace/buffer", 0400, buffer_show, NULL);
	err = err ?: proc_create("trace/counters", 0444, counters_show, NULL);
	err = err ?: proc_create("trace/dropped", 0444, dropped_show, NULL);
	return err ?: proc_create_ops("trace/enable", 0644, &enable_ops, NULL);
}
device_initcall(trace_proc_init);
