/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the VFS asks of block devices: opening a special file, sync(2), and the text of
 * /proc/devices. Without CONFIG_BLOCK there are none. Context: task, may sleep.
 */
#ifndef FS_BLKDEV_H
#define FS_BLKDEV_H

#include <lib/errno.h>
#include <lib/types.h>

struct file;
struct page_cache;
struct inode;

#if IS_ENABLED(CONFIG_BLOCK)
/* 0, -ENXIO no such disk, -EBUSY claimed by O_EXCL. */
int blkdev_open(struct inode *inode, struct file *file);
/* The cache behind an open special file, NULL: it is none. */
struct page_cache *blkdev_cache(const struct file *file);
/* Writes all that is dirty to all disks, and on to their media. */
void blkdev_sync_all(void);
#else
static inline int blkdev_open(struct inode *inode, struct file *file) { return -ENXIO; }
static inline struct page_cache *blkdev_cache(const struct file *file) { return NULL; }
static inline void blkdev_sync_all(void) { }
#endif

#endif
