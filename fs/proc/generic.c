/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Static entries of /proc: the registry, their inodes and directories.
 *
 * Entries form a tree under proc_mutex. A removed entry leaves the tree but is never
 * freed: a file or dentry may still point to it, and removals are rare.
 */
#include <fs/uio.h>
#include <kernel/init.h>
#include <lib/parse.h>
#include <lib/printf.h>
#include <lib/string.h>
#include <linux/magic.h>
#include <mm/slab.h>
#include "../internal.h"
#include "proc_internal.h"

#define FIRST_INO 0xf0000000u

static DEFINE_MUTEX(proc_mutex);
static struct proc_entry proc_root = PROC_ENTRY_ROOT(proc_root);
static u64 last_ino = FIRST_INO;	/* p */

/* ---- the registry ---- */

static struct proc_entry *find_child(struct proc_entry *dir, const char *name, u32 len)
{
	struct proc_entry *e;

	list_for_each_entry(e, &dir->children, link)
		if (e->len == len && !memcmp(e->name, name, len))
			return e;
	return NULL;
}

static struct proc_entry *add_child(struct proc_entry *dir, const char *name, u32 len, umode_t mode)
{
	struct proc_entry *e = kzalloc(sizeof(*e), GFP_KERNEL);

	if (!e)
		return NULL;
	e->name = kstrndup(name, len, GFP_KERNEL);
	if (!e->name) {
		kfree(e);
		return NULL;
	}
	e->len = len;
	e->mode = mode;
	e->nlink = S_ISDIR(mode) ? 2 : 1;
	e->parent = dir;
	e->ino = ++last_ino;
	INIT_LIST_HEAD(&e->children);
	list_add_tail(&e->link, &dir->children);
	if (S_ISDIR(mode))
		dir->nlink++;
	return e;
}

/* The folder of `path` below dir, made as needed; *last is the rest. NULL: no memory or not a folder. */
static struct proc_entry *enter_path(struct proc_entry *dir, const char *path, const char **last)
{
	struct proc_entry *next;
	const char *slash;

	while ((slash = strchr(path, '/'))) {
		u32 len = (u32)(slash - path);

		next = find_child(dir, path, len);
		if (!next)
			next = add_child(dir, path, len, S_IFDIR | 0555);
		if (!next || !S_ISDIR(next->mode))
			return NULL;
		dir = next;
		path = slash + 1;
	}
	*last = path;
	return dir;
}

static int register_entry(struct proc_entry *root, const char *path, umode_t mode,
			  const struct proc_entry *what)
{
	struct proc_entry *dir, *e;
	const char *last;
	int err = 0;

	mutex_lock(&proc_mutex);
	dir = enter_path(root, path, &last);
	e = dir ? find_child(dir, last, (u32)strlen(last)) : NULL;
	if (!dir) {
		err = -ENOMEM;
	} else if (e) {
		err = S_ISDIR(mode) && S_ISDIR(e->mode) ? 0 : -EEXIST;
	} else {
		e = add_child(dir, last, (u32)strlen(last), mode);
		if (!e) {
			err = -ENOMEM;
		} else {
			e->show = what->show;
			e->fops = what->fops;
			e->data = what->data;
			e->target = what->target;
		}
	}
	mutex_unlock(&proc_mutex);
	return err;
}

int proc_entry_add(struct proc_entry *root, const char *path, umode_t mode,
		   int (*show)(struct seq_file *, void *), void *data)
{
	struct proc_entry what = { .show = show, .data = data };

	return register_entry(root, path, mode, &what);
}

int proc_create(const char *path, umode_t mode, int (*show)(struct seq_file *, void *), void *data)
{
	struct proc_entry what = { .show = show, .data = data };

	return register_entry(&proc_root, path, S_IFREG | mode, &what);
}

int proc_create_ops(const char *path, umode_t mode, const struct file_ops *fops, void *data)
{
	struct proc_entry what = { .fops = fops, .data = data };

	return register_entry(&proc_root, path, S_IFREG | mode, &what);
}

int proc_mkdir(const char *path)
{
	struct proc_entry what = { 0 };

	return register_entry(&proc_root, path, S_IFDIR | 0555, &what);
}

int proc_entry_symlink(struct proc_entry *root, const char *path, const char *target)
{
	struct proc_entry what = { .target = target };

	return register_entry(root, path, S_IFLNK | 0777, &what);
}

int proc_symlink(const char *path, const char *target)
{
	return proc_entry_symlink(&proc_root, path, target);
}

