/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the two halves of inotify share: inotify.c knows watches and makes events,
 * inotify_file.c is the descriptor that they are read from.
 */
#ifndef FS_INOTIFY_H
#define FS_INOTIFY_H

#include <fs/notify.h>
#include <kernel/cred.h>
#include <kernel/wait.h>

#define INOTIFY_MAX_QUEUED	16384	/* events of a descriptor */
#define INOTIFY_MAX_INSTANCES	128	/* descriptors of a user */
#define INOTIFY_MAX_WATCHES	65536	/* watches of a user */

/* An event as it waits to be read. */
struct inotify_item {
	struct list_head link;
	int              wd;
	u32              mask, cookie;
	u32              len;		/* of name, without the NUL */
	char             name[];
};

/*
 * Locks:  q  wq.lock, IRQs off     n  inotify_lock     i  never changes
 * inotify_lock is outside wq.lock.
 */
struct inotify {
	struct wait_queue   wq;
	struct list_head    items;	/* q */
	u32                 nr_items;	/* q */
	bool                overflowed;	/* q  `overflow` is in items */
	struct list_head    watches;	/* n */
	int                 next_wd;	/* n */
	struct user_count  *user;	/* i  counted */
	struct inotify_item overflow;	/* q */
};

/* One inode watched by one descriptor. It holds the inode. */
struct inotify_watch {
	struct inotify_watch *next;	/* n  of the inode */
	struct list_head      link;	/* n  of the descriptor */
	struct inotify       *owner;	/* i */
	struct inode         *inode;	/* i  counted */
	int                   wd;	/* i */
	u32                   mask;	/* n */
};

extern spinlock_t inotify_lock;

/* Adds or changes a watch: its number, or -EEXIST, -ENOSPC, -ENOMEM. */
int inotify_watch_add(struct inotify *in, struct inode *inode, u32 mask);
/* 0 or -EINVAL. */
int inotify_watch_remove(struct inotify *in, int wd);
/* The descriptor goes: all of its watches, without events. */
void inotify_watch_remove_all(struct inotify *in);
/* Puts an event into the queue; inotify_lock held. */
void inotify_queue(struct inotify *in, int wd, u32 mask, u32 cookie, const struct qstr *name);

#endif /* FS_INOTIFY_H */
