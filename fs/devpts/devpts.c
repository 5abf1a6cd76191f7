/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * devpts, see <fs/devpts.h>: a folder whose entries live in the dentry cache, made and
 * removed by the driver of pseudo terminals only.
 */
#include <fs/devpts.h>
#include <fs/notify.h>
#include <fs/proc.h>
#include <fs/seq_file.h>
#include <fs/statfs.h>
#include <kernel/cred.h>
#include <kernel/init.h>
#include <kernel/tty.h>
#include <lib/ida.h>
#include <lib/parse.h>
#include <lib/printf.h>
#include <lib/string.h>
#include <linux/magic.h>
#include <mm/slab.h>
#include "../internal.h"

#define ROOT_INO	1
#define PTMX_INO	2
#define FIRST_INO	3
#define SYSTEM_MAX	4096		/* in all instances together; Linux's kernel.pty.max */

struct devpts_options {
	bool    uid_given, gid_given;
	u32     uid, gid;
	umode_t mode, ptmxmode;
	u32     max;			/* numbers are below it */
};

/* Locks:  d  devpts_mutex   i  constant */
struct devpts {
	struct devpts_options opts;	/* d */
	struct ida            numbers;	/* d */
	struct inode         *ptmx;	/* i  held by its dentry */
};

static DEFINE_MUTEX(devpts_mutex);	/* inside namespace_sem */
static int nr_ptys;			/* devpts_mutex */

static inline struct devpts *devpts_of(const struct super *sb)
{
	return sb->s_fs_info;
}

/* ---- numbers ---- */

int devpts_number_get(struct super *sb)
{
	struct devpts *d = devpts_of(sb);
	int nr = -ENOSPC;

	mutex_lock(&devpts_mutex);
	if (nr_ptys < SYSTEM_MAX && d->opts.max)
		nr = ida_alloc_range(&d->numbers, 0, d->opts.max - 1);
	if (nr >= 0)
		nr_ptys++;
	mutex_unlock(&devpts_mutex);
	return nr;
}

void devpts_number_put(struct super *sb, unsigned nr)
{
	mutex_lock(&devpts_mutex);
	if (ida_free(&devpts_of(sb)->numbers, nr))
		nr_ptys--;
	mutex_unlock(&devpts_mutex);
}

/* ---- nodes ---- */

static const struct inode_ops node_iops = { .setattr = simple_setattr };
static const struct inode_ops dir_iops = { .lookup = simple_lookup, .setattr = simple_setattr };

static struct inode *node_inode(struct super *sb, u64 ino, umode_t mode, dev_t dev)
{
	struct inode *inode = new_inode(sb);

	if (!inode)
		return NULL;
	inode->i_ino = ino;
	inode->i_mode = mode;
	inode->i_op = &node_iops;
	init_special_inode(inode, mode, dev);
	return inode;
}

/* Gives the new inode (taken over) a name in the root. Counted, or ERR_PTR. */
static struct dentry *add_name(struct super *sb, const char *name, struct inode *inode)
{
	struct qstr q = QSTR_INIT(name, (u32)strlen(name));
	struct inode *dir = sb->s_root->d_inode;
	struct dentry *dentry;

	down_write(&dir->i_rwsem);
	dentry = lookup_one_locked(sb->s_root, &q);
	if (IS_ERR(dentry)) {
		inode_put(inode);
	} else {
		d_instantiate_persist(dentry, inode);
		inode_touch(dir, ATTR_MTIME | ATTR_CTIME);
		notify_create(dir, dentry);
	}
	up_write(&dir->i_rwsem);
	return dentry;
}

struct dentry *devpts_add(struct super *sb, unsigned nr, struct tty *tty)
{
	struct devpts_options o;
	struct inode *inode;
	char name[12];

	mutex_lock(&devpts_mutex);
	o = devpts_of(sb)->opts;
	mutex_unlock(&devpts_mutex);
	inode = node_inode(sb, FIRST_INO + nr, (umode_t)(S_IFCHR | o.mode), MKDEV(PTS_MAJOR, nr));
	if (!inode)
		return ERR_PTR(-ENOMEM);
	inode->i_uid = o.uid_given ? o.uid : current_fsuid();
	inode->i_gid = o.gid_given ? o.gid : current_fsgid();
	tty_get(tty);
	inode->i_private = tty;
	snprintf(name, sizeof(name), "%u", nr);
	return add_name(sb, name, inode);
}

void devpts_remove(struct dentry *node)
{
	struct inode *dir = node->d_sb->s_root->d_inode;

	down_write(&dir->i_rwsem);
	clear_nlink(node->d_inode);
	notify_delete(dir, &node->d_name, false);
	d_delete(node);
	inode_touch(dir, ATTR_MTIME | ATTR_CTIME);
	up_write(&dir->i_rwsem);
	dput(node);
}

struct tty *devpts_tty(const struct inode *inode)
{
	return inode->i_sb->s_magic == DEVPTS_SUPER_MAGIC ? inode->i_private : NULL;
}

static void devpts_evict(struct inode *inode)
{
	if (inode->i_private)
		tty_put(inode->i_private);
}

