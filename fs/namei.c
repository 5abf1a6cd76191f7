/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The path walk: from text to (mount, dentry), component by component.
 *
 * A walk owns references on where it stands (path) and, once needed, on the root that
 * stops `..`. A symbolic link in the middle pushes what is left of the path on a small
 * stack inside struct walk and goes on with the link's text; one at the end is pushed
 * with no rest. So nesting needs no recursion, and 40 links are the limit in all.
 * Cached names need no lock on the directory and no allocation.
 */
#include <fs/fs.h>
#include <kernel/peek.h>
#include <lib/string.h>
#include <mm/slab.h>
#include "internal.h"
#include "walk.h"

/* ---- begin and end ---- */

static void walk_need_root(struct walk *w)
{
	if (!w->root.mnt)
		fs_get_root(current->fs, &w->root);
}

static int walk_base(struct walk *w, int dfd, bool need_dir)
{
	struct fd f;

	if (dfd == AT_FDCWD) {
		fs_get_pwd(current->fs, &w->path);
		return 0;
	}
	f = fdget_raw((unsigned)dfd);
	if (!f.file)
		return -EBADF;
	if (need_dir && !S_ISDIR(f.file->f_inode->i_mode)) {
		fdput(f);
		return -ENOTDIR;
	}
	w->path = f.file->f_path;
	path_get(&w->path);
	fdput(f);
	return 0;
}

/* Takes references on the place of a peek, and ends it. False: it is going away. */
static bool peek_keep(const struct peek *p, struct path *out)
{
	bool mnt = mnt_get_live(p->at.mnt), all = mnt && dget_live(p->at.dentry);

	peek_end();
	if (likely(all))
		*out = p->at;
	else if (mnt)
		mnt_put(p->at.mnt);
	return all;
}

/* Begins at the beginning, with counts. */
static int walk_start_counted(struct walk *w, int dfd, const char *name)
{
	unsigned flags = w->flags;
	bool abs = name[0] == '/';
	int err;

	if (!name[0] && !(flags & LOOKUP_EMPTY))
		return -ENOENT;
	w->text = name[0] ? name : NULL;
	if (likely(!(flags & (LOOKUP_BENEATH | LOOKUP_IN_ROOT)))) {
		if (!abs)
			return walk_base(w, dfd, name[0]);
		fs_get_root(current->fs, &w->path);
		return 0;
	}
	if (abs && (flags & LOOKUP_BENEATH))
		return -EXDEV;
	err = walk_base(w, dfd, true);
	if (err)
		return err;
	w->root = w->path;
	path_get(&w->root);
	return 0;
}

int walk_settle(struct walk *w, int dfd, const char *name, unsigned flags, int peeked)
{
	w->root.mnt = NULL;
	w->flags = flags;
	w->depth = w->links = 0;
	w->need_dir = flags & LOOKUP_DIRECTORY;
	if (likely(peeked == PEEK_ALL || peeked == PEEK_PART)) {
		w->text = peeked == PEEK_ALL ? NULL : w->peek.rest;
		if (likely(peek_keep(&w->peek, &w->path)))
			return 0;
	} else {
		peek_end();
		if (peeked < 0)
			return peeked;
	}
	return walk_start_counted(w, dfd, name);
}

int walk_start(struct walk *w, int dfd, const char *name, unsigned flags)
{
	peek_begin();
	return walk_settle(w, dfd, name, flags, walk_peek(&w->peek, dfd, name, flags));
}

static void saved_release(struct saved_name *s)
{
	kfree(s->to_free);
	dput(s->hold);
}

void walk_end(struct walk *w)
{
	while (w->depth)
		saved_release(&w->stack[--w->depth]);
	if (w->root.mnt)
		path_put(&w->root);
}

/* ---- one component ---- */

/* A directory somebody may pass through? */
static __always_inline int may_pass(struct inode *inode)
{
	if (unlikely(!S_ISDIR(inode->i_mode)))
		return -ENOTDIR;
	if (likely((inode->i_mode & 0111) == 0111 && !inode->i_op->permission))
		return 0;
	return inode_permission(inode, MAY_EXEC);
}

