/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Open files: birth, the end of an open, and death at the last reference; also files
 * that have no place in the tree (pipes, memfd, anonymous inodes).
 */
#include <fs/fs.h>
#include <fs/notify.h>
#include <fs/poll.h>
#include <lib/printf.h>
#include <mm/slab.h>
#include <trace/vfs.h>
#include <kernel/panic.h>
#include <kernel/task.h>
#include <linux/magic.h>
#include "internal.h"

static struct kmem_cache *file_cache;
static struct mount *pseudo_mount, *pipe_mount, *socket_mount;
static struct inode *anon_inode;
static u64 files_open;          /* for /proc/sys/fs/file-nr */

struct file *file_get(struct file *file)
{
	refcount_inc(&file->f_count);
	return file;
}

struct file *file_alloc(int flags, const struct cred *cred)
{
	struct file *f = kmem_cache_alloc(file_cache, GFP_KERNEL);

	if (unlikely(!f))
		return NULL;
	refcount_set(&f->f_count, 1);
	f->f_flags = (u32)flags;
	f->f_mode = 0;
	f->f_pos = 0;
	f->f_op = &empty_fops;
	f->f_inode = NULL;
	f->f_path = (struct path){ NULL, NULL };
	f->private = NULL;
	mutex_init(&f->f_pos_lock);
	spin_lock_init(&f->f_lock);
	f->f_owner = f->f_owner_sig = 0;
	f->f_owner_thread = false;
	INIT_LIST_HEAD(&f->f_ep);
	f->f_async = NULL;
	f->f_cred = cred_get((struct cred *)cred);
	f->f_lockcnt = 0;
	__atomic_fetch_add(&files_open, 1, __ATOMIC_RELAXED);
	return f;
}

void file_free(struct file *f)
{
	__atomic_fetch_sub(&files_open, 1, __ATOMIC_RELAXED);
	cred_put((struct cred *)f->f_cred);
	kmem_cache_free(file_cache, f);
}

static void drop_write(struct file *f)
{
	if (f->f_mode & FMODE_WROTE) {
		atomic_dec(&f->f_inode->i_writecount);
		mnt_drop_write(f->f_path.mnt);
	}
}

void file_uncount_writer(struct file *f)
{
	drop_write(f);
	f->f_mode &= ~FMODE_WROTE;
}

static noinline void file_destroy(struct file *f)
{
	struct inode *inode = f->f_inode;

	notify_file(f, f->f_mode & FMODE_WRITE ? IN_CLOSE_WRITE : IN_CLOSE_NOWRITE);
	if (unlikely(!list_empty(&f->f_ep)))
		epoll_release_file(f);
	if (unlikely(f->f_async))
		fasync_release(f);
	if (unlikely(inode->i_flocks))
		locks_remove_file(f);
	TRACE(vfs_close, (u32)current->proc->pid, inode->i_ino);
	if (f->f_op->release)
		f->f_op->release(inode, f);
	drop_write(f);
	path_put(&f->f_path);
	file_free(f);
}

void file_put(struct file *file)
{
	if (file && refcount_dec_and_test(&file->f_count))
		file_destroy(file);
}

/* ---- write access and running programs ---- */

int inode_get_write(struct inode *inode)
{
	int c = atomic_read(&inode->i_writecount);

	while (c >= 0) {
		int was = atomic_cmpxchg(&inode->i_writecount, c, c + 1);

		if (likely(was == c))
			return 0;
		c = was;
	}
	return -ETXTBSY;
}

int file_deny_write(struct file *file)
{
	struct inode *inode = file->f_inode;
	int c = atomic_read(&inode->i_writecount);

	while (c <= 0) {
		int was = atomic_cmpxchg(&inode->i_writecount, c, c - 1);

		if (was == c)
			return 0;
		c = was;
	}
	return -ETXTBSY;
}

void file_allow_write(struct file *file)
{
	atomic_inc(&file->f_inode->i_writecount);
}

bool file_may_suid(const struct file *file)
{
	return !(file->f_path.mnt->mnt_flags & MNT_NOSUID);
}

static int get_write(struct file *f, struct inode *inode)
{
	int err;

	if (!S_ISREG(inode->i_mode))
		return 0;
	err = mnt_want_write(f->f_path.mnt);
	if (err)
		return err;
	err = inode_get_write(inode);
	if (err)
		mnt_drop_write(f->f_path.mnt);
	else
		f->f_mode |= FMODE_WROTE;
	return err;
}

static u32 access_fmode(u32 flags)
{
	static const u8 modes[] = { FMODE_READ, FMODE_WRITE, FMODE_READ | FMODE_WRITE, 0 };

	return modes[flags & O_ACCMODE];
}

