/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Disks as text: a folder of /sys for each, with its links, /proc/partitions and
 * /proc/diskstats (Linux: Documentation/admin-guide/iostats.rst, stable/sysfs-block).
 */
#include <block/block.h>
#include <fs/chrdev.h>
#include <fs/proc.h>
#include <fs/seq_file.h>
#include <fs/sysfs.h>
#include <kernel/init.h>
#include <lib/printf.h>
#include <lib/string.h>

#define PATH_SIZE	112
#define MS(ns)		((unsigned long long)(ns) / NSEC_PER_MSEC)

/* ---- values ---- */

static int zero_show(struct seq_file *m, void *data)
{
	seq_puts(m, "0\n");
	return 0;
}

static int dev_show(struct seq_file *m, void *data)
{
	const struct disk *disk = data;

	seq_printf(m, "%u:%u\n", MAJOR(disk->dev), MINOR(disk->dev));
	return 0;
}

static int uevent_show(struct seq_file *m, void *data)
{
	const struct disk *disk = data;

	seq_printf(m, "MAJOR=%u\nMINOR=%u\nDEVNAME=%s\nDEVTYPE=%s\n", MAJOR(disk->dev),
		   MINOR(disk->dev), disk->name, disk->whole ? "partition" : "disk");
	if (disk->whole)
		seq_printf(m, "PARTN=%u\n", MINOR(disk->dev) % BLOCK_MINORS);
	return 0;
}

static int partition_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%u\n", MINOR(((struct disk *)data)->dev) % BLOCK_MINORS);
	return 0;
}

static int start_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%llu\n", (unsigned long long)((struct disk *)data)->start);
	return 0;
}

static int size_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%llu\n", (unsigned long long)((struct disk *)data)->sectors);
	return 0;
}

static int ro_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%d\n", disk_is_read_only(data));
	return 0;
}

static int range_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%u\n", BLOCK_MINORS);
	return 0;
}

static int block_size_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%u\n", ((struct disk *)data)->block_size);
	return 0;
}

static int pieces_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%u\n", ((struct disk *)data)->max_pieces);
	return 0;
}

static int request_kb_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%u\n", ((struct disk *)data)->max_pieces << (PAGE_SHIFT - 10));
	return 0;
}

static int read_ahead_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%u\n", READ_ONCE(((struct disk *)data)->read_ahead) << (PAGE_SHIFT - 10));
	return 0;
}

static int rotational_show(struct seq_file *m, void *data)
{
	seq_puts(m, "1\n");	/* what Linux says of a disk that does not tell */
	return 0;
}

static int scheduler_show(struct seq_file *m, void *data)
{
	seq_puts(m, "[none]\n");
	return 0;
}

static int zoned_show(struct seq_file *m, void *data)
{
	seq_puts(m, "none\n");
	return 0;
}

static int write_cache_show(struct seq_file *m, void *data)
{
	seq_puts(m, ((struct disk *)data)->can_flush ? "write back\n" : "write through\n");
	return 0;
}

static void show_stats(struct seq_file *m, struct disk *disk)
{
	const struct disk_stats *r, *w, *f;
	struct disk_snapshot now;

	disk_snapshot(disk, &now);
	r = &now.stats[BLOCK_READ];
	w = &now.stats[BLOCK_WRITE];
	f = &now.stats[BLOCK_FLUSH];
	/* Nothing is merged, nothing is discarded. */
	seq_printf(m, "%llu 0 %llu %llu %llu 0 %llu %llu %u %llu %llu 0 0 0 0 %llu %llu\n",
		   (unsigned long long)r->ops, (unsigned long long)r->sectors, MS(r->ns),
		   (unsigned long long)w->ops, (unsigned long long)w->sectors, MS(w->ns),
		   now.in_flight, MS(now.busy), MS(r->ns + w->ns + f->ns),
		   (unsigned long long)f->ops, MS(f->ns));
}

static int stat_show(struct seq_file *m, void *data)
{
	show_stats(m, data);
	return 0;
}

/* ---- /sys ---- */

struct disk_text {
	const char *name;
	int (*show)(struct seq_file *m, void *data);
};

/* Of disks and partitions alike. */
static const struct disk_text common_files[] = {
	{ "dev", dev_show }, { "uevent", uevent_show }, { "size", size_show }, { "ro", ro_show },
	{ "stat", stat_show }, { "alignment_offset", zero_show }, { "discard_alignment", zero_show },
};

static const struct disk_text part_files[] = {
	{ "partition", partition_show }, { "start", start_show },
};