static struct dentry *revalidate(struct dentry *d, unsigned flags)
{
	int ok = d->d_op->revalidate(d, flags);

	if (ok > 0)
		return d;
	if (ok == 0)
		d_drop(d);
	dput(d);
	return ok ? ERR_PTR(ok) : NULL;
}

struct dentry *lookup_one_locked(struct dentry *dir, const struct qstr *name)
{
	struct inode *inode = dir->d_inode;
	struct dentry *d = d_lookup_fast(dir, name), *other;

	if (d && unlikely(d->d_flags & DCACHE_REVALIDATE))
		d = revalidate(d, 0);
	if (d)
		return d;
	if (inode->i_flags & S_DEAD_)
		return ERR_PTR(-ENOENT);
	if (!inode->i_op->lookup)
		return ERR_PTR(-ENOTDIR);
	d = d_alloc(dir, name);
	if (!d)
		return ERR_PTR(-ENOMEM);
	other = inode->i_op->lookup(inode, d);
	if (!other)
		return d;
	dput(d);
	return other;
}

static struct dentry *lookup_slow(struct walk *w, struct dentry *dir, const struct qstr *name)
{
	struct dentry *d;

	if (w->flags & LOOKUP_CACHED)
		return ERR_PTR(-EAGAIN);
	down_write(&dir->d_inode->i_rwsem);
	d = lookup_one_locked(dir, name);
	up_write(&dir->d_inode->i_rwsem);
	return d;
}

static __always_inline struct dentry *lookup_child(struct walk *w, const struct qstr *name)
{
	struct dentry *dir = w->path.dentry, *d = d_lookup_fast(dir, name);

	if (d && unlikely(d->d_flags & DCACHE_REVALIDATE))
		d = revalidate(d, w->flags);
	if (unlikely(!d))
		d = lookup_slow(w, dir, name);
	return d;
}

static int step_dotdot(struct walk *w)
{
	walk_need_root(w);
	for (;;) {
		struct dentry *parent;

		if (path_equal(&w->path, &w->root)) {
			if (w->flags & LOOKUP_BENEATH)
				return -EXDEV;
			break;
		}
		if (w->path.dentry != w->path.mnt->mnt_root) {
			parent = dget_parent(w->path.dentry);
			dput(w->path.dentry);
			w->path.dentry = parent;
			break;
		}
		if (!path_follow_up(&w->path))
			break;
		if (w->flags & LOOKUP_NO_XDEV)
			return -EXDEV;
	}
	if (path_follow_mounts(&w->path) && (w->flags & LOOKUP_NO_XDEV))
		return -EXDEV;
	return 0;
}

/* Stands at `to` from now on; takes over its references. */
static void walk_move(struct walk *w, const struct path *to)
{
	path_put(&w->path);
	w->path = *to;
}

static int link_text(struct walk *w, struct dentry *link, struct inode *inode,
		     struct link_target *lt)
{
	lt->to_free = NULL;
	lt->is_jump = false;
	if (!inode->i_op->get_link) {
		lt->text = inode->i_link;
		return 0;
	}
	return inode->i_op->get_link(link, inode, lt);
}

static int link_jump(struct walk *w, struct link_target *lt)
{
	int err = 0;

	if (w->flags & LOOKUP_NO_MAGICLINKS)
		err = -ELOOP;
	else if (w->flags & (LOOKUP_BENEATH | LOOKUP_IN_ROOT))
		err = -EXDEV;
	else if ((w->flags & LOOKUP_NO_XDEV) && lt->jump.mnt != w->path.mnt)
		err = -EXDEV;
	if (err)
		path_put(&lt->jump);
	else
		walk_move(w, &lt->jump);
	return err;
}

/*
 * Goes into the link `link`, whose reference it takes over. Returns 1 with w->text to be
 * walked and a stack entry whose `rest` the caller sets; 0 after a jump; or errno.
 */
