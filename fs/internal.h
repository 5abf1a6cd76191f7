/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of fs/ share among themselves and nobody else needs.
 */
#ifndef FS_INTERNAL_H
#define FS_INTERNAL_H

#include <fs/fs.h>
#include <fs/files.h>
#include <fs/namei.h>
#include <kernel/cred.h>
#include <kernel/task.h>
#include <lib/hash.h>
#include <mm/page.h>

/* ---- what /proc/PID/io counts ---- */

/* A call came to its file and gave `ret`. No branch, so that both are loaded and stored at once. */
static __always_inline void io_count(struct io_calls *io, ssize_t ret)
{
	u64 bytes = io->bytes, calls = io->calls;

	io->bytes = bytes + (u64)(ret & ~(ret >> 63));
	io->calls = calls + 1;
}

/* Copied from file to file without the caller's memory between. */
static inline void io_count_copy(ssize_t ret)
{
	io_count(&current->io.read, ret);
	io_count(&current->io.write, ret);
}

/* ---- names (name.c) ---- */

struct name_part {
	const char *start;
	u32         len, hash;
	enum last_type type;
	const char *next;        /* first byte after the component */
};

/* The 8 bytes at `s` as a little-endian word; what follows a NUL is of no account. */
u64 name_word_bytes(const char *s);
static __always_inline u64 name_word(const char *s)
{
	u64 word;

	/* A sanitizer minds bytes behind the end; a page that is not there everybody. */
	if (__has_feature(address_sanitizer) ||
	    unlikely(((uintptr_t)s & (PAGE_SIZE - 1)) > PAGE_SIZE - 8))
		return name_word_bytes(s);
	__builtin_memcpy(&word, s, 8);
	return word;
}

/* Bit 7 of each byte of `word` that is '/' or NUL; right up to the first of them. */
static __always_inline u64 name_ends(u64 word)
{
	const u64 ones = 0x0101010101010101, slashes = word ^ (ones * '/');

	return (((word - ones) & ~word) | ((slashes - ones) & ~slashes)) & (ones << 7);
}

#define NAME_HASH_SEED 0x811c9dc5u

/*
 * Cuts the component at `s` (which is not '/' or NUL), eight bytes at a time, of which
 * the last are filled up with zeros. -ENAMETOOLONG past NAME_MAX.
 */
static __always_inline int name_cut(const char *s, struct name_part *part)
{
	const char *p = s;
	u64 h = NAME_HASH_SEED, word = name_word(p), ends;
	unsigned last;

	while (!(ends = name_ends(word))) {
		h = hash_mix(h, word);
		p += 8;
		word = name_word(p);
	}
	last = (unsigned)__builtin_ctzll(ends) & ~7u;           /* bits of the name in it */
	h = hash_mix(h, word & ((1ull << last) - 1));
	p += last / 8;
	part->start = s;
	part->len = (u32)(p - s);
	part->hash = (u32)h;
	part->next = p;
	part->type = LAST_NORM;
	if (unlikely(part->len > NAME_MAX))
		return -ENAMETOOLONG;
	if (unlikely(s[0] == '.')) {
		if (part->len == 1)
			part->type = LAST_DOT;
		else if (part->len == 2 && s[1] == '.')
			part->type = LAST_DOTDOT;
	}
	return 0;
}
static __always_inline const char *name_skip_slashes(const char *s)
{
	while (*s == '/')
		s++;
	return s;
}

/* ---- dentries (dcache.c) ---- */

extern spinlock_t d_move_lock;
/* As d_lookup without the checks of d_op; for the walk. */
struct dentry *d_lookup_fast(struct dentry *parent, const struct qstr *name);
bool dget_live(struct dentry *dentry);
struct dentry *dget_parent(struct dentry *dentry);
void dcache_init(void);
/* Drops every dentry of a super block that goes away. */
void d_shutdown(struct dentry *root);
struct dentry *d_alloc_pseudo(struct super *sb, const char *name);

/* ---- inodes and super blocks ---- */

void inode_init_cache(void);
void super_init(void);
bool super_on_device(dev_t dev);               /* is it mounted? */
void filemap_release(struct inode *inode);     /* truncates the cache to nothing */
/*
 * Reading and writing of an inode that is not the file's own: a disk's. Its size is the end of
 * reading; writing would move it, so the caller cuts `from` at it and holds i_rwsem.
 */
ssize_t filemap_read_inode(struct inode *inode, struct iov_iter *to, loff_t *pos);
ssize_t filemap_write_pages(struct inode *inode, struct iov_iter *from, loff_t pos);

