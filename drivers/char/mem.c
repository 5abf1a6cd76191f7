/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The memory devices: null, zero, full, random and urandom.
 */
#include <arch/uaccess.h>
#include <fs/chrdev.h>
#include <fs/poll.h>
#include <fs/uio.h>
#include <kernel/cred.h>
#include <kernel/init.h>
#include <kernel/printk.h>
#include <kernel/random.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <lib/string.h>
#include <linux/mman.h>
#include <linux/random.h>
#include <mm/pagecache.h>

#define MEM_MAJOR 1

static ssize_t null_read(struct file *file, struct iov_iter *to, loff_t *pos)
{
	return 0;
}

static ssize_t null_write(struct file *file, struct iov_iter *from, loff_t *pos)
{
	return (ssize_t)iov_iter_count(from);
}

static loff_t null_llseek(struct file *file, loff_t offset, int whence)
{
	return file->f_pos = 0;
}

static noinline ssize_t zero_read_long(struct iov_iter *to)
{
	size_t want = iov_iter_count(to), done = 0;

	while (done < want) {
		size_t part = min_t(size_t, want - done, 4 * PAGE_SIZE);
		size_t n = iov_iter_zero(part, to);

		done += n;
		if (unlikely(n < part))
			return done ? (ssize_t)done : -EFAULT;
		if (unlikely(signal_pending(current)) && done < want)
			return (ssize_t)done;
		cond_resched();
	}
	return (ssize_t)done;
}

static ssize_t zero_read(struct file *file, struct iov_iter *to, loff_t *pos)
{
	size_t want = iov_iter_count(to), n;

	if (unlikely(want > PAGE_SIZE))
		return zero_read_long(to);
	n = iov_iter_zero(want, to);
	return likely(n) || !want ? (ssize_t)n : -EFAULT;
}

/* A private mapping is anonymous memory: a source without a cache. Shared ones come by mmap's own flag. */
static int zero_mmap(struct file *file, struct vm_source *src, int prot, int flags)
{
	return (flags & MAP_TYPE) == MAP_PRIVATE ? 0 : -ENODEV;
}

static ssize_t full_write(struct file *file, struct iov_iter *from, loff_t *pos)
{
	return -ENOSPC;
}

/* ---- random numbers ---- */

static ssize_t urandom_read(struct file *file, struct iov_iter *to, loff_t *pos)
{
	size_t done = 0;
	u8 chunk[128];

	while (iov_iter_count(to)) {
		size_t part = min(iov_iter_count(to), sizeof(chunk)), n;

		get_random_bytes(chunk, part);
		n = copy_to_iter(chunk, part, to);
		done += n;
		if (n < part) {
			if (!done)
				return -EFAULT;
			break;
		}
		if (signal_pending(current) && done >= PAGE_SIZE)
			break;
		cond_resched();
	}
	memzero_explicit(chunk, sizeof(chunk));
	return (ssize_t)done;
}

static ssize_t random_read(struct file *file, struct iov_iter *to, loff_t *pos)
{
	int err;

	if (!random_seeded() && (file->f_flags & O_NONBLOCK))
		return -EAGAIN;
	err = random_wait_seeded();
	return err ? err : urandom_read(file, to, pos);
}

static ssize_t random_write(struct file *file, struct iov_iter *from, loff_t *pos)
{
	size_t done = 0;
	u8 chunk[64];

	while (iov_iter_count(from)) {
		size_t n = copy_from_iter(chunk, sizeof(chunk), from);

		if (!n)
			return done ? (ssize_t)done : -EFAULT;
		random_mix(chunk, n, false);
		done += n;
	}
	return (ssize_t)done;
}

static u32 random_poll(struct file *file, struct poll_table *pt)
{
	return (random_seeded() ? EPOLLIN | EPOLLRDNORM : 0) | EPOLLOUT | EPOLLWRNORM;
}

static long random_add_entropy(struct rand_pool_info __user *info)
{
	int bits, size, done = 0;
	u8 chunk[64];

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (get_user(bits, &info->entropy_count) || get_user(size, &info->buf_size))
		return -EFAULT;
	if (bits < 0 || size < 0)
		return -EINVAL;
	while (done < size) {
		size_t part = min_t(size_t, (size_t)(size - done), sizeof(chunk));

		if (copy_from_user(chunk, (u8 __user *)info->buf + done, part))
			return -EFAULT;
		done += (int)part;
		random_mix(chunk, part, bits >= 256 && done == size);
	}
	return 0;
}

static long random_ioctl(struct file *file, unsigned cmd, unsigned long arg)
{
	int bits = random_seeded() ? 256 : 0;

	switch (cmd) {
	case RNDGETENTCNT:
		return put_user(bits, (int __user *)arg);
	case RNDADDTOENTCNT:
		if (!capable(CAP_SYS_ADMIN))
			return -EPERM;
		if (get_user(bits, (int __user *)arg))
			return -EFAULT;
		return bits < 0 ? -EINVAL : 0;
	case RNDADDENTROPY:
		return random_add_entropy((struct rand_pool_info __user *)arg);
	case RNDZAPENTCNT:
	case RNDCLEARPOOL:
	case RNDRESEEDCRNG:
		return capable(CAP_SYS_ADMIN) ? 0 : -EPERM;
	default:
		return -ENOTTY;
	}
}

static const struct file_ops null_fops = {
	.read = null_read, .write = null_write, .llseek = null_llseek,
};
static const struct file_ops zero_fops = {
	.read = zero_read, .write = null_write, .llseek = null_llseek, .mmap = zero_mmap,
};
static const struct file_ops full_fops = {
	.read = zero_read, .write = full_write, .llseek = null_llseek,
};
static const struct file_ops random_fops = {
	.read = random_read, .write = random_write, .poll = random_poll, .ioctl = random_ioctl,
	.llseek = null_llseek,
};
static const struct file_ops urandom_fops = {
	.read = urandom_read, .write = random_write, .ioctl = random_ioctl, .llseek = null_llseek,
};

static const struct {
	const char *name;
	unsigned minor;
	const struct file_ops *fops;
} devices[] = {
	{ "null", 3, &null_fops }, { "zero", 5, &zero_fops }, { "full", 7, &full_fops },
	{ "random", 8, &random_fops }, { "urandom", 9, &urandom_fops },
};

static int __init mem_init(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(devices); i++) {
		dev_t dev = MKDEV(MEM_MAJOR, devices[i].minor);
		int err = chrdev_register(dev, 1, "mem", devices[i].fops);

		if (!err)
			err = devtmpfs_add(devices[i].name, S_IFCHR | 0666, dev);
		if (err)
			return err;
	}
	return 0;
}
fs_initcall(mem_init);
