/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rename(2) in all its cases. A rename between two directories holds s_rename_mutex, so
 * that nobody else changes who is above whom while the cycle check looks.
 */
#include <fs/fs.h>
#include <fs/notify.h>
#include <kernel/syscall.h>
#include "internal.h"

#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE 1
#define RENAME_EXCHANGE  2
#define RENAME_WHITEOUT  4
#endif

struct rename {
	struct path      oldp, newp;      /* parents, counted */
	struct last_name oldl, newl;
	struct dentry   *old, *new;       /* counted */
	unsigned         flags;
};

static void lock_dirs(struct dentry *a, struct dentry *b) NO_THREAD_SAFETY_ANALYSIS
{
	if (a == b) {
		down_write(&a->d_inode->i_rwsem);
		return;
	}
	mutex_lock(&a->d_sb->s_rename_mutex);
	/* Ancestor first; unrelated ones by address. */
	if (d_is_ancestor(b, a) || (!d_is_ancestor(a, b) && b->d_inode < a->d_inode))
		swap(a, b);
	down_write(&a->d_inode->i_rwsem);
	down_write(&b->d_inode->i_rwsem);
}

static void unlock_dirs(struct dentry *a, struct dentry *b) NO_THREAD_SAFETY_ANALYSIS
{
	up_write(&a->d_inode->i_rwsem);
	if (a != b) {
		up_write(&b->d_inode->i_rwsem);
		mutex_unlock(&a->d_sb->s_rename_mutex);
	}
}

static int rename_check_names(struct rename *r)
{
	if (d_is_negative(r->old))
		return -ENOENT;
	if ((r->flags & RENAME_NOREPLACE) && d_is_positive(r->new))
		return -EEXIST;
	if ((r->flags & RENAME_EXCHANGE) && d_is_negative(r->new))
		return -ENOENT;
	if (r->flags & RENAME_EXCHANGE) {
		if (!d_is_dir(r->new) && r->newl.slashes)
			return -ENOTDIR;
	}
	if (!d_is_dir(r->old)) {
		if (r->oldl.slashes || (!(r->flags & RENAME_EXCHANGE) && r->newl.slashes))
			return -ENOTDIR;
	}
	/* A directory cannot move below itself, nor replace what it lies in. */
	if (d_is_ancestor(r->old, r->newp.dentry))
		return -EINVAL;
	if (d_is_positive(r->new) && d_is_ancestor(r->new, r->oldp.dentry))
		return (r->flags & RENAME_EXCHANGE) ? -EINVAL : -ENOTEMPTY;
	return 0;
}

static int rename_check_permission(struct rename *r)
{
	struct inode *olddir = r->oldp.dentry->d_inode, *newdir = r->newp.dentry->d_inode;
	bool isdir = d_is_dir(r->old), exchange = r->flags & RENAME_EXCHANGE;
	int err = may_delete(olddir, r->old, isdir);

	if (!err)
		err = d_is_negative(r->new) ? may_create(newdir, r->new) :
		      may_delete(newdir, r->new, exchange ? d_is_dir(r->new) : isdir);
	if (!err && !olddir->i_op->rename)
		err = -EPERM;
	/* ".." of a moved directory changes: that is a write to it. */
	if (!err && olddir != newdir) {
		if (isdir)
			err = inode_permission(r->old->d_inode, MAY_WRITE);
		if (!err && exchange && d_is_dir(r->new))
			err = inode_permission(r->new->d_inode, MAY_WRITE);
	}
	if (!err && (d_is_mountpoint(r->old) || d_is_mountpoint(r->new)))
		err = -EBUSY;
	return err;
}

/* Link counts and the "dead" mark belong to the inodes' own locks. */
static void lock_inodes(struct inode *a, struct inode *b, struct inode **first,
			struct inode **second) NO_THREAD_SAFETY_ANALYSIS
{
	if (S_ISDIR(a->i_mode))
		a = NULL;               /* the moved directory itself stays as it is */
	if (a && b && a > b)
		swap(a, b);
	*first = a;
	*second = b;
	if (a)
		down_write(&a->i_rwsem);
	if (b)
		down_write(&b->i_rwsem);
}

/* `target`: what the new name stood for, or NULL. */
static void rename_notify(struct rename *r, struct inode *target)
{
	struct inode *olddir = r->oldp.dentry->d_inode, *newdir = r->newp.dentry->d_inode;
	bool exchange = r->flags & RENAME_EXCHANGE;

	if (likely(!notify_active()))
		return;
	notify_moved(olddir, &r->oldl.q, newdir, &r->newl.q, r->old->d_inode);
	if (exchange)
		notify_moved(newdir, &r->newl.q, olddir, &r->oldl.q, target);
	else if (target)
		notify_inode(target, IN_ATTRIB);
}

