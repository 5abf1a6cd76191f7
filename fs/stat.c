/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * stat, statx, readlink and statfs: what a file is, in the layouts user space knows.
 */
#include <fs/fs.h>
#include <fs/statfs.h>
#include <arch/uaccess.h>
#include <kernel/peek.h>
#include <kernel/syscall.h>
#include <lib/string.h>
#include <mm/slab.h>
#include <asm/stat.h>
#include <asm/statfs.h>
#include <linux/mount.h>
#include "internal.h"
#include "walk.h"

/* In our flags only: the caller wants mnt_id and the mount-root bit. */
#define AT_STATX_MNT 0x80000000u

void generic_fillattr(struct inode *inode, struct kstat *stat)
{
	stat->dev = inode->i_sb->s_dev;
	stat->ino = inode->i_ino;
	stat->mode = inode->i_mode;
	stat->nlink = inode->i_nlink;
	stat->uid = inode->i_uid;
	stat->gid = inode->i_gid;
	stat->rdev = inode->i_rdev;
	stat->size = i_size_read(inode);
	stat->atime = inode->i_atime;
	stat->mtime = inode->i_mtime;
	stat->ctime = inode->i_ctime;
	stat->blksize = inode->i_sb->s_blocksize;
	stat->blocks = inode->i_blocks;
}

int vfs_getattr(const struct path *path, struct kstat *stat, u32 mask, unsigned flags)
{
	struct inode *inode = path->dentry->d_inode;

	stat->result_mask = STATX_BASIC_STATS;
	stat->attributes = 0;
	stat->attributes_mask = 0;
	if (unlikely(inode->i_op->getattr))
		return inode->i_op->getattr(path, stat, mask, flags);
	generic_fillattr(inode, stat);
	return 0;
}

static int put_stat(const struct kstat *k, struct stat __user *ustat)
{
	struct stat s;

	s.st_dev = dev_encode((dev_t)k->dev);
	s.st_ino = k->ino;
	s.st_mode = k->mode;
	s.st_nlink = k->nlink;
	s.st_uid = k->uid;
	s.st_gid = k->gid;
	s.st_rdev = dev_encode((dev_t)k->rdev);
	s.__pad1 = 0;
	s.st_size = k->size;
	s.st_blksize = (int)k->blksize;
	s.__pad2 = 0;
	s.st_blocks = (long)k->blocks;
	s.st_atime = k->atime.tv_sec;
	s.st_atime_nsec = (unsigned long)k->atime.tv_nsec;
	s.st_mtime = k->mtime.tv_sec;
	s.st_mtime_nsec = (unsigned long)k->mtime.tv_nsec;
	s.st_ctime = k->ctime.tv_sec;
	s.st_ctime_nsec = (unsigned long)k->ctime.tv_nsec;
	s.__unused4 = 0;
	s.__unused5 = 0;
	return copy_to_user(ustat, &s, sizeof(s)) ? -EFAULT : 0;
}

static int fd_getattr(unsigned fd, struct kstat *k, u32 mask, unsigned flags)
{
	struct fd f = fdget_raw(fd);
	int err;

	if (unlikely(!f.file))
		return -EBADF;
	err = vfs_getattr(&f.file->f_path, k, mask, flags);
	if (flags & AT_STATX_MNT)
		k->mnt_id = (u64)f.file->f_path.mnt->mnt_id;
	fdput(f);
	return err;
}

static int path_getattr(const struct path *path, unsigned flags, struct kstat *k, u32 mask)
{
	int err = vfs_getattr(path, k, mask, flags);

	if (flags & AT_STATX_MNT) {
		k->mnt_id = (u64)path->mnt->mnt_id;
		if (path->dentry == path->mnt->mnt_root)
			k->attributes |= STATX_ATTR_MOUNT_ROOT;
	}
	return err;
}

/* The attributes of most files can be read where the walk found them, without a count. */
static int kname_getattr(int dfd, const char *name, unsigned how, unsigned flags,
			 struct kstat *k, u32 mask)
{
	const struct inode_ops *ops;
	struct walk w;
	struct path path;
	int err, peeked;

