/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The mount tree: which file system shows where.
 *
 * A mount in the tree has one reference of the tree's own. A walk finds what is mounted
 * on a dentry by hash of (mount, dentry) under mount_lock, and counts it there; so an
 * umount that finds no other reference under mount_lock can take it away for good. A walk
 * that peeks (<kernel/peek.h>) reads the hash without the lock, so a mount changes its
 * place only unhashed and after peek_wait(). The shape of the tree (children, the list of
 * all) changes only under namespace_sem. There is one mount namespace.
 */
#include <fs/fs.h>
#include <lib/hash.h>
#include <lib/string.h>
#include <mm/slab.h>
#include <kernel/panic.h>
#include <kernel/peek.h>
#include "internal.h"

#define MOUNT_HASH_BITS 8

DEFINE_RWSEM(namespace_sem);
struct list_head mount_list = LIST_HEAD_INIT(mount_list);
struct mount *root_mount;

DEFINE_SPINLOCK(mount_lock);
static struct hlist_head mount_hash[1 << MOUNT_HASH_BITS];
static int next_mount_id;
static u32 nr_mounts;                  /* atomic */
u32 sysctl_mount_max = 100000;         /* recursive binds double: there must be an end */

static struct hlist_head *mount_bucket(const struct mount *mnt, const struct dentry *dentry)
{
	return &mount_hash[hash_ptr((const char *)mnt + ((uintptr_t)dentry >> 5), MOUNT_HASH_BITS)];
}

/* ---- references ---- */

struct mount *mnt_get(struct mount *mnt)
{
	atomic_inc(&mnt->mnt_count);
	return mnt;
}

void mnt_put(struct mount *mnt)
{
	if (!mnt || !atomic_dec_and_test(&mnt->mnt_count))
		return;
	peek_wait();            /* it is out of the hash, or the tree would count it */
	dput(mnt->mnt_root);
	super_put(mnt->mnt_sb);
	kfree(mnt->mnt_devname);
	kfree(mnt);
	__atomic_fetch_sub(&nr_mounts, 1, __ATOMIC_RELAXED);
}

void path_put(const struct path *path)
{
	dput(path->dentry);
	mnt_put(path->mnt);
}

struct mount *mount_alloc(struct super *sb, struct dentry *root, const char *devname, u32 flags)
{
	struct mount *mnt;

	if (__atomic_fetch_add(&nr_mounts, 1, __ATOMIC_RELAXED) >= sysctl_mount_max) {
		__atomic_fetch_sub(&nr_mounts, 1, __ATOMIC_RELAXED);
		return ERR_PTR(-ENOSPC);
	}
	mnt = kzalloc(sizeof(*mnt), GFP_KERNEL);
	if (!mnt)
		goto nomem;
	mnt->mnt_devname = kstrdup(devname && *devname ? devname : "none", GFP_KERNEL);
	if (!mnt->mnt_devname) {
		kfree(mnt);
		goto nomem;
	}
	atomic_set(&mnt->mnt_count, 1);
	atomic_set(&mnt->mnt_writers, 0);
	mnt->mnt_flags = flags;
	mnt->mnt_sb = super_get(sb);
	mnt->mnt_root = dget(root);
	mnt->mnt_parent = mnt;
	mnt->mnt_mountpoint = root;
	mnt->mnt_id = __atomic_add_fetch(&next_mount_id, 1, __ATOMIC_RELAXED);
	INIT_HLIST_NODE(&mnt->mnt_hash);
	INIT_LIST_HEAD(&mnt->mnt_children);
	INIT_LIST_HEAD(&mnt->mnt_sibling);
	INIT_LIST_HEAD(&mnt->mnt_list);
	return mnt;
nomem:
	__atomic_fetch_sub(&nr_mounts, 1, __ATOMIC_RELAXED);
	return ERR_PTR(-ENOMEM);
}

struct mount *kern_mount(struct fs_type *type)
{
	struct super *sb;
	struct mount *mnt;
	int err = type->mount(type, 0, type->name, NULL, &sb);

	if (err)
		return ERR_PTR(err);
	mnt = mount_alloc(sb, sb->s_root, type->name, MNT_INTERNAL);
	super_put(sb);
	return mnt;
}

/* ---- write access ---- */

