/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the names in calls.txt come from. The C library's headers first, then the kernel's. */
#ifndef USR_ABI_CONSTANTS_H
#define USR_ABI_CONSTANTS_H

#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <asm/unistd.h>
#include <linux/close_range.h>
#include <linux/falloc.h>
#include <linux/futex.h>
#include <linux/sockios.h>
#include <linux/stat.h>

/* Of <linux/fs.h>, <linux/sched.h>, <linux/net.h>, which do not go with the above. */
#ifndef FS_IOC_GETFLAGS
#define FS_IOC_GETFLAGS		0x80086601
#endif
#ifndef FIGETBSZ
#define FIGETBSZ		2
#endif
#ifndef RWF_HIPRI
#define RWF_HIPRI		1
#define RWF_DSYNC		2
#define RWF_SYNC		4
#define RWF_NOWAIT		8
#define RWF_APPEND		16
#endif
#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE	1
#define RENAME_EXCHANGE		2
#define RENAME_WHITEOUT		4
#endif
#ifndef P_PIDFD
#define P_PIDFD			3
#endif
#ifndef GRND_INSECURE
#define GRND_INSECURE		4
#endif
#ifndef PR_PAC_RESET_KEYS
#define PR_PAC_RESET_KEYS	54
#endif
#ifndef PR_SET_IO_FLUSHER
#define PR_SET_IO_FLUSHER	57
#define PR_GET_IO_FLUSHER	58
#endif
#ifndef PR_SET_VMA
#define PR_SET_VMA		0x53564d41
#endif

#endif
