/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The virtual file system: what an open file, an inode, a name and a mount are,
 * and what a file system has to provide.
 *
 * Who owns whom. A `file` holds its path (mount + dentry); a dentry holds its
 * inode and its parent dentry; a mount holds its super block and root dentry;
 * a super block holds its root dentry. inode/dentry/mount/super/file are
 * reference counted by atomics; the last put frees, except that an unused
 * hashed dentry stays in the cache until the shrinker or umount takes it.
 *
 * Lock order, outermost first:
 *   file->f_pos_lock                 the file position
 *   super->s_rename_mutex            renames between directories
 *   inode->i_rwsem                   contents of a directory, size of a file;
 *                                    ancestor before descendant, directory before
 *                                    file, otherwise lower address first
 *   namespace_sem                    the mount tree (fs/mount.c)
 *   mm->mmap_lock                    (taken by faults in user copies)
 *   page_cache locks                 (mm)
 *   d_move_lock                      d_parent and d_name of all dentries (fs/dcache.c);
 *                                    then d_lock of parents, then bucket locks
 *   dcache bucket lock, mount_lock, inode->i_lock, files->lock, fs_context->lock,
 *   locks_lock, lru_lock             leaves: nothing of the VFS is taken inside
 * f_op->mmap runs under mm->mmap_lock and so must not take i_rwsem.
 *
 * Context: everything here may sleep unless its comment says otherwise; *_get()
 * and the read-only inlines may be called anywhere. No function here may be
 * called from an interrupt. Errors are negative errno; pointers use ERR_PTR.
 */
#ifndef FS_FS_H
#define FS_FS_H

#include <fs/objects.h>

/* ---- files ------------------------------------------------------------------ */

/* F_SETOWN: a pid, or minus a process group; 0 is nobody. 0, -EINVAL or -ESRCH. */
long file_set_owner(struct file *file, int owner);
#if IS_ENABLED(CONFIG_FASYNC)
/* Sends what O_ASYNC signals are due (WORK_ASYNC). Task context, no lock held. */
void fasync_tell(void);
/* file_ops.async of what can only be read and written. */
u32 fasync_stream(struct file *file, u32 events, bool ask);
#else
static inline void fasync_tell(void) { }
#define fasync_stream NULL
#endif

/* A reference for the caller. Any context but IRQ. */
struct file *file_get(struct file *file);
/* Drops one; the last calls release and may sleep. NULL is fine. */
void file_put(struct file *file);
static inline struct inode *file_inode(const struct file *file)
{
	return file->f_inode;
}
/* What there is in the system, for /proc/sys/fs; `unused`: dentries that are only cached. */
u64 files_count(void);
u64 inodes_count(void);
u64 dentries_count(u64 *unused);
/* Opens by kernel string from the root/cwd of current. flags O_*. ERR_PTR on error. */
struct file *file_open(const char *path, int flags, umode_t mode);
struct file *file_open_at(int dfd, const char *path, int flags, umode_t mode);
/* Opens a path already looked up (paths stay the caller's). */
struct file *file_open_path(const struct path *path, int flags, const struct cred *cred);
/*
 * Opens a program: regular file, execute permission, not on a noexec mount (EACCES),
 * not open for writing (ETXTBSY) and none may open it so until file_allow_write().
 * at_flags: AT_EMPTY_PATH, AT_SYMLINK_NOFOLLOW.
 */
struct file *file_open_exec(int dfd, const char *path, int at_flags);
int  file_deny_write(struct file *file);      /* 0 or -ETXTBSY */
void file_allow_write(struct file *file);
/* May a program loaded from here change ids? false on nosuid mounts. */
bool file_may_suid(const struct file *file);
/* Reads into kernel memory; bytes read or errno. *pos advances. */
ssize_t kernel_read(struct file *file, void *buf, size_t count, loff_t *pos);
ssize_t kernel_write(struct file *file, const void *buf, size_t count, loff_t *pos);
/*
 * Files without a place in the tree. anon_file: all share one inode ("anon_inode:NAME");
 * pseudo_file: takes over `inode` from pseudo_inode(), shown as "NAME:[ino]". `name` must
 * be a constant string. Both return a file with one reference; use fd_install().
 */
struct file *anon_file(const char *name, const struct file_ops *fops, void *priv, int flags);
struct inode *pseudo_inode(umode_t mode);
struct file *pseudo_file(struct inode *inode, const char *name, const struct file_ops *fops,
			 void *priv, int flags);
