/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Partitions: a disk's table is read when the disk comes, and when somebody who changed it says so
 * (BLKRRPART). A partition that is gone keeps its structure, for the next of its number.
 */
#include <block/block.h>
#include <block/partition.h>
#include <kernel/mutex.h>
#include <kernel/printk.h>
#include <lib/err.h>
#include <lib/printf.h>
#include <lib/string.h>
#include <mm/slab.h>

/* One scan at a time; outside open_lock. */
static DEFINE_MUTEX(scan_lock);

struct cache_source {
	struct pt_source src;
	struct disk *disk;
};

/* Through the cache: whoever wrote the table may have written it there. */
static int read_cached(struct pt_source *src, u64 block, void *buf)
{
	struct disk *disk = ((struct cache_source *)src)->disk;
	u64 pos = block * src->block_size;
	struct page *page = page_cache_get(&disk->cache, pos >> PAGE_SHIFT, PCG_CREATE);

	if (IS_ERR(page))
		return (int)PTR_ERR(page);
	memcpy(buf, (char *)page_to_virt(page) + pos % PAGE_SIZE, src->block_size);
	page_put(page);
	return 0;
}

static int read_table(struct disk *disk, struct pt_table *table)
{
	struct cache_source c = {
		.src = { .blocks = disk_bytes(disk) / disk->block_size,
			 .block_size = disk->block_size, .read = read_cached },
		.disk = disk,
	};
	int ret = 0;

	c.src.buf = kmalloc(disk->block_size, GFP_KERNEL);
	if (!c.src.buf)
		return -ENOMEM;
	/* A GPT begins with a table of DOS: the other way round it would be that. */
	if (IS_ENABLED(CONFIG_EFI_PARTITION))
		ret = gpt_parse(&c.src, table);
	if (IS_ENABLED(CONFIG_MSDOS_PARTITION) && !ret)
		ret = msdos_parse(&c.src, table);
	kfree(c.src.buf);
	return ret < 0 ? ret : 0;
}

/* The structure for a number: that of an earlier one, or new. NULL: no memory. */
static struct disk *part_get(struct disk *whole, u32 number)
{
	struct disk *part = whole->parts[number];

	if (part)
		return part;
	part = kzalloc(sizeof(*part), GFP_KERNEL);
	if (!part)
		return NULL;
	snprintf(part->name, sizeof(part->name), "%s%u", whole->name, number);
	part->whole = whole;
	part->device = whole->device;
	part->dev = MKDEV(BLOCK_MAJOR, MINOR(whole->dev) + number);
	part->number = (u32)dev_encode(part->dev);
	part->block_size = whole->block_size;
	part->max_pieces = whole->max_pieces;
	part->read_ahead = whole->max_pieces;
	part->can_flush = whole->can_flush;
	part->geometry = whole->geometry;
	spin_lock_init(&part->lock);
	wait_queue_init(&part->ended);
	if (disk_cache_init(part)) {
		kfree(part);
		return NULL;
	}
	__atomic_store_n(&whole->parts[number], part, __ATOMIC_RELEASE);
	return part;
}

/* Takes away those that are there: all, or -EBUSY and none. */
static int drop_parts(struct disk *whole)
{
	u32 gone;
	int err = disk_unplace_parts(whole, &gone);

	for (u32 n = 1; n <= PARTITIONS_MAX; n++) {
		if (!(gone & BIT(n)))
			continue;
		disk_hide(whole->parts[n]);
		disk_cache_empty(whole->parts[n]);
	}
	return err;
}

static int add_part(struct disk *whole, u32 number, struct partition *p)
{
	struct disk *part;

	if (p->start >= whole->sectors) {
		pr_warn("%s: partition %u begins beyond the end of the disk: ignored\n", whole->name,
			number);
		return -ENXIO;
	}
	if (p->sectors > whole->sectors - p->start) {
		pr_warn("%s: partition %u goes beyond the end of the disk: cut there\n", whole->name,
			number);
		p->sectors = whole->sectors - p->start;
	}
	part = part_get(whole, number);
	if (!part)
		return -ENOMEM;
	disk_place(part, p->start, p->sectors);
	return disk_show(part);
}

static void add_parts(struct disk *whole, struct pt_table *table)
{
	char names[16 * PARTITIONS_MAX];
	size_t len = 0;
	int err;

	for (u32 n = 1; n <= PARTITIONS_MAX; n++) {
		if (!table->part[n].sectors)
			continue;
		err = add_part(whole, n, &table->part[n]);
		if (!err)
			len += (size_t)scnprintf(names + len, sizeof(names) - len, " %s%u",
						 whole->name, n);
		else if (err != -ENXIO)
			pr_err("%s: partition %u: error %d\n", whole->name, n, err);
	}
	if (len)
		pr_info(" %s:%s\n", whole->name, names);
}

int disk_scan(struct disk *whole)
{
	struct pt_table *table;
	int err;

	if (whole->whole)
		return -EINVAL;
	table = kzalloc(sizeof(*table), GFP_KERNEL);
	if (!table)
		return -ENOMEM;
	mutex_lock(&scan_lock);
	/* Partitions have caches of their own, and read what is on the medium. */
	disk_cache_write(whole);
	err = drop_parts(whole);
	if (!err) {
		err = read_table(whole, table);
		if (err)
			pr_err("%s: its partition table cannot be read: error %d\n", whole->name, err);
		else
			add_parts(whole, table);
	}
	mutex_unlock(&scan_lock);
	kfree(table);
	return err;
}
