/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From path text to a place in the tree.
 *
 * Names come from user space by getname() into a buffer in the caller's frame (heap only
 * for long ones) and are then plain strings. Lookups return counted paths. All of it
 * sleeps; no lock may be held but by the caller's own right order (see fs/fs.h).
 */
#ifndef FS_NAMEI_H
#define FS_NAMEI_H

#include <fs/fs.h>

#define NAME_SMALL 112

struct filename {
	const char *name;             /* NUL-terminated, at most PATH_MAX - 1 bytes */
	char       *heap;             /* or NULL */
	char        small[NAME_SMALL];
};

/* 0, -EFAULT, -ENAMETOOLONG, -ENOMEM; -ENOENT for "" unless `empty_ok`. */
int  getname_flags(struct filename *fn, const char __user *name, bool empty_ok);
static inline int getname(struct filename *fn, const char __user *name)
{
	return getname_flags(fn, name, false);
}
void putname_heap(struct filename *fn);
static inline void putname(struct filename *fn)
{
	if (unlikely(fn->heap))
		putname_heap(fn);
}

#define LOOKUP_FOLLOW        0x0001u   /* follow a final symlink */
#define LOOKUP_DIRECTORY     0x0002u   /* ENOTDIR unless a directory */
#define LOOKUP_EMPTY         0x0004u   /* "" means dfd itself */
#define LOOKUP_PARENT        0x0008u   /* stop before the last component (internal) */
#define LOOKUP_REVAL         0x0010u
#define LOOKUP_NO_SYMLINKS   0x0100u   /* openat2's RESOLVE_* */
#define LOOKUP_NO_MAGICLINKS 0x0200u
#define LOOKUP_NO_XDEV       0x0400u
#define LOOKUP_BENEATH       0x0800u
#define LOOKUP_IN_ROOT       0x1000u
#define LOOKUP_CACHED        0x2000u

#define MAX_SYMLINKS 40

/* Walks `name` from dfd (or AT_FDCWD). 0 and a counted path, or errno of path_resolution(7). */
int path_lookup(int dfd, const char *name, unsigned flags, struct path *out);
int path_lookup_user(int dfd, const char __user *name, unsigned flags, struct path *out);
static inline int kern_path(const char *name, unsigned flags, struct path *out)
{
	return path_lookup(AT_FDCWD, name, flags, out);
}

/* The last component of a path, and what kind it is. */
enum last_type { LAST_NORM, LAST_ROOT, LAST_DOT, LAST_DOTDOT };
struct last_name {
	struct qstr    q;
	enum last_type type;
	bool           slashes;     /* trailing slashes followed */
};
/* Walks up to the last component. `parent` counted; last points into `name`. */
int path_parent(int dfd, const char *name, unsigned flags, struct path *parent,
		struct last_name *last);

/*
 * Opens a directory for a change: parent counted, write access held, i_rwsem of the
 * parent locked for writing, and the negative dentry of the last component returned
 * (-EEXIST if there). End with path_create_done(). is_dir: trailing slashes allowed.
 */
struct dentry *path_create(int dfd, const char *name, struct path *parent, bool is_dir);
void path_create_done(struct path *parent, struct dentry *dentry);

/* Looks up one name in a locked directory: positive or negative, counted, or ERR_PTR. */
struct dentry *lookup_one_locked(struct dentry *dir, const struct qstr *name);

/* Same as inode_permission, with the checks of the mount (EROFS). */
int path_permission(const struct path *path, int mask);
static inline int permission(struct inode *inode, int mask)
{
	return inode_permission(inode, mask);
}
/* May current remove `victim` from `dir`? sticky bits, EISDIR/ENOTDIR by isdir. */
int may_delete(struct inode *dir, struct dentry *victim, bool isdir);
int may_create(struct inode *dir, struct dentry *child);

#endif /* FS_NAMEI_H */
