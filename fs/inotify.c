/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * inotify's watches: which inodes are watched by whom, and what the VFS says happened
 * turned into events. One lock covers all watches; it is taken only for inodes that
 * have some.
 */
#include <lib/string.h>
#include <mm/slab.h>
#include "inotify.h"
#include "internal.h"

u32 notify_watches;
DEFINE_SPINLOCK(inotify_lock);
static u32 move_cookie;		/* atomic */

/* --- Watches; inotify_lock held --- */

static struct inotify_watch *find_watch(struct inotify *in, struct inode *inode)
{
	struct inotify_watch *w;

	for (w = inode->i_watches; w && w->owner != in; w = w->next)
		;
	return w;
}

/* Out of both lists; goes to `dead` for free_watches(). */
static void unlink_watch(struct inotify_watch *w, struct list_head *dead)
{
	struct inotify_watch **at = &w->inode->i_watches;

	while (*at != w)
		at = &(*at)->next;
	*at = w->next;
	list_move(&w->link, dead);
	__atomic_sub_fetch(&notify_watches, 1, __ATOMIC_RELAXED);
	atomic_dec(&w->owner->user->inotify_watches);
}

/* The same, telling the reader. */
static void end_watch(struct inotify_watch *w, struct list_head *dead)
{
	inotify_queue(w->owner, w->wd, IN_IGNORED, 0, NULL);
	unlink_watch(w, dead);
}

/* No lock held: the last reference of an inode may go here. */
static void free_watches(struct list_head *dead)
{
	struct inotify_watch *w, *next;

	list_for_each_entry_safe(w, next, dead, link) {
		inode_put(w->inode);
		kfree(w);
	}
}

static int change_watch(struct inotify_watch *w, u32 mask)
{
	if (mask & IN_MASK_CREATE)
		return -EEXIST;
	w->mask = mask & IN_MASK_ADD ? w->mask | mask : mask;
	return w->wd;
}

int inotify_watch_add(struct inotify *in, struct inode *inode, u32 mask)
{
	struct inotify_watch *w, *new = kmalloc(sizeof(*new), GFP_KERNEL);
	int ret;

	if (!new)
		return -ENOMEM;
	spin_lock(&inotify_lock);
	w = find_watch(in, inode);
	if (w) {
		ret = change_watch(w, mask);
	} else if (atomic_inc_return(&in->user->inotify_watches) > INOTIFY_MAX_WATCHES) {
		atomic_dec(&in->user->inotify_watches);
		ret = -ENOSPC;
	} else {
		ret = in->next_wd++;
		*new = (struct inotify_watch){
			.next = inode->i_watches, .owner = in, .inode = inode_get(inode),
			.wd = ret, .mask = mask,
		};
		inode->i_watches = new;
		list_add_tail(&new->link, &in->watches);
		__atomic_add_fetch(&notify_watches, 1, __ATOMIC_RELAXED);
		new = NULL;
	}
	spin_unlock(&inotify_lock);
	kfree(new);
	return ret;
}

int inotify_watch_remove(struct inotify *in, int wd)
{
	struct inotify_watch *w;
	LIST_HEAD(dead);

	spin_lock(&inotify_lock);
	list_for_each_entry(w, &in->watches, link) {
		if (w->wd == wd) {
			end_watch(w, &dead);
			break;
		}
	}
	spin_unlock(&inotify_lock);
	if (list_empty(&dead))
		return -EINVAL;
	free_watches(&dead);
	return 0;
}

void inotify_watch_remove_all(struct inotify *in)
{
	struct inotify_watch *w, *next;
	LIST_HEAD(dead);

	spin_lock(&inotify_lock);
	list_for_each_entry_safe(w, next, &in->watches, link)
		unlink_watch(w, &dead);
	spin_unlock(&inotify_lock);
	free_watches(&dead);
}

/* --- Events --- */

/* `unlinked`: the name is not in the directory any more (IN_EXCL_UNLINK). */
static void tell(struct inode *inode, u32 mask, u32 cookie, const struct qstr *name, bool unlinked)
{
	struct inotify_watch *w, *next;
	LIST_HEAD(dead);

	if (name && READ_ONCE(inode->i_dnotify))
		dnotify_tell(inode, mask);
	if (!READ_ONCE(inode->i_watches))
		return;
	spin_lock(&inotify_lock);
	for (w = inode->i_watches; w; w = next) {
		next = w->next;
		if (!(w->mask & mask & IN_ALL_EVENTS) ||
		    (unlinked && (w->mask & IN_EXCL_UNLINK)))
			continue;
		inotify_queue(w->owner, w->wd, mask, cookie, name);
		if (w->mask & IN_ONESHOT)
			end_watch(w, &dead);
	}
	spin_unlock(&inotify_lock);
	free_watches(&dead);
}

