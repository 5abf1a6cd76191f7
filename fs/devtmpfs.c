/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * devtmpfs: a tmpfs that the kernel fills with a node for each device.
 *
 * There is one instance; every mount of type devtmpfs shows it. A list remembers all
 * nodes, because drivers register before the instance can be made. What user space
 * changes in it (permissions, links, its own nodes) stays.
 *
 * Lock: devtmpfs_mutex guards the list and the making of the instance; i_rwsem of the
 * directories is taken inside. Context: task.
 */
#include <fs/chrdev.h>
#include <kernel/init.h>
#include <kernel/printk.h>
#include <lib/string.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <mm/slab.h>
#include "internal.h"

struct dev_node {
	struct list_head link;
	const char      *name;		/* a copy */
	umode_t          mode;
	dev_t            dev;
};

static DEFINE_MUTEX(devtmpfs_mutex);
static LIST_HEAD(dev_nodes);
static struct super *instance;

/* The positive directory `name` in `dir`, made if it is missing. Counted, or ERR_PTR. */
static struct dentry *enter_dir(struct dentry *dir, const struct qstr *name)
{
	struct inode *inode = dir->d_inode;
	struct dentry *d;
	int err = 0;

	down_write(&inode->i_rwsem);
	d = lookup_one_locked(dir, name);
	if (!IS_ERR(d) && d_is_negative(d))
		err = inode->i_op->mkdir(inode, d, 0755);
	else if (!IS_ERR(d) && !d_is_dir(d))
		err = -ENOTDIR;
	up_write(&inode->i_rwsem);
	if (err) {
		dput(d);
		return ERR_PTR(err);
	}
	return d;
}

/* The directory of a node: counted, or ERR_PTR. *last is the rest of the name. */
static struct dentry *node_parent(const char *name, const char **last)
{
	struct dentry *dir = dget(instance->s_root);
	const char *slash;

	while ((slash = strchr(name, '/'))) {
		u32 len = (u32)(slash - name);
		struct qstr q = QSTR_INIT(name, len);
		struct dentry *next = enter_dir(dir, &q);

		dput(dir);
		if (IS_ERR(next))
			return next;
		dir = next;
		name = slash + 1;
	}
	*last = name;
	return dir;
}

/* Makes the node unless something of that name is there. */
static int make_node(const struct dev_node *node)
{
	const char *last;
	struct dentry *dir = node_parent(node->name, &last), *d;
	struct inode *inode;
	struct qstr q;
	int err = 0;

	if (IS_ERR(dir))
		return (int)PTR_ERR(dir);
	q = (struct qstr)QSTR_INIT(last, (u32)strlen(last));
	inode = dir->d_inode;
	down_write(&inode->i_rwsem);
	d = lookup_one_locked(dir, &q);
	if (IS_ERR(d)) {
		err = (int)PTR_ERR(d);
	} else {
		if (d_is_negative(d))
			err = inode->i_op->mknod(inode, d, node->mode, node->dev);
		dput(d);
	}
	up_write(&inode->i_rwsem);
	dput(dir);
	return err;
}

/* Removes the node if it still is the kernel's. */
static void remove_node(const struct dev_node *node)
{
	const char *last;
	struct dentry *dir = node_parent(node->name, &last), *d;
	struct inode *inode;
	struct qstr q;

	if (IS_ERR(dir))
		return;
	q = (struct qstr)QSTR_INIT(last, (u32)strlen(last));
	inode = dir->d_inode;
	down_write(&inode->i_rwsem);
	d = lookup_one_locked(dir, &q);
	if (!IS_ERR(d)) {
		if (d_is_positive(d) && d->d_inode->i_rdev == node->dev &&
		    !inode->i_op->unlink(inode, d))
			d_delete(d);
		dput(d);
	}
	up_write(&inode->i_rwsem);
	dput(dir);
}

int devtmpfs_add(const char *name, umode_t mode, dev_t dev)
{
	struct dev_node *node = kmalloc(sizeof(*node), GFP_KERNEL);
	int err = 0;

	if (!node)
		return -ENOMEM;
	*node = (struct dev_node){ .name = kstrdup(name, GFP_KERNEL), .mode = mode, .dev = dev };
	if (!node->name) {
		kfree(node);
		return -ENOMEM;
	}
	mutex_lock(&devtmpfs_mutex);
	list_add_tail(&node->link, &dev_nodes);
	if (instance)
		err = make_node(node);
	mutex_unlock(&devtmpfs_mutex);
	return err;
}

int devtmpfs_remove(const char *name)
{
	struct dev_node *node, *next;
	int err = -ENOENT;

	mutex_lock(&devtmpfs_mutex);
	list_for_each_entry_safe(node, next, &dev_nodes, link) {
		if (strcmp(node->name, name))
			continue;
		list_del(&node->link);
		if (instance)
			remove_node(node);
		kfree(node->name);
		kfree(node);
		err = 0;
		break;
	}
	mutex_unlock(&devtmpfs_mutex);
	return err;
}

/* Makes the instance and all nodes known so far. devtmpfs_mutex held. */
static int make_instance(struct fs_type *type)
{
	struct dev_node *node;
	int err = tmpfs_type.mount(type, 0, "devtmpfs", "mode=0755", &instance);

	if (err) {
		instance = NULL;
		return err;
	}
	list_for_each_entry(node, &dev_nodes, link) {
		err = make_node(node);
		if (err)
			pr_err("devtmpfs: cannot make %s: error %d\n", node->name, err);
	}
	return 0;
}

static int devtmpfs_mount(struct fs_type *type, unsigned long flags, const char *source,
			  const char *data, struct super **out)
{
	int err = 0;

	mutex_lock(&devtmpfs_mutex);
	if (!instance)
		err = make_instance(type);
	/* Options of a later mount change the one instance, as on Linux. */
	if (!err && data && *data && instance->s_op->remount) {
		unsigned long keep = instance->s_flags;

		err = instance->s_op->remount(instance, &keep, data);
	}
	if (!err)
		*out = super_get(instance);
	mutex_unlock(&devtmpfs_mutex);
	return err;
}

static struct fs_type devtmpfs_type = {
	.name = "devtmpfs", .fs_flags = FS_NODEV, .magic = TMPFS_MAGIC, .mount = devtmpfs_mount,
};

static int __init devtmpfs_init(void)
{
	return fs_register(&devtmpfs_type);
}
fs_initcall(devtmpfs_init);