static int rename_locked(struct rename *r, struct inode **victim) NO_THREAD_SAFETY_ANALYSIS
{
	struct inode *olddir = r->oldp.dentry->d_inode, *newdir = r->newp.dentry->d_inode;
	struct inode *target = r->new->d_inode, *l1, *l2;
	bool exchange = r->flags & RENAME_EXCHANGE;
	int err = rename_check_names(r);

	if (err)
		return err;
	if (r->old->d_inode == target)          /* two names of one file: nothing to do */
		return 0;
	err = rename_check_permission(r);
	if (err)
		return err;
	lock_inodes(r->old->d_inode, exchange && target && S_ISDIR(target->i_mode) ? NULL : target,
		    &l1, &l2);
	err = olddir->i_op->rename(olddir, r->old, newdir, r->new, r->flags);
	if (!err && target && !exchange) {
		*victim = inode_get(target);
		if (S_ISDIR(target->i_mode))
			target->i_flags |= S_DEAD_;
	}
	if (l1)
		up_write(&l1->i_rwsem);
	if (l2)
		up_write(&l2->i_rwsem);
	if (err)
		return err;
	if (exchange) {
		d_exchange(r->old, r->new);
	} else {
		if (target && S_ISDIR(target->i_mode))
			d_shrink_subtree(r->new);
		d_move(r->old, r->new);
	}
	rename_notify(r, target);
	return 0;
}

static int rename_lookup(struct rename *r)
{
	r->old = lookup_one_locked(r->oldp.dentry, &r->oldl.q);
	if (IS_ERR(r->old))
		return (int)PTR_ERR(r->old);
	r->new = lookup_one_locked(r->newp.dentry, &r->newl.q);
	if (IS_ERR(r->new)) {
		dput(r->old);
		return (int)PTR_ERR(r->new);
	}
	return 0;
}

static int rename_parents(struct rename *r)
{
	struct inode *victim = NULL;
	int err;

	if (r->oldp.mnt != r->newp.mnt)
		return -EXDEV;
	if (r->oldl.type != LAST_NORM)
		return -EBUSY;
	if (r->newl.type != LAST_NORM)
		return (r->flags & RENAME_NOREPLACE) ? -EEXIST : -EBUSY;
	err = mnt_want_write(r->oldp.mnt);
	if (err)
		return err;
	lock_dirs(r->oldp.dentry, r->newp.dentry);
	err = rename_lookup(r);
	if (!err) {
		err = rename_locked(r, &victim);
		dput(r->new);
		dput(r->old);
	}
	unlock_dirs(r->oldp.dentry, r->newp.dentry);
	mnt_drop_write(r->oldp.mnt);
	inode_put(victim);
	return err;
}

static int do_rename(int olddfd, const char *oldname, int newdfd, const char *newname,
		     unsigned flags)
{
	struct rename r = { .flags = flags };
	int err = path_parent(olddfd, oldname, 0, &r.oldp, &r.oldl);

	if (err)
		return err;
	err = path_parent(newdfd, newname, 0, &r.newp, &r.newl);
	if (!err) {
		err = rename_parents(&r);
		path_put(&r.newp);
	}
	path_put(&r.oldp);
	return err;
}

int vfs_rename(const char *oldname, const char *newname, unsigned flags)
{
	return do_rename(AT_FDCWD, oldname, AT_FDCWD, newname, flags);
}

static int rename_user(int olddfd, const char __user *oldname, int newdfd,
		       const char __user *newname, unsigned flags)
{
	struct filename fo, fn;
	int err;

	if (flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE) ||
	    flags == (RENAME_NOREPLACE | RENAME_EXCHANGE))
		return -EINVAL;
	err = getname(&fo, oldname);
	if (err)
		return err;
	err = getname(&fn, newname);
	if (!err) {
		err = do_rename(olddfd, fo.name, newdfd, fn.name, flags);
		putname(&fn);
	}
	putname(&fo);
	return err;
}

SYSCALL_DEFINE5(renameat2, int, olddfd, const char __user *, oldname, int, newdfd,
		const char __user *, newname, unsigned, flags)
{
	return rename_user(olddfd, oldname, newdfd, newname, flags);
}

SYSCALL_DEFINE4(renameat, int, olddfd, const char __user *, oldname, int, newdfd,
		const char __user *, newname)
{
	return rename_user(olddfd, oldname, newdfd, newname, 0);
}
