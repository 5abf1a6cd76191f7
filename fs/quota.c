/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * quotactl(2) and quotactl_fd(2), for file systems of which none keeps quotas: what names no
 * file system is an error of the name, what names one is ENOSYS, as Linux says for those.
 */
#include <fs/files.h>
#include <fs/namei.h>
#include <kernel/syscall.h>
#include <linux/quota.h>
#include "internal.h"

#define TYPES 3		/* of users, groups, projects */

static int quota_type(unsigned cmd)
{
	return (cmd & SUBCMDMASK) < TYPES ? 0 : -EINVAL;
}

/* Of the file system on a block device. */
static int device_quota(const char __user *name)
{
	struct path path;
	struct inode *inode;
	int err = path_lookup_user(AT_FDCWD, name, LOOKUP_FOLLOW, &path);

	if (err)
		return err;
	inode = path.dentry->d_inode;
	if (!S_ISBLK(inode->i_mode))
		err = -ENOTBLK;
	else if (path.mnt->mnt_flags & MNT_NODEV)
		err = -EACCES;
	else
		err = super_on_device(inode->i_rdev) ? -ENOSYS : -ENODEV;
	path_put(&path);
	return err;
}

SYSCALL_DEFINE4(quotactl, unsigned, cmd, const char __user *, special, u32, id, void __user *, addr)
{
	int err = quota_type(cmd);

	if (err)
		return err;
	if (special)
		return device_quota(special);
	/* Written out everywhere: there is nothing to write. */
	return cmd >> SUBCMDSHIFT == Q_SYNC ? 0 : -ENODEV;
}

/* Commands that change nothing may be given for a mount that is read-only. */
static bool command_writes(unsigned cmd)
{
	switch (cmd >> SUBCMDSHIFT) {
	case Q_GETFMT:
	case Q_GETINFO:
	case Q_SYNC:
	case Q_GETQUOTA:
	case Q_GETNEXTQUOTA:
		return false;
	default:
		return true;
	}
}

SYSCALL_DEFINE4(quotactl_fd, unsigned, fd, unsigned, cmd, u32, id, void __user *, addr)
{
	struct fd f = fdget_raw(fd);
	int err;

	if (!f.file)
		return -EBADF;
	err = quota_type(cmd);
	if (!err && command_writes(cmd)) {
		err = mnt_want_write(f.file->f_path.mnt);
		if (!err)
			mnt_drop_write(f.file->f_path.mnt);
	}
	fdput(f);
	return err ? err : -ENOSYS;
}
