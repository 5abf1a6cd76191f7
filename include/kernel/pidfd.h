/* SPDX-License-Identifier: BSD-2-Clause */
/* pidfds: descriptors that stand for a process. Context: task, may sleep. */
#ifndef KERNEL_PIDFD_H
#define KERNEL_PIDFD_H

#include <kernel/task.h>

struct file;

/*
 * For clone(CLONE_PIDFD): a file that stands for nobody yet (ERR_PTR on error), and giving it
 * its process, before anybody can find the file.
 */
struct file *pidfd_file(int flags);
void pidfd_set(struct file *file, struct process *proc);

/* The process of pidfd `fd`, counted, and its O_NONBLOCK; ERR_PTR(-EBADF). */
struct process *pidfd_process(int fd, bool *nonblock);

/*
 * ptrace(2)'s rule for looking into (or attaching to) another task: one's own process, or
 * the real ids equal all of its ids and it is dumpable, or CAP_SYS_PTRACE. 0 or -EPERM.
 */
int task_may_attach(struct task *task);

#endif
