/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * /proc/PID/fd and fdinfo: the open descriptors of a process, as links and as text.
 */
#include <fs/files.h>
#include <kernel/cred.h>
#include <lib/printf.h>
#include <lib/string.h>
#include "../internal.h"
#include "proc_internal.h"

/*
 * The open file of the descriptor an inode is about, counted; NULL when it is closed. *cloexec
 * (may be NULL) is the descriptor's flag.
 */
static struct file *file_of(const struct inode *inode, int *err, bool *cloexec)
{
	const struct proc_ref *ref = proc_ref(inode);
	struct file *file = NULL;
	struct files *files;
	struct proc_view v;

	*err = proc_view_get(inode, &v);
	if (*err)
		return NULL;
	*err = task_may_look(v.task);
	files = *err ? NULL : task_files_get(v.task);
	proc_view_put(&v);
	if (files) {
		file = files_get_file(files, (unsigned)ref->fd);
		if (file && cloexec)
			files_next_fd(files, (unsigned)ref->fd, cloexec);
		files_put(files);
	}
	if (!file && !*err)
		*err = -ENOENT;
	return file;
}

static int fd_get_link(struct dentry *dentry, struct inode *inode, struct link_target *out)
{
	int err;
	struct file *file = file_of(inode, &err, NULL);

	if (!file)
		return err;
	*out = (struct link_target){ .is_jump = true, .jump = file->f_path };
	path_get(&out->jump);
	file_put(file);
	return 0;
}
static const struct inode_ops fd_link_iops = {
	.get_link = fd_get_link, .setattr = proc_ref_setattr, .getattr = proc_ref_getattr,
};

static int fdinfo_show(struct seq_file *m, void *data)
{
	struct inode *inode = data;
	bool cloexec = false;
	int err;
	struct file *file = file_of(inode, &err, &cloexec);

	if (!file)
		return err;
	seq_printf(m, "pos:\t%lli\nflags:\t0%o\nmnt_id:\t%i\nino:\t%llu\n", (long long)file->f_pos,
		   file->f_flags | (cloexec ? O_CLOEXEC : 0), file->f_path.mnt->mnt_id, (unsigned long long)file->f_inode->i_ino);
	if (file->f_op->show_fdinfo)
		file->f_op->show_fdinfo(m, file);
	file_put(file);
	return 0;
}
static int fdinfo_open(struct inode *inode, struct file *file)
{
	return seq_open_show(file, fdinfo_show, inode);
}
static const struct file_ops fdinfo_fops = {
	.open = fdinfo_open, .read = seq_read, .llseek = seq_llseek, .release = seq_release,
};
static const struct inode_ops fdinfo_iops = {
	.setattr = proc_ref_setattr, .getattr = proc_ref_getattr,
};

static int name_to_fd(const struct qstr *q)
{
	int fd = 0;

	if (!q->len || q->len > 7 || (q->name[0] == '0' && q->len > 1))
		return -1;
	for (u32 i = 0; i < q->len; i++) {
		if (q->name[i] < '0' || q->name[i] > '9')
			return -1;
		fd = fd * 10 + (q->name[i] - '0');
	}
	return fd;
}

static struct dentry *fd_lookup_common(struct inode *dir, struct dentry *dentry, bool info)
{
	struct proc_ref ref = *proc_ref(dir);
	pid_t nr = ref.tid ? ref.tid : ref.tgid;
	struct inode *inode;
	struct file *file;
	umode_t mode = S_IFREG | 0444;
	int err;

	ref.fd = name_to_fd(&dentry->d_name);
	if (ref.fd < 0)
		return ERR_PTR(-ENOENT);
	inode = proc_ref_inode(dir->i_sb, mode,
			       proc_ref_ino(nr, (info ? SLOT_FDINFO : SLOT_FD) | (u32)ref.fd), &ref);
	if (!inode)
		return ERR_PTR(-ENOMEM);
	file = file_of(inode, &err, NULL);
	if (!file) {
		inode_put(inode);
		return ERR_PTR(err == -ESRCH ? -ENOENT : err);
	}
	if (info) {
		inode->i_op = &fdinfo_iops;
		inode->i_fop = &fdinfo_fops;
	} else {
		inode->i_op = &fd_link_iops;
		inode->i_mode = S_IFLNK | (file->f_mode & FMODE_READ ? 0500 : 0) |
				(file->f_mode & FMODE_WRITE ? 0300 : 0);
		inode->i_size = 64;
	}
	file_put(file);
	return proc_ref_add(dentry, inode);
}

static struct dentry *fd_lookup(struct inode *dir, struct dentry *dentry)
{
	return fd_lookup_common(dir, dentry, false);
}
static struct dentry *fdinfo_lookup(struct inode *dir, struct dentry *dentry)
{
	return fd_lookup_common(dir, dentry, true);
}

static int iterate_common(struct file *dir, struct dir_context *ctx, bool info)
{
	const struct proc_ref *ref = proc_ref(file_inode(dir));
	pid_t nr = ref->tid ? ref->tid : ref->tgid;
	struct files *files;
	struct proc_view v;
	int err = proc_view_get(file_inode(dir), &v), fd;
	char name[16];

	if (err)
		return -ENOENT;
	err = task_may_look(v.task);
	files = err ? NULL : task_files_get(v.task);
	proc_view_put(&v);
	if (err)
		return err;
	if (!files)
		return 0;		/* a zombie has none */
	if (!proc_emit_dots(dir, ctx))
		goto out;
	while ((fd = files_next_fd(files, (unsigned)(ctx->pos - 2), NULL)) >= 0) {
		int len = snprintf(name, sizeof(name), "%d", fd);

		ctx->pos = 2 + fd;
		if (!ctx->emit(ctx, name, len, ctx->pos,
			       proc_ref_ino(nr, (info ? SLOT_FDINFO : SLOT_FD) | (u32)fd),
			       info ? DT_REG : DT_LNK))
			break;
		ctx->pos++;
	}
out:
	files_put(files);
	return 0;
}

static int fd_iterate(struct file *file, struct dir_context *ctx)
{
	return iterate_common(file, ctx, false);
}
static int fdinfo_iterate(struct file *file, struct dir_context *ctx)
{
	return iterate_common(file, ctx, true);
}

/* One's own descriptors are always within reach, also after a change of ids. */
static int fd_permission(struct inode *inode, int mask)
{
	struct proc_view v;
	int err = generic_permission(inode, mask);

	if (err && !proc_view_get(inode, &v)) {
		if (v.proc == current->proc)
			err = 0;
		proc_view_put(&v);
	}
	return err;
}

const struct inode_ops proc_fd_iops = {
	.lookup = fd_lookup, .permission = fd_permission, .setattr = proc_ref_setattr,
	.getattr = proc_ref_getattr,
};
const struct file_ops proc_fd_fops = {
	.iterate = fd_iterate, .read = generic_read_dir, .llseek = generic_llseek,
};
const struct inode_ops proc_fdinfo_iops = {
	.lookup = fdinfo_lookup, .permission = fd_permission, .setattr = proc_ref_setattr,
	.getattr = proc_ref_getattr,
};
const struct file_ops proc_fdinfo_fops = {
	.iterate = fdinfo_iterate, .read = generic_read_dir, .llseek = generic_llseek,
};
