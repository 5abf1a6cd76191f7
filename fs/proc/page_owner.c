/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * /proc/page_owner: every block of pages in use with who allocated it, in the form of Linux's
 * /sys/kernel/debug/page_owner; there is no debugfs here. Made while it is read, for it may be
 * larger than memory: what is allocated and freed meanwhile may or may not be in it.
 */
#include <fs/proc.h>
#include <fs/uio.h>
#include <kernel/init.h>
#include <kernel/mutex.h>
#include <lib/printf.h>
#include <mm/page_owner.h>
#include <mm/slab.h>

#define TEXT_SIZE	2048	/* text of a block: its lines have bounded lengths */

struct reader {
	struct mutex lock;	/* one read at a time */
	pfn_t next;
	size_t len, done;	/* of text: how long, how much of it was read */
	char text[TEXT_SIZE];
};

static void add_line(void *arg, const char *line)
{
	struct reader *r = arg;

	r->len += (size_t)scnprintf(r->text + r->len, sizeof(r->text) - r->len, "%s\n", line);
}

/* False: there is no other. */
static bool next_block(struct reader *r)
{
	struct page_owner owner;
	pfn_t pfn = page_owner_next(r->next, &owner);

	if (pfn >= mem_end_pfn)
		return false;
	r->next = pfn + 1;
	r->len = 0;
	r->done = 0;
	page_owner_text(pfn, &owner, add_line, r);
	add_line(r, "");
	return true;
}

static int owner_open(struct inode *inode, struct file *file)
{
	struct reader *r = kzalloc(sizeof(*r), GFP_KERNEL);

	if (!r)
		return -ENOMEM;
	mutex_init(&r->lock);
	r->next = mem_first_pfn;
	file->private = r;
	return stream_open(inode, file);
}

static ssize_t owner_read(struct file *file, struct iov_iter *to, loff_t *pos)
{
	struct reader *r = file->private;
	size_t total = 0;
	bool fault = false;

	mutex_lock(&r->lock);
	while (!fault && iov_iter_count(to) && (r->done < r->len || next_block(r))) {
		size_t want = min(r->len - r->done, iov_iter_count(to));
		size_t n = copy_to_iter(r->text + r->done, want, to);

		r->done += n;
		total += n;
		fault = n < want;
	}
	mutex_unlock(&r->lock);
	return total || !fault ? (ssize_t)total : -EFAULT;
}

static int owner_release(struct inode *inode, struct file *file)
{
	kfree(file->private);
	return 0;
}

static const struct file_ops owner_fops = {
	.open = owner_open, .read = owner_read, .release = owner_release,
};

static int __init page_owner_file_init(void)
{
	return proc_create_ops("page_owner", 0400, &owner_fops, NULL);
}
device_initcall(page_owner_file_init);
