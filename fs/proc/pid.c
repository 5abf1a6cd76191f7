/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Directories of processes and threads: /proc/PID, /proc/PID/task, /proc/PID/task/TID.
 *
 * An inode knows its process by number and time of birth, so an open file of a dead
 * process answers ESRCH, also when the number is taken again, and keeps nothing alive.
 * Names of processes are never cached beyond their last use.
 */
#include <fs/files.h>
#include <fs/uio.h>
#include <kernel/cred.h>
#include <lib/parse.h>
#include <lib/printf.h>
#include <lib/string.h>
#include <mm/mm.h>
#include <mm/slab.h>
#include "../internal.h"
#include "proc_internal.h"

#define SUBDIRS_OF_PID 3		/* task, fd, fdinfo */

/* ---- whom an inode is about ---- */

static int view_process(const struct proc_ref *ref, struct proc_view *v)
{
	v->proc = process_find(ref->tgid);
	if (!v->proc)
		return -ESRCH;
	v->task = NULL;
	spin_lock_irq(&tasklist_lock);
	if (v->proc->state != PROC_REAPED && v->proc->start_time == ref->start)
		v->task = task_get(v->proc->group_leader);
	spin_unlock_irq(&tasklist_lock);
	v->whole = true;
	if (v->task)
		return 0;
	process_put(v->proc);
	return -ESRCH;
}

static int view_thread(const struct proc_ref *ref, struct proc_view *v)
{
	v->task = task_find(ref->tid);
	if (!v->task)
		return -ESRCH;
	if (v->task->start_time != ref->start || v->task->proc->pid != ref->tgid) {
		task_put(v->task);
		return -ESRCH;
	}
	v->proc = process_get(v->task->proc);
	v->whole = false;
	return 0;
}

int proc_view_get(const struct inode *inode, struct proc_view *v)
{
	const struct proc_ref *ref = proc_ref(inode);

	return ref->tid ? view_thread(ref, v) : view_process(ref, v);
}

void proc_view_put(struct proc_view *v)
{
	task_put(v->task);
	process_put(v->proc);
}

/* Files belong to the effective ids; those of an undumpable process, but its folder, to root. */
static void set_owner(struct inode *inode, struct proc_view *v)
{
	bool folder = inode->i_mode == (S_IFDIR | 0555);
	struct cred *cred = task_cred_get(v->task);
	struct mm *mm = folder ? NULL : task_mm_get(v->task);
	bool root = mm && mm->dumpable != 1;

	inode->i_uid = root ? 0 : cred->euid;
	inode->i_gid = root ? 0 : cred->egid;
	cred_put(cred);
	if (mm)
		mm_put(mm);
}

/* ---- inodes and dentries ---- */

struct inode *proc_ref_inode(struct super *sb, umode_t mode, u64 ino, const struct proc_ref *of)
{
	struct proc_ref *ref = kmemdup(of, sizeof(*of), GFP_KERNEL);
	struct inode *inode;
	struct proc_view v;

	if (!ref)
		return NULL;
	inode = proc_inode(sb, mode, ino);
	if (!inode) {
		kfree(ref);
		return NULL;
	}
	inode->i_private = ref;
	if (!proc_view_get(inode, &v)) {
		set_owner(inode, &v);
		proc_view_put(&v);
	}
	return inode;
}

static int ref_revalidate(struct dentry *dentry, unsigned flags)
{
	struct inode *inode = dentry->d_inode;
	struct proc_view v;

	if (!inode || proc_view_get(inode, &v))
		return 0;
	set_owner(inode, &v);
	proc_view_put(&v);
	return 1;
}
static int ref_delete(const struct dentry *dentry)
{
	return 1;
}
static const struct dentry_ops ref_dops = { .revalidate = ref_revalidate, .delete = ref_delete };

struct dentry *proc_ref_add(struct dentry *dentry, struct inode *inode)
{
	if (!inode)
		return ERR_PTR(-ENOMEM);
	dentry->d_op = &ref_dops;
	dentry->d_flags |= DCACHE_REVALIDATE;
	d_add(dentry, inode);
	return NULL;
}

int proc_ref_setattr(struct dentry *dentry, struct iattr *attr)
{
	int err;

	if (attr->ia_valid & ATTR_MODE)
		return -EPERM;
	err = setattr_prepare(dentry, attr);
	if (!err && !(attr->ia_valid & ATTR_SIZE))
		setattr_copy(dentry->d_inode, attr);
	return err;
}

