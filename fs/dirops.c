/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Changing directories: mkdir, mknod, symlink, link, unlink, rmdir, as system calls and
 * for kernel code. Rename is in rename.c.
 */
#include <fs/fs.h>
#include <fs/notify.h>
#include <kernel/syscall.h>
#include "internal.h"

/* ---- making ---- */

static umode_t apply_umask(umode_t mode)
{
	return mode & (umode_t)~current->fs->umask;
}

static int do_mkdir(int dfd, const char *name, umode_t mode)
{
	struct path parent;
	struct dentry *d = path_create(dfd, name, &parent, true);
	struct inode *dir;
	int err;

	if (IS_ERR(d))
		return (int)PTR_ERR(d);
	dir = parent.dentry->d_inode;
	err = may_create(dir, d);
	if (!err)
		err = dir->i_op->mkdir ?
		      dir->i_op->mkdir(dir, d, apply_umask(mode & (0777 | S_ISVTX))) : -EPERM;
	if (!err)
		notify_create(dir, d);
	path_create_done(&parent, d);
	return err;
}

static int do_mknod(int dfd, const char *name, umode_t mode, dev_t dev)
{
	struct path parent;
	struct dentry *d;
	struct inode *dir;
	int err;

	d = path_create(dfd, name, &parent, false);
	if (IS_ERR(d))
		return (int)PTR_ERR(d);
	dir = parent.dentry->d_inode;
	mode = apply_umask(mode & (S_IFMT | 07777));
	err = may_create(dir, d);
	if (!err && (S_ISCHR(mode) || S_ISBLK(mode)) && !capable(CAP_MKNOD))
		err = -EPERM;
	if (!err && S_ISREG(mode))
		err = dir->i_op->create ? dir->i_op->create(dir, d, mode, true) : -EPERM;
	else if (!err)
		err = dir->i_op->mknod ? dir->i_op->mknod(dir, d, mode, dev) : -EPERM;
	if (!err)
		notify_create(dir, d);
	path_create_done(&parent, d);
	return err;
}

static int do_symlink(const char *target, int dfd, const char *name)
{
	struct path parent;
	struct dentry *d;
	struct inode *dir;
	int err;

	if (!*target)
		return -ENOENT;
	d = path_create(dfd, name, &parent, false);
	if (IS_ERR(d))
		return (int)PTR_ERR(d);
	dir = parent.dentry->d_inode;
	err = may_create(dir, d);
	if (!err)
		err = dir->i_op->symlink ? dir->i_op->symlink(dir, d, target) : -EPERM;
	if (!err)
		notify_create(dir, d);
	path_create_done(&parent, d);
	return err;
}

/* dir's i_rwsem held; takes the inode's for its link count. */
static int link_locked(struct dentry *old, struct inode *dir, struct dentry *d)
{
	struct inode *inode = old->d_inode;
	int err = may_create(dir, d);

	if (err)
		return err;
	if (dir->i_sb != inode->i_sb)
		return -EXDEV;
	if (S_ISDIR(inode->i_mode) || !dir->i_op->link ||
	    (inode->i_flags & (S_APPEND_ | S_IMMUTABLE_)))
		return -EPERM;
	down_write(&inode->i_rwsem);
	/* An unlinked file comes back only if it was an O_TMPFILE, whose dentry was
	 * never hashed under a name. */
	if (inode->i_nlink == 0 && !(inode->i_opflags & IOP_TMPFILE))
		err = -ENOENT;
	else if (inode->i_nlink >= 0x7fffffff)
		err = -EMLINK;
	else
		err = dir->i_op->link(old, dir, d);
	up_write(&inode->i_rwsem);
	if (!err) {
		notify_inode(inode, IN_ATTRIB);
		notify_create(dir, d);
	}
	return err;
}

static int do_link(struct path *old, int dfd, const char *name)
{
	struct path parent;
	struct dentry *d = path_create(dfd, name, &parent, false);
	int err = -EXDEV;

	if (IS_ERR(d))
		return (int)PTR_ERR(d);
	if (old->mnt == parent.mnt)
		err = link_locked(old->dentry, parent.dentry->d_inode, d);
	path_create_done(&parent, d);
	return err;
}

/* ---- removing ---- */

static int rmdir_locked(struct inode *dir, struct dentry *d)
{
	struct inode *victim = d->d_inode;
	int err = may_delete(dir, d, true);

	if (err)
		return err;
	if (!dir->i_op->rmdir)
		return -EPERM;
	if (d_is_mountpoint(d))
		return -EBUSY;
	down_write(&victim->i_rwsem);
	err = dir->i_op->rmdir(dir, d);
	if (!err)
		victim->i_flags |= S_DEAD_;
	up_write(&victim->i_rwsem);
	if (!err) {
		d_shrink_subtree(d);
		d_delete(d);
	}
	return err;
}

static int unlink_locked(struct inode *dir, struct dentry *d)
{
	struct inode *victim = d->d_inode;
	int err = may_delete(dir, d, false);

	if (err)
		return err;
	if (!dir->i_op->unlink)
		return -EPERM;
	if (d_is_mountpoint(d))
		return -EBUSY;
	down_write(&victim->i_rwsem);
	err = dir->i_op->unlink(dir, d);
	up_write(&victim->i_rwsem);
	if (!err) {
		notify_inode(victim, IN_ATTRIB);
		d_delete(d);
	}
	return err;
}

