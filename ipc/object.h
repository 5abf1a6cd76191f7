/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What segments, semaphore sets and message queues have in common: a key, an id, an owner and
 * permission bits, and a table to find them in.
 *
 * An id is a slot of the table plus a sequence number times IPC_SLOTS, so that an id of a
 * removed object is not soon another's. The table holds one reference on each object; whoever
 * finds one gets another, takes obj->lock and looks at obj->dead: a removed object lives on
 * for as long as somebody refers to it, and its sleepers return EIDRM.
 *
 * Context: task. No function here sleeps but ipc_get(). Lock order: obj->lock, ids->lock.
 */
#ifndef IPC_OBJECT_H
#define IPC_OBJECT_H

#include <arch/atomic.h>
#include <kernel/spinlock.h>
#include <lib/idr.h>
#include <lib/list.h>
#include <lib/types.h>
#include <linux/ipc.h>

#define IPC_SLOTS	32768
#define IPC_BUCKET_BITS	6

/* Locks:  l  lock   t  the table's lock   i  never changes once it has an id */
struct ipc_object {
	spinlock_t	lock;
	refcount_t	refs;
	bool		dead;		/* l  not in the table any more */
	int		id;		/* i */
	__kernel_key_t	key;		/* t  IPC_PRIVATE: found by id alone */
	uid_t		uid;		/* l  the owner, ... */
	gid_t		gid;		/* l */
	uid_t		cuid;		/* i  and the creator */
	gid_t		cgid;		/* i */
	umode_t		mode;		/* l  permission bits, and SHM_DEST, SHM_LOCKED */
	u16		seq;		/* i */
	struct hlist_node hash;		/* t  by key */
};

struct ipc_table {
	spinlock_t	lock;
	struct idr	idr;		/* lock */
	struct hlist_head by_key[1 << IPC_BUCKET_BITS]; /* lock */
	int		count;		/* lock */
	u32		seq;		/* lock */
	int		last_slot;	/* lock */
	const int	*max;		/* how many there may be (a sysctl) */
	/* A new object with refs 1 for the table. ERR_PTR: -EINVAL -ENOSPC -ENOMEM ... */
	struct ipc_object *(*create)(__kernel_key_t key, int flags, size_t arg);
	/* Is what is there good enough for ipc_get()'s arg? 0 or -EINVAL. */
	int		(*check)(const struct ipc_object *obj, size_t arg);
	/* The last reference is gone. May sleep. */
	void		(*destroy)(struct ipc_object *obj);
};

#define IPC_TABLE(name, limit, create_fn, check_fn, destroy_fn) \
	struct ipc_table name = { .lock = SPINLOCK_INIT, .last_slot = -1, .max = (limit), \
		.create = (create_fn), .check = (check_fn), .destroy = (destroy_fn) }

/* What the three get calls do with their key and flags. The id or -errno. */
long ipc_get(struct ipc_table *table, __kernel_key_t key, int flags, size_t arg);

/* Owner and permission bits of a new object, refs 1. */
void ipc_object_init(struct ipc_object *obj, int flags);

/* A counted object by id, or NULL. It may be dead by the time its lock is taken. */
struct ipc_object *ipc_find(struct ipc_table *table, int id);
/* By slot, which is what the *_STAT commands take; the rest of the number is ignored. */
struct ipc_object *ipc_find_slot(struct ipc_table *table, int id);
/* The next one from slot *slot on, which becomes its slot. For walks: start at 0, then add 1. */
struct ipc_object *ipc_next(struct ipc_table *table, u64 *slot);
void ipc_put(struct ipc_table *table, struct ipc_object *obj);
/* The highest slot in use, or 0: what *_INFO returns. */
int ipc_top_slot(struct ipc_table *table);

/* May current do what the S_IRUGO and S_IWUGO bits of `want` say? obj->lock held. 0, -EACCES. */
int ipc_permission(const struct ipc_object *obj, int want);
/* May current change or remove it? obj->lock held. 0, -EPERM. */
int ipc_owner(const struct ipc_object *obj);
/* IPC_SET's part of it. obj->lock held. 0, -EINVAL. */
int ipc_set_perm(struct ipc_object *obj, const struct ipc64_perm *in);
void ipc_get_perm(const struct ipc_object *obj, struct ipc64_perm *out);

/* Takes it out of the table, whose reference becomes the caller's. obj->lock held. */
void ipc_remove(struct ipc_table *table, struct ipc_object *obj);
/* Takes only its key away. obj->lock held. */
void ipc_forget_key(struct ipc_table *table, struct ipc_object *obj);

/* Seconds since 1970. */
long ipc_now(void);

/* ---- the three kinds, for /proc/sysvipc (sysvipc_proc.c) ---- */

struct seq_file;
extern struct ipc_table shm_table, sem_table, msg_table;
extern int shm_max_count, msg_max_count, msg_max_bytes, msg_default_bytes;
extern u64 shm_max_bytes, shm_max_pages;
extern int sem_limits[4];	/* SEMMSL SEMMNS SEMOPM SEMMNI, as kernel.sem has them */
#define SEM_MAX_SETS sem_limits[3]
void shm_show(struct seq_file *m, struct ipc_object *obj);
void sem_show(struct seq_file *m, struct ipc_object *obj);
void msg_show(struct seq_file *m, struct ipc_object *obj);

#endif
