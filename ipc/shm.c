/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System V shared memory: a segment is a file of tmpfs without a name, attaching is mapping it.
 *
 * Each mapping of a segment counts as attached and holds a reference on it: fork and splits
 * add one (open), unmapping, exec and exit take one away (close). A segment that was removed
 * stays in the table with SHM_DEST until the last of them goes.
 */
#include <arch/uaccess.h>
#include <fs/fs.h>
#include <fs/seq_file.h>
#include <ipc/sysv.h>
#include <kernel/cred.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <lib/err.h>
#include <lib/printf.h>
#include <linux/mman.h>
#include <mm/mm.h>
#include <mm/pagecache.h>
#include <mm/slab.h>
#include "shm.h"

/* <linux/shm.h> cannot be included here: it wants the C library's <unistd.h>. */
#define SHM_HUGETLB	04000
#define SHM_NORESERVE	010000
#define SHM_RDONLY	010000
#define SHM_RND		020000
#define SHM_REMAP	040000
#define SHM_EXEC	0100000

int shm_max_count = 4096;
u64 shm_max_bytes = ULONG_MAX - (1ul << 24), shm_max_pages = ULONG_MAX - (1ul << 24);

static atomic64_t total_pages;

u64 shm_total_pages(void)
{
	return (u64)atomic64_read(&total_pages);
}

/* ---- segments ---- */

/* False if that would be too many. */
static bool charge_total(u64 pages)
{
	if ((u64)atomic64_add_return((s64)pages, &total_pages) <= READ_ONCE(shm_max_pages))
		return true;
	atomic64_sub((s64)pages, &total_pages);
	return false;
}

static struct ipc_object *shm_create(__kernel_key_t key, int flags, size_t size)
{
	u64 pages = (size >> PAGE_SHIFT) + !!(size & (PAGE_SIZE - 1));
	struct shm *shm;
	char name[16];
	long err = -ENOMEM;

	if (!size || size > READ_ONCE(shm_max_bytes) || pages > (u64)S64_MAX >> PAGE_SHIFT)
		return ERR_PTR(-EINVAL);
	/* There is no pool of huge pages. */
	if (flags & SHM_HUGETLB)
		return ERR_PTR(capable(CAP_IPC_LOCK) || in_group(0) ? -ENOMEM : -EPERM);
	if (!charge_total(pages))
		return ERR_PTR(-ENOSPC);
	shm = kzalloc(sizeof(*shm), GFP_KERNEL);
	if (!shm)
		goto out_total;
	shm->committed = flags & SHM_NORESERVE && sysctl_overcommit_memory != 2 ? 0 : pages;
	if (shm->committed && mm_commit((long)pages))
		goto out_shm;
	snprintf(name, sizeof(name), "SYSV%08x", (u32)key);
	shm->file = tmpfs_file(name, (loff_t)size, 0777, O_RDWR);
	if (IS_ERR(shm->file)) {
		err = PTR_ERR(shm->file);
		goto out_commit;
	}
	ipc_object_init(&shm->obj, flags);
	shm->size = size;
	shm->cpid = current->proc->pid;
	shm->ctime = ipc_now();
	return &shm->obj;
out_commit:
	mm_commit(-(long)shm->committed);
out_shm:
	kfree(shm);
out_total:
	atomic64_sub((s64)pages, &total_pages);
	return ERR_PTR(err);
}

static int shm_check(const struct ipc_object *obj, size_t size)
{
	return container_of_const(obj, struct shm, obj)->size < size ? -EINVAL : 0;
}

void shm_unlock_pages(struct shm *shm)
{
	if (!(shm->obj.mode & SHM_LOCKED))
		return;
	shm->obj.mode &= (umode_t)~SHM_LOCKED;
	atomic64_sub((s64)shm_pages(shm), &shm->locker->shm_locked);
	user_count_put(shm->locker);
	shm->locker = NULL;
}

static void shm_destroy(struct ipc_object *obj)
{
	struct shm *shm = shm_of(obj);

	shm_unlock_pages(shm);
	atomic64_sub((s64)shm_pages(shm), &total_pages);
	file_put(shm->file);
	mm_commit(-(long)shm->committed);
	kfree(shm);
}

IPC_TABLE(shm_table, &shm_max_count, shm_create, shm_check, shm_destroy);

SYSCALL_DEFINE3(shmget, __kernel_key_t, key, size_t, size, int, flags)
{
	return ipc_get(&shm_table, key, flags, size);
}

