/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The path walk that peeks: no locks, no counts; see walk.h.
 *
 * Each step looks up (directory, name) in the hash, as the walk with counts does, and is
 * as true: the entry was there at that moment. Nothing else about the directory matters
 * but its mode, so renames and removals on the way need no second look. The one thing
 * that a peek cannot tell is that something is absent, except by a negative dentry.
 */
#include <fs/fs.h>
#include <fs/files.h>
#include "dcache.h"
#include "internal.h"
#include "walk.h"

/* With these the walk minds where it goes, or whether it may ask the file system. */
#define LOOKUP_MINDED (LOOKUP_NO_SYMLINKS | LOOKUP_NO_MAGICLINKS | LOOKUP_NO_XDEV |	\
		       LOOKUP_BENEATH | LOOKUP_IN_ROOT | LOOKUP_CACHED)

static bool peek_base(struct path *at, int dfd, const char *name)
{
	struct fs_context *fs = current->fs;
	struct file *file;

	if (name[0] == '/') {
		*at = fs_peek(fs, &fs->root);
	} else if (likely(dfd == AT_FDCWD)) {
		*at = fs_peek(fs, &fs->pwd);
	} else {
		/* The file of a table that others share may be gone in a moment. */
		if (refcount_read(&current->files->count) != 1)
			return false;
		file = fdget_raw((unsigned)dfd).file;
		if (!file)
			return false;
		*at = file->f_path;
	}
	return S_ISDIR(at->dentry->d_inode->i_mode);
}

static __always_inline bool may_peek_in(struct inode *dir)
{
	if (unlikely(dir->i_op->permission))
		return false;
	return likely((dir->i_mode & 0111) == 0111) || !generic_permission(dir, MAY_EXEC);
}

int walk_peek(struct peek *p, int dfd, const char *name, unsigned flags)
{
	const char *s = name, *after;
	struct name_part part;
	struct dentry *d;
	struct inode *inode;
	u32 dflags;

	if (unlikely(flags & LOOKUP_MINDED) || !name[0] || !peek_base(&p->at, dfd, name))
		return PEEK_NONE;
	for (;;) {
		s = name_skip_slashes(s);
		p->rest = s;
		if (unlikely(!*s))
			return flags & LOOKUP_PARENT ? PEEK_PART : PEEK_ALL;
		if (unlikely(name_cut(s, &part)) || !may_peek_in(p->at.dentry->d_inode))
			return PEEK_PART;
		after = name_skip_slashes(part.next);
		if (!*after && (flags & LOOKUP_PARENT))
			return PEEK_PART;
		if (unlikely(part.type != LAST_NORM)) {
			if (part.type == LAST_DOTDOT)
				return PEEK_PART;
			s = after;
			continue;
		}
		d = d_peek(p->at.dentry, &(struct qstr){ part.start, part.len, part.hash });
		if (unlikely(!d))
			return PEEK_PART;
		dflags = READ_ONCE(d->d_flags);
		if (unlikely(dflags & DCACHE_REVALIDATE))
			return PEEK_PART;
		inode = smp_load_acquire(&d->d_inode);
		if (unlikely(!inode))
			return -ENOENT;
		if (*part.next ? unlikely(!S_ISDIR(inode->i_mode))
			       : unlikely(S_ISLNK(inode->i_mode)) && (flags & LOOKUP_FOLLOW))
			return PEEK_PART;
		/* What is mounted on a directory is one, and nothing is on a link. */
		if (likely(!(dflags & DCACHE_MOUNTED)))
			p->at.dentry = d;
		else if (!path_peek_mounts(&p->at, d))
			return PEEK_PART;
		if (!*part.next)
			return PEEK_ALL;
		s = after;
	}
}