/* ---- blkdev.c, blkdev_ioctl.c ---- */
struct disk;
/* Zeros to [pos, pos + len), which is on the disk, and to the medium: 0 or -errno. */
int blkdev_write_zeros(struct disk *disk, loff_t pos, u64 len);
long blkdev_ioctl(struct file *file, unsigned cmd, unsigned long arg);
/* The page to read from, counted; NULL: a hole. ERR_PTR(-EIO, -ENOMEM, -EINTR). */
struct page *filemap_get_page(struct page_cache *cache, u64 index);

/* ---- mounts (mount.c, mount_ops.c) ---- */

/* Flags of mount(2) that belong to the file system, and flags of a mount that users choose. */
#define SB_FLAGS (MS_RDONLY | MS_SYNCHRONOUS | MS_DIRSYNC | MS_MANDLOCK | MS_LAZYTIME)
#define MNT_ATIME_FLAGS (MNT_NOATIME | MNT_NODIRATIME | MNT_RELATIME)
#define MNT_USER_FLAGS (MNT_RDONLY | MNT_NOSUID | MNT_NODEV | MNT_NOEXEC | MNT_NOSYMFOLLOW | \
			MNT_ATIME_FLAGS)

void mount_init(void);
struct mount *mount_lookup(struct mount *mnt, struct dentry *dentry);
/* If path is a mount's root below another mount: moves it to the mount point. */
bool path_follow_up(struct path *path);
/* Replaces path by what is mounted on it, as deep as it goes. true if it moved. */
bool path_follow_mounts(struct path *path);
/* While peeking (<kernel/peek.h>): from path->mnt and `dentry`, which is DCACHE_MOUNTED, to
 * what is mounted there, uncounted. False: not to be told without the lock; path stays. */
bool path_peek_mounts(struct path *path, struct dentry *dentry);
bool mnt_get_live(struct mount *mnt);          /* false: it is dying */
extern struct rwsem namespace_sem;
extern spinlock_t mount_lock;                  /* inside d_move_lock */
extern struct list_head mount_list;            /* namespace_sem */
extern struct mount *root_mount;               /* namespace_sem: the top of the tree */
/* Takes over no references; sb and root are counted. ERR_PTR(-ENOMEM, -ENOSPC: too many). */
struct mount *mount_alloc(struct super *sb, struct dentry *root, const char *devname, u32 flags);
/* namespace_sem held for writing for all of these. */
void mount_attach(struct mount *mnt, struct mount *parent, struct dentry *mountpoint);
void mount_detach(struct mount *mnt);          /* from its parent only */
void mount_tree_list(struct mount *mnt);       /* the subtree becomes part of the namespace */
void mount_tree_release(struct mount *mnt);    /* out of the namespace; drops the tree's refs */
struct mount *mount_next(struct mount *pos, struct mount *top);   /* pre-order */
struct mount *mount_clone_tree(struct mount *src, struct dentry *root, bool recurse);
bool mount_is_busy(struct mount *mnt, int own);
void mount_tree_mark(struct mount *mnt, u32 set, u32 clear);      /* MNT_* of the whole subtree */
/* Puts a prepared mount (tree) on what path leads to. -EINVAL -ENOTDIR -ENOENT. */
int mount_graft(struct mount *mnt, struct path *path);
/* A copy of what shows at `from`, in no tree yet. ERR_PTR(-EINVAL: unbindable, -ENOMEM, -ENOSPC). */
struct mount *mount_copy(const struct path *from, bool recurse);
/* The mount that `from` is the root of goes to `to`; or a tree of a descriptor's. -EINVAL -ELOOP. */
int mount_move(const struct path *from, struct path *to);
/* Sets MNT_RDONLY unless somebody writes through it: -EBUSY. */
int mount_set_readonly(struct mount *mnt);
/* New flags (of SB_FLAGS, those in `mask`) and options for a file system in use. */
int super_reconfigure(struct super *sb, unsigned long flags, unsigned long mask, const char *data);
/* Is something mounted on this dentry anywhere? Takes namespace_sem. */
bool d_is_mountpoint(struct dentry *dentry);
long do_mount(const char *source, struct path *path, const char *type, unsigned long flags,
	      const char *data);

static inline bool path_is_mount_root(const struct path *path)
{
	return path->dentry == path->mnt->mnt_root;
}

static inline bool mount_in_tree(const struct mount *mnt)
{
	return !(mnt->mnt_flags & (MNT_DETACHED | MNT_INTERNAL | MNT_ANON));
}

static inline bool mnt_is_readonly(const struct mount *mnt)
{
	return (READ_ONCE(mnt->mnt_flags) & MNT_RDONLY) ||
	       (READ_ONCE(mnt->mnt_sb->s_flags) & 1 /* MS_RDONLY */);
}

