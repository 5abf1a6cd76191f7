/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Descriptor tables. The table grows by replacing its arrays under the lock, which all
 * readers but the sole user hold, so nobody ever looks at an old one.
 */
#include <arch/uaccess.h>
#include <fs/fs.h>
#include <fs/files.h>
#include <lib/bitmap.h>
#include <lib/bitops.h>
#include <lib/string.h>
#include <mm/slab.h>
#include <kernel/fault_inject.h>
#include <kernel/panic.h>
#include "internal.h"

static struct kmem_cache *files_cache, *fsctx_cache;

/* ---- tables ---- */

static void files_use_inline(struct files *files)
{
	files->max = FD_INLINE;
	files->fd = files->fd_inline;
	files->open = files->open_inline;
	files->cloexec = files->cloexec_inline;
}

struct files *files_alloc(void)
{
	struct files *files = kmem_cache_zalloc(files_cache, GFP_KERNEL);

	if (!files)
		return NULL;
	refcount_set(&files->count, 1);
	spin_lock_init(&files->lock);
	files_use_inline(files);
	return files;
}

/* The three arrays are one block: pointers, open, cloexec. */
static void arrays_free(struct files *files)
{
	if (files->fd != files->fd_inline)
		kvfree(files->fd);
}

static void arrays_set(struct files *files, void *block, u32 max)
{
	files->fd = block;
	files->open = (unsigned long *)(files->fd + max);
	files->cloexec = files->open + max / 64;
	files->max = max;
}

static void *arrays_alloc(u32 max)
{
	return kvzalloc(max * sizeof(struct file *) + 2 * bitmap_bytes(max), GFP_KERNEL);
}

/* Makes room for descriptor `fd`. 0 or -ENOMEM. */
static int files_grow(struct files *files, u32 fd)
{
	u32 want = FD_INLINE;
	struct files old;
	void *block;

	while (want <= fd)
		want *= 2;
	block = arrays_alloc(want);
	if (!block)
		return -ENOMEM;
	spin_lock(&files->lock);
	if (files->max >= want) {       /* another thread was faster */
		spin_unlock(&files->lock);
		kvfree(block);
		return 0;
	}
	old.fd = files->fd;
	old.open = files->open;
	old.cloexec = files->cloexec;
	old.max = files->max;
	arrays_set(files, block, want);
	memcpy(files->fd, old.fd, old.max * sizeof(struct file *));
	memcpy(files->open, old.open, bitmap_bytes(old.max));
	memcpy(files->cloexec, old.cloexec, bitmap_bytes(old.max));
	spin_unlock(&files->lock);
	if (old.fd != files->fd_inline)
		kvfree(old.fd);
	return 0;
}

struct files *files_dup(struct files *old)
{
	struct files *new = files_alloc();
	u32 top, i;

	if (!new)
		return ERR_PTR(-ENOMEM);
	spin_lock(&old->lock);
	for (;;) {
		unsigned long last = find_last_bit(old->open, old->max);

		top = last >= old->max ? 0 : (u32)last + 1;
		if (top <= new->max)
			break;
		spin_unlock(&old->lock);
		if (files_grow(new, top - 1)) {
			files_put(new);
			return ERR_PTR(-ENOMEM);
		}
		spin_lock(&old->lock);
	}
	memcpy(new->open, old->open, DIV_ROUND_UP(top, 64) * 8);
	memcpy(new->cloexec, old->cloexec, DIV_ROUND_UP(top, 64) * 8);
	for (i = 0; i < top; i++) {
		struct file *f = old->fd[i];

		if (f)
			new->fd[i] = file_get(f);
		else if (test_bit(i, new->open))
			__clear_bit(i, new->open);      /* reserved by an open in progress */
	}
	new->next = 0;
	spin_unlock(&old->lock);
	return new;
}

