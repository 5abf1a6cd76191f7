/* SPDX-License-Identifier: BSD-2-Clause */
/* What fsmount(2) takes from mount_fd.c. */
#ifndef FS_MOUNT_FD_H
#define FS_MOUNT_FD_H

#include <lib/types.h>

struct mount;

/* MOUNT_ATTR_* as MNT_*. 0, or -EINVAL for what is unknown or contradicts itself. */
int mount_attrs_to_flags(u64 attrs, u32 *flags);
/*
 * A new descriptor (O_PATH) of a mount or tree that has no place yet. Takes over the tree: it is
 * released when the last such descriptor closes before move_mount(2) placed it. `flags`:
 * O_CLOEXEC. The number, or -errno.
 */
int mount_detached_fd(struct mount *mnt, unsigned flags);

#endif
