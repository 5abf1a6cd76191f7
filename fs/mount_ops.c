/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mount(2), umount2(2), pivot_root(2): the operations on the mount tree. Mounts are all
 * private: making one shared is refused.
 */
#include <fs/fs.h>
#include <arch/uaccess.h>
#include <kernel/pid.h>
#include <kernel/syscall.h>
#include <lib/string.h>
#include <mm/slab.h>
#include <linux/mount.h>
#include "internal.h"

#define MS_KNOWN (MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_SYNCHRONOUS | MS_REMOUNT | \
		  MS_MANDLOCK | MS_DIRSYNC | MS_NOATIME | MS_NODIRATIME | MS_BIND | MS_MOVE |  \
		  MS_REC | MS_SILENT | MS_UNBINDABLE | MS_PRIVATE | MS_SLAVE | MS_SHARED |     \
		  MS_RELATIME | MS_I_VERSION | MS_STRICTATIME | MS_LAZYTIME | MS_NOSYMFOLLOW)
#define MS_PROPAGATION (MS_SHARED | MS_PRIVATE | MS_SLAVE | MS_UNBINDABLE)

#ifndef MNT_FORCE
#define MNT_FORCE       1
#define MNT_DETACH      2
#define MNT_EXPIRE      4
#define UMOUNT_NOFOLLOW 8
#endif

/* Of mount(2)'s flags those that belong to the mount itself. */
static u32 mnt_flags_from(unsigned long ms)
{
	u32 f = 0;

	if (ms & MS_RDONLY)
		f |= MNT_RDONLY;
	if (ms & MS_NOSUID)
		f |= MNT_NOSUID;
	if (ms & MS_NODEV)
		f |= MNT_NODEV;
	if (ms & MS_NOEXEC)
		f |= MNT_NOEXEC;
	if (ms & MS_NOATIME)
		f |= MNT_NOATIME;
	if (ms & MS_NODIRATIME)
		f |= MNT_NODIRATIME;
	if (ms & MS_NOSYMFOLLOW)
		f |= MNT_NOSYMFOLLOW;
	if (!(ms & (MS_NOATIME | MS_STRICTATIME)))
		f |= MNT_RELATIME;
	return f;
}

int mount_graft(struct mount *mnt, struct path *path)
{
	path_follow_mounts(path);
	if (!mount_in_tree(path->mnt))
		return -EINVAL;
	if (S_ISDIR(mnt->mnt_root->d_inode->i_mode) != S_ISDIR(path->dentry->d_inode->i_mode))
		return -ENOTDIR;
	if (d_unhashed(path->dentry) && !d_is_root(path->dentry))
		return -ENOENT;
	mount_attach(mnt, path->mnt, path->dentry);
	return 0;
}

static int do_new_mount(struct path *path, const char *source, const char *type,
			unsigned long flags, const char *data)
{
	struct fs_type *fs;
	struct super *sb;
	struct mount *mnt;
	int err;

	if (!type)
		return -EINVAL;
	fs = fs_find(type);
	if (!fs)
		return -ENODEV;
	err = fs->mount(fs, flags & SB_FLAGS, source, data, &sb);
	if (err)
		return err;
	mnt = mount_alloc(sb, sb->s_root, source, mnt_flags_from(flags));
	super_put(sb);
	if (IS_ERR(mnt))
		return (int)PTR_ERR(mnt);
	down_write(&namespace_sem);
	path_follow_mounts(path);
	if (path->mnt->mnt_sb == mnt->mnt_sb && path_is_mount_root(path) &&
	    path->dentry == mnt->mnt_root)
		err = -EBUSY;
	else
		err = mount_graft(mnt, path);
	if (!err)
		mount_tree_list(mnt);
	up_write(&namespace_sem);
	if (err)
		mnt_put(mnt);
	return err;
}

