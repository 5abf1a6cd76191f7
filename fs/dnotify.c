/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dnotify, F_NOTIFY of fcntl(2): a signal to the owner of an open folder when something happens to
 * what is in it. It lives on inotify's hooks; here is who asked for what, and the end of that: once
 * for a request without DN_MULTISHOT, and when the process closes the folder by any descriptor.
 *
 * dnotify_lock covers all requests. It is outside tasklist_lock and of the descriptor tables' locks.
 */
#include <fs/files.h>
#include <fs/fs.h>
#include <fs/notify.h>
#include <fs/poll.h>
#include <fs/sysctl.h>
#include <kernel/init.h>
#include <kernel/signal.h>
#include <kernel/task.h>
#include <linux/fcntl.h>
#include <mm/slab.h>
#include "internal.h"

/* A request. It pins nothing: closing the file ends it. */
struct dnotify {
	struct dnotify *next;		/* of the inode */
	struct file    *file;
	struct files   *owner;		/* the table whose close() ends it */
	int             fd;
	u32             mask;		/* DN_* */
};

static DEFINE_SPINLOCK(dnotify_lock);
static int enabled = 1;			/* /proc/sys/fs/dir-notify-enable */

static u32 dn_mask(u32 mask)
{
	return (mask & IN_ACCESS ? DN_ACCESS : 0) | (mask & IN_MODIFY ? DN_MODIFY : 0) |
	       (mask & IN_ATTRIB ? DN_ATTRIB : 0) |
	       (mask & (IN_CREATE | IN_MOVED_TO) ? DN_CREATE : 0) |
	       (mask & (IN_DELETE | IN_MOVED_FROM) ? DN_DELETE : 0) |
	       (mask & IN_MOVED_FROM ? DN_RENAME : 0);
}

/* Takes *at out of its inode's list. dnotify_lock held. */
static void end_request(struct dnotify **at)
{
	struct dnotify *dn = *at;

	WRITE_ONCE(*at, dn->next);
	__atomic_sub_fetch(&notify_watches, 1, __ATOMIC_RELAXED);
	kfree(dn);
}

void dnotify_tell(struct inode *dir, u32 mask)
{
	struct dnotify **at = &dir->i_dnotify, *dn;

	mask = dn_mask(mask);
	if (!mask)
		return;
	spin_lock(&dnotify_lock);
	while ((dn = *at)) {
		if (dn->mask & mask) {
			file_signal_owner(dn->file, dn->fd, POLL_MSG, EPOLLIN | EPOLLRDNORM | EPOLLMSG);
			if (!(dn->mask & DN_MULTISHOT)) {
				end_request(at);
				continue;
			}
		}
		at = &dn->next;
	}
	spin_unlock(&dnotify_lock);
}

static struct dnotify **find(struct file *file, struct files *owner)
{
	struct dnotify **at = &file->f_inode->i_dnotify;

	while (*at && ((*at)->file != file || (*at)->owner != owner))
		at = &(*at)->next;
	return at;
}

void dnotify_close(struct file *file, struct files *owner)
{
	struct dnotify **at;

	spin_lock(&dnotify_lock);
	at = find(file, owner);
	if (*at)
		end_request(at);
	spin_unlock(&dnotify_lock);
}

/* False, and nothing added, if `fd` is not this file any more: its close() will not come again. */
static bool add_request(unsigned fd, struct file *file, u32 mask, struct dnotify *new)
{
	struct files *files = current->files;
	struct inode *inode = file->f_inode;
	bool open;

	*new = (struct dnotify){ .next = inode->i_dnotify, .file = file, .owner = files,
				 .fd = (int)fd, .mask = mask };
	spin_lock(&files->lock);
	open = fd < files->max && files->fd[fd] == file;
	if (open) {
		WRITE_ONCE(inode->i_dnotify, new);
		__atomic_add_fetch(&notify_watches, 1, __ATOMIC_RELAXED);
	}
	spin_unlock(&files->lock);
	return open;
}

long dnotify_set(unsigned fd, struct file *file, u32 mask)
{
	struct dnotify *new, *old;

	if (!READ_ONCE(enabled))
		return -EINVAL;
	if (!(mask & ~DN_MULTISHOT)) {
		dnotify_close(file, current->files);
		return 0;
	}
	if (!S_ISDIR(file->f_inode->i_mode))
		return -ENOTDIR;
	new = kmalloc(sizeof(*new), GFP_KERNEL);
	if (!new)
		return -ENOMEM;
	if (!READ_ONCE(file->f_owner))
		file_set_owner(file, current->proc->pid);
	spin_lock(&dnotify_lock);
	old = *find(file, current->files);
	if (old) {
		old->mask |= mask;
		old->fd = (int)fd;
	} else if (add_request(fd, file, mask, new)) {
		new = NULL;
	}
	spin_unlock(&dnotify_lock);
	kfree(new);
	return 0;
}

static const struct sysctl numbers[] = {
	{ "sys/fs/dir-notify-enable", 0644, SYSCTL_INT, &enabled, 0, INT_MAX },
};

static int __init dnotify_init(void)
{
	return sysctl_register(numbers, ARRAY_SIZE(numbers));
}
device_initcall(dnotify_init);
