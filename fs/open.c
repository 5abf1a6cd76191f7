/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Opening files: the flags of open(2) and openat2(2), the last step of the walk with
 * O_CREAT, and close. Everything O_* says is decided here, once.
 */
#include <fs/fs.h>
#include <fs/notify.h>
#include <arch/uaccess.h>
#include <kernel/syscall.h>
#include <lib/string.h>
#include <linux/openat2.h>
#include "internal.h"
#include "walk.h"

#define OPEN_HOW_VER0 24         /* bytes of the first struct open_how */
#define OPEN_VALID (O_ACCMODE | O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_APPEND | O_NONBLOCK | \
		    O_DSYNC | __O_SYNC | FASYNC | O_DIRECT | O_LARGEFILE | O_DIRECTORY |	 \
		    O_NOFOLLOW | O_NOATIME | O_CLOEXEC | O_PATH | __O_TMPFILE)
#define O_PATH_VALID (O_DIRECTORY | O_NOFOLLOW | O_PATH | O_CLOEXEC)

/* ---- flags ---- */

static int resolve_flags(u64 resolve, unsigned *lookup)
{
	if (resolve & ~(u64)(RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS |
			     RESOLVE_BENEATH | RESOLVE_IN_ROOT | RESOLVE_CACHED))
		return -EINVAL;
	if ((resolve & RESOLVE_BENEATH) && (resolve & RESOLVE_IN_ROOT))
		return -EINVAL;
	if (resolve & RESOLVE_NO_XDEV)
		*lookup |= LOOKUP_NO_XDEV;
	if (resolve & RESOLVE_NO_MAGICLINKS)
		*lookup |= LOOKUP_NO_MAGICLINKS;
	if (resolve & RESOLVE_NO_SYMLINKS)
		*lookup |= LOOKUP_NO_SYMLINKS | LOOKUP_NO_MAGICLINKS;
	if (resolve & RESOLVE_BENEATH)
		*lookup |= LOOKUP_BENEATH;
	if (resolve & RESOLVE_IN_ROOT)
		*lookup |= LOOKUP_IN_ROOT;
	if (resolve & RESOLVE_CACHED)
		*lookup |= LOOKUP_CACHED;
	return 0;
}

static const u8 acc_modes[] = {
	MAY_READ, MAY_WRITE, MAY_READ | MAY_WRITE, MAY_READ | MAY_WRITE,
};

int open_how_build(u64 flags, u64 mode, u64 resolve, struct open_how_k *how)
{
	int f = (int)flags, err;

	if (flags & ~(u64)(u32)OPEN_VALID)
		return -EINVAL;
	how->lookup = 0;
	if (unlikely(resolve)) {
		err = resolve_flags(resolve, &how->lookup);
		if (err)
			return err;
	}
	if (f & (O_CREAT | __O_TMPFILE)) {
		if (mode & ~(u64)07777)
			return -EINVAL;
		how->mode = (umode_t)(mode | S_IFREG);
	} else {
		if (mode)
			return -EINVAL;
		how->mode = 0;
	}
	if ((f & (O_DIRECTORY | O_CREAT)) == (O_DIRECTORY | O_CREAT))
		return -EINVAL;
	if ((resolve & RESOLVE_CACHED) && (f & (O_TRUNC | O_CREAT | __O_TMPFILE)))
		return -EAGAIN;
	how->acc_mode = acc_modes[f & O_ACCMODE];
	if (f & __O_TMPFILE) {
		if (!(f & O_DIRECTORY) || !(how->acc_mode & MAY_WRITE))
			return -EINVAL;
	}
	if (f & O_PATH) {
		if (f & ~O_PATH_VALID)
			return -EINVAL;
		how->acc_mode = 0;
	}
	if (f & __O_SYNC)
		f |= O_DSYNC;
	if (f & O_TRUNC)
		how->acc_mode |= MAY_WRITE;
	if (f & O_APPEND)
		how->acc_mode |= MAY_APPEND;
	how->flags = f;
	if (f & O_DIRECTORY)
		how->lookup |= LOOKUP_DIRECTORY;
	if (!(f & O_NOFOLLOW) && (f & (O_CREAT | O_EXCL)) != (O_CREAT | O_EXCL))
		how->lookup |= LOOKUP_FOLLOW;
	return 0;
}

/* open and openat ignore what they do not know, and what O_PATH makes pointless. */
static u64 old_flags(int flags)
{
	flags &= OPEN_VALID;
	if (flags & O_PATH)
		return (u32)(flags & O_PATH_VALID);
	return (u32)(flags | O_LARGEFILE);
}

