/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The slow way in from EL0 (vectors.S, trace_el0.h), for those who want to see each system
 * call. While nobody does, the fast way costs nothing more.
 *
 * Context: task or boot. Other CPUs are sure to take the new way after static_key_sync().
 */
#ifndef ARCH_SYSCALL_H
#define ARCH_SYSCALL_H

#include <arch/atomic.h>
#include <lib/types.h>

#define EL0_SLOW_TRACE	1u	/* trace events, histograms */
#define EL0_SLOW_PTRACE	2u	/* somebody is traced */
#define EL0_SLOW_SECCOMP 4u	/* somebody has filters */

/* `who` does or does not need the slow way any more. */
void el0_slow_set(u32 who, bool on);
/*
 * Makes it so that `who` needs the slow way while *users is not 0: to be called after each change
 * of it, and true for all CPUs when this returns. May sleep.
 */
void el0_slow_follow(u32 who, const atomic_t *users);

#endif
