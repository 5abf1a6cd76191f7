/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Failure on purpose: the n-th allocation that a task makes from now on fails, once. Written to
 * /proc/self/fail-nth (as on Linux), so that a test can try each n in turn until a run is over
 * before its n-th allocation: then every site has failed once and every way out was taken.
 *
 * Asked by the page allocator, the slab and the descriptor table. Context: any; only what a
 * task asks for itself counts, never an interrupt.
 */
#ifndef KERNEL_FAULT_INJECT_H
#define KERNEL_FAULT_INJECT_H

#include <lib/types.h>
#include <lib/compiler.h>

#ifdef CONFIG_FAULT_INJECTION
bool should_fail_slow(void);
u32 *fail_nth_of_current(void);
static inline bool should_fail(void)
{
	return unlikely(*fail_nth_of_current()) && should_fail_slow();
}
#else
static inline bool should_fail(void) { return false; }
#endif

#endif
