/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Extended attributes: the twelve calls, the rules about name spaces, and the hand-over
 * to the file system's four operations. Without them every call is EOPNOTSUPP.
 */
#include <fs/fs.h>
#include <fs/notify.h>
#include <arch/uaccess.h>
#include <kernel/syscall.h>
#include <lib/string.h>
#include <mm/slab.h>
#include <linux/xattr.h>
#include "internal.h"

static int name_from_user(char *kname, const char __user *name)
{
	long len = strncpy_from_user(kname, name, XATTR_NAME_MAX + 1);

	if (len < 0)
		return (int)len;
	return len == 0 || len > XATTR_NAME_MAX ? -ERANGE : 0;
}

static int xattr_permission(struct inode *inode, const char *name, int mask)
{
	if ((mask & MAY_WRITE) && (inode->i_flags & (S_IMMUTABLE_ | S_APPEND_)))
		return -EPERM;
	if (str_has_prefix(name, XATTR_SECURITY_PREFIX))
		return (mask & MAY_WRITE) && !capable(CAP_SYS_ADMIN) ? -EPERM : 0;
	if (str_has_prefix(name, XATTR_TRUSTED_PREFIX)) {
		if (capable(CAP_SYS_ADMIN))
			return 0;
		return (mask & MAY_WRITE) ? -EPERM : -ENODATA;
	}
	if (!str_has_prefix(name, XATTR_USER_PREFIX))
		return -EOPNOTSUPP;
	if (!S_ISREG(inode->i_mode) && !S_ISDIR(inode->i_mode))
		return (mask & MAY_WRITE) ? -EPERM : -ENODATA;
	if (S_ISDIR(inode->i_mode) && (inode->i_mode & S_ISVTX) && (mask & MAY_WRITE) &&
	    !inode_owner_or_capable(inode))
		return -EPERM;
	return inode_permission(inode, mask);
}

static long do_set(const struct path *path, const char __user *uname, const void __user *uvalue,
		   size_t size, int flags)
{
	struct inode *inode = path->dentry->d_inode;
	char name[XATTR_NAME_MAX + 1];
	void *value = NULL;
	long err;

	if (flags & ~(XATTR_CREATE | XATTR_REPLACE))
		return -EINVAL;
	err = name_from_user(name, uname);
	if (err)
		return err;
	if (size > XATTR_SIZE_MAX)
		return -E2BIG;
	if (size) {
		value = kvmalloc(size, GFP_KERNEL);
		if (!value)
			return -ENOMEM;
		err = -EFAULT;
		if (copy_from_user(value, uvalue, size))
			goto out;
	}
	err = mnt_want_write(path->mnt);
	if (err)
		goto out;
	down_write(&inode->i_rwsem);
	err = xattr_permission(inode, name, MAY_WRITE);
	if (!err)
		err = inode->i_op->setxattr ?
		      inode->i_op->setxattr(inode, name, value, size, flags) : -EOPNOTSUPP;
	if (!err) {
		inode_touch(inode, ATTR_CTIME);
		notify_dentry(path->dentry, IN_ATTRIB);
	}
	up_write(&inode->i_rwsem);
	mnt_drop_write(path->mnt);
out:
	kvfree(value);
	return err;
}

static long do_get(const struct path *path, const char __user *uname, void __user *uvalue,
		   size_t size)
{
	struct inode *inode = path->dentry->d_inode;
	char name[XATTR_NAME_MAX + 1];
	void *value = NULL;
	long ret = name_from_user(name, uname);

	if (!ret)
		ret = xattr_permission(inode, name, MAY_READ);
	if (ret)
		return ret;
	if (!inode->i_op->getxattr)
		return -EOPNOTSUPP;
	size = min_t(size_t, size, XATTR_SIZE_MAX);
	if (size) {
		value = kvmalloc(size, GFP_KERNEL);
		if (!value)
			return -ENOMEM;
	}
	ret = inode->i_op->getxattr(inode, name, value, size);
	if (ret > 0 && size && copy_to_user(uvalue, value, (size_t)ret))
		ret = -EFAULT;
	kvfree(value);
	return ret;
}

static long do_list(const struct path *path, char __user *ulist, size_t size)
{
	struct inode *inode = path->dentry->d_inode;
	char *list = NULL;
	long ret;

	if (!inode->i_op->listxattr)
		return 0;
	size = min_t(size_t, size, XATTR_LIST_MAX);
	if (size) {
		list = kvmalloc(size, GFP_KERNEL);
		if (!list)
			return -ENOMEM;
	}
	ret = inode->i_op->listxattr(inode, list, size);
	if (ret > 0 && size && copy_to_user(ulist, list, (size_t)ret))
		ret = -EFAULT;
	kvfree(list);
	return ret;
}

