/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Mounts that a descriptor holds: open_tree(2), move_mount(2), mount_setattr(2), and the end of
 * such a mount when nobody gave it a place. fsmount(2) makes them, too (fsopen.c).
 */
#include <fs/files.h>
#include <arch/uaccess.h>
#include <kernel/syscall.h>
#include <linux/mount.h>
#include "internal.h"
#include "mount_fd.h"

/* The last close: what has not been moved into the tree goes away, with all below it. */
static int detached_release(struct inode *inode, struct file *file)
{
	struct mount *mnt = file->f_path.mnt;

	down_write(&namespace_sem);
	if ((mnt->mnt_flags & MNT_ANON) && mnt->mnt_parent == mnt)
		mount_tree_release(mnt);
	up_write(&namespace_sem);
	return 0;
}

static const struct file_ops detached_fops = { .release = detached_release };

int mount_detached_fd(struct mount *mnt, unsigned flags)
{
	struct path path = { mnt, mnt->mnt_root };
	struct file *file = file_open_path(&path, O_PATH, current_cred());

	down_write(&namespace_sem);
	if (!IS_ERR(file)) {
		mount_tree_mark(mnt, MNT_ANON, 0);
		mount_tree_list(mnt);
		file->f_op = &detached_fops;
	} else {
		mount_tree_release(mnt);
	}
	up_write(&namespace_sem);
	return IS_ERR(file) ? (int)PTR_ERR(file) : fd_install_new(file, flags);
}

#define OPEN_TREE_FLAGS (AT_EMPTY_PATH | AT_NO_AUTOMOUNT | AT_RECURSIVE | AT_SYMLINK_NOFOLLOW | \
			 OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC)

static unsigned lookup_of(unsigned at_flags)
{
	return (at_flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW) |
	       (at_flags & AT_EMPTY_PATH ? LOOKUP_EMPTY : 0);
}

SYSCALL_DEFINE3(open_tree, int, dfd, const char __user *, name, unsigned, flags)
{
	unsigned cloexec = flags & OPEN_TREE_CLOEXEC;
	struct mount *copy;
	struct file *file;
	struct path path;
	int err;

	if (flags & ~(unsigned)OPEN_TREE_FLAGS)
		return -EINVAL;
	if ((flags & (AT_RECURSIVE | OPEN_TREE_CLONE)) == AT_RECURSIVE)
		return -EINVAL;
	if ((flags & OPEN_TREE_CLONE) && !capable(CAP_SYS_ADMIN))
		return -EPERM;
	err = path_lookup_user(dfd, name, lookup_of(flags), &path);
	if (err)
		return err;
	if (flags & OPEN_TREE_CLONE) {
		down_write(&namespace_sem);
		copy = mount_copy(&path, flags & AT_RECURSIVE);
		up_write(&namespace_sem);
		path_put(&path);
		return IS_ERR(copy) ? PTR_ERR(copy) : mount_detached_fd(copy, cloexec);
	}
	file = file_open_path(&path, O_PATH, current_cred());
	path_put(&path);
	return IS_ERR(file) ? PTR_ERR(file) : fd_install_new(file, cloexec);
}

SYSCALL_DEFINE5(move_mount, int, from_dfd, const char __user *, from_name, int, to_dfd,
		const char __user *, to_name, unsigned, flags)
{
	struct path from, to;
	int err;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (flags & ~(unsigned)MOVE_MOUNT__MASK)
		return -EINVAL;
	err = path_lookup_user(from_dfd, from_name,
			       (flags & MOVE_MOUNT_F_SYMLINKS ? LOOKUP_FOLLOW : 0) |
			       (flags & MOVE_MOUNT_F_EMPTY_PATH ? LOOKUP_EMPTY : 0), &from);
	if (err)
		return err;
	err = path_lookup_user(to_dfd, to_name,
			       (flags & MOVE_MOUNT_T_SYMLINKS ? LOOKUP_FOLLOW : 0) |
			       (flags & MOVE_MOUNT_T_EMPTY_PATH ? LOOKUP_EMPTY : 0), &to);
	if (err)
		goto out_from;
	down_write(&namespace_sem);
	/* All mounts are private: there is no group that one could join. */
	err = flags & MOVE_MOUNT_SET_GROUP ? -EINVAL : mount_move(&from, &to);
	up_write(&namespace_sem);
	path_put(&to);
out_from:
	path_put(&from);
	return err;
}

/* ---- mount_setattr(2) ---- */

#define MOUNT_ATTRS (MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC | \
		     MOUNT_ATTR__ATIME | MOUNT_ATTR_NODIRATIME | MOUNT_ATTR_NOSYMFOLLOW)
#define MS_PROPAGATION (MS_SHARED | MS_PRIVATE | MS_SLAVE | MS_UNBINDABLE)

struct attr_change {
	u32 set, clear;		/* MNT_* */
	u64 propagation;	/* 0 or one of MS_PROPAGATION */
	bool recurse;
};

