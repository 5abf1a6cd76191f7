/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Changes of an inode's attributes: what may be changed by whom, and the one way in
 * (notify_change) that chmod, chown, utimensat, truncate and writes all take.
 */
#include <fs/fs.h>
#include <fs/notify.h>
#include <kernel/signal.h>
#include <mm/pagecache.h>
#include "internal.h"

int inode_newsize_ok(struct inode *inode, loff_t size)
{
	unsigned long limit = rlimit(RLIMIT_FSIZE);

	if (size <= inode->i_size)
		return 0;
	if (limit != RLIM_INFINITY && (u64)size > limit) {
		signal_send_task(SIGXFSZ, current);
		return -EFBIG;
	}
	return size > inode->i_sb->s_maxbytes ? -EFBIG : 0;
}

static bool chown_ok(const struct inode *inode, u32 uid)
{
	return (current_fsuid() == inode->i_uid && uid == inode->i_uid) || capable(CAP_CHOWN);
}

static bool chgrp_ok(const struct inode *inode, u32 gid)
{
	return (current_fsuid() == inode->i_uid && (gid == inode->i_gid || in_group(gid))) ||
	       capable(CAP_CHOWN);
}

int setattr_prepare(struct dentry *dentry, struct iattr *attr)
{
	struct inode *inode = dentry->d_inode;
	u32 valid = attr->ia_valid;

	if (valid & ATTR_SIZE) {
		int err = inode_newsize_ok(inode, attr->ia_size);

		if (err)
			return err;
	}
	if (valid & ATTR_FORCE)
		return 0;
	if ((valid & ATTR_UID) && !chown_ok(inode, attr->ia_uid))
		return -EPERM;
	if ((valid & ATTR_GID) && !chgrp_ok(inode, attr->ia_gid))
		return -EPERM;
	if (valid & ATTR_MODE) {
		u32 gid = (valid & ATTR_GID) ? attr->ia_gid : inode->i_gid;

		if (!inode_owner_or_capable(inode))
			return -EPERM;
		if (!in_group(gid) && !capable(CAP_FSETID))
			attr->ia_mode &= (umode_t)~S_ISGID;
	}
	if ((valid & (ATTR_ATIME_SET | ATTR_MTIME_SET)) && !inode_owner_or_capable(inode))
		return -EPERM;
	return 0;
}

void setattr_copy(struct inode *inode, const struct iattr *attr)
{
	u32 valid = attr->ia_valid;

	if (valid & ATTR_UID)
		inode->i_uid = attr->ia_uid;
	if (valid & ATTR_GID)
		inode->i_gid = attr->ia_gid;
	if (valid & ATTR_MODE)
		inode->i_mode = (umode_t)((inode->i_mode & S_IFMT) | (attr->ia_mode & 07777));
	spin_lock(&inode->i_lock);
	if (valid & ATTR_ATIME)
		inode->i_atime = attr->ia_atime;
	if (valid & ATTR_MTIME)
		inode->i_mtime = attr->ia_mtime;
	if (valid & ATTR_CTIME)
		inode->i_ctime = attr->ia_ctime;
	spin_unlock(&inode->i_lock);
}

int simple_setattr(struct dentry *dentry, struct iattr *attr)
{
	struct inode *inode = dentry->d_inode;
	int err = setattr_prepare(dentry, attr);

	if (err)
		return err;
	if (attr->ia_valid & ATTR_SIZE) {
		loff_t old = inode->i_size;

		i_size_write(inode, attr->ia_size);
		if (inode->i_cache && attr->ia_size < old)
			page_cache_truncate(inode->i_cache, (u64)attr->ia_size);
	}
	setattr_copy(inode, attr);
	return 0;
}