static u64 old_mode(int flags, umode_t mode)
{
	return (flags & (O_CREAT | __O_TMPFILE)) && !(flags & O_PATH) ? mode & 07777 : 0;
}

/* ---- may this be opened so? ---- */

static int may_open_type(const struct path *path, const struct open_how_k *how)
{
	umode_t mode = path->dentry->d_inode->i_mode;

	if (unlikely(how->acc_mode & MAY_EXEC) && !S_ISREG(mode))
		return S_ISLNK(mode) ? -ELOOP : -EACCES;
	switch (mode & S_IFMT) {
	case S_IFLNK:
		return -ELOOP;
	case S_IFDIR:
		if (how->acc_mode & MAY_WRITE)
			return -EISDIR;
		break;
	case S_IFCHR:
	case S_IFBLK:
		if (path->mnt->mnt_flags & MNT_NODEV)
			return -EACCES;
		break;
	case S_IFREG:
		if ((how->acc_mode & MAY_EXEC) && (path->mnt->mnt_flags & MNT_NOEXEC))
			return -EACCES;
		break;
	}
	return 0;
}

static int may_open(const struct path *path, const struct open_how_k *how, bool created)
{
	struct inode *inode = path->dentry->d_inode;
	int err;

	if (!how->acc_mode)             /* O_PATH: the walk was permission enough */
		return 0;
	err = may_open_type(path, how);
	if (unlikely(err) || created)
		return err;
	err = inode_permission(inode, how->acc_mode | MAY_OPEN);
	if (unlikely(err))
		return err;
	if ((inode->i_flags & S_APPEND_) &&
	    (((how->flags & O_ACCMODE) != O_RDONLY && !(how->flags & O_APPEND)) ||
	     (how->flags & O_TRUNC)))
		return -EPERM;
	if ((how->flags & O_NOATIME) && !inode_owner_or_capable(inode))
		return -EPERM;
	if (unlikely((how->flags & O_DIRECT) && (S_ISREG(inode->i_mode) || S_ISBLK(inode->i_mode))))
		return -EINVAL;         /* nothing here bypasses the page cache */
	return 0;
}

static int open_truncate(struct file *file)
{
	struct path *path = &file->f_path;
	struct inode *inode = file->f_inode;
	int err;

	if (!S_ISREG(inode->i_mode))
		return 0;
	err = mnt_want_write(path->mnt);
	if (err)
		return err;
	err = inode_get_write(inode);
	if (!err) {
		err = do_truncate(path->dentry, 0, ATTR_MTIME | ATTR_CTIME | ATTR_OPEN, file);
		atomic_dec(&inode->i_writecount);
	}
	mnt_drop_write(path->mnt);
	return err;
}

/* The file object for a place; takes over the reference on path. */
static struct file *open_place(struct path *path, const struct open_how_k *how, bool created)
{
	struct file *file;
	int err = may_open(path, how, created);

	if (unlikely(err)) {
		path_put(path);
		return ERR_PTR(err);
	}
	file = file_alloc(how->flags & ~O_CLOEXEC, current_cred());
	if (unlikely(!file)) {
		path_put(path);
		return ERR_PTR(-ENOMEM);
	}
	file->f_path = *path;
	err = file_do_open(file, path->dentry->d_inode);
	if (unlikely(err))
		return ERR_PTR(err);
	if (unlikely(how->flags & O_TRUNC) && !created) {
		err = open_truncate(file);
		if (err) {
			file_put(file);
			return ERR_PTR(err);
		}
	}
	notify_file(file, IN_OPEN);
	return file;
}

/* ---- O_CREAT ---- */

/* Makes the missing last component. dir's i_rwsem held; `ro`: result of mnt_want_write. */
static int create_locked(struct inode *dir, struct dentry *d, const struct open_how_k *how,
			 int ro)
{
	int err;

	if (ro)
		return ro;
	err = may_create(dir, d);
	if (err)
		return err;
	if (!dir->i_op->create)
		return -EACCES;
	return dir->i_op->create(dir, d, how->mode & (umode_t)~current->fs->umask,
				 how->flags & O_EXCL);
}

/* Finds or makes the last component; *created tells which. A counted dentry or ERR_PTR. */
static struct dentry *open_create(struct walk *w, const struct open_how_k *how, bool *created)
{
	struct dentry *dir = w->path.dentry, *d = d_lookup(dir, &w->last.q);
	int err, ro;

