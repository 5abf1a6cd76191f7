/* SPDX-License-Identifier: BSD-2-Clause */
/* A shared memory segment, for shm.c and shm_ctl.c. */
#ifndef IPC_SHM_H
#define IPC_SHM_H

#include "object.h"

/* In obj.mode, as shmctl(2) shows them. */
#define SHM_DEST	01000		/* goes with the last detach */
#define SHM_LOCKED	02000

/* Locks:  l  obj.lock   i  never changes */
struct shm {
	struct ipc_object obj;
	struct file	*file;		/* i  of tmpfs; holds the pages */
	u64		size;		/* i  bytes as asked for */
	u64		committed;	/* i  pages promised in mm_commit() */
	u32		attached;	/* l  mappings */
	long		atime, dtime, ctime; /* l  seconds since 1970 */
	pid_t		cpid, lpid;	/* l */
	struct user_count *locker;	/* l  charged for SHM_LOCK, counted */
};

static inline struct shm *shm_of(struct ipc_object *obj)
{
	return container_of(obj, struct shm, obj);
}

static inline u64 shm_pages(const struct shm *shm)
{
	return (shm->size + PAGE_SIZE - 1) >> PAGE_SHIFT;
}

/* Pages of all segments. */
u64 shm_total_pages(void);
/* Ends SHM_LOCK. obj.lock held. */
void shm_unlock_pages(struct shm *shm);

#endif