	peek_begin();
	peeked = walk_peek(&w.peek, dfd, name, how);
	if (likely(peeked == PEEK_ALL)) {
		ops = w.peek.at.dentry->d_inode->i_op;
		if (likely(!ops->getattr || ops->getattr_peeks)) {
			err = path_getattr(&w.peek.at, flags, k, mask);
			peek_end();
			return err;
		}
	}
	err = walk_settle(&w, dfd, name, how, peeked);
	if (!err)
		err = walk_finish(&w, &path);
	if (unlikely(err))
		return err;
	err = path_getattr(&path, flags, k, mask);
	path_put(&path);
	return err;
}

static int name_getattr(int dfd, const char __user *name, unsigned flags, struct kstat *k,
			u32 mask)
{
	unsigned how = (flags & AT_SYMLINK_NOFOLLOW) ? 0 : LOOKUP_FOLLOW;
	struct filename fn;
	int err;

	if (flags & AT_EMPTY_PATH) {
		char c = 1;

		if (!name || (get_user(c, name) == 0 && !c)) {
			if (dfd != AT_FDCWD)
				return fd_getattr((unsigned)dfd, k, mask, flags);
		}
		how |= LOOKUP_EMPTY;
	}
	err = getname_flags(&fn, name, how & LOOKUP_EMPTY);
	if (unlikely(err))
		return err;
	err = kname_getattr(dfd, fn.name, how, flags, k, mask);
	putname(&fn);
	return err;
}

SYSCALL_DEFINE2(newfstat, unsigned, fd, struct stat __user *, ustat)
{
	struct kstat k;
	int err = fd_getattr(fd, &k, STATX_BASIC_STATS, 0);

	return err ? err : put_stat(&k, ustat);
}

SYSCALL_DEFINE4(newfstatat, int, dfd, const char __user *, name, struct stat __user *, ustat,
		int, flags)
{
	struct kstat k;
	int err;

	if (unlikely(flags & ~(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH)))
		return -EINVAL;
	err = name_getattr(dfd, name, (unsigned)flags, &k, STATX_BASIC_STATS);
	return err ? err : put_stat(&k, ustat);
}

static struct statx_timestamp to_statx_time(const struct timespec64 *t)
{
	return (struct statx_timestamp){ .tv_sec = t->tv_sec, .tv_nsec = (u32)t->tv_nsec };
}

SYSCALL_DEFINE5(statx, int, dfd, const char __user *, name, unsigned, flags, unsigned, mask,
		struct statx __user *, buf)
{
	struct kstat k = { .result_mask = 0 };
	struct statx s;
	int err;

	if (mask & STATX__RESERVED)
		return -EINVAL;
	if (flags & ~(unsigned)(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH |
				AT_STATX_SYNC_TYPE))
		return -EINVAL;
	if ((flags & AT_STATX_SYNC_TYPE) == AT_STATX_SYNC_TYPE)
		return -EINVAL;
	err = name_getattr(dfd, name, flags | AT_STATX_MNT, &k, mask);
	if (err)
		return err;
	memset(&s, 0, sizeof(s));
	s.stx_mask = k.result_mask | STATX_MNT_ID;
	s.stx_blksize = k.blksize;
	s.stx_attributes = k.attributes;
	s.stx_attributes_mask = k.attributes_mask | STATX_ATTR_MOUNT_ROOT;
	s.stx_nlink = k.nlink;
	s.stx_uid = k.uid;
	s.stx_gid = k.gid;
	s.stx_mode = k.mode;
	s.stx_ino = k.ino;
	s.stx_size = (u64)k.size;
	s.stx_blocks = k.blocks;
	s.stx_atime = to_statx_time(&k.atime);
	s.stx_mtime = to_statx_time(&k.mtime);
	s.stx_ctime = to_statx_time(&k.ctime);
	if (k.result_mask & STATX_BTIME)
		s.stx_btime = to_statx_time(&k.btime);
	s.stx_rdev_major = MAJOR((dev_t)k.rdev);
	s.stx_rdev_minor = MINOR((dev_t)k.rdev);
	s.stx_dev_major = MAJOR((dev_t)k.dev);
	s.stx_dev_minor = MINOR((dev_t)k.dev);
	s.stx_mnt_id = k.mnt_id;
	return copy_to_user(buf, &s, sizeof(s)) ? -EFAULT : 0;
}

/* ---- readlink ---- */