struct mount *mount_copy(const struct path *from, bool recurse)
{
	if ((from->mnt->mnt_flags & MNT_UNBINDABLE) || !mount_in_tree(from->mnt))
		return ERR_PTR(-EINVAL);
	return mount_clone_tree(from->mnt, from->dentry, recurse);
}

static int do_bind(struct path *path, const char *source, bool recurse)
{
	struct path from;
	struct mount *mnt;
	int err;

	if (!source || !*source)
		return -EINVAL;
	err = kern_path(source, LOOKUP_FOLLOW, &from);
	if (err)
		return err;
	down_write(&namespace_sem);
	mnt = mount_copy(&from, recurse);
	err = PTR_ERR_OR_ZERO(mnt);
	if (!err) {
		err = mount_graft(mnt, path);
		if (err)
			mount_tree_release(mnt);
		else
			mount_tree_list(mnt);
	}
	up_write(&namespace_sem);
	path_put(&from);
	return err;
}

static bool mount_is_below(const struct mount *mnt, const struct mount *top)
{
	while (mnt != top && mnt->mnt_parent != mnt)
		mnt = mnt->mnt_parent;
	return mnt == top;
}

/* Where it was is free then. On an error it is back there. */
static int move_attached(struct mount *mnt, struct path *to)
{
	struct mount *old_parent = mnt->mnt_parent;
	struct dentry *old_point = dget(mnt->mnt_mountpoint);
	int err;

	mount_detach(mnt);
	err = mount_graft(mnt, to);
	if (err)
		mount_attach(mnt, old_parent, old_point);
	dput(old_point);
	return err;
}

int mount_move(const struct path *from, struct path *to)
{
	struct mount *mnt = from->mnt;
	bool detached = mnt->mnt_flags & MNT_ANON;
	int err;

	path_follow_mounts(to);
	if (!path_is_mount_root(from) || !mount_in_tree(to->mnt))
		return -EINVAL;
	/* A tree that a descriptor holds moves as a whole; the top of all stays. */
	if ((detached ? mnt->mnt_parent != mnt : !mount_in_tree(mnt) || mnt->mnt_parent == mnt))
		return -EINVAL;
	if (S_ISDIR(from->dentry->d_inode->i_mode) != S_ISDIR(to->dentry->d_inode->i_mode))
		return -EINVAL;
	if (mount_is_below(to->mnt, mnt))
		return -ELOOP;
	if (!detached)
		return move_attached(mnt, to);
	err = mount_graft(mnt, to);
	if (!err)
		mount_tree_mark(mnt, 0, MNT_ANON);
	return err;
}

static int do_move(struct path *path, const char *source)
{
	struct path from;
	int err;

	if (!source || !*source)
		return -EINVAL;
	err = kern_path(source, LOOKUP_FOLLOW, &from);
	if (err)
		return err;
	down_write(&namespace_sem);
	err = mount_move(&from, path);
	up_write(&namespace_sem);
	path_put(&from);
	return err;
}

int mount_set_readonly(struct mount *mnt)
{
	mnt->mnt_flags |= MNT_RDONLY;
	smp_mb();               /* against mnt_want_write() */
	if (atomic_read(&mnt->mnt_writers) == 0)
		return 0;
	mnt->mnt_flags &= ~(u32)MNT_RDONLY;
	return -EBUSY;
}

static int super_set_readonly(struct super *sb)
{
	struct mount *m;
	int err = 0;

	sb->s_flags |= MS_RDONLY;
	smp_mb();
	list_for_each_entry(m, &mount_list, mnt_list)
		if (m->mnt_sb == sb && atomic_read(&m->mnt_writers))
			err = -EBUSY;
	if (err)
		sb->s_flags &= ~(unsigned long)MS_RDONLY;
	return err;
}

