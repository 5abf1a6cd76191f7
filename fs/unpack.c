/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cpio entries to files, by the VFS's own calls. Names are taken relative to the root;
 * missing parent directories are made. Hard links are found by (device, inode).
 */
#include <fs/fs.h>
#include <kernel/printk.h>
#include <lib/hash.h>
#include <lib/string.h>
#include <mm/slab.h>
#include "internal.h"
#include "initramfs.h"

struct first_name {
	struct hlist_node node;
	u32  ino, major, minor;
	char path[];
};

void unpack_begin(struct unpack *u)
{
	unsigned i;

	for (i = 0; i < LINK_BUCKETS; i++)
		INIT_HLIST_HEAD(&u->links[i]);
}

void unpack_forget_links(struct unpack *u)
{
	struct first_name *f;
	struct hlist_node *n;
	unsigned i;

	for (i = 0; i < LINK_BUCKETS; i++) {
		hlist_for_each_entry_safe(f, n, &u->links[i], node)
			kfree(f);
		INIT_HLIST_HEAD(&u->links[i]);
	}
}

static struct hlist_head *bucket(struct unpack *u, const struct cpio_entry *e)
{
	return &u->links[hash_32(e->ino ^ e->dev_minor ^ (e->dev_major << 8), 4)];
}

/* The first name of this file, or NULL after noting this one. */
static const char *first_name(struct unpack *u, const struct cpio_entry *e, const char *path)
{
	struct hlist_head *b = bucket(u, e);
	struct first_name *f;
	size_t len = strlen(path) + 1;

	hlist_for_each_entry(f, b, node)
		if (f->ino == e->ino && f->major == e->dev_major && f->minor == e->dev_minor)
			return f->path;
	f = kmalloc(sizeof(*f) + len, GFP_KERNEL);
	if (f) {        /* without memory the names become files of their own */
		f->ino = e->ino;
		f->major = e->dev_major;
		f->minor = e->dev_minor;
		memcpy(f->path, path, len);
		hlist_add_head(&f->node, b);
	}
	return NULL;
}

/* Makes the directories above path, which starts with '/'. Changes and restores it. */
static void make_parents(char *path)
{
	char *p;

	for (p = path + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		vfs_mkdir(path, 0755);
		*p = '/';
	}
}

static int write_data(const char *path, const struct cpio_entry *e)
{
	struct file *file = file_open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW,
				      (umode_t)(e->mode & 07777));
	loff_t pos = 0;
	size_t done = 0;
	int err = 0;

	if (IS_ERR(file))
		return (int)PTR_ERR(file);
	while (done < e->size) {
		ssize_t n = kernel_write(file, (const char *)e->data + done, e->size - done, &pos);

		if (n <= 0) {
			err = n ? (int)n : -EIO;
			break;
		}
		done += (size_t)n;
	}
	file_put(file);
	return err;
}

/* An older thing of another kind under this name gives way; a directory stays. */
static void clear_place(const char *path, umode_t mode)
{
	struct path at;
	bool is_dir;

	if (kern_path(path, 0, &at))
		return;
	is_dir = S_ISDIR(at.dentry->d_inode->i_mode);
	path_put(&at);
	if (is_dir) {
		if (!S_ISDIR(mode))
			vfs_rmdir(path);
	} else if (!S_ISREG(mode)) {
		vfs_unlink(path);
	}
}

static void set_owner_time(const char *path, const struct cpio_entry *e)
{
	struct path at;
	struct inode *inode;
	struct iattr attr = {
		.ia_valid = ATTR_UID | ATTR_GID | ATTR_MTIME | ATTR_MTIME_SET | ATTR_FORCE,
		.ia_uid = e->uid, .ia_gid = e->gid, .ia_mtime = { .tv_sec = e->mtime },
	};

	if (kern_path(path, 0, &at))
		return;
	inode = at.dentry->d_inode;
	if (!S_ISLNK(inode->i_mode)) {          /* chown took set-id bits; the archive gives them */
		attr.ia_valid |= ATTR_MODE;
		attr.ia_mode = (umode_t)(e->mode & 07777);
	}
	down_write(&inode->i_rwsem);
	notify_change(at.dentry, &attr);
	up_write(&inode->i_rwsem);
	path_put(&at);
}

static int make_link(const struct cpio_entry *e, const char *path)
{
	char *target = kstrndup(e->data, e->size, GFP_KERNEL);
	int err;

	if (!target)
		return -ENOMEM;
	err = vfs_symlink(target, path);
	kfree(target);
	return err;
}

static int make_regular(struct unpack *u, const struct cpio_entry *e, const char *path)
{
	const char *first = e->nlink > 1 ? first_name(u, e, path) : NULL;

	if (first && strcmp(first, path)) {
		int err;

		vfs_unlink(path);
		err = vfs_link(first, path);
		if (err || !e->size)
			return err;
	}
	u->bytes += e->size;
	return write_data(path, e);
}

static int make_entry(struct unpack *u, const struct cpio_entry *e, const char *path)
{
	umode_t mode = (umode_t)e->mode;
	int err;

	clear_place(path, mode);
	switch (mode & S_IFMT) {
	case S_IFREG:
		return make_regular(u, e, path);
	case S_IFDIR:
		err = vfs_mkdir(path, mode & 07777);
		return err == -EEXIST ? 0 : err;
	case S_IFLNK:
		return make_link(e, path);
	case S_IFCHR:
	case S_IFBLK:
	case S_IFIFO:
	case S_IFSOCK:
		return vfs_mknod(path, mode, MKDEV(e->rdev_major, e->rdev_minor));
	}
	return -EINVAL;
}

void unpack_entry(struct unpack *u, const struct cpio_entry *e)
{
	char *path = kmalloc(e->namelen + 2, GFP_KERNEL);
	int err = -ENOMEM;

	if (path) {
		path[0] = '/';
		memcpy(path + 1, e->name, e->namelen + 1);
		err = make_entry(u, e, path);
		if (err == -ENOENT) {
			make_parents(path);
			err = make_entry(u, e, path);
		}
		if (!err)
			set_owner_time(path, e);
		kfree(path);
	}
	if (!err) {
		u->entries++;
		return;
	}
	if (u->failed++ < 8)
		pr_err("initramfs: %s (entry at offset %zu): error %d\n", e->name, e->offset, err);
}
