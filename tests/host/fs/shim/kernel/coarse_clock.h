/* SPDX-License-Identifier: BSD-2-Clause */
/* Host: a clock that moves on at each look (host.c). */
#include <kernel/time.h>

struct timespec64 ktime_get_coarse_real_ts(void);