static int step_link(struct walk *w, struct dentry *link, struct inode *inode)
{
	struct path at = { .mnt = w->path.mnt, .dentry = link };
	struct link_target lt;
	int err = -ELOOP;

	if (w->links++ >= MAX_SYMLINKS || (w->flags & LOOKUP_NO_SYMLINKS) ||
	    (w->path.mnt->mnt_flags & MNT_NOSYMFOLLOW))
		goto out;
	path_accessed(&at);
	err = link_text(w, link, inode, &lt);
	if (err)
		goto out;
	if (lt.is_jump) {
		err = link_jump(w, &lt);
		goto out;
	}
	err = lt.text[0] ? 0 : -ENOENT;
	if (!err && lt.text[0] == '/') {
		struct path root;

		if (!(w->flags & LOOKUP_BENEATH)) {
			walk_need_root(w);
			if ((w->flags & LOOKUP_NO_XDEV) && w->root.mnt != w->path.mnt)
				err = -EXDEV;
		} else {
			err = -EXDEV;
		}
		if (!err) {
			root = w->root;
			path_get(&root);
			walk_move(w, &root);
		}
	}
	if (err) {
		kfree(lt.to_free);
		goto out;
	}
	w->text = lt.text;
	w->stack[w->depth++] = (struct saved_name){ NULL, lt.to_free, link };
	return 1;
out:
	dput(link);
	return err;
}

/* Crosses what is mounted on d (reference taken over) and stands there. */
static int step_mounts(struct walk *w, struct dentry *d)
{
	struct path next = { .mnt = mnt_get(w->path.mnt), .dentry = d };

	if (path_follow_mounts(&next) && (w->flags & LOOKUP_NO_XDEV)) {
		path_put(&next);
		return -EXDEV;
	}
	walk_move(w, &next);
	return 0;
}

int walk_step_to(struct walk *w, struct dentry *d, bool follow)
{
	struct inode *inode = smp_load_acquire(&d->d_inode);

	if (unlikely(!inode)) {
		dput(d);
		return -ENOENT;
	}
	if (unlikely(d->d_flags & DCACHE_MOUNTED))
		return step_mounts(w, d);
	if (unlikely(S_ISLNK(inode->i_mode)) && follow)
		return step_link(w, d, inode);
	dput(w->path.dentry);
	w->path.dentry = d;
	return 0;
}

static __always_inline int step_part(struct walk *w, const struct qstr *q, enum last_type type,
				     bool follow)
{
	struct dentry *d;

	if (unlikely(type != LAST_NORM))
		return type == LAST_DOTDOT ? step_dotdot(w) : 0;
	d = lookup_child(w, q);
	if (IS_ERR(d))
		return (int)PTR_ERR(d);
	return walk_step_to(w, d, follow);
}

/* ---- whole paths ---- */

/* The current text ended inside a link in the middle: goes on with what followed it. */
static const char *resume_rest(struct walk *w, const struct name_part *part, int *err)
{
	struct saved_name old = w->stack[--w->depth];
	struct qstr q = { part->start, part->len, part->hash };
	const char *s = old.rest;

	*err = step_part(w, &q, part->type, true);
	saved_release(&old);
	if (*err == 1) {
		w->stack[w->depth - 1].rest = s;
		s = w->text;
	}
	return s;
}

static __always_inline bool in_middle_link(const struct walk *w)
{
	return unlikely(w->depth) && w->stack[w->depth - 1].rest;
}

