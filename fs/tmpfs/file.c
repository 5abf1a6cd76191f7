/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tmpfs regular files: the page cache does the work; here are sizes, holes, seals and
 * memfd_create(2).
 */
#include <fs/fs.h>
#include <fs/uio.h>
#include <arch/uaccess.h>
#include <kernel/panic.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <linux/fs.h>
#include <lib/printf.h>
#include <lib/string.h>
#include <mm/slab.h>
#include <linux/falloc.h>
#include <linux/memfd.h>
#include <linux/mman.h>
#include "../internal.h"
#include "tmpfs.h"

#define SEALS_WRITE (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)
#define SEALS_ALL   (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | SEALS_WRITE)

/* ---- page cache ---- */

static u64 cache_size(struct page_cache *cache)
{
	return (u64)i_size_read(cache->host);
}

static int cache_reserve(struct page_cache *cache, u64 index)
{
	return tmpfs_charge(TMPFS_SB(((struct inode *)cache->host)->i_sb), 1);
}

static void cache_release(struct page_cache *cache, u64 pages)
{
	tmpfs_uncharge(TMPFS_SB(((struct inode *)cache->host)->i_sb), pages);
}

const struct page_cache_ops tmpfs_cache_ops = {
	.size = cache_size, .reserve = cache_reserve, .release = cache_release,
};

/* A page is paid for when it is made: nothing more to reserve when it turns writable. */
static int tmpfs_mkwrite(struct vma *vma, struct page *page)
{
	return 0;
}

static const struct vm_ops tmpfs_vm_ops = { .mkwrite = tmpfs_mkwrite };

/* ---- attributes ---- */

int tmpfs_setattr(struct dentry *dentry, struct iattr *attr)
{
	struct inode *inode = dentry->d_inode;
	u32 seals = TMPFS_I(inode)->seals;

	if (attr->ia_valid & ATTR_SIZE) {
		if (((seals & F_SEAL_SHRINK) && attr->ia_size < inode->i_size) ||
		    ((seals & F_SEAL_GROW) && attr->ia_size > inode->i_size))
			return -EPERM;
	}
	return simple_setattr(dentry, attr);
}

int tmpfs_getattr(const struct path *path, struct kstat *stat, u32 mask, unsigned flags)
{
	struct inode *inode = path->dentry->d_inode;

	generic_fillattr(inode, stat);
	stat->blocks = inode->i_cache->nr_pages << (PAGE_SHIFT - 9);
	stat->btime = inode->i_btime;
	stat->result_mask |= STATX_BTIME;
	return 0;
}

/* ---- operations ---- */

static ssize_t tmpfs_write(struct file *file, struct iov_iter *from, loff_t *pos)
{
	struct inode *inode = file->f_inode;
	struct tmpfs_inode *ti = TMPFS_I(inode);
	ssize_t ret = -EPERM;

	if (!from->nowait)
		down_write(&inode->i_rwsem);
	else if (!down_write_trylock(&inode->i_rwsem))
		return -EAGAIN;
	if (unlikely(ti->seals & (SEALS_WRITE | F_SEAL_GROW))) {
		if (ti->seals & SEALS_WRITE)
			goto out;
		if ((file->f_flags & O_APPEND) || from->append ||
		    *pos + (loff_t)from->count > inode->i_size)
			goto out;
	}
	ret = filemap_write_locked(file, from, pos);
out:
	up_write(&inode->i_rwsem);
	return ret;
}

static int tmpfs_mmap(struct file *file, struct vm_source *src, int prot, int flags)
{
	int type = flags & MAP_TYPE;
	bool shared = type == MAP_SHARED || type == MAP_SHARED_VALIDATE;

	if (unlikely(TMPFS_I(file->f_inode)->seals & SEALS_WRITE) && shared) {
		if (prot & PROT_WRITE)
			return -EPERM;
		src->may &= ~VM_MAYWRITE;
	}
	src->ops = &tmpfs_vm_ops;
	return filemap_mmap(file, src, prot, flags);
}

static int tmpfs_fsync(struct file *file, loff_t start, loff_t end, int datasync)
{
	return 0;
}

