/* SPDX-License-Identifier: BSD-2-Clause */
/* Start of the VFS: the caches in the order they need each other, then the root. */
#include <fs/fs.h>
#include "internal.h"

void __init vfs_init(void)
{
	dcache_init();
	inode_init_cache();
	super_init();
	tmpfs_init();
	mount_init();
	file_init_cache();
	locks_init();
	files_init();
}
