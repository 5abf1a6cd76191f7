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

#include <lib/types.h>
#include <lib/list.h>
#include <lib/err.h>
#include <arch/atomic.h>
#include <kernel/spinlock.h>
#include <kernel/mutex.h>
#include <kernel/rwsem.h>
#include <kernel/wait.h>
#include <kernel/time.h>
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/stat.h>
#include <linux/limits.h>

/* UAPI's fcntl.h leaves these to the C library. */
#define O_ACCMODE_PATH (O_ACCMODE | O_PATH)

struct file;
struct inode;
struct dentry;
struct super;
struct mount;
struct page_cache;
struct vm_source;
struct iov_iter;
struct poll_table;
struct seq_file;
struct file_lock_list;
struct kstatfs;
struct pipe;
struct chrdev;
struct cred;

/* ---- small types ------------------------------------------------------- */

/* A name component: not terminated when it points into a path string. */
struct qstr {
	const char *name;
	u32         len;
	u32         hash;   /* name_hash() of (name, len) */
};

struct path {
	struct mount  *mnt;
	struct dentry *dentry;
};

/* What stat and statx report. Sizes in bytes, blocks of 512 bytes. */
struct kstat {
	u32               result_mask;   /* STATX_* */
	umode_t           mode;
	u32               nlink;
	u32               blksize;
	u64               attributes, attributes_mask;   /* STATX_ATTR_* */
	u64               ino;
	u64               dev, rdev;     /* dev_t, kernel encoding */
	u32               uid, gid;
	loff_t            size;
	u64               blocks;
	u64               mnt_id;
	struct timespec64 atime, mtime, ctime, btime;
};

#define ATTR_MODE       (1u << 0)
#define ATTR_UID        (1u << 1)
#define ATTR_GID        (1u << 2)
#define ATTR_SIZE       (1u << 3)
#define ATTR_ATIME      (1u << 4)
#define ATTR_MTIME      (1u << 5)
#define ATTR_CTIME      (1u << 6)
#define ATTR_ATIME_SET  (1u << 7)    /* to ia_atime, not to now */
#define ATTR_MTIME_SET  (1u << 8)
#define ATTR_KILL_SUID  (1u << 9)
#define ATTR_KILL_SGID  (1u << 10)
#define ATTR_FORCE      (1u << 11)   /* the caller already checked */
#define ATTR_OPEN       (1u << 12)   /* O_TRUNC */

struct iattr {
	u32               ia_valid;      /* ATTR_* */
	umode_t           ia_mode;
	u32               ia_uid, ia_gid;
	loff_t            ia_size;
	struct timespec64 ia_atime, ia_mtime, ia_ctime;
};

/*
 * A directory reader. iterate() calls emit() for each entry from ctx->pos on and
 * leaves ctx->pos at the first one not taken; emit returns false when full. `pos`
 * is the cookie of the entry itself; cookies 0 and 1 are "." and "..".
 */
struct dir_context {
	bool (*emit)(struct dir_context *ctx, const char *name, int len, loff_t pos,
		     u64 ino, unsigned type);
	loff_t pos;
};

#ifndef DT_UNKNOWN
#define DT_UNKNOWN 0
#define DT_FIFO    1
#define DT_CHR     2
#define DT_DIR     4
#define DT_BLK     6
#define DT_REG     8
#define DT_LNK     10
#define DT_SOCK    12
#endif
static inline unsigned mode_to_dt(umode_t mode)
{
	return (mode & S_IFMT) >> 12;
}

/* Device numbers: 12 bits major, 20 bits minor in the kernel. */
#ifndef MKDEV
#define MINORBITS 20
#define MKDEV(ma, mi) ((dev_t)(((u32)(ma) << MINORBITS) | (u32)(mi)))
#define MAJOR(dev)    ((unsigned)((dev) >> MINORBITS))
#define MINOR(dev)    ((unsigned)((dev) & ((1u << MINORBITS) - 1)))
#endif
/* The layout user space sees (struct stat, mknod). */
static inline u64 dev_encode(dev_t dev)
{
	return (MINOR(dev) & 0xff) | (MAJOR(dev) << 8) | ((u64)(MINOR(dev) & ~0xffu) << 12);
}
static inline dev_t dev_decode(u32 dev)
{
	return MKDEV((dev & 0xfff00) >> 8, (dev & 0xff) | ((dev >> 12) & 0xfff00));
}