static int file_close(struct file *file, struct files *owner)
{
	int err = file->f_op->flush ? file->f_op->flush(file) : 0;

	if (unlikely(file->f_inode->i_flocks) && !(file->f_mode & FMODE_PATH))
		locks_remove_posix(file, owner);
	if (unlikely(file->f_inode->i_dnotify))
		dnotify_close(file, owner);
	file_put(file);
	return err;
}

void files_put(struct files *files)
{
	u32 i;

	if (!files || !refcount_dec_and_test(&files->count))
		return;
	for (i = 0; i < files->max; i++) {
		if (!(i % 64) && !files->open[i / 64]) {
			i += 63;
			continue;
		}
		if (files->fd[i])
			file_close(files->fd[i], files);
	}
	arrays_free(files);
	kmem_cache_free(files_cache, files);
}

static void set_current_files(struct files *files)
{
	struct task *t = current;
	struct files *old = t->files;

	spin_lock(&t->lock);
	t->files = files;
	spin_unlock(&t->lock);
	files_put(old);
}

int files_unshare(void)
{
	struct files *copy;

	if (refcount_read(&current->files->count) == 1)
		return 0;
	copy = files_dup(current->files);
	if (IS_ERR(copy))
		return (int)PTR_ERR(copy);
	set_current_files(copy);
	return 0;
}

void files_close_on_exec(void)
{
	struct files *files = current->files;
	u32 i = 0;

	for (;;) {
		i = (u32)find_next_bit(files->cloexec, files->max, i);
		if (i >= files->max)
			break;
		fd_close(i);
		i++;
	}
}

/* ---- descriptors ---- */

static bool is_sole_user(const struct files *files)
{
	return likely(refcount_read(&files->count) == 1);
}

static unsigned long fd_limit(void)
{
	return min_t(unsigned long, rlimit(RLIMIT_NOFILE), FD_LIMIT);
}

static __always_inline void fd_reserve(struct files *files, u32 fd, unsigned flags)
{
	__set_bit(fd, files->open);
	__assign_bit(fd, files->cloexec, flags & O_CLOEXEC);
}

static noinline int fd_find(struct files *files, unsigned start, unsigned flags)
{
	unsigned long limit = fd_limit();
	u32 fd;

	for (;;) {
		spin_lock(&files->lock);
		fd = (u32)find_next_zero_bit(files->open, files->max,
					     start > files->next ? start : files->next);
		if (unlikely(fd >= limit)) {
			spin_unlock(&files->lock);
			return -EMFILE;
		}
		if (likely(fd < files->max))
			break;
		spin_unlock(&files->lock);
		if (files_grow(files, max(fd, start)))
			return -ENOMEM;
	}
	fd_reserve(files, fd, flags);
	if (start <= files->next)
		files->next = fd + 1;
	spin_unlock(&files->lock);
	return (int)fd;
}

int fd_alloc_from(unsigned start, unsigned flags)
{
	return should_fail() ? -EMFILE : fd_find(current->files, start, flags);
}

int fd_alloc(unsigned flags)
{
	struct files *files = current->files;
	u32 fd = files->next;

	if (should_fail())
		return -EMFILE;
	/* After a run of open files, or a single hole: no search and no lock. */
	if (unlikely(!is_sole_user(files) || fd >= files->max || test_bit(fd, files->open) ||
		     fd >= fd_limit()))
		return fd_find(files, 0, flags);
	fd_reserve(files, fd, flags);
	files->next = fd + 1;
	return (int)fd;
}

void fd_install(unsigned fd, struct file *file)
{
	struct files *files = current->files;

	BUG_ON(files->fd[fd]);
	if (is_sole_user(files)) {
		smp_store_release(&files->fd[fd], file);
		return;
	}
	spin_lock(&files->lock);
	files->fd[fd] = file;
	spin_unlock(&files->lock);
}

static void fd_release_slot(struct files *files, u32 fd)
{
	files->fd[fd] = NULL;
	__clear_bit(fd, files->open);
	__clear_bit(fd, files->cloexec);
	if (fd < files->next)
		files->next = fd;
}

