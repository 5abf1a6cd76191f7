/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Character devices: from a device number to the operations of its driver.
 *
 * A registration is never taken back, so what chrdev_find() returns stays good without a
 * reference. Ranges hang in a hash by major number. Lock: chrdev_lock, a leaf.
 */
#include <block/block.h>
#include <fs/chrdev.h>
#include <fs/seq_file.h>
#include <mm/slab.h>

#define BUCKETS 16u

struct chrdev {
	struct chrdev          *next;		/* chrdev_lock to add; readers see whole entries */
	dev_t                   first;
	unsigned                count;
	const char             *name;
	const struct file_ops  *fops;
};

static DEFINE_SPINLOCK(chrdev_lock);
static struct chrdev *chrdevs[BUCKETS];

static struct chrdev *chrdev_find(dev_t dev)
{
	struct chrdev *c = __atomic_load_n(&chrdevs[MAJOR(dev) % BUCKETS], __ATOMIC_ACQUIRE);

	while (c && dev - c->first >= c->count)
		c = c->next;
	return c;
}

int chrdev_register(dev_t dev, unsigned count, const char *name, const struct file_ops *fops)
{
	struct chrdev **head = &chrdevs[MAJOR(dev) % BUCKETS];
	struct chrdev *new = kmalloc(sizeof(*new), GFP_KERNEL), *c;

	if (!new)
		return -ENOMEM;
	*new = (struct chrdev){ .first = dev, .count = count, .name = name, .fops = fops };
	spin_lock(&chrdev_lock);
	for (c = *head; c; c = c->next) {
		if (dev < c->first + c->count && c->first < dev + count) {
			spin_unlock(&chrdev_lock);
			kfree(new);
			return -EBUSY;
		}
	}
	new->next = *head;
	__atomic_store_n(head, new, __ATOMIC_RELEASE);
	spin_unlock(&chrdev_lock);
	return 0;
}

int chrdev_open(struct inode *inode, struct file *file)
{
	struct chrdev *c = chrdev_find(inode->i_rdev);

	if (!c)
		return -ENXIO;
	file->f_op = c->fops;
	return c->fops->open ? c->fops->open(inode, file) : 0;
}

void chrdev_show(struct seq_file *m)
{
	seq_puts(m, "Character devices:\n");
	for (unsigned major = 0; major < 512; major++) {
		const char *last = NULL;

		for (struct chrdev *c = chrdevs[major % BUCKETS]; c; c = c->next) {
			if (MAJOR(c->first) == major && c->name != last)
				seq_printf(m, "%3u %s\n", major, c->name);
			if (MAJOR(c->first) == major)
				last = c->name;
		}
	}
	seq_puts(m, "\nBlock devices:\n");
	if (IS_ENABLED(CONFIG_BLOCK))
		seq_printf(m, "%3u virtblk\n", BLOCK_MAJOR);
}