int mnt_want_write(struct mount *mnt)
{
	atomic_inc(&mnt->mnt_writers);
	smp_mb();               /* a remount sets the flag, then looks at the count */
	if (likely(!mnt_is_readonly(mnt)))
		return 0;
	atomic_dec(&mnt->mnt_writers);
	return -EROFS;
}

void mnt_drop_write(struct mount *mnt)
{
	atomic_dec(&mnt->mnt_writers);
}

/* ---- lookups by the path walk ---- */

struct mount *mount_lookup(struct mount *mnt, struct dentry *dentry)
{
	struct mount *m;

	spin_lock(&mount_lock);
	hlist_for_each_entry(m, mount_bucket(mnt, dentry), mnt_hash)
		if (m->mnt_parent == mnt && m->mnt_mountpoint == dentry)
			break;
	if (m) {
		atomic_inc(&m->mnt_count);
		if (unlikely(m->mnt_expiry))    /* used: umount2(MNT_EXPIRE) wants to know */
			m->mnt_expiry--;
	}
	spin_unlock(&mount_lock);
	return m;
}

bool mnt_get_live(struct mount *mnt)
{
	int c = atomic_read(&mnt->mnt_count), was;

	for (; c > 0; c = was) {
		was = atomic_cmpxchg(&mnt->mnt_count, c, c + 1);
		if (likely(was == c))
			return true;
	}
	return false;
}

static struct mount *mount_peek(const struct mount *mnt, const struct dentry *dentry)
{
	struct hlist_node *at = READ_ONCE(mount_bucket(mnt, dentry)->first);
	struct mount *m;

	for (; at; at = READ_ONCE(at->next)) {
		m = hlist_entry(at, struct mount, mnt_hash);
		/* One that wants to know whether it is used (mount_lookup) is not peeked at. */
		if (m->mnt_parent == mnt && m->mnt_mountpoint == dentry)
			return unlikely(READ_ONCE(m->mnt_expiry)) ? NULL : m;
	}
	return NULL;
}

bool path_peek_mounts(struct path *path, struct dentry *dentry)
{
	struct mount *m = path->mnt;

	do {
		m = mount_peek(m, dentry);
		if (unlikely(!m))
			return false;
		dentry = m->mnt_root;
	} while (unlikely(dentry->d_flags & DCACHE_MOUNTED));
	*path = (struct path){ m, dentry };
	return true;
}

bool path_follow_mounts(struct path *path)
{
	bool moved = false;

	while (unlikely(path->dentry->d_flags & DCACHE_MOUNTED)) {
		struct mount *m = mount_lookup(path->mnt, path->dentry);

		if (!m)
			break;
		path_put(path);
		path->mnt = m;
		path->dentry = dget(m->mnt_root);
		moved = true;
	}
	return moved;
}

bool path_follow_up(struct path *path)
{
	struct mount *mnt = path->mnt, *parent;
	struct dentry *mountpoint;

	spin_lock(&mount_lock);
	parent = mnt->mnt_parent;
	if (parent == mnt) {
		spin_unlock(&mount_lock);
		return false;
	}
	atomic_inc(&parent->mnt_count);
	mountpoint = dget(mnt->mnt_mountpoint);
	spin_unlock(&mount_lock);
	path_put(path);
	path->mnt = parent;
	path->dentry = mountpoint;
	return true;
}

/* ---- the shape of the tree ---- */

void mount_attach(struct mount *mnt, struct mount *parent, struct dentry *mountpoint)
{
	spin_lock(&mountpoint->d_lock);
	mountpoint->d_flags |= DCACHE_MOUNTED;
	spin_unlock(&mountpoint->d_lock);
	dget(mountpoint);
	spin_lock(&mount_lock);
	mnt->mnt_parent = parent;
	mnt->mnt_mountpoint = mountpoint;
	smp_wmb();              /* who peeks sees all of it */
	hlist_add_head(&mnt->mnt_hash, mount_bucket(parent, mountpoint));
	spin_unlock(&mount_lock);
	list_add_tail(&mnt->mnt_sibling, &parent->mnt_children);
}

void mount_detach(struct mount *mnt)
{
	struct dentry *mountpoint = NULL;

	spin_lock(&mount_lock);
	if (mnt->mnt_parent != mnt) {
		mountpoint = mnt->mnt_mountpoint;
		hlist_del_init(&mnt->mnt_hash);
		peek_wait();
		mnt->mnt_parent = mnt;
		mnt->mnt_mountpoint = mnt->mnt_root;
	}
	spin_unlock(&mount_lock);
	list_del_init(&mnt->mnt_sibling);
	dput(mountpoint);
}

