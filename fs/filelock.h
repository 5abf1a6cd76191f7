/* SPDX-License-Identifier: BSD-2-Clause */
/* The records behind fcntl and flock locks, for locks.c and its tests. */
#ifndef FS_FILELOCK_H
#define FS_FILELOCK_H

#include <fs/fs.h>

enum lock_kind { LK_POSIX, LK_OFD, LK_FLOCK };

struct file_lock {
	struct list_head link;       /* locks_lock */
	struct list_head all;        /* locks_lock */
	void            *owner;      /* struct files (POSIX) or struct file */
	struct inode    *inode;
	loff_t           start, end; /* inclusive; S64_MAX = end of file */
	pid_t            pid;
	u8               kind;       /* LK_* */
	u8               type;       /* F_RDLCK, F_WRLCK; F_UNLCK in requests */
};

struct file_lock_list {
	struct list_head  locks;     /* locks_lock */
	struct wait_queue wq;
	u64               changes;   /* locks_lock: counts changes, for waiters */
};

/*
 * Locks or unlocks a range. 0; -EAGAIN held by another; if `wait` instead -EDEADLK or
 * -ERESTARTSYS; -ENOLCK out of memory. req is clobbered.
 */
int file_lock_set(struct file_lock *req, bool wait);

#endif /* FS_FILELOCK_H */