/* All but the access times, which are a choice of three and not a bit each. */
static u32 flags_of_attrs(u64 attrs)
{
	static const struct { u32 attr, flag; } table[] = {
		{ MOUNT_ATTR_RDONLY, MNT_RDONLY }, { MOUNT_ATTR_NOSUID, MNT_NOSUID },
		{ MOUNT_ATTR_NODEV, MNT_NODEV }, { MOUNT_ATTR_NOEXEC, MNT_NOEXEC },
		{ MOUNT_ATTR_NODIRATIME, MNT_NODIRATIME },
		{ MOUNT_ATTR_NOSYMFOLLOW, MNT_NOSYMFOLLOW },
	};
	u32 flags = 0;

	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (attrs & table[i].attr)
			flags |= table[i].flag;
	return flags;
}

int mount_attrs_to_flags(u64 attrs, u32 *flags)
{
	if (attrs & ~(u64)MOUNT_ATTRS)
		return -EINVAL;
	*flags = flags_of_attrs(attrs);
	switch (attrs & MOUNT_ATTR__ATIME) {
	case MOUNT_ATTR_RELATIME:
		*flags |= MNT_RELATIME;
		return 0;
	case MOUNT_ATTR_NOATIME:
		*flags |= MNT_NOATIME;
		return 0;
	case MOUNT_ATTR_STRICTATIME:
		return 0;
	default:
		return -EINVAL;
	}
}

/* What the caller wants, checked. Another owner's view of ids (IDMAP) is not to be had. */
static int change_build(const struct mount_attr *attr, struct attr_change *c)
{
	u64 atime = attr->attr_clr & MOUNT_ATTR__ATIME;
	int err;

	if (attr->propagation & ~(u64)MS_PROPAGATION ||
	    (attr->propagation & (attr->propagation - 1)) || attr->propagation == MS_SHARED)
		return -EINVAL;
	if ((attr->attr_set | attr->attr_clr) & ~(u64)MOUNT_ATTRS)
		return -EINVAL;
	/* The choice is made anew as a whole, or not at all. */
	if (atime ? atime != MOUNT_ATTR__ATIME : attr->attr_set & MOUNT_ATTR__ATIME)
		return -EINVAL;
	c->propagation = attr->propagation;
	c->clear = flags_of_attrs(attr->attr_clr);
	if (!atime) {
		c->set = flags_of_attrs(attr->attr_set);
		return 0;
	}
	err = mount_attrs_to_flags(attr->attr_set, &c->set);
	c->clear |= MNT_RELATIME | MNT_NOATIME;
	return err;
}

static struct mount *change_next(struct mount *m, struct mount *top, const struct attr_change *c)
{
	return c->recurse ? mount_next(m, top) : NULL;
}

/* Either all of the mounts become read-only that were not, or none. */
static int turn_readonly(struct mount *top, const struct attr_change *c)
{
	struct mount *m;
	int err = 0;

	for (m = top; m && !err; m = change_next(m, top, c)) {
		if (m->mnt_flags & MNT_RDONLY)
			continue;
		err = mount_set_readonly(m);
		if (!err)
			m->mnt_flags |= MNT_TURNING;
	}
	for (m = top; m; m = change_next(m, top, c)) {
		if (err && (m->mnt_flags & MNT_TURNING))
			m->mnt_flags &= ~(u32)MNT_RDONLY;
		m->mnt_flags &= ~(u32)MNT_TURNING;
	}
	return err;
}

static int change_apply(struct mount *top, const struct attr_change *c)
{
	u32 clear = c->clear, set = c->set;
	struct mount *m;
	int err = 0;

	if (c->propagation == MS_UNBINDABLE)
		set |= MNT_UNBINDABLE;
	else if (c->propagation)
		clear |= MNT_UNBINDABLE;
	if (set & MNT_RDONLY)
		err = turn_readonly(top, c);
	for (m = err ? NULL : top; m; m = change_next(m, top, c))
		m->mnt_flags = (m->mnt_flags & ~clear) | set;
	return err;
}

SYSCALL_DEFINE5(mount_setattr, int, dfd, const char __user *, name, unsigned, flags,
		struct mount_attr __user *, uattr, size_t, size)
{
	struct attr_change change = { .recurse = flags & AT_RECURSIVE };
	struct mount_attr attr;
	struct path path;
	int err;

	if (flags & ~(unsigned)(AT_EMPTY_PATH | AT_RECURSIVE | AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT))
		return -EINVAL;
	if (size > PAGE_SIZE)
		return -E2BIG;
	if (size < MOUNT_ATTR_SIZE_VER0)
		return -EINVAL;
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	err = copy_struct_from_user(&attr, sizeof(attr), uattr, size);
	if (err)
		return err;
	if (!attr.attr_set && !attr.attr_clr && !attr.propagation)
		return 0;
	err = change_build(&attr, &change);
	if (err)
		return err;
	err = path_lookup_user(dfd, name, lookup_of(flags), &path);
	if (err)
		return err;
	down_write(&namespace_sem);
	if (!path_is_mount_root(&path) || (path.mnt->mnt_flags & (MNT_DETACHED | MNT_INTERNAL)))
		err = -EINVAL;
	else
		err = change_apply(path.mnt, &change);
	up_write(&namespace_sem);
	path_put(&path);
	return err;
}
