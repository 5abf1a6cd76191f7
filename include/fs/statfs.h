/* SPDX-License-Identifier: BSD-2-Clause */
/* What super_ops.statfs fills in; sizes in blocks of f_bsize bytes. */
#ifndef FS_STATFS_H
#define FS_STATFS_H

#include <lib/types.h>

struct kstatfs {
	long f_type, f_bsize;
	u64  f_blocks, f_bfree, f_bavail, f_files, f_ffree;
	long f_namelen;
};

#endif /* FS_STATFS_H */