int super_reconfigure(struct super *sb, unsigned long flags, unsigned long mask, const char *data)
{
	unsigned long want = (sb->s_flags & ~mask) | (flags & mask);
	int err = 0;

	if (sb->s_op && sb->s_op->remount)
		err = sb->s_op->remount(sb, &want, data);
	if (!err && (want & MS_RDONLY) && !(sb->s_flags & MS_RDONLY))
		err = super_set_readonly(sb);
	if (!err)
		sb->s_flags = (sb->s_flags & ~(unsigned long)SB_FLAGS) | (want & SB_FLAGS);
	return err;
}

static int do_remount(struct path *path, unsigned long flags, const char *data)
{
	struct mount *mnt = path->mnt;
	u32 want = mnt_flags_from(flags);
	int err = 0;

	if (!path_is_mount_root(path))
		return -EINVAL;
	down_write(&namespace_sem);
	if (!(flags & MS_BIND))
		err = super_reconfigure(mnt->mnt_sb, flags, SB_FLAGS, data);
	else if ((want & MNT_RDONLY) && !(mnt->mnt_flags & MNT_RDONLY))
		err = mount_set_readonly(mnt);
	/* A remount that names no atime option keeps the one there is. */
	if (!(flags & (MS_NOATIME | MS_NODIRATIME | MS_RELATIME | MS_STRICTATIME)))
		want = (want & ~(u32)MNT_ATIME_FLAGS) | (mnt->mnt_flags & MNT_ATIME_FLAGS);
	if (!err)
		mnt->mnt_flags = (mnt->mnt_flags & ~(u32)MNT_USER_FLAGS) | want;
	up_write(&namespace_sem);
	return err;
}

static int do_propagation(struct path *path, unsigned long flags)
{
	struct mount *m;
	unsigned long kind = flags & MS_PROPAGATION;

	if (!path_is_mount_root(path) || (flags & ~(unsigned long)(MS_PROPAGATION | MS_REC | MS_SILENT)))
		return -EINVAL;
	if (kind & (kind - 1) || kind == MS_SHARED)
		return -EINVAL;
	down_write(&namespace_sem);
	for (m = path->mnt; m; m = (flags & MS_REC) ? mount_next(m, path->mnt) : NULL) {
		if (kind == MS_UNBINDABLE)
			m->mnt_flags |= MNT_UNBINDABLE;
		else
			m->mnt_flags &= ~(u32)MNT_UNBINDABLE;
	}
	up_write(&namespace_sem);
	return 0;
}

long do_mount(const char *source, struct path *path, const char *type, unsigned long flags,
	      const char *data)
{
	if ((flags & MS_MGC_MSK) == MS_MGC_VAL)
		flags &= ~(unsigned long)MS_MGC_MSK;
	if (flags & MS_NOUSER || flags & ~(unsigned long)MS_KNOWN)
		return -EINVAL;
	if (flags & MS_REMOUNT)
		return do_remount(path, flags, data);
	if (flags & MS_BIND)
		return do_bind(path, source, flags & MS_REC);
	if (flags & MS_PROPAGATION)
		return do_propagation(path, flags);
	if (flags & MS_MOVE)
		return do_move(path, source);
	return do_new_mount(path, source, type, flags, data);
}

int vfs_mount(const char *source, const char *target, const char *type, unsigned long flags,
	      const char *data)
{
	struct path path;
	int err = kern_path(target, LOOKUP_FOLLOW, &path);

	if (err)
		return err;
	err = (int)do_mount(source, &path, type, flags, data);
	path_put(&path);
	return err;
}

/* A page of option text, terminated; NULL stays NULL. Unreadable tails are cut as zeros. */
static char *copy_mount_data(const void __user *data)
{
	size_t left;
	char *buf;

	if (!data)
		return NULL;
	buf = kzalloc(PAGE_SIZE, GFP_KERNEL);
	if (!buf)
		return ERR_PTR(-ENOMEM);
	left = copy_from_user(buf, data, PAGE_SIZE - 1);
	if (left == PAGE_SIZE - 1) {
		kfree(buf);
		return ERR_PTR(-EFAULT);
	}
	memset(buf + PAGE_SIZE - 1 - left, 0, left + 1);
	return buf;
}

