/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SEM_UNDO: what a process has taken from semaphores is given back when it exits.
 *
 * Each task that asked for it has a list, shared by CLONE_SYSVSEM, with one entry for each
 * set. An entry keeps its set's memory, not the set: when that is removed the entry is of no
 * use any more, and goes when the list is searched the next time or ends.
 *
 * Lock order: set->obj.lock, list->lock.
 */
#include <ipc/sysv.h>
#include <kernel/task.h>
#include <lib/err.h>
#include <linux/sched.h>
#include <mm/slab.h>
#include "sem.h"

struct sem_undo_list {
	refcount_t	refs;		/* tasks */
	spinlock_t	lock;
	struct list_head undos;		/* lock  sem_undo.link */
};

static struct sem_undo_list *list_get_own(void)
{
	struct sem_undo_list *list = current->sem_undo;

	if (list)
		return list;
	list = kmalloc(sizeof(*list), GFP_KERNEL);
	if (!list)
		return NULL;
	refcount_set(&list->refs, 1);
	spin_lock_init(&list->lock);
	INIT_LIST_HEAD(&list->undos);
	current->sem_undo = list;
	return list;
}

/* The entry for `set`. Entries of dead sets go to `stale`. */
static struct sem_undo *find(struct sem_undo_list *list, struct sem_set *set,
			     struct list_head *stale) REQUIRES(list->lock)
{
	struct sem_undo *undo, *next, *found = NULL;

	list_for_each_entry_safe(undo, next, &list->undos, link) {
		if (READ_ONCE(undo->set->obj.dead))
			list_move(&undo->link, stale);
		else if (undo->set == set)
			found = undo;
	}
	return found;
}

static void undo_free(struct sem_undo *undo)
{
	ipc_put(&sem_table, &undo->set->obj);
	kvfree(undo);
}

struct sem_undo *sem_undo_get(struct sem_set *set)
{
	struct sem_undo_list *list = list_get_own();
	struct sem_undo *undo, *next, *fresh = NULL;
	LIST_HEAD(stale);

	if (!list)
		return ERR_PTR(-ENOMEM);
	for (;;) {
		spin_lock(&set->obj.lock);
		spin_lock(&list->lock);
		undo = set->obj.dead ? ERR_PTR(-EIDRM) : find(list, set, &stale);
		if (!undo && fresh) {
			undo = fresh;
			fresh = NULL;
			refcount_inc(&set->obj.refs);
			list_add(&undo->link, &list->undos);
			list_add(&undo->set_link, &set->undos);
		}
		spin_unlock(&list->lock);
		spin_unlock(&set->obj.lock);
		if (undo)
			break;
		fresh = kvzalloc(sizeof(*fresh) + (size_t)set->n * sizeof(s16), GFP_KERNEL);
		if (!fresh) {
			undo = ERR_PTR(-ENOMEM);
			break;
		}
		fresh->set = set;
	}
	kvfree(fresh);
	list_for_each_entry_safe(fresh, next, &stale, link)
		undo_free(fresh);
	return undo;
}

void sem_undo_clear(struct sem_set *set, int num)
{
	struct sem_undo *undo;

	list_for_each_entry(undo, &set->undos, set_link)
		for (int i = num < 0 ? 0 : num; i < set->n && (num < 0 || i == num); i++)
			undo->adjust[i] = 0;
}

/* The list is nobody else's any more. */
static void apply(struct sem_undo *undo)
{
	struct sem_set *set = undo->set;
	bool changed = false;

	spin_lock(&set->obj.lock);
	for (int i = 0; i < set->n && !set->obj.dead; i++) {
		struct sem *sem = &set->sems[i];

		if (!undo->adjust[i])
			continue;
		sem->value = min(max(sem->value + undo->adjust[i], 0), SEMVMX);
		sem->pid = current->proc->pid;
		changed = true;
	}
	if (!set->obj.dead)
		list_del(&undo->set_link);
	if (changed) {
		set->otime = ipc_now();
		sem_update(set);
	}
	spin_unlock(&set->obj.lock);
}

void sysvsem_exit(void)
{
	struct sem_undo_list *list = current->sem_undo;
	struct sem_undo *undo, *next;

	current->sem_undo = NULL;
	if (!list || !refcount_dec_and_test(&list->refs))
		return;
	list_for_each_entry_safe(undo, next, &list->undos, link) {
		apply(undo);
		undo_free(undo);
	}
	kfree(list);
}

int sysvsem_clone(struct task *child, u64 flags)
{
	struct sem_undo_list *list;

	if (likely(!(flags & CLONE_SYSVSEM)))
		return 0;
	list = list_get_own();
	if (!list)
		return -ENOMEM;
	refcount_inc(&list->refs);
	child->sem_undo = list;
	return 0;
}

void sysvsem_drop(struct task *child)
{
	/* The creator, which shares it, is alive: never the last. */
	if (child->sem_undo)
		refcount_dec(&child->sem_undo->refs);
	child->sem_undo = NULL;
}