int file_do_open(struct file *f, struct inode *inode)
{
	umode_t type = inode->i_mode & S_IFMT;
	int err = 0;

	f->f_inode = inode;
	if (unlikely(f->f_flags & O_PATH)) {
		f->f_mode = FMODE_PATH;
		return 0;
	}
	f->f_mode = FMODE_PREAD | access_fmode(f->f_flags);
	if (type == S_IFREG)
		f->f_mode |= FMODE_POSLOCK | FMODE_ISREG;
	else if (type == S_IFDIR)
		f->f_mode |= FMODE_POSLOCK;
	f->f_op = inode->i_fop;
	if (f->f_mode & FMODE_WRITE)
		err = get_write(f, inode);
	if (likely(!err) && f->f_op->open)
		err = f->f_op->open(inode, f);
	if (unlikely(err)) {
		drop_write(f);
		path_put(&f->f_path);
		file_free(f);
		return err;
	}
	if (unlikely(f->f_op->seek_none))
		f->f_mode &= ~(FMODE_PREAD | FMODE_POSLOCK);
	f->f_flags &= ~(u32)(O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC);
	TRACE(vfs_open, (u32)current->proc->pid, inode->i_ino);
	return 0;
}

int stream_open(struct inode *inode, struct file *file)
{
	file->f_mode &= ~(FMODE_PREAD | FMODE_POSLOCK);
	return 0;
}

/* ---- files without a place ---- */

/* Pipes, sockets and the rest have a file system each, which st_dev and statfs(2) show. */
static struct mount *pseudo_mount_for(umode_t mode)
{
	return S_ISFIFO(mode) ? pipe_mount : S_ISSOCK(mode) ? socket_mount : pseudo_mount;
}

static struct file *pseudo_open(struct inode *inode, const char *name,
				const struct file_ops *fops, void *priv, int flags)
{
	struct file *f = file_alloc(flags & ~O_CLOEXEC, current_cred());
	struct mount *mnt = pseudo_mount_for(inode->i_mode);
	struct dentry *d;

	if (!f) {
		inode_put(inode);
		return ERR_PTR(-ENOMEM);
	}
	d = d_alloc_pseudo(mnt->mnt_sb, name);
	if (!d) {
		inode_put(inode);
		file_free(f);
		return ERR_PTR(-ENOMEM);
	}
	d->d_inode = inode;
	f->f_path = (struct path){ mnt_get(mnt), d };
	f->f_inode = inode;
	f->f_op = fops;
	f->private = priv;
	f->f_mode = access_fmode((u32)flags);
	if (!fops->seek_none)
		f->f_mode |= FMODE_PREAD;
	return f;
}

struct inode *pseudo_inode(umode_t mode)
{
	struct inode *inode = new_inode(pseudo_mount_for(mode)->mnt_sb);

	if (inode) {
		inode->i_ino = next_ino();
		inode->i_mode = mode;
		inode->i_uid = current_fsuid();
		inode->i_gid = current_fsgid();
	}
	return inode;
}

struct file *pseudo_file(struct inode *inode, const char *name, const struct file_ops *fops,
			 void *priv, int flags)
{
	return pseudo_open(inode, name, fops, priv, flags);
}

static int anon_dname(struct dentry *d, char *buf, size_t size)
{
	return snprintf(buf, size, "anon_inode:%s", d->d_name.name);
}
static const struct dentry_ops anon_dops = { .dname = anon_dname };

struct file *anon_file(const char *name, const struct file_ops *fops, void *priv, int flags)
{
	struct file *f = pseudo_open(inode_get(anon_inode), name, fops, priv, flags);

	if (!IS_ERR(f))
		f->f_path.dentry->d_op = &anon_dops;
	return f;
}

static int pseudo_fill(struct super *sb, const char *data)
{
	struct inode *inode = new_inode(sb);

	if (!inode)
		return -ENOMEM;
	inode->i_ino = next_ino();
	inode->i_mode = S_IFDIR | 0;
	sb->s_root = d_make_root(inode);
	return sb->s_root ? 0 : -ENOMEM;
}

static int pseudo_fs_mount(struct fs_type *type, unsigned long flags, const char *source,
			   const char *data, struct super **out)
{
	return super_nodev(type, flags, data, pseudo_fill, out);
}

static struct fs_type pseudo_types[] = {
	{ .name = "anon_inodefs", .fs_flags = FS_NODEV, .magic = ANON_INODE_FS_MAGIC,
	  .mount = pseudo_fs_mount },
	{ .name = "pipefs", .fs_flags = FS_NODEV, .magic = PIPEFS_MAGIC, .mount = pseudo_fs_mount },
	{ .name = "sockfs", .fs_flags = FS_NODEV, .magic = SOCKFS_MAGIC, .mount = pseudo_fs_mount },
};

u64 files_count(void)
{
	return __atomic_load_n(&files_open, __ATOMIC_RELAXED);
}

void __init file_init_cache(void)
{
	file_cache = kmem_cache_create("file", sizeof(struct file), 64, NULL);
	pseudo_mount = kern_mount(&pseudo_types[0]);
	pipe_mount = kern_mount(&pseudo_types[1]);
	socket_mount = kern_mount(&pseudo_types[2]);
	if (!file_cache || IS_ERR(pseudo_mount) || IS_ERR(pipe_mount) || IS_ERR(socket_mount))
		panic("fs: no memory for files");
	anon_inode = pseudo_inode(0600);
	if (!anon_inode)
		panic("fs: no memory for files");
}
