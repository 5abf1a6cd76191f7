/* SPDX-License-Identifier: BSD-2-Clause */
/* System V semaphores: sets, and semop(2). */
#include <arch/uaccess.h>
#include <fs/seq_file.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <lib/err.h>
#include <mm/slab.h>
#include "sem.h"

#define FAST_OPS 16		/* operations kept on the stack */

int sem_limits[4] = { 32000, 1024000000, 500, 32000 };
#define MAX_PER_SET	READ_ONCE(sem_limits[0])
#define MAX_TOTAL	READ_ONCE(sem_limits[1])
#define MAX_OPS		READ_ONCE(sem_limits[2])

static atomic_t total;

int sem_total(void)
{
	return atomic_read(&total);
}

/* ---- sets ---- */

static struct ipc_object *sem_create(__kernel_key_t key, int flags, size_t n)
{
	struct sem_set *set;

	if (!n)
		return ERR_PTR(-EINVAL);
	if (atomic_add_return((int)n, &total) > MAX_TOTAL) {
		atomic_sub((int)n, &total);
		return ERR_PTR(-ENOSPC);
	}
	set = kvzalloc(sizeof(*set) + n * sizeof(set->sems[0]), GFP_KERNEL);
	if (!set) {
		atomic_sub((int)n, &total);
		return ERR_PTR(-ENOMEM);
	}
	ipc_object_init(&set->obj, flags);
	set->n = (int)n;
	set->ctime = ipc_now();
	INIT_LIST_HEAD(&set->waiting);
	INIT_LIST_HEAD(&set->undos);
	return &set->obj;
}

static int sem_check(const struct ipc_object *obj, size_t n)
{
	return (size_t)container_of_const(obj, struct sem_set, obj)->n < n ? -EINVAL : 0;
}

static void sem_destroy(struct ipc_object *obj)
{
	struct sem_set *set = sem_set_of(obj);

	atomic_sub(set->n, &total);
	kvfree(set);
}

IPC_TABLE(sem_table, &SEM_MAX_SETS, sem_create, sem_check, sem_destroy);

SYSCALL_DEFINE3(semget, __kernel_key_t, key, int, n, int, flags)
{
	if (n < 0 || n > MAX_PER_SET)
		return -EINVAL;
	return ipc_get(&sem_table, key, flags, (size_t)n);
}

void sem_show(struct seq_file *m, struct ipc_object *obj)
{
	struct sem_set *set = sem_set_of(obj);

	seq_printf(m, "%10d %10d  %4o %10u %5u %5u %5u %5u %10llu %10llu\n",
		   READ_ONCE(obj->key), obj->id, obj->mode, (u32)set->n, obj->uid, obj->gid,
		   obj->cuid, obj->cgid, (unsigned long long)set->otime,
		   (unsigned long long)set->ctime);
}

/* ---- operations ---- */

static void roll_back(struct sem_set *set, const struct sem_wait *w, unsigned int n)
{
	while (n--) {
		const struct sembuf *op = &w->ops[n];

		set->sems[op->sem_num].value -= op->sem_op;
		if (op->sem_flg & SEM_UNDO)
			w->undo->adjust[op->sem_num] += op->sem_op;
	}
}

/* One operation: 0, or SEM_WAITING, or -ERANGE, with nothing changed. */
static int try_one(struct sem_set *set, const struct sem_wait *w, const struct sembuf *op)
{
	struct sem *sem = &set->sems[op->sem_num];
	int value = sem->value + op->sem_op;

	if ((!op->sem_op && sem->value) || value < 0)
		return SEM_WAITING;
	if (value > SEMVMX)
		return -ERANGE;
	if (op->sem_flg & SEM_UNDO) {
		int adjust = w->undo->adjust[op->sem_num] - op->sem_op;

		if (adjust < -SEMAEM - 1 || adjust > SEMAEM)
			return -ERANGE;
		w->undo->adjust[op->sem_num] = (s16)adjust;
	}
	sem->value = value;
	return 0;
}

/* All or nothing: 0, SEM_WAITING, -EAGAIN (IPC_NOWAIT), -ERANGE. Holds set->obj.lock. */
static int try_ops(struct sem_set *set, struct sem_wait *w)
{
	for (unsigned int i = 0; i < w->n; i++) {
		int ret = try_one(set, w, &w->ops[i]);

		if (!ret)
			continue;
		roll_back(set, w, i);
		w->blocking = &w->ops[i];
		return ret == SEM_WAITING && (w->ops[i].sem_flg & IPC_NOWAIT) ? -EAGAIN : ret;
	}
	for (unsigned int i = 0; i < w->n; i++)
		set->sems[w->ops[i].sem_num].pid = w->pid;
	set->otime = ipc_now();
	return 0;
}

