/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a place in the tree back to its path, built from the end of the buffer towards
 * the front under d_move_lock, which keeps parents and names still.
 */
#include <fs/fs.h>
#include <lib/printf.h>
#include <lib/string.h>
#include <arch/uaccess.h>
#include <kernel/syscall.h>
#include <mm/slab.h>
#include "internal.h"

struct build {
	char  *p;        /* first byte of the text so far */
	char  *start;
};

static bool prepend(struct build *b, const char *s, size_t len)
{
	if ((size_t)(b->p - b->start) < len)
		return false;
	b->p -= len;
	memcpy(b->p, s, len);
	return true;
}

/* Climbs from path to root. Returns 0, -ENAMETOOLONG. *outside: root was not met. */
static int climb(struct build *b, const struct path *path, const struct path *root,
		 bool *outside)
{
	struct mount *mnt = path->mnt;
	struct dentry *d = path->dentry;
	bool any = false;
	int err = 0;

	*outside = false;
	spin_lock(&d_move_lock);
	spin_lock(&mount_lock);
	while (d != root->dentry || mnt != root->mnt) {
		if (d == mnt->mnt_root || d_is_root(d)) {
			if (d != mnt->mnt_root || mnt->mnt_parent == mnt) {
				*outside = true;
				break;
			}
			d = mnt->mnt_mountpoint;
			mnt = mnt->mnt_parent;
			continue;
		}
		if (!prepend(b, d->d_name.name, d->d_name.len) || !prepend(b, "/", 1)) {
			err = -ENAMETOOLONG;
			break;
		}
		any = true;
		d = d->d_parent;
	}
	spin_unlock(&mount_lock);
	spin_unlock(&d_move_lock);
	if (!err && !any && !prepend(b, "/", 1))
		err = -ENAMETOOLONG;
	return err;
}

char *d_path_from(const struct path *path, const struct path *root, char *buf, size_t size,
		  bool *outside)
{
	struct build b = { .p = buf + size, .start = buf };
	int err;

	if (!prepend(&b, "", 1))
		return ERR_PTR(-ENAMETOOLONG);
	err = climb(&b, path, root, outside);
	return err ? ERR_PTR(err) : b.p;
}

static char *d_path_pseudo(struct dentry *d, char *buf, size_t size)
{
	int len;

	if (d->d_op && d->d_op->dname)
		len = d->d_op->dname(d, buf, size);
	else
		len = snprintf(buf, size, "%s:[%llu]", d->d_name.name, d->d_inode->i_ino);
	if (len < 0)
		return ERR_PTR(len);
	return (size_t)len < size ? buf : ERR_PTR(-ENAMETOOLONG);
}

static char *d_path_full(const struct path *path, char *buf, size_t size, bool *outside)
{
	struct build b = { .p = buf + size, .start = buf };
	struct path root;
	bool gone = d_unhashed(path->dentry) && !d_is_root(path->dentry);
	int err;

	if (!prepend(&b, "", 1) || (gone && !prepend(&b, " (deleted)", 10)))
		return ERR_PTR(-ENAMETOOLONG);
	fs_get_root(current->fs, &root);
	err = climb(&b, path, &root, outside);
	path_put(&root);
	return err ? ERR_PTR(err) : b.p;
}

char *d_path(const struct path *path, char *buf, size_t size)
{
	struct build b;
	bool outside;
	char *p;

	if (path->dentry->d_flags & DCACHE_DISCONNECTED)
		return d_path_pseudo(path->dentry, buf, size);
	p = d_path_full(path, buf, size, &outside);
	if (IS_ERR(p) || !outside)
		return p;
	b.p = p;
	b.start = buf;
	return prepend(&b, "(unreachable)", 13) ? b.p : ERR_PTR(-ENAMETOOLONG);
}

SYSCALL_DEFINE2(getcwd, char __user *, ubuf, unsigned long, size)
{
	char *buf = kmalloc(PATH_MAX, GFP_KERNEL), *p;
	struct path pwd, root;
	bool outside;
	size_t len;
	long ret;

	if (!buf)
		return -ENOMEM;
	fs_get_pwd(current->fs, &pwd);
	fs_get_root(current->fs, &root);
	ret = -ENOENT;
	if (d_unhashed(pwd.dentry) && !d_is_root(pwd.dentry))
		goto out;
	p = d_path_from(&pwd, &root, buf + 13, PATH_MAX - 13, &outside);
	ret = PTR_ERR_OR_ZERO(p);
	if (ret)
		goto out;
	if (outside) {
		p -= 13;
		memcpy(p, "(unreachable)", 13);
	}
	len = (size_t)(buf + PATH_MAX - p);
	ret = -ERANGE;
	if (len <= size)
		ret = copy_to_user(ubuf, p, len) ? -EFAULT : (long)len;
out:
	path_put(&root);
	path_put(&pwd);
	kfree(buf);
	return ret;
}
