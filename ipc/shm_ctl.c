/* SPDX-License-Identifier: BSD-2-Clause */
/* shmctl: looking at segments, changing their owner, locking and removing them. */
#include <arch/uaccess.h>
#include <fs/fs.h>
#include <kernel/cred.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <mm/page.h>
#include <mm/pagecache.h>
#include <asm/shmbuf.h>
#include "shm.h"

/* <linux/shm.h> wants the C library. */
#define SHM_LOCK	11
#define SHM_UNLOCK	12
#define SHM_STAT	13
#define SHM_INFO	14
#define SHM_STAT_ANY	15
struct shm_info {
	int used_ids;
	unsigned long shm_tot, shm_rss, shm_swp;
	unsigned long swap_attempts, swap_successes;
};

static long limits(void __user *buf)
{
	struct shminfo64 info = {
		.shmmax = shm_max_bytes, .shmmin = 1, .shmmni = (unsigned long)shm_max_count,
		.shmseg = (unsigned long)shm_max_count, .shmall = shm_max_pages,
	};

	return copy_to_user(buf, &info, sizeof(info)) ? -EFAULT : ipc_top_slot(&shm_table);
}

static long totals(void __user *buf)
{
	struct shm_info info = { .used_ids = READ_ONCE(shm_table.count),
				 .shm_tot = shm_total_pages() };
	struct ipc_object *obj;

	for (u64 slot = 0; (obj = ipc_next(&shm_table, &slot)); slot++) {
		info.shm_rss += READ_ONCE(shm_of(obj)->file->f_inode->i_cache->nr_pages);
		ipc_put(&shm_table, obj);
	}
	return copy_to_user(buf, &info, sizeof(info)) ? -EFAULT : ipc_top_slot(&shm_table);
}

static long stat_segment(struct shm *shm, int cmd, void __user *buf)
{
	struct shmid64_ds ds = { .shm_segsz = shm->size };
	long ret;

	spin_lock(&shm->obj.lock);
	ret = shm->obj.dead ? -EIDRM : cmd == SHM_STAT_ANY ? 0 : ipc_permission(&shm->obj, 0444);
	ipc_get_perm(&shm->obj, &ds.shm_perm);
	ds.shm_atime = shm->atime;
	ds.shm_dtime = shm->dtime;
	ds.shm_ctime = shm->ctime;
	ds.shm_cpid = shm->cpid;
	ds.shm_lpid = shm->lpid;
	ds.shm_nattch = shm->attached;
	spin_unlock(&shm->obj.lock);
	if (ret)
		return ret;
	if (copy_to_user(buf, &ds, sizeof(ds)))
		return -EFAULT;
	return cmd == IPC_STAT ? 0 : shm->obj.id;
}

static long set_segment(struct shm *shm, const struct ipc64_perm *perm)
{
	long ret;

	spin_lock(&shm->obj.lock);
	ret = shm->obj.dead ? -EIDRM : ipc_owner(&shm->obj);
	if (!ret)
		ret = ipc_set_perm(&shm->obj, perm);
	if (!ret)
		shm->ctime = ipc_now();
	spin_unlock(&shm->obj.lock);
	return ret;
}

static long remove_segment(struct shm *shm)
{
	bool gone = false;
	long ret;

	spin_lock(&shm->obj.lock);
	ret = shm->obj.dead ? -EIDRM : ipc_owner(&shm->obj);
	if (!ret && shm->attached) {
		shm->obj.mode |= SHM_DEST;
		ipc_forget_key(&shm_table, &shm->obj);
	} else if (!ret) {
		ipc_remove(&shm_table, &shm->obj);
		gone = true;
	}
	spin_unlock(&shm->obj.lock);
	if (gone)
		ipc_put(&shm_table, &shm->obj);
	return ret;
}

/* Nothing is ever paged out: locking is a matter of limits and of what shmctl shows. */
static long lock_pages(struct shm *shm, struct user_count *user)
{
	u64 limit = rlimit(RLIMIT_MEMLOCK) >> PAGE_SHIFT, pages = shm_pages(shm);

	if (shm->obj.mode & SHM_LOCKED)
		return 0;
	if ((u64)atomic64_add_return((s64)pages, &user->shm_locked) > limit &&
	    rlimit(RLIMIT_MEMLOCK) != RLIM_INFINITY && !capable(CAP_IPC_LOCK)) {
		atomic64_sub((s64)pages, &user->shm_locked);
		return -ENOMEM;
	}
	shm->obj.mode |= SHM_LOCKED;
	refcount_inc(&user->refs);
	shm->locker = user;
	return 0;
}

static long lock_segment(struct shm *shm, bool lock)
{
	struct user_count *user = user_count_get(current_uid());
	long ret = 0;

	if (!user)
		return -ENOMEM;
	spin_lock(&shm->obj.lock);
	if (shm->obj.dead)
		ret = -EIDRM;
	else if (capable(CAP_IPC_LOCK))
		;
	else if (current_euid() != shm->obj.uid && current_euid() != shm->obj.cuid)
		ret = -EPERM;
	else if (lock && !rlimit(RLIMIT_MEMLOCK))
		ret = -EPERM;
	if (!ret && lock)
		ret = lock_pages(shm, user);
	else if (!ret)
		shm_unlock_pages(shm);
	spin_unlock(&shm->obj.lock);
	user_count_put(user);
	return ret;
}

static long control(struct shm *shm, int cmd, void __user *buf)
{
	struct shmid64_ds ds;

	switch (cmd) {
	case IPC_STAT:
	case SHM_STAT:
	case SHM_STAT_ANY:
		return stat_segment(shm, cmd, buf);
	case IPC_SET:
		return copy_from_user(&ds, buf, sizeof(ds)) ? -EFAULT :
		       set_segment(shm, &ds.shm_perm);
	case IPC_RMID:
		return remove_segment(shm);
	default:
		return lock_segment(shm, cmd == SHM_LOCK);
	}
}

SYSCALL_DEFINE3(shmctl, int, id, int, cmd, void __user *, buf)
{
	struct ipc_object *obj;
	long ret;

	if (cmd < 0 || id < 0)
		return -EINVAL;
	switch (cmd) {
	case IPC_INFO:
		return limits(buf);
	case SHM_INFO:
		return totals(buf);
	case SHM_STAT:
	case SHM_STAT_ANY:
		obj = ipc_find_slot(&shm_table, id);
		break;
	case IPC_STAT:
	case IPC_SET:
	case IPC_RMID:
	case SHM_LOCK:
	case SHM_UNLOCK:
		obj = ipc_find(&shm_table, id);
		break;
	default:
		return -EINVAL;
	}
	if (!obj)
		return -EINVAL;
	ret = control(shm_of(obj), cmd, buf);
	ipc_put(&shm_table, obj);
	return ret;
}
