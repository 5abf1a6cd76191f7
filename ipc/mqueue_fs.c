/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The file system of message queues: one folder with a file for each queue, which may be
 * mounted anywhere (/dev/mqueue by custom) and is there without, too. Reading a queue's file
 * tells its state; messages go by the system calls alone.
 */
#include <fs/files.h>
#include <fs/fs.h>
#include <fs/namei.h>
#include <fs/poll.h>
#include <fs/statfs.h>
#include <fs/sysctl.h>
#include <fs/uio.h>
#include <kernel/cred.h>
#include <kernel/init.h>
#include <kernel/panic.h>
#include <kernel/pid.h>
#include <kernel/task.h>
#include <lib/printf.h>
#include <lib/string.h>
#include <linux/mount.h>
#include <mm/slab.h>
#include "mqueue.h"

#define MQUEUE_MAGIC	0x19800202	/* statfs(2); no header of the ABI has it */
#define ENTRY_SIZE	20		/* what an entry adds to st_size of the folder, as Linux */
#define FILE_SIZE	80

static struct mount *mq_mount;
static atomic_t nr_queues;

/* ---- queues as files ---- */

static int queue_open(struct inode *inode, struct file *file)
{
	file->private = inode->i_private;
	return 0;
}

/* A process that closes any descriptor of a queue is not to be told any more. */
static int queue_flush(struct file *file)
{
	mqueue_drop_notify(file->private);
	return 0;
}

static ssize_t queue_read(struct file *file, struct iov_iter *to, loff_t *pos)
{
	struct mqueue *q = file->private;
	char text[FILE_SIZE];
	int n;

	spin_lock(&q->lock);
	n = snprintf(text, sizeof(text), "QSIZE:%-10lu NOTIFY:%-5d SIGNO:%-5d NOTIFY_PID:%-6d\n",
		     (unsigned long)q->bytes, q->notify.owner ? q->notify.how : 0,
		     q->notify.owner && q->notify.how == SIGEV_SIGNAL ? q->notify.signo : 0,
		     q->notify.owner ? q->notify.owner->pid : 0);
	spin_unlock(&q->lock);
	return simple_read_from_buffer(to, pos, text, (size_t)n);
}

static u32 queue_poll(struct file *file, struct poll_table *pt)
{
	struct mqueue *q = file->private;
	u32 mask = 0;

	poll_wait(file, &q->poll_wait, pt);
	spin_lock(&q->lock);
	if (q->count)
		mask |= EPOLLIN | EPOLLRDNORM;
	if (q->count < q->max_count)
		mask |= EPOLLOUT | EPOLLWRNORM;
	spin_unlock(&q->lock);
	return mask;
}

static const struct file_ops queue_fops = {
	.open = queue_open, .flush = queue_flush, .read = queue_read, .poll = queue_poll,
};

struct mqueue *mqueue_of(struct file *file)
{
	return file->f_op == &queue_fops ? file->private : NULL;
}

/* ---- the folder ---- */

static const struct inode_ops queue_iops;

static int make_queue(struct inode *dir, struct dentry *dentry, umode_t mode,
		      const struct mq_attr *attr)
{
	struct inode *inode;
	struct mqueue *q;

	if (atomic_inc_return(&nr_queues) > READ_ONCE(mq_queues_max) &&
	    !capable(CAP_SYS_RESOURCE)) {
		atomic_dec(&nr_queues);
		return -ENOSPC;
	}
	q = mqueue_alloc(attr);
	if (IS_ERR(q)) {
		atomic_dec(&nr_queues);
		return (int)PTR_ERR(q);
	}
	inode = new_inode(dir->i_sb);
	if (!inode) {
		mqueue_free(q);
		atomic_dec(&nr_queues);
		return -ENOMEM;
	}
	inode->i_ino = next_ino();
	inode_init_owner(inode, dir, (umode_t)(S_IFREG | (mode & 07777)));
	inode->i_op = &queue_iops;
	inode->i_fop = &queue_fops;
	inode->i_private = q;
	i_size_write(inode, FILE_SIZE);
	i_size_write(dir, dir->i_size + ENTRY_SIZE);
	inode_touch(dir, ATTR_MTIME | ATTR_CTIME);
	d_instantiate_persist(dentry, inode);
	return 0;
}

static int mq_create(struct inode *dir, struct dentry *dentry, umode_t mode, bool excl)
{
	return make_queue(dir, dentry, mode, NULL);
}

static int mq_unlink_entry(struct inode *dir, struct dentry *dentry)
{
	drop_nlink(dentry->d_inode);
	inode_touch(dentry->d_inode, ATTR_CTIME);
	i_size_write(dir, dir->i_size - ENTRY_SIZE);
	inode_touch(dir, ATTR_MTIME | ATTR_CTIME);
	return 0;
}

static const struct inode_ops queue_iops = { .setattr = simple_setattr };
static const struct inode_ops folder_iops = {
	.lookup = simple_lookup, .create = mq_create, .unlink = mq_unlink_entry,
};

static void mq_evict(struct inode *inode)
{
	if (!S_ISREG(inode->i_mode))
		return;
	mqueue_free(inode->i_private);
	atomic_dec(&nr_queues);
}

static int mq_statfs(struct super *sb, struct kstatfs *st)
{
	st->f_bsize = PAGE_SIZE;
	return 0;
}

