/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files under /sys, registered as those of /proc are (fs/proc.h), of which this is a second
 * tree: paths are relative to /sys, missing folders are made. A show function prints one
 * value and a newline.
 */
#ifndef FS_SYSFS_H
#define FS_SYSFS_H

#include <fs/seq_file.h>
#include <lib/types.h>

#if IS_ENABLED(CONFIG_SYSFS)
/* 0, -EEXIST, -ENOMEM. Task context, after the slab works. */
int sysfs_create(const char *path, umode_t mode, int (*show)(struct seq_file *m, void *data),
		 void *data);
int sysfs_mkdir(const char *path);
/* The text of the target is copied. */
int sysfs_symlink(const char *path, const char *target);
/* 0, -ENOENT. A folder goes with all that is in it. */
int sysfs_remove(const char *path);
#else
static inline int sysfs_create(const char *path, umode_t mode,
			       int (*show)(struct seq_file *m, void *data), void *data)
{
	return 0;
}
static inline int sysfs_mkdir(const char *path) { return 0; }
static inline int sysfs_symlink(const char *path, const char *target) { return 0; }
static inline int sysfs_remove(const char *path) { return 0; }
#endif

#endif /* FS_SYSFS_H */
