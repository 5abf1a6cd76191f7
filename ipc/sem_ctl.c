/* SPDX-License-Identifier: BSD-2-Clause */
/* semctl: values, counts, owner and removal of semaphore sets. */
#include <arch/uaccess.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <mm/slab.h>
#include "sem.h"

static long limits(int cmd, void __user *buf)
{
	struct seminfo info = {
		.semmap = SEMMAP, .semmni = sem_limits[3], .semmns = sem_limits[1],
		.semmnu = SEMMNU, .semmsl = sem_limits[0], .semopm = sem_limits[2],
		.semume = SEMUME, .semusz = SEMUSZ, .semvmx = SEMVMX, .semaem = SEMAEM,
	};

	if (cmd == SEM_INFO) {
		info.semusz = READ_ONCE(sem_table.count);
		info.semaem = sem_total();
	}
	return copy_to_user(buf, &info, sizeof(info)) ? -EFAULT : ipc_top_slot(&sem_table);
}

static long stat_set(struct sem_set *set, int cmd, void __user *buf)
{
	struct semid64_ds ds = { .sem_nsems = (unsigned long)set->n };
	long ret;

	spin_lock(&set->obj.lock);
	ret = set->obj.dead ? -EIDRM : cmd == SEM_STAT_ANY ? 0 : ipc_permission(&set->obj, 0444);
	ipc_get_perm(&set->obj, &ds.sem_perm);
	ds.sem_otime = set->otime;
	ds.sem_ctime = set->ctime;
	spin_unlock(&set->obj.lock);
	if (ret)
		return ret;
	if (copy_to_user(buf, &ds, sizeof(ds)))
		return -EFAULT;
	return cmd == IPC_STAT ? 0 : set->obj.id;
}

static long change_set(struct sem_set *set, int cmd, const struct ipc64_perm *perm)
{
	bool gone = false;
	long ret;

	spin_lock(&set->obj.lock);
	ret = set->obj.dead ? -EIDRM : ipc_owner(&set->obj);
	if (!ret && cmd == IPC_SET) {
		ret = ipc_set_perm(&set->obj, perm);
		if (!ret)
			set->ctime = ipc_now();
	} else if (!ret) {
		struct sem_undo *undo, *next;

		ipc_remove(&sem_table, &set->obj);
		sem_end_waits(set, -EIDRM);
		list_for_each_entry_safe(undo, next, &set->undos, set_link)
			list_del_init(&undo->set_link);
		gone = true;
	}
	spin_unlock(&set->obj.lock);
	if (gone)
		ipc_put(&sem_table, &set->obj);
	return ret;
}

/* ---- one semaphore ---- */

/* How many wait for it to grow, or to become zero. */
static int count_waits(struct sem_set *set, int num, bool zero)
{
	struct sem_wait *w;
	int count = 0;

	list_for_each_entry(w, &set->waiting, link)
		count += w->blocking->sem_num == num && (w->blocking->sem_op == 0) == zero;
	return count;
}

static long get_one(struct sem_set *set, int num, int cmd)
{
	long ret;

	spin_lock(&set->obj.lock);
	ret = set->obj.dead ? -EIDRM : ipc_permission(&set->obj, 0444);
	if (!ret && (num < 0 || num >= set->n))
		ret = -EINVAL;
	if (!ret)
		ret = cmd == GETVAL ? set->sems[num].value : cmd == GETPID ? set->sems[num].pid :
		      count_waits(set, num, cmd == GETZCNT);
	spin_unlock(&set->obj.lock);
	return ret;
}

static long set_one(struct sem_set *set, int num, int value)
{
	long ret = 0;

	if (num < 0 || num >= set->n)
		return -EINVAL;
	spin_lock(&set->obj.lock);
	ret = set->obj.dead ? -EIDRM : ipc_permission(&set->obj, 0222);
	if (!ret) {
		sem_undo_clear(set, num);
		set->sems[num].value = value;
		set->sems[num].pid = current->proc->pid;
		set->ctime = ipc_now();
		sem_update(set);
	}
	spin_unlock(&set->obj.lock);
	return ret;
}

