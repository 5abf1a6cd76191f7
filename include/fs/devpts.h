/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * devpts: the file system of pseudo terminals' names. As on Linux today each mount is an
 * instance of its own, with its own numbers and its own "ptmx"; `newinstance` is accepted
 * and changes nothing.
 *
 * A node holds a reference on its terminal, so whoever has a node may open it, though the
 * terminal may be gone by then. The terminal's driver holds the super block.
 * Context: task; all of it may sleep.
 */
#ifndef FS_DEVPTS_H
#define FS_DEVPTS_H

#include <fs/fs.h>

struct tty;

#define DEVPTS_MINORS	(1u << MINORBITS)
#define TTYAUX_MAJOR	5
#define TTY_PTMX_DEV	MKDEV(TTYAUX_MAJOR, 2)
#define PTS_MAJOR	136

/*
 * The instance that opening the path `ptmx` means: the one the path lies in, or else the one
 * mounted on "pts" beside it. *root is counted. 0, -ENODEV: "pts" is none, -ENOENT.
 */
int devpts_find(const struct path *ptmx, struct path *root);
/* The lowest free number, or -ENOSPC (max=, the system's limit), -ENOMEM. */
int devpts_number_get(struct super *sb);
void devpts_number_put(struct super *sb, unsigned nr);
/* The node of terminal `nr`, owned by current or as the mount says: counted, or ERR_PTR. */
struct dentry *devpts_add(struct super *sb, unsigned nr, struct tty *tty);
/* Its name goes; the caller's reference is dropped. */
void devpts_remove(struct dentry *node);
/* The terminal of a node, valid as long as the inode; NULL for an inode of another kind. */
struct tty *devpts_tty(const struct inode *inode);

#endif
