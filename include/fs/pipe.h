/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pipes: what the rest of the kernel may know of them. Context: task.
 */
#ifndef FS_PIPE_H
#define FS_PIPE_H

#include <fs/fs.h>

/* A new pipe's two ends, each with one reference. flags: O_NONBLOCK, O_DIRECT. 0 or -errno. */
int pipe_create(struct file *ends[2], int flags);

/* /proc/sys/fs/pipe-max-size: bytes an unprivileged F_SETPIPE_SZ may ask for. */
extern unsigned int pipe_max_size;

#endif