int proc_remove(const char *path)
{
	return proc_entry_remove(&proc_root, path);
}

int proc_entry_remove(struct proc_entry *root, const char *path)
{
	struct proc_entry *dir, *e;
	const char *last;
	int err = -ENOENT;

	mutex_lock(&proc_mutex);
	dir = enter_path(root, path, &last);
	e = dir ? find_child(dir, last, (u32)strlen(last)) : NULL;
	if (e) {
		list_del_init(&e->link);
		WRITE_ONCE(e->removed, true);
		if (S_ISDIR(e->mode))
			dir->nlink--;
		err = 0;
	}
	mutex_unlock(&proc_mutex);
	return err;
}

/* ---- inodes ---- */

struct inode *proc_inode(struct super *sb, umode_t mode, u64 ino)
{
	struct inode *inode = new_inode(sb);

	if (inode) {
		inode->i_mode = mode;
		inode->i_ino = ino;
		inode->i_flags = S_NOATIME_;
	}
	return inode;
}

static int show_open(struct inode *inode, struct file *file)
{
	struct proc_entry *e = inode->i_private;

	return seq_open_show(file, e->show, e->data);
}
static const struct file_ops show_fops = {
	.open = show_open, .read = seq_read, .llseek = seq_llseek, .release = seq_release,
};

static int link_text(struct dentry *dentry, struct inode *inode, struct link_target *out)
{
	const struct proc_entry *e = inode->i_private;
	char *text;

	*out = (struct link_target){ .text = e->target };
	if (e->target[0] != '@')
		return 0;
	if (task_is_user(current) || current->proc->pid) {
		text = kmalloc(32, GFP_KERNEL);
		if (!text)
			return -ENOMEM;
		if (!strcmp(e->target, "@self"))
			snprintf(text, 32, "%d", current->proc->pid);
		else
			snprintf(text, 32, "%d/task/%d", current->proc->pid, current->tid);
		out->text = out->to_free = text;
		return 0;
	}
	return -ENOENT;
}
static const struct inode_ops link_iops = { .get_link = link_text };

static int entry_setattr(struct dentry *dentry, struct iattr *attr)
{
	int err = setattr_prepare(dentry, attr);

	if (!err && !(attr->ia_valid & ATTR_SIZE))
		setattr_copy(dentry->d_inode, attr);
	return err;
}
static const struct inode_ops file_iops = { .setattr = entry_setattr };

static int dir_iterate(struct file *file, struct dir_context *ctx)
{
	if (proc_emit_dots(file, ctx))
		proc_static_readdir(file_inode(file), ctx);
	return 0;
}
static const struct file_ops dir_fops = {
	.iterate = dir_iterate, .read = generic_read_dir, .llseek = generic_llseek,
};
static const struct inode_ops dir_iops = {
	.lookup = proc_static_lookup, .setattr = entry_setattr,
};

static int static_revalidate(struct dentry *dentry, unsigned flags)
{
	const struct proc_entry *e = dentry->d_fsdata;

	return !e || !READ_ONCE(e->removed);
}
const struct dentry_ops proc_static_dops = { .revalidate = static_revalidate };

static struct inode *entry_inode(struct super *sb, struct proc_entry *e)
{
	struct inode *inode = proc_inode(sb, e->mode, e->ino);

	if (!inode)
		return NULL;
	inode->i_nlink = e->nlink;
	inode->i_private = e;
	if (S_ISDIR(e->mode)) {
		inode->i_op = &dir_iops;
		inode->i_fop = &dir_fops;
	} else if (S_ISLNK(e->mode)) {
		inode->i_op = &link_iops;
	} else {
		inode->i_op = &file_iops;
		inode->i_fop = e->fops ? e->fops : &show_fops;
		if (e->fops)
			inode->i_private = e->data;
	}
	return inode;
}

struct dentry *proc_static_lookup(struct inode *dir, struct dentry *dentry)
{
	struct proc_entry *e;
	struct inode *inode;

	mutex_lock(&proc_mutex);
	e = find_child(dir->i_private, dentry->d_name.name, dentry->d_name.len);
	inode = e ? entry_inode(dir->i_sb, e) : NULL;
	mutex_unlock(&proc_mutex);
	if (!e)
		return ERR_PTR(-ENOENT);
	if (!inode)
		return ERR_PTR(-ENOMEM);
	dentry->d_fsdata = e;
	dentry->d_op = &proc_static_dops;
	dentry->d_flags |= DCACHE_REVALIDATE;
	d_add(dentry, inode);
	return NULL;
}