int devpts_find(const struct path *ptmx, struct path *root)
{
	struct qstr pts = QSTR_INIT("pts", 3);
	struct dentry *parent, *child;

	if (ptmx->mnt->mnt_sb->s_magic == DEVPTS_SUPER_MAGIC) {
		root->mnt = mnt_get(ptmx->mnt);
		root->dentry = dget(ptmx->mnt->mnt_sb->s_root);
		return 0;
	}
	*root = *ptmx;
	path_get(root);
	while (root->dentry == root->mnt->mnt_root && path_follow_up(root))
		;			/* out of a file that is mounted on another */
	/* A name that something is mounted on is in the cache. */
	parent = dget_parent(root->dentry);
	child = d_lookup(parent, &pts);
	dput(parent);
	dput(root->dentry);
	root->dentry = child;
	if (!child) {
		mnt_put(root->mnt);
		return -ENOENT;
	}
	path_follow_mounts(root);
	if (root->mnt->mnt_sb->s_magic == DEVPTS_SUPER_MAGIC && d_is_root(root->dentry))
		return 0;
	path_put(root);
	return -ENODEV;
}

/* ---- options ---- */

static int parse_option(void *opts, const char *key, const char *v)
{
	struct devpts_options *o = opts;
	unsigned n;

	if (!strcmp(key, "newinstance"))
		return v ? -EINVAL : 0;
	if (!v)
		return -EINVAL;
	if (!strcmp(key, "uid")) {
		o->uid_given = true;
		return kstrtouint(v, 10, &o->uid) ? -EINVAL : 0;
	}
	if (!strcmp(key, "gid")) {
		o->gid_given = true;
		return kstrtouint(v, 10, &o->gid) ? -EINVAL : 0;
	}
	if (!strcmp(key, "max"))
		return kstrtouint(v, 10, &o->max) || o->max > DEVPTS_MINORS ? -EINVAL : 0;
	if (strcmp(key, "mode") && strcmp(key, "ptmxmode"))
		return -EINVAL;
	if (kstrtouint(v, 8, &n))
		return -EINVAL;
	*(key[0] == 'm' ? &o->mode : &o->ptmxmode) = (umode_t)(n & 07777);
	return 0;
}

/* What is not said becomes the default again, at a remount too. */
static int parse_options(struct devpts_options *o, const char *data)
{
	*o = (struct devpts_options){ .mode = 0600, .max = DEVPTS_MINORS };
	return super_options(data, parse_option, o);
}

static int devpts_remount(struct super *sb, unsigned long *flags, const char *data)
{
	struct devpts *d = devpts_of(sb);
	struct devpts_options new;
	int err = parse_options(&new, data);

	if (err)
		return err;
	mutex_lock(&devpts_mutex);
	d->opts = new;
	WRITE_ONCE(d->ptmx->i_mode, (umode_t)(S_IFCHR | new.ptmxmode));
	mutex_unlock(&devpts_mutex);
	return 0;
}

static void devpts_show_options(struct seq_file *m, struct super *sb)
{
	const struct devpts_options *o = &devpts_of(sb)->opts;

	if (o->uid_given)
		seq_printf(m, ",uid=%u", o->uid);
	if (o->gid_given)
		seq_printf(m, ",gid=%u", o->gid);
	seq_printf(m, ",mode=%03o,ptmxmode=%03o", o->mode, o->ptmxmode);
	if (o->max < DEVPTS_MINORS)
		seq_printf(m, ",max=%u", o->max);
}

/* ---- super blocks ---- */

static int devpts_statfs(struct super *sb, struct kstatfs *st)
{
	st->f_bsize = PAGE_SIZE;
	return 0;
}

static void devpts_put_super(struct super *sb)
{
	struct devpts *d = devpts_of(sb);

	ida_destroy(&d->numbers);
	kfree(d);
}

static const struct super_ops devpts_sops = {
	.evict_inode = devpts_evict,
	.statfs = devpts_statfs,
	.remount = devpts_remount,
	.put_super = devpts_put_super,
	.show_options = devpts_show_options,
};

static int devpts_fill(struct super *sb, const char *data)
{
	struct devpts *d = kzalloc(sizeof(*d), GFP_KERNEL);
	struct dentry *ptmx;
	struct inode *root;
	int err;

	if (!d)
		return -ENOMEM;
	sb->s_fs_info = d;
	sb->s_op = &devpts_sops;
	err = parse_options(&d->opts, data);
	if (err)
		return err;
	root = new_inode(sb);
	if (!root)
		return -ENOMEM;
	root->i_ino = ROOT_INO;
	root->i_mode = S_IFDIR | 0755;
	root->i_nlink = 2;
	root->i_op = &dir_iops;
	root->i_fop = &dcache_dir_fops;
	sb->s_root = d_make_root(root);
	if (!sb->s_root)
		return -ENOMEM;
	d->ptmx = node_inode(sb, PTMX_INO, (umode_t)(S_IFCHR | d->opts.ptmxmode), TTY_PTMX_DEV);
	if (!d->ptmx)
		return -ENOMEM;
	ptmx = add_name(sb, "ptmx", d->ptmx);
	if (IS_ERR(ptmx))
		return (int)PTR_ERR(ptmx);
	dput(ptmx);
	return 0;
}

static int devpts_mount(struct fs_type *type, unsigned long flags, const char *source,
			const char *data, struct super **out)
{
	return super_nodev(type, flags, data, devpts_fill, out);
}

static struct fs_type devpts_type = {
	.name = "devpts", .fs_flags = FS_NODEV, .magic = DEVPTS_SUPER_MAGIC, .mount = devpts_mount,
};

static int nr_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%d\n", READ_ONCE(nr_ptys));
	return 0;
}

static int max_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%d\n", SYSTEM_MAX);
	return 0;
}

static int __init devpts_init(void)
{
	int err = fs_register(&devpts_type);

	err = err ?: proc_create("sys/kernel/pty/nr", 0444, nr_show, NULL);
	return err ?: proc_create("sys/kernel/pty/max", 0444, max_show, NULL);
}
fs_initcall(devpts_init);