/* The one after the whole subtree of pos. */
static struct mount *mount_next_skip(struct mount *pos, struct mount *top)
{
	while (pos != top) {
		struct mount *parent = pos->mnt_parent;

		if (!list_is_last(&pos->mnt_sibling, &parent->mnt_children))
			return list_next_entry(pos, mnt_sibling);
		pos = parent;
	}
	return NULL;
}

struct mount *mount_next(struct mount *pos, struct mount *top)
{
	if (!list_empty(&pos->mnt_children))
		return list_first_entry(&pos->mnt_children, struct mount, mnt_sibling);
	return mount_next_skip(pos, top);
}

void mount_tree_list(struct mount *mnt)
{
	struct mount *m;

	for (m = mnt; m; m = mount_next(m, mnt))
		list_add_tail(&m->mnt_list, &mount_list);
}

void mount_tree_mark(struct mount *mnt, u32 set, u32 clear)
{
	struct mount *m;

	for (m = mnt; m; m = mount_next(m, mnt))
		m->mnt_flags = (m->mnt_flags & ~clear) | set;
}

void mount_tree_release(struct mount *mnt)
{
	struct mount *m;

	/* Deepest first; the one with no children is always reachable from the top. */
	for (;;) {
		m = mnt;
		while (!list_empty(&m->mnt_children))
			m = list_first_entry(&m->mnt_children, struct mount, mnt_sibling);
		mount_detach(m);
		list_del_init(&m->mnt_list);
		spin_lock(&mount_lock);
		m->mnt_flags |= MNT_DETACHED;
		spin_unlock(&mount_lock);
		mnt_put(m);
		if (m == mnt)
			break;
	}
}

/* Any reference beside the tree's and `own` of the caller's? */
bool mount_is_busy(struct mount *mnt, int own)
{
	return !list_empty(&mnt->mnt_children) || atomic_read(&mnt->mnt_count) > 1 + own;
}

bool d_is_mountpoint(struct dentry *dentry)
{
	struct mount *m;
	bool found = false;

	if (likely(!(dentry->d_flags & DCACHE_MOUNTED)))
		return false;
	down_read(&namespace_sem);
	list_for_each_entry(m, &mount_list, mnt_list)
		if (m->mnt_parent != m && m->mnt_mountpoint == dentry)
			found = true;
	up_read(&namespace_sem);
	return found;
}

static struct mount *mount_clone(struct mount *src, struct dentry *root)
{
	return mount_alloc(src->mnt_sb, root, src->mnt_devname,
			   src->mnt_flags & ~(u32)(MNT_DETACHED | MNT_INTERNAL));
}

struct mount *mount_clone_tree(struct mount *src, struct dentry *root, bool recurse)
{
	struct mount *top = mount_clone(src, root), *from = src, *to = top, *m, *copy;

	if (IS_ERR(top) || !recurse)
		return top;
	m = mount_next(src, src);
	while (m) {
		/* Only what hangs below `root`, and may be copied. */
		if ((m->mnt_parent == src && !d_is_ancestor(root, m->mnt_mountpoint)) ||
		    (m->mnt_flags & MNT_UNBINDABLE)) {
			m = mount_next_skip(m, src);
			continue;
		}
		while (from != m->mnt_parent) {
			from = from->mnt_parent;
			to = to->mnt_parent;
		}
		copy = mount_clone(m, m->mnt_root);
		if (IS_ERR(copy)) {
			mount_tree_release(top);
			return copy;
		}
		mount_attach(copy, to, m->mnt_mountpoint);
		from = m;
		to = copy;
		m = mount_next(m, src);
	}
	return top;
}

void __init mount_init(void)
{
	struct super *sb;
	int err = rootfs_type.mount(&rootfs_type, 0, "rootfs", NULL, &sb);

	if (!err)
		root_mount = mount_alloc(sb, sb->s_root, "rootfs", MNT_RELATIME);
	if (err || IS_ERR(root_mount))
		panic("fs: cannot mount rootfs (%d)", err);
	super_put(sb);
	list_add_tail(&root_mount->mnt_list, &mount_list);
}