int proc_ref_getattr(const struct path *path, struct kstat *stat, u32 mask, unsigned flags)
{
	struct inode *inode = path->dentry->d_inode;
	struct proc_view v;
	int err = proc_view_get(inode, &v);

	if (err)
		return -ENOENT;
	set_owner(inode, &v);
	generic_fillattr(inode, stat);
	if (inode->i_op == &proc_task_iops)
		stat->nlink = 2 + (u32)READ_ONCE(v.proc->nr_threads);
	proc_view_put(&v);
	return 0;
}

/* ---- plain files and links ---- */

static int ref_show(struct seq_file *m, void *data)
{
	struct inode *inode = data;
	const struct pid_file *file = proc_ref(inode)->file;
	struct proc_view v;
	int err = proc_view_get(inode, &v);

	if (err)
		return err;
	if (file->guarded)
		err = task_may_look(v.task);
	if (!err)
		err = file->show(m, &v);
	proc_view_put(&v);
	return err;
}

static int ref_open(struct inode *inode, struct file *file)
{
	struct proc_view v;
	int err = proc_view_get(inode, &v);

	if (err)
		return err;
	if (proc_ref(inode)->file->guarded)
		err = task_may_look(v.task);
	proc_view_put(&v);
	return err ? err : seq_open_show(file, ref_show, inode);
}
static const struct file_ops ref_show_fops = {
	.open = ref_open, .read = seq_read, .llseek = seq_llseek, .release = seq_release,
};
static const struct inode_ops ref_file_iops = {
	.setattr = proc_ref_setattr, .getattr = proc_ref_getattr,
};

static int ref_get_link(struct dentry *dentry, struct inode *inode, struct link_target *out)
{
	struct proc_view v;
	int err = proc_view_get(inode, &v);

	if (err)
		return err;
	*out = (struct link_target){ .is_jump = true };
	err = task_may_look(v.task);
	if (!err)
		err = proc_ref(inode)->file->link(&v, &out->jump);
	proc_view_put(&v);
	return err;
}
static const struct inode_ops ref_link_iops = {
	.get_link = ref_get_link, .setattr = proc_ref_setattr, .getattr = proc_ref_getattr,
};

/* ---- the folder of a process or thread ---- */

static struct inode *file_inode_of(struct inode *dir, unsigned index)
{
	const struct pid_file *file = &pid_files[index];
	struct proc_ref ref = *proc_ref(dir);
	u32 slot = SLOT_FILES + index + (ref.tid ? SLOT_TASK : 0);
	struct inode *inode;

	ref.file = file;
	inode = proc_ref_inode(dir->i_sb, file->mode,
			       proc_ref_ino(ref.tid ? ref.tid : ref.tgid, slot), &ref);
	if (!inode)
		return NULL;
	if (S_ISLNK(file->mode))
		inode->i_op = &ref_link_iops;
	else
		inode->i_op = file->iops ? file->iops : &ref_file_iops;
	if (!S_ISLNK(file->mode))
		inode->i_fop = file->fops ? file->fops : &ref_show_fops;
	if (S_ISDIR(file->mode))
		inode->i_nlink = 2;
	return inode;
}

static struct dentry *folder_lookup(struct inode *dir, struct dentry *dentry)
{
	unsigned where = proc_ref(dir)->tid ? TASK_DIR : PID_DIR;
	const struct qstr *q = &dentry->d_name;

	for (unsigned i = 0; i < nr_pid_files; i++) {
		const struct pid_file *f = &pid_files[i];

		if ((f->where & where) && strlen(f->name) == q->len && !memcmp(f->name, q->name, q->len))
			return proc_ref_add(dentry, file_inode_of(dir, i));
	}
	return ERR_PTR(-ENOENT);
}

static int folder_iterate(struct file *file, struct dir_context *ctx)
{
	const struct proc_ref *ref = proc_ref(file_inode(file));
	unsigned where = ref->tid ? TASK_DIR : PID_DIR;
	struct proc_view v;

	if (proc_view_get(file_inode(file), &v))
		return -ENOENT;
	proc_view_put(&v);
	if (!proc_emit_dots(file, ctx))
		return 0;
	for (unsigned i = (unsigned)ctx->pos - 2; i < nr_pid_files; i++) {
		const struct pid_file *f = &pid_files[i];
		u32 slot = SLOT_FILES + i + (ref->tid ? SLOT_TASK : 0);

		ctx->pos = 2 + i;
		if ((f->where & where) &&
		    !ctx->emit(ctx, f->name, (int)strlen(f->name), ctx->pos,
			       proc_ref_ino(ref->tid ? ref->tid : ref->tgid, slot), mode_to_dt(f->mode)))
			return 0;
		ctx->pos++;
	}
	return 0;
}
static const struct inode_ops folder_iops = {
	.lookup = folder_lookup, .setattr = proc_ref_setattr, .getattr = proc_ref_getattr,
};
static const struct file_ops folder_fops = {
	.iterate = folder_iterate, .read = generic_read_dir, .llseek = generic_llseek,
};

