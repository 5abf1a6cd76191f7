/* SPDX-License-Identifier: BSD-2-Clause */
/* adjtimex(2): how the real-time clock is kept right. */
#ifndef KERNEL_TIMEX_H
#define KERNEL_TIMEX_H

#include <lib/compiler.h>

struct __kernel_timex;

/* Does what user->modes say and fills the rest in: TIME_OK or TIME_ERROR, or -errno. May sleep. */
int timex_adjust(struct __kernel_timex __user *user);

#endif