/* ---- operations tables --------------------------------------------------- */

/*
 * read/write advance *pos by what they return; pos is NULL-free: streams get a
 * dummy. iterate and write to a directory's contents run with i_rwsem held as
 * said beside each op. Missing ops give: read/write EINVAL, ioctl ENOTTY, mmap
 * ENODEV, poll "always ready", fsync EINVAL, llseek generic_llseek, iterate ENOTDIR.
 */
struct file_ops {
	ssize_t (*read)(struct file *file, struct iov_iter *to, loff_t *pos);
	ssize_t (*write)(struct file *file, struct iov_iter *from, loff_t *pos);
	u32     (*poll)(struct file *file, struct poll_table *pt);    /* EPOLL* bits */
	long    (*ioctl)(struct file *file, unsigned cmd, unsigned long arg);
	int     (*mmap)(struct file *file, struct vm_source *src, int prot, int flags);
	int     (*open)(struct inode *inode, struct file *file);
	int     (*release)(struct inode *inode, struct file *file);   /* last close */
	int     (*flush)(struct file *file);                          /* every close() */
	int     (*fsync)(struct file *file, loff_t start, loff_t end, int datasync);
	loff_t  (*llseek)(struct file *file, loff_t offset, int whence);
	int     (*iterate)(struct file *file, struct dir_context *ctx); /* i_rwsem read */
	int     (*fallocate)(struct file *file, int mode, loff_t offset, loff_t len);
	long    (*fcntl)(struct file *file, unsigned cmd, unsigned long arg); /* pipe sizes */
	void    (*show_fdinfo)(struct seq_file *m, struct file *file);
	/*
	 * O_ASYNC (fs/fasync.c): which of these EPOLL* events are told by a signal, of EPOLLIN OUT
	 * PRI ERR HUP. `ask`: what happened is not known, they are the state. events 0: it was
	 * just switched on. NULL: there is no such thing for this file. Task context.
	 */
	u32     (*async)(struct file *file, u32 events, bool ask);
	bool    seek_none;   /* ESPIPE for lseek, pread, pwrite */
};

/* What a symbolic link points at: text to walk, or for magic links a path. */
struct link_target {
	const char *text;      /* valid until to_free is freed or the inode is put */
	void       *to_free;   /* kfree'd by the walker; may be NULL */
	struct path jump;      /* if is_jump: a counted path, text unused */
	bool        is_jump;
};

/*
 * All dir ops that change a directory run with its i_rwsem held for writing, on a
 * hashed negative `dentry` (create, mkdir, mknod, symlink, link: end with
 * d_instantiate) or a positive one (unlink, rmdir). lookup runs with it held at
 * least for reading and must d_add() `dentry` (inode NULL = not there) and return
 * NULL, or return ERR_PTR, or another counted dentry to use instead.
 */
