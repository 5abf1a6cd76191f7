/* SPDX-License-Identifier: BSD-2-Clause */
/* Among the files of /proc/trace. */
#ifndef TRACE_PROC_H
#define TRACE_PROC_H

#include <fs/uio.h>

/*
 * For write(): hands all of the text, without the newline at its end, to set(). Returns what
 * write() shall; -EINVAL for more than 511 bytes.
 */
ssize_t trace_proc_write(struct iov_iter *from, int (*set)(char *text));

#endif
