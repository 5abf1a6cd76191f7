/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who uses a disk: its open files, the one that has it for itself (O_EXCL), and partitions, which
 * come and go while they are not in use.
 */
#include <block/block.h>
#include <kernel/mutex.h>

static DEFINE_MUTEX(open_lock);

/* open_lock held. */
static bool is_claimed(const struct disk *disk)
{
	return disk->holder || (disk->whole ? !!disk->whole->holder : disk->held_parts > 0);
}

int disk_open(struct disk *disk, struct file *holder)
{
	int err = 0;

	mutex_lock(&open_lock);
	if (!disk->there)
		err = -ENXIO;
	else if (holder && is_claimed(disk))
		err = -EBUSY;
	if (!err) {
		disk->openers++;
		if (holder)
			disk->holder = holder;
		if (holder && disk->whole)
			disk->whole->held_parts++;
	}
	mutex_unlock(&open_lock);
	return err;
}

void disk_close(struct disk *disk, struct file *holder)
{
	bool last;

	mutex_lock(&open_lock);
	last = !--disk->openers;
	if (holder && disk->holder == holder) {
		disk->holder = NULL;
		if (disk->whole)
			disk->whole->held_parts--;
	}
	mutex_unlock(&open_lock);
	if (last)
		disk_cache_write(disk);
}

void disk_place(struct disk *part, u64 start, u64 sectors)
{
	mutex_lock(&open_lock);
	part->start = start;
	part->sectors = sectors;
	part->inode->i_size = (loff_t)disk_bytes(part);
	part->read_only = false;
	part->there = true;
	mutex_unlock(&open_lock);
}

int disk_unplace_parts(struct disk *whole, u32 *gone)
{
	unsigned openers = 0;

	*gone = 0;
	mutex_lock(&open_lock);
	for (u32 n = 1; n <= PARTITIONS_MAX; n++)
		openers += whole->parts[n] ? whole->parts[n]->openers : 0;
	for (u32 n = 1; n <= PARTITIONS_MAX && !openers; n++) {
		if (!whole->parts[n] || !whole->parts[n]->there)
			continue;
		whole->parts[n]->there = false;
		*gone |= BIT(n);
	}
	mutex_unlock(&open_lock);
	return openers ? -EBUSY : 0;
}