static char *copy_mount_string(const char __user *s)
{
	char *buf;
	long len;

	if (!s)
		return NULL;
	buf = kmalloc(PATH_MAX, GFP_KERNEL);
	if (!buf)
		return ERR_PTR(-ENOMEM);
	len = strncpy_from_user(buf, s, PATH_MAX);
	if (len < 0 || len >= PATH_MAX) {
		kfree(buf);
		return ERR_PTR(len < 0 ? len : -EINVAL);
	}
	return buf;
}

static void free_mount_string(char *s)
{
	if (!IS_ERR(s))
		kfree(s);
}

SYSCALL_DEFINE5(mount, const char __user *, source, const char __user *, target,
		const char __user *, type, unsigned long, flags, const void __user *, data)
{
	char *ksource = copy_mount_string(source), *ktype = copy_mount_string(type);
	char *kdata = (flags & (MS_BIND | MS_MOVE | MS_PROPAGATION)) && !(flags & MS_REMOUNT) ?
		      NULL : copy_mount_data(data);
	struct path path;
	long err = PTR_ERR_OR_ZERO(ksource);

	if (!err)
		err = PTR_ERR_OR_ZERO(ktype);
	if (!err)
		err = PTR_ERR_OR_ZERO(kdata);
	if (!err)
		err = path_lookup_user(AT_FDCWD, target, LOOKUP_FOLLOW, &path);
	if (!err) {
		err = capable(CAP_SYS_ADMIN) ? do_mount(ksource, &path, ktype, flags, kdata)
					     : -EPERM;
		path_put(&path);
	}
	free_mount_string(ksource);
	free_mount_string(ktype);
	free_mount_string(kdata);
	return err;
}

/* The root cannot go away: it turns read-only, as Linux does it. */
static int umount_root(struct mount *mnt)
{
	return (mnt->mnt_sb->s_flags & MS_RDONLY) ? 0 : super_set_readonly(mnt->mnt_sb);
}

/*
 * The first of two calls marks the mount, the second takes it away unless a walk came through
 * in between. Each call's own walk is one: see mount_lookup().
 */
static int mount_expire(struct mount *mnt)
{
	bool unused;

	if (mnt == current->fs->root.mnt)
		return -EINVAL;
	if (mount_is_busy(mnt, 1))
		return -EBUSY;
	spin_lock(&mount_lock);
	unused = mnt->mnt_expiry == 1;
	mnt->mnt_expiry = 2;
	spin_unlock(&mount_lock);
	return unused ? 0 : -EAGAIN;
}

/* Takes over the reference on mnt. */
static int do_umount(struct mount *mnt, int flags)
{
	int err = 0;

	down_write(&namespace_sem);
	if (!mount_in_tree(mnt)) {
		err = -EINVAL;
	} else if (mnt == root_mount || (mnt == current->fs->root.mnt && !(flags & MNT_DETACH))) {
		err = (flags & MNT_DETACH) ? -EINVAL : umount_root(mnt);
	} else if ((flags & MNT_EXPIRE) && (err = mount_expire(mnt))) {
		;
	} else if (!(flags & MNT_DETACH) && mount_is_busy(mnt, 1)) {
		d_shrink_subtree(mnt->mnt_root);
		err = mount_is_busy(mnt, 1) ? -EBUSY : 0;
		if (!err)
			mount_tree_release(mnt);
	} else {
		mount_tree_release(mnt);
	}
	up_write(&namespace_sem);
	mnt_put(mnt);
	return err;
}

/* Takes over the references of path. */
static int umount_path(struct path *path, int flags)
{
	if (!path_is_mount_root(path)) {
		path_put(path);
		return -EINVAL;
	}
	dput(path->dentry);
	return do_umount(path->mnt, flags);
}

