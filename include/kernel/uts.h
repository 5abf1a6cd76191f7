/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_UTS_H
#define KERNEL_UTS_H

/*
 * The system's name as uname(2), /proc/version and /proc/sys/kernel/ show it.
 * uts_lock guards nodename and domainname; the rest is constant.
 */
#include <linux/utsname.h>
#include <kernel/mutex.h>

extern struct new_utsname uts_name;
extern struct mutex uts_lock;
extern const char linux_banner[];	/* "Linux version ..." */

#endif
