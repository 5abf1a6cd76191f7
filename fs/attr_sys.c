/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * chmod, chown, utimensat, truncate, fallocate, access and umask: the calls that change
 * or ask about attributes by path or descriptor.
 */
#include <fs/fs.h>
#include <fs/notify.h>
#include <arch/uaccess.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <linux/falloc.h>
#include <linux/time_types.h>
#include "internal.h"

#ifndef UTIME_NOW
#define UTIME_NOW  ((1l << 30) - 1l)
#define UTIME_OMIT ((1l << 30) - 2l)
#endif

/* Opens write access to path's file system and applies attr under the inode's lock. */
static int change_path(const struct path *path, struct iattr *attr)
{
	struct inode *inode = path->dentry->d_inode;
	int err = mnt_want_write(path->mnt);

	if (err)
		return err;
	down_write(&inode->i_rwsem);
	if ((attr->ia_valid & ATTR_UID || attr->ia_valid & ATTR_GID) && !S_ISDIR(inode->i_mode))
		attr->ia_valid |= ATTR_KILL_SUID | ATTR_KILL_SGID;
	err = notify_change(path->dentry, attr);
	up_write(&inode->i_rwsem);
	mnt_drop_write(path->mnt);
	return err;
}

/* ---- chmod ---- */

static int chmod_path(const struct path *path, umode_t mode)
{
	struct iattr attr = { .ia_valid = ATTR_MODE, .ia_mode = mode & 07777 };

	if (S_ISLNK(path->dentry->d_inode->i_mode))
		return -EOPNOTSUPP;
	return change_path(path, &attr);
}

SYSCALL_DEFINE2(fchmod, unsigned, fd, umode_t, mode)
{
	struct fd f = fdget(fd);
	int err;

	if (!f.file)
		return -EBADF;
	err = chmod_path(&f.file->f_path, mode);
	fdput(f);
	return err;
}

SYSCALL_DEFINE3(fchmodat, int, dfd, const char __user *, name, umode_t, mode)
{
	struct path path;
	int err = path_lookup_user(dfd, name, LOOKUP_FOLLOW, &path);

	if (err)
		return err;
	err = chmod_path(&path, mode);
	path_put(&path);
	return err;
}

/* ---- chown ---- */

static int chown_path(const struct path *path, u32 uid, u32 gid)
{
	struct iattr attr = { .ia_valid = ATTR_CTIME };

	if (uid != (u32)-1) {
		attr.ia_valid |= ATTR_UID;
		attr.ia_uid = uid;
	}
	if (gid != (u32)-1) {
		attr.ia_valid |= ATTR_GID;
		attr.ia_gid = gid;
	}
	return change_path(path, &attr);
}

SYSCALL_DEFINE3(fchown, unsigned, fd, uid_t, uid, gid_t, gid)
{
	struct fd f = fdget(fd);
	int err;

	if (!f.file)
		return -EBADF;
	err = chown_path(&f.file->f_path, uid, gid);
	fdput(f);
	return err;
}

