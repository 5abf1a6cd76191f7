/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading directories: getdents64, and the reader for file systems whose directories
 * are nothing but their dentries.
 */
#include <fs/fs.h>
#include <fs/notify.h>
#include <fs/uio.h>
#include <arch/uaccess.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <linux/fs.h>
#include <lib/string.h>
#include "internal.h"

/* ---- getdents64 ---- */

struct dirent64 {
	u64  d_ino;
	s64  d_off;
	u16  d_reclen;
	u8   d_type;
	char d_name[];
};

struct getdents {
	struct dir_context ctx;
	char __user *at, *prev;      /* next free byte; the entry before */
	size_t left;
	int err;
};

/* d_off of an entry is the cookie of the next one, known only when that comes. */
static bool getdents_emit(struct dir_context *ctx, const char *name, int len, loff_t pos, u64 ino,
			  unsigned type)
{
	struct getdents *g = container_of(ctx, struct getdents, ctx);
	struct dirent64 __user *e = (struct dirent64 __user *)g->at;
	size_t reclen = ALIGN(offsetof(struct dirent64, d_name) + (size_t)len + 1, 8);
	union {
		struct dirent64 head;
		char bytes[ALIGN(offsetof(struct dirent64, d_name) + NAME_MAX + 1, 8)];
	} k;

	g->err = -EINVAL;               /* the buffer is too small for even one */
	if (reclen > g->left)
		return false;
	g->err = -EFAULT;
	if (g->prev && put_user((s64)pos, &((struct dirent64 __user *)g->prev)->d_off))
		return false;
	if (g->prev && signal_pending(current)) {
		g->err = -EINTR;
		return false;
	}
	k.head = (struct dirent64){ .d_ino = ino, .d_off = 0, .d_reclen = (u16)reclen,
				    .d_type = (u8)type };
	memcpy(k.bytes + offsetof(struct dirent64, d_name), name, (size_t)len);
	memset(k.bytes + offsetof(struct dirent64, d_name) + len, 0,
	       reclen - offsetof(struct dirent64, d_name) - (size_t)len);
	if (copy_to_user(e, &k, reclen))
		return false;
	g->prev = g->at;
	g->at += reclen;
	g->left -= reclen;
	return true;
}

static int iterate_dir(struct file *file, struct dir_context *ctx)
{
	struct inode *inode = file->f_inode;
	int err;

	if (!file->f_op->iterate)
		return -ENOTDIR;
	down_read(&inode->i_rwsem);
	err = -ENOENT;
	if (!(inode->i_flags & S_DEAD_)) {
		ctx->pos = file->f_pos;
		err = file->f_op->iterate(file, ctx);
		if (!err)
			notify_file(file, IN_ACCESS);
		file->f_pos = ctx->pos;
		file_accessed(file);
	}
	up_read(&inode->i_rwsem);
	return err;
}

SYSCALL_DEFINE3(getdents64, unsigned, fd, void __user *, buf, unsigned, count)
{
	struct getdents g = { .ctx.emit = getdents_emit, .at = buf, .left = count };
	struct fd f = fdget_pos(fd);
	long ret;

	if (!f.file)
		return -EBADF;
	ret = iterate_dir(f.file, &g.ctx);
	if (ret >= 0)
		ret = g.err;
	if (g.prev) {
		ret = put_user((s64)g.ctx.pos, &((struct dirent64 __user *)g.prev)->d_off) ?
		      -EFAULT : (long)(count - g.left);
	}
	fdput_pos(f);
	return ret;
}

/* ---- directories that live in the dentry cache ---- */

/*
 * Children stand in the order of their cookies. While the directory's i_rwsem is held
 * for reading, a counted, hashed child stays where it is, so the walk may drop d_lock
 * to emit. file->private keeps the child where the last call stopped.
 */
static struct dentry *next_child(struct dentry *dir, struct dentry *after, loff_t pos)
{
	struct list_head *at;
	struct dentry *found = NULL;

	spin_lock(&dir->d_lock);
	for (at = after ? after->d_child.next : dir->d_subdirs.next; at != &dir->d_subdirs;
	     at = at->next) {
		struct dentry *d = list_entry(at, struct dentry, d_child);

		if ((loff_t)d->d_cookie < pos || !d->d_inode || d_unhashed(d))
			continue;
		if (dget_live(d)) {
			found = d;
			break;
		}
	}
	spin_unlock(&dir->d_lock);
	return found;
}

/* The child to continue after, if the cursor still fits; counted. */
static struct dentry *take_cursor(struct file *file, struct dentry *dir, loff_t pos)
{
	struct dentry *cur = file->private;

	file->private = NULL;
	if (cur && cur->d_parent == dir && !d_unhashed(cur) && (loff_t)cur->d_cookie + 1 == pos)
		return cur;
	dput(cur);
	return NULL;
}

static bool emit_dots(struct dentry *dir, struct dir_context *ctx)
{
	struct dentry *up;
	u64 ino;

	if (ctx->pos == 0) {
		if (!ctx->emit(ctx, ".", 1, 0, dir->d_inode->i_ino, DT_DIR))
			return false;
		ctx->pos = 1;
	}
	if (ctx->pos == 1) {
		up = dget_parent(dir);
		ino = up->d_inode->i_ino;
		dput(up);
		if (!ctx->emit(ctx, "..", 2, 1, ino, DT_DIR))
			return false;
		ctx->pos = 2;
	}
	return true;
}

int dcache_readdir(struct file *file, struct dir_context *ctx)
{
	struct dentry *dir = file->f_path.dentry, *prev, *d;

	if (!emit_dots(dir, ctx))
		return 0;
	prev = take_cursor(file, dir, ctx->pos);
	while ((d = next_child(dir, prev, ctx->pos))) {
		if (!ctx->emit(ctx, d->d_name.name, (int)d->d_name.len, (loff_t)d->d_cookie,
			       d->d_inode->i_ino, mode_to_dt(d->d_inode->i_mode))) {
			dput(d);
			break;
		}
		ctx->pos = (loff_t)d->d_cookie + 1;
		dput(prev);
		prev = d;
	}
	if (d)
		file->private = prev;
	else
		dput(prev);
	return 0;
}

int dcache_dir_open(struct inode *inode, struct file *file)
{
	file->private = NULL;
	return 0;
}

int dcache_dir_release(struct inode *inode, struct file *file)
{
	dput(file->private);
	return 0;
}

static loff_t dir_llseek(struct file *file, loff_t offset, int whence)
{
	if (whence == SEEK_CUR)
		offset += file->f_pos;
	else if (whence != SEEK_SET)
		return -EINVAL;
	if (offset < 0)
		return -EINVAL;
	file->f_pos = offset;
	return offset;
}

static int dir_fsync(struct file *file, loff_t start, loff_t end, int datasync)
{
	return 0;
}

const struct file_ops dcache_dir_fops = {
	.read = generic_read_dir,
	.iterate = dcache_readdir,
	.open = dcache_dir_open,
	.release = dcache_dir_release,
	.llseek = dir_llseek,
	.fsync = dir_fsync,
};

struct dentry *simple_lookup(struct inode *dir, struct dentry *dentry)
{
	d_add(dentry, NULL);
	return NULL;
}

bool simple_empty(struct dentry *dentry)
{
	struct dentry *d;
	bool empty = true;

	spin_lock(&dentry->d_lock);
	list_for_each_entry(d, &dentry->d_subdirs, d_child) {
		if (d->d_inode && !d_unhashed(d)) {
			empty = false;
			break;
		}
	}
	spin_unlock(&dentry->d_lock);
	return empty;
}
