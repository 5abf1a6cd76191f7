/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * syslog(2): dmesg and klogd read the kernel log here.
 */
#include <arch/uaccess.h>
#include <kernel/cred.h>
#include <kernel/mutex.h>
#include <kernel/printk.h>
#include <kernel/syscall.h>
#include <kernel/time.h>
#include <kernel/wait.h>
#include <lib/printf.h>
#include <mm/slab.h>

/* The actions of syslog(2); no header of the ABI names them. */
enum {
	ACTION_CLOSE, ACTION_OPEN, ACTION_READ, ACTION_READ_ALL, ACTION_READ_CLEAR, ACTION_CLEAR,
	ACTION_CONSOLE_OFF, ACTION_CONSOLE_ON, ACTION_CONSOLE_LEVEL, ACTION_SIZE_UNREAD,
	ACTION_SIZE_BUFFER,
};

static DEFINE_MUTEX(syslog_lock);
static u64 read_seq;		/* ACTION_READ: next record */
static size_t read_partial;	/* bytes of it that were read already */
static u64 clear_seq;		/* ACTION_CLEAR: what READ_ALL begins with */
static int saved_loglevel = -1;

#define LINE_MAX	(sizeof(struct klog_record) + 32)

/* "<6>[    0.000000] text\n" */
static size_t format(char *line, const struct klog_record *r)
{
	size_t n = scnprintf(line, LINE_MAX, "<%u>[%5llu.%06llu] %.*s", r->level,
			     (unsigned long long)(r->ts / NSEC_PER_SEC),
			     (unsigned long long)(r->ts % NSEC_PER_SEC / NSEC_PER_USEC),
			     (int)r->len, r->text);

	if (n && line[n - 1] != '\n' && n < LINE_MAX)
		line[n++] = '\n';
	return n;
}

struct scratch {
	struct klog_record rec;
	char line[LINE_MAX];
};

/* What has not been read yet; sleeps until there is something. */
static long read_unread(struct scratch *s, char __user *buf, size_t len)
{
	size_t done = 0;
	u64 lost;
	int err = wait_event_interruptible(klog_wait_queue(), klog_next_seq() > read_seq);

	if (err)
		return err;
	while (done < len) {
		u64 seq = read_seq;
		size_t n, part;

		if (!klog_read(&seq, &s->rec, &lost))
			break;
		if (lost)
			read_partial = 0;
		n = format(s->line, &s->rec);
		part = min(n - read_partial, len - done);
		if (copy_to_user(buf + done, s->line + read_partial, part))
			return done ? (long)done : -EFAULT;
		done += part;
		read_partial += part;
		if (read_partial == n) {
			read_partial = 0;
			read_seq = seq;
		}
	}
	return (long)done;
}

/* The newest records that fit into len bytes. */
static long read_all(struct scratch *s, char __user *buf, size_t len, bool clear)
{
	u64 start = max(clear_seq, klog_first_seq()), seq, lost;
	size_t total = 0, done = 0;

	for (seq = start; klog_read(&seq, &s->rec, &lost);)
		total += format(s->line, &s->rec);
	for (seq = start; klog_read(&seq, &s->rec, &lost);) {
		size_t n = format(s->line, &s->rec);

		if (total > len) {		/* too old to fit */
			total -= n;
			continue;
		}
		if (done + n > len)
			break;
		if (copy_to_user(buf + done, s->line, n))
			return -EFAULT;
		done += n;
	}
	if (clear)
		clear_seq = seq;
	return (long)done;
}

static long unread_size(struct scratch *s)
{
	long total = 0;
	u64 lost;

	for (u64 seq = read_seq; klog_read(&seq, &s->rec, &lost);)
		total += (long)format(s->line, &s->rec);
	return total - (long)read_partial;
}

static long do_syslog(int action, char __user *buf, int len, struct scratch *s)
{
	switch (action) {
	case ACTION_CLOSE:
	case ACTION_OPEN:
		return 0;
	case ACTION_READ:
		return read_unread(s, buf, (size_t)len);
	case ACTION_READ_ALL:
	case ACTION_READ_CLEAR:
		return read_all(s, buf, (size_t)len, action == ACTION_READ_CLEAR);
	case ACTION_CLEAR:
		clear_seq = klog_next_seq();
		return 0;
	case ACTION_CONSOLE_OFF:
		if (saved_loglevel < 0)
			saved_loglevel = console_loglevel;
		console_loglevel = LOGLEVEL_ALERT;
		return 0;
	case ACTION_CONSOLE_ON:
		if (saved_loglevel >= 0)
			console_loglevel = saved_loglevel;
		saved_loglevel = -1;
		return 0;
	case ACTION_CONSOLE_LEVEL:
		if (len < 1 || len > 8)
			return -EINVAL;
		console_loglevel = len;
		saved_loglevel = -1;
		return 0;
	case ACTION_SIZE_UNREAD:
		return unread_size(s);
	case ACTION_SIZE_BUFFER:
		return CONFIG_PRINTK_BUFFER_KB * 1024;
	default:
		return -EINVAL;
	}
}

bool klog_may_read(bool harmless)
{
	return (harmless && !READ_ONCE(dmesg_restrict)) || capable(CAP_SYSLOG);
}

SYSCALL_DEFINE3(syslog, int, action, char __user *, buf, int, len)
{
	bool reads = action >= ACTION_READ && action <= ACTION_READ_CLEAR;
	struct scratch *s;
	long ret;

	if (!klog_may_read(action == ACTION_READ_ALL || action == ACTION_SIZE_BUFFER))
		return -EPERM;
	if (reads && (!buf || len < 0))
		return -EINVAL;
	if (reads && !len)
		return 0;
	s = kmalloc(sizeof(*s), GFP_KERNEL);
	if (!s)
		return -ENOMEM;
	/* ACTION_READ sleeps with the lock held: there is one unread text and one reader of it. */
	if (mutex_lock_interruptible(&syslog_lock)) {
		ret = -EINTR;
	} else {
		ret = do_syslog(action, buf, len, s);
		mutex_unlock(&syslog_lock);
	}
	kfree(s);
	return ret;
}