/* ---- files ---- */

void file_init_cache(void);
struct file *file_alloc(int flags, const struct cred *cred);
void file_free(struct file *file);             /* of file_alloc, before it was opened */
/* Finishes an open on file->f_path. On error the file is freed. */
int  file_do_open(struct file *file, struct inode *inode);
void files_init(void);
int  inode_get_write(struct inode *inode);     /* counts a writer; -ETXTBSY */
/* Stays open for writing, but does not keep the file from being executed. */
void file_uncount_writer(struct file *file);
#if IS_ENABLED(CONFIG_FILE_LOCKING)
void locks_init(void);
void locks_remove_posix(struct file *file, struct files *owner);  /* at each close() */
void locks_remove_file(struct file *file);     /* at the last put */
void locks_free_inode(struct inode *inode);
long fcntl_setlk(struct file *file, unsigned fd, unsigned cmd, void __user *arg);
long fcntl_getlk(struct file *file, unsigned cmd, void __user *arg);
#else
static inline void locks_init(void) { }
static inline void locks_remove_posix(struct file *file, struct files *owner) { }
static inline void locks_remove_file(struct file *file) { }
static inline void locks_free_inode(struct inode *inode) { }
static inline long fcntl_setlk(struct file *file, unsigned fd, unsigned cmd, void __user *arg)
{
	return -EACCES;
}
static inline long fcntl_getlk(struct file *file, unsigned cmd, void __user *arg) { return -EINVAL; }
#endif

/* ---- who is told by signals (owner.c) ---- */

long file_owner_ex(struct file *file, bool set, void __user *arg);	/* F_GETOWN_EX, F_SETOWN_EX */
/*
 * Sends the owner, if there is one, the signal of F_SETSIG with these in its siginfo, or a plain
 * SIGIO. Task context; the locks above tasklist_lock may be held, none of the file's.
 */
void file_signal_owner(struct file *file, int fd, int code, long band);

/* ---- O_ASYNC (fasync.c) ---- */

#if IS_ENABLED(CONFIG_FASYNC)
/* Switches it; `fd` is what its signals name. 0, -ENOTTY not for this file, -ENOMEM. */
int fasync_set(struct file *file, int fd, bool on);
/* The end of a file that has f_async. */
void fasync_release(struct file *file);
#else
static inline int fasync_set(struct file *file, int fd, bool on) { return -EINVAL; }
static inline void fasync_release(struct file *file) { }
#endif

/* ---- dnotify ---- */

#if IS_ENABLED(CONFIG_DNOTIFY)
/* F_NOTIFY: 0, -ENOTDIR, -EINVAL (switched off), -ENOMEM. */
long dnotify_set(unsigned fd, struct file *file, u32 mask);
/* IN_* happened to a child of `dir`. */
void dnotify_tell(struct inode *dir, u32 mask);
/* At each close() of a file by a table of descriptors. */
void dnotify_close(struct file *file, struct files *owner);
#else
static inline long dnotify_set(unsigned fd, struct file *file, u32 mask)
{
	return -EINVAL;
}
static inline void dnotify_tell(struct inode *dir, u32 mask) { }
static inline void dnotify_close(struct file *file, struct files *owner) { }
#endif

/* ---- pipes (splice.c) ---- */

struct pipe *pipe_of(const struct file *file);         /* or NULL */
/*
 * From a file into a pipe: what there is room for, waiting only while there is none. Bytes,
 * -EAGAIN (nonblock), -EPIPE with SIGPIPE, -EINVAL: not a file to read from, -ERESTARTSYS.
 */
ssize_t splice_to_pipe(struct file *in, loff_t *pos, struct pipe *p, size_t len, bool nonblock);

/* ---- attributes ---- */

int do_truncate(struct dentry *dentry, loff_t length, u32 attr_flags, struct file *file);

/* ---- opening (open.c) ---- */

struct open_how_k {
	int      flags;
	umode_t  mode;
	unsigned lookup;      /* LOOKUP_* */
	int      acc_mode;    /* MAY_* */
};
int  open_how_build(u64 flags, u64 mode, u64 resolve, struct open_how_k *how);
struct file *do_file_open(int dfd, const char *name, const struct open_how_k *how);

/* ---- tmpfs ---- */

extern struct fs_type tmpfs_type, rootfs_type;
void tmpfs_init(void);
long tmpfs_fcntl_seals(struct file *file, unsigned cmd, unsigned long arg);

#endif /* FS_INTERNAL_H */
