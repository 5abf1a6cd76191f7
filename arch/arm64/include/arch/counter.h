/* SPDX-License-Identifier: BSD-2-Clause */
/* The architectural counter, which is the clock. Any context. */
#ifndef ARCH_COUNTER_H
#define ARCH_COUNTER_H

#include <arch/barrier.h>
#include <arch/sysreg.h>
#include <lib/types.h>

static inline u64 arch_counter(void)
{
	isb();				/* not read ahead of what comes before */
	return read_sysreg(cntvct_el0);
}

#endif