static long do_remove(const struct path *path, const char __user *uname)
{
	struct inode *inode = path->dentry->d_inode;
	char name[XATTR_NAME_MAX + 1];
	long err = name_from_user(name, uname);

	if (!err)
		err = mnt_want_write(path->mnt);
	if (err)
		return err;
	down_write(&inode->i_rwsem);
	err = xattr_permission(inode, name, MAY_WRITE);
	if (!err)
		err = inode->i_op->removexattr ? inode->i_op->removexattr(inode, name)
					       : -EOPNOTSUPP;
	if (!err) {
		inode_touch(inode, ATTR_CTIME);
		notify_dentry(path->dentry, IN_ATTRIB);
	}
	up_write(&inode->i_rwsem);
	mnt_drop_write(path->mnt);
	return err;
}

#define BY_NAME(how, call) ({							\
	struct path path;							\
	long __ret = path_lookup_user(AT_FDCWD, pathname, how, &path);		\
										\
	if (!__ret) {								\
		__ret = (call);							\
		path_put(&path);						\
	}									\
	__ret; })

#define BY_FD(call) ({								\
	struct fd f = fdget((unsigned)fd);					\
	long __ret = -EBADF;							\
										\
	if (f.file) {								\
		struct path path = f.file->f_path;				\
		__ret = (call);							\
		fdput(f);							\
	}									\
	__ret; })

SYSCALL_DEFINE5(setxattr, const char __user *, pathname, const char __user *, name,
		const void __user *, value, size_t, size, int, flags)
{
	return BY_NAME(LOOKUP_FOLLOW, do_set(&path, name, value, size, flags));
}

SYSCALL_DEFINE5(lsetxattr, const char __user *, pathname, const char __user *, name,
		const void __user *, value, size_t, size, int, flags)
{
	return BY_NAME(0, do_set(&path, name, value, size, flags));
}

SYSCALL_DEFINE5(fsetxattr, int, fd, const char __user *, name, const void __user *, value,
		size_t, size, int, flags)
{
	return BY_FD(do_set(&path, name, value, size, flags));
}

SYSCALL_DEFINE4(getxattr, const char __user *, pathname, const char __user *, name,
		void __user *, value, size_t, size)
{
	return BY_NAME(LOOKUP_FOLLOW, do_get(&path, name, value, size));
}

SYSCALL_DEFINE4(lgetxattr, const char __user *, pathname, const char __user *, name,
		void __user *, value, size_t, size)
{
	return BY_NAME(0, do_get(&path, name, value, size));
}

SYSCALL_DEFINE4(fgetxattr, int, fd, const char __user *, name, void __user *, value, size_t, size)
{
	return BY_FD(do_get(&path, name, value, size));
}

SYSCALL_DEFINE3(listxattr, const char __user *, pathname, char __user *, list, size_t, size)
{
	return BY_NAME(LOOKUP_FOLLOW, do_list(&path, list, size));
}

SYSCALL_DEFINE3(llistxattr, const char __user *, pathname, char __user *, list, size_t, size)
{
	return BY_NAME(0, do_list(&path, list, size));
}

SYSCALL_DEFINE3(flistxattr, int, fd, char __user *, list, size_t, size)
{
	return BY_FD(do_list(&path, list, size));
}

SYSCALL_DEFINE2(removexattr, const char __user *, pathname, const char __user *, name)
{
	return BY_NAME(LOOKUP_FOLLOW, do_remove(&path, name));
}

SYSCALL_DEFINE2(lremovexattr, const char __user *, pathname, const char __user *, name)
{
	return BY_NAME(0, do_remove(&path, name));
}

SYSCALL_DEFINE2(fremovexattr, int, fd, const char __user *, name)
{
	return BY_FD(do_remove(&path, name));
}

SYSCALL_DEFINE5(name_to_handle_at, int, dfd, const char __user *, name, void __user *, handle,
		int __user *, mnt_id, int, flag)
{
	return -EOPNOTSUPP;
}

SYSCALL_DEFINE3(open_by_handle_at, int, mountdirfd, void __user *, handle, int, flags)
{
	return -EOPNOTSUPP;
}
