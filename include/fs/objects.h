/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The objects of the virtual file system, their flags and their tables of operations. What owns
 * what, the order of the locks, and what can be done with them is in <fs/fs.h>, which includes
 * this file: nobody else does.
 */
#ifndef FS_OBJECTS_H
#define FS_OBJECTS_H

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

#endif /* FS_OBJECTS_H */
