/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ioctl(2) of block devices: what fdisk, blockdev, hdparm and their like ask and set, as Linux
 * answers. Nothing of a device's own commands (HDIO_DRIVE_CMD, SG_IO): there is no such device.
 */
#include <arch/uaccess.h>
#include <block/block.h>
#include <fs/blkdev.h>
#include <kernel/cred.h>
#include <linux/fs.h>
#include <linux/hdreg.h>
#include "internal.h"

#define SECTORS_PER_PAGE	(1u << (PAGE_SHIFT - SECTOR_SHIFT))

/* The largest power of two up to a page that the disk is a multiple of. */
static int soft_block_size(const struct disk *disk)
{
	u64 size = disk->block_size;

	while (size < PAGE_SIZE && !(disk_bytes(disk) & size))
		size *= 2;
	return (int)size;
}

static long get_geometry(const struct disk *disk, struct hd_geometry __user *to)
{
	struct hd_geometry geo = {
		.heads = disk->geometry.heads, .sectors = disk->geometry.sectors,
		.cylinders = disk->geometry.cylinders, .start = disk->start,
	};

	if (!to)
		return -EINVAL;
	return copy_to_user(to, &geo, sizeof(geo)) ? -EFAULT : 0;
}

static long get_read_ahead(const struct disk *disk, long __user *to)
{
	if (!to)
		return -EINVAL;
	return put_user((long)READ_ONCE(disk->read_ahead) * SECTORS_PER_PAGE, to);
}

static long set_read_ahead(struct disk *disk, unsigned long sectors)
{
	if (!capable(CAP_SYS_ADMIN))
		return -EACCES;
	WRITE_ONCE(disk->read_ahead, (u32)min_t(u64, sectors / SECTORS_PER_PAGE, U32_MAX / SECTORS_PER_PAGE));
	return 0;
}

static long set_read_only(struct disk *disk, int __user *arg)
{
	int value;

	if (!capable(CAP_SYS_ADMIN))
		return -EACCES;
	if (get_user(value, arg))
		return -EFAULT;
	/* What the device itself refuses stays refused. */
	if (!value && disk->always_read_only)
		return -EROFS;
	if (value)
		disk_cache_sync(disk, 0, U64_MAX);
	WRITE_ONCE(disk->read_only, value);
	return 0;
}

/* Writes everything and forgets it. */
static long flush_buffers(struct disk *disk)
{
	int err;

	if (!capable(CAP_SYS_ADMIN))
		return -EACCES;
	err = disk_cache_sync(disk, 0, U64_MAX);
	page_cache_drop_clean(&disk->cache, 0, U64_MAX);
	return err;
}

/* There is no command of a disk for it: the zeros are written. */
static long zero_out(struct file *file, const u64 __user *arg)
{
	struct disk *disk = file->private;
	u64 range[2];

	if (!(file->f_mode & FMODE_WRITE))
		return -EBADF;
	if (copy_from_user(range, arg, sizeof(range)))
		return -EFAULT;
	if ((range[0] | range[1]) & 511 || !range[1] || range[0] >= disk_bytes(disk) ||
	    range[1] > disk_bytes(disk) - range[0])
		return -EINVAL;
	if (disk_is_read_only(disk))
		return -EPERM;
	return blkdev_write_zeros(disk, (loff_t)range[0], range[1]);
}

static long reread_partitions(struct disk *disk)
{
	if (!capable(CAP_SYS_ADMIN))
		return -EACCES;
	return disk_scan(disk);
}

/* What is a number. -ENOTTY: it is something else. */
static long get_number(struct disk *disk, unsigned cmd, void __user *p)
{
	switch (cmd) {
	case BLKGETSIZE64:
		return put_user(disk_bytes(disk), (u64 __user *)p);
	case BLKGETSIZE:
		return put_user((unsigned long)disk->sectors, (unsigned long __user *)p);
	case BLKSSZGET:
		return put_user((int)disk->block_size, (int __user *)p);
	case BLKPBSZGET:
	case BLKIOMIN:
		return put_user(disk->block_size, (unsigned __user *)p);
	case BLKIOOPT:
	case BLKDISCARDZEROES:
		return put_user(0u, (unsigned __user *)p);
	case BLKALIGNOFF:
		return put_user(0, (int __user *)p);
	case BLKBSZGET:
		return put_user(soft_block_size(disk), (int __user *)p);
	case BLKSECTGET:
		return put_user((unsigned short)(disk->max_pieces * SECTORS_PER_PAGE),
				(unsigned short __user *)p);
	case BLKROTATIONAL:
		return put_user((unsigned short)1, (unsigned short __user *)p);
	case BLKROGET:
		return put_user((int)disk_is_read_only(disk), (int __user *)p);
	default:
		return -ENOTTY;
	}
}

long blkdev_ioctl(struct file *file, unsigned cmd, unsigned long arg)
{
	struct disk *disk = file->private;
	void __user *p = (void __user *)arg;

	switch (cmd) {
	case BLKROSET:
		return set_read_only(disk, p);
	case BLKRAGET:
	case BLKFRAGET:
		return get_read_ahead(disk, p);
	case BLKRASET:
	case BLKFRASET:
		return set_read_ahead(disk, arg);
	case BLKFLSBUF:
		return flush_buffers(disk);
	case BLKZEROOUT:
		return zero_out(file, p);
	case BLKDISCARD:
	case BLKSECDISCARD:
		return file->f_mode & FMODE_WRITE ? -EOPNOTSUPP : -EBADF;
	case BLKRRPART:
		return reread_partitions(disk);
	case HDIO_GETGEO:
		return get_geometry(disk, p);
	default:
		return get_number(disk, cmd, p);
	}
}