static ssize_t link_jump_text(struct link_target *lt, char __user *buf, size_t size)
{
	char *page = kmalloc(PATH_MAX, GFP_KERNEL), *p;
	ssize_t len = -ENOMEM;

	if (page) {
		p = d_path(&lt->jump, page, PATH_MAX);
		len = PTR_ERR_OR_ZERO(p);
		if (!len) {
			len = (ssize_t)min(strlen(p), size);
			if (copy_to_user(buf, p, (size_t)len))
				len = -EFAULT;
		}
		kfree(page);
	}
	path_put(&lt->jump);
	return len;
}

static ssize_t link_read(const struct path *path, char __user *buf, size_t size)
{
	struct inode *inode = path->dentry->d_inode;
	struct link_target lt = { .text = inode->i_link };
	ssize_t len;
	int err;

	if (!S_ISLNK(inode->i_mode))
		return -EINVAL;
	if (inode->i_op->get_link) {
		err = inode->i_op->get_link(path->dentry, inode, &lt);
		if (err)
			return err;
	}
	path_accessed(path);
	if (lt.is_jump)
		return link_jump_text(&lt, buf, size);
	len = (ssize_t)min(strlen(lt.text), size);
	if (copy_to_user(buf, lt.text, (size_t)len))
		len = -EFAULT;
	kfree(lt.to_free);
	return len;
}

SYSCALL_DEFINE4(readlinkat, int, dfd, const char __user *, name, char __user *, buf, int, size)
{
	struct path path;
	ssize_t ret;
	char c = 1;
	int err;

	if (size <= 0)
		return -EINVAL;
	err = path_lookup_user(dfd, name, LOOKUP_EMPTY, &path);
	if (err)
		return err;
	ret = link_read(&path, buf, (size_t)size);
	if (ret == -EINVAL && get_user(c, name) == 0 && !c)
		ret = -ENOENT;
	path_put(&path);
	return ret;
}

/* ---- statfs ---- */

static int path_statfs(const struct path *path, struct statfs __user *ubuf)
{
	struct super *sb = path->mnt->mnt_sb;
	struct kstatfs k = { .f_type = sb->s_magic, .f_bsize = sb->s_blocksize,
			     .f_namelen = NAME_MAX };
	struct statfs s;
	u32 mf = path->mnt->mnt_flags;
	int err = sb->s_op && sb->s_op->statfs ? sb->s_op->statfs(sb, &k) : 0;

	if (err)
		return err;
	memset(&s, 0, sizeof(s));
	s.f_type = k.f_type;
	s.f_bsize = k.f_bsize;
	s.f_blocks = k.f_blocks;
	s.f_bfree = k.f_bfree;
	s.f_bavail = k.f_bavail;
	s.f_files = k.f_files;
	s.f_ffree = k.f_ffree;
	s.f_fsid.val[0] = (int)dev_encode(sb->s_dev);
	s.f_namelen = k.f_namelen;
	s.f_frsize = k.f_bsize;
	s.f_flags = 0x20 /* ST_VALID */ | (mnt_is_readonly(path->mnt) ? 1 : 0) |
		    ((mf & MNT_NOSUID) ? 2 : 0) | ((mf & MNT_NODEV) ? 4 : 0) |
		    ((mf & MNT_NOEXEC) ? 8 : 0) | ((mf & MNT_NOATIME) ? 1024 : 0) |
		    ((mf & MNT_NODIRATIME) ? 2048 : 0) | ((mf & MNT_RELATIME) ? 4096 : 0) |
		    ((mf & MNT_NOSYMFOLLOW) ? 8192 : 0);
	return copy_to_user(ubuf, &s, sizeof(s)) ? -EFAULT : 0;
}

SYSCALL_DEFINE2(statfs, const char __user *, name, struct statfs __user *, buf)
{
	struct path path;
	int err = path_lookup_user(AT_FDCWD, name, LOOKUP_FOLLOW, &path);

	if (err)
		return err;
	err = path_statfs(&path, buf);
	path_put(&path);
	return err;
}

SYSCALL_DEFINE2(fstatfs, unsigned, fd, struct statfs __user *, buf)
{
	struct fd f = fdget_raw(fd);
	int err;

	if (!f.file)
		return -EBADF;
	err = path_statfs(&f.file->f_path, buf);
	fdput(f);
	return err;
}
