/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tmpfs super blocks and inodes: mount options, the accounting of pages and inodes.
 */
#include <fs/fs.h>
#include <fs/seq_file.h>
#include <fs/statfs.h>
#include <lib/parse.h>
#include <lib/string.h>
#include <mm/page.h>
#include <mm/slab.h>
#include <kernel/panic.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include "../internal.h"
#include "tmpfs.h"

static struct kmem_cache *small_cache, *file_cache;   /* without and with a page cache */

/* ---- accounting ---- */

int tmpfs_charge(struct tmpfs_sb *s, u64 pages)
{
	int err = 0;

	spin_lock(&s->lock);
	if (s->max_pages && (s->used_pages + pages > s->max_pages))
		err = -ENOSPC;
	else
		s->used_pages += pages;
	spin_unlock(&s->lock);
	return err;
}

void tmpfs_uncharge(struct tmpfs_sb *s, u64 pages)
{
	spin_lock(&s->lock);
	s->used_pages -= min(pages, s->used_pages);
	spin_unlock(&s->lock);
}

static int charge_inode(struct tmpfs_sb *s)
{
	int err = 0;

	spin_lock(&s->lock);
	if (s->max_inodes && s->used_inodes >= s->max_inodes)
		err = -ENOSPC;
	else
		s->used_inodes++;
	spin_unlock(&s->lock);
	return err;
}

static void uncharge_inode(struct tmpfs_sb *s)
{
	spin_lock(&s->lock);
	s->used_inodes--;
	spin_unlock(&s->lock);
}

/* ---- inodes ---- */

/* new_inode() asks without saying for what: the mode comes by this word. sb lock: inode_lock */
static DEFINE_MUTEX(alloc_lock);
static bool alloc_regular;

static struct inode *tmpfs_alloc_inode(struct super *sb)
{
	struct tmpfs_inode *ti = kmem_cache_alloc(alloc_regular ? file_cache : small_cache,
						  GFP_KERNEL);

	if (!ti)
		return NULL;
	ti->seals = F_SEAL_SEAL;
	INIT_LIST_HEAD(&ti->xattrs);
	return &ti->vfs;
}

static void tmpfs_free_inode(struct inode *inode)
{
	kmem_cache_free(S_ISREG(inode->i_mode) ? file_cache : small_cache, TMPFS_I(inode));
}

struct inode *tmpfs_new_inode(struct super *sb, const struct inode *dir, umode_t mode, dev_t dev)
{
	struct tmpfs_sb *s = TMPFS_SB(sb);
	struct inode *inode;
	int err = charge_inode(s);

	if (err)
		return ERR_PTR(err);
	mutex_lock(&alloc_lock);
	alloc_regular = S_ISREG(mode);
	inode = new_inode(sb);
	mutex_unlock(&alloc_lock);
	if (!inode) {
		uncharge_inode(s);
		return ERR_PTR(-ENOMEM);
	}
	inode->i_ino = next_ino();
	inode_init_owner(inode, dir, mode);
	inode->i_op = &tmpfs_special_iops;
	switch (mode & S_IFMT) {
	case S_IFREG:
		inode->i_op = &tmpfs_file_iops;
		inode->i_fop = &tmpfs_file_fops;
		inode->i_cache = &TMPFS_I(inode)->cache;
		page_cache_init(inode->i_cache, &tmpfs_cache_ops, inode, PC_SHMEM);
		break;
	case S_IFDIR:
		inode->i_op = &tmpfs_dir_iops;
		inode->i_fop = &dcache_dir_fops;
		inode->i_nlink = 2;
		inode->i_size = 2 * TMPFS_DIRENT_SIZE;
		break;
	case S_IFLNK:
		break;
	default:
		init_special_inode(inode, inode->i_mode, dev);
	}
	return inode;
}

static void tmpfs_evict(struct inode *inode)
{
	if (inode->i_cache)
		filemap_release(inode);
	if (S_ISLNK(inode->i_mode))
		kfree(inode->i_link);
	tmpfs_xattr_free(inode);
	uncharge_inode(TMPFS_SB(inode->i_sb));
}

/* ---- options ---- */

static int parse_size(const char *v, u64 *pages)
{
	char *end;
	u64 n = memparse(v, &end);

	if (end == v)
		return -EINVAL;
	if (*end == '%') {
		n = n * totalram_pages / 100;
		end++;
	} else {
		n = DIV_ROUND_UP(n, PAGE_SIZE);
	}
	*pages = n;
	return *end ? -EINVAL : 0;
}

static int parse_option(void *opts, const char *key, const char *v)
{
	struct tmpfs_sb *s = opts;
	unsigned n = 0;
	char *end;
	int err;

	if (!strcmp(key, "inode64"))
		return v ? -EINVAL : 0;
	if (!v)
		return -EINVAL;
	if (!strcmp(key, "size")) {
		s->size_given = true;
		return parse_size(v, &s->max_pages);
	}
	if (!strcmp(key, "nr_blocks")) {
		s->size_given = true;
		s->max_pages = memparse(v, &end);
		return *end || end == v ? -EINVAL : 0;
	}
	if (!strcmp(key, "nr_inodes")) {
		s->inodes_given = true;
		s->max_inodes = memparse(v, &end);
		return *end || end == v ? -EINVAL : 0;
	}
	if (!strcmp(key, "mode")) {
		err = kstrtouint(v, 8, &n);
		s->mode = n & 07777;
		return err ? -EINVAL : 0;
	}
	if (!strcmp(key, "uid"))
		return kstrtouint(v, 10, &s->uid) ? -EINVAL : 0;
	if (!strcmp(key, "gid"))
		return kstrtouint(v, 10, &s->gid) ? -EINVAL : 0;
	return -EINVAL;
}