SYSCALL_DEFINE5(fchownat, int, dfd, const char __user *, name, uid_t, uid, gid_t, gid, int, flag)
{
	struct path path;
	unsigned how = (flag & AT_SYMLINK_NOFOLLOW) ? 0 : LOOKUP_FOLLOW;
	int err;

	if (flag & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	if (flag & AT_EMPTY_PATH)
		how |= LOOKUP_EMPTY;
	err = path_lookup_user(dfd, name, how, &path);
	if (err)
		return err;
	err = chown_path(&path, uid, gid);
	path_put(&path);
	return err;
}

int vfs_chown(const char *name, u32 uid, u32 gid)
{
	struct path path;
	int err = kern_path(name, LOOKUP_FOLLOW, &path);

	if (err)
		return err;
	err = chown_path(&path, uid, gid);
	path_put(&path);
	return err;
}

/* ---- times ---- */

static bool nsec_ok(s64 nsec)
{
	return nsec == UTIME_NOW || nsec == UTIME_OMIT || (nsec >= 0 && nsec < 1000000000);
}

static int utimes_path(const struct path *path, const struct __kernel_timespec *t)
{
	struct inode *inode = path->dentry->d_inode;
	struct iattr attr = { .ia_valid = ATTR_CTIME | ATTR_MTIME | ATTR_ATIME };
	int err;

	if (t && (t[0].tv_nsec != UTIME_NOW || t[1].tv_nsec != UTIME_NOW)) {
		if (t[0].tv_nsec == UTIME_OMIT) {
			attr.ia_valid &= ~ATTR_ATIME;
		} else if (t[0].tv_nsec != UTIME_NOW) {
			attr.ia_atime = (struct timespec64){ t[0].tv_sec, t[0].tv_nsec };
			attr.ia_valid |= ATTR_ATIME_SET;
		}
		if (t[1].tv_nsec == UTIME_OMIT) {
			attr.ia_valid &= ~ATTR_MTIME;
		} else if (t[1].tv_nsec != UTIME_NOW) {
			attr.ia_mtime = (struct timespec64){ t[1].tv_sec, t[1].tv_nsec };
			attr.ia_valid |= ATTR_MTIME_SET;
		}
		/* One of them "now" and the other left alone needs the owner, too. */
		if (!inode_owner_or_capable(inode))
			return -EPERM;
	} else {
		if (inode->i_flags & S_IMMUTABLE_)
			return -EPERM;
		if (!inode_owner_or_capable(inode)) {
			err = path_permission(path, MAY_WRITE);
			if (err)
				return err;
		}
	}
	return change_path(path, &attr);
}

SYSCALL_DEFINE4(utimensat, int, dfd, const char __user *, name,
		const struct __kernel_timespec __user *, utimes, int, flags)
{
	struct __kernel_timespec t[2];
	struct path path;
	struct fd f;
	int err;

	if (utimes) {
		if (copy_from_user(t, utimes, sizeof(t)))
			return -EFAULT;
		if (t[0].tv_nsec == UTIME_OMIT && t[1].tv_nsec == UTIME_OMIT)
			return 0;
		if (!nsec_ok(t[0].tv_nsec) || !nsec_ok(t[1].tv_nsec))
			return -EINVAL;
	}
	if (!name && dfd != AT_FDCWD) {
		if (flags)
			return -EINVAL;
		f = fdget((unsigned)dfd);
		if (!f.file)
			return -EBADF;
		err = utimes_path(&f.file->f_path, utimes ? t : NULL);
		fdput(f);
		return err;
	}
	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	err = path_lookup_user(dfd, name, ((flags & AT_SYMLINK_NOFOLLOW) ? 0 : LOOKUP_FOLLOW) |
			       ((flags & AT_EMPTY_PATH) ? LOOKUP_EMPTY : 0), &path);
	if (err)
		return err;
	err = utimes_path(&path, utimes ? t : NULL);
	path_put(&path);
	return err;
}

/* ---- sizes ---- */

int vfs_truncate(const struct path *path, loff_t length)
{
	struct inode *inode = path->dentry->d_inode;
	int err;

	if (length < 0)
		return -EINVAL;
	if (S_ISDIR(inode->i_mode))
		return -EISDIR;
	if (!S_ISREG(inode->i_mode))
		return -EINVAL;
	err = mnt_want_write(path->mnt);
	if (err)
		return err;
	err = inode_permission(inode, MAY_WRITE);
	if (!err && (inode->i_flags & S_APPEND_))
		err = -EPERM;
	if (!err)
		err = inode_get_write(inode);
	if (!err) {
		err = do_truncate(path->dentry, length, ATTR_MTIME | ATTR_CTIME, NULL);
		atomic_dec(&inode->i_writecount);
	}
	mnt_drop_write(path->mnt);
	return err;
}

int vfs_ftruncate(struct file *file, loff_t length)
{
	struct inode *inode = file->f_inode;

	if (length < 0 || !S_ISREG(inode->i_mode) || !(file->f_mode & FMODE_WRITE))
		return -EINVAL;
	if (inode->i_flags & S_APPEND_)
		return -EPERM;
	return do_truncate(file->f_path.dentry, length, ATTR_MTIME | ATTR_CTIME, file);
}

SYSCALL_DEFINE2(truncate, const char __user *, name, long, length)
{
	struct path path;
	int err;

	if (length < 0)
		return -EINVAL;
	err = path_lookup_user(AT_FDCWD, name, LOOKUP_FOLLOW, &path);
	if (err)
		return err;
	err = vfs_truncate(&path, length);
	path_put(&path);
	return err;
}

SYSCALL_DEFINE2(ftruncate, unsigned, fd, long, length)
{
	struct fd f;
	int err;

	if (length < 0)
		return -EINVAL;
	f = fdget(fd);
	if (!f.file)
		return -EBADF;
	err = vfs_ftruncate(f.file, length);
	fdput(f);
	return err;
}

static int do_fallocate(struct file *file, int mode, loff_t offset, loff_t len)
{
	struct inode *inode = file->f_inode;
	int err;

	if (offset < 0 || len <= 0)
		return -EINVAL;
	if (mode & ~(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE))
		return -EOPNOTSUPP;
	if ((mode & FALLOC_FL_PUNCH_HOLE) &&
	    (!(mode & FALLOC_FL_KEEP_SIZE) || (mode & FALLOC_FL_ZERO_RANGE)))
		return -EOPNOTSUPP;
	if (!(file->f_mode & FMODE_WRITE))
		return -EBADF;
	if ((mode & ~FALLOC_FL_KEEP_SIZE) && (inode->i_flags & S_APPEND_))
		return -EPERM;
	if (S_ISFIFO(inode->i_mode))
		return -ESPIPE;
	if (S_ISDIR(inode->i_mode))
		return -EISDIR;
	if (!S_ISREG(inode->i_mode))
		return -ENODEV;
	if (offset > inode->i_sb->s_maxbytes - len)
		return -EFBIG;
	if (!file->f_op->fallocate)
		return -EOPNOTSUPP;
	err = file->f_op->fallocate(file, mode, offset, len);
	if (!err)
		notify_file(file, IN_MODIFY);
	return err;
}

SYSCALL_DEFINE4(fallocate, unsigned, fd, int, mode, loff_t, offset, loff_t, len)
{
	struct fd f = fdget(fd);
	int err;

	if (!f.file)
		return -EBADF;
	err = do_fallocate(f.file, mode, offset, len);
	fdput(f);
	return err;
}

/* ---- access ---- */

/* Credentials with the real ids as file system ids; NULL = out of memory. */
static struct cred *access_cred(void)
{
	struct cred *c = cred_prepare();

	if (!c)
		return NULL;
	c->fsuid = c->uid;
	c->fsgid = c->gid;
	if (c->uid)
		c->cap_effective = 0;
	else
		c->cap_effective = c->cap_permitted;
	return c;
}

static struct cred *swap_cred(struct cred *cred)
{
	struct cred *old = current->cred;
	unsigned long flags;

	spin_lock_irqsave(&current->proc->siglock, flags);
	current->cred = cred;
	spin_unlock_irqrestore(&current->proc->siglock, flags);
	return old;
}

static bool ids_are_real(const struct cred *c)
{
	return c->fsuid == c->uid && c->fsgid == c->gid &&
	       c->cap_effective == (c->uid ? 0 : c->cap_permitted);
}

static int access_path(int dfd, const char __user *name, int mode, unsigned how)
{
	struct path path;
	struct inode *inode;
	int err = path_lookup_user(dfd, name, how, &path);

	if (err)
		return err;
	inode = path.dentry->d_inode;
	if ((mode & MAY_EXEC) && S_ISREG(inode->i_mode) && (path.mnt->mnt_flags & MNT_NOEXEC))
		err = -EACCES;
	if (!err)
		err = inode_permission(inode, mode | MAY_ACCESS);
	if (!err && (mode & MAY_WRITE))
		err = path_permission(&path, MAY_WRITE);
	path_put(&path);
	return err;
}

static int do_faccessat(int dfd, const char __user *name, int mode, int flags)
{
	unsigned how = (flags & AT_SYMLINK_NOFOLLOW) ? 0 : LOOKUP_FOLLOW;
	struct cred *cred, *old;
	int err;

	if ((mode & ~7) || (flags & ~(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)))
		return -EINVAL;
	if (flags & AT_EMPTY_PATH)
		how |= LOOKUP_EMPTY;
	if ((flags & AT_EACCESS) || ids_are_real(current_cred()))
		return access_path(dfd, name, mode, how);
	cred = access_cred();
	if (!cred)
		return -ENOMEM;
	old = swap_cred(cred);
	err = access_path(dfd, name, mode, how);
	swap_cred(old);
	cred_put(cred);
	return err;
}

SYSCALL_DEFINE3(faccessat, int, dfd, const char __user *, name, int, mode)
{
	return do_faccessat(dfd, name, mode, 0);
}

SYSCALL_DEFINE4(faccessat2, int, dfd, const char __user *, name, int, mode, int, flags)
{
	return do_faccessat(dfd, name, mode, flags);
}

SYSCALL_DEFINE1(umask, int, mask)
{
	umode_t old = current->fs->umask;

	WRITE_ONCE(current->fs->umask, (umode_t)(mask & 0777));
	return old;
}