/* ---- all of them ---- */

static long get_all(struct sem_set *set, u16 *values)
{
	long ret;

	spin_lock(&set->obj.lock);
	ret = set->obj.dead ? -EIDRM : ipc_permission(&set->obj, 0444);
	for (int i = 0; i < set->n; i++)
		values[i] = (u16)set->sems[i].value;
	spin_unlock(&set->obj.lock);
	return ret;
}

static long set_all(struct sem_set *set, const u16 *values)
{
	long ret;

	for (int i = 0; i < set->n; i++)
		if (values[i] > SEMVMX)
			return -ERANGE;
	spin_lock(&set->obj.lock);
	ret = set->obj.dead ? -EIDRM : ipc_permission(&set->obj, 0222);
	if (!ret) {
		for (int i = 0; i < set->n; i++) {
			set->sems[i].value = values[i];
			set->sems[i].pid = current->proc->pid;
		}
		sem_undo_clear(set, -1);
		set->ctime = ipc_now();
		sem_update(set);
	}
	spin_unlock(&set->obj.lock);
	return ret;
}

static long all_values(struct sem_set *set, int cmd, u16 __user *uvalues)
{
	size_t size = (size_t)set->n * sizeof(u16);
	u16 *values;
	long ret;

	/* Before the memory of a bad caller is looked at. */
	spin_lock(&set->obj.lock);
	ret = ipc_permission(&set->obj, cmd == GETALL ? 0444 : 0222);
	spin_unlock(&set->obj.lock);
	if (ret)
		return ret;
	values = kvmalloc(size, GFP_KERNEL);
	if (!values)
		return -ENOMEM;
	if (cmd == SETALL) {
		ret = copy_from_user(values, uvalues, size) ? -EFAULT : set_all(set, values);
	} else {
		ret = get_all(set, values);
		if (!ret && copy_to_user(uvalues, values, size))
			ret = -EFAULT;
	}
	kvfree(values);
	return ret;
}

/* ---- the call ---- */

static long control(struct sem_set *set, int num, int cmd, unsigned long arg)
{
	void __user *buf = (void __user *)arg;
	struct semid64_ds ds;

	switch (cmd) {
	case IPC_STAT:
	case SEM_STAT:
	case SEM_STAT_ANY:
		return stat_set(set, cmd, buf);
	case IPC_SET:
		return copy_from_user(&ds, buf, sizeof(ds)) ? -EFAULT :
		       change_set(set, cmd, &ds.sem_perm);
	case IPC_RMID:
		return change_set(set, cmd, NULL);
	case GETALL:
	case SETALL:
		return all_values(set, cmd, buf);
	case SETVAL:
		return set_one(set, num, (int)arg);
	default:
		return get_one(set, num, cmd);
	}
}

SYSCALL_DEFINE4(semctl, int, id, int, num, int, cmd, unsigned long, arg)
{
	struct ipc_object *obj;
	long ret;

	if (id < 0)
		return -EINVAL;
	switch (cmd) {
	case IPC_INFO:
	case SEM_INFO:
		return limits(cmd, (void __user *)arg);
	case SEM_STAT:
	case SEM_STAT_ANY:
		obj = ipc_find_slot(&sem_table, id);
		break;
	case SETVAL:
		if ((int)arg < 0 || (int)arg > SEMVMX)
			return -ERANGE;
		fallthrough;
	case IPC_STAT: case IPC_SET: case IPC_RMID:
	case GETALL: case SETALL: case GETVAL: case GETPID: case GETNCNT: case GETZCNT:
		obj = ipc_find(&sem_table, id);
		break;
	default:
		return -EINVAL;
	}
	if (!obj)
		return -EINVAL;
	ret = control(sem_set_of(obj), num, cmd, arg);
	ipc_put(&sem_table, obj);
	return ret;
}