struct process *proc_folder_process(const struct file *file)
{
	struct inode *inode = file_inode(file);
	struct proc_view v;

	if (file->f_op != &folder_fops || proc_ref(inode)->tid)
		return ERR_PTR(-EBADF);
	if (proc_view_get(inode, &v))
		return ERR_PTR(-ESRCH);
	task_put(v.task);
	return v.proc;
}

/* A name that is a number in its plain form, or -1. */
static pid_t name_to_pid(const struct qstr *q)
{
	pid_t n = 0;

	if (!q->len || q->len > 9 || (q->name[0] == '0' && q->len > 1))
		return -1;
	for (u32 i = 0; i < q->len; i++) {
		if (q->name[i] < '0' || q->name[i] > '9')
			return -1;
		n = n * 10 + (q->name[i] - '0');
	}
	return n;
}

static struct dentry *add_folder(struct inode *dir, struct dentry *dentry, const struct proc_ref *ref)
{
	pid_t nr = ref->tid ? ref->tid : ref->tgid;
	struct inode *inode = proc_ref_inode(dir->i_sb, S_IFDIR | 0555,
					     proc_ref_ino(nr, SLOT_DIR + (ref->tid ? SLOT_TASK : 0)), ref);

	if (inode) {
		inode->i_op = &folder_iops;
		inode->i_fop = &folder_fops;
		inode->i_nlink = 2 + (ref->tid ? SUBDIRS_OF_PID - 1 : SUBDIRS_OF_PID);
	}
	return proc_ref_add(dentry, inode);
}

/* Threads can be named too, though they are not listed. */
struct dentry *proc_pid_lookup(struct inode *dir, struct dentry *dentry)
{
	pid_t nr = name_to_pid(&dentry->d_name);
	struct proc_ref ref = { .tgid = nr };
	struct process *proc;
	struct task *task;

	if (nr <= 0)
		return ERR_PTR(-ENOENT);
	proc = process_find(nr);
	if (!proc) {
		task = task_find(nr);
		if (!task)
			return ERR_PTR(-ENOENT);
		proc = process_get(task->proc);
		task_put(task);
		ref.tgid = proc->pid;
	}
	ref.start = proc->start_time;
	process_put(proc);
	return add_folder(dir, dentry, &ref);
}

int proc_pid_readdir(struct file *file, struct dir_context *ctx)
{
	struct process *proc;
	char name[16];

	while ((proc = process_next((pid_t)(ctx->pos - PROC_COOKIE_PIDS)))) {
		pid_t pid = proc->pid;
		int len = snprintf(name, sizeof(name), "%d", pid);

		process_put(proc);
		ctx->pos = PROC_COOKIE_PIDS + pid;
		if (!ctx->emit(ctx, name, len, ctx->pos, proc_ref_ino(pid, SLOT_DIR), DT_DIR))
			return 0;
		ctx->pos++;
	}
	return 0;
}

/* ---- task/ ---- */

static struct dentry *task_lookup(struct inode *dir, struct dentry *dentry)
{
	struct proc_ref ref = { .tgid = proc_ref(dir)->tgid, .tid = name_to_pid(&dentry->d_name) };
	struct task *task = ref.tid > 0 ? task_find(ref.tid) : NULL;
	bool ours;

	if (!task)
		return ERR_PTR(-ENOENT);
	ours = task->proc->pid == ref.tgid;
	ref.start = task->start_time;
	task_put(task);
	return ours ? add_folder(dir, dentry, &ref) : ERR_PTR(-ENOENT);
}

static int task_iterate(struct file *file, struct dir_context *ctx)
{
	struct proc_view v;
	struct task *task;
	char name[16];

	if (proc_view_get(file_inode(file), &v))
		return -ENOENT;
	if (!proc_emit_dots(file, ctx))
		goto out;
	while ((task = thread_next(v.proc, (pid_t)(ctx->pos - 2)))) {
		pid_t tid = task->tid;
		int len = snprintf(name, sizeof(name), "%d", tid);

		task_put(task);
		ctx->pos = 2 + tid;
		if (!ctx->emit(ctx, name, len, ctx->pos, proc_ref_ino(tid, SLOT_DIR + SLOT_TASK), DT_DIR))
			break;
		ctx->pos++;
	}
out:
	proc_view_put(&v);
	return 0;
}

const struct inode_ops proc_task_iops = {
	.lookup = task_lookup, .setattr = proc_ref_setattr, .getattr = proc_ref_getattr,
};
const struct file_ops proc_task_fops = {
	.iterate = task_iterate, .read = generic_read_dir, .llseek = generic_llseek,
};
