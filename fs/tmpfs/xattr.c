/* SPDX-License-Identifier: BSD-2-Clause */
/* Extended attributes of tmpfs: a list on the inode, changed under i_rwsem. */
#include <fs/fs.h>
#include <kernel/cred.h>
#include <lib/string.h>
#include <mm/slab.h>
#include <linux/xattr.h>
#include "tmpfs.h"

static DEFINE_MUTEX(xattr_lock);        /* readers do not hold i_rwsem */

/* What Linux's tmpfs keeps, before 6.6: no attributes of users. */
static int check_name(const char *name)
{
	if (str_has_prefix(name, XATTR_TRUSTED_PREFIX))
		return name[XATTR_TRUSTED_PREFIX_LEN] ? 0 : -EINVAL;
	if (str_has_prefix(name, XATTR_SECURITY_PREFIX))
		return name[XATTR_SECURITY_PREFIX_LEN] ? 0 : -EINVAL;
	return -EOPNOTSUPP;
}

static struct tmpfs_xattr *find(struct inode *inode, const char *name)
{
	struct tmpfs_xattr *x;

	list_for_each_entry(x, &TMPFS_I(inode)->xattrs, link)
		if (!strcmp(x->name, name))
			return x;
	return NULL;
}

static void remove(struct tmpfs_xattr *x)
{
	list_del(&x->link);
	kvfree(x);
}

void tmpfs_xattr_free(struct inode *inode)
{
	struct tmpfs_xattr *x, *n;

	list_for_each_entry_safe(x, n, &TMPFS_I(inode)->xattrs, link)
		remove(x);
}

ssize_t tmpfs_getxattr(struct inode *inode, const char *name, void *value, size_t size)
{
	ssize_t ret = check_name(name);
	struct tmpfs_xattr *x;

	if (ret)
		return ret;
	ret = -ENODATA;
	mutex_lock(&xattr_lock);
	x = find(inode, name);
	if (x) {
		ret = (ssize_t)x->size;
		if (size && size < x->size)
			ret = -ERANGE;
		else if (size)
			memcpy(value, x->value, x->size);
	}
	mutex_unlock(&xattr_lock);
	return ret;
}

int tmpfs_setxattr(struct inode *inode, const char *name, const void *value, size_t size,
		   int flags)
{
	size_t len = strlen(name) + 1;
	struct tmpfs_xattr *new, *old;
	int err = check_name(name);

	if (err)
		return err;
	new = kvmalloc(sizeof(*new) + size + len, GFP_KERNEL);
	if (!new)
		return -ENOSPC;
	new->size = size;
	new->name = (char *)new->value + size;
	memcpy(new->value, value, size);
	memcpy(new->name, name, len);
	mutex_lock(&xattr_lock);
	old = find(inode, name);
	if (old && (flags & XATTR_CREATE))
		err = -EEXIST;
	else if (!old && (flags & XATTR_REPLACE))
		err = -ENODATA;
	if (!err) {
		if (old)
			remove(old);
		list_add_tail(&new->link, &TMPFS_I(inode)->xattrs);
	}
	mutex_unlock(&xattr_lock);
	if (err)
		kvfree(new);
	return err;
}

int tmpfs_removexattr(struct inode *inode, const char *name)
{
	struct tmpfs_xattr *x;
	int err = check_name(name);

	if (err)
		return err;
	mutex_lock(&xattr_lock);
	x = find(inode, name);
	if (x)
		remove(x);
	mutex_unlock(&xattr_lock);
	return x ? 0 : -ENODATA;
}

ssize_t tmpfs_listxattr(struct inode *inode, char *list, size_t size)
{
	struct tmpfs_xattr *x;
	size_t total = 0;

	mutex_lock(&xattr_lock);
	list_for_each_entry(x, &TMPFS_I(inode)->xattrs, link) {
		size_t len = strlen(x->name) + 1;

		if (str_has_prefix(x->name, XATTR_TRUSTED_PREFIX) && !capable(CAP_SYS_ADMIN))
			continue;
		if (size && total + len <= size)
			memcpy(list + total, x->name, len);
		total += len;
	}
	mutex_unlock(&xattr_lock);
	return size && total > size ? -ERANGE : (ssize_t)total;
}
