/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The state of a path walk, for namei.c and for open, which takes the last step itself.
 */
#ifndef FS_WALK_H
#define FS_WALK_H

#include <fs/namei.h>

/* What is left to do after a link: its text must live until then. */
struct saved_name {
	const char    *rest;       /* NULL: the link was the last component */
	void          *to_free;
	struct dentry *hold;       /* the link itself, counted */
};

struct walk {
	struct path       path;    /* where the walk stands, counted; the caller's at the end */
	struct path       root;    /* counted if mnt is set */
	struct last_name  last;
	unsigned          flags;   /* LOOKUP_* */
	unsigned          depth, links;
	bool              need_dir;
	const char       *text;    /* of the link just entered */
	struct saved_name stack[MAX_SYMLINKS];
};

int  walk_start(struct walk *w, int dfd, const char *name, unsigned flags);
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