/*
 * A file of tmpfs with this size and no name in any folder: memfd_create(2) and System V
 * shared memory. d_path() shows it as "/NAME (deleted)". ERR_PTR(-ENOMEM, -ENFILE).
 */
struct file *tmpfs_file(const char *name, loff_t size, umode_t mode, int flags);

ssize_t vfs_read(struct file *file, struct iov_iter *to, loff_t *pos);
ssize_t vfs_write(struct file *file, struct iov_iter *from, loff_t *pos);
loff_t  vfs_llseek(struct file *file, loff_t offset, int whence);
int     vfs_fsync(struct file *file, loff_t start, loff_t end, int datasync);
long    vfs_ioctl(struct file *file, unsigned cmd, unsigned long arg);
int     vfs_truncate(const struct path *path, loff_t length);
int     vfs_ftruncate(struct file *file, loff_t length);
loff_t  generic_llseek(struct file *file, loff_t offset, int whence);
/* For seekable objects with a size known to the caller. eof is also the limit. */
loff_t  generic_llseek_size(struct file *file, loff_t offset, int whence, loff_t max, loff_t eof);
loff_t  no_llseek(struct file *file, loff_t offset, int whence);   /* ESPIPE */
/* Allowed and without effect, even with seek_none (pread stays ESPIPE). */
loff_t  noop_llseek(struct file *file, loff_t offset, int whence);
/* Streams: no position at all; call from open(). */
int     stream_open(struct inode *inode, struct file *file);
u32     vfs_poll(struct file *file, struct poll_table *pt);

/* mmap: see <mm/pagecache.h>; the first counts out->file, the second does not. */
int file_mmap_source(int fd, int prot, int flags, struct vm_source *out);
int file_vm_source(struct file *file, int prot, int flags, struct vm_source *out);

/* ---- page-cache files (fs/filemap.c): ops for file systems -------------------- */
ssize_t filemap_read(struct file *file, struct iov_iter *to, loff_t *pos);
ssize_t filemap_write(struct file *file, struct iov_iter *from, loff_t *pos);
/* The same with i_rwsem already held for writing. */
ssize_t filemap_write_locked(struct file *file, struct iov_iter *from, loff_t *pos);
int     filemap_mmap(struct file *file, struct vm_source *src, int prot, int flags);
/* Write checks shared by all files with a size: RLIMIT_FSIZE, O_APPEND, s_maxbytes.
 * Trims `from`; returns bytes allowed (0: nothing to do) or errno. i_rwsem held. */
ssize_t generic_write_checks(struct file *file, struct iov_iter *from, loff_t *pos);
int     inode_newsize_ok(struct inode *inode, loff_t size);   /* EFBIG + SIGXFSZ */

/* ---- inodes -------------------------------------------------------------------- */

/* A fresh inode of `sb`, count 1, times now, nlink 1, ino 0. NULL when out of memory. */
struct inode *new_inode(struct super *sb);
u64  next_ino(void);                       /* numbers for memory file systems */
static inline struct inode *inode_get(struct inode *inode)
{
	atomic_inc(&inode->i_count);
	return inode;
}
void inode_put(struct inode *inode);       /* NULL is fine */
/* uid/gid/mode of a new object in `dir` (setgid directories), from current. */
void inode_init_owner(struct inode *inode, const struct inode *dir, umode_t mode);
/* Sets i_fop for devices, FIFOs and sockets. */
void init_special_inode(struct inode *inode, umode_t mode, dev_t rdev);
struct timespec64 inode_now(const struct inode *inode);
void inode_touch(struct inode *inode, u32 which);   /* ATTR_ATIME|MTIME|CTIME to now */
/* Updates atime as relatime and the mount say. */
void file_accessed(struct file *file);
void path_accessed(const struct path *path);
void inode_add_bytes(struct inode *inode, s64 bytes);
static inline loff_t i_size_read(const struct inode *inode)
{
	return READ_ONCE(inode->i_size);
}
static inline void i_size_write(struct inode *inode, loff_t size)
{
	WRITE_ONCE(inode->i_size, size);
}
static inline void inc_nlink(struct inode *inode) { inode->i_nlink++; }
static inline void drop_nlink(struct inode *inode) { inode->i_nlink--; }
static inline void clear_nlink(struct inode *inode) { inode->i_nlink = 0; }
static inline void set_nlink(struct inode *inode, u32 n) { inode->i_nlink = n; }
/* Checks a change of attributes by current (EPERM ...); applies it to the inode. */
int  setattr_prepare(struct dentry *dentry, struct iattr *attr);
void setattr_copy(struct inode *inode, const struct iattr *attr);
int  simple_setattr(struct dentry *dentry, struct iattr *attr);
/* The whole change: permission, i_rwsem must be held for writing. */
int  notify_change(struct dentry *dentry, struct iattr *attr);
/* Clears suid/sgid before a write by somebody without CAP_FSETID. i_rwsem held. */
int  file_remove_privs(struct file *file);
bool inode_owner_or_capable(const struct inode *inode);
void generic_fillattr(struct inode *inode, struct kstat *stat);
int  vfs_getattr(const struct path *path, struct kstat *stat, u32 mask, unsigned flags);

