/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * /proc/trace/buffer: the events of all CPUs as text, in order of time. An open file
 * shows what there was when it was opened. Writing to it clears the rings.
 */
#include <fs/proc.h>
#include <fs/uio.h>
#include <kernel/cpu.h>
#include <kernel/init.h>
#include <kernel/mutex.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/slab.h>
#include <mm/vmap.h>
#include <trace/events.h>
#include <trace/trace.h>

#define LINE_SIZE	192

/* One CPU: its snapshot and the event that comes next. */
struct cpu_reader {
	struct trace_snapshot snap;
	struct trace_record next;
	bool have_next;
};

struct reader {
	struct mutex lock;		/* one read at a time */
	size_t len, done;		/* of line: how long, how much of it was read */
	char line[LINE_SIZE];
	struct cpu_reader cpu[CONFIG_NR_CPUS];
};

static void reader_free(struct reader *r)
{
	for (unsigned cpu = 0; cpu < CONFIG_NR_CPUS; cpu++)
		trace_snapshot_free(&r->cpu[cpu].snap);
	vfree(r);
}

static int buffer_open(struct inode *inode, struct file *file)
{
	struct reader *r = vzalloc(sizeof(*r));
	int err = 0;

	if (!r)
		return -ENOMEM;
	mutex_init(&r->lock);
	if (file->f_mode & FMODE_READ) {
		for_each_online_cpu(cpu) {
			err = err ?: trace_snapshot_take(&r->cpu[cpu].snap, cpu, true);
			if (!err)
				r->cpu[cpu].have_next = trace_snapshot_next(&r->cpu[cpu].snap,
									    &r->cpu[cpu].next);
		}
	}
	if (err) {
		reader_free(r);
		return err;
	}
	file->private = r;
	return stream_open(inode, file);
}

/* Prints the oldest of the CPUs' next events. False: there is none. */
static bool next_line(struct reader *r)
{
	struct cpu_reader *oldest = NULL;

	for (unsigned cpu = 0; cpu < CONFIG_NR_CPUS; cpu++) {
		struct cpu_reader *c = &r->cpu[cpu];

		if (c->have_next && (!oldest || c->next.stamp < oldest->next.stamp))
			oldest = c;
	}
	if (!oldest)
		return false;
	r->len = trace_format(r->line, sizeof(r->line) - 1, &oldest->next);
	r->line[r->len++] = '\n';
	r->done = 0;
	oldest->have_next = trace_snapshot_next(&oldest->snap, &oldest->next);
	return true;
}

static ssize_t buffer_read(struct file *file, struct iov_iter *to, loff_t *pos)
{
	struct reader *r = file->private;
	size_t total = 0;

	mutex_lock(&r->lock);
	while (iov_iter_count(to) && (r->done < r->len || next_line(r))) {
		size_t want = min(r->len - r->done, iov_iter_count(to));
		size_t n = copy_to_iter(r->line + r->done, want, to);

		r->done += n;
		total += n;
		if (n < want)
			break;
	}
	mutex_unlock(&r->lock);
	return total || !iov_iter_count(to) || (r->done >= r->len) ? (ssize_t)total : -EFAULT;
}

static ssize_t buffer_write(struct file *file, struct iov_iter *from, loff_t *pos)
{
	size_t n = iov_iter_count(from);

	trace_ring_clear();
	iov_iter_advance(from, n);
	return (ssize_t)n;
}

static int buffer_release(struct inode *inode, struct file *file)
{
	reader_free(file->private);
	return 0;
}

static const struct file_ops buffer_ops = {
	.open = buffer_open,
	.read = buffer_read,
	.write = buffer_write,
	.release = buffer_release,
};

static int trace_buffer_init(void)
{
	return proc_create_ops("trace/buffer", 0600, &buffer_ops, NULL);
}
device_initcall(trace_buffer_init);