void fd_free(unsigned fd)
{
	struct files *files = current->files;

	spin_lock(&files->lock);
	fd_release_slot(files, fd);
	spin_unlock(&files->lock);
}

int fd_install_new(struct file *file, unsigned flags)
{
	int fd = fd_alloc(flags);

	if (fd < 0)
		file_put(file);
	else
		fd_install((unsigned)fd, file);
	return fd;
}

static struct file *fd_take(struct files *files, u32 fd)
{
	struct file *file = NULL;

	spin_lock(&files->lock);
	if (likely(fd < files->max)) {
		file = files->fd[fd];
		if (likely(file))
			fd_release_slot(files, fd);
	}
	spin_unlock(&files->lock);
	return file;
}

int fd_install_pair(struct file *files[2], unsigned flags, int __user *fds)
{
	int fd[2], err;

	fd[0] = err = fd_alloc(flags);
	if (err < 0)
		goto out_files;
	fd[1] = err = fd_alloc(flags);
	if (err < 0)
		goto out_fd0;
	err = -EFAULT;
	if (copy_to_user(fds, fd, sizeof(fd)))
		goto out_fd1;
	fd_install((unsigned)fd[0], files[0]);
	fd_install((unsigned)fd[1], files[1]);
	return 0;
out_fd1:
	fd_free((unsigned)fd[1]);
out_fd0:
	fd_free((unsigned)fd[0]);
out_files:
	file_put(files[0]);
	file_put(files[1]);
	return err;
}

int fd_close(unsigned fd)
{
	struct file *file = fd_take(current->files, fd);

	return likely(file) ? file_close(file, current->files) : -EBADF;
}

int fd_dup2(unsigned oldfd, unsigned newfd, unsigned flags)
{
	struct files *files = current->files;
	struct file *file, *victim;

	if (newfd >= rlimit(RLIMIT_NOFILE) || newfd >= FD_LIMIT)
		return -EBADF;
	if (newfd >= files->max) {
		struct file *probe = fd_get_raw((int)oldfd);

		if (!probe)
			return -EBADF;
		file_put(probe);
		if (files_grow(files, newfd))
			return -EMFILE;
	}
	spin_lock(&files->lock);
	file = oldfd < files->max ? files->fd[oldfd] : NULL;
	if (!file) {
		spin_unlock(&files->lock);
		return -EBADF;
	}
	victim = files->fd[newfd];
	if (!victim && test_bit(newfd, files->open)) {
		spin_unlock(&files->lock);      /* reserved by an open in another thread */
		return -EBUSY;
	}
	files->fd[newfd] = file_get(file);
	__set_bit(newfd, files->open);
	__assign_bit(newfd, files->cloexec, flags & O_CLOEXEC);
	spin_unlock(&files->lock);
	if (victim)
		file_close(victim, files);
	return (int)newfd;
}

/* ---- looking up ---- */

struct file *files_get_file(struct files *files, unsigned fd)
{
	struct file *file = NULL;

	spin_lock(&files->lock);
	if (fd < files->max) {
		file = files->fd[fd];
		if (file)
			file_get(file);
	}
	spin_unlock(&files->lock);
	return file;
}

int files_next_fd(struct files *files, unsigned fd, bool *cloexec)
{
	int found = -1;

	spin_lock(&files->lock);
	for (; fd < files->max; fd++) {
		fd = (unsigned)find_next_bit(files->open, files->max, fd);
		if (fd < files->max && files->fd[fd]) {
			found = (int)fd;
			if (cloexec)
				*cloexec = test_bit(fd, files->cloexec);
			break;
		}
	}
	spin_unlock(&files->lock);
	return found;
}

struct fd fdget_slow(struct files *files, unsigned fd)
{
	struct file *file = files_get_file(files, fd);

	return (struct fd){ .file = file, .flags = file ? FD_COUNTED : 0 };
}