bool proc_emit_dots(struct file *file, struct dir_context *ctx)
{
	struct dentry *dir = file->f_path.dentry, *parent;
	bool ok = true;

	if (ctx->pos == 0) {
		ok = ctx->emit(ctx, ".", 1, 0, dir->d_inode->i_ino, DT_DIR);
		if (ok)
			ctx->pos = 1;
	}
	if (ok && ctx->pos == 1) {
		parent = dget_parent(dir);
		ok = ctx->emit(ctx, "..", 2, 1, parent->d_inode->i_ino, DT_DIR);
		dput(parent);
		if (ok)
			ctx->pos = 2;
	}
	return ok;
}

bool proc_static_readdir(struct inode *dir, struct dir_context *ctx)
{
	struct proc_entry *d = dir->i_private, *e;
	bool ok = true;

	mutex_lock(&proc_mutex);
	list_for_each_entry(e, &d->children, link) {
		if ((loff_t)e->ino < ctx->pos)
			continue;
		ok = ctx->emit(ctx, e->name, (int)e->len, (loff_t)e->ino, e->ino, mode_to_dt(e->mode));
		if (!ok)
			break;
		ctx->pos = (loff_t)e->ino + 1;
	}
	mutex_unlock(&proc_mutex);
	return ok;
}

unsigned proc_static_subdirs(void)
{
	return READ_ONCE(proc_root.nlink);
}

/* ---- the root and the super block ---- */

static struct dentry *root_lookup(struct inode *dir, struct dentry *dentry)
{
	struct dentry *found = proc_static_lookup(dir, dentry);

	return found == ERR_PTR(-ENOENT) ? proc_pid_lookup(dir, dentry) : found;
}

static int root_iterate(struct file *file, struct dir_context *ctx)
{
	if (ctx->pos < PROC_COOKIE_PIDS) {
		if (!proc_emit_dots(file, ctx) || !proc_static_readdir(file_inode(file), ctx))
			return 0;
		ctx->pos = PROC_COOKIE_PIDS;
	}
	return proc_pid_readdir(file, ctx);
}

static int root_getattr(const struct path *path, struct kstat *stat, u32 mask, unsigned flags)
{
	generic_fillattr(path->dentry->d_inode, stat);
	stat->nlink = proc_static_subdirs() + (u32)atomic_read(&nr_threads);
	return 0;
}

static const struct inode_ops root_iops = { .lookup = root_lookup, .getattr = root_getattr };
static const struct file_ops root_fops = {
	.iterate = root_iterate, .read = generic_read_dir, .llseek = generic_llseek,
};

static void proc_evict(struct inode *inode)
{
	if (proc_is_ref(inode))
		kfree(inode->i_private);
}
static const struct super_ops proc_sops = { .evict_inode = proc_evict };

/* The only options are those that change nothing: gid=0 and hidepid=0. */
static int proc_option(void *unused, const char *key, const char *value)
{
	bool known = !strcmp(key, "hidepid") || !strcmp(key, "gid");

	return known && value && !strcmp(value, "0") ? 0 : -EINVAL;
}

static int proc_check_option(const char *key, const char *value)
{
	return proc_option(NULL, key, value);
}

int proc_fill_tree(struct super *sb, struct proc_entry *root)
{
	struct inode *inode = entry_inode(sb, root);

	if (!inode)
		return -ENOMEM;
	sb->s_op = &proc_sops;
	sb->s_root = d_make_root(inode);
	return sb->s_root ? 0 : -ENOMEM;
}

int proc_fill_super(struct super *sb, const char *data)
{
	int err = proc_fill_tree(sb, &proc_root);

	if (err)
		return err;
	sb->s_root->d_inode->i_op = &root_iops;
	sb->s_root->d_inode->i_fop = &root_fops;
	return 0;
}

static int proc_mount(struct fs_type *type, unsigned long flags, const char *source,
		      const char *data, struct super **out)
{
	int err = super_options(data, proc_option, NULL);

	return err ? err : super_single(type, flags, NULL, proc_fill_super, out);
}

static struct fs_type proc_type = {
	.name = "proc", .fs_flags = FS_NODEV | FS_SINGLE, .magic = PROC_SUPER_MAGIC,
	.mount = proc_mount, .check_option = proc_check_option,
};

static int __init proc_init(void)
{
	int err = fs_register(&proc_type);

	err = err ?: proc_symlink("self", "@self");
	err = err ?: proc_symlink("thread-self", "@thread");
	return err ?: proc_symlink("mounts", "self/mounts");
}
fs_initcall(proc_init);