void shm_show(struct seq_file *m, struct ipc_object *obj)
{
	struct shm *shm = shm_of(obj);

	seq_printf(m, "%10d %10d  %4o %21lu %5u %5u  %5lu %5u %5u %5u %5u %10llu %10llu %10llu "
		   "%21lu %21lu\n", READ_ONCE(obj->key), obj->id, obj->mode,
		   (unsigned long)shm->size, (u32)shm->cpid, (u32)shm->lpid,
		   (unsigned long)shm->attached, obj->uid, obj->gid, obj->cuid, obj->cgid,
		   (unsigned long long)shm->atime, (unsigned long long)shm->dtime,
		   (unsigned long long)shm->ctime,
		   (unsigned long)(shm->file->f_inode->i_cache->nr_pages << PAGE_SHIFT), 0ul);
}

/* ---- mappings ---- */

static void count_attach(struct shm *shm)
{
	spin_lock(&shm->obj.lock);
	shm->attached++;
	shm->atime = ipc_now();
	shm->lpid = current->proc->pid;
	spin_unlock(&shm->obj.lock);
}

static void uncount_attach(struct shm *shm, bool detach)
{
	bool gone;

	spin_lock(&shm->obj.lock);
	if (detach) {
		shm->dtime = ipc_now();
		shm->lpid = current->proc->pid;
	}
	gone = !--shm->attached && (shm->obj.mode & SHM_DEST);
	if (gone)
		ipc_remove(&shm_table, &shm->obj);
	spin_unlock(&shm->obj.lock);
	if (gone)
		ipc_put(&shm_table, &shm->obj);
}

static void shm_vma_open(struct vma *vma)
{
	struct shm *shm = vma->private;

	refcount_inc(&shm->obj.refs);
	count_attach(shm);
}

static void shm_vma_close(struct vma *vma)
{
	struct shm *shm = vma->private;

	uncount_attach(shm, true);
	ipc_put(&shm_table, &shm->obj);
}

static const struct vm_ops shm_vm_ops = { .open = shm_vma_open, .close = shm_vma_close };

/* The address as shmat(2) takes it, and the flags of mmap that go with it. */
static int attach_place(vaddr_t *addr, int flags, unsigned int *map)
{
	if (!*addr)
		return flags & SHM_REMAP ? -EINVAL : 0;
	if (*addr & ~PAGE_MASK) {
		if (!(flags & SHM_RND))
			return -EINVAL;
		*addr &= PAGE_MASK;
		if (!*addr && (flags & SHM_REMAP))
			return -EINVAL;
	}
	*map |= flags & SHM_REMAP ? MAP_FIXED : MAP_FIXED_NOREPLACE;
	return 0;
}

/* Counts as attached while it maps, so that a removal in between does not pull it away. */
static long attach(struct shm *shm, vaddr_t addr, int flags)
{
	unsigned int prot = PROT_READ, map = MAP_SHARED;
	struct vm_source src;
	int want = 0444, err = attach_place(&addr, flags, &map);
	u64 out = 0;

	if (err)
		return err;
	if (!(flags & SHM_RDONLY)) {
		prot |= PROT_WRITE;
		want |= 0222;
	}
	if (flags & SHM_EXEC) {
		prot |= PROT_EXEC;
		want |= 0111;
	}
	spin_lock(&shm->obj.lock);
	err = shm->obj.dead ? -EIDRM : ipc_permission(&shm->obj, want);
	if (!err)
		shm->attached++;
	spin_unlock(&shm->obj.lock);
	if (err)
		return err;
	err = file_vm_source(shm->file, (int)prot, (int)map, &src);
	if (!err) {
		shm->file->f_inode->i_ino = (u64)shm->obj.id;	/* as /proc/PID/maps shows it */
		src.ops = &shm_vm_ops;
		src.private = shm;
		if (flags & SHM_RDONLY)
			src.may &= ~VM_MAYWRITE;
		err = mm_map(current->mm, addr, shm->size, prot, map, &src, 0, &out);
	}
	uncount_attach(shm, false);
	if (err == -EEXIST)
		err = -EINVAL;
	return err ? err : (long)out;
}

SYSCALL_DEFINE3(shmat, int, id, vaddr_t, addr, int, flags)
{
	struct ipc_object *obj = ipc_find(&shm_table, id);
	long ret;

	if (!obj)
		return -EINVAL;
	ret = attach(shm_of(obj), addr, flags);
	ipc_put(&shm_table, obj);
	return ret;
}

SYSCALL_DEFINE1(shmdt, vaddr_t, addr)
{
	return addr & ~PAGE_MASK ? -EINVAL : mm_unmap_object(current->mm, addr, &shm_vm_ops);
}
