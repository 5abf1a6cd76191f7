/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Character devices: numbers to operations, and their nodes in devtmpfs.
 *
 * Registration may happen at any time after the slab works, before devtmpfs is mounted
 * too: nodes appear with the mount. Context: task.
 */
#ifndef FS_CHRDEV_H
#define FS_CHRDEV_H

#include <fs/fs.h>

/* Numbers [dev, dev+count) belong to `fops`. 0, -EBUSY, -ENOMEM. `name`: constant. */
int chrdev_register(dev_t dev, unsigned count, const char *name, const struct file_ops *fops);
/* A node in /dev; name may have folders ("pts/0"); mode with S_IFCHR or S_IFBLK. */
#if IS_ENABLED(CONFIG_DEVTMPFS)
int devtmpfs_add(const char *name, umode_t mode, dev_t dev);
int devtmpfs_remove(const char *name);
#else
static inline int devtmpfs_add(const char *name, umode_t mode, dev_t dev) { return 0; }
static inline int devtmpfs_remove(const char *name) { return 0; }
#endif
/* Text of /proc/devices. */
void chrdev_show(struct seq_file *m);

#endif /* FS_CHRDEV_H */
