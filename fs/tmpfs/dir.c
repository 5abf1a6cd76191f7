/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tmpfs directories. An entry is a hashed dentry with a reference of its own; the VFS
 * drops that when the name goes (d_delete). Here: inodes, link counts, sizes, times.
 */
#include <fs/fs.h>
#include <lib/string.h>
#include <mm/slab.h>
#include "tmpfs.h"

static void entry_added(struct inode *dir)
{
	i_size_write(dir, dir->i_size + TMPFS_DIRENT_SIZE);
	inode_touch(dir, ATTR_MTIME | ATTR_CTIME);
}

static void entry_removed(struct inode *dir)
{
	i_size_write(dir, dir->i_size - TMPFS_DIRENT_SIZE);
	inode_touch(dir, ATTR_MTIME | ATTR_CTIME);
}

static int tmpfs_mknod(struct inode *dir, struct dentry *dentry, umode_t mode, dev_t dev)
{
	struct inode *inode = tmpfs_new_inode(dir->i_sb, dir, mode, dev);

	if (IS_ERR(inode))
		return (int)PTR_ERR(inode);
	d_instantiate_persist(dentry, inode);
	entry_added(dir);
	return 0;
}

static int tmpfs_create(struct inode *dir, struct dentry *dentry, umode_t mode, bool excl)
{
	return tmpfs_mknod(dir, dentry, (umode_t)(S_IFREG | (mode & 07777)), 0);
}

static int tmpfs_mkdir(struct inode *dir, struct dentry *dentry, umode_t mode)
{
	int err = tmpfs_mknod(dir, dentry, (umode_t)(S_IFDIR | mode), 0);

	if (!err)
		inc_nlink(dir);
	return err;
}

static int tmpfs_symlink(struct inode *dir, struct dentry *dentry, const char *target)
{
	struct inode *inode;
	size_t len = strlen(target);
	char *text;

	if (len >= PATH_MAX)
		return -ENAMETOOLONG;
	text = kstrdup(target, GFP_KERNEL);
	if (!text)
		return -ENOMEM;
	inode = tmpfs_new_inode(dir->i_sb, dir, S_IFLNK | 0777, 0);
	if (IS_ERR(inode)) {
		kfree(text);
		return (int)PTR_ERR(inode);
	}
	inode->i_link = text;
	inode->i_size = (loff_t)len;
	d_instantiate_persist(dentry, inode);
	entry_added(dir);
	return 0;
}

static int tmpfs_link(struct dentry *old, struct inode *dir, struct dentry *dentry)
{
	struct inode *inode = old->d_inode;

	inc_nlink(inode);
	inode->i_opflags &= (u16)~IOP_TMPFILE;
	inode_touch(inode, ATTR_CTIME);
	d_instantiate_persist(dentry, inode_get(inode));
	entry_added(dir);
	return 0;
}

static int tmpfs_unlink(struct inode *dir, struct dentry *dentry)
{
	drop_nlink(dentry->d_inode);
	inode_touch(dentry->d_inode, ATTR_CTIME);
	entry_removed(dir);
	return 0;
}

static int tmpfs_rmdir(struct inode *dir, struct dentry *dentry)
{
	if (!simple_empty(dentry))
		return -ENOTEMPTY;
	clear_nlink(dentry->d_inode);
	drop_nlink(dir);
	entry_removed(dir);
	return 0;
}

static void dir_moved(struct inode *from, struct inode *to)
{
	drop_nlink(from);
	inc_nlink(to);
}

static int tmpfs_exchange(struct inode *olddir, struct dentry *old, struct inode *newdir,
			  struct dentry *new)
{
	if (olddir != newdir) {
		if (d_is_dir(old))
			dir_moved(olddir, newdir);
		if (d_is_dir(new))
			dir_moved(newdir, olddir);
	}
	inode_touch(olddir, ATTR_MTIME | ATTR_CTIME);
	inode_touch(newdir, ATTR_MTIME | ATTR_CTIME);
	inode_touch(old->d_inode, ATTR_CTIME);
	inode_touch(new->d_inode, ATTR_CTIME);
	return 0;
}

static int tmpfs_rename(struct inode *olddir, struct dentry *old, struct inode *newdir,
			struct dentry *new, unsigned flags)
{
	int err = 0;

	if (flags & 2 /* RENAME_EXCHANGE */)
		return tmpfs_exchange(olddir, old, newdir, new);
	if (d_is_positive(new))
		err = d_is_dir(new) ? tmpfs_rmdir(newdir, new) : tmpfs_unlink(newdir, new);
	if (err)
		return err;
	if (d_is_dir(old) && olddir != newdir)
		dir_moved(olddir, newdir);
	entry_removed(olddir);
	entry_added(newdir);
	inode_touch(old->d_inode, ATTR_CTIME);
	return 0;
}

static int tmpfs_tmpfile(struct inode *dir, struct dentry *dentry, umode_t mode)
{
	struct inode *inode = tmpfs_new_inode(dir->i_sb, dir,
					      (umode_t)(S_IFREG | (mode & 07777)), 0);

	if (IS_ERR(inode))
		return (int)PTR_ERR(inode);
	clear_nlink(inode);
	d_instantiate(dentry, inode);
	return 0;
}

const struct inode_ops tmpfs_dir_iops = {
	.lookup = simple_lookup,
	.create = tmpfs_create,
	.link = tmpfs_link,
	.unlink = tmpfs_unlink,
	.symlink = tmpfs_symlink,
	.mkdir = tmpfs_mkdir,
	.rmdir = tmpfs_rmdir,
	.mknod = tmpfs_mknod,
	.rename = tmpfs_rename,
	.tmpfile = tmpfs_tmpfile,
	TMPFS_XATTR_OPS,
};

/* Links, too: their text is i_link. */
const struct inode_ops tmpfs_special_iops = {
	TMPFS_XATTR_OPS,
};
