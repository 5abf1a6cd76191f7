/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * procfs inside: static entries, and the directories of processes.
 *
 * Inode numbers tell what i_private is: static entries have numbers below 2^32 (and
 * i_private is the entry, or the data of proc_create_ops); those of processes are at or
 * above, and i_private is a struct proc_ref of the inode's own, freed with it.
 */
#ifndef PROC_INTERNAL_H
#define PROC_INTERNAL_H

#include <fs/fs.h>
#include <fs/proc.h>
#include <fs/seq_file.h>
#include <kernel/pid.h>
#include <kernel/task.h>

struct proc_view;

/* A file below /proc/PID or /proc/PID/task/TID. */
struct pid_file {
	const char *name;
	umode_t     mode;		/* with its type */
	u8          where;		/* PID_DIR, TASK_DIR */
	bool        guarded;		/* only for those who may look into the process */
	int       (*show)(struct seq_file *m, struct proc_view *v);
	int       (*link)(struct proc_view *v, struct path *out);	/* counted */
	const struct file_ops  *fops;
	const struct inode_ops *iops;
};
#define PID_DIR   1u
#define TASK_DIR  2u
#define BOTH_DIRS (PID_DIR | TASK_DIR)

/* Which process or thread an inode is about: by number and birth, so nothing is pinned. */
struct proc_ref {
	pid_t                  tgid, tid;	/* tid 0: the process */
	u64                    start;		/* start_time of the process or thread */
	int                    fd;		/* fd/N, fdinfo/N */
	const struct pid_file *file;
};

/* Its process and a thread of it (the leader for a process), counted. */
struct proc_view {
	struct process *proc;
	struct task    *task;
	bool            whole;			/* the process, not only this thread */
};

/* 0, or -ESRCH when it is gone. */
int  proc_view_get(const struct inode *inode, struct proc_view *v);
void proc_view_put(struct proc_view *v);

static inline struct proc_ref *proc_ref(const struct inode *inode)
{
	return inode->i_private;
}
static inline bool proc_is_ref(const struct inode *inode)
{
	return inode->i_ino >> 32;
}

/* ---- generic.c ---- */
struct inode *proc_inode(struct super *sb, umode_t mode, u64 ino);
struct dentry *proc_static_lookup(struct inode *dir, struct dentry *dentry);
/* Emits the static entries from ctx->pos on. False when the reader is full. */
bool proc_static_readdir(struct inode *dir, struct dir_context *ctx);
bool proc_emit_dots(struct file *file, struct dir_context *ctx);
int  proc_fill_super(struct super *sb, const char *data);
unsigned proc_static_subdirs(void);
extern const struct dentry_ops proc_static_dops;

/* ---- pid.c ---- */
#define PROC_COOKIE_PIDS (1l << 32)	/* directory positions of processes: this plus the pid */
struct dentry *proc_pid_lookup(struct inode *dir, struct dentry *dentry);
int  proc_pid_readdir(struct file *file, struct dir_context *ctx);
/* An inode for a file of the process or thread that `of` is about. NULL: no memory. */
struct inode *proc_ref_inode(struct super *sb, umode_t mode, u64 ino, const struct proc_ref *of);
/* Hangs a new inode of a process under dentry: NULL or ERR_PTR, as lookup wants it. */
struct dentry *proc_ref_add(struct dentry *dentry, struct inode *inode);
/* Number of the file `slot` of a thread. */
static inline u64 proc_ref_ino(pid_t tid, u32 slot)
{
	return (u64)(u32)tid << 32 | slot;
}
#define SLOT_DIR	1u
#define SLOT_FILES	16u		/* + index into pid_files */
#define SLOT_TASK	(1u << 20)	/* flag: below task/ */
#define SLOT_FD		(1u << 21)
#define SLOT_FDINFO	(1u << 22)	/* fds stay below 2^20 */
int  proc_ref_setattr(struct dentry *dentry, struct iattr *attr);
int  proc_ref_getattr(const struct path *path, struct kstat *stat, u32 mask, unsigned flags);

/* ---- tables of the other files ---- */
extern const struct pid_file pid_files[];
extern const unsigned nr_pid_files;
extern const struct inode_ops proc_task_iops, proc_fd_iops, proc_fdinfo_iops;
extern const struct file_ops proc_task_fops, proc_fd_fops, proc_fdinfo_fops;

int pid_stat_show(struct seq_file *m, struct proc_view *v);
int pid_status_show(struct seq_file *m, struct proc_view *v);
int pid_statm_show(struct seq_file *m, struct proc_view *v);
int pid_maps_show(struct seq_file *m, struct proc_view *v);
int pid_smaps_show(struct seq_file *m, struct proc_view *v);
int pid_smaps_rollup_show(struct seq_file *m, struct proc_view *v);
int pid_sched_show(struct seq_file *m, struct proc_view *v);
int pid_schedstat_show(struct seq_file *m, struct proc_view *v);
int pid_limits_show(struct seq_file *m, struct proc_view *v);
extern const struct file_ops pid_mem_fops, pid_environ_fops, pid_cmdline_fops, pid_auxv_fops;
extern const struct file_ops pid_comm_fops, pid_oom_adj_fops, pid_pagemap_fops;
extern const struct file_ops pid_fail_nth_fops;

/* A write of a short text: copied, terminated, trailing newline cut. Length or -errno. */
ssize_t proc_get_text(struct iov_iter *from, char *buf, size_t size);

/* ---- generic.c: entries that are always there, of /proc and of /sys (sysfs.c) ---- */

/* Locks:  p  proc_mutex   i  constant */
struct proc_entry {
	struct list_head    link;	/* p  in parent->children, cookies ascending */
	struct list_head    children;	/* p */
	struct proc_entry  *parent;	/* i */
	const char         *name;	/* i */
	u32                 len;	/* i */
	umode_t             mode;	/* i */
	u32                 nlink;	/* p */
	u64                 ino;	/* i; also the directory cookie */
	bool                removed;	/* p to write */
	int               (*show)(struct seq_file *m, void *data);
	const struct file_ops *fops;	/* i */
	void               *data;	/* i */
	const char         *target;	/* i  of a link; "@self", "@thread" are special */
};

/* The root of a tree, which is never freed. */
#define PROC_ENTRY_ROOT(self) {								\
	.children = LIST_HEAD_INIT((self).children), .name = "", .mode = S_IFDIR | 0555,	\
	.nlink = 2, .ino = 1,								\
}

/* A file, or with `mode` a folder, below `root`. 0, -EEXIST, -ENOMEM. */
int proc_entry_add(struct proc_entry *root, const char *path, umode_t mode,
		   int (*show)(struct seq_file *m, void *data), void *data);
/* The target stays the caller's, unchanged. */
int proc_entry_symlink(struct proc_entry *root, const char *path, const char *target);
int proc_entry_remove(struct proc_entry *root, const char *path);
/* Makes the tree the content of a new super block. */
int proc_fill_tree(struct super *sb, struct proc_entry *root);

#endif