struct inode_ops {
	struct dentry *(*lookup)(struct inode *dir, struct dentry *dentry);
	int (*create)(struct inode *dir, struct dentry *dentry, umode_t mode, bool excl);
	int (*link)(struct dentry *old, struct inode *dir, struct dentry *dentry);
	int (*unlink)(struct inode *dir, struct dentry *dentry);
	int (*symlink)(struct inode *dir, struct dentry *dentry, const char *target);
	int (*mkdir)(struct inode *dir, struct dentry *dentry, umode_t mode);
	int (*rmdir)(struct inode *dir, struct dentry *dentry);
	int (*mknod)(struct inode *dir, struct dentry *dentry, umode_t mode, dev_t dev);
	int (*rename)(struct inode *olddir, struct dentry *old,
		      struct inode *newdir, struct dentry *dentry, unsigned flags);
	/* NULL for symbolic links whose text is i_link. */
	int (*get_link)(struct dentry *dentry, struct inode *inode, struct link_target *out);
	int (*setattr)(struct dentry *dentry, struct iattr *attr);       /* i_rwsem write */
	int (*getattr)(const struct path *path, struct kstat *stat, u32 mask, unsigned flags);
	bool getattr_peeks;     /* getattr only reads the inode: good while peeking */
	int (*permission)(struct inode *inode, int mask);                /* else generic */
	int (*tmpfile)(struct inode *dir, struct dentry *dentry, umode_t mode); /* unhashed dentry */
	ssize_t (*getxattr)(struct inode *inode, const char *name, void *value, size_t size);
	int (*setxattr)(struct inode *inode, const char *name, const void *value,
			size_t size, int flags);                         /* i_rwsem write */
	int (*removexattr)(struct inode *inode, const char *name);       /* i_rwsem write */
	ssize_t (*listxattr)(struct inode *inode, char *list, size_t size);
};

struct dentry_ops {
	/* Is a cached dentry still right? 1 yes, 0 look it up again, or errno. */
	int  (*revalidate)(struct dentry *dentry, unsigned flags);
	/* Last reference gone: nonzero = do not keep it in the cache. No sleeping. */
	int  (*delete)(const struct dentry *dentry);
	void (*release)(struct dentry *dentry);
	/* The text of a nameless object, such as "pipe:[12]"; returns length or errno. */
	int  (*dname)(struct dentry *dentry, char *buf, size_t size);
};

struct super_ops {
	struct inode *(*alloc_inode)(struct super *sb);        /* else from the common slab */
	void (*free_inode)(struct inode *inode);
	void (*evict_inode)(struct inode *inode);              /* nlink tells if to delete */
	int  (*write_inode)(struct inode *inode, bool wait);
	int  (*statfs)(struct super *sb, struct kstatfs *st);
	int  (*sync)(struct super *sb, bool wait);
	int  (*remount)(struct super *sb, unsigned long *flags, const char *data);
	void (*put_super)(struct super *sb);
	void (*show_options)(struct seq_file *m, struct super *sb);  /* ",size=4k" */
};

#define FS_NODEV       0x1    /* "nodev" in /proc/filesystems: needs no block device */
#define FS_SINGLE      0x2    /* every mount shows the same super block */
/*
 * mount() makes or finds a super block: *out is returned with a reference. `data` is
 * the option string (kernel memory, may be NULL). flags: MS_RDONLY and friends.
 */
struct fs_type {
	const char      *name;
	unsigned         fs_flags;
	u32              magic;
	int (*mount)(struct fs_type *type, unsigned long flags, const char *source,
		     const char *data, struct super **out);
	/* fsconfig(2): 0 or -EINVAL for an option of `data`. NULL: only mount() can tell. */
	int (*check_option)(const char *key, const char *value);
	struct list_head list;        /* fs_types_lock */
	struct super    *single;      /* FS_SINGLE's super block */
};

/* ---- objects --------------------------------------------------------------- */

/*
 * Locks:  l  i_lock          w  i_rwsem (l suffices to read a pair)   a  atomic
 *         i  never changes after the inode is visible
 *         s  sb->s_inode_lock
 */
