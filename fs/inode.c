/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Inodes: birth, death, owners and times. There is no inode hash here: an inode lives
 * as long as a dentry, a file or its file system holds it.
 */
#include <fs/blkdev.h>
#include <fs/fs.h>
#include <kernel/coarse_clock.h>
#include <lib/string.h>
#include <mm/slab.h>
#include <kernel/panic.h>
#include <linux/mount.h>
#include "internal.h"

static struct kmem_cache *inode_cache;
static u64 ino_counter = 1;
static u64 nr_inodes;		/* for /proc/sys/fs/inode-nr */

const struct file_ops empty_fops;
static const struct inode_ops empty_iops;
static const struct file_ops chrdev_fops = { .open = chrdev_open };
static const struct file_ops blkdev_fops = { .open = blkdev_open };
static const struct file_ops fifo_fops = { .open = fifo_open };

static int no_device(struct inode *inode, struct file *file)
{
	return -ENXIO;
}
static const struct file_ops nodev_fops = { .open = no_device };

u64 next_ino(void)
{
	return __atomic_add_fetch(&ino_counter, 1, __ATOMIC_RELAXED);
}

struct inode *new_inode(struct super *sb)
{
	struct inode *inode;

	if (sb->s_op && sb->s_op->alloc_inode)
		inode = sb->s_op->alloc_inode(sb);
	else
		inode = kmem_cache_alloc(inode_cache, GFP_KERNEL);
	if (!inode)
		return NULL;
	__atomic_fetch_add(&nr_inodes, 1, __ATOMIC_RELAXED);
	memset(inode, 0, sizeof(*inode));
	atomic_set(&inode->i_count, 1);
	atomic_set(&inode->i_writecount, 0);
	inode->i_op = &empty_iops;
	inode->i_fop = &empty_fops;
	inode->i_sb = sb;
	inode->i_nlink = 1;
	spin_lock_init(&inode->i_lock);
	rwsem_init(&inode->i_rwsem);
	inode->i_atime = inode->i_mtime = inode->i_ctime = inode->i_btime = inode_now(inode);
	spin_lock(&sb->s_inode_lock);
	list_add_tail(&inode->i_sb_list, &sb->s_inodes);
	spin_unlock(&sb->s_inode_lock);
	return inode;
}

u64 inodes_count(void)
{
	return __atomic_load_n(&nr_inodes, __ATOMIC_RELAXED);
}

static void inode_evict(struct inode *inode)
{
	struct super *sb = inode->i_sb;

	__atomic_fetch_sub(&nr_inodes, 1, __ATOMIC_RELAXED);
	spin_lock(&sb->s_inode_lock);
	list_del_init(&inode->i_sb_list);
	spin_unlock(&sb->s_inode_lock);
	if (sb->s_op && sb->s_op->evict_inode)
		sb->s_op->evict_inode(inode);
	else if (inode->i_cache)
		filemap_release(inode);
	locks_free_inode(inode);
	if (sb->s_op && sb->s_op->free_inode)
		sb->s_op->free_inode(inode);
	else
		kmem_cache_free(inode_cache, inode);
}

void inode_put(struct inode *inode)
{
	if (inode && atomic_dec_and_test(&inode->i_count))
		inode_evict(inode);
}

void inode_init_owner(struct inode *inode, const struct inode *dir, umode_t mode)
{
	inode->i_uid = current_fsuid();
	inode->i_gid = current_fsgid();
	if (dir && (dir->i_mode & S_ISGID)) {
		inode->i_gid = dir->i_gid;
		if (S_ISDIR(mode))
			mode |= S_ISGID;
		else if ((mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP) &&
			 !in_group(inode->i_gid) && !capable(CAP_FSETID))
			mode &= (umode_t)~S_ISGID;
	}
	inode->i_mode = mode;
}

void init_special_inode(struct inode *inode, umode_t mode, dev_t rdev)
{
	inode->i_mode = mode;
	if (S_ISCHR(mode)) {
		inode->i_fop = &chrdev_fops;
		inode->i_rdev = rdev;
	} else if (S_ISBLK(mode)) {
		inode->i_fop = &blkdev_fops;
		inode->i_rdev = rdev;
	} else if (S_ISFIFO(mode)) {
		inode->i_fop = &fifo_fops;
	} else {
		inode->i_fop = &nodev_fops;
	}
}