#define MAY_EXEC    1
#define MAY_WRITE   2
#define MAY_READ    4
#define MAY_APPEND  8
#define MAY_ACCESS  0x10
#define MAY_OPEN    0x20
#define MAY_CHDIR   0x40
/* Mode bits, groups and capabilities of current; EROFS for writing to a read-only sb. */
int inode_permission(struct inode *inode, int mask);
int generic_permission(struct inode *inode, int mask);

/* ---- dentries -------------------------------------------------------------------- */

u32  name_hash(const char *name, u32 len);
#define QSTR_INIT(s, l) { .name = (s), .len = (l), .hash = name_hash((s), (l)) }
static inline struct dentry *dget(struct dentry *dentry)
{
	atomic_inc(&dentry->d_count);
	return dentry;
}
/* The last reference: keeps it cached or frees it, and its parents. May sleep. */
void dput_last(struct dentry *dentry);
/* NULL is fine. */
static inline void dput(struct dentry *dentry)
{
	int c;

	if (!dentry)
		return;
	c = __atomic_load_n(&dentry->d_count.counter, __ATOMIC_RELAXED);
	while (likely(c > 1))
		if (likely(__atomic_compare_exchange_n(&dentry->d_count.counter, &c, c - 1, true,
						       __ATOMIC_RELEASE, __ATOMIC_RELAXED)))
			return;
	dput_last(dentry);
}
struct dentry *d_alloc(struct dentry *parent, const struct qstr *name); /* unhashed, NULL=ENOMEM */
struct dentry *d_alloc_name(struct dentry *parent, const char *name);
struct dentry *d_make_root(struct inode *inode);       /* takes over the inode reference */
/* Joins a new dentry with its inode (reference taken over; NULL = negative) and hashes it. */
void d_add(struct dentry *dentry, struct inode *inode);
/* Gives a hashed negative dentry its inode (reference taken over). */
void d_instantiate(struct dentry *dentry, struct inode *inode);
/* The same, and the dentry keeps a reference on itself until d_delete(): the entry of a
 * file system that lives in the cache. */
void d_instantiate_persist(struct dentry *dentry, struct inode *inode);
/* The name is gone: unhash and drop the entry's own reference. i_rwsem of dir held. */
void d_delete(struct dentry *dentry);
void d_drop(struct dentry *dentry);                    /* unhash */
void d_move(struct dentry *dentry, struct dentry *target);      /* s_rename_mutex or dir lock */
void d_exchange(struct dentry *a, struct dentry *b);
struct dentry *d_lookup(struct dentry *parent, const struct qstr *name); /* counted or NULL */
/* Drops cached unused children below, as deep as possible. */
void d_shrink_subtree(struct dentry *dentry);
bool d_is_ancestor(const struct dentry *a, const struct dentry *b); /* a == b or above */
unsigned long dcache_shrink(unsigned long count);      /* frees up to count; returns freed */
static inline bool d_is_negative(const struct dentry *d) { return !d->d_inode; }
static inline bool d_is_positive(const struct dentry *d) { return d->d_inode; }
static inline bool d_is_dir(const struct dentry *d)
{
	return d->d_inode && S_ISDIR(d->d_inode->i_mode);
}
static inline bool d_unhashed(const struct dentry *d) { return !(d->d_flags & DCACHE_HASHED); }
static inline bool d_is_root(const struct dentry *d) { return d->d_parent == d; }

/*
 * The path as text, built at the end of buf: absolute as seen from current's root,
 * " (deleted)" appended when unlinked, "(unreachable)" in front when outside.
 * Returns a pointer into buf, or ERR_PTR(-ENAMETOOLONG).
 */
char *d_path(const struct path *path, char *buf, size_t size);
/* Same from an explicit root, no suffix; *outside tells if root was not met. */
char *d_path_from(const struct path *path, const struct path *root, char *buf, size_t size,
		  bool *outside);

