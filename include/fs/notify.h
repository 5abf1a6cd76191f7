/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Telling inotify and dnotify what happens to files. While nobody watches anything each of these costs
 * a load and a branch.
 *
 * Context: task context, no spinlock held; i_rwsem of anything may be. What is passed is
 * the caller's reference.
 */
#ifndef FS_NOTIFY_H
#define FS_NOTIFY_H

#include <fs/fs.h>
#include <linux/inotify.h>

#if IS_ENABLED(CONFIG_INOTIFY)

extern u32 notify_watches;	/* atomic; inotify's and dnotify's, of all users */

static inline bool notify_active(void)
{
	return unlikely(READ_ONCE(notify_watches));
}

void __notify_dentry(struct dentry *d, u32 mask);
void __notify_child(struct inode *dir, u32 mask, const struct qstr *name, u32 cookie, bool isdir);
void __notify_inode(struct inode *inode, u32 mask);
void __notify_inode_gone(struct inode *inode);
void __notify_super_gone(struct super *sb);
void __notify_moved(struct inode *olddir, const struct qstr *old, struct inode *newdir,
		    const struct qstr *new, struct inode *moved);
void __notify_changed(struct dentry *d, u32 valid);

#else

static inline bool notify_active(void) { return false; }
static inline void __notify_dentry(struct dentry *d, u32 mask) { }
static inline void __notify_child(struct inode *dir, u32 mask, const struct qstr *name,
				  u32 cookie, bool isdir) { }
static inline void __notify_inode(struct inode *inode, u32 mask) { }
static inline void __notify_inode_gone(struct inode *inode) { }
static inline void __notify_super_gone(struct super *sb) { }
static inline void __notify_moved(struct inode *olddir, const struct qstr *old,
				  struct inode *newdir, const struct qstr *new,
				  struct inode *moved) { }
static inline void __notify_changed(struct dentry *d, u32 valid) { }

#endif

/* Something was done with an open file: for its watchers and those of its directory. */
static inline void notify_file(struct file *file, u32 mask)
{
	if (notify_active() && !(file->f_mode & FMODE_PATH))
		__notify_dentry(file->f_path.dentry, mask);
}

/* The same without an open file. */
static inline void notify_dentry(struct dentry *d, u32 mask)
{
	if (notify_active())
		__notify_dentry(d, mask);
}

/* Something to the inode alone (IN_ATTRIB: its link count). */
static inline void notify_inode(struct inode *inode, u32 mask)
{
	if (notify_active())
		__notify_inode(inode, mask);
}

/* `d` was made in `dir`, whose i_rwsem is held. */
static inline void notify_create(struct inode *dir, struct dentry *d)
{
	if (notify_active())
		__notify_child(dir, IN_CREATE, &d->d_name, 0, d_is_dir(d));
}

/* A name is gone from `dir`. */
static inline void notify_delete(struct inode *dir, const struct qstr *name, bool isdir)
{
	if (notify_active())
		__notify_child(dir, IN_DELETE, name, 0, isdir);
}

/* A rename happened. */
static inline void notify_moved(struct inode *olddir, const struct qstr *old, struct inode *newdir,
				const struct qstr *new, struct inode *moved)
{
	if (notify_active())
		__notify_moved(olddir, old, newdir, new, moved);
}

/* Attributes of ATTR_* were changed. */
static inline void notify_changed(struct dentry *d, u32 valid)
{
	if (notify_active())
		__notify_changed(d, valid);
}

/* A dentry lets go of an inode without names; a file system goes away. */
static inline void notify_inode_gone(struct inode *inode)
{
	if (notify_active())
		__notify_inode_gone(inode);
}
static inline void notify_super_gone(struct super *sb)
{
	if (notify_active())
		__notify_super_gone(sb);
}

#endif /* FS_NOTIFY_H */