static __always_inline struct timespec64 stamp_for(const struct inode *inode)
{
	struct timespec64 now = ktime_get_coarse_real_ts();
	u32 gran = inode->i_sb->s_time_gran;

	if (unlikely(gran > 1))
		now.tv_nsec -= now.tv_nsec % gran;
	return now;
}

struct timespec64 inode_now(const struct inode *inode)
{
	return stamp_for(inode);
}

static __always_inline bool ts_equal(const struct timespec64 *a, struct timespec64 b)
{
	return ((a->tv_nsec ^ b.tv_nsec) | (a->tv_sec ^ b.tv_sec)) == 0;
}

static noinline void stamp(struct inode *inode, u32 which, struct timespec64 now)
{
	spin_lock(&inode->i_lock);
	if (which & ATTR_ATIME)
		inode->i_atime = now;
	if (which & ATTR_MTIME)
		inode->i_mtime = now;
	if (which & ATTR_CTIME)
		inode->i_ctime = now;
	spin_unlock(&inode->i_lock);
}

void inode_touch(struct inode *inode, u32 which)
{
	struct timespec64 now = stamp_for(inode);

	/* In the same tick as the last time, as nearly always, there is nothing to write. */
	if ((!(which & ATTR_ATIME) || ts_equal(&inode->i_atime, now)) &&
	    (!(which & ATTR_MTIME) || ts_equal(&inode->i_mtime, now)) &&
	    (!(which & ATTR_CTIME) || ts_equal(&inode->i_ctime, now)))
		return;
	stamp(inode, which, now);
}

static bool ts_before_eq(const struct timespec64 *a, const struct timespec64 *b)
{
	return a->tv_sec < b->tv_sec || (a->tv_sec == b->tv_sec && a->tv_nsec <= b->tv_nsec);
}

/* relatime: older than a change, or than a day. */
static bool atime_is_stale(const struct inode *inode, const struct timespec64 *now, u32 mflags)
{
	if (!(mflags & MNT_RELATIME))
		return true;
	return ts_before_eq(&inode->i_atime, &inode->i_mtime) ||
	       ts_before_eq(&inode->i_atime, &inode->i_ctime) ||
	       now->tv_sec - inode->i_atime.tv_sec >= 24 * 60 * 60;
}

static noinline void stamp_access(const struct path *path, struct timespec64 now)
{
	struct inode *inode = path->dentry->d_inode;
	struct mount *mnt = path->mnt;
	u32 mflags = READ_ONCE(mnt->mnt_flags);

	if ((inode->i_flags & S_NOATIME_) || (mflags & (MNT_NOATIME | MNT_INTERNAL)) ||
	    ((mflags & MNT_NODIRATIME) && S_ISDIR(inode->i_mode)) || mnt_is_readonly(mnt))
		return;
	if (atime_is_stale(inode, &now, mflags))
		stamp(inode, ATTR_ATIME, now);
}

static __always_inline void accessed(const struct path *path)
{
	const struct inode *inode = path->dentry->d_inode;
	struct timespec64 now = stamp_for(inode);

	/* Nothing to ask if it was read in this tick already. */
	if (!ts_equal(&inode->i_atime, now))
		stamp_access(path, now);
}

void path_accessed(const struct path *path)
{
	accessed(path);
}

void file_accessed(struct file *file)
{
	if (!(file->f_flags & O_NOATIME))
		accessed(&file->f_path);
}

void inode_add_bytes(struct inode *inode, s64 bytes)
{
	spin_lock(&inode->i_lock);
	inode->i_blocks += (u64)(bytes >> 9);
	spin_unlock(&inode->i_lock);
}

bool inode_owner_or_capable(const struct inode *inode)
{
	return current_fsuid() == inode->i_uid || capable(CAP_FOWNER);
}

void __init inode_init_cache(void)
{
	inode_cache = KMEM_CACHE(inode);
	if (!inode_cache)
		panic("fs: no memory for the inode cache");
}