struct inode {
	umode_t                 i_mode;      /* w (type bits: i) */
	u16                     i_opflags;   /* l  IOP_* */
	u32                     i_uid, i_gid;/* w */
	atomic_t                i_count;     /* a */
	const struct inode_ops *i_op;        /* i */
	const struct file_ops  *i_fop;       /* i */
	struct super           *i_sb;        /* i */
	u64                     i_ino;       /* i */
	u32                     i_nlink;     /* w */
	u32                     i_flags;     /* w  S_* */
	loff_t                  i_size;      /* w to change; single aligned load to read */
	u64                     i_blocks;    /* l  512-byte units */
	struct timespec64       i_atime, i_mtime, i_ctime, i_btime; /* l */
	dev_t                   i_rdev;      /* i */
	spinlock_t              i_lock;
	struct page_cache      *i_cache;     /* i  regular files with pages, else NULL */
	struct rwsem            i_rwsem;
	atomic_t                i_writecount;/* a  >0 writers, <0 executing (ETXTBSY) */
	struct file_lock_list  *i_flocks;    /* locks_lock */
	union {
		struct pipe    *i_pipe;      /* FIFO: fifo_open's, under i_lock */
		char           *i_link;      /* symlink text, i */
		void           *i_private;
	};
	struct list_head        i_sb_list;   /* s */
	struct inotify_watch    *i_watches;  /* inotify_lock */
	struct dnotify          *i_dnotify;  /* dnotify_lock */
	struct wait_queue       *i_waitq;    /* i  reserved for file systems with I/O */
};

#define IOP_TMPFILE    0x1   /* made by O_TMPFILE and not linked yet */

#define S_NOATIME_     0x1   /* i_flags: never update atime */
#define S_IMMUTABLE_   0x2
#define S_APPEND_      0x4
#define S_DEAD_        0x10  /* a removed directory: nothing can be made in it */
#define S_NOSEC_       0x8   /* has no suid/sgid/caps to strip on write */

#define DNAME_INLINE   40
/*
 * Locks:  d  d_lock   p  parent's d_lock   b  bucket lock to change hash linkage
 *         R  written by d_move under d_move_lock, d and b: read under any of them
 *         V  NULL to inode once (d_instantiate), then constant until the dentry dies
 *         L  lru_lock   a  atomic, cmpxchg only from 0 to dead
 */
struct dentry {
	atomic_t                 d_count;    /* a  <0: dying */
	u32                      d_flags;    /* d  DCACHE_* */
	struct hlist_node        d_hash;     /* b */
	struct dentry           *d_parent;   /* R */
	struct qstr              d_name;     /* R */
	struct inode            *d_inode;    /* V  NULL: negative */
	char                     d_iname[DNAME_INLINE];
	spinlock_t               d_lock;
	const struct dentry_ops *d_op;       /* i */
	struct super            *d_sb;       /* i */
	void                    *d_fsdata;
	u64                      d_cookie;   /* p  order in the directory, see readdir */
	u64                      d_next_cookie; /* d  for the next child */
	struct list_head         d_lru;      /* L */
	struct list_head         d_child;    /* p */
	struct list_head         d_subdirs;  /* d */
};

#define DCACHE_MOUNTED   0x01   /* something is mounted here in some place */
#define DCACHE_LRU       0x02   /* on the LRU list */
#define DCACHE_HASHED    0x04
#define DCACHE_DONTCACHE 0x08   /* kill at the last put */
#define DCACHE_PERSIST   0x10   /* holds a reference of its own (memory file systems) */
#define DCACHE_REVALIDATE 0x20  /* d_op->revalidate exists */
#define DCACHE_DISCONNECTED 0x40 /* pseudo file: has no place in the tree */

struct super {
	dev_t                   s_dev;        /* i */
	u32                     s_magic;      /* i */
	u32                     s_blocksize;  /* i bytes */
	unsigned long           s_flags;      /* umount lock: MS_RDONLY ... */
	loff_t                  s_maxbytes;   /* i */
	u32                     s_time_gran;  /* i ns */
	struct fs_type         *s_type;       /* i */
	const struct super_ops *s_op;         /* i */
	const struct dentry_ops *s_d_op;      /* i  default for new dentries */
	struct dentry          *s_root;       /* i */
	void                   *s_fs_info;    /* i */
	atomic_t                s_count;      /* a  mounts and temporary holders */
	struct mutex            s_rename_mutex;
	spinlock_t              s_inode_lock;
	struct list_head        s_inodes;     /* s_inode_lock */
	struct list_head        s_list;       /* supers_lock */
	char                    s_id[32];     /* i  name of the device or type */
};