/* ---- paths and mounts -------------------------------------------------------------- */

struct mount *mnt_get(struct mount *mnt);
void mnt_put(struct mount *mnt);
static inline void path_get(const struct path *path)
{
	atomic_inc(&path->mnt->mnt_count);
	dget(path->dentry);
}
void path_put(const struct path *path);
static inline bool path_equal(const struct path *a, const struct path *b)
{
	return a->mnt == b->mnt && a->dentry == b->dentry;
}
/* Brackets every change of a file system. 0 or -EROFS. */
int  mnt_want_write(struct mount *mnt);
void mnt_drop_write(struct mount *mnt);
/* Mounts on a kernel path; for init. flags MS_*. */
int  vfs_mount(const char *source, const char *target, const char *type,
	       unsigned long flags, const char *data);
int  vfs_umount(const char *target, int flags);        /* MNT_DETACH = 2 */
/* Text of /proc/mounts, /proc/self/mountinfo, /proc/filesystems as seen by current. */
void mounts_show(struct seq_file *m);
void mountinfo_show(struct seq_file *m);
void filesystems_show(struct seq_file *m);
/* /proc/locks */
#if IS_ENABLED(CONFIG_FILE_LOCKING)
void locks_show(struct seq_file *m);
#else
static inline void locks_show(struct seq_file *m) { }
#endif
/* A mount outside the tree, for file systems used by the kernel alone. */
struct mount *kern_mount(struct fs_type *type);

extern u32 sysctl_mount_max;                           /* /proc/sys/fs/mount-max */

int  fs_register(struct fs_type *type);                /* 0 or -EBUSY */
struct fs_type *fs_find(const char *name);
/* A new super block: s_dev allocated, count 1, defaults set. */
struct super *super_alloc(struct fs_type *type, unsigned long flags);
struct super *super_get(struct super *sb);
void super_put(struct super *sb);
/* Helper for FS_SINGLE types: fill() runs once, later mounts share. */
int  super_single(struct fs_type *type, unsigned long flags, const char *data,
		  int (*fill)(struct super *sb, const char *data), struct super **out);
int  super_nodev(struct fs_type *type, unsigned long flags, const char *data,
		 int (*fill)(struct super *sb, const char *data), struct super **out);
/*
 * Mount data word by word ("size=1M,ro") to one(), until it refuses one. 0, -ENOMEM, or what
 * one() returned. `value` is NULL for a word without '='.
 */
int super_options(const char *data, int (*one)(void *opts, const char *key, const char *value),
		  void *opts);
void sync_filesystems(bool wait);

/* ---- directory changes by kernel code (paths relative to current's root) ------------ */
int vfs_mkdir(const char *path, umode_t mode);
int vfs_mknod(const char *path, umode_t mode, dev_t dev);
int vfs_symlink(const char *target, const char *path);
int vfs_link(const char *old, const char *path);
int vfs_unlink(const char *path);
int vfs_rmdir(const char *path);
int vfs_rename(const char *old, const char *path, unsigned flags);   /* RENAME_* */
int vfs_chown(const char *path, u32 uid, u32 gid);

/* ---- helpers for memory file systems -------------------------------------------------- */
struct dentry *simple_lookup(struct inode *dir, struct dentry *dentry); /* negative */
/* Directories whose entries all live in the dentry cache (DCACHE_PERSIST). */
int  dcache_readdir(struct file *file, struct dir_context *ctx);
int  dcache_dir_open(struct inode *inode, struct file *file);
int  dcache_dir_release(struct inode *inode, struct file *file);
bool simple_empty(struct dentry *dentry);              /* no positive children */
extern const struct file_ops dcache_dir_fops;
extern const struct file_ops empty_fops;               /* every op missing */
ssize_t generic_read_dir(struct file *file, struct iov_iter *to, loff_t *pos); /* EISDIR */
/* Copies from a kernel buffer, as read() of a small file would. */
ssize_t simple_read_from_buffer(struct iov_iter *to, loff_t *pos, const void *from, size_t len);

/* Called by the VFS, provided elsewhere (fs/chrdev.c, fs/pipe.c). */
int chrdev_open(struct inode *inode, struct file *file);
int fifo_open(struct inode *inode, struct file *file);

/* ---- boot ------------------------------------------------------------------------------- */
/* Caches, tmpfs as rootfs, current->fs and current->files. After slab; before tasks. */
void vfs_init(void);

#endif /* FS_FS_H */