/* The first byte at or after `pos` that lies in a page (data) or in none. */
static loff_t seek_page(struct page_cache *cache, loff_t pos, loff_t size, bool data)
{
	u64 index = (u64)pos >> PAGE_SHIFT, last = (u64)(size - 1) >> PAGE_SHIFT, found = index;
	struct page *page;

	if (data) {
		page = page_cache_next(cache, &found, last);
		if (!page)
			return -ENXIO;
		page_put(page);
		return found == index ? pos : (loff_t)(found << PAGE_SHIFT);
	}
	for (; index <= last; index++) {
		page = page_cache_find(cache, index);
		if (!page)
			return max(pos, (loff_t)(index << PAGE_SHIFT));
		page_put(page);
	}
	return size;
}

static loff_t tmpfs_llseek(struct file *file, loff_t offset, int whence)
{
	struct inode *inode = file->f_inode;
	loff_t size;

	if (whence != SEEK_DATA && whence != SEEK_HOLE)
		return generic_llseek(file, offset, whence);
	down_read(&inode->i_rwsem);
	size = inode->i_size;
	if (offset < 0 || offset >= size)
		offset = -ENXIO;
	else
		offset = min(seek_page(inode->i_cache, offset, size, whence == SEEK_DATA), size);
	up_read(&inode->i_rwsem);
	if (offset >= 0)
		file->f_pos = offset;
	return offset;
}