/* The waiter cannot go before it gets the lock that is held here. */
static void end_wait(struct sem_wait *w, int status)
{
	list_del_init(&w->link);
	w->status = status;
	task_wake(w->task, TASK_INTERRUPTIBLE);
}

void sem_update(struct sem_set *set)
{
	struct sem_wait *w, *next;
	bool again;

	do {
		again = false;
		list_for_each_entry_safe(w, next, &set->waiting, link) {
			int ret = try_ops(set, w);

			if (ret == SEM_WAITING)
				continue;
			end_wait(w, ret);
			/* Those before it in the queue may be able to go now. */
			if (!ret && w->alters) {
				again = true;
				break;
			}
		}
	} while (again);
}

void sem_end_waits(struct sem_set *set, int error)
{
	struct sem_wait *w, *next;

	list_for_each_entry_safe(w, next, &set->waiting, link)
		end_wait(w, error);
}

/* Sleeps in the queue until the deadline. Holds set->obj.lock, dropped while asleep. */
static int wait_in_queue(struct sem_set *set, struct sem_wait *w, nsec_t deadline)
	REQUIRES(set->obj.lock)
{
	bool late = false;

	w->status = SEM_WAITING;
	w->task = current;
	list_add_tail(&w->link, &set->waiting);
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		spin_unlock(&set->obj.lock);
		if (wait_signal_pending(TASK_INTERRUPTIBLE) || late)
			;
		else if (deadline == NSEC_MAX)
			schedule();
		else
			late = schedule_until(deadline);
		set_current_state(TASK_RUNNING);
		spin_lock(&set->obj.lock);
		if (w->status != SEM_WAITING)
			return w->status;
		if (!late && !wait_signal_pending(TASK_INTERRUPTIBLE))
			continue;
		list_del(&w->link);
		return late ? -EAGAIN : -EINTR;
	}
}

static long do_ops(struct sem_set *set, struct sem_wait *w, nsec_t deadline)
{
	long ret;

	spin_lock(&set->obj.lock);
	if (set->obj.dead)
		ret = -EIDRM;
	else
		ret = ipc_permission(&set->obj, w->alters ? 0222 : 0444);
	if (!ret)
		ret = try_ops(set, w);
	if (!ret && w->alters)
		sem_update(set);
	if (ret == SEM_WAITING)
		ret = wait_in_queue(set, w, deadline);
	spin_unlock(&set->obj.lock);
	return ret;
}

static long semop_on(struct sem_set *set, const struct sembuf *ops, unsigned int n,
		     nsec_t deadline)
{
	struct sem_wait w = { .ops = ops, .n = n, .pid = current->proc->pid };
	bool undo = false;

	for (unsigned int i = 0; i < n; i++) {
		if (ops[i].sem_num >= set->n)
			return -EFBIG;
		w.alters |= ops[i].sem_op != 0;
		undo |= (ops[i].sem_flg & SEM_UNDO) != 0;
	}
	if (undo) {
		w.undo = sem_undo_get(set);
		if (IS_ERR(w.undo))
			return PTR_ERR(w.undo);
	}
	return do_ops(set, &w, deadline);
}

static long do_semtimedop(int id, const struct sembuf __user *uops, unsigned int n,
			  nsec_t deadline)
{
	struct sembuf fast[FAST_OPS], *ops = fast;
	struct ipc_object *obj;
	long ret = -EINVAL;

	if (n < 1 || id < 0)
		return -EINVAL;
	if (n > (unsigned int)MAX_OPS)
		return -E2BIG;
	if (n > FAST_OPS) {
		ops = kvmalloc(n * sizeof(*ops), GFP_KERNEL);
		if (!ops)
			return -ENOMEM;
	}
	if (copy_from_user(ops, uops, n * sizeof(*ops))) {
		ret = -EFAULT;
		goto out;
	}
	obj = ipc_find(&sem_table, id);
	if (obj) {
		ret = semop_on(sem_set_of(obj), ops, n, deadline);
		ipc_put(&sem_table, obj);
	}
out:
	if (ops != fast)
		kvfree(ops);
	return ret;
}

SYSCALL_DEFINE4(semtimedop, int, id, const struct sembuf __user *, ops, unsigned int, n,
		const void __user *, timeout)
{
	nsec_t deadline;
	int err = deadline_from_user(&deadline, timeout);

	return err ? err : do_semtimedop(id, ops, n, deadline);
}

SYSCALL_DEFINE3(semop, int, id, const struct sembuf __user *, ops, unsigned int, n)
{
	return do_semtimedop(id, ops, n, NSEC_MAX);
}