	if (d && d_is_positive(d) && !(d->d_flags & DCACHE_REVALIDATE))
		return d;
	dput(d);
	ro = mnt_want_write(w->path.mnt);
	down_write(&dir->d_inode->i_rwsem);
	d = lookup_one_locked(dir, &w->last.q);
	if (!IS_ERR(d) && d_is_negative(d)) {
		err = create_locked(dir->d_inode, d, how, ro);
		if (err) {
			dput(d);
			d = ERR_PTR(err);
		} else {
			*created = true;
			notify_create(dir->d_inode, d);
		}
	}
	up_write(&dir->d_inode->i_rwsem);
	if (!ro)
		mnt_drop_write(w->path.mnt);
	return d;
}

/* As walk_last(): 0, 1 = follow w->text, or errno. */
static int open_last_create(struct walk *w, const struct open_how_k *how, bool *created)
{
	struct dentry *d;
	int err;

	if (w->last.type != LAST_NORM || w->last.slashes)
		return -EISDIR;
	/* The directory itself must be searchable and a directory: the walk saw to it. */
	d = open_create(w, how, created);
	if (IS_ERR(d))
		return (int)PTR_ERR(d);
	if (!*created && (how->flags & O_EXCL)) {
		dput(d);
		return -EEXIST;
	}
	err = walk_step_to(w, d, how->lookup & LOOKUP_FOLLOW);
	if (!err && S_ISDIR(w->path.dentry->d_inode->i_mode))
		err = -EISDIR;
	return err;
}

/* ---- O_TMPFILE ---- */

static struct file *open_tmpfile(struct path *dir, const struct open_how_k *how)
{
	struct inode *inode = dir->dentry->d_inode;
	struct qstr name = { .name = "#tmpfile", .len = 8 };
	struct open_how_k h = *how;
	struct path path;
	int err = -EOPNOTSUPP;

	if (!S_ISDIR(inode->i_mode))
		err = -ENOTDIR;
	else if (inode->i_op->tmpfile)
		err = mnt_want_write(dir->mnt);
	if (err)
		goto out;
	err = inode_permission(inode, MAY_WRITE | MAY_EXEC);
	if (err)
		goto out_write;
	path.dentry = d_alloc(dir->dentry, &name);
	err = -ENOMEM;
	if (!path.dentry)
		goto out_write;
	err = inode->i_op->tmpfile(inode, path.dentry, how->mode & (umode_t)~current->fs->umask);
	if (err) {
		dput(path.dentry);
		goto out_write;
	}
	if (!(how->flags & O_EXCL))
		path.dentry->d_inode->i_opflags |= IOP_TMPFILE;
	mnt_drop_write(dir->mnt);
	path.mnt = mnt_get(dir->mnt);
	path_put(dir);
	h.flags &= ~O_DIRECTORY;
	return open_place(&path, &h, true);
out_write:
	mnt_drop_write(dir->mnt);
out:
	path_put(dir);
	return ERR_PTR(err);
}

/* ---- the whole of it ---- */

struct file *do_file_open(int dfd, const char *name, const struct open_how_k *how)
{
	unsigned parent = unlikely(how->flags & O_CREAT) ? LOOKUP_PARENT : 0;
	struct walk w;
	bool created = false;
	int err = walk_start(&w, dfd, name, how->lookup | parent);

	if (unlikely(err))
		return ERR_PTR(err);
	if (w.text) {
		do {
			err = walk_to_last(&w, w.text);
			if (unlikely(err))
				break;
			if (parent)
				err = open_last_create(&w, how, &created);
			else
				err = walk_last(&w, how->lookup & LOOKUP_FOLLOW);
		} while (unlikely(err == 1));
	}
	if (!err && w.need_dir && !S_ISDIR(w.path.dentry->d_inode->i_mode))
		err = -ENOTDIR;
	walk_end(&w);
	if (unlikely(err)) {
		path_put(&w.path);
		return ERR_PTR(err);
	}
	if (unlikely(how->flags & __O_TMPFILE))
		return open_tmpfile(&w.path, how);
	return open_place(&w.path, how, created);
}

struct file *file_open_at(int dfd, const char *path, int flags, umode_t mode)
{
	struct open_how_k how;
	int err = open_how_build(old_flags(flags), old_mode(flags, mode), 0, &how);

	return err ? ERR_PTR(err) : do_file_open(dfd, path, &how);
}

struct file *file_open(const char *path, int flags, umode_t mode)
{
	return file_open_at(AT_FDCWD, path, flags, mode);
}

struct file *file_open_path(const struct path *path, int flags, const struct cred *cred)
{
	struct file *file = file_alloc(flags & ~O_CLOEXEC, cred);
	int err;

