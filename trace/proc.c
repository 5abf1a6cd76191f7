/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * /proc/trace: the tables of what there is, counters and histograms.
 */
#include <fs/proc.h>
#include <fs/seq_file.h>
#include <kernel/cpu.h>
#include <kernel/init.h>
#include <kernel/printk.h>
#include <kernel/syscall.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <trace/counters.h>
#include <trace/events.h>
#include <trace/hist.h>
#include <trace/trace.h>
#include "proc.h"

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

		seq_printf(m, "0x%04x %-18s %-3s", e->type, e->name, e->key->enabled ? "on" : "off");
		for (unsigned f = 0; f < e->nr_fields; f++)
			seq_printf(m, " %s:%s", e->field[f], e->wide >> f & 1 ? "u64" : "u32");
		seq_putc(m, '\n');
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
		struct trace_snapshot snap;

		/* Without a copy: only the numbers are of interest. */
		trace_snapshot_take(&snap, cpu, false);
		seq_printf(m, "CPU%u recorded=%llu present=%llu overwritten=%llu dropped=%llu\n", cpu,
			   (unsigned long long)(snap.events + snap.overwritten),
			   (unsigned long long)snap.events, (unsigned long long)snap.overwritten,
			   (unsigned long long)snap.dropped);
	}
	return 0;
}

static void one_histogram(struct seq_file *m, unsigned which, const char *kind, const char *name)
{
	u64 total = 0;

	for (unsigned b = 0; b < TRACE_HIST_BUCKETS; b++)
		total += trace_hist_sum(which, b);
	if (!total)
		return;
	seq_printf(m, "%s%s%s count=%llu\n", kind, *name ? " " : "", name,
		   (unsigned long long)total);
	for (unsigned b = 0; b < TRACE_HIST_BUCKETS; b++) {
		u64 n = trace_hist_sum(which, b);

		if (n)
			seq_printf(m, "  %llu %llu\n", b ? 1ull << b : 0ull, (unsigned long long)n);
	}
}

static int histograms_show(struct seq_file *m, void *data)
{
	static const char *const names[NR_TRACE_HISTS] = {
		[HIST_IRQ] = "irq",
		[HIST_SCHED_DELAY] = "sched_delay",
		[HIST_PAGE_FAULT] = "page_fault",
	};

	if (!IS_ENABLED(CONFIG_TRACE_HISTOGRAMS))
		return 0;
	seq_printf(m, "# %s; least ns of a bucket, and its count\n",
		   trace_hist_key.enabled ? "on" : "off");
	for (unsigned i = 0; i < NR_TRACE_HISTS; i++)
		one_histogram(m, i, names[i], "");
	for (unsigned nr = 0; nr < NR_SYSCALLS; nr++)
		one_histogram(m, NR_TRACE_HISTS + nr, "syscall", syscall_name(nr));
	return 0;
}

static int histograms_open(struct inode *inode, struct file *file)
{
	return seq_open_show(file, histograms_show, NULL);
}

/* "1" and "0" switch, "clear" sets to zero. */
static int histograms_set(char *text)
{
	if (!strcmp(text, "clear") && IS_ENABLED(CONFIG_TRACE_HISTOGRAMS)) {
		trace_hist_reset();
		return 0;
	}
	if (strcmp(text, "0") && strcmp(text, "1")) {
		pr_err("trace: histograms: '%s' is not 0, 1 or clear\n", text);
		return -EINVAL;
	}
	return trace_histograms(*text == '1');
}

static ssize_t histograms_write(struct file *file, struct iov_iter *from, loff_t *pos)
{
	return trace_proc_write(from, histograms_set);
}

static const struct file_ops histograms_ops = {
	.open = histograms_open,
	.read = seq_read,
	.write = histograms_write,
	.llseek = seq_llseek,
	.release = seq_release,
};

static int trace_proc_init(void)
{
	int err = proc_create("trace/providers", 0444, providers_show, NULL);

	err = err ?: proc_create("trace/events", 0444, events_show, NULL);
	err = err ?: proc_create("trace/counters", 0444, counters_show, NULL);
	err = err ?: proc_create("trace/dropped", 0444, dropped_show, NULL);
	return err ?: proc_create_ops("trace/histograms", 0644, &histograms_ops, NULL);
}
device_initcall(trace_proc_init);
