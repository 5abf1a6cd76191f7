/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Semaphore sets, for sem.c, sem_ctl.c and sem_undo.c.
 *
 * An operation that cannot be done yet waits in its set's queue. Whoever changes a value does
 * what can be done now on behalf of those who wait, in the order of their arrival, sets their
 * status and wakes them: a sleeper never tries again by itself.
 */
#ifndef IPC_SEM_H
#define IPC_SEM_H

#include <linux/sem.h>
#include "object.h"

struct task;

struct sem {
	int	value;			/* 0..SEMVMX */
	pid_t	pid;			/* who changed it last */
};

/* Locks:  l  obj.lock   i  never changes */
struct sem_set {
	struct ipc_object obj;
	int		n;		/* i */
	long		otime, ctime;	/* l  seconds since 1970 */
	struct list_head waiting;	/* l  sem_wait.link, first come first */
	struct list_head undos;		/* l  sem_undo.set_link */
	struct sem	sems[];		/* l */
};

/* One semop(2), on its caller's stack. All under the set's lock once it is queued. */
struct sem_wait {
	struct list_head link;
	struct task	*task;
	pid_t		pid;
	const struct sembuf *ops;
	unsigned int	n;
	bool		alters;		/* not only waits for zero */
	struct sem_undo	*undo;		/* if an operation has SEM_UNDO */
	const struct sembuf *blocking;	/* the operation it waits for */
	int		status;		/* SEM_WAITING, then 0 or -errno */
};
#define SEM_WAITING 1

/* What a list of undos will add to one set. Lives as long as the list, or the set. */
struct sem_undo {
	struct list_head set_link;	/* the set's lock; empty when the set is dead */
	struct list_head link;		/* list->lock */
	struct sem_set	*set;		/* i  counted */
	s16		adjust[];	/* the set's lock */
};

static inline struct sem_set *sem_set_of(struct ipc_object *obj)
{
	return container_of(obj, struct sem_set, obj);
}

/* Values changed: does what waiters wait for. Holds set->obj.lock. */
void sem_update(struct sem_set *set);
/* Ends every wait with this errno. Holds set->obj.lock. */
void sem_end_waits(struct sem_set *set, int error);
/* All semaphores of all sets. */
int sem_total(void);

/* current's adjustments for a set, or ERR_PTR(-ENOMEM, -EIDRM). May sleep. */
struct sem_undo *sem_undo_get(struct sem_set *set);
/* Forgets adjustments of semaphore `num`, or of all (-1). Holds set->obj.lock. */
void sem_undo_clear(struct sem_set *set, int num);

#endif