/* fdput_pos() unlocks: the pair is beyond the analysis. */
struct fd fdget_pos_slow(struct fd f) NO_THREAD_SAFETY_ANALYSIS
{
	mutex_lock(&f.file->f_pos_lock);
	f.flags |= FD_POSLOCK;
	return f;
}

void fdput_pos_slow(struct fd f) NO_THREAD_SAFETY_ANALYSIS
{
	if (f.flags & FD_POSLOCK)
		mutex_unlock(&f.file->f_pos_lock);
	fdput(f);
}

struct file *fd_get_raw(int fd)
{
	return files_get_file(current->files, (unsigned)fd);
}

struct file *fd_get(int fd)
{
	struct file *file = fd_get_raw(fd);

	if (file && (file->f_mode & FMODE_PATH)) {
		file_put(file);
		file = NULL;
	}
	return file;
}

/* ---- root, cwd, umask ---- */

struct fs_context *fs_context_dup(struct fs_context *old)
{
	struct fs_context *fs = kmem_cache_alloc(fsctx_cache, GFP_KERNEL);

	if (!fs)
		return NULL;
	refcount_set(&fs->count, 1);
	spin_lock_init(&fs->lock);
	fs->seq.seq = 0;
	if (!old) {
		fs->umask = 022;
		fs->root = fs->pwd = (struct path){ root_mount, root_mount->mnt_root };
		path_get(&fs->root);
		path_get(&fs->pwd);
		return fs;
	}
	spin_lock(&old->lock);
	fs->umask = old->umask;
	fs->root = old->root;
	fs->pwd = old->pwd;
	path_get(&fs->root);
	path_get(&fs->pwd);
	spin_unlock(&old->lock);
	return fs;
}

void fs_context_put(struct fs_context *fs)
{
	if (!fs || !refcount_dec_and_test(&fs->count))
		return;
	path_put(&fs->root);
	path_put(&fs->pwd);
	kmem_cache_free(fsctx_cache, fs);
}

int fs_context_unshare(void)
{
	struct task *t = current;
	struct fs_context *old = t->fs, *new;

	if (refcount_read(&old->count) == 1)
		return 0;
	new = fs_context_dup(old);
	if (!new)
		return -ENOMEM;
	spin_lock(&t->lock);
	t->fs = new;
	spin_unlock(&t->lock);
	fs_context_put(old);
	return 0;
}

void fs_get_root(struct fs_context *fs, struct path *root)
{
	spin_lock(&fs->lock);
	*root = fs->root;
	path_get(root);
	spin_unlock(&fs->lock);
}

void fs_get_pwd(struct fs_context *fs, struct path *pwd)
{
	spin_lock(&fs->lock);
	*pwd = fs->pwd;
	path_get(pwd);
	spin_unlock(&fs->lock);
}

static void fs_set(struct fs_context *fs, struct path *slot, const struct path *to)
{
	struct path old;

	path_get(to);
	spin_lock(&fs->lock);
	old = *slot;
	write_seqcount_begin(&fs->seq);
	*slot = *to;
	write_seqcount_end(&fs->seq);
	spin_unlock(&fs->lock);
	path_put(&old);
}

void fs_set_root(struct fs_context *fs, const struct path *root)
{
	fs_set(fs, &fs->root, root);
}

void fs_set_pwd(struct fs_context *fs, const struct path *pwd)
{
	fs_set(fs, &fs->pwd, pwd);
}

void __init files_init(void)
{
	files_cache = KMEM_CACHE(files);
	fsctx_cache = KMEM_CACHE(fs_context);
	if (!files_cache || !fsctx_cache)
		panic("fs: no memory for descriptor tables");
	if (!current->fs)
		current->fs = fs_context_dup(NULL);
	if (!current->files)
		current->files = files_alloc();
	if (!current->fs || !current->files)
		panic("fs: no memory for the first task's files");
}