static const struct disk_text disk_files[] = {
	{ "removable", zero_show }, { "hidden", zero_show }, { "range", range_show },
	{ "ext_range", range_show }, { "capability", zero_show },
	{ "queue/logical_block_size", block_size_show },
	{ "queue/physical_block_size", block_size_show },
	{ "queue/hw_sector_size", block_size_show },
	{ "queue/minimum_io_size", block_size_show }, { "queue/optimal_io_size", zero_show },
	{ "queue/discard_granularity", zero_show }, { "queue/discard_max_bytes", zero_show },
	{ "queue/discard_zeroes_data", zero_show }, { "queue/write_zeroes_max_bytes", zero_show },
	{ "queue/max_segments", pieces_show }, { "queue/max_sectors_kb", request_kb_show },
	{ "queue/max_hw_sectors_kb", request_kb_show }, { "queue/read_ahead_kb", read_ahead_show },
	{ "queue/rotational", rotational_show }, { "queue/scheduler", scheduler_show },
	{ "queue/write_cache", write_cache_show }, { "queue/zoned", zoned_show },
	{ "queue/nr_zones", zero_show }, { "queue/chunk_sectors", zero_show }, { "queue/dax", zero_show },
};

/* "/sys/LINK", `up` folders deep, to the disk's folder. */
static int add_link(const char *link, const char *up, const char *folder)
{
	char target[PATH_SIZE];

	snprintf(target, sizeof(target), "%s%s", up, folder);
	return sysfs_symlink(link, target);
}

static int add_files(struct disk *disk, const char *folder, const struct disk_text *files, size_t n)
{
	char path[PATH_SIZE];
	int err = 0;

	for (size_t i = 0; i < n && !err; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, files[i].name);
		err = sysfs_create(path, 0444, files[i].show, disk);
	}
	return err;
}

static void folder_of(const struct disk *disk, char folder[PATH_SIZE])
{
	const struct disk *whole = disk->whole ?: disk;
	int n = snprintf(folder, PATH_SIZE, "devices/platform/%s/block/%s", disk->device, whole->name);

	if (disk->whole && n < (int)PATH_SIZE)
		snprintf(folder + n, PATH_SIZE - (size_t)n, "/%s", disk->name);
}

static void link_of(const struct disk *disk, const char *kind, char path[PATH_SIZE])
{
	if (!strcmp(kind, "dev/block"))
		snprintf(path, PATH_SIZE, "%s/%u:%u", kind, MAJOR(disk->dev), MINOR(disk->dev));
	else
		snprintf(path, PATH_SIZE, "%s/%s", kind, disk->name);
}

static int show_in_sys(struct disk *disk)
{
	char folder[PATH_SIZE], path[PATH_SIZE];
	int err;

	folder_of(disk, folder);
	err = add_files(disk, folder, common_files, ARRAY_SIZE(common_files));
	if (!err && disk->whole)
		err = add_files(disk, folder, part_files, ARRAY_SIZE(part_files));
	else if (!err)
		err = add_files(disk, folder, disk_files, ARRAY_SIZE(disk_files));
	snprintf(path, sizeof(path), "%s/holders", folder);
	err = err ?: sysfs_mkdir(path);
	snprintf(path, sizeof(path), "%s/subsystem", folder);
	err = err ?: sysfs_symlink(path, disk->whole ? "../../../../../../class/block" :
				   "../../../../../class/block");
	if (!disk->whole) {
		snprintf(path, sizeof(path), "%s/slaves", folder);
		err = err ?: sysfs_mkdir(path);
		link_of(disk, "block", path);
		err = err ?: add_link(path, "../", folder);
	}
	link_of(disk, "class/block", path);
	err = err ?: add_link(path, "../../", folder);
	link_of(disk, "dev/block", path);
	return err ?: add_link(path, "../../", folder);
}

int disk_show(struct disk *disk)
{
	int err = show_in_sys(disk);

	return err ?: devtmpfs_add(disk->name, S_IFBLK | 0660, disk->dev);
}

void disk_hide(struct disk *part)
{
	char path[PATH_SIZE];

	devtmpfs_remove(part->name);
	link_of(part, "dev/block", path);
	sysfs_remove(path);
	link_of(part, "class/block", path);
	sysfs_remove(path);
	folder_of(part, path);
	sysfs_remove(path);
}

/* ---- /proc ---- */

static int partitions_show(struct seq_file *m, void *data)
{
	struct disk *disk = disk_next(NULL);

	if (disk)
		seq_puts(m, "major minor  #blocks  name\n\n");
	for (; disk; disk = disk_next(disk))
		if (READ_ONCE(disk->there))
			seq_printf(m, "%4u  %7u %10llu %s\n", MAJOR(disk->dev), MINOR(disk->dev),
				   (unsigned long long)disk->sectors / 2, disk->name);
	return 0;
}

static int diskstats_show(struct seq_file *m, void *data)
{
	for (struct disk *disk = NULL; (disk = disk_next(disk));) {
		if (!READ_ONCE(disk->there))
			continue;
		seq_printf(m, "%4u %7u %s ", MAJOR(disk->dev), MINOR(disk->dev), disk->name);
		show_stats(m, disk);
	}
	return 0;
}

static int __init proc_files_init(void)
{
	int err = proc_create("partitions", 0444, partitions_show, NULL);

	return err ?: proc_create("diskstats", 0444, diskstats_show, NULL);
}
device_initcall(proc_files_init);
