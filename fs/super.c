/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * File system types and super blocks: registration, device numbers for file systems
 * without a device, and the end of a super block when its last mount goes.
 */
#include <fs/blkdev.h>
#include <fs/fs.h>
#include <fs/notify.h>
#include <fs/seq_file.h>
#include <lib/ida.h>
#include <lib/parse.h>
#include <lib/string.h>
#include <mm/slab.h>
#include <linux/mount.h>
#include "internal.h"

static DEFINE_MUTEX(fs_types_lock);
static struct list_head fs_types = LIST_HEAD_INIT(fs_types);
static DEFINE_MUTEX(supers_lock);              /* s_list, s_flags, anonymous numbers */
static struct list_head supers = LIST_HEAD_INIT(supers);
static struct ida anon_devs;

int fs_register(struct fs_type *type)
{
	struct fs_type *t;
	int err = 0;

	mutex_lock(&fs_types_lock);
	list_for_each_entry(t, &fs_types, list)
		if (!strcmp(t->name, type->name))
			err = -EBUSY;
	if (!err)
		list_add_tail(&type->list, &fs_types);
	mutex_unlock(&fs_types_lock);
	return err;
}

struct fs_type *fs_find(const char *name)
{
	struct fs_type *t, *found = NULL;

	mutex_lock(&fs_types_lock);
	list_for_each_entry(t, &fs_types, list)
		if (!strcmp(t->name, name))
			found = t;
	mutex_unlock(&fs_types_lock);
	return found;
}

void filesystems_show(struct seq_file *m)
{
	struct fs_type *t;

	mutex_lock(&fs_types_lock);
	list_for_each_entry(t, &fs_types, list)
		seq_printf(m, "%s\t%s\n", (t->fs_flags & FS_NODEV) ? "nodev" : "", t->name);
	mutex_unlock(&fs_types_lock);
}

struct super *super_alloc(struct fs_type *type, unsigned long flags)
{
	struct super *sb = kzalloc(sizeof(*sb), GFP_KERNEL);
	int minor;

	if (!sb)
		return NULL;
	mutex_lock(&supers_lock);
	minor = ida_alloc_range(&anon_devs, 1, (1u << MINORBITS) - 1);
	if (minor < 0) {
		mutex_unlock(&supers_lock);
		kfree(sb);
		return NULL;
	}
	sb->s_dev = MKDEV(0, minor);
	sb->s_magic = type->magic;
	sb->s_blocksize = 4096;
	sb->s_flags = flags;
	sb->s_maxbytes = S64_MAX;
	sb->s_time_gran = 1;
	sb->s_type = type;
	atomic_set(&sb->s_count, 1);
	mutex_init(&sb->s_rename_mutex);
	spin_lock_init(&sb->s_inode_lock);
	INIT_LIST_HEAD(&sb->s_inodes);
	strscpy(sb->s_id, type->name, sizeof(sb->s_id));
	list_add_tail(&sb->s_list, &supers);
	mutex_unlock(&supers_lock);
	return sb;
}

struct super *super_get(struct super *sb)
{
	atomic_inc(&sb->s_count);
	return sb;
}

void super_put(struct super *sb)
{
	if (!sb || !atomic_dec_and_test(&sb->s_count))
		return;
	notify_super_gone(sb);
	if (sb->s_root) {
		d_shutdown(sb->s_root);
		dput(sb->s_root);
	}
	if (sb->s_op && sb->s_op->sync)
		sb->s_op->sync(sb, true);
	if (sb->s_op && sb->s_op->put_super)
		sb->s_op->put_super(sb);
	mutex_lock(&supers_lock);
	list_del(&sb->s_list);
	ida_free(&anon_devs, MINOR(sb->s_dev));
	mutex_unlock(&supers_lock);
	kfree(sb);
}

int super_nodev(struct fs_type *type, unsigned long flags, const char *data,
		int (*fill)(struct super *sb, const char *data), struct super **out)
{
	struct super *sb = super_alloc(type, flags);
	int err;

	if (!sb)
		return -ENOMEM;
	err = fill(sb, data);
	if (err) {
		super_put(sb);
		return err;
	}
	*out = sb;
	return 0;
}

int super_single(struct fs_type *type, unsigned long flags, const char *data,
		 int (*fill)(struct super *sb, const char *data), struct super **out)
{
	static DEFINE_MUTEX(single_lock);
	int err = 0;

	mutex_lock(&single_lock);
	if (!type->single)      /* the type keeps one reference for ever */
		err = super_nodev(type, flags & ~(unsigned long)MS_RDONLY, data, fill,
				  &type->single);
	if (!err)
		*out = super_get(type->single);
	mutex_unlock(&single_lock);
	return err;
}

int super_options(const char *data, int (*one)(void *opts, const char *key, const char *value),
		  void *opts)
{
	char *copy, *at, *key, *value;
	int err = 0;

	if (!data || !*data)
		return 0;
	copy = at = kstrdup(data, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	while (!err && next_option(&at, &key, &value))
		err = one(opts, key, value);
	kfree(copy);
	return err;
}

bool super_on_device(dev_t dev)
{
	struct super *sb;
	bool found = false;

	mutex_lock(&supers_lock);
	list_for_each_entry(sb, &supers, s_list)
		found |= sb->s_dev == dev;
	mutex_unlock(&supers_lock);
	return found;
}

void sync_filesystems(bool wait)
{
	struct super *sb;

	mutex_lock(&supers_lock);
	list_for_each_entry(sb, &supers, s_list)
		if (sb->s_op && sb->s_op->sync && !(sb->s_flags & MS_RDONLY))
			sb->s_op->sync(sb, wait);
	mutex_unlock(&supers_lock);
	blkdev_sync_all();
}

void __init super_init(void)
{
	ida_init(&anon_devs);
}
