/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * /dev/kmsg: each read gives one record of the kernel log, each write adds one. The
 * format is that of Documentation/ABI/testing/dev-kmsg of Linux:
 * "level,sequence,microseconds,-;text\n", with non-printing bytes as \xNN.
 */
#include <fs/chrdev.h>
#include <fs/poll.h>
#include <fs/uio.h>
#include <kernel/init.h>
#include <kernel/mutex.h>
#include <kernel/printk.h>
#include <kernel/time.h>
#include <kernel/wait.h>
#include <lib/ctype.h>
#include <lib/parse.h>
#include <lib/printf.h>
#include <lib/string.h>
#include <mm/slab.h>

/* Lock: mutex guards all of it; one reader of a descriptor at a time. */
struct kmsg {
	struct mutex       lock;
	u64                seq;		/* the next record to read */
	struct klog_record rec;
	char               line[sizeof(((struct klog_record *)0)->text) * 4 + 64];
};

static int kmsg_open(struct inode *inode, struct file *file)
{
	struct kmsg *k;

	if (!(file->f_mode & FMODE_READ))
		return 0;
	if (!klog_may_read(true))
		return -EPERM;
	k = kmalloc(sizeof(*k), GFP_KERNEL);
	if (!k)
		return -ENOMEM;
	mutex_init(&k->lock);
	k->seq = klog_first_seq();
	file->private = k;
	return 0;
}

static int kmsg_release(struct inode *inode, struct file *file)
{
	kfree(file->private);
	return 0;
}

static size_t kmsg_format(struct kmsg *k)
{
	const struct klog_record *r = &k->rec;
	u16 len = r->len;
	size_t n = (size_t)scnprintf(k->line, sizeof(k->line), "%u,%llu,%llu,-;", r->level,
				     (unsigned long long)r->seq,
				     (unsigned long long)(r->ts / NSEC_PER_USEC));

	while (len && r->text[len - 1] == '\n')
		len--;
	for (u16 i = 0; i < len; i++) {
		u8 c = (u8)r->text[i];

		if (c < ' ' || c >= 127 || c == '\\')
			n += (size_t)scnprintf(k->line + n, sizeof(k->line) - n, "\\x%02x", c);
		else
			k->line[n++] = (char)c;
	}
	k->line[n++] = '\n';
	return n;
}

static ssize_t kmsg_read(struct file *file, struct iov_iter *to, loff_t *pos)
{
	struct kmsg *k = file->private;
	u64 next, lost;
	size_t n;
	int err;

	err = mutex_lock_interruptible(&k->lock);
	if (err)
		return err;
	if (klog_next_seq() <= k->seq) {
		err = -EAGAIN;
		if (file->f_flags & O_NONBLOCK)
			goto out;
		err = wait_event_interruptible(klog_wait_queue(), klog_next_seq() > k->seq);
		if (err)
			goto out;
	}
	next = k->seq;
	klog_read(&next, &k->rec, &lost);
	if (lost) {			/* overwritten: say so once, go on with the oldest */
		k->seq = next - 1;
		err = -EPIPE;
		goto out;
	}
	n = kmsg_format(k);
	err = -EINVAL;
	if (n > iov_iter_count(to))
		goto out;
	k->seq = next;
	err = copy_to_iter(k->line, n, to) == n ? (int)n : -EFAULT;
out:
	mutex_unlock(&k->lock);
	return err;
}

/* "<N>text": N is the syslog priority; without it, LOG_USER and the default level. */
static ssize_t kmsg_write(struct file *file, struct iov_iter *from, loff_t *pos)
{
	size_t n = iov_iter_count(from);
	char buf[sizeof(((struct klog_record *)0)->text)], *text = buf, *end;
	unsigned level = LOGLEVEL_WARN;

	if (n >= sizeof(buf))
		return -EINVAL;
	if (copy_from_iter(buf, n, from) != n)
		return -EFAULT;
	buf[n] = '\0';
	if (buf[0] == '<' && isdigit(buf[1])) {
		unsigned long prio = simple_strtoul(buf + 1, &end, 10);

		if (*end == '>') {
			level = prio & 7;
			text = end + 1;
		}
	}
	end = text + strlen(text);
	printk("\001%c%s%s", (char)('0' + level), text, end > text && end[-1] == '\n' ? "" : "\n");
	return (ssize_t)n;
}

static loff_t kmsg_llseek(struct file *file, loff_t offset, int whence)
{
	struct kmsg *k = file->private;

	if (!k)
		return -EBADF;
	if (offset)
		return -ESPIPE;
	mutex_lock(&k->lock);
	if (whence == SEEK_SET)
		k->seq = klog_first_seq();
	else if (whence == SEEK_END)
		k->seq = klog_next_seq();
	else if (whence != SEEK_DATA)
		offset = -EINVAL;
	mutex_unlock(&k->lock);
	return offset;
}

static u32 kmsg_poll(struct file *file, struct poll_table *pt)
{
	struct kmsg *k = file->private;

	if (!k)
		return EPOLLERR | EPOLLNVAL;
	poll_wait(file, klog_wait_queue(), pt);
	if (klog_next_seq() <= k->seq)
		return 0;
	return EPOLLIN | EPOLLRDNORM | (klog_first_seq() > k->seq ? EPOLLERR | EPOLLPRI : 0);
}

static const struct file_ops kmsg_fops = {
	.open = kmsg_open, .release = kmsg_release, .read = kmsg_read, .write = kmsg_write,
	.llseek = kmsg_llseek, .poll = kmsg_poll,
};

static int __init kmsg_init(void)
{
	int err = chrdev_register(MKDEV(1, 11), 1, "mem", &kmsg_fops);

	return err ? err : devtmpfs_add("kmsg", S_IFCHR | 0644, MKDEV(1, 11));
}
fs_initcall(kmsg_init);