static u32 dir_flag(const struct inode *inode)
{
	return S_ISDIR(inode->i_mode) ? IN_ISDIR : 0;
}

/* To the directory, with the name that d has now. */
static void tell_parent(struct dentry *d, u32 mask)
{
	struct dentry *parent = dget_parent(d);
	char text[NAME_MAX + 1];
	struct qstr name = { .name = text };
	bool unlinked;

	if (parent != d &&
	    (READ_ONCE(parent->d_inode->i_watches) || READ_ONCE(parent->d_inode->i_dnotify))) {
		spin_lock(&d->d_lock);
		name.len = min_t(u32, d->d_name.len, NAME_MAX);
		memcpy(text, d->d_name.name, name.len);
		unlinked = d_unhashed(d);
		spin_unlock(&d->d_lock);
		tell(parent->d_inode, mask, 0, &name, unlinked);
	}
	dput(parent);
}

void __notify_dentry(struct dentry *d, u32 mask)
{
	mask |= dir_flag(d->d_inode);
	if (!(d->d_flags & DCACHE_DISCONNECTED))
		tell_parent(d, mask);
	tell(d->d_inode, mask, 0, NULL, false);
}

void __notify_child(struct inode *dir, u32 mask, const struct qstr *name, u32 cookie, bool isdir)
{
	tell(dir, mask | (isdir ? IN_ISDIR : 0), cookie, name, false);
}

void __notify_inode(struct inode *inode, u32 mask)
{
	/* Of what happens to a watched object itself the reader knows what it is. */
	if (!(mask & (IN_MOVE_SELF | IN_DELETE_SELF)))
		mask |= dir_flag(inode);
	tell(inode, mask, 0, NULL, false);
}

void __notify_moved(struct inode *olddir, const struct qstr *old, struct inode *newdir,
		    const struct qstr *new, struct inode *moved)
{
	u32 cookie = __atomic_add_fetch(&move_cookie, 1, __ATOMIC_RELAXED);
	bool isdir = S_ISDIR(moved->i_mode);

	__notify_child(olddir, IN_MOVED_FROM, old, cookie, isdir);
	__notify_child(newdir, IN_MOVED_TO, new, cookie, isdir);
	__notify_inode(moved, IN_MOVE_SELF);
}

void __notify_changed(struct dentry *d, u32 valid)
{
	u32 mask = 0;

	if (valid & (ATTR_UID | ATTR_GID | ATTR_MODE))
		mask |= IN_ATTRIB;
	if (valid & ATTR_SIZE)
		mask |= IN_MODIFY;
	/* Both times at once: utimensat(2). */
	if ((valid & (ATTR_ATIME | ATTR_MTIME)) == (ATTR_ATIME | ATTR_MTIME))
		mask |= IN_ATTRIB;
	else if (valid & ATTR_ATIME)
		mask |= IN_ACCESS;
	else if (valid & ATTR_MTIME)
		mask |= IN_MODIFY;
	if (mask)
		__notify_dentry(d, mask);
}

void __notify_inode_gone(struct inode *inode)
{
	struct inotify_watch *w, *next;
	LIST_HEAD(dead);

	tell(inode, IN_DELETE_SELF, 0, NULL, false);
	spin_lock(&inotify_lock);
	for (w = inode->i_watches; w; w = next) {
		next = w->next;
		end_watch(w, &dead);
	}
	spin_unlock(&inotify_lock);
	free_watches(&dead);
}

/* All watched inodes of a file system, by way of its inode list. */
void __notify_super_gone(struct super *sb)
{
	struct inotify_watch *w, *next;
	struct inode *inode;
	LIST_HEAD(dead);

	spin_lock(&inotify_lock);
	spin_lock(&sb->s_inode_lock);
	list_for_each_entry(inode, &sb->s_inodes, i_sb_list) {
		for (w = inode->i_watches; w; w = next) {
			next = w->next;
			inotify_queue(w->owner, w->wd, IN_UNMOUNT | dir_flag(inode), 0, NULL);
			end_watch(w, &dead);
		}
	}
	spin_unlock(&sb->s_inode_lock);
	spin_unlock(&inotify_lock);
	free_watches(&dead);
}