int vfs_umount(const char *target, int flags)
{
	struct path path;
	int err = kern_path(target, LOOKUP_FOLLOW, &path);

	return err ? err : umount_path(&path, flags);
}

SYSCALL_DEFINE2(umount, const char __user *, target, int, flags)
{
	struct path path;
	int err;

	if (flags & ~(MNT_FORCE | MNT_DETACH | MNT_EXPIRE | UMOUNT_NOFOLLOW))
		return -EINVAL;
	if ((flags & MNT_EXPIRE) && (flags & (MNT_FORCE | MNT_DETACH)))
		return -EINVAL;
	err = path_lookup_user(AT_FDCWD, target,
			       (flags & UMOUNT_NOFOLLOW) ? 0 : LOOKUP_FOLLOW, &path);
	if (err)
		return err;
	if (capable(CAP_SYS_ADMIN))
		return umount_path(&path, flags);
	path_put(&path);
	return -EPERM;
}

/* Every task whose root or cwd was `old` gets `new`. */
static void move_all_roots(const struct path *old, const struct path *new)
{
	struct process *p;
	struct task *t;
	struct fs_context *fs;
	pid_t pid = 1, tid;

	for (; (p = process_next(pid)); process_put(p)) {
		pid = p->pid + 1;
		for (tid = 1; (t = thread_next(p, tid)); task_put(t)) {
			struct path cur;

			tid = t->tid + 1;
			fs = task_fs_get(t);
			if (!fs)
				continue;
			fs_get_root(fs, &cur);
			if (path_equal(&cur, old))
				fs_set_root(fs, new);
			path_put(&cur);
			fs_get_pwd(fs, &cur);
			if (path_equal(&cur, old))
				fs_set_pwd(fs, new);
			path_put(&cur);
			fs_context_put(fs);
		}
	}
}

/* Is `path` at or below `root`, by mounts and directories? */
static bool path_is_under(const struct path *path, const struct path *root)
{
	struct mount *m = path->mnt;
	struct dentry *d = path->dentry;

	while (m != root->mnt && m->mnt_parent != m) {
		d = m->mnt_mountpoint;
		m = m->mnt_parent;
	}
	return m == root->mnt && d_is_ancestor(root->dentry, d);
}

static int do_pivot(struct path *new, struct path *old, struct path *root)
{
	struct mount *root_parent;
	struct dentry *root_point;

	if (!mount_in_tree(new->mnt) || !mount_in_tree(root->mnt) || !mount_in_tree(old->mnt))
		return -EINVAL;
	if (new->mnt == root->mnt || old->mnt == root->mnt)
		return -EBUSY;
	if (!path_is_mount_root(root) || root->mnt->mnt_parent == root->mnt)
		return -EINVAL;         /* also: the root is the initial rootfs */
	if (!path_is_mount_root(new) || new->mnt->mnt_parent == new->mnt)
		return -EINVAL;
	if (!path_is_under(old, new) || !path_is_under(new, root))
		return -EINVAL;
	root_parent = root->mnt->mnt_parent;
	root_point = dget(root->mnt->mnt_mountpoint);
	mount_detach(new->mnt);
	mount_detach(root->mnt);
	mount_attach(root->mnt, old->mnt, old->dentry);
	mount_attach(new->mnt, root_parent, root_point);
	dput(root_point);
	return 0;
}

SYSCALL_DEFINE2(pivot_root, const char __user *, new_root, const char __user *, put_old)
{
	struct path new, old, root;
	int err;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	err = path_lookup_user(AT_FDCWD, new_root, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &new);
	if (err)
		return err;
	err = path_lookup_user(AT_FDCWD, put_old, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &old);
	if (err)
		goto out_new;
	fs_get_root(current->fs, &root);
	down_write(&namespace_sem);
	err = do_pivot(&new, &old, &root);
	up_write(&namespace_sem);
	if (!err)
		move_all_roots(&root, &new);
	path_put(&root);
	path_put(&old);
out_new:
	path_put(&new);
	return err;
}