/* Makes the pages of [start, end) exist; what was made stays paid for on failure. */
static int allocate_range(struct inode *inode, loff_t start, loff_t end)
{
	u64 index = (u64)start >> PAGE_SHIFT, last = (u64)(end - 1) >> PAGE_SHIFT;

	for (; index <= last; index++) {
		struct page *page = page_cache_get(inode->i_cache, index, PCG_CREATE);

		if (IS_ERR(page))
			return (int)PTR_ERR(page);
		page_put(page);
		if (signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

static int fallocate_locked(struct inode *inode, int mode, loff_t offset, loff_t len)
{
	u32 seals = TMPFS_I(inode)->seals;
	loff_t end = offset + len;
	int err = 0;

	if (mode & (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE)) {
		if (seals & SEALS_WRITE)
			return -EPERM;
		page_cache_punch(inode->i_cache, (u64)offset, (u64)end);
		if (mode & FALLOC_FL_PUNCH_HOLE)
			goto out;
	}
	if (!(mode & FALLOC_FL_KEEP_SIZE) && end > inode->i_size) {
		if (seals & F_SEAL_GROW)
			return -EPERM;
		err = inode_newsize_ok(inode, end);
	}
	if (!err)
		err = allocate_range(inode, offset, end);
	if (!err && !(mode & FALLOC_FL_KEEP_SIZE) && end > inode->i_size)
		i_size_write(inode, end);
out:
	if (!err)
		inode_touch(inode, ATTR_MTIME | ATTR_CTIME);
	return err;
}

static int tmpfs_fallocate(struct file *file, int mode, loff_t offset, loff_t len)
{
	struct inode *inode = file->f_inode;
	int err;

	down_write(&inode->i_rwsem);
	err = fallocate_locked(inode, mode, offset, len);
	up_write(&inode->i_rwsem);
	return err;
}

/* ---- seals ---- */

static long add_seals(struct file *file, u32 seals)
{
	struct inode *inode = file->f_inode;
	struct tmpfs_inode *ti = TMPFS_I(inode);
	long err = -EPERM;

	if (!(file->f_mode & FMODE_WRITE))
		return -EPERM;
	if (seals & ~(u32)SEALS_ALL)
		return -EINVAL;
	down_write(&inode->i_rwsem);
	if (ti->seals & F_SEAL_SEAL)
		goto out;
	/* Writable shared mappings must be gone; from now on none can be made. */
	if ((seals & F_SEAL_WRITE) && !(ti->seals & F_SEAL_WRITE)) {
		err = -EBUSY;
		if (atomic_cmpxchg(&inode->i_cache->writable, 0, -1) != 0)
			goto out;
	}
	ti->seals |= seals;
	err = 0;
out:
	up_write(&inode->i_rwsem);
	return err;
}

long tmpfs_fcntl(struct file *file, unsigned cmd, unsigned long arg)
{
	struct tmpfs_inode *ti = TMPFS_I(file->f_inode);

	if (cmd == F_GET_SEALS)
		return (long)ti->seals;
	if (cmd == F_ADD_SEALS)
		return arg > U32_MAX ? -EINVAL : add_seals(file, (u32)arg);
	return -EINVAL;
}

const struct inode_ops tmpfs_file_iops = {
	.setattr = tmpfs_setattr,
	.getattr = tmpfs_getattr,
	.getattr_peeks = true,
	TMPFS_XATTR_OPS,
};

const struct file_ops tmpfs_file_fops = {
	.read = filemap_read,
	.write = tmpfs_write,
	.mmap = tmpfs_mmap,
	.fsync = tmpfs_fsync,
	.llseek = tmpfs_llseek,
	.fallocate = tmpfs_fallocate,
	.fcntl = tmpfs_fcntl,
};

/* ---- files without a name ---- */

static struct mount *shm_mount;
static DEFINE_MUTEX(shm_mount_lock);

static struct mount *get_shm_mount(void)
{
	mutex_lock(&shm_mount_lock);
	if (!shm_mount) {
		struct mount *m = kern_mount(&tmpfs_type);

		if (!IS_ERR(m)) {
			TMPFS_SB(m->mnt_sb)->max_pages = 0;
			TMPFS_SB(m->mnt_sb)->max_inodes = 0;
			shm_mount = m;
		}
	}
	mutex_unlock(&shm_mount_lock);
	return shm_mount;
}

static int memfd_dname(struct dentry *d, char *buf, size_t size)
{
	return snprintf(buf, size, "/%s (deleted)", d->d_name.name);
}
static const struct dentry_ops memfd_dops = { .dname = memfd_dname };

struct file *tmpfs_file(const char *name, loff_t size, umode_t mode, int flags)
{
	struct mount *mnt = get_shm_mount();
	struct inode *inode;
	struct dentry *d;
	struct path path;
	struct file *file;

	if (!mnt)
		return ERR_PTR(-ENOMEM);
	inode = tmpfs_new_inode(mnt->mnt_sb, NULL, (umode_t)(S_IFREG | mode), 0);
	if (IS_ERR(inode))
		return ERR_CAST(inode);
	clear_nlink(inode);
	i_size_write(inode, size);
	d = d_alloc_pseudo(mnt->mnt_sb, name);
	if (!d) {
		inode_put(inode);
		return ERR_PTR(-ENOMEM);
	}
	d->d_op = &memfd_dops;
	d_instantiate(d, inode);
	path = (struct path){ .mnt = mnt, .dentry = d };
	file = file_open_path(&path, flags, current_cred());
	dput(d);
	/* A memfd is filled and executed by one descriptor, fexecve(3). */
	if (!IS_ERR(file))
		file_uncount_writer(file);
	return file;
}

#define MFD_KNOWN     (MFD_CLOEXEC | MFD_ALLOW_SEALING)
#define MFD_PREFIX    "memfd:"
#define MFD_NAME_MAX  (NAME_MAX - (sizeof(MFD_PREFIX) - 1))

SYSCALL_DEFINE2(memfd_create, const char __user *, uname, unsigned, flags)
{
	char name[NAME_MAX + 1] = MFD_PREFIX;
	struct file *file;
	long len;

	if (flags & ~(unsigned)MFD_KNOWN)
		return -EINVAL;
	len = strncpy_from_user(name + sizeof(MFD_PREFIX) - 1, uname, MFD_NAME_MAX + 1);
	if (len < 0)
		return len;
	if (len > (long)MFD_NAME_MAX)
		return -EINVAL;
	file = tmpfs_file(name, 0, 0777, O_RDWR | O_LARGEFILE);
	if (IS_ERR(file))
		return PTR_ERR(file);
	if (flags & MFD_ALLOW_SEALING)
		TMPFS_I(file->f_inode)->seals = 0;
	return fd_install_new(file, (flags & MFD_CLOEXEC) ? O_CLOEXEC : 0);
}