int walk_to_last(struct walk *w, const char *s)
{
	struct name_part part;
	const char *after;
	int err;

	for (;;) {
		s = name_skip_slashes(s);
		if (unlikely(!*s)) {
			if (!in_middle_link(w)) {
				w->last.type = LAST_ROOT;
				w->last.slashes = true;
				return 0;
			}
			s = w->stack[--w->depth].rest;
			saved_release(&w->stack[w->depth]);
			continue;
		}
		err = may_pass(w->path.dentry->d_inode);
		if (likely(!err))
			err = name_cut(s, &part);
		if (unlikely(err))
			return err;
		after = name_skip_slashes(part.next);
		if (!*after && likely(!in_middle_link(w))) {
			w->last.q = (struct qstr){ part.start, part.len, part.hash };
			w->last.type = part.type;
			w->last.slashes = after != part.next;
			if (w->last.slashes)
				w->need_dir = true;
			return 0;
		}
		if (unlikely(!*after)) {
			s = resume_rest(w, &part, &err);
		} else {
			struct qstr q = { part.start, part.len, part.hash };

			err = step_part(w, &q, part.type, true);
			s = after;
			if (unlikely(err == 1)) {
				w->stack[w->depth - 1].rest = after;
				s = w->text;
			}
		}
		if (unlikely(err < 0))
			return err;
	}
}

int walk_last(struct walk *w, bool follow)
{
	int err;

	if (w->last.type == LAST_ROOT)
		return 0;
	err = step_part(w, &w->last.q, w->last.type, follow || w->last.slashes);
	if (err == 1)
		w->stack[w->depth - 1].rest = NULL;
	return err;
}

int walk_finish(struct walk *w, struct path *out)
{
	int err = 0;

	if (w->text) {
		do {
			err = walk_to_last(w, w->text);
			if (likely(!err))
				err = walk_last(w, w->flags & LOOKUP_FOLLOW);
		} while (unlikely(err == 1));
	}
	if (!err && w->need_dir && !S_ISDIR(w->path.dentry->d_inode->i_mode))
		err = -ENOTDIR;
	walk_end(w);
	if (unlikely(err))
		path_put(&w->path);
	else
		*out = w->path;
	return err;
}

int path_lookup(int dfd, const char *name, unsigned flags, struct path *out)
{
	struct walk w;
	int err = walk_start(&w, dfd, name, flags);

	return unlikely(err) ? err : walk_finish(&w, out);
}

int path_lookup_user(int dfd, const char __user *name, unsigned flags, struct path *out)
{
	struct filename fn;
	int err = getname_flags(&fn, name, flags & LOOKUP_EMPTY);

	if (unlikely(err))
		return err;
	err = path_lookup(dfd, fn.name, flags, out);
	putname(&fn);
	return err;
}

int path_parent(int dfd, const char *name, unsigned flags, struct path *parent,
		struct last_name *last)
{
	struct walk w;
	int err = walk_start(&w, dfd, name, flags | LOOKUP_PARENT);

	if (err)
		return err;
	err = walk_to_last(&w, w.text);
	walk_end(&w);
	if (err) {
		path_put(&w.path);
		return err;
	}
	*parent = w.path;
	*last = w.last;
	return 0;
}

/* Returns with the directory locked; path_create_done() unlocks. */
struct dentry *path_create(int dfd, const char *name, struct path *parent, bool is_dir)
	NO_THREAD_SAFETY_ANALYSIS
{
	struct last_name last;
	struct dentry *d;
	int err = path_parent(dfd, name, 0, parent, &last), ro;

	if (err)
		return ERR_PTR(err);
	if (last.type != LAST_NORM) {
		path_put(parent);
		return ERR_PTR(-EEXIST);
	}
	ro = mnt_want_write(parent->mnt);
	down_write(&parent->dentry->d_inode->i_rwsem);
	d = lookup_one_locked(parent->dentry, &last.q);
	err = PTR_ERR_OR_ZERO(d);
	if (!err) {
		if (d_is_positive(d))
			err = -EEXIST;
		else if (last.slashes && !is_dir)
			err = -ENOENT;
		else
			err = ro;
		if (!err)
			return d;
		dput(d);
	}
	up_write(&parent->dentry->d_inode->i_rwsem);
	if (!ro)
		mnt_drop_write(parent->mnt);
	path_put(parent);
	return ERR_PTR(err);
}

void path_create_done(struct path *parent, struct dentry *dentry) NO_THREAD_SAFETY_ANALYSIS
{
	up_write(&parent->dentry->d_inode->i_rwsem);
	dput(dentry);
	mnt_drop_write(parent->mnt);
	path_put(parent);
}
