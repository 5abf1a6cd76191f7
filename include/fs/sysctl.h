/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Numbers under /proc/sys: a variable with its bounds, as a file. Each read and each write of
 * a variable is a single load or store; readers elsewhere use READ_ONCE().
 *
 * Context: device_initcall, or later; the table stays for good.
 */
#ifndef FS_SYSCTL_H
#define FS_SYSCTL_H

#include <lib/types.h>

enum sysctl_width { SYSCTL_INT, SYSCTL_ULONG };

struct sysctl {
	const char       *path;		/* below /proc: "sys/kernel/pid_max" */
	umode_t           mode;
	enum sysctl_width width;
	void             *value;	/* NULL: always `fixed` */
	s64               min, max;	/* what may be written, else EINVAL; of ULONG: max -1 is its */
	s64               fixed;
};

#if IS_ENABLED(CONFIG_PROC_FS)
int sysctl_register(const struct sysctl *table, size_t n);
#else
static inline int sysctl_register(const struct sysctl *table, size_t n)
{
	return 0;
}
#endif

#endif
