/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who may do what with an inode: mode bits, groups, capabilities, sticky directories.
 * The identity is current's fsuid and fsgid, as open(2) and path_resolution(7) say.
 */
#include <fs/fs.h>
#include "internal.h"
#include <linux/mount.h>

int generic_permission(struct inode *inode, int mask)
{
	umode_t mode = inode->i_mode;
	int want = mask & (MAY_READ | MAY_WRITE | MAY_EXEC);

	if (current_fsuid() == inode->i_uid)
		mode >>= 6;
	else if (in_group(inode->i_gid))
		mode >>= 3;
	if (!(want & ~mode & 7))
		return 0;
	if (S_ISDIR(inode->i_mode)) {
		if (!(want & MAY_WRITE) && capable(CAP_DAC_READ_SEARCH))
			return 0;
		return capable(CAP_DAC_OVERRIDE) ? 0 : -EACCES;
	}
	if (want == MAY_READ && capable(CAP_DAC_READ_SEARCH))
		return 0;
	/* Running a file needs at least one x bit, root or not. */
	if ((!(want & MAY_EXEC) || (inode->i_mode & 0111)) && capable(CAP_DAC_OVERRIDE))
		return 0;
	return -EACCES;
}

int inode_permission(struct inode *inode, int mask)
{
	if (unlikely(mask & MAY_WRITE)) {
		umode_t mode = inode->i_mode;

		if ((inode->i_sb->s_flags & MS_RDONLY) &&
		    (S_ISREG(mode) || S_ISDIR(mode) || S_ISLNK(mode)))
			return -EROFS;
		if (inode->i_flags & S_IMMUTABLE_)
			return -EPERM;
	}
	if (inode->i_op->permission)
		return inode->i_op->permission(inode, mask);
	return generic_permission(inode, mask);
}

int path_permission(const struct path *path, int mask)
{
	struct inode *inode = path->dentry->d_inode;

	if ((mask & MAY_WRITE) && mnt_is_readonly(path->mnt) &&
	    (S_ISREG(inode->i_mode) || S_ISDIR(inode->i_mode) || S_ISLNK(inode->i_mode)))
		return -EROFS;
	return inode_permission(inode, mask);
}

int may_create(struct inode *dir, struct dentry *child)
{
	if (d_is_positive(child))
		return -EEXIST;
	if (dir->i_flags & S_DEAD_)
		return -ENOENT;
	return inode_permission(dir, MAY_WRITE | MAY_EXEC);
}

static bool sticky_forbids(const struct inode *dir, const struct inode *victim)
{
	u32 me = current_fsuid();

	return (dir->i_mode & S_ISVTX) && victim->i_uid != me && dir->i_uid != me &&
	       !capable(CAP_FOWNER);
}

int may_delete(struct inode *dir, struct dentry *victim, bool isdir)
{
	struct inode *inode = victim->d_inode;
	int err;

	if (!inode)
		return -ENOENT;
	err = inode_permission(dir, MAY_WRITE | MAY_EXEC);
	if (err)
		return err;
	if (dir->i_flags & S_APPEND_)
		return -EPERM;
	if (sticky_forbids(dir, inode) || (inode->i_flags & (S_APPEND_ | S_IMMUTABLE_)))
		return -EPERM;
	if (isdir) {
		if (!S_ISDIR(inode->i_mode))
			return -ENOTDIR;
		if (d_is_root(victim))
			return -EBUSY;
	} else if (S_ISDIR(inode->i_mode)) {
		return -EISDIR;
	}
	return dir->i_flags & S_DEAD_ ? -ENOENT : 0;
}