static const struct super_ops mq_sops = { .evict_inode = mq_evict, .statfs = mq_statfs };

static int mq_fill(struct super *sb, const char *data)
{
	struct inode *root;

	if (data && *data)
		return -EINVAL;
	sb->s_op = &mq_sops;
	root = new_inode(sb);
	if (!root)
		return -ENOMEM;
	root->i_ino = next_ino();
	root->i_mode = S_IFDIR | 01777;
	root->i_nlink = 2;
	root->i_size = 2 * ENTRY_SIZE;
	root->i_op = &folder_iops;
	root->i_fop = &dcache_dir_fops;
	sb->s_root = d_make_root(root);
	return sb->s_root ? 0 : -ENOMEM;
}

static int mq_fs_mount(struct fs_type *type, unsigned long flags, const char *source,
		       const char *data, struct super **out)
{
	return super_single(type, flags, data, mq_fill, out);
}

static struct fs_type mqueue_type = {
	.name = "mqueue", .fs_flags = FS_NODEV | FS_SINGLE, .magic = MQUEUE_MAGIC,
	.mount = mq_fs_mount,
};

/* ---- by name ---- */

/* The entry in the folder, whose i_rwsem is held: counted, perhaps negative; or ERR_PTR. */
static struct dentry *find_entry(const char *name)
{
	struct qstr q = QSTR_INIT(name, (u32)strlen(name));

	if (q.len > NAME_MAX)
		return ERR_PTR(-ENAMETOOLONG);
	if (strchr(name, '/') || !strcmp(name, ".") || !strcmp(name, ".."))
		return ERR_PTR(-EACCES);
	return lookup_one_locked(mq_mount->mnt_root, &q);
}

/* May it be opened like that? Makes it first, if it is missing and O_CREAT says so. */
static int ready_entry(struct dentry *d, int flags, umode_t mode, const struct mq_attr *attr)
{
	static const u8 wanted[] = { MAY_READ, MAY_WRITE, MAY_READ | MAY_WRITE };
	struct inode *dir = mq_mount->mnt_root->d_inode;
	int err;

	if (d_is_negative(d)) {
		if (!(flags & O_CREAT))
			return -ENOENT;
		err = may_create(dir, d);
		return err ? err : make_queue(dir, d, mode & (umode_t)~current->fs->umask, attr);
	}
	if ((flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL))
		return -EEXIST;
	if ((flags & O_ACCMODE) == O_ACCMODE)
		return -EINVAL;
	return inode_permission(d->d_inode, wanted[flags & O_ACCMODE]);
}

struct file *mqueue_open(const char *name, int flags, umode_t mode, const struct mq_attr *attr)
{
	struct path path = { .mnt = mq_mount };
	struct inode *dir = mq_mount->mnt_root->d_inode;
	struct file *file;
	int err;

	down_write(&dir->i_rwsem);
	path.dentry = find_entry(name);
	err = PTR_ERR_OR_ZERO(path.dentry);
	if (!err) {
		err = ready_entry(path.dentry, flags, mode, attr);
		if (err)
			dput(path.dentry);
	}
	up_write(&dir->i_rwsem);
	if (err)
		return ERR_PTR(err);
	file = file_open_path(&path, flags & ~(O_CREAT | O_EXCL), current_cred());
	dput(path.dentry);
	return file;
}

int mqueue_unlink(const char *name)
{
	struct inode *dir = mq_mount->mnt_root->d_inode, *victim = NULL;
	struct dentry *d;
	int err;

	down_write(&dir->i_rwsem);
	d = find_entry(name);
	err = PTR_ERR_OR_ZERO(d);
	if (!err) {
		err = d_is_negative(d) ? -ENOENT : may_delete(dir, d, false);
		if (!err)
			err = mq_unlink_entry(dir, d);
		if (!err) {
			victim = inode_get(d->d_inode);
			d_delete(d);
		}
		dput(d);
	}
	up_write(&dir->i_rwsem);
	inode_put(victim);
	return err;
}

/* ---- start ---- */

static const struct sysctl limits[] = {
	{ "sys/fs/mqueue/queues_max", 0644, SYSCTL_INT, &mq_queues_max, 0, INT_MAX },
	{ "sys/fs/mqueue/msg_max", 0644, SYSCTL_INT, &mq_msg_max, 1, MQ_HARD_MSG_MAX },
	{ "sys/fs/mqueue/msgsize_max", 0644, SYSCTL_INT, &mq_msgsize_max, 128, MQ_HARD_SIZE_MAX },
	{ "sys/fs/mqueue/msg_default", 0644, SYSCTL_INT, &mq_msg_default, 1, MQ_HARD_MSG_MAX },
	{ "sys/fs/mqueue/msgsize_default", 0644, SYSCTL_INT, &mq_msgsize_default, 128,
	  MQ_HARD_SIZE_MAX },
};

static int __init mqueue_fs_init(void)
{
	int err = fs_register(&mqueue_type);

	mq_mount = err ? ERR_PTR(err) : kern_mount(&mqueue_type);
	if (IS_ERR(mq_mount))
		panic("mqueue: cannot make the file system: error %d", (int)PTR_ERR(mq_mount));
	return 0;
}
fs_initcall(mqueue_fs_init);

static int __init mqueue_sysctl_init(void)
{
	return sysctl_register(limits, ARRAY_SIZE(limits));
}
device_initcall(mqueue_sysctl_init);
