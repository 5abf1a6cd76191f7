/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * /proc files about the kernel itself: config.gz, kallsyms, kmsg, sched_policy and
 * sysrq-trigger.
 */
#include <arch/uaccess.h>
#include <fs/poll.h>
#include <fs/uio.h>
#include <kernel/cred.h>
#include <kernel/init.h>
#include <kernel/kallsyms.h>
#include <kernel/printk.h>
#include <kernel/sched_policy.h>
#include <kernel/sections.h>
#include <kernel/sysrq.h>
#include <kernel/time.h>
#include <kernel/wait.h>
#include <lib/printf.h>
#include <mm/slab.h>
#include "proc_internal.h"

#if IS_ENABLED(CONFIG_IKCONFIG)
extern const char ikconfig_data[];
extern const u64 ikconfig_size;

static ssize_t config_read(struct file *file, struct iov_iter *to, loff_t *pos)
{
	return simple_read_from_buffer(to, pos, ikconfig_data, ikconfig_size);
}
static const struct file_ops config_fops = { .read = config_read };

static int __init config_init(void)
{
	return proc_create_ops("config.gz", 0444, &config_fops, NULL);
}
device_initcall(config_init);
#endif

/* "address T name", in order; addresses only for those who may know them. */
static void show_symbols(struct seq_file *m, u64 from, u64 to)
{
	bool tell = capable(CAP_SYSLOG);
	const char *name;
	u64 size;

	for (; from < to; from += size) {
		u64 offset;

		name = kallsyms_lookup(from, &offset, &size);
		if (!name || size <= offset)
			break;
		seq_printf(m, "%016llx T %s\n", tell ? (unsigned long long)(from - offset) : 0ull, name);
		size -= offset;
	}
}

static int kallsyms_show(struct seq_file *m, void *data)
{
	show_symbols(m, (u64)_stext, (u64)_etext);
	return 0;
}

static int policy_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%s\n", sched_policy.name);
	return 0;
}

/* ---- kmsg: as syslog(2), for those that read it as a file ---- */

static DEFINE_MUTEX(kmsg_mutex);
static u64 kmsg_seq;		/* kmsg_mutex: one position for everybody, as on Linux */

static int kmsg_open(struct inode *inode, struct file *file)
{
	return capable(CAP_SYSLOG) ? 0 : -EPERM;
}

static ssize_t kmsg_read(struct file *file, struct iov_iter *to, loff_t *pos)
{
	struct klog_record *rec = kmalloc(sizeof(*rec), GFP_KERNEL);
	ssize_t done = 0;
	char prefix[40];
	u64 lost, next;
	int err;

	if (!rec)
		return -ENOMEM;
	err = mutex_lock_interruptible(&kmsg_mutex);
	if (err)
		goto out_free;
	if (klog_next_seq() <= kmsg_seq) {
		err = -EAGAIN;
		if (file->f_flags & O_NONBLOCK)
			goto out;
		err = wait_event_interruptible(klog_wait_queue(), klog_next_seq() > kmsg_seq);
		if (err)
			goto out;
	}
	while ((next = kmsg_seq, klog_read(&next, rec, &lost))) {
		bool newline = rec->len && rec->text[rec->len - 1] == '\n';
		size_t n = (size_t)scnprintf(prefix, sizeof(prefix), "<%u>[%5llu.%06llu] ", rec->level,
					     (unsigned long long)(rec->ts / NSEC_PER_SEC),
					     (unsigned long long)(rec->ts % NSEC_PER_SEC / NSEC_PER_USEC));

		if (iov_iter_count(to) < n + rec->len + !newline)
			break;
		if (copy_to_iter(prefix, n, to) != n || copy_to_iter(rec->text, rec->len, to) != rec->len ||
		    (!newline && copy_to_iter("\n", 1, to) != 1)) {
			err = -EFAULT;
			break;
		}
		done += (ssize_t)(n + rec->len + !newline);
		kmsg_seq = next;
	}
	if (!done && !err)
		err = -EINVAL;		/* the buffer is smaller than a line */
out:
	mutex_unlock(&kmsg_mutex);
out_free:
	kfree(rec);
	return done ? done : err;
}

static u32 kmsg_poll(struct file *file, struct poll_table *pt)
{
	poll_wait(file, klog_wait_queue(), pt);
	return klog_next_seq() > READ_ONCE(kmsg_seq) ? EPOLLIN | EPOLLRDNORM : 0;
}
static const struct file_ops kmsg_fops = {
	.open = kmsg_open, .read = kmsg_read, .poll = kmsg_poll, .llseek = no_llseek,
	.seek_none = true,
};

static ssize_t sysrq_write(struct file *file, struct iov_iter *from, loff_t *pos)
{
	size_t n = iov_iter_count(from);
	char c;

	if (n && copy_from_iter(&c, 1, from) != 1)
		return -EFAULT;
	if (n)
		sysrq_handle(c);
	return (ssize_t)n;
}
static const struct file_ops sysrq_fops = { .write = sysrq_write };

static int __init misc_init(void)
{
	int err = proc_create_ops("kmsg", 0400, &kmsg_fops, NULL);

	if (IS_ENABLED(CONFIG_MAGIC_SYSRQ))
		err = err ?: proc_create_ops("sysrq-trigger", 0200, &sysrq_fops, NULL);
	err = err ?: proc_create("sched_policy", 0444, policy_show, NULL);
	if (IS_ENABLED(CONFIG_KALLSYMS))
		err = err ?: proc_create("kallsyms", 0444, kallsyms_show, NULL);
	return err;
}
device_initcall(misc_init);
