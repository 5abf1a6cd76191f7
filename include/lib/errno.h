/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Error numbers: the UAPI ones, and those that never leave the kernel (the
 * exit path turns ERESTART* into a restart or -EINTR).
 */
#ifndef LIB_ERRNO_H
#define LIB_ERRNO_H

#include <linux/errno.h>

#define ERESTARTSYS           512 /* restart if SA_RESTART or no handler, else -EINTR */
#define ERESTARTNOINTR        513 /* always restart */
#define ERESTARTNOHAND        514 /* restart if no handler ran, else -EINTR */
#define ENOIOCTLCMD           515 /* not my ioctl: try the next layer, at last -ENOTTY */
#define ERESTART_RESTARTBLOCK 516 /* restart through restart_syscall() */
#define EPROBE_DEFER          517 /* driver: a device I need is not there yet */

#ifndef ENOTSUPP
#define ENOTSUPP EOPNOTSUPP
#endif

#endif
