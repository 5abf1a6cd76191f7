/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files under /proc, registered by any subsystem at any time after the slab works.
 * Paths are relative to /proc ("sys/kernel/osrelease"); missing folders are made.
 */
#ifndef FS_PROC_H
#define FS_PROC_H

#include <fs/fs.h>
#include <fs/seq_file.h>
#include <lib/err.h>

struct process;

#if IS_ENABLED(CONFIG_PROC_FS)
int proc_create(const char *path, umode_t mode, int (*show)(struct seq_file *m, void *data),
		void *data);
/* With operations of one's own; `data` is inode->i_private in open(). */
int proc_create_ops(const char *path, umode_t mode, const struct file_ops *fops, void *data);
int proc_mkdir(const char *path);
int proc_symlink(const char *path, const char *target);
int proc_remove(const char *path);
/*
 * The process whose folder /proc/PID `file` has open, counted: pidfd_send_signal(2) takes one as it
 * takes a pidfd. -EBADF: it is something else; -ESRCH: the process is gone.
 */
struct process *proc_folder_process(const struct file *file);
#else
static inline int proc_create(const char *path, umode_t mode,
			      int (*show)(struct seq_file *m, void *data), void *data)
{
	return 0;
}
static inline int proc_create_ops(const char *path, umode_t mode, const struct file_ops *fops,
				  void *data)
{
	return 0;
}
static inline int proc_mkdir(const char *path) { return 0; }
static inline int proc_symlink(const char *path, const char *target) { return 0; }
static inline int proc_remove(const char *path) { return 0; }
static inline struct process *proc_folder_process(const struct file *file)
{
	return ERR_PTR(-EBADF);
}
#endif

#endif /* FS_PROC_H */
