/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * /proc/trace/ctf: a ready CTF trace, the metadata and one stream a CPU. An open stream is
 * what there was when it was opened.
 */
#include <fs/proc.h>
#include <fs/uio.h>
#include <kernel/cpu.h>
#include <kernel/init.h>
#include <lib/errno.h>
#include <lib/printf.h>
#include <mm/vmap.h>
#include "ctf.h"

struct stream {
	size_t size;
	u8 data[];
};

static int stream_file_open(struct inode *inode, struct file *file)
{
	unsigned cpu = (unsigned)(unsigned long)inode->i_private;
	struct trace_snapshot snap;
	struct stream *s;
	int err = trace_snapshot_take(&snap, cpu, true);

	if (err)
		return err;
	s = vmalloc(sizeof(*s) + trace_ctf_stream_max(&snap));
	if (s)
		s->size = trace_ctf_stream(s->data, cpu, &snap);
	trace_snapshot_free(&snap);
	file->private = s;
	return s ? 0 : -ENOMEM;
}

static ssize_t stream_file_read(struct file *file, struct iov_iter *to, loff_t *pos)
{
	struct stream *s = file->private;

	return simple_read_from_buffer(to, pos, s->data, s->size);
}

static int stream_file_release(struct inode *inode, struct file *file)
{
	vfree(file->private);
	return 0;
}

static const struct file_ops stream_ops = {
	.open = stream_file_open,
	.read = stream_file_read,
	.release = stream_file_release,
};

static int metadata_show(struct seq_file *m, void *data)
{
	trace_ctf_metadata(m);
	return 0;
}

static int trace_ctf_init(void)
{
	int err = proc_create("trace/ctf/metadata", 0400, metadata_show, NULL);

	for_each_online_cpu(cpu) {
		char path[32];

		snprintf(path, sizeof(path), "trace/ctf/stream_%u", cpu);
		err = err ?: proc_create_ops(path, 0400, &stream_ops, (void *)(unsigned long)cpu);
	}
	return err;
}
device_initcall(trace_ctf_init);