#define MNT_RDONLY    0x01
#define MNT_NOSUID    0x02
#define MNT_NODEV     0x04
#define MNT_NOEXEC    0x08
#define MNT_NOATIME   0x10
#define MNT_NODIRATIME 0x20
#define MNT_RELATIME  0x40
#define MNT_UNBINDABLE 0x100
#define MNT_INTERNAL  0x200   /* not in the tree: pipes, memfd */
#define MNT_DETACHED  0x400   /* umounted lazily */
#define MNT_NOSYMFOLLOW 0x80
#define MNT_ANON      0x800   /* a descriptor of fsmount(2) or open_tree(2) holds it */
#define MNT_TURNING   0x1000  /* mount_setattr(2) is making it read-only; n */

/* Locks:  n  namespace_sem   m  mount_lock (n and m to change)   i  constant */
struct mount {
	atomic_t          mnt_count;
	u32               mnt_flags;        /* m  MNT_* */
	struct super     *mnt_sb;           /* i */
	struct dentry    *mnt_root;         /* i */
	struct mount     *mnt_parent;       /* m  itself at the top */
	struct dentry    *mnt_mountpoint;   /* m */
	struct hlist_node mnt_hash;         /* m */
	struct list_head  mnt_children;     /* n */
	struct list_head  mnt_sibling;      /* n */
	struct list_head  mnt_list;         /* n  all mounts, in mount order; those of descriptors too */
	atomic_t          mnt_writers;      /* a  mnt_want_write() holders */
	int               mnt_id;           /* i */
	u32               mnt_expiry;       /* m  lookups left until it is not unused, see umount2(2) */
	char             *mnt_devname;      /* i */
};

#define FMODE_READ      0x01u
#define FMODE_WRITE     0x02u
#define FMODE_EXEC      0x04u
#define FMODE_PREAD     0x08u   /* pread/pwrite/lseek allowed (not a stream) */
#define FMODE_POSLOCK   0x10u   /* position is shared state: lock it (regular, dir) */
#define FMODE_PATH      0x20u   /* O_PATH: only a place */
#define FMODE_NOTIFYOFF 0x40u
#define FMODE_WROTE     0x80u   /* counted in i_writecount and mnt_writers */
#define FMODE_ISREG     0x100u

/*
 * Locks:  a atomic   i constant after open   l f_lock   p f_pos_lock when
 * FMODE_POSLOCK and the file may be shared
 */
struct file {
	refcount_t             f_count;     /* a */
	u32                    f_flags;     /* l  O_* as F_GETFL gives them */
	u32                    f_mode;      /* i  FMODE_* */
	loff_t                 f_pos;       /* p */
	const struct file_ops *f_op;        /* i  never NULL */
	struct inode          *f_inode;     /* i  == f_path.dentry->d_inode */
	struct path            f_path;      /* i */
	void                  *private;     /* the file system's or driver's */
	struct mutex           f_pos_lock;
	spinlock_t             f_lock;
	int                    f_owner;     /* l  F_SETOWN: pid, or -pgrp */
	int                    f_owner_sig; /* l */
	bool                   f_owner_thread; /* l  F_OWNER_TID: f_owner is one */
	uid_t                  f_owner_uid, f_owner_euid; /* l  of who set f_owner */
	struct list_head       f_ep;        /* epoll items watching this file (fs/epoll.c) */
	struct fasync         *f_async;     /* async_mutex (fs/fasync.c): with O_ASYNC, else NULL */
	const struct cred     *f_cred;      /* i  counted: the opener's */
	u32                    f_lockcnt;   /* locks_lock: locks this file may own */
};

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
/* Open files in the system, for /proc/sys/fs/file-nr. */
u64 files_count(void);
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
void locks_show(struct seq_file *m);                   /* /proc/locks */
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
