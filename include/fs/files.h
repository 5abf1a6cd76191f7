/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Descriptor tables and the file system context (root, cwd, umask) of tasks.
 *
 * Rules for descriptors:
 *  - Only tasks that share a table (CLONE_FILES) can change it behind current's back.
 *    So fdget() takes no reference while the table has one user, and fdput() knows.
 *  - Other tasks (procfs) only read a table, under files->lock, and take references. So the
 *    sole user may add to it without the lock; taking a file out needs it always, because a
 *    reader may be about to count that file.
 *  - A descriptor from fd_alloc() is reserved: fd_install() fills it or fd_free() gives
 *    it back. fd_install() takes over the caller's file reference.
 *
 * Context: task context. fdget/fd_get never sleep; closing may.
 */
#ifndef FS_FILES_H
#define FS_FILES_H

#include <fs/fs.h>
#include <arch/current.h>
#include <kernel/seqcount.h>
#include <kernel/task.h>

#define FD_INLINE 64          /* descriptors in the table before it grows */
#define FD_LIMIT  (1u << 20)  /* more is refused whatever RLIMIT_NOFILE says */

/* Locks:  l  files->lock to write; read by the sole user without it
 *         s  the same, and the sole user sets it (fd[]: fills a slot) without, too */
struct files {
	refcount_t     count;
	u32            max;        /* l  slots in fd[], a multiple of 64 */
	struct file  **fd;         /* l, slots: s */
	unsigned long *open;       /* l, bits: s  set: reserved or in use */
	unsigned long *cloexec;    /* l, bits: s */
	spinlock_t     lock;
	u32            next;       /* s  no free descriptor below */
	unsigned long  open_inline[1], cloexec_inline[1];
	struct file   *fd_inline[FD_INLINE];
};

/* A file borrowed or counted for the length of a call. */
struct fd {
	struct file *file;
	u32          flags;
#define FD_COUNTED 1u          /* fdput drops a reference */
#define FD_POSLOCK 2u          /* fdput_pos unlocks f_pos_lock */
};

struct fd fdget_slow(struct files *files, unsigned fd);

/* Any descriptor, O_PATH ones too. .file is NULL for EBADF. */
static inline struct fd fdget_raw(unsigned fd)
{
	struct files *files = current->files;

	if (likely(refcount_read(&files->count) == 1)) {
		struct fd f = { .file = NULL, .flags = 0 };

		if (likely(fd < files->max))
			f.file = files->fd[fd];
		return f;
	}
	return fdget_slow(files, fd);
}
static inline void fdput(struct fd f)
{
	if (unlikely(f.flags & FD_COUNTED))
		file_put(f.file);
}
/* A descriptor for I/O: not an O_PATH one. */
static inline struct fd fdget(unsigned fd)
{
	struct fd f = fdget_raw(fd);

	if (unlikely(f.file && (f.file->f_mode & FMODE_PATH))) {
		fdput(f);
		f.file = NULL;
		f.flags = 0;
	}
	return f;
}
/* Both files of a call that moves data from one to the other; false (EBADF) and none otherwise. */
static inline bool fdget_pair(int in_fd, int out_fd, struct fd *in, struct fd *out)
{
	*in = fdget((unsigned)in_fd);
	if (!in->file)
		return false;
	*out = fdget((unsigned)out_fd);
	if (out->file)
		return true;
	fdput(*in);
	return false;
}
static inline void fdput_pair(struct fd in, struct fd out)
{
	fdput(out);
	fdput(in);
}
/* Same with the position locked when somebody else could move it. */
struct fd fdget_pos_slow(struct fd f);
static inline struct fd fdget_pos(unsigned fd)
{
	struct fd f = fdget(fd);

	if (f.file && (f.file->f_mode & FMODE_POSLOCK) &&
	    (refcount_read(&f.file->f_count) > 1 || (f.flags & FD_COUNTED)))
		return fdget_pos_slow(f);
	return f;
}
void fdput_pos_slow(struct fd f);
static inline void fdput_pos(struct fd f)
{
	if (unlikely(f.flags))
		fdput_pos_slow(f);
}

/* A counted file for a longer stay, or NULL. fd_get refuses O_PATH ones. */
struct file *fd_get(int fd);
struct file *fd_get_raw(int fd);
/* Of another task's table (procfs); NULL when closed. */
struct file *files_get_file(struct files *files, unsigned fd);
/* The first open descriptor >= fd, or -1. `cloexec` (may be NULL) tells its flag. */
int  files_next_fd(struct files *files, unsigned fd, bool *cloexec);

int  fd_alloc(unsigned flags);                 /* O_CLOEXEC; -EMFILE, -ENOMEM */
int  fd_alloc_from(unsigned start, unsigned flags);
void fd_install(unsigned fd, struct file *file);
void fd_free(unsigned fd);                     /* give back a reserved one */
/*
 * Two descriptors for pipe2(2) and socketpair(2), their numbers stored to fds. Takes over
 * both file references. 0, -EMFILE, -ENOMEM, or -EFAULT; nothing is open then.
 */
int  fd_install_pair(struct file *files[2], unsigned flags, int __user *fds);
int  fd_close(unsigned fd);                    /* 0, -EBADF or flush's error */
/* fd_alloc + fd_install; on error the file is put. */
int  fd_install_new(struct file *file, unsigned flags);
int  fd_dup2(unsigned oldfd, unsigned newfd, unsigned flags);

struct files *files_alloc(void);               /* empty; NULL = ENOMEM */
/* A copy for fork. ERR_PTR on error. */
struct files *files_dup(struct files *old);
static inline struct files *files_get(struct files *files)
{
	refcount_inc(&files->count);
	return files;
}
/* The last put closes every descriptor. */
void files_put(struct files *files);
/* Exec: own table, then close-on-exec. 0 or -ENOMEM (before the point of no return). */
int  files_unshare(void);
void files_close_on_exec(void);

/* Locks:  l  lock   q  lock and seq to write: peekers read under seq */
struct fs_context {
	refcount_t  count;
	umode_t     umask;          /* l  written whole */
	spinlock_t  lock;
	struct seqcount seq;
	struct path root, pwd;      /* q  counted */
};

struct fs_context *fs_context_dup(struct fs_context *old);   /* NULL = ENOMEM */
static inline struct fs_context *fs_context_get(struct fs_context *fs)
{
	refcount_inc(&fs->count);
	return fs;
}
void fs_context_put(struct fs_context *fs);
int  fs_context_unshare(void);
/* Counted copies. */
void fs_get_root(struct fs_context *fs, struct path *root);
void fs_get_pwd(struct fs_context *fs, struct path *pwd);
/* Uncounted, while peeking (<kernel/peek.h>): `which` is &fs->root or &fs->pwd. */
static inline struct path fs_peek(const struct fs_context *fs, const struct path *which)
{
	struct path path;
	u32 seq;

	do {
		seq = read_seqcount_begin(&fs->seq);
		path.mnt = READ_ONCE(which->mnt);
		path.dentry = READ_ONCE(which->dentry);
	} while (unlikely(read_seqcount_retry(&fs->seq, seq)));
	return path;
}
void fs_set_root(struct fs_context *fs, const struct path *root);
void fs_set_pwd(struct fs_context *fs, const struct path *pwd);

#endif /* FS_FILES_H */
