/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tmpfs: files in memory. Contents are pages of a page cache that is never evicted;
 * directories are the dentries themselves, each holding one reference on itself.
 */
#ifndef FS_TMPFS_H
#define FS_TMPFS_H

#include <fs/fs.h>
#include <mm/pagecache.h>

#define TMPFS_DIRENT_SIZE 20   /* what an entry adds to st_size of its directory, as Linux */

/* Locks:  l lock   i constant after mount (or changed by remount under l) */
struct tmpfs_sb {
	spinlock_t lock;
	u64        max_pages, used_pages;    /* l  max 0: no limit */
	u64        max_inodes, used_inodes;  /* l  max 0: no limit */
	umode_t    mode;                     /* i  of the root */
	u32        uid, gid;                 /* i */
	bool       size_given, inodes_given; /* l */
};

struct tmpfs_xattr {
	struct list_head link;
	size_t           size;
	char            *name;               /* behind value */
	u8               value[];
};

/* Locks:  w  i_rwsem */
struct tmpfs_inode {
	struct inode      vfs;
	u32               seals;             /* w  F_SEAL_* */
	struct list_head  xattrs;            /* w, or xattr_lock to read */
	struct page_cache cache;             /* regular files */
};

static inline struct tmpfs_inode *TMPFS_I(const struct inode *inode)
{
	return (struct tmpfs_inode *)container_of_const(inode, struct tmpfs_inode, vfs);
}
static inline struct tmpfs_sb *TMPFS_SB(const struct super *sb)
{
	return sb->s_fs_info;
}

extern const struct inode_ops tmpfs_dir_iops, tmpfs_file_iops, tmpfs_special_iops;
extern const struct file_ops tmpfs_file_fops;
extern const struct page_cache_ops tmpfs_cache_ops;

/* A new inode owned as in `dir` (NULL: by current). ERR_PTR(-ENOSPC, -ENOMEM). */
struct inode *tmpfs_new_inode(struct super *sb, const struct inode *dir, umode_t mode, dev_t dev);
int  tmpfs_charge(struct tmpfs_sb *s, u64 pages);      /* 0, -ENOSPC */
void tmpfs_uncharge(struct tmpfs_sb *s, u64 pages);
int  tmpfs_setattr(struct dentry *dentry, struct iattr *attr);
int  tmpfs_getattr(const struct path *path, struct kstat *stat, u32 mask, unsigned flags);
long tmpfs_fcntl(struct file *file, unsigned cmd, unsigned long arg);

#if IS_ENABLED(CONFIG_XATTR)
void    tmpfs_xattr_free(struct inode *inode);
ssize_t tmpfs_getxattr(struct inode *inode, const char *name, void *value, size_t size);
int     tmpfs_setxattr(struct inode *inode, const char *name, const void *value, size_t size,
		       int flags);
int     tmpfs_removexattr(struct inode *inode, const char *name);
ssize_t tmpfs_listxattr(struct inode *inode, char *list, size_t size);
#define TMPFS_XATTR_OPS							\
	.getxattr = tmpfs_getxattr, .setxattr = tmpfs_setxattr,		\
	.removexattr = tmpfs_removexattr, .listxattr = tmpfs_listxattr
#else
static inline void tmpfs_xattr_free(struct inode *inode) { }
#define TMPFS_XATTR_OPS .getxattr = NULL
#endif

#endif /* FS_TMPFS_H */
