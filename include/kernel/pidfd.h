/* SPDX-License-Identifier: BSD-2-Clause */
/* pidfds: descriptors that stand for a process. Context: task, may sleep. */
#ifndef KERNEL_PIDFD_H
#define KERNEL_PIDFD_H

#include <kernel/task.h>
#include <lib/err.h>

struct file;

#if IS_ENABLED(CONFIG_PIDFD)

/*
 * For clone(CLONE_PIDFD): a file that stands for nobody yet (ERR_PTR on error), and giving it
 * its process, before anybody can find the file.
 */
struct file *pidfd_file(int flags);
void pidfd_set(struct file *file, struct process *proc);

/* The process of pidfd `fd`, counted, and its O_NONBLOCK; ERR_PTR(-EBADF). */
struct process *pidfd_process(int fd, bool *nonblock);

#else
static inline struct file *pidfd_file(int flags) { return ERR_PTR(-EINVAL); }
static inline void pidfd_set(struct file *file, struct process *proc) { }
static inline struct process *pidfd_process(int fd, bool *nonblock) { return ERR_PTR(-EBADF); }
#endif

#endif