static int last_type_error(enum last_type type, bool rmdir)
{
	if (type == LAST_NORM)
		return 0;
	if (!rmdir)
		return -EISDIR;
	return type == LAST_DOTDOT ? -ENOTEMPTY : type == LAST_DOT ? -EINVAL : -EBUSY;
}

static int do_remove(int dfd, const char *name, bool rmdir)
{
	struct path parent;
	struct last_name last;
	struct dentry *d;
	struct inode *dir, *victim = NULL;
	int err = path_parent(dfd, name, 0, &parent, &last);

	if (err)
		return err;
	err = last_type_error(last.type, rmdir);
	if (!err)
		err = mnt_want_write(parent.mnt);
	if (err)
		goto out;
	dir = parent.dentry->d_inode;
	down_write(&dir->i_rwsem);
	d = lookup_one_locked(parent.dentry, &last.q);
	err = PTR_ERR_OR_ZERO(d);
	if (err)
		goto out_unlock;
	if (d_is_negative(d))
		err = -ENOENT;
	else if (!rmdir && last.slashes)
		err = d_is_dir(d) ? -EISDIR : -ENOTDIR;
	else
		err = rmdir ? rmdir_locked(dir, d) : unlink_locked(dir, d);
	if (!err)
		victim = inode_get(d->d_inode);
	dput(d);
	if (victim)
		notify_delete(dir, &last.q, rmdir);
out_unlock:
	up_write(&dir->i_rwsem);
	mnt_drop_write(parent.mnt);
	inode_put(victim);      /* a big file is freed here, outside the directory's lock */
out:
	path_put(&parent);
	return err;
}

/* ---- system calls ---- */

#define WITH_NAME(call) ({						\
	struct filename fn;						\
	long __ret = getname(&fn, name);				\
									\
	if (!__ret) {							\
		__ret = (call);						\
		putname(&fn);						\
	}								\
	__ret; })

SYSCALL_DEFINE3(mkdirat, int, dfd, const char __user *, name, umode_t, mode)
{
	return WITH_NAME(do_mkdir(dfd, fn.name, mode));
}

SYSCALL_DEFINE4(mknodat, int, dfd, const char __user *, name, umode_t, mode, unsigned, dev)
{
	if (!(mode & S_IFMT))
		mode |= S_IFREG;
	if (S_ISDIR(mode))
		return -EPERM;
	if (!S_ISREG(mode) && !S_ISCHR(mode) && !S_ISBLK(mode) && !S_ISFIFO(mode) &&
	    !S_ISSOCK(mode))
		return -EINVAL;
	return WITH_NAME(do_mknod(dfd, fn.name, mode, dev_decode(dev)));
}

SYSCALL_DEFINE3(unlinkat, int, dfd, const char __user *, name, int, flag)
{
	if (flag & ~AT_REMOVEDIR)
		return -EINVAL;
	return WITH_NAME(do_remove(dfd, fn.name, flag & AT_REMOVEDIR));
}

SYSCALL_DEFINE3(symlinkat, const char __user *, target, int, dfd, const char __user *, name)
{
	struct filename to;
	long ret = getname(&to, target);

	if (ret)
		return ret;
	ret = WITH_NAME(do_symlink(to.name, dfd, fn.name));
	putname(&to);
	return ret;
}

SYSCALL_DEFINE5(linkat, int, olddfd, const char __user *, oldname, int, dfd,
		const char __user *, name, int, flags)
{
	unsigned how = 0;
	struct path old;
	long ret;

	if (flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	if (flags & AT_EMPTY_PATH) {
		if (!capable(CAP_DAC_READ_SEARCH))
			return -ENOENT;
		how |= LOOKUP_EMPTY;
	}
	if (flags & AT_SYMLINK_FOLLOW)
		how |= LOOKUP_FOLLOW;
	ret = path_lookup_user(olddfd, oldname, how, &old);
	if (ret)
		return ret;
	ret = WITH_NAME(do_link(&old, dfd, fn.name));
	path_put(&old);
	return ret;
}

/* ---- kernel use ---- */

int vfs_mkdir(const char *path, umode_t mode)
{
	return do_mkdir(AT_FDCWD, path, mode);
}

int vfs_mknod(const char *path, umode_t mode, dev_t dev)
{
	return do_mknod(AT_FDCWD, path, mode, dev);
}

int vfs_symlink(const char *target, const char *path)
{
	return do_symlink(target, AT_FDCWD, path);
}

int vfs_link(const char *oldname, const char *path)
{
	struct path old;
	int err = kern_path(oldname, 0, &old);

	if (err)
		return err;
	err = do_link(&old, AT_FDCWD, path);
	path_put(&old);
	return err;
}

int vfs_unlink(const char *path)
{
	return do_remove(AT_FDCWD, path, false);
}

int vfs_rmdir(const char *path)
{
	return do_remove(AT_FDCWD, path, true);
}