	if (!file)
		return ERR_PTR(-ENOMEM);
	file->f_path = *path;
	path_get(path);
	err = file_do_open(file, path->dentry->d_inode);
	return err ? ERR_PTR(err) : file;
}

struct file *file_open_exec(int dfd, const char *path, int at_flags)
{
	struct open_how_k how = { .flags = O_LARGEFILE | O_RDONLY, .acc_mode = MAY_EXEC };
	struct file *file;
	int err;

	if (at_flags & ~(AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW))
		return ERR_PTR(-EINVAL);
	if (!(at_flags & AT_SYMLINK_NOFOLLOW))
		how.lookup |= LOOKUP_FOLLOW;
	if (at_flags & AT_EMPTY_PATH)
		how.lookup |= LOOKUP_EMPTY;
	file = do_file_open(dfd, path, &how);
	if (IS_ERR(file))
		return file;
	err = S_ISREG(file->f_inode->i_mode) ? file_deny_write(file) : -EACCES;
	if (err) {
		file_put(file);
		return ERR_PTR(err);
	}
	file->f_mode |= FMODE_EXEC;
	return file;
}

/* ---- system calls ---- */

static __always_inline long do_open_user(int dfd, const char __user *name,
					 const struct open_how_k *how)
{
	struct filename fn;
	struct file *file;
	int fd, err = getname(&fn, name);

	if (unlikely(err))
		return err;
	fd = fd_alloc((unsigned)how->flags);
	if (likely(fd >= 0)) {
		file = do_file_open(dfd, fn.name, how);
		if (unlikely(IS_ERR(file))) {
			fd_free((unsigned)fd);
			fd = (int)PTR_ERR(file);
		} else {
			fd_install((unsigned)fd, file);
		}
	}
	putname(&fn);
	return fd;
}

SYSCALL_DEFINE4(openat, int, dfd, const char __user *, name, int, flags, umode_t, mode)
{
	struct open_how_k how;
	int err = open_how_build(old_flags(flags), old_mode(flags, mode), 0, &how);

	return unlikely(err) ? err : do_open_user(dfd, name, &how);
}

SYSCALL_DEFINE4(openat2, int, dfd, const char __user *, name, struct open_how __user *, uhow,
		size_t, size)
{
	struct open_how_k how;
	struct open_how h;
	int err;

	if (size < OPEN_HOW_VER0)
		return -EINVAL;
	if (size > PAGE_SIZE)
		return -E2BIG;
	err = copy_struct_from_user(&h, sizeof(h), uhow, size);
	if (err)
		return err;
	if (!(h.flags & O_PATH))
		h.flags |= O_LARGEFILE;
	err = open_how_build(h.flags, h.mode, h.resolve, &how);
	return err ? err : do_open_user(dfd, name, &how);
}

SYSCALL_DEFINE1(close, unsigned, fd)
{
	int err = fd_close(fd);

	/* The descriptor is gone: the call must not be restarted. */
	if (unlikely(err == -ERESTARTSYS || err == -ERESTARTNOINTR || err == -ERESTARTNOHAND ||
		     err == -ERESTART_RESTARTBLOCK))
		err = -EINTR;
	return err;
}

/* ---- cwd and root ---- */

static int set_pwd(const struct path *path)
{
	int err = -ENOTDIR;

	if (S_ISDIR(path->dentry->d_inode->i_mode))
		err = inode_permission(path->dentry->d_inode, MAY_EXEC | MAY_CHDIR);
	if (!err)
		fs_set_pwd(current->fs, path);
	return err;
}

SYSCALL_DEFINE1(chdir, const char __user *, name)
{
	struct path path;
	int err = path_lookup_user(AT_FDCWD, name, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &path);

	if (err)
		return err;
	err = set_pwd(&path);
	path_put(&path);
	return err;
}

SYSCALL_DEFINE1(fchdir, unsigned, fd)
{
	struct fd f = fdget_raw(fd);
	int err;

	if (!f.file)
		return -EBADF;
	err = set_pwd(&f.file->f_path);
	fdput(f);
	return err;
}

SYSCALL_DEFINE1(chroot, const char __user *, name)
{
	struct path path;
	int err = path_lookup_user(AT_FDCWD, name, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &path);

	if (err)
		return err;
	err = inode_permission(path.dentry->d_inode, MAY_EXEC | MAY_CHDIR);
	if (!err && !capable(CAP_SYS_CHROOT))
		err = -EPERM;
	if (!err)
		fs_set_root(current->fs, &path);
	path_put(&path);
	return err;
}