static int tmpfs_check_option(const char *key, const char *v)
{
	struct tmpfs_sb scratch;

	return parse_option(&scratch, key, v);
}

static int tmpfs_remount(struct super *sb, unsigned long *flags, const char *data)
{
	struct tmpfs_sb *s = TMPFS_SB(sb), new = *s;
	int err = super_options(data, parse_option, &new);

	if (err)
		return err;
	spin_lock(&s->lock);
	if ((new.max_pages && s->used_pages > new.max_pages) ||
	    (new.max_inodes && s->used_inodes > new.max_inodes)) {
		err = -EINVAL;
	} else {
		s->max_pages = new.max_pages;
		s->max_inodes = new.max_inodes;
		s->size_given = new.size_given;
		s->inodes_given = new.inodes_given;
	}
	spin_unlock(&s->lock);
	return err;
}

static void tmpfs_show_options(struct seq_file *m, struct super *sb)
{
	struct tmpfs_sb *s = TMPFS_SB(sb);

	if (s->size_given)
		seq_printf(m, ",size=%lluk", s->max_pages << (PAGE_SHIFT - 10));
	if (s->inodes_given)
		seq_printf(m, ",nr_inodes=%llu", s->max_inodes);
	if (s->mode != 01777)
		seq_printf(m, ",mode=%03o", s->mode);
	if (s->uid)
		seq_printf(m, ",uid=%u", s->uid);
	if (s->gid)
		seq_printf(m, ",gid=%u", s->gid);
}

/* ---- super blocks ---- */

static int tmpfs_statfs(struct super *sb, struct kstatfs *st)
{
	struct tmpfs_sb *s = TMPFS_SB(sb);

	spin_lock(&s->lock);
	st->f_bsize = PAGE_SIZE;
	if (s->max_pages) {
		st->f_blocks = s->max_pages;
		st->f_bfree = st->f_bavail = s->max_pages - s->used_pages;
	}
	if (s->max_inodes) {
		st->f_files = s->max_inodes;
		st->f_ffree = s->max_inodes - s->used_inodes;
	}
	spin_unlock(&s->lock);
	return 0;
}

static void tmpfs_put_super(struct super *sb)
{
	kfree(sb->s_fs_info);
}

static const struct super_ops tmpfs_sops = {
	.alloc_inode = tmpfs_alloc_inode,
	.free_inode = tmpfs_free_inode,
	.evict_inode = tmpfs_evict,
	.statfs = tmpfs_statfs,
	.remount = tmpfs_remount,
	.put_super = tmpfs_put_super,
	.show_options = tmpfs_show_options,
};

static int tmpfs_fill_mode(struct super *sb, const char *data, umode_t mode)
{
	struct tmpfs_sb *s = kzalloc(sizeof(*s), GFP_KERNEL);
	struct inode *root;
	int err;

	if (!s)
		return -ENOMEM;
	spin_lock_init(&s->lock);
	s->max_pages = s->max_inodes = max_t(u64, totalram_pages / 2, 1);
	s->mode = mode;
	s->uid = current_fsuid();
	s->gid = current_fsgid();
	sb->s_fs_info = s;
	sb->s_op = &tmpfs_sops;
	err = super_options(data, parse_option, s);
	if (err)
		return err;
	root = tmpfs_new_inode(sb, NULL, S_IFDIR | s->mode, 0);
	if (IS_ERR(root))
		return (int)PTR_ERR(root);
	root->i_uid = s->uid;
	root->i_gid = s->gid;
	sb->s_root = d_make_root(root);
	return sb->s_root ? 0 : -ENOMEM;
}

static int tmpfs_fill(struct super *sb, const char *data)
{
	return tmpfs_fill_mode(sb, data, 01777);
}

static int rootfs_fill(struct super *sb, const char *data)
{
	return tmpfs_fill_mode(sb, data, 0755);
}

static int tmpfs_mount(struct fs_type *type, unsigned long flags, const char *source,
		       const char *data, struct super **out)
{
	return super_nodev(type, flags, data, type == &rootfs_type ? rootfs_fill : tmpfs_fill, out);
}

struct fs_type tmpfs_type = {
	.name = "tmpfs", .fs_flags = FS_NODEV, .magic = TMPFS_MAGIC, .mount = tmpfs_mount,
	.check_option = tmpfs_check_option,
};
struct fs_type rootfs_type = {
	.name = "rootfs", .fs_flags = FS_NODEV, .magic = TMPFS_MAGIC, .mount = tmpfs_mount,
	.check_option = tmpfs_check_option,
};

void __init tmpfs_init(void)
{
	small_cache = kmem_cache_create("tmpfs_inode", offsetof(struct tmpfs_inode, cache), 8, NULL);
	file_cache = kmem_cache_create("tmpfs_file", sizeof(struct tmpfs_inode), 8, NULL);
	if (!small_cache || !file_cache)
		panic("tmpfs: no memory for inodes");
	fs_register(&tmpfs_type);
}
