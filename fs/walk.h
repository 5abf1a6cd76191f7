/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The state of a path walk, for namei.c and for open, which takes the last step itself.
 */
#ifndef FS_WALK_H
#define FS_WALK_H

#include <fs/namei.h>

/* ---- the walk that peeks (peek.c) ---- */

/*
 * Most paths lead through cached directories, and then a walk needs to hold none of them:
 * it peeks (<kernel/peek.h>) from dentry to dentry, and counts at most the place where it
 * ends. What it cannot do that way (a name that is not cached, a symbolic link, "..", a
 * file system that wants to be asked) it leaves to the walk with counts, which goes on
 * where this one stopped.
 */
struct peek {
	struct path at;         /* uncounted: good until peek_end() */
	const char *rest;       /* PEEK_PART: text still to be walked from there */
};

enum peeked {
	PEEK_ALL  = 0,          /* `at` is the place */
	PEEK_PART = 1,          /* `at` is a directory on the way */
	PEEK_NONE = 2,          /* it did not begin */
};

/*
 * Between peek_begin() and peek_end(): walks `name`, without the last component if flags
 * have LOOKUP_PARENT. PEEK_*, or -ENOENT.
 */
int walk_peek(struct peek *p, int dfd, const char *name, unsigned flags);

/* ---- the walk with counts (namei.c) ---- */

/* What is left to do after a link: its text must live until then. */
struct saved_name {
	const char    *rest;       /* NULL: the link was the last component */
	void          *to_free;
	struct dentry *hold;       /* the link itself, counted */
};

struct walk {
	struct peek       peek;    /* how it began */
	struct path       path;    /* where the walk stands, counted; the caller's at the end */
	struct path       root;    /* counted if mnt is set */
	struct last_name  last;
	unsigned          flags;   /* LOOKUP_* */
	unsigned          depth, links;
	bool              need_dir;
	const char       *text;    /* to be walked next: of the link just entered */
	struct saved_name stack[MAX_SYMLINKS];
};

/*
 * Begins, and goes as far as peeking gets: w->text is the rest, NULL if there is none. 0, or
 * errno and nothing is held. With LOOKUP_PARENT the last component is left for later.
 */
int  walk_start(struct walk *w, int dfd, const char *name, unsigned flags);
/* The same with the peek behind it, whose result was `peeked`; calls peek_end(). */
int  walk_settle(struct walk *w, int dfd, const char *name, unsigned flags, int peeked);
/* What path_lookup() does after that. */
int  walk_finish(struct walk *w, struct path *out);
/* Walks all but the last component of the path (or of the final link's text). */
int  walk_to_last(struct walk *w, const char *s);
/* Takes the last step: 0, 1 = a link to follow (walk_to_last(w->text) next), or errno. */
int  walk_last(struct walk *w, bool follow);
/* Steps on a dentry found by the caller (reference taken over): as walk_last(). The caller
 * clears stack[depth - 1].rest after a 1; it is NULL already. */
int  walk_step_to(struct walk *w, struct dentry *d, bool follow);
/* Releases all but w->path. */
void walk_end(struct walk *w);

#endif /* FS_WALK_H */