/* Turns ATTR_KILL_* into a change of mode. */
static void resolve_kill(struct inode *inode, struct iattr *attr)
{
	umode_t mode = inode->i_mode, kill = 0;

	if (attr->ia_valid & ATTR_KILL_SUID)
		kill |= S_ISUID;
	if ((attr->ia_valid & ATTR_KILL_SGID) && (mode & (S_ISGID | 0010)) == (S_ISGID | 0010))
		kill |= S_ISGID;
	attr->ia_valid &= ~(ATTR_KILL_SUID | ATTR_KILL_SGID);
	if (!(mode & kill))
		return;
	if (!(attr->ia_valid & ATTR_MODE)) {
		attr->ia_valid |= ATTR_MODE;
		attr->ia_mode = mode;
	}
	attr->ia_mode &= (umode_t)~kill;
}

static int apply_change(struct dentry *dentry, struct iattr *attr)
{
	struct inode *inode = dentry->d_inode;

	if (inode->i_op->setattr)
		return inode->i_op->setattr(dentry, attr);
	return simple_setattr(dentry, attr);
}

static int change_attributes(struct dentry *dentry, struct iattr *attr)
{
	struct inode *inode = dentry->d_inode;
	struct timespec64 now = inode_now(inode);
	struct iattr mode_only;
	int err;

	if ((attr->ia_valid & (ATTR_MODE | ATTR_UID | ATTR_GID | ATTR_ATIME_SET | ATTR_MTIME_SET)) &&
	    (inode->i_flags & (S_IMMUTABLE_ | S_APPEND_)))
		return -EPERM;
	attr->ia_ctime = now;
	attr->ia_valid |= ATTR_CTIME;
	if (!(attr->ia_valid & ATTR_ATIME_SET))
		attr->ia_atime = now;
	if (!(attr->ia_valid & ATTR_MTIME_SET))
		attr->ia_mtime = now;
	if (!(attr->ia_valid & (ATTR_KILL_SUID | ATTR_KILL_SGID)))
		return apply_change(dentry, attr);
	/* The caller's own change is checked as such; losing the bits needs no right. */
	mode_only = (struct iattr){ .ia_valid = attr->ia_valid & (ATTR_KILL_SUID | ATTR_KILL_SGID) };
	attr->ia_valid &= ~(ATTR_KILL_SUID | ATTR_KILL_SGID);
	err = apply_change(dentry, attr);
	resolve_kill(inode, &mode_only);
	if (err || !(mode_only.ia_valid & ATTR_MODE))
		return err;
	mode_only.ia_valid |= ATTR_FORCE | ATTR_CTIME;
	mode_only.ia_ctime = now;
	return apply_change(dentry, &mode_only);
}

int notify_change(struct dentry *dentry, struct iattr *attr)
{
	u32 valid = attr->ia_valid;
	int err = change_attributes(dentry, attr);

	if (!err)
		notify_changed(dentry, valid);
	return err;
}

static u32 privs_to_kill(const struct inode *inode)
{
	umode_t mode = inode->i_mode;
	u32 kill = 0;

	if (likely(!(mode & (S_ISUID | S_ISGID))) || !S_ISREG(mode))
		return 0;
	if (mode & S_ISUID)
		kill |= ATTR_KILL_SUID;
	if ((mode & (S_ISGID | 0010)) == (S_ISGID | 0010))
		kill |= ATTR_KILL_SGID;
	return kill && !capable(CAP_FSETID) ? kill : 0;
}

int file_remove_privs(struct file *file)
{
	struct iattr attr = { .ia_valid = privs_to_kill(file->f_inode) };

	if (likely(!attr.ia_valid))
		return 0;
	attr.ia_valid |= ATTR_FORCE;
	return notify_change(file->f_path.dentry, &attr);
}

int do_truncate(struct dentry *dentry, loff_t length, u32 attr_flags, struct file *file)
{
	struct inode *inode = dentry->d_inode;
	struct iattr attr = { .ia_valid = ATTR_SIZE | attr_flags, .ia_size = length };
	int err;

	if (length < 0)
		return -EINVAL;
	down_write(&inode->i_rwsem);
	attr.ia_valid |= privs_to_kill(inode);
	err = notify_change(dentry, &attr);
	up_write(&inode->i_rwsem);
	return err;
}
