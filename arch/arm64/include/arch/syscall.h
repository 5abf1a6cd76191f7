/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The slow way in from EL0 (vectors.S, trace_el0.h), for those who want to see each system
 * call. While nobody does, the fast way costs nothing more.
 *
 * Context: task or boot. Other CPUs are sure to take the new way after static_key_sync().
 */
#ifndef ARCH_SYSCALL_H
#define ARCH_SYSCALL_H

#include <lib/types.h>

#define EL0_SLOW_TRACE	1u	/* trace events, histograms */
#define EL0_SLOW_PTRACE	2u	/* somebody is traced */

/* `who` does or does not need the slow way any more. */
void el0_slow_set(u32 who, bool on);

#endif
